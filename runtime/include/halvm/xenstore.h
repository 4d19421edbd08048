/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore for programs. Paths that do not begin with a slash are below the domain's own,
 * /local/domain/N. Functions return 0 or more, or a negative error number as in <errno.h>: what the
 * store answered, or -ENXIO if this domain has none (the initial domain, or one without a host).
 *
 * The first group waits, and the whole program with it. The second does not; a Haskell thread
 * waits with threadWaitRead until the descriptor can be read from.
 */
#ifndef HALVM_XENSTORE_H
#define HALVM_XENSTORE_H

#include <stddef.h>
#include <stdint.h>

/* No request and no answer has more payload. */
#define HALVM_XENSTORE_MAX 4096

/* ---- requests that wait ---- */

/* Copies up to SIZE bytes of the value to BUF, with a zero byte behind it if there is room; returns
 * its length. */
int64_t halvm_xenstore_read(const char *path, void *buf, size_t size);
int halvm_xenstore_write(const char *path, const void *value, size_t len);
int halvm_xenstore_remove(const char *path);

/* ---- requests and watches with a descriptor ---- */

/*
 * Sends a request: TYPE is XS_* of <xen/io/xs_wire.h>, PAYLOAD as Xen's docs/misc/xenstore.txt
 * says, TRANSACTION what XS_TRANSACTION_START answered, or 0. Returns a descriptor that can be read
 * from when the answer is there. Watches are not set so.
 */
int halvm_xenstore_request(unsigned int type, uint32_t transaction, const void *payload,
                           size_t len);

/*
 * Copies the answer to BUF, of HALVM_XENSTORE_MAX bytes, closes the descriptor and returns the
 * length, or the error that was answered. Waits if it is not there.
 */
int64_t halvm_xenstore_answer(int descriptor, void *buf);

/*
 * Watches PATH. Returns a descriptor that can be read from when something has changed there or
 * below; the first event comes at once. Closing it ends the watch.
 */
int halvm_xenstore_watch(const char *path);

/*
 * Copies the path that has changed, with its zero byte, to BUF, of HALVM_XENSTORE_MAX bytes, and
 * returns its length without it. Waits if none has. An error of the watch comes here.
 */
int64_t halvm_xenstore_event(int descriptor, char *buf);

#endif
