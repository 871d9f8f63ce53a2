#!/usr/bin/env bash
# Every trust situation of tests/vectors/trust.tsv has its exit code and its rules (issue "Signers, trust
# and custody", bar 1; DESIGN.md, sections 4 and 7).
set -euo pipefail
# In memory, if possible: many small files are written.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

table=$source_dir/tests/vectors/trust.tsv
if ! have minisign || ! have ssh-keygen; then
    echo "skipped - there is no minisign or no ssh-keygen here"
    exit 77
fi

# ---- what the rows are built of ----------------------------------------------------------------

for name in maria omar lena stranger twin; do
    make_key "$name"
done
# twin gets maria's key id: it is at byte 54 of the secret key, and at byte 2 of the public one.
key_id=$(sed -n 2p "$work/keys/maria.pub" | base64 -d | slice /dev/stdin 2 8 | to_hex)
# set_key_id FILE PLACE
set_key_id() {
    local hex
    hex=$(sed -n 2p "$1" | base64 -d | to_hex)
    {
        sed -n 1p "$1"
        from_hex "${hex:0:$((2 * $2))}$key_id${hex:$((2 * $2 + 16))}" | base64 -w 0
        echo
    } >"$work/edited"
    cat "$work/edited" >"$1"
}
set_key_id "$work/keys/twin" 54
set_key_id "$work/keys/twin.pub" 2

declare -A fp line
for name in maria omar lena stranger twin; do
    fp[$name]=$(fp_name "$work/keys/$name.pub")
    line[$name]=$(ssh_public "$work/keys/$name.pub")
    ssh_private "$work/keys/$name" "$work/keys/$name.ssh"
done

mkdir "$work/source" "$work/bases"
printf 'The minutes of the meeting.\n' >"$work/source/minutes.txt"
# base NAME KEYS...
base() {
    local name=$1 key keys=()
    for key in "${@:2}"; do
        keys+=(--key "$work/keys/$key")
    done
    "$SEALBAG" create --quiet -o "$work/$name.tar.gz" --name sample --time "$sealing_time" \
        "${keys[@]}" "$work/source" 2>/dev/null
    unpack "$work/$name.tar.gz" "$work/bases/$name"
}
base one maria
base two maria omar
base three maria omar lena
base twin twin
base none
printf 'Other minutes.\n' >"$work/source/minutes.txt"
base other maria omar

# ---- edits -------------------------------------------------------------------------------------

v=$work/variant/sample

# The edited hex digits of the standard input, as bytes in base64.
edit_hex() {
    from_hex "$(base64 -d | to_hex | sed "$1")" | base64 -w "${2-0}"
}
sign_ssh() {
    rm -f "$v/seal/seal.txt.sig"
    ssh-keygen -q -Y sign -f "$work/keys/$1.ssh" -n "$2" "$v/seal/seal.txt" 2>/dev/null
    mv "$v/seal/seal.txt.sig" "$v/seal/${fp[$1]}.sshsig"
}
edit() {
    local what=${1%%:*} rest=${1#*:}
    local key=${rest%%:*}
    local more=${rest#*:}
    local mini=$v/seal/${fp[$key]-none}.minisig ssh=$v/seal/${fp[$key]-none}.sshsig
    case $what in
    drop) rm "$mini" ;;
    strip) rm -r "$v/seal" ;;
    rm) rm "$v/$rest" ;;
    copy) cp "$mini" "$v/seal/${fp[$more]}.minisig" ;;
    sign) sign_again "$v" "$key" ;;
    ssh) sign_ssh "$key" seal@sealbag ;;
    sshns) sign_ssh "$key" "$more" ;;
    legacy) rm -f "$mini" && sign_again "$v" "$key" -l ;;
    keyless)
        rm "$mini"
        minisign -S -s "$work/keys/$key" -m "$v/seal/seal.txt" -x "$mini" -t plain >/dev/null 2>&1
        ;;
    swap) cp "$work/bases/other/sample/seal/${fp[$key]}.minisig" "$v/seal/" ;;
    from-other) cp -R "$work/bases/other/sample/$rest" "$v/$rest" ;;
    text) sed -i "$rest" "$v/seal/seal.txt" ;;
    sed) sed -i "$more" "$mini" ;;
    sedssh) sed -i "$more" "$ssh" ;;
    minihex)
        {
            sed -n 1p "$mini"
            sed -n 2p "$mini" | edit_hex "$more"
            echo
            sed -n '3,$p' "$mini"
        } >"$work/edited"
        cp "$work/edited" "$mini"
        ;;
    sshhex)
        {
            sed -n 1p "$ssh"
            sed '1d;$d' "$ssh" | edit_hex "$more" 70
            sed -n '$p' "$ssh"
        } >"$work/edited"
        cp "$work/edited" "$ssh"
        ;;
    *) return 1 ;;
    esac
}

# build RECIPE: makes it, unless it was made before, and says where it is in $built.
declare -A made=()
build() {
    built=${made[$1]-}
    [ -z "$built" ] || return 0
    local steps step
    IFS=+ read -r -a steps <<<"$1"
    rm -rf "$work/variant"
    mkdir "$work/variant"
    cp -R "$work/bases/${steps[0]}/sample" "$v"
    for step in "${steps[@]:1}"; do
        edit "$step"
    done
    built=$work/built-${#made[@]}.tar.gz
    pack "$v" "$built"
    made[$1]=$built
}

# A line with ~ for spaces, %KEY for keys and \ escapes.
raw_line() {
    local text=${1//\~/ } name
    for name in maria omar; do
        text=${text//%$name/${line[$name]}}
    done
    printf '%b\n' "$text"
}

# make_store TOKENS
make_store() {
    local tokens token options name key
    rm -rf "$work/store"
    mkdir -m 700 "$work/store"
    : >"$work/store/allowed_signers"
    IFS=' ' read -r -a tokens <<<"$1"
    for token in "${tokens[@]}"; do
        case $token in
        raw:*) raw_line "${token#raw:}" >>"$work/store/allowed_signers" && continue ;;
        rawrevoked:*) raw_line "${token#rawrevoked:}" >>"$work/store/revoked_keys" && continue ;;
        esac
        options=''
        if [[ $token == *\[* ]]; then
            options=${token#*\[}
            options=${options%\]}
            token=${token%%\[*}
        fi
        if [[ $token == !* ]]; then
            printf '%s revoked=2025-03-04T05:06:07Z%s reason=for a test\n' "${line[${token#!}]}" \
                "${options:+ since=$options}" >>"$work/store/revoked_keys"
        else
            name=${token%%=*} key=${token#*=}
            printf '%s %s%s\n' "$name" "${options:+$options }" "${line[$key]}" \
                >>"$work/store/allowed_signers"
        fi
    done
}

# ---- the rows ----------------------------------------------------------------------------------

rows=0
while IFS=$'\t' read -r what bundle store options wanted rules; do
    case $what in
    '#'* | '') continue ;;
    esac
    rows=$((rows + 1))
    [ "$store" != - ] || store=''
    words=()
    [ "$options" = - ] || IFS=' ' read -r -a words <<<"$options"
    build "$bundle"
    make_store "$store"
    sentence="$what ($bundle, $store, $options): $wanted"
    run sealbag verify --keys "$work/store" "${words[@]}" "$built"
    wrong=''
    [ "$code" -eq "$wanted" ] || wrong="the exit code is $code, not $wanted"
    ! grep -qaE 'Sanitizer|runtime error:' "$work/err" || wrong="a sanitizer complains"
    IFS=, read -r -a expected <<<"${rules#-}"
    for rule in "${expected[@]}"; do
        if [ "${rule#!}" = "$rule" ]; then
            said "[$rule]" || wrong=${wrong:-"it does not say [$rule]"}
        elif said "[${rule#!}]"; then
            wrong=${wrong:-"it says [${rule#!}]"}
        fi
    done
    if [ -z "$wrong" ]; then
        pass "$sentence"
    else
        fail "$sentence" "$wrong"
        show_output
    fi
done <"$table"
check "the table has at least 60 rows, and all were tried" test "$rows" -ge 60
