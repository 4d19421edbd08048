/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Guests that lose the processor in their own code. That is an instruction in guest memory, ud2,
 * whose signal does what the signal of the host's clock does: so it is known where it comes.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "preempt.h"
#include "signal_frame.h"

#include <signal.h>
#include <stdlib.h>

#include <xen/domctl.h>
#include <xen/version.h>

static char order[64]; /* who has run, a letter for each time */

static void note(char who) { order[strlen(order)] = who; }

static void interrupted(int signal_number, siginfo_t *info, void *context)
{
    struct trap_frame f = signal_registers(context);
    size_t size;
    const void *fpu = signal_fpu(context, &size);
    uint64_t rip, rsp;

    signal_clear_flags();
    (void)signal_number, (void)info;
    f.rip += 2;
    if (trap_preempt(&f, fpu, size, &rip, &rsp))
        signal_go_on(context, rip, rsp);
    else
        signal_set_registers(context, &f);
}

static void start(unsigned int mib)
{
    static char stack[1 << 16];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_sigaction = interrupted, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    memset(order, 0, sizeof(order));
    sigaltstack(&alternate, NULL);
    sigaction(SIGILL, &action, NULL);
    machine_start(mib);
}

#define CODE_PAGE 20U

/* Is interrupted in guest memory, and returns A + B then. */
static long lose_processor(long a, long b)
{
    static const uint8_t code[] = {
        0x0f, 0x0b,             /* ud2 */
        0x48, 0x8d, 0x04, 0x37, /* lea (%rdi,%rsi),%rax */
        0xc3,                   /* ret */
    };
    char *at = guest_page(CODE_PAGE);

    memcpy(at, code, sizeof(code));
    return ((long (*)(long, long))(uintptr_t)at)(a, b);
}

/* ---- turns ---- */

static void computes(void *arg)
{
    for (long i = 0; i < 4; i++) {
        note(*(char *)arg);
        ck_assert_int_eq(lose_processor(i, 1000), i + 1000);
    }
}

START_TEST(test_turns)
{
    char a = 'a', b = 'b';

    start(32);
    guest_create(8, false, computes, &a);
    guest_create(8, false, computes, &b);
    ck_assert(guest_run());
    ck_assert_str_eq(order, "abababab");
    ck_assert_uint_eq(hv->preemptions, 8);
    machine_stop();
}
END_TEST

/* Interrupted in a handler, say: it goes on, and leaves when it makes a hypercall the next time. */
static void in_host_code(void *arg)
{
    for (int i = 0; i < 3; i++) {
        note(*(char *)arg);
        __asm__ volatile("ud2");
        note(*(char *)arg);
        call(__HYPERVISOR_xen_version, XENVER_version, 0);
    }
}

/* Not in the middle of a multicall, which goes on; after it. */
static void in_multicall(void *arg)
{
    multicall_entry_t *m = guest_page(0);

    note(*(char *)arg);
    __asm__ volatile("ud2");
    for (int i = 0; i < 2; i++)
        m[i] = (multicall_entry_t){.op = __HYPERVISOR_xen_version, .args = {XENVER_version}};
    ck_assert_int_eq(call(__HYPERVISOR_multicall, (uintptr_t)m, 2), 0);
    ck_assert_int_eq((long)m[1].result, 4 << 16 | 17);
    note(*(char *)arg);
}

START_TEST(test_host_code)
{
    char a = 'a', b = 'b';

    start(32);
    guest_create(8, false, in_host_code, &a);
    guest_create(8, false, in_host_code, &b);
    ck_assert(guest_run());
    ck_assert_str_eq(order, "aabbaabbaabb");
    ck_assert_uint_eq(hv->preemptions, 0);
    machine_stop();
    start(32);
    guest_create(8, false, in_multicall, &a);
    guest_create(8, false, in_multicall, &b);
    ck_assert(guest_run());
    ck_assert_str_eq(order, "abab");
    machine_stop();
}
END_TEST

START_TEST(test_nobody_runs)
{
    const struct trap_frame f = {.rip = 0};
    char fpu[512] = {0};
    uint64_t rip, rsp;

    start(16);
    ck_assert(!trap_preempt(&f, fpu, sizeof(fpu), &rip, &rsp));
    ck_assert(!hv->time_is_up);
    machine_stop();
}
END_TEST

/* A processor without xsave. */
static void legacy(int signal_number, siginfo_t *info, void *context)
{
    struct trap_frame f = signal_registers(context);
    size_t size;
    uint64_t rip, rsp;

    signal_clear_flags();
    (void)signal_number, (void)info;
    f.rip += 2;
    if (trap_preempt(&f, signal_fpu(context, &size), 512, &rip, &rsp))
        signal_go_on(context, rip, rsp);
}

static void has_rounding(void *arg)
{
    unsigned int before = 0x7f80, after;

    (void)arg;
    __asm__ volatile("ldmxcsr %0" ::"m"(before));
    lose_processor(0, 0);
    __asm__ volatile("stmxcsr %0\n\tmovl $0x1f80, -4(%%rsp)\n\tldmxcsr -4(%%rsp)" : "=m"(after));
    ck_assert_uint_eq(after & ~0x3fU, before);
}

START_TEST(test_legacy)
{
    struct sigaction action = {.sa_sigaction = legacy, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    start(16);
    sigaction(SIGILL, &action, NULL);
    guest_create(8, false, has_rounding, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- what comes meanwhile ---- */

static unsigned int upcalls;

/* Counts, and goes back by iret with upcalls masked: as guest.c's. */
void preempt_upcall_seen(void);
extern const char preempt_upcall[];
__asm__("        .text\n"
        "preempt_upcall:\n"
        "        .irp n, rax, rdx, rsi, rdi, r8, r9, r10, rbx\n"
        "        pushq %\\n\n"
        "        .endr\n"
        "        movq %rsp, %rbx\n"
        "        andq $-16, %rsp\n"
        "        call preempt_upcall_seen\n"
        "        movq %rbx, %rsp\n"
        "        .irp n, rbx, r10, r9, r8, rdi, rsi, rdx, rax\n"
        "        popq %\\n\n"
        "        .endr\n"
        "        andq $~0x200, 32(%rsp)\n"
        "        popq %rcx\n"
        "        popq %r11\n"
        "        pushq $0\n"
        "        pushq %rcx\n"
        "        pushq %r11\n"
        "        pushq %rax\n"
        "        jmp hypercall_page_iret\n");

void __attribute__((used)) preempt_upcall_seen(void)
{
    upcalls++;
    current->info->evtchn_upcall_pending = 0;
}

/* Its timer is due while it computes, and it is interrupted by it, as on Xen. */
static void expects_timer(void *arg)
{
    struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER};

    (void)arg;
    call3(__HYPERVISOR_set_callbacks, (uintptr_t)preempt_upcall, 0, 0);
    ck_assert_int_eq(evtchn(EVTCHNOP_bind_virq, &bind), 0);
    call3(__HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    call(__HYPERVISOR_set_timer_op, host.time + 100, 0);
    current->info->evtchn_upcall_mask = 0;
    ck_assert_int_eq(lose_processor(1, 2), 3);
    ck_assert_uint_eq(upcalls, 0);
    host.time += 100;
    ck_assert_int_eq(lose_processor(3, 4), 7);
    ck_assert_uint_eq(upcalls, 1);
    ck_assert_uint_eq(current->info->evtchn_upcall_mask, 1);
    current->info->evtchn_upcall_pending = 1; /* masked: nothing comes */
    ck_assert_int_eq(lose_processor(5, 6), 11);
    ck_assert_uint_eq(upcalls, 1);
}

/* Pending, and there is no callback: Xen crashes such a domain. */
static void has_no_callback(void *arg)
{
    (void)arg;
    current->event_callback = 0;
    current->info->evtchn_upcall_pending = 1;
    current->info->evtchn_upcall_mask = 0;
    lose_processor(0, 0);
    ck_abort();
}

START_TEST(test_upcalls)
{
    char a = 'a';

    upcalls = 0;
    start(32);
    guest_create(8, false, expects_timer, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.reason, SHUTDOWN_poweroff);
    guest_create(8, false, has_no_callback, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.reason, SHUTDOWN_crash);
    guest_create(8, false, computes, &a);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.reason, SHUTDOWN_poweroff);
    machine_stop();
}
END_TEST

/* A domain is ended while it computes: by its watchdog, and by its maker. */
static void computes_for_ever(void *arg)
{
    struct sched_watchdog w = {.timeout = 1};

    (void)arg;
    ck_assert_int_eq(call(__HYPERVISOR_sched_op, SCHEDOP_watchdog, (uintptr_t)&w), 1);
    for (;;) {
        host.time += 1000000;
        lose_processor(0, 0);
    }
}

static void destroys(void *arg)
{
    struct domain *d = *(struct domain **)arg;

    while (!d->vcpus[0]->is_preempted)
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    domain_destroy(d);
}

START_TEST(test_ends)
{
    struct domain *d;

    start(32);
    guest_create(8, false, computes_for_ever, NULL);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.reason, SHUTDOWN_watchdog);
    d = guest_create(8, false, computes_for_ever, NULL);
    guest_create(8, false, destroys, &d);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.reason, SHUTDOWN_poweroff);
    machine_stop();
}
END_TEST

/* ---- user mode ---- */

static void enters_kernel(void)
{
    ck_assert(!current->user_mode);
    note('k');
    guest_shutdown(SHUTDOWN_poweroff);
}

static void user(void)
{
    ck_assert_int_eq(lose_processor(1, 2), 3);
    ck_assert(current->user_mode);
    ck_assert_uint_eq(current->domain->mirror_base, current->user_cr3);
    note('u');
    call(__HYPERVISOR_xen_version, 0, 0);
    ck_abort();
}

static void has_user_mode(void *arg)
{
    struct iret_context frame = {.rip = (uintptr_t)user,
                                 .cs = FLAT_USER_CS,
                                 .rflags = 0x2,
                                 .rsp = (uintptr_t)guest_page(220) - 8,
                                 .ss = FLAT_KERNEL_SS};

    (void)arg;
    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, current->cr3, 0), 0);
    call3(__HYPERVISOR_set_callbacks, 0, 0, (uintptr_t)enters_kernel);
    call(__HYPERVISOR_stack_switch, FLAT_KERNEL_SS, (uintptr_t)guest_page(30));
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

START_TEST(test_user_mode)
{
    char a = 'a';

    start(32);
    guest_create(8, false, has_user_mode, NULL);
    guest_create(8, false, computes, &a);
    ck_assert(guest_run());
    ck_assert_uint_eq(host.reason, SHUTDOWN_poweroff);
    ck_assert_ptr_nonnull(strstr(order, "uk"));
    machine_stop();
}
END_TEST

/* ---- tools ---- */

/* Both the registers and what they are after a context is set, which begins anew. */
static void looks(void *arg)
{
    struct domain *d = *(struct domain **)arg;
    struct xen_domctl *op = guest_page(0);
    vcpu_guest_context_t *c = guest_page(1);

    while (!d->vcpus[0]->is_preempted)
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    memset(op, 0, sizeof(*op));
    op->cmd = XEN_DOMCTL_getvcpucontext;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domain_id(d);
    set_xen_guest_handle(op->u.vcpucontext.ctxt, c);
    ck_assert_int_eq(call(__HYPERVISOR_domctl, (uintptr_t)op, 0), 0);
    ck_assert_uint_eq(c->user_regs.rdi, 0x1234);
    ck_assert_uint_eq(c->user_regs.rsi, 0x5678);
    ck_assert_uint_eq(c->user_regs.rip & ~PAGE_MASK, 2);
    ck_assert_uint_eq(c->user_regs.rflags & 0x200, 0x200);
    note('t');
    while (!d->is_shut_down)
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void is_looked_at(void *arg)
{
    (void)arg;
    ck_assert_int_eq(lose_processor(0x1234, 0x5678), 0x1234 + 0x5678);
    note('g');
}

START_TEST(test_tools)
{
    struct domain *d;

    start(32);
    d = guest_create(8, false, is_looked_at, NULL);
    guest_create(8, true, looks, &d);
    guest_run();
    ck_assert_str_eq(order, "tg");
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("preempt");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_turns);
    tcase_add_test(t, test_host_code);
    tcase_add_test(t, test_nobody_runs);
    tcase_add_test(t, test_legacy);
    tcase_add_test(t, test_upcalls);
    tcase_add_test(t, test_ends);
    tcase_add_test(t, test_user_mode);
    tcase_add_test(t, test_tools);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
