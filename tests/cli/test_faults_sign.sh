#!/usr/bin/env bash
# sign on a bundle of 50 MB, killed at every system call: the old or the new bundle is there, whole, and
# both of them verify (issue "Signers, trust and custody", bar 3).
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
    make_bundles 50
    for kind in "${kinds[@]}"; do
        # Every call of the process that signs, from the first one to the last.
        at_most=100000 became_new=0
        setting "sign ($kind)" "$kind" -j 1
        sweep "$what" 0 any signal=9
        check "$what: some were killed late enough for the new bundle" test "$became_new" -gt 0
        # And the processes that read, before it and after it.
        at_most=20
        for process in 1 2; do
            sweep "$what" "$process" any signal=9
        done
    done
fi
print_totals
