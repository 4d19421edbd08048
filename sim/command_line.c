/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What all commands say of a mistake among their options.
 */
#include "sim.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

void command_line_mistake(const char *program, int option, char **argv)
{
    if (option == ':')
        fprintf(stderr, "%s: %.100s needs a value; see --help\n", program, argv[optind - 1]);
    else if (optopt)
        fprintf(stderr, "%s: unknown option \"-%c\"; see --help\n", program, optopt);
    else
        fprintf(stderr, "%s: unknown option \"%.100s\"; see --help\n", program, argv[optind - 1]);
    exit(2);
}
