/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What each PV guest has without asking, where <xen/arch-x86/xen-x86_64.h> says: the
 * machine-to-physical table at MACH2PHYS_VIRT_START, and Xen's flat segments. In a process there is
 * neither; loads of them are executed for the guest.
 */
#include "tap.h"

#include <xen/memory.h>

#include "core/domain.h"
#include "core/hypercall.h"

static const start_info_t *start;

static uint64_t mfn_of(unsigned long pfn) { return ((const uint64_t *)start->mfn_list)[pfn]; }

static void loads(void)
{
    uint64_t table = MACH2PHYS_VIRT_START, mfn = mfn_of(3), quad = 0;
    register uint64_t other __asm__("r13") = mfn;
    uint64_t base = table - 0x1000;
    uint64_t half = 7, flags;

    __asm__ volatile("movq (%1,%2,8), %0" : "=r"(quad) : "r"(table), "r"(mfn));
    ok(quad == 3, "a load by base and index: pfn 3");
    __asm__ volatile("movq (%1), %0" : "=r"(quad) : "r"(table + mfn * 8));
    ok(quad == 3, "a load by base alone");
    __asm__ volatile("movq 0x10(%1), %0" : "=r"(quad) : "r"(table + mfn * 8 - 0x10));
    ok(quad == 3, "with a short displacement");
    __asm__ volatile("movq 0x1000(%1,%2,8), %0" : "=r"(quad) : "r"(base), "r"(other));
    ok(quad == 3, "with a long displacement, and high registers");
    __asm__ volatile("movl (%1,%2,8), %k0" : "+r"(half) : "r"(table), "r"(mfn));
    ok(half == 3, "of 32 bits, which clears the upper half");
    half = 7;
    __asm__ volatile("movl 4(%1,%2,8), %k0" : "+r"(half) : "r"(table), "r"(mfn));
    ok(half == 0, "of the upper half of an entry");
    __asm__ volatile("cmpq %0, %0; movq (%2,%3,8), %%rax; pushfq; popq %1"
                     : "+r"(quad), "=r"(flags)
                     : "r"(table), "r"(mfn)
                     : "rax", "cc");
    ok(flags & 0x40, "flags stay");
    __asm__ volatile("movabsq 0xffff800000000000, %%rax" : "=a"(quad));
    ok(quad != 3, "a load by a whole address");
}

static void agrees(void)
{
    xen_machphys_mapping_t op;
    const uint64_t *told;
    bool equal = true;

    hypercall_memory_op(XENMEM_machphys_mapping, &op);
    told = (const uint64_t *)op.v_start;
    for (unsigned long pfn = 0; pfn < 64; pfn++) {
        uint64_t mfn = mfn_of(pfn), fixed;

        __asm__ volatile("movq (%1), %0" : "=r"(fixed) : "r"(machine_to_phys_mapping + mfn));
        equal = equal && fixed == told[mfn] && fixed == pfn;
    }
    ok(equal, "it is the table that XENMEM_machphys_mapping tells of");
}

#define LOAD(segment, value) __asm__ volatile("mov %k0, %%" segment ::"r"(value))

static void segments(void)
{
    register unsigned int high __asm__("r12") = FLAT_RING3_DS32;

    LOAD("ds", FLAT_RING3_DS32);
    LOAD("es", FLAT_RING3_DS32);
    ok(true, "ds and es take the flat data segment");
    LOAD("ss", FLAT_RING3_SS64);
    ok(true, "ss does");
    LOAD("es", high);
    ok(true, "from a high register");
    LOAD("ds", 0);
    LOAD("es", 0);
    ok(true, "and back");
}

int main(void)
{
    start = domain_start_info();
    loads();
    agrees();
    segments();
    return tap_done();
}
