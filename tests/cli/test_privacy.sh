#!/usr/bin/env bash
# The privacy check: what stock tools put into files is found, clean files give no finding, hostile
# ones and parsers that go wrong cannot stop it, and create seals nothing until it was looked at.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for tool in convert exiftool qpdf python3; do
    if ! have "$tool"; then
        echo "skipped - there is no $tool here"
        exit 77
    fi
done
files=$work/files
home=/home
users='\Users'
python3 "$(dirname "${BASH_SOURCE[0]}")/privacy_files.py" "$files"
cd "$work"

# finds SENTENCE FILE WANTED...: the file has findings, and these are among them: "rule value"
finds() {
    local sentence=$1 file=$2 wanted
    shift 2
    expect 1 "$sentence" sealbag privacy --all "$file"
    for wanted in "$@"; do
        if grep -aF -e "${wanted#* }" "$work/out" | grep -qaF "[privacy.${wanted%% *}]"; then
            pass "$sentence: $wanted"
        else
            fail "$sentence: $wanted"
            show_output
        fi
    done
}

clean() {
    expect 0 "$1 tells nothing" sealbag privacy "$2"
    says '1 was looked into' "$1 was looked into"
}

# ---- what stock tools write ---------------------------------------------------------------------

tag() {
    local file=$1
    shift
    exiftool -q -q -overwrite_original "$@" "$file" 2>"$work/exiftool" || {
        cat "$work/exiftool"
        return 1
    }
}

convert -size 24x16 xc:red plain.jpg
clean "a JPEG by ImageMagick" plain.jpg
cp plain.jpg photo.jpg
tag photo.jpg -GPSLatitude=52.5186 -GPSLatitudeRef=N -GPSLongitude=13.3761 -GPSLongitudeRef=W \
    -Artist='Maria Artist' -SerialNumber=4711 -LensSerialNumber=0815 -OwnerName='Maria Owner' \
    -XMP-dc:Creator='Maria Creator' -XMP-aux:SerialNumber=1147 -IPTC:By-line='Maria Byline' \
    -XPAuthor='María Windows' -Comment='by mail@example.org' \
    -UserComment="from $home/maria/pictures"
finds "a JPEG by exiftool" photo.jpg 'location 52.51860, -13.37610' 'person Maria Artist' \
    'serial-number 4711' 'serial-number 0815' 'person Maria Owner' 'person Maria Creator' \
    'serial-number 1147' 'person Maria Byline' 'person María Windows' 'email mail@example.org' \
    "home-folder $home/maria"
cp plain.jpg wide.jpg
tag wide.jpg -UserComment='año mail@example.org' -GPSAreaInformation='Plaza España'
finds "UTF-16 in EXIF" wide.jpg 'email mail@example.org' 'location Plaza España'
cp plain.jpg faces.jpg
tag faces.jpg -XMP-mwg-rs:RegionInfo='{RegionList=[{Name=Maria Face,Type=Face}]}' \
    -XMP-MP:RegionInfoMP='{Regions=[{PersonDisplayName=Maria Display}]}'
finds "faces with names" faces.jpg 'person Maria Face' 'person Maria Display'
cp photo.jpg cleaned.jpg
tag cleaned.jpg -all=
clean "a JPEG that exiftool has cleaned" cleaned.jpg

for kind in png tif webp; do
    convert -size 24x16 xc:blue "plain.$kind" 2>/dev/null || continue
    clean "a picture by ImageMagick ($kind)" "plain.$kind"
    cp "plain.$kind" "tagged.$kind"
    tag "tagged.$kind" -EXIF:Artist='Maria Exif' -EXIF:GPSLatitude=1.5 -EXIF:GPSLatitudeRef=S \
        -EXIF:GPSLongitude=2.25 -EXIF:GPSLongitudeRef=E -XMP-dc:Creator='Maria Xmp'
    finds "a picture with EXIF and XMP ($kind)" "tagged.$kind" 'person Maria Exif' \
        'location -1.50000, 2.25000' 'person Maria Xmp'
done
cp plain.png author.png
tag author.png -PNG:Author='Maria Png'
finds "a PNG with an author" author.png 'person Maria Png'
if have heif-enc && heif-enc photo.jpg -o photo.heic >/dev/null 2>&1; then
    finds "a HEIC" photo.heic 'location 52.51860, -13.37610' 'person Maria Artist'
else
    skip_part "no HEIC can be made here"
fi

qpdf --empty plain.pdf
clean "a PDF by qpdf" plain.pdf
cp plain.pdf tagged.pdf
tag tagged.pdf -PDF:Author='Maria Pdf' -PDF:Producer="C:$users\\maria\\print.exe" \
    -XMP-dc:Creator='Maria Pdfxmp'
finds "a PDF by exiftool" tagged.pdf 'person Maria Pdf' 'home-folder maria' 'person Maria Pdfxmp'
qpdf tagged.pdf emptied.pdf
tag emptied.pdf -all=
finds "a PDF that exiftool has only seemingly cleaned" emptied.pdf \
    "person an earlier version's PDF Author names a person: \"Maria Pdf\"" 'person Maria Pdfxmp'
qpdf emptied.pdf straight.pdf
clean "the same, written anew by qpdf" straight.pdf
qpdf --object-streams=generate tagged.pdf packed.pdf
finds "a PDF with object streams" packed.pdf 'person Maria Pdf'
qpdf --encrypt '' owner 256 -- tagged.pdf owner.pdf
finds "a PDF that anyone may open" owner.pdf 'person Maria Pdf'
qpdf --encrypt user owner 256 -- tagged.pdf locked.pdf
expect 0 "a PDF with a password" sealbag privacy locked.pdf
says 'Encrypted, so that nothing can be seen in them: 1 file.' "it is counted"

cp "$files/clean/film.mp4" tagged.mp4
tag tagged.mp4 -Keys:GPSCoordinates='52.5, 13.25, 0' -UserData:Author='Maria Film' \
    -ItemList:Artist='Maria Song' -XMP-dc:Creator='Maria Filmxmp' \
    -Keys:Comment='https://u:sikret@x.example.org/a'
finds "an MP4 by exiftool" tagged.mp4 'location +52.500+013.250' 'person Maria Film' \
    'person Maria Song' 'person Maria Filmxmp' 'url-secret https://...'
says_not sikret "what is secret is not shown"
cp "$files/clean/film.mp4" place.mp4
tag place.mp4 -UserData:GPSCoordinates='52.5, 13.25, 0'
finds "the place as telephones write it" place.mp4 'location +52.500+013.250'
if have ffmpeg; then
    ffmpeg -v error -f lavfi -i color=s=16x16:d=1 -map_metadata -1 -fflags +bitexact plain.mp4
    clean "an MP4 by ffmpeg" plain.mp4
    ffmpeg -v error -i plain.mp4 -c copy -metadata artist='Maria Ffmpeg' \
        -metadata location=+52.5+013.2/ tagged2.mp4
    finds "an MP4 with metadata by ffmpeg" tagged2.mp4 'person Maria Ffmpeg' 'location +52.5'
else
    skip_part "there is no ffmpeg here"
fi

# ---- what those do not write --------------------------------------------------------------------

for file in "$files"/clean/*; do
    expect 0 "nothing in ${file##*/}" sealbag privacy "$file"
done
finds "a PDF with a path" "$files/told/info.pdf" 'person Maria Info' 'home-folder maria'
finds "a comment in a PDF" "$files/told/xmp.pdf" 'person Maria Note' 'person Maria XMP'
says_not '"field"' "the field of a form is none"
finds "a document of Word's" "$files/told/text.docx" 'person Maria Core' 'person Jose Last' \
    'organisation Maria and Sons' 'person Ana Boss' 'person Luis Change' 'person Eva Note' \
    'person Maria Picture' 'home-folder nora'
says_not mail@example.org "its prose is not read"
finds "a workbook" "$files/told/book.xlsx" 'person Maria Sharing' 'home-folder nora' \
    'email owner@example.org' 'email link@example.org'
finds "a document by .NET, and one with other letters" "$files/told/net.docx" 'person Maria Net' \
    'person Maria Upper' 'person maria@example.org' \
    'person Maria Pivot'
finds "a signature in a PDF" "$files/told/signed.pdf" 'person Maria Sig' 'location Lima'
finds "a document of LibreOffice's" "$files/told/text.odt" 'person Maria Odt' 'person Jose Odt'
finds "a camera's own notes" "$files/told/canon.jpg" 'person Maria Maker' 'serial-number 3ADE-26801'
finds "compressed text in a PNG" "$files/told/ztxt.png" 'person Maria Ztxt'
finds "a token" "$files/told/comment.png" 'url-secret https://x.example.org/a...'
says_not sikret "the token is not shown"

mkdir names
touch names/mail@example.org.txt names/report-by-maria.txt names/icon@2x.png names/marianne.txt
finds "names of files" names 'email mail@example.org.txt'
says 'names/mail@example.org.txt: the name of the file holds an e-mail address' "it says where"
says '1 finding in 1 of 4 files' "nothing else is found in them"
expect 1:privacy.user-name "a name that is asked for" sealbag privacy --name Maria names
says '2 findings in 2 of 4 files' "is found as a whole word"

ln -s icon@2x.png names/link
expect 1:privacy.unreadable "a link" sealbag privacy names
says 'link was not examined: a symbolic link' "is not followed, and that is said"

# ---- what systems and programs leave in folders --------------------------------------------------

mkdir -p left/photos left/.Trash-1000/files
printf '\0\0\0\1Bud1' | tee left/.DS_Store >left/photos/.DS_Store
printf '\0\5\26\7' >left/photos/._one.jpg
printf 'x' | tee left/photos/Thumbs.db left/photos/desktop.ini left/.~lock.report.odt# left/.Trash-1000/files/old \
    >left/photos/one.txt
expect 1:privacy.left-behind "a folder as it was on other systems" sealbag privacy --all left
for name in .DS_Store photos/.DS_Store photos/._one.jpg photos/Thumbs.db photos/desktop.ini .~lock.report.odt# \
    .Trash-1000/files/old; do
    says "left/$name " "$name is named"
done
says 'left/.DS_Store was left by macOS: it says how a folder was shown, and can name files in it, also deleted ones. Leave it out of what is sealed. [privacy.left-behind]' \
    "with all that is to be said"
says '7 findings in 7 of 8 files' "and nothing else"
expect 1 "the same in short" sealbag privacy left
says 'The same kind of file in 2 more places: sealbag privacy --all lists them. [privacy.left-behind]' "is summed up"
expect 1:privacy.left-behind "one that is named itself" sealbag privacy left/photos/Thumbs.db
says 'left/photos/Thumbs.db was left by Windows: it holds small copies of the pictures' "is one, too"
expect 2:privacy.found "create stops at them" sealbag create -o left.tar.gz left
says 'left/photos/._one.jpg was left by macOS: it holds what the system noted of another file' "and names them"
refute "nothing was sealed" test -e left.tar.gz
expect 0 "unless they are to be sealed" sealbag create --privacy=accept -o left.tar.gz left
rm -r left/.[!.]* left/photos/.[!.]* left/photos/[Td]*
expect 0 "without them" sealbag privacy left
says 'Privacy check: 0 findings in 0 of 1 file' "there is nothing to say"

# ---- create -------------------------------------------------------------------------------------

make_key maria
mkdir source
cp photo.jpg plain.png source
create() {
    sealbag create -o bag.tar.gz --key keys/maria --time "$sealing_time" --salt "$salt" "$@"
}
expect 2:privacy.found "create stops" create source
says 'Maria Artist' "and says what it found"
says '--privacy=accept' "and what to do"
refute "nothing was sealed" test -e bag.tar.gz
expect 0 "--privacy=accept seals" create --privacy=accept source
says '[privacy.person]' "and says what it found"
cp bag.tar.gz accepted.tar.gz
expect 0 "--privacy=off seals" create --force --privacy=off source
says_not 'privacy.' "and says nothing"
check "the findings are not in the bundle" cmp bag.tar.gz accepted.tar.gz
expect 2:usage "there is no other way" create --force --privacy=maybe source
expect 5:io.exists "what cannot be written is said before" create source
says 'Choose another name, or replace it with --force.' "and what to do"
says_not 'privacy.' "and nothing is looked into"
rm source/photo.jpg
expect 0 "what tells nothing is sealed" create --force source
says_not 'privacy.' "without a word"
expect 2:privacy.found "a label with an e-mail address" create --force \
    --info 'Contact-Email: maria@example.org' source
says 'bag-info.txt: the label Contact-Email holds an e-mail address: "maria@example.org"' "is named"
expect 2:privacy.found "a label with a token" create --force \
    --info 'Source: https://x.example.org/?access_token=sikret0123456789ab' source
says_not sikret "which is not shown"
printf 'filename,dc.title,dc.source\nplain.png,A picture,mailto:maria@example.org\n' >table.csv
expect 2:privacy.found "a record with an e-mail address" create --force --metadata table.csv source
says 'the record of data/plain.png: dc.source holds an e-mail address: "maria@example.org"' "is named"
says '1 finding in 0 of 1 file, and in 1 cell of the records or labels; 1 file was looked into' \
    "and counted as what it is"
says 'change records and labels' "and what to do"
mkdir mails
for i in $(seq 9); do
    echo "$i" >"mails/$i.txt"
done
{
    echo filename,dc.creator
    seq -f '%g.txt,maria@example.org' 9
} >table.csv
expect 2:privacy.found "nine of them" create --force --metadata table.csv mails
says 'The same dc.creator in 4 more places. [privacy.email]' "are summed up"
chmod a-r source/plain.png
as_root || expect 5:source.refused "what cannot be read is create's affair" create --force source

# ---- many ---------------------------------------------------------------------------------------

mkdir many
for i in $(seq 30); do
    cp photo.jpg "many/$i.jpg"
done
expect 1 "thirty photographs" sealbag privacy many
says 'The same EXIF Artist in 25 more places: sealbag privacy --all lists them.' "are summed up"
says 'in 30 of 30 files' "and counted"
expect 1 "as JSON" sealbag privacy --json many
check "all of them are told" python3 - "$work/out" <<'EOF'
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
assert told["format"] == "sealbag-privacy-1" and told["confined"] in (True, False)
artists = [f for f in told["findings"] if f["field"] == "EXIF Artist"]
assert len(artists) == 30 and told["files"] == 30 and told["examined"] == 30, told
assert artists[0]["rule"].startswith("privacy.") and artists[0]["value"] in artists[0]["sentence"]
assert artists[0]["file"].startswith("many/") and told["not_known"] == [] and told["omitted"] == 0
EOF
expect 1 "all of them" sealbag privacy --all many
equal "--all lists them" 30 "$(grep -c 'Maria Artist' out)"

# ---- hostile ------------------------------------------------------------------------------------

expect 1:privacy.unreadable "hostile files" timeout 600 "$SEALBAG" privacy --all "$files/hostile"
says_not 'crashed' "no parser crashes"
says_not 'in the time' "none takes long"
for name in cut.pdf loop.pdf depth.pdf bomb.docx laughs.docx deep.docx cut.docx cut.jpg loop.tif \
    count.tif zip.png cut.png deep.mp4 long.mp4 place.heic; do
    says "$name could not be examined" "$name is named"
done
printf '\xff\xd8\xff\xe1' >$'bad\e[31mname.jpg'
expect 1:privacy.unreadable "a name that a terminal would obey" sealbag privacy $'bad\e[31mname.jpg'
says 'bad\x1b[31mname.jpg' "is escaped"
printf '<x:a xmlns:x="u"><x:creator>\x1b[31m&#x202e;evil</x:creator></x:a>' >evil.xmp
python3 -c 'import sys
x = open("evil.xmp", "rb").read().replace(b"\x1b[31m", b"")
s = b"http://ns.adobe.com/xap/1.0/\0" + x
sys.stdout.buffer.write(b"\xff\xd8\xff\xe1" + bytes(divmod(len(s) + 2, 256)) + s + b"\xff\xda\0\2")' \
    >evil.jpg
finds "a value that a terminal would obey" evil.jpg 'person \u{202e}evil'

# ---- the process that reads ---------------------------------------------------------------------

module=$SEALBAG_BUILD/tests/escape.so
if ! sanitized && LD_PRELOAD=$module true; then
    expect 1 "a module in the process that reads" env ESCAPE_REPORT="$work/report" \
        ESCAPE_BESIDE="$work/beside" LD_PRELOAD="$module" "$SEALBAG" privacy "$files/told/text.docx"
    check "tries many ways out" test "$(grep -c '^denied ' report)" -ge 40
    if said 'without a full sandbox'; then
        skip_part "this kernel has no seccomp"
    else
        equal "and finds none" '' "$(grep ALLOWED report || true)"
    fi
fi

# ---- parsers that go wrong ----------------------------------------------------------------------

module=$SEALBAG_BUILD/tests/parser.so
if sanitized || ! LD_PRELOAD=$module true; then
    skip_part "nothing can be preloaded into this build"
    exit 0
fi
wrong() {
    PARSER=$1 LD_PRELOAD=$module timeout 300 "$SEALBAG" privacy --seconds 1 "$files/wrong"
}
for how in crash exit hang nonsense far rule result flood; do
    expect 1:privacy.unreadable "a parser goes wrong ($how)" wrong "$how"
    says 'wrong/b.jpg could not be examined' "the file is named ($how)"
    says 'Maria Before' "what came before is found ($how)"
    says 'Maria After' "and what comes after ($how)"
done
# It can lie about its own file, but not about another: it is not the one that gets that.
for how in ahead stay; do
    expect 1 "the process is taken over ($how)" wrong "$how"
    says 'Maria Before' "what came before is found ($how)"
    says 'Maria After' "and what comes after ($how)"
    says_not 'wrong/c.jpg could not' "without a delay ($how)"
done
mkdir both
cp "$files/wrong/b.jpg" both
expect 2:privacy.found "create does not crash either" env PARSER=crash LD_PRELOAD="$module" \
    "$SEALBAG" create -o both.tar.gz both
says 'the process that looked into it crashed, and the file may have been made to do that. [' "and says why, in full"
