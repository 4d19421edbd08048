/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The trace: what is written is what is read, whatever it is; and files that are no whole traces.
 * How it looks to people: tests/commands/trace.sh.
 */
#include "trace_file.h"

#include "trace/describe.h"
#include "trace/text.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/version.h>

/* ---- records that have no guest ---- */

/* Which come again and again, some hundred different ones, so that slots are taken by others. */
static uint32_t some_number(uint32_t i) { return i * 2654435761U >> 20; }

START_TEST(test_many)
{
    const uint32_t count = 200000; /* more than the buffer holds */
    struct trace_reader *r;
    struct trace_item item;
    uint64_t time = 5;
    bool good;

    open_file();
    for (uint32_t i = 0; i < count; i++) {
        time += i % 7 ? 0 : (uint64_t)some_number(i) << i % 40;
        tell_port((domid_t)(i % 3), some_number(i), time);
    }
    close_file();
    r = read_file();
    ck_assert_uint_eq(trace_reader_header(r)->seed, 77);
    ck_assert_uint_eq(trace_reader_header(r)->flags, TRACE_VIRTUAL);
    time = 5;
    for (uint32_t i = 0; i < count; i++) {
        time += i % 7 ? 0 : (uint64_t)some_number(i) << i % 40;
        /* Each check of Check's costs much more than a record. */
        good = trace_read(r, &item) == TRACE_MORE && item.number == i + 1 && item.time == time &&
               item.record->kind == TRACE_EVENT_RECORD &&
               item.record->op == HYPERVISOR_EVENT_PORT && item.record->domid == i % 3 &&
               item.record->vcpu == 1 && value_of(&item) == some_number(i);
        if (!good)
            ck_abort_msg("record %u", i + 1);
    }
    ck_assert_int_eq(trace_read(r, &item), TRACE_AT_END);
    trace_reader_close(r);
}
END_TEST

START_TEST(test_time_back)
{
    struct trace_reader *r;
    struct trace_item item;

    open_file();
    tell_port(1, 1, 100);
    tell_port(1, 1, 90);
    tell_port(1, 1, 110);
    close_file();
    r = read_file();
    for (unsigned int i = 0; i < 3; i++) {
        ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
        ck_assert_uint_eq(item.time, i < 2 ? 100 : 110);
    }
    trace_reader_close(r);
}
END_TEST

START_TEST(test_console)
{
    char long_one[10000];
    struct trace_reader *r;
    struct trace_item item;
    size_t len, got = 0;

    for (size_t i = 0; i < sizeof(long_one); i++)
        long_one[i] = (char)some_number((uint32_t)i);
    open_file();
    trace_console(trace, 1, 3, true, "abc", 3);
    trace_console(trace, 2, 3, false, "", 0);
    trace_console(trace, 2, 3, false, long_one, sizeof(long_one));
    close_file();
    r = read_file();
    ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
    ck_assert_uint_eq(item.record->kind, TRACE_CONSOLE_RECORD);
    ck_assert_uint_eq(item.record->op, 1);
    ck_assert_mem_eq(trace_console_bytes(&item, &len), "abc", 3);
    ck_assert_uint_eq(len, 3);
    while (trace_read(r, &item) == TRACE_MORE) {
        const uint8_t *bytes = trace_console_bytes(&item, &len);

        ck_assert_uint_eq(item.record->op, 0);
        ck_assert_uint_le(len, sizeof(long_one) - got);
        ck_assert_mem_eq(bytes, long_one + got, len);
        got += len;
    }
    ck_assert_uint_eq(got, sizeof(long_one));
    trace_reader_close(r);
}
END_TEST

static void expect_text(const struct trace_item *item, const char *expected)
{
    struct trace_text text = {0};

    trace_text_item(&text, item);
    ck_assert_str_eq(text.bytes, expected);
    trace_text_free(&text);
}

START_TEST(test_xenstore)
{
    const struct xsd_sockmsg write = {.type = XS_WRITE, .req_id = 7, .tx_id = 3, .len = 9};
    const struct xsd_sockmsg odd = {.type = 99, .len = 0};
    char payload[XENSTORE_PAYLOAD_MAX] = "/x";
    const struct xsd_sockmsg large = {.type = XS_READ, .len = sizeof(payload)};
    struct trace_reader *r;
    struct trace_item item;

    open_file();
    trace_xenstore(trace, 1, 5, false, &write, "/a/b\0text");
    trace_xenstore(trace, 1, 5, true, &odd, "");
    trace_xenstore(trace, 1, 5, true, &large, payload);
    close_file();
    r = read_file();
    ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
    ck_assert_uint_eq(item.record->domid, 5);
    expect_text(&item, "xenstore <- XS_WRITE req=7 tx=3 \"/a/b\" \"text\"");
    ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
    expect_text(&item, "xenstore -> XS_99 req=0");
    ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
    ck_assert_uint_eq(item.size, sizeof(large) + sizeof(payload));
    ck_assert_int_eq(trace_read(r, &item), TRACE_AT_END);
    trace_reader_close(r);
}
END_TEST

START_TEST(test_events)
{
    static const struct {
        enum hypervisor_event_kind kind;
        uint32_t value;
        const char *text;
        enum trace_class class;
    } events[] = {
        {HYPERVISOR_EVENT_PORT, 9, "event port=9 pending", TRACE_CLASS_EVENT},
        {HYPERVISOR_EVENT_WAKE, 0, "event woken", TRACE_CLASS_EVENT},
        {HYPERVISOR_EVENT_UPCALL, 0, "event upcall", TRACE_CLASS_EVENT},
        {HYPERVISOR_EVENT_VCPU_UP, 0, "life vcpu 2 up", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_VCPU_DOWN, 0, "life vcpu 2 down", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_PAUSED, 2, "life paused count=2", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_UNPAUSED, 1, "life unpaused count=1", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_SHUT_DOWN, SHUTDOWN_reboot, "life shut down reason=reboot",
         TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_SHUT_DOWN, 200, "life shut down reason=200", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_SHUT_DOWN, SHUTDOWN_crash, "life crashed", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_RESUMED, 0, "life resumed", TRACE_CLASS_LIFE},
        {HYPERVISOR_EVENT_DESTROYED, 0, "life destroyed", TRACE_CLASS_LIFE},
    };
    struct trace_reader *r;
    struct trace_item item;

    open_file();
    for (unsigned int i = 0; i < TRACE_COUNT(events); i++) {
        const struct hypervisor_event e = {
            .kind = events[i].kind, .value = events[i].value, .domid = 4, .vcpu = 2};

        trace_event(trace, &e);
    }
    close_file();
    r = read_file();
    for (unsigned int i = 0; i < TRACE_COUNT(events); i++) {
        ck_assert_int_eq(trace_read(r, &item), TRACE_MORE);
        ck_assert_int_eq(trace_class_of(item.record), events[i].class);
        expect_text(&item, events[i].text);
    }
    ck_assert_str_eq(trace_domain_name(r, 4), "d4");
    trace_reader_close(r);
}
END_TEST

/* ---- a guest's hypercalls ---- */

static void makes_calls(void *argument)
{
    evtchn_close_t close = {.port = 55};
    struct mmuext_op flushes[10];
    sched_poll_t poll = {.nr_ports = 2, .timeout = 1};
    evtchn_port_t ports[2] = {1, 2};
    xen_pfn_t extents[2] = {1, 2};
    struct xen_memory_reservation decrease = {.nr_extents = 3, .domid = DOMID_SELF};
    struct gnttab_copy copy[2];
    xen_feature_info_t features = {.submap_idx = 0};
    struct evtchn_status *at_end = (void *)((char *)guest_page(2) - 8);

    (void)argument;
    memset(flushes, 0, sizeof(flushes));
    memset(copy, 0, sizeof(copy));
    for (unsigned int i = 0; i < 10; i++)
        flushes[i].cmd = MMUEXT_TLB_FLUSH_LOCAL;
    evtchn(EVTCHNOP_close, &close);
    evtchn(EVTCHNOP_close, WILD);
    evtchn(EVTCHNOP_status, at_end); /* across two pages */
    hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)flushes, 10, 0, DOMID_SELF, 0);
    hypercall(__HYPERVISOR_mmuext_op, (uintptr_t)flushes, 0, 0, DOMID_IO, 0);
    set_xen_guest_handle(poll.ports, ports);
    call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll);
    set_xen_guest_handle(poll.ports, (evtchn_port_t *)WILD);
    call(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&poll);
    set_xen_guest_handle(decrease.extent_start, extents);
    decrease.nr_extents = 0;
    call(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, (uintptr_t)&decrease);
    call3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, (uintptr_t)copy, 2);
    call3(__HYPERVISOR_grant_table_op, 400, (uintptr_t)copy, 2);
    call(__HYPERVISOR_xen_version, XENVER_get_features, (uintptr_t)&features);
    call(__HYPERVISOR_xen_version, XENVER_version, 0);
    call(__HYPERVISOR_domctl, (uintptr_t)WILD, 0);
    call(__HYPERVISOR_set_trap_table, 0, 0);
    call(63, 1, 2);
    call(1000, 1, 2);
}

static const char *const call_texts[] = {
    "life created domain=1",
    "EVTCHNOP_close port=55 -> -EINVAL",
    "EVTCHNOP_close arg=0x10 (unreadable) -> -EFAULT",
    "EVTCHNOP_status dom=0 port=0 -> -ESRCH",
    "mmuext_op [{cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} {cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 "
    "arg2=0} {cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} {cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} "
    "{cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} {cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} "
    "{cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} {cmd=MMUEXT_TLB_FLUSH_LOCAL arg1=0 arg2=0} 2 more] "
    "done=0 domain=DOMID_SELF -> 0",
    "mmuext_op [] done=0 domain=DOMID_IO -> -EPERM",
    "SCHEDOP_poll timeout=0.000000001 ports=[1 2] -> 0",
    "SCHEDOP_poll timeout=0.000000001 ports=[2 more] -> -EFAULT",
    "XENMEM_decrease_reservation extent_order=0 mem_flags=0 domid=DOMID_SELF extents=[] -> 0",
    NULL, /* GNTTABOP_copy */
    "grant_table_op_400 cmd=0x190 arg=",
    "XENVER_get_features submap_idx=0 -> 0 submap=0x",
    "XENVER_version -> 0x40011",
    "domctl arg=0x10 (unreadable) -> -EFAULT",
    "set_trap_table traps=NULL -> 0",
    "hypercall_63 a1=0x1 a2=0x2 a3=0 a4=0 a5=0 -> -ENOSYS",
    "hypercall_1000 a1=0x1 a2=0x2 a3=0 a4=0 a5=0 -> -ENOSYS",
    "SCHEDOP_shutdown reason=poweroff",
    "life shut down reason=poweroff",
    "life destroyed",
};

START_TEST(test_calls)
{
    struct trace_text text = {0};
    struct trace_reader *r;
    struct trace_joiner *j;
    struct trace_entry e;

    open_file();
    trace_guest(makes_calls);
    close_file();
    r = read_file();
    j = trace_joiner_create(r);
    for (unsigned int i = 0; i < TRACE_COUNT(call_texts); i++) {
        ck_assert_int_eq(trace_join(j, &e), TRACE_MORE);
        trace_text_clear(&text);
        trace_text_entry(&text, &e);
        ck_assert_str_eq(trace_domain_name(r, 1), "test");
        if (call_texts[i])
            ck_assert_msg(!strncmp(text.bytes, call_texts[i], strlen(call_texts[i])),
                          "%s\nbut expected:\n%s", text.bytes, call_texts[i]);
    }
    ck_assert_int_eq(trace_join(j, &e), TRACE_AT_END);
    trace_joiner_destroy(j);
    trace_reader_close(r);
    trace_text_free(&text);
}
END_TEST

/* ---- two vCPUs, and what is one call inside another ---- */

static void second(void *argument)
{
    (void)argument;
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void takes_turns(void *argument)
{
    multicall_entry_t calls[2] = {
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_version}},
        {.op = __HYPERVISOR_sched_op, .args = {SCHEDOP_yield}},
    };

    (void)argument;
    guest_start_vcpu(1, second, NULL);
    call(__HYPERVISOR_multicall, (uintptr_t)calls, 2);
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

START_TEST(test_joins)
{
    static const char *const texts[] = {
        "multicall count=2", /* it is not back before the other vCPU has its turn */
        "  XENVER_version -> 0x40011", "  SCHEDOP_yield",  "SCHEDOP_yield", /* of vCPU 1 */
        "(SCHEDOP_yield) -> 0",        "(multicall) -> 0",
    };
    struct trace_text text = {0};
    struct trace_reader *r;
    struct trace_joiner *j;
    struct trace_entry e;

    open_file();
    machine_start(24);
    hv->host.hypercall = hear_call;
    hv->host.event = hear_event;
    hv->hypercall_limit = 0;
    guest_create_vcpus(16, false, 2, takes_turns, NULL);
    ck_assert(guest_run());
    machine_stop();
    close_file();
    r = read_file();
    j = trace_joiner_create(r);
    do {
        ck_assert_int_eq(trace_join(j, &e), TRACE_MORE);
        trace_text_clear(&text);
        trace_text_entry(&text, &e);
    } while (strcmp(text.bytes, texts[0]) != 0);
    for (unsigned int i = 0; i < TRACE_COUNT(texts); i++) {
        ck_assert_str_eq(text.bytes, texts[i]);
        ck_assert_uint_eq(e.item.record->vcpu, i == 3);
        ck_assert_int_eq(trace_join(j, &e), TRACE_MORE);
        trace_text_clear(&text);
        trace_text_entry(&text, &e);
    }
    trace_joiner_destroy(j);
    trace_reader_close(r);
    trace_text_free(&text);
}
END_TEST

/* ---- lives ---- */

START_TEST(test_lives)
{
    static const char *const texts[] = {
        "life created domain=1", "life paused count=1",
        "life paused count=2",   "life unpaused count=1",
        "life unpaused count=0", "life vcpu 1 up",
        "life vcpu 1 down",      "life shut down reason=poweroff",
        "life destroyed",
    };
    struct trace_text text = {0};
    struct trace_reader *r;
    struct trace_item item;
    unsigned int found = 0;
    struct domain *d;

    open_file();
    machine_start(24);
    hv->host.event = hear_event;
    d = guest_create_vcpus(16, false, 2, takes_turns, NULL);
    ck_assert_int_eq(domain_pause(d), 0);
    ck_assert_int_eq(domain_pause(d), 0);
    ck_assert_int_eq(domain_unpause(d), 0);
    ck_assert_int_eq(domain_unpause(d), 0);
    ck_assert(guest_run());
    machine_stop();
    close_file();
    r = read_file();
    while (trace_read(r, &item) == TRACE_MORE) {
        if (trace_class_of(item.record) != TRACE_CLASS_LIFE)
            continue;
        trace_text_clear(&text);
        trace_text_item(&text, &item);
        ck_assert_uint_lt(found, TRACE_COUNT(texts));
        ck_assert_str_eq(text.bytes, texts[found++]);
    }
    ck_assert_uint_eq(found, TRACE_COUNT(texts));
    trace_reader_close(r);
    trace_text_free(&text);
}
END_TEST

/* ---- the last ones ---- */

static char last_texts[TRACE_LAST + 1][128];
static unsigned int last_count;

static void take_last(void *context, const char *text)
{
    (void)context;
    ck_assert_uint_lt(last_count, TRACE_LAST + 1);
    snprintf(last_texts[last_count++], sizeof(last_texts[0]), "%s", text);
}

static void makes_some(void *argument)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};

    (void)argument;
    for (unsigned int i = 0; i < 20; i++)
        call(__HYPERVISOR_xen_version, XENVER_version, 0);
    call3(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, (uintptr_t)&size, 1);
    evtchn(EVTCHNOP_close, WILD);
    call(1000, 1, 2);
}

START_TEST(test_last)
{
    trace_last(trace, 1, take_last, NULL);
    ck_assert_uint_eq(last_count, 0);
    trace_guest(makes_some);
    trace_last(trace, 1, take_last, NULL);
    ck_assert_uint_eq(last_count, TRACE_LAST);
    ck_assert_str_eq(last_texts[0], "XENVER_version() -> 262161");
    ck_assert_int_eq(strncmp(last_texts[12], "GNTTABOP_query_size(0x", 22), 0);
    ck_assert_ptr_nonnull(strstr(last_texts[12], ", 0x1) -> 0"));
    ck_assert_str_eq(last_texts[13], "EVTCHNOP_close(0x10) -> -EFAULT");
    ck_assert_str_eq(last_texts[14], "hypercall 1000(0x1, 0x2, 0, 0, 0) -> -ENOSYS");
    /* It has not come back. */
    ck_assert_int_eq(strncmp(last_texts[15], "SCHEDOP_shutdown(0x", 19), 0);
    ck_assert_ptr_null(strstr(last_texts[15], "->"));
    trace_last(trace, 5000, take_last, NULL);
}
END_TEST

/* ---- files that are not whole ---- */

static uint8_t *bytes;
static long size;

static void load(void)
{
    FILE *f = fopen(path, "rb");

    ck_assert_ptr_nonnull(f);
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    rewind(f);
    bytes = malloc((size_t)size);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)size, f), size);
    fclose(f);
}

static void store(const uint8_t *from, long len)
{
    FILE *f = fopen(path, "wb");

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(from, 1, (size_t)len, f), len);
    ck_assert_int_eq(fclose(f), 0);
}

/* All of it, as text. */
static enum trace_more read_all(uint64_t *count)
{
    struct trace_reader *r = read_file();
    struct trace_joiner *j = trace_joiner_create(r);
    struct trace_text text = {0};
    struct trace_entry e;
    enum trace_more more;

    *count = 0;
    while ((more = trace_join(j, &e)) == TRACE_MORE) {
        trace_text_clear(&text);
        trace_text_entry(&text, &e);
        *count += 1 + e.returns;
    }
    trace_joiner_destroy(j);
    trace_reader_close(r);
    trace_text_free(&text);
    return more;
}

START_TEST(test_cut)
{
    uint64_t count, all;

    open_file();
    trace_guest(makes_calls);
    trace_console(trace, 1, 1, false, "to the end", 10);
    close_file();
    load();
    ck_assert_int_eq(read_all(&all), TRACE_AT_END);
    /* At each byte of the last records, and at some of those before. */
    for (long len = size - 1; len >= (long)sizeof(struct trace_file_header);
         len -= size - len < 200 ? 1 : 11) {
        ck_assert_int_eq(truncate(path, len), 0);
        ck_assert_int_eq(read_all(&count), TRACE_CUT);
        ck_assert_uint_le(count, all);
        ck_assert(len < size - 1 || count == all);
    }
    free(bytes);
}
END_TEST

/* Whatever has happened to a file, reading it comes to an end, and touches nothing else. */
START_TEST(test_damaged)
{
    uint32_t state = 1;
    uint64_t count;

    open_file();
    trace_guest(makes_calls);
    close_file();
    load();
    for (unsigned int i = 0; i < 200; i++) {
        uint8_t *at;
        uint8_t before;

        state = state * 1664525 + 1013904223;
        at = bytes + sizeof(struct trace_file_header) +
             state % ((uint32_t)size - sizeof(struct trace_file_header));
        before = *at;
        *at = (uint8_t)(state >> 24);
        store(bytes, size);
        read_all(&count);
        if (i % 4)
            *at = before;
    }
    free(bytes);
}
END_TEST

static void expect_refusal(const char *text)
{
    char message[TRACE_MESSAGE];

    store(bytes, size);
    ck_assert_ptr_null(trace_reader_open(path, message));
    ck_assert_msg(strstr(message, text) != NULL, "%s", message);
    ck_assert(!strncmp(message, path, strlen(path)));
}

START_TEST(test_refused)
{
    char message[TRACE_MESSAGE];

    open_file();
    close_file();
    load();
    bytes[0] ^= 1;
    expect_refusal("not a trace");
    bytes[0] ^= 1;
    bytes[offsetof(struct trace_file_header, version)] = 3;
    expect_refusal("version 3; this halvm reads version 2");
    bytes[offsetof(struct trace_file_header, version)] = TRACE_VERSION;
    bytes[offsetof(struct trace_file_header, layout)] ^= 1;
    expect_refusal("made by another halvm");
    size = 3;
    expect_refusal("not a trace");
    size = 0;
    expect_refusal("it is empty");
    unlink(path);
    ck_assert_ptr_null(trace_reader_open(path, message));
    free(bytes);
}
END_TEST

START_TEST(test_no_room)
{
    const struct trace_options options = {0};
    char message[256];

    ck_assert(trace_open(trace, "/dev/full", &options, message, sizeof(message)));
    for (unsigned int i = 0; i < 1000000 && !trace_has_failed(trace); i++)
        tell_port(1, i, i);
    ck_assert(trace_has_failed(trace));
    ck_assert(!trace_is_open(trace));
    tell_port(1, 1, 1);
    ck_assert(!trace_close(trace, message, sizeof(message)));
    ck_assert_str_eq(message, "/dev/full: No space left on device: the trace is not complete");
    ck_assert(!trace_open(trace, "/nosuch/x", &options, message, sizeof(message)));
    ck_assert_str_eq(message, "/nosuch/x: No such file or directory");
    strcpy(path, folder);
    strcat(path, "/t");
}
END_TEST

START_TEST(test_real_times)
{
    char message[TRACE_MESSAGE];
    struct trace_reader *r;
    uint64_t before = 0;

    open_file();
    for (unsigned int i = 0; i < 100; i++) {
        tell_port(1, i, 1);
        if (i % 10 == 9)
            trace_moment(trace);
    }
    close_file();
    r = read_file();
    ck_assert_msg(trace_reader_times(r, message), "%s", message);
    ck_assert_uint_gt(trace_real_start(r), 1600000000UL * 1000000000UL);
    for (uint64_t i = 1; i <= 100; i++) {
        ck_assert_uint_ge(trace_real_time(r, i), before);
        before = trace_real_time(r, i);
    }
    ck_assert_uint_gt(before, 0);
    ck_assert_uint_eq(trace_real_time(r, 1000), trace_real_time(r, 101));
    trace_reader_close(r);
}
END_TEST

/* ---- the table ---- */

static void check_struct(const struct trace_struct *s)
{
    unsigned int way = 0;

    for (unsigned int i = 0; i < s->field_count; i++) {
        const struct trace_field *f = &s->fields[i];

        ck_assert_ptr_nonnull(f->name);
        ck_assert_uint_le(f->offset + f->size, s->size);
        ck_assert(f->size <= 8 || f->format == TRACE_STRING || f->format == TRACE_UUID);
        way |= f->way;
    }
    for (unsigned int i = 0; i < s->list_count; i++) {
        ck_assert_uint_le(s->lists[i].pointer + 8U, s->size);
        ck_assert_uint_le(s->lists[i].count + s->lists[i].count_size, s->size);
        way |= s->lists[i].way;
    }
    ck_assert_uint_eq(s->way, way);
}

static void check_call(const struct trace_call *c)
{
    size_t most = sizeof(struct trace_record) + 8;

    ck_assert(c->known || !c->count);
    ck_assert_uint_le(c->count, 8); /* bits of struct trace_record's UNREADABLE */
    for (unsigned int i = 0; i < c->count; i++) {
        const struct trace_argument *a = &c->arguments[i];

        ck_assert_uint_lt(a->reg, 5);
        ck_assert_uint_lt(a->count, 5);
        ck_assert(a->name || a->type);
        ck_assert((a->kind == TRACE_REGISTER || a->kind == TRACE_TEXT) == !a->type);
        most += 8 + TRACE_TEXT_BYTES;
        if (a->type) {
            check_struct(a->type);
            most += TRACE_ELEMENTS *
                    (a->type->size + a->type->list_count * (8 + 8 * TRACE_ELEMENTS) + 4U);
        }
    }
    ck_assert_uint_le(most, TRACE_CONTENTS_MAX + TRACE_ELEMENTS * 1024);
}

START_TEST(test_table)
{
    for (unsigned int op = 0; op < TRACE_OPS; op++) {
        const struct trace_operation *o = trace_operations[op];

        if (!o)
            continue;
        ck_assert_ptr_nonnull(hypercall_name(op, HYPERVISOR_NO_SUBOPERATION));
        ck_assert(o->other.known);
        check_call(&o->other);
        ck_assert(!o->count == (o->number == TRACE_NUMBER_NONE));
        for (unsigned int i = 0; i < o->count; i++) {
            check_call(&o->calls[i]);
            ck_assert_msg(!o->calls[i].known || hypercall_name(op, i), "%u %u", op, i);
        }
    }
    ck_assert(trace_layout() == trace_layout());
}
END_TEST

/* What guests make is described one by one. */
START_TEST(test_described)
{
    static const struct {
        unsigned int op;
        uint32_t undescribed[4];
    } all[] = {
        {__HYPERVISOR_event_channel_op, {14}}, /* Xen's own, EVTCHNOP_reset_cont */
        {__HYPERVISOR_sched_op, {0}},
        {__HYPERVISOR_vcpu_op, {0}},
        {__HYPERVISOR_xen_version, {XENVER_build_id}}, /* of any length */
        {__HYPERVISOR_callback_op, {0}},
        {__HYPERVISOR_console_io, {0}},
        {__HYPERVISOR_physdev_op, {0}},
        {__HYPERVISOR_grant_table_op, {GNTTABOP_dump_table}},
        {__HYPERVISOR_memory_op,
         {XENMEM_paging_op, XENMEM_machphys_compat_mfn_list, XENMEM_sharing_op}},
    };

    for (unsigned int i = 0; i < TRACE_COUNT(all); i++) {
        const struct trace_operation *o = trace_operations[all[i].op];

        for (uint32_t number = 0; number < 64; number++) {
            const char *name = hypercall_name(all[i].op, number);
            bool known = number < o->count && o->calls[number].known, expected = name;

            for (unsigned int k = 0; k < 4; k++) {
                if (all[i].undescribed[k] && all[i].undescribed[k] == number)
                    expected = false;
            }
            ck_assert_msg(known == expected, "%u %u", all[i].op, number);
        }
    }
}
END_TEST

START_TEST(test_quoted)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *quoted;
    } cases[] = {
        {"plain", 5, "\"plain\""},
        {"a\"b\\c\n\t", 7, "\"a\\\"b\\\\c\\n\\t\""},
        {"\0\x1f\x7f", 3, "\"\\x00\\x1f\\x7f\""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xab", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xab\""},
        {"\xc3", 1, "\"\\xc3\""},                            /* cut */
        {"\xc0\xaf", 2, "\"\\xc0\\xaf\""},                   /* too long */
        {"\xe0\x80\xaf", 3, "\"\\xe0\\x80\\xaf\""},          /* too long */
        {"\xed\xa0\x80", 3, "\"\\xed\\xa0\\x80\""},          /* half of a pair */
        {"\xf4\x90\x80\x80", 4, "\"\\xf4\\x90\\x80\\x80\""}, /* beyond Unicode */
        {"\xff\xfe", 2, "\"\\xff\\xfe\""},
    };
    struct trace_text text = {0};

    for (unsigned int i = 0; i < TRACE_COUNT(cases); i++) {
        trace_text_clear(&text);
        trace_text_quoted(&text, (const uint8_t *)cases[i].bytes, cases[i].len);
        ck_assert_str_eq(text.bytes, cases[i].quoted);
    }
    trace_text_free(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trace");
    TCase *c = tcase_create("trace");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, test_many);
    tcase_add_test(c, test_time_back);
    tcase_add_test(c, test_console);
    tcase_add_test(c, test_xenstore);
    tcase_add_test(c, test_events);
    tcase_add_test(c, test_calls);
    tcase_add_test(c, test_joins);
    tcase_add_test(c, test_lives);
    tcase_add_test(c, test_last);
    tcase_add_test(c, test_cut);
    tcase_add_test(c, test_damaged);
    tcase_add_test(c, test_refused);
    tcase_add_test(c, test_no_room);
    tcase_add_test(c, test_real_times);
    tcase_add_test(c, test_table);
    tcase_add_test(c, test_described);
    tcase_add_test(c, test_quoted);
    suite_add_tcase(s, c);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
