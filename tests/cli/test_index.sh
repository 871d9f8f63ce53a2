#!/usr/bin/env bash
# Single documents and the list of a bundle, found by its index: right, checked, and without reading
# the rest (issue "Speed"). What a wrong index can do is in test_index_hostile.sh.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar stranger; do
    make_key "$name"
done
trust_key maria
cp -R "$trust" "$work/nobody"
: >"$work/nobody/allowed_signers"
to=$work/to

# ---- what is sealed ----------------------------------------------------------------------------

source=$work/source
make_sample "$source"
mkdir -p "$source/a" "$source/m" "$source/z/deep/er"
seq 1 800000 >"$source/a/numbers"
head -c $((36 << 20)) /dev/urandom >"$source/m/film"
seq 5 5 3000000 >"$source/z/fives"
printf 'the last one\n' >"$source/z/zz"
: >"$source/z/nothing"
printf 'deep\n' >"$source/z/deep/er/document"
head -c 1500000 /dev/urandom >"$source/z/deep/noise"
odd=$'m\303\274ll 100% \n.txt'
printf 'odd\n' >"$source/z/$odd"
long=$(printf 'l%.0s' $(seq 200))
printf 'long\n' >"$source/z/$long"
# How many files there are below these folders.
files_in() {
    find "$@" -type f -printf x | wc -c
}
count=$(files_in "$source")
total=$(find "$source" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
check "the documents are more than 40 MiB" test "$total" -gt $((40 << 20))

kinds=(tar.gz)
if have zstd; then
    kinds+=(tar.zst)
else
    skip_part ".tar.zst (there is no zstd here)"
fi
for kind in "${kinds[@]}"; do
    seal "$work/sample.$kind" "$source"
done
can_trace=0
# Only root sees the paths of the program's files.
if have strace && as_root && ! sanitized &&
    strace -o "$work/trace" -e trace=read "$SEALBAG" --version >"$work/out" 2>&1; then
    can_trace=1
else
    skip_part "how much is read (strace cannot be used here)"
fi

fresh() {
    rm -rf "$to"
    mkdir "$to"
}
extract() {
    sealbag extract --keys "$trust" -C "$to" "$@"
}
files_there() {
    (cd "$to" && find . -type f -printf '%P\n' | LC_ALL=C sort)
}
# part SENTENCE PATHS...: they are extracted by the index, right, and nothing else is
part() {
    local sentence=$1 wanted='' path file number
    shift
    fresh
    expect 0:bag.partly-read "$kind: $sentence" extract "$bundle" "$@"
    for path in "$@"; do
        path=${path#data/}
        wanted+=$(cd "$source" && find "./${path%/}" -type f -printf 'sample/data/%p\n')$'\n'
    done
    wanted=$(printf '%s' "$wanted" | sed 's|/\./|/|' | LC_ALL=C sort -u)
    equal "$kind: only they are there: $sentence" "$wanted" "$(files_there)"
    number=$(files_in "$to")
    says "and $number of $count documents, exactly as sealed" \
        "$kind: the verdict says how much was read: $sentence"
    says "Extracted $number document" "$kind: and what was extracted: $sentence"
    while IFS= read -r -d '' file; do
        cmp -s "$file" "$source/${file#"$to/sample/data/"}" || fail "$kind: $file is right"
    done < <(find "$to" -type f -print0)
    pass "$kind: each is right: $sentence"
}
# little MOST COMMAND...: it reads at most so many bytes of the bundle
little() {
    local most=$1 bytes
    shift
    [ "$can_trace" -eq 1 ] || return 0
    rm -rf "$work/traces"
    mkdir "$work/traces"
    fresh
    strace -ff -y -qq -o "$work/traces/t" -e trace=read,pread64,readv,preadv,mmap "$@" \
        >"$work/out" 2>&1 || true
    bytes=$(awk -v file="<$bundle>" 'index($0, file) && $NF > 0 { n += $NF } END { print n + 0 }' \
        "$work/traces"/t.*)
    if [ "$bytes" -gt 0 ] && [ "$bytes" -le "$most" ] &&
        ! grep -q "mmap.*<$bundle>" "$work/traces"/t.*; then
        pass "$kind: it reads $bytes of $size bytes, at most $most: ${*: -1}"
    else
        fail "$kind: it reads at most $most of $size bytes: ${*: -1}" "it reads $bytes"
    fi
}
# field NAME...: of the JSON that the last command printed, a name in a name after a dot
field() {
    python3 - "$work/out" "$@" <<'PYTHON' 2>&1 || true
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
for name in sys.argv[2:]:
    value = told
    for piece in name.split("."):
        value = value[int(piece)] if piece.isdigit() else value[piece]
    print(json.dumps(value), end=" ")
PYTHON
}

for kind in "${kinds[@]}"; do
    bundle=$work/sample.$kind
    size=$(size_of "$bundle")

    # ---- documents -----------------------------------------------------------------------------

    part "a document at the beginning" minutes.txt
    part "a hidden one, with data/" data/.notes
    part "a document at the end" z/zz
    part "an empty document" z/nothing
    part "a document over several frames" a/numbers
    part "one with a name that needs an extended header" "z/$odd"
    part "one with a long name" "data/z/$long"
    part "one with a space in its name" "letters/1987/reply to first.txt"
    part "a folder" z/deep
    part "a folder with a slash at its end" data/letters/
    part "two documents and a folder, one of them twice" z/zz minutes.txt z/zz letters z/deep/er
    part "documents from both ends" a z
    fresh
    expect 0 "$kind: the largest document is more than half" extract "$bundle" m/film
    says_not bag.partly-read "$kind: the whole bundle is read for it"
    equal "$kind: it is there alone" sample/data/m/film "$(files_there)"
    check "$kind: and right" cmp "$source/m/film" "$to/sample/data/m/film"
    fresh
    expect 0 "$kind: all documents by one name" extract "$bundle" data
    check "$kind: they are right" same_tree "$source" "$to/sample/data"
    fresh
    expect 0 "$kind: all of the bundle" extract "$bundle"
    check "$kind: its documents are right" same_tree "$source" "$to/sample/data"
    refute "$kind: index.tsv is not written" test -e "$to/sample/seal/index.tsv"
    check "$kind: seal.txt is" test -e "$to/sample/seal/seal.txt"

    # ---- how much is read ----------------------------------------------------------------------

    if [ "$kind" = tar.gz ]; then most=$((size / 10)); else most=$((size / 5)); fi
    little "$most" "$SEALBAG" list --keys "$trust" "$bundle"
    little "$most" "$SEALBAG" extract --keys "$trust" -C "$to" "$bundle" minutes.txt
    little "$most" "$SEALBAG" extract --keys "$trust" -C "$to" "$bundle" z/zz
    little "$most" "$SEALBAG" extract --keys "$trust" -C "$to" "$bundle" nothing-there
    little "$most" "$SEALBAG" extract --keys "$work/nobody" -C "$to" "$bundle" z/zz
    little $((size / 2)) "$SEALBAG" extract --keys "$trust" -C "$to" "$bundle" a letters z/deep
    little $((size + size / 5)) "$SEALBAG" extract --keys "$trust" -C "$to" "$bundle"

    # ---- nothing ---------------------------------------------------------------------------------

    # nothing CODE[:RULE] SENTENCE ARGUMENTS...
    nothing() {
        fresh
        expect "$1" "$kind: $2" extract "${@:3}"
        equal "$kind: nothing is there: $2" '' "$(names "$to")"
    }
    nothing 2 "a document that is not there" "$bundle" nothing.txt
    nothing 2 "one that is there and one that is not" "$bundle" minutes.txt nothing.txt
    nothing 2 "the beginning of a name" "$bundle" z/z
    nothing 2 "a file that is no document" "$bundle" bagit.txt
    nothing 2 "the index" "$bundle" seal/index.tsv
    nothing 2 "a path with the bag's name before it" "$bundle" sample/data/minutes.txt
    nothing 2 "a path that leads out" "$bundle" ../minutes.txt
    nothing 2 "an empty path" "$bundle" ''
    nothing 3:trust.too-few "too few signers" --require 2 "$bundle" z/zz
    nothing 3:trust.signer-not-found "another signer" --signer omar "$bundle" z/zz
    nothing 1:seal.id-mismatch "another seal id" --seal "$(printf '%064d' 1)" "$bundle" z/zz
    id=$(tar -xOf "$bundle" sample/seal/seal.txt | sha256sum | cut -d ' ' -f 1)
    fresh
    expect 0:bag.partly-read "$kind: the right seal id" extract --seal "$id" "$bundle" z/zz
    fresh
    mkdir "$to/sample"
    expect 5:io.exists "$kind: a destination that exists" extract "$bundle" z/zz
    equal "$kind: it stays empty" '' "$(names "$to/sample")"

    # ---- who signed ------------------------------------------------------------------------------

    "$SEALBAG" create --quiet -o "$work/strange.$kind" --name sample --key "$work/keys/stranger" \
        "$source/a" "$source/letters" "$source/z"
    "$SEALBAG" create --quiet -o "$work/unsigned.$kind" --name sample "$source/a" \
        "$source/letters" "$source/z" 2>"$work/err"
    nothing 3:bag.partly-read "an unknown signer" "$work/strange.$kind" z/zz
    says "0 of $(files_in "$source"/{a,letters,z}) documents" "$kind: no document is read for that"
    fresh
    expect 3:bag.partly-read "$kind: --accept-untrusted takes it" \
        extract --accept-untrusted "$work/strange.$kind" z/zz
    check "$kind: the document is right" cmp "$source/z/zz" "$to/sample/data/z/zz"
    nothing 3 "--accept-unsigned does not" --accept-unsigned "$work/strange.$kind" z/zz
    nothing 4:seal.none "a bundle without a seal" "$work/unsigned.$kind" z/zz
    fresh
    expect 4 "$kind: --accept-unsigned takes it" \
        extract --accept-unsigned "$work/unsigned.$kind" z/zz
    says_not bag.partly-read "$kind: the whole bundle is read for it"
    check "$kind: the document is right" cmp "$source/z/zz" "$to/sample/data/z/zz"

    # ---- the list --------------------------------------------------------------------------------

    list_of() {
        sealbag list --keys "$trust" "$@"
    }
    list_from_pipe() {
        cat -- "$bundle" | sealbag list --keys "$trust" - "$@"
    }
    run list_from_pipe
    cp "$work/out" "$work/list"
    expect 0 "$kind: list" list_of "$bundle"
    check "$kind: it prints the same as from a pipe" cmp "$work/list" "$work/out"
    expect_rule bag.partly-read "$kind: it says that not all was read"
    equal "$kind: a line for each document" "$count" "$(grep -c '' "$work/out")"
    list_redirected() {
        sealbag list --keys "$trust" --json - <"$bundle"
    }
    expect 0 "$kind: list of a redirected file" list_redirected
    says '"partial":true' "$kind: it uses the index"
    { printf '%0100d' 0 && cat "$bundle"; } >"$work/prefixed"
    list_behind() {
        {
            dd bs=1 count=100 status=none >"$work/prefix"
            sealbag list --keys "$trust" --json -
        } <"$work/prefixed"
    }
    expect 0 "$kind: list of a bundle from the middle of a file" list_behind
    says '"partial":true' "$kind: it uses the index"
    rm "$work/prefixed"
    if have python3; then
        # Each digest, too: the index leads to the manifest, and that is signed.
        document_list() {
            python3 -c 'import json, sys
for line in json.load(open(sys.argv[1]))["document_list"]:
    print(json.dumps(line, sort_keys=True))' "$1"
        }
        run list_from_pipe --json
        document_list "$work/out" >"$work/list"
        equal "$kind: from a pipe all is read" 'false "yes" ' "$(field partial intact)"
        expect 0 "$kind: list --json" list_of --json "$bundle"
        equal "$kind: list --json says how much was read" \
            "true 0 $count $total \"as-far-as-read\" \"bag.partly-read\" 0 " \
            "$(field partial documents_checked documents bytes intact findings.1.rule exit)"
        document_list "$work/out" >"$work/list-index"
        check "$kind: it lists the same as from a pipe" cmp "$work/list" "$work/list-index"
        fresh
        expect 0 "$kind: extract --json of two documents" extract --json "$bundle" z/zz minutes.txt
        equal "$kind: it says how much was read" \
            "\"$to/sample\" 2 0 true 2 $count \"as-far-as-read\" \"bag.partly-read\" " \
            "$(field folder documents exit verdict.partial verdict.documents_checked \
                verdict.documents verdict.intact verdict.findings.1.rule)"
        fresh
        expect 0 "$kind: extract --json of all" extract --json "$bundle"
        equal "$kind: it says that all was read" "$count 0 false $count \"yes\" " \
            "$(field documents exit verdict.partial verdict.documents_checked verdict.intact)"
        says_not bag.partly-read "$kind: and without that note"
        fresh
        expect 3 "$kind: extract --json of an unknown signer's" \
            extract --json "$work/strange.$kind" z/zz
        equal "$kind: it says that nothing was extracted" 'null 0 3 true 0 "as-far-as-read" ' \
            "$(field folder documents exit verdict.partial verdict.documents_checked verdict.intact)"
        fresh
        expect 2 "$kind: extract --json of what is not there" extract --json "$bundle" nothing
        equal "$kind: it says so" 'null 0 2 ' "$(field folder documents exit)"
        expect 0 "$kind: verify --json" verify --json "$bundle"
        equal "$kind: verify reads all" "false $count \"yes\" " \
            "$(field verdicts.0.partial verdicts.0.documents_checked verdicts.0.intact)"
        # The index itself.
        reframe tar "$bundle" "$work/sample.tar"
        reframe index "$work/sample.tar" >"$work/index.tsv"
        tar -xOf "$bundle" sample/seal/index.tsv >"$work/found.tsv"
        check "$kind: index.tsv tells the place of each file" cmp "$work/index.tsv" "$work/found.tsv"
        equal "$kind: it is the last file" sample/seal/index.tsv \
            "$(tar -tf "$bundle" | tail -n 1)"
        equal "$kind: the pointer leads to it" "$(reframe find "$work/sample.tar" seal/index.tsv)" \
            "$(reframe pieces "$bundle" | awk '$1 == "pointer" { print $4 }')"
        tar -tf "$work/unsigned.$kind" >"$work/names"
        refute "$kind: a bundle without a seal has none" grep -q index "$work/names"
        equal "$kind: and no pointer" 0 \
            "$(reframe pieces "$work/unsigned.$kind" | grep -c ^pointer || true)"
    fi

    # ---- from a pipe -----------------------------------------------------------------------------

    one_from_pipe() {
        cat -- "$bundle" | extract - z/zz
    }
    fresh
    expect 0 "$kind: a document from a pipe" one_from_pipe
    says_not bag.partly-read "$kind: the whole bundle is read for it"
    check "$kind: it is right" cmp "$source/z/zz" "$to/sample/data/z/zz"
    equal "$kind: and alone" sample/data/z/zz "$(files_there)"
done

# ---- names -------------------------------------------------------------------------------------

# A name that is not ASCII, or long, gives every file of the tar a pax header.
mkdir "$work/named"
printf 'one\n' >"$work/named/one"
for name in plain 'ünï' '50%' "$(printf 'n%.0s' $(seq 120))"; do
    seal "$work/named.tar.gz" --force --name "$name" "$work/named"
    expect 0 "list of the bag $name" sealbag list --json --keys "$trust" "$work/named.tar.gz"
    says '"partial":true' "it uses the index"
done
