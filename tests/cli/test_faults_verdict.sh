#!/usr/bin/env bash
# verify and list with system calls failing: the verdict is the right one, or there is none (exit
# code 5). No failure makes a bad bundle good, or a good one bad (issue "Fault injection tests").
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

make_key maria
trust_key maria
make_key other
revoking=$work/revoking
mkdir -p "$work/source" "$work/bundles"
printf 'The minutes of the meeting.\n' >"$work/source/minutes.txt"
printf 'A reply.\n' >"$work/source/reply"
bundle=$work/bundles/bag.tar.gz
seal "$bundle" "$work/source"
sealbag create --quiet -o "$work/bundles/unsigned.tar.gz" "$work/source" 2>"$work/err"
cp "$bundle" "$work/bundles/damaged.tar.gz"
flip "$work/bundles/damaged.tar.gz" 700 4
sealbag trust add --keys "$revoking" maria "$work/keys/maria.pub" >"$work/out" 2>&1
sealbag trust revoke --keys "$revoking" --reason stolen maria >"$work/out" 2>&1
sealbag trust add --keys "$work/nobody" other "$work/keys/other.pub" >"$work/out" 2>&1

state() {
    find "$work/bundles" "$trust" "$revoking" "$work/nobody" -printf '%y %m %s %T@ %i %p\n'
}
untouched=$(state)
reset() {
    :
}
judge() {
    [ "$(state)" = "$untouched" ] || wrong="the bundle or the trust store is changed"
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    # case SENTENCE CODE COMMAND...
    try() {
        local name
        what=$1 wanted=$2
        shift 2
        under_test=("$SEALBAG" "$@")
        measure "$what"
        for name in openat newfstatat read pread64 lseek mmap poll clone write close sendto \
            landlock_create_ruleset landlock_restrict_self seccomp prctl getrandom; do
            sweep "$what" 0 "$name"
            sweep "$what" 1 "$name"
        done
        at_most=8
        sweep "$what" 0 any signal=15
        sweep "$what" 1 any signal=9
        at_most=40
    }
    at_most=40
    try "verify, a good bundle" 0 verify --keys "$trust" -j 1 "$bundle"
    try "verify, a damaged bundle" 1 verify --keys "$trust" -j 1 "$work/bundles/damaged.tar.gz"
    try "verify, an unsigned bundle" 4 verify --keys "$trust" -j 1 "$work/bundles/unsigned.tar.gz"
    try "verify, a signer who is not known" 3 verify --keys "$work/nobody" -j 1 "$bundle"
    # Also when the revocations cannot be read, the key does not become good.
    try "verify, a signer whose key is revoked" 3 verify --keys "$revoking" -j 1 "$bundle"
    try "list, a good bundle" 0 list --keys "$trust" -j 1 "$bundle"
    print_totals
fi
