/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm trace: what a trace of halvm run says. See halvm-trace(1).
 */
#define _GNU_SOURCE
#include "tool.h"
#include "nearest.h"
#include "sim.h"

#include "hypervisor.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

struct arguments {
    struct trace_filter filter;
    bool real, summary, compare;
    const char *chrome;
    const char *paths[2];
};

static void __attribute__((format(printf, 1, 2), noreturn)) fail(const char *format, ...)
{
    va_list args;

    fputs(TRACE_PROGRAM ": ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

static void usage(void)
{
    puts("Usage: halvm trace [OPTION...] FILE\n"
         "       halvm trace --compare FILE FILE\n"
         "Prints what \"halvm run --trace FILE\" has recorded: a line for each hypercall, event,\n"
         "message of XenStore, console output, and event in the life of a domain.\n"
         "  --domain NAME      of the domain with that name or number only\n"
         "  --kind KIND,...    hypercall, event, xenstore, console, life\n"
         "  --op NAME          a hypercall, one of its operations, or a message (EVTCHNOP_send,\n"
         "                     grant_table_op, XS_READ)\n"
         "  --from TIME, --to TIME   in seconds of system time, or with ns, us, ms\n"
         "  --grep REGEX       lines that match\n"
         "  --real             with the real time since the start of the run, from FILE.times\n"
         "  --summary          how many of each\n"
         "  --chrome OUT.json  for Perfetto, or Chrome's about:tracing\n"
         "  --compare          where two traces part: status 0 if nowhere, 1 if somewhere\n"
         "The status is 2 after errors. See halvm-trace(1).");
}

/* ---- values of options ---- */

static uint64_t time_of(const char *option, const char *text)
{
    static const struct {
        const char *name;
        double nanoseconds;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
    char *end;
    double value = strtod(text, &end);

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (end != text && !strcmp(end, units[i].name) && value >= 0 &&
            value * units[i].nanoseconds < 1.8e19)
            return (uint64_t)(value * units[i].nanoseconds + 0.5);
    }
    fail("--%s %.100s: not a time, as 1.5, 20ms or 300us", option, text);
}

static unsigned int classes_of(const char *text)
{
    unsigned int classes = 0;

    while (*text) {
        size_t len = strcspn(text, ",");
        unsigned int i = 0;

        while (i < TRACE_CLASSES &&
               !(strlen(trace_class_names[i]) == len && !strncmp(trace_class_names[i], text, len)))
            i++;
        if (i == TRACE_CLASSES)
            fail("--kind %.*s: must be hypercall, event, xenstore, console or life",
                 len < 100 ? (int)len : 100, text);
        classes |= 1U << i;
        text += len + (text[len] == ',');
    }
    return classes ? classes : ~0U;
}

#define OPS           64U
#define SUBOPERATIONS 1100U

static void add_name(const char **names, size_t *count, const char *name)
{
    if (name)
        names[(*count)++] = name;
}

static void check_op(const char *op)
{
    static const char *names[OPS * 64];
    size_t count = 0;
    const char *meant;

    if (!strncmp(op, "XS_", 3))
        return; /* those that there are not are shown as numbers */
    for (unsigned int i = 0; i < OPS; i++) {
        add_name(names, &count, hypercall_name(i, HYPERVISOR_NO_SUBOPERATION));
        for (uint32_t j = 0; j < SUBOPERATIONS; j++) {
            const char *name = hypercall_name(i, j);

            if (name && count < OPS * 64)
                add_name(names, &count, name);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(names[i], op))
            return;
    }
    meant = nearest(op, names, count);
    if (meant)
        fail("--op %.100s: no hypercall is called so; did you mean \"%s\"?", op, meant);
    fail("--op %.100s: no hypercall is called so (<xen/...>, as EVTCHNOP_send)", op);
}

static void set_pattern(struct trace_filter *f, const char *text)
{
    char message[256];
    int error = regcomp(&f->pattern, text, REG_EXTENDED | REG_NOSUB);

    if (error) {
        regerror(error, &f->pattern, message, sizeof(message));
        fail("--grep %.100s: %s", text, message);
    }
    f->has_pattern = true;
}

/* ---- the command line ---- */

static void set_option(struct arguments *a, int option, const char *value)
{
    switch (option) {
    case 'd':
        a->filter.domain = value;
        break;
    case 'k':
        a->filter.classes = classes_of(value);
        break;
    case 'o':
        check_op(value);
        a->filter.op = value;
        break;
    case 'f':
        a->filter.from = time_of("from", value);
        break;
    case 't':
        a->filter.to = time_of("to", value);
        break;
    case 'g':
        set_pattern(&a->filter, value);
        break;
    case 'r':
        a->real = true;
        break;
    case 's':
        a->summary = true;
        break;
    case 'c':
        a->compare = true;
        break;
    default:
        a->chrome = value;
        break;
    }
}

static void read_arguments(struct arguments *a, int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"domain", required_argument, NULL, 'd'},
        {"kind", required_argument, NULL, 'k'},
        {"op", required_argument, NULL, 'o'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"grep", required_argument, NULL, 'g'},
        {"real", no_argument, NULL, 'r'},
        {"summary", no_argument, NULL, 's'},
        {"chrome", required_argument, NULL, 'j'},
        {"perfetto", required_argument, NULL, 'j'},
        {"compare", no_argument, NULL, 'c'},
        {0},
    };
    int option, wanted;

    a->filter.classes = ~0U;
    a->filter.to = UINT64_MAX;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'h') {
            usage();
            exit(0);
        }
        if (option == ':' || option == '?')
            command_line_mistake(TRACE_PROGRAM, option, argv);
        set_option(a, option, optarg);
    }
    wanted = a->compare ? 2 : 1;
    if (argc - optind < wanted)
        fail(a->compare ? "--compare needs two files; see --help" : "no file given; see --help");
    if (argc - optind > wanted)
        fail("\"%.100s\": one file too many; see --help", argv[optind + wanted]);
    for (int i = 0; i < wanted; i++)
        a->paths[i] = argv[optind + i];
    if (a->summary + a->compare + !!a->chrome > 1)
        fail("of --summary, --compare and --chrome only one at a time");
    if (a->filter.has_pattern && (a->summary || a->compare || a->chrome))
        fail("--grep is for lines: not with --summary, --compare or --chrome");
}

static struct trace_reader *open_trace(const char *path)
{
    char message[TRACE_MESSAGE];
    struct trace_reader *r = trace_reader_open(path, message);

    if (!r)
        fail("%s", message);
    return r;
}

static int show(const struct arguments *a)
{
    struct trace_reader *r = open_trace(a->paths[0]);
    char message[TRACE_MESSAGE];
    int status;

    if (a->real && !trace_reader_times(r, message))
        fail("--real: %s", message);
    if (a->chrome)
        status = trace_chrome(r, &a->filter, a->real, a->chrome);
    else if (a->summary)
        status = trace_summary(r, &a->filter);
    else
        status = trace_print(r, &a->filter, a->real);
    trace_reader_close(r);
    return status;
}

static int compare(const struct arguments *a)
{
    struct trace_reader *first = open_trace(a->paths[0]), *second = open_trace(a->paths[1]);
    int status = trace_compare(first, second);

    trace_reader_close(first);
    trace_reader_close(second);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments a = {0};
    int status;

    descriptors_start();
    read_arguments(&a, argc, argv);
    status = a.compare ? compare(&a) : show(&a);
    if (a.filter.has_pattern)
        regfree(&a.filter.pattern);
    return status;
}
