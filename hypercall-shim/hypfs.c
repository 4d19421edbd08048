/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hypfs_op (<xen/hypfs.h>): the hypervisor's file system, for the initial domain. a[1] and a[2] are
 * the path and its length, a[3] and a[4] the buffer and its. Checks and their order as in Xen's
 * common/hypfs.c; what there is to read: hypfs_tree.c.
 */
#include "hypfs.h"
#include "handlers.h"

/* ---- paths ---- */

static int copy_path(struct vcpu *v, const unsigned long *a, char path[XEN_HYPFS_MAX_PATHLEN])
{
    size_t len = a[2];

    if (len > XEN_HYPFS_MAX_PATHLEN)
        return -EINVAL;
    if (copy_from_guest(v, path, a[1], len))
        return -EFAULT;
    /* Its end, and only that, is a zero. */
    return len && memchr(path, 0, len) == path + len - 1 && path[0] == '/' ? 0 : -EINVAL;
}

/*
 * Children that are found by number are so in any way of writing it, an empty one being 0
 * and large ones wrapping around (Xen's cpupool_dir_findentry).
 */
static bool is_number(const char *part, size_t len, unsigned int wanted)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (part[i] < '0' || part[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(part[i] - '0');
    }
    return n == wanted;
}

static const struct hypfs_entry *find_child(const struct hypfs_entry *e, const char *part,
                                            size_t len)
{
    for (unsigned int i = 0; i < e->child_count; i++) {
        const struct hypfs_entry *child = &e->children[i];

        if (e->is_numbered ? is_number(part, len, i)
                           : strlen(child->name) == len && !memcmp(part, child->name, len))
            return child;
    }
    return NULL;
}

/* NULL: there is none. A directory's name may end with a slash. */
static const struct hypfs_entry *find(const char *path)
{
    const struct hypfs_entry *e = &hypfs_root;

    while (e && *path) {
        size_t len;

        path++; /* the slash */
        if (e->type != XEN_HYPFS_TYPE_DIR)
            return NULL;
        if (!*path)
            break;
        len = strcspn(path, "/");
        e = find_child(e, path, len);
        path += len;
    }
    return e;
}

/* What all operations but get_version begin with. */
static long find_entry(struct vcpu *v, const unsigned long *a, const struct hypfs_entry **e)
{
    char path[XEN_HYPFS_MAX_PATHLEN];
    int error;

    if (!v->domain->hardware_domain)
        return -EPERM;
    error = copy_path(v, a, path);
    if (error)
        return error;
    *e = find(path);
    return *e ? 0 : -ENOENT;
}

/* ---- reading ---- */

#define RECORD_NAME offsetof(struct xen_hypfs_dirlistentry, name)

/* The name and its end are padded, but the place of the name is not: so the next one is not
   aligned. */
static uint32_t record_size(const char *name)
{
    const size_t alignment = _Alignof(struct xen_hypfs_direntry);

    return (uint32_t)(RECORD_NAME + ((strlen(name) + alignment) & ~(alignment - 1)));
}

static uint32_t directory_size(const struct hypfs_entry *e)
{
    uint32_t size = 0;

    for (unsigned int i = 0; i < e->child_count; i++) {
        /* Xen takes the directory's own name for each (cpupool_dir_getsize), so it is more. */
        size += record_size(e->is_numbered ? e->name : e->children[i].name);
    }
    return size;
}

/* The value of what is no directory: its place, in VALUE if it must be made, and its size. */
static const void *value_of(const struct hypervisor *hv, const struct hypfs_entry *e,
                            char value[HYPFS_VALUE_SIZE], uint32_t *size)
{
    const char *text = e->text;

    if (e->type == XEN_HYPFS_TYPE_UINT) {
        *size = sizeof(e->number);
        return &e->number;
    }
    if (e->print) {
        e->print(hv, value);
        text = value;
    }
    *size = (uint32_t)strlen(text) + 1;
    return text;
}

static struct xen_hypfs_direntry describe(const struct hypervisor *hv, const struct hypfs_entry *e)
{
    struct xen_hypfs_direntry about = {
        .type = e->type, .encoding = XEN_HYPFS_ENC_PLAIN, .max_write_len = e->max_write};
    char value[HYPFS_VALUE_SIZE];

    if (e->type == XEN_HYPFS_TYPE_DIR)
        about.content_len = directory_size(e);
    else
        value_of(hv, e, value, &about.content_len);
    return about;
}

static long read_directory(struct vcpu *v, const struct hypfs_entry *e, uint64_t to)
{
    for (unsigned int i = 0; i < e->child_count; i++) {
        const struct hypfs_entry *child = &e->children[i];
        uint32_t size = record_size(child->name);
        const struct xen_hypfs_dirlistentry record = {
            .e = describe(v->domain->hv, child),
            .off_next = (uint16_t)(i + 1 < e->child_count ? size : 0),
        };

        if (copy_to_guest(v, to, &record, RECORD_NAME))
            return -EFAULT;
        if (copy_to_guest(v, to + RECORD_NAME, child->name, strlen(child->name) + 1))
            return -EFAULT;
        to += size;
    }
    return 0;
}

long hypfs_read(struct vcpu *v, const unsigned long *a)
{
    const struct hypfs_entry *e;
    struct xen_hypfs_direntry about;
    char value[HYPFS_VALUE_SIZE];
    const void *bytes;
    uint32_t size;
    long error = find_entry(v, a, &e);

    if (error)
        return error;
    if (a[4] < sizeof(about))
        return -EINVAL;
    about = describe(v->domain->hv, e);
    if (copy_to_guest(v, a[3], &about, sizeof(about)))
        return -EFAULT;
    if (a[4] < sizeof(about) + about.content_len)
        return -ENOBUFS;
    if (e->type == XEN_HYPFS_TYPE_DIR)
        return read_directory(v, e, a[3] + sizeof(about));
    bytes = value_of(v->domain->hv, e, value, &size);
    return copy_to_guest(v, a[3] + sizeof(about), bytes, size);
}

/* ---- the other operations ---- */

long hypfs_write_contents(struct vcpu *v, const unsigned long *a)
{
    uint32_t len = (uint32_t)a[4]; /* Xen looks at 32 bits of it */
    char value[HYPFS_VALUE_SIZE];
    const struct hypfs_entry *e;
    long error = find_entry(v, a, &e);

    if (error)
        return error;
    if (!e->write)
        return -EACCES;
    if (len > e->write_limit)
        return -ENOSPC;
    if (copy_from_guest(v, value, a[3], len))
        return -EFAULT;
    if (!len || memchr(value, 0, len) != value + len - 1)
        return e->unterminated;
    return e->write(v->domain->hv, value);
}

long hypfs_get_version(struct vcpu *v, const unsigned long *a)
{
    if (!v->domain->hardware_domain)
        return -EPERM;
    return a[1] || a[2] || a[3] || a[4] ? -EINVAL : XEN_HYPFS_VERSION;
}

/* Numbers that are none: not before the path has been found. */
long hypfs_unknown_op(struct vcpu *v, const unsigned long *a)
{
    const struct hypfs_entry *e;
    long error = find_entry(v, a, &e);

    return error ? error : -EOPNOTSUPP;
}
