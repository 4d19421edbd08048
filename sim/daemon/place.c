/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The daemon's folder. Whoever can write to its sockets can do with domains what they like, so
 * nobody else may even look into it; in /tmp another user could have made it before.
 */
#define _GNU_SOURCE
#include "daemon/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(char *message, const char *folder, const char *why)
{
    snprintf(message, PLACE_MESSAGE, "%.200s: %s", folder, why);
    return false;
}

static bool choose_folder(struct place *p, char *message)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n;

    if (runtime && runtime[0] == '/') {
        n = snprintf(p->folder, sizeof(p->folder), "%s/halvm", runtime);
        if ((size_t)n >= sizeof(p->folder))
            return fail(message, runtime,
                        "longer than sockets allow: set XDG_RUNTIME_DIR to a folder with fewer "
                        "than 90 characters");
    } else {
        snprintf(p->folder, sizeof(p->folder), "/tmp/halvm-%u", (unsigned int)geteuid());
    }
    return true;
}

static bool check_folder(const struct place *p, bool make, char *message)
{
    struct stat st;

    if (make && mkdir(p->folder, 0700) && errno != EEXIST)
        return fail(message, p->folder, strerror(errno));
    if (lstat(p->folder, &st))
        return !make && errno == ENOENT ? true : fail(message, p->folder, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return fail(message, p->folder, "not a folder: remove it");
    if (st.st_uid != geteuid())
        return fail(message, p->folder,
                    "belongs to another user: set XDG_RUNTIME_DIR to a folder "
                    "of yours");
    if (st.st_mode & 077)
        return fail(message, p->folder, "others may enter it: chmod 700 it");
    return true;
}

bool place_find(struct place *p, bool make, char *message)
{
    if (!choose_folder(p, message))
        return false;
    snprintf(p->control, sizeof(p->control), "%s/control", p->folder);
    snprintf(p->store, sizeof(p->store), "%s/xenstore", p->folder);
    snprintf(p->log, sizeof(p->log), "%s/log", p->folder);
    snprintf(p->lock, sizeof(p->lock), "%s/lock", p->folder);
    return check_folder(p, make, message);
}
