#!/usr/bin/env bash
# Measures sealbag against the usual tools: both do the same work in turn (A B A B ...), on the same
# files in memory and the same processors. Prints two tables, and beside each bar that the project
# has set itself whether it was met. docs/performance.md says what is measured and why.
set -euo pipefail
export LC_ALL=C
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

usage() {
    cat <<'TEXT'
usage: bench/compare.sh [OPTIONS]

  --rounds N      counted rounds, after one that is not counted (default 5)
  --only NAME     only the rows whose names begin with NAME; repeatable
  --list          print the names of the rows
  --quick         small corpora and one round, to try this script: the bars mean nothing then
  --scratch DIR   where a new folder for all files is made, and deleted at the end
                  (default: /dev/shm when it is in memory and has enough room, else TMPDIR)
  --build DIR     a build folder of sealbag with SEALBAG_BENCH (default: a new one, in the scratch)
  --sealbag FILE  measure this program instead of the one that was built
  --cpus LIST     the processors that both sides may use, such as 0,1 (default: the first two)

The tables go to the standard output, everything else to the standard error. The exit code is 0 also
when a bar is not met, and 1 when something could not be run or gave a wrong result.
TEXT
}

text_rows=(create-text-pigz create-text-zstd create-zst verify-text extract-text floor-text)
media_rows=(create-media floor-media)
row_names=("${text_rows[@]}" "${media_rows[@]}" create-small folder member metadata sign sandbox custody
    report memory-file memory-many)

# shellcheck source-path=SCRIPTDIR source=measure.sh
. "$top/bench/measure.sh"

rounds=5 quick=0 scratch_in='' build='' sealbag='' cpus='' only=()
while [ "$#" -gt 0 ]; do
    case $1 in
        --quick) quick=1 ;;
        --list) printf '%s\n' "${row_names[@]}" && exit 0 ;;
        --help | -h) usage && exit 0 ;;
        --rounds | --only | --scratch | --build | --sealbag | --cpus)
            [ "$#" -ge 2 ] || fail "The option $1 needs a value."
            case $1 in
                --rounds) rounds=$2 ;;
                --only) only+=("$2") ;;
                --scratch) scratch_in=$(realpath -- "$2") ;;
                --build) build=$(realpath -- "$2") ;;
                --sealbag) sealbag=$(realpath -- "$2") ;;
                --cpus) cpus=$2 ;;
            esac
            shift
            ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || fail "--rounds takes a number from 1 to 999."

# wanted NAME...: whether one of these rows was asked for.
wanted() {
    local name start
    [ "${#only[@]}" -gt 0 ] || return 0
    for name in "$@"; do
        for start in "${only[@]}"; do
            [[ $name != "$start"* ]] || return 0
        done
    done
    return 1
}
wanted "${row_names[@]}" || fail "No row's name begins so. --list prints the names."

MB=1000000 MiB=1048576
text_bytes=$((400 * MB)) media_bytes=$((1000 * MB)) small_count=50000 block_count=20000 file_bytes=$((4096 * MiB))
archive_text=$((400 * MB)) archive_media=$((900 * MB)) metadata_count=100000 many_count=300000 signed_media=$((2000 * MB))
room_wanted=8000 # MB: for the 4 GiB file and its bundle
if [ "$quick" = 1 ]; then
    rounds=1
    text_bytes=$((20 * MB)) media_bytes=$((64 * MB)) small_count=2000 block_count=1000 file_bytes=$((64 * MiB))
    archive_text=$((10 * MB)) archive_media=$((30 * MB)) metadata_count=2000 many_count=10000 signed_media=$((64 * MB))
    room_wanted=1000
fi
few_count=$((many_count / 10))

# ---- the machine -------------------------------------------------------------------------------

# This script and all that it starts stay on these processors.
choose_cpus() {
    if [ -z "$cpus" ]; then
        cpus=$(taskset -pc "$$" | sed 's/.*: //' | tr ',' '\n' |
            while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done |
            sed -n '1,2p' | paste -sd, -)
    fi
    taskset -pc "$cpus" "$$" >/dev/null || fail "The processors $cpus cannot be used."
    cores=$(nproc)
    [ "$cores" = 2 ] || say "Note: the bars are meant for 2 processors, and this is measured on $cores."
}

has_room() {
    local room memory
    room=$(df --output=avail -BMB -- "$1" | sed -n '$p' | tr -dc 0-9)
    [ "$room" -ge "$room_wanted" ] || return 1
    [ "$(file_system "$1")" = tmpfs ] || return 0
    memory=$(awk '$1 == "MemAvailable:" { printf "%d", $2 / 1000 }' /proc/meminfo)
    [ "$memory" -ge $((room_wanted + 1500)) ]
}

scratch='' build_elsewhere=''
finish() {
    local code=$? folder
    trap '' INT TERM HUP
    cd /
    for folder in "$scratch" "$build_elsewhere"; do
        [ -z "$folder" ] || rm -rf -- "$folder"
    done
    exit "$code"
}

make_scratch() {
    if [ -z "$scratch_in" ]; then
        scratch_in=${TMPDIR:-/tmp}
        if [ -d /dev/shm ] && [ "$(file_system /dev/shm)" = tmpfs ] && has_room /dev/shm; then
            scratch_in=/dev/shm
        fi
    fi
    has_room "$scratch_in" || fail "$scratch_in has not enough room: it takes $room_wanted MB."
    [ "$(file_system "$scratch_in")" = tmpfs ] ||
        say "Note: $scratch_in is not in memory (tmpfs), so the disk is measured too."
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    scratch=$(mktemp -d -- "$scratch_in/sealbag-bench-XXXXXX")
    cd "$scratch"
}

# Some systems do not let programs run that lie in /dev/shm.
make_build_folder() {
    build=$scratch/build
    printf '#!/bin/sh\n' >runs
    chmod +x runs
    if ! ./runs 2>/dev/null; then
        build_elsewhere=$(mktemp -d)
        build=$build_elsewhere
    fi
}

build_all() {
    if [ -z "$build" ]; then
        say "Building sealbag."
        make_build_folder
        quiet cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
            -DSEALBAG_TESTS=OFF -DSEALBAG_BENCH=ON
        quiet cmake --build "$build"
    fi
    corpus=$build/bench/bench_corpus
    floor=$build/bench/bench_floor
    signer=$build/bench/bench_sign
    chain=$build/bench/bench_chain
    if ! [ -x "$corpus" ] || ! [ -x "$floor" ] || ! [ -x "$signer" ] || ! [ -x "$chain" ]; then
        fail "$build was not built with SEALBAG_BENCH."
    fi
    export SEALBAG=${sealbag:-$build/sealbag}
    "$SEALBAG" version >/dev/null || fail "$SEALBAG does not run."
}

make_keys() {
    "$SEALBAG" keygen -o key --no-passphrase --comment 'bench only' >/dev/null
    "$SEALBAG" keygen -o second --no-passphrase --comment 'bench only' >/dev/null
    mkdir -m 700 trust
    "$SEALBAG" trust --keys trust add bench@example.org key.pub >/dev/null 2>&1
    mkdir into
}

# ---- what is checked after a run ---------------------------------------------------------------

created() {
    size=$(stat -c %s out.tar.*)
    quiet "$SEALBAG" verify --quiet --keys trust out.tar.*
    rm -f out.tar.*
}

packed() {
    size=$(stat -c %s other)
    rm -f other sums
}

emptied() {
    rm -rf into
    mkdir into
}

made_folder() {
    quiet "$SEALBAG" verify --quiet --keys trust into/bag
    diff -r blocks into/bag/data >&2 || fail "What is in the folder is not what was sealed."
    emptied
}

extracted() {
    diff -r "$folder" into/bag/data >&2 || fail "What was extracted is not what was sealed."
    emptied
}

took_document() {
    cmp document.txt into/bag/data/5-document.txt >&2 || fail "Another document was extracted."
    emptied
}

reported() {
    size=$(stat -c %s report.html)
    rm -f report.html
}

# ---- the rows ----------------------------------------------------------------------------------

# shellcheck disable=SC2016 # the shell that runs it expands it
set_commands() {
    create='"$SEALBAG" create --quiet --force --key key --name bag -j '$cores
    verify='"$SEALBAG" verify --quiet --keys trust -j '$cores
    extract='"$SEALBAG" extract --quiet --keys trust -C into -j '$cores
    report='"$SEALBAG" report --quiet --keys trust -o report.html -j '$cores
    pigz="pigz -6 -p $cores"
    zstd="zstd -q -3 -T$cores"
}

make_corpus() { # KIND NAME AMOUNT [NUMBER]
    say "Making the corpus $2."
    "$corpus" "$@"
}

bytes_of() {
    find "$1" -type f -printf '%s\n' | awk '{ n += $1 } END { printf "%.0f", n }'
}

# floor_rows FOLDER: create and verify as a share of what this machine could do at best.
floor_rows() {
    local bytes create_rate verify_rate
    "$floor" -j "$cores" -w . "$1" >floors
    sed "s/^/floor of $1: /" floors >&2
    run "$create -o bundle.tar.gz $1"
    pair "floor-$1" "$create -o out.tar.gz $1" created "$verify bundle.tar.gz" true
    rm -f bundle.tar.gz
    bytes=$(bytes_of "$1")
    create_rate=$(calc "$bytes / $(median "${ours[@]}")" %.1f)
    verify_rate=$(calc "$bytes / $(median "${theirs[@]}")" %.1f)
    share_of_floor "create, $1" "$create_rate" create
    share_of_floor "verify, $1" "$verify_rate" verify
}

share_of_floor() { # WHAT RATE NAME
    local best best_io
    best=$(awk -v name="$3" '$1 == name { print $2 }' floors)
    best_io=$(awk -v name="$3_io" '$1 == name { print $2 }' floors)
    row_other "$1, $2 MB/s: share of the floor, $best MB/s" "100 * $2 / $best" % least 70
    row_other "$1: share of the floor with reading and writing, $best_io MB/s" "100 * $2 / $best_io" %
}

create_text_rows() { # KIND
    local gzip_size
    if wanted create-text-pigz; then
        pair create-text-pigz "$create -o out.tar.gz $1" created "tar c $1 | $pigz >other" packed
        row_against "create, $1" "tar, pigz -6" 0.20
        gzip_size=$(tar c "$1" | gzip -6 | wc -c)
        row_other "create, $1: size, to that of gzip -6" "$ours_size / $gzip_size" times most 1.12
    fi
    if wanted create-text-zstd; then
        pair create-text-zstd "$create -o out.tar.gz $1" created "tar c $1 | $zstd >other" packed
        row_against "create, $1" "tar, zstd -3" 0.5
    fi
    if wanted create-zst; then
        pair create-zst "$create -o out.tar.zst $1" created "tar c $1 | $zstd >other &&
            find $1 -type f -print0 | xargs -0 sha256sum >sums" packed
        row_against "create, $1, .tar.zst" "tar, zstd -3, then sha256sum" 0.3
        row_other "create, $1, .tar.zst: size, to that of zstd -3" "$ours_size / $theirs_size" times \
            most 1.01
    fi
}

judge_text_rows() { # KIND
    wanted verify-text extract-text || return 0
    run "$create -o bundle.tar.gz $1"
    if wanted verify-text; then
        pair verify-text "$verify bundle.tar.gz" true "tar xzf bundle.tar.gz -C into &&
            cd into/bag && sha256sum --quiet -c manifest-sha256.txt" emptied
        row_against "verify, $1" "tar xzf, sha256sum -c" 0.12
    fi
    if wanted extract-text; then
        pair extract-text "$extract bundle.tar.gz" extracted "tar xzf bundle.tar.gz -C into" extracted
        row_against "extract, $1" "tar xzf" 0.6
    fi
    rm -f bundle.tar.gz
}

rows_text() { # KIND
    wanted "${text_rows[@]}" || return 0
    folder=$1
    make_corpus "$1" "$1" "$text_bytes"
    create_text_rows "$1"
    judge_text_rows "$1"
    ! wanted floor-text || floor_rows "$1"
    rm -rf "$1"
}

rows_media() {
    wanted "${media_rows[@]}" || return 0
    make_corpus media media "$media_bytes"
    if wanted create-media; then
        pair create-media "$create -o out.tar.gz media" created "tar c media | $zstd >other" packed
        row_against "create, media" "tar, zstd -3" 0.45
    fi
    ! wanted floor-media || floor_rows media
    rm -rf media
}

rows_small() {
    wanted create-small || return 0
    make_corpus small small "$small_count"
    pair create-small "$create -o out.tar.gz small" created "tar c small | $zstd >other" packed
    row_against "create, $small_count small files" "tar, zstd -3" 0.5
    rm -rf small
}

# Files of 4 KiB into a bag that is a plain folder, and that folder verified.
rows_folder() {
    # shellcheck disable=SC2016 # the shell that runs it expands it
    local make='"$SEALBAG" create --quiet --key key -j '$cores' -o into/bag/ blocks'
    local sums='find blocks -type f -print0 | xargs -0 sha256sum >sums'
    wanted folder || return 0
    make_corpus file blob $((block_count * 4096))
    mkdir blocks
    split -b 4096 -a 5 -d blob blocks/block-
    rm blob
    pair folder "$make" made_folder "$sums" true
    row_against "create a folder, $block_count files of 4 KiB" "sha256sum" 2.5
    run "$make"
    pair folder "$verify into/bag" true "$sums" true
    row_against "verify a folder, $block_count files of 4 KiB" "sha256sum" 1.0
    emptied
    rm -rf blocks sums
}

# Sets amount: the bytes that COMMAND and its children read, of this file or of all.
# shellcheck disable=SC2016 # the shell that runs it expands it
count_reads() { # COMMAND [FILE]
    if command -v strace >/dev/null && strace -o trace true 2>/dev/null; then
        run "strace -f -y -qq -o trace -e signal=none -e trace=read,readv,pread64,preadv,preadv2 -- $1"
        amount=$(awk -v file="${2:+/$2>}" 'index($0, file) && $(NF - 1) == "=" && $NF > 0 { n += $NF }
            END { printf "%.0f", n }' trace)
        return
    fi
    run 'count() {
             while read -r name value; do [ "$name" != rchar: ] || amount=$value; done </proc/$$/io
         }
         count; before=$amount
         '"$1"'
         count; echo $((amount - before)) >amount'
    amount=$(cat amount)
}

rows_member() {
    local command="$extract archive.tar.gz 5-document.txt"
    wanted member || return 0
    mkdir archive
    make_corpus text archive/1-text "$archive_text" 1
    make_corpus media archive/2-media "$archive_media" 1
    make_corpus file archive/5-document.txt 10240 1
    make_corpus media archive/8-media "$archive_media" 2
    make_corpus text archive/9-text "$archive_text" 2
    run "$create -o archive.tar.gz archive"
    mv archive/5-document.txt document.txt
    rm -rf archive
    pair member "$command" took_document "tar xzf archive.tar.gz -C into bag/data/5-document.txt" \
        took_document
    ours_size=$(stat -c %s archive.tar.gz)
    row_against "extract one document of 10 KB from $(calc "$ours_size / 1e9" %.1f) GB" "tar xzf" 0.01
    count_reads "$command"
    took_document
    row_other "extract one document of 10 KB: bytes read" "$amount / $MiB" MiB most 16
    rm -f archive.tar.gz document.txt
}

# A row for each of many documents, with what archivists write into one.
make_records() { # FOLDER
    find "$1" -type f -printf '%P\n' | sort | awk '
        BEGIN {
            print "filename,dc.title,dc.creator,dc.creator,dc.source,dcterms.issued,premis.eventDateTime," \
                "premis.linkingAgentIdentifierValue,dc.language,dc.description,dcterms.references"
            srand(1)
        }
        {
            number = int(rand() * 1e9)
            printf "%s,\"Report %d, part %d\",Board of roads,,https://example.org/reports/%d?page=%d,%d-%02d-%02d," \
                "2026-11-25T%02d:%02dZ,desk %d,en,\"Received with letter %d; \"\"draft\"\", %d pages\",%s\n",
                $0, NR, number % 9, number, number % 77, 1990 + number % 30, 1 + number % 12, 1 + number % 28,
                number % 24, number % 60, number % 5, number % 100000, number % 300, before
            before = $0
        }'
}

# What records add to create, and how little of a bundle with many is read to show some.
rows_metadata() {
    # shellcheck disable=SC2016 # the shell that runs it expands it
    local command='"$SEALBAG" show --quiet --keys trust bundle.tar.gz 0001/0000500.txt >shown'
    # A tenth of the whole is what is measured, and single runs differ by as much.
    local rounds=$((rounds * 3))
    wanted metadata || return 0
    make_corpus small small "$metadata_count"
    make_records small >records.csv
    pair metadata "$create -o out.tar.gz --metadata records.csv small" created "$create -o out.tar.gz small" created
    row_against "create, $metadata_count small documents with records" "create without" 1.10
    run "$create -o bundle.tar.gz --metadata records.csv small"
    ours_size=$(stat -c %s bundle.tar.gz)
    count_reads "$command" bundle.tar.gz
    row_other "show one of $metadata_count records, $(calc "$ours_size / 1e6" %.1f) MB: bytes of the bundle read" \
        "$amount / $MiB" MiB most 16
    rm -rf small records.csv bundle.tar.gz shown
}

# The new bundle is made as soon as a copy of the old one, once that has been verified. What is said
# to be stored is: a file system in memory has nothing to do for that.
#
# The copy is made after a verify too: a virtual machine gives memory that has been free for two
# seconds back to its host, and then needs up to five times as long to write to it. Right after
# another file was removed, cp alone would be spared that. What is left of it is noise, so there are
# more rounds.
rows_sign() {
    local kind size round making verifying rounds=$((rounds * 2))
    wanted sign || return 0
    make_corpus media media "$signed_media"
    for kind in tar.gz tar.zst; do
        run "$create -o bundle.$kind media"
        size=$(calc "$(stat -c %s "bundle.$kind") / 1e9" %.1f)
        ours=() theirs=() verifying=() ours_size=0 theirs_size=0 ours_peak=0 theirs_peak=0
        for ((round = 0; round <= rounds; round++)); do
            run "$signer -j $cores second trust bundle.$kind out.$kind >took"
            read -r "verifying[round]" "ours[round]" <took
            quiet "$SEALBAG" list --quiet --keys trust "out.$kind"
            rm -f "out.$kind"
            run "$verify bundle.$kind"
            run "cp --reflink=auto bundle.$kind out.$kind"
            theirs[round]=$took
            rm -f "out.$kind"
            say "sign, round $round of $rounds: $(seconds "${ours[round]}") after $(
                seconds "${verifying[round]}"
            ), $(seconds "$took")"
        done
        unset 'ours[0]' 'theirs[0]' 'verifying[0]'
        row_against "sign, $size GB, .$kind, once it is verified" "cp --reflink=auto" 1.2
        row_other "sign, $size GB, .$kind, once it is verified, to cp: the fastest of each" \
            "$(least "${ours[@]}") / $(least "${theirs[@]}")" times most 1.2
        making=$(median "${ours[@]}")
        row_other "sign, $size GB, .$kind: verifying it first" \
            "$(median "${verifying[@]}") / 1000000" s
        row_other "sign, $size GB, .$kind: both, to cp --reflink=auto" \
            "($making + $(median "${verifying[@]}")) / $(median "${theirs[@]}")" times
        rm -f "bundle.$kind"
    done
    rm -rf media
}

# What the process of its own costs that bundles are read in.
rows_sandbox() {
    local kind amount starts=100 rounds=$((rounds * 2))
    wanted sandbox || return 0
    for kind in text small; do
        amount=$text_bytes
        [ "$kind" = text ] || amount=$small_count
        make_corpus "$kind" "$kind" "$amount"
        run "$create -o bundle.tar.gz $kind"
        rm -rf "$kind"
        pair sandbox "$verify bundle.tar.gz" true "$verify --no-sandbox bundle.tar.gz" true
        row_against "verify, $kind" "verify --no-sandbox" 1.05
        rm -f bundle.tar.gz
    done
    make_corpus file file 1000
    run "$create -o bundle.tar.gz file"
    pair sandbox "for i in {1..$starts}; do $verify bundle.tar.gz; done" true \
        "for i in {1..$starts}; do $verify --no-sandbox bundle.tar.gz; done" true
    row_other "verify, a bundle of 1 KB: longer than verify --no-sandbox by" \
        "($(median "${ours[@]}") - $(median "${theirs[@]}")) / $starts / 1000" ms most 10
    rm -f file bundle.tar.gz
}

# What a chain of 1,000 events adds to verify, to checking 1,000 Ed25519 signatures by itself.
rows_custody() {
    local alone
    wanted custody || return 0
    make_corpus file file 1000
    run "$create -o bundle.tar.gz file"
    cp bundle.tar.gz chain.tar.gz
    "$chain" -k key -n 1000 chain.tar.gz >alone || fail "The custody chain could not be made."
    alone=$(cat alone)
    pair custody "$verify chain.tar.gz" true "$verify bundle.tar.gz" true
    row_other "verify, 1,000 custody events: time that they add" \
        "($(median "${ours[@]}") - $(median "${theirs[@]}")) / 1000" ms
    row_other "the same, to checking 1,000 Ed25519 signatures, $(calc "$alone / 1000" %.1f) ms" \
        "($(median "${ours[@]}") - $(median "${theirs[@]}")) / $alone" times most 5
    rm -f file bundle.tar.gz chain.tar.gz alone
}

# A report shows every document; verify only judges them.
rows_report() {
    local documents=10000
    wanted report || return 0
    make_corpus small small "$documents"
    run "$create -o bundle.tar.gz small"
    rm -rf small
    pair report "$report bundle.tar.gz" reported "$verify bundle.tar.gz" true
    row_against "report, $documents documents" verify 2
    rm -f bundle.tar.gz
}

rows_memory_file() {
    wanted memory-file || return 0
    mkdir large
    make_corpus file large/file "$file_bytes"
    run "$create -o bundle.tar.gz large"
    row_other "create, one file of $((file_bytes / MiB)) MiB: memory" "$peak / 1024" MiB most 96
    run "$verify bundle.tar.gz"
    row_other "verify, one file of $((file_bytes / MiB)) MiB: memory" "$peak / 1024" MiB most 96
    rm -rf large bundle.tar.gz
}

many_row() { # WHAT: of few files (ours) and of many (theirs)
    local few many
    few=$(median "${ours[@]}") many=$(median "${theirs[@]}")
    row_other "$1, $many_count small files: memory" "$theirs_peak / 1024" MiB \
        most "96 + $many_count * 400 / $MiB"
    row_other "$1, $many_count small files: time for each, to that of $few_count" \
        "($many / $many_count) / ($few / $few_count)" times most 1.3
}

rows_memory_many() {
    local rounds=$((rounds > 3 ? 3 : rounds))
    wanted memory-many || return 0
    make_corpus small few "$few_count"
    make_corpus small many "$many_count"
    pair memory-many "$create -o out.tar.gz few" created "$create -o out.tar.gz many" created
    many_row create
    run "$create -o few.tar.gz few"
    run "$create -o many.tar.gz many"
    rm -rf few many
    pair memory-many "$verify few.tar.gz" true "$verify many.tar.gz" true
    many_row verify
    rm -f few.tar.gz many.tar.gz
}

need /usr/bin/time:time pigz:pigz gzip:gzip zstd:zstd tar:tar sha256sum:coreutils diff:diffutils \
    taskset:util-linux cmake:cmake ninja:ninja-build cc:build-essential
choose_cpus
make_scratch
build_all
make_keys
set_commands
rows_text text
rows_text web
rows_media
rows_small
rows_folder
rows_member
rows_metadata
rows_sign
rows_sandbox
rows_custody
rows_report
rows_memory_file
rows_memory_many
print_tables
