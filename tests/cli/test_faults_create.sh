#!/usr/bin/env bash
# create with every Nth system call failing, cut short or the last one before SIGKILL or SIGTERM.
# The bundle is absent or complete and verifying, the source is untouched, nothing is left behind,
# and exit code 0 means that the bundle verifies (issue "Fault injection tests").
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
    # The files of the C library and OpenSSL come before the bundle and the documents.
    setting "create" tar.gz -j 1
    at_most=60
    sweep_all "$what" 0
    at_most=200
    sweep "$what" 0 any signal=9 signal=15

    check "the source is the same to the last byte" same_tree "$work/copy" "$source"
    print_totals
fi
