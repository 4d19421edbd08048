/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How a domain ends, and how its exit status gets out.
 *
 * Xen knows reasons (<xen/sched.h>), not statuses. Three ways out:
 *   - the shim, which names itself in its version: latched as the shutdown code, which the
 *     process then exits with;
 *   - the initial domain under QEMU: written to QEMU's debug port, which is there for that; the
 *     reason is "reboot", since that alone makes QEMU (-no-reboot) leave at once;
 *   - any other domain: a reason, so that xl's on_poweroff and on_crash do what they say: what the
 *     tools asked for, else whether the status was 0; and the status in XenStore.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/version.h>

#include <xen/io/xs_wire.h>

#include "core/clock.h"
#include "core/control.h"
#include "core/domain.h"
#include "core/event.h"
#include "core/format.h"
#include "core/hypercall.h"
#include "core/start.h"
#include "core/xenstore.h"

/* How long a domain that ends waits for a store that does not answer, in nanoseconds. */
#define STORE_PATIENCE 1000000000UL

/* QEMU's isa-debugcon: a port that reads as its own number and takes bytes. */
#define DEBUG_PORT 0xe9

static bool under_shim(void)
{
    xen_extraversion_t extra = "";

    hypercall(__HYPERVISOR_xen_version, XENVER_extraversion, HYPERCALL_ARG(extra), 0, 0, 0);
    return strcmp(extra, "-halvm") == 0;
}

/* LCOV_EXCL_START: only on real Xen, where nothing is counted */
static void port_write(uint8_t value)
{
    __asm__ volatile("outb %0, %w1" ::"a"(value), "Nd"(DEBUG_PORT));
}

static uint8_t port_read(void)
{
    uint8_t value;

    __asm__ volatile("inb %w1, %0" : "=a"(value) : "Nd"(DEBUG_PORT));
    return value;
}
/* LCOV_EXCL_STOP */

/* Whether QEMU's debug port is there, for a domain that may use ports. Asked once. */
static bool has_debug_port(void)
{
    static enum { UNKNOWN, ABSENT, PRESENT } state;
    struct physdev_set_iopl iopl = {.iopl = 1};

    if (state == UNKNOWN) {
        state = ABSENT;
        if (domain_is_initial() && !under_shim() &&
            hypercall_physdev_op(PHYSDEVOP_set_iopl, &iopl) == 0 && port_read() == DEBUG_PORT)
            state = PRESENT;
    }
    return state == PRESENT;
}

void qemu_report(const char *fmt, unsigned int value)
{
    char text[16];

    if (!has_debug_port())
        return;
    /* LCOV_EXCL_START: as above */
    format(text, sizeof text, fmt, value);
    for (const char *p = text; *p; p++)
        port_write((uint8_t)*p);
    /* LCOV_EXCL_STOP */
}

/*
 * Tools read data/exit-status (libxl makes data/ writable for the domain) if xl keeps a domain that
 * has ended. Under the shim the latch tells it too, so a store that has not been used yet is left
 * alone.
 */
static void tell_store(int status)
{
    static const char path[] = "data/exit-status";
    static bool told; /* what follows may itself end the domain */
    uint64_t deadline = clock_monotonic() + STORE_PATIENCE;
    struct xenstore_request request = {0};
    char payload[sizeof path + 4];
    size_t len = sizeof path;

    if (told || domain_is_initial() || (under_shim() && !xenstore_is_alive()))
        return;
    told = true;
    memcpy(payload, path, len);
    len += format(payload + len, sizeof payload - len, "%d", status);
    if (xenstore_send(&request, XS_WRITE, XENSTORE_NONE, payload, len) != 0)
        return;
    while (!request.done && clock_monotonic() < deadline)
        event_wait(deadline);
    xenstore_forget(&request);
}

/* REASON: SHUTDOWN_*, or -1: what the status says. */
static void __attribute__((noreturn)) leave(int status, int reason)
{
    sched_shutdown_t op = {.reason = reason < 0 ? SHUTDOWN_poweroff : (unsigned int)reason};

    console_drain();
    if (under_shim()) {
        sched_shutdown_t latch = {.reason = (unsigned int)status};

        hypercall_sched_op(SCHEDOP_shutdown_code, &latch);
        /* LCOV_EXCL_START: as above */
    } else if (domain_is_initial()) {
        qemu_report("%u\n", (unsigned int)status);
        op.reason = SHUTDOWN_reboot;
    } else if (status && reason < 0) {
        op.reason = SHUTDOWN_crash;
        /* LCOV_EXCL_STOP */
    }
    for (;;)
        hypercall_sched_op(SCHEDOP_shutdown, &op);
}

void domain_exit(int status)
{
    status &= 0xff;
    tell_store(status);
    leave(status, control_reason());
}

void domain_crash(int status) { leave(status & 0xff, SHUTDOWN_crash); }
