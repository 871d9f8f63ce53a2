#!/usr/bin/env bash
# The worked example of docs/provenance.md: its commands are run as they stand there, and say what
# stands there, but for what is another thing each time. A command whose output is left out there
# must only succeed.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

document=$source_dir/docs/provenance.md
mkdir "$work/desk" "$work/bin"
cd "$work/desk"
ln -s "$SEALBAG" "$work/bin/sealbag"
PATH=$work/bin:$PATH
cp -R "$source_dir/docs/example/courier" "$source_dir/docs/example/courier.csv" .
make_key anna
cp "$work/keys/anna" anna.key
check "Anna's key is trusted" \
    sealbag trust add anna@example.org "$work/keys/anna.pub"

# Keys, seals, dates and versions are others each time.
mask() {
    sed -E -e 's#SHA256:[A-Za-z0-9+/]{43}#SHA256:*#g' -e 's/^(  Seal id:  )[0-9a-f]+/\1*/' \
        -e 's/(judged at |Sealed:   )[0-9-]+T[0-9:]+Z/\1*/' \
        -e 's/(Bagging-Date: |sealbag )[0-9][0-9.-]*/\1*/'
}

commands=0
# try COMMAND OUTPUT, which ends in its exit code when that is not 0
try() {
    local command=$1 wanted=$2 found code=0
    commands=$((commands + 1))
    if [[ $command =~ ^sealbag\ ([a-z]+) ]] && ! sealbag help "${BASH_REMATCH[1]}" >/dev/null 2>&1; then
        skip_part "this program has no such command: $command"
        return 0
    fi
    found=$(bash -c "$command" 2>&1) || code=$?
    if [ "$code" -ne 0 ]; then
        found=$found${found:+$'\n'}"(exit code $code)"
    fi
    if [ -z "$wanted" ]; then
        equal "it succeeds: $command" 0 "$code"
    else
        equal "it says what the document says: $command" "$(mask <<<"$wanted")" "$(mask <<<"$found")"
    fi
}

command=
output=
inside=0
while IFS= read -r line; do
    if [ "$line" = '```' ] || { [ "$inside" -eq 1 ] && [ "${line:0:2}" = '$ ' ]; }; then
        if [ -n "$command" ]; then
            try "$command" "${output%$'\n'}"
        fi
        command=
        output=
    fi
    if [ "$line" = '```' ]; then
        inside=$((1 - inside))
    elif [ "$inside" -eq 1 ] && [ "${line:0:2}" = '$ ' ]; then
        command=${line:2}
    elif [ "$inside" -eq 1 ]; then
        output+=$line$'\n'
    fi
done <"$document"
check "the document has its commands ($commands)" test "$commands" -ge 12

# ---- the picture -------------------------------------------------------------------------------

if have dot; then
    check "Graphviz draws the graph" dot -Tsvg -o graph.svg graph.dot
    check "with the documents in it" grep -q 'data/notices/notice&#45;1.txt\|data/notices/notice-1.txt' graph.svg
else
    skip_part "what Graphviz draws (dot is not installed)"
fi
