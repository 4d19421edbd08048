#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The registers for computing that guests find after a hypercall in which others have run: those of
# the x87, MXCSR, vectors, and what AVX-512 adds if there is any. Xen changes none of them, and a
# domain begins with those of a processor that nobody has used.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"

# build NAME ADDRESS STATE, and code on standard input: a kernel without a runtime, linked to be at
# ADDRESS, with a stack. It gives the processor away 200 times: \state before each, and after it the
# registers have to be as they were. What is wrong makes it crash.
build() {
    cat >"$1.s" <<S
        .macro note type, value:vararg
        .long 4, 2f - 1f, \\type
        .asciz "Xen"
1:      \\value
2:      .p2align 2
        .endm
        .section .note.Xen, "", @note
        note 6, .asciz "test"
        note 8, .asciz "generic"
        note 5, .asciz "xen-3.0"
        note 3, .quad $2
        note 1, .quad kernel_entry
        note 2, .quad hypercall_page
S
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
# One that ends with registers in use.
crashing() {
    echo "$narrow"
    cat <<'S'
        .macro state
        .rept 8
        fldln2
        .endr
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movups values + 256 + 16 * \n(%rip), %xmm\n
        .endr
        cmpl $100, %r12d
        je wrong
        .endm
S
}
# All that AVX-512 has, with another value on each occasion.
large() { # OFFSET
    cat <<S
        .macro state
        leaq values + $1(%rip), %rbx
        addq %r12, %rbx
S
    cat <<'S'
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        vmovups 8 * \n(%rbx), %zmm\n
        .endr
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7
        kmovw 2 * \n(%rbx), %k\n
        .endr
        .endm
        .macro wide_state
        .endm
        .macro equal a, b
        vpcmpeqd \a, \b, %k1
        kortestw %k1, %k1
        jnc wrong
        .endm
        .macro wide_same
        kmovw %k1, %r14d
        cmpw %r14w, 2(%rbx)
        jne wrong
        .irp n, 0, 2, 3, 4, 5, 6, 7
        kmovw %k\n, %eax
        cmpw %ax, 2 * \n(%rbx)
        jne wrong
        .endr
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        equal 8 * \n(%rbx), %zmm\n
        .endr
        .endm
S
}
ok 'build a guest with registers of the x87 in use' build first 0x20000000 < <(first)
ok 'one with all of them, and an exception that waits' build second 0x30000000 < <(second)
ok 'one with none' build idle 0x40000000 < <(idle)
ok 'one that crashes with some' build crashing 0x50000000 < <(crashing)

fine() { # OPTION... DOMAIN...
    run timeout 60 "$bin/halvm" run "$@"
    status_is 0
}
for option in '' --virtual-time '--seed 3'; do
    with=${option:+, $option}
    # shellcheck disable=SC2086
    for file in first second idle; do
        ok "$file alone$with" fine $option $file.xen
    done
    # shellcheck disable=SC2086
    {
        ok "two that have other values$with" fine $option first.xen second.xen
        ok "beside one that has none$with" fine $option first.xen idle.xen second.xen
        run timeout 60 "$bin/halvm" run $option crashing.xen idle.xen first.xen
    }
    ok "one crashes$with" has err '^crashing: domain 1: invalid opcode'
    ok "and no other$with" [ "$(grep -c ': invalid opcode' err)" = 1 ]
done

# ---- AVX-512 ----

if grep -q '^flags.* avx512f' /proc/cpuinfo; then
    for offset in 0 300; do
        ok 'build one with the registers of AVX-512' build large$offset 0x$((6 + offset / 300))0000000 < <(large $offset)
    done
    for option in '' --virtual-time '--seed 3'; do
        # shellcheck disable=SC2086
        ok "two with AVX-512${option:+, $option}" fine $option large0.xen large300.xen idle.xen first.xen
    done
else
    skip 'registers of AVX-512' 'the processor has none'
fi
done_testing
