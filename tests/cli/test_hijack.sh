#!/usr/bin/env bash
# The process that reads bundles is taken over and answers as it likes: nothing that it says becomes a
# good verdict without a seal, leads outside of the destination, or stops the program from being
# stopped (issue "Hostile bundles"). What it can still do stands in the threat model.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/small"
seal "$work/bag.tar.gz" "$work/small"
mkdir "$work/around" "$work/around/out" "$work/elsewhere"
out=$work/around/out
module=$SEALBAG_BUILD/tests/hijack.so
if sanitized || ! LD_PRELOAD=$module true; then
    echo "skipped - nothing can be preloaded into this build"
    exit 77
fi
hijacked() {
    HIJACK=$1 HIJACK_ARGUMENT=$2 LD_PRELOAD=$module timeout 300 "${@:3}"
}
# refused SENTENCE MODE ARGUMENT CODE COMMAND...
refused() {
    local sentence=$1 mode=$2 argument=$3 wanted=$4
    shift 4
    expect "$wanted" "$sentence" hijacked "$mode" "$argument" "$@"
    says_not 'and sealed by those whom you trust' "$sentence: nothing good is said"
    equal "$sentence: nothing is in the destination" '' "$(names "$out")"
    equal "$sentence: nor beside it" out "$(names "$work/around")"
    equal "$sentence: nor elsewhere" '' "$(names "$work/elsewhere")"
}
verbs() {
    local sentence=$1 mode=$2 argument=$3 wanted=$4 verb rest
    for verb in verify list extract; do
        rest=()
        [ "$verb" != extract ] || rest=(-C "$out")
        refused "$verb: $sentence" "$mode" "$argument" "$wanted" "$SEALBAG" "$verb" \
            --keys "$trust" "${rest[@]}" "$work/bag.tar.gz"
    done
}

verbs "a bag without an end" no-end bag 5:reader.crashed
verbs "a bag without a seal" no-seal bag 4
verbs "nothing was done" nothing '' 5:reader.crashed
verbs "an error that is not its to tell" usage '' 5:reader.crashed
verbs "an end in the middle" exit '' 5:memory.short
for name in "$work/elsewhere/x" ../x ../../elsewhere/x . .. '' a/b .hidden; do
    refused "extract of an unsealed bag called \"$name\"" no-seal "$name" 5:reader.crashed \
        "$SEALBAG" extract --accept-unsigned --accept-untrusted --keys "$trust" -C "$out" \
        "$work/bag.tar.gz"
    refused "the same without its end, \"$name\"" no-end "$name" 5:reader.crashed \
        "$SEALBAG" extract --accept-unsigned --accept-untrusted --keys "$trust" -C "$out" \
        "$work/bag.tar.gz"
done
refused "salvaging, and nothing was done" nothing '' 5:reader.crashed "$SEALBAG" extract --salvage \
    --keys "$trust" -C "$out" "$work/bag.tar.gz"
refused "documents that are said to be lost" lost '' 5:reader.crashed "$SEALBAG" extract \
    --accept-unsigned --keys "$trust" -C "$out" "$work/bag.tar.gz"
refused "folders that are deeper than can be gone into" deep '' 5:io.failed "$SEALBAG" extract \
    --keys "$trust" -C "$out" "$work/bag.tar.gz"
says 'It is deep.' "and the reason is told"

# Nothing is converted into what was not read.
for to in bag.zip bag.tar.gz bag/; do
    for mode in no-end no-seal nothing usage lost; do
        wanted=5:reader.crashed
        # It says that there is a file, and there is none: the folder is looked at by another process.
        [ "$mode $to" != "no-seal bag/" ] || wanted=5:system.failed
        refused "convert to $to ($mode)" "$mode" bag "$wanted" "$SEALBAG" convert \
            --keys "$trust" -o "$out/$to" "$work/bag.tar.gz"
    done
    refused "convert to $to, and it ends" exit '' 5:memory.short "$SEALBAG" convert \
        --keys "$trust" -o "$out/$to" "$work/bag.tar.gz"
done

# A bundle that is to be signed stays as it is.
make_key nina
mkdir "$work/signing"
sign_refused() {
    cp "$work/bag.tar.gz" "$work/signing/bag.tar.gz"
    expect "$1" "sign: $2" hijacked "$3" bag "$SEALBAG" sign --quiet --keys "$trust" \
        --accept-untrusted --key "$work/keys/nina" "$work/signing/bag.tar.gz"
    check "and the bundle is as it was: $2" cmp "$work/bag.tar.gz" "$work/signing/bag.tar.gz"
    equal "and nothing is beside it: $2" bag.tar.gz "$(names "$work/signing")"
}
sign_refused 5:reader.crashed "a bag without an end" no-end
sign_refused 4 "a bag without a seal" no-seal
sign_refused 5:container.unsupported "no index, as it says" tail-nothing
sign_refused 5:reader.crashed "an index elsewhere" tail-elsewhere
sign_refused 5:reader.crashed "frames that are not there" tail-kept
sign_refused 5:reader.crashed "an offset where nothing can be" tail-odd
sign_refused 5:reader.crashed "an index that is none" tail-no-index
sign_refused 5:reader.crashed "an error that is not its to tell" tail-usage
sign_refused 5:reader.crashed "no answer" tail-silent
sign_refused 5:reader.crashed "a zip file that is larger than it is" tail-zip-large
sign_refused 5:system.failed "a zip file that is a tar" tail-zip
sign_refused 5:system.failed "zeros instead of the bundle's end" tail-plausible

# It cannot hold up the program.
for mode in drip flood; do
    refused "the time is limited, whatever comes ($mode)" "$mode" '' 5:limit.reached "$SEALBAG" \
        verify --keys "$trust" --limit time=1 "$work/bag.tar.gz"
done
refused "it says nothing any more" silence '' 5:reader.crashed "$SEALBAG" verify --keys "$trust" \
    "$work/bag.tar.gz"
code=0
HIJACK=drip LD_PRELOAD=$module timeout --foreground -s INT 2 "$SEALBAG" verify --keys "$trust" \
    "$work/bag.tar.gz" >"$work/out" 2>"$work/err" || code=$?
says '[run.cancelled]' "and an interrupt ends it"

# The bag that is sealed in its folder is the one that is there, and not one that this process speaks of.
forged=$work/sealing/b
mkdir -p "$forged/data" "$work/forged"
bag_of() { # TEXT: in $forged
    printf '%s\n' "$1" >"$forged/data/minutes.txt"
    printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >"$forged/bagit.txt"
    (cd "$forged" && sha256sum data/minutes.txt >manifest-sha256.txt &&
        sha256sum bagit.txt manifest-sha256.txt >tagmanifest-sha256.txt)
}
bag_of "Nobody was paid."
cp "$forged/data/minutes.txt" "$forged/manifest-sha256.txt" "$forged/tagmanifest-sha256.txt" "$work/forged"
bag_of "Nina was paid..."
seal_forged() {
    FORGE_DIR=$1 LD_PRELOAD=$SEALBAG_BUILD/tests/forge.so "$SEALBAG" seal --yes --key "$work/keys/maria" "${@:2}" "$forged"
}
listing "$work/sealing" >"$work/before"
expect 5:folder.changed "another bag is not sealed" seal_forged "$work/forged"
listing "$work/sealing" >"$work/after"
check "and nothing is there that was not" cmp "$work/before" "$work/after"
mkdir "$work/new"
for new in b/ b.zip b.tar.gz b.tar; do
    expect 5:folder.changed "nor made into a new $new" seal_forged "$work/forged" -o "$work/new/$new"
    equal "of which nothing is left: $new" '' "$(names "$work/new")"
done
expect 0 "the one that is there is" seal_forged "$work"
expect 0 "and verifies" sealbag verify --keys "$trust" "$forged"
