/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Into and out of a guest with all its registers: struct trap_frame, whose order is r15 r14 r13
 * r12 r11 r10 r9 r8 rdi rsi rbp rbx rdx rcx rax rip cs rflags rsp ss.
 */
#define RBP    80
#define RBX    88
#define RIP    120
#define CS     128
#define RFLAGS 136
#define RSP    144
#define SS     152

#include "vectors.h"

        .text

/* long trap_capture(struct trap_frame *f): F continues behind its call, with F's rax as result. */
        .globl  trap_capture
        .type   trap_capture, @function
        .p2align 4
trap_capture:
        .cfi_startproc
        movq    %r15, 0(%rdi)
        movq    %r14, 8(%rdi)
        movq    %r13, 16(%rdi)
        movq    %r12, 24(%rdi)
        movq    %rbp, RBP(%rdi)
        movq    %rbx, RBX(%rdi)
        movq    (%rsp), %rax
        movq    %rax, RIP(%rdi)
        leaq    8(%rsp), %rax
        movq    %rax, RSP(%rdi)
        pushfq
        popq    RFLAGS(%rdi)
        xorl    %eax, %eax
        ret
        .cfi_endproc
        .size   trap_capture, .-trap_capture

/*
 * void trap_continue(const struct trap_frame *f): to ring 3 from ring 3, with this process's own
 * selectors. The frame itself serves as the stack that iretq needs.
 */
        .globl  trap_continue
        .type   trap_continue, @function
        .p2align 4
trap_continue:
        .cfi_startproc
        xorl    %eax, %eax
        movw    %cs, %ax
        movq    %rax, CS(%rdi)
        movw    %ss, %ax
        movq    %rax, SS(%rdi)
        movq    %rdi, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rbp
        popq    %rbx
        popq    %rdx
        popq    %rcx
        popq    %rax
        iretq
        .cfi_endproc
        .size   trap_continue, .-trap_continue

/* void trap_continue_with(struct trap_frame *f, const void *vectors): those too. */
        .globl  trap_continue_with
        .type   trap_continue_with, @function
        .p2align 4
trap_continue_with:
        .cfi_startproc
        restore_vectors rsi
        jmp     trap_continue
        .cfi_endproc
        .size   trap_continue_with, .-trap_continue_with

/* void trap_on_stack(void *sp, void (*function)(struct vcpu *v), struct vcpu *v) */
        .globl  trap_on_stack
        .type   trap_on_stack, @function
        .p2align 4
trap_on_stack:
        .cfi_startproc
        .cfi_undefined rip
        leaq    -256(%rdi), %rsp
        andq    $-16, %rsp
        pushq   $2 /* the guest's flags are no good for C, and NT none for iretq */
        popfq
        movq    %rdx, %rdi
        call    *%rsi
        ud2
        .cfi_endproc
        .size   trap_on_stack, .-trap_on_stack

/* void trap_abandon(void *sp): continues what vcpu_switch has left with SP; this side is lost. */
        .globl  trap_abandon
        .type   trap_abandon, @function
        .p2align 4
trap_abandon:
        .cfi_startproc
        .cfi_undefined rip
        fxrstor64 vectors_unused(%rip) /* the guest's registers of the x87 are lost too */
        movq    %rdi, %rsp
        jmp     vcpu_switch_resume
        .cfi_endproc
        .size   trap_abandon, .-trap_abandon

/* As xsave stores it where nothing is in use (vectors.h): control words, and a header of zeroes. */
        .section .rodata
        .globl  vectors_unused
        .type   vectors_unused, @object
        .p2align 6
vectors_unused:
        .word   0x37f /* VCPU_FCW */
        .skip   UNUSED_MXCSR - 2
        .long   MXCSR_INITIAL
        .skip   576 - UNUSED_MXCSR - 4
        .size   vectors_unused, .-vectors_unused

        .section .note.GNU-stack, "", @progbits
