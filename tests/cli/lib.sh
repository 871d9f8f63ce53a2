# shellcheck shell=bash
# Sourced by every test_*.sh of this folder. Each check prints one line, "ok - sentence" or
# "not ok - sentence (script, line)"; a script goes on after a failed check and exits with 1.
#
#   expect CODE[:RULE] SENTENCE COMMAND...   the exit code, and the rule in what it says
#   expect_rule RULE SENTENCE                also this rule in what the last one said
#   says TEXT SENTENCE, says_not             this text in what the last one said
#   one_sentence SENTENCE                    the last one said exactly one "sealbag: ... [rule]"
#   check SENTENCE COMMAND...                the command succeeds
#   refute SENTENCE COMMAND...               it fails
#   equal SENTENCE WANTED FOUND              the two texts are the same
set -Eeuo pipefail

: "${SEALBAG:?Set SEALBAG to the program that is to be tested.}"
SEALBAG=$(realpath -- "$SEALBAG")
source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
# shellcheck disable=SC2034  # used by the tests
by_hand=$source_dir/docs/check-by-hand.sh
script=$(basename -- "$0")
if [ ! -c /dev/null ]; then
    echo "Something has put a file in the place of /dev/null: no test means anything here." >&2
    exit 1
fi
exec </dev/null
umask 022
unset SSH_AUTH_SOCK TAR_OPTIONS GZIP POSIXLY_CORRECT || true
export LC_ALL=C TZ=UTC
# The system's own programs first: a version manager's python3 is a script that takes ten times as long
# to begin, and the tests begin it thousands of times.
export PATH=/usr/bin:/bin:$PATH

work=$(mktemp -d)
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config TMPDIR=$work/tmp
mkdir -p "$XDG_CONFIG_HOME" "$TMPDIR" "$work/keys"
trust=$work/trust
sealing_time=2024-05-06T07:08:09Z
salt=$work/salt
printf '%064d\n' 7 >"$salt"

passed=0
failed=0

clean_up() {
    local code=$?
    trap - EXIT ERR
    chmod -R u+rwX -- "$work" 2>/dev/null || true
    rm -rf -- "$work"
    if [ "$code" -eq 0 ] && [ "$failed" -gt 0 ]; then
        code=1
    fi
    printf '%s: %d checks passed, %d failed\n' "$script" "$passed" "$failed"
    exit "$code"
}
trap clean_up EXIT
on_error() {
    [ "$BASH_SUBSHELL" -gt 0 ] ||
        printf 'not ok - %s stopped at line %s: %s\n' "$script" "$(where)" "$1"
}
trap 'on_error "$BASH_COMMAND"' ERR

# The lines of the running script that led here, the innermost first.
where() {
    local i lines=''
    for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
        if [ "${BASH_SOURCE[i]##*/}" = "$script" ]; then
            lines=$lines${lines:+ from }${BASH_LINENO[i - 1]}
        fi
    done
    printf '%s' "${lines:-unknown}"
}

pass() {
    passed=$((passed + 1))
    printf 'ok - %s\n' "$1"
}

# fail SENTENCE [REASON]
fail() {
    failed=$((failed + 1))
    printf 'not ok - %s (%s, line %s)%s\n' "$1" "$script" "$(where)" "${2:+: $2}"
}

skip_part() {
    printf 'skipped - %s\n' "$1"
}

# Shows what the last command printed, for a failed check: show_output [OUT ERR]
show_output() {
    head -c 3000 "${1-$work/out}" "${2-$work/err}" | tr -d '\000' | sed 's/^/    /'
}

have() {
    command -v "$1" >/dev/null
}

# sampled N: whether this case is tried, as each one is, or one of N when samples are enough. Each line
# that asks is counted for itself: one count for all, and cases within cases could always be left out.
declare -A cases_at=()
sampled() {
    local at=${BASH_SOURCE[1]}:${BASH_LINENO[0]}
    cases_at[$at]=$((${cases_at[$at]-0} + 1))
    [ -z "${SEALBAG_TEST_SAMPLES-}" ] || [ $((cases_at[$at] % $1)) -eq 0 ]
}

as_root() {
    [ "$(id -u)" -eq 0 ]
}

# Whether the program is a sanitizer build, which maps terabytes of address space.
sanitized() {
    grep -qaE '__(asan|tsan|msan)_init' -- "$SEALBAG"
}

# The search for leaks takes a third of AddressSanitizer's time. When a part of the cases is enough,
# every fourth run has it of those that begin by these functions.
leak_turn=0
leaks=''
if [ -n "${SEALBAG_TEST_SAMPLES-}" ] && [ -n "${ASAN_OPTIONS-}" ]; then
    leaks=$ASAN_OPTIONS
    export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
fi

sealbag() {
    leak_turn=$((leak_turn + 1))
    if [ -n "$leaks" ] && [ $((leak_turn % 4)) -eq 0 ]; then
        ASAN_OPTIONS=$leaks "$SEALBAG" "$@"
    else
        "$SEALBAG" "$@"
    fi
}

# Runs a command with its output in $work/out and $work/err, and its exit code in $code.
run() {
    code=0
    "$@" >"$work/out" 2>"$work/err" || code=$?
}

said() {
    # Not through a pipe: grep -q closes it early, and with pipefail that can look like a failure.
    grep -qaF -e "$1" "$work/out" "$work/err"
}

expect() {
    local wanted=${1%%:*} rule='' sentence=$2
    [ "$1" = "$wanted" ] || rule=${1#*:}
    shift 2
    run "$@"
    if [ "$code" -ne "$wanted" ]; then
        fail "$sentence" "the exit code is $code, not $wanted"
        show_output
    elif grep -qaE 'Sanitizer|runtime error:' "$work/err"; then
        fail "$sentence" "a sanitizer complains"
        show_output
    elif [ -n "$rule" ] && ! said "[$rule]"; then
        fail "$sentence" "it does not say [$rule]"
        show_output
    else
        pass "$sentence"
    fi
}

says() {
    if said "$1"; then
        pass "$2"
    else
        fail "$2" "it does not say \"$1\""
        show_output
    fi
}

says_not() {
    if said "$1"; then
        fail "$2" "it says \"$1\""
        show_output
    else
        pass "$2"
    fi
}

expect_rule() {
    says "[$1]" "$2"
}

one_sentence() {
    if [ "$(grep -c '' "$work/err")" -eq 1 ] &&
        grep -qaE '^sealbag: .*[.?!].* \[[a-z.-]+\]$' "$work/err"; then
        pass "$1"
    else
        fail "$1" "it is not one sentence"
        show_output
    fi
}

# A check that leaves the last output of `expect` and `run` as it is.
aside() {
    aside_code=0
    "$@" >"$work/check-out" 2>"$work/check-err" || aside_code=$?
}

check() {
    local sentence=$1
    shift
    aside "$@"
    if [ "$aside_code" -eq 0 ]; then
        pass "$sentence"
    else
        fail "$sentence" "exit code $aside_code of $1"
        show_output "$work/check-out" "$work/check-err"
    fi
}

refute() {
    local sentence=$1
    shift
    aside "$@"
    if [ "$aside_code" -ne 0 ]; then
        pass "$sentence"
    else
        fail "$sentence" "$1 succeeded"
        show_output "$work/check-out" "$work/check-err"
    fi
}

equal() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "wanted \"$2\", found \"$3\""
    fi
}

# ---- folders -----------------------------------------------------------------------------------

# Everything in a folder, hidden files too: kind, mode, size, time and path.
listing() {
    find "$1" -mindepth 1 -printf '%y %m %s %T@ %P\n' | LC_ALL=C sort
}

# The names in a folder, hidden ones too, on one line.
names() {
    find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'
}

same_tree() {
    diff -r --no-dereference -- "$1" "$2"
}

# ---- bytes -------------------------------------------------------------------------------------

size_of() {
    stat -c %s -- "$1"
}

# slice FILE OFFSET LENGTH: these bytes. (Not by tail and head: head ends early, and that fails a
# pipe.)
slice() {
    dd if="$1" iflag=skip_bytes,count_bytes skip="$2" count="$3" bs=64K status=none
}

# overwrite FILE OFFSET HEX
overwrite() {
    from_hex "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# flip FILE OFFSET [MASK]: these bits of one byte (1)
flip() {
    local byte
    byte=$(slice "$1" "$2" 1 | to_hex)
    overwrite "$1" "$2" "$(printf '%02x' $((0x$byte ^ ${3-1})))"
}

# What takes bundles apart and puts altered ones together; needs python3.
reframe() {
    python3 "$(dirname "${BASH_SOURCE[0]}")/reframe.py" "$@"
}

# ---- keys --------------------------------------------------------------------------------------

make_key() {
    "$SEALBAG" keygen --no-passphrase -o "$work/keys/$1" >/dev/null
}

trust_key() {
    "$SEALBAG" trust add --keys "$trust" "$1" "$work/keys/${2-$1}.pub" >/dev/null 2>&1
}

# Bytes from hex digits, and hex digits from bytes.
from_hex() {
    # shellcheck disable=SC2059  # the format is the bytes
    printf "$(sed 's/../\\x&/g' <<<"$1")"
}

to_hex() {
    od -An -v -tx1 | tr -d ' \n'
}

# The public key of a minisign .pub file, in hex.
public_hex() {
    sed -n 2p "$1" | base64 -d | tail -c 32 | to_hex
}

# The same key as a line of OpenSSH's.
ssh_public() {
    local blob
    blob=$(from_hex "0000000b7373682d6564323535313900000020$(public_hex "$1")" | base64 -w 0)
    printf 'ssh-ed25519 %s\n' "$blob"
}

# The first 32 hex digits of the key's fingerprint: what its signature files are called.
fp_name() {
    ssh_public "$1" | cut -d ' ' -f 2 | base64 -d | sha256sum | cut -c 1-32
}

fingerprint() {
    printf 'SHA256:%s\n' "$(from_hex "$(ssh_public "$1" | cut -d ' ' -f 2 | base64 -d | sha256sum |
        cut -c 1-64)" | base64 -w 0 | tr -d =)"
}

# An unencrypted minisign secret key $1 as a private key file $2 of OpenSSH's.
ssh_private() {
    local secret blob head none=000000046e6f6e65
    secret=$(sed -n 2p "$1" | base64 -d | tail -c +63 | head -c 64 | to_hex)
    blob=0000000b7373682d6564323535313900000020${secret:64}
    head=$(printf 'openssh-key-v1' | to_hex)00$none${none}0000000000000001
    # No comment, and padding to a multiple of eight bytes.
    local inner=0000000700000007${blob}00000040${secret}000000000102030405
    {
        echo '-----BEGIN OPENSSH PRIVATE KEY-----'
        from_hex "${head}00000033${blob}00000088$inner" | base64 -w 70
        echo '-----END OPENSSH PRIVATE KEY-----'
    } >"$2"
    chmod 600 "$2"
}

# ---- bags --------------------------------------------------------------------------------------

# A small source folder.
make_sample() {
    mkdir -p "$1/letters/1987" "$1/photos"
    printf 'The minutes of the meeting.\n' >"$1/minutes.txt"
    printf 'Dear editor,\n' >"$1/letters/first.txt"
    printf 'A reply.\n' >"$1/letters/1987/reply to first.txt"
    printf '\000\001\377\376' >"$1/photos/"$'b\303\274ro.jpg'
    : >"$1/photos/empty"
    printf 'hidden\n' >"$1/.notes"
}

# seal OUT ARGUMENTS...: by maria, with fixed time and salt.
seal() {
    local out=$1
    shift
    sealbag create --quiet -o "$out" --key "$work/keys/maria" --time "$sealing_time" \
        --salt "$salt" "$@"
}

verify() {
    sealbag verify --keys "$trust" "$@"
}

# pack FOLDER OUT.tar.gz: by GNU tar and gzip.
pack() {
    tar -C "$(dirname -- "$1")" --sort=name -czf "$2" "$(basename -- "$1")"
}

unpack() {
    mkdir -p "$2"
    tar -xzf "$1" -C "$2"
}

# Signs seal.txt of a bag's folder as a sealing with this key would.
# sign_again FOLDER KEY [OTHER ARGUMENTS OF MINISIGN]
sign_again() {
    local folder=$1 key=$2
    shift 2
    minisign -S -s "$work/keys/$key" -m "$folder/seal/seal.txt" \
        -x "$folder/seal/$(fp_name "$work/keys/$key.pub").minisig" \
        -t "key:$(sed -n 2p "$work/keys/$key.pub")" "$@" </dev/null >/dev/null 2>&1
}
