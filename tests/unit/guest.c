/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "guest.h"
#include "watch.h"
#include "grant_table.h"

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

struct fake_host host;
struct hypervisor *hv;
bool model_watches;

/* How many hypercalls this test has made. */
static unsigned long calls;

static void fake_clock(void *context, struct hypervisor_clock *now)
{
    (void)context;
    *now = (struct hypervisor_clock){.system_time = host.time};
}

static uint64_t fake_wall(void *context)
{
    (void)context;
    return 1000000000UL * 1700000000UL + 5;
}

static enum hypervisor_wait fake_wait(void *context, uint64_t deadline)
{
    (void)context;
    host.idle_did_something = false;
    if (host.idle)
        host.idle(&host);
    if (host.idle_did_something)
        return HYPERVISOR_WAIT_DONE;
    if (deadline == HYPERVISOR_FOREVER)
        return HYPERVISOR_WAIT_NEVER;
    if (deadline > host.time)
        host.time = deadline;
    return HYPERVISOR_WAIT_DONE;
}

static void append(char *to, size_t *len, size_t size, const char *bytes, size_t n)
{
    if (*len + n >= size)
        n = size - 1 - *len;
    memcpy(to + *len, bytes, n);
    *len += n;
    to[*len] = '\0';
}

static void fake_write(void *context, struct domain *d, enum hypervisor_console which,
                       const char *bytes, size_t len)
{
    (void)context;
    (void)d;
    if (which == HYPERVISOR_CONSOLE_MAIN)
        append(host.out, &host.out_len, sizeof(host.out), bytes, len);
    else
        append(host.err, &host.err_len, sizeof(host.err), bytes, len);
}

static size_t fake_read(void *context, struct domain *d, char *bytes, size_t len)
{
    size_t n = 0;

    (void)context;
    (void)d;
    while (host.in && *host.in && n < len)
        bytes[n++] = *host.in++;
    return n;
}

static void fake_ended(void *context, struct domain *d, unsigned int reason, int latched)
{
    (void)context;
    (void)d;
    host.ended++;
    host.reason = reason;
    host.latched = latched;
}

static void fake_log(void *context, enum hypervisor_log_level level, const char *line)
{
    (void)context;
    (void)level;
    append(host.log, &host.log_len, sizeof(host.log), line, strlen(line));
    append(host.log, &host.log_len, sizeof(host.log), "\n", 1);
}

/* For the table of hypercalls and their tests (docs/hypercalls.c). */
static void (*fake_hypercall(void))(void *, const struct hypervisor_call *)
{
    return record_start(program_invocation_short_name) ? record_hypercall : NULL;
}

void machine_start(unsigned int mib) { machine_start_seeded(mib, 0); }

void machine_start_seeded(unsigned int mib, uint64_t seed)
{
    const struct hypervisor_host functions = {
        .clock = fake_clock,
        .wall_clock = fake_wall,
        .wait = fake_wait,
        .console_write = fake_write,
        .console_read = fake_read,
        .domain_ended = fake_ended,
        .log = fake_log,
        .hypercall = fake_hypercall(),
    };
    const struct hypervisor_config config = {
        .memory = (uint64_t)mib << 20, .log_level = HYPERVISOR_LOG_DEBUG, .seed = seed};

    memset(&host, 0, sizeof(host));
    host.time = 1000000000;
    calls = 0;
    model_watches = true;
    hv = hypervisor_create(&functions, &config);
    ck_assert_ptr_nonnull(hv);
}

/* With no domain left, no frame may be referenced or owned by anybody. */
void machine_stop(void)
{
    const char *wrong;

    for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
        if (hv->domains[i])
            domain_destroy(hv->domains[i]);
    }
    wrong = model_nothing_left(hv);
    ck_assert_msg(!wrong, "%s", wrong);
    hypervisor_destroy(hv);
    hv = NULL;
}

/*
 * The event callback of all guests here: an upcall is taken and goes back with upcalls masked, so
 * that SCHEDOP_block is a wait. Without a callback Xen would crash the domain. IF is bit 9 of the
 * flags in the frame rcx r11 rip cs rflags rsp ss; the iret wants rax r11 rcx flags in front.
 */
extern const char guest_upcall[];
__asm__("        .text\n"
        "guest_upcall:\n"
        "        andq $~0x200, 32(%rsp)\n"
        "        popq %rcx\n"
        "        popq %r11\n"
        "        pushq $0\n"
        "        pushq %rcx\n"
        "        pushq %r11\n"
        "        pushq %rax\n"
        "        jmp hypercall_page_iret\n");

struct start {
    void (*function)(void *);
    void *argument;
};

static void guest_begin(struct start *s)
{
    s->function(s->argument);
    guest_shutdown(SHUTDOWN_poweroff);
}

/* The entry's registers are set by guest_create. */
static void guest_entry(void) { abort(); }

#define STACK_FIRST 200U /* pages of the bare image; the rest are for tests */
#define STACK_PAGES 56U

struct domain *guest_create(unsigned int mib, bool hardware_domain, void (*function)(void *),
                            void *argument)
{
    return guest_create_vcpus(mib, hardware_domain, 1, function, argument);
}

struct domain *guest_create_vcpus(unsigned int mib, bool hardware_domain, unsigned int vcpus,
                                  void (*function)(void *), void *argument)
{
    const struct domain_config config = {
        .name = "test",
        .memory = (uint64_t)mib << 20,
        .max_memory = ((uint64_t)mib + 1) << 20,
        .vcpus = vcpus,
        .hardware_domain = hardware_domain,
        .debug_console = false,
        .command_line = "a test",
        .entry = guest_entry,
    };
    struct domain *d;
    struct start *s;
    struct vcpu *v;

    ck_assert_int_eq(domain_create(hv, &config, &d), 0);
    v = d->vcpus[0];
    v->stack = (const void *)(uintptr_t)(d->virt_base + STACK_FIRST * PAGE_SIZE);
    v->stack_size = STACK_PAGES * PAGE_SIZE;
    s = (void *)(uintptr_t)(d->virt_base + STACK_FIRST * PAGE_SIZE);
    s->function = function;
    s->argument = argument;
    v->event_callback = (uintptr_t)guest_upcall;
    v->entry.rip = (uintptr_t)guest_begin;
    v->entry.rdi = (uintptr_t)s;
    v->entry.rsp = (uintptr_t)v->stack + v->stack_size - 8; /* as after a call */
    return d;
}

void check_model(void)
{
    const char *wrong = model_check(hv);

    ck_assert_msg(!wrong, "%s", wrong);
}

/* A test that makes very many hypercalls cannot wait for each. */
static bool is_time_to_check(unsigned long n)
{
    if (n < 1000)
        return true;
    return n < 10000 ? n % 16 == 0 : n % 2048 == 0;
}

void model_after_hypercall(void)
{
    if (hv && model_watches && is_time_to_check(++calls))
        check_model();
}

bool guest_run(void)
{
    bool all = hypervisor_run(hv);

    check_model();
    return all;
}

static void run_one(void (*function)(void *), bool hardware_domain)
{
    machine_start(24);
    guest_create(16, hardware_domain, function, NULL);
    ck_assert(guest_run());
    machine_stop();
}

void guest_test(void (*function)(void *)) { run_one(function, false); }

void guest_test_hardware(void (*function)(void *)) { run_one(function, true); }

void *guest_page(unsigned int first)
{
    return (void *)(uintptr_t)(current->domain->virt_base + first * PAGE_SIZE);
}

uint64_t guest_mfn(const void *va)
{
    uint64_t table;
    unsigned int slot;

    ck_assert(page_table_find_leaf(hv, current->cr3, (uintptr_t)va, &table, &slot));
    return PTE_FRAME(((const uint64_t *)page_map_read(hv, table))[slot]);
}

long call(unsigned int op, unsigned long a1, unsigned long a2)
{
    return hypercall(op, a1, a2, 0, 0, 0);
}

long call3(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3)
{
    return hypercall(op, a1, a2, a3, 0, 0);
}

long evtchn(unsigned int op, void *argument)
{
    return call(__HYPERVISOR_event_channel_op, op, (uintptr_t)argument);
}

long mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2)
{
    struct mmuext_op op = {.cmd = cmd};

    op.arg1.linear_addr = arg1;
    op.arg2.src_mfn = arg2;
    return hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)&op, 1, 0, DOMID_SELF, 0);
}

long mmu_update(uint64_t ptr, uint64_t value)
{
    mmu_update_t u = {.ptr = ptr, .val = value};

    return hypercall(__HYPERVISOR_mmu_update, (uintptr_t)&u, 1, 0, DOMID_SELF, 0);
}

void guest_shutdown(unsigned int reason)
{
    struct sched_shutdown op = {reason};

    call(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&op);
    abort();
}

#define VCPU_STACK_FIRST 64U
#define VCPU_STACK_PAGES 4U

static void vcpu_begin(struct start *s)
{
    s->function(s->argument);
    call3(__HYPERVISOR_vcpu_op, VCPUOP_down, current->id, 0);
    abort(); /* nobody takes it up again */
}

void guest_context(vcpu_guest_context_t *c, unsigned int id, void (*function)(void *),
                   void *argument)
{
    char *stack = guest_page(VCPU_STACK_FIRST + id * VCPU_STACK_PAGES);
    struct start *s = (void *)stack;

    s->function = function;
    s->argument = argument;
    memset(c, 0, sizeof(*c));
    c->flags = VGCF_in_kernel;
    c->user_regs.rip = (uintptr_t)vcpu_begin;
    c->user_regs.rdi = (uintptr_t)s;
    c->user_regs.rsp = (uintptr_t)stack + VCPU_STACK_PAGES * PAGE_SIZE - 8;
    c->ctrlreg[3] = xen_pfn_to_cr3(current->cr3);
}

void guest_start_vcpu(unsigned int id, void (*function)(void *), void *argument)
{
    vcpu_guest_context_t *c = guest_page(60); /* two pages */

    guest_context(c, id, function, argument);
    ck_assert_int_eq(call3(__HYPERVISOR_vcpu_op, VCPUOP_initialise, id, (uintptr_t)c), 0);
    ck_assert_int_eq(call3(__HYPERVISOR_vcpu_op, VCPUOP_up, id, 0), 0);
}
