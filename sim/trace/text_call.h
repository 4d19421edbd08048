/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Hypercalls as text: for text.c.
 */
#ifndef SIM_TRACE_TEXT_CALL_H
#define SIM_TRACE_TEXT_CALL_H

#include "text.h"

/* With its arguments, the result if it returns, and what that gives. */
void trace_text_call(struct trace_text *t, const struct trace_entry *entry);
/* Of a call that came before: another vCPU has had its turn meanwhile. */
void trace_text_return(struct trace_text *t, const struct trace_item *item);
/* "poweroff" and so on, or the number. */
void trace_text_reason(struct trace_text *t, uint64_t reason);
const char *trace_call_name(const struct trace_item *item, char buffer[TRACE_NAME_BYTES]);

#endif
