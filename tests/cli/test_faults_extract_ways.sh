#!/usr/bin/env bash
# As test_faults_extract.sh, in the other ways to take documents out: a part, from a pipe, .tar.zst,
# several threads, without a sandbox, disks that cannot do everything, short transfers, small disks.
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"
# shellcheck source=tests/fault/extract.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/extract.sh"

# The calls that write, those that read, and those between the processes; and the signals.
samples() {
    local name
    for name in openat mkdirat write close syncfs fsync renameat renameat2 unlinkat; do
        sweep "$what" 0 "$name"
        sweep "$what" 1 "$name"
    done
    for name in read pread64 lseek newfstatat getdents64 mmap clone clone3 poll; do
        sweep "$what" 0 "$name"
        sweep "$what" 1 "$name"
    done
    at_most=10
    sweep "$what" 0 any signal=9 signal=15
    sweep "$what" 1 any signal=9 signal=15
    at_most=4
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    at_most=4
    complete=$work/part
    for kind in "${kinds[@]}"; do
        wanted_documents=(letters/reply)
        setting "extract of a part ($kind)" "$kind"
        samples
    done
    wanted_documents=()
    complete=$work/whole
    for kind in "${kinds[@]:1}"; do
        setting "extract ($kind)" "$kind"
        samples
    done
    setting "extract -j 3" tar.gz -j 3
    samples
    setting "extract --no-sandbox" tar.gz --no-sandbox
    samples
    # The helper passes its own standard input on.
    setting "extract of a pipe" tar.gz
    from_pipe() {
        "$inject_program" "$@" < <(cat "$work/bundles/bag.$kind")
    }
    inject_program=$inject inject=from_pipe
    under_test=("$SEALBAG" extract --quiet --keys "$trust" -C "$out" -j 1 -)
    measure "$what"
    samples
    inject=$inject_program
    options=(-i renameat2:EINVAL:1+)
    ways_to_publish=1
    setting "extract, no RENAME_NOREPLACE" tar.gz
    sweep "$what" 0 renameat
    sweep "$what" 0 fsync
    sweep "$what" 0 newfstatat
    first=$((count["0 any"] - 40)) at_most=60
    sweep "$what" 0 any signal=9 signal=15
    unset first

    # All reads and writes of a run are short, also those between the processes.
    for kind in "${kinds[@]}"; do
        for jobs in 1 3; do
            for how in short=97 short=4095 half; do
                options=()
                for process in 0 1; do
                    options+=(-i "read:$how:1+@$process" -i "pread64:$how:1+@$process"
                        -i "write:$how:1+@$process")
                done
                setting "extract -j $jobs ($kind), all reads and writes with $how" "$kind" \
                    -j "$jobs"
                injected[all-$how]=$((${injected[all-$how]-0} + 1))
            done
        done
    done
    options=()
fi

prepare_mount "a disk that is too small"
if [ "$can_mount" -eq 1 ]; then
    for kind in "${kinds[@]}"; do
        for jobs in 1 3; do
            under_test=("$SEALBAG" extract --quiet --keys "$trust" -C "$out" -j "$jobs"
                "$work/bundles/bag.$kind")
            sizes=()
            for ((size = 4; size <= 280; size += 12)); do
                sizes+=("size=${size}k")
            done
            small_disks "extract -j $jobs ($kind), bytes" "$out" "${sizes[@]}"
            small_disks "extract -j $jobs ($kind), files" "$out" nr_inodes={1..24}
        done
    done
fi
for kind in "${kinds[@]}"; do
    check "the bundle is the same to the last byte (.$kind)" \
        cmp "$work/home/bundles/bag.$kind" "$work/bundles/bag.$kind"
done
print_totals
