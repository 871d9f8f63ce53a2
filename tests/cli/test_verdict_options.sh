#!/usr/bin/env bash
# What verify is asked for: --seal, --require, --signer, several bundles, --json, a pipe
# (issue 3, bar 6; DESIGN.md, sections 4 and 7).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar lena; do
    make_key "$name"
done
trust_key maria
trust_key omar
make_sample "$work/source"
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
unpack "$bundle" "$work/base"
id=$(sha256sum <"$work/base/sample/seal/seal.txt" | cut -d ' ' -f 1)
two=$work/two.tar.gz
sealbag create --quiet -o "$two" --key "$work/keys/maria" --key "$work/keys/omar" "$work/source"

# ---- --seal ------------------------------------------------------------------------------------

expect 0 "the right seal id, 64 digits, is 0" verify --seal "$id" "$bundle"
expect 0 "its first 32 digits are 0" verify --seal "${id:0:32}" "$bundle"
expect 0 "upper case digits are 0" verify --seal "${id^^}" "$bundle"
# As people copy it from paper: in groups, over two lines, with spaces around.
groups=$(sed 's/..../& /g' <<<"${id:0:32}")
expect 0 "digits in groups of four are 0" verify --seal "$groups" "$bundle"
expect 0 "in groups, in upper case, with white space around" \
    verify --seal "$(printf ' \t%s\r\n  %s\n' "${groups^^}" "${id:32}")" "$bundle"
expect 0 "with the no-break spaces of a web page" verify --seal "${groups// /$'\xc2\xa0'}" "$bundle"
expect 1:seal.id-mismatch "another one in groups is 1" verify --seal "${groups//[1-9]/0}" "$bundle"
expect 2 "white space does not count as digits" verify --seal "${id:0:31} " "$bundle"
for odd in "${groups// /-}" "0x$id" "$groups." "${id:0:31}"$'\xc3\xa9' "$id $id"; do
    expect 2:usage "\"$odd\" is no seal id" verify --seal "$odd" "$bundle"
done
expect 2:usage "--custody is as strict" verify --custody "${groups// /-}" "$bundle"
expect 1:custody.head-mismatch "and takes groups, too" verify --custody "$groups" "$bundle"
says "Its custody head is not the one that you asked for." "it says what differs"
expect 1:seal.id-mismatch "another seal id is 1" verify --seal "$(printf '%064d' 0)" "$bundle"
last=$([ "${id: -1}" = 0 ] && echo 1 || echo 0)
expect 1:seal.id-mismatch "a seal id with another last digit is 1" \
    verify --seal "${id:0:63}$last" "$bundle"
expect 2 "31 digits are too short: 2" verify --seal "${id:0:31}" "$bundle"
expect 2 "65 digits are too long: 2" verify --seal "${id}0" "$bundle"
expect 2 "no digits at all are 2" verify --seal '' "$bundle"
expect 2 "what is no hex digit is 2" verify --seal "${id:0:31}g" "$bundle"
run verify "$bundle"
says "${id:0:32}" "the verdict shows the seal id to compare"

# ---- several bundles ---------------------------------------------------------------------------

cp "$bundle" "$work/exit0"
head -c 300 "$bundle" >"$work/exit1"
sealbag create --quiet -o "$work/exit3" --name sample --key "$work/keys/lena" "$work/source"
sealbag create --quiet -o "$work/exit4" --name sample "$work/source" 2>"$work/err"
printf 'no bundle\n' >"$work/exit5"
order=(0 3 4 5 1)
for i in "${!order[@]}"; do
    for j in "${!order[@]}"; do
        worst=${order[i > j ? i : j]}
        expect "$worst" "bundles of ${order[i]} and ${order[j]} are $worst" \
            verify "$work/exit${order[i]}" "$work/exit${order[j]}"
    done
done
expect 1 "all of them are 1" verify "$work"/exit?
for code in 0 1 3 4 5; do
    says "$work/exit$code: " "the verdict on the bundle of $code is there"
done
expect 5 "a bundle that is not there does not stop the others" \
    verify "$work/missing" "$bundle"
says "$bundle: intact" "the bundle after it is judged"

# ---- --require and --signer --------------------------------------------------------------------

expect 0 "--require 2 with two trusted keys is 0" verify --require 2 "$two"
expect 3:trust.too-few "--require 2 with one seal is 3" verify --require 2 "$bundle"
expect 3:trust.too-few "--require 3 with two seals is 3" verify --require 3 "$two"
trust_key maria-again maria
expect 3:trust.too-few "one key under two names counts once" verify --require 2 "$bundle"
for bad in 0 -1 x '' 1.5 99999999999999999999; do
    expect 2 "--require '$bad' is 2" verify --require "$bad" "$bundle"
done
expect 0 "--signer with the signer is 0" verify --signer maria "$bundle"
expect 0 "--signer with both signers is 0" verify --signer omar --signer maria "$two"
expect 3:trust.signer-not-found "--signer with another trusted name is 3" \
    verify --signer omar "$bundle"
expect 3:trust.signer-not-found "--signer with one who did not seal among others is 3" \
    verify --signer maria --signer omar "$bundle"
expect 3:trust.signer-not-found "--signer with an unknown name is 3" \
    verify --signer nobody "$bundle"
expect 3:trust.signer-not-found "--signer with a part of a name is 3" \
    verify --signer mari "$bundle"
expect 3:trust.signer-not-found "two names of one key are not two signers" \
    verify --signer maria --signer maria-again "$bundle"
expect 0 "two names of one key, and another key, match two signers" \
    verify --signer maria-again --signer omar "$two"
trust_key omar maria
expect 0 "names are given to keys so that all find one" verify --signer omar --signer maria "$two"
expect 0 "in the other order too" verify --signer maria --signer omar "$two"

# One key as minisign and as SSH signature is one signer.
if have ssh-keygen; then
    make_key sam
    trust_key sam
    fp=$(fp_name "$work/keys/sam.pub")
    sealbag create --quiet -o "$work/sam.tar.gz" --key "$work/keys/sam" "$work/source"
    unpack "$work/sam.tar.gz" "$work/twice"
    ssh_private "$work/keys/sam" "$work/keys/sam.ssh"
    ssh-keygen -q -Y sign -f "$work/keys/sam.ssh" -n seal@sealbag "$work/twice/sam/seal/seal.txt" \
        2>"$work/err"
    mv "$work/twice/sam/seal/seal.txt.sig" "$work/twice/sam/seal/$fp.sshsig"
    pack "$work/twice/sam" "$work/twice.tar.gz"
    expect 0 "a bag with both signatures of one key verifies" verify "$work/twice.tar.gz"
    expect 3:trust.too-few "both signatures of one key count once" \
        verify --require 2 "$work/twice.tar.gz"
fi

# ---- trust taken away --------------------------------------------------------------------------

cp -R "$trust" "$work/less"
expect 0 "trust remove forgets maria" sealbag trust remove --keys "$work/less" maria
sealbag trust remove --keys "$work/less" maria-again >"$work/out"
sealbag trust remove --keys "$work/less" omar >"$work/out"
expect 3:trust.unknown-key "then her bag is 3" sealbag verify --keys "$work/less" "$bundle"

# ---- JSON --------------------------------------------------------------------------------------

# json FIELD.FIELD...: its value in $work/out
json() {
    python3 - "$work/out" "$1" <<'PYTHON'
import json, sys
value = json.load(open(sys.argv[1], encoding="utf-8"))
for part in sys.argv[2].split("."):
    value = value[int(part)] if part.isdigit() else value[part]
print(json.dumps(value) if not isinstance(value, str) else value)
PYTHON
}
fields() {
    while [ "$#" -gt 0 ]; do
        equal "JSON: $1 is $(printf %q "$2")" "$2" "$(json "$1" 2>&1)"
        shift 2
    done
}
if have python3; then
    expect 0 "--json of a trusted bundle is 0" verify --json "$bundle"
    cp "$work/out" "$work/json"
    check "it is valid JSON" python3 -m json.tool "$work/json"
    run verify --json "$bundle"
    v=verdicts.0
    bytes=$(find "$work/source" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
    fields exit 0 "$v.bundle" "$bundle" "$v.exit" 0 "$v.intact" yes "$v.sealed" true \
        "$v.valid_seals" 1 "$v.trusted_seals" 1 "$v.required" 1 "$v.name" sample \
        "$v.sealed_at" "$sealing_time" "$v.seal_id" "$id" "$v.documents" 6 \
        "$v.bytes" "$bytes" \
        "$v.signatures.0.state" valid "$v.signatures.0.kind" minisign "$v.signatures.0.role" seal \
        "$v.signatures.0.fingerprint" "$(fingerprint "$work/keys/maria.pub")" "$v.findings" '[]'
    expect 1 "--json of several bundles is the worst" \
        verify --json "$work/exit5" "$work/exit1" "$work/missing" "$bundle"
    fields exit 1 verdicts.0.exit 5 verdicts.0.intact not-judged verdicts.1.exit 1 \
        verdicts.2.exit 5 verdicts.3.exit 0
    expect 3 "--json of an unknown signer is 3" verify --json "$work/exit3"
    fields exit 3 "$v.exit" 3 "$v.trusted_seals" 0 "$v.signatures.0.trusted_as" null \
        "$v.findings.0.rule" trust.unknown-key
    expect 4 "--json of an unsigned bag is 4" verify --json "$work/exit4"
    fields "$v.sealed" false "$v.sealed_at" null "$v.seal_id" null "$v.signatures" '[]' \
        "$v.findings.0.rule" seal.none "$v.findings.0.exit" 4
    expect 0 "list --json lists the documents" sealbag list --keys "$trust" --json "$bundle"
    fields exit 0 document_list.0.path data/.notes document_list.0.size 7 \
        document_list.0.sha256 "$(sha256sum <"$work/source/.notes" | cut -d ' ' -f 1)"
    # Hostile names stay valid JSON, also in the name of the bundle.
    mkdir "$work/names"
    printf x >"$work/names/"$'a"b\tc\n\342\200\256d'
    hostile=$work/$'h"\n\377.tar.gz'
    seal "$hostile" --name names "$work/names"
    expect 0 "a bundle with hostile names is 0" verify --json "$hostile"
    cp "$work/out" "$work/json"
    check "its verdict is valid JSON" python3 -m json.tool "$work/json"
    expect 0 "its list is 0" sealbag list --keys "$trust" --json "$hostile"
    fields document_list.0.path $'data/a"b\tc\n\342\200\256d'
    refute "no control or bidirectional character stands in it" \
        grep -qaP '[\x00-\x09\x0b-\x1f]|\xe2\x80\xae' "$work/out"
    run sealbag list --keys "$trust" "$hostile"
    cp "$work/out" "$work/list"
    refute "nor in the list for people" grep -qaP '[\x00-\x09\x0b-\x1f]|\xe2\x80\xae' "$work/list"
    equal "which has one line for the one document" 1 "$(grep -c '' "$work/list")"
else
    skip_part "JSON (there is no python3 here)"
fi

# ---- list --------------------------------------------------------------------------------------

expect 0 "list of a trusted bundle is 0" sealbag list --keys "$trust" "$bundle"
equal "it prints the size and path of each document, sorted" \
    "$(cd "$work/source" && find . -type f -printf '%s data/%P\n' | LC_ALL=C sort -k 2)" \
    "$(sed 's/^ *\([0-9]*\)  /\1 /' "$work/out")"
check "it says how much was read" grep -qF '[bag.partly-read]' "$work/err"
expect 0 "list --quiet of a trusted bundle is 0" sealbag list --quiet --keys "$trust" "$bundle"
equal "and says nothing else" '' "$(cat "$work/err")"
for code in 3 4; do
    expect "$code" "list of the bundle of $code is $code" \
        sealbag list --keys "$trust" "$work/exit$code"
    check "it prints the documents" grep -q 'data/minutes.txt' "$work/out"
    check "and the verdict on standard error" \
        grep -qE "^$work/exit$code: (what was read of it is )?intact, but" "$work/err"
done
for code in 1 5; do
    expect "$code" "list of the bundle of $code is $code" \
        sealbag list --keys "$trust" "$work/exit$code"
    equal "it prints no document" '' "$(cat "$work/out")"
done
expect 2 "list of two bundles is wrong usage" sealbag list --keys "$trust" "$bundle" "$two"

# ---- from a pipe -------------------------------------------------------------------------------

through_pipe() {
    cat -- "$1" | sealbag verify --keys "$trust" --at 2025-01-01 -
}
for code in 0 1 3 4 5; do
    run verify --at 2025-01-01 "$work/exit$code"
    sed "1s|^.*: |: |" "$work/out" >"$work/file-verdict"
    expect "$code" "from a pipe the bundle of $code is $code" through_pipe "$work/exit$code"
    sed "1s|^.*: |: |" "$work/out" >"$work/pipe-verdict"
    check "and the verdict says the same" diff "$work/file-verdict" "$work/pipe-verdict"
done
expect 5:container.empty "an empty pipe is 5" through_pipe /dev/null

# ---- usage -------------------------------------------------------------------------------------

expect 2 "verify without a bundle is 2" sealbag verify
expect 2 "an unknown option is 2" verify --sure "$bundle"
expect 2 "an option without its value is 2" verify "$bundle" --seal
expect 2 "an unknown command is 2" sealbag verfiy "$bundle"
expect 2 "no command is 2" sealbag
expect 0 "--help is 0" sealbag verify --help
expect 0 "--version is 0" sealbag --version
to_full() {
    sealbag verify --keys "$trust" "$bundle" >/dev/full
}
expect 5 "a verdict that cannot be written is 5" to_full
