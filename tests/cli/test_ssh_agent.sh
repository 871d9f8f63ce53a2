#!/usr/bin/env bash
# Keys in a real ssh-agent seal, and ssh-keygen accepts it; what ssh-keygen signs is accepted here
# (issue 6). What other agents may do is in test_fake_agent.sh.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for tool in ssh-agent ssh-add ssh-keygen; do
    if ! have "$tool"; then
        echo "skipped - there is no $tool here"
        exit 77
    fi
done
make_sample "$work/source"
mkdir "$work/made"
# What the agent asks when a key may only be used after a question: the answers are in a file, one
# exit code a line.
# shellcheck disable=SC2016  # for the script
printf '#!/bin/sh\nread -r code <"%s" || exit 1\nsed -i 1d "%s"\nexit "$code"\n' \
    "$work/answers" "$work/answers" >"$work/askpass"
chmod +x "$work/askpass"
: >"$work/answers"
eval "$(SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=none \
    ssh-agent -s -a "$work/agent")" >/dev/null
trap 'kill "$SSH_AGENT_PID" || true; clean_up' EXIT

for key in maria jose; do
    ssh-keygen -q -t ed25519 -N '' -C "$key's key" -f "$work/keys/$key"
    ssh-add -q "$work/keys/$key" 2>"$work/err"
done
ssh-keygen -q -t ecdsa -N '' -C 'ecdsa key' -f "$work/keys/ecdsa"
ssh-add -q "$work/keys/ecdsa"
print_of() {
    ssh-keygen -l -f "$work/keys/$1.pub" | cut -d ' ' -f 2
}
create() {
    sealbag create --time "$sealing_time" --salt "$salt" -o "$work/made/bag.tar.gz" --force "$@" \
        "$work/source"
}
trust_key maria
trust_key jose

# ---- ours, checked by OpenSSH ------------------------------------------------------------------

print=$(print_of maria)
for name in "ssh:maria's key" "ssh:$print" "ssh:${print:0:23}" "$work/keys/maria.pub"; do
    expect 0 "a key in the agent seals, as ${name:0:30}" create --key "$name"
    says "Signed by $print" "its fingerprint is the one that ssh-keygen shows"
    [ -e "$work/first" ] || cp "$work/made/bag.tar.gz" "$work/first"
    check "it is the same bundle each time" cmp "$work/first" "$work/made/bag.tar.gz"
done
expect 0 "the bundle is good" verify "$work/made/bag.tar.gz"
SSH_AUTH_SOCK='' expect 0 "and that without an agent" verify --signer maria "$work/made/bag.tar.gz"
unpack "$work/made/bag.tar.gz" "$work/unpacked"
bag=$work/unpacked/bag
fp=$(cut -d ' ' -f 2 "$work/keys/maria.pub" | base64 -d | sha256sum | cut -c 1-32)
equal "the signature is called by the key" "$fp.sshsig" "$(cd "$bag/seal" && echo *.sshsig)"
# by_openssh NAMESPACE [NAME]
by_openssh() {
    ssh-keygen -Y verify -f "$trust/allowed_signers" -I "${2-maria}" -n "$1" \
        -s "$bag/seal/$fp.sshsig" <"$bag/seal/seal.txt"
}
check "ssh-keygen accepts it with the trust store" by_openssh seal@sealbag
refute "but not for another purpose" by_openssh file
refute "and not by somebody else" by_openssh seal@sealbag jose
cp "$bag/seal/$fp.sshsig" "$work/ours"
rm "$bag/seal/$fp.sshsig"
ssh-keygen -q -Y sign -f "$work/keys/maria" -n seal@sealbag "$bag/seal/seal.txt" 2>"$work/err"
check "ssh-keygen signs to the same bytes" cmp "$work/ours" "$bag/seal/seal.txt.sig"

# ---- theirs, checked here ----------------------------------------------------------------------

# signed_by_openssh KEY FP [OPTIONS]: the bag, with this signature of ssh-keygen's
signed_by_openssh() {
    local key=$1 name=$2
    shift 2
    rm -f "$bag"/seal/*.sshsig "$bag"/seal/seal.txt.sig "$bag/seal/index.tsv"
    ssh-keygen -q -Y sign -f "$key" -n seal@sealbag "$@" "$bag/seal/seal.txt" 2>"$work/err"
    mv "$bag/seal/seal.txt.sig" "$bag/seal/$name.sshsig"
    pack "$bag" "$work/theirs.tar.gz"
}
for hash in sha256 sha512; do
    signed_by_openssh "$work/keys/maria" "$fp" -O hashalg=$hash
    expect 0 "what ssh-keygen signs with $hash holds" verify "$work/theirs.tar.gz"
    signed_by_openssh "$work/keys/maria.pub" "$fp" -O hashalg=$hash
    expect 0 "also through the agent" verify "$work/theirs.tar.gz"
done
ecdsa=$(cut -d ' ' -f 2 "$work/keys/ecdsa.pub" | base64 -d | sha256sum | cut -c 1-32)
signed_by_openssh "$work/keys/ecdsa" "$ecdsa"
expect 3:seal.not-checkable "another type of key cannot be checked, and counts for nothing" \
    verify "$work/theirs.tar.gz"

# ---- several keys, and keys that do not fit ----------------------------------------------------

expect 0 "two keys of the agent seal" create --key "ssh:maria's key" --key "ssh:jose's key"
expect 0 "and both are found" verify --require 2 "$work/made/bag.tar.gz"
sealbag keygen --no-passphrase -o "$work/keys/mini" >/dev/null
trust_key mini
expect 0 "a key of the agent seals with a key file" \
    create --key "$work/keys/mini" --key "ssh:maria's key"
expect 0 "and both are found, too" verify --signer mini --signer maria "$work/made/bag.tar.gz"
# A bundle that exists is signed as well.
expect 0 "a key file seals, and a key of the agent is awaited" \
    create --key "$work/keys/mini" --cosigner "$(print_of jose)"
expect 0 "it adds its seal" sealbag sign --keys "$trust" --key "ssh:jose's key" "$work/made/bag.tar.gz"
expect 0 "another one of the agent countersigns" \
    sealbag sign --keys "$trust" --key "$work/keys/maria.pub" "$work/made/bag.tar.gz"
says "as a countersignature" "and it is said that this is no seal"
expect 0 "all are found" verify --signer mini --signer jose "$work/made/bag.tar.gz"
expect 3 "a countersignature is no seal" verify --signer maria "$work/made/bag.tar.gz"
expect 5:io.exists "no key signs twice" \
    sealbag sign --keys "$trust" --key "ssh:maria's key" "$work/made/bag.tar.gz"
unpack "$work/made/bag.tar.gz" "$work/added"
for name in maria jose; do
    name_fp=$(cut -d ' ' -f 2 "$work/keys/$name.pub" | base64 -d | sha256sum | cut -c 1-32)
    check "ssh-keygen accepts what was added by $name" ssh-keygen -Y verify \
        -f "$trust/allowed_signers" -I "$name" -n seal@sealbag \
        -s "$work/added/bag/seal/$name_fp.sshsig" <"$work/added/bag/seal/seal.txt"
done
expect 2 "a key twice is refused" create --key "ssh:maria's key" --key "$work/keys/maria.pub"
rm "$work"/made/*
expect 5:key.agent "a key of another type does not seal" create --key "ssh:ecdsa key"
expect 5:key.malformed "nor does its file" create --key "$work/keys/ecdsa.pub"
says "only Ed25519" "and it is said why"
expect 5:key.malformed "an OpenSSH private key is not read" create --key "$work/keys/maria"
says "ssh-add" "and it is said what to do"
expect 5:key.malformed "minisign's public key does not sign" create --key "$work/keys/mini.pub"
ssh-add -q -d "$work/keys/jose.pub" 2>"$work/err"
expect 5:key.agent "a key that was taken out of the agent is not there" \
    create --key "$work/keys/jose.pub"
equal "nothing was made by any of these" "" "$(names "$work/made")"

# ---- a key that may be used only after a question ----------------------------------------------

ssh-add -q -D 2>"$work/err"
ssh-add -q -c "$work/keys/maria" 2>"$work/err"
printf '0\n' >"$work/answers"
expect 0 "the agent asks, and allows it" create --key "$work/keys/maria.pub"
printf '1\n1\n0\n' >"$work/answers"
expect 0 "it is asked again when it was not allowed" create --key "$work/keys/maria.pub"
rm "$work"/made/*
printf '1\n1\n1\n0\n' >"$work/answers"
expect 5:key.agent "but not for ever" create --key "$work/keys/maria.pub"
equal "and nothing is left" "" "$(names "$work/made")"

# ---- the other verbs that sign -----------------------------------------------------------------

ssh-add -q -D 2>"$work/err"
ssh-add -q "$work/keys/maria" "$work/keys/jose" 2>"$work/err"
expect 0 "a bag is sealed" create --key "ssh:maria's key"
bundle=$work/made/bag.tar.gz
expect 0 "a key of the agent countersigns" sealbag sign --yes --keys "$trust" \
    --key "ssh:jose's key" "$bundle"
expect 0 "and it holds" verify --require 2 --count-countersignatures "$bundle"
expect 0 "a key of the agent signs a custody event" sealbag custody add --yes --keys "$trust" \
    --event transfer --note 'by hand' --key "$work/keys/jose.pub" "$bundle"
expect 0 "and it holds, too" verify "$bundle"
rm -rf "$work/unpacked"
unpack "$bundle" "$work/unpacked"
event=$(echo "$work"/unpacked/bag/seal/custody/0001-*.txt)
in_namespace() {
    ssh-keygen -Y check-novalidate -n "$1" -s "${event%.txt}.sshsig" <"$event"
}
check "ssh-keygen finds it good, in custody's namespace" in_namespace custody@sealbag
refute "and in no other" in_namespace seal@sealbag
expect 0 "a key of the agent seals a trust store to hand on" sealbag trust export \
    --keys "$trust" -o "$work/made/keys.tar.gz" --key "ssh:maria's key"
expect 0 "and it holds" verify --signer maria "$work/made/keys.tar.gz"
