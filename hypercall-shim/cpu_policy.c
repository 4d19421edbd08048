/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What guests see of the processor: all of it, since CPUID in a process is the processor's own.
 * So there is one policy (<xen/arch-x86/xen.h>, xen_cpuid_leaf_t), that of each domain and of the
 * machine. In which order leaves are told as in Xen's lib/x86/cpuid.c. They are read once: where
 * the processor is a virtual one, each CPUID takes tens of microseconds.
 */
#include "sysctl.h"
#include "trap.h"

#include <stdlib.h>

#define BASIC_LAST    0x15U /* leaves that Xen 4.17 knows of: more are not told */
#define EXTENDED_LAST 0x21U
#define SUBLEAVES     64U

struct cpu_policy {
    uint32_t count;
    xen_cpuid_leaf_t leaves[CPU_POLICY_LEAVES];
};

static void add(struct cpu_policy *policy, uint32_t leaf, uint32_t subleaf, const uint32_t r[4])
{
    if (policy->count < CPU_POLICY_LEAVES)
        policy->leaves[policy->count++] = (xen_cpuid_leaf_t){
            .leaf = leaf, .subleaf = subleaf, .a = r[0], .b = r[1], .c = r[2], .d = r[3]};
}

static void read_leaf(const struct hypervisor *hv, uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
    struct cpuid_leaf l = processor_says(hv, leaf, subleaf);

    r[0] = l.a;
    r[1] = l.b;
    r[2] = l.c;
    r[3] = l.d;
}

/* Whether there is a subleaf after SUBLEAF, whose contents are R. */
static bool goes_on(uint32_t leaf, uint32_t subleaf, const uint32_t r[4], uint32_t last)
{
    switch (leaf) {
    case 4: /* caches: until one of no type */
        return r[0] & 0x1f;
    case 7:
        return subleaf < last;
    case 0xb: /* topology: until a level of no type */
        return r[2] & 0xff00;
    default: /* 0xd, states of XSAVE: those that come in a row */
        return subleaf < 1 || (r[0] && subleaf + 1 < SUBLEAVES);
    }
}

static void add_subleaves(const struct hypervisor *hv, struct cpu_policy *policy, uint32_t leaf)
{
    uint32_t r[4], last;

    read_leaf(hv, leaf, 0, r);
    last = r[0];
    for (uint32_t i = 0; i < SUBLEAVES; i++) {
        read_leaf(hv, leaf, i, r);
        add(policy, leaf, i, r);
        if (!goes_on(leaf, i, r, last))
            return;
    }
}

static void add_range(const struct hypervisor *hv, struct cpu_policy *policy, uint32_t first,
                      uint32_t last)
{
    for (uint32_t leaf = first; leaf <= last; leaf++) {
        uint32_t r[4];

        if (leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd) {
            add_subleaves(hv, policy, leaf);
            continue;
        }
        read_leaf(hv, leaf, 0, r);
        add(policy, leaf, XEN_CPUID_NO_SUBLEAF, r);
    }
}

static uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* The policy of this machine, or NULL: no memory. */
static const struct cpu_policy *get_policy(struct hypervisor *hv)
{
    const uint32_t none[4] = {0};
    struct cpu_policy *policy = hv->cpu_policy;

    if (policy)
        return policy;
    policy = hv->cpu_policy = calloc(1, sizeof(*policy));
    if (!policy)
        return NULL;
    add_range(hv, policy, 0, lesser(processor_says(hv, 0, 0).a, BASIC_LAST));
    /* The hypervisor's own leaves: no CPUID can show them here. */
    add(policy, 0x40000000, XEN_CPUID_NO_SUBLEAF, none);
    add(policy, 0x40000100, XEN_CPUID_NO_SUBLEAF, none);
    add_range(hv, policy, 0x80000000,
              lesser(processor_says(hv, 0x80000000, 0).a, 0x80000000 + EXTENDED_LAST));
    return policy;
}

int cpu_policy_leaves(struct vcpu *v, uint64_t place, uint32_t *count)
{
    const struct cpu_policy *policy;
    uint32_t stored;

    if (!place) {
        *count = CPU_POLICY_LEAVES;
        return 0;
    }
    policy = get_policy(v->domain->hv);
    if (!policy)
        return -ENOMEM;
    stored = lesser(policy->count, *count);
    if (copy_to_guest(v, place, policy->leaves, stored * sizeof(policy->leaves[0])))
        return -EFAULT;
    if (stored < policy->count)
        return -ENOBUFS;
    *count = stored;
    return 0;
}

/* The two that a policy has (MSR_INTEL_PLATFORM_INFO, MSR_ARCH_CAPABILITIES), both empty. */
int cpu_policy_msrs(struct vcpu *v, uint64_t place, uint32_t *count)
{
    const xen_msr_entry_t all[CPU_POLICY_MSRS] = {{.idx = 0xce}, {.idx = 0x10a}};

    if (!place) {
        *count = CPU_POLICY_MSRS;
        return 0;
    }
    if (*count < CPU_POLICY_MSRS)
        return -ENOBUFS;
    if (copy_to_guest(v, place, all, sizeof(all)))
        return -EFAULT;
    *count = CPU_POLICY_MSRS;
    return 0;
}

/* A leaf that has no subleaves, or one of its subleaves; NULL: the processor does not have it. */
static const xen_cpuid_leaf_t *find_leaf(const struct cpu_policy *policy, uint32_t leaf,
                                         uint32_t subleaf)
{
    for (uint32_t i = 0; i < policy->count; i++) {
        const xen_cpuid_leaf_t *l = &policy->leaves[i];

        if (l->leaf == leaf && (l->subleaf == subleaf || l->subleaf == XEN_CPUID_NO_SUBLEAF))
            return l;
    }
    return NULL;
}

/* Xen's words (arch-x86/cpufeatureset.h): which leaf, subleaf and register each is. */
int cpu_policy_features(struct hypervisor *hv, uint32_t words[CPU_FEATURE_WORDS])
{
    enum { A, B, C, D };
    static const struct {
        uint32_t leaf, subleaf, reg;
    } from[CPU_FEATURE_WORDS] = {
        {1, 0, D},          {1, 0, C}, {0x80000001, 0, D}, {0x80000001, 0, C},
        {0xd, 1, A},        {7, 0, B}, {7, 0, C},          {0x80000007, 0, D},
        {0x80000008, 0, B}, {7, 0, D}, {7, 1, A},          {0x80000021, 0, A},
        {7, 1, B},          {7, 2, D}, {7, 1, C},          {7, 1, D},
    };
    const struct cpu_policy *policy = get_policy(hv);

    if (!policy)
        return -ENOMEM;
    memset(words, 0, CPU_FEATURE_WORDS * sizeof(words[0]));
    for (unsigned int i = 0; i < CPU_FEATURE_WORDS && from[i].leaf; i++) {
        const xen_cpuid_leaf_t *l = find_leaf(policy, from[i].leaf, from[i].subleaf);

        if (l)
            words[i] = (const uint32_t[]){l->a, l->b, l->c, l->d}[from[i].reg];
    }
    return 0;
}

void cpu_policy_model(const struct hypervisor *hv, char vendor[12], uint32_t *family,
                      uint32_t *model, uint32_t *stepping)
{
    uint32_t r[4];

    read_leaf(hv, 0, 0, r);
    memcpy(vendor, &r[1], 4);
    memcpy(vendor + 4, &r[3], 4);
    memcpy(vendor + 8, &r[2], 4);
    read_leaf(hv, 1, 0, r);
    *family = r[0] >> 8 & 0xf;
    *model = r[0] >> 4 & 0xf;
    *stepping = r[0] & 0xf;
    if (*family == 0xf)
        *family += r[0] >> 20 & 0xff;
    if (*family >= 6)
        *model += (r[0] >> 16 & 0xf) << 4;
}
