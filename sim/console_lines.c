/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Consoles of several domains on one output: each line carries its domain's name.
 */
#include "sim.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

/* The terminal's colours, without black and white, which one may not see. */
#define COLOURS 6U

void console_lines_init(struct console_lines *l, const char *name, unsigned int number, bool colour)
{
    int n;

    if (colour)
        n = snprintf(l->prefix, sizeof(l->prefix), "\033[3%um%.63s:\033[0m ", 1 + number % COLOURS,
                     name);
    else
        n = snprintf(l->prefix, sizeof(l->prefix), "%.63s: ", name);
    l->prefix_size = (size_t)n;
    l->used = 0;
}

/* All in one call, so that lines stay whole beside what others write. */
static void emit(struct sim_console *c, struct console_lines *l, int fd)
{
    char text[sizeof(l->prefix) + sizeof(l->line) + 1];
    size_t len = l->prefix_size;

    memcpy(text, l->prefix, len);
    memcpy(text + len, l->line, l->used);
    len += l->used;
    text[len++] = '\n';
    l->used = 0;
    console_write_all(c, fd, text, len);
}

void console_lines_write(struct sim_console *c, int fd, const char *bytes, size_t len)
{
    struct console_lines *l = &c->lines[fd == c->err];

    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n') {
            emit(c, l, fd);
            continue;
        }
        if (l->used == sizeof(l->line))
            emit(c, l, fd);
        l->line[l->used++] = bytes[i];
    }
}

void console_lines_finish(struct sim_console *c)
{
    if (c->lines[0].used)
        emit(c, &c->lines[0], c->out);
    if (c->lines[1].used)
        emit(c, &c->lines[1], c->err);
}
