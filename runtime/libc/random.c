/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See random.h.
 */
#include <cpuid.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <xen/version.h>
#include <xen/xen.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "libc/descriptor.h"
#include "libc/random.h"

/*
 * As the hypervisor tells, not the processor: it hides the generator in a run that shall be
 * repeatable.
 */
static bool has_rdrand(void)
{
    static int known; /* 0: not yet asked, 1: no, 2: yes */
    unsigned a = 1, b, c = 0, d;

    if (!known) {
        __asm__ volatile(XEN_CPUID : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
        known = 1 + ((c & bit_RDRND) != 0);
    }
    return known == 2;
}

static bool rdrand(uint64_t *value)
{
    unsigned char good;

    /* Intel's manual: a working generator answers within ten tries. */
    for (int i = 0; i < 10; i++) {
        __asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(good) : : "cc");
        if (good)
            return true;
    }
    return false;
}

/* The finalizer of splitmix64 */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
    return x ^ x >> 31;
}

/*
 * A counter that the clock disturbs, from a start that tells domains apart: what a hypervisor says
 * and nothing else, so that a run in which it says the same again is the same.
 */
static uint64_t mixed(void)
{
    static uint64_t state;

    if (!state) {
        xen_domain_handle_t handle = {0};
        const char *at = (const char *)domain_start_info()->cmd_line;

        hypercall(__HYPERVISOR_xen_version, XENVER_guest_handle, HYPERCALL_ARG(handle), 0, 0, 0);
        for (size_t i = 0; i < sizeof handle; i++)
            state = mix(state + handle[i]);
        for (size_t i = 0; i < MAX_GUEST_CMDLINE && at[i]; i++)
            state = mix(state + (unsigned char)at[i]);
        state = mix(state + clock_wall());
    }
    state += 0x9e3779b97f4a7c15UL ^ clock_monotonic() << 20;
    return mix(state);
}

void random_bytes(void *buf, size_t len)
{
    char *at = buf;

    while (len) {
        uint64_t value;
        size_t now = len < sizeof value ? len : sizeof value;

        if (!has_rdrand() || !rdrand(&value))
            value = mixed();
        memcpy(at, &value, now);
        at += now;
        len -= now;
    }
}

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
    if (flags & ~(unsigned)(GRND_NONBLOCK | GRND_RANDOM | 4))
        return errno_result(-EINVAL);
    random_bytes(buf, len);
    return len;
}

int getentropy(void *buf, size_t len)
{
    if (len > 256)
        return errno_result(-EIO);
    random_bytes(buf, len);
    return 0;
}

void arc4random_buf(void *buf, size_t len);
uint32_t arc4random(void);

void arc4random_buf(void *buf, size_t len) { random_bytes(buf, len); }

uint32_t arc4random(void)
{
    uint32_t value;

    random_bytes(&value, sizeof value);
    return value;
}
