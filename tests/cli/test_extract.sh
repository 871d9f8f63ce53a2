#!/usr/bin/env bash
# extract publishes only what the verdict allows, in one piece, and leaves nothing else behind
# (issue 3; DESIGN.md, section 4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key stranger
trust_key maria
make_sample "$work/source"
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
sealbag create --quiet -o "$work/unknown.tar.gz" --name sample --key "$work/keys/stranger" \
    "$work/source"
sealbag create --quiet -o "$work/unsigned.tar.gz" --name sample "$work/source" 2>"$work/err"
unpack "$bundle" "$work/base"
# It tells places in the bundle, and extract does not write it.
rm "$work/base/sample/seal/index.tsv"
mkdir "$work/variant"
cp -R "$work/base/sample" "$work/variant/sample"
printf 'forged\n' >"$work/variant/sample/data/minutes.txt"
pack "$work/variant/sample" "$work/damaged.tar.gz"

to=$work/to
fresh() {
    rm -rf "$to"
    mkdir "$to"
}
extract() {
    sealbag extract --keys "$trust" -C "$to" "$@"
}
# gives CODE SENTENCE ARGUMENTS...: the whole bag is there, and nothing else
gives() {
    fresh
    expect "$1" "$2" extract "${@:3}"
    equal "the bag is there, and nothing else: $2" sample "$(names "$to")"
    check "its documents are right: $2" same_tree "$work/source" "$to/sample/data"
}
# nothing CODE[:RULE] SENTENCE ARGUMENTS...
nothing() {
    fresh
    expect "$1" "$2" extract "${@:3}"
    equal "nothing is there, also nothing hidden: $2" '' "$(names "$to")"
}

# ---- which verdict allows what -----------------------------------------------------------------

gives 0 "a trusted bundle is extracted" "$bundle"
check "with all files of the bag" same_tree "$work/base/sample" "$to/sample"
gives 0 "--quiet extracts it, too" --quiet "$bundle"
equal "and has nothing to say on standard error" '' "$(cat "$work/err")"
nothing 3 "a bundle by an unknown signer is not" "$work/unknown.tar.gz"
nothing 4 "an unsigned bundle is not" "$work/unsigned.tar.gz"
nothing 1:manifest.digest-mismatch "a damaged bundle is not" "$work/damaged.tar.gz"
gives 3 "--accept-untrusted takes an unknown signer" --accept-untrusted "$work/unknown.tar.gz"
gives 4 "--accept-unsigned takes an unsigned bundle" --accept-unsigned "$work/unsigned.tar.gz"
gives 0 "both change nothing for a trusted one" --accept-untrusted --accept-unsigned "$bundle"
nothing 4 "--accept-untrusted does not take an unsigned bundle" \
    --accept-untrusted "$work/unsigned.tar.gz"
nothing 3 "--accept-unsigned does not take an unknown signer" \
    --accept-unsigned "$work/unknown.tar.gz"
nothing 1 "nothing takes a damaged bundle" \
    --accept-untrusted --accept-unsigned "$work/damaged.tar.gz"
nothing 3 "a demanded signer that is missing is not there" --signer other "$bundle"
nothing 3 "too few signers are too few" --require 2 "$bundle"
gives 3 "and can be accepted" --require 2 --accept-untrusted "$bundle"
nothing 1:seal.id-mismatch "another seal id is refused" --seal "$(printf '%064d' 1)" \
    --accept-untrusted --accept-unsigned "$bundle"
nothing 5:io.not-found "a missing bundle" "$work/missing.tar.gz"
nothing 1 "a folder that is no bag" "$work/source"
printf 'text\n' >"$work/text"
nothing 5:container.unsupported "a text as a bundle" "$work/text"
nothing 2 "no bundle"
nothing 2 "an unknown option" --sure "$bundle"
head -c 400 "$bundle" >"$work/cut"
nothing 1 "a truncated bundle" "$work/cut"

# ---- from a pipe -------------------------------------------------------------------------------

piped() {
    local from=$1
    shift
    cat -- "$from" | sealbag extract --keys "$trust" -C "$to" "$@" -
}
piped_gives() {
    fresh
    expect "$1" "from a pipe: $2" piped "${@:3}"
    equal "the bag is there: $2" sample "$(names "$to")"
    check "its documents are right: $2" same_tree "$work/source" "$to/sample/data"
}
piped_nothing() {
    fresh
    expect "$1" "from a pipe: $2" piped "${@:3}"
    equal "nothing is there: $2" '' "$(names "$to")"
}
piped_gives 0 "a trusted bundle is extracted" "$bundle"
piped_gives 3 "--accept-untrusted takes an unknown signer" \
    "$work/unknown.tar.gz" --accept-untrusted
piped_nothing 1 "a damaged bundle is not extracted" "$work/damaged.tar.gz"
piped_nothing 1 "a truncated bundle is not" "$work/cut"
piped_nothing 3 "nor one by an unknown signer" "$work/unknown.tar.gz"
piped_nothing 4 "nor an unsigned one" "$work/unsigned.tar.gz"
piped_nothing 5 "nor an empty pipe" /dev/null

# ---- the destination ---------------------------------------------------------------------------

fresh
mkdir "$to/sample"
printf 'mine\n' >"$to/sample/mine"
before=$(listing "$to/sample")
expect 5:io.exists "a destination that exists is refused" extract "$bundle"
equal "and untouched" "$before" "$(listing "$to/sample")"
equal "and nothing else is there" sample "$(names "$to")"
fresh
mkdir "$to/sample"
expect 5:io.exists "an empty folder in its place is refused too" extract "$bundle"
equal "and still empty" '' "$(names "$to/sample")"
fresh
printf 'mine\n' >"$to/sample"
expect 5:io.exists "a file in its place is refused" extract "$bundle"
equal "and untouched, with nothing beside it" "mine sample" "$(cat "$to/sample") $(names "$to")"
fresh
ln -s "$work/elsewhere" "$to/sample"
expect 5:io.exists "a dangling link in its place is refused" extract "$bundle"
refute "and not followed" test -e "$work/elsewhere"
check "and still there" test -L "$to/sample"
equal "with nothing beside it" sample "$(names "$to")"
fresh
mkdir "$work/elsewhere"
ln -s "$work/elsewhere" "$to/sample"
expect 5:io.exists "a link to a folder in its place is refused" extract "$bundle"
equal "and not followed" '' "$(names "$work/elsewhere")"
rm -rf "$to" "$work/elsewhere"
mkdir "$work/real"
ln -s real "$work/to"
expect 0 "a link to a folder as -C works" extract "$bundle"
equal "the bag is in the folder" sample "$(names "$work/real")"
check "the link is still one" test -L "$to"
rm -rf "$to" "$work/real"
expect 5 "a -C that is not there is 5" extract "$bundle"
refute "and is not made" test -e "$to"
printf 'file\n' >"$to"
expect 5 "a -C that is a file is 5" extract "$bundle"
rm "$to"
fresh
here() {
    (cd "$to" && sealbag extract --keys "$trust" "$bundle")
}
expect 0 "without -C the bag appears here" here
equal "in the folder it was called in" sample "$(names "$to")"
if as_root && have unshare && unshare -m true 2>"$work/err"; then
    head -c 3000000 /dev/urandom >"$work/noise"
    seal "$work/large.tar.gz" "$work/noise" "$work/source/minutes.txt"
    cat >"$work/small-disk" <<'SCRIPT'
mount -t tmpfs -o size=1m tmpfs "$2" || exit 99
code=0
"$1" extract --keys "$3" -C "$2" "$4" || code=$?
[ -z "$(ls -A "$2")" ] || exit 98
exit "$code"
SCRIPT
    fresh
    expect 5:io.failed "a full disk is 5, and nothing is left" \
        unshare -m bash "$work/small-disk" "$SEALBAG" "$to" "$trust" "$work/large.tar.gz"
else
    skip_part "a full disk (only root can mount a small one)"
fi

# ---- JSON --------------------------------------------------------------------------------------

# told FIELDS: those fields of what extract --json printed
told() {
    python3 - "$work/out" "$@" <<'PYTHON' 2>&1 || true
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
print(*(json.dumps(told[name]) for name in sys.argv[2:]))
PYTHON
}
if have python3; then
    fresh
    expect 0 "--json of a good bundle is 0" extract --json "$bundle"
    equal "it tells the folder, the documents and the exit code" "\"$to/sample\" 6 [] null 0" \
        "$(told folder documents lost error exit)"
    fresh
    expect 1 "--json of a damaged bundle is 1" extract --json "$work/damaged.tar.gz"
    equal "it tells that there is no folder" 'null 0 1' "$(told folder documents exit)"
    mkdir "$to/sample"
    expect 5 "--json when the destination exists is 5" extract --json "$bundle"
    equal "it tells that there is no folder" 'null 0 5' "$(told folder documents exit)"
    refute "and it tells why" test "$(told error)" = null
fi

# ---- chosen documents --------------------------------------------------------------------------

# chosen SENTENCE FILES ARGUMENTS...: the files of the bag, separated by commas
chosen() {
    fresh
    expect 0 "$1" extract "$bundle" "${@:3}"
    equal "only they are there: $1" "$2" \
        "$(cd "$to/sample" && find . -type f -printf '%P\n' | sort | paste -sd ,)"
}
chosen "a document is chosen by its path in the bag" data/minutes.txt data/minutes.txt
chosen "and without data/" data/minutes.txt minutes.txt
chosen "a hidden one" data/.notes .notes
both='data/letters/1987/reply to first.txt,data/letters/first.txt'
chosen "a folder is chosen with data/" "$both" data/letters
chosen "and without" "$both" letters
chosen "and with a slash at its end" "$both" letters/
chosen "several, one of them twice" "data/letters/first.txt,data/minutes.txt" \
    minutes.txt letters/first.txt data/minutes.txt
chosen "an empty document" data/photos/empty photos/empty
nothing_chosen() {
    fresh
    expect 2 "$1" extract "$bundle" "${@:2}"
    equal "nothing is there: $1" '' "$(names "$to")"
}
nothing_chosen "an unknown document is 2" nothing.txt
nothing_chosen "a known and an unknown one are 2" minutes.txt nothing.txt
nothing_chosen "the beginning of a name is no document" minutes
nothing_chosen "the beginning of a folder's name is no folder" let
nothing_chosen "a file of the bag that is no document is 2" bagit.txt
nothing_chosen "a path that leads out is 2" ../sample/data/minutes.txt
nothing_chosen "an empty path is 2" ''
fresh
expect 2 "an unknown document is 2 from a pipe" piped "$bundle" -- - nothing.txt
fresh
one_from_pipe() {
    cat "$bundle" | sealbag extract --keys "$trust" -C "$to" - letters/first.txt
}
expect 0 "a document is chosen from a pipe" one_from_pipe
equal "only it is there" data/letters/first.txt \
    "$(cd "$to/sample" && find . -type f -printf '%P\n')"
fresh
expect 1 "a damaged bundle gives no document, also not a good one" \
    extract "$work/damaged.tar.gz" letters/first.txt
equal "nothing is there" '' "$(names "$to")"

# ---- modes and times ---------------------------------------------------------------------------

# The same bag, with modes, owners and times that must not be restored.
rm -rf "$work/variant"
mkdir "$work/variant"
cp -R "$work/base/sample" "$work/variant/sample"
find "$work/variant/sample" -type f -exec chmod 4777 {} + -exec touch -d '2001-02-03' {} +
tar -C "$work/variant" --owner=root:0 --group=root:0 -czpf "$work/modes.tar.gz" sample
started=$(date +%s)
for mask in 022 077 027; do
    fresh
    with_umask() {
        (umask "$mask" && extract "$work/modes.tar.gz")
    }
    expect 0 "a bag with odd modes and times is extracted with umask $mask" with_umask
    equal "files have the mode that umask $mask gives" "$(printf '%o' "$((0666 & ~0$mask))")" \
        "$(find "$to/sample" -type f -printf '%m\n' | sort -u)"
    equal "folders have the mode that umask $mask gives" "$(printf '%o' "$((0777 & ~0$mask))")" \
        "$(find "$to/sample" -type d -printf '%m\n' | sort -u)"
    equal "no file has a time from the bundle (umask $mask)" '' \
        "$(find "$to/sample" ! -newermt "@$((started - 2))")"
done
