/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How much memory the host's tools want the domain to have: the node memory/target (xl mem-set;
 * Xen's docs/misc/xenstore-paths), which physmap.h sees to.
 */
#ifndef RUNTIME_CORE_TARGET_H
#define RUNTIME_CORE_TARGET_H

/* Sets the watch, if there is a store; nothing waits. To be called once. */
void target_start(void);

#endif
