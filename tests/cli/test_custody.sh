#!/usr/bin/env bash
# The custody chain: added by the program and by hand with minisign and ssh-keygen, read by both, and
# broken in every part (issue 6; DESIGN.md, section 7; docs/format.md, "Custody").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar lena; do
    make_key "$name"
done
trust_key maria
trust_key omar
make_sample "$work/source"
seal "$work/sealed.tar.gz" "$work/source" --name sample
seal "$work/sealed.tar.zst" "$work/source" --name sample
unpack "$work/sealed.tar.gz" "$work/plain"
id=$(sha256sum <"$work/plain/sample/seal/seal.txt" | cut -d ' ' -f 1)
custody=seal/custody

# add BUNDLE KEY WORD [OPTIONS]
add() {
    local bundle=$1 key=$2 word=$3
    shift 3
    "$SEALBAG" custody add --keys "$trust" --quiet --key "$work/keys/$key" --event "$word" \
        --time 2024-06-01T10:00:00Z "$@" "$bundle"
}

list() {
    "$SEALBAG" custody list --keys "$trust" "$@"
}

head_of() {
    list "$1" 2>/dev/null | sed -n 's/^Head: //p'
}

# ---- by the program ----------------------------------------------------------------------------

bundle=$work/bundle.tar.gz
for end in tar.gz tar.zst; do
    made=$work/bundle.$end
    cp "$work/sealed.$end" "$made"
    expect 0 "$end: an event is added" \
        "$SEALBAG" custody add --keys "$trust" --key "$work/keys/maria" --event transfer \
        --to $'Omar B\303\274ro' --note 'by train: sealed envelope' --time 2024-06-01T10:00:00Z "$made"
    says "custody event 0001 by $(fingerprint "$work/keys/maria.pub")" "it says which and by whom"
    says "${id:0:32}" "it shows the seal id that it is added to"
    says 'by train: sealed envelope' "it shows the note"
    says 'Custody head:' "it tells the head"
    expect 0 "$end: a second one, by another key" add "$made" omar receipt
    expect 0 "$end: a third one, by a key that nobody trusts" add "$made" lena copy
    expect 0:custody.unknown-key "$end: the chain verifies, and says that one key is unknown" \
        verify "$made"
    says "Custody:  3 events, head $(head_of "$made" | cut -c 1-32)" "the verdict shows the head"
done
cmp -s "$work/bundle.tar.gz" "$work/sealed.tar.gz" && fail "the bundle was not changed"
equal "the seal id is the same" "$id" \
    "$(verify --json "$bundle" | sed 's/.*"seal_id":"\([0-9a-f]*\)".*/\1/')"
equal "both containers have the same chain" "$(head_of "$bundle")" "$(head_of "$work/bundle.tar.zst")"
expect 0 "a pipe is judged, too" verify - <"$bundle"
says 'Custody:  3 events' "with its chain"

run list "$bundle"
says '0001  2024-06-01T10:00:00Z  transfer' "list tells the first event"
says "By:    maria  $(fingerprint "$work/keys/maria.pub")" "and who is trusted to have made it"
says $'To:    Omar B\303\274ro' "and whom it concerns"
says 'Note:  by train: sealed envelope' "and its note"
says "By:    unknown key  $(fingerprint "$work/keys/lena.pub")" "an unknown key is called so"
equal "list tells the events in their order" "0001 0002 0003" \
    "$(grep -aoE '^[0-9]{4}' "$work/out" | tr '\n' ' ' | sed 's/ $//')"
expect 0 "list --json" list --json "$bundle"
says '"custody":[{"number":1,"state":"valid","event":"transfer"' "has the events"
says '"trusted_as":"omar","known_as":"omar","to":null,"date":"2024-06-01T10:00:00Z","note":null' "and what they say"
says "\"custody_head\":\"$(head_of "$bundle")\"" "and the head"
run verify --json "$work/sealed.tar.gz"
says '"custody":[],"custody_head":null' "a bundle without a chain has none in JSON"
run list "$work/sealed.tar.gz"
says 'There is no custody event.' "list says that there is none"

# ---- the demanded head -------------------------------------------------------------------------

head=$(head_of "$bundle")
expect 0 "the right head is 0" verify --custody "$head" "$bundle"
expect 0 "its first 32 digits are 0" verify --custody "${head:0:32}" "$bundle"
expect 0 "upper case digits are 0" verify --custody "${head^^}" "$bundle"
last=$([ "${head: -1}" = 0 ] && echo 1 || echo 0)
expect 1:custody.head-mismatch "another last digit is 1" verify --custody "${head:0:63}$last" "$bundle"
expect 1:custody.head-mismatch "the seal id is no head" verify --custody "$id" "$bundle"
expect 1:custody.head-mismatch "no chain at all is 1" verify --custody "$head" "$work/sealed.tar.gz"
expect 2 "31 digits are 2" verify --custody "${head:0:31}" "$bundle"
expect 2 "65 digits are 2" verify --custody "${head}0" "$bundle"
expect 2 "no hex digits are 2" verify --custody "${head:0:31}g" "$bundle"
expect 1:custody.head-mismatch "list demands it, too" \
    "$SEALBAG" list --keys "$trust" --custody "$id" "$bundle"
expect 1:custody.head-mismatch "extract demands it, too" \
    "$SEALBAG" extract --keys "$trust" --custody "$id" -C "$work" "$bundle"
refute "and extracts nothing" test -e "$work/sample"
cp "$bundle" "$work/demanded.tar.gz"
expect 0 "an event is added to the demanded head" add "$work/demanded.tar.gz" maria note --custody "$head"
expect 1:custody.head-mismatch "none is added to another head" \
    add "$work/demanded.tar.gz" maria note --custody "$head"

# ---- by hand -----------------------------------------------------------------------------------

unpack "$bundle" "$work/base"
base=$work/base/sample
fp_maria=$(fp_name "$work/keys/maria.pub")
fp_omar=$(fp_name "$work/keys/omar.pub")
fp_lena=$(fp_name "$work/keys/lena.pub")

link_ok() {
    local before=$id file
    for file in "$1/$custody"/*.txt; do
        grep -qx "Seal: $id" "$file" && grep -qx "Previous: $before" "$file" || return 1
        before=$(sha256sum <"$file" | cut -d ' ' -f 1)
    done
    [ "$before" = "$2" ]
}
check "the links hold by sha256sum, and the last one is the head" link_ok "$base" "$head"
if have minisign && have ssh-keygen; then
    run sh "$by_hand" -p "$work/keys/maria.pub" "$base"
    says "Custody head: $head" "check-by-hand.sh tells the same head"
    says "receipt by $(fingerprint "$work/keys/omar.pub")" "and who made an event"
fi
if have minisign; then
    check "minisign checks an event's signature" \
        minisign -V -q -p "$work/keys/omar.pub" -m "$base/$custody/0002-$fp_omar.txt" \
        -x "$base/$custody/0002-$fp_omar.minisig"
    refute "not another event's" \
        minisign -V -q -p "$work/keys/omar.pub" -m "$base/$custody/0001-$fp_maria.txt" \
        -x "$base/$custody/0002-$fp_omar.minisig"
fi

# What a bag's signature files are: event_list FOLDER
event_list() {
    find "$1/seal" -maxdepth 1 -name "*sig" -exec sha256sum {} + | cut -d ' ' -f 1 |
        LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'
}

# write_event FOLDER NUMBER KEY PREVIOUS [WORD]
write_event() {
    mkdir -p "$1/$custody"
    {
        echo 'Custody-Version: 1'
        echo "Event: ${5-inspection}"
        echo "By: $(fingerprint "$work/keys/$3.pub")"
        echo 'Date: 2024-07-01T00:00:00Z'
        echo "Seal: $id"
        echo "Previous: $4"
        echo "Signatures: $(event_list "$1")"
    } >"$1/$custody/$2-$(fp_name "$work/keys/$3.pub").txt"
}

# sign_event FOLDER NUMBER KEY [TRUSTED COMMENT]: by minisign
sign_event() {
    local fp
    fp=$(fp_name "$work/keys/$3.pub")
    minisign -S -s "$work/keys/$3" -m "$1/$custody/$2-$fp.txt" -x "$1/$custody/$2-$fp.minisig" \
        -t "${4-role:custody	key:$(sed -n 2p "$work/keys/$3.pub")}" </dev/null >/dev/null 2>&1
}

# sign_event_ssh FOLDER NUMBER KEY [NAMESPACE]: by ssh-keygen
sign_event_ssh() {
    local fp
    fp=$(fp_name "$work/keys/$3.pub")
    [ -e "$work/keys/$3.ssh" ] || ssh_private "$work/keys/$3" "$work/keys/$3.ssh"
    ssh-keygen -q -Y sign -f "$work/keys/$3.ssh" -n "${4-custody@sealbag}" \
        "$1/$custody/$2-$fp.txt" 2>/dev/null
    mv "$1/$custody/$2-$fp.txt.sig" "$1/$custody/$2-$fp.sshsig"
}

copies=0
# fresh: a copy of the good bag with three events in $folder.
fresh() {
    copies=$((copies + 1))
    folder=$work/copy$copies/sample
    mkdir -p "$work/copy$copies"
    cp -r "${1-$base}" "$folder"
}

# judged CODE[:RULE] SENTENCE: of $folder, by the program and by the script that uses stock tools
judged() {
    pack "$folder" "$work/packed.tar.gz"
    expect "$1" "$2" verify "$work/packed.tar.gz"
    if have minisign && have ssh-keygen; then
        aside sh "$by_hand" -p "$work/keys/maria.pub" "$folder"
        equal "$2: the same by hand" "${1%%:*}" "$aside_code"
    fi
    rm -rf "$(dirname "$folder")"
}

fresh
judged 0 "the good bag, packed by tar and gzip"
says 'Custody:  3 events' "has its chain"

# ---- broken: what anyone can do without a key ---------------------------------------------------

fresh && rm "$folder/$custody"/0001-*
judged 1:custody.order "the first event taken out"
says 'Custody:  not as it was signed' "no head is stated"
says_not 'Custody:  2' "nor a number of events"
fresh && rm "$folder/$custody"/0002-*
judged 1:custody.order "an event in the middle taken out"
says '0002 is missing' "it is named"
fresh && rm "$folder/$custody"/0001-* "$folder/$custody"/0002-*
judged 1:custody.order "two events taken out"
says '0001 to 0002 are missing' "they are named"
fresh && rm "$folder/$custody"/0003-*
judged 0 "the last event cut off: nothing can tell"
fresh && rm "$folder/$custody"/0003-*
pack "$folder" "$work/packed.tar.gz"
expect 1:custody.head-mismatch "but --custody can" verify --custody "$head" "$work/packed.tar.gz"
fresh && rm -r "${folder:?}/$custody"
judged 0 "all events cut off: nothing can tell"
fresh && rm "$folder/$custody/0002-$fp_omar.txt"
judged 1:custody.order "an event without its text"
fresh && rm "$folder/$custody/0003-$fp_lena.txt"
judged 1:custody.order "the last event without its text"
fresh && rm "$folder/$custody/0003-$fp_lena.minisig"
judged 1:custody.order "an event without its signature"
fresh && cp "$folder/$custody/0003-$fp_lena.txt" "$folder/$custody/0004-$fp_lena.txt"
judged 1:custody.order "an event again, without a signature"
fresh && cp "$folder/$custody/0003-$fp_lena.txt" "$folder/$custody/0004-$fp_lena.txt" &&
    cp "$folder/$custody/0003-$fp_lena.minisig" "$folder/$custody/0004-$fp_lena.minisig"
judged 1:custody.link "an event again, as the next one"
fresh && cp "$folder/$custody/0003-$fp_lena.txt" "$folder/$custody/0002-$fp_lena.txt" &&
    cp "$folder/$custody/0003-$fp_lena.minisig" "$folder/$custody/0002-$fp_lena.minisig"
judged 1:custody.order "two events with one number"
fresh && cp "$folder/$custody/0003-$fp_lena.minisig" "$folder/$custody/0003-$fp_omar.minisig"
judged 1:custody.order "two signatures of one event"
fresh
for part in txt minisig; do
    mv "$folder/$custody/0001-$fp_maria.$part" "$folder/$custody/0009-$fp_maria.$part"
    mv "$folder/$custody/0002-$fp_omar.$part" "$folder/$custody/0001-$fp_omar.$part"
    mv "$folder/$custody/0009-$fp_maria.$part" "$folder/$custody/0002-$fp_maria.$part"
done
judged 1:custody.link "two events in the other order"
for label in Event By Date Seal Previous Signatures; do
    fresh
    sed -i "/^$label: /d" "$folder/$custody/0002-$fp_omar.txt"
    judged 1:custody.syntax "an event without its $label"
done
fresh && sed -i 's/^Event: receipt/Event: transfer/' "$folder/$custody/0002-$fp_omar.txt"
judged 1:custody.bad-signature "another word in an event"
expect_rule custody.link "and the next event does not follow it"
fresh && sed -i 's/^Date: 2024/Date: 2023/' "$folder/$custody/0003-$fp_lena.txt"
judged 1:custody.bad-signature "another date in the last event, by a key that nobody trusts"
fresh && sed -i "s/^Seal: .*/Seal: $(printf '%064d' 1)/" "$folder/$custody/0003-$fp_lena.txt"
judged 1:custody.foreign "another seal in an event"
fresh && printf 'Note: more\n' >>"$folder/$custody/0003-$fp_lena.txt"
judged 1:custody.syntax "a line more in an event"
fresh && sed -i 's/^Custody-Version: 1/Custody-Version: 2/' "$folder/$custody/0003-$fp_lena.txt"
judged 5:custody.version "an event of a newer kind is not judged: 5"
fresh && : >"$folder/$custody/0003-$fp_lena.txt"
judged 1:custody.syntax "an empty event"
fresh && echo x >>"$folder/$custody/0003-$fp_lena.minisig"
judged 1:custody.syntax "a fifth line in an event's signature"
fresh && cp "$folder/$custody/0001-$fp_maria.minisig" "$folder/$custody/0002-$fp_maria.minisig" &&
    rm "$folder/$custody/0002-$fp_omar.minisig"
judged 1:custody.bad-signature "an event signed by another key than it names"
fresh && cp "$folder/$custody/0001-$fp_maria.minisig" "$folder/$custody/0002-$fp_omar.minisig"
judged 1:custody.bad-signature "an event with another event's signature"
fresh && for part in txt minisig; do
    mv "$folder/$custody/0003-$fp_lena.$part" "$folder/$custody/0003-$fp_omar.$part"
done
judged 1:custody.bad-signature "an event named by another key"
fresh && cp "$folder/$custody/0001-$fp_maria.minisig" "$folder/seal/$fp_maria.minisig"
judged 1:seal.signature-syntax "an event's signature is none of a seal"
expect_rule custody.signature-missing "and the one that the events list is gone"
fresh && cp "$folder/seal/$fp_maria.minisig" "$folder/$custody/0001-$fp_maria.minisig"
judged 1:custody.syntax "a seal's signature is none of an event"
fresh && cp "$folder/$custody/0001-$fp_maria.txt" "$folder/seal/seal.txt"
judged 1:seal.syntax "an event is no seal.txt"
for extra in 0004.txt 00004-$fp_omar.txt 0000-$fp_omar.txt "0004-$fp_omar.TXT" notes.txt \
    "0004-${fp_omar:1}.txt" "0004-$fp_omar.tsr"; do
    fresh && cp "$folder/$custody/0001-$fp_maria.txt" "$folder/$custody/$extra"
    judged 1:seal.unknown-file "an unknown file: $extra"
done

# ---- from another bag, and signatures that come and go ------------------------------------------

sealbag create --quiet -o "$work/other.tar.gz" --name sample --key "$work/keys/maria" "$work/source"
add "$work/other.tar.gz" maria transfer
unpack "$work/other.tar.gz" "$work/other"
fresh "$work/plain/sample" && cp -r "$work/other/sample/$custody" "$folder/$custody"
judged 1:custody.foreign "the chain of another bag"
expect_rule custody.link "does not begin with this seal"

cp "$bundle" "$work/signed.tar.gz"
expect 0 "a countersignature is added to a bundle with a chain" \
    "$SEALBAG" sign --keys "$trust" --quiet --yes --key "$work/keys/omar" "$work/signed.tar.gz"
expect 0 "the chain still holds" verify --custody "$head" "$work/signed.tar.gz"
expect 0 "and goes on" add "$work/signed.tar.gz" maria receipt
unpack "$work/signed.tar.gz" "$work/signed"
equal "the event lists both signatures" "$(event_list "$work/signed/sample")" \
    "$(sed -n 's/^Signatures: //p' "$work/signed/sample/$custody/0004-$fp_maria.txt")"
equal "the one before lists one" 64 \
    "$(sed -n 's/^Signatures: //p' "$work/signed/sample/$custody/0003-$fp_lena.txt" | tr -d '\n' | wc -c)"
fresh "$work/signed/sample" && rm "$folder/seal/$fp_omar.minisig"
judged 1:custody.signature-missing "a countersignature taken away after an event listed it"
fresh "$work/signed/sample" && rm "$folder/seal/$fp_maria.minisig"
judged 1:custody.signature-missing "a seal taken away after an event listed it"

# ---- with stock tools --------------------------------------------------------------------------

if have minisign; then
    fresh && write_event "$folder" 0004 omar "$head" && sign_event "$folder" 0004 omar
    judged 0 "an event by minisign"
    says 'Custody:  4 events' "is counted"
    fresh && write_event "$folder" 0004 omar "$head" && sign_event "$folder" 0004 omar role:custody
    judged 0 "an event by minisign without key:, of a key in the trust store"
    says_not 'custody.not-checkable' "is checked"
    fresh && write_event "$folder" 0004 lena "$head" && sign_event "$folder" 0004 lena role:custody
    judged 0:custody.not-checkable "an event by minisign without key:, of a key that is not known"
    says 'Custody:  4 events' "is counted"
    fresh && write_event "$folder" 0004 omar "$head" && sign_event "$folder" 0004 omar 'a comment'
    judged 1:custody.syntax "an event whose signature has no role"
    fresh && write_event "$folder" 0004 omar "$head" && sign_event "$folder" 0004 omar role:seal
    judged 1:custody.syntax "an event whose signature has another role"
    fresh && write_event "$folder" 0004 omar "$head" &&
        sign_event "$folder" 0004 omar "role:custody	role:custody"
    judged 1:custody.syntax "an event whose signature has two roles"
    fresh && write_event "$folder" 0004 omar "$id" && sign_event "$folder" 0004 omar
    judged 1:custody.link "a signed event that follows the seal"
    fresh && write_event "$folder" 0005 omar "$head" && sign_event "$folder" 0005 omar
    judged 1:custody.order "a signed event with a gap before it"
    fresh && write_event "$folder" 0004 omar "$head" Transfer && sign_event "$folder" 0004 omar
    judged 1:custody.syntax "a signed event with a capital letter"
    fresh && write_event "$folder" 0004 omar "$head"
    echo "$(tail -n 1 "$folder/$custody/0004-$fp_omar.txt") $(printf '%064d' 0 | tr 0 f)" >"$work/line"
    sed -i '$d' "$folder/$custody/0004-$fp_omar.txt"
    cat "$work/line" >>"$folder/$custody/0004-$fp_omar.txt"
    sign_event "$folder" 0004 omar
    judged 1:custody.signature-missing "a signed event that lists a signature that never was"
    sealed_role() {
        sign_again "$1" maria -t "role:seal	key:$(sed -n 2p "$work/keys/maria.pub")"
    }
    fresh "$work/plain/sample" && sealed_role "$folder"
    judged 1:seal.signature-syntax "a seal's signature with a role"
else
    skip_part "minisign is not installed"
fi

if have ssh-keygen; then
    fresh && write_event "$folder" 0004 omar "$head" && sign_event_ssh "$folder" 0004 omar
    cp "$folder/$custody/0004-$fp_omar.txt" "$work/event.txt"
    cp "$folder/$custody/0004-$fp_omar.sshsig" "$work/event.sshsig"
    judged 0 "an event by ssh-keygen"
    says 'Custody:  4 events' "is counted"
    printf 'omar %s\n' "$(ssh_public "$work/keys/omar.pub")" >"$work/allowed"
    verify_ssh() {
        ssh-keygen -Y verify -f "$work/allowed" -I omar -n custody@sealbag \
            -s "$work/event.sshsig" <"$work/event.txt"
    }
    check "ssh-keygen checks it" verify_ssh
    fresh && write_event "$folder" 0004 omar "$head" &&
        sign_event_ssh "$folder" 0004 omar seal@sealbag
    judged 1:custody.syntax "an event signed in the seal's namespace"
    fresh && write_event "$folder" 0004 omar "$head" && sign_event_ssh "$folder" 0004 omar &&
        sign_event "$folder" 0004 omar
    judged 1:custody.order "an event with signatures of both kinds"
    fresh && write_event "$folder" 0004 omar "$head" && sign_event_ssh "$folder" 0004 omar &&
        sed -i 's/inspection/copy/' "$folder/$custody/0004-$fp_omar.txt"
    judged 1:custody.bad-signature "an event that was altered after ssh-keygen"
    # Nor can a signature that cannot be checked take the place of one by a key that is known.
    ssh-keygen -q -t ecdsa -N '' -f "$work/keys/ecdsa"
    by_another_type() {
        fresh && write_event "$folder" 0004 "$1" "$head"
        ssh-keygen -q -Y sign -f "$work/keys/ecdsa" -n custody@sealbag \
            "$folder/$custody/0004-$2.txt" 2>/dev/null
        mv "$folder/$custody/0004-$2.txt.sig" "$folder/$custody/0004-$2.sshsig"
    }
    by_another_type maria "$fp_maria"
    judged 1:custody.bad-signature "an event in a trusted name by a key of another type"
    by_another_type lena "$fp_lena"
    judged 0:custody.not-checkable "an event by a key of another type is not checkable"
else
    skip_part "ssh-keygen is not installed"
fi

# ---- keys that are not trusted any more, and keys in ssh-agent -----------------------------------

other_store() {
    verify_with=$work/store-$1
    cp -r "$trust" "$verify_with"
}
other_store revoked
"$SEALBAG" trust revoke --keys "$verify_with" --reason 'laptop stolen' omar >/dev/null 2>&1
expect 0:custody.revoked-key "an event by a key that was revoked changes no verdict" \
    "$SEALBAG" verify --keys "$verify_with" --custody "$head" "$bundle"
says 'was revoked: whoever has it' "it is said"
run "$SEALBAG" custody list --keys "$verify_with" "$bundle"
says "REVOKED key of omar  $(fingerprint "$work/keys/omar.pub")" "list says so, too"
run "$SEALBAG" custody list --json --keys "$verify_with" "$bundle"
says '"trust":"revoked"' "and so does JSON"
other_store other-namespaces
sed -i '/^omar /s/namespaces="[^"]*"/namespaces="*,!custody@sealbag"/' "$verify_with/allowed_signers"
expect 0:custody.unknown-key "nor does one by a key whose namespaces leave out custody events" \
    "$SEALBAG" verify --keys "$verify_with" "$bundle"
says 'or not for custody events' "it is said"
mkdir "$work/store-expired"
"$SEALBAG" trust add --keys "$work/store-expired" maria "$work/keys/maria.pub" >/dev/null 2>&1
"$SEALBAG" trust add --keys "$work/store-expired" --valid-before 2024-06-15 omar \
    "$work/keys/omar.pub" >/dev/null 2>&1
expect 0:custody.unknown-key "nor does one by a key that has expired" \
    "$SEALBAG" verify --keys "$work/store-expired" "$bundle"
says 'has expired' "it is said"
expect 0 "it counts at a time when it was valid" \
    "$SEALBAG" verify --keys "$work/store-expired" --at 2024-06-02 "$bundle"
says_not 'has expired' "without a word"

if have ssh-agent && have ssh-add; then
    eval "$(ssh-agent -s)" >/dev/null
    ssh_private "$work/keys/omar" "$work/keys/omar.agent"
    ssh-add -q "$work/keys/omar.agent" 2>/dev/null
    cp "$bundle" "$work/agent.tar.gz"
    expect 0 "an event is signed by a key in ssh-agent" \
        "$SEALBAG" custody add --keys "$trust" --quiet --event receipt \
        --key "ssh:$(fingerprint "$work/keys/omar.pub")" "$work/agent.tar.gz"
    ssh-agent -k >/dev/null 2>&1 || kill "$SSH_AGENT_PID"
    unset SSH_AUTH_SOCK SSH_AGENT_PID
    expect 0 "and verifies without the agent" verify "$work/agent.tar.gz"
    says 'Custody:  4 events' "with the rest of the chain"
    unpack "$work/agent.tar.gz" "$work/agent"
    check "its signature is one of OpenSSH" test -s "$work/agent/sample/$custody/0004-$fp_omar.sshsig"
else
    skip_part "ssh-agent is not installed"
fi

# ---- what is refused before anything is added ----------------------------------------------------

cp "$bundle" "$work/kept.tar.gz"
unchanged() {
    check "$1" cmp "$bundle" "$work/kept.tar.gz"
}
long=$(printf '%01001d' 0)
for bad in Transfer 'hand over' '' -x 1a "${long:0:33}"; do
    expect 2 "the event '${bad:0:40}' is refused" add "$work/kept.tar.gz" maria x --event="$bad"
done
for option in --to --note; do
    for bad in '' ' a' 'a ' $'a\tb' $'a\nb' $'a\033[2J' $'\342\200\256a' $'\377' "$long"; do
        expect 2 "$option '$(printf '%.20s' "$bad" | tr -c 'a-zA-Z0-9 ' '?')' is refused" \
            add "$work/kept.tar.gz" maria note "$option=$bad"
    done
done
expect 2 "no event is refused" "$SEALBAG" custody add --key "$work/keys/maria" "$bundle"
expect 2 "no key is refused" "$SEALBAG" custody add --event note "$bundle"
expect 2 "a pipe is refused" add - maria note
expect 2 "two bundles are refused" add "$work/kept.tar.gz" maria note "$bundle"
expect 2 "list takes no --event" list --event note "$bundle"
expect 2 "another verb is refused" "$SEALBAG" custody remove "$bundle"
unchanged "nothing was added by any of them"
expect 5:container.unsupported "nothing is added to what other programs packed" \
    add "$work/packed.tar.gz" maria note
fresh && rm "$folder/$custody"/0001-* && pack "$folder" "$work/broken.tar.gz"
expect 1:custody.order "nothing is added where an event is missing" add "$work/broken.tar.gz" maria note
sealbag create --quiet -o "$work/strange.tar.gz" --name sample --key "$work/keys/lena" "$work/source"
expect 3 "nothing is added to what nobody trusted has sealed" add "$work/strange.tar.gz" maria note
expect 0:trust.too-few "unless it is accepted" add "$work/strange.tar.gz" maria note --accept-untrusted
run list "$work/strange.tar.gz"
says '0001  2024-06-01T10:00:00Z  note' "then it is there"
sealbag create --quiet -o "$work/unsealed.tar.gz" "$work/source" 2>/dev/null
expect 4 "nothing is added to what is not sealed" add "$work/unsealed.tar.gz" maria note
expect 0 "-o writes another bundle" add "$work/kept.tar.gz" maria note -o "$work/new.tar.gz"
unchanged "and leaves the old one"
run verify "$work/new.tar.gz"
says 'Custody:  4 events' "the new one has the event"

# ---- extract, and hostile text -----------------------------------------------------------------

mkdir "$work/out-of-it"
expect 0 "a bundle with a chain is extracted" \
    "$SEALBAG" extract --keys "$trust" --custody "$head" -C "$work/out-of-it" "$bundle"
check "its chain is there" same_tree "$base/$custody" "$work/out-of-it/sample/$custody"
