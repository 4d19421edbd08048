/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xen_version, as the initial domain and as another: what the latter must not learn.
 */
#include "guest.h"

#include <xen/features.h>
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
    ck_assert_int_eq(version(XENVER_build_id, NULL), dom0 ? 20 : -EPERM);
    memset(text, 0, 4);
    ck_assert_int_eq(version(XENVER_build_id, text), dom0 ? -EINVAL : -EPERM);
    text[0] = 19;
    ck_assert_int_eq(version(XENVER_build_id, text), dom0 ? -ENOBUFS : -EPERM);
    text[0] = 20;
    ck_assert_int_eq(version(XENVER_build_id, text), dom0 ? 20 : -EPERM);
    if (dom0)
        ck_assert_int_eq(memcmp(text + 4, "halvm", 5), 0);
    ck_assert_int_eq(version(XENVER_build_id, WILD), dom0 ? -EFAULT : -EPERM);
    memcpy((char *)(uintptr_t)current->domain->virt_end - 8, "\x20\0\0", 4);
    ck_assert_int_eq(version(XENVER_build_id, (char *)(uintptr_t)current->domain->virt_end - 8),
                     dom0 ? -EFAULT : -EPERM);
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

START_TEST(test_version) { guest_test(versions); }
END_TEST
START_TEST(test_version_dom0) { guest_test_hardware(versions); }
END_TEST

int main(void)
{
    Suite *s = suite_create("version");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_version);
    tcase_add_test(t, test_version_dom0);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
