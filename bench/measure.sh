# The part of compare.sh that runs commands, measures them and writes tables. It is sourced.
# shellcheck shell=bash
# shellcheck disable=SC2154 # compare.sh sets rounds, cores and quick

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "bench/compare.sh: $*"
    exit 1
}

need() {
    local item missing=()
    for item in "$@"; do
        command -v "${item%%:*}" >/dev/null || missing+=("${item##*:}")
    done
    [ "${#missing[@]}" = 0 ] || fail "Something is missing. On Debian: apt-get install ${missing[*]}"
}

file_system() {
    stat -f -c %T -- "$1"
}

# ---- measuring ---------------------------------------------------------------------------------

# Shows what a command said only when it fails; then this script ends.
quiet() {
    if ! "$@" >said 2>&1; then
        cat said >&2
        fail "This failed: $*"
    fi
}

# run COMMAND: sets took, in microseconds, and peak, the memory of its largest process in KiB.
run() {
    local begin end
    begin=${EPOCHREALTIME/./}
    quiet /usr/bin/time -o peak -f %M bash -o pipefail -c "$1"
    end=${EPOCHREALTIME/./}
    took=$((end - begin))
    peak=$(sed -n '$p' peak)
}

# pair NAME OURS AFTER THEIRS AFTER: runs both in turn. AFTER is a function that checks what was
# made, sets size, and removes it. Sets ours and theirs (one time a round), their sizes and peaks.
pair() {
    local round
    ours=() theirs=() ours_peak=0 theirs_peak=0
    for ((round = 0; round <= rounds; round++)); do
        size=0
        run "$2"
        ours[round]=$took
        ours_peak=$((peak > ours_peak ? peak : ours_peak))
        "$3"
        ours_size=$size size=0
        run "$4"
        theirs[round]=$took
        theirs_peak=$((peak > theirs_peak ? peak : theirs_peak))
        "$5"
        theirs_size=$size
        say "$1, round $round of $rounds: $(seconds "${ours[round]}"), $(seconds "${theirs[round]}")"
    done
    unset 'ours[0]' 'theirs[0]'
}

calc() { # EXPRESSION FORMAT
    awk "BEGIN { printf(\"$2\", ($1)) }"
}

seconds() { # MICROSECONDS
    calc "$1 / 1000000" '%.3f s'
}

median() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END {
        printf "%.9g", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

least() {
    printf '%s\n' "$@" | sort -g | head -n 1
}

median_of_ratios() {
    local i ratios=()
    for i in "${!ours[@]}"; do
        ratios+=("$(calc "${ours[i]} / ${theirs[i]}" %.9g)")
    done
    calc "$(median "${ratios[@]}")" %.3f
}

# ---- the tables --------------------------------------------------------------------------------

against=() others=() missed=0

# judge VALUE most|least BAR: sets word.
judge() {
    local relation='<='
    [ "$2" = most ] || relation='>='
    word='**not met**'
    if [ "$(calc "($1) $relation ($3)" %d)" = 1 ]; then
        word=met
    else
        missed=$((missed + 1))
    fi
}

two() { # OURS THEIRS DIVISOR: two amounts for the table
    [ "$1" = 0 ] || [ "$2" = 0 ] || printf '%s / %s' "$(calc "$1 / $3" %.1f)" "$(calc "$2 / $3" %.1f)"
}

# row_against WHAT TOOL BAR: a row of the first table, of what pair measured.
row_against() {
    local a b ratio
    a=$(median "${ours[@]}") b=$(median "${theirs[@]}")
    ratio=$(calc "$a / $b" %.6f)
    judge "$ratio" most "$3"
    ratio=$(calc "$ratio" %.3f)
    against+=("$(printf '| %s ' "$1" "$2" "$(seconds "$a")" "$(seconds "$b")" "$ratio" "$3" "$word" \
        "$(two "$ours_size" "$theirs_size" "$MB")" "$(two "$ours_peak" "$theirs_peak" 1024)")|")
    say "$1: ratio $ratio, $word. The median of each round's ratio is $(median_of_ratios)."
}

# row_other WHAT VALUE UNIT [most|least BAR]: a row of the second table. VALUE may be an expression.
row_other() {
    local value bar=''
    value="$(calc "$2" %.4g) $3"
    word=''
    if [ "$#" -gt 3 ]; then
        judge "$2" "$4" "$5"
        bar="at $4 $(calc "$5" %.4g) $3"
    fi
    others+=("$(printf '| %s ' "$1" "$value" "$bar" "$word")|")
    say "$1: $value${word:+, $word}"
}

describe_machine() {
    local model
    model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | sed -n 1p)
    cat <<TEXT
Processor: ${model:-$(uname -m)}, $cores of $(getconf _NPROCESSORS_ONLN) used
Memory:    $(awk '$1 == "MemTotal:" { printf "%.1f GB", $2 * 1024 / 1e9 }' /proc/meminfo)
System:    $(uname -s) $(uname -r | cut -d . -f 1,2); files in $(file_system .)
Programs:  sealbag $("$SEALBAG" version | sed -n '1s/^sealbag //p'); $(tar --version | sed -n 1p); $(
        gzip --version | sed -n 1p
    ); $(pigz --version 2>&1 | sed -n 1p); zstd $(zstd --version | grep -o 'v[0-9][0-9.]*[0-9]')
Rounds:    $rounds, the median of which is in the tables

TEXT
}

print_tables() {
    describe_machine
    if [ "${#against[@]}" -gt 0 ]; then
        cat <<'TEXT'
| sealbag | the usual tools | sealbag | the tools | ratio | at most | | MB written, both | peak MiB, both |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
TEXT
        printf '%s\n' "${against[@]}" ''
    fi
    if [ "${#others[@]}" -gt 0 ]; then
        printf '| what | measured | bar | |\n| --- | --- | --- | --- |\n'
        printf '%s\n' "${others[@]}" ''
    fi
    echo "Bars that were not met: $missed."
    [ "$quick" = 0 ] || echo "These corpora are small, so the bars mean nothing. Leave out --quick."
}
