#!/usr/bin/env bash
# create --record-mtimes writes file times into the signed records, and extract restores them from
# there and from nowhere else (issue 7).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key stranger
trust_key maria
source=$work/source
make_sample "$source"
touch -d '2009-02-13T23:31:30.123456789Z' "$source/minutes.txt"
touch -d '1970-01-01T00:00:00Z' "$source/letters/first.txt"
touch -d '2001-09-09T01:46:40.5Z' "$source/photos/empty"
touch -d '1969-07-20T20:17:40Z' "$source/.notes"

stored() {
    tar -xzOf "$1" sample/metadata/metadata.csv | tr -d '\r'
}
to=$work/to
fresh() {
    rm -rf "$to"
    mkdir "$to"
}
extract() {
    sealbag extract --keys "$trust" -C "$to" "$@"
}
# is_time PATH TIME: to the second, for file systems with coarse clocks to microseconds
is_time() {
    [ "$(stat -c %y "$to/sample/data/$1" | cut -c 1-26)" = "$2" ]
}

# ---- recorded ----------------------------------------------------------------------------------

expect 0:metadata.left-out "file times are recorded, and it is said which cannot be" \
    seal "$work/sample.tar.gz" --name sample --record-mtimes "$source"
says '.notes: Its time is not recorded: it lies before the year 1970' "that is one before 1970"
expect 0 "the bundle verifies" verify "$work/sample.tar.gz"
stored "$work/sample.tar.gz" >"$work/rows"
check "as a column, to the nanosecond" \
    grep -qx 'data/minutes.txt,2009-02-13T23:31:30.123456789Z' "$work/rows"
check "without digits that say nothing" grep -qx 'data/photos/empty,2001-09-09T01:46:40.5Z' "$work/rows"
check "also the first of all times" grep -qx 'data/letters/first.txt,1970-01-01T00:00:00Z' "$work/rows"
refute "one before 1970 has no row" grep -q '\.notes' "$work/rows"
equal "in the tar all times are the sealing time" "$sealing_time" \
    "$(tar --full-time --utc -tvzf "$work/sample.tar.gz" | awk '{print $4 "T" $5 "Z"}' | sort -u)"
touch -d '2011-11-11T11:11:11Z' "$source/letters/1987/reply to first.txt"
seal "$work/plain.tar.gz" --name sample "$source"
touch -d '2012-12-12T12:12:12Z' "$source/letters/1987/reply to first.txt"
seal "$work/later.tar.gz" --name sample "$source"
check "without the option, times change nothing" cmp "$work/plain.tar.gz" "$work/later.tar.gz"

# ---- restored ----------------------------------------------------------------------------------

fresh
expect 0 "extract restores them" extract "$work/sample.tar.gz"
says 'file times, as stated by the signer' "and says so"
check "to the microsecond at least" is_time minutes.txt '2009-02-13 23:31:30.123456'
check "also the first of all times" is_time letters/first.txt '1970-01-01 00:00:00.000000'
check "one that is not recorded is that of the extraction" \
    test "$to/sample/data/.notes" -nt "$to/sample/data/minutes.txt"
check "nor are tag files and folders touched" \
    test "$to/sample/manifest-sha256.txt" -nt "$to/sample/data/minutes.txt"
check "the documents are right" same_tree "$source" "$to/sample/data"
fresh
expect 0 "single documents, by the index, too" extract "$work/sample.tar.gz" photos/empty
says 'Restored 1 file time, as stated by the signer' "only theirs"
check "as they were" is_time photos/empty '2001-09-09 01:46:40.500000'
fresh
expect 0 "from a pipe, too" extract - < <(cat "$work/sample.tar.gz")
check "as they were" is_time minutes.txt '2009-02-13 23:31:30.123456'
fresh
expect 0 "without the sandbox, too" extract --no-sandbox "$work/sample.tar.gz"
check "as they were" is_time minutes.txt '2009-02-13 23:31:30.123456'
fresh
expect 0 "--no-restore-mtimes leaves them" extract --no-restore-mtimes "$work/sample.tar.gz"
says_not 'file time' "and says nothing of it"
check "they are those of the extraction" test "$to/sample/data/minutes.txt" -nt "$work/sample.tar.gz"
fresh
expect 0 "--json counts them" extract --json "$work/sample.tar.gz"
says '"mtimes":5,"mtimes_left":0' "restored, and not restored"
fresh
expect 0 "a bundle without records has no times" extract "$work/plain.tar.gz"
says_not 'file time' "and none is spoken of"

# ---- whose word --------------------------------------------------------------------------------

sealbag create --quiet -o "$work/unknown.tar.gz" --name sample --key "$work/keys/stranger" \
    --record-mtimes "$source" 2>"$work/err"
fresh
expect 3 "by an unknown signer, with --accept-untrusted" \
    extract --accept-untrusted "$work/unknown.tar.gz"
says 'as stated by the signer' "they are restored"
check "as he states" is_time minutes.txt '2009-02-13 23:31:30.123456'
sealbag create --quiet -o "$work/unsigned.tar.gz" --name sample --record-mtimes "$source" 2>"$work/err"
fresh
expect 4:extract.mtimes "from an unsigned bag, with --accept-unsigned" \
    extract --accept-unsigned "$work/unsigned.tar.gz"
says 'not restored: stated by nobody, since the bag is unsigned' "they are not restored"
check "and are those of the extraction" test "$to/sample/data/minutes.txt" -nt "$work/unsigned.tar.gz"

# The tar's own times mean nothing, and records that were changed are no records.
unpack "$work/sample.tar.gz" "$work/base"
sed -i 's/2009-02-13/2008-02-13/' "$work/base/sample/metadata/metadata.csv"
pack "$work/base/sample" "$work/forged.tar.gz"
fresh
expect 1 "from a bag with a forged time nothing is extracted" extract "$work/forged.tar.gz"
equal "nothing" '' "$(names "$to")"
run extract --salvage "$work/forged.tar.gz"
says_not 'Restored' "and a salvage restores no time"

# ---- in tables ---------------------------------------------------------------------------------

printf 'filename,sealbag.mtime\ndata/minutes.txt,2015-05-05T05:05:05.25Z\n' >"$work/own.csv"
expect 0 "a time that is in the table stays" \
    seal "$work/own.tar.gz" --name sample --metadata "$work/own.csv" --record-mtimes "$source"
stored "$work/own.tar.gz" >"$work/rows"
check "as it is" grep -qx 'data/minutes.txt,2015-05-05T05:05:05.25Z' "$work/rows"
check "and the others are recorded" grep -qx 'data/photos/empty,2001-09-09T01:46:40.5Z' "$work/rows"
for time in 2015-05-05 2015-05-05T05:05:05 2015-05-05T05:05:05+00:00 2015-05-05T05:05:05.250Z \
    1969-12-31T23:59:59Z 10000-01-01T00:00:00Z 9999-99-99T99:99:99Z -1 nonsense; do
    printf 'filename,sealbag.mtime\ndata/minutes.txt,%s\n' "$time" >"$work/bad.csv"
    run seal "$work/bad.tar.gz" --name sample --metadata "$work/bad.csv" "$source"
    says "line 2 has \"$time\" in sealbag.mtime" "$time is refused"
    expect_rule metadata.refused "by name"
done
printf 'filename,sealbag.mtime,sealbag.mtime\ndata/minutes.txt,,\n' >"$work/bad.csv"
run seal "$work/bad.tar.gz" --name sample --metadata "$work/bad.csv" "$source"
says 'two columns sealbag.mtime' "two columns of times are refused"
printf 'filename,sealbag.mtime\ndata/minutes.txt,9999-12-31T23:59:59.999999999Z\n' >"$work/late.csv"
expect 0 "the last of all times can be stated" \
    seal "$work/late.tar.gz" --name sample --metadata "$work/late.csv" "$source"
fresh
expect 0 "and extracted" extract "$work/late.tar.gz"
if is_time minutes.txt '9999-12-31 23:59:59.999999'; then
    pass "this disk can hold it"
else
    expect_rule extract.mtimes "that this disk cannot hold it is said"
fi

# ---- hostile ones, signed by a trusted key -----------------------------------------------------

if have python3; then
    cat >"$work/hostile.py" <<'PYTHON'
import sys

bundle, key, hostile, header, *cells = sys.argv[1:]
sys.path.insert(0, hostile)
import bags, containers, ed25519, kit, tars

make = bags.Maker(kit.read_bundle(bundle), ed25519.Key(key))
rows, table = {}, "filename,%s\r\n" % header
for (path, _), values in zip(make.documents, cells):
    table += "%s,%s\r\n" % (path.decode(), values)
    pairs = zip(header.split(","), values.split(","))
    rows[path] = "".join("%s=%s\n" % pair for pair in pairs).encode()
root = bags.root(make.documents, bytes.fromhex(make.salt[:64].decode()), rows)
files = make.sealed(more=[(b"metadata/metadata.csv", table.encode())], root=root)
sys.stdout.buffer.write(containers.gz(*tars.Tar(b"sample", files, bytes(1024)).indexed()))
PYTHON
    hostile() {
        PYTHONDONTWRITEBYTECODE=1 python3 "$work/hostile.py" "$work/plain.tar.gz" "$work/keys/maria" \
            "$source_dir/tests/hostile" "$@" >"$work/hostile.tar.gz"
    }
    hostile sealbag.mtime 10000-01-01T00:00:00Z 1969-12-31T23:59:59Z -1e99 2009-02-13T23:31:30Z \
        2009-02-13T23:31:30.0Z '=cmd()'
    fresh
    expect 0:extract.mtimes "malformed times in sealed records are not restored" \
        extract "$work/hostile.tar.gz"
    says '5 file times are not restored: malformed' "it says how many"
    says 'Restored 1 file time, as stated by the signer' "and restores the others"
    check "nothing else is different" same_tree "$source" "$to/sample/data"
    fresh
    expect 0 "--json counts both" extract --json "$work/hostile.tar.gz"
    says '"mtimes":1,"mtimes_left":5' "restored, and not restored"
    hostile sealbag.mtime,sealbag.mtime 2009-02-13T23:31:30Z,2010-02-13T23:31:30Z
    fresh
    expect 0:extract.mtimes "nor is a time that is stated twice" extract "$work/hostile.tar.gz"
    says '1 file time is not restored' "it is counted"
else
    skip_part "hostile times: there is no python3 here to seal them"
fi
