/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channel ports: which is given out, how many there are, what each operation does with a
 * port in each state, and what comes of an argument that Xen cannot write to. It would catch a
 * port that is lost or given out twice, and a check that comes before another.
 */
#include "tap.h"

#include <xen/event_channel.h>

#include "core/domain.h"
#include "core/memory.h"
#include "core/shared_info.h"

static long op(unsigned int cmd, void *arg) { return hypercall_event_channel_op(cmd, arg); }

static evtchn_port_t ipi(void)
{
    evtchn_bind_ipi_t bind = {.vcpu = 0};

    return op(EVTCHNOP_bind_ipi, &bind) == 0 ? bind.port : 0;
}

static evtchn_port_t offer_to(domid_t remote)
{
    evtchn_alloc_unbound_t offer = {.dom = DOMID_SELF, .remote_dom = remote};

    return op(EVTCHNOP_alloc_unbound, &offer) == 0 ? offer.port : 0;
}

static evtchn_port_t virq(unsigned int number)
{
    evtchn_bind_virq_t bind = {.virq = number, .vcpu = 0};

    return op(EVTCHNOP_bind_virq, &bind) == 0 ? bind.port : 0;
}

static long close(evtchn_port_t port) { return op(EVTCHNOP_close, &port); }

static long send(evtchn_port_t port) { return op(EVTCHNOP_send, &port); }

static long unmask(evtchn_port_t port) { return op(EVTCHNOP_unmask, &port); }

static long bind_to(domid_t remote, evtchn_port_t port, evtchn_port_t *local)
{
    evtchn_bind_interdomain_t bind = {.remote_dom = remote, .remote_port = port};
    long error = op(EVTCHNOP_bind_interdomain, &bind);

    if (local)
        *local = bind.local_port;
    return error;
}

static long bind_vcpu(evtchn_port_t port, unsigned int vcpu)
{
    evtchn_bind_vcpu_t arg = {.port = port, .vcpu = vcpu};

    return op(EVTCHNOP_bind_vcpu, &arg);
}

static long status(domid_t dom, evtchn_port_t port, evtchn_status_t *out)
{
    *out = (evtchn_status_t){.dom = dom, .port = port, .status = 99, .vcpu = 99};
    out->u.interdomain.dom = 0x1234;
    out->u.interdomain.port = 0x56789;
    return op(EVTCHNOP_status, out);
}

static unsigned int status_of(evtchn_port_t port)
{
    evtchn_status_t s;

    return status(DOMID_SELF, port, &s) == 0 ? s.status : 999;
}

static xen_ulong_t *bits(xen_ulong_t *map, evtchn_port_t port) { return &map[port / 64]; }

static int is_set(xen_ulong_t *map, evtchn_port_t port)
{
    return __atomic_load_n(bits(map, port), __ATOMIC_SEQ_CST) >> port % 64 & 1;
}

static void set(xen_ulong_t *map, evtchn_port_t port)
{
    __atomic_fetch_or(bits(map, port), 1UL << port % 64, __ATOMIC_SEQ_CST);
}

static void clear(xen_ulong_t *map, evtchn_port_t port)
{
    __atomic_fetch_and(bits(map, port), ~(1UL << port % 64), __ATOMIC_SEQ_CST);
}

/* However many vCPUs a test is run with, this one is not there. */
#define NO_VCPU 77

#define PENDING shared_info()->evtchn_pending
#define MASK    shared_info()->evtchn_mask

/* ---- states ---- */

static void test_status(void)
{
    evtchn_port_t free = ipi(), a, b;
    evtchn_status_t s;

    answers(close(free), 0, "a port is closed");
    answers(status(DOMID_SELF, free, &s), 0, "status of a free port");
    ok(s.status == EVTCHNSTAT_closed && s.vcpu == 0, "is closed, vCPU 0");
    ok(s.u.interdomain.dom == 0x1234 && s.u.interdomain.port == 0x56789, "says nothing else");
    answers(status(DOMID_SELF, 0, &s), 0, "status of port 0");
    ok(s.status == EVTCHNSTAT_closed && s.vcpu == 0, "is closed, too");
    answers(status(DOMID_SELF, 64, &s), -XEN_EINVAL, "status of port 64 while none was needed");
    ok(s.status == 99, "stores nothing");
    answers(status(DOMID_SELF, 0xffffffff, &s), -XEN_EINVAL, "status of port 0xffffffff");
    answers(status(domain_id(), 0, &s), 0, "status in the domain's own number");
    answers(status(4321, 0, &s), -XEN_ESRCH, "in domain 4321");
    answers(status(4321, 0xffffffff, &s), -XEN_ESRCH, "whatever the port");
    answers(status(DOMID_XEN, 0, &s), -XEN_ESRCH, "in DOMID_XEN");
    answers(status(DOMID_IO, 0, &s), -XEN_ESRCH, "in DOMID_IO");
    answers(status(DOMID_INVALID, 0, &s), -XEN_ESRCH, "in DOMID_INVALID");

    a = offer_to(4321);
    answers(status(DOMID_SELF, a, &s), 0, "status of a port that waits for a domain");
    ok(s.status == EVTCHNSTAT_unbound && s.u.unbound.dom == 4321, "which need not exist");
    ok(s.u.interdomain.port == 0x56789, "there is no port in it");
    close(a);
    a = offer_to(DOMID_SELF);
    status(DOMID_SELF, a, &s);
    ok(s.u.unbound.dom == domain_id(), "DOMID_SELF becomes the domain's number");
    answers(bind_to(DOMID_SELF, a, &b), 0, "it is bound");
    status(DOMID_SELF, a, &s);
    ok(s.status == EVTCHNSTAT_interdomain && s.vcpu == 0, "its status is interdomain");
    ok(s.u.interdomain.dom == domain_id() && s.u.interdomain.port == b, "names domain and port");
    answers(close(a), 0, "one end is closed");
    status(DOMID_SELF, b, &s);
    ok(s.status == EVTCHNSTAT_unbound && s.u.unbound.dom == domain_id(), "the other waits again");
    ok(is_set(PENDING, b), "what was pending there still is");
    answers(send(b), 0, "send on it");
    answers(bind_to(DOMID_SELF, b, &a), 0, "it can be bound again");
    close(b);
    ok(!is_set(PENDING, b), "closed, it is not pending");
    close(a);

    a = ipi();
    status(DOMID_SELF, a, &s);
    ok(s.status == EVTCHNSTAT_ipi && s.u.interdomain.port == 0x56789, "an IPI's status is ipi");
    close(a);
    a = virq(VIRQ_XENOPROF);
    status(DOMID_SELF, a, &s);
    ok(s.status == EVTCHNSTAT_virq && s.u.virq == VIRQ_XENOPROF, "a VIRQ's names it");
    close(a);
}

static void test_alloc_unbound(void)
{
    evtchn_alloc_unbound_t offer = {.dom = DOMID_XEN, .remote_dom = DOMID_SELF, .port = 77};

    answers(op(EVTCHNOP_alloc_unbound, &offer), -XEN_ESRCH, "alloc_unbound in DOMID_XEN");
    ok(offer.port == 77, "stores nothing");
    offer.dom = domain_id();
    answers(op(EVTCHNOP_alloc_unbound, &offer), 0, "alloc_unbound in the domain's own number");
    ok(offer.port != 77 && offer.dom == domain_id(), "stores the port alone");
    close(offer.port);
    offer.remote_dom = DOMID_INVALID;
    answers(op(EVTCHNOP_alloc_unbound, &offer), 0, "for DOMID_INVALID");
    close(offer.port);
}

static void test_bind_interdomain(void)
{
    evtchn_port_t a = offer_to(DOMID_SELF), other = offer_to(4321), i = ipi();
    evtchn_port_t v = virq(VIRQ_DEBUG), next = ipi(), local = 0;

    close(next);
    answers(bind_to(4321, a, NULL), -XEN_ESRCH, "bind_interdomain to domain 4321");
    answers(bind_to(DOMID_SELF, 0xffffffff, NULL), -XEN_EINVAL, "to port 0xffffffff");
    answers(bind_to(DOMID_SELF, 0, NULL), -XEN_EINVAL, "to port 0");
    answers(bind_to(DOMID_SELF, 60, NULL), -XEN_EINVAL, "to a free port");
    answers(bind_to(DOMID_SELF, next, &local), -XEN_EINVAL, "to the very port it would get");
    answers(bind_to(DOMID_SELF, other, NULL), -XEN_EINVAL, "to one that waits for another domain");
    answers(bind_to(DOMID_SELF, i, NULL), -XEN_EINVAL, "to an IPI");
    answers(bind_to(DOMID_SELF, v, NULL), -XEN_EINVAL, "to a VIRQ");
    ok(status_of(next) == EVTCHNSTAT_closed && ipi() == next, "none of it took a port");
    close(next);
    answers(bind_to(domain_id(), a, &local), 0, "to one that waits for it");
    ok(local == next, "takes the lowest");
    answers(bind_to(DOMID_SELF, local, NULL), -XEN_EINVAL, "to the other end");
    close(local);
    close(a), close(other), close(i), close(v);
}

static void test_virqs(void)
{
    static const unsigned char own[NR_VIRQS] = {
        [VIRQ_TIMER] = 1, [VIRQ_DEBUG] = 1, [VIRQ_XENOPROF] = 1, [VIRQ_XENPMU] = 1};
    evtchn_bind_virq_t bind;
    long error;

    for (unsigned int i = 0; i < NR_VIRQS; i++) {
        if (i == VIRQ_CONSOLE)
            continue; /* this guest has bound it */
        bind = (evtchn_bind_virq_t){.virq = i, .vcpu = NO_VCPU};
        answers(op(EVTCHNOP_bind_virq, &bind), own[i] ? -XEN_ENOENT : -XEN_EINVAL,
                "VIRQ %u of a vCPU that is not there", i);
        bind.vcpu = 0;
        error = op(EVTCHNOP_bind_virq, &bind);
        ok(error == 0 && op(EVTCHNOP_bind_virq, &(evtchn_bind_virq_t){.virq = i}) == -XEN_EEXIST,
           "VIRQ %u is bound, once", i);
        answers(send(bind.port), -XEN_EINVAL, "VIRQ %u cannot be sent", i);
        answers(bind_vcpu(bind.port, 0), own[i] ? -XEN_EINVAL : 0, "VIRQ %u bound to vCPU 0", i);
        close(bind.port);
    }
    bind = (evtchn_bind_virq_t){.virq = NR_VIRQS, .vcpu = 4000};
    answers(op(EVTCHNOP_bind_virq, &bind), -XEN_EINVAL, "VIRQ 24");
    bind.virq = 0xffffffff;
    answers(op(EVTCHNOP_bind_virq, &bind), -XEN_EINVAL, "VIRQ 0xffffffff");
    bind = (evtchn_bind_virq_t){.virq = VIRQ_CONSOLE, .vcpu = 4000};
    answers(op(EVTCHNOP_bind_virq, &bind), -XEN_EINVAL, "a global VIRQ of vCPU 4000");
}

static void test_pirq(void)
{
    evtchn_bind_pirq_t bind = {.pirq = 0};

    answers(op(EVTCHNOP_bind_pirq, &bind), -XEN_EPERM, "interrupt line 0, which is Xen's");
    bind.pirq = 1 << 20;
    answers(op(EVTCHNOP_bind_pirq, &bind), -XEN_EINVAL, "a line beyond all");
    bind.pirq = 30;
    answers(op(EVTCHNOP_bind_pirq, &bind), -XEN_EPERM, "a line that is not mapped");
    bind.flags = BIND_PIRQ__WILL_SHARE;
    answers(op(EVTCHNOP_bind_pirq, &bind), -XEN_EPERM, "shared likewise");
}

static void test_free_ports(void)
{
    answers(send(0), -XEN_EINVAL, "send on port 0");
    answers(send(60), -XEN_EINVAL, "send on a free port");
    answers(send(64), -XEN_EINVAL, "send on a port that is not there");
    answers(send(0xffffffff), -XEN_EINVAL, "send on port 0xffffffff");
    answers(close(0), -XEN_EINVAL, "close of port 0");
    answers(close(60), -XEN_EINVAL, "close of a free port");
    answers(close(0xffffffff), -XEN_EINVAL, "close of port 0xffffffff");
    answers(bind_vcpu(0, 0), -XEN_EINVAL, "bind_vcpu of port 0");
    answers(bind_vcpu(60, 0), -XEN_EINVAL, "bind_vcpu of a free port");
    answers(bind_vcpu(0xffffffff, 0), -XEN_EINVAL, "bind_vcpu of port 0xffffffff");
    answers(bind_vcpu(0xffffffff, NO_VCPU), -XEN_ENOENT, "to a vCPU that is not there");
    answers(bind_vcpu(0xffffffff, 0xffffffff), -XEN_ENOENT, "to vCPU 0xffffffff");
    set(MASK, 60);
    answers(unmask(60), 0, "unmask of a free port");
    ok(is_set(MASK, 60), "leaves the mask");
    set(MASK, 0);
    answers(unmask(0), 0, "unmask of port 0");
    ok(is_set(MASK, 0), "leaves the mask");
    answers(unmask(64), -XEN_EINVAL, "unmask of a port that is not there");
}

static void test_bind_vcpu(void)
{
    evtchn_port_t a = offer_to(DOMID_SELF), i = ipi(), v = virq(VIRQ_TIMER), b;

    answers(bind_vcpu(a, 0), 0, "bind_vcpu of a port that waits");
    bind_to(DOMID_SELF, a, &b);
    answers(bind_vcpu(a, 0), 0, "of one end of a channel");
    answers(bind_vcpu(i, 0), -XEN_EINVAL, "of an IPI");
    answers(bind_vcpu(v, 0), -XEN_EINVAL, "of a vCPU's own VIRQ");
    answers(bind_vcpu(a, NO_VCPU), -XEN_ENOENT, "to a vCPU that is not there");
    close(a), close(b), close(i), close(v);
}

/* ---- bits ---- */

static void test_bits(void)
{
    vcpu_info_t *vcpu = shared_vcpu_info();
    evtchn_port_t i = ipi(), k = ipi();
    xen_ulong_t word = 1UL << i / 64;

    clear(MASK, i), clear(MASK, k);
    vcpu->evtchn_pending_sel = 0;
    vcpu->evtchn_upcall_pending = 0x80;
    send(i);
    ok(vcpu->evtchn_upcall_pending == 0x81, "an upcall is bit 0 of its byte");
    ok(vcpu->evtchn_pending_sel == word, "the word is selected");
    vcpu->evtchn_upcall_pending = 0;
    send(k);
    ok(is_set(PENDING, k) && vcpu->evtchn_upcall_pending == 0,
       "another port of a word that is selected asks for no upcall");
    clear(PENDING, k);
    vcpu->evtchn_pending_sel = 0;
    vcpu->evtchn_upcall_pending = 1;
    send(k);
    ok(vcpu->evtchn_pending_sel == word, "with the upcall asked for, words are selected");
    vcpu->evtchn_pending_sel = ~word;
    vcpu->evtchn_upcall_pending = 0;
    clear(PENDING, k);
    send(k);
    ok(vcpu->evtchn_pending_sel == ~0UL && vcpu->evtchn_upcall_pending == 1,
       "other words that are selected do not matter");

    vcpu->evtchn_pending_sel = 0;
    vcpu->evtchn_upcall_pending = 0;
    answers(unmask(k), 0, "unmask of a pending port that was not masked");
    ok(vcpu->evtchn_pending_sel == 0, "does nothing");
    clear(PENDING, k);
    set(MASK, k);
    answers(unmask(k), 0, "unmask of a port that is not pending");
    ok(!is_set(MASK, k) && vcpu->evtchn_pending_sel == 0, "clears the mask only");
    set(MASK, k);
    set(PENDING, k);
    vcpu->evtchn_pending_sel = word;
    answers(unmask(k), 0, "unmask of a pending port in a word that is selected");
    ok(!is_set(MASK, k) && vcpu->evtchn_upcall_pending == 0, "asks for no upcall");
    send(k);
    ok(vcpu->evtchn_upcall_pending == 0, "send on a pending port does not either");
    set(MASK, k);
    answers(close(k), 0, "close of a pending, masked port");
    ok(!is_set(PENDING, k) && is_set(MASK, k), "clears pending and leaves the mask");
    ok(vcpu->evtchn_pending_sel == word, "and the selector");
    set(PENDING, k);
    ok(ipi() == k && is_set(PENDING, k), "a new binding leaves both");
    clear(PENDING, k);
    clear(MASK, i);
    ok(is_set(PENDING, i), "an event is pending");
    vcpu->evtchn_pending_sel = 0;
    close(i);
    ok(!is_set(PENDING, i), "and is not, closed");
    close(k);
    set(MASK, i);
    vcpu->evtchn_upcall_pending = 0;
}

/* ---- which port, and how many ---- */

static void test_order(void)
{
    evtchn_port_t first = ipi(), ports[8];

    for (int i = 0; i < 8; i++)
        ports[i] = ipi();
    ok(ports[0] == first + 1 && ports[7] == first + 8, "ports are given out in order");
    close(ports[6]), close(ports[2]), close(ports[4]);
    ok(ipi() == ports[2] && ipi() == ports[4] && ipi() == ports[6], "closed ones by number");
    ok(ipi() == ports[7] + 1, "before any new one");
    for (evtchn_port_t p = first; p <= ports[7] + 1; p++)
        close(p);
}

static void test_limit(void)
{
    evtchn_port_t first = ipi(), last = first, p;
    evtchn_status_t s;

    while ((p = ipi()) == last + 1 && p < 63)
        last = p;
    ok(p == 63, "there are ports up to 63");
    answers(status(DOMID_SELF, 64, &s), -XEN_EINVAL, "port 64 is not there");
    ok(ipi() == 64, "until it is needed");
    ok(status_of(127) == EVTCHNSTAT_closed, "then there are 64 more");
    answers(status(DOMID_SELF, 128, &s), -XEN_EINVAL, "and no 65th");
    for (last = 64; (p = ipi()) == last + 1; last++)
        ;
    ok(last == 4095 && p == 0, "port 4095 is the last");
    answers(op(EVTCHNOP_bind_ipi, &(evtchn_bind_ipi_t){.vcpu = 0}), -XEN_ENOSPC, "bind_ipi then");
    answers(op(EVTCHNOP_bind_ipi, &(evtchn_bind_ipi_t){.vcpu = NO_VCPU}), -XEN_ENOENT,
            "of no vCPU");
    answers(op(EVTCHNOP_bind_virq, &(evtchn_bind_virq_t){.virq = VIRQ_TIMER}), -XEN_ENOSPC,
            "bind_virq");
    answers(op(EVTCHNOP_bind_virq, &(evtchn_bind_virq_t){.virq = VIRQ_CONSOLE}), -XEN_EEXIST,
            "of a VIRQ that is bound");
    answers(op(EVTCHNOP_alloc_unbound, &(evtchn_alloc_unbound_t){.dom = DOMID_SELF}), -XEN_ENOSPC,
            "alloc_unbound");
    answers(bind_to(DOMID_SELF, 0xffffffff, NULL), -XEN_ENOSPC, "bind_interdomain");
    answers(bind_to(4321, 0, NULL), -XEN_ESRCH, "of domain 4321");
    send(4095);
    ok(is_set(PENDING, 4095), "the last port can be sent on");
    clear(MASK, 4000);
    shared_vcpu_info()->evtchn_pending_sel = 0;
    send(4000);
    ok(shared_vcpu_info()->evtchn_pending_sel == 1UL << 62, "and selects its word");
    close(3000), close(1000), close(2000);
    ok(ipi() == 1000 && ipi() == 2000 && ipi() == 3000 && ipi() == 0, "closed ports come again");
    for (p = first; p <= 4095; p++)
        close(p);
    ok(status_of(4095) == EVTCHNSTAT_closed, "closed, the ports are there still");
    answers(status(DOMID_SELF, 4096, &s), -XEN_EINVAL, "and no others");
    ok(ipi() == first, "the first is given out first");
    close(first);
    set(MASK, 4000);
    shared_vcpu_info()->evtchn_upcall_pending = 0;
}

/* ---- arguments that cannot be written ---- */

static char page[4096] __attribute__((aligned(4096)));

static long map(uint64_t flags)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;
    unsigned long mfn = p2m[((uintptr_t)page - memory_virt_base()) >> 12];

    return hypercall_update_va_mapping(page, mfn << 12 | flags, UVMF_INVLPG);
}

static long read_only(unsigned int cmd, const void *arg, size_t len)
{
    long answer;

    memcpy(page, arg, len);
    map(5 | 1UL << 63);
    answer = op(cmd, page);
    map(7 | 1UL << 63);
    return answer;
}

static void test_read_only(void)
{
    evtchn_port_t next = ipi(), a;
    evtchn_alloc_unbound_t offer = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    evtchn_bind_interdomain_t bind = {.remote_dom = DOMID_SELF};
    evtchn_bind_virq_t timer = {.virq = VIRQ_TIMER};
    evtchn_bind_ipi_t ip = {.vcpu = 0};
    evtchn_status_t s = {.dom = DOMID_SELF, .port = next};

    close(next);
    answers(read_only(EVTCHNOP_alloc_unbound, &offer, sizeof offer), -XEN_EFAULT,
            "alloc_unbound, its argument read only");
    ok(status_of(next) == EVTCHNSTAT_unbound, "has been done");
    a = next + 1;
    bind.remote_port = next;
    answers(read_only(EVTCHNOP_bind_interdomain, &bind, sizeof bind), -XEN_EFAULT,
            "bind_interdomain likewise");
    ok(status_of(a) == EVTCHNSTAT_interdomain, "has been done");
    answers(read_only(EVTCHNOP_bind_virq, &timer, sizeof timer), -XEN_EFAULT, "bind_virq");
    ok(status_of(a + 1) == EVTCHNSTAT_virq, "has been done");
    answers(read_only(EVTCHNOP_bind_ipi, &ip, sizeof ip), -XEN_EFAULT, "bind_ipi");
    ok(status_of(a + 2) == EVTCHNSTAT_ipi, "has been done");
    answers(read_only(EVTCHNOP_status, &s, sizeof s), -XEN_EFAULT, "status");
    answers(read_only(EVTCHNOP_send, &next, sizeof next), 0, "send only reads it");
    ip.vcpu = NO_VCPU;
    answers(read_only(EVTCHNOP_bind_ipi, &ip, sizeof ip), -XEN_ENOENT, "an error comes first");
    answers(read_only(EVTCHNOP_close, &next, sizeof next), 0, "close only reads it");
    close(a), close(a + 1), close(a + 2);
}

static void test_wild(void)
{
    for (unsigned int cmd = 0; cmd < 15; cmd++)
        answers(op(cmd, WILD_POINTER), -XEN_EFAULT, "operation %u with a wild pointer", cmd);
    answers(op(15, WILD_POINTER), -XEN_ENOSYS, "operation 15");
    answers(op(0xffffffff, WILD_POINTER), -XEN_ENOSYS, "operation 0xffffffff");
    /* An argument that begins at the end of what is mapped. */
    ok(map(0) == 0, "a page is unmapped");
    answers(op(EVTCHNOP_send, page), -XEN_EFAULT, "send from there");
    answers(op(EVTCHNOP_status, page + 4096 - 4), -XEN_EFAULT, "status from its end");
    map(7 | 1UL << 63);
}

/* ---- the old hypercall ---- */

static long compat(struct evtchn_op *arg)
{
    return hypercall(__HYPERVISOR_event_channel_op_compat, HYPERCALL_ARG(arg), 0, 0, 0, 0);
}

static void test_compat(void)
{
    struct evtchn_op arg = {.cmd = EVTCHNOP_alloc_unbound};
    evtchn_port_t a, b;

    arg.u.alloc_unbound.dom = DOMID_SELF;
    arg.u.alloc_unbound.remote_dom = DOMID_SELF;
    answers(compat(&arg), 0, "the old hypercall: alloc_unbound");
    a = arg.u.alloc_unbound.port;
    ok(status_of(a) == EVTCHNSTAT_unbound, "its port waits");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_bind_interdomain};
    arg.u.bind_interdomain.remote_dom = DOMID_SELF;
    arg.u.bind_interdomain.remote_port = a;
    answers(compat(&arg), 0, "bind_interdomain");
    b = arg.u.bind_interdomain.local_port;
    arg = (struct evtchn_op){.cmd = EVTCHNOP_send};
    arg.u.send.port = b;
    answers(compat(&arg), 0, "send");
    ok(is_set(PENDING, a), "is received");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_status};
    arg.u.status.dom = DOMID_SELF;
    arg.u.status.port = b;
    answers(compat(&arg), 0, "status");
    ok(arg.u.status.u.interdomain.port == a, "names the other port");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_bind_vcpu};
    arg.u.bind_vcpu.port = b;
    answers(compat(&arg), 0, "bind_vcpu");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_unmask};
    arg.u.unmask.port = b;
    answers(compat(&arg), 0, "unmask");
    set(MASK, b);
    arg = (struct evtchn_op){.cmd = EVTCHNOP_bind_virq};
    arg.u.bind_virq.virq = NR_VIRQS;
    answers(compat(&arg), -XEN_EINVAL, "bind_virq of none");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_bind_pirq};
    answers(compat(&arg), -XEN_EPERM, "bind_pirq");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_bind_ipi};
    arg.u.bind_ipi.vcpu = NO_VCPU;
    answers(compat(&arg), -XEN_ENOENT, "bind_ipi of no vCPU");
    arg = (struct evtchn_op){.cmd = EVTCHNOP_close};
    arg.u.close.port = b;
    answers(compat(&arg), 0, "close");
    ok(status_of(b) == EVTCHNSTAT_closed, "it is closed");
    for (unsigned int cmd = EVTCHNOP_reset; cmd < 16; cmd++) {
        arg = (struct evtchn_op){.cmd = cmd};
        answers(compat(&arg), -XEN_ENOSYS, "operation %u is newer than it", cmd);
    }
    answers(compat(WILD_POINTER), -XEN_EFAULT, "a wild pointer");
    close(a);
    shared_vcpu_info()->evtchn_upcall_pending = 0;
}

/* ---- reset ---- */

static long reset(unsigned int cmd, domid_t dom)
{
    evtchn_reset_t arg = {.dom = dom};

    return op(cmd, &arg);
}

static void test_reset(void)
{
    evtchn_port_t a = offer_to(DOMID_SELF), b, i = ipi(), v = virq(VIRQ_DOM_EXC);

    bind_to(DOMID_SELF, a, &b);
    send(i), send(a);
    set(MASK, i);
    answers(reset(EVTCHNOP_reset, 4321), -XEN_ESRCH, "reset of domain 4321");
    answers(reset(EVTCHNOP_reset, DOMID_XEN), -XEN_ESRCH, "reset of DOMID_XEN");
    answers(reset(14, 4321), -XEN_ESRCH, "Xen's own operation 14 likewise");
    answers(reset(14, DOMID_SELF), -XEN_EBUSY, "no reset is under way that it could go on with");
    ok(status_of(a) == EVTCHNSTAT_interdomain, "nothing is closed");
    answers(reset(EVTCHNOP_reset, domain_id()), 0, "reset of the domain by its number");
    ok(status_of(1) == EVTCHNSTAT_closed && status_of(a) == EVTCHNSTAT_closed &&
           status_of(b) == EVTCHNSTAT_closed && status_of(i) == EVTCHNSTAT_closed &&
           status_of(v) == EVTCHNSTAT_closed,
       "closes all, the console's too");
    ok(!is_set(PENDING, i) && !is_set(PENDING, b) && is_set(MASK, i), "as close would");
    ok(status_of(4095) == EVTCHNSTAT_closed, "the ports are there still");
    ok(virq(VIRQ_CONSOLE) == 1, "the first port and the VIRQ of the console are free");
    ok(virq(VIRQ_DOM_EXC) == 2, "as are the next ones");
    answers(reset(EVTCHNOP_reset, DOMID_SELF), 0, "reset again");
    answers(reset(EVTCHNOP_reset, DOMID_SELF), 0, "and with nothing to close");
}

int main(void)
{
    memset(MASK, 0xff, sizeof shared_info()->evtchn_mask);
    test_status();
    test_alloc_unbound();
    test_bind_interdomain();
    test_virqs();
    test_pirq();
    test_free_ports();
    test_bind_vcpu();
    test_bits();
    test_order();
    test_limit();
    test_read_only();
    test_wild();
    test_compat();
    test_reset();
    return tap_done();
}
