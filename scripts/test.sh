#!/usr/bin/env bash
# Installs what is missing, builds sealbag in several ways and runs all tests. A second run only
# builds what changed.
#
#   scripts/test.sh              everything; where a test makes thousands of system calls or requests
#                                for memory fail, or flips every byte, a part of them (as ctest by itself
#                                does not)
#   scripts/test.sh --thorough   all of them
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

# build PRESET: shows all errors, and of the configuration nothing else.
build() {
    local preset=$1 said
    if ! said=$(cmake --preset "$preset" 2>&1); then
        printf '%s\n' "$said"
        return 1
    fi
    cmake --build --preset "$preset" -- -k 0
}

# More than there are processors: many tests wait for something most of the time.
run_tests() {
    local preset=$1
    shift
    ctest --preset "$preset" --parallel "$(($(nproc) * 3))" "$@"
}

scripts/install-deps.sh test
export CC=gcc

begin "gcc, warnings are errors: build"
build dev

if [ "$quick" -eq 0 ]; then
    begin "clang-tidy"
    build tidy

    begin "Optimised and hardened, warnings are errors: build"
    build release-strict

    begin "clang, warnings are errors"
    build dev-clang
    run_tests dev-clang --label-regex '^unit$'

    begin "AddressSanitizer and UndefinedBehaviorSanitizer"
    build asan-ubsan
    # Without those that take long and go through code that others go through, too.
    run_tests asan-ubsan --exclude-regex \
        '^(flip/flip|unit/(faults_whole|keyfile)|cli/(agreement|create_trouble|custody|fake_agent|faults_(.*_ways|convert|key|parallel|race|seal|sign|sign_folder|trust|verdict)|index|index_(hidden|hostile)|key|keygen|parallel|report_browser|seal_suite|shortage|sign|sign_hostile|sparse|stock_tools|terminal|trust|trust_dates|trust_share|trust_table|verdict_options|zip_lookup|zstd))$'

    begin "ThreadSanitizer, what uses threads"
    build tsan
    run_tests tsan --tests-regex \
        '^(unit/(pool|pack|rewind|unpack|unpack_zst|hasher|folder_copy|seek|reader)|cli/(deterministic|extract|verdicts))$'

    begin "Without ISA-L"
    build no-isal
    run_tests no-isal --tests-regex \
        '^(unit/(deflate|gz_codec|pack|unpack)|cli/(deterministic|stock_tools))$'

    begin "Unit tests under valgrind"
    build valgrind
    # Without those that take long for what is the libraries' work.
    run_tests valgrind --exclude-regex '^valgrind/(append|deflate|hasher|keyfile|pack|show_graph|unpack|unpack_end|unpack_zst)$'
fi

# Last, so that the run ends with the summary of all tests.
begin "gcc: tests"
run_tests dev
