#!/usr/bin/env bash
# verify --fast and --completeness-only: what they find, what they do not, and that they never say
# that a bag is intact.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/source"
seal "$work/good.tar.gz" --name good "$work/source"
seal "$work/good.tar.zst" --name good "$work/source"
unpack "$work/good.tar.gz" "$work/bags"
rm "$work/bags/good/seal/index.tsv"

# ---- nothing wrong -----------------------------------------------------------------------------

for mode in --fast --completeness-only; do
    for bundle in good.tar.gz good.tar.zst; do
        expect 6:bag.not-compared "$mode of $bundle is exit code 6" verify "$mode" "$work/$bundle"
        says "proves little" "and says that it proves little: $mode $bundle"
        says_not "intact, and sealed" "and not that it is intact: $mode $bundle"
        says "Not known. There are 6 documents" "and counts the documents: $mode $bundle"
    done
    says "Trusted?  Not looked at." "nobody is trusted for it: $mode"
    expect 6:bag.not-compared "$mode of a pipe" verify "$mode" - < <(cat "$work/good.tar.gz")
    expect 6:bag.not-compared "$mode without a sandbox, with one thread" \
        verify "$mode" --no-sandbox -j 1 "$work/good.tar.gz"
    expect 2:usage "$mode meets no demand on the seal" verify "$mode" --signer maria "$work/good.tar.gz"
    expect 2:usage "nor on signers: $mode" verify "$mode" --require 1 "$work/good.tar.gz"
    expect 2 "list has no $mode" sealbag list "$mode" --keys "$trust" "$work/good.tar.gz"
    expect 2 "extract has no $mode" sealbag extract "$mode" --keys "$trust" "$work/good.tar.gz"
done
expect 2:usage "both at once are refused" verify --fast --completeness-only "$work/good.tar.gz"
expect 0 "a whole verification says more" verify "$work/good.tar.gz"
expect 6 "as JSON" verify --fast --json "$work/good.tar.gz"
says '"exit":6,"mode":"fast","intact":"not-judged"' "the mode is told"
says '"seal_id":null' "and nothing of the seal"
says '"documents":6' "but what was counted"
expect 6 "the other one as JSON" verify --completeness-only --json "$work/good.tar.gz"
says '"mode":"completeness"' "has its own mode"
expect 0 "and a whole verification" verify --json "$work/good.tar.gz"
says '"mode":"full"' "has its own, too"

# ---- what is found -----------------------------------------------------------------------------

# altered SENTENCE FAST COMPLETENESS WHOLE: the codes and rules for what stands in $work/bad/good
altered() {
    pack "$work/bad/good" "$work/bad.tar.gz"
    expect "$2" "--fast: $1" verify --fast "$work/bad.tar.gz"
    expect "$3" "--completeness-only: $1" verify --completeness-only "$work/bad.tar.gz"
    expect "$4" "whole: $1" verify "$work/bad.tar.gz"
}
fresh() {
    rm -rf "$work/bad"
    cp -R "$work/bags" "$work/bad"
    bag=$work/bad/good
}
fresh
printf 'The minutes of the meetinG.\n' >"$bag/data/minutes.txt"
altered "an altered document of the same size" 6 6 1:manifest.digest-mismatch
fresh
printf 'more\n' >>"$bag/data/minutes.txt"
altered "a longer document" 1:baginfo.oxum 1:baginfo.oxum 1:manifest.digest-mismatch
fresh
mv "$bag/data/minutes.txt" "$bag/data/other.txt"
altered "a document under another name" 6 1:manifest.file-missing 1:manifest.file-missing
run verify --completeness-only "$work/bad.tar.gz"
expect_rule manifest.file-unlisted "and what it is called now is named, too"
fresh
rm "$bag/data/minutes.txt"
altered "a missing document" 1:baginfo.oxum 1:manifest.file-missing 1:manifest.file-missing
fresh
: >"$bag/data/added.txt"
altered "an added document" 1:baginfo.oxum 1:manifest.file-unlisted 1:manifest.file-unlisted
fresh
: >"$bag/added.txt"
altered "an added tag file" 6 1:manifest.file-unlisted 1:manifest.file-unlisted
fresh
: >"$bag/seal/added.txt"
altered "an added file in the seal" 6 1:seal.unknown-file 1:seal.unknown-file
fresh
rm "$bag/seal/salt.txt"
altered "an incomplete seal" 6 1:seal.incomplete 1:seal.incomplete
fresh
rm "$bag/manifest-sha256.txt"
altered "no manifest" 1:manifest.missing 1:manifest.missing 1:manifest.missing
fresh
rm "$bag/bagit.txt"
altered "no bag" 1:bag.not-a-bag 1:bag.not-a-bag 1:bag.not-a-bag
fresh
rm -r "$bag/seal"
altered "a bag that nobody sealed" 6 6 4:seal.none
sed -i /Payload-Oxum/d "$bag/bag-info.txt"
rm "$bag/tagmanifest-sha256.txt"
altered "no Payload-Oxum" 5:baginfo.oxum-missing 6 4:seal.none
cp "$work/good.tar.gz" "$work/bad.tar.gz"
flip "$work/bad.tar.gz" "$(($(size_of "$work/bad.tar.gz") / 2))"
expect 1 "a damaged bundle is no bundle" verify --fast "$work/bad.tar.gz"
expect 1 "the worst of several bundles counts" verify --fast "$work/good.tar.gz" "$work/bad.tar.gz"

# ---- other people's bags -----------------------------------------------------------------------

suite=${SEALBAG_TEST_DATA:-}/bagit-conformance-suite
if [ -d "$suite/v0.97/valid" ]; then
    mkdir "$work/suite"
    for folder in "$suite"/v0.9[37]/valid/*/; do
        [ ! -f "$folder/bagit.txt" ] || pack "${folder%/}" "$work/suite/$(basename "$folder").tar.gz"
    done
    expect 6 "valid bags of the conformance suite are complete" \
        verify --completeness-only "$work/suite"/*.tar.gz
    says_not "DO NOT USE" "every one of them"
else
    skip_part "the conformance suite is not here"
fi

if have python3 && python3 -c 'import zipfile' 2>"$work/err"; then
    (cd "$work/bags" && find good -type f | LC_ALL=C sort | python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as out:
    for line in sys.stdin:
        out.write(line.rstrip("\n"))' "$work/good.zip")
    expect 6:bag.not-compared "a zip file" verify --fast "$work/good.zip"
    expect 6:bag.not-compared "a zip file, by its names" verify --completeness-only "$work/good.zip"
    at=$(grep -abo 'The minutes of' "$work/good.zip" | cut -d : -f 1)
    flip "$work/good.zip" "$at"
    expect 1 "a document in a zip file was damaged" verify "$work/good.zip"
    expect 6 "which --fast does not even read" verify --fast "$work/good.zip"
else
    skip_part "there is no python3 with zipfile here"
fi
