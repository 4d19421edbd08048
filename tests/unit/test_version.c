/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xen_version, and the small calls about the processor and devices.
 */
#include "guest.h"

#include <xen/features.h>
#include <xen/physdev.h>
#include <xen/version.h>

static long version(unsigned int op, void *arg)
{
    return call(__HYPERVISOR_xen_version, op, (uintptr_t)arg);
}

static void versions(void *arg)
{
    char *text = guest_page(0);
    xen_feature_info_t f = {.submap_idx = 1};
    xen_platform_parameters_t p;
    static const unsigned int pointers[] = {
        XENVER_extraversion,        XENVER_compile_info, XENVER_capabilities, XENVER_changeset,
        XENVER_platform_parameters, XENVER_get_features, XENVER_guest_handle, XENVER_commandline,
    };
    bool dom0 = current->domain->hardware_domain;

    (void)arg;
    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
        ck_assert_int_eq(version(pointers[i], WILD), -EFAULT);
        if (pointers[i] != XENVER_get_features)
            ck_assert_int_eq(version(pointers[i], text), 0);
    }
    ck_assert_int_eq(version(XENVER_version, NULL), 4 << 16 | 17);
    ck_assert_int_eq(version(XENVER_pagesize, NULL), 4096);
    ck_assert_int_eq(version(XENVER_pagesize, text), -EINVAL);
    ck_assert_int_eq(version(XENVER_build_id, NULL), dom0 ? -ENODATA : -EPERM);
    ck_assert_int_eq(version(XENVER_capabilities, text), 0);
    ck_assert_ptr_nonnull(strstr(text, "xen-3.0-x86_64"));
    ck_assert_int_eq(version(XENVER_commandline, text), 0);
    ck_assert_str_eq(text, dom0 ? "" : "<denied>");
    ck_assert_int_eq(version(XENVER_platform_parameters, &p), 0);
    ck_assert_uint_eq(p.virt_start, 0xffff800000000000UL);
    ck_assert_int_eq(version(XENVER_get_features, &f), -EINVAL);
    f.submap_idx = 0;
    ck_assert_int_eq(version(XENVER_get_features, &f), 0);
    ck_assert(f.submap & 1U << XENFEAT_mmu_pt_update_preserve_ad);
    ck_assert_int_eq(f.submap >> XENFEAT_dom0 & 1, dom0);
    ck_assert_int_eq(f.submap >> XENFEAT_pae_pgdir_above_4gb & 1, 1);
    ck_assert_int_eq(call(__HYPERVISOR_vm_assist, VMASST_CMD_disable, VMASST_TYPE_pae_extended_cr3),
                     0);
    ck_assert_int_eq(version(XENVER_get_features, &f), 0);
    ck_assert_int_eq(f.submap >> XENFEAT_pae_pgdir_above_4gb & 1, 0);
    ck_assert_int_eq(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3),
                     0);
    ck_assert_int_eq(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 63), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 64), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_vm_assist, 7, VMASST_TYPE_m2p_strict), -ENOSYS);
    ck_assert_int_eq(version(77, NULL), -ENOSYS);
}

static void processor(void *arg)
{
    uint64_t *frames = guest_page(1);
    uint64_t page = guest_mfn(guest_page(2)) << 12;

    (void)arg;
    for (unsigned long which = 0; which < 3; which++) {
        ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, which, 0x1000), 0);
        ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, which, 1UL << 50), -EINVAL);
    }
    ck_assert_uint_eq(current->fs_base, 0x1000);
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER_SEL, 3), 0);
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, 4, 3), -EINVAL);
    for (unsigned long r = 0; r < 4; r++) {
        ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, r, 0x1234), 0);
        ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, r, 0), 0x1234);
    }
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 0, 1UL << 50), -EPERM);
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 4, 0), -ENODEV);
    ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, 5, 0), -ENODEV);
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 6, 0), 0);
    ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, 6, 0), 0xffff0ff0);
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 7, 0x2000), -EPERM);
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 7, 0), 0);
    ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, 7, 0), 0x400);
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 8, 0), -ENODEV);
    ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, 8, 0), -ENODEV);
    ck_assert_int_eq(call(__HYPERVISOR_stack_switch, 0xe02b, 0x1000), 0);
    ck_assert_int_eq(call(__HYPERVISOR_stack_switch, 0xe028, 0x1000), -EPERM);
    ck_assert_int_eq(call(__HYPERVISOR_fpu_taskswitch, 1, 0), 0);
    frames[0] = guest_mfn(guest_page(3));
    /* Not while the guest can write to it. */
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 512), -EINVAL);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(3),
                           PTE_MAKE(frames[0], PTE_PRESENT | PTE_USER), 0),
                     0);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 512), 0);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 513), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)WILD, 512), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 1000000), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page + 8, 0x00affb000000ffffUL), 0);
    ck_assert_uint_eq(((uint64_t *)guest_page(2))[1], 0x00affb000000ffffUL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page + 4, 0), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, 2 << 12, 0), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page, 0x00af9b000000ffffUL), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, current->cr3 << 12, 0), -EINVAL);
}

static void devices(void *arg)
{
    struct physdev_set_iopl iopl = {.iopl = 4};
    struct physdev_set_iobitmap bitmap = {.nr_ports = 65537};
    struct physdev_get_free_pirq pirq = {0};
    static const struct {
        unsigned int op;
        long error;
    } refused[] = {
        {__HYPERVISOR_kexec_op, -EPERM},
        {__HYPERVISOR_xsm_op, -ENOSYS},
        {__HYPERVISOR_hvm_op, -ENOSYS},
        {__HYPERVISOR_argo_op, -ENOSYS},
        {__HYPERVISOR_tmem_op, -ENOSYS},
        {__HYPERVISOR_xenpmu_op, -EOPNOTSUPP},
        {__HYPERVISOR_dm_op, -EPERM},
        {__HYPERVISOR_nmi_op, -ENOSYS},
        {45, -ENOSYS},
        {100000, -ENOSYS},
    };

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, 0x10), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (uintptr_t)&iopl), -EINVAL);
    iopl.iopl = 1;
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (uintptr_t)&iopl), 0);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, 0x10), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (uintptr_t)&bitmap),
                     -EINVAL);
    bitmap.nr_ports = 0;
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (uintptr_t)&bitmap), 0);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_get_free_pirq, (uintptr_t)&pirq),
                     -ENOSPC);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_get_free_pirq, 0x10), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq, 0), -EPERM);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        ck_assert_int_eq(call(refused[i].op, 0, 0), refused[i].error);
    ck_assert_ptr_nonnull(strstr(host.log, "kexec_op"));
}

START_TEST(test_version) { guest_test(versions); }
END_TEST
START_TEST(test_version_dom0) { guest_test_hardware(versions); }
END_TEST
START_TEST(test_processor) { guest_test(processor); }
END_TEST
START_TEST(test_devices) { guest_test(devices); }
END_TEST

int main(void)
{
    Suite *s = suite_create("version");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_version);
    tcase_add_test(t, test_version_dom0);
    tcase_add_test(t, test_processor);
    tcase_add_test(t, test_devices);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
