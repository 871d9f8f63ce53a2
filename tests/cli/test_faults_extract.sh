#!/usr/bin/env bash
# extract with every Nth system call of both its processes failing, cut short or the last one before
# SIGKILL or SIGTERM. The documents are absent or complete, the bundle is untouched, nothing is left
# behind that is not named, and exit code 0 means that all is there (issue "Fault injection tests").
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"
# shellcheck source=tests/fault/extract.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/extract.sh"

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    # Process 0 publishes, process 1 reads the bundle and writes what is not published yet.
    setting "extract" tar.gz
    at_most=60
    sweep_all "$what" 0
    sweep_all "$what" 1
    at_most=300
    sweep "$what" 0 any signal=9 signal=15
    sweep "$what" 1 any signal=9 signal=15
    check "the bundle is the same to the last byte" \
        cmp "$work/home/bundles/bag.tar.gz" "$work/bundles/bag.tar.gz"
    print_totals
fi
