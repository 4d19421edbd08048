/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For guests that raise exceptions: attempt() runs instructions, and where they trap, the handler
 * notes everything that Xen has put in front of it and goes on after them. Nothing here needs the
 * iret hypercall, which is tested elsewhere.
 */
#ifndef TESTS_CONFORMANCE_EXCEPTION_H
#define TESTS_CONFORMANCE_EXCEPTION_H

#include <stdint.h>
#include <string.h>

#include <xen/xen.h>

#include "core/hypercall.h"
#include "core/shared_info.h"

#define STUB_SIZE   32
#define NO_VECTOR   (-1L)
#define CALLBACK(n) (256 + (n)) /* seen_vector of stub 256 + N: for callbacks */

/* What the handler found; the asm below knows the order. */
extern volatile struct seen {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rsp, rflags; /* at the handler's first instruction */
    uint64_t words[9];    /* from there upwards */
    int64_t vector;       /* or CALLBACK(n), or NO_VECTOR: nothing has trapped */
    uint64_t count;
    uint64_t resume_rip, resume_rsp, resume_rbp; /* where it went on */
} seen;

/* The parts of a frame, by <xen/arch-x86/xen-x86_64.h>: { rcx, r11, [error,] rip ... }. */
struct bounced {
    uint64_t rcx, r11, error, rip, cs, rflags, rsp, ss;
};

static inline int has_error_code(int64_t vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

static inline struct bounced bounced(void)
{
    volatile uint64_t *w = seen.words;
    int e = has_error_code(seen.vector);

    return (struct bounced){w[0],     w[1],     e ? w[2] : 0, w[2 + e],
                            w[3 + e], w[4 + e], w[5 + e],     w[6 + e]};
}

/*
 * Runs CODE (a string of assembly; all registers but rsp and rbp are its own). Afterwards
 * seen.vector says whether it trapped. The label 771 is its first instruction, 772 the one after.
 */
#define attempt(code)                                                                              \
    ({                                                                                             \
        seen.vector = NO_VECTOR;                                                                   \
        __asm__ volatile("movq $772f, seen + 224\n\tmovq %%rsp, seen + 232\n\t"                    \
                         "movq %%rbp, seen + 240\n\t"                                              \
                         "771:\n\t" code "\n772:\n\t" ::                                           \
                             : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", \
                               "r12", "r13", "r14", "r15", "memory", "cc");                        \
        seen.vector;                                                                               \
    })

extern const char exception_stubs[];

static inline unsigned long stub(unsigned int number)
{
    return (unsigned long)exception_stubs + STUB_SIZE * number;
}

/* Handlers for the vectors that a guest can raise, with FLAGS in the trap table. */
static inline long handle_exceptions(uint8_t flags)
{
    static const uint8_t vectors[] = {0, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 16, 17, 19};
    static trap_info_t table[sizeof vectors + 1];

    for (unsigned int i = 0; i < sizeof vectors; i++)
        table[i] = (trap_info_t){vectors[i], flags, FLAT_KERNEL_CS, stub(vectors[i])};
    return hypercall_set_trap_table(table);
}

static inline long handle_vector(uint8_t vector, uint8_t flags)
{
    trap_info_t table[2] = {{vector, flags, FLAT_KERNEL_CS, stub(vector)}, {0}};

    return hypercall_set_trap_table(table);
}

/* No event may come on its own: with this, upcalls can be unmasked. */
static inline void quiet(void)
{
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    shared_vcpu_info()->evtchn_pending_sel = 0;
    shared_vcpu_info()->evtchn_upcall_pending = 0;
}

/*
 * HYPERVISOR_iret to CONTEXT, which it takes from the stack pointer (<xen/arch-x86/xen-x86_64.h>).
 * hypercall() has no stack of the guest's to look at when it is a C function, so CONTEXT is its
 * argument too. rax, rcx and r11 of the frame are what the hypercall page pushes.
 */
void __attribute__((noreturn)) portable_iret(const struct iret_context *context);

/* 264 stubs; what they have in common fills in `seen` and goes on where attempt() said. */
__asm__("    .bss\n"
        "    .p2align 4\n"
        "    .globl seen\n"
        "seen: .skip 248\n"
        "iret_frame: .skip 16384 + 80\n"
        "    .text\n"
        "    .p2align 5\n"
        "    .globl exception_stubs\n"
        "exception_stubs:\n"
        "    .set number, 0\n"
        "    .rept 264\n"
        "    .p2align 5\n"
        "    movq $number, seen + 208\n"
        "    jmp  note_and_resume\n"
        "    .set number, number + 1\n"
        "    .endr\n"
        "note_and_resume:\n"
        "    movq %rax, seen\n"
        "    movq %rbx, seen + 8\n"
        "    movq %rcx, seen + 16\n"
        "    movq %rdx, seen + 24\n"
        "    movq %rsi, seen + 32\n"
        "    movq %rdi, seen + 40\n"
        "    movq %rbp, seen + 48\n"
        "    movq %r8, seen + 56\n"
        "    movq %r9, seen + 64\n"
        "    movq %r10, seen + 72\n"
        "    movq %r11, seen + 80\n"
        "    movq %r12, seen + 88\n"
        "    movq %r13, seen + 96\n"
        "    movq %r14, seen + 104\n"
        "    movq %r15, seen + 112\n"
        "    movq %rsp, seen + 120\n"
        "    movq %rsp, %rsi\n"
        "    pushfq\n"
        "    popq seen + 128\n"
        "    cld\n"
        "    movq $seen + 136, %rdi\n"
        "    movl $9, %ecx\n"
        "    rep movsq\n"
        "    incq seen + 216\n"
        "    movq seen + 232, %rsp\n"
        "    movq seen + 240, %rbp\n"
        "    jmp  *seen + 224\n"
        "    .p2align 4\n"
        "    .globl portable_iret\n"
        "portable_iret:\n"
        "    cld\n"
        "    movq %rdi, %rsi\n"
        "    movq %rdi, %rdx\n"
        "    movq $iret_frame + 16384, %rdi\n"
        "    movl $9, %ecx\n"
        "    rep movsq\n"
        "    movq $iret_frame + 16384 + 24, %rsp\n" /* r11 rcx rax are pushed */
        "    movl $23, %edi\n"
        "    movq %rdx, %rsi\n"
        "    jmp  hypercall\n");

#endif
