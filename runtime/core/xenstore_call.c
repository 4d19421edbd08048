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

/*
 * A directory that does not fit into one answer comes in parts (XS_DIRECTORY_PART): its generation
 * and a zero byte, then names; the part with an empty name is the last. If the generation changes,
 * it begins anew.
 */
static int list_parts(uint32_t t, const char *path, char **names, size_t *len)
{
    size_t path_len = strlen(path) + 1, room = path_len + sizeof "18446744073709551615";
    char *all = NULL, *payload = malloc(room), *part, *grown, generation[24] = "";
    size_t got = 0, part_len, begin, digits;
    int error = payload ? 0 : -XEN_ENOMEM;

    while (!error) {
        memcpy(payload, path, path_len);
        digits = (size_t)format(payload + path_len, room - path_len, "%lu", (unsigned long)got);
        error =
            xenstore_call(XS_DIRECTORY_PART, t, payload, path_len + digits + 1, &part, &part_len);
        if (error)
            break;
        begin = strlen(part) + 1;
        if (begin > sizeof generation || begin > part_len) {
            free(part);
            error = -XEN_EIO;
            break;
        }
        if (got && strcmp(generation, part) != 0) {
            free(part);
            got = 0;
            continue;
        }
        memcpy(generation, part, begin);
        part_len -= begin;
        grown = realloc(all, got + part_len + 1);
        if (grown) {
            all = grown;
            memcpy(all + got, part + begin, part_len);
            got += part_len;
            all[got] = '\0';
        } else {
            error = -XEN_ENOMEM;
        }
        free(part);
        /* An empty name: no name has no letters, so it is the end. */
        if (!error && part_len && (got == 1 || all[got - 2] == '\0') && all[got - 1] == '\0') {
            *names = all;
            *len = got - 1;
            free(payload);
            return 0;
        }
        if (!error && part_len == 0)
            error = -XEN_EIO;
    }
    free(payload);
    free(all);
    return error;
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
