/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For tests of grant tables with several domains: a guest function runs in each, the granter's
 * first; it may have ended when the others run, its domain is there until it is destroyed.
 */
#ifndef TESTS_UNIT_GRANT_H
#define TESTS_UNIT_GRANT_H

#include "guest.h"
#include "grant_table.h"

/* Where guest functions have what, among the pages of the bare image. */
#define TABLE_PAGE 10U /* the first frame of the current domain's table, once it is shown */
#define MAP_PAGE   20U /* pages to map at */

long gnttab(unsigned int op, void *argument, unsigned int count);

/* The current domain's table, made FRAMES large and shown from TABLE_PAGE on. */
grant_entry_v1_t *show_table(unsigned int frames);
void show_status(void *at);
int setup(domid_t dom, unsigned int frames);
long set_version(uint32_t version);

void grant_v1_to(grant_ref_t ref, unsigned int flags, domid_t to, uint64_t mfn);
grant_entry_v2_t *entry_v2(grant_ref_t ref);

/* These return the status. */
int map_grant(domid_t dom, grant_ref_t ref, unsigned int flags, void *at, grant_handle_t *handle);
int unmap_grant(void *at, uint64_t device_address, grant_handle_t handle);
int copy_grant(domid_t from, grant_ref_t from_ref, domid_t to, grant_ref_t to_ref,
               unsigned int offset, unsigned int len);
/* From a frame of the current domain, or to one. */
int copy_to_grant(uint64_t mfn, domid_t to, grant_ref_t ref, unsigned int len);
int copy_from_grant(domid_t from, grant_ref_t ref, uint64_t mfn, unsigned int len);
int transfer(uint64_t mfn, domid_t to, grant_ref_t ref);

/* Shows VA, a page of the image, with frame MFN again. */
void restore(void *va, uint64_t mfn);
/* Whether the process itself may write (or read) at VA. */
bool can(volatile char *va, bool write);

#endif
