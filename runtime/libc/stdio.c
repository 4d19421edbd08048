/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The part of stdio that touches descriptors or locks; the rest is musl's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc/descriptor.h"
#include "libc/file_stream.h"

/* Writes it all; false on an error. */
static int write_all(FILE *f, const unsigned char *buf, size_t len)
{
    while (len) {
        ssize_t n = write(f->fd, buf, len);

        if (n < 0)
            return 0;
        buf += n;
        len -= n;
    }
    return 1;
}

size_t __stdio_write(FILE *f, const unsigned char *buf, size_t len)
{
    size_t held = f->write_at - f->write_start;

    if (!write_all(f, f->write_start, held) || !write_all(f, buf, len)) {
        /* No room to write to: the next putc comes here again. */
        f->write_at = f->write_start = f->write_end = NULL;
        f->flags |= STREAM_ERROR;
        return 0;
    }
    f->write_end = f->buffer + f->buffer_size;
    f->write_at = f->write_start = f->buffer;
    return len;
}

/* The first write to stdout: only now is it known whether it is a terminal. */
size_t __stdout_write(FILE *f, const unsigned char *buf, size_t len)
{
    f->write = __stdio_write;
    if (!(f->flags & STREAM_BUFFER_SET) && !isatty(f->fd))
        f->line_end = -1;
    return __stdio_write(f, buf, len);
}

/*
 * Reads to BUF if LEN is large, else fills the stream's buffer. The caller counts what it has
 * got by the result, and takes the rest from the buffer.
 */
size_t __stdio_read(FILE *f, unsigned char *buf, size_t len)
{
    int direct = !f->buffer_size || len > f->buffer_size;
    ssize_t n = read(f->fd, direct ? buf : f->buffer, direct ? len : f->buffer_size);

    if (n <= 0) {
        f->flags |= n ? STREAM_ERROR : STREAM_EOF;
        return 0;
    }
    if (direct)
        return n;
    if (len > (size_t)n)
        len = n;
    memcpy(buf, f->buffer, len);
    f->read_at = f->buffer + len;
    f->read_end = f->buffer + n;
    return len;
}

off_t __stdio_seek(FILE *f, off_t offset, int whence) { return lseek(f->fd, offset, whence); }

int __stdio_close(FILE *f) { return close(f->fd); }

FILE *fdopen(int fd, const char *mode)
{
    FILE *f;
    struct open_file *file = descriptor_file(fd);

    if (!mode[0] || !strchr("rwa", mode[0]))
        return errno_result(-EINVAL), NULL;
    if (!file)
        return errno_result(-EBADF), NULL;
    f = malloc(sizeof *f + STREAM_UNGET + BUFSIZ);
    if (!f)
        return NULL;
    memset(f, 0, sizeof *f);
    if (!strchr(mode, '+'))
        f->flags = mode[0] == 'r' ? STREAM_NO_WRITE : STREAM_NO_READ;
    if (mode[0] == 'a') {
        f->flags |= STREAM_APPEND;
        file->flags |= O_APPEND;
    }
    f->fd = fd;
    f->buffer = (unsigned char *)(f + 1) + STREAM_UNGET;
    f->buffer_size = BUFSIZ;
    f->line_end = !(f->flags & STREAM_NO_WRITE) && isatty(fd) ? '\n' : -1;
    f->read = __stdio_read;
    f->write = __stdio_write;
    f->seek = __stdio_seek;
    f->close = __stdio_close;
    f->lock = -1;
    return __ofl_add(f);
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
    int fd;
    FILE *f;

    if (!mode[0] || !strchr("rwa", mode[0]))
        return errno_result(-EINVAL), NULL;
    fd = open(path, __fmodeflags(mode), 0666);
    if (fd < 0)
        return NULL;
    f = fdopen(fd, mode);
    if (!f)
        close(fd);
    return f;
}

int fclose(FILE *f)
{
    int result = fflush(f);
    FILE **first;

    result |= f->close(f);
    if (f->flags & STREAM_PERMANENT)
        return result;
    first = __ofl_lock();
    if (f->previous)
        f->previous->next = f->next;
    else
        *first = f->next;
    if (f->next)
        f->next->previous = f->previous;
    __ofl_unlock();
    free(f->line);
    free(f);
    return result;
}

FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict f)
{
    FILE *other;

    fflush(f);
    if (!path) /* changing the mode of an open file is allowed to fail */
        return fclose(f), errno_result(-EBADF), NULL;
    other = fopen(path, mode);
    if (!other)
        return fclose(f), NULL;
    if (other->fd == f->fd) {
        other->fd = -1; /* f's own descriptor was closed before, and its number is taken */
    } else if (dup2(other->fd, f->fd) < 0) {
        fclose(other);
        return fclose(f), NULL;
    }
    f->flags = (f->flags & STREAM_PERMANENT) | other->flags;
    f->read = other->read;
    f->write = other->write;
    f->seek = other->seek;
    f->close = other->close;
    if (other->fd < 0)
        other->fd = dup(f->fd); /* something that fclose can close */
    fclose(other);
    return f;
}

int fputc(int c, FILE *f)
{
    if ((unsigned char)c != f->line_end && f->write_at != f->write_end)
        return *f->write_at++ = (unsigned char)c;
    return __overflow(f, (unsigned char)c);
}

int putchar(int c) { return fputc(c, stdout); }

int getc(FILE *f) { return f->read_at != f->read_end ? *f->read_at++ : __uflow(f); }

int getchar(void) { return getc(stdin); }

void perror(const char *what)
{
    const char *text = strerror(errno);

    if (what && *what)
        fprintf(stderr, "%s: ", what);
    fprintf(stderr, "%s\n", text);
}

/* One thread: a stream is never held by another. */
int __lockfile(FILE *f)
{
    (void)f;
    return 0;
}

void __unlockfile(FILE *f) { (void)f; }

void flockfile(FILE *f) { (void)f; }

void funlockfile(FILE *f) { (void)f; }

int ftrylockfile(FILE *f)
{
    (void)f;
    return 0;
}

FILE *popen(const char *command, const char *mode)
{
    (void)command, (void)mode;
    return errno_result(-ENOSYS), NULL;
}

int pclose(FILE *f)
{
    (void)f;
    return errno_result(-ECHILD);
}

int putc(int, FILE *) __attribute__((alias("fputc")));
int _IO_putc(int, FILE *) __attribute__((alias("fputc")));
int fgetc(FILE *) __attribute__((alias("getc")));
int _IO_getc(FILE *) __attribute__((alias("getc")));
FILE *__fdopen(int, const char *) __attribute__((alias("fdopen")));
FILE *fopen64(const char *, const char *) __attribute__((alias("fopen")));
FILE *freopen64(const char *, const char *, FILE *) __attribute__((alias("freopen")));
