#!/usr/bin/env bash
# Provenance records (issue 7, bars 1 and 5): tables as people write them are taken, checked, sealed
# row by row, and read back by other programs.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key other
trust_key maria
make_sample "$work/source"

# with_table NAME: the sample sealed with standard input as its table, as NAME.tar.gz.
with_table() {
    cat >"$work/$1.csv"
    seal "$work/$1.tar.gz" --name sample --metadata "$work/$1.csv" "$work/source"
}

seal_id() {
    sealbag verify --keys "$trust" "$1" | sed -n 's/^  Seal id: *//p'
}

stored() {
    tar -xzOf "$1" sample/metadata/metadata.csv
}

# ---- a table of Archivematica's -----------------------------------------------------------------

# Its documented columns and its paths; the rows are ours.
cat >"$work/archive.csv" <<'CSV'
filename,dc.title,dc.creator,dc.subject,dc.subject,dc.description,dc.publisher,dc.contributor,dc.date,dc.type,dc.format,dc.identifier,dc.source,dc.language,dc.relation,dc.coverage,dc.rights,dcterms.isPartOf
objects/minutes.txt,Minutes of the board,"Board, the",meetings,"roads, ""new"" ones","Seven members were there.
They agreed.",City press,,1987-06-01,Text,text/plain,B-1987-6,https://example.org/minutes?year=1987,en,,Büro,© the city,AIC#42
objects/letters/first.txt,A letter,,letters,,,,,1987,Text,,,,en,,,,AIC#42
objects/photos/büro.jpg,The office,,,,=1+1,,,1986/1988,Image,,,,,,,,
CSV
expect 0 "a table with Archivematica's columns and paths is taken as it is" \
    seal "$work/archive.tar.gz" --name sample --metadata "$work/archive.csv" "$work/source"
expect 0 "the bundle verifies" verify "$work/archive.tar.gz"
unpack "$work/archive.tar.gz" "$work/archive"
bag=$work/archive/sample
check "what is stored is the same but for paths and line ends" \
    diff <(sed -e 's,^objects/,data/,' -e 's/$/\r/' "$work/archive.csv" | sed 's/were there\.\r/were there./') \
    "$bag/metadata/metadata.csv"
for list in tagmanifest-sha256.txt seal/cover-sha256.txt; do
    check "it is in $list" grep -q '^[0-9a-f]\{64\}  metadata/metadata.csv$' "$bag/$list"
done
expect 0 "the check by hand accepts the bag" sh "$by_hand" -p "$work/keys/maria.pub" "$bag"
expect 0 "extract gives the records, too" sealbag extract --keys "$trust" -C "$work/tmp" "$work/archive.tar.gz"
check "as they are stored" cmp "$bag/metadata/metadata.csv" "$work/tmp/sample/metadata/metadata.csv"
expect 0 "a document comes out by the index" \
    sealbag extract --keys "$trust" -C "$work/home" "$work/archive.tar.gz" data/minutes.txt
expect_rule bag.partly-read "without reading the rest"

if have python3 && python3 -c 'import csv, hashlib' 2>"$work/err"; then
    cat >"$work/read.py" <<'PYTHON'
import csv, sys
def rows(name, newline):
    with open(name, encoding="utf-8", newline=newline) as file:
        return list(csv.reader(file, strict=True))
given, stored = rows(sys.argv[1], ""), rows(sys.argv[2], "")
for row in given[1:]:
    row[0] = row[0].replace("objects/", "data/", 1)
sys.exit(given != stored)
PYTHON
    check "Python's csv reads the same cells from what was given and what is stored" \
        python3 "$work/read.py" "$work/archive.csv" "$bag/metadata/metadata.csv"
    # The rules of docs/format.md once more, as the script that stands there.
    # shellcheck disable=SC2016  # nothing is to be expanded
    sed -n '/^```python$/,/^```$/p' "$source_dir/docs/format.md" | sed '/^```/d' >"$work/root.py"
    root_of() {
        (cd "$1" && LC_ALL=C.UTF-8 python3 "$work/root.py")
    }
    equal "the signed root is that of leaves with these rows" \
        "$(sed -n 's/^Root: //p' "$bag/seal/seal.txt")" "$(root_of "$bag")"
    # A row of nothing, names and cells with all that is encoded, and no other column.
    printf 'a\n' >"$work/source/"$'100%\nof it'
    printf 'filename,"%%a=\nb",c\r\n"objects/100%%\nof it","x%%\r\ny=z",\r\nminutes.txt,,\r\n' |
        with_table odd
    unpack "$work/odd.tar.gz" "$work/odd"
    equal "also with all that is encoded in a row" \
        "$(sed -n 's/^Root: //p' "$work/odd/sample/seal/seal.txt")" "$(root_of "$work/odd/sample")"
    rm "$work/source/"$'100%\nof it'
    # The examples there.
    mkdir "$work/tiny-source"
    (cd "$work/tiny-source" && echo alpha >a.txt && echo beta >b.txt && : >'100%.txt')
    printf '%b\n' 0405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223 >"$work/tiny-salt"
    printf 'filename,dc.title,dcterms.references\na.txt,"Alpha, a letter",data/b.txt\nb.txt,"100%% =\nbeta",\n' \
        >"$work/tiny.csv"
    for option in '' "--metadata=$work/tiny.csv"; do
        rm -rf "$work/tiny"
        seal "$work/tiny.tar.gz" --force --salt "$work/tiny-salt" ${option:+"$option"} "$work/tiny-source"
        unpack "$work/tiny.tar.gz" "$work/tiny"
        root=$(sed -n 's/^Root: //p' "$work/tiny/tiny/seal/seal.txt")
        equal "so is that of the documentation's example ${option:+with records}" "$root" \
            "$(root_of "$work/tiny/tiny")"
        check "which is printed there" grep -q "prints .*$root" "$source_dir/docs/format.md"
    done
else
    skip_part "Python's csv (there is no full python3 here)"
fi

if have soffice; then
    mkdir "$work/office"
    # As somebody would open it who chooses UTF-8, commas, and "Text" for all columns.
    text_columns=$(seq -s / -f '%.0f/2' 18)
    expect 0 "LibreOffice opens what is stored" \
        soffice -env:UserInstallation="file://$work/office" --headless --convert-to \
        'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false' --infilter="CSV:44,34,76,1,$text_columns" \
        --outdir "$work/office" "$bag/metadata/metadata.csv"
    # (Whether Java is there does not matter to it.)
    equal "without a warning" '' "$(grep -v javaldx "$work/err")"
    check "and finds the same cells" \
        diff <(tr -d '\r' <"$bag/metadata/metadata.csv") <(tr -d '\r' <"$work/office/metadata.csv")
else
    skip_part "LibreOffice reads what is stored (it is not here)"
fi

# ---- one table, many spellings -----------------------------------------------------------------

printf 'filename,dc.title,dc.title\r\ndata/minutes.txt,"a ""b""",c\r\ndata/.notes,,\r\n' | with_table normal
check "the normal form is stored as it is" cmp "$work/normal.csv" <(stored "$work/normal.tar.gz")
id=$(seal_id "$work/normal.tar.gz")
same_seal() {
    rm -f "$work/same.tar.gz"
    with_table same
    equal "the same is sealed: $1" "$id" "$(seal_id "$work/same.tar.gz")"
}
same_seal "with a byte order mark, and LF" < <(printf '\357\273\277filename,dc.title,dc.title\ndata/minutes.txt,"a ""b""",c\ndata/.notes,,\n')
same_seal "with quotation marks everywhere, and no last line end" < <(printf '"filename","dc.title","dc.title"\n"minutes.txt","a ""b""","c"\n".notes","",""')
same_seal "as a spreadsheet leaves it, with empty rows and columns" < <(printf 'filename,dc.title,dc.title,,\n,,,,\nobjects/minutes.txt,"a ""b""",c,,\nobjects/.notes,,,,\n\n')
for jobs in 1 3; do
    seal "$work/jobs.tar.gz" --force --name sample -j "$jobs" --metadata "$work/normal.csv" "$work/source"
    check "the bundle is the same with -j $jobs" cmp "$work/normal.tar.gz" "$work/jobs.tar.gz"
done
printf 'filename,dc.title,dc.title\nminutes.txt,c,"a ""b"""\n.notes,,\n' | with_table turned
refute "the order of two values counts" test "$(seal_id "$work/turned.tar.gz")" = "$id"

# ---- what is refused ---------------------------------------------------------------------------

# refused TABLE TEXT...: exit code 2, with each of the texts; nothing is written
refused() {
    local sentence=$1 table=$2 text
    shift 2
    # shellcheck disable=SC2059  # the table is the format
    printf "$table" >"$work/bad.csv"
    expect 2:metadata.refused "$sentence is refused" \
        seal "$work/bad.tar.gz" --metadata "$work/bad.csv" "$work/source"
    for text in "$@"; do
        says "bad.csv$text" "it says \"${text:0:60}\""
    done
    refute "nothing is written" test -e "$work/bad.tar.gz"
}
refused "an empty table" '' ' is empty'
refused "a table without rows" 'filename,dc.title\n' ' has no row'
refused "another first column" 'dc.title\nx\n' ': line 1 names the first column "dc.title"'
refused "a table with semicolons" 'filename;dc.title\nminutes.txt;x\n' ': line 1 has semicolons'
refused "a table in Latin-1" 'filename,t\nminutes.txt,B\374ro\n' ': line 2 is not UTF-8'
says 'in Excel as "CSV UTF-8", in LibreOffice as "Text CSV" with the character set "Unicode (UTF-8)"' \
    "it says what programs call that"
refused "a table in UTF-16" '\377\376f\000i\000' ' is UTF-16. Save it as UTF-8: in Excel as "CSV UTF-8", in LibreOffice'
refused "a cell too many" 'filename,t\nminutes.txt,x,y\n.notes\n' \
    ': line 2 has 3 cells' ': line 3 has 1 cell,'
refused "an open quotation mark" 'filename,t\nminutes.txt,"x\n' ': line 2 opens a quotation mark'
refused "all that is wrong, at once," \
    'filename,dcterms.issued,premis.eventDateTime,dcterms.references,prov.wasDerivedFrom
minutes.txt,31.12.2020,2020-02-30,nowhere.txt,letters/first.txt
objects/minutes.txt,,2020-12-31T10:00,,
data/nothing,,,,
letter,,,,
\033[31mred,,,ftp:,
letters/first.txt,2020-02-29,2020-12-31T10:00Z,https://example.org/,minutes.txt
' \
    ': line 2 has "31.12.2020" in dcterms.issued' ': line 2 has "2020-02-30" in premis.eventDateTime' \
    ': line 2 has "nowhere.txt" in dcterms.references' ': line 3 has "2020-12-31T10:00"' \
    ': line 3 is about "minutes.txt", as line 2 is already' \
    ': line 4 is about "data/nothing", and there is no such document' \
    ': line 5 is about "letter", and there is no such document' ': line 6 is about "\x1b[31mred"' \
    ': line 6 has "ftp:"' ': line 7 is part of a circle' ' cannot be taken as it is: 10 things are wrong'
says_not 'Is it ' "no path is guessed that none is like"
equal "each in a line of its own" 11 "$(grep -c '^sealbag: .*\[metadata.refused\]$' "$work/err")"
refused "two rows about a folder" 'filename,t\nletters,1\nobjects/letters/,2\n' \
    ': line 3 is about "letters/", as line 2 is already. A folder has one row.'
refused "a time of a folder" 'filename,sealbag.mtime\nletters,2026-11-25T09:30:00Z\n' \
    ': line 2 is about a folder and has a time'
refused "a relation of a folder that leads nowhere" 'filename,dcterms.references\nletters,nowhere\n' \
    ': line 2 has "nowhere" in dcterms.references'
refused "a document as a folder" 'filename,t\nminutes.txt/,1\n' ': line 2 is about "minutes.txt/", and there is no'
refused "a document derived from itself" 'filename,prov.wasQuotedFrom\nminutes.txt,minutes.txt\n' \
    ': line 2 is part of a circle'
expect 0 "citations may go round" with_table cited \
    < <(printf 'filename,dcterms.references\nminutes.txt,.notes\n.notes,minutes.txt\n')
mkdir "$work/source/objects" "$work/source/data"
printf 'x' | tee "$work/source/objects/minutes.txt" "$work/source/data/one" >"$work/source/one"
refused "a path of two documents" 'filename\nobjects/minutes.txt\n' ': line 2 is about "objects/minutes.txt", which can be two'
printf 'filename,t\ndata/objects/minutes.txt,1\ndata/minutes.txt,2\ndata/one,3\ndata/data/one,4\n' | with_table whole
check "whole paths are always clear" diff <(printf 'filename,t\r\ndata/objects/minutes.txt,1\r\ndata/minutes.txt,2\r
data/one,3\r\ndata/data/one,4\r\n') <(stored "$work/whole.tar.gz")
rm -r "$work/source/objects" "$work/source/data" "$work/source/one"

# ---- folders -------------------------------------------------------------------------------------

# As Archivematica's documentation has it: a row for a folder, with objects/ before it.
mkdir -p "$work/news/Coast-1964-01-02" "$work/news/Coast-1964-01-09/scans"
printf x | tee "$work/news/Coast-1964-01-02/page-01.jpg" "$work/news/Coast-1964-01-09/scans/1.jpg" >"$work/news/list.txt"
cat >"$work/news.csv" <<'CSV'
filename,dc.title,dc.date,dcterms.references
objects/Coast-1964-01-02,"Coast News, January 02, 1964 ",1964/01/02 ,list.txt
objects/Coast-1964-01-09/,"Coast News, January 09, 1964 ",1964/01/09 ,
objects/Coast-1964-01-09/scans/1.jpg,The first page,,list.txt
objects/,Both,,
CSV
expect 0 "a table with rows for folders" sealbag metadata check "$work/news.csv" "$work/news"
says '1 of 3 documents have one, and there is 1 relation. 3 folders have one, too.' "is taken"
expect 0 "and sealed" seal "$work/news.tar.gz" --name sample --metadata "$work/news.csv" "$work/news"
check "as it is, but for paths and line ends" \
    diff <(sed -e 's,^objects/,data/,' -e 's,^\(data/Coast-1964-01-02\),\1/,' -e 's/$/\r/' "$work/news.csv") \
    <(stored "$work/news.tar.gz")
expect 0 "it verifies" verify "$work/news.tar.gz"
says_not metadata.foreign "and has records"
expect 0 "a document in a folder" sealbag show --keys "$trust" "$work/news.tar.gz" Coast-1964-01-09/scans/1.jpg
says 'Record of the folder data/, as stated by the signer:' "is shown with what is said of its folders"
says 'Record of the folder data/Coast-1964-01-09/, as stated by the signer:' "all of them"
says_not 'Coast News, January 02' "and no others"
expect 0 "a folder" sealbag show --keys "$trust" "$work/news.tar.gz" Coast-1964-01-02
says 'Folder data/Coast-1964-01-02/' "is shown, too"
says 'Coast News, January 02, 1964' "with its record"
expect 2:usage "not so one without a record" sealbag show --keys "$trust" "$work/news.tar.gz" Coast-1964-01-09/scans
expect 0 "the bag" sealbag show --keys "$trust" "$work/news.tar.gz"
says '1 of 3 documents has a record' "counts documents"
says '3 folders have a record' "and folders"
if have python3; then
    expect 0 "as JSON" sealbag show --json --keys "$trust" "$work/news.tar.gz" Coast-1964-01-02/page-01.jpg
    check "they are lists of their own" python3 - "$work/out" <<'PYTHON'
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
assert [f["path"] for f in told["folders"]] == ["data/Coast-1964-01-02/", "data/"], told["folders"]
assert told["folders"][0]["record"][1] == {"column": "dc.date", "value": "1964/01/02 "}
assert told["records"] == 1 and told["document_list"][0]["record"] is None
assert told["document_list"][0]["relations"] == [] and told["relations"] == 1
PYTHON
fi
expect 0 "the report has them" sealbag report --keys "$trust" --language en -o "$work/news.html" "$work/news.tar.gz"
check "by name" grep -q 'data/Coast-1964-01-02/' "$work/news.html"
rm "$work/news/Coast-1964-01-02/page-01.jpg"
expect 2:metadata.refused "a folder without documents" sealbag metadata check "$work/news.csv" "$work/news"
says 'line 2 is about "objects/Coast-1964-01-02", and there is no such document' "is none of the bag"
mkdir -p "$work/news/objects/x" "$work/news/x"
printf y | tee "$work/news/objects/x/1" >"$work/news/x/1"
printf 'filename,t\nobjects/x,1\n' >"$work/news.csv"
expect 2:metadata.refused "a path of two folders" sealbag metadata check "$work/news.csv" "$work/news"
says 'which can be two folders' "is told"
printf 'filename,t\ndata/objects/x,1\n' >"$work/news.csv"
expect 0 "and a whole one taken" sealbag metadata check "$work/news.csv" "$work/news"

# ---- checked before ------------------------------------------------------------------------------

mkdir -p "$work/typed/Web Seiten" "$work/typed/one" "$work/typed/two"
printf x | tee "$work/typed/IMG_1.JPG" "$work/typed/Web Seiten/año.html" "$work/typed/one/same" \
    >"$work/typed/two/same"
# the n with its tilde behind it, as a Mac writes it
printf 'filename\nimg_1.jpg\nWeb Seiten\\an\xcc\x83o.html\ntyped/one/same\nsame\nIMG_2.JPG\n' >"$work/typed.csv"
expect 2:metadata.refused "paths as people write them" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'line 2 is about "img_1.jpg", and there is no such document. Is it "IMG_1.JPG"?' "another case"
says 'line 3 is about' "another system's"
says 'Is it "Web Seiten/año.html"?' "is told"
says 'line 4 is about "typed/one/same", and there is no such document. Is it "one/same"?' "a folder too many"
says 'line 5 is about "same", and there is no such document. [' "nothing is guessed of two"
says 'line 6 is about "IMG_2.JPG", and there is no such document. [' "nor what is like none"
says_not 'Nothing was sealed' "a check seals nothing anyway"
printf 'filename,dcterms.references\none/same ,img_1.jpg\n' >"$work/typed.csv"
expect 2:metadata.refused "a space too many" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'no such document. Is it "one/same"?' "is told"
says 'nor a URL. Is it "IMG_1.JPG"?' "and what a relation can mean"
printf 'filename,DC.Title,dcterms.reference,dc.title,dc.date,my own\nIMG_1.JPG,a,IMG_1.JPG,b,c,d\none/same,,,,,\n' >"$work/typed.csv"
expect 0 "columns that are nearly known" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'typed.csv: the column "DC.Title" is kept and has no meaning. Is "dc.title" meant? [metadata.column]' "are told"
says 'the column "dcterms.reference" is kept and has no meaning. Is "dcterms.references" meant?' "each of them"
equal "and no others" 2 "$(grep -c 'metadata.column' "$work/err")"
expect 0 "create seals them" seal "$work/columns.tar.gz" --name sample --metadata "$work/typed.csv" "$work/typed"
equal "and warns as well" 2 "$(grep -c 'warning: .*: the column .* \[metadata.column\]' "$work/err")"
says_not '[metadata.sealed]' "the table lies elsewhere"
cp "$work/typed.csv" "$work/typed/records.csv"
expect 0:metadata.sealed "a table among the documents" \
    sealbag metadata check "$work/typed/records.csv" "$work/typed"
expect 0:metadata.sealed "which create says, too" \
    seal "$work/among.tar.gz" --metadata "$work/typed/records.csv" "$work/typed"
expect 0:metadata.sealed "and of a table that is itself a source" sealbag metadata check \
    "$work/typed.csv" "$work/typed/one" "$work/typed/IMG_1.JPG" "$work/typed.csv"
rm "$work/typed/records.csv"
expect 0 "labels that are nearly reserved" seal "$work/labels.tar.gz" --name sample \
    --info 'Source-Organisation: Desk' --info 'contact-mail: desk@example.org' \
    --info 'CONTACT-NAME: Nina' --info 'Case: 7' --privacy=off "$work/typed"
says 'the label "Source-Organisation" is kept and has no meaning. Is "Source-Organization" meant? [baginfo.label]' \
    "are told"
says 'the label "contact-mail" is kept and has no meaning. Is "Contact-Email" meant?' "in any case"
equal "and no others" 2 "$(grep -c 'baginfo.label' "$work/err")"
ln -s nowhere "$work/typed/link"
expect 0 "a table can be good where the folder is not" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'warning: link: a symbolic link (create refuses it, or leaves it out with --skip-special) [source.omitted]' "which is said"
rm "$work/typed/link"
printf 'x\n' >"$work/typed/"$'Gr\303\266\303\237e'
printf 'filename\nGro\xcc\x88\xc3\x9fe\n' >"$work/typed.csv"
expect 2:metadata.refused "the same name in another Unicode form" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'whose name looks the same, and whose accents are encoded in another way' "is not asked for"
rm "$work/typed/"$'Gr\303\266\303\237e'
printf 'filename,dcterms.references,dcterms.references,dcterms.references,dcterms.references\n%s\n' \
    'IMG_1.JPG,www.x.example,"one/same, b",https://x.example/a b,SHA256:00' >"$work/typed.csv"
expect 2:metadata.refused "relations as people write them" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'write https:// before it' "an address without its scheme"
says 'for several, repeat the column' "two in one cell"
says 'write %20 for it' "a space in an address"
says 'sha256: (in small letters)' "capital letters"
printf 'filename,dcterms.issued\nIMG_1.JPG,%s\n' "x$(printf 'caf\303\251%.0s' {1..4000})" >"$work/typed.csv"
expect 2:metadata.refused "a cell that is much too long" sealbag metadata check "$work/typed.csv" "$work/typed"
says '..." in dcterms.issued, which is no date' "is cut where it is shown"
check "so that one can read it" test "$(wc -c <"$work/err")" -lt 800
check "and at a whole character" iconv -f utf-8 -t utf-8 "$work/err"
printf 'filename,dcterms.references,prov.wasDerivedFrom\nIMG_1.JPG,one/same,https://x.example/\none/same,,\n' >"$work/typed.csv"
expect 2:usage "table and folder the wrong way round" sealbag metadata check "$work/typed" "$work/typed.csv"
says 'is a folder. Name the table first' "are told apart"
home=/home
printf 'filename,dc.creator\nIMG_1.JPG,maria@example.org\none/same,%s\n' "$home/maria/x" >"$work/telling.csv"
expect 2:privacy.found "a table that tells of people" sealbag metadata check "$work/telling.csv" "$work/typed"
says 'the record of data/IMG_1.JPG: dc.creator holds an e-mail address: "maria@example.org". [privacy.email]' "is stopped at"
says 'Privacy check: 2 findings in 2 cells of the records or labels.' "as create would"
says 'so create would stop' "which it says"
expect 0 "unless that is accepted" sealbag metadata check --privacy=accept "$work/telling.csv" "$work/typed"
says '[privacy.home-folder]' "when it is still told"
expect 0 "or not asked for" sealbag metadata check --privacy=off "$work/telling.csv" "$work/typed"
says_not '[privacy.' "when it is not"
expect 2:usage "another way to check" sealbag metadata check --privacy=on "$work/telling.csv" "$work/typed"
expect 0 "a good table" sealbag metadata check "$work/typed.csv" "$work/typed"
says 'create would take these records: 2 of 4 documents have one, and there are 2 relations.' "is summed up"
expect 0 "and sealed" sealbag create -o "$work/typed.tar.gz" --metadata "$work/typed.csv" "$work/typed"
says 'Records:  for 2 of 4 documents' "which says of how many"
expect 4 "show says how to go on" sealbag show "$work/typed.tar.gz"
says 'sealbag show BUNDLE PATH' "to a document"
says 'sealbag show --graph BUNDLE' "and to the graph"

# ---- sizes --------------------------------------------------------------------------------------

mkdir -p "$work/sizes/pages"
printf 'x' >"$work/sizes/one"
printf 'twelve bytes' >"$work/sizes/pages/twelve"
: >"$work/sizes/none"
expect 0 "a template has sizes" sealbag metadata template -o "$work/sizes.csv" "$work/sizes"
check "as they are" grep -q '^data/pages/twelve,.*,12 bytes' "$work/sizes.csv"
expect 0 "which are right" sealbag metadata check "$work/sizes.csv" "$work/sizes"
expect 0 "and sealed" seal "$work/sizes.tar.gz" --metadata "$work/sizes.csv" "$work/sizes"
printf ' more' >>"$work/sizes/pages/twelve"
printf 'x' >>"$work/sizes/one"
expect 2:metadata.refused "a document that was corrected since" sealbag metadata check "$work/sizes.csv" "$work/sizes"
says 'sizes.csv: line 4 has "12 bytes" in dcterms.extent, but "pages/twelve" has 17 bytes. If it was changed' "is told"
says 'sizes.csv: line 3 has "1 byte" in dcterms.extent, but "one" has 2 bytes.' "and another one"
says 'look at the whole row again; write its size, or leave the cell empty.' "with what to do"
says 'cannot be taken as it is: 2 things are wrong.' "and no other one"
expect 2:metadata.refused "create" seal "$work/sizes.tar.gz" --force --metadata "$work/sizes.csv" "$work/sizes"
says 'line 4 has "12 bytes" in dcterms.extent, but "pages/twelve" has 17 bytes.' "says the same"
says '2 things are wrong. Nothing was sealed.' "and seals nothing"
sed -i -e 's/,12 bytes/,17 bytes/' -e 's/,1 byte/,2 bytes/' "$work/sizes.csv"
expect 0 "sizes that were put right" sealbag metadata check "$work/sizes.csv" "$work/sizes"
printf '%s\n' filename,dcterms.extent,dcterms.extent 'pages/twelve,3 pages,17 bytes' 'one,"1,204 bytes",02 bytes' \
    'none,1 kB, 7 bytes' 'pages,1 byte,2 bytes' >"$work/extents.csv"
expect 0 "what people write of extents, and of a folder," sealbag metadata check "$work/extents.csv" "$work/sizes"
says 'take these records: 3 of 3 documents have one' "is left as it is"
for wrong in '18 bytes' '0 bytes' '7 bytes' '99999999999999999999999 bytes' '1 byte'; do
    printf 'filename,dcterms.extent,t,dcterms.extent\npages/twelve,3 pages,x,%s\n' "$wrong" >"$work/extents.csv"
    expect 2:metadata.refused "\"$wrong\"" sealbag metadata check "$work/extents.csv" "$work/sizes"
    says "line 2 has \"$wrong\" in dcterms.extent, but \"pages/twelve\" has 17 bytes." "is not its size"
done

# ---- every document has a row ------------------------------------------------------------------

printf 'filename\nminutes.txt\nletters/first.txt\n' >"$work/few.csv"
expect 2:metadata.refused "--require-metadata refuses documents without a row" \
    seal "$work/few.tar.gz" --metadata "$work/few.csv" --require-metadata "$work/source"
says 'few.csv has no row for "photos/empty"' "it names each of them"
says 'few.csv has no row for "letters/1987/reply to first.txt"' "and the other ones"
equal "exactly those" 4 "$(grep -c 'has no row for' "$work/err")"
(cd "$work/source" && find . -type f -printf '%P\n') | sed '1i filename' >"$work/all.csv"
expect 0 "and is content when there are none" \
    seal "$work/all.tar.gz" --metadata "$work/all.csv" --require-metadata "$work/source"
expect 2:usage "--require-metadata needs a table" seal "$work/x.tar.gz" --require-metadata "$work/source"
expect 2:usage "one table only" \
    seal "$work/x.tar.gz" --metadata "$work/all.csv" --metadata "$work/all.csv" "$work/source"
expect 5:io.not-found "a table that is not there" seal "$work/x.tar.gz" --metadata "$work/none.csv" "$work/source"
refute "nothing was written" test -e "$work/x.tar.gz"

# ---- who changes a row -------------------------------------------------------------------------

# list_anew FOLDER: the lists of tag files and Cover, as if all of it had been sealed so
list_anew() (
    cd "$1"
    local file sum
    for file in tagmanifest-sha256.txt seal/cover-sha256.txt; do
        sum=$(sha256sum metadata/metadata.csv | cut -d ' ' -f 1)
        sed -i "s,^[0-9a-f]*\(  metadata/metadata.csv\)$,$sum\1," "$file"
        sum=$(sha256sum tagmanifest-sha256.txt | cut -d ' ' -f 1)
        sed -i "s,^[0-9a-f]*\(  tagmanifest-sha256.txt\)$,$sum\1," seal/cover-sha256.txt
    done
    sum=$(cat seal/salt.txt seal/cover-sha256.txt | sha256sum | cut -d ' ' -f 1)
    sed -i "s/^Cover: .*/Cover: $sum/" seal/seal.txt
)

# forged SED RULE SENTENCE: the table changed so, its lists made anew, signed by the trusted key
forged() {
    rm -rf "$work/forged"
    unpack "$work/normal.tar.gz" "$work/forged"
    sed -i "$1" "$work/forged/sample/metadata/metadata.csv"
    pack "$work/forged/sample" "$work/forged.tar.gz"
    expect 1:manifest.digest-mismatch "$3" verify "$work/forged.tar.gz"
    list_anew "$work/forged/sample"
    pack "$work/forged/sample" "$work/forged.tar.gz"
    expect 1:seal.bad-signature "$3, with new lists" verify "$work/forged.tar.gz"
    if have minisign; then
        sign_again "$work/forged/sample" maria
        pack "$work/forged/sample" "$work/forged.tar.gz"
        expect "$2" "$3, with new lists, signed" verify "$work/forged.tar.gz"
        expect "$2" "$3, with new lists, signed, when it is listed" \
            sealbag list --keys "$trust" "$work/forged.tar.gz"
    fi
}
forged 's/,c\r/,d\r/' 1:seal.root-mismatch "another value"
forged 's,^data/minutes.txt,data/letters/first.txt,' 1:seal.root-mismatch "the row of another document"
forged '2d' 1:seal.root-mismatch "a row less"
forged 's/\r$//' 1:seal.root-mismatch "another form, in which rows mean nothing"
expect_rule metadata.foreign "and it says so"
forged '1s/dc.title,dc.title/dc.title,dc.creator/' 1:seal.root-mismatch "another column"
# What no leaf is about: only the cover holds it.
# shellcheck disable=SC2016  # the $ is sed's
forged '$a data/photos/empty,,\r' 0 "a row that says nothing"

# ---- tables of others --------------------------------------------------------------------------

unpack "$work/normal.tar.gz" "$work/theirs"
rm -r "$work/theirs/sample/seal"
printf 'filename,dc.title\nobjects/minutes.txt,x\n' >"$work/theirs/sample/metadata/metadata.csv"
rm "$work/theirs/sample/tagmanifest-sha256.txt"
pack "$work/theirs/sample" "$work/theirs.tar.gz"
expect 4:metadata.foreign "a bag of Archivematica's is intact, and its table is not ours" \
    verify "$work/theirs.tar.gz"
expect 5:limit.reached "a table can be too large" verify --limit metadata-bytes=10 "$work/normal.tar.gz"
says '"metadata-bytes" is 10' "the limit is named"
