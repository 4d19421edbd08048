#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A guest that faults with no handler of its own (the runtime's is taken away), that ends in the
# other ways of a domain, and what surrounds a hosted program: its files, its output, a debugger.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"

cat >faults.c <<'C'
#include <stdio.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
int main(int argc, char **argv)
{
    char word[16];
    unsigned reason;
    volatile int zero = 0;
    if (argc < 2)
        return 0;
    puts("started");
    if (argv[1][0] == 'i')
        return fgets(word, 16, stdin) ? strcmp(word, "wor\xe4\n") ? 6 : 5 : 7;
    hypercall(0, 0, 0, 0, 0, 0); /* no trap table */
    switch (argv[1][0]) {
    case 'd': return argc / zero;
    case 'u': __asm__ volatile("ud2");
    case 'b': __asm__ volatile("int3");
    case 'g': __asm__ volatile("hlt");
    case 'w': *(volatile int *)0x123456789000 = 1;
    case 'x': ((void (*)(void))0x123456789000)();
    case 'r': *(volatile char *)main = 1;
    case 'z': __asm__ volatile("xor %%esp, %%esp\n\tmov $17, %%edi\n\tjmp hypercall" : : : "memory");
    case 'n': __asm__ volatile("mov %0, %%rsp\n\tmov $17, %%edi\n\tjmp hypercall"
                               : : "r"(0x4141414141414141) : "memory");
    case 'c': reason = 3; hypercall(29, 2, (unsigned long)&reason, 0, 0, 0);
    case 's': reason = 2; hypercall(29, 2, (unsigned long)&reason, 0, 0, 0);
    }
    return 0;
}
C
ok "compile" gcc -O2 -fno-pie -w -c faults.c
ok "link" "$bin/halvm-ld" -o faults faults.o

dies() { # WORD STATUS REGEX
    run ./faults "$1"
    ok "$1: status $2" status_is "$2"
    ok "$1: a line that says so" has err "^faults: domain 1.*$3"
    ok "$1: what was printed before is there" has out '^started$'
}
dies divide 136 'divide error'
dies undefined 132 'invalid opcode'
dies breakpoint 133 'breakpoint'
dies general 139 'general protection fault'
dies write 139 'page fault: write at 0x123456789000: outside'
dies xecute 139 'page fault: execute at 0x123456789000'
dies readonly 139 'page fault: write at .*: mapped read-only'
dies zero 139 'page fault: write at 0xf+8: outside'
ok "zero: the stack is to blame" has err '^faults: the guest.s stack ended during a hypercall$'
dies noncanonical 135 'stack fault'
ok "noncanonical: the stack is to blame" has err '^faults: the guest.s stack ended during a hypercall$'
dies crash 134 'crashed'
dies suspend 1 'shut down for reason 2'

printf 'wor\x0ed\r' >typed # as a serial line has it, from tools/xen_run.c
status=0
HALVM=hardware_domain=1 ./faults input <typed >out 2>err || status=$?
ok "the hardware domain reads its console: status 5" status_is 5
run env LINES=25 COLUMNS=80 ./faults input
ok "under a debugger: memory is there from the beginning; status 7" status_is 7
status=0
./faults input >/dev/full 2>err </dev/null || status=$?
ok "output to a full disk: status 1" status_is 1
ok "which says so" has err '^faults: standard output: No space left on device$'
mkfifo pipe
exec 8<>pipe
exec 9>pipe
exec 8>&- # nobody can read any more
status=0
env --default-signal=PIPE ./faults input >&9 2>err </dev/null || status=$?
exec 9>&-
ok "output to nobody: SIGPIPE" status_is 141

refused() { # HALVM REGEX DESCRIPTION
    run env "HALVM=$1" ./faults
    ok "$3: status 2" status_is 2
    ok "$3: one line" one_line err
    ok "$3: which says so" has err "$2"
}
mkdir folder
truncate -s 80M large.tar
refused ramdisk=folder 'ramdisk=folder: Is a directory$' 'a folder as RAM disk'
refused ramdisk=/dev/null 'ramdisk=/dev/null: not a regular file$' 'a device as RAM disk'
refused 'ramdisk=large.tar memory=64' 'large.tar: its 80 MiB do not fit into memory=64$' \
    'a RAM disk that does not fit'
refused 'ramdisk=large.tar memory=81' 'memory=81: at least [0-9]+ MiB are needed' \
    'a RAM disk that fits, but for the program'
run ./faults "$(printf '%05000d' 0)"
ok "arguments that are too long: status 2" status_is 2
ok "which says so" has err '^faults: the arguments are too long'
done_testing
