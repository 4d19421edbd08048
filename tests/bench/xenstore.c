/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What XenStore's requests cost over a domain's ring, from the message to its answer. Prints, in
 * nanoseconds, READ, WRITE and a transaction of ten WRITEs: three numbers with 100 nodes, three
 * with 100,000, the nodes being children of 100 directories.
 */
#include "xenstore/xenstore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURNS  20000U
#define ROUNDS 7U /* the fastest counts */

static struct xenstore_domain_interface ring;
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

static size_t path(char *out, unsigned int nodes, unsigned int i)
{
    i = i * 7919 % nodes;
    return (size_t)sprintf(out, "/local/domain/1/data/%u/node-%u", i % 100, i) + 1;
}

static void turn_read(unsigned int nodes, unsigned int i)
{
    char text[80];

    ask(XS_READ, 0, text, path(text, nodes, i));
}

static void write_in(uint32_t t, unsigned int nodes, unsigned int i)
{
    char text[80];
    size_t len = path(text, nodes, i);

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

static void measure(void (*turn)(unsigned int nodes, unsigned int i), unsigned int nodes,
                    unsigned int turns)
{
    uint64_t best = UINT64_MAX;

    for (unsigned int round = 0; round < ROUNDS; round++) {
        uint64_t start = now(NULL), took;

        for (unsigned int i = 0; i < turns; i++)
            turn(nodes, i);
        took = now(NULL) - start;
        if (took < best)
            best = took;
    }
    printf("%.0f ", (double)best / turns);
}

int main(void)
{
    static const struct xenstore_host host = {.now = now,
                                              .domain_state = state,
                                              .map = map,
                                              .unmap = nothing,
                                              .bind = bind_port,
                                              .unbind = nothing,
                                              .notify = nothing};
    static const unsigned int sizes[] = {100, 100000};

    store = xenstore_create(&host);
    xenstore_introduce(store, 1, 1);
    for (unsigned int k = 0; k < 2; k++) {
        xenstore_mkdir(store, NULL, "/local/domain/1/data");
        xenstore_set_permissions(store, NULL, "/local/domain/1/data",
                                 "n0 b1"); /* its quota of memory */
        for (unsigned int i = 0; i < sizes[k]; i++) {
            char text[80];

            path(text, sizes[k], i);
            xenstore_write(store, NULL, text, "value", 5);
        }
        measure(turn_read, sizes[k], TURNS);
        measure(turn_write, sizes[k], TURNS);
        measure(turn_ten, sizes[k], TURNS / 10);
    }
    printf("\n");
    xenstore_destroy(store);
    return 0;
}
