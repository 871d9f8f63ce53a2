#!/usr/bin/env bash
# Installs the Debian 12 packages that are missing. This is the one place that lists them.
#
#   scripts/install-deps.sh [build | demo | test]     install; test is the default
#   scripts/install-deps.sh --list [build | demo | test]   only print the list
#
#   build   what compiles sealbag (gettext: its msgfmt compiles the translations of reports)
#   demo    build, and the stock tools that check a bag without sealbag
#   test    demo, and what all tests and checks need
#
# When nothing is missing it needs neither root nor a network.
set -euo pipefail

build_packages=(build-essential cmake ninja-build pkg-config
    libsodium-dev libarchive-dev zlib1g-dev libisal-dev libzstd-dev libssl-dev libseccomp-dev
    libutf8proc-dev libjansson-dev libqrencode-dev gettext libexif-dev libexpat1-dev libqpdf-dev)
stock_packages=(coreutils gzip libarchive-tools minisign openssh-client openssl pigz tar util-linux
    zstd)
test_packages=(7zip libcmocka-dev clang clang-format clang-tidy libclang-rt-14-dev valgrind gcovr
    e2fsprogs git imagemagick libimage-exiftool-perl man-db mandoc python3-minimal qpdf strace
    unzip chromium)

# Where there is no apt-get: what must be there, by the commands and pkg-config modules it brings.
build_commands=(cc cmake ninja pkg-config msgfmt)
stock_commands=(gzip bsdtar minisign ssh-keygen openssl pigz tar zstd)
test_commands=(gcc clang clang-tidy valgrind git strace)
modules=(libsodium libarchive zlib libisal libzstd libcrypto libseccomp libutf8proc jansson
    libqrencode libexif expat libqpdf)

usage() {
    echo "usage: scripts/install-deps.sh [--list] [build | demo | test]" >&2
    exit 2
}

list_only=0
if [ "${1-}" = --list ]; then
    list_only=1
    shift
fi
[ "$#" -le 1 ] || usage
packages=("${build_packages[@]}")
commands=("${build_commands[@]}")
case ${1-test} in
    build) ;;
    demo)
        packages+=("${stock_packages[@]}")
        commands+=("${stock_commands[@]}")
        ;;
    test)
        packages+=("${stock_packages[@]}" "${test_packages[@]}")
        commands+=("${stock_commands[@]}" "${test_commands[@]}")
        modules+=(cmocka)
        ;;
    *) usage ;;
esac

if [ "$list_only" = 1 ]; then
    printf '%s\n' "${packages[@]}"
    exit 0
fi

# ---- not Debian: look for the tools themselves -------------------------------------------------

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    absent=()
    for name in "${commands[@]}"; do
        command -v "$name" >/dev/null || absent+=("$name")
    done
    for name in "${modules[@]}"; do
        pkg-config --exists "$name" 2>/dev/null || absent+=("$name (for pkg-config)")
    done
    if [ "${#absent[@]}" -gt 0 ]; then
        echo "There is no apt-get here, and these are missing:" >&2
        printf '  %s\n' "${absent[@]}" >&2
        echo "Install them with this system's own package manager. On Debian 12 the packages are:" >&2
        echo "  ${packages[*]}" >&2
        exit 1
    fi
    exit 0
fi

# ---- Debian ------------------------------------------------------------------------------------

missing=()
for name in "${packages[@]}"; do
    # shellcheck disable=SC2016  # the format is dpkg-query's
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$name")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "These packages are missing, and there is no sudo here: ${missing[*]}" >&2
        echo "An administrator can install them with:" >&2
        echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing the missing packages: ${missing[*]}"
apt() {
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 "$@"
}
apt update -q
apt install -q -y --no-install-recommends "${missing[@]}"
