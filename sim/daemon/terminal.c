/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The terminal while a console is attached: keys go to the domain at once, and are not shown by
 * the terminal but, if it wants that, by the domain. Enter is a newline, and a newline begins a
 * line: unikernels write no carriage returns, and know no others.
 */
#include "daemon/connect.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t is_raw;

void terminal_restore(void)
{
    if (is_raw)
        tcsetattr(0, TCSANOW, &before);
    is_raw = false;
}

static void ended(int signal_number)
{
    terminal_restore();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

bool terminal_raw(void)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGPIPE};
    struct termios raw;

    if (tcgetattr(0, &before))
        return false;
    raw = before;
    raw.c_iflag &= ~(tcflag_t)(IXON | ISTRIP | INLCR | IGNCR);
    raw.c_iflag |= ICRNL;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], ended);
    is_raw = true;
    tcsetattr(0, TCSANOW, &raw);
    return true;
}
