/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A trace's file in a folder of its own, and a guest whose hypercalls it has.
 */
#ifndef UNIT_TRACE_FILE_H
#define UNIT_TRACE_FILE_H

#include "guest.h"

#include "trace/read.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], path[96];
static struct trace *trace;

static void setup(void)
{
    strcpy(folder, "/tmp/test_trace.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/t", folder);
    trace = trace_create();
    ck_assert_ptr_nonnull(trace);
}

static void teardown(void)
{
    char times[128];

    trace_destroy(trace);
    snprintf(times, sizeof(times), "%s.times", path);
    unlink(times);
    unlink(path);
    rmdir(folder);
}

static void open_file(void)
{
    const struct trace_options options = {.seed = 77, .is_virtual = true};
    char message[256];

    ck_assert_msg(trace_open(trace, path, &options, message, sizeof(message)), "%s", message);
    ck_assert(trace_is_open(trace));
}

static void close_file(void)
{
    char message[256];

    ck_assert_msg(trace_close(trace, message, sizeof(message)), "%s", message);
    ck_assert(!trace_is_open(trace));
}

static struct trace_reader *read_file(void)
{
    char message[TRACE_MESSAGE];
    struct trace_reader *r = trace_reader_open(path, message);

    ck_assert_msg(r != NULL, "%s", message);
    return r;
}

static void tell_port(domid_t domid, uint32_t port, uint64_t time)
{
    const struct hypervisor_event e = {
        .time = time, .kind = HYPERVISOR_EVENT_PORT, .value = port, .domid = domid, .vcpu = 1};

    trace_event(trace, &e);
}

static uint32_t value_of(const struct trace_item *item)
{
    uint32_t value = 0;

    if (item->size < sizeof(value))
        ck_abort();
    memcpy(&value, item->body, sizeof(value));
    return value;
}

static void hear_call(void *context, const struct hypervisor_call *call)
{
    (void)context;
    trace_hypercall(trace, call);
}

static void hear_event(void *context, const struct hypervisor_event *event)
{
    (void)context;
    trace_event(trace, event);
}

static void trace_guest(void (*function)(void *))
{
    machine_start(24);
    hv->host.hypercall = hear_call;
    hv->host.event = hear_event;
    hv->hypercall_limit = 0;
    guest_create(16, false, function, NULL);
    ck_assert(guest_run());
    machine_stop();
}

#endif
