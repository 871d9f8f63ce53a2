#!/usr/bin/env bash
# Shows the main job from end to end: seals a folder, verifies it, refuses a tampered copy, extracts
# it, and checks it without sealbag. Every step says what it expects and fails when that does not
# happen. It touches neither your own keys nor your trust store. What it made lies in build/demo.
#
#   scripts/demo.sh            with a small sample
#   scripts/demo.sh FOLDER     with a folder of yours, which is only read
set -euo pipefail

if [ "$#" -gt 1 ] || [ "${1-}" = --help ] || [ "${1-}" = -h ]; then
    echo "usage: scripts/demo.sh [FOLDER]" >&2
    exit 2
fi
folder=
if [ "$#" -eq 1 ]; then
    if ! folder=$(cd -P -- "$1" 2>/dev/null && pwd -P); then
        echo "scripts/demo.sh: there is no folder $1" >&2
        exit 2
    fi
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
top=$(pwd -P)

stage="installing what is missing"
work=
finish() {
    local code=$?
    if [ -n "$work" ] && [ -d "$work" ]; then
        rm -rf -- "$work"
    fi
    if [ "$code" -ne 0 ]; then
        printf '\nscripts/demo.sh FAILED while %s.\n' "$stage" >&2
    fi
}
trap finish EXIT

scripts/install-deps.sh demo

stage="building"
echo "Building sealbag."
quiet_run() {
    local said
    if ! said=$("$@" 2>&1); then
        printf '%s\n' "$said" >&2
        return 1
    fi
}
quiet_run cmake --preset release
quiet_run cmake --build --preset release --target sealbag

mkdir -p build
work=$(mktemp -d build/demo-XXXXXX)
chmod 755 "$work"
cd "$work"
sealbag() {
    "$top/build/release/sealbag" "$@"
}
check_by_hand() {
    sh "$top/docs/check-by-hand.sh" "$@"
}

# ---- how a step is told and checked --------------------------------------------------------------

number=0
step() {
    number=$((number + 1))
    stage="at step $number, $1"
    printf '\n==== %d. %s ====\n%s\n' "$number" "$1" "$2"
}

# expect CODE COMMAND...: shows the command, runs it, and demands this exit code.
expect() {
    local wanted=$1 code=0
    shift
    printf '\n$ %s\n' "$(shown "$@")"
    "$@" 2>&1 || code=$?
    printf '(exit code %d)\n' "$code"
    if [ "$code" -ne "$wanted" ]; then
        printf '\nThe exit code is %d, but it must be %d.\n' "$code" "$wanted" >&2
        exit 1
    fi
}

# The command as a person would type it.
shown() {
    local word words=()
    for word in "$@"; do
        case $word in
            check_by_hand) words+=("sh docs/check-by-hand.sh") ;;
            *\'*) words+=("$(printf '%q' "$word")") ;;
            '' | *[!A-Za-z0-9_./:=,@-]*) words+=("'$word'") ;;
            *) words+=("$word") ;;
        esac
    done
    printf '%s' "${words[*]}"
}

# ---- the source material -------------------------------------------------------------------------

write_sample() {
    mkdir -p sample/notices sample/news
    cat >sample/report.txt <<'TEXT'
SAMPLE TEXT. Everything in it is made up, for this demonstration only.

Overseas "police stations": what two public notices say

The foreign ministry of Exampleland announced in March that a "service station" had opened in
the city of Sampletown (notice 1). In June its police said that such stations "persuade" people
to return home (notice 2). Neither notice names a law that allows this work on foreign soil.

Sources: notices/notice-1.txt, notices/notice-2.txt
TEXT
    cat >sample/notices/notice-1.txt <<'TEXT'
SAMPLE TEXT. Foreign ministry of Exampleland, notice 1, 14 March.

A service station for our citizens abroad has been opened in Sampletown.
TEXT
    cat >sample/notices/notice-2.txt <<'TEXT'
SAMPLE TEXT. Police of Exampleland, notice 2, 2 June.

Through the stations abroad, 31 persons have been persuaded to return this year.
TEXT
    cat >sample/news/article.txt <<'TEXT'
SAMPLE TEXT. The Sampletown Courier, 9 June.

A report that was published this week quotes the police of Exampleland as saying that 31 persons
"have been persuaded to return". The city council has asked for an explanation.
TEXT
    folder=sample
}

info=()
if [ -z "$folder" ]; then
    write_sample
    info=(--info 'Source-Organization: Sample Archive'
        --info 'External-Description: A report, the notices it cites, an article that quotes it')
fi

# ---- the main job --------------------------------------------------------------------------------

step "Make a key" "A real key has a passphrase: leave out --no-passphrase, and you are asked for one.
This one is for the demonstration only, which has to run without asking."
expect 0 sealbag keygen -o demo.key --no-passphrase --comment 'demonstration only'

step "Seal the folder into one file" "The bundle is a .tar.gz that holds an ordinary BagIt bag and its signed seal."
expect 0 sealbag create -o demo.tar.gz --key demo.key ${info[@]+"${info[@]}"} "$folder"

step "Verify it as someone who does not know the key" "It is intact, but whose key is this? The exit code is 3."
mkdir -m 700 trust
expect 3 sealbag verify --keys trust demo.tar.gz

step "Trust the key, and verify again" "In earnest, first compare the fingerprint with the key's owner by another way, such as the phone."
expect 0 sealbag trust --keys trust add archive@example.org demo.key.pub
expect 0 sealbag verify --keys trust demo.tar.gz

step "Change one byte of one document" "Someone unpacks the bundle, alters a document and packs it again."
mkdir tampered
expect 0 tar xzf demo.tar.gz -C tampered
document=
while IFS= read -r -d '' found; do
    document=$found
    break
done < <(find tampered/demo/data -type f -size +0c -print0 | LC_ALL=C sort -z)
if [ -z "$document" ]; then
    echo "No document holds a byte that could be changed." >&2
    exit 1
fi
byte=$(head -c 1 -- "$document" | od -An -tu1 | tr -d ' ')
printf '%b' "\\0$(printf '%o' $((byte ^ 1)))" | dd of="$document" bs=1 count=1 conv=notrunc status=none
printf '\n(the first byte of %q is now another one)\n' "$document"
expect 0 tar czf tampered.tar.gz -C tampered demo
expect 1 sealbag verify --keys trust tampered.tar.gz

step "Try to extract the tampered copy" "Nothing is extracted from it."
mkdir refused
expect 1 sealbag extract --keys trust --quiet -C refused tampered.tar.gz
if [ -n "$(ls -A refused)" ]; then
    echo "Something was extracted all the same." >&2
    exit 1
fi
rmdir refused

step "Extract the good one" "Everything in it is verified before the folder appears, in one step."
mkdir extracted
expect 0 sealbag extract --keys trust --quiet -C extracted demo.tar.gz

step "Check it without sealbag" "The signature with minisign, and everything that coreutils can check with a shell script."
signatures=(extracted/demo/seal/*.minisig)
expect 0 minisign -V -m extracted/demo/seal/seal.txt -x "${signatures[0]}" -p demo.key.pub
expect 0 check_by_hand -p demo.key.pub extracted/demo
expect 1 check_by_hand -p demo.key.pub tampered/demo

stage="keeping the results"
cd "$top"
rm -rf build/demo
mv "$work" build/demo
work=
cat <<'TEXT'

==== Done: every step went as it must ====

The results lie in build/demo (the next run replaces them):
  demo.tar.gz       the sealed bundle       demo.key.pub     the key that verifies it
  extracted/demo    what was extracted      tampered.tar.gz  the copy that is refused
Try it yourself:
  build/release/sealbag verify --keys build/demo/trust build/demo/demo.tar.gz
  build/release/sealbag list --keys build/demo/trust build/demo/demo.tar.gz
TEXT
