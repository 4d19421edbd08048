# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# For tests that source it after tap.sh: kernels without a runtime that look after each hypercall
# whether their registers for computing are as they were, and as a processor has them that nobody
# has used when they begin. What is wrong makes them crash.

# shellcheck source=tests/commands/kernel-notes.sh
. "$top/tests/commands/kernel-notes.sh"

# build NAME ADDRESS STATE, and code on standard input: a kernel without a runtime, linked to be at
# ADDRESS, with a stack. It gives the processor away 200 times: \state before each, and after it the
# registers have to be as they were. What is wrong makes it crash.
build() {
    notes "$2" >"$1.s"
    cat >>"$1.s" - <(
        cat <<'S'
        .text
        .globl kernel_entry, hypercall_page
hypercall_page: .skip 4096
        /* fxsave's: FCW FSW tags, MXCSR, x87 and vector registers; not where the last x87
           instruction was, which AMD's processors do not keep either. */
        .macro same from, to
        leaq before + \from(%rip), %rsi
        leaq after + \from(%rip), %rdi
        movl $\to - \from, %ecx
        repe cmpsb
        jne wrong
        .endm
kernel_entry:
        leaq stack_end(%rip), %rsp
        fxsave64 before(%rip)
        cmpl $0x37f, before(%rip)
        jne wrong
        cmpb $0, before + 4(%rip)
        jne wrong
        cmpl $0x1f80, before + 24(%rip)
        jne wrong
        leaq before + 160(%rip), %rdi
        xorl %eax, %eax
        movl $256, %ecx
        repe scasb
        jne wrong
        movl $200, %r12d
1:      state
        fxsave64 before(%rip)
        wide_state
        xorl %edi, %edi
        xorl %esi, %esi
        call hypercall_page + 29 * 32 /* yield */
        movl $1, %edi
        leaq text(%rip), %rsi
        call hypercall_page + 17 * 32 /* a string to copy */
        fxsave64 after(%rip)
        wide_same
        same 0, 5
        same 24, 28
        same 32, 416
        decl %r12d
        jnz 1b
        movl $2, %edi
        leaq reason(%rip), %rsi
        call hypercall_page + 29 * 32
wrong:  ud2
reason: .long 0
        .data
        .p2align 6
values: .set i, 0
        .rept 1024
        .byte (i * 7 + 1) & 255
        .set i, i + 1
        .endr
        .bss
        .p2align 6
before: .skip 512
after:  .skip 512
wide:   .skip 1024
text:   .skip 64
        .skip 65536
stack_end:
        .section .note.GNU-stack, "", @progbits
S
    )
    as --64 -o "$1.o" "$1.s" && ld -N -static "-Ttext=$2" -e kernel_entry -o "$1.xen" "$1.o"
}

# Of those that have nothing more than this.
narrow='.macro wide_state
.endm
.macro wide_same
.endm'

# Three values, rounding to zero, a sticky exception; and vectors.
first() {
    echo "$narrow"
    cat <<'S'
        .macro state
        fninit
        fldcw control(%rip)
        fldz
        fld1
        fdivp
        fldpi
        fldl2e
        ldmxcsr mode(%rip)
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups values + 16 * \n(%rip), %xmm\n
        .endr
        .endm
        .data
control: .word 0xf7f
mode:   .long 0xffa1 /* flushes, rounds to zero */
S
}
# Eight, and an exception that waits for the next instruction of the x87, be it the hypervisor's.
second() {
    echo "$narrow"
    cat <<'S'
        .macro state
        fninit
        .rept 7
        fldlg2
        .endr
        fldcw control(%rip)
        fldz
        fdivr %st(1), %st
        ldmxcsr mode(%rip)
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups values + 256 + 16 * \n(%rip), %xmm\n
        .endr
        .endm
        .data
control: .word 0x37b
mode:   .long 0x0000 /* nothing is masked */
S
}
# Nothing in use, as at the beginning.
idle() {
    echo "$narrow"
    echo '.macro state
.endm'
}
ok 'build a guest with registers of the x87 in use' build first 0x20000000 < <(first)
ok 'one with all of them, and an exception that waits' build second 0x30000000 < <(second)
ok 'one with none' build idle 0x40000000 < <(idle)
