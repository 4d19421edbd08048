/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where the shim enters the image in a Linux process: as a PV kernel is entered (%rsi the start
 * info page, %rsp the boot stack), with the guest's address window in %rdi and %rdx and the
 * virtual base in %rcx, since these are the process's to choose.
 */
    .text
    .globl hosted_entry
    .type hosted_entry, @function
hosted_entry:
    .cfi_startproc
    .cfi_undefined rip
    cld
    xorl  %ebp, %ebp
    movq  %rcx, %r8
    movq  %rdx, %rcx
    movq  %rdi, %rdx
    movq  %rsi, %rdi
    movq  %r8, %rsi
    call  guest_start
    ud2
    .cfi_endproc
    .size hosted_entry, . - hosted_entry

    .section .note.GNU-stack, "", @progbits
