/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The guest's client of XenStore against a store that does what this test wants: answers in any
 * order and in any parts, events between them, a ring that is left over or broken. It would catch
 * an answer given to the wrong request, a message cut where the ring ends, and a wait for what
 * cannot come.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/format.c"
#include "core/xenstore.c"
#include "core/xenstore_call.c"

#define PORT 7U

static struct xenstore_domain_interface ring;
static start_info_t start = {.store_mfn = 1, .store_evtchn = PORT};
static bool initial, unbound, registered;
static unsigned int notified;

/* What the store does when the guest waits. */
static void (*store_turn)(void);

/* What it has been sent */
static char got[65536];
static size_t got_len;

/* ---- what the runtime has else ---- */

const start_info_t *domain_start_info(void) { return &start; }

bool domain_is_initial(void) { return initial; }

void *memory_initial_page(uint64_t mfn)
{
    ck_assert_uint_eq(mfn, 1);
    return &ring;
}

void console_write(enum console_stream stream, const void *buf, size_t len)
{
    (void)stream, (void)buf, (void)len;
}

void domain_panic(const char *fmt, ...)
{
    ck_abort_msg("panic: %s", fmt);
    abort();
}

long hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
               unsigned long a4, unsigned long a5)
{
    evtchn_status_t *status = (evtchn_status_t *)a2;

    (void)a3, (void)a4, (void)a5;
    ck_assert_uint_eq(op, __HYPERVISOR_event_channel_op);
    ck_assert_uint_eq(a1, EVTCHNOP_status);
    ck_assert_uint_eq(status->port, PORT);
    status->status = unbound ? EVTCHNSTAT_unbound : EVTCHNSTAT_interdomain;
    return 0;
}

int event_register(evtchn_port_t port, event_handler *handler, void *arg)
{
    ck_assert_uint_eq(port, PORT);
    ck_assert_ptr_eq(handler, store_event);
    ck_assert_ptr_null(arg);
    registered = true;
    return 0;
}

void event_unregister(evtchn_port_t port)
{
    ck_assert_uint_eq(port, PORT);
    registered = false;
}

int event_send(evtchn_port_t port)
{
    ck_assert_uint_eq(port, PORT);
    notified++;
    return 0;
}

bool event_wait(uint64_t deadline)
{
    ck_assert_uint_eq(deadline, EVENT_FOREVER);
    ck_assert_msg(store_turn != NULL, "the guest waits for ever");
    store_turn();
    if (registered)
        store_event(PORT, NULL);
    return true;
}

/* ---- the store ---- */

static void take_requests(void)
{
    while (ring.req_cons != ring.req_prod)
        got[got_len++] = ring.req[MASK_XENSTORE_IDX(ring.req_cons++)];
}

/* Room for it there must be. */
static void answer_bytes(const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ck_assert_uint_lt((uint32_t)(ring.rsp_prod - ring.rsp_cons), XENSTORE_RING_SIZE);
        ring.rsp[MASK_XENSTORE_IDX(ring.rsp_prod++)] = ((const char *)bytes)[i];
    }
}

static size_t compose(char *out, uint32_t type, uint32_t id, const char *payload, size_t len)
{
    struct xsd_sockmsg h = {.type = type, .req_id = id, .len = (uint32_t)len};

    memcpy(out, &h, sizeof(h));
    memcpy(out + sizeof(h), payload, len);
    return sizeof(h) + len;
}

static void answer(uint32_t type, uint32_t id, const char *payload, size_t len)
{
    char bytes[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];

    answer_bytes(bytes, compose(bytes, type, id, payload, len));
}

static void event(const char *payload, size_t len) { answer(XS_WATCH_EVENT, 0, payload, len); }

#define TEXT(s) s, sizeof(s)

/* The next request that has been sent; its payload goes to PAYLOAD. */
static struct xsd_sockmsg next_request(char *payload)
{
    struct xsd_sockmsg h;

    take_requests();
    ck_assert_uint_ge(got_len, sizeof(h));
    memcpy(&h, got, sizeof(h));
    ck_assert_uint_ge(got_len, sizeof(h) + h.len);
    memcpy(payload, got + sizeof(h), h.len);
    payload[h.len] = '\0';
    got_len -= sizeof(h) + h.len;
    memmove(got, got + sizeof(h) + h.len, got_len);
    return h;
}

static void send_ok(struct xenstore_request *r, const char *path)
{
    ck_assert_int_eq(xenstore_send(r, XS_READ, 0, path, strlen(path) + 1), 0);
}

static void finished(struct xenstore_request *r, int error, const char *data)
{
    ck_assert(r->done);
    ck_assert_int_eq(r->error, error);
    if (data)
        ck_assert_str_eq(r->data, data);
    else
        ck_assert_ptr_null(r->data);
    free(r->data);
}

/* ---- the tests ---- */

START_TEST(absent)
{
    struct xenstore_request r = {0};

    if (_i == 0)
        initial = true;
    else if (_i == 1)
        unbound = true;
    else
        start.store_evtchn = 0;
    ck_assert_int_eq(xenstore_send(&r, XS_READ, 0, "", 1), -XEN_ENXIO);
    ck_assert_int_eq(xenstore_send(&r, XS_READ, 0, "", 1), -XEN_ENXIO);
    ck_assert_int_eq(xenstore_call(XS_READ, 0, "", 1, NULL, NULL), -XEN_ENXIO);
    ck_assert(!r.done && !registered && !xenstore_is_alive());
    ck_assert_uint_eq(notified, 0);
}
END_TEST

START_TEST(order)
{
    struct xenstore_request r[3] = {{0}};
    char payload[32];

    for (uint32_t i = 0; i < 3; i++)
        send_ok(&r[i], i == 1 ? "second" : "other");
    ck_assert_uint_eq(notified, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(next_request(payload).req_id, i + 1);
    answer(XS_READ, 3, "c", 1);
    answer(XS_ERROR, 2, TEXT("ENOENT"));
    answer(XS_READ, 77, "nobody's", 8);
    store_event(PORT, NULL);
    ck_assert(!r[0].done);
    finished(&r[1], -XEN_ENOENT, NULL);
    finished(&r[2], 0, "c");
    ck_assert_uint_eq(r[2].len, 1);
    answer(XS_READ, 1, "", 0);
    store_event(PORT, NULL);
    finished(&r[0], 0, "");
    ck_assert(xenstore_is_alive());
}
END_TEST

/* Each byte for itself, where the ring begins anew. */
START_TEST(parts)
{
    struct xenstore_request r = {0};
    char bytes[64], payload[32];
    size_t len;

    ring.rsp_prod = ring.rsp_cons = ring.req_prod = ring.req_cons = (XENSTORE_RING_IDX)0xfffffff8;
    send_ok(&r, "path");
    ck_assert_uint_eq(next_request(payload).len, 5);
    ck_assert_str_eq(payload, "path");
    len = compose(bytes, XS_READ, 1, "value", 5);
    for (size_t i = 0; i < len; i++) {
        ck_assert(!r.done);
        answer_bytes(bytes + i, 1);
        store_event(PORT, NULL);
    }
    finished(&r, 0, "value");
}
END_TEST

static void slow_store(void)
{
    take_requests();
    store_turn = NULL;
    answer(XS_WRITE, 1, TEXT("OK"));
}

static void first_part(void)
{
    take_requests();
    store_turn = slow_store;
}

/* It does not fit into the ring; the next one waits behind it. */
START_TEST(long_request)
{
    static char value[1500];
    struct xenstore_request r = {0};
    char payload[XENSTORE_PAYLOAD_MAX + 1];

    memset(value, 'v', sizeof(value));
    store_turn = first_part;
    ck_assert_int_eq(xenstore_write(0, "path", value, sizeof(value)), 0);
    ck_assert_uint_eq(next_request(payload).len, 1505);
    ck_assert_int_eq(memcmp(payload, "path", 5), 0);
    ck_assert_int_eq(memcmp(payload + 5, value, sizeof(value)), 0);
    ck_assert_int_eq(xenstore_write(0, "p", payload, XENSTORE_PAYLOAD_MAX - 1), -XEN_E2BIG);
    ck_assert_int_eq(xenstore_send(&r, XS_READ, 0, payload, XENSTORE_PAYLOAD_MAX + 1), -XEN_E2BIG);
}
END_TEST

START_TEST(errors)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {{"EINVAL", XEN_EINVAL}, {"EACCES", XEN_EACCES},   {"EEXIST", XEN_EEXIST},
                 {"EISDIR", XEN_EISDIR}, {"ENOENT", XEN_ENOENT},   {"ENOMEM", XEN_ENOMEM},
                 {"ENOSPC", XEN_ENOSPC}, {"EIO", XEN_EIO},         {"ENOTEMPTY", XEN_ENOTEMPTY},
                 {"ENOSYS", XEN_ENOSYS}, {"EROFS", XEN_EROFS},     {"EBUSY", XEN_EBUSY},
                 {"EAGAIN", XEN_EAGAIN}, {"EISCONN", XEN_EISCONN}, {"E2BIG", XEN_E2BIG},
                 {"EPERM", XEN_EPERM},   {"ENEWERROR", XEN_EINVAL}};

    for (uint32_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct xenstore_request r = {0};

        send_ok(&r, "path");
        take_requests();
        answer(XS_ERROR, i + 1, known[i].name, strlen(known[i].name) + 1);
        store_event(PORT, NULL);
        finished(&r, -known[i].number, NULL);
    }
}
END_TEST

START_TEST(forgotten)
{
    struct xenstore_request *r = calloc(1, sizeof(*r));

    send_ok(r, "path");
    xenstore_forget(r);
    free(r);
    answer(XS_READ, 1, "value", 5);
    store_event(PORT, NULL);
    ck_assert_ptr_null(store.unanswered.first);
}
END_TEST

/* ---- watches ---- */

static char fired_paths[256];

static void fired(struct xenstore_watch *watch, const char *path)
{
    strcat(fired_paths, watch->context);
    strcat(fired_paths, path);
    strcat(fired_paths, " ");
}

START_TEST(watches)
{
    struct xenstore_watch one = {.fired = fired, .context = "1:"};
    struct xenstore_watch two = {.fired = fired, .context = "2:"};
    char payload[64];

    ck_assert_int_eq(xenstore_watch_start(&one, "a/b"), 0);
    ck_assert_int_eq(xenstore_watch_start(&two, "a"), 0);
    ck_assert_uint_eq(next_request(payload).type, XS_WATCH);
    ck_assert_int_eq(memcmp(payload,
                            "a/b\0"
                            "1",
                            6),
                     0);
    ck_assert_uint_eq(next_request(payload).type, XS_WATCH);
    ck_assert_int_eq(memcmp(payload,
                            "a\0"
                            "2",
                            4),
                     0);
    /* The event may come before the answer. */
    event(TEXT("a/b\0"
               "1"));
    answer(XS_WATCH, 1, TEXT("OK"));
    event(TEXT("a\0"
               "2"));
    answer(XS_WATCH, 2, TEXT("OK"));
    event(TEXT("a/b/c\0"
               "1"));
    event(TEXT("a\0"
               "99"));
    event(TEXT("no token"));
    event("", 0);
    store_event(PORT, NULL);
    ck_assert_str_eq(fired_paths, "1:a/b 2:a 1:a/b/c ");
    ck_assert(one.set.done && two.set.done && !one.set.error);
    free(one.set.data);
    xenstore_watch_stop(&one);
    ck_assert_uint_eq(next_request(payload).type, XS_UNWATCH);
    ck_assert_int_eq(memcmp(payload,
                            "a/b\0"
                            "1",
                            6),
                     0);
    event(TEXT("a/b/d\0"
               "1"));
    event(TEXT("a/d\0"
               "2"));
    answer(XS_UNWATCH, 3, TEXT("OK"));
    store_event(PORT, NULL);
    ck_assert_str_eq(fired_paths, "1:a/b 2:a 1:a/b/c 2:a/d ");
    free(two.set.data);
}
END_TEST

/* A function that is called for an event waits for an answer itself. */
static void asks(struct xenstore_watch *watch, const char *path)
{
    char *value;

    (void)watch;
    ck_assert_int_eq(xenstore_read(0, path, &value, NULL), 0);
    strcat(fired_paths, value);
    free(value);
}

static void answers_inner(void)
{
    take_requests();
    answer(XS_READ, 2, "inner", 5);
    store_turn = NULL;
}

START_TEST(nested)
{
    struct xenstore_watch watch = {.fired = asks};

    ck_assert_int_eq(xenstore_watch_start(&watch, "a"), 0);
    take_requests();
    store_turn = answers_inner;
    event(TEXT("a\0"
               "1"));
    answer(XS_WATCH, 1, TEXT("OK"));
    store_event(PORT, NULL);
    ck_assert_str_eq(fired_paths, "inner");
    ck_assert(watch.set.done);
    free(watch.set.data);
}
END_TEST

/* ---- a ring that is not as it should be ---- */

START_TEST(broken)
{
    struct xenstore_request r[2] = {{0}};
    struct xsd_sockmsg h = {.type = XS_READ, .req_id = 1, .len = XENSTORE_PAYLOAD_MAX + 1};
    char long_path[XENSTORE_PAYLOAD_MAX] = "";

    send_ok(&r[0], "path");
    ck_assert_int_eq(xenstore_send(&r[1], XS_READ, 0, long_path, sizeof(long_path)), 0);
    switch (_i) {
    case 0:
        answer_bytes(&h, sizeof(h));
        break;
    case 1:
        ring.rsp_prod = ring.rsp_cons + XENSTORE_RING_SIZE + 1;
        break;
    case 2:
        ring.error = XENSTORE_ERROR_PROTO;
        break;
    default:
        ring.req_cons = ring.req_prod + 1;
        break;
    }
    store_event(PORT, NULL);
    finished(&r[0], -XEN_EIO, NULL);
    finished(&r[1], -XEN_EIO, NULL);
    ck_assert(!registered && !xenstore_is_alive());
    ck_assert_int_eq(xenstore_send(&r[0], XS_READ, 0, "", 1), -XEN_EIO);
    ck_assert_int_eq(xenstore_call(XS_READ, 0, "", 1, NULL, NULL), -XEN_EIO);
}
END_TEST

static void reconnects(void)
{
    ck_assert_uint_eq(ring.connection, XENSTORE_RECONNECT);
    ck_assert_uint_eq(notified, 1);
    ring.req_cons = ring.req_prod = ring.rsp_cons = ring.rsp_prod = 0;
    ring.connection = XENSTORE_CONNECTED;
    store_turn = NULL;
}

START_TEST(left_over)
{
    struct xenstore_request r = {0};
    char payload[32];

    answer_bytes("left over", 9);
    if (_i) {
        ring.server_features = XENSTORE_SERVER_FEATURE_RECONNECTION;
        ring.req_prod = 3;
        store_turn = reconnects;
    }
    send_ok(&r, "path");
    ck_assert_uint_eq(ring.rsp_cons, ring.rsp_prod);
    ck_assert_uint_eq(ring.rsp_prod, _i ? 0 : 9);
    ck_assert_uint_eq(next_request(payload).len, 5);
    answer(XS_READ, 1, "value", 5);
    store_event(PORT, NULL);
    finished(&r, 0, "value");
}
END_TEST

/* ---- a directory in parts ---- */

static const struct part {
    uint32_t type;
    const char *offset, *payload; /* | for a zero byte */
} * part;

static void answers_parts(void)
{
    char payload[XENSTORE_PAYLOAD_MAX + 1], text[64];
    struct xsd_sockmsg h = next_request(payload);
    size_t len = strlen(part->payload);

    ck_assert_uint_eq(h.type, part->type == XS_ERROR ? XS_DIRECTORY : XS_DIRECTORY_PART);
    ck_assert_str_eq(payload, "dir");
    if (part->offset)
        ck_assert_str_eq(payload + 4, part->offset);
    for (size_t i = 0; i < len; i++)
        text[i] = part->payload[i] == '|' ? '\0' : part->payload[i];
    answer(part->type, h.req_id, text, len);
    part++;
}

START_TEST(directory)
{
    static const struct part listing[] = {
        {XS_ERROR, NULL, "E2BIG|"},          {XS_DIRECTORY_PART, "0", "5|a|bc|"},
        {XS_DIRECTORY_PART, "5", "6|d||"},   {XS_DIRECTORY_PART, "0", "6|a|"},
        {XS_DIRECTORY_PART, "2", "6|e|f||"}, {0},
    };
    char *names;
    size_t len;

    part = listing;
    store_turn = answers_parts;
    ck_assert_int_eq(xenstore_list(0, "dir", &names, &len), 0);
    ck_assert_uint_eq(len, 6);
    ck_assert_int_eq(memcmp(names, "a\0e\0f", 6), 0);
    ck_assert_ptr_eq(part, &listing[5]);
    free(names);
}
END_TEST

START_TEST(bad_directory)
{
    static const struct part bad[][3] = {
        {{XS_ERROR, NULL, "E2BIG|"}, {XS_DIRECTORY_PART, "0", "no zero byte"}},
        {{XS_ERROR, NULL, "E2BIG|"}, {XS_DIRECTORY_PART, "0", "123456789012345678901234567|a||"}},
        {{XS_ERROR, NULL, "E2BIG|"}, {XS_DIRECTORY_PART, "0", "5|"}},
    };
    char *names;
    size_t len;

    part = bad[_i];
    store_turn = answers_parts;
    ck_assert_int_eq(xenstore_list(0, "dir", &names, &len), -XEN_EIO);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("store client");
    TCase *t = tcase_create("store client");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(t, absent, 0, 3);
    tcase_add_test(t, order);
    tcase_add_test(t, parts);
    tcase_add_test(t, long_request);
    tcase_add_test(t, errors);
    tcase_add_test(t, forgotten);
    tcase_add_test(t, watches);
    tcase_add_test(t, nested);
    tcase_add_loop_test(t, broken, 0, 4);
    tcase_add_loop_test(t, left_over, 0, 2);
    tcase_add_test(t, directory);
    tcase_add_loop_test(t, bad_directory, 0, 3);
    suite_add_tcase(s, t);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
