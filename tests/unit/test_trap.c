/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exceptions: the frame that a guest's handler finds, and what happens without a handler.
 */
#include "guest.h"

#include <xen/callback.h>

static void handler(void) {}

static void table(void *arg)
{
    trap_info_t t[] = {{.vector = 14, .flags = 3, .cs = 0xe033, .address = (uintptr_t)handler},
                       {.vector = 6, .flags = 4 | 3, .cs = 0xe033, .address = (uintptr_t)handler},
                       {0}};
    uint64_t *stack = (uint64_t *)guest_page(11);
    struct trap_frame f = {.rip = 0x1111,
                           .rsp = (uintptr_t)stack - 8,
                           .rflags = 0x606,
                           .rcx = 1,
                           .r11 = 2,
                           .vector = 14,
                           .error_code = 6,
                           .cr2 = 0x2222};
    struct trap_frame start = f;

    (void)arg;
    ck_assert(!trap_bounce(&f)); /* no handler */
    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, (uintptr_t)WILD, 0), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, (uintptr_t)t, 0), 0);
    f.vector = 300;
    ck_assert(!trap_bounce(&f));
    f = start;
    f.rsp = 0x100; /* no stack to push on */
    ck_assert(!trap_bounce(&f));
    f = start;
    current->info->evtchn_upcall_mask = 1;
    ck_assert(trap_bounce(&f));
    const uint64_t *frame = (const uint64_t *)(uintptr_t)f.rsp;
    ck_assert_uint_eq(f.rip, (uintptr_t)handler);
    ck_assert_uint_eq(f.rsp, ((uintptr_t)stack - 16) - 64);
    ck_assert_uint_eq(frame[0], 1);
    ck_assert_uint_eq(frame[1], 2);
    ck_assert_uint_eq(frame[2], 2); /* no user, whatever the ring */
    ck_assert_uint_eq(frame[3], 0x1111);
    ck_assert_uint_eq(frame[4], (FLAT_RING3_CS64 & ~3) | 1UL << 32);
    ck_assert_uint_eq(frame[5], 0x406); /* interrupts: upcalls were masked */
    ck_assert_uint_eq(frame[6], start.rsp);
    ck_assert_uint_eq(frame[7], FLAT_RING3_SS64);
    ck_assert_uint_eq(current->info->arch.cr2, 0x2222);
    ck_assert_uint_eq(f.rflags & 0x400, 0x400); /* Xen leaves DF alone */
    ck_assert_uint_eq(trap_last_rip(current->domain), 0x1111);
    f = start;
    ck_assert(trap_bounce(&f)); /* a handler may fault itself */
    /* Without an error code; with events masked while it runs. */
    f.vector = 6;
    current->info->evtchn_upcall_mask = 0;
    ck_assert(trap_bounce(&f));
    frame = (const uint64_t *)(uintptr_t)f.rsp;
    ck_assert_uint_eq(frame[2], 0x1111);
    ck_assert_uint_eq(frame[3], FLAT_RING3_CS64 & ~3);
    ck_assert_uint_eq(frame[4], 0x606);
    ck_assert_uint_eq(current->info->evtchn_upcall_mask, 1);
    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, 0, 0), 0);
    ck_assert_uint_eq(current->traps[14].address, 0);
    /* What a report calls an address. */
    ck_assert_str_eq(trap_describe_page(8), "the null page");
    ck_assert_str_eq(trap_describe_page((uintptr_t)hv), "outside the guest's address space");
    ck_assert_str_eq(trap_describe_page(current->domain->window), "not mapped");
    ck_assert_str_eq(trap_describe_page(domain_start_info(current->domain)->pt_base),
                     "a page table, mapped read-only");
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "mapped");
    uint64_t mfn = guest_mfn(stack);
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)stack, PTE_MAKE(mfn, 5), 0);
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "mapped read-only");
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)stack, PTE_MAKE(mfn, 7 | PTE_NX), 0);
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "mapped, not executable");
    call3(__HYPERVISOR_update_va_mapping, (uintptr_t)stack, 0, 0);
    ck_assert_str_eq(trap_describe_page((uintptr_t)stack), "not mapped");
}

static unsigned int resumed;

static void after_iret(void)
{
    resumed++;
    ck_assert_uint_eq(current->info->evtchn_upcall_mask, 1);
    guest_shutdown(SHUTDOWN_poweroff);
}

static void irets(void *arg)
{
    struct iret_context frame = {.rip = (uintptr_t)after_iret, .rflags = 0x2};

    (void)arg;
    frame.rsp = (uintptr_t)guest_page(20) - 8;
    call(__HYPERVISOR_iret, (uintptr_t)&frame, 0);
    ck_abort();
}

static void bad_iret(void *arg)
{
    (void)arg;
    call(__HYPERVISOR_iret, 0x10, 0);
    ck_abort();
}

static void callbacks(void *arg)
{
    struct callback_register r = {.type = CALLBACKTYPE_event, .address = 0x1000};
    struct callback_unregister u = {.type = CALLBACKTYPE_event};

    (void)arg;
    ck_assert_int_eq(hypercall(__HYPERVISOR_set_callbacks, 1, 2, 3, 0, 0), 0);
    ck_assert_uint_eq(current->failsafe_callback, 2);
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_register, 0x10), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_register, (uintptr_t)&r), 0);
    ck_assert_uint_eq(current->event_callback, 0x1000);
    for (uint16_t type = CALLBACKTYPE_failsafe; type <= CALLBACKTYPE_nmi; type++) {
        r.type = type;
        call(__HYPERVISOR_callback_op, CALLBACKOP_register, (uintptr_t)&r);
    }
    ck_assert_uint_eq(current->traps[2].address, 0x1000);
    ck_assert_uint_eq(current->syscall_callback, 0x1000);
    r.type = 50;
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_register, (uintptr_t)&r), -ENOSYS);
    r.address = 1UL << 50;
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_register, (uintptr_t)&r), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_unregister, 0x10), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_unregister, (uintptr_t)&u), -EINVAL);
    u.type = CALLBACKTYPE_nmi;
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_unregister, (uintptr_t)&u), 0);
    u.type = 50;
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, CALLBACKOP_unregister, (uintptr_t)&u), -ENOSYS);
    ck_assert_int_eq(call(__HYPERVISOR_callback_op, 9, 0), -ENOSYS);
}

START_TEST(test_table) { guest_test(table); }
END_TEST
START_TEST(test_callbacks) { guest_test(callbacks); }
END_TEST

START_TEST(test_iret)
{
    resumed = 0;
    guest_test(irets);
    ck_assert_uint_eq(resumed, 1);
    guest_test(bad_iret);
    ck_assert_uint_eq(host.reason, SHUTDOWN_crash);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trap");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_table);
    tcase_add_test(t, test_callbacks);
    tcase_add_test(t, test_iret);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
