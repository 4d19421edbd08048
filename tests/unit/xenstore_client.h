/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A store whose host is a fake, and clients of it: domains 1 to 31 over rings, and number 0, a
 * local connection. Payloads are written with | for a zero byte.
 */
#ifndef TESTS_UNIT_XENSTORE_CLIENT_H
#define TESTS_UNIT_XENSTORE_CLIENT_H

#include <check.h>

#include "xenstore/store.h"

#define FAKE_DOMAINS 32U

struct fake_domain {
    enum xenstore_domain_state state;
    struct xenstore_domain_interface page;
    bool no_page, no_port, mapped, bound;
    unsigned int notified;
    char received[65536]; /* bytes not yet looked at */
    size_t received_len;
    char events[65536]; /* as text */
    bool lazy;          /* does not take what it is sent */
};

struct fake_store_host {
    struct fake_domain domains[FAKE_DOMAINS];
    uint64_t time;
    char log[8192];
    unsigned int traced;
    struct connection *local;
    bool local_closed;
    size_t local_room;
};

extern struct fake_store_host fake;
extern struct xenstore *store;

/* Before and after each test */
void store_start(void);
void store_stop(void);
/* A domain that is introduced */
void client_start(unsigned int domid);
/* A request of DOMID in transaction T: "!ERROR", or what is answered. Serves the store. */
const char *ask(unsigned int domid, uint32_t t, uint32_t type, const char *text);
/* Puts it into the ring, as far as there is room, and tells nobody. */
void client_put(unsigned int domid, const void *bytes, size_t len);
size_t client_message(char *out, uint32_t type, uint32_t id, uint32_t t, const char *text);
/* What comes next that is no event; NULL: nothing. */
const char *client_answer(unsigned int domid);
/* The events that it has got, "path|token|" each, and forgets them. */
const char *events(unsigned int domid);
/* A transaction's number */
uint32_t begin_transaction(unsigned int domid);

#define is(domid, t, type, text, answer) ck_assert_str_eq(ask(domid, t, type, text), answer)
#define events_are(domid, text)          ck_assert_str_eq(events(domid), text)

#endif
