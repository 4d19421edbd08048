/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See include/halvm/shutdown.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <halvm/shutdown.h>

#include <xen/sched.h>

#include "core/control.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

_Static_assert(HALVM_POWEROFF == SHUTDOWN_poweroff && HALVM_REBOOT == SHUTDOWN_reboot &&
                   HALVM_CRASH == SHUTDOWN_crash,
               "as Xen's");

static void (*program_handler)(int kind);
static int descriptor = -1;

bool shutdown_deliver(void)
{
    if (program_handler)
        program_handler(control_take());
    return program_handler || descriptor >= 0;
}

void halvm_shutdown_handler(void (*handler)(int kind))
{
    program_handler = handler;
    control_start();
}

static ssize_t no_bytes(struct open_file *f, void *buf, size_t len, off_t offset)
{
    (void)f, (void)buf, (void)len, (void)offset;
    return -EINVAL;
}

static bool request_ready(struct open_file *f, bool write)
{
    (void)f;
    return !write && control_pending();
}

static int request_status(struct open_file *f, struct stat *st)
{
    (void)f;
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFCHR | 0600;
    return 0;
}

static void request_release(struct open_file *f)
{
    (void)f;
    descriptor = -1;
}

static const struct file_kind request_kind = {
    .read = no_bytes,
    .status = request_status,
    .ready = request_ready,
    .release = request_release,
};

int halvm_shutdown_descriptor(void)
{
    int fd;

    control_start();
    if (descriptor >= 0)
        return descriptor;
    fd = descriptor_open(&request_kind, NULL, O_RDONLY, 3);
    if (fd >= 0)
        descriptor = fd;
    return fd;
}

int halvm_shutdown_take(void) { return control_take(); }

void halvm_shutdown(int kind, int status)
{
    control_set_reason(kind);
    exit(status);
}
