#!/usr/bin/env bash
# BagIt profiles: what is asked of bags with --profile, by verify and by create. Bags and profiles
# are made here; those after BTR and APTrust are written from their published rules.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria

# ---- profiles ------------------------------------------------------------------------------------

# profile NAME LINES...: a profile that accepts any bag, and these lines, each "Name": value.
profile() {
    local name=$1 line
    shift
    {
        printf '{"BagIt-Profile-Info": {"BagIt-Profile-Identifier": "https://example.org/%s.json",\n' "$name"
        printf '"BagIt-Profile-Version": "1.4.0", "Source-Organization": "Archive",\n'
        printf '"External-Description": "For tests", "Version": "1"}'
        [[ $* == *Accept-BagIt-Version* ]] || printf ',\n"Accept-BagIt-Version": ["0.97", "1.0"]'
        for line in "$@"; do
            printf ',\n%s' "$line"
        done
        printf '}\n'
    } >"$work/$name.json"
}

# Whatever the distributed preservation services of "Beyond the Repository" take: labels that are
# required or recommended, any of four digests, no fetch.txt, a tar or a folder.
profile btr \
    '"Bag-Info": {"Source-Organization": {"required": true}, "Bagging-Date": {"required": true},
        "Payload-Oxum": {"required": true}, "Organization-Address": {"recommended": true},
        "Contact-Email": {"recommended": true}, "Contact-Name": {"required": false},
        "Bag-Group-Identifier": {"recommended": true, "description": "of bags that belong together"},
        "Bag-Producing-Organization": {"recommended": true}}' \
    '"Manifests-Required": []' '"Manifests-Allowed": ["md5", "sha1", "sha256", "sha512"]' \
    '"Tag-Manifests-Required": []' '"Tag-Manifests-Allowed": ["md5", "sha1", "sha256", "sha512"]' \
    '"Tag-Files-Required": []' '"Tag-Files-Allowed": ["*"]' '"Allow-Fetch.txt": false' \
    '"Serialization": "optional"' '"Accept-Serialization": ["application/tar"]'
# APTrust: a manifest with MD5, a file of its own with labels that the specification cannot ask for.
profile aptrust \
    '"Bag-Info": {"Source-Organization": {"required": true}, "Bag-Size": {"required": false}}' \
    '"Manifests-Required": ["md5"]' '"Manifests-Allowed": ["md5", "sha256"]' \
    '"Tag-Manifests-Allowed": ["md5", "sha256"]' '"Tag-Files-Required": ["aptrust-info.txt"]' \
    '"Other-Info": [{"APTrust-Info": {"Title": {"required": true},
        "Access": {"required": true, "values": ["Consortia", "Institution", "Restricted"]}}}]' \
    '"Allow-Fetch.txt": false' '"Serialization": "required"' \
    '"Accept-Serialization": ["application/tar"]'

# ---- bags of others ------------------------------------------------------------------------------

# start NAME PROFILE: a folder with a bag that keeps to it, but for its manifests.
start() {
    bag=$work/bags/$1
    mkdir -p "$bag/data/texts"
    printf 'One.\n' >"$bag/data/one.txt"
    printf 'Two.\n' >"$bag/data/texts/two.txt"
    printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >"$bag/bagit.txt"
    printf '%s: %s\n' BagIt-Profile-Identifier "https://example.org/$2.json" \
        Source-Organization 'The archive' Bagging-Date 2024-05-06 Payload-Oxum 10.2 \
        >"$bag/bag-info.txt"
    algorithms=(sha256)
}

# finish: its manifests with ${algorithms[@]}, and packs it.
finish() {
    local algorithm
    rm -f "$bag"/*manifest-*.txt
    for algorithm in "${algorithms[@]}"; do
        (cd "$bag" && find data -type f -exec "${algorithm}sum" {} + >"manifest-$algorithm.txt")
    done
    (cd "$bag" && find . -type f -not -path './data/*' -printf '%P\0' |
        xargs -0 sha256sum >"$work/tags" && mv "$work/tags" tagmanifest-sha256.txt)
    pack "$bag" "$bag.tar.gz"
}

# The profile's rules in what the last run said, on one line.
profile_rules() {
    grep -ao '\[profile\.[a-z-]*\]' "$work/out" | tr -d '[]' | tr '\n' ' ' | sed 's/ $//'
}

# keeps SENTENCE PROFILE: the last bag; it is not sealed.
keeps() {
    expect 4:seal.none "$1" verify --profile "$work/$2.json" "$bag.tar.gz"
    equal "and nothing is said against it" "" "$(profile_rules)"
}

# breaks RULE SENTENCE PROFILE: exactly this rule, and the bag is intact all the same.
breaks() {
    expect "1:$1" "$2" verify --profile "$work/$3.json" "$bag.tar.gz"
    equal "by one rule only" "$1" "$(profile_rules)"
    says "Intact?   Yes" "and the bag is said to be intact"
}

start plain plain
finish
profile plain
keeps "a bag keeps to a profile that asks for little" plain
expect 4 "a profile can be asked for with a pipe" \
    verify --profile "$work/plain.json" - <"$bag.tar.gz"

# One profile for each thing that can be asked, and the one bag that does not have it.
# case_of RULE NAME LINES...
case_of() {
    local rule=$1 name=$2
    shift 2
    profile plain "$@"
    breaks "$rule" "$name" plain
}
case_of profile.label-missing "a label that is required and missing" \
    '"Bag-Info": {"Contact-Name": {"required": true}, "source-organization": {"required": true}}'
says 'The label Contact-Name is missing' "it is named"
case_of profile.label-value "a value that is not allowed" \
    '"Bag-Info": {"Source-Organization": {"values": ["The Archive", "Others"]}}'
says 'has the value "The archive", and the profile allows only: The Archive, Others' "all is said"
case_of profile.manifest "a manifest that is required and missing" '"Manifests-Required": ["sha512"]'
case_of profile.manifest "a manifest that is not allowed" '"Manifests-Allowed": ["sha512", "md5"]'
case_of profile.manifest "a tag manifest that is required and missing" \
    '"Tag-Manifests-Required": ["sha512"]'
case_of profile.manifest "a tag manifest that is not allowed" '"Tag-Manifests-Allowed": ["md5"]'
case_of profile.tag-file "a tag file that is required and missing" '"Tag-Files-Required": ["about.txt"]'
case_of profile.payload-file "a document that is required and missing" \
    '"Payload-Files-Required": ["data/one.txt", "data/texts/", "data/three.txt"]'
says "data/three.txt: " "it is named"
case_of profile.payload-file "a folder that is required and missing" \
    '"Payload-Files-Required": ["data/pictures/"]'
case_of profile.payload-file "a document that is not allowed" '"Payload-Files-Allowed": ["data/*e.txt"]'
says "data/texts/two.txt: " "it is named"
case_of profile.fetch "fetch.txt that is required and missing" '"Fetch.txt-Required": true'
case_of profile.data-empty "documents where none are allowed" '"Data-Empty": true'
case_of profile.serialization "a packed bag where a folder is wanted" '"Serialization": "forbidden"'
case_of profile.serialization "a .tar.gz where a zip is wanted" '"Serialization": "required"' \
    '"Accept-Serialization": ["application/zip"]'
case_of profile.version "another version of BagIt" '"Accept-BagIt-Version": ["0.97"]'
profile plain '"Serialization": "optional"' '"Accept-Serialization": ["application/tar+gzip"]' \
    '"Manifests-Required": ["SHA-256"]' '"Payload-Files-Allowed": ["data/*"]' \
    '"Tag-Files-Allowed": []' '"Bag-Info": {"Bagging-Date": {"repeatable": false}}'
keeps "a bag that has all that is asked" plain

profile other
breaks profile.identifier "a bag that names another profile" other
start twice plain
printf 'bagging-date: 2024-05-07\n' >>"$bag/bag-info.txt"
finish
breaks profile.label-repeated "a label that is there twice" plain
start extra plain
mkdir "$bag/notes"
printf 'x' >"$bag/notes/a.txt"
finish
breaks profile.tag-file "a tag file that is not allowed" plain
start fetch plain
printf 'https://example.org/one - data/one.txt\n' >"$bag/fetch.txt"
finish
profile plain '"Allow-Fetch.txt": false'
breaks profile.fetch "fetch.txt that is not allowed" plain
start old plain
printf 'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n' >"$bag/bagit.txt"
finish
profile plain '"Accept-BagIt-Version": ["1.0"]'
breaks profile.version "an old bag where only new ones are wanted" plain

# ---- the known profiles --------------------------------------------------------------------------

start btr btr
algorithms=(md5 sha512)
finish
expect 1:profile.serialization "a bag for BTR lacks nothing but the right packing" \
    verify --profile "$work/btr.json" "$bag.tar.gz"
equal "and the labels that are recommended" "profile.label-recommended profile.serialization" \
    "$(profile_rules | tr ' ' '\n' | LC_ALL=C sort -u | tr '\n' ' ' | sed 's/ $//')"
says "Warning: bag-info.txt: The label Contact-Email is missing" "which is a warning"

start aptrust aptrust
algorithms=(md5 sha256)
printf 'Title: A bag\nAccess: Institution\n' >"$bag/aptrust-info.txt"
finish
run verify --profile "$work/aptrust.json" "$bag.tar.gz"
equal "a bag for APTrust lacks nothing but the right packing, as far as can be judged" \
    "profile.serialization profile.not-judged" "$(profile_rules)"
says 'under "Other-Info" is no part' "what cannot be judged is named"
rm "$bag/aptrust-info.txt"
algorithms=(sha256)
finish
run verify --profile "$work/aptrust.json" "$bag.tar.gz"
equal "one without its tag file and MD5 is told all" \
    "profile.serialization profile.manifest profile.tag-file profile.not-judged" "$(profile_rules)"

# A damaged bag is judged as damaged, and nothing else.
printf 'x' >>"$bag/data/one.txt"
pack "$bag" "$bag.tar.gz"
expect 1:manifest.digest-mismatch "a damaged bag is damaged" \
    verify --profile "$work/aptrust.json" "$bag.tar.gz"
says "DO NOT USE" "as without a profile"
equal "and is not held against the profile" "" "$(profile_rules)"

# ---- create --------------------------------------------------------------------------------------

make_sample "$work/source"
profile ours '"Bag-Info": {"Source-Organization": {"required": true, "values": ["Us", "Them"]},
        "Contact-Name": {"required": true}, "Bagging-Date": {"required": true, "repeatable": false}}' \
    '"Manifests-Required": ["sha256"]' '"Tag-Manifests-Required": ["sha256"]' \
    '"Serialization": "required"' '"Accept-Serialization": ["application/gzip"]'
expect 2:profile.refused "create refuses a bag that would not keep to the profile" \
    seal "$work/ours.tar.gz" --profile "$work/ours.json" --info 'Source-Organization: me' "$work/source"
says "The label Contact-Name is missing" "and lists what is missing"
says 'has the value "me"' "and what is wrong, at once"
refute "and writes nothing" test -e "$work/ours.tar.gz"
give=(--profile "$work/ours.json" --info 'Source-Organization: Us' --info 'contact-name: Maria')
expect 0 "with the labels it is made" seal "$work/ours.tar.gz" "${give[@]}" "$work/source"
expect 0 "it is good, and keeps to the profile" \
    verify --profile "$work/ours.json" "$work/ours.tar.gz"
equal "without any finding" "" "$(profile_rules)"
check "because it names the profile" grep -q '^BagIt-Profile-Identifier: https://example.org/ours.json$' \
    <(tar -xzOf "$work/ours.tar.gz" ours/bag-info.txt)
expect 2:profile.refused "a .tar.zst is refused where gzip is asked for" \
    seal "$work/ours.tar.zst" "${give[@]}" "$work/source"
profile ours '"Manifests-Required": ["sha512", "sha256"]' '"Tag-Manifests-Required": ["sha512"]'
expect 2:profile.refused "a digest that the profile requires must be asked for" \
    seal "$work/strong.tar.gz" --profile "$work/ours.json" "$work/source"
expect 0 "with --algorithm it is made" seal "$work/strong.tar.gz" --algorithm sha512 \
    --profile "$work/ours.json" "$work/source"
expect 0 "and keeps to the profile" verify --profile "$work/ours.json" "$work/strong.tar.gz"
expect 2:usage "no quick check is held to a profile" \
    verify --fast --profile "$work/ours.json" "$work/strong.tar.gz"
expect 2:usage "two profiles at once are refused" \
    verify --profile "$work/btr.json" --profile "$work/ours.json" "$work/ours.tar.gz"
expect 1:profile.identifier "a sealed bag is held to another profile" \
    verify --profile "$work/btr.json" "$work/ours.tar.gz"
says "intact, but it does not keep to the profile" "and is said to be intact"
says "1 valid signature over exactly this content" "and signed"
run sealbag report -o "$work/report.html" --language en --keys "$trust" --profile "$work/btr.json" "$work/ours.tar.gz"
check "so does the report" grep -q 'Intact, but it does not keep to the profile' "$work/report.html"
refute "which does not warn of using it" grep -q 'DO NOT USE\|Do not use it' "$work/report.html"
run verify --json --profile "$work/btr.json" "$work/ours.tar.gz"
says '"rule":"profile.identifier"' "the rule is in the JSON form"
says '"intact":"yes"' "and that it is intact"

# The seal consists of files, too.
profile ours '"Tag-Files-Allowed": ["about.txt"]'
expect 2:profile.refused "a profile that allows no other files does not allow a seal" \
    seal "$work/no.tar.gz" --profile "$work/ours.json" "$work/source"
says "seal/seal.txt: " "which is said"
expect 0 "a bag without a seal is made" sealbag create --quiet -o "$work/no.tar.gz" \
    --profile "$work/ours.json" "$work/source"
expect 4 "and keeps to it" verify --profile "$work/ours.json" "$work/no.tar.gz"
profile ours '"Payload-Files-Required": ["data/report.pdf", "data/letters/"]' '"Data-Empty": true'
expect 2:profile.refused "documents are held to it before they are read" \
    seal "$work/doc.tar.gz" --profile "$work/ours.json" "$work/source"
says "data/report.pdf: " "and the missing one is named"

# ---- folders -------------------------------------------------------------------------------------

profile ours '"Serialization": "required"' '"Accept-Serialization": ["application/gzip"]'
profile loose '"Serialization": "forbidden"'
expect 2:profile.refused "no folder is made where a packed bag is asked for" \
    seal "$work/folder/" --profile "$work/ours.json" "$work/source"
refute "and nothing is there" test -e "$work/folder"
expect 0 "a folder is made where one is asked for" \
    seal "$work/folder/" --profile "$work/loose.json" "$work/source"
expect 0 "and keeps to the profile" verify --profile "$work/loose.json" "$work/folder"
expect 1:profile.serialization "and not to the one that wants it packed" \
    verify --profile "$work/ours.json" "$work/folder"

# ---- files that are no profiles ------------------------------------------------------------------

# no_profile TEXT SENTENCE: the file $work/bad.json is refused, and this is said.
no_profile() {
    expect 2:profile.refused "$2" verify --profile "$work/bad.json" "$work/ours.tar.gz"
    one_sentence "in one sentence"
    says "$1" "which says why"
}
printf '{"a": 1, "a": 2}' >"$work/bad.json"
no_profile "not JSON as it must be" "a name that occurs twice"
printf '[]' >"$work/bad.json"
no_profile "is not a JSON object" "a list"
printf '{}' >"$work/bad.json"
no_profile "has no BagIt-Profile-Info" "an empty object"
sed 's/1\.4\.0/2.0/' "$work/ours.json" >"$work/bad.json"
no_profile 'version "2.0"' "a later version"
{
    cat "$work/ours.json"
    printf 'x'
} >"$work/bad.json"
no_profile "not JSON" "something behind its end"
expect 5:io.not-found "a file that is not there" verify --profile "$work/none" "$work/ours.tar.gz"
head -c 1100000 /dev/zero >"$work/bad.json"
expect 5 "a file that is too large" verify --profile "$work/bad.json" "$work/ours.tar.gz"

# ---- folders -------------------------------------------------------------------------------------

profile packed '"Serialization": "required"' '"Accept-Serialization": ["application/zip"]'
expect 2:profile.refused "create refuses a folder where a packed bag is wanted" \
    seal "$work/packed-folder/" --profile "$work/packed.json" "$work/source"
says "is a folder" "and says so"
refute "and makes none" test -e "$work/packed-folder"
profile unpacked '"Serialization": "forbidden"'
expect 0 "a folder is made where one is wanted" \
    seal "$work/unpacked/" --profile "$work/unpacked.json" "$work/source"
expect 0 "it is good, and keeps to the profile" \
    verify --profile "$work/unpacked.json" "$work/unpacked"
equal "without any finding" "" "$(profile_rules)"
run verify --profile "$work/packed.json" "$work/unpacked"
expect_rule profile.serialization "but not to one that wants it packed"
