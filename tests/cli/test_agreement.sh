#!/usr/bin/env bash
# sealbag and docs/check-by-hand.sh, which needs stock tools only, give the same exit code on the
# same content (issue 3; DESIGN.md, sections 1 and 2).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ ! -f "$by_hand" ]; then
    echo "docs/check-by-hand.sh is not there."
    exit 77
fi
if ! have minisign; then
    echo "There is no minisign here."
    exit 77
fi

for name in maria omar stranger; do
    make_key "$name"
done
trust_key maria
pub=$work/keys/maria.pub
fp=$(fp_name "$pub")
make_sample "$work/source"
for name in $'new\nline' $'carriage\rreturn' '%0A' '100%' '%250a' ' spaces ' '-leading' '*' \
    $'\360\237\230\200' 'it'\''s "quoted"' '$HOME' $'tab\there' $'\033[31mred' 'star*[a-z]?'; do
    printf '%s' "$name" >"$work/source/letters/$name"
done
seal "$work/sample.tar.gz" --info $'Note: %0A is no newline' "$work/source"
unpack "$work/sample.tar.gz" "$work/base"
mkdir "$work/other"
seal "$work/other/sample.tar.gz" "$work/source/photos"
unpack "$work/other/sample.tar.gz" "$work/other"
sealbag create --quiet -o "$work/two.tar.gz" --name sample --key "$work/keys/maria" \
    --key "$work/keys/omar" "$work/source"
unpack "$work/two.tar.gz" "$work/two"

v=$work/variant/sample
# agree CODE SENTENCE COMMAND...: the command changes a fresh copy of the bag, from inside; then
# both say CODE
base=$work/base/sample
agree() {
    local wanted=$1 sentence=$2
    [ "$wanted" -eq 0 ] || sampled 3 || return 0
    shift 2
    rm -rf "$work/variant"
    mkdir "$work/variant"
    cp -a "$base" "$v"
    (cd "$v" && "$@") || fail "$sentence" "the change failed"
    judge "$wanted" "$sentence"
}
judge() {
    local by_sealbag by_tools
    pack "$v" "$work/variant.tar.gz"
    run verify "$work/variant.tar.gz"
    by_sealbag=$code
    run bash "$by_hand" -p "$pub" "$v"
    by_tools=$code
    if [ "$by_sealbag" -eq "$by_tools" ] && [ "$by_sealbag" -eq "$1" ]; then
        pass "both say $1: $2"
    else
        fail "both say $1: $2" "sealbag says $by_sealbag, check-by-hand.sh says $by_tools"
        show_output
    fi
}

agree 0 "the bag as it is" true
agree 4 "all of seal/ stripped" rm -r seal
for file in cover-sha256.txt salt.txt seal.txt; do
    agree 1 "seal/$file missing" rm "seal/$file"
    agree 1 "seal/$file empty" truncate -s 0 "seal/$file"
    agree 1 "seal/$file with a line more" sed -i '$aNote: x' "seal/$file"
    agree 1 "seal/$file with Windows line ends" sed -i 's/$/\r/' "seal/$file"
    agree 1 "seal/$file without its last line end" truncate -s -1 "seal/$file"
done
agree 3 "the signature missing" rm "seal/$fp.minisig"
agree 1 "the signature empty" truncate -s 0 "seal/$fp.minisig"
agree 1 "the signature edited" sed -i '2s/.\{9\}$/AAAAAAAA=/' "seal/$fp.minisig"
agree 1 "the trusted comment edited" sed -i '3s/file:seal/file:zeal/' "seal/$fp.minisig"
agree 1 "the signature of another bag" cp "$work/other/sample/seal/$fp.minisig" seal/
replace_seal() {
    rm -r seal && cp -a "$work/other/sample/seal" seal
}
agree 1 "the seal of another bag" replace_seal
agree 1 "another sealing time" sed -i 's/^Sealed: 2024/Sealed: 2025/' seal/seal.txt
agree 1 "another root" sed -i 's/^Root: ..../Root: 0000/' seal/seal.txt
agree 0 "the index missing" rm seal/index.tsv
agree 0 "another index, which nobody signs" cp seal/salt.txt seal/index.tsv
agree 1 "a link as the index" bash -c 'mv seal/index.tsv .. && ln -s ../../index.tsv seal/'
strip_to_index() {
    find seal -type f ! -name index.tsv -delete
}
agree 1 "all of seal/ but the index stripped" strip_to_index
agree 1 "the index in another place" mv seal/index.tsv index.tsv
agree 1 "another number of leaves" sed -i 's/^Leaves: ./Leaves: 9/' seal/seal.txt
agree 1 "a junk signature beside it" cp "$work/keys/omar.pub" \
    "seal/$(fp_name "$work/keys/omar.pub").minisig"
rename_signature() {
    mv "seal/$fp.minisig" "seal/$(fp_name "$work/keys/omar.pub").minisig"
}
agree 1 "the signature under another key's name" rename_signature
legacy() {
    sign_again . maria -l
}
agree 1 "a legacy signature" legacy
agree 0 "a countersignature by a stranger" sign_again . stranger

for file in bagit.txt manifest-sha256.txt tagmanifest-sha256.txt bag-info.txt; do
    agree 1 "$file missing" rm "$file"
    agree 1 "$file with a line more" sed -i '$aNote: x' "$file"
done
agree 1 "a line less in the manifest" sed -i 1d manifest-sha256.txt
agree 1 "a line twice in the manifest" sed -i '1p' manifest-sha256.txt
agree 1 "a document edited" sed -i 's/meeting/Meeting/' data/minutes.txt
agree 1 "a document missing" rm data/minutes.txt
agree 1 "a document empty" truncate -s 0 data/minutes.txt
agree 1 "a hidden document missing" rm data/.notes
agree 1 "an empty document missing" rm data/photos/empty
agree 1 "a document under another name" mv data/minutes.txt data/Minutes.txt
agree 1 "two documents exchanged" \
    bash -c 'mv data/minutes.txt x && mv data/.notes data/minutes.txt && mv x data/.notes'
agree 1 "the document with a newline in its name edited" \
    bash -c 'printf x >>"$1"' bash data/letters/$'new\nline'
agree 1 "the document with a newline in its name missing" rm data/letters/$'new\nline'
agree 1 "the document %0A missing" rm data/letters/%0A
agree 1 "the document %0A decoded on the disk" mv data/letters/%0A data/letters/$'\n'
agree 1 "the document 100% edited" bash -c 'printf x >>data/letters/100%'
for place in data/extra extra seal/extra data/letters/1987/extra .extra seal/.extra metadata/extra \
    seal/custody/extra $'data/ex\ntra' 'data/letters/%250A' tagmanifest-md5.txt manifest-md5.txt \
    seal/seal.txt.minisig "seal/$fp.minisig.bak" data/-extra; do
    put_extra() {
        mkdir -p "$(dirname -- "./$place")" && printf 'extra\n' >"./$place"
    }
    agree 1 "an extra file at $(printf %q "$place")" put_extra
done
agree 1 "a symbolic link in data/" ln -s minutes.txt data/link
agree 1 "a dangling link at the top" ln -s nowhere link
link_document() {
    mv data/minutes.txt ../minutes.txt && ln -s ../../minutes.txt data/minutes.txt
}
agree 1 "a document that has become a link to itself" link_document
link_folder() {
    mv data/photos ../photos && ln -s ../../photos data/photos
}
agree 1 "a folder that has become a link" link_folder
agree 1 "a named pipe" mkfifo data/pipe
agree 1 "an empty folder in data/" mkdir data/empty
agree 1 "an empty folder at the top" mkdir empty
agree 1 "an empty folder in seal/" mkdir seal/empty
forge() {
    printf 'forged\n' >data/minutes.txt
    sum=$(sha256sum data/minutes.txt | cut -d ' ' -f 1)
    sed -i "/data\/minutes.txt/s/^.\{64\}/$sum/" manifest-sha256.txt
    sed -i '/Payload-Oxum/d' bag-info.txt
    sha256sum bag-info.txt bagit.txt manifest-sha256.txt >tagmanifest-sha256.txt
}
forge_cover() {
    forge
    sha256sum bag-info.txt bagit.txt manifest-sha256.txt tagmanifest-sha256.txt \
        >seal/cover-sha256.txt
}
forge_unsigned() {
    forge
    rm -r seal
}
agree 1 "a forgery up to the tag manifest" forge
agree 1 "a forgery up to the cover" forge_cover
agree 4 "the same without a seal" forge_unsigned
unsealed() {
    rm -r seal && "$@"
}
agree 1 "unsigned, and a document edited" unsealed sed -i 's/m/n/' data/minutes.txt
agree 1 "unsigned, and an extra document" unsealed cp data/minutes.txt data/extra
agree 4 "unsigned, and an extra tag file, as any bag may have" unsealed cp bagit.txt notes.txt
agree 1 "unsigned, and the manifest missing" unsealed rm manifest-sha256.txt
agree 4 "unsigned, and the tag manifest missing" unsealed rm tagmanifest-sha256.txt
agree 1 "unsigned, and no bagit.txt" unsealed rm bagit.txt
agree 1 "unsigned, and a wrong Payload-Oxum" \
    unsealed bash -c 'sed -i "s/^Payload-Oxum: ./&9/" bag-info.txt && rm tagmanifest-sha256.txt'
agree 1 "not a bag at all" bash -c 'rm -r seal && rm *.txt'

# Another name, and two signers.
v=$work/variant/renamed
agree 1 "the bag under another name" true
v=$work/variant/sample
base=$work/two/sample
agree 0 "two signers, one of them trusted" true
agree 3 "the other signer's signature missing" rm "seal/$(fp_name "$work/keys/omar.pub").minisig"
agree 3 "the trusted signer's signature missing" rm "seal/$fp.minisig"
agree 1 "the other signer's signature edited" \
    sed -i '4s/^..../AAAA/' "seal/$(fp_name "$work/keys/omar.pub").minisig"

# Trust in other ways.
base=$work/base/sample
agree 0 "the bag as it is, once more" true
expect 3 "by hand, without a key: 3" bash "$by_hand" "$v"
expect 3 "by hand, with another key: 3" bash "$by_hand" -p "$work/keys/omar.pub" "$v"
expect 2 "by hand, without a folder: 2" bash "$by_hand"
expect 2 "by hand, with an unknown option: 2" bash "$by_hand" -z "$v"
expect 5 "by hand, a folder that is not there: 5" bash "$by_hand" "$work/missing"
if have ssh-keygen; then
    ssh_private "$work/keys/maria" "$work/keys/maria.ssh"
    rm "$v/seal/$fp.minisig"
    ssh-keygen -q -Y sign -f "$work/keys/maria.ssh" -n seal@sealbag "$v/seal/seal.txt" \
        2>"$work/err"
    mv "$v/seal/seal.txt.sig" "$v/seal/$fp.sshsig"
    expect 0 "by hand, an SSH signature with allowed_signers: 0" \
        bash "$by_hand" -f "$trust/allowed_signers" -I maria "$v"
    expect 3 "by hand, another name in allowed_signers: 3" \
        bash "$by_hand" -f "$trust/allowed_signers" -I omar "$v"
    pack "$v" "$work/variant.tar.gz"
    expect 0 "by sealbag: 0" verify "$work/variant.tar.gz"
    printf 'x' >>"$v/seal/seal.txt"
    expect 1 "by hand, an SSH signature that does not fit: 1" \
        bash "$by_hand" -f "$trust/allowed_signers" -I maria "$v"
fi
