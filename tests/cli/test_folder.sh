#!/usr/bin/env bash
# Bags that are plain folders: judged like archives, and what a folder can hold that no archive can
# (issue "Any bag from anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/source"
seal "$work/sample.tar.gz" --name sample "$work/source"
mkdir "$work/bags"
sealbag extract --quiet --keys "$trust" -C "$work/bags" "$work/sample.tar.gz"
bag=$work/bags/sample
copy=$work/copy/sample
# fresh: a copy to spoil
fresh() {
    rm -rf "$work/copy"
    mkdir "$work/copy"
    cp -r "$bag" "$copy"
}

# ---- the same verdict as on the archive --------------------------------------------------------

expect 0 "a folder that sealbag has extracted verifies" verify "$bag"
says "6 documents" "with all its documents"
says_not "[reader.unconfined]" "and is read by a process that is locked in"
expect 0 "with a slash behind it" verify "$bag/"
cd "$bag/data"
expect 0 "from within it" verify ..
cd "$work"
ln -s bags/sample "$work/link"
expect 0 "through a link that the user names" verify "$work/link"
expect 0 "with one thread" verify -j 1 "$bag"
expect 0 "without a sandbox" verify --no-sandbox "$bag"
on_standard_input() {
    sealbag verify --keys "$trust" - <"$bag"
}
expect 0 "as standard input" on_standard_input
expect 0 "among archives" verify "$bag" "$work/sample.tar.gz"
now=$(date -u +%FT%TZ)
json() { # two runs can be in two seconds
    sealbag "$1" --json --at "$now" --keys "$trust" "$2" | sed "s|$2|BUNDLE|"
}
json verify "$work/sample.tar.gz" >"$work/archive.json"
json verify "$bag" >"$work/folder.json"
check "the JSON is that of the archive" cmp "$work/archive.json" "$work/folder.json"
sealbag list --quiet --keys "$trust" "$work/sample.tar.gz" >"$work/archive.list"
expect 0 "it is listed" sealbag list --keys "$trust" "$bag"
check "like the archive" cmp "$work/archive.list" "$work/out"
expect 0 "it is shown" sealbag show --keys "$trust" "$bag"
expect 0 "and its custody" sealbag custody list --keys "$trust" "$bag"
expect 6 "only its size is compared" sealbag verify --fast "$bag"
expect 6 "only its names are" sealbag verify --completeness-only "$bag"
expect 3 "by nobody whom one trusts" sealbag verify "$bag"

# by WHAT COMMAND...: another program has extracted the archive in $work/by
by() {
    local what=$1
    shift
    rm -rf "$work/by"
    mkdir "$work/by"
    "$@" >"$work/check-out"
    expect 0 "what $what extracts verifies" verify "$work/by/sample"
}
by "GNU tar" tar -xzf "$work/sample.tar.gz" -C "$work/by"
expect_rule bag.not-judged "and the index is said not to be judged"
if have bsdtar; then
    by bsdtar env LC_ALL=C.UTF-8 bsdtar -xf "$work/sample.tar.gz" -C "$work/by"
fi
if have zip && have unzip; then
    (cd "$work/bags" && zip -qr "$work/sample.zip" sample)
    by unzip unzip -q "$work/sample.zip" -d "$work/by"
fi

# ---- other bags --------------------------------------------------------------------------------

fresh
rm -r "$copy/seal"
expect 4:seal.none "without its seal it is intact and unsigned" verify "$copy"
(cd "$copy" && find data -type f -exec sha512sum {} + >manifest-sha512.txt && rm tagmanifest-sha256.txt)
expect 4:seal.none "another digest is checked too" verify "$copy"
sed -i 's/^./f/;s/^f\(.*minutes\)/0\1/' "$copy/manifest-sha512.txt"
expect 1:manifest.digest-mismatch "and a wrong one found" verify "$copy"
mkdir -p "$work/plain/notes"
echo text >"$work/plain/notes/a.txt"
expect 1:bag.not-a-bag "a folder that is no bag" verify "$work/plain"
mkdir "$work/nothing"
expect 1:bag.not-a-bag "nor an empty one" verify "$work/nothing"

# ---- what was done to it -----------------------------------------------------------------------

# spoilt CODE[:RULE] SENTENCE: and a fresh copy
spoilt() {
    expect "$1" "$2" verify "$copy"
    chmod -R u+rwX "$copy" 2>/dev/null || true
    fresh
}
fresh
flip "$copy/data/minutes.txt" 3
expect 6 "a byte of a document is changed, and not looked at" \
    sealbag verify --completeness-only "$copy"
spoilt 1:manifest.digest-mismatch "a byte of a document is changed"
rm "$copy/data/minutes.txt"
expect 1:baginfo.oxum "a document is missing, by the number" sealbag verify --fast "$copy"
spoilt 1:manifest.file-missing "a document is missing"
echo more >"$copy/data/more.txt"
spoilt 1:manifest.file-unlisted "there is one more"
echo more >"$copy/seal/more.txt"
spoilt 1:seal.unknown-file "a file in seal/ that does not belong there"
mv "$copy" "$work/copy/other"
expect 1:seal.name-mismatch "it is called otherwise" verify "$work/copy/other"
says "call it \"${copy##*/}\" again" "and what it has to be called"
fresh
rm "$copy/data/minutes.txt"
ln -s "$bag/data/minutes.txt" "$copy/data/minutes.txt"
spoilt 1:folder.special "a link in the place of a document, to the right one"
mv "$copy/data/letters" "$work/copy/letters"
ln -s ../../letters "$copy/data/letters"
spoilt 1:folder.special "a link in the place of a folder"
ln -s / "$copy/root"
spoilt 1:folder.special "a link beside bagit.txt"
mkfifo "$copy/data/pipe"
spoilt 1:folder.special "a named pipe, which is not waited for"
rm "$copy/bagit.txt"
mkfifo "$copy/bagit.txt"
spoilt 1:bag.not-a-bag "one in the place of bagit.txt"
: >"$copy/data/a\\b"
spoilt 1:path.unsafe "a name with a backslash"
: >"$copy/data/"$'\377'
spoilt 1:path.unsafe "a name that is not UTF-8"
mkdir "$copy/data/empty"
spoilt 0:folder.empty-on-disk "an empty folder is only a warning"
ln "$copy/data/minutes.txt" "$work/copy/second"
spoilt 0:folder.hard-link "so is a file that has a second name elsewhere"
ln "$copy/data/minutes.txt" "$copy/data/second.txt"
spoilt 1:manifest.file-unlisted "but not one in the bag"
truncate -s 3G "$copy/manifest-sha512.txt"
spoilt 5:limit.reached "a huge manifest, that takes no room, is not read into memory"
if ! as_root; then
    chmod 0 "$copy/data/minutes.txt"
    spoilt 5:io.failed "a document that may not be read"
    chmod 0 "$copy/data/letters"
    spoilt 5:io.failed "a folder that may not be listed"
fi
deep=$copy/data
for ((i = 0; i < 40; i++)); do deep=$deep/folder; done
mkdir -p "$deep"
echo text >"$deep/file.txt"
spoilt 1:manifest.file-unlisted "a file within 40 folders is found"
expect 5:limit.reached "the limit on files holds" verify --limit entries=5 "$copy"
expect 5:limit.reached "and that on bytes" verify --limit expanded=1K "$copy"

# ---- while it is read --------------------------------------------------------------------------

# Somebody writes all the time. Whether that falls into the reading is not certain at once.
# noticed SENTENCE: sooner or later, while $writer writes, which is then ended
noticed() {
    local i
    for ((i = 0; i < 30; i++)); do
        run verify "$copy"
        ! said "[folder.changed]" || break
    done
    kill "$writer"
    wait "$writer" 2>/dev/null || true
    equal "$1" 5 "$code"
    expect_rule folder.changed "and that is what it says"
}
fresh
rm -r "$copy/seal" "$copy/tagmanifest-sha256.txt" "$copy/bag-info.txt"
dd if=/dev/zero of="$copy/data/large" bs=1M count=64 status=none
(cd "$copy" && find data -type f -exec sha256sum {} + >manifest-sha256.txt)
expect 4:seal.none "it is good before" verify "$copy"
(while :; do touch "$copy/data/large"; done) &
writer=$!
noticed "a file is written to while it is read"
(while :; do : >"$copy/data/new" && rm "$copy/data/new"; done) &
writer=$!
noticed "files come and go in a folder"
