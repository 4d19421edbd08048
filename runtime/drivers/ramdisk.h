/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A read-only file system: the tar archive that was given with the program (domain_ramdisk()).
 * POSIX ustar, with GNU's long names and pax's path, linkpath and size. Files are read where they
 * are in the archive; only an index of nodes is made, when the archive is mounted.
 */
#ifndef RUNTIME_DRIVERS_RAMDISK_H
#define RUNTIME_DRIVERS_RAMDISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ramdisk_type { RAMDISK_FILE, RAMDISK_DIRECTORY, RAMDISK_SYMLINK };

struct ramdisk_node {
    enum ramdisk_type type;
    unsigned mode; /* permission bits only */
    unsigned uid, gid, links;
    uint64_t inode; /* from 1, the root's */
    int64_t mtime;
    const char *name; /* not terminated: name_len bytes */
    size_t name_len;
    const char *data;                  /* a file's bytes, or a symbolic link's target */
    size_t size;                       /* of data */
    struct ramdisk_node *parent;       /* the root is its own */
    struct ramdisk_node *first, *last; /* a directory's entries, in the archive's order */
    struct ramdisk_node *next;         /* in the same directory */
    struct ramdisk_node *chain;        /* private: with the same hash */
};

/*
 * Reads the archive's headers. Returns NULL, or one line that tells what is wrong with it. With no
 * archive there is an empty root directory. Needs malloc().
 */
const char *ramdisk_mount(void);

struct ramdisk_node *ramdisk_root(void);

/*
 * Finds PATH, from FROM if it is relative, and stores the node. A symbolic link as the last part
 * is followed if FOLLOW is set or a slash comes after it. Returns 0, -ENOENT, -ENOTDIR, -ELOOP or
 * -ENAMETOOLONG.
 */
int ramdisk_find(struct ramdisk_node *from, const char *path, bool follow,
                 struct ramdisk_node **node);

/*
 * Writes the absolute path of the directory NODE to BUF, terminated. Returns its length with the
 * terminating 0, or -ERANGE if LEN is too small.
 */
long ramdisk_path(const struct ramdisk_node *node, char *buf, size_t len);

#endif
