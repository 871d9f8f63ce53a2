#!/usr/bin/env bash
# Bags that the conformance suite lacks: each row of tests/vectors/bags.tsv is one, with one failure, and has
# exactly the findings that are in the table, about the files there (issue "Any bag from anyone", bar 2).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    echo "skipped - there is no python3 here"
    exit 77
fi
table=$source_dir/tests/vectors/bags.tsv
bags() {
    python3 "$source_dir/tests/cli/bags.py" "$@"
}
mkdir "$work/bags"
check "the bags are made" bags make "$table" "$work/bags"
run sealbag verify --json "$work"/bags/*
cp "$work/out" "$work/verdicts"
refute "no sanitizer complains" grep -qaE 'Sanitizer|runtime error:' "$work/err"
run bags judge "$table" "$work/verdicts"
equal "their verdicts are read" 0 "$code"
cp "$work/out" "$work/judged"
rows=0
while IFS=$'\t' read -r how sentence why; do
    case $how in
    ok) pass "$sentence" ;;
    *) fail "$sentence" "$why" ;;
    esac
    rows=$((rows + 1))
done <"$work/judged"
check "all of the table was tried, which has more than 200 rows" test "$rows" -ge 220

# Through a pipe: the first row is a bag without a fault.
through_pipe() {
    sealbag verify - <"$1"
}
expect 4:seal.none "a right bag from a pipe" through_pipe "$work/bags/000.tar.gz"
says_not "Warning:" "has no fault there either"
