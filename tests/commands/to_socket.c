/* SPDX-License-Identifier: BSD-3-Clause
 *
 * to-socket [--hold] PATH: sends standard input to a Unix socket, and copies what comes from there
 * to standard output until the other side ends it. --hold: says "sent" in place of that, reads
 * nothing, and waits to be killed. For tests.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bool hold = argc == 3 && !strcmp(argv[1], "--hold");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    char bytes[65536];
    ssize_t n;

    if (argc != 2 + hold)
        return 2;
    strncpy(address.sun_path, argv[1 + hold], sizeof(address.sun_path) - 1);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        perror(argv[1 + hold]);
        return 2;
    }
    while ((n = read(0, bytes, sizeof(bytes))) > 0) {
        if (send(fd, bytes, (size_t)n, MSG_NOSIGNAL) != n)
            break; /* it has ended the connection */
    }
    if (hold) {
        if (write(1, "sent\n", 5) == 5)
            pause();
        return 0;
    }
    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        if (write(1, bytes, (size_t)n) != n)
            return 1;
    }
    return 0;
}
