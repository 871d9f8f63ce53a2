#!/usr/bin/env bash
# po/sealbag.pot has exactly the texts of the sources, and every catalogue says all of them. First it
# proves on a catalogue made for it that a text that is missing or only guessed is found.
set -euo pipefail

source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
for tool in xgettext msgcat msgfmt msgcmp; do
    if ! command -v "$tool" >/dev/null; then
        echo "Skipped: there is no $tool here."
        exit 77
    fi
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$source_dir"

# complete PO: it is well-formed, and no text of the template is missing, fuzzy or out of use.
complete() {
    msgfmt --check -o /dev/null "$1" && msgcmp "$1" po/sealbag.pot && ! grep -q '^#~' "$1"
}

sed '0,/^msgid "Yes"$/s//msgid "Yess"/' po/es.po >"$scratch/missing.po"
sed '0,/^msgid "Yes"$/s//#, fuzzy\nmsgid "Yes"/' po/es.po >"$scratch/fuzzy.po"
sed '/^msgid "Yes"$/{n;s/".*"/""/}' po/es.po >"$scratch/empty.po"
for bad in missing fuzzy empty; do
    if complete "$scratch/$bad.po" 2>/dev/null; then
        echo "The self-test failed: a catalogue with a text that is $bad was taken."
        exit 1
    fi
done

code=0
if ! diff -u po/sealbag.pot <(po/update.sh --print); then
    echo "po/sealbag.pot is out of date. Run po/update.sh, and translate what is new." >&2
    code=1
fi
for po in po/*.po; do
    if ! complete "$po"; then
        echo "$po is not complete. Run po/update.sh, and translate what is empty or fuzzy." >&2
        code=1
    fi
done
[ "$code" -ne 0 ] || echo "$(grep -c '^msgid' po/sealbag.pot) texts are in every catalogue."
exit "$code"
