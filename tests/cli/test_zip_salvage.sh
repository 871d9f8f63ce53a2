#!/usr/bin/env bash
# extract --salvage of damaged zip files (issue "Any bag from anyone"; format.md, "Zip").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    skip_part "python3 is not here"
    exit 0
fi
make_key maria
trust_key maria
source=$work/source
make_sample "$source"
for i in 1 2 3; do
    head -c 50000 /dev/urandom >"$source/noise-$i"
done
printf 'a line of text %d\n' {1..3000} >"$source/text.txt"
printf 'composed' >"$source/"$'caf\303\251.txt'
bundle=$work/sample.zip
seal "$bundle" "$source"
bad=$work/bad.zip
to=$work/to

# damage HOW [IN]: what the Python code HOW makes of `z`, the file's bytes. local(NAME) and
# central(NAME) are the places of a name in its headers, data(NAME) that of its contents.
damage() {
    python3 - "${2:-$bundle}" "$bad" "$1" <<'PY'
import sys
z = bytearray(open(sys.argv[1], "rb").read())
def local(name): return z.index(b"sample/" + name)
def central(name): return z.rindex(b"sample/" + name)
def data(name): return local(name) + 7 + len(name)
def flip(at, bit=1): z[at] ^= bit
def directory(): return z.rindex(b"PK\5\6") - int.from_bytes(z[-10:-6], "little")
exec(sys.argv[3])
open(sys.argv[2], "wb").write(z)
PY
}
# saved SENTENCE LOST: what is saved of $bad is as it was, all but LOST
saved() {
    rm -rf "$to"
    mkdir "$to"
    expect 1 "$1" sealbag extract --salvage --keys "$trust" -C "$to" "$bad"
    equal "it is said what is lost: $1" "$2" \
        "$(sed -n 's/^Lost: data\///p' "$work/out" "$work/err" | tr '\n' ' ' | sed 's/ $//')"
    rm -rf "$work/left"
    cp -R "$source" "$work/left"
    for name in $2; do
        rm "$work/left/$name"
    done
    check "all else is there: $1" same_tree "$work/left" "$to/sample.INCOMPLETE/data"
}
nothing() {
    rm -rf "$to"
    mkdir "$to"
    expect 1 "$1" sealbag extract --salvage --keys "$trust" -C "$to" "$bad"
    equal "nothing is there: $1" '' "$(names "$to")"
}

# ---- ours --------------------------------------------------------------------------------------

damage 'flip(data(b"data/noise-2") + 20000)'
saved "a flipped bit in a document loses only that" noise-2
damage 'flip(data(b"data/text.txt") + 20, 255)'
saved "also in one that is deflated" text.txt
damage 'at = data(b"data/noise-1") + 10000; z[at:at + 60000] = bytes(60000)'
saved "a stretch of zeros loses what lay there" "noise-1 noise-2"
damage 'at = data(b"data/noise-1") + 10000; del z[at:at + 600]'
saved "so does a stretch that is missing" noise-1
damage 'del z[directory():]'
saved "without its directory all is saved" ''
damage 'at = directory(); z[at:] = bytes(len(z) - at)'
saved "also with zeros in the place of that" ''
damage 'flip(data(b"data/noise-3") + 9); del z[directory() + 300:]'
saved "a part of the directory is missing, and a document is damaged" noise-3
damage 'z[0:0] = z[:30] + b"sample/x" + bytes(100)'
saved "something is put before it" ''
damage 'z += b"more"'
saved "or behind it" ''
# Its first bytes say that it is a zip file; without them, the last ones do.
for lost in 1 3 50; do
    damage "del z[:$lost]"
    saved "without its first $lost bytes" ''
    damage "z[:$lost] = bytes($lost)"
    saved "with zeros in the place of $lost" ''
done
damage 'z[0:0] = b"#!/bin/sh\n"'
expect 5:container.unsupported "what something else was put before is no bundle" \
    sealbag extract --salvage --keys "$trust" -C "$to" "$bad"
# What is said of a document in one place can be damaged, since it is said in two.
for field in 30 24 16 12 8 4 -14; do
    damage "flip(local(b'data/noise-2') - $field); flip(local(b'data/text.txt') - $field)"
    saved "a flipped bit $field bytes before its name, stored or deflated" ''
done
for field in 30 26 22 18 4 -14; do
    damage "flip(central(b'data/noise-2') - $field); flip(central(b'data/text.txt') - $field)"
    saved "a flipped bit in the directory, $field bytes before its name" ''
done
damage 'flip(local(b"data/text.txt") - 16); del z[directory():]'
saved "a wrong CRC is not believed, when nothing else says what it is" ''

damage 'flip(data(b"seal/seal.txt") + 20, 255)'
nothing "a damaged seal says nothing"
damage 'del z[len(z) // 2:]'
nothing "half of it has lost its seal"
says "Nothing can be saved" "and it says so"
damage 'flip(data(b"data/noise-2") + 20000)'
rm -rf "$to"
mkdir "$to"
piped() {
    cat "$bad" | sealbag extract --salvage --keys "$trust" -C "$to" -
}
expect 2 "from a pipe it is a wrong usage" piped

# ---- by other programs -------------------------------------------------------------------------

unpack_zip() {
    python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])' "$1" "$2"
}
unpack_zip "$bundle" "$work/base"
# Through a pipe: sizes stand behind the contents, and before them there are none.
python3 - "$work/base" <<'PY' | cat >"$work/streamed.zip"
import os, sys, zipfile
class Pipe:
    def write(self, data): return sys.stdout.buffer.write(data)
    def flush(self): pass
with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as out:
    for folder, _, files in sorted(os.walk(sys.argv[1])):
        for file in sorted(files):
            path = os.path.join(folder, file)
            out.write(path, os.path.relpath(path, sys.argv[1]))
PY
expect 0 "a streamed one is right" verify "$work/streamed.zip"
damage 'flip(data(b"data/noise-2") + 20000)' "$work/streamed.zip"
saved "a streamed one with a flipped bit" noise-2
damage 'del z[directory():]' "$work/streamed.zip"
saved "a streamed one without directory" ''

# ---- bundles in bundles, and hostile ones ------------------------------------------------------

mkdir -p "$work/outer"
cp "$bundle" "$work/outer/inner.zip"
printf 'a letter\n' >"$work/outer/letter"
printf 'another\n' >"$work/outer/other"
seal "$work/outer.zip" --name sample "$work/outer"
source=$work/outer
damage 'flip(data(b"data/other"))' "$work/outer.zip"
saved "a bundle in it is a document" other
damage 'flip(data(b"data/other")); del z[directory():]' "$work/outer.zip"
saved "also without the directory" other
# Stored, so that its entries can be seen.
python3 - "$work/outer.zip" "$work/stored.zip" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as one, zipfile.ZipFile(sys.argv[2], "w") as out:
    for name in sorted(one.namelist(), key=lambda name: ("inner" in name, name)):
        out.writestr(name, one.read(name))
PY
damage 'flip(data(b"data/other"))' "$work/stored.zip"
saved "one that stands last has a directory, too, which is not that of the bundle" other
damage 'flip(data(b"data/noise-2") + 20000)' "$work/stored.zip"
saved "when it is damaged, its documents are not taken for those of the bundle" inner.zip
damage 'flip(data(b"data/other")); del z[directory():]' "$work/stored.zip"
saved "nor when the directory is lost instead" other

python3 - "$bad" <<'PY'
import struct, sys
count, name = 20000, b"sample/data/x"
size = count * (30 + len(name))
one = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0, 1, size // 2, size // 2, len(name), 0)
open(sys.argv[1], "wb").write((one + name) * count)
PY
nothing "a file of beginnings is given up"
expect_rule limit.reached "and it is said why"
