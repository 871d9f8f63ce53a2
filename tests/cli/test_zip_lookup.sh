#!/usr/bin/env bash
# list, show and extract of some documents in a zip file read its list of entries, the signed lists and
# these documents, and nothing else; and what somebody has altered is never shown (issue "Any bag from
# anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/cli/lib_index.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib_index.sh"

zip=$work/good.zip
seal "$zip" --name sample "$source"
unpack "$work/sample.tar.gz" "$work/bags"
rm "$work/bags/sample/seal/index.tsv"

# made STATEMENTS: $bad is the bag in a zip file after these statements of Python; one() is a document
made() {
    python3 - "$work/bags/sample" "$bad" "$(dirname "${BASH_SOURCE[0]}")" "$1" <<'EOF'
import sys
sys.path.insert(0, sys.argv[3])
sys.dont_write_bytecode = True
from rezip import File, Zip, files_of
zip = Zip(files_of(sys.argv[1]))

def one(name):
    return next(file for file in zip.files if file.name == b"sample/" + name.encode())

exec(sys.argv[4])
with open(sys.argv[2], "wb") as out:
    out.write(zip.bytes())
EOF
}

# ---- right ones --------------------------------------------------------------------------------

cp "$zip" "$bad"
hostile 0 0 "a zip file as it was sealed"
expect 0 "one document" sealbag extract --keys "$trust" -C "$work" "$zip" minutes.txt
says "1 of 11 documents" "is read, and no other one"
rm -r "$work/sample"
expect 0 "records are shown" sealbag show --keys "$trust" "$zip"
made 'pass'
hostile 0 0 "packed by another program"
made 'zip.files.reverse()'
hostile 0 0 "in another order"
made 'zip.zip64 = True'
hostile 0 0 "with an end record of 64 bits"

# ---- what is not read is not judged ------------------------------------------------------------

at=$(grep -abo 'The minutes of' "$zip" | head -n 1 | cut -d : -f 1)
cp "$zip" "$bad"
flip "$bad" "$at"
expect 1:zip.data "verify finds a damaged document" verify "$bad"
list_is 0 "a damaged document"
document_is 0 "another one is damaged" z/twin
document_is 1 "it is damaged" minutes.txt

# ---- altered -----------------------------------------------------------------------------------

# with another CRC and all that belongs to it
# altered VERIFY LIST-AND-EXTRACT SENTENCE STATEMENTS
altered() {
    made "$4"
    hostile "$1" "$2" "$3"
}
documents=(z/twin)
altered 1:manifest.digest-mismatch either "two documents have each other's contents" '
a, b = one("data/a-twin"), one("data/z/twin")
a.name, b.name = b.name, a.name'
altered 1:manifest.digest-mismatch 1 "a document has other contents, of another size" '
zip.files[zip.files.index(one("data/z/twin"))] = File("sample/data/z/twin", b"other")'
altered 1:manifest.digest-mismatch either "a document has other contents, of the same size" '
zip.files[zip.files.index(one("data/z/twin"))] = File("sample/data/z/twin", b"x" * one("data/z/twin").size)'
altered 1:manifest.file-missing 1 "a document is missing" 'zip.files.remove(one("data/z/evens"))'
altered 1:manifest.file-unlisted 1 "there is one more" 'zip.files.append(File("sample/data/secret.txt", b"?"))'
altered 1:path.duplicate 1 "there is one twice" '
zip.files.append(File("sample/data/z/twin", one("data/z/twin").data))'
altered 1 1 "a document has another name" 'one("data/z/evens").name = b"sample/data/z/even"'
altered 1 1 "a manifest is altered" '
text = one("manifest-sha256.txt").data
zip.files[zip.files.index(one("manifest-sha256.txt"))] = File("sample/manifest-sha256.txt", text.replace(b"a", b"b"))'
altered 1 1 "something lies outside of the bag" 'zip.files.append(File("secret.txt", b"?"))'
made 'zip.files = [file for file in zip.files if b"/seal/" not in file.name]'
expect 4:seal.none "without its seal it is unsigned" sealbag extract --keys "$trust" -C "$work" "$bad" z/twin
refute "and nothing is extracted" test -e "$work/sample"
