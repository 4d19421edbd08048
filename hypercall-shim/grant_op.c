/* SPDX-License-Identifier: BSD-3-Clause
 *
 * grant_table_op (<xen/grant_table.h>): a[0] is the operation, a[1] the first of a[2] arguments.
 */
#include "grant_table.h"
#include "handlers.h"
#include "instrument.h"

long grant_table_op_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int number = (unsigned int)a[0] & GNTTABOP_CMD_MASK;
    const struct suboperation *row;
    long error = -ENOSYS;

    if ((int)a[2] < 0)
        return -EINVAL;
    /* Bits above are Xen's own, for an operation that it interrupts: of this one only. */
    if ((unsigned int)a[0] != number && number != GNTTABOP_cache_flush)
        return -EINVAL;
    row = hypercall_suboperation(v, __HYPERVISOR_grant_table_op, number);
    if (row && row->handler)
        return row->handler(v, a);
    if (row)
        error = row->error;
    hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: grant_table_op %u: error %ld",
                   v->domain->id, v->id, number, -error);
    return error;
}

union argument {
    struct gnttab_map_grant_ref map;
    struct gnttab_unmap_grant_ref unmap;
    struct gnttab_unmap_and_replace replace;
    struct gnttab_transfer transfer;
    struct gnttab_copy copy;
    struct gnttab_swap_grant_ref swap;
};

/*
 * Where an argument is, if all of it is in a page that can be written: its translation is good as
 * long as no page table changes.
 */
static uint8_t *find_argument(struct vcpu *v, uint64_t place)
{
    if ((place & ~PAGE_MASK) > PAGE_SIZE - sizeof(union argument))
        return NULL;
    return guest_pointer(v, place, true);
}

static int act_at(struct vcpu *v, uint64_t place, const struct grant_list *list)
{
    uint64_t generation;
    union argument argument;
    uint8_t *at = find_argument(v, place);

    if (at)
        memcpy(&argument, at, sizeof(argument)); /* as much as any has: a few instructions */
    else if (copy_from_guest(v, &argument, place, list->size))
        return -EFAULT;
    generation = v->domain->hv->translation_generation;
    list->act(v, &argument);
    if (at && list->out_size == sizeof(int16_t) &&
        generation == v->domain->hv->translation_generation) {
        memcpy(at + list->out, (const char *)&argument + list->out, sizeof(int16_t));
        instrument_wrote(place + list->out, sizeof(int16_t));
        return 0;
    }
    return copy_to_guest(v, place + list->out, (const char *)&argument + list->out, list->out_size);
}

long grant_list(struct vcpu *v, const unsigned long *a, const struct grant_list *list)
{
    if (!grant_address_ok(a[1]))
        return -EFAULT;
    for (unsigned int i = 0; i < (unsigned int)a[2]; i++) {
        if (act_at(v, a[1] + i * list->size, list))
            return -EFAULT;
    }
    return 0;
}
