#!/usr/bin/env bash
# docs/findings.md is what the program prints of its own table of rules.
set -euo pipefail

source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
if ! diff -u "$source_dir/docs/findings.md" <("$SEALBAG" help rules); then
    echo "docs/findings.md is out of date. Make it anew: sealbag help rules > docs/findings.md" >&2
    exit 1
fi
echo "docs/findings.md agrees with the table of rules."
