#!/usr/bin/env bash
# sign on a bag that is a plain folder, killed at every system call, and with those on files failing: the old
# or the new seal is there, whole, and both of them verify; what is left lies beside the bag.
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

make_key maria
make_key nina
trust_key maria
key=$work/keys/nina
mkdir "$work/source" "$work/old" "$work/folder"
printf 'The minutes of the meeting.\n' >"$work/source/minutes.txt"
seal "$work/old/bag/" "$work/source"
cp -rp "$work/old" "$work/new"
sealbag sign --quiet --keys "$trust" --key "$key" --time "$sealing_time" "$work/new/bag" >"$work/out"
expect 0 "the old bag verifies" verify "$work/old/bag"
expect 0 "and so does the new one" verify "$work/new/bag"
says "(countersignature)" "which is signed"

bag=$work/folder/bag
under_test=("$SEALBAG" sign --quiet --keys "$trust" --key "$key" --time "$sealing_time" -j 1 "$bag")
became_new=0
state=none
is() {
    diff -r "$work/$1/bag" "$bag" >"$work/diff" 2>&1
}
reset() {
    [ "$state" = old ] || rm -rf "$bag"
    rm -rf "$work/folder"/.sealbag-*
    [ -d "$bag" ] || cp -rp "$work/old/bag" "$bag"
    state=unknown
}
# shellcheck disable=SC2154,SC2034  # of and for the other library
judge() {
    local left
    left=$(names "$work/folder")
    if [ "$left" != bag ] && [ "$killed" -eq 0 ] && ! [[ $call = unlinkat || $call = renameat2 ]] &&
        ! said ".sealbag-"; then
        wrong="it leaves $left and does not say so"
    fi
    state=none
    if is old; then state=old; elif is new; then state=new; fi
    [ "$state" != none ] || wrong="the bag is neither the old nor the new one"
    [ "$state" != new ] || became_new=$((became_new + 1))
    [ "$code" -ne 0 ] || [ "$state" = new ] || wrong="it claims success, and nothing was signed"
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    measure "sign a folder"
    # Every call of the process that signs, from the first one to the last.
    at_most=100000
    [ -z "${SEALBAG_TEST_SAMPLES-}" ] || at_most=80
    became_new=0
    sweep "sign a folder" 0 any signal=9
    check "some were killed late enough for the new seal" test "$became_new" -gt 0
    at_most=20
    sweep "sign a folder" 1 any signal=9
    # What else it calls is tried where it signs archives.
    at_most=8
    for call in syncfs fsync renameat2 flock fchmod mkdirat openat write unlinkat newfstatat; do
        check "$call is among the calls" test "${count["0 $call"]-0}" -gt 0
        sweep "sign a folder" 0 "$call"
    done
fi
print_totals
