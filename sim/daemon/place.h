/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where the daemon of this user is: a folder that is nobody else's, with its sockets and its log.
 */
#ifndef SIM_DAEMON_PLACE_H
#define SIM_DAEMON_PLACE_H

#include <stdbool.h>
#include <stddef.h>

struct place {
    char folder[96];
    char control[108]; /* the sockets: struct sockaddr_un has no room for more */
    char store[108];
    char log[108];
    char lock[108];
};

#define PLACE_MESSAGE 512

/*
 * $XDG_RUNTIME_DIR/halvm, or /tmp/halvm-UID. MAKE: makes it if it is not there; else that is no
 * mistake. Returns false and fills MESSAGE (PLACE_MESSAGE bytes) with one line if it cannot be
 * trusted, or made.
 */
bool place_find(struct place *p, bool make, char *message);

#endif
