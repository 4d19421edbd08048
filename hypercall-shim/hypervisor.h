/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The hypervisor as a library: domains whose guests run in this process, on coroutines.
 *
 * Everything that the library needs from outside (time, sleeping, console bytes, a place for
 * its log) comes in through struct hypervisor_host; everything that a guest does comes in
 * through hypercall(). There is no other state than what hangs off struct hypervisor, except
 * for one thread-local pointer to the vCPU that runs.
 *
 * All functions belong to the thread that calls hypervisor_run(). Sizes are bytes, times are
 * nanoseconds since the hypervisor booted, unless a name says otherwise. Functions that return
 * int return 0 or a negative error number of <xen/errno.h>.
 */
#ifndef HYPERCALL_SHIM_HYPERVISOR_H
#define HYPERCALL_SHIM_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>

struct hypervisor;
struct domain;
struct vcpu;
struct xen_domctl_getdomaininfo;
struct xen_domctl_getvcpuinfo;
struct xen_sysctl_physinfo;

/* A deadline that never comes. */
#define HYPERVISOR_FOREVER UINT64_MAX

/* Xen's log levels (its option loglvl), the lower the more important. */
enum hypervisor_log_level {
    HYPERVISOR_LOG_ERROR,
    HYPERVISOR_LOG_WARNING,
    HYPERVISOR_LOG_INFO,
    HYPERVISOR_LOG_DEBUG,
};

/*
 * The PV clock at one moment, for struct vcpu_time_info: a guest computes
 * system_time + (((tsc - tsc_timestamp) << shift) * mul >> 32). mul = 0 makes a clock that
 * stands still between two looks of the hypervisor, as a virtual clock must.
 */
struct hypervisor_clock {
    uint64_t system_time;
    uint64_t tsc_timestamp;
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
};

enum hypervisor_wait {
    HYPERVISOR_WAIT_DONE,  /* the deadline has come, or input, or neither: look again */
    HYPERVISOR_WAIT_NEVER, /* nothing can ever happen any more: hypervisor_run gives up */
};

/* Where a line or byte of console_io comes from. */
enum hypervisor_console {
    HYPERVISOR_CONSOLE_MAIN,  /* the only console of the domain */
    HYPERVISOR_CONSOLE_DEBUG, /* console_io of a domain whose console proper is a ring */
};

/* In place of the number of a sub-operation, where a hypercall has none. */
#define HYPERVISOR_NO_SUBOPERATION UINT32_MAX

/* When a listener is told of a hypercall. */
enum hypervisor_stage {
    HYPERVISOR_ENTER,
    /* Its suboperation, which is in a struct in guest memory (domctl, mmuext_op ...), is known. */
    HYPERVISOR_OPERATION,
    HYPERVISOR_RETURN, /* some hypercalls never come here */
};

/* A hypercall as a listener sees it. OP is __HYPERVISOR_*, SUBOPERATION its number, or none. */
struct hypervisor_call {
    struct domain *domain;
    uint64_t time;                  /* system time, as the hypervisor has read it last */
    const unsigned long *arguments; /* five, as the guest gave them; NULL at HYPERVISOR_OPERATION */
    long result;                    /* at HYPERVISOR_RETURN */
    enum hypervisor_stage stage;
    unsigned int op;
    uint32_t suboperation;
    domid_t domid;
    uint16_t vcpu;
};

/* What happens to domains and their vCPUs, beside hypercalls. */
enum hypervisor_event_kind {
    HYPERVISOR_EVENT_PORT,    /* the event channel VALUE, whose events VCPU gets, is pending now */
    HYPERVISOR_EVENT_WAKE,    /* VCPU does not wait any more (block, poll) */
    HYPERVISOR_EVENT_UPCALL,  /* VCPU's event callback is about to be entered */
    HYPERVISOR_EVENT_VCPU_UP, /* VCPU may run */
    HYPERVISOR_EVENT_VCPU_DOWN, /* it may not, until it is told to */
    HYPERVISOR_EVENT_CREATED,  /* a domain has its number and, if it will ever have one, its name */
    HYPERVISOR_EVENT_PAUSED,   /* by tools, VALUE times now */
    HYPERVISOR_EVENT_UNPAUSED, /* VALUE times are left */
    HYPERVISOR_EVENT_SHUT_DOWN, /* for the reason VALUE (SHUTDOWN_* of <xen/sched.h>) */
    HYPERVISOR_EVENT_RESUMED,   /* as if it had not shut down */
    HYPERVISOR_EVENT_DESTROYED, /* its end begins */
};

struct hypervisor_event {
    struct domain *domain;
    uint64_t time; /* as in struct hypervisor_call */
    enum hypervisor_event_kind kind;
    uint32_t value;
    domid_t domid;
    uint16_t vcpu; /* 0 where it says nothing */
};

/* The outside world. CONTEXT is handed to each function. None may be NULL but the last three. */
struct hypervisor_host {
    void *context;

    /* Stores the clock as it is now. system_time must never be less than at the last call. */
    void (*clock)(void *context, struct hypervisor_clock *now);

    /* Nanoseconds since 1970-01-01 00:00 UTC at system_time 0, for shared_info.wc_*. */
    uint64_t (*wall_clock)(void *context);

    /*
     * No vCPU can run. Sleeps until DEADLINE (system time) or until something came in from
     * outside; whatever came in has been delivered (event_channel_host_raise ...) on return.
     */
    enum hypervisor_wait (*wait)(void *context, uint64_t deadline);

    /* console_io output: LEN bytes of domain D. Takes all of them. */
    void (*console_write)(void *context, struct domain *d, enum hypervisor_console which,
                          const char *bytes, size_t len);

    /* CONSOLEIO_read: stores up to LEN bytes that are there now, returns how many. */
    size_t (*console_read)(void *context, struct domain *d, char *bytes, size_t len);

    /*
     * D has shut down for REASON (SHUTDOWN_* of <xen/sched.h>, or any u8 the guest chose).
     * LATCHED is the code that it gave before by SCHEDOP_shutdown_code, -1 if it gave none: what
     * Xen's tools would see in place of the reason.
     */
    void (*domain_ended)(void *context, struct domain *d, unsigned int reason, int latched);

    /* One line without its newline. */
    void (*log)(void *context, enum hypervisor_log_level level, const char *line);

    /*
     * NULL: nothing comes in but in wait. Else called between the turns of vCPUs, each millisecond
     * of system time while they run, and when hypervisor_attend says that there is something to do.
     */
    void (*look)(void *context);

    /*
     * NULL: nobody wants to know. Else called before each hypercall, those in a multicall too,
     * and after it if it comes back. It may look at the guest's memory by hypervisor_read_guest.
     */
    void (*hypercall)(void *context, const struct hypervisor_call *call);

    /* NULL: nobody wants to know. It only listens: it calls nothing that changes the machine. */
    void (*event)(void *context, const struct hypervisor_event *event);
};

/* What a machine is made of. */
struct hypervisor_config {
    uint64_t memory;                     /* bytes that domains can have, all together */
    enum hypervisor_log_level log_level; /* less important lines are not made at all */

    /*
     * 0: a domain's frames follow each other as far as possible, and vCPUs take turns. Else this
     * number decides what else could be in one or another way:
     *  - frames are handed out in an order that it gives, one by one, or in a large machine a few
     *    at a time: each run of frames that a domain maps is a mapping of this process, of which
     *    Linux allows 65530 (vm.max_map_count);
     *  - it draws who runs next, after which hypercalls the vCPU loses its turn, and when look is
     *    called after hypervisor_attend.
     * The same number, the same guests, and a clock and a host that repeat themselves, give the
     * same run.
     */
    uint64_t seed;

    /*
     * Guests find the same processor on all machines: by cpuid, if they ask Xen, by what tools can
     * ask, and by RDTSC and RDMSR where these come to trap_bounce.
     */
    bool repeatable;
};

/*
 * Makes a machine. HOST is copied. Returns NULL and sets errno if Linux refuses memory.
 * The caller owns the result and ends it with hypervisor_destroy, which destroys its domains.
 */
struct hypervisor *hypervisor_create(const struct hypervisor_host *host,
                                     const struct hypervisor_config *config);
void hypervisor_destroy(struct hypervisor *hv);

/*
 * Runs vCPUs until no domain is left that could run: all have shut down (or have been paused by
 * tools), the initial domain has shut down, hypervisor_interrupt was called, or the host's wait
 * said HYPERVISOR_WAIT_NEVER. Returns whether it was not the latter.
 */
bool hypervisor_run(struct hypervisor *hv);

/* Lets hypervisor_run return true as soon as no vCPU runs. Async-signal-safe. */
void hypervisor_interrupt(struct hypervisor *hv);

/*
 * The host has something to do between turns of vCPUs: look is called before the next, or with a
 * seed before one that it draws, and before wait.
 */
void hypervisor_attend(struct hypervisor *hv);

/* A number below N (> 0), drawn by the machine's seed. */
uint32_t hypervisor_draw(struct hypervisor *hv, uint32_t n);

/*
 * Stores the oldest SIZE bytes at most of what Xen's console ring keeps, and returns how many;
 * CLEAR: they are forgotten. 16384 bytes have room for all (Xen's default, conring_size).
 */
size_t hypervisor_console_ring(struct hypervisor *hv, char *bytes, size_t size, bool clear);

/* What tools are told of the machine: <xen/sysctl.h>. */
void hypervisor_physinfo(struct hypervisor *hv, struct xen_sysctl_physinfo *info);

/* Formats one log line if LEVEL is wanted. */
void hypervisor_log(struct hypervisor *hv, enum hypervisor_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The system time now, as the host's clock says. */
uint64_t hypervisor_now(struct hypervisor *hv);

/* The same as the hypervisor has read it last: costs nothing, and changes nothing. */
uint64_t hypervisor_time(const struct hypervisor *hv);

/*
 * For a listener to hypercalls: copies LEN bytes at FROM of the guest that runs, by its own page
 * tables. Returns 0, or -EFAULT with nothing sure about what was copied.
 */
int hypervisor_read_guest(void *to, uint64_t from, size_t len);

/* The same without a copy: where they are. NULL if they are not in one page, or cannot be read. */
const void *hypervisor_see_guest(uint64_t from, size_t len);

/*
 * A page of the hypervisor's that is made only when someone looks: the guest's tables of frame
 * numbers. If ADDRESS is in one, makes it and returns true: the access can be tried again. To
 * be called from the handler of SIGSEGV. Async-signal-safe.
 */
bool hypervisor_populate_on_fault(struct hypervisor *hv, const void *address);

/* Makes all those pages now (for debuggers, which would stop at the faults). */
void hypervisor_populate_all(struct hypervisor *hv);

/* vCPUs that have a vcpu_info in the shared info page (<xen/xen.h>). */
#define DOMAIN_VCPUS_MAX XEN_LEGACY_MAX_VCPUS

/* What to make a domain of. All pointers are only read during domain_create. */
struct domain_config {
    const char *name;
    uint64_t memory;          /* bytes at the start, a multiple of 4096 */
    uint64_t max_memory;      /* bytes it may grow to; 0: as memory */
    unsigned int vcpus;       /* at most DOMAIN_VCPUS_MAX; 0: one */
    bool hardware_domain;     /* the initial domain: console_io, no console ring, more rights */
    bool debug_console;       /* console_io writes are allowed beside the ring (Xen's is_console) */
    const char *command_line; /* for the start info, at most MAX_GUEST_CMDLINE - 1 bytes */
    const uint8_t *handle;    /* 16 bytes, the domain's UUID; NULL: made up */

    /*
     * The image, which is in memory already, as a part of this executable or because the host has
     * loaded it: pages from image_start on, read-only up to image_data. image_start is the guest's
     * VIRT_BASE. All page aligned. The domain uses these pages themselves, so an image serves once.
     * An
     * image_end of 0 makes a domain without an image, somewhere: for tests.
     */
    uintptr_t image_start, image_data, image_end;

    /*
     * Up to here the image's pages, which are read-write and empty, are not in this process: Linux
     * has no page at address 0 for it. 0: all are.
     */
    uintptr_t image_shown;

    /*
     * These pages were mapped for the domain, with the addresses that follow up to
     * domain_initial_size, where it maps its own. It unmaps all when it is destroyed.
     */
    bool image_owned;

    /* Reads the next LEN bytes of the RAM disk into BUFFER; 0 or negative errno. ramdisk_size 0:
     * none. */
    int (*ramdisk_read)(void *context, void *buffer, size_t len);
    void *ramdisk_context;
    size_t ramdisk_size;

    /* vCPU 0 starts here, as <xen/xen.h> "start-of-day" says, and with rdi = window,
     * rdx = its size, rcx = virt_base. */
    void (*entry)(void);
};

/* The smallest memory, in bytes, that domain_create takes for CONFIG's image and RAM disk. */
uint64_t domain_minimum_memory(const struct domain_config *config);

/* The bytes of address space that the domain needs from image_start on: image and what follows. */
uint64_t domain_initial_size(const struct domain_config *config);

/*
 * Takes [START, START + SIZE) for a guest, if nobody in the process has any of it: as pages of
 * zeros with ACCESS (PROT_*), which take no memory before they are used.
 */
bool address_reserve(uint64_t start, uint64_t size, int access);

/*
 * Builds a domain and makes its vCPU 0 runnable. Returns 0 and stores it, or
 *   -ENOMEM  memory is less than domain_minimum_memory, or the machine has not enough
 *   -EEXIST  address space that the domain needs after its image is in use by this process
 *   -E2BIG   the command line is too long
 *   -EINVAL  more than DOMAIN_VCPUS_MAX vCPUs
 *   or what ramdisk_read returned.
 */
int domain_create(struct hypervisor *hv, const struct domain_config *config, struct domain **out);

/* Ends and frees D, whatever it does. Not from inside one of its hypercalls. */
void domain_destroy(struct domain *d);

/* Shuts D down for REASON, as SCHEDOP_shutdown would. */
void domain_shutdown(struct domain *d, unsigned int reason);

/*
 * D's vCPUs do not run until all pauses are taken back. Counted, as domctl does: -EOVERFLOW beyond
 * 255, -EINVAL if D is not paused.
 */
int domain_pause(struct domain *d);
int domain_unpause(struct domain *d);

/* The most memory that D may have from now on, in bytes, as XEN_DOMCTL_max_mem sets it. */
void domain_set_maximum(struct domain *d, uint64_t bytes);

/* What tools are told of D, or of its vCPU number ID (-ESRCH: there is none): <xen/domctl.h>. */
void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);
int domain_vcpu_info(struct domain *d, unsigned int id, struct xen_domctl_getvcpuinfo *info);

struct hypervisor *domain_hypervisor(const struct domain *d);
domid_t domain_id(const struct domain *d);
/* The one with the number ID, which may be dying; NULL: there is none. */
struct domain *domain_by_id(struct hypervisor *hv, unsigned int id);
/* What D is for the host; NULL until it is set. */
void domain_set_context(struct domain *d, void *context);
void *domain_context(const struct domain *d);
const char *domain_name(const struct domain *d);
bool domain_is_hardware(const struct domain *d);

/* The start info page; NULL in a domain without an image. */
start_info_t *domain_start_info(struct domain *d);

/* The addresses that D may map beside its image: the first, and in SIZE how many. */
uintptr_t domain_window(const struct domain *d, size_t *size);

/*
 * The frame MFN of D, for a back end in this process: as if a tool had mapped it, it stays D's
 * until D is destroyed, and a page that can be written. NULL if D does not own it, has a page table
 * there, or if there are too many such frames.
 */
void *domain_frame(struct domain *d, xen_pfn_t mfn);

/* The domain whose guest code is running (or is in a hypercall), or NULL; then, which vCPU. */
struct domain *hypervisor_current_domain(void);
unsigned int hypervisor_current_vcpu(void);

/*
 * The host's end of D's event channel PORT, which the domain builder made (console, xenstore).
 * NOTIFY runs inside the guest's EVTCHNOP_send, so before the guest goes on.
 */
typedef void event_channel_notify(void *context, struct domain *d, evtchn_port_t port);
int event_channel_host_bind(struct domain *d, evtchn_port_t port, event_channel_notify *notify,
                            void *context);

/* Makes PORT pending, as a send from its other end does. */
void event_channel_host_raise(struct domain *d, evtchn_port_t port);

/* Makes the port of global virtual interrupt VIRQ pending, if D has bound it. */
void event_channel_virq(struct domain *d, unsigned int virq);

/* Whether D has a vCPU that sleeps and that PORT (or VIRQ's port) becoming pending would wake. */
bool event_channel_awaited(struct domain *d, evtchn_port_t port);
bool event_channel_virq_awaited(struct domain *d, unsigned int virq);

/*
 * A guest's registers, and what the processor says of a fault, in the words of <xen/xen.h> and of
 * the processor manual. trap_switch.S knows the order; cs and ss are the hypervisor's business.
 */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t rip, cs, rflags, rsp, ss;
    unsigned int vector; /* 0, 3, 6, 13, 14, 16, 19 ... */
    uint32_t error_code; /* pushed for vectors 8, 10 to 14 and 17 */
    uint64_t cr2;        /* for vector 14 */
};

/*
 * The running guest has faulted. If that can be mended (an instruction that Xen emulates, a
 * handler that the guest has), stores what the processor must continue with in FRAME and returns
 * true; else the domain has to crash. Async-signal-safe as far as the faulting code was the
 * guest's.
 */
bool trap_bounce(struct trap_frame *frame);

/*
 * Whether F, which came while a guest had the processor, is its fault: in its own code, or where it
 * has jumped to.
 */
bool trap_by_guest(const struct trap_frame *frame);

/*
 * Whether F is a handler's, and the guest's fault all the same: a hypercall that is a C call runs
 * on the stack of its caller.
 */
bool trap_by_stack(const struct trap_frame *frame);

/* Why trap_bounce could not go on with FRAME, which it was given, in words. */
void trap_describe_end(const struct trap_frame *frame, char *text, size_t size);

/* Reads guest memory as the running vCPU sees it, up to where it is not mapped. How many bytes. */
size_t trap_read_guest(uint64_t va, void *to, size_t len);

/* Whether VA is within what the current domain may map: its image, its window
 * and what else of the process it has claimed. */
bool trap_in_guest(uint64_t va);

/* The kind of page of the current domain at VA, in words, for a report. */
const char *trap_describe_page(uint64_t va);

/* The rip of the last fault that was bounced to D, 0 if there was none. */
uint64_t trap_last_rip(const struct domain *d);

/*
 * For a fault that nobody handles: crashes the current domain, and stores the stack pointer and
 * program counter with which the processor has to go on, in the scheduler.
 */
void trap_crash(uint64_t *rip, uint64_t *rsp);

/*
 * The name of a suboperation ("EVTCHNOP_send"), or of a hypercall ("mmu_update") if SUBOPERATION is
 * HYPERVISOR_NO_SUBOPERATION. NULL if there is none with that number.
 */
const char *hypercall_name(unsigned int op, uint32_t suboperation);

/*
 * The clock of the host says that whoever has the processor has had it for long; F are the
 * registers that its signal has interrupted, FPU the others, SIZE bytes as xsave or fxsave stores
 * them. If the running guest was interrupted in its own code, keeps all of it, stores in RIP and
 * RSP where the processor has to go on, in the scheduler, and returns true. If not, returns false,
 * and the vCPU that runs leaves with its next hypercall. Async-signal-safe.
 */
bool trap_preempt(const struct trap_frame *f, const void *fpu, size_t size, uint64_t *rip,
                  uint64_t *rsp);

/* Where in a process guests' addresses end, at the latest; the host's own are beyond. */
#define HYPERVISOR_GUEST_END 0x500000000000UL

/*
 * The running guest has executed a SYSCALL instruction of its own, behind which F are its
 * registers: changes F so that it goes on with the hypercall, or with its kernel's system call.
 */
void hypercall_by_instruction(struct trap_frame *f);

/* Fills a hypercall page (<xen/elfnote.h>, XEN_ELFNOTE_HYPERCALL_PAGE), of 4096 bytes. */
void hypercall_page_fill(uint8_t *page);

/*
 * Every hypercall of a guest. OP and its arguments are those of <xen/xen.h>. Runs on the
 * caller's stack; callable only from a guest that hypervisor_run has started.
 */
long hypercall(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3,
               unsigned long a4, unsigned long a5);

#endif
