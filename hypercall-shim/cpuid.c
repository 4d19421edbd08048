/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What cpuid says to a guest that asks with Xen's prefix: the processor's answers without what a PV
 * guest cannot use, and the leaves of Xen's own (<xen/arch-x86/cpuid.h>). A plain cpuid is
 * not intercepted, in a process as on most processors under Xen.
 */
#include "trap.h"
#include "handlers.h"

#include <cpuid.h>

#include <xen/arch-x86/cpuid.h>

#define BASE      0x40000000U
#define LAST      (BASE + XEN_CPUID_MAX_NUM_LEAVES)
#define BASIC_MAX 0xdU /* the last leaf that Xen passes on: the states of xsave */

#define LEAF1_C_OSXSAVE    (1U << 27)
#define LEAF1_C_XSAVE      (1U << 26)
#define LEAF1_C_HYPERVISOR (1U << 31)
#define LEAF1_D_MTRR       (1U << 12) /* only the initial domain's kernel sees it */

/* Features that Xen 4.17 lets PV guests have (arch-x86/cpufeatureset.h, those marked A). */
#define LEAF1_D     0x1fc9cbf5U
#define LEAF1_C     0xf6d83203U
#define LEAF7_B     0xfdaf0b29U
#define LEAF7_C     0x02405f43U
#define LEAF7_D     0xac00441cU
#define LEAF7_1_A   0x00001c30U
#define LEAFD_1_A   0x00000007U
#define EXTENDED1_D 0xea500800U
#define EXTENDED1_C 0x042109e3U
#define EXTENDED8_B 0x64001005U

#define LEAF7_B_FSGSBASE 1U

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Kilohertz of the time stamp counter, by the clock that the guest has. */
static uint32_t counter_rate(const struct hypervisor_clock *c)
{
    double ns = c->tsc_to_system_mul;

    if (!c->tsc_to_system_mul)
        return 0; /* a virtual clock */
    for (int8_t s = c->tsc_shift; s > 0; s--)
        ns *= 2;
    for (int8_t s = c->tsc_shift; s < 0; s++)
        ns /= 2;
    return (uint32_t)(1000000.0 * 4294967296.0 / ns);
}

static void time_leaf(const struct vcpu *v, uint32_t subleaf, struct cpuid_leaf *out)
{
    const struct hypervisor_host *host = &v->domain->hv->host;
    struct hypervisor_clock clock;

    if (v->domain->hardware_domain)
        clock = (struct hypervisor_clock){0}; /* Xen does not tell it */
    else
        host->clock(host->context, &clock);
    switch (subleaf) {
    case 0: /* not emulated; whether it is safe and has RDTSCP */
        out->a = 1U << 1 | (processor_says(v->domain->hv, 0x80000001, 0).d >> 27 & 1) << 2;
        out->c = counter_rate(&clock);
        break;
    case 1: /* no offset; how it becomes time */
        out->c = clock.tsc_to_system_mul;
        out->d = (uint32_t)clock.tsc_shift;
        break;
    case 2:
        host->clock(host->context, &clock);
        out->a = counter_rate(&clock);
        break;
    default:
        break;
    }
}

static void xen_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *out)
{
    switch (leaf) {
    case BASE:
        *out = (struct cpuid_leaf){LAST, XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
                                   XEN_CPUID_SIGNATURE_EDX};
        break;
    case BASE + 1:
        out->a = (uint32_t)version_version(NULL, NULL);
        break;
    case BASE + 2: /* one hypercall page, its register, features */
        out->a = 1;
        out->b = BASE;
        out->c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
        break;
    case BASE + 3:
        time_leaf(v, subleaf, out);
        break;
    case BASE + 5: /* bits of a machine address */
        if (subleaf == 0)
            out->b = (uint32_t)(64 - __builtin_clzl(v->domain->hv->frames)) + PAGE_SHIFT;
        break;
    default: /* 4 is for HVM */
        break;
    }
}

static void leaf_1(const struct vcpu *v, struct cpuid_leaf *out)
{
    uint32_t enabled = out->c & LEAF1_C_OSXSAVE; /* shown though the guest has not set cr4 */

    out->b &= 0x00ffffff;
    out->c &= LEAF1_C;
    out->c |= LEAF1_C_HYPERVISOR;
    if (out->c & LEAF1_C_XSAVE)
        out->c |= enabled;
    if (!v->domain->hardware_domain)
        out->d &= LEAF1_D;
    else
        out->d &= LEAF1_D | LEAF1_D_MTRR;
}

static void leaf_7(const struct vcpu *v, uint32_t subleaf, struct cpuid_leaf *out)
{
    if (subleaf == 0) {
        out->a = least(out->a, 2);
        out->b &= LEAF7_B;
        out->c &= LEAF7_C;
        out->d &= LEAF7_D;
        if (!(processor_cr4(v->domain->hv, CR4_FSGS) & CR4_FSGS))
            out->b &= ~LEAF7_B_FSGSBASE; /* LCOV_EXCL_LINE: a kernel or processor without it */
    } else {
        *out = (struct cpuid_leaf){.a = subleaf == 1 ? out->a & LEAF7_1_A : 0};
    }
}

/* Nothing where the processor has no such leaf. */
static struct cpuid_leaf processor(const struct vcpu *v, uint32_t leaf, uint32_t subleaf)
{
    const struct hypervisor *hv = v->domain->hv;

    if (leaf > processor_says(hv, leaf & 0x80000000, 0).a)
        return (struct cpuid_leaf){0};
    return processor_says(hv, leaf, subleaf);
}

static void basic_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
                       struct cpuid_leaf *out)
{
    *out = processor(v, leaf, subleaf);
    switch (leaf) {
    case 0:
        out->a = least(out->a, BASIC_MAX);
        break;
    case 1:
        leaf_1(v, out);
        break;
    case 5:   /* monitor */
    case 6:   /* power */
    case 9:   /* direct cache access */
    case 0xa: /* counters */
    case 0xb: /* topology, which is x2APIC's */
        *out = (struct cpuid_leaf){0};
        break;
    case 7:
        leaf_7(v, subleaf, out);
        break;
    case 0xd:
        if (subleaf == 1)
            out->a &= LEAFD_1_A;
        break;
    default:
        break;
    }
}

/* AMD repeats these bits of leaf 1 in its own. */
#define REPEATED 0x0183f3ffU
#define AMD_MAX  0x80000021U
#define MAX      0x80000008U

static void extended_leaf(const struct vcpu *v, uint32_t leaf, struct cpuid_leaf *out)
{
    uint32_t mtrr = v->domain->hardware_domain ? LEAF1_D_MTRR : 0;

    *out = processor(v, leaf, 0);
    switch (leaf & 0xff) {
    case 0:
        out->a = out->b == signature_AMD_ebx ? AMD_MAX : MAX;
        break;
    case 1:
        out->c &= EXTENDED1_C;
        out->d &= EXTENDED1_D | (LEAF1_D & REPEATED) | mtrr;
        break;
    case 7:
        out->d &= 1U << 8; /* the counter's rate is constant */
        break;
    case 8: /* addresses have 48 bits */
        out->a = (out->a & 0xff) | 48U << 8;
        out->b &= EXTENDED8_B;
        break;
    case 0xa: /* SVM */
        *out = (struct cpuid_leaf){0};
        break;
    default:
        break;
    }
}

void cpuid_guest(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *out)
{
    *out = (struct cpuid_leaf){0};
    if (leaf >= BASE && leaf <= LAST)
        xen_leaf(v, leaf, subleaf, out);
    else if (leaf <= BASIC_MAX)
        basic_leaf(v, leaf, subleaf, out);
    else if (leaf >= 0x80000000 && leaf <= AMD_MAX)
        extended_leaf(v, leaf, out);
}
