/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of the event channels share among themselves (<xen/event_channel.h>).
 *
 * Each domain has a table of ports, which grows in buckets. Where a port's pending and mask bits
 * are, and how its vCPU finds it, is the ABI's matter: two levels of bits (event_2l.c), which
 * every domain starts with, or linked lists (event_fifo.c), which a guest can change to.
 */
#ifndef HYPERCALL_SHIM_EVENT_CHANNEL_H
#define HYPERCALL_SHIM_EVENT_CHANNEL_H

#include "internal.h"

enum evtchn_state {
    EVTCHN_FREE,
    EVTCHN_RESERVED, /* port 0 */
    EVTCHN_UNBOUND,
    EVTCHN_INTERDOMAIN,
    EVTCHN_VIRQ,
    EVTCHN_IPI,
};

struct evtchn {
    event_channel_notify *notify; /* INTERDOMAIN: the other end is the host's, else NULL */
    void *notify_context;
    union {
        evtchn_port_t remote_port; /* INTERDOMAIN */
        uint32_t virq;             /* VIRQ */
    };
    domid_t remote_domid; /* UNBOUND: who may bind; INTERDOMAIN: who has */
    uint16_t notify_vcpu;
    uint8_t state;
    /* The FIFO ABI's. They outlive the binding and even the ABI, as in Xen. */
    uint8_t priority;
    uint8_t last_priority; /* with last_vcpu: the queue it was last put into */
    bool pending;          /* came, at some time, while it had no event word */
    uint16_t last_vcpu;
};

/* Xen 4.17 makes ports valid page by page of its own structure, which is 64 at a time. */
#define PORTS_A_BUCKET 64U

struct evtchn_bucket {
    uint64_t free; /* a bit for each port whose state is EVTCHN_FREE */
    struct evtchn ports[PORTS_A_BUCKET];
};

#define BUCKETS_MAX (EVTCHN_FIFO_NR_CHANNELS / PORTS_A_BUCKET)

/* ---- the FIFO ABI's state (event_fifo.c) ---- */

#define FIFO_WORDS_A_PAGE ((evtchn_port_t)(PAGE_SIZE / sizeof(event_word_t)))
#define FIFO_ARRAY_PAGES  (EVTCHN_FIFO_NR_CHANNELS / FIFO_WORDS_A_PAGE)

struct fifo_vcpu {
    struct evtchn_fifo_control_block *control; /* NULL: the guest has not given it yet */
    uint32_t control_mfn;
    evtchn_port_t tail[EVTCHN_FIFO_MAX_QUEUES]; /* 0: none that one could link to */
};

struct event_fifo {
    event_word_t *pages[FIFO_ARRAY_PAGES];
    uint32_t page_mfns[FIFO_ARRAY_PAGES];
    uint32_t page_count;
    struct fifo_vcpu vcpus[MAX_VCPUS];
};

struct event_channels {
    struct event_fifo *fifo; /* NULL: the two-level ABI */
    evtchn_port_t valid;     /* ports below have a struct evtchn */
    struct evtchn_bucket **buckets;
    uint32_t bucket_space; /* how many pointers fit there */
    /* Where free ports are: a bit for each bucket that has one, a bit for each such word. */
    uint64_t with_free[BUCKETS_MAX / 64];
    uint64_t words_with_free;
    /* What most domains need, so that a start allocates once. */
    struct evtchn_bucket *first_buckets[8];
    struct evtchn_bucket first;
};

static inline struct evtchn *evtchn_at(const struct domain *d, evtchn_port_t p)
{
    return &d->events->buckets[p / PORTS_A_BUCKET]->ports[p % PORTS_A_BUCKET];
}

/* Whether P is a port that a status can be asked of, in any state. None is when D is dying. */
static inline bool evtchn_exists(const struct domain *d, evtchn_port_t p)
{
    return d->events && p < d->events->valid;
}

/* ---- event_port.c ---- */

/* E, all zero, becomes D's and is there as long as D is. */
void evtchn_ports_init(struct domain *d, struct event_channels *e);
void evtchn_ports_free(struct domain *d);
/* The lowest port that is free: 0 and stores it, or an error. It is not taken yet. */
int evtchn_find_free(struct domain *d, evtchn_port_t *out);
/* Takes the free port P for STATE, which is not EVTCHN_FREE. */
struct evtchn *evtchn_take(struct domain *d, evtchn_port_t p, enum evtchn_state state);
/* Gives P back: its state becomes EVTCHN_FREE. */
void evtchn_give(struct domain *d, evtchn_port_t p);

/* ---- event_channel.c ---- */

/* Makes P, which is not free, pending and tells its vCPU. */
void evtchn_raise(struct domain *d, evtchn_port_t p);
bool evtchn_masked(const struct domain *d, evtchn_port_t p);
/* For the ABIs: V has events. Wakes it if it did not know. */
void evtchn_tell_vcpu(struct vcpu *v);
/* For the ABIs: P has become pending, which vCPUs in SCHEDOP_poll may wait for. */
void evtchn_wake_pollers(struct domain *d, evtchn_port_t p);

/* ---- the ABIs: the same functions for both. P is a port that is not free ---- */

void event_2l_raise(struct domain *d, evtchn_port_t p);
void event_2l_unmask(struct domain *d, evtchn_port_t p);
void event_2l_clear_pending(struct domain *d, evtchn_port_t p);
bool event_2l_pending(const struct domain *d, evtchn_port_t p);
bool event_2l_masked(const struct domain *d, evtchn_port_t p);

void event_fifo_raise(struct domain *d, evtchn_port_t p);
void event_fifo_unmask(struct domain *d, evtchn_port_t p);
void event_fifo_clear_pending(struct domain *d, evtchn_port_t p);
bool event_fifo_pending(const struct domain *d, evtchn_port_t p);
bool event_fifo_masked(const struct domain *d, evtchn_port_t p);

/* Whether free port P is still in a queue, so that it must not be given out. */
bool event_fifo_busy(const struct domain *d, evtchn_port_t p);
/* Back to the two-level ABI: gives the guest's pages back. */
void event_fifo_destroy(struct domain *d);

#endif
