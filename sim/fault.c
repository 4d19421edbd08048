/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The processor's exceptions, which Linux delivers as signals. Those of the guest are bounced to
 * its handler, as Xen does it; if it has none, its domain crashes with a report and the sim ends
 * in order. Those of the host are bugs of ours, and dump core.
 */
#define _GNU_SOURCE
#include "signal_frame.h"
#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Frames with all of AVX-512 take 11 KiB; the report wants some more. */
#define STACK_SIZE (64U << 10)

static char stack[STACK_SIZE] __attribute__((aligned(16)));
static const struct sim_machine *machine;
static const char *program;
static const struct domain *faulted;
static int final_status;

static void host_bug(int signal_number, const struct trap_frame *f)
{
    char where[256];

    symbol_name(SYMBOL_SELF, f->rip, where, sizeof(where));
    dprintf(2,
            "%s: internal error of the host side: %s, address 0x%lx, rip 0x%lx (%s)\n"
            "%s: this is a bug in the hypervisor library or the sim, not in the program\n",
            program, crash_vector_name(f->vector), (unsigned long)f->cr2, (unsigned long)f->rip,
            where, program);
    if (machine->trace)
        trace_flush(machine->trace);
    signal(signal_number, SIG_DFL);
    raise(signal_number); /* delivered when the handler returns */
}

/* The process is to end, or gives up: what the trace has is written out before. */
static void end_traced(int signal_number)
{
    trace_flush(machine->trace);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void catch_ends(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGABRT};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        /* Not those that our parent had us ignore, or that somebody else sees to. */
        sigaction(signals[i], NULL, &action);
        if (action.sa_flags & SA_SIGINFO || action.sa_handler != SIG_DFL)
            continue;
        action = (struct sigaction){.sa_flags = SA_ONSTACK};
        action.sa_handler = end_traced;
        sigaction(signals[i], &action, NULL);
    }
}

/* Under valgrind the first has no trap number. */
#define INVALID_OPCODE     6
#define GENERAL_PROTECTION 13

/* <linux/prctl.h>, <asm-generic/siginfo.h> and <linux/audit.h> have them, musl not yet. */
#define SET_SYSCALL_USER_DISPATCH 59
#define DISPATCH_ON               1
#define DISPATCHED                2 /* si_code */
#define ARCH_I386                 0x40000003U

/* Behind a guest's instruction, of which Linux has not made a system call. */
static void system_call(const siginfo_t *info, struct trap_frame *f)
{
    if (info->si_arch != ARCH_I386) {
        hypercall_by_instruction(f);
        return;
    }
    /* INT 0x80, two bytes: a vector that only the guest's trap table can have a gate for. */
    f->rip -= 2;
    f->vector = GENERAL_PROTECTION;
    f->error_code = 0x80 << 3 | 2;
}

static void __attribute__((noinline)) handle(int signal_number, siginfo_t *info, void *context)
{
    struct trap_frame f = signal_registers(context), bounced;
    bool by_stack;

    if (signal_number == SIGILL)
        f.vector = INVALID_OPCODE;
    /* Sent by a person (kill -SEGV) or by seccomp: do what it does by default. */
    if (info->si_code <= 0 || (signal_number == SIGSYS && info->si_code != DISPATCHED)) {
        if (machine->trace)
            trace_flush(machine->trace);
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    /* A guest's single step goes on behind its hypercall. */
    if (f.vector == 1 && hypervisor_current_domain() && !trap_in_guest(f.rip))
        return;
    if (f.vector == GENERAL_PROTECTION && counter_of_host(&f)) {
        signal_set_registers(context, &f);
        return;
    }
    if (f.vector == 14 && hypervisor_populate_on_fault(machine->hv, (const void *)f.cr2))
        return;
    if (signal_number == SIGSYS && trap_in_guest(f.rip)) {
        system_call(info, &f);
        if (!trap_in_guest(f.rip)) {
            signal_set_registers(context, &f);
            return;
        }
    }
    by_stack = signal_number != SIGSYS && trap_by_stack(&f);
    if (!hypervisor_current_domain() || (!trap_by_guest(&f) && !by_stack)) {
        host_bug(signal_number, &f);
        return;
    }
    bounced = f;
    if (!by_stack && trap_bounce(&bounced)) {
        signal_set_registers(context, &bounced);
        return;
    }
    if (by_stack)
        dprintf(2, "%s: the guest's stack ended during a hypercall\n",
                domain_name(hypervisor_current_domain()));
    crash_report(machine, &f);
    faulted = hypervisor_current_domain();
    final_status = 128 + signal_number;
    trap_crash(&f.rip, &f.rsp);
    signal_go_on(context, f.rip, f.rsp);
}

static uint64_t __attribute__((noinline)) rip_of(const void *context)
{
    return signal_registers(context).rip;
}

static void handle_signal(int signal_number, siginfo_t *info, void *context)
{
    bool lost;

    signal_clear_flags();
    lost = signal_restore_fs();
    /* What has faulted for the want of it, in code of the host, is done again. */
    if (!lost || trap_in_guest(rip_of(context)))
        handle(signal_number, info, context);
}

int fault_take_status(const struct domain *d)
{
    int status = d == faulted ? final_status : 0;

    faulted = NULL;
    return status;
}

void fault_catch_system_calls(void)
{
    const uint64_t start = HYPERVISOR_GUEST_END, end = 1UL << 47;

    if (addresses_apart())
        prctl(SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, start, end - start, NULL);
}

void fault_install(const struct sim_machine *m)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};

    signal_keep_fs();
    machine = m;
    program = m->program;
    if (m->trace && trace_is_open(m->trace))
        catch_ends();
    action.sa_sigaction = handle_signal;
    sigaddset(&action.sa_mask, SIGVTALRM); /* preempt.c: not half-way through a repair */
    sigaltstack(&alternate, NULL);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}
