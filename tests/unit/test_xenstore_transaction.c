/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's transactions and quotas, and thousands of random requests compared with a model that
 * copies the whole store for each transaction.
 */
#include "xenstore_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Credit for writes comes back, so that only test_rate waits. */
static void pass_time(void)
{
    fake.time += 1000000000;
    xenstore_tick(store);
}

static void start(void)
{
    store_start();
    is(0, 0, XS_MKDIR, "/local/domain/1|", "OK|");
    client_start(1);
    client_start(2);
    is(0, 0, XS_SET_PERMS, "/local/domain/1|n1|", "OK|");
}

START_TEST(test_requests)
{
    uint32_t t = begin_transaction(1);

    ck_assert_uint_ne(t, 0);
    is(1, t, XS_TRANSACTION_START, "|", "!EBUSY");
    is(1, t + 1, XS_TRANSACTION_START, "|", "!ENOENT");
    is(2, t, XS_READ, "a|", "!ENOENT"); /* numbers are a connection's own */
    is(1, t, XS_TRANSACTION_END, "", "!EINVAL");
    is(1, t, XS_TRANSACTION_END, "T", "!EINVAL");
    is(1, t, XS_TRANSACTION_END, "true|", "!EINVAL");
    is(1, 0, XS_TRANSACTION_END, "T|", "!ENOENT");
    is(1, t, XS_TRANSACTION_END, "F|", "OK|");
    is(1, t, XS_TRANSACTION_END, "F|", "!ENOENT");
    t = begin_transaction(1);
    is(1, t, XS_RESET_WATCHES, "|", "OK|");
    is(1, t, XS_READ, "a|", "!ENOENT");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOENT");
    t = begin_transaction(1);
    is(1, t, XS_WRITE, "a|1", "OK|");
    is(0, 0, XS_RELEASE, "1|", "OK|");
    ck_assert_uint_eq(store->transactions, 0);
}
END_TEST

/* Values that have room beside their node, and others: each is what it was for who has seen it. */
START_TEST(test_sizes)
{
    static const int sizes[] = {0, 1, 35, 43, 44, 45, 46, 64, 300};
    const size_t count = sizeof(sizes) / sizeof(sizes[0]);
    char old[400], new[400], write[420];

    for (size_t i = 0; i < count * count; i++) {
        uint32_t t;

        memset(old, 'a', sizeof(old));
        memset(new, 'b', sizeof(new));
        old[sizes[i / count]] = new[sizes[i % count]] = '\0';
        pass_time();
        snprintf(write, sizeof(write), "a|%s", old);
        is(1, 0, XS_WRITE, write, "OK|");
        t = begin_transaction(1);
        is(1, t, XS_READ, "a|", old);
        snprintf(write, sizeof(write), "a|%s", new);
        is(1, 0, XS_WRITE, write, "OK|");
        is(1, 0, XS_READ, "a|", new);
        is(1, t, XS_READ, "a|", old);
        is(1, t, XS_TRANSACTION_END, "T|", "!EAGAIN");
        t = begin_transaction(1);
        is(1, t, XS_READ, "a|", new);
        snprintf(write, sizeof(write), "a|%s", old);
        is(1, t, XS_WRITE, write, "OK|");
        is(1, t, XS_READ, "a|", old);
        is(1, 0, XS_READ, "a|", new);
        is(1, t, XS_TRANSACTION_END, "T|", "OK|");
        is(1, 0, XS_READ, "a|", old);
        ck_assert(node_check_all(store));
    }
}
END_TEST

/* A node is found whatever was made and removed around it. */
START_TEST(test_many)
{
    char path[32];

    for (int gap = 2; gap < 5; gap++) {
        for (int i = 0; i < 700; i++) {
            snprintf(path, sizeof(path), "/many/%d|%d", i, i);
            is(0, 0, XS_WRITE, path, "OK|");
        }
        ck_assert(node_check_all(store));
        for (int i = gap % 2; i < 700; i += gap) {
            snprintf(path, sizeof(path), "/many/%d|", i);
            is(0, 0, XS_RM, path, "OK|");
            is(0, 0, XS_READ, path, "!ENOENT");
        }
        ck_assert(node_check_all(store));
    }
    is(0, 0, XS_RM, "/many|", "OK|");
    ck_assert(node_check_all(store));
}
END_TEST

START_TEST(test_isolation)
{
    uint32_t t = begin_transaction(1);

    is(1, t, XS_WRITE, "a/b/c|1", "OK|");
    is(1, t, XS_READ, "a/b/c|", "1");
    is(1, t, XS_DIRECTORY, "a|", "b|");
    is(1, t, XS_GET_PERMS, "a/b|", "n1|");
    is(1, 0, XS_READ, "a|", "!ENOENT");
    is(1, 0, XS_DIRECTORY, "/local/domain/1|", "");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    is(1, 0, XS_READ, "a/b/c|", "1");
    t = begin_transaction(1);
    is(1, t, XS_RM, "a/b|", "OK|");
    is(1, t, XS_READ, "a/b/c|", "!ENOENT");
    is(1, t, XS_DIRECTORY, "a|", "");
    is(1, t, XS_RM, "a/b/c|", "!ENOENT");
    is(1, t, XS_RM, "a/b|", "OK|");
    is(1, 0, XS_READ, "a/b/c|", "1");
    is(1, t, XS_MKDIR, "a/b/d|", "OK|");
    is(1, t, XS_MKDIR, "a/e|", "OK|");
    is(1, t, XS_DIRECTORY, "a/b|", "d|");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    is(1, 0, XS_DIRECTORY, "a|", "b|e|");
    is(1, 0, XS_DIRECTORY, "a/b|", "d|");
    is(0, 0, XS_CONTROL, "check|", "OK|");
    t = begin_transaction(0);
    is(0, t, XS_RM, "/|", "!EINVAL");
    is(0, t, XS_SET_PERMS, "/local/domain/1/a|n2|", "OK|");
    is(0, t, XS_GET_PERMS, "/local/domain/1/a|", "n2|");
    is(1, 0, XS_GET_PERMS, "a|", "n1|");
    is(0, t, XS_TRANSACTION_END, "T|", "OK|");
    is(1, 0, XS_GET_PERMS, "a|", "!EACCES");
    ck_assert_int_eq(store->domains[2]->nodes, 1);
}
END_TEST

START_TEST(test_conflicts)
{
    static const struct {
        uint32_t type;
        const char *inside;
        uint32_t other;
        const char *outside;
        const char *end;
    } cases[] = {
        {XS_READ, "a|", XS_WRITE, "a|2", "!EAGAIN"},
        {XS_READ, "a|", XS_WRITE, "b|2", "OK|"},
        {XS_READ, "a|", XS_MKDIR, "a/new|", "!EAGAIN"},
        {XS_READ, "a|", XS_RM, "a|", "!EAGAIN"},
        {XS_READ, "a|", XS_SET_PERMS, "a|n1|r2|", "!EAGAIN"},
        {XS_READ, "a|", XS_MKDIR, "a|", "OK|"},
        {XS_WRITE, "a|1", XS_WRITE, "a|2", "!EAGAIN"},
        {XS_WRITE, "a|1", XS_WRITE, "d/x|2", "OK|"},
        {XS_WRITE, "d/y|1", XS_WRITE, "d/x|2", "!EAGAIN"}, /* the list of d's children */
        {XS_DIRECTORY, "d|", XS_MKDIR, "d/x|", "!EAGAIN"},
        {XS_DIRECTORY, "d|", XS_WRITE, "d/c|2", "OK|"},
        {XS_READ, "none|", XS_MKDIR, "none|", "!EAGAIN"},
        {XS_RM, "d|", XS_MKDIR, "d/c/x|", "!EAGAIN"},
        {XS_RM, "d|", XS_RM, "d/c|", "!EAGAIN"},
        {XS_GET_PERMS, "a|", XS_WRITE, "a|1", "!EAGAIN"},
        {XS_MKDIR, "d/c/x|", XS_RM, "d|", "!EAGAIN"},
        {XS_SET_PERMS, "a|n1|", XS_READ, "a|", "OK|"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t t;

        is(1, 0, XS_WRITE, "a|0", "OK|");
        is(1, 0, XS_WRITE, "b|0", "OK|");
        is(1, 0, XS_WRITE, "d/c|0", "OK|");
        t = begin_transaction(1);
        ck_assert_int_ne(ask(1, t, cases[i].type, cases[i].inside)[0], '?');
        ck_assert_int_ne(ask(1, 0, cases[i].other, cases[i].outside)[0], '!');
        is(1, t, XS_TRANSACTION_END, "T|", cases[i].end);
        is(1, 0, XS_RM, "a|", "OK|");
        is(1, 0, XS_RM, "b|", "OK|");
        is(1, 0, XS_RM, "d|", "OK|");
        is(1, 0, XS_RM, "none|", "OK|");
        is(0, 0, XS_CONTROL, "check|", "OK|");
        pass_time();
    }
}
END_TEST

/* Others change what a transaction has seen: it goes on seeing that, and can work with it. */
START_TEST(test_lost)
{
    uint32_t t, u;

    is(1, 0, XS_MKDIR, "a/one|", "OK|");
    is(1, 0, XS_MKDIR, "a/two|", "OK|");
    t = begin_transaction(1);
    u = begin_transaction(1);
    is(1, t, XS_DIRECTORY, "a|", "one|two|");
    is(1, t, XS_MKDIR, "a/mine|", "OK|");
    is(1, t, XS_RM, "a/one|", "OK|");
    is(1, u, XS_DIRECTORY, "a|", "one|two|");
    is(1, 0, XS_MKDIR, "a/three|", "OK|");
    is(1, t, XS_DIRECTORY, "a|", "two|mine|");
    is(1, u, XS_DIRECTORY, "a|", "one|two|");
    is(1, t, XS_MKDIR, "a/more|", "OK|");
    is(1, t, XS_RM, "a/two|", "OK|");
    is(1, t, XS_DIRECTORY, "a|", "mine|more|");
    is(1, t, XS_RM, "a/three|", "OK|"); /* it is not in its list */
    is(1, 0, XS_RM, "a|", "OK|");
    is(1, t, XS_DIRECTORY, "a|", "mine|more|");
    is(1, u, XS_READ, "a/one|", "!ENOENT");
    is(1, u, XS_RM, "a|", "OK|");
    is(1, t, XS_RM, "a|", "OK|");
    is(1, u, XS_TRANSACTION_END, "T|", "!EAGAIN");
    is(1, t, XS_TRANSACTION_END, "T|", "!EAGAIN");
    /* A child that it has looked for before there was one */
    pass_time();
    is(1, 0, XS_MKDIR, "a|", "OK|");
    t = begin_transaction(1);
    is(1, t, XS_READ, "a/x|", "!ENOENT");
    u = begin_transaction(1);
    is(1, 0, XS_MKDIR, "a/x|", "OK|");
    is(1, u, XS_READ, "a/x|", "");
    is(1, 0, XS_RM, "a/x|", "OK|");
    is(1, u, XS_DIRECTORY, "a|", "");
    is(1, u, XS_RM, "a/x|", "OK|");
    is(1, u, XS_TRANSACTION_END, "T|", "!EAGAIN");
    is(1, t, XS_TRANSACTION_END, "T|", "!EAGAIN"); /* it has looked at a for that */
}
END_TEST

START_TEST(test_quota_transactions)
{
    uint32_t t[11];

    for (int i = 0; i < 11; i++) {
        t[i] = begin_transaction(1);
        ck_assert_uint_ne(t[i], 0);
    }
    is(1, 0, XS_TRANSACTION_START, "|", "!ENOSPC");
    is(1, t[4], XS_TRANSACTION_END, "F|", "OK|");
    ck_assert_uint_ne(begin_transaction(1), 0);
    for (int i = 0; i < 30; i++)
        ck_assert_uint_ne(begin_transaction(0), 0);
    /* Numbers start again after the last. */
    store->domains[1]->connection->next_transaction = UINT32_MAX;
    is(1, 0, XS_RESET_WATCHES, "|", "OK|");
    ck_assert_uint_eq(begin_transaction(1), UINT32_MAX);
    ck_assert_uint_eq(begin_transaction(1), 1);
    store->domains[1]->connection->next_transaction = 1;
    ck_assert_uint_eq(begin_transaction(1), 2);
}
END_TEST

START_TEST(test_quota_transaction_nodes)
{
    char path[64];
    uint32_t t = begin_transaction(1);
    int i;

    is(0, 0, XS_CONTROL, "quota|set|transaction-nodes|20|", "OK|");
    for (i = 0; i < 25; i++) {
        snprintf(path, sizeof(path), "n%d|", i);
        if (strcmp(ask(1, t, XS_READ, path), "!ENOENT") != 0)
            break;
    }
    ck_assert_int_eq(i, 19); /* and their parent */
    is(1, t, XS_READ, "n22|", "!ENOSPC");
    is(1, t, XS_WRITE, "n22/x|1", "!ENOSPC");
    is(1, t, XS_WRITE, "n3|1", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOMEM");
    is(1, 0, XS_READ, "n3|", "!ENOENT");
    /* In the middle of something large */
    for (i = 0; i < 40; i++) {
        snprintf(path, sizeof(path), "big/%d|", i);
        is(1, 0, XS_MKDIR, path, "OK|");
    }
    t = begin_transaction(1);
    is(1, t, XS_RM, "big|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOMEM");
    t = begin_transaction(1);
    is(1, t, XS_DIRECTORY, "big|", ask(1, 0, XS_DIRECTORY, "big|"));
    is(1, 0, XS_MKDIR, "big/x|", "OK|");
    is(1, t, XS_RM, "big|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOMEM");
    is(0, 0, XS_CONTROL, "check|", "OK|");
}
END_TEST

START_TEST(test_quota_nodes)
{
    char path[64];
    uint32_t t;
    int i;

    is(0, 0, XS_CONTROL, "quota|set|nodes|10|", "OK|");
    for (i = 1; i < 20; i++) {
        snprintf(path, sizeof(path), "n%d|", i);
        if (strcmp(ask(1, 0, XS_MKDIR, path), "OK|") != 0)
            break;
    }
    ck_assert_int_eq(i, 10); /* /local/domain/1 is its own too */
    is(1, 0, XS_MKDIR, "more|", "!ENOSPC");
    is(1, 0, XS_WRITE, "n1|still", "OK|");
    t = begin_transaction(1);
    is(1, t, XS_MKDIR, "more|", "!ENOSPC");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    is(1, 0, XS_RM, "n1|", "OK|");
    is(1, 0, XS_MKDIR, "x/y|", "!ENOSPC");
    is(1, 0, XS_READ, "x|", "!ENOENT");
    is(1, 0, XS_MKDIR, "x|", "OK|");
    is(1, 0, XS_RM, "x|", "OK|");
    is(1, 0, XS_RM, "n2|", "OK|");
    /* A transaction's own are counted at its end, where the last one is too many. */
    t = begin_transaction(1);
    is(1, t, XS_MKDIR, "x/y|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOSPC");
    t = begin_transaction(1);
    is(1, t, XS_MKDIR, "x|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    ck_assert_int_eq(store->domains[1]->nodes, 9);
    /* Domain 0 has no limit, but nodes of it can become others'. */
    for (i = 0; i < 20; i++) {
        snprintf(path, sizeof(path), "/zero/%d|", i);
        is(0, 0, XS_MKDIR, path, "OK|");
        snprintf(path, sizeof(path), "/zero/%d|n1|", i);
        is(0, 0, XS_SET_PERMS, path, "OK|");
    }
    ck_assert_int_eq(store->domains[1]->nodes, 29);
    t = begin_transaction(0);
    is(0, t, XS_RM, "/zero|", "OK|");
    is(0, t, XS_TRANSACTION_END, "T|", "OK|");
    ck_assert_int_eq(store->domains[1]->nodes, 9);
    t = begin_transaction(1);
    is(1, t, XS_MKDIR, "x/1/2/3/4|", "OK|");
    is(1, t, XS_RM, "x/1|", "OK|");
    is(1, t, XS_TRANSACTION_END, "T|", "OK|");
    ck_assert_int_eq(store->domains[1]->nodes, 9);
}
END_TEST

START_TEST(test_quota_size)
{
    char text[4096] = "a|";
    uint32_t t;

    memset(text + 2, 'x', 2015);
    is(1, 0, XS_WRITE, text, "OK|");
    text[2017] = 'x';
    is(1, 0, XS_WRITE, text, "!ENOSPC");
    is(1, 0, XS_MKDIR, "a/b|", "!ENOSPC");
    text[0] = 'b';
    is(1, 0, XS_WRITE, text, "!ENOSPC");
    is(1, 0, XS_DIRECTORY, "/local/domain/1|", "a|");
    t = begin_transaction(1);
    is(1, t, XS_WRITE, text, "!ENOSPC");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOMEM");
    t = begin_transaction(1);
    text[0] = 'a';
    is(1, t, XS_WRITE, text, "!ENOSPC");
    is(1, t, XS_TRANSACTION_END, "T|", "!ENOMEM");
    memmove(text + 17, text + 1, 2018);
    memcpy(text, "/local/domain/1/a", 17);
    is(0, 0, XS_WRITE, text, "OK|");
    is(0, 0, XS_CONTROL, "quota|set|path-max|10|", "OK|");
    is(1, 0, XS_READ, "1234567890|", "!ENOENT");
    is(1, 0, XS_READ, "12345678901|", "!EINVAL");
}
END_TEST

START_TEST(test_quota_watches)
{
    char text[64];
    int i;

    for (i = 0; i < 200; i++) {
        snprintf(text, sizeof(text), "a|%d|", i);
        if (strcmp(ask(1, 0, XS_WATCH, text), "OK|") != 0)
            break;
    }
    ck_assert_int_eq(i, 129);
    is(1, 0, XS_WATCH, "a|x|", "!E2BIG");
    is(1, 0, XS_WATCH, "a|1|", "!EEXIST");
    is(1, 0, XS_UNWATCH, "a|1|", "OK|");
    is(1, 0, XS_WATCH, "a|x|", "OK|");
    events(1);
}
END_TEST

START_TEST(test_quota_memory)
{
    char text[256], path[64];
    size_t before;
    uint32_t t;

    memset(text, 'v', 250);
    text[250] = '\0';
    memcpy(text, "key|", 4);
    before = store->domains[1]->memory;
    is(1, 0, XS_WRITE, text, "OK|");
    ck_assert_uint_eq(store->domains[1]->memory, before + 24 + 8 + 246 + 19 + 4);
    is(1, 0, XS_RM, "key|", "OK|");
    ck_assert_uint_eq(store->domains[1]->memory, before);
    is(1, 0, XS_WATCH, "a|token|", "OK|");
    events(1);
    ck_assert_uint_eq(store->domains[1]->memory, before + 17 + 5);
    is(1, 0, XS_UNWATCH, "a|token|", "OK|");
    t = begin_transaction(1);
    is(1, t, XS_WRITE, "x/y|1", "OK|");
    ck_assert_uint_gt(store->domains[1]->memory, before);
    is(1, t, XS_TRANSACTION_END, "F|", "OK|");
    ck_assert_uint_eq(store->domains[1]->memory, before);
    snprintf(path, sizeof(path), "quota-soft|set|memory|%zu|", before + 280);
    is(0, 0, XS_CONTROL, path, "OK|");
    snprintf(path, sizeof(path), "quota|set|memory|%zu|", before + 320);
    is(0, 0, XS_CONTROL, path, "OK|");
    is(1, 0, XS_WRITE, text, "OK|");
    ck_assert_ptr_nonnull(strstr(fake.log, "domain 1 has passed the soft quota"));
    is(1, 0, XS_WRITE, "two|12345678901234567890123456789012345678901234567890", "!EIO");
    is(1, 0, XS_WATCH,
       "some/long/path/a|and-a-long-token-that-needs-memory-of-which-there-is-none|", "!ENOMEM");
    is(1, 0, XS_READ, "key|", "!ENOMEM");
    ck_assert_ptr_nonnull(strstr(fake.log, "reached its quota"));
    /* What domain 0 makes it own counts, and then it is not listened to. */
    is(0, 0, XS_WRITE,
       "/zero|12345678901234567890123456789012345678901234567890"
       "12345678901234567890123456789012345678901234567890",
       "OK|");
    is(0, 0, XS_SET_PERMS, "/zero|n1|", "OK|");
    is(0, 0, XS_WRITE, "/local/domain/1/key/more|1", "!EIO");
}
END_TEST

START_TEST(test_rate)
{
    uint32_t t = begin_transaction(2);
    int i;

    /* While somebody is in a transaction: a burst of 10, then 200 a second. */
    for (i = 0; i < 30; i++)
        if (strcmp(ask(1, 0, XS_WRITE, "a|1"), "OK|") != 0)
            break;
    /* It has 10 when it begins; making a node is two. */
    ck_assert_int_eq(i, 10);
    ck_assert_ptr_null(client_answer(1));
    ck_assert_uint_eq(xenstore_deadline(store), fake.time + 10000000);
    fake.time += 5000000;
    xenstore_tick(store);
    ck_assert_ptr_null(client_answer(1));
    fake.time += 5000000;
    xenstore_tick(store);
    ck_assert_str_eq(client_answer(1), "OK|");
    ck_assert_uint_ne(xenstore_deadline(store), XENSTORE_FOREVER);
    fake.time += 1000000000;
    xenstore_tick(store);
    ck_assert_uint_eq(xenstore_deadline(store), XENSTORE_FOREVER);
    is(2, t, XS_TRANSACTION_END, "F|", "OK|");
    for (i = 0; i < 100; i++)
        is(1, 0, XS_WRITE, "a|1", "OK|");
    /* Transactions pay at their ends; the reserve has some of the second. */
    t = begin_transaction(2);
    for (i = 0; i < 300; i++) {
        char number[16];
        const char *text = ask(1, 0, XS_TRANSACTION_START, "|");

        snprintf(number, sizeof(number), "%s", text);
        if (strcmp(number, "nothing") == 0)
            break;
        is(1, (uint32_t)strtoul(number, NULL, 10), XS_TRANSACTION_END, "T|", "OK|");
    }
    ck_assert_int_lt(i, 300);
    is(2, t, XS_TRANSACTION_END, "F|", "OK|");
}
END_TEST

/* ---- random requests and a model of them ---- */

#define PATHS 40U /* /r, /r/a to /r/c, and so on for three levels */

struct model_node {
    bool exists;
    unsigned int version; /* changed whenever the node is */
    int value;
};

struct model_transaction {
    uint32_t id; /* 0: none */
    struct model_node nodes[PATHS], first[PATHS];
    bool seen[PATHS];
};

static struct model_node model[PATHS];
static struct model_transaction views[3];
static unsigned int versions;

static size_t path_of(unsigned int i, char *out)
{
    size_t len;

    if (i == 0)
        return (size_t)sprintf(out, "/r");
    len = path_of((i - 1) / 3, out);
    return len + (size_t)sprintf(out + len, "/%c", (char)('a' + (i - 1) % 3));
}

/* The model's node as T sees it. */
static struct model_node *see(struct model_transaction *t, unsigned int i)
{
    if (!t)
        return &model[i];
    if (!t->seen[i]) {
        t->seen[i] = true;
        t->nodes[i] = t->first[i] = model[i];
    }
    return &t->nodes[i];
}

/* What is not there makes its parents be looked at, as far as is needed. */
static void see_parents(struct model_transaction *t, unsigned int i)
{
    while (!see(t, i)->exists)
        i = (i - 1) / 3; /* /r is always there */
}

static void model_write(struct model_transaction *t, unsigned int i, int value)
{
    struct model_node *n = see(t, i);

    /* As a request looks at parents, and changes them. */
    if (!n->exists && i) {
        if (!see(t, (i - 1) / 3)->exists)
            model_write(t, (i - 1) / 3, 0);
        see(t, (i - 1) / 3)->version = ++versions;
    }
    n = see(t, i);
    *n = (struct model_node){.exists = true, .version = ++versions, .value = value};
}

static void model_remove(struct model_transaction *t, unsigned int i)
{
    struct model_node *n = see(t, i);

    if (!n->exists)
        return;
    for (unsigned int k = 3 * i + 1; k <= 3 * i + 3 && k < PATHS; k++) {
        /* Only children that are in its list are looked at. */
        if (t ? (t->seen[k] ? t->nodes[k].exists : model[k].exists) : model[k].exists)
            model_remove(t, k);
    }
    *n = (struct model_node){.exists = false};
}

static bool model_conflict(const struct model_transaction *t)
{
    for (unsigned int i = 0; i < PATHS; i++)
        if (t->seen[i] &&
            (t->first[i].exists != model[i].exists || t->first[i].version != model[i].version))
            return true;
    return false;
}

static void model_commit(struct model_transaction *t)
{
    for (unsigned int i = 0; i < PATHS; i++)
        if (t->seen[i])
            model[i] = t->nodes[i];
}

static void random_request(unsigned int seed)
{
    struct model_transaction *t = rand() % 2 ? &views[rand() % 3] : NULL;
    unsigned int i = 1 + (unsigned int)rand() % (PATHS - 1);
    char path[64], request[128];
    const char *got;
    int value = rand() % 1000;

    if (t && !t->id) {
        memset(t, 0, sizeof(*t));
        t->id = begin_transaction(0);
    }
    path_of(i, path);
    if (t && model_conflict(t)) {
        /* It may see a child without its parent now, but can do no more. */
        snprintf(request, sizeof(request), "%s|", path);
        ask(0, t->id, rand() % 2 ? XS_RM : XS_MKDIR, request);
        is(0, t->id, XS_TRANSACTION_END, "T|", "!EAGAIN");
        t->id = 0;
        return;
    }
    switch (rand() % 8) {
    case 0:
    case 1:
        snprintf(request, sizeof(request), "%s|%d", path, value);
        got = ask(0, t ? t->id : 0, XS_WRITE, request);
        ck_assert_msg(strcmp(got, "OK|") == 0, "seed %u: WRITE %s: %s", seed, request, got);
        model_write(t, i, value);
        break;
    case 2:
        snprintf(request, sizeof(request), "%s|", path);
        got = ask(0, t ? t->id : 0, XS_RM, request);
        if (!see(t, i)->exists)
            see_parents(t, i);
        ck_assert_msg(strcmp(got, see(t, (i - 1) / 3)->exists ? "OK|" : "!ENOENT") == 0,
                      "seed %u: RM %s: %s", seed, request, got);
        if (see(t, i)->exists) {
            see(t, (i - 1) / 3);
            model_remove(t, i);
            see(t, (i - 1) / 3)->version = ++versions;
        }
        break;
    case 3:
        if (t) {
            got = ask(0, t->id, XS_TRANSACTION_END, "T|");
            ck_assert_msg(strcmp(got, "OK|") == 0, "seed %u: commit: %s", seed, got);
            model_commit(t);
            t->id = 0;
        }
        break;
    default:
        snprintf(request, sizeof(request), "%s|", path);
        got = ask(0, t ? t->id : 0, XS_READ, request);
        snprintf(request, sizeof(request), "%d", see(t, i)->value);
        if (!see(t, i)->exists) {
            see_parents(t, i);
            ck_assert_msg(strcmp(got, "!ENOENT") == 0, "seed %u: READ %s: %s", seed, path, got);
        } else {
            ck_assert_msg(strcmp(got, see(t, i)->value ? request : got) == 0,
                          "seed %u: READ %s: %s, not %s", seed, path, got, request);
        }
        break;
    }
}

START_TEST(test_random)
{
    unsigned int seed = (unsigned int)_i + 1;

    srand(seed);
    memset(model, 0, sizeof(model));
    memset(views, 0, sizeof(views));
    is(0, 0, XS_MKDIR, "/r|", "OK|");
    model[0].exists = true;
    for (int i = 0; i < 2000; i++)
        random_request(seed);
    is(0, 0, XS_CONTROL, "check|", "OK|");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xenstore_transaction");
    TCase *tc = tcase_create("transactions"), *random = tcase_create("random");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, start, store_stop);
    tcase_add_test(tc, test_requests);
    tcase_add_test(tc, test_sizes);
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_isolation);
    tcase_add_test(tc, test_conflicts);
    tcase_add_test(tc, test_lost);
    tcase_add_test(tc, test_quota_transactions);
    tcase_add_test(tc, test_quota_transaction_nodes);
    tcase_add_test(tc, test_quota_nodes);
    tcase_add_test(tc, test_quota_size);
    tcase_add_test(tc, test_quota_watches);
    tcase_add_test(tc, test_quota_memory);
    tcase_add_test(tc, test_rate);
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(random, start, store_stop);
    tcase_add_loop_test(random, test_random, 0, 10);
    suite_add_tcase(suite, random);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
