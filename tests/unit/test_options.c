/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HALVM='...': a typing error that is taken for something else, or reported without a name.
 */
#include "sim.h"

#include <check.h>
#include <string.h>

static struct sim_options o;
static char message[512];

static bool parse(const char *text)
{
    message[0] = '\0';
    return options_parse(text, &o, message, sizeof(message));
}

START_TEST(test_good)
{
    ck_assert(parse(NULL));
    ck_assert_uint_eq(o.memory, 256UL << 20);
    ck_assert_str_eq(o.ramdisk, "");
    ck_assert(parse(" memory=64\tramdisk='a b'\"c\"  loglvl=all hardware_domain=1 maxmem=65\n"));
    ck_assert_uint_eq(o.memory, 64UL << 20);
    ck_assert_uint_eq(o.max_memory, 65UL << 20);
    ck_assert_str_eq(o.ramdisk, "a bc");
    ck_assert_int_eq(o.log_level, HYPERVISOR_LOG_DEBUG);
    ck_assert(o.hardware_domain);
    ck_assert_uint_eq(o.vcpus, 1);
    ck_assert(parse("hardware_domain=0 loglvl=none vcpus=32"));
    ck_assert_uint_eq(o.vcpus, 32);
    ck_assert(!o.hardware_domain);
    ck_assert(parse("time=virtual seed=0x10"));
    ck_assert(o.virtual_time);
    ck_assert_uint_eq(o.seed, 16);
    ck_assert(parse("time=real"));
    ck_assert(!o.virtual_time);
}
END_TEST

START_TEST(test_bad)
{
    static const char *const cases[][2] = {
        {"time=unreal", "time=unreal: must be real or virtual"},
        {"seed=0", "seed=0: not a number from 1 to 2^64 - 1"},
        {"seed=-2", "seed=-2: not a number from 1 to 2^64 - 1"},
        {"memroy=3", "unknown key \"memroy\"; did you mean \"memory\"?"},
        {"ram_disk=3", "unknown key \"ram_disk\"; did you mean \"ramdisk\"?"},
        {"zzzzzzzz=3",
         "unknown key \"zzzzzzzz\"; known are memory, maxmem, vcpus, ramdisk, loglvl, "
         "hardware_domain, time, seed, trace"},
        {"memory=abc", "memory=abc: not a whole number"},
        {"memory=1.5", "memory=1.5: not a whole number"},
        {"memory=-5", "memory=-5: not a whole number"},
        {"memory=", "memory=: not a whole number"},
        {"memory=7", "memory=7: at least 8 MiB are needed"},
        {"memory=65537", "memory=65537: at most 65536 MiB are possible"},
        {"maxmem=9 memory=10", "maxmem is less than memory"},
        {"memory", "\"memory\" is not key=value"},
        {"ramdisk=\"a", "a quote is not closed in \"ramdisk=a\""},
        {"loglvl=loud", "loglvl=loud: must be none, error, warning, info, debug or all"},
        {"hardware_domain=2", "hardware_domain=2: must be 0 or 1"},
        {"vcpus=0", "vcpus=0: must be from 1 to 32"},
        {"vcpus=33", "vcpus=33: must be from 1 to 32"},
        {"vcpus=two", "vcpus=two: not a whole number"},
        {"hardware_domain=x", "hardware_domain=x: not a whole number"},
    };
    char text[6000] = "ramdisk=";

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert(!parse(cases[i][0]));
        ck_assert_str_eq(message, cases[i][1]);
    }
    memset(text + 8, 'x', 5000);
    ck_assert(!parse(text));
    memset(text, 'k', 5000);
    text[100] = '=';
    ck_assert(!parse(text));
}
END_TEST

START_TEST(test_command_line)
{
    char *argv[] = {"prog", "", "a b", "q\"'\\", "e", NULL};
    char out[32];

    ck_assert(options_command_line(5, argv, out, sizeof(out)));
    ck_assert_str_eq(out, "prog \\e a\\ b q\\\"\\'\\\\ e");
    for (size_t size = 0; size < strlen("prog \\e a\\ b q\\\"\\'\\\\ e"); size++)
        ck_assert(!options_command_line(5, argv, out, size));
}
END_TEST

START_TEST(test_clock)
{
    struct sim_clock c = {0};
    struct hypervisor_clock a, b;

    clock_start(&c);
    clock_read(&c, &a);
    for (int i = 0; i < 1000; i++) {
        clock_read(&c, &b);
        ck_assert_uint_ge(b.system_time, a.system_time);
        ck_assert_uint_ge(b.tsc_timestamp, a.tsc_timestamp);
        a = b;
    }
    ck_assert_uint_gt(b.tsc_to_system_mul, 0);
}
END_TEST

START_TEST(test_symbol)
{
    char name[100];

    symbol_name(SYMBOL_SELF, (uint64_t)(uintptr_t)clock_start, name, sizeof(name));
    /* A position independent test has other addresses than its file. */
    ck_assert(!strcmp(name, "clock_start+0x0") || strlen(name));
    symbol_name(SYMBOL_SELF, 1, name, sizeof(name));
    ck_assert_str_eq(name, "?");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_good);
    tcase_add_test(t, test_bad);
    tcase_add_test(t, test_command_line);
    tcase_add_test(t, test_clock);
    tcase_add_test(t, test_symbol);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
