#!/usr/bin/env bash
# create -o NAME.zip: a bag in a zip file, for every program that reads such files (issue "Any bag from
# anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
source=$work/source
make_sample "$source"
seq 1 500000 >"$source/numbers.txt"               # several blocks that deflate
head -c 2500000 /dev/urandom >"$source/noise.bin"   # and that do not
{ seq 1 300000 && cat "$source/noise.bin"; } >"$source/half.bin"
printf 'emoji' >"$source/"$'\360\237\221\251\342\200\215\360\237\232\200 \342\230\202.txt'
printf 'composed' >"$source/"$'caf\303\251.txt'
printf 'decomposed' >"$source/"$'th\303\251\303\242tre cafe\314\201.txt'
printf 'long' >"$source/$(printf '%.0sn' {1..255})"
mkdir -p "$source/$(printf '%.0sd' {1..200})/$(printf '%.0se' {1..200})"
printf 'deep' >"$source/$(printf '%.0sd' {1..200})/$(printf '%.0se' {1..200})/%41 100%.txt"
zip=$work/sample.zip

# ---- the bytes ---------------------------------------------------------------------------------

expect 0 "a zip file is written" seal "$zip" "$source"
expect 0 "it verifies" verify "$zip"
says "14 documents" "with all its documents"
mkdir "$work/again" "$work/to"
for jobs in 1 4; do
    rm -f "$work/again/sample.zip"
    seal "$work/again/sample.zip" -j "$jobs" "$source"
    check "with $jobs threads it has the same bytes" cmp "$zip" "$work/again/sample.zip"
done
rm -f "$work/again/sample.zip"
TZ=Asia/Kathmandu seal "$work/again/sample.zip" --format zip "$source/"
check "and in another time zone" cmp "$zip" "$work/again/sample.zip"
seal "$work/again/best.zip" --level 9 --name sample "$source"
check "a high level makes it smaller" \
    test "$(size_of "$work/again/best.zip")" -lt "$(size_of "$zip")"
expect 0 "and it verifies" verify "$work/again/best.zip"
seal "$work/sample.tar.gz" "$source"
check "it is about as large as a .tar.gz" \
    test "$(size_of "$zip")" -lt "$(($(size_of "$work/sample.tar.gz") + 20000))"
expect 0 "it is extracted" \
    sealbag extract --quiet --keys "$trust" -C "$work/to" "$zip"
check "as it was" same_tree "$source" "$work/to/sample/data"
expect 0 "one document of it is extracted" \
    sealbag extract --quiet --keys "$trust" -C "$work/again" "$zip" letters/first.txt
check "and is right" cmp "$source/letters/first.txt" "$work/again/sample/data/letters/first.txt"
unpack "$work/sample.tar.gz" "$work/tar"
rm "$work/tar/sample/seal/index.tsv"
check "the bag is that of the .tar.gz, without the index" same_tree "$work/tar/sample" "$work/to/sample"

# ---- other programs ----------------------------------------------------------------------------

# by WHO COMMAND...: unpacks into the folder that is the last argument
by() {
    local who=$1 to=${*: -1}
    shift
    mkdir "$to"
    expect 0 "$who unpacks it" "$@"
    check "to what it is: $who" same_tree "$work/to/sample" "$to/sample"
}
utf8=$(locale -a 2>"$work/err" | grep -ix 'c\.utf-\?8' | head -n 1 || true)
if have unzip; then
    expect 0 "unzip tests it" unzip -tq "$zip"
    by unzip env LC_ALL="$utf8" unzip -q "$zip" -d "$work/by-unzip"
fi
if have bsdtar; then
    # It composes names in zip files; what is decomposed is under its composed name there.
    mkdir "$work/by-bsdtar"
    expect 0 "bsdtar unpacks it" env LC_ALL="$utf8" bsdtar -xf "$zip" -C "$work/by-bsdtar"
    mv "$work/by-bsdtar/sample/data/"$'th\303\251\303\242tre caf\303\251.txt' \
        "$work/by-bsdtar/sample/data/"$'th\303\251\303\242tre cafe\314\201.txt'
    check "to what it is: bsdtar" same_tree "$work/to/sample" "$work/by-bsdtar/sample"
fi
seven=$(command -v 7z || command -v 7zz || true)
if [ -n "$seven" ]; then
    expect 0 "7-Zip tests it" "$seven" t -bd "$zip"
    says_not "Warning" "without a warning"
    mkdir "$work/by-7z"
    (cd "$work/by-7z" && LC_ALL=$utf8 "$seven" x -bd "$zip" >"$work/check-out")
    check "and unpacks what it is" same_tree "$work/to/sample" "$work/by-7z/sample"
fi
if ! python3 -c 'import zipfile' 2>"$work/err"; then
    skip_part "there is no zipfile of Python here"
    exit
fi
by Python env LC_ALL="$utf8" python3 -c '
import sys, zipfile
zip = zipfile.ZipFile(sys.argv[1])
sys.exit(zip.testzip() or zip.extractall(sys.argv[2]))' "$zip" "$work/by-python"

# plain ZIP: "plain", or the name and all that is not plain
plain() {
    python3 - "$1" <<'EOF'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as zip:
    bad, methods = [], set()
    end = zip.start_dir
    for one in reversed(zip.infolist()):
        local = open(sys.argv[1], "rb")
        local.seek(one.header_offset)
        head = local.read(30)
        name = one.filename.encode()
        said = (one.flag_bits, one.compress_type, one.CRC, one.compress_size, one.file_size, len(name))
        fields = [int.from_bytes(head[a:b], "little")
                  for a, b in ((6, 8), (8, 10), (14, 18), (18, 22), (22, 26), (26, 28))]
        methods.add(one.compress_type)
        if not (list(said) == fields and local.read(len(name)) == name and not int.from_bytes(head[28:30], "little")
                and one.flag_bits == (0 if one.filename.isascii() else 1 << 11)
                and one.create_system == 3 and one.create_version == one.extract_version == head[4] == 20
                and one.external_attr == 0o100644 << 16 and one.internal_attr == 0
                and not one.extra and not one.comment
                and one.date_time == (2024, 5, 6, 7, 8, 8)
                and one.header_offset + 30 + len(name) + one.compress_size == end
                and not one.is_dir()):
            bad.append(one.filename)
        end = one.header_offset
    if end != 0 or zip.comment or methods != {0, 8}:
        bad.append("the file")
    print("plain" if not bad else bad)
EOF
}
equal "and all in it is plain" plain "$(plain "$zip")"
equal "the order is that of a tar" "$(tar tf "$work/sample.tar.gz" --quoting-style=literal | grep -av index.tsv | sha256sum)" \
    "$(python3 -c '
import sys, zipfile
for one in zipfile.ZipFile(sys.argv[1]).namelist(): sys.stdout.buffer.write(one.encode() + b"\n")' "$zip" | sha256sum)"

# time TIME SENTENCE WANTED: as the zip file says it
time_is() {
    rm -f "$work/again/t.zip"
    sealbag create --quiet -o "$work/again/t.zip" --time "$1" "$source/minutes.txt" 2>"$work/err"
    equal "$2" "$3" "$(python3 -c '
import sys, zipfile
print(*zipfile.ZipFile(sys.argv[1]).infolist()[0].date_time)' "$work/again/t.zip")"
}
time_is 1975-01-02T03:04:05Z "before 1980 the time is the first there is" "1980 1 1 0 0 0"
time_is 2200-01-02T03:04:05Z "after 2107 it is the last" "2107 12 31 23 59 58"

# ---- added to ------------------------------------------------------------------------------------

make_key ben
trust_key ben
# grown SENTENCE OLD NEW: the entries of the old one are the first of the new one, byte for byte, and its
# central directory is the beginning of that
grown() {
    expect 0 "$1" python3 - "$2" "$3" <<'EOF'
import sys, zipfile
old, new = (open(name, "rb").read() for name in sys.argv[1:])
at, other = (zipfile.ZipFile(name).start_dir for name in sys.argv[1:])
lists = [zipfile.ZipFile(name).infolist() for name in sys.argv[1:]]
central = old[at:old.rindex(b"PK\5\6")]
assert old[:at] == new[:at] and new[other:].startswith(central)
assert [str(one) for one in lists[0]] == [str(one) for one in lists[1][:-len(lists[1]) + len(lists[0])]]
EOF
}
expect 0 "a signature is added" sealbag sign --yes --keys "$trust" --key "$work/keys/ben" \
    --time "$sealing_time" -o "$work/signed.zip" "$zip"
expect 2:usage "a name that says another kind is refused" sealbag sign --yes --keys "$trust" --key "$work/keys/ben" \
    -o "$work/signed.tar.gz" "$zip"
says "the ending .zip" "and what it is to be called"
check "and nothing is there" test ! -e "$work/signed.tar.gz"
expect 0 "an ending in capital letters" sealbag create --quiet -o "$work/CAPITALS.ZIP" --key "$work/keys/ben" "$source"
check "is one, too" unzip -tqq "$work/CAPITALS.ZIP"
expect 0 "both verify" sealbag verify --keys "$trust" --require 2 --count-countersignatures \
    "$work/signed.zip"
grown "the rest is as it was" "$zip" "$work/signed.zip"
equal "and plain" plain "$(plain "$work/signed.zip")"
cp "$work/signed.zip" "$work/custody.zip"
expect 5:io.exists "none is added twice" \
    sealbag sign --yes --keys "$trust" --key "$work/keys/ben" "$work/custody.zip"
expect 0 "an event is added, in place" sealbag custody add --yes --keys "$trust" \
    --key "$work/keys/ben" --event receipt "$work/custody.zip"
expect 0 "it verifies" verify "$work/custody.zip"
says "1 event" "with the event"
grown "the rest is as it was then" "$work/signed.zip" "$work/custody.zip"
! have unzip || expect 0 "unzip tests it" unzip -tq "$work/custody.zip"
(cd "$work/to" && python3 -c '
import sys, zipfile, os
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as zip:
    zip.comment = b"made by hand"
    for folder, _, names in os.walk("sample"):
        zip.write(folder)
        for name in names: zip.write(folder + "/" + name)' "$work/foreign.zip")
expect 0 "a signature is added to what Python has packed" \
    sealbag sign --yes --keys "$trust" --key "$work/keys/ben" "$work/foreign.zip"
expect 0 "it verifies" sealbag verify --keys "$trust" --require 2 --count-countersignatures \
    "$work/foreign.zip"

# ---- what there may be much of ------------------------------------------------------------------

if [ -z "${SEALBAG_TEST_SAMPLES-}" ]; then
    python3 - "$work/many" <<'EOF'
import os, sys
for i in range(66000):
    if i % 1000 == 0:
        os.makedirs("%s/%d" % (sys.argv[1], i))
    with open("%s/%d/%d" % (sys.argv[1], i - i % 1000, i), "w") as file:
        file.write(str(i) if i % 1000 == 0 else "")
EOF
    expect 0 "66,000 documents" seal "$work/many.zip" "$work/many"
    expect 0 "verify" verify "$work/many.zip"
    says "66000 documents" "with all of them"
    equal "and Python counts them" 66008 "$(python3 -c '
import sys, zipfile
print(len(zipfile.ZipFile(sys.argv[1]).namelist()))' "$work/many.zip")"
    ! have unzip || expect 0 "and unzip tests them" unzip -tqq "$work/many.zip"
fi

# ---- refused, and without a key ------------------------------------------------------------------

expect 2:usage "a pipe" seal - --format zip "$source"
says "pipe" "it says why"
expect 2:usage "a name that says another format" seal "$work/again/x.tar.gz" --format zip "$source"
expect 2:usage "and the other way round" seal "$work/again/x.zip" --format tar.gz "$source"
expect 2:usage "a level that deflate does not have" seal "$work/again/x.zip" --level 10 "$source"
refute "nothing was left" test -e "$work/again/x.zip"
sealbag create --quiet -o "$work/again/unsigned.zip" "$source" 2>"$work/err"
expect 4:seal.none "without a key it is unsigned" verify "$work/again/unsigned.zip"

cat >"$work/zip.json" <<'EOF'
{"BagIt-Profile-Info": {"BagIt-Profile-Identifier": "https://example.org/zip.json",
 "BagIt-Profile-Version": "1.4.0", "Source-Organization": "Example Archive",
 "External-Description": "For tests", "Version": "1"}, "Accept-BagIt-Version": ["1.0"],
 "Serialization": "required", "Accept-Serialization": ["application/zip"]}
EOF
expect 0 "a profile that wants a zip file gets one" \
    seal "$work/again/profile.zip" --profile "$work/zip.json" "$source"
expect 0 "which keeps to it" verify --profile "$work/zip.json" "$work/again/profile.zip"
expect 2:profile.refused "and no .tar.gz" seal "$work/again/profile.tar.gz" --profile "$work/zip.json" "$source"
