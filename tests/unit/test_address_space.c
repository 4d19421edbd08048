/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses beside image and window: what a guest maps there is shown if nobody in the process has
 * it, never over what somebody has, and is gone with the domain.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "model.h"

#include <sys/mman.h>
#include <unistd.h>

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

/* ---- the list of claims ---- */

static void nothing(void *arg) { (void)arg; }

/* A chunk, counted from FAR. */
static uint64_t chunk(unsigned int n) { return FAR + n * L1_SPAN; }

static void expect_claim(const struct domain *d, unsigned int i, uint64_t start, uint64_t end)
{
    ck_assert_uint_lt(i, d->claims.count);
    ck_assert_uint_eq(d->claims.list[i].start, start);
    ck_assert_uint_eq(d->claims.list[i].end, end);
}

START_TEST(neighbours)
{
    struct domain *d;
    uint64_t from, to;
    unsigned int i = 2; /* after image and window */

    machine_start(40);
    d = guest_create(16, false, nothing, NULL);
    ck_assert(address_claim(d, chunk(4) + 5 * PAGE_SIZE));
    ck_assert(address_claim(d, chunk(8)));
    ck_assert_uint_eq(d->claims.count, 2);
    ck_assert(address_claim(d, chunk(5))); /* behind one */
    ck_assert(address_claim(d, chunk(7))); /* in front of one */
    ck_assert_uint_eq(d->claims.count, 2);
    expect_claim(d, 0, chunk(4), chunk(6));
    expect_claim(d, 1, chunk(7), chunk(9));
    ck_assert(address_is_shown(d, chunk(6) - 1));
    ck_assert(!address_is_shown(d, chunk(6)));
    ck_assert(address_is_shown(d, chunk(9) - 1));
    /* Parts, cut to what was asked for. */
    ck_assert(address_next_part(d, &i, chunk(5), 3 * L1_SPAN, &from, &to));
    ck_assert_uint_eq(from, chunk(5));
    ck_assert_uint_eq(to, chunk(6));
    ck_assert(address_next_part(d, &i, chunk(5), 3 * L1_SPAN, &from, &to));
    ck_assert_uint_eq(from, chunk(7));
    ck_assert_uint_eq(to, chunk(8));
    ck_assert(!address_next_part(d, &i, chunk(5), 3 * L1_SPAN, &from, &to));
    i = 2;
    ck_assert(!address_next_part(d, &i, chunk(0), 4 * L1_SPAN, &from, &to));
    /* More of them than the first list has space for; each where it belongs. */
    for (unsigned int k = 40; k > 10; k -= 2)
        ck_assert(address_claim(d, chunk(k)));
    ck_assert_uint_eq(d->claims.count, 17);
    expect_claim(d, 1, chunk(7), chunk(9));
    for (unsigned int k = 2; k < 17; k++)
        expect_claim(d, k, chunk(8 + 2 * k), chunk(9 + 2 * k));
    machine_stop();
    ck_assert(!is_mapped(FAR));
}
END_TEST

/* What a domain has of a chunk is left as it is, and the rest of it claimed. */
START_TEST(rest_of_chunk)
{
    struct domain *d;

    machine_start(40);
    d = guest_create(16, false, nothing, NULL);
    ck_assert(address_claim(d, chunk(3)));
    ck_assert(address_claim(d, chunk(5)));
    d->claims.list[0].end -= PAGE_SIZE; /* as a claim is that ends within a chunk */
    d->claims.list[1].start += PAGE_SIZE;
    munmap((void *)(chunk(4) - PAGE_SIZE), PAGE_SIZE);
    munmap((void *)chunk(5), PAGE_SIZE);
    ck_assert(address_claim(d, chunk(4) - 1));
    expect_claim(d, 0, chunk(3), chunk(4));
    ck_assert(address_claim(d, chunk(5) + 5));
    ck_assert_uint_eq(d->claims.count, 2);
    expect_claim(d, 1, chunk(5), chunk(6));
    machine_stop();
}
END_TEST

/*
 * The processor's first addresses are nobody's with most kernels: what is refused there is a page,
 * so that the rest of its chunk is to be had.
 */
START_TEST(first_chunk)
{
    void *at = (void *)0x40000UL;
    struct domain *d;
    uint64_t from, to;
    unsigned int i = 2;

    if (!geteuid())
        ck_assert_int_eq(setresuid(65534, 65534, 65534), 0); /* root could have them */
    ck_assert_ptr_eq(mmap(at, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), at);
    machine_start(40);
    d = guest_create(16, false, nothing, NULL);
    ck_assert(!address_claim(d, 0x3000));
    ck_assert(!address_claim(d, 0x4000));
    ck_assert_uint_eq(d->claims.count, 1);
    expect_claim(d, 0, 0x3000, 0x5000);
    ck_assert(!address_claim(d, 0x4000)); /* not tried again */
    ck_assert_uint_eq(d->claims.tried, 2);
    ck_assert(!address_is_shown(d, 0x4000));
    ck_assert(!address_next_part(d, &i, 0, L1_SPAN, &from, &to));
    ck_assert(!address_claim(d, 0x20000));
    expect_claim(d, 1, 0x20000, 0x21000);
    munmap(at, PAGE_SIZE);
    ck_assert(address_claim(d, 0x40000));
    expect_claim(d, 2, 0x21000, L1_SPAN);
    ck_assert(address_claim(d, 0x1f000)); /* whatever is too low for this kernel */
    ck_assert(address_is_shown(d, 0x10000));
    machine_stop();
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
    tcase_add_test(t, neighbours);
    tcase_add_test(t, rest_of_chunk);
    tcase_add_test(t, first_chunk);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
