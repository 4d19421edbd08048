/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Page tables: a guest that could write into a table in use, a frame that is counted wrongly,
 * a mapping that is in the tables but not in the process, or the other way round.
 */
#include "guest.h"

#include <setjmp.h>
#include <signal.h>

#include <valgrind/valgrind.h>

#define RO (PTE_PRESENT | PTE_USER)
#define RW (PTE_PRESENT | PTE_USER | PTE_RW)

static long map(void *va, uint64_t pte)
{
    return call3(__HYPERVISOR_update_va_mapping, (uintptr_t)va, pte, UVMF_INVLPG);
}

static void read_only(void *page) { ck_assert_int_eq(map(page, PTE_MAKE(guest_mfn(page), RO)), 0); }

/* A free frame of the domain: nothing but its initial, unmapped, allocation. */
static uint64_t spare(unsigned int n)
{
    return current->domain->first_mfn + current->domain->extent_pages - 1 - n;
}

static sigjmp_buf back;

static void caught(int s)
{
    (void)s;
    siglongjmp(back, 1);
}

/* Whether the process itself may write (or read) at VA. */
static bool can(volatile char *va, bool write)
{
    struct sigaction old, new = {.sa_handler = caught};
    bool ok = false;

    VALGRIND_DISABLE_ERROR_REPORTING; /* the fault is what is asked for */
    sigaction(SIGSEGV, &new, &old);
    if (!sigsetjmp(back, 1)) {
        char c = *va;

        if (write)
            *va = c;
        ok = true;
    }
    sigaction(SIGSEGV, &old, NULL);
    VALGRIND_ENABLE_ERROR_REPORTING;
    return ok;
}

/* Hooks page 2 as L2 and page 1 as L1 under the window's address. */
static void hook(char *window)
{
    uint64_t *l4 = page_map(hv, current->cr3), *l1 = guest_page(1), *l2 = guest_page(2),
             *l3 = guest_page(3);
    unsigned int i4 = (unsigned int)((uintptr_t)window >> 39 & 511),
                 i3 = (unsigned int)((uintptr_t)window >> 30 & 511);
    uint64_t m1 = guest_mfn(l1), m2 = guest_mfn(l2), m3;

    read_only(l1);
    read_only(l2);
    if (l4[i4] & PTE_PRESENT) {
        m3 = PTE_FRAME(l4[i4]);
    } else {
        m3 = guest_mfn(l3);
        read_only(l3);
        ck_assert_int_eq(mmu_update((current->cr3 << 12) + 8 * i4, PTE_MAKE(m3, RW)), 0);
    }
    ck_assert_int_eq(mmu_update((m3 << 12) + 8 * i3, PTE_MAKE(m2, RW)), 0);
    ck_assert_int_eq(mmu_update(m2 << 12, PTE_MAKE(m1, RW)), 0);
}

static void leaves(void *arg)
{
    char *window = (char *)(uintptr_t)current->domain->window;
    uint64_t m1 = guest_mfn(guest_page(1)), m2;
    mmu_update_t u[256];
    unsigned int done = 0;

    (void)arg;
    ck_assert(!can(window, false));
    hook(window);
    for (unsigned int i = 0; i < 256; i++)
        u[i] = (mmu_update_t){(m1 << 12) + i * 8, PTE_MAKE(spare(255 - i), RW | PTE_NX)};
    ck_assert_int_eq(
        hypercall(__HYPERVISOR_mmu_update, (uintptr_t)u, 256, (uintptr_t)&done, DOMID_SELF, 0), 0);
    ck_assert_uint_eq(done, 256);
    memset(window, 0x5a, 1 << 20);
    ck_assert_int_eq(((uint8_t *)page_map(hv, spare(0)))[4095], 0x5a);
    /* The same frame read only at another place; taken away at the first. */
    ck_assert_int_eq(mmu_update((m1 << 12) + 300 * 8, PTE_MAKE(spare(0), RO)), 0);
    ck_assert_int_eq(window[300 * 4096], 0x5a);
    ck_assert(!can(window + 300 * 4096, true));
    ck_assert_int_eq(mmu_update((m1 << 12) + 255 * 8, 0), 0);
    ck_assert(!can(window + 255 * 4096, false));
    ck_assert(can(window + 254 * 4096, true));
    ck_assert_uint_eq(page_info(hv, spare(0))->refs, 1);
    ck_assert_uint_eq(page_info(hv, spare(0))->type_count, 0);
    /* Accessed and dirty survive with PRESERVE_AD only. */
    ck_assert_int_eq(mmu_update((m1 << 12) + 8, PTE_MAKE(spare(254), RW | PTE_DIRTY)), 0);
    ck_assert_int_eq(
        mmu_update(((m1 << 12) + 8) | MMU_PT_UPDATE_PRESERVE_AD, PTE_MAKE(spare(254), RW)), 0);
    ck_assert(((uint64_t *)page_map(hv, m1))[1] & PTE_DIRTY);
    /* The level above takes write permission from all below ... */
    m2 = guest_mfn(guest_page(2));
    ck_assert_int_eq(mmu_update(m2 << 12, PTE_MAKE(m1, RO)), 0);
    ck_assert(!can(window, true));
    ck_assert(can(window, false));
    ck_assert_int_eq(copy_to_guest(current, (uintptr_t)window, "x", 1), -EFAULT);
    /* ... and all of it, when it goes. */
    ck_assert_int_eq(mmu_update(m2 << 12, 0), 0);
    ck_assert(!can(window, false));
    /* Nothing holds page 1 as a table now. */
    ck_assert_int_eq(map(guest_page(1), PTE_MAKE(m1, RW)), 0);
    *(char *)guest_page(1) = 1;
}

static void conflicts(void *arg)
{
    char *window = (char *)(uintptr_t)current->domain->window;
    uint64_t m1 = guest_mfn(guest_page(1)), m2 = guest_mfn(guest_page(2)),
             m5 = guest_mfn(guest_page(5));
    uint64_t *five = guest_page(5);

    (void)arg;
    hook(window);
    /* A table in use cannot be mapped writable: Xen's get_page_from_l1e says EBUSY. */
    ck_assert_int_eq(map(guest_page(1), PTE_MAKE(m1, RW)), -EBUSY);
    /* A page that is mapped writable cannot become a table, nor be pinned. */
    ck_assert_int_eq(mmu_update((m2 << 12) + 8, PTE_MAKE(m5, RW)), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, m5, 0), -EINVAL);
    /* Of one level it cannot be of another. */
    ck_assert_int_eq(mmu_update((m2 << 12) + 8, PTE_MAKE(m2, RW)), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, m1, 0), -EINVAL);
    /* Reserved bits, large pages, frames of others and of nobody. */
    ck_assert_int_eq(mmu_update(m1 << 12, PTE_MAKE(spare(0), RW | PTE_PSE)), -EINVAL);
    ck_assert_int_eq(mmu_update((m2 << 12) + 8, PTE_MAKE(spare(0), RW | PTE_PSE)), -EINVAL);
    ck_assert_int_eq(mmu_update(m1 << 12, PTE_MAKE(2, RO)), -EBUSY);
    ck_assert_int_eq(mmu_update(m1 << 12, PTE_MAKE(hv->frames + 5, RO)), -EPERM);
    ck_assert_int_eq(mmu_update(m1 << 12, PTE_MAKE(0xffffffffffUL, RO)), -EINVAL);
    ck_assert_int_eq(mmu_update((m2 << 12) + 8, PTE_MAKE(2, RW)), -EINVAL);
    ck_assert_int_eq(mmu_update((uint64_t)2 << 12, 0), -EINVAL);
    ck_assert_int_eq(mmu_update((hv->frames + 1) << 12, 0), -EINVAL);
    ck_assert_int_eq(mmu_update((m1 << 12) + 4, 0), -ENOSYS);
    /* Xen's own slots. */
    ck_assert_int_eq(mmu_update((current->cr3 << 12) + 8 * 260, 0), -EINVAL);
    /* A new L1 with one bad entry leaves no trace of the good ones. */
    five[0] = PTE_MAKE(spare(0), RW);
    five[1] = PTE_MAKE(2, RW);
    read_only(five);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, m5, 0), -EBUSY);
    ck_assert_uint_eq(page_info(hv, spare(0))->refs, 0);
    ck_assert_int_eq(map(five, PTE_MAKE(m5, RW)), 0);
    five[1] = 0;
    read_only(five);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, m5, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, m5, 0), -EINVAL);
    ck_assert_uint_eq(page_info(hv, spare(0))->refs, 1);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, m5, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, m5, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, 2, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, 2, 0), -EINVAL);
    ck_assert_uint_eq(page_info(hv, spare(0))->refs, 0);
    /* An ordinary page that nobody maps: mmu_update writes it. */
    ck_assert_int_eq(mmu_update(spare(7) << 12, 0x1234), 0);
    ck_assert_uint_eq(*(uint64_t *)page_map(hv, spare(7)), 0x1234);
    /* update_va_mapping needs an L1 table. */
    ck_assert_int_eq(map(window + (1UL << 33), 0), -EINVAL);
    /* Outside what this process can show: accepted by Xen's rules, and a line in the log. */
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)window, 0, 0,
                               current->domain->id, 0),
                     -ESRCH);
    ck_assert_int_eq(
        hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)window, 0, 0, DOMID_IO, 0),
        -EPERM);
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain,
                               (uintptr_t)window + (1UL << 33), 0, 0, DOMID_SELF, 0),
                     -EINVAL);
    ck_assert_int_eq(hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (uintptr_t)window, 0, 0,
                               DOMID_SELF, 0),
                     0);
}

static void requests(void *arg)
{
    mmu_update_t u = {0, 0};
    struct mmuext_op op = {.cmd = 99};
    unsigned int done = 77;
    uint64_t m6 = guest_mfn(guest_page(6));

    (void)arg;
    ck_assert_int_eq(
        hypercall(__HYPERVISOR_mmu_update, (uintptr_t)WILD, 1, (uintptr_t)&done, DOMID_SELF, 0),
        -EFAULT);
    ck_assert_uint_eq(done, 0);
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&u, 1, 0, 55, 0), -ESRCH);
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&u, 1, 0, 56UL << 16, 0),
                     -ESRCH);
    ck_assert_int_eq(mmu_update((m6 << 12) | MMU_MACHPHYS_UPDATE, 4711), 0);
    ck_assert_uint_eq(m2p_get(hv, m6), 4711);
    ck_assert_int_eq(mmu_update(((uint64_t)2 << 12) | MMU_MACHPHYS_UPDATE, 4711), -EINVAL);
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)WILD, 1, 0, DOMID_SELF, 0),
                     -EFAULT);
    ck_assert_int_eq(hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&op, 1, (uintptr_t)&done, 55, 0),
                     -ESRCH);
    ck_assert_int_eq(mmuext(99, 0, 0), -ENOSYS);
    ck_assert_int_eq(mmuext(MMUEXT_MARK_SUPER, 0, 0), -EOPNOTSUPP);
    ck_assert_int_eq(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), -EACCES);
    ck_assert_int_eq(mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_INVLPG_ALL, 0, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, 0x10), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, (uintptr_t)&done), 0);
    ck_assert_int_eq(mmuext(MMUEXT_SET_LDT, 4096, 8193), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_SET_LDT, 4097, 1), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_SET_LDT, 4096, 1), 0);
    memset(guest_page(6), 7, 4096);
    ck_assert_int_eq(mmuext(MMUEXT_COPY_PAGE, guest_mfn(guest_page(7)), m6), 0);
    ck_assert_int_eq(*(char *)guest_page(7), 7);
    ck_assert_int_eq(mmuext(MMUEXT_CLEAR_PAGE, m6, 0), 0);
    ck_assert_int_eq(*(char *)guest_page(6), 0);
    ck_assert_int_eq(mmuext(MMUEXT_CLEAR_PAGE, 2, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_CLEAR_PAGE, current->cr3, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_COPY_PAGE, current->cr3, m6), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_COPY_PAGE, 2, m6), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_COPY_PAGE, m6, 2), -EINVAL);
}

static void roots(void *arg)
{
    uint64_t old = current->cr3, *copy = guest_page(10), m10 = guest_mfn(copy);

    (void)arg;
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, 2, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, m10, 0), -EINVAL); /* writable */
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, old, 0), 0);
    hook((char *)(uintptr_t)current->domain->window);
    memcpy(copy, page_map(hv, old), 4096);
    read_only(copy);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, m10, 0), 0);
    ck_assert_uint_eq(current->cr3, m10);
    ck_assert(can((char *)guest_page(20), true));
    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, 2, 0), -EINVAL);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, old, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, old, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, m10, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
    ck_assert_int_eq(mmuext(MMUEXT_NEW_BASEPTR, old, 0), 0);
    ck_assert_int_eq(map(copy, PTE_MAKE(m10, RW)), 0);
}

START_TEST(test_leaves) { guest_test(leaves); }
END_TEST
START_TEST(test_conflicts) { guest_test(conflicts); }
END_TEST
START_TEST(test_requests) { guest_test(requests); }
END_TEST
START_TEST(test_roots) { guest_test(roots); }
END_TEST

int main(void)
{
    Suite *s = suite_create("page_tables");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_leaves);
    tcase_add_test(t, test_conflicts);
    tcase_add_test(t, test_requests);
    tcase_add_test(t, test_roots);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
