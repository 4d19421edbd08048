/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From the first instruction to the program's main, and from its end to the hypervisor.
 */
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <xen/event_channel.h>

#include "core/console.h"
#include "core/domain.h"
#include "core/format.h"
#include "core/hypercall.h"
#include "core/start.h"
#include "drivers/ramdisk.h"

/*
 * The C stack: Haskell's own stacks are on its heap, so this one serves the RTS and foreign
 * calls. The page below is taken out of the page tables, so an overflow is a fault.
 */
struct guest_stack guest_stack __attribute__((aligned(4096)));
static const start_info_t *start_info;
static int argument_count;
static char **arguments;

/* call_main.S: main of the program */
int call_main(int argc, char **argv);

/* Set by halvm-ld to the output's name; the default serves C guests linked by hand. */
const char guest_program_name[] __attribute__((weak)) = "guest";

typedef void initialiser(void);
extern initialiser *guest_init_start[], *guest_init_end[];

const start_info_t *domain_start_info(void) { return start_info; }

bool domain_is_initial(void) { return start_info->flags & SIF_INITDOMAIN; }

/*
 * The start info does not tell it and DOMID_SELF hides it, but an event channel that is offered
 * to ourselves shows its peer.
 */
domid_t domain_id(void)
{
    evtchn_alloc_unbound_t offer = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
    evtchn_status_t status = {.dom = DOMID_SELF};
    evtchn_close_t close;

    if (domain_is_initial() || hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &offer) != 0)
        return 0;
    status.port = close.port = offer.port;
    hypercall_event_channel_op(EVTCHNOP_status, &status);
    hypercall_event_channel_op(EVTCHNOP_close, &close);
    return status.u.unbound.dom;
}

int domain_arguments(char ***argv)
{
    *argv = arguments;
    return argument_count;
}

const void *domain_ramdisk(size_t *len)
{
    *len = start_info->mod_len;
    return start_info->mod_len ? (const void *)start_info->mod_start : NULL;
}

/*
 * Splits the command line in place: arguments are separated by spaces; a backslash takes the
 * next character as it is, \n is a newline and \e an empty argument.
 */
static void parse_command_line(void)
{
    static char text[MAX_GUEST_CMDLINE + 1] __attribute__((section(".bss.0large")));
    static char *argv[MAX_GUEST_CMDLINE / 2 + 2] __attribute__((section(".bss.0begun")));
    const char *in = (const char *)start_info->cmd_line;
    const char *end = in + MAX_GUEST_CMDLINE;
    char *out = text;

    argv[argument_count++] = (char *)guest_program_name;
    while (in < end && *in) {
        if (*in == ' ') {
            in++;
            continue;
        }
        argv[argument_count++] = out;
        while (in < end && *in && *in != ' ') {
            if (*in != '\\') {
                *out++ = *in++;
                continue;
            }
            in++;
            if (in == end || !*in)
                break;
            if (*in == 'n')
                *out++ = '\n';
            else if (*in != 'e')
                *out++ = *in;
            in++;
        }
        *out++ = '\0';
    }
    arguments = argv;
}

static void run_initialisers(void)
{
    for (initialiser **init = guest_init_start; init < guest_init_end; init++)
        (*init)();
}

/* On the guest's own stack, with the boot stack given up. */
static void __attribute__((noreturn, used))
guest_main(const start_info_t *si, uintptr_t virt_base, uintptr_t window, size_t window_size)
{
    const char *error;

    start_info = si;
    memory_start(si, virt_base, window, window_size);
    trap_start();
    console_start();
    parse_command_line();
    memory_guard(&guest_stack.guard);
    libc_start();
    error = ramdisk_mount();
    if (error) {
        console_printf("%s: RAM disk: %s\n", guest_program_name, error);
        domain_exit(1);
    }
    run_initialisers();
    libc_exit(call_main(argument_count, arguments));
}

__attribute__((naked)) void guest_start(start_info_t *si, uintptr_t virt_base, uintptr_t window,
                                        size_t window_size)
{
    (void)si, (void)virt_base, (void)window, (void)window_size;
    /* The arguments stay in their registers; only the stack changes. */
    __asm__(".cfi_undefined rip\n\t" /* here a backtrace ends */
            "leaq guest_stack+%c0(%%rip), %%rsp\n\t"
            "call guest_main\n\t"
            "ud2" ::"i"(sizeof(struct guest_stack)));
}

void domain_panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    console_printf("%s: ", guest_program_name);
    console_vprintf(fmt, ap);
    console_printf("\n");
    va_end(ap);
    domain_exit(128 + 6); /* as after abort() */
}
