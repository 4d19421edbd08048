/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Writes to a level-1 table that is mapped read only: one that gets through without a check, one
 * that leaves something behind when it is refused, one that is done for a guest that did not ask.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include <valgrind/valgrind.h>

#define RO (PTE_PRESENT | PTE_USER)
#define RW (PTE_PRESENT | PTE_USER | PTE_RW)

static sigjmp_buf back;
static unsigned int mended, refused;
static uint32_t error_code;
static unsigned int vector;

/* What the sim does with a signal, without the guest's handlers. */
static void trap(int s, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    struct trap_frame f = {
        .rip = (uint64_t)r[REG_RIP],
        .rsp = (uint64_t)r[REG_RSP],
        .rflags = (uint64_t)r[REG_EFL],
        .vector = (unsigned int)r[REG_TRAPNO],
        .error_code = (uint32_t)r[REG_ERR],
        .cr2 = (uint64_t)r[REG_CR2],
    };

    (void)s;
    (void)info;
    if (page_table_write_trap(current, &f)) {
        mended++;
        r[REG_EFL] = (greg_t)f.rflags;
        return;
    }
    refused++;
    vector = f.vector;
    error_code = f.error_code;
    siglongjmp(back, 1);
}

static void write_to(volatile uint64_t *at, uint64_t value)
{
    mended = refused = 0;
    if (!sigsetjmp(back, 1))
        *at = value;
}

static void with_traps(void (*function)(void *), bool hardware_domain)
{
    struct sigaction old[2], action = {.sa_sigaction = trap, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, &old[0]);
    sigaction(SIGTRAP, &action, &old[1]);
    if (hardware_domain)
        guest_test_hardware(function);
    else
        guest_test(function);
    sigaction(SIGSEGV, &old[0], NULL);
    sigaction(SIGTRAP, &old[1], NULL);
}

static long map(void *va, uint64_t pte)
{
    return call3(__HYPERVISOR_update_va_mapping, (uintptr_t)va, pte, UVMF_INVLPG);
}

static uint64_t *table, table_mfn, page_mfn;

/* Page 1 is a level-1 table that nobody uses, page 2 one that it can map. */
static void prepare(void)
{
    table = guest_page(1);
    table_mfn = guest_mfn(table);
    page_mfn = guest_mfn(guest_page(2));
    ck_assert_int_eq(map(table, PTE_MAKE(table_mfn, RO)), 0);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, table_mfn, 0), 0);
}

static void unasked(void *arg)
{
    (void)arg;
    prepare();
    write_to(&table[1], PTE_MAKE(page_mfn, RW));
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(error_code & 3, 3);
    ck_assert_uint_eq(table[1], 0);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, table_mfn, 0), 0);
}

static void asked(void *arg)
{
    uint64_t sum[2] __attribute__((aligned(16))) = {PTE_MAKE(page_mfn, RO), PTE_MAKE(page_mfn, RO)};
    uint64_t refs;

    (void)arg;
    ck_assert_int_eq(
        call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    prepare();
    refs = page_info(hv, page_mfn)->refs;
    write_to(&table[1], PTE_MAKE(page_mfn, RW));
    ck_assert_uint_eq(refused, 0);
    ck_assert_uint_eq(mended, 2); /* the fault and the step */
    ck_assert_uint_eq(table[1], PTE_MAKE(page_mfn, RW | PTE_GLOBAL));
    ck_assert_uint_eq(page_info(hv, page_mfn)->refs, refs + 1);
    /* What it may not have is as if it had not been written. */
    write_to(&table[1], PTE_MAKE(2, RW));
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(vector, 14);
    ck_assert_uint_eq(error_code & 3, 3);
    ck_assert_uint_eq(table[1], PTE_MAKE(page_mfn, RW | PTE_GLOBAL));
    write_to(&table[1], PTE_MAKE(table_mfn, RW));
    ck_assert_uint_eq(refused, 1);
    write_to(&table[1], PTE_MAKE(page_mfn, RW | PTE_PCD));
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(page_info(hv, page_mfn)->refs, refs + 1);
    /* The same again changes nothing; nothing takes it away. */
    write_to(&table[1], PTE_MAKE(page_mfn, RW | PTE_GLOBAL));
    ck_assert_uint_eq(refused, 0);
    write_to(&table[1], 0);
    ck_assert_uint_eq(refused, 0);
    ck_assert_uint_eq(page_info(hv, page_mfn)->refs, refs);
    /* Two entries at once are not emulated by Xen. */
    sum[0] = sum[1] = PTE_MAKE(page_mfn, RO);
    mended = refused = 0;
    if (!sigsetjmp(back, 1))
        __asm__ volatile("movaps %1, %%xmm0; movaps %%xmm0, %0"
                         : "=m"(*(struct { uint64_t w[2]; } *)&table[2])
                         : "m"(sum)
                         : "xmm0");
    ck_assert_uint_eq(refused, 1);
    ck_assert(table[2] == 0 && table[3] == 0);
    /* A guest that steps itself gets its trap, after the write. */
    mended = refused = 0;
    if (!sigsetjmp(back, 1))
        __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; movq %1, %0"
                         : "=m"(table[4])
                         : "r"(PTE_MAKE(page_mfn, RO))
                         : "cc", "memory");
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(vector, 1);
    ck_assert_uint_eq(table[4], PTE_MAKE(page_mfn, RO | PTE_GLOBAL));
    write_to(&table[4], 0);
    ck_assert_uint_eq(refused, 0);
    /* Pages that are no tables, or of another level, or not mapped. */
    ck_assert_int_eq(map(guest_page(3), PTE_MAKE(guest_mfn(guest_page(3)), RO)), 0);
    write_to(guest_page(3), 5);
    ck_assert_uint_eq(refused, 1);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L2_TABLE, guest_mfn(guest_page(3)), 0), 0);
    write_to(guest_page(3), 5);
    ck_assert_uint_eq(refused, 1);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, guest_mfn(guest_page(3)), 0), 0);
    ck_assert_int_eq(map(guest_page(3), 0), 0);
    write_to(guest_page(3), 5);
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(error_code & 3, 2); /* not present */
    write_to((uint64_t *)0x10, 5);
    ck_assert_uint_eq(refused, 1);
    /* An instruction that faults again, at the next page. */
    ck_assert_int_eq(map(guest_page(2), 0), 0);
    mended = refused = 0;
    if (!sigsetjmp(back, 1))
        __asm__ volatile("movq %1, (%0)"
                         :
                         : "r"((uintptr_t)guest_page(2) - 4), "r"(0x0101010101010101UL)
                         : "memory");
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(table[511], 0);
    ck_assert_int_eq(map(guest_page(2), PTE_MAKE(page_mfn, RW)), 0);
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, table_mfn, 0), 0);
}

static void by_hardware_domain(void *arg)
{
    (void)arg;
    prepare();
    write_to(&table[1], PTE_MAKE(page_mfn, RO | PTE_PCD));
    ck_assert_uint_eq(refused, 0);
    ck_assert_uint_eq(table[1], PTE_MAKE(page_mfn, RO | PTE_PCD | PTE_GLOBAL));
    ck_assert_int_eq(mmuext(MMUEXT_UNPIN_TABLE, table_mfn, 0), 0);
}

/* Valgrind does not step. */
START_TEST(test_unasked) { with_traps(unasked, false); }
END_TEST
START_TEST(test_asked)
{
    if (!RUNNING_ON_VALGRIND)
        with_traps(asked, false);
}
END_TEST
START_TEST(test_by_hardware_domain)
{
    if (!RUNNING_ON_VALGRIND)
        with_traps(by_hardware_domain, true);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("table_writes");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_unasked);
    tcase_add_test(t, test_asked);
    tcase_add_test(t, test_by_hardware_domain);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
