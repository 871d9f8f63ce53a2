#!/usr/bin/env bash
# create with every Nth system call failing, cut short or the last one before SIGKILL or SIGTERM.
# The bundle is absent or complete and verifying, the source is untouched, nothing is left behind,
# and exit code 0 means that the bundle verifies (issue "Fault injection tests").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

make_key maria
trust_key maria
key=$work/keys/maria
source=$work/source
mkdir -p "$source/letters"
printf 'The minutes of the meeting.\n' >"$source/minutes.txt"
printf 'A reply.\n' >"$source/letters/reply"
head -c 300000 /dev/urandom >"$source/letters/noise"
out=$work/out-folder
mkdir "$out" "$work/good"
shopt -s dotglob nullglob
kinds=(tar.gz)
have zstd && kinds+=(tar.zst)
for kind in "${kinds[@]}"; do
    seal "$work/good/bag.$kind" "$source"
    expect 0 "the bundle to compare with verifies (.$kind)" verify "$work/good/bag.$kind"
done
untouched=$(listing "$source")$(listing "$work/keys")
cp -R "$source" "$work/copy"

old=0 # whether there is a bundle that is to be replaced
reset() {
    rm -f -- "${out:?}"/*
    [ "$old" -eq 0 ] || printf 'old\n' >"$out/bag.$kind"
}
judge() {
    local file there=0
    for file in "$out"/*; do
        if [ "$file" = "$out/bag.$kind" ]; then
            there=1
        elif [ "$killed" -eq 0 ] || [[ $file != "$out"/.sealbag-* ]]; then
            # What was begun may be left if it cannot be removed, and then it is named.
            said "${file##*/}" || wrong="it leaves ${file##*/}"
        fi
    done
    if [ "$there" -eq 1 ] && cmp -s "$work/good/bag.$kind" "$out/bag.$kind"; then
        there=2
    elif [ "$there" -eq 1 ] && { [ "$old" -eq 0 ] || [ "$(<"$out/bag.$kind")" != old ]; }; then
        wrong="the bundle is not complete"
    elif [ "$there" -eq 0 ] && [ "$old" -eq 1 ]; then
        wrong="the old bundle is gone"
    fi
    if [ "$code" -eq 0 ] && [ "$there" -ne 2 ]; then
        wrong="it claims success, and the bundle is not there"
    elif [ "$code" -eq 0 ] && ! verify "$out/bag.$kind" >"$work/check-out" 2>&1; then
        wrong="it claims success, and the bundle does not verify"
    fi
    [ "$(listing "$source")$(listing "$work/keys")" = "$untouched" ] || wrong="the source is changed"
}
# setting SENTENCE KIND ARGUMENTS...
setting() {
    what=$1 kind=$2
    shift 2
    under_test=("$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" --time "$sealing_time"
        --salt "$salt" "$@" "$source")
    measure "$what"
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    # The files of the C library and OpenSSL come before the bundle and the documents.
    setting "create" tar.gz -j 1
    at_most=60
    sweep_all "$what" 0
    at_most=200
    sweep "$what" 0 any signal=9 signal=15

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
    first=$((${count["0 any"]} - 40)) at_most=60
    sweep "$what" 0 any signal=9 signal=15
    unset first
    old=0

    # Disks without nameless files, without RENAME_NOREPLACE, without links.
    fallback() {
        at_most=6
        setting "$1" tar.gz -j 1
        for call in openat write close fsync linkat renameat renameat2 unlinkat newfstatat getrandom; do
            [[ " ${options[*]} " = *" $call:"* ]] || sweep "$what" 0 "$call"
        done
        first=$((${count["0 any"]} - 30)) at_most=60
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
    at_most=1
    for kind in "${kinds[@]}"; do
        for jobs in 1 3; do
            for action in short=1 short=7 short=4096 half; do
                options=(-i "read:$action:1+" -i "pread64:$action:1+" -i "write:$action:1+")
                [ "$action" != short=1 ] || [ "$jobs" = 1 ] || continue
                setting "create -j $jobs ($kind), all reads and writes with $action" "$kind" \
                    -j "$jobs"
                injected[all-$action]=$((${injected[all-$action]-0} + 1))
            done
        done
    done
    options=()
    check "the source is the same to the last byte" same_tree "$work/copy" "$source"
    print_totals
fi
