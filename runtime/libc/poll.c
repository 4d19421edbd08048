/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Waiting for descriptors.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <time.h>

#include "core/clock.h"
#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

static uint64_t deadline_after(const struct timespec *ts)
{
    uint64_t now = clock_monotonic();

    if (!ts)
        return EVENT_FOREVER;
    if ((uint64_t)ts->tv_sec > (EVENT_FOREVER - now) / 1000000000 - 1)
        return EVENT_FOREVER;
    return now + (uint64_t)ts->tv_sec * 1000000000 + (uint64_t)ts->tv_nsec;
}

static int look(struct pollfd *fds, nfds_t n)
{
    int found = 0;

    for (nfds_t i = 0; i < n; i++) {
        struct pollfd *p = &fds[i];

        p->revents = 0;
        if (p->fd < 0)
            continue;
        if (!descriptor_file(p->fd)) {
            p->revents = POLLNVAL;
        } else {
            if ((p->events & (POLLIN | POLLRDNORM)) && descriptor_ready(p->fd, false) == FD_READY)
                p->revents |= p->events & (POLLIN | POLLRDNORM);
            if ((p->events & (POLLOUT | POLLWRNORM)) && descriptor_ready(p->fd, true) == FD_READY)
                p->revents |= p->events & (POLLOUT | POLLWRNORM);
        }
        found += p->revents != 0;
    }
    return found;
}

static int wait_for(struct pollfd *fds, nfds_t n, uint64_t deadline)
{
    int found;

    /* Look at what is there first: with a deadline that has passed, nothing waits. */
    event_poll();
    while (!(found = look(fds, n)) && clock_monotonic() < deadline)
        wait_for_event(deadline);
    return found;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    struct timespec ts = {timeout / 1000, timeout % 1000 * 1000000L};
    int found;

    if (n > DESCRIPTORS)
        return errno_result(-EINVAL);
    if (timeout == 0) {
        found = look(fds, n);
        if (found)
            return found;
        event_poll();
        return look(fds, n);
    }
    return wait_for(fds, n, deadline_after(timeout < 0 ? NULL : &ts));
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
    (void)mask; /* no signal comes at any time but from raise() */
    if (n > DESCRIPTORS || (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 ||
                                        timeout->tv_nsec >= 1000000000)))
        return errno_result(-EINVAL);
    return wait_for(fds, n, deadline_after(timeout));
}

static int look_sets(int n, const fd_set *rd, const fd_set *wr, fd_set *rd_out, fd_set *wr_out)
{
    int found = 0;

    for (int fd = 0; fd < n; fd++) {
        if (rd && FD_ISSET(fd, rd) && descriptor_ready(fd, false) == FD_READY) {
            FD_SET(fd, rd_out);
            found++;
        }
        if (wr && FD_ISSET(fd, wr) && descriptor_ready(fd, true) == FD_READY) {
            FD_SET(fd, wr_out);
            found++;
        }
    }
    return found;
}

int pselect(int n, fd_set *rd, fd_set *wr, fd_set *ex, const struct timespec *timeout,
            const sigset_t *mask)
{
    fd_set rd_out, wr_out;
    uint64_t deadline = deadline_after(timeout);
    int found;

    (void)mask;
    if (n < 0 || n > FD_SETSIZE || (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0)))
        return errno_result(-EINVAL);
    for (int fd = 0; fd < n; fd++)
        if (((rd && FD_ISSET(fd, rd)) || (wr && FD_ISSET(fd, wr)) || (ex && FD_ISSET(fd, ex))) &&
            !descriptor_file(fd))
            return errno_result(-EBADF);
    FD_ZERO(&rd_out);
    FD_ZERO(&wr_out);
    event_poll();
    while (!(found = look_sets(n, rd, wr, &rd_out, &wr_out)) && clock_monotonic() < deadline)
        wait_for_event(deadline);
    if (rd)
        *rd = rd_out;
    if (wr)
        *wr = wr_out;
    if (ex)
        FD_ZERO(ex);
    return found;
}

int select(int n, fd_set *rd, fd_set *wr, fd_set *ex, struct timeval *timeout)
{
    struct timespec ts;

    if (!timeout)
        return pselect(n, rd, wr, ex, NULL, NULL);
    ts.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
    ts.tv_nsec = timeout->tv_usec % 1000000 * 1000;
    return pselect(n, rd, wr, ex, &ts, NULL);
}

/* The threaded RTS's I/O manager wants these; the non-threaded one only links them. */
int epoll_create(int size)
{
    (void)size;
    return errno_result(-ENOSYS);
}

int epoll_create1(int flags)
{
    (void)flags;
    return errno_result(-ENOSYS);
}

int epoll_ctl(int fd, int operation, int target, struct epoll_event *event)
{
    (void)fd, (void)operation, (void)target, (void)event;
    return errno_result(-ENOSYS);
}

int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
    (void)fd, (void)events, (void)n, (void)timeout;
    return errno_result(-ENOSYS);
}

int eventfd(unsigned int value, int flags)
{
    (void)value, (void)flags;
    return errno_result(-ENOSYS);
}

int eventfd_read(int fd, eventfd_t *value)
{
    (void)fd, (void)value;
    return errno_result(-ENOSYS);
}

int eventfd_write(int fd, eventfd_t value)
{
    (void)fd, (void)value;
    return errno_result(-ENOSYS);
}
