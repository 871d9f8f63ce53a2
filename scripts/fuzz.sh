#!/usr/bin/env bash
# Fuzzes every parser with libFuzzer, after scripts/install-deps.sh.
#
#   scripts/fuzz.sh MINUTES [TARGET...]
#
# builds the preset fuzz and runs all targets (tests/fuzz/fuzz_<TARGET>.c), or those that are named,
# for so many minutes in total, one on each processor at a time. What a target learns is kept in
# build/fuzz/learnt, so that the next run goes on from there, and what makes one fail in
# build/fuzz/findings. Exit code 1 when anything does. To see why, run the target on that file:
#
#   build/fuzz/tests/fuzz/fuzz_<TARGET> FILE
#
# Then keep the file, as small as it can be made, in tests/fuzz/regressions/<TARGET>/.
#
# AFL++ needs no more than its compiler, since every target is also a program that takes a file:
#
#   CC=afl-clang-fast cmake -S . -B build/afl -G Ninja -DSEALBAG_SANITIZE=address && ninja -C build/afl
#   SEALBAG=build/fuzz/sealbag python3 tests/fuzz/make_corpus.py build/afl/corpus
#   afl-fuzz -i build/afl/corpus/manifest -o build/afl/out -- build/afl/tests/fuzz/fuzz_manifest @@
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/fuzz

usage() {
    echo "usage: scripts/fuzz.sh MINUTES [TARGET...]" >&2
    exit 2
}

case ${1-} in
    '' | 0 | *[!0-9]*) usage ;;
esac
minutes=$1
shift

targets=()
for source in tests/fuzz/fuzz_*.c; do
    name=${source##*/fuzz_}
    targets+=("${name%.c}")
done
for name in "$@"; do
    if [ ! -f "tests/fuzz/fuzz_$name.c" ]; then
        echo "There is no target $name, only: ${targets[*]}" >&2
        exit 2
    fi
done
[ "$#" -eq 0 ] || targets=("$@")

# How long an input may be: a bag is as long as its tar.
most_bytes() {
    case $1 in
        bag | tar) echo 24576 ;;
        bundle | gz | zst | seek) echo 16384 ;;
        *) echo 4096 ;;
    esac
}

# run TARGET SECONDS: its own corpus first, since that one is written to.
run() {
    local name=$1 seconds=$2 folders=("$build/learnt/$1" "$build/corpus/$1")
    local data=${SEALBAG_TEST_DATA-../shared/data}
    case $name in
        manifest | taginfo) folders+=("$data/bagit-conformance-suite") ;;
        sshsig | sshkey) folders+=("$data/sshsig") ;;
    esac
    [ -d "${folders[-1]}" ] || unset 'folders[-1]'
    mkdir -p "$build/learnt/$name"
    "$build/tests/fuzz/libfuzzer/$name" "${folders[@]}" -max_total_time="$seconds" \
        -max_len="$(most_bytes "$name")" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -entropic_scale_per_exec_time=1 \
        -artifact_prefix="$build/findings/$name-" >"$build/logs/$name.log" 2>&1 || true
}

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target sealbag fuzz_targets
mkdir -p "$build/findings" "$build/logs"
rm -rf "$build/corpus"
SEALBAG=$build/sealbag python3 tests/fuzz/make_corpus.py "$build/corpus"

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:quarantine_size_mb=16:malloc_context_size=8
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
jobs=$(nproc)
[ "$jobs" -le "${#targets[@]}" ] || jobs=${#targets[@]}
seconds=$((minutes * 60 * jobs / ${#targets[@]}))
[ "$seconds" -gt 0 ] || seconds=1
running=0
for name in "${targets[@]}"; do
    if [ "$running" -eq "$jobs" ]; then
        wait -n
        running=$((running - 1))
    fi
    run "$name" "$seconds" &
    running=$((running + 1))
done
wait

printf '%-16s %12s %9s %9s\n' target executions coverage findings
failed=0
for name in "${targets[@]}"; do
    log=$build/logs/$name.log
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(grep -o ' cov: [0-9]*' "$log" | tail -n 1 | tr -dc 0-9 || true)
    findings=$(find "$build/findings" -name "$name-*" | wc -l)
    # One that did not even start is a finding, too.
    [ -n "$coverage" ] || findings=$((findings + 1))
    [ "$findings" -eq 0 ] || failed=1
    printf '%-16s %12s %9s %9s\n' "$name" "${executions:-?}" "${coverage:-?}" "$findings"
done
if [ "$failed" -ne 0 ]; then
    echo "What makes targets fail is in $build/findings; what they said, in $build/logs."
fi
exit "$failed"
