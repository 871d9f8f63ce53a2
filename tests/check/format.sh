#!/usr/bin/env bash
# All C files are laid out as .clang-format says. Other versions of clang-format lay out differently.
set -euo pipefail

source_dir=${SEALBAG_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
version=14

for tool in "clang-format-$version" clang-format ''; do
    if [ -z "$tool" ]; then
        echo "Skipped: there is no clang-format $version here."
        exit 77
    fi
    if command -v "$tool" >/dev/null && "$tool" --version | grep -q "version $version\\."; then
        break
    fi
done

cd "$source_dir"
mapfile -d '' -t files < <(find src include tests -type f -name '*.[ch]' -print0 | LC_ALL=C sort -z)
if [ "${#files[@]}" -eq 0 ]; then
    echo "No C file was found."
    exit 1
fi
if ! "$tool" --dry-run -Werror --style=file "${files[@]}"; then
    echo "Lay these files out with: $tool -i FILE"
    exit 1
fi
echo "${#files[@]} files are laid out as .clang-format says."
