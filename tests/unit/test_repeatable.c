/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a guest is told of the processor in a run that shall be repeatable: the same on any machine
 * that these tests run on, so the numbers are here.
 */
#include "guest.h"
#include "sysctl.h"
#include "trap.h"

#include <xen/platform.h>

static bool is(uint32_t leaf, uint32_t subleaf, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    struct cpuid_leaf l;

    cpuid_guest(current, leaf, subleaf, &l);
    return l.a == a && l.b == b && l.c == c && l.d == d;
}

#define EMPTY 0, 0, 0, 0

static void cpuid(void *arg)
{
    char brand[48];

    (void)arg;
    hv->repeatable = true;
    ck_assert(is(0, 0, 1, 0x756e6547, 0x6c65746e, 0x49656e69)); /* GenuineIntel */
    ck_assert(is(1, 0, 0xf60, 0x800, 0x80002001, 0x0789cbf5));
    for (uint32_t leaf = 2; leaf < 0x20; leaf++) {
        for (uint32_t subleaf = 0; subleaf < 20; subleaf++)
            ck_assert(is(leaf, subleaf, EMPTY));
    }
    ck_assert(is(0x80000000, 0, 0x80000008, 0, 0, 0));
    ck_assert(is(0x80000001, 0, 0, 0, 1, 0x20100800));
    for (uint32_t i = 0; i < 3; i++) {
        struct cpuid_leaf l;

        cpuid_guest(current, 0x80000002 + i, 0, &l);
        memcpy(brand + 16 * i, &l, 16);
    }
    ck_assert_str_eq(brand, "A processor for a run that can be repeated");
    for (uint32_t leaf = 0x80000005; leaf < 0x80000008; leaf++)
        ck_assert(is(leaf, 0, EMPTY));
    ck_assert(is(0x80000008, 0, 0x3028, 0, 0, 0));
    for (uint32_t leaf = 0x80000009; leaf < 0x80000030; leaf++)
        ck_assert(is(leaf, 0, EMPTY));
}

static void registers(void *arg)
{
    uint64_t value, later;

    (void)arg;
    hv->repeatable = true;
    ck_assert_uint_eq(processor_cr4(hv, ~0UL), 0x66c); /* neither FSGSBASE nor XSAVE */
    ck_assert(msr_read(current, 0x17, &value));        /* one of Intel's */
    ck_assert(!msr_read(current, 0xc0010015, &value)); /* and of AMD's */
    /* The counter: the clock's nanoseconds, and later with each look. */
    value = time_counter(hv);
    ck_assert_uint_eq(value, host.time + 64);
    ck_assert(msr_read(current, 0x10, &later));
    ck_assert_uint_eq(later, host.time + 128);
    host.time += 1000;
    ck_assert_uint_eq(time_counter(hv), host.time + 192);
}

static void tools(void *arg)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    struct xen_platform_op platform = {.cmd = XENPF_get_cpu_version,
                                       .interface_version = XENPF_INTERFACE_VERSION};
    const struct xenpf_pcpu_version *version = &platform.u.pcpu_version;
    uint32_t words[CPU_FEATURE_WORDS], others = 0;

    (void)arg;
    hv->repeatable = true;
    ck_assert_int_eq(call(__HYPERVISOR_sysctl, (uintptr_t)&op, 0), 0);
    ck_assert_uint_eq(op.u.physinfo.hw_cap[0], 0x078bfbfd);
    ck_assert_uint_eq(op.u.physinfo.hw_cap[1], 0x2001);
    ck_assert_int_eq(cpu_policy_features(hv, words), 0);
    ck_assert_uint_eq(words[0], op.u.physinfo.hw_cap[0]);
    ck_assert_uint_eq(words[2], 0x20100800);
    for (unsigned int i = 4; i < CPU_FEATURE_WORDS; i++)
        others |= words[i];
    ck_assert_uint_eq(others, 0);
    ck_assert_int_eq(call(__HYPERVISOR_platform_op, (uintptr_t)&platform, 0), 0);
    ck_assert_int_eq(memcmp(version->vendor_id, "GenuineIntel", 12), 0);
    ck_assert_uint_eq(version->family, 15);
    ck_assert_uint_eq(version->model, 6);
    ck_assert_uint_eq(version->stepping, 0);
}

START_TEST(test_cpuid) { guest_test(cpuid); }
END_TEST
START_TEST(test_registers) { guest_test(registers); }
END_TEST
START_TEST(test_tools) { guest_test_hardware(tools); }
END_TEST

int main(void)
{
    Suite *s = suite_create("repeatable");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_cpuid);
    tcase_add_test(t, test_registers);
    tcase_add_test(t, test_tools);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
