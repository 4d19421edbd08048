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

/*
 * What contents are, of a hypercall whose number is given by registers: enough to see that another
 * one's would be the same without making them.
 */
enum trace_shape {
    TRACE_SHAPE_OTHER,
    TRACE_SHAPE_EMPTY,  /* a call without arguments */
    TRACE_SHAPE_WORD,   /* a call with a struct of four bytes */
    TRACE_SHAPE_POLL,   /* a call with a struct sched_poll and all of its ports */
    TRACE_SHAPE_RESULT, /* a return with nothing but the result */
};

/* A line of the cache each. */
struct trace_slot {
    uint64_t words[TRACE_SLOT_BYTES / 8];
    uint16_t size;
    uint16_t next; /* the slot that was used after this one, the last time */
    uint8_t shape;
    uint8_t reg; /* which points to the struct */
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
    struct trace_output file;
    uint64_t time;                           /* of the last record */
    uint64_t records;                        /* so far */
    struct trace_slot *last_slot, *expected; /* what followed it the last time */
    uint8_t *run;               /* the last token, if it counts records: by steps of RUN_STEP, */
    uint8_t run_step, run_left; /* so many more of them */
    struct trace_output times;
    uint64_t last_moment_records, last_moment, start;
    int error; /* errno */
    char path[4096 + 8];
    struct trace_options options;
    struct trace_contents contents;
    struct trace_slot slots[TRACE_SLOTS];
    struct trace_memory *memory[TRACE_DOMAINS];
};

/* ---- write.c ---- */

/* A struct trace_record as a number. */
static inline uint64_t trace_head(enum trace_kind kind, uint16_t vcpu, domid_t domid,
                                  unsigned int op, uint32_t number)
{
    return (uint64_t)kind | (uint64_t)(vcpu & 0xffU) << 8 | (uint64_t)domid << 16 |
           (uint64_t)(op & 0xffU) << 32 | (uint64_t)(number & 0xffffU) << 48;
}

/* Begins contents; trace_put ends them. No other may begin in between. */
static inline void trace_begin(struct trace *t, enum trace_kind kind, uint16_t vcpu, domid_t domid,
                               unsigned int op, uint32_t number)
{
    /* In one store, since all of it is loaded soon. */
    t->contents.words[0] = trace_head(kind, vcpu, domid, op, number);
    t->contents.size = sizeof(struct trace_record);
}

/*
 * Writes the contents as a record of system time TIME. They have SHAPE; REG is for the slot that
 * they go to.
 */
void trace_put_shape(struct trace *t, uint64_t time, enum trace_shape shape, uint8_t reg);
static inline void trace_put(struct trace *t, uint64_t time)
{
    trace_put_shape(t, time, TRACE_SHAPE_OTHER, 0);
}

/* trace_is_open, where a call is felt. */
static inline bool trace_writes(const struct trace *t) { return t->file.fd >= 0; }

/* S is what has been recorded last. Guests drive what follows it out of the nearest cache. */
static inline void trace_passes(struct trace *t, struct trace_slot *s)
{
    t->last_slot = s;
    t->expected = &t->slots[s->next];
    __builtin_prefetch(t->expected);
}

void trace_put_later(struct trace *t, uint64_t time);

/*
 * Writes a record of what EXPECTED has. Whoever compares with that himself saves most of what a
 * record costs. It may be empty: all zeroes.
 */
static inline void trace_put_expected(struct trace *t, uint64_t time)
{
    trace_passes(t, t->expected);
    if (time <= t->time && t->run_left) {
        t->records++;
        t->run_left--;
        *t->run = (uint8_t)(*t->run + t->run_step);
    } else {
        trace_put_later(t, time);
    }
}

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
/* One that has just been created. */
void trace_remember_domain(struct trace *t, const struct hypervisor_event *event);
void trace_forget_all(struct trace *t);

#endif
