/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Page tables as a whole: what is counted when a page becomes a table and when it ceases to be one,
 * tables that show themselves or each other, and the bits of a path together. It would catch a
 * reference that is lost or kept, or an address that shows what no table says.
 */
#include "frames.h"

/* Whether a frame can be mapped writable: nothing uses it as a table. */
static int is_free(unsigned long mfn)
{
    long error = show(6, mfn, RW);

    hide(6);
    return error == 0;
}

static void test_promotion(void)
{
    unsigned long l1 = spare(), l2 = spare(), l3 = spare(), l4 = spare(), page = spare();

    poke(l1, 7, pte(page, RW));
    poke(l2, 8, pte(l1, RW));
    poke(l3, 9, pte(l2, RW));
    poke(l4, 10, pte(l3, RW));
    answers(mmuext(MMUEXT_PIN_L4_TABLE, l4, 0), 0, "pin a tree of four tables");
    ok(peek(l1, 7) == pte(page, RW | PTE_GLOBAL), "the leaf entry is adjusted");
    ok(peek(l2, 8) == pte(l1, RW), "level 2 is");
    ok(peek(l3, 9) == pte(l2, RW), "level 3 is");
    ok(peek(l4, 10) == pte(l3, RW | PTE_A), "level 4 is");
    ok(!is_free(l1) && !is_free(l2) && !is_free(l3) && !is_free(l4), "all four are tables");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, page, 0), -XEN_EINVAL, "the page is writable");
    answers(mmuext(MMUEXT_UNPIN_TABLE, l1, 0), -XEN_EINVAL, "level 1 has no pin of its own");
    answers(mmuext(MMUEXT_PIN_L2_TABLE, l2, 0), 0, "level 2 can get one");
    answers(mmuext(MMUEXT_UNPIN_TABLE, l4, 0), 0, "unpin the root");
    ok(is_free(l3) && is_free(l4), "levels 3 and 4 are no tables");
    ok(!is_free(l1) && !is_free(l2), "levels 1 and 2 are");
    answers(mmuext(MMUEXT_PIN_L4_TABLE, l4, 0), 0, "pin the root again");
    answers(mmuext(MMUEXT_UNPIN_TABLE, l2, 0), 0, "unpin level 2");
    ok(!is_free(l2), "it is a table still");
    answers(set_entry(l4, 10, 0), 0, "clear the root's entry");
    ok(is_free(l1) && is_free(l2) && is_free(l3), "then none below is");
    answers(mmuext(MMUEXT_PIN_L1_TABLE, page, 0), 0, "and the page is not writable any more");
    mmuext(MMUEXT_UNPIN_TABLE, page, 0);
    mmuext(MMUEXT_UNPIN_TABLE, l4, 0);
    ok(peek(l1, 7) == pte(page, RW | PTE_GLOBAL), "what was in a table stays in the page");
}

static void test_counts(void)
{
    unsigned long l1 = spare(), l2 = pinned_table(2, 0), page = spare();

    for (unsigned int i = 0; i < 3; i++)
        answers(set_entry(l2, i, pte(l1, RW)), 0, "a level-1 table hooked in slot %u", i);
    for (unsigned int i = 0; i < 3; i++) {
        ok(!is_free(l1), "it is a table");
        answers(set_entry(l2, i, 0), 0, "unhooked from slot %u", i);
    }
    ok(is_free(l1), "then it is none");
    answers(set_entry(l2, 0, pte(l1, RW)), 0, "hooked once more");
    for (unsigned int i = 0; i < 3; i++)
        answers(set_entry(l1, i, pte(page, RW)), 0, "a page in slot %u", i);
    for (unsigned int i = 0; i < 3; i++) {
        answers(mmuext(MMUEXT_PIN_L1_TABLE, page, 0), -XEN_EINVAL, "it is writable");
        answers(set_entry(l1, i, pte(page, i ? RO : 0)), 0, "no more in slot %u", i);
    }
    answers(mmuext(MMUEXT_PIN_L1_TABLE, page, 0), 0, "then it is not");
    answers(set_entry(l1, 5, pte(page, RW)), -XEN_EBUSY, "and cannot be");
    mmuext(MMUEXT_UNPIN_TABLE, page, 0);
    answers(set_entry(l2, 0, pte(page, RW)), 0, "replace the table by another");
    ok(is_free(l1), "the old one is free");
    ok(!is_free(page), "the new one is a table");
    answers(set_entry(l2, 0, pte(l2, RW)), -XEN_EINVAL, "replace it by one that cannot be");
    ok(!is_free(page), "nothing has changed");
    mmuext(MMUEXT_UNPIN_TABLE, l2, 0);
    ok(is_free(page), "unpinned, all are free");
}

static void test_failures(void)
{
    static const struct {
        const char *name;
        uint64_t entry;
        long answer;
    } leaf[] =
        {
            {"a frame of nobody's, as I/O memory", (uint64_t)MFN_BEYOND << 12 | RW, -XEN_EPERM},
            {"all ones", (uint64_t)MFN_NONE << 12 | RW, -XEN_EINVAL},
        },
      upper[] = {
          {"PSE", RW | PTE_PSE, -XEN_EINVAL},
          {"global", RW | PTE_GLOBAL, -XEN_EINVAL},
          {"PCD", RW | PTE_PCD, -XEN_EINVAL},
          {"a frame of nobody's", (uint64_t)MFN_NOBODY << 12 | RW, -XEN_EINVAL},
          {"a frame beyond all", (uint64_t)MFN_BEYOND << 12 | RW, -XEN_EINVAL},
      };
    unsigned long good = spare(), table = spare(), l1 = spare();

    poke(table, 0, pte(good, RW));
    for (unsigned int i = 0; i < sizeof(leaf) / sizeof(leaf[0]); i++) {
        poke(table, 100, leaf[i].entry);
        answers(mmuext(MMUEXT_PIN_L1_TABLE, table, 0), leaf[i].answer, "a level-1 table with %s",
                leaf[i].name);
        answers(mmuext(MMUEXT_PIN_L1_TABLE, good, 0), 0, "its other pages are free");
        mmuext(MMUEXT_UNPIN_TABLE, good, 0);
    }
    poke(table, 100, pte(root_mfn(), RW));
    answers(mmuext(MMUEXT_PIN_L1_TABLE, table, 0), -XEN_EBUSY, "a level-1 table with a root");
    poke(table, 100, pte(table, RW));
    answers(mmuext(MMUEXT_PIN_L1_TABLE, table, 0), -XEN_EBUSY, "with itself, writable");
    poke(table, 100, pte(table, RO));
    answers(mmuext(MMUEXT_PIN_L1_TABLE, table, 0), 0, "with itself, read only");
    mmuext(MMUEXT_UNPIN_TABLE, table, 0);
    poke(table, 100, 0);
    for (unsigned int level = 2; level <= 4; level++) {
        poke(table, 0, pte(l1, RW));
        for (unsigned int i = 0; i < sizeof(upper) / sizeof(upper[0]); i++) {
            poke(table, 200, upper[i].entry);
            answers(mmuext(MMUEXT_PIN_L1_TABLE + level - 1, table, 0), upper[i].answer,
                    "a level-%u table with %s", level, upper[i].name);
            ok(is_free(l1), "its other tables are free");
        }
        poke(table, 200, pte(good, RW));
        answers(show(0, good, RW), 0, "a page is mapped writable");
        answers(mmuext(MMUEXT_PIN_L1_TABLE + level - 1, table, 0), -XEN_EINVAL,
                "a level-%u table with it", level);
        hide(0);
        ok(is_free(table) && is_free(l1), "is none");
        poke(good, 3, (uint64_t)MFN_BEYOND << 12 | RW);
        answers(mmuext(MMUEXT_PIN_L1_TABLE + level - 1, table, 0),
                level == 2 ? -XEN_EPERM : -XEN_EINVAL, "with a bad entry further down");
        poke(good, 3, 0);
        ok(is_free(table) && is_free(good) && is_free(l1), "none of them is a table");
        poke(table, 200, 0);
    }
    /* Slots of Xen's are not looked at. */
    poke(table, 0, 0);
    for (unsigned int i = 256; i < 272; i++)
        poke(table, i, (uint64_t)MFN_BEYOND << 12 | RW | PTE_PSE);
    answers(mmuext(MMUEXT_PIN_L4_TABLE, table, 0), 0, "a root with anything in Xen's slots");
    ok(peek(table, 256) != ((uint64_t)MFN_BEYOND << 12 | RW | PTE_PSE), "it is gone");
    answers(mmuext(MMUEXT_UNPIN_TABLE, table, 0), 0, "unpin it");
}

static void test_linear(void)
{
    for (unsigned int level = 2; level <= 4; level++) {
        unsigned int pin = MMUEXT_PIN_L1_TABLE + level - 1;
        unsigned long a = pinned_table(level, 0), b = pinned_table(level, 0),
                      c = pinned_table(level, 0), plain = spare();

        answers(set_entry(a, 4, pte(a, RW)), -XEN_EINVAL, "level %u: itself, writable", level);
        answers(set_entry(a, 4, pte(a, RO)), 0, "itself, read only");
        answers(set_entry(a, 4, pte(a, RW)), -XEN_EINVAL, "and then writable");
        answers(set_entry(a, 5, pte(b, RW)), -XEN_EINVAL, "another one, writable");
        answers(set_entry(a, 5, pte(b, RO)), 0, "another one, read only");
        answers(set_entry(a, 6, pte(b, RO)), 0, "twice");
        answers(set_entry(b, 5, pte(a, RO)), -XEN_EINVAL, "that one shows the first");
        answers(set_entry(b, 5, pte(c, RO)), -XEN_EINVAL, "or a third one");
        answers(set_entry(b, 5, pte(b, RO)), 0, "but itself");
        answers(set_entry(c, 5, pte(a, RO)), -XEN_EINVAL, "the third one shows the first");
        answers(set_entry(c, 5, pte(b, RO)), 0, "the third one shows the second");
        answers(mmuext(MMUEXT_UNPIN_TABLE, b, 0), 0, "the second is unpinned");
        ok(!is_free(b), "and still a table");
        answers(set_entry(a, 5, 0), 0, "shown once less");
        answers(set_entry(a, 6, 0), 0, "and once less");
        ok(!is_free(b), "still a table");
        answers(set_entry(c, 5, 0), 0, "shown by none");
        ok(is_free(b), "it is none");
        answers(set_entry(a, 7, pte(plain, RO)), 0, "a page becomes a table of the level below");
        answers(set_entry(a, 7, 0), 0, "and ceases to be");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0, "a table that shows itself is unpinned");
        ok(is_free(a), "and free");
        answers(mmuext(pin, a, 0), 0, "and pinned again, with the entry");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0, "and unpinned");
        mmuext(MMUEXT_UNPIN_TABLE, c, 0);
        /* A page that was a root has Xen's entries still. */
        answers(mmuext(MMUEXT_CLEAR_PAGE, c, 0), 0, "a table that is none is cleared");
        poke(a, 4, pte(c, RO));
        answers(mmuext(pin, a, 0), 0, "a table that refers to a free page");
        ok(!is_free(c), "makes it a table of the level below");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0, "unpin it");
        answers(mmuext(pin, c, 0), 0, "pin the other one first");
        answers(mmuext(pin, a, 0), 0, "then it is shown");
        answers(mmuext(MMUEXT_UNPIN_TABLE, c, 0), 0, "unpin the other one");
        ok(!is_free(c), "it stays a table");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0, "until the first goes");
        ok(is_free(c), "it is free");
    }
}

/* The window's level-4 table shows all tables through a slot of level 3. */
static void test_linear_view(void)
{
    unsigned long root = root_mfn(), l4, l3, l2, l1, page = spare();
    char *va = memory_pages(4096, MEMORY_WRITE);
    unsigned int i3 = (uintptr_t)va >> 30 & 511, i2 = (uintptr_t)va >> 21 & 511,
                 i1 = (uintptr_t)va >> 12 & 511;
    uintptr_t base = (uintptr_t)va & ~((1UL << 39) - 1);
    unsigned int slot = i3 + 1; /* of the level-3 table: the next GiB */
    uint64_t *tables = (uint64_t *)(base + ((uintptr_t)slot << 30));
    uint64_t leaf = walk(root, va, 1, &l1);

    walk(root, va, 2, &l2);
    walk(root, va, 3, &l3);
    walk(root, va, 4, &l4);
    ok(!(peek(l3, slot) & PTE_PRESENT), "the next GiB is free");
    answers(set_entry(l3, slot, pte(l3, RO)), 0, "the level-3 table shows itself there");
    /* There level 3 stands for level 2, level 2 for level 1: the pages are level-1 tables. */
    volatile uint64_t *view = tables + (((uintptr_t)i3 << 21 | (uintptr_t)i2 << 12) >> 3) + i1;
    ok(*view == leaf, "a leaf entry is seen in it");
    answers(hypercall_update_va_mapping(va, pte(page, RW), UVMF_INVLPG), 0, "changed");
    ok((*view & PTE_MFN) == pte(page, 0), "the change is seen");
    answers(hypercall_update_va_mapping((void *)view, 0, UVMF_INVLPG), -XEN_EINVAL,
            "it has no level-1 table that could be changed so");
    unsigned long second = spare();
    answers(set_entry(l2, (i2 + 1) & 511, pte(second, RW)), 0, "a new level-1 table");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    volatile uint64_t *new_view =
        tables + (((uintptr_t)i3 << 21 | (uintptr_t)((i2 + 1) & 511) << 12) >> 3);
    answers(set_entry(second, 3, pte(page, RO)), 0, "with an entry");
    ok((new_view[3] & PTE_MFN) == pte(page, 0), "is seen too");
    answers(set_entry(l2, (i2 + 1) & 511, 0), 0, "taken away");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    answers(hypercall_console_io(0, 1, (char *)new_view), -XEN_EFAULT, "it is not seen");
    answers(set_entry(l3, slot, 0), 0, "the view goes");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    answers(hypercall_console_io(0, 1, (char *)view), -XEN_EFAULT, "nothing is there");
    answers(hypercall_update_va_mapping(va, leaf, UVMF_INVLPG), 0, "and back");
}

static void test_rights(void)
{
    unsigned long root = root_mfn(), l3, l2;
    uint64_t e3, e2;
    char *va = memory_pages(4096, MEMORY_WRITE);

    e2 = walk(root, va, 2, &l2);
    e3 = walk(root, va, 3, &l3);
    answers(hypercall_memory_op(XENMEM_machphys_mapping, va), 0, "a hypercall writes to a page");
    *va = 'a';
    answers(set_entry(l2, (uintptr_t)va >> 21 & 511, e2 & ~PTE_RW), 0, "level 2 read only");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    ok(*(volatile char *)va == 'a', "it can be read");
    answers(hypercall_memory_op(XENMEM_machphys_mapping, va), -XEN_EFAULT, "but not written to");
    answers(set_entry(l2, (uintptr_t)va >> 21 & 511, e2), 0, "writable again");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    answers(hypercall_memory_op(XENMEM_machphys_mapping, va), 0, "it can");
    answers(set_entry(l3, (uintptr_t)va >> 30 & 511, e3 & ~PTE_RW), 0, "level 3 read only");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    answers(hypercall_memory_op(XENMEM_machphys_mapping, va), -XEN_EFAULT, "it cannot");
    answers(set_entry(l3, (uintptr_t)va >> 30 & 511, e3), 0, "writable again");
    mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    answers(hypercall_memory_op(XENMEM_machphys_mapping, va), 0, "it can");
}

int main(void)
{
    frames_init();
    test_promotion();
    test_counts();
    test_failures();
    test_linear();
    test_linear_view();
    test_rights();
    return tap_done();
}
