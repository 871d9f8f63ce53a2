#!/usr/bin/env bash
# Runs all tests in an instrumented build and prints how many lines of the rooms they reach. Fails
# when it is less than 90 % in one of them.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
rooms=(base hash sign bag)
least=90

scripts/install-deps.sh test
CC=gcc cmake --preset coverage >/dev/null
cmake --build --preset coverage

# Counts of earlier runs would be added to.
find build/coverage -name '*.gcda' -delete
ctest --preset coverage --parallel "$(nproc)" --label-exclude check

trace=build/coverage/coverage.json
gcovr --root . --object-directory build/coverage --filter 'src/' --json "$trace" build/coverage
gcovr --root . --add-tracefile "$trace" --txt build/coverage/coverage.txt \
    --html-details build/coverage/coverage.html

failed=0
echo
for room in "${rooms[@]}"; do
    # Not --txt /dev/null: gcovr removes the file that it is given before it writes it.
    summary=$(gcovr --root . --add-tracefile "$trace" --filter "src/$room/" \
        --txt build/coverage/room.txt --print-summary)
    percent=$(sed -n 's/^lines: \([0-9.]*\)%.*/\1/p' <<<"$summary")
    verdict=
    if ! awk -v percent="$percent" -v least="$least" 'BEGIN { exit !(percent + 0 >= least) }'; then
        verdict="  less than $least %"
        failed=1
    fi
    printf 'src/%-6s %5s %% of the lines%s\n' "$room" "${percent:-0.0}" "$verdict"
done
echo "Line by line: build/coverage/coverage.html and coverage.txt"
exit "$failed"
