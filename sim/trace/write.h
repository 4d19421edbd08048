/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of the writer share among themselves.
 */
#ifndef SIM_TRACE_WRITE_H
#define SIM_TRACE_WRITE_H

#include "describe.h"
#include "format.h"
#include "trace.h"

/* Contents as they are being made, and as slots hold them: with zeroes up to a whole word. */
struct trace_contents {
    size_t size; /* bytes, a multiple of 4 */
    union {
        uint64_t words[TRACE_CONTENTS_MAX / 8 + 1];
        uint8_t bytes[TRACE_CONTENTS_MAX + 8];
        struct trace_record record;
    };
};

/* A line of the cache each. */
struct trace_slot {
    uint64_t words[TRACE_SLOT_BYTES / 8];
    uint32_t size;
    uint32_t next; /* the slot that was used after this one, the last time */
} __attribute__((aligned(64)));

/* One hypercall that is remembered: a line of the cache. */
struct trace_memory_entry {
    unsigned long arguments[5];
    long result;
    unsigned int op;
    uint32_t number;
    uint16_t vcpu;
    bool is_back;
} __attribute__((aligned(64)));

struct trace_memory {
    struct trace_memory_entry entries[TRACE_LAST];
    unsigned int next; /* how many there have been */
};

#define TRACE_DOMAINS 1024U /* more than there can be */

/* Written with pwrite, so that writing again what has been written already does no harm. */
struct trace_output {
    int fd;               /* -1: none */
    bool is_stream;       /* it has no place to write at */
    uint64_t written;     /* bytes in the file */
    volatile size_t used; /* bytes that are complete */
    size_t size;
    uint8_t *buffer;
};

struct trace {
    struct trace_output file, times;
    uint64_t time;    /* of the last record */
    uint64_t records; /* so far */
    uint64_t last_moment_records, last_moment, start;
    int error; /* errno */
    char path[4096 + 8];
    struct trace_options options;
    struct trace_contents contents;
    struct trace_slot slots[TRACE_SLOTS];
    struct trace_slot *last_slot;
    struct trace_memory *memory[TRACE_DOMAINS];
};

/* ---- write.c ---- */

/* Begins contents; trace_put ends them. No other may begin in between. */
static inline void trace_begin(struct trace *t, enum trace_kind kind, uint16_t vcpu, domid_t domid,
                               unsigned int op, uint32_t number)
{
    /* A struct trace_record in one store, since all of it is loaded soon. */
    t->contents.words[0] = (uint64_t)kind | (uint64_t)(vcpu & 0xffU) << 8 | (uint64_t)domid << 16 |
                           (uint64_t)(op & 0xffU) << 32 | (uint64_t)(number & 0xffffU) << 48;
    t->contents.size = sizeof(struct trace_record);
}

/* Writes the contents as a record of system time TIME. */
void trace_put(struct trace *t, uint64_t time);

static inline void trace_add_bytes(struct trace *t, const void *bytes, size_t len)
{
    __builtin_memcpy(t->contents.bytes + t->contents.size, bytes, len);
    t->contents.size += len;
}

static inline void trace_add_32(struct trace *t, uint32_t value)
{
    trace_add_bytes(t, &value, sizeof(value));
}

static inline void trace_add_64(struct trace *t, uint64_t value)
{
    trace_add_bytes(t, &value, sizeof(value));
}

/* Zeroes up to the next multiple of four. */
static inline void trace_pad(struct trace *t)
{
    while (t->contents.size & 3)
        t->contents.bytes[t->contents.size++] = 0;
}

/* ---- last.c ---- */

void trace_remember(struct trace *t, const struct hypervisor_call *call);
void trace_remember_event(struct trace *t, const struct hypervisor_event *event);
void trace_forget_all(struct trace *t);

#endif
