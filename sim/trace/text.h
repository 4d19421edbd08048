/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records as people read them.
 */
#ifndef SIM_TRACE_TEXT_H
#define SIM_TRACE_TEXT_H

#include "read.h"

/* Text that grows. Zero is an empty one. */
struct trace_text {
    char *bytes; /* ends with a zero byte, once there is something */
    size_t size, space;
};

void trace_text_clear(struct trace_text *t);
void trace_text_free(struct trace_text *t);
void trace_text_add(struct trace_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void trace_text_bytes(struct trace_text *t, const char *bytes, size_t len);
/* In quotes, with C's escapes for what is not printable or not UTF-8. */
void trace_text_quoted(struct trace_text *t, const uint8_t *bytes, size_t len);

/* How long the valid UTF-8 sequence at BYTES is, 0 if there is none. */
size_t trace_utf8_length(const uint8_t *bytes, size_t len);

/* Whose records they are. */
enum trace_class {
    TRACE_CLASS_HYPERCALL,
    TRACE_CLASS_EVENT,
    TRACE_CLASS_XENSTORE,
    TRACE_CLASS_CONSOLE,
    TRACE_CLASS_LIFE,
    TRACE_CLASSES,
};

extern const char *const trace_class_names[TRACE_CLASSES];
enum trace_class trace_class_of(const struct trace_record *r);

/* The name of ITEM's hypercall or operation, or of its message to XenStore ("XS_READ"), else NULL.
 * One whose number is none has a name that is in BUFFER. */
#define TRACE_NAME_BYTES 64U
const char *trace_item_name(const struct trace_item *item, char buffer[TRACE_NAME_BYTES]);

/* What ENTRY says, without time and domain. */
void trace_text_entry(struct trace_text *t, const struct trace_entry *entry);

/* ITEM alone: a call without a return, or a return. */
void trace_text_item(struct trace_text *t, const struct trace_item *item);

/* The result of a return. */
long trace_item_result(const struct trace_item *item);

/* The bytes of console output. */
const uint8_t *trace_console_bytes(const struct trace_item *item, size_t *len);

#endif
