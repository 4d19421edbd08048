/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a trace says again: records that are as expected take no space, and none that differ in
 * anything is taken for them.
 */
#include "trace_file.h"

#include "trace/describe.h"
#include "trace/text.h"

#include <sys/stat.h>

#include <xen/version.h>

/* ---- calls that are almost those that came after the last one before ---- */

#define ROUNDS 300U

/* So many texts a round. */
#define ALMOST 16U

static void poll_ports(struct sched_poll *poll, unsigned int count)
{
    poll->nr_ports = count;
    call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)poll);
}

static void makes_almost(void *argument)
{
    evtchn_port_t *ports = (evtchn_port_t *)guest_page(2);
    evtchn_port_t *at_end = ports + 1022; /* two of the page */
    struct evtchn_alloc_unbound offer = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    struct sched_poll poll;
    evtchn_close_t closed;

    (void)argument;
    memset(&poll, 0, sizeof(poll));
    poll.timeout = 1;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        closed.port = i % 3 ? 50 : 51;
        evtchn(EVTCHNOP_close, &closed);
        evtchn(0x10000 + EVTCHNOP_close, &closed);
        evtchn(EVTCHNOP_close, i % 5 ? (void *)&closed : WILD);
        call(0x100 + __HYPERVISOR_event_channel_op, EVTCHNOP_close, (uintptr_t)&closed);
        evtchn(EVTCHNOP_alloc_unbound, &offer);
        closed.port = i % 7 ? offer.port : 52;
        evtchn(EVTCHNOP_close, &closed);
        if (closed.port != offer.port) {
            closed.port = offer.port;
            evtchn(EVTCHNOP_close, &closed);
        } else {
            call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
        }
        closed.port = offer.port;
        evtchn(EVTCHNOP_close, &closed);
        for (unsigned int k = 0; k < 6; k++)
            ports[k] = at_end[-2 + (int)(k % 4)] = 1 + (i + k) / 4 % 5;
        set_xen_guest_handle(poll.ports, ports);
        poll_ports(&poll, 2);
        poll_ports(&poll, 4);
        poll_ports(&poll, i % 2 ? 6 : 0);
        set_xen_guest_handle(poll.ports, i % 11 ? at_end : (evtchn_port_t *)WILD);
        poll_ports(&poll, 2);
        poll_ports(&poll, 1);
        call(__HYPERVISOR_xen_version, XENVER_version, 0);
        call(__HYPERVISOR_vcpu_op, VCPUOP_is_up, i % 4);
        closed.port = 53;
        evtchn((i % 3 ? 0 : 0x10000) + EVTCHNOP_close, &closed);
    }
}

/* What the round I of these has to be, as far as it differs from other rounds. */
static void expect_almost(unsigned int i, unsigned int n, const char *text)
{
    char expected[128];
    unsigned int first = 1 + i / 4 % 5, second = 1 + (i + 1) / 4 % 5, third = 1 + (i + 2) / 4 % 5,
                 fourth = 1 + (i + 3) / 4 % 5, fifth = 1 + (i + 4) / 4 % 5,
                 sixth = 1 + (i + 5) / 4 % 5;
    const char *poll = "SCHEDOP_poll timeout=0.000000001 ports=";

    switch (n) {
    case 0:
        snprintf(expected, sizeof(expected), "EVTCHNOP_close port=%u -> -EINVAL", i % 3 ? 50 : 51);
        break;
    case 1:
        snprintf(expected, sizeof(expected), "event_channel_op");
        ck_assert_ptr_nonnull(strstr(text, "cmd=65539 arg=0x"));
        ck_assert_ptr_nonnull(strstr(text, "-> -ENOSYS"));
        break;
    case 2:
        if (i % 5)
            snprintf(expected, sizeof(expected), "EVTCHNOP_close port=%u -> -EINVAL",
                     i % 3 ? 50 : 51);
        else
            snprintf(expected, sizeof(expected), "EVTCHNOP_close arg=0x10 (unreadable) -> -EFAULT");
        break;
    case 3:
        snprintf(expected, sizeof(expected), "hypercall_288 a1=0x3 a2=0x");
        break;
    case 4:
        snprintf(expected, sizeof(expected),
                 "EVTCHNOP_alloc_unbound dom=DOMID_SELF "
                 "remote_dom=DOMID_SELF -> 0 port=3");
        break;
    case 5:
        snprintf(expected, sizeof(expected), "EVTCHNOP_close port=%s", i % 7 ? "3 -> 0" : "52 -> ");
        break;
    case 6:
        snprintf(expected, sizeof(expected),
                 i % 7 ? "SCHEDOP_yield -> 0" : "EVTCHNOP_close port=3 -> 0");
        break;
    case 7: /* as the one before in most rounds, but for its result */
        snprintf(expected, sizeof(expected), "EVTCHNOP_close port=3 -> -EINVAL");
        break;
    case 8:
        snprintf(expected, sizeof(expected), "%s[%u %u] -> ", poll, first, second);
        break;
    case 9:
        snprintf(expected, sizeof(expected), "%s[%u %u %u %u] -> ", poll, first, second, third,
                 fourth);
        break;
    case 10:
        if (i % 2)
            snprintf(expected, sizeof(expected), "%s[%u %u %u %u %u %u] -> ", poll, first, second,
                     third, fourth, fifth, sixth);
        else
            snprintf(expected, sizeof(expected), "%s[] -> ", poll);
        break;
    case 11:
    case 12:
        if (!(i % 11))
            snprintf(expected, sizeof(expected), "%s[%u more] -> -EFAULT", poll, 13 - n);
        else if (n == 11)
            snprintf(expected, sizeof(expected), "%s[%u %u] -> ", poll, third, fourth);
        else
            snprintf(expected, sizeof(expected), "%s[%u] -> ", poll, third);
        break;
    case 13:
        snprintf(expected, sizeof(expected), "XENVER_version -> 0x40011");
        break;
    case 14:
        snprintf(expected, sizeof(expected), "VCPUOP_is_up vcpu=%u -> %s", i % 4,
                 i % 4 ? "-ENOENT" : "1");
        break;
    default:
        snprintf(expected, sizeof(expected),
                 i % 3 ? "EVTCHNOP_close port=53 -> -EINVAL" : "event_channel_op cmd=65539 arg=0x");
        break;
    }
    ck_assert_msg(!strncmp(text, expected, strlen(expected)), "round %u: %s\nbut expected:\n%s", i,
                  text, expected);
}

START_TEST(test_almost_expected)
{
    struct trace_text text = {0};
    struct trace_reader *r;
    struct trace_joiner *j;
    struct trace_entry e;
    unsigned int count = 0;

    open_file();
    trace_guest(makes_almost);
    close_file();
    r = read_file();
    j = trace_joiner_create(r);
    while (trace_join(j, &e) == TRACE_MORE && count < ROUNDS * ALMOST) {
        trace_text_clear(&text);
        trace_text_entry(&text, &e);
        if (trace_class_of(e.item.record) == TRACE_CLASS_HYPERCALL) {
            expect_almost(count / ALMOST, count % ALMOST, text.bytes);
            count++;
        }
    }
    ck_assert_uint_eq(count, ROUNDS * ALMOST);
    ck_assert_int_eq(trace_join(j, &e), TRACE_MORE);
    trace_joiner_destroy(j);
    trace_reader_close(r);
    trace_text_free(&text);
}
END_TEST

/* Many at the same time, then some later and later. */
START_TEST(test_same_again)
{
    static const uint64_t later[] = {1, 255, 256, 0x7fe, 0x7ff, 0x800, 0x801, 1UL << 40};
    struct trace_reader *r;
    struct trace_item item;
    struct stat file;
    uint64_t time = 1;

    open_file();
    for (unsigned int i = 0; i < 1000; i++)
        tell_port(1, 1 + i % 2, time);
    for (unsigned int i = 0; i < TRACE_COUNT(later); i++)
        tell_port(1, 1 + i % 2, time += later[i]);
    close_file();
    ck_assert_int_eq(stat(path, &file), 0);
    ck_assert_int_lt(file.st_size, 200);
    r = read_file();
    time = 1;
    for (unsigned int i = 0; i < 1000 + TRACE_COUNT(later); i++) {
        ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
        time += i < 1000 ? 0 : later[i - 1000];
        ck_assert_uint_eq(item.time, time);
        ck_assert_uint_eq(value_of(&item), 1 + i % 2);
    }
    ck_assert_int_eq(trace_read(r, &item), TRACE_AT_END);
    trace_reader_close(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trace_again");
    TCase *c = tcase_create("trace_again");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, test_almost_expected);
    tcase_add_test(c, test_same_again);
    suite_add_tcase(s, c);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
