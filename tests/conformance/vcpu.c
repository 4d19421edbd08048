/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bringing vCPUs up and down. It would catch a context that is taken although Xen refuses it, a
 * register that does not arrive, a vCPU that runs although it is down, one that forgets where it
 * was, and errors other than Xen's.
 */
#include "vcpus.h"

#include <xen/memory.h>

#define FRAME(entry) ((entry)&0xffffffffff000UL)

static vcpu_guest_context_t context;
static evtchn_port_t wake[VCPUS];

/* ---- those that do not exist, or have not been told where to start ---- */

static void test_absent(void)
{
    static const unsigned int operations[] = {
        VCPUOP_initialise,
        VCPUOP_up,
        VCPUOP_down,
        VCPUOP_is_up,
        VCPUOP_get_runstate_info,
        VCPUOP_register_runstate_memory_area,
        VCPUOP_set_periodic_timer,
        VCPUOP_stop_periodic_timer,
        VCPUOP_set_singleshot_timer,
        VCPUOP_stop_singleshot_timer,
        VCPUOP_register_vcpu_info,
        VCPUOP_send_nmi,
        VCPUOP_get_physid,
        VCPUOP_register_vcpu_time_memory_area,
    };

    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        answers(vcpu_op(operations[i], VCPUS, NULL), -XEN_ENOENT, "operation %u of no vCPU",
                operations[i]);
    answers(vcpu_op(VCPUOP_is_up, 4000, NULL), -XEN_ENOENT, "there is no vCPU 4000");
    answers(vcpu_op(VCPUOP_is_up, ~0U, NULL), -XEN_ENOENT, "nor one with the highest number");
    answers(hypercall(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 1UL << 32, 0, 0, 0), 1,
            "the number has 32 bits");
    answers(vcpu_op(999, 0, NULL), -XEN_ENOSYS, "an operation that is none");
    answers(vcpu_op(999, 1, NULL), -XEN_ENOSYS, "nor for vCPU 1");
    answers(vcpu_op(999, 4000, NULL), -XEN_ENOENT, "and of no vCPU");
}

static void test_down_at_first(void)
{
    vcpu_runstate_info_t runstate;

    for (unsigned int i = 1; i < VCPUS; i++)
        answers(vcpu_op(VCPUOP_is_up, i, NULL), 0, "vCPU %u is down", i);
    answers(vcpu_op(VCPUOP_is_up, 0, NULL), 1, "vCPU 0 is up");
    answers(vcpu_op(VCPUOP_up, 0, NULL), 0, "up again does nothing");
    answers(vcpu_op(VCPUOP_up, 1, NULL), -XEN_EINVAL, "up without a context");
    answers(vcpu_op(VCPUOP_down, 1, NULL), 0, "down again does nothing");
    answers(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "it is down");
    answers(vcpu_op(VCPUOP_get_runstate_info, 1, &runstate), 0, "its runstate");
    ok(runstate.state == RUNSTATE_offline, "is offline");
    ok(runstate.time[RUNSTATE_running] == 0, "and it has never run");
    ok(runstate.time[RUNSTATE_offline] > 0, "but been offline");
}

/* ---- contexts ---- */

static void nowhere(void) {}

static long initialise(unsigned int id) { return vcpu_op(VCPUOP_initialise, id, &context); }

static unsigned long ordinary_page[512] __attribute__((aligned(4096)));

/* A good context but for what CHANGE does to its C. */
#define REFUSED(what, change)                                                                      \
    do {                                                                                           \
        vcpu_guest_context_t *c = &context;                                                        \
        context_of(c, 1, nowhere);                                                                 \
        change;                                                                                    \
        answers(initialise(1), -XEN_EINVAL, "initialise with " what);                              \
    } while (0)

static void test_bad_contexts(void)
{
    answers(vcpu_op(VCPUOP_initialise, 1, NULL), -XEN_EFAULT, "initialise without a context");
    answers(vcpu_op(VCPUOP_initialise, 1, WILD_POINTER), -XEN_EFAULT,
            "initialise with a wild pointer");
    answers(vcpu_op(VCPUOP_initialise, 0, WILD_POINTER), -XEN_EFAULT, "so for vCPU 0");
    context_of(&context, 0, nowhere);
    answers(initialise(0), -XEN_EEXIST, "vCPU 0 has its context");

    REFUSED("a rip that is not canonical", c->user_regs.rip = CANONICAL);
    REFUSED("a rsp that is not canonical", c->user_regs.rsp = CANONICAL);
    REFUSED("a kernel_sp that is not canonical", c->kernel_sp = CANONICAL);
    REFUSED("a fs_base that is not canonical", c->fs_base = CANONICAL);
    REFUSED("a gs_base_kernel that is not canonical", c->gs_base_kernel = CANONICAL);
    REFUSED("a gs_base_user that is not canonical", c->gs_base_user = CANONICAL);
    REFUSED("an event callback that is not canonical", c->event_callback_eip = CANONICAL);
    REFUSED("a syscall callback that is not canonical", c->syscall_callback_eip = CANONICAL);
    REFUSED("a failsafe callback that is not canonical", c->failsafe_callback_eip = CANONICAL);
    REFUSED("a trap handler that is not canonical", c->trap_ctxt[255].address = CANONICAL);
    REFUSED("an LDT within Xen", c->ldt_base = 0xffff830000000000UL);
    REFUSED("an LDT in the middle of a page", c->ldt_base = 0x1008);
    REFUSED("an LDT of 8193 entries", c->ldt_ents = 8193);
    REFUSED("a GDT of more than 16 pages", c->gdt_ents = 16 * 512 + 1);
    REFUSED("a GDT with Xen's own entries", c->gdt_ents = FIRST_RESERVED_GDT_ENTRY + 1);
    REFUSED("a GDT in a frame beyond all", c->gdt_ents = 1; c->gdt_frames[0] = 0xfffffff);
    REFUSED("a GDT in a writable page", c->gdt_ents = 1; c->gdt_frames[0] = mfn_of(ordinary_page));
    REFUSED("a GDT in a page table", c->gdt_ents = 1; c->gdt_frames[0] = root_mfn());
    REFUSED("a second page of the GDT that is writable", c->gdt_ents = 513;
            c->gdt_frames[1] = mfn_of(ordinary_page));
    REFUSED("a page-table base beyond all frames", c->ctrlreg[3] = xen_pfn_to_cr3(0xfffffffUL));
    REFUSED("an ordinary page as the page-table base",
            c->ctrlreg[3] = xen_pfn_to_cr3(mfn_of(ordinary_page)));
    REFUSED("a user page-table base beyond all frames",
            c->ctrlreg[1] = xen_pfn_to_cr3(0xfffffffUL));
    REFUSED("an ordinary page as the user page-table base",
            c->ctrlreg[1] = xen_pfn_to_cr3(mfn_of(ordinary_page)));
    REFUSED("user mode and no user page-table base", c->flags = 0);
    context_of(&context, 1, nowhere);
    context.user_regs.rip = CANONICAL;
    answers(initialise(1), -XEN_EINVAL, "still not");
    answers(vcpu_op(VCPUOP_up, 1, NULL), -XEN_EINVAL, "after all these it cannot go up");
    answers(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "and is down");
}

/* ---- page tables of its own, a GDT, the FPU's registers: vCPU 2 ---- */

static const uint64_t *table_of(uint64_t entry)
{
    xen_machphys_mapping_t m2p;

    hypercall_memory_op(XENMEM_machphys_mapping, &m2p);
    return (const uint64_t *)(memory_virt_base() +
                              (((unsigned long *)m2p.v_start)[FRAME(entry) >> 12] << 12));
}

/* Becomes a page table, so it must not be writable. Returns an entry for it. */
static uint64_t as_table(void *page)
{
    set_writable(page, 0);
    return mfn_of(page) << 12 | 7;
}

static uint64_t l1[512] __attribute__((aligned(4096))), l2[512] __attribute__((aligned(4096))),
    l3[512] __attribute__((aligned(4096))), l4[512] __attribute__((aligned(4096)));
static char gdt[4096] __attribute__((aligned(4096)));
static char fpu[512] __attribute__((aligned(16)));
static char other_page[4096] __attribute__((aligned(4096)));
static volatile char *place; /* not mapped as vCPU 0 sees it */

/* As vCPU 0's, but that other_page is at PLACE. */
static uint64_t make_root(void)
{
    const uint64_t *old_l4 = (const uint64_t *)domain_start_info()->pt_base;
    uintptr_t va;

    place = memory_reserve(1UL << 30, 1UL << 30);
    va = (uintptr_t)place;
    /* Where the image is not, vCPU 2 needs nothing else. */
    if (va >> 39 == (uintptr_t)l3 >> 39)
        memcpy(l3, table_of(old_l4[va >> 39 & 511]), sizeof l3);
    for (int i = 0; i < 512; i++)
        l4[i] = i < 256 || i > 271 ? old_l4[i] : 0; /* the rest is Xen's */
    l1[va >> 12 & 511] = mfn_of(other_page) << 12 | 7;
    l2[va >> 21 & 511] = as_table(l1);
    l3[va >> 30 & 511] = as_table(l2);
    l4[va >> 39 & 511] = as_table(l3);
    return FRAME(as_table(l4));
}

struct first {
    unsigned char xmm[16];
    unsigned int mxcsr;
    unsigned short fcw;
};
extern struct first first; /* by goes_down() */
struct first first;
void goes_down(void);
void goes_down_again(void);

__asm__(".text\n"
        ".globl goes_down\n"
        "goes_down:\n"
        "movdqu %xmm5, first(%rip)\n"
        "stmxcsr first+16(%rip)\n"
        "fnstcw first+20(%rip)\n"
        "jmp goes_down_again\n");

static volatile int steps;

/* Writes where only it has a page, and goes down by itself. */
void goes_down_again(void)
{
    for (;;) {
        place[steps] = (char)('a' + steps);
        steps++;
        vcpu_op(VCPUOP_down, 2, NULL);
    }
}

static void test_own_tables(void)
{
    vcpu_runstate_info_t runstate;
    mmuext_op_t pin = {.cmd = MMUEXT_UNPIN_TABLE};

    context_of(&context, 2, goes_down);
    context.ctrlreg[3] = xen_pfn_to_cr3(make_root() >> 12);
    context.user_regs.rsp -= 64; /* the stack is the same memory */
    context.gdt_ents = 512;
    set_writable(gdt, 0);
    context.gdt_frames[0] = mfn_of(gdt);
    __asm__ volatile("fxsave %0" : "=m"(fpu));
    memcpy(context.fpu_ctxt.x, fpu, sizeof fpu);
    memset(context.fpu_ctxt.x + 160 + 5 * 16, 0x5a, 16);
    *(unsigned int *)(context.fpu_ctxt.x + 24) = 0x3f80; /* round down */
    *(unsigned short *)context.fpu_ctxt.x = 0x27f;
    context.flags |= VGCF_I387_VALID;
    answers(initialise(2), 0, "initialise vCPU 2 with page tables of its own");
    answers(hypercall_update_va_mapping(l4, mfn_of(l4) << 12 | 7, 0), -XEN_EBUSY,
            "which cannot be mapped writable then");
    answers(hypercall_update_va_mapping(gdt, mfn_of(gdt) << 12 | 7, 0), -XEN_EBUSY,
            "nor can its GDT");
    answers(hypercall_mmuext_op(&pin, 1), -XEN_EINVAL, "(nothing is unpinned)");
    for (int i = 1; i <= 3; i++) {
        answers(vcpu_op(VCPUOP_up, 2, NULL), 0, "up, time %d", i);
        wait_for(steps == i && vcpu_op(VCPUOP_is_up, 2, NULL) == 0);
        ok(steps == i, "it did a step");
        answers(vcpu_op(VCPUOP_is_up, 2, NULL), 0, "and went down");
    }
    ok(memcmp(other_page, "abc", 4) == 0, "it wrote where only it has a page");
    answers(hypercall_console_io(0, 1, (void *)(uintptr_t)place), -XEN_EFAULT,
            "and vCPU 0 has none");
    vcpu_op(VCPUOP_get_runstate_info, 2, &runstate);
    ok(runstate.state == RUNSTATE_offline, "its runstate is offline");
    ok(first.xmm[0] == 0x5a && first.xmm[15] == 0x5a, "it began with the XMM registers given");
    ok(first.mxcsr == 0x3f80, "with the MXCSR");
    ok(first.fcw == 0x27f, "and the x87's control word");
}

/* ---- registers ---- */

struct registers {
    unsigned long rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15;
    unsigned long rflags;
    unsigned int mxcsr;
    unsigned short fcw;
};
extern struct registers seen; /* by probe() */
struct registers seen;
static volatile int arrived, laps;
void probe(void);
void probe_arrived(void);

/* All that a vCPU starts with, before anything changes it. */
__asm__(".text\n"
        ".globl probe\n"
        "probe:\n"
        "movq %rax, seen+0(%rip)\n"
        "movq %rbx, seen+8(%rip)\n"
        "movq %rcx, seen+16(%rip)\n"
        "movq %rdx, seen+24(%rip)\n"
        "movq %rsi, seen+32(%rip)\n"
        "movq %rdi, seen+40(%rip)\n"
        "movq %rbp, seen+48(%rip)\n"
        "movq %rsp, seen+56(%rip)\n"
        "movq %r8, seen+64(%rip)\n"
        "movq %r9, seen+72(%rip)\n"
        "movq %r10, seen+80(%rip)\n"
        "movq %r11, seen+88(%rip)\n"
        "movq %r12, seen+96(%rip)\n"
        "movq %r13, seen+104(%rip)\n"
        "movq %r14, seen+112(%rip)\n"
        "movq %r15, seen+120(%rip)\n"
        "stmxcsr seen+136(%rip)\n"
        "fnstcw seen+140(%rip)\n"
        "pushfq\n"
        "popq seen+128(%rip)\n"
        "cld\n"
        "jmp probe_arrived\n");

/* vCPU 1: counts its laps, one each time it is woken. */
void probe_arrived(void)
{
    arrived = 1;
    for (;;) {
        port_send(wake[0]);
        sleep_on(wake[1]);
        laps++;
    }
}

static void test_registers(void)
{
    cpu_user_regs_t *r = &context.user_regs;

    context_of(&context, 1, probe);
    r->rax = 0x1111111111111101;
    r->rbx = 0x1111111111111102;
    r->rcx = 0x1111111111111103;
    r->rdx = 0x1111111111111104;
    r->rsi = 0x1111111111111105;
    r->rdi = 0x1111111111111106;
    r->rbp = 0x1111111111111107;
    r->r8 = 0x1111111111111108;
    r->r9 = 0x1111111111111109;
    r->r10 = 0x111111111111110a;
    r->r11 = 0x111111111111110b;
    r->r12 = 0x111111111111110c;
    r->r13 = 0x111111111111110d;
    r->r14 = 0x111111111111110e;
    r->r15 = 0x111111111111110f;
    r->rflags = 0x8d5; /* carry, parity, adjust, zero, sign, overflow */
    answers(initialise(1), 0, "initialise vCPU 1");
    answers(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "that alone does not start it");
    let_run(5 * MS);
    ok(!arrived, "it has not run");
    answers(initialise(1), -XEN_EEXIST, "initialise is for once");
    answers(vcpu_op(VCPUOP_up, 1, NULL), 0, "up");
    answers(vcpu_op(VCPUOP_is_up, 1, NULL), 1, "now it is up");
    wait_for(arrived);
    ok(arrived, "it runs");
    ok(seen.rax == r->rax, "with its rax");
    ok(seen.rbx == r->rbx, "and rbx");
    ok(seen.rcx == r->rcx, "and rcx");
    ok(seen.rdx == r->rdx, "and rdx");
    ok(seen.rsi == r->rsi, "and rsi");
    ok(seen.rdi == r->rdi, "and rdi");
    ok(seen.rbp == r->rbp, "and rbp");
    ok(seen.rsp == r->rsp, "and rsp");
    ok(seen.r8 == r->r8 && seen.r9 == r->r9, "and r8, r9");
    ok(seen.r10 == r->r10 && seen.r11 == r->r11, "and r10, r11");
    ok(seen.r12 == r->r12 && seen.r13 == r->r13, "and r12, r13");
    ok(seen.r14 == r->r14 && seen.r15 == r->r15, "and r14, r15");
    ok((seen.rflags & 0x8d5) == 0x8d5, "its flags are set");
    ok((seen.rflags & 0x200) == 0x200, "and the processor's interrupts are enabled");
    ok((seen.rflags & 0x3000) == 0, "its I/O privilege is not");
    ok(seen.mxcsr == 0x1f80, "MXCSR is the processor's initial one");
    ok(seen.fcw == 0x37f, "so is the x87's control word");
}

/* ---- up and down ---- */

static void test_up_and_down(void)
{
    vcpu_runstate_info_t runstate, later;
    int lap = laps;

    answers(vcpu_op(VCPUOP_up, 1, NULL), 0, "up when it is up");
    port_send(wake[1]);
    wait_for(laps == lap + 1);
    ok(laps == lap + 1, "vCPU 1 is woken by an event");
    answers(vcpu_op(VCPUOP_get_runstate_info, 1, &runstate), 0, "its runstate");
    ok(runstate.state == RUNSTATE_blocked, "is blocked");
    ok(runstate.time[RUNSTATE_running] > 0, "and it has run");
    let_run(5 * MS);
    vcpu_op(VCPUOP_get_runstate_info, 1, &later);
    ok(later.time[RUNSTATE_blocked] - runstate.time[RUNSTATE_blocked] >= 5 * MS,
       "being blocked goes on");
    ok(later.time[RUNSTATE_running] == runstate.time[RUNSTATE_running], "and nothing else");
    ok(later.state_entry_time == runstate.state_entry_time, "since the same time");

    answers(vcpu_op(VCPUOP_down, 1, NULL), 0, "down");
    answers(vcpu_op(VCPUOP_is_up, 1, NULL), 0, "is down");
    vcpu_op(VCPUOP_get_runstate_info, 1, &runstate);
    ok(runstate.state == RUNSTATE_blocked, "a blocked one that goes down stays blocked");
    port_send(wake[1]);
    let_run(10 * MS);
    ok(laps == lap + 1, "an event does not wake it");
    vcpu_op(VCPUOP_get_runstate_info, 1, &runstate);
    ok(runstate.state == RUNSTATE_offline, "but makes it offline");
    answers(vcpu_op(VCPUOP_up, 1, NULL), 0, "up again");
    wait_for(laps == lap + 2);
    ok(laps == lap + 2, "it continues where it was, with the event");

    vcpu_op(VCPUOP_down, 1, NULL);
    answers(vcpu_op(VCPUOP_up, 1, NULL), 0, "down and up in between");
    let_run(10 * MS);
    ok(laps == lap + 2, "do not end its sleep");
    port_send(wake[1]);
    wait_for(laps == lap + 3);
    ok(laps == lap + 3, "an event does");
}

/* ---- VGCF_online ---- */

static volatile int online_ran, polls;
static void online(void)
{
    online_ran = 1;
    for (;;) {
        poll_ports(&wake[3], 1, 0);
        polls++;
    }
}

static void test_online(void)
{
    context_of(&context, 3, online);
    context.flags |= VGCF_online;
    answers(initialise(3), 0, "initialise vCPU 3 with VGCF_online");
    answers(vcpu_op(VCPUOP_is_up, 3, NULL), 1, "it is up");
    let_run(20 * MS);
    ok(!online_ran, "but nobody has woken it");
    answers(vcpu_op(VCPUOP_up, 3, NULL), 0, "up");
    let_run(20 * MS);
    ok(!online_ran, "sees that it is up");
    vcpu_op(VCPUOP_down, 3, NULL);
    vcpu_op(VCPUOP_up, 3, NULL);
    wait_for(online_ran);
    ok(online_ran, "after down and up it runs");
}

/* ---- things done to another vCPU, and what only it may do ---- */

static void test_others(void)
{
    vcpu_set_singleshot_timer_t single = {.timeout_abs_ns = 1};
    vcpu_set_periodic_timer_t periodic = {.period_ns = 100 * MS};

    answers(vcpu_op(VCPUOP_set_singleshot_timer, 1, &single), -XEN_EINVAL,
            "set_singleshot_timer of another vCPU");
    answers(vcpu_op(VCPUOP_set_singleshot_timer, 1, WILD_POINTER), -XEN_EINVAL,
            "before its argument is looked at");
    answers(vcpu_op(VCPUOP_stop_singleshot_timer, 1, NULL), -XEN_EINVAL,
            "stop_singleshot_timer of another vCPU");
    answers(vcpu_op(VCPUOP_set_periodic_timer, 1, &periodic), 0,
            "set_periodic_timer of another vCPU");
    answers(vcpu_op(VCPUOP_stop_periodic_timer, 1, NULL), 0, "stop_periodic_timer of another");
    answers(vcpu_op(VCPUOP_stop_periodic_timer, 3, NULL), 0, "of one that has none");
    answers(vcpu_op(VCPUOP_send_nmi, 1, &single), -XEN_EINVAL, "send_nmi with an argument");
    answers(vcpu_op(VCPUOP_send_nmi, 2, NULL), 0, "send_nmi to a vCPU that is down");
    let_run(5 * MS);
    ok(polls == 0, "vCPU 3 sleeps");
    answers(vcpu_op(VCPUOP_send_nmi, 3, NULL), 0, "send_nmi to it");
    wait_for(polls == 1);
    ok(polls == 1, "ends its poll, though it has no handler for that");
}

int main(void)
{
    mask_all();
    vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    for (unsigned int i = 0; i < VCPUS; i++)
        wake[i] = port_ipi(i);
    ok(wake[0] && wake[VCPUS - 1], "IPI ports of all vCPUs");
    test_absent();
    test_down_at_first();
    test_bad_contexts();
    test_registers();
    test_up_and_down();
    test_own_tables();
    test_online();
    test_others();
    return tap_done();
}
