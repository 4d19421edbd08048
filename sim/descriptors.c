/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A program that is started without standard input, output or error would get their numbers for the
 * next files that it opens, and would write what its guests say into these: the machine's memory,
 * for one.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <fcntl.h>
#include <unistd.h>

void descriptors_start(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        /* Opened the wrong way round: reading and writing fail as if it were closed. */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
            _exit(2);
    }
}
