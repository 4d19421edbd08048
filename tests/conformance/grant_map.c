/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mapping grants of one's own: what appears in the page tables, in the shared entries, and which
 * status is given for what. It would catch a read-only grant that can be written, a pin that is
 * lost, and a mapping that does not go away.
 */
#include "grant.h"

#define REF 16U

static domid_t self;

/* What Xen puts into the entry beside the frame (its grant_to_pte_flags and adjust_guest_l1e). */
#define ACCESSED     0x20UL
#define DIRTY        0x40UL
#define GLOBAL       0x100UL
#define GUEST_KERNEL (1UL << 52)
#define BASIC        (PTE_PRESENT | PTE_USER | PTE_NX)

static uint64_t flags_of(const void *va) { return pte_of(va, NULL) & ~0xffffffffff000UL; }

/* What the hypervisor answers when it shall write to VA. */
static long hypervisor_writes(void *va) { return hypercall_memory_op(XENMEM_machphys_mapping, va); }

static void test_read_write(void)
{
    gnttab_map_grant_ref_t m;

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    strcpy(granted[0], "granted");
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map a grant");
    ok(m.dev_bus_addr == mfn_of(granted[0]) << 12, "it says the machine address");
    answers(m.handle, 0, "the first handle is 0");
    ok(strcmp(target[0], "granted") == 0, "the page is there");
    *(volatile char *)target[0] = 'G';
    ok(*(volatile char *)granted[0] == 'G', "and can be written");
    ok(PTE_MFN(pte_of(target[0], NULL)) == mfn_of(granted[0]), "the page table has the frame");
    ok(flags_of(target[0]) == (BASIC | PTE_WRITE | ACCESSED | DIRTY | GUEST_KERNEL),
       "with the flags of a mapping for the kernel");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "reading and writing");
    ok(v1[REF].domid == self && v1[REF].frame == mfn_of(granted[0]), "the rest is as it was");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(pte_of(target[0], NULL) == 0, "the entry is empty");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads or writes");
    answers(unmap_at(target[0], m.handle), GNTST_bad_handle, "unmap it again");
    answers(restore(target[0]), 0, "the page of the image again");
}

static void test_read_only(void)
{
    gnttab_map_grant_ref_t m, w;

    grant_v1(REF, GTF_permit_access | GTF_readonly, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_general_error, "map a read-only grant to write");
    ok(m.handle == 0x55555555 && m.dev_bus_addr == 0, "stores no handle");
    ok(v1[REF].flags == (GTF_permit_access | GTF_readonly), "and pins nothing");
    ok(PTE_MFN(pte_of(target[0], NULL)) == mfn_of(target[0]), "the page table is as it was");
    m = map_at(target[0], GNTMAP_readonly, REF);
    answers(m.status, GNTST_okay, "map it to read");
    ok(flags_of(target[0]) == (BASIC | ACCESSED | DIRTY | GUEST_KERNEL), "without the write bit");
    answers(hypervisor_writes(target[0]), -XEN_EFAULT, "nor does the hypervisor write there");
    ok(v1[REF].flags == (GTF_permit_access | GTF_readonly | GTF_reading), "reading");
    w = map_at(target[1], 0, REF);
    answers(w.status, GNTST_general_error, "mapped to read, it cannot be mapped to write");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(v1[REF].flags == (GTF_permit_access | GTF_readonly), "nobody reads");

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], GNTMAP_readonly, REF);
    answers(m.status, GNTST_okay, "map a writable grant to read");
    ok(!(flags_of(target[0]) & PTE_WRITE), "without the write bit");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading), "reading");
    w = map_at(target[1], 0, REF);
    answers(w.status, GNTST_okay, "and to write as well");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "reading and writing");
    ok(w.handle != m.handle, "with another handle");
    answers(unmap_at(target[1], w.handle), GNTST_okay, "unmap the writable one");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading), "only reading is left");
    v1[REF].flags |= GTF_readonly;
    w = map_at(target[1], 0, REF);
    answers(w.status, GNTST_general_error, "made read-only meanwhile, it is not mapped to write");
    ok(v1[REF].flags == (GTF_permit_access | GTF_readonly | GTF_reading), "nor pinned for it");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the other");
    ok(v1[REF].flags == (GTF_permit_access | GTF_readonly), "nobody reads");
    answers(restore(target[0]) + restore(target[1]), 0, "the pages of the image again");
}

static void test_errors(void)
{
    static const struct {
        unsigned int flags;
        const char *what;
    } bad[] = {
        {GTF_invalid, "an invalid entry"},
        {GTF_accept_transfer, "an entry for a transfer"},
        {GTF_transitive, "a transitive entry of version 1"},
        {GTF_permit_access | GTF_sub_page, "a part of a page"},
    };
    gnttab_map_grant_ref_t m;
    gnttab_map_grant_ref_t two[2];

    for (unsigned int i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        grant_v1(REF, bad[i].flags, self, mfn_of(granted[0]));
        answers(map_at(target[0], 0, REF).status, GNTST_general_error, "map %s", bad[i].what);
        ok(v1[REF].flags == bad[i].flags, "which stays as it is");
    }
    grant_v1(REF, GTF_permit_access, self + 1, mfn_of(granted[0]));
    answers(map_at(target[0], 0, REF).status, GNTST_general_error, "map what is another's");
    grant_v1(REF, GTF_permit_access, DOMID_SELF, mfn_of(granted[0]));
    answers(map_at(target[0], 0, REF).status, GNTST_general_error, "granted to DOMID_SELF");
    grant_v1(REF, GTF_permit_access, self, 0xfffffff0UL);
    answers(map_at(target[0], 0, REF).status, GNTST_bad_page, "map no frame");
    ok(v1[REF].flags == GTF_permit_access, "nothing is pinned");
    grant_v1(REF, GTF_permit_access, self, 0);
    answers(map_at(target[0], 0, REF).status, GNTST_bad_page,
            "map a frame that is not the domain's");
    grant_v1(REF, GTF_permit_access, self, mfn_of((void *)domain_start_info()->pt_base));
    answers(map_at(target[0], 0, REF).status, GNTST_general_error, "map a page table to write");
    ok(v1[REF].flags == GTF_permit_access, "nothing is pinned");
    m = map_at(target[0], GNTMAP_readonly, REF);
    answers(m.status, GNTST_okay, "but to read");
    ok(memcmp(target[0], (void *)domain_start_info()->pt_base, 2048) == 0, "it is seen");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "the page of the image again");

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    answers(map(0, REF, (uintptr_t)target[0]).status, GNTST_bad_gntref,
            "map neither for CPU nor device");
    answers(map(GNTMAP_readonly | GNTMAP_contains_pte, REF, (uintptr_t)target[0]).status,
            GNTST_bad_gntref, "nor with other flags");
    answers(map(0, NO_REF, 0).status, GNTST_bad_gntref, "as the first check");
    m = (gnttab_map_grant_ref_t){.flags = GNTMAP_host_map, .ref = NO_REF, .dom = NO_DOMAIN};
    answers(gnttab(GNTTABOP_map_grant_ref, &m, 1), 0, "map from no domain");
    answers(m.status, GNTST_bad_domain, "says so");
    m.dom = DOMID_SELF;
    answers(gnttab(GNTTABOP_map_grant_ref, &m, 1), 0, "map from DOMID_SELF");
    answers(m.status, GNTST_bad_domain, "is no domain here");
    answers(map_at(target[0], 0, 512).status, GNTST_bad_gntref, "map beyond the table");
    answers(map_at(target[0], 0, NO_REF).status, GNTST_bad_gntref, "far beyond");
    answers(map_at(target[0], 0, 511).status, GNTST_general_error, "the last one is empty");
    answers(map_at(WILD_POINTER, 0, REF).status, GNTST_general_error, "at no page table");
    answers(map_at(XENS_POINTER, 0, REF).status, GNTST_general_error, "in Xen's range");
    answers(map(GNTMAP_host_map, REF, (uintptr_t)target[0] | 1UL << 63).status, GNTST_general_error,
            "at an address that is none");
    answers(map(GNTMAP_host_map, REF, (uintptr_t)target[0] | 1UL << 48).status, GNTST_general_error,
            "at another that is none");
    ok(v1[REF].flags == GTF_permit_access, "nothing is pinned");
    m = map(GNTMAP_host_map, REF, (uintptr_t)target[0] + 123);
    answers(m.status, GNTST_okay, "within a page");
    answers(unmap((uintptr_t)target[0] + 77, 0, m.handle), GNTST_okay, "and away, elsewhere in it");
    answers(restore(target[0]), 0, "the page of the image again");

    two[0] = two[1] = (gnttab_map_grant_ref_t){
        .host_addr = (uintptr_t)target[0], .flags = GNTMAP_host_map, .ref = REF, .dom = self};
    two[1].ref = 512;
    two[1].status = two[0].status = UNTOUCHED;
    answers(gnttab(GNTTABOP_map_grant_ref, two, 2), 0, "two in a call");
    answers(two[0].status, GNTST_okay, "the first");
    answers(two[1].status, GNTST_bad_gntref, "the second");
    answers(unmap_at(target[0], two[0].handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "the page of the image again");
}

static void test_unmap_errors(void)
{
    gnttab_map_grant_ref_t m;
    gnttab_unmap_grant_ref_t two[2];

    answers(unmap_at(target[0], 0x7ffffff), GNTST_bad_handle, "unmap no handle");
    answers(unmap_at(target[0], 255), GNTST_bad_handle, "unmap a handle that is free");
    answers(unmap_at(target[0], 256), GNTST_bad_handle, "and one beyond all");
    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map a grant");
    answers(unmap_at(target[1], m.handle), GNTST_general_error, "unmap it elsewhere");
    answers(unmap_at(WILD_POINTER, m.handle), GNTST_general_error, "where nothing can be");
    answers(unmap_at(XENS_POINTER, m.handle), GNTST_general_error, "in Xen's range");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "it is pinned still");
    answers(unmap(0, 0, m.handle), GNTST_okay, "unmap at no address does nothing");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "it is pinned still");
    answers(unmap(0, 0x123000, m.handle), GNTST_okay, "nor as a device's that it is not");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "the page of the image again");

    /* Entries that do not fit: read-only in place of writable, and the other way round. */
    m = map_at(target[0], GNTMAP_readonly, REF);
    answers(restore(target[0]), 0, "map over a grant without unmapping it");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading), "it is pinned still");
    answers(unmap_at(target[0], m.handle), GNTST_general_error, "and cannot be unmapped there");
    answers(set_pte(target[0], mfn_of(granted[0]) << 12 | PTE_RW_PAGE), 0, "the frame, writable");
    answers(unmap_at(target[0], m.handle), GNTST_general_error, "is not what was mapped");
    answers(set_pte(target[0], mfn_of(granted[0]) << 12 | BASIC), 0, "the frame, read only");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "is");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads");
    answers(restore(target[0]), 0, "the page of the image again");

    m = map_at(target[0], 0, REF);
    two[0] = two[1] = (gnttab_unmap_grant_ref_t){
        .host_addr = (uintptr_t)target[0], .handle = m.handle, .status = UNTOUCHED};
    answers(gnttab(GNTTABOP_unmap_grant_ref, two, 2), 0, "unmap it twice in a call");
    answers(two[0].status, GNTST_okay, "the first");
    answers(two[1].status, GNTST_bad_handle, "the second");
    answers(restore(target[0]), 0, "the page of the image again");
}

static void test_changed_entry(void)
{
    gnttab_map_grant_ref_t m, again;

    /* While it is pinned, the entry says nothing but whether it may be written. */
    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], GNTMAP_readonly, REF);
    v1[REF].flags = 0;
    v1[REF].frame = (uint32_t)mfn_of(granted[1]);
    again = map_at(target[1], GNTMAP_readonly, REF);
    answers(again.status, GNTST_okay, "an entry that is revoked while mapped can be mapped");
    ok(PTE_MFN(pte_of(target[1], NULL)) == mfn_of(granted[0]), "it is the frame that was granted");
    answers(unmap_at(target[1], again.handle), GNTST_okay, "unmap it");
    again = map_at(target[1], 0, REF);
    answers(again.status, GNTST_okay, "to write too");
    ok(v1[REF].flags == (GTF_reading | GTF_writing), "as the flags say");
    answers(unmap_at(target[1], again.handle), GNTST_okay, "unmap it");
    ok(v1[REF].flags == GTF_reading, "writing is over");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the first");
    ok(v1[REF].flags == 0, "reading is over");
    answers(map_at(target[0], GNTMAP_readonly, REF).status, GNTST_general_error,
            "now it is revoked");
    answers(restore(target[0]) + restore(target[1]), 0, "the pages of the image again");
}

static void test_pins(void)
{
    static grant_handle_t handles[128];
    gnttab_map_grant_ref_t m;
    unsigned int mapped = 0;

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    /* At one address again and again: what was there is gone, but not its pin. */
    for (unsigned int i = 0; i < 128; i++) {
        m = map_at(target[0], GNTMAP_readonly, REF);
        handles[i] = m.handle;
        mapped += m.status == GNTST_okay;
    }
    answers(mapped, 128, "a grant can be mapped so many times");
    answers(map_at(target[0], GNTMAP_readonly, REF).status, GNTST_general_error,
            "and once more not");
    m = map_at(target[1], 0, REF);
    answers(m.status, GNTST_okay, "writable mappings are counted apart");
    answers(unmap_at(target[1], m.handle), GNTST_okay, "unmap it");
    m = map(GNTMAP_device_map | GNTMAP_readonly, REF, 0);
    answers(m.status, GNTST_okay, "a device's too");
    answers(unmap(0, m.dev_bus_addr, m.handle), GNTST_okay, "unmap it");
    mapped = 0;
    for (unsigned int i = 0; i < 128; i++) {
        if (i && set_pte(target[0], mfn_of(granted[0]) << 12 | BASIC))
            break;
        mapped += unmap_at(target[0], handles[i]) == GNTST_okay;
    }
    answers(mapped, 128, "all are unmapped, with an entry made for each");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads");
    answers(restore(target[0]) + restore(target[1]), 0, "the pages of the image again");
}

static void test_device(void)
{
    gnttab_map_grant_ref_t m;
    uint64_t address = mfn_of(granted[0]) << 12;
    mmuext_op_t pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn_of(granted[0])};

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map(GNTMAP_device_map, REF, 0);
    answers(m.status, GNTST_okay, "map for a device");
    ok(m.dev_bus_addr == address, "at its machine address");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "reading and writing");
    answers(unmap((uintptr_t)target[0], 0, m.handle), GNTST_okay, "unmap what is not for the CPU");
    ok(PTE_MFN(pte_of(target[0], NULL)) == mfn_of(target[0]), "does nothing");
    answers(unmap(0, address + 4096, m.handle), GNTST_bad_dev_addr, "unmap at another address");
    answers(unmap(0, address + 1, m.handle), GNTST_bad_dev_addr, "or within the page");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "it is pinned still");
    answers(unmap(0, address, m.handle), GNTST_okay, "unmap it");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads or writes");
    answers(unmap(0, address, m.handle), GNTST_bad_handle, "again");

    m = map(GNTMAP_device_map | GNTMAP_readonly, REF, 0);
    answers(m.status, GNTST_okay, "map for a device to read");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading), "reading");
    answers(unmap(0, address, m.handle), GNTST_okay, "unmap it");

    m = map_at(target[0], GNTMAP_device_map, REF);
    answers(m.status, GNTST_okay, "map for both");
    answers(unmap((uintptr_t)target[0], address + 4096, m.handle), GNTST_bad_dev_addr,
            "unmap with a wrong address");
    ok(PTE_MFN(pte_of(target[0], NULL)) == mfn_of(granted[0]), "does neither");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the CPU's");
    ok(pte_of(target[0], NULL) == 0, "it is gone");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "the device's is not");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "again, it does nothing");
    answers(unmap(0, address, m.handle), GNTST_okay, "unmap the device's");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads or writes");
    answers(restore(target[0]), 0, "the page of the image again");

    m = map_at(target[0], GNTMAP_device_map | GNTMAP_readonly, REF);
    answers(m.status, GNTST_okay, "map for both to read");
    answers(unmap((uintptr_t)target[0], address, m.handle), GNTST_okay, "unmap both");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads");
    answers(unmap(0, address, m.handle), GNTST_bad_handle, "the handle is free");
    answers(restore(target[0]), 0, "the page of the image again");

    /* A device that writes keeps the frame from becoming a page table. */
    answers(set_pte(granted[1], 0), 0, "take a page away");
    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[1]));
    m = map(GNTMAP_device_map, REF, 0);
    answers(m.status, GNTST_okay, "map it for a device");
    pin.arg1.mfn = mfn_of(granted[1]);
    answers(hypercall_mmuext_op(&pin, 1), -XEN_EINVAL, "it cannot be a page table");
    answers(unmap(0, m.dev_bus_addr, m.handle), GNTST_okay, "unmap it");
    answers(restore(granted[1]), 0, "and back");
    m = map_at(XENS_POINTER, GNTMAP_device_map, REF);
    answers(m.status, GNTST_general_error, "both, where the CPU's is impossible");
    ok(v1[REF].flags == GTF_permit_access, "and the device's is undone");
}

static void test_contains_pte(void)
{
    gnttab_map_grant_ref_t m;
    uint64_t machine;

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    strcpy(granted[0], "by entry");
    (void)pte_of(target[0], &machine);
    m = map(GNTMAP_host_map | GNTMAP_contains_pte, REF, machine);
    answers(m.status, GNTST_okay, "map by the entry's address");
    ok(strcmp(target[0], "by entry") == 0, "the page is there");
    answers(unmap_at(target[0], m.handle), GNTST_general_error, "it is not unmapped by page");
    answers(unmap(machine, 0, m.handle), GNTST_okay, "but by entry");
    ok(pte_of(target[0], NULL) == 0, "it is gone");
    answers(restore(target[0]), 0, "the page of the image again");
    answers(map(GNTMAP_host_map | GNTMAP_contains_pte, REF, machine + 4).status,
            GNTST_general_error, "map by an address between two entries");
    answers(map(GNTMAP_host_map | GNTMAP_contains_pte, REF, mfn_of(granted[1]) << 12).status,
            GNTST_general_error, "in a frame that is no page table");
    answers(map(GNTMAP_host_map | GNTMAP_contains_pte, REF,
                mfn_of((void *)domain_start_info()->pt_base) << 12)
                .status,
            GNTST_general_error, "in a table of another level");
    answers(map(GNTMAP_host_map | GNTMAP_contains_pte, REF, 0x1000).status, GNTST_general_error,
            "in a frame that is not the domain's");
    answers(map(GNTMAP_host_map | GNTMAP_contains_pte, REF, ~7UL).status, GNTST_general_error,
            "in no frame");
    ok(v1[REF].flags == GTF_permit_access, "nothing is pinned");
}

static void test_page_table_flags(void)
{
    gnttab_map_grant_ref_t m;

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], GNTMAP_application_map, REF);
    answers(m.status, GNTST_okay, "map for applications");
    ok(flags_of(target[0]) == (BASIC | PTE_WRITE | ACCESSED | DIRTY | GLOBAL),
       "the entry is global");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    m = map_at(target[0], 7U << 16, REF);
    answers(m.status, GNTST_okay, "map with the guest's bits");
    ok((flags_of(target[0]) & 0xe00) == 0xe00, "they are in the entry");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    m = map_at(target[0], 2U << 16, REF);
    ok((flags_of(target[0]) & 0xe00) == 0x400, "one of them");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    v1[REF].flags |= GTF_PWT | GTF_PCD | GTF_PAT;
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map with caching bits in the grant");
    ok(!(flags_of(target[0]) & 0x98), "which are for I/O memory only");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    m = map_at(target[0], 0xffe0U, REF);
    answers(m.status, GNTST_okay, "map with flags that mean nothing");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    ok(v1[REF].flags == (GTF_permit_access | GTF_PWT | GTF_PCD | GTF_PAT), "the grant's bits stay");
    answers(restore(target[0]), 0, "the page of the image again");
}

static int replace(const void *va, const void *by, grant_handle_t handle)
{
    gnttab_unmap_and_replace_t op = {.host_addr = (uintptr_t)va,
                                     .new_addr = (uintptr_t)by,
                                     .handle = handle,
                                     .status = UNTOUCHED};

    return gnttab(GNTTABOP_unmap_and_replace, &op, 1) ? 1000 : op.status;
}

static void test_replace(void)
{
    gnttab_map_grant_ref_t m;
    uint64_t machine;

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    strcpy(target[1], "instead");
    m = map_at(target[0], 0, REF);
    answers(replace(target[0], target[1], m.handle), GNTST_okay, "unmap and replace");
    ok(strcmp(target[0], "instead") == 0, "the other page is here");
    ok(pte_of(target[1], NULL) == 0, "and no more there");
    ok(v1[REF].flags == GTF_permit_access, "nobody reads or writes");
    answers(replace(target[0], target[1], m.handle), GNTST_bad_handle, "again");
    answers(restore(target[0]) + restore(target[1]), 0, "the pages of the image again");

    m = map_at(target[0], 0, REF);
    answers(replace(target[0], WILD_POINTER, m.handle), GNTST_general_error, "replace by no page");
    answers(replace(target[0], XENS_POINTER, m.handle), GNTST_general_error, "by one of Xen's");
    ok(PTE_MFN(pte_of(target[0], NULL)) == mfn_of(granted[0]), "it is mapped still");
    answers(replace(WILD_POINTER, target[1], m.handle), GNTST_general_error,
            "replace where nothing is");
    ok(pte_of(target[1], NULL) == 0, "the new page is lost all the same");
    answers(restore(target[1]), 0, "but for who knows its frame");
    answers(replace(target[2], target[1], m.handle), GNTST_general_error, "replace elsewhere");
    ok(pte_of(target[1], NULL) == 0 && PTE_MFN(pte_of(target[2], NULL)) == mfn_of(target[2]),
       "the same");
    answers(restore(target[1]), 0, "and again");
    answers(replace(NULL, target[1], m.handle), GNTST_okay, "replace at 0 does nothing");
    ok(PTE_MFN(pte_of(target[1], NULL)) == mfn_of(target[1]), "at all");
    answers(replace(target[0], NULL, m.handle), GNTST_okay, "replace by 0 unmaps");
    ok(pte_of(target[0], NULL) == 0, "the entry is empty");
    answers(restore(target[0]), 0, "the page of the image again");

    (void)pte_of(target[0], &machine);
    m = map(GNTMAP_host_map | GNTMAP_contains_pte, REF, machine);
    answers(m.status, GNTST_okay, "map by the entry's address");
    answers(replace((void *)(uintptr_t)machine, target[1], m.handle), GNTST_general_error,
            "what is mapped by entry is not replaced");
    ok(PTE_MFN(pte_of(target[1], NULL)) == mfn_of(target[1]), "the new page stays");
    answers(replace((void *)(uintptr_t)machine, NULL, m.handle), GNTST_okay, "but unmapped");
    answers(restore(target[0]), 0, "the page of the image again");
    /* The entry that is stolen is the grant's own. */
    m = map_at(target[0], 0, REF);
    answers(replace(target[0], target[0], m.handle), GNTST_general_error, "replace by itself");
    ok(pte_of(target[0], NULL) == 0, "and it is gone");
    ok(v1[REF].flags == (GTF_permit_access | GTF_reading | GTF_writing), "but pinned");
    answers(set_pte(target[0], mfn_of(granted[0]) << 12 | PTE_RW_PAGE), 0, "make the entry again");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "the page of the image again");
}

static long reservation(void)
{
    domid_t domid = DOMID_SELF;

    return hypercall_memory_op(XENMEM_current_reservation, &domid);
}

/* References outlive the reservation. */
static void test_given_back(void)
{
    gnttab_map_grant_ref_t m;
    long before = reservation();
    xen_memory_reservation_t r = {.nr_extents = 1, .domid = DOMID_SELF};
    xen_pfn_t mfn = mfn_of(granted[2]);

    grant_v1(REF, GTF_permit_access, self, mfn);
    strcpy(granted[2], "kept");
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map a grant");
    answers(set_pte(granted[2], 0), 0, "its page is unmapped");
    set_xen_guest_handle(r.extent_start, &mfn);
    answers(hypercall_memory_op(XENMEM_decrease_reservation, &r), 1, "and given back");
    ok(strcmp(target[0], "kept") == 0, "the mapping holds it");
    answers(reservation() - before, 0, "so it counts still");
    answers(hypercall_memory_op(XENMEM_decrease_reservation, &r), 1, "given back once more");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "until it is unmapped");
    answers(reservation() - before, -1, "now it counts no more");
    answers(map_at(target[0], 0, REF).status, GNTST_bad_page, "then it is the domain's no more");
    answers(set_pte(granted[2], mfn << 12 | PTE_RW_PAGE), -XEN_EBUSY, "nor to be mapped");
    answers(restore(target[0]), 0, "the page of the image again");
}

/* One that is mapped by a grant for the processor and for a device, and as the domain's own page.
 */
static void test_last_reference(void)
{
    gnttab_map_grant_ref_t m;
    xen_memory_reservation_t r = {.nr_extents = 1, .domid = DOMID_SELF};
    xen_pfn_t mfn = mfn_of(granted[3]);
    long before = reservation();

    grant_v1(REF, GTF_permit_access, self, mfn);
    m = map_at(target[0], GNTMAP_device_map | GNTMAP_readonly, REF);
    answers(m.status, GNTST_okay, "map a grant in both ways");
    set_xen_guest_handle(r.extent_start, &mfn);
    answers(hypercall_memory_op(XENMEM_decrease_reservation, &r), 1, "give its page back");
    answers(reservation() - before, 0, "it counts");
    answers(set_pte(granted[3], 0), 0, "unmap the page");
    answers(reservation() - before, 0, "it counts");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap the grant");
    answers(reservation() - before, 0, "it counts");
    answers(unmap(0, m.dev_bus_addr, m.handle), GNTST_okay, "take it from the device");
    answers(reservation() - before, -1, "it counts no more");
    answers(restore(target[0]), 0, "the page of the image again");
}

/* The frames of the table are granted and mapped like others. */
static void test_table_frame(void)
{
    gnttab_map_grant_ref_t m;

    grant_v1(REF, GTF_permit_access, self, table_frames[0]);
    m = map_at(target[0], 0, REF);
    answers(m.status, GNTST_okay, "map the grant table by a grant");
    ok(((grant_entry_v1_t *)target[0])[REF].flags ==
           (GTF_permit_access | GTF_reading | GTF_writing),
       "it shows its own mapping");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "the page of the image again");
}

/* Bits that are the guest's own may be changed in a mapped grant's entry; others not. */
static void test_change_entry_bits(void)
{
    gnttab_map_grant_ref_t m;

    grant_v1(REF, GTF_permit_access, self, mfn_of(granted[0]));
    m = map_at(target[0], 0, REF);
    answers(set_pte(target[0], pte_of(target[0], NULL) | 0x200), 0, "set an available bit");
    answers(set_pte(target[0], pte_of(target[0], NULL) & ~(ACCESSED | DIRTY)), 0, "clear others");
    answers(unmap_at(target[0], m.handle), GNTST_okay, "unmap it");
    answers(restore(target[0]), 0, "the page of the image again");
}

int main(void)
{
    self = domain_id();
    ok(show_table(1), "the table is shown");
    test_read_write();
    test_read_only();
    test_errors();
    test_unmap_errors();
    test_changed_entry();
    test_pins();
    test_device();
    test_contains_pte();
    test_page_table_flags();
    test_replace();
    test_given_back();
    test_last_reference();
    test_table_frame();
    test_change_entry_bits();
    return tap_done();
}
