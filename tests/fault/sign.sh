# shellcheck shell=bash
# What the tests of sign with failing system calls have in common: bundles to sign, and what has to be
# true after each run.

# shellcheck disable=SC2154,SC2034  # of and for the other libraries
make_key maria
make_key nina
trust_key maria
key=$work/keys/nina
folder=$work/folder
mkdir "$folder" "$work/source"
printf 'The minutes of the meeting.\n' >"$work/source/minutes.txt"
kinds=(tar.gz)
have zstd && kinds+=(tar.zst)

# make_bundles MEGABYTES: what is signed, and what has to come out, in each format
make_bundles() {
    local kind
    head -c "$1"M /dev/urandom >"$work/source/noise"
    for kind in "${kinds[@]}"; do
        rm -f "$work/old.$kind" "$work/new.$kind"
        seal "$work/old.$kind" --name bag "$work/source"
        expect 0 "the old bundle verifies ($1 MB, .$kind)" verify "$work/old.$kind"
        run "$SEALBAG" sign --quiet --keys "$trust" --key "$key" --time "$sealing_time" \
            -o "$work/new.$kind" "$work/old.$kind"
        expect 0 "and so does the new one" verify "$work/new.$kind"
        says "(countersignature)" "which is signed"
    done
}
became_new=0
is() {
    cmp -s "$work/$1.$kind" "$bundle"
}
reset() {
    local file
    for file in "$folder"/.sealbag-* "$folder"/*; do
        [ "$file" = "$bundle" ] || [ ! -e "$file" ] || rm -f -- "$file"
    done
    if [ ! -e "$bundle" ] || [ "$state" != old ]; then
        cp -- "$work/old.$kind" "$bundle"
    fi
    state=unknown
}
judge() {
    local file
    for file in "$folder"/.sealbag-* "$folder"/*; do
        if [ -e "$file" ] && [ "$file" != "$bundle" ] && [ "$killed" -eq 0 ]; then
            # What was begun may be left if it cannot be removed.
            [ "$call" = unlinkat ] || wrong="it leaves ${file##*/}"
        fi
    done
    state=none
    if is old; then state=old; elif is new; then state=new; fi
    [ "$state" != none ] || wrong="the bundle is neither the old nor the new one"
    [ "$state" != new ] || became_new=$((became_new + 1))
    [ "$code" -ne 0 ] || [ "$state" = new ] || wrong="it claims success, and nothing was signed"
}
# setting SENTENCE KIND ARGUMENTS...
setting() {
    what=$1 kind=$2
    shift 2
    bundle=$folder/bag.$kind
    rm -f "$folder"/*
    state=none
    under_test=("$SEALBAG" sign --quiet --keys "$trust" --key "$key" --time "$sealing_time" "$@"
        "$bundle")
    measure "$what"
}
