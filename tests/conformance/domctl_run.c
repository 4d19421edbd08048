/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain that is built by hypercalls alone, as tools do it, run, stopped and destroyed. It would
 * catch a shim in which a domain of tools' making is not like any other: whose frames are not its
 * own, whose vCPU gets other registers than it was given, or of which something is left.
 */
#include "toolstack.h"

#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/memory.h"
#include "core/shared_info.h"

#define PAGE     4096UL
#define PRESENT  1UL
#define WRITE    2UL
#define USER     4UL
#define ACCESSED 0x20UL

/* The domain's frames by their number in it. */
enum { L4, L3, L2, L1, CODE, HYPERCALL, STACK, DATA, SPARE, FRAMES };

/*
 * Where it has them: where it can be seen in a process too, in which each domain has a window after
 * that of domain 0. The first four are not mapped.
 */
static uintptr_t window;
#define DOMAIN_BASE(domid) (window + (domid) * (16UL << 30))
#define ADDRESS(domid, i)  (DOMAIN_BASE(domid) + (i)*PAGE)

static xen_pfn_t frame[FRAMES];
static uint64_t view[512] __attribute__((aligned(4096)));
static uint64_t data_view[512] __attribute__((aligned(4096)));
static vcpu_guest_context_t context, back;

/*
 * What the domain does: keeps the registers it was started with, counts, asks for Xen's version and
 * stops; when it is resumed it does it again. rbx: DATA, r12: HYPERCALL.
 */
extern const char guest_begin[], guest_end[];
__asm__(".pushsection .rodata\n"
        ".globl guest_begin, guest_end\n"
        "guest_begin:\n"
        "    movq %rax, 0(%rbx)\n"
        "    movq %rcx, 8(%rbx)\n"
        "    movq %rdx, 16(%rbx)\n"
        "    movq %rsi, 24(%rbx)\n"
        "    movq %rdi, 32(%rbx)\n"
        "    movq %rbp, 40(%rbx)\n"
        "    movq %rsp, 48(%rbx)\n"
        "    movq %r8, 56(%rbx)\n"
        "    movq %r9, 64(%rbx)\n"
        "    movq %r10, 72(%rbx)\n"
        "    movq %r11, 80(%rbx)\n"
        "    movq %r13, 88(%rbx)\n"
        "    movq %r14, 96(%rbx)\n"
        "    movq %r15, 104(%rbx)\n"
        "1:  incq 128(%rbx)\n"
        "    movl $0x77, %r13d\n"
        "    movl $0x88, %r8d\n"
        "    xorl %edi, %edi\n" /* XENVER_version */
        "    xorl %esi, %esi\n"
        "    leaq 17*32(%r12), %rax\n"
        "    call *%rax\n"
        "    movq %rax, 136(%rbx)\n"
        "    movq %r13, 144(%rbx)\n"
        "    movq %r8, 152(%rbx)\n"
        "    movl $2, %edi\n" /* SCHEDOP_shutdown */
        "    leaq 256(%rbx), %rsi\n"
        "    leaq 29*32(%r12), %rax\n"
        "    call *%rax\n"
        "    movq %rax, 160(%rbx)\n"
        "    jmp 1b\n"
        "guest_end:\n"
        ".popsection\n");

static long map_foreign(void *at, xen_pfn_t mfn, domid_t domid)
{
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, HYPERCALL_ARG(at),
                     mfn << 12 | PRESENT | WRITE | USER | ACCESSED, UVMF_INVLPG, domid, 0);
}

static long unmap(void *at)
{
    return hypercall(__HYPERVISOR_update_va_mapping, HYPERCALL_ARG(at), 0, UVMF_INVLPG, 0, 0);
}

static long pin(unsigned int cmd, xen_pfn_t mfn, domid_t domid)
{
    mmuext_op_t e = {.cmd = cmd};

    e.arg1.mfn = mfn;
    return hypercall(__HYPERVISOR_mmuext_op, HYPERCALL_ARG(&e), 1, 0, domid, 0);
}

static void test_memory(domid_t domid)
{
    struct xen_memory_reservation r = {.nr_extents = FRAMES, .domid = domid};

    for (unsigned int i = 0; i < FRAMES; i++)
        frame[i] = i;
    set_xen_guest_handle(r.extent_start, frame);
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), 0, "no memory before max_mem");
    memset(&op, 0, sizeof op);
    op.u.max_mem.max_memkb = 64;
    answers(domctl(XEN_DOMCTL_max_mem, domid), 0, "max_mem");
    answers(hypercall_memory_op(XENMEM_populate_physmap, &r), FRAMES, "frames for it");
    ok(domain_info(domid)->tot_pages == FRAMES, "it has them");
    memset(view, 0, sizeof view);
    answers(map_foreign(view, frame[SPARE], 77), -XEN_ESRCH, "map a frame of nobody");
    ok(map_foreign(view, frame[SPARE], DOMID_IO) != 0, "it is no I/O memory");
    answers(map_foreign(view, frame[SPARE], domid), 0, "map one of its frames");
    ok(view[0] == 0 && view[511] == 0, "it is empty");
}

/* Fills a frame of the domain: through VIEW. */
static void fill(domid_t domid, unsigned int i, unsigned int slot, uint64_t value)
{
    map_foreign(view, frame[i], domid);
    view[slot] = value;
}

static void make_tables(domid_t domid)
{
    const uint64_t flags = PRESENT | WRITE | USER | ACCESSED;
    uint64_t base = DOMAIN_BASE(domid);

    fill(domid, L4, base >> 39 & 511, frame[L3] << 12 | flags);
    fill(domid, L3, base >> 30 & 511, frame[L2] << 12 | flags);
    fill(domid, L2, base >> 21 & 511, frame[L1] << 12 | flags);
    for (unsigned int i = CODE; i < FRAMES; i++)
        fill(domid, L1, (base >> 12 & 511) + i, frame[i] << 12 | flags);
    map_foreign(view, frame[CODE], domid);
    memcpy(view, guest_begin, (size_t)(guest_end - guest_begin));
}

static uint64_t described(domid_t domid, xen_pfn_t mfn)
{
    static xen_pfn_t one;

    one = mfn;
    memset(&op, 0, sizeof op);
    op.u.getpageframeinfo3.num = 1;
    set_xen_guest_handle(op.u.getpageframeinfo3.array, &one);
    return domctl(XEN_DOMCTL_getpageframeinfo3, domid) ? ~0UL : one;
}

static void test_tables(domid_t domid)
{
    answers(unmap(view), 0, "unmap the code");
    map_foreign(view, frame[L1], domid);
    answers(pin(MMUEXT_PIN_L4_TABLE, frame[L4], domid), -XEN_EINVAL,
            "pin a table while a table under it is mapped writable");
    unmap(view);
    ok(described(domid, frame[L4]) == XEN_DOMCTL_PFINFO_NOTAB, "frames are no tables yet");
    answers(pin(MMUEXT_PIN_L4_TABLE, frame[L4], domid), 0, "pin its tables");
    ok(described(domid, frame[L4]) == (XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB),
       "getpageframeinfo3: an L4 table, pinned");
    ok(described(domid, frame[L3]) == XEN_DOMCTL_PFINFO_L3TAB, "an L3 table");
    ok(described(domid, frame[L2]) == XEN_DOMCTL_PFINFO_L2TAB, "an L2 table");
    ok(described(domid, frame[L1]) == XEN_DOMCTL_PFINFO_L1TAB, "an L1 table");
    ok(described(domid, frame[CODE]) == XEN_DOMCTL_PFINFO_NOTAB, "no table");
    ok(described(domid, 1UL << 40) == XEN_DOMCTL_PFINFO_XTAB, "no frame");
    ok(described(domid, domain_start_info()->shared_info >> 12) == XEN_DOMCTL_PFINFO_XTAB,
       "not its frame");
    memset(&op, 0, sizeof op);
    op.u.getpageframeinfo3.num = 1025;
    answers(domctl(XEN_DOMCTL_getpageframeinfo3, domid), -XEN_E2BIG, "1025 frames at once");
    op.u.getpageframeinfo3.num = 1;
    set_xen_guest_handle(op.u.getpageframeinfo3.array, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_getpageframeinfo3, domid), -XEN_EFAULT, "of a list nowhere");
    ok(map_foreign(view, frame[L1], domid) != 0, "a table cannot be mapped writable");
    ok(hypercall(__HYPERVISOR_update_va_mapping_otherdomain, HYPERCALL_ARG(view),
                 frame[L1] << 12 | PRESENT | USER | ACCESSED, UVMF_INVLPG, domid, 0) == 0,
       "but read only");
    unmap(view);
}

static void test_hypercall_page(domid_t domid)
{
    memset(&op, 0, sizeof op);
    op.u.hypercall_init.gmfn = frame[L1];
    answers(domctl(XEN_DOMCTL_hypercall_init, domid), -XEN_EPERM, "no hypercall page in a table");
    op.u.hypercall_init.gmfn = 1UL << 40;
    answers(domctl(XEN_DOMCTL_hypercall_init, domid), -XEN_EINVAL, "nor in no frame");
    op.u.hypercall_init.gmfn = frame[HYPERCALL];
    answers(domctl(XEN_DOMCTL_hypercall_init, domid), 0, "make a hypercall page");
    map_foreign(view, frame[HYPERCALL], domid);
    ok(view[0] != 0, "there is code in it");
    unmap(view);
}

static long set_context(domid_t domid)
{
    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
    return domctl(XEN_DOMCTL_setvcpucontext, domid);
}

static long get_context(domid_t domid)
{
    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, &back);
    return domctl(XEN_DOMCTL_getvcpucontext, domid);
}

static void make_context(domid_t domid)
{
    struct cpu_user_regs *r = &context.user_regs;

    memset(&context, 0, sizeof context);
    context.flags = VGCF_in_kernel | VGCF_online;
    context.ctrlreg[3] = xen_pfn_to_cr3(frame[L4]);
    context.ctrlreg[2] = 0x1234000;
    context.kernel_sp = ADDRESS(domid, STACK) + PAGE;
    context.kernel_ss = 0xe028;
    context.trap_ctxt[3].vector = 3;
    context.trap_ctxt[3].cs = 0xe030;
    context.trap_ctxt[3].address = ADDRESS(domid, CODE);
    context.event_callback_eip = ADDRESS(domid, CODE) + 0x10;
    context.failsafe_callback_eip = ADDRESS(domid, CODE) + 0x20;
    context.syscall_callback_eip = ADDRESS(domid, CODE) + 0x30;
    context.fs_base = 0x1111000;
    context.gs_base_user = 0x2222000;
    context.gs_base_kernel = 0x3333000;
    context.debugreg[0] = 0x5555000;
    *r = (struct cpu_user_regs){.rip = ADDRESS(domid, CODE),
                                .rsp = ADDRESS(domid, STACK) + PAGE,
                                .rbx = ADDRESS(domid, DATA),
                                .r12 = ADDRESS(domid, HYPERCALL),
                                .rax = 101,
                                .rcx = 102,
                                .rdx = 103,
                                .rsi = 104,
                                .rdi = 105,
                                .rbp = 106,
                                .r8 = 107,
                                .r9 = 108,
                                .r10 = 109,
                                .r11 = 110,
                                .r13 = 111,
                                .r14 = 112,
                                .r15 = 113,
                                .rflags = 0x1000, /* IOPL 1 */
                                .cs = 0xe030,
                                .ss = 0xe028};
}

static void test_context(domid_t domid)
{
    make_context(domid);
    context.ctrlreg[3] = xen_pfn_to_cr3(frame[L3]);
    answers(set_context(domid), -XEN_EINVAL, "an L3 table as cr3");
    /* Bad user page tables are not tried: Xen 4.17 never gives back the others then. */
    make_context(domid);
    answers(set_context(domid), 0, "setvcpucontext");
    ok(domain_info(domid)->nr_online_vcpus == 1, "its vCPU is online");
    answers(get_context(domid), 0, "getvcpucontext");
    ok(back.flags == (VGCF_in_kernel | VGCF_online), "its flags");
    ok(back.ctrlreg[3] == context.ctrlreg[3] && back.ctrlreg[1] == 0, "its page tables");
    ok(back.ctrlreg[2] == 0x1234000, "cr2");
    ok(back.ctrlreg[0] & 0x80000001, "cr0: protected mode, paging");
    ok(back.ctrlreg[4] & 0x20, "cr4: physical address extension");
    ok(back.kernel_sp == context.kernel_sp && back.kernel_ss == 0xe02b, "the kernel's stack");
    ok(back.trap_ctxt[3].address == context.trap_ctxt[3].address && back.trap_ctxt[3].cs == 0xe033,
       "its trap handler, in ring 3");
    ok(back.event_callback_eip == context.event_callback_eip &&
           back.failsafe_callback_eip == context.failsafe_callback_eip &&
           back.syscall_callback_eip == context.syscall_callback_eip,
       "its callbacks");
    ok(back.fs_base == 0x1111000 && back.gs_base_user == 0x2222000 &&
           back.gs_base_kernel == 0x3333000,
       "its segment bases");
    ok(back.debugreg[0] == 0x5555000 && back.debugreg[6] == 0xffff0ff0 && back.debugreg[7] == 0x400,
       "its debug registers");
    ok(back.user_regs.rip == context.user_regs.rip && back.user_regs.rsp == context.user_regs.rsp,
       "rip and rsp");
    ok(back.user_regs.rax == 101 && back.user_regs.r15 == 113, "the other registers");
    ok(back.user_regs.rflags == 0x1200, "the flags, with interrupts");
    ok(back.user_regs.cs == 0xe033 && back.user_regs.ss == 0xe02b, "segments in ring 3");
    ok(back.gdt_ents == 0 && back.ldt_ents == 0 && back.ldt_base == 0, "no GDT, no LDT");
    memset(&op, 0, sizeof op);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, WILD_POINTER);
    answers(domctl(XEN_DOMCTL_getvcpucontext, domid), -XEN_EFAULT, "to a wild pointer");
    make_context(domid);
    context.ctrlreg[3] = xen_pfn_to_cr3(frame[L3]);
    answers(set_context(domid), -XEN_EOPNOTSUPP, "other page tables, afterwards");
    make_context(domid);
    context.ctrlreg[1] = xen_pfn_to_cr3(frame[L4]);
    answers(set_context(domid), -XEN_EOPNOTSUPP, "user page tables, afterwards");
    make_context(domid);
    context.ldt_ents = 5;
    answers(set_context(domid), -XEN_EOPNOTSUPP, "an LDT, afterwards");
    make_context(domid);
    context.gdt_ents = 5;
    answers(set_context(domid), -XEN_EOPNOTSUPP, "a GDT, afterwards");
    make_context(domid);
    context.flags = VGCF_in_kernel;
    answers(set_context(domid), 0, "the same, but offline");
    ok(domain_info(domid)->nr_online_vcpus == 0, "it is offline");
    memset(&op, 0, sizeof op);
    answers(domctl(XEN_DOMCTL_setvcpucontext, domid), 0, "a context of NULL");
    answers(get_context(domid), -XEN_ENODATA, "takes it away");
    make_context(domid);
    answers(set_context(domid), 0, "setvcpucontext once more");
}

/* Gives the processor away until the domain has shut down. */
static int has_shut_down(domid_t domid)
{
    uint64_t limit = clock_monotonic() + 10000000000UL;

    while (clock_monotonic() < limit) {
        sched_poll_t poll = {.timeout = clock_monotonic() + 1000000};

        if (domain_info(domid)->flags & XEN_DOMINF_shutdown)
            return 1;
        hypercall_sched_op(SCHEDOP_poll, &poll);
    }
    return 0;
}

static unsigned int code(domid_t domid)
{
    return domain_info(domid)->flags >> XEN_DOMINF_shutdownshift;
}

static int registers_arrived(domid_t domid)
{
    for (unsigned int i = 0; i < 14; i++) {
        /* SYSCALL and IRET use rcx and r11, and Xen may start a guest by the latter. */
        static const uint64_t expected[] = {101, 102, 103, 104, 105, 106, 0,
                                            107, 108, 109, 110, 111, 112, 113};

        if (i != 6 && data_view[i] != expected[i])
            return 0;
    }
    return data_view[6] == ADDRESS(domid, STACK) + PAGE;
}

static void test_run(domid_t domid)
{
    sched_shutdown_t reason = {.reason = SHUTDOWN_suspend};

    answers(map_foreign(data_view, frame[DATA], domid), 0, "map the page that it writes to");
    memcpy(&data_view[32], &reason, sizeof reason);
    ok(data_view[16] == 0, "it has not run while it was paused");
    answers(domctl_zero(XEN_DOMCTL_unpausedomain, domid), 0, "unpause it");
    ok(has_shut_down(domid), "it runs, and shuts itself down");
    ok(data_view[16] == 1, "it has counted");
    ok(registers_arrived(domid), "it had the registers that it was given");
    ok(data_view[17] >> 16 == 4, "it has talked to Xen 4");
    ok(data_view[18] == 0x77 && data_view[19] == 0x88, "a hypercall changes rax only");
    ok(code(domid) == SHUTDOWN_suspend, "its reason");
    ok(domain_info(domid)->cpu_time > 0, "it has had the processor");
    answers(domctl_zero(XEN_DOMCTL_getvcpuinfo, domid), 0, "getvcpuinfo");
    ok(op.u.getvcpuinfo.online && !op.u.getvcpuinfo.running && op.u.getvcpuinfo.cpu_time > 0,
       "online, not running");
    answers(get_context(domid), 0, "its context");
    ok(back.flags == (VGCF_in_kernel | VGCF_online) && back.ctrlreg[3] == context.ctrlreg[3],
       "is as it was");
    reason.reason = 42;
    memcpy(&data_view[32], &reason, sizeof reason);
    answers(domctl_zero(XEN_DOMCTL_pausedomain, domid), 0, "pause it");
    context = back;
    answers(set_context(domid), 0, "give it the context that it has");
    answers(domctl_zero(XEN_DOMCTL_resumedomain, domid), 0, "resume it");
    ok(!(domain_info(domid)->flags & XEN_DOMINF_shutdown) && data_view[16] == 1,
       "it has not shut down, but is paused");
    answers(domctl_zero(XEN_DOMCTL_unpausedomain, domid), 0, "unpause it");
    ok(has_shut_down(domid), "it goes on, and shuts down again");
    ok(data_view[16] == 2 && data_view[20] == 0, "SCHEDOP_shutdown has come back with 0");
    ok(code(domid) == 42, "the other reason");
    answers(domctl_zero(XEN_DOMCTL_set_cpu_policy, domid), -XEN_EEXIST,
            "no CPU policy for one that has run");
}

static void test_restart(domid_t domid)
{
    data_view[16] = 0;
    make_context(domid);
    context.user_regs.rax = 201;
    answers(domctl_zero(XEN_DOMCTL_pausedomain, domid), 0, "pause");
    answers(set_context(domid), 0, "set the registers of a domain that has run");
    domctl_zero(XEN_DOMCTL_resumedomain, domid);
    domctl_zero(XEN_DOMCTL_unpausedomain, domid);
    ok(has_shut_down(domid) && data_view[16] == 1 && data_view[0] == 201, "it begins anew");
}

/* It has never given up the processor, so there is nothing of it but what the fault left. */
static void test_crash(domid_t domid)
{
    make_context(domid);
    context.user_regs.rip = ADDRESS(domid, L4); /* not mapped, and it has no handler */
    domctl_zero(XEN_DOMCTL_pausedomain, domid);
    answers(set_context(domid), 0, "let it begin where nothing is");
    domctl_zero(XEN_DOMCTL_resumedomain, domid);
    domctl_zero(XEN_DOMCTL_unpausedomain, domid);
    ok(has_shut_down(domid) && code(domid) == SHUTDOWN_crash, "it crashes");
    answers(get_context(domid), 0, "its context");
    ok(back.user_regs.rip == ADDRESS(domid, L4), "is where the fault was");
}

static void test_end(domid_t domid)
{
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroy it");
    ok(domain_info(domid)->domain == domid, "it is still there");
    ok(op.u.getdomaininfo.flags & XEN_DOMINF_dying, "as a dying domain");
    ok(op.u.getdomaininfo.tot_pages == 1, "with the frame that is mapped");
    ok(data_view[16] == 1, "whose contents are as they were");
    answers(get_context(domid), 0, "its vCPU has its context");
    ok(back.user_regs.rip == ADDRESS(domid, L4) && back.ctrlreg[3] == 0, "but no page tables");
    good_config(1);
    answers(domctl(XEN_DOMCTL_createdomain, domid), -XEN_EEXIST, "its number is not free");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), 0, "destroying it again does nothing");
    answers(domctl_zero(XEN_DOMCTL_shadow_op, domid), 0, "nor does shadow_op");
    answers(domctl_zero(XEN_DOMCTL_vm_event_op, domid), 0, "nor vm_event_op");
    answers(unmap(data_view), 0, "unmap its last frame");
    answers(domctl_zero(XEN_DOMCTL_destroydomain, domid), -XEN_ESRCH, "now it is gone");
    good_config(1);
    answers(domctl(XEN_DOMCTL_createdomain, domid), 0, "and its number is free");
    domctl_zero(XEN_DOMCTL_destroydomain, domid);
}

int main(void)
{
    domid_t domid;

    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    window = (uintptr_t)memory_reserve(PAGE, PAGE) & ~((8UL << 30) - 1);
    domid = new_domain(1);
    ok(domid > 0, "an empty domain");
    test_memory(domid);
    make_tables(domid);
    test_tables(domid);
    test_hypercall_page(domid);
    test_context(domid);
    test_run(domid);
    test_restart(domid);
    test_crash(domid);
    test_end(domid);
    return tap_done();
}
