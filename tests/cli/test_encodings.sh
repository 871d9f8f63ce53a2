#!/usr/bin/env bash
# The encodings of tag files: each against Python's codec, sequence by sequence, and in bags of other
# programs with names and labels in Cyrillic, Greek, Japanese, Chinese, Korean and others.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3; then
    echo "skipped - there is no python3 here"
    exit 77
fi
encodings() {
    python3 "$source_dir/tests/cli/encodings.py" "$@"
}
export PYTHONDONTWRITEBYTECODE=1

# ---- characters --------------------------------------------------------------------------------

decoder=${SEALBAG_BUILD:-none}/tests/unit/unit_encoding
if [ -x "$decoder" ]; then
    encodings vectors >"$work/vectors"
    check "Python was asked about more than 300,000 sequences" \
        test "$(grep -c '' "$work/vectors")" -gt 300000
    check "each is what it says, and refused where it is none" "$decoder" "$work/vectors"
    printf 'KOI8-R ce d18d\n' >"$work/lie"
    refute "a wrong character is noticed" "$decoder" "$work/lie"
else
    skip_part "there is no unit_encoding here"
fi

# ---- bags --------------------------------------------------------------------------------------

mkdir "$work/bags"
encodings bags "$work/bags" >"$work/table"
run sealbag verify --json "$work"/bags/*
cp "$work/out" "$work/verdicts"
refute "no sanitizer complains" grep -qaE 'Sanitizer|runtime error:' "$work/err"
encodings judge "$work/table" "$work/verdicts" >"$work/judged"
rows=0
while IFS=$'\t' read -r how file why; do
    case $how in
    ok) pass "$file" ;;
    *) fail "$file" "$why" ;;
    esac
    rows=$((rows + 1))
done <"$work/judged"
check "more than 90 bags were judged" test "$rows" -gt 90

# What a bag's label is in the table, and in what show prints.
label_of() {
    awk -F '\t' -v file="$1" '$1 == file { print $4 }' "$work/table"
}
for name in KOI8-U ISO-8859-7 windows-31J GB18030 Big5-HKSCS windows-949; do
    expect 4:seal.none "a bag in $name is shown" "$SEALBAG" show "$work/bags/$name.tar.gz"
    check "its label can be read" \
        grep -qxF "    Contact-Name: $(label_of "$name.tar.gz")" "$work/out"
done
expect 4:seal.none "one with hidden characters" "$SEALBAG" show "$work/bags/hidden.tar.gz"
says 'Note: a\u{202e}b\u{85}c' "they are escaped"
expect 4 "a document with such a name is taken out" "$SEALBAG" extract --accept-unsigned \
    -C "$work" "$work/bags/Shift_JIS.tar.gz"
check "it is there" test -f "$work/bag/data/$(label_of Shift_JIS.tar.gz).txt"
expect 5:bag.encoding "an encoding that is not known" \
    "$SEALBAG" verify "$work/bags/unknown-6.tar.gz"
says '"UTF\u{202e}-8\x1b[31m"' "is named, escaped"
expect 5:bag.encoding "one with a long name" \
    "$SEALBAG" verify "$work/bags/unknown-7.tar.gz"
says 'AAAA..."' "is not named at length"
expect 1:baginfo.line "what is no text" \
    "$SEALBAG" verify "$work/bags/cut-GB18030.tar.gz"
says 'which is GB18030.' "it says in what it is none"
