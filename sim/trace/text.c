/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records as text: what is not about hypercalls, and the small things that all need.
 */
#define _GNU_SOURCE
#include "text.h"
#include "text_call.h"
#include "describe.h"

#include "hypervisor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/sched.h>
#include <xen/io/xs_wire.h>

const char *const trace_class_names[TRACE_CLASSES] = {"hypercall", "event", "xenstore", "console",
                                                      "life"};

/* ---- text ---- */

static void make_room(struct trace_text *t, size_t more)
{
    if (t->size + more + 1 <= t->space)
        return;
    t->space = 2 * (t->size + more + 1);
    t->bytes = realloc(t->bytes, t->space);
    if (!t->bytes)
        abort();
}

void trace_text_clear(struct trace_text *t)
{
    make_room(t, 0);
    t->size = 0;
    t->bytes[0] = '\0';
}

void trace_text_free(struct trace_text *t)
{
    free(t->bytes);
    *t = (struct trace_text){0};
}

void trace_text_bytes(struct trace_text *t, const char *bytes, size_t len)
{
    make_room(t, len);
    memcpy(t->bytes + t->size, bytes, len);
    t->size += len;
    t->bytes[t->size] = '\0';
}

void trace_text_add(struct trace_text *t, const char *format, ...)
{
    char text[512];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    trace_text_bytes(t, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

size_t trace_utf8_length(const uint8_t *b, size_t len)
{
    uint32_t code;
    size_t n;

    if (b[0] < 0x80)
        return 1;
    if (b[0] < 0xc2 || b[0] > 0xf4)
        return 0;
    n = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    if (n > len)
        return 0;
    code = b[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (b[i] & 0x3f);
    }
    /* Too long for its number, half of a pair, or too large. */
    if ((n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code < 0xe000))
        return 0;
    return n;
}

void trace_text_quoted(struct trace_text *t, const uint8_t *bytes, size_t len)
{
    trace_text_bytes(t, "\"", 1);
    for (size_t i = 0; i < len;) {
        size_t n = trace_utf8_length(bytes + i, len - i);

        if (bytes[i] == '\n')
            trace_text_bytes(t, "\\n", 2);
        else if (bytes[i] == '\t')
            trace_text_bytes(t, "\\t", 2);
        else if (bytes[i] == '"' || bytes[i] == '\\')
            trace_text_add(t, "\\%c", bytes[i]);
        else if (!n || bytes[i] < ' ' || bytes[i] == 0x7f)
            trace_text_add(t, "\\x%02x", bytes[i]);
        else
            trace_text_bytes(t, (const char *)bytes + i, n);
        i += n ? n : 1;
    }
    trace_text_bytes(t, "\"", 1);
}

/* ---- kinds ---- */

enum trace_class trace_class_of(const struct trace_record *r)
{
    switch (r->kind) {
    case TRACE_EVENT_RECORD:
        return r->op <= HYPERVISOR_EVENT_UPCALL ? TRACE_CLASS_EVENT : TRACE_CLASS_LIFE;
    case TRACE_CONSOLE_RECORD:
        return TRACE_CLASS_CONSOLE;
    case TRACE_XENSTORE_RECORD:
        return TRACE_CLASS_XENSTORE;
    default:
        return TRACE_CLASS_HYPERCALL;
    }
}

static uint32_t number_32(const struct trace_item *item)
{
    uint32_t value = 0;

    if (item->size >= sizeof(value))
        memcpy(&value, item->body, sizeof(value));
    return value;
}

const uint8_t *trace_console_bytes(const struct trace_item *item, size_t *len)
{
    size_t there = item->size > 4 ? item->size - 4 : 0;

    *len = number_32(item);
    if (*len > there)
        *len = there;
    return item->body + 4;
}

/* ---- XenStore ---- */

static const char *message_name(uint32_t type)
{
    static const char *const names[] = {
        [XS_CONTROL] = "XS_CONTROL",
        [XS_DIRECTORY] = "XS_DIRECTORY",
        [XS_READ] = "XS_READ",
        [XS_GET_PERMS] = "XS_GET_PERMS",
        [XS_WATCH] = "XS_WATCH",
        [XS_UNWATCH] = "XS_UNWATCH",
        [XS_TRANSACTION_START] = "XS_TRANSACTION_START",
        [XS_TRANSACTION_END] = "XS_TRANSACTION_END",
        [XS_INTRODUCE] = "XS_INTRODUCE",
        [XS_RELEASE] = "XS_RELEASE",
        [XS_GET_DOMAIN_PATH] = "XS_GET_DOMAIN_PATH",
        [XS_WRITE] = "XS_WRITE",
        [XS_MKDIR] = "XS_MKDIR",
        [XS_RM] = "XS_RM",
        [XS_SET_PERMS] = "XS_SET_PERMS",
        [XS_WATCH_EVENT] = "XS_WATCH_EVENT",
        [XS_ERROR] = "XS_ERROR",
        [XS_IS_DOMAIN_INTRODUCED] = "XS_IS_DOMAIN_INTRODUCED",
        [XS_RESUME] = "XS_RESUME",
        [XS_SET_TARGET] = "XS_SET_TARGET",
        [XS_RESET_WATCHES] = "XS_RESET_WATCHES",
        [XS_DIRECTORY_PART] = "XS_DIRECTORY_PART",
    };

    return type < TRACE_COUNT(names) ? names[type] : NULL;
}

static bool get_message(const struct trace_item *item, struct xsd_sockmsg *m)
{
    if (item->size < sizeof(*m))
        return false;
    memcpy(m, item->body, sizeof(*m));
    return true;
}

static void add_message(struct trace_text *t, const struct trace_item *item)
{
    struct xsd_sockmsg m;
    size_t len;
    char name[TRACE_NAME_BYTES];

    if (!get_message(item, &m)) {
        trace_text_add(t, "xenstore (damaged)");
        return;
    }
    len = item->size - sizeof(m) < m.len ? item->size - sizeof(m) : m.len;
    trace_text_add(t, "xenstore %s %s req=%u", item->record->op ? "->" : "<-",
                   trace_item_name(item, name), m.req_id);
    if (m.tx_id)
        trace_text_add(t, " tx=%u", m.tx_id);
    /* Strings one after the other, each ended by a zero; of XS_WRITE the last is none. */
    for (size_t i = 0; i < len;) {
        size_t n = strnlen((const char *)item->body + sizeof(m) + i, len - i);

        trace_text_add(t, " ");
        trace_text_quoted(t, item->body + sizeof(m) + i, n);
        i += n + 1;
    }
}

const char *trace_item_name(const struct trace_item *item, char buffer[TRACE_NAME_BYTES])
{
    struct xsd_sockmsg m;
    const char *name;

    switch (item->record->kind) {
    case TRACE_CALL_RECORD:
    case TRACE_RETURN_RECORD:
        return trace_call_name(item, buffer);
    case TRACE_XENSTORE_RECORD:
        if (!get_message(item, &m))
            return NULL;
        name = message_name(m.type);
        if (name)
            return name;
        snprintf(buffer, TRACE_NAME_BYTES, "XS_%u", m.type);
        return buffer;
    default:
        return NULL;
    }
}

/* ---- events and lives ---- */

static void add_event(struct trace_text *t, const struct trace_item *item)
{
    uint32_t value = number_32(item);
    unsigned int vcpu = item->record->vcpu;

    switch (item->record->op) {
    case HYPERVISOR_EVENT_PORT:
        trace_text_add(t, "event port=%u pending", value);
        break;
    case HYPERVISOR_EVENT_WAKE:
        trace_text_add(t, "event woken");
        break;
    case HYPERVISOR_EVENT_UPCALL:
        trace_text_add(t, "event upcall");
        break;
    case HYPERVISOR_EVENT_VCPU_UP:
        trace_text_add(t, "life vcpu %u up", vcpu);
        break;
    case HYPERVISOR_EVENT_VCPU_DOWN:
        trace_text_add(t, "life vcpu %u down", vcpu);
        break;
    case HYPERVISOR_EVENT_CREATED:
        trace_text_add(t, "life created domain=%u", item->record->domid);
        break;
    case HYPERVISOR_EVENT_PAUSED:
        trace_text_add(t, "life paused count=%u", value);
        break;
    case HYPERVISOR_EVENT_UNPAUSED:
        trace_text_add(t, "life unpaused count=%u", value);
        break;
    case HYPERVISOR_EVENT_SHUT_DOWN:
        if (value == SHUTDOWN_crash)
            trace_text_add(t, "life crashed");
        else
            trace_text_add(t, "life shut down reason=");
        if (value != SHUTDOWN_crash)
            trace_text_reason(t, value);
        break;
    case HYPERVISOR_EVENT_RESUMED:
        trace_text_add(t, "life resumed");
        break;
    case HYPERVISOR_EVENT_DESTROYED:
        trace_text_add(t, "life destroyed");
        break;
    default:
        trace_text_add(t, "event %u", item->record->op);
        break;
    }
}

static void add_console(struct trace_text *t, const struct trace_item *item)
{
    size_t len;
    const uint8_t *bytes = trace_console_bytes(item, &len);

    trace_text_add(t, item->record->op ? "console error " : "console ");
    trace_text_quoted(t, bytes, len);
}

void trace_text_item(struct trace_text *t, const struct trace_item *item)
{
    const struct trace_entry entry = {.item = *item};

    trace_text_entry(t, &entry);
}

void trace_text_entry(struct trace_text *t, const struct trace_entry *e)
{
    switch (e->item.record->kind) {
    case TRACE_CALL_RECORD:
        trace_text_call(t, e);
        break;
    case TRACE_RETURN_RECORD:
        trace_text_return(t, &e->item);
        break;
    case TRACE_EVENT_RECORD:
        add_event(t, &e->item);
        break;
    case TRACE_CONSOLE_RECORD:
        add_console(t, &e->item);
        break;
    case TRACE_XENSTORE_RECORD:
        add_message(t, &e->item);
        break;
    default:
        trace_text_add(t, "record of kind %u", e->item.record->kind);
        break;
    }
}
