/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Files and directories by name: the RAM disk, with the devices of console.c laid over it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "drivers/ramdisk.h"
#include "libc/descriptor.h"
#include "libc/device.h"

#define RAMDISK_DEVICE 2 /* st_dev; the devices' is 1 */

static struct ramdisk_node *working_directory;

static struct ramdisk_node *here(void)
{
    return working_directory ? working_directory : ramdisk_root();
}

static void node_status(const struct ramdisk_node *n, struct stat *st)
{
    static const mode_t types[] = {S_IFREG, S_IFDIR, S_IFLNK};

    memset(st, 0, sizeof *st);
    st->st_dev = RAMDISK_DEVICE;
    st->st_ino = n->inode;
    st->st_nlink = n->links;
    st->st_mode = types[n->type] | n->mode;
    st->st_uid = n->uid;
    st->st_gid = n->gid;
    st->st_size = n->size;
    st->st_blksize = 4096;
    st->st_blocks = (n->size + 511) / 512;
    st->st_atim.tv_sec = st->st_mtim.tv_sec = st->st_ctim.tv_sec = n->mtime;
}

static ssize_t node_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    const struct ramdisk_node *n = f->object;

    if (n->type == RAMDISK_DIRECTORY)
        return -EISDIR;
    if ((size_t)offset >= n->size)
        return 0;
    if (len > n->size - offset)
        len = n->size - offset;
    memcpy(buf, n->data + offset, len);
    return len;
}

static int node_kind_status(struct open_file *f, struct stat *st)
{
    node_status(f->object, st);
    return 0;
}

static off_t node_size(struct open_file *f)
{
    return ((const struct ramdisk_node *)f->object)->size;
}

static const struct file_kind node_kind = {
    .read = node_read, .status = node_kind_status, .size = node_size};

/* Where a path given with the directory descriptor AT starts. */
static int start_of(int at, const char *path, struct ramdisk_node **from)
{
    struct open_file *f;

    *from = here();
    if (path[0] == '/' || at == AT_FDCWD)
        return 0;
    f = descriptor_file(at);
    if (!f)
        return -EBADF;
    if (f->kind != &node_kind)
        return -ENOTDIR;
    *from = f->object;
    return (*from)->type == RAMDISK_DIRECTORY ? 0 : -ENOTDIR;
}

static int find_at(int at, const char *path, bool follow, struct ramdisk_node **node)
{
    struct ramdisk_node *from;
    int error = start_of(at, path, &from);

    return error ? error : ramdisk_find(from, path, follow, node);
}

static int open_at(int at, const char *path, int flags)
{
    const struct file_kind *device = device_find(path);
    struct ramdisk_node *n;
    int error;

    if (device)
        return descriptor_open(device, NULL, flags, 0);
    error = find_at(at, path, !(flags & O_NOFOLLOW), &n);
    if (error == -ENOENT && (flags & O_CREAT))
        return -EROFS;
    if (error)
        return error;
    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    if (n->type == RAMDISK_SYMLINK && !(flags & O_PATH))
        return -ELOOP;
    if (n->type != RAMDISK_DIRECTORY && (flags & O_DIRECTORY))
        return -ENOTDIR;
    if ((flags & ACCESS_MODE) != O_RDONLY && n->type == RAMDISK_DIRECTORY)
        return -EISDIR;
    if ((flags & ACCESS_MODE) != O_RDONLY || (flags & O_TRUNC))
        return -EROFS;
    return descriptor_open(&node_kind, n, flags & ~O_DIRECTORY, 0);
}

int open(const char *path, int flags, ...) { return errno_result(open_at(AT_FDCWD, path, flags)); }

int openat(int at, const char *path, int flags, ...)
{
    return errno_result(open_at(at, path, flags));
}

int creat(const char *path, mode_t mode)
{
    (void)mode;
    return open(path, O_CREAT | O_WRONLY | O_TRUNC);
}

int fstatat(int at, const char *restrict path, struct stat *restrict st, int flags)
{
    const struct file_kind *device = device_find(path);
    struct open_file f = {.kind = device};
    struct ramdisk_node *n;
    int error;

    if (device)
        return errno_result(device->status(&f, st));
    if (!path[0] && (flags & AT_EMPTY_PATH))
        return fstat(at, st);
    error = find_at(at, path, !(flags & AT_SYMLINK_NOFOLLOW), &n);
    if (!error)
        node_status(n, st);
    return errno_result(error);
}

int stat(const char *restrict path, struct stat *restrict st)
{
    return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
    return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int faccessat(int at, const char *path, int mode, int flags)
{
    struct stat st;

    if (mode & ~(R_OK | W_OK | X_OK))
        return errno_result(-EINVAL);
    if (fstatat(at, path, &st, flags & AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if ((mode & W_OK) && st.st_dev == RAMDISK_DEVICE)
        return errno_result(-EROFS);
    if ((mode & X_OK) && !(st.st_mode & 0111))
        return errno_result(-EACCES);
    return 0;
}

int access(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, 0); }

int eaccess(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, 0); }

ssize_t readlinkat(int at, const char *restrict path, char *restrict buf, size_t len)
{
    struct ramdisk_node *n;
    int error = find_at(at, path, false, &n);

    if (error)
        return errno_result(error);
    if (n->type != RAMDISK_SYMLINK)
        return errno_result(-EINVAL);
    if (len > n->size)
        len = n->size;
    memcpy(buf, n->data, len);
    return len;
}

ssize_t readlink(const char *restrict path, char *restrict buf, size_t len)
{
    return readlinkat(AT_FDCWD, path, buf, len);
}

static int change_directory(struct ramdisk_node *n)
{
    if (n->type != RAMDISK_DIRECTORY)
        return errno_result(-ENOTDIR);
    working_directory = n;
    return 0;
}

int chdir(const char *path)
{
    struct ramdisk_node *n;
    int error = find_at(AT_FDCWD, path, true, &n);

    return error ? errno_result(error) : change_directory(n);
}

int fchdir(int fd)
{
    struct open_file *f = descriptor_file(fd);

    if (!f)
        return errno_result(-EBADF);
    return f->kind == &node_kind ? change_directory(f->object) : errno_result(-ENOTDIR);
}

char *getcwd(char *buf, size_t len)
{
    char path[PATH_MAX];
    long n;

    if (buf && !len) {
        errno = EINVAL;
        return NULL;
    }
    n = ramdisk_path(here(), buf ? buf : path, buf ? len : sizeof path);
    if (n < 0)
        return errno_result(n), NULL;
    return buf ? buf : strdup(path);
}

char *realpath(const char *restrict path, char *restrict resolved)
{
    char buf[PATH_MAX];
    struct ramdisk_node *n;
    long error;

    if (device_find(path))
        return resolved ? strcpy(resolved, path) : strdup(path);
    error = find_at(AT_FDCWD, path, true, &n);
    if (!error)
        error = ramdisk_path(n, resolved ? resolved : buf, PATH_MAX);
    if (error < 0)
        return errno_result(error), NULL;
    return resolved ? resolved : strdup(buf);
}

/* Directories. The place in one is the number of entries read, with "." and "..". */
struct __dirstream {
    int fd;
    long place;
    struct ramdisk_node *directory, *next;
    struct dirent entry;
};

DIR *fdopendir(int fd)
{
    struct open_file *f = descriptor_file(fd);
    DIR *d;

    if (!f)
        return errno_result(-EBADF), NULL;
    if (f->kind != &node_kind || ((struct ramdisk_node *)f->object)->type != RAMDISK_DIRECTORY)
        return errno_result(-ENOTDIR), NULL;
    d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->fd = fd;
    d->directory = f->object;
    d->next = d->directory->first;
    return d;
}

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (fd >= 0 && !d)
        close(fd);
    return d;
}

struct dirent *readdir(DIR *d)
{
    struct dirent *e = &d->entry;
    struct ramdisk_node *n;
    const char *name;
    size_t len;

    if (d->place < 2) {
        n = d->place ? d->directory->parent : d->directory;
        name = "..";
        len = d->place + 1;
    } else {
        n = d->next;
        if (!n)
            return NULL;
        d->next = n->next;
        name = n->name;
        len = n->name_len < sizeof e->d_name ? n->name_len : sizeof e->d_name - 1;
    }
    e->d_ino = n->inode;
    e->d_off = ++d->place;
    e->d_reclen = sizeof *e;
    e->d_type = n->type == RAMDISK_DIRECTORY ? DT_DIR : n->type == RAMDISK_FILE ? DT_REG : DT_LNK;
    memcpy(e->d_name, name, len);
    e->d_name[len] = '\0';
    return e;
}

int readdir_r(DIR *restrict d, struct dirent *restrict e, struct dirent **restrict result)
{
    struct dirent *found = readdir(d);

    if (found)
        memcpy(e, found, sizeof *e);
    *result = found ? e : NULL;
    return 0;
}

int closedir(DIR *d)
{
    int result = close(d->fd);

    free(d);
    return result;
}

int dirfd(DIR *d) { return d->fd; }

long telldir(DIR *d) { return d->place; }

void seekdir(DIR *d, long place)
{
    d->next = d->directory->first;
    for (d->place = 0; d->place < place; d->place++)
        if (d->place >= 2 && d->next)
            d->next = d->next->next;
}

void rewinddir(DIR *d) { seekdir(d, 0); }

int fstatvfs(int fd, struct statvfs *s)
{
    if (!descriptor_file(fd))
        return errno_result(-EBADF);
    memset(s, 0, sizeof *s);
    s->f_bsize = s->f_frsize = 4096;
    s->f_flag = ST_RDONLY;
    s->f_namemax = NAME_MAX;
    return 0;
}

int statvfs(const char *restrict path, struct statvfs *restrict s)
{
    struct stat st;

    return stat(path, &st) < 0 ? -1 : fstatvfs(0, s);
}

int stat64(const char *, struct stat *) __attribute__((alias("stat")));
int lstat64(const char *, struct stat *) __attribute__((alias("lstat")));
int fstatat64(int, const char *, struct stat *, int) __attribute__((alias("fstatat")));
int open64(const char *, int, ...) __attribute__((alias("open")));
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));
int creat64(const char *, mode_t) __attribute__((alias("creat")));
struct dirent *readdir64(DIR *) __attribute__((alias("readdir")));
int readdir64_r(DIR *, struct dirent *, struct dirent **) __attribute__((alias("readdir_r")));
int statvfs64(const char *, struct statvfs *) __attribute__((alias("statvfs")));
int fstatvfs64(int, struct statvfs *) __attribute__((alias("fstatvfs")));

/* What programs compiled against a glibc before 2.33 call. */
int __xstat(int version, const char *path, struct stat *st);
int __lxstat(int version, const char *path, struct stat *st);
int __fxstat(int version, int fd, struct stat *st);
int __fxstatat(int version, int at, const char *path, struct stat *st, int flags);

int __xstat(int version, const char *path, struct stat *st)
{
    (void)version;
    return stat(path, st);
}

int __lxstat(int version, const char *path, struct stat *st)
{
    (void)version;
    return lstat(path, st);
}

int __fxstat(int version, int fd, struct stat *st)
{
    (void)version;
    return fstat(fd, st);
}

int __fxstatat(int version, int at, const char *path, struct stat *st, int flags)
{
    (void)version;
    return fstatat(at, path, st, flags);
}

int __xstat64(int, const char *, struct stat *) __attribute__((alias("__xstat")));
int __lxstat64(int, const char *, struct stat *) __attribute__((alias("__lxstat")));
int __fxstat64(int, int, struct stat *) __attribute__((alias("__fxstat")));
int __fxstatat64(int, int, const char *, struct stat *, int) __attribute__((alias("__fxstatat")));
