#!/usr/bin/env bash
# No file that git holds, or would take with the next commit, names a place of the machine that it
# was written on: a home folder, a work folder, this checkout, this host.
# First it proves on files made for it that each pattern can fail.
set -euo pipefail

source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A path starts where no part of a longer one stands before it. The brackets keep this file from
# finding itself.
start='(^|[^A-Za-z0-9_.~}/-])'
patterns=(
    "$start/(ho[m]e|User[s])/[A-Za-z0-9]"
    "$start/ro[o]t/"
    "$start/wo[r]k/"
    "$start/(buil[d]|builddi[r]|buildro[o]t)/[a-z]"
    "[A-Za-z]:\\\\User[s]\\\\"
)

# Host and folder of this machine, unless they are words that anybody may write.
literals=()
host=$(uname -n)
case ${host%%.*} in
    '' | localhost | debian | sealbag | build | builder | main | docker | runner) ;;
    ???*) literals+=("$host") ;;
esac
case $source_dir in
    /*/*) literals+=("$source_dir") ;;
esac

# Prints FILE:LINE:TEXT for each match in the files that are named, NUL-separated, on the input.
violations() {
    local arguments=() item
    cat >"$scratch/list"
    for item in "${patterns[@]}"; do
        arguments+=(-e "$item")
    done
    xargs -0 -r grep -HnIE "${arguments[@]}" -- <"$scratch/list" || true
    if [ "${#literals[@]}" -gt 0 ]; then
        arguments=()
        for item in "${literals[@]}"; do
            arguments+=(-e "$item")
        done
        xargs -0 -r grep -HnIwF "${arguments[@]}" -- <"$scratch/list" || true
    fi
}

# ---- self-test ---------------------------------------------------------------------------------

expect() {
    local found
    printf '%s\n' "$2" >"$scratch/file"
    found=$(printf '%s\0' "$scratch/file" | violations)
    if { [ "$1" = bad ] && [ -z "$found" ]; } || { [ "$1" = good ] && [ -n "$found" ]; }; then
        printf 'The self-test failed: this line is %s, but was not taken for it:\n%s\n' "$1" "$2"
        exit 1
    fi
}

self_test() {
    local s=/ item
    expect bad "see ${s}home/ann/notes"
    expect bad "\"${s}Users/ann\""
    expect bad "DIR=${s}root/x"
    expect bad "cd ${s}work/main"
    expect bad "${s}build/sealbag-1/src"
    expect bad 'C:\User''s\ann'
    for item in ${literals[@]+"${literals[@]}"}; do
        expect bad "it was made on $item."
    done
    expect good "https://example.org${s}home/ann"
    expect good "build/dev and ../build${s}dev, ~${s}work/x, \$dir${s}work/x"
    expect good "${s}etc/passwd, ${s}tmp/x, ${s}usr/bin/env"
}

self_test
if [ ! -e "$source_dir/.git" ]; then
    echo "Skipped: this is not a git checkout."
    exit 77
fi
cd "$source_dir"
# A file that was deleted and not yet committed is still in git's list.
git ls-files -z --cached --others --exclude-standard >"$scratch/tracked"
while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then
        printf '%s\0' "$file"
    fi
done <"$scratch/tracked" >"$scratch/present"
found=$(violations <"$scratch/present")
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "These lines name places of one machine. Write a relative path or ~ instead."
    exit 1
fi
echo "$(tr -cd '\0' <"$scratch/present" | wc -c) files name no place of this machine."
