#!/usr/bin/env bash
# Reports for people: what they say of each kind of bundle, that nothing hostile in one gets out of
# its place, and that their commands do what they promise (issue 7, bar 4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
have python3 || exit 77

make_key maria
trust_key maria@example.org maria
make_sample "$work/source"
seal "$work/good.tar.gz" --info "Source-Organization: Example & Sons" "$work/source"

look() {
    python3 "$(dirname "${BASH_SOURCE[0]}")/report.py" "$@"
}

# report NAME CODE SENTENCE [OPTIONS] BUNDLE: makes NAME.html, whose text is then in NAME.txt.
report() {
    local name=$1 code=$2 sentence=$3
    shift 3
    expect "$code" "$sentence" sealbag report --keys "$trust" -o "$work/$name.html" "$@"
    check "$name.html is well-formed, accessible and inert" look check "$work/$name.html"
    look text "$work/$name.html" >"$work/$name.txt"
}

# tells NAME TEXT, tells_not NAME TEXT
tells() {
    check "$1.html says: $2" grep -qF -e "$2" "$work/$1.txt"
}
tells_not() {
    refute "$1.html does not say: $2" grep -qF -e "$2" "$work/$1.txt"
}

# ---- each kind of verdict ----------------------------------------------------------------------

seal_id=$(tar -xzOf "$work/good.tar.gz" good/seal/seal.txt | sha256sum | cut -c 1-64)
grouped() {
    sed 's/..../& /g; s/ $//' <<<"$1"
}
report good 0 "a good bundle gets a report" "$work/good.tar.gz"
says "good.tar.gz: intact, and sealed by those whom you trust." "the verdict is said beside it"
says "The report is in $work/good.html" "and where the report is"
tells good "Intact, and sealed by those whom you trust."
bytes=$(find "$work/source" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
tells good "6 documents, $bytes bytes, each exactly as listed."
tells good "maria@example.org"
tells good "6 May 2024, 07:08:09 UTC (as stated by the signer)"
tells good "No custody event is recorded."
tells good "As stated by the signer."
tells good "Example & Sons"
tells_not good "$work"
tells_not good "Stated by nobody"
check "the seal id is in it" grep -qF "# $seal_id" "$work/good.html"
check "and its QR code" grep -qF 'QR code of the seal id' "$work/good.html"
for file in minutes.txt photos/empty $'photos/b\303\274ro.jpg' .notes; do
    digest=$(sha256sum <"$work/source/$file" | cut -c 1-64)
    check "data/$file has its digest" grep -qF \
        "<bdi>data/$file</bdi></th><td>$(size_of "$work/source/$file")</td><td>${digest:0:32}<wbr>${digest:32}<" \
        "$work/good.html"
done
if have zbarimg && have rsvg-convert; then
    grep -o '<svg class="code".*' "$work/good.html" | sed 's/<svg /&xmlns="http:\/\/www.w3.org\/2000\/svg" width="400" height="400" /' >"$work/code.svg"
    rsvg-convert "$work/code.svg" >"$work/code.png"
    equal "the QR code says the seal id" "$seal_id" "$(zbarimg --quiet --raw "$work/code.png")"
fi

expect 0 "the same bundle gives the same report" sealbag report --keys "$trust" --at 2024-06-01 \
    -o "$work/one.html" "$work/good.tar.gz"
expect 0 "whatever the number of threads is" sealbag report --keys "$trust" --at 2024-06-01 -j 1 \
    -o "$work/two.html" "$work/good.tar.gz"
check "byte for byte" cmp "$work/one.html" "$work/two.html"
check "and says when it was judged" grep -qF '1 June 2024, 00:00:00 UTC' "$work/one.html"

mkdir "$work/nobody"
report unknown 3 "one by an unknown key does, too" --keys "$work/nobody" "$work/good.tar.gz"
tells unknown "Intact, but not sealed by those whom you trust."
tells unknown "Valid, but the key is unknown"
tells unknown "Whose key it is, or that this key may still be used."

sealbag create --quiet -o "$work/unsigned.tar.gz" --info 'Source-Organization: Anybody' \
    "$work/source" 2>/dev/null
report unsigned 4 "an unsigned bundle does, too" "$work/unsigned.tar.gz"
tells unsigned "Intact, but not sealed: nobody vouches for it."
tells unsigned "Stated by nobody: the bag is unsigned."
tells_not unsigned "As stated by the signer"
tells_not unsigned "minisign"

unpack "$work/good.tar.gz" "$work/altered"
printf 'x' >>"$work/altered/good/data/minutes.txt"
pack "$work/altered/good" "$work/altered.tar.gz"
report altered 1 "an altered bundle does, too" "$work/altered.tar.gz"
tells altered "DO NOT USE. It is damaged, incomplete or forged."
tells altered "[manifest.digest-mismatch]"
tells altered "Valid, but for other content than this"
tells_not altered "Example & Sons"
tells_not altered "letters/first.txt"
tells_not altered "6 May 2024"
refute "it shows no seal id" grep -qF "$(cut -c 1-8 <<<"$seal_id")" "$work/altered.html"

printf 'no bundle\n' >"$work/text.tar.gz"
report text 5 "what is no bundle does, too" "$work/text.tar.gz"
tells text "It could not be judged."
report another 1 "a bundle that was not asked for does, too" --seal "$(printf '%064d' 1)" \
    "$work/good.tar.gz"
tells another "It is not the one that you asked for."
tells another "Not as it should be Its seal id is not the one that you asked for."
tells_not another "letters/first.txt"

make_key omar
sealbag create --quiet -o "$work/waiting.tar.gz" --key "$work/keys/maria" \
    --cosigner "$work/keys/omar.pub" "$work/source"
report waiting 3 "one that a named signer has not signed yet does, too" "$work/waiting.tar.gz"
tells waiting "Intact, and sealed by somebody whom you trust, but not by all whom its seal names."
tells waiting "Not as it should be Somebody whom its seal names has not signed it."
tells waiting "That all whom its seal names, or whom you asked for, have sealed it."
tells_not waiting "Whose key it is"
tells waiting "Ask those who are missing to sign it"
report plain 1 "an ordinary folder does, too" "$work/source"
tells plain "Not a bundle: an ordinary folder, which nobody has sealed."
tells plain "seal it first: sealbag create"
tells_not plain "DO NOT USE"

# ---- records, custody, Spanish -----------------------------------------------------------------

mkdir -p "$work/news/notices"
for name in article.txt report.txt notices/notice-1.txt notices/notice-2.txt; do
    printf 'This is %s.\n' "$name" >"$work/news/$name"
done
cat >"$work/news.csv" <<'CSV'
filename,dc.title,dc.description,prov.wasQuotedFrom,dcterms.references,dcterms.references
article.txt,Who knew,"First line.
Second line.",report.txt,https://example.org/a?b=c&d,
report.txt,What the ministry knew,=cmd|' /C calc'!A0,,notices/notice-1.txt,notices/notice-2.txt
CSV
seal "$work/news.tar.gz" --metadata "$work/news.csv" "$work/news"
expect 0 "an event is added" sealbag custody add --yes --keys "$trust" --key "$work/keys/maria" \
    --event transfer --to 'Ben <ben@example.org>' --time 2024-05-07T00:00:00Z "$work/news.tar.gz"
report news 0 "records and custody are shown" "$work/news.tar.gz"
tells news "Title dc.titleWho knew"
tells news "=cmd|' /C calc'!A0"
tells news "data/article.txt quotes data/report.txt"
tells news "data/article.txt cites https://example.org/a?b=c&d (an address, not in the bag)"
tells news "transferTo: Ben <ben@example.org>"
check "lines of a cell stay lines" grep -qF '<bdi>First line.<br>Second line.</bdi>' "$work/news.html"
check "the graph is drawn" grep -qF '<svg class="graph" role="img"' "$work/news.html"

report spanish 3 "a report in Spanish" --keys "$work/nobody" --language es "$work/news.tar.gz"
tells spanish "Intacto, pero no sellado por quienes son de su confianza."
tells spanish "Según declara un firmante en quien aquí no se confía."
tells spanish "una firma válida es de una clave que no está en el almacén. The key SHA256:"
report spanish-waiting 3 "and says in Spanish who is missing" --language es "$work/waiting.tar.gz"
tells spanish-waiting "Intacto y sellado por alguien de su confianza, pero no por todos los que nombra su sello."
LC_ALL=es_AR.UTF-8 report locale 0 "the language is that of the system" "$work/good.tar.gz"
tells locale "Intacto y sellado por quienes son de su confianza."
LC_ALL='' LANG=es report lang 0 "also from LANG" "$work/good.tar.gz"
tells lang "Tres preguntas"
LC_ALL=eo_XX.UTF-8 LANG=es report other 0 "which is English when there is none for it" \
    "$work/good.tar.gz"
tells other "Three questions"
LC_ALL=es report asked 0 "an option is stronger" --language en "$work/good.tar.gz"
tells asked "Three questions"

# ---- names that are made to do harm ------------------------------------------------------------

mkdir "$work/evil"
for name in '<script>alert(1)</script>' '"><img src=x onerror=alert(1)>' "' onload='x" '&amp;&lt;' \
    '=cmd()' $'bidi\342\200\256fdp.exe' $'new\nline' $'escape\033[31m' '<!--' ']]>' '</title>' \
    $'\327\251\327\234\327\225\327\235' "$(printf 'n%.0s' {1..250})"; do
    printf '%s' "$name" >"$work/evil/${name//\//:}"
done
evil=$work/"it's <b>evil<!--.tar.gz"
seal "$evil" --name "it's \$(evil)" --info 'External-Description: <script>alert(2)</script>' \
    "$work/evil"
report evil 0 "hostile names are inert" "$evil"
tells evil '<script>alert(1)<:script>'
tells evil 'bidi\u{202e}fdp.exe'
tells evil 'new\x0aline'
tells evil 'escape\x1b[31m'
tells evil '<script>alert(2)</script>'

# ---- by hand -----------------------------------------------------------------------------------

# by_hand NAME BUNDLE: what the report's commands say, in $work/said.
by_hand() {
    mkdir "$work/hand-$1"
    cp -r "$2" "$work/hand-$1/"
    look commands "$work/$1.html" >"$work/commands"
    # bsdtar cannot write other names than ASCII without such a locale.
    (cd "$work/hand-$1" && LC_ALL=C.UTF-8 bash -e "$work/commands") >"$work/said" 2>"$work/said-err"
}
if have minisign; then
    for name in good evil news; do
        bundle=$work/$name.tar.gz
        [ "$name" != evil ] || bundle=$evil
        if by_hand "$name" "$bundle"; then
            pass "the commands of $name.html work"
        else
            fail "the commands of $name.html work" "$(tail -n 3 "$work/said-err")"
        fi
        wanted=$(grep '^# ' "$work/commands" | cut -c 3-)
        found=$(grep -E '^[0-9a-f]{64}  (seal/seal.txt|-)$' "$work/said" | cut -c 1-64 | head -n 2)
        equal "the seal id and the fingerprint of $name are those that it shows" "$wanted" "$found"
        # sha256sum takes new%0Aline for another name, as the report says.
        lists=2
        [ "$name" != evil ] || lists=1
        equal "the lists of $name are OK" "$lists" "$(grep -c '^OK$' "$work/said")"
    done
    expect 0 "a report on a bag that is a plain folder" sealbag report --quiet --keys "$trust" \
        -o "$work/folder.html" "$work/hand-good/check/good/"
    refute "does not say where it is" grep -q hand-good "$work/folder.html"
    if by_hand folder "$work/hand-good/check/good"; then
        equal "its commands work" 2 "$(grep -c '^OK$' "$work/said")"
    else
        fail "its commands work" "$(tail -n 3 "$work/said-err")"
    fi
    for ending in tar ZIP; do
        other=$work/other.$ending
        [ "$ending" = tar ] || have bsdtar || continue
        expect 0 "the same bag as .$ending" sealbag convert --quiet --keys "$trust" -o "$other" "$work/good.tar.gz"
        expect 0 "a report on that" sealbag report --quiet --keys "$trust" -o "$work/$ending.html" "$other"
        if by_hand "$ending" "$other"; then
            equal "the commands for .$ending work" 2 "$(grep -c '^OK$' "$work/said")"
        else
            fail "the commands for .$ending work" "$(tail -n 3 "$work/said-err")"
        fi
    done
    printf 'x' >>"$work/hand-good/check/good/data/minutes.txt"
    refute "they fail when a document is another" bash -c \
        "cd '$work/hand-good/check/good' && sha256sum --quiet -c manifest-sha256.txt"
fi
if by_hand unsigned "$work/unsigned.tar.gz"; then
    equal "the list of an unsigned bag is OK" 1 "$(grep -c '^OK$' "$work/said")"
else
    fail "the commands of unsigned.html work" "$(tail -n 3 "$work/said-err")"
fi
# A bag of another program, in whose report the documents have their SHA-256 digests, too.
mkdir -p "$work/theirs/data"
printf 'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n' >"$work/theirs/bagit.txt"
printf 'theirs\n' >"$work/theirs/data/one"
(cd "$work/theirs" && sha512sum data/one >manifest-sha512.txt && md5sum data/one >manifest-md5.txt)
pack "$work/theirs" "$work/theirs.tar.gz"
report theirs 4 "a bag of another program gets a report" "$work/theirs.tar.gz"
digest=$(sha256sum <"$work/theirs/data/one" | cut -c 1-64)
check "with digests that are right" grep -qF "${digest:0:32}<wbr>${digest:32}" "$work/theirs.html"
if by_hand theirs "$work/theirs.tar.gz"; then
    equal "and commands for its manifests" 2 "$(grep -c '^OK$' "$work/said")"
else
    fail "the commands of theirs.html work" "$(tail -n 3 "$work/said-err")"
fi

ssh_private "$work/keys/maria" "$work/keys/maria.ssh"
if have ssh-agent && have ssh-add; then
    eval "$(ssh-agent -s)" >/dev/null
    ssh-add -q "$work/keys/maria.ssh"
    expect 0 "a bundle is sealed with a key in ssh-agent" sealbag create --quiet -o "$work/ssh.tar.zst" \
        --key "ssh:$(fingerprint "$work/keys/maria.pub")" "$work/source"
    ssh-agent -k >/dev/null
    report ssh 0 "it gets a report" "$work/ssh.tar.zst"
    if have zstd && by_hand ssh "$work/ssh.tar.zst"; then
        check "ssh-keygen accepts the seal" grep -q '^Good "seal@sealbag" signature for signer' \
            "$work/said"
        check "and shows the same fingerprint" grep -qF "256 $(grep '^# SHA256' "$work/commands" |
            cut -c 3-)" "$work/said"
    else
        fail "the commands of ssh.html work" "$(tail -n 3 "$work/said-err")"
    fi
fi

# ---- where it goes -----------------------------------------------------------------------------

cp "$work/good.html" "$work/kept"
expect 5:io.exists "a report that is there is kept" sealbag report --keys "$trust" \
    -o "$work/good.html" "$work/news.tar.gz"
check "as it was" cmp "$work/kept" "$work/good.html"
expect 0 "unless --force is given" sealbag report --force --keys "$trust" -o "$work/good.html" \
    "$work/news.tar.gz"
refute "then it is the new one" cmp -s "$work/kept" "$work/good.html"
expect 0 "- writes it to the standard output" sealbag report --keys "$trust" -o - \
    "$work/good.tar.gz"
check "and nothing else" look check "$work/out"
equal "and nothing is said" '' "$(cat "$work/err")"
code=0
sealbag report --keys "$trust" -o - - <"$work/good.tar.gz" >"$work/out" 2>"$work/err" || code=$?
equal "a bundle can come from a pipe" 0 "$code"
check "and its report is as good" look check "$work/out"
code=0
sealbag report --keys "$trust" -o - "$work/good.tar.gz" >/dev/full 2>"$work/err" || code=$?
equal "a full disk is an error" 5 "$code"
one_sentence "that is said"
mkdir "$work/empty"
expect 5 "a bundle that is not there gets no report" sealbag report --keys "$trust" \
    -o "$work/empty/x.html" "$work/nothing.tar.gz"
expect 5 "nor is there one in a folder that is not there" sealbag report --keys "$trust" \
    -o "$work/nowhere/x.html" "$work/good.tar.gz"
expect 2:usage "an unknown language is refused" sealbag report --language xx -o "$work/empty/x.html" \
    "$work/good.tar.gz"
expect 2:usage "-o is needed" sealbag report "$work/good.tar.gz"
expect 2:usage "so is a bundle" sealbag report -o "$work/empty/x.html"
expect 2:usage "one only" sealbag report -o "$work/empty/x.html" "$work/good.tar.gz" "$work/good.tar.gz"
expect 2:usage "JSON is for other commands" sealbag report --json -o "$work/empty/x.html" \
    "$work/good.tar.gz"
equal "nothing was left" '' "$(names "$work/empty")"

# ---- what it must not be written over ----------------------------------------------------------

cp "$work/good.tar.gz" "$work/mine.tar.gz"
expect 2:usage "a report never takes the place of its bundle" \
    sealbag report --force --keys "$trust" -o "$work/mine.tar.gz" "$work/mine.tar.gz"
says 'is also what sealbag is to read' "and says why"
expect 2:usage "under another spelling, too" \
    sealbag report --force --keys "$trust" --output="$work/empty/../mine.tar.gz" "$work/mine.tar.gz"
code=0
sealbag report --force --keys "$trust" -o "$work/mine.tar.gz" - <"$work/mine.tar.gz" >"$work/out" 2>"$work/err" || code=$?
equal "nor when it comes from a pipe's place" 2 "$code"
check "it is as it was" cmp "$work/good.tar.gz" "$work/mine.tar.gz"
cp -r "$trust" "$work/mine"
expect 2:usage "nor the place of the trust store" \
    sealbag report --force --keys "$work/mine" -o "$work/mine/allowed_signers" "$work/good.tar.gz"
check "that is as it was, too" diff -r "$trust" "$work/mine"
own=$XDG_CONFIG_HOME/sealbag
mkdir -p "$own"
cp "$trust"/* "$own"
printf '# nobody yet\n' >"$own/revoked_keys"
cp -r "$own" "$work/own"
for file in allowed_signers revoked_keys; do
    expect 2:usage "nor that of the user's own trust store, $file" \
        sealbag report --force -o "$own/$file" "$work/good.tar.gz"
    expect 2:usage "also when another one is read, $file" \
        sealbag report --force --keys "$trust" -o "$own/$file" "$work/good.tar.gz"
done
check "which is as it was" diff -r "$own" "$work/own"
rm -r "$own"
mkdir "$work/bags"
tar -tzf "$work/good.tar.gz" >"$work/entries"
folder=$work/bags/$(sed -n '1s|/.*||p' "$work/entries")
expect 0 "a bag that is a folder" sealbag convert --keys "$trust" -o "$folder/" "$work/good.tar.gz"
expect 2:usage "gets no report into it" sealbag report --keys "$trust" -o "$folder/report.html" "$folder"
says 'would lie inside the bag' "and says why"
expect 2:usage "nor below" sealbag report --keys "$trust" -o "$folder/data/report.html" "$folder"
expect 0 "it is as it was" verify "$folder"
expect 0 "beside it there can be one" sealbag report --keys "$trust" -o "$work/bags/report.html" "$folder"

# ---- whose word it is --------------------------------------------------------------------------

report untrusted 3 "by a key that nobody trusts" --keys "$work/nobody" "$work/good.tar.gz"
tells untrusted "As stated by a signer who is not trusted here."
tells_not untrusted "As stated by the signer."
