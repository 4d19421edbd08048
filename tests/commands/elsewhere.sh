#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The same seed is the same trace, byte for byte, wherever it is run: in another environment, with
# other addresses, and on other machines. Those are QEMU's, with another processor, another kernel
# (Debian's, of xen/dom0) and nothing but the program; they run what this machine runs.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"
build=$bin/..
lib=$build/lib/halvm
run=$lib/halvm-run
programs=$top/tests/scenarios/programs
if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "the same elsewhere" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi
# shellcheck source=tests/commands/register-kernels.sh
. "$top/tests/commands/register-kernels.sh"

# ---- what is run ----

kept=$build/tests/elsewhere # what GHC made, from run to run
build_haskell() { # NAME
    local key
    key=$(cat "$programs/$1.hs" "$programs/Domains.hs" "$lib/stamp" | sha256sum)
    if [ "$key" != "$(cat "$kept/$1.key" 2>/dev/null)" ]; then
        mkdir -p "$kept"
        "$bin/halvm-ghc" -v0 -O1 --target=xen "-i$programs" -outputdir "$kept/$1.objects" \
            "$programs/$1.hs" -o "$kept/$1" && echo "$key" >"$kept/$1.key" || return
    fi
    cp "$kept/$1.xen" .
}
for program in Ping Pong Race; do
    ok "compile $program" build_haskell "$program"
done

# What a guest can see of the processor. It writes it, so it is in the trace.
cat >seen.c <<'C'
#include <stdint.h>
#include <stdio.h>

#include <xen/arch-x86/cpuid.h>
#include <xen/xen.h>

static void print_leaf(uint32_t leaf, uint32_t subleaf)
{
    uint32_t a = leaf, b, c = subleaf, d;

    __asm__ volatile(XEN_CPUID : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a | b | c | d)
        printf("%x.%x: %x %x %x %x\n", leaf, subleaf, a, b, c, d);
}

int main(void)
{
    static const uint32_t from[] = {0, 0x40000000, 0x80000000};
    uint64_t cr4;

    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t leaf = from[i]; leaf < from[i] + 0x30; leaf++)
            for (uint32_t subleaf = 0; subleaf < 20; subleaf++)
                print_leaf(leaf, subleaf);
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    printf("cr4 %lx\n", cr4);
    for (int i = 0; i < 3; i++) {
        uint32_t low, high;

        __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
        printf("counter %x%08x\n", high, low);
    }
    return 0;
}
C
# shellcheck disable=SC2086
ok "compile what looks at the processor" $GUEST_CC -c seen.c -o seen.o
ok "link it" "$bin/halvm-ld" --halvm-target=both -o seen seen.o

config() { # NAME PROGRAM MEMORY ARGUMENTS
    printf 'kernel = "%s.xen"\nmemory = %d\ncmdline = "%s"\n' "$2" "$3" "$4" >"$1.cfg"
}
config race-a Race 16 'a 1 2'
config race-b Race 16 'b 2 1'
config ping Ping 32 'a 1 2 500'
config pong Pong 32 'b 2 1 500'
config seen seen 16 ''

# All of it, by the program $1: traces and output to folder $2. Busybox's shell runs it too.
cat >run-all <<'SH'
all() { # NAME OPTION VALUE DOMAIN...
    trace=$to/$1
    option=$2${3:+ $3}
    shift 3
    $run $option --trace "$trace" "$@" >"$trace.out" 2>&1 </dev/null || echo "status $?" >>"$trace.out"
    rm -f "$trace.times" # real ones
}
real() { # NAME DOMAIN...: no trace, since it is real time
    name=$1
    shift
    $run "$@" >"$to/$name.out" 2>&1 </dev/null || echo "status $?" >>"$to/$name.out"
}
run=$1 to=$2
all race-1 --seed 1 race-a.cfg race-b.cfg
all race-2 --seed 2 race-a.cfg race-b.cfg
all race-virtual --virtual-time '' race-a.cfg race-b.cfg
all ping --seed 3 ping.cfg pong.cfg
all seen --seed 4 seen.cfg
all registers --seed 6 first.xen idle.xen second.xen
real registers-real first.xen idle.xen second.xen
HALVM="seed=5 trace=$to/hosted" ./seen >"$to/hosted.out" 2>&1 || echo "status $?" >>"$to/hosted.out"
rm -f "$to/hosted.times"
SH
mkdir here
ok "what is to be the same elsewhere" timeout 60 sh ./run-all "$run" here
ok "it runs well" bash -c '! grep -H status here/*.out'
ok "all of it is traced" [ "$(find here -type f -size +1 ! -name '*.out' | wc -l)" = 7 ]

# ---- another process ----

# shellcheck disable=SC2317
again() { # COMMAND...: before the options
    local status=0
    rm -f again
    timeout 60 "$@" --seed 1 --trace again race-a.cfg race-b.cfg >again.out 2>&1 </dev/null || status=$?
    cmp again "$work/here/race-1" && cmp again.out "$work/here/race-1.out" && return "$status"
}
# shellcheck disable=SC2317
with_stack() ( # LIMIT COMMAND...
    ulimit -S -s "$1" && shift && again "$@"
)
# shellcheck disable=SC2317
in_folder() {
    mkdir -p some/where/else && cp ./*.cfg ./*.xen some/where/else/ && (cd some/where/else && again "$run")
}
most=$(ulimit -H -s)
some=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
filled=$(head -c 100000 /dev/zero | tr '\0' x)
ok "at other addresses" again "$run"
if setarch -R true 2>/dev/null && setarch -L true 2>/dev/null; then
    ok "at the addresses that Linux chooses without chance" again setarch -R "$run"
    ok "at those of old" again setarch -L "$run"
    ok "with the largest stack, without chance" with_stack "$most" setarch -R "$run"
else
    skip "at addresses that Linux chooses otherwise" "a process may not ask for them here"
fi
ok "without an environment" again env -i "$run"
ok "with a large one" again env TZ=Asia/Tokyo LC_ALL=C LINES=24 COLUMNS=80 "FILLED=$filled" "$run"
ok "with a small stack" with_stack 256 "$run"
ok "with the largest stack" with_stack "$most" "$run"
ok "in another folder" in_folder
ok "on one processor" again taskset -c "$some" "$run"

# ---- other machines ----

if [ -n "${NO_XEN_DOMAINS:-}" ]; then
    skip 'other machines' "$NO_XEN_DOMAINS"
    done_testing
    exit 0
fi
dom0=${HALVM_XEN_DOM0:-$build/xen/dom0}

cat >init <<'SH'
#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
cat /proc/version /proc/cpuinfo
cd /work
sh ./run-all halvm-run /results
tar -C /results -c . >/results.tar
xen-dom0-report </results.tar
reboot -f
SH

# shellcheck disable=SC2317
make_root() {
    local applet
    mkdir -p root/bin root/lib root/lib64 root/dev root/proc root/work root/results &&
        cp "$dom0/busybox" "$run" "$lib/xen-dom0-report" root/bin/ &&
        cp ./*.cfg ./*.xen seen run-all root/work/ &&
        install -m 755 init root/init || return
    for applet in cat mount reboot rm sh tar; do
        ln -s busybox root/bin/$applet
    done
    ldd "$run" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | xargs -I {} cp -L {} root/lib/ &&
        cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/ &&
        (cd root && find . | "$dom0/busybox" cpio -o -H newc -R 0:0) >initrd.cpio
}

# shellcheck disable=SC2317
boot() { # NAME PROCESSOR: what it has run to folder NAME
    mkdir "$1" || return
    timeout -k 5 200 "${HALVM_QEMU:-qemu-system-x86_64}" -accel tcg -cpu "$2" -m 320 -display none \
        -vga none -nodefaults -no-user-config -no-reboot -monitor none -serial "file:$1.log" \
        -chardev "file,id=results,path=$1.tar" -device isa-debugcon,iobase=0xe9,chardev=results \
        -device isa-debug-exit,iobase=0xf4 -kernel "$dom0/vmlinux" -initrd initrd.cpio \
        -append 'console=ttyS0 quiet panic=-1' </dev/null >qemu.log 2>&1
    tar -C "$1" -xf "$1.tar" 2>/dev/null || {
        cat qemu.log "$1.log"
        return 1
    }
}

ok "a file system for other machines" make_root
# An old processor, without what has come since; and one with all that QEMU knows.
# (Without SMAP: where there is that, QEMU 7.2 takes an iretq of a process's for the kernel's.)
for processor in qemu64 max,-smap; do
    machine=${processor%,*}
    ok "$machine: another machine" boot "$machine" "$processor"
    for file in here/*; do
        name=${file##*/}
        case $name in
        *.out) ok "$machine: $name is the same" diff -u "$file" "$machine/$name" ;;
        *) ok "$machine: $name is the same trace" cmp "$file" "$machine/$name" ;;
        esac
    done
done
done_testing
