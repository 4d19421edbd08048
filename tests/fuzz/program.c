/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Carries out records: builds the arguments of a hypercall in the guest's memory, as far as the
 * guest may write there, and makes the call.
 */
#include "program.h"

#include "grant_table.h"

#include <stdio.h>
#include <xen/xen.h>

#define ARRAY_MAX 4U

/* Arguments as they will stand in guest memory, from the domain's first page on. */
struct build {
    struct vcpu *v;
    struct input *in;
    size_t used;
    uint64_t structs, list; /* guest addresses of what was built last, 0: none */
    unsigned int count;
};

static uint8_t bytes[FUZZ_ARGUMENT_PAGES * PAGE_SIZE];

static uint64_t reserve(struct build *b, size_t size)
{
    size_t at = (b->used + 7) & ~7UL;

    if (at + size > sizeof(bytes))
        at = 0; /* too much: over what was there before */
    b->used = at + size;
    memset(bytes + at, 0, size);
    return b->v->domain->virt_base + at;
}

static uint8_t *host_place(const struct build *b, uint64_t va)
{
    return bytes + (va - b->v->domain->virt_base);
}

static uint64_t make_list(struct build *b, const struct field *f)
{
    uint64_t va = reserve(b, f->list * 4UL);

    for (unsigned int i = 0; i < 4; i++) {
        uint64_t value = value_make(b->v, b->in, (enum value_kind)f->kind,
                                    f->kind == V_BITS    ? 1
                                    : f->kind == V_BELOW ? 1030
                                                         : f->parameter);

        memcpy(host_place(b, va) + i * f->list, &value, f->list);
    }
    b->list = va;
    return va;
}

static void make_struct(struct build *b, const struct shape *s, uint64_t va)
{
    for (unsigned int i = 0; i < FIELDS_MAX && s->fields[i].size; i++) {
        const struct field *f = &s->fields[i];
        uint64_t value = f->list ? make_list(b, f)
                                 : value_make(b->v, b->in, (enum value_kind)f->kind, f->parameter);

        memcpy(host_place(b, va) + f->offset, &value, f->size < 8 ? f->size : 8);
    }
}

static uint64_t make_structs(struct build *b, const struct shape *s, unsigned int count)
{
    uint64_t va = reserve(b, (size_t)s->size * count);

    for (unsigned int i = 0; i < count; i++)
        make_struct(b, s, va + i * s->size);
    b->structs = va;
    b->count = count;
    return va;
}

static uint64_t make_argument(struct build *b, const struct call_template *t,
                              const struct argument *a)
{
    switch (a->kind) {
    case A_STRUCT:
        return make_structs(b, t->shape, 1);
    case A_ARRAY:
        return make_structs(b, t->shape, 1 + take8(b->in) % ARRAY_MAX);
    case A_COUNT:
        return b->count;
    case A_PDONE:
        return take8(b->in) % 4 ? 0 : reserve(b, 8);
    default:
        return value_make(b->v, b->in, (enum value_kind)a->value, a->parameter);
    }
}

static const struct call_template *make_call(struct build *b, unsigned int which, unsigned long *a)
{
    const struct call_template *t = &call_templates[which % call_template_count];

    for (unsigned int i = 0; i < 5; i++)
        a[i] = make_argument(b, t, &t->a[i]);
    return t;
}

/* The guest writes its arguments; if the page is a table now, what was there stays. */
static void store(const struct build *b)
{
    if (b->used)
        copy_to_guest(b->v, b->v->domain->virt_base, bytes, b->used);
}

static void add_to_sum(const struct vcpu *v, unsigned int op, const unsigned long *a, long result)
{
    const uint64_t words[] = {v->domain->id, v->id, op, a[0], a[1], (uint64_t)result};

    fuzz_results = (fuzz_results ^ (uint64_t)result) * 0x100000001b3UL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        fuzz_sum = (fuzz_sum ^ words[i]) * 0x100000001b3UL;
}

/* hypercall.c: what a guest's hypercall() is, an upcall after it included. */
long hypercall_enter(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
                     unsigned long a4, unsigned long a5);

static long dispatch(struct vcpu *v, unsigned int op, const unsigned long *a, const char *name)
{
    long result;

    if (fuzz_trace) {
        printf("  d%uv%u %s (%u) %#lx %#lx %#lx %#lx %#lx\n", v->domain->id, v->id, name, op, a[0],
               a[1], a[2], a[3], a[4]);
        fflush(stdout);
    }
    result = hypercall_enter(op, a[0], a[1], a[2], a[3], a[4]);
    add_to_sum(v, op, a, result);
    if (fuzz_trace)
        printf("  d%uv%u %s: %ld\n", v->domain->id, v->id, name, result);
    return result;
}

static void remember_list(struct vcpu *v, uint64_t list)
{
    uint64_t frames[4];

    if (copy_from_guest(v, frames, list, sizeof(frames)))
        return;
    for (unsigned int i = 0; i < 4; i++)
        value_remember(v, frames[i]);
}

static void call_one(struct vcpu *v, struct input *in, unsigned int which)
{
    struct build b = {.v = v, .in = in};
    unsigned long a[5];
    const struct call_template *t = make_call(&b, which, a);

    store(&b);
    dispatch(v, t->op, a, t->name);
    if (t->gives_list && b.list)
        remember_list(v, b.list);
}

/* A multicall of up to four; now and then one of them is a multicall. */
static void call_many(struct vcpu *v, struct input *in)
{
    struct build b = {.v = v, .in = in};
    unsigned int count = 1 + take8(in) % 4;
    uint64_t list = reserve(&b, sizeof(multicall_entry_t) * count);
    const unsigned long a[5] = {list, count};

    for (unsigned int i = 0; i < count; i++) {
        unsigned int which = take8(in);
        multicall_entry_t entry = {0};
        unsigned long nested[6] = {0};

        if (which == 0xff) {
            entry.op = __HYPERVISOR_multicall;
            nested[0] = list;
            nested[1] = count;
        } else {
            entry.op = make_call(&b, which, nested)->op;
        }
        for (unsigned int k = 0; k < 6; k++)
            entry.args[k] = nested[k];
        memcpy(host_place(&b, list) + i * sizeof(entry), &entry, sizeof(entry));
    }
    store(&b);
    dispatch(v, __HYPERVISOR_multicall, a, "multicall");
    if (b.list)
        remember_list(v, b.list);
}

/* Any number, and arguments of any kind. */
static void call_any(struct vcpu *v, struct input *in)
{
    unsigned int op = take8(in) % 64;
    unsigned long a[5];

    for (unsigned int i = 0; i < 5; i++) {
        static const uint8_t kinds[] = {V_CONSTANT, V_ADDRESS, V_FRAME, V_BITS, V_DOMID, V_BELOW};
        uint8_t c = take8(in);

        a[i] = value_make(v, in, (enum value_kind)kinds[c % sizeof(kinds)], 8);
    }
    if (op == __HYPERVISOR_multicall)
        a[1] %= 16; /* a guest may take its time; a fuzzer has none */
    dispatch(v, op, a, "any");
}

/* The guest writes to its own memory: an entry, or bytes. */
static void write_memory(struct vcpu *v, struct input *in)
{
    uint64_t va = value_make(v, in, V_ADDRESS, 0);
    unsigned int c = take8(in), size = 1U << c % 4;
    uint64_t value = value_make(v, in, c & 4 ? V_ENTRY : V_BITS, size);

    copy_to_guest(v, va, &value, size);
}

/* The guest writes an entry of its grant table, as if it had that mapped. */
static void write_grant(struct vcpu *v, struct input *in)
{
    static const uint16_t flags[] = {
        GTF_permit_access,
        GTF_permit_access | GTF_readonly,
        GTF_invalid,
        GTF_accept_transfer,
        GTF_transitive,
        GTF_permit_access | GTF_sub_page,
        GTF_permit_access | GTF_reading,
    };
    struct grant_table *t = v->domain->grant_table;
    grant_ref_t ref = (grant_ref_t)value_make(v, in, V_REF, 0);
    uint64_t mfn = value_make(v, in, V_FRAME, 0), parts = take(in, 4);
    grant_entry_header_t *header;

    if (!t || ref >= grant_entries(t))
        return;
    header = grant_header(t, ref);
    header->domid = (domid_t)value_make(v, in, V_DOMID, 0);
    header->flags = flags[take8(in) % (sizeof(flags) / sizeof(flags[0]))];
    if (t->version == 1) {
        grant_v1(t, ref)->frame = (uint32_t)mfn;
        return;
    }
    grant_v2(t, ref)->full_page.frame = mfn;
    if (header->flags & GTF_sub_page) {
        grant_v2(t, ref)->sub_page.page_off = parts & 0xffff;
        grant_v2(t, ref)->sub_page.length = parts >> 16 & 0xffff;
    } else if (header->flags == GTF_transitive) {
        grant_v2(t, ref)->transitive.trans_domid = parts % FUZZ_DOMAINS;
        grant_v2(t, ref)->transitive.gref = parts >> 8 & 15;
    }
}

void program_step(struct vcpu *v, struct input *in)
{
    unsigned int which = take8(in);

    if (which < 0xe0)
        call_one(v, in, which);
    else if (which < 0xe8)
        call_many(v, in);
    else if (which < 0xf0)
        write_grant(v, in);
    else if (which < 0xf8)
        write_memory(v, in);
    else
        call_any(v, in);
}

/* ---- the host ---- */

static void pass_time(struct input *in)
{
    fuzz_time += (uint64_t)take8(in) * take8(in) * 100000UL;
    timer_run(hv, time_read(hv));
}

void program_host_step(struct input *in)
{
    unsigned int what = take8(in), c = take8(in);
    struct domain *d = fuzz_domain(c % FUZZ_DOMAINS);

    if (what < 128 || !d) {
        pass_time(in);
    } else if (what < 160) {
        event_channel_virq(d, c / FUZZ_DOMAINS % NR_VIRQS);
    } else if (what < 224) {
        event_channel_host_raise(d, c / FUZZ_DOMAINS % 16);
    } else if (what < 254 || c < 240 || hv->domain_count < FUZZ_DOMAINS) {
        domain_shutdown(d, SHUTDOWN_crash);
    } else {
        if (fuzz_trace)
            printf("  d%u is destroyed\n", d->id);
        domain_destroy(d); /* as dear as ten other inputs, hence seldom, and one an input */
    }
}
