#!/usr/bin/env bash
# create --algorithm sha512: a second manifest and tag manifest, made in the same pass (RFC 8493,
# section 2.4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/source"
head -c 1500000 /dev/zero | tr '\000' x >"$work/source/large.txt"
for i in {1..300}; do
    printf 'document %d\n' "$i" >"$work/source/letters/$i.txt"
done
printf 'filename,dc.title\nminutes.txt,The minutes\n' >"$work/records.csv"
both() {
    local out=$1
    shift
    rm -f "$out"
    seal "$out" --name both --metadata "$work/records.csv" --algorithm sha512 "$@" "$work/source"
}

expect 0 "a bag with two manifests is made" both "$work/both.tar.gz"
expect 0 "and verifies" verify "$work/both.tar.gz"
says_not "bag.not-judged" "with every manifest judged"
unpack "$work/both.tar.gz" "$work/bags"
bag=$work/bags/both
cd "$bag"
check "sha512sum takes the manifest" sha512sum --strict --quiet -c manifest-sha512.txt
check "and the tag manifest" sha512sum --strict --quiet -c tagmanifest-sha512.txt
check "sha256sum takes the other ones" sha256sum --strict --quiet -c manifest-sha256.txt
check "and theirs" sha256sum --strict --quiet -c tagmanifest-sha256.txt
check "and the seal's cover" sha256sum --strict --quiet -c seal/cover-sha256.txt
equal "both manifests list the same documents in the same order" \
    "$(cut -c 67- manifest-sha256.txt)" "$(cut -c 131- manifest-sha512.txt)"
wanted="bag-info.txt bagit.txt manifest-sha256.txt manifest-sha512.txt metadata/metadata.csv"
equal "the tag manifest lists all tag files but tag manifests" "$wanted" \
    "$(cut -c 67- tagmanifest-sha256.txt | paste -s -d ' ')"
equal "and so does the second" "$wanted" "$(cut -c 131- tagmanifest-sha512.txt | paste -s -d ' ')"
equal "the cover vouches for both tag manifests" "tagmanifest-sha256.txt tagmanifest-sha512.txt" \
    "$(grep -o 'tagmanifest-.*' seal/cover-sha256.txt | paste -s -d ' ')"
if have python3 && python3 -c 'import bagit' 2>"$work/err"; then
    expect 0 "bagit-python takes the bag" python3 -c \
        'import bagit, sys; bagit.Bag(sys.argv[1]).validate()' "$bag"
else
    skip_part "there is no bagit-python here"
fi
cd "$work"

# ---- the same bytes ----------------------------------------------------------------------------

for arguments in '-j 1' '-j 5' '--algorithm sha512' '--algorithm sha256'; do
    # shellcheck disable=SC2086  # two arguments
    expect 0 "made again with $arguments" both "$work/again.tar.gz" $arguments
    check "it is the same bundle" cmp "$work/both.tar.gz" "$work/again.tar.gz"
done
seal "$work/one.tar.gz" --name both "$work/source"
seal "$work/named.tar.gz" --name both --algorithm sha256 "$work/source"
check "sha256 is there in any case" cmp "$work/one.tar.gz" "$work/named.tar.gz"
refute "and sha512 only when it is asked for" grep -q sha512 <(tar -tzf "$work/one.tar.gz")
expect 0 "in a .tar.zst, too" both "$work/both.tar.zst"
expect 0 "which verifies" verify "$work/both.tar.zst"

# ---- judged ------------------------------------------------------------------------------------

rm -r "$bag/seal" "$bag/manifest-sha256.txt" "$bag"/tagmanifest-*
pack "$bag" "$work/alone.tar.gz"
expect 4:seal.none "the manifest of SHA-512 is enough alone" verify "$work/alone.tar.gz"
printf 'x' >>"$bag/data/letters/7.txt"
pack "$bag" "$work/alone.tar.gz"
expect 1:manifest.digest-mismatch "and tells what was altered" verify "$work/alone.tar.gz"
rm -rf "$work/bags"
unpack "$work/both.tar.gz" "$work/bags"
sed -i '1s/^./x/' "$bag/manifest-sha512.txt"
pack "$bag" "$work/bad.tar.gz"
expect 1:manifest.line "a manifest that was altered is found" verify "$work/bad.tar.gz"
expect 0:bag.not-judged "from a pipe only SHA-256 is judged, and that is said" \
    verify - < <(cat "$work/both.tar.gz")

# ---- no others ---------------------------------------------------------------------------------

for name in md5 sha1 sha224 sha384 SHA512 sha-512 ''; do
    expect 2:usage "no new bag has manifests of \"$name\"" \
        sealbag create -o "$work/no.tar.gz" --algorithm "$name" "$work/source"
done
one_sentence "in one sentence"
refute "nothing was written" test -e "$work/no.tar.gz"
