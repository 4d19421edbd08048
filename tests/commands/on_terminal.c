/* SPDX-License-Identifier: BSD-3-Clause
 *
 * on-terminal STEP... -- COMMAND...: runs a command on a terminal of its own, and does what a
 * person would: a STEP of "<TEXT" waits until TEXT has appeared, ">TEXT" types it. All that appears
 * goes to standard output. The status is the command's; 98 if it leaves the terminal other than it
 * was, 99 if something does not come. For tests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#define LIMIT 60 /* seconds, for all */

static char seen[1 << 20];
static size_t seen_size, matched;

static void __attribute__((noreturn)) fail(const char *what, const char *text)
{
    fprintf(stderr, "on-terminal: %s%s\n", what, text);
    exit(99);
}

/* Reads what there is. Returns false at the end: nobody has the terminal any more. */
static bool read_more(int terminal)
{
    ssize_t n = read(terminal, seen + seen_size, sizeof(seen) - 1 - seen_size);

    if (n <= 0)
        return false;
    if (write(1, seen + seen_size, (size_t)n) != n)
        fail("standard output", "");
    seen_size += (size_t)n;
    return true;
}

static void wait_for(int terminal, const char *text)
{
    const char *at;

    while (!(at = memmem(seen + matched, seen_size - matched, text, strlen(text)))) {
        if (!read_more(terminal))
            fail("has not come: ", text);
    }
    matched = (size_t)(at - seen) + strlen(text);
}

static bool same(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
           a->c_cflag == b->c_cflag;
}

int main(int argc, char **argv)
{
    int terminal, end, status, first = 1;
    struct termios before, after;
    pid_t child;

    while (first < argc && strcmp(argv[first], "--"))
        first++;
    if (first + 1 >= argc)
        fail("no command", "");
    if (openpty(&terminal, &end, NULL, NULL, NULL) || tcgetattr(end, &before))
        fail("no terminal: ", strerror(errno));
    child = fork();
    if (child < 0)
        fail("no process: ", strerror(errno));
    if (!child) {
        close(terminal);
        login_tty(end);
        execvp(argv[first + 1], argv + first + 1);
        _exit(127);
    }
    close(end);
    alarm(LIMIT);
    for (int i = 1; i < first; i++) {
        size_t len = strlen(argv[i]) - 1;

        if (argv[i][0] == '<')
            wait_for(terminal, argv[i] + 1);
        else if (write(terminal, argv[i] + 1, len) != (ssize_t)len)
            fail("cannot type ", argv[i] + 1);
    }
    while (read_more(terminal))
        ;
    waitpid(child, &status, 0);
    if (tcgetattr(terminal, &after) || !same(&before, &after)) {
        fprintf(stderr, "on-terminal: the terminal is not as it was\n");
        return 98;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
