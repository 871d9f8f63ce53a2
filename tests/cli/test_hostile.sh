#!/usr/bin/env bash
# Hostile bundles: each attack that tests/hostile can make is refused with the exit code and the rule that
# docs/format.md gives it, writes nothing but its destination, steers no terminal, and takes at most
# 5 seconds and 256 MiB (issue "Hostile bundles").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    echo "skipped - there is no python3 here to make hostile bundles"
    exit 77
fi
hostile=$source_dir/tests/hostile
export PYTHONDONTWRITEBYTECODE=1

for name in maria omar stranger; do
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
cases=$(grep -c '' "$work/bundles/cases.tsv")
check "there are at least 150 cases ($cases)" test "$cases" -ge 150

# Every kind of attack is there: a group that got lost would look like one that is refused.
for group in control path tar container seal custody display bomb; do
    check "there are cases of the group $group" grep -qP "^[^\t]*\t$group\t" "$work/bundles/cases.tsv"
done

# When samples are enough, nothing is said of seconds, of which a machine that has other things to do
# needs more.
options=()
if sanitized; then
    options=(without-limits)
    skip_part "the limits of time and memory (a sanitizer takes more of both)"
elif [ -n "${SEALBAG_TEST_SAMPLES-}" ]; then
    options=(without-time)
    skip_part "the limit of time (samples are asked for)"
fi
if [ -n "${SEALBAG_TEST_SAMPLES-}" ]; then
    options+=(few)
    cases=$(((cases + 2) / 3))
fi
seen=0
while IFS= read -r line; do
    case $line in
        "ok - "*)
            seen=$((seen + 1))
            pass "${line#ok - }"
            ;;
        "not ok - "*)
            seen=$((seen + 1))
            fail "${line#not ok - }"
            ;;
        *) printf '%s\n' "$line" ;;
    esac
done < <(python3 "$hostile/run.py" "$SEALBAG" "$work/bundles" "$trust" "$work/watched" 2 "${options[@]}")
# A case can fail in several ways, and each has its line.
check "each case was tried ($seen of $cases)" test "$seen" -ge "$cases"
