#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The registers for computing that guests find after a hypercall in which others have run: those of
# the x87, MXCSR, vectors, and what AVX-512 adds if there is any. Xen changes none of them, and a
# domain begins with those of a processor that nobody has used.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/register-kernels.sh
. "$top/tests/commands/register-kernels.sh"

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
        vpcmpeqd 8 * \n(%rbx), %zmm\n, %k1
        kortestw %k1, %k1
        jnc wrong
        .endr
        .endm
S
}
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
