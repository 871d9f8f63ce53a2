#!/usr/bin/env bash
# Another sealed bundle that lies hidden in a bundle, where the index, the pointer or a length could
# lead to it: in an extra field, in a document, in a raw block, before the end. Its documents are
# never listed or extracted, and verify does not take the bundle for a good one (issue "Speed").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/cli/lib_index.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib_index.sh"

documents=(minutes.txt z/twin)
# All pieces of a container: kinds, places and lengths in these arrays.
take_pieces() {
    mapfile -t piece_kind < <(reframe pieces "$1" | cut -d ' ' -f 1)
    mapfile -t piece_at < <(reframe pieces "$1" | cut -d ' ' -f 2)
    mapfile -t piece_size < <(reframe pieces "$1" | cut -d ' ' -f 3)
}
u32() {
    printf '%02x%02x%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}
# Where the bytes of one file lie in another: find_bytes FILE IN
find_bytes() {
    python3 -c 'import sys
print(open(sys.argv[2], "rb").read().find(open(sys.argv[1], "rb").read()))' "$1" "$2"
}
hidden_gz=$work/hidden-bag/sample.tar.gz
hidden_zst=$work/hidden-bag/sample.tar.zst

# ---- lengths that lie --------------------------------------------------------------------------

kind=gz
take_pieces "$work/sample.tar.gz"
last=$((${#piece_kind[@]} - 2))
for n in 0 1 "$last"; do
    for size in 0 28 $((piece_size[n] - 1)) $((piece_size[n] + 1)) 1114113 4294967295 \
        $((piece_size[n] + piece_size[n + 1])); do
        cp "$work/sample.tar.gz" "$bad"
        overwrite "$bad" $((piece_at[n] + 16)) "$(u32 "$size")"
        hostile 1 either "member $n says that it has $size bytes"
    done
done
# Something between two members, which the length of the first takes in.
{
    slice "$work/sample.tar.gz" 0 $((piece_at[1] + piece_size[1]))
    cat "$hidden_gz"
    slice "$work/sample.tar.gz" "${piece_at[2]}" 100000000
} >"$bad"
hostile 1 either "another bundle between two members"
overwrite "$bad" $((piece_at[1] + 16)) "$(u32 $((piece_size[1] + $(size_of "$hidden_gz"))))"
hostile 1 either "another bundle within a member"
if [ "${#kinds[@]}" -gt 1 ]; then
    take_pieces "$work/sample.tar.zst"
    for n in 0 1; do
        # The header has nine bytes; then the first block's size.
        for bit in 3 10 23; do
            cp "$work/sample.tar.zst" "$bad"
            flip "$bad" $((piece_at[n] + 9 + bit / 8)) $((1 << (bit % 8)))
            hostile 1 either "frame $n, and bit $bit of the size of its first block"
        done
        cp "$work/sample.tar.zst" "$bad"
        flip "$bad" $((piece_at[n] + 6))
        hostile 1 either "frame $n says that it holds more or less"
    done
    {
        slice "$work/sample.tar.zst" 0 "${piece_at[1]}"
        cat "$hidden_zst"
        slice "$work/sample.tar.zst" "${piece_at[1]}" 100000000
    } >"$bad"
    hostile 1 either "another bundle between two frames"
fi

# ---- in a field that others pass over ----------------------------------------------------------

head -c 30000 "$hidden_tar" >"$work/letter" # FEXTRA holds 64 KiB at most
mkdir "$work/small"
printf 'this stays secret\n' >"$work/small/secret.txt"
seal "$work/extra" --name sample --format tar.gz "$work/small"
check "the hidden bundle fits into an extra field" test "$(size_of "$work/extra")" -lt 60000
expect 0 "and is a good one" verify "$work/extra"
quiet=1
reframe foreign "$tar" "$bad" "$work/extra"
hostile 0 0 "a bundle in the extra field of a foreign gzip member"
{ printf 'SB\004\000' && u32 5000 | { read -r hex && from_hex "$hex"; } && cat "$work/extra"; } >"$work/field"
reframe foreign "$tar" "$bad" "$work/field"
hostile 0 0 "the same behind a subfield like sealbag's"
quiet=
reframe foreign "$tar" "$bad" "$work/extra"
tail -c 38 "$work/sample.tar.gz" >>"$bad"
hostile 1:gzip.mixed 1 "the same, and a pointer at the end"
tail -c 38 "$work/extra" >"$work/pointer"
for where in first second end; do
    : >"$work/nothing"
    reframe foreign "$work/nothing" "$work/member" "$work/extra"
    take_pieces "$work/sample.tar.gz"
    case $where in
        first) { cat "$work/member" "$work/sample.tar.gz"; } >"$bad" ;;
        second)
            {
                slice "$work/sample.tar.gz" 0 "${piece_at[1]}"
                cat "$work/member"
                slice "$work/sample.tar.gz" "${piece_at[1]}" 100000000
            } >"$bad"
            ;;
        end) { cat "$work/sample.tar.gz" "$work/member"; } >"$bad" ;;
    esac
    hostile 1 1 "a foreign member without data, a bundle in its extra field ($where)"
done
if [ "${#kinds[@]}" -gt 1 ]; then
    quiet=1
    {
        zstd -qc "$tar"
        printf '\120\052\115\030'
        from_hex "$(u32 "$(size_of "$hidden_zst")")"
        cat "$hidden_zst"
    } >"$bad"
    hostile 0 0 "a bundle in a skippable frame behind a foreign zstd frame"
    quiet=
    take_pieces "$work/sample.tar.zst"
    {
        slice "$work/sample.tar.zst" 0 "${piece_at[1]}"
        printf '\120\052\115\030'
        from_hex "$(u32 "$(size_of "$hidden_zst")")"
        cat "$hidden_zst"
        slice "$work/sample.tar.zst" "${piece_at[1]}" 100000000
    } >"$bad"
    hostile 1 1 "a bundle in a skippable frame between sealbag's"
fi

# ---- in documents ------------------------------------------------------------------------------

# Documents that are a bundle and a tar, and have been sealed with the rest. Between bytes that do
# not compress, the bundle lies in the container as it is: in a stored or raw block.
mkdir "$source/y"
head -c 300000 /dev/urandom >"$source/y/3"
cp "$hidden_tar" "$source/z/inner.tar"
inner_index=$(reframe find "$hidden_tar" seal/index.tsv)
for kind in "${kinds[@]}"; do
    hidden=$work/hidden-bag/sample.tar.$kind
    cp "$hidden" "$source/y/2"
    head -c 200000 /dev/urandom >"$source/y/1"
    seal_source
    # Not across the end of a stored block of 65,535 bytes or a raw one of 128 KiB, or of a frame.
    case $kind in
        gz) level=0 frame=$((1 << 20)) block=65535 ;;
        zst) level=1 frame=$((4 << 20)) block=$((1 << 17)) ;;
    esac
    within=$((($(offset_of data/y/2) + 512) % frame % block))
    if [ $((within + $(size_of "$hidden"))) -gt "$block" ]; then
        head -c $((200000 + block + 1000 - within)) /dev/urandom >"$source/y/1"
        seal_source
    fi
    cp "$work/sample.tar.$kind" "$bad"
    expect 0 "a bag with bundles as documents verifies ($kind)" verify "$bad"
    document_is 0 "as a document it is there ($kind)" z/inner.tar
    reframe pack "$kind" "$tar" "$work/stored.$kind" level="$level"
    stored=$(find_bytes "$hidden" "$work/stored.$kind")
    check "the hidden bundle lies in it as it is ($kind)" test "$stored" -gt 0
    places=
    for path in data/z/inner.tar data/y/2; do
        at=$(offset_of "$path")
        places="$places $at $((at + 512)) $((at + 512 + inner_index)) $((at + 1024 + inner_index))"
    done
    for pointer in $places $inner_index $stored $((stored + inner_index)); do
        reframe pack "$kind" "$tar" "$bad" level="$level" pointer="$pointer"
        hostile 1:container.pointer 0 "a pointer to $pointer, into a document ($kind)"
    done
done

# A member's length that ends where a stored bundle begins, and a file that ends where it does.
kind=gz
at=$(find_bytes "$hidden_gz" "$work/stored.gz")
take_pieces "$work/stored.gz"
for ((n = 0; n + 1 < ${#piece_at[@]} && piece_at[n + 1] < at; n++)); do
    :
done
head -c $((at + $(size_of "$hidden_gz"))) "$work/stored.gz" >"$bad"
overwrite "$bad" $((piece_at[n] + 16)) "$(u32 $((at - piece_at[n])))"
check "this is the hidden bundle's pointer" cmp <(tail -c 38 "$bad") <(tail -c 38 "$hidden_gz")
hostile 1 1 "a length that leads into a document, and the end cut off"

# ---- all that the hidden bag's index needs -----------------------------------------------------

# bagit.txt is the same in all bags, and both bags have one name. So its index can take that of the
# outer bag, and all else from the inner tar, when that is the last thing in the outer one: the order
# of files is not signed. crafted IN OUT BASE: an inner tar whose index is right for that place
crafted() {
    tar -xOf "$1" sample/seal/index.tsv |
        awk -F '\t' -v OFS='\t' -v base="$3" '$3 != "path" && $3 != "bagit.txt" { $1 += base } { print }' \
            >"$work/crafted.tsv"
    reframe edit "$1" "$2" "put:seal/index.tsv:$work/crafted.tsv"
}
base=7000000
rm -r "$source/y" "$source/z/inner.tar"
for _ in 1 2 3; do
    crafted "$hidden_tar" "$source/z/inner.tar" "$base"
    seal_source
    reframe edit "$tar" "$work/turned.tar" last:data/z/inner.tar index
    base=$(($(reframe find "$work/turned.tar" data/z/inner.tar) + 512))
done
for kind in "${kinds[@]}"; do
    reframe pack "$kind" "$work/turned.tar" "$bad"
    expect 1 "an index that is not the last file is 1 ($kind)" verify "$bad"
    reframe pack "$kind" "$work/turned.tar" "$bad" pointer=$((base + inner_index))
    hostile 1:container.pointer 0 "a document, the last thing in the tar, with an index for its place ($kind)"
done

# The same without being a document: the inner bag's files behind all of the outer bag's.
rm "$source/z/inner.tar"
seal_source
reframe edit "$hidden_tar" "$work/rest.tar" drop:bagit.txt
base=$(($(size_of "$tar") - 1024))
first=$(reframe find "$hidden_tar" data/minutes.txt)
crafted "$hidden_tar" "$work/whole.tar" $((base - first))
reframe edit "$work/whole.tar" "$work/rest.tar" drop:bagit.txt
{ head -c "$base" "$tar" && cat "$work/rest.tar"; } >"$work/both.tar"
for kind in "${kinds[@]}"; do
    reframe pack "$kind" "$work/both.tar" "$bad" pointer=$((base - first + inner_index))
    hostile 1 1 "the files of another bag behind all of this one's ($kind)"
    reframe pack "$kind" "$work/both.tar" "$bad"
    hostile 1 1 "the same, with the pointer to the last index of two ($kind)"
    reframe pack "$kind" "$work/both.tar" "$bad" pointer="$(reframe find "$tar" seal/index.tsv)"
    hostile 1 1 "the same, with the pointer to the first index of two ($kind)"
done
