#!/usr/bin/env bash
# create --from-xattrs fills empty cells of the records from extended attributes, cuts out of URLs
# what gives access, and says so (issue 7; DESIGN.md, section 5). sealbag metadata gives the same in
# a table to fill in.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# attr FILE NAME VALUE ...: with Python or setfattr, whichever is there; may be repeated.
attr() {
    if have python3; then
        python3 -c 'import os, sys
for i in range(1, len(sys.argv), 3):
    os.setxattr(sys.argv[i], sys.argv[i + 1], os.fsencode(sys.argv[i + 2]))' "$@"
        return
    fi
    while [ $# -gt 0 ]; do
        setfattr -n "$2" -v "0x$(printf '%s' "$3" | to_hex)" -- "$1" || return
        shift 3
    done
}

make_key maria
trust_key maria
source=$work/source
make_sample "$source"

stored() {
    tar -xzOf "$1" sample/metadata/metadata.csv | tr -d '\r'
}

# ---- without attributes ------------------------------------------------------------------------

seal "$work/plain.tar.gz" --name sample "$source"
seal "$work/nothing.tar.gz" --name sample --from-xattrs "$source"
check "where there are no attributes, the bundle is the same" \
    cmp "$work/plain.tar.gz" "$work/nothing.tar.gz"

expect 0 "a table to fill in is printed" sealbag metadata template "$source"
check "its columns are those of the specification" \
    grep -q '^filename,dc.title,.*,dcterms.references,dcterms.references,prov.wasQuotedFrom,' "$work/out"
equal "it has a row for each document, in create's order" \
    "$(tar --quoting-style=literal -tzf "$work/plain.tar.gz" | sed -n 's,^sample/\(data/.*[^/]\)$,\1,p')" \
    "$(sed 1d "$work/out" | cut -d , -f 1)"
check "it knows types and sizes" grep -q '^data/minutes.txt,.*,text/plain,28 bytes' "$work/out"
cp "$work/out" "$work/empty.csv"
expect 0 "metadata check finds nothing wrong with it" sealbag metadata check "$work/empty.csv" "$source"
expect 0 "create takes it as it is" seal "$work/taken.tar.gz" --name sample --metadata "$work/empty.csv" \
    --require-metadata "$source"
check "and stores it so" cmp "$work/empty.csv" <(tar -xzOf "$work/taken.tar.gz" sample/metadata/metadata.csv)
expect 0 "-o writes it to a file" sealbag metadata template -o "$work/again.csv" "$source"
check "the same" cmp "$work/empty.csv" "$work/again.csv"
expect 5:io.exists "which must not be there" sealbag metadata template -o "$work/again.csv" "$source"
expect 0 "unless --force is given" sealbag metadata template --force -o "$work/again.csv" "$source"
expect 2:usage "nor within the source" sealbag metadata template -o "$source/x.csv" "$source"
printf 'filename,dcterms.issued\ndata/nobody,1999-13\ndata/minutes.txt,yesterday\n' >"$work/bad.csv"
run seal "$work/bad.tar.gz" --name sample --metadata "$work/bad.csv" "$source"
sed 's/ Nothing was sealed\.//' "$work/err" >"$work/wanted"
wanted=$code
expect "$wanted:metadata.refused" "metadata check fails as create does" \
    sealbag metadata check "$work/bad.csv" "$source"
check "and says the same" cmp "$work/wanted" "$work/err"
expect 2:usage "metadata wants a verb" sealbag metadata
expect 2:usage "and one that is known" sealbag metadata fill
expect 2:usage "template wants a source" sealbag metadata template
expect 2:usage "check wants a table and a source" sealbag metadata check "$work/bad.csv"
ln -s minutes.txt "$source/link"
expect 0:source.omitted "what create would leave out has no row, and is named" \
    sealbag metadata template "$source"
refute "the row is not there" grep -q '^data/link' "$work/out"
rm "$source/link"

# ---- with attributes ---------------------------------------------------------------------------

if ! (attr "$source/minutes.txt" user.xdg.publisher Firefox) 2>"$work/err"; then
    skip_part "extended attributes: this file system, or this system, cannot set any"
    exit 0
fi
attr "$source/minutes.txt" user.xdg.origin.url  'https://mary:hunter2@example.org/minutes?year=1987&Access_Token=s3cr3t&%74oken=x#page=2' \
    "$source/minutes.txt" user.xdg.referrer.url 'https://example.org/list?sid=s3cr3t' \
    "$source/minutes.txt" user.dublincore.title 'Minutes, of the "board"' \
    "$source/letters/first.txt" user.dublincore.creator '=HYPERLINK("x")' \
    "$source/letters/first.txt" user.dublincore.title $'two\nlines' \
    "$source/letters/first.txt" user.xdg.origin.url 'file:///private/maria/secret/first.txt' \
    "$source/letters/1987/reply to first.txt" user.dublincore.title $'\377' \
    "$source/letters/1987/reply to first.txt" user.dublincore.language es \
    "$source/photos/empty" user.xdg.origin.url 'https://example.org/s3cr3t@x y' \
    "$source/.notes" user.xdg.origin.url 'https://example.org/?id=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms'

seal "$work/off.tar.gz" --name sample "$source"
check "without the option nothing is recorded" cmp "$work/plain.tar.gz" "$work/off.tar.gz"

both() {
    sealbag create -o "$work/$1.tar.gz" --force --key "$work/keys/maria" --time "$sealing_time" \
        --salt "$salt" --name sample --from-xattrs "${@:2}" "$source"
}
expect 0 "--from-xattrs records what attributes say" both filled
cp "$work/err" "$work/told"
expect_rule metadata.url-cut "it says that something was cut"
says 'minutes.txt: Cut from user.xdg.origin.url: a user name or password, what followed "#", 2 parameters ("Access_Token", "token").' \
    "of which document, what, how many and their names"
says 'minutes.txt: Cut from user.xdg.referrer.url: a parameter ("sid").' "also of the other address"
says_not s3cr3t "but no value"
says_not hunter2 "and no password"
expect_rule metadata.left-out "it says what was left out"
says 'letters/first.txt: user.dublincore.creator was left out: a spreadsheet would take it for a formula.' \
    "a formula"
says 'letters/first.txt: user.dublincore.title was left out: it holds control characters' "several lines"
says 'reply to first.txt: user.dublincore.title was left out: it is not UTF-8.' "what is not UTF-8"
says 'letters/first.txt: user.xdg.origin.url was left out: it is not an address that others can look up.' \
    "a place on the own disk"
says_not /private/maria "without naming it"
says 'photos/empty: user.xdg.origin.url was left out: it is not a well-formed URL.' "what is no URL"
says '.notes: Kept in user.xdg.origin.url, though it looks random: a parameter ("id").' \
    "it says which parameter looks random and was kept"
cat >"$work/wanted.csv" <<'CSV'
filename,dc.title,dc.source,premis.eventDetail,dc.language
data/.notes,,https://example.org/?id=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms,,
data/letters/1987/reply to first.txt,,,,es
data/minutes.txt,"Minutes, of the ""board""",https://example.org/minutes?year=1987,referrer: https://example.org/list,
CSV
check "the records are these" diff "$work/wanted.csv" <(stored "$work/filled.tar.gz")
refute "the program that wrote a file is not its publisher" \
    grep -q Firefox <(stored "$work/filled.tar.gz")
expect 0 "the bundle verifies" verify "$work/filled.tar.gz"
tar -xzOf "$work/filled.tar.gz" >"$work/all"
refute "nothing secret is anywhere in it" grep -qE 's3cr3t|hunter2|/private/maria' "$work/all"
expect 0 "--quiet says only what needs a look" both quiet --quiet
says_not metadata.url-cut "not what was cut"
expect_rule metadata.left-out "but what was left out"

for jobs in 1 2 7; do
    expect 0 "with $jobs threads" both "j$jobs" -j "$jobs"
    check "the bundle is the same" cmp "$work/filled.tar.gz" "$work/j$jobs.tar.gz"
    check "and so is what is told, in the same order" cmp "$work/told" "$work/err"
done

# ---- beside records ----------------------------------------------------------------------------

cat >"$work/own.csv" <<'CSV'
filename,dc.source,note,dc.source,dc.title
data/minutes.txt,,kept,https://example.org/mine,
CSV
expect 0 "with --metadata" both beside --metadata "$work/own.csv"
cat >"$work/wanted.csv" <<'CSV'
filename,dc.source,note,dc.source,dc.title,premis.eventDetail,dc.language
data/minutes.txt,,kept,https://example.org/mine,"Minutes, of the ""board""",referrer: https://example.org/list,
data/.notes,https://example.org/?id=1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms,,,,,
data/letters/1987/reply to first.txt,,,,,,es
CSV
check "only empty cells are filled, and rows are added behind" \
    diff "$work/wanted.csv" <(stored "$work/beside.tar.gz")
says_not 'Cut from user.xdg.origin.url' "what is not used is not talked about"

expect 0 "the table to fill in has them, too" sealbag metadata template -o "$work/t.csv" "$source"
expect_rule metadata.url-cut "and says what was cut"
check "in its columns" \
    grep -q '^data/minutes.txt,"Minutes, of the ""board""",,,https://example.org/minutes?year=1987,' "$work/t.csv"
refute "without what is secret" grep -qE 's3cr3t|hunter2|/private/maria' "$work/t.csv"
expect 0 "create takes it" seal "$work/t.tar.gz" --name sample --metadata "$work/t.csv" "$source"

# ---- a long list of attributes, and large values -----------------------------------------------

mkdir "$work/many"
printf 'x' >"$work/many/a"
long=$(printf 'x%.0s' {1..100})
many=()
for i in {1..20}; do
    many+=("$work/many/a" "user.$long$i" 1)
done
if (attr "${many[@]}" "$work/many/a" user.dublincore.title Last) 2>"$work/err"; then
    sealbag create --quiet -o "$work/many.tar.gz" --name sample --from-xattrs "$work/many" 2>"$work/err"
    check "an attribute is found among many" grep -q ',Last$' <(stored "$work/many.tar.gz")
else
    skip_part "many attributes: this file system holds only few"
fi

# ---- many documents, small and large -----------------------------------------------------------

mkdir "$work/lot"
for i in {1..300}; do
    printf '%s' "$i" >"$work/lot/$i.txt"
done
head -c 700000 /dev/zero >"$work/lot/150-large.bin"
lot=("$work/lot/150-large.bin" user.xdg.origin.url 'https://u@example.org/large')
for i in 1 128 129 150 299; do
    lot+=("$work/lot/$i.txt" user.xdg.origin.url "https://example.org/$i?key=$i")
done
attr "${lot[@]}"
for jobs in 1 4; do
    sealbag create -o "$work/lot$jobs.tar.gz" --name sample --from-xattrs --record-mtimes -j "$jobs" \
        --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" "$work/lot" \
        >"$work/out" 2>"$work/lot$jobs.err"
done
check "batches of documents and large ones: the same with any number of threads" \
    cmp "$work/lot1.tar.gz" "$work/lot4.tar.gz"
check "and what is told" cmp "$work/lot1.err" "$work/lot4.err"
equal "each was told of" 6 "$(grep -c 'metadata.url-cut' "$work/lot1.err")"
