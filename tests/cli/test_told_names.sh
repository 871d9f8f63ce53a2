#!/usr/bin/env bash
# What a bundle's name and the names in it should be warned of, whatever it is packed in: another
# kind than it is, folders that some systems take for one, names that Windows cannot have; and the
# tar of another time, which is not read.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
mkdir "$work/plain" "$work/named"
printf 'a document\n' >"$work/plain/document.txt"

# ---- the kind that the name says ---------------------------------------------------------------

mismatch='[container.name-mismatch]'
kinds=(tar tar.gz zip)
if have zstd; then
    kinds+=(tar.zst)
fi
for kind in "${kinds[@]}"; do
    seal "$work/plain.$kind" "$work/plain"
    for ending in tar tar.gz tgz tar.zst tzst zip ZIP 7z tar.xz; do
        named=$work/named/bundle.$ending
        cp "$work/plain.$kind" "$named"
        expect 0 "a .$kind with the name of a .$ending is judged as ever" verify "$named"
        case $kind:$ending in
            tar:tar | tar.gz:tar.gz | tar.gz:tgz | tar.zst:tar.zst | tar.zst:tzst | zip:zip | zip:ZIP)
                says_not "$mismatch" "and has the name that it should have"
                ;;
            *)
                says "$mismatch" "and its name is warned of"
                says "give it the ending .$kind." "and the right ending told"
                ;;
        esac
    done
    cp "$work/plain.$kind" "$work/named/bundle"
    expect 0 "a .$kind whose name has no ending is judged" verify "$work/named/bundle"
    says_not "$mismatch" "and nothing said of its name"
done
piped() {
    verify - <"$work/named/bundle.tgz"
}
expect 0 "what comes through a pipe has no name" piped
says_not "$mismatch" "so nothing is said of it"

cp "$work/plain.tar" "$work/damaged.zip"
printf 'another' | dd of="$work/damaged.zip" bs=1 conv=notrunc status=none \
    seek="$(grep -abo 'a document' "$work/plain.tar" | head -n 1 | cut -d : -f 1)"
expect 1:manifest.digest-mismatch "a bundle that is damaged is damaged under any name" \
    verify "$work/damaged.zip"
says "$mismatch" "and its name is warned of, too"
head -c 2000 "$work/plain.tar" >"$work/short.zip"
expect 1:tar.truncated "the same for one that was cut off" verify "$work/short.zip"
says "$mismatch" "and its name is warned of, too"
expect 0 "a report is made" sealbag report --keys "$trust" -o "$work/report.html" \
    "$work/named/bundle.7z"
check "and warns of the name" grep -qF container.name-mismatch "$work/report.html"

# ---- folders that are one elsewhere, and names that Windows cannot have -------------------------

mkdir -p "$work/twins/Letters" "$work/twins/letters" "$work/twins/notes" \
    "$work/twins/"$'caf\303\251' "$work/twins/"$'cafe\314\201'
printf '1\n' >"$work/twins/Letters/one"
printf '2\n' >"$work/twins/letters/two"
printf '3\n' >"$work/twins/NOTES"
printf '4\n' >"$work/twins/notes/four"
printf '5\n' >"$work/twins/"$'caf\303\251/five'
printf '6\n' >"$work/twins/"$'cafe\314\201/six'
mkdir "$work/windows"
names=('a.' 'b ' 'c:stream' 'CON' 'nul.txt' 'com1' 'quest?ion')
for name in "${names[@]}"; do
    printf '%s' "$name" >"$work/windows/$name"
done
mkdir "$work/windows/prn.d" "$work/windows/folder."
printf 'x' >"$work/windows/prn.d/x"
printf 'y' >"$work/windows/folder./y"
for kind in tar zip; do
    seal "$work/twins.$kind" "$work/twins"
    expect 0:path.twin "folders that are one elsewhere are warned of ($kind)" verify "$work/twins.$kind"
    says 'data/letters: This path and "data/Letters" differ' "in another case ($kind)"
    says 'data/notes: This path and "data/NOTES" differ' "also a folder and a file ($kind)"
    equal "and in another Unicode form, each pair once ($kind)" 3 \
        "$(grep -c 'path\.twin' "$work/out")"
    seal "$work/windows.$kind" "$work/windows"
    expect 0:path.not-portable "names are warned of ($kind)" verify "$work/windows.$kind"
    equal "each of them ($kind)" $((${#names[@]} + 2)) "$(grep -c 'path\.not-portable' "$work/out")"
    seal "$work/top.$kind" --name 'NUL.' "$work/plain"
    expect 0:path.not-portable "so is the name of the bag's folder ($kind)" verify "$work/top.$kind"
done

# ---- a tar of another time ---------------------------------------------------------------------

mkdir "$work/old"
unpack "$work/plain.tar.gz" "$work/old"
tar -C "$work/old" --format=v7 -cf "$work/old.tar" plain
gzip -k "$work/old.tar"
for file in old.tar old.tar.gz; do
    expect 5:container.unsupported "a tar of the time before ustar is not read ($file)" \
        verify "$work/$file"
    says "before 1988" "and it is told why ($file)"
done
tar -C "$work/old" --format=ustar -cf "$work/new.tar" plain
expect 0 "packed again it verifies" verify "$work/new.tar"
