#!/usr/bin/env bash
# The verdict's exit codes and rules (issue 3, bar 6; DESIGN.md, section 4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key omar
make_key stranger
trust_key maria
trust_key omar
make_sample "$work/source"
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
unpack "$bundle" "$work/base"
bag=$work/base/sample
fp=$(fp_name "$work/keys/maria.pub")

mkdir "$work/other"
seal "$work/other/sample.tar.gz" "$work/source/letters"
unpack "$work/other/sample.tar.gz" "$work/other"

# variant: a fresh copy of the bag in $v; packed by `judge CODE[:RULE] SENTENCE`
v=$work/variant/sample
variant() {
    rm -rf "$work/variant"
    mkdir "$work/variant"
    cp -R "$bag" "$v"
}
judge() {
    pack "$v" "$work/variant.tar.gz"
    expect "$1" "$2" verify "$work/variant.tar.gz"
}

# ---- trusted, unknown, missing, unsigned -------------------------------------------------------

expect 0 "a bag sealed by a trusted key is 0" verify "$bundle"
says "maria" "the verdict names the signer"
says "Not proven" "a good verdict also says what is not proven"
variant
judge 0 "the same bag packed by tar is 0"
expect 3:trust.unknown-key "without a trust store every key is unknown: 3" \
    sealbag verify "$bundle"
expect 5:io.not-found "a trust store that is named and not there is 5" \
    sealbag verify --keys "$work/nobody-yet" "$bundle"
mkdir "$work/empty-store"
expect 3:trust.unknown-key "an empty trust store trusts nobody: 3" \
    sealbag verify --keys "$work/empty-store" "$bundle"
expect_rule trust.too-few "too few trusted signers is said"

sealbag create --quiet -o "$work/two.tar.gz" --name sample --key "$work/keys/maria" \
    --key "$work/keys/omar" "$work/source"
unpack "$work/two.tar.gz" "$work/two"
rm -rf "$work/variant" && mkdir "$work/variant" && cp -R "$work/two/sample" "$v"
rm "$v/seal/$(fp_name "$work/keys/omar.pub").minisig"
judge 3:seal.signer-missing "a named signer's signature missing is 3, although another is trusted"
rm "$v/seal/$fp.minisig"
judge 3 "all signatures missing is 3"

# Who is named as a cosigner and has not signed yet is missing; with his signature it is complete.
omar=$(fingerprint "$work/keys/omar.pub")
sealbag create --quiet -o "$work/waiting.tar.gz" --name sample --key "$work/keys/maria" \
    --cosigner "$omar" --time "$sealing_time" "$work/source"
expect 3:seal.signer-missing "a cosigner who has not signed yet is missing" \
    verify "$work/waiting.tar.gz"
says "$omar" "and it says who"
says "intact, and sealed by somebody whom you trust, but not by all whom its seal names." \
    "the first line says that he is missing"
says "Trusted?  Not as it should be. Somebody whom its seal names has not signed it." \
    "and so does the third answer"
says "signature missing of omar  $omar" "it names him"
expect 3 "in JSON" verify --json "$work/waiting.tar.gz"
says '"state":"missing","role":"seal","kind":"none","fingerprint":"'"$omar"'","trust":"unknown","trusted_as":null,"known_as":"omar"' \
    "he has his name, too"
expect 3 "whoever is not trusted himself is no reason to say so" sealbag verify "$work/waiting.tar.gz"
says "intact, but not sealed by those whom you trust." "then nobody is"
expect 3:seal.signer-missing "a list says the same of what it read" \
    sealbag list --keys "$trust" "$work/waiting.tar.gz"
says "what was read of it is intact, and sealed by somebody whom you trust, but not by all whom its seal" \
    "in its words"
expect 1:seal.id-mismatch "with another seal id than was asked for" \
    verify --seal "$(printf '%064d' 1)" "$work/waiting.tar.gz"
says "Not as it should be. Its seal id is not the one that you asked for. Somebody whom its seal names has" \
    "both are said"
rm -rf "$work/waiting" && unpack "$work/waiting.tar.gz" "$work/waiting"
sign_again "$work/waiting/sample" omar
pack "$work/waiting/sample" "$work/complete.tar.gz"
expect 0 "when he has signed, it is complete" verify "$work/complete.tar.gz"
omar_file=seal/$(fp_name "$work/keys/omar.pub").minisig
sealbag create --quiet -o "$work/foreign.tar.gz" --key "$work/keys/omar" "$work/source"
unpack "$work/foreign.tar.gz" "$work/foreign"
cp "$work/foreign/foreign/$omar_file" "$work/waiting/sample/$omar_file"
pack "$work/waiting/sample" "$work/invalid.tar.gz"
expect 1:seal.bad-signature "a signature of his over another seal is 1" verify "$work/invalid.tar.gz"
says "DO NOT USE. A signature in it is invalid." "the first line says why"
says "Trusted?  No: not with an invalid signature." "although maria's is valid"
seal "$work/by-file.tar.gz" --name sample --cosigner "$work/keys/omar.pub" "$work/source"
expect 3:seal.signer-missing "a cosigner can be named by his key file" \
    verify "$work/by-file.tar.gz"
says "$omar" "which is the same as by its fingerprint"
expect 5:io.not-found "a key file that is not there" sealbag create -o "$work/none.tar.gz" \
    --key "$work/keys/maria" --cosigner "$work/nobody.pub" "$work/source"
for bad in SHA256:short "$omar=" "${omar%?}!" SHA256:; do
    expect 2 "\"$bad\" is no fingerprint" sealbag create -o "$work/none.tar.gz" \
        --key "$work/keys/maria" --cosigner "$bad" "$work/source"
done
expect 2 "a cosigner who is given twice" sealbag create -o "$work/none.tar.gz" \
    --key "$work/keys/maria" --cosigner "$omar" --cosigner "$omar" "$work/source"
expect 2 "a cosigner who signs now" sealbag create -o "$work/none.tar.gz" \
    --key "$work/keys/omar" --cosigner "$omar" "$work/source"
expect 2 "a cosigner of a bag without a seal" sealbag create -o "$work/none.tar.gz" \
    --cosigner "$omar" "$work/source"

expect 0 "an unsigned bag is made" sealbag create -o "$work/unsigned.tar.gz" "$work/source"
says "NOT SEALED" "create says that it is not sealed"
expect 4:seal.none "an unsigned bag is 4" verify "$work/unsigned.tar.gz"
variant
rm -r "$v/seal"
judge 4:seal.none "all of seal/ stripped is 4, never 0"
expect 1:seal.id-mismatch "all of seal/ stripped, and a seal demanded, is 1" \
    verify --seal "$(printf '%064d' 1)" "$work/variant.tar.gz"

# ---- each part of the seal, stripped or edited -------------------------------------------------

for part in cover-sha256.txt salt.txt seal.txt; do
    variant
    rm "$v/seal/$part"
    judge 1:seal.incomplete "$part stripped is 1"
done
variant
rm "$v/seal/$fp.minisig"
judge 3:seal.signer-missing "the signature file stripped is 3"
variant
rm "$v/tagmanifest-sha256.txt"
judge 1:manifest.file-missing "the tag manifest stripped is 1"
variant
rm "$v/tagmanifest-sha256.txt"
sed -i '/tagmanifest/d' "$v/seal/cover-sha256.txt"
judge 1 "the tag manifest stripped and taken off the cover is 1"
for part in manifest-sha256.txt bag-info.txt bagit.txt; do
    variant
    rm "$v/$part"
    judge 1 "$part stripped is 1"
done

# edited FILE SED_EXPRESSION SENTENCE [RULE]
edited() {
    variant
    sed -i "$2" "$v/$1"
    refute "the edit changes $1 ($3)" cmp -s "$v/$1" "$bag/$1"
    judge "1${4:+:$4}" "$3 is 1"
}
edited seal/cover-sha256.txt '1s/^./x/' "a malformed digest in the cover" seal.cover-mismatch
edited seal/cover-sha256.txt '1d' "a line less in the cover" seal.cover-mismatch
edited seal/cover-sha256.txt '$a# more' "a line more in the cover" seal.cover-mismatch
edited seal/salt.txt 's/7/8/' "another salt" seal.cover-mismatch
edited seal/salt.txt '$a\\' "a line more in salt.txt" seal.cover-mismatch
edited seal/seal.txt 's/^Leaves: .*/Leaves: 5/' "another number of leaves" seal.bad-signature
edited seal/seal.txt 's/^Sealed: 2024/Sealed: 2023/' "another sealing time" seal.bad-signature
edited seal/seal.txt 's/^Bag-Name: .*/Bag-Name: other/' "another bag name" seal.bad-signature
edited seal/seal.txt '/^Root/d' "the root taken out"
edited seal/seal.txt '$aNote: hello' "a line more in seal.txt"
edited seal/seal.txt 's/$/\r/' "other line ends in seal.txt"
edited "seal/$fp.minisig" '2y/abcdefghijklm/bcdefghijklma/' "an edited signature"
edited "seal/$fp.minisig" '3s/timestamp:./timestamp:9/' "an edited trusted comment" \
    seal.bad-signature
edited "seal/$fp.minisig" '4s/^../AA/' "an edited global signature" seal.bad-signature
edited "seal/$fp.minisig" '4a more' "a fifth line in the signature"
edited tagmanifest-sha256.txt '1s/^./x/' "an edited tag manifest" manifest.digest-mismatch
edited manifest-sha256.txt '1d' "a line less in the manifest" manifest.file-unlisted
edited bag-info.txt '1iContact-Name: X' "a label more in bag-info.txt" manifest.digest-mismatch
edited bagit.txt 's/1.0/0.97/' "another BagIt version" manifest.digest-mismatch
edited data/minutes.txt 's/meeting/Meeting/' "an edited document" manifest.digest-mismatch
says "data/minutes.txt" "the edited document is named"

variant
printf 'worse\n' >"$v/data/minutes.txt"
printf 'worse\n' >"$v/data/.notes"
rm "$v/data/letters/first.txt"
judge 1 "several bad documents are 1"
says "data/.notes" "each bad document is named, the first"
says "data/letters/first.txt" "each bad document is named, the second"
says "data/minutes.txt" "each bad document is named, the third"

# A forger who makes manifest, tag manifest and cover fit each other cannot make the seal fit.
variant
printf 'forged\n' >"$v/data/minutes.txt"
(
    cd "$v"
    sum=$(sha256sum data/minutes.txt | cut -d ' ' -f 1)
    sed -i "/data\/minutes.txt/s/^.\{64\}/$sum/" manifest-sha256.txt
    sed -i '/Payload-Oxum/d' bag-info.txt
    sha256sum bag-info.txt bagit.txt manifest-sha256.txt >tagmanifest-sha256.txt
    sha256sum bag-info.txt bagit.txt manifest-sha256.txt tagmanifest-sha256.txt \
        >seal/cover-sha256.txt
)
judge 1:seal.cover-mismatch "a forgery that fits in itself is 1"
rm -r "$v/seal"
judge 4 "the same forgery without seal/ is unsigned, 4"

# ---- signatures --------------------------------------------------------------------------------

variant
cp "$work/other/sample/seal/$fp.minisig" "$v/seal/"
judge 1:seal.bad-signature "a signature from another bag is 1"
variant
cp "$work/other/sample/seal/seal.txt" "$work/other/sample/seal/$fp.minisig" "$v/seal/"
judge 1 "the seal of another bag with its signature is 1"
variant
rm -r "$v/seal"
cp -R "$work/other/sample/seal" "$v/seal"
judge 1 "all of another bag's seal/ is 1"
variant
printf 'junk\n' >"$v/seal/$fp.minisig"
judge 1 "a junk signature is 1"
variant
printf 'junk\n' >"$v/seal/$(fp_name "$work/keys/omar.pub").minisig"
judge 1 "a junk signature beside a good one is 1"
variant
printf 'junk\n' >"$v/seal/00112233445566778899aabbccddeeff.sshsig"
judge 1 "a junk SSH signature beside a good one is 1"
variant
cp "$v/seal/$fp.minisig" "$v/seal/$(fp_name "$work/keys/omar.pub").minisig"
judge 1 "a good signature under another key's name is 1"
if have minisign; then
    variant
    sign_again "$v" stranger
    judge 0 "a countersignature by an unknown key changes nothing"
    variant
    sign_again "$v" maria -l
    judge 1 "a legacy (not prehashed) minisign signature is refused"
    variant
    sign_again "$v" maria -l
    mv "$v/seal/$fp.minisig" "$work/legacy"
    cp "$bag/seal/$fp.minisig" "$v/seal/"
    sign_again "$v" omar -l
    judge 1 "a legacy signature beside a good one is refused"
else
    skip_part "legacy minisign signatures (there is no minisign here)"
fi

# ---- files that are listed nowhere -------------------------------------------------------------

for place in data/extra.txt extra.txt seal/extra.txt data/letters/1987/deep/er/extra.txt \
    metadata/extra.csv tagmanifest-md5.txt manifest-md5.txt .hidden \
    seal/custody/extra.txt seal/seal.txt.bak data/letters/.hidden; do
    variant
    mkdir -p "$(dirname "$v/$place")"
    printf 'extra\n' >"$v/$place"
    judge 1 "an unlisted file at $place is 1"
    says "$place" "the unlisted file $place is named"
done
variant
mkdir "$v/data/empty-folder"
judge 1:folder.empty "an empty folder in data/ is 1"
variant
mkdir "$work/variant/beside"
printf 'x\n' >"$work/variant/beside/file"
tar -C "$work/variant" -czf "$work/variant.tar.gz" sample beside
expect 1:path.outside-bag "a second top-level folder is 1" verify "$work/variant.tar.gz"
variant
mv "$v" "$work/variant/renamed"
tar -C "$work/variant" -czf "$work/variant.tar.gz" renamed
expect 1:seal.name-mismatch "the bag under another name is 1" verify "$work/variant.tar.gz"
variant
ln -s minutes.txt "$v/data/link"
judge 1:tar.type "a symbolic link in the bag is 1"

variant
rm "$v/seal/$fp.minisig"
pack "$v" "$work/unsigned-seal.tar.gz"

# ---- what people could take for something else -------------------------------------------------

expect 1:seal.id-mismatch "another seal id than the demanded one" \
    verify --seal "$(printf '%064d' 1)" "$bundle"
says "It is not the one that you asked for" "it does not say that the bundle is damaged"
says "Trusted?  Not as it should be. Its seal id is not the one that you asked for." \
    "and what is not as asked for"
expect 3:trust.signer-not-found "another signer than the one who was asked for" \
    verify --signer omar "$bundle"
says "intact, and sealed by somebody whom you trust, but not by all whom you asked for." "it says so"
says "Trusted?  Not as it should be. Somebody whom you asked for has not sealed it." "twice"
expect 3:trust.too-few "fewer than asked for" verify --require 2 "$bundle"
says "intact, and sealed by somebody whom you trust, but by fewer than you asked for." "it says so"

# ---- the time that is asked for ------------------------------------------------------------------

expect 0 "keys can be judged at the time of the seal" verify --at "$sealing_time" "$bundle"
says_not trust.before-sealing "and that is no reason to warn"
expect 0:trust.before-sealing "keys can be judged at a time before the seal, with a warning" \
    verify --at 2024-05-06T07:08:08Z "$bundle"
says "The seal states that it was made at $sealing_time, which is later than 2024-05-06T07:08:08Z" \
    "which says both times"
expect 0:trust.before-sealing "a list says so, too" \
    sealbag list --keys "$trust" --at 2024-01-01 "$bundle"
expect 0:trust.before-sealing "and extract, although it is quiet" sealbag extract --quiet \
    --keys "$trust" --at 2024-01-01 -C "$work" "$bundle"
expect 0 "in JSON it is a warning" verify --json --at 2024-01-01 "$bundle"
says '"severity":"warning","rule":"trust.before-sealing","exit":0,"path":"seal/seal.txt"' "of this rule"
expect 3 "what no valid seal states is not taken for a statement" \
    verify --at 2024-01-01 "$work/unsigned-seal.tar.gz"
says_not trust.before-sealing "so there is no warning"
cp "$bundle" "$work/intact, and sealed by those whom you trust. x.tar.gz"
expect 3 "a file whose name reads like a verdict" \
    sealbag verify "$work/intact, and sealed by those whom you trust. x.tar.gz"
says 'x.tar.gz": intact, but not sealed' "its name stands in quotation marks"
variant
printf 'forged\n' >"$v/data/minutes.txt"
judge 1:manifest.digest-mismatch "a forged document under a good seal"
says "(for other content than this)" "the signer's name does not look like an approval"
expect 3 "an unknown signer" sealbag verify "$bundle"
says "nobody whom you trust has sealed it" "it says so in words"
