/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The last hypercalls of each domain, in memory: what a report of its crash shows.
 */
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void enter(struct trace_memory *m, const struct hypervisor_call *c)
{
    struct trace_memory_entry *e = &m->entries[m->next++ % TRACE_LAST];

    memcpy(e->arguments, c->arguments, sizeof(e->arguments));
    e->op = c->op;
    e->number = c->suboperation;
    e->vcpu = c->vcpu;
    e->is_back = false;
}

/* The last one of its vCPU that has not come back: the innermost of a multicall. */
static void leave(struct trace_memory *m, const struct hypervisor_call *c)
{
    unsigned int count = m->next < TRACE_LAST ? m->next : TRACE_LAST;

    for (unsigned int i = 1; i <= count; i++) {
        struct trace_memory_entry *e = &m->entries[(m->next - i) % TRACE_LAST];

        if (e->is_back || e->vcpu != c->vcpu)
            continue;
        e->result = c->result;
        e->is_back = true;
        return;
    }
}

void trace_remember(struct trace *t, const struct hypervisor_call *c)
{
    struct trace_memory *m = c->domid < TRACE_DOMAINS ? t->memory[c->domid] : NULL;

    if (!m)
        return;
    if (c->stage == HYPERVISOR_ENTER)
        enter(m, c);
    else
        leave(m, c);
}

/* A number is used again, by another domain. */
void trace_remember_domain(struct trace *t, const struct hypervisor_event *e)
{
    if (e->domid >= TRACE_DOMAINS)
        return;
    if (!t->memory[e->domid])
        t->memory[e->domid] = aligned_alloc(_Alignof(struct trace_memory), sizeof(*t->memory[0]));
    if (t->memory[e->domid])
        memset(t->memory[e->domid], 0, sizeof(*t->memory[0]));
}

void trace_forget_all(struct trace *t)
{
    for (unsigned int i = 0; i < TRACE_DOMAINS; i++) {
        free(t->memory[i]);
        t->memory[i] = NULL;
    }
}

/* ---- as text ---- */

/* Registers that count: up to the last one that the call uses. */
static unsigned int register_count(const struct trace_call *d)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < d->count; i++) {
        const struct trace_argument *a = &d->arguments[i];

        if (a->reg + 1U > count)
            count = a->reg + 1U;
        if (a->count + 1U > count)
            count = a->count + 1U;
    }
    return count;
}

static uint32_t number_of(const struct trace_memory_entry *e)
{
    const struct trace_operation *o = e->op < TRACE_OPS ? trace_operations[e->op] : NULL;

    return o && o->number == TRACE_NUMBER_FIRST ? (uint32_t)e->arguments[0] : e->number;
}

static void write_entry(const struct trace_memory_entry *e, char *text, size_t size)
{
    uint32_t number = number_of(e);
    const char *name = hypercall_name(e->op, number);
    bool is_part = name && number != HYPERVISOR_NO_SUBOPERATION;
    unsigned int count = register_count(trace_describe(e->op, number));
    size_t n;

    if (!name)
        name = hypercall_name(e->op, HYPERVISOR_NO_SUBOPERATION);
    if (name)
        n = (size_t)snprintf(text, size, "%s(", name);
    else
        n = (size_t)snprintf(text, size, "hypercall %u(", e->op);
    /* Of an operation with a name, the first register is the name's number. */
    for (unsigned int i = is_part; i < count; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%#lx", i > is_part ? ", " : "",
                              e->arguments[i]);
    n += (size_t)snprintf(text + n, size - n, ")");
    if (e->is_back && trace_error_name(e->result))
        snprintf(text + n, size - n, " -> -%s", trace_error_name(e->result));
    else if (e->is_back)
        snprintf(text + n, size - n, " -> %ld", e->result);
}

void trace_last(const struct trace *t, domid_t domid, void (*line)(void *context, const char *text),
                void *context)
{
    const struct trace_memory *m = domid < TRACE_DOMAINS ? t->memory[domid] : NULL;
    unsigned int count;
    char text[256];

    if (!m)
        return;
    count = m->next < TRACE_LAST ? m->next : TRACE_LAST;
    for (unsigned int i = count; i > 0; i--) {
        write_entry(&m->entries[(m->next - i) % TRACE_LAST], text, sizeof(text));
        line(context, text);
    }
}
