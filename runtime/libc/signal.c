/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Signals that a program sends to itself; no others come but a request of the host's tools
 * (wait.h).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/domain.h"
#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/signal_deliver.h"
#include "libc/wait.h"

#define SIGNALS 65 /* 1 to 64, as on Linux */

static struct sigaction actions[SIGNALS] __attribute__((section(".bss.0large")));
static sigset_t blocked, pending;

static int valid(int sig) { return sig > 0 && sig < SIGNALS; }

static int ignored_by_default(int sig)
{
    return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH;
}

/* For programs without the RTS. */
__attribute__((weak)) bool signal_deliver(int sig)
{
    (void)sig;
    return false;
}

__attribute__((weak)) bool signal_handled_by_haskell(int sig)
{
    (void)sig;
    return false;
}

bool signal_handled(int sig)
{
    return signal_handled_by_haskell(sig) ||
           (actions[sig].sa_handler != SIG_DFL && actions[sig].sa_handler != SIG_IGN);
}

static void deliver(int sig)
{
    struct sigaction action = actions[sig];
    siginfo_t info;

    if (signal_deliver(sig))
        return;
    if (action.sa_handler == SIG_IGN)
        return;
    if (action.sa_handler == SIG_DFL) {
        if (ignored_by_default(sig))
            return;
        if (wait_is_request(sig))
            exit(0);
        domain_exit(128 + sig); /* as a shell shows it */
    }
    if (action.sa_flags & SA_RESETHAND)
        actions[sig].sa_handler = SIG_DFL;
    memset(&info, 0, sizeof info);
    info.si_signo = sig;
    info.si_pid = getpid();
    if (action.sa_flags & SA_SIGINFO)
        action.sa_sigaction(sig, &info, NULL);
    else
        action.sa_handler(sig);
}

int raise(int sig)
{
    if (!valid(sig))
        return errno_result(-EINVAL);
    if (sigismember(&blocked, sig))
        sigaddset(&pending, sig);
    else
        deliver(sig);
    return 0;
}

/* 0 and -1 are groups that we are in. */
int kill(pid_t pid, int sig)
{
    if (sig < 0 || sig >= SIGNALS)
        return errno_result(-EINVAL);
    if (pid > 0 && pid != getpid())
        return errno_result(-ESRCH);
    if (pid < -1 && pid != -getpid())
        return errno_result(-ESRCH);
    return sig ? raise(sig) : 0;
}

int killpg(pid_t group, int sig) { return kill(group ? -group : 0, sig); }

int pthread_kill(pthread_t thread, int sig)
{
    (void)thread;
    return kill(getpid(), sig) ? errno : 0;
}

int sigaction(int sig, const struct sigaction *restrict action, struct sigaction *restrict old)
{
    if (!valid(sig) || (action && (sig == SIGKILL || sig == SIGSTOP)))
        return errno_result(-EINVAL);
    if (old)
        *old = actions[sig];
    if (action)
        actions[sig] = *action;
    return 0;
}

void (*signal(int sig, void (*handler)(int)))(int)
{
    struct sigaction new = {.sa_handler = handler, .sa_flags = SA_RESTART}, old = {0};

    return sigaction(sig, &new, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int siginterrupt(int sig, int on)
{
    (void)on;
    return errno_result(valid(sig) ? 0 : -EINVAL);
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    if (old)
        *old = blocked;
    if (!set)
        return 0;
    if (how == SIG_SETMASK)
        blocked = *set;
    else if (how != SIG_BLOCK && how != SIG_UNBLOCK)
        return errno_result(-EINVAL);
    for (int sig = 1; sig < SIGNALS; sig++) {
        if (how == SIG_BLOCK && sigismember(set, sig))
            sigaddset(&blocked, sig);
        if (how == SIG_UNBLOCK && sigismember(set, sig))
            sigdelset(&blocked, sig);
        if (sigismember(&pending, sig) && !sigismember(&blocked, sig)) {
            sigdelset(&pending, sig);
            deliver(sig);
        }
    }
    return 0;
}

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    return sigprocmask(how, set, old) ? errno : 0;
}

int sigpending(sigset_t *set)
{
    *set = pending;
    return 0;
}

/* Hardly a signal comes: this waits until the domain is destroyed, while events are served. */
int pause(void)
{
    for (;;)
        wait_for_event(EVENT_FOREVER);
}

int sigsuspend(const sigset_t *mask)
{
    sigset_t old;

    sigprocmask(SIG_SETMASK, mask, &old);
    return pause();
}

int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
    (void)stack, (void)old;
    return errno_result(-ENOSYS);
}

/* musl's members call these around what must not be interrupted. */
void __block_all_sigs(void *set) { (void)set; }
void __block_app_sigs(void *set) { (void)set; }
void __restore_sigs(void *set) { (void)set; }

int __sigaction(int, const struct sigaction *, struct sigaction *)
    __attribute__((alias("sigaction")));
