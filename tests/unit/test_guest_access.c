/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Guest pointers: whatever a guest passes, the answer is EFAULT and never a crash of the host,
 * also at page borders, in read-only pages and in the host's own memory.
 */
#include "guest.h"

static void accesses(void *arg)
{
    char *a = guest_page(0), *b = guest_page(1), host_bytes[64];
    struct vcpu *v = current;
    uint64_t end = v->domain->virt_end;

    (void)arg;
    memset(a, 'a', 4096);
    memset(b, 'b', 4096);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, (uintptr_t)b - 32, 64), 0);
    ck_assert_int_eq(memcmp(host_bytes + 30, "aabb", 4), 0);
    ck_assert_int_eq(copy_to_guest(v, (uintptr_t)b - 1, "xy", 2), 0);
    ck_assert_int_eq(b[-1], 'x');
    ck_assert_int_eq(b[0], 'y');
    ck_assert_int_eq(copy_from_guest(v, host_bytes, end - 10, 11), -EFAULT);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, end - 10, 10), 0);
    ck_assert_int_eq(copy_to_guest(v, end - 1, "xy", 2), -EFAULT);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, 0, 1), -EFAULT);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, 0, 0), 0);
    /* The host's memory is none of the guest's, though the process can read it. */
    ck_assert_int_eq(copy_from_guest(v, host_bytes, (uintptr_t)hv, 1), -EFAULT);
    ck_assert_int_eq(copy_to_guest(v, (uintptr_t)hv, "x", 1), -EFAULT);
    /* Not canonical; the hypervisor's range; the end of everything. */
    ck_assert_int_eq(copy_from_guest(v, host_bytes, 0x800000000000UL, 1), -EFAULT);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, 0xffff800000000000UL, 1), -EFAULT);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, ~0UL, 8), -EFAULT);
    /* A page table is mapped read-only: readable, not writable, also right after a read. */
    uint64_t table = domain_start_info(v->domain)->pt_base;
    ck_assert_int_eq(copy_from_guest(v, host_bytes, table, 8), 0);
    ck_assert_int_eq(copy_to_guest(v, table, "x", 1), -EFAULT);
    /* The cache of translations forgets what has been unmapped. */
    uint64_t mfn = guest_mfn(b);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)b, 0, 0), 0);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, (uintptr_t)b, 1), -EFAULT);
    ck_assert_int_eq(copy_from_guest(v, host_bytes, (uintptr_t)b - 1, 2), -EFAULT);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)b,
                           PTE_MAKE(mfn, PTE_PRESENT | PTE_RW | PTE_USER), 0),
                     0);
    ck_assert_int_eq(b[0], 'y');
}

static void multicalls(void *arg)
{
    multicall_entry_t m[4] = {
        {.op = __HYPERVISOR_xen_version, .args = {0}},
        {.op = __HYPERVISOR_multicall},
        {.op = 200},
        {.op = __HYPERVISOR_event_channel_op, .args = {EVTCHNOP_send, 0x10}},
    };

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_multicall, (uintptr_t)m, 4), 0);
    ck_assert_int_eq((long)m[0].result, 4 << 16 | 17);
    ck_assert_int_eq((long)m[1].result, -EINVAL);
    ck_assert_int_eq((long)m[2].result, -ENOSYS);
    ck_assert_int_eq((long)m[3].result, -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_multicall, (uintptr_t)WILD, 1), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_multicall, domain_start_info(current->domain)->pt_base, 1),
                     -EFAULT);
    ck_assert_ptr_nonnull(strstr(host.log, "operation 200"));
}

/* Every hypercall and sub-operation with pointers to nowhere. */
static void wild(void *arg)
{
    static const unsigned long values[] = {0, 0x10, ~0UL, 0x7fffffffff00UL};

    (void)arg;
    for (unsigned int op = 0; op < 64; op++) {
        for (unsigned int k = 0; k < 4; k++) {
            unsigned long w = values[k];

            /* Those that never return are tested elsewhere. */
            if (op == __HYPERVISOR_iret || op == __HYPERVISOR_sched_op_compat)
                continue;
            for (unsigned long sub = 0; sub < 48; sub++) {
                if (op == __HYPERVISOR_sched_op && sub == SCHEDOP_block)
                    continue;
                if (op == __HYPERVISOR_vcpu_op && sub == VCPUOP_down)
                    continue;
                hypercall(op, sub, w, w, w, w);
            }
            hypercall(op, w, 1, w, DOMID_SELF, w);
        }
    }
}

START_TEST(test_accesses) { guest_test(accesses); }
END_TEST
START_TEST(test_multicall) { guest_test(multicalls); }
END_TEST
START_TEST(test_wild)
{
    guest_test(wild);
    guest_test_hardware(wild);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("guest_access");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_accesses);
    tcase_add_test(t, test_multicall);
    tcase_add_test(t, test_wild);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
