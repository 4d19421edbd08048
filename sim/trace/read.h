/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reading traces: the records of a file (read.c), and hypercalls joined with their returns
 * (join.c).
 */
#ifndef SIM_TRACE_READ_H
#define SIM_TRACE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format.h"

/* Longest messages of the functions here, which are one line without a program's name. */
#define TRACE_MESSAGE 4400U

struct trace_reader;

struct trace_item {
    uint64_t number; /* from 1 */
    uint64_t time;   /* system time */
    size_t size;     /* of what follows the record's head */
    const struct trace_record *record;
    const uint8_t *body; /* not aligned; valid until the next call */
};

/* Opens PATH. NULL with a message: it cannot be read, or is not a trace of this version. */
struct trace_reader *trace_reader_open(const char *path, char *message);
void trace_reader_close(struct trace_reader *r);

const char *trace_reader_path(const struct trace_reader *r);
const struct trace_file_header *trace_reader_header(const struct trace_reader *r);

enum trace_more {
    TRACE_MORE,    /* *ITEM is the next one */
    TRACE_AT_END,  /* the run has ended in order, and so has the file */
    TRACE_CUT,     /* the file just ends, or in the middle of a record */
    TRACE_DAMAGED, /* what is there cannot be */
};

enum trace_more trace_read(struct trace_reader *r, struct trace_item *item);

/* The name of the domain that had the number DOMID last, or "d5" for 5. */
const char *trace_domain_name(const struct trace_reader *r, uint16_t domid);
/* As trace_read does it by itself, for whoever has read ahead and forgets the names. */
void trace_name_domain(struct trace_reader *r, const struct trace_item *item);
/* So that names are those of the records that trace_name_domain is told of. */
void trace_names_later(struct trace_reader *r);

/* ---- real time ---- */

/* Takes the real times of PATH.times. False with a message if there are none. */
bool trace_reader_times(struct trace_reader *r, char *message);
/* Nanoseconds since the start of the run at record NUMBER, or shortly before or after. */
uint64_t trace_real_time(const struct trace_reader *r, uint64_t number);
/* Nanoseconds since 1970 at the start. */
uint64_t trace_real_start(const struct trace_reader *r);

/* ---- join.c ---- */

/* A record, and if it is a call the return that belongs to it. */
struct trace_entry {
    struct trace_item item;
    bool returns;           /* RETURN is it, */
    struct trace_item back; /* without a switch to another vCPU in between */
    unsigned int depth;     /* in a multicall: 1 */
};

struct trace_joiner;

struct trace_joiner *trace_joiner_create(struct trace_reader *r);
void trace_joiner_destroy(struct trace_joiner *j);
/* A return that is part of an entry before is not one itself. */
enum trace_more trace_join(struct trace_joiner *j, struct trace_entry *entry);

#endif
