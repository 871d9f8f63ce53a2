#!/usr/bin/env bash
# .tar.zst bundles and the stock tools, both ways; and what is refused of them, by which rule
# (issue "Speed").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have zstd || ! have python3; then
    echo "There is no zstd or no python3 here."
    exit 77
fi
for name in maria stranger; do
    make_key "$name"
done
trust_key maria
make_sample "$work/source"
# Three frames: of bytes that compress, of bytes that do not.
seq 1 650000 >"$work/source/letters/numbers"
head -c 5000000 /dev/urandom >"$work/source/photos/noise"
bundle=$work/sample.tar.zst
from_pipe() {
    cat -- "$1" | verify -
}
seal "$bundle" "$work/source"

# ---- what the stock tools say ------------------------------------------------------------------

equal "the name .tar.zst gives a zstd file" 28b52ffd "$(head -c 4 "$bundle" | to_hex)"
check "zstd -t accepts it" zstd -qt "$bundle"
check "in 8 MiB of memory, as each decoder has" zstd -qt --memory=8MB "$bundle"
reframe pieces "$bundle" >"$work/pieces"
frames=$(grep -c ^frame "$work/pieces")
zstd -lv "$bundle" >"$work/info" 2>&1
equal "zstd -l counts its frames" "$frames" \
    "$(sed -n 's/^# Zstandard Frames: //p' "$work/info")"
equal "and a pointer and a table" 2 "$(sed -n 's/^# Skippable Frames: //p' "$work/info")"
check "all frames have a checksum" grep -q '^Check: XXH64' "$work/info"
zstd -qdc "$bundle" >"$work/sample.tar"
check "zstd -l knows the size of the tar" \
    grep -qF "($(size_of "$work/sample.tar") B)" "$work/info"
mkdir "$work/tar"
check "tar --zstd unpacks it" tar --zstd -xf "$bundle" -C "$work/tar"
bag=$work/tar/sample
check "tar --zstd gives the documents" same_tree "$work/source" "$bag/data"
if have bsdtar; then
    by_bsdtar() {
        mkdir "$work/bsdtar" && LC_ALL=C.UTF-8 bsdtar -C "$work/bsdtar" -xf "$bundle" &&
            same_tree "$bag" "$work/bsdtar/sample"
    }
    check "bsdtar gives the same bag" by_bsdtar
fi
seal "$work/sample.tar.gz" "$work/source"
gzip -dc "$work/sample.tar.gz" >"$work/gz.tar"
check "the tar is the one that a .tar.gz holds" cmp "$work/gz.tar" "$work/sample.tar"
# zstd's seekable format: skippable frame 5e, sizes of each frame and of its data, footer.
table_at=$(awk '/^table/ { print $2 }' "$work/pieces")
equal "the seek table has the sizes of the frames" \
    "$(awk '/^frame/ { print $3, $4 }' "$work/pieces" | xargs)" \
    "$(slice "$bundle" $((table_at + 8)) $((frames * 8)) | od -An -v -tu4 | xargs)"
equal "and its footer" "$(printf '%02x000000' "$frames")00b1ea928f" "$(tail -c 9 "$bundle" | to_hex)"
equal "a magic and a length stand before it" \
    "5e2a4d18$(printf '%02x' $((frames * 8 + 9)))000000" \
    "$(slice "$bundle" "$table_at" 8 | to_hex)"
equal "the pointer leads to index.tsv" \
    "pointer $((table_at - 20)) 20 $(reframe find "$work/sample.tar" seal/index.tsv)" \
    "$(grep ^pointer "$work/pieces")"
sealbag create --quiet -o "$work/unsigned.tar.zst" --name sample "$work/source" 2>"$work/err"
equal "without a seal there is a table but no pointer" "table $frames" \
    "$(reframe pieces "$work/unsigned.tar.zst" | awk '$1 != "frame" { print $1, $4 }')"
sealbag create --quiet -o "$work/strange.tar.zst" --name sample --key "$work/keys/stranger" \
    "$work/source"
sealbag create --quiet -o "$work/short.tzst" --name sample --key "$work/keys/maria" "$work/source"
equal "the name .tzst gives a zstd file" 28b52ffd "$(head -c 4 "$work/short.tzst" | to_hex)"
seal "$work/named" --name sample --format tar.zst "$work/source"
check "so does --format tar.zst, the same one" cmp "$bundle" "$work/named"
seal - --name sample --format tar.zst "$work/source" >"$work/piped"
check "and through a pipe" cmp "$bundle" "$work/piped"

# ---- by other programs -------------------------------------------------------------------------

again=$work/again.tar.zst
# packed CODE SENTENCE: $again is judged so, from a file and from a pipe
packed() {
    expect "$1" "packed by $2: $1" verify --json "$again"
    [ "$1" -eq 4 ] || says '"rule":"bag.not-judged"' "packed by $2: the index is not judged"
    expect "$1" "packed by $2, from a pipe: $1" from_pipe "$again"
    rm -f "$again"
}
tar -C "$work/tar" --zstd -cf "$again" sample
packed 0 "tar --zstd"
(cd "$work/tar" && ZSTD_CLEVEL=7 tar -cf "$again" --format=pax -a sample)
packed 0 "tar -a, pax"
zstd -q "$work/sample.tar" -o "$again"
packed 0 zstd
for options in -1 '-19 --long=27' '-T2 -3' '-T2 --rsyncable' '--fast=5' '--no-check' '-3 --long=24' \
    '-B100000' '--no-content-size'; do
    read -ra words <<<"$options"
    zstd -q "${words[@]}" "$work/sample.tar" -o "$again"
    packed 0 "zstd $options"
    zstd -qc "${words[@]}" <"$work/sample.tar" >"$again"
    packed 0 "zstd $options in a pipe"
done
for case in 3:strange 4:unsigned; do
    zstd -qdc "$work/${case#*:}.tar.zst" | zstd -qc -T2 >"$again"
    packed "${case%:*}" "zstd in a pipe, ${case#*:}"
    zstd -qdc "$work/${case#*:}.tar.zst" | gzip -1 >"$again"
    packed "${case%:*}" "gzip, ${case#*:}"
done
gzip -dc "$work/sample.tar.gz" | zstd -qc >"$again"
packed 0 "zstd from a .tar.gz"
split -b 999999 "$work/sample.tar" "$work/piece."
for piece in "$work"/piece.*; do
    zstd -qc <"$piece"
    : | zstd -qc
    printf '\120\052\115\030\003\000\000\000abc' # a skippable frame
done >"$again"
packed 0 "zstd in several frames, empty and skippable ones between them"
if have pzstd; then
    pzstd -q -p 2 -c "$work/sample.tar" >"$again"
    packed 0 "pzstd"
fi
sealbag create --quiet -o "$work/small.tar.zst" --name sample --key "$work/keys/maria" \
    "$work/source/letters/1987"
zstd -qdc "$work/small.tar.zst" >"$work/small.tar"
zstd -q "$work/small.tar" -o "$again"
packed 0 "zstd, so small that its frame is like ours"
zstd -qc --ultra -20 --long=31 <"$work/sample.tar" >"$again"
expect 5:limit.reached "a window of 2 GiB is 5, not a verdict on the bag" verify "$again"
sed 's/meeting/Meeting/' "$work/sample.tar" | zstd -qc >"$again"
expect 1:manifest.digest-mismatch "packed by zstd with another document: 1" verify "$again"
zstd -qc "$work/sample.tar" >"$again"
truncate -s 3000000 "$again"
expect 1:zstd.truncated "packed by zstd and cut off: 1" verify "$again"
{
    zstd -qc "$work/sample.tar"
    printf 'more'
} >"$again"
expect 1 "packed by zstd, and bytes behind it: 1" verify "$again"
{
    zstd -qc "$work/sample.tar"
    printf 'more and more'
} >"$again"
expect 1:zstd.trailing "and more of them" verify "$again"
zstd -qc "$work/sample.tar" >"$again"
flip "$again" $(($(size_of "$again") - 2))
expect 1:zstd.check "packed by zstd, and its checksum changed: 1" verify "$again"
head -c 10000 "$work/source/letters/numbers" >"$work/dictionary"
zstd -qc -D "$work/dictionary" "$work/sample.tar" >"$again"
expect 1 "packed by zstd with a dictionary: 1" verify "$again"

# ---- altered -----------------------------------------------------------------------------------

bad=$work/bad.tar.zst
to=$work/to
# refused RULE SENTENCE: $bad is refused by this rule, from a file and a pipe, and nothing comes of it
refused() {
    expect "1:$1" "$2: [$1]" verify "$bad"
    expect "1:$1" "$2, from a pipe" from_pipe "$bad"
    rm -rf "$to"
    mkdir "$to"
    expect 1 "$2: extract says 1" sealbag extract --keys "$trust" -C "$to" "$bad"
    equal "$2: nothing is extracted" '' "$(names "$to")"
}
# flipped OFFSET [MASK]: a copy with these bits flipped
flipped() {
    cp "$bundle" "$bad"
    flip "$bad" "$@"
}
# piece NUMBER: the bytes of a piece, from 1; the last two are the pointer and the table
piece() {
    read -r _ at len _ < <(sed -n "$1p" "$work/pieces")
    slice "$bundle" "$at" "$len"
}
pointer=$((frames + 1))
table=$((frames + 2))
all_frames() {
    head -c $((table_at - 20)) "$bundle"
}
second=$(awk 'NR == 2 { print $2 }' "$work/pieces")

flipped $((table_at + 8))
refused zstd.seek-table "a frame's length in the table"
flipped $((table_at + 12))
refused zstd.seek-table "a frame's data in the table"
flipped $((table_at + 8 + 8 * frames))
refused zstd.seek-table "the number of frames in the table"
flipped $((table_at + 12 + 8 * frames)) 128
refused zstd.seek-table "a table that says it has checksums"
flipped $((table_at + 13 + 8 * frames))
refused zstd.seek-table "the magic of the seekable format"
flipped $((table_at + 4)) 16
expect 1 "the length of the table: 1" verify "$bad"
flipped $((table_at + 7)) 127
expect 1 "a table of 2 GiB: 1" verify "$bad"
{ all_frames && piece $pointer; } >"$bad"
refused zstd.truncated "the table cut off"
{ all_frames && piece $table; } >"$bad"
refused container.pointer "the pointer taken out"
{ all_frames && piece $table && piece $pointer; } >"$bad"
refused container.order "the pointer behind the table"
{ cat "$bundle" && piece $table; } >"$bad"
refused container.order "two tables"
{ all_frames && piece $pointer && piece $pointer && piece $table; } >"$bad"
refused container.order "two pointers"
{ cat "$bundle" && piece 1; } >"$bad"
refused container.order "a frame behind the table"
{ all_frames && piece $pointer && piece 1 && piece $table; } >"$bad"
refused container.order "a frame behind the pointer"
{ piece $pointer && all_frames && piece $table; } >"$bad"
expect_bad=$(verify "$bad" >"$work/out" 2>&1 || echo $?)
check "the pointer first: 1 or 5" test "$expect_bad" = 1 -o "$expect_bad" = 5
{ piece 1 && piece 1 && tail -c +$((second + 1)) "$bundle"; } >"$bad"
expect 1 "a frame twice: 1" verify "$bad"
{ piece 1 && piece 3 && piece $pointer && piece $table; } >"$bad"
expect 1 "a frame taken out: 1" verify "$bad"
{ piece 1 && zstd -qc </dev/null && tail -c +$((second + 1)) "$bundle"; } >"$bad"
refused zstd.mixed "an empty frame by another program in the middle"
{ piece 1 && head -c 5000 "$bundle" | zstd -qc && tail -c +$((second + 1)) "$bundle"; } >"$bad"
refused zstd.mixed "a frame by another program in the middle"
{ piece 1 && printf '\120\052\115\030\003\000\000\000abc' && tail -c +$((second + 1)) "$bundle"; } >"$bad"
expect 1 "a skippable frame in the middle: 1" verify "$bad"
{ all_frames && printf '\135\052\115\030\014\000\000\000SBIX\000\000\000\000\000\000\000\000' && piece $table; } >"$bad"
refused zstd.header "a pointer of zero"
reframe pack zst "$work/sample.tar" "$bad" frame=1048576
refused container.short-frame "short frames in the middle, and a pointer"
reframe pack zst "$work/sample.tar" "$bad"
expect 0 "packed again as sealbag does, by a script: 0" verify "$bad"
says_not bag.not-judged "and its index is judged"
reframe pack zst "$work/sample.tar" "$bad" pointer=none table=no
expect 0 "without a pointer and a table it is by another program: 0" verify --json "$bad"
says '"rule":"bag.not-judged"' "and its index is not judged"
for text in '' x zeros "$(head -c 2000 "$work/keys/maria.pub")"; do
    case $text in
        zeros) { cat "$bundle" && head -c 512 /dev/zero; } >"$bad" ;;
        *) { cat "$bundle" && printf '%s\n' "$text"; } >"$bad" ;;
    esac
    refused zstd.trailing "${#text} bytes and a line end behind it"
done
{ cat "$bundle" && gzip -c "$work/keys/maria.pub"; } >"$bad"
refused zstd.trailing "a gzip file behind it"
cat "$bundle" "$bundle" >"$bad"
refused container.order "the bundle twice"
{ cat "$work/sample.tar.gz" "$bundle"; } >"$bad"
expect 1 "a .tar.gz and a .tar.zst in one file: 1" verify "$bad"

size=$(size_of "$bundle")
for at in 1 3 4 5 8 9 100 $((second - 1)) $((second + 3)) $((second + 20)) $((table_at - 21)) \
    $((table_at - 19)) $((table_at - 1)) $((table_at + 1)) $((table_at + 7)) $((size - 1)); do
    head -c "$at" "$bundle" >"$bad"
    if [ "$at" -ge 9 ]; then
        refused zstd.truncated "cut off at $at"
    else
        run verify "$bad"
        check "cut off at $at: 1 or 5" test "$code" = 1 -o "$code" = 5
    fi
done
head -c "$second" "$bundle" >"$bad"
refused tar.truncated "cut off behind the first frame"
head -c $((table_at - 20)) "$bundle" >"$bad"
expect 0 "cut off behind the last frame it is by another program: 0" verify --json "$bad"
says '"rule":"bag.not-judged"' "and its index is not judged"

# Every byte of headers and the end, and a sample of the others.
step=$((size / 60))
places=$({
    seq 0 12
    seq $((second - 4)) $((second + 12))
    seq $((table_at - 24)) 3 $((size - 1))
    seq "$step" "$step" "$size"
} | sort -nu | awk -v size="$size" '$1 < size')
missed=0
strange=''
for at in $places; do
    flipped "$at" $((1 << (at % 8)))
    run verify "$bad"
    case $code in
        1 | 5) ;;
        *) missed=$((missed + 1)) ;;
    esac
    grep -qE '\[(zstd|container|tar)\.[a-z-]+\]' "$work/out" || strange="$strange $at"
done
equal "no flipped bit is missed in $(wc -w <<<"$places") bytes" 0 "$missed"
equal "each is a finding about the container" '' "$strange"

# ---- salvaging ---------------------------------------------------------------------------------

flipped $((second + 100000)) 255
rm -rf "$to"
mkdir "$to"
expect 1 "--salvage of a damaged one is 1" \
    sealbag extract --keys "$trust" -C "$to" --salvage "$bad"
saved=$(find "$to" -type f -path '*/data/*' | wc -l)
all=$(find "$work/source" -type f | wc -l)
check "it saves some of the $all documents, but not all ($saved)" \
    test "$saved" -gt 0 -a "$saved" -lt "$all"
right=0
while IFS= read -r file; do
    cmp -s "$file" "$work/source/${file#*/data/}" && right=$((right + 1))
done < <(find "$to" -type f -path '*/data/*')
equal "all of them are right" "$saved" "$right"
