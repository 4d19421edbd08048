/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The machine that inputs run on: four small domains, the first of them the hardware domain,
 * whose vCPUs interpret the input on coroutines with stacks of their own here.
 */
#include "fuzz.h"
#include "instrument.h"
#include "model.h"
#include "program.h"
#include "sched.h"
#include "sysctl.h"
#include "trap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define STACK_SIZE (64UL << 10)

struct hypervisor *hv;
uint64_t fuzz_time;
enum fuzz_check fuzz_check;
enum fuzz_show fuzz_show;
bool fuzz_verify, fuzz_trace, fuzz_shown;
uint64_t fuzz_sum, fuzz_results;
struct fuzz_totals fuzz_totals;

static struct domain *domains[FUZZ_DOMAINS]; /* as at the snapshot */
static uint8_t stacks[FUZZ_DOMAINS][FUZZ_VCPUS][STACK_SIZE] __attribute__((aligned(64)));
static struct input input; /* the rest of the program */
static bool have_record;

/* ---- the host ---- */

static void fake_clock(void *context, struct hypervisor_clock *now)
{
    (void)context;
    *now = (struct hypervisor_clock){.system_time = fuzz_time};
}

static uint64_t fake_wall(void *context)
{
    (void)context;
    return 1700000000UL * 1000000000UL;
}

static enum hypervisor_wait fake_wait(void *context, uint64_t deadline)
{
    (void)context;
    (void)deadline;
    return HYPERVISOR_WAIT_NEVER;
}

static void fake_write(void *context, struct domain *d, enum hypervisor_console which,
                       const char *bytes, size_t len)
{
    static unsigned int sum;

    (void)context;
    (void)d;
    (void)which;
    for (size_t i = 0; i < len; i += 64)
        sum += (unsigned char)bytes[i]; /* the bytes can be read */
}

static size_t fake_read(void *context, struct domain *d, char *bytes, size_t len)
{
    (void)context;
    (void)d;
    len = len < 8 ? len : 8;
    memset(bytes, 'x', len);
    return len;
}

static void fake_ended(void *context, struct domain *d, unsigned int reason, int latched)
{
    (void)context;
    (void)d;
    (void)reason;
    (void)latched;
}

static void fake_log(void *context, enum hypervisor_log_level level, const char *line)
{
    (void)context;
    (void)level;
    if (fuzz_trace)
        printf("      log: %s\n", line);
}

/* ---- building ---- */

/* As after a call. Domains are numbered as they were made. */
static uint64_t stack_top(const struct vcpu *v)
{
    return (uintptr_t)stacks[v->domain->id][v->id] + STACK_SIZE - 8;
}

static void interpret(void)
{
    for (;;) {
        instrument_hypercall(current); /* AddressSanitizer: this side has arrived */
        if (have_record) {
            have_record = false;
            program_step(current, &input);
        } else {
            vcpu_leave(current);
        }
    }
}

/*
 * Where an iret or an upcall continues: the program goes on at the beginning of the vCPU's stack.
 * What was on it is lost, as for a guest that goes elsewhere.
 */
void __wrap_trap_continue(struct trap_frame *frame);
void __wrap_trap_continue(struct trap_frame *frame)
{
    (void)frame;
    __asm__ volatile("movq %0, %%rsp\n\tjmpq *%1"
                     :
                     : "r"(stack_top(current)), "r"(interpret)
                     : "memory");
    __builtin_unreachable();
}

/* Whether the stack pointer of F is on the interpreter's, which the guest does not have. */
static bool on_own_stack(const struct trap_frame *f)
{
    return f->rsp - (uintptr_t)stacks <= sizeof(stacks);
}

/* The guest's stack, as far as it has one, is in its data. */
bool __real_trap_push(struct vcpu *v, struct trap_frame *f, const struct bounce *b);
bool __wrap_trap_push(struct vcpu *v, struct trap_frame *f, const struct bounce *b);
bool __wrap_trap_push(struct vcpu *v, struct trap_frame *f, const struct bounce *b)
{
    bool done;

    if (on_own_stack(f))
        f->rsp = v->domain->virt_base + (FUZZ_STACK_PAGE + 1) * PAGE_SIZE;
    done = __real_trap_push(v, f, b);
    if (fuzz_trace)
        printf("  d%uv%u goes on at %#lx: %s\n", v->domain->id, v->id, b->rip,
               done ? "an upcall or exception" : "it cannot");
    return done;
}

static void never(void) { abort(); }

/* Where a vCPU begins: always with the interpreter, whatever context its guest gives it. */
static void prepare_vcpu(struct vcpu *v)
{
    v->stack = stacks[v->domain->id][v->id];
    v->stack_size = STACK_SIZE;
    v->entry.rip = (uintptr_t)interpret;
    v->entry.rsp = stack_top(v);
    v->entry.rflags = VCPU_RFLAGS(0);
}

/* The second vCPU, as if the guest had initialised it; it is down. */
static void initialise_vcpu(struct domain *d)
{
    struct vcpu *v = d->vcpus[1];
    uint64_t root = d->vcpus[0]->cr3;

    if (!page_get(d, root) || page_get_type(d, root, PAGE_L4))
        abort();
    v->cr3 = root;
    v->initialised = true;
    prepare_vcpu(v);
}

/* As a guest that takes its events by upcalls, and where it takes them. */
static void unmask_upcalls(const struct domain *d)
{
    for (unsigned int i = 0; i < FUZZ_VCPUS; i++) {
        d->vcpus[i]->event_callback = d->virt_base;
        d->vcpus[i]->info->evtchn_upcall_mask = 0;
    }
}

/*
 * The guest unmaps what it has no use for: so there are frames from which it can make tables, and
 * its end, in which each mapping is looked at, is soon reached.
 */
static void unmap_rest(struct domain *d)
{
    struct vcpu *v = d->vcpus[0];

    for (uint64_t i = FUZZ_REST_FIRST; i < d->pages; i += 1 + (i == FUZZ_SPARE_FIRST - 2)) {
        const unsigned long a[5] = {d->virt_base + i * PAGE_SIZE, 0, 0, 0, 0};

        if (hypercall_dispatch(v, __HYPERVISOR_update_va_mapping, a))
            abort();
    }
}

static void build_domain(unsigned int i)
{
    const struct domain_config config = {
        .name = "fuzz",
        .memory = 4UL << 20,
        .max_memory = 7UL << 20,
        .vcpus = FUZZ_VCPUS,
        .hardware_domain = i == 0,
        .debug_console = i == 1,
        .command_line = "",
        .entry = never,
    };
    struct domain *d;

    if (domain_create(hv, &config, &d)) {
        fprintf(stderr, "fuzz: cannot make domain %u\n", i);
        abort();
    }
    domains[i] = d;
    if (!fuzz_shown)
        d->mirror_base = 0; /* no page of it is shown at its own address: undo.c */
    prepare_vcpu(d->vcpus[0]);
    initialise_vcpu(d);
    unmap_rest(d);
    if (i >= FUZZ_DOMAINS / 2)
        unmask_upcalls(d);
    mirror_flush(hv); /* as at a hypercall's end */
}

void fuzz_machine_build(void)
{
    const struct hypervisor_host host = {
        .clock = fake_clock,
        .wall_clock = fake_wall,
        .wait = fake_wait,
        .console_write = fake_write,
        .console_read = fake_read,
        .domain_ended = fake_ended,
        .log = fake_log,
    };
    const struct hypervisor_config config = {
        .memory = 19UL << 20,
        .log_level = fuzz_trace ? HYPERVISOR_LOG_DEBUG : HYPERVISOR_LOG_ERROR,
    };

    uint32_t words[CPU_FEATURE_WORDS];

    fuzz_time = 1000000000;
    if (!fuzz_shown)
        undo_begin_setup();
    hv = hypervisor_create(&host, &config);
    if (!hv)
        abort();
    for (unsigned int i = 0; i < FUZZ_DOMAINS; i++)
        build_domain(i);
    hypervisor_populate_all(hv);
    cpu_policy_features(hv, words); /* CPUID takes longer than an input */
    if (!fuzz_shown)
        undo_snapshot();
}

struct domain *fuzz_domain(unsigned int i)
{
    return hv->domains[i] == domains[i] ? domains[i] : NULL;
}

/* ---- running ---- */

/* As hypervisor_run does it. */
void fuzz_enter(struct vcpu *v)
{
    sched_unqueue(v);
    if (!v->started)
        prepare_vcpu(v);
    sched_enter(v, time_read(hv));
    sched_queue(v);
}

/* The vCPU that the record asks for, or the next one that can run. */
static struct vcpu *choose(unsigned int wanted)
{
    for (unsigned int n = 0; n < FUZZ_DOMAINS * FUZZ_VCPUS; n++) {
        unsigned int i = (wanted + n) % (FUZZ_DOMAINS * FUZZ_VCPUS);
        struct domain *d = fuzz_domain(i % FUZZ_DOMAINS);

        if (d && d->vcpus[i / FUZZ_DOMAINS] && sched_runnable(d->vcpus[i / FUZZ_DOMAINS]))
            return d->vcpus[i / FUZZ_DOMAINS];
    }
    return NULL;
}

static void require(const char *wrong)
{
    if (wrong) {
        fprintf(stderr, "fuzz: the model does not hold%s: %s\n", fuzz_shown ? ", shown" : "",
                wrong);
        abort();
    }
}

static void require_model(void)
{
    undo_run(false); /* its memory is not the shim's */
    require(model_check(hv));
    undo_run(!fuzz_shown);
}

static void clean_stacks(void)
{
    for (unsigned int i = 0; i < FUZZ_DOMAINS; i++)
        ASAN_UNPOISON_MEMORY_REGION(stacks[i], sizeof(stacks[i]));
}

#define RECORDS_MAX 100U

static void run_records(const uint8_t *bytes, size_t len)
{
    unsigned int who_ran = 0;

    input = (struct input){bytes, bytes + len};
    have_record = false;
    value_reset();
    fuzz_sum = fuzz_results = 0;
    for (unsigned int n = 0; n < RECORDS_MAX && input.at < input.end; n++) {
        unsigned int who = take8(&input);
        struct vcpu *v = choose(who % (FUZZ_DOMAINS * FUZZ_VCPUS));

        if (who >= 0xf0 || !v) {
            program_host_step(&input);
        } else {
            have_record = true;
            who_ran |= 1U << v->domain->id % FUZZ_DOMAINS;
            fuzz_enter(v);
        }
        fuzz_totals.records++;
        if (fuzz_check == FUZZ_CHECK_ALL)
            require_model();
    }
    fuzz_totals.inputs++;
    fuzz_totals.domains += (unsigned int)__builtin_popcount(who_ran);
}

/*
 * The input once more in a process of its own, on a machine whose guests have their pages at their
 * own addresses, as in a hosted program. The hypercalls' results must be the same.
 */
static void run_shown(const uint8_t *bytes, size_t len)
{
    uint64_t results = fuzz_results;
    pid_t child = fork();
    int status = 0;

    if (child > 0) {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ; /* libFuzzer has a timer */
        if (!status)
            return;
        fprintf(stderr, "fuzz: on a machine that is shown: status %#x\n", (unsigned int)status);
        abort();
    }
    if (child < 0)
        return; /* no process to be had now */
    undo_leave();
    for (unsigned int i = 0; i < FUZZ_DOMAINS; i++) { /* the others shall be in the same places */
        munmap((void *)(uintptr_t)domains[i]->virt_base,
               domains[i]->virt_end - domains[i]->virt_base);
        munmap((void *)(uintptr_t)domains[i]->window, domains[i]->window_size);
    }
    fuzz_shown = true;
    fuzz_machine_build();
    run_records(bytes, len);
    require_model();
    require(model_mirror(hv));
    if (fuzz_results != results) {
        fprintf(stderr, "fuzz: other results on a machine that is shown\n");
        abort();
    }
    _exit(0);
}

void fuzz_run(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0; /* chooses as chance would, and short inputs, which come often, as others */

    if (!hv)
        fuzz_machine_build();
    for (size_t i = 0; i < len; i++)
        sum = sum * 31 + bytes[i] + 1;
    sum = mix_bits(sum);
    undo_run(true);
    run_records(bytes, len);
    if (fuzz_check == FUZZ_CHECK_ENDS || (fuzz_check == FUZZ_CHECK_SOME && sum % 256 == 0))
        require_model();
    undo_restore();
    fuzz_time = 1000000000;
    clean_stacks();
    if (fuzz_verify && undo_verify()) {
        fprintf(stderr, "fuzz: %s\n", undo_verify());
        abort();
    }
    if (fuzz_show == FUZZ_SHOW_ALL || (fuzz_show == FUZZ_SHOW_SOME && sum / 256 % 65536 == 0))
        run_shown(bytes, len);
}
