/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The small hypercalls, as a domain without privilege and as the initial one: what the first may
 * not do. What the initial domain gets on real Xen is in tests/conformance/small.c.
 */
#include "guest.h"

#include <xen/kexec.h>
#include <xen/physdev.h>
#include <xen/xenoprof.h>

static long physdev(unsigned int op, void *argument)
{
    return call(__HYPERVISOR_physdev_op, op, (uintptr_t)argument);
}

static void devices(void *arg)
{
    bool dom0 = current->domain->hardware_domain;
    static const struct {
        uint8_t op;
        int others, initial;
    } rows[] = {
        {PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0, 0},
        {PHYSDEVOP_irq_status_query, -EINVAL, -EINVAL},
        {PHYSDEVOP_apic_read, -EPERM, -EINVAL},
        {PHYSDEVOP_apic_write, -EPERM, -EINVAL},
        {PHYSDEVOP_alloc_irq_vector, -EPERM, 0},
        {PHYSDEVOP_free_irq_vector, -ENOSYS, -ENOSYS},
        {PHYSDEVOP_eoi, -EINVAL, -EINVAL},
        {PHYSDEVOP_manage_pci_add, -EPERM, -ENODEV},
        {PHYSDEVOP_manage_pci_remove, -EPERM, -ENODEV},
        {PHYSDEVOP_pirq_eoi_gmfn_v1, -EINVAL, -EINVAL},
        {PHYSDEVOP_restore_msi, -ENODEV, -ENODEV},
        {PHYSDEVOP_manage_pci_add_ext, -EPERM, -ENODEV},
        {PHYSDEVOP_setup_gsi, -EINVAL, -EINVAL},
        {PHYSDEVOP_get_free_pirq, -ENOSPC, -ENOSPC},
        {PHYSDEVOP_pci_mmcfg_reserved, -EPERM, -ENODEV},
        {PHYSDEVOP_pci_device_add, -EPERM, -ENODEV},
        {PHYSDEVOP_pci_device_remove, -EPERM, -ENODEV},
        {PHYSDEVOP_restore_msi_ext, -ENODEV, -ENODEV},
        {PHYSDEVOP_pirq_eoi_gmfn_v2, -EINVAL, -EINVAL},
        {PHYSDEVOP_prepare_msix, -EPERM, -ENODEV},
        {PHYSDEVOP_release_msix, -EPERM, -ENODEV},
        {PHYSDEVOP_dbgp_op, -EPERM, 0},
        {77, -ENOSYS, -ENOSYS},
    };
    struct physdev_map_pirq map = {.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI};
    struct physdev_unmap_pirq unmap = {.domid = DOMID_SELF};
    struct physdev_pirq_eoi_gmfn gmfn = {.gmfn = current->cr3};
    struct physdev_manage_pci_ext ext = {.is_virtfn = 2};
    struct physdev_pci_mmcfg_reserved mmcfg = {.flags = 4};
    struct physdev_op compat = {.cmd = PHYSDEVOP_set_iopl};
    struct physdev_set_iobitmap bitmap = {.nr_ports = 65537};

    (void)arg;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(guest_page(1), 0, 256);
        ck_assert_int_eq(physdev(rows[i].op, guest_page(1)),
                         dom0 ? rows[i].initial : rows[i].others);
    }
    ck_assert_int_eq(physdev(PHYSDEVOP_map_pirq, &map), dom0 ? -EINVAL : -EPERM);
    map.domid = 999;
    ck_assert_int_eq(physdev(PHYSDEVOP_map_pirq, &map), -ESRCH);
    map.type = MAP_PIRQ_TYPE_MULTI_MSI;
    map.table_base = 1;
    ck_assert_int_eq(physdev(PHYSDEVOP_map_pirq, &map), -EINVAL);
    map.table_base = 0;
    ck_assert_int_eq(physdev(PHYSDEVOP_map_pirq, &map), -ESRCH);
    ck_assert_int_eq(physdev(PHYSDEVOP_unmap_pirq, &unmap), dom0 ? -EINVAL : -EPERM);
    unmap.domid = 999;
    ck_assert_int_eq(physdev(PHYSDEVOP_unmap_pirq, &unmap), -ESRCH);
    ck_assert_int_eq(physdev(PHYSDEVOP_manage_pci_add_ext, &ext), -EINVAL);
    ext = (struct physdev_manage_pci_ext){.is_extfn = 2};
    ck_assert_int_eq(physdev(PHYSDEVOP_manage_pci_add_ext, &ext), -EINVAL);
    ck_assert_int_eq(physdev(PHYSDEVOP_pci_mmcfg_reserved, &mmcfg), dom0 ? -EINVAL : -EPERM);
    ck_assert_int_eq(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -EINVAL);
    gmfn.gmfn = guest_mfn(guest_page(3));
    ck_assert_int_eq(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), 0);
    ck_assert_int_eq(physdev(PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -EBUSY);
    ck_assert_int_eq(physdev(PHYSDEVOP_set_iobitmap, &bitmap), -EINVAL);
    bitmap.nr_ports = 1;
    bitmap.bitmap.p = (uint8_t *)HYPERVISOR_VIRT_START;
    ck_assert_int_eq(physdev(PHYSDEVOP_set_iobitmap, &bitmap), -EINVAL);
    compat.u.set_iopl.iopl = 2;
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op_compat, (uintptr_t)&compat, 0), 0);
    ck_assert_uint_eq(current->iopl, 2);
    compat.u.set_iopl.iopl = 4;
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op_compat, (uintptr_t)&compat, 0), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op_compat, (uintptr_t)WILD, 0), -EFAULT);
    for (unsigned int op = 0; op < 40; op++) {
        long answer = physdev(op, WILD);

        ck_assert(answer == -EFAULT || answer == -ENOSYS || (!dom0 && answer == -EPERM) ||
                  op == PHYSDEVOP_IRQ_UNMASK_NOTIFY);
    }
}

static void others(void *arg)
{
    bool dom0 = current->domain->hardware_domain;
    uint64_t *a = guest_page(1);
    static const struct {
        unsigned int op;
        long error;
    } refused[] = {
        {__HYPERVISOR_xsm_op, -ENOSYS},
        {__HYPERVISOR_argo_op, -ENOSYS},
        {__HYPERVISOR_tmem_op, -ENOSYS},
        {__HYPERVISOR_xenpmu_op, -EOPNOTSUPP},
        {45, -ENOSYS},
        {100000, -ENOSYS},
    };

    (void)arg;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        ck_assert_int_eq(call(refused[i].op, 0, 0), refused[i].error);
    for (unsigned long op = 0; op < 8; op++) {
        a[0] = KEXEC_TYPE_DEFAULT;
        long answer = call(__HYPERVISOR_kexec_op, op, (uintptr_t)a);

        ck_assert(dom0 ? answer != -EPERM : answer == -EPERM);
    }
    if (dom0) {
        xen_kexec_load_t load = {.type = KEXEC_TYPE_DEFAULT, .arch = 3};

        ck_assert_int_eq(call(__HYPERVISOR_kexec_op, KEXEC_CMD_kexec_load, (uintptr_t)&load),
                         -ENOMEM);
        load.arch = 62;
        ck_assert_int_eq(call(__HYPERVISOR_kexec_op, KEXEC_CMD_kexec_load, (uintptr_t)&load),
                         -ENOMEM);
        load.arch = 63;
        ck_assert_int_eq(call(__HYPERVISOR_kexec_op, KEXEC_CMD_kexec_load, (uintptr_t)&load),
                         -EINVAL);
    }
    ck_assert_int_eq(call(__HYPERVISOR_xenoprof_op, 0, (uintptr_t)a), -ENODEV);
    ck_assert_int_eq(call(__HYPERVISOR_xenoprof_op, 0, (uintptr_t)WILD), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_xenoprof_op, XENOPROF_get_buffer, 0), -EBUSY);
    ck_assert_int_eq(call(__HYPERVISOR_xenoprof_op, 4, 0), -EPERM);
    ck_assert_int_eq(call(__HYPERVISOR_xenoprof_op, 400, 0), -EINVAL);
    /* About the other domain (1, or 0 for the initial one's neighbour). */
    a[0] = dom0 ? 1 : 0;
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 15, (uintptr_t)a), dom0 ? -EINVAL : -EPERM);
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 9, (uintptr_t)a), -EOPNOTSUPP);
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 0, (uintptr_t)a), -EINVAL);
    ck_assert_int_eq(call3(__HYPERVISOR_dm_op, a[0], 1, (uintptr_t)a), -EINVAL);
    a[0] = DOMID_SELF;
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 15, (uintptr_t)a), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 9, (uintptr_t)a), -EINVAL);
    a[0] = 999;
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 9, (uintptr_t)a), -ESRCH);
    ck_assert_int_eq(call3(__HYPERVISOR_dm_op, 999, 1, (uintptr_t)a), -ESRCH);
    a[0] = 9UL << 16;
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 11, (uintptr_t)a), 0);
    a[0] = 999UL << 16;
    ck_assert_int_eq(call(__HYPERVISOR_hvm_op, 11, (uintptr_t)a), -EINVAL);
}

static void both(void (*function)(void *))
{
    machine_start(64);
    guest_create(16, true, function, NULL);
    guest_create(16, false, function, NULL);
    ck_assert(guest_run());
    machine_stop();
}

START_TEST(test_devices) { both(devices); }
END_TEST
START_TEST(test_others) { both(others); }
END_TEST

int main(void)
{
    Suite *s = suite_create("small");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_devices);
    tcase_add_test(t, test_others);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
