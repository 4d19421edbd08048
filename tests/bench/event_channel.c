/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest that measures event channels. Prints nanoseconds: of a send on a port that is pending
 * already, two-level ABI; then, for each number of ports, that number and, FIFO ABI, of such a send
 * and of a binding with its closing.
 */
#include <stdint.h>
#include <stdio.h>

#include <xen/event_channel.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "core/memory.h"

#define CALLS  5000
#define ROUNDS 400
#define FEW    8
#define MANY   100000

#define WORDS_A_PAGE (4096 / sizeof(event_word_t))
#define PAGES        (MANY / WORDS_A_PAGE + 1)

static char control[4096] __attribute__((aligned(4096)));
static char array[PAGES][4096] __attribute__((aligned(4096)));

static unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

static evtchn_port_t ipi(void)
{
    evtchn_bind_ipi_t bind = {.vcpu = 0};

    return hypercall_event_channel_op(EVTCHNOP_bind_ipi, &bind) == 0 ? bind.port : 0;
}

static void send(evtchn_port_t port) { hypercall_event_channel_op(EVTCHNOP_send, &port); }

static void bind_and_close(evtchn_port_t port)
{
    port = ipi();
    hypercall_event_channel_op(EVTCHNOP_close, &port);
}

/* The best round: what disturbs a round only ever makes it longer. */
static double measure(void (*what)(evtchn_port_t), evtchn_port_t port)
{
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_monotonic();
        double each;

        for (int i = 0; i < CALLS; i++)
            what(port);
        each = (double)(clock_monotonic() - start) / CALLS;
        if (each < best)
            best = each;
    }
    return best;
}

static int use_fifo(void)
{
    evtchn_init_control_t init = {.control_gfn = mfn_of(control)};

    if (hypercall_event_channel_op(EVTCHNOP_init_control, &init) != 0)
        return 0;
    for (unsigned int i = 0; i < PAGES; i++) {
        evtchn_expand_array_t expand = {.array_gfn = mfn_of(array[i])};

        if (hypercall_event_channel_op(EVTCHNOP_expand_array, &expand) != 0)
            return 0;
    }
    return 1;
}

int main(void)
{
    evtchn_port_t port = ipi();

    printf("%.2f\n", measure(send, port));
    if (!use_fifo())
        return 1;
    for (unsigned int count = FEW; count <= MANY; count = count == FEW ? 100 : 10 * count) {
        while (port < count) {
            port = ipi();
            if (!port)
                return 1;
        }
        printf("%u %.2f", count, measure(send, port));
        printf(" %.2f\n", measure(bind_and_close, 0));
    }
    return 0;
}
