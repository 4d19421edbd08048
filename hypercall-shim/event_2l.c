/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two-level ABI (<xen/event_channel.h>, <xen/xen.h> struct shared_info): a pending and a mask
 * bit for each port in the shared info page, and in each vCPU's info a bit for each word of them.
 */
#include "event_channel.h"

#define BITS (sizeof(xen_ulong_t) * 8)

static xen_ulong_t mask_of(evtchn_port_t p) { return (xen_ulong_t)1 << p % BITS; }

/* The guest changes these words too: each of these is one atomic step. */
static bool test_and_set(xen_ulong_t *word, xen_ulong_t mask)
{
    return __atomic_fetch_or(word, mask, __ATOMIC_SEQ_CST) & mask;
}

static bool test_and_clear(xen_ulong_t *word, xen_ulong_t mask)
{
    return __atomic_fetch_and(word, ~mask, __ATOMIC_SEQ_CST) & mask;
}

static bool test(const xen_ulong_t *word, xen_ulong_t mask)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST) & mask;
}

/* The second level and the third: the word's bit in the selector, the vCPU's upcall flag. */
static void select_word(struct domain *d, evtchn_port_t p)
{
    struct vcpu *v = d->vcpus[evtchn_at(d, p)->notify_vcpu];

    if (!v)
        return; /* tools have not made it yet */
    if (!test_and_set(&v->info->evtchn_pending_sel, (xen_ulong_t)1 << p / BITS))
        evtchn_tell_vcpu(v);
}

void event_2l_raise(struct domain *d, evtchn_port_t p)
{
    if (test_and_set(&d->shared_info->evtchn_pending[p / BITS], mask_of(p)))
        return;
    tell(d, HYPERVISOR_EVENT_PORT, evtchn_at(d, p)->notify_vcpu, p);
    if (!event_2l_masked(d, p))
        select_word(d, p);
    evtchn_wake_pollers(d, p);
}

void event_2l_unmask(struct domain *d, evtchn_port_t p)
{
    if (!test_and_clear(&d->shared_info->evtchn_mask[p / BITS], mask_of(p)))
        return;
    if (event_2l_pending(d, p))
        select_word(d, p);
}

void event_2l_clear_pending(struct domain *d, evtchn_port_t p)
{
    test_and_clear(&d->shared_info->evtchn_pending[p / BITS], mask_of(p));
}

bool event_2l_pending(const struct domain *d, evtchn_port_t p)
{
    return test(&d->shared_info->evtchn_pending[p / BITS], mask_of(p));
}

bool event_2l_masked(const struct domain *d, evtchn_port_t p)
{
    return test(&d->shared_info->evtchn_mask[p / BITS], mask_of(p));
}
