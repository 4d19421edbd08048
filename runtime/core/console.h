/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The domain's console: console_io for the initial domain, the ring of
 * <xen/io/console.h> for the others. Bytes, no line discipline but this:
 * a bare Ctrl-D (0x04) in the input is the end of file, Ctrl-V (0x16) takes the
 * next byte as it is, CR is read as LF on a serial console. Writing never fails;
 * it waits until the console has taken all.
 */
#ifndef RUNTIME_CORE_CONSOLE_H
#define RUNTIME_CORE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

enum console_stream { CONSOLE_OUT = 1, CONSOLE_ERR = 2 };

/* Writes LEN bytes of BUF; the error stream is the same terminal where there is but one. */
void console_write(enum console_stream stream, const void *buf, size_t len);

/*
 * Takes up to LEN bytes of input that is there now, without waiting. Returns how
 * many; 0 if there is none, or at the end of file (see console_at_eof).
 */
size_t console_read(void *buf, size_t len);

/* True if console_read would not have to wait: input is there, or its end. */
bool console_readable(void);

/* True once the end of file was reached and all before it was read. It stays. */
bool console_at_eof(void);

#endif
