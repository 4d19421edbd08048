/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mmuext_op: each operation with good and bad arguments, its list and its number of done ones. It
 * would catch a pin that does not hold, a root that is none, a page cleared that is a table.
 */
#include "frames.h"

static long list(mmuext_op_t *op, unsigned int count, unsigned int *done, unsigned int domid)
{
    return hypercall(__HYPERVISOR_mmuext_op, HYPERCALL_ARG(op), count, HYPERCALL_ARG(done), domid,
                     0);
}

static void test_list(void)
{
    mmuext_op_t op[4] = {{.cmd = MMUEXT_TLB_FLUSH_LOCAL},
                         {.cmd = MMUEXT_TLB_FLUSH_ALL},
                         {.cmd = 99},
                         {.cmd = MMUEXT_TLB_FLUSH_LOCAL}};
    unsigned int done = 77;

    answers(list(op, 2, &done, DOMID_SELF), 0, "two operations");
    ok(done == 2, "both are done");
    answers(list(op, 4, &done, DOMID_SELF), -XEN_ENOSYS, "the third is none");
    ok(done == 2, "two are done");
    answers(list(op, 2, NULL, DOMID_SELF), 0, "nobody asks how many");
    answers(list(op, 2, WILD_POINTER, DOMID_SELF), 0, "a wild place for the number");
    done = 77;
    answers(list(op, 0, &done, DOMID_SELF), 0, "no operation");
    ok(done == 0, "none is done");
    done = 77;
    answers(list(WILD_POINTER, 1, &done, DOMID_SELF), -XEN_EFAULT, "a wild list");
    ok(done == 0, "none is done");
    done = 77;
    answers(list((void *)0xffff830000000000UL, 1, &done, DOMID_SELF), -XEN_EFAULT,
            "a list in Xen's addresses");
    ok(done == 77, "the number is not touched");
    done = 5;
    answers(list(op, 2 | 0x80000000U, &done, DOMID_SELF), 0, "a continued call");
    ok(done == 7, "counts on");
    answers(list(op, 2 | 0x80000000U, WILD_POINTER, DOMID_SELF), 0, "from a wild place too");
    answers(list(NULL, 0x80000000U, NULL, 1234), 1234, "a continued call that only ends");
    answers(list(NULL, 0x80000000U, NULL, (unsigned int)-XEN_EINVAL), -XEN_EINVAL, "with an error");
    done = 77;
    answers(list(op, 1, &done, 0), -XEN_ESRCH, "a domain is not foreign to itself");
    ok(done == 77, "the number is not touched");
    answers(list(op, 1, &done, 4321), -XEN_ESRCH, "no domain");
    answers(list(op, 0, &done, 4321), -XEN_ESRCH, "no domain and no operation");
    answers(list(op, 0, &done, DOMID_IO), 0, "DOMID_IO and no operation");
    answers(list(op, 0, &done, DOMID_IDLE), -XEN_ESRCH, "DOMID_IDLE");
}

static void test_foreign(void)
{
    unsigned long a = spare();
    static const unsigned int none[] = {
        MMUEXT_NEW_BASEPTR,   MMUEXT_NEW_USER_BASEPTR,   MMUEXT_TLB_FLUSH_LOCAL,
        MMUEXT_INVLPG_LOCAL,  MMUEXT_TLB_FLUSH_MULTI,    MMUEXT_INVLPG_MULTI,
        MMUEXT_TLB_FLUSH_ALL, MMUEXT_INVLPG_ALL,         MMUEXT_FLUSH_CACHE,
        MMUEXT_SET_LDT,       MMUEXT_FLUSH_CACHE_GLOBAL,
    };
    static const unsigned int frames[] = {
        MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE,
        MMUEXT_UNPIN_TABLE,  MMUEXT_CLEAR_PAGE,   MMUEXT_COPY_PAGE,
    };

    for (unsigned int i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        answers(mmuext_as(none[i], 0, DOMID_IO), -XEN_EPERM, "operation %u for DOMID_IO", none[i]);
    for (unsigned int i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        answers(mmuext_as(frames[i], a, DOMID_IO), -XEN_EINVAL, "operation %u for DOMID_IO",
                frames[i]);
    answers(mmuext_as(MMUEXT_CLEAR_PAGE, a, DOMID_XEN), -XEN_EINVAL, "CLEAR_PAGE for DOMID_XEN");
    answers(mmuext_as(MMUEXT_MARK_SUPER, a, DOMID_IO), -XEN_EOPNOTSUPP, "MARK_SUPER for DOMID_IO");
}

static void test_pins(void)
{
    for (unsigned int level = 1; level <= 4; level++) {
        unsigned int cmd = MMUEXT_PIN_L1_TABLE + level - 1;
        unsigned long a = spare();

        answers(mmuext(cmd, a, 0), 0, "pin an empty page as a level-%u table", level);
        answers(mmuext(cmd, a, 0), -XEN_EINVAL, "once more");
        for (unsigned int other = 1; other <= 4; other++) {
            if (other != level)
                answers(mmuext(MMUEXT_PIN_L1_TABLE + other - 1, a, 0), -XEN_EINVAL,
                        "as of level %u", other);
        }
        answers(show(0, a, RW), -XEN_EBUSY, "map it writable");
        answers(mmuext(MMUEXT_CLEAR_PAGE, a, 0), -XEN_EINVAL, "clear it");
        answers(mmuext(MMUEXT_COPY_PAGE, a, mfn_of(&p2m[0])), -XEN_EINVAL, "copy to it");
        answers(show(0, a, RO), 0, "map it read only");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0, "unpin it");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), -XEN_EINVAL, "once more");
        answers(show(0, a, RW), 0, "map it writable");
        answers(mmuext(cmd, a, 0), -XEN_EINVAL, "pin it then");
        hide(0);
        answers(mmuext(cmd, a, 0), 0, "pin it without that");
        answers(mmuext(MMUEXT_UNPIN_TABLE, a, 0), 0, "and unpin it");
        answers(mmuext(cmd, MFN_NOBODY, 0), -XEN_EINVAL, "a frame of nobody's");
        answers(mmuext(cmd, MFN_BEYOND, 0), -XEN_EINVAL, "a frame beyond all");
    }
    answers(mmuext(MMUEXT_UNPIN_TABLE, MFN_NOBODY, 0), -XEN_EINVAL, "unpin a frame of nobody's");
    answers(mmuext(MMUEXT_UNPIN_TABLE, MFN_BEYOND, 0), -XEN_EINVAL, "or beyond all");
    answers(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(&p2m[0]), 0), -XEN_EINVAL, "or a page");
}

static void test_shared_info(void)
{
    unsigned long mfn = domain_start_info()->shared_info >> 12;

    answers(mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0), -XEN_EINVAL, "the shared info page as a table");
    answers(mmuext(MMUEXT_PIN_L4_TABLE, mfn, 0), -XEN_EINVAL, "of any level");
    answers(mmuext(MMUEXT_UNPIN_TABLE, mfn, 0), -XEN_EINVAL, "it is not pinned");
    answers(show(0, mfn, RW), 0, "it can be mapped once more");
    answers(show(0, mfn, RO), 0, "also read only");
    answers(show(0, mfn, RW | PTE_PCD), -XEN_EACCES, "but not uncached");
    answers(show(0, mfn, RO | PTE_PWT), -XEN_EACCES, "in any way");
    answers(set_entry(mfn, 511, 0x777), 0, "mmu_update writes into it");
    ok(peek(mfn, 511) == 0x777, "the value is there");
    hide(0);
}

static void test_flushes(void)
{
    unsigned long mask[2] = {1, ~0UL};

    answers(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0, "TLB_FLUSH_LOCAL");
    answers(mmuext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0, "TLB_FLUSH_ALL");
    answers(mmuext(MMUEXT_INVLPG_LOCAL, HYPERCALL_ARG(places[0]), 0), 0, "INVLPG_LOCAL");
    answers(mmuext(MMUEXT_INVLPG_LOCAL, 0xffff830000000000UL, 0), 0, "of an address of Xen's");
    answers(mmuext(MMUEXT_INVLPG_ALL, HYPERCALL_ARG(places[0]), 0), 0, "INVLPG_ALL");
    answers(mmuext(MMUEXT_INVLPG_ALL, 0xffff830000000000UL, 0), 0, "of an address of Xen's");
    answers(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, HYPERCALL_ARG(mask)), 0, "TLB_FLUSH_MULTI");
    answers(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, HYPERCALL_ARG(mask + 1)), 0, "of all vCPUs");
    answers(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, HYPERCALL_ARG(WILD_POINTER)), -XEN_EINVAL,
            "of a wild mask");
    answers(mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, 0), -XEN_EINVAL, "of no mask");
    answers(mmuext(MMUEXT_INVLPG_MULTI, 0x1000, HYPERCALL_ARG(mask)), 0, "INVLPG_MULTI");
    answers(mmuext(MMUEXT_INVLPG_MULTI, 0x1000, HYPERCALL_ARG(WILD_POINTER)), -XEN_EINVAL,
            "of a wild mask");
    answers(mmuext(MMUEXT_FLUSH_CACHE, 0, 0), 0, "FLUSH_CACHE");
    answers(mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), 0, "FLUSH_CACHE_GLOBAL");
}

static void test_ldt(void)
{
    unsigned long page = HYPERCALL_ARG(places[0]);

    answers(mmuext(MMUEXT_SET_LDT, page, 512), 0, "SET_LDT");
    answers(mmuext(MMUEXT_SET_LDT, page, 8192), 0, "of the most entries");
    answers(mmuext(MMUEXT_SET_LDT, page, 8193), -XEN_EINVAL, "of more");
    answers(mmuext(MMUEXT_SET_LDT, page + 8, 1), -XEN_EINVAL, "not at a page's start");
    answers(mmuext(MMUEXT_SET_LDT, 0xffff830000000000UL, 1), -XEN_EINVAL, "at Xen's addresses");
    answers(mmuext(MMUEXT_SET_LDT, 0x800000000000UL, 1), -XEN_EINVAL, "at none that is canonical");
    answers(mmuext(MMUEXT_SET_LDT, page + 8, 0), 0, "none");
}

static void test_contents(void)
{
    unsigned long a = spare(), b = spare(), l4 = root_mfn();

    poke(a, 0, 11);
    poke(a, 511, 22);
    answers(mmuext(MMUEXT_COPY_PAGE, b, a), 0, "COPY_PAGE");
    ok(peek(b, 0) == 11 && peek(b, 511) == 22, "copies it");
    answers(mmuext(MMUEXT_COPY_PAGE, a, a), 0, "to itself");
    ok(peek(a, 0) == 11 && peek(a, 511) == 22, "leaves it");
    answers(mmuext(MMUEXT_CLEAR_PAGE, a, 0), 0, "CLEAR_PAGE");
    ok(peek(a, 0) == 0 && peek(a, 511) == 0, "clears it");
    answers(mmuext(MMUEXT_COPY_PAGE, b, l4), 0, "copy the level-4 table");
    answers(mmuext(MMUEXT_COPY_PAGE, l4, b), -XEN_EINVAL, "but not to it");
    answers(mmuext(MMUEXT_COPY_PAGE, b, MFN_NOBODY), -XEN_EINVAL, "from a frame of nobody's");
    answers(mmuext(MMUEXT_COPY_PAGE, MFN_NOBODY, b), -XEN_EINVAL, "to one");
    answers(mmuext(MMUEXT_COPY_PAGE, b, MFN_BEYOND), -XEN_EINVAL, "from beyond all");
    answers(mmuext(MMUEXT_COPY_PAGE, MFN_BEYOND, b), -XEN_EINVAL, "to beyond all");
    answers(mmuext(MMUEXT_CLEAR_PAGE, MFN_NOBODY, 0), -XEN_EINVAL, "clear a frame of nobody's");
    answers(mmuext(MMUEXT_CLEAR_PAGE, MFN_BEYOND, 0), -XEN_EINVAL, "or beyond all");
    answers(mmuext(MMUEXT_CLEAR_PAGE, l4, 0), -XEN_EINVAL, "or a table");
}

static void test_numbers(void)
{
    answers(mmuext(MMUEXT_MARK_SUPER, 0, 0), -XEN_EOPNOTSUPP, "MARK_SUPER");
    answers(mmuext(MMUEXT_UNMARK_SUPER, 0, 0), -XEN_EOPNOTSUPP, "UNMARK_SUPER");
    for (unsigned int cmd = 14; cmd < 24; cmd++) {
        if (cmd == 14 || cmd > MMUEXT_UNMARK_SUPER)
            answers(mmuext(cmd, 0, 0), -XEN_ENOSYS, "operation %u", cmd);
    }
}

/* A copy of the root in use, with everything mapped that is now. */
static unsigned long copy_of_root(void)
{
    unsigned long mfn = spare();

    answers(mmuext(MMUEXT_COPY_PAGE, mfn, root_mfn()), 0, "copy the root");
    return mfn;
}

static void test_roots(void)
{
    void *va = memory_pages(4096, MEMORY_WRITE); /* before the root is copied */
    unsigned long root = root_mfn(), second = copy_of_root(), empty = pinned_table(4, 0),
                  page = spare(), table, l3, l2, l1;
    uint64_t entry;

    answers(mmuext(MMUEXT_NEW_BASEPTR, root, 0), 0, "the same base pointer");
    answers(mmuext(MMUEXT_NEW_BASEPTR, MFN_NOBODY, 0), -XEN_EINVAL, "a frame of nobody's");
    answers(mmuext(MMUEXT_NEW_BASEPTR, MFN_BEYOND, 0), -XEN_EINVAL, "beyond all");
    answers(mmuext(MMUEXT_NEW_BASEPTR, 0, 0), -XEN_EINVAL, "frame 0");
    answers(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(&p2m[0]), 0), -XEN_EINVAL, "a writable page");
    entry = walk(root, places[0], 4, &table);
    answers(mmuext(MMUEXT_NEW_BASEPTR, (entry & PTE_MFN) >> 12, 0), -XEN_EINVAL, "a level-3 table");
    answers(mmuext(MMUEXT_NEW_BASEPTR, second, 0), 0, "a copy of the root, not pinned");
    *(volatile char *)va = 'x';
    ok(*(volatile char *)va == 'x', "the guest runs on it");
    answers(mmuext(MMUEXT_PIN_L4_TABLE, second, 0), 0, "it can be pinned");
    answers(mmuext(MMUEXT_UNPIN_TABLE, root, 0), 0, "the first root can be unpinned");
    answers(show(0, page, RW), 0, "an entry below both is set");
    ok(walk(root, places[0], 1, &table) == walk(second, places[0], 1, &table),
       "and seen from both");
    strcpy(places[0], "below both");
    answers(mmuext(MMUEXT_NEW_BASEPTR, root, 0), 0, "back to the first");
    ok(strcmp(places[0], "below both") == 0, "the page is there");
    answers(mmuext(MMUEXT_PIN_L4_TABLE, root, 0), 0, "pin it again");
    hide(0);

    /* The second root gets a level-1 table of its own for the address VA. */
    walk(root, va, 1, &l1);
    walk(root, va, 2, &l2);
    walk(root, va, 3, &l3);
    unsigned long own1 = spare(), own2 = spare(), own3 = spare(), other = spare();
    mmuext(MMUEXT_COPY_PAGE, own1, l1);
    mmuext(MMUEXT_COPY_PAGE, own2, l2);
    mmuext(MMUEXT_COPY_PAGE, own3, l3);
    poke(own1, (uintptr_t)va >> 12 & 511, pte(other, RW));
    poke(own2, (uintptr_t)va >> 21 & 511, pte(own1, RW));
    poke(own3, (uintptr_t)va >> 30 & 511, pte(own2, RW));
    answers(set_entry(second, (uintptr_t)va >> 39 & 511, pte(own3, RW)), 0,
            "the second root gets other tables below");
    poke(other, 0, 0x4142434445464748);
    *(volatile uint64_t *)va = 1;
    answers(mmuext(MMUEXT_NEW_BASEPTR, second, 0), 0, "to the second root");
    ok(*(volatile uint64_t *)va == 0x4142434445464748, "another page is at the address");
    *(volatile uint64_t *)va = 2;
    answers(set_entry(own1, (uintptr_t)va >> 12 & 511, pte(page, RW)), 0, "changed at once");
    answers(mmuext(MMUEXT_INVLPG_LOCAL, HYPERCALL_ARG(va), 0), 0, "the processor forgets the old");
    ok(*(volatile uint64_t *)va != 2, "shows a third page");
    answers(set_entry(l1, (uintptr_t)va >> 12 & 511, peek(l1, (uintptr_t)va >> 12 & 511) & ~PTE_D),
            0, "a change of the other root's table");
    ok(*(volatile uint64_t *)va != 1, "is not seen");
    answers(mmuext(MMUEXT_NEW_BASEPTR, root, 0), 0, "to the first root");
    ok(*(volatile uint64_t *)va == 1, "its page is at the address");
    ok(peek(other, 0) == 2, "the other has what was written");
    for (unsigned int i = 0; i < 10; i++) {
        mmuext_op_t op[2] = {{.cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = second},
                             {.cmd = MMUEXT_NEW_BASEPTR, .arg1.mfn = root}};

        if (hypercall_mmuext_op(op, 2))
            ok(0, "there and back in one call");
    }
    ok(*(volatile uint64_t *)va == 1, "there and back, ten times");
    answers(mmuext(MMUEXT_UNPIN_TABLE, second, 0), 0, "the second root is no more");
    answers(show(0, second, RW), 0, "it can be mapped writable");
    answers(show(0, own3, RW), 0, "and its tables too");
    hide(0);

    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, MFN_NOBODY, 0), -XEN_EINVAL, "NEW_USER_BASEPTR");
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, mfn_of(&p2m[0]), 0), -XEN_EINVAL, "a writable page");
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, empty, 0), 0, "an empty table");
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, empty, 0), 0, "once more");
    answers(mmuext(MMUEXT_UNPIN_TABLE, empty, 0), 0, "it is unpinned");
    answers(show(0, empty, RW), -XEN_EBUSY, "but still in use");
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0, "none");
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0, "once more");
    answers(show(0, empty, RW), 0, "then it is not");
    hide(0);
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, root, 0), 0, "the kernel's");
    answers(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0, "none");
}

int main(void)
{
    frames_init();
    test_list();
    test_foreign();
    test_pins();
    test_shared_info();
    test_flushes();
    test_ldt();
    test_contents();
    test_numbers();
    test_roots();
    return tap_done();
}
