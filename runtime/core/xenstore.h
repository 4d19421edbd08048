/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Client of XenStore, over the ring that the start info names (<xen/io/xs_wire.h>; Xen's
 * docs/misc/xenstore.txt says what the requests mean). Any number of requests can be on their way;
 * nothing waits but the functions below that say so, and those serve events meanwhile.
 *
 * Functions that return int return 0 or a negative XEN_E*: what the store answered, or -ENXIO (this
 * domain has no store), -ENOMEM, -E2BIG (more than XENSTORE_PAYLOAD_MAX bytes), -EIO (the
 * connection is broken). Paths that do not begin with a slash are below /local/domain/N.
 */
#ifndef RUNTIME_CORE_XENSTORE_H
#define RUNTIME_CORE_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No transaction. */
#define XENSTORE_NONE 0U

/* ---- the protocol ---- */

struct xenstore_request {
    bool done;
    int error; /* 0, or as above */
    /* The answer: LEN bytes and a zero byte. To be freed by whoever asked; NULL on errors. */
    char *data;
    size_t len;
    /* May be NULL. Called once, when it is done, from where events are handled. */
    void (*answered)(struct xenstore_request *request);
    void *context;

    struct xenstore_message *message; /* xenstore.c's */
};

/*
 * Sends a request of TYPE (XS_*) in TRANSACTION with LEN bytes of payload, which are copied.
 * Members of REQUEST up to the answer are set; it must stay until it is done or forgotten. On
 * errors nothing was sent, and it is not done.
 */
int xenstore_send(struct xenstore_request *request, uint32_t type, uint32_t transaction,
                  const void *payload, size_t len);

/* The answer to REQUEST, if it is not done, is not wanted any more. */
void xenstore_forget(struct xenstore_request *request);

/* Sends it and waits for the answer; stores it as in struct xenstore_request if DATA is not NULL.
 */
int xenstore_call(uint32_t type, uint32_t transaction, const void *payload, size_t len, char **data,
                  size_t *answer_len);

/* Whether the store has answered anything: it is there, and soon answers again. */
bool xenstore_is_alive(void);

/* ---- watches ---- */

struct xenstore_watch {
    /* Called with the path that has changed, and once when it is set, from where events are
     * handled. */
    void (*fired)(struct xenstore_watch *watch, const char *path);
    void *context;
    /*
     * Set by xenstore_watch_start: the answer to XS_WATCH. A watch that is answered with an error
     * never fires.
     */
    struct xenstore_request set;

    struct xenstore_watch *next; /* xenstore.c's */
    uint32_t id;
    char *path;
};

/* Sets a watch, without waiting. FIRED and CONTEXT are the caller's to fill, and SET.ANSWERED. */
int xenstore_watch_start(struct xenstore_watch *watch, const char *path);

/* It never fires again. Sent without waiting for the answer. */
void xenstore_watch_stop(struct xenstore_watch *watch);

/* ---- requests that wait ---- */

/* Stores the value, to be freed, LEN bytes and a zero byte. LEN may be NULL. */
int xenstore_read(uint32_t transaction, const char *path, char **value, size_t *len);
int xenstore_write(uint32_t transaction, const char *path, const void *value, size_t len);
int xenstore_write_text(uint32_t transaction, const char *path, const char *text);
int xenstore_mkdir(uint32_t transaction, const char *path);
int xenstore_rm(uint32_t transaction, const char *path);

/* Stores the names below PATH, to be freed, each with a zero byte, LEN bytes in all. */
int xenstore_list(uint32_t transaction, const char *path, char **names, size_t *len);

/* -EAGAIN at the end: somebody has changed what was read; begin again. */
int xenstore_begin(uint32_t *transaction);
int xenstore_end(uint32_t transaction, bool commit);

#endif
