#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm run in real time: a guest that computes keeps the processor from nobody, and does not notice
# that it is taken from it. What a guest counts is how often: it has Xen tell it its runstate, whose
# time of entry changes when it gets the processor again.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "guests that compute" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

cat >spin.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
static struct {
    int state;
    unsigned long entry, time[4];
} runstate;
unsigned long saved[16], flags, red_zone[16];
unsigned char ymm[16][32], x87[10];
unsigned int mxcsr;
volatile unsigned long *entry = &runstate.entry;

static int has_avx(void)
{
    unsigned a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (c >> 28 & 1) && (c >> 27 & 1); /* and OSXSAVE */
}

/*
 * All registers get patterns, waits until *entry changes, and stores what is in the registers then.
 * rax is the entry, rbx its address, rsp as it is.
 */
extern void wait_full(int avx);
__asm__(".text\n"
        "wait_full:\n"
        " push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        " mov %edi, avx(%rip)\n"
        " fninit; fldpi; fldl2e\n"
        " lea pattern(%rip), %rax\n"
        " .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        " movups \\n*32(%rax), %xmm\\n\n"
        " .endr\n"
        " test %edi, %edi; jz 1f\n"
        " .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        " vmovups \\n*32(%rax), %ymm\\n\n"
        " .endr\n"
        "1: ldmxcsr odd(%rip)\n"
        " .irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n"
        " movq $0x1111*\\n, -8*\\n(%rsp)\n"
        " .endr\n"
        " mov entry(%rip), %rbx\n"
        " mov (%rbx), %rax\n"
        " mov $0xa1a1a1a1a1a1a1a1, %rcx\n mov $0xa2a2a2a2a2a2a2a2, %rdx\n"
        " mov $0xa3a3a3a3a3a3a3a3, %rsi\n mov $0xa4a4a4a4a4a4a4a4, %rdi\n"
        " mov $0xa5a5a5a5a5a5a5a5, %rbp\n mov $0xa8a8a8a8a8a8a8a8, %r8\n"
        " mov $0xa9a9a9a9a9a9a9a9, %r9\n mov $0xaaaaaaaaaaaaaaaa, %r10\n"
        " mov $0xabababababababab, %r11\n mov $0xacacacacacacacac, %r12\n"
        " mov $0xadadadadadadadad, %r13\n mov $0xaeaeaeaeaeaeaeae, %r14\n"
        " mov $0xafafafafafafafaf, %r15\n"
        " std\n"
        "2: cmp %rax, (%rbx)\n je 2b\n"
        " mov %rcx, 8+saved(%rip)\n mov %rdx, 16+saved(%rip)\n mov %rsi, 24+saved(%rip)\n"
        " mov %rdi, 32+saved(%rip)\n mov %rbp, 40+saved(%rip)\n mov %r8, 64+saved(%rip)\n"
        " mov %r9, 72+saved(%rip)\n mov %r10, 80+saved(%rip)\n mov %r11, 88+saved(%rip)\n"
        " mov %r12, 96+saved(%rip)\n mov %r13, 104+saved(%rip)\n mov %r14, 112+saved(%rip)\n"
        " mov %r15, 120+saved(%rip)\n"
        " .irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n"
        " mov -8*\\n(%rsp), %rcx\n mov %rcx, 8*(\\n-1)+red_zone(%rip)\n"
        " .endr\n"
        " pushf\n pop flags(%rip)\n cld\n"
        " fstpt x87(%rip)\n"
        " stmxcsr mxcsr(%rip)\n ldmxcsr usual(%rip)\n fninit\n"
        " lea ymm(%rip), %rax\n"
        " .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        " movups %xmm\\n, \\n*32(%rax)\n"
        " .endr\n"
        " cmpl $0, avx(%rip); je 3f\n"
        " .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
        " vmovups %ymm\\n, \\n*32(%rax)\n"
        " .endr\n"
        " vzeroupper\n"
        "3: pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n ret\n"
        ".data\n"
        "avx: .long 0\nusual: .long 0x1f80\nodd: .long 0x5f80\n"
        ".globl pattern\npattern:\n"
        " .set i, 0\n .rept 512\n .byte (i*7+1) & 255\n .set i, i+1\n .endr\n"
        ".text\n");
extern unsigned char pattern[16][32];

static const unsigned char log2_of_e[10] = {0xbc, 0xf0, 0x17, 0x5c, 0x29, 0x3b, 0xaa, 0xb8, 0xff, 0x3f};

static int wrong(int avx)
{
    for (unsigned i = 1; i < 16; i++)
        if (i != 6 && i != 7 && saved[i] != (0xa0 + i) * 0x0101010101010101UL)
            return printf("register %u: %lx\n", i, saved[i]);
    for (unsigned i = 0; i < 16; i++) {
        if (red_zone[i] != 0x1111 * (i + 1))
            return printf("red zone, -%u: %lx\n", 8 * (i + 1), red_zone[i]);
        if (memcmp(ymm[i], pattern[i], avx ? 32 : 16))
            return printf("vector register %u\n", i);
    }
    if (!(flags & 0x400))
        return printf("flags: %lx\n", flags);
    if (mxcsr != 0x5f80)
        return printf("mxcsr: %x\n", mxcsr);
    if (memcmp(x87, log2_of_e, 10))
        return printf("x87\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    unsigned long times = argc > 2 ? strtoul(argv[2], 0, 0) : 1, area = (unsigned long)&runstate;
    struct { unsigned id, timeout; } watchdog = {0, 1};

    printf("begins\n");
    fflush(stdout);
    hypercall(24, 5, 0, (unsigned long)&area, 0, 0); /* VCPUOP_register_runstate_memory_area */
    if (!strcmp(what, "watchdog"))
        hypercall(29, 6, (unsigned long)&watchdog, 0, 0, 0);
    if (!strcmp(what, "watchdog") || !strcmp(what, "forever"))
        for (;;)
            __asm__ volatile("");
    if (!strcmp(what, "hypercalls")) /* which end at once, until the processor was lost */
        for (unsigned long i = 0; i < times; i++)
            for (unsigned long before = *entry; *entry == before;)
                hypercall(17, 7, 0, 0, 0, 0);
    if (!strcmp(what, "count"))
        for (unsigned long i = 0; i < times; i++)
            for (unsigned long before = *entry; *entry == before;)
                ;
    if (!strcmp(what, "registers")) {
        int avx = has_avx();

        for (unsigned long i = 0; i < times; i++) {
            wait_full(avx);
            if (wrong(avx))
                return 1;
        }
    }
    printf("ends\n");
    return 0;
}
C
# shellcheck disable=SC2086
ok "compile" $GUEST_CC -c spin.c -o spin.o
ok "link" "$bin/halvm-ld" --halvm-target=xen -o spin spin.o

cfg() { # NAME EXTRA LINE...
    printf 'name = "%s"\nkernel = "spin.xen"\nmemory = 16\nextra = "%s"\n' "$1" "$2" >"$1.cfg"
    printf '%s\n' "${@:3}" >>"$1.cfg"
}
cfg short ''
cfg watchdog watchdog
run timeout 60 "$bin/halvm" run watchdog.cfg short.cfg
ok "one computes for ever: the other ends" has out '^short: ends$'
ok "and its watchdog it: status 1" status_is 1
ok "which says so" has err '^watchdog: domain [0-9]+ shut down for reason 4$'
cfg restart watchdog 'on_watchdog = "restart"'
begins=$(timeout 60 "$bin/halvm" run restart.cfg 2>err </dev/null | head -n 2)
ok "on_watchdog restart: it begins anew" [ "$begins" = $'begins\nbegins' ]
cfg one 'count 20'
cfg two 'count 20'
run timeout 60 "$bin/halvm" run one.cfg two.cfg
ok "two that compute: both go on" status_is 0
ok "to their ends" [ "$(grep -c ends out)" = 2 ]
cfg one 'hypercalls 5'
cfg two 'count 5'
run timeout 60 "$bin/halvm" run one.cfg two.cfg
ok "one that makes hypercalls, which all end at once, too" status_is 0
cfg one 'registers 100'
cfg two 'registers 100'
run timeout 60 "$bin/halvm" run one.cfg two.cfg
ok "what is in the registers and below the stack pointer stays" status_is 0
ok "of both" [ "$(grep -c ends out)" = 2 ]
cfg one 'registers 20'
cfg two 'hypercalls 20'
run timeout 60 "$bin/halvm" run one.cfg two.cfg
ok "beside one that makes hypercalls too" status_is 0
cfg forever forever
mkfifo lines
timeout 60 "$bin/halvm" run forever.cfg >lines 2>err </dev/null &
child=$!
read -r line <lines
kill -INT $child
wait $child 2>/dev/null
status=$?
ok "one that computes for ever has written that it begins" [ "$line" = begins ]
ok "and ends by SIGINT" [ "$status" = 130 ]

# ---- the daemon ----

export XDG_RUNTIME_DIR=$work/run
mkdir -m 700 run
ok "a daemon begins" timeout 60 "$bin/halvm" daemon
ok "the daemon takes one that computes for ever" timeout 60 "$bin/halvm" create forever.cfg
for command in pause unpause destroy; do
    ok "and can $command it" timeout 60 "$bin/halvm" "$command" forever
done
run timeout 60 "$bin/halvm" list
ok "so that it is gone" bash -c '! grep -q forever out'
ok "the daemon ends" timeout 60 "$bin/halvm" daemon --stop --force
done_testing
