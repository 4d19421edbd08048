/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Callbacks, upcalls, NMIs, iret and user mode. It would catch an upcall that comes while it is
 * masked or not at all, a frame that iret does not take back, and a way into or out of user mode
 * that mixes up stacks or modes.
 */
#include "tap.h"
#include "exception.h"

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/nmi.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "core/domain.h"
#include "core/event.h"
#include "core/memory.h"

#define RFLAGS_IF 0x200UL
#define RFLAGS_TF 0x100UL
#define RFLAGS_DF 0x400UL

static volatile vcpu_info_t *info(void) { return shared_vcpu_info(); }

static long callback(unsigned int type, unsigned long address, unsigned int flags)
{
    struct callback_register op = {
        .type = (uint16_t)type, .flags = (uint16_t)flags, .address = address};

    return hypercall(__HYPERVISOR_callback_op, CALLBACKOP_register, HYPERCALL_ARG(&op), 0, 0, 0);
}

static long no_callback(unsigned int type)
{
    struct callback_unregister op = {.type = (uint16_t)type};

    return hypercall(__HYPERVISOR_callback_op, CALLBACKOP_unregister, HYPERCALL_ARG(&op), 0, 0, 0);
}

/* ---- upcalls that are returned from ---- */

/*
 * upcall_entry notes the frame in `seen`, as the stubs do, then calls upcall_body and goes back to
 * where it came from with every register as it was: by itself, since all is in one ring.
 */
extern const char upcall_entry[];
void upcall_body(void);
__asm__("    .text\n"
        "    .globl upcall_entry\n"
        "upcall_entry:\n"
        "    pushq %rax\n"
        "    pushq %rsi\n"
        "    pushq %rdi\n"
        "    pushq %rdx\n"
        "    pushq %r8\n"
        "    pushq %r9\n"
        "    pushq %r10\n"
        "    pushq %rbp\n"
        "    movq %rsp, %rbp\n"
        "    cld\n"
        "    leaq 64(%rbp), %rsi\n" /* rcx r11 rip cs rflags rsp ss */
        "    movq %rsi, seen + 120\n"
        "    movq $seen + 136, %rdi\n"
        "    movl $7, %ecx\n"
        "    rep movsq\n"
        "    movq $256, seen + 208\n"
        "    incq seen + 216\n"
        "    andq $-16, %rsp\n"
        "    call upcall_body\n"
        "    movq %rbp, %rsp\n"
        "    popq %rbp\n"
        "    popq %r10\n"
        "    popq %r9\n"
        "    popq %r8\n"
        "    popq %rdx\n"
        "    popq %rdi\n"
        "    popq %rsi\n"
        "    popq %rax\n"
        "    popq %rcx\n"
        "    popq %r11\n"
        "    pushq 16(%rsp)\n" /* rip cs rflags rsp: the flags, then rsp and rip */
        "    popfq\n"
        "    pushq %rax\n"
        "    pushq %rcx\n"
        "    movq 40(%rsp), %rax\n" /* rsp of the interrupted code */
        "    movq 16(%rsp), %rcx\n" /* rip */
        "    movq %rcx, -8(%rax)\n"
        "    popq %rcx\n"
        "    movq %rax, back_rsp\n"
        "    popq %rax\n"
        "    movq back_rsp, %rsp\n"
        "    jmp *-8(%rsp)\n"
        "    .bss\n"
        "    .globl back_rsp\n"
        "back_rsp: .skip 8\n"
        "    .text\n");

static unsigned int upcalls, nested_allowed;
static uint8_t mask_in_upcall, pending_in_upcall;
static evtchn_port_t port;

void __attribute__((used)) upcall_body(void)
{
    upcalls++;
    mask_in_upcall = info()->evtchn_upcall_mask;
    pending_in_upcall = info()->evtchn_upcall_pending;
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_pending_sel = 0;
    shared_info()->evtchn_pending[port / 64] = 0;
    if (nested_allowed) {
        nested_allowed--;
        info()->evtchn_upcall_pending = 1;
        info()->evtchn_upcall_mask = 0;
        hypercall_sched_op(SCHEDOP_yield, NULL);
    }
    /* What iret does with the saved mask. */
    info()->evtchn_upcall_mask = 0;
}

static void check_upcall(unsigned int times, const char *what)
{
    struct bounced b;

    ok(upcalls == times, "%s: %u upcalls", what, times);
    if (upcalls != times)
        printf("# %u\n", upcalls);
    if (upcalls && times) {
        seen.vector = CALLBACK(0);
        b = bounced();
        ok(mask_in_upcall == 1, "%s: masked in it", what);
        ok((b.cs & 0xffff) == (FLAT_KERNEL_CS & ~3UL) && b.ss == FLAT_KERNEL_SS, "%s: segments",
           what);
        ok(b.cs >> 32 == 0 && b.rflags & RFLAGS_IF, "%s: not masked before", what);
        ok(seen.rsp == (b.rsp & ~15UL) - 7 * 8, "%s: the frame is on the stack", what);
    }
    upcalls = 0;
    info()->evtchn_upcall_mask = 1;
}

static void test_upcalls(void)
{
    evtchn_bind_ipi_t ipi = {.vcpu = 0};
    evtchn_send_t send;
    multicall_entry_t calls[2] = {
        {.op = __HYPERVISOR_xen_version, .args = {7}},
        {.op = __HYPERVISOR_xen_version, .args = {7}},
    };
    long page;

    answers(callback(CALLBACKTYPE_event, (unsigned long)upcall_entry, 0), 0, "register event");
    hypercall_event_channel_op(EVTCHNOP_bind_ipi, &ipi);
    port = send.port = ipi.port;
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 1;
    hypercall_sched_op(SCHEDOP_yield, NULL);
    check_upcall(0, "pending and masked");
    info()->evtchn_upcall_mask = 0;
    check_upcall(0, "unmasked in memory, nothing happens");
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    page = hypercall(__HYPERVISOR_xen_version, 7, 0, 0, 0, 0);
    check_upcall(1, "at the next hypercall");
    ok(page == 4096, "whose result is there");
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_upcall_mask = 0;
    hypercall_sched_op(SCHEDOP_yield, NULL);
    check_upcall(0, "nothing pending");
    /* An event that arrives. */
    shared_info()->evtchn_mask[port / 64] &= ~(1UL << port % 64);
    info()->evtchn_upcall_mask = 0;
    answers(hypercall_event_channel_op(EVTCHNOP_send, &send), 0, "send to itself");
    ok(pending_in_upcall == 1, "it is pending in the upcall");
    check_upcall(1, "sent unmasked");
    hypercall_event_channel_op(EVTCHNOP_send, &send);
    check_upcall(0, "sent masked");
    info()->evtchn_upcall_mask = 1;
    answers(hypercall_sched_op(SCHEDOP_block, NULL), 0, "block with an event pending");
    check_upcall(1, "block unmasks");
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 1;
    answers(hypercall(__HYPERVISOR_sched_op_compat, SCHEDOP_block, 0, 0, 0, 0), 0,
            "block by the old hypercall");
    check_upcall(1, "it unmasks too");
    /* In a multicall: at its end. */
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    answers(hypercall(__HYPERVISOR_multicall, HYPERCALL_ARG(calls), 2, 0, 0, 0), 0, "multicall");
    check_upcall(1, "after it");
    ok(calls[1].result == 4096, "which did all");
    nested_allowed = 3;
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    hypercall_sched_op(SCHEDOP_yield, NULL);
    check_upcall(4, "upcalls in upcalls");
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    answers(hypercall(60, 0, 0, 0, 0, 0), -XEN_ENOSYS, "a hypercall that is none");
    check_upcall(1, "after it as well");
    /* An exception first, the upcall on top of it: it interrupts the handler's first instruction.
     */
    callback(CALLBACKTYPE_event, stub(CALLBACK(1)), 0);
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    attempt("ud2");
    ok(seen.vector == CALLBACK(1), "after an exception without the mask flag: the upcall");
    ok(bounced().rip == stub(6), "interrupts the handler");
    ok(bounced().rsp == (seen.resume_rsp & ~15UL) - 56, "on its stack");
    handle_vector(6, 4);
    info()->evtchn_upcall_mask = 0;
    attempt("ud2");
    ok(seen.vector == 6, "with the mask flag: only the exception");
    handle_vector(6, 0);
    attempt("wbinvd");
    info()->evtchn_upcall_mask = 1;
    ok(seen.vector == NO_VECTOR, "it is masked now");
    info()->evtchn_upcall_mask = 0;
    attempt("wbinvd");
    ok(seen.vector == CALLBACK(1), "after an emulated instruction: the upcall");
    ok(bounced().rip == seen.resume_rip, "behind it");
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_upcall_mask = 1;
}

/* ---- registering ---- */

static void test_registering(void)
{
    struct xennmi_callback nmi = {.handler_address = 1UL << 50};

    for (unsigned int type = CALLBACKTYPE_event; type <= CALLBACKTYPE_syscall32; type++) {
        if (type == 3 || type == 6)
            continue; /* there are none */
        answers(callback(type, stub(CALLBACK(2)), 0), 0, "register type %u", type);
        answers(callback(type, stub(CALLBACK(2)), CALLBACKF_mask_events), 0, "with mask_events");
        answers(callback(type, stub(CALLBACK(2)), 0xffff), 0, "with all flags");
        answers(callback(type, 1UL << 50, 0), -XEN_EINVAL, "to what is not canonical");
        answers(no_callback(type), type == CALLBACKTYPE_nmi ? 0 : -XEN_EINVAL, "unregister it");
    }
    answers(callback(3, stub(0), 0), -XEN_ENOSYS, "register type 3");
    answers(callback(6, stub(0), 0), -XEN_ENOSYS, "register type 6");
    answers(callback(8, stub(0), 0), -XEN_ENOSYS, "register type 8");
    answers(callback(8, 1UL << 50, 0), -XEN_EINVAL, "the address is looked at first");
    answers(no_callback(6), -XEN_ENOSYS, "unregister type 6");
    answers(no_callback(8), -XEN_ENOSYS, "unregister type 8");
    answers(hypercall(__HYPERVISOR_callback_op, CALLBACKOP_register, HYPERCALL_ARG(WILD_POINTER), 0,
                      0, 0),
            -XEN_EFAULT, "register with a wild pointer");
    answers(hypercall(__HYPERVISOR_callback_op, CALLBACKOP_unregister, HYPERCALL_ARG(WILD_POINTER),
                      0, 0, 0),
            -XEN_EFAULT, "unregister with a wild pointer");
    answers(hypercall(__HYPERVISOR_callback_op, 2, 0, 0, 0, 0), -XEN_ENOSYS, "callback_op 2");
    answers(hypercall(__HYPERVISOR_set_callbacks, stub(CALLBACK(3)), 1UL << 50, 1UL << 50, 0, 0), 0,
            "set_callbacks of which two cannot be");
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    attempt("wbinvd");
    ok(seen.vector == CALLBACK(3), "sets the others");
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_upcall_mask = 1;
    answers(hypercall(__HYPERVISOR_nmi_op, XENNMI_register_callback, HYPERCALL_ARG(&nmi), 0, 0, 0),
            -XEN_EINVAL, "nmi_op register to what is not canonical");
    answers(hypercall(__HYPERVISOR_nmi_op, XENNMI_register_callback, HYPERCALL_ARG(WILD_POINTER), 0,
                      0, 0),
            -XEN_EFAULT, "nmi_op register with a wild pointer");
    answers(hypercall(__HYPERVISOR_nmi_op, XENNMI_unregister_callback, 0, 0, 0, 0), 0,
            "nmi_op unregister");
    answers(hypercall(__HYPERVISOR_nmi_op, XENNMI_unregister_callback, 0, 0, 0, 0), 0, "again");
    answers(hypercall(__HYPERVISOR_nmi_op, 2, 0, 0, 0, 0), -XEN_ENOSYS, "nmi_op 2");
}

/* ---- iret ---- */

static struct iret_context context;

static void prepare(unsigned long rip)
{
    context = (struct iret_context){
        .rax = 0x1111,
        .r11 = 0x2222,
        .rcx = 0x3333,
        .rip = rip,
        .cs = FLAT_KERNEL_CS & ~3UL,
        .rflags = 0x2,
        .rsp = seen.resume_rsp & ~15UL,
        .ss = FLAT_KERNEL_SS,
    };
}

/*
 * HYPERVISOR_iret to a stub, or to what raises an exception: portable_iret(&context) in an attempt.
 * The stack pointer for the frame is taken from the attempt before.
 */
#define iret()                                                                                     \
    attempt("movq $context, %%rdi\n\tmovl $0x4444, %%ebx\n\tmovl $0x5555, %%r12d\n\t"              \
            "jmp portable_iret")

/* The same with the registers that a function preserves as the last handler found them. */
#define iret_preserving()                                                                          \
    attempt("movq $context, %%rdi\n\tmovq seen + 8, %%rbx\n\tmovq seen + 48, %%rbp\n\t"            \
            "movq seen + 88, %%r12\n\tmovq seen + 96, %%r13\n\tmovq seen + 104, %%r14\n\t"         \
            "movq seen + 112, %%r15\n\tjmp portable_iret")

static void test_iret(void)
{
    __asm__ volatile("" ::"m"(context));
    attempt("ud2"); /* for its stack pointer */
    prepare(stub(40));
    info()->evtchn_upcall_mask = 0;
    iret();
    ok(seen.vector == 40, "iret goes to rip");
    ok(seen.rsp == context.rsp, "with its rsp");
    ok(info()->evtchn_upcall_mask == 1, "without IF: masked");
    ok(seen.rflags & RFLAGS_IF, "though the real IF is set");
    ok(seen.rbx == 0x4444 && seen.r12 == 0x5555, "other registers are as they were");
    prepare(stub(41));
    context.rflags |= RFLAGS_IF | RFLAGS_DF | 0x3000 | 0x8d5;
    iret();
    ok(seen.vector == 41 && info()->evtchn_upcall_mask == 0, "with IF: not masked");
    ok((seen.rflags & 0xfd5) == 0xed5, "the other flags are set");
    ok((seen.rflags & 0x3000) == 0, "but IOPL");
    __asm__ volatile("cld");
    info()->evtchn_upcall_mask = 1;
    prepare((unsigned long)stub(42));
    context.flags = VGCF_in_syscall;
    iret();
    ok(seen.vector == 42, "iret with VGCF_in_syscall");
    ok(seen.rcx == stub(42), "rcx is rip");
    ok(seen.r11 == seen.rflags, "r11 is the flags");
    prepare(stub(43));
    context.flags = VGCF_in_syscall;
    context.cs = 0x1230; /* SYSRET does not look at it */
    context.ss = 0;
    iret();
    ok(seen.vector == 43, "which needs no selectors");
    prepare(stub(44));
    context.cs = 0x1230;
    iret();
    ok(seen.vector == 13 && bounced().error == 0x1230, "without it a bad cs is #GP");
    ok(bounced().rip == stub(44), "at the target");
    ok((bounced().cs & 0xffff) == 0x1230, "with the cs");
    ok(bounced().rsp == context.rsp, "and the stack of the target");
    prepare(stub(44));
    context.ss = 0x1230;
    iret();
    ok(seen.vector == 13 && bounced().error == 0x1230, "a bad ss is #GP");
    ok(bounced().ss == 0x1233, "with the ss, in ring 3");
    prepare(1UL << 50);
    iret();
    ok(seen.vector == 13 && bounced().error == 0, "a rip that is not canonical is #GP(0)");
    prepare(stub(45));
    context.rflags |= RFLAGS_TF;
    iret();
    ok(seen.vector == 1 && bounced().rip > stub(45) && bounced().rip < stub(46),
       "iret with TF: a step at the target");
    hypercall(__HYPERVISOR_set_debugreg, 6, 0, 0, 0, 0);
    /* What is pending comes at once, if it is not masked any more. */
    callback(CALLBACKTYPE_event, stub(CALLBACK(4)), 0);
    prepare(stub(46));
    context.rflags |= RFLAGS_IF;
    info()->evtchn_upcall_pending = 1;
    iret();
    ok(seen.vector == CALLBACK(4), "iret with an upcall pending goes to the upcall");
    ok(bounced().rip == stub(46), "which interrupts the target");
    ok(bounced().rsp == context.rsp, "on its stack");
    ok(bounced().cs >> 32 == 0, "not masked");
    prepare(stub(47));
    iret();
    ok(seen.vector == 47, "masked: it does not");
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_upcall_mask = 1;
}

/* ---- NMI ---- */

static long send_nmi(unsigned int vcpu, void *arg)
{
    return hypercall_vcpu_op(VCPUOP_send_nmi, vcpu, arg);
}

#define nmi_to_self()                                                                              \
    attempt("movl $24, %%edi\n\tmovl $11, %%esi\n\txorl %%edx, %%edx\n\txorl %%ecx, %%ecx\n\t"     \
            "call hypercall\n\tnop")

static void test_nmi(void)
{
    _Static_assert(__HYPERVISOR_vcpu_op == 24 && VCPUOP_send_nmi == 11, "as in nmi_to_self");
    struct xennmi_callback op = {.handler_address = stub(50)};

    answers(send_nmi(0, &op), -XEN_EINVAL, "send_nmi with an argument");
    answers(send_nmi(4000, NULL), -XEN_ENOENT, "send_nmi to no vCPU");
    answers(send_nmi(0, NULL), 0, "send_nmi without a callback is lost");
    answers(hypercall(__HYPERVISOR_nmi_op, XENNMI_register_callback, HYPERCALL_ARG(&op), 0, 0, 0),
            0, "register an NMI callback");
    info()->evtchn_upcall_mask = 1;
    nmi_to_self();
    ok(seen.vector == 50, "an NMI comes also while masked");
    ok(bounced().cs >> 32 == 1 && !(bounced().rflags & RFLAGS_IF), "the saved mask says so");
    nmi_to_self();
    ok(seen.vector == NO_VECTOR, "the next not before an iret");
    prepare(stub(51));
    iret();
    ok(seen.vector == 50, "but after it");
    ok(bounced().rip == stub(51), "at its target");
    prepare(stub(52));
    iret();
    ok(seen.vector == 52, "there were two");
    info()->evtchn_upcall_mask = 0;
    nmi_to_self();
    ok(seen.vector == 50 && info()->evtchn_upcall_mask == 1, "unmasked: it masks");
    prepare(stub(53));
    iret();
    /* NMI and upcall at once: the upcall stays masked. */
    info()->evtchn_upcall_pending = 1;
    info()->evtchn_upcall_mask = 0;
    nmi_to_self();
    ok(seen.vector == 50, "with an upcall pending the NMI is first");
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_upcall_mask = 1;
    prepare(stub(54));
    iret();
    answers(no_callback(CALLBACKTYPE_nmi), 0, "unregister it");
    answers(send_nmi(0, NULL), 0, "and it is lost again");
}

/* ---- user mode ---- */

static uint8_t kernel_stack[8192] __attribute__((aligned(16)));
static uint8_t user_stack[16384] __attribute__((aligned(16)));

static void prepare_user(unsigned long rip)
{
    prepare(rip);
    context.cs = FLAT_USER_CS;
    context.ss = FLAT_USER_SS;
    context.rflags |= RFLAGS_IF;
    context.rsp = (unsigned long)(user_stack + sizeof user_stack);
}

/* Code for user mode. Nothing in it is data, which the kernel alone might have mapped. */
extern const char user_ud2[], user_int3[], user_read[], user_hlt[], user_in[], user_call[];
extern const char user_call_end[], user_gs[];
__asm__("    .text\n"
        "user_ud2: ud2\n"
        "user_int3: int3\n"
        "user_read: movq $0x123456789000, %rax\n"
        "    movq (%rax), %rax\n"
        "user_hlt: hlt\n"
        "user_in: inb $0x81, %al\n"
        "user_gs: movq %gs:0, %rax\n"
        "    ud2\n"
        "user_call: movl $17, %edi\n"
        "    movl $7, %esi\n"
        "    xorl %edx, %edx\n"
        "    movl $0x1111, %ecx\n"
        "    movl $0x2222, %r8d\n"
        "    std\n"
        "    cld\n"
        "    call hypercall\n"
        "user_call_end: ud2\n");

static void check_user(int64_t vector, const char *what)
{
    struct bounced b = bounced();

    ok(seen.vector == vector, "%s: vector %d", what, (int)vector);
    if (seen.vector != vector)
        printf("# %ld\n", (long)seen.vector);
    ok((b.cs & 0xffff) == FLAT_USER_CS && b.ss == FLAT_USER_SS, "%s: from user mode", what);
    ok(seen.rsp ==
           (uintptr_t)(kernel_stack + sizeof kernel_stack) - (has_error_code(vector) ? 64 : 56),
       "%s: on the kernel's stack", what);
}

static void test_user_mode(void)
{
    static uint64_t words[2] = {0x1234123412341234, 0x5678567856785678};
    mmuext_op_t op = {.cmd = MMUEXT_NEW_USER_BASEPTR};
    const start_info_t *s = domain_start_info();
    const uint64_t *p2m = (const uint64_t *)s->mfn_list;

    /* The same tables for both, so that this guest goes on seeing itself. */
    op.arg1.mfn = p2m[(s->pt_base - memory_virt_base()) >> 12];
    answers(hypercall_mmuext_op(&op, 1), 0, "NEW_USER_BASEPTR");
    answers(hypercall(__HYPERVISOR_stack_switch, FLAT_KERNEL_SS,
                      (unsigned long)(kernel_stack + sizeof kernel_stack) + 8, 0, 0, 0),
            0, "stack_switch");
    handle_exceptions(0);
    info()->evtchn_upcall_pending = 0;
    prepare_user((unsigned long)user_ud2);
    iret();
    check_user(6, "ud2 in user mode");
    ok(bounced().rip == (unsigned long)user_ud2, "at its rip");
    ok(bounced().rsp == context.rsp, "its rsp is in the frame");
    attempt("ud2");
    ok(seen.vector == 6 && (bounced().cs & 3) == 0, "the handler is in kernel mode");
    prepare_user((unsigned long)user_int3);
    iret();
    check_user(3, "int3 in user mode");
    prepare_user((unsigned long)user_read);
    iret();
    check_user(14, "a page fault in user mode");
    ok(bounced().error == 4, "its error code says user");
    attempt("movq $0x123456789000, %%rax\n\tmovq (%%rax), %%rax");
    ok(seen.vector == 14 && bounced().error == 0, "the kernel's does not");
    prepare_user((unsigned long)user_hlt);
    iret();
    check_user(13, "hlt in user mode");
    prepare_user((unsigned long)user_in);
    iret();
    check_user(13, "in, in user mode with iopl 1");
    hypercall(__HYPERVISOR_set_segment_base, SEGBASE_GS_KERNEL, (unsigned long)&words[0], 0, 0, 0);
    hypercall(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER, (unsigned long)&words[1], 0, 0, 0);
    prepare_user((unsigned long)user_gs);
    iret();
    check_user(6, "%gs in user mode");
    ok(seen.rax == words[1], "is the user's");
    attempt("movq %%gs:0, %%rax\n\tmovq %%rax, seen");
    ok(seen.rax == words[0], "and in kernel mode the kernel's");
    hypercall(__HYPERVISOR_set_segment_base, SEGBASE_GS_KERNEL, 0, 0, 0, 0);
    /* Hypercalls are the kernel's; from user mode they are its system calls. */
    callback(CALLBACKTYPE_syscall, stub(CALLBACK(5)), 0);
    info()->evtchn_upcall_mask = 0;
    prepare_user((unsigned long)user_call);
    iret();
    check_user(CALLBACK(5), "a hypercall from user mode");
    ok(seen.rax == 17 && seen.rdi == 7 && seen.rsi == 0 && seen.rdx == 0x1111 && seen.r10 == 0x2222,
       "with its registers");
    ok(bounced().rcx == bounced().rip, "rcx in the frame is rip");
    ok(info()->evtchn_upcall_mask == 0, "not masked");
    callback(CALLBACKTYPE_syscall, stub(CALLBACK(5)), CALLBACKF_mask_events);
    prepare_user((unsigned long)user_call);
    iret();
    ok(seen.vector == CALLBACK(5) && info()->evtchn_upcall_mask == 1, "mask_events masks");
    /* Its answer: iret to the frame, with a result. */
    callback(CALLBACKTYPE_event, stub(CALLBACK(6)), 0);
    prepare_user(bounced().rip);
    context.rsp = bounced().rsp;
    context.flags = VGCF_in_syscall;
    iret_preserving();
    check_user(6, "back from the system call");
    ok(bounced().rip == (unsigned long)user_call_end, "behind it");
    callback(CALLBACKTYPE_syscall, 0, 0);
    prepare_user((unsigned long)user_call);
    iret();
    check_user(6, "a hypercall from user mode without a callback");
    /* An upcall in user mode. */
    info()->evtchn_upcall_pending = 1;
    prepare_user((unsigned long)user_ud2);
    iret();
    check_user(CALLBACK(6), "iret to user mode with an upcall pending");
    ok(bounced().rip == (unsigned long)user_ud2, "before its first instruction");
    info()->evtchn_upcall_pending = 0;
    info()->evtchn_upcall_mask = 1;
    op.arg1.mfn = 0;
    answers(hypercall_mmuext_op(&op, 1), 0, "no user mode any more");
}

int main(void)
{
    quiet();
    info()->evtchn_upcall_mask = 1;
    hypercall_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    handle_exceptions(0);
    test_upcalls();
    test_registering();
    test_iret();
    test_nmi();
    test_user_mode();
    return tap_done();
}
