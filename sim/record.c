/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which hypercalls a process's guests make, for the table of hypercalls and their tests: a line
 * "PROGRAM OP SUBOPERATION" for each that is made at all, added to the file that the environment
 * variable HALVM_HYPERCALLS names. The numbers are Xen's; "-" stands for no suboperation.
 */
#include "sim.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OPS           64U
#define SUBOPERATIONS 1100U /* domctl's go up to 1003 */

static struct {
    int fd;
    char program[64];
    bool seen[OPS][SUBOPERATIONS + 1];
} record;

bool record_start(const char *program)
{
    const char *path = getenv("HALVM_HYPERCALLS");

    if (!path || record.fd)
        return path && record.fd >= 0;
    snprintf(record.program, sizeof(record.program), "%s", program);
    record.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    return record.fd >= 0;
}

void record_hypercall(void *context, const struct hypervisor_call *call)
{
    unsigned int op = call->op;
    bool none = call->suboperation == HYPERVISOR_NO_SUBOPERATION;
    uint32_t column = none ? SUBOPERATIONS : call->suboperation;

    (void)context;
    /* Some do not come back, so the way in counts. */
    if (call->stage == HYPERVISOR_RETURN || op >= OPS || column > SUBOPERATIONS ||
        record.seen[op][column])
        return;
    record.seen[op][column] = true;
    if (none)
        dprintf(record.fd, "%s %u -\n", record.program, op);
    else
        dprintf(record.fd, "%s %u %u\n", record.program, op, call->suboperation);
}
