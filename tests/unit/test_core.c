/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The guest's runs of free frames and its formatting, each on its own: a frame that is given out
 * twice, a run that is lost when the table moves, a number that is cut.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.c"
#include "core/frame.c"

static char printed[600];
static bool out_of_memory;
static char pool[1 << 20] __attribute__((aligned(4096))); /* none comes back */
static size_t pool_used;

void console_write(enum console_stream stream, const void *buf, size_t len)
{
    ck_assert_int_eq(stream, CONSOLE_ERR);
    memcpy(printed, buf, len);
    printed[len] = '\0';
}

void domain_panic(const char *fmt, ...)
{
    ck_abort_msg("panic: %s", fmt);
    abort();
}

void *memory_pages(size_t len, enum memory_access access)
{
    ck_assert_int_eq(access, MEMORY_WRITE);
    if (out_of_memory)
        return NULL;
    ck_assert_uint_le(pool_used + len, sizeof(pool));
    pool_used += len;
    return pool + pool_used - len;
}

START_TEST(formats)
{
    char text[64];

    format(text, sizeof(text), "%c|%s|%d|%5u|%04x|%p|%%|%zu", 'c', "text", -7, 42U, 0xabU,
           (void *)0x1234, (size_t)9);
    ck_assert_str_eq(text, "c|text|-7|00042|00ab|0x1234|%|9");
    ck_assert_uint_eq(format(text, 4, "%s", "longer"), 3);
    ck_assert_str_eq(text, "lon");
    format(text, sizeof(text), "%ld %lu", INT64_MIN, ~0UL);
    ck_assert_str_eq(text, "-9223372036854775808 18446744073709551615");
    ck_assert_uint_eq(format(NULL, 0, "x"), 0);
    console_printf("%s %d", "line", 1);
    ck_assert_str_eq(printed, "line 1");
}
END_TEST

START_TEST(frames)
{
    pfn_t first;

    ck_assert_uint_eq(frame_take(1, &first), 0);
    /* Every second one: no two join, and the table has to move, more than once. */
    for (pfn_t pfn = 0; pfn < 2000; pfn += 2) {
        out_of_memory = pfn == 496;
        frame_give(pfn, 1);
    }
    ck_assert_uint_eq(frame_free_count(), 1000);
    ck_assert_uint_eq(frame_take(5, &first), 1); /* what there is, if not that many in a row */
    frame_give(first, 1);
    frame_give(2001, 3); /* apart from 1998 */
    frame_give(1999, 2); /* joins both */
    ck_assert_uint_eq(frame_take(5, &first), 5);
    ck_assert_uint_eq(first, 1998);
    frame_give(1998, 5);
    frame_give(3001, 1);
    frame_give(3000, 1); /* the one before another */
    ck_assert_uint_eq(frame_take(2, &first), 2);
    frame_give(first, 2);
    for (pfn_t pfn = 1; pfn < 1998; pfn += 2)
        frame_give(pfn, 1);
    /* All in one run again, which nothing is missing from. */
    ck_assert_uint_eq(frame_free_count(), frame_take(2006, &first) + frame_free_count());
    ck_assert_uint_eq(frame_take(100, &first) + frame_take(100, &first), 2);
    ck_assert_uint_eq(frame_free_count(), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core");
    TCase *c = tcase_create("core");
    SRunner *r;
    int failed;

    tcase_add_test(c, formats);
    tcase_add_test(c, frames);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
