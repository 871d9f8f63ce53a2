#!/usr/bin/env bash
# seal, killed at system calls, and with those on files failing: the bag has no seal or the whole one, and all
# else of it is as it was.
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

make_key maria
mkdir -p "$work/old/bag/data" "$work/folder"
printf 'The minutes of the meeting.\n' >"$work/old/bag/data/minutes.txt"
printf 'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n' >"$work/old/bag/bagit.txt"
(cd "$work/old/bag" && md5sum data/minutes.txt >manifest-md5.txt)
cp -rp "$work/old" "$work/new"
how=(--key "$work/keys/maria" --time "$sealing_time" --salt "$salt")
expect 0 "the bag is sealed" sealbag seal --quiet "${how[@]}" "$work/new/bag"

bag=$work/folder/bag
under_test=("$SEALBAG" seal --quiet -j 1 "${how[@]}" "$bag")
became_new=0
is() {
    diff -r "$work/$1/bag" "$bag" >"$work/diff" 2>&1
}
reset() {
    rm -rf "$work/folder"
    mkdir "$work/folder"
    cp -rp "$work/old/bag" "$bag"
}
# shellcheck disable=SC2154,SC2034  # of and for the other library
judge() {
    local left state=none
    left=$(names "$work/folder")
    if [ "$left" != bag ] && [ "$killed" -eq 0 ] && ! [[ $call = unlinkat || $call = renameat2 ]] &&
        ! said ".sealbag-"; then
        wrong="it leaves $left and does not say so"
    fi
    if is old; then state=old; elif is new; then state=new; fi
    [ "$state" != none ] || wrong="the bag is neither as it was nor sealed"
    [ "$state" != new ] || became_new=$((became_new + 1))
    [ "$code" -ne 0 ] || [ "$state" = new ] || wrong="it claims success, and nothing was sealed"
    # Whoever kills it, or takes away the call that takes it back, may find it sealed.
    if [ "$code" -ne 0 ] && [ "$state" = new ] && [ "$killed" -eq 0 ] &&
        ! said "The seal is in its place" && ! [[ $call = unlinkat || $call = renameat* || $call = write ]]; then
        wrong="it fails, and the bag is sealed all the same"
    fi
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    measure "seal"
    at_most=100000
    [ -z "${SEALBAG_TEST_SAMPLES-}" ] || at_most=60
    sweep "seal" 0 any signal=9
    check "some were killed late enough for the seal" test "$became_new" -gt 0
    at_most=8
    sweep "seal" 1 any signal=9
    sweep "seal" 2 any signal=9
    at_most=6
    for call in syncfs fsync renameat2 mkdirat openat write unlinkat newfstatat; do
        check "$call is among the calls" test "${count["0 $call"]-0}" -gt 0
        sweep "seal" 0 "$call"
    done
fi
print_totals
