#!/usr/bin/env bash
# create fails with one clear sentence, the right exit code (2 for wrong usage, 5 for all else), and
# leaves nothing behind (issue 3, bar 6 and "Bad input").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
key=$work/keys/maria
make_sample "$work/source"
out=$work/out-folder
mkdir "$out"
printf 'here before\n' >"$out/other"
bundle=$out/bag.tar.gz
before=$(listing "$out")
source_before=$(listing "$work/source")

# fails CODE[:RULE] SENTENCE COMMAND...: and the output's folder is as it was
fails() {
    expect "$@"
    if [ "$(listing "$out")" != "$before" ]; then
        fail "nothing is left after it: $2" "$(names "$out")"
        find "$out" -mindepth 1 ! -name other -delete
    fi
}
# The same, and with one sentence.
fails_clearly() {
    fails "$@"
    one_sentence "and one sentence says so: $2"
}
create() {
    sealbag create "$@"
}

# ---- usage -------------------------------------------------------------------------------------

fails_clearly 2 "no output" create --key "$key" "$work/source"
fails_clearly 2 "no source" create -o "$bundle"
fails_clearly 2 "an unknown option" create -o "$bundle" --sure "$work/source"
fails_clearly 2 "an unknown short option" create -o "$bundle" -z "$work/source"
fails_clearly 2 "an option without its value" create "$work/source" -o
for level in 0 10 19 20 -1 x '' 6x ' 6' FAST fas 99999999999999999999; do
    fails_clearly 2 "the level '$level'" create -o "$bundle" --level "$level" "$work/source"
done
for level in 0 20 22 -1 -5 x '' 99999999999999999999; do
    fails_clearly 2 "the level '$level' for .tar.zst" \
        create -o "$out/bag.tar.zst" --level "$level" "$work/source"
done
fails_clearly 2 "the level 10 in a pipe" create -o - --name bag --level 10 "$work/source"
fails_clearly 2 "the level 20 for tar.zst in a pipe" \
    create -o - --name bag --format tar.zst --level 20 "$work/source"
fails_clearly 2 "a level without a value" create "$work/source" -o "$bundle" --level
for format in '' gz zst tgz TAR TAR.GZ .tar.gz tar.gzip tar.zst. zip; do
    fails_clearly 2 "the format '$format'" create -o "$bundle" --format "$format" "$work/source"
    fails_clearly 2 "the format '$format' for a pipe" \
        create -o - --name bag --format "$format" "$work/source"
done
for case in tar.zst:bag.tar.gz tar.zst:bag.tgz tar.gz:bag.tar.zst tar.gz:bag.tzst \
    zip:bag.tar.gz tar.gz:bag.zip tar:bag.tar.gz tar.gz:bag.tar; do
    fails_clearly 2 "--format ${case%:*} for ${case#*:}" \
        create -o "$out/${case#*:}" --format "${case%:*}" "$work/source"
done
for ending in 7z tar.xz; do
    fails_clearly 2 "a name that says .$ending" create -o "$out/b.$ending" "$work/source"
done
for jobs in 0 -1 x ''; do
    fails_clearly 2 "the number of threads '$jobs'" create -o "$bundle" -j "$jobs" "$work/source"
done
for time in '' now 2024 2024-05-06 2024-05-06T07:08:09 2024-13-06T07:08:09Z 2024-02-30T07:08:09Z \
    2023-02-29T00:00:00Z 2024-05-06T24:00:00Z 2024-05-06T07:60:00Z 1969-12-31T23:59:59Z \
    '2024-05-06T07:08:09Z ' 2024-05-06T07:08:09Zx 99999-01-01T00:00:00Z; do
    fails_clearly 2 "the time '$time'" create -o "$bundle" --time "$time" "$work/source"
done
for info in 'no colon' ': no label' '' 'Label:' 'Label:value' 'Payload-Oxum: 1.1' \
    'payload-OXUM: 1.1' 'Bagging-Date: 2024-01-01' 'Bag-Software-Agent: other' \
    'Omitted-File: none' $'Label: value\nPayload-Oxum: 1.1' $'Label: value\rmore' \
    $'Two\nlines: x' ' Label: x' $'Label: \377'; do
    fails_clearly 2 "the label $(printf %q "$info")" \
        create -o "$bundle" --info "$info" "$work/source"
done
fails_clearly 2 "--salt without a key" create -o "$bundle" --salt "$salt" "$work/source"
fails_clearly 2 "--supersedes without a key" \
    create -o "$bundle" --supersedes "$(printf '%064d' 1)" "$work/source"
fails_clearly 2 "a --supersedes that is too short" \
    create -o "$bundle" --key "$key" --supersedes "$(printf '%032d' 1)" "$work/source"
fails_clearly 2 "the same key twice" create -o "$bundle" --key "$key" --key "$key" "$work/source"
cp "$key" "$work/keys/copy"
fails_clearly 2 "the same key in two files" \
    create -o "$bundle" --key "$key" --key "$work/keys/copy" "$work/source"
fails_clearly 2 "a bag's name with a slash" create -o "$bundle" --name a/b "$work/source"
fails_clearly 2 "passphrases from two places" create -o "$bundle" --key "$key" \
    --passphrase-fd 0 --passphrase-file "$salt" "$work/source"
for text in '' 'too short' "$(printf '%065d' 1)" "$(printf '%063dx' 1)"; do
    printf '%s\n' "$text" >"$work/bad-salt"
    fails_clearly 2 "the salt '$text'" \
        create -o "$bundle" --key "$key" --salt "$work/bad-salt" "$work/source"
done
fails_clearly 5 "a salt file that is not there" \
    create -o "$bundle" --key "$key" --salt "$work/no-salt" "$work/source"

# ---- the source --------------------------------------------------------------------------------

mkdir "$work/empty" "$work/hollow" "$work/hollow/folder" "$work/twin"
fails_clearly 5 "a source that is not there" create -o "$bundle" --key "$key" "$work/missing"
says "missing" "and it is named"
fails_clearly 5 "one of several sources is not there" \
    create -o "$bundle" --key "$key" "$work/source" "$work/missing"
fails_clearly 5 "an empty source" create -o "$bundle" --key "$key" "$work/empty"
fails_clearly 5 "a source with nothing but empty folders" \
    create -o "$bundle" --key "$key" "$work/hollow"
fails_clearly 5 "an empty name of a source" create -o "$bundle" --key "$key" ''
ln -s source "$work/link"
fails_clearly 5 "a source that is a symbolic link" create -o "$bundle" --key "$key" "$work/link"
fails_clearly 5 "the same with a slash at its end" create -o "$bundle" --key "$key" "$work/link/"
ln -s source/minutes.txt "$work/file-link"
fails_clearly 5 "a source that is a link to a file" \
    create -o "$bundle" --key "$key" "$work/file-link" "$work/source/photos"
fails 5 "a device as a source" create -o "$bundle" --key "$key" /dev/zero
cp -R "$work/source" "$work/twin/source"
fails_clearly 2 "two sources of one name" \
    create -o "$bundle" --key "$key" "$work/source" "$work/twin/source"
fails_clearly 2 "one source given twice" \
    create -o "$bundle" --key "$key" "$work/source" "$work/source"

mixed=$work/mixed
mkdir -p "$mixed/folder"
printf 'a document\n' >"$mixed/folder/document"
ln -s folder/document "$mixed/a link"
ln -s nowhere "$mixed/folder/broken link"
ln -s folder "$mixed/link to folder"
mkfifo "$mixed/fifo"
special=('a link' 'folder/broken link' 'link to folder' fifo)
if have python3; then
    # A socket's path may be too long for its address: go there first.
    (cd "$mixed" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")')
    special+=(socket)
fi
if as_root && mknod "$mixed/device" c 1 3 2>"$work/err"; then
    special+=(device)
fi
if ! as_root; then
    printf 'secret\n' >"$mixed/unreadable"
    mkdir "$mixed/closed"
    printf 'secret\n' >"$mixed/closed/document"
    chmod 000 "$mixed/unreadable" "$mixed/closed"
    special+=(unreadable closed)
fi
fails 5:source.refused "links, sockets, pipes and devices in the source" \
    create -o "$bundle" --key "$key" "$mixed"
for name in "${special[@]}"; do
    says "$name: " "\"$name\" is listed"
done
equal "each is listed once, and then one sentence" "$((${#special[@]} + 1))" \
    "$(grep -c '' "$work/err")"
expect 0 "--skip-special leaves them out" \
    create -o "$work/mixed.tar.gz" --key "$key" --skip-special "$mixed"
for name in "${special[@]}"; do
    says "$name: " "it says that it left out \"$name\""
    check "bag-info.txt records \"$name\"" grep -qF "Omitted-File: data/$name (" \
        <(tar -xzOf "$work/mixed.tar.gz" mixed/bag-info.txt)
done
expect 0 "the bag verifies" verify "$work/mixed.tar.gz"
says "1 document" "with its one document"
chmod -R u+rwX "$mixed"

mkdir "$work/with-empty" "$work/with-empty"/{one,two,two/three}
printf 'x\n' >"$work/with-empty/document"
expect 0 "empty folders do not stop it" create -o "$work/e.tar.gz" --key "$key" "$work/with-empty"
says "3 empty folders" "they are counted and said"

# ---- the output --------------------------------------------------------------------------------

fails_clearly 2 "an output inside the source" \
    create -o "$work/source/bag.tar.gz" --key "$key" "$work/source"
fails_clearly 2 "an output deep inside the source" \
    create -o "$work/source/letters/1987/bag.tar.gz" --key "$key" "$work/source"
ln -s source/letters "$work/way-in"
fails_clearly 2 "an output inside the source, through a link" \
    create -o "$work/way-in/bag.tar.gz" --key "$key" "$work/source"
fails_clearly 2 "an output inside one of several sources" \
    create -o "$work/twin/source/bag.tar.gz" --name bag --key "$key" "$work/with-empty" \
    "$work/twin/source"
fails_clearly 5:io.exists "an output that exists" \
    create -o "$out/other" --name bag --key "$key" "$work/source"
fails_clearly 5 "an output that is a folder" create -o "$out" --name bag --key "$key" "$work/source"
fails_clearly 5 "an output that is a folder, with --force" \
    create -o "$out" --force --name bag --key "$key" "$work/source"
fails_clearly 5 "an output folder that is not there" \
    create -o "$out/missing/bag.tar.gz" --key "$key" "$work/source"
fails_clearly 5 "an output folder that is a file" \
    create -o "$out/other/bag.tar.gz" --key "$key" "$work/source"
fails 5 "an empty name of an output" create -o '' --name bag --key "$key" "$work/source"
# A device of our own, since root could replace the real one.
device=/dev/full
if as_root; then
    device=$work/full
    mknod "$device" c 1 7 2>"$work/err" || device=
fi
if [ -n "$device" ]; then
    fails 5 "an output that is a device, with --force" \
        create -o "$device" --force --name bag --key "$key" "$work/source"
    check "the device is still one" test -c "$device"
else
    skip_part "an output that is a device (root cannot make one here)"
fi
ln -s nowhere "$work/dangling"
fails_clearly 5 "an output that is a dangling link" \
    create -o "$work/dangling" --name bag --key "$key" "$work/source"
refute "the link was not followed" test -e "$work/nowhere"
check "the link is still there" test -L "$work/dangling"
if ! as_root; then
    mkdir "$work/read-only"
    chmod 555 "$work/read-only"
    fails_clearly 5 "an output folder that cannot be written" \
        create -o "$work/read-only/bag.tar.gz" --key "$key" "$work/source"
else
    skip_part "an output folder that cannot be written (root can write everywhere)"
fi
expect 0 "a new output is written" create -o "$work/new.tar.gz" --name bag "$work/source"
sum=$(sha256sum <"$work/new.tar.gz")
expect 5:io.exists "and not a second time" \
    create -o "$work/new.tar.gz" --name bag --key "$key" "$work/source"
equal "it is the first one still" "$sum" "$(sha256sum <"$work/new.tar.gz")"
expect 5 "a failed run with --force" \
    create -o "$work/new.tar.gz" --force --name bag --key "$key" "$work/mixed"
equal "leaves the old one" "$sum" "$(sha256sum <"$work/new.tar.gz")"
expect 0 "--force replaces it" \
    create -o "$work/new.tar.gz" --force --name bag --key "$key" "$work/source"
expect 0 "by one that verifies" verify "$work/new.tar.gz"

# ---- what is no failure ------------------------------------------------------------------------

# format_is HEX SENTENCE ARGUMENTS...: the first bytes of the bundle that these make
format_is() {
    local wanted=$1 sentence=$2 found
    shift 2
    mkdir "$work/formats"
    run create --quiet --name bag --key "$key" "$@" "$work/source/letters"
    find "$work/formats" -type f -exec cat {} + >>"$work/out"
    found=$(head -c "$((${#wanted} / 2))" "$work/out" | to_hex)
    equal "$sentence" "0 $wanted" "$code $found"
    rm -r "$work/formats"
}
gz=1f8b
zst=28b52ffd
to=$work/formats
format_is $gz ".tar.gz is gzip" -o "$to/b.tar.gz"
format_is $gz ".tgz is gzip" -o "$to/b.tgz"
format_is $gz "any other name is gzip" -o "$to/b.bundle"
format_is $gz "a pipe is gzip" -o -
format_is $zst ".tar.zst is zstd" -o "$to/b.tar.zst"
format_is $zst ".tzst is zstd" -o "$to/b.tzst"
format_is $zst "--format tar.zst with its name" -o "$to/b.tar.zst" --format tar.zst
format_is $gz "--format tar.gz with its name" -o "$to/b.tgz" --format tar.gz
format_is $zst "--format tar.zst with any other name" -o "$to/b.bundle" --format tar.zst
format_is $zst "--format tar.zst in a pipe" -o - --format tar.zst
format_is $zst "the last --format counts" -o - --format tar.gz --format tar.zst
format_is $zst "the levels of .tar.zst go to 19" -o "$to/b.tar.zst" --level 19
same_as_fast() {
    seal "$work/fast.tar.gz" --name bag "$work/source"
    seal "$work/last.tar.gz" --name bag --level 9 --level fast "$work/source"
    cmp "$work/fast.tar.gz" "$work/last.tar.gz"
}
check "the last --level counts, also fast" same_as_fast
equal "the source is untouched after all this" "$source_before" "$(listing "$work/source")"

# ---- what the output must not take the place of ------------------------------------------------

mkdir "$work/own"
cp "$key" "$work/own/key"
printf 'filename,dc.title\nminutes.txt,Minutes\n' >"$work/own/table.csv"
printf '%064d\n' 1 >"$work/own/salt"
cp -r "$work/own" "$work/own-before"
for input in key table.csv salt; do
    expect 2:usage "an output that is the run's own $input, with --force" \
        create -o "$work/own/$input" --force --name bag --format tar.gz --key "$work/own/key" \
        --metadata="$work/own/table.csv" --salt "$work/own/salt" "$work/source"
    says 'is also what sealbag is to read' "which is said"
done
check "none was touched" diff -r "$work/own-before" "$work/own"
expect 0 "a bag that is called like its file can be replaced" \
    create -o "$work/own/bag" --format tar.gz --name "bag" --key "$key" "$work/source"
cd "$work/own"
expect 0 "what only looks like its file is not" create -o bag --force --format tar.gz --name bag \
    --contact-name bag --info "Source: bag" --key "$key" --privacy=accept "$work/source"
expect 0 "with --force" create -o bag --force --format tar.gz --name bag --key "$key" "$work/source"
cd "$work"
