/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest's vector registers, as its hypercalls by page and what they lead to keep them: 16 times
 * 32 bytes, then a word that says what they are, and MXCSR, of which the hypervisor has its own.
 * Any function of the C library may use AVX, and clears the upper halves after that; and so may
 * guests that run meanwhile. Most guests have nothing in the upper halves, which is seen sooner
 * than they are loaded; and a processor whose upper halves are in use, be it as zeroes, may execute
 * SSE instructions more slowly. Nor do most have anything in what AVX-512 adds, which xgetbv tells;
 * it is kept where hypercall_sp points to, as xsave stores it.
 */
#ifndef HYPERCALL_SHIM_VECTORS_H
#define HYPERCALL_SHIM_VECTORS_H

#define VECTORS_KIND     512
#define VECTORS_MXCSR    516
#define VECTORS_SIZE     528
#define VECTORS_UPPER    1 /* VECTORS_KIND: all 32 bytes count, else the first 16 */
#define VECTORS_AVX      2 /* there are upper halves */
#define VECTORS_AVX512   4 /* and those of AVX-512 */
#define VECTORS_EXTENDED 8 /* which are in use */
#define VECTORS_XSTATE   0xe0

/* Of struct vcpu */
#define VCPU_HAS_AVX    8
#define VCPU_HAS_AVX512 9

#define MXCSR_INITIAL 0x1f80
#define UNUSED_MXCSR  24 /* of vectors_unused */

#ifdef __ASSEMBLER__
/* clang-format off */

/* Pushes them, with "current" set. Changes rax, rcx, rdx and flags. */
.macro save_vectors
        subq    $VECTORS_SIZE, %rsp
        movq    %fs:current@tpoff, %rax
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  %xmm\n, 32 * \n(%rsp)
        .endr
        movl    $0, VECTORS_KIND(%rsp)
        stmxcsr VECTORS_MXCSR(%rsp)
        cmpl    $MXCSR_INITIAL, VECTORS_MXCSR(%rsp)
        je      15f
        ldmxcsr vectors_unused + UNUSED_MXCSR(%rip)
15:     cmpb    $0, VCPU_HAS_AVX(%rax)
        je      18f
        movl    $VECTORS_AVX, VECTORS_KIND(%rsp)
        cmpb    $0, VCPU_HAS_AVX512(%rax)
        je      16f
        movl    $VECTORS_AVX | VECTORS_AVX512, VECTORS_KIND(%rsp)
        movl    $1, %ecx
        xgetbv
        testl   $VECTORS_XSTATE, %eax
        jz      16f
        movq    %fs:current@tpoff, %rcx
        movq    (%rcx), %rcx /* hypercall_sp */
        movl    $VECTORS_XSTATE, %eax
        xorl    %edx, %edx
        xsave64 (%rcx)
        orl     $VECTORS_EXTENDED, VECTORS_KIND(%rsp)
16:     vmovups %ymm0, (%rsp)
        vmovups %ymm1, 32(%rsp)
        .irp    n, 2, 4, 6, 8, 10, 12, 14
        vorps   %ymm\n, %ymm0, %ymm0
        .endr
        .irp    n, 3, 5, 7, 9, 11, 13, 15
        vorps   %ymm\n, %ymm1, %ymm1
        .endr
        vorps   %ymm1, %ymm0, %ymm0
        vextractf128 $1, %ymm0, %xmm0
        vptest  %xmm0, %xmm0
        jz      17f
        .irp    n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        vmovups %ymm\n, 32 * \n(%rsp)
        .endr
        orl     $VECTORS_UPPER, VECTORS_KIND(%rsp)
17:     vzeroupper
18:
.endm

/* From where \base points, for the vCPU that runs. Changes rcx, rdx, r11 and flags. */
.macro restore_vectors base
        testb   $VECTORS_AVX, VECTORS_KIND(%\base)
        jz      18f
        vzeroupper
        testb   $VECTORS_UPPER, VECTORS_KIND(%\base)
        jz      18f
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        vmovups 32 * \n(%\base), %ymm\n
        .endr
        jmp     19f
18:     .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups  32 * \n(%\base), %xmm\n
        .endr
19:     ldmxcsr VECTORS_MXCSR(%\base)
        testb   $VECTORS_AVX512, VECTORS_KIND(%\base)
        jz      23f
        movq    %rax, %r11
        testb   $VECTORS_EXTENDED, VECTORS_KIND(%\base)
        jz      20f
        movq    %fs:current@tpoff, %rcx
        movq    (%rcx), %rcx /* hypercall_sp */
        jmp     21f
20:     movl    $1, %ecx /* somebody else's may be in use now */
        xgetbv
        testl   $VECTORS_XSTATE, %eax
        jz      22f
        leaq    vectors_unused(%rip), %rcx
21:     movl    $VECTORS_XSTATE, %eax
        xorl    %edx, %edx
        xrstor64 (%rcx)
22:     movq    %r11, %rax
23:
.endm

/* clang-format on */
#endif

#endif
