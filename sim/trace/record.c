/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What records say: a hypercall's arguments as describe.h has them, and the rest. Runs inside
 * hypercalls, on guests' stacks, which may be small: contents are made in struct trace.
 */
#include "write.h"

#include <string.h>

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/xen.h>

/* Longer output is several records. */
#define CONSOLE_BYTES 4096U

/* What is above of grant_table_op's command is Xen's own. */
#define GRANT_COMMAND 0xfffU

/* Of traps that nobody ends, so many are looked at: all that there are vectors for. */
#define TRAPS_MAX 256U

static inline bool add_from_guest(struct trace *t, uint64_t from, size_t len)
{
    if (hypervisor_read_guest(t->contents.bytes + t->contents.size, from, len))
        return false;
    t->contents.size += len;
    if (__builtin_expect(len & 3, 0))
        trace_pad(t);
    return true;
}

/* A field of a struct that is at AT in the contents. */
static uint64_t number_at(const struct trace *t, size_t at, size_t size)
{
    uint64_t value = 0;

    memcpy(&value, t->contents.bytes + at, size);
    return value;
}

static __attribute__((noinline)) void add_list(struct trace *t, size_t at,
                                               const struct trace_list *l)
{
    uint64_t from = number_at(t, at + l->pointer, sizeof(from));
    uint64_t count = number_at(t, at + l->count, l->count_size);
    uint32_t kept = count < TRACE_ELEMENTS ? (uint32_t)count : TRACE_ELEMENTS;
    size_t head = t->contents.size;

    trace_add_32(t, count < UINT32_MAX ? (uint32_t)count : UINT32_MAX);
    trace_add_32(t, kept);
    if (add_from_guest(t, from, kept * l->size))
        return;
    t->contents.size = head + sizeof(uint32_t);
    trace_add_32(t, 0);
}

static inline bool add_struct(struct trace *t, uint64_t from, const struct trace_struct *s,
                              unsigned int way)
{
    size_t at = t->contents.size;

    if (!add_from_guest(t, from, s->size))
        return false;
    for (unsigned int i = 0; i < s->list_count; i++) {
        if (s->lists[i].way & way)
            add_list(t, at, &s->lists[i]);
    }
    return true;
}

static bool add_structs(struct trace *t, uint64_t from, uint32_t count,
                        const struct trace_struct *s, unsigned int way)
{
    uint32_t kept = count < TRACE_ELEMENTS ? count : TRACE_ELEMENTS;

    trace_add_32(t, count);
    trace_add_32(t, kept);
    for (uint32_t i = 0; i < kept; i++) {
        if (!add_struct(t, from + i * s->size, s, way))
            return false;
    }
    return true;
}

/* How many there are before the one that ends them. */
static uint32_t count_traps(uint64_t from)
{
    struct trap_info trap;

    for (uint32_t i = 0; i < TRAPS_MAX; i++) {
        if (hypervisor_read_guest(&trap, from + i * sizeof(trap), sizeof(trap)) || !trap.address)
            return i;
    }
    return TRAPS_MAX;
}

static bool add_text(struct trace *t, uint64_t from, unsigned long len)
{
    uint32_t count = (uint32_t)len, kept = count < TRACE_TEXT_BYTES ? count : TRACE_TEXT_BYTES;

    trace_add_32(t, count);
    trace_add_32(t, kept);
    return add_from_guest(t, from, kept);
}

static inline bool add_pointed(struct trace *t, const struct trace_argument *a,
                               const unsigned long *regs, unsigned int way)
{
    uint64_t from = regs[a->reg];

    switch (a->kind) {
    case TRACE_STRUCT:
        return add_struct(t, from, a->type, way);
    case TRACE_ARRAY:
        return add_structs(t, from, (uint32_t)regs[a->count], a->type, way);
    case TRACE_TRAPS:
        return from && add_structs(t, from, count_traps(from), a->type, way);
    default:
        return add_text(t, from, regs[a->count]);
    }
}

static unsigned int way_of(const struct trace_argument *a)
{
    return a->type ? a->type->way : TRACE_IN;
}

static inline void add_arguments(struct trace *t, const struct trace_call *d,
                                 const unsigned long *regs, unsigned int way)
{
    for (unsigned int i = 0; i < d->count; i++) {
        const struct trace_argument *a = &d->arguments[i];
        size_t before = t->contents.size;

        if (!(way_of(a) & way))
            continue;
        if (a->kind == TRACE_REGISTER) {
            trace_add_64(t, regs[a->reg]);
        } else if (!add_pointed(t, a, regs, way)) {
            t->contents.size = before;
            t->contents.record.unreadable |= (uint8_t)(1U << i);
            trace_add_64(t, regs[a->reg]);
        }
    }
}

/* The number of the suboperation, or TRACE_NO_NUMBER. */
static inline uint32_t number_of(const struct hypervisor_call *c)
{
    const struct trace_operation *o = c->op < TRACE_OPS ? trace_operations[c->op] : NULL;
    uint32_t number = c->suboperation;

    switch (o ? o->number : TRACE_NUMBER_NONE) {
    case TRACE_NUMBER_NONE:
        return TRACE_NO_NUMBER;
    case TRACE_NUMBER_REGISTER:
        break;
    case TRACE_NUMBER_FIRST:
        number = (uint32_t)c->arguments[0] & GRANT_COMMAND;
        break;
    case TRACE_NUMBER_MEMORY:
        if (hypervisor_read_guest(&number, c->arguments[0], sizeof(number)))
            return TRACE_NO_NUMBER;
        break;
    }
    return number < TRACE_NO_NUMBER ? number : TRACE_NO_NUMBER;
}

/* ---- hypercalls that are as expected ---- */

#define POLL_SIZE sizeof(struct sched_poll)

_Static_assert(sizeof(struct sched_poll) == 24 && offsetof(struct sched_poll, ports) == 0,
               "sees_poll knows it");

static bool is_poll(const struct trace_struct *s)
{
    return s->size == POLL_SIZE && s->list_count == 1 && s->lists[0].pointer == 0 &&
           s->lists[0].size == sizeof(evtchn_port_t);
}

/* Of a call that has been described: what it is to the next one like it. */
static enum trace_shape shape_of(const struct trace *t, const struct hypervisor_call *c,
                                 const struct trace_call *d, uint8_t *reg)
{
    const struct trace_operation *o = c->op < TRACE_OPS ? trace_operations[c->op] : NULL;
    const struct trace_argument *a = d->arguments;

    if (!o || o->number == TRACE_NUMBER_FIRST || o->number == TRACE_NUMBER_MEMORY ||
        t->contents.record.unreadable)
        return TRACE_SHAPE_OTHER;
    if (!d->count)
        return TRACE_SHAPE_EMPTY;
    if (d->count > 1 || a->kind != TRACE_STRUCT || !(way_of(a) & TRACE_IN))
        return TRACE_SHAPE_OTHER;
    *reg = a->reg;
    if (a->type->size == sizeof(uint32_t) && !a->type->list_count)
        return TRACE_SHAPE_WORD;
    if (is_poll(a->type) && number_at(t, 8 + POLL_SIZE, 4) == number_at(t, 12 + POLL_SIZE, 4))
        return TRACE_SHAPE_POLL;
    return TRACE_SHAPE_OTHER;
}

static inline uint32_t word_at(const void *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof(value)); /* guests' structs need not be aligned */
    return value;
}

/* Whether the guest has at FROM what is at EXPECTED, LEN bytes in words of four. */
static inline bool sees(uint64_t from, const void *expected, size_t len)
{
    const char *seen = hypervisor_see_guest(from, len), *e = expected;
    uint32_t difference = 0;

    if (!seen)
        return false;
    for (size_t i = 0; i < len; i += sizeof(uint32_t))
        difference |= word_at(seen + i) ^ word_at(e + i);
    return !difference;
}

/* S is a poll: its head, its struct, two numbers of ports, its ports. */
static bool sees_poll(const struct trace_slot *s, uint64_t from)
{
    uint32_t ports = (uint32_t)s->words[4];

    return sees(from, s->words + 1, POLL_SIZE) &&
           (!ports || sees(s->words[1], s->words + 5, ports * sizeof(evtchn_port_t)));
}

/* Whether C would make the contents that S has. */
static inline bool is_expected(const struct trace_slot *s, const struct hypervisor_call *c)
{
    unsigned int op = c->op < TRACE_OPS ? c->op : TRACE_OP_INVALID;
    uint32_t number = c->suboperation < TRACE_NO_NUMBER ? c->suboperation : TRACE_NO_NUMBER;
    bool returns = c->stage == HYPERVISOR_RETURN;

    if (s->words[0] != trace_head(returns ? TRACE_RETURN_RECORD : TRACE_CALL_RECORD, c->vcpu,
                                  c->domid, op, number))
        return false;
    switch (s->shape) {
    case TRACE_SHAPE_RESULT:
        return s->words[1] == (uint64_t)c->result;
    case TRACE_SHAPE_EMPTY:
        return true;
    case TRACE_SHAPE_WORD:
        return sees(c->arguments[s->reg], s->words + 1, sizeof(uint32_t));
    case TRACE_SHAPE_POLL:
        return sees_poll(s, c->arguments[s->reg]);
    default:
        return false;
    }
}

/* ---- records ---- */

static inline void begin_call(struct trace *t, enum trace_kind kind,
                              const struct hypervisor_call *c, uint32_t number)
{
    trace_begin(t, kind, c->vcpu, c->domid, c->op < TRACE_OPS ? c->op : TRACE_OP_INVALID, number);
    if (c->op >= TRACE_OPS)
        trace_add_32(t, c->op);
}

static inline void record_call(struct trace *t, const struct hypervisor_call *c, uint32_t number)
{
    const struct trace_call *d = trace_describe(c->op, number);
    enum trace_shape shape;
    uint8_t reg = 0;

    begin_call(t, TRACE_CALL_RECORD, c, number);
    add_arguments(t, d, c->arguments, TRACE_IN);
    shape = shape_of(t, c, d, &reg);
    trace_put_shape(t, c->time, shape, reg);
}

static inline void record_return(struct trace *t, const struct hypervisor_call *c, uint32_t number)
{
    const struct trace_operation *o = c->op < TRACE_OPS ? trace_operations[c->op] : NULL;
    bool by_register = o && (o->number == TRACE_NUMBER_NONE || o->number == TRACE_NUMBER_REGISTER);
    size_t bare;

    begin_call(t, TRACE_RETURN_RECORD, c, number);
    trace_add_64(t, (uint64_t)c->result);
    bare = t->contents.size;
    if (c->result >= 0)
        add_arguments(t, trace_describe(c->op, number), c->arguments, TRACE_OUT);
    trace_put_shape(
        t, c->time,
        by_register && t->contents.size == bare ? TRACE_SHAPE_RESULT : TRACE_SHAPE_OTHER, 0);
}

void trace_hypercall(struct trace *t, const struct hypervisor_call *c)
{
    if (c->stage == HYPERVISOR_OPERATION)
        return;
    trace_remember(t, c);
    if (!trace_writes(t))
        return;
    if (__builtin_expect(is_expected(t->expected, c), 1))
        trace_put_expected(t, c->time);
    else if (c->stage == HYPERVISOR_ENTER)
        record_call(t, c, number_of(c));
    else
        record_return(t, c, number_of(c));
}

void trace_event(struct trace *t, const struct hypervisor_event *e)
{
    const struct trace_slot *s = t->expected;

    if (e->kind == HYPERVISOR_EVENT_CREATED)
        trace_remember_domain(t, e);
    if (!trace_writes(t))
        return;
    if (e->kind != HYPERVISOR_EVENT_CREATED && s->words[1] == e->value &&
        s->words[0] == trace_head(TRACE_EVENT_RECORD, e->vcpu, e->domid, e->kind, 0)) {
        trace_put_expected(t, e->time);
        return;
    }
    trace_begin(t, TRACE_EVENT_RECORD, e->vcpu, e->domid, e->kind, 0);
    trace_add_32(t, e->value);
    if (e->kind == HYPERVISOR_EVENT_CREATED) {
        const char *name = domain_name(e->domain);

        trace_add_bytes(t, name, strlen(name) + 1);
        trace_pad(t);
    }
    trace_put(t, e->time);
}

void trace_console(struct trace *t, uint64_t time, domid_t domid, bool is_error, const char *bytes,
                   size_t len)
{
    while (trace_is_open(t) && len) {
        size_t part = len < CONSOLE_BYTES ? len : CONSOLE_BYTES;

        trace_begin(t, TRACE_CONSOLE_RECORD, 0, domid, is_error, 0);
        trace_add_32(t, (uint32_t)part);
        trace_add_bytes(t, bytes, part);
        trace_pad(t);
        trace_put(t, time);
        bytes += part;
        len -= part;
    }
}

void trace_xenstore(struct trace *t, uint64_t time, unsigned int domid, bool out,
                    const struct xsd_sockmsg *message, const char *data)
{
    size_t len = message->len < XENSTORE_PAYLOAD_MAX ? message->len : XENSTORE_PAYLOAD_MAX;

    if (!trace_is_open(t))
        return;
    trace_begin(t, TRACE_XENSTORE_RECORD, 0, (domid_t)domid, out, 0);
    trace_add_bytes(t, message, sizeof(*message));
    trace_add_bytes(t, data, len);
    trace_pad(t);
    trace_put(t, time);
}
