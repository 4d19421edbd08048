/* SPDX-License-Identifier: BSD-3-Clause
 *
 * grant_table_op (<xen/grant_table.h>): a[0] is the operation, a[1] the first of a[2] arguments.
 */
#include "grant_table.h"
#include "handlers.h"

/* As hypercall_suboperation, if nobody wants to know: a copy takes hardly longer than that does. */
static inline hypercall_fn *quick_handler(const struct vcpu *v, unsigned int number)
{
    const struct hypercall_row *row = &hypercall_table[__HYPERVISOR_grant_table_op];

    if (v->domain->hv->host.hypercall || number >= row->sub_count)
        return NULL;
    return row->sub[number].handler;
}

long grant_table_op_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int number = (unsigned int)a[0] & GNTTABOP_CMD_MASK;
    const struct suboperation *row;
    hypercall_fn *handler;
    long error = -ENOSYS;

    if ((int)a[2] < 0)
        return -EINVAL;
    /* Bits above are Xen's own, for an operation that it interrupts: of this one only. */
    if ((unsigned int)a[0] != number && number != GNTTABOP_cache_flush)
        return -EINVAL;
    handler = quick_handler(v, number);
    if (handler)
        return handler(v, a);
    row = hypercall_suboperation(v, __HYPERVISOR_grant_table_op, number);
    if (row && row->handler)
        return row->handler(v, a);
    if (row)
        error = row->error;
    hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: grant_table_op %u: error %ld",
                   v->domain->id, v->id, number, -error);
    return error;
}
