/* SPDX-License-Identifier: BSD-3-Clause
 *
 * grant_table_op (<xen/grant_table.h>): a[0] is the operation, a[1] the first of a[2] arguments.
 */
#include "grant_table.h"
#include "handlers.h"

long grant_table_op_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int number = (unsigned int)a[0] & GNTTABOP_CMD_MASK;
    const struct suboperation *row = NULL;
    long error = -ENOSYS;

    if ((int)a[2] < 0)
        return -EINVAL;
    /* Bits above are Xen's own, for an operation that it interrupts: of this one only. */
    if ((unsigned int)a[0] != number && number != GNTTABOP_cache_flush)
        return -EINVAL;
    if (number < grant_table_count)
        row = &grant_table_table[number];
    if (row && row->handler)
        return row->handler(v, a);
    if (row)
        error = row->error;
    hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: grant_table_op %u: error %ld",
                   v->domain->id, v->id, number, -error);
    return error;
}

bool grant_address_ok(uint64_t va) { return va < 1UL << 47 || va >= HYPERVISOR_VIRT_END; }

long grant_list(struct vcpu *v, const unsigned long *a, const struct grant_list *list)
{
    unsigned int count = (unsigned int)a[2];
    uint64_t place = a[1];
    union {
        struct gnttab_map_grant_ref map;
        struct gnttab_unmap_grant_ref unmap;
        struct gnttab_unmap_and_replace replace;
        struct gnttab_transfer transfer;
        struct gnttab_copy copy;
        struct gnttab_swap_grant_ref swap;
    } argument;

    if (!grant_address_ok(place))
        return -EFAULT;
    for (unsigned int i = 0; i < count; i++, place += list->size) {
        if (copy_from_guest(v, &argument, place, list->size))
            return -EFAULT;
        list->act(v, &argument);
        if (copy_to_guest(v, place + list->out, (const char *)&argument + list->out,
                          list->out_size))
            return -EFAULT;
    }
    return 0;
}
