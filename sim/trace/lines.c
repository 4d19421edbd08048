/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Console output as lines: a domain's two outputs, each with what has no newline yet.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#define DOMAINS 65536U

/* Longer ones are shown in pieces. */
#define LINE_MAX 65536U

struct output {
    struct trace_text text;
    struct trace_item item; /* the last record */
    struct trace_record record;
};

struct trace_lines {
    trace_line *line;
    void *context;
    struct output *outputs[DOMAINS]; /* two each */
};

struct trace_lines *trace_lines_create(trace_line *line, void *context)
{
    struct trace_lines *l = calloc(1, sizeof(*l));

    if (!l)
        abort();
    l->line = line;
    l->context = context;
    return l;
}

static void emit(struct trace_lines *l, struct output *o)
{
    o->item.record = &o->record;
    l->line(l->context, &o->item, o->text.bytes, o->text.size);
    trace_text_clear(&o->text);
}

void trace_lines_destroy(struct trace_lines *l)
{
    for (unsigned int i = 0; i < DOMAINS; i++) {
        struct output *both = l->outputs[i];

        for (unsigned int j = 0; both && j < 2; j++) {
            if (both[j].text.size)
                emit(l, &both[j]);
            trace_text_free(&both[j].text);
        }
        free(both);
    }
    free(l);
}

void trace_lines_add(struct trace_lines *l, const struct trace_item *item)
{
    struct output **both = &l->outputs[item->record->domid], *o;
    size_t len;
    const uint8_t *bytes = trace_console_bytes(item, &len);

    if (!*both)
        *both = calloc(2, sizeof(**both));
    if (!*both)
        abort();
    o = &(*both)[item->record->op & 1];
    o->item = *item;
    o->record = *item->record;
    while (len) {
        const uint8_t *newline = memchr(bytes, '\n', len);
        size_t part = newline ? (size_t)(newline - bytes) : len;

        trace_text_bytes(&o->text, (const char *)bytes, part);
        if (newline || o->text.size > LINE_MAX)
            emit(l, o);
        part += newline != NULL;
        bytes += part;
        len -= part;
    }
}
