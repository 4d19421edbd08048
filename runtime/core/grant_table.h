/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Grants (<xen/grant_table.h>): pages of ours that another domain may use, and pages of others. The
 * table is set up when it is first used.
 *
 * Functions that return int return 0 or a negative number: Xen's error, or GRANT_ERROR of a
 * status GNTST_*, which is below all errors.
 */
#ifndef RUNTIME_CORE_GRANT_TABLE_H
#define RUNTIME_CORE_GRANT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/grant_table.h>

/* STATUS is negative. */
#define GRANT_ERROR(status) (-1000 + (status))

/*
 * Lets REMOTE use the machine frame FRAME of ours; stores the reference. -ENOSPC: the table is full
 * and Xen lets it grow no further.
 */
int grant_access(domid_t remote, uint64_t frame, bool read_only, grant_ref_t *ref);

/*
 * Takes it back. -EBUSY: the other domain still has it mapped, and the grant stays;
 * -EINVAL: no reference that grant_access gave.
 */
int grant_end(grant_ref_t ref);

/*
 * Maps COUNT pages of REMOTE next to each other; stores their handles, and the address in *AT.
 * On errors nothing is mapped.
 */
int grant_map(domid_t remote, const grant_ref_t *refs, size_t count, bool read_only,
              grant_handle_t *handles, void **at);

/* Undoes a grant_map. */
int grant_unmap(void *at, const grant_handle_t *handles, size_t count);

/*
 * Copies LEN bytes between memory of ours at AT, and REMOTE's grant REF from OFFSET on, which it
 * must not exceed.
 */
int grant_copy(domid_t remote, grant_ref_t ref, unsigned int offset, void *at, size_t len,
               bool to_remote);

#endif
