#!/usr/bin/env bash
# keygen makes minisign key files, for their owner alone, and never overwrites one (issue 3).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

keys=$work/keys
keygen() {
    sealbag keygen "$@"
}

# ---- a key pair --------------------------------------------------------------------------------

expect 0 "an unencrypted key pair is made" keygen --no-passphrase -o "$keys/one"
equal "two files, and nothing else" "one one.pub" "$(names "$keys")"
equal "the secret key is for its owner alone" 600 "$(stat -c %a "$keys/one")"
equal "the public key is for all" 644 "$(stat -c %a "$keys/one.pub")"
says "$(fingerprint "$keys/one.pub")" "the fingerprint is shown"
if have ssh-keygen; then
    ssh_public "$keys/one.pub" >"$work/one.ssh"
    says "$(ssh-keygen -l -f "$work/one.ssh" | cut -d ' ' -f 2)" \
        "it is the one that ssh-keygen shows for the same key"
fi
id=$(sed -n 2p "$keys/one.pub" | base64 -d | tail -c +3 | head -c 8 | to_hex |
    sed 's/\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)/\8\7\6\5\4\3\2\1/')
says "${id^^}" "the key id is shown as minisign shows it"
if have minisign; then
    printf 'text\n' >"$work/text"
    check "minisign signs with it" minisign -S -s "$keys/one" -m "$work/text"
    check "minisign verifies with it" minisign -V -p "$keys/one.pub" -m "$work/text"
    head -n 1 "$work/text.minisig" >"$work/first-line"
    run minisign -V -P "$(sed -n 2p "$keys/one.pub")" -m "$work/text"
    equal "minisign takes the key from the second line" 0 "$code"
    # minisign names the id of a key that does not fit.
    expect 0 "another key is made" keygen --no-passphrase -o "$keys/two"
    run minisign -V -p "$keys/two.pub" -m "$work/text"
    # It does not print zeros in front.
    says " $(printf '%X' "0x$id")" "minisign names the same key id"
fi
refute "two keys are not the same" cmp -s "$keys/one" "$keys/two"

in_umask() {
    (umask "$1" && keygen --no-passphrase -o "$keys/umask-$1")
}
for mask in 000 022 077; do
    expect 0 "a key pair is made with umask $mask" in_umask "$mask"
    equal "the secret key is for its owner alone with umask $mask" 600 \
        "$(stat -c %a "$keys/umask-$mask")"
done
for locale in C C.UTF-8 nonsense; do
    expect 0 "a key pair is made with LC_ALL=$locale" \
        env LC_ALL="$locale" "$SEALBAG" keygen --no-passphrase -o "$keys/locale-$locale"
done

# ---- comments ----------------------------------------------------------------------------------

expect 0 "a comment is taken" keygen --no-passphrase --comment 'For the archive' -o "$keys/comment"
for file in comment comment.pub; do
    check "it is in the first line of $file" \
        grep -q '^untrusted comment: .*For the archive' <(head -n 1 "$keys/$file")
done
refute "no host or user name is in a key's comment" \
    grep -qwE -e "$(id -un)|$(uname -n)" "$keys/one" "$keys/one.pub"
before=$(names "$keys")
for comment in $'two\nlines' $'carriage\rreturn' $'tab\there' $'\033[31m' \
    "$(printf 'c%.0s' {1..5000})"; do
    run keygen --no-passphrase --comment "$comment" -o "$keys/bad"
    equal "the comment $(printf %q "${comment:0:20}") is refused" 2 "$code"
    one_sentence "in one sentence"
    equal "and leaves nothing" "$before" "$(names "$keys")"
done

# ---- nothing is overwritten --------------------------------------------------------------------

# untouched SENTENCE: after a refused keygen the folder is as it was
listing_before=$(listing "$keys")
untouched() {
    one_sentence "one sentence says so: $1"
    equal "nothing changes: $1" "$listing_before" "$(listing "$keys")"
}
expect 5:io.exists "an existing key is not overwritten" keygen --no-passphrase -o "$keys/one"
untouched "an existing key"
printf 'mine\n' >"$keys/half"
listing_before=$(listing "$keys")
expect 5:io.exists "an existing file is not overwritten" keygen --no-passphrase -o "$keys/half"
untouched "an existing file"
mv "$keys/half" "$keys/half.pub"
listing_before=$(listing "$keys")
expect 5:io.exists "an existing FILE.pub is not overwritten" keygen --no-passphrase -o "$keys/half"
untouched "an existing FILE.pub, and no secret key without it"
ln -s nowhere "$keys/dangling"
ln -s nowhere "$keys/other.pub"
listing_before=$(listing "$keys")
expect 5 "a dangling link is not followed" keygen --no-passphrase -o "$keys/dangling"
untouched "a dangling link"
expect 5 "a dangling link as FILE.pub is not followed" keygen --no-passphrase -o "$keys/other"
untouched "a dangling link as FILE.pub"
refute "nothing is where the links point" test -e "$keys/nowhere"
expect 5 "a folder that is not there is 5" keygen --no-passphrase -o "$keys/missing/key"
untouched "a folder that is not there"
expect 5 "a folder in the key's place is 5" keygen --no-passphrase -o "$keys"
untouched "a folder in the key's place"
refute "and no .pub beside it" test -e "$keys.pub"
expect 5 "an empty name is 5" keygen --no-passphrase -o ''
untouched "an empty name"
if ! as_root; then
    mkdir -m 555 "$work/read-only"
    expect 5 "a folder that cannot be written is 5" keygen --no-passphrase -o "$work/read-only/key"
    one_sentence "in one sentence"
fi

# ---- passphrases -------------------------------------------------------------------------------

printf 'correct horse\nsecond line\n' >"$work/passphrase"
expect 0 "a passphrase is read from a file" \
    keygen --passphrase-file "$work/passphrase" -o "$keys/locked"
equal "the encrypted key is for its owner alone" 600 "$(stat -c %a "$keys/locked")"
equal "it says scrypt" 45645363 \
    "$(sed -n 2p "$keys/locked" | base64 -d | head -c 4 | to_hex)"
refute "the secret is not in it as it is" grep -q AAAAAAAAAAAAAAAA "$keys/locked"
make_sample "$work/source"
create_with() {
    sealbag create --quiet -o "$work/$1.tar.gz" --key "$keys/locked" "${@:2}" "$work/source"
}
from_descriptor() {
    create_with descriptor --passphrase-fd 7 7<<<'correct horse'
}
expect 0 "the first line of the file opens it, from a descriptor" from_descriptor
if have minisign; then
    locked_minisign() {
        minisign -S -s "$keys/locked" -m "$work/text" <<<'correct horse'
    }
    check "minisign opens it with the same passphrase" locked_minisign
fi
by_descriptor() {
    keygen --passphrase-fd 9 -o "$keys/by-descriptor" 9<<<'battery staple'
}
expect 0 "a passphrase is read from a descriptor" by_descriptor
before=$(names "$keys")
# no_key CODE SENTENCE ARGUMENTS...
no_key() {
    expect "$1" "$2" keygen "${@:3}" -o "$keys/bad"
    one_sentence "one sentence says so: $2"
    equal "nothing is left: $2" "$before" "$(names "$keys")"
}
: >"$work/nothing"
printf '\n' >"$work/empty-line"
head -c 100000 /dev/zero | tr '\0' x >"$work/long"
no_key 5 "an empty passphrase file" --passphrase-file "$work/nothing"
no_key 5 "an empty passphrase" --passphrase-file "$work/empty-line"
no_key 5 "an endless passphrase" --passphrase-file "$work/long"
no_key 5 "a passphrase file that is not there" --passphrase-file "$work/missing"
says "$work/missing" "and it is named"
no_key 5 "a descriptor that is closed" --passphrase-fd 77
no_key 2 "a descriptor that is no number" --passphrase-fd x
no_key 2 "a passphrase and none" --passphrase-file "$work/passphrase" --no-passphrase
no_key 2 "two passphrases" --passphrase-file "$work/passphrase" --passphrase-fd 0
no_key 2 "an argument" extra
no_key 2 "an unknown option" --sure
if have setsid; then
    without_terminal() {
        setsid -w timeout 300 "$SEALBAG" keygen -o "$keys/bad"
    }
    expect 5:key.passphrase "without a terminal no passphrase is asked for" without_terminal
    says "--passphrase-file" "it is told how to give one"
    equal "and nothing is left" "$before" "$(names "$keys")"
fi

# ---- the default place -------------------------------------------------------------------------

at_home() {
    env -u XDG_CONFIG_HOME HOME="$work/new-home" "$SEALBAG" keygen --no-passphrase
}
mkdir "$work/new-home"
expect 0 "without -o the key is in the home folder" at_home
check "in .config/sealbag" test -f "$work/new-home/.config/sealbag/sealbag.key"
equal "its folder is for its owner alone" 700 "$(stat -c %a "$work/new-home/.config/sealbag")"
equal "the secret key too" 600 "$(stat -c %a "$work/new-home/.config/sealbag/sealbag.key")"
expect 5:io.exists "not a second time" at_home
in_config() {
    env XDG_CONFIG_HOME="$work/config" "$SEALBAG" keygen --no-passphrase
}
expect 0 "XDG_CONFIG_HOME is respected" in_config
check "in its folder sealbag" test -f "$work/config/sealbag/sealbag.key.pub"
homeless() {
    env -u XDG_CONFIG_HOME -u HOME "$SEALBAG" keygen --no-passphrase
}
run homeless
case $code in
    0) fail "without a home folder it fails" "it succeeds" ;;
    *) one_sentence "without a home folder one sentence says so" ;;
esac
