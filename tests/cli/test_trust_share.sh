#!/usr/bin/env bash
# A trust store is handed on: sealed by one, and added to another's after it was judged; on a terminal it
# is asked before (issue "Signers, trust and custody").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar lena jo; do
    make_key "$name"
done
mine=$work/mine
theirs=$work/theirs
mkdir "$work/out-folder"
shared=$work/out-folder/store.tar.gz
sealbag trust add --keys "$mine" omar "$work/keys/omar.pub" >"$work/out" 2>&1
sealbag trust add --keys "$mine" lena "$work/keys/lena.pub" --valid-before 2090-01-01 >"$work/out" 2>&1
sed -i '1i# met in Oslo' "$mine/allowed_signers"
sealbag trust revoke --keys "$mine" lena --reason 'lost' --since 2080-01-01 >"$work/out" 2>&1
sealbag trust remove --keys "$mine" nobody >"$work/out" 2>&1 || true

# ---- export ------------------------------------------------------------------------------------

expect 2:usage "export needs a key" sealbag trust export --keys "$mine" -o "$shared"
expect 2:usage "export needs a bundle's name" sealbag trust export --keys "$mine" --key "$work/keys/maria"
expect 5:io.not-found "a store that is not there is not exported" \
    sealbag trust export --keys "$work/nothing" -o "$shared" --key "$work/keys/maria"
equal "and nothing is left" '' "$(names "$work/out-folder")"
expect 0 "a store is exported" \
    sealbag trust export --keys "$mine" -o "$shared" --key "$work/keys/maria"
equal "as one file" store.tar.gz "$(names "$work/out-folder")"
expect 5:io.exists "which is not replaced" \
    sealbag trust export --keys "$mine" -o "$shared" --key "$work/keys/maria"
equal "and nothing else is left" store.tar.gz "$(names "$work/out-folder")"
expect 3 "it is an ordinary bundle" sealbag verify "$shared"
unpack "$shared" "$work/unpacked"
equal "with two documents" "allowed_signers revoked_keys" "$(names "$work/unpacked/store/data")"
refute "comments are not handed on" grep -r Oslo "$work/unpacked"
if have ssh-keygen; then
    check "OpenSSH reads it" ssh-keygen -Y match-principals -I lena \
        -f "$work/unpacked/store/data/allowed_signers"
fi

# ---- import ------------------------------------------------------------------------------------

import() {
    sealbag trust import --keys "$theirs" "$@"
}
expect 3:trust.unknown-key "what a stranger has sealed is not imported" import "$shared"
says "Nothing was added" "and it says so"
expect 0 "nothing was added" sealbag trust list --keys "$theirs"
equal "really nothing" '' "$(cat "$work/out")"
equal "and nothing is left" '' "$(names "$theirs")"
expect 0 "unless that is accepted" import --accept-untrusted "$shared"
says "$(fingerprint "$work/keys/omar.pub")  omar  trusted" "what is added is shown"
says "Added 2 names with their keys and 1 revocation" "and counted"
equal "there are two files" "allowed_signers revoked_keys" "$(names "$theirs")"
check "they are the same" diff -r "$work/unpacked/store/data" "$theirs"
expect 0 "once more adds nothing" import --accept-untrusted "$shared"
says "nothing of it was missing" "and says so"

rm -rf "$theirs"
sealbag trust add --keys "$theirs" maria "$work/keys/maria.pub" >"$work/out" 2>&1
sealbag trust add --keys "$theirs" lena "$work/keys/lena.pub" --valid-before 2070-01-01 \
    >"$work/out" 2>&1
sealbag trust add --keys "$theirs" jo "$work/keys/jo.pub" >"$work/out" 2>&1
sealbag trust revoke --keys "$theirs" jo --reason 'gone' >"$work/out" 2>&1
sed -i '1i# mine' "$theirs/allowed_signers"
cp -R "$theirs" "$work/before"
# Without a terminal nobody can be asked, and nothing is done unasked.
expect 2:usage "what a trusted person has sealed is not imported when nobody can be asked" \
    import "$shared"
says "Nothing was added, because nobody could be asked" "it says so"
says "--yes" "and names the option that agrees beforehand"
says "would be added to your trust store" "what it would have added is shown"
check "nothing was added" diff -r "$work/before" "$theirs"
asked_from_pipe() {
    sealbag trust import --keys "$theirs" - <"$shared"
}
expect 2:usage "the same from the standard input" asked_from_pipe
check "nothing was added" diff -r "$work/before" "$theirs"
expect 0 "with --yes it is imported" import --yes "$shared"
says "will be added to your trust store" "and what is added is shown"
says "1 name has the same key with other dates" "dates of one's own are not changed, and that is said"
expect 0 "all is there" sealbag trust list --keys "$theirs" --at 2060-01-01
equal "the names" "jo lena maria omar" \
    "$(cut -d ' ' -f 3 "$work/out" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
says "REVOKED" "one's own revocation"
says "from 2080-01-01T00:00:00Z on: lost" "and theirs"
equal "the old lines are as before, in the same places" "$(cat "$work/before/allowed_signers")" \
    "$(head -n "$(grep -c '' "$work/before/allowed_signers")" "$theirs/allowed_signers")"

# A stricter revocation is added, a laxer one is not.
sealbag trust revoke --keys "$mine" lena --reason 'lost earlier' --since 2050-01-01 >"$work/out" 2>&1
sealbag trust export --keys "$mine" -o "$work/stricter.tar.gz" --key "$work/keys/maria" \
    >"$work/out" 2>&1
expect 0 "an earlier revocation is imported" import --yes "$work/stricter.tar.gz"
says "Added 0 names with their keys and 1 revocation" "alone"
expect 0 "a later one after it is not" import "$shared"
says "nothing of it was missing" "since the earlier one counts"

# ---- what is no trust store --------------------------------------------------------------------

before=$(cat "$theirs/allowed_signers" "$theirs/revoked_keys")
# no_store CODE[:RULE] SENTENCE FOLDER
no_store() {
    rm -f "$work/odd.tar.gz"
    sealbag create --quiet -o "$work/odd.tar.gz" --key "$work/keys/maria" "$3"
    expect "$1" "$2" import --yes "$work/odd.tar.gz"
    equal "and the store is as it was ($2)" "$before" \
        "$(cat "$theirs/allowed_signers" "$theirs/revoked_keys")"
    equal "and nothing is left ($2)" "allowed_signers revoked_keys" "$(names "$theirs")"
}
odd() {
    rm -rf "$work/odd"
    cp -R "$work/unpacked/store/data" "$work/odd"
}
make_sample "$work/sample"
no_store 5:trust.malformed "another bundle" "$work/sample"
odd
rm "$work/odd/revoked_keys"
no_store 5:trust.malformed "a store without its revocations" "$work/odd"
odd
printf 'x\n' >"$work/odd/more"
no_store 5:trust.malformed "a store with a file more" "$work/odd"
odd
printf '*@example.org %s\n' "$(ssh_public "$work/keys/jo.pub")" >>"$work/odd/allowed_signers"
no_store 5:trust.malformed "a store with a bad line" "$work/odd"
says "line 3" "whose number is said"
odd
printf '%s\n' "$(ssh_public "$work/keys/jo.pub")" >>"$work/odd/revoked_keys"
no_store 5:trust.malformed "revocations with a bad line" "$work/odd"
says "line 2" "whose number is said"
says "data/revoked_keys in the bundle" "and the file"
says_not "$theirs" "which is not one of the store's own"
cp "$shared" "$work/damaged.tar.gz"
flip "$work/damaged.tar.gz" 300
expect 1 "a damaged store" import --accept-untrusted "$work/damaged.tar.gz"
says "Nothing was added." "is not imported"
sealbag create --quiet -o "$work/unsealed.tar.gz" "$work/unpacked/store/data" 2>"$work/err"
expect 4 "a store that nobody has sealed" import --accept-untrusted "$work/unsealed.tar.gz"
expect 5:io.not-found "a bundle that is not there" import "$work/missing.tar.gz"
equal "the store is as it was" "$before" "$(cat "$theirs/allowed_signers" "$theirs/revoked_keys")"
from_pipe() {
    sealbag trust import --keys "$work/piped" --accept-untrusted - <"$shared"
}
expect 0 "from the standard input" from_pipe
cat_pipe() {
    cat "$shared" | sealbag trust import --keys "$work/piped2" --accept-untrusted -
}
expect 0 "and from a pipe" cat_pipe

# What is revoked here does not come back.
sealbag trust add --keys "$work/strict" omar "$work/keys/omar.pub" >"$work/out" 2>&1
sealbag trust revoke --keys "$work/strict" omar --reason 'a liar' >"$work/out" 2>&1
sealbag trust remove --keys "$work/strict" omar >"$work/out" 2>&1
expect 0 "a store with a key that is revoked here is imported" \
    sealbag trust import --keys "$work/strict" --accept-untrusted "$shared"
says "1 name was not added, since you have revoked the key" "without that one"
refute "really without it" grep -q '^omar ' "$work/strict/allowed_signers"
check "but with the other" grep -q '^lena ' "$work/strict/allowed_signers"

# Several at once lose nothing.
rm -rf "$work/together"
for i in 1 2 3 4 5; do
    sealbag trust import --keys "$work/together" --accept-untrusted "$shared" >"$work/at-$i" 2>&1 &
    sealbag trust add --keys "$work/together" "jo-$i" "$work/keys/jo.pub" >"$work/and-$i" 2>&1 &
done
wait
equal "imports and adds at once lose nothing" "jo-1 jo-2 jo-3 jo-4 jo-5 lena omar" \
    "$(cut -d ' ' -f 1 "$work/together/allowed_signers" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
equal "and leave nothing else" "allowed_signers revoked_keys" "$(names "$work/together")"

# ---- on a terminal -----------------------------------------------------------------------------

if ! have script; then
    skip_part "questions on the terminal (there is no script(1) here)"
    exit 0
fi
screen=$work/screen
meanwhile() { :; }
# answers ANSWER CODE SENTENCE COMMAND: types this once it is asked
answers() {
    local found=0
    rm -f "$screen" "$work/ended"
    : >"$screen"
    {
        trap '' PIPE
        for ((i = 0; i < 3000; i++)); do
            ! grep -qaF '[yes/no]' "$screen" || break
            [ ! -e "$work/ended" ] || break
            sleep 0.1
        done
        ! grep -qaF '[yes/no]' "$screen" || meanwhile
        printf '%s\n' "$1" || true
        sleep 0.3
    } 2>/dev/null | {
        timeout 600 script -qefc "$4" "$screen" >/dev/null 2>&1 || found=$?
        : >"$work/ended"
        exit "$found"
    } || found=$?
    equal "$3" "$2" "$found"
}
asked() {
    check "$2" grep -qaF -- "$1" "$screen"
}
command=$(printf '%q trust' "$SEALBAG")
add="$command add --keys $work/asked jo $work/keys/jo.pub"
answers no 5 "on a terminal add asks, and no is no" "$add"
asked "$(fingerprint "$work/keys/jo.pub")" "the fingerprint is shown before"
asked 'Is it the same?' "and the question is whether it is the same"
refute "nothing was added" test -e "$work/asked/allowed_signers"
answers '' 5 "an empty answer is no" "$add"
answers y 5 "y is no yes" "$add"
asked 'Only "yes" is yes.' "and that is said"
answers yes 0 "yes is yes" "$add"
check "it was added" grep -q '^jo ' "$work/asked/allowed_signers"
answers '' 0 "what is there already is not asked for" "$add"
refute "no question" grep -qaF '[yes/no]' "$screen"
answers '' 0 "with --yes it is not asked" "${add/ jo / --yes jo2 }"
refute "no question" grep -qaF '[yes/no]' "$screen"
import="$command import --keys $work/asked $shared"
answers no 5 "import of a stranger's store asks, and no is no" "$import"
asked 'You do not trust whoever sealed it.' "it says that he is a stranger"
asked "$(fingerprint "$work/keys/maria.pub")" "and shows his key"
refute "nothing was added" grep -q '^omar ' "$work/asked/allowed_signers"
answers no 5 "--yes does not answer that" "$import --yes"
answers yes 0 "yes is yes" "$import"
check "it was added" grep -q '^omar ' "$work/asked/allowed_signers"

# Whoever edits the store by hand meanwhile knows no lock.
meanwhile() {
    printf '# by hand\n' >>"$work/asked/allowed_signers"
}
sed -i '/^jo2 /d' "$work/asked/allowed_signers"
answers yes 5 "a store that was edited while it was asked is not written over" "${add/ jo / jo2 }"
asked 'source.changed' "and that is said"
equal "what was edited is there" '# by hand' "$(tail -n 1 "$work/asked/allowed_signers")"
meanwhile() { :; }
answers yes 0 "once more it is added" "${add/ jo / jo2 }"
equal "after what was edited" 'jo2' "$(tail -n 1 "$work/asked/allowed_signers" | cut -d ' ' -f 1)"
