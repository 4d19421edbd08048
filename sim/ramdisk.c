/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The file that becomes a domain's RAM disk.
 */
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ramdisk_read(void *context, void *buffer, size_t len)
{
    int fd = *(int *)context;
    char *to = buffer;

    while (len) {
        ssize_t n = read(fd, to, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO; /* shorter than it was a moment ago */
        to += n;
        len -= (size_t)n;
    }
    return 0;
}

int ramdisk_open(const char *path, size_t *size, char *message, size_t message_size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *error = NULL;

    if (fd < 0 || fstat(fd, &st))
        error = strerror(errno);
    else if (S_ISDIR(st.st_mode))
        error = strerror(EISDIR);
    else if (!S_ISREG(st.st_mode))
        error = "not a regular file";
    if (!error) {
        *size = (size_t)st.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    snprintf(message, message_size, "ramdisk=%s: %s", path, error);
    return -1;
}
