#!/usr/bin/env bash
# An index or a pointer that somebody has altered: verify refuses it, and list and extract give what
# was signed, or nothing, and never what lies hidden somewhere else in the bundle (issue "Speed").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# shellcheck source=tests/cli/lib_index.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib_index.sh"

# ---- the index is altered ----------------------------------------------------------------------

# with_index SENTENCE COMMAND...: the command makes another index from the right one
with_index() {
    local sentence=$1
    sampled 3 || return 0
    shift
    "$@" <"$index" >"$work/wrong.tsv"
    refute "the index is another: $sentence ($kind)" cmp -s "$index" "$work/wrong.tsv"
    reframe edit "$tar" "$work/wrong.tar" "put:seal/index.tsv:$work/wrong.tsv"
    reframe pack "$kind" "$work/wrong.tar" "$bad"
    hostile 1:seal.index-mismatch 0 "$sentence ($kind)"
}
# The fields of two lines exchanged: swap FIELD... of the twins
swap() {
    awk -F '\t' -v OFS='\t' -v a="$(line_of data/a-twin)" -v b="$(line_of data/z/twin)" \
        -v fields=" $* " '
        { line[NR] = $0; for (i = 1; i <= 3; i++) field[NR, i] = $i }
        END {
            for (n = 1; n <= NR; n++) {
                from = n == a ? b : n == b ? a : n
                for (i = 1; i <= 3; i++)
                    printf "%s%s", field[index(fields, " " i " ") ? from : n, i], i < 3 ? OFS : "\n"
            }
        }'
}
# add_to FIELD NUMBER: in the line of numbers
add_to() {
    awk -F '\t' -v OFS='\t' -v n="$(line_of data/numbers)" -v f="$1" -v by="$2" \
        'NR == n { $f += by } { print }'
}
twin=$(line_of data/z/twin)
numbers=$(line_of data/numbers)
for kind in "${kinds[@]}"; do
    with_index "two documents have each other's place" swap 1
    with_index "two documents have each other's name" swap 3
    with_index "two lines are exchanged" swap 1 2 3
    with_index "a size is larger" add_to 2 1
    with_index "a place is a block later" add_to 1 512
    with_index "a document's line is missing" sed "${numbers}d"
    with_index "it is not an index at all" sed 's/./x/g'
done
# More than half of it, and pipes: what is read whole anyway.
for kind in "${kinds[@]}"; do
    for fields in 1 3; do
        swap "$fields" <"$index" >"$work/wrong.tsv"
        reframe edit "$tar" "$work/wrong.tar" "put:seal/index.tsv:$work/wrong.tsv"
        reframe pack "$kind" "$work/wrong.tar" "$bad"
        extract "$bad" numbers photos z
        equal "the greater part of a bundle with a wrong index: 0 ($kind)" 0 "$code"
        expect_rule seal.index-not-used "and it is said that the index was not used ($kind)"
        check "the documents are right ($kind)" same_tree "$source/z" "$to/sample/data/z"
        piped() {
            cat -- "$bad" | sealbag "$1" --keys "$trust" "${@:2}"
        }
        expect 1:seal.index-mismatch "from a pipe verify says 1 ($kind)" piped verify -
        expect 0 "from a pipe list uses no index ($kind)" piped list --json -
        says '"rule":"seal.index-not-used"' "and says so ($kind)"
        rm -rf "$to"
        mkdir "$to"
        expect 0:seal.index-not-used "from a pipe extract uses no index ($kind)" \
            piped extract -C "$to" - z/twin
        check "the document is right ($kind)" cmp "$source/z/twin" "$to/sample/data/z/twin"
    done
done
kind=gz
documents=(z/twin)
with_index "a size is smaller" add_to 2 -1
with_index "a place is a block earlier" add_to 1 -512
with_index "a place is a byte later" add_to 1 1
with_index "a place with a zero before it" sed "${twin}s/^/0/"
with_index "a place with a sign before it" sed "${twin}s/^/+/"
with_index "a place behind the end" sed "${twin}s/^[0-9]*/1099511627776/"
with_index "a place of more than 63 bits" sed "${twin}s/^[0-9]*/9223372036854775808/"
with_index "a place of more than 64 bits" sed "${twin}s/^[0-9]*/18446744073709551616/"
with_index "a size of more than 63 bits" sed "${twin}s/${tab}[0-9]*${tab}/${tab}18446744073709551615$tab/"
with_index "a path that is no document's" sed "${twin}s|data/.*|data/secret.txt|"
with_index "a path that is another document's" sed "${twin}s|data/.*|data/minutes.txt|"
with_index "a path that leads out" sed "${twin}s|data/.*|../../z/twin|"
with_index "an empty path" sed "${twin}s|data/.*||"
with_index "a path with a NUL" sed "${twin}s|data/.*|data/z/twin\\x00|"
with_index "a line is there twice" sed "${twin}p"
with_index "the line of bagit.txt is missing" sed 2d
with_index "the last line is missing" head -n -1
with_index "all lines but the first are missing" sed 1q
with_index "the first line is missing" sed 1d
with_index "it is empty" sed d
with_index "it has a line for itself" sed "\$a$(reframe find "$tar" seal/index.tsv)${tab}1${tab}seal/index.tsv"
with_index "it has Windows line ends" sed 's/$/\r/'
with_index "its last line has no end" head -c -1
with_index "the lines are the other way round" sed '1!G;h;$!d'
with_index "it has another first line" sed '1s/path/name/'
with_index "it has spaces for tabs" tr '\t' ' '
with_index "it is very long" awk '{ print } END { for (i = 0; i < 300000; i++) print 9e9 + i * 512 "\t1\tdata/z/" i }'
hidden_index() {
    tar -xOf "$hidden_tar" sample/seal/index.tsv
}
with_index "it is the index of another bag" hidden_index
documents=(minutes.txt z/twin)

# ---- the index is somewhere else, or nowhere ---------------------------------------------------

by_others() {
    if [ "$kind" = gz ]; then gzip -c "$1" >"$bad"; else zstd -qc "$1" >"$bad"; fi
}
for kind in "${kinds[@]}"; do
    reframe edit "$tar" "$work/wrong.tar" last:seal/seal.txt index
    reframe pack "$kind" "$work/wrong.tar" "$bad"
    hostile 1:seal.index-mismatch 0 "it is not the last file ($kind)"
    reframe edit "$tar" "$work/wrong.tar" "add:seal/index.tsv:$index"
    reframe pack "$kind" "$work/wrong.tar" "$bad"
    hostile 1:path.duplicate either "it is there twice ($kind)"
    reframe edit "$tar" "$work/wrong.tar" rename:seal/index.tsv:seal/index.txt
    reframe pack "$kind" "$work/wrong.tar" "$bad" pointer="$(reframe find "$tar" seal/index.tsv)"
    hostile 1:seal.unknown-file 1 "it is under another name ($kind)"
    reframe edit "$tar" "$work/none.tar" drop:seal/index.tsv
    reframe pack "$kind" "$work/none.tar" "$bad" pointer="$(reframe find "$tar" seal/index.tsv)"
    hostile 1:container.pointer 0 "there is a pointer, but no index ($kind)"
    # Documents that may be taken out are no forgery.
    quiet=1
    reframe pack "$kind" "$work/none.tar" "$bad"
    hostile 0 0 "there is neither a pointer nor an index ($kind)"
    by_others "$work/none.tar"
    hostile 0 0 "the index was taken out by other programs ($kind)"
    says_not bag.not-judged "and nothing is said about it"
    by_others "$tar"
    hostile 0 0 "the index is there, in a bundle by another program ($kind)"
    reframe edit "$tar" "$work/wrong.tar" "put:seal/index.tsv:$work/wrong.tsv"
    by_others "$work/wrong.tar"
    hostile 0 0 "a wrong index in a bundle by another program ($kind)"
    expect 0:bag.not-judged "it is noted that it was not judged ($kind)" verify "$bad"
    quiet=
done

# ---- the pointer is altered --------------------------------------------------------------------

right=$(reframe find "$tar" seal/index.tsv)
for kind in "${kinds[@]}"; do
    for pointer in $((right - 512)) $((right + 512)) $((right + 1)) 512 1024 "$(offset_of data/z/twin)" \
        "$(offset_of seal/seal.txt)" "$(size_of "$tar")" $((right * 1000)) 18446744073709551615 \
        9223372036854775808; do
        reframe pack "$kind" "$tar" "$bad" pointer="$pointer"
        hostile 1:container.pointer 0 "a pointer to $pointer ($kind)"
    done
    reframe pack "$kind" "$tar" "$bad" pointer=none
    hostile 1:container.pointer 0 "no pointer, but an index ($kind)"
    reframe pack "$kind" "$tar" "$bad" pointer=0
    hostile 1 1 "a pointer of zero ($kind)"
    cp "$work/sample.tar.$kind" "$bad"
    truncate -s -1 "$bad"
    hostile 1 1 "the last byte cut off ($kind)"
    if [ "$kind" = gz ]; then half=524288; else half=2097152; fi
    reframe pack "$kind" "$tar" "$bad" frame=$half
    hostile 1:container.short-frame either "frames that are not full ($kind)"
done
cp "$work/sample.tar.gz" "$bad"
truncate -s -38 "$bad"
hostile 1:container.pointer 0 "the pointer cut off"
for more in 1 19 20 37; do
    cp "$work/sample.tar.gz" "$bad"
    truncate -s -$more "$bad"
    hostile 1:gzip.truncated 1 "$more bytes of the pointer cut off"
done
