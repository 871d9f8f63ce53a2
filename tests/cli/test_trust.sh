#!/usr/bin/env bash
# The trust store: whose keys are trusted (issue 3; DESIGN.md, section 7).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar lena; do
    make_key "$name"
done
make_sample "$work/source"
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
store=$work/store
signers=$store/allowed_signers
trust() {
    local verb=$1
    shift
    sealbag trust "$verb" --keys "$store" "$@"
}

# ---- add, list, remove -------------------------------------------------------------------------

expect 0 "a minisign key is added to a store that is not there yet" \
    trust add maria "$work/keys/maria.pub"
says "$(fingerprint "$work/keys/maria.pub")" "its fingerprint is shown"
equal "the store's folder is the owner's alone" 700 "$(stat -c %a "$store")"
refute "others cannot write the store" test -n "$(find "$signers" -perm /022)"
expect 0 "then her bundle is trusted" sealbag verify --keys "$store" "$bundle"
expect 0 "the same entry once more changes nothing" trust add maria "$work/keys/maria.pub"
equal "it is there once" 1 "$(grep -c '' "$signers")"
expect 0 "a second key" trust add omar "$work/keys/omar.pub"
expect 0 "a second key under a name that is there" trust add maria "$work/keys/lena.pub"
expect 0 "list" trust list
equal "list shows each fingerprint, name and state" \
    "$(for pair in maria:maria omar:omar maria:lena; do
        printf '%s  %s  trusted\n' "$(fingerprint "$work/keys/${pair#*:}.pub")" "${pair%:*}"
    done)" "$(cat "$work/out")"
expect 0 "remove takes all keys of a name" trust remove maria
says "2 keys" "it says how many"
expect 3 "then her bundle is 3" sealbag verify --keys "$store" "$bundle"
run trust list
equal "the other is still there" "$(fingerprint "$work/keys/omar.pub")  omar  trusted" "$(cat "$work/out")"
expect 5:io.not-found "remove of a name that is not there is 5" trust remove nobody
expect 5 "remove from a store that is not there is 5" \
    sealbag trust remove --keys "$work/no-store" maria
refute "and does not make one" test -e "$work/no-store"

if have ssh-keygen; then
    ssh-keygen -q -t ed25519 -N '' -C 'sam@example.org and more' -f "$work/keys/sam"
    expect 0 "an OpenSSH key is added" trust add sam@example.org "$work/keys/sam.pub"
    says "$(ssh-keygen -l -f "$work/keys/sam.pub" | cut -d ' ' -f 2)" \
        "with the fingerprint that ssh-keygen shows"
    refute "its comment is not in the store" grep -q 'and more' "$signers"
    printf 'text\n' >"$work/text"
    ssh-keygen -q -Y sign -f "$work/keys/sam" -n seal@sealbag "$work/text" 2>"$work/err"
    stock_verify() {
        ssh-keygen -Y verify -f "$signers" -I sam@example.org -n "$1" -s "$work/text.sig" \
            <"$work/text"
    }
    check "ssh-keygen reads the store" stock_verify seal@sealbag
    refute "and trusts the key for nothing else" stock_verify git
    for type in rsa ecdsa; do
        ssh-keygen -q -t "$type" -N '' -f "$work/keys/$type"
        expect 5:key.malformed "a key of another type ($type) is refused" \
            trust add "$type" "$work/keys/$type.pub"
        one_sentence "and one sentence says so"
    done
    expect 5:key.malformed "an OpenSSH private key is refused" trust add sam "$work/keys/sam"
    says "private" "and it says that it is private"
else
    skip_part "OpenSSH keys (there is no ssh-keygen here)"
fi
no_home() {
    env -u XDG_CONFIG_HOME HOME="$work/new-home" "$SEALBAG" trust "$@"
}
mkdir "$work/new-home"
expect 0 "without --keys the store is in the home folder" no_home add omar "$work/keys/omar.pub"
check "in .config/sealbag" test -f "$work/new-home/.config/sealbag/allowed_signers"
env_home() {
    env XDG_CONFIG_HOME="$work/config" "$SEALBAG" trust "$@"
}
expect 0 "or in XDG_CONFIG_HOME" env_home add omar "$work/keys/omar.pub"
check "in its folder sealbag" test -f "$work/config/sealbag/allowed_signers"

# ---- what cannot be added ----------------------------------------------------------------------

before=$(cat "$signers")
# refused CODE SENTENCE ARGUMENTS...
refused() {
    expect "$1" "$2" trust add "${@:3}"
    one_sentence "and one sentence says so: $2"
    equal "and the store is as it was: $2" "$before" "$(cat "$signers")"
}
for name in '' ' ' 'two words' 'a,b' '*' 'a?b' '!a' 'a"b' '#a' $'a\tb' $'a\nb omar' $'a\rb' \
    $'a\342\200\256b' $'a\342\200\213b' $'\377' "$(printf 'n%.0s' {1..256})"; do
    refused 2 "the name $(printf %q "${name:0:30}")" "$name" "$work/keys/maria.pub"
done
: >"$work/empty.pub"
head -c 1000 /dev/urandom >"$work/random.pub"
head -c 100000 /dev/zero >"$work/zeros.pub"
printf 'not a key\n' >"$work/text.pub"
sed '2s/.$//' "$work/keys/maria.pub" >"$work/short.pub"
sed '2s/^R/S/' "$work/keys/maria.pub" >"$work/algorithm.pub"
sed '$aextra' "$work/keys/maria.pub" >"$work/long.pub"
for file in empty random zeros text short algorithm long; do
    refused 5 "the key file $file.pub" someone "$work/$file.pub"
done
refused 5 "a secret key in place of the public one" someone "$work/keys/maria"
refused 5 "a key file that is not there" someone "$work/missing.pub"
refused 5 "a folder as a key file" someone "$work/source"
mkfifo "$work/fifo"
fifo() {
    timeout 300 "$SEALBAG" trust add --keys "$store" someone "$work/fifo"
}
expect 5 "a named pipe as a key file does not hang" fifo
for arguments in '' add 'add maria' 'add maria a b' 'list x' remove 'remove a b' 'forget maria' \
    'add --sure maria x' 'list --keys'; do
    # shellcheck disable=SC2086  # words are wanted
    expect 2 "trust $arguments is wrong usage" sealbag trust $arguments
done

# Names that look the same would be taken for one person.
expect 0 "a name with an accent" trust add $'andr\303\251@example.org' "$work/keys/maria.pub"
before=$(cat "$signers")
refused 5 "the same name with the accent as a character of its own" \
    $'andre\314\201@example.org' "$work/keys/lena.pub"
refused 5 "the same name in capitals" $'ANDR\303\211@example.org' "$work/keys/lena.pub"
expect 0 "that very name" trust add $'andr\303\251@example.org' "$work/keys/lena.pub"
expect 0 "and it can be removed" trust remove $'andr\303\251@example.org'

# ---- bad stores --------------------------------------------------------------------------------

line=$(grep '^omar ' "$signers")
key_part=$(cut -d ' ' -f 3- <<<"$line")
# bad_line SENTENCE LINE: as the third line of a store
bad_line() {
    rm -rf "$work/bad"
    mkdir -m 700 "$work/bad"
    printf '# a comment\n%s\n%s\n%s\n' "$line" "$2" "$line" >"$work/bad/allowed_signers"
    chmod 600 "$work/bad/allowed_signers"
    expect 5:trust.malformed "$1 in the store is 5" sealbag verify --keys "$work/bad" "$bundle"
    says "line 3" "and its line is named: $1"
    one_sentence "in one sentence: $1"
    expect 5:trust.malformed "trust list says so too: $1" sealbag trust list --keys "$work/bad"
    expect 5:trust.malformed "nothing is added to such a store: $1" \
        sealbag trust add --keys "$work/bad" maria "$work/keys/maria.pub"
}
bad_line "a line without a key" 'maria'
bad_line "a key that is no base64" 'maria namespaces="seal@sealbag" ssh-ed25519 !!!!'
bad_line "a cut key" "maria ${key_part%????}"
bad_line "an unknown option" "maria unknown-option $key_part"
bad_line "an option that restricts the key and is not understood" "maria cert-authority $key_part"
bad_line "a pattern as a name" "*@example.org $key_part"
bad_line "a control character" $'ma\001ria '"$key_part"
bad_line "bytes that are not UTF-8" $'ma\377ria '"$key_part"
bad_line "a Windows line end" "maria $key_part"$'\r'
printf '\357\273\277%s\n' "$line" >"$work/bad/allowed_signers"
expect 5:trust.malformed "a byte order mark is refused" sealbag verify --keys "$work/bad" "$bundle"
says "line 1" "and its line is named"
printf '%s' "$line" >"$work/bad/allowed_signers"
expect 0 "a last line without an end is read" sealbag trust list --keys "$work/bad"
expect 0 "and added to" sealbag trust add --keys "$work/bad" maria "$work/keys/maria.pub"
expect 0 "both names are there" sealbag verify --keys "$work/bad" --signer maria "$bundle"
equal "on two lines" 2 "$(grep -c '' "$work/bad/allowed_signers")"
printf 'maria namespaces="git" %s\n' "$(ssh_public "$work/keys/maria.pub")" \
    >"$work/bad/allowed_signers"
expect 3 "a key for other purposes only is not trusted" sealbag verify --keys "$work/bad" "$bundle"

chmod 600 "$signers"
for mode in 666 620 602; do
    chmod "$mode" "$signers"
    expect 3:trust.writable "a store file of mode $mode is warned about" \
        sealbag verify --keys "$store" "$bundle"
done
chmod 600 "$signers"
for mode in 777 720 702; do
    chmod "$mode" "$store"
    expect 3:trust.writable "a store folder of mode $mode is warned about" \
        sealbag verify --keys "$store" "$bundle"
done
chmod 700 "$store"
expect 3 "a store of one's own is not" sealbag verify --keys "$store" "$bundle"
says_not trust.writable "warned about"

# ---- many changes, and what was there before ---------------------------------------------------

seq 1 10 >"$work/numbers"
while IFS= read -r i; do
    sealbag trust add --keys "$work/many" "name-$i" "$work/keys/maria.pub" >"$work/many-$i" 2>&1 &
done <"$work/numbers"
wait
equal "ten adds at once lose nothing" "$(sed 's/^/name-/' "$work/numbers" | sort)" \
    "$(sealbag trust list --keys "$work/many" | cut -d ' ' -f 3 | sort)"
equal "and leave no other file" allowed_signers "$(names "$work/many")"

omar=$(ssh_public "$work/keys/omar.pub")
lena=$(ssh_public "$work/keys/lena.pub")
{
    printf '# Whom I met.\n\n'
    printf 'omar namespaces="file,seal@sealbag"  %s  met in  Oslo\n' "$omar"
    printf '   # indented, with maria in it\n'
    printf 'maria namespaces="seal@sealbag" %s\n' "$(ssh_public "$work/keys/maria.pub")"
    printf '\n#maria %s\n' "$lena"
    printf 'lena namespaces="git" %s' "$lena"
} >"$work/bad/allowed_signers"
chmod 600 "$work/bad/allowed_signers"
grep -v '^maria ' "$work/bad/allowed_signers" >"$work/wanted"
truncate -s -1 "$work/wanted"
expect 0 "remove from a store that was written by hand" \
    sealbag trust remove --keys "$work/bad" maria
check "the other lines and the comments are the same bytes" \
    cmp "$work/wanted" "$work/bad/allowed_signers"
equal "the mode is the same" 600 "$(stat -c %a "$work/bad/allowed_signers")"
printf '# a comment\nmaria,omar namespaces="seal@sealbag" %s\n' "$omar" \
    >"$work/bad/allowed_signers"
expect 0 "remove one of two names on a line" sealbag trust remove --keys "$work/bad" maria
run sealbag trust list --keys "$work/bad"
equal "leaves the other" "$(fingerprint "$work/keys/omar.pub")  omar  trusted" "$(cat "$work/out")"
check "and the comment" grep -qx '# a comment' "$work/bad/allowed_signers"

# ---- another key for a name that is known -------------------------------------------------------

new=$work/other-keys
expect 0 "the first key of a name" sealbag trust add --keys "$new" anna "$work/keys/maria.pub"
says_not "[trust.other-key]" "is nothing to warn of"
expect 0:trust.other-key "another key of this name" \
    sealbag trust add --keys "$new" anna "$work/keys/omar.pub"
says "$(fingerprint "$work/keys/maria.pub")" "it says which key is trusted already"
"$SEALBAG" trust add --keys "$work/elsewhere" anna "$work/keys/lena.pub" >/dev/null 2>&1
"$SEALBAG" trust add --keys "$work/elsewhere" kim "$work/keys/omar.pub" >/dev/null 2>&1
"$SEALBAG" trust export --keys "$work/elsewhere" -o "$work/handed.tar.gz" \
    --key "$work/keys/maria" >/dev/null 2>&1
expect 0:trust.other-key "import says so, too" \
    sealbag trust import --yes --keys "$new" "$work/handed.tar.gz"
