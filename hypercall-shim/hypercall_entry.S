/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The ways in: a C call, for guests that are linked with the library, and what the hypercall pages
 * lead to that it fills (hypercall_stack.c). The latter run on a stack of the vCPU's own: wherever a
 * guest's stack pointer points to, no handler faults there. But for rax, rcx and r11 such a guest
 * finds all as it was (<xen/arch-x86/xen-x86_64.h>), so its vector registers are saved too
 * (vectors.h), and where another vCPU gets the processor those of the x87 (vectors.c): of what a PV
 * guest of Xen 4.17 can have, nothing is left out. A C call changes what a C function may.
 *
 * The order of struct trap_frame: r15 r14 r13 r12 r11 r10 r9 r8 rdi rsi rbp rbx rdx rcx rax rip cs
 * rflags rsp ss, vector and error code, cr2.
 */
#include "vectors.h"

#define R10    40
#define R9     48
#define R8     56
#define RDI    64
#define RSI    72
#define RDX    96
#define RAX    112
#define RIP    120
#define RFLAGS 136
#define RSP    144
#define GPRS   160
#define REST   16 /* of the frame */

#define IRET 23 /* __HYPERVISOR_iret */

/* Flags of a guest that C code cannot have, nor iretq: DF, NT, AC */
#define BAD_FLAGS 0x44400

        .text

/* Pushes the general registers: a struct trap_frame, from its cs down. */
.macro push_registers
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rbx
        pushq   %rbp
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
.endm

/*
 * long hypercall(unsigned int op, a1 .. a5). HYPERVISOR_iret is not called but jumped to, with
 * all registers as the interrupted code shall have them but those of the arguments. It gets them
 * all, on the stack, where real Xen's hypercall page too pushes some.
 */
        .globl  hypercall
        .type   hypercall, @function
        .p2align 4
hypercall:
        .cfi_startproc
        cmpl    $IRET, %edi
        je      1f
        jmp     hypercall_enter
1:      subq    $GPRS - RIP, %rsp
        push_registers
        movq    %rsp, %rdi
iret_entered: /* rdi: the registers; rsi: the frame */
        andq    $-16, %rsp
        save_vectors
        movq    %rsp, %rdx
        cld
        call    hypercall_iret
        ud2
        .cfi_endproc
        .size   hypercall, .-hypercall

/*
 * The iret entry of a hypercall page: all registers are the interrupted code's, and the frame is at
 * the stack pointer, rax, r11 and rcx included. A vCPU may have no stack for it, in tests.
 */
        .globl  hypercall_page_iret
        .type   hypercall_page_iret, @function
        .p2align 4
hypercall_page_iret:
        .cfi_startproc
        .cfi_undefined rip
        movq    %rsp, %rcx
        movq    %fs:current@tpoff, %rax
        movq    (%rax), %rax /* hypercall_sp */
        testq   %rax, %rax
        cmovnzq %rax, %rsp
        subq    $GPRS - RIP, %rsp
        push_registers
        movq    %rsp, %rdi
        movq    %rcx, %rsi
        jmp     iret_entered
        .cfi_endproc
        .size   hypercall_page_iret, .-hypercall_page_iret

/* All others: rax is the number, rcx where it returns to, in the page. */
        .globl  hypercall_page_entry
        .type   hypercall_page_entry, @function
        .p2align 4
hypercall_page_entry:
        .cfi_startproc
        .cfi_undefined rip
        movq    %fs:current@tpoff, %r11
        movq    (%r11), %r11 /* hypercall_sp */
        xchgq   %rsp, %r11
        subq    $REST + 8, %rsp
        pushq   %r11
        pushfq
        subq    $8, %rsp
        pushq   %rcx
        push_registers
        testl   $BAD_FLAGS, RFLAGS(%rsp)
        jnz     bad_flags
1:      movq    %rsp, %rdi
        save_vectors
        movq    %rsp, %rsi
        call    hypercall_by_page
        restore_vectors rsp
        addq    $VECTORS_SIZE, %rsp
        movq    RIP(%rsp), %rcx
        movq    RSP(%rsp), %r11
        movq    RDX(%rsp), %rdx
        movq    RSI(%rsp), %rsi
        movq    RDI(%rsp), %rdi
        movq    R8(%rsp), %r8
        movq    R9(%rsp), %r9
        movq    R10(%rsp), %r10
        testl   $BAD_FLAGS, RFLAGS(%rsp)
        jnz     2f
        movq    %r11, %rsp
        jmp     *%rcx
2:      pushq   RFLAGS(%rsp)
        popfq
        movq    %r11, %rsp
        jmp     *%rcx
bad_flags:
        pushq   $2
        popfq
        jmp     1b
        .cfi_endproc
        .size   hypercall_page_entry, .-hypercall_page_entry

        .section .note.GNU-stack, "", @progbits
