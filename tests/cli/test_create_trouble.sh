#!/usr/bin/env bash
# create when things go wrong meanwhile: keys that do not open, full disks, files that change, and
# signals. It never leaves half a bundle, or one that does not verify (issue 3, "Bad input").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
key=$work/keys/maria
make_sample "$work/source"
out=$work/out-folder
mkdir "$out"
bundle=$out/bag.tar.gz

# fails CODE[:RULE] SENTENCE COMMAND...: one sentence, and nothing is left
fails() {
    expect "$@"
    one_sentence "and one sentence says so: $2"
    [ -z "$(names "$out")" ] || fail "nothing is left after it: $2" "$(names "$out")"
    find "$out" -mindepth 1 -delete
}
with_key() {
    timeout 300 "$SEALBAG" create -o "$bundle" --key "$1" "${@:2}" "$work/source"
}

# ---- keys --------------------------------------------------------------------------------------

printf 'right\n' >"$work/right"
printf 'wrong\n' >"$work/wrong"
printf '\n' >"$work/empty-line"
: >"$work/nothing"
sealbag keygen -o "$work/keys/locked" --passphrase-file "$work/right" >"$work/out"
fails 5:key.passphrase "a wrong passphrase" \
    with_key "$work/keys/locked" --passphrase-file "$work/wrong"
fails 5:key.passphrase "an empty passphrase" \
    with_key "$work/keys/locked" --passphrase-file "$work/empty-line"
fails 5:key.passphrase "no passphrase in the file" \
    with_key "$work/keys/locked" --passphrase-file "$work/nothing"
fails 5 "a passphrase file that is not there" \
    with_key "$work/keys/locked" --passphrase-file "$work/missing"
fails 5 "a passphrase descriptor that is closed" with_key "$work/keys/locked" --passphrase-fd 77
head -c 100000 /dev/zero | tr '\0' x >"$work/long"
fails 5 "an endless passphrase" with_key "$work/keys/locked" --passphrase-file "$work/long"
if have setsid; then
    without_terminal() {
        setsid -w timeout 300 "$SEALBAG" create -o "$bundle" --key "$work/keys/locked" "$work/source"
    }
    fails 5:key.passphrase "a locked key without a terminal" without_terminal
fi

fails 5 "a key that is not there" with_key "$work/keys/missing"
fails 5 "a key that is a folder" with_key "$work/keys"
fails 5 "the public key in place of the secret one" with_key "$work/keys/maria.pub"
# damaged SENTENCE SED_EXPRESSION
damaged() {
    sed "$2" "$key" >"$work/keys/damaged"
    chmod 600 "$work/keys/damaged"
    refute "the key file is changed ($1)" cmp -s "$key" "$work/keys/damaged"
    fails 5:key.malformed "a damaged key: $1" with_key "$work/keys/damaged"
}
damaged "an empty file" 'd'
damaged "the second line missing" '2d'
damaged "the first line missing" '1d'
damaged "a third line" '$aextra'
damaged "no base64" '2s/^./!/'
damaged "a character less" '2s/.$//'
damaged "a character more" '2s/$/A/'
damaged "another algorithm" '2s/^RW/RX/'
damaged "another checksum kind" '2s/^RWQAAEI/RWQAAEM/'
damaged "another way of encryption" '2s/^RWQAAE/RWQBAE/'
damaged "a changed public key" '2s/.\{50\}$/AAAA&/;2s/AAAA.\{4\}/AAAA/'
damaged "a changed secret" '2s/\(.\{100\}\)..../\1AAAA/'
head -c 300000 /dev/urandom >"$work/keys/damaged"
fails 5 "a large file of random bytes as a key" with_key "$work/keys/damaged"

# A hostile key file: encrypted, and its work factors ask for 64 GiB and for years.
hostile() {
    {
        printf 'untrusted comment: minisign encrypted secret key\n'
        from_hex "456453634232$(printf '%064d' 0)$1$2$(printf '%0208d' 0)" | base64 -w 0
        printf '\n'
    } >"$work/keys/hostile"
    chmod 600 "$work/keys/hostile"
}
# Seconds of the processor that it may take, and memory where the limit can be set.
bounded() {
    if sanitized; then
        (ulimit -t 10 && exec "$SEALBAG" "$@")
    else
        (ulimit -t 2 -v 100000 && exec "$SEALBAG" "$@")
    fi
}
for case in 'memory:0000000200000000:0000000010000000' 'time:ffffffffffffff00:0000004000000000' \
    'both:ffffffffffffffff:ffffffffffffffff'; do
    IFS=: read -r what ops mem <<<"$case"
    hostile "$ops" "$mem"
    fails 5:key.malformed "a key file that asks for too much ($what) is refused at once" \
        bounded create -o "$bundle" --key "$work/keys/hostile" --passphrase-file "$work/right" \
        "$work/source"
done

cp "$key" "$work/keys/open"
for mode in 644 640 604 666; do
    chmod "$mode" "$work/keys/open"
    expect 0:key.readable "a key of mode $mode works, with a warning" with_key "$work/keys/open"
    rm -f "$bundle"
done
chmod 600 "$work/keys/open"
expect 0 "a key of mode 600 works" with_key "$work/keys/open"
says_not "key.readable" "without a warning"
rm -f "$bundle"
mkfifo "$work/keys/fifo"
fails 5 "a named pipe as a key does not hang" with_key "$work/keys/fifo"
fails 5 "a named pipe as a salt does not hang" with_key "$key" --salt "$work/keys/fifo"

# ---- full disks --------------------------------------------------------------------------------

head -c 3000000 /dev/urandom >"$work/source/photos/noise"
to_full() {
    sealbag create -o - --name bag --key "$key" "$work/source" >/dev/full
}
fails 5 "a full device on standard output" to_full
to_closed_pipe() {
    sealbag create -o - --name bag --key "$key" "$work/source" | head -c 1000 >"$work/head"
    return "${PIPESTATUS[0]}"
}
fails 5 "a pipe whose reader goes away" to_closed_pipe
limited_file() {
    (
        ulimit -f 1000
        trap '' XFSZ
        with_key "$key"
    )
}
fails 5 "a file that may not grow" limited_file
if as_root && have unshare && unshare -m true 2>"$work/err"; then
    # In its own mount namespace, so that no mount is left whatever happens.
    cat >"$work/small-disk" <<'SCRIPT'
mount -t tmpfs -o "$2" tmpfs "$3" || exit 99
code=0
"$1" create -o "$3/bag.tar.gz" --key "$4" "$5" || code=$?
[ -z "$(ls -A "$3")" ] || echo "sealbag: left: $(ls -A "$3") [left]" >&2
exit "$code"
SCRIPT
    fails 5 "a disk that becomes full" unshare -m bash "$work/small-disk" "$SEALBAG" \
        size=1m "$out" "$key" "$work/source"
    fails 5 "a disk without room for another file" unshare -m bash "$work/small-disk" "$SEALBAG" \
        nr_inodes=1 "$out" "$key" "$work/source"
else
    skip_part "a disk that becomes full (only root can mount one)"
fi

# ---- files that change meanwhile ---------------------------------------------------------------

# Starts create in the background and waits until it reads the document "film": $pid. Programs in
# the background ignore SIGINT unless they are told not to.
start_create() {
    local tries=0
    env --default-signal=INT "$SEALBAG" create -o "$bundle" --key "$key" "$@" >"$work/out" \
        2>"$work/err" &
    pid=$!
    while ! find "/proc/$pid/fd" -lname '*/film' 2>/dev/null | grep -q . && [ "$tries" -lt 6000 ] &&
        kill -0 "$pid" 2>/dev/null; do
        sleep 0.01
        tries=$((tries + 1))
    done
}
end_create() {
    code=0
    wait "$pid" 2>/dev/null || code=$?
}

# With a writer in the background, create fails and names the file, or its bundle verifies.
# meanwhile SENTENCE SECONDS_BETWEEN COMMAND...: the command is run again and again
meanwhile() {
    local sentence=$1 pause=$2 writer
    shift 2
    moving=$(mktemp -d)/film
    cp "$work/film" "$moving"
    start_create --level 1 "${moving%/film}"
    (while "$@"; do sleep "$pause"; done) 2>/dev/null &
    writer=$!
    end_create
    kill "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
    if [ "$code" -eq 0 ]; then
        expect 0 "$sentence: the bundle verifies" verify "$bundle"
    else
        equal "$sentence: it fails with 5" 5 "$code"
        says "film" "$sentence: the file is named"
        one_sentence "$sentence: in one sentence"
        equal "$sentence: nothing is left" '' "$(names "$out")"
    fi
    find "$out" -mindepth 1 -delete
    rm -rf "${moving%/film}"
}
seq 1 7000000 >"$work/film"
append() {
    printf 'more\n' >>"$moving"
}
rewrite() {
    printf 'X' | dd of="$moving" bs=1 seek=1000000 conv=notrunc status=none
}
shorten() {
    truncate -s -10 "$moving"
}
replace() {
    seq 1 1000000 >"$work/replacement" && mv "$work/replacement" "$moving"
}
meanwhile "a file that grows all the time" 0.01 append
meanwhile "a file that is rewritten in place" 0.01 rewrite
meanwhile "a file that shrinks" 0.01 shorten
meanwhile "a file that is replaced" 0.05 replace
remove() {
    rm -f "$moving"
}
become_link() {
    ln -sf /dev/zero "$moving"
}
become_pipe() {
    rm -f "$moving"
    mkfifo "$moving"
}
meanwhile "a file that is removed" 0.3 remove
meanwhile "a file that becomes a link" 0.1 become_link
meanwhile "a file that becomes a named pipe" 0.1 become_pipe

# ---- signals -----------------------------------------------------------------------------------

mkdir "$work/large"
truncate -s 20G "$work/large/film"
# after_signal NAME CODE [OPTIONS...]
after_signal() {
    start_create "${@:3}" "$work/large"
    sleep 0.1
    kill -s "$1" "$pid"
    end_create
    equal "SIG$1 ${*:3}: the exit code is $2" "$2" "$code"
}
for signal in INT TERM HUP; do
    after_signal "$signal" 5
    one_sentence "SIG$signal: one sentence says so"
    equal "SIG$signal leaves nothing" '' "$(names "$out")"
done
after_signal KILL 137
equal "SIGKILL leaves nothing" '' "$(names "$out")"
printf 'old\n' >"$bundle"
after_signal TERM 5 --force
equal "SIGTERM leaves the old bundle" "old bag.tar.gz" "$(cat "$bundle") $(names "$out")"
after_signal KILL 137 --force
equal "SIGKILL leaves the old bundle" "old bag.tar.gz" "$(cat "$bundle") $(names "$out")"
