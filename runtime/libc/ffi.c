/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libffi's calls, which only the RTS's bytecode interpreter makes. A guest has no bytecode, but
 * the interpreter is part of the scheduler and so is linked.
 */
#include <stddef.h>

#include "core/domain.h"

/* The heads of ffi_cif and ffi_type do not matter: nothing gets as far as to look at them. */
struct ffi_cif;
struct ffi_type {
    size_t size;
    unsigned short alignment, type;
    struct ffi_type **elements;
};

void ffi_call(struct ffi_cif *cif, void (*function)(void), void *result, void **arguments);
int ffi_prep_cif(struct ffi_cif *cif, int abi, unsigned n, struct ffi_type *result,
                 struct ffi_type **arguments);

void ffi_call(struct ffi_cif *cif, void (*function)(void), void *result, void **arguments)
{
    (void)cif, (void)function, (void)result, (void)arguments;
    domain_panic("ffi_call: foreign calls from bytecode are not supported in a unikernel");
}

int ffi_prep_cif(struct ffi_cif *cif, int abi, unsigned n, struct ffi_type *result,
                 struct ffi_type **arguments)
{
    (void)cif, (void)abi, (void)n, (void)result, (void)arguments;
    return 2; /* FFI_BAD_ABI */
}

/* Sizes, alignments and type numbers as in <ffi.h> for x86-64. */
struct ffi_type ffi_type_void = {1, 1, 0, NULL};
struct ffi_type ffi_type_float = {4, 4, 2, NULL};
struct ffi_type ffi_type_double = {8, 8, 3, NULL};
struct ffi_type ffi_type_uint8 = {1, 1, 5, NULL};
struct ffi_type ffi_type_sint8 = {1, 1, 6, NULL};
struct ffi_type ffi_type_uint16 = {2, 2, 7, NULL};
struct ffi_type ffi_type_sint16 = {2, 2, 8, NULL};
struct ffi_type ffi_type_uint32 = {4, 4, 9, NULL};
struct ffi_type ffi_type_sint32 = {4, 4, 10, NULL};
struct ffi_type ffi_type_uint64 = {8, 8, 11, NULL};
struct ffi_type ffi_type_sint64 = {8, 8, 12, NULL};
struct ffi_type ffi_type_pointer = {8, 8, 14, NULL};
