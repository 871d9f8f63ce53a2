# shellcheck shell=bash
# What the tests of create with failing system calls have in common: a small source, and what has to
# be true of the bundle after each run.

# shellcheck disable=SC2154,SC2034  # of and for the other libraries
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
state() {
    find "$source" "$work/keys" -printf '%y %m %s %T@ %i %p\n'
}
untouched=$(state)
cp -R "$source" "$work/copy"

old=0 # whether there is a bundle that is to be replaced
reset() {
    local files=("$out"/*)
    [ "${#files[@]}" -eq 0 ] || rm -f -- "${files[@]}"
    [ "$old" -eq 0 ] || printf 'old\n' >"$out/bag.$kind"
}
# A bundle is the same each time, with this time and salt: compared to one that verifies.
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
    fi
    [ "$(state)" = "$untouched" ] || wrong="the source is changed"
}
# setting SENTENCE KIND ARGUMENTS...
setting() {
    what=$1 kind=$2
    shift 2
    under_test=("$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" --time "$sealing_time"
        --salt "$salt" "$@" "$source")
    measure "$what"
}

