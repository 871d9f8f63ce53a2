#!/usr/bin/env bash
# Collects the texts of reports from the sources into sealbag.pot, and brings es.po up to date with
# them. Translate afterwards what is empty or fuzzy in es.po; tests/check/catalogue.sh finds it.
#
#   po/update.sh          both files
#   po/update.sh --print  only print what sealbag.pot must be
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
pot=$scratch/sealbag.pot

# The header says no date: the file changes only when a text does. No line numbers for the same
# reason.
cat >"$pot" <<'POT'
# What sealbag's reports say.
msgid ""
msgstr ""
"Project-Id-Version: sealbag\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"

POT

collect() {
    xgettext --from-code=UTF-8 --language=C --omit-header --add-location=file --no-wrap -k \
        --add-comments=TRANSLATORS: -o - "$@"
}
mapfile -t sources < <(printf '%s\n' src/report/*.c | LC_ALL=C sort)
collect -kSB_TR:2 -kSB_TRN:2,3 -ksb_tr:2 -ksb_trn:2,3 -kSB_N:1 "${sources[@]}" >"$scratch/texts"
# Columns of tables: what each rule means, and the words for columns of records and for relations.
collect -kX:5 -kY:5 src/base/rule.h >"$scratch/rules"
collect -kX:2,2t -kX:3,3t include/sealbag/record.h >"$scratch/relations"
msgcat --use-first --no-wrap --add-location=file "$pot" "$scratch/texts" "$scratch/rules" \
    "$scratch/relations" -o "$scratch/all"

if [ "${1-}" = --print ]; then
    cat "$scratch/all"
    exit 0
fi
cp "$scratch/all" po/sealbag.pot
if [ -e po/es.po ]; then
    msgmerge --quiet --update --backup=none --no-wrap --add-location=file po/es.po po/sealbag.pot
else
    cp po/sealbag.pot po/es.po
fi
msgattrib --no-obsolete --no-wrap -o po/es.po po/es.po
msgfmt --statistics -o /dev/null po/es.po
