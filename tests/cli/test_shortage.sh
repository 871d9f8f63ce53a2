#!/usr/bin/env bash
# Too few open files, too little memory, and bundles that are made to use it up: nothing that can be
# read is left out, nothing is called damaged that is not, and nothing is left behind (issue "Speed").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
key=$work/keys/maria
out=$work/out-folder
mkdir "$out"
source=$work/source
for i in $(seq 100); do
    mkdir -p "$source/$i"
    echo "$i" >"$source/$i/document"
done
small=$work/small
make_sample "$small"
seal "$work/bag.tar.gz" "$small"
kinds=(tar.gz)
if have zstd; then
    kinds+=(tar.zst)
    seal "$work/bag.tar.zst" "$small"
fi

# whole_or_nothing SENTENCE [COUNT]: after create, all documents are in, or nothing is there and
# the exit code is 5.
whole_or_nothing() {
    local documents=0
    [ ! -e "$out/bag.tar.gz" ] || documents=$(tar -tzf "$out/bag.tar.gz" | grep -c /data/)
    if [ "$code:$documents:$(names "$out")" = "0:${2-100}:bag.tar.gz" ] ||
        [ "$code:$documents:$(names "$out")" = 5:0: ]; then
        pass "$1"
    else
        fail "$1" "exit code $code, $documents documents, in the folder: $(names "$out")"
        show_output
    fi
    find "$out" -mindepth 1 -delete
}
create() {
    "$@" "$SEALBAG" create --quiet --skip-special -o "$out/bag.tar.gz" --key "$key" -j "$jobs" \
        "$source"
}

# ---- open files --------------------------------------------------------------------------------

few_files() {
    (
        ulimit -n "$1"
        exec "${@:2}"
    )
}
threads=(1 2 64)
[ -z "${SEALBAG_TEST_SAMPLES-}" ] || threads=(64)
for jobs in "${threads[@]}"; do
    succeeded=0
    for files in 5 6 7 8 9 10 11 12 14 16 20 24 32 64; do
        run create few_files "$files"
        [ "$code" -ne 0 ] || succeeded=$((succeeded + 1))
        [ "$code" -eq 0 ] || one_sentence "create -j $jobs with $files open files says what is wrong"
        whole_or_nothing "create -j $jobs with $files open files leaves no folder out"
    done
    # From few files on, however many threads are asked for.
    check "create -j $jobs works with few open files" test "$succeeded" -ge 9
done

can_trace=0
if have strace && ! sanitized && strace -o "$work/trace" true 2>"$work/err"; then
    can_trace=1
else
    skip_part "calls that fail (strace cannot be used here)"
fi
# before CALL: how many such calls are made before the program itself begins.
before() {
    strace -f -qq -o "$work/trace" -e "trace=$1" "$SEALBAG" --version >"$work/check-out"
    grep -c "$1" "$work/trace" || true
}
# injected CALL ERROR N COMMAND...
injected() {
    strace -f -qq -o "$work/trace" -e "trace=$1" -e "inject=$1:error=$2:when=$3" "${@:4}"
}
if [ "$can_trace" -eq 1 ]; then
    jobs=1
    stats=$(before newfstatat) opens=$(before openat)
    for when in 1 2 3 7 50 101 150; do
        sampled 3 || continue
        run create injected getdents64 EIO "$when"
        whole_or_nothing "create, and the disk fails at listing $when"
        run create injected newfstatat EIO "$((when + stats))"
        whole_or_nothing "create, and the disk fails at examination $when"
        run create injected newfstatat ENOMEM "$((when + stats))"
        whole_or_nothing "create, and memory is short at examination $when"
        for error in EMFILE ENFILE ENOMEM EIO; do
            run create injected openat "$error" "$((when + opens))"
            whole_or_nothing "create, and opening fails at $when ($error)"
        done
    done
fi

# ---- memory ------------------------------------------------------------------------------------

# Every request from the first ones on, and each of the last ones; most of those between are
# OpenSSL's, while it gets ready.
first=60 last=150 between=53
[ -z "${SEALBAG_TEST_SAMPLES-}" ] || first=8 last=20 between=199
starved() {
    LD_PRELOAD=$SEALBAG_BUILD/tests/starve.so STARVE_AT=$number STARVE_FIRED=$work/fired "$@"
}
from_there_on() {
    "$@"
}
once() {
    STARVE_ONCE=1 "$@"
}
# Whether request `number` is ever made by the command.
fires() {
    rm -f -- "$work/fired"
    run starved "$@"
    find "$out" -mindepth 1 -delete
    [ -e "$work/fired" ]
}
# starve SENTENCE HOW COMMAND...: exit code 0 or 5, never 1, and nothing is left behind.
starve() {
    local sentence=$1 how=$2 low=1 high=1 wrong=0 tried=0 step=1 left
    shift 2
    number=$high
    while fires "$@"; do
        low=$high high=$((high * 2)) number=$high
    done
    while [ $((high - low)) -gt 1 ]; do
        number=$(((low + high) / 2))
        if fires "$@"; then low=$number; else high=$number; fi
    done
    for ((number = 1; number <= low; number += step)); do
        step=1
        [ "$number" -lt "$first" ] || [ "$number" -gt $((low - last)) ] || step=$between
        rm -f -- "$work/fired"
        run "$how" starved "$@"
        tried=$((tried + 1))
        left=$(names "$out")
        [ "$left" != "bag.$kind" ] || "$SEALBAG" verify --keys "$trust" "$out/$left" \
            >"$work/check-out" || wrong=$((wrong + 1))
        if { [ "$code" -ne 0 ] && [ "$code" -ne 5 ]; } || { [ "$code" -eq 5 ] && [ -n "$left" ]; }; then
            # A library that ends the process gives no chance to clean up.
            if ! said 'ended early within a library' || [ "$code" -ne 5 ]; then
                wrong=$((wrong + 1))
                [ "$wrong" -gt 3 ] || show_output
            fi
        fi
        find "$out" -mindepth 1 -delete
    done
    equal "$sentence: $tried of $low requests refused" 0 "$wrong"
}
if sanitized || ! LD_PRELOAD=$SEALBAG_BUILD/tests/starve.so true; then
    skip_part "memory that is short (nothing can be preloaded into this build)"
else
    for kind in "${kinds[@]}"; do
        bundle=$work/bag.$kind
        ways=(from_there_on once)
        [ -z "${SEALBAG_TEST_SAMPLES-}" ] || ways=(once)
        for how in "${ways[@]}"; do
            starve "verify ($kind, $how)" "$how" "$SEALBAG" verify --keys "$trust" -j 1 "$bundle"
            starve "extract ($kind, $how)" "$how" "$SEALBAG" extract --keys "$trust" -j 1 -C "$out" \
                "$bundle"
        done
        starve "list ($kind)" from_there_on "$SEALBAG" list --keys "$trust" -j 1 "$bundle"
        starve "extract of one document ($kind)" from_there_on "$SEALBAG" extract --keys "$trust" -j 1 \
            -C "$out" "$bundle" minutes.txt
        starve "create ($kind)" from_there_on "$SEALBAG" create --skip-special --key "$key" -j 1 \
            -o "$out/bag.$kind" "$small"
    done
fi

# ---- bundles that are made to use it up --------------------------------------------------------

if ! have python3; then
    skip_part "small bundles that are large inside (python3 is not here)"
    exit 0
fi
# peak COMMAND...: runs it, and leaves the most memory that it used, in MiB, in $peak.
peak() {
    run python3 -c '
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as out:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=out)
sys.exit(code)
' "$work/peak" "$@"
    peak=$(cat "$work/peak")
}
within() {
    sanitized || check "$1 within $2 MiB (it takes $peak)" test "$peak" -le "$2"
}
reframe tar "$work/bag.tar.gz" "$work/bag.tar"
digest=$(printf '%064d' 0)
bomb_size=300000000 long_count=20000
# A sanitizer takes ten times as long.
sanitized && bomb_size=100000000 long_count=2000
python3 - "$work/bomb" "$digest" "$bomb_size" <<'SCRIPT'
import sys
with open(sys.argv[1], "wb") as out:
    line = (sys.argv[2] + "  data/minutes.txt\n").encode()
    out.write(line * (int(sys.argv[3]) // len(line)))
SCRIPT
reframe edit "$work/bag.tar" "$work/bomb.tar" put:manifest-sha256.txt:"$work/bomb" index
for kind in "${kinds[@]}"; do
    reframe pack "${kind/tar./}" "$work/bomb.tar" "$work/bomb.$kind" level=9
    for verb in verify list extract; do
        rest=()
        [ "$verb" = verify ] || rest=(-C "$out")
        [ "$verb" != list ] || rest=()
        peak "$SEALBAG" "$verb" --keys "$trust" "${rest[@]}" "$work/bomb.$kind"
        equal "$verb, a manifest made to fill the memory ($kind)" 5 "$code"
        expect_rule limit.reached "$verb says that a limit was reached ($kind)"
        within "$verb, a manifest made to fill the memory ($kind)," 120
    done
done
rm -f "$work"/bomb*

# Zeros: 300 MB of them are more than 500 times as large as what is made of them.
head -c 300000000 /dev/zero >"$work/zeros"
head -c 200000000 /dev/zero >"$work/fewer"
for kind in "${kinds[@]}"; do
    expect 0 "create of zeros ($kind)" "$SEALBAG" create --quiet --force -o "$work/zeros.$kind" \
        --key "$key" "$work/fewer"
    says_not '[bundle.ratio]' "of few enough nothing is said ($kind)"
    expect 0 "and they are verified ($kind)" verify "$work/zeros.$kind"
    expect 0 "create of more zeros ($kind)" "$SEALBAG" create --quiet --force \
        -o "$work/zeros.$kind" --key "$key" "$work/zeros"
    expect_rule bundle.ratio "create says that it is beyond the ratio ($kind)"
    raise=$(grep -o 'ratio=[0-9]*' "$work/err")
    expect 5:limit.reached "and so it is, from a file ($kind)" verify "$work/zeros.$kind"
    says 'the limit "ratio" is 500' "and the limit is named ($kind)"
    expect 5:limit.reached "and from a pipe ($kind)" verify - <"$work/zeros.$kind"
    expect 0 "with what create said it is verified ($kind)" verify --limit "$raise" \
        "$work/zeros.$kind"
    expect 0 "and without the limit ($kind)" verify --limit ratio=none - <"$work/zeros.$kind"
    expect 5:limit.reached "a limit on bytes ($kind)" verify --limit ratio=none \
        --limit expanded=200M "$work/zeros.$kind"
    says '"expanded"' "is named ($kind)"
done
expect 0:bundle.ratio "convert says so, too" sealbag convert --quiet --keys "$trust" --limit ratio=none \
    "$work/zeros.${kinds[0]}" -o "$work/zeros-again.zip"
rm -f "$work"/zeros* "$work/fewer"
for limit in entries=3 path-bytes=10 path-depth=2 tag-bytes=20 manifest-bytes=100; do
    expect 5:limit.reached "the limit $limit" verify --limit "$limit" "$work/bag.tar.gz"
    says "\"${limit%%=*}\" is ${limit#*=}" "is named"
    expect 5:limit.reached "the limit $limit also when documents are listed" \
        "$SEALBAG" list --keys "$trust" --limit "$limit" "$work/bag.tar.gz"
done
expect 0 "limits that are just not reached" verify --limit entries=15 --limit path-bytes=60 \
    --limit path-depth=5 --limit tag-bytes=1K --limit manifest-bytes=1T "$work/bag.tar.gz"
for wrong in ratio ratio= ratio=0 ratio=-1 ratio=1.5 ratio=1KB =1 x=1 ratio=99999999999999999999 \
    ratio=18446744073709551615K; do
    expect 2:usage "--limit $wrong" verify --limit "$wrong" "$work/bag.tar.gz"
done
mkfifo "$work/silent"
sleep 30 >"$work/silent" &
silent=$!
expect 5:limit.reached "the limit on time, while nothing comes" verify --limit time=1 - \
    <"$work/silent"
says '"time" is 1' "is named"
kill "$silent"

# Many paths that are long are no bomb.
python3 - "$work/long" "$long_count" <<'SCRIPT'
import os, sys
folder = sys.argv[1]
for i in range(12):
    folder = os.path.join(folder, "a long name that is the same in every path " * 5)
    os.makedirs(folder)
for i in range(int(sys.argv[2])):
    open(os.path.join(folder, "%d" % i), "w").close()
SCRIPT
for kind in "${kinds[@]}"; do
    seal "$work/long.$kind" "$work/long"
    expect 0 "$long_count empty documents with paths of 2,700 bytes ($kind)" verify "$work/long.$kind"
done
rm -rf -- "$work/long"

# Millions of empty blocks: they are passed over without a call to the kernel for each.
if have zstd && [ "$can_trace" -eq 1 ]; then
    reframe pack zst "$work/bag.tar" "$work/blocks.tar.zst" blocks=1300000
    expect 0 "empty zstd blocks are allowed" verify "$work/blocks.tar.zst"
    run strace -f -o "$work/trace" -e trace=pread64 "$SEALBAG" list --keys "$trust" \
        "$work/blocks.tar.zst"
    equal "and listed" 0 "$code"
    check "with few reads" test "$(grep -c pread64 "$work/trace")" -lt 2000
fi
