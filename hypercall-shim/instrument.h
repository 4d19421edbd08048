/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What AddressSanitizer, ThreadSanitizer and valgrind must be told: that the stack changes, and
 * that memory came or went behind their backs. All of it is nothing in an ordinary build or run.
 */
#ifndef HYPERCALL_SHIM_INSTRUMENT_H
#define HYPERCALL_SHIM_INSTRUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <valgrind/valgrind.h>

struct hypervisor;
struct vcpu;

/* V's stack is [v->stack, v->stack + v->stack_size): from now on, until instrument_stack_gone. */
void instrument_stack(struct vcpu *v);
void instrument_stack_gone(struct vcpu *v);

/*
 * Around each switch, on the side that leaves and on the one that arrives. Inline where they are
 * nothing: a switch is as fast as a few calls.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void instrument_before_enter(struct vcpu *v);
void instrument_arrived_in_vcpu(struct vcpu *v);
void instrument_before_leave(struct vcpu *v);
void instrument_arrived_in_host(struct vcpu *v);
#else
static inline void instrument_before_enter(struct vcpu *v) { (void)v; }
static inline void instrument_arrived_in_vcpu(struct vcpu *v) { (void)v; }
static inline void instrument_before_leave(struct vcpu *v) { (void)v; }
static inline void instrument_arrived_in_host(struct vcpu *v) { (void)v; }
#endif

/* Whether these are something. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static inline bool instrument_switches(void) { return true; }
#else
static inline bool instrument_switches(void) { return false; }
#endif

/*
 * First thing in a hypercall. A vCPU's first entry goes straight into the guest, so the switch to
 * its stack is completed here.
 */
#ifdef __SANITIZE_ADDRESS__
void instrument_hypercall(struct vcpu *v) __attribute__((no_sanitize("address")));
#else
static inline void instrument_hypercall(struct vcpu *v) { (void)v; }
#endif

/* Guest memory at [VA, VA + LEN) has been mapped (and has contents), or taken away. */
void instrument_mapped(void *va, size_t len, bool there);

/*
 * The guest's memory at VA has been written through another mapping of the same frames: memcheck
 * keeps its books by address and would take it for uninitialised.
 */
void instrument_wrote(uint64_t va, size_t len);

/*
 * Whether a tool keeps books by address of what may be read and written: it must not see that the
 * hypervisor does so where a guest has, say, a stack frame.
 */
#ifdef __SANITIZE_ADDRESS__
static inline bool instrument_watches_memory(void) { return true; }
#else
static inline bool instrument_watches_memory(void) { return RUNNING_ON_VALGRIND != 0; }
#endif

/* Whether faults that are repaired and tried again would disturb the tool that looks on. */
bool instrument_dislikes_faults(void);

#endif
