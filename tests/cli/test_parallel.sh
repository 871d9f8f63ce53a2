#!/usr/bin/env bash
# The number of threads changes nothing: not one byte of a bundle, not one word of a verdict, and
# nothing that is extracted (issue "Speed").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
key=$work/keys/maria
mib=$((1 << 20))
to=$work/to

# How much the tar of a bundle holds.
tar_size() {
    case $1 in
        *.gz) gzip -dc "$1" | wc -c ;;
        *) zstd -qdc "$1" | wc -c ;;
    esac
}
noise() {
    head -c "$1" /dev/urandom
}

# ---- what is sealed ----------------------------------------------------------------------------

sources=$work/sources
mkdir -p "$sources"/{text,random,many,large,mixed,edges}
seq 1 1500000 >"$sources/text/numbers"
seq 3 7 2000000 >"$sources/text/others"
noise $((6 * mib)) >"$sources/random/noise"
noise 600000 >"$sources/random/more"
for i in $(seq 1 700); do
    printf 'The letter of day %d.\n%0*d\n' "$i" "$((i * 13 % 5000))" "$i" \
        >"$sources/many/letter $((i * 7919 % 1000))-$i"
done
{
    seq 1 2000000
    noise $((14 * mib))
    head -c $((14 * mib)) /dev/zero
} >"$sources/large/film"

# Everything that is treated in another way, in one folder: files of no bytes, names that need
# extended headers, sizes around the batch's limits, large and small ones in turns.
mixed=$sources/mixed
: >"$mixed/empty"
: >"$mixed/zero"
: >"$mixed/$(printf 'e%.0s' $(seq 120))"
long=$(printf 'folder-%04d/' $(seq 20))
mkdir -p "$mixed/$long" "$mixed/b" "$mixed/z"
printf 'deep\n' >"$mixed/$long/document"
printf 'umlaut\n' >"$mixed/"$'m\303\274ll.txt'
noise 700000 >"$mixed/b/"$'\303\251t\303\251.bin'
printf 'a\n' >"$mixed/b/"$'new\nline'
printf 'n\n' >"$mixed/$(printf 'n%.0s' $(seq 250))"
for size in 1 511 512 513 524287 524288 524289 1000000; do
    noise "$size" >"$mixed/b/$size-noise"
    head -c "$size" "$sources/text/numbers" >"$mixed/z/$size-text"
done
for i in $(seq 1 150); do
    seq "$i" 3000 >"$mixed/b/small-$i"
done

# Sizes around the edges of frames, for a document that begins 1,536 bytes into the tar.
edge_sizes=()
for end in $mib $((2 * mib)) $((4 * mib)); do
    for more in -513 -512 -1 0 1 512; do
        edge_sizes+=("$((end - 1536 + more))")
    done
done

# ---- the same bytes, the same verdicts ---------------------------------------------------------

kinds=(tar.gz)
if have zstd; then
    kinds+=(tar.zst)
else
    skip_part ".tar.zst (there is no zstd here)"
fi

# With 1, 2 and 7 threads: make OUT-FOLDER SOURCE KIND [OPTIONS...]
create_all() {
    local folder=$1 source=$2 kind=$3 jobs
    shift 3
    mkdir -p "$folder"/{1,2,7}
    for jobs in 1 2 7; do
        seal "$folder/$jobs/bag.$kind" -j "$jobs" "$@" "$source"
    done
}
# When bundles differ they are kept, because that may happen once in ten thousand runs.
all_same() {
    local kept
    if cmp "$1/1/bag.$2" "$1/2/bag.$2" && cmp "$1/1/bag.$2" "$1/7/bag.$2"; then
        return
    fi
    kept=$(mktemp -d "${TMPDIR:-/tmp}/sealbag-differ-XXXXXX")
    cp -R "$1/1" "$1/2" "$1/7" "$kept"
    echo "the bundles are kept in $kept"
    for jobs in 1 2 7; do
        if verify "$kept/$jobs/bag.$2" >"$kept/$jobs/verdict" 2>&1; then
            echo "-j $jobs: it verifies"
        else
            echo "-j $jobs: it does not verify"
        fi
        case $2 in
            *.gz) gzip -dc "$kept/$jobs/bag.$2" | sha256sum ;;
            *) zstd -qdc "$kept/$jobs/bag.$2" | sha256sum ;;
        esac
    done
    return 1
}
# What is said of a bundle must not depend on the threads: same_words SENTENCE CODE COMMAND... (All are
# judged at one time, which is part of what is said.)
same_words() {
    local sentence=$1 wanted=$2 jobs words=''
    shift 2
    for jobs in 1 2 7; do
        rm -rf "$to"
        mkdir "$to"
        run "$@" -j "$jobs" --at 2025-01-01
        if [ "$code" -ne "$wanted" ]; then
            fail "$sentence" "the exit code with -j $jobs is $code, not $wanted"
            show_output
            return
        fi
        if [ -n "$words" ] && [ "$words" != "$(cat "$work/out" "$work/err")" ]; then
            fail "$sentence" "with -j $jobs it says something else"
            show_output
            return
        fi
        words=$(cat "$work/out" "$work/err")
    done
    pass "$sentence"
}

folders=(text random many large mixed)
[ -z "${SEALBAG_TEST_SAMPLES-}" ] || folders=(text random mixed)
for kind in "${kinds[@]}"; do
    for name in "${folders[@]}"; do
        folder=$work/$kind-$name
        create_all "$folder" "$sources/$name" "$kind"
        check "$kind of $name: -j 1, 2 and 7 give the same bytes" all_same "$folder" "$kind"
        bundle=$folder/1/bag.$kind
        mv "$folder/7/bag.$kind" "$work/default"
        seal "$folder/7/bag.$kind" "$sources/$name"
        check "$kind of $name: so does the default" all_same "$folder" "$kind"
        rm "$work/default"
        same_words "$kind of $name: verify says the same" 0 verify --json "$bundle"
        same_words "$kind of $name: list says the same" 0 \
            sealbag list --keys "$trust" "$bundle"
        for jobs in 1 2 7; do
            rm -rf "$to"
            mkdir "$to"
            expect 0 "$kind of $name: extract -j $jobs" \
                sealbag extract --keys "$trust" -C "$to" -j "$jobs" "$bundle"
            check "$kind of $name: the documents are right (-j $jobs)" \
                same_tree "$sources/$name" "$to/bag/data"
        done
        # All but the last frame are full, and no frame is empty.
        if have python3; then
            reframe pieces "$bundle" >"$work/pieces"
            full=$mib
            [ "$kind" = tar.gz ] || full=$((4 * mib))
            equal "$kind of $name: all frames but the last are full" '' \
                "$(awk -v full="$full" '/^frame/ { if (n++ && data != full) print; data = $4 }' \
                    "$work/pieces")"
            equal "$kind of $name: no frame is empty" '' "$(awk '/^frame/ && !$4' "$work/pieces")"
            equal "$kind of $name: one pointer stands behind the frames" pointer \
                "$(awk '$1 != "frame" { print $1 }' "$work/pieces" | head -n 1)"
        fi
        # Damage is found in the same place.
        damaged=$work/damaged.$kind
        cp "$bundle" "$damaged"
        flip "$damaged" $(($(size_of "$bundle") * 2 / 3)) 16
        same_words "$kind of $name, damaged: verify says the same" 1 verify "$damaged"
        same_words "$kind of $name, damaged: extract says the same" 1 \
            sealbag extract --keys "$trust" -C "$to" "$damaged"
        equal "and nothing is extracted" '' "$(names "$to")"
        rm -rf "$folder/2" "$folder/7" "$damaged"
    done
done

# ---- the levels --------------------------------------------------------------------------------

levels_of() {
    case $1 in
        tar.gz) echo fast 1 6 9 ;;
        *) echo fast 1 9 19 ;;
    esac
}
head -c 4500000 "$sources/text/numbers" >"$sources/edges/numbers"
for kind in "${kinds[@]}"; do
    for level in $(levels_of "$kind"); do
        create_all "$work/level" "$sources/edges" "$kind" --level "$level"
        check "$kind, --level $level: -j 1, 2 and 7 give the same bytes" \
            all_same "$work/level" "$kind"
        expect 0 "$kind, --level $level: it verifies" verify "$work/level/1/bag.$kind"
        case $level in
            1) larger=$(size_of "$work/level/1/bag.$kind") ;;
            9) check "$kind: --level 9 is smaller than --level 1" \
                test "$(size_of "$work/level/1/bag.$kind")" -lt "$larger" ;;
        esac
        rm -r "$work/level"
    done
done
rm "$sources/edges/numbers"

# ---- random data -------------------------------------------------------------------------------

for kind in "${kinds[@]}"; do
    data=$(find "$sources/random" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
    size=$(size_of "$work/$kind-random/1/bag.$kind")
    check "$kind: random data is stored ($data bytes in $size)" \
        test $((size * 100)) -le $((data * 101))
done

# ---- edges -------------------------------------------------------------------------------------

edge=$sources/edges/document
for kind in "${kinds[@]}"; do
    for size in "${edge_sizes[@]}"; do
        sampled 5 || continue
        head -c "$size" "$sources/text/numbers" >"$edge"
        create_all "$work/edge" "$sources/edges" "$kind"
        check "$kind: the same bundle of a document of $size bytes" all_same "$work/edge" "$kind"
        expect 0 "$kind: and it verifies" verify "$work/edge/2/bag.$kind"
        rm -r "$work/edge"
    done
    # The tar itself ends where a frame ends, or a block before or after it.
    for frames in 1 2 4; do
        for more in -512 0 512; do
            sampled 4 || continue
            wanted=$((frames * mib + more))
            head -c $((wanted - 20000)) "$sources/text/numbers" >"$edge"
            seal "$work/edge.$kind" "$sources/edges"
            missing=$((wanted - $(tar_size "$work/edge.$kind")))
            rm "$work/edge.$kind"
            head -c $((wanted - 20000 + missing)) "$sources/text/numbers" >"$edge"
            create_all "$work/edge" "$sources/edges" "$kind"
            bundle=$work/edge/1/bag.$kind
            equal "$kind: this tar has $wanted bytes" "$wanted" "$(tar_size "$bundle")"
            check "$kind: and the same bundle with each number of threads" \
                all_same "$work/edge" "$kind"
            expect 0 "$kind: it verifies" verify -j 2 "$bundle"
            rm -rf "$to"
            mkdir "$to"
            expect 0 "$kind: its document is extracted" \
                sealbag extract --keys "$trust" -C "$to" "$bundle" document
            check "$kind: and right" cmp "$edge" "$to/bag/data/document"
            rm -r "$work/edge"
        done
    done
done

# ---- without a seal, and through pipes ---------------------------------------------------------

for kind in "${kinds[@]}"; do
    mkdir -p "$work/unsigned"
    for jobs in 1 2 7; do
        "$SEALBAG" create --quiet -o "$work/unsigned/$jobs.$kind" --name bag -j "$jobs" \
            --time "$sealing_time" "$mixed" 2>"$work/err"
    done
    check "$kind without a seal: -j 1, 2 and 7 give the same bytes" \
        cmp "$work/unsigned/1.$kind" "$work/unsigned/2.$kind"
    check "$kind without a seal: also with 7" cmp "$work/unsigned/1.$kind" "$work/unsigned/7.$kind"
    expect 4 "$kind without a seal: it is 4" verify "$work/unsigned/2.$kind"
    through_pipe() {
        "$SEALBAG" create --quiet -o - --format "$kind" --name bag --key "$key" -j "$1" \
            --time "$sealing_time" --salt "$salt" "$mixed" | cat >"$work/piped"
    }
    for jobs in 1 2 7; do
        through_pipe "$jobs"
        check "$kind through a pipe: -j $jobs gives the same bytes" \
            cmp "$work/piped" "$work/$kind-mixed/1/bag.$kind"
    done
    from_pipe() {
        cat -- "$work/piped" | verify --json - "$@"
    }
    same_words "$kind from a pipe: verify says the same" 0 from_pipe
done
for verb in verify list extract; do
    for jobs in 0 -1 x ''; do
        expect 2 "$verb -j '$jobs' is 2" \
            sealbag "$verb" --keys "$trust" -j "$jobs" "$work/tar.gz-text/1/bag.tar.gz"
    done
done
