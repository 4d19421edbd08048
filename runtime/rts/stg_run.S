/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Lets a debugger walk from C, through Haskell, to the guest's entry.
 *
 * Haskell code moves %rsp only around its own calls of C and carries no unwind information; what
 * entered it is StgRun, whose frame has one fixed shape. halvm-ld puts this wrapper around StgRun
 * (ld --wrap), which notes where the frame is, and the description below, for all addresses
 * between guest_haskell_start and guest_haskell_end (merge.lds), finds the caller by that note.
 */
#include <DerivedConstants.h>

/*
 * The note is kept beside the virtual registers that %r13 points to in Haskell code, in one that
 * only AVX-512 code uses, which GHC's native code generator never makes.
 */
#define NOTE OFFSET_StgRegTable_rZMM6

/* StgRegTable *StgRun(StgFunPtr f, StgRegTable *registers), which returns the registers. */
    .text
    .globl __wrap_StgRun
    .hidden __wrap_StgRun
    .type __wrap_StgRun, @function
__wrap_StgRun:
    .cfi_startproc
    pushq NOTE(%rsi) /* StgRun is entered again by calls back into Haskell */
    .cfi_adjust_cfa_offset 8
    movq  %rsp, NOTE(%rsi)
    call  __real_StgRun
    popq  NOTE(%rax)
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size __wrap_StgRun, . - __wrap_StgRun

/*
 * DWARF 4, section 6.4. In .debug_frame, which is not loaded and which the linker does not take
 * apart; registers by their numbers in the x86-64 psABI, figure 3.36.
 */
#define DW_CFA_def_cfa_expression 0x0f
#define DW_CFA_offset(reg)        (0x80 | (reg))
#define DW_OP_breg13              0x7d
#define DW_OP_deref               0x06
#define RBX 3
#define RBP 6
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
3:  .byte DW_OP_breg13
    .sleb128 NOTE
    .byte DW_OP_deref
4:  /* Where StgRun saved its caller's registers, in words below its frame. */
    .byte DW_CFA_offset(RIP), 1
    .byte DW_CFA_offset(15), 2
    .byte DW_CFA_offset(14), 3
    .byte DW_CFA_offset(13), 4
    .byte DW_CFA_offset(12), 5
    .byte DW_CFA_offset(RBP), 6
    .byte DW_CFA_offset(RBX), 7
    .p2align 3
2:
    .long 6f - 5f
5:  .long cie
    .quad guest_haskell_start
    .quad guest_haskell_length
    .p2align 3
6:

    .section .note.GNU-stack, "", @progbits
