/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The registers of the x87 when a vCPU whose hypercalls come by page gives up the processor: by
 * XSAVE where the processor tells what is in use, and by FXSAVE. What guests see of it is in
 * tests/commands/registers.sh.
 */
#include "guest.h"

struct environment {
    uint16_t control, unused, status, unused_2, tags, rest[9];
};

static struct environment environment(void)
{
    struct environment e;

    __asm__ volatile("fnstenv %0\n\tfldenv %0" : "=m"(e));
    return e;
}

static bool in_use(void)
{
    struct environment e = environment();

    return e.control != 0x37f || e.status || e.tags != 0xffff;
}

/* What is left in registers, in use or not. */
static bool has_contents(void)
{
    static uint64_t area[64] __attribute__((aligned(64)));
    uint64_t all = 0;

    __asm__ volatile("fxsave64 %0" : "=m"(area));
    for (unsigned int i = 4; i < 20; i++)
        all |= area[i];
    return all;
}

static void keep(bool tells_use)
{
    static const uint16_t control = 0x77f;
    uint16_t expected[2] = {1, 2}, found[2];

    hv->vectors.tells_use = tells_use;
    __asm__ volatile("fninit");
    x87_keep(current);
    ck_assert(!in_use() && !has_contents());
    ck_assert(!x87_keep(current));

    __asm__ volatile("fldcw %0\n\tfilds %1\n\tfilds %2" ::"m"(control), "m"(expected[0]),
                     "m"(expected[1]));
    ck_assert(x87_keep(current));
    ck_assert(!in_use() && !has_contents());
    x87_give_back(current);
    ck_assert_uint_eq(environment().control, control);
    ck_assert_uint_eq(environment().tags, 0x0fff);
    __asm__ volatile("fistps %0\n\tfistps %1\n\tfninit" : "=m"(found[1]), "=m"(found[0]));
    ck_assert_int_eq(memcmp(found, expected, sizeof(found)), 0);

    /* It has emptied them: nothing to keep, nor to be seen by others. */
    ck_assert(has_contents());
    ck_assert(!x87_keep(current));
    ck_assert(!in_use() && !has_contents());
}

static void x87(void *arg)
{
    (void)arg;
    ck_assert(hypercall_page_used(current->domain));
    if (hv->vectors.tells_use)
        keep(true);
    keep(false);
}

START_TEST(test_x87) { guest_test(x87); }
END_TEST

int main(void)
{
    Suite *s = suite_create("vectors");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_x87);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
