/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Writes of the guest itself to a level-1 table, which is mapped read only: Xen carries them out
 * and checks them. It would catch an entry that is written but not counted or not seen.
 */
#include "frames.h"

static long vm_assist(unsigned int cmd, unsigned int type)
{
    return hypercall(__HYPERVISOR_vm_assist, cmd, type, 0, 0, 0);
}

static int is_writable_page(unsigned long mfn)
{
    long error = mmuext(MMUEXT_PIN_L1_TABLE, mfn, 0);

    if (!error)
        mmuext(MMUEXT_UNPIN_TABLE, mfn, 0);
    return error != 0;
}

static void test_stores(void)
{
    unsigned long table = pinned_table(1, 0), a = spare(), b = spare();
    volatile uint64_t *entry = (volatile uint64_t *)places[0];
    uint64_t old;

    answers(show(0, table, RO), 0, "a level-1 table, mapped read only");
    entry[1] = pte(a, RW);
    ok(entry[1] == pte(a, RW | PTE_GLOBAL), "a store makes an entry, as Xen stores it");
    ok(is_writable_page(a), "which counts");
    __asm__ volatile("xchgq %0, %1" : "=r"(old), "+m"(entry[1]) : "0"(pte(b, RO)));
    ok(old == pte(a, RW | PTE_GLOBAL), "an exchange gives the old entry");
    ok(entry[1] == pte(b, RO | PTE_GLOBAL), "and stores the new one");
    ok(!is_writable_page(a), "the old one does not count any more");
    __asm__ volatile("orq %1, %0" : "+m"(entry[1]) : "r"(PTE_RW) : "cc");
    ok(entry[1] == pte(b, RW | PTE_GLOBAL), "a bit is set");
    ok(is_writable_page(b), "it counts");
    __asm__ volatile("lock andq %1, %0" : "+m"(entry[1]) : "r"(~PTE_RW) : "cc");
    ok(entry[1] == pte(b, RO | PTE_GLOBAL) && !is_writable_page(b), "and cleared");
    __asm__ volatile("lock btsq $1, %0" : "+m"(entry[1])::"cc");
    ok(entry[1] == pte(b, RW | PTE_GLOBAL) && is_writable_page(b), "and set in another way");
    old = pte(b, RW | PTE_GLOBAL);
    __asm__ volatile("lock cmpxchgq %2, %1" : "+a"(old), "+m"(entry[1]) : "r"(pte(a, RW)) : "cc");
    ok(old == pte(b, RW | PTE_GLOBAL) && entry[1] == pte(a, RW | PTE_GLOBAL),
       "compared and exchanged");
    old = 5;
    __asm__ volatile("lock cmpxchgq %2, %1" : "+a"(old), "+m"(entry[1]) : "r"(0UL) : "cc");
    ok(old == pte(a, RW | PTE_GLOBAL) && entry[1] == old, "compared, and not exchanged");
    ((volatile uint8_t *)&entry[1])[0] = 0;
    ok(entry[1] == pte(a, PTE_GLOBAL), "one byte takes it away");
    ok(!is_writable_page(a), "it does not count");
    ((volatile uint16_t *)&entry[1])[0] |= RW;
    ok(entry[1] == pte(a, RW | PTE_GLOBAL) && is_writable_page(a), "two bytes bring it back");
    ((volatile uint32_t *)&entry[1])[0] = 0;
    ok(!(entry[1] & PTE_PRESENT) && !is_writable_page(a), "four take it away");
    uint64_t six[6], *from = six;
    volatile uint64_t *to = &entry[10];
    unsigned long n = 6;
    for (unsigned int i = 0; i < 6; i++)
        six[i] = pte(i % 2 ? a : b, i ? RW : RO);
    __asm__ volatile("cld; rep movsq" : "+S"(from), "+D"(to), "+c"(n)::"memory", "cc");
    ok(n == 0 && to == &entry[16], "a string of six");
    ok(entry[10] == (six[0] | PTE_GLOBAL) && entry[15] == (six[5] | PTE_GLOBAL), "is stored");
    n = 6;
    to = &entry[10];
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(n) : "a"(0UL) : "memory", "cc");
    ok(entry[10] == 0 && entry[15] == 0 && !is_writable_page(a) && !is_writable_page(b),
       "and cleared");
    entry[1] = 0;
    hide(0);
    answers(mmuext(MMUEXT_UNPIN_TABLE, table, 0), 0, "unpin the table");
}

/* The table that is in use for an address. */
static void test_in_use(void)
{
    char *va = memory_pages(8192, MEMORY_WRITE);
    unsigned long table;
    uint64_t first = walk(root_mfn(), va, 1, &table),
             second = walk(root_mfn(), va + 4096, 1, &table);
    unsigned int index = (uintptr_t)va >> 12 & 511;
    volatile uint64_t *entry = (volatile uint64_t *)places[0];

    strcpy(va, "first");
    strcpy(va + 4096, "second");
    answers(show(0, table, RO), 0, "a table that is in use");
    entry[index] = second;
    mmuext(MMUEXT_INVLPG_LOCAL, HYPERCALL_ARG(va), 0);
    ok(strcmp(va, "second") == 0, "a store into it maps another page");
    entry[index] = 0;
    mmuext(MMUEXT_INVLPG_LOCAL, HYPERCALL_ARG(va), 0);
    answers(hypercall_console_io(0, 1, va), -XEN_EFAULT, "or none");
    entry[index] = first;
    mmuext(MMUEXT_INVLPG_LOCAL, HYPERCALL_ARG(va), 0);
    ok(strcmp(va, "first") == 0, "or the first again");
    hide(0);
}

int main(void)
{
    frames_init();
    test_stores(); /* the initial domain need not ask */
    answers(vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0, "it is asked for");
    test_stores();
    test_in_use();
    answers(vm_assist(VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0, "and no more");
    test_in_use();
    return tap_done();
}
