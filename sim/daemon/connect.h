/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A command's side of the control socket.
 */
#ifndef SIM_DAEMON_CONNECT_H
#define SIM_DAEMON_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/protocol.h"

struct request {
    size_t size;
    bool too_long;
    char bytes[FRAME_MOST];
};

void request_add(struct request *r, const char *string);
void request_add_number(struct request *r, uint64_t number);

/* Connects to a socket of the daemon's. If that is not there: a line on standard error, and -1. */
int connect_control(const char *program);
/*
 * The path of XenStore's socket, or NULL after a line on standard error. The answer lives until
 * the next call.
 */
const char *connect_store_path(const char *program);

/* Sends one frame, all of it. Returns whether it could. */
bool connect_send(int fd, enum frame_kind kind, const void *bytes, size_t len);

/*
 * Sends R, prints what is answered, and returns the status for the shell. What goes wrong on the
 * way is a line on standard error, and 1. If it attaches a console, standard input is for that.
 */
int connect_run(const char *program, const struct request *r);
/* ---- terminal.c ---- */

/*
 * Makes the terminal on standard input give each key at once, until terminal_restore or the end of
 * the process, also by signals. Returns false, and does nothing, if it is none.
 */
bool terminal_raw(void);
void terminal_restore(void);

#endif
