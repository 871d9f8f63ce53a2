#!/usr/bin/env bash
# Keys in ssh-agent: a security key of software, and agents that refuse, delay, break off, answer
# nonsense or lie (issue 6). Whatever an agent does, the run ends, says why, and leaves nothing.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    echo "skipped - there is no python3 here to play an agent"
    exit 77
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
make_sample "$work/source"
mkdir "$work/made"
make_key token
log=$work/log
agent=''

stop_agent() {
    [ -z "$agent" ] || kill "$agent" 2>/dev/null || true
    [ -z "$agent" ] || wait "$agent" 2>/dev/null || true
    agent=''
    unset SSH_AUTH_SOCK
}
trap 'stop_agent; clean_up' EXIT

# start_agent MODE
start_agent() {
    stop_agent
    rm -f "$work/agent" "$log" "$work"/made/*
    : >"$log"
    python3 "$here/fake_agent.py" "$work/agent" "$work/keys/token" "$1" "$log" &
    agent=$!
    local i
    for ((i = 0; i < 2000; i++)); do
        [ ! -S "$work/agent" ] || break
        sleep 0.05
    done
    export SSH_AUTH_SOCK=$work/agent
}
create() {
    sealbag create --time "$sealing_time" --salt "$salt" -o "$work/made/bag.tar.gz" "$@" \
        "$work/source"
}
# How often a signature was asked for.
asked() {
    grep -c asked "$log" || true
}
# refuses TIMES SENTENCE: the run fails, and nothing is left.
refuses() {
    one_of_agent=$(grep -c '\[key.agent\]$' "$work/err" || true)
    equal "it is said in one sentence: $2" 1 "$one_of_agent"
    equal "nothing is left: $2" "" "$(names "$work/made")"
    equal "so often a signature was asked for: $2" "$1" "$(asked)"
}

# ---- a security key ----------------------------------------------------------------------------

start_agent good
expect 0 "a security key seals" create --key 'ssh:the token'
says 'Touch the security key now, to sign with "the token".' "it is said that it is to be touched"
equal "it is asked once" 1 "$(asked)"
print=$(sed -n 's/^  Signed by //p' "$work/out")
pub=$work/token_sk.pub
blob=$(from_hex "0000001a736b2d7373682d65643235353139406f70656e7373682e636f6d00000020$(
    public_hex "$work/keys/token.pub")000000047373683a" | base64 -w 0)
printf 'sk-ssh-ed25519@openssh.com %s desk\n' "$blob" >"$pub"
equal "its fingerprint is that of the whole public key" \
    "SHA256:$(base64 -d <<<"$blob" | sha256sum | cut -c 1-64 | from_hex "$(cat)" | base64 -w 0 |
        tr -d =)" "$print"
stop_agent
expect 3:trust.unknown-key "without an agent, its seal is verified" \
    sealbag verify "$work/made/bag.tar.gz"
check "its public key can be trusted" sealbag trust add --keys "$trust" maria "$pub"
expect 0 "then the bag is sealed by somebody trusted" verify "$work/made/bag.tar.gz"
check "the plain key with the same 32 bytes is trusted, too" \
    sealbag trust add --keys "$work/trust-plain" maria "$work/keys/token.pub"
expect 3:trust.unknown-key "but is another key" \
    sealbag verify --keys "$work/trust-plain" "$work/made/bag.tar.gz"
unpack "$work/made/bag.tar.gz" "$work/unpacked"
signature=$(echo "$work"/unpacked/bag/seal/*.sshsig)
if have ssh-keygen; then
    equal "ssh-keygen shows the same fingerprint" "$print" \
        "$(ssh-keygen -l -f "$pub" | cut -d ' ' -f 2)"
    by_openssh() {
        ssh-keygen -Y verify -f "$trust/allowed_signers" -I maria -n "$1" -s "$signature" \
            <"$work/unpacked/bag/seal/seal.txt"
    }
    check "ssh-keygen accepts the signature" by_openssh seal@sealbag
    refute "and for nothing else" by_openssh file
fi
equal "the armor has lines of 70 characters" 70 \
    "$(sed '1d;$d' "$signature" | sed '$d' | awk '{ print length($0) }' | sort -u)"

# judge_both CODE SENTENCE [NAME]: check-by-hand.sh and sealbag judge the unpacked bag alike
judge_both() {
    if have ssh-keygen; then
        expect "$1" "by hand: $2" bash "$by_hand" -f "$trust/allowed_signers" -I "${3-maria}" \
            "$work/unpacked/bag"
    fi
    pack "$work/unpacked/bag" "$work/again.tar.gz"
    expect "$1" "by sealbag: $2" verify --signer "${3-maria}" "$work/again.tar.gz"
}
rm "$work/unpacked/bag/seal/index.tsv"
judge_both 0 "a security key's seal"
judge_both 3 "as if by somebody else" omar
cp "$signature" "$work/signature"
# with_blob SED-EXPRESSION: the signature with its bytes (in hex, on one line) altered
with_blob() {
    {
        echo '-----BEGIN SSH SIGNATURE-----'
        from_hex "$(sed '1d;$d' "$work/signature" | base64 -d | to_hex | sed "$1")" | base64 -w 70
        echo '-----END SSH SIGNATURE-----'
    } >"$signature"
}
with_blob ''
judge_both 0 "the signature as it is, once more"
with_blob 's/..\(........\)$/00\1/'
judge_both 1 "a signature without the flag of the touch"
with_blob 's/..\(........\)$/05\1/'
judge_both 1 "another flag"
with_blob 's/..$/09/'
judge_both 1 "another counter"
with_blob 's/$/00/'
judge_both 1 "a byte more"
with_blob 's/7373683a/7373683b/'
judge_both 1 "another application"
with_blob 's/0000001a736b2d7373682d65643235353139/0000001a736b2d7373682d65643235353138/'
judge_both 3 "another type of key"
cp "$work/signature" "$signature"

cp "$work/made/bag.tar.gz" "$work/one.tar.gz"
for name in "ssh:$print" "ssh:${print:0:23}" "$pub"; do
    start_agent good
    expect 0 "the key is found by ${name:0:30}" create --key "$name"
    check "and gives the same bundle" cmp "$work/one.tar.gz" "$work/made/bag.tar.gz"
done
for name in ssh:SHA256: "ssh:${print:0:22}"; do
    start_agent good
    expect 5:key.agent "so few characters of a fingerprint name no key: ${name:0:30}" \
        create --force --key "$name"
done
start_agent good
expect 0 "a file and a security key seal together" create --key "$work/keys/token" --key "$pub"
says_not "[usage]" "the same 32 bytes in both are two keys"
expect 5:key.agent "the plain key's file is not taken for the security key's" \
    create --force --key ssh:"$(fingerprint "$work/keys/token.pub")"
expect 2 "the same key twice is refused" create --force --key "$pub" --key "ssh:the token"
start_agent slow=3
expect 0 "a late touch is waited for" create --key "$pub"
equal "and asked for once" 1 "$(asked)"

# ---- refusals ----------------------------------------------------------------------------------

start_agent refuse=2
expect 0 "a key that was not touched is asked again" create --key "$pub"
equal "three times in all" 3 "$(asked)"
equal "each time it is said that it is to be touched" 3 "$(grep -c '^Touch' "$work/err")"
start_agent refuse=9
expect 5:key.agent "after three times it fails" create --key "$pub"
refuses 3 "never touched"

if have script; then
    screen=$work/screen
    # on_terminal ANSWERS: create with a terminal, where these letters are typed, one a question.
    on_terminal() {
        : >"$screen"
        code=0
        typing "$1" | timeout 600 script -qefc "$(printf '%q ' "$SEALBAG" create --time \
            "$sealing_time" --salt "$salt" -o "$work/made/bag.tar.gz" --key "$pub" \
            "$work/source")" "$screen" >/dev/null 2>&1 || code=$?
    }
    typing() {
        local i j
        for ((i = 0; i < ${#1}; i++)); do
            for ((j = 0; j < 3000; j++)); do
                [ "$(grep -aoF 'Try again? [Y/n] ' "$screen" | grep -c '' || true)" -le "$i" ] ||
                    break
                sleep 0.1
            done
            printf '%s\n' "${1:i:1}"
        done
        sleep 1
    }
    start_agent refuse=4
    on_terminal yyYy
    equal "on a terminal it is asked as often as somebody wants" 0 "$code"
    equal "five times in all" 5 "$(asked)"
    start_agent refuse=9
    on_terminal yn
    equal "and no more when nobody wants" 5 "$code"
    equal "nothing is left then" "" "$(names "$work/made")"
    equal "it was asked twice" 2 "$(asked)"
fi

# ---- agents that are not there, or have no such key --------------------------------------------

stop_agent
: >"$log"
for socket in '' "$work/nowhere" "$work/source" "$work/$(printf 'x%.0s' {1..200})"; do
    SSH_AUTH_SOCK=$socket expect 5:key.agent "no agent at ${socket:0:30}" create --key ssh:x
    refuses 0 "no agent"
done
for mode in locked empty rsa hang-list twins list-trailing list-short; do
    start_agent "$mode"
    expect 5:key.agent "the agent \"$mode\" has no key to seal with" create --key "ssh:the token"
    refuses 0 "$mode"
done
start_agent good
for name in ssh:other ssh: ssh:SHA256:AAAA "ssh:$print=" "ssh:the token "; do
    expect 5:key.agent "there is no key $name" create --key "$name"
    refuses 0 "$name"
done
echo 'ssh-rsa AAAA' >"$work/rsa.pub"
expect 5:key.malformed "the file of a key of another type is refused" \
    create --key "$work/rsa.pub"

# ---- agents that lie ---------------------------------------------------------------------------

for mode in close cut long zero nonsense trailing wrong untouched other; do
    start_agent "$mode"
    expect 5:key.agent "the agent \"$mode\" does not seal" create --key "$pub"
    refuses 1 "$mode"
done
start_agent untouched
expect 5:key.agent "a security key that need not be touched does not seal" create --key "$pub"
says "no-touch-required" "and it is said why"
start_agent flood
expect 0 "what an agent sends after its answer does not matter" create --key "$pub"
ssh_public "$work/keys/token.pub" >"$work/plain.pub"
start_agent plain
expect 0 "a plain key seals" create --key "$work/plain.pub"
says_not "Touch" "and need not be touched"
for mode in plain-wrong plain-fido; do
    start_agent "$mode"
    expect 5:key.agent "the agent \"$mode\" does not seal" create --key "$work/plain.pub"
    refuses 1 "$mode"
done

# ---- stopping ----------------------------------------------------------------------------------

start_agent hang
rm -f "$work"/made/*
code=0
timeout --preserve-status -s INT 4 "$SEALBAG" create --time "$sealing_time" \
    -o "$work/made/bag.tar.gz" --key "$pub" "$work/source" 2>"$work/err" || code=$?
equal "Ctrl-C ends the wait for a touch" 5 "$code"
equal "and leaves nothing" "" "$(names "$work/made")"
check "it says so" grep -q 'run.cancelled' "$work/err"
