/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Anonymous mappings, which some libraries make for buffers of their own. They come from the
 * heap: addresses of the domain's window are never given back once reserved, the heap's are.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/memory.h"
#include "libc/descriptor.h"
#include "libc/malloc.h"

void *mmap(void *at, size_t len, int access, int flags, int fd, off_t offset)
{
    void *p;

    (void)at, (void)fd, (void)offset; /* the address is a hint only */
    if (!len || (flags & MAP_FIXED))
        return errno_result(-EINVAL), MAP_FAILED;
    if (!(flags & MAP_ANONYMOUS))
        return errno_result(-ENODEV), MAP_FAILED;
    len = (len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    if (access & PROT_EXEC) {
        p = memory_pages(len, MEMORY_EXECUTE);
        if (!p)
            return errno_result(-ENOMEM), MAP_FAILED;
        return p;
    }
    p = memalign(PAGE_SIZE, len);
    return p ? memset(p, 0, len) : MAP_FAILED;
}

/* Only whole mappings can go; a part of one stays until then. */
int munmap(void *p, size_t len)
{
    if ((uintptr_t)p & (PAGE_SIZE - 1) || !len)
        return errno_result(-EINVAL);
    if (!malloc_owns(p))
        memory_decommit(p, (len + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
    else if (malloc_usable_size(p) >= len)
        free(p);
    return 0;
}

void *mremap(void *p, size_t len, size_t new_len, int flags, ...)
{
    (void)p, (void)len, (void)new_len, (void)flags;
    return errno_result(-ENOMEM), MAP_FAILED;
}

/* What is mapped can be read and written; to give up one of them is not worth a hypercall. */
int mprotect(void *p, size_t len, int access)
{
    enum memory_access to = access & PROT_EXEC    ? MEMORY_EXECUTE
                            : access & PROT_WRITE ? MEMORY_WRITE
                                                  : MEMORY_READ;

    if ((uintptr_t)p % PAGE_SIZE)
        return errno_result(-EINVAL);
    if (access == PROT_NONE)
        return errno_result(-EACCES); /* a page that is there can at least be read */
    return errno_result(memory_protect(p, (len + PAGE_SIZE - 1) & -PAGE_SIZE, to) ? 0 : -ENOMEM);
}

int madvise(void *p, size_t len, int advice)
{
    (void)p, (void)len;
    /* This one promises zeroes afterwards. */
    return errno_result(advice == MADV_DONTNEED ? -EINVAL : 0);
}

int posix_madvise(void *p, size_t len, int advice)
{
    (void)p, (void)len, (void)advice;
    return 0;
}
int msync(void *p, size_t len, int flags)
{
    (void)p, (void)len, (void)flags;
    return 0;
}
int mlock(const void *p, size_t len)
{
    (void)p, (void)len;
    return 0;
}
int munlock(const void *p, size_t len)
{
    (void)p, (void)len;
    return 0;
}
int mlockall(int flags)
{
    (void)flags;
    return 0;
}
int munlockall(void) { return 0; }

int shm_open(const char *name, int flags, mode_t mode)
{
    (void)name, (void)flags, (void)mode;
    return errno_result(-ENOSYS);
}
int shm_unlink(const char *name)
{
    (void)name;
    return errno_result(-ENOSYS);
}

#undef mmap64 /* a macro in musl's header */
void *mmap64(void *, size_t, int, int, int, off_t) __attribute__((alias("mmap")));
int __munmap(void *, size_t) __attribute__((alias("munmap")));
