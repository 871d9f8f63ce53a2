# shellcheck shell=bash
# Sourced by the tests of wrong indexes, after lib.sh: a sealed bag ($source, $tar, $index, and
# $work/sample.tar.gz and .zst), another one to be hidden somewhere ($hidden_tar and
# $work/hidden-bag/sample.tar.gz and .zst), and `hostile`.
if ! have python3; then
    echo "There is no python3 here."
    exit 77
fi
make_key maria
trust_key maria
to=$work/to
bad=$work/bad

# ---- what is sealed ----------------------------------------------------------------------------

source=$work/source
make_sample "$source"
mkdir -p "$source/z"
# Two of one size, several frames apart from each other.
printf 'One is the first twin.\n' >"$source/a-twin"
seq 1 300000 >"$source/numbers"
head -c 1500000 /dev/urandom >"$source/photos/noise"
seq 2 2 500000 >"$source/z/evens"
printf 'Two is the other twin.' >"$source/z/twin"
truncate -s "$(size_of "$source/a-twin")" "$source/z/twin"

# A bag with other documents by the same signer and under the same name: what must never be shown.
mkdir "$work/hidden" "$work/hidden-bag"
printf 'this stays secret\n' >"$work/hidden/secret.txt"
printf 'other minutes\n' >"$work/hidden/minutes.txt"
head -c 20000 /dev/urandom >"$work/hidden/other noise"

kinds=(gz)
have zstd && kinds+=(zst)
for kind in "${kinds[@]}"; do
    seal "$work/hidden-bag/sample.tar.$kind" "$work/hidden"
done
hidden_tar=$work/hidden.tar
gzip -dc "$work/hidden-bag/sample.tar.gz" >"$hidden_tar"

tar=$work/sample.tar
index=$work/index.tsv
tab=$'\t'
# Seals $source in each format.
seal_source() {
    local kind
    for kind in "${kinds[@]}"; do
        rm -f "$work/sample.tar.$kind"
        seal "$work/sample.tar.$kind" "$source"
    done
    gzip -dc "$work/sample.tar.gz" >"$tar"
    tar -xOf "$tar" sample/seal/index.tsv >"$index"
    sealbag list --keys "$trust" - <"$work/sample.tar.gz" >"$work/true-list" 2>"$work/err"
}
seal_source
line_of() {
    grep -nF "$tab$1" "$index" | head -n 1 | cut -d : -f 1
}
offset_of() {
    sed -n "$(line_of "$1")p" "$index" | cut -f 1
}

extract() {
    rm -rf "$to"
    mkdir "$to"
    run sealbag extract --keys "$trust" -C "$to" "$@"
}
# What list says of $bad: CODE SENTENCE. The true list or none.
list_is() {
    run sealbag list --keys "$trust" "$bad"
    if [ "$code" -eq 0 ] && [ "$1" != 1 ] && cmp -s "$work/true-list" "$work/out"; then
        pass "list gives the signed list: $2"
    elif [ "$code" -eq 1 ] && [ "$1" != 0 ] && [ ! -s "$work/out" ]; then
        pass "list gives nothing: $2"
    else
        fail "list gives the signed list or nothing: $2" "exit code $code"
        show_output
    fi
}
# What extract gives of a document of $bad: CODE SENTENCE DOCUMENT; either: 0 or 1. With 0 it has used
# the index, or says that it has not.
document_is() {
    extract "$bad" "$3"
    local found wanted=$1
    found=$(cd "$to" && find . -type f -printf '%P\n')
    if [ "$wanted" = either ]; then
        wanted=$code
    fi
    if [ "$code" -eq 0 ] && [ "$wanted" -eq 0 ]; then
        if [ "$found" != "sample/data/$3" ] || ! cmp -s "$to/$found" "$source/$3"; then
            fail "$3 is right: $2" "$found"
        elif [ -z "${quiet-}" ] && said '[bag.partly-read]' && said '[seal.index-not-used]'; then
            fail "$3 was found with the index or without it: $2"
        elif [ -z "${quiet-}" ] && ! said '[bag.partly-read]' && ! said '[seal.index-not-used]'; then
            fail "it is said that the index was not used: $2"
        else
            pass "$3 is right: $2"
        fi
    elif [ "$code" -eq 1 ] && [ "$wanted" -eq 1 ] && [ -z "$found" ]; then
        pass "$3 is not extracted: $2"
    else
        fail "$3 is right, or nothing is there: $2" "exit code $code, $found"
        show_output
    fi
}
# The documents that `hostile` extracts, each by itself.
documents=(minutes.txt z/twin a-twin)
# hostile VERIFY LIST-AND-EXTRACT SENTENCE: $bad; what verify says (with a rule), and the others: 0, 1
# or either. When samples are enough, one of the documents, in turn, and the rest every third time.
hostiles=0
hostile() {
    local document good=0 asked=("${documents[@]}")
    hostiles=$((hostiles + 1))
    # Often there are as many cases as would always come to the same: so each round starts elsewhere.
    [ -z "${SEALBAG_TEST_SAMPLES-}" ] ||
        asked=("${documents[(hostiles + hostiles / ${#documents[@]}) % ${#documents[@]}]}")
    expect "$1" "verify says $1: $3" verify "$bad"
    list_is "$2" "$3"
    for document in "${asked[@]}"; do
        document_is "$2" "$3" "$document"
    done
    sampled 3 || return 0
    [ "${1%%:*}" -ne 0 ] || good=1
    extract "$bad"
    if [ "$code" -eq 1 ] && [ "$good" -eq 0 ] && [ -z "$(names "$to")" ]; then
        pass "all of it is not extracted: $3"
    elif [ "$code" -eq 0 ] && [ "$good" -eq 1 ] && same_tree "$source" "$to/sample/data"; then
        pass "all of it is right: $3"
    else
        fail "all of it is right, or nothing is there: $3" "exit code $code"
        show_output
    fi
    extract "$bad" secret.txt
    if [ -z "$(names "$to")" ] && [ "$code" -ge 1 ] && [ "$code" -le 2 ]; then
        pass "nothing hidden is shown: $3"
    else
        fail "nothing hidden is shown: $3" "exit code $code"
        show_output
    fi
}

