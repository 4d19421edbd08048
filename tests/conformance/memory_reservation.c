/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory coming and going: populate_physmap, increase and decrease_reservation, with extents of
 * several pages, in part, continued, and what is asked about it. It would catch memory that is lost
 * or had twice, and a count of done extents that is not Xen's.
 */
#define __XEN_TOOLS__ /* claim_pages is for tools */
#include "frames.h"

#include "core/shared_info.h"

#define CONTINUED(op, start) ((unsigned int)(op) | (start) << 6)

static domid_t self = DOMID_SELF;

static long current(void) { return hypercall_memory_op(XENMEM_current_reservation, &self); }

static struct xen_memory_reservation reservation(xen_pfn_t *list, unsigned long count,
                                                 unsigned int order)
{
    struct xen_memory_reservation r = {
        .nr_extents = count, .extent_order = order, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return r;
}

static long reserve(unsigned int op, xen_pfn_t *list, unsigned long count, unsigned int order)
{
    struct xen_memory_reservation r = reservation(list, count, order);

    return hypercall_memory_op(op, &r);
}

static void test_down_and_up(void)
{
    xen_pfn_t list[16], pfns[16];
    long before = current();

    for (unsigned int i = 0; i < 16; i++) {
        list[i] = spare();
        pfns[i] = m2p[list[i]];
    }
    poke(list[3], 0, 77);
    answers(reserve(XENMEM_decrease_reservation, list, 16, 0), 16, "give 16 frames back");
    ok(current() == before - 16, "the reservation is less by them");
    ok(m2p[list[0]] == ~0UL, "nobody's page is there");
    answers(show(0, list[0], RO), -XEN_EBUSY, "it cannot be mapped");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, list[0], 0), -XEN_EINVAL, "nor pinned");
    answers(mmuext(MMUEXT_CLEAR_PAGE, list[0], 0), -XEN_EINVAL, "nor cleared");
    answers(set_entry(list[0], 0, 0), -XEN_EINVAL, "nor written by mmu_update");
    answers(reserve(XENMEM_decrease_reservation, list, 1, 0), 0, "nor given back once more");
    memcpy(list, pfns, sizeof(list));
    answers(reserve(XENMEM_populate_physmap, list, 16, 0), 16, "populate the same pages");
    ok(current() == before, "the reservation is as before");
    for (unsigned int i = 0; i < 16; i++) {
        if (m2p[list[i]] != pfns[i])
            ok(0, "frame %u has its page's number", i);
        p2m[pfns[i]] = list[i];
        if (show(0, list[i], RW))
            ok(0, "frame %u can be mapped", i);
        *(volatile char *)places[0] = 1;
        hide(0);
    }
    for (unsigned int i = 0; i < 16; i++)
        frame_give(pfns[i], 1);
}

static void test_larger_extents(void)
{
    xen_pfn_t list[16], pfns[16], extent;
    long before = current();

    for (unsigned int i = 0; i < 16; i++) {
        list[i] = spare();
        pfns[i] = m2p[list[i]];
    }
    answers(reserve(XENMEM_decrease_reservation, list, 16, 0), 16, "give 16 frames back");
    extent = 0x700000;
    answers(reserve(XENMEM_populate_physmap, &extent, 1, 4), 1, "populate an extent of 16");
    ok(extent % 16 == 0, "it is aligned");
    ok(m2p[extent] == 0x700000 && m2p[extent + 15] == 0x70000f, "its pages are numbered");
    ok(current() == before, "the reservation is as before");
    answers(reserve(XENMEM_decrease_reservation, &extent, 1, 4), 1, "give the extent back");
    ok(current() == before - 16, "all of it");
    answers(reserve(XENMEM_increase_reservation, &extent, 1, 4), 1, "increase by an extent");
    ok(extent % 16 == 0, "it is aligned");
    ok(current() == before, "the reservation is as before");
    list[0] = extent + 3;
    answers(reserve(XENMEM_decrease_reservation, list, 1, 0), 1, "give one frame of it back");
    answers(reserve(XENMEM_decrease_reservation, &extent, 1, 4), 0, "the extent is not whole");
    ok(current() == before - 4, "but what is before the gap has gone");
    list[0] = extent + 4;
    answers(reserve(XENMEM_decrease_reservation, list, 1, 2), 1, "4 more");
    list[0] = extent + 8;
    answers(reserve(XENMEM_decrease_reservation, list, 1, 3), 1, "and the rest");
    ok(current() == before - 16, "all has gone");
    /* In pieces it went, as a whole it comes. */
    extent = 0x700000;
    answers(reserve(XENMEM_populate_physmap, &extent, 1, 4), 1, "populate the extent again");
    answers(reserve(XENMEM_decrease_reservation, &extent, 1, 4), 1, "and give it back");
    for (unsigned int i = 0; i < 4; i++)
        list[i] = 0x700000 + 4 * i;
    answers(reserve(XENMEM_populate_physmap, list, 4, 2), 4, "populate 4 extents of 4");
    ok(m2p[list[3] + 3] == 0x70000f, "the last page is numbered");
    answers(reserve(XENMEM_decrease_reservation, list, 4, 2), 4, "give them back");
    memcpy(list, pfns, sizeof(list));
    answers(reserve(XENMEM_populate_physmap, list, 16, 0), 16, "populate the pages");
    for (unsigned int i = 0; i < 16; i++) {
        p2m[pfns[i]] = list[i];
        frame_give(pfns[i], 1);
    }
    ok(current() == before, "the reservation is as before");
}

static void test_limits(void)
{
    xen_pfn_t list[4] = {1, 2, 3, 4};
    long most = hypercall_memory_op(XENMEM_maximum_reservation, &self), before = current();

    ok(most >= before, "the maximum is not below what there is");
    answers(reserve(XENMEM_increase_reservation, NULL, 8, 9), (most - before) >> 9,
            "not more than the maximum");
    answers(reserve(XENMEM_increase_reservation, list, 1, 19), 0, "an order beyond all");
    answers(reserve(XENMEM_populate_physmap, list, 1, 19), 0, "populate it");
    answers(reserve(XENMEM_decrease_reservation, list, 1, 19), 0, "give it back");
    answers(reserve(XENMEM_increase_reservation, list, 1, 64), 0, "of order 64");
    ok(current() == before, "nothing has changed");
}

static void test_references(void)
{
    unsigned long mapped = spare(), pinned = spare(), pfn_a = m2p[mapped], pfn_b = m2p[pinned];
    xen_pfn_t list[2] = {mapped, pinned};
    long before = current();

    answers(show(0, mapped, RW), 0, "a frame is mapped");
    strcpy(places[0], "mine");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, pinned, 0), 0, "another is pinned");
    answers(reserve(XENMEM_decrease_reservation, list, 2, 0), 2, "both are given back");
    ok(current() == before, "but still the domain's");
    ok(strcmp(places[0], "mine") == 0, "what is mapped stays");
    answers(reserve(XENMEM_decrease_reservation, list, 2, 0), 2, "giving them back is no error");
    answers(show(1, mapped, RO), 0, "it can be mapped once more");
    hide(0);
    ok(current() == before, "one mapping holds it");
    hide(1);
    ok(current() == before - 1, "with the last it goes");
    answers(show(0, mapped, RO), -XEN_EBUSY, "then it is not the domain's");
    answers(mmuext(MMUEXT_UNPIN_TABLE, pinned, 0), 0, "unpin the other");
    ok(current() == before - 2, "it goes too");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, pinned, 0), -XEN_EINVAL, "and cannot be pinned");
    list[0] = pfn_a;
    list[1] = pfn_b;
    answers(reserve(XENMEM_populate_physmap, list, 2, 0), 2, "have two again");
    p2m[pfn_a] = list[0];
    p2m[pfn_b] = list[1];
    frame_give(pfn_a, 1);
    frame_give(pfn_b, 1);
    ok(current() == before, "the reservation is as before");
}

static void test_partly(void)
{
    xen_pfn_t list[6], pfns[6];
    struct xen_memory_reservation r;
    char *two_pages = memory_pages(8192, MEMORY_WRITE);
    xen_pfn_t *edge = (xen_pfn_t *)(two_pages + 4096) - 2;
    long before = current();

    for (unsigned int i = 0; i < 6; i++) {
        list[i] = spare();
        pfns[i] = m2p[list[i]];
    }
    list[2] = MFN_NOBODY;
    answers(reserve(XENMEM_decrease_reservation, list, 6, 0), 2, "the third frame is nobody's");
    list[2] = MFN_BEYOND;
    answers(hypercall_memory_op(CONTINUED(XENMEM_decrease_reservation, 2),
                                &(struct xen_memory_reservation){.nr_extents = 0}),
            2, "a start beyond the end");
    r = reservation(list, 6, 0);
    answers(hypercall_memory_op(CONTINUED(XENMEM_decrease_reservation, 2), &r), 2,
            "continued at a frame beyond all");
    answers(hypercall_memory_op(CONTINUED(XENMEM_decrease_reservation, 3), &r), 6,
            "continued after it");
    answers(hypercall_memory_op(CONTINUED(XENMEM_decrease_reservation, 6), &r), 6,
            "continued at the end");
    answers(hypercall_memory_op(CONTINUED(XENMEM_decrease_reservation, 7), &r), 7,
            "continued after the end");
    ok(current() == before - 5, "five have gone");
    answers(hypercall_memory_op(CONTINUED(XENMEM_populate_physmap, 5), WILD_POINTER), 5,
            "a wild struct");
    r = reservation(list, 6, 0);
    r.domid = 4321;
    answers(hypercall_memory_op(CONTINUED(XENMEM_populate_physmap, 3), &r), 3, "no domain");
    r = reservation(list, 1UL << 26, 0);
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), 0, "too many extents");
    r = reservation(WILD_POINTER, 6, 0);
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), 0, "a wild list");
    answers(hypercall_memory_op(XENMEM_decrease_reservation, &r), 0, "of any use");
    answers(reserve(XENMEM_populate_physmap, NULL, 2, 0), 0, "no list");
    answers(reserve(XENMEM_decrease_reservation, NULL, 2, 0), 0, "of any use");
    r = reservation((xen_pfn_t *)0xffff830000000000UL, 6, 0);
    answers(hypercall_memory_op(XENMEM_increase_reservation, &r), 0, "a list of Xen's");
    ok(current() == before - 5, "nothing has changed");
    /* A list whose end is missing: the frame that could not be told of is had all the same. */
    memory_decommit(two_pages + 4096, 4096);
    edge[0] = pfns[0];
    edge[1] = pfns[1];
    answers(reserve(XENMEM_populate_physmap, edge, 4, 0), 2, "a list that ends in the middle");
    ok(current() == before - 3, "two more");
    answers(reserve(XENMEM_increase_reservation, edge, 3, 0), 2, "increase with it");
    ok(current() == before, "three more, one of which nobody knows");
}

static void test_flags(void)
{
    xen_pfn_t list[2], frame = spare();
    unsigned long pfn = m2p[frame];
    struct xen_memory_reservation r;
    static const struct {
        const char *name;
        unsigned int flags;
        long answer;
    } flags[] = {
        {"64 address bits", XENMEMF_address_bits(64), 1},
        {"32 address bits", XENMEMF_address_bits(32), 1},
        {"12 address bits", XENMEMF_address_bits(12), 0},
        {"1 address bit", XENMEMF_address_bits(1), 0},
        {"node 0", XENMEMF_node(0), 1},
        {"exactly node 0", XENMEMF_exact_node(0), 1},
        {"node 1", XENMEMF_node(1), 1},
        {"exactly node 1", XENMEMF_exact_node(1), 0},
        {"node 63", XENMEMF_node(63), 1},
        {"node 64", XENMEMF_node(64), 0},
        {"exactly node 64", XENMEMF_exact_node(64), 0},
        {"a virtual node", XENMEMF_vnode | XENMEMF_node(70), 1},
        {"on demand", XENMEMF_populate_on_demand, 0},
    };

    list[0] = frame;
    answers(reserve(XENMEM_decrease_reservation, list, 1, 0), 1, "give a frame back");
    for (unsigned int i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        list[0] = pfn;
        r = reservation(list, 1, 0);
        r.mem_flags = flags[i].flags;
        answers(hypercall_memory_op(XENMEM_populate_physmap, &r), flags[i].answer,
                "populate with %s", flags[i].name);
        if (flags[i].answer)
            reserve(XENMEM_decrease_reservation, list, 1, 0);
    }
    list[0] = pfn;
    r = reservation(list, 1, 0);
    r.mem_flags = XENMEMF_address_bits(26);
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), 1, "below 64 MiB");
    ok(list[0] < 1UL << 14, "it is");
    answers(reserve(XENMEM_decrease_reservation, list, 1, 0), 1, "give it back");
    list[0] = pfn;
    answers(reserve(XENMEM_populate_physmap, list, 1, 0), 1, "have it again");
    p2m[pfn] = list[0];
    frame_give(pfn, 1);
}

static void test_queries(void)
{
    static const unsigned int ops[] = {XENMEM_current_reservation, XENMEM_maximum_reservation,
                                       XENMEM_maximum_gpfn};
    static const char *const names[] = {"current", "maximum", "maximum_gpfn"};
    domid_t zero = 0, wild = 4321, invalid = DOMID_INVALID, io = DOMID_IO;

    for (unsigned int i = 0; i < 3; i++) {
        long own = hypercall_memory_op(ops[i], &self);

        ok(i == 2 || own > 0, "%s: of itself", names[i]);
        ok(hypercall_memory_op(ops[i], &zero) == own, "and by its number");
        answers(hypercall_memory_op(ops[i], &wild), -XEN_ESRCH, "no domain");
        answers(hypercall_memory_op(ops[i], &invalid), -XEN_ESRCH, "DOMID_INVALID");
        answers(hypercall_memory_op(ops[i], &io), -XEN_ESRCH, "DOMID_IO");
        answers(hypercall_memory_op(ops[i], WILD_POINTER), -XEN_EFAULT, "a wild pointer");
        answers(hypercall_memory_op(CONTINUED(ops[i], 1), &self), -XEN_EINVAL, "continued");
    }
    ok(hypercall_memory_op(XENMEM_maximum_ram_page, NULL) == (long)max_mfn + 1,
       "maximum_ram_page: one more than the last in the machine-to-physical table");
    answers(hypercall_memory_op(CONTINUED(XENMEM_maximum_ram_page, 1), NULL), -XEN_EINVAL,
            "continued");
    answers(hypercall_memory_op(XENMEM_maximum_gpfn, &self), 0, "maximum_gpfn: nothing was said");
    shared_info()->arch.max_pfn = 1000;
    answers(hypercall_memory_op(XENMEM_maximum_gpfn, &self), 999, "as the shared info says");
    shared_info()->arch.max_pfn = 0;
}

static void test_claims(void)
{
    struct xen_memory_reservation r = {.domid = 0};
    xen_pfn_t list[1] = {0};

    answers(hypercall_memory_op(XENMEM_claim_pages, WILD_POINTER), -XEN_EFAULT, "claim_pages");
    answers(hypercall_memory_op(CONTINUED(XENMEM_claim_pages, 1), &r), -XEN_EINVAL, "continued");
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), 0, "no claim");
    r.extent_order = 1;
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "an order");
    r = (struct xen_memory_reservation){.mem_flags = 1};
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "flags");
    r = reservation(list, 1, 0);
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "a list");
    r = reservation(NULL, 1, 0);
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "DOMID_SELF");
    r.domid = 4321;
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "no domain");
    r.domid = 0;
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "less than there is");
    r.nr_extents = 1UL << 40;
    answers(hypercall_memory_op(XENMEM_claim_pages, &r), -XEN_EINVAL, "more than the maximum");
}

static void test_numbers(void)
{
    answers(hypercall_memory_op(8, NULL), -XEN_ENOSYS, "operation 8");
    answers(hypercall_memory_op(29, NULL), -XEN_ENOSYS, "operation 29");
    answers(hypercall_memory_op(63, NULL), -XEN_ENOSYS, "operation 63");
    answers(hypercall_memory_op(CONTINUED(63, 5), NULL), -XEN_ENOSYS, "continued");
}

int main(void)
{
    frames_init();
    test_down_and_up();
    test_larger_extents();
    test_limits();
    test_references();
    test_flags();
    test_queries();
    test_claims();
    test_numbers();
    test_partly();
    return tap_done();
}
