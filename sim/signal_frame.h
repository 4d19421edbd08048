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

/*
 * A guest's kernel may load a null selector into %fs, which clears the base of our thread-local
 * memory without a fault. Called next, before anything that needs it: gives it back. Returns
 * whether it was lost.
 */
static inline __attribute__((always_inline)) bool signal_restore_fs(void)
{
    extern uint64_t signal_fs_base __attribute__((visibility("hidden")));
    uint64_t base;

    if (!signal_fs_base)
        return false;
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    if (base == signal_fs_base)
        return false;
    __asm__ volatile("wrfsbase %0" ::"r"(signal_fs_base) : "memory");
    return true;
}

/* Makes signal_restore_fs do so, if the processor and Linux have the instructions (Linux 5.9). */
void signal_keep_fs(void);

#endif
