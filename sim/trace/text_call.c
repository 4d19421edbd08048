/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Hypercalls as text, by the table of describe.h. Contents may be damaged: whatever is not there
 * is not shown.
 */
#define _GNU_SOURCE
#include "text_call.h"
#include "describe.h"

#include "hypervisor.h"

#include <stdio.h>
#include <string.h>

#include <xen/grant_table.h>
#include <xen/sched.h>

/* Contents that are being read. */
struct cursor {
    const uint8_t *bytes;
    size_t left;
};

static const uint8_t *take(struct cursor *c, size_t len)
{
    const uint8_t *bytes = c->bytes;
    size_t padded = TRACE_WORDS(len);

    if (len > c->left)
        return NULL;
    if (padded > c->left)
        padded = c->left;
    c->bytes += padded;
    c->left -= padded;
    return bytes;
}

static uint64_t take_number(struct cursor *c, size_t len)
{
    const uint8_t *bytes = take(c, len);
    uint64_t value = 0;

    if (bytes)
        memcpy(&value, bytes, len);
    return value;
}

/* ---- values ---- */

static void add_named(struct trace_text *t, const char *const *names, size_t count, uint64_t value)
{
    if (value < count && names[value])
        trace_text_add(t, "%s", names[value]);
    else
        trace_text_add(t, "%lu", value);
}

void trace_text_reason(struct trace_text *t, uint64_t reason)
{
    static const char *const names[] = {
        [SHUTDOWN_poweroff] = "poweroff", [SHUTDOWN_reboot] = "reboot",
        [SHUTDOWN_suspend] = "suspend",   [SHUTDOWN_crash] = "crash",
        [SHUTDOWN_watchdog] = "watchdog", [SHUTDOWN_soft_reset] = "soft_reset",
    };

    add_named(t, names, TRACE_COUNT(names), reason);
}

static void add_virq(struct trace_text *t, uint64_t value)
{
    static const char *const names[] = {
        [VIRQ_TIMER] = "VIRQ_TIMER",
        [VIRQ_DEBUG] = "VIRQ_DEBUG",
        [VIRQ_CONSOLE] = "VIRQ_CONSOLE",
        [VIRQ_DOM_EXC] = "VIRQ_DOM_EXC",
        [VIRQ_TBUF] = "VIRQ_TBUF",
        [VIRQ_DEBUGGER] = "VIRQ_DEBUGGER",
        [VIRQ_XENOPROF] = "VIRQ_XENOPROF",
        [VIRQ_CON_RING] = "VIRQ_CON_RING",
        [VIRQ_PCPU_STATE] = "VIRQ_PCPU_STATE",
        [VIRQ_MEM_EVENT] = "VIRQ_MEM_EVENT",
        [VIRQ_ARGO] = "VIRQ_ARGO",
        [VIRQ_ENOMEM] = "VIRQ_ENOMEM",
        [VIRQ_XENPMU] = "VIRQ_XENPMU",
    };

    add_named(t, names, TRACE_COUNT(names), value);
}

static void add_domid(struct trace_text *t, uint64_t value)
{
    switch (value) {
    case DOMID_SELF:
        trace_text_add(t, "DOMID_SELF");
        break;
    case DOMID_IO:
        trace_text_add(t, "DOMID_IO");
        break;
    case DOMID_XEN:
        trace_text_add(t, "DOMID_XEN");
        break;
    case DOMID_COW:
        trace_text_add(t, "DOMID_COW");
        break;
    case DOMID_INVALID:
        trace_text_add(t, "DOMID_INVALID");
        break;
    default:
        trace_text_add(t, value < DOMID_FIRST_RESERVED ? "%lu" : "%#lx", value);
        break;
    }
}

static void add_status(struct trace_text *t, int16_t status)
{
    static const char *const names[] = {
        [-GNTST_okay] = "GNTST_okay",
        [-GNTST_general_error] = "GNTST_general_error",
        [-GNTST_bad_domain] = "GNTST_bad_domain",
        [-GNTST_bad_gntref] = "GNTST_bad_gntref",
        [-GNTST_bad_handle] = "GNTST_bad_handle",
        [-GNTST_bad_virt_addr] = "GNTST_bad_virt_addr",
        [-GNTST_bad_dev_addr] = "GNTST_bad_dev_addr",
        [-GNTST_no_device_space] = "GNTST_no_device_space",
        [-GNTST_permission_denied] = "GNTST_permission_denied",
        [-GNTST_bad_page] = "GNTST_bad_page",
        [-GNTST_bad_copy_arg] = "GNTST_bad_copy_arg",
        [-GNTST_address_too_big] = "GNTST_address_too_big",
        [-GNTST_eagain] = "GNTST_eagain",
        [-GNTST_no_space] = "GNTST_no_space",
    };

    if (status <= 0 && (size_t)-status < TRACE_COUNT(names))
        trace_text_add(t, "%s", names[-status]);
    else
        trace_text_add(t, "%d", status);
}

static void add_uuid(struct trace_text *t, const uint8_t *b)
{
    for (int i = 0; i < 16; i++)
        trace_text_add(t, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

static void add_value(struct trace_text *t, const uint8_t *bytes, size_t size, unsigned int format)
{
    uint64_t value = 0;
    int64_t number;
    const char *name;

    if (format == TRACE_STRING) {
        trace_text_quoted(t, bytes, strnlen((const char *)bytes, size));
        return;
    }
    if (format == TRACE_UUID) {
        add_uuid(t, bytes);
        return;
    }
    memcpy(&value, bytes, size < sizeof(value) ? size : sizeof(value));
    switch (format) {
    case TRACE_INT:
        number = size == 8 ? (int64_t)value : size == 4 ? (int32_t)value : (int16_t)value;
        trace_text_add(t, "%ld", number);
        break;
    case TRACE_HEX:
        trace_text_add(t, "%#lx", value);
        break;
    case TRACE_DOMID:
        add_domid(t, value);
        break;
    case TRACE_STATUS:
        add_status(t, (int16_t)value);
        break;
    case TRACE_REASON:
        trace_text_reason(t, value);
        break;
    case TRACE_VIRQ:
        add_virq(t, value);
        break;
    case TRACE_MMUEXT:
        name = hypercall_name(__HYPERVISOR_mmuext_op, (uint32_t)value);
        trace_text_add(t, name ? "%s" : "%.0s%lu", name ? name : "", value);
        break;
    case TRACE_TIME: /* seconds are what the times of records are in */
        trace_text_add(t, "%lu.%09lu", value / 1000000000, value % 1000000000);
        break;
    default:
        trace_text_add(t, "%lu", value);
        break;
    }
}

/* ---- what arguments point to ---- */

static void add_space(struct trace_text *t, size_t start)
{
    if (t->size > start)
        trace_text_bytes(t, " ", 1);
}

static void add_rest(struct trace_text *t, uint32_t count, uint32_t kept, const char *separator)
{
    if (count > kept)
        trace_text_add(t, "%s%u more", kept ? separator : "", count - kept);
}

static void add_list(struct trace_text *t, const struct trace_list *l, struct cursor *c)
{
    uint32_t count = (uint32_t)take_number(c, 4), kept = (uint32_t)take_number(c, 4);
    const uint8_t *bytes = take(c, (size_t)kept * l->size);

    trace_text_add(t, "%s=[", l->name);
    if (!bytes)
        kept = 0;
    for (uint32_t i = 0; i < kept; i++) {
        if (i)
            trace_text_bytes(t, " ", 1);
        add_value(t, bytes + i * l->size, l->size, l->format);
    }
    add_rest(t, count, kept, " ");
    trace_text_bytes(t, "]", 1);
}

static void add_struct(struct trace_text *t, const struct trace_struct *s, struct cursor *c,
                       unsigned int way)
{
    const uint8_t *bytes = take(c, s->size);
    size_t start = t->size;

    if (!bytes)
        return;
    for (unsigned int i = 0; i < s->field_count; i++) {
        const struct trace_field *f = &s->fields[i];

        if (!(f->way & way))
            continue;
        add_space(t, start);
        trace_text_add(t, "%s=", f->name);
        add_value(t, bytes + f->offset, f->size, f->format);
    }
    for (unsigned int i = 0; i < s->list_count; i++) {
        if (!(s->lists[i].way & way))
            continue;
        add_space(t, start);
        add_list(t, &s->lists[i], c);
    }
}

/* One is shown as itself. */
static void add_structs(struct trace_text *t, const struct trace_struct *s, struct cursor *c,
                        unsigned int way)
{
    uint32_t count = (uint32_t)take_number(c, 4), kept = (uint32_t)take_number(c, 4);

    if (count == 1 && kept == 1) {
        add_struct(t, s, c, way);
        return;
    }
    trace_text_bytes(t, "[", 1);
    for (uint32_t i = 0; i < kept && i < TRACE_ELEMENTS; i++) {
        trace_text_add(t, "%s{", i ? " " : "");
        add_struct(t, s, c, way);
        trace_text_bytes(t, "}", 1);
    }
    add_rest(t, count, kept, " ");
    trace_text_bytes(t, "]", 1);
}

static void add_text(struct trace_text *t, struct cursor *c)
{
    uint32_t count = (uint32_t)take_number(c, 4), kept = (uint32_t)take_number(c, 4);
    const uint8_t *bytes = take(c, kept);

    if (!bytes)
        return;
    trace_text_quoted(t, bytes, kept);
    if (count > kept)
        trace_text_add(t, "... (%u bytes)", count);
}

static void add_pointed(struct trace_text *t, const struct trace_argument *a, struct cursor *c,
                        unsigned int way)
{
    if (a->name)
        trace_text_add(t, "%s=", a->name);
    if (a->kind == TRACE_STRUCT)
        add_struct(t, a->type, c, way);
    else if (a->kind == TRACE_TEXT)
        add_text(t, c);
    else
        add_structs(t, a->type, c, way);
}

static void add_unreadable(struct trace_text *t, const struct trace_argument *a, struct cursor *c)
{
    uint64_t address = take_number(c, 8);

    trace_text_add(t, "%s=", a->name ? a->name : "arg");
    trace_text_add(t, address ? "%#lx (unreadable)" : "NULL", address);
}

static void add_arguments(struct trace_text *t, const struct trace_record *r,
                          const struct trace_call *d, struct cursor *c, unsigned int way)
{
    for (unsigned int i = 0; i < d->count; i++) {
        const struct trace_argument *a = &d->arguments[i];
        uint64_t value;

        if (!((a->type ? a->type->way : TRACE_IN) & way))
            continue;
        trace_text_bytes(t, " ", 1);
        if (r->unreadable >> i & 1) {
            add_unreadable(t, a, c);
        } else if (a->kind == TRACE_REGISTER) {
            value = take_number(c, 8);
            trace_text_add(t, "%s=", a->name);
            add_value(t, (const uint8_t *)&value, sizeof(value), a->format);
        } else {
            add_pointed(t, a, c, way);
        }
    }
}

/* ---- calls ---- */

/* The hypercall's number; the cursor goes on behind it. */
static unsigned int op_of(const struct trace_record *r, struct cursor *c)
{
    return r->op == TRACE_OP_INVALID ? (unsigned int)take_number(c, 4) : r->op;
}

static uint32_t number_of(const struct trace_record *r)
{
    return r->number == TRACE_NO_NUMBER ? HYPERVISOR_NO_SUBOPERATION : r->number;
}

const char *trace_call_name(const struct trace_item *item, char buffer[TRACE_NAME_BYTES])
{
    struct cursor c = {item->body, item->size};
    unsigned int op = op_of(item->record, &c);
    uint32_t number = number_of(item->record);
    const char *name = hypercall_name(op, number), *call;

    if (name)
        return name;
    call = hypercall_name(op, HYPERVISOR_NO_SUBOPERATION);
    if (!call)
        snprintf(buffer, TRACE_NAME_BYTES, "hypercall_%u", op);
    else if (number == HYPERVISOR_NO_SUBOPERATION)
        return call;
    else
        snprintf(buffer, TRACE_NAME_BYTES, "%s_%u", call, number);
    return buffer;
}

static void add_result(struct trace_text *t, const struct trace_item *item)
{
    const struct trace_record *r = item->record;
    struct cursor c = {item->body, item->size};
    unsigned int op = op_of(r, &c);
    long result = (long)take_number(&c, 8);
    const char *error = trace_error_name(result);

    if (error)
        trace_text_add(t, " -> -%s", error);
    else if (result > UINT16_MAX)
        trace_text_add(t, " -> %#lx", result);
    else
        trace_text_add(t, " -> %ld", result);
    if (result >= 0)
        add_arguments(t, r, trace_describe(op, number_of(r)), &c, TRACE_OUT);
}

long trace_item_result(const struct trace_item *item)
{
    struct cursor c = {item->body, item->size};

    op_of(item->record, &c);
    return (long)take_number(&c, 8);
}

void trace_text_call(struct trace_text *t, const struct trace_entry *e)
{
    const struct trace_record *r = e->item.record;
    struct cursor c = {e->item.body, e->item.size};
    unsigned int op = op_of(r, &c);
    char buffer[TRACE_NAME_BYTES];

    trace_text_add(t, "%*s%s", (int)(2 * e->depth), "", trace_call_name(&e->item, buffer));
    add_arguments(t, r, trace_describe(op, number_of(r)), &c, TRACE_IN);
    if (e->returns)
        add_result(t, &e->back);
}

void trace_text_return(struct trace_text *t, const struct trace_item *item)
{
    char buffer[TRACE_NAME_BYTES];

    trace_text_add(t, "(%s)", trace_call_name(item, buffer));
    add_result(t, item);
}
