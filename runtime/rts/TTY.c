/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Terminal settings that Haskell's IO library changed, to be restored at the end.
 */
#include "rts_private.h"

#include <termios.h>

#define STANDARD_FDS 3

static void *saved[STANDARD_FDS];

void *__hscore_get_saved_termios(int fd) { return fd >= 0 && fd < STANDARD_FDS ? saved[fd] : NULL; }

void __hscore_set_saved_termios(int fd, void *settings)
{
    if (fd >= 0 && fd < STANDARD_FDS)
        saved[fd] = settings;
}

void resetTerminalSettings(void)
{
    for (int fd = 0; fd < STANDARD_FDS; fd++) {
        if (saved[fd])
            tcsetattr(fd, TCSANOW, saved[fd]);
    }
}
