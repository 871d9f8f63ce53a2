#!/usr/bin/env bash
# The BagIt conformance suite, a line for each bag: valid ones are accepted, invalid ones refused, and those
# that deserve a warning get one (issue "Any bag from anyone", bar 1). It is read where it lies.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

suite=${SEALBAG_TEST_DATA-}/bagit-conformance-suite
if [ ! -d "$suite" ]; then
    echo "skipped - the conformance suite is not here"
    exit 77
fi
declare -A count=()
# Three of those with a warning are not valid on Linux: one lacks a file that was never published, one
# lists two names that are one only where case does not matter, and one two Unicode forms of one name.
declare -A refused=(
    [special-system-files]=1
    [duplicate-file-with-different-case]=1
    [same-filename-listed-twice-with-different-normalization]=1
)
for bag in "$suite"/*/*/*/; do
    bag=${bag%/}
    name=${bag##*/} kind=${bag%/*} version=${bag%/*/*}
    kind=${kind##*/} version=${version##*/}
    tar -czf "$work/bag.tar.gz" -C "${bag%/*}" -- "$name"
    run sealbag verify "$work/bag.tar.gz"
    what="$version, $kind: $name"
    count[$kind]=$((${count[$kind]-0} + 1))
    case $kind in
        valid)
            equal "$what: accepted, unsigned" 4 "$code"
            says_not "[bag.not-judged]" "$what: all of it was judged"
            ;;
        invalid | linux-only)
            equal "$what: refused" 1 "$code"
            ;;
        windows-only)
            # They list C:\..., %HomeDrive%\... or \\?\UNC\..., which lead out of the bag on Windows. Anywhere
            # else these are no documents either, as they are not in data/, and no names that are safe to
            # create on every system, for their backslashes.
            case $name in
                *-for-fetch) rule=fetch.line ;;
                *) rule=manifest.line ;;
            esac
            equal "$what: refused on Linux too" 1 "$code"
            expect_rule "$rule" "$what: for the path that is listed"
            equal "$what: and for nothing else" 2 "$(grep -c 'Problem: ' "$work/out")" # and seal.none
            ;;
        warning)
            if [ -n "${refused[$name]-}" ]; then
                equal "$what: refused on Linux" 1 "$code"
            else
                equal "$what: accepted" 4 "$code"
                says "Warning:" "$what: with a warning"
            fi
            ;;
    esac
done
equal "27 of 27 valid" 27 "${count[valid]}"
equal "15 of 15 invalid" 15 "${count[invalid]}"
equal "6 of 6 for Linux only" 6 "${count[linux-only]}"
equal "6 of 6 for Windows only" 6 "${count[windows-only]}"
equal "6 of 6 with a warning" 6 "${count[warning]}"

# As other containers too.
if have python3; then
    bag=$suite/v0.97/valid/UTF-16-encoded-tag-files
    python3 "$(dirname "${BASH_SOURCE[0]}")/rezip.py" "$bag" "$work/bag.zip"
    expect 4 "a bag in a zip file with other digests, in UTF-16" sealbag verify "$work/bag.zip"
fi
piped() {
    tar -czf - -C "$suite/v0.97/valid" basic-bag | sealbag verify -
}
expect 5:bag.algorithm "digests other than SHA-256 cannot be judged through a pipe" piped
says "Store the bundle" "and it says what to do"
