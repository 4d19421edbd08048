/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames, page tables and their checks. It would catch a shim that lets a guest write to a page
 * table, that mixes up pfn and mfn, or that leaves a mapping behind.
 */
#include "tap.h"

#include <xen/memory.h>

#include "core/domain.h"
#include "core/memory.h"

#define PRESENT 1UL
#define WRITE   2UL
#define USER    4UL
#define NX      (1UL << 63)

static char page_a[4096] __attribute__((aligned(4096)));
static char page_b[4096] __attribute__((aligned(4096)));

static const unsigned long *p2m;
static const unsigned long *m2p;
static uintptr_t virt_base;

static unsigned long mfn_of(const void *va) { return p2m[((uintptr_t)va - virt_base) >> 12]; }

/* The table of LEVEL - 1 that ENTRY points to, where the initial mapping shows it. */
static const uint64_t *table_of(uint64_t entry)
{
    return (const uint64_t *)(virt_base + (m2p[(entry & 0xffffffffff000UL) >> 12] << 12));
}

/* The boot tables' level-1 entry for VA, and its machine address. */
static uint64_t l1_entry(const void *at, uint64_t *machine)
{
    uintptr_t va = (uintptr_t)at;
    const uint64_t *l4 = (const uint64_t *)domain_start_info()->pt_base;
    const uint64_t *l3 = table_of(l4[va >> 39 & 511]);
    const uint64_t *l2 = table_of(l3[va >> 30 & 511]);
    uint64_t l2e = l2[va >> 21 & 511];

    *machine = (l2e & 0xffffffffff000UL) + (va >> 12 & 511) * 8;
    return table_of(l2e)[va >> 12 & 511];
}

static long update(uint64_t ptr, uint64_t val)
{
    mmu_update_t req = {.ptr = ptr, .val = val};

    return hypercall_mmu_update(&req, 1);
}

static void test_initial_tables(void)
{
    uint64_t machine, entry = l1_entry(page_a, &machine);

    ok(entry & PRESENT, "an image page is mapped");
    ok((entry & 0xffffffffff000UL) >> 12 == mfn_of(page_a), "to the frame that the p2m list names");
    ok(entry & 1UL << 52, "as the kernel's");
    ok(m2p[mfn_of(page_a)] == ((uintptr_t)page_a - virt_base) >> 12,
       "and the m2p table leads back");
    entry = l1_entry(domain_start_info()->pt_base ? (void *)domain_start_info()->pt_base : NULL,
                     &machine);
    ok((entry & PRESENT) && !(entry & WRITE), "page tables are mapped read only");
}

static void test_update_va_mapping(void)
{
    uint64_t flags = PRESENT | WRITE | USER | NX;
    unsigned long a = mfn_of(page_a), b = mfn_of(page_b);

    strcpy(page_a, "first");
    strcpy(page_b, "second");
    answers(hypercall_update_va_mapping(page_a, b << 12 | flags, UVMF_INVLPG), 0, "map b at a");
    ok(strcmp(page_a, "second") == 0, "b is seen at a");
    *(volatile char *)page_a = 'S';
    ok(*(volatile char *)page_b == 'S', "a write at a is seen at b");
    answers(hypercall_update_va_mapping(page_a, a << 12 | flags, UVMF_INVLPG), 0, "map a again");
    ok(strcmp(page_a, "first") == 0, "a is seen as it was left");
    answers(hypercall_update_va_mapping(page_a, 0, UVMF_INVLPG), 0, "unmap a");
    answers(hypercall_console_io(0, 5, page_a), -XEN_EFAULT, "a hypercall cannot read it then");
    answers(hypercall_update_va_mapping(page_a, a << 12 | flags, UVMF_INVLPG), 0, "and back");
    ok(strcmp(page_a, "first") == 0, "with what was in it");
    answers(hypercall_update_va_mapping(WILD_POINTER, a << 12 | flags, UVMF_INVLPG), -XEN_EINVAL,
            "an address without a level-1 table");
}

static void test_page_table_rules(void)
{
    uint64_t machine, l4 = mfn_of((void *)domain_start_info()->pt_base);

    (void)l1_entry(page_a, &machine);
    answers(hypercall_update_va_mapping(page_b, l4 << 12 | PRESENT | WRITE | USER, 0), -XEN_EBUSY,
            "a page table cannot be mapped writable");
    answers(hypercall_update_va_mapping(page_b, l4 << 12 | PRESENT | USER | NX, UVMF_INVLPG), 0,
            "but read only");
    ok(memcmp(page_b, (void *)domain_start_info()->pt_base, 4096) == 0, "and shows the table");
    hypercall_update_va_mapping(page_b, 0, UVMF_INVLPG);
    answers(update(machine, 0), 0, "mmu_update clears an entry");
    answers(update(machine, mfn_of(page_a) << 12 | PRESENT | WRITE | USER | NX), 0, "and sets it");
    ok(strcmp(page_a, "first") == 0, "the page is back");
    answers(update((0xfffffffUL << 12) | MMU_NORMAL_PT_UPDATE, 0), -XEN_EINVAL,
            "an entry in a frame beyond all");
    answers(hypercall(__HYPERVISOR_mmu_update, HYPERCALL_ARG(WILD_POINTER), 1, 0, DOMID_SELF, 0),
            -XEN_EFAULT, "mmu_update with a wild pointer");
}

static void test_new_table(void)
{
    char *va = memory_reserve(1UL << 30, 1UL << 30);
    size_t before = memory_free();

    ok(memory_commit(va, 3UL << 20, MEMORY_WRITE), "map 3 MiB where no table was");
    memset(va, 0x5a, 3UL << 20);
    ok(va[0] == 0x5a && va[(3UL << 20) - 1] == 0x5a, "they hold what is written");
    memory_protect(va, 4096, MEMORY_READ);
    ok(va[4095] == 0x5a, "read only, it can be read");
    memory_decommit(va, 3UL << 20);
    ok(before - memory_free() <= 8 * 4096, "unmapped, all frames but the tables' are free again");
    answers(hypercall_console_io(0, 1, va), -XEN_EFAULT, "and nothing is there");
}

static void test_pinning(void)
{
    mmuext_op_t op = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(page_a)};

    answers(hypercall_mmuext_op(&op, 1), -XEN_EINVAL,
            "a writable page cannot be pinned as a table");
    op.cmd = MMUEXT_UNPIN_TABLE;
    answers(hypercall_mmuext_op(&op, 1), -XEN_EINVAL, "what is not pinned is not unpinned");
    op.cmd = MMUEXT_TLB_FLUSH_LOCAL;
    answers(hypercall_mmuext_op(&op, 1), 0, "TLB_FLUSH_LOCAL");
    op.cmd = MMUEXT_INVLPG_LOCAL;
    op.arg1.linear_addr = (unsigned long)page_a;
    answers(hypercall_mmuext_op(&op, 1), 0, "INVLPG_LOCAL");
    op.cmd = 99;
    answers(hypercall_mmuext_op(&op, 1), -XEN_ENOSYS, "an operation that is none");
    op.cmd = MMUEXT_CLEAR_PAGE;
    op.arg1.mfn = mfn_of(page_a);
    answers(hypercall_mmuext_op(&op, 1), 0, "CLEAR_PAGE");
    ok(page_a[0] == 0, "it is clear");
    op.arg1.mfn = mfn_of((void *)domain_start_info()->pt_base);
    answers(hypercall_mmuext_op(&op, 1), -XEN_EINVAL, "CLEAR_PAGE of a page table");
}

static void test_memory_op(void)
{
    domid_t self = DOMID_SELF, wild = 4321;
    long current = hypercall_memory_op(XENMEM_current_reservation, &self);

    ok(current >= (long)domain_start_info()->nr_pages, "the reservation holds the domain's pages");
    ok(hypercall_memory_op(XENMEM_maximum_ram_page, NULL) > 0, "there is a last page");
    answers(hypercall_memory_op(XENMEM_current_reservation, &wild), -XEN_ESRCH,
            "current_reservation of no domain");
    answers(hypercall_memory_op(XENMEM_machphys_mapping, WILD_POINTER), -XEN_EFAULT,
            "machphys_mapping with a wild pointer");
    answers(hypercall_memory_op(0x3f, &self), -XEN_ENOSYS, "a memory_op that is none");
}

int main(void)
{
    const start_info_t *si = domain_start_info();
    xen_machphys_mapping_t machphys;

    p2m = (const unsigned long *)si->mfn_list;
    ok(strncmp(si->magic, "xen-3.0-x86_64", 14) == 0, "the start info's magic");
    answers(hypercall_memory_op(XENMEM_machphys_mapping, &machphys), 0, "machphys_mapping");
    m2p = (const unsigned long *)machphys.v_start;
    /* The page that the first page table entry of the image belongs to is pfn 0. */
    virt_base = (uintptr_t)memory_virt_base();
    test_initial_tables();
    test_update_va_mapping();
    test_page_table_rules();
    test_new_table();
    test_pinning();
    test_memory_op();
    return tap_done();
}
