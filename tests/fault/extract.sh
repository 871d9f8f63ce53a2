# shellcheck shell=bash
# What the tests of extract with failing system calls have in common: a small bundle, and what has
# to be true of the folder after each run.

# shellcheck disable=SC2154,SC2034  # of and for the other libraries
make_key maria
trust_key maria
mkdir -p "$work/source/letters"
printf 'The minutes of the meeting.\n' >"$work/source/minutes.txt"
printf 'A reply.\n' >"$work/source/letters/reply"
head -c 200000 /dev/urandom >"$work/source/letters/noise"
out=$work/out-folder
mkdir "$out" "$work/bundles"
shopt -s dotglob nullglob
kinds=(tar.gz)
have zstd && kinds+=(tar.zst)
for kind in "${kinds[@]}"; do
    seal "$work/bundles/bag.$kind" "$work/source"
done
# What is in it, taken out by other programs: all but the index, which is of no use outside.
mkdir "$work/whole" "$work/part"
tar -xzf "$work/bundles/bag.tar.gz" -C "$work/whole"
rm "$work/whole/bag/seal/index.tsv"
check "the bundle holds the source" same_tree "$work/source" "$work/whole/bag/data"
mkdir -p "$work/part/bag/data/letters"
cp "$work/source/letters/reply" "$work/part/bag/data/letters"
complete=$work/whole

state() {
    find "$work/bundles" "$trust" -printf '%y %m %s %T@ %i %p\n'
}
untouched=$(state)
cp -R "$work/bundles" "$trust" "$work/home"

reset() {
    local files=("$out"/*)
    [ "${#files[@]}" -eq 0 ] || rm -rf -- "${files[@]}"
}
judge() {
    local file there=0
    for file in "$out"/*; do
        if [ "$file" = "$out/bag" ]; then
            there=1
        elif [ "$killed" -eq 0 ] || [[ $file != "$out"/.sealbag-* ]]; then
            said "${file##*/}" || wrong="it leaves ${file##*/}"
        fi
    done
    if [ "$there" -eq 1 ] && ! same_tree "$complete/bag" "$out/bag" >"$work/check-out" 2>&1; then
        wrong="what is there is not complete"
    elif [ "$there" -eq 0 ] && [ "$code" -eq 0 ]; then
        wrong="it claims success, and nothing is there"
    fi
    [ "$(state)" = "$untouched" ] || wrong="the bundle or the trust store is changed"
}
wanted_documents=()
# setting SENTENCE KIND ARGUMENTS...
setting() {
    what=$1 kind=$2
    shift 2
    under_test=("$SEALBAG" extract --quiet --keys "$trust" -C "$out" -j 1 "$@"
        "$work/bundles/bag.$kind" "${wanted_documents[@]}")
    measure "$what"
}
