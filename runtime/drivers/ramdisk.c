/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See ramdisk.h. Names are slices of the archive; a node costs no other memory than itself.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain.h"
#include "drivers/ramdisk.h"

#define BLOCK      512UL
#define LINK_DEPTH 40

/* A header block of POSIX ustar; numbers are octal digits, or big-endian if bit 7 is set (GNU). */
struct tar_header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
    char type;
    char linkname[100], magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8];
    char prefix[155], padding[12];
};

struct slice {
    const char *at;
    size_t len;
};

static struct ramdisk_node root = {
    .type = RAMDISK_DIRECTORY,
    .mode = 0755,
    .links = 2,
    .inode = 1,
    .name = "",
    .parent = &root,
};
static uint64_t last_inode = 1;
static struct ramdisk_node **table;
static size_t table_size, table_used;
static char message[256];

struct ramdisk_node *ramdisk_root(void) { return &root; }

static void say(const char *text, size_t len)
{
    size_t have = strlen(message);

    if (len > sizeof message - 1 - have)
        len = sizeof message - 1 - have;
    memcpy(message + have, text, len);
    message[have + len] = '\0';
}

static void say_text(const char *text) { say(text, strlen(text)); }

static void say_number(uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;

    do
        digits[--at] = '0' + n % 10;
    while (n /= 10);
    say(digits + at, sizeof digits - at);
}

static const char *bad_header(const char *what, size_t at)
{
    say_text("not a tar archive (");
    say_text(what);
    say_text(" in the header at byte ");
    say_number(at);
    say_text(")");
    return message;
}

static const char *truncated(struct slice name, uint64_t size, size_t at, size_t len)
{
    say_text("truncated: member \"");
    say(name.at, name.len < 128 ? name.len : 128);
    say_text("\" needs ");
    say_number(size);
    say_text(size == 1 ? " byte at " : " bytes at ");
    say_number(at);
    say_text(", the archive has ");
    say_number(len);
    return message;
}

static const char *no_memory(void) { return "no memory for its index"; }

static bool same(struct slice a, const char *b, size_t len)
{
    return a.len == len && !memcmp(a.at, b, len);
}

static bool is(struct slice a, const char *text) { return same(a, text, strlen(text)); }

static struct slice field(const char *at, size_t len)
{
    struct slice s = {at, strnlen(at, len)};

    return s;
}

static bool number(const char *at, size_t len, uint64_t *value)
{
    size_t i = 0;

    *value = 0;
    if (at[0] & 0x80) {
        for (*value = at[0] & 0x3f, i = 1; i < len; i++) {
            if (*value >> 55)
                return false;
            *value = *value << 8 | (unsigned char)at[i];
        }
        return true;
    }
    while (i < len && at[i] == ' ')
        i++;
    for (; i < len && at[i] >= '0' && at[i] <= '7'; i++)
        *value = *value << 3 | (unsigned)(at[i] - '0');
    return i == len || at[i] == ' ' || at[i] == '\0';
}

static bool checksum_is_right(const struct tar_header *h)
{
    const unsigned char *p = (const unsigned char *)h;
    size_t field_at = offsetof(struct tar_header, checksum);
    uint64_t told, sum = 0;

    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= field_at && i < field_at + sizeof h->checksum ? ' ' : p[i];
    return number(h->checksum, sizeof h->checksum, &told) && told == sum;
}

static size_t hash(const struct ramdisk_node *dir, struct slice name)
{
    uint64_t x = 0xcbf29ce484222325UL ^ dir->inode; /* FNV-1a */

    for (size_t i = 0; i < name.len; i++)
        x = (x ^ (unsigned char)name.at[i]) * 0x100000001b3UL;
    return x ^ x >> 32;
}

static struct ramdisk_node *child(const struct ramdisk_node *dir, struct slice name)
{
    struct ramdisk_node *n;

    if (!table_size)
        return NULL;
    for (n = table[hash(dir, name) & (table_size - 1)]; n; n = n->chain)
        if (n->parent == dir && same(name, n->name, n->name_len))
            return n;
    return NULL;
}

static bool grow_table(void)
{
    size_t size = table_size ? table_size * 2 : 64;
    struct ramdisk_node **bigger = calloc(size, sizeof *bigger);

    if (!bigger)
        return false;
    for (size_t i = 0; i < table_size; i++) {
        struct ramdisk_node *n, *next;

        for (n = table[i]; n; n = next) {
            struct slice name = {n->name, n->name_len};
            struct ramdisk_node **slot = &bigger[hash(n->parent, name) & (size - 1)];

            next = n->chain;
            n->chain = *slot;
            *slot = n;
        }
    }
    free(table);
    table = bigger;
    table_size = size;
    return true;
}

/* Adds an empty entry to DIR; it is a directory until told otherwise. */
static struct ramdisk_node *add(struct ramdisk_node *dir, struct slice name)
{
    struct ramdisk_node *n, **slot;

    if (table_used >= table_size && !grow_table())
        return NULL;
    n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->type = RAMDISK_DIRECTORY;
    n->mode = 0755;
    n->links = 2;
    n->inode = ++last_inode;
    n->name = name.at;
    n->name_len = name.len;
    n->parent = dir;
    slot = &table[hash(dir, name) & (table_size - 1)];
    n->chain = *slot;
    *slot = n;
    table_used++;
    if (dir->last)
        dir->last->next = n;
    else
        dir->first = n;
    dir->last = n;
    dir->links++;
    return n;
}

/* Takes the first part off PATH; false if there is none. */
static bool next_part(struct slice *path, struct slice *part)
{
    while (path->len && *path->at == '/')
        path->at++, path->len--;
    part->at = path->at;
    while (path->len && *path->at != '/')
        path->at++, path->len--;
    part->len = path->at - part->at;
    return part->len != 0;
}

/*
 * The node at PATH below DIR, made with all directories above it if MAKE is set. A file in the
 * place of a directory gives way, as it does when tar extracts. ".." stays inside the archive.
 */
static struct ramdisk_node *walk(struct ramdisk_node *dir, struct slice path, bool make)
{
    struct slice part;
    struct ramdisk_node *n;

    while (dir && next_part(&path, &part)) {
        if (is(part, "."))
            continue;
        if (is(part, "..")) {
            dir = dir->parent;
            continue;
        }
        if (dir->type != RAMDISK_DIRECTORY) {
            if (!make)
                return NULL;
            dir->type = RAMDISK_DIRECTORY;
            dir->mode = 0755;
            dir->size = 0;
            dir->data = NULL;
            dir->links = 2;
        }
        n = child(dir, part);
        dir = !n && make ? add(dir, part) : n;
    }
    return dir;
}

/* What the records before a header said about the next member. */
struct overrides {
    struct slice path, link;
    bool has_size;
    uint64_t size;
};

/* A pax record is "LENGTH KEY=VALUE\n", LENGTH in decimal and of the whole record. */
static bool read_pax(struct slice text, struct overrides *o)
{
    while (text.len) {
        size_t len = 0, i = 0;
        const char *equals;
        struct slice key, value;

        while (i < text.len && i < 18 && text.at[i] >= '0' && text.at[i] <= '9')
            len = len * 10 + (size_t)(text.at[i++] - '0');
        if (i == text.len || text.at[i] != ' ' || len < i + 3 || len > text.len ||
            text.at[len - 1] != '\n')
            return false;
        key.at = text.at + i + 1;
        equals = memchr(key.at, '=', len - i - 2);
        if (!equals)
            return false;
        key.len = equals - key.at;
        value.at = equals + 1;
        value.len = text.at + len - 1 - value.at;
        if (is(key, "path")) {
            o->path = value;
        } else if (is(key, "linkpath")) {
            o->link = value;
        } else if (is(key, "size")) {
            o->has_size = true;
            o->size = 0;
            for (i = 0; i < value.len && i < 18; i++) {
                if (value.at[i] < '0' || value.at[i] > '9')
                    return false;
                o->size = o->size * 10 + (unsigned)(value.at[i] - '0');
            }
        }
        text.at += len;
        text.len -= len;
    }
    return true;
}

static bool set_member(const struct tar_header *h, struct slice prefix, struct slice name,
                       struct slice link, struct slice data)
{
    struct ramdisk_node *n, *old;
    uint64_t mode = 0, uid = 0, gid = 0, mtime = 0;
    bool slash = name.len && name.at[name.len - 1] == '/';
    enum ramdisk_type type = RAMDISK_FILE;

    switch (h->type) {
    case '5':
        type = RAMDISK_DIRECTORY;
        break;
    case '2':
        type = RAMDISK_SYMLINK;
        data = link;
        break;
    case '0':
    case '\0':
    case '7':
    case '1':
        /* Archives older than ustar mark a directory by its name only. */
        if (slash && h->type != '1')
            type = RAMDISK_DIRECTORY;
        break;
    default:
        return true; /* devices, pipes and what else has no meaning here */
    }
    old = h->type == '1' ? walk(&root, link, false) : NULL;
    n = walk(&root, prefix, true);
    n = n ? walk(n, name, true) : NULL;
    if (!n)
        return false;
    number(h->mode, sizeof h->mode, &mode);
    number(h->uid, sizeof h->uid, &uid);
    number(h->gid, sizeof h->gid, &gid);
    number(h->mtime, sizeof h->mtime, &mtime);
    n->mode = mode & 07777;
    n->uid = uid;
    n->gid = gid;
    n->mtime = mtime;
    if (type == RAMDISK_DIRECTORY || n == &root)
        return true;
    n->type = type;
    n->links = 1;
    n->data = data.at;
    n->size = data.len;
    if (old && old != n) {
        n->type = old->type;
        n->data = old->data;
        n->size = old->size;
        n->inode = old->inode;
        n->links = ++old->links;
    }
    return true;
}

static const char *read_archive(const char *archive, size_t len)
{
    struct overrides o = {0};
    size_t at = 0;

    while (len - at >= BLOCK) {
        const struct tar_header *h = (const struct tar_header *)(archive + at);
        struct slice name, prefix = {"", 0}, link, data;
        uint64_t size;

        if (!h->name[0] && !h->checksum[0])
            break; /* the block of zeroes at the end */
        if (!checksum_is_right(h))
            return bad_header("bad checksum", at);
        if (memcmp(h->magic, "ustar", 5))
            return bad_header("bad magic", at);
        if (!number(h->size, sizeof h->size, &size))
            return bad_header("bad size", at);
        name = field(h->name, sizeof h->name);
        link = field(h->linkname, sizeof h->linkname);
        if (!memcmp(h->magic, "ustar\0", 6)) /* GNU keeps other things there */
            prefix = field(h->prefix, sizeof h->prefix);
        if (o.path.at) {
            name = o.path;
            prefix.len = 0;
        }
        if (o.link.at)
            link = o.link;
        if (o.has_size)
            size = o.size;
        /* Links and directories have a size in some archives, but no data. */
        if (h->type >= '1' && h->type <= '6')
            size = 0;
        at += BLOCK;
        if (size > len - at)
            return truncated(name, size, at, len);
        data.at = archive + at;
        data.len = size;
        at += size;
        at += len - at < -size % BLOCK ? len - at : -size % BLOCK;
        switch (h->type) {
        case 'L':
            o.path = field(data.at, data.len);
            continue;
        case 'K':
            o.link = field(data.at, data.len);
            continue;
        case 'x':
            if (!read_pax(data, &o))
                return bad_header("bad pax record", data.at - archive - BLOCK);
            continue;
        case 'g':
            continue;
        }
        if (!set_member(h, prefix, name, link, data))
            return no_memory();
        memset(&o, 0, sizeof o);
    }
    if (len < BLOCK)
        return bad_header("no room", 0);
    return NULL;
}

const char *ramdisk_mount(void)
{
    size_t len;
    const char *archive = domain_ramdisk(&len);

    message[0] = '\0';
    return archive ? read_archive(archive, len) : NULL;
}

static int find(struct ramdisk_node *dir, struct slice path, bool follow, unsigned depth,
                struct ramdisk_node **node)
{
    struct slice part;
    int error;

    if (path.len && *path.at == '/')
        dir = &root;
    while (next_part(&path, &part)) {
        struct ramdisk_node *n;

        if (part.len > NAME_MAX)
            return -ENAMETOOLONG;
        if (dir->type != RAMDISK_DIRECTORY)
            return -ENOTDIR;
        if (is(part, "."))
            continue;
        n = is(part, "..") ? dir->parent : child(dir, part);
        if (!n)
            return -ENOENT;
        if (n->type == RAMDISK_SYMLINK && (follow || path.len)) {
            struct slice target = {n->data, n->size};

            if (!depth)
                return -ELOOP;
            error = find(dir, target, true, depth - 1, &n);
            if (error)
                return error;
        }
        dir = n;
        if (path.len && dir->type != RAMDISK_DIRECTORY)
            return -ENOTDIR;
    }
    *node = dir;
    return 0;
}

int ramdisk_find(struct ramdisk_node *from, const char *path, bool follow,
                 struct ramdisk_node **node)
{
    struct slice whole = {path, strnlen(path, PATH_MAX)};

    if (!whole.len)
        return -ENOENT;
    if (whole.len == PATH_MAX)
        return -ENAMETOOLONG;
    return find(from, whole, follow, LINK_DEPTH, node);
}

long ramdisk_path(const struct ramdisk_node *node, char *buf, size_t len)
{
    const struct ramdisk_node *n;
    size_t need = 1, at;

    for (n = node; n != &root; n = n->parent)
        need += n->name_len + 1;
    if (node == &root)
        need = 2;
    if (need > len)
        return -ERANGE;
    buf[0] = '/';
    at = need - 1;
    buf[at] = '\0';
    for (n = node; n != &root; n = n->parent) {
        at -= n->name_len;
        memcpy(buf + at, n->name, n->name_len);
        buf[--at] = '/';
    }
    return need;
}
