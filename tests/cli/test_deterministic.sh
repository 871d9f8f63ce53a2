#!/usr/bin/env bash
# Same documents, options, key, time and salt: the same bytes everywhere, and nothing in them that
# tells of the maker (issue 3, bar 5).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
make_sample "$work/source"
# Several gzip members.
seq 1 400000 >"$work/source/photos/numbers"
first=$work/first/sample.tar.gz
mkdir "$work/first"
seal "$first" "$work/source"

# same SENTENCE COMMAND...: the command writes $again, which has the same bytes
mkdir "$work/again"
again=$work/again/sample.tar.gz
same() {
    local sentence=$1
    shift
    rm -f "$again"
    run "$@"
    if [ "$code" -ne 0 ]; then
        fail "$sentence" "exit code $code"
        show_output
    elif cmp -s "$first" "$again"; then
        pass "$sentence"
    else
        fail "$sentence" "the bytes differ"
    fi
}
in_folder() {
    (cd "$1" && shift && "$@")
}

same "a second run gives the same bytes" seal "$again" "$work/source"
same "a relative path gives the same bytes" \
    in_folder "$work" seal again/sample.tar.gz source
same "the folder's own . gives the same bytes" in_folder "$work/source" seal "$again" .
same "a slash at the end gives the same bytes" seal "$again" "$work/source/"
mkdir -p "$work/a long way/to other places"
cp -R "$work/source" "$work/a long way/to other places/material"
same "another path and folder name give the same bytes" \
    seal "$again" "$work/a long way/to other places/material"
cp "$work/keys/maria" "$work/a long way/key"
chmod 600 "$work/a long way/key"
same "the key in another place gives the same bytes" sealbag create -o "$again" \
    --key "$work/a long way/key" --time "$sealing_time" --salt "$salt" "$work/source"
to_stdout() {
    seal - --name sample "$work/source" >"$again"
}
same "a pipe gets the same bytes" to_stdout
through_cat() {
    seal - --name sample "$work/source" | cat >"$again"
}
same "a real pipe gets the same bytes" through_cat

with_umask() {
    (umask "$1" && seal "$again" "$work/source")
}
for mask in 000 077 027; do
    same "umask $mask gives the same bytes" with_umask "$mask"
done
for zone in UTC Asia/Kathmandu America/St_Johns XYZ+13:45; do
    same "the time zone $zone gives the same bytes" env TZ="$zone" "$SEALBAG" create -o "$again" \
        --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" "$work/source"
done
for locale in C C.UTF-8 POSIX de_DE.UTF-8 tr_TR.UTF-8 nonsense; do
    same "the locale $locale gives the same bytes" env LC_ALL="$locale" "$SEALBAG" create \
        -o "$again" --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" "$work/source"
done
same "an empty environment gives the same bytes" env -i "$SEALBAG" create -o "$again" \
    --key "$work/keys/maria" --time "$sealing_time" --salt "$salt" "$work/source"

if as_root && have setpriv; then
    # The other user needs a program, a key and a folder of its own.
    other=$work/user
    mkdir "$other"
    cp "$SEALBAG" "$other/sealbag"
    cp "$work/keys/maria" "$salt" "$other"
    cp -R "$work/source" "$other/source"
    chown -R 65534:65534 "$other"
    chmod 711 "$work"
    as_other() {
        setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$other" USER=somebody \
            "$other/sealbag" create -o "$other/sample.tar.gz" --key "$other/maria" \
            --time "$sealing_time" --salt "$other/salt" "$other/source" &&
            cp "$other/sample.tar.gz" "$again"
    }
    same "another user gives the same bytes" as_other
else
    skip_part "another user gives the same bytes (only root can become one)"
fi

# ---- the source's times, modes and order -------------------------------------------------------

cp -R "$work/source" "$work/aged"
find "$work/aged" -exec touch -h -d '1999-12-31 23:59:59.123' {} +
find "$work/aged" -type f -exec chmod 755 {} +
chmod 700 "$work/aged/letters"
chmod 400 "$work/aged/minutes.txt"
touch -d 2050-01-01 "$work/aged/photos"
same "other times and modes of the source give the same bytes" seal "$again" "$work/aged"

mkdir -p "$work/reversed"
(cd "$work/source" && find . -type d) | sort -r | while IFS= read -r folder; do
    mkdir -p "$work/reversed/$folder"
done
(cd "$work/source" && find . -type f) | sort -r | while IFS= read -r file; do
    cp "$work/source/$file" "$work/reversed/$file"
done
same "files created in another order give the same bytes" seal "$again" "$work/reversed"
cp -R "$work/source" "$work/linked"
rm "$work/linked/.notes"
cp "$work/source/.notes" "$work/apart"
ln "$work/apart" "$work/linked/.notes"
same "a hard link gives the same bytes as a file" seal "$again" "$work/linked"

# More in test_parallel.sh.
for jobs in 1 2 7; do
    same "-j $jobs gives the same bytes" seal "$again" -j "$jobs" "$work/source"
done

make_key omar
many() {
    local out=$1
    shift
    "$SEALBAG" create --quiet -o "$out" --name sample --time "$sealing_time" --salt "$salt" \
        "$work/source" "$@"
}
many "$work/first/many.tar.gz" --key "$work/keys/maria" --key "$work/keys/omar"
many "$work/again/many.tar.gz" --key "$work/keys/omar" --key "$work/keys/maria"
check "the order of the keys does not matter" \
    cmp "$work/first/many.tar.gz" "$work/again/many.tar.gz"

# ---- what may differ ---------------------------------------------------------------------------

differs() {
    local sentence=$1
    shift
    rm -f "$again"
    "$@"
    refute "$sentence" cmp -s "$first" "$again"
}
differs "another time gives other bytes" sealbag create --quiet -o "$again" \
    --key "$work/keys/maria" --time 2024-05-06T07:08:10Z --salt "$salt" "$work/source"
differs "no salt gives a random one" sealbag create --quiet -o "$again" \
    --key "$work/keys/maria" --time "$sealing_time" "$work/source"
gzip -dc "$first" >"$work/first.tar"
for level in 1 2 3 4 5 6 7 8 9; do
    rm -f "$again"
    seal "$again" --level "$level" "$work/source"
    gzip -dc "$again" >"$work/again.tar"
    check "--level $level changes nothing in the tar" cmp "$work/first.tar" "$work/again.tar"
    cp "$again" "$work/level-$level"
done
same "--level fast is the default" seal "$again" --level fast "$work/source"
refute "--level 6 changes the compressed bytes" cmp -s "$first" "$work/level-6"
check "--level 6 is smaller than the default" \
    test "$(size_of "$work/level-6")" -lt "$(size_of "$first")"
check "--level 1 is larger than --level 6" \
    test "$(size_of "$work/level-1")" -gt "$(size_of "$work/level-6")"

# ---- nothing of the maker ----------------------------------------------------------------------

tar -tvf "$work/first.tar" --full-time --numeric-owner >"$work/numbers"
refute "tar tvf shows user and group 0 only" grep -qv ' 0/0 ' "$work/numbers"
refute "tar tvf shows the sealing time only" grep -qv ' 2024-05-06 07:08:09' "$work/numbers"
refute "tar tvf shows mode 0644 only, and no folder, link or device" \
    grep -qv '^-rw-r--r-- ' "$work/numbers"
tar -tvf "$work/first.tar" >"$work/names"
refute "tar tvf shows no user's name" grep -qv ' 0/0 ' "$work/names"
# What the maker's machine is called and where things lie.
for secret in "$(uname -n)" "$(id -un)" "$HOME" "$work" "$(basename "$work")" "$(pwd)" \
    "$work/keys"; do
    # A name that is a word, or too short, could be there by chance.
    [ "${#secret}" -ge 5 ] || continue
    refute "the tar does not hold \"${secret/#$work/<work>}\"" \
        grep -qaF -e "$secret" "$work/first.tar"
done
if as_root; then
    refute "the tar does not hold the user's name" grep -qaw root "$work/first.tar"
fi
refute "no extended attributes are in the tar" grep -qaE 'SCHILY|LIBARCHIVE|xattr' "$work/first.tar"
refute "no times but the sealing time are in the tar" grep -qaE '[acm]time=' "$work/first.tar"
equal "the gzip header has no time, name or system" 1f8b0804000000000 \
    "$(head -c 10 "$first" | to_hex | cut -c 1-17)"
{
    head -c 10 "$first" | to_hex | cut -c 19-20
} >"$work/system"
equal "the gzip header says that the system is unknown" ff "$(cat "$work/system")"
if have setfattr; then
    cp -R "$work/source" "$work/attributes"
    if setfattr -n user.xdg.origin.url -v 'https://example.org/?token=1' \
        "$work/attributes/minutes.txt" 2>"$work/err"; then
        same "extended attributes give the same bytes" seal "$again" "$work/attributes"
    fi
fi
