/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which hypercalls a process's guests make, for the table of hypercalls and their tests: a line
 * "PROGRAM OP SUBOPERATION" for each that is made at all, added to the file that the environment
 * variable HALVM_HYPERCALLS names. The numbers are Xen's; "-" stands for no suboperation.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* By hand: it is on a guest's stack, and domain 0 has a page of it. */
static char *put_number(char *to, uint32_t number)
{
    char digits[10];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + number % 10);
    } while (number /= 10);
    *to++ = ' ';
    while (n)
        *to++ = digits[--n];
    return to;
}

void record_hypercall(void *context, const struct hypervisor_call *call)
{
    unsigned int op = call->op;
    bool none = call->suboperation == HYPERVISOR_NO_SUBOPERATION;
    uint32_t column = none ? SUBOPERATIONS : call->suboperation;
    char line[sizeof(record.program) + 32], *to;

    (void)context;
    /* Some do not come back, so the way in counts. */
    if (call->stage == HYPERVISOR_RETURN || op >= OPS || column > SUBOPERATIONS ||
        record.seen[op][column] || record.fd < 0)
        return;
    record.seen[op][column] = true;
    to = stpcpy(line, record.program);
    to = put_number(to, op);
    to = none ? stpcpy(to, " -") : put_number(to, call->suboperation);
    *to++ = '\n';
    if (write(record.fd, line, (size_t)(to - line)) < 0)
        record.fd = -1; /* nobody can be told: the counts are missed where they are read */
}
