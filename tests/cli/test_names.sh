#!/usr/bin/env bash
# Names of every kind go in and come out byte for byte, in every locale (issue 3, bar 4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
source=$work/source
mkdir "$source"

# put NAME: a document whose text is its name, so that no two are the same
put() {
    mkdir -p -- "$(dirname -- "$source/$1")"
    printf '%s' "$1" >"$source/$1"
}
repeat() {
    printf "%.0s$2" $(seq "$1")
}
put plain.txt
put "$(repeat 255 n)"
put "$(repeat 127 $'\303\251')x"
put "$(repeat 63 $'\360\237\230\200')"
put $'emoji \360\237\221\251\342\200\215\360\237\232\200.txt'
put $'flag \360\237\217\264\363\240\201\247\363\240\201\277.txt'
put $'nfc/caf\303\251'
put $'nfd/cafe\314\201'
put ' leading space'
put 'trailing space '
put '  both  '
put ' folder with spaces / file '
put $'new\nline'
put $'carriage\rreturn'
put $'both\r\nof them'
put '%0A written out'
put '%250A written out twice'
put '100%'
put '%'
put '%%25%0a%0D'
put '-leading'
put '--help'
put '-'
put '.hidden'
put '.folder/.file'
put '...'
put $'tab\tand\001\033[31mcontrol\177'
put $'bidi\342\200\256txt.exe'
put $'zero\342\200\213width'
put $'bom\357\273\277name'
put '*?[a]{b}~$HOME`id`;&|<>"'\'
put 'C:colon and NUL.'
put 'data/data/data'
put 'seal/seal.txt'
put 'manifest-sha256.txt'
put 'bagit.txt'
put '@LongLink'
put './PaxHeaders/x'
put "$(printf 'd/%.0s' $(seq 200))deep"
# A path of 3,000 bytes, in folders of 249.
put "$(printf "$(repeat 249 p)/%.0s" $(seq 11))$(repeat 250 p)"
# Around the 100 and 155 bytes that old tar headers hold.
for length in 84 85 86 87 88 99 100 101 154 155 156; do
    put "length/$(repeat "$length" l)"
    put "$(repeat "$length" m)/$(repeat "$length" n)"
done
: >"$source/zero bytes"
: >"$source/zero bytes, too"
ln "$source/plain.txt" "$source/a hard link"
put 'time/before'
put 'time/after'
touch -d @-1 "$source/time/before"
put 'time/far'
if ! touch -d "@$((1 << 40))" "$source/time/far" 2>"$work/err"; then
    skip_part "an mtime of 2^40 (this file system has none)"
fi
stat -c %Y "$source/time/far" "$source/time/before" | tr '\n' ' ' >"$work/times"

longest=$(find "$source" -type f -printf '%P\n' |
    awk '{ if (length > n) n = length } END { print n }')
check "the longest path has 3,000 bytes" test "$longest" -ge 2990 -a "$longest" -le 3010
count=$(find "$source" -type f -printf x | wc -c)

# ---- in every locale ---------------------------------------------------------------------------

first=$work/sample.tar.gz
for locale in C C.UTF-8 POSIX; do
    out=$work/$locale/sample.tar.gz
    mkdir "$work/$locale"
    export LC_ALL=$locale
    expect 0 "names are sealed with LC_ALL=$locale" seal "$out" "$source"
    expect 0 "they verify with LC_ALL=$locale" verify "$out"
    says "$count documents" "all of them are there with LC_ALL=$locale"
    expect 0 "they are extracted with LC_ALL=$locale" \
        sealbag extract --keys "$trust" -C "$work/$locale" "$out"
    check "each name and byte is the same with LC_ALL=$locale" \
        same_tree "$source" "$work/$locale/sample/data"
    [ -e "$first" ] || cp "$out" "$first"
    check "the bundle's bytes are the same with LC_ALL=$locale" cmp "$first" "$out"
done
export LC_ALL=C
equal "the source's times are what they were" "$(cat "$work/times")" \
    "$(stat -c %Y "$source/time/far" "$source/time/before" | tr '\n' ' ')"

unpack "$first" "$work/tar"
check "GNU tar gives the same names and bytes" same_tree "$source" "$work/tar/sample/data"
pack "$work/tar/sample" "$work/packed.tar.gz"
expect 0 "packed again by GNU tar they verify" verify "$work/packed.tar.gz"
tar -C "$work/tar" --format=pax -czf "$work/packed.tar.gz" sample
expect 0 "packed again with --format=pax they verify" verify "$work/packed.tar.gz"
if have bsdtar; then
    mkdir "$work/bsdtar"
    LC_ALL=C.UTF-8 bsdtar -C "$work/bsdtar" -xf "$first"
    # It writes NFD as NFC, whatever is in the tar.
    check "bsdtar gives the same names and bytes" \
        diff -r --exclude=nfd "$source" "$work/bsdtar/sample/data"
fi
manifest=$work/tar/sample/manifest-sha256.txt
for line in 'data/new%0Aline' 'data/carriage%0Dreturn' 'data/%250A written out' 'data/100%25' \
    'data/both%0D%0Aof them' 'data/%25250A written out twice'; do
    check "the manifest has $line" grep -qaxE "[0-9a-f]{64}  $line" "$manifest"
done
equal "the manifest has one line for each document" "$count" "$(grep -c '' "$manifest")"
equal "a hard link is stored as a file" "$(stat -c %s "$source/plain.txt")" \
    "$(tar -xzOf "$first" 'sample/data/a hard link' | wc -c)"

# NFC and NFD are two ways to write one name; each alone comes out as it went in.
for form in nfc nfd; do
    seal "$work/$form.tar.gz" "$source/$form"
    expect 0 "the $form name verifies" verify "$work/$form.tar.gz"
    mkdir "$work/$form"
    expect 0 "it is extracted" \
        sealbag extract --keys "$trust" -C "$work/$form" "$work/$form.tar.gz"
    equal "the $form name keeps its bytes" "$(names "$source/$form" | to_hex)" \
        "$(names "$work/$form/$form/data" | to_hex)"
done

# One document of each name, picked by its name.
pick() {
    local n=$((++picked))
    mkdir "$work/pick$n"
    expect 0 "extract picks $(printf %q "$1")" \
        sealbag extract --keys "$trust" -C "$work/pick$n" "$first" -- "$1"
    check "and gets that one" cmp -- "$source/$1" "$work/pick$n/sample/data/$1"
}
picked=0
for name in $'new\nline' '%0A written out' '-leading' ' leading space' $'bidi\342\200\256txt.exe' \
    '--help'; do
    pick "$name"
done

# ---- names that cannot be sealed ---------------------------------------------------------------

# refused NAME SHOWN REASON
mkdir "$work/out-folder"
refused() {
    rm -rf "$work/bad" "$work/out-folder"/*
    mkdir -p "$work/bad"
    printf 'good\n' >"$work/bad/good"
    printf 'x\n' >"$work/bad/$1"
    expect 5:source.refused "a name with $3 is refused" \
        seal "$work/out-folder/bad.tar.gz" "$work/bad"
    says "$2" "and shown escaped ($3)"
    refute "and not as raw bytes ($3)" grep -qaP '[^\x0a\x20-\x7e]' "$work/err"
    equal "nothing is left ($3)" '' "$(names "$work/out-folder")"
    expect 0 "--skip-special leaves a name with $3 out" \
        seal "$work/out-folder/bad.tar.gz" --skip-special "$work/bad"
    expect 0 "the bag without it verifies ($3)" verify "$work/out-folder/bad.tar.gz"
    tar -xzOf "$work/out-folder/bad.tar.gz" bad/bag-info.txt >"$work/info"
    check "it is recorded as Omitted-File ($3)" grep -qaF "Omitted-File: data/$2" "$work/info"
    refute "the record is plain text ($3)" grep -qaP '[^\x0a\x20-\x7e]' "$work/info"
    check "the good one is there ($3)" \
        cmp "$work/bad/good" <(tar -xzOf "$work/out-folder/bad.tar.gz" bad/data/good)
}
refused $'lat\351n' 'lat\xe9n' "bytes that are not UTF-8"
refused $'over\300\257long' 'over\xc0\xaflong' "overlong UTF-8"
refused $'sur\355\240\200rogate' 'sur\xed\xa0\x80rogate' "a surrogate"
refused 'back\slash' 'back\\slash' "a backslash"
refused $'tag\363\240\201\201character' 'tag\u{e0041}character' "tag characters"
mkdir "$work/bad/"$'fold\377er'
printf x >"$work/bad/"$'fold\377er/file'
expect 5 "a folder with such a name is refused" seal "$work/x.tar.gz" "$work/bad"
says 'fold\xffer' "and named"
expect 5 "the same when it is the source itself among several" \
    seal "$work/x.tar.gz" "$work/bad/"$'fold\377er' "$source/nfc"
says 'fold\xffer' "and named, too"

# ---- the bag's own name ------------------------------------------------------------------------

named() {
    expect 0 "a bag named $(printf %q "$1") is sealed" \
        seal "$work/named-$((++bags)).tar.gz" --name "$1" "$source/nfc"
    expect 0 "and verifies" verify "$work/named-$bags.tar.gz"
}
bags=0
named $'caf\303\251'
named $'\360\237\230\200 with a space'
named '100%'
named "$(repeat 255 n)"
for name in '' . .. .hidden a/b ../a /a '-a' ' a' 'a ' \
    $'a\nb' $'a\tb' $'a\342\200\256b' 'a\b' $'a\377' \
    "$(repeat 256 n)"; do
    expect 2 "a bag cannot be named $(printf %q "${name:0:40}")" \
        seal "$work/refused.tar.gz" --name "$name" "$source/nfc"
    refute "nothing is left" test -e "$work/refused.tar.gz"
done

# ---- names that not every system can have --------------------------------------------------------

mkdir "$work/foreign" "$work/foreign/Letters" "$work/foreign/letters"
printf 1 >"$work/foreign/Letters/a.txt"
printf 2 >"$work/foreign/letters/b.txt"
printf 3 >"$work/foreign/at 12:30.txt"
printf 4 >"$work/foreign/at 12:45.txt"
expect 0 "names that Windows cannot have are sealed" \
    sealbag create -o "$work/AUX.tar.gz" --key "$work/keys/maria" "$work/foreign"
says 'warning: data/at 12:30.txt: Windows cannot create this file: its name holds one of < > : " | ? *. So it is with 1 more. [path.not-portable]' \
    "with a warning"
says 'warning: data/letters: This path and "data/Letters" differ only in upper and lower case' "so are twins"
says '[path.twin]' "by their rule"
says "warning: AUX: Windows cannot create the bag's folder: its name has a part that is the name of a device on Windows. Choose another with --name. [path.not-portable]" \
    "and the bag's own name"
equal "in three lines" 3 "$(grep -c 'warning: ' "$work/err")"
expect 0 "verify says the same of each" verify "$work/AUX.tar.gz"
equal "(four times)" 4 "$(grep -cE '\[path\.(not-portable|twin)\]' "$work/out")"
expect 0 "a plain folder" sealbag create -o "$work/con/" --key "$work/keys/maria" "$work/foreign"
says "of a device on Windows. Name the folder otherwise." "is called as its bag"
rm -r "$work/foreign/letters" "$work/foreign/at 12:30.txt" "$work/foreign/at 12:45.txt"
expect 0 "other names are sealed" \
    sealbag create -o "$work/fine.tar.gz" --key "$work/keys/maria" "$work/foreign"
says_not 'warning: ' "without one"
