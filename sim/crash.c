/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is said of a fault that ends a domain: where it was, why nobody handles it, and on a host of
 * several domains all that is left of the guest, in a dozen lines at most. Hosted programs say it
 * shorter: whoever wants more has gdb. Both say which its last hypercalls were.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <stdio.h>
#include <string.h>

/* Bits of a page fault's error code (processor manual). */
#define FAULT_WRITE 0x02U
#define FAULT_FETCH 0x10U

#define VECTOR_PAGE_FAULT 14

const char *crash_vector_name(unsigned int vector)
{
    static const char *const names[] = {
        [0] = "divide error",
        [1] = "debug exception",
        [3] = "breakpoint",
        [4] = "overflow",
        [5] = "bound range exceeded",
        [6] = "invalid opcode",
        [11] = "segment not present",
        [12] = "stack fault",
        [13] = "general protection fault",
        [14] = "page fault",
        [16] = "x87 floating point exception",
        [17] = "alignment check",
        [19] = "SIMD floating point exception",
    };

    if (vector < sizeof(names) / sizeof(names[0]) && names[vector])
        return names[vector];
    return "exception";
}

struct report {
    const struct sim_machine *machine;
    const struct domain *domain;
    const struct trap_frame *f;
    const char *name;
};

static const char *symbol(const struct report *r, uint64_t address, char text[256])
{
    machine_symbol(r->domain, address, text, 256);
    return text;
}

static void say_what(const struct report *r)
{
    const struct trap_frame *f = r->f;
    domid_t id = domain_id(r->domain);

    if (f->vector == VECTOR_PAGE_FAULT) {
        const char *access = f->error_code & FAULT_FETCH   ? "execute"
                             : f->error_code & FAULT_WRITE ? "write"
                                                           : "read";

        dprintf(2, "%s: domain %u: page fault: %s at 0x%lx: %s\n", r->name, id, access,
                (unsigned long)f->cr2, trap_describe_page(f->cr2));
    } else {
        dprintf(2, "%s: domain %u: %s\n", r->name, id, crash_vector_name(f->vector));
    }
}

static void say_where(const struct report *r)
{
    char where[256];

    dprintf(2, "%s:   rip 0x%lx (%s) rsp 0x%lx\n", r->name, (unsigned long)r->f->rip,
            symbol(r, r->f->rip, where), (unsigned long)r->f->rsp);
}

/* ---- on a host of several domains ---- */

static void say_registers(const struct report *r)
{
    const struct trap_frame *f = r->f;
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"rax", f->rax}, {"rbx", f->rbx}, {"rcx", f->rcx}, {"rdx", f->rdx},
        {"rsi", f->rsi}, {"rdi", f->rdi}, {"rbp", f->rbp}, {"flg", f->rflags},
        {"r8", f->r8},   {"r9", f->r9},   {"r10", f->r10}, {"r11", f->r11},
        {"r12", f->r12}, {"r13", f->r13}, {"r14", f->r14}, {"r15", f->r15},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i += 4) {
        dprintf(2, "%s:   %-3s %016lx  %-3s %016lx  %-3s %016lx  %-3s %016lx\n", r->name,
                all[i].name, (unsigned long)all[i].value, all[i + 1].name,
                (unsigned long)all[i + 1].value, all[i + 2].name, (unsigned long)all[i + 2].value,
                all[i + 3].name, (unsigned long)all[i + 3].value);
    }
}

#define CODE_BYTES 16U

/* The instruction, and what follows it. */
static void say_code(const struct report *r)
{
    uint8_t code[CODE_BYTES];
    char text[3 * CODE_BYTES + 1] = "";
    size_t got = trap_read_guest(r->f->rip, code, sizeof(code));

    for (size_t i = 0; i < got; i++)
        snprintf(text + 3 * i, 4, " %02x", code[i]);
    if (got)
        dprintf(2, "%s:   code at rip:%s\n", r->name, text);
}

#define STACK_WORDS 512U /* that are looked at */
#define CALLS_MAX   6U   /* that are shown */

/* Whether there is a call before ADDRESS: of five bytes, or of two to seven through a pointer. */
static bool is_return_address(uint64_t address)
{
    uint8_t code[7];

    if (!trap_in_guest(address) ||
        trap_read_guest(address - sizeof(code), code, sizeof(code)) != sizeof(code))
        return false;
    if (code[2] == 0xe8)
        return true;
    for (size_t i = 0; i < sizeof(code) - 1; i++) {
        if (code[i] == 0xff && (code[i + 1] >> 3 & 7) == 2)
            return true;
    }
    return false;
}

/* There are no frame pointers: what on the stack looks like the return address of a call. */
static void say_calls(const struct report *r)
{
    uint64_t words[STACK_WORDS];
    char text[1024] = "", where[256];
    size_t got = trap_read_guest(r->f->rsp, words, sizeof(words)) / sizeof(words[0]), used = 0;
    unsigned int found = 0;

    for (size_t i = 0; i < got && found < CALLS_MAX; i++) {
        if (!is_return_address(words[i]) || !strcmp(symbol(r, words[i], where), "?"))
            continue;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %.120s", found ? "," : "",
                                 where);
        found++;
    }
    if (found)
        dprintf(2, "%s:   called, by what is on its stack, from%s\n", r->name, text);
}

static void say_all(const struct report *r)
{
    char why[256];

    trap_describe_end(r->f, why, sizeof(why));
    dprintf(2, "%s:   vCPU %u: %s\n", r->name, hypervisor_current_vcpu(), why);
    say_registers(r);
    say_code(r);
    say_calls(r);
}

/* ---- on both ---- */

static void last_call(void *context, const char *text)
{
    dprintf(2, "%s:     %s\n", (const char *)context, text);
}

static void say_last_calls(const struct report *r)
{
    if (!r->machine->trace)
        return;
    dprintf(2, "%s:   its last hypercalls:\n", r->name);
    trace_last(r->machine->trace, domain_id(r->domain), last_call, (void *)(uintptr_t)r->name);
}

void crash_report(const struct sim_machine *m, const struct trap_frame *f)
{
    struct report r = {.machine = m, .domain = hypervisor_current_domain(), .f = f};

    r.name = domain_name(r.domain);
    say_what(&r);
    say_where(&r);
    if (m->ended)
        say_all(&r);
    say_last_calls(&r);
}
