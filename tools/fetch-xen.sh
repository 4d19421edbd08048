#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: fetch-xen.sh [DIRECTORY]
#
# Puts Debian's Xen hypervisor, unpacked, into DIRECTORY/xen (default: ~/.cache/halvm). It is
# taken out of the package, which is not installed: that would change the machine's boot menu.
set -eu
package=xen-hypervisor-4.17-amd64
directory=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/halvm}

[ ! -s "$directory/xen" ] || exit 0
for tool in apt-get dpkg gzip; do
    command -v "$tool" >/dev/null || { echo "fetch-xen: $tool not found: this needs Debian" >&2; exit 1; }
done
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/halvm-xen.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
echo "Fetching Debian's package $package (2 MB; it is not installed)"
if ! apt-get download -qq "$package" >log 2>&1; then
    cat log >&2
    echo "fetch-xen: $package cannot be had: is the network there? is \"apt-get update\" needed?" >&2
    exit 1
fi
dpkg -x "$package"_*.deb root
gzip -dc root/boot/xen-4.17-amd64.gz >"$directory/xen.tmp"
mv "$directory/xen.tmp" "$directory/xen"
echo "$directory/xen"
