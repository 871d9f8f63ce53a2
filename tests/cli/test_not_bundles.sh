#!/usr/bin/env bash
# What people give in place of a bundle: one clear sentence, the right exit code, nothing left
# behind (issue 3, "Bad input").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/source"
seal "$work/sample.tar.gz" "$work/source"
mkdir "$work/in" "$work/to"
cd "$work/in"

# not_a_bundle CODE[:RULE] WHAT FILE [TEXT]: by verify, list and extract, from a file and a pipe;
# TEXT stands in the sentence
not_a_bundle() {
    local before code_wanted=${1%%:*}
    before=$(listing "$work/in")
    expect "$1" "$2: verify says $code_wanted" verify "$3"
    if [ "${one-1}" = 0 ]; then
        : # each bad file is named
    elif [ -s "$work/out" ]; then
        equal "$2: one sentence says what it is" 1 "$(grep -c '^  Problem: ' "$work/out")"
    else
        one_sentence "$2: one sentence says what it is"
    fi
    [ "$#" -lt 4 ] || says "$4" "$2: it says \"$4\""
    says_not "Yes" "$2: nothing good is said of it"
    expect "$1" "$2: list says $code_wanted" sealbag list --keys "$trust" "$3"
    equal "$2: list prints nothing on standard output" '' "$(cat "$work/out")"
    expect "$1" "$2: extract says $code_wanted" \
        sealbag extract --keys "$trust" -C "$work/to" --accept-untrusted --accept-unsigned "$3"
    equal "$2: nothing is extracted" '' "$(names "$work/to")"
    run sealbag extract --keys "$trust" -C "$work/to" --salvage --accept-unsigned "$3"
    equal "$2: --salvage says $code_wanted" "$code_wanted" "$code"
    equal "$2: nothing is salvaged" '' "$(names "$work/to")"
    if [ -f "$3" ]; then
        piped() {
            cat "$3" | verify -
        }
        expect "$1" "$2: from a pipe it is $code_wanted" piped _ _ "$3"
    fi
    equal "$2: nothing is left beside it" "$before" "$(listing "$work/in")"
}

printf 'PK\003\004\024\000\000\000\000\000 and so on' >documents.zip
printf 'PK\005\006%018d' 0 >empty.zip
printf '%%PDF-1.7\n%%\342\343\317\323\n1 0 obj\n' >report.pdf
printf '<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n' >page.tar.gz
printf '<html>\n<body>Error 404</body>\n</html>\n' >page.html
: >empty.tar.gz
head -c 100000 /dev/urandom | tail -c +100 >random
printf '\037' >one-byte
printf 'a text\n' >text.txt
printf '\n' >newline
gzip -c text.txt >text.gz
: | gzip -c >nothing.gz
head -c 2000000 /dev/zero >zeros
gzip -c zeros >zeros.gz
tar -czf folder.tar.gz -C "$work/source" .
tar -czf plain.tar.gz -C "$work" source
tar -czf files.tar.gz -C "$work/source" minutes.txt .notes
tar -cf plain.tar -C "$work" source
gzip -c "$work/sample.tar.gz" >twice.tar.gz
head -c 1 "$work/sample.tar.gz" >first-byte
head -c 10 "$work/sample.tar.gz" >first-bytes
printf 'gzip\n' | cat - "$work/sample.tar.gz" >prefixed
cat "$work/sample.tar.gz" text.txt >suffixed
cat "$work/sample.tar.gz" "$work/sample.tar.gz" >doubled
have xz && xz -c text.txt >text.xz
have bzip2 && bzip2 -c text.txt >text.bz2
if have zstd; then
    for file in text.txt zeros; do
        zstd -qc "$file" >"${file%.txt}.zst"
    done
    : | zstd -qc >nothing.zst
    zstd -qc "$work/sample.tar.gz" >twice.tar.zst
    head -c 4 text.zst >first-four
    tar --zstd -cf folder.tar.zst -C "$work/source" .
    tar --zstd -cf plain.tar.zst -C "$work" source
    tar --zstd -cf files.tar.zst -C "$work/source" minutes.txt .notes
fi
have 7z && 7z a -bd text.7z text.txt >"$work/out"
cp "$work/keys/maria.pub" key.pub
cp "$work/keys/maria" key

unsupported=5:container.unsupported
expect 1:zip.malformed "a zip file that was cut off" verify documents.zip
if have zip; then
    (cd "$work" && zip -qr in/plain.zip source)
    expect 1:bag.not-a-bag "a zip file of a plain folder" verify plain.zip
fi
not_a_bundle "$unsupported" "an empty zip" empty.zip zip
not_a_bundle "$unsupported" "a PDF" report.pdf PDF
not_a_bundle "$unsupported" "a web page with a bundle's name" page.tar.gz "web page"
not_a_bundle "$unsupported" "an old web page" page.html "web page"
not_a_bundle 5:container.empty "an empty file" empty.tar.gz empty
not_a_bundle "$unsupported" "random bytes" random
not_a_bundle "$unsupported" "one byte" one-byte
not_a_bundle "$unsupported" "a text" text.txt
not_a_bundle "$unsupported" "an empty line" newline
not_a_bundle 1:bag.not-a-bag "a tar without compression" plain.tar "not a bag"
not_a_bundle "$unsupported" "a public key" key.pub key
not_a_bundle "$unsupported" "a secret key" key key
not_a_bundle "$unsupported" "a bundle with bytes before it" prefixed
for file in text.xz text.bz2 text.7z; do
    [ -e "$file" ] && not_a_bundle "$unsupported" "a .${file#*.} file" "$file"
done
not_a_bundle 1:bag.not-a-bag "a tar.gz of a plain folder" plain.tar.gz "not a bag"
not_a_bundle 1 "a tar.gz of a folder's contents" folder.tar.gz
one=0
not_a_bundle 1 "a tar.gz of files without a folder" files.tar.gz
one=1
if have zstd; then
    not_a_bundle 1:bag.not-a-bag "a tar.zst of a plain folder" plain.tar.zst "not a bag"
    not_a_bundle 1 "a tar.zst of a folder's contents" folder.tar.zst
    one=0
    not_a_bundle 1 "a tar.zst of files without a folder" files.tar.zst
    one=1
fi
for file in suffixed doubled; do
    expect 1 "a bundle with something after its end ($file) is 1" verify "$file"
    equal "one sentence says what it is ($file)" 1 "$(grep -c '^  Problem: ' "$work/out")"
    expect 1 "it is not extracted ($file)" sealbag extract --keys "$trust" -C "$work/to" "$file"
    equal "nothing is there ($file)" '' "$(names "$work/to")"
done
not_a_bundle 1 "the first bytes of a bundle" first-bytes
not_a_bundle 5:io.not-found "a file that is not there" missing.tar.gz missing.tar.gz

# Whoever gives the source for the bundle is not told of damage, but what to do.
expect 1:bag.not-a-bag "an ordinary folder" verify "$work/source"
expect_rule folder.ordinary "is called one"
says "source: not a bundle: an ordinary folder, which nobody has sealed." "in the first line, too"
says "sealbag create" "and it says how to seal it"
says_not "DO NOT USE" "nobody is frightened"
one=0 # another sentence says what to do
not_a_bundle 1:folder.ordinary "the same by every command" "$work/source" "sealbag create"
one=1
mkdir "$work/no-file"
expect 1:folder.ordinary "an empty folder is one, too" verify "$work/no-file"
# What has lost its bagit.txt has been a bag.
unpack "$work/sample.tar.gz" "$work/lost"
rm "$work/lost/sample/bagit.txt"
expect 1:bag.not-a-bag "a sealed bag without bagit.txt" verify "$work/lost/sample"
says "DO NOT USE. It is damaged, incomplete or forged." "is bad"
says_not folder.ordinary "and no ordinary folder"
rm -r "$work/lost/sample/seal"
expect 1:bag.not-a-bag "nor is one without its seal" verify "$work/lost/sample"
says "DO NOT USE" "it is bad still"
says_not folder.ordinary "and no ordinary folder"
rm "$work/lost/sample/"*manifest-*
expect 1:bag.not-a-bag "nor one of which only bag-info.txt is left" verify "$work/lost/sample"
says_not folder.ordinary "it is no ordinary folder"
not_a_bundle 5:container.empty "/dev/null" /dev/null empty
if ! as_root; then
    cp "$work/sample.tar.gz" closed.tar.gz
    chmod 000 closed.tar.gz
    expect 5:io.failed "a file that may not be read is 5" verify closed.tar.gz
    one_sentence "and one sentence says so"
    says "Check who may use it" "and what to do"
else
    skip_part "a file that may not be read (root may read everything)"
fi

# Gzip files without a tar are no bundle: damaged or unsupported, as you like, and never a crash.
# no_tar FILE: $said_of is what is said of it
no_tar() {
    run verify "$1"
    case $code in
        1 | 5) pass "$1 is 1 or 5" ;;
        *) fail "$1 is 1 or 5" "it is $code" ;;
    esac
    equal "$1: one sentence says what it is" 1 "$(grep -c '^  Problem: ' "$work/out")"
    said_of="$code $(sed -n 's/^  Problem: //p' "$work/out")"
}
no_tar first-byte
for file in text nothing zeros twice.tar; do
    no_tar "$file.gz"
    of_gzip=$said_of
    if have zstd; then
        no_tar "$file.zst"
        equal "$file.zst is judged like $file.gz" "$of_gzip" "$said_of"
    fi
done
if have zstd; then
    no_tar first-four
fi
