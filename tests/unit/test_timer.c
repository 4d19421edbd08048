/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The heap of timers on its own: one that fires out of order, twice, or after it was stopped.
 */
#include "internal.h"

#include <check.h>
#include <stdlib.h>

static uint64_t fired[64];
static size_t fired_count;

static void fire(void *arg) { fired[fired_count++] = ((struct timer *)arg)->deadline; }

START_TEST(timers)
{
    static const uint64_t deadlines[] = {50, 10, 40, 20, 30, 60, 5,  55, 15, 45, 35, 25,
                                         65, 7,  70, 3,  80, 1,  90, 2,  75, 33, 44, 66};
    const size_t count = sizeof(deadlines) / sizeof(*deadlines);
    struct hypervisor *hv = calloc(1, sizeof(*hv));
    struct timer t[sizeof(deadlines) / sizeof(*deadlines)];

    ck_assert_uint_eq(timer_next(hv), HYPERVISOR_FOREVER);
    for (size_t i = 0; i < count; i++) {
        t[i] = (struct timer){.fire = fire, .arg = &t[i]};
        timer_set(hv, &t[i], deadlines[i]);
    }
    ck_assert_uint_eq(timer_next(hv), 1);
    timer_stop(hv, &t[1]);  /* 10 */
    timer_stop(hv, &t[1]);  /* again: nothing */
    timer_stop(hv, &t[17]); /* 1, the first */
    timer_set(hv, &t[3], 100);
    timer_set(hv, &t[16], 4); /* 80 before */
    ck_assert_uint_eq(timer_next(hv), 2);
    timer_run(hv, 50);
    ck_assert_uint_gt(timer_next(hv), 50);
    timer_run(hv, 1000);
    ck_assert_uint_eq(fired_count, count - 2);
    for (size_t i = 1; i < fired_count; i++)
        ck_assert_uint_gt(fired[i], fired[i - 1]);
    ck_assert_uint_eq(timer_next(hv), HYPERVISOR_FOREVER);
    free(hv->timers);
    free(hv);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("timer");
    TCase *c = tcase_create("timer");
    SRunner *r;
    int failed;

    tcase_add_test(c, timers);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
