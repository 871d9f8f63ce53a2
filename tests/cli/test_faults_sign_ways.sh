#!/usr/bin/env bash
# sign with every Nth system call failing or cut short, on disks that cannot do everything, and on small
# ones: the old or the new bundle is there, whole, and exit code 0 means that it is the new one.
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

# shellcheck source=tests/fault/sign.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/sign.sh"

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    make_bundles 6
    at_most=16
    setting "sign" tar.gz -j 1
    sweep_all "$what" 0 mprotect
    sweep "$what" 0 any signal=15
    for call in ioctl copy_file_range fsync linkat renameat fchmod flock; do
        check "$what: $call was among the calls" test "${count["0 $call"]-0}" -gt 0
    done
    at_most=6
    for process in 1 2; do
        sweep_all "$what" "$process" mprotect mmap munmap madvise close
    done
    for kind in "${kinds[@]:1}"; do
        setting "sign ($kind)" "$kind" -j 1
        for call in read write pread64 copy_file_range lseek fsync fchmod linkat renameat; do
            sweep "$what" 0 "$call"
        done
    done

    # Disks that cannot do everything: no nameless files, no copying by the kernel.
    at_most=8
    options=(-T)
    setting "sign, no nameless files" tar.gz -j 1
    for call in openat write close fsync renameat unlinkat newfstatat getrandom; do
        sweep "$what" 0 "$call"
    done
    first=$((count["0 any"] - 60)) at_most=80
    sweep "$what" 0 any signal=9
    unset first
    at_most=8
    options=(-i copy_file_range:EXDEV:1+)
    setting "sign, copied by hand" tar.gz -j 1
    for call in pread64 write lseek; do
        sweep "$what" 0 "$call"
    done
    options=(-i read:short=97:1+ -i pread64:short=4095:1+ -i write:half:1+
        -i copy_file_range:short=500000:1+)
    setting "sign, all transfers are short" tar.gz -j 1
    options=()
fi

prepare_mount "a disk that is too small"
if [ "$can_mount" -eq 1 ]; then
    state=none kind=tar.gz bundle=$work/disk/bag.tar.gz
    mkdir "$work/disk"
    reset() {
        rm -rf "$work/disk" "$work/left"
        mkdir "$work/disk"
    }
    # On the disk there is no room but for the bundle, and a little more.
    judge() {
        [ ! -e "$bundle" ] || is old || is new || wrong="the bundle is neither old nor new"
        [ "$code" -ne 0 ] || is new || wrong="it claims success, and nothing was signed"
    }
    cat >"$work/sign-there" <<'SCRIPT'
cp "$1" "$2" || exit 5
shift 2
exec "$@"
SCRIPT
    under_test=(bash "$work/sign-there" "$work/old.$kind" "$bundle" "$SEALBAG" sign --quiet --keys
        "$trust" --key "$key" --time "$sealing_time" "$bundle")
    sizes=()
    for ((size = 6600; size <= 14000; size += 600)); do
        sizes+=("size=${size}k")
    done
    small_disks "sign, bytes" "$work/disk" "${sizes[@]}"
fi
print_totals
