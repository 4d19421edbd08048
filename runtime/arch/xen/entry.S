/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where Xen enters the image. State of the processor at start of day: <xen/arch-x86/xen-x86_64.h>,
 * "start-of-day memory layout" in <xen/xen.h>: %rsi is the start info page, %rsp the boot stack.
 * The ELF notes tell the domain builder what it must know (<xen/elfnote.h>).
 */
#define __ASSEMBLY__
#include <xen/elfnote.h>
#include <xen/xen.h>

/*
 * The guest's own range of addresses: far from the image and below Xen's own hole. It is told in a
 * note, of our own name, and read there: where several guests share an address space
 * (sim/image_notes.c), the builder writes another one there.
 */
#define WINDOW_BASE 0x4200000000
#define WINDOW_SIZE 0x4000000000
#define NOTE_WINDOW 1

.macro note type, value:vararg
    .pushsection .note.Xen, "a", @note
    .p2align 2
    .long 4
    .long 2f - 1f
    .long \type
    .asciz "Xen"
1:  \value
2:  .p2align 2
    .popsection
.endm

    note XEN_ELFNOTE_GUEST_OS,       .asciz "halvm"
    note XEN_ELFNOTE_GUEST_VERSION,  .asciz "1"
    note XEN_ELFNOTE_LOADER,         .asciz "generic"
    note XEN_ELFNOTE_XEN_VERSION,    .asciz "xen-3.0"
    note XEN_ELFNOTE_VIRT_BASE,      .quad guest_image_start
    note XEN_ELFNOTE_PADDR_OFFSET,   .quad guest_image_start
    note XEN_ELFNOTE_ENTRY,          .quad xen_entry
    note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
    note XEN_ELFNOTE_PAE_MODE,       .asciz "yes"

    .pushsection .note.Xen, "a", @note
    .p2align 2
    .long 6
    .long 16
    .long NOTE_WINDOW
    .asciz "halvm"
    .p2align 2
window:
    .quad WINDOW_BASE, WINDOW_SIZE
    .popsection

    .text
    .globl xen_entry
    .type xen_entry, @function
xen_entry:
    cld
    xorl  %ebp, %ebp
    fninit
    ldmxcsr initial_mxcsr
    movq  %rsi, %rbx

    /* %fs: code built with a stack protector reads its canary at %fs:0x28. */
    movl  $SEGBASE_FS, %edi
    movq  $thread_block, %rsi
    movl  $__HYPERVISOR_set_segment_base, %eax
    call  hypercall_page + 32 * __HYPERVISOR_set_segment_base

    movq  %rbx, %rdi
    movq  $guest_image_start, %rsi
    movq  window(%rip), %rdx
    movq  window + 8(%rip), %rcx
    call  guest_start
    ud2
    .size xen_entry, . - xen_entry

/*
 * long hypercall(unsigned op, unsigned long a1 .. a5): Xen takes its arguments in rdi rsi rdx r10 r8
 * and answers in rax (<xen/arch-x86/xen-x86_64.h>).
 */
    .globl hypercall
    .type hypercall, @function
hypercall:
    movl  %edi, %eax
    movq  %rsi, %rdi
    movq  %rdx, %rsi
    movq  %rcx, %rdx
    movq  %r8, %r10
    movq  %r9, %r8
    movl  %eax, %ecx
    shll  $5, %ecx
    addq  $hypercall_page, %rcx
    jmp   *%rcx
    .size hypercall, . - hypercall

    .section .text.hypercall_page, "ax", @progbits
    .p2align 12
    .globl hypercall_page
hypercall_page:
    .skip 4096, 0xcc

    .section .rodata
    .p2align 2
initial_mxcsr:
    .long 0x1f80

    .data
    .p2align 6
thread_block:
    .quad thread_block
    .skip 0x20
    .quad 0x5bd1e995a7c35300    /* %fs:0x28; the low byte is zero to stop strings */
    .skip 0x40

    .section .note.GNU-stack, "", @progbits
