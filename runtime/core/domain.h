/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The guest's own domain: what it was started with and how it ends.
 */
#ifndef RUNTIME_CORE_DOMAIN_H
#define RUNTIME_CORE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

/*
 * First C function of a guest, called by arch/ on the boot stack and never left.
 *
 *   si           the start info page, mapped (start_info_t, <xen/xen.h>)
 *   virt_base    virtual address of the image's first page, which is pfn 0
 *   window       first address of a range that is the guest's to map, page-table
 *                aligned (1 GiB), in which nothing is mapped yet
 *   window_size  its length in bytes
 */
void guest_start(start_info_t *si, uintptr_t virt_base, uintptr_t window, size_t window_size)
    __attribute__((noreturn));

/* The start info page. Owned by the domain; valid from guest_start to the end. */
const start_info_t *domain_start_info(void);

/* True if this is the initial domain, which has console_io and no console ring. */
bool domain_is_initial(void);

/* The domain's number. */
domid_t domain_id(void);

/* The program's arguments, argv[0] its name, argv[argc] NULL. Both live for ever. */
int domain_arguments(char ***argv);

/*
 * The RAM disk given with the program (the start info's module), read only.
 * Returns its first byte and stores its length in bytes; NULL and 0 if there is none.
 */
const void *domain_ramdisk(size_t *len);

/*
 * Ends the domain with the exit status 0..255 for whoever started it: drains the
 * console, then SCHEDOP_shutdown (<xen/sched.h>). Runs no finalizers.
 */
void domain_exit(int status) __attribute__((noreturn));

/*
 * Something in the guest is broken beyond repair: writes "NAME: MESSAGE" to the
 * console's error stream and ends the domain with status 134 (as abort() would).
 * FMT knows %s %d %u %x %lx %lu %p only.
 */
void domain_panic(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
