/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore, over the bare ring: what its server answers to each request, and what one domain sees
 * of the other's. Each line says a request and its answer, with | for a zero byte, ! before an
 * error, $ for the domain that asks and % for the other. It would catch another error for
 * something wrong, another order of checks, a right that is not given or not taken, events that
 * come twice or not at all, and nodes that libxl makes and the host here does not, or with others'
 * rights.
 */
#include "pair.h"

#include <xen/io/xs_wire.h>

#include "core/domain.h"
#include "core/memory.h"
#include "core/start.h"

static struct xenstore_domain_interface *ring;
static evtchn_port_t port;

static char received[65536], seen[16384];
static size_t received_len;

/* ---- the ring ---- */

static void map_ring(void)
{
    const start_info_t *si = domain_start_info();

    ring = memory_initial_page(si->store_mfn);
    port = si->store_evtchn;
}

static uint32_t look(const uint32_t *index) { return __atomic_load_n(index, __ATOMIC_SEQ_CST); }

static void take(void)
{
    uint32_t cons = ring->rsp_cons, prod = look(&ring->rsp_prod);

    while (cons != prod && received_len < sizeof received)
        received[received_len++] = ring->rsp[MASK_XENSTORE_IDX(cons++)];
    __atomic_store_n(&ring->rsp_cons, cons, __ATOMIC_SEQ_CST);
}

/* Puts bytes into the ring, and takes what comes meanwhile. */
static void put(const char *bytes, size_t len)
{
    while (len) {
        uint32_t cons = look(&ring->req_cons), prod = ring->req_prod;
        size_t n = 0;

        while (n < len && prod - cons < XENSTORE_RING_SIZE) {
            ring->req[MASK_XENSTORE_IDX(prod++)] = bytes[n++];
        }
        __atomic_store_n(&ring->req_prod, prod, __ATOMIC_SEQ_CST);
        send_on(port);
        bytes += n;
        len -= n;
        if (len) {
            wait_for(port);
            take();
            send_on(port);
        }
    }
}

/* ---- messages ---- */

/* Replaces | $ and % of TEXT. */
static size_t expand(const char *text, char *out)
{
    size_t len = 0;

    for (; *text; text++) {
        if (*text == '|')
            out[len++] = '\0';
        else if (*text == '$')
            len += (size_t)sprintf(out + len, "%u", self);
        else if (*text == '%')
            len += (size_t)sprintf(out + len, "%u", peer);
        else
            out[len++] = *text;
    }
    return len;
}

static size_t compose(char *out, uint32_t type, uint32_t id, uint32_t t, const char *text)
{
    struct xsd_sockmsg header = {.type = type, .req_id = id, .tx_id = t};

    header.len = (uint32_t)expand(text, out + sizeof header);
    memcpy(out, &header, sizeof header);
    return sizeof header + header.len;
}

static void forget(size_t size)
{
    memmove(received, received + size, received_len - size);
    received_len -= size;
}

static void show(char *out, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = data[i] ? data[i] : '|';
    out[len] = '\0';
}

/* Takes one message out of what has been received; returns whether there was one. */
static bool next(struct xsd_sockmsg *header, char *text)
{
    if (received_len < sizeof *header)
        return false;
    memcpy(header, received, sizeof *header);
    if (received_len < sizeof *header + header->len)
        return false;
    show(text, received + sizeof *header, header->len);
    forget(sizeof *header + header->len);
    return true;
}

/* Waits for an answer, keeping events. */
static void answer(struct xsd_sockmsg *header, char *text)
{
    for (;;) {
        take();
        while (next(header, text)) {
            if (header->type != XS_WATCH_EVENT)
                return;
            strcat(seen, text);
        }
        send_on(port); /* there is room now */
        wait_for(port);
    }
}

static const char *const names[] = {
    "CONTROL", "DIRECTORY",  "READ",       "GET_PERMS",     "WATCH",         "UNWATCH",
    "START",   "END",        "INTRODUCE",  "RELEASE",       "PATH",          "WRITE",
    "MKDIR",   "RM",         "SET_PERMS",  "WATCH_EVENT",   "ERROR",         "IS_INTRODUCED",
    "RESUME",  "SET_TARGET", "(RESTRICT)", "RESET_WATCHES", "DIRECTORY_PART"};

static char bytes[8192], text[8192];
static uint32_t last_id = 100;

static void ask(uint32_t t, uint32_t type, const char *request)
{
    struct xsd_sockmsg header;

    put(bytes, compose(bytes, type, ++last_id, t, request));
    answer(&header, text);
    if (header.req_id != last_id || header.tx_id != t)
        printf("Bail out! it answers another request\n");
    if (header.type == XS_ERROR) {
        memmove(text + 1, text, strlen(text) + 1);
        text[0] = '!';
        text[strlen(text) - 1] = '\0';
    } else if (header.type != type) {
        printf("# an answer of type %u\n", header.type);
    }
}

/* Whether TEXT is what EXPECTED stands for. */
static bool is_text(const char *expected)
{
    static char raw[8192], shown[8192];

    show(shown, raw, expand(expected, raw));
    return strcmp(shown, text) == 0;
}

static void check(uint32_t t, uint32_t type, const char *request, const char *expected)
{
    bool good;

    ask(t, type, request);
    good = is_text(expected);
    ok(good, "%s %.60s%s: %.80s", type < XS_TYPE_COUNT ? names[type] : "?", request,
       t ? " (in a transaction)" : "", expected);
    if (!good)
        printf("# it answered %s\n", text);
}

#define is(type, request, expected)       check(0, XS_##type, request, expected)
#define is_in(t, type, request, expected) check(t, XS_##type, request, expected)

/* What has been seen of watches until now: a request was answered after all events of before. */
static void events(const char *expected)
{
    ask(0, XS_GET_DOMAIN_PATH, "0|");
    strcpy(text, seen);
    seen[0] = '\0';
    ok(is_text(expected), "events: %s", expected);
    if (!is_text(expected))
        printf("# they are %s\n", text);
}

static uint32_t begin(void)
{
    ask(0, XS_TRANSACTION_START, "|");
    return (uint32_t)strtoul(text, NULL, 10);
}

static const char *many(const char *before, char c, size_t count, const char *after)
{
    static char out[8192];
    size_t len = strlen(before);

    strcpy(out, before);
    memset(out + len, c, count);
    strcpy(out + len + count, after);
    return out;
}

static bool good(void) { return text[0] != '!'; }

/* ---- one domain ---- */

/*
 * Not here: requests of one string that have none or two. xenstored answers with whatever errno is,
 * and not at all if that is 0 (xenstored_core.c, get_node_canonicalized); likewise the permissions
 * of special watches (set_perms_special, whose error is not looked at).
 */
static void strings(void)
{
    static const uint32_t types[] = {XS_READ, XS_DIRECTORY, XS_GET_PERMS, XS_MKDIR, XS_RM};
    static const char *const bad[] = {"|", "/|", "data/|", "da//ta|", "@data|", "da ta|", "da.ta|"};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
            check(0, types[i], bad[k], strcmp(bad[k], "/|") ? "!EINVAL" : "!EACCES");
    }
    is(WRITE, "", "!EINVAL");
    is(WRITE, "data", "!EINVAL");
    is(WRITE, "|x", "!EINVAL");
    is(DIRECTORY_PART, "data|", "!EINVAL");
    is(DIRECTORY_PART, "data|0", "!EINVAL");
    is(DIRECTORY_PART, "data|0|1|", "!EINVAL");
    is(WATCH, "data|", "!EINVAL");
    is(WATCH, "data|t", "!EINVAL");
    is(WATCH, "data|t|1|", "!EINVAL");
    is(WATCH, "da ta|t|", "!EINVAL");
    is(UNWATCH, "data|", "!EINVAL");
    is(UNWATCH, "data|t|1|", "!EINVAL");
    is(UNWATCH, "data|t|", "!ENOENT");
    is(GET_DOMAIN_PATH, "7", "!EINVAL");
    is(GET_DOMAIN_PATH, "7|", "/local/domain/7|");
    is(GET_DOMAIN_PATH, "07x|", "/local/domain/7|");
    is(GET_DOMAIN_PATH, "-1|", "/local/domain/4294967295|");
    is(SET_PERMS, "data|", "!EINVAL");
    is(SET_PERMS, "data|n$", "!EINVAL");
    is(SET_PERMS, "data|x$|", "!EINVAL");
    is(SET_PERMS, "data|n|", "!EINVAL");
    is(SET_PERMS, "data|n$x|", "!EINVAL");
    is(SET_PERMS, "data|n30000|", "!ENOENT");
    is(SET_PERMS, "data|n0|", "!EPERM");
    is(SET_PERMS, "memory|n$|", "!EACCES");
}

static void types(void)
{
    is(CONTROL, "check|", "!EACCES");
    is(CONTROL, "", "!EACCES");
    is(INTRODUCE, "1|1|1|", "!EACCES");
    is(RELEASE, "1|", "!EACCES");
    is(RESUME, "1|", "!EACCES");
    is(SET_TARGET, "1|1|", "!EACCES");
    is(IS_DOMAIN_INTRODUCED, "1|", "!EACCES");
    is_in(12345, IS_DOMAIN_INTRODUCED, "1|", "!EACCES");
    is_in(12345, GET_DOMAIN_PATH, "1|", "!ENOENT");
    is_in(12345, WATCH, "data|t|", "OK|");
    is_in(12345, UNWATCH, "data|t|", "OK|");
    is_in(12345, RESET_WATCHES, "|", "!ENOENT");
    events("data|t|");
    is(WATCH_EVENT, "a|b|", "!ENOSYS");
    is(ERROR, "a|b|", "!ENOSYS");
    check(0, XS_SET_TARGET + 1, "1|", "!ENOSYS");
    check(0, XS_TYPE_COUNT, "1|", "!ENOSYS");
    check(0, XS_INVALID, "1|", "!ENOSYS");
    check(0, UINT32_MAX, "1|", "!ENOSYS");
}

/* What libxl makes: names and rights, and values where all machines have the same. */
static void tree(void)
{
    static const char *const own[] = {"control/shutdown",
                                      "control/feature-poweroff",
                                      "control/feature-reboot",
                                      "control/feature-suspend",
                                      "control/sysrq",
                                      "data",
                                      "drivers",
                                      "feature",
                                      "attr",
                                      "error",
                                      "device/suspend/event-channel"};
    static const char *const others[] = {"name",   "domid",          "vm",
                                         "cpu",    "cpu/0",          "cpu/0/availability",
                                         "memory", "memory/target",  "memory/static-max",
                                         "device", "device/suspend", "control",
                                         "store",  "store/port",     "console"};

    is(DIRECTORY, "/local/domain/$|",
       "vm|name|cpu|memory|device|control|data|drivers|feature|attr|error|domid|store|console|");
    is(GET_PERMS, "/local/domain/$|", "n0|r$|");
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        check(0, XS_GET_PERMS, many(own[i], '|', 1, ""), "n$|");
        check(0, XS_READ, many(own[i], '|', 1, ""), "");
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        check(0, XS_GET_PERMS, many(others[i], '|', 1, ""), "n0|r$|");
    is(DIRECTORY, "control|",
       "shutdown|feature-poweroff|feature-reboot|feature-suspend|sysrq|"
       "platform-feature-multiprocessor-suspend|platform-feature-xs_reset_watches|");
    is(DIRECTORY, "memory|", "static-max|target|videoram|");
    is(DIRECTORY, "store|", "port|ring-ref|");
    is(DIRECTORY, "console|", "backend|backend-id|limit|type|output|tty|port|ring-ref|");
    is(DIRECTORY, "device|", "suspend|");
    is(GET_PERMS, "console/port|", "n0|r$|");
    is(GET_PERMS, "console/backend|", "n0|r$|");
    is(GET_PERMS, "console/backend-id|", "n$|r0|");
    is(READ, "domid|", "$");
    is(READ, "cpu/0/availability|", "online");
    is(READ, "memory/target|", "16384");
    is(READ, "memory/static-max|", "16384");
    is(READ, "memory/videoram|", "0");
    is(READ, "console/type|", "xenconsoled");
    is(READ, "console/output|", "pty");
    is(READ, "console/limit|", "1048576");
    is(READ, "console/backend|", "/local/domain/0/backend/console/$/0");
    is(READ, "console/backend-id|", "0");
    is(READ, "control/platform-feature-xs_reset_watches|", "1");
    is(DIRECTORY, "/local/domain/0/backend/console/$/0|",
       "frontend|frontend-id|online|state|protocol|");
    is(READ, "/local/domain/0/backend/console/$/0/frontend|", "/local/domain/$/console");
    is(READ, "/local/domain/0/backend/console/$/0/protocol|", "vt100");
    is(DIRECTORY, "/libxl/$|", "!EACCES");
    is(DIRECTORY, "/local|", "!EACCES");
    is(DIRECTORY, "/vm|", "!EACCES");
    is(READ, "/tool|", "!EACCES");
    is(READ, "/nothing|", "!EACCES");
    is(WRITE, "name|other", "!EACCES");
    is(WRITE, "new|x", "!EACCES");
    is(MKDIR, "new|", "!EACCES");
    is(RM, "name|", "!EACCES");
    is(RM, "new|", "!EACCES");
    is(READ, "new|", "!ENOENT");
    is(MKDIR, "name|", "!EACCES");
}

static void nodes(void)
{
    is(WRITE, "data/a|1", "OK|");
    is(READ, "data/a|", "1");
    is(READ, "/local/domain/$/data/a|", "1");
    is(WRITE, "data/a|x|y|", "OK|");
    is(READ, "data/a|", "x|y|");
    is(WRITE, "data/a|", "OK|");
    is(READ, "data/a|", "");
    is(WRITE, "data/z/y/x|deep", "OK|");
    is(READ, "data/z/y|", "");
    is(GET_PERMS, "data/z/y/x|", "n$|");
    is(DIRECTORY, "data|", "a|z|");
    is(MKDIR, "data/b|", "OK|");
    is(MKDIR, "data/a|", "OK|");
    is(DIRECTORY, "data|", "a|z|b|");
    is(RM, "data/z|", "OK|");
    is(RM, "data/z|", "OK|");
    is(RM, "data/z/y|", "!ENOENT");
    is(READ, "data/z/y/x|", "!ENOENT");
    is(MKDIR, "data/z|", "OK|");
    is(DIRECTORY, "data|", "a|b|z|");
    is(SET_PERMS, "data/a|n$|r%|b0|", "OK|");
    is(GET_PERMS, "data/a|", "n$|r%|b0|");
    is(SET_PERMS, "data/a|w$|r0x0|r30000|", "OK|");
    is(GET_PERMS, "data/a|", "w$|r0|r30000|");
    is(MKDIR, "data/a/sub|", "OK|");
    is(GET_PERMS, "data/a/sub|", "w$|r0|r30000|");
    is(SET_PERMS, "data/a|n$|r0|r0|r0|r0|", "OK|");
    is(SET_PERMS, "data/a|n$|r0|r0|r0|r0|r0|", "!ENOSPC");
    is(SET_PERMS, "data/a|n$|rubbish", "OK|");
    is(SET_PERMS, "data/nothing|n$|", "!ENOENT");
    is(RM, "data|", "OK|");
    is(READ, "data|", "!ENOENT");
    is(MKDIR, "data|", "!EACCES");
}

static void sizes(void)
{
    /* Its record, with permissions and the names of children, must be below 2048 bytes. */
    check(0, XS_WRITE, many("attr/a|", 'v', 2015, ""), "OK|");
    check(0, XS_WRITE, many("attr/a|", 'v', 2016, ""), "!ENOSPC");
    is(MKDIR, "attr/a/b|", "!ENOSPC");
    check(0, XS_WRITE, many("attr/n|", 'v', 2016, ""), "!ENOSPC");
    is(DIRECTORY, "attr|", "a|");
    check(0, XS_READ, many("attr/", 'p', 2043, "|"), "!ENOENT");
    check(0, XS_READ, many("attr/", 'p', 2044, "|"), "!EINVAL");
    check(0, XS_READ, many("/attr/", 'p', 2042, "|"), "!EACCES");
    check(0, XS_READ, many("/attr/", 'p', 2043, "|"), "!EINVAL");
    check(0, XS_MKDIR, many("attr/", 'p', 2043, "|"), "!ENOSPC");
    check(0, XS_MKDIR, many("attr/", 'p', 2000, "|"), "OK|");
    check(0, XS_RM, many("attr/", 'p', 2000, "|"), "OK|");
    check(0, XS_WATCH, many("@", 'w', 2047, "|t|"), "OK|");
    check(0, XS_WATCH, many("@", 'w', 2048, "|t|"), "!EINVAL");
    is(RESET_WATCHES, "|", "OK|");
    seen[0] = '\0';
    is(RM, "attr/a|", "OK|");
}

static void limits(void)
{
    char request[64];
    uint32_t t[12];
    int count = 0;

    /* One watch and one transaction more than the quota, as xenstored compares. */
    do {
        sprintf(request, "attr|t%d|", count++);
        ask(0, XS_WATCH, request);
    } while (good() && count < 200);
    ok(is_text("!E2BIG"), "watch %d is refused", count);
    is(WATCH, "attr|t1|", "!EEXIST");
    is(RESET_WATCHES, "|", "OK|");
    is(WATCH, "attr|t1|", "OK|");
    is(UNWATCH, "attr|t1|", "OK|");
    seen[0] = '\0';
    for (count = 0; count < 12; count++) {
        t[count] = begin();
        if (!good())
            break;
    }
    ok(is_text("!ENOSPC"), "transaction %d is refused", count + 1);
    is_in(t[3], TRANSACTION_END, "F|", "OK|");
    ok(begin() != 0, "there is room again");
    is_in(t[2], RESET_WATCHES, "|", "OK|");
    is_in(t[2], READ, "attr|", "!ENOENT");
    is(READ, "attr|", "");
    /* Nodes that a transaction may look at: itself, its parents as far as is needed. */
    t[0] = begin();
    for (count = 0; count < 2000; count++) {
        sprintf(request, "attr/n%d|", count);
        ask(t[0], XS_READ, request);
        if (!is_text("!ENOENT"))
            break;
    }
    ok(is_text("!ENOSPC"), "node %d in a transaction is refused", count);
    is_in(t[0], READ, "attr|", "");
    is_in(t[0], TRANSACTION_END, "T|", "!ENOMEM");
    is_in(t[0], TRANSACTION_END, "T|", "!ENOENT");
    /* Nodes that a domain may have */
    for (count = 0; count < 2000; count++) {
        sprintf(request, "drivers/%d/%d|", count / 100, count);
        ask(0, XS_MKDIR, request);
        if (!good())
            break;
    }
    ok(is_text("!ENOSPC"), "node %d is refused", count);
    is(WRITE, "drivers/1/100|still", "OK|");
    is(MKDIR, "attr/more|", "!ENOSPC");
    is(MKDIR, "attr|", "OK|");
    t[0] = begin();
    is_in(t[0], MKDIR, "attr/more|", "!ENOSPC");
    is_in(t[0], TRANSACTION_END, "T|", "OK|");
    is(RM, "drivers/1|", "OK|");
    t[0] = begin();
    for (count = 0; count < 150; count++) {
        sprintf(request, "drivers/1/%d|", count);
        ask(t[0], XS_MKDIR, request);
    }
    ok(good(), "a transaction does not count its own");
    is_in(t[0], TRANSACTION_END, "T|", "!ENOSPC");
    is(DIRECTORY, "drivers/1|", "!ENOENT");
    is(RM, "drivers|", "OK|");
    is(MKDIR, "attr/more|", "OK|");
    is(RM, "attr/more|", "OK|");
}

static void parts(void)
{
    const char *part;
    size_t all = 0;
    char request[64];

    for (int i = 0; i < 300; i++) {
        sprintf(request, "attr/x%d-%s|", i, "abcd");
        ask(0, XS_MKDIR, request);
        if (!good())
            break;
    }
    ok(is_text("!ENOSPC"), "a list of names is part of a node's size");
    ask(0, XS_DIRECTORY, "attr|");
    all = strlen(text);
    ok(all == 2015 || all == 2014 || all == 2013 || all == 2012 || (all > 2000 && all < 2016),
       "it is nearly as long as a node may be");
    ask(0, XS_DIRECTORY_PART, "attr|0|");
    part = strchr(text, '|');
    ok(part && strlen(part + 1) == all + 1, "one part has all of it, and an empty name");
    is(DIRECTORY_PART, "nothing|0|", "!ENOENT");
    ask(0, XS_DIRECTORY_PART, "attr|100000|");
    part = strchr(text, '|');
    ok(part && strcmp(part, "||") == 0, "behind its end there is an empty name");
    ask(0, XS_DIRECTORY_PART, "attr|2|");
    part = strchr(text, '|');
    ok(part && strncmp(part, "|-abcd|x1-", 10) == 0, "it can begin within a name");
    is(RM, "attr|", "OK|");
}

static void transactions(void)
{
    uint32_t t = begin(), other;

    ok(good(), "a transaction begins");
    is_in(t, TRANSACTION_START, "|", "!EBUSY");
    is_in(t + 100, TRANSACTION_START, "|", "!ENOENT");
    is_in(t, TRANSACTION_END, "T", "!EINVAL");
    is_in(t, TRANSACTION_END, "X|", "!EINVAL");
    is_in(t, TRANSACTION_END, "", "!EINVAL");
    is(TRANSACTION_END, "T|", "!ENOENT");
    is_in(t + 100, TRANSACTION_END, "T|", "!ENOENT");
    is_in(t, WRITE, "feature/a|1", "OK|");
    is_in(t, READ, "feature/a|", "1");
    is_in(t, DIRECTORY, "feature|", "a|");
    is(READ, "feature/a|", "!ENOENT");
    is(DIRECTORY, "feature|", "");
    is_in(t, TRANSACTION_END, "T|", "OK|");
    is(READ, "feature/a|", "1");
    t = begin();
    is_in(t, WRITE, "feature/b/c|1", "OK|");
    is_in(t, TRANSACTION_END, "F|", "OK|");
    is(READ, "feature/b|", "!ENOENT");
    /* What it has not looked at may change. */
    t = begin();
    is_in(t, READ, "feature/a|", "1");
    is(WRITE, "feature/z|1", "OK|");
    is_in(t, TRANSACTION_END, "T|", "OK|");
    t = begin();
    is_in(t, READ, "feature/a|", "1");
    is(WRITE, "feature/a|2", "OK|");
    is_in(t, READ, "feature/a|", "1");
    is_in(t, TRANSACTION_END, "T|", "!EAGAIN");
    t = begin();
    is_in(t, DIRECTORY, "feature|", "a|z|");
    is(MKDIR, "feature/m|", "OK|");
    is_in(t, DIRECTORY, "feature|", "a|z|");
    is_in(t, MKDIR, "feature/n|", "OK|");
    is_in(t, DIRECTORY, "feature|", "a|z|n|");
    is_in(t, TRANSACTION_END, "T|", "!EAGAIN");
    t = begin();
    is_in(t, READ, "feature/none|", "!ENOENT");
    is(MKDIR, "feature/none|", "OK|");
    is_in(t, READ, "feature/none|", "!ENOENT");
    is_in(t, TRANSACTION_END, "T|", "!EAGAIN");
    t = begin();
    other = begin();
    is_in(t, WRITE, "feature/a|3", "OK|");
    is_in(other, WRITE, "feature/a|4", "OK|");
    is_in(other, TRANSACTION_END, "T|", "OK|");
    is_in(t, TRANSACTION_END, "T|", "!EAGAIN");
    is(READ, "feature/a|", "4");
    /* Removed, made again, and in the order of the list */
    is(DIRECTORY, "feature|", "a|z|m|none|");
    t = begin();
    is_in(t, WRITE, "feature/m/sub|1", "OK|");
    is_in(t, RM, "feature/m|", "OK|");
    is_in(t, RM, "feature/a|", "OK|");
    is_in(t, READ, "feature/a|", "!ENOENT");
    is_in(t, MKDIR, "feature/new|", "OK|");
    is_in(t, MKDIR, "feature/a/again|", "OK|");
    is_in(t, SET_PERMS, "feature/z|n$|r%|", "OK|");
    is_in(t, GET_PERMS, "feature/z|", "n$|r%|");
    is_in(t, DIRECTORY, "feature|", "z|none|new|a|");
    is_in(t, TRANSACTION_END, "T|", "OK|");
    is(DIRECTORY, "feature|", "z|none|new|a|");
    is(DIRECTORY, "feature/a|", "again|");
    is(READ, "feature/a|", "");
    is(GET_PERMS, "feature/z|", "n$|r%|");
    t = begin();
    is_in(t, READ, "/nothing|", "!EACCES");
    is_in(t, RM, "feature/z/x|", "OK|");
    is_in(t, RM, "feature/x/y|", "!ENOENT");
    is_in(t, TRANSACTION_END, "T|", "OK|");
}

static void watches(void)
{
    struct xsd_sockmsg header;
    uint32_t t;

    is(WATCH, "error|e|", "OK|");
    is(WATCH, "/local/domain/$/error|a|", "OK|");
    is(WATCH, "error|e|", "!EEXIST");
    is(WATCH, "/local/domain/$/error/x/y|d|", "OK|");
    is(WATCH, "@releaseDomain|r|", "OK|");
    is(WATCH, "@whatever|w|", "OK|");
    events("error|e|/local/domain/$/error|a|/local/domain/$/error/x/y|d|@releaseDomain|r|"
           "@whatever|w|");
    is(WRITE, "error/x|1", "OK|");
    events("error/x|e|/local/domain/$/error/x|a|");
    is(WRITE, "error/x/y/z|1", "OK|");
    events("error/x/y/z|e|/local/domain/$/error/x/y/z|a|/local/domain/$/error/x/y/z|d|");
    is(MKDIR, "error/x|", "OK|");
    events("");
    is(RM, "error/none|", "OK|");
    events("");
    is(SET_PERMS, "error/x|n$|r%|", "OK|");
    events("error/x|e|/local/domain/$/error/x|a|");
    is(WRITE, "error-not|1", "!EACCES");
    events("");
    is(RM, "error/x|", "OK|");
    events("/local/domain/$/error/x/y|d|error/x|e|/local/domain/$/error/x|a|");
    /* At the end, and each path once */
    t = begin();
    is_in(t, WRITE, "error/p|1", "OK|");
    is_in(t, WRITE, "error/q|1", "OK|");
    is_in(t, WRITE, "error/p|2", "OK|");
    is_in(t, MKDIR, "error/gone|", "OK|");
    is_in(t, RM, "error/gone|", "OK|");
    events("");
    is_in(t, TRANSACTION_END, "T|", "OK|");
    events("error/p|e|/local/domain/$/error/p|a|error/q|e|/local/domain/$/error/q|a|");
    t = begin();
    is_in(t, RM, "error/p|", "OK|");
    is_in(t, WRITE, "error/x/y|1", "OK|");
    is_in(t, SET_PERMS, "error/q|n$|r%|", "OK|");
    is_in(t, TRANSACTION_END, "T|", "OK|");
    events("error/p|e|/local/domain/$/error/p|a|"
           "error/x/y|e|/local/domain/$/error/x/y|a|/local/domain/$/error/x/y|d|"
           "error/q|e|/local/domain/$/error/q|a|");
    /* Both are one path, however it was said. */
    is(UNWATCH, "error|x|", "!ENOENT");
    is(UNWATCH, "/local/domain/$/error|e|", "OK|");
    is(UNWATCH, "error|a|", "OK|");
    is(UNWATCH, "error|a|", "!ENOENT");
    is(WRITE, "error/q|1", "OK|");
    events("");
    is(RESET_WATCHES, "|", "OK|");
    is(RM, "error/x|", "OK|");
    events("");
    is(UNWATCH, "@releaseDomain|r|", "!ENOENT");
    /* An event that is in the queue already is not sent again. */
    is(WATCH, "error|1|", "OK|");
    events("error|1|");
    put(bytes, compose(bytes, XS_WRITE, 1, 0, "error/q|1"));
    put(bytes, compose(bytes, XS_WRITE, 2, 0, "error/q|2"));
    answer(&header, text);
    ok(header.req_id == 1 && is_text("OK|"), "one of two writes at once");
    answer(&header, text);
    ok(header.req_id == 2 && is_text("OK|"), "the other");
    is(RESET_WATCHES, "|", "OK|");
    ask(0, XS_GET_DOMAIN_PATH, "0|");
    seen[0] = '\0';
    ok(true, "no more");
}

/* ---- pieces ---- */

static void pieces(void)
{
    struct xsd_sockmsg header;
    size_t len = compose(bytes, XS_GET_DOMAIN_PATH, 7, 0, "5|");

    for (size_t i = 0; i < len; i++) {
        put(bytes + i, 1);
        while (look(&ring->req_cons) != ring->req_prod)
            wait_for(port);
    }
    answer(&header, text);
    ok(header.req_id == 7 && is_text("/local/domain/5|"), "a request in pieces of one byte");
    /* As many as are in the ring at once */
    len = 0;
    for (uint32_t i = 0; i < 30; i++)
        len += compose(bytes + len, XS_GET_DOMAIN_PATH, 1000 + i, 0, "12|");
    put(bytes, len);
    for (uint32_t i = 0; i < 30; i++) {
        answer(&header, text);
        if (header.req_id != 1000 + i || !is_text("/local/domain/12|"))
            break;
        if (i == 29)
            ok(true, "30 requests at once are answered in order");
    }
    check(0, XS_GET_DOMAIN_PATH, many("", 'x', 4095, "|"), "/local/domain/0|");
    check(0, XS_WRITE, many("attr|", 'x', 4091, ""), "!EACCES");
}

/* ---- both ---- */

static void shared_a(void)
{
    is(MKDIR, "control/shutdown/mine|", "OK|");
    is(WRITE, "control/shutdown/mine/r|1", "OK|");
    is(SET_PERMS, "control/shutdown/mine/r|n$|r%|", "OK|");
    is(WRITE, "control/shutdown/mine/w|1", "OK|");
    is(SET_PERMS, "control/shutdown/mine/w|n$|w%|", "OK|");
    is(WRITE, "control/shutdown/mine/b|1", "OK|");
    is(SET_PERMS, "control/shutdown/mine/b|n$|b%|", "OK|");
    is(WRITE, "control/shutdown/mine/all|1", "OK|");
    is(SET_PERMS, "control/shutdown/mine/all|b$|n%|", "OK|");
    is(WATCH, "control/shutdown/mine|t|", "OK|");
    events("control/shutdown/mine|t|");
    meet();
    meet();
    events("control/shutdown/mine/w|t|control/shutdown/mine/b|t|control/shutdown/mine/b/made|t|");
    is(GET_PERMS, "control/shutdown/mine/b/made|", "!EACCES");
    is(READ, "control/shutdown/mine/b|", "3");
    is(WRITE, "control/shutdown/mine/r|2", "OK|");
    is(WRITE, "control/shutdown/mine/w|2", "OK|");
    is(SET_PERMS, "control/shutdown/mine/r|n$|", "OK|");
    is(WRITE, "control/shutdown/mine/r|3", "OK|");
    is(RM, "control/shutdown/mine/b|", "OK|");
    meet();
    meet();
}

static void shared_b(void)
{
    meet();
    is(READ, "/local/domain/%/control/shutdown/mine|", "!EACCES");
    is(READ, "/local/domain/%/control/shutdown/mine/r|", "1");
    is(GET_PERMS, "/local/domain/%/control/shutdown/mine/r|", "n%|r$|");
    is(WRITE, "/local/domain/%/control/shutdown/mine/r|2", "!EACCES");
    is(RM, "/local/domain/%/control/shutdown/mine/r|", "!EACCES");
    is(SET_PERMS, "/local/domain/%/control/shutdown/mine/r|n%|", "!EACCES");
    is(READ, "/local/domain/%/control/shutdown/mine/w|", "!EACCES");
    is(WRITE, "/local/domain/%/control/shutdown/mine/w|2", "OK|");
    is(READ, "/local/domain/%/control/shutdown/mine/b|", "1");
    is(WRITE, "/local/domain/%/control/shutdown/mine/b|3", "OK|");
    is(SET_PERMS, "/local/domain/%/control/shutdown/mine/b|n%|", "!EACCES");
    is(MKDIR, "/local/domain/%/control/shutdown/mine/b/made|", "OK|");
    is(GET_PERMS, "/local/domain/%/control/shutdown/mine/b/made|", "n$|b$|");
    is(READ, "/local/domain/%/control/shutdown/mine/all|", "!EACCES");
    is(READ, "/local/domain/%/control/shutdown/mine/none|", "!EACCES");
    is(READ, "/local/domain/%/control/shutdown/mine/r/none|", "!ENOENT");
    is(MKDIR, "/local/domain/%/control/shutdown/mine/r/none|", "!EACCES");
    is(READ, "/local/domain/%/name|", "!EACCES");
    is(READ, "/local/domain/%|", "!EACCES");
    is(WATCH, "/local/domain/%/control/shutdown/mine|t|", "OK|");
    is(WATCH, "/local/domain/%/name|n|", "OK|");
    events("/local/domain/%/control/shutdown/mine|t|/local/domain/%/name|n|");
    meet();
    meet();
    /* What it can read, and what it could until now */
    events("/local/domain/%/control/shutdown/mine/r|t|"
           "/local/domain/%/control/shutdown/mine/r|t|"
           "/local/domain/%/control/shutdown/mine/b|t|");
    is(RESET_WATCHES, "|", "OK|");
    meet();
}

/* ---- the end: the connection of who breaks the protocol, and of no other ---- */

static void await_error(void)
{
    for (int i = 0; i < 3000 && !look(&ring->error); i++)
        pause_a_moment();
}

static void too_long(void)
{
    struct xsd_sockmsg header = {.type = XS_READ, .len = XENSTORE_PAYLOAD_MAX + 1};

    ok(ring->server_features == 0 && ring->connection == XENSTORE_CONNECTED && !ring->error,
       "no features, connected, no error");
    put((const char *)&header, sizeof header);
    await_error();
    ok(ring->error == XENSTORE_ERROR_PROTO, "a payload of 4097 bytes is error %u", ring->error);
    compose(bytes, XS_GET_DOMAIN_PATH, 1, 0, "5|");
    ok(look(&ring->req_cons) == ring->req_prod, "its header was taken");
}

static void bad_index(void)
{
    is(GET_DOMAIN_PATH, "5|", "/local/domain/5|");
    __atomic_store_n(&ring->req_prod, ring->req_cons + XENSTORE_RING_SIZE + 1, __ATOMIC_SEQ_CST);
    send_on(port);
    await_error();
    ok(ring->error == XENSTORE_ERROR_RINGIDX, "an index out of range is error %u", ring->error);
}

/* What was said until here is on the console if it does not come to its end. */
static void step(void (*function)(void))
{
    function();
    fflush(stdout);
}

static void a(void)
{
    map_ring();
    step(strings);
    step(types);
    step(tree);
    step(nodes);
    step(sizes);
    step(limits);
    step(parts);
    step(transactions);
    step(watches);
    step(pieces);
    step(shared_a);
    step(too_long);
    meet();
    meet();
}

static void b(void)
{
    map_ring();
    step(shared_b);
    meet();
    step(bad_index);
    meet();
}
