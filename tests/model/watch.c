/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch.h"

/*
 * What the linker makes of a guest's hypercall(). HYPERVISOR_iret (23) is no call: it goes on with
 * the registers and the stack as they are.
 */
long __real_hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                      unsigned long a4, unsigned long a5);
long watched_hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                       unsigned long a4, unsigned long a5);
__asm__("        .text\n"
        "        .globl __wrap_hypercall\n"
        "__wrap_hypercall:\n"
        "        cmpl $23, %edi\n"
        "        je __real_hypercall\n"
        "        jmp watched_hypercall\n");

long watched_hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                       unsigned long a4, unsigned long a5)
{
    long result = __real_hypercall(op, a1, a2, a3, a4, a5);

    model_after_hypercall();
    return result;
}
