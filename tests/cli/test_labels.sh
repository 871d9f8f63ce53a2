#!/usr/bin/env bash
# The labels of bag-info.txt that have options of their own (RFC 8493, section 2.2.2).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_key maria
trust_key maria
make_sample "$work/source"
create() {
    rm -f "$work/a.tar.gz"
    seal "$work/a.tar.gz" "$@" "$work/source"
}
told() {
    tar -xzOf "$work/a.tar.gz" a/bag-info.txt
}

# ---- every label -------------------------------------------------------------------------------

sealbag help create | sed -n '/^Labels/,$s/^  --\([a-z-]*\) TEXT$/\1/p' >"$work/labels"
equal "every reserved label of RFC 8493 and the profile have an option" \
    "source-organization organization-address contact-name contact-phone contact-email \
external-description external-identifier bag-size bag-group-identifier bag-count \
internal-sender-identifier internal-sender-description bagit-profile-identifier" \
    "$(paste -s -d ' ' "$work/labels")"
arguments=()
while read -r option; do
    value="of $option"
    [ "$option" != bag-count ] || value="2 of ?"
    [ "$option" != bag-size ] || value=".5 GB"
    arguments+=("--$option" "$value")
    printf '%s: %s\n' "$option" "$value" >>"$work/wanted"
    check "the manual has --$option" grep -qF -e "Fl \\-$option Ar text" "$source_dir/docs/man/sealbag.1"
done <"$work/labels"
expect 0 "all of them are taken at once" create "${arguments[@]}"
equal "and stand in bag-info.txt, in this order" "$(cat "$work/wanted")" \
    "$(told | head -n 13 | tr '[:upper:]' '[:lower:]' | sed 's/ gb$/ GB/')"
check "with the spelling of RFC 8493" grep -qxF "Internal-Sender-Description: of \
internal-sender-description" <(told)
check "and of BagIt Profiles" grep -qxF "BagIt-Profile-Identifier: of bagit-profile-identifier" <(told)
expect 0 "the bag verifies" verify "$work/a.tar.gz"

# ---- order, and what is refused ----------------------------------------------------------------

expect 0 "labels are taken in any order" create --contact-name Ana --info 'Case: 7' \
    --source-organization=Archive --contact-name 'Bea: the other'
equal "and --info and the options keep the order in which they are given" \
    "Contact-Name: Ana
Case: 7
Source-Organization: Archive
Contact-Name: Bea: the other" "$(told | head -n 4)"
cp "$work/a.tar.gz" "$work/options.tar.gz"
expect 0 "the same labels with --info" create --info 'Contact-Name: Ana' --info 'Case: 7' \
    --info 'Source-Organization: Archive' --info 'Contact-Name: Bea: the other'
check "give the same bundle" cmp "$work/a.tar.gz" "$work/options.tar.gz"
expect 2:usage "a Bag-Count that is no count is refused" create --bag-count 5
one_sentence "in one sentence"
expect 2:usage "one beyond its total is refused" create --info 'bag-count: 6 of 5'
expect 2:usage "a Bag-Size without a unit is refused" create --bag-size 12
expect 2:usage "a Bag-Count is stated once" create --bag-count '1 of 2' --info 'Bag-Count: 1 of 2'
says "Bag-Count is given twice" "and the sentence names it"
expect 2:usage "an empty value is refused" create --contact-name ''
expect 2:usage "a line break is refused" create --contact-name $'Ana\nPayload-Oxum: 1.1'
expect 2:usage "what create writes itself is no option" create --payload-oxum 1.1
refute "nothing was written" test -e "$work/a.tar.gz"
