/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The way in: a guest's hypercall finds its row in the table and its handler.
 */
#include "internal.h"
#include "handlers.h"
#include "instrument.h"

/* Off the fast path: one line that says what was not done. */
static long refuse(struct vcpu *v, const char *name, const char *sub, unsigned long number,
                   long error)
{
    if (sub)
        hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: %s (%s): error %ld",
                       v->domain->id, v->id, sub, name, -error);
    else
        hypervisor_log(v->domain->hv, HYPERVISOR_LOG_DEBUG, "d%uv%u: %s, operation %lu: error %ld",
                       v->domain->id, v->id, name, number, -error);
    return error;
}

long hypercall_dispatch(struct vcpu *v, unsigned int op, const unsigned long *a)
{
    const struct hypercall_row *row;
    const struct suboperation *sub;
    unsigned int number;

    if (op >= hypercall_count || !hypercall_table[op].name)
        return refuse(v, "hypercall", NULL, op, -ENOSYS);
    row = &hypercall_table[op];
    if (row->handler)
        return row->handler(v, a);
    if (!row->sub)
        return refuse(v, "hypercall", row->name, op, row->error);
    number = (unsigned int)(a[row->sub_argument] & row->sub_mask);
    if (number >= row->sub_count || !row->sub[number].name)
        return refuse(v, row->name, NULL, number, row->sub_error);
    sub = &row->sub[number];
    if (!sub->handler)
        return refuse(v, row->name, sub->name, number, sub->error);
    return sub->handler(v, a);
}

long hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
               unsigned long a4, unsigned long a5)
{
    const unsigned long a[5] = {a1, a2, a3, a4, a5};
    struct vcpu *v = current;
    long result;

    instrument_hypercall(v);
    result = hypercall_dispatch(v, op, a);
    if (v->domain->hv->run.pages)
        mirror_flush(v->domain->hv);
    return result;
}

long multicall_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int count = (unsigned int)a[1];

    for (unsigned int i = 0; i < count; i++) {
        uint64_t place = a[0] + i * sizeof(multicall_entry_t);
        multicall_entry_t call;

        if (copy_from_guest(v, &call, place, sizeof(call)))
            return -EFAULT;
        /* Xen: a multicall inside a multicall is refused. */
        call.result = call.op == __HYPERVISOR_multicall
                          ? (xen_ulong_t)-EINVAL
                          : (xen_ulong_t)hypercall_dispatch(v, (unsigned int)call.op, call.args);
        if (copy_to_guest(v, place + offsetof(multicall_entry_t, result), &call.result,
                          sizeof(call.result)))
            return -EFAULT;
    }
    return 0;
}
