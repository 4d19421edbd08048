/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the halvm commands and halvm daemon say to each other, over a Unix socket: frames. A
 * connection is one request. The answer is what the command shall print, and its exit status; for
 * a console, bytes both ways until either side closes.
 */
#ifndef SIM_DAEMON_PROTOCOL_H
#define SIM_DAEMON_PROTOCOL_H

#include <stdint.h>

/* Changes with what frames and requests mean, so that two versions do not misunderstand. */
#define FRAME_MAGIC 0x31564c48U
#define FRAME_MOST  65536U /* bytes after the header */

enum frame_kind {
    FRAME_REQUEST,  /* to the daemon: strings, each ended by a zero byte; the first one's name */
    FRAME_INPUT,    /* to the daemon: for the console */
    FRAME_OUTPUT,   /* for standard output; of the console if attached */
    FRAME_ERROR,    /* for standard error */
    FRAME_ATTACHED, /* it is a console from here on */
    FRAME_STATUS,   /* the last one: a uint32_t */
};

/* In the order of the machine's bytes: both ends are on one. */
struct frame {
    uint32_t magic, kind, size;
};

/*
 * Of the strings of "create": what follows them are the actions, as many as there are reasons, and
 * then the devices.
 */
enum create_string {
    CREATE_FLAGS = 1, /* 'c': attach the console, 'p': paused */
    CREATE_PATH,      /* of the configuration, for messages */
    CREATE_NAME,
    CREATE_UUID, /* 32 hexadecimal digits, or empty */
    CREATE_KERNEL,
    CREATE_RAMDISK, /* or empty */
    CREATE_COMMAND_LINE,
    CREATE_MEMORY, /* numbers in decimal */
    CREATE_MAX_MEMORY,
    CREATE_VCPUS,
    CREATE_ACTIONS,
};

#endif
