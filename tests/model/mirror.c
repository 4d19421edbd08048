/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the process shows of a domain is what its page tables say: at each address of the domain's
 * the frame and the rights of the entry, and nothing where there is none. It is read from
 * /proc/self/maps, so this is for the end of a run and not for each hypercall.
 */
#include "model.h"

#include <stdio.h>
#include <sys/stat.h>

/* What the tables give at one address. */
struct leaf {
    uint64_t mfn;
    bool write, execute;
};

static bool find_leaf(const struct domain *d, uint64_t va, struct leaf *leaf)
{
    *leaf = (struct leaf){.mfn = d->mirror_base, .write = true, .execute = true};
    for (unsigned int level = 4; level >= 1; level--) {
        const uint64_t *table = page_map_read(d->hv, leaf->mfn);
        uint64_t entry = table[va >> (PAGE_SHIFT + 9 * (level - 1)) & (PT_ENTRIES - 1)];

        if (!(entry & PTE_PRESENT))
            return false;
        leaf->write = leaf->write && entry & PTE_RW;
        leaf->execute = leaf->execute && !(entry & PTE_NX);
        leaf->mfn = PTE_FRAME(entry);
    }
    return true;
}

/* How many pages of D's addresses the tables map, below TABLE of LEVEL, which is for VA. */
static uint64_t count_leaves(const struct domain *d, uint64_t table, unsigned int level,
                             uint64_t va)
{
    uint64_t step = 1UL << (PAGE_SHIFT + 9 * (level - 1)), count = 0;
    const uint64_t *entries = page_map_read(d->hv, table);

    for (unsigned int i = 0; i < PT_ENTRIES; i++, va += step) {
        if (!(entries[i] & PTE_PRESENT) || !address_may_be_shown(d, va, step))
            continue;
        if (level > 1)
            count += count_leaves(d, PTE_FRAME(entries[i]), level - 1, va);
        else /* what is in place is no page of the memory's file yet */
            count += address_is_shown(d, va) && !page_in_place(d->hv, PTE_FRAME(entries[i]));
    }
    return count;
}

/* A mapping of the machine's memory in the process. */
struct shown {
    uint64_t start, end, offset;
    char rights[8];
};

/* Checks the pages of S that are D's addresses, and counts them. */
static const char *check_mapping(const struct domain *d, const struct shown *s, uint64_t *count)
{
    for (uint64_t va = s->start; va < s->end; va += PAGE_SIZE) {
        uint64_t mfn = (s->offset + (va - s->start)) >> PAGE_SHIFT;
        struct leaf leaf;

        if (!address_is_shown(d, va))
            continue;
        if (!find_leaf(d, va, &leaf))
            return model_wrong("d%u: the process shows frame %#lx at %#lx, where no entry is",
                               d->id, (unsigned long)mfn, (unsigned long)va);
        if (leaf.mfn != mfn || leaf.write != (s->rights[1] == 'w') ||
            leaf.execute != (s->rights[2] == 'x'))
            return model_wrong("d%u: the process shows frame %#lx at %#lx as %.3s; the tables say "
                               "frame %#lx as r%c%c",
                               d->id, (unsigned long)mfn, (unsigned long)va, s->rights,
                               (unsigned long)leaf.mfn, leaf.write ? 'w' : '-',
                               leaf.execute ? 'x' : '-');
        ++*count;
    }
    return NULL;
}

/* The next mapping of the file INODE. False: that was the last. */
static bool next_mapping(FILE *maps, unsigned long inode, struct shown *s)
{
    char line[512];

    while (fgets(line, sizeof(line), maps)) {
        unsigned long start, end, offset, found;

        if (sscanf(line, "%lx-%lx %7s %lx %*s %lu", &start, &end, s->rights, &offset, &found) < 5 ||
            found != inode)
            continue;
        s->start = start;
        s->end = end;
        s->offset = offset;
        return true;
    }
    return false;
}

static const char *check_domain(const struct domain *d)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    uint64_t wanted = count_leaves(d, d->mirror_base, 4, 0), count = 0;
    const char *wrong = NULL;
    struct stat memory;
    struct shown s;

    if (!maps || fstat(d->hv->memfd, &memory))
        return model_wrong("/proc/self/maps cannot be read");
    while (!wrong && next_mapping(maps, memory.st_ino, &s))
        wrong = check_mapping(d, &s, &count);
    fclose(maps);
    if (!wrong && count != wanted)
        wrong = model_wrong("d%u: the tables map %lu pages; the process shows %lu", d->id,
                            (unsigned long)wanted, (unsigned long)count);
    return wrong;
}

const char *model_mirror(struct hypervisor *hv)
{
    const char *wrong = NULL;

    for (unsigned int i = 0; !wrong && i < MAX_DOMAINS; i++) {
        const struct domain *d = hv->domains[i];

        if (d && d->mirror_base && !d->is_dying && !d->is_shut_down)
            wrong = check_domain(d);
    }
    return wrong;
}
