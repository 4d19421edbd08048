/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Real time for domains beside each other: a timer of this process's own time of computing, whose
 * signal takes the processor from a guest that does not give it up. It costs an idle host nothing.
 * SIGVTALRM: gdb passes it on without a word.
 */
#define _GNU_SOURCE
#include "signal_frame.h"
#include "sim.h"

#include <signal.h>
#include <sys/time.h>
#include <valgrind/valgrind.h>

#define SLICE 10000 /* microseconds */

static void __attribute__((noinline)) handle(void *context)
{
    const struct trap_frame f = signal_registers(context);
    size_t size;
    const void *fpu = signal_fpu(context, &size);
    uint64_t rip, rsp;

    if (trap_preempt(&f, fpu, size, &rip, &rsp))
        signal_go_on(context, rip, rsp);
}

static void handle_signal(int signal_number, siginfo_t *info, void *context)
{
    signal_clear_flags();
    signal_restore_fs();
    (void)signal_number, (void)info;
    handle(context);
}

void preempt_start(void)
{
    struct sigaction action = {.sa_sigaction = handle_signal,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    const struct itimerval every = {{.tv_usec = SLICE}, {.tv_usec = SLICE}};

    /* valgrind gives a handler the registers, but not those of AVX, and takes none back. */
    if (RUNNING_ON_VALGRIND)
        return;
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &every, NULL);
}
