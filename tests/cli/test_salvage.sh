#!/usr/bin/env bash
# extract --salvage saves what still matches the signed manifest, says what is lost, and exits 1;
# and what extract leaves when it is stopped (issue 3; DESIGN.md, section 4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_key stranger
trust_key maria
make_sample "$work/source"
for i in 1 2 3 4 5 6 7 8; do
    head -c 700000 /dev/urandom >"$work/source/photos/picture-$i"
done
bundle=$work/sample.tar.gz
seal "$bundle" "$work/source"
unpack "$bundle" "$work/base"
to=$work/to
fresh() {
    rm -rf "$to"
    mkdir "$to"
}
salvage() {
    sealbag extract --keys "$trust" -C "$to" --salvage "$@"
}
variant() {
    rm -rf "$work/variant"
    mkdir "$work/variant"
    cp -R "$work/base/sample" "$work/variant/sample"
}
lost=$work/lost
# saved SENTENCE BUNDLE [OPTIONS...]: what is saved and what is reported as lost is the whole
saved() {
    fresh
    : >"$lost"
    : >"$work/kept"
    expect 1 "$1" salvage "${@:3}" "$2"
    equal "it is in sample.INCOMPLETE: $1" sample.INCOMPLETE "$(names "$to")"
    if [ ! -d "$to/sample.INCOMPLETE/data" ]; then
        show_output
        return
    fi
    sed -n 's/^Lost: data\///p' "$work/out" "$work/err" | sort >"$lost"
    check "it says INCOMPLETE: $1" grep -q INCOMPLETE "$work/out" "$work/err"
    (cd "$to/sample.INCOMPLETE/data" && find . -type f -printf '%P\n' | sort) >"$work/kept"
    (cd "$work/source" && find . -type f -printf '%P\n' | sort) >"$work/all"
    check "each document is either saved or named as lost: $1" \
        cmp <(sort "$lost" "$work/kept") "$work/all"
    local file bad=
    while IFS= read -r file; do
        cmp -s "$work/source/$file" "$to/sample.INCOMPLETE/data/$file" || bad=$file
    done <"$work/kept"
    equal "what is saved is what was sealed: $1" '' "$bad"
}
# nothing CODE SENTENCE BUNDLE [OPTIONS...]
nothing() {
    fresh
    expect "$1" "$2" salvage "${@:4}" "$3"
    equal "nothing is there: $2" '' "$(names "$to")"
}

# ---- a bag that was altered and packed again ---------------------------------------------------

variant
printf 'forged\n' >"$work/variant/sample/data/minutes.txt"
pack "$work/variant/sample" "$work/altered.tar.gz"
saved "an altered document is lost" "$work/altered.tar.gz"
equal "only it is lost" minutes.txt "$(cat "$lost")"
variant
rm "$work/variant/sample/data/.notes"
printf 'more\n' >"$work/variant/sample/data/extra"
printf 'more\n' >"$work/variant/sample/extra"
pack "$work/variant/sample" "$work/altered.tar.gz"
saved "a missing document is lost, and an added one is not saved" "$work/altered.tar.gz"
equal "only the missing one is lost" .notes "$(cat "$lost")"
refute "a file that was added beside data/ is not saved" test -e "$to/sample.INCOMPLETE/extra"
variant
sed -i 's/./x/' "$work/variant/sample/manifest-sha256.txt"
pack "$work/variant/sample" "$work/altered.tar.gz"
nothing 1 "an altered manifest says nothing, so nothing is saved" "$work/altered.tar.gz"
variant
printf 'forged\n' >"$work/variant/sample/data/minutes.txt"
sed -i 's/^Leaves: .*/Leaves: 1/' "$work/variant/sample/seal/seal.txt"
pack "$work/variant/sample" "$work/altered.tar.gz"
nothing 1 "an altered seal says nothing either" "$work/altered.tar.gz"
variant
printf 'forged\n' >"$work/variant/sample/data/minutes.txt"
(cd "$work/variant/sample" && find data -type f -print0 | xargs -0 sha256sum >manifest-sha256.txt)
pack "$work/variant/sample" "$work/altered.tar.gz"
nothing 1 "a manifest that fits the forgery is not the signed one" "$work/altered.tar.gz"

find_one() {
    [ -n "$(find "$1" -name "$2")" ]
}

# ---- a plain folder ------------------------------------------------------------------------------

folder=$work/variant/sample
variant
rm "$folder/seal/index.tsv"
printf 'forged\n' >"$folder/data/minutes.txt"
rm "$folder/data/.notes"
printf 'more\n' >"$folder/data/extra"
ln -sf "$work/source/photos/picture-2" "$folder/data/photos/picture-2"
rm "$folder/data/photos/picture-3"
mkfifo "$folder/data/photos/picture-3"
listing "$folder" >"$work/before"
saved "of a folder, too, what is altered, missing, a link or a pipe is lost" "$folder"
equal "and nothing else" ".notes minutes.txt photos/picture-2 photos/picture-3" \
    "$(tr '\n' ' ' <"$lost" | sed 's/ $//')"
check "its signature is there" find_one "$to/sample.INCOMPLETE/seal" '*.minisig'
listing "$folder" >"$work/after"
check "the folder is as it was" cmp "$work/before" "$work/after"
saved "also in one process" "$folder" --no-sandbox
mkdir "$work/nobody"
: >"$work/nobody/allowed_signers"
nothing 1 "nothing, if nobody is trusted" "$folder" --keys "$work/nobody"
fresh
expect 2:usage "not into the folder" sealbag extract --keys "$trust" -C "$folder/data" --salvage "$folder"
variant
sed -i 's/./x/' "$folder/manifest-sha256.txt"
nothing 1 "an altered manifest of a folder says nothing" "$folder"
variant
saved_whole() {
    fresh
    expect 0 "a folder that is not damaged is extracted whole" salvage "$folder"
    equal "under its name" sample "$(names "$to")"
}
saved_whole

# ---- a bundle with bad bytes -------------------------------------------------------------------

size=$(stat -c %s "$bundle")
# flipped PLACE: a copy with one bit flipped
flipped() {
    local byte
    cp "$bundle" "$work/flipped.tar.gz"
    byte=$(tail -c +"$(($1 + 1))" "$bundle" | head -c 1 | to_hex || true)
    from_hex "$(printf '%02x' "$((0x$byte ^ 1))")" |
        dd of="$work/flipped.tar.gz" bs=1 seek="$1" conv=notrunc status=none
}
for part in 2 3 5 9; do
    # The last is in the first member, where bagit.txt is.
    flipped "$((size / part))"
    expect 1 "a bit flipped at 1/$part is 1" verify "$work/flipped.tar.gz"
    saved "a bit flipped at 1/$part loses what lies there" "$work/flipped.tar.gz"
    check "not all is lost" test -s "$work/kept"
    check "something is lost" test -s "$lost"
    check "at most five documents are lost" test "$(grep -c '' "$lost")" -le 5
    check "the signature of what was saved is there too" \
        find_one "$to/sample.INCOMPLETE/seal" '*.minisig'
done
cp "$bundle" "$work/flipped.tar.gz"
dd if=/dev/urandom of="$work/flipped.tar.gz" bs=1000 seek=2000 count=1200 conv=notrunc status=none
saved "a stretch of bad bytes loses what lies there" "$work/flipped.tar.gz"
check "not all is lost" test -s "$work/kept"
{
    head -c 2000000 "$bundle"
    tail -c +3000001 "$bundle"
} >"$work/gap.tar.gz"
saved "a stretch that is missing loses what lay there" "$work/gap.tar.gz"
check "not all is lost" test -s "$work/kept"
head -c "$((size / 2))" "$bundle" >"$work/cut.tar.gz"
nothing 1 "a truncated bundle has lost its seal" "$work/cut.tar.gz"
says "Nothing can be saved" "it says that nothing can be saved"
nothing 1 "also when everything is accepted" "$work/cut.tar.gz" --accept-untrusted --accept-unsigned

if have python3; then
    fresh
    flipped "$((size / 2))"
    expect 1 "--json tells of the salvage too" salvage --json "$work/flipped.tar.gz"
    lost_list=$(python3 - "$work/out" <<'PYTHON' 2>&1 || true
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
print(told["exit"], told["error"], told["folder"].endswith("/sample.INCOMPLETE"))
print("\n".join(told["lost"]))
PYTHON
    )
    equal "its exit code, no error, the folder, and what is lost" "1 None True
$(cd "$to/sample.INCOMPLETE" && comm -23 <(sed 's/^/data\//' "$work/all") \
        <(find data -type f | sort))" "$lost_list"
fi

# ---- bundles in bundles, and damaged beginnings -------------------------------------------------

# A file by another program holds a whole bundle as a document: that is not the bundle to save.
mkdir -p "$work/inner/sample" "$work/outer/sample"
head -c 300000 /dev/urandom >"$work/inner/sample/noise"
# spoil FILE PLACE: a byte of it is another.
spoil() {
    printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
containers=(tar.gz)
if have zstd; then
    containers+=(tar.zst)
fi
for kind in "${containers[@]}"; do
    case $kind in
        tar.gz) packed=(-czf) ;;
        *) packed=(--zstd -cf) ;;
    esac
    seal "$work/outer/sample/inner.$kind" --name sample "$work/inner"
    printf 'a letter\n' >"$work/outer/sample/letter"
    seal "$work/outer.$kind" --name sample "$work/outer/sample"
    rm -rf "$work/variant"
    mkdir "$work/variant"
    tar -xf "$work/outer.$kind" -C "$work/variant"
    printf 'forged\n' >"$work/variant/sample/data/letter"
    tar -C "$work/variant" --sort=name "${packed[@]}" "$work/altered.$kind" sample
    fresh
    expect 1 "$kind by another program, with a bundle in it" salvage "$work/altered.$kind"
    equal "the bundle in it is what is saved, as a document" "inner.$kind" \
        "$(names "$to/sample.INCOMPLETE/data")"
    rm -r "$work/outer" "$work/outer.$kind"
    mkdir -p "$work/outer/sample"

    # The first header of ours is damaged, and so is something in the middle.
    seal "$work/broken.$kind" --name sample "$work/source"
    spoil "$work/broken.$kind" 4
    spoil "$work/broken.$kind" 14
    head -c 30 /dev/urandom |
        dd of="$work/broken.$kind" bs=1 seek=$(($(size_of "$work/broken.$kind") / 2)) conv=notrunc \
            status=none
    saved "$kind: a damaged first header, and damage in the middle" "$work/broken.$kind"
    check "not all is lost" test -s "$work/kept"
done
rm -r "$work/inner" "$work/outer"

# ---- whom to believe ---------------------------------------------------------------------------

sealbag create --quiet -o "$work/unknown.tar.gz" --name sample --key "$work/keys/stranger" \
    "$work/source"
rm -rf "$work/variant"
unpack "$work/unknown.tar.gz" "$work/variant"
printf 'forged\n' >"$work/variant/sample/data/minutes.txt"
pack "$work/variant/sample" "$work/unknown-altered.tar.gz"
nothing 1 "of an unknown signer nothing is saved" "$work/unknown-altered.tar.gz"
saved "with --accept-untrusted it is" "$work/unknown-altered.tar.gz" --accept-untrusted
rm -r "$work/variant/sample/seal"
pack "$work/variant/sample" "$work/unsigned-altered.tar.gz"
nothing 1 "of an unsigned bag nothing is saved" "$work/unsigned-altered.tar.gz" --accept-untrusted
saved "with --accept-unsigned it is" "$work/unsigned-altered.tar.gz" --accept-unsigned
# What looks like the beginning of a piece every few bytes, and is none.
piece=1f8b08040000000000ff080053420400000001000000000000000000
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
    piece=$piece$piece
done
from_hex "$piece" >"$work/marks.tar.gz"
nothing 1 "a file of beginnings is given up" "$work/marks.tar.gz" --accept-unsigned
expect_rule limit.reached "and it is said why"
# A forger who takes away the seal and what makes it a bag, too.
rm -- "$work/variant/sample/bagit.txt"
pack "$work/variant/sample" "$work/no-bag.tar.gz"
nothing 1 "of what is neither sealed nor a bag nothing is saved" "$work/no-bag.tar.gz"
nothing 1 "nor when the untrusted are accepted" "$work/no-bag.tar.gz" --accept-untrusted
nothing 1 "of another bag than the demanded one nothing is saved" "$work/altered.tar.gz" \
    --seal "$(printf '%064d' 1)" --accept-untrusted --accept-unsigned
fresh
expect 0 "of a good bundle everything is extracted" salvage "$bundle"
equal "under its own name" sample "$(names "$to")"
fresh
mkdir "$to/sample.INCOMPLETE"
flipped "$((size / 2))"
expect 1 "a sample.INCOMPLETE that exists is refused" salvage "$work/flipped.tar.gz"
equal "and still empty" '' "$(names "$to/sample.INCOMPLETE")"
equal "with nothing beside it" sample.INCOMPLETE "$(names "$to")"
fresh
expect 2 "--salvage with a document's name is 2" salvage "$bundle" minutes.txt
from_pipe() {
    cat "$bundle" | salvage -
}
expect 2 "--salvage from a pipe is 2" from_pipe

# ---- stopped in the middle ---------------------------------------------------------------------

rm -rf "$work/variant" "$work/source" "$work/base"
mkdir "$work/large"
truncate -s 1500M "$work/large/film"
printf 'x\n' >"$work/large/a"
if [ "$(du -k "$work/large" | cut -f 1)" -gt 100000 ] || sanitized; then
    skip_part "extract stopped in the middle (no sparse files here, or a slow build)"
    exit 0
fi
seal "$work/large.tar.gz" --level 1 --name sample "$work/large"
# stopped SIGNAL CODE: after it has begun to write
stopped() {
    local pid tries=0
    fresh
    env --default-signal=INT "$SEALBAG" extract --keys "$trust" -C "$to" - \
        < <(cat "$work/large.tar.gz") >"$work/out" 2>"$work/err" &
    pid=$!
    while ! find "$to" -name film 2>/dev/null | grep -q . && [ "$tries" -lt 3000 ]; do
        sleep 0.02
        tries=$((tries + 1))
    done
    sleep 0.1
    kill -s "$1" "$pid"
    code=0
    wait "$pid" 2>/dev/null || code=$?
    equal "SIG$1 in the middle: the exit code is $2" "$2" "$code"
}
for signal in INT TERM; do
    stopped "$signal" 5
    equal "SIG$signal leaves nothing" '' "$(names "$to")"
done
stopped KILL 137
equal "SIGKILL leaves nothing that looks finished" '' \
    "$(find "$to" -mindepth 1 -maxdepth 1 ! -name '.sealbag-*')"
