#!/usr/bin/env bash
# convert, killed at every system call, and with those on files failing: what was there before is there, or
# the whole new bag, and the bag that it came from is as it was.
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

make_key maria
trust_key maria
mkdir "$work/source" "$work/old" "$work/to" "$work/new"
printf 'The minutes of the meeting.\n' >"$work/source/minutes.txt"
seq 1 2000 >"$work/source/numbers.txt"
seal "$work/old/bag.tar.gz" "$work/source"
convert() {
    sealbag convert --quiet --keys "$trust" "$@"
}
expect 0 "to a folder" convert "$work/old/bag.tar.gz" -o "$work/old/bag/"
expect 0 "to a zip file" convert "$work/old/bag.tar.gz" -o "$work/new/bag.zip"
cp -r "$work/old/bag" "$work/new/bag"
printf 'old\n' >"$work/old/bag.zip"

to=$work/to
became_new=0
# out_of BAG NAME: what is converted to $work/to/NAME
out_of() {
    bag=$1 name=$2
    under_test=("$SEALBAG" convert --quiet --keys "$trust" -j 1 "$work/old/$bag" -o "$to/$name")
    [ "$name" = bag ] && under_test+=(--format folder)
    [ "$name" = bag ] || under_test+=(--force)
}
reset() {
    chmod -R u+rwX "$to"
    rm -rf "$to"
    mkdir "$to"
    [ "$name" = bag ] || cp "$work/old/$name" "$to/$name"
}
is() {
    diff -r "$work/$1/$name" "$to/$name" >"$work/diff" 2>&1
}
# shellcheck disable=SC2154,SC2034  # of and for the other library
judge() {
    local left state=none
    if is new; then
        state=new
        became_new=$((became_new + 1))
    elif [ "$name" = bag ] && [ ! -e "$to/bag" ]; then
        state=old
    elif [ "$name" != bag ] && is old; then
        state=old
    fi
    left=$(names "$to")
    left=${left//$name/}
    if [ -n "${left// /}" ] && [ "$killed" -eq 0 ] && [ "$call" != unlinkat ] && ! said ".sealbag-"; then
        wrong="it leaves $left and does not say so"
    fi
    [ "$state" != none ] || wrong="what is there is neither the old nor the new one"
    [ "$code" -ne 0 ] || [ "$state" = new ] || wrong="it claims success, and nothing was converted"
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    for what in "bag.tar.gz bag" "bag bag.zip" "bag.tar.gz bag.zip"; do
        # shellcheck disable=SC2086  # two words
        out_of $what
        measure "$what"
        at_most=100000
        [ -z "${SEALBAG_TEST_SAMPLES-}" ] || at_most=30
        became_new=0
        sweep "$what, killed" 0 any signal=9
        at_most=8
        sweep "$what, killed" 1 any signal=9
        sweep "$what, killed" 2 any signal=9
        sweep "$what, stopped" 0 any signal=15
        [ "$what" != "bag.tar.gz bag.zip" ] || continue
        at_most=4
        # (That nothing comes from the process that reads is waited for, and tried elsewhere.)
        sweep "$what" 0 read EINTR short=1 half
        for call in openat mkdirat write fsync syncfs renameat2 linkat renameat unlinkat newfstatat lseek; do
            [ "${count["0 $call"]-0}" -eq 0 ] || sweep "$what" 0 "$call"
        done
        for call in mkdirat openat write; do
            [ "${count["1 $call"]-0}" -eq 0 ] || sweep "$what" 1 "$call"
        done
        check "in some runs the new one was there" test "$became_new" -gt 0
    done
    check "files were published in one step" test "${count["0 fsync"]-0}" -gt 0
fi
print_totals
