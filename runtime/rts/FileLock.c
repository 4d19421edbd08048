/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Haskell's rule for files: many readers or one writer. The table holds open files only, so a
 * list is enough.
 */
#include "rts_private.h"

#include <stdlib.h>

struct lock {
    struct lock *next;
    StgWord64 id, device, inode;
    bool writing;
};

static struct lock *locks;

void initFileLocking(void) {}

void freeFileLocking(void)
{
    while (locks) {
        struct lock *lock = locks;

        locks = lock->next;
        free(lock);
    }
}

int lockFile(StgWord64 id, StgWord64 device, StgWord64 inode, int for_writing)
{
    struct lock *lock;

    for (lock = locks; lock; lock = lock->next) {
        if (lock->device == device && lock->inode == inode && (for_writing || lock->writing))
            return -1;
    }
    lock = malloc(sizeof *lock);
    if (!lock)
        barf("no memory for a file lock");
    *lock = (struct lock){locks, id, device, inode, for_writing != 0};
    locks = lock;
    return 0;
}

/* Returns 1 if ID was not locked, which is normal: the caller does not know. */
int unlockFile(StgWord64 id)
{
    for (struct lock **link = &locks; *link; link = &(*link)->next) {
        struct lock *lock = *link;

        if (lock->id != id)
            continue;
        *link = lock->next;
        free(lock);
        return 0;
    }
    return 1;
}
