# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# For tests that source it: the ELF notes of a kernel in assembler, without a runtime.

# notes ADDRESS: of one that is linked to be at ADDRESS and has kernel_entry and hypercall_page.
notes() {
    cat <<S
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
        note 3, .quad $1
        note 1, .quad kernel_entry
        note 2, .quad hypercall_page
S
}
