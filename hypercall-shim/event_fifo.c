/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The FIFO ABI (<xen/event_channel.h>): an event word for each port, in pages of the guest's
 * (the event array); for each vCPU a control block in a page of the guest's, with the heads of
 * its queues, one a priority. A word's LINK names the next port of its queue. The guest takes from
 * the head, the hypervisor adds at the tail, which only it knows.
 */
#include "event_channel.h"
#include "handlers.h"

#include <stdlib.h>

/* The event word of P, or NULL while the guest has given no page for it. */
static event_word_t *word_of(const struct domain *d, evtchn_port_t p)
{
    const struct event_fifo *f = d->events->fifo;

    return p / FIFO_WORDS_A_PAGE < f->page_count
               ? &f->pages[p / FIFO_WORDS_A_PAGE][p % FIFO_WORDS_A_PAGE]
               : NULL;
}

/* The guest changes these words too: each of these is one atomic step. */
static bool test_and_set(event_word_t *word, unsigned int bit)
{
    return __atomic_fetch_or(word, 1U << bit, __ATOMIC_SEQ_CST) >> bit & 1;
}

static void clear(event_word_t *word, unsigned int bit)
{
    __atomic_fetch_and(word, ~(1U << bit), __ATOMIC_SEQ_CST);
}

static bool test(const event_word_t *word, unsigned int bit)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST) >> bit & 1;
}

/* If WORD is still OLD it becomes NEW; else OLD becomes what it is. */
static bool exchange(event_word_t *word, event_word_t *old, event_word_t new)
{
    return __atomic_compare_exchange_n(word, old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* ---- queues ---- */

/* Makes P the successor of the queue's last word. False if the guest has taken that already. */
static bool link_to(event_word_t *last, evtchn_port_t p)
{
    event_word_t old = __atomic_load_n(last, __ATOMIC_SEQ_CST), new;

    do {
        if (!(old >> EVTCHN_FIFO_LINKED & 1))
            return false;
        new = (old & ~(1U << EVTCHN_FIFO_BUSY | EVTCHN_FIFO_LINK_MASK)) | p;
    } while (!exchange(last, &old, new)); /* LCOV_EXCL_BR_LINE: guests run by turns */
    return true;
}

/* P, whose LINKED bit has just been set, goes to the end of its queue. */
static void enqueue(struct domain *d, struct evtchn *e, evtchn_port_t p)
{
    struct fifo_vcpu *vcpus = d->events->fifo->vcpus, *to = &vcpus[e->notify_vcpu];
    evtchn_port_t *old_tail = &vcpus[e->last_vcpu].tail[e->last_priority];
    evtchn_port_t *tail = &to->tail[e->priority];

    /* It was the last of a queue, which is empty then: nobody may link to it there any more. */
    if (*old_tail == p)
        *old_tail = 0;
    e->last_vcpu = e->notify_vcpu;
    e->last_priority = e->priority;
    if (*tail && link_to(word_of(d, *tail), p)) {
        *tail = p;
        return;
    }
    *tail = p;
    __atomic_store_n(&to->control->head[e->priority], p, __ATOMIC_SEQ_CST);
    if (!test_and_set(&to->control->ready, e->priority))
        evtchn_tell_vcpu(d->vcpus[e->notify_vcpu]);
}

void event_fifo_raise(struct domain *d, evtchn_port_t p)
{
    struct evtchn *e = evtchn_at(d, p);
    event_word_t *word = word_of(d, p);
    bool was_pending;

    if (!word) {
        e->pending = true; /* until there is a page: see expand_array */
        return;
    }
    /* Xen: a guest must not unmask anything before, so the event is dropped. */
    if (!d->events->fifo->vcpus[e->notify_vcpu].control)
        return;
    was_pending = test_and_set(word, EVTCHN_FIFO_PENDING);
    if (!was_pending)
        tell(d, HYPERVISOR_EVENT_PORT, e->notify_vcpu, p);
    if (!event_fifo_masked(d, p) && !test_and_set(word, EVTCHN_FIFO_LINKED))
        enqueue(d, e, p);
    if (!was_pending)
        evtchn_wake_pollers(d, p);
}

void event_fifo_unmask(struct domain *d, evtchn_port_t p)
{
    event_word_t *word = word_of(d, p);

    if (!word)
        return;
    clear(word, EVTCHN_FIFO_MASKED);
    if (test(word, EVTCHN_FIFO_PENDING))
        event_fifo_raise(d, p);
}

/* The guest unlinks it when it comes to it in the queue, and ignores it. */
void event_fifo_clear_pending(struct domain *d, evtchn_port_t p)
{
    event_word_t *word = word_of(d, p);

    if (word)
        clear(word, EVTCHN_FIFO_PENDING);
}

bool event_fifo_pending(const struct domain *d, evtchn_port_t p)
{
    event_word_t *word = word_of(d, p);

    return word && test(word, EVTCHN_FIFO_PENDING);
}

bool event_fifo_masked(const struct domain *d, evtchn_port_t p)
{
    event_word_t *word = word_of(d, p);

    return !word || test(word, EVTCHN_FIFO_MASKED);
}

bool event_fifo_busy(const struct domain *d, evtchn_port_t p)
{
    event_word_t *word = word_of(d, p);

    return word && test(word, EVTCHN_FIFO_LINKED);
}

/* ---- the guest's pages ---- */

static void *take_page(struct domain *d, uint64_t mfn)
{
    return page_get_both(d, mfn, PAGE_WRITABLE) ? NULL : page_map(d->hv, mfn);
}

void event_fifo_destroy(struct domain *d)
{
    struct event_fifo *f = d->events->fifo;

    d->events->fifo = NULL;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (f->vcpus[i].control)
            page_put_both(d, f->vcpus[i].control_mfn);
    }
    for (uint32_t i = 0; i < f->page_count; i++)
        page_put_both(d, f->page_mfns[i]);
    free(f);
}

/* ---- operations ---- */

static int map_control(struct domain *d, struct event_fifo *f, const evtchn_init_control_t *op)
{
    struct fifo_vcpu *vcpu = &f->vcpus[op->vcpu];
    uint8_t *page;

    if (vcpu->control)
        return -EINVAL;
    page = take_page(d, op->control_gfn);
    if (!page)
        return -EINVAL;
    vcpu->control = (void *)(page + op->offset);
    vcpu->control_mfn = (uint32_t)op->control_gfn;
    return 0;
}

/* What is pending under the two-level ABI is sent again when the event's word comes. */
static void adopt_ports(struct domain *d)
{
    for (evtchn_port_t p = 1; p < EVTCHN_2L_NR_CHANNELS && evtchn_exists(d, p); p++) {
        struct evtchn *e = evtchn_at(d, p);

        if (event_2l_pending(d, p))
            e->pending = true;
        e->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    }
}

static int init_control(struct domain *d, const evtchn_init_control_t *op)
{
    struct event_fifo *f = d->events->fifo;
    int error;

    if (f)
        return map_control(d, f, op);
    f = calloc(1, sizeof(*f));
    if (!f)
        return -ENOMEM; /* LCOV_EXCL_LINE: the process has no memory */
    error = map_control(d, f, op);
    if (error) {
        free(f);
        return error;
    }
    adopt_ports(d);
    d->events->fifo = f;
    return 0;
}

long evtchn_init_control_op(struct vcpu *v, const unsigned long *a)
{
    evtchn_init_control_t op;
    struct domain *d = v->domain;
    int error;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (op.vcpu >= MAX_VCPUS)
        return -ENOENT;
    if (!d->vcpus[op.vcpu])
        return -ENOENT;
    if (op.offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block))
        return -EINVAL; /* it would cross the end of the page */
    if (op.offset % 8)
        return -EINVAL;
    error = init_control(d, &op);
    if (error)
        return error;
    op.link_bits = EVTCHN_FIFO_LINK_BITS;
    return copy_to_guest(v, a[1], &op, sizeof(op));
}

long evtchn_expand_array_op(struct vcpu *v, const unsigned long *a)
{
    evtchn_expand_array_t op;
    struct domain *d = v->domain;
    struct event_fifo *f = d->events->fifo;
    event_word_t *page;
    evtchn_port_t first;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!f)
        return -EOPNOTSUPP;
    if (f->page_count == FIFO_ARRAY_PAGES)
        return -ENOSPC;
    page = take_page(d, op.array_gfn);
    if (!page)
        return -EINVAL;
    first = f->page_count * FIFO_WORDS_A_PAGE;
    f->pages[f->page_count] = page;
    f->page_mfns[f->page_count++] = (uint32_t)op.array_gfn;
    /* Xen does not ask whether such a port is still in use (add_page_to_event_array). */
    for (evtchn_port_t p = first; p < first + FIFO_WORDS_A_PAGE && evtchn_exists(d, p); p++) {
        if (evtchn_at(d, p)->pending)
            event_fifo_raise(d, p);
    }
    return 0;
}

long evtchn_set_priority_op(struct vcpu *v, const unsigned long *a)
{
    evtchn_set_priority_t op;
    struct domain *d = v->domain;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    if (!evtchn_exists(d, op.port))
        return -EINVAL;
    if (!d->events->fifo)
        return -ENOSYS; /* the two-level ABI has no priorities */
    if (!event_channel_valid(d, op.port))
        return -EACCES; /* Xen: nothing is bound to it */
    if (op.priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    /* What is in a queue stays where it is; the next event goes to the new one. */
    evtchn_at(d, op.port)->priority = (uint8_t)op.priority;
    return 0;
}
