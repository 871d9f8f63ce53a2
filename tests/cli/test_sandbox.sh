#!/usr/bin/env bash
# The process that reads bundles can do nothing else: a module in it tries what a hijacked one would
# (issue "Hostile bundles").
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/small"
seal "$work/bag.tar.gz" "$work/small"
out=$work/out-folder
mkdir "$out" "$work/beside"
module=$SEALBAG_BUILD/tests/escape.so

if sanitized || ! LD_PRELOAD=$module true; then
    echo "skipped - nothing can be preloaded into this build"
    exit 77
fi
with_module() {
    rm -f -- "$work/report"
    ESCAPE_REPORT=$work/report ESCAPE_BESIDE=$work/beside/file LD_PRELOAD=$module "$@"
}
attempts() {
    grep -c "^$1 " "$work/report" || true
}

# ---- the module is able to find an open door ---------------------------------------------------

expect 0 "without a sandbox a bundle is verified" env ESCAPE_HERE=1 bash -c '
    ESCAPE_REPORT=$1 ESCAPE_BESIDE=$2 LD_PRELOAD=$3 "$4" verify --no-sandbox --keys "$5" "$6"' - \
    "$work/report" "$work/beside/file" "$module" "$SEALBAG" "$trust" "$work/bag.tar.gz"
says '[reader.unconfined]' "and the verdict says that it was read without one"
check "without a sandbox files can be read and written" test "$(attempts ALLOWED)" -ge 10
check "such as /etc/passwd" grep -qx 'ALLOWED to read /etc/passwd' "$work/report"
check "and one beside" grep -qx 'ALLOWED to write beside the staging folder' "$work/report"
find "$work/beside" -mindepth 1 -delete

# ---- the sandbox -------------------------------------------------------------------------------

if ! "$SEALBAG" extract --keys "$trust" -C "$out" "$work/bag.tar.gz" >"$work/out" 2>"$work/err" ||
    said '[reader.unconfined]'; then
    echo "skipped - this kernel has no Landlock or no seccomp"
    exit 77
fi
rm -rf -- "${out:?}/bag"

locked_in() {
    local verb=$1
    equal "$verb works all the same" 0 "$code"
    says_not '[reader.unconfined]' "$verb says nothing of being unconfined"
    check "$verb: many attempts were made" test "$(wc -l <"$work/report")" -ge 40
    if [ "$(attempts ALLOWED)" -eq 0 ]; then
        pass "$verb: all of them were denied"
    else
        fail "$verb: all of them were denied" "$(grep ALLOWED "$work/report")"
    fi
    equal "$verb: nothing was made beside" '' "$(names "$work/beside")"
}
run with_module "$SEALBAG" verify --keys "$trust" "$work/bag.tar.gz"
locked_in verify
run with_module "$SEALBAG" verify --keys "$trust" -j 7 - <"$work/bag.tar.gz"
locked_in "verify of a pipe"
unpack "$work/bag.tar.gz" "$work/unpacked"
run with_module "$SEALBAG" verify --keys "$trust" "$work/unpacked/bag"
locked_in "verify of a folder"
run with_module "$SEALBAG" list --keys "$trust" "$work/bag.tar.gz"
locked_in list
run with_module "$SEALBAG" extract --keys "$trust" -C "$out" "$work/bag.tar.gz"
locked_in extract
check "extract: the documents are there" same_tree "$work/small" "$out/bag/data"
rm -rf -- "${out:?}/bag"
run with_module "$SEALBAG" extract --keys "$trust" -C "$out" "$work/bag.tar.gz" minutes.txt
locked_in "extract of one document"
rm -rf -- "${out:?}/bag"

# ---- nothing is opened late --------------------------------------------------------------------

# Such as character sets, for names that are not ASCII: that would be denied, and work otherwise.
if have strace && strace -o "$work/trace" true 2>"$work/err"; then
    for verb in verify list extract; do
        rest=()
        [ "$verb" != extract ] || rest=(-C "$out")
        run strace -f -o "$work/trace" "$SEALBAG" "$verb" --keys "$trust" -j 3 "${rest[@]}" \
            "$work/bag.tar.gz"
        equal "$verb: nothing that is needed is denied" '' "$(grep -E 'EPERM|EACCES' "$work/trace")"
    done
    rm -rf -- "${out:?}/bag"
    run strace -f -o "$work/trace" "$SEALBAG" verify --keys "$trust" -j 3 "$work/unpacked/bag"
    equal "of a folder: nothing that is needed is denied" '' \
        "$(grep -E 'EPERM|EACCES' "$work/trace")"
else
    skip_part "what is denied (strace cannot be used here)"
fi

# ---- without the standard input and outputs ----------------------------------------------------

# Whatever is opened instead must not be taken for one of them, nor closed as one.
for verb in verify list extract; do
    rest=()
    [ "$verb" != extract ] || rest=(-C "$out")
    code=0
    "$SEALBAG" "$verb" --keys "$trust" "${rest[@]}" "$work/bag.tar.gz" <&- 2>&- >"$work/out" ||
        code=$?
    equal "$verb without input and errors" 0 "$code"
done
rm -rf -- "${out:?}/bag"
code=0
"$SEALBAG" extract --keys "$trust" -C "$out" "$work/bag.tar.gz" <&- >&- 2>&- || code=$?
equal "extract without any" 0 "$code"
check "and the documents are there" same_tree "$work/small" "$out/bag/data"
rm -rf -- "${out:?}/bag"
code=0
timeout 300 "$SEALBAG" verify --keys "$trust" - <&- >"$work/out" 2>"$work/err" || code=$?
equal "verify of an input that is closed" 5 "$code"
expect_rule container.empty "and it is empty"
expect 0 "list without a sandbox" "$SEALBAG" list --no-sandbox --keys "$trust" "$work/bag.tar.gz"
expect_rule reader.unconfined "says so"
expect 0 "extract without a sandbox, quietly" "$SEALBAG" extract --no-sandbox --quiet \
    --keys "$trust" -C "$out" "$work/bag.tar.gz"
expect_rule reader.unconfined "says so"
rm -rf -- "${out:?}/bag"

# ---- its end -----------------------------------------------------------------------------------

# ends SIGNAL CODE:RULE: the process that reads gets a signal while it reads.
if have strace && strace -o "$work/trace" true 2>"$work/err"; then
    for signal in SEGV ABRT SYS; do
        expect 5:reader.crashed "a crash ($signal) is told as one" strace -f -qq -o "$work/trace" \
            -e trace=read -P "$work/bag.tar.gz" -e inject=read:signal="$signal" \
            "$SEALBAG" verify --keys "$trust" "$work/bag.tar.gz"
        one_sentence "in one sentence ($signal)"
        expect 5:reader.crashed "also while extracting ($signal)" strace -f -qq -o "$work/trace" \
            -e trace=pread64 -P "$work/bag.tar.gz" -e inject=pread64:signal="$signal" \
            "$SEALBAG" extract --quiet --keys "$trust" -C "$out" "$work/bag.tar.gz"
        equal "and nothing is left ($signal)" '' "$(names "$out")"
    done
    expect 5:memory.short "being killed is told as a shortage of memory" strace -f -qq \
        -o "$work/trace" -e trace=read -P "$work/bag.tar.gz" -e inject=read:signal=KILL \
        "$SEALBAG" verify --keys "$trust" "$work/bag.tar.gz"
else
    skip_part "a crash (strace cannot be used here)"
fi

# When the program is killed, the process that reads goes with it.
mkfifo "$work/pipe"
"$SEALBAG" verify --keys "$trust" - <"$work/pipe" >"$work/out" 2>"$work/err" &
pid=$!
disown "$pid" # or its end is announced
exec 9>"$work/pipe"
slice "$work/bag.tar.gz" 0 100 >&9
child=''
for _ in $(seq 1000); do
    child=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true)
    [ -z "$child" ] || break
    sleep 0.1
done
check "there is a process that reads" test -n "$child"
kill -KILL "$pid"
gone=0
for _ in $(seq 1000); do
    if ! kill -0 ${child:-1} 2>"$work/err"; then gone=1 && break; fi
    sleep 0.1
done
equal "and it ends with the program" 1 "$gone"
exec 9>&-
