#!/usr/bin/env bash
# Bags in zip files: by stock programs, and made to show two programs two different things (issue "Any bag
# from anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    echo "skipped - there is no python3 here"
    exit 77
fi
make_key maria
trust_key maria
make_sample "$work/source"
seal "$work/sample.tar.gz" --name sample "$work/source"
unpack "$work/sample.tar.gz" "$work/bags"
bag=$work/bags/sample
rm -f "$bag/seal/index.tsv"
bad=$work/bad.zip
rezip() {
    python3 "$(dirname "${BASH_SOURCE[0]}")/rezip.py" "$@"
}

# ---- by other programs -------------------------------------------------------------------------

# taken WHAT FILE: it verifies, and what comes out is what went in
taken() {
    rm -rf "$work/to"
    mkdir "$work/to"
    expect 0 "a bag in a zip file by $1 verifies" verify "$2"
    says "6 documents" "with all its documents: $1"
    expect 0 "and is extracted: $1" sealbag extract --quiet --keys "$trust" -C "$work/to" "$2"
    check "as it was: $1" same_tree "$bag" "$work/to/sample"
    expect 0 "and listed: $1" sealbag list --keys "$trust" "$2"
    rm -rf "$work/to"
    mkdir "$work/to"
    expect 0 "one document of it is extracted: $1" \
        sealbag extract --quiet --keys "$trust" -C "$work/to" "$2" minutes.txt
    check "and is right: $1" cmp "$bag/data/minutes.txt" "$work/to/sample/data/minutes.txt"
}
rezip "$bag" "$work/right.zip"
taken "this test" "$work/right.zip"
cd "$work/bags"
if have zip; then
    zip -qr "$work/info.zip" sample
    taken "Info-ZIP" "$work/info.zip"
    zip -qr0 - sample >"$work/streamed.zip"
    taken "Info-ZIP, streamed and stored" "$work/streamed.zip"
fi
if have bsdtar; then
    bsdtar -cf "$work/bsd.zip" --format zip sample
    taken "bsdtar" "$work/bsd.zip"
fi
if have 7z; then
    7z a -bd "$work/seven.zip" sample >"$work/check-out"
    taken "7-Zip" "$work/seven.zip"
fi
if python3 -c 'import shutil' 2>"$work/err" && python3 -c 'import zipfile' 2>"$work/err"; then
    python3 -c 'import shutil; shutil.make_archive("../python", "zip", ".", "sample")'
    taken "Python" "$work/python.zip"
fi
cd "$work"

# ---- where it comes from -----------------------------------------------------------------------

piped() {
    sealbag verify --keys "$trust" - < <(cat "$work/right.zip")
}
expect 5:container.unsupported "a zip file through a pipe cannot be read" piped
says "Store it" "and it says what to do"
in_a_file() {
    sealbag verify --keys "$trust" - <"$work/right.zip"
}
expect 0 "a zip file as standard input can" in_a_file
printf 'PK\005\006%018d' 0 | tr 0 '\000' >"$bad"
expect 5:container.unsupported "an empty zip file is no bundle" verify "$bad"
printf x | dd of="$work/right.zip" bs=1 seek=60 conv=notrunc 2>/dev/null
expect 1 "a byte of it is changed" verify "$work/right.zip"
rm -rf "$work/to"
mkdir "$work/to"
expect 1 "then it is not extracted" \
    sealbag extract --keys "$trust" -C "$work/to" "$work/right.zip"
equal "and nothing is left" '' "$(ls -A "$work/to")"

# ---- wrong in one way each ---------------------------------------------------------------------

while read -r name wanted; do
    sampled 3 || continue
    rezip "$bag" "$bad" "$name"
    rm -rf "$work/to"
    mkdir "$work/to"
    expect "$wanted" "a zip file: ${name//-/ }" verify "$bad"
    code=0
    sealbag extract --quiet --accept-untrusted --accept-unsigned --keys "$trust" -C "$work/to" \
        "$bad" >"$work/out" 2>"$work/err" || code=$?
    equal "extract says the same: ${name//-/ }" "${wanted%%:*}" "$code"
    [ "${wanted%%:*}" = 0 ] ||
        equal "and leaves nothing: ${name//-/ }" '' "$(ls -A "$work/to")"
done < <(rezip --cases)

# ---- how large it may be -----------------------------------------------------------------------

# More entries than are free of a ratio: they are held against the whole file.
if python3 -c 'import zipfile' 2>"$work/err"; then
    python3 - "$work/many.zip" <<'PYTHON'
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as out:
    digest = hashlib.sha256(b"").hexdigest()
    names = [f"data/{i}" for i in range(101000)]
    out.writestr("many/bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    out.writestr("many/manifest-sha256.txt", "".join(f"{digest}  {name}\n" for name in names))
    for name in names:
        out.writestr("many/" + name, b"")
PYTHON
    expect 4:seal.none "a zip file of 101,000 entries" verify "$work/many.zip"
    says "101000 documents" "with all of them"
    expect 5:limit.reached "held against a ratio that is asked for" verify --limit ratio=1 "$work/many.zip"
fi
