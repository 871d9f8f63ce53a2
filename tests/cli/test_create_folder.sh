#!/usr/bin/env bash
# create -o DIR/: the bag as a plain folder (issue "Any bag from anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/source"
mkdir "$work/to"
bag=$work/to/sample

# ---- the bag -----------------------------------------------------------------------------------

before=$(listing "$work/source")
expect 0 "a folder is made" seal "$bag/" "$work/source"
equal "the source is as it was" "$before" "$(listing "$work/source")"
equal "nothing else is there" sample "$(names "$work/to")"
expect 0 "it verifies" verify "$bag"
check "the documents are in it" same_tree "$work/source" "$bag/data"
refute "there is no index" test -e "$bag/seal/index.tsv"
says_not "sealbag seal" "its source was no bag"
run sealbag create -o "$work/twice.tar" --key "$work/keys/maria" "$bag"
says "sealbag seal" "of a bag it is told what seals that as it is"
equal "files have the usual mode" '644' "$(find "$bag" -type f -printf '%m\n' | sort -u)"
equal "and folders" '755' "$(find "$bag" -type d -printf '%m\n' | sort -u)"
if have minisign; then
    expect 0 "it is checked by hand" bash "$by_hand" -p "$work/keys/maria.pub" "$bag"
fi
seal "$work/sample.tar.gz" --name sample "$work/source"
unpack "$work/sample.tar.gz" "$work/unpacked"
rm "$work/unpacked/sample/seal/index.tsv"
check "it is what the archive holds, with the same seal" same_tree "$work/unpacked/sample" "$bag"
for jobs in 1 7; do
    mkdir "$work/jobs$jobs"
    seal "$work/jobs$jobs/sample" --format folder -j "$jobs" "$work/source"
    check "and so it is with $jobs threads" same_tree "$bag" "$work/jobs$jobs/sample"
done
seal "$work/two/" --algorithm sha512 "$work/source"
expect 0 "with two kinds of digests" verify "$work/two"
sealbag create --quiet -o "$work/unsigned/" "$work/source" 2>"$work/err"
expect 4:seal.none "without a key it is unsigned" verify "$work/unsigned"
mkdir -p "$work/many/below" "$work/large"
for ((i = 0; i < 400; i++)); do echo "$i" >"$work/many/below/$i.txt"; done
truncate -s 70M "$work/many/large"
expect 0 "many files and a large one" seal "$work/large/many/" "$work/many"
check "are there" same_tree "$work/many" "$work/large/many/data"
expect 0 "and verify" verify "$work/large/many"

# ---- refused -----------------------------------------------------------------------------------

expect 5:io.exists "what is there is not replaced" seal "$bag/" "$work/source"
expect 0 "it is as it was" verify "$bag"
expect 2:usage "--force does not replace a folder" seal "$bag/" --force "$work/source"
expect 2:usage "another name for the bag" seal "$work/to/other/" --name sample "$work/source"
expect 2:usage "a level" seal "$work/to/other/" --level 3 "$work/source"
expect 2:usage "a pipe" seal - --format folder "$work/source"
expect 2:usage "within the source" seal "$work/source/bag/" "$work/source"
equal "which is as it was" "$before" "$(listing "$work/source")"
expect 5 "in a folder that is not there" seal "$work/nowhere/bag/" "$work/source"
expect 2:usage "a name that cannot be a bag's" seal "$work/to/-x/" "$work/source"
ln -s nowhere "$work/source/link"
expect 5:source.refused "a link in the source" seal "$work/to/other/" "$work/source"
rm "$work/source/link"
equal "nothing is left of all that" sample "$(names "$work/to")"

# ---- it fails or is stopped --------------------------------------------------------------------

full() {
    (ulimit -f 8192 && trap '' XFSZ && seal "$work/to/other/" "$work/many")
}
expect 5:io.failed "the disk is full" full
equal "nothing is left of it" sample "$(names "$work/to")"
# While something writes to a document it cannot be sealed, and is tried again; and then it is killed.
truncate -s 2G "$work/many/huge"
"$SEALBAG" create --quiet -o "$work/to/killed/" --key "$work/keys/maria" "$work/many" >/dev/null 2>&1 &
killed=$!
for ((i = 0; i < 6000; i++)); do
    [ -z "$(find "$work/to" -maxdepth 1 -name '.sealbag-*')" ] || break
    sleep 0.01
done
kill -KILL "$killed"
wait "$killed" 2>/dev/null || true
refute "a killed run leaves nothing under the name" test -e "$work/to/killed"
rm -rf "$work"/to/.sealbag-*
"$SEALBAG" create --quiet -o "$work/to/stopped/" --key "$work/keys/maria" "$work/many" >/dev/null 2>&1 &
stopped=$!
for ((i = 0; i < 6000; i++)); do
    [ -z "$(find "$work/to" -maxdepth 1 -name '.sealbag-*')" ] || break
    sleep 0.01
done
kill -TERM "$stopped"
wait "$stopped" 2>/dev/null || true
equal "one that is stopped leaves nothing at all" sample "$(names "$work/to")"
