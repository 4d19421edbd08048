/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of hypfs_op (<xen/hypfs.h>) share.
 */
#ifndef HYPERCALL_SHIM_HYPFS_H
#define HYPERCALL_SHIM_HYPFS_H

#include "internal.h"

#include <xen/hypfs.h>

#define HYPFS_VALUE_SIZE 128U /* Xen's MAX_PARAM_SIZE: the longest that can be written */

struct hypfs_entry {
    const char *name;
    uint8_t type; /* XEN_HYPFS_TYPE_* */

    /* a directory's; in the order of their names */
    const struct hypfs_entry *children;
    unsigned int child_count;
    bool is_numbered; /* its children are found by number */

    /* its value: a text, what is printed when someone asks, or a number */
    const char *text;
    void (*print)(const struct hypervisor *hv, char value[HYPFS_VALUE_SIZE]);
    uint32_t number;

    /* if it can be written */
    long (*write)(struct hypervisor *hv, const char *value);
    uint32_t max_write;   /* what readers are told */
    uint32_t write_limit; /* -ENOSPC beyond */
    int unterminated;     /* error for what is not one text with its end */
};

extern const struct hypfs_entry hypfs_root;

#endif
