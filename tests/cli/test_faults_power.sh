#!/usr/bin/env bash
# A power cut, on an ext4 file system in a file: what create, sign and extract said was done is there
# afterwards, and whenever the power goes, nothing incomplete has the final name (issue "Fault
# injection tests").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

prepare_inject
build_helper powercut
powercut=$helper
image=$work/image
if ! as_root || ! have unshare || ! have mkfs.ext4; then
    skip_part "power cuts (only root can mount a disk, and mkfs.ext4 makes one)"
    exit 0
fi
truncate -s 8M "$work/empty-image"
mkfs.ext4 -q -F "$work/empty-image"
mkdir "$work/disk" "$work/after"
start=$work/empty-image # what is on the disk before
# In its own mount namespace, so that no mount is left whatever happens.
cat >"$work/on-disk" <<'SCRIPT'
image=$1 disk=$2 powercut=$3 after=$4
shift 4
mount -o loop "$image" "$disk" || exit 99
code=0
"$@" || code=$?
# If it did not go before, the power goes now.
"$powercut" "$disk" 2>/dev/null
umount "$disk" && mount -o loop "$image" "$disk" || exit 98
cp -a "$disk/." "$after/"
umount "$disk"
exit "$code"
SCRIPT
on_disk() {
    cp --sparse=always "$start" "$image"
    rm -rf -- "$work/after"
    mkdir "$work/after"
    unshare -m bash "$work/on-disk" "$image" "$work/disk" "$powercut" "$work/after" "$@"
}
[ -n "$powercut" ] && run on_disk touch "$work/disk/unsaved" || code=1
if [ "$code" -ne 0 ]; then
    skip_part "power cuts (a file cannot be mounted as a disk here)"
    exit 0
fi
# If it were, a test of what is stored would mean nothing.
# shellcheck disable=SC2016  # the inner shell's
run on_disk bash -c 'touch "$1/saved" && sync -f "$1" && touch "$1/unsaved"' bash "$work/disk"
if [ -e "$work/after/unsaved" ] || [ ! -e "$work/after/saved" ]; then
    skip_part "power cuts (they cannot be imitated here)"
    exit 0
fi

make_key maria
trust_key maria
mkdir -p "$work/source/letters" "$work/whole"
printf 'The minutes of the meeting.\n' >"$work/source/minutes"
head -c 300000 /dev/urandom >"$work/source/letters/noise"
seal "$work/bag.tar.gz" "$work/source"
tar -xzf "$work/bag.tar.gz" -C "$work/whole"
rm "$work/whole/bag/seal/index.tsv"

is_old() {
    [ "$start" != "$work/empty-image" ] || return 1
    if [ "$1" = plain ]; then
        same_tree "$work/old/plain" "$work/after/plain" >"$work/diff"
    else
        cmp -s "$work/old.tar.gz" "$work/after/$1"
    fi
}
# Whether what has the final name after the power cut is complete: complete NAME
complete() {
    case $1 in
        bag.tar.gz)
            is_old "$1" ||
                { cmp "$work/bag.tar.gz" "$work/after/$1" && verify "$work/after/$1"; }
            ;;
        bag) same_tree "$work/whole/bag" "$work/after/$1" ;;
        plain) is_old "$1" || same_tree "$work/new/plain" "$work/after/plain" ;;
    esac
}
made() {
    complete "$1" && ! is_old "$1"
}
# cuts SENTENCE NAME COMMAND...
cuts() {
    local sentence=$1 name=$2 process number of tried=0 kept=0 bad=0 call_kind
    shift 2
    for number in 1 2 3; do
        run on_disk "$@"
        equal "$sentence: it works ($number)" 0 "$code"
        check "$sentence: and the power goes right afterwards: all is there ($number)" \
            made "$name"
    done
    [ "$can_inject" -eq 1 ] || return 0
    run on_disk "$inject" -c "$work/counts" -- "$@"
    count=()
    while read -r process call_kind of; do
        count["$process $call_kind"]=$of
    done <"$work/counts"
    at_most=36
    for process in 0 1; do
        of=${count["$process any"]-0}
        [ "$of" -gt 0 ] || continue
        numbers 1 "$of"
        for number in "${picked[@]}"; do
            run on_disk "$inject" -x "'$powercut' '$work/disk'" -i "any:run:$number@$process" \
                -- "$@"
            tried=$((tried + 1)) runs=$((runs + 1))
            [ ! -e "$work/after/$name" ] || kept=$((kept + 1))
            if [ "$code" -ne 0 ] && [ "$code" -ne 5 ]; then
                wrong="the exit code is $code"
            elif [ -e "$work/after/$name" ] && ! complete "$name" >"$work/check-out" 2>&1; then
                wrong="what is there is not complete"
            elif [ "$code" -eq 0 ] && [ ! -e "$work/after/$name" ]; then
                wrong="it claimed success, and nothing is there"
            elif [ "$start" != "$work/empty-image" ] && [ ! -e "$work/after/$name" ]; then
                wrong="what was there before is gone"
            elif [ "$code" -eq 0 ] && is_old "$name"; then
                wrong="it claimed success, and the old one is there"
            else
                continue
            fi
            bad=$((bad + 1))
            printf '# %s, before call %d of process %d: %s\n' "$sentence" "$number" "$process" \
                "$wrong"
            [ "$bad" -gt 3 ] || show_output
        done
    done
    injected[powercut]=$((${injected[powercut]-0} + tried))
    of=$((count["0 any"] + ${count["1 any"]-0}))
    equal "$sentence: the power goes before $tried of $of calls; $kept times all is there then" \
        0 "$bad"
}
cuts "create" bag.tar.gz "$SEALBAG" create --quiet -o "$work/disk/bag.tar.gz" \
    --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" -j 1 "$work/source"
cuts "create --force" bag.tar.gz "$SEALBAG" create --quiet --force -o "$work/disk/bag.tar.gz" \
    --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" -j 1 "$work/source"
mkdir "$work/older"
head -c 200000 /dev/urandom >"$work/older/noise"
seal "$work/old.tar.gz" "$work/older"
# shellcheck disable=SC2016  # the inner shell's
run on_disk bash -c 'cp "$1" "$2/bag.tar.gz" && sync -f "$2"' bash "$work/old.tar.gz" "$work/disk"
cp --sparse=always "$image" "$work/old-image"
start=$work/old-image
cuts "create --force over an older bundle" bag.tar.gz "$SEALBAG" create --quiet --force \
    -o "$work/disk/bag.tar.gz" --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" -j 1 \
    "$work/source"
# What is changed there is a bag that is a plain folder.
make_key nina
mkdir "$work/old"
seal "$work/old/plain/" "$work/older"
cp -r "$work/old" "$work/new"
sealbag sign --quiet --keys "$trust" --key "$work/keys/nina" --time "$sealing_time" \
    "$work/new/plain" >"$work/out"
expect 0 "a folder that was signed verifies" verify "$work/new/plain"
start=$work/empty-image
# shellcheck disable=SC2016  # the inner shell's
run on_disk bash -c 'cp -r "$1" "$2/plain" && sync -f "$2"' bash "$work/old/plain" "$work/disk"
cp --sparse=always "$image" "$work/old-image"
start=$work/old-image
cuts "sign a folder" plain "$SEALBAG" sign --quiet --keys "$trust" --key "$work/keys/nina" \
    --time "$sealing_time" -j 1 "$work/disk/plain"
start=$work/empty-image
cuts "extract" bag "$SEALBAG" extract --quiet --keys "$trust" -C "$work/disk" -j 1 \
    "$work/bag.tar.gz"
print_totals
