/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All that would change the file system: there is none to change but the RAM disk, which is
 * read only. A path that is not there says so first, as on Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "libc/descriptor.h"

static int denied(int at, const char *path)
{
    struct stat st;

    return fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : errno_result(-EROFS);
}

/* For calls that make PATH: its folder must be there. */
static int not_made(int at, const char *path)
{
    struct stat st;
    char folder[PATH_MAX];
    size_t len = strlen(path);

    if (fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return errno_result(-EEXIST);
    if (errno != ENOENT || !len || len >= sizeof folder)
        return -1;
    while (len && path[len - 1] == '/')
        len--;
    while (len && path[len - 1] != '/')
        len--;
    memcpy(folder, path, len);
    folder[len] = '\0';
    return len && fstatat(at, folder, &st, 0) < 0 ? -1 : errno_result(-EROFS);
}

static int denied_open(int fd) { return errno_result(descriptor_file(fd) ? -EROFS : -EBADF); }

int unlink(const char *path) { return denied(AT_FDCWD, path); }
int rmdir(const char *path) { return denied(AT_FDCWD, path); }
int remove(const char *path) { return denied(AT_FDCWD, path); }
int unlinkat(int at, const char *path, int flags)
{
    (void)flags;
    return denied(at, path);
}
int rename(const char *from, const char *to)
{
    (void)to;
    return denied(AT_FDCWD, from);
}
int renameat(int at, const char *from, int to_at, const char *to)
{
    (void)to_at, (void)to;
    return denied(at, from);
}

int mkdir(const char *path, mode_t mode)
{
    (void)mode;
    return not_made(AT_FDCWD, path);
}
int mkdirat(int at, const char *path, mode_t mode)
{
    (void)mode;
    return not_made(at, path);
}
int mkfifo(const char *path, mode_t mode)
{
    (void)mode;
    return not_made(AT_FDCWD, path);
}
int mknod(const char *path, mode_t mode, dev_t device)
{
    (void)mode, (void)device;
    return not_made(AT_FDCWD, path);
}
int mknodat(int at, const char *path, mode_t mode, dev_t device)
{
    (void)mode, (void)device;
    return not_made(at, path);
}
int link(const char *from, const char *to)
{
    (void)from;
    return not_made(AT_FDCWD, to);
}
int linkat(int at, const char *from, int to_at, const char *to, int flags)
{
    (void)at, (void)from, (void)flags;
    return not_made(to_at, to);
}
int symlink(const char *target, const char *path)
{
    (void)target;
    return not_made(AT_FDCWD, path);
}
int symlinkat(const char *target, int at, const char *path)
{
    (void)target;
    return not_made(at, path);
}

int chmod(const char *path, mode_t mode)
{
    (void)mode;
    return denied(AT_FDCWD, path);
}
int fchmod(int fd, mode_t mode)
{
    (void)mode;
    return denied_open(fd);
}
int fchmodat(int at, const char *path, mode_t mode, int flags)
{
    (void)mode, (void)flags;
    return denied(at, path);
}
int chown(const char *path, uid_t uid, gid_t gid)
{
    (void)uid, (void)gid;
    return denied(AT_FDCWD, path);
}
int lchown(const char *path, uid_t uid, gid_t gid)
{
    (void)uid, (void)gid;
    return denied(AT_FDCWD, path);
}
int fchown(int fd, uid_t uid, gid_t gid)
{
    (void)uid, (void)gid;
    return denied_open(fd);
}
int fchownat(int at, const char *path, uid_t uid, gid_t gid, int flags)
{
    (void)uid, (void)gid, (void)flags;
    return denied(at, path);
}

int truncate(const char *path, off_t len)
{
    (void)len;
    return denied(AT_FDCWD, path);
}

/* A file that is open can be open for reading only, and a device has no length. */
int ftruncate(int fd, off_t len)
{
    (void)len;
    return errno_result(descriptor_file(fd) ? -EINVAL : -EBADF);
}

int posix_fallocate(int fd, off_t offset, off_t len)
{
    (void)offset, (void)len;
    return descriptor_file(fd) ? ENODEV : EBADF;
}

int posix_fadvise(int fd, off_t offset, off_t len, int advice)
{
    (void)offset, (void)len, (void)advice;
    return descriptor_file(fd) ? 0 : EBADF;
}

int utimensat(int at, const char *path, const struct timespec times[2], int flags)
{
    (void)times, (void)flags;
    return path ? denied(at, path) : denied_open(at);
}
int futimens(int fd, const struct timespec times[2])
{
    (void)times;
    return denied_open(fd);
}
int futimes(int fd, const struct timeval times[2])
{
    (void)times;
    return denied_open(fd);
}
int utimes(const char *path, const struct timeval times[2])
{
    (void)times;
    return denied(AT_FDCWD, path);
}
int lutimes(const char *path, const struct timeval times[2])
{
    (void)times;
    return denied(AT_FDCWD, path);
}
int utime(const char *path, const struct utimbuf *times)
{
    (void)times;
    return denied(AT_FDCWD, path);
}

int mkstemps(char *path, int suffix)
{
    static const char unknown[] = {'X', 'X', 'X', 'X', 'X', 'X'};
    size_t rest = sizeof unknown + (size_t)suffix, len = strlen(path);

    if (suffix < 0 || len < rest || memcmp(path + len - rest, unknown, sizeof unknown) != 0)
        return errno_result(-EINVAL);
    return errno_result(-EROFS);
}
int mkstemp(char *path) { return mkstemps(path, 0); }
int mkostemps(char *path, int suffix, int flags)
{
    (void)flags;
    return mkstemps(path, suffix);
}
int mkostemp(char *path, int flags) { return mkostemps(path, 0, flags); }
char *mkdtemp(char *path) { return mkstemps(path, 0), NULL; }
FILE *tmpfile(void) { return errno_result(-EROFS), NULL; }

void sync(void) {}

mode_t umask(mode_t mask)
{
    static mode_t now = 022;
    mode_t was = now;

    now = mask & 0777;
    return was;
}

int truncate64(const char *, off_t) __attribute__((alias("truncate")));
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
int posix_fallocate64(int, off_t, off_t) __attribute__((alias("posix_fallocate")));
int posix_fadvise64(int, off_t, off_t, int) __attribute__((alias("posix_fadvise")));
int mkstemp64(char *) __attribute__((alias("mkstemp")));
int mkstemps64(char *, int) __attribute__((alias("mkstemps")));
int mkostemp64(char *, int) __attribute__((alias("mkostemp")));
int mkostemps64(char *, int, int) __attribute__((alias("mkostemps")));
FILE *tmpfile64(void) __attribute__((alias("tmpfile")));
