/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm trace: a line for each record; and how often each hypercall was made.
 */
#define _GNU_SOURCE
#include "tool.h"
#include "lines.h"
#include "hypervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000UL

static bool is_domain(const char *text, const struct trace_reader *r, uint16_t domid)
{
    char number[8];

    snprintf(number, sizeof(number), "%u", domid);
    return !strcmp(text, number) || !strcmp(text, trace_domain_name(r, domid));
}

static bool is_op(const char *op, const struct trace_item *item)
{
    const struct trace_record *record = item->record;
    char buffer[TRACE_NAME_BYTES];
    const char *name = trace_item_name(item, buffer);
    bool is_call = record->kind == TRACE_CALL_RECORD || record->kind == TRACE_RETURN_RECORD;

    if (!name)
        return false;
    if (!strcmp(op, name))
        return true;
    name = is_call ? hypercall_name(record->op, HYPERVISOR_NO_SUBOPERATION) : NULL;
    return name && !strcmp(op, name);
}

bool trace_filter_takes(const struct trace_filter *f, const struct trace_reader *r,
                        const struct trace_entry *e)
{
    const struct trace_item *item = &e->item;

    if (!(f->classes >> trace_class_of(item->record) & 1))
        return false;
    if (item->time < f->from || item->time > f->to)
        return false;
    if (f->domain && !is_domain(f->domain, r, item->record->domid))
        return false;
    return !f->op || is_op(f->op, item);
}

int trace_report_end(const struct trace_reader *r, enum trace_more end, uint64_t records)
{
    if (end == TRACE_CUT)
        fprintf(stderr,
                TRACE_PROGRAM ": %s: note: ends after %lu records without an end: the run was cut "
                              "short, or is not over\n",
                trace_reader_path(r), records);
    if (end == TRACE_DAMAGED)
        fprintf(stderr, TRACE_PROGRAM ": %s: damaged after record %lu\n", trace_reader_path(r),
                records);
    return end == TRACE_DAMAGED ? 2 : 0;
}

void trace_text_time(struct trace_text *t, uint64_t time)
{
    trace_text_add(t, "%5lu.%09lu", time / SECOND, time % SECOND);
}

void trace_text_who(struct trace_text *t, const struct trace_reader *r,
                    const struct trace_record *record)
{
    trace_text_add(t, "%s", trace_domain_name(r, record->domid));
    if (record->vcpu)
        trace_text_add(t, "/%u", record->vcpu);
}

struct printer {
    struct trace_reader *reader;
    const struct trace_filter *filter;
    bool real;
    struct trace_text line, who;
};

/* Time and domain. */
static void begin_line(struct printer *p, const struct trace_item *item)
{
    trace_text_clear(&p->line);
    trace_text_clear(&p->who);
    trace_text_time(&p->line, item->time);
    if (p->real)
        trace_text_time(&p->line, trace_real_time(p->reader, item->number));
    trace_text_who(&p->who, p->reader, item->record);
    trace_text_add(&p->line, " %-10s ", p->who.bytes);
}

static void end_line(struct printer *p)
{
    const struct trace_filter *f = p->filter;

    if (f->has_pattern && regexec(&f->pattern, p->line.bytes, 0, NULL, 0))
        return;
    trace_text_bytes(&p->line, "\n", 1);
    fwrite(p->line.bytes, 1, p->line.size, stdout);
}

static void print_console(void *context, const struct trace_item *item, const char *line,
                          size_t len)
{
    struct printer *p = context;
    const struct trace_entry e = {.item = *item};

    if (!trace_filter_takes(p->filter, p->reader, &e))
        return;
    begin_line(p, item);
    trace_text_add(&p->line, item->record->op ? "console error " : "console ");
    trace_text_quoted(&p->line, (const uint8_t *)line, len);
    end_line(p);
}

int trace_print(struct trace_reader *r, const struct trace_filter *f, bool real)
{
    struct printer p = {.reader = r, .filter = f, .real = real};
    struct trace_joiner *j = trace_joiner_create(r);
    struct trace_lines *lines = trace_lines_create(print_console, &p);
    struct trace_entry e;
    uint64_t last = 0;
    enum trace_more more;

    while ((more = trace_join(j, &e)) == TRACE_MORE) {
        last = e.returns && e.back.number > last ? e.back.number : last;
        last = e.item.number > last ? e.item.number : last;
        if (e.item.record->kind == TRACE_CONSOLE_RECORD) {
            trace_lines_add(lines, &e.item);
        } else if (trace_filter_takes(f, r, &e)) {
            begin_line(&p, &e.item);
            trace_text_entry(&p.line, &e);
            end_line(&p);
        }
    }
    trace_lines_destroy(lines);
    trace_joiner_destroy(j);
    trace_text_free(&p.line);
    trace_text_free(&p.who);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, TRACE_PROGRAM ": standard output: %s\n", strerror(errno));
        return 2;
    }
    return trace_report_end(r, more, last);
}
