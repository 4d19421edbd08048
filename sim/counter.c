/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The processor's time stamp counter in a run that shall be repeatable: Linux lets RDTSC fault, and
 * a guest's is executed for it (hypercall-shim/emulate.c), with a number that each run has. For the
 * host's own, of which most are Linux's (the vDSO), it is switched on for a moment.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <sys/prctl.h>
#include <valgrind/valgrind.h>
#include <x86intrin.h>

static bool is_hidden;

void counter_hide(void)
{
    /* valgrind reads it in a guest's place, where no handler of ours would hear of a fault. */
    if (!RUNNING_ON_VALGRIND)
        is_hidden = !prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
}

bool counter_of_host(struct trap_frame *f)
{
    const uint8_t *code = (const uint8_t *)(uintptr_t)f->rip;
    unsigned int processor = 0;
    bool rdtsc, rdtscp;
    uint64_t now;

    if (!is_hidden || trap_in_guest(f->rip) || code[0] != 0x0f)
        return false;
    rdtsc = code[1] == 0x31;
    rdtscp = code[1] == 0x01 && code[2] == 0xf9;
    if (!rdtsc && !rdtscp)
        return false;
    prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
    now = rdtsc ? __rdtsc() : __rdtscp(&processor);
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    f->rax = now & UINT32_MAX;
    f->rdx = now >> 32;
    if (rdtscp)
        f->rcx = processor;
    f->rip += rdtsc ? 2 : 3;
    return true;
}
