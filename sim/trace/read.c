/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The records of a trace's file, one after the other. The file is mapped, and can be larger than
 * memory. Nothing in it is believed: a file may be cut, damaged, or something else.
 */
#define _GNU_SOURCE
#include "read.h"
#include "describe.h"

#include "hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct slot {
    uint16_t size;
    uint16_t next; /* which followed it the last time */
    uint8_t bytes[TRACE_SLOT_BYTES];
} __attribute__((aligned(8)));

struct moment {
    uint64_t records, time;
};

struct trace_reader {
    char path[4096];
    const uint8_t *bytes;
    size_t size, place;
    uint64_t time, records;
    struct trace_file_header header;
    bool names_later;
    char **names; /* by number, of those below NAME_COUNT */
    unsigned int name_count;
    char number[8]; /* the name of one that has none */
    struct trace_times_header times;
    struct moment *moments;
    size_t moment_count;
    struct trace_record record;
    struct slot slots[TRACE_SLOTS];
    unsigned int last; /* the slot of the record before */
    unsigned int run;  /* records that are left of a token that counts some */
};

/* ---- files ---- */

static const uint8_t *map_file(const char *path, size_t *size, char *message)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *p = NULL;
    struct stat s;

    *size = 0;
    if (fd < 0 || fstat(fd, &s)) {
        snprintf(message, TRACE_MESSAGE, "%.4000s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (!S_ISREG(s.st_mode)) {
        snprintf(message, TRACE_MESSAGE, "%.4000s: not a regular file", path);
    } else if (!s.st_size) {
        snprintf(message, TRACE_MESSAGE, "%.4000s: not a trace: it is empty", path);
    } else {
        p = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED) {
            snprintf(message, TRACE_MESSAGE, "%.4000s: %s", path, strerror(errno));
            p = NULL;
        }
        *size = (size_t)s.st_size;
    }
    close(fd);
    return p;
}

static bool check_header(const struct trace_reader *r, char *message)
{
    const struct trace_file_header *h = &r->header;

    if (r->size < sizeof(*h) || memcmp(h->magic, TRACE_MAGIC, sizeof(h->magic)) != 0)
        snprintf(message, TRACE_MESSAGE, "%.4000s: not a trace (halvm run --trace makes them)",
                 r->path);
    else if (h->version != TRACE_VERSION)
        snprintf(message, TRACE_MESSAGE,
                 "%.4000s: a trace of version %u; this halvm reads version %u", r->path, h->version,
                 TRACE_VERSION);
    else if (h->layout != trace_layout())
        snprintf(message, TRACE_MESSAGE,
                 "%.4000s: made by another halvm, which knows other hypercalls: read it with that",
                 r->path);
    else
        return true;
    return false;
}

struct trace_reader *trace_reader_open(const char *path, char *message)
{
    struct trace_reader *r = calloc(1, sizeof(*r));

    if (!r)
        abort();
    snprintf(r->path, sizeof(r->path), "%s", path);
    r->bytes = map_file(path, &r->size, message);
    if (r->bytes && r->size >= sizeof(r->header))
        memcpy(&r->header, r->bytes, sizeof(r->header));
    if (!r->bytes || !check_header(r, message)) {
        trace_reader_close(r);
        return NULL;
    }
    r->place = sizeof(r->header);
    return r;
}

void trace_reader_close(struct trace_reader *r)
{
    if (r->bytes)
        munmap((void *)(uintptr_t)r->bytes, r->size);
    for (unsigned int i = 0; i < r->name_count; i++)
        free(r->names[i]);
    free(r->names);
    free(r->moments);
    free(r);
}

const char *trace_reader_path(const struct trace_reader *r) { return r->path; }

const struct trace_file_header *trace_reader_header(const struct trace_reader *r)
{
    return &r->header;
}

/* ---- records ---- */

/* False: the bytes end before the number does. */
static bool get_varint(const uint8_t *bytes, size_t size, size_t *place, uint64_t *value)
{
    *value = 0;
    for (unsigned int shift = 0; shift < 70 && *place < size; shift += 7) {
        uint8_t byte = bytes[(*place)++];

        if (shift < 64)
            *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* Contents are IN from now on. */
static bool take(struct trace_reader *r, struct trace_item *item, const uint8_t *in, size_t size)
{
    if (size < sizeof(r->record))
        return false;
    memcpy(&r->record, in, sizeof(r->record));
    item->record = &r->record;
    item->body = in + sizeof(r->record);
    item->size = size - sizeof(r->record);
    item->time = r->time;
    item->number = ++r->records;
    return true;
}

/* What is in the slot that followed the last time. */
static enum trace_more take_expected(struct trace_reader *r, struct trace_item *item)
{
    const struct slot *s;

    r->last = r->slots[r->last].next;
    s = &r->slots[r->last];
    return take(r, item, s->bytes, s->size) ? TRACE_MORE : TRACE_DAMAGED;
}

/* The slot that a token names, which from now on is expected after the last one. */
static enum trace_more get_slot(struct trace_reader *r, struct slot **s)
{
    uint16_t number;

    if (r->size - r->place < sizeof(number))
        return TRACE_CUT;
    memcpy(&number, r->bytes + r->place, sizeof(number));
    r->place += sizeof(number);
    if (number >= TRACE_SLOTS)
        return TRACE_DAMAGED;
    r->slots[r->last].next = number;
    r->last = number;
    *s = &r->slots[number];
    return TRACE_MORE;
}

/* The rest of a record whose token is none of those for expected ones. */
static enum trace_more read_unexpected(struct trace_reader *r, struct trace_item *item,
                                       unsigned int token)
{
    unsigned int kind = token & ~TRACE_TOKEN_TIME;
    enum trace_more more = TRACE_MORE;
    uint64_t later = 0, size;
    struct slot *s = NULL;

    if (kind > TRACE_TOKEN_BIG)
        return TRACE_DAMAGED;
    if (kind == TRACE_TOKEN_AGAIN || kind == TRACE_TOKEN_NEW)
        more = get_slot(r, &s);
    if (more != TRACE_MORE)
        return more;
    if (token & TRACE_TOKEN_TIME && !get_varint(r->bytes, r->size, &r->place, &later))
        return TRACE_CUT;
    r->time += later;
    if (kind == TRACE_TOKEN_EXPECTED)
        return take_expected(r, item);
    if (kind == TRACE_TOKEN_AGAIN)
        return take(r, item, s->bytes, s->size) ? TRACE_MORE : TRACE_DAMAGED;
    if (!get_varint(r->bytes, r->size, &r->place, &size))
        return TRACE_CUT;
    if (size > (s ? TRACE_SLOT_BYTES : TRACE_CONTENTS_MAX))
        return TRACE_DAMAGED;
    if (size > r->size - r->place)
        return TRACE_CUT;
    if (s) {
        s->size = (uint16_t)size;
        memcpy(s->bytes, r->bytes + r->place, size);
    }
    r->place += size;
    return take(r, item, r->bytes + r->place - size, size) ? TRACE_MORE : TRACE_DAMAGED;
}

static enum trace_more read_one(struct trace_reader *r, struct trace_item *item)
{
    unsigned int token;

    if (r->run) {
        r->run--;
        return take_expected(r, item);
    }
    if (r->place == r->size)
        return TRACE_CUT;
    token = r->bytes[r->place++];
    if (!token)
        return TRACE_DAMAGED;
    if (token <= TRACE_RUN_MAX) {
        r->run = token - 1;
        return take_expected(r, item);
    }
    if (token >= TRACE_TOKEN_EXPECTED)
        return read_unexpected(r, item, token);
    if (r->place == r->size)
        return TRACE_CUT;
    r->time += (token << 8 & TRACE_SOON_MAX) | r->bytes[r->place++];
    r->run = token / TRACE_SOON_RUN % (TRACE_SOON_RUN_MAX + 1);
    return take_expected(r, item);
}

enum trace_more trace_read(struct trace_reader *r, struct trace_item *item)
{
    enum trace_more more = read_one(r, item);

    if (more != TRACE_MORE)
        return more;
    if (r->record.kind == TRACE_END_RECORD) {
        uint64_t records = 0;

        if (item->size >= sizeof(records))
            memcpy(&records, item->body, sizeof(records));
        return records == item->number - 1 ? TRACE_AT_END : TRACE_DAMAGED;
    }
    if (!r->names_later)
        trace_name_domain(r, item);
    return TRACE_MORE;
}

/* ---- names ---- */

void trace_names_later(struct trace_reader *r) { r->names_later = true; }

static char **name_place(struct trace_reader *r, unsigned int domid)
{
    if (domid >= r->name_count) {
        unsigned int count = 2 * domid + 16;

        r->names = realloc(r->names, count * sizeof(*r->names));
        if (!r->names)
            abort();
        memset(r->names + r->name_count, 0, (count - r->name_count) * sizeof(*r->names));
        r->name_count = count;
    }
    return &r->names[domid];
}

void trace_name_domain(struct trace_reader *r, const struct trace_item *item)
{
    const struct trace_record *record = item->record;
    char **name;

    if (record->kind != TRACE_EVENT_RECORD || record->op != HYPERVISOR_EVENT_CREATED)
        return;
    name = name_place(r, record->domid);
    free(*name);
    *name = NULL;
    if (item->size > 4 && item->body[4])
        *name = strndup((const char *)item->body + 4, item->size - 4);
}

const char *trace_domain_name(const struct trace_reader *r, uint16_t domid)
{
    struct trace_reader *changed = (struct trace_reader *)(uintptr_t)r;

    if (domid < r->name_count && r->names[domid])
        return r->names[domid];
    snprintf(changed->number, sizeof(changed->number), "d%u", domid);
    return changed->number;
}

/* ---- real time ---- */

bool trace_reader_times(struct trace_reader *r, char *message)
{
    char path[sizeof(r->path) + 8];
    const uint8_t *bytes;
    size_t size, place = sizeof(r->times), space = 0;
    struct moment now = {0};

    snprintf(path, sizeof(path), "%s.times", r->path);
    bytes = map_file(path, &size, message);
    if (!bytes)
        return false;
    if (size >= sizeof(r->times))
        memcpy(&r->times, bytes, sizeof(r->times));
    if (memcmp(r->times.magic, TRACE_TIMES_MAGIC, sizeof(r->times.magic)) != 0 ||
        r->times.version != TRACE_VERSION) {
        snprintf(message, TRACE_MESSAGE, "%.4000s: not the real times of a trace of this version",
                 path);
        munmap((void *)(uintptr_t)bytes, size);
        return false;
    }
    for (;;) {
        uint64_t records, time;

        if (!get_varint(bytes, size, &place, &records) || !get_varint(bytes, size, &place, &time))
            break; /* what was cut is of no use */
        now.records += records;
        now.time += time;
        if (r->moment_count == space) {
            space = space ? 2 * space : 1024;
            r->moments = realloc(r->moments, space * sizeof(*r->moments));
            if (!r->moments)
                abort();
        }
        r->moments[r->moment_count++] = now;
    }
    munmap((void *)(uintptr_t)bytes, size);
    return true;
}

uint64_t trace_real_start(const struct trace_reader *r) { return r->times.start; }

uint64_t trace_real_time(const struct trace_reader *r, uint64_t number)
{
    size_t low = 0, high = r->moment_count;
    struct moment before = {0}, after;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (r->moments[middle].records < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low)
        before = r->moments[low - 1];
    if (low == r->moment_count)
        return before.time;
    after = r->moments[low];
    return before.time +
           (uint64_t)((double)(after.time - before.time) * (double)(number - before.records) /
                      (double)(after.records - before.records));
}
