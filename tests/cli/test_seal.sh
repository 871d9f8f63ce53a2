#!/usr/bin/env bash
# seal: bags that others have made, with what they may have and sealbag's own never do; what is altered after
# the sealing; and what is not sealed (issue "Any bag from anyone"; docs/format.md, "Sealing the bags of others").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar; do
    make_key "$name"
    trust_key "$name"
done
fp=$(fp_name "$work/keys/maria.pub")
key=(--yes --key "$work/keys/maria" --time "$sealing_time" --salt "$salt")

# bag NAME ALGORITHM...: made by hand, with manifests in these algorithms
bag() {
    local dir=$work/bags/$1 name
    shift
    rm -rf "$dir"
    mkdir -p "$dir"
    make_sample "$dir/data"
    printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >"$dir/bagit.txt"
    printf 'Contact-Name: Maria\n' >"$dir/bag-info.txt"
    cd "$dir"
    for name in "$@"; do
        find data -type f -print0 | LC_ALL=C sort -z | xargs -0 "${name}sum" >"manifest-$name.txt"
    done
    for name in "$@"; do
        "${name}sum" -- bag-info.txt bagit.txt manifest-* >"tagmanifest-$name.txt"
    done
    cd "$work"
}

b=$work/bags/b
# fresh ALGORITHM...: a sealed bag in $b, and what it was in $work/was
fresh() {
    bag b "$@"
    rm -rf "$work/was"
    cp -a "$b" "$work/was"
    sealbag seal --quiet "${key[@]}" "$b"
}

# judge CODE[:RULE] SENTENCE: of the folder, and of a bundle of it through a pipe
judge() {
    expect "$1" "$2" verify "$b"
    tar -C "${b%/*}" -czf "$work/b.tar.gz" b
    code=0
    "$SEALBAG" verify --keys "$trust" - <"$work/b.tar.gz" >"$work/out" 2>&1 || code=$?
    equal "$2, through a pipe" "${1%%:*}" "$code"
}

# ---- what is sealed ----------------------------------------------------------------------------

bag b sha512
expect 0 "a bag with SHA-512 only" sealbag seal "${key[@]}" "$b"
says "seal/manifest-sha256.txt" "it is told that its seal got a manifest"
says "6 documents" "how many documents there are"
says_not "[tagmanifest.unlisted]" "all of its files were listed"
judge 0 "it verifies"
equal "there is what there should be" \
    "$fp.minisig cover-sha256.txt manifest-sha256.txt salt.txt seal.txt " \
    "$fp.minisig $(names "$b/seal" | tr ' ' '\n' | grep -v "^$fp.minisig$" | tr '\n' ' ')"
equal "nobody is kept from reading it" "644 755" "$(stat -c %a "$b/seal/seal.txt" "$b/seal" | tr '\n' ' ' | sed 's/ $//')"
equal "nothing is left beside it" b "$(names "$work/bags")"
cd "$b"
check "the manifest by hand" sha256sum --quiet -c seal/manifest-sha256.txt
check "the cover by hand" sha256sum --quiet -c seal/cover-sha256.txt
equal "the cover has a line for the manifest" 1 "$(grep -c '  seal/manifest-sha256.txt$' seal/cover-sha256.txt)"
cd "$work"
expect 0 "the script that needs no sealbag" sh "$by_hand" -p "$work/keys/maria.pub" "$b"
expect 5 "which takes no file" sh "$by_hand" "$b/bagit.txt"
says "Unpack it" "and says what to do"
expect 5:io.exists "it is not sealed again" sealbag seal "${key[@]}" "$b"
says "sealbag sign" "it is told how to sign it"
expect 1:bag.not-a-bag "a folder of documents is no bag" sealbag seal "${key[@]}" "$b/data"
says "sealbag create" "it is told what seals documents"
expect 2:usage "a pipe as output" sealbag seal "${key[@]}" -o - "$b"
says "cannot go to a pipe" "that is about the output"
expect 2:usage "an archive of a kind that is not written" sealbag seal "${key[@]}" -o "$work/new.7z" "$b"
says "ends in .7z" "and which that is"
expect 0 "but signed" sealbag sign --yes --keys "$trust" --key "$work/keys/omar" "$b"
expect 0 "by both" verify --require 2 --count-countersignatures "$b"
judge 0 "that verifies too"
expect 0 "a custody event is added" sealbag custody add --yes --keys "$trust" --event transfer \
    --key "$work/keys/maria" "$b"
judge 0 "and that verifies"

fresh md5
judge 0 "a bag with MD5 only"
expect 0:manifest.weak "that it had only that before is still said" verify "$b"
expect 0 "by hand too" sh "$by_hand" -p "$work/keys/maria.pub" "$b"
expect 0 "and extracted" sealbag extract --keys "$trust" -C "$work" "$work/b.tar.gz"
check "with its seal" same_tree "$b" "$work/b"
rm -rf "$work/b"

fresh sha256 md5
check "a bag with SHA-256 gets no second manifest" test ! -e "$b/seal/manifest-sha256.txt"
judge 0 "and verifies"
again=$(sha256sum "$b"/seal/*)
fresh sha256 md5
equal "the same time, key and salt make the same seal" "$again" "$(sha256sum "$b"/seal/*)"

# No tag manifest, files that none lists, and folders of other programs.
bag b md5 sha1
rm "$b"/tagmanifest-*
mkdir -p "$b/metadata" "$b/notes/deep"
printf 'filename,title\ndata/minutes.txt,x\n' >"$b/metadata/metadata.csv"
printf 'unlisted\n' >"$b/notes/deep/"$'a\nb'
cp -a "$b" "$work/plain"
expect 0:tagmanifest.unlisted "a bag without a tag manifest" sealbag seal "${key[@]}" "$b"
says 'notes/deep/a\x0ab: No tag manifest lists' "each file that nothing listed is named"
says "metadata.csv" "and the table of another program"
says "6 other files, 6 of them listed nowhere before" "and they are counted"
judge 0 "it verifies"
expect 0 "by hand too" sh "$by_hand" -p "$work/keys/maria.pub" "$b"
says_not "[tagmanifest.unlisted]" "which is not said when it is verified"
rm -r "$b/seal"
check "nothing else was changed" same_tree "$work/plain" "$b"

bag b sha256
printf 'filename,dc.title\r\ndata/minutes.txt,Minutes\r\n' >"$work/csv"
mkdir "$b/metadata"
cp "$work/csv" "$b/metadata/metadata.csv"
expect 0 "a table in the normal form" sealbag seal "${key[@]}" "$b"
judge 0 "is a table of records"
sed -i 's/Minutes/Forgery/' "$b/metadata/metadata.csv"
judge 1:seal.root-mismatch "and is in the leaves"

# What whoever seals it should know: what is named like a tag manifest and is none, what he will have stated.
bag b sha256
mkdir "$b/tagmanifest-more"
echo "I confess" >"$b/tagmanifest-more/confession.txt"
echo "I confess" >"$b/tagmanifest-.txt"
echo "I confess" >"$b/tagmanifest-notes.pdf"
expect 0:tagmanifest.unlisted "files that are named like tag manifests" sealbag seal "${key[@]}" "$b"
for name in more/confession.txt .txt notes.pdf; do
    says "tagmanifest-$name: No tag manifest lists" "are named: $name"
done
judge 0 "it verifies"
bag b sha256
mkdir "$b/tagmanifest-more"
echo "text" >"$b/tagmanifest-more/a.txt"
(cd "$b" && sha256sum -- bag-info.txt bagit.txt manifest-* tagmanifest-more/a.txt >tagmanifest-sha256.txt)
expect 0 "a file in a folder that is named so can be listed" sealbag seal "${key[@]}" "$b"
says_not "[tagmanifest.unlisted]" "and then nothing is said of it"
says "bag-info.txt: The bag has 1 label." "labels are the signer's statements"
bag b sha256
printf 'Bagging-Date: 2024-01-01\nBag-Software-Agent: x\n' >"$b/bag-info.txt"
mkdir "$b/metadata"
printf 'filename,dc.creator\r\ndata/minutes.txt,Omar\r\n' >"$b/metadata/metadata.csv"
(cd "$b" && sha256sum -- bag-info.txt bagit.txt manifest-* metadata/* >tagmanifest-sha256.txt)
expect 0:seal.statements "records are, too" sealbag seal "${key[@]}" "$b"
says "metadata.csv: The bag has 1 record" "and he is told"
says_not "label" "what only tells how the bag was made, is none"
judge 0 "it verifies"
says_not "[seal.statements]" "which is not said when it is verified"
rm -r "$b" && mkdir -p "$b/data"
: >"$b/data/revoked_keys"
cp "$trust/allowed_signers" "$b/data"
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >"$b/bagit.txt"
(cd "$b" && sha256sum -- data/* >manifest-sha256.txt)
expect 0:seal.statements "somebody's trust store" sealbag seal "${key[@]}" "$b"
says "trust store that others can import" "is named as what it is"
for name in Seal $'\xc5\xbfeal' 'seal. ' $'se\xe2\x80\x8dal' Data 'data.'; do
    bag b sha256
    mkdir "$b/$name"
    echo x >"$b/$name/seal.txt"
    pack "$b" "$work/twin.tar.gz"
    expect 5:path.twin "nothing is sealed that has another seal/ elsewhere" sealbag seal "${key[@]}" "$b"
    check "and nothing added" test ! -e "$b/seal"
    expect 5:path.twin "nor from an archive" sealbag seal "${key[@]}" -o "$work/twin.zip" "$work/twin.tar.gz"
    check "and none made" test ! -e "$work/twin.zip"
done

bag b sha256
deep=$b/$(printf 'x%.0s' {1..240})
deep=$deep/${deep##*/}/${deep##*/}/${deep##*/}/${deep##*/}/${deep##*/}/${deep##*/}
deep=$deep/${deep##*/}/${deep##*/}/${deep##*/}/${deep##*/}/${deep##*/}
mkdir -p "$deep"
(cd "$deep" && seq -f '%.0f.' 12000 | xargs touch)
echo "I confess" >"$b/z.txt"
expect 5:limit.reached "what is said of a bag is not drowned in other things" sealbag seal --quiet "${key[@]}" "$b"
says "More is to be said of" "and this is why"
check "it is not sealed" test ! -e "$b/seal"

# As Harvard's bag-nabit does: a CMS signature over the tag manifest.
if have openssl; then
    bag b sha256
    mkdir "$b/signatures"
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=Test -days 2 -keyout "$work/x.key" -out "$work/x.crt" 2>/dev/null
    cd "$b"
    openssl cms -sign -binary -in tagmanifest-sha256.txt -signer "$work/x.crt" -inkey "$work/x.key" \
        -outform PEM -out signatures/tagmanifest-sha256.txt.p7s
    cd "$work"
    expect 0:tagmanifest.unlisted "a bag with another program's signature" sealbag seal "${key[@]}" "$b"
    judge 0 "it verifies"
    check "and that signature is as valid as before" openssl cms -verify -binary -inform PEM -CAfile "$work/x.crt" \
        -in "$b/signatures/tagmanifest-sha256.txt.p7s" -content "$b/tagmanifest-sha256.txt" -purpose any -out /dev/null
fi

# An old bag that spreads its documents over two manifests; and a name in another Unicode form.
bag b sha256 md5
rm "$b"/tagmanifest-*
sed -i 's/1.0/0.97/' "$b/bagit.txt"
sed -i '/minutes/d' "$b/manifest-sha256.txt"
sed -i '/letters/d' "$b/manifest-md5.txt"
expect 0 "a bag with documents in one of two manifests each" sealbag seal "${key[@]}" "$b"
says "seal/manifest-sha256.txt" "gets one of all"
judge 0 "and verifies"
expect 0 "by hand too" sh "$by_hand" -p "$work/keys/maria.pub" "$b"
rm "$b/seal/manifest-sha256.txt"
judge 1:seal.incomplete "that stripped"
bag b sha256
name=$(printf 'data/e\314\201')
echo x >"$b/$name"
printf '%s  data/\303\251\n' "$(sha256sum <"$b/$name" | cut -c 1-64)" >>"$b/manifest-sha256.txt"
rm "$b"/tagmanifest-*
expect 0:manifest.unicode-form "a name in another Unicode form" sealbag seal "${key[@]}" "$b"
check "is in the manifest of the seal as it is" grep -q "  $name\$" "$b/seal/manifest-sha256.txt"
judge 0 "and verifies"

# Archives: a new one is made.
bag b sha512
pack "$b" "$work/plain.tar.gz"
before=$(sha256sum <"$work/plain.tar.gz")
for new in new.tar.gz new.tar.zst new.zip new.tar b/; do
    expect 0 "a new $new of an archive" sealbag seal "${key[@]}" -o "$work/$new" "$work/plain.tar.gz"
    expect 0 "it verifies: $new" verify "$work/$new"
done
equal "the old one is as it was" "$before" "$(sha256sum <"$work/plain.tar.gz")"
tar -cf "$work/plain.tar" -C "$work/bags" b
expect 0 "of a plain tar, too" sealbag seal --quiet "${key[@]}" -o "$work/from-tar.tar.gz" "$work/plain.tar"
check "the same" cmp "$work/new.tar.gz" "$work/from-tar.tar.gz"
rm -r "$work/b/seal"
check "what comes out of the archive is what was in it" same_tree "$b" "$work/b"
rm -r "$work/b"
run sealbag list --keys "$trust" "$work/new.tar.gz"
says "[bag.partly-read]" "it has an index, which the manifest in seal/ makes usable"
expect 0 "one document is found by it" sealbag extract --keys "$trust" -C "$work" "$work/new.tar.gz" data/minutes.txt
check "and is the right one" cmp "$b/data/minutes.txt" "$work/b/data/minutes.txt"
rm -r "$work/b"
expect 0 "it is signed" sealbag sign --yes --keys "$trust" --key "$work/keys/omar" "$work/new.tar.gz"
expect 0 "by both" verify --require 2 --count-countersignatures "$work/new.tar.gz"
expect 0 "of a folder a sealed archive can be made, too" sealbag seal "${key[@]}" -o "$work/two.tar.gz" "$b"
check "which leaves it as it is" test ! -e "$b/seal"
expect 0 "and the seal is the same" verify --seal "$(sealbag verify --json --keys "$trust" "$work/new.tar.gz" | grep -o '"seal_id":"[0-9a-f]*' | cut -d '"' -f 4)" "$work/two.tar.gz"
expect 5:io.exists "a sealed archive is not sealed again" sealbag seal "${key[@]}" -o "$work/three.tar.gz" "$work/two.tar.gz"

# Several signers, and some who sign later.
bag b sha1
expect 0 "two keys" sealbag seal "${key[@]}" --key "$work/keys/omar" "$b"
expect 0 "both count" verify --require 2 "$b"
bag b sha1
expect 0 "a signer who signs later" sealbag seal "${key[@]}" --cosigner "$work/keys/omar.pub" "$b"
judge 3:seal.signer-missing "is missed"
expect 0 "signs" sealbag sign --yes --keys "$trust" --key "$work/keys/omar" "$b"
judge 0 "and then nothing is missing"

bag b md5
expect 0 "as JSON" sealbag seal --json "${key[@]}" "$b"
says '"format":"sealbag-seal-1"' "with its format"
if have python3; then
    check "it is JSON" python3 -c 'import json,sys; j=json.load(open(sys.argv[1]))
assert j["exit"]==0 and j["seal"]["manifest"] and j["seal"]["unlisted"]==0 and j["verdict"]["exit"]==4' "$work/out"
fi

# ---- what is altered afterwards ----------------------------------------------------------------

fresh md5
rm "$b/seal/manifest-sha256.txt"
judge 1:seal.incomplete "the manifest in seal/ stripped"
fresh md5
sed -i '1s/^./x/' "$b/seal/manifest-sha256.txt"
judge 1:manifest.line "the manifest in seal/ altered"
fresh md5
sha256sum "$b"/data/minutes.txt >"$b/manifest-sha256.txt"
judge 1:manifest.file-unlisted "a manifest-sha256.txt added"
fresh md5
echo evil >"$b/evil.txt"
judge 1:manifest.file-unlisted "a tag file added"
fresh md5
rm "$b/tagmanifest-md5.txt"
judge 1:manifest.file-missing "the tag manifest stripped"
fresh md5
rm "$b/manifest-md5.txt"
judge 1:manifest.missing "the only manifest stripped"
fresh md5
printf 'x' >>"$b/data/minutes.txt"
judge 1:manifest.digest-mismatch "a document altered"
fresh sha512 md5
rm "$b/manifest-md5.txt" "$b/tagmanifest-md5.txt"
judge 1:manifest.file-missing "one of two manifests stripped"
fresh md5
mv "$b/seal" "$work/stolen"
bag b md5
mv "$work/stolen" "$b/seal"
judge 0 "the seal of a bag with the same files is its seal"
printf 'y' >"$b/data/minutes.txt"
cd "$b"
find data -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >manifest-md5.txt
md5sum -- bag-info.txt bagit.txt manifest-* >tagmanifest-md5.txt
cd "$work"
judge 1:manifest.digest-mismatch "of one with others it is not"

# Salvaging goes by the manifest that the seal has.
fresh md5
rm "$b/seal/index.tsv" 2>/dev/null || true
tar -C "$work/bags" -cf "$work/b.tar" b/bagit.txt b/data b/bag-info.txt b/manifest-md5.txt b/tagmanifest-md5.txt b/seal
at=$(grep -abo 'Dear editor' "$work/b.tar" | head -n 1 | cut -d : -f 1)
flip "$work/b.tar" "$at"
gzip -kf "$work/b.tar"
expect 1 "salvaged" sealbag extract --salvage --keys "$trust" -C "$work" "$work/b.tar.gz"
says "letters/first.txt" "what is lost is named"
check "what is as it was sealed is saved" cmp "$work/was/data/minutes.txt" "$work/b.INCOMPLETE/data/minutes.txt"
refute "and nothing else" test -e "$work/b.INCOMPLETE/data/letters/first.txt"

# ---- what is refused ---------------------------------------------------------------------------

# refuse CODE[:RULE] SENTENCE: the bag is left as it is
refuse() {
    listing "$work/bags" >"$work/before"
    expect "$1" "refused: $2" sealbag seal "${key[@]}" "$b"
    listing "$work/bags" >"$work/after"
    check "and left as it was: $2" cmp "$work/before" "$work/after"
}
bag b md5
echo evil >"$b/data/evil"
refuse 1:manifest.file-unlisted "a document in no manifest"
says "Nothing was sealed" "in words"
bag b md5
rm "$b/data/minutes.txt"
refuse 1:manifest.file-missing "an incomplete bag"
bag b md5
echo x >>"$b/data/minutes.txt"
echo x >>"$b/data/.notes"
refuse 1:manifest.digest-mismatch "a damaged bag"
says ".notes" "with each file that is damaged"
bag b md5
rm "$b"/manifest-* "$b"/tagmanifest-*
refuse 1:manifest.missing "a bag without a manifest"
bag b md5
rm "$b/bagit.txt"
refuse 1:bag.not-a-bag "a folder that is no bag"
bag b md5
mkdir "$b/seal"
refuse 5:io.exists "a bag with an empty seal/"
bag b md5
echo x >"$b/seal"
refuse 5:io.exists "a bag with a file called seal"
bag b md5
mkdir "$b/seal"
echo x >"$b/seal/x"
refuse 5:io.exists "a bag with something else in seal/"
bag b md5
mv "$b" "$work/bags/-b"
expect 1:path.unsafe "refused: a folder whose name cannot name a bag" sealbag seal "${key[@]}" "$work/bags/-b"
rm -r "$work/bags/-b"
bag b md5
pack "$b" "$work/b.tar.gz"
expect 2:usage "refused: an archive without -o" sealbag seal "${key[@]}" "$work/b.tar.gz"
says "-o" "and it is said what to do"
expect 2:usage "refused: into the archive itself" sealbag seal "${key[@]}" -o "$work/b.tar.gz" "$work/b.tar.gz"
echo mine >"$work/there.tar.gz"
expect 5:io.exists "refused: where something is" sealbag seal "${key[@]}" -o "$work/there.tar.gz" "$work/b.tar.gz"
equal "which stays" mine "$(cat "$work/there.tar.gz")"
expect 0 "unless it is to be replaced" sealbag seal "${key[@]}" --force -o "$work/there.tar.gz" "$work/b.tar.gz"
echo evil >"$b/data/evil"
pack "$b" "$work/evil.tar.gz"
expect 1:manifest.file-unlisted "refused: an archive with a document in no manifest" \
    sealbag seal "${key[@]}" -o "$work/none.tar.gz" "$work/evil.tar.gz"
check "of which none is made" test ! -e "$work/none.tar.gz"
bag b md5
expect 2 "refused: no key" sealbag seal "$b"
expect 2 "refused: no bag" sealbag seal "${key[@]}"
expect 2 "refused: a pipe" sealbag seal "${key[@]}" -
expect 2 "refused: a cosigner who signs" sealbag seal "${key[@]}" --cosigner "$work/keys/maria.pub" "$b"
expect 2 "refused: a time that no tar can hold" sealbag seal --yes --key "$work/keys/maria" --time 2300-01-01T00:00:00Z "$b"
ln -s b "$work/bags/link"
expect 0 "a link to a bag is followed" sealbag seal "${key[@]}" "$work/bags/link"
equal "and stays one" b "$(readlink "$work/bags/link")"
judge 0 "the bag is sealed under its own name"
