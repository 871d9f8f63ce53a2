#!/usr/bin/env bash
# The bundle that lies in the repository was made by the first version: every later one must judge it
# in the same way. The key that lies there verifies it, and nothing secret lies beside.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bundle=$source_dir/docs/example/demo.tar.gz
keys=$source_dir/keys

expect 0 "the example verifies with the keys of the repository" sealbag verify --keys "$keys" "$bundle"
says 33d182763cd05685300961f48daa54b0 "its seal id is the one that was published"
says 'Sealed:   2026-11-25T10:00:00Z' "its sealing time is the signer's"
expect 3:trust.too-few "without a trust store its signer is unknown" sealbag verify "$bundle"
expect 0 "it is extracted" sealbag extract --keys "$keys" -C "$work" "$bundle"
equal "with its four documents" \
    "news/article.txt notices/notice-1.txt notices/notice-2.txt report.txt" \
    "$(cd "$work/demo/data" && find . -type f -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
expect 0 "the check by hand agrees" sh "$by_hand" -p "$keys/demo.pub" "$work/demo"
refute "no secret key lies in the repository" \
    grep -rlE --exclude-dir=build --exclude-dir=.git \
    '^[R]WRTY0Iy|^[R]WQAAEIy|^-----BEGIN [A-Z ]*[P]RIVATE KEY' "$source_dir"
