/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory among several domains, and frames handed out by a seed: a domain that gets at another's
 * memory without the right, a promise that is not kept, free blocks that are not joined, a builder
 * that only works when frames follow each other.
 */
#define __XEN_TOOLS__
#include "guest.h"
#include "page_alloc.h"
#include "page_table.h"

#include <xen/memory.h>

#include <setjmp.h>
#include <signal.h>

#define RO (PTE_PRESENT | PTE_USER)
#define RW (PTE_PRESENT | PTE_USER | PTE_RW)

static long memory(unsigned int op, void *arg)
{
    return call(__HYPERVISOR_memory_op, op, (uintptr_t)arg);
}

static struct xen_memory_reservation reservation(xen_pfn_t *list, unsigned long count,
                                                 unsigned int order, domid_t domid)
{
    struct xen_memory_reservation r = {.nr_extents = count, .extent_order = order, .domid = domid};

    set_xen_guest_handle(r.extent_start, list);
    return r;
}

static long reserve(unsigned int op, xen_pfn_t *list, unsigned long count, unsigned int order)
{
    struct xen_memory_reservation r = reservation(list, count, order, DOMID_SELF);

    return memory(op, &r);
}

static long map(void *va, uint64_t pte)
{
    return call3(__HYPERVISOR_update_va_mapping, (uintptr_t)va, pte, UVMF_INVLPG);
}

static void nothing(void *arg) { (void)arg; }

/* A machine with a seed gives it a turn at any time, and it must be there afterwards. */
static void waiting(void *arg)
{
    (void)arg;
    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
}

static sigjmp_buf back;

static void caught(int s)
{
    (void)s;
    siglongjmp(back, 1);
}

static bool can_read(volatile char *va)
{
    struct sigaction old, new = {.sa_handler = caught};
    bool ok = false;

    sigaction(SIGSEGV, &new, &old);
    if (!sigsetjmp(back, 1)) {
        (void)*va;
        ok = true;
    }
    sigaction(SIGSEGV, &old, NULL);
    return ok;
}

/* ---- seeds ---- */

static uint64_t checksum;
static unsigned int begins; /* at which page numbers modulo 8 runs of frames begin: a set */

static void scattered(void *arg)
{
    const start_info_t *si = domain_start_info(current->domain);
    const xen_pfn_t *p2m = (const xen_pfn_t *)si->mfn_list;
    unsigned int neighbours = 0, same = 0;
    xen_pfn_t *list = guest_page(0);

    (void)arg;
    hypervisor_populate_all(hv);
    checksum = 0;
    for (uint64_t pfn = 0; pfn < si->nr_pages; pfn++) {
        same += p2m[pfn] == pfn;
        ck_assert_ptr_eq(page_owner(hv, p2m[pfn]), current->domain);
        ck_assert_uint_eq(m2p_get(hv, p2m[pfn]), pfn);
        if (pfn && p2m[pfn] == p2m[pfn - 1] + 1)
            neighbours++;
        else if (pfn > si->nr_pages / 2)
            begins |= 1U << pfn % 8;
        checksum = checksum * 31 + p2m[pfn];
    }
    ck_assert_uint_lt(neighbours, si->nr_pages / 10 * 9); /* eight are beside each other */
    ck_assert_uint_lt(same, 8);
    ck_assert_uint_eq(guest_mfn(guest_page(7)), p2m[7]);
    ck_assert_str_eq((const char *)si->cmd_line, "a test");
    /* Pages of the image hold what is written, wherever they are. */
    for (unsigned int i = 1; i < 100; i++)
        memset(guest_page(i), (int)i, 4096);
    for (unsigned int i = 1; i < 100; i++)
        ck_assert_uint_eq(((uint8_t *)page_map(hv, p2m[i]))[4095], i);
    /* Down and up again: other frames. */
    for (unsigned int i = 0; i < 300; i++)
        list[i] = p2m[si->nr_pages - 1 - i];
    ck_assert_int_eq(reserve(XENMEM_decrease_reservation, list, 300, 0), 300);
    for (unsigned int i = 0; i < 300; i++)
        list[i] = si->nr_pages - 1 - i;
    ck_assert_int_eq(reserve(XENMEM_populate_physmap, list, 300, 0), 300);
    neighbours = 0;
    for (unsigned int i = 1; i < 300; i++) {
        ck_assert_uint_eq(m2p_get(hv, list[i]), si->nr_pages - 1 - i);
        neighbours += list[i] == list[i - 1] + 1;
    }
    ck_assert_uint_lt(neighbours, 10);
    /* A larger extent must be one all the same, and there may be none. */
    list[0] = 7000;
    if (reserve(XENMEM_populate_physmap, list, 1, 3) == 1) {
        ck_assert_uint_eq(list[0] % 8, 0);
        ck_assert_uint_eq(m2p_get(hv, list[0] + 7), 7007);
    }
}

START_TEST(test_seeds)
{
    uint64_t first, last = 0;

    begins = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        for (unsigned int again = 0; again < 2; again++) {
            machine_start_seeded(40, seed);
            guest_create(16, false, scattered, NULL);
            ck_assert(guest_run());
            machine_stop();
            if (!again)
                first = checksum;
        }
        ck_assert_uint_eq(first, checksum); /* a seed is an order */
        ck_assert_uint_ne(first, last);     /* and another one another */
        last = first;
    }
    ck_assert_int_gt(__builtin_popcount(begins), 4); /* no page is sure to be next to another */
}
END_TEST

START_TEST(test_seed_full)
{
    struct domain *d[3];

    /* Until nothing is left, and again when some has come back. */
    machine_start_seeded(48, 99);
    for (unsigned int i = 0; i < 3; i++)
        d[i] = guest_create(16, false, nothing, NULL);
    ck_assert(guest_run());
    domain_destroy(d[1]);
    guest_create(16, false, scattered, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

static char disk[3 * 4096 + 100];

static int read_disk(void *context, void *buffer, size_t len)
{
    size_t *at = context;

    memcpy(buffer, disk + *at, len);
    *at += len;
    return 0;
}

START_TEST(test_seed_ramdisk)
{
    size_t at = 0;
    struct domain_config c = {
        .name = "x",
        .memory = 8 << 20,
        .ramdisk_read = read_disk,
        .ramdisk_context = &at,
        .ramdisk_size = sizeof(disk),
    };
    struct domain *d;

    for (size_t i = 0; i < sizeof(disk); i++)
        disk[i] = (char)(i * 7 / 3);
    machine_start_seeded(16, 5);
    ck_assert_int_eq(domain_create(hv, &c, &d), 0);
    ck_assert_int_eq(memcmp((const void *)domain_start_info(d)->mod_start, disk, sizeof(disk)), 0);
    ck_assert_uint_eq(at, sizeof(disk));
    machine_stop();
}
END_TEST

/* ---- blocks ---- */

/* The lists are what they seem, and no two halves of a block are free apart. */
static void check_blocks(void)
{
    uint64_t frames = 0;

    for (unsigned int order = 0; order <= MAX_ORDER; order++) {
        uint32_t before = 0;

        for (uint32_t b = hv->free_blocks[order]; b; b = hv->page_table[b].link) {
            const struct page_info *half = &hv->page_table[b ^ 1U << order];

            ck_assert_uint_eq(b & ((1U << order) - 1), 0);
            ck_assert_uint_eq(hv->page_table[b].refs, before);
            ck_assert_uint_eq(hv->page_table[b].type, order);
            ck_assert(half->owner != OWNER_FREE || half->type != order || order == MAX_ORDER);
            before = b;
            frames += 1UL << order;
        }
    }
    ck_assert_uint_eq(frames, hv->free_frames);
}

static void joining(void *arg)
{
    struct domain *d = current->domain;
    xen_pfn_t *list = guest_page(0), block;
    long before = (long)d->pages;

    (void)arg;
    for (unsigned int order = 1; order <= 8; order++) {
        unsigned int n = 1U << order;

        block = 9000;
        ck_assert_int_eq(reserve(XENMEM_populate_physmap, &block, 1, order), 1);
        ck_assert_uint_eq(block % n, 0);
        /* Given back one by one, in an order of no order, it is one block again. */
        for (unsigned int i = 0; i < n; i++)
            list[i] = block + ((i * 5 + 3) & (n - 1));
        ck_assert_int_eq(reserve(XENMEM_decrease_reservation, list, n, 0), n);
        ck_assert_int_eq(reserve(XENMEM_populate_physmap, list, n, 0), n);
        ck_assert_int_eq(reserve(XENMEM_decrease_reservation, list, n, 0), n);
        list[0] = 9000;
        ck_assert_int_eq(reserve(XENMEM_populate_physmap, list, 1, order), 1);
        ck_assert_int_eq(reserve(XENMEM_decrease_reservation, list, 1, order), 1);
        check_blocks();
        ck_assert_int_eq((long)d->pages, before);
    }
}

START_TEST(test_joining) { guest_test(joining); }
END_TEST

static void low(void *arg)
{
    xen_pfn_t mfn = 9000;
    struct xen_memory_reservation r = reservation(&mfn, 1, 0, DOMID_SELF);

    (void)arg;
    /* All frames below 2 MiB are the hypervisor's or the domain's own. */
    r.mem_flags = XENMEMF_address_bits(21);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    r.mem_flags = XENMEMF_address_bits(24);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    r.mem_flags = XENMEMF_address_bits(25);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 1);
    ck_assert_uint_lt(mfn, 1 << 13);
    /* An ordinary domain cannot insist on a node; its wish is not heard. */
    r.mem_flags = XENMEMF_exact_node(0);
    mfn = 9001;
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
    r.mem_flags = XENMEMF_node(70);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 1);
    r.extent_order = 10;
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 0);
}

START_TEST(test_low) { guest_test(low); }
END_TEST

START_TEST(test_sizes)
{
    struct domain *a, *b, *c;

    /* The memory of a domain that is gone serves ones of other sizes, in pieces if need be. */
    machine_start(40);
    a = guest_create(12, false, nothing, NULL);
    b = guest_create(12, false, nothing, NULL);
    c = guest_create(12, false, nothing, NULL);
    ck_assert(guest_run());
    domain_destroy(a);
    domain_destroy(c);
    a = guest_create(20, false, joining, NULL);
    ck_assert_ptr_nonnull(a->p2m);
    ck_assert(guest_run());
    domain_destroy(b);
    b = guest_create(16, false, joining, NULL);
    ck_assert(guest_run());
    domain_destroy(a);
    domain_destroy(b);
    machine_stop();
}
END_TEST

/* ---- exchange ---- */

static void exchange_stops(void *arg)
{
    struct domain *d = current->domain;
    xen_pfn_t *in = guest_page(0), *out = guest_page(1), pair = 9000;
    struct xen_memory_exchange *x = guest_page(2);

    (void)arg;
    /* A pair of frames for two single ones, when only one is left: all is as before. */
    ck_assert_int_eq(reserve(XENMEM_populate_physmap, &pair, 1, 1), 1);
    d->max_pages = hv->frames;
    while (reserve(XENMEM_increase_reservation, in, 1, 0) == 1)
        ;
    out[0] = d->first_mfn + d->extent_pages - 1;
    ck_assert_int_eq(reserve(XENMEM_decrease_reservation, out, 1, 0), 1);
    in[0] = pair;
    out[0] = 9000;
    out[1] = 9001;
    *x = (struct xen_memory_exchange){.in = reservation(in, 1, 1, DOMID_SELF),
                                      .out = reservation(out, 2, 0, DOMID_SELF)};
    ck_assert_int_eq(memory(XENMEM_exchange, x), -ENOMEM);
    ck_assert_uint_eq(x->nr_exchanged, 0);
    ck_assert_ptr_eq(page_owner(hv, pair), d);
    ck_assert_ptr_eq(page_owner(hv, pair + 1), d);
    ck_assert_int_eq(reserve(XENMEM_increase_reservation, NULL, 1, 0), 1); /* it is free still */
    in[0] = d->first_mfn + d->extent_pages - 2;
    ck_assert_int_eq(reserve(XENMEM_decrease_reservation, in, 1, 0), 1);
    /* The names cannot be written back; nor the number of exchanged ones. */
    in[0] = pair;
    *x = (struct xen_memory_exchange){.in = reservation(in, 1, 0, DOMID_SELF),
                                      .out = reservation(out, 1, 0, DOMID_SELF)};
    ck_assert_int_eq(map(out, PTE_MAKE(guest_mfn(out), RO)), 0);
    ck_assert_int_eq(memory(XENMEM_exchange, x), -EFAULT);
    ck_assert_uint_eq(x->nr_exchanged, 0);
    ck_assert_int_eq(map(out, PTE_MAKE(guest_mfn(out), RW)), 0);
    in[0] = pair + 1;
    ck_assert_int_eq(map(x, PTE_MAKE(guest_mfn(x), RO)), 0);
    ck_assert_int_eq(memory(XENMEM_exchange, x), -EFAULT);
    ck_assert_int_eq(map(x, PTE_MAKE(guest_mfn(x), RW)), 0);
    ck_assert_uint_eq(m2p_get(hv, out[0]), 9000);
}

START_TEST(test_exchange_stops) { guest_test(exchange_stops); }
END_TEST

/* ---- claims ---- */

static struct domain *other;

static long claim(struct domain *d, unsigned long pages)
{
    struct xen_memory_reservation r = reservation(NULL, pages, 0, domain_id(d));

    return memory(XENMEM_claim_pages, &r);
}

static void claims(void *arg)
{
    xen_pfn_t *list = guest_page(0);
    struct xen_memory_reservation r;

    (void)arg;
    /* The machine has 40 MiB: 16 are this domain's, 16 the other's, 8 are free. */
    ck_assert_int_eq(claim(other, other->pages), -EINVAL);
    ck_assert_int_eq(claim(other, other->max_pages + 1), -EINVAL);
    other->max_pages = 40 << 8;
    ck_assert_int_eq(claim(other, 25 << 8), -ENOMEM);
    ck_assert_int_eq(claim(other, 24 << 8), 0);
    ck_assert_int_eq(claim(other, 24 << 8), -EINVAL);
    /* Nobody else gets what is promised, not even for as much. */
    current->domain->max_pages = 40 << 8;
    ck_assert_int_eq(reserve(XENMEM_increase_reservation, NULL, 1, 0), 0);
    list[0] = guest_mfn(guest_page(50));
    list[1] = 50;
    ck_assert_int_eq(map(guest_page(50), 0), 0);
    struct xen_memory_exchange x = {.in = reservation(list, 1, 0, DOMID_SELF),
                                    .out = reservation(list + 1, 1, 0, DOMID_SELF)};
    ck_assert_int_eq(memory(XENMEM_exchange, &x), -ENOMEM);
    ck_assert_ptr_eq(page_owner(hv, list[0]), current->domain);
    r = reservation(NULL, 10, 0, domain_id(other));
    ck_assert_int_eq(memory(XENMEM_increase_reservation, &r), 10);
    ck_assert_uint_eq(other->claimed, (8 << 8) - 10);
    ck_assert_uint_eq(hv->claimed, (8 << 8) - 10);
    /* What is given back is promised again. */
    list[2] = domain_mfn(other, 4000);
    r = reservation(list + 2, 1, 0, domain_id(other));
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 1);
    ck_assert_uint_eq(other->claimed, (8 << 8) - 9);
    ck_assert_int_eq(claim(other, 0), 0);
    ck_assert_uint_eq(hv->claimed, 0);
    ck_assert_int_eq(reserve(XENMEM_increase_reservation, NULL, 1, 0), 1);
    ck_assert_int_eq(memory(XENMEM_exchange, &x), 0);
    ck_assert_int_eq(claim(other, other->pages + 5), 0);
}

static void run_privileged(unsigned int mib, uint64_t seed, void (*function)(void *))
{
    machine_start_seeded(mib, seed);
    guest_create(16, true, function, NULL);
    other = guest_create(16, false, waiting, NULL);
    ck_assert(guest_run());
    machine_stop();
}

START_TEST(test_claims)
{
    run_privileged(40, 0, claims);
    run_privileged(40, 3, claims);
}
END_TEST

/* ---- what the privileged may do to another domain ---- */

static uint64_t other_page(unsigned int pfn) { return domain_mfn(other, pfn); }

static void manage(void *arg)
{
    xen_pfn_t *list = guest_page(0), *out = guest_page(1);
    domid_t id = domain_id(other);
    long before = (long)other->pages;
    struct xen_memory_reservation r;
    struct xen_memory_map map;
    struct xen_foreign_memory_map set = {.domid = id, .map = {.nr_entries = 1}};

    (void)arg;
    ck_assert_int_eq(memory(XENMEM_current_reservation, &id), before);
    ck_assert_int_eq(memory(XENMEM_maximum_reservation, &id), before + 256);
    ck_assert_int_eq(memory(XENMEM_maximum_gpfn, &id), 0);
    for (unsigned int i = 0; i < 8; i++) {
        list[i] = other_page(4000 + i);
        out[i] = 4000 + i;
    }
    r = reservation(list, 8, 0, DOMID_SELF);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 0); /* not its own */
    r = reservation(list, 8, 0, id);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 8);
    ck_assert_int_eq((long)other->pages, before - 8);
    r = reservation(out, 8, 0, id);
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 8);
    ck_assert_int_eq((long)other->pages, before);
    ck_assert_ptr_eq(page_owner(hv, out[7]), other);
    ck_assert_uint_eq(m2p_get(hv, out[7]), 4007);
    /* For a PV domain, "on demand" is taken and does nothing. */
    r.mem_flags = XENMEMF_populate_on_demand;
    ck_assert_int_eq(memory(XENMEM_populate_physmap, &r), 8);
    ck_assert_int_eq((long)other->pages, before);
    memcpy(list, out, 64);
    for (unsigned int i = 0; i < 8; i++)
        out[i] = 4000 + i;
    struct xen_memory_exchange x = {.in = reservation(list, 8, 0, id),
                                    .out = reservation(out, 8, 0, id)};
    ck_assert_int_eq(memory(XENMEM_exchange, &x), 0);
    ck_assert_uint_eq(x.nr_exchanged, 8);
    ck_assert_int_eq((long)other->pages, before);
    ck_assert_ptr_eq(page_owner(hv, out[3]), other);
    set_xen_guest_handle(set.map.buffer, (void *)list);
    ck_assert_int_eq(memory(XENMEM_set_memory_map, &set), 0);
    ck_assert_uint_eq(other->e820_count, 1);
    map = (struct xen_memory_map){.nr_entries = 2};
    set_xen_guest_handle(map.buffer, (void *)out);
    ck_assert_int_eq(memory(XENMEM_memory_map, &map), -ENOSYS); /* it is the other's */
    ck_assert_int_eq(memory(XENMEM_machine_memory_map, &map), 0);
    ck_assert_uint_eq(map.nr_entries, 1);
    ck_assert_uint_eq(out[1], hv->frames << 12);
}

static void resources(void *arg)
{
    struct xen_mem_acquire_resource op = {.domid = domain_id(other), .type = 99};
    struct xen_mem_access_op access = {.domid = domain_id(other)};
    struct xen_add_to_physmap add = {.domid = domain_id(other)};
    struct xen_remove_from_physmap rem = {.domid = domain_id(other)};
    struct xen_pod_target pod = {.domid = domain_id(other)};
    struct xen_vnuma_topology_info numa = {.domid = domain_id(other)};
    xen_pfn_t *list = guest_page(0);

    (void)arg;
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &op), 0);
    ck_assert_uint_eq(op.nr_frames, (uint32_t)-EOPNOTSUPP);
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &op), -EINVAL);
    op.nr_frames = 2;
    set_xen_guest_handle(op.frame_list, list);
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &op), -EOPNOTSUPP);
    ck_assert_int_eq(memory(XENMEM_acquire_resource | 2 << 6, &op), -EINVAL);
    op.nr_frames = 1U << 26;
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &op), -EINVAL);
    op.type = XENMEM_resource_ioreq_server;
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &op), -EINVAL);
    op.type = XENMEM_resource_vmtrace_buf;
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &op), -EINVAL);
    ck_assert_int_eq(memory(XENMEM_access_op, &access), -EINVAL);
    ck_assert_int_eq(memory(XENMEM_add_to_physmap, &add), -EACCES);
    ck_assert_int_eq(memory(XENMEM_remove_from_physmap, &rem), -EACCES);
    ck_assert_int_eq(memory(XENMEM_get_pod_target, &pod), -EINVAL);
    ck_assert_int_eq(memory(XENMEM_get_vnumainfo, &numa), -EOPNOTSUPP);
}

static long update_as(uint64_t ptr, uint64_t value, unsigned int domid)
{
    mmu_update_t u = {.ptr = ptr, .val = value};

    return hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&u, 1, 0, domid, 0);
}

static long ext_as(unsigned int cmd, uint64_t mfn, unsigned int domid)
{
    struct mmuext_op op = {.cmd = cmd};

    op.arg1.mfn = mfn;
    op.arg2.src_mfn = mfn;
    return hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&op, 1, 0, domid, 0);
}

static uint64_t l1_slot(const void *va)
{
    uint64_t table;
    unsigned int slot;

    ck_assert(page_table_find_leaf(hv, current->cr3, (uintptr_t)va, &table, &slot));
    return (table << 12) + 8 * slot;
}

static void foreign(void *arg)
{
    unsigned int id = domain_id(other), tables = (id + 1U) << 16;
    uint64_t its = other_page(100), spare = other_page(4000), table = other_page(4001);
    char *va = guest_page(20), *there = (char *)(uintptr_t)(other->virt_base + 100 * PAGE_SIZE);
    uint64_t slot = l1_slot(va), l1;
    unsigned int i;

    (void)arg;
    /* Its frames in our tables. */
    ck_assert_int_eq(update_as(slot, PTE_MAKE(its, RW), DOMID_SELF), -EBUSY);
    ck_assert_int_eq(update_as(slot, PTE_MAKE(guest_mfn(guest_page(3)), RW), id), -EBUSY);
    ck_assert_int_eq(update_as(slot, PTE_MAKE(its, RW), id), 0);
    strcpy(va, "from outside");
    ck_assert_str_eq(there, "from outside");
    ck_assert_uint_eq(page_info(hv, its)->type_count, 2);
    ck_assert_int_eq(copy_to_guest(current, (uintptr_t)va, "F", 1), 0);
    ck_assert_int_eq(*there, 'F');
    ck_assert_int_eq(update_as(slot, PTE_MAKE(other->vcpus[0]->cr3, RW), id), -EBUSY);
    ck_assert_int_eq(update_as(slot, PTE_MAKE(other->vcpus[0]->cr3, RO), id), 0);
    ck_assert_int_eq(memcmp(va, page_map(hv, other->vcpus[0]->cr3), 4096), 0);
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)va,
                               PTE_MAKE(its, RO), UVMF_INVLPG, id, 0),
                     0);
    ck_assert_str_eq(va, "From outside");
    ck_assert_int_eq(update_as(slot, 0, id), 0);
    ck_assert_uint_eq(page_info(hv, its)->type_count, 1);
    /* Its tables. */
    ck_assert_int_eq(update_as(spare << 12, 77, tables | DOMID_SELF), 0);
    ck_assert_uint_eq(*(uint64_t *)page_map(hv, spare), 77);
    ck_assert_int_eq(update_as(guest_mfn(va) << 12, 77, tables | DOMID_SELF), -EINVAL);
    ck_assert_int_eq(update_as((spare << 12) | MMU_MACHPHYS_UPDATE, 1, tables | id), -EPERM);
    ck_assert_int_eq(update_as((spare << 12) | MMU_MACHPHYS_UPDATE, 4711, id), 0);
    ck_assert_uint_eq(m2p_get(hv, spare), 4711);
    ck_assert(page_table_find_leaf(hv, other->vcpus[0]->cr3, (uintptr_t)there, &l1, &i));
    ck_assert_int_eq(update_as((l1 << 12) + 8 * i, PTE_MAKE(spare, RW), tables | id), 0);
    ck_assert_int_eq(there[0], 77); /* seen at once, where the other sees it */
    ck_assert_int_eq(update_as((l1 << 12) + 8 * i, PTE_MAKE(spare, RW), tables | DOMID_SELF), 0);
    ck_assert_int_eq(
        update_as((l1 << 12) + 8 * i, PTE_MAKE(guest_mfn(guest_page(3)), RO), tables | id), -EBUSY);
    /* ... where one names oneself for another's frames. */
    ck_assert_int_eq(update_as((l1 << 12) + 8 * i, PTE_MAKE(its, RW), tables | DOMID_SELF), 0);
    ck_assert_int_eq(update_as((other->vcpus[0]->cr3 << 12) + 8 * 200, 0, tables | DOMID_SELF),
                     -EINVAL);
    ck_assert_int_eq(update_as((other->vcpus[0]->cr3 << 12) + 8 * 200, 0, tables | id), 0);
    /* A root that is shown no more; and shown again. */
    uint64_t root = other->mirror_base;
    mirror_forget(other, its);
    ck_assert_uint_eq(other->mirror_base, root);
    mirror_forget(other, root);
    mirror_flush(hv);
    ck_assert(!can_read(there));
    mirror_switch(other, root);
    ck_assert(can_read(there));
    /* Its pages as such. */
    ck_assert_int_eq(ext_as(MMUEXT_CLEAR_PAGE, spare, id), 0);
    ck_assert_uint_eq(*(uint64_t *)page_map(hv, spare), 0);
    ck_assert_int_eq(ext_as(MMUEXT_COPY_PAGE, spare, id), 0);
    ck_assert_int_eq(ext_as(MMUEXT_PIN_L1_TABLE, table, id), 0);
    ck_assert_int_eq(ext_as(MMUEXT_UNPIN_TABLE, table, id), 0);
    ck_assert_int_eq(ext_as(MMUEXT_CLEAR_PAGE, guest_mfn(guest_page(3)), id), -EINVAL);
    ck_assert_int_eq(ext_as(MMUEXT_NEW_BASEPTR, other->vcpus[0]->cr3, id), -EPERM);
    ck_assert_int_eq(ext_as(MMUEXT_FLUSH_CACHE, 0, id), -EPERM);
}

static void refused(void *arg)
{
    domid_t id = 0;
    uint64_t its = hv->domains[0]->first_mfn + 100, slot;
    xen_pfn_t *list = guest_page(0);
    struct xen_memory_reservation r = reservation(list, 1, 0, 0);
    struct xen_memory_exchange x = {.in = r, .out = r};
    struct xen_foreign_memory_map set = {.domid = 0};
    struct xen_mem_acquire_resource resource = {.domid = 0};
    struct xen_vnuma_topology_info numa = {.domid = 0};
    unsigned int done = 7;
    mmu_update_t u;

    (void)arg;
    list[0] = its;
    ck_assert_int_eq(memory(XENMEM_current_reservation, &id), -EPERM);
    ck_assert_int_eq(memory(XENMEM_maximum_reservation, &id), -EPERM);
    ck_assert_int_eq(memory(XENMEM_maximum_gpfn, &id), -EPERM);
    ck_assert_int_eq(memory(XENMEM_decrease_reservation, &r), 0);
    ck_assert_int_eq(memory(XENMEM_increase_reservation, &r), 0);
    ck_assert_int_eq(memory(XENMEM_exchange, &x), -EPERM);
    ck_assert_int_eq(memory(XENMEM_set_memory_map, &set), -EPERM);
    ck_assert_int_eq(memory(XENMEM_acquire_resource, &resource), -EPERM);
    ck_assert_int_eq(memory(XENMEM_get_vnumainfo, &numa), -EPERM);
    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)NULL);
    ck_assert_int_eq(memory(XENMEM_claim_pages, &r), -EPERM);
    slot = l1_slot(guest_page(20));
    u = (mmu_update_t){slot, PTE_MAKE(its, RO)};
    ck_assert_int_eq(update_as(slot, PTE_MAKE(its, RO), 0), -EPERM);
    ck_assert_int_eq(update_as(slot | MMU_MACHPHYS_UPDATE, 5, 0), -EPERM);
    ck_assert_int_eq(update_as(slot, PTE_MAKE(its, RO), DOMID_XEN), -EPERM);
    ck_assert_int_eq(update_as(slot, PTE_MAKE(its, RO), DOMID_IO), -EBUSY);
    ck_assert_int_eq(update_as(its << 12, 5, 1U << 16 | DOMID_SELF), -EPERM);
    ck_assert_int_eq(update_as(its << 12, 5, 1U << 16), -EPERM);
    /* Nothing is asked of nobody. */
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&u, 0, (uintptr_t)&done, 0, 0),
                     0);
    ck_assert_uint_eq(done, 0);
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&u, 0, 0, 0, 0), -EPERM);
    ck_assert_int_eq(ext_as(MMUEXT_CLEAR_PAGE, its, 0), -EPERM);
    ck_assert_int_eq(ext_as(MMUEXT_CLEAR_PAGE, its, DOMID_IO), -EPERM);
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain,
                               (uintptr_t)guest_page(20), 0, 0, 0, 0),
                     -EPERM);
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain,
                               (uintptr_t)guest_page(20), 0, 0, DOMID_XEN, 0),
                     -EPERM);
    /* No caching bits without devices. */
    ck_assert_int_eq(map(guest_page(20), PTE_MAKE(guest_mfn(guest_page(20)), RW | PTE_PCD)),
                     -EINVAL);
}

START_TEST(test_manage)
{
    run_privileged(40, 0, manage);
    run_privileged(40, 8, manage);
}
END_TEST
START_TEST(test_resources) { run_privileged(40, 0, resources); }
END_TEST
START_TEST(test_foreign)
{
    run_privileged(40, 0, foreign);
    run_privileged(40, 8, foreign);
}
END_TEST
START_TEST(test_refused)
{
    machine_start(40);
    guest_create(16, true, nothing, NULL);
    guest_create(16, false, refused, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- the mirror ---- */

/* A root that is given up while another is in use leaves nothing; one that is in use stays. */
static void far_away(void *arg)
{
    uint64_t *l4 = guest_page(10), *l3 = guest_page(11), m4 = guest_mfn(l4), m3 = guest_mfn(l3);

    (void)arg;
    ck_assert_int_eq(map(l3, PTE_MAKE(m3, RO)), 0);
    /* Where this process cannot show it: taken, and said in the log. */
    ck_assert_int_eq(mmu_update((current->cr3 << 12) + 8 * 300, PTE_MAKE(m3, RW)), 0);
    ck_assert_ptr_nonnull(strstr(host.log, "not visible in this process"));
    ck_assert_int_eq(mmu_update((current->cr3 << 12) + 8 * 300, 0), 0);
    memcpy(l4, page_map(hv, current->cr3), 4096);
    ck_assert_int_eq(map(l4, PTE_MAKE(m4, RO)), 0);
    uint64_t first = current->cr3;
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, m4, 0), 0);
    ck_assert_uint_eq(current->domain->mirror_base, m4);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, first, 0), 0);
    ck_assert(can_read((char *)guest_page(3)));
    mirror_switch(current->domain, first);
    ck_assert(can_read((char *)guest_page(3)));
}

START_TEST(test_far_away) { guest_test(far_away); }
END_TEST

int main(void)
{
    Suite *s = suite_create("memory");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_seeds);
    tcase_add_test(t, test_seed_full);
    tcase_add_test(t, test_seed_ramdisk);
    tcase_add_test(t, test_joining);
    tcase_add_test(t, test_low);
    tcase_add_test(t, test_sizes);
    tcase_add_test(t, test_exchange_stops);
    tcase_add_test(t, test_claims);
    tcase_add_test(t, test_manage);
    tcase_add_test(t, test_resources);
    tcase_add_test(t, test_foreign);
    tcase_add_test(t, test_refused);
    tcase_add_test(t, test_far_away);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
