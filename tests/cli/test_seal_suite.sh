#!/usr/bin/env bash
# seal: each bag of the BagIt conformance suite that is valid is sealed where it lies, verifies then, by stock
# tools too, and nothing else of it is changed; each other one is refused (issue "Any bag from anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

suite=${SEALBAG_TEST_DATA-}/bagit-conformance-suite
if [ ! -d "$suite" ]; then
    echo "skipped - the conformance suite is not here"
    exit 77
fi
make_key maria
trust_key maria
fp=$(fp_name "$work/keys/maria.pub")
sealed=0 refused=0
for bag in "$suite"/*/{valid,warning,invalid}/*/; do
    bag=${bag%/}
    name=${bag##*/} kind=${bag%/*} version=${bag%/*/*}
    what="${version##*/}, ${kind##*/}: $name"
    rm -rf "$work/bag"
    mkdir "$work/bag"
    cp -a -- "$bag" "$work/bag/"
    own=$work/bag/$name
    run sealbag seal --yes --key "$work/keys/maria" --time "$sealing_time" "$own"
    if [ "$code" -ne 0 ]; then
        refused=$((refused + 1))
        equal "$what: refused" 1 "$code"
        says "Nothing was sealed" "$what: said"
        check "$what: left as it was" same_tree "$bag" "$own"
        continue
    fi
    sealed=$((sealed + 1))
    run verify "$own"
    equal "$what: sealed, and verifies" 0 "$code"
    check "$what: the signature" minisign -V -q -p "$work/keys/maria.pub" -m "$own/seal/seal.txt" \
        -x "$own/seal/$fp.minisig"
    cd "$own"
    check "$what: the cover" sha256sum --quiet -c seal/cover-sha256.txt
    list=manifest-sha256.txt
    [ -e "$list" ] || list=seal/$list
    check "$what: the manifest" sha256sum --quiet -c "$list"
    cd "$work"
    # what was to be fetched is not judged by hand
    wanted=0
    [ ! -e "$own/fetch.txt" ] || wanted=5
    expect "$wanted" "$what: by hand" sh "$by_hand" -p "$work/keys/maria.pub" "$own"
    rm -r "$own/seal"
    check "$what: all else is as it was" same_tree "$bag" "$own"
done
equal "27 valid ones and 3 of those with a warning are sealed" 30 "$sealed"
equal "all others are refused" 18 "$refused"
