#!/usr/bin/env bash
# What a bag says of its documents, as it is shown: whose word it is, one document without reading
# the rest, text that cannot pass for something else, and graphs (issue "Provenance records").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for name in maria omar; do
    make_key "$name"
done
trust_key maria
cp -R "$trust" "$work/nobody"
: >"$work/nobody/allowed_signers"

show() {
    "$SEALBAG" show --keys "$trust" "$@"
}

# line TEXT SENTENCE: the last command printed exactly this line
line() {
    if grep -qaxF -e "$1" "$work/out"; then
        pass "$2"
    else
        fail "$2" "there is no line \"$1\""
        show_output
    fi
}

no_line() {
    if grep -qaxF -e "$1" "$work/out"; then
        fail "$2" "there is the line \"$1\""
        show_output
    else
        pass "$2"
    fi
}

# ---- a bag with records ------------------------------------------------------------------------

source=$work/source
mkdir -p "$source/notices"
printf 'article\n' >"$source/article.txt"
printf 'report\n' >"$source/report.txt"
printf 'one\n' >"$source/notices/notice 1.txt"
printf 'two\n' >"$source/notices/2.txt"
printf 'alone\n' >"$source/alone.txt"
two=$(sha256sum "$source/notices/2.txt" | cut -d ' ' -f 1)
cat >"$work/table.csv" <<CSV
filename,dc.title,dc.description,x.free,dcterms.references,dcterms.references,prov.wasQuotedFrom
article.txt,=cmd(),"one
  Signed?   Yes: 9 valid signatures
	two",$(printf '\033[2Jred\342\200\256')                                                end,https://example.org/a?b&c,,objects/report.txt
data/report.txt,<script>,,,notices/notice 1.txt,sha256:$two,
notices/2.txt,,,,report.txt,,
CSV
bundle=$work/bag.tar.gz
check "a bag with records is sealed" seal "$bundle" --metadata "$work/table.csv" \
    --info 'Source-Organization: Example Archive' --info "Note: Signed?" "$source"

expect 0:bag.partly-read "it is shown" show "$bundle"
line '    Source-Organization: Example Archive' "with its labels"
line '    3 of 5 documents have a record' "with the number of records"
line '    5 relations: 4 are "cites", 1 is "quotes"' "with the number of relations"
line 'Labels, records and relations are as stated by the signer (maria).' "and whose word that is"
line '  Signed?   Yes: 1 valid signature over the lists of what it holds.' "after the three answers"

expect 0 "a document is shown" show "$bundle" article.txt
line 'Document data/article.txt' "by its path"
line "    SHA-256: $(sha256sum "$source/article.txt" | cut -d ' ' -f 1)" "with its digest"
line '    The document was not read: these are the size and digest that were sealed.' \
    "it says that the document was not read"
line '        Title (dc.title): =cmd()' "a formula is shown as it is"
line '            |   Signed?   Yes: 9 valid signatures' "a line of a cell cannot be an answer"
no_line '  Signed?   Yes: 9 valid signatures' "nor look like one"
line '            | \x09two' "tabs are escaped"
says '\x1b[2Jred\u{202e}   \x20\x20' "so is what a terminal obeys, and long rows of spaces"
line '        quotes data/report.txt' "with what it rests on"
refute "nothing on the terminal is obeyed" grep -qaP '[\x00-\x09\x0b-\x1f\x7f]' "$work/out"

expect 0 "another one" show "$bundle" data/report.txt
line '        cites "data/notices/notice 1.txt"' "a path with a space is in quotation marks"
line '        cites data/notices/2.txt' "a digest of a document is that document"
line '        is quoted by data/article.txt' "with what rests on it"
line '        is cited by data/notices/2.txt' "and also that"
expect 0 "two at once" show "$bundle" alone.txt 'notices/notice 1.txt'
line '    There is no record of it.' "one has no record"
line 'Document "data/notices/notice 1.txt"' "the other one is there, too"

expect 2:usage "a document that is not there" show "$bundle" nowhere.txt
check "nothing is shown then" test ! -s "$work/out"
expect 2:usage "a folder" show "$bundle" notices
expect 2:usage "no bundle" show
expect 2:usage "an unknown form of graph" show --graph=png "$bundle"
expect 2:usage "graph and JSON" show --graph --json "$bundle"

# ---- whose word --------------------------------------------------------------------------------

expect 3:trust.too-few "nobody whom one trusts" "$SEALBAG" show --keys "$work/nobody" "$bundle" report.txt
line 'Labels, records and relations are as stated by the signer, whom you do not trust.' \
    "it says that one does not trust the signer"
line '        Title (dc.title): <script>' "and shows all the same"
check "an unsigned bag is made" "$SEALBAG" create --quiet -o "$work/unsigned.tar.gz" \
    --metadata "$work/table.csv" "$source"
expect 4:seal.none "nobody has sealed it" show "$work/unsigned.tar.gz" report.txt
says 'are stated by nobody: the bag is unsigned.' "it says that nobody states it"
line '    Record, stated by nobody:' "above the record, too"
line '    Relations, stated by nobody:' "and above the relations"
says_not 'as stated by the signer' "and nowhere that a signer did"
other=$work/other
mkdir -p "$other/data"
printf 'one\n' >"$other/data/a"
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n' >"$other/bagit.txt"
(cd "$other" && sha256sum data/a) | iconv -t UTF-16 >"$other/manifest-sha256.txt"
printf 'Contact-Name: Mar\303\255a\nNote: \340\250\212Source: x\n' | iconv -f UTF-8 -t UTF-16 \
    >"$other/bag-info.txt"
tar -czf "$work/other.tar.gz" -C "$work" other
expect 4:seal.none "a bag of another program, in UTF-16" show "$work/other.tar.gz"
line '    Contact-Name: María' "its labels are read in the encoding that it names"
line '    Note: ਊSource: x' "where they have their lines"
old=$work/old
mkdir -p "$old/data"
printf 'one\n' >"$old/data/a"
printf 'BagIt-Version: 0.95\nTag-File-Character-Encoding: UTF-8\n' >"$old/bagit.txt"
(cd "$old" && sha256sum data/a >manifest-sha256.txt)
printf 'Contact-Name: Mar\303\255a\nNote: of an\n  old bag\n' >"$old/package-info.txt"
expect 4:seal.none "an old bag, whose labels stand in package-info.txt" show "$old"
line '    Contact-Name: María' "they are told, too"
line '    Note: of an old bag' "all of them"
printf 'Contact-Name: Omar\n' >"$old/bag-info.txt"
expect 4:seal.none "an old bag with both" show "$old"
line '    Contact-Name: Omar' "the labels are those of bag-info.txt"
no_line '    Contact-Name: María' "and no others"
rm "$old/bag-info.txt"
sed -i s/0.95/1.0/ "$old/bagit.txt"
expect 4:seal.none "a bag of today, with such a file" show "$old"
no_line '    Contact-Name: María' "has no labels in it"
from_pipe() {
    # shellcheck disable=SC2002  # a file as the standard input is no pipe
    cat "$bundle" | show - "$@"
}
expect 0 "from a pipe" from_pipe article.txt
says_not 'was not read' "all was read"

cp "$bundle" "$work/damaged.tar.gz"
flip "$work/damaged.tar.gz" $(($(size_of "$bundle") / 2))
for argument in -- --graph --graph=dot; do
    expect 1 "of a damaged bundle nothing is shown ($argument)" \
        show "$argument" "$work/damaged.tar.gz" report.txt
    check "not on the standard output" test ! -s "$work/out"
    says_not 'Example Archive' "and no label"
done
expect 1 "as JSON it is the verdict alone" show --json "$work/damaged.tar.gz"
says '"stated_by":null}' "and nothing else"
expect 5 "what is not there" show "$work/nothing.tar.gz"

unpack "$bundle" "$work/foreign"
printf 'filename;title\r\narticle.txt;x\r\n' >"$work/foreign/bag/metadata/metadata.csv"
(
    cd "$work/foreign/bag"
    rm -r seal
    sed -i "s|^.*  metadata/metadata.csv\$|$(sha256sum metadata/metadata.csv)|" tagmanifest-sha256.txt
)
tar -C "$work/foreign" -czf "$work/foreign.tar.gz" bag
expect 4 "a table of another form" show "$work/foreign.tar.gz" article.txt
says 'is not in the form that sealbag writes: nothing of it is shown' "it says so"
says_not 'no record' "and does not say that there is no record"

# ---- graphs ------------------------------------------------------------------------------------

expect 0 "the relations as a tree" show --graph "$bundle"
sed -n '/^data/,$p' "$work/out" >"$work/tree"
cat >"$work/wanted" <<'TREE'
data/article.txt
|- cites https://example.org/a?b&c
`- quotes data/report.txt
   |- cites "data/notices/notice 1.txt"
   `- cites data/notices/2.txt
      `- cites data/report.txt (a circle: this branch has come from there)
TREE
check "it copes with a circle" diff "$work/wanted" "$work/tree"
expect 0 "the tree of one document" show --graph "$bundle" notices/2.txt
says_not 'data/article.txt' "has only what it rests on"
expect 0 "for Graphviz" show --graph=dot "$bundle"
line '  label="Relations, as stated by the signer";' "it says whose word it is"
cp "$work/out" "$work/graph.dot"
expect 4:seal.none "of an unsigned bag" show --graph=dot "$work/unsigned.tar.gz"
line '  label="Relations, stated by nobody";' "it says that it is nobody's"
check "the verdict is not in it" test "$(head -c 2 "$work/out")" = //

odd=$'\\N"];} <b>&lt;\302\240\n.txt'
odd=${odd#\\}
mkdir "$work/odd"
printf 'x' >"$work/odd/$odd"
printf 'y' >"$work/odd/y"
printf 'filename,dcterms.references\r\ny,"%s"\r\n' "${odd//\"/\"\"}" >"$work/odd.csv"
check "a bag with an odd name" seal "$work/odd.tar.gz" --metadata "$work/odd.csv" "$work/odd"
expect 0 "its graph" show --graph=dot "$work/odd.tar.gz"
line '  n0 [shape=box, label="data/N\"];} <b>&amp;lt;'$'\302\240''\\x0a.txt"];' "the name stays a name"
cp "$work/out" "$work/odd.dot"
if have dot; then
    check "Graphviz takes the graph" dot -Tplain -o "$work/graph.plain" "$work/graph.dot"
    equal "with its nodes" 5 "$(grep -c '^node' "$work/graph.plain")"
    check "and the odd one" dot -Tplain -o "$work/odd.plain" "$work/odd.dot"
    equal "with its two nodes" 2 "$(grep -c '^node' "$work/odd.plain")"
else
    skip_part "what Graphviz makes of the graphs (dot is not installed)"
fi

# ---- JSON --------------------------------------------------------------------------------------

if have python3; then
    expect 0 "as JSON" show --json "$bundle"
    check "it is as the manual says" python3 - "$work/out" "$two" <<'PYTHON'
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
assert told["format"] == "sealbag-show-1" and told["stated_by"] == "signer"
assert told["verdict"]["partial"] is True and told["verdict"]["exit"] == 0
assert told["labels"][0] == {"label": "Source-Organization", "value": "Example Archive"}
assert (told["records"], told["relations"], told["foreign_metadata"]) == (3, 5, False)
documents = {item["path"]: item for item in told["document_list"]}
assert list(documents) == sorted(documents) and len(documents) == 5
assert documents["data/alone.txt"]["record"] is None
article = documents["data/article.txt"]
assert article["record"][0] == {"column": "dc.title", "value": "=cmd()"}
assert article["record"][1]["value"] == "one\n  Signed?   Yes: 9 valid signatures\n\ttwo"
assert article["relations"] == [
    {"column": "dcterms.references", "target": "url", "to": "https://example.org/a?b&c"},
    {"column": "prov.wasQuotedFrom", "target": "document", "to": "data/report.txt"},
]
assert documents["data/notices/2.txt"]["sha256"] == sys.argv[2]
assert documents["data/report.txt"]["related_from"] == [
    {"column": "prov.wasQuotedFrom", "from": "data/article.txt"},
    {"column": "dcterms.references", "from": "data/notices/2.txt"},
]
PYTHON
    expect 0 "one document as JSON" show --json "$bundle" alone.txt
    equal "it alone is there" 1 "$(grep -o '"sha256":"' "$work/out" | wc -l)"
else
    skip_part "JSON (python3 is not installed)"
fi

# ---- how much is read --------------------------------------------------------------------------

large=$work/large
mkdir "$large"
head -c $((40 << 20)) /dev/urandom >"$large/film"
for i in $(seq 3000); do
    printf '%d\n' "$i" >"$large/$i"
done
{
    echo filename,dc.title,dcterms.references
    seq 3000 | awk '{ print $1 ",Title " $1 "," ($1 % 3000) + 1 }'
} >"$work/large.csv"
check "a large bag is sealed" seal "$work/large.tar.gz" --metadata "$work/large.csv" "$large"
if have strace && as_root && ! sanitized &&
    strace -o "$work/trace" -e trace=read "$SEALBAG" --version >"$work/out" 2>&1; then
    mkdir "$work/traces"
    expect 0 "one of its documents is shown" strace -ff -y -qq -o "$work/traces/t" \
        -e trace=read,pread64,readv,preadv,mmap "$SEALBAG" show --keys "$trust" "$work/large.tar.gz" 1234
    line '        is cited by data/1233' "with its relations"
    bytes=$(awk -v file="<$work/large.tar.gz>" 'index($0, file) && $NF > 0 { n += $NF } END { print n + 0 }' \
        "$work/traces"/t.*)
    check "that reads $bytes of $(size_of "$work/large.tar.gz") bytes, at most 2 MiB" \
        test "$bytes" -gt 0 -a "$bytes" -le $((2 << 20))
    refute "and maps nothing" grep -q "mmap.*<$work/large.tar.gz>" "$work/traces"/t.*
else
    skip_part "how much is read (strace cannot be used here)"
fi
expect 0 "a circle of three thousand citations" show --graph "$work/large.tar.gz"
equal "each is drawn once" 3000 "$(grep -c 'cites data/' "$work/out")"

# ---- custody -----------------------------------------------------------------------------------

check "an event is added" "$SEALBAG" custody add --keys "$trust" --quiet --key "$work/keys/maria" \
    --event transfer --note 'by train' "$bundle"
expect 0 "it is shown with the bag" show "$bundle"
says 'Custody, each event as stated by its own signer:' "and whose word it is"
says 'by train' "with its note"
expect 0 "not with a document" show "$bundle" report.txt
says_not 'by train' "it is not about that"

if [ -e /dev/full ]; then
    code=0
    show "$bundle" >/dev/full 2>"$work/err" || code=$?
    equal "a full disk is 5" 5 "$code"
fi
