/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of the store share. Requests may be processed on a guest's stack (inside of its
 * notification), so what is large is allocated.
 */
#ifndef SIM_XENSTORE_STORE_H
#define SIM_XENSTORE_STORE_H

#include "xenstore/hash.h"
#include "xenstore/xenstore.h"

/* ---- permission.c ---- */

enum {
    PERM_NONE = 0,
    PERM_READ = 1,
    PERM_WRITE = 2,
    PERM_OWNER = 4,
    PERM_STALE = 8, /* of a domain that was gone when the node was written: does not count */
};

/* The first of a node's names its owner, and what all others may do. */
struct permission {
    uint32_t domid;
    uint32_t flags;
};

/* A node's permissions and value: never changed, since transactions share them. */
struct record {
    unsigned int references;
    unsigned int count; /* of permissions */
    unsigned int len;   /* of the value, which is behind them */
    struct permission permissions[];
};

/* Generation of what does not exist */
#define NO_GENERATION UINT64_MAX

struct record *record_make(const struct permission *permissions, unsigned int count,
                           const void *value, size_t len);
struct record *record_ref(struct record *r);
void record_put(struct record *r);
static inline size_t record_size(const struct record *r)
{
    return sizeof(*r) + r->count * sizeof(r->permissions[0]) + r->len;
}
static inline const char *record_value(const struct record *r)
{
    return (const char *)(r->permissions + r->count);
}

/*
 * R as it is to be stored again after having been stored at GENERATION: permissions of domains
 * that are younger are marked as stale, so that who gets a dead domain's number gets nothing else
 * of it. Takes a reference and gives one.
 */
struct record *record_adjust(struct xenstore *s, struct record *r, uint64_t generation);

/* PERM_* of C (NULL: the store itself) on a node with R, stored at GENERATION. */
unsigned int permission_of(struct xenstore *s, const struct connection *c, const struct record *r,
                           uint64_t generation);
/* COUNT strings at TEXT. Returns 0, EINVAL, or ENOENT if the owner does not exist. */
int permissions_parse(struct xenstore *s, struct permission *p, unsigned int count,
                      const char *text);
/* Marks those of domains that there are not. Returns 0, or ENOENT for the owner. */
int permissions_check(struct xenstore *s, struct permission *p, unsigned int count);
/* As in GET_PERMS; returns the length. SIZE is enough. */
size_t permissions_print(const struct record *r, char *out, size_t size);
#define PERMISSION_SIZE 13U /* of one, printed */
/* The permissions of the special watch NAME, NULL if there is none. */
struct record **permissions_special(struct xenstore *s, const char *name);
/* DOMID is gone. */
void permissions_forget(struct record **r, unsigned int domid);

/* ---- node.c: the tree ---- */

struct accessed;

/*
 * What reading and writing a node need is at its end, beside the path that is compared; and behind
 * that is room for a small record, so a node whose value is short is in one place.
 */
struct node {
    struct node *parent;        /* NULL: / */
    struct link sibling;        /* in parent->children */
    struct link children;       /* in the order in which they were made */
    struct accessed *snapshots; /* by transactions that share its list of children */
    size_t child_bytes;         /* of the children's names, each with its zero byte */
    uint64_t generation;
    struct record *record; /* behind the path, or one of its own */
    struct hash_key path;  /* in store->nodes */
};

/* The last component of a path that is not / */
const char *path_base(const char *path, size_t len);
/* The length of its parent's path */
size_t path_parent(const char *path, size_t len);

struct node *node_find(const struct xenstore *s, const char *path, size_t len);
/* Makes a node that is not there; its parent (NULL: this is /) is. Takes R's reference. */
struct node *node_add(struct xenstore *s, struct node *parent, const char *path, size_t len,
                      struct record *r);
struct node *node_of_path(const struct xenstore *s, const struct hash_key *path);
/* N's child NAME; N is not /. */
struct node *node_child(const struct xenstore *s, const struct node *n, const char *name);
/* The same for who knows the hash of PATH. */
struct node *node_find_hashed(const struct xenstore *s, uint64_t hash, const char *path,
                              size_t len);
struct node *node_add_hashed(struct xenstore *s, struct node *parent, uint64_t hash,
                             const char *path, size_t len, struct record *r);
void node_free(struct node *n);
/* A reference of what N holds, to keep; that may be a copy. */
struct record *node_record(struct node *n);
/* Removes one that has no children (any more). */
void node_remove(struct xenstore *s, struct node *n);
/* Replaces what it holds. Takes R's reference. */
void node_set(struct xenstore *s, struct node *n, struct record *r);
/* It has been written: counts its generation up and makes permissions stale that are. */
void node_touch(struct xenstore *s, struct node *n);
/* Moves it to the end of its siblings. */
void node_last(struct node *n);
static inline struct node *node_of_sibling(struct link *l)
{
    return container_of(l, struct node, sibling);
}
/* Whether all of the tree is consistent. */
bool node_check_all(const struct xenstore *s);

/* ---- quota.c ---- */

struct quota {
    int nodes, watches, transactions, outstanding, transaction_nodes, memory, node_size, path_max,
        permissions;
    int soft_memory;
};

struct store_domain;

/* What xenstored counts for a node: its record in the data base, and the key. */
size_t quota_record_size(const struct record *r, size_t child_bytes);
/* Whether DOMID may use BYTES more. */
bool quota_memory_allows(struct xenstore *s, unsigned int domid, size_t bytes);
void quota_memory_add(struct xenstore *s, unsigned int domid, size_t bytes);
void quota_memory_sub(struct xenstore *s, unsigned int domid, size_t bytes);
void quota_nodes_add(struct xenstore *s, unsigned int domid, int nodes);

/* The limit of writes that disturb others' transactions */
void rate_domain_new(struct xenstore *s, struct store_domain *d);
void rate_domain_end(struct xenstore *s, struct store_domain *d);
void rate_update(struct xenstore *s, struct store_domain *d);
/* C has written, outside of transactions / by the end of one. */
void rate_written(struct xenstore *s, struct connection *c);
void rate_committed(struct xenstore *s, struct connection *c);
/* When D may write again; 0: now. */
uint64_t rate_deadline(struct xenstore *s, const struct store_domain *d);

/* ---- transaction.c: a node as a transaction sees it ---- */

struct accessed {
    struct link order; /* in transaction->accessed */
    struct transaction *transaction;
    uint64_t seen;           /* generation when it was accessed first */
    uint64_t generation;     /* now, in the transaction */
    struct record *original; /* when it was accessed first, NULL: it did not exist */
    struct record *record;   /* now, NULL: it does not exist */
    size_t charged;          /* to the quota of memory */
    bool modified, fire, exact;

    /*
     * Its children: those of BASE, a node of the tree whose list is shared, without those that are
     * not IN_BASE here; then ADDED. If the shared list changes under the transaction (which cannot
     * be committed any more then) it gets its own, NAMES.
     */
    struct node *base;
    struct accessed *next_snapshot, **at_snapshot; /* of base */
    struct link added;                             /* of accessed, by place_link */
    struct link place_link;
    enum { IN_BASE, IN_ADDED, NOWHERE } place;
    char *names;
    size_t child_bytes;
    /* While a subtree is removed: where to go on, and up */
    struct link *walk;
    struct accessed *up;
    struct hash_key path; /* in transaction->table */
};

struct owner_change {
    struct owner_change *next;
    unsigned int domid;
    int nodes;
};

struct transaction {
    struct link link; /* in connection->transactions */
    struct connection *connection;
    uint32_t id;
    bool fail, node_created;
    size_t prefix;      /* bytes that each key in xenstored's data base has more for it */
    unsigned int nodes; /* accessed */
    struct hash_table table;
    struct link accessed;
    struct owner_change *owners;
};

struct transaction *transaction_find(struct connection *c, uint32_t id);
int transaction_start(struct connection *c, uint32_t *id);
/* T is gone afterwards. */
int transaction_commit(struct transaction *t);
void transaction_free(struct transaction *t);
void transactions_free(struct connection *c);

/* T's view of PATH, NULL if there is none yet. */
struct accessed *accessed_of_path(const struct transaction *t, const struct hash_key *path);
/* Finds or makes T's view of PATH. Returns NULL and stores an error if a quota is reached. */
struct accessed *transaction_access(struct transaction *t, const char *path, size_t len,
                                    int *error);
void accessed_set(struct accessed *a, struct record *r);
void accessed_touch(struct accessed *a);
void accessed_add_child(struct accessed *parent, struct accessed *child);
/* Removes A and all below it, which fires watches when T is committed. */
void accessed_remove(struct accessed *a, struct accessed *parent);
void accessed_fire(struct accessed *a, bool exact);
void transaction_owner_change(struct transaction *t, unsigned int domid, int nodes);
/* N's list of children is about to change: those who share it get their own. */
void snapshots_leave(struct node *n);

/* ---- view.c: a node as a request sees it, in a transaction or not ---- */

struct view {
    struct node *node; /* one of the two */
    struct accessed *accessed;
    const struct record *record;
    uint64_t generation;
};

struct buffer {
    char *bytes;
    size_t len, size;
};

char *buffer_extend(struct buffer *b, size_t len);

/* C NULL: the store itself. ENOENT, or ENOSPC by the quota of a transaction. */
int view_read(struct connection *c, struct xenstore *s, const char *path, size_t len,
              struct view *v);
/* The same with a check of the path and for PERM; what C may not know is EACCES. */
int view_get(struct connection *c, const char *path, size_t len, unsigned int perm, struct view *v);
/* Replaces value or permissions. Takes R's reference, in errors too. */
int view_write(struct connection *c, struct view *v, struct record *r);
/* Makes PATH, which is not there, and what is missing above it. */
int view_create(struct connection *c, const char *path, size_t len, const void *value,
                size_t value_len);
/* Removes PATH, which is there and not /, and all below it. */
int view_remove(struct connection *c, struct xenstore *s, const char *path, size_t len);
/* The names of all children, each with its zero byte. */
void view_children(const struct view *v, struct buffer *out);
size_t view_child_bytes(const struct view *v);
/* The owner of V's node counts NODES nodes more. */
void view_owner_change(struct connection *c, struct xenstore *s, unsigned int domid, int nodes);
/*
 * Fires watches for PATH, which C has changed, or lets the transaction do that at its end. OLD: its
 * permissions before, if it is they that have changed.
 */
void view_fire(struct connection *c, const char *path, size_t len, const struct record *old,
               uint64_t old_generation);

bool path_valid(const struct xenstore *s, const char *path, size_t len);
/* Whether what PATH has from AT on, a slash, can follow a path that is valid. */
bool path_goes_on(const char *path, size_t at, size_t len);

/* ---- watch.c ---- */

/* A path that is watched. */
struct watched {
    struct link watches;
    struct hash_key path; /* in store->watched */
};

struct watch {
    struct link link; /* in connection->watches */
    struct link same; /* in watched->watches */
    struct watched *watched;
    struct connection *connection;
    uint64_t number; /* they fire in this order */
    size_t relative; /* length of the prefix that its events do not have */
    char token[];
};

int watch_add(struct connection *c, const char *path, const char *token);
int watch_remove(struct connection *c, const char *path, const char *token);
void watches_free(struct connection *c);
/*
 * PATH has been changed. R and GENERATION are its permissions now (NULL: it is in the tree, or is
 * not), OLD those before if they have changed. EXACT: only for watches of that very path.
 */
void watches_fire(struct xenstore *s, struct connection *cause, const char *path, size_t len,
                  const struct record *r, uint64_t generation, const struct record *old,
                  uint64_t old_generation, bool exact);
void watches_fire_special(struct xenstore *s, const char *name);

/* ---- connection.c ---- */

struct message {
    struct link link; /* in connection->out or connection->waiting */
    struct xsd_sockmsg header;
    size_t used; /* of header and data, in or out */
    bool header_done;
    bool is_event, queued, waits;
    unsigned int events; /* of a request: watch events that it has caused and that are in queues */
    struct message *cause;    /* of an event: the request, or NULL */
    struct connection *owner; /* of a request that is in WAITING */
    uint64_t timeout;         /* of an event */
    char *data;               /* and a zero byte behind it */
    char small[40];
};

struct transport {
    /* Move up to LEN bytes; negative: the ring's indices are wrong. */
    int (*read)(struct connection *c, char *bytes, size_t len);
    int (*write)(struct connection *c, const char *bytes, size_t len);
    bool (*can_read)(struct connection *c);
    bool (*can_write)(struct connection *c);
};

struct connection {
    struct link link; /* in store->connections */
    struct xenstore *store;
    const struct transport *transport;
    unsigned int id; /* its domain, 0 for a local one */
    struct store_domain *domain;
    struct link active; /* in store->active */
    bool ignored, closing, moved;
    bool has_target;
    unsigned int target; /* a domain whose rights it has too */
    struct message *in;
    struct link out, waiting;
    struct link watches;
    struct link transactions;
    unsigned int transactions_started;
    uint32_t next_transaction;
    struct transaction *transaction; /* of the request that is processed */
    /* of a local one */
    struct xenstore_local local;
    const char *received;
    size_t received_len, unsent;
    bool blocked;
};

static inline bool is_privileged(const struct connection *c) { return !c || c->id == 0; }

struct connection *connection_new(struct xenstore *s, const struct transport *t);
void connection_free(struct connection *c);
/* It may be able to go on: xenstore_run looks. */
void connection_activate(struct connection *c);
/* The client has broken the protocol: it gets nothing any more. C may be gone afterwards. */
void connection_ignore(struct connection *c, uint32_t error);
/* Of a local one that is CLOSING: tells its client. C is gone afterwards. */
void connection_close(struct connection *c);
/* Forgets watches, transactions and all messages. */
void connection_reset(struct connection *c);
/* One step of input, one of output. Return whether anything was done. */
bool connection_input(struct connection *c);
bool connection_output(struct connection *c);
/* Forgets events that a domain has not taken for too long. */
void connection_drop_events(struct connection *c, uint64_t now);
/* When it will have some. */
uint64_t connection_deadline(const struct connection *c);
struct message *message_new(const struct xsd_sockmsg *header);
void message_free(struct message *m);
void send_reply(struct connection *c, uint32_t type, const void *data, size_t len);
void send_error(struct connection *c, int error);
void send_event(struct connection *c, struct message *cause, const char *path, size_t path_len,
                const char *token);

/* ---- request.c, request_tree.c, request_domain.c, control.c ---- */

/* The strings of a request: COUNT of them are stored, the number of all is returned. */
unsigned int request_strings(const struct message *m, const char **strings, unsigned int count);
/* Its only string, NULL if it is not exactly one. */
const char *request_one(const struct message *m);
void process_message(struct connection *c);
/* PATH as an absolute one, in store->path; *LEN is its length. */
const char *request_path(struct connection *c, const char *path, size_t *len);

typedef int request_handler(struct connection *c, struct message *m);
request_handler do_directory, do_directory_part, do_read, do_write, do_mkdir, do_rm, do_get_perms,
    do_set_perms, do_watch, do_unwatch, do_reset_watches, do_transaction_start, do_transaction_end,
    do_introduce, do_release, do_resume, do_set_target, do_get_domain_path, do_is_domain_introduced,
    do_control;

/* ---- local.c: nodes of the toolstack ---- */

struct permissions {
    unsigned int count; /* 0: those that it has or inherits */
    struct permission list[2];
};

/* Where nodes are to be: a path, with its hash. */
struct place {
    size_t len;
    uint64_t hash;
    char path[XENSTORE_ABS_PATH_MAX + 1]; /* with room for what goes on */
};

/* EINVAL if it is not valid. */
int place_set(struct xenstore *s, struct place *p, const char *path);
/*
 * A node at P (NAME empty), or below it, with VALUE and PERMISSIONS, in one step, outside of
 * transactions, and for its watches one event. Most of what a domain's start costs is here.
 */
int place_put(struct xenstore *s, struct place *p, const char *name, const char *value,
              const struct permissions *permissions);

/* ---- store_domain.c ---- */

struct store_domain {
    struct link link; /* in store->known */
    unsigned int domid;
    uint64_t generation; /* of the store when it was first heard of */
    bool introduced, shutdown, bound;
    struct connection *connection;
    struct xenstore_domain_interface *ring;
    int nodes, watches, outstanding;
    size_t memory;
    bool hard_reported, soft_reported;
    /* rate.c */
    int64_t credit;
    uint64_t credit_time; /* milliseconds */
};

struct store_domain *store_domain_find(const struct xenstore *s, unsigned int domid);
/* Finds or makes it, if there is such a domain. */
struct store_domain *store_domain_find_existing(struct xenstore *s, unsigned int domid);
int store_domain_introduce(struct xenstore *s, unsigned int domid, evtchn_port_t port);
/* Ends it, introduced or not. */
void store_domain_end(struct xenstore *s, struct store_domain *d);
size_t store_domain_path(unsigned int domid, char *out, size_t size);

extern const struct transport ring_transport;

/* ---- the store ---- */

struct xenstore {
    struct xenstore_host host;
    struct hash_table nodes, watched;
    struct node *root;
    uint64_t generation;
    struct link connections;
    struct store_domain **domains; /* by number; NULL where there is none */
    size_t domains_size;
    struct link known; /* the same, in the order in which they were heard of */
    unsigned int introduced;
    struct record *introduce_permissions, *release_permissions;
    uint64_t next_watch;
    struct quota quota;
    unsigned int transactions; /* of all connections */
    int64_t rate_reserve;
    struct link active;     /* connections that may be able to go on */
    struct connection *own; /* the host's own requests */
    struct buffer listing;  /* of children, while a request is processed */
    char path[XENSTORE_PAYLOAD_MAX + 64];
};

void store_log(struct xenstore *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
