#!/usr/bin/env bash
# As test_faults_create.sh, in the other ways to write a bundle: .tar.zst, several threads, an old
# bundle that is replaced, disks that cannot do everything, short transfers, and small disks.
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"
# shellcheck source=tests/fault/create.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/create.sh"

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    at_most=8
    for kind in "${kinds[@]:1}"; do
        setting "create ($kind)" "$kind" -j 1
        sweep_all "$what" 0 mprotect madvise mlock munlock newfstatat openat
        sweep "$what" 0 any signal=9 signal=15
    done

    # Several threads: what runs when is not the same each time.
    at_most=12
    setting "create -j 3" tar.gz -j 3
    for call in openat read write close newfstatat mmap clone clone3 fsync linkat; do
        sweep "$what" 0 "$call"
    done
    at_most=30
    sweep "$what" 0 any signal=9 signal=15

    # An old bundle is replaced in one step.
    at_most=12
    old=1
    setting "create --force" tar.gz -j 1 --force
    for call in openat write close fsync linkat renameat unlinkat getrandom; do
        sweep "$what" 0 "$call"
    done
    first=$((count["0 any"] - 40)) at_most=60
    sweep "$what" 0 any signal=9 signal=15
    unset first
    old=0

    # Disks without nameless files, without RENAME_NOREPLACE, without links.
    fallback() {
        at_most=6
        setting "$1" tar.gz -j 1
        for call in openat write close fsync linkat renameat renameat2 unlinkat newfstatat \
            getrandom; do
            [[ " ${options[*]} " = *" $call:"* ]] || sweep "$what" 0 "$call"
        done
        first=$((count["0 any"] - 30)) at_most=60
        sweep "$what" 0 any signal=9 signal=15
        unset first
    }
    options=(-T)
    fallback "create, no nameless files"
    options=(-T -i renameat2:EINVAL:1+)
    ways_to_publish=2 fallback "create, no RENAME_NOREPLACE"
    options=(-T -i renameat2:EINVAL:1+ -i linkat:EPERM:1+)
    fallback "create, no links either"
    options=()

    # All reads and writes of a run are short.
    for kind in "${kinds[@]}"; do
        for jobs in 1 3; do
            for how in short=97 short=4095 half; do
                options=(-i "read:$how:1+" -i "pread64:$how:1+" -i "write:$how:1+")
                setting "create -j $jobs ($kind), all reads and writes with $how" "$kind" -j "$jobs"
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
            under_test=("$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key"
                --time "$sealing_time" --salt "$salt" -j "$jobs" "$source")
            sizes=()
            for ((size = 4; size <= 340; size += 12)); do
                sizes+=("size=${size}k")
            done
            small_disks "create -j $jobs ($kind), bytes" "$out" "${sizes[@]}"
            small_disks "create -j $jobs ($kind), files" "$out" nr_inodes={1,2,3,4}
        done
    done
fi
check "the source is the same to the last byte" same_tree "$work/copy" "$source"
print_totals
