/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mmu_update and update_va_mapping: whose tables, whose frames, which bits, what is counted as
 * done. It would catch a shim that takes an entry which Xen refuses, or stores another.
 */
#include "frames.h"

static long update(mmu_update_t *list, unsigned int count, unsigned int *done, unsigned int domid)
{
    return hypercall(__HYPERVISOR_mmu_update, HYPERCALL_ARG(list), count, HYPERCALL_ARG(done),
                     domid, 0);
}

static long otherdomain(const void *va, uint64_t entry, unsigned long flags, unsigned int domid)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, HYPERCALL_ARG(va), entry, flags,
                     domid, 0);
}

static void test_list(void)
{
    unsigned long table = pinned_table(1, 0), a = spare();
    mmu_update_t list[4];
    unsigned int done = 77;

    for (unsigned int i = 0; i < 4; i++)
        list[i] = (mmu_update_t){(uint64_t)table << 12 | i * 8, pte(a, RW)};
    answers(update(list, 4, &done, DOMID_SELF), 0, "four entries");
    ok(done == 4, "all four are done");
    ok(peek(table, 3) != 0, "the fourth is there");
    list[2].val = pte(root_mfn(), RW);
    done = 77;
    answers(update(list, 4, &done, DOMID_SELF), -XEN_EBUSY, "four, of which the third is bad");
    ok(done == 2, "two are done");
    answers(update(list, 4, NULL, DOMID_SELF), -XEN_EBUSY, "nobody asks how many");
    answers(update(list, 4, WILD_POINTER, DOMID_SELF), -XEN_EBUSY,
            "a wild place for the number is ignored");
    answers(update(list, 2, WILD_POINTER, DOMID_SELF), 0, "also without an error");
    done = 77;
    answers(update(list, 0, &done, DOMID_SELF), 0, "no entries");
    ok(done == 0, "none is done");
    answers(update(NULL, 0, NULL, DOMID_SELF), 0, "no list of no entries");
    done = 77;
    answers(update(WILD_POINTER, 1, &done, DOMID_SELF), -XEN_EFAULT, "a wild list");
    ok(done == 0, "nothing is done of it");
    done = 77;
    answers(update((void *)0xffff830000000000UL, 1, &done, DOMID_SELF), -XEN_EFAULT,
            "a list in Xen's addresses");
    ok(done == 77, "the number is not touched");
    done = 5;
    answers(update(list, 2 | 0x80000000U, &done, DOMID_SELF), 0, "a continued call");
    ok(done == 7, "counts on");
    answers(update(NULL, 0x80000000U, NULL, 1234), 1234, "a continued call that only ends");
    answers(update(NULL, 0x80000000U, NULL, (unsigned int)-XEN_EBUSY), -XEN_EBUSY, "with an error");
    list[0] = (mmu_update_t){(uint64_t)table << 12, pte(root_mfn(), RO)};
    list[1] = (mmu_update_t){(uint64_t)table << 12 | 4, 0};
    done = 77;
    answers(update(list, 2, &done, DOMID_SELF), -XEN_ENOSYS, "the second is no command");
    ok(done == 1, "the first is done");
    for (unsigned int i = 0; i < 8; i++)
        answers(set_entry(table, i, 0), 0, "clear entry %u", i);
    answers(mmuext(MMUEXT_UNPIN_TABLE, table, 0), 0, "unpin the table");
}

static void test_commands(void)
{
    unsigned long table = pinned_table(1, 0), a = spare();
    mmu_update_t req = {(uint64_t)table << 12, pte(a, RW | PTE_A | PTE_D)};

    answers(hypercall_mmu_update(&req, 1), 0, "MMU_NORMAL_PT_UPDATE");
    req = (mmu_update_t){(uint64_t)table << 12 | MMU_PT_UPDATE_PRESERVE_AD, pte(a, RW)};
    answers(hypercall_mmu_update(&req, 1), 0, "MMU_PT_UPDATE_PRESERVE_AD");
    ok((peek(table, 0) & (PTE_A | PTE_D)) == (PTE_A | PTE_D), "preserves A and D");
    req = (mmu_update_t){(uint64_t)table << 12, pte(a, RW)};
    answers(hypercall_mmu_update(&req, 1), 0, "MMU_NORMAL_PT_UPDATE again");
    ok((peek(table, 0) & (PTE_A | PTE_D)) == 0, "does not");
    req =
        (mmu_update_t){(uint64_t)table << 12 | MMU_PT_UPDATE_PRESERVE_AD, pte(a, PTE_USER | PTE_D)};
    answers(hypercall_mmu_update(&req, 1), 0, "PRESERVE_AD of an entry that is not present");
    ok(peek(table, 0) == pte(a, PTE_USER | PTE_D), "stores it as it is");
    req = (mmu_update_t){(uint64_t)table << 12 | MMU_PT_UPDATE_NO_TRANSLATE, pte(a, RO)};
    answers(hypercall_mmu_update(&req, 1), 0, "MMU_PT_UPDATE_NO_TRANSLATE");
    ok((peek(table, 0) & PTE_MFN) == pte(a, 0), "is as a normal one for a PV domain");
    for (unsigned int i = 4; i < 8; i++) {
        req = (mmu_update_t){(uint64_t)table << 12 | i, 0};
        answers(hypercall_mmu_update(&req, 1), -XEN_ENOSYS, "command %u", i);
    }
    set_entry(table, 0, 0);
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
}

static void test_machphys(void)
{
    unsigned long a = spare(), old = m2p[a];
    mmu_update_t req = {(uint64_t)a << 12 | MMU_MACHPHYS_UPDATE, 0x12345};

    answers(hypercall_mmu_update(&req, 1), 0, "MMU_MACHPHYS_UPDATE");
    ok(m2p[a] == 0x12345, "is seen in the table");
    req.ptr = (uint64_t)a << 12 | 0x7f8 | MMU_MACHPHYS_UPDATE;
    req.val = old;
    answers(hypercall_mmu_update(&req, 1), 0, "an offset in the page is ignored");
    ok(m2p[a] == old, "the entry is as before");
    req.ptr = (uint64_t)MFN_BEYOND << 12 | MMU_MACHPHYS_UPDATE;
    answers(hypercall_mmu_update(&req, 1), -XEN_EINVAL, "of a frame beyond all");
    req.ptr = (uint64_t)MFN_NOBODY << 12 | MMU_MACHPHYS_UPDATE;
    answers(hypercall_mmu_update(&req, 1), -XEN_EINVAL, "of a frame that is not the domain's");
    req.ptr = (uint64_t)a << 12 | MMU_MACHPHYS_UPDATE;
    answers(update(&req, 1, NULL, DOMID_IO), -XEN_EINVAL, "of an own frame as DOMID_IO's");
    answers(update(&req, 1, NULL, DOMID_XEN), -XEN_EINVAL, "of an own frame as DOMID_XEN's");
    answers(update(&req, 1, NULL, 1U << 16 | DOMID_SELF), 0, "with its own tables named");
    ok(m2p[a] == old, "and the entry is right");
}

static void test_domains(void)
{
    unsigned long table = pinned_table(1, 0), a = spare();
    unsigned int done = 77;
    mmu_update_t req = {(uint64_t)table << 12, pte(a, RW)};

    answers(update(&req, 1, &done, 0), -XEN_ESRCH, "a domain is not foreign to itself");
    ok(done == 0, "nothing is done");
    done = 77;
    answers(update(&req, 1, &done, 4321), -XEN_ESRCH, "frames of no domain");
    ok(done == 0, "nothing is done");
    done = 77;
    answers(update(&req, 1, &done, 4322U << 16 | DOMID_SELF), -XEN_ESRCH, "tables of no domain");
    ok(done == 77, "the number is not touched");
    answers(update(&req, 1, &done, DOMID_IDLE), -XEN_ESRCH, "DOMID_IDLE");
    answers(update(&req, 1, &done, DOMID_COW), -XEN_ESRCH, "DOMID_COW");
    answers(update(&req, 1, &done, DOMID_INVALID), -XEN_ESRCH, "DOMID_INVALID");
    done = 77;
    answers(update(&req, 1, &done, 1U << 16 | DOMID_SELF), 0, "its own tables by number");
    ok(done == 1, "one is done");
    answers(update(&req, 1, &done, DOMID_IO), 0, "the same entry again, as DOMID_IO's");
    req.ptr += 8;
    answers(update(&req, 1, &done, DOMID_IO), -XEN_EBUSY, "an own frame is not DOMID_IO's");
    answers(update(&req, 1, &done, DOMID_XEN), -XEN_EBUSY, "nor DOMID_XEN's");
    req.val = 0;
    answers(update(&req, 1, &done, DOMID_IO), 0, "an entry that is not present, as DOMID_IO");
    answers(update(&req, 1, &done, DOMID_XEN), 0, "as DOMID_XEN");
    set_entry(table, 0, 0);
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
    table = pinned_table(2, 0);
    req = (mmu_update_t){(uint64_t)table << 12, 0};
    answers(update(&req, 1, &done, DOMID_IO), -XEN_EINVAL,
            "a level-2 entry can name only its owner's frames");
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
    req = (mmu_update_t){(uint64_t)a << 12, 99};
    answers(update(&req, 1, &done, DOMID_IO), 0, "an ordinary page is written also so");
    ok(peek(a, 0) == 99, "it has the value");
}

static void test_xen_frames(void)
{
    unsigned long table = pinned_table(1, 0);
    xen_pfn_t list[2] = {0, 0};
    struct xen_machphys_mfn_list op = {.max_extents = 1};
    mmu_update_t req;

    set_xen_guest_handle(op.extent_start, list);
    answers(hypercall_memory_op(XENMEM_machphys_mfn_list, &op), 0, "machphys_mfn_list");
    ok(op.nr_extents == 1 && list[0], "the first frame of the machine-to-physical table");
    req = (mmu_update_t){(uint64_t)table << 12, pte(list[0], RO)};
    answers(hypercall_mmu_update(&req, 1), -XEN_EBUSY, "it is not the domain's");
    answers(update(&req, 1, NULL, DOMID_IO), -XEN_EBUSY, "nor DOMID_IO's");
    answers(update(&req, 1, NULL, DOMID_XEN), 0, "but DOMID_XEN's");
    ok((peek(table, 0) & PTE_MFN) == pte(list[0], 0), "the entry is there");
    answers(otherdomain(places[0], pte(list[0], RO), UVMF_INVLPG, DOMID_XEN), 0, "it can be shown");
    ok(((unsigned long *)places[0])[5] == m2p[5], "it shows the table");
    hide(0);
    req.val = pte(list[0], RW);
    answers(update(&req, 1, NULL, DOMID_XEN), -XEN_EBUSY, "it cannot be mapped writable");
    set_entry(table, 0, 0);
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
}

static void test_leaf_bits(void)
{
    static const struct {
        const char *name;
        uint64_t flags, stored;
    } good[] = {
        {"writable, for all", RW, RW | PTE_GLOBAL},
        {"read only, for all", RO, RO | PTE_GLOBAL},
        {"the kernel's", PTE_PRESENT | PTE_RW, RW | PTE_KERNEL},
        {"for all and the kernel's", RW | PTE_KERNEL, RW | PTE_KERNEL},
        {"accessed and dirty", RW | PTE_A | PTE_D, RW | PTE_A | PTE_D | PTE_GLOBAL},
        {"global", RW | PTE_GLOBAL, RW | PTE_GLOBAL},
        {"global and the kernel's", RW | PTE_GLOBAL | PTE_KERNEL, RW | PTE_GLOBAL | PTE_KERNEL},
        {"not executable", RW | PTE_NX, RW | PTE_NX | PTE_GLOBAL},
        {"the bits for software", RW | 0xe00UL, RW | 0xe00UL | PTE_GLOBAL},
        {"the high bits for software", RW | 0x7feUL << 52, RW | 0x7feUL << 52 | PTE_GLOBAL},
        {"not present, with all bits", 0xfffUL << 52 | 0xffeUL, 0xfffUL << 52 | 0xffeUL},
        {"PWT, in a domain with devices", RW | PTE_PWT, RW | PTE_PWT | PTE_GLOBAL},
        {"PCD", RW | PTE_PCD, RW | PTE_PCD | PTE_GLOBAL},
        {"PAT", RW | PTE_PSE, RW | PTE_PSE | PTE_GLOBAL},
    };
    unsigned long table = pinned_table(1, 0), a = spare();

    for (unsigned int i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        answers(set_entry(table, 0, pte(a, good[i].flags)), 0, "a leaf entry: %s", good[i].name);
        ok(peek(table, 0) == pte(a, good[i].stored), "is stored as Xen stores it");
    }
    answers(set_entry(table, 0, 0), 0, "and none");
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
}

static void test_leaf_frames(void)
{
    unsigned long table = pinned_table(1, 0), l1 = pinned_table(1, 0), l2 = pinned_table(2, 0),
                  l3 = pinned_table(3, 0), l4 = pinned_table(4, 0);

    answers(set_entry(table, 0, pte(MFN_BEYOND, RO)), -XEN_EPERM, "a frame beyond all memory");
    answers(set_entry(table, 0, pte(MFN_NONE, RO)), -XEN_EINVAL, "the frame number of all ones");
    answers(set_entry(table, 0, pte(0xfee00, RO)), -XEN_EPERM, "the local APIC");
    answers(set_entry(table, 0, pte(l1, RW)), -XEN_EBUSY, "a level-1 table, writable");
    answers(set_entry(table, 0, pte(l2, RW)), -XEN_EBUSY, "a level-2 table, writable");
    answers(set_entry(table, 0, pte(l3, RW)), -XEN_EBUSY, "a level-3 table, writable");
    answers(set_entry(table, 0, pte(l4, RW)), -XEN_EBUSY, "a level-4 table, writable");
    answers(set_entry(table, 0, pte(table, RW)), -XEN_EBUSY, "the table itself, writable");
    answers(set_entry(table, 0, pte(l1, RO)), 0, "a level-1 table, read only");
    answers(set_entry(table, 1, pte(l2, RO)), 0, "a level-2 table, read only");
    answers(set_entry(table, 2, pte(l3, RO)), 0, "a level-3 table, read only");
    answers(set_entry(table, 3, pte(l4, RO)), 0, "a level-4 table, read only");
    answers(set_entry(table, 4, pte(table, RO)), 0, "the table itself, read only");
    answers(set_entry(table, 4, pte(table, RW)), -XEN_EBUSY, "and then writable");
    ok((peek(table, 4) & (PTE_RW | PTE_PRESENT)) == PTE_PRESENT, "it stays as it was");
    for (unsigned int i = 0; i < 5; i++)
        set_entry(table, i, 0);
    answers(mmuext(MMUEXT_UNPIN_TABLE, l1, 0), 0, "the level-1 table is no more");
    answers(set_entry(table, 0, pte(l1, RW)), 0, "then it can be mapped writable");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, l1, 0), -XEN_EINVAL, "then it cannot be a table");
    answers(set_entry(table, 0, pte(l1, RO)), 0, "made read only");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, l1, 0), 0, "it can");
    answers(set_entry(table, 0, 0), 0, "take it away");
    mmuext(MMUEXT_UNPIN_TABLE, l1, 0);
    mmuext(MMUEXT_UNPIN_TABLE, l2, 0);
    mmuext(MMUEXT_UNPIN_TABLE, l3, 0);
    mmuext(MMUEXT_UNPIN_TABLE, l4, 0);
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
}

static void test_upper_entries(void)
{
    static const struct {
        const char *name;
        uint64_t flag;
    } bad[] = {{"PWT", PTE_PWT}, {"PCD", PTE_PCD}, {"PSE", PTE_PSE}, {"global", PTE_GLOBAL}};
    unsigned long plain = spare(), mapped = spare();

    answers(show(0, mapped, RW), 0, "a frame mapped writable");
    for (unsigned int level = 2; level <= 4; level++) {
        unsigned long table = pinned_table(level, 0), lower = pinned_table(level - 1, 0),
                      same = pinned_table(level, 0);
        uint64_t added = level == 4 ? PTE_A : 0; /* Xen's adjust_guest_l4e */

        for (unsigned int i = 0; i < 4; i++)
            answers(set_entry(table, 0, pte(lower, RW | bad[i].flag)), -XEN_EINVAL, "level %u: %s",
                    level, bad[i].name);
        answers(set_entry(table, 0, pte(lower, RW)), 0, "level %u: a table below", level);
        ok(peek(table, 0) == pte(lower, RW | added), "is stored as Xen stores it");
        answers(set_entry(table, 0, pte(lower, PTE_PRESENT | PTE_NX | 0x7ffUL << 52)), 0,
                "read only, not executable, not for all, with bits for software");
        ok(peek(table, 0) == pte(lower, PTE_PRESENT | PTE_USER | PTE_NX | 0x7ffUL << 52 | added),
           "is stored for all");
        answers(set_entry(table, 0, pte(lower, PTE_PSE | PTE_GLOBAL)), 0,
                "not present, with any bits");
        ok(peek(table, 0) == pte(lower, PTE_PSE | PTE_GLOBAL), "is stored as given");
        answers(set_entry(table, 0, pte(same, RW)), -XEN_EINVAL, "a table of the same level");
        answers(set_entry(table, 0, pte(mapped, RW)), -XEN_EINVAL,
                "a frame that is mapped writable");
        answers(set_entry(table, 0, pte(MFN_BEYOND, RW)), -XEN_EINVAL, "a frame beyond all");
        answers(set_entry(table, 0, pte(MFN_NONE, RW)), -XEN_EINVAL, "all ones");
        answers(set_entry(table, 0, pte(MFN_NOBODY, RW)), -XEN_EINVAL, "a frame of nobody's");
        answers(set_entry(table, 0, pte(plain, RW)), 0, "a plain frame becomes a table");
        answers(show(1, plain, RW), -XEN_EBUSY, "and cannot be mapped writable then");
        answers(set_entry(table, 0, 0), 0, "taken away");
        answers(show(1, plain, RW), 0, "it can");
        hide(1);
        mmuext(MMUEXT_UNPIN_TABLE, table, 0);
        mmuext(MMUEXT_UNPIN_TABLE, lower, 0);
        mmuext(MMUEXT_UNPIN_TABLE, same, 0);
    }
    hide(0);
}

static void test_xen_slots(void)
{
    unsigned long table = pinned_table(4, 0), l3 = pinned_table(3, 0);

    answers(set_entry(table, 255, pte(l3, RW)), 0, "slot 255 of a level-4 table is the guest's");
    answers(set_entry(table, 256, pte(l3, RW)), -XEN_EINVAL, "slot 256 is Xen's");
    answers(set_entry(table, 256, 0), -XEN_EINVAL, "also to clear it");
    answers(set_entry(table, 271, 0), -XEN_EINVAL, "slot 271 too");
    answers(set_entry(table, 272, pte(l3, RW)), 0, "slot 272 is the guest's");
    answers(set_entry(table, 511, pte(l3, RW)), 0, "slot 511 too");
    answers(set_entry(table, 255, 0), 0, "clear slot 255");
    answers(set_entry(table, 272, 0), 0, "clear slot 272");
    answers(set_entry(table, 511, 0), 0, "clear slot 511");
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
    mmuext(MMUEXT_UNPIN_TABLE, l3, 0);
}

static void test_plain_pages(void)
{
    unsigned long a = spare();

    answers(set_entry(a, 5, 0xdeadbeef), 0, "an entry of a page that is no table");
    ok(peek(a, 5) == 0xdeadbeef, "is written as it is");
    answers(show(0, a, RW), 0, "mapped writable");
    answers(set_entry(a, 6, PTE_PSE | PTE_PRESENT), 0, "too");
    ok(((uint64_t *)places[0])[6] == (PTE_PSE | PTE_PRESENT), "whatever it is");
    hide(0);
    answers(set_entry(MFN_NOBODY, 0, 0), -XEN_EINVAL, "a frame of nobody's");
    answers(set_entry(MFN_BEYOND, 0, 0), -XEN_EINVAL, "a frame beyond all");
}

static void test_va_mapping(void)
{
    unsigned long a = spare(), mask = 1, table;
    unsigned long list[2] = {~0UL, ~0UL};
    uint64_t entry;
    const struct {
        const char *name;
        unsigned long flags;
        long answer;
    } flags[] = {
        {"UVMF_NONE", UVMF_NONE, 0},
        {"UVMF_NONE and a pointer", UVMF_NONE | 0x1000, 0},
        {"UVMF_TLB_FLUSH, local", UVMF_TLB_FLUSH | UVMF_LOCAL, 0},
        {"UVMF_TLB_FLUSH, all", UVMF_TLB_FLUSH | UVMF_ALL, 0},
        {"UVMF_TLB_FLUSH, a mask", UVMF_TLB_FLUSH | UVMF_MULTI | HYPERCALL_ARG(&mask), 0},
        {"UVMF_TLB_FLUSH, a full mask", UVMF_TLB_FLUSH | UVMF_MULTI | HYPERCALL_ARG(list), 0},
        {"UVMF_TLB_FLUSH, a wild mask", UVMF_TLB_FLUSH | HYPERCALL_ARG(WILD_POINTER), -XEN_EFAULT},
        {"UVMF_INVLPG, local", UVMF_INVLPG | UVMF_LOCAL, 0},
        {"UVMF_INVLPG, all", UVMF_INVLPG | UVMF_ALL, 0},
        {"UVMF_INVLPG, a mask", UVMF_INVLPG | UVMF_MULTI | HYPERCALL_ARG(&mask), 0},
        {"UVMF_INVLPG, a wild mask", UVMF_INVLPG | HYPERCALL_ARG(WILD_POINTER), -XEN_EFAULT},
        {"type 3", 3, 0},
        {"type 3 and a wild pointer", 3 | HYPERCALL_ARG(WILD_POINTER), 0},
    };

    for (unsigned int i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        hide(0);
        answers(hypercall_update_va_mapping(places[0], pte(a, RW), flags[i].flags), flags[i].answer,
                "update_va_mapping with %s", flags[i].name);
        ok(walk(root_mfn(), places[0], 1, &table) & PTE_PRESENT, "the entry is set");
    }
    entry = walk(root_mfn(), places[0], 1, &table);
    ok((entry & PTE_MFN) == pte(a, 0), "to the frame");
    hide(0);
    answers(hypercall_update_va_mapping(WILD_POINTER, pte(a, RW), 0), -XEN_EINVAL,
            "an address without a table");
    answers(hypercall_update_va_mapping((void *)0xffff830000001000UL, 0, 0), -XEN_EINVAL,
            "an address of Xen's");
    answers(hypercall_update_va_mapping((void *)0xffff800000000000UL, 0, 0), -XEN_EINVAL,
            "the machine-to-physical table's");
    answers(hypercall_update_va_mapping((void *)0x123400000000000UL, 0, 0), -XEN_EINVAL,
            "an address that is not canonical");
    answers(hypercall_update_va_mapping(WILD_POINTER, pte(a, RW), HYPERCALL_ARG(WILD_POINTER)),
            -XEN_EINVAL, "the address is looked at before the flags");
    answers(hypercall_update_va_mapping(places[0], pte(root_mfn(), RW),
                                        UVMF_INVLPG | HYPERCALL_ARG(WILD_POINTER)),
            -XEN_EBUSY, "and the entry too");
    answers(otherdomain(places[0], pte(a, RW), UVMF_INVLPG, DOMID_SELF), 0, "..._otherdomain");
    answers(otherdomain(places[0], 0, UVMF_INVLPG, DOMID_SELF), 0, "and back");
    answers(otherdomain(places[0], 0, 0, 0), -XEN_ESRCH, "a domain is not another to itself");
    answers(otherdomain(places[0], 0, 0, 4321), -XEN_ESRCH, "no domain");
    answers(otherdomain(WILD_POINTER, 0, 0, 4321), -XEN_ESRCH, "the domain is looked at first");
    answers(otherdomain(places[0], pte(a, RW), 0, DOMID_IO), -XEN_EBUSY, "no I/O frame");
    answers(otherdomain(places[0], pte(a, RW), 0, DOMID_XEN), -XEN_EBUSY, "no frame of Xen's");
    answers(otherdomain(places[0], 0, 0, DOMID_IO), 0, "not present, as DOMID_IO's");
    answers(otherdomain(places[0], 0, 0, DOMID_XEN), 0, "as DOMID_XEN's");
    answers(otherdomain(WILD_POINTER, 0, 0, DOMID_IO), -XEN_EINVAL, "no table, as DOMID_IO's");
    answers(otherdomain(places[0], pte(MFN_BEYOND, RO), 0, DOMID_IO), -XEN_EPERM,
            "a frame beyond all, as DOMID_IO's");
    answers(otherdomain(places[0], pte(MFN_NONE, RO), 0, DOMID_IO), -XEN_EINVAL,
            "all ones, as DOMID_IO's");
}

int main(void)
{
    frames_init();
    test_list();
    test_commands();
    test_machphys();
    test_domains();
    test_xen_frames();
    test_leaf_bits();
    test_leaf_frames();
    test_upper_entries();
    test_xen_slots();
    test_plain_pages();
    test_va_mapping();
    return tap_done();
}
