#!/usr/bin/env bash
# A document of 5 GiB, sparse where the file system can (issue 3, bar 4): larger than what 32 bits
# count, in the tar, in gzip's length field and in the manifest.
set -euo pipefail
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

size=$((5 << 30))
if sanitized; then
    echo "A sanitizer build takes minutes for 5 GiB."
    exit 77
fi
make_key maria
trust_key maria
mkdir "$work/source"
if ! truncate -s "$size" "$work/source/large" 2>"$work/err"; then
    echo "This file system holds no file of 5 GiB."
    exit 77
fi
if [ "$(du -k "$work/source/large" | cut -f 1)" -gt 100000 ]; then
    echo "This file system holds no sparse files."
    exit 77
fi
printf 'end' | dd of="$work/source/large" bs=1 seek="$((size - 3))" conv=notrunc status=none

expect 0 "a document of 5 GiB is sealed" seal "$work/large.tar.gz" --level 1 "$work/source"
check "the bundle is small" test "$(stat -c %s "$work/large.tar.gz")" -lt 100000000
expect 0 "it verifies" verify --json "$work/large.tar.gz"
says "\"bytes\":$size" "the verdict has its size"
