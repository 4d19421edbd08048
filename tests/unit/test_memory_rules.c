/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Rules of page tables, reservations and access to guests that were broken in Xen once, and can be
 * tried from one or two domains here. The model (see guest.c) sees what leaks; tests/mutants shows
 * that.
 */
#include "guest.h"

#include <xen/memory.h>
#include <xen/version.h>

#define READ  (PTE_PRESENT | PTE_USER)
#define WRITE (PTE_PRESENT | PTE_USER | PTE_RW)

static uint64_t others; /* a frame of domain 1's, for domain 2 */

static void run(void (*first)(void *), void (*second)(void *))
{
    machine_start(64);
    guest_create(16, false, first, NULL);
    if (second)
        guest_create(16, false, second, NULL);
    ck_assert(guest_run());
    machine_stop();
}

static long set_leaf(void *va, uint64_t entry)
{
    return call3(__HYPERVISOR_update_va_mapping, (uintptr_t)va, entry, 0);
}

/* Frame of page I, which is not mapped any more and so can become a table. */
static uint64_t spare(unsigned int i)
{
    uint64_t mfn = guest_mfn(guest_page(i));

    ck_assert_int_eq(set_leaf(guest_page(i), 0), 0);
    return mfn;
}

static long set(uint64_t table, unsigned int slot, uint64_t entry)
{
    return mmu_update(table << PAGE_SHIFT | slot * 8, entry);
}

static void shower(void *arg)
{
    (void)arg;
    others = spare(20);
}

/* ---- page tables ---- */

static void foreign(void *arg)
{
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = others};
    mmu_update_t update = {.ptr = others << PAGE_SHIFT, .val = 0};
    domid_t self = current->domain->id;

    (void)arg;
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&pin, 1, 0, 1, 0), -EPERM);
    ck_assert_int_eq(
        hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&update, 1, 0, DOMID_SELF | 2U << 16, 0),
        -EPERM);
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&update, 1, 0,
                               DOMID_SELF | (self + 1U) << 16, 0),
                     -EINVAL); /* its own tables, but that is none of them */
    ck_assert_int_eq(set_leaf(guest_page(30), PTE_MAKE(others, READ)), -EBUSY);
    ck_assert_int_eq(mmuext(MMUEXT_CLEAR_PAGE, others, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_COPY_PAGE, guest_mfn(guest_page(30)), others), -EINVAL);
}

static void entries(void *arg)
{
    uint64_t table = spare(20), *page = guest_page(21);

    (void)arg;
    ck_assert_int_eq(set_leaf(guest_page(30), PTE_MAKE(hv->frames, READ)), -EPERM);
    /* A level 2 table with a page of 2 MiB: XSA-148. */
    page[3] = PTE_MAKE(table, READ | PTE_PSE);
    table = spare(21);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, table, 0), -EINVAL);
    ck_assert_int_eq(set(table, 3, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, table, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, current->domain->shared_info_mfn, 0), -EINVAL);
}

/* Tables that show each other: one step, not two; itself does not count. */
static void linear(void *arg)
{
    uint64_t a = spare(20), b = spare(21), c = spare(22);

    (void)arg;
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, a, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, b, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, c, 0), 0);
    ck_assert_int_eq(set(a, 0, PTE_MAKE(b, WRITE)), -EINVAL);
    ck_assert_int_eq(set(a, 0, PTE_MAKE(b, READ)), 0);
    ck_assert_int_eq(set(b, 0, PTE_MAKE(c, READ)), -EINVAL);
    ck_assert_int_eq(set(c, 0, PTE_MAKE(a, READ)), -EINVAL);
    ck_assert_int_eq(set(a, 1, PTE_MAKE(a, READ)), 0);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0);
}

START_TEST(page_tables)
{
    run(shower, foreign);
    run(entries, NULL);
    run(linear, NULL);
}
END_TEST

/* ---- reservations ---- */

static long reserve(unsigned int op, xen_pfn_t *list, unsigned int count, unsigned int order)
{
    struct xen_memory_reservation r = {
        .nr_extents = count, .extent_order = order, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    return call(__HYPERVISOR_memory_op, op, (uintptr_t)&r);
}

static void limits(void *arg)
{
    struct domain *d = current->domain;
    xen_pfn_t *list = guest_page(20);
    uint64_t room = d->max_pages - d->pages;

    (void)arg;
    ck_assert_uint_eq(room, 256);
    for (unsigned int i = 0; i <= room; i++)
        list[i] = 5000 + i;
    ck_assert_int_eq(reserve(XENMEM_populate_physmap, list, (unsigned int)room + 1, 0), (long)room);
    d->max_pages += 4096;
    ck_assert_int_eq(reserve(XENMEM_populate_physmap, list, 1, 10), 0); /* XSA-31 */
    ck_assert_int_eq(reserve(XENMEM_populate_physmap, list, 1, 9), 1);
}

static long exchange(const xen_pfn_t *in, unsigned int count, xen_pfn_t *out,
                     unsigned int out_count)
{
    struct xen_memory_exchange e = {.in = {.nr_extents = count, .domid = DOMID_SELF},
                                    .out = {.nr_extents = out_count, .domid = DOMID_SELF}};

    e.in.extent_start.p = (xen_pfn_t *)(uintptr_t)in;
    e.out.extent_start.p = out;
    return call(__HYPERVISOR_memory_op, XENMEM_exchange, (uintptr_t)&e);
}

static void exchanger(void *arg)
{
    xen_pfn_t *in = guest_page(30), *out = guest_page(31);

    (void)arg;
    for (unsigned int i = 0; i < 4; i++)
        out[i] = i;
    in[0] = guest_mfn(guest_page(32));
    ck_assert_int_eq(exchange(in, 1, out, 1), -EINVAL); /* mapped */
    in[0] = others;
    ck_assert_int_eq(exchange(in, 1, out, 1), -EINVAL);
    in[0] = in[1] = spare(20);
    ck_assert_int_eq(exchange(in, 2, out, 2), -EINVAL); /* the second time it is not its own */
    in[0] = out[0];
    in[1] = spare(21);
    ck_assert_int_eq(exchange(in, 2, out, 1), -EINVAL);
    ck_assert_int_eq(exchange(in, 1, out, 2), -EINVAL);
    ck_assert_int_eq(exchange(in + 1, 1, out, 1), 0);
}

/* One chunk of two frames, the same twice: XSA-212 was a check that could be got around. */
static void exchange_same(void *arg)
{
    xen_pfn_t *in = guest_page(30), *out = guest_page(31);
    struct xen_memory_exchange e = {
        .in = {.nr_extents = 2, .domid = DOMID_SELF},
        .out = {.nr_extents = 1, .extent_order = 1, .domid = DOMID_SELF}};

    (void)arg;
    in[0] = in[1] = spare(20);
    out[0] = 7;
    e.in.extent_start.p = in;
    e.out.extent_start.p = out;
    ck_assert_int_eq(call(__HYPERVISOR_memory_op, XENMEM_exchange, (uintptr_t)&e), -EINVAL);
}

static void releaser(void *arg)
{
    xen_pfn_t mfn = others;

    (void)arg;
    ck_assert_int_eq(reserve(XENMEM_decrease_reservation, &mfn, 1, 0), 0);
    /* One that is mapped stays until it is not. */
    mfn = guest_mfn(guest_page(20));
    ck_assert_int_eq(reserve(XENMEM_decrease_reservation, &mfn, 1, 0), 1);
    ck_assert_ptr_eq(page_owner(hv, mfn), current->domain);
    ck_assert_int_eq(set_leaf(guest_page(20), 0), 0);
    ck_assert_ptr_null(page_owner(hv, mfn));
}

START_TEST(reservations)
{
    run(limits, NULL);
    run(shower, exchanger);
    run(exchange_same, NULL);
    run(shower, releaser);
}
END_TEST

/* ---- access ---- */

/* The level 2 entry above VA: its table and slot. */
static uint64_t upper_entry(uint64_t va, uint64_t *table, unsigned int *slot)
{
    uint64_t mfn = current->cr3;

    for (unsigned int level = 4; level > 2; level--)
        mfn = PTE_FRAME(((const uint64_t *)page_map_read(
            hv, mfn))[va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1)]);
    *table = mfn;
    *slot = (unsigned int)(va >> (PAGE_SHIFT + 9) & (PT_ENTRIES - 1));
    return ((const uint64_t *)page_map_read(hv, mfn))[*slot];
}

static void access(void *arg)
{
    char *far = (char *)guest_page(0) + (2UL << 20); /* not where this runs */
    uint64_t table, entry;
    unsigned int slot;

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_xen_version, XENVER_extraversion, (uintptr_t)far), 0);
    /* Read-only above: read-only. */
    entry = upper_entry((uintptr_t)far, &table, &slot);
    ck_assert_int_eq(set(table, slot, entry & ~PTE_RW), 0);
    ck_assert_int_eq(call(__HYPERVISOR_xen_version, XENVER_extraversion, (uintptr_t)far), -EFAULT);
    ck_assert_int_eq(set(table, slot, entry), 0);
    ck_assert_int_eq(call(__HYPERVISOR_xen_version, XENVER_extraversion, (uintptr_t)far), 0);
    ck_assert_int_eq(set_leaf(far, 0), 0);
    ck_assert_int_eq(call(__HYPERVISOR_xen_version, XENVER_extraversion, (uintptr_t)far), -EFAULT);
}

/* XSA-122: what follows a short answer is zeroes. */
static void padding(void *arg)
{
    char *answer = guest_page(20);

    (void)arg;
    memset(answer, 'x', 64);
    ck_assert_int_eq(call(__HYPERVISOR_xen_version, XENVER_extraversion, (uintptr_t)answer), 0);
    for (size_t i = strlen(answer); i < sizeof(xen_extraversion_t); i++)
        ck_assert_int_eq(answer[i], 0);
}

static void nested(void *arg)
{
    multicall_entry_t *calls = guest_page(20);

    (void)arg;
    calls[0] = (multicall_entry_t){.op = __HYPERVISOR_multicall, .args = {(uintptr_t)calls, 2}};
    calls[1] = (multicall_entry_t){.op = __HYPERVISOR_xen_version, .args = {XENVER_version}};
    ck_assert_int_eq(call(__HYPERVISOR_multicall, (uintptr_t)calls, 2), 0);
    ck_assert_int_eq((long)calls[0].result, -EINVAL);
    ck_assert_int_eq((long)calls[1].result, 4 << 16 | 17);
}

START_TEST(accesses)
{
    run(access, NULL);
    run(padding, NULL);
    run(nested, NULL);
}
END_TEST

/* ---- ends ---- */

static void watched(void *arg)
{
    struct sched_watchdog op = {.timeout = 1000};

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_sched_op, SCHEDOP_watchdog, (uintptr_t)&op), 1);
    op = (struct sched_watchdog){.timeout = 1000};
    ck_assert_int_eq(call(__HYPERVISOR_sched_op, SCHEDOP_watchdog, (uintptr_t)&op), 2);
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void destroyer(void *arg)
{
    (void)arg;
    ck_assert_uint_eq(hv->timer_count, 2);
    domain_destroy(hv->domains[1]);
    check_model();
}

START_TEST(ends) { run(watched, destroyer); }
END_TEST

int main(void)
{
    Suite *s = suite_create("memory_rules");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(c, page_tables);
    tcase_add_test(c, reservations);
    tcase_add_test(c, accesses);
    tcase_add_test(c, ends);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
