/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The coroutine switch. What the System V ABI lets a callee change is not saved: the caller of
 * a switch expects it to be lost. (swapcontext saves the signal mask too: two system calls.)
 */
        .text

/* void vcpu_switch(void **save_sp, void *to_sp): saves this side, continues the other. */
        .globl  vcpu_switch
        .type   vcpu_switch, @function
        .p2align 4
vcpu_switch:
        .cfi_startproc
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        .cfi_endproc

/* Where a side continues; also after a crash, put into the processor by a signal handler. */
        .globl  vcpu_switch_resume
vcpu_switch_resume:
        .cfi_startproc
        .cfi_def_cfa_offset 64
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        cld
        ret
        .cfi_endproc
        .size   vcpu_switch, .-vcpu_switch

/*
 * void vcpu_start(void **save_sp, const struct vcpu_entry *entry): the first switch to a vCPU.
 * ENTRY: struct vcpu_entry.
 * rip goes through a slot below the stack pointer.
 */
        .globl  vcpu_start
        .type   vcpu_start, @function
        .p2align 4
vcpu_start:
        .cfi_startproc
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)
        movq    %rsi, %rax
        pushq   136(%rax)
        popfq
        movq    8(%rax), %rsp
        movq    0(%rax), %rcx
        movq    %rcx, -8(%rsp)
        movq    16(%rax), %rdi
        movq    24(%rax), %rsi
        movq    32(%rax), %rdx
        movq    40(%rax), %rcx
        movq    56(%rax), %rbx
        movq    64(%rax), %rbp
        movq    72(%rax), %r8
        movq    80(%rax), %r9
        movq    88(%rax), %r10
        movq    96(%rax), %r11
        movq    104(%rax), %r12
        movq    112(%rax), %r13
        movq    120(%rax), %r14
        movq    128(%rax), %r15
        movq    48(%rax), %rax
        jmpq    *-8(%rsp)
        .cfi_endproc
        .size   vcpu_start, .-vcpu_start

        .section .note.GNU-stack, "", @progbits
