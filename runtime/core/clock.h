/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Time, from the PV clock in the shared info page (vcpu_time_info in <xen/xen.h>).
 * All values are nanoseconds.
 */
#ifndef RUNTIME_CORE_CLOCK_H
#define RUNTIME_CORE_CLOCK_H

#include <stdint.h>

/* Since Xen booted; never goes backwards. The time base of timers and of event_wait. */
uint64_t clock_monotonic(void);

/* Since 1970-01-01 00:00 UTC. */
uint64_t clock_wall(void);

/* Processor time this domain's vCPU has run (VCPUOP_get_runstate_info). */
uint64_t clock_cpu(void);

#endif
