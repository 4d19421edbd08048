/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a domain does when the host's tools ask it to end. Here it asks itself, since the node is
 * its own to write. It would catch a request that is not acknowledged, lost or given twice, one
 * that reaches the program in another way than it chose, and an end without exit handlers.
 */
#include "pair.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <halvm/shutdown.h>
#include <halvm/xenstore.h>

static char value[64];

static const char *node(const char *path)
{
    int64_t len = halvm_xenstore_read(path, value, sizeof value - 1);

    value[len < 0 ? 0 : len] = '\0';
    return len < 0 ? "(none)" : value;
}

static void ask(const char *request)
{
    halvm_xenstore_write("control/shutdown", request, strlen(request));
}

static int is_readable(int fd, int milliseconds)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, milliseconds) == 1 && p.revents == POLLIN;
}

static void by_descriptor(void)
{
    int fd = halvm_shutdown_descriptor();

    ok(fd > 2 && halvm_shutdown_descriptor() == fd, "a descriptor for requests");
    ok(strcmp(node("control/feature-poweroff"), "1") == 0, "poweroff can be asked for");
    ok(strcmp(node("control/feature-reboot"), "1") == 0, "reboot too");
    ok(strcmp(node("control/feature-suspend"), "0") == 0, "but not suspend");
    ok(!is_readable(fd, 0), "no request");
    answers(halvm_shutdown_take(), -1, "none to be taken");
    ask("reboot");
    ok(is_readable(fd, -1), "a request");
    answers(halvm_shutdown_take(), HALVM_REBOOT, "it says reboot");
    ok(strcmp(node("control/shutdown"), "") == 0, "it is acknowledged");
    ok(!is_readable(fd, 0), "and taken");
    ask("halt");
    ok(is_readable(fd, -1), "another");
    answers(halvm_shutdown_take(), HALVM_POWEROFF, "halt means poweroff");
    /* The store has answered all that the runtime asks when it has answered five of ours. */
    ask("suspend");
    for (int i = 0; i < 5; i++)
        node("name");
    ok(!is_readable(fd, 0) && strcmp(node("control/shutdown"), "suspend") == 0,
       "suspend is left as it is");
    ask("dance");
    for (int i = 0; i < 5; i++)
        node("name");
    ok(!is_readable(fd, 0) && strcmp(node("control/shutdown"), "dance") == 0,
       "so is what nobody knows");
    ask("poweroff");
    ask("reboot");
    while (!is_readable(fd, -1) || strcmp(node("control/shutdown"), "") != 0)
        ;
    answers(halvm_shutdown_take(), HALVM_REBOOT, "of two the last counts");
    close(fd);
}

static int handled = -1, signals;

static void handler(int kind) { handled = kind; }

static void on_signal(int sig) { signals += sig == SIGTERM; }

static void by_handler(void)
{
    halvm_shutdown_handler(handler);
    ask("poweroff");
    while (handled < 0)
        usleep(1000);
    answers(handled, HALVM_POWEROFF, "a handler is called");
    halvm_shutdown_handler(NULL);
    signal(SIGTERM, on_signal);
    ask("reboot");
    while (!signals)
        usleep(1000);
    answers(signals, 1, "else SIGTERM is, if it has a handler");
    ask("poweroff");
    while (signals < 2)
        usleep(1000);
    answers(halvm_shutdown_take(), -1, "and nothing is left");
}

static void a(void)
{
    by_descriptor();
    by_handler();
}

static void at_exit(void)
{
    ok(1, "exit handlers run");
    tap_done();
}

static void b(void)
{
    atexit(at_exit);
    printf("# some output\n");
    ask("poweroff");
    pause();
    ok(0, "the domain goes on");
}
