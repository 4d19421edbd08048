/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Descriptors: a table of open files, and the calls that work on any of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/device.h"
#include "libc/wait.h"

static struct {
    struct open_file *file;
    bool close_on_exec;
} table[DESCRIPTORS] __attribute__((section(".bss.0begun")));

/* Users are one more than there are descriptors: these two are never freed. */
static struct open_file console = {.kind = &console_kind, .flags = O_RDWR, .users = 3};
static struct open_file console_error = {.kind = &console_error_kind, .flags = O_RDWR, .users = 2};

long errno_result(long result)
{
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}

void descriptor_start(void)
{
    table[0].file = table[1].file = &console;
    table[2].file = &console_error;
}

struct open_file *descriptor_file(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS ? table[fd].file : NULL;
}

static int lowest_free(int least)
{
    for (int fd = least; fd < DESCRIPTORS; fd++)
        if (!table[fd].file)
            return fd;
    return -EMFILE;
}

int descriptor_open(const struct file_kind *kind, void *object, int flags, int least)
{
    int fd = lowest_free(least);
    struct open_file *f;

    if (fd < 0)
        return fd;
    f = malloc(sizeof *f);
    if (!f)
        return -ENOMEM;
    *f = (struct open_file){kind, object, 1, flags & ~(O_CLOEXEC | O_CREAT | O_EXCL | O_NOCTTY), 0};
    table[fd].file = f;
    table[fd].close_on_exec = flags & O_CLOEXEC;
    return fd;
}

static void drop(struct open_file *f)
{
    if (--f->users)
        return;
    if (f->kind->release)
        f->kind->release(f);
    free(f);
}

int close(int fd)
{
    struct open_file *f = descriptor_file(fd);

    if (!f)
        return errno_result(-EBADF);
    table[fd].file = NULL;
    drop(f);
    return 0;
}

static int duplicate(int fd, int least, bool close_on_exec)
{
    struct open_file *f = descriptor_file(fd);
    int copy;

    if (!f)
        return -EBADF;
    copy = lowest_free(least);
    if (copy < 0)
        return copy;
    f->users++;
    table[copy].file = f;
    table[copy].close_on_exec = close_on_exec;
    return copy;
}

int dup(int fd) { return errno_result(duplicate(fd, 0, false)); }

int dup3(int fd, int to, int flags)
{
    struct open_file *f = descriptor_file(fd);

    if (fd == to)
        return errno_result(-EINVAL);
    if (!f || to < 0 || to >= DESCRIPTORS)
        return errno_result(-EBADF);
    if (table[to].file)
        close(to);
    f->users++;
    table[to].file = f;
    table[to].close_on_exec = flags & O_CLOEXEC;
    return to;
}

int dup2(int fd, int to)
{
    if (fd == to)
        return descriptor_file(fd) ? to : errno_result(-EBADF);
    return dup3(fd, to, 0);
}

enum fd_ready descriptor_ready(int fd, bool write)
{
    struct open_file *f = descriptor_file(fd);

    if (!f)
        return FD_BAD;
    return !f->kind->ready || f->kind->ready(f, write) ? FD_READY : FD_BLOCKED;
}

/* One transfer; waits for it unless the file is in non-blocking mode. */
static ssize_t transfer(struct open_file *f, void *buf, size_t len, off_t offset, bool write)
{
    int mode = f->flags & ACCESS_MODE;
    ssize_t n;

    if (f->flags & O_PATH)
        return -EBADF;
    if (write ? mode == O_RDONLY || !f->kind->write : mode == O_WRONLY || !f->kind->read)
        return -EBADF;
    if (len > SSIZE_MAX)
        len = SSIZE_MAX;
    for (;;) {
        n = write ? f->kind->write(f, buf, len, offset) : f->kind->read(f, buf, len, offset);
        if (n != -EAGAIN || (f->flags & O_NONBLOCK) || !f->kind->ready)
            return n;
        while (!f->kind->ready(f, write))
            wait_for_event(EVENT_FOREVER);
    }
}

static ssize_t at_offset(int fd, void *buf, size_t len, bool write)
{
    struct open_file *f = descriptor_file(fd);
    ssize_t n;

    if (!f)
        return -EBADF;
    n = transfer(f, buf, len, f->offset, write);
    if (n > 0 && f->kind->size)
        f->offset += n;
    return n;
}

static ssize_t positioned(int fd, void *buf, size_t len, off_t offset, bool write)
{
    struct open_file *f = descriptor_file(fd);

    if (!f)
        return -EBADF;
    if (!f->kind->size)
        return -ESPIPE;
    if (offset < 0)
        return -EINVAL;
    return transfer(f, buf, len, offset, write);
}

ssize_t read(int fd, void *buf, size_t len) { return errno_result(at_offset(fd, buf, len, false)); }

ssize_t write(int fd, const void *buf, size_t len)
{
    return errno_result(at_offset(fd, (void *)buf, len, true));
}

ssize_t pread(int fd, void *buf, size_t len, off_t offset)
{
    return errno_result(positioned(fd, buf, len, offset, false));
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t offset)
{
    return errno_result(positioned(fd, (void *)buf, len, offset, true));
}

/* A short transfer ends the loop: the rest may have to wait. */
static ssize_t vector(int fd, const struct iovec *v, int n, bool write)
{
    ssize_t done = 0, now;

    if (n < 0 || n > IOV_MAX)
        return errno_result(-EINVAL);
    if (!descriptor_file(fd))
        return errno_result(-EBADF);
    for (int i = 0; i < n; i++) {
        if (!v[i].iov_len)
            continue;
        if (done && descriptor_ready(fd, write) != FD_READY)
            break;
        now = at_offset(fd, v[i].iov_base, v[i].iov_len, write);
        if (now < 0)
            return done ? done : errno_result(now);
        done += now;
        if ((size_t)now < v[i].iov_len)
            break;
    }
    return done;
}

ssize_t readv(int fd, const struct iovec *v, int n) { return vector(fd, v, n, false); }

ssize_t writev(int fd, const struct iovec *v, int n) { return vector(fd, v, n, true); }

off_t lseek(int fd, off_t offset, int whence)
{
    struct open_file *f = descriptor_file(fd);
    off_t base;

    if (!f)
        return errno_result(-EBADF);
    if (!f->kind->size)
        return errno_result(-ESPIPE);
    switch (whence) {
    case SEEK_SET:
        base = 0;
        break;
    case SEEK_CUR:
        base = f->offset;
        break;
    case SEEK_END:
        base = f->kind->size(f);
        break;
    default:
        return errno_result(-EINVAL);
    }
    if (__builtin_add_overflow(base, offset, &base) || base < 0)
        return errno_result(-EINVAL);
    f->offset = base;
    return base;
}

int fstat(int fd, struct stat *st)
{
    struct open_file *f = descriptor_file(fd);

    return errno_result(f ? f->kind->status(f, st) : -EBADF);
}

int fcntl(int fd, int command, ...)
{
    struct open_file *f = descriptor_file(fd);
    const int changeable = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME;
    long arg;
    va_list ap;

    va_start(ap, command);
    arg = va_arg(ap, long);
    va_end(ap);
    if (!f)
        return errno_result(-EBADF);
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        if ((int)arg < 0 || (int)arg >= DESCRIPTORS)
            return errno_result(-EINVAL);
        return errno_result(duplicate(fd, (int)arg, command == F_DUPFD_CLOEXEC));
    case F_GETFD:
        return table[fd].close_on_exec ? FD_CLOEXEC : 0;
    case F_SETFD:
        table[fd].close_on_exec = arg & FD_CLOEXEC;
        return 0;
    case F_GETFL:
        return f->flags;
    case F_SETFL:
        f->flags = (f->flags & ~changeable) | ((int)arg & changeable);
        return 0;
    case F_GETLK:
        /* There is no other process that could hold a lock. */
        ((struct flock *)arg)->l_type = F_UNLCK;
        return 0;
    case F_SETLK:
    case F_SETLKW:
        return 0;
    default:
        return errno_result(-EINVAL);
    }
}

int flock(int fd, int operation)
{
    (void)operation; /* one process: the lock is always there to be had */
    return errno_result(descriptor_file(fd) ? 0 : -EBADF);
}

int ioctl(int fd, int request, ...)
{
    struct open_file *f = descriptor_file(fd);
    void *arg;
    va_list ap;

    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (!f)
        return errno_result(-EBADF);
    if ((unsigned)request == FIONBIO) {
        f->flags = *(int *)arg ? f->flags | O_NONBLOCK : f->flags & ~O_NONBLOCK;
        return 0;
    }
    return errno_result(f->kind->ioctl ? f->kind->ioctl(f, (unsigned)request, arg) : -ENOTTY);
}

int isatty(int fd)
{
    struct open_file *f = descriptor_file(fd);

    if (!f) {
        errno = EBADF;
        return 0;
    }
    if (f->kind != &console_kind && f->kind != &console_error_kind) {
        errno = ENOTTY;
        return 0;
    }
    return 1;
}

int fsync(int fd) { return errno_result(descriptor_file(fd) ? 0 : -EBADF); }

int fdatasync(int fd) __attribute__((alias("fsync")));
off_t __lseek(int, off_t, int) __attribute__((alias("lseek")));
off_t lseek64(int, off_t, int) __attribute__((alias("lseek")));
ssize_t pread64(int, void *, size_t, off_t) __attribute__((alias("pread")));
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
int fstat64(int, struct stat *) __attribute__((alias("fstat")));
int fcntl64(int, int, ...) __attribute__((alias("fcntl")));
