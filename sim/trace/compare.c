/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm trace --compare: where two traces part. Runs that are the same to their guests have the
 * same records at the same times, so the first difference is where something else happened.
 */
#define _GNU_SOURCE
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE 5U /* records that are shown */
#define AFTER  5U

static void make_line(struct trace_text *t, const struct trace_reader *r,
                      const struct trace_item *item)
{
    trace_text_clear(t);
    trace_text_add(t, "%8lu", item->number);
    trace_text_time(t, item->time);
    trace_text_add(t, " ");
    trace_text_who(t, r, item->record);
    trace_text_add(t, " ");
    trace_text_item(t, item);
}

/* A record that is kept: what an item points to does not stay. */
struct kept {
    uint64_t number, time;
    struct trace_record record;
    size_t size;
    uint8_t body[TRACE_CONTENTS_MAX];
};

static void keep(struct kept *k, const struct trace_item *item)
{
    k->number = item->number;
    k->time = item->time;
    k->record = *item->record;
    k->size = item->size;
    memcpy(k->body, item->body, item->size);
}

static bool are_equal(const struct trace_item *a, const struct trace_item *b)
{
    if (a->time != b->time || a->size != b->size)
        return false;
    return !memcmp(a->record, b->record, sizeof(*a->record)) && !memcmp(a->body, b->body, a->size);
}

static void show_side(const char *mark, struct trace_reader *r, enum trace_more more,
                      struct trace_item *item)
{
    struct trace_text line = {0};

    printf("%s %s:\n", mark, trace_reader_path(r));
    for (unsigned int i = 0; i < AFTER && more == TRACE_MORE; i++) {
        make_line(&line, r, item);
        printf("%s %s\n", mark, line.bytes);
        more = trace_read(r, item);
    }
    if (more != TRACE_MORE)
        printf("%s %s\n", mark,
               more == TRACE_AT_END ? "(the end of the run)"
               : more == TRACE_CUT  ? "(the end: the run was cut short, or is not over)"
                                    : "(damaged)");
    trace_text_free(&line);
}

/* How many hypercalls have been made is what people count. */
static void show(struct trace_reader *readers[2], enum trace_more mores[2],
                 struct trace_item items[2], struct kept *last, uint64_t equal, uint64_t calls)
{
    struct trace_text line = {0};

    printf("they part at record %lu, after %lu hypercalls\n", equal + 1, calls);
    for (uint64_t i = equal < BEFORE ? 0 : equal - BEFORE; i < equal; i++) {
        const struct kept *k = &last[i % BEFORE];
        const struct trace_item item = {.number = k->number,
                                        .time = k->time,
                                        .size = k->size,
                                        .record = &k->record,
                                        .body = k->body};

        make_line(&line, readers[0], &item);
        printf("  %s\n", line.bytes);
    }
    show_side("<", readers[0], mores[0], &items[0]);
    show_side(">", readers[1], mores[1], &items[1]);
    trace_text_free(&line);
}

int trace_compare(struct trace_reader *a, struct trace_reader *b)
{
    struct trace_reader *readers[2] = {a, b};
    struct trace_item items[2];
    enum trace_more mores[2];
    struct kept *last = calloc(BEFORE, sizeof(*last));
    uint64_t equal = 0, calls = 0;
    int status = 1;

    if (!last)
        abort();
    for (;; equal++) {
        for (unsigned int i = 0; i < 2; i++)
            mores[i] = trace_read(readers[i], &items[i]);
        if (mores[0] != TRACE_MORE || mores[1] != TRACE_MORE || !are_equal(&items[0], &items[1]))
            break;
        keep(&last[equal % BEFORE], &items[0]);
        calls += items[0].record->kind == TRACE_CALL_RECORD;
    }
    if (mores[0] == TRACE_DAMAGED || mores[1] == TRACE_DAMAGED) {
        trace_report_end(a, mores[0], equal);
        trace_report_end(b, mores[1], equal);
        status = 2;
    } else if (mores[0] != TRACE_MORE && mores[0] == mores[1]) {
        printf("equal: %lu records\n", equal);
        trace_report_end(a, mores[0], equal);
        status = 0;
    } else {
        show(readers, mores, items, last, equal, calls);
    }
    free(last);
    return status;
}
