#!/usr/bin/env bash
# sign and custody add on a bag that is a plain folder: its seal/ is exchanged for one with more files
# in it, in one step; stock tools read the result, and nothing else in the bag is touched.
set -euo pipefail
# In memory, if possible: each new seal is stored.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

make_key maria
make_key nina
make_key otto
trust_key maria
make_sample "$work/source"
mkdir "$work/made" "$work/bags"
seal "$work/made/sample/" --cosigner "$work/keys/otto.pub" "$work/source"
bag=$work/bags/sample
fresh() {
    rm -rf "$work/bags"
    mkdir "$work/bags"
    cp -rp "$work/made/sample" "$bag"
}
sign() {
    "$SEALBAG" sign --keys "$trust" --time "$sealing_time" "$@"
}
add() {
    "$SEALBAG" custody add --keys "$trust" --time "$sealing_time" --event transfer "$@"
}
signature_of() {
    printf 'seal/%s.minisig\n' "$(fp_name "$work/keys/$1.pub")"
}
all_but_seal() {
    listing "$1" | grep -v ' seal' | grep -v "^d .* $"
}
# same_files SENTENCE: what was in the seal is there still, to the byte
same_files() {
    local file wrong=''
    while read -r file; do
        cmp -s "$work/made/sample/seal/$file" "$bag/seal/$file" || wrong="$wrong $file"
    done < <(cd "$work/made/sample/seal" && find . -type f)
    equal "$1" '' "$wrong"
}

# ---- signatures ----------------------------------------------------------------------------------

fresh
expect 3:seal.signer-missing "a signer has not signed yet" verify "$bag"
chmod 640 "$bag/seal/salt.txt"
chmod 750 "$bag/seal"
all_but_seal "$bag" >"$work/before"
expect 0 "he signs it" sign --key "$work/keys/otto" "$bag"
says "The signature is $(signature_of otto) in the bag." "it is told where"
says_not "as a countersignature" "and as what"
expect 0 "now it verifies" verify "$bag"
equal "there is one file more" 5 "$(find "$bag/seal" -type f | wc -l)"
same_files "the others are as they were"
all_but_seal "$bag" >"$work/after"
check "nothing else was touched" cmp "$work/before" "$work/after"
equal "nothing is left beside it" sample "$(names "$work/bags")"
equal "a file has its mode" 640 "$(stat -c %a "$bag/seal/salt.txt")"
equal "the new one has that of seal.txt" 644 "$(stat -c %a "$bag/$(signature_of otto)")"
equal "and the folder its own" 750 "$(stat -c %a "$bag/seal")"
expect 5:io.exists "not twice" sign --key "$work/keys/otto" "$bag"
expect 0 "a countersignature, from within the folder" \
    env -C "$bag" "$SEALBAG" sign --keys "$trust" --key "$work/keys/nina" .
expect 0 "that is valid" verify --count-countersignatures "$bag"
says "(countersignature)" "and shown"
check "check-by-hand.sh says so, too" "$by_hand" -p "$work/keys/otto.pub" "$bag"
if have minisign; then
    for who in maria otto nina; do
        check "minisign takes the signature of $who" minisign -V -q -p "$work/keys/$who.pub" \
            -m "$bag/seal/seal.txt" -x "$bag/$(signature_of "$who")"
    done
fi
if have ssh-keygen && have ssh-agent && have ssh-add; then
    fresh
    ssh_private "$work/keys/nina" "$work/keys/nina.ssh"
    eval "$(ssh-agent -a "$work/agent")" >/dev/null
    ssh-add -q "$work/keys/nina.ssh"
    ssh_public "$work/keys/nina.pub" >"$work/keys/nina.ssh.pub"
    expect 0 "a key in the agent signs it" sign --accept-untrusted --key "$work/keys/nina.ssh.pub" "$bag"
    kill "$SSH_AGENT_PID"
    unset SSH_AUTH_SOCK SSH_AGENT_PID
    printf 'nina %s' "$(ssh_public "$work/keys/nina.pub")" >"$work/allowed"
    by_ssh() {
        ssh-keygen -Y verify -f "$work/allowed" -I nina -n seal@sealbag \
            -s "$bag/seal/$(fp_name "$work/keys/nina.pub").sshsig" <"$bag/seal/seal.txt"
    }
    check "ssh-keygen takes its signature" by_ssh
fi

# note FILE [TEXT]: an attribute of the user's; sets it
note() {
    python3 -c 'import os, sys
if len(sys.argv) > 2: os.setxattr(sys.argv[1], "user.comment", sys.argv[2].encode())
print(os.getxattr(sys.argv[1], "user.comment").decode())' "$@" 2>/dev/null
}
fresh
if note "$bag/seal/seal.txt" "from Maria" >"$work/check-out"; then
    sign --quiet --key "$work/keys/otto" "$bag" >"$work/check-out" 2>&1
    equal "an attribute of the user's stays" "from Maria" "$(note "$bag/seal/seal.txt")"
    refute "where it was" note "$bag/$(signature_of otto)"
else
    skip_part "extended attributes (this file system or python3 has none)"
fi

# ---- custody -------------------------------------------------------------------------------------

fresh
expect 0 "an event is added" add --accept-untrusted --key "$work/keys/nina" --to "the archive" "$bag"
expect 0 "and another" add --accept-untrusted --key "$work/keys/maria" "$bag"
head=$(sed -n 's/.*Custody head: *//p' "$work/out")
sign --quiet --key "$work/keys/otto" "$bag" 2>/dev/null
expect 0 "the chain holds" verify --custody "$head" "$bag"
says "2 events, head ${head:0:32}" "and is told"
expect 0 "it is listed" sealbag custody list --keys "$trust" "$bag"
says "the archive" "with what was said"
same_files "the rest of the seal is as it was"
pack "$bag" "$work/packed.tar.gz"
expect 0 "and an archive of it verifies" verify --custody "$head" "$work/packed.tar.gz"

# ---- other folders -------------------------------------------------------------------------------

fresh
ln -s bags/sample "$work/link"
expect 0 "through a link, with a slash" sign --accept-untrusted --key "$work/keys/nina" "$work/link/"
check "it is in the bag" test -f "$bag/$(signature_of nina)"
check "and the link is one still" test -L "$work/link"
fresh
seal "$work/sample.tar.gz" --name sample "$work/source"
rm -rf "$bag"
tar -xzf "$work/sample.tar.gz" -C "$work/bags"
expect 0 "what tar has unpacked" sign --key "$work/keys/nina" "$bag"
refute "loses its index, which tells places in the archive" test -e "$bag/seal/index.tsv"
expect 0 "and verifies" verify "$bag"
says_not "[bag.not-judged]" "without a word about it"

# ---- what is refused -----------------------------------------------------------------------------

# refused CODE[:RULE] SENTENCE COMMAND...: and the bag is as it was
refused() {
    local wanted=$1 sentence=$2
    shift 2
    listing "$bag" >"$work/before"
    expect "$wanted" "$sentence" "$@"
    listing "$bag" >"$work/after"
    check "and leaves it as it was" cmp "$work/before" "$work/after"
    equal "with nothing beside it" sample "$(names "$work/bags")"
}
fresh
refused 3 "nobody whom one trusts" "$SEALBAG" sign --key "$work/keys/nina" "$bag"
refused 2:usage "a folder is signed in place" \
    sign --accept-untrusted --key "$work/keys/nina" -o "$work/new.tar.gz" "$bag"
refused 2:usage "so an event is added" \
    add --accept-untrusted --key "$work/keys/nina" -o "$work/new.tar.gz" "$bag"
refute "nothing is written there" test -e "$work/new.tar.gz"
flip "$bag/data/minutes.txt" 3
refused 1:manifest.digest-mismatch "a damaged bag" sign --key "$work/keys/otto" "$bag"
fresh
mv "$bag/seal" "$work/bags/s"
ln -s ../s "$bag/seal"
expect 1:folder.special "a link in the place of the seal" sign --key "$work/keys/otto" "$bag"
equal "is not followed" 4 "$(find "$work/bags/s" -type f | wc -l)"
fresh
ln "$bag/seal/seal.txt" "$work/second"
expect 0 "a file with a second name" sign --key "$work/keys/otto" "$bag"
equal "is no longer the same" 1 "$(stat -c %h "$bag/seal/seal.txt")"
fresh
rm -r "$bag/seal"
refused 4:seal.none "an unsealed bag" sign --key "$work/keys/otto" "$bag"
refused 4:seal.none "to which no event is added" add --key "$work/keys/otto" "$bag"
rm -rf "$work/bags"
mkdir -p "$work/bags/sample"
refused 1:bag.not-a-bag "no bag" sign --key "$work/keys/otto" "$bag"
if ! as_root; then
    fresh
    chmod a-w "$work/bags"
    refused 5:io.failed "a folder beside which nothing can be built" sign --key "$work/keys/otto" "$bag"
    says "write in the folder" "is said to be the reason"
    chmod u+w "$work/bags"
fi

# ---- somebody else -------------------------------------------------------------------------------

if have flock; then
    fresh
    refused 5:source.changed "while another run adds to it" \
        flock "$bag" "$SEALBAG" sign --keys "$trust" --key "$work/keys/otto" "$bag"
fi
prepare_inject
if [ "$can_inject" -eq 1 ]; then
    # disturbed CODE:RULE SENTENCE RULE... COMMAND-WHEN: sign with this happening to its calls
    disturbed() {
        local wanted=$1 sentence=$2 run_what=$3 what
        local rules=()
        shift 3
        for what in "$@"; do rules+=(-i "$what"); done
        fresh
        : >"$work/met"
        expect "$wanted" "$sentence" "$inject" -l "$work/met" -x "$run_what" "${rules[@]}" -- \
            "$SEALBAG" sign --quiet --keys "$trust" --key "$work/keys/otto" -j 1 "$bag"
        check "that did happen" test -s "$work/met"
    }
    was_not_signed() {
        refute "it was not signed" test -e "$bag/$(signature_of otto)"
        same_files "its seal is as it was"
        equal "and nothing is left beside it" sample "$(names "$work/bags")"
    }
    disturbed 5:source.changed "somebody puts a file into the seal just before" \
        "echo x >'$bag/seal/more.txt'" renameat2:run:1
    was_not_signed
    check "that file is there" test -f "$bag/seal/more.txt"
    disturbed 5:source.changed "somebody takes one away" "rm '$bag/seal/salt.txt'" renameat2:run:1
    refute "it was not signed" test -e "$bag/$(signature_of otto)"
    disturbed 5:source.changed "somebody changes one" "echo >>'$bag/seal/salt.txt'" renameat2:run:1
    refute "it was not signed" test -e "$bag/$(signature_of otto)"
    disturbed 5:source.changed "somebody moves the bag away and puts another there" \
        "mv '$bag' '$work/bags/x'; cp -r '$work/made/sample' '$bag'" mkdirat:run:1
    refute "the other was not signed" test -e "$bag/$(signature_of otto)"
    refute "nor the first" test -e "$work/bags/x/$(signature_of otto)"
    disturbed 0 "a disk that cannot exchange folders can have one more file" true renameat2:EINVAL:1
    expect 0 "and it is signed" verify "$bag"
    same_files "its seal is as it was otherwise"
    equal "and nothing is left beside it" sample "$(names "$work/bags")"
    disturbed 0 "also one that cannot even refuse to replace" true renameat2:EINVAL:1+
    expect 0 "and it is signed" verify "$bag"
    unexchanged() {
        "$inject" -i renameat2:EINVAL:1 -- "$SEALBAG" custody add --quiet --keys "$trust" \
            --event transfer --key "$work/keys/maria" --accept-untrusted "$bag"
    }
    fresh
    expect 0 "such a disk can have a first event" unexchanged
    expect 3 "which is there" verify "$bag"
    says "Custody:  1 event" "and told"
    refused 5:container.unsupported "but no second one" unexchanged
    says "exchange two folders" "and it says why"
    disturbed 5:io.failed "a disk that fails to store the new seal" true fsync:EIO:1
    was_not_signed
    disturbed 5:io.failed "and then cannot even take it back" true fsync:EIO:1 renameat2:EIO:2
    says "The old one is in $work/bags/.sealbag-" "is told where the old one is"
    check "it is there" test -f "$work/bags"/.sealbag-*/bag/seal/seal.txt
    expect 0 "and the new one verifies" verify "$bag"
    disturbed 5:io.failed "what was replaced cannot be removed" true unlinkat:EIO:1+
    says "can be removed" "which is told"
    expect 0 "and it is signed" verify "$bag"
fi
