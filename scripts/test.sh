#!/usr/bin/env bash
# Installs what is missing, builds sealbag in several ways and runs all tests. A second run only
# builds what changed.
#
#   scripts/test.sh              everything; where a test makes thousands of system calls or requests
#                                for memory fail, or flips every byte, a part of them, and under
#                                sanitizers a part of other long lists of like cases, too (as ctest by
#                                itself does not)
#   scripts/test.sh --thorough   all of them; only valgrind still gets what is quick
#   scripts/test.sh --quick      one build with gcc, and its tests
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=0
export SEALBAG_TEST_SAMPLES=1
case ${1-} in
    '') ;;
    --quick) quick=1 ;;
    --thorough) unset SEALBAG_TEST_SAMPLES ;;
    *)
        echo "usage: scripts/test.sh [--quick | --thorough]" >&2
        exit 2
        ;;
esac

stage="Installing what is missing"
started=$SECONDS
trap '[ "$?" -eq 0 ] || echo "scripts/test.sh failed in this stage: $stage." >&2' EXIT

begin() {
    stage=$1
    printf '\n==== %s (after %d s) ====\n' "$stage" "$((SECONDS - started))"
}

# build PRESET [TARGET...]: shows all errors, and of the configuration nothing else.
build() {
    local preset=$1 said
    shift
    if ! said=$(cmake --preset "$preset" 2>&1); then
        printf '%s\n' "$said"
        return 1
    fi
    cmake --build --preset "$preset" ${1+--target "$@"} -- -k 0
}

# some_tests PRESET UNIT_TESTS CLI_TESTS: builds what these need, and no more, and runs them.
some_tests() {
    local preset=$1 unit=$2 cli=$3 targets=(sealbag) name
    for name in $unit; do
        targets+=("unit_$name")
    done
    build "$preset" "${targets[@]}"
    run_tests "$preset" --tests-regex "^(unit/(${unit// /|})|cli/(${cli// /|}))\$"
}

# More than there are processors: many tests wait for something most of the time. Under
# AddressSanitizer they do not, and only get in each other's way.
run_tests() {
    local preset=$1 at_once=$(($(nproc) * 3))
    shift
    [ "$preset" != asan-ubsan ] || at_once=$(($(nproc) + 1))
    ctest --preset "$preset" --parallel "$at_once" "$@"
}

scripts/install-deps.sh test
export CC=gcc

begin "gcc, warnings are errors: build"
build dev

if [ "$quick" -eq 0 ]; then
    begin "clang, warnings are errors, and clang-tidy"
    build tidy
    # Without what is slow whatever the compiler is.
    run_tests tidy --label-regex '^unit$' --exclude-regex '^unit/(faults_whole|keyfile|zip_write)$'

    begin "Optimised and hardened, warnings are errors: build of the program"
    build release-strict sealbag

    begin "AddressSanitizer and UndefinedBehaviorSanitizer"
    build asan-ubsan
    # Without those that take long and go through code that others go through, too.
    run_tests asan-ubsan --exclude-regex \
        '^(flip/flip|unit/(faults_whole|keyfile|zip_write)|cli/(agreement|algorithm|create_failures|create_trouble|custody|deterministic|encodings|fake_agent|faults_(.*_ways|convert|key|parallel|power|race|seal|sign|sign_folder|trust|verdict)|index|index_(hidden|hostile)|key|keygen|not_found|parallel|quick|report_browser|seal_suite|shortage|sign|sign_hostile|sparse|stock_tools|terminal|told_names|trust|trust_dates|trust_share|trust_table|verdict_options|zip_lookup|zstd))$'

    begin "ThreadSanitizer, what uses threads"
    some_tests tsan "pool pack rewind unpack unpack_zst hasher folder_copy seek reader" \
        "deterministic extract verdicts"

    begin "Without ISA-L"
    some_tests no-isal "deflate gz_codec pack unpack" "deterministic stock_tools"

    begin "Unit tests under valgrind"
    # Without those that take long for what is the libraries' work.
    run_tests valgrind --exclude-regex '^valgrind/(append|deflate|hasher|keyfile|pack|show_graph|unpack|unpack_end|unpack_zst)$'
fi

# Last, so that the run ends with the summary of all tests.
begin "gcc: tests"
run_tests dev
