/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Commands that do more than send their arguments. ARGV[0] is the command's name; PROGRAM goes
 * before messages. They return the status for the shell.
 */
#ifndef SIM_DAEMON_CLIENT_H
#define SIM_DAEMON_CLIENT_H

#include "daemon/connect.h"

/* halvm create */
int client_create(const char *program, int argc, char **argv);

/* halvm xenstore-COMMAND */
int client_xenstore(const char *program, const char *command, int argc, char **argv);

#endif
