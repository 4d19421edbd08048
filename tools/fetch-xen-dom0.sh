#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: fetch-xen-dom0.sh [DIRECTORY]
#
# Makes a small Linux that can be Xen's initial domain and start others, in DIRECTORY/dom0
# (default: ~/.cache/halvm/dom0):
#   vmlinux    Debian's kernel
#   base.cpio  xl, xenstored, xenconsoled and busybox, with their libraries and the kernel's modules
#   busybox    for the host: it makes the rest of the initramfs (xen-domains)
# All of it comes out of Debian's packages, which are not installed; root is not needed.
set -eu
script=$(readlink -f "$0")
directory=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/halvm}
packages='xen-utils-4.17 xenstore-utils libxenmisc4.17 libxencall1 libxendevicemodel1 libxenevtchn1
    libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenstore4 libxentoolcore1 libxentoollog1
    libyajl2 libuuid1 busybox-static'

die() {
    echo "fetch-xen-dom0: $*" >&2
    exit 1
}

# Made again if this script has changed.
! cmp -s "$0" "$directory/dom0/made-by" || exit 0
for tool in apt-get apt-cache dpkg xz readelf strip ldd; do
    command -v "$tool" >/dev/null || die "$tool not found: this needs Debian, with binutils and xz-utils"
done
# The kernel for clouds cannot be an initial domain.
kernel=$(apt-cache depends linux-image-amd64 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1)
[ -n "$kernel" ] || die 'no kernel is known: is "apt-get update" needed?'

mkdir -p "$directory/dom0"
directory=$(cd "$directory/dom0" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/halvm-dom0.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"
echo "Fetching Debian's $kernel and 15 packages of Xen's tools (72 MB; they are not installed)"
# shellcheck disable=SC2086
if ! apt-get download -qq $packages "$kernel" >log 2>&1; then
    cat log >&2
    die 'they cannot be had: is the network there? is "apt-get update" needed?'
fi
for package in *.deb; do
    dpkg -x "$package" root
done

# ---- the kernel ----

number() { # FILE OFFSET SIZE: a little-endian number
    od -An "-tu$3" "-j$2" "-N$3" "$1" | tr -d ' '
}

put() { # FILE OFFSET SIZE NUMBER
    at=$2
    value=$4
    for _ in $(seq "$3"); do
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $((value & 255)))" |
            dd of="$1" bs=1 seek="$at" conv=notrunc status=none
        at=$((at + 1))
        value=$((value >> 8))
    done
}

# Out of the bzImage (Linux, Documentation/arch/x86/boot.rst: setup_sects, payload_offset,
# payload_length), since Xen would take seconds to unpack it: an xz stream, and its length.
unpack() { # BZIMAGE ELF
    start=$((($(number "$1" 497 1) + 1) * 512 + $(number "$1" 584 4)))
    length=$(($(number "$1" 588 4) - 4))
    tail -c +$((start + 1)) "$1" | head -c "$length" | xz -dc >"$2"
    [ "$(number "$2" 0 4)" = 1179403647 ] || die "no ELF file in $1"
}

# Its last segment is 20 MB of zeroes after the data. Without them, and without the sections after
# them, there is less to read into memory. What is dropped must be zero, which Xen fills with.
shorten() { # ELF
    readelf -lW "$1" | awk '$1 == "LOAD" { n++; print n - 1, $2, $5, $6 }' | tail -n 1 >segment
    read -r index offset filled size <segment
    bss=$(readelf -SW "$1" | sed -n 's/^.* \.bss  *NOBITS  *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')
    [ -n "$bss" ] && [ $((filled)) = $((size)) ] || return 0
    new=$((0x$bss - offset))
    [ $new -gt 0 ] && [ $new -lt $((filled)) ] || return 0
    tail -c +$((offset + new + 1)) "$1" | head -c $((filled - new)) | cmp -s -n $((filled - new)) - /dev/zero ||
        return 0
    truncate -s $((offset + new)) "$1"
    # Elf64_Phdr.p_filesz; Elf64_Ehdr.e_shoff, .e_shnum and .e_shstrndx
    put "$1" $(($(number "$1" 32 8) + 56 * index + 32)) 8 $new
    put "$1" 40 8 0
    put "$1" 60 4 0
}

unpack root/boot/vmlinuz-* vmlinux
shorten vmlinux

# ---- the programs ----

base=$work/base
mkdir -p base/bin base/lib base/lib64 base/lib/modules base/etc/xen base/proc base/dev base/run/xen \
    base/run/lock base/run/xenstored base/var/lib/xen base/var/lib/xenstored \
    base/var/log/xen/console base/results
: >base/etc/xen/xl.conf
ln -s /run base/var/run
ln -s /run/lock base/var/lock
cp root/bin/busybox base/bin/
for applet in cat cp dmesg insmod killall mkdir mkfifo mount reboot sh sleep tar; do
    ln -s busybox base/bin/$applet
done
programs='usr/lib/xen-4.17/bin/xl usr/lib/xen-4.17/bin/xenstored usr/lib/xen-4.17/bin/xenconsoled
    usr/bin/xenstore-write'
own=$work/root/usr/lib/x86_64-linux-gnu
for program in $programs; do
    cp -L "root/$program" base/bin/
    LD_LIBRARY_PATH=$own ldd "root/$program"
done >libraries
! grep 'not found' libraries >&2 || die 'the tools of Xen need libraries that this machine does not have'
cp /lib64/ld-linux-x86-64.so.2 base/lib64/
# xl aborts at its end if pthread_exit cannot load the last one.
{
    sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' libraries
    LD_LIBRARY_PATH='' ldd /usr/bin/env | sed -n 's/.*=> \(\/.*\)libc.so.6 .*/\1libgcc_s.so.1/p'
} | sort -u | while read -r library; do
    cp -L "$library" base/lib/
done
[ -e base/lib/libgcc_s.so.1 ] || die 'libgcc_s.so.1 not found'
chmod -R u+w base
strip --strip-unneeded base/lib/*.so* base/bin/xl base/bin/xenstored base/bin/xenconsoled
# In the order of loading
n=0
for module in xen-privcmd xen-evtchn xen-gntdev xenfs/xenfs; do
    n=$((n + 1))
    cp root/lib/modules/*/kernel/drivers/xen/$module.ko "base/lib/modules/$n-${module##*/}.ko"
done
strip --strip-debug base/lib/modules/*.ko

cp root/bin/busybox "$directory/busybox"
mv vmlinux "$directory/vmlinux"
(cd "$base" && find . | LC_ALL=C sort | "$directory/busybox" cpio -o -H newc -R 0:0) >"$directory/base.cpio.tmp" 2>log || {
    cat log >&2
    exit 1
}
mv "$directory/base.cpio.tmp" "$directory/base.cpio"
cp "$script" "$directory/made-by"
echo "$directory"
