#!/usr/bin/env bash
# Bags in a plain .tar, ours and those of other programs (issue "Any bag from anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key jose
trust_key maria
source=$work/source
make_sample "$source"
head -c 2500000 /dev/urandom >"$source/noise.bin" # several frames
printf 'composed' >"$source/"$'caf\303\251.txt'
printf 'long' >"$source/$(printf '%.0sn' {1..255})"
tar=$work/sample.tar

# ---- written -----------------------------------------------------------------------------------

expect 0 "a plain tar is written" seal "$tar" "$source"
seal "$work/sample.tar.gz" "$source"
gzip -dc "$work/sample.tar.gz" >"$work/inside.tar"
check "it is what is in the .tar.gz" cmp "$tar" "$work/inside.tar"
mkdir "$work/again" "$work/to" "$work/one"
for jobs in 1 4; do
    seal "$work/again/sample-$jobs.tar" --name sample -j "$jobs" "$source"
    check "with $jobs threads it has the same bytes" cmp "$tar" "$work/again/sample-$jobs.tar"
done
seal - --name sample --format tar "$source" >"$work/piped.tar"
check "and through a pipe" cmp "$tar" "$work/piped.tar"
expect 2:usage "there is no level for it" seal "$work/level.tar" --level 3 "$source"
expect 2:usage "a name that says another format is refused" \
    seal "$work/level.tar" --format tar.gz "$source"

# ---- read --------------------------------------------------------------------------------------

expect 0 "it verifies" verify "$tar"
run sealbag verify --quiet --keys "$trust" - <"$tar"
equal "also from a pipe" 0 "$code"
expect 0 "it is extracted" sealbag extract --quiet --keys "$trust" -C "$work/to" "$tar"
check "as it was" same_tree "$source" "$work/to/sample/data"
expect 0 "one document of it is extracted" \
    sealbag extract --quiet --keys "$trust" -C "$work/one" "$tar" letters/first.txt
check "and is right" cmp "$source/letters/first.txt" "$work/one/sample/data/letters/first.txt"
expect 0 "its documents are listed" sealbag list --keys "$trust" "$tar"
says "bag.partly-read" "by its index"

long=$(printf '%.0s\303\251' {1..100})
seal "$work/long.tar" --name "$long" "$source/letters"
expect 0 "also in a bag whose name needs an extended header" \
    sealbag list --keys "$trust" "$work/long.tar"
says "bag.partly-read" "which stands before that of the index"

# Its data blocks are exchanged for others, which nobody reads who goes by the index.
python3 - "$tar" "$work/hole.tar" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
at = data.index(b"sample/data/noise.bin")
data[at + 512 + 100000] ^= 1
open(sys.argv[2], "wb").write(data)
PY
expect 0 "the index leads past what is damaged" \
    sealbag show --keys "$trust" "$work/hole.tar" letters/first.txt
expect 1:manifest.digest-mismatch "which verify finds" verify "$work/hole.tar"
expect 1 "and extract" sealbag extract --quiet --keys "$trust" -C "$work/again" "$work/hole.tar"

# ---- other programs ----------------------------------------------------------------------------

rm -f "$work/to/sample/seal/index.tsv"
unpacked_by() {
    mkdir "$2"
    expect 0 "$1 unpacks it" "${@:3}"
    rm -f "$2/sample/seal/index.tsv"
    check "to what it is: $1" same_tree "$work/to/sample" "$2/sample"
}
unpacked_by "GNU tar" "$work/by-tar" tar -xf "$tar" -C "$work/by-tar"
if have bsdtar; then
    unpacked_by bsdtar "$work/by-bsdtar" env LC_ALL=C.UTF-8 bsdtar -xf "$tar" -C "$work/by-bsdtar"
fi
unpacked_by Python "$work/by-python" python3 -c '
import sys, tarfile
tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$tar" "$work/by-python"

for format in pax gnu; do
    tar -C "$work/to" --format "$format" -cf "$work/$format.tar" sample
    expect 0 "one by GNU tar ($format) verifies" verify "$work/$format.tar"
done
python3 -c '
import sys, tarfile
with tarfile.open(sys.argv[1], "w") as out:
    out.add(sys.argv[2], "sample")' "$work/python.tar" "$work/to/sample"
expect 0 "one by Python verifies" verify "$work/python.tar"
if have bsdtar; then
    LC_ALL=C.UTF-8 bsdtar -C "$work/to" -cf "$work/bsdtar.tar" sample
    expect 0 "one by bsdtar verifies" verify "$work/bsdtar.tar"
fi
tar -C "$work/by-tar" -cf "$work/repacked.tar" sample
expect 0 "one that was packed again verifies" verify "$work/repacked.tar"
mkdir "$work/index" && tar -xf "$tar" -C "$work/index"
tar -C "$work/index" -cf "$work/repacked.tar" sample
expect 0 "also when it has an index, of other places" verify "$work/repacked.tar"
says "bag.not-judged" "which is said not to be judged"
expect 0 "and one document is found all the same" \
    sealbag show --keys "$trust" "$work/repacked.tar" letters/first.txt

# ---- added to ----------------------------------------------------------------------------------

cp "$tar" "$work/signed.tar"
expect 0 "a signature is added" \
    sealbag sign --quiet --keys "$trust" --key "$work/keys/jose" "$work/signed.tar"
expect 0 "it verifies with it" verify "$work/signed.tar"
says "countersign" "and shows it"
head -c 1048576 "$tar" >"$work/before"
head -c 1048576 "$work/signed.tar" >"$work/after"
check "what was before stays as it was" cmp "$work/before" "$work/after"
expect 0 "a custody event is added" sealbag custody add --quiet --keys "$trust" \
    --key "$work/keys/maria" --event received "$work/signed.tar"
expect 0 "it verifies with it" verify "$work/signed.tar"
expect 0 "the index leads to all" sealbag list --keys "$trust" "$work/signed.tar"
says "bag.partly-read" "still"

# ---- damaged, cut, and with more behind it -----------------------------------------------------

small=$work/small
mkdir "$small"
printf 'alpha\n' >"$small/a.txt"
printf 'beta\n' >"$small/b.txt"
seal "$work/small.tar" "$small"
expect 0 "a small one verifies" verify "$work/small.tar"
size=$(size_of "$work/small.tar")
wrong=0
for ((cut = 512; cut < size; cut += 1024)); do
    head -c "$cut" "$work/small.tar" >"$work/cut.tar"
    run verify "$work/cut.tar"
    [ "$code" -eq 1 ] || wrong=$((wrong + 1))
done
equal "cut after any other of its blocks it is refused" 0 "$wrong"
# One in every part that a header has, in each of the first files, and some in what follows.
mkdir "$work/flips"
python3 - "$work/small.tar" "$work/flips" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
for at in [*range(7, 2048, 101), *range(2048, len(data) - 1024, 499)]:
    flipped = bytearray(data)
    flipped[at] ^= 4
    open("%s/%d.tar" % (sys.argv[2], at), "wb").write(flipped)
PY
wrong=0
for flipped in "$work/flips"/*; do
    run verify "$flipped"
    # In the index, it is not judged; in the first magic, it is no tar.
    [ "$code" -eq 1 ] || said "[bag.not-judged]" || wrong=$((wrong + 1))
done
equal "with any bit flipped it is refused" 0 "$wrong"
{ cat "$work/small.tar" && printf 'more'; } >"$work/more.tar"
expect 1:tar.trailing "with something behind its end it is refused" verify "$work/more.tar"
{ cat "$work/small.tar" && head -c 8192 /dev/zero; } >"$work/zeros.tar"
expect 0 "with zeros behind it, as other programs write them, it is not" verify "$work/zeros.tar"
{ head -c 512 /dev/zero && cat "$work/small.tar"; } >"$work/front.tar"
expect 5 "with zeros before it it is no bundle" verify "$work/front.tar"

expect 1 "a damaged one is salvaged" \
    sealbag extract --salvage --quiet --keys "$trust" -C "$work" "$work/hole.tar"
check "with what is whole" cmp "$source/letters/first.txt" \
    "$work/sample.INCOMPLETE/data/letters/first.txt"
refute "and without what is not" test -e "$work/sample.INCOMPLETE/data/noise.bin"
rm -rf "$work/sample.INCOMPLETE"
{ head -c 200 /dev/zero && tail -c +201 "$tar"; } >"$work/head.tar"
expect 1 "also when its first header is lost" \
    sealbag extract --salvage --quiet --keys "$trust" -C "$work" "$work/head.tar"
check "with all documents" same_tree "$source" "$work/sample.INCOMPLETE/data"
