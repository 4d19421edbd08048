/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Console output as lines: records have it in the pieces in which it came.
 */
#ifndef SIM_TRACE_LINES_H
#define SIM_TRACE_LINES_H

#include "text.h"

struct trace_lines;

/* A line without its newline. ITEM is the record that has completed it, or the last with a part. */
typedef void trace_line(void *context, const struct trace_item *item, const char *line, size_t len);

struct trace_lines *trace_lines_create(trace_line *line, void *context);
/* Calls LINE for what has no newline. */
void trace_lines_destroy(struct trace_lines *l);
/* Calls LINE for each line that is complete with ITEM, which is of console output. */
void trace_lines_add(struct trace_lines *l, const struct trace_item *item);

#endif
