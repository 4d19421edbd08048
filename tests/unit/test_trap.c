/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exceptions, upcalls, NMIs and iret where real Xen would end the domain, or where it takes more
 * than one: a frame that does not fit, a handler that is not there, what is pending for another
 * vCPU. What a single guest can see is asked in tests/conformance/trap.c and callback.c.
 */
#include "guest.h"
#include "trap.h"

#include <xen/callback.h>
#include <xen/nmi.h>

static void handler(void) {}

#define HANDLER ((uintptr_t)handler)
#define CS      (FLAT_KERNEL_CS & ~3UL)

static void set_trap(uint8_t vector, uint8_t flags)
{
    trap_info_t t[] = {{.vector = vector, .flags = flags, .cs = 0, .address = HANDLER}, {0}};

    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, (uintptr_t)t, 0), 0);
}

/* Registers of a fault at the beginning of page 5, with the stack below page 11. */
static struct trap_frame fault(unsigned int vector, uint32_t error)
{
    return (struct trap_frame){.rip = (uintptr_t)guest_page(5),
                               .rsp = (uintptr_t)guest_page(11) - 8,
                               .rflags = 0x606,
                               .rcx = 1,
                               .r11 = 2,
                               .vector = vector,
                               .error_code = error,
                               .cr2 = 0x2222};
}

static void frames(void *arg)
{
    struct trap_frame f = fault(14, 6);
    const uint64_t *frame;

    (void)arg;
    ck_assert(!trap_bounce(&f)); /* no handler */
    set_trap(14, 0);
    f = fault(300, 0);
    ck_assert(!trap_bounce(&f));
    f = fault(14, 6);
    f.rsp = 0x100; /* no stack to push on */
    ck_assert(!trap_bounce(&f));
    f = fault(14, 6);
    f.rsp = domain_start_info(current->domain)->pt_base + 64; /* one that is read-only */
    ck_assert(!trap_bounce(&f));
    f = fault(14, 6);
    f.rsp = HYPERVISOR_VIRT_START + 4096;
    ck_assert(!trap_bounce(&f));
    f = fault(14, 6);
    f.rip = 0x1111;
    ck_assert(trap_bounce(&f));
    frame = (const uint64_t *)(uintptr_t)f.rsp;
    ck_assert_uint_eq(f.rip, HANDLER);
    ck_assert_uint_eq(f.rsp, ((uintptr_t)guest_page(11) - 16) - 64);
    ck_assert_uint_eq(f.rcx, HANDLER);
    ck_assert_uint_eq(f.r11, f.rflags);
    ck_assert_uint_eq(frame[0], 1);
    ck_assert_uint_eq(frame[1], 2);
    ck_assert_uint_eq(frame[2], 2); /* no user, whatever the ring */
    ck_assert_uint_eq(frame[3], 0x1111);
    ck_assert_uint_eq(frame[4], CS | 1UL << 32);
    ck_assert_uint_eq(frame[5], 0x406);
    ck_assert_uint_eq(frame[6], (uintptr_t)guest_page(11) - 8);
    ck_assert_uint_eq(frame[7], FLAT_KERNEL_SS);
    ck_assert_uint_eq(current->info->arch.cr2, 0x2222);
    ck_assert_uint_eq(trap_last_rip(current->domain), 0x1111);
    /* A handler may fault itself, and again, until its stack ends. */
    for (unsigned int i = 0; f.rsp > (uintptr_t)guest_page(10); i++) {
        ck_assert(i < 1000);
        f.vector = 14;
        ck_assert(trap_bounce(&f));
    }
    /* The code of an emulated instruction is not there: that is the fault then. */
    set_trap(13, 0);
    set_trap(6, 0);
    for (unsigned int vector = 6; vector <= 13; vector += 7) {
        f = fault(vector, 0);
        f.rip = 0x1111;
        ck_assert(trap_bounce(&f));
        ck_assert_uint_eq(((const uint64_t *)(uintptr_t)f.rsp)[2], 0);
        ck_assert_uint_eq(current->cr2, 0x1111);
        call(__HYPERVISOR_set_trap_table, 0, 0);
        f = fault(vector, 0);
        f.rip = 0x1111;
        ck_assert(!trap_bounce(&f));
        set_trap(14, 0);
    }
    set_trap(16, 0);
    f = fault(16, 0);
    ck_assert(trap_bounce(&f));
    current->user_mode = true;
    current->kernel_sp = (uintptr_t)guest_page(12);
    set_trap(14, 0);
    f = fault(14, 6);
    ck_assert(trap_bounce(&f));
    ck_assert_uint_eq(((const uint64_t *)(uintptr_t)f.rsp)[2], 6); /* a user after all */
    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, 0, 0), 0);
    ck_assert_uint_eq(current->traps[14].address, 0);
}

static void software_interrupts(void *arg)
{
    struct trap_frame f;

    (void)arg;
    f = fault(13, 0x80 << 3 | 2);
    ck_assert(!trap_bounce(&f)); /* neither a handler for it nor one for #GP */
    set_trap(0x80, 3);
    f = fault(13, 0x80 << 3 | 2);
    ck_assert(trap_bounce(&f));
    ck_assert_uint_eq(((const uint64_t *)(uintptr_t)f.rsp)[2], (uintptr_t)guest_page(5) + 2);
    current->user_mode = true;
    current->kernel_sp = (uintptr_t)guest_page(12);
    f = fault(13, 0x80 << 3 | 2);
    ck_assert(trap_bounce(&f));
    ck_assert(!current->user_mode);
    set_trap(0x80, 2); /* not for user mode */
    set_trap(13, 0);
    current->user_mode = true;
    f = fault(13, 0x80 << 3 | 2);
    ck_assert(trap_bounce(&f));
    ck_assert_uint_eq(((const uint64_t *)(uintptr_t)f.rsp)[2], 0x80 << 3 | 2);
    ck_assert_uint_eq(((const uint64_t *)(uintptr_t)f.rsp)[4] & 0xffff, FLAT_USER_CS);
}

static void words(void *arg)
{
    uint64_t *stack = guest_page(11);
    uint64_t mfn = guest_mfn(stack);

    (void)arg;
    /* What a report calls an address. */
    ck_assert_str_eq(trap_describe_page(8), "the null page");
    ck_assert_str_eq(trap_describe_page((uintptr_t)hv), "outside the guest's address space");
    ck_assert_str_eq(trap_describe_page(current->domain->window), "not mapped");
    ck_assert_str_eq(trap_describe_page(domain_start_info(current->domain)->pt_base),
                     "a page table, mapped read-only");
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "mapped");
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)stack, PTE_MAKE(mfn, 5), 0);
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "mapped read-only");
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)stack, PTE_MAKE(mfn, 7 | PTE_NX), 0);
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "mapped, not executable");
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)stack, 0, 0);
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "not mapped");
}

/* ---- faults that nobody handles ---- */

/* hypercall_entry.S */
extern const char hypercall_page_entry[], hypercall_page_iret[];

static const char *end_of(const struct trap_frame *f)
{
    static char text[256];

    trap_describe_end(f, text, sizeof(text));
    return text;
}

static void ends(void *arg)
{
    uint64_t here = (uintptr_t)&arg, there = (uintptr_t)guest_page(11);
    struct trap_frame f = {.vector = 6, .rip = there, .rsp = 0x48};
    char bytes[16];

    memset(current->traps, 0, sizeof(current->traps));
    ck_assert(trap_by_guest(&f));
    ck_assert(!trap_by_stack(&f));
    ck_assert_str_eq(end_of(&f), "the guest has no handler for it");
    current->traps[6].address = HANDLER;
    ck_assert_ptr_nonnull(
        strstr(end_of(&f), "cannot be called: the stack (0x48) is the null page"));
    /* Jumps to nowhere. */
    f = (struct trap_frame){.vector = 14, .rip = 0x1000, .cr2 = 0x1000, .rsp = here};
    ck_assert(trap_by_guest(&f));
    f = (struct trap_frame){.vector = 14, .rip = 0x1ffe, .cr2 = 0x2000, .error_code = 0x10};
    ck_assert(trap_by_guest(&f));
    f = (struct trap_frame){.vector = 13, .rip = 1UL << 60, .rsp = here};
    ck_assert(trap_by_guest(&f));
    /* In the hypervisor's code: its own faults, and those of the stack on which it runs. */
    f = (struct trap_frame){.vector = 14, .rip = (uintptr_t)ends, .cr2 = 0x1000, .rsp = here};
    ck_assert(!trap_by_guest(&f));
    ck_assert(!trap_by_stack(&f));
    f.cr2 = here - 8;
    ck_assert(trap_by_stack(&f));
    ck_assert_str_eq(end_of(&f), "in a hypercall, on the guest's stack");
    f.rsp = 0;
    f.cr2 = -8UL;
    ck_assert(trap_by_stack(&f));
    f.vector = 13;
    ck_assert(!trap_by_stack(&f));
    ck_assert(!trap_by_guest(&f));
    f.vector = 12;
    ck_assert(trap_by_stack(&f));
    /* On a stack that is not the guest's its own code is wrong. */
    ck_assert(hypercall_stack_make(current));
    f.rsp = (uintptr_t)current->hypercall_sp - 64;
    ck_assert(!trap_by_stack(&f));
    ck_assert(hypercall_stack_make(current));
    hypercall_stack_free(current);
    /* It serves the next vCPU. */
    ck_assert(hypercall_stack_make(current));
    ck_assert_uint_eq((uintptr_t)current->hypercall_sp - 64, f.rsp);
    hypercall_stack_free(current);
    /* A SYSCALL of its kernel's: the hypercall page's way in, after which it goes on. */
    f = (struct trap_frame){.rip = 0x1234, .rax = __HYPERVISOR_xen_version};
    hypercall_by_instruction(&f);
    ck_assert_uint_eq(f.rip, (uintptr_t)hypercall_page_entry);
    ck_assert_uint_eq(f.rcx, 0x1234);
    f = (struct trap_frame){.rip = 0x1234, .rax = __HYPERVISOR_iret};
    hypercall_by_instruction(&f);
    ck_assert_uint_eq(f.rip, (uintptr_t)hypercall_page_iret);
    /* What a report reads. */
    memcpy(guest_page(11), "abc", 4);
    ck_assert_uint_eq(trap_read_guest(there, bytes, 4), 4);
    ck_assert_str_eq(bytes, "abc");
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(12), 0, 0);
    ck_assert_uint_eq(trap_read_guest(there + 4090, bytes, 16), 6);
    ck_assert_uint_eq(trap_read_guest(0, bytes, 16), 0);
    ck_assert_uint_eq(hypervisor_current_vcpu(), 0);
}

/* ---- iret and upcalls ---- */

static unsigned int upcalls;

/* Counts, and goes back by iret: rcx r11 rip cs rflags rsp ss are on the stack, rax is kept. */
void upcall_seen(void);
extern const char upcall_entry[];
__asm__("        .text\n"
        "upcall_entry:\n"
        "        pushq %rax\n"
        "        pushq %rbx\n"
        "        movq %rsp, %rbx\n"
        "        andq $-16, %rsp\n"
        "        call upcall_seen\n"
        "        movq %rbx, %rsp\n"
        "        popq %rbx\n"
        "        popq %rax\n"
        "        popq %rcx\n"
        "        popq %r11\n"
        "        pushq $0\n"
        "        pushq %rcx\n"
        "        pushq %r11\n"
        "        pushq %rax\n"
        "        jmp hypercall_page_iret\n");

void __attribute__((used)) upcall_seen(void)
{
    upcalls++;
    current->info->evtchn_upcall_pending = 0;
    ck_assert_uint_eq(current->info->evtchn_upcall_mask, 1);
}

static void deliveries(void *arg)
{
    struct xennmi_callback nmi = {.handler_address = (uintptr_t)upcall_entry};

    (void)arg;
    upcalls = 0;
    call3(__HYPERVISOR_set_callbacks, (uintptr_t)upcall_entry, 0, 0);
    for (unsigned int i = 1; i <= 100; i++) {
        current->info->evtchn_upcall_pending = 1;
        current->info->evtchn_upcall_mask = 0;
        ck_assert_int_eq(call(__HYPERVISOR_xen_version, 7, 0), 4096);
        ck_assert_uint_eq(upcalls, i);
        ck_assert_uint_eq(current->info->evtchn_upcall_mask, 0);
    }
    upcalls = 0;
    ck_assert_int_eq(call(__HYPERVISOR_nmi_op, XENNMI_register_callback, (uintptr_t)&nmi), 0);
    ck_assert_int_eq(call3(__HYPERVISOR_vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
    ck_assert_uint_eq(upcalls, 1);
    ck_assert(!current->nmi_masked);
    current->info->evtchn_upcall_mask = 1;
}

static unsigned int resumed;

static void after_iret(void)
{
    resumed++;
    ck_assert_uint_eq(current->info->evtchn_upcall_mask, 1);
    guest_shutdown(SHUTDOWN_poweroff);
}

static struct iret_context target(void (*function)(void))
{
    return (struct iret_context){.rip = (uintptr_t)function,
                                 .cs = CS,
                                 .rflags = 0x2,
                                 .rsp = (uintptr_t)guest_page(220) - 8, /* of the same stack */
                                 .ss = FLAT_KERNEL_SS};
}

static void irets(void *arg)
{
    struct iret_context frame = target(after_iret);

    (void)arg;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

/* By SYSRET, which needs no segments; with the iopl if the guest is to have that of a processor. */
static void irets_otherwise(void *arg)
{
    struct iret_context frame = target(after_iret);

    (void)arg;
    call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_architectural_iopl);
    frame.flags = VGCF_in_syscall;
    frame.cs = frame.ss = 0;
    frame.rflags |= 0x2000;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

/* iret in a multicall ends the multicall. */
static void iret_in_multicall(void *arg)
{
    struct iret_context frame = target(after_iret);
    multicall_entry_t m = {.op = __HYPERVISOR_iret, .args = {(uintptr_t)&frame}};

    (void)arg;
    call(__HYPERVISOR_multicall, (uintptr_t)&m, 1);
    ck_abort();
}

/* ---- what crashes a domain ---- */

static void bad_iret(void *arg)
{
    (void)arg;
    call(__HYPERVISOR_iret, 0x10, 0);
    ck_abort();
}

static void iret_to_no_user(void *arg)
{
    struct iret_context frame = target(after_iret);

    (void)arg;
    frame.cs = FLAT_USER_CS;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

static void iret_to_bad_segments(void *arg)
{
    struct iret_context frame = target(after_iret);

    (void)arg;
    frame.cs = 0x1230; /* and no handler for the #GP */
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

static void iret_to_nowhere(void *arg)
{
    struct iret_context frame = target(after_iret);

    (void)arg;
    frame.rip = 1UL << 50;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

static void iret_to_bad_stack(void *arg)
{
    struct iret_context frame = target(after_iret);

    (void)arg;
    call3(__HYPERVISOR_set_callbacks, HANDLER, 0, 0);
    current->info->evtchn_upcall_pending = 1;
    frame.rflags |= 0x200;
    frame.rsp = 0x100;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

static void upcall_without_callback(void *arg)
{
    (void)arg;
    current->event_callback = 0;
    current->info->evtchn_upcall_pending = 1;
    current->info->evtchn_upcall_mask = 0;
    call(__HYPERVISOR_xen_version, 0, 0);
    ck_abort();
}

static void user_call(void)
{
    call(__HYPERVISOR_xen_version, 0, 0);
    ck_abort();
}

static void call_from_user_mode(void)
{
    struct iret_context frame = target(user_call);

    ck_assert_int_eq(mmuext(MMUEXT_NEW_USER_BASEPTR, current->cr3, 0), 0);
    frame.cs = FLAT_USER_CS;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

/* A hypercall in user mode, and neither a syscall callback nor a handler for #UD. */
static void user_without_callback(void *arg)
{
    (void)arg;
    call(__HYPERVISOR_stack_switch, FLAT_KERNEL_SS, (uintptr_t)guest_page(30));
    call_from_user_mode();
}

static void user_without_stack(void *arg)
{
    (void)arg;
    call3(__HYPERVISOR_set_callbacks, 0, 0, HANDLER);
    call_from_user_mode();
}

static void survivor(void *arg)
{
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    *(unsigned int *)arg += 1;
}

START_TEST(test_frames) { guest_test(frames); }
END_TEST
START_TEST(test_software_interrupts) { guest_test(software_interrupts); }
END_TEST
START_TEST(test_words) { guest_test(words); }
END_TEST
START_TEST(test_ends) { guest_test(ends); }
END_TEST
START_TEST(test_deliveries) { guest_test(deliveries); }
END_TEST

START_TEST(test_iret)
{
    resumed = 0;
    guest_test(irets);
    ck_assert_uint_eq(resumed, 1);
    guest_test(iret_in_multicall);
    ck_assert_uint_eq(resumed, 2);
    guest_test(irets_otherwise);
    ck_assert_uint_eq(resumed, 3);
}
END_TEST

/* Each ends its own domain and no other. */
START_TEST(test_crashes)
{
    void (*const all[])(void *) = {
        iret_to_nowhere,       bad_iret,           iret_to_no_user,
        iret_to_bad_segments,  iret_to_bad_stack,  upcall_without_callback,
        user_without_callback, user_without_stack,
    };
    unsigned int survived = 0;

    machine_start(160);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        guest_create(8, false, all[i], NULL);
        guest_create(8, false, survivor, &survived);
    }
    ck_assert(guest_run());
    ck_assert_uint_eq(survived, sizeof(all) / sizeof(all[0]));
    for (domid_t id = 1; id <= 2 * sizeof(all) / sizeof(all[0]); id += 2)
        ck_assert(domain_by_id(hv, id)->is_shut_down);
    machine_stop();
}
END_TEST

/* ---- callbacks ---- */

static void callbacks(void *arg)
{
    struct callback_register r = {.type = CALLBACKTYPE_event, .address = 0x1000};
    struct callback_unregister u = {.type = CALLBACKTYPE_nmi};

    (void)arg;
    ck_assert_int_eq(hypercall(__HYPERVISOR_set_callbacks, 1, 2, 3, 0, 0), 0);
    ck_assert_uint_eq(current->failsafe_callback, 2);
    for (uint16_t type = CALLBACKTYPE_event; type <= CALLBACKTYPE_syscall32; type++) {
        r.type = type;
        r.flags = CALLBACKF_mask_events;
        call(__HYPERVISOR_callback_op, CALLBACKOP_register, (uintptr_t)&r);
    }
    ck_assert_uint_eq(current->traps[2].address, 0x1000);
    ck_assert_uint_eq(current->event_callback, 0x1000);
    ck_assert_uint_eq(current->syscall_callback, 0x1000);
    ck_assert_uint_eq(current->syscall32_callback, 0x1000);
    ck_assert_uint_eq(current->sysenter_callback, 0x1000);
    ck_assert(current->callback_flags & CALLBACK_MASKS(CALLBACKTYPE_failsafe));
    r.type = CALLBACKTYPE_failsafe;
    r.flags = 0;
    call(__HYPERVISOR_callback_op, CALLBACKOP_register, (uintptr_t)&r);
    ck_assert(!(current->callback_flags & CALLBACK_MASKS(CALLBACKTYPE_failsafe)));
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_unregister, (uintptr_t)&u), 0);
    ck_assert_uint_eq(current->traps[2].address, 0);
}

START_TEST(test_callbacks) { guest_test(callbacks); }
END_TEST

int main(void)
{
    Suite *s = suite_create("trap");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_frames);
    tcase_add_test(t, test_software_interrupts);
    tcase_add_test(t, test_words);
    tcase_add_test(t, test_ends);
    tcase_add_test(t, test_deliveries);
    tcase_add_test(t, test_iret);
    tcase_add_test(t, test_crashes);
    tcase_add_test(t, test_callbacks);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
