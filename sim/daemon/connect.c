/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A command's side of the control socket: sends a request, prints the answer.
 */
#define _GNU_SOURCE
#include "daemon/connect.h"
#include "daemon/place.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define KEY_LEAVE 0x1d /* Ctrl-], as xl's */

void request_add(struct request *r, const char *string)
{
    size_t len = strlen(string) + 1;

    if (len > sizeof(r->bytes) - r->size) {
        r->too_long = true;
        return;
    }
    memcpy(r->bytes + r->size, string, len);
    r->size += len;
}

void request_add_number(struct request *r, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lu", (unsigned long)number);
    request_add(r, text);
}

/* ---- finding it ---- */

static int no_daemon(const char *program)
{
    fprintf(stderr, "%s: no daemon runs: start one with \"halvm daemon\"\n", program);
    return -1;
}

static int connect_to(const char *program, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)))
        return fd;
    if (errno == ENOENT || errno == ECONNREFUSED)
        no_daemon(program);
    else
        fprintf(stderr, "%s: %s: %s\n", program, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool find_place(const char *program, struct place *p)
{
    char message[PLACE_MESSAGE];

    if (place_find(p, false, message))
        return true;
    fprintf(stderr, "%s: %s\n", program, message);
    return false;
}

int connect_control(const char *program)
{
    struct place p;

    return find_place(program, &p) ? connect_to(program, p.control) : -1;
}

const char *connect_store_path(const char *program)
{
    static struct place p;
    int fd = find_place(program, &p) ? connect_to(program, p.store) : -1;

    if (fd < 0)
        return NULL;
    close(fd);
    return p.store;
}

/* ---- frames ---- */

/* A daemon that has ended the connection is no reason to be killed by SIGPIPE. */
static bool send_all(int fd, const void *bytes, size_t len)
{
    const char *from = bytes;

    while (len) {
        ssize_t n = send(fd, from, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

bool connect_send(int fd, enum frame_kind kind, const void *bytes, size_t len)
{
    const struct frame f = {.magic = FRAME_MAGIC, .kind = kind, .size = (uint32_t)len};

    return send_all(fd, &f, sizeof(f)) && send_all(fd, bytes, len);
}

static bool read_all(int fd, void *to, size_t len)
{
    char *at = to;

    while (len) {
        ssize_t n = read(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* ---- one conversation ---- */

struct conversation {
    const char *program;
    int fd;
    bool listens;             /* to standard input */
    bool terminal;            /* which is one */
    size_t typed, typed_sent; /* a frame on its way to the daemon, which may be slow to take it */
    char typed_frame[sizeof(struct frame) + 4096];
    char bytes[FRAME_MOST];
};

static int lost(const struct conversation *c)
{
    fprintf(stderr, "%s: the daemon has ended the connection\n", c->program);
    return 1;
}

/* Prints what was answered, to descriptor 1 or 2. Returns -1, or the status for the shell. */
static int print(const struct conversation *c, int to, size_t len)
{
    const char *from = c->bytes;

    while (len) {
        ssize_t n = write(to, from, len);
        struct pollfd p = {.fd = to, .events = POLLOUT};

        if (n >= 0) {
            from += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) { /* whoever has it too wants it so */
            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            fprintf(stderr, "%s: standard %s: %s\n", c->program, to == 1 ? "output" : "error",
                    strerror(errno));
            return 1;
        }
    }
    return -1;
}

/* Takes a frame. Returns -1, or the status for the shell. */
static int take_frame(struct conversation *c)
{
    struct frame f;
    uint32_t status;

    if (!read_all(c->fd, &f, sizeof(f)) || f.magic != FRAME_MAGIC || f.size > FRAME_MOST ||
        !read_all(c->fd, c->bytes, f.size))
        return lost(c);
    switch (f.kind) {
    case FRAME_OUTPUT:
        return print(c, 1, f.size);
    case FRAME_ERROR:
        return print(c, 2, f.size);
    case FRAME_ATTACHED:
        c->listens = true;
        c->terminal = terminal_raw();
        return -1;
    case FRAME_STATUS:
        if (f.size != sizeof(status))
            return lost(c);
        memcpy(&status, c->bytes, sizeof(status));
        return (int)(status & 0xff);
    default:
        return lost(c);
    }
}

/* Takes what is typed. Returns false when the user wants to leave. */
static bool take_keys(struct conversation *c)
{
    struct frame f = {.magic = FRAME_MAGIC, .kind = FRAME_INPUT};
    char *keys = c->typed_frame + sizeof(f), *leave = NULL;
    ssize_t n = read(0, keys, sizeof(c->typed_frame) - sizeof(f));

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0) {
        c->listens = false; /* its end is not the domain's: others may come */
        return true;
    }
    if (c->terminal)
        leave = memchr(keys, KEY_LEAVE, (size_t)n);
    f.size = (uint32_t)(leave ? leave - keys : n);
    memcpy(c->typed_frame, &f, sizeof(f));
    c->typed = sizeof(f) + f.size;
    c->typed_sent = 0;
    return !leave;
}

/* As much as the daemon takes: while it does not, what it says is read. */
static void send_keys(struct conversation *c)
{
    ssize_t n = send(c->fd, c->typed_frame + c->typed_sent, c->typed - c->typed_sent,
                     MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0)
        c->typed_sent += (size_t)n;
    if (c->typed_sent == c->typed)
        c->typed = c->typed_sent = 0;
    /* If the connection is gone, reading tells. */
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        c->listens = false;
        c->typed = c->typed_sent = 0;
    }
}

static int converse(struct conversation *c)
{
    int status = -1;

    while (status < 0) {
        struct pollfd p[2] = {{.fd = c->fd, .events = c->typed ? POLLIN | POLLOUT : POLLIN},
                              {.fd = c->listens && !c->typed ? 0 : -1, .events = POLLIN}};

        if (poll(p, 2, -1) < 0) {
            if (errno != EINTR)
                return lost(c);
            continue;
        }
        if (c->typed && p[0].revents & POLLOUT)
            send_keys(c);
        if (p[0].revents & ~POLLOUT)
            status = take_frame(c);
        else if (p[1].revents && !take_keys(c)) {
            send_keys(c);
            return 0;
        }
    }
    return status;
}

int connect_run(const char *program, const struct request *r)
{
    static struct conversation c;
    int status;

    if (r->too_long) {
        fprintf(stderr, "%s: the arguments have more than %u bytes\n", program, FRAME_MOST);
        return 1;
    }
    c = (struct conversation){.program = program, .fd = connect_control(program)};
    if (c.fd < 0)
        return 1;
    status = connect_send(c.fd, FRAME_REQUEST, r->bytes, r->size) ? converse(&c) : lost(&c);
    terminal_restore();
    close(c.fd);
    return status;
}
