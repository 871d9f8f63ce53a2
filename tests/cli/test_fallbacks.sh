#!/usr/bin/env bash
# On disks without nameless files (O_TMPFILE) or without a rename that does not replace, such as USB
# sticks and some network disks, create gives its output a name in another way. strace plays the disk.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_sample "$work/source"
make_key maria
trust_key maria
mkdir "$work/out-folder"
to=$work/out-folder
if ! have strace || ! strace -o "$work/trace" -e trace=openat "$SEALBAG" --version >/dev/null 2>&1; then
    echo "skipped - strace cannot be used here"
    exit 77
fi
if sanitized; then
    echo "skipped - a sanitizer build cannot be traced"
    exit 77
fi

traced() {
    strace -o "$work/trace" -e trace=openat,renameat2,linkat,renameat,unlinkat,fsync "$@"
}
# The number of the openat that asks for a nameless file.
traced "$SEALBAG" create --quiet -j 1 -o "$to/plain.tar.gz" "$work/source" 2>/dev/null
nameless=$(awk '/openat/ { n++ } /O_TMPFILE/ && !found { print n; found = 1 }' "$work/trace")
rm "$to/plain.tar.gz"
if [ -z "$nameless" ]; then
    echo "skipped - this disk has no nameless files already"
    exit 77
fi
no_nameless=(-e "inject=openat:error=EOPNOTSUPP:when=$nameless")
no_exclusive=(-e inject=renameat2:error=EINVAL)
no_links=(-e inject=linkat:error=EPERM)

# written SENTENCE STRACE-OPTIONS...: the output is there, whole, and nothing else is.
written() {
    local sentence=$1
    shift
    expect 0 "$sentence" traced "$@" "$SEALBAG" create --quiet -j 1 -o "$to/bag.tar.gz" \
        --time "$sealing_time" "$work/source"
    equal "nothing else is left: $sentence" bag.tar.gz "$(names "$to")"
    expect 4 "and it is whole: $sentence" verify "$to/bag.tar.gz"
    rm -f "$to/bag.tar.gz"
}
written "without nameless files" "${no_nameless[@]}"
written "and without a rename that does not replace" "${no_nameless[@]}" "${no_exclusive[@]}"
written "and without links" "${no_nameless[@]}" "${no_exclusive[@]}" "${no_links[@]}"

# Another program takes the name meanwhile: it is never overwritten.
echo mine >"$to/taken.tar.gz"
for kind in exclusive plain; do
    options=("${no_nameless[@]}")
    [ "$kind" = exclusive ] || options+=("${no_exclusive[@]}")
    # The check before the work sees nothing there; at the end there is something.
    expect 5:io.exists "a name that is taken is not overwritten ($kind)" \
        traced "${options[@]}" -e trace=newfstatat \
        -e inject=newfstatat:error=ENOENT:when=1 \
        "$SEALBAG" create --quiet -j 1 -o "$to/taken.tar.gz" "$work/source"
    equal "what was there is still there ($kind)" mine "$(cat "$to/taken.tar.gz")"
    equal "nothing else is left ($kind)" taken.tar.gz "$(names "$to")"
done
rm "$to/taken.tar.gz"

# A disk that fails to store.
expect 5 "a failed fsync of the file fails the run" \
    traced -e inject=fsync:error=EIO:when=1 "$SEALBAG" create --quiet -j 1 -o "$to/bag.tar.gz" "$work/source"
equal "and leaves nothing" '' "$(names "$to")"
expect 5 "a failed fsync of the folder fails the run" \
    traced -e inject=fsync:error=EIO:when=2 "$SEALBAG" create --quiet -j 1 -o "$to/bag.tar.gz" "$work/source"
equal "and leaves nothing either" '' "$(names "$to")"

# With --force, the old or the new file is there, never none.
"$SEALBAG" create --quiet -j 1 -o "$to/bag.tar.gz" "$work/source" 2>"$work/err"
for number in 1 2; do
    expect 5 "with --force, a failed fsync ($number) fails the run" \
        traced -e "inject=fsync:error=EIO:when=$number" \
        "$SEALBAG" create --quiet --force -o "$to/bag.tar.gz" "$work/source"
    equal "a bundle is there ($number)" bag.tar.gz "$(names "$to")"
    expect 4 "and it is whole ($number)" verify "$to/bag.tar.gz"
done
expect 5 "a failed fsync does not lose the trust store" \
    traced -e inject=fsync:error=EIO:when=2 "$SEALBAG" trust add --keys "$trust" ben "$work/keys/maria.pub"
check "maria is still in it" grep -q maria "$trust/allowed_signers"
