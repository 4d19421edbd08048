/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Rules of vCPUs, timers and the scheduler that were broken in Xen once. tests/mutants shows that
 * these tests notice.
 */
#include "guest.h"

#include <xen/vcpu.h>

static long vcpu(unsigned int op, void *argument)
{
    return call3(__HYPERVISOR_vcpu_op, op, 0, (uintptr_t)argument);
}

static long debugreg(unsigned long reg, unsigned long value)
{
    return call(__HYPERVISOR_set_debugreg, reg, value);
}

static void registers(void *arg)
{
    (void)arg;
    ck_assert_int_eq(debugreg(0, HYPERVISOR_VIRT_START), -EPERM);
    ck_assert_int_eq(debugreg(7, 1UL << 32), -EINVAL);
    ck_assert_int_eq(debugreg(6, 1UL << 32), -EINVAL);
    ck_assert_int_eq(debugreg(7, 0x2000), -EPERM); /* general detection */
    ck_assert_int_eq(debugreg(7, 0x400), 0);
}

static void areas(void *arg)
{
    struct vcpu_register_vcpu_info op = {.mfn = guest_mfn(guest_page(20))};

    (void)arg;
    op.offset = 4;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, &op), -ENXIO);
    op.offset = PAGE_SIZE - sizeof(vcpu_info_t) + 8;
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, &op), -ENXIO);
    op.offset = PAGE_SIZE - sizeof(vcpu_info_t);
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, &op), 0);
    op.mfn = guest_mfn(guest_page(21));
    ck_assert_int_eq(vcpu(VCPUOP_register_vcpu_info, &op), -EINVAL);
}

static void periods(void *arg)
{
    struct vcpu_set_periodic_timer op = {.period_ns = 999999};

    (void)arg;
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, &op), -EINVAL);
    op.period_ns = (~0UL >> 2) + 1;
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, &op), -EINVAL);
    op.period_ns = ~0UL >> 2;
    ck_assert_int_eq(vcpu(VCPUOP_set_periodic_timer, &op), 0);
    ck_assert_int_eq(vcpu(VCPUOP_stop_periodic_timer, NULL), 0);
}

static bool went_on;

static void shutter(void *arg)
{
    struct sched_remote_shutdown op = {.domain_id = current->domain->id, .reason = 0};

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, (uintptr_t)&op), -EPERM);
    went_on = true;
}

START_TEST(numbers)
{
    guest_test(registers);
    guest_test(areas);
    guest_test(periods);
    guest_test(shutter);
    ck_assert(went_on);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("vcpu_rules");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_add_test(c, numbers);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
