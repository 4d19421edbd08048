#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The same guest is linked for Linux and for Xen: the objects are equal but for arch/, and a guest
# object reaches the world through hypercall() alone.
. "$(dirname "$0")/tap.sh"

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "both links" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi
cp "$top/examples/Hello/Hello.hs" .
link() { # TARGET
    # GHC notes its arguments in the program, so those must be the same; and it is compiled before,
    # since GHC numbers its temporary files.
    rm -f hello hello.xen
    "$bin/halvm-ghc" -v0 -O1 "--target=$1" -optl--halvm-keep=guest.o Hello.hs -o hello &&
        mv guest.o "$1.o"
}
ok "compile" "$bin/halvm-ghc" -v0 -O1 -c Hello.hs
ok "a link for Xen" link xen
ok "a hosted link" link hosted
ok "the guest objects of both links are equal, byte for byte" cmp hosted.o xen.o

undefined=$(nm -u hosted.o | awk '{print $2}' | grep -v '^_GLOBAL_OFFSET_TABLE_$')
ok "the one undefined symbol is hypercall" [ "$undefined" = hypercall ]
globals=$(nm -g --defined-only hosted.o | awk '{print $3}')
ok "the one global symbol is the entry" [ "$globals" = guest_start ]
objdump -d --no-show-raw-insn hosted.o >code
lacks() { ! grep -nE "$2" "$1"; }
ok "there is no system call in it" lacks code '[[:space:]](syscall|sysenter|int[[:space:]]+\$0x80)'
ok "and no thread pointer" lacks code '%fs:0x0([^0-9a-f]|$)'
ok "the check can fail: a system call is found" bash -c "printf 'syscall\n' | as -o s.o - && \
    objdump -d --no-show-raw-insn s.o | grep -qE '[[:space:]]syscall'"

# What is in the executables beside the guest object: the sections of the guest are the same size.
sizes() { readelf -SW "$1" | awk '/\.guest\.(text|rodata)/ { print $(NF - 5) }' FS='[][ ]+'; }
ok "the executable has the guest's sections" [ -n "$(sizes hello)" ]
for arch in hosted xen; do
    ok "arch/$arch is the only other guest code, and defines an entry" \
        bash -c "nm '$bin/../lib/halvm/entry-$arch.o' | grep -q ' T ${arch}_entry'"
done
done_testing
