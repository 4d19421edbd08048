/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The file of a trace: records into a buffer, the buffer into the file, and real times beside it.
 */
#define _GNU_SOURCE
#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE (64U << 10) /* which the processor's cache keeps */
#define TIMES_SIZE  4096U

/* The longest record, and pair of times. */
#define RECORD_MAX (3U + 10U + 3U + TRACE_CONTENTS_MAX)
#define PAIR_MAX   20U

#define SECOND 1000000000UL

static uint64_t real_time(clockid_t id)
{
    struct timespec t;

    /* Not the vDSO's, which may read a counter that is hidden from guests (sim/counter.c). */
    syscall(SYS_clock_gettime, id, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* ---- output ---- */

static bool output_open(struct trace_output *o, const char *path, size_t size)
{
    struct stat s;

    o->buffer = malloc(size);
    if (!o->buffer)
        return false;
    o->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (o->fd < 0)
        return false;
    o->is_stream = fstat(o->fd, &s) || !S_ISREG(s.st_mode);
    o->size = size;
    o->used = 0;
    o->written = 0;
    return true;
}

static void output_close(struct trace_output *o)
{
    if (o->fd >= 0)
        close(o->fd);
    free(o->buffer);
    o->buffer = NULL;
    o->fd = -1;
}

/*
 * Writes what the buffer has. Returns errno, or 0. Async-signal-safe, and may interrupt itself: the
 * same bytes go to the same place then.
 */
static int output_write(struct trace_output *o)
{
    size_t done = 0, used = o->used;

    while (o->fd >= 0 && done < used) {
        ssize_t n = o->is_stream
                        ? write(o->fd, o->buffer + done, used - done)
                        : pwrite(o->fd, o->buffer + done, used - done, (off_t)(o->written + done));

        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno != EINTR)
            return errno;
    }
    return 0;
}

static size_t put_varint(uint8_t *to, uint64_t value)
{
    size_t n = 0;

    for (; value >= 0x80; value >>= 7)
        to[n++] = (uint8_t)(value | 0x80);
    to[n++] = (uint8_t)value;
    return n;
}

/* Nothing more will be written. */
static void give_up(struct trace *t, int error)
{
    t->error = error;
    output_close(&t->file);
    output_close(&t->times);
    if (t->options.failed)
        t->options.failed(t->options.context);
}

static void empty(struct trace *t, struct trace_output *o)
{
    int error = output_write(o);

    if (error) {
        give_up(t, error);
        return;
    }
    o->written += o->used;
    o->used = 0;
    if (o == &t->file)
        t->run_left = 0;
}

void trace_moment(struct trace *t)
{
    struct trace_output *o = &t->times;
    uint64_t now;
    size_t used;

    if (o->fd < 0 || t->records == t->last_moment_records)
        return;
    if (o->used + PAIR_MAX > o->size)
        empty(t, o);
    if (o->fd < 0)
        return;
    now = real_time(CLOCK_MONOTONIC) - t->start;
    used = o->used;
    used += put_varint(o->buffer + used, t->records - t->last_moment_records);
    used += put_varint(o->buffer + used, now - t->last_moment);
    o->used = used;
    t->last_moment_records = t->records;
    t->last_moment = now;
}

/* ---- records ---- */

/* The slot for contents, of which the first three words are there, be it as zeroes. */
static inline unsigned int choose_slot(const uint64_t *w)
{
    uint64_t h =
        w[0] * 0x9e3779b97f4a7c15UL ^ w[1] * 0xc2b2ae3d27d4eb4fUL ^ w[2] * 0x165667b19e3779f9UL;

    return (unsigned int)((h ^ h >> 29) * 0x9e3779b97f4a7c15UL >> 54);
}
_Static_assert(TRACE_SLOTS == 1U << 10, "choose_slot gives so many bits");

static inline bool is_in(const struct trace_slot *s, const uint64_t *w, size_t size)
{
    uint64_t difference = s->size ^ size;

    for (size_t i = 0; i < (size + 7) / 8; i++)
        difference |= s->words[i] ^ w[i];
    return !difference;
}

/*
 * Zeroes up to the end of the last word, and of the third. Half a word is stored again as a whole
 * one: loads of what two stores have made wait for both to reach the cache.
 */
static inline void fill_words(struct trace_contents *c)
{
    size_t words = c->size / 8;

    if (c->size & 4) {
        uint32_t half;

        memcpy(&half, c->bytes + 8 * words, sizeof(half));
        c->words[words++] = half;
    }
    if (words < 2)
        c->words[1] = 0;
    if (words < 3)
        c->words[2] = 0;
}

/* Writes out a buffer that has no room for another record. */
static inline void make_room(struct trace *t)
{
    struct trace_output *o = &t->file;

    if (o->used + RECORD_MAX > o->size) {
        trace_moment(t);
        empty(t, o);
    }
}

/* How much later than the record before this one is. */
static uint64_t take_time(struct trace *t, uint64_t time)
{
    uint64_t later = time > t->time ? time - t->time : 0;

    t->time += later;
    return later;
}

/* trace_put_expected, but for one more of a run. */
void trace_put_later(struct trace *t, uint64_t time)
{
    struct trace_output *o = &t->file;
    uint64_t later = take_time(t, time);
    size_t used = o->used;
    uint8_t *to = o->buffer + used;

    t->records++;
    t->run = to;
    if (!later) {
        to[0] = 1;
        t->run_step = 1;
        t->run_left = TRACE_RUN_MAX - 1;
        used++;
    } else if (later <= TRACE_SOON_MAX) {
        to[0] = (uint8_t)(TRACE_TOKEN_SOON | later >> 8);
        to[1] = (uint8_t)later;
        t->run_step = TRACE_SOON_RUN;
        t->run_left = TRACE_SOON_RUN_MAX;
        used += 2;
    } else {
        to[0] = TRACE_TOKEN_EXPECTED | TRACE_TOKEN_TIME;
        t->run_left = 0;
        used += 1 + put_varint(to + 1, later);
    }
    __atomic_signal_fence(__ATOMIC_RELEASE); /* trace_flush may interrupt: what is used is there */
    o->used = used;
    make_room(t);
}

/* The token, and SLOT if it has one; then, but for TRACE_TOKEN_AGAIN, the contents. */
static void put_unexpected(struct trace *t, unsigned int token, uint16_t slot, uint64_t time)
{
    const struct trace_contents *c = &t->contents;
    struct trace_output *o = &t->file;
    uint64_t later = take_time(t, time);
    uint8_t *to = o->buffer + o->used;

    t->records++;
    t->run_left = 0;
    *to++ = (uint8_t)(token | (later ? TRACE_TOKEN_TIME : 0));
    if (token != TRACE_TOKEN_BIG) {
        memcpy(to, &slot, sizeof(slot));
        to += sizeof(slot);
    }
    if (later)
        to += put_varint(to, later);
    if (token != TRACE_TOKEN_AGAIN) {
        to += put_varint(to, c->size);
        memcpy(to, c->bytes, c->size);
        to += c->size;
    }
    __atomic_signal_fence(__ATOMIC_RELEASE);
    o->used = (size_t)(to - o->buffer);
    make_room(t);
}

void trace_put_shape(struct trace *t, uint64_t time, enum trace_shape shape, uint8_t reg)
{
    struct trace_contents *c = &t->contents;
    struct trace_slot *s = t->expected;
    unsigned int slot;

    if (!trace_writes(t))
        return;
    if (c->size > TRACE_SLOT_BYTES) {
        put_unexpected(t, TRACE_TOKEN_BIG, 0, time);
        return;
    }
    fill_words(c);
    if (is_in(s, c->words, c->size)) {
        trace_put_expected(t, time);
        return;
    }
    slot = choose_slot(c->words);
    s = &t->slots[slot];
    t->last_slot->next = (uint16_t)slot;
    trace_passes(t, s);
    if (is_in(s, c->words, c->size)) {
        put_unexpected(t, TRACE_TOKEN_AGAIN, (uint16_t)slot, time);
        return;
    }
    s->size = (uint16_t)c->size;
    s->shape = (uint8_t)shape;
    s->reg = reg;
    memcpy(s->words, c->words, sizeof(s->words));
    put_unexpected(t, TRACE_TOKEN_NEW, (uint16_t)slot, time);
}

/* ---- begin and end ---- */

struct trace *trace_create(void)
{
    struct trace *t = aligned_alloc(_Alignof(struct trace), sizeof(*t));

    if (!t)
        return NULL;
    memset(t, 0, sizeof(*t));
    t->file.fd = t->times.fd = -1;
    t->last_slot = t->expected = t->slots;
    return t;
}

void trace_destroy(struct trace *t)
{
    output_close(&t->file);
    output_close(&t->times);
    trace_forget_all(t);
    free(t);
}

static bool cannot(struct trace *t, const char *path, char *message, size_t size)
{
    snprintf(message, size, "%.4000s: %s", path, strerror(errno));
    output_close(&t->file);
    output_close(&t->times);
    return false;
}

/* Somebody's file, which would be lost: "--trace" whose name was forgotten takes the next word. */
static bool is_other_file(const char *path)
{
    char magic[sizeof(TRACE_MAGIC) - 1];
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool other = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size;

    if (other)
        other = read(fd, magic, sizeof(magic)) != (ssize_t)sizeof(magic) ||
                memcmp(magic, TRACE_MAGIC, sizeof(magic)) != 0;
    if (fd >= 0)
        close(fd);
    return other;
}

bool trace_open(struct trace *t, const char *path, const struct trace_options *options,
                char *message, size_t size)
{
    struct trace_file_header header = {
        .magic = TRACE_MAGIC,
        .version = TRACE_VERSION,
        .flags = options->is_virtual ? TRACE_VIRTUAL : 0,
        .layout = trace_layout(),
        .seed = options->seed,
    };
    struct trace_times_header times = {
        .magic = TRACE_TIMES_MAGIC,
        .version = TRACE_VERSION,
        .start = real_time(CLOCK_REALTIME),
    };
    char times_path[sizeof(t->path) + 8];

    errno = ENAMETOOLONG;
    if (strlen(path) >= sizeof(t->path))
        return cannot(t, path, message, size);
    strcpy(t->path, path);
    if (is_other_file(path)) {
        snprintf(message, size, "%.4000s is there and is no trace: name another file", path);
        return false;
    }
    t->options = *options;
    t->start = real_time(CLOCK_MONOTONIC);
    if (!output_open(&t->file, path, BUFFER_SIZE))
        return cannot(t, path, message, size);
    memcpy(t->file.buffer, &header, sizeof(header));
    t->file.used = sizeof(header);
    if (t->file.is_stream)
        return true; /* "FILE.times" would be a surprise beside a device */
    snprintf(times_path, sizeof(times_path), "%s.times", path);
    if (!output_open(&t->times, times_path, TIMES_SIZE))
        return cannot(t, times_path, message, size);
    memcpy(t->times.buffer, &times, sizeof(times));
    t->times.used = sizeof(times);
    return true;
}

bool trace_has_failed(const struct trace *t) { return t->error; }

bool trace_is_open(const struct trace *t) { return trace_writes(t); }

void trace_flush(struct trace *t)
{
    output_write(&t->file);
    output_write(&t->times);
}

void trace_write_out(struct trace *t)
{
    if (trace_is_open(t) && t->file.used)
        empty(t, &t->file);
    if (t->times.fd >= 0 && t->times.used)
        empty(t, &t->times);
}

bool trace_close(struct trace *t, char *message, size_t size)
{
    uint64_t records = t->records;

    if (trace_is_open(t)) {
        t->options.failed = NULL;
        trace_moment(t);
        trace_begin(t, TRACE_END_RECORD, 0, 0, 0, 0);
        trace_add_64(t, records);
        trace_put(t, t->time);
        empty(t, &t->file);
        empty(t, &t->times);
        if (!t->error && t->file.fd >= 0 && close(t->file.fd))
            t->error = errno;
        t->file.fd = -1;
        output_close(&t->file);
        output_close(&t->times);
    }
    if (!t->error)
        return true;
    snprintf(message, size, "%.4000s: %s: the trace is not complete", t->path, strerror(t->error));
    t->error = 0;
    return false;
}
