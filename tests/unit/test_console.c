/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The console: bytes lost, doubled, out of order, or given to a domain that may not have them;
 * console_io, and the sim's back end of the ring.
 */
#include "guest.h"
#include "sim.h"

#include <fcntl.h>
#include <unistd.h>

#include <xen/memory.h>
#include <xen/io/console.h>

static long io(unsigned int op, unsigned long count, void *buffer)
{
    return call3(__HYPERVISOR_console_io, op, count, (uintptr_t)buffer);
}

static void refused(void *arg)
{
    (void)arg;
    ck_assert_int_eq(io(CONSOLEIO_write, 1, guest_page(0)), -EPERM);
    ck_assert_int_eq(io(CONSOLEIO_read, 1, guest_page(0)), -EPERM);
    current->domain->debug_console = true;
    ck_assert_int_eq(io(CONSOLEIO_write, 1, strcpy(guest_page(0), "e")), 0);
    ck_assert_str_eq(host.err, "e");
}

static void privileged(void *arg)
{
    char *page = guest_page(1);

    (void)arg;
    ck_assert_int_eq(io(7, 0, NULL), -ENOSYS);
    ck_assert_int_eq(io(CONSOLEIO_write, 4, WILD), -EFAULT);
    memcpy(page - 3, "abcdef", 6);
    ck_assert_int_eq(io(CONSOLEIO_write, 6, page - 3), 0);
    ck_assert_str_eq(host.out, "abcdef");
    ck_assert_int_eq(io(CONSOLEIO_read, 6, WILD), 0); /* nothing there to store */
    host.in = "kept";
    ck_assert_int_eq(io(CONSOLEIO_read, 6, WILD), -EFAULT);
    ck_assert_int_eq(io(CONSOLEIO_read, 3, page), 3);
    ck_assert_int_eq(io(CONSOLEIO_read, 3, page + 3), 1);
    ck_assert_int_eq(memcmp(page, "kept", 4), 0);
    host.out_len = 0;
    ck_assert_int_eq(io(CONSOLEIO_write, 0, WILD), 0);
    memset(page, 'x', 300);
    ck_assert_int_eq(io(CONSOLEIO_write, 300, page), 0);
    ck_assert_uint_eq(host.out_len, 300);
    host.out_len = 0;
    /* What Xen has copied before it comes to the end of memory is out. */
    ck_assert_int_eq(io(CONSOLEIO_write, 300, (char *)(uintptr_t)current->domain->virt_end - 200),
                     -EFAULT);
    ck_assert_uint_eq(host.out_len, 127);
    host.out_len = 0;
    memcpy(page - 3, "abcdef", 6);
    ck_assert_int_eq(io(CONSOLEIO_read, 1UL << 31, page), -E2BIG);
    host.in = "123456789";
    ck_assert_int_eq(io(CONSOLEIO_read, 6, page - 3), 6);
    ck_assert_int_eq(memcmp(page - 3, "123456", 6), 0);
    ck_assert_int_eq(io(CONSOLEIO_read, 6, page), 3);
    ck_assert_int_eq(io(CONSOLEIO_read, 6, page), 0);
}

START_TEST(test_refused) { guest_test(refused); }
END_TEST
START_TEST(test_privileged) { guest_test_hardware(privileged); }
END_TEST

/* ---- the sim's console ---- */

static struct sim_console console;
static int to_guest[2], from_guest[2];

static struct xencons_interface *ring(void)
{
    return domain_frame(current->domain, domain_start_info(current->domain)->console.domU.mfn);
}

static void notify(void)
{
    evtchn_send_t op = {.port = domain_start_info(current->domain)->console.domU.evtchn};

    ck_assert_int_eq(evtchn(EVTCHNOP_send, &op), 0);
}

static void say(const char *text)
{
    for (; *text; text++)
        ring()->out[ring()->out_prod++ & (sizeof(ring()->out) - 1)] = *text;
}

static void hear(char *text)
{
    while (ring()->in_cons != ring()->in_prod)
        *text++ = ring()->in[ring()->in_cons++ & (sizeof(ring()->in) - 1)];
    *text = '\0';
}

static void uses_ring(void *arg)
{
    char text[2048];
    evtchn_port_t port = console.port;
    struct sched_poll op = {.nr_ports = 1};

    (void)arg;
    for (int i = 0; i < 300; i++) { /* around the ring's end */
        say("0123456789");
        notify();
        ck_assert_uint_eq(ring()->out_cons, ring()->out_prod);
        ck_assert_int_eq(read(from_guest[0], text, sizeof(text)), 10);
    }
    ck_assert(event_channel_pending(current->domain, port));
    /* console_io comes after what is in the ring. */
    say("first ");
    console_write(&console, HYPERVISOR_CONSOLE_MAIN, "second", 6);
    ck_assert_int_eq(read(from_guest[0], text, sizeof(text)), 12);
    ck_assert_int_eq(memcmp(text, "first second", 12), 0);
    /* A producer index that lies: one ring full, no more. */
    ring()->out_prod += 5000;
    notify();
    ck_assert_int_eq(read(from_guest[0], text, sizeof(text)), 2048);
    /* Nothing is there; then something; control bytes are quoted; then the end. */
    notify();
    hear(text);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(write(to_guest[1], "a\004b\026", 4), 4);
    notify();
    hear(text);
    ck_assert_str_eq(text, "a\026\004b\026\026");
    current->domain->shared_info->evtchn_pending[0] = 0;
    ck_assert_int_eq(console_wanted(&console), -1); /* it does not wait */
    set_xen_guest_handle(op.ports, &port);
    ck_assert_int_eq(call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op), 0);
    hear(text);
    ck_assert_str_eq(text, "later");
    close(to_guest[1]);
    notify();
    hear(text);
    ck_assert_str_eq(text, "\004");
    notify();
    hear(text);
    ck_assert_str_eq(text, "");                             /* once only */
    ck_assert_uint_eq(console_read(&console, text, 10), 0); /* not from the ring's input */
}

static void feed(struct fake_host *h)
{
    ck_assert_int_eq(console_wanted(&console), to_guest[0]);
    ck_assert_int_eq(write(to_guest[1], "later", 5), 5);
    console_input(&console);
    h->idle_did_something = true;
}

static void connect_pipes(struct domain *d)
{
    memset(&console, 0, sizeof(console));
    console_connect(&console, "test", d, true);
    ck_assert_int_eq(pipe(to_guest), 0);
    ck_assert_int_eq(pipe(from_guest), 0);
    console.in = to_guest[0];
    console.out = from_guest[1];
    console.err = from_guest[1];
}

/* It goes as soon as nobody uses it: not while the host does. */
static void gives_ring_back(void *arg)
{
    struct domain *d = current->domain;
    start_info_t *si = domain_start_info(d);
    const uint64_t *p2m = (const uint64_t *)(uintptr_t)si->mfn_list;
    xen_pfn_t mfn = si->console.domU.mfn;
    xen_pfn_t *list = guest_page(0);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    uintptr_t va = d->virt_base;
    char text[16];

    (void)arg;
    while (*p2m++ != mfn)
        va += PAGE_SIZE;
    ck_assert_uint_eq(guest_mfn((void *)va), mfn);
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, va, 0, UVMF_INVLPG), 0);
    *list = mfn;
    set_xen_guest_handle(r.extent_start, list);
    ck_assert_int_eq(call(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, (uintptr_t)&r), 1);
    ck_assert_ptr_eq(page_owner(d->hv, mfn), d);
    ck_assert_int_eq(write(to_guest[1], "abc", 3), 3);
    console_input(&console);
    hear(text);
    ck_assert_str_eq(text, "abc");
    /* Nor does it become a page table. */
    ck_assert_int_ne(page_get_both(d, mfn, PAGE_L1), 0);
}

START_TEST(test_ring_given_back)
{
    struct domain *d;

    machine_start(24);
    d = guest_create(8, false, gives_ring_back, NULL);
    connect_pipes(d);
    ck_assert(guest_run());
    console_disconnect(&console);
    domain_destroy(d);
    machine_stop();
}
END_TEST

START_TEST(test_ring)
{
    machine_start(24);
    connect_pipes(guest_create(8, false, uses_ring, NULL));
    host.idle = feed;
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

static void full_ring(void *arg)
{
    char bytes[4096];

    (void)arg;
    memset(bytes, 'x', sizeof(bytes));
    ck_assert_int_eq(write(to_guest[1], bytes, sizeof(bytes)), 4096);
    for (int i = 0; i < 20; i++)
        console_input(&console);
    ck_assert_uint_le(ring()->in_prod - ring()->in_cons, sizeof(ring()->in));
    ck_assert_int_eq(console_wanted(&console), -1);
    hear(bytes);
    ck_assert_uint_gt(strlen(bytes), 1000);
}

static void uses_io(void *arg)
{
    char bytes[16];

    (void)arg;
    ck_assert_int_eq(write(to_guest[1], "hello", 5), 5);
    ck_assert_uint_eq(console_read(&console, bytes, 3), 3);
    ck_assert_uint_eq(console_read(&console, bytes, 16), 2);
    ck_assert_uint_eq(console_read(&console, bytes, 16), 0);
    console_drain(&console);
    console_write(&console, HYPERVISOR_CONSOLE_DEBUG, "e", 1);
    ck_assert_int_eq(read(from_guest[0], bytes, 16), 1);
    ck_assert_int_eq(console_wanted(&console), -1);
}

START_TEST(test_full)
{
    machine_start(24);
    connect_pipes(guest_create(8, false, full_ring, NULL));
    ck_assert(guest_run());
    machine_stop();
    machine_start(24);
    connect_pipes(guest_create(8, true, uses_io, NULL));
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- somebody else at the other end ---- */

static struct {
    size_t room, count;
    char got[4096];
    const char *typed;
} other;

static size_t other_room(void *context)
{
    (void)context;
    return other.room;
}

static void other_write(void *context, const char *bytes, size_t len)
{
    (void)context;
    ck_assert_uint_le(other.count + len, sizeof(other.got));
    memcpy(other.got + other.count, bytes, len);
    other.count += len;
    other.room -= len < other.room ? len : other.room;
}

static size_t other_read(void *context, char *bytes, size_t len)
{
    size_t n = strlen(other.typed);

    (void)context;
    n = n < len ? n : len;
    memcpy(bytes, other.typed, n);
    other.typed += n;
    return n;
}

static bool take_event(void)
{
    bool pending = event_channel_pending(current->domain, console.port);

    current->domain->shared_info->evtchn_pending[0] = 0;
    return pending;
}

static void talks_to_other(void *arg)
{
    char text[2048];

    (void)arg;
    take_event();
    hear(text);
    ck_assert_str_eq(text, ""); /* it is not told of an end of its input */
    other.room = 4;
    say("abcdef");
    notify();
    ck_assert_uint_eq(other.count, 4);
    ck_assert(take_event());
    notify();
    ck_assert_uint_eq(other.count, 4); /* it waits */
    ck_assert(!take_event());
    other.room = 1;
    console_peer_ready(&console);
    ck_assert_uint_eq(other.count, 5);
    ck_assert(take_event());
    /* console_io does not wait, and comes after what is in the ring. */
    console_write(&console, HYPERVISOR_CONSOLE_DEBUG, "gh", 2);
    ck_assert_uint_eq(other.count, 8);
    ck_assert_int_eq(memcmp(other.got, "abcdefgh", 8), 0);
    /* What is typed at a terminal is not quoted: that is how one quotes and ends there. */
    other.typed = "a\004b\026";
    notify();
    hear(text);
    ck_assert_str_eq(text, "a\004b\026");
    ck_assert(take_event());
    notify();
    ck_assert(!take_event());
    other.typed = "later";
    console_peer_ready(&console);
    hear(text);
    ck_assert_str_eq(text, "later");
    /* At the end all is taken, whatever there is room for. */
    other.room = 0;
    say("the end");
    console_disconnect(&console);
    ck_assert_int_eq(memcmp(other.got + 8, "the end", 7), 0);
    console_peer_ready(&console);
    ck_assert_uint_eq(other.count, 15);
}

START_TEST(test_peer)
{
    static const struct console_peer peer = {NULL, other_room, other_write, other_read};

    machine_start(24);
    memset(&console, 0, sizeof(console));
    other.typed = "";
    console.peer = &peer;
    console_connect(&console, "test", guest_create(8, false, talks_to_other, NULL), false);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

START_TEST(test_no_space)
{
    memset(&console, 0, sizeof(console));
    console.program = "test";
    console.out = open("/dev/full", O_WRONLY);
    console_write_all(&console, console.out, "x", 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("console");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_refused);
    tcase_add_test(t, test_privileged);
    tcase_add_test(t, test_ring);
    tcase_add_test(t, test_ring_given_back);
    tcase_add_test(t, test_full);
    tcase_add_test(t, test_peer);
    tcase_add_exit_test(t, test_no_space, 1);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
