#!/usr/bin/env bash
# Stock tools check our bags, our keys work in stock tools, their keys work in ours, and a bag that
# stock tools have packed again is still the same bag (issue 3, bar 2).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key other
trust_key maria
make_sample "$work/source"
# More than one gzip member, of bytes that do not compress and of bytes that do.
head -c 1500000 /dev/urandom >"$work/source/photos/noise"
head -c 2500000 /dev/zero >"$work/source/photos/zero"
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
pub=$work/keys/maria.pub
fp=$(fp_name "$pub")

# with TOOL SENTENCE COMMAND...: check, when the tool is there
with() {
    if have "$1"; then
        check "${@:2}"
    else
        skip_part "$2 (there is no $1 here)"
    fi
}

# ---- the container -----------------------------------------------------------------------------

unpack "$bundle" "$work/tar"
bag=$work/tar/sample
check "tar xzf gives the documents back" same_tree "$work/source" "$bag/data"
check "gzip -t accepts the bundle" gzip -t "$bundle"
with pigz "pigz -t accepts the bundle" pigz -t "$bundle"

# bsdtar needs a UTF-8 locale for names that are not ASCII.
bsd() {
    LC_ALL=C.UTF-8 bsdtar "$@"
}
by_bsdtar() {
    mkdir "$work/bsdtar" && bsd -C "$work/bsdtar" -xf "$bundle" &&
        same_tree "$bag" "$work/bsdtar/sample"
}
by_python() {
    mkdir "$work/python"
    python3 - "$bundle" "$work/python" <<'PYTHON' && same_tree "$bag" "$work/python/sample"
import sys, tarfile
with tarfile.open(sys.argv[1], "r:gz") as bundle:
    bundle.extractall(sys.argv[2])
PYTHON
}
seven=$(command -v 7z || command -v 7zz || echo 7z)
by_7z() {
    mkdir "$work/7z" && "$seven" x -bd -y -o"$work/7z" "$bundle" &&
        LC_ALL=C.UTF-8 "$seven" x -bd -y -o"$work/7z" "$work/7z/sample.tar" &&
        same_tree "$bag" "$work/7z/sample"
}
with bsdtar "bsdtar gives the same bag" by_bsdtar
with python3 "Python's tarfile gives the same bag" by_python
with "$seven" "7-Zip gives the same bag" by_7z
check "gzip -t reads every member of it" \
    test "$(gzip -dc "$bundle" | wc -c)" -gt 4000000

# ---- the chain by hand -------------------------------------------------------------------------

expect 0 "minisign -Vm accepts the seal" \
    minisign -Vm "$bag/seal/seal.txt" -x "$bag/seal/$fp.minisig" -p "$pub"
says "key:$(sed -n 2p "$pub")" "the trusted comment has the public key"
refute "minisign refuses the seal under another key" \
    minisign -Vm "$bag/seal/seal.txt" -x "$bag/seal/$fp.minisig" -p "$work/keys/other.pub"
in_bag() {
    (cd "$bag" && "$@")
}
check "sha256sum -c accepts the cover" in_bag sha256sum --strict -c seal/cover-sha256.txt
check "sha256sum -c accepts the manifest" in_bag sha256sum --strict -c manifest-sha256.txt
check "sha256sum -c accepts the tag manifest" in_bag sha256sum --strict -c tagmanifest-sha256.txt
equal "salt.txt and the cover give Cover in seal.txt" \
    "$(sed -n 's/^Cover: //p' "$bag/seal/seal.txt")" \
    "$(cat "$bag/seal/salt.txt" "$bag/seal/cover-sha256.txt" | sha256sum | cut -d ' ' -f 1)"
run verify --json "$bundle"
says_not bag.not-judged "in sealbag's own bundle the index is judged"
says "$(sha256sum <"$bag/seal/seal.txt" | cut -d ' ' -f 1)" "the seal id is the SHA-256 of seal.txt"
equal "the cover lists every file outside data/ and seal/" \
    "$(find "$bag" -type f -not -path '*/data/*' -not -path '*/seal/*' -printf '%P\n' | sort)" \
    "$(cut -c 67- "$bag/seal/cover-sha256.txt" | sort)"
equal "salt.txt is the given salt" "$(cat "$salt")" "$(cat "$bag/seal/salt.txt")"

if [ -f "$by_hand" ]; then
    expect 0 "check-by-hand.sh accepts the bag with the public key" bash "$by_hand" -p "$pub" "$bag"
    expect 3 "check-by-hand.sh says 3 without a key" bash "$by_hand" "$bag"
else
    skip_part "check-by-hand.sh accepts the bag (docs/check-by-hand.sh is not there)"
fi

# ---- keys --------------------------------------------------------------------------------------

# signs_and_verifies NAME SENTENCE PASSPHRASE: with stock minisign
signs_and_verifies() {
    printf 'a text\n' >"$work/text"
    check "$2 signs with minisign" minisign_sign "$1" "$3"
    check "minisign accepts what $2 signed" minisign -Vm "$work/text" -p "$work/keys/$1.pub"
}
minisign_sign() {
    minisign -S -s "$work/keys/$1" -m "$work/text" <<<"$2"
}
printf 'correct horse\n' >"$work/passphrase"
signs_and_verifies maria "an unencrypted key of ours" ''
expect 0 "keygen makes an encrypted key" \
    sealbag keygen -o "$work/keys/locked" --passphrase-file "$work/passphrase"
signs_and_verifies locked "an encrypted key of ours" 'correct horse'

minisign_generate() {
    printf 'battery staple\nbattery staple\n' |
        minisign -G -p "$work/keys/stock.pub" -s "$work/keys/stock"
}
check "minisign makes an encrypted key" minisign_generate
check "minisign makes an unencrypted key" \
    minisign -G -W -p "$work/keys/open.pub" -s "$work/keys/open"
chmod 600 "$work/keys/open" "$work/keys/stock"
printf 'correct horse\nbattery staple\n' >"$work/passphrases"
expect 0 "keys of ours and of minisign seal one bag, the passphrases in the order of the keys" \
    sealbag create -o "$work/many.tar.gz" --key "$work/keys/locked" --key "$work/keys/open" \
    --key "$work/keys/stock" --passphrase-file "$work/passphrases" "$work/source/letters"
unpack "$work/many.tar.gz" "$work/many"
for name in locked open stock; do
    key=$work/keys/$name.pub
    check "minisign accepts the seal by the key $name" \
        minisign -Vm "$work/many/many/seal/seal.txt" \
        -x "$work/many/many/seal/$(fp_name "$key").minisig" -p "$key"
    expect 0 "the key $name is added to the trust store" \
        sealbag trust add --keys "$work/three" "$name" "$key"
done
expect 0 "all three seals are trusted" \
    sealbag verify --keys "$work/three" --require 3 "$work/many.tar.gz"

# ---- OpenSSH -----------------------------------------------------------------------------------

check "ssh-keygen makes a key" ssh-keygen -q -t ed25519 -N '' -C 'lena' -f "$work/keys/lena"
# The bag with one more signature: ssh_sign FOLDER KEY NAMESPACE [ARGUMENTS]
ssh_sign() {
    local folder=$1 key=$2 namespace=$3 fp
    shift 3
    fp=$(ssh-keygen -y -f "$key" | cut -d ' ' -f 2 | base64 -d | sha256sum | cut -c 1-32)
    rm -f "$folder/seal/seal.txt.sig"
    ssh-keygen -q -Y sign -f "$key" -n "$namespace" "$@" "$folder/seal/seal.txt" 2>/dev/null
    mv "$folder/seal/seal.txt.sig" "$folder/seal/$fp.sshsig"
}
variant() {
    rm -rf "$work/variant"
    mkdir "$work/variant"
    cp -R "$bag" "$work/variant/sample"
}
variant
ssh_sign "$work/variant/sample" "$work/keys/lena" seal@sealbag
pack "$work/variant/sample" "$work/ssh.tar.gz"
expect 0 "a bag with a signature of ssh-keygen's verifies" verify --json "$work/ssh.tar.gz"
says '"state":"valid","role":"countersignature","kind":"sshsig"' "it is a valid countersignature"
says "$(ssh-keygen -l -f "$work/keys/lena.pub" | cut -d ' ' -f 2)" \
    "its fingerprint is shown as ssh-keygen shows it"
expect 0 "the OpenSSH key is added to the trust store" \
    sealbag trust add --keys "$work/lena" lena "$work/keys/lena.pub"
expect 3:trust.too-few "a trusted countersignature is no seal" \
    sealbag verify --keys "$work/lena" "$work/ssh.tar.gz"
trust_key lena
stock_verify() {
    ssh-keygen -Y verify -f "$trust/allowed_signers" -I "$1" -n "$2" \
        -s "$work/variant/sample/seal/$3.sshsig" <"$work/variant/sample/seal/seal.txt"
}
lena_fp=$(cut -d ' ' -f 2 "$work/keys/lena.pub" | base64 -d | sha256sum | cut -c 1-32)
check "ssh-keygen -Y verify accepts it with our allowed_signers" \
    stock_verify lena seal@sealbag "$lena_fp"
refute "ssh-keygen -Y verify refuses it under another name" \
    stock_verify maria seal@sealbag "$lena_fp"

variant
ssh_sign "$work/variant/sample" "$work/keys/lena" seal@sealbag -O hashalg=sha256
pack "$work/variant/sample" "$work/ssh256.tar.gz"
expect 0 "a signature with SHA-256 verifies" verify "$work/ssh256.tar.gz"
variant
ssh_sign "$work/variant/sample" "$work/keys/lena" file
pack "$work/variant/sample" "$work/sshfile.tar.gz"
expect 1 "a signature made for another purpose (namespace) is refused" verify "$work/sshfile.tar.gz"

# The same Ed25519 key in both formats: its SSH signature is the seal.
ssh_private "$work/keys/maria" "$work/keys/maria.ssh"
equal "the key has the same fingerprint in OpenSSH" "$(fingerprint "$pub")" \
    "$(ssh-keygen -l -f "$work/keys/maria.ssh" | cut -d ' ' -f 2)"
variant
rm "$work/variant/sample/seal/$fp.minisig"
ssh_sign "$work/variant/sample" "$work/keys/maria.ssh" seal@sealbag
pack "$work/variant/sample" "$work/sshseal.tar.gz"
expect 0 "an SSH signature by the named signer is its seal" verify --json "$work/sshseal.tar.gz"
says '"state":"valid","role":"seal","kind":"sshsig"' "it counts as the seal"
check "ssh-keygen -Y verify accepts it as maria" stock_verify maria seal@sealbag "$fp"

# ---- packed again ------------------------------------------------------------------------------

again=$work/again.tar.gz
# packed SENTENCE: $again verifies as the very same seal
packed() {
    expect 0 "a bag packed again by $1 verifies" verify --json "$again"
    says "$(sha256sum <"$bag/seal/seal.txt" | cut -c 1-64)" "it is the same seal ($1)"
    says '"rule":"bag.not-judged"' "its index is noted as not judged ($1)"
    rm -f "$again"
}
tar -C "$work/tar" -czf "$again" sample
packed "GNU tar"
for format in gnu pax ustar oldgnu; do
    tar -C "$work/tar" --format="$format" -czf "$again" sample
    packed "GNU tar --format=$format"
done
tar -C "$work/tar" -czf "$again" ./sample
expect 1:path.unsafe "./ before the names is refused, as all that can be written in two ways is" \
    verify "$again"
tar -C "$work/tar" -cf - sample | gzip -9 >"$again"
packed "tar and gzip -9"
if have bsdtar; then
    bsd -C "$work/tar" -czf "$again" sample
    packed "bsdtar"
    bsd -C "$work/tar" --format=pax -czf "$again" sample
    packed "bsdtar --format=pax"
else
    skip_part "a bag packed again by bsdtar verifies (there is no bsdtar here)"
fi
if have pigz; then
    tar -C "$work/tar" -cf - sample | pigz >"$again"
    packed "tar and pigz"
    gzip -dc "$bundle" | pigz -i -b 128 >"$again"
    packed "pigz -i"
else
    skip_part "a bag packed again by pigz verifies (there is no pigz here)"
fi
gzip -dc "$bundle" >"$work/named.tar"
gzip -c -N "$work/named.tar" >"$again"
packed "gzip with a name and a time in its header"
split -b 999999 "$work/named.tar" "$work/piece."
{
    for piece in "$work"/piece.*; do
        gzip -c "$piece"
        gzip -c </dev/null
    done
} >"$again"
packed "gzip in several members, some of them empty"
