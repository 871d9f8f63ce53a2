#!/usr/bin/env bash
# Bags that are plain folders, extracted: a copy of what was judged, and of nothing else.
set -euo pipefail
# In memory, if possible: each bag is stored.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

prepare_inject
make_key maria
trust_key maria
make_sample "$work/source"
touch -d 2001-02-03T04:05:06Z "$work/source/minutes.txt"
seal "$work/sample.tar.gz" --name sample --record-mtimes "$work/source"
mkdir "$work/bags" "$work/to" "$work/archive"
seal "$work/bags/sample/" --record-mtimes "$work/source"
bag=$work/bags/sample
to=$work/to
# extract ARGUMENTS...: into an empty folder
extract() {
    chmod -R u+rwX "$to"
    rm -rf "$to"
    mkdir "$to"
    sealbag extract --keys "$trust" -C "$to" "$@"
}

# ---- the same as of the archive ------------------------------------------------------------------

sealbag extract --quiet --keys "$trust" -C "$work/archive" "$work/sample.tar.gz" >/dev/null
listing "$bag" >"$work/before"
for how in "-j 1" "-j 4" --no-sandbox; do
    # shellcheck disable=SC2086  # words
    expect 0 "a folder is extracted ($how)" extract $how "$bag"
    says "Extracted 6 documents (61 bytes)" "which it says"
    check "with the same files as out of the archive" same_tree "$work/archive/sample" "$to/sample"
    equal "and nothing else is left" sample "$(names "$to")"
    equal "a file has its time back" 2001-02-03T04:05:06 \
        "$(date -u -r "$to/sample/data/minutes.txt" +%FT%T)"
    expect 0 "the copy verifies" verify "$to/sample"
done
says_not "[bag.not-judged]" "without an index"
listing "$bag" >"$work/after"
check "the bag itself is untouched" cmp "$work/before" "$work/after"
expect 0 "without times" extract --no-restore-mtimes "$bag"
check "it has the time of now" test "$to/sample/data/minutes.txt" -nt "$trust"
expect 0 "some of it" extract "$bag" letters data/minutes.txt
equal "is all that is there" "first.txt minutes.txt reply to first.txt" \
    "$(find "$to/sample" -type f -printf '%f\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
expect 2:usage "what is not in it" extract "$bag" nothing
equal "extracts nothing" '' "$(names "$to")"
on_standard_input() {
    extract - <"$bag"
}
expect 0 "as standard input" on_standard_input
says_not "[reader.unconfined]" "it is read and copied by a process that is locked in"
expect 0 "and as JSON" extract --json "$bag"
says "\"folder\":\"$to/sample\",\"documents\":6,\"bytes\":61" "the numbers are told"
rm -rf "$work/by"
mkdir "$work/by"
tar -xzf "$work/sample.tar.gz" -C "$work/by"
expect 0 "what tar has unpacked" extract "$work/by/sample"
refute "loses its index" test -e "$to/sample/seal/index.tsv"
expect 0 "a trust store is exported" \
    sealbag trust export --keys "$trust" --key "$work/keys/maria" -o "$work/store.tar.gz"
tar -xzf "$work/store.tar.gz" -C "$work/by"
store=$(find "$work/by" -mindepth 1 -maxdepth 1 ! -name sample)
expect 0 "and imported from a folder" sealbag trust import --yes --keys "$trust" "$store"

# ---- what is not extracted -----------------------------------------------------------------------

# nothing CODE[:RULE] SENTENCE ARGUMENTS...
nothing() {
    local wanted=$1 sentence=$2
    shift 2
    expect "$wanted" "$sentence" extract "$@"
    equal "and nothing is left" '' "$(names "$to")"
}
fresh() {
    rm -rf "$work/copy"
    mkdir "$work/copy"
    cp -r "$bag" "$work/copy/sample"
}
copy=$work/copy/sample
untrusting() {
    rm -rf "$to"
    mkdir "$to"
    sealbag extract -C "$to" "$@"
}
expect 3:trust.too-few "nobody whom one trusts" untrusting "$bag"
equal "and nothing is left" '' "$(names "$to")"
expect 3 "which can be accepted" untrusting --accept-untrusted "$bag"
equal "then it is there" sample "$(names "$to")"
fresh
echo more >"$copy/data/more.txt"
nothing 1:manifest.file-unlisted "a document more" "$copy"
fresh
flip "$copy/data/minutes.txt" 3
nothing 1:manifest.digest-mismatch "a document that was changed" "$copy"
nothing 1:manifest.digest-mismatch "also when others are asked for" "$copy" letters
nothing 2:usage "of which it salvages all or nothing" --salvage "$copy" letters
fresh
ln -sf "$bag/data/minutes.txt" "$copy/data/minutes.txt"
nothing 1:folder.special "a link" --accept-untrusted "$copy"
fresh
rm -r "$copy/seal"
nothing 4:seal.none "an unsigned one" "$copy"
expect 4 "which can be accepted" extract --accept-unsigned "$copy"
equal "is there" sample "$(names "$to")"
nothing 1:bag.not-a-bag "no bag" "$work/source"

# ---- into itself ---------------------------------------------------------------------------------

# inside SENTENCE FOLDER
inside() {
    expect 2:usage "$1" sealbag extract --keys "$trust" -C "$2" "$bag"
    listing "$bag" >"$work/after"
    check "and the bag is untouched" cmp "$work/before" "$work/after"
}
inside "into the bag itself" "$bag"
inside "into a folder in it" "$bag/data/letters/1987"
ln -s "$bag/data" "$work/link"
inside "through a link" "$work/link"
cd "$bag"
expect 2:usage "from within it" sealbag extract --keys "$trust" .
cd "$work"
expect 5:io.exists "beside it, where its own name is" \
    sealbag extract --keys "$trust" -C "$work/bags" "$bag"
equal "nothing is left there" sample "$(names "$work/bags")"

# ---- while it is copied --------------------------------------------------------------------------

# changed SENTENCE FILE COMMAND: somebody does this in the copy after it was judged. That is when the
# process that reads makes the first folder where the documents go.
changed() {
    fresh
    rm -rf "$to"
    mkdir "$to"
    : >"$work/met"
    expect 5:folder.changed "$1 is noticed" \
        "$inject" -l "$work/met" -x "cd '$copy/data' && $3" -i mkdirat:run:1@1 -- \
        "$SEALBAG" extract --quiet --keys "$trust" -j 1 -C "$to" "$copy"
    says "data/$2 was changed" "and named"
    equal "and nothing is left" '' "$(names "$to")"
    check "it did happen" test -s "$work/met"
}
if [ "$can_inject" -eq 1 ]; then
    changed "a byte more" photos/empty "echo >>photos/empty"
    changed "another byte" minutes.txt "printf X | dd of=minutes.txt conv=notrunc status=none"
    changed "a file that is gone" minutes.txt "rm minutes.txt"
    changed "a shorter one" minutes.txt "truncate -s 5 minutes.txt"
    changed "a link to the same" minutes.txt "mv minutes.txt ../x; ln -s ../x minutes.txt"
    changed "a named pipe, which is not waited for," minutes.txt "rm minutes.txt; mkfifo minutes.txt"
    changed "a folder that became a link" letters/1987/"reply to first.txt" \
        "mv letters ..; ln -s ../letters letters"
fi
