/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Measures what takes several domains, or what Linux would be asked for without a hypervisor.
 * Prints nanoseconds, one line for each subject; always the best of many rounds, in which what is
 * compared takes turns: what disturbs a round only ever makes it longer.
 *
 *   wake     a send until code of the domain that it wakes runs; a bare switch of coroutines
 *   wake-N, send-N   with 2, 10, 100 and 1000 domains: the same; a send on a port that is pending
 *   round-N  from one to the next of as many domains, a token that goes round all of them
 *   map      mapping and unmapping a page that another domain grants; the same by two bare mmaps
 *   life     making a domain, its first hypercall, its end; the mappings and pages of one, bare
 */
#define _GNU_SOURCE
#include "machine.h"

#include <xen/grant_table.h>
#include <xen/version.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static long evtchn(unsigned int op, void *argument)
{
    return hypercall(__HYPERVISOR_event_channel_op, op, (uintptr_t)argument, 0, 0, 0);
}

static void yield(void) { hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0); }

static long gnttab(unsigned int op, void *argument)
{
    return hypercall(__HYPERVISOR_grant_table_op, op, (uintptr_t)argument, 1, 0, 0);
}

/* ---- the floor of a wake ---- */

/* hypercall-shim/vcpu_switch.S */
void vcpu_switch(void **save_sp, void *to_sp);
void vcpu_start(void **save_sp, const struct vcpu_entry *entry);

static void *outer, *inner;

static void come_back(void)
{
    for (;;)
        vcpu_switch(&inner, outer);
}

static double bare_switch(unsigned int count)
{
    double start = now();

    for (unsigned int i = 0; i < count; i += 2)
        vcpu_switch(&outer, inner);
    return (now() - start) / count;
}

static void start_inner(void)
{
    static char stack[16384] __attribute__((aligned(16)));
    const struct vcpu_entry entry = {
        .rip = (uintptr_t)come_back,
        .rsp = (uintptr_t)(stack + sizeof(stack) - 8),
        .rflags = VCPU_RFLAGS(0),
        .fcw = VCPU_FCW,
        .mxcsr = VCPU_MXCSR,
    };

    vcpu_start(&outer, &entry);
}

/* ---- domains that wake each other ---- */

#define MANY   1000U
#define ROUNDS 60
#define TURNS  1000U

/* Each has a channel to the next, the last one to the first. */
struct member {
    unsigned int number;
    struct domain *domain;
    evtchn_port_t to_next, to_previous;
};

static struct member members[MANY];
static unsigned int member_count;
static bool is_round, all_end; /* the token goes round, or between the first two */

static struct member *neighbour(const struct member *m, unsigned int distance)
{
    return &members[(m->number + distance) % member_count];
}

static evtchn_port_t offer(const struct member *to)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = to->domain->id};

    if (evtchn(EVTCHNOP_alloc_unbound, &op))
        die("no port");
    return op.port;
}

static evtchn_port_t accept(const struct member *from)
{
    evtchn_bind_interdomain_t op = {.remote_dom = from->domain->id,
                                    .remote_port = from->to_previous};

    if (evtchn(EVTCHNOP_bind_interdomain, &op))
        die("no channel");
    return op.local_port;
}

static inline void send(evtchn_port_t port) { evtchn(EVTCHNOP_send, &port); }

/* As runtime/core/event.c: ports stay masked, upcalls too, and a poll waits for what is pending. */
static inline void wait_for(struct domain *d, evtchn_port_t port)
{
    xen_ulong_t *pending = &d->shared_info->evtchn_pending[0]; /* all ports are in this word */
    struct sched_poll op = {.nr_ports = 1};

    set_xen_guest_handle(op.ports, &port);
    while (!(*pending & 1UL << port))
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op, 0, 0, 0);
    *pending &= ~(1UL << port); /* nobody else is at work meanwhile */
}

static void connect(struct member *m)
{
    shared_info_t *s = m->domain->shared_info;

    s->evtchn_mask[0] = ~0UL;
    m->to_previous = offer(neighbour(m, member_count - 1));
    yield(); /* so that all have theirs */
    m->to_next = accept(neighbour(m, 1));
    s->evtchn_pending[0] = 0; /* a new channel is pending once */
    yield();
}

static void follow(void *argument)
{
    struct member *m = argument;

    connect(m);
    while (!all_end) {
        wait_for(m->domain, m->to_previous);
        send(is_round || all_end ? m->to_next : m->to_previous);
    }
}

static double wake(struct member *m)
{
    double start = now();

    for (unsigned int i = 0; i < TURNS; i += 2) {
        send(m->to_next);
        wait_for(m->domain, m->to_next);
    }
    return (now() - start) / TURNS;
}

static double round_all(struct member *m)
{
    unsigned int laps = 4 + TURNS / member_count;
    double start = now();

    for (unsigned int i = 0; i < laps; i++) {
        send(m->to_next);
        wait_for(m->domain, m->to_previous);
    }
    return (now() - start) / (laps * member_count);
}

static double send_pending(struct member *m)
{
    double start = now();

    for (unsigned int i = 0; i < TURNS; i++)
        send(m->to_next);
    return (now() - start) / TURNS;
}

static void lead(void *argument)
{
    struct member *m = argument;
    double woken = 0, sent = 0, round = 0, bare = 0;

    connect(m);
    for (int i = 0; i < ROUNDS; i++) {
        least(&woken, wake(m));
        least(&bare, bare_switch(TURNS));
        is_round = true;
        least(&round, round_all(m));
        is_round = false;
        least(&sent, send_pending(m));
        wait_for(m->domain, m->to_next);
    }
    if (member_count == 2)
        printf("wake %.1f %.1f\n", woken, bare);
    printf("wake-%u %.1f\nsend-%u %.1f\nround-%u %.1f\n", member_count, woken, member_count, sent,
           member_count, round);
    all_end = true;
    send(m->to_next);
}

static void measure_wake(unsigned int count)
{
    member_count = count;
    all_end = false;
    machine_start(count * GUEST_MIB + 16);
    for (unsigned int i = 0; i < count; i++) {
        members[i].number = i;
        members[i].domain = guest_create(i ? follow : lead, &members[i]);
    }
    machine_run();
    machine_stop();
}

/* ---- grants ---- */

#define MAPS    200
#define GRANT   8U
#define TABLE   10U /* pages of the guest */
#define TARGET  20U
#define GRANTED 30U

static domid_t granter;
static uint64_t granted_mfn;

static uint64_t mfn_of(unsigned int page) { return current->domain->first_mfn + page; }

static void show(unsigned int page, uint64_t mfn)
{
    const uint64_t entry = PTE_MAKE(mfn, PTE_PRESENT | PTE_RW | PTE_USER);

    if (hypercall(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(page), entry, 0, 0, 0))
        die("no mapping");
}

static void grant_to_next(void *argument)
{
    xen_pfn_t frame;
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = 1};
    grant_entry_v1_t *table;

    (void)argument;
    set_xen_guest_handle(op.frame_list, &frame);
    if (gnttab(GNTTABOP_setup_table, &op) || op.status)
        die("no grant table");
    show(TABLE, frame);
    table = guest_page(TABLE);
    granter = current->domain->id;
    granted_mfn = mfn_of(GRANTED);
    table[GRANT] = (grant_entry_v1_t){.flags = GTF_permit_access,
                                      .domid = (domid_t)(granter + 1),
                                      .frame = (uint32_t)granted_mfn};
}

static double map_and_unmap(void *at)
{
    double start = now();

    for (int i = 0; i < MAPS; i++) {
        struct gnttab_map_grant_ref map = {
            .host_addr = (uintptr_t)at, .flags = GNTMAP_host_map, .ref = GRANT, .dom = granter};
        struct gnttab_unmap_grant_ref unmap = {.host_addr = (uintptr_t)at};

        if (gnttab(GNTTABOP_map_grant_ref, &map) || map.status)
            die("no grant");
        unmap.handle = map.handle;
        if (gnttab(GNTTABOP_unmap_grant_ref, &unmap) || unmap.status)
            die("still mapped");
    }
    return (now() - start) / MAPS;
}

static double map_bare(void *at)
{
    double start = now();

    for (int i = 0; i < MAPS; i++) {
        if (mmap(at, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, hv->memfd,
                 (off_t)granted_mfn << PAGE_SHIFT) != at)
            die("no mapping");
        mmap(at, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
             0);
    }
    return (now() - start) / MAPS;
}

static void map_grants(void *argument)
{
    void *at = guest_page(TARGET);
    double grant = 0, bare = 0;

    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        least(&grant, map_and_unmap(at));
        least(&bare, map_bare(at));
    }
    printf("map %.0f %.0f\n", grant, bare);
}

static void measure_map(void)
{
    machine_start(4 * GUEST_MIB);
    guest_create(grant_to_next, NULL);
    guest_create(map_grants, NULL);
    machine_run();
    machine_stop();
}

/* ---- life and death ---- */

#define LIVES 3000

static void be_born(void *argument)
{
    (void)argument;
    hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);
}

static double live(double *made, double *ran, double *gone)
{
    double start = now(), created, ended, end;
    struct domain *d = guest_create(be_born, NULL);

    created = now();
    machine_run();
    ended = now();
    domain_destroy(d);
    end = now();
    least(made, created - start);
    least(ran, ended - created);
    least(gone, end - ended);
    return end - start;
}

/*
 * What a domain cannot do without: its memory and its window in the address space, and a page each
 * for its four page tables, its start info, its shared info and its stack.
 */
static double live_bare(void)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    size_t len = (size_t)GUEST_MIB << 20, window_len = 16UL << 30;
    double start = now();
    char *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, hv->memfd, 1L << 20);
    char *window = mmap(NULL, window_len, PROT_NONE, flags, -1, 0);

    if (memory == MAP_FAILED || window == MAP_FAILED)
        die("no mapping");
    for (size_t i = 0; i < 7; i++)
        memory[i * PAGE_SIZE] = 0;
    munmap(memory, len);
    munmap(window, window_len);
    fallocate(hv->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1L << 20, (off_t)len);
    return now() - start;
}

static void measure_life(void)
{
    double life = 0, made = 0, ran = 0, gone = 0, bare = 0;

    machine_start(64);
    for (int i = 0; i < LIVES; i++)
        least(&life, live(&made, &ran, &gone));
    machine_stop();
    machine_start(64);
    for (int i = 0; i < LIVES; i++)
        least(&bare, live_bare());
    machine_stop();
    printf("life %.0f %.0f %.0f %.0f %.0f\n", life, bare, made, ran, gone);
}

int main(void)
{
    start_inner();
    for (unsigned int count = 2; count <= MANY; count *= count == 2 ? 5 : 10)
        measure_wake(count);
    measure_map();
    measure_life();
    return 0;
}
