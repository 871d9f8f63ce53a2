#!/usr/bin/env bash
# With several threads, too, nothing is left behind when a disk is full, a signal comes or documents
# change, and one sentence says what it was (issue "Speed").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
key=$work/keys/maria
out=$work/out-folder
mkdir "$out"
kinds=(tar.gz)
have zstd && kinds+=(tar.zst)

# Several hundred documents, many batches, and some that are too large for one.
source=$work/source
mkdir -p "$source/large"
for i in $(seq 400); do
    head -c 9000 /dev/urandom >"$source/$i"
done
for i in 1 2 3; do
    head -c 1500000 /dev/urandom >"$source/large/$i"
done
for kind in "${kinds[@]}"; do
    seal "$work/bag.$kind" "$source"
done

# fails CODE[:RULE] SENTENCE COMMAND...: one sentence, and nothing is left
fails() {
    expect "$@"
    one_sentence "and one sentence says so: $2"
    equal "and nothing is left: $2" '' "$(names "$out")"
    find "$out" -mindepth 1 -delete
}
create() {
    timeout 600 "$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" "$@" "$source"
}
extract() {
    timeout 600 "$SEALBAG" extract --quiet --keys "$trust" -C "$out" "$@"
}

# ---- full disks --------------------------------------------------------------------------------

# In its own mount namespace, so that no mount is left whatever happens.
cat >"$work/small-disk" <<'SCRIPT'
mount -t tmpfs -o "$1" tmpfs "$2" || exit 99
folder=$2
shift 2
code=0
"$@" || code=$?
[ -z "$(ls -A "$folder")" ] || echo "sealbag: left: $(ls -A "$folder") [left]" >&2
exit "$code"
SCRIPT
can_mount=0
if as_root && have unshare && unshare -m true 2>"$work/err"; then
    can_mount=1
else
    skip_part "a disk that becomes full (only root can mount one)"
fi
limited() {
    (
        ulimit -f "$1"
        trap '' XFSZ
        "${@:2}"
    )
}
on_disk() {
    unshare -m bash "$work/small-disk" "$1" "$out" timeout 600 "$SEALBAG" "${@:2}"
}
# Extraction says the verdict, too; only the last line is of interest.
last_line() {
    local code=0
    "$@" 2>"$work/all" || code=$?
    tail -n 1 "$work/all" >&2
    return "$code"
}
for kind in "${kinds[@]}"; do
    for jobs in 1 2 7; do
        fails 5:io.failed "create -j $jobs, a .$kind that may not grow" limited 1000 create -j "$jobs"
        fails 5:io.failed "extract -j $jobs, documents that may not grow ($kind)" \
            limited 1000 extract -j "$jobs" "$work/bag.$kind"
        fails 5:io.failed "extract -j $jobs of a part ($kind)" \
            limited 1000 extract -j "$jobs" "$work/bag.$kind" large/2
        [ "$can_mount" -eq 1 ] || continue
        fails 5:io.failed "create -j $jobs, and the disk becomes full ($kind)" on_disk size=2m \
            create --quiet -o "$out/bag.$kind" --key "$key" -j "$jobs" "$source"
        fails 5:io.failed "extract -j $jobs, and the disk becomes full ($kind)" on_disk size=2m \
            extract --quiet --keys "$trust" -C "$out" -j "$jobs" "$work/bag.$kind"
        fails 5:io.failed "extract -j $jobs of a part, and the disk becomes full ($kind)" on_disk \
            size=1m extract --quiet --keys "$trust" -C "$out" -j "$jobs" "$work/bag.$kind" large/2
        fails 5 "extract -j $jobs, and the disk has room for 100 files ($kind)" on_disk \
            nr_inodes=100 extract --quiet --keys "$trust" -C "$out" -j "$jobs" "$work/bag.$kind"
    done
    to_full() {
        "$SEALBAG" create -o - --format "$kind" --name bag --key "$key" -j "$1" "$source" >/dev/full
    }
    to_closed_pipe() {
        "$SEALBAG" create -o - --format "$kind" --name bag --key "$key" -j "$1" "$source" |
            head -c 1000 >"$work/head"
        return "${PIPESTATUS[0]}"
    }
    for jobs in 1 2 7; do
        fails 5 "create -j $jobs to a full device ($kind)" to_full "$jobs"
        fails 5 "create -j $jobs to a pipe whose reader goes away ($kind)" to_closed_pipe "$jobs"
    done
done

# Reads that fail, and threads that the system refuses.
if have strace && ! sanitized && strace -o "$work/trace" true 2>"$work/err"; then
    traced() {
        strace -f -qq -o "$work/trace" "$@"
    }
    kind=tar.gz
    # Only root sees the paths of the program's files.
    for name in 30 90 large/2; do
        as_root || break
        fails 5 "create -j 2, and a document cannot be read ($name)" \
            traced -P "$source/$name" -e trace=read -e inject=read:error=EIO \
            "$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" -j 2 "$source"
        says "$source/$name" "and it is named"
    done
    expect 0 "create -j 7 without more threads" traced -e trace=clone,clone3 \
        -e inject=clone,clone3:error=EAGAIN \
        "$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" --time "$sealing_time" \
        --salt "$salt" -j 7 "$source"
    check "gives the same bytes" cmp "$work/bag.$kind" "$out/bag.$kind"
    rm "$out/bag.$kind"
    expect 0 "verify -j 7 without more threads" traced -e trace=clone,clone3 \
        -e inject=clone,clone3:error=EAGAIN "$SEALBAG" verify --no-sandbox --keys "$trust" -j 7 \
        "$work/bag.$kind"
    expect 5:io.failed "verify without a process of its own, unless it is told to" traced \
        -e trace=clone,clone3 -e inject=clone,clone3:error=EAGAIN "$SEALBAG" verify \
        --keys "$trust" "$work/bag.$kind"
    fails 5 "create -j 1, and writing fails" traced -e trace=write -e inject=write:error=EIO:when=3 \
        "$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" -j 1 "$source"
    # Calls are counted for each thread, so that the message may be what cannot be written.
    expect 5 "create -j 2, and writing fails" traced -e trace=write \
        -e inject=write:error=EIO:when=3 \
        "$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" -j 2 "$source"
    equal "and nothing is left" '' "$(names "$out")"
else
    skip_part "reads that fail, threads that are refused (strace cannot be used here)"
fi

# ---- signals -----------------------------------------------------------------------------------

# Programs in the background ignore SIGINT unless they are told not to.
begin() {
    env --default-signal=INT "$SEALBAG" "$@" >"$work/out" 2>"$work/err" &
    pid=$!
}
# Sends $pid the signal and waits for it: $code, and how many $milliseconds it took.
end_by() {
    local started ended guard
    started=$(date +%s%N)
    kill -s "$1" "$pid" 2>/dev/null || true
    # Without the pipe of some of the tests below: its sleep can outlive it.
    (sleep 120 && kill -s KILL "$pid") >/dev/null 2>&1 8>&- &
    guard=$!
    code=0
    wait "$pid" 2>/dev/null || code=$?
    ended=$(date +%s%N)
    kill "$guard" 2>/dev/null || true
    wait "$guard" 2>/dev/null || true
    milliseconds=$(((ended - started) / 1000000))
}
# Two seconds; a machine that has other things to do needs more.
soon=2000
[ -z "${SEALBAG_TEST_SAMPLES-}" ] || soon=60000
# interrupted SIGNAL SENTENCE: $pid ends soon with 5, in one sentence
interrupted() {
    end_by "$1"
    equal "SIG$1, $2: the exit code is 5" 5 "$code"
    one_sentence "SIG$1, $2: one sentence says so"
    check "SIG$1, $2: it ends soon ($milliseconds ms)" test "$milliseconds" -lt "$soon"
    equal "SIG$1, $2: nothing is left" '' "$(names "$out")"
    find "$out" -mindepth 1 -delete
}

endless=$work/endless
mkdir -p "$endless"
truncate -s 50G "$endless/film"
for i in $(seq 300); do
    printf '%d\n' "$i" >"$endless/a-$i"
done
# PID NAME: waits until it has a file of this name open. Only root can see that: the program does not
# let others look into it.
opened() {
    local tries=0
    if ! as_root; then
        sleep 0.4
        return 0
    fi
    until is_open "$@"; do
        tries=$((tries + 1))
        [ "$tries" -lt 6000 ] || return 1
        sleep 0.01
    done
}
is_open() {
    find "/proc/$1/fd" -lname "*/$2" 2>/dev/null | grep -q .
}
film_size=300M
as_root || film_size=1500M
mkfifo "$work/fifo"
for kind in "${kinds[@]}"; do
    for signal in INT TERM; do
        for jobs in 1 2 7; do
            begin create -o "$out/bag.$kind" --key "$key" -j "$jobs" "$endless"
            opened "$pid" film || fail "create opens the film"
            sleep 0.05
            interrupted "$signal" "create -j $jobs ($kind)"
        done
    done
    # The reader of the pipe has stopped reading, and create waits for it: at the latest, a second
    # signal ends it.
    for jobs in 1 2 7; do
        exec 8<>"$work/fifo"
        env --default-signal=INT "$SEALBAG" create -o - --format "$kind" --name bag --key "$key" \
            -j "$jobs" "$source" >&8 2>"$work/err" 8>&- &
        pid=$!
        sleep 0.4
        kill -INT "$pid"
        sleep 0.2
        end_by INT
        case $code in
            5 | 130) pass "SIGINT twice, create -j $jobs to a pipe that nobody reads ($kind)" ;;
            *) fail "SIGINT twice, create -j $jobs to a pipe that nobody reads ($kind)" "$code" ;;
        esac
        exec 8>&-
    done
    # The writer of the pipe has stopped writing, in the middle of a frame.
    half=$(($(size_of "$work/bag.$kind") / 2))
    for verb in verify list extract; do
        for jobs in 1 2 7; do
            exec 8<>"$work/fifo"
            arguments=("$verb" --keys "$trust" -j "$jobs")
            [ "$verb" != extract ] || arguments+=(-C "$out")
            env --default-signal=INT "$SEALBAG" "${arguments[@]}" - <"$work/fifo" >"$work/out" \
                2>"$work/err" 8>&- &
            pid=$!
            timeout 300 head -c "$half" "$work/bag.$kind" >&8
            sleep 0.2
            interrupted INT "$verb -j $jobs of a pipe that stops ($kind)"
            exec 8>&-
        done
    done
done

# In full work: a bundle of zeros. What is so small must not be read to its end either. A fast
# machine may be done before the signal comes.
large=$work/large
mkdir "$large"
printf 'a\n' >"$large/a"
for kind in "${kinds[@]}"; do
    case $kind in
        tar.gz) truncate -s 1G "$large/film" ;;
        tar.zst) truncate -s 4G "$large/film" ;;
    esac
    seal "$work/large.$kind" "$large"
    for verb in verify extract; do
        arguments=("$verb" --keys "$trust" -j 2 "$work/large.$kind")
        [ "$verb" != extract ] || arguments+=(-C "$out")
        for pause in 0.1 0.03 none; do
            if [ "$pause" = none ]; then
                skip_part "SIGINT while $verb works ($kind): it is done too soon here"
                break
            fi
            begin "${arguments[@]}"
            sleep "$pause"
            if kill -0 "$pid" 2>/dev/null && ! [ -e "$out/large" ]; then
                interrupted INT "$verb of a large .$kind after $pause s"
                break
            fi
            wait "$pid" || true
            find "$out" -mindepth 1 -delete
        done
    done
    rm "$work/large.$kind"
done

# ---- documents that change ---------------------------------------------------------------------

kind=tar.gz
moving=$work/moving
# Documents before and behind a film, which create is stopped in: what is behind it has been seen,
# but not read.
new_source() {
    local i document
    rm -rf "$moving"
    mkdir -p "$moving/z"
    truncate -s "$film_size" "$moving/film"
    for i in $(seq 300); do
        printf 'letter %d\n' "$i" >"$moving/z/$i"
    done
    for document in grow shrink change gone kind; do
        seq 1 3000 >"$moving/z/$document"
    done
    head -c 700000 /dev/urandom >"$moving/z/large"
}
# changed_while_stopped COMMAND...: $code, and $pid's output
changed_while_stopped() {
    new_source
    begin create -o "$out/bag.$kind" --key "$key" -j 2 "$moving"
    opened "$pid" film || fail "create opens the film"
    kill -STOP "$pid"
    ! as_root || is_open "$pid" film || fail "it is still in the film"
    "$@"
    kill -CONT "$pid"
    code=0
    wait "$pid" 2>/dev/null || code=$?
}
# still_good SENTENCE COMMAND...: the bundle has what is there now
still_good() {
    local sentence=$1
    shift
    changed_while_stopped "$@"
    equal "$sentence: it is sealed" 0 "$code"
    # The film is nothing but zeros.
    expect 0 "$sentence: it verifies" verify --limit ratio=none "$out/bag.$kind"
    mkdir "$work/there"
    expect 0 "$sentence: the documents are extracted" \
        sealbag extract --limit ratio=none --keys "$trust" -C "$work/there" "$out/bag.$kind" z
    check "$sentence: they are what is there now" same_tree "$moving/z" "$work/there/bag/data/z"
    rm -rf "$work/there"
    find "$out" -mindepth 1 -delete
}
# given_up NAME SENTENCE COMMAND...
given_up() {
    local name=$1 sentence=$2
    shift 2
    changed_while_stopped "$@"
    equal "$sentence: it is 5" 5 "$code"
    says "$name" "$sentence: it is named"
    one_sentence "$sentence: in one sentence"
    equal "$sentence: nothing is left" '' "$(names "$out")"
    find "$out" -mindepth 1 -delete
}
grow() {
    head -c 600000 /dev/urandom >"$moving/z/grow"
    head -c 524288 /dev/urandom >"$moving/z/change"
}
shrink() {
    printf 'short\n' >"$moving/z/shrink"
    : >"$moving/z/change"
    printf 'no longer large\n' >"$moving/z/large"
}
change_all() {
    local i
    for i in $(seq 300); do
        printf 'another letter, number %d\n' "$i" >"$moving/z/$i"
    done
}
still_good "small documents that grow beyond a batch" grow
still_good "documents that shrink" shrink
still_good "documents that change" change_all
given_up z/gone "a document that is removed" rm "$moving/z/gone"
become() {
    rm "$moving/z/kind"
    "$@"
}
given_up z/kind "one that becomes a folder" become mkdir "$moving/z/kind"
given_up z/kind "one that becomes a link" become ln -s change "$moving/z/kind"
given_up z/kind "one that becomes a named pipe" become mkfifo "$moving/z/kind"
given_up z/large "a large one that becomes a link" ln -sf change "$moving/z/large"
folder_link() {
    mv "$moving/z" "$moving/zz" && ln -s zz "$moving/z"
}
given_up z/ "a folder that becomes a link" folder_link
if ! as_root; then
    given_up z/gone "a document that may no longer be read" chmod 000 "$moving/z/gone"
else
    skip_part "a document that may no longer be read (root may read everything)"
fi

# While documents are written to all the time, it gives up, or its bundle is a good one.
new_source
rm "$moving/film"
for round in 1 2 3 4; do
    (
        while :; do
            for i in 7 70 150 299; do
                printf 'and more\n' >>"$moving/z/$i"
                printf 'short\n' >"$moving/z/grow"
                head -c 600000 /dev/zero >"$moving/z/grow"
            done
        done
    ) 2>/dev/null &
    writer=$!
    code=0
    "$SEALBAG" create --quiet -o "$out/bag.$kind" --key "$key" -j 2 "$moving" >"$work/out" \
        2>"$work/err" || code=$?
    kill "$writer"
    wait "$writer" 2>/dev/null || true
    if [ "$code" -eq 0 ]; then
        expect 0 "while documents are written to: its bundle verifies ($round)" \
            verify "$out/bag.$kind"
    else
        equal "while documents are written to: it gives up with 5 ($round)" 5 "$code"
        one_sentence "in one sentence ($round)"
        equal "and nothing is left ($round)" '' "$(names "$out")"
    fi
    find "$out" -mindepth 1 -delete
done
