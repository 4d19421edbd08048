/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For guests that are the initial domain and do what tools do. To be included first.
 */
#ifndef TESTS_CONFORMANCE_TOOLSTACK_H
#define TESTS_CONFORMANCE_TOOLSTACK_H

#define __XEN_TOOLS__
#include "tap.h"

#include <xen/domctl.h>

static struct xen_domctl op;

/* Asks with what is in op.u. */
static inline long domctl(uint32_t cmd, domid_t domid)
{
    op.cmd = cmd;
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op.domain = domid;
    return hypercall(__HYPERVISOR_domctl, HYPERCALL_ARG(&op), 0, 0, 0, 0);
}

/* Asks with zeroes in op.u. */
static inline long domctl_zero(uint32_t cmd, domid_t domid)
{
    memset(&op, 0, sizeof op);
    return domctl(cmd, domid);
}

/* What xl would ask for; the caller changes it. */
static inline void good_config(uint32_t vcpus)
{
    memset(&op, 0, sizeof op);
    op.u.createdomain.max_vcpus = vcpus;
    op.u.createdomain.max_evtchn_port = 1023;
    op.u.createdomain.max_grant_frames = 4;
    op.u.createdomain.max_maptrack_frames = 4;
    op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
}

/* An empty domain with VCPUS vCPUs; 0 if there is none. */
static inline domid_t new_domain(uint32_t vcpus)
{
    domid_t domid;

    good_config(vcpus);
    if (domctl(XEN_DOMCTL_createdomain, 0))
        return 0;
    domid = op.domain;
    memset(&op, 0, sizeof op);
    op.u.max_vcpus.max = vcpus;
    return domctl(XEN_DOMCTL_max_vcpus, domid) ? 0 : domid;
}

static inline const struct xen_domctl_getdomaininfo *domain_info(domid_t domid)
{
    domctl_zero(XEN_DOMCTL_getdomaininfo, domid);
    return &op.u.getdomaininfo;
}

#endif
