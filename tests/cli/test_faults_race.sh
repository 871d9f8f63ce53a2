#!/usr/bin/env bash
# Something else happens in the middle of create and extract, before one call after the other: a
# second run to the same destination, links in its place, sources and bundles that change. The run
# stands still meanwhile (issue "Fault injection tests").
# shellcheck disable=SC2016,SC2015  # what meddles is another shell; wrong=... never fails
set -euo pipefail
# In memory, if possible: what is stored on a disk at each run would take most of the time.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

prepare_inject
[ "$can_inject" -eq 1 ] || exit 0
make_key maria
trust_key maria
shopt -s dotglob nullglob
top=$work/top out=$work/top/out elsewhere=$work/elsewhere source=$work/source
mkdir "$work/good" "$work/other" "$elsewhere"
fresh=$work/fresh
mkdir -p "$fresh/letters"
printf 'The minutes of the meeting.\n' >"$fresh/minutes"
printf 'A reply.\n' >"$fresh/letters/reply"
head -c 70000 /dev/urandom >"$fresh/letters/noise"
cp -R "$fresh" "$source"
seal "$work/good/bag.tar.gz" "$source"
printf '%064d\n' 8 >"$work/other-salt"
sealbag create --quiet -o "$work/other/bag.tar.gz" --key "$work/keys/maria" --time "$sealing_time" \
    --salt "$work/other-salt" "$source"
for each in good other; do
    mkdir "$work/in-$each"
    tar -xzf "$work/$each/bag.tar.gz" -C "$work/in-$each"
    rm "$work/in-$each/bag/seal/index.tsv"
done
export SEALBAG trust out elsewhere source top sealing_time work

# race SENTENCE PROCESS COUNT: what is in $work/meddle happens before these calls
race() {
    what=$1 at_most=$3
    options=(-x "bash '$work/meddle'")
    measure "$what"
    sweep "$what" "$2" any run
    options=()
}
# The script that meddles is standard input.
meddle() {
    { echo 'exec >"$work/meddle-out" 2>&1 </dev/null' && cat; } >"$work/meddle"
}
reset() {
    local left=("$top" "$elsewhere"/* "$work/second" "$source")
    rm -rf -- "${left[@]}"
    mkdir -p "$out"
    cp -R "$fresh" "$source"
    cp "$work/good/bag.tar.gz" "$work/bundle.tar.gz"
    printf 'victim\n' >"$elsewhere/victim"
    [ "${old-0}" -eq 0 ] || printf 'old\n' >"$out/bag.tar.gz"
}
# entries FOLDER: the names in it, in $entries
entries() {
    local each=("$1"/*)
    entries=${each[*]##*/}
}
# Nothing was written through a link.
victim_unharmed() {
    local entries
    entries "$elsewhere"
    [ "$entries" = victim ] && [ "$(<"$elsewhere/victim")" = victim ] ||
        wrong="something was written elsewhere: $entries"
}

# ---- create ------------------------------------------------------------------------------------

under_test=("$SEALBAG" create --quiet -o "$out/bag.tar.gz" --key "$work/keys/maria"
    --time "$sealing_time" --salt "$salt" -j 1 "$source")

meddle <<'SCRIPT'
"$SEALBAG" create --quiet -o "$out/bag.tar.gz" --key "$work/keys/maria" --time "$sealing_time" \
    --salt "$work/other-salt" -j 1 "$source" 2>"$work/second-err"
echo $? >"$work/second"
SCRIPT
judge() {
    local second=none winner=good
    [ ! -e "$work/second" ] || second=$(<"$work/second")
    [ "$second" != 0 ] || winner=other
    entries "$out"
    case $code:$second in
        0:none) ;;
        0:5) grep -q 'io.exists' "$work/second-err" || wrong="the loser does not say io.exists" ;;
        5:0) said '[io.exists]' || wrong="the loser does not say io.exists" ;;
        *) wrong="there is not one winner: $code, $second" ;;
    esac
    [ "$entries" = bag.tar.gz ] && cmp -s "$work/$winner/bag.tar.gz" "$out/bag.tar.gz" ||
        wrong="the winner's bundle is not what is there: $entries"
}
race "create, and another one to the same output" 0 60

meddle <<<'ln -s "$elsewhere/victim" "$out/bag.tar.gz"'
judge() {
    entries "$out"
    victim_unharmed
    if [ "$code" -eq 0 ]; then
        [ ! -L "$out/bag.tar.gz" ] && cmp -s "$work/good/bag.tar.gz" "$out/bag.tar.gz" ||
            wrong="it claims success: $entries"
    elif [ "$entries" != bag.tar.gz ] || [ ! -L "$out/bag.tar.gz" ] || ! said '[io.exists]'; then
        wrong="it fails otherwise than by the link: $entries"
    fi
}
race "create, and a link appears in the output's place" 0 60
meddle <<<'ln -s "$elsewhere/not-there" "$out/bag.tar.gz"'
race "create, and a dangling link appears in the output's place" 0 30

old=1
under_test+=(--force)
meddle <<<'ln -sf "$elsewhere/victim" "$out/bag.tar.gz"'
judge() {
    entries "$out"
    victim_unharmed
    [ "$entries" = bag.tar.gz ] || wrong="it leaves $entries"
    # It may come after the bundle is there.
    if [ "$code" -eq 0 ] && [ ! -L "$out/bag.tar.gz" ]; then
        cmp -s "$work/good/bag.tar.gz" "$out/bag.tar.gz" || wrong="it claims success"
    fi
}
race "create --force, and the output is replaced by a link" 0 40
under_test=("${under_test[@]:0:${#under_test[@]}-1}")
old=0

meddle <<<'mv "$out" "$top/moved"; ln -s "$elsewhere" "$out"'
judge() {
    local file found=0
    for file in "$out" "$top/moved" "$elsewhere"; do
        [ ! -L "$file" ] && [ -d "$file" ] || continue
        entries "$file"
        case $entries in
            '' | victim) ;;
            bag.tar.gz | 'bag.tar.gz victim')
                found=$((found + 1))
                cmp -s "$work/good/bag.tar.gz" "$file/bag.tar.gz" || wrong="it is not complete"
                ;;
            *) wrong="it leaves $entries" ;;
        esac
    done
    [ "$code:$found" = 0:1 ] || [ "$code:$found" = 5:0 ] || wrong="exit code $code, $found bundles"
}
race "create, and the output's folder is replaced by a link" 0 40

# The bundle verifies, and its documents are those of before or of after.
judge() {
    entries "$out"
    victim_unharmed
    case $code:$entries in
        0:bag.tar.gz) ;;
        5:) return 0 ;;
        *) wrong="exit code $code, in the folder: $entries" && return 0 ;;
    esac
    ! cmp -s "$work/good/bag.tar.gz" "$out/bag.tar.gz" || return 0
    verify "$out/bag.tar.gz" >"$work/check-out" 2>&1 || wrong="the bundle does not verify"
    rm -rf "$work/taken"
    mkdir "$work/taken"
    tar -xzf "$out/bag.tar.gz" -C "$work/taken"
    same_tree "$source" "$work/taken/bag/data" >"$work/check-out" 2>&1 ||
        wrong="the documents are neither those of before nor those of after"
}
changes=(
    'shortened:truncate -s 1000 "$source/letters/noise"'
    'emptied:: >"$source/letters/noise"'
    'grown:head -c 90000 /dev/zero >>"$source/letters/noise"'
    'overwritten:head -c 70000 /dev/zero >"$source/letters/noise"'
    'replaced:cp /bin/sh "$top/new"; mv "$top/new" "$source/letters/noise"'
    'removed:rm "$source/letters/noise"'
    'replaced by a link:ln -sf "$elsewhere/victim" "$source/letters/noise"'
    'replaced by a named pipe:rm "$source/letters/noise"; mkfifo "$source/letters/noise"'
    'replaced by a folder:rm "$source/letters/noise"; mkdir "$source/letters/noise"
    echo new >"$source/letters/noise/new"'
)
for change in "${changes[@]}"; do
    meddle <<<"${change#*:}"
    race "create, and a document is ${change%%:*}" 0 20
done
meddle <<<'mv "$source/letters" "$top/letters"; ln -s "$top/letters" "$source/letters"'
race "create, and a folder is replaced by a link" 0 30
meddle <<<'mv "$source" "$top/source"; ln -s "$top/source" "$source"'
race "create, and the source is replaced by a link" 0 30

# ---- extract -----------------------------------------------------------------------------------

under_test=("$SEALBAG" extract --quiet --keys "$trust" -C "$out" -j 1 "$work/bundle.tar.gz")
extracted() {
    same_tree "$work/in-${2-good}/bag" "$1" >"$work/check-out" 2>&1
}

meddle <<'SCRIPT'
"$SEALBAG" extract --quiet --keys "$trust" -C "$out" -j 1 "$work/bundle.tar.gz" 2>"$work/second-err"
echo $? >"$work/second"
SCRIPT
judge() {
    local second=none
    [ ! -e "$work/second" ] || second=$(<"$work/second")
    entries "$out"
    case $code:$second in
        0:none) ;;
        0:5) grep -q 'io.exists' "$work/second-err" || wrong="the loser does not say io.exists" ;;
        5:0) said '[io.exists]' || wrong="the loser does not say io.exists" ;;
        *) wrong="there is not one winner: $code, $second" ;;
    esac
    [ "$entries" = bag ] && extracted "$out/bag" || wrong="what is there is not complete: $entries"
}
race "extract, and another one to the same place" 0 50
race "extract, and another one while its reader stands still" 1 20

judge() {
    entries "$out"
    victim_unharmed
    if [ "$code" -eq 0 ]; then
        [ ! -L "$out/bag" ] && extracted "$out/bag" || wrong="it claims success: $entries"
    elif [ "$entries" != bag ] || ! said '[io.exists]' || extracted "$out/bag"; then
        wrong="it fails otherwise than by what is there: $entries"
    fi
}
meddle <<<'[ -e "$out/bag" ] || ln -s "$elsewhere" "$out/bag"'
race "extract, and a link to a folder appears in its place" 0 40
race "extract, and a link to a folder appears while its reader stands still" 1 20
meddle <<<'[ -e "$out/bag" ] || ln -s "$elsewhere/not-there" "$out/bag"'
race "extract, and a dangling link appears in its place" 0 20
meddle <<<'mkdir "$out/bag"'
race "extract, and an empty folder appears in its place" 0 20
meddle <<<'[ -e "$out/bag" ] || echo here >"$out/bag"'
race "extract, and a file appears in its place" 0 20

meddle <<<'mv "$out" "$top/moved"; ln -s "$elsewhere" "$out"'
judge() {
    local file found=0
    for file in "$out" "$top/moved" "$elsewhere"; do
        [ ! -L "$file" ] && [ -d "$file" ] || continue
        entries "$file"
        case $entries in
            '' | victim) ;;
            bag | 'bag victim')
                found=$((found + 1))
                extracted "$file/bag" || wrong="it is not complete"
                ;;
            *) wrong="it leaves $entries" ;;
        esac
    done
    [ "$code:$found" = 0:1 ] || [ "$code:$found" = 5:0 ] || wrong="exit code $code, $found folders"
}
race "extract, and the folder is replaced by a link" 0 40
race "extract, and the folder is replaced by a link while its reader stands still" 1 20

# Whoever may write there may spoil what is there, but not make it write elsewhere.
meddle <<<'for bag in "$out"/.sealbag-*/bag; do
    rm -rf "$bag/data"; ln -s "$elsewhere" "$bag/data"
done'
judge() {
    victim_unharmed
}
race "extract, and a folder that it writes in is replaced by a link" 1 60

# The bundle changes: the documents are those that were sealed, or there are none.
also=1
judge() {
    entries "$out"
    case $code:$entries in
        0:bag)
            # One or the other of two bundles, but not a mixture.
            extracted "$out/bag" || extracted "$out/bag" other ||
                wrong="what is there is not what was sealed"
            ;;
        [15]:) ;;
        *) wrong="exit code $code, in the folder: $entries" ;;
    esac
}
changes=(
    'shortened:truncate -s 30000 "$work/bundle.tar.gz"'
    'emptied:: >"$work/bundle.tar.gz"'
    'overwritten:head -c 70000 /dev/zero >"$work/bundle.tar.gz"'
    'damaged:printf XXXX | dd of="$work/bundle.tar.gz" bs=1 seek=40000 conv=notrunc'
    'replaced in place by another:cat "$work/other/bag.tar.gz" >"$work/bundle.tar.gz"'
    'removed:rm "$work/bundle.tar.gz"'
)
for change in "${changes[@]}"; do
    meddle <<<"${change#*:}"
    race "extract, and the bundle is ${change%%:*}" 0 15
    race "extract, and the bundle is ${change%%:*} while its reader stands still" 1 20
done
print_totals
