#!/usr/bin/env bash
# key passwd, and create with a key in ssh-agent, with system calls failing, and killed at each: the key
# file is the old one or the new one, whole and its owner's alone; there is a good bundle or none.
set -euo pipefail
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
agent=''
trap '[ -z "$agent" ] || kill "$agent" || true; clean_up' EXIT
prepare_inject

# ---- key passwd --------------------------------------------------------------------------------

# A key without a passphrase whose salt is stale, as a converted one's may be: it becomes zero, and so
# the new file is told from the old one without the second that a passphrase takes.
make_key new
{
    head -n 1 "$work/keys/new"
    {
        sed -n 2p "$work/keys/new" | base64 -d | head -c 6
        printf 'stale%027d' 0
        sed -n 2p "$work/keys/new" | base64 -d | tail -c 120
    } | base64 -w 0
    echo
} >"$work/keys/old"
chmod 600 "$work/keys/old"
expect 0 "the old key is one" sealbag key show "$work/keys/old"
refute "and another file" cmp -s "$work/keys/old" "$work/keys/new"

folder=$work/folder
reset_key() {
    rm -rf "$folder"
    mkdir "$folder"
    cp -p "$work/keys/old" "$folder/key"
}
judge_key() {
    if cmp -s "$folder/key" "$work/keys/new"; then
        became_new=$((became_new + 1))
    elif ! cmp -s "$folder/key" "$work/keys/old"; then
        wrong="the key is neither the old nor the new one"
    elif [ "$code" -eq 0 ]; then
        wrong="it says that it was done, and it was not"
    fi
    [ "$(stat -c %a "$folder/key")" = 600 ] || wrong="others can read the key"
    if [ "$killed" -eq 0 ] && [ "$(names "$folder")" != key ]; then
        # what cannot be removed is left
        [[ $call = unlink* ]] || wrong="something is left"
    fi
    # A copy that a kill leaves behind is its owner's alone, too.
    [ -z "$(find "$folder" -type f -perm /077)" ] || wrong="others can read what is left"
}
if [ "$can_inject" -eq 1 ]; then
    reset() { reset_key; }
    judge() { judge_key; }
    for options in '' -T; do
        what="key passwd${options:+, no nameless files}"
        # shellcheck disable=SC2206  # none, or one word
        options=($options)
        became_new=0 at_most=12
        under_test=("$SEALBAG" key passwd --no-passphrase "$folder/key")
        measure "$what"
        for name in openat newfstatat fstat read write fsync linkat renameat renameat2 unlinkat \
            close getrandom; do
            sweep "$what" 0 "$name"
        done
        at_most=1000
        sweep "$what" 0 any signal=9
        check "$what: some were killed late enough for the new key" test "$became_new" -gt 1
    done
    options=()
fi

# ---- create with a key in ssh-agent ------------------------------------------------------------

make_sample "$work/source"
if ! have python3; then
    skip_part "keys in ssh-agent (there is no python3 here to play one)"
elif [ "$can_inject" -eq 1 ]; then
    make_key token
    python3 "$here/fake_agent.py" "$work/agent" "$work/keys/token" plain &
    agent=$!
    for _ in {1..2000}; do
        [ ! -S "$work/agent" ] || break
        sleep 0.05
    done
    export SSH_AUTH_SOCK=$work/agent
    trust_key maria token
    ssh_public "$work/keys/token.pub" >"$work/token.pub"
    reset() {
        rm -rf "$folder"
        mkdir "$folder"
    }
    judge() {
        if [ -e "$folder/bag.tar.gz" ]; then
            "$SEALBAG" verify --quiet --keys "$trust" "$folder/bag.tar.gz" >"$work/verified" 2>&1 ||
                wrong="the bundle is not good"
        elif [ "$code" -eq 0 ]; then
            wrong="it says that it was done, and it was not"
        fi
        if [ "$killed" -eq 0 ] && [ "$code" -ne 0 ] && [ -n "$(names "$folder")" ] &&
            [ "$call" != fsync ]; then
            wrong=${wrong:-"something is left"}
        fi
    }
    under_test=("$SEALBAG" create --quiet -j 1 -o "$folder/bag.tar.gz" --time "$sealing_time"
        --key "$work/token.pub" "$work/source")
    at_most=12
    measure "create with an agent"
    for name in sendto poll close; do
        sweep "create with an agent" 0 "$name"
    done
    sweep "create with an agent" 0 recvfrom EIO ENOMEM EINTR short=1 half
    sweep "create with an agent" 0 any signal=9 signal=15
fi
print_totals
