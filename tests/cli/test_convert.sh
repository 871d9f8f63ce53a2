#!/usr/bin/env bash
# From one container to another: the same bag, the same seal, and the same bytes again on the way back.
set -euo pipefail
# In memory, if possible: what is made is stored.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

# All that there is: how the names of bundles end, and "/" for a folder.
containers='.tar.gz .tar.zst .tar .zip /'

make_key maria
make_key nina
make_key otto
trust_key maria
make_sample "$work/source"
seq 1 120000 >"$work/source/large.txt"
printf 'filename,dc.title\ndata/minutes.txt,Minutes\n' >"$work/table.csv"
mkdir "$work/made" "$work/to"
made=$work/made/bag.tar.gz
seal "$made" --key "$work/keys/nina" --key "$work/keys/otto" --algorithm sha512 \
    --metadata "$work/table.csv" --info "Contact-Name: M" "$work/source"
to=$work/to
empty() {
    chmod -R u+rwX "$to"
    rm -rf "$to"
    mkdir "$to"
}
convert() {
    "$SEALBAG" convert --keys "$trust" "$@"
}
# tar_of BUNDLE: the bytes of its tar
tar_of() {
    case $1 in
        *.zst) zstd -dcq -- "$1" ;;
        *.tar) cat -- "$1" ;;
        *) gzip -dc -- "$1" ;;
    esac
}
# same_bytes SENTENCE BUNDLE OTHER: their tars
same_bytes() {
    equal "$1" "$(tar_of "$2" | sha256sum)" "$(tar_of "$3" | sha256sum)"
}

# ---- what create makes -----------------------------------------------------------------------------

expect 0 "the bundle verifies" verify "$made"
seal_id=$("$SEALBAG" verify --keys "$trust" --json "$made" | grep -o '"seal_id":"[0-9a-f]*"')
for from in $containers; do
    rm -rf "$work/from"
    mkdir "$work/from"
    one=$work/from/bag$from
    expect 0 "tar.gz to $from" convert --quiet "$made" -o "$one"
    for into in $containers; do
        empty
        expect 0 "$from to $into" convert "$one" -o "$to/bag$into"
        says "${seal_id:11:64}" "has the same seal"
        expect 0 "the new one verifies" verify --json "$to/bag$into"
        says "$seal_id" "with this seal"
        equal "and nothing else is left" bag"${into%/}" "$(names "$to")"
        case $into in
            .tar.gz) check "it is the very same file again" cmp "$made" "$to/bag$into" ;;
            .tar*) same_bytes "the bytes of the tar are the same" "$made" "$to/bag$into" ;;
        esac
    done
done
expect 0 "out of a pipe" convert - -o "$to/piped.tar.gz" <"$work/from/../made/bag.tar.gz"
check "it is the very same file" cmp "$made" "$to/piped.tar.gz"
expect 0 "by one thread" convert -j 1 --no-sandbox "$made" -o "$to/one.tar.zst"
expect 0 "by several" convert -j 5 "$made" -o "$to/many.tar.zst"
check "it is the same" cmp "$to/one.tar.zst" "$to/many.tar.zst"
expect 0 "at another level" convert --level 9 "$made" -o "$to/small.tar.gz"
check "it is smaller" test "$(size_of "$to/small.tar.gz")" -lt "$(size_of "$made")"
same_bytes "and has the same tar" "$made" "$to/small.tar.gz"
expect 0 "a format for a name that says nothing" convert --format tar.zst "$made" -o "$to/without"
check "which zstd reads" zstd -tq "$to/without"
expect 0 "documents are found by the new index" sealbag list --keys "$trust" "$to/small.tar.gz"
says "[bag.partly-read]" "without reading the rest"
expect 0 "as JSON" convert --json "$made" -o "$to/json.zip"
says '{"format":"sealbag-convert-1","verdict":{' "there is the verdict"
says "\"output\":\"$to/json.zip\",\"documents\":7,\"bytes\":" "and what was made"
expect 0 "quietly" convert --quiet "$made" -o "$to/quiet.zip"
equal "nothing is said" '' "$(cat "$work/out" "$work/err")"
expect 0:reader.unconfined "quietly, without a sandbox" \
    convert --quiet --no-sandbox "$made" -o "$to/bold.zip"
one_sentence "which is said"

# ---- signatures and events that came later -----------------------------------------------------------

cp "$made" "$work/later.tar.gz"
make_key paul
"$SEALBAG" sign --quiet --keys "$trust" --key "$work/keys/paul" "$work/later.tar.gz" >/dev/null
for event in transfer accept; do
    "$SEALBAG" custody add --quiet --keys "$trust" --key "$work/keys/nina" --event "$event" \
        "$work/later.tar.gz" >/dev/null
done
head_of() {
    "$SEALBAG" verify --keys "$trust" --json "$1" | grep -o '"custody_head":"[0-9a-f]*"'
}
head=$(head_of "$work/later.tar.gz")
empty
last=$work/later.tar.gz
for into in $containers .tgz; do
    expect 0 "a signature and two events go to $into" convert --quiet "$last" -o "$to/bag$into"
    last=$to/bag${into%/}
    equal "the head of the chain is the same" "$head" "$(head_of "$last")"
    expect 0 "all signatures are there" verify "$last"
    says "3 valid signatures" "and valid"
    says "(countersignature)" "the one that came later, too"
    says "2 events" "and the events"
done
check "two that came different ways are the same" cmp "$to/bag.tar.gz" "$to/bag.tgz"
expect 0 "signing what was converted" "$SEALBAG" custody add --quiet --keys "$trust" \
    --key "$work/keys/nina" --event accept "$to/bag.tar.gz"
expect 0 "is possible" verify "$to/bag.tar.gz"

# Packed again by GNU tar it has no index.
rm -rf "$work/unpacked"
unpack "$work/later.tar.gz" "$work/unpacked"
rm "$work/unpacked/bag/seal/index.tsv"
pack "$work/unpacked/bag" "$work/packed.tar.gz"
make_key rosa
countersign() {
    sealbag sign --quiet --keys "$trust" --key "$work/keys/rosa" "$1"
}
expect 5:container.unsupported "a bundle without an index cannot be signed" \
    countersign "$work/packed.tar.gz"
says "sealbag convert" "and it is said what helps"
expect 0 "it is converted" convert --quiet "$work/packed.tar.gz" -o "$to/packed.tar.gz"
expect 0 "and signed" countersign "$to/packed.tar.gz"
expect 0 "that verifies" verify "$to/packed.tar.gz"

# ---- bags of others ------------------------------------------------------------------------------

empty
other=$work/other
mkdir -p "$other/data/sub" "$other/logs"
printf 'one\n' >"$other/data/one.txt"
printf '%s\n' two >"$other/data/sub/2%.txt"
printf 'log\n' >"$other/logs/what.txt"
printf 'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n' >"$other/bagit.txt"
printf 'Source-Organization: X\nbagging-date: 2011-12-13\n' >"$other/bag-info.txt"
(cd "$other" && md5sum data/one.txt data/sub/2%.txt >manifest-md5.txt)
expect 4 "an unsigned bag with MD5 sums is converted" convert "$other" -o "$to/other.tar.gz"
says "$to/other.tar.gz: 2 documents" "which is said"
expect 4:seal.none "and is as unsigned as before" verify "$to/other.tar.gz"
rm -rf "$work/unpacked"
mkdir "$work/unpacked"
tar -xzf "$to/other.tar.gz" -C "$work/unpacked"
check "tar unpacks the same files" same_tree "$other" "$work/unpacked/other"
equal "of the day that the bag states" 2011-12-13 "$(date -u -r "$work/unpacked/other/bagit.txt" +%F)"
equal "without an index" 0 "$(tar -tzf "$to/other.tar.gz" | grep -c /seal/ || true)"
for into in .tar.zst .tar .zip /; do
    expect 4 "to $into" convert --quiet "$to/other.tar.gz" -o "$to/other$into"
    expect 4 "and back" convert --quiet "$to/other${into%/}" -o "$work/back.tar.gz"
    check "it is the same file" cmp "$to/other.tar.gz" "$work/back.tar.gz"
    rm "$work/back.tar.gz"
done
tar --format=ustar -cf - -C "$work" other | gzip -9 >"$work/gnu.tgz"
expect 4 "as GNU tar packs it" convert --quiet "$work/gnu.tgz" -o "$work/back.tar.gz"
check "it becomes the same file" cmp "$to/other.tar.gz" "$work/back.tar.gz"
suite=${SEALBAG_TEST_DATA-}/bagit-conformance-suite
if [ -d "$suite" ]; then
    for name in v0.97/valid/UTF-16-encoded-tag-files v1.0/valid/basicBag; do
        [ -d "$suite/$name" ] || continue
        bag=${name##*/}
        expect 4 "$name" convert --quiet "$suite/$name" -o "$to/$bag.zip"
        expect 4 "and to a folder" convert --quiet "$to/$bag.zip" -o "$to/$bag/"
        check "with the same files" same_tree "$suite/$name" "$to/$bag"
    done
fi

# ---- what is not converted -----------------------------------------------------------------------

# refused CODE[:RULE] SENTENCE ARGUMENTS...: and nothing is left
refused() {
    empty
    expect "$1" "$2" convert "${@:3}"
    equal "and nothing is left" '' "$(names "$to")"
}
cp "$made" "$work/bad.tar.gz"
flip "$work/bad.tar.gz" 3000
for into in $containers; do
    refused 1 "a damaged bundle to $into" "$work/bad.tar.gz" -o "$to/bag$into"
    says "Nothing was converted." "which is said"
done
refused 1 "a damaged pipe" - -o "$to/bag.zip" <"$work/bad.tar.gz"
mkdir "$work/open"
convert --quiet "$made" -o "$work/open/bag/"
flip "$work/open/bag/data/minutes.txt" 3
refused 1:manifest.digest-mismatch "a damaged folder" "$work/open/bag" -o "$to/bag.zip"
flip "$work/open/bag/data/minutes.txt" 3
refused 1:bag.not-a-bag "a folder that is no bag" "$work/source" -o "$to/bag.zip"
refused 1:seal.id-mismatch "another seal than was asked for" \
    --seal 00000000000000000000000000000000 "$made" -o "$to/bag.zip"
refused 5:limit.reached "too much" --limit entries=5 "$made" -o "$to/bag.zip"
refused 2:usage "a folder of another name" "$made" -o "$to/sack/"
says 'The bag is called "bag"' "it is said which"
refused 2:usage "that also of a pipe" - -o "$to/sack/" <"$made"
refused 2:usage "a pipe as output" "$made" -o -
refused 2:usage "no output" "$made"
refused 2:usage "two bundles" "$made" "$made" -o "$to/bag.zip"
refused 2:usage "a level for a folder" --level 3 "$made" -o "$to/bag/"
refused 2:usage "--force for a folder" --force "$made" -o "$to/bag/"
refused 2:usage "a format that is none" --format rar "$made" -o "$to/bag.rar"
refused 5 "no bundle" "$work/missing" -o "$to/bag.zip"
refused 5 "no folder to write to" "$made" -o "$to/none/bag.zip"
listing "$work/open" >"$work/before"
for into in /data/bag.zip /bag.zip /data/bag/; do
    refused 2:usage "into the bag itself: $into" "$work/open/bag" -o "$work/open/bag$into"
done
refused 2:usage "a folder to itself" "$work/open/bag" -o "$work/open/bag/"
listing "$work/open" >"$work/after"
check "the bag is untouched" cmp "$work/before" "$work/after"
empty
cp "$made" "$to/bag.tar.gz"
expect 2:usage "a bundle to itself" convert --force "$to/bag.tar.gz" -o "$to/bag.tar.gz"
check "is left alone" cmp "$made" "$to/bag.tar.gz"
printf 'old\n' >"$to/bag.zip"
mkdir "$to/bag"
expect 5:io.exists "what is there is not replaced" convert "$made" -o "$to/bag.zip"
expect 5:io.exists "nor is a folder" convert "$made" -o "$to/bag/"
expect 1 "nor by what is damaged" convert --force "$work/bad.tar.gz" -o "$to/bag.zip"
equal "it is there still" old "$(cat "$to/bag.zip")"
expect 0 "but with --force" convert --force "$made" -o "$to/bag.zip"
expect 0 "then it is the new one" verify "$to/bag.zip"
equal "nothing else is there" "bag bag.tar.gz bag.zip" "$(names "$to")"
untrusting() {
    sealbag convert "$@"
}
expect 3:trust.too-few "a bag of somebody whom nobody trusts is converted" \
    untrusting "$made" -o "$to/unknown.zip"
expect 0 "and is what it was" verify "$to/unknown.zip"

# ---- when things go wrong meanwhile --------------------------------------------------------------

full() {
    (ulimit -f "$1" && trap '' XFSZ && convert "${@:2}")
}
head -c 3000000 /dev/urandom >"$work/source/noise"
seal "$work/made/big.tar.gz" "$work/source"
for into in $containers; do
    empty
    expect 5 "no room to unpack for $into" full 500 "$work/made/big.tar.gz" -o "$to/big$into"
    equal "leaves nothing" '' "$(names "$to")"
done
convert --quiet "$work/made/big.tar.gz" -o "$work/open/big/"
empty
printf 'old\n' >"$to/big.zip"
expect 5 "no room for the bundle" full 1000 --force "$work/open/big" -o "$to/big.zip"
equal "leaves the old one" "old big.zip" "$(cat "$to/big.zip") $(names "$to")"

# changed SENTENCE COMMAND: done in the bag after it was judged, when that process is waited for
changed() {
    rm -rf "$work/copy"
    mkdir "$work/copy"
    cp -r "$work/open/bag" "$work/copy/bag"
    empty
    : >"$work/met"
    expect 5:folder.changed "$1 is noticed" "$inject" -l "$work/met" \
        -x "cd '$work/copy/bag' && $2" -i wait4:run:1 -- \
        "$SEALBAG" convert --quiet --keys "$trust" "$work/copy/bag" -o "$to/bag.tar.gz"
    equal "and nothing is left" '' "$(names "$to")"
    check "it did happen" test -s "$work/met"
}
prepare_inject
if [ "$can_inject" -eq 1 ]; then
    changed "a byte more" "echo >>data/photos/empty"
    changed "another byte" "printf X | dd of=data/minutes.txt conv=notrunc status=none"
    changed "another seal" "printf X | dd of=seal/salt.txt conv=notrunc status=none"
    changed "a file that is gone" "rm data/minutes.txt"
    changed "a link" "mv data/minutes.txt ..; ln -s ../../minutes.txt data/minutes.txt"
    changed "a named pipe" "rm data/minutes.txt; mkfifo data/minutes.txt"
    # What is there already when the new one is to appear.
    empty
    expect 5:io.exists "a folder that came meanwhile" "$inject" -x "mkdir '$to/bag'" \
        -i wait4:run:1 -- "$SEALBAG" convert --quiet --keys "$trust" "$made" -o "$to/bag/"
    equal "is left alone" bag "$(names "$to")"
fi
