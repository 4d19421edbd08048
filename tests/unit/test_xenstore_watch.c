/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's watches: which fire, in which order, for whom, and what becomes of events that nobody
 * takes.
 */
#include "xenstore_client.h"

#include <stdio.h>
#include <string.h>

static void start(void)
{
    store_start();
    for (unsigned int i = 1; i <= 2; i++) {
        char path[64];

        snprintf(path, sizeof(path), "/local/domain/%u|", i);
        is(0, 0, XS_MKDIR, path, "OK|");
        client_start(i);
        snprintf(path, sizeof(path), "/local/domain/%u|n%u|", i, i);
        is(0, 0, XS_SET_PERMS, path, "OK|");
    }
    is(0, 0, XS_WRITE, "/all|", "OK|");
    is(0, 0, XS_SET_PERMS, "/all|b0|", "OK|");
}

START_TEST(test_add_and_remove)
{
    is(1, 0, XS_WATCH, "a|t|", "OK|");
    events_are(1, "a|t|");
    is(1, 0, XS_WATCH, "a|t|", "!EEXIST");
    is(1, 0, XS_WATCH, "/local/domain/1/a|t|", "!EEXIST");
    is(1, 0, XS_WATCH, "a|u|", "OK|");
    is(1, 0, XS_WATCH, "/local/domain/1/a|v|", "OK|");
    events_are(1, "a|u|/local/domain/1/a|v|");
    is(1, 0, XS_WATCH, "|t|", "!EINVAL");
    is(1, 0, XS_WATCH, "a b|t|", "!EINVAL");
    is(1, 0, XS_WATCH, "a|", "!EINVAL");
    is(1, 0, XS_WATCH, "a|t", "!EINVAL");
    is(1, 0, XS_WATCH, "a|t|0|", "!EINVAL");
    is(1, 0, XS_WATCH, "a||", "OK|");
    events_are(1, "a||");
    is(1, 0, XS_UNWATCH, "a|", "!EINVAL");
    is(1, 0, XS_UNWATCH, "a|w|", "!ENOENT");
    is(1, 0, XS_UNWATCH, "b|t|", "!ENOENT");
    is(1, 0, XS_UNWATCH, "/local/domain/1/a|t|", "OK|");
    is(1, 0, XS_UNWATCH, "a|t|", "!ENOENT");
    is(2, 0, XS_UNWATCH, "/local/domain/1/a|u|", "!ENOENT");
    is(1, 0, XS_WRITE, "a|", "OK|");
    events_are(1, "a|u|/local/domain/1/a|v|a||");
    is(1, 0, XS_RESET_WATCHES, "|", "OK|");
    is(1, 0, XS_WRITE, "a|", "OK|");
    events_are(1, "");
    ck_assert_uint_eq(store->watched.count, 0);
}
END_TEST

START_TEST(test_matching)
{
    is(0, 0, XS_WATCH, "/|root|", "OK|");
    is(0, 0, XS_WATCH, "/all|a|", "OK|");
    is(0, 0, XS_WATCH, "/all/b|b|", "OK|");
    is(0, 0, XS_WATCH, "/all/b/c|c|", "OK|");
    events_are(0, "/|root|/all|a|/all/b|b|/all/b/c|c|");
    is(0, 0, XS_WRITE, "/all/b|1", "OK|");
    events_are(0, "/all/b|root|/all/b|a|/all/b|b|");
    is(0, 0, XS_WRITE, "/all/bb|1", "OK|");
    events_are(0, "/all/bb|root|/all/bb|a|");
    is(0, 0, XS_WRITE, "/|1", "OK|");
    events_are(0, "/|root|");
    is(0, 0, XS_WRITE, "/all/b/c/d|1", "OK|");
    events_are(0, "/all/b/c/d|root|/all/b/c/d|a|/all/b/c/d|b|/all/b/c/d|c|");
    /* What is removed with its parent fires for those who watch just that. */
    is(0, 0, XS_RM, "/all/b|", "OK|");
    events_are(0, "/all/b/c|c|/all/b|root|/all/b|a|/all/b|b|");
    is(0, 0, XS_RM, "/all/b|", "OK|");
    is(0, 0, XS_MKDIR, "/all|", "OK|");
    events_are(0, "");
    is(0, 0, XS_SET_PERMS, "/all|n0|", "OK|");
    events_are(0, "/all|root|/all|a|");
}
END_TEST

START_TEST(test_many)
{
    char text[64];

    for (int i = 39; i >= 0; i--) {
        snprintf(text, sizeof(text), "/all|%d|", i);
        is(0, 0, XS_WATCH, text, "OK|");
    }
    events(0);
    is(0, 0, XS_WRITE, "/all/x|", "OK|");
    ck_assert(strncmp(events(0), "/all/x|39|/all/x|38|", 20) == 0);
}
END_TEST

START_TEST(test_relative)
{
    is(1, 0, XS_WATCH, "a|t|", "OK|");
    is(1, 0, XS_WRITE, "a/b|", "OK|");
    is(1, 0, XS_WRITE, "ab|", "OK|");
    is(0, 0, XS_WRITE, "/local/domain/1/a|", "OK|");
    events_are(1, "a|t|a/b|t|a|t|");
    is(0, 0, XS_WATCH, "x|t|", "OK|");
    is(0, 0, XS_WRITE, "x/y|", "OK|");
    events_are(0, "x|t|x/y|t|");
}
END_TEST

START_TEST(test_permissions)
{
    is(1, 0, XS_WRITE, "a|1", "OK|");
    is(2, 0, XS_WATCH, "/local/domain/1/a|t|", "OK|");
    events_are(2, "/local/domain/1/a|t|");
    is(1, 0, XS_WRITE, "a|2", "OK|");
    events_are(2, "");
    is(1, 0, XS_SET_PERMS, "a|n1|r2|", "OK|");
    events_are(2, "/local/domain/1/a|t|");
    /* Its parent is readable, so it may know. */
    is(1, 0, XS_WRITE, "a/b|1", "OK|");
    events_are(2, "/local/domain/1/a/b|t|");
    is(1, 0, XS_SET_PERMS, "a/b|n1|", "OK|");
    events_are(2, "/local/domain/1/a/b|t|");
    is(1, 0, XS_WRITE, "a/b|1", "OK|");
    events_are(2, "/local/domain/1/a/b|t|");
    is(1, 0, XS_RM, "a/b|", "OK|");
    events_are(2, "/local/domain/1/a/b|t|");
    /* Losing the right is told. */
    is(1, 0, XS_SET_PERMS, "a|n1|", "OK|");
    events_are(2, "/local/domain/1/a|t|");
    is(1, 0, XS_RM, "a|", "OK|");
    events_are(2, "");
}
END_TEST

START_TEST(test_transactions)
{
    uint32_t t = begin_transaction(1);

    is(1, 0, XS_WATCH, "a|t|", "OK|");
    is(0, 0, XS_WATCH, "/local/domain/1|0|", "OK|");
    events_are(1, "a|t|");
    events_are(0, "/local/domain/1|0|");
    is(1, t, XS_WRITE, "a/b|1", "OK|");
    is(1, t, XS_WRITE, "a/c|1", "OK|");
    is(1, t, XS_WRITE, "a/b|2", "OK|");
    is(1, t, XS_WRITE, "a/d|1", "OK|");
    is(1, t, XS_RM, "a/d|", "OK|");
    events_are(1, "");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    events_are(1, "a/b|t|a/c|t|");
    events_are(0, "/local/domain/1/a/b|0|/local/domain/1/a/c|0|");
    t = begin_transaction(1);
    is(1, t, XS_WRITE, "a/b|2", "OK|");
    is(1, t, XS_TRANSACTION_END, "F|", "OK|");
    events_are(1, "");
    t = begin_transaction(1);
    is(1, 0, XS_WATCH, "a/b|deep|", "OK|");
    events_are(1, "a/b|deep|");
    is(1, t, XS_RM, "a|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    events_are(1, "a|t|a/b|deep|");
    /* Removed with its parent, then by itself: it fires for all. */
    is(1, 0, XS_WRITE, "a/b|1", "OK|");
    events(1);
    t = begin_transaction(1);
    is(1, t, XS_RM, "a|", "OK|");
    is(1, t, XS_WRITE, "a/b|1", "OK|");
    is(1, t, XS_RM, "a/b|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    events_are(1, "a|t|a/b|t|a/b|deep|");
}
END_TEST

START_TEST(test_special)
{
    is(0, 0, XS_WATCH, "@introduceDomain|i|", "OK|");
    is(0, 0, XS_WATCH, "@releaseDomain|r|", "OK|");
    is(0, 0, XS_WATCH, "@other|o|", "OK|");
    is(1, 0, XS_WATCH, "@introduceDomain|i|", "OK|");
    events_are(0, "@introduceDomain|i|@releaseDomain|r|@other|o|");
    events_are(1, "@introduceDomain|i|");
    client_start(3);
    events_are(0, "@introduceDomain|i|");
    ck_assert_int_eq(xenstore_introduce(store, 3, 2), 0);
    events_are(0, "");
    ck_assert_int_eq(xenstore_release(store, 3), 0);
    events_are(0, "@releaseDomain|r|");
    events_are(1, "");
}
END_TEST

/* One that does not take its events is told once of the same, but of each special event. */
START_TEST(test_duplicates)
{
    is(2, 0, XS_WATCH, "/all|t|", "OK|");
    is(0, 0, XS_SET_PERMS, "@introduceDomain|n0|r2|", "OK|");
    is(2, 0, XS_WATCH, "@introduceDomain|i|", "OK|");
    events(2);
    fake.domains[2].lazy = true;
    for (int i = 0; i < 200; i++)
        is(1, 0, XS_WRITE, "/all/x|1", "OK|");
    for (unsigned int i = 3; i < 6; i++)
        client_start(i);
    fake.domains[2].lazy = false;
    ck_assert_ptr_nonnull(strstr(events(2), "@introduceDomain|i|@introduceDomain|i|"));
}
END_TEST

/* Who causes events that are not taken has to wait; after a while they are forgotten. */
START_TEST(test_outstanding)
{
    char path[64], bytes[256];
    int i;

    is(2, 0, XS_WATCH, "/all|t|", "OK|");
    events(2);
    fake.domains[2].lazy = true;
    for (i = 0; i < 200; i++) {
        const char *answer;

        snprintf(path, sizeof(path), "/all/some-very-long-name-that-fills-the-ring-%d|1", i);
        answer = ask(1, 0, XS_WRITE, path);
        if (strcmp(answer, "nothing") == 0)
            break;
        ck_assert_str_eq(answer, "OK|");
    }
    /* Some are in the ring, the quota allows 20 more. */
    ck_assert_int_gt(i, 20);
    ck_assert_int_lt(i, 40);
    ck_assert_ptr_null(client_answer(1));
    ck_assert_int_eq(store->domains[1]->outstanding, 20);
    ck_assert_uint_eq(xenstore_deadline(store), fake.time + 20000000000);
    fake.time += 19999999999;
    xenstore_tick(store);
    ck_assert_ptr_null(client_answer(1));
    fake.time += 1;
    xenstore_tick(store);
    ck_assert_str_eq(client_answer(1), "OK|");
    /* That made another. */
    ck_assert_uint_eq(xenstore_deadline(store), fake.time + 20000000000);
    fake.domains[2].lazy = false;
    ck_assert_ptr_nonnull(strstr(events(2), "/all/some-very-long-name-that-fills-the-ring-0|t|"));
    ck_assert_int_eq(store->domains[1]->outstanding, 0);
    ck_assert_uint_eq(xenstore_deadline(store), XENSTORE_FOREVER);
    /* If the other takes them it goes on, and if it ends. */
    for (int round = 0; round < 2; round++) {
        fake.domains[2].lazy = true;
        for (i = 0; i < 60; i++) {
            snprintf(path, sizeof(path), "/all/some-very-long-name-that-fills-the-ring-%d|1", i);
            if (strcmp(ask(1, 0, XS_WRITE, path), "nothing") == 0)
                break;
        }
        ck_assert_int_lt(i, 60);
        fake.domains[2].lazy = false;
        if (round == 0)
            events(2);
        else
            is(0, 0, XS_RELEASE, "2|", "OK|");
        ck_assert_str_eq(client_answer(1), "OK|");
    }
    /* And if it goes itself */
    client_start(2);
    is(2, 0, XS_WATCH, "/all|t|", "OK|");
    events(2);
    fake.domains[2].lazy = true;
    client_put(1, bytes, client_message(bytes, XS_WRITE, 1, 0, "/all/x|1"));
    xenstore_ring_serve(store, 1);
    ck_assert_str_eq(client_answer(1), "OK|");
    for (i = 0; i < 30; i++) {
        snprintf(path, sizeof(path), "/all/some-very-long-name-that-fills-the-ring-%d|1", i);
        ask(1, 0, XS_WRITE, path);
    }
    is(0, 0, XS_RELEASE, "1|", "OK|");
    fake.domains[2].lazy = false;
    ck_assert_ptr_nonnull(strstr(events(2), "/all/x|t|"));
}
END_TEST

/* Who asks for events and does not read them is dropped, whoever makes them. */
static void unread(bool by_itself)
{
    char path[64];
    unsigned int i;

    is(0, 0, XS_WATCH, "/all|t|", "OK|");
    is(1, 0, XS_WATCH, "/all|t|", "OK|");
    fake.local_room = 0;
    for (i = 0; i < 100000 && !fake.local_closed; i++) {
        snprintf(path, sizeof(path), by_itself ? "/all/%06u|" : "/all/%06u", i);
        if (by_itself)
            ask(0, 0, XS_MKDIR, path);
        else
            ck_assert_int_eq(xenstore_mkdir(store, NULL, path), 0);
        events(1);
    }
    ck_assert(fake.local_closed);
    ck_assert_uint_gt(i, 1000);
    /* Others do not notice. */
    is(1, 0, XS_UNWATCH, "/all|t|", "OK|");
}

START_TEST(test_unread) { unread(false); }
END_TEST
START_TEST(test_unread_own) { unread(true); }
END_TEST

int main(void)
{
    Suite *suite = suite_create("xenstore_watch");
    TCase *tc = tcase_create("watches");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, start, store_stop);
    tcase_add_test(tc, test_add_and_remove);
    tcase_add_test(tc, test_matching);
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_relative);
    tcase_add_test(tc, test_permissions);
    tcase_add_test(tc, test_transactions);
    tcase_add_test(tc, test_special);
    tcase_add_test(tc, test_duplicates);
    tcase_add_test(tc, test_outstanding);
    tcase_add_test(tc, test_unread);
    tcase_add_test(tc, test_unread_own);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
