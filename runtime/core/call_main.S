/* SPDX-License-Identifier: BSD-3-Clause
 *
 * int call_main(int argc, char **argv): calls main. GHC compiles the main of a program without
 * unwind information, so this notes where its frame is, and the description below, for the
 * object that GHC makes for it (between guest_main_start and guest_main_end, merge.lds), lets a
 * debugger pass it.
 */
    .text
    .globl call_main
    .hidden call_main
    .type call_main, @function
call_main:
    .cfi_startproc
    subq  $8, %rsp
    .cfi_adjust_cfa_offset 8
    movq  %rsp, main_frame(%rip)
    call  main
    addq  $8, %rsp
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size call_main, . - call_main

    .bss
    .p2align 3
    .type main_frame, @object
main_frame:
    .quad 0
    .size main_frame, 8

/* DWARF 4, section 6.4. In .debug_frame, which is not loaded and which the linker does not check. */
#define DW_CFA_def_cfa_expression 0x0f
#define DW_CFA_offset(reg)        (0x80 | (reg))
#define DW_OP_const4s             0x0d /* addresses are below 2 GiB; valgrind knows no DW_OP_addr */
#define DW_OP_deref               0x06
#define RIP 16

    .section .debug_frame, "", @progbits
    .p2align 3
cie:
    .long 2f - 1f
1:  .long 0xffffffff    /* a CIE */
    .byte 1             /* version */
    .asciz ""
    .uleb128 1          /* code alignment */
    .sleb128 -8         /* data alignment */
    .byte RIP           /* return address column */
    .byte DW_CFA_def_cfa_expression
    .uleb128 4f - 3f
3:  .byte DW_OP_const4s
    .long main_frame
    .byte DW_OP_deref
4:  .byte DW_CFA_offset(RIP), 1
    .p2align 3
2:
    .long 6f - 5f
5:  .long cie
    .quad guest_main_start
    .quad guest_main_length
    .p2align 3
6:

    .section .note.GNU-stack, "", @progbits
