#!/usr/bin/env bash
# Installs what is missing, builds sealbag in several ways and runs its tests. A second run only
# builds what changed.
#
#   scripts/test.sh              every test; of long lists of like cases (system calls and requests for
#                                memory that fail, bytes that are flipped, hostile bundles) a part, and
#                                no time is measured: it has to end soon, and well, on a slow machine
#   scripts/test.sh --thorough   all of them, as ctest does by itself, and clang-tidy's analyzer; takes
#                                an hour
#   scripts/test.sh --quick      one build with gcc, and its tests
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=0 thorough=0
case ${1-} in
    '') export SEALBAG_TEST_SAMPLES=1 ;;
    --quick) quick=1 && export SEALBAG_TEST_SAMPLES=1 ;;
    --thorough) thorough=1 ;;
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

# More than there are processors: some tests wait for something. Under AddressSanitizer they do not, and
# only get in each other's way.
run_tests() {
    local preset=$1 at_once=$(($(nproc) * 2))
    shift
    [ "$preset" != asan-ubsan ] || at_once=$(($(nproc) + 1))
    ctest --preset "$preset" --parallel "$at_once" "$@"
}

scripts/install-deps.sh test
export CC=gcc

begin "gcc, warnings are errors: build"
build dev

if [ "$quick" -eq 0 ]; then
    begin "Optimised and hardened, warnings are errors: build of the program"
    build release-strict sealbag

    begin "clang, warnings are errors, clang-tidy, AddressSanitizer and UndefinedBehaviorSanitizer"
    build asan-ubsan
    if [ "$thorough" -eq 1 ]; then
        run_tests asan-ubsan
    else
        # Without those that take long and go through code that others go through, too.
        run_tests asan-ubsan --exclude-regex \
            '^(flip/flip|unit/(faults_whole|keyfile|zip_write)|cli/(agreement|algorithm|create_failures|create_trouble|custody|deterministic|encodings|fake_agent|faults_(.*_ways|convert|key|parallel|power|race|seal|sign|sign_folder|trust|verdict)|index|index_(hidden|hostile)|key|keygen|not_found|parallel|quick|report_browser|seal_suite|shortage|sign|sign_hostile|sparse|stock_tools|terminal|told_names|trust|trust_dates|trust_share|trust_table|verdict_options|zip_lookup|zstd)|check/.*)$'
    fi

    begin "ThreadSanitizer, what uses threads"
    some_tests tsan "pool pack rewind unpack unpack_zst hasher folder_copy seek reader" \
        "deterministic extract verdicts"

    begin "Without ISA-L"
    some_tests no-isal "deflate gz_codec pack unpack" "deterministic"

    begin "Unit tests under valgrind"
    if [ "$thorough" -eq 1 ]; then
        run_tests valgrind
    else
        # Without those that take long: for what is the libraries' work, or for many like cases.
        run_tests valgrind --exclude-regex '^valgrind/(append|cover|deflate|graph|hasher|html|keyfile|minisign|pack|pool|races|relation|rewind|rule|seal|seek|seek_broken|show_graph|tar_write|unpack|unpack_end|unpack_zst)$'
    fi
fi

if [ "$thorough" -eq 1 ]; then
    begin "clang-tidy with its analyzer"
    build tidy sealbag
fi

# Last, so that the run ends with the summary of all tests.
begin "gcc: tests"
run_tests dev
