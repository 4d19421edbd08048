/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xen_version (<xen/version.h>): answers as Debian 12's Xen 4.17 gives a 64-bit PV guest.
 */
#include "internal.h"
#include "handlers.h"
#include "version.h"

#include <xen/features.h>
#include <xen/version.h>

/* What Xen says instead of what a domain without privilege may not know. */
#define DENIED "<denied>"

long version_version(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    (void)a;
    return VERSION_MAJOR << 16 | VERSION_MINOR;
}

long version_extraversion(struct vcpu *v, const unsigned long *a)
{
    xen_extraversion_t extra = VERSION_EXTRA;

    return copy_to_guest(v, a[1], extra, sizeof(extra));
}

long version_compile_info(struct vcpu *v, const unsigned long *a)
{
    static const xen_compile_info_t info = {
        .compiler = VERSION_COMPILER,
        .compile_by = VERSION_COMPILE_BY,
        .compile_domain = VERSION_COMPILE_DOMAIN,
        .compile_date = VERSION_COMPILE_DATE,
    };

    return copy_to_guest(v, a[1], &info, sizeof(info));
}

long version_capabilities(struct vcpu *v, const unsigned long *a)
{
    static const xen_capabilities_info_t capabilities = "xen-3.0-x86_64 ";

    return copy_to_guest(v, a[1], capabilities, sizeof(capabilities));
}

long version_changeset(struct vcpu *v, const unsigned long *a)
{
    static const xen_changeset_info_t changeset = VERSION_CHANGESET;

    return copy_to_guest(v, a[1], changeset, sizeof(changeset));
}

long version_platform_parameters(struct vcpu *v, const unsigned long *a)
{
    /* Where Xen's own address space begins (public/arch-x86/xen-x86_64.h). */
    xen_platform_parameters_t parameters = {.virt_start = HYPERVISOR_VIRT_START};

    return copy_to_guest(v, a[1], &parameters, sizeof(parameters));
}

long version_get_features(struct vcpu *v, const unsigned long *a)
{
    xen_feature_info_t info;

    if (copy_from_guest(v, &info, a[1], sizeof(info)))
        return -EFAULT;
    if (info.submap_idx != 0)
        return -EINVAL;
    info.submap = 1U << XENFEAT_memory_op_vnode_supported |
                  1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
                  1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_direct_mapped;
    if (v->domain->hardware_domain)
        info.submap |= 1U << XENFEAT_dom0;
    if (v->domain->vm_assist & 1UL << VMASST_TYPE_pae_extended_cr3)
        info.submap |= 1U << XENFEAT_pae_pgdir_above_4gb;
    return copy_to_guest(v, a[1], &info, sizeof(info));
}

long version_pagesize(struct vcpu *v, const unsigned long *a)
{
    (void)v;
    return a[1] ? -EINVAL : (long)PAGE_SIZE;
}

long version_guest_handle(struct vcpu *v, const unsigned long *a)
{
    return copy_to_guest(v, a[1], v->domain->handle, sizeof(v->domain->handle));
}

long version_commandline(struct vcpu *v, const unsigned long *a)
{
    /* Xen's own command line: only for the privileged. */
    xen_commandline_t line = "";

    if (!v->domain->hardware_domain)
        return copy_to_guest(v, a[1], DENIED, sizeof(DENIED));
    return copy_to_guest(v, a[1], line, sizeof(line));
}

long version_build_id(struct vcpu *v, const unsigned long *a)
{
    static const char id[20] = "halvm hypercall-shim"; /* as long as a linker's */
    xen_build_id_t op;

    if (!v->domain->hardware_domain)
        return -EPERM;
    if (!a[1])
        return sizeof(id);
    if (copy_from_guest(v, &op, a[1], sizeof(op.len)))
        return -EFAULT;
    if (op.len == 0)
        return -EINVAL;
    if (op.len < sizeof(id))
        return -ENOBUFS;
    if (copy_to_guest(v, a[1] + offsetof(xen_build_id_t, buf), id, sizeof(id)))
        return -EFAULT;
    return sizeof(id);
}
