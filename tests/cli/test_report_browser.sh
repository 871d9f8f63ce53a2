#!/usr/bin/env bash
# A browser shows a report, prints it, finds nothing to complain about and asks nobody for anything;
# also one of 10,000 documents (issue 7, bar 4).
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if ! have chromium; then
    skip_part "what a browser makes of reports (there is no chromium here)"
    exit 77
fi
have python3 || exit 77

# browse PAGE.html WIDTH HEIGHT [OPTIONS]: PAGE.png, .dom (what became of it), .log (what the browser
# says) and .net (all that it asked for). What it asks for on its own account leads nowhere.
browse() {
    local page=${1%.html} url=file://$1 size=$2,$3 folder
    shift 3
    folder=$(mktemp -d)
    timeout 300 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --no-first-run --disable-background-networking --disable-component-update \
        --disable-sync --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$folder" \
        --enable-logging=stderr --log-net-log="$page.net" --window-size="$size" --hide-scrollbars \
        --screenshot="$page.png" "$@" --dump-dom "$url" \
        >"$page.dom" 2>"$page.log"
    rm -rf "$folder"
}
# The addresses that were asked for, beside the page itself.
asked() {
    grep -o '"url":"[^"]*"' "$1" | grep -F "$2" || true
}
look() {
    python3 "$(dirname "${BASH_SOURCE[0]}")/report.py" "$@"
}

# What would be seen if anything got out of its place: first on a page that lets it.
cat >"$work/control.html" <<'HTML'
<!DOCTYPE html><html><body><img src="http://canary.invalid/x.png"><script>document.title = "ran";
console.error("complaint");</script></body></html>
HTML
check "the browser runs" browse "$work/control.html" 400 300
check "it would tell what a page asks for" test -n "$(asked "$work/control.net" canary.invalid)"
check "and what it complains about" grep -qa 'CONSOLE.*complaint' "$work/control.log"
check "and what became of it" grep -qF '<title>ran</title>' "$work/control.dom"
refute "and whether it is blank" look picture "$work/control.png"

make_key maria
trust_key maria@example.org maria
mkdir "$work/source"
attack='"><img src=http://canary.invalid/y.png><script>document.title="ran"</script>'
for name in article.txt report.txt "${attack//\//:}"; do
    printf '%s' "$name" >"$work/source/$name"
done
cat >"$work/table.csv" <<CSV
filename,dc.title,prov.wasQuotedFrom,dcterms.references
article.txt,"${attack//\"/\"\"}",report.txt,http://canary.invalid/z
CSV
seal "$work/bundle.tar.gz" --metadata "$work/table.csv" --info "External-Description: $attack" \
    "$work/source"
for language in en es; do
    page=$work/$language.html
    expect 0 "a report ($language)" sealbag report --keys "$trust" --language "$language" -o "$page" \
        "$work/bundle.tar.gz"
    check "the browser shows it ($language)" browse "$page" 1000 3000 \
        --print-to-pdf="${page%.html}.pdf"
    refute "it has nothing to complain about ($language)" grep -a CONSOLE "${page%.html}.log"
    equal "nothing is asked for ($language)" '' "$(asked "${page%.html}.net" canary)"
    check "but the page itself ($language)" test -n "$(asked "${page%.html}.net" "file://$page")" -o \
        -s "${page%.html}.dom"
    refute "nothing has run ($language)" grep -qF '<title>ran' "${page%.html}.dom"
    equal "no element came out of a name ($language)" '' \
        "$(grep -oE '<(img|script|iframe|a|form|object|embed)[ >]' "${page%.html}.dom" || true)"
    check "the picture is not blank ($language)" look picture "${page%.html}.png"
    check "it can be printed ($language)" grep -qa '^%PDF-' "${page%.html}.pdf"
done

# ---- many documents ----------------------------------------------------------------------------

look many "$work/many.tar.gz"
expect 4 "10,000 documents get a report" sealbag report --keys "$trust" -o "$work/many.html" \
    "$work/many.tar.gz"
check "which has at most 300 bytes for each" test "$(size_of "$work/many.html")" -lt 3100000
check "the browser shows it" browse "$work/many.html" 1000 1400
equal "with all of them" 10000 "$(grep -c '<bdi>data/document-' "$work/many.dom")"
check "and the picture is not blank" look picture "$work/many.png"
