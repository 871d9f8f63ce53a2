#!/usr/bin/env bash
# key show, passwd and export: every kind of key file, against minisign and ssh-keygen (issue 6).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

keys=$work/keys
key() {
    sealbag key "$@"
}
make_key maria
printf 'text\n' >"$work/text"
print=$(fingerprint "$keys/maria.pub")
id=$(sed -n 2p "$keys/maria.pub" | base64 -d | tail -c +3 | head -c 8 | to_hex |
    sed 's/\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)/\8\7\6\5\4\3\2\1/')
line=$(ssh_public "$keys/maria.pub")

# ---- show and export ---------------------------------------------------------------------------

# shows_key FILE KIND SECRET ENCRYPTED ID FINGERPRINT APPLICATION: what --json says
shows_key() {
    expect 0 "key show --json $(basename "$1")" key show --json "$1"
    equal "$(basename "$1") is what it is" \
        "{\"file\":\"$1\",\"kind\":\"$2\",\"secret\":$3,\"encrypted\":$4,\"key_id\":$5,\"fingerprint\":$6,\"application\":$7}" \
        "$(cat "$work/out")"
}
shows_key "$keys/maria" minisign true false "\"${id^^}\"" "\"$print\"" null
shows_key "$keys/maria.pub" minisign false false "\"${id^^}\"" "\"$print\"" null
expect 0 "a secret key is shown" key show "$keys/maria"
says "a minisign secret key, not locked with a passphrase" "as what it is"
says "$print" "with its fingerprint"
says "${id^^}" "and its id"
refute "and not with its secret" \
    grep -qF "$(sed -n 2p "$keys/maria" | cut -c 90-120)" "$work/out"
for file in maria maria.pub; do
    expect 0 "$file is exported" key export --ssh "$keys/$file"
    equal "as OpenSSH's line, and nothing else" "$line" "$(cat "$work/out")"
done
chmod 644 "$keys/maria"
expect 0 "a secret key that others can read" key show "$keys/maria"
says "[key.readable]" "is warned of"
chmod 600 "$keys/maria"

printf '%s\n' "$line anna's key" >"$keys/ssh.pub"
shows_key "$keys/ssh.pub" openssh false false null "\"$print\"" null
blob=$(from_hex "0000001a736b2d7373682d65643235353139406f70656e7373682e636f6d00000020$(
    public_hex "$keys/maria.pub")000000047373683a" | base64 -w 0)
printf 'sk-ssh-ed25519@openssh.com %s\n' "$blob" >"$keys/fido.pub"
fido=SHA256:$(from_hex "$(base64 -d <<<"$blob" | sha256sum | cut -c 1-64)" | base64 -w 0 | tr -d =)
shows_key "$keys/fido.pub" fido false false null "\"$fido\"" '"ssh:"'
expect 0 "a security key's public key is shown" key show "$keys/fido.pub"
says "security key" "as one"
expect 0 "it is exported" key export --ssh "$keys/fido.pub"
equal "as it is" "$(cat "$keys/fido.pub")" "$(cat "$work/out")"
ssh_private "$keys/maria" "$keys/ssh"
shows_key "$keys/ssh" openssh true false null "\"$print\"" null
expect 0 "an OpenSSH private key's public half is exported" key export --ssh "$keys/ssh"
equal "without its comment" "$line" "$(cat "$work/out")"
if have ssh-keygen; then
    sealbag key export --ssh "$keys/maria" >"$work/exported.pub"
    equal "ssh-keygen shows the same fingerprint of what was exported" "$print" \
        "$(ssh-keygen -l -f "$work/exported.pub" | cut -d ' ' -f 2)"
    for cipher in aes256-ctr aes256-gcm@openssh.com chacha20-poly1305@openssh.com; do
        ssh-keygen -q -t ed25519 -N secret -a 1 -Z "$cipher" -f "$keys/with-$cipher"
        found=$(ssh-keygen -l -f "$keys/with-$cipher.pub" | cut -d ' ' -f 2)
        shows_key "$keys/with-$cipher" openssh true true null "\"$found\"" null
        shows_key "$keys/with-$cipher.pub" openssh false false null "\"$found\"" null
    done
    ssh-keygen -q -t ecdsa -N '' -f "$keys/ecdsa"
    for file in ecdsa ecdsa.pub; do
        expect 5:key.malformed "$file is no key for seals" key show "$keys/$file"
        says "only Ed25519" "and it is said why"
    done
else
    skip_part "OpenSSH's own keys (there is no ssh-keygen here)"
fi

# ---- what is no key ----------------------------------------------------------------------------

: >"$work/empty"
head -c 100000 /dev/zero >"$work/large"
head -c 300 "$keys/ssh" >"$work/cut"
sed 's/^b3/B3/' "$keys/ssh" >"$work/changed"
{ cat "$keys/ssh" && echo x; } >"$work/longer"
for file in "$work/empty" "$work/large" "$work/cut" "$work/changed" "$work/longer" "$work/text" \
    "$work/missing" "$work"; do
    for verb in show "export --ssh" passwd; do
        # shellcheck disable=SC2086  # two words
        expect 5 "key $verb $(basename "$file")" key $verb "$file"
        one_sentence "one sentence says so: $verb $(basename "$file")"
    done
done
printf 'untrusted comment: \033[31m\n%s\n' "$(sed -n 2p "$keys/maria.pub")" >"$work/evil.pub"
expect 5:key.malformed "a comment with control characters" key show "$work/evil.pub"
for arguments in '' show 'show a b' passwd export 'look a' 'export a' 'show --ssh a' \
    'passwd --json a' 'show --no-passphrase a' 'show --what a'; do
    # shellcheck disable=SC2086  # several words
    expect 2:usage "wrong usage: key $arguments" key $arguments
    one_sentence "one sentence says so: key $arguments"
done

# ---- passwd ------------------------------------------------------------------------------------

cp "$keys/maria" "$keys/changing"
chmod 640 "$keys/changing"
ln -s changing "$keys/link"
set_first() {
    key passwd --passphrase-fd 8 "$keys/link" 8<<<'one thing'
}
expect 0 "a passphrase is set" set_first
says "locked with a passphrase" "and that is said"
equal "the file is for its owner alone" 600 "$(stat -c %a "$keys/changing")"
check "a link stays a link" test -L "$keys/link"
equal "nothing else is left" "" "$(names "$keys" | tr ' ' '\n' | grep -v -e maria -e ssh -e fido \
    -e changing -e link -e with- -e ecdsa)"
equal "the comment does not lie" "untrusted comment: sealbag encrypted secret key" \
    "$(head -n 1 "$keys/changing")"
shows_key "$keys/changing" minisign true true null null null
expect 0 "a locked key is shown" key show "$keys/changing"
says "changing.pub" "and it is said where to look"
show_open() {
    key show --passphrase-fd 8 "$keys/changing" 8<<<'one thing'
}
expect 0 "with its passphrase" show_open
says "$print" "its fingerprint is shown"
export_open() {
    key export --ssh --passphrase-fd 8 "$keys/changing" 8<<<'one thing'
}
expect 0 "with its passphrase, a locked key is exported" export_open
equal "as the line that it was" "$line" "$(cat "$work/out")"
by_minisign() {
    minisign -S -s "$keys/changing" -m "$work/text" <<<"$1" && minisign -V -p "$keys/maria.pub" \
        -m "$work/text"
}
if have minisign; then
    check "minisign opens it with the same passphrase, and it is the same key" \
        by_minisign 'one thing'
fi

cp "$keys/changing" "$work/before"
# unchanged CODE SENTENCE COMMAND...
unchanged() {
    expect "$@"
    check "and the file is as it was" cmp "$work/before" "$keys/changing"
}
wrong() {
    key passwd --passphrase-fd 8 "$keys/changing" 8<<<$'another\nnew'
}
no_new() {
    key passwd --passphrase-fd 8 "$keys/changing" 8<<<'one thing'
}
unchanged 5:key.passphrase "a wrong passphrase changes nothing" wrong
unchanged 5:key.passphrase "nor does a missing new one" no_new
if have setsid; then
    without_terminal() {
        setsid -w timeout 300 "$SEALBAG" key passwd "$keys/changing"
    }
    unchanged 5:key.passphrase "without a terminal nobody is asked" without_terminal
fi
change() {
    key passwd --passphrase-fd 8 "$keys/changing" 8<<<$'one thing\nanother thing'
}
expect 0 "a passphrase is changed" change
says "the new passphrase" "and that is said"
if have minisign; then
    check "minisign opens it with the new one" by_minisign 'another thing'
    refute "and not with the old one" by_minisign 'one thing'
fi
take_away() {
    key passwd --no-passphrase --passphrase-fd 8 "$keys/changing" 8<<<'another thing'
}
expect 0 "a passphrase is taken away" take_away
says "not locked any more" "and that is said"
check "then the file is what it was at first" cmp "$keys/maria" "$keys/changing"
expect 0 "taking it away twice is no mistake" key passwd --no-passphrase "$keys/changing"
equal "the file is still for its owner alone" 600 "$(stat -c %a "$keys/changing")"
if have minisign; then
    check "minisign signs with it" by_minisign ''
    # minisign's own key, with a comment of its own
    printf 'first\nfirst\n' | minisign -G -f -c 'desk 2' -s "$keys/own" -p "$keys/own.pub" >/dev/null 2>&1
    of_minisign() {
        key passwd --no-passphrase --passphrase-fd 8 "$keys/own" 8<<<first
    }
    expect 0 "minisign's own key is opened" of_minisign
    equal "and keeps its comment" "untrusted comment: desk 2" "$(head -n 1 "$keys/own")"
    check "minisign still takes it" minisign -S -s "$keys/own" -m "$work/text"
fi
expect 5:key.malformed "a public key has no passphrase" key passwd "$keys/maria.pub"
expect 5:key.malformed "an OpenSSH key is ssh-keygen's" key passwd "$keys/ssh"
says "ssh-keygen -p" "and it is said how"
chmod 644 "$keys/changing"
expect 0 "a key that others could read" key passwd --no-passphrase "$keys/changing"
equal "can be read by its owner alone then" 600 "$(stat -c %a "$keys/changing")"
if as_root && chown 12345:12345 "$keys/changing" 2>/dev/null; then
    expect 0 "somebody else's key, changed by root" key passwd --no-passphrase "$keys/changing"
    equal "stays his" 12345:12345 "$(stat -c %u:%g "$keys/changing")"
fi
if ! as_root; then
    mkdir -m 500 "$work/closed"
    expect 5 "a folder that cannot be written" key passwd --no-passphrase "$work/closed/key"
fi
