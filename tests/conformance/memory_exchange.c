/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XENMEM_exchange: frames for others, singly and in larger extents, both ways, and each way in
 * which it can stop. It would catch frames that are lost half way.
 */
#include "frames.h"

static domid_t self = DOMID_SELF;

static long current(void) { return hypercall_memory_op(XENMEM_current_reservation, &self); }

static struct xen_memory_exchange request(xen_pfn_t *in, unsigned long in_count,
                                          unsigned int in_order, xen_pfn_t *out,
                                          unsigned long out_count, unsigned int out_order)
{
    struct xen_memory_exchange x = {
        .in = {.nr_extents = in_count, .extent_order = in_order, .domid = DOMID_SELF},
        .out = {.nr_extents = out_count, .extent_order = out_order, .domid = DOMID_SELF},
    };

    set_xen_guest_handle(x.in.extent_start, in);
    set_xen_guest_handle(x.out.extent_start, out);
    return x;
}

static long exchange(struct xen_memory_exchange *x)
{
    return hypercall_memory_op(XENMEM_exchange, x);
}

static xen_pfn_t in[16], out[16], pfns[16];
static long before;

/* Takes N frames; OUT asks for them under the names that they have. */
static void take(unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        in[i] = spare();
        out[i] = pfns[i] = m2p[in[i]];
    }
}

static void test_single(void)
{
    struct xen_memory_exchange x;

    take(8);
    poke(in[0], 0, 1234);
    x = request(in, 8, 0, out, 8, 0);
    answers(exchange(&x), 0, "exchange 8 frames");
    ok(x.nr_exchanged == 8, "all are exchanged");
    ok(current() == before, "the reservation is the same");
    for (unsigned int i = 0; i < 8; i++) {
        if (m2p[out[i]] != pfns[i])
            ok(0, "frame %u has its name", i);
        p2m[pfns[i]] = out[i];
        if (mmuext(MMUEXT_CLEAR_PAGE, out[i], 0))
            ok(0, "frame %u is the domain's", i);
        frame_give(pfns[i], 1);
    }
    answers(exchange(&x), 0, "when all are exchanged already, there is nothing to do");
    ok(x.nr_exchanged == 8, "and the number stays");
}

static void test_larger(void)
{
    struct xen_memory_exchange x;
    xen_pfn_t extent = 0x700000;

    take(16);
    x = request(in, 16, 0, &extent, 1, 4);
    answers(exchange(&x), 0, "16 frames for an extent of 16");
    ok(x.nr_exchanged == 16, "all are exchanged");
    ok(extent % 16 == 0, "it is aligned");
    ok(m2p[extent] == 0x700000 && m2p[extent + 15] == 0x70000f, "its pages have names");
    answers(mmuext(MMUEXT_CLEAR_PAGE, extent + 15, 0), 0, "they are the domain's");
    x = request(&extent, 1, 4, out, 16, 0);
    answers(exchange(&x), 0, "and back");
    ok(x.nr_exchanged == 1, "one extent is exchanged");
    for (unsigned int i = 0; i < 16; i++) {
        p2m[pfns[i]] = out[i];
        if (m2p[out[i]] != pfns[i])
            ok(0, "frame %u has its name", i);
        frame_give(pfns[i], 1);
    }
    ok(current() == before, "the reservation is the same");
    take(16);
    for (unsigned int i = 0; i < 4; i++)
        out[i] = 0x700000 + 4 * i;
    x = request(in, 16, 0, out, 4, 2);
    answers(exchange(&x), 0, "16 frames for 4 extents of 4");
    ok(m2p[out[3] + 3] == 0x70000f, "the last page has its name");
    memcpy(in, out, sizeof(in));
    for (unsigned int i = 0; i < 8; i++)
        out[i] = 0x700000 + 2 * i;
    x = request(in, 4, 2, out, 8, 1);
    answers(exchange(&x), 0, "4 extents of 4 for 8 of 2");
    ok(x.nr_exchanged == 4, "4 are exchanged");
    memcpy(in, out, sizeof(in));
    memcpy(out, pfns, sizeof(out));
    x = request(in, 8, 1, out, 16, 0);
    answers(exchange(&x), 0, "8 of 2 for 16 frames");
    for (unsigned int i = 0; i < 16; i++) {
        p2m[pfns[i]] = out[i];
        frame_give(pfns[i], 1);
    }
    ok(current() == before, "the reservation is the same");
}

static void test_refused(void)
{
    struct xen_memory_exchange x;

    take(4);
    answers(exchange(WILD_POINTER), -XEN_EFAULT, "a wild struct");
    x = request(in, 4, 0, out, 4, 0);
    answers(hypercall_memory_op(XENMEM_exchange | 1 << 6, &x), -XEN_EINVAL, "continued");
    x = request(in, 1, 19, out, 1, 19);
    answers(exchange(&x), -XEN_EPERM, "an order beyond all");
    x = request(in, 1, 0, out, 1, 19);
    answers(exchange(&x), -XEN_EPERM, "of one of them");
    x = request(in, 4, 0, out, 4, 0);
    x.nr_exchanged = 5;
    answers(exchange(&x), -XEN_EINVAL, "more exchanged than there are");
    x = request(in, 4, 0, out, 4, 0);
    x.out.domid = 0;
    answers(exchange(&x), -XEN_EINVAL, "two names of a domain");
    x = request(in, 4, 0, out, 3, 0);
    answers(exchange(&x), -XEN_EINVAL, "not as many out as in");
    x = request(in, 4, 0, out, 4, 1);
    answers(exchange(&x), -XEN_EINVAL, "of another size");
    x = request(in, 1UL << 62, 4, out, 1UL << 62, 4);
    answers(exchange(&x), -XEN_EINVAL, "so many that they cannot be counted");
    x = request((xen_pfn_t *)0xffff830000000000UL, 4, 0, out, 4, 0);
    answers(exchange(&x), -XEN_EFAULT, "a list of Xen's in");
    x = request(in, 4, 0, (xen_pfn_t *)0xffff830000000000UL, 4, 0);
    answers(exchange(&x), -XEN_EFAULT, "or out");
    x = request(in, 4, 0, out, 4, 0);
    x.in.domid = x.out.domid = 4321;
    answers(exchange(&x), -XEN_ESRCH, "no domain");
    x = request(in, 4, 0, out, 4, 0);
    x.out.mem_flags = XENMEMF_node(64);
    answers(exchange(&x), -XEN_EINVAL, "a node beyond all");
    x = request(in, 4, 0, out, 4, 0);
    x.out.mem_flags = XENMEMF_exact_node(1);
    answers(exchange(&x), -XEN_ENOMEM, "a node that there is not");
    x = request(in, 4, 0, out, 4, 0);
    x.out.mem_flags = XENMEMF_address_bits(13);
    answers(exchange(&x), -XEN_ENOMEM, "an address that no frame has");
    ok(x.nr_exchanged == 0, "nothing is exchanged");
    x = request(NULL, 0, 0, NULL, 0, 0);
    answers(exchange(&x), 0, "nothing for nothing");
    ok(current() == before, "the reservation is the same");
    for (unsigned int i = 0; i < 4; i++)
        frame_give(pfns[i], 1);
}

static void test_stops(void)
{
    struct xen_memory_exchange x;
    xen_pfn_t extent = 0x700000;

    take(8);
    x = request(in, 8, 0, out, 8, 0);
    in[3] = MFN_NOBODY;
    answers(exchange(&x), -XEN_EINVAL, "the fourth frame is nobody's");
    ok(x.nr_exchanged == 3, "three are exchanged");
    ok(m2p[out[2]] == pfns[2], "the third has its name");
    ok(out[3] == pfns[3], "the fourth is as it was");
    in[3] = MFN_BEYOND;
    answers(exchange(&x), -XEN_EINVAL, "then it is beyond all");
    ok(x.nr_exchanged == 3, "still three");
    in[3] = in[4];
    in[4] = p2m[pfns[3]];
    answers(exchange(&x), 0, "then good ones follow");
    ok(x.nr_exchanged == 8, "all are exchanged");
    for (unsigned int i = 0; i < 8; i++)
        p2m[pfns[i]] = out[i];
    for (unsigned int i = 0; i < 8; i++) {
        in[i] = out[i];
        out[i] = pfns[i];
    }
    in[5] = in[4];
    x = request(in, 8, 0, out, 8, 0);
    answers(exchange(&x), -XEN_EINVAL, "the same frame twice");
    ok(x.nr_exchanged == 5, "the first time it is exchanged");
    for (unsigned int i = 0; i < 5; i++)
        p2m[pfns[i]] = out[i];
    for (unsigned int i = 0; i < 8; i++) {
        in[i] = p2m[pfns[i]];
        out[i] = pfns[i];
    }
    in[6] = in[5];
    x = request(in, 8, 0, &extent, 1, 3);
    answers(exchange(&x), -XEN_EINVAL, "twice in a chunk");
    ok(x.nr_exchanged == 0, "the chunk is not exchanged");
    ok(mmuext(MMUEXT_CLEAR_PAGE, in[0], 0) == 0, "the frames are the domain's still");
    ok(m2p[in[0]] == pfns[0], "with their names");
    in[6] = p2m[pfns[6]];
    answers(show(0, in[2], RO), 0, "a frame is mapped");
    x = request(in, 8, 0, out, 8, 0);
    answers(exchange(&x), -XEN_EINVAL, "it cannot be exchanged");
    ok(x.nr_exchanged == 2, "two are");
    hide(0);
    for (unsigned int i = 0; i < 2; i++)
        p2m[pfns[i]] = out[i];
    answers(mmuext(MMUEXT_PIN_L1_TABLE, in[2], 0), 0, "it is pinned");
    answers(exchange(&x), -XEN_EINVAL, "it cannot be exchanged");
    answers(mmuext(MMUEXT_UNPIN_TABLE, in[2], 0), 0, "unpinned");
    in[3] = domain_start_info()->shared_info >> 12;
    answers(exchange(&x), -XEN_EINVAL, "the shared info page");
    ok(x.nr_exchanged == 3, "cannot be");
    p2m[pfns[2]] = out[2];
    in[3] = p2m[pfns[3]];
    answers(exchange(&x), 0, "the rest can");
    for (unsigned int i = 3; i < 8; i++)
        p2m[pfns[i]] = out[i];
    ok(current() == before, "the reservation is the same");
    for (unsigned int i = 0; i < 8; i++)
        frame_give(pfns[i], 1);
}

static void test_address_bits(void)
{
    struct xen_memory_exchange x;

    take(4);
    x = request(in, 4, 0, out, 4, 0);
    x.out.mem_flags = XENMEMF_address_bits(27);
    answers(exchange(&x), 0, "frames below 128 MiB");
    ok(out[0] < 1UL << 15 && out[1] < 1UL << 15 && out[2] < 1UL << 15 && out[3] < 1UL << 15,
       "they are");
    for (unsigned int i = 0; i < 4; i++) {
        p2m[pfns[i]] = out[i];
        frame_give(pfns[i], 1);
    }
}

static void test_wild_lists(void)
{
    struct xen_memory_exchange x;
    char *two_pages = memory_pages(8192, MEMORY_WRITE);
    xen_pfn_t *edge = (xen_pfn_t *)(two_pages + 4096) - 2;

    memory_decommit(two_pages + 4096, 4096);
    take(4);
    x = request(WILD_POINTER, 4, 0, out, 4, 0);
    answers(exchange(&x), -XEN_EFAULT, "a wild list in");
    ok(x.nr_exchanged == 0, "nothing is exchanged");
    edge[0] = in[0];
    edge[1] = in[1];
    x = request(edge, 4, 0, out, 4, 0);
    answers(exchange(&x), -XEN_EFAULT, "one that ends in the middle");
    ok(x.nr_exchanged == 2, "two are exchanged");
    p2m[pfns[0]] = in[0] = out[0];
    p2m[pfns[1]] = in[1] = out[1];
    out[0] = pfns[0];
    out[1] = pfns[1];
    edge[0] = pfns[0];
    edge[1] = pfns[1];
    x = request(in, 4, 0, edge, 4, 0);
    answers(exchange(&x), -XEN_EFAULT, "the list out ends in the middle");
    ok(x.nr_exchanged == 2, "two are told of");
    p2m[pfns[0]] = edge[0];
    p2m[pfns[1]] = edge[1];
    answers(mmuext(MMUEXT_CLEAR_PAGE, in[2], 0), -XEN_EINVAL, "the third has gone all the same");
    ok(current() == before, "for one that nobody knows");
    for (unsigned int i = 0; i < 4; i++) {
        if (i != 2)
            frame_give(pfns[i], 1);
    }
}

int main(void)
{
    frames_init();
    before = current();
    test_single();
    test_larger();
    test_refused();
    test_stops();
    test_address_bits();
    test_wild_lists();
    return tap_done();
}
