#!/bin/sh
# Checks an extracted sealed bag without sealbag, by the rules of docs/format.md. It needs a POSIX
# shell, GNU coreutils, and minisign or ssh-keygen; and iconv for tag files that are not in UTF-8.
#
#   check-by-hand.sh [-p minisign.pub | -f allowed_signers -I NAME] FOLDER
#
#   -p FILE           the public key that you trust, in minisign's format
#   -f FILE -I NAME   the keys that you trust: those of NAME in an allowed_signers file
#
# Exit codes, the same that sealbag gives: 0 intact, and sealed by the key that you gave; 1 damaged,
# incomplete or forged; 2 wrong usage; 3 intact and sealed, but not by that key, or you gave none,
# or a named signer's signature is missing; 4 intact, not sealed; 5 could not be judged.
#
# It cannot check the Root line of seal.txt: that takes BLAKE2b with a key, which coreutils does not
# have. The same documents are signed a second time through the manifest, which is checked here. Nor
# does it check seal/index.tsv: it only tells where files are in the bundle, and nobody signs it.
#
# How it stays safe with hostile bags: no path that is written in the bag is ever opened. The folder
# is walked without following links, what is found is hashed, and the two lists are compared as
# lines of text, in the form that sha256sum writes: a line feed in a name is the two characters \n.

set -uf
LC_ALL=C
export LC_ALL
unset CDPATH
IFS=' '

usage() {
    echo "usage: check-by-hand.sh [-p minisign.pub | -f allowed_signers -I NAME] FOLDER" >&2
    exit 2
}

# ---- what is said --------------------------------------------------------------------------------

code=0

# The worse of two exit codes, in the order 1, 5, 4, 3, 0.
worsen() {
    case $code$1 in
        1? | ?1) code=1 ;;
        5? | ?5) code=5 ;;
        4? | ?4) code=4 ;;
        3? | ?3) code=3 ;;
    esac
}

hex_of() {
    printf '%s' "$1" | od -An -v -tx1 | tr '\n' ' '
}

# Reads text; succeeds when it is UTF-8 (RFC 3629). Each byte becomes a letter for its class, and
# then no letter may stand beside a wrong one.
is_utf8() {
    # shellcheck disable=SC2018,SC2019
    case $(tr '\000-\177\200-\217\220-\237\240-\277\300-\301\302-\337\340\341-\354\355\356-\357\360\361-\363\364\365-\377' \
        '[a*128][x*16][y*16][z*32][!*2][2*30]e[3*12]d[3*2]f[4*3]g[!*11]' && echo aaa) in
        *!* | [xyz]* | *a[xyz]*) return 1 ;;
        *2[!xyz]* | *2[xyz][xyz]*) return 1 ;;
        *e[!z]* | *ez[!xyz]* | *ez[xyz][xyz]*) return 1 ;;
        *d[!xy]* | *d[xy][!xyz]* | *d[xy][xyz][xyz]*) return 1 ;;
        *3[!xyz]* | *3[xyz][!xyz]* | *3[xyz][xyz][xyz]*) return 1 ;;
        *f[!yz]* | *f[yz][!xyz]* | *f[yz][xyz][!xyz]* | *f[yz][xyz][xyz][xyz]*) return 1 ;;
        *4[!xyz]* | *4[xyz][!xyz]* | *4[xyz][xyz][!xyz]* | *4[xyz][xyz][xyz][xyz]*) return 1 ;;
        *g[!x]* | *gx[!xyz]* | *gx[xyz][!xyz]* | *gx[xyz][xyz][xyz]*) return 1 ;;
    esac
    return 0
}

# Whether the text has control, bidirectional or invisible characters, or is not UTF-8.
is_hidden() {
    case $1 in
        *[!\ -~]*) ;;
        *) return 1 ;;
    esac
    case " $(hex_of "$1")" in
        *" "[01]?" "* | *" 7f "* | *" c2 "[89]?" "* | *" c2 ad "* | *" cd 8f "* | *" d8 9c "*) return 0 ;;
        *" e1 85 9f "* | *" e1 85 a0 "* | *" e1 9e b"[45]" "* | *" e1 a0 8"[b-f]" "*) return 0 ;;
        *" e2 80 8"[b-f]" "* | *" e2 80 a"[89a-e]" "* | *" e2 81 a"?" "* | *" e3 85 a4 "*) return 0 ;;
        *" ef b8 8"?" "* | *" ef bb bf "* | *" ef be a0 "* | *" ef bf b"[9ab]" "*) return 0 ;;
        *" f0 9d 85 b"[3-9a]" "* | *" f3 a0 "*) return 0 ;;
    esac
    ! printf '%s' "$1" | is_utf8
}

# The text, so that a terminal shows it and does not obey it.
show() {
    if is_hidden "$1"; then
        for byte in $(hex_of "$1"); do
            case $byte in
                [2-6]? | 7[0-9a-e]) printf '%b' "\\0$((0x$byte / 64))$((0x$byte / 8 % 8))$((0x$byte % 8))" ;;
                *) printf '\\x%s' "$byte" ;;
            esac
        done
    else
        printf '%s' "$1"
    fi
}

# problem EXIT-CODE PATH SENTENCE
problem() {
    printf '  Problem: '
    if [ -n "$2" ]; then
        show "$2"
        printf ': '
    fi
    printf '%s\n' "$3"
    worsen "$1"
}

note() {
    printf '  Note: %s\n' "$1"
}

# The last words.
finish() {
    printf '%s: ' "$shown"
    case $code in
        0) echo "intact, and sealed by the key that you gave." ;;
        1) echo "DO NOT USE. It is damaged, incomplete or forged." ;;
        3) echo "intact, but not sealed by a key that you trust." ;;
        4) echo "intact, but not sealed: nobody vouches for it." ;;
        *) echo "could not be judged." ;;
    esac
    exit "$code"
}

# What keeps the script from going on.
cannot() {
    problem 5 '' "$1"
    finish
}

# ---- the arguments -------------------------------------------------------------------------------

public_key='' signers_file='' signer=''
while getopts p:f:I: option; do
    case $option in
        p) public_key=$OPTARG ;;
        f) signers_file=$OPTARG ;;
        I) signer=$OPTARG ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
if [ "$#" -ne 1 ] || [ -z "$1" ]; then usage; fi
if [ -n "$public_key" ] && [ -n "$signers_file$signer" ]; then usage; fi
if [ -n "$signers_file" ] && [ -z "$signer" ]; then usage; fi
if [ -z "$signers_file" ] && [ -n "$signer" ]; then usage; fi

folder=$1
shown=$(show "$folder")
temp=$(mktemp -d) || exit 5
case $temp in
    /*) ;;
    *) temp=$(pwd -P)/$temp ;;
esac
trap 'rm -rf -- "$temp"' EXIT
trap 'exit 5' HUP INT TERM

lf='
'
cr=$(printf '\r')
tab=$(printf '\t')
# How this sha256sum writes a carriage return in a name: since coreutils 9.0 as \r.
: >"$temp/a${cr}b"
case $(cd "$temp" && sha256sum -- "a${cr}b") in
    *a\\rb) cr_form='\r' cr_marks=1 ;;
    *) cr_form=$cr cr_marks=0 ;;
esac
rm -f -- "$temp/a${cr}b"

is_readable() {
    [ -f "$1" ] && [ -r "$1" ]
}

# Whether a bag may have this name.
is_name() {
    case $1 in
        '' | [-.\ ]* | *' ' | */* | *\\*) return 1 ;;
    esac
    [ "${#1}" -le 255 ] && ! is_hidden "$1"
}

is_hex() { # TEXT DIGITS
    case $1 in
        *[!0-9a-f]*) return 1 ;;
    esac
    [ "${#1}" -eq "$2" ]
}

has_nul() {
    [ "$(wc -c <"$1")" -ne "$(tr -d '\000' <"$1" | wc -c)" ]
}

# A decimal number in 64 bits, without leading zeros.
is_number() {
    case $1 in
        '' | *[!0-9]* | 0?*) return 1 ;;
    esac
    [ "${#1}" -lt 20 ] || { [ "${#1}" -eq 20 ] && ! expr "x$1" \> x18446744073709551615 >/dev/null; }
}

# Standard base64 of $2 bytes, in its one spelling.
is_base64() {
    case $1 in
        *[!A-Za-z0-9+/=]* | '') return 1 ;;
    esac
    [ "$(printf '%s' "$1" | base64 -d 2>/dev/null | base64 -w 0)" = "$1" ] &&
        [ "$(printf '%s' "$1" | base64 -d | wc -c)" -eq "$2" ]
}

# ---- keys: a key is known by its fingerprint, the SHA-256 of its OpenSSH form, in hex ------------

# Reads the 32 bytes of an Ed25519 public key.
fingerprint_of() {
    { printf '\000\000\000\013ssh-ed25519\000\000\000\040' && cat; } | sha256sum | cut -b 1-64
}

# The type of a FIDO key (of a security key), with its length: sk-ssh-ed25519@openssh.com
fido=0000001a736b2d7373682d65643235353139406f70656e7373682e636f6d

# is_fido_key HEX: type, 32 bytes of the key, and an application of 1 to 128 bytes, such as "ssh:".
is_fido_key() {
    rest=${1#"${fido}00000020"}
    [ "$rest" != "$1" ] && [ "${#rest}" -gt 72 ] || return 1
    rest=$(printf '%s' "$rest" | cut -b 65-)
    application=${rest#????????}
    [ "$((0x${rest%"$application"} * 2))" -eq "${#application}" ] && [ "${#application}" -le 256 ] || return 1
    case " $(printf '%s' "$application" | sed 's/../& /g')" in
        *" "[01]?" "* | *" 7f "* | *" c2 "[89]?" "*) return 1 ;;
    esac
}

# A fingerprint in hex as people compare it.
fingerprint_text() {
    rest=$1
    octal=
    while [ -n "$rest" ]; do
        two=${rest%"${rest#??}"}
        rest=${rest#??}
        octal="$octal\\0$((0x$two / 64))$((0x$two / 8 % 8))$((0x$two % 8))"
    done
    text=$(printf '%b' "$octal" | base64 -w 0)
    printf 'SHA256:%s' "${text%=}"
}

trusted=''      # fingerprints, a space after each
trusted_keys='' # FINGERPRINT:BASE64 of the 32 bytes, a space after each

# Reads the 32 bytes of a key.
trust_key() {
    raw=$(base64 -w 0)
    key=$(printf '%s' "$raw" | base64 -d | fingerprint_of)
    trusted="$trusted$key "
    trusted_keys="$trusted_keys$key:$raw "
}

trust_minisign() {
    is_readable "$public_key" || cannot "The public key file cannot be read."
    has_nul "$public_key" && cannot "The file that -p names is not a minisign public key."
    {
        IFS= read -r first
        IFS= read -r second || [ -n "$second" ]
        IFS= read -r third || [ -n "$third" ] && cannot "The file that -p names has more lines than a minisign public key."
    } <"$public_key"
    first=${first%"$cr"} second=${second%"$cr"}
    case $first$second in
        "untrusted comment: "*RW[QRST]*) ;;
        *) cannot "The file that -p names is not a minisign public key." ;;
    esac
    is_base64 "$second" 42 || cannot "The file that -p names is not a minisign public key."
    printf '%s' "$second" | base64 -d | tail -c 32 >"$temp/key"
    trust_key <"$temp/key"
}

# Is given the base64 of a FIDO key.
trust_fido() {
    hex=$(printf '%s' "$1" | base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
    if ! is_base64 "$1" $((${#hex} / 2)) || ! is_fido_key "$hex"; then
        cannot "A line of the allowed_signers file holds no FIDO key."
    fi
    [ "$2" -eq 0 ] || trusted="$trusted$(printf '%s' "$1" | base64 -d | sha256sum | cut -b 1-64) "
}

# An entry: principals [namespaces="..."] type base64 [comment]; the type is ssh-ed25519 or that of a
# FIDO key. Other types can never fit.
trust_signers() {
    is_readable "$signers_file" || cannot "The allowed_signers file cannot be read."
    has_nul "$signers_file" && cannot "The file that -f names is not an allowed_signers file."
    while IFS= read -r line || [ -n "$line" ]; do
        while :; do
            case $line in
                ' '*) line=${line# } ;;
                *) break ;;
            esac
        done
        case $line in
            '' | '#'*) continue ;;
            *["$tab$cr"]*) cannot "A line of the allowed_signers file has a tab or a carriage return." ;;
        esac
        # shellcheck disable=SC2086 # the words are wanted, and no pattern is expanded (set -f)
        set -- $line
        names=$1 allowed=1
        shift
        case ${1-} in
            namespaces=\"*\")
                case ",${1#namespaces=}," in
                    *[\",]seal@sealbag[\",]*) ;;
                    *) allowed=0 ;;
                esac
                shift
                ;;
        esac
        case ",$names," in
            *",$signer,"*) ;;
            *) allowed=0 ;;
        esac
        case ${1-} in
            ssh-ed25519) ;;
            sk-ssh-ed25519@openssh.com)
                trust_fido "${2-}" "$allowed"
                continue
                ;;
            ssh-* | ecdsa-* | sk-*) continue ;;
            *) cannot "A line of the allowed_signers file is not understood; options other than namespaces are not." ;;
        esac
        is_base64 "${2-}" 51 || cannot "A line of the allowed_signers file holds no Ed25519 key."
        if [ "$allowed" -eq 1 ]; then
            printf '%s' "$2" | base64 -d | tail -c 32 >"$temp/key"
            trust_key <"$temp/key"
        fi
    done <"$signers_file"
    [ -n "$trusted" ] || note "The allowed_signers file has no key of that name for sealing."
}

[ -z "$public_key" ] || trust_minisign
[ -z "$signers_file" ] || trust_signers

# ---- what is in the folder -----------------------------------------------------------------------

case $folder in
    /*) ;;
    *) folder=./$folder ;;
esac
cd -P "$folder" 2>/dev/null || cannot "There is no such folder, or it cannot be entered."
name=$(pwd -P && echo x)
name=${name%"${lf}x"}
name=${name##*/}
[ -n "$name" ] || cannot "The root folder of a system is not a bag."

: >"$temp/payload"
: >"$temp/tag"
: >"$temp/seal"
: >"$temp/sizes"
held=0 held_part='' arguments=''

# shellcheck disable=SC2317 # flush calls it, by eval
hash_files() {
    if [ "$held_part" = tag ] && [ "$1" = - ]; then
        sha256sum <./- || return 1
        shift
        [ "$#" -gt 0 ] || return 0
    fi
    sha256sum -- "$@" || return 1
    [ "$held_part" != payload ] || stat -c %s -- "$@" >>"$temp/sizes"
}

# Hashes the files that are held back, many at once.
flush() {
    if [ "$held" -gt 0 ]; then
        eval "hash_files $arguments" >>"$temp/$held_part" 2>/dev/null ||
            cannot "A file in the folder cannot be read."
    fi
    held=0 arguments=''
}

hold() { # PART PATH
    if [ "$held_part" != "$1" ] || [ "$2" = - ] || [ "$held" -ge 100 ]; then
        flush
    fi
    held_part=$1
    held=$((held + 1))
    eval "held_$held=\$2"
    arguments="$arguments \"\$held_$held\""
}

# Whether the path is too long or too deep, with the bag's name before it.
too_long() {
    [ $((${#name} + 1 + ${#1})) -le 4000 ] || return 0
    [ "${#1}" -gt 500 ] || return 1
    parts=$1 depth=2
    while :; do
        case $parts in
            */*) parts=${parts#*/} depth=$((depth + 1)) ;;
            *) break ;;
        esac
    done
    [ "$depth" -gt 256 ]
}

# The first two bytes of the tag characters, and what the third can be.
tags=$(printf '\363\240')
tag_blocks=$(printf '\200\201')

# Whether a part of the path has tag characters and nothing else that is not ASCII.
only_tags() {
    case $1 in
        *"$tags"*) ;;
        *) return 1 ;;
    esac
    parts=$1/
    while [ -n "$parts" ]; do
        part=${parts%%/*} parts=${parts#*/} seen=
        while :; do
            case $part in
                *"$tags"["$tag_blocks"]?*)
                    part=${part%%"$tags"["$tag_blocks"]?*}${part#*"$tags"["$tag_blocks"]?} seen=1
                    ;;
                *) break ;;
            esac
        done
        if [ -n "$seen" ] && [ "$(printf '%s.' "$part" | tr -d '\200-\377')" = "$part." ]; then
            return 0
        fi
    done
    return 1
}

# take PATH: what it is, without following links.
take() {
    case $1 in
        *\\*)
            problem 1 "$1" "Its name is unsafe: it holds a backslash."
            return
            ;;
    esac
    if only_tags "$1"; then
        problem 1 "$1" "Its name is unsafe: it holds tag characters, which other programs drop."
        return
    fi
    if too_long "$1"; then
        problem 1 "$1" "Its path is longer or deeper than a bag's may be."
    elif [ -L "$1" ]; then
        problem 1 "$1" "This is a symbolic link, which a bag cannot hold."
    elif [ -d "$1" ]; then
        folders="$1//$folders"
    elif [ -f "$1" ]; then
        case $1 in
            data/*) hold payload "$1" ;;
            seal/*) hold seal "$1" ;;
            *) hold tag "$1" ;;
        esac
    else
        problem 1 "$1" "This is neither a file nor a folder; a bag cannot hold it."
    fi
}

# Takes what is in a folder: "" or its path with a slash at the end.
take_folder() {
    found=0
    set +f
    set -- "$1"* "$1".[!.]* "$1"..?*
    set -f
    for entry do
        if [ -e "$entry" ] || [ -L "$entry" ]; then
            found=1
            take "$entry"
        fi
    done
    return $((1 - found))
}

# Folders still to be read, "//" after each, which no path holds.
folders=
take_folder '' || problem 1 '' "The folder is empty."
while [ -n "$folders" ]; do
    next=${folders%%//*}
    folders=${folders#*//}
    if ! [ -r "$next" ] || ! [ -x "$next" ]; then
        cannot "A folder inside cannot be read."
    fi
    take_folder "$next/" || problem 1 "$next" "This folder is empty; a bag cannot vouch for it."
done
flush

for part in payload tag seal; do
    is_utf8 <"$temp/$part" || problem 1 '' "A name in the bag is not UTF-8."
    sort -o "$temp/$part" "$temp/$part"
done
sort -m "$temp/payload" "$temp/tag" "$temp/seal" >"$temp/all"
documents=$(wc -l <"$temp/payload")
documents=$((documents))
bytes=0
while read -r size; do
    bytes=$((bytes + size))
done <"$temp/sizes"

# Whether this is a file of the bag (and no link to one). The path is one of this script's.
is_there() {
    [ -f "$1" ] && [ ! -L "$1" ]
}

# small_enough PATH BYTES: the files that describe a bag have limits.
kept=0 events=0
small_enough() {
    if is_there "$1"; then
        case $1 in
            seal/custody/*) events=$((events + 1)) ;;
            *) kept=$((kept + 1)) ;;
        esac
        if [ "$(stat -c %s -- "$1")" -gt "$2" ] || [ "$kept" -gt 2100 ] || [ "$events" -gt 19998 ]; then
            cannot "A file that describes the bag is larger than it may be, or there are too many."
        fi
    fi
}
small_enough bagit.txt 65536
small_enough bag-info.txt 16777216
small_enough manifest-sha256.txt 1073741824
small_enough tagmanifest-sha256.txt 67108864
small_enough seal/manifest-sha256.txt 1073741824

# ---- comparing lists of files --------------------------------------------------------------------

# Reads lines of sha256sum, writes the paths alone.
paths_of() {
    while IFS= read -r line; do
        line=${line#\\}
        printf '%s\n' "${line#??????????????????????????????????????????????????????????????????}"
    done | sort
}

# say_each FILE SENTENCE: a problem for each path in the file.
say_each() {
    while IFS= read -r path; do
        problem 1 "$path" "$2"
    done <"$1"
}

# compare LISTED FOUND NAME: both sorted. With a fourth argument, what is not listed is its problem.
compare() {
    comm -23 "$1" "$2" | paths_of | uniq >"$temp/only-listed"
    comm -13 "$1" "$2" | paths_of >"$temp/only-found"
    comm -12 "$temp/only-listed" "$temp/only-found" >"$temp/differ"
    say_each "$temp/differ" "This file is not the one that $3 lists: it was altered or damaged."
    comm -23 "$temp/only-listed" "$temp/only-found" >"$temp/differ"
    say_each "$temp/differ" "$3 lists this file, but it is not there."
    [ -z "${4-}" ] || {
        comm -13 "$temp/only-listed" "$temp/only-found" >"$temp/differ"
        say_each "$temp/differ" "$4"
    }
}

lower() { # sets digest to the same in lower case
    for pair in Aa Bb Cc Dd Ee Ff; do
        while :; do
            case $digest in
                *"${pair%?}"*) digest=${digest%%"${pair%?}"*}${pair#?}${digest#*"${pair%?}"} ;;
                *) break ;;
            esac
        done
    done
}

# Sets path to $1 with %0A, %0D and %25 decoded, as sha256sum writes it, and mark to what then
# stands before the line.
decode() {
    path='' mark='' rest=$1
    while :; do
        case $rest in
            *%*) ;;
            *) break ;;
        esac
        path=$path${rest%%\%*}
        rest=${rest#*%}
        case $rest in
            0[Aa]*) path=$path\\n mark=\\ rest=${rest#??} ;;
            0[Dd]*)
                path=$path$cr_form rest=${rest#??}
                [ "$cr_marks" -eq 0 ] || mark=\\
                ;;
            25*) path=$path% rest=${rest#??} ;;
            *) path=$path% ;;
        esac
    done
    path=$path$rest
}

charset=UTF-8 # what the manifests and bag-info.txt are written in
decodes=1     # whether that can be read here

# decode_file NAME: its text in UTF-8 to text.
decode_file() {
    from=$charset
    case $from in
        UTF-8)
            cat <"$1" >"$temp/text"
            return
            ;;
        UTF-16)
            # without a byte order mark the high byte is first
            case $(head -c 2 "$1" | od -An -tx1) in
                *"fe ff"* | *"ff fe"*) ;;
                *) from=UTF-16BE ;;
            esac
            ;;
    esac
    iconv -f "$from" -t UTF-8 <"$1" >"$temp/text" 2>/dev/null ||
        problem 1 "$1" "It is not text in the encoding that bagit.txt names."
}

# read_manifest NAME: its lines in the form of sha256sum to listed, its paths to listed-paths.
# Every end of a line (LF, CR, CRLF) becomes LF; empty lines do not count.
read_manifest() {
    decode_file "$1"
    if has_nul "$temp/text"; then
        problem 1 "$1" "It holds a NUL byte."
    fi
    tr '\r' '\n' <"$temp/text" | while IFS= read -r line || [ -n "$line" ]; do
        [ -n "$line" ] || continue
        rest=${line#????????????????????????????????????????????????????????????????}
        digest=${line%"$rest"}
        path=$rest
        while :; do
            case $path in
                ' '*) path=${path# } ;;
                "$tab"*) path=${path#"$tab"} ;;
                *) break ;;
            esac
        done
        case $path in
            \*?*) path=${path#?} ;;
        esac
        while :; do
            case $path in
                ./?*) path=${path#./} ;;
                *) break ;;
            esac
        done
        case $digest in
            *[!0-9a-fA-F]*) echo bad ;;
            *[A-F]*) lower ;;
        esac
        case $rest$path in
            "$path$path" | *\\* | "$rest") echo bad ;;
        esac
        [ "${#digest}" -eq 64 ] || echo bad
        mark=
        case $encoded$path in
            1*%*) decode "$path" ;;
        esac
        printf '%s%s  %s\n' "$mark" "$digest" "$path" >&3
        printf '%s\n' "$path" >&4
    done >"$temp/bad" 3>"$temp/listed" 4>"$temp/listed-paths"
    [ ! -s "$temp/bad" ] || problem 1 "$1" "It has a line that is not a SHA-256 digest, white space and a safe path."
    sort -o "$temp/listed" "$temp/listed"
    if [ "$encoded" -eq 0 ]; then
        # before 1.0 a file may be listed again with the same digest
        uniq "$temp/listed" >"$temp/once"
        mv "$temp/once" "$temp/listed"
        paths_of <"$temp/listed" >"$temp/listed-paths"
    fi
    sort -o "$temp/listed-paths" "$temp/listed-paths"
    uniq -d "$temp/listed-paths" >"$temp/differ"
    say_each "$temp/differ" "$1 lists this file twice."
}

# read_list NAME: its lines, which are in the form of sha256sum, once each and in ascending order, to
# listed.
read_list() {
    has_nul "$1" && problem 1 "$1" "It holds a NUL byte."
    [ -z "$(tail -c 1 "$1")" ] || problem 1 "$1" "Its last line has no end."
    before='' in_order=1
    : >"$temp/listed"
    while IFS= read -r line; do
        path=${line#\\}
        path=${path#??????????????????????????????????????????????????????????????????}
        case $line in
            \\*)
                # as the bytes that the name has, for their order
                plain=
                while :; do
                    case $path in
                        *\\n*) ;;
                        *\\r*) ;;
                        *) break ;;
                    esac
                    head=${path%%\\*}
                    path=${path#"$head"}
                    case $path in
                        \\n*) plain=$plain$head$lf ;;
                        \\r*) plain=$plain$head$cr ;;
                        *) break ;;
                    esac
                    path=${path#??}
                done
                path=$plain$path
                # an older sha256sum leaves the carriage return as it is
                if [ "$cr_marks" -eq 0 ]; then
                    rest=${line#\\}
                    mark=
                    line=
                    while :; do
                        case $rest in
                            *\\r*) line=$line${rest%%\\r*}$cr rest=${rest#*\\r} ;;
                            *) break ;;
                        esac
                    done
                    line=$line$rest
                    case $line in
                        *\\*) mark=\\ ;;
                    esac
                    line=$mark$line
                fi
                ;;
        esac
        if [ -n "$before" ] && ! expr "x$before" \< "x$path" >/dev/null; then
            in_order=0
        fi
        before=$path
        printf '%s\n' "$line" >>"$temp/listed"
    done <"$1"
    [ "$in_order" -eq 1 ] || problem 1 "$1" "Its lines are not in ascending order."
    sort -o "$temp/listed" "$temp/listed"
}

# ---- is it intact? -------------------------------------------------------------------------------

encoded=1 # whether manifests encode line ends and % in paths: before BagIt 1.0 they do not

check_declaration() {
    version='BagIt-Version: '
    encoding='Tag-File-Character-Encoding: '
    text=$(tr '\000' '\001' <bagit.txt && echo x)
    text=${text%x}
    line=${text%%["$cr$lf"]*}
    text=${text#"$line"}
    case $line$text in
        "${version}0.9"[3-7]"$cr"* | "${version}0.9"[3-7]"$lf"*) encoded=0 ;;
    esac
    # one end of a line before it, and at most one behind it
    case $text in
        "$cr$lf"*) rest=${text#??} ;;
        *) rest=${text#?} ;;
    esac
    rest=${rest%"$lf"}
    rest=${rest%"$cr"}
    value=${rest#"$encoding"}
    case $value in
        "$rest" | '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._:+-]*)
            problem 1 bagit.txt "It is not exactly its two lines."
            return
            ;;
        [Uu][Tt][Ff]-8) ;;
        *)
            charset=$(printf '%s' "$value" | tr '[:lower:]' '[:upper:]')
            case $charset in
                UTF-16 | UTF-16[BL]E | US-ASCII | ISO-8859-* | WINDOWS-* | KOI8-[RU] | SHIFT_JIS | EUC-* | GB18030 | BIG5)
                    ! printf '' | iconv -f "$charset" -t UTF-8 >/dev/null 2>&1 || decodes=2
                    ;;
            esac
            decodes=$((decodes - 1))
            if [ "$decodes" -eq 1 ]; then
                note "The manifests are read as $charset, by iconv."
            else
                problem 5 bagit.txt "It names an encoding that cannot be read here."
            fi
            ;;
    esac
    number=${line#"$version"}
    case $line in
        "${version}1.0" | "${version}0.9"[3-7]) ;;
        "$version"*.*)
            if is_number "${number%%.*}" && is_number "${number#*.}"; then
                problem 5 bagit.txt "It states a version of BagIt that is not known here."
            else
                problem 1 bagit.txt "It is not exactly its two lines."
            fi
            ;;
        *) problem 1 bagit.txt "It is not exactly its two lines." ;;
    esac
}

whole=0 # whether the bag's own manifest lists all documents, although there is one in seal/

check_payload() {
    if ! is_there manifest-sha256.txt; then
        set +f
        set -- manifest-*
        set -f
        if ! is_there "$1"; then
            problem 1 manifest-sha256.txt "The bag has no manifest."
            return
        fi
        if ! is_there seal/manifest-sha256.txt; then
            problem 5 "$1" "The bag has no SHA-256 manifest, so its documents cannot be checked here."
            return
        fi
        note "Only SHA-256 is checked here, by the manifest in seal/, and none of the bag's own manifests."
        manifest=seal/manifest-sha256.txt
        read_list "$manifest"
        paths_of <"$temp/listed" >"$temp/listed-paths"
    elif [ "$decodes" -eq 0 ]; then
        return
    else
        manifest="manifest-sha256.txt"
        read_manifest "$manifest"
        if is_there seal/manifest-sha256.txt; then
            # there only when documents are not in the bag's own, or not under their names
            paths_of <"$temp/payload" | comm -23 - "$temp/listed-paths" >"$temp/differ"
            [ -s "$temp/differ" ] || whole=1
            compare "$temp/listed" "$temp/payload" "$manifest"
            manifest=seal/manifest-sha256.txt
            read_list "$manifest"
            paths_of <"$temp/listed" >"$temp/listed-paths"
        fi
    fi
    while IFS= read -r path; do
        case $path in
            data/?*) ;;
            *) problem 1 "$path" "$manifest lists a file outside data/." ;;
        esac
    done <"$temp/listed-paths"
    compare "$temp/listed" "$temp/payload" "$manifest" "This document is in no manifest: it was added later."
}

check_tag_manifest() {
    is_there tagmanifest-sha256.txt && [ "$decodes" -eq 1 ] || return
    read_manifest tagmanifest-sha256.txt
    lists_manifest=0
    while IFS= read -r path; do
        case $path in
            manifest-sha256.txt) lists_manifest=1 ;;
            tagmanifest-*/*) ;;
            data/* | tagmanifest-*) problem 1 "$path" "tagmanifest-sha256.txt lists a file that it must not list." ;;
        esac
    done <"$temp/listed-paths"
    compare "$temp/listed" "$temp/all" tagmanifest-sha256.txt
    if is_there manifest-sha256.txt && [ "$lists_manifest" -eq 0 ]; then
        problem 1 manifest-sha256.txt "tagmanifest-sha256.txt does not list it."
    fi
}

check_info() {
    is_there bag-info.txt && [ "$decodes" -eq 1 ] || return
    decode_file bag-info.txt
    is_utf8 <"$temp/text" || problem 1 bag-info.txt "It is not UTF-8."
    case $charset$(head -c 3 bag-info.txt | od -An -tx1) in
        UTF-8*"ef bb bf"*) problem 1 bag-info.txt "It begins with a byte order mark." ;;
    esac
    labels=0 sums=0 oxum_above=0
    tr '\r\000' '\n\001' <"$temp/text" >"$temp/info"
    while IFS= read -r line || [ -n "$line" ]; do
        label=${line%%:*} value=${line#*:}
        case $line in
            '') continue ;;
            [" $tab"]*)
                # goes on with the line above; Payload-Oxum is never folded
                if [ "$labels" -gt 0 ]; then
                    [ "$oxum_above" -eq 0 ] || problem 1 bag-info.txt "Payload-Oxum goes on in another line."
                    continue
                fi
                ;;
        esac
        case $label:$value in
            "$line:$line" | :* | [" $tab"]* | "$label":[!\ "$tab"]*)
                problem 1 bag-info.txt "It has a line that is not \"Label: value\"."
                continue
                ;;
        esac
        labels=1 oxum_above=0
        while :; do
            case $label in
                *[" $tab"]) label=${label%?} ;;
                *) break ;;
            esac
        done
        while :; do
            case $value in
                [" $tab"]*) value=${value#?} ;;
                *) break ;;
            esac
        done
        case $label in
            [Pp][Aa][Yy][Ll][Oo][Aa][Dd]-[Oo][Xx][Uu][Mm])
                sums=$((sums + 1)) oxum_above=1
                if [ "$value" != "$bytes.$documents" ] || [ "$sums" -gt 1 ]; then
                    problem 1 bag-info.txt "Payload-Oxum is malformed or repeated, or is not $bytes.$documents, as found here."
                fi
                ;;
        esac
    done <"$temp/info"
}

echo "Is it intact?"
if is_there bagit.txt; then
    check_declaration
    is_name "$name" || problem 1 "$name" "The folder has a name that a bag may not have."
    check_payload
    check_tag_manifest
    check_info
    ! is_there fetch.txt || problem 5 fetch.txt "The bag leaves documents to be fetched."
else
    problem 1 '' "This is not a bag: there is no bagit.txt."
fi

# ---- is it the bag that was sealed? --------------------------------------------------------------

# The name of a file of seal/ by its kind, with the first 32 digits of its key's fingerprint.
is_signature() {
    case $1 in
        seal/*.minisig) digits=${1#seal/} digits=${digits%.minisig} ;;
        seal/*.sshsig) digits=${1#seal/} digits=${digits%.sshsig} ;;
        *) return 1 ;;
    esac
    is_hex "$digits" 32
}

# An event of the custody chain, or its signature: seal/custody/NNNN-<FP>.<kind>.
is_custody() {
    case $1 in
        seal/custody/0000-*) return 1 ;;
        seal/custody/[0-9][0-9][0-9][0-9]-*.txt | seal/custody/[0-9][0-9][0-9][0-9]-*.minisig | \
            seal/custody/[0-9][0-9][0-9][0-9]-*.sshsig) ;;
        *) return 1 ;;
    esac
    number=${1#seal/custody/} number=${number%%-*}
    digits=${1#"seal/custody/$number-"} digits=${digits%.*}
    is_hex "$digits" 32
}

check_kinds() {
    paths_of <"$temp/seal" >"$temp/seal-paths"
    while IFS= read -r path; do
        case $path in
            seal/seal.txt) small_enough "$path" 1048576 ;;
            seal/cover-sha256.txt) small_enough "$path" 67108864 ;;
            seal/salt.txt) small_enough "$path" 16384 ;;
            seal/manifest-sha256.txt)
                [ "$whole" -eq 0 ] ||
                    problem 1 "$path" "This file does not belong into this seal, because the bag has a manifest-sha256.txt of its own that lists all documents."
                ;;
            seal/index.tsv) ;; # nobody signs it, and nothing is taken from it
            *)
                if is_signature "$path"; then
                    small_enough "$path" 16384
                elif is_custody "$path"; then
                    case $path in
                        *.txt) small_enough "$path" 327680 ;;
                        *) small_enough "$path" 16384 ;;
                    esac
                else
                    problem 1 "$path" "This file does not belong into a seal."
                fi
                ;;
        esac
    done <"$temp/seal-paths"
}

# Years 1970 to 9999, UTC, whole seconds, a day that exists.
is_time() {
    case $1 in
        [0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z) ;;
        *) return 1 ;;
    esac
    year=${1%%-*} rest=${1#*-}
    month=${rest%%-*} rest=${rest#*-}
    day=${rest%%T*} rest=${rest#*T}
    hour=${rest%%:*}
    month=${month#0} day=${day#0} hour=${hour#0}
    case $year in
        0*) return 1 ;;
    esac
    case $month in
        4 | 6 | 9 | 11) last=30 ;;
        2)
            last=28
            if [ $((year % 4)) -eq 0 ] && { [ $((year % 100)) -ne 0 ] || [ $((year % 400)) -eq 0 ]; }; then
                last=29
            fi
            ;;
        *) last=31 ;;
    esac
    [ "$year" -ge 1970 ] && [ "$month" -ge 1 ] && [ "$month" -le 12 ] &&
        [ "$day" -ge 1 ] && [ "$day" -le "$last" ] && [ "$hour" -le 23 ]
}

# SHA256: and 43 digits of base64; the last one has two bits to spare, which are zero.
is_fingerprint() {
    case $1 in
        SHA256:*[AEIMQUYcgkosw048]) ;;
        *) return 1 ;;
    esac
    case ${1#SHA256:} in
        *[!A-Za-z0-9+/]*) return 1 ;;
    esac
    [ "${#1}" -eq 50 ]
}

bag_name='' sealed='' leaves='' root='' cover='' supersedes=''

# read_seal: fills these and the file signers. Fails when seal.txt is not exactly its lines.
read_seal() {
    : >"$temp/signers"
    has_nul seal/seal.txt && return 1
    [ -s seal/seal.txt ] && [ -z "$(tail -c 1 seal/seal.txt)" ] || return 1
    await=version
    while IFS= read -r line; do
        value=${line#*: }
        case $await:$line in
            version:"Sealbag-Version: "*)
                is_number "$value" || return 1
                if [ "$value" != 1 ]; then
                    await=other
                    return 0
                fi
                await=name
                ;;
            name:"Bag-Name: "*)
                is_name "$value" || return 1
                bag_name=$value await=time
                ;;
            time:"Sealed: "*)
                is_time "$value" || return 1
                sealed=$value await=signer
                ;;
            signer:"Signer: "* | signers:"Signer: "*)
                is_fingerprint "$value" || return 1
                printf '%s\n' "$value" >>"$temp/signers"
                await=signers
                ;;
            signers:"Leaves: "*)
                is_number "$value" || return 1
                leaves=$value await=root
                ;;
            root:"Root: "*)
                is_hex "$value" 64 || return 1
                root=$value await=cover
                ;;
            cover:"Cover: "*)
                is_hex "$value" 64 || return 1
                cover=$value await=end
                ;;
            end:"Supersedes: "*)
                is_hex "$value" 64 || return 1
                supersedes=$value await=nothing
                ;;
            *) return 1 ;;
        esac
    done <seal/seal.txt
    case $await in
        end | nothing) ;;
        *) return 1 ;;
    esac
    [ "$(wc -l <"$temp/signers")" -le 1000 ] && sort -c -u "$temp/signers" 2>/dev/null
}

# The cover lists every file outside data/ and seal/, and the manifest in seal/.
check_cover() {
    set -- "$(cat seal/salt.txt seal/cover-sha256.txt | sha256sum)"
    if [ "${1%% *}" != "$cover" ]; then
        problem 1 seal/cover-sha256.txt "The list of files in the seal is not the one that was signed."
        return
    fi
    read_list seal/cover-sha256.txt
    { cat "$temp/tag" && grep '^[^\\].*  seal/manifest-sha256\.txt$' "$temp/seal"; } | sort >"$temp/covered"
    compare "$temp/listed" "$temp/covered" seal/cover-sha256.txt "This file was added after the bag was sealed."
}

check_salt() {
    salt=$(tr '\000' '\001' <seal/salt.txt && echo x)
    case $salt in
        *"${lf}x") salt=${salt%"${lf}x"} ;;
        *) salt= ;;
    esac
    is_hex "$salt" 64 || problem 1 seal/salt.txt "It is not 64 hex digits and a line feed."
}

seal_read=0

check_seal() {
    check_kinds
    for path in seal/cover-sha256.txt seal/salt.txt seal/seal.txt; do
        is_there "$path" || problem 1 "$path" "This part of the seal is missing."
    done
    is_there seal/seal.txt || return
    if ! read_seal; then
        problem 1 seal/seal.txt "It does not have exactly its lines, in their order."
        return
    fi
    if [ "$await" = other ]; then
        problem 5 seal/seal.txt "The seal is of a newer kind than this script can judge."
        return
    fi
    seal_read=1
    [ "$bag_name" = "$name" ] || problem 1 seal/seal.txt "The bag was sealed under another name than its folder has now."
    is_there manifest-sha256.txt || is_there seal/manifest-sha256.txt ||
        problem 1 seal/manifest-sha256.txt "This part of the seal is missing."
    is_there seal/salt.txt && is_there seal/cover-sha256.txt || return
    check_cover
    check_salt
    [ "$leaves" = "$documents" ] || problem 1 seal/seal.txt "$leaves documents were sealed, but there are $documents."
}

is_sealed=0
if [ -s "$temp/seal" ]; then
    is_sealed=1
    check_seal
fi
case $code in
    0) echo "  Yes: $documents documents, $bytes bytes, each exactly as listed." ;;
    1) echo "  No." ;;
    *) echo "  Not known." ;;
esac

# ---- is it signed, and by whom? ------------------------------------------------------------------

# Whether the text has a control character other than a tab (C0, DEL, C1).
has_control() {
    case " $(hex_of "$1")" in
        *" 0"[0-8a-f]" "* | *" 1"?" "* | *" 7f "* | *" c2 "[89]?" "*) return 0 ;;
    esac
    return 1
}

# Writes the file with LF only to signature. Fails unless all its lines end in LF, or all in CRLF.
unify_lines() {
    tr -d '\r' <"$1" >"$temp/signature"
    ends=$(tr -d -c '\r' <"$1" | wc -c)
    [ "$ends" -gt 0 ] || return 0
    [ "$ends" -eq "$(wc -l <"$1")" ] || return 1
    while IFS= read -r line; do
        case $line in
            *"$cr") ;;
            *) return 1 ;;
        esac
    done <"$1"
}

# What a signature is over, and for: seal.txt, or an event of the custody chain.
signed=seal/seal.txt role_wanted='' namespace=seal@sealbag

# check_minisign PATH: sets state to valid, invalid, unknown or unchecked, and key to the
# fingerprint. Four lines, and a signature over the digest (ED); the older kind can be passed off as
# one over other data.
check_minisign() {
    state=invalid key='' public='' fields=0 role_said='' roles=0
    has_nul "$1" && return
    unify_lines "$1" || return 0
    {
        IFS= read -r first && IFS= read -r second && IFS= read -r third || return 0
        IFS= read -r fourth || [ -n "$fourth" ] || return 0
        IFS= read -r fifth || [ -n "$fifth" ] && return 0
    } <"$temp/signature"
    case $first in
        "untrusted comment: "*) ;;
        *) return 0 ;;
    esac
    case $third in
        "trusted comment: "*) comment=${third#"trusted comment: "} ;;
        *) return 0 ;;
    esac
    [ "${#first}" -le 1022 ] && [ "${#comment}" -le 8173 ] || return 0
    if has_control "$first" || has_control "$comment"; then return 0; fi
    case $second in
        RU[QRST]*) ;;
        *) return 0 ;;
    esac
    is_base64 "$second" 74 && is_base64 "$fourth" 64 || return 0
    rest=$comment$tab
    while [ -n "$rest" ]; do
        case $rest in
            key:*) public=${rest%%"$tab"*} public=${public#key:} fields=$((fields + 1)) ;;
            role:*) role_said=${rest%%"$tab"*} roles=$((roles + 1)) ;;
        esac
        rest=${rest#*"$tab"}
    done
    [ "$fields" -le 1 ] && [ "$roles" -le 1 ] && [ "$role_said" = "$role_wanted" ] || return 0
    if [ "$fields" -eq 1 ]; then
        case $public in
            RW[QRST]*) ;;
            *) return 0 ;;
        esac
        is_base64 "$public" 42 || return 0
        [ "$(printf '%s' "$public" | base64 -d | head -c 10 | tail -c 8 | od -An -tx1)" = \
            "$(printf '%s' "$second" | base64 -d | head -c 10 | tail -c 8 | od -An -tx1)" ] || return 0
        key=$(printf '%s' "$public" | base64 -d | tail -c 32 | fingerprint_of)
    else
        # the key that you gave, if it is the one that the file is named by
        for pair in $trusted_keys; do
            case $pair in
                "$digits"*)
                    key=${pair%%:*}
                    public=$({
                        printf Ed
                        printf '%s' "$second" | base64 -d | head -c 10 | tail -c 8
                        printf '%s' "${pair#*:}" | base64 -d
                    } | base64 -w 0)
                    ;;
            esac
        done
    fi
    if [ -z "$public" ]; then
        state=unknown
        return 0
    fi
    case $key in
        "$digits"*) ;;
        *) return 0 ;;
    esac
    if ! command -v minisign >/dev/null; then
        state=unchecked
        return 0
    fi
    if minisign -V -q -m "$signed" -x "$temp/signature" -P "$public" >/dev/null 2>&1; then
        state=valid
    fi
}

# check_fido HEX: that of a FIDO key, from its length on. It was touched (the flag 1), and sets key.
check_fido() {
    length=$((0x${1%"${1#????????}"}))
    [ "$length" -ge 71 ] && [ "$length" -le 198 ] && [ "${#1}" -eq $((2 * length + 250 + ${#space})) ] || return 1
    is_fido_key "$(printf '%s' "$1" | cut -b 9-$((2 * length + 8)))" || return 1
    case $(printf '%s' "$1" | cut -b $((2 * length + 9))-) in
        "$space"000000000000000673686135313200000067"${fido}"00000040*) ;;
        "$space"000000000000000673686132353600000067"${fido}"00000040*) ;;
        *) return 1 ;;
    esac
    case ${1%????????} in
        *[13579bdf]) ;;
        *) return 1 ;;
    esac
    key=$(printf '%s' "$base64" | base64 -d | head -c $((length + 14)) | tail -c "$length" | sha256sum | cut -b 1-64)
}

# check_plain HEX: the same for a plain key. It has one form but for key and signature.
check_plain() {
    rest=${1#"00000033${ed25519}00000020"}
    after=${rest#????????????????????????????????????????????????????????????????}
    case $after in
        "$space"000000000000000673686135313200000053"${ed25519}"00000040*) ;;
        "$space"000000000000000673686132353600000053"${ed25519}"00000040*) ;;
        *) return 1 ;;
    esac
    [ "${#1}" -eq $((312 + ${#space})) ] || return 1
    key=$(printf '%s' "$base64" | base64 -d | head -c 65 | tail -c 32 | fingerprint_of)
}

# The same for an OpenSSH signature.
check_ssh() {
    state=invalid key=''
    has_nul "$1" && return
    [ "$(stat -c %s -- "$1")" -le 8192 ] || return 0
    unify_lines "$1" || return 0
    armor=0 base64=''
    while IFS= read -r line || [ -n "$line" ]; do
        case $armor:$line in
            0:"-----BEGIN SSH SIGNATURE-----") armor=1 ;;
            1:"-----END SSH SIGNATURE-----") armor=2 ;;
            1:?*)
                [ "${#line}" -le 76 ] || return 0
                base64=$base64$line
                ;;
            *) return 0 ;;
        esac
    done <"$temp/signature"
    [ "$armor" -eq 2 ] || return 0
    hex=$(printf '%s' "$base64" | base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
    is_base64 "$base64" $((${#hex} / 2)) || return 0
    start=53534853494700000001
    space=$(printf '%08x' "${#namespace}")$(printf '%s' "$namespace" | od -An -v -tx1 | tr -d ' \n')
    ed25519=0000000b7373682d65643235353139
    case $hex in
        "${start}00000033${ed25519}00000020"*) check_plain "${hex#"$start"}" || return 0 ;;
        "${start}"????????"$fido"*) check_fido "${hex#"$start"}" || return 0 ;;
        "${start}"????????0000000b7373682d65643235353139* | "${start}"????????00000000*) return 0 ;;
        "${start}"????????000000*)
            state=unknown
            return 0
            ;;
        *) return 0 ;;
    esac
    case $key in
        "$digits"*) ;;
        *) return 0 ;;
    esac
    if ! command -v ssh-keygen >/dev/null; then
        state=unchecked
        return 0
    fi
    if ssh-keygen -Y check-novalidate -n "$namespace" -s "$temp/signature" <"$signed" >/dev/null 2>&1; then
        state=valid
    fi
}

# Signers in hex, a space after each.
named=''
present=''
trusted_seals=0

check_signatures() {
    while IFS= read -r line; do
        named="$named$(printf '%s=' "${line#SHA256:}" | base64 -d | od -An -v -tx1 | tr -d ' \n') "
    done <"$temp/signers"
    while IFS= read -r path; do
        is_signature "$path" || continue
        case $path in
            *.minisig) check_minisign "$path" ;;
            *) check_ssh "$path" ;;
        esac
        role=countersignature
        case " $named" in
            *" ${key:-none} "*) role=seal ;;
        esac
        case $state in
            invalid)
                problem 1 "$path" "This signature is malformed, has another key's name, or does not belong to this seal."
                [ -z "$key" ] || present="$present$key "
                ;;
            unknown)
                note "$path cannot be checked: its key is not known here."
                ;;
            unchecked)
                problem 5 "$path" "The program that checks this signature is not installed (minisign or ssh-keygen)."
                present="$present$key "
                ;;
            valid)
                present="$present$key "
                echo "  Valid $role by $(fingerprint_text "$key")"
                case $role:" $trusted" in
                    seal:*" $key "*) trusted_seals=$((trusted_seals + 1)) ;;
                esac
                ;;
        esac
    done <"$temp/seal-paths"
    for key in $named; do
        case " $present" in
            *" $key "*) ;;
            *) problem 3 '' "The seal names $(fingerprint_text "$key") as a signer, but there is no signature of that key that can be checked." ;;
        esac
    done
}

echo "Is it signed?"
if [ "$is_sealed" -eq 0 ]; then
    if [ "$code" -eq 0 ]; then
        problem 4 '' "The bag is not sealed: nobody vouches for it, and anyone can have changed it."
    else
        echo "  No seal was found."
    fi
elif [ "$seal_read" -eq 1 ]; then
    check_signatures
else
    echo "  Not known."
fi

# ---- whose hands did it go through? --------------------------------------------------------------

is_word() {
    case $1 in
        [!a-z]* | *[!a-z0-9-]* | '') return 1 ;;
    esac
    [ "${#1}" -le 32 ]
}

is_line() { # TEXT BYTES
    case $1 in
        '' | ' '* | *' ') return 1 ;;
    esac
    case $1 in
        *'  '*) return 1 ;;
    esac
    [ "${#1}" -le "$2" ] && ! is_hidden "$1"
}

# read_event PATH: sets what it says. Fails when it is not exactly its lines.
read_event() {
    word='' by='' to='' date='' about='' previous='' remark='' listed=''
    has_nul "$1" && return 1
    [ -s "$1" ] && [ -z "$(tail -c 1 "$1")" ] || return 1
    await=version
    while IFS= read -r line; do
        value=${line#*: }
        case $await:$line in
            version:"Custody-Version: "*)
                is_number "$value" || return 1
                if [ "$value" != 1 ]; then
                    await=other
                    return 0
                fi
                await=word
                ;;
            word:"Event: "*)
                is_word "$value" || return 1
                word=$value await=by
                ;;
            by:"By: "*)
                is_fingerprint "$value" || return 1
                by=$(printf '%s=' "${value#SHA256:}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
                await=to
                ;;
            to:"To: "*)
                is_line "$value" 255 || return 1
                to=$value await=date
                ;;
            to:"Date: "* | date:"Date: "*)
                is_time "$value" || return 1
                date=$value await=about
                ;;
            about:"Seal: "*)
                is_hex "$value" 64 || return 1
                about=$value await=previous
                ;;
            previous:"Previous: "*)
                is_hex "$value" 64 || return 1
                previous=$value await=note
                ;;
            note:"Note: "*)
                is_line "$value" 1000 || return 1
                remark=$value await=list
                ;;
            note:"Signatures: "* | list:"Signatures: "*)
                listed=$value await=end
                ;;
            *) return 1 ;;
        esac
    done <"$1"
    [ "$await" = end ] || return 1
    before=''
    for digest in $listed; do
        is_hex "$digest" 64 || return 1
        [ -z "$before" ] || expr "x$before" \< "x$digest" >/dev/null || return 1
        before=$digest
    done
    # one space between them, and none at the ends
    # shellcheck disable=SC2086
    set -- $listed
    [ "$*" = "$listed" ] && [ "$#" -ge 1 ] && [ "$#" -le 4000 ]
}

# The signature of the event at $1, which read_event has read: sets state and key.
check_event_signature() {
    signature=${1%.txt}.minisig
    if is_there "${1%.txt}.sshsig"; then
        if is_there "$signature"; then
            problem 1 "$1" "This custody event has two signatures."
        fi
        signature=${1%.txt}.sshsig
    fi
    state=invalid key=''
    if ! is_there "$signature"; then
        problem 1 "$1" "This custody event has no signature by the key that it is named by."
        return
    fi
    signed=$1 role_wanted=role:custody namespace=custody@sealbag
    case $signature in
        *.minisig) check_minisign "$signature" ;;
        *) check_ssh "$signature" ;;
    esac
    signed=seal/seal.txt role_wanted='' namespace=seal@sealbag
    case $by in
        "$digits"*) ;;
        *) state=invalid ;;
    esac
    [ -z "$key" ] || [ "$key" = "$by" ] || state=invalid
    case $state:" $trusted" in
        unknown:*" $by "*) state=invalid ;;
    esac
    case $state in
        invalid) problem 1 "$1" "This custody event is not signed by the key that it names." ;;
        unchecked) problem 5 "$signature" "The program that checks this signature is not installed (minisign or ssh-keygen)." ;;
    esac
}

# check_event PATH NUMBER: `chain` is the digest of what it must follow, and then its own.
check_event() {
    is_custody "$1"
    [ "$number" = "$(printf '%04d' "$2")" ] || problem 1 "$1" "Custody events are missing before this one, or two have its number."
    link=$chain
    chain=$(sha256sum <"$1")
    chain=${chain%% *}
    if ! read_event "$1"; then
        problem 1 "$1" "This custody event does not have exactly its lines, in their order."
        return
    fi
    if [ "$await" = other ]; then
        problem 5 "$1" "This custody event is of a newer kind than this script can judge."
        return
    fi
    [ "$about" = "$id" ] || problem 1 "$1" "This custody event is about another bag."
    [ "$previous" = "$link" ] || problem 1 "$1" "This custody event does not follow the one before it."
    for digest in $listed; do
        grep -Eqx "$digest  seal/[0-9a-f]{32}\.(minisig|sshsig)" "$temp/seal" && continue
        problem 1 "$1" "A signature that the bag had at this custody event is not there any more."
        break
    done
    check_event_signature "$1"
    case $state in
        valid) who=$(fingerprint_text "$key") ;;
        unknown) who="a key that is not known here" ;;
        *) return ;;
    esac
    case $state:" $trusted" in
        valid:*" $key "*) who="$who, the key that you gave" ;;
    esac
    printf '  %s  %s  %s by %s\n' "$number" "$date" "$word" "$who"
    [ -z "$to" ] || printf '        To: %s\n' "$(show "$to")"
    [ -z "$remark" ] || printf '        Note: %s\n' "$(show "$remark")"
}

check_custody() {
    id=$(sha256sum <seal/seal.txt)
    id=${id%% *} chain=$id count=0 signatures=0
    grep '^seal/custody/' "$temp/seal-paths" >"$temp/custody"
    while IFS= read -r path; do
        is_custody "$path" || continue
        case $path in
            *.txt)
                count=$((count + 1))
                check_event "$path" "$count"
                ;;
            *) signatures=$((signatures + 1)) ;;
        esac
    done <"$temp/custody"
    [ "$signatures" -le "$count" ] || problem 1 '' "There are more signatures of custody events than custody events."
    if [ "$code" -ne 1 ] && [ "$code" -ne 5 ]; then
        echo "  Custody head: $chain"
        echo "  Events that were cut off after it can only be noticed by whoever knows another head."
    fi
}

if [ "$seal_read" -eq 1 ] && grep -q '^seal/custody/' "$temp/seal-paths"; then
    echo "Whose hands did it go through?"
    check_custody
fi

echo "Do you trust the signer?"
if [ "$is_sealed" -eq 1 ] && [ "$code" -ne 1 ]; then
    if [ -z "$public_key$signers_file" ]; then
        note "The signer was not judged: you gave no key. Compare the fingerprint with its owner."
        worsen 3
    elif [ "$trusted_seals" -eq 0 ]; then
        problem 3 '' "The bag is not sealed by the key that you gave."
    else
        echo "  Yes: it is sealed by the key that you gave."
    fi
else
    echo "  No."
fi

if [ "$seal_read" -eq 1 ] && [ "$code" -ne 1 ]; then
    id=$(sha256sum <seal/seal.txt)
    echo "Bag:      $(show "$bag_name")"
    echo "Sealed:   $sealed, as the signer says"
    echo "Seal id:  ${id%"${id#????????????????????????????????}"}"
    [ -z "$supersedes" ] || echo "Replaces: the bag with the seal id ${supersedes%"${supersedes#????????????????????????????????}"}, as the signer says"
    echo "Not checked here: the Root of seal.txt ($root). sealbag verify checks it."
    ! is_there seal/index.tsv ||
        echo "Not checked here: seal/index.tsv. It only tells where files are in the bundle, and nothing depends on it."
fi
finish
