/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What start.c calls once, in this order, and shares with the other files of core/.
 */
#ifndef RUNTIME_CORE_START_H
#define RUNTIME_CORE_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

struct guest_stack {
    char guard[4096];
    char usable[1UL << 20];
};
extern struct guest_stack guest_stack;

extern const char guest_program_name[];

/* Learns the domain's memory, maps the shared info page. Panics if Xen refuses. */
void memory_start(const start_info_t *si, uintptr_t virt_base, uintptr_t window,
                  size_t window_size);

/* Takes the page at VA, of the image, out of the address space for good. */
void memory_guard(const void *va);

/* What is at VA, in words, for a report. PRESENT: the processor found the page mapped. */
const char *memory_describe(uintptr_t va, bool present);

/* Where the initial mapping shows a page that the start info gives by its frame. */
void *memory_initial_page(uint64_t mfn);

/* Tells Xen where exceptions go. */
void trap_start(void);

/* Finds the console; output works from here on. */
void console_start(void);

/* As domain_exit, after a fault: the shim then names the function where it was. */
void domain_crash(int status) __attribute__((noreturn));

/* Waits until the console's other end has taken all output. */
void console_drain(void);

/*
 * A line for tools/xen_run.c on QEMU's debug port, if this is the initial domain and there is one:
 * FMT has one %u.
 */
void qemu_report(const char *fmt, unsigned int value);

/* runtime/libc: before the first constructor, and exit(): atexit handlers, then domain_exit. */
void libc_start(void);
void libc_exit(int status) __attribute__((noreturn));

#endif
