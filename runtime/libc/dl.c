/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Code that is loaded at run time, and calls whose types are known only then: a guest is one
 * closed image, so there is none.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

#include "core/domain.h"

static const char *error;

void *dlopen(const char *name, int flags)
{
    (void)name, (void)flags;
    error = "dynamic loading is not supported in a unikernel";
    return NULL;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    return (void)name, dlopen(handle, 0);
}

int dlclose(void *handle)
{
    dlopen(handle, 0);
    return -1;
}

char *dlerror(void)
{
    const char *was = error;

    error = NULL;
    return (char *)was;
}

int dladdr(const void *address, Dl_info *info)
{
    (void)address, (void)info;
    return 0;
}

int dlinfo(void *handle, int request, void *result)
{
    (void)request, (void)result;
    dlopen(handle, 0);
    return -1;
}

int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
    (void)callback, (void)data;
    return 0;
}
