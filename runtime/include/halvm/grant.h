/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pages shared between domains, for programs. All calls return at once; import them "unsafe".
 *
 * Functions return 0 or more, or a negative number: an error as in <errno.h>, or, from
 * HALVM_GRANT_STATUS down, a status of a grant operation, HALVM_GRANT_STATUS + GNTST_* of
 * <xen/grant_table.h>.
 */
#ifndef HALVM_GRANT_H
#define HALVM_GRANT_H

#include <stddef.h>
#include <stdint.h>

#define HALVM_PAGE_SIZE    4096
#define HALVM_GRANT_STATUS (-1000)

/*
 * COUNT pages of zeroes, next to each other, to be granted: no collector moves or frees them. NULL
 * if there is no memory. End all grants of a page before it is freed.
 */
void *halvm_pages(size_t count);
void halvm_pages_free(void *pages, size_t count);

/* The machine frame of the page at AT; 0 if nothing is mapped there. */
uint64_t halvm_frame(const void *at);

/* Lets domain REMOTE use the page at PAGE, and write it if WRITABLE is not 0. Returns the
 * reference. */
int64_t halvm_grant(unsigned int remote, const void *page, int writable);

/* Ends a grant. -EBUSY: the other domain still has the page mapped, and keeps it. */
int halvm_grant_end(uint32_t reference);

/*
 * Maps COUNT pages that REMOTE has granted, next to each other; stores the address in *AT, and in
 * HANDLES, which may be NULL, Xen's COUNT handles. On errors nothing is mapped.
 */
int halvm_grant_map(unsigned int remote, const uint32_t *references, size_t count, int writable,
                    void **at, uint32_t *handles);

/* Undoes the halvm_grant_map that gave AT. -EINVAL: none did. */
int halvm_grant_unmap(void *at);

/*
 * Copies LEN bytes from byte OFFSET on of the page that REMOTE has granted as REFERENCE to memory
 * of ours, or the other way, without mapping the page.
 */
int halvm_grant_copy_from(unsigned int remote, uint32_t reference, unsigned int offset, void *to,
                          size_t len);
int halvm_grant_copy_to(unsigned int remote, uint32_t reference, unsigned int offset,
                        const void *from, size_t len);

#endif
