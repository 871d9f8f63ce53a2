#!/usr/bin/env bash
# sign: a signature is added to a bundle that exists. Its documents are neither read into a new bundle
# nor compressed again; stock tools read the result; whatever is not intact is refused, and then the
# bundle is the same to the last byte.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
if ! have python3 || ! have minisign; then
    echo "There is no python3 or minisign here."
    exit 77
fi
make_key maria
make_key nina
make_key otto
trust_key maria
kinds=(gz)
have zstd && kinds+=(zst)
out=$work/out-folder
mkdir "$out"

sign() {
    "$SEALBAG" sign --keys "$trust" --time "$sealing_time" "$@"
}
signature_of() {
    printf 'seal/%s.minisig\n' "$(fp_name "$work/keys/$1.pub")"
}
tar_of() {
    case $(slice "$1" 0 2 | to_hex) in
        28b5) zstd -qdc "$1" ;;
        *) gzip -dc <"$1" ;;
    esac
}
# Where the frame begins in which the index starts.
kept_of() {
    reframe pieces "$1" | python3 -c '
import sys
lines = [line.split() for line in sys.stdin]
pointer = next(int(line[3]) for line in lines if line[0] == "pointer")
at = 0
for kind, place, length, data in lines:
    if kind == "frame" and at <= pointer < at + int(data):
        print(place)
    at += int(data) if kind == "frame" else 0
'
}
# signed_well SENTENCE OLD NEW SOURCE KEY...: NEW is OLD with a signature by the last of these keys,
# and has the signatures of all of them.
signed_well() {
    local what=$1 old=$2 new=$3 from=$4 key kept folder=$work/unpacked document
    shift 4
    expect 0 "$what: it verifies" verify "$new"
    says_not "[bag.not-judged]" "$what: and its index is judged"
    kept=$(kept_of "$old")
    check "$what: all before the frame of the index is as it was" \
        cmp -n "$kept" "$old" "$new"
    rm -rf "$folder" "$out/x"
    mkdir -p "$folder" "$out/x"
    tar_of "$new" >"$work/new.tar"
    tar_of "$old" >"$work/old.tar"
    check "$what: GNU tar takes it" tar -xf "$work/new.tar" -C "$folder"
    check "$what: the documents are those that were sealed" same_tree "$from" "$folder/sample/data"
    reframe index "$work/new.tar" >"$work/index"
    check "$what: the index is the one that this tar must have" \
        cmp "$work/index" "$folder/sample/seal/index.tsv"
    tar -tf "$work/old.tar" | sed '/index.tsv$/d' >"$work/names"
    printf 'sample/%s\nsample/seal/index.tsv\n' "$(signature_of "${!#}")" >>"$work/names"
    check "$what: the new signature stands before the index, and nothing else is new" \
        diff "$work/names" <(tar -tf "$work/new.tar")
    equal "$what: the time of all files is the sealing time" 1 \
        "$(tar -tvf "$work/new.tar" --full-time | cut -c 1-200 | grep -oE '[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}' | sort -u | grep -c '')"
    for key in "$@"; do
        check "$what: minisign accepts the signature of $key" minisign -Vq \
            -p "$work/keys/$key.pub" -m "$folder/sample/seal/seal.txt" \
            -x "$folder/sample/$(signature_of "$key")"
    done
    check "$what: and so it is checked by hand" \
        sh "$by_hand" -p "$work/keys/maria.pub" "$folder/sample"
    expect 0 "$what: list finds what is in it" sealbag list --keys "$trust" "$new"
    says '[bag.partly-read]' "$what: by the index"
    expect 0 "$what: it can be extracted" sealbag extract --quiet --keys "$trust" -C "$out/x" "$new"
    check "$what: and is what was sealed" same_tree "$from" "$out/x/sample/data"
    document=$(cd "$from" && find . -type f -printf '%s %P\n' | sort -n | sed -n '1s/^[0-9]* //p')
    rm -rf "$out/x/sample"
    expect 0 "$what: a document can be taken out by itself" \
        sealbag extract --keys "$trust" -C "$out/x" "$new" "$document"
    check "$what: and is right" cmp "$from/$document" "$out/x/sample/data/$document"
}
# Nothing is left beside the bundle that was not there before.
alone() {
    equal "$1: nothing is left beside it" "$2" "$(names "$3")"
}

# ---- bundles of all sizes ----------------------------------------------------------------------

make_sample "$work/small"
make_sample "$work/several"
head -c 9000000 /dev/urandom >"$work/several/noise"
seq 1 1000000 >"$work/several/numbers"
for kind in "${kinds[@]}"; do
    for size in small several; do
        b=$work/b.$size.$kind
        rm -rf "$b"
        mkdir "$b"
        seal "$b/sample.tar.$kind" "$work/$size"
        cp "$b/sample.tar.$kind" "$work/old"
        expect 0 ".tar.$kind, $size: it is signed" sign --key "$work/keys/nina" "$b/sample.tar.$kind"
        says "as a countersignature" ".tar.$kind, $size: and says that it is a countersignature"
        says "seal id" ".tar.$kind, $size: what is signed is shown"
        signed_well ".tar.$kind, $size" "$work/old" "$b/sample.tar.$kind" "$work/$size" maria nina
        alone ".tar.$kind, $size" "sample.tar.$kind" "$b"
        # And once more, by another key.
        cp "$b/sample.tar.$kind" "$work/old"
        expect 0 ".tar.$kind, $size: it is signed by a third" \
            sign --quiet --key "$work/keys/otto" "$b/sample.tar.$kind"
        equal ".tar.$kind, $size: --quiet says nothing" '' "$(cat "$work/out" "$work/err")"
        signed_well ".tar.$kind, $size, twice" "$work/old" "$b/sample.tar.$kind" "$work/$size" \
            maria nina otto
        # Signing the same bundle gives the same bundle, whatever the number of threads.
        expect 0 ".tar.$kind, $size: it is signed again, elsewhere" sign -j 1 --quiet \
            --key "$work/keys/otto" -o "$work/again" "$work/old"
        check ".tar.$kind, $size: it is the same bundle" cmp "$b/sample.tar.$kind" "$work/again"
        rm -f "$work/again"
    done
done

# ---- places where frames begin and end ---------------------------------------------------------

# A source whose bundle has its index, or its end, exactly at the boundary of a frame.
# at_boundary KIND pointer|end PLUS: so many bytes behind it
at_boundary() {
    local kind=$1 which=$2 plus=$3 frame=$((1 << 20)) size=$((3 << 19)) place i
    [ "$kind" = gz ] || frame=$((4 << 20))
    rm -rf "$work/edge"
    mkdir "$work/edge"
    printf 'x\n' >"$work/edge/x"
    for ((i = 0; i < 6; i++)); do
        head -c "$size" /dev/zero | tr '\0' 'a' >"$work/edge/y"
        rm -f "$work/old"
        seal "$work/old" --name sample --format "tar.$kind" "$work/edge"
        if [ "$which" = pointer ]; then
            place=$(reframe pieces "$work/old" | sed -n 's/^pointer [0-9]* [0-9]* //p')
        else
            place=$(tar_of "$work/old" | wc -c)
        fi
        [ $(((place - plus) % frame)) -ne 0 ] || return 0
        size=$((size + frame - (place - plus) % frame))
    done
    fail "a bundle with its $which $plus bytes behind a frame's boundary can be made (.tar.$kind)"
}
for kind in "${kinds[@]}"; do
    # The new signature and its header take 1024 bytes, so that then it is the new one's.
    for edge in "pointer 0" "pointer 512" "pointer -512" "pointer -1024" "end 0" "end -1024"; do
        read -r which plus <<<"$edge"
        at_boundary "$kind" "$which" "$plus"
        cp "$work/old" "$work/edge.tar.$kind"
        mv "$work/old" "$work/old.tar.$kind"
        what=".tar.$kind, $which $plus bytes behind a boundary"
        expect 0 "$what: it is signed" sign --quiet --key "$work/keys/nina" "$work/edge.tar.$kind"
        signed_well "$what" "$work/old.tar.$kind" "$work/edge.tar.$kind" "$work/edge" maria nina
    done
done

# ---- an index of several frames, and names that need extended headers --------------------------

deep=$(printf '%0200d/' 1 2 3 4 5 6 7 8 9 10 11 12 13 14)
for kind in "${kinds[@]}"; do
    files=500
    [ "$kind" = gz ] || files=1600
    rm -rf "$work/many"
    mkdir -p "$work/many/$deep"
    (cd "$work/many/$deep" && seq -f 'document %g' 1 "$files" | tr '\n' '\0' | xargs -0 touch)
    printf 'x' >"$work/many/z"
    rm -f "$work/many.tar.$kind"
    seal "$work/many.tar.$kind" --name sample "$work/many"
    cp "$work/many.tar.$kind" "$work/old.tar.$kind"
    what=".tar.$kind, a long index"
    check "$what: it spans frames" python3 -c '
import sys
pieces = [line.split() for line in sys.stdin]
pointer = next(int(line[3]) for line in pieces if line[0] == "pointer")
frames = [int(line[3]) for line in pieces if line[0] == "frame"]
assert sum(frames) // frames[0] > pointer // frames[0]
' < <(reframe pieces "$work/old.tar.$kind")
    expect 0 "$what: it is signed" sign --quiet --key "$work/keys/nina" "$work/many.tar.$kind"
    signed_well "$what" "$work/old.tar.$kind" "$work/many.tar.$kind" "$work/many" maria nina
done

# ---- what else is kept -------------------------------------------------------------------------

cd "$work"
rm -rf kept
mkdir kept
seal kept/sample.tar.gz small
chmod 640 kept/sample.tar.gz
ln -s sample.tar.gz kept/link
cp -p kept/sample.tar.gz old.tar.gz
expect 0 "a link to a bundle can be given" sign --quiet --key keys/nina kept/link
check "it stays a link" test -L kept/link
equal "permissions are kept" 640 "$(stat -c %a kept/sample.tar.gz)"
expect 0 "what it leads to is signed" verify kept/sample.tar.gz
says "(countersignature)" "by the new key"
expect 0 "another output leaves the bundle as it is" \
    sign --quiet --key keys/nina -o kept/new.tar.gz old.tar.gz
check "the same bundle comes out" cmp kept/sample.tar.gz kept/new.tar.gz
equal "without the signature" "$(sha256sum <old.tar.gz)" \
    "$(seal again.tar.gz --name sample small && sha256sum <again.tar.gz)"
cp old.tar.gz other
expect 5:io.exists "an output that exists is not replaced" \
    sign --quiet --key keys/nina -o other old.tar.gz
check "it is as it was" cmp old.tar.gz other
# list FILE [HEX]: its access control list; sets it
list() {
    python3 -c 'import os, sys
name = "system.posix_acl_access"
if len(sys.argv) > 2: os.setxattr(sys.argv[1], name, bytes.fromhex(sys.argv[2]))
print(os.getxattr(sys.argv[1], name).hex())' "$@" 2>/dev/null
}
# Version 2; owner rw, user 12345 r, group r, mask r, others nothing: tag, permissions, id of each.
acl=0200000001000600ffffffff020004003930000004000400ffffffff10000400ffffffff20000000ffffffff
cp old.tar.gz kept/listed.tar.gz
if list kept/listed.tar.gz "$acl" >/dev/null; then
    expect 0 "a bundle with an access control list" sign --quiet --key keys/nina kept/listed.tar.gz
    equal "keeps it" "$acl" "$(list kept/listed.tar.gz)"
else
    skip_part "access control lists (this file system or python3 has none)"
fi
# note FILE [TEXT]: an attribute of the user's; sets it
note() {
    python3 -c 'import os, sys
if len(sys.argv) > 2: os.setxattr(sys.argv[1], "user.comment", sys.argv[2].encode())
print(os.getxattr(sys.argv[1], "user.comment").decode())' "$@" 2>/dev/null
}
cp old.tar.gz kept/noted.tar.gz
if note kept/noted.tar.gz "from Maria" >/dev/null; then
    expect 0 "a bundle with an attribute of the user's" sign --quiet --key keys/nina kept/noted.tar.gz
    equal "keeps it" "from Maria" "$(note kept/noted.tar.gz)"
    refute "a copy has none" note kept/listed.tar.gz
else
    skip_part "extended attributes (this file system or python3 has none)"
fi
rm -rf ro && mkdir ro && cp old.tar.gz ro/
if ! as_root; then
    chmod 500 ro
    expect 5:io.failed "a folder that cannot be written to" sign --quiet --key keys/nina ro/old.tar.gz
    chmod 700 ro
fi

# ---- signers whose signature is missing --------------------------------------------------------

for kind in "${kinds[@]}"; do
    rm -f two.tar "two.tar.$kind"
    seal "two.tar.$kind" --name sample --key keys/nina small
    tar_of "two.tar.$kind" >two.tar
    reframe edit two.tar one.tar "drop:$(signature_of nina)" index
    reframe pack "$kind" one.tar "one.tar.$kind"
    expect 3:seal.signer-missing "a named signer is missing (.tar.$kind)" verify "one.tar.$kind"
    cp "one.tar.$kind" "old.tar.$kind"
    expect 0 "she can add her seal (.tar.$kind)" sign --key keys/nina "one.tar.$kind"
    says_not "countersignature" "it is no countersignature (.tar.$kind)"
    signed_well ".tar.$kind, a missing seal" "old.tar.$kind" "one.tar.$kind" small maria nina
    expect 0 "two seals are counted (.tar.$kind)" verify "one.tar.$kind"
    says "2 valid signatures" "both of them (.tar.$kind)"
    cp "old.tar.$kind" bad
    expect 3 "nobody else, without being asked (.tar.$kind)" sign --key keys/otto bad
    check "it is as it was (.tar.$kind)" cmp "old.tar.$kind" bad
done

# Who signs later is named when the bag is sealed.
seal waiting.tar.gz --name sample --cosigner "$(fingerprint keys/nina.pub)" \
    --cosigner "$(fingerprint keys/otto.pub)" small
expect 3:seal.signer-missing "two signers are awaited" verify waiting.tar.gz
expect 0 "the first one signs" sign --key keys/nina waiting.tar.gz
says_not "countersignature" "and is no countersigner"
expect 3:seal.signer-missing "one is awaited" verify waiting.tar.gz
cp waiting.tar.gz old.tar.gz
expect 0 "the second one signs" sign --key keys/otto waiting.tar.gz
signed_well "the second cosigner" old.tar.gz waiting.tar.gz small maria nina otto
expect 0 "nobody is awaited" verify waiting.tar.gz
says "3 valid signatures" "all three count"
expect 3:trust.too-few "one of them is trusted" verify --require 2 waiting.tar.gz

# OpenSSH's signatures stay, and who has signed so has signed.
if have ssh-keygen; then
    seal ssh.tar.gz --name sample small
    unpack ssh.tar.gz ssh
    ssh_private keys/otto otto.ssh
    ssh-keygen -q -Y sign -f otto.ssh -n seal@sealbag ssh/sample/seal/seal.txt 2>err
    fp=$(fp_name keys/otto.pub)
    tar_of ssh.tar.gz >ssh.tar
    reframe edit ssh.tar ssh2.tar "add:seal/$fp.sshsig:ssh/sample/seal/seal.txt.sig" \
        last:seal/index.tsv index
    reframe pack gz ssh2.tar ssh2.tar.gz
    expect 0 "a bundle with an SSHSIG verifies" verify ssh2.tar.gz
    expect 5:io.exists "its key has signed before" sign --key keys/otto ssh2.tar.gz
    cp ssh2.tar.gz ssh3.tar.gz
    expect 0 "another one can" sign --quiet --key keys/nina ssh3.tar.gz
    signed_well "with an SSHSIG" ssh2.tar.gz ssh3.tar.gz small maria nina
    printf 'otto %s\n' "$(ssh_public keys/otto.pub)" >otto.allowed
    check "ssh-keygen accepts the SSHSIG" ssh-keygen -Y verify -f otto.allowed -I otto \
        -n seal@sealbag -s "unpacked/sample/seal/$fp.sshsig" <unpacked/sample/seal/seal.txt
fi

# ---- what is refused, and left as it is --------------------------------------------------------

seal old.tar.gz --name sample --force small
# refused CODE[:RULE] SENTENCE BUNDLE ARGUMENTS...
refused() {
    local wanted=$1 what=$2 bundle=$3
    shift 3
    cp -- "$bundle" bad
    rm -rf folder && mkdir folder && mv bad folder/bad
    expect "$wanted" "refused: $what" sign --key keys/nina "$@" folder/bad
    check "it is as it was: $what" cmp "$bundle" folder/bad
    alone "$what" bad folder
}
cp old.tar.gz flipped
# The first frame's checksum: in compressed data there are bits that make no difference.
flip flipped $(($(reframe pieces flipped | sed -n '1s/^frame 0 \([0-9]*\) .*/\1/p') - 8))
refused 1 "a damaged bundle" flipped
says "Nothing was signed." "and it is said that nothing was signed"
sealbag create --quiet -o unsigned.tar.gz small 2>err
refused 4:seal.none "a bag without a seal" unsigned.tar.gz
refused 4 "also when strangers are accepted" unsigned.tar.gz --accept-untrusted
head -c 1000 /dev/urandom >noise
refused 5:container.unsupported "no bundle at all" noise
: >empty
refused 5 "an empty file" empty
sealbag create --quiet -o stranger.tar.gz --name sample --key keys/otto small
refused 3:trust.too-few "a bundle of strangers" stranger.tar.gz
says "--accept-untrusted" "and it is said how to do it all the same"
refused 3:trust.too-few "too few signers" old.tar.gz --require 2
refused 1:seal.id-mismatch "another seal than was demanded" old.tar.gz \
    --seal 00000000000000000000000000000000
refused 5:io.exists "a second signature by the same key" kept/sample.tar.gz
unpack old.tar.gz foreign
rm foreign/sample/seal/index.tsv
pack foreign/sample foreign.tar.gz
refused 5:container.unsupported "a bundle of another program" foreign.tar.gz
says "sealbag convert" "and it is said what to do"
tar_of old.tar.gz >old.tar
reframe edit old.tar no-index.tar drop:seal/index.tsv
reframe pack gz no-index.tar no-index.tar.gz pointer=none
expect 0 "a bundle without an index verifies" verify no-index.tar.gz
refused 5:container.unsupported "a bundle without an index" no-index.tar.gz
cp stranger.tar.gz accepted.tar.gz
expect 0 "strangers can be accepted" sign --quiet --accept-untrusted --key keys/nina accepted.tar.gz
expect 3 "which makes nobody trusted" verify accepted.tar.gz
cp old.tar.gz demanded.tar.gz
id=$(sealbag verify --json --keys "$trust" old.tar.gz | grep -o '"seal_id":"[0-9a-f]*' | cut -d '"' -f 4)
expect 0 "the seal that was demanded is signed" \
    sign --quiet --seal "${id:0:40}" --key keys/nina demanded.tar.gz

mkfifo pipe
refused_input() {
    expect "$1" "refused: $2" sign --key keys/nina "$3"
    one_sentence "in one sentence: $2"
}
refused_input 5:container.unsupported "a named pipe" pipe
refused_input 5:container.unsupported "a device" /dev/null
expect 1:bag.not-a-bag "a folder that is no bag" sign --key keys/nina kept
refused_input 5:io.not-found "what is not there" nothing.tar.gz
expect 2:usage "standard input" sign --key keys/nina -
expect 2:usage "standard output" sign --key keys/nina -o - old.tar.gz
expect 2:usage "no key" sign old.tar.gz
expect 2:usage "two keys" sign --key keys/nina --key keys/otto old.tar.gz
expect 2:usage "no bundle" sign --key keys/nina
expect 2:usage "two bundles" sign --key keys/nina old.tar.gz old.tar.gz
expect 2:usage "a time that is none" sign --time noon --key keys/nina old.tar.gz
expect 5:key.malformed "a public key" sign --key keys/nina.pub old.tar.gz
if have flock; then
    cp old.tar.gz locked.tar.gz
    expect 5:source.changed "a bundle that another run is working on" \
        flock locked.tar.gz "$SEALBAG" sign --keys "$trust" --key keys/nina locked.tar.gz
    check "it is as it was" cmp old.tar.gz locked.tar.gz
fi

# ---- JSON --------------------------------------------------------------------------------------

cp old.tar.gz json.tar.gz
expect 0 "sign gives JSON" sign --json --key keys/nina json.tar.gz
check "which tells all" python3 -c '
import json, sys
told = json.load(open(sys.argv[1]))
assert told["format"] == "sealbag-sign-1" and told["exit"] == 0 and told["error"] is None
assert told["verdict"]["exit"] == 0 and told["bundle"] == "json.tar.gz"
assert told["signature"] == {"path": sys.argv[2], "fingerprint": sys.argv[3], "seal": False}
' "$work/out" "$(signature_of nina)" "$(fingerprint keys/nina.pub)"
expect 5 "and for a failure" sign --json --key keys/nina json.tar.gz
check "as well" python3 -c '
import json, sys
told = json.load(open(sys.argv[1]))
assert told["exit"] == 5 and told["error"]["rule"] == "io.exists"
assert told["bundle"] is None and told["signature"] is None
' "$work/out"
expect 1 "and for a bad bundle" sign --json --key keys/nina flipped
check "too" python3 -c '
import json, sys
told = json.load(open(sys.argv[1]))
assert told["exit"] == 1 and told["verdict"]["exit"] == 1 and told["signature"] is None
' "$work/out"
