/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For handlers of signals that interrupt guests: what Linux has saved of the processor, and with
 * what that goes on. CONTEXT is the handler's third argument.
 */
#ifndef SIM_SIGNAL_FRAME_H
#define SIM_SIGNAL_FRAME_H

#include <stddef.h>

#include "hypervisor.h"

struct trap_frame signal_registers(const void *context);
void signal_set_registers(void *context, const struct trap_frame *f);

/* The other registers, as xsave stores them, or fxsave, and their SIZE. */
const void *signal_fpu(const void *context, size_t *size);

/* The processor goes on at RIP in code of the host, of which no guest's flag or register is left.
 */
void signal_go_on(void *context, uint64_t rip, uint64_t rsp);

/*
 * A guest's alignment checks are not for us: first of all in a handler its flags go. Linux gives
 * them back at the end, but for NT, which Xen too clears for a handler.
 */
static inline __attribute__((always_inline)) void signal_clear_flags(void)
{
    __asm__ volatile("pushq $2\n\tpopfq" ::: "cc", "memory");
}

#endif
