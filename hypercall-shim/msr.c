/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Model-specific registers, as rdmsr and wrmsr of a guest find them: those that Xen shows to a
 * PV guest (its msr.c and pv/emul-priv-op.c). What Xen would read from the machine and a process
 * cannot is answered as on a machine where it is zero.
 */
#include "trap.h"

#include <cpuid.h>

/* Numbers of the processor manuals. */
enum {
    MSR_TSC = 0x10,
    MSR_PLATFORM_ID = 0x17,
    MSR_APIC_BASE = 0x1b,
    MSR_FEATURE_CONTROL = 0x3a,
    MSR_PATCH_LEVEL = 0x8b,
    MSR_PLATFORM_INFO = 0xce,
    MSR_MPERF = 0xe7,
    MSR_APERF = 0xe8,
    MSR_MISC_FEATURES = 0x140,
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17a,
    MSR_MCG_CTL = 0x17b,
    MSR_PERF_STATUS = 0x198,
    MSR_PERF_CTL = 0x199,
    MSR_THERM_STATUS = 0x19c,
    MSR_MISC_ENABLE = 0x1a0,
    MSR_PAT = 0x277,
    MSR_PERF_CAPABILITIES = 0x345,
};
#define MSR_XEN     0x40000000U /* the first of the range of hypervisors */
#define MSR_EFER    0xc0000080U
#define MSR_FS_BASE 0xc0000100U
#define MSR_GS_BASE 0xc0000101U
#define MSR_GS_USER 0xc0000102U
#define MSR_TSC_AUX 0xc0000103U

#define APIC_BASE 0xfee00800UL /* enabled */
#define APIC_BOOT 0x100UL
#define EFER      0xd01UL              /* SCE LME LMA NXE: as Xen runs the processor */
#define PAT       0x0000050100070406UL /* Xen's */
/* Fast strings; no branch trace, no precise events, no TPR messages (Xen's guest_misc_enable). */
#define MISC_ENABLE 0x00801801UL
/* What a guest's machine checks are, two banks (Xen's vmce.c), and there is never one. */
#define MCG_CAP_INTEL 0x01000c02UL
#define MCG_CAP       0x2UL
#define MCG_BANKS     2U

enum vendor { VENDOR_OTHER, VENDOR_INTEL, VENDOR_AMD };

static enum vendor vendor(const struct vcpu *v)
{
    uint32_t b = processor_says(v->domain->hv, 0, 0).b;

    return b == signature_INTEL_ebx ? VENDOR_INTEL
           : b == signature_AMD_ebx ? VENDOR_AMD
                                    : VENDOR_OTHER;
}

/* A bank has four registers: its control reads as ones, the others hold nothing. */
static bool is_bank(uint32_t msr) { return msr >= 0x400 && msr < 0x400 + 4 * MCG_BANKS; }

static bool read_machine_check(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    *value = 0;
    switch (msr) {
    case MSR_MCG_CAP:
        *value = vendor(v) == VENDOR_INTEL ? MCG_CAP_INTEL : MCG_CAP;
        return true;
    case MSR_MCG_STATUS:
        *value = v->mcg_status;
        return true;
    case 0 ... 1: /* the Pentium's */
    case MSR_MCG_CTL:
    case 0x280 ... 0x29f: /* the banks' second controls */
        return true;
    case 0x400 ... 0x47f:
        if (is_bank(msr) && (msr & 3) == 0)
            *value = UINT64_MAX;
        return true;
    default:
        return false;
    }
}

static bool write_machine_check(struct vcpu *v, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_MCG_STATUS:
        v->mcg_status = value;
        return true;
    case 0 ... 1:
    case MSR_MCG_CAP:
    case MSR_MCG_CTL:
    case 0x280 ... 0x29f:
        return true;
    case 0x400 ... 0x47f:
        return !is_bank(msr) || (msr & 3) == 0 || value == 0;
    default:
        return false;
    }
}

/* Registers that read as a constant on processors of a vendor. */
static bool read_vendors(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    bool intel = vendor(v) == VENDOR_INTEL, amd = vendor(v) == VENDOR_AMD;

    *value = 0;
    switch (msr) {
    case MSR_FEATURE_CONTROL:
        *value = 1; /* locked */
        return intel;
    case MSR_PLATFORM_ID:
    case MSR_PERF_STATUS:
    case MSR_PERF_CTL:
    case MSR_THERM_STATUS:
        return intel;
    case MSR_PATCH_LEVEL:
        return intel || amd;
    case 0xc0010015:                /* HWCR */
    case 0xc001001f:                /* NB_CFG */
    case 0xc0010041 ... 0xc0010042: /* FID_VID */
    case 0xc0010061 ... 0xc001006b: /* P-states */
        return amd;
    case 0xc0011029: /* DE_CFG: lfence serialises */
        *value = 2;
        return amd;
    default:
        return false;
    }
}

/* AMD's registers of where memory is, which the initial domain may read. */
static bool is_memory_map(uint32_t msr)
{
    return msr == 0xc0010010 || (msr >= 0xc0010016 && msr <= 0xc001001a) || msr == 0xc001001d ||
           msr == 0xc0010112 || msr == 0xc0010113;
}

bool msr_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    switch (msr) {
    case MSR_TSC:
        *value = time_counter(v->domain->hv);
        return true;
    case MSR_APIC_BASE:
        *value = APIC_BASE | (v->id ? 0 : APIC_BOOT);
        return true;
    case MSR_PLATFORM_INFO: /* no faulting of cpuid */
    case MSR_MISC_FEATURES:
    case MSR_PERF_CAPABILITIES:
    case MSR_XEN: /* the hypercall page is only written */
        *value = 0;
        return true;
    case MSR_MISC_ENABLE:
        *value = MISC_ENABLE;
        return true;
    case MSR_PAT:
        *value = PAT;
        return true;
    case MSR_EFER:
        *value = EFER;
        return true;
    case MSR_FS_BASE:
        *value = v->fs_base;
        return true;
    case MSR_GS_BASE:
        *value = v->gs_base_kernel;
        return true;
    case MSR_GS_USER:
        *value = v->gs_base_user;
        return true;
    case MSR_TSC_AUX:
        *value = v->tsc_aux;
        return true;
    default:
        if (read_machine_check(v, msr, value))
            return true;
        if (v->domain->hardware_domain && is_memory_map(msr) && vendor(v) == VENDOR_AMD) {
            *value = 0;
            return true;
        }
        return read_vendors(v, msr, value);
    }
}

/* Writes that do nothing, on processors of a vendor. */
static bool write_vendors(const struct vcpu *v, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_PATCH_LEVEL:
        return vendor(v) == VENDOR_INTEL && value == 0;
    case MSR_PERF_CTL:
        return vendor(v) == VENDOR_INTEL;
    case MSR_MPERF:
    case MSR_APERF:
        return vendor(v) != VENDOR_OTHER;
    case 0xc0010015:
    case 0xc001001f:
    case 0xc0010041 ... 0xc0010042:
    case 0xc0010061 ... 0xc001006b:
    case 0xc0011029:
        return vendor(v) == VENDOR_AMD;
    default:
        return false;
    }
}

static bool write_base(struct vcpu *v, uint64_t *base, uint64_t value)
{
    if (!is_canonical(value))
        return false;
    *base = value;
    processor_load(v);
    return true;
}

/* Xen makes the page at that machine address a hypercall page. */
static bool write_hypercall_page(struct domain *d, uint64_t value)
{
    uint64_t mfn = value >> PAGE_SHIFT;

    if (value & ~PAGE_MASK || page_get_both(d, mfn, PAGE_WRITABLE))
        return false;
    hypercall_page_fill(page_map(d->hv, mfn));
    page_put_both(d, mfn);
    return hypercall_page_used(d);
}

bool msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_XEN:
        return write_hypercall_page(v->domain, value);
    case MSR_FS_BASE:
        return write_base(v, &v->fs_base, value);
    case MSR_GS_BASE:
        return write_base(v, &v->gs_base_kernel, value);
    case MSR_GS_USER:
        return write_base(v, &v->gs_base_user, value);
    case MSR_EFER: /* Linux writes back what it has read */
        return value == EFER;
    case MSR_MISC_ENABLE: /* Xen says in its log that it does not like it, and goes on */
        return true;
    case MSR_MISC_FEATURES:
        return value == 0;
    case MSR_TSC_AUX:
        v->tsc_aux = (uint32_t)value;
        return value <= UINT32_MAX;
    default:
        return write_machine_check(v, msr, value) || write_vendors(v, msr, value);
    }
}
