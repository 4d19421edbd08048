#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm run: whatever a guest does to itself ends its own domain, with a report, and no other. The
# guests here have no handlers for faults (the runtime's are taken away) but where it is said.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "guests that crash" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

cat >crash.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
static struct { unsigned char vector, flags; unsigned short cs; unsigned long address; } table[2];
static void __attribute__((noinline)) deep(volatile char *p)
{
    volatile char more[4096];
    more[0] = *p;
    deep(more);
    more[1] = 1;
}
/* A hypercall with that stack pointer: not called, so that it is the page's return that faults. */
static void with_stack(unsigned long sp)
{
    register unsigned long r8 __asm__("r8") = 0, r9 __asm__("r9") = 0;
    __asm__ volatile("mov %0, %%rsp\n\tjmp hypercall"
                     : : "b"(sp), "D"(17L), "S"(0L), "d"(0L), "c"(0L), "r"(r8), "r"(r9));
}
static int __attribute__((noinline)) broken(int way)
{
    unsigned long rsp;
    switch (way) {
    case 'w': *(volatile int *)0x123456789000 = 1; break;
    case 'u': __asm__ volatile("mov $0x1234, %%eax\n\tud2" : : : "rax"); break;
    case 'h': __asm__ volatile("hlt"); break;
    case 'j': ((void (*)(void))0x123456789000)(); break;
    case 'n': ((void (*)(void))0x4141414141414141)(); break;
    case 'l': *(volatile int *)0x4141414141414141 = 1; break;
    case 's': deep(""); break;
    case '0': with_stack(0); break;
    case 'c': with_stack(0x4141414141414141); break;
    case 'k': with_stack(-4096UL); break;
    case 'r': with_stack((unsigned long)broken & -8UL); break; /* comes back to nowhere */
    case 'd': /* the handler's own stack is gone */
        table[0].vector = 6;
        table[0].address = (unsigned long)deep;
        hypercall(0, (unsigned long)table, 0, 0, 0, 0);
        __asm__ volatile("mov $64, %%esp\n\tud2" : : : "memory");
        break;
    case 'e': /* the handler faults, and so does its handler, until there is no stack left */
        table[0].vector = 6;
        table[0].address = (unsigned long)deep;
        __asm__ volatile("lea 1f(%%rip), %0\n\tjmp 2f\n1:\tud2\n2:" : "=r"(rsp));
        table[0].address = rsp;
        hypercall(0, (unsigned long)table, 0, 0, 0, 0);
        __asm__ volatile("ud2");
        break;
    case 'a': /* no fault: flags that C code cannot have, in a hypercall, which keeps them */
        __asm__ volatile("pushfq\n\torq $0x40000, (%%rsp)\n\tpopfq\n\tstd\n\t"
                         "mov $17, %%edi\n\txor %%esi, %%esi\n\tcall hypercall\n\t"
                         "pushfq\n\tpop %0\n\tpushq $2\n\tpopfq"
                         : "=b"(rsp) : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
        printf("flags %lx\n", rsp & 0x40400);
        return 0;
    }
    return 1;
}
int main(int argc, char **argv)
{
    int status;
    if (argc < 2) {
        for (int i = 0; i < 100; i++)
            hypercall(29, 0, 0, 0, 0, 0);
        puts("well");
        return 0;
    }
    hypercall(0, 0, 0, 0, 0, 0); /* no trap table */
    fflush(stdout);
    status = broken(argv[1][0]);
    return status + 1;
}
C
# shellcheck disable=SC2086
ok "compile" $GUEST_CC -fno-optimize-sibling-calls -w -c crash.c -o crash.o
ok "link" "$bin/halvm-ld" --halvm-target=xen -o crash crash.o
printf 'kernel = "crash.xen"\nmemory = 16\n' >other.cfg

crashes() { # DESCRIPTION WAY FIRST-LINE [REGEX...]
    local what=$1 way=$2 first=$3 regex
    printf 'kernel = "crash.xen"\nmemory = 16\nextra = "%s"\n' "$way" >bad.cfg
    run timeout 30 "$bin/halvm" run bad.cfg other.cfg
    ok "$what: status 1" status_is 1
    ok "$what: a report" has err "^bad: domain [0-9]+: $first"
    for regex in "${@:4}"; do
        ok "$what: it says $regex" has err "^bad:   .*$regex"
    done
    ok "$what: in a dozen lines" [ "$(grep -vc '^bad:     ' err)" -le 15 ]
    ok "$what: the other goes on" has out '^other: well$'
    ok "$what: and is not spoken of" bash -c '! grep -q other: err'
}
crashes 'a wild pointer' w 'page fault: write at 0x123456789000: outside' 'rip 0x[0-9a-f]+ \(broken\+0x' \
    'vCPU 0: the guest has no handler for it$' 'code at rip: [0-9a-f]{2} ' 'from main\+0x'
crashes 'ud2' u 'invalid opcode' 'rax 0000000000001234 ' 'code at rip: 0f 0b '
crashes 'a privileged instruction' h 'general protection fault' 'code at rip: f4 '
crashes 'a jump to nowhere' j 'page fault: execute at 0x123456789000' 'rip 0x123456789000 \(\?\)' 'from broken\+0x'
crashes 'a jump to what is no address' n 'general protection fault' 'rip 0x[0-9a-f]+ \(broken\+0x'
crashes 'a pointer that is no address' l 'general protection fault' 'rip 0x[0-9a-f]+ \(broken\+0x'
crashes 'an endless recursion' s 'page fault: (write|read) at 0x[0-9a-f]+: ' 'rip 0x[0-9a-f]+ \(deep\+0x'
crashes 'a hypercall with the stack at 0' 0 'page fault: write at 0xfffffffffffffff8: outside' \
    'rip 0x[0-9a-f]+ \(hypercall_page\+0x220\) rsp 0x0$'
crashes 'a hypercall with a stack that is no address' c 'stack fault' 'rsp 0x4141414141414141'
crashes 'a hypercall with a stack in the kernel' k 'page fault: write at 0xffffffffffffeff8' 'hypercall_page\+0x220'
crashes 'a hypercall with a stack in the code' r '' 'rsp 0x'
crashes 'a handler without a stack' d 'invalid opcode' 'its handler \(0x[0-9a-f]+\) cannot be called: the stack \(0x40\) is the null page'
crashes 'a handler that faults' e 'invalid opcode' 'cannot be called: the stack'
printf 'kernel = "crash.xen"\nmemory = 16\nextra = "a"\n' >flags.cfg
run timeout 30 "$bin/halvm" run flags.cfg
ok "a hypercall with alignment checks and DF: it keeps them" has out '^flags 40400$'
ok "nothing is said" cmp /dev/null err
done_testing
