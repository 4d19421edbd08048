/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What Xen says of itself, and the small hypercalls. It would catch a shim that claims what it is
 * not, or answers an unknown hypercall otherwise than Xen.
 */
#include "tap.h"

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/version.h>

static long version(unsigned int cmd, void *arg)
{
    return hypercall(__HYPERVISOR_xen_version, cmd, HYPERCALL_ARG(arg), 0, 0, 0);
}

static void test_version(void)
{
    long number = version(XENVER_version, NULL);
    xen_extraversion_t extra;
    xen_compile_info_t compile;
    xen_capabilities_info_t capabilities;
    xen_changeset_info_t changeset;
    xen_platform_parameters_t parameters;
    xen_feature_info_t features = {.submap_idx = 0};

    ok(number >> 16 == 4 && (number & 0xffff) >= 17, "version 4.17 or later");
    answers(version(XENVER_extraversion, extra), 0, "extraversion");
    answers(version(XENVER_extraversion, WILD_POINTER), -XEN_EFAULT, "with a wild pointer");
    answers(version(XENVER_compile_info, &compile), 0, "compile_info");
    ok(memchr(compile.compiler, 0, sizeof compile.compiler) != NULL, "the compiler's name ends");
    answers(version(XENVER_capabilities, capabilities), 0, "capabilities");
    ok(strstr(capabilities, "x86_64") != NULL, "they have x86_64");
    answers(version(XENVER_changeset, changeset), 0, "changeset");
    answers(version(XENVER_platform_parameters, &parameters), 0, "platform_parameters");
    answers(version(XENVER_get_features, &features), 0, "get_features");
    ok(features.submap >> XENFEAT_pae_pgdir_above_4gb & 1, "pae_pgdir_above_4gb");
    ok(features.submap >> XENFEAT_mmu_pt_update_preserve_ad & 1, "mmu_pt_update_preserve_ad");
    ok(!(features.submap >> XENFEAT_auto_translated_physmap & 1), "no auto_translated_physmap");
    ok(!(features.submap >> XENFEAT_writable_page_tables & 1), "no writable_page_tables");
    features.submap_idx = 99;
    answers(version(XENVER_get_features, &features), -XEN_EINVAL, "submap 99");
    answers(version(XENVER_pagesize, NULL), 4096, "pagesize");
    answers(version(999, NULL), -XEN_ENOSYS, "a version that is none");
}

static void test_multicall(void)
{
    multicall_entry_t calls[3] = {
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}},
        {.op = __HYPERVISOR_sched_op, .args = {999}},
        {.op = 63},
    };

    answers(hypercall(__HYPERVISOR_multicall, HYPERCALL_ARG(calls), 3, 0, 0, 0), 0, "multicall");
    ok((long)calls[0].result == 4096, "the first entry has its result");
    ok((long)calls[1].result == -XEN_ENOSYS, "the second its error");
    ok((long)calls[2].result == -XEN_ENOSYS, "the third is no hypercall");
    answers(hypercall(__HYPERVISOR_multicall, HYPERCALL_ARG(WILD_POINTER), 1, 0, 0, 0), -XEN_EFAULT,
            "multicall with a wild pointer");
}

static void test_small_ones(void)
{
    answers(hypercall(63, 0, 0, 0, 0, 0), -XEN_ENOSYS, "hypercall 63");
    answers(hypercall(__HYPERVISOR_fpu_taskswitch, 0, 0, 0, 0, 0), 0, "fpu_taskswitch");
    answers(hypercall(__HYPERVISOR_set_trap_table, HYPERCALL_ARG(WILD_POINTER), 0, 0, 0, 0),
            -XEN_EFAULT, "set_trap_table with a wild pointer");
    answers(hypercall(__HYPERVISOR_console_io, 99, 0, 0, 0, 0), -XEN_ENOSYS, "console_io 99");
    answers(hypercall(__HYPERVISOR_console_io, 0, 5, HYPERCALL_ARG(WILD_POINTER), 0, 0),
            -XEN_EFAULT, "console_io with a wild pointer");
    answers(hypercall(__HYPERVISOR_vm_assist, 99, 99, 0, 0, 0), -XEN_EINVAL, "vm_assist 99");
    answers(hypercall(__HYPERVISOR_set_debugreg, 9, 0, 0, 0, 0), -XEN_ENODEV, "set_debugreg 9");
    answers(hypercall(__HYPERVISOR_get_debugreg, 9, 0, 0, 0, 0), -XEN_ENODEV, "get_debugreg 9");
    answers(hypercall(__HYPERVISOR_callback_op, 99, 0, 0, 0, 0), -XEN_ENOSYS, "callback_op 99");
    answers(hypercall(__HYPERVISOR_physdev_op, 9999, 0, 0, 0, 0), -XEN_ENOSYS, "physdev_op 9999");
    answers(hypercall(__HYPERVISOR_nmi_op, 99, 0, 0, 0, 0), -XEN_ENOSYS, "nmi_op 99");
    answers(hypercall(__HYPERVISOR_set_segment_base, 9, 0, 0, 0, 0), -XEN_EINVAL,
            "set_segment_base 9");
}

int main(void)
{
    test_version();
    test_multicall();
    test_small_ones();
    return tap_done();
}
