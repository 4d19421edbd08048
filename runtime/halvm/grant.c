/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See include/halvm/grant.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <halvm/grant.h>

#include "core/area.h"
#include "core/grant_table.h"
#include "core/memory.h"

_Static_assert(HALVM_PAGE_SIZE == PAGE_SIZE, "as the processor's");
_Static_assert(HALVM_GRANT_STATUS == GRANT_ERROR(0), "as in core/");

void *halvm_pages(size_t count)
{
    void *at = count ? area_take(count) : NULL;

    if (!at)
        return NULL;
    if (!memory_commit(at, count * PAGE_SIZE, MEMORY_WRITE)) {
        area_give(at, count);
        return NULL;
    }
    memset(at, 0, count * PAGE_SIZE);
    return at;
}

void halvm_pages_free(void *pages, size_t count)
{
    memory_decommit(pages, count * PAGE_SIZE);
    area_give(pages, count);
}

uint64_t halvm_frame(const void *at) { return memory_frame(at); }

int64_t halvm_grant(unsigned int remote, const void *page, int writable)
{
    uint64_t frame = memory_frame(page);
    grant_ref_t ref;
    int error;

    if (frame == 0 || (uintptr_t)page % PAGE_SIZE)
        return -EFAULT;
    error = grant_access((domid_t)remote, frame, !writable, &ref);
    return error ? error : (int64_t)ref;
}

int halvm_grant_end(uint32_t reference) { return grant_end(reference); }

/* ---- pages of others ---- */

struct mapping {
    struct mapping *next;
    void *at;
    size_t count;
    grant_handle_t handles[];
};

static struct mapping *mappings;

int halvm_grant_map(unsigned int remote, const uint32_t *references, size_t count, int writable,
                    void **at, uint32_t *handles)
{
    struct mapping *m;
    int error;

    if (count > UINT32_MAX)
        return -EINVAL;
    m = malloc(sizeof *m + count * sizeof m->handles[0]);
    if (!m)
        return -ENOMEM;
    error = grant_map((domid_t)remote, references, count, !writable, m->handles, &m->at);
    if (error) {
        free(m);
        return error;
    }
    m->count = count;
    m->next = mappings;
    mappings = m;
    *at = m->at;
    if (handles)
        memcpy(handles, m->handles, count * sizeof m->handles[0]);
    return 0;
}

int halvm_grant_unmap(void *at)
{
    for (struct mapping **link = &mappings; *link; link = &(*link)->next) {
        struct mapping *m = *link;
        int error;

        if (m->at != at)
            continue;
        error = grant_unmap(at, m->handles, m->count);
        *link = m->next;
        free(m);
        return error;
    }
    return -EINVAL;
}

int halvm_grant_copy_from(unsigned int remote, uint32_t reference, unsigned int offset, void *to,
                          size_t len)
{
    return grant_copy((domid_t)remote, reference, offset, to, len, false);
}

int halvm_grant_copy_to(unsigned int remote, uint32_t reference, unsigned int offset,
                        const void *from, size_t len)
{
    return grant_copy((domid_t)remote, reference, offset, (void *)from, len, true);
}
