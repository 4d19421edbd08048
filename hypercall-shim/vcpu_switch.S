/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The coroutine switch. What the System V ABI lets a callee change is not saved: the caller of
 * a switch expects it to be lost. (swapcontext saves the signal mask too: two system calls.)
 */
        .text

/*
 * void vcpu_switch(void **save_sp, void *to_sp): saves this side, continues the other.
 * vcpu_switch_back: the same.
 *
 * The processor predicts returns by the calls that it has seen. The scheduler goes to a vCPU by a
 * jump to vcpu_switch (sched.c), which returns; a vCPU goes back by a call of vcpu_switch_back,
 * which jumps. So a vCPU's calls are all that are open, and if the next one waits where the last one
 * does, as most do in a hypercall, all its returns are predicted. That is half of a switch's time.
 */
        .macro  save_and_change_stack
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
        /* Both sides use the same control words as a rule: loading them is dear. */
        movl    (%rsp), %eax
        movzwl  4(%rsp), %ecx
        movq    %rsi, %rsp
        cmpl    (%rsp), %eax
        jne     vcpu_switch_resume
        cmpw    4(%rsp), %cx
        jne     vcpu_switch_resume
        .endm

        .macro  restore
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        cld
        .endm

        .globl  vcpu_switch_back
        .type   vcpu_switch_back, @function
        .p2align 4
vcpu_switch_back:
        .cfi_startproc
        save_and_change_stack
        restore
        popq    %rcx
        jmpq    *%rcx
        .cfi_endproc
        .size   vcpu_switch_back, .-vcpu_switch_back

        .globl  vcpu_switch
        .type   vcpu_switch, @function
        .p2align 4
vcpu_switch:
        .cfi_startproc
        save_and_change_stack
        jmp     1f
        .cfi_endproc

/* Where a side continues; also after a crash, put into the processor by a signal handler. */
        .globl  vcpu_switch_resume
vcpu_switch_resume:
        .cfi_startproc
        .cfi_def_cfa_offset 64
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
1:      restore
        ret
        .cfi_endproc
        .size   vcpu_switch, .-vcpu_switch

/*
 * void vcpu_start(void **save_sp, const struct vcpu_entry *entry): the first switch to a vCPU,
 * with all registers of ENTRY (internal.h). The stack is the guest's, and may be of no use yet:
 * nothing is written to it, rip goes through a variable.
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
        movq    152(%rax), %rcx
        testq   %rcx, %rcx
        jz      1f
        fxrstor (%rcx)
        jmp     2f
1:      fninit
        fldcw   144(%rax)
        ldmxcsr 148(%rax)
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        xorps   %xmm\n, %xmm\n
        .endr
2:      movq    (%rax), %rcx
        movq    %rcx, %fs:vcpu_start_rip@tpoff
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
        pushq   136(%rax)
        popfq
        movq    8(%rax), %rsp
        movq    48(%rax), %rax
        jmpq    *%fs:vcpu_start_rip@tpoff
        .cfi_endproc
        .size   vcpu_start, .-vcpu_start

/*
 * void vcpu_restore(void **save_sp, struct trap_frame *f, const void *fpu, unsigned int extended):
 * the switch to a vCPU that was interrupted: all that xsave, or fxsave, has stored in FPU, then F.
 * Nothing is written to its stack, below which its code may have something.
 */
        .globl  vcpu_restore
        .type   vcpu_restore, @function
        .p2align 4
vcpu_restore:
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
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        testl   %ecx, %ecx
        jz      1f
        movl    $-1, %eax /* all components that Linux has switched on */
        movl    $-1, %edx
        xrstor64 (%rsi)
        jmp     trap_continue
1:      fxrstor64 (%rsi)
        jmp     trap_continue
        .cfi_endproc
        .size   vcpu_restore, .-vcpu_restore

        .section .tbss, "awT", @nobits
        .p2align 3
        .type   vcpu_start_rip, @object
        .size   vcpu_start_rip, 8
vcpu_start_rip:
        .skip   8
        .text

        .section .note.GNU-stack, "", @progbits
