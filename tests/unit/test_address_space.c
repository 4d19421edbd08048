/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses beside image and window: what a guest maps there is shown if nobody in the process has
 * it, never over what somebody has, and is gone with the domain.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "model.h"

#include <sys/mman.h>

#define RO (PTE_PRESENT | PTE_USER)
#define RW (PTE_PRESENT | PTE_USER | PTE_RW)

#define FAR     0x300040000000UL
#define L1_SPAN (PAGE_SIZE * PT_ENTRIES)

static uint64_t spare(unsigned int n)
{
    return current->domain->first_mfn + current->domain->extent_pages - 1 - n;
}

/* Hooks pages N to N + 2 as L3, L2 and L1 for VA; returns the frame of the last. */
static uint64_t hook(uint64_t va, unsigned int n)
{
    uint64_t m[3], to = current->cr3;

    for (unsigned int k = 0; k < 3; k++) {
        void *page = guest_page(n + k);

        m[k] = guest_mfn(page);
        ck_assert_int_eq(
            call3(__HYPERVISOR_update_va_mapping, (uintptr_t)page, PTE_MAKE(m[k], RO), UVMF_INVLPG),
            0);
        ck_assert_int_eq(
            mmu_update((to << PAGE_SHIFT) + 8 * (va >> (39 - 9 * k) & 511), PTE_MAKE(m[k], RW)), 0);
        to = m[k];
    }
    return to;
}

static bool is_mapped(uint64_t va)
{
    unsigned char in_core;

    return !mincore((void *)(uintptr_t)va, PAGE_SIZE, &in_core);
}

/* The process shows what the tables say, but for what is made when somebody looks at it. */
static void check_shown(void)
{
    const char *wrong;

    hypervisor_populate_all(hv);
    wrong = model_mirror(hv);
    if (wrong)
        ck_abort_msg("%s", wrong);
}

/* Not in the first page of what an L1 table maps, so some of it is in front, too. */
static void maps_far(void *arg)
{
    volatile char *at = (volatile char *)(FAR + 7 * PAGE_SIZE);
    uint64_t l1;

    (void)arg;
    ck_assert(!is_mapped(FAR));
    l1 = hook(FAR, 0);
    ck_assert_int_eq(mmu_update((l1 << PAGE_SHIFT) + 8 * 7, PTE_MAKE(spare(0), RW | PTE_NX)), 0);
    at[5] = 0x5a;
    ck_assert_int_eq(((char *)page_map(hv, spare(0)))[5], 0x5a);
    ck_assert(trap_in_guest(FAR + 7 * PAGE_SIZE));
    ck_assert(trap_in_guest(FAR)); /* its table's other pages are the domain's now */
    ck_assert(!trap_in_guest(FAR + L1_SPAN));
    ck_assert_int_eq(copy_to_guest(current, FAR + 7 * PAGE_SIZE, "x", 1), 0);
    ck_assert_int_eq(*at, 'x');
    ck_assert_ptr_null(strstr(host.log, "not visible"));
    check_shown();
    /* One before the others, and the first of them. */
    ck_assert_int_eq(mmu_update(l1 << PAGE_SHIFT, PTE_MAKE(spare(0), RO | PTE_NX)), 0);
    ck_assert_int_eq(*(volatile char *)FAR, 'x');
    check_shown();
    /* Away with them all, by the entry of the level above. */
    ck_assert_int_eq(mmu_update(guest_mfn(guest_page(1)) << PAGE_SHIFT, 0), 0);
    check_shown();
    ck_assert(is_mapped(FAR)); /* kept for what comes next */
}

START_TEST(far_away)
{
    guest_test(maps_far);
    ck_assert(!is_mapped(FAR));
}
END_TEST

/* The host has a page among those that the guest maps. */
static void maps_taken(void *arg)
{
    const volatile char *own = arg;
    uint64_t l1 = hook(FAR, 0), l1_next;

    ck_assert_int_eq(mmu_update(l1 << PAGE_SHIFT, PTE_MAKE(spare(0), RW)), 0);
    ck_assert_ptr_nonnull(strstr(host.log, "maps 0x300040000000, which it cannot have"));
    ck_assert_int_eq(mmu_update((l1 << PAGE_SHIFT) + 8 * 3, PTE_MAKE(spare(1), RW)), 0);
    ck_assert_int_eq(*own, 'h');
    ck_assert(!trap_in_guest(FAR));
    ck_assert(!trap_in_guest(FAR + 3 * PAGE_SIZE));
    /* The hypervisor sees them all the same. */
    ck_assert_int_eq(copy_to_guest(current, FAR + 3 * PAGE_SIZE, "x", 1), 0);
    ck_assert_int_eq(*(char *)page_map(hv, spare(1)), 'x');
    ck_assert_int_eq(*own, 'h');
    check_shown();
    /* What is next to it is free. */
    l1_next = guest_mfn(guest_page(3));
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(3),
                           PTE_MAKE(l1_next, RO), UVMF_INVLPG),
                     0);
    ck_assert_int_eq(mmu_update(l1_next << PAGE_SHIFT, PTE_MAKE(spare(1), RW)), 0);
    ck_assert_int_eq(
        mmu_update((guest_mfn(guest_page(1)) << PAGE_SHIFT) + 8, PTE_MAKE(l1_next, RW)), 0);
    ck_assert_int_eq(*(volatile char *)(FAR + L1_SPAN), 'x');
    check_shown();
}

START_TEST(taken)
{
    void *at = (void *)(FAR + 3 * PAGE_SIZE);
    char *own = mmap(at, PAGE_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    ck_assert_ptr_eq(own, at);
    *own = 'h';
    machine_start(40);
    guest_create(16, false, maps_taken, own);
    ck_assert(guest_run());
    machine_stop();
    ck_assert_int_eq(*own, 'h');
    ck_assert(!is_mapped(FAR + L1_SPAN));
    munmap(own, PAGE_SIZE);
}
END_TEST

/* One L1 table at as many places as an L2 table has, and that at as many again: there is an end. */
static void maps_everywhere(void *arg)
{
    uint64_t l1, l2, l3;

    (void)arg;
    l1 = hook(FAR, 0);
    l2 = guest_mfn(guest_page(1));
    l3 = guest_mfn(guest_page(0));
    ck_assert_int_eq(mmu_update(l1 << PAGE_SHIFT, PTE_MAKE(spare(0), RW)), 0);
    for (unsigned int i = 1; i < PT_ENTRIES; i++)
        ck_assert_int_eq(mmu_update((l2 << PAGE_SHIFT) + 8 * i, PTE_MAKE(l1, RW)), 0);
    ck_assert(trap_in_guest(FAR + 511 * L1_SPAN));
    for (unsigned int i = 2; i < 64; i++)
        ck_assert_int_eq(mmu_update((l3 << PAGE_SHIFT) + 8 * i, PTE_MAKE(l2, RW)), 0);
    ck_assert_uint_le(current->domain->claims.tried, 16384 + (current->domain->max_pages >> 7));
    ck_assert(!trap_in_guest(FAR + (62UL << 30)));
    check_shown();
}

START_TEST(everywhere)
{
    guest_test(maps_everywhere);
    ck_assert(!is_mapped(FAR));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("address_space");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, far_away);
    tcase_add_test(t, taken);
    tcase_add_test(t, everywhere);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
