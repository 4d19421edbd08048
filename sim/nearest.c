/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What somebody may have meant who has written something else.
 */
#include "nearest.h"

#include <string.h>

#define NAME_MAX_LENGTH 32U

/* Levenshtein's distance, for names of at most NAME_MAX_LENGTH bytes. */
static unsigned int distance(const char *a, const char *b)
{
    unsigned int row[NAME_MAX_LENGTH + 1];
    size_t la = strlen(a), lb = strlen(b);

    for (size_t j = 0; j <= lb; j++)
        row[j] = (unsigned int)j;
    for (size_t i = 1; i <= la; i++) {
        unsigned int diagonal = row[0];

        row[0] = (unsigned int)i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned int best = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[lb];
}

const char *nearest(const char *word, const char *const *names, size_t count)
{
    const char *found = NULL;
    unsigned int best = 0;

    if (strlen(word) > NAME_MAX_LENGTH)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        unsigned int far =
            strlen(names[i]) > NAME_MAX_LENGTH ? NAME_MAX_LENGTH + 1 : distance(word, names[i]);

        if (!found || far < best) {
            best = far;
            found = names[i];
        }
    }
    /* A suggestion that has little in common with what was written helps nobody. */
    return found && best * 2 <= strlen(found) + 1 ? found : NULL;
}
