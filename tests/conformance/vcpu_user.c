/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vCPUs that begin in user mode (a context without VGCF_in_kernel): what
 * they see first, and where their kernel finds itself, also if an event is pending from the start.
 */
#include "vcpus.h"

#define USER_WORD   0x1111222233334444UL
#define KERNEL_WORD 0x5555666677778888UL

static vcpu_guest_context_t context;
static evtchn_port_t wake;
extern volatile uint64_t user_saw;
volatile uint64_t user_saw;
static volatile unsigned int running; /* the vCPU that is to go down after its entry */
static uint64_t user_word = USER_WORD, kernel_word = KERNEL_WORD;
static char user_stacks[VCPUS][4096] __attribute__((aligned(16)));

/* What a vCPU found at its first entry to its kernel; the asm below knows the order. */
extern volatile struct entry {
    uint64_t by; /* which callback */
    uint64_t rax, rbx, rdi, gs, rsp;
    uint64_t frame[7]; /* rcx, r11, rip, cs, rflags, rsp, ss */
    uint64_t done;
} entry;
volatile struct entry entry;
extern const char user_call[], user_call_end[], user_loop[], user_fault[];
extern const char by_syscall[], by_event[], by_nmi[], by_exception[];

__asm__("    .text\n"
        "user_call: movq %gs:0, %rax\n"
        "    movq %rax, user_saw(%rip)\n"
        "    movl $17, %edi\n"
        "    movl $7, %esi\n"
        "    xorl %edx, %edx\n"
        "    call hypercall\n"
        "user_call_end: ud2\n"
        "user_loop: jmp user_loop\n"
        "user_fault: ud2\n"
        "by_syscall: movq $1, entry(%rip)\n"
        "    jmp 1f\n"
        "by_event: movq $2, entry(%rip)\n"
        "    jmp 1f\n"
        "by_nmi: movq $3, entry(%rip)\n"
        "    jmp 1f\n"
        "by_exception: movq $4, entry(%rip)\n"
        "1:  movq %rax, entry+8(%rip)\n"
        "    movq %rbx, entry+16(%rip)\n"
        "    movq %rdi, entry+24(%rip)\n"
        "    movq %gs:0, %rax\n"
        "    movq %rax, entry+32(%rip)\n"
        "    movq %rsp, entry+40(%rip)\n"
        "    leaq entry+48(%rip), %rdi\n"
        "    movq %rsp, %rsi\n"
        "    movl $7, %ecx\n"
        "    cld\n"
        "    rep movsq\n"
        "    andq $-16, %rsp\n"
        "    call in_kernel\n");

void in_kernel(void);
void in_kernel(void)
{
    entry.done = 1;
    port_send(wake);
    for (;;)
        hypercall_vcpu_op(VCPUOP_down, running, NULL);
}

static long initialise(unsigned int vcpu) { return vcpu_op(VCPUOP_initialise, vcpu, &context); }

/* A context in which vCPU ID begins at RIP in user mode. */
static void user_context(unsigned int id, const char *rip)
{
    memset((void *)(uintptr_t)&entry, 0, sizeof entry);
    context_of(&context, id, (void (*)(void))(uintptr_t)rip);
    context.flags = 0;
    context.ctrlreg[1] = context.ctrlreg[3];
    context.user_regs.cs = FLAT_USER_CS;
    context.user_regs.ss = FLAT_USER_SS;
    context.user_regs.rsp = (uintptr_t)user_stacks[id] + sizeof user_stacks[id];
    running = id;
    context.gs_base_user = (uintptr_t)&user_word;
    context.gs_base_kernel = (uintptr_t)&kernel_word;
    context.syscall_callback_eip = (uintptr_t)by_syscall;
    context.event_callback_eip = (uintptr_t)by_event;
    context.trap_ctxt[2] = (trap_info_t){2, 0, FLAT_KERNEL_CS, (uintptr_t)by_nmi};
    context.trap_ctxt[6] = (trap_info_t){6, 0, FLAT_KERNEL_CS, (uintptr_t)by_exception};
}

static void start(unsigned int id, const char *what)
{
    answers(initialise(id), 0, "initialise vCPU %u: %s", id, what);
    answers(vcpu_op(VCPUOP_up, id, NULL), 0, "up");
    wait_for(entry.done);
    ok(entry.done, "its kernel has been entered");
    wait_for(vcpu_op(VCPUOP_is_up, id, NULL) == 0);
    answers(vcpu_op(VCPUOP_is_up, id, NULL), 0, "and it has gone down");
}

static void check_kernel(unsigned int id)
{
    ok(entry.gs == KERNEL_WORD, "%%gs is the kernel's then");
    ok(entry.rsp == (context.kernel_sp & ~15UL) - 56, "on the kernel's stack");
    ok((entry.frame[3] & 0xffff) == FLAT_USER_CS && entry.frame[6] == FLAT_USER_SS,
       "from user mode");
    ok(entry.frame[5] <= context.user_regs.rsp && entry.frame[5] + 2048 > context.user_regs.rsp,
       "whose stack is where it was");
    ok(vcpu_op(VCPUOP_is_up, id, NULL) == 0, "vCPU %u stays down", id);
}

static void test_refused(void)
{
    user_context(1, user_call);
    context.ctrlreg[1] = 0;
    answers(initialise(1), -XEN_EINVAL, "user mode without page tables for it");
    user_context(1, user_call);
    context.ctrlreg[1] = xen_pfn_to_cr3(0xfffffffUL);
    answers(initialise(1), -XEN_EINVAL, "with page tables beyond all frames");
    answers(vcpu_op(VCPUOP_up, 1, NULL), -XEN_EINVAL, "it cannot go up");
}

static void test_call(void)
{
    user_context(1, user_call);
    start(1, "in user mode, where it calls its kernel");
    ok(entry.by == 1, "by its syscall callback");
    ok(entry.rax == 17 && entry.rdi == 7, "with what it called");
    ok(user_saw == USER_WORD, "%%gs was the user's");
    check_kernel(1);
}

static void test_fault(void)
{
    user_context(2, user_fault);
    start(2, "in user mode, where it faults");
    ok(entry.by == 4, "by its handler");
    ok(entry.frame[2] == (uintptr_t)user_fault, "at its first instruction");
    check_kernel(2);
}

/* Unmasked and pending from the start: the first instruction never comes. */
static void test_event(void)
{
    vcpu_info_t *info = &shared_info()->vcpu_info[3];

    user_context(3, user_loop);
    info->evtchn_upcall_mask = 0;
    info->evtchn_upcall_pending = 1;
    start(3, "in user mode, with an event pending");
    ok(entry.by == 2, "by its event callback");
    ok(entry.frame[2] == (uintptr_t)user_loop, "before its first instruction");
    ok(entry.frame[3] >> 32 == 0, "not masked before");
    ok(info->evtchn_upcall_mask == 1, "masked now");
    check_kernel(3);
}

int main(void)
{
    mask_all();
    vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    wake = port_ipi(0);
    test_refused();
    test_call();
    test_fault();
    test_event();
    return tap_done();
}
