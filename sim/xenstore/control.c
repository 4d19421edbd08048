/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XS_CONTROL: what an administrator asks the store itself (xenstore-control). Of the commands of
 * xenstored there are those that mean something here: not its log files and its live update.
 */
#include "xenstore/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STRINGS 5U

struct quota_name {
    const char *name;
    size_t offset;
    const char *description;
};

#define HARD(text, field, description)                                                             \
    {                                                                                              \
        text, offsetof(struct quota, field), description                                           \
    }

static const struct quota_name hard[] = {
    HARD("nodes", nodes, "Nodes per domain"),
    HARD("watches", watches, "Watches per domain"),
    HARD("transactions", transactions, "Transactions per domain"),
    HARD("outstanding", outstanding, "Outstanding requests per domain"),
    HARD("transaction-nodes", transaction_nodes, "Accessed nodes per transaction"),
    HARD("memory", memory, "Memory per domain (hard limit)"),
    HARD("node-size", node_size, "Size of a node"),
    HARD("path-max", path_max, "Length of a path"),
    HARD("permissions", permissions, "Permissions per node"),
    {NULL, 0, NULL},
};

static const struct quota_name soft[] = {
    HARD("memory", soft_memory, "Memory per domain (soft limit)"),
    {NULL, 0, NULL},
};

static int *quota_of(struct connection *c, const struct quota_name *q)
{
    return (int *)((char *)&c->store->quota + q->offset);
}

static void print(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print(struct buffer *b, const char *format, ...)
{
    char line[120];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    memcpy(buffer_extend(b, (size_t)len), line, (size_t)len);
}

static int reply(struct connection *c, struct buffer *b)
{
    *buffer_extend(b, 1) = '\0';
    send_reply(c, XS_CONTROL, b->bytes, b->len);
    free(b->bytes);
    return 0;
}

static int acknowledge(struct connection *c)
{
    send_reply(c, XS_CONTROL, "OK", 3);
    return 0;
}

static int quota_show(struct connection *c, const struct quota_name *q)
{
    struct buffer b = {0};

    print(&b, "Quota settings:\n");
    for (; q->name; q++)
        print(&b, "%-17s: %8d %s\n", q->name, *quota_of(c, q), q->description);
    return reply(c, &b);
}

static int quota_set(struct connection *c, const struct quota_name *q, const char *name,
                     const char *text)
{
    int value = atoi(text);

    while (q->name && strcmp(q->name, name) != 0)
        q++;
    if (!q->name || value < 1)
        return EINVAL;
    *quota_of(c, q) = value;
    return acknowledge(c);
}

static int quota_domain(struct connection *c, unsigned int domid)
{
    const struct store_domain *d = store_domain_find(c->store, domid);
    struct buffer b = {0};

    if (!d)
        return ENOENT;
    print(&b, "Domain %u:\n", domid);
    print(&b, "%-16s: %8d\n", "nodes", d->nodes);
    print(&b, "%-16s: %8d\n", "watches", d->watches);
    print(&b, "%-16s: %8u\n", "transactions",
          d->connection ? d->connection->transactions_started : 0);
    print(&b, "%-16s: %8d\n", "outstanding", d->outstanding);
    print(&b, "%-16s: %8zu\n", "memory", d->memory);
    return reply(c, &b);
}

static int control_quota_of(struct connection *c, const struct quota_name *q, const char **strings,
                            unsigned int count)
{
    if (count == 0)
        return quota_show(c, q);
    if (strcmp(strings[0], "set") == 0)
        return count == 3 ? quota_set(c, q, strings[1], strings[2]) : EINVAL;
    return q == hard && count == 1 ? quota_domain(c, (unsigned int)atoi(strings[0])) : EINVAL;
}

static int control_quota(struct connection *c, const char **strings, unsigned int count)
{
    return control_quota_of(c, hard, strings, count);
}

static int control_quota_soft(struct connection *c, const char **strings, unsigned int count)
{
    return control_quota_of(c, soft, strings, count);
}

static int control_check(struct connection *c, const char **strings, unsigned int count)
{
    (void)strings;
    if (count)
        return EINVAL;
    return node_check_all(c->store) ? acknowledge(c) : EIO;
}

static int control_print(struct connection *c, const char **strings, unsigned int count)
{
    if (count != 1)
        return EINVAL;
    store_log(c->store, "control: %s", strings[0]);
    return acknowledge(c);
}

static int control_help(struct connection *c, const char **strings, unsigned int count);

static const struct {
    const char *name;
    int (*handler)(struct connection *c, const char **strings, unsigned int count);
    const char *arguments;
} commands[] = {
    {"check", control_check, ""},
    {"print", control_print, "<string>"},
    {"quota", control_quota, "[set <name> <val>|<domid>]"},
    {"quota-soft", control_quota_soft, "[set <name> <val>]"},
    {"help", control_help, ""},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int control_help(struct connection *c, const char **strings, unsigned int count)
{
    struct buffer b = {0};

    (void)strings;
    if (count)
        return EINVAL;
    for (size_t i = 0; i < COMMANDS; i++)
        print(&b, "%s\t%s\n", commands[i].name, commands[i].arguments);
    return reply(c, &b);
}

int do_control(struct connection *c, struct message *m)
{
    const char *strings[MOST_STRINGS];
    unsigned int count = request_strings(m, strings, MOST_STRINGS);

    if (count < 1 || count > MOST_STRINGS)
        return EINVAL;
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, strings[0]) == 0)
            return commands[i].handler(c, strings + 1, count - 1);
    return EINVAL;
}
