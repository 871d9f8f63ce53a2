#!/usr/bin/env bash
# trust revoke and trust import with system calls failing, and killed at each: every file is whole, the
# old one or the new one, and no key is there without its revocation.
set -euo pipefail
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../fault/lib.sh"

for name in maria omar lena; do
    make_key "$name"
done
sealbag trust add --keys "$work/mine" lena "$work/keys/lena.pub" >"$work/out" 2>&1
sealbag trust add --keys "$work/mine" omar "$work/keys/omar.pub" >"$work/out" 2>&1
sealbag trust revoke --keys "$work/mine" lena --reason lost >"$work/out" 2>&1
sealbag trust export --keys "$work/mine" -o "$work/shared.tar.gz" --key "$work/keys/maria" \
    >"$work/out" 2>&1
sealbag trust add --keys "$work/base" maria "$work/keys/maria.pub" >"$work/out" 2>&1
printf '# a comment\n' >>"$work/base/allowed_signers"

store=$work/store
reset() {
    rm -rf "$store"
    cp -R "$work/base" "$store"
}
# Which of the two states each file is in; after a kill, hidden ones may be left.
judge() {
    local signers=$store/allowed_signers revoked=$store/revoked_keys
    "$SEALBAG" trust list --keys "$store" >"$work/listed" 2>&1 || wrong="the store is not whole"
    grep -q '^maria ' "$signers" && grep -qx '# a comment' "$signers" || wrong="something is lost"
    if grep -q '^lena ' "$signers" && ! grep -q 'reason=lost$' "$revoked" 2>/dev/null; then
        wrong="a key is there without its revocation"
    fi
    if [ "$code" -eq 0 ]; then
        case ${under_test[2]} in
        import) grep -q '^omar ' "$signers" || wrong="it says that it was done, and it was not" ;;
        revoke) grep -q 'reason=gone$' "$revoked" || wrong="it says that it was done, and it was not" ;;
        esac
    fi
    if [ "$action" != signal=9 ] && [ "$action" != signal=15 ] && [ "$killed" -eq 0 ] &&
        find "$store" -mindepth 1 ! -name allowed_signers ! -name revoked_keys | grep -q .; then
        wrong=${wrong:-$([ "$call" = unlink ] || [ "$call" = unlinkat ] || [ "$call" = openat ] ||
            [ "$call" = getdents64 ] || [ "$call" = newfstatat ] || [ "$call" = fcntl ] ||
            [ "$call" = rmdir ] || echo "something is left")}
    fi
}

# A store that cannot be locked is not changed, other than a bundle.
eval "usually_$(declare -f harmless)"
harmless() {
    [ "$call:$action" != flock:ENOLCK ] && usually_harmless
}

prepare_inject
if [ "$can_inject" -eq 1 ]; then
    at_most=12
    # try SENTENCE ARGUMENTS...
    try() {
        local name what=$1
        shift
        under_test=("$SEALBAG" "$@")
        wanted=0
        measure "$what"
        for name in openat newfstatat flock read write fsync linkat rename renameat renameat2 mkdirat \
            close; do
            sweep "$what" 0 "$name"
        done
        at_most=30
        sweep "$what" 0 any signal=9
        at_most=12
    }
    try "revoke" trust revoke --keys "$store" --reason gone maria
    try "import" trust import --yes --keys "$store" "$work/shared.tar.gz"
    print_totals
fi
