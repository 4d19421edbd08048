/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Devices that can be opened by name.
 */
#ifndef RUNTIME_LIBC_DEVICE_H
#define RUNTIME_LIBC_DEVICE_H

#include "libc/descriptor.h"

/* The kind behind a device's absolute name ("/dev/null"); NULL if there is no such device. */
const struct file_kind *device_find(const char *path);

/* The console with its error stream as the output, for descriptor 2. */
extern const struct file_kind console_error_kind;

#endif
