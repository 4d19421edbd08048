/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The descriptor table, and what a kind of file has to offer to be in it.
 */
#ifndef RUNTIME_LIBC_DESCRIPTOR_H
#define RUNTIME_LIBC_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#define DESCRIPTORS 1024

/* The part of open()'s flags that says which way: musl's O_ACCMODE has O_PATH in it. */
#define ACCESS_MODE (O_WRONLY | O_RDWR)

/* What poll() would say of a descriptor; FD_BAD: there is none of this number. */
enum fd_ready { FD_READY, FD_BLOCKED, FD_BAD };

/* Whether a read (or a write) on FD would return at once, be it with an error or the end. */
enum fd_ready descriptor_ready(int fd, bool write);

struct open_file;

/*
 * All return a negative errno value for an error. A member that is NULL answers as the kind of
 * file that cannot do it: EBADF for reading and writing, ESPIPE for seek, ENOTTY for ioctl.
 */
struct file_kind {
    /* Transfers up to LEN bytes at OFFSET; 0 is the end. -EAGAIN: not now, ask ready(). */
    ssize_t (*read)(struct open_file *f, void *buf, size_t len, off_t offset);
    ssize_t (*write)(struct open_file *f, const void *buf, size_t len, off_t offset);
    int (*status)(struct open_file *f, struct stat *st);
    bool (*ready)(struct open_file *f, bool write); /* NULL: always */
    off_t (*size)(struct open_file *f);             /* NULL: cannot seek */
    int (*ioctl)(struct open_file *f, unsigned long request, void *arg);
    void (*release)(struct open_file *f); /* the last descriptor was closed */
};

/* What descriptors made by dup() share. */
struct open_file {
    const struct file_kind *kind;
    void *object; /* of the kind */
    unsigned users;
    int flags; /* as fcntl(F_GETFL) tells */
    off_t offset;
};

/* Fills 0, 1 and 2 with the console. Called by libc_start(). */
void descriptor_start(void);

/*
 * Gives an open file its first descriptor, the lowest free one from LEAST. O_CLOEXEC in FLAGS is
 * the descriptor's, the rest the file's. Returns it, or -EMFILE or -ENOMEM with nothing made.
 */
int descriptor_open(const struct file_kind *kind, void *object, int flags, int least);

/* The file behind FD; NULL if FD is not open. */
struct open_file *descriptor_file(int fd);

/* Stores -RESULT in errno and returns -1 if RESULT is negative, else returns RESULT. */
long errno_result(long result);

/* The console's kind; its object is unused. */
extern const struct file_kind console_kind;

#endif
