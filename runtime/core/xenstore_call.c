/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's requests as functions that wait for the answer. See xenstore.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/io/xs_wire.h>

#include "core/format.h"
#include "core/xenstore.h"

static int with_path(uint32_t type, uint32_t t, const char *path, char **data, size_t *len)
{
    return xenstore_call(type, t, path, strlen(path) + 1, data, len);
}

int xenstore_read(uint32_t t, const char *path, char **value, size_t *len)
{
    return with_path(XS_READ, t, path, value, len);
}

int xenstore_write(uint32_t t, const char *path, const void *value, size_t len)
{
    size_t path_len = strlen(path) + 1;
    char *payload;
    int error;

    if (path_len + len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    payload = malloc(path_len + len);
    if (!payload)
        return -XEN_ENOMEM;
    memcpy(payload, path, path_len);
    memcpy(payload + path_len, value, len);
    error = xenstore_call(XS_WRITE, t, payload, path_len + len, NULL, NULL);
    free(payload);
    return error;
}

int xenstore_write_text(uint32_t t, const char *path, const char *text)
{
    return xenstore_write(t, path, text, strlen(text));
}

int xenstore_mkdir(uint32_t t, const char *path)
{
    return with_path(XS_MKDIR, t, path, NULL, NULL);
}

int xenstore_rm(uint32_t t, const char *path) { return with_path(XS_RM, t, path, NULL, NULL); }

/* ---- long directories ---- */

/* What has been got of one; NAMES is allocated and ends with a zero byte more. */
struct listing {
    char *names;
    size_t len;
    char generation[24];
};

/*
 * A part is the directory's generation and a zero byte, then names; an empty name is the end of
 * all. Returns 1 for the last part, 0 if there are more, or an error. What is of another generation
 * than the parts before it begins the listing anew.
 */
static int add_part(struct listing *l, const char *part, size_t len)
{
    size_t begin = strlen(part) + 1;
    char *grown;

    if (begin >= len || begin > sizeof l->generation)
        return -XEN_EIO;
    if (l->len && strcmp(l->generation, part) != 0) {
        l->len = 0;
        return 0;
    }
    memcpy(l->generation, part, begin);
    len -= begin;
    grown = realloc(l->names, l->len + len + 1);
    if (!grown)
        return -XEN_ENOMEM;
    l->names = grown;
    memcpy(grown + l->len, part + begin, len);
    l->len += len;
    grown[l->len] = '\0';
    if (grown[l->len - 1] || (l->len > 1 && grown[l->len - 2]))
        return 0;
    l->len--;
    return 1;
}

static int list_parts(uint32_t t, const char *path, char **names, size_t *len)
{
    size_t path_len = strlen(path) + 1, room = path_len + sizeof "18446744073709551615";
    struct listing l = {0};
    char *payload = malloc(room), *part;
    size_t part_len, offset_len;
    int result = payload ? 0 : -XEN_ENOMEM;

    while (result == 0) {
        memcpy(payload, path, path_len);
        offset_len = format(payload + path_len, room - path_len, "%lu", (unsigned long)l.len) + 1;
        result =
            xenstore_call(XS_DIRECTORY_PART, t, payload, path_len + offset_len, &part, &part_len);
        if (result == 0) {
            result = add_part(&l, part, part_len);
            free(part);
        }
    }
    free(payload);
    if (result < 0) {
        free(l.names);
        return result;
    }
    *names = l.names;
    *len = l.len;
    return 0;
}

int xenstore_list(uint32_t t, const char *path, char **names, size_t *len)
{
    int error = with_path(XS_DIRECTORY, t, path, names, len);

    return error == -XEN_E2BIG ? list_parts(t, path, names, len) : error;
}

int xenstore_begin(uint32_t *t)
{
    char *data;
    int error = with_path(XS_TRANSACTION_START, XENSTORE_NONE, "", &data, NULL);

    if (error)
        return error;
    *t = (uint32_t)strtoul(data, NULL, 10);
    free(data);
    return 0;
}

int xenstore_end(uint32_t t, bool commit)
{
    return with_path(XS_TRANSACTION_END, t, commit ? "T" : "F", NULL, NULL);
}
