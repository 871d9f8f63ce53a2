#!/usr/bin/env bash
# Dates and revocations in the trust store, and that OpenSSH reads both files as we mean them (issue
# "Signers, trust and custody").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar lena nina; do
    make_key "$name"
done
make_sample "$work/source"
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
store=$work/store
signers=$store/allowed_signers
revoked=$store/revoked_keys
trust() {
    local verb=$1
    shift
    sealbag trust "$verb" --keys "$store" "$@"
}
maria=$(fingerprint "$work/keys/maria.pub")
omar=$(fingerprint "$work/keys/omar.pub")

# ---- dates -------------------------------------------------------------------------------------

expect 0 "a key is added with dates" trust add maria "$work/keys/maria.pub" \
    --valid-after 2024-01-01 --valid-before 2025-06-01T12:30:00Z
equal "they stand in the store as OpenSSH reads them" \
    'maria namespaces="seal@sealbag,custody@sealbag",valid-after="20240101Z",valid-before="20250601123000Z"' \
    "$(cut -d ' ' -f 1,2 "$signers")"
expect 0 "the same once more changes nothing" trust add maria "$work/keys/maria.pub" \
    --valid-after 2024-01-01T00:00:00Z --valid-before 2025-06-01T12:30:00Z
says "Trusted before" "and it says so"
equal "it is there once" 1 "$(grep -c '' "$signers")"
expect 5:io.exists "other dates do not replace them in silence" \
    trust add maria "$work/keys/maria.pub" --valid-before 2025-01-01
says "trust remove" "and it says what to do"
for date in 2025 2025-02-30 20250101 2025-01-01T00:00:00 2025-01-01T00:00:00+01:00 1970-01-01 now ''; do
    expect 2:usage "the date '$date' is refused" \
        trust add omar "$work/keys/omar.pub" --valid-before "$date"
done
expect 2:usage "an end before the beginning is refused" trust add omar "$work/keys/omar.pub" \
    --valid-after 2025-01-01 --valid-before 2024-01-01
expect 0 "another key is added without dates" trust add omar "$work/keys/omar.pub"

states() {
    run trust list --at "$1"
    sed -n '1s/,.*//;1s/^[^ ]*  [^ ]*  //p' "$work/out"
}
equal "before the first date it is not yet valid" "NOT YET VALID" "$(states 2023-12-31)"
equal "then trusted" "trusted" "$(states 2024-01-01)"
equal "to the last second" "trusted" "$(states 2025-06-01T12:30:00Z)"
equal "then expired" "EXPIRED" "$(states 2025-06-01T12:30:01Z)"
run trust list --at 2025-01-01
says "$maria  maria  trusted, valid from 2024-01-01T00:00:00Z until 2025-06-01T12:30:00Z" \
    "list shows fingerprint, name, state and dates"
expect 0 "verify within the dates" sealbag verify --keys "$store" --at 2025-01-01 "$bundle"
says "judged at 2025-01-01T00:00:00Z: the sealing time is only the signer's claim" \
    "the verdict says at which time it was judged"
expect 3:trust.expired "verify now" sealbag verify --keys "$store" "$bundle"
says "EXPIRED key of maria" "the verdict says whose key has expired"
expect 3:trust.not-yet-valid "verify before" sealbag verify --keys "$store" --at 2023-01-01 "$bundle"
expect 3:trust.expired "list judges too" sealbag list --keys "$store" "$bundle"
expect 3:trust.expired "and so does extract" sealbag extract --keys "$store" -C "$work/tmp" "$bundle"
refute "which extracts nothing" test -e "$work/tmp/sample"
expect 0 "extract at a time" sealbag extract --keys "$store" --at 2025-01-01 -C "$work/tmp" "$bundle"
expect 2:usage "--at takes a date" sealbag verify --keys "$store" --at yesterday "$bundle"

if have python3; then
    # json FILTER: the value of this expression in what was printed
    json() {
        python3 -c 'import json, sys
value = json.load(open(sys.argv[1], encoding="utf-8"))
print(json.dumps(eval(sys.argv[2], {"v": value})))' "$work/out" "$1"
    }
    run sealbag verify --json --keys "$store" --at 2026-01-01 "$bundle"
    equal "JSON: when it was judged" '"2026-01-01T00:00:00Z"' "$(json 'v["verdicts"][0]["judged_at"]')"
    equal "JSON: who says when it was sealed" '"signer"' "$(json 'v["verdicts"][0]["sealed_at_by"]')"
    equal "JSON: the state of the key" '["expired", "maria", null]' "$(json '[v["verdicts"][0]["signatures"][0][k]
        for k in ("trust", "known_as", "trusted_as")]')"
    run trust list --json --at 2026-01-01
    equal "JSON of the list" '["sealbag-trust-1", "maria", "expired", "2025-06-01T12:30:00Z", null]' \
        "$(json '[v["format"]] + [v["entries"][0][k] for k in ("name", "state", "valid_before", "reason")]')"
fi

# ---- revocations -------------------------------------------------------------------------------

expect 2:usage "a revocation needs a reason" trust revoke omar
expect 2:usage "that is not empty" trust revoke omar --reason ''
expect 2:usage "and has no control characters" trust revoke omar --reason $'a\nb'
expect 5:io.not-found "a name that is not there cannot be revoked" trust revoke nobody --reason x
expect 5:io.not-found "nor a key that is not there" \
    trust revoke "$(fingerprint "$work/keys/lena.pub")" --reason x
refute "nothing is written then" test -e "$revoked"
expect 0 "a name is revoked" trust revoke omar --reason 'laptop stolen' --since 2025-01-01
says "Revoked  $omar  omar" "it says which key"
equal "the file is the owner's alone" 600 "$(stat -c %a "$revoked")"
check "the line has the key, when, since and why" grep -qxE \
    "$(ssh_public "$work/keys/omar.pub" | sed 's/[+]/[+]/g') revoked=20[0-9T:-]+Z since=2025-01-01T00:00:00Z reason=laptop stolen" \
    "$revoked"
expect 0 "once more, not earlier, changes nothing" trust revoke omar --reason again --since 2026-01-01
says "Revoked before  $omar" "and it says so"
equal "there is one line" 1 "$(grep -c '' "$revoked")"
expect 0 "an earlier time is added" trust revoke "$omar" --reason 'earlier than we thought'
equal "as a line of its own" 2 "$(grep -c '' "$revoked")"
run trust list
says "$omar  omar  REVOKED on " "list shows it"
says "earlier than we thought" "with the reason that counts"
expect 5:trust.revoked "a revoked key is not added again" \
    trust add omar-again "$work/keys/omar.pub"
expect 0 "a name with two keys" trust add maria "$work/keys/lena.pub"
expect 0 "the name's keys are revoked" trust revoke maria --reason 'left the house'
equal "both of them" 2 "$(grep -c '^Revoked  SHA256:.*  maria$' "$work/out")"
expect 3:trust.revoked "then her bundle is 3" sealbag verify --keys "$store" --at 2025-01-01 "$bundle"
says "REVOKED key of maria" "and the verdict says whose key"
says "left the house" "and why"
expect 0 "a name is removed" trust remove maria
run trust list
says "$maria  (no name)  REVOKED on" "the revocation of its key stays"
expect 3:trust.revoked "and counts" sealbag verify --keys "$store" --at 2025-01-01 "$bundle"
expect 0 "a key without a name, by its fingerprint" trust revoke "$maria" --reason x
says "Revoked before" "is revoked before"

# A key that the store does not have: somebody was warned of it by phone.
expect 5:io.not-found "a fingerprint alone is not enough" \
    trust revoke "$(fingerprint "$work/keys/nina.pub")" --reason x
says "--key KEY.pub" "and it says what is"
expect 0 "a key without a name is revoked by its file" \
    trust revoke --key "$work/keys/nina.pub" --reason 'warned by phone'
expect 5:trust.revoked "then it is not added any more" trust add someone "$work/keys/nina.pub"
by_key() {
    sealbag trust revoke --keys "$work/new-store" --key "$work/keys/nina.pub" --reason x
}
expect 0 "also in a store that is not there yet" by_key
expect 2 "a name and a key file are too much" \
    trust revoke maria --key "$work/keys/nina.pub" --reason x
expect 5:key.malformed "a file that is no public key" \
    trust revoke --key "$work/keys/nina" --reason x

# Revocations that cannot be read are no reason to trust.
rm -rf "$work/link"
cp -R "$store" "$work/link"
rm "$work/link/revoked_keys"
ln -s nowhere "$work/link/revoked_keys"
expect 5 "a link to nothing in the place of revoked_keys" \
    sealbag verify --keys "$work/link" "$bundle"
rm "$work/link/revoked_keys"
mkdir "$work/link/revoked_keys"
expect 5 "a folder in the place of revoked_keys" sealbag verify --keys "$work/link" "$bundle"

# Comments stay where they are.
sed -i '1i# whom I do not trust any more' "$revoked"
make_key jo
expect 0 "one more" trust add jo "$work/keys/jo.pub"
expect 0 "is revoked" trust revoke jo --reason y
equal "and the comment is the first line still" '# whom I do not trust any more' "$(head -n 1 "$revoked")"

seq 1 10 >"$work/numbers"
while IFS= read -r i; do
    sealbag trust add --keys "$work/many" "name-$i" "$work/keys/maria.pub" >"$work/many-$i" 2>&1 &
    sealbag trust add --keys "$work/many" omar "$work/keys/omar.pub" >"$work/omar-$i" 2>&1 &
done <"$work/numbers"
wait
while IFS= read -r i; do
    sealbag trust revoke --keys "$work/many" "name-$i" --reason "reason $i" \
        --since "$((2050 - i))-01-01" >"$work/many-$i" 2>&1 &
    sealbag trust remove --keys "$work/many" "name-$i" >"$work/omar-$i" 2>&1 &
done <"$work/numbers"
wait
equal "revoking and removing at once loses nothing" "omar" \
    "$(cut -d ' ' -f 1 "$work/many/allowed_signers")"
check "and every line is whole" sealbag trust list --keys "$work/many"

# ---- the key that sealed a bundle ---------------------------------------------------------------

taken=$work/taken
from() {
    sealbag trust add --keys "$taken" maria "$@"
}
expect 2:usage "--from needs a fingerprint" from --from "$bundle"
expect 2:usage "and no key file" from "$work/keys/maria.pub" --from "$bundle" --fingerprint "$maria"
expect 5:io.not-found "a fingerprint that is another one" from --from "$bundle" --fingerprint "$omar"
expect 2:usage "a part of a fingerprint" from --from "$bundle" --fingerprint "${maria:0:40}"
cp "$bundle" "$work/bad.tar.gz"
flip "$work/bad.tar.gz" 700 4
expect 1 "a damaged bundle" from --from "$work/bad.tar.gz" --fingerprint "$maria"
sealbag create --quiet -o "$work/unsealed.tar.gz" "$work/source" 2>"$work/err"
expect 4:seal.none "a bundle that is not sealed" from --from "$work/unsealed.tar.gz" \
    --fingerprint "$maria"
expect 5:io.not-found "a bundle that is not there" from --from "$work/nowhere" --fingerprint "$maria"
refute "nothing was added" test -e "$taken/allowed_signers"
expect 0 "the key that sealed a bundle is added by its fingerprint" \
    from --from "$bundle" --fingerprint "$maria" --valid-before 2090-01-01
equal "and is hers" "$(ssh_public "$work/keys/maria.pub")" "$(cut -d ' ' -f 3- "$taken/allowed_signers")"
# As people copy it from paper.
groups=$(sed 's/..../& /g' <<<"${maria#SHA256:}")
expect 0 "a fingerprint in groups of four is the same" sealbag trust add --keys "$work/groups" maria \
    --from "$bundle" --fingerprint " SHA256: $groups"
equal "it is her key" "$(ssh_public "$work/keys/maria.pub")" "$(cut -d ' ' -f 3- "$work/groups/allowed_signers")"
expect 5:io.not-found "another one in groups is another one" from --from "$bundle" \
    --fingerprint "SHA256:${omar:7:20} ${omar:27}"
for odd in "${maria#SHA256:}" "sha256:${maria#SHA256:}" "SHA 256:${maria#SHA256:}" "$maria=" \
    "SHA256:${groups// /-}"; do
    expect 2:usage "\"$odd\" is no fingerprint" from --from "$bundle" --fingerprint "$odd"
done
expect 5:key.malformed "one in groups that is not the key file's" sealbag trust add \
    --keys "$taken" omar "$work/keys/omar.pub" --fingerprint "SHA256: $groups"
expect 0 "and a key is revoked by one" sealbag trust revoke --keys "$work/groups" \
    --reason lost "SHA256: $groups"
expect 0 "then her bundle is 0" sealbag verify --keys "$taken" --at 2025-01-01 "$bundle"
expect 5:key.malformed "a key file with another fingerprint is refused" sealbag trust add \
    --keys "$taken" omar "$work/keys/omar.pub" --fingerprint "$maria"
expect 0 "one with this fingerprint is added" sealbag trust add \
    --keys "$taken" omar "$work/keys/omar.pub" --fingerprint "$omar"

# ---- OpenSSH reads it --------------------------------------------------------------------------

if ! have ssh-keygen; then
    skip_part "what OpenSSH makes of it (there is no ssh-keygen here)"
    exit 0
fi
for name in maria omar; do
    ssh_private "$work/keys/$name" "$work/keys/$name.ssh"
done
printf 'text\n' >"$work/text"
ssh-keygen -q -Y sign -f "$work/keys/maria.ssh" -n seal@sealbag "$work/text" 2>"$work/err"
# stock TIME STORE: what ssh-keygen says of maria's signature at this time
stock() {
    ssh-keygen -Y verify -f "$2/allowed_signers" -I maria -n seal@sealbag -s "$work/text.sig" \
        -O verify-time="$1" <"$work/text"
}
rm -rf "$work/dated"
sealbag trust add --keys "$work/dated" maria "$work/keys/maria.pub" --valid-after 2024-01-01 \
    --valid-before 2025-06-01T12:30:00Z >"$work/out" 2>&1
# both SENTENCE CODE TIME: OpenSSH and we say the same at this time (YYYYMMDDHHMMSSZ)
both() {
    local t=$3
    if [ "$2" -eq 0 ]; then
        check "OpenSSH: $1" stock "$t" "$work/dated"
    else
        refute "OpenSSH: $1" stock "$t" "$work/dated"
    fi
    expect "$2" "sealbag: $1" sealbag verify --keys "$work/dated" \
        --at "${t:0:4}-${t:4:2}-${t:6:2}T${t:8:2}:${t:10:2}:${t:12:2}Z" "$bundle"
}
both "a second before the first date" 3 20231231235959Z
both "the first second" 0 20240101000000Z
both "between the dates" 0 20250101000000Z
both "the last second" 0 20250601123000Z
both "a second after the last" 3 20250601123001Z

# Namespaces as patterns: both match the same.
for pattern in '*' 'seal@*' '*bag' 's?al@sealbag' 'git,seal@sealbag' '!git,*' '*,!git' '*,!seal*' \
    '!seal@sealbag,*' 'git' 'seal' '!git' 'seal@sealbag?' 's*l*g' '*a*a*'; do
    printf 'maria namespaces="%s" %s\n' "$pattern" "$(ssh_public "$work/keys/maria.pub")" \
        >"$work/dated/allowed_signers"
    run stock 20250101000000Z "$work/dated"
    theirs=$((code == 0 ? 0 : 3))
    expect "$theirs" "the namespaces \"$pattern\" as OpenSSH has it: $theirs" \
        sealbag verify --keys "$work/dated" "$bundle"
done

printf 'maria %s\n' "$(ssh_public "$work/keys/maria.pub")" >"$work/dated/allowed_signers"
revoking() {
    ssh-keygen -Y verify -f "$work/dated/allowed_signers" -I maria -n seal@sealbag \
        -s "$work/text.sig" -r "$work/dated/revoked_keys" <"$work/text"
}
printf 'omar %s\n' "$(ssh_public "$work/keys/omar.pub")" >>"$work/dated/allowed_signers"
sealbag trust revoke --keys "$work/dated" omar --reason 'for a test' >"$work/out" 2>&1
check "OpenSSH reads revoked_keys (-r), and another key is still good" revoking
sealbag trust revoke --keys "$work/dated" maria --reason 'it is gone' >"$work/out" 2>&1
refute "a key that is revoked in it is not" revoking
check "and for no other reason" stock 20250101000000Z "$work/dated"
ssh-keygen -y -f "$work/keys/maria.ssh" >"$work/maria.line"
ssh-keygen -q -k -f "$work/dated/revoked_keys" "$work/maria.line"
expect 5:trust.malformed "a binary revocation list of OpenSSH's is refused" \
    sealbag verify --keys "$work/dated" "$bundle"
says "KRL" "and it says what it is"
