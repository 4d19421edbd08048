/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest has one vCPU and the RTS one thread on it.
 */
#include "rts_private.h"

int forkOS_createThread(HsStablePtr entry STG_UNUSED)
{
    return -1; /* as the non-threaded RTS answers on every system */
}

void freeThreadingResources(void) {}

uint32_t getNumberOfProcessors(void) { return 1; }

KernelThreadId kernelThreadId(void) { return 1; }

OSThreadId osThreadId(void) { return (OSThreadId)1; }
