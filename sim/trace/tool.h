/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the parts of halvm trace share. Functions return an exit status: 0, or 2 after a line on
 * standard error, or 1 where two traces differ.
 */
#ifndef SIM_TRACE_TOOL_H
#define SIM_TRACE_TOOL_H

#include <regex.h>

#include "text.h"

#define TRACE_PROGRAM "halvm trace"

/* What is shown: all, unless something is given. */
struct trace_filter {
    const char *domain;   /* name or number */
    const char *op;       /* name of a hypercall, of one of its operations, or of a message */
    unsigned int classes; /* a bit for each trace_class */
    uint64_t from, to;    /* system time */
    bool has_pattern;
    regex_t pattern; /* of the line */
};

bool trace_filter_takes(const struct trace_filter *f, const struct trace_reader *r,
                        const struct trace_entry *entry);

/* A line on standard error if a trace has not ended in order. Returns 2 if it is damaged, or 0. */
int trace_report_end(const struct trace_reader *r, enum trace_more end, uint64_t records);

/* "ping", or "ping/1" for vCPU 1. */
void trace_text_who(struct trace_text *t, const struct trace_reader *r,
                    const struct trace_record *record);
void trace_text_time(struct trace_text *t, uint64_t time);

/* print.c; REAL: with real times, which the reader has */
int trace_print(struct trace_reader *r, const struct trace_filter *f, bool real);
/* summary.c */
int trace_summary(struct trace_reader *r, const struct trace_filter *f);
/* compare.c */
int trace_compare(struct trace_reader *a, struct trace_reader *b);
/* chrome.c: "-" for standard output */
int trace_chrome(struct trace_reader *r, const struct trace_filter *f, bool real, const char *path);

#endif
