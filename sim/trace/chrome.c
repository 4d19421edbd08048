/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm trace --chrome: the JSON that Chrome's about:tracing and Perfetto show ("Trace Event
 * Format"). A domain is a process, a vCPU a thread of it. A hypercall is a slice from its call to
 * its return, all else an instant.
 */
#define _GNU_SOURCE
#include "tool.h"
#include "lines.h"
#include "hypervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct chrome {
    FILE *out;
    struct trace_reader *reader;
    const struct trace_filter *filter;
    bool real;
    bool is_first;
    uint64_t last; /* time */
    bool has_vcpu[65536][DOMAIN_VCPUS_MAX];
    unsigned int open[65536][DOMAIN_VCPUS_MAX]; /* slices that have begun */
};

/* Bytes as a JSON string, which has to be UTF-8: others become U+FFFD. */
static void put_string(FILE *out, const char *text, size_t len)
{
    const uint8_t *b = (const uint8_t *)text;

    putc('"', out);
    for (size_t i = 0; i < len;) {
        size_t n = trace_utf8_length(b + i, len - i);

        if (b[i] == '"' || b[i] == '\\')
            fprintf(out, "\\%c", b[i]);
        else if (b[i] < ' ')
            fprintf(out, "\\u%04x", b[i]);
        else if (!n)
            fputs("\\ufffd", out);
        else
            fwrite(b + i, 1, n, out);
        i += n ? n : 1;
    }
    putc('"', out);
}

static uint64_t time_of(const struct chrome *c, const struct trace_item *item)
{
    return c->real ? trace_real_time(c->reader, item->number) : item->time;
}

/* Up to the name's value. Microseconds. */
static void begin(struct chrome *c, char phase, const struct trace_record *r, uint64_t time)
{
    fprintf(c->out, "%s{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u,\"ts\":%lu.%03lu,\"name\":",
            c->is_first ? "" : ",\n", phase, r->domid, r->vcpu, time / 1000, time % 1000);
    c->is_first = false;
}

static void name_lane(struct chrome *c, const struct trace_record *r)
{
    const char *name = trace_domain_name(c->reader, r->domid);

    begin(c, 'M', r, 0);
    fputs("\"process_name\",\"args\":{\"name\":", c->out);
    put_string(c->out, name, strlen(name));
    fputs("}}", c->out);
    begin(c, 'M', r, 0);
    fprintf(c->out, "\"thread_name\",\"args\":{\"name\":\"vcpu %u\"}}", r->vcpu);
}

/* It gets its lane; a new domain with an old one's number gives that a new name. */
static void see_vcpu(struct chrome *c, const struct trace_record *r)
{
    bool *is_there = &c->has_vcpu[r->domid][r->vcpu % DOMAIN_VCPUS_MAX];

    if (!*is_there || (r->kind == TRACE_EVENT_RECORD && r->op == HYPERVISOR_EVENT_CREATED))
        name_lane(c, r);
    *is_there = true;
}

static unsigned int *open_of(struct chrome *c, const struct trace_record *r)
{
    return &c->open[r->domid][r->vcpu % DOMAIN_VCPUS_MAX];
}

static void put_console(void *context, const struct trace_item *item, const char *line, size_t len)
{
    struct chrome *c = context;
    const struct trace_entry e = {.item = *item};

    if (!trace_filter_takes(c->filter, c->reader, &e))
        return;
    see_vcpu(c, item->record);
    begin(c, 'i', item->record, time_of(c, item));
    put_string(c->out, line, len);
    fprintf(c->out, ",\"cat\":\"console\",\"s\":\"t\"}");
}

static void put_item(struct chrome *c, const struct trace_item *item)
{
    const struct trace_record *r = item->record;
    const char *class = trace_class_names[trace_class_of(r)];
    char buffer[TRACE_NAME_BYTES];
    const char *name = trace_item_name(item, buffer);
    uint64_t time = time_of(c, item);
    struct trace_text text = {0};
    bool is_call = r->kind == TRACE_CALL_RECORD, is_return = r->kind == TRACE_RETURN_RECORD;

    see_vcpu(c, r);
    if (is_return && !*open_of(c, r))
        return; /* its call is not among what is shown */
    *open_of(c, r) += is_call;
    *open_of(c, r) -= is_return;
    trace_text_item(&text, item);
    begin(c, is_call ? 'B' : is_return ? 'E' : 'i', r, time);
    if (name)
        put_string(c->out, name, strlen(name));
    else
        put_string(c->out, text.bytes, text.size);
    fprintf(c->out, ",\"cat\":\"%s\"%s,\"args\":{\"%s\":", class,
            is_call || is_return ? "" : ",\"s\":\"t\"", is_return ? "return" : "text");
    put_string(c->out, text.bytes, text.size);
    fputs("}}", c->out);
    trace_text_free(&text);
}

/* Slices that never end are shown up to the end. */
static void close_all(struct chrome *c)
{
    for (unsigned int d = 0; d < 65536; d++) {
        for (unsigned int v = 0; v < DOMAIN_VCPUS_MAX; v++) {
            const struct trace_record r = {.domid = (uint16_t)d, .vcpu = (uint8_t)v};

            for (; c->open[d][v]; c->open[d][v]--) {
                begin(c, 'E', &r, c->last);
                fputs("\"\"}", c->out);
            }
        }
    }
}

static enum trace_more put_all(struct chrome *c, uint64_t *last)
{
    struct trace_lines *lines = trace_lines_create(put_console, c);
    struct trace_item item;
    enum trace_more more;

    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", c->out);
    c->is_first = true;
    while ((more = trace_read(c->reader, &item)) == TRACE_MORE) {
        const struct trace_entry entry = {.item = item};

        *last = item.number;
        c->last = time_of(c, &item);
        if (item.record->kind == TRACE_CONSOLE_RECORD)
            trace_lines_add(lines, &item);
        else if (trace_filter_takes(c->filter, c->reader, &entry))
            put_item(c, &item);
    }
    trace_lines_destroy(lines);
    close_all(c);
    fputs("\n]}\n", c->out);
    return more;
}

/* Opening it to write would leave nothing to read. */
static bool is_input(const struct trace_reader *r, const char *path)
{
    struct stat in, out;

    return !stat(trace_reader_path(r), &in) && !stat(path, &out) && in.st_dev == out.st_dev &&
           in.st_ino == out.st_ino;
}

int trace_chrome(struct trace_reader *r, const struct trace_filter *f, bool real, const char *path)
{
    struct chrome *c;
    bool is_stdout = !strcmp(path, "-");
    uint64_t last = 0;
    enum trace_more more;
    int error;

    if (!is_stdout && is_input(r, path)) {
        fprintf(stderr, TRACE_PROGRAM ": --chrome %s: is the trace itself: name another file\n",
                path);
        return 2;
    }
    c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    c->reader = r;
    c->filter = f;
    c->real = real;
    c->out = is_stdout ? stdout : fopen(path, "we");
    if (!c->out) {
        fprintf(stderr, TRACE_PROGRAM ": %s: %s\n", path, strerror(errno));
        free(c);
        return 2;
    }
    more = put_all(c, &last);
    error = fflush(c->out) || ferror(c->out) ? errno : 0;
    if (!is_stdout && fclose(c->out) && !error)
        error = errno;
    free(c);
    if (error) {
        fprintf(stderr, TRACE_PROGRAM ": %s: %s\n", is_stdout ? "standard output" : path,
                strerror(error));
        return 2;
    }
    return trace_report_end(r, more, last);
}
