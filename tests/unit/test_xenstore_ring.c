/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's connections: rings whose domains do wrong, messages in pieces, local clients, and the
 * tree that a toolstack makes.
 */
#include "xenstore_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char bytes[8192];

static void start(void)
{
    store_start();
    for (unsigned int i = 1; i <= 2; i++) {
        char path[64];

        client_start(i);
        snprintf(path, sizeof(path), "/local/domain/%u|", i);
        is(0, 0, XS_MKDIR, path, "OK|");
        snprintf(path, sizeof(path), "/local/domain/%u|n%u|", i, i);
        is(0, 0, XS_SET_PERMS, path, "OK|");
    }
}

/* ---- rings ---- */

START_TEST(test_pieces)
{
    size_t len = client_message(bytes, XS_WRITE, 7, 0, "a|value");

    for (size_t i = 0; i < len; i++) {
        ck_assert_ptr_null(client_answer(1));
        client_put(1, bytes + i, 1);
        xenstore_ring_serve(store, 1);
    }
    ck_assert_str_eq(client_answer(1), "OK|");
    is(1, 0, XS_READ, "a|", "value");
}
END_TEST

START_TEST(test_pipelined)
{
    size_t len = 0;
    unsigned int notified = fake.domains[1].notified;

    for (uint32_t i = 0; i < 15; i++)
        len += client_message(bytes + len, i % 2 ? XS_READ : XS_WRITE, i, 0, i % 2 ? "a|" : "a|x");
    /* Across the end of the ring */
    is(1, 0, XS_WRITE, "x|", "OK|");
    for (int turn = 0; turn < 10; turn++) {
        client_put(1, bytes, len);
        xenstore_ring_serve(store, 1);
        for (uint32_t i = 0; i < 15; i++)
            ck_assert_str_eq(client_answer(1), i % 2 ? "x" : "OK|");
        ck_assert_ptr_null(client_answer(1));
    }
    ck_assert_uint_gt(fake.domains[1].notified, notified);
    notified = fake.domains[1].notified;
    xenstore_ring_serve(store, 1);
    xenstore_ring_serve(store, 9);
    ck_assert_uint_eq(fake.domains[1].notified, notified);
    ck_assert_uint_gt(fake.traced, 0);
}
END_TEST

START_TEST(test_wrapping_indices)
{
    struct xenstore_domain_interface *p = &fake.domains[1].page;

    p->req_cons = p->req_prod = p->rsp_cons = p->rsp_prod = UINT32_MAX - 10;
    for (int i = 0; i < 100; i++)
        is(1, 0, XS_WRITE, "a|some value that is not short", "OK|");
    ck_assert_uint_lt(p->req_cons, 10000);
}
END_TEST

/* An answer larger than the ring, to one who takes it slowly */
START_TEST(test_large)
{
    char text[4000] = "a|";

    memset(text + 2, 'v', 1900);
    is(1, 0, XS_WRITE, text, "OK|");
    is(1, 0, XS_READ, "a|", text + 2);
    fake.domains[1].lazy = true;
    client_put(1, bytes, client_message(bytes, XS_READ, 1, 0, "a|"));
    client_put(1, bytes, client_message(bytes, XS_READ, 2, 0, "a|"));
    xenstore_ring_serve(store, 1);
    ck_assert_uint_eq(fake.domains[1].page.rsp_prod - fake.domains[1].page.rsp_cons, 1024);
    fake.domains[1].lazy = false;
    ck_assert_str_eq(client_answer(1), text + 2);
    ck_assert_str_eq(client_answer(1), text + 2);
}
END_TEST

START_TEST(test_longest)
{
    char text[5000] = "";

    memset(text, 'x', 4095);
    strcat(text, "|");
    is(1, 0, XS_GET_DOMAIN_PATH, text, "/local/domain/0|");
    text[2] = '|';
    is(0, 0, XS_WRITE, text, "OK|");
    is(0, 0, XS_READ, "/local/domain/0/xx|", text + 3);
}
END_TEST

static void is_ignored(unsigned int domid, uint32_t error)
{
    struct xenstore_domain_interface *p = &fake.domains[domid].page;
    XENSTORE_RING_IDX cons = p->req_cons;

    ck_assert_uint_eq(p->error, error);
    p->req_prod = cons;
    client_put(domid, bytes, client_message(bytes, XS_READ, 1, 0, "a|"));
    xenstore_ring_serve(store, domid);
    xenstore_tick(store);
    ck_assert_uint_eq(p->req_cons, cons);
    ck_assert_uint_eq(xenstore_deadline(store), XENSTORE_FOREVER);
    ck_assert(list_empty(&store->domains[domid]->connection->watches));
    ck_assert_uint_eq(store->transactions, 0);
    /* It harms no other; it can still be seen to end. */
    is(2, 0, XS_WRITE, "still|1", "OK|");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "1|", "T|");
    is(0, 0, XS_WATCH, "@releaseDomain|r|", "OK|");
    events(0);
    is(0, 0, XS_RELEASE, "1|", "OK|");
    events_are(0, "@releaseDomain|r|");
}

START_TEST(test_too_long)
{
    struct xsd_sockmsg header = {.type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1};

    begin_transaction(1);
    is(1, 0, XS_WATCH, "a|t|", "OK|");
    events(1);
    client_put(1, &header, sizeof(header));
    xenstore_ring_serve(store, 1);
    is_ignored(1, XENSTORE_ERROR_PROTO);
}
END_TEST

START_TEST(test_bad_request_index)
{
    struct xenstore_domain_interface *p = &fake.domains[1].page;

    client_put(1, bytes, 5); /* and while a message is being read */
    xenstore_ring_serve(store, 1);
    p->req_prod = p->req_cons + XENSTORE_RING_SIZE + 1;
    xenstore_ring_serve(store, 1);
    is_ignored(1, XENSTORE_ERROR_RINGIDX);
}
END_TEST

START_TEST(test_bad_body_index)
{
    struct xenstore_domain_interface *p = &fake.domains[1].page;
    size_t len = client_message(bytes, XS_READ, 1, 0, "abc|");

    client_put(1, bytes, len - 2);
    xenstore_ring_serve(store, 1);
    p->req_prod = p->req_cons - 1;
    xenstore_ring_serve(store, 1);
    is_ignored(1, XENSTORE_ERROR_RINGIDX);
}
END_TEST

START_TEST(test_bad_response_index)
{
    struct xenstore_domain_interface *p = &fake.domains[1].page;

    is(1, 0, XS_WATCH, "a|t|", "OK|");
    events(1);
    p->rsp_cons = p->rsp_prod + 1;
    client_put(1, bytes, client_message(bytes, XS_WRITE, 1, 0, "a|"));
    xenstore_ring_serve(store, 1);
    p->rsp_cons = p->rsp_prod;
    is_ignored(1, XENSTORE_ERROR_RINGIDX);
}
END_TEST

START_TEST(test_introduced_again)
{
    struct xenstore_domain_interface *p = &fake.domains[1].page;
    unsigned int notified;
    uint32_t t = begin_transaction(1);

    is(1, 0, XS_WATCH, "a|t|", "OK|");
    events(1);
    client_put(1, bytes, client_message(bytes, XS_READ, 1, 0, "abc|") - 3);
    xenstore_ring_serve(store, 1);
    p->connection = XENSTORE_RECONNECT;
    notified = fake.domains[1].notified;
    is(0, 0, XS_INTRODUCE, "1|0|9|", "OK|");
    ck_assert_uint_eq(p->connection, XENSTORE_CONNECTED);
    ck_assert_uint_eq(fake.domains[1].notified, notified + 1);
    ck_assert_uint_eq(p->req_prod | p->req_cons | p->rsp_prod | p->rsp_cons, 0);
    is(1, t, XS_READ, "a|", "!ENOENT");
    is(1, 0, XS_WRITE, "a|", "OK|");
    events_are(1, "");
    /* Its port is gone: nobody can be told. */
    fake.domains[1].no_port = true;
    p->connection = XENSTORE_RECONNECT;
    notified = fake.domains[1].notified;
    is(0, 0, XS_INTRODUCE, "1|0|9|", "OK|");
    client_put(1, bytes, client_message(bytes, XS_READ, 1, 0, "a|"));
    xenstore_ring_serve(store, 1);
    ck_assert_uint_eq(fake.domains[1].notified, notified);
    fake.domains[1].no_port = false;
    is(0, 0, XS_INTRODUCE, "1|0|9|", "OK|");
    is(1, 0, XS_READ, "a|", "");
}
END_TEST

/* ---- local clients ---- */

START_TEST(test_local)
{
    size_t len = client_message(bytes, XS_WRITE, 1, 0, "/a|1");

    len += client_message(bytes + len, XS_READ, 2, 0, "/a|");
    for (size_t i = 0; i < len; i++)
        xenstore_local_receive(fake.local, bytes + i, 1);
    ck_assert_str_eq(client_answer(0), "OK|");
    ck_assert_str_eq(client_answer(0), "1");
    xenstore_local_receive(fake.local, bytes, len);
    ck_assert_str_eq(client_answer(0), "OK|");
    ck_assert_str_eq(client_answer(0), "1");
    /* One that takes 10 bytes now and then */
    fake.local_room = 10;
    xenstore_local_receive(fake.local, bytes, len);
    ck_assert_ptr_null(client_answer(0));
    for (int i = 0; i < 3; i++) {
        fake.local_room = 10;
        xenstore_local_writable(fake.local);
    }
    fake.local_room = SIZE_MAX;
    xenstore_local_writable(fake.local);
    ck_assert_str_eq(client_answer(0), "OK|");
    ck_assert_str_eq(client_answer(0), "1");
    ck_assert_ptr_null(client_answer(0));
}
END_TEST

START_TEST(test_local_too_long)
{
    struct xsd_sockmsg header = {.type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1};

    xenstore_local_receive(fake.local, (const char *)&header, sizeof(header));
    ck_assert(fake.local_closed);
    is(1, 0, XS_WRITE, "still|1", "OK|");
}
END_TEST

START_TEST(test_own_requests)
{
    struct xenstore_transaction *t = xenstore_transaction_start(store);
    char value[16], long_path[4200];
    size_t len;

    ck_assert_int_eq(xenstore_printf(store, t, "/own/x", "%d-%s", 5, "y"), 0);
    ck_assert_int_eq(xenstore_read(store, NULL, "/own/x", value, sizeof(value), NULL), ENOENT);
    ck_assert_int_eq(xenstore_transaction_end(store, t, true), 0);
    ck_assert_int_eq(xenstore_read(store, NULL, "/own/x", value, sizeof(value), &len), 0);
    ck_assert_uint_eq(len, 3);
    ck_assert_str_eq(value, "5-y");
    memset(value, '#', sizeof(value));
    ck_assert_int_eq(xenstore_read(store, NULL, "/own/x", value, 2, &len), 0);
    ck_assert(memcmp(value, "5-#", 3) == 0 && len == 3);
    t = xenstore_transaction_start(store);
    ck_assert_int_eq(xenstore_rm(store, t, "/own"), 0);
    ck_assert_int_eq(xenstore_mkdir(store, t, "/other"), 0);
    ck_assert_int_eq(xenstore_transaction_end(store, t, false), 0);
    t = xenstore_transaction_start(store);
    ck_assert_int_eq(xenstore_mkdir(store, t, "/own/y"), 0);
    ck_assert_int_eq(xenstore_mkdir(store, NULL, "/own/z"), 0);
    ck_assert_int_eq(xenstore_transaction_end(store, t, true), EAGAIN);
    ck_assert_int_eq(xenstore_set_permissions(store, NULL, "/own", "n1 r2"), 0);
    is(0, 0, XS_GET_PERMS, "/own|", "n1|r2|");
    ck_assert_int_eq(xenstore_set_permissions(store, NULL, "/own", "x1"), EINVAL);
    memset(long_path, 'x', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    ck_assert_int_eq(xenstore_rm(store, NULL, long_path), E2BIG);
    ck_assert_int_eq(xenstore_printf(store, NULL, "/own", "%s", long_path), E2BIG);
    ck_assert_int_eq(xenstore_set_permissions(store, NULL, "/own", long_path), E2BIG);
    ck_assert_int_eq(xenstore_introduce(store, 9, 1), EINVAL);
}
END_TEST

/* ---- a toolstack ---- */

START_TEST(test_toolstack)
{
    static const char *const front[] = {"handle", "0", "mac", "00:16:3e:00:00:01", NULL};
    static const char *const back[] = {"frontend-id", "5", "state", "1", NULL};
    struct xenstore_domain_config c = {.domid = 5,
                                       .name = "five",
                                       .uuid = "01234567-89ab-cdef-0123-456789abcdef",
                                       .kernel = "/k",
                                       .ramdisk = "/r",
                                       .cmdline = "words",
                                       .max_memory = 64 << 20,
                                       .memory = 32 << 20,
                                       .max_vcpus = 2,
                                       .vcpus = 1,
                                       .store_port = 1,
                                       .console_port = 2,
                                       .store_mfn = 77,
                                       .console_mfn = 78,
                                       .start_time = 1234567890123000000};
    struct xenstore_device d = {.domid = 5,
                                .devid = 3,
                                .backend_domid = 0,
                                .kind = "vif",
                                .backend_kind = "vif",
                                .front = front,
                                .back = back};

    ck_assert_int_eq(xenstore_toolstack_start(store), 0);
    is(0, 0, XS_READ, "name|", "Domain-0");
    is(1, 0, XS_WRITE, "/rendezvous/here|1", "OK|");
    is(2, 0, XS_READ, "/rendezvous/here|", "1");
    fake.domains[5].state = XENSTORE_DOMAIN_RUNNING;
    ck_assert_int_eq(xenstore_toolstack_create(store, &c), 0);
    ck_assert_int_eq(xenstore_toolstack_add_device(store, &d), 0);
    is(5, 0, XS_READ, "name|", "five");
    is(5, 0, XS_READ, "memory/target|", "32768");
    is(5, 0, XS_READ, "memory/static-max|", "65536");
    is(5, 0, XS_DIRECTORY, "cpu|", "0|1|");
    is(5, 0, XS_READ, "cpu/1/availability|", "offline");
    is(5, 0, XS_WRITE, "cpu/1/availability|online", "!EACCES");
    is(5, 0, XS_WRITE, "data/x|1", "OK|");
    is(5, 0, XS_READ, "console/ring-ref|", "78");
    is(5, 0, XS_READ, "device/vif/3/mac|", "00:16:3e:00:00:01");
    is(5, 0, XS_WRITE, "device/vif/3/state|4", "OK|");
    is(5, 0, XS_READ, "device/vif/3/backend|", "/local/domain/0/backend/vif/5/3");
    is(5, 0, XS_READ, "/local/domain/0/backend/vif/5/3/state|", "1");
    is(5, 0, XS_WRITE, "/local/domain/0/backend/vif/5/3/state|4", "!EACCES");
    is(0, 0, XS_READ, "/vm/01234567-89ab-cdef-0123-456789abcdef/start_time|", "1234567890.12");
    is(0, 0, XS_READ, "/vm/01234567-89ab-cdef-0123-456789abcdef/image/cmdline|", "words");
    is(0, 0, XS_READ, "/libxl/5/device/vif/3/frontend|", "/local/domain/5/device/vif/3");
    /* A device whose other end is nobody's is not made, in no part. */
    d.devid = 4;
    d.backend_domid = 9;
    ck_assert_int_eq(xenstore_toolstack_add_device(store, &d), ENOENT);
    is(5, 0, XS_DIRECTORY, "device/vif|", "3|");
    is(0, 0, XS_DIRECTORY, "/libxl/5/device/vif|", "3|");
    /* Names */
    ck_assert_int_eq(xenstore_toolstack_rename(store, 5, "Domain-0"), EEXIST);
    ck_assert_int_eq(xenstore_toolstack_rename(store, 5, "five"), 0);
    ck_assert_int_eq(xenstore_toolstack_rename(store, 5, "cinq"), 0);
    ck_assert_int_eq(xenstore_toolstack_rename(store, 6, "six"), ENOENT);
    is(0, 0, XS_READ, "/vm/01234567-89ab-cdef-0123-456789abcdef/name|", "cinq");
    c.domid = 6;
    c.name = "cinq";
    ck_assert_int_eq(xenstore_toolstack_create(store, &c), EEXIST);
    /* Shutting down */
    is(5, 0, XS_WATCH, "control/shutdown|s|", "OK|");
    events(5);
    ck_assert_int_eq(xenstore_toolstack_shutdown(store, 5, "poweroff"), 0);
    events_are(5, "control/shutdown|s|");
    is(5, 0, XS_READ, "control/shutdown|", "poweroff");
    is(5, 0, XS_WRITE, "control/shutdown|", "OK|");
    ck_assert_int_eq(xenstore_toolstack_shutdown(store, 6, "poweroff"), ENOENT);
    /* All of it goes. */
    xenstore_toolstack_destroy(store, 5);
    ck_assert_int_eq(xenstore_release(store, 5), 0);
    is(0, 0, XS_DIRECTORY, "/local/domain/0|", "domid|name|");
    is(0, 0, XS_READ, "/local/domain/5|", "!ENOENT");
    is(0, 0, XS_DIRECTORY, "/libxl|", "");
    is(0, 0, XS_DIRECTORY, "/vm|", "");
    xenstore_toolstack_destroy(store, 5);
    /* One that is not there cannot own nodes, and leaves nothing. */
    c.name = "";
    c.domid = 7;
    c.ramdisk = c.cmdline = NULL;
    ck_assert_int_eq(xenstore_toolstack_create(store, &c), ENOENT);
    is(0, 0, XS_READ, "/local/domain/7|", "!ENOENT");
    is(0, 0, XS_CONTROL, "check|", "OK|");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xenstore_ring");
    TCase *tc = tcase_create("connections");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, start, store_stop);
    tcase_add_test(tc, test_pieces);
    tcase_add_test(tc, test_pipelined);
    tcase_add_test(tc, test_wrapping_indices);
    tcase_add_test(tc, test_large);
    tcase_add_test(tc, test_longest);
    tcase_add_test(tc, test_too_long);
    tcase_add_test(tc, test_bad_request_index);
    tcase_add_test(tc, test_bad_body_index);
    tcase_add_test(tc, test_bad_response_index);
    tcase_add_test(tc, test_introduced_again);
    tcase_add_test(tc, test_local);
    tcase_add_test(tc, test_local_too_long);
    tcase_add_test(tc, test_own_requests);
    tcase_add_test(tc, test_toolstack);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
