#!/usr/bin/env bash
# Files that are two archives at once: a packed one for whoever reads them from the beginning, and a plain tar
# for tar, and for whoever looks for an index (issue "Any bag from anyone").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have python3 || ! have zstd; then
    echo "skipped - there is no python3 or no zstd here"
    exit 77
fi
make_key maria
trust_key maria
twofold() {
    python3 "$(dirname "${BASH_SOURCE[0]}")/twofold.py" "$@"
}
mkdir "$work/true" "$work/false" "$work/to"
echo "The commander gave the order." >"$work/true/testimony.txt"
echo "Nobody gave an order." >"$work/false/testimony.txt"
seal "$work/true.tar" --name sample "$work/true"
zstd -q "$work/true.tar" -o "$work/true.tar.zst"
gzip -kn "$work/true.tar"
seal "$work/true.zip" --name sample "$work/true"

# Twice, since the document must know how many bytes will follow it.
rest=0
for _ in 1 2; do
    twofold room "$work/true.tar.zst" "$work/false/zz.bin" "$rest"
    seal "$work/false.tar" --name sample "$work/false"
    rest=$(twofold join "$work/false.tar" "$work/false/zz.bin" "$work/both.tar.zst")
    rm "$work/false.tar"
done
zstd -dcq "$work/both.tar.zst" | cmp - "$work/true.tar"
tar -xf "$work/both.tar.zst" -C "$work/to" sample/data/testimony.txt
check "tar sees another bag than zstd" cmp "$work/false/testimony.txt" "$work/to/sample/data/testimony.txt"

# refused WHAT FILE: by all, however they read
refused() {
    local command more
    for command in verify list show extract; do
        rm -rf "$work/to"
        mkdir "$work/to"
        case $command in
            show) more=(testimony.txt) ;;
            extract) more=(testimony.txt -C "$work/to") ;;
            *) more=() ;;
        esac
        expect 1:tar.disagreement "$command refuses $1" \
            sealbag "$command" --keys "$trust" "$2" "${more[@]}"
    done
    equal "nothing is extracted: $1" "" "$(ls -A "$work/to")"
}
refused "a tar that begins like a .tar.zst" "$work/both.tar.zst"
for kind in gz zip; do
    packed=$work/true.tar.gz
    [ "$kind" = gz ] || packed=$work/true.zip
    twofold head "$kind" "$work/true.tar" "$packed" "$work/both.$kind"
    check "tar sees a tar in both.$kind" test -n "$(tar -tf "$work/both.$kind")"
    refused "a .$kind that begins like a tar" "$work/both.$kind"
done
twofold disc "$work/true.zip" "$work/disc.zip"
refused "a .zip that can be the image of a disc" "$work/disc.zip"
check "gzip sees what it is" gzip -t "$work/both.gz"
if have unzip; then
    check "and unzip" unzip -qt "$work/both.zip"
    check "also in the other one" unzip -qt "$work/disc.zip"
fi
