/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What this hypervisor says of itself, by xen_version and in hypfs.
 */
#ifndef HYPERCALL_SHIM_VERSION_H
#define HYPERCALL_SHIM_VERSION_H

#define VERSION_MAJOR 4U /* of the Xen that it is like */
#define VERSION_MINOR 17U
/* Guests tell the shim from Xen by this (runtime/core/shutdown.c). */
#define VERSION_EXTRA          "-halvm"
#define VERSION_CHANGESET      ""
#define VERSION_COMPILER       "gcc"
#define VERSION_COMPILE_BY     "halvm"
#define VERSION_COMPILE_DOMAIN "hypercall-shim"
#define VERSION_COMPILE_DATE   ""

#endif
