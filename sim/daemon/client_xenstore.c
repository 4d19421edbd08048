/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm xenstore-read and its like: what Xen's commands of these names do (xenstore(1),
 * tools/xenstore), with their arguments, output and statuses, over Xen's own library.
 */
#define _GNU_SOURCE
#include "daemon/client.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xenstore.h>

#define LINE_WIDTH   80 /* of ls, where there is no terminal */
#define PERMS_COLUMN 60
#define AROUND       8U /* characters around a value that is cut: ' = "..."' */
#define PATH_MOST    (XENSTORE_ABS_PATH_MAX + 1024)

struct session;

struct verb {
    const char *name, *options, *usage;
    bool may_lack_arguments;
    /* Does it for all of ARGV, ended by NULL. Returns the status. */
    int (*run)(struct session *s, char **argv);
    unsigned int single; /* so many arguments need no transaction; UINT_MAX: none ever does */
};

struct session {
    const char *program;
    const struct verb *verb;
    struct xs_handle *xs;
    xs_transaction_t t;
    FILE *out; /* kept until the transaction has succeeded */
    bool flat, prefix, tidy, upwards, recurse, raw;
    int events;          /* of watch; -1: no end */
    unsigned int width;  /* of ls */
    unsigned int column; /* where its permissions are */
};

static int warn(const struct session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int warn(const struct session *s, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s: ", s->program);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return 1;
}

static void *check(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

/* ---- values as text ---- */

/* What is no printable character becomes an escape sequence. The caller frees it. */
static char *escape(const char *value, unsigned int len)
{
    char *text = check(malloc(4UL * len + 1)), *to = text;

    for (unsigned int i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        static const char special[] = "\tt\nn\rr\\\\";
        const char *pair = NULL;

        for (const char *p = special; *p; p += 2) {
            if (c == (unsigned char)*p)
                pair = p;
        }
        if (pair)
            to += sprintf(to, "\\%c", pair[1]);
        else if (c >= ' ' && c <= '~')
            *to++ = (char)c;
        else
            to += sprintf(to, c < 8 ? "\\%03o" : "\\x%02x", c);
    }
    *to = '\0';
    return text;
}

static unsigned int digits(const char **from, unsigned int most, int base)
{
    char text[4] = "", *end;
    unsigned int n = 0;

    while (n < most && (*from)[n])
        n++;
    memcpy(text, *from, n);
    n = (unsigned int)strtoul(text, &end, base);
    *from += end - text;
    return n;
}

/* The other way. Stores as many bytes as it returns; TEXT has room for them. */
static unsigned int unescape(char *to, const char *text)
{
    char *start = to;

    while (*text) {
        char c = *text++;

        if (c != '\\') {
            *to++ = c;
            continue;
        }
        switch (*text) {
        case '\0':
            break;
        case 't':
            *to++ = '\t', text++;
            break;
        case 'n':
            *to++ = '\n', text++;
            break;
        case 'r':
            *to++ = '\r', text++;
            break;
        case 'x':
            text++;
            *to++ = (char)digits(&text, 2, 16);
            break;
        case '0' ... '7':
            *to++ = (char)digits(&text, 3, 8);
            break;
        default:
            *to++ = *text++;
        }
    }
    return (unsigned int)(to - start);
}

/* ---- the commands ---- */

static int run_read(struct session *s, char **argv)
{
    for (; *argv; argv++) {
        unsigned int len;
        char *value = xs_read(s->xs, s->t, *argv, &len), *text;

        if (!value)
            return warn(s, "couldn't read path %s", *argv);
        if (s->prefix)
            fprintf(s->out, "%s: ", *argv);
        if (s->raw) {
            fwrite(value, 1, len, s->out);
        } else {
            text = escape(value, len);
            fprintf(s->out, "%s\n", text);
            free(text);
        }
        free(value);
    }
    return 0;
}

static int run_write(struct session *s, char **argv)
{
    for (; *argv; argv += 2) {
        char *value = check(strdup(argv[1]));
        unsigned int len = s->raw ? (unsigned int)strlen(value) : unescape(value, argv[1]);
        bool good = xs_write(s->xs, s->t, argv[0], value, len);

        free(value);
        if (!good)
            return warn(s, "could not write path %s", argv[0]);
    }
    return 0;
}

static bool is_bare(const struct session *s, const char *path)
{
    unsigned int len = 1, count = 1;
    char *value = xs_read(s->xs, s->t, path, &len);
    char **list = value && !len ? xs_directory(s->xs, s->t, path, &count) : NULL;
    bool bare = list && !count;

    free(list);
    free(value);
    return bare;
}

static int run_rm(struct session *s, char **argv)
{
    for (; *argv; argv++) {
        char *path = check(strdup(*argv)), *slash;
        bool good;

        while ((good = xs_rm(s->xs, s->t, path)) && s->tidy && (slash = strrchr(path, '/'))) {
            *slash = '\0';
            if (!path[0] || !is_bare(s, path))
                break;
        }
        if (!good)
            warn(s, "could not remove path %s", path);
        free(path);
        if (!good)
            return 1;
    }
    return 0;
}

static int run_exists(struct session *s, char **argv)
{
    for (; *argv; argv++) {
        char *value = xs_read(s->xs, s->t, *argv, NULL);

        if (!value)
            return 1;
        free(value);
    }
    return 0;
}

static int run_list(struct session *s, char **argv)
{
    for (; *argv; argv++) {
        unsigned int count;
        char **list = xs_directory(s->xs, s->t, *argv, &count);

        if (!list)
            return warn(s, "could not list path %s", *argv);
        for (unsigned int i = 0; i < count; i++) {
            if (s->prefix)
                fprintf(s->out, "%s/", *argv);
            fprintf(s->out, "%s\n", list[i]);
        }
        free(list);
    }
    return 0;
}

/* ---- ls ---- */

static void show_permissions(const struct session *s, const char *path)
{
    unsigned int count;
    struct xs_permissions *p = xs_get_permissions(s->xs, s->t, path, &count);

    if (!p) {
        warn(s, "could not access permissions for %s", path);
        return;
    }
    fputs("  (", stdout);
    for (unsigned int i = 0; i < count; i++)
        printf("%s%c%u", i ? "," : "", "nrwb"[p[i].perms & (XS_PERM_READ | XS_PERM_WRITE)],
               p[i].id);
    putchar(')');
    free(p);
}

/* The value after USED characters of a line. */
static void show_value(const struct session *s, const char *path, unsigned int used)
{
    unsigned int len;
    char *value = xs_read(s->xs, s->t, path, &len), *text;

    if (!value) {
        printf(":\n");
        return;
    }
    text = escape(value, len);
    free(value);
    if (s->width < used + len + AROUND) {
        printf(" = \"%.*s\\...\"", (int)(s->width - AROUND - used), text);
    } else {
        used += (unsigned int)printf(" = \"%s\"", text);
        if (s->prefix) {
            putchar(' ');
            for (used++; used < s->column; used++)
                putchar(used & 1 ? '.' : ' ');
        }
    }
    free(text);
}

static int list_tree(struct session *s, const char *path, unsigned int depth)
{
    unsigned int count;
    char **list = xs_directory(s->xs, s->t, path, &count);

    if (!list) {
        if (depth && errno == ENOENT)
            return 0; /* gone meanwhile */
        return warn(s, "xs_directory (%s): %s", path, strerror(errno));
    }
    for (unsigned int i = 0; i < count; i++) {
        char child[PATH_MOST];
        unsigned int used = 0; /* as Xen's: a path is not counted */
        int len = snprintf(child, sizeof(child), "%s%s%s", path,
                           path[strlen(path) - 1] == '/' ? "" : "/", list[i]);

        if ((size_t)len >= sizeof(child))
            continue; /* longer than any path of the store's */
        if (s->flat)
            printf("%s", child);
        else
            used = (unsigned int)printf("%*s%.*s", (int)depth, "", (int)(s->width - AROUND - depth),
                                        list[i]);
        show_value(s, child, used);
        if (s->prefix)
            show_permissions(s, child);
        putchar('\n');
        if (list_tree(s, child, depth + 1)) {
            free(list);
            return 1;
        }
    }
    free(list);
    return 0;
}

static int run_ls(struct session *s, char **argv)
{
    static char root[] = "/", *all[] = {root, NULL};
    struct winsize window;

    s->width = LINE_WIDTH;
    s->column = PERMS_COLUMN;
    /* Xen's takes two columns off. */
    if (!ioctl(1, TIOCGWINSZ, &window) && window.ws_col > 2)
        s->width = window.ws_col - 2U;
    if (s->flat) {
        s->width = INT_MAX / 2;
        s->column = 0;
    } else if (s->column > s->width) {
        s->column = s->width;
    }
    for (char **a = *argv ? argv : all; *a; a++) {
        if (list_tree(s, *a, 0))
            return 1;
    }
    return 0;
}

/* ---- chmod ---- */

static int set_permissions(struct session *s, char *path, struct xs_permissions *p,
                           unsigned int count, bool upwards, bool recurse)
{
    char *slash, **list, child[PATH_MOST];
    unsigned int children;
    int status = 0;

    if (!path[0])
        return 0;
    if (!xs_set_permissions(s->xs, s->t, path, p, count))
        return warn(s, "Error occurred setting permissions on '%s': %s", path, strerror(errno));
    slash = upwards ? strrchr(path, '/') : NULL;
    if (upwards && !slash)
        return warn(s, "Unable to locate path separator '/' in '%s'", path);
    if (slash) {
        *slash = '\0';
        status = set_permissions(s, path, p, count, true, false);
        *slash = '/';
    }
    list = recurse && !status ? xs_directory(s->xs, s->t, path, &children) : NULL;
    for (unsigned int i = 0; list && i < children && !status; i++) {
        snprintf(child, sizeof(child), "%s/%s", path, list[i]);
        status = set_permissions(s, child, p, count, false, true);
    }
    free(list);
    return status;
}

static int run_chmod(struct session *s, char **argv)
{
    struct xs_permissions *p;
    unsigned int count = 0;
    int status = 0;

    while (argv[count + 1])
        count++;
    p = check(calloc(count + 1, sizeof(*p)));
    for (unsigned int i = 0; i < count && !status; i++) {
        const char *letters = "nrwb", *mode = argv[i + 1];
        const char *letter = mode[0] ? strchr(letters, mode[0]) : NULL;

        if (!letter)
            status = warn(s, "Invalid permission specification: '%c'", mode[0]);
        else
            p[i] = (struct xs_permissions){.id = (unsigned int)atoi(mode + 1),
                                           .perms = (unsigned int)(letter - letters)};
    }
    if (!status)
        status = set_permissions(s, argv[0], p, count, s->upwards, s->recurse);
    free(p);
    return status;
}

/* ---- watch ---- */

static int run_watch(struct session *s, char **argv)
{
    for (char **a = argv; *a; a++) {
        if (!xs_watch(s->xs, *a, *a))
            return warn(s, "Unable to add watch on %s", *a);
    }
    for (int i = 0; s->events < 0 || i < s->events; i++) {
        unsigned int count;
        char **event = xs_read_watch(s->xs, &count);

        if (!event)
            return warn(s, "the daemon has ended the connection");
        printf("%s\n", event[XS_WATCH_PATH]);
        fflush(stdout);
        free(event);
    }
    return 0;
}

/* ---- all ---- */

static const struct verb verbs[] = {
    {"chmod", "hsur", "[-h] [-u] [-r] [-s] key <mode [modes...]>", false, run_chmod, 0},
    {"exists", "hs", "[-h] [-s] key [...]", false, run_exists, 0},
    {"list", "hsp", "[-h] [-p] [-s] key [...]", false, run_list, 0},
    {"ls", "hsfp", "[-h] [-f] [-p] [-s] [path]", true, run_ls, UINT_MAX},
    {"read", "hspR", "[-h] [-p] [-s] [-R] key [...]", false, run_read, 1},
    {"rm", "hst", "[-h] [-s] [-t] key [...]", false, run_rm, 0},
    {"watch", "hsn:", "[-h] [-n NR] key", false, run_watch, UINT_MAX},
    {"write", "hsR", "[-h] [-s] [-R] key value [...]", false, run_write, 2},
};

static int usage(const struct session *s)
{
    return warn(s, "Usage: %s %s", s->program, s->verb->usage);
}

/* Returns false if they are wrong, or help is wanted. -s has been without a meaning since 4.0. */
static bool read_options(struct session *s, int argc, char **argv)
{
    static const struct option options[] = {
        {"help", 0, NULL, 'h'},   {"flat", 0, NULL, 'f'}, {"prefix", 0, NULL, 'p'},
        {"tidy", 0, NULL, 't'},   {"upto", 0, NULL, 'u'}, {"recurse", 0, NULL, 'r'},
        {"number", 1, NULL, 'n'}, {"raw", 0, NULL, 'R'},  {0},
    };
    char letters[16];
    int option, given;

    snprintf(letters, sizeof(letters), "%s", s->verb->options);
    opterr = 0;
    while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        if (option == '?' || option == 'h' || !strchr(letters, option))
            return false;
        s->flat = s->flat || option == 'f';
        s->prefix = s->prefix || option == 'p';
        s->tidy = s->tidy || option == 't';
        s->upwards = s->upwards || option == 'u';
        s->recurse = s->recurse || option == 'r';
        s->raw = s->raw || option == 'R';
        if (option == 'n')
            s->events = atoi(optarg);
    }
    given = argc - optind;
    if (s->verb->run == run_write && given % 2)
        return false;
    return given > 0 || s->verb->may_lack_arguments;
}

static int run_once(struct session *s, char **argv, unsigned int count, bool *again)
{
    char *text = NULL;
    size_t size = 0;
    bool transaction = count > s->verb->single;
    int status;

    *again = false;
    s->out = check(open_memstream(&text, &size));
    s->t = transaction ? xs_transaction_start(s->xs) : XBT_NULL;
    if (transaction && s->t == XBT_NULL) {
        status = warn(s, "couldn't start transaction");
    } else {
        status = s->verb->run(s, argv);
        if (transaction && !xs_transaction_end(s->xs, s->t, status)) {
            *again = !status && errno == EAGAIN;
            if (!*again)
                status = warn(s, "couldn't end transaction");
        }
    }
    fclose(s->out);
    if (!*again)
        fwrite(text, 1, size, stdout);
    free(text);
    return status;
}

int client_xenstore(const char *program, const char *command, int argc, char **argv)
{
    struct session s = {.program = program, .events = -1};
    const char *path;
    bool again;
    int status;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!strcmp(verbs[i].name, command))
            s.verb = &verbs[i];
    }
    if (!s.verb) {
        fprintf(stderr, "halvm: unknown command \"xenstore-%s\"\n", command);
        return 2;
    }
    if (!read_options(&s, argc, argv))
        return usage(&s);
    path = connect_store_path(program);
    if (!path)
        return 1;
    setenv("XENSTORED_PATH", path, 1);
    s.xs = xs_open(0);
    if (!s.xs)
        return warn(&s, "%s: %s", path, strerror(errno));
    do
        status = run_once(&s, argv + optind, (unsigned int)(argc - optind), &again);
    while (again);
    xs_close(s.xs);
    if (fflush(stdout))
        return warn(&s, "standard output: %s", strerror(errno));
    return status;
}
