/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of traps share: exceptions (trap.c), what is delivered when a guest is gone back
 * to (upcall.c), the instructions that Xen executes for a guest (emulate.c, msr.c, cpuid.c), and
 * the processor's state (processor.c, descriptor.c).
 *
 * Words: a bounce is what Xen does to a guest that has to run a handler: it pushes a frame on the
 * guest's kernel stack and lets it continue at the handler.
 */
#ifndef HYPERCALL_SHIM_TRAP_H
#define HYPERCALL_SHIM_TRAP_H

#include "internal.h"

enum vector {
    VECTOR_DEBUG = 1,
    VECTOR_NMI = 2,
    VECTOR_INVALID_OPCODE = 6,
    VECTOR_GENERAL_PROTECTION = 13,
    VECTOR_PAGE_FAULT = 14,
};

/* Bits of a page fault's error code (processor manual). */
#define FAULT_WRITE 0x2U
#define FAULT_USER  0x4U

/* Bits of rflags. */
#define RFLAGS_TF   0x00000100UL
#define RFLAGS_IF   0x00000200UL
#define RFLAGS_DF   0x00000400UL
#define RFLAGS_IOPL 0x00003000UL
#define RFLAGS_NT   0x00004000UL
#define RFLAGS_RF   0x00010000UL
#define RFLAGS_VM   0x00020000UL
#define RFLAGS_AC   0x00040000UL

/* Bits of cr0 and cr4 that a guest has a say in. */
#define CR0_TS    0x8UL
#define CR4_TSD   0x4UL
#define CR4_DE    0x8UL
#define CR4_FSGS  0x10000UL
#define CR4_XSAVE 0x40000UL

/* Xen's fixup_guest_code_selector: a 64-bit guest's kernel runs in ring 3. */
static inline uint16_t ring_3(uint64_t selector) { return (uint16_t)(selector | 3); }

#define CALLBACK_MASKS(type) (1U << (type))

/* ---- trap.c ---- */

struct bounce {
    uint64_t rip; /* the handler; 0: there is none, which crashes the domain */
    bool mask;    /* mask upcalls while it runs */
    bool has_error;
    uint32_t error;
};

/*
 * Changes F, the registers of a guest that does not run now, so that it continues in the handler.
 * False if that cannot be: the frame does not go onto the stack, or there is no handler.
 */
bool trap_push(struct vcpu *v, struct trap_frame *f, const struct bounce *b);
/* As the processor would raise VECTOR; ERROR counts for those that have one. */
bool trap_raise(struct vcpu *v, struct trap_frame *f, unsigned int vector, uint32_t error);
bool trap_raise_page_fault(struct vcpu *v, struct trap_frame *f, uint32_t error, uint64_t cr2);

/* ---- upcall.c ---- */

/* Delivers what is pending and not masked: NMI, upcall. False: the domain has to crash. */
bool upcall_deliver(struct vcpu *v, struct trap_frame *f);
/* What a hypercall that has to end otherwise than by returning does last; returns RESULT, later. */
long upcall_after_hypercall(struct vcpu *v, long result);
/* Before V's first instruction: its user mode, if it begins there, and what is pending. */
bool upcall_begin(struct vcpu *v);
/* A hypercall instruction of a guest in user mode: its kernel's syscall callback. */
long upcall_syscall(struct vcpu *v, unsigned int op, const unsigned long *a);
/* The same two where all registers are known: F, and VECTORS (vectors.h). */
void upcall_by_page(struct vcpu *v, const struct trap_frame *f, const void *vectors, long result)
    __attribute__((noreturn));
void upcall_syscall_by_page(struct vcpu *v, const struct trap_frame *f, const void *vectors)
    __attribute__((noreturn));

/* Looked at after every hypercall, so both bytes at once: pending (not 0), and not masked (0). */
static inline bool upcall_pending(const struct vcpu *v)
{
    uint16_t both;

    memcpy(&both, &v->info->evtchn_upcall_pending, sizeof(both));
    return ((uint16_t)(both - 1) < 0xff) | v->nmi_pending;
}

/* ---- trap_switch.S ---- */

/* The registers of its caller that a function preserves, rip and rsp. Returns a second time. */
long trap_capture(struct trap_frame *f) __attribute__((returns_twice));
/* Continues with F, all of it. */
void trap_continue(struct trap_frame *f) __attribute__((noreturn));
void trap_continue_with(struct trap_frame *f, const void *vectors) __attribute__((noreturn));
/* FUNCTION(V) on the stack that ends at SP. */
void trap_on_stack(void *sp, void (*function)(struct vcpu *v), struct vcpu *v)
    __attribute__((noreturn));

/* Continues what vcpu_switch has left with SP; the stack that this runs on is lost. */
void trap_abandon(void *sp) __attribute__((noreturn));

/* ---- emulate.c, msr.c, cpuid.c ---- */

enum emulated {
    EMULATED_DONE,  /* F is what it shall continue with */
    EMULATED_NOT,   /* not one that Xen emulates: the exception is the guest's */
    EMULATED_CRASH, /* an exception came of it that cannot be delivered */
};

/* The instruction at F's rip has raised #GP(0). */
enum emulated emulate_privileged(struct vcpu *v, struct trap_frame *f);
/* It has raised #GP with a selector: a load of one of Xen's flat segments, or a return to them? */
enum emulated emulate_selector(struct vcpu *v, struct trap_frame *f);
/* It has raised #PF at ADDRESS: a load from Xen's machine-to-physical table at its fixed place? */
enum emulated emulate_m2p_load(struct vcpu *v, struct trap_frame *f, uint64_t address);
/* It has raised #UD: cpuid with Xen's prefix in front? */
enum emulated emulate_forced(struct vcpu *v, struct trap_frame *f);

/* False: #GP. */
bool msr_read(struct vcpu *v, uint32_t msr, uint64_t *value);
bool msr_write(struct vcpu *v, uint32_t msr, uint64_t value);

struct cpuid_leaf {
    uint32_t a, b, c, d;
};
void cpuid_guest(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *out);

/* The ports that IN and OUT reach. */
bool port_allowed(struct vcpu *v, uint16_t port, unsigned int bytes);
uint32_t port_read(struct vcpu *v, uint16_t port, unsigned int bytes);
void port_write(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value);

/* ---- processor_model.c ---- */

/* What CPUID says of the processor. It has LEAF: 0, 1 or what these, and 0x80000000, tell of. */
struct cpuid_leaf processor_says(const struct hypervisor *hv, uint32_t leaf, uint32_t subleaf);

/* ---- processor.c ---- */

uint64_t processor_cr0(const struct vcpu *v);
/* What becomes of a guest's choice of cr4. */
uint64_t processor_cr4(const struct hypervisor *hv, uint64_t value);
/* -ENODEV: #UD; other errors: #GP. */
int processor_set_debugreg(struct vcpu *v, unsigned int reg, uint64_t value);
int processor_get_debugreg(const struct vcpu *v, unsigned int reg, uint64_t *value);
/* Loads what this process can load of V's processor state. */
void processor_load(struct vcpu *v);
/* V was interrupted: what its guest can have changed of that without a hypercall. */
void processor_keep(struct vcpu *v);

/* ---- descriptor.c ---- */

/* Validates and changes DESCRIPTOR as Xen does. */
bool descriptor_check(uint64_t *descriptor);
/* The frames of V's GDT in place of those it has; ENTRIES is within the limit. 0 or -EINVAL. */
int descriptor_set_gdt(struct vcpu *v, const uint64_t *frames, unsigned int entries);
void descriptor_release_gdt(struct vcpu *v);

#endif
