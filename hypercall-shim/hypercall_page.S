/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where the hypercall pages lead that tools have Xen fill (XEN_DOMCTL_hypercall_init): from the
 * registers of a hypercall (<xen/arch-x86/xen-x86_64.h>) to those of a C call. But for rax, rcx
 * and r11 a guest finds all as it was; so the vector registers are saved too.
 */
        .text
        .globl  hypercall_page_entry
        .type   hypercall_page_entry, @function
        .p2align 4
hypercall_page_entry:
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %r8
        pushq   %r9
        pushq   %r10
        subq    $512, %rsp
        andq    $-16, %rsp
        fxsave64 (%rsp)
        movq    %r8, %r9
        movq    %r10, %r8
        movq    %rdx, %rcx
        movq    %rsi, %rdx
        movq    %rdi, %rsi
        movl    %eax, %edi
        call    hypercall
        fxrstor64 (%rsp)
        leaq    -48(%rbp), %rsp
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   hypercall_page_entry, .-hypercall_page_entry

        .section .note.GNU-stack, "", @progbits
