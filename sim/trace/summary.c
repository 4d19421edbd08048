/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm trace --summary: how many records there are of each kind, and of each hypercall and
 * message how many, how many errors, and how long they took in system time.
 */
#define _GNU_SOURCE
#include "tool.h"
#include "hypervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 1024U
#define DEPTH_MAX 8U /* a multicall and one of its calls are two */
#define SECOND    1000000000UL

struct row {
    char name[TRACE_NAME_BYTES];
    uint64_t count, errors, time;
    bool is_call;
};

/* Calls that have not come back. */
struct open_calls {
    unsigned int depth;
    struct {
        uint64_t time;
        bool is_counted;
    } calls[DEPTH_MAX];
};

struct summary {
    uint64_t classes[TRACE_CLASSES];
    struct row rows[NAMES_MAX];
    unsigned int row_count;
    struct open_calls *open[65536];
};

static struct row *row_of(struct summary *s, const char *name, bool is_call)
{
    unsigned int i = 0;

    while (i < s->row_count && strcmp(s->rows[i].name, name) != 0)
        i++;
    if (i == NAMES_MAX)
        return NULL; /* a damaged file: there are not as many names */
    if (i == s->row_count) {
        snprintf(s->rows[i].name, sizeof(s->rows[i].name), "%s", name);
        s->rows[i].is_call = is_call;
        s->row_count++;
    }
    return &s->rows[i];
}

/* Of each vCPU: an array for its domain. */
static struct open_calls *open_of(struct summary *s, const struct trace_record *r)
{
    struct open_calls **all = &s->open[r->domid];

    if (!*all)
        *all = calloc(DOMAIN_VCPUS_MAX, sizeof(**all));
    if (!*all)
        abort();
    return &(*all)[r->vcpu % DOMAIN_VCPUS_MAX];
}

static void enter(struct summary *s, const struct trace_item *item, bool is_counted)
{
    struct open_calls *o = open_of(s, item->record);

    if (o->depth < DEPTH_MAX) {
        o->calls[o->depth].time = item->time;
        o->calls[o->depth].is_counted = is_counted;
        o->depth++;
    }
}

static void leave(struct summary *s, const struct trace_item *item, struct row *row)
{
    struct open_calls *o = open_of(s, item->record);

    if (!o->depth)
        return;
    o->depth--;
    if (!row || !o->calls[o->depth].is_counted)
        return;
    row->time += item->time - o->calls[o->depth].time;
    row->errors += trace_item_result(item) < 0;
}

static void count(struct summary *s, const struct trace_reader *r, const struct trace_filter *f,
                  const struct trace_item *item)
{
    const struct trace_entry entry = {.item = *item};
    const struct trace_record *record = item->record;
    bool is_return = record->kind == TRACE_RETURN_RECORD;
    bool is_call = is_return || record->kind == TRACE_CALL_RECORD;
    bool is_taken = trace_filter_takes(f, r, &entry);
    char buffer[TRACE_NAME_BYTES];
    const char *name = trace_item_name(item, buffer);
    struct row *row = name && is_taken ? row_of(s, name, is_call) : NULL;

    if (is_taken && !is_return) {
        s->classes[trace_class_of(record)]++;
        if (row)
            row->count++;
    }
    /* Of a new domain with an old one's number, nothing is open. */
    if (record->kind == TRACE_EVENT_RECORD && record->op == HYPERVISOR_EVENT_CREATED) {
        free(s->open[record->domid]);
        s->open[record->domid] = NULL;
    }
    if (is_return)
        leave(s, item, row);
    else if (is_call)
        enter(s, item, is_taken);
}

static int by_count(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void print(struct summary *s)
{
    for (unsigned int i = 0; i < TRACE_CLASSES; i++) {
        if (s->classes[i])
            printf("%-40s %10lu\n", trace_class_names[i], s->classes[i]);
    }
    if (!s->row_count)
        return;
    qsort(s->rows, s->row_count, sizeof(s->rows[0]), by_count);
    printf("\n%-40s %10s %10s %16s\n", "name", "count", "errors", "seconds");
    for (unsigned int i = 0; i < s->row_count; i++) {
        const struct row *r = &s->rows[i];

        if (r->is_call)
            printf("%-40s %10lu %10lu %6lu.%09lu\n", r->name, r->count, r->errors, r->time / SECOND,
                   r->time % SECOND);
        else
            printf("%-40s %10lu\n", r->name, r->count);
    }
}

int trace_summary(struct trace_reader *r, const struct trace_filter *f)
{
    struct summary *s = calloc(1, sizeof(*s));
    struct trace_item item;
    enum trace_more more;
    uint64_t last = 0;

    if (!s)
        abort();
    while ((more = trace_read(r, &item)) == TRACE_MORE) {
        last = item.number;
        count(s, r, f, &item);
    }
    print(s);
    for (unsigned int i = 0; i < sizeof(s->open) / sizeof(s->open[0]); i++)
        free(s->open[i]);
    free(s);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, TRACE_PROGRAM ": standard output: %s\n", strerror(errno));
        return 2;
    }
    return trace_report_end(r, more, last);
}
