/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What XenStore's requests cost over a domain's ring, from the message to its answer. Prints a line
 * for stores of 100 nodes to 100,000, which are children of 100 directories: their number, and in
 * nanoseconds READ, WRITE and a transaction of ten WRITEs. Each turn takes a node that is far in
 * memory from the one before, and all are taken before one is again. The fifth number is what no
 * store can do without: a READ finds where its node is, and the node, each at an address that is
 * only known then; two such accesses in as much memory, with nothing else.
 */
#include "xenstore/xenstore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURNS  5000U
#define ROUNDS 60U    /* the fastest counts; stores take turns */
#define FAR    61803U /* has no divisor in common with the numbers of nodes */

static struct xenstore_domain_interface
    ring; /* of one store at a time: it is empty between turns */
static struct xenstore *store;

static uint64_t now(void *context)
{
    struct timespec t;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static enum xenstore_domain_state state(void *context, unsigned int domid)
{
    (void)context;
    return domid <= 1 ? XENSTORE_DOMAIN_RUNNING : XENSTORE_DOMAIN_NONE;
}

static struct xenstore_domain_interface *map(void *context, unsigned int domid)
{
    (void)context, (void)domid;
    return &ring;
}

static bool bind_port(void *context, unsigned int domid, evtchn_port_t port)
{
    (void)context, (void)domid, (void)port;
    return true;
}

static void nothing(void *context, unsigned int domid) { (void)context, (void)domid; }

static void put(const void *bytes, size_t len)
{
    size_t at = MASK_XENSTORE_IDX(ring.req_prod), first = XENSTORE_RING_SIZE - at;

    if (first > len)
        first = len;
    memcpy(ring.req + at, bytes, first);
    memcpy(ring.req, (const char *)bytes + first, len - first);
    ring.req_prod += (XENSTORE_RING_IDX)len;
}

/* Returns the number that the answer is, if it is one. */
static uint32_t ask(uint32_t type, uint32_t t, const char *payload, size_t len)
{
    struct xsd_sockmsg header = {.type = type, .tx_id = t, .len = (uint32_t)len};
    char answer[sizeof(header) + 64] = "";
    size_t size;

    put(&header, sizeof(header));
    put(payload, len);
    xenstore_ring_serve(store, 1);
    size = ring.rsp_prod - ring.rsp_cons;
    for (size_t i = 0; i < size && i < sizeof(answer); i++)
        answer[i] = ring.rsp[MASK_XENSTORE_IDX(ring.rsp_cons + i)];
    ring.rsp_cons = ring.rsp_prod;
    memcpy(&header, answer, sizeof(header));
    if (header.type != type) {
        fprintf(stderr, "xenstore: %u is answered %s\n", type, answer + sizeof(header));
        exit(1);
    }
    return (uint32_t)strtoul(answer + sizeof(header), NULL, 10);
}

static size_t path(char *out, unsigned int i)
{
    return (size_t)sprintf(out, "/local/domain/1/data/%u/node-%u", i % 100, i) + 1;
}

static size_t far_path(char *out, unsigned int nodes, unsigned int i)
{
    return path(out, (unsigned int)((uint64_t)i * FAR % nodes));
}

static void turn_read(unsigned int nodes, unsigned int i)
{
    char text[80];

    ask(XS_READ, 0, text, far_path(text, nodes, i));
}

static void write_in(uint32_t t, unsigned int nodes, unsigned int i)
{
    char text[80];
    size_t len = far_path(text, nodes, i);

    ask(XS_WRITE, t, text, len + (size_t)sprintf(text + len, "value %u", i));
}

static void turn_write(unsigned int nodes, unsigned int i) { write_in(0, nodes, i); }

static void turn_ten(unsigned int nodes, unsigned int i)
{
    uint32_t t = ask(XS_TRANSACTION_START, 0, "", 1);

    for (unsigned int k = 0; k < 10; k++)
        write_in(t, nodes, 10 * i + k);
    ask(XS_TRANSACTION_END, t, "T", 2);
}

/* ---- the floor: each line of the memory says which is next ---- */

#define LINE         64U
#define BYTES_A_NODE 192U

/* One circle through all of LINES, in random order (Sattolo's algorithm). */
static void make_circle(char *memory, unsigned int lines)
{
    uint64_t random = 88172645463325252U;
    size_t here, there;

    for (size_t i = 0; i < lines; i++)
        memcpy(memory + i * LINE, &i, sizeof(i));
    for (size_t i = lines - 1; i > 0; i--) {
        char *other;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        other = memory + random % i * LINE;
        memcpy(&here, memory + i * LINE, sizeof(here));
        memcpy(&there, other, sizeof(there));
        memcpy(memory + i * LINE, &there, sizeof(there));
        memcpy(other, &here, sizeof(here));
    }
}

static double two_accesses(unsigned int nodes)
{
    const unsigned int lines = nodes * (BYTES_A_NODE / LINE);
    char *memory = malloc((size_t)lines * LINE);
    double best = 0;
    size_t at = 0;

    if (!memory)
        exit(1);
    make_circle(memory, lines);
    for (unsigned int round = 0; round < ROUNDS; round++) {
        uint64_t start = now(NULL);
        double each;

        for (unsigned int i = 0; i < TURNS; i++)
            memcpy(&at, memory + at * LINE, sizeof(at));
        each = 2 * (double)(now(NULL) - start) / TURNS;
        if (round == 0 || each < best)
            best = each;
    }
    free(memory);
    return at < lines ? best : -1;
}

/* ---- the store ---- */

static const struct {
    void (*turn)(unsigned int nodes, unsigned int i);
    unsigned int turns;
} kinds[] = {{turn_read, TURNS}, {turn_write, TURNS}, {turn_ten, TURNS / 10}};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const unsigned int sizes[] = {100, 1000, 10000, 100000};

#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static struct xenstore *make(unsigned int nodes)
{
    static const struct xenstore_host host = {.now = now,
                                              .domain_state = state,
                                              .map = map,
                                              .unmap = nothing,
                                              .bind = bind_port,
                                              .unbind = nothing,
                                              .notify = nothing};
    struct xenstore *s = xenstore_create(&host);

    xenstore_introduce(s, 1, 1);
    xenstore_mkdir(s, NULL, "/local/domain/1/data");
    xenstore_set_permissions(s, NULL, "/local/domain/1/data", "n0 b1"); /* its quota of memory */
    for (unsigned int i = 0; i < nodes; i++) {
        char text[80];

        path(text, i);
        xenstore_write(s, NULL, text, "value", 5);
    }
    return s;
}

int main(void)
{
    struct xenstore *stores[SIZES];
    double best[SIZES][KINDS];

    for (unsigned int size = 0; size < SIZES; size++)
        stores[size] = make(sizes[size]);
    for (unsigned int round = 0; round < ROUNDS; round++) {
        for (unsigned int i = 0; i < SIZES * KINDS; i++) {
            unsigned int size = i % SIZES, kind = i / SIZES;
            uint64_t start = now(NULL);
            double each;

            store = stores[size];
            for (unsigned int k = 0; k < kinds[kind].turns; k++)
                kinds[kind].turn(sizes[size], round * kinds[kind].turns + k);
            each = (double)(now(NULL) - start) / kinds[kind].turns;
            if (round == 0 || each < best[size][kind])
                best[size][kind] = each;
        }
    }
    for (unsigned int size = 0; size < SIZES; size++) {
        printf("%u %.0f %.0f %.0f %.0f\n", sizes[size], best[size][0], best[size][1], best[size][2],
               two_accesses(sizes[size]));
        xenstore_destroy(stores[size]);
    }
    return 0;
}
