/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The checked variants that code compiled with _FORTIFY_SOURCE against glibc's headers calls:
 * each has the size of its destination as a further argument, or a flag.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wchar.h>

#include "core/domain.h"
#include "libc/chk.h"

static void check(size_t need, size_t room, const char *function)
{
    if (need > room)
        domain_panic("buffer overflow in %s: %lu bytes where %lu fit", function, need, room);
}

void __chk_fail(void) { domain_panic("buffer overflow detected"); }

void *__memcpy_chk(void *to, const void *from, size_t n, size_t room)
{
    check(n, room, "memcpy");
    return memcpy(to, from, n);
}

void *__mempcpy_chk(void *to, const void *from, size_t n, size_t room)
{
    check(n, room, "mempcpy");
    return mempcpy(to, from, n);
}

void *__memmove_chk(void *to, const void *from, size_t n, size_t room)
{
    check(n, room, "memmove");
    return memmove(to, from, n);
}

void *__memset_chk(void *to, int c, size_t n, size_t room)
{
    check(n, room, "memset");
    return memset(to, c, n);
}

void __explicit_bzero_chk(void *to, size_t n, size_t room)
{
    check(n, room, "explicit_bzero");
    explicit_bzero(to, n);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
    check(strlen(from) + 1, room, "strcpy");
    return strcpy(to, from);
}

char *__stpcpy_chk(char *to, const char *from, size_t room)
{
    check(strlen(from) + 1, room, "stpcpy");
    return stpcpy(to, from);
}

char *__strncpy_chk(char *to, const char *from, size_t n, size_t room)
{
    check(n, room, "strncpy");
    return strncpy(to, from, n);
}

char *__stpncpy_chk(char *to, const char *from, size_t n, size_t room)
{
    check(n, room, "stpncpy");
    return stpncpy(to, from, n);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
    check(strlen(to) + strlen(from) + 1, room, "strcat");
    return strcat(to, from);
}

char *__strncat_chk(char *to, const char *from, size_t n, size_t room)
{
    check(strlen(to) + strnlen(from, n) + 1, room, "strncat");
    return strncat(to, from, n);
}

wchar_t *__wmemcpy_chk(wchar_t *to, const wchar_t *from, size_t n, size_t room)
{
    check(n, room, "wmemcpy");
    return wmemcpy(to, from, n);
}

wchar_t *__wcscpy_chk(wchar_t *to, const wchar_t *from, size_t room)
{
    check(wcslen(from) + 1, room, "wcscpy");
    return wcscpy(to, from);
}

size_t __mbstowcs_chk(wchar_t *to, const char *from, size_t n, size_t room)
{
    check(n, room, "mbstowcs");
    return mbstowcs(to, from, n);
}

size_t __wcstombs_chk(char *to, const wchar_t *from, size_t n, size_t room)
{
    check(n, room, "wcstombs");
    return wcstombs(to, from, n);
}

int __vsnprintf_chk(char *to, size_t n, int flag, size_t room, const char *format, va_list ap)
{
    (void)flag;
    check(n, room, "vsnprintf");
    return vsnprintf(to, n, format, ap);
}

int __snprintf_chk(char *to, size_t n, int flag, size_t room, const char *format, ...)
{
    va_list ap;
    int result;

    va_start(ap, format);
    result = __vsnprintf_chk(to, n, flag, room, format, ap);
    va_end(ap);
    return result;
}

/* ROOM is SIZE_MAX where the compiler could not tell. */
int __vsprintf_chk(char *to, int flag, size_t room, const char *format, va_list ap)
{
    int result;

    (void)flag;
    result = vsnprintf(to, room > INT_MAX ? INT_MAX : room, format, ap);
    if (result >= 0)
        check((size_t)result + 1, room, "sprintf");
    return result;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
    va_list ap;
    int result;

    va_start(ap, format);
    result = __vsprintf_chk(to, flag, room, format, ap);
    va_end(ap);
    return result;
}

int __vfprintf_chk(FILE *f, int flag, const char *format, va_list ap)
{
    (void)flag;
    return vfprintf(f, format, ap);
}

int __fprintf_chk(FILE *f, int flag, const char *format, ...)
{
    va_list ap;
    int result;

    (void)flag;
    va_start(ap, format);
    result = vfprintf(f, format, ap);
    va_end(ap);
    return result;
}

int __vprintf_chk(int flag, const char *format, va_list ap)
{
    (void)flag;
    return vfprintf(stdout, format, ap);
}

int __printf_chk(int flag, const char *format, ...)
{
    va_list ap;
    int result;

    (void)flag;
    va_start(ap, format);
    result = vfprintf(stdout, format, ap);
    va_end(ap);
    return result;
}

int __vasprintf_chk(char **to, int flag, const char *format, va_list ap)
{
    (void)flag;
    return vasprintf(to, format, ap);
}

int __asprintf_chk(char **to, int flag, const char *format, ...)
{
    va_list ap;
    int result;

    (void)flag;
    va_start(ap, format);
    result = vasprintf(to, format, ap);
    va_end(ap);
    return result;
}

int __vdprintf_chk(int fd, int flag, const char *format, va_list ap)
{
    (void)flag;
    return vdprintf(fd, format, ap);
}

int __dprintf_chk(int fd, int flag, const char *format, ...)
{
    va_list ap;
    int result;

    (void)flag;
    va_start(ap, format);
    result = vdprintf(fd, format, ap);
    va_end(ap);
    return result;
}

char *__fgets_chk(char *to, size_t room, int n, FILE *f)
{
    check(n > 0 ? n : 0, room, "fgets");
    return fgets(to, n, f);
}

size_t __fread_chk(void *to, size_t room, size_t size, size_t n, FILE *f)
{
    size_t need;

    check(__builtin_mul_overflow(size, n, &need) ? SIZE_MAX : need, room, "fread");
    return fread(to, size, n, f);
}

ssize_t __read_chk(int fd, void *to, size_t n, size_t room)
{
    check(n, room, "read");
    return read(fd, to, n);
}

ssize_t __pread_chk(int fd, void *to, size_t n, off_t offset, size_t room)
{
    check(n, room, "pread");
    return pread(fd, to, n, offset);
}

ssize_t __recv_chk(int fd, void *to, size_t n, size_t room, int flags)
{
    check(n, room, "recv");
    return recv(fd, to, n, flags);
}

ssize_t __recvfrom_chk(int fd, void *to, size_t n, size_t room, int flags, struct sockaddr *from,
                       socklen_t *from_len)
{
    check(n, room, "recvfrom");
    return recvfrom(fd, to, n, flags, from, from_len);
}

ssize_t __readlink_chk(const char *path, char *to, size_t n, size_t room)
{
    check(n, room, "readlink");
    return readlink(path, to, n);
}

ssize_t __readlinkat_chk(int at, const char *path, char *to, size_t n, size_t room)
{
    check(n, room, "readlinkat");
    return readlinkat(at, path, to, n);
}

char *__getcwd_chk(char *to, size_t n, size_t room)
{
    check(n, room, "getcwd");
    return getcwd(to, n);
}

char *__realpath_chk(const char *path, char *to, size_t room)
{
    check(PATH_MAX, room, "realpath");
    return realpath(path, to);
}

int __gethostname_chk(char *to, size_t n, size_t room)
{
    check(n, room, "gethostname");
    return gethostname(to, n);
}

int __getgroups_chk(int n, gid_t *to, size_t room)
{
    check(n * sizeof *to, room, "getgroups");
    return getgroups(n, to);
}

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
    check(n * sizeof *fds, room, "poll");
    return poll(fds, n, timeout);
}

int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask,
                size_t room)
{
    check(n * sizeof *fds, room, "ppoll");
    return ppoll(fds, n, timeout, mask);
}

long __fdelt_chk(long fd)
{
    check(fd < 0 ? SIZE_MAX : (size_t)fd + 1, FD_SETSIZE, "FD_SET");
    return fd / (8 * (long)sizeof(long));
}

void __longjmp_chk(jmp_buf env, int value) { longjmp(env, value); }

int __open_2(const char *path, int flags) { return open(path, flags); }

int __open64_2(const char *path, int flags) { return open(path, flags); }

int __openat_2(int at, const char *path, int flags) { return openat(at, path, flags); }
