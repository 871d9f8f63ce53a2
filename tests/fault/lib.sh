# shellcheck shell=bash
# Sourced after tests/cli/lib.sh by the tests that make system calls fail (tests/fault/inject.c).
# Such a test defines
#
#   under_test   an array: the command
#   wanted       its exit code when nothing is injected: 0, if it is not set
#   also         an exit code besides that and 5 that is right, too, if it is set
#   reset        makes everything as it was before the command
#   judge        looks at what the command left, and sets $wrong if anything is
#
# and calls `measure` once, and `sweep` for each kind of call.

# shellcheck disable=SC2154  # $work and $code are of the other library
can_inject=0

# build_helper NAME: the path of this helper, $helper, compiled here unless the build has it. Empty:
# there is no compiler.
build_helper() {
    helper=${SEALBAG_BUILD-}/tests/$1
    [ ! -x "$helper" ] || return 0
    helper=''
    if have "${CC:-cc}"; then
        helper=$work/$1
        "${CC:-cc}" -std=c17 -O1 -o "$helper" "$(dirname "${BASH_SOURCE[0]}")/$1.c"
    fi
}

# Whether calls can be made to fail here: $can_inject. If not, it says why.
prepare_inject() {
    local helper
    build_helper inject
    inject=$helper
    if sanitized; then
        skip_part "system calls that fail (a sanitizer's own calls would be among them)"
    elif [ -z "$inject" ]; then
        skip_part "system calls that fail (there is no compiler for the helper)"
    elif ! "$inject" true 2>"$work/err"; then
        skip_part "system calls that fail (processes cannot be traced here)"
    else
        can_inject=1
    fi
}

# ---- which calls, and what is done to them -----------------------------------------------------

# What can happen to a call of this kind. Nothing, if it cannot fail, or if only the C library sees
# it: brk and futex are tried by running out of memory, and cannot be told a lie.
actions_for() {
    case $1 in
        openat) echo EMFILE ENFILE ENOMEM EIO ENOSPC EINTR EACCES ;;
        newfstatat | fstat) echo EIO ENOMEM ESTALE ;;
        getdents64) echo EIO ENOMEM ;;
        read) echo EIO ENOMEM EINTR EAGAIN short=1 half ;;
        pread64) echo EIO ENOMEM EINTR short=1 half ;;
        write | pwrite64) echo ENOSPC EIO EDQUOT EFBIG EINTR short=1 half ;;
        fsync | syncfs) echo EIO ENOSPC EDQUOT EINTR ;;
        close) echo EIO ENOSPC EDQUOT EINTR ;;
        linkat | renameat | renameat2) echo ENOSPC EIO EDQUOT EACCES EMLINK ENOMEM ;;
        mkdirat) echo ENOSPC EIO EDQUOT EMLINK ENOMEM ;;
        unlinkat) echo EIO EACCES ENOMEM ;;
        ftruncate) echo EIO EINTR ;;
        copy_file_range) echo ENOSPC EIO EDQUOT EINTR EXDEV EOPNOTSUPP short=1 half ;;
        flock) echo EINTR ENOLCK ;;
        fchmod | fchown) echo EPERM EIO ;;
        lseek) echo EIO ;;
        getrandom) echo EAGAIN EINTR ENOSYS ;;
        mmap | munmap | mprotect | mremap | madvise | mlock | munlock) echo ENOMEM ;;
        clone | clone3) echo EAGAIN ENOMEM ;;
        pipe2 | socketpair) echo EMFILE ENFILE ENOMEM ;;
        sendto) echo EPIPE ENOBUFS EINTR short=1 ;;
        poll) echo EINTR ENOMEM ;;
        wait4) echo EINTR ;;
        dup2) echo EMFILE EINTR ;;
        getcwd | readlink) echo ENOMEM EIO ;;
        fcntl | fadvise64 | ioctl) echo EINVAL ;;
        prctl | prlimit64 | sched_getaffinity | close_range) echo EPERM ;;
        seccomp | landlock_*) echo ENOSYS EPERM ;;
    esac
}

# When samples are enough: an error, and what is none, in turn. ($sweeps: one for each process and kind)
sample_actions() {
    if [ -n "${SEALBAG_TEST_SAMPLES-}" ]; then
        awk -v turn="$sweeps" '
            { for (i = 1; i <= NF; i++)
                if ($i !~ /^E/ || $i ~ /^EINTR$|^EAGAIN$/) mild[m++] = $i; else error[e++] = $i }
            END { if (e) print error[turn % e]; if (m) print mild[turn % m] }'
    else
        cat
    fi
}

# Whether the command has to succeed in spite of it: an interrupted or a short transfer is no error.
# (What goes to standard output and error goes through the C library, which does not try again.)
harmless() {
    case $call:$action in
        *:short=* | *:half) return 0 ;;
        copy_file_range:E[IX]* | copy_file_range:EOPNOTSUPP) [ "$action" != EIO ] ;;
        flock:*) return 0 ;;
        wait4:EINTR | poll:EINTR | sendto:EINTR | read:EINTR | pread64:EINTR | pwrite64:EINTR)
            return 0 ;;
        write:EINTR) [ "$met_fd" -gt 2 ] ;;
        *) return 1 ;;
    esac
}

# Whether it may not succeed: nobody knows whether what was written is stored.
fatal() {
    case $call in
        fsync | syncfs) return 0 ;;
        linkat | renameat | renameat2) [ "${ways_to_publish-1}" -eq 1 ] ;;
        *) return 1 ;;
    esac
}

declare -A count=() injected=()
runs=0 sweeps=0

# Counts the calls of an undisturbed run, per process and kind.
# shellcheck disable=SC2154  # under_test is the test's
measure() {
    local process call_kind number
    reset
    run "$inject" "${options[@]}" -c "$work/counts" -- "${under_test[@]}"
    count=()
    while read -r process call_kind number; do
        count["$process $call_kind"]=$number
    done <"$work/counts"
    equal "$1: the exit code is ${wanted-0} with nothing injected" "${wanted-0}" "$code"
    wrong='' action=none call=none met_fd=-1 number=0 killed=0
    judge
    equal "$1: and is judged well" '' "$wrong"
}
# What goes to each run of the helper, as well.
options=()

# numbers FROM TO: these, or the first ones, the last ones and samples between, $at_most of them; much
# fewer when samples are enough.
at_most=40
numbers() {
    local from=$1 to=$2 at_most=$at_most edge step i
    if [ -n "${SEALBAG_TEST_SAMPLES-}" ]; then
        at_most=$((at_most <= 8 ? 3 : at_most < 72 ? 4 : at_most < 180 ? at_most / 15 : 12))
    fi
    edge=$((at_most / 3))
    picked=()
    if [ $((to - from + 1)) -le "$at_most" ]; then
        for ((i = from; i <= to; i++)); do picked+=("$i"); done
        return 0
    fi
    for ((i = from; i < from + edge; i++)); do picked+=("$i"); done
    step=$(((to - from + 1 - 2 * edge) / (at_most - 2 * edge) + 1))
    for ((; i <= to - edge; i += step)); do picked+=("$i"); done
    for ((i = to - edge + 1; i <= to; i++)); do picked+=("$i"); done
}

# The last line of what it said is one sentence with a rule, or its verdict names the problem.
says_why() {
    local lines=() line
    mapfile -t lines <"$work/err"
    [ "${#lines[@]}" -gt 0 ] && [[ ${lines[-1]} =~ ^sealbag:\ .*[.?!].*\ \[[a-z.-]+\]$ ]] &&
        return 0
    while read -r line; do
        [[ ! $line =~ ^Problem:\ .*\ \[[a-z.-]+\]$ ]] || return 0
    done < <(cat "$work/out" "$work/err")
    return 1
}

# One injected run. It sets $wrong if anything is.
attempt() {
    local spec=$call:$action:$number@$process _
    reset
    : >"$work/met"
    run "$inject" "${options[@]}" -l "$work/met" -i "$spec" -- "${under_test[@]}"
    runs=$((runs + 1))
    met=0 met_fd=-1 wrong=''
    if [ -s "$work/met" ]; then
        read -r _ met_call _ met_fd <"$work/met"
        met=1
        injected[$action]=$((${injected[$action]-0} + 1))
    fi
    killed=0
    case $action:$process:$code in
        *:"${wanted-0}" | *:"${also-5}" | *:5) ;;
        signal=9:0:137) killed=1 ;;
        *:142) wrong="it hangs" ;;
        *) wrong="the exit code is $code" ;;
    esac
    # Without random bytes libsodium ends the process, and nothing can be tidied up.
    [ "$call" != getrandom ] || ! said 'The run was broken off' || killed=1
    # Two processes need not do everything in the same order each time.
    [ "$met" -eq 1 ] || missed=$((missed + 1))
    [ -n "$wrong" ] || judge
    [ -z "$wrong" ] || return 0
    if [ "$code" -eq 5 ] && ! says_why; then
        # The message itself may be what could not be written.
        [ "$call$process" = write0 ] && [ "$met_fd" -eq 2 ] || wrong="it does not say why it failed"
    elif [ "$met" -eq 1 ] && [ "$code" -ne "${wanted-0}" ] && harmless; then
        wrong="it fails although nothing was lost"
    elif [ "$met" -eq 1 ] && [ "$code" -eq 0 ] && [ "$process" -eq 0 ] && [[ $action = E* ]] &&
        fatal; then
        wrong="it succeeds although that failed"
    fi
}

# sweep SENTENCE PROCESS CALL [ACTIONS...]: every call of this kind, or samples, once per action
sweep() {
    local sentence=$1 process=$2 call=$3
    local of good=0 bad=0 tried=0 missed=0 actions action number met_call hung=0
    shift 3
    of=${count["$process $call"]-0}
    actions=("$@")
    sweeps=$((sweeps + 1))
    # shellcheck disable=SC2207  # words
    [ "$#" -gt 0 ] || actions=($(actions_for "$call" | sample_actions))
    [ "$of" -gt 0 ] && [ "${#actions[@]}" -gt 0 ] || return 0
    numbers "$((${first-1} < of ? ${first-1} : 1))" "$of"
    for action in "${actions[@]}"; do
        for number in "${picked[@]}"; do
            # What hangs, hangs each time.
            [ "$hung" -lt 2 ] || break 2
            attempt
            [ "$code" -ne 142 ] || hung=$((hung + 1))
            tried=$((tried + 1))
            [ "$code" -ne "${wanted-0}" ] || good=$((good + 1))
            [ -n "$wrong" ] || continue
            bad=$((bad + 1))
            if [ "$bad" -le 4 ]; then
                printf '# %s: %s in process %d, number %d (descriptor %d), %s: %s\n' "$sentence" \
                    "$call" "$process" "$number" "$met_fd" "$action" "$wrong"
                show_output
            fi
        done
    done
    sentence="$sentence: ${#picked[@]} of $of calls of $call in process $process"
    sentence="$sentence, each with ${actions[*]}: $tried runs, $good with exit code ${wanted-0}"
    [ "$missed" -eq 0 ] || sentence="$sentence, $missed not met"
    equal "$sentence" 0 "$bad"
}

# All kinds that the command uses in this process, but for those that are named.
sweep_all() {
    local sentence=$1 process=$2 call_kind
    shift 2
    while read -r call_kind; do
        [[ " $* " = *" $call_kind "* ]] || sweep "$sentence" "$process" "$call_kind"
    done < <(printf '%s\n' "${!count[@]}" | sed -n "/ any$/d;s/^$process //p" | LC_ALL=C sort)
}

# How often each thing was injected.
print_totals() {
    local action text=''
    for action in $(printf '%s\n' "${!injected[@]}" | LC_ALL=C sort); do
        text="$text, $action ${injected[$action]}"
    done
    printf '# injected by %s: %d runs%s\n' "$script" "$runs" "$text"
}

# ---- small disks -------------------------------------------------------------------------------

# Whether a disk can be mounted: $can_mount. If not, it says why.
prepare_mount() {
    can_mount=0
    if as_root && have unshare && unshare -m true 2>"$work/err"; then
        # In its own mount namespace, so that no mount is left whatever happens.
        cat >"$work/small-disk" <<'SCRIPT'
mount -t tmpfs -o "$1" tmpfs "$2" || exit 99
folder=$2 left=$3
shift 3
code=0
"$@" || code=$?
cp -a "$folder/." "$left/"
exit "$code"
SCRIPT
        can_mount=1
    else
        skip_part "$1 (only root can mount one)"
    fi
}

# on_small_disk OPTION FOLDER COMMAND...: with this tmpfs in the place of the folder; what is left
# on it is in the folder afterwards.
on_small_disk() {
    mkdir -p "$work/left"
    unshare -m bash "$work/small-disk" "$1" "$2" "$work/left" "${@:3}"
    local code=$? left=("$work/left"/*)
    [ "${#left[@]}" -eq 0 ] || mv -- "${left[@]}" "$2/"
    return "$code"
}

# small_disks SENTENCE FOLDER OPTION...: the command on each of these, or on the first, the last and a
# quarter of the others when samples are enough
small_disks() {
    local sentence=$1 folder=$2 option good=0 bad=0 all
    shift 2
    all=("$@")
    if [ -n "${SEALBAG_TEST_SAMPLES-}" ]; then
        set -- "$1"
        for ((i = 3; i < ${#all[@]} - 1; i += 4)); do set -- "$@" "${all[i]}"; done
        set -- "$@" "${all[-1]}"
    fi
    call=none action=none process=0 number=0 killed=0
    for option in "$@"; do
        reset
        run on_small_disk "$option" "$folder" "${under_test[@]}"
        runs=$((runs + 1))
        wrong=''
        case $code in
            0) good=$((good + 1)) ;;
            5) says_why || wrong="it does not say why it failed" ;;
            *) wrong="the exit code is $code" ;;
        esac
        [ -n "$wrong" ] || judge
        [ -n "$wrong" ] || continue
        bad=$((bad + 1))
        printf '# %s, %s: %s\n' "$sentence" "$option" "$wrong"
        show_output
    done
    injected[disk]=$((${injected[disk]-0} + $#))
    equal "$sentence: $# sizes of a disk, $good large enough" 0 "$bad"
    check "$sentence: some are large enough, and some are not" \
        test "$good" -gt 0 -a "$good" -lt "$#"
}
