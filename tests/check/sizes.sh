#!/usr/bin/env bash
# Files have at most 500 lines; functions at most 60, parsers 100 (in a file whose name contains
# "parse", or named ..._parse..., ..._read_header...). Counted from the signature to the brace.
# First it proves on files made for it that each rule can fail.
set -euo pipefail

source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# In this layout (.clang-format, BreakBeforeBraces: Linux) a function, and nothing else, has its
# opening brace alone in the first column.
cat >"$scratch/sizes.awk" <<'AWK'
function end_of_file() {
    if (lines > 500)
        print file ": " lines " lines are more than 500"
    if (inside)
        print file ":" start ": the end of " name " was not found"
}

function end_of_function(    length_, most) {
    length_ = FNR - start + 1
    most = 60
    if (file ~ /parse[^\/]*$/ || name ~ /(^|_)(parse|read_header)/)
        most = 100
    if (length_ > most)
        print file ":" start ": " name " has " length_ " lines, more than " most
}

FNR == 1 {
    if (file != "")
        end_of_file()
    file = FILENAME
    inside = 0
    name = ""
}

{ lines = FNR }

inside {
    if ($0 ~ /^}/) {
        end_of_function()
        inside = 0
        name = ""
    }
    next
}

/^[A-Za-z_].*\(/ && !/;[ \t]*$/ {
    start = FNR
    name = $0
    sub(/[ \t]*\(.*/, "", name)
    sub(/^.*[^A-Za-z0-9_]/, "", name)
}

/^{/ {
    if (name == "") {
        start = FNR
        name = "a function"
    }
    inside = 1
}

END { if (file != "") end_of_file() }
AWK

# Prints one line for each file or function of the tree $1 that is too long.
violations() {
    (cd "$1" && find src include tests -type f -name '*.[ch]' -print | LC_ALL=C sort) \
        >"$scratch/files"
    (cd "$1" && xargs -r awk -f "$scratch/sizes.awk" <"$scratch/files")
}

# ---- self-test ---------------------------------------------------------------------------------

# repeat LINES TEXT, file_of LINES, function_of NAME LINES (its signature has two lines)
repeat() {
    local i
    for ((i = 0; i < $1; i++)); do
        printf '%s\n' "$2"
    done
}

file_of() {
    repeat "$1" 'int declared(void);'
}

function_of() {
    printf 'static int %s(int a,\n        int b)\n{\n' "$1"
    repeat "$(($2 - 4))" '    a++;'
    printf '}\n'
}

# expect FILE SENTENCE: the file made from standard input is reported so; "" means not at all.
expect() {
    local said
    rm -rf "$scratch/tree"
    mkdir -p "$scratch/tree"/{src,include,tests} "$scratch/tree/${1%/*}"
    cat >"$scratch/tree/$1"
    said=$(violations "$scratch/tree")
    if [ "$said" != "$2" ]; then
        printf 'The self-test failed for %s. It said:\n%s\nIt should have said:\n%s\n' \
            "$1" "$said" "$2"
        exit 1
    fi
}

self_test() {
    file_of 500 | expect src/base/a.c ''
    file_of 501 | expect src/base/a.c 'src/base/a.c: 501 lines are more than 500'
    file_of 501 | expect include/a.h 'include/a.h: 501 lines are more than 500'
    function_of add 60 | expect src/base/a.c ''
    function_of add 61 | expect src/base/a.c 'src/base/a.c:1: add has 61 lines, more than 60'
    function_of add 61 | expect src/base/a.h 'src/base/a.h:1: add has 61 lines, more than 60'
    { file_of 3 && function_of f 9 && function_of g 70; } |
        expect tests/unit/a.c 'tests/unit/a.c:13: g has 70 lines, more than 60'
    function_of sb_key_parse_line 100 | expect src/base/a.c ''
    function_of parse_line 101 |
        expect src/base/a.c 'src/base/a.c:1: parse_line has 101 lines, more than 100'
    function_of tar_read_header 100 | expect src/base/a.c ''
    function_of sparsely 61 | expect src/base/a.c 'src/base/a.c:1: sparsely has 61 lines, more than 60'
    function_of add 100 | expect src/base/tar_parse.c ''
    function_of add 101 |
        expect src/base/tar_parse.c 'src/base/tar_parse.c:1: add has 101 lines, more than 100'
    printf 'int f(void)\n{\n' | expect src/base/a.c 'src/base/a.c:1: the end of f was not found'
}

self_test
found=$(violations "$source_dir")
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "Files have at most 500 lines and functions at most 60 (parsers 100): split these."
    exit 1
fi
echo "$(wc -l <"$scratch/files") files and their functions are short enough."
