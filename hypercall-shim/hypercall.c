/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The way in: a guest's hypercall finds its row in the table and its handler.
 */
#include "preempt.h"
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

static uint32_t suboperation_number(const struct hypercall_row *row, const unsigned long *a)
{
    if (row->handler || !row->sub)
        return HYPERVISOR_NO_SUBOPERATION;
    return (uint32_t)(a[row->sub_argument] & row->sub_mask);
}

static inline __attribute__((always_inline)) long dispatch(struct vcpu *v, unsigned int op,
                                                           const unsigned long *a)
{
    const struct hypercall_row *row = &hypercall_table[op];
    const struct suboperation *sub;
    unsigned long number;

    if (row->handler)
        return row->handler(v, a);
    if (!row->name)
        return refuse(v, "hypercall", NULL, op, -ENOSYS);
    if (!row->sub)
        return refuse(v, "hypercall", row->name, op, row->error);
    number = a[row->sub_argument] & row->sub_mask;
    if (number >= row->sub_count || !row->sub[number].name)
        return refuse(v, row->name, NULL, number,
                      row->unknown ? row->unknown(v, a) : row->sub_error);
    sub = &row->sub[number];
    if (!sub->handler)
        return refuse(v, row->name, sub->name, number, sub->error);
    return sub->handler(v, a);
}

static long dispatch_number(struct vcpu *v, unsigned int op, const unsigned long *a)
{
    return op < hypercall_count ? dispatch(v, op, a) : refuse(v, "hypercall", NULL, op, -ENOSYS);
}

/* With a listener. Who a call is from does not change while it lasts; what time it is does. */
static long dispatch_heard(struct vcpu *v, unsigned int op, const unsigned long *a)
{
    const struct hypervisor *hv = v->domain->hv;
    struct hypervisor_call call = {
        .domain = v->domain,
        .time = hv->last_time,
        .arguments = a,
        .stage = HYPERVISOR_ENTER,
        .op = op,
        .suboperation = op < hypercall_count ? suboperation_number(&hypercall_table[op], a)
                                             : HYPERVISOR_NO_SUBOPERATION,
        .domid = v->domain->id,
        .vcpu = (uint16_t)v->id,
    };

    hv->host.hypercall(hv->host.context, &call);
    call.result = dispatch_number(v, op, a);
    call.stage = HYPERVISOR_RETURN;
    call.time = hv->last_time;
    hv->host.hypercall(hv->host.context, &call);
    return call.result;
}

/*
 * What does not go the fast way: numbers that are none, and everything while someone listens, a
 * guest is in user mode, the machine has a seed, or a vCPU's time is up.
 */
static long dispatch_slowly(struct vcpu *v, unsigned int op, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    long result;

    if (v->user_mode)
        return upcall_syscall(v, op, a);
    result = hv->host.hypercall ? dispatch_heard(v, op, a) : dispatch_number(v, op, a);
    if (v->in_multicall)
        return result;
    hypercall_show_result(v, result);
    if (hv->seed)
        sched_chance(v);
    if (hv->time_is_up)
        preempt_at_hypercall(v);
    return result;
}

void hypercall_choose_way(struct hypervisor *hv, bool user_mode)
{
    hv->hypercall_limit = hv->host.hypercall || user_mode || hv->seed ? 0 : hypercall_count;
}

/* Inlined into a guest's way in, which is felt in each hypercall. */
static inline __attribute__((always_inline)) long dispatch_any(struct vcpu *v, unsigned int op,
                                                               const unsigned long *a)
{
    if (__builtin_expect(op >= v->domain->hv->hypercall_limit, 0))
        return dispatch_slowly(v, op, a);
    return dispatch(v, op, a);
}

long hypercall_dispatch(struct vcpu *v, unsigned int op, const unsigned long *a)
{
    return dispatch_any(v, op, a);
}

unsigned int hypercall_slot(unsigned int op, uint32_t number)
{
    /* domctl's numbers have a gap before those of the debugger gdbsx. */
    if (op == __HYPERVISOR_domctl && number >= 1000)
        return number < 1100 ? number - 1000 + DOMCTL_SLOT_GDBSX : UINT32_MAX;
    return number;
}

const char *hypercall_name(unsigned int op, uint32_t number)
{
    const struct hypercall_row *row;
    unsigned int slot = hypercall_slot(op, number);

    if (op >= hypercall_count)
        return NULL;
    row = &hypercall_table[op];
    if (number == HYPERVISOR_NO_SUBOPERATION)
        return row->name;
    return slot < row->sub_count ? row->sub[slot].name : NULL;
}

const struct suboperation *hypercall_suboperation(struct vcpu *v, unsigned int op, uint32_t number)
{
    const struct hypervisor *hv = v->domain->hv;
    const struct hypervisor_call call = {
        .domain = v->domain,
        .time = hv->last_time,
        .stage = HYPERVISOR_OPERATION,
        .op = op,
        .suboperation = number,
        .domid = v->domain->id,
        .vcpu = (uint16_t)v->id,
    };
    const struct hypercall_row *row = &hypercall_table[op];
    unsigned int slot = hypercall_slot(op, number);

    if (hv->host.hypercall)
        hv->host.hypercall(hv->host.context, &call);
    if (slot >= row->sub_count || !row->sub[slot].name) {
        refuse(v, row->name, NULL, number, -ENOSYS);
        return NULL;
    }
    if (!row->sub[slot].handler)
        refuse(v, row->name, row->sub[slot].name, number, row->sub[slot].error);
    return &row->sub[slot];
}

/* Behind hypercall() of hypercall_entry.S, which sees to iret. */
long hypercall_enter(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                     unsigned long a4, unsigned long a5);
long hypercall_enter(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                     unsigned long a4, unsigned long a5)
{
    const unsigned long a[5] = {a1, a2, a3, a4, a5};
    struct vcpu *v = current;
    long result;

    instrument_hypercall(v);
    result = dispatch_any(v, op, a);
    if (v->domain->hv->run.pages)
        mirror_flush(v->domain->hv);
    if (__builtin_expect(upcall_pending(v), 0))
        return upcall_after_hypercall(v, result);
    return result;
}

/*
 * Behind a hypercall page, on V's own stack: F are the guest's registers, VECTORS the rest. If
 * it comes back, F's rax is the result.
 */
long hypercall_by_page(struct trap_frame *f, const void *vectors);
long hypercall_by_page(struct trap_frame *f, const void *vectors)
{
    const unsigned long a[5] = {f->rdi, f->rsi, f->rdx, f->r10, f->r8};
    const unsigned int op = (unsigned int)f->rax;
    struct vcpu *v = current;
    long result;

    instrument_hypercall(v);
    if (__builtin_expect(v->user_mode, 0))
        upcall_syscall_by_page(v, f, vectors);
    f->rax = 0; /* what one that waits will answer: tools may look at it, and begin there anew */
    result = dispatch_any(v, op, a);
    if (v->domain->hv->run.pages)
        mirror_flush(v->domain->hv);
    if (__builtin_expect(upcall_pending(v), 0))
        upcall_by_page(v, f, vectors, result);
    return result;
}

/* One entry: its result goes back into the list. */
static long multicall_entry(struct vcpu *v, uint64_t place)
{
    multicall_entry_t call;

    if (copy_from_guest(v, &call, place, sizeof(call)))
        return -EFAULT;
    call.result = (xen_ulong_t)-ENOSYS;
    if (call.op <= UINT32_MAX)
        call.result = (xen_ulong_t)hypercall_dispatch(v, (unsigned int)call.op, call.args);
    return copy_to_guest(v, place + offsetof(multicall_entry_t, result), &call.result,
                         sizeof(call.result));
}

long multicall_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int count = (unsigned int)a[1];
    long error = 0;

    /* A multicall inside a multicall is refused, before its list is looked at. */
    if (v->in_multicall)
        return -EINVAL;
    if (!guest_address_ok(a[0]))
        return -EFAULT;
    v->in_multicall = true;
    for (unsigned int i = 0; !error && i < count; i++)
        error = multicall_entry(v, a[0] + i * sizeof(multicall_entry_t));
    v->in_multicall = false;
    return error;
}
