#!/usr/bin/env bash
# What happens on a terminal: passphrases are asked for and not shown, long work shows progress, names
# from a bag cannot steer it. script(1) plays the terminal.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have script; then
    echo "skipped - there is no script(1) here to play a terminal"
    exit 77
fi
screen=$work/screen

# Waits until the screen shows $2 for the $1-th time; five minutes at most.
await() {
    local i
    for ((i = 0; i < 3000; i++)); do
        [ "$(grep -aoF -- "$2" "$screen" 2>/dev/null | grep -c '')" -lt "$1" ] || return 0
        sleep 0.1
    done
    return 1
}

# on_terminal CODE SENTENCE COMMAND: types what `typing` types; the command is one string.
on_terminal() {
    local found=0
    rm -f "$screen"
    : >"$screen"
    typing 2>/dev/null | timeout 600 script -qefc "$3" "$screen" >/dev/null 2>&1 || found=$?
    equal "$2" "$1" "$found"
}
shows() {
    check "$2" grep -qaF -- "$1" "$screen"
}

command=$(printf '%q' "$SEALBAG")
typing() {
    await 1 'Passphrase for the new key: '
    printf 'correct horse\n'
    await 1 'The same passphrase again: '
    printf 'correct horse\n'
    await 1 'Fingerprint:'
}
on_terminal 0 "keygen asks for a passphrase" "$command keygen -o $work/locked"
shows 'The same passphrase again: ' "and asks twice"
refute "it does not show what is typed" grep -qa 'correct horse' "$screen"
check "the key is there" test -s "$work/locked"

typing() {
    await 1 'Passphrase for the new key: '
    printf 'one thing\n'
    await 1 'The same passphrase again: '
    printf 'another\n'
    await 1 'differ'
}
on_terminal 5 "two passphrases that differ are refused" "$command keygen -o $work/other"
refute "and no key is made" test -e "$work/other"

cp "$work/locked" "$work/changing"
typing() {
    await 1 'Passphrase for the key'
    printf 'correct horse\n'
    await 1 'New passphrase: '
    printf 'battery staple\n'
    await 1 'The same passphrase again: '
    printf 'battery staple\n'
    await 1 'with the new passphrase'
}
on_terminal 0 "key passwd asks for the present and the new passphrase" \
    "$command key passwd $work/changing"
refute "it does not show what is typed" grep -qaE 'correct horse|battery staple' "$screen"
battery() {
    sealbag key show --passphrase-fd 8 "$work/changing" 8<<<'battery staple'
}
expect 0 "the new passphrase opens the key" battery

mkdir "$work/source"
truncate -s 1500000000 "$work/source/zeros"
typing() {
    await 1 'Passphrase for the key'
    printf 'correct horse\n'
    await 1 'Seal id:'
}
on_terminal 0 "create asks for the passphrase" \
    "$command create -o $work/bag.tar.gz --key $work/locked $work/source"
refute "it does not show what is typed" grep -qa 'correct horse' "$screen"
shows ' of 1.5 GB' "create shows how far it is"
shows 'left' "and how long it will take"

typing() {
    await 1 'Passphrase for the key'
    printf 'wrong\n'
    await 1 '[key.passphrase]'
}
on_terminal 5 "a wrong passphrase is refused" \
    "$command create -o $work/second.tar.gz --key $work/locked $work/source"
equal "and nothing is written" bag.tar.gz "$(cd "$work" && echo ./*.tar.gz | sed 's/\.\///g')"

# sign asks before it signs, and once more when nobody is trusted.
"$SEALBAG" keygen --no-passphrase -o "$work/nina" >/dev/null
"$SEALBAG" keygen --no-passphrase -o "$work/maria" >/dev/null
mkdir "$work/few"
printf 'The minutes of the meeting.\n' >"$work/few/minutes.txt"
"$SEALBAG" create --quiet -o "$work/few.tar.gz" --key "$work/maria" "$work/few"
cp "$work/few.tar.gz" "$work/signed.tar.gz"
sign="$command sign --keys $work/trust --key $work/nina $work/signed.tar.gz"
mkdir "$work/trust"
typing() {
    await 1 '[yes/no]'
    printf '%s\n' "$word"
    await 1 "[yes/no] $word"
}
for word in no '' maybe YES; do
    on_terminal 3 "strangers' bundles are not signed after \"$word\"" "$sign"
    shows 'Nobody whom you trust has sealed it.' "and it was asked about them"
    shows 'Nothing was signed.' "and nothing was signed"
    check "the bundle is as it was" cmp "$work/few.tar.gz" "$work/signed.tar.gz"
done
word=no
on_terminal 3 "--yes does not stand for trust" "$sign --yes"
"$SEALBAG" trust add --keys "$work/trust" maria "$work/maria.pub" >/dev/null 2>&1
on_terminal 5 "nothing is signed after a no" "$sign"
shows 'You are about to sign with the key SHA256:' "what is about to be signed is shown"
shows 'seal id' "with its seal id"
shows '[run.cancelled]' "and it is said that nothing was"
check "the bundle is as it was" cmp "$work/few.tar.gz" "$work/signed.tar.gz"
word=yes
on_terminal 0 "it is signed after a yes, also with --quiet" "$sign --quiet"
shows 'intact, and sealed by those whom you trust.' "which shows what it asks about"
refute "the bundle is another one" cmp "$work/few.tar.gz" "$work/signed.tar.gz"
"$SEALBAG" create --quiet -o "$work/few2.tar.gz" --key "$work/nina" "$work/few"
on_terminal 0 "a stranger's bundle is signed after a yes" \
    "$command sign --keys $work/trust --key $work/maria $work/few2.tar.gz"
cp "$work/few.tar.gz" "$work/signed.tar.gz"
typing() {
    await 1 'signed by'
}
on_terminal 0 "--yes is not asked" "$sign --yes"
refute "nothing is asked" grep -qaF '[yes/no]' "$screen"

typing() {
    await 1 'Not proven'
}
rm -f "$work/source/zeros"
printf 'x\n' >"$work/source/"$'a\033[31mred\342\200\256txt'
"$SEALBAG" create --quiet -o "$work/odd.tar.gz" "$work/source" 2>"$work/err"
typing() {
    await 1 'a\x1b'
}
on_terminal 4 "a name that would steer the terminal is listed" "$command list $work/odd.tar.gz"
shows 'a\x1b[31mred\u{202e}txt' "escaped"
refute "and not as it is" grep -qa $'\033\[31m' "$screen"

# Not on a terminal: no progress.
expect 0 "a passphrase file is read" sealbag create -o "$work/third.tar.gz" --key "$work/locked" \
    --passphrase-file <(echo 'correct horse') "$work/source"
refute "no progress in a pipe" grep -qa $'\r' "$work/err"

for word in keygen create verify list extract sign trust rules; do
    expect 0 "help $word is there" sealbag help "$word"
done
expect 0 "create --help is help" sealbag create --help
expect 0 "the version is shown" sealbag --version
expect 2 "no command is wrong usage" sealbag
expect 2:usage "an unknown command is wrong usage" sealbag frobnicate
expect 2:usage "help for an unknown command too" sealbag help frobnicate
