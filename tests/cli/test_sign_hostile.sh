#!/usr/bin/env bash
# Hostile bundles are not signed: each of those that tests/hostile makes is refused with the exit code that
# verify gives it, and stays as it is; the few that are good to the last byte can be signed, and still
# verify then.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    echo "skipped - there is no python3 here to make hostile bundles"
    exit 77
fi
hostile=$source_dir/tests/hostile
export PYTHONDONTWRITEBYTECODE=1
for name in maria omar stranger nina; do
    make_key "$name"
done
trust_key maria
make_sample "$work/source"
seal "$work/sample.tar.gz" "$work/source"
mkdir "$work/other" "$work/bundles" "$work/watched"
seal "$work/other/sample.tar.gz" "$work/source/letters"
if ! python3 "$hostile/make.py" "$work/sample.tar.gz" "$work/other/sample.tar.gz" "$work/keys" \
    "$work/watched" "$source_dir/docs/findings.md" "$work/bundles"; then
    fail "the hostile bundles are made"
    exit 1
fi

state() {
    stat -c '%i %s %a %Y %Z' -- "$1"
}
sign() {
    run "$SEALBAG" sign --quiet --accept-untrusted --keys "$trust" --key "$work/keys/nina" "$1"
}
# Nobody waits for what takes long to judge: test_hostile.sh has tried it.
refused=0 signed=0 not_so=0
while IFS=$'\t' read -r name group wanted _ text; do
    [ "$group" != bomb ] || continue
    sampled 3 || continue
    bundle=$work/bundles/$name
    before=$(state "$bundle")
    if [ "$wanted" -eq 1 ] || [ "$wanted" -eq 4 ] || [ "$wanted" -eq 5 ]; then
        sign "$bundle"
        refused=$((refused + 1))
        if [ "$code" -ne "$wanted" ]; then
            fail "$name is refused: $text" "the exit code is $code, not $wanted"
            show_output
        elif [ "$(state "$bundle")" != "$before" ]; then
            fail "$name stays as it is: $text"
        fi
        continue
    fi
    sign "$bundle"
    if [ "$code" -eq 5 ] && said '[container.unsupported]'; then
        not_so=$((not_so + 1))
        [ "$(state "$bundle")" = "$before" ] || fail "$name stays as it is: $text"
    elif [ "$code" -eq 0 ]; then
        signed=$((signed + 1))
        run verify "$bundle"
        if [ "$code" -ne "$wanted" ] || ! said '(countersignature)'; then
            fail "$name verifies after it was signed: $text" "the exit code is $code, not $wanted"
            show_output
        fi
    else
        fail "$name is signed, or cannot be: $text" "the exit code is $code"
        show_output
    fi
done <"$work/bundles/cases.tsv"
equal "nothing is left beside them" '' "$(names "$work/bundles" | tr ' ' '\n' | grep '^\.sealbag' || true)"
many=150
[ -z "${SEALBAG_TEST_SAMPLES-}" ] || many=50
check "many were refused ($refused)" test "$refused" -ge "$many"
check "and some were signed ($signed, and $not_so cannot be)" test "$((signed + not_so))" -gt 0
