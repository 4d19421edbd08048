/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exceptions. Xen pushes, from the stack's end down: ss rsp rflags cs rip, an error code for some
 * vectors, r11 rcx (<xen/arch-x86/xen-x86_64.h>). Every stub makes the frames alike and hands them
 * to trap_report, which does not come back.
 */
    .text
    .globl trap_stubs
trap_stubs:
    .set vector, 0
    .rept 32
    .p2align 4
    popq  %rcx
    popq  %r11
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
    pushq $0
    .endif
    pushq $vector
    jmp   trap_common
    .set vector, vector + 1
    .endr

trap_common:
    cld /* Xen leaves DF as it was */
    pushq %r15
    pushq %r14
    pushq %r13
    pushq %r12
    pushq %r11
    pushq %r10
    pushq %r9
    pushq %r8
    pushq %rbp
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rbx
    pushq %rax
    movq  %rsp, %rdi
    andq  $-16, %rsp
    call  trap_report
    ud2

    .section .note.GNU-stack, "", @progbits
