/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See grant_table.h. The table is of version 1, which every domain begins with: eight bytes an
 * entry, whose protocol is told at grant_entry_v1 in <xen/grant_table.h>.
 */
#include <stdlib.h>

#include <xen/errno.h>

#include "core/area.h"
#include "core/grant_table.h"
#include "core/hypercall.h"
#include "core/memory.h"

#define ENTRIES_PER_FRAME (PAGE_SIZE / sizeof(grant_entry_v1_t))

static struct {
    grant_entry_v1_t *entries; /* where the frames of the table are shown, with room for all */
    size_t frames, max_frames;
    grant_ref_t *free; /* a stack, with room for all entries that there are */
    size_t free_count;
} table;

static int table_size(void)
{
    gnttab_query_size_t query = {.dom = DOMID_SELF};
    long error = hypercall_grant_table_op(GNTTABOP_query_size, &query, 1);

    if (error || query.status != GNTST_okay)
        return error ? (int)error : GRANT_ERROR(query.status);
    table.entries = area_take(query.max_nr_frames);
    if (!table.entries)
        return -XEN_ENOMEM;
    table.max_frames = query.max_nr_frames;
    return 0;
}

/* One frame more. Xen tells all frames each time; only the last is new to us. */
static int grow(void)
{
    size_t count = table.frames + 1;
    gnttab_setup_table_t setup = {.dom = DOMID_SELF, .nr_frames = (uint32_t)count};
    grant_ref_t *larger;
    xen_pfn_t *list;
    long error;

    if (!table.entries) {
        error = table_size();
        if (error)
            return (int)error;
    }
    if (count > table.max_frames)
        return -XEN_ENOSPC;
    larger = realloc(table.free, count * ENTRIES_PER_FRAME * sizeof *larger);
    if (!larger)
        return -XEN_ENOMEM;
    table.free = larger;
    list = malloc(count * sizeof *list);
    if (!list)
        return -XEN_ENOMEM;
    set_xen_guest_handle(setup.frame_list, list);
    error = hypercall_grant_table_op(GNTTABOP_setup_table, &setup, 1);
    if (!error && setup.status != GNTST_okay)
        error = GRANT_ERROR(setup.status);
    if (!error)
        error = memory_show(table.entries + table.frames * ENTRIES_PER_FRAME, &list[count - 1], 1);
    free(list);
    if (error)
        return (int)error;
    /* The lowest is taken first; Xen's tools use the first eight. */
    for (size_t ref = count * ENTRIES_PER_FRAME; ref-- > table.frames * ENTRIES_PER_FRAME;) {
        if (ref >= GNTTAB_NR_RESERVED_ENTRIES)
            table.free[table.free_count++] = (grant_ref_t)ref;
    }
    table.frames = count;
    return 0;
}

int grant_access(domid_t remote, uint64_t frame, bool read_only, grant_ref_t *ref)
{
    grant_entry_v1_t *entry;

    if (frame != (uint32_t)frame)
        return -XEN_EINVAL;
    if (table.free_count == 0) {
        int error = grow();

        if (error)
            return error;
    }
    *ref = table.free[--table.free_count];
    entry = &table.entries[*ref];
    entry->frame = (uint32_t)frame;
    entry->domid = remote;
    __atomic_store_n(&entry->flags, GTF_permit_access | (read_only ? GTF_readonly : 0),
                     __ATOMIC_RELEASE);
    return 0;
}

int grant_end(grant_ref_t ref)
{
    grant_entry_v1_t *entry = &table.entries[ref];
    uint16_t flags;

    if (ref < GNTTAB_NR_RESERVED_ENTRIES || ref >= table.frames * ENTRIES_PER_FRAME)
        return -XEN_EINVAL;
    flags = __atomic_load_n(&entry->flags, __ATOMIC_ACQUIRE);
    if (!flags)
        return -XEN_EINVAL;
    do {
        if (flags & (GTF_reading | GTF_writing))
            return -XEN_EBUSY;
    } while (!__atomic_compare_exchange_n(&entry->flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    table.free[table.free_count++] = ref;
    return 0;
}

/* COUNT hypercall operations of SIZE bytes; NULL if there is no memory. */
static void *operations(size_t count, size_t size)
{
    return count <= UINT32_MAX ? calloc(count ? count : 1, size) : NULL;
}

int grant_unmap(void *at, const grant_handle_t *handles, size_t count)
{
    gnttab_unmap_grant_ref_t *ops = operations(count, sizeof *ops);
    long error;

    if (!ops)
        return -XEN_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        ops[i].host_addr = (uintptr_t)at + i * PAGE_SIZE;
        ops[i].handle = handles[i];
    }
    error = hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, ops, (unsigned int)count);
    for (size_t i = 0; i < count && !error; i++) {
        if (ops[i].status != GNTST_okay)
            error = GRANT_ERROR(ops[i].status);
    }
    free(ops);
    if (!error)
        area_give(at, count);
    return (int)error;
}

/* Those of OPS that have been mapped are not any more. */
static void unmap_some(const gnttab_map_grant_ref_t *ops, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gnttab_unmap_grant_ref_t op = {.host_addr = ops[i].host_addr, .handle = ops[i].handle};

        if (ops[i].status == GNTST_okay)
            hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1);
    }
}

int grant_map(domid_t remote, const grant_ref_t *refs, size_t count, bool read_only,
              grant_handle_t *handles, void **at)
{
    gnttab_map_grant_ref_t *ops;
    long error;

    if (count == 0)
        return -XEN_EINVAL;
    ops = operations(count, sizeof *ops);
    *at = ops ? area_take(count) : NULL;
    if (!*at || !memory_tables(*at, count * PAGE_SIZE)) {
        if (*at)
            area_give(*at, count);
        free(ops);
        return -XEN_ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        ops[i].host_addr = (uintptr_t)*at + i * PAGE_SIZE;
        ops[i].flags = GNTMAP_host_map | (read_only ? GNTMAP_readonly : 0);
        ops[i].ref = refs[i];
        ops[i].dom = remote;
        ops[i].status = GNTST_general_error;
    }
    error = hypercall_grant_table_op(GNTTABOP_map_grant_ref, ops, (unsigned int)count);
    for (size_t i = 0; i < count; i++) {
        handles[i] = ops[i].handle;
        if (!error && ops[i].status != GNTST_okay)
            error = GRANT_ERROR(ops[i].status);
    }
    if (error) {
        unmap_some(ops, count);
        area_give(*at, count);
    }
    free(ops);
    return (int)error;
}

int grant_copy(domid_t remote, grant_ref_t ref, unsigned int offset, void *at, size_t len,
               bool to_remote)
{
    char *local = at;

    if (offset > PAGE_SIZE || len > PAGE_SIZE - offset)
        return -XEN_EINVAL;
    while (len) {
        size_t place = (uintptr_t)local % PAGE_SIZE;
        size_t part = len < PAGE_SIZE - place ? len : PAGE_SIZE - place;
        gnttab_copy_t op = {.len = (uint16_t)part};
        struct gnttab_copy_ptr *ours = to_remote ? &op.source : &op.dest;
        struct gnttab_copy_ptr *theirs = to_remote ? &op.dest : &op.source;
        long error;

        ours->domid = DOMID_SELF;
        ours->u.gmfn = memory_frame(local);
        ours->offset = (uint16_t)place;
        theirs->domid = remote;
        theirs->u.ref = ref;
        theirs->offset = (uint16_t)offset;
        op.flags = to_remote ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
        if (!ours->u.gmfn)
            return -XEN_EFAULT;
        error = hypercall_grant_table_op(GNTTABOP_copy, &op, 1);
        if (error || op.status != GNTST_okay)
            return error ? (int)error : GRANT_ERROR(op.status);
        local += part;
        offset += (unsigned int)part;
        len -= part;
    }
    return 0;
}
