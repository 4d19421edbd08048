/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the files of the hypervisor share among themselves.
 *
 * Words: a frame (mfn) is a page of the machine, that is of the memfd; a pfn is the guest's own
 * number of a page. A frame has one owner. It is referenced by page-table entries and by the
 * hypervisor (general references), and used by some of them in one way, its type (type
 * references): as a page table of one level, or as a page that is mapped writable.
 */
#ifndef HYPERCALL_SHIM_INTERNAL_H
#define HYPERCALL_SHIM_INTERNAL_H

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ /* the hypervisor serves tools too: all of the headers */
#endif

#include <assert.h>
#include <string.h>

#include "hypervisor.h"
#include "vectors.h"

#include <xen/sched.h>
#include <xen/vcpu.h>

/* Xen's error numbers, which for x86 are Linux's; handlers return them negated. */
#include <errno.h>

#define PAGE_SHIFT      12
#define PAGE_SIZE       (1UL << PAGE_SHIFT)
#define PAGE_MASK       (~(PAGE_SIZE - 1))
#define PAGES_UP(bytes) (((bytes) + PAGE_SIZE - 1) >> PAGE_SHIFT)

#ifndef MADV_POPULATE_WRITE    /* musl 1.2.3 does not know it */
#define MADV_POPULATE_WRITE 23 /* <asm-generic/mman-common.h>, Linux 5.14 */
#endif

/* Bits of a page-table entry (processor manual; Xen's PV guests write real ones). */
#define PTE_PRESENT          0x001UL
#define PTE_RW               0x002UL
#define PTE_USER             0x004UL
#define PTE_PWT              0x008UL
#define PTE_PCD              0x010UL
#define PTE_ACCESSED         0x020UL
#define PTE_DIRTY            0x040UL
#define PTE_PSE              0x080UL /* PAT in a leaf */
#define PTE_GLOBAL           0x100UL
#define PTE_AVAIL            0xe00UL
#define PTE_AVAIL_HIGH       (0x7ffUL << 52)
#define PTE_NX               (1UL << 63)
#define PTE_FRAME(pte)       (((pte)&0x000ffffffffff000UL) >> PAGE_SHIFT)
#define PTE_MAKE(mfn, flags) (((uint64_t)(mfn) << PAGE_SHIFT) | (flags))
#define PT_ENTRIES           512U

/* A p2m or m2p entry that means "none": Xen's INVALID_M2P_ENTRY. */
#define INVALID_P2M_ENTRY (~0UL)

/* ---- frames (page.c) ---- */

enum page_type {
    PAGE_NONE, /* the four levels are 1 to 4, so that a type is its level */
    PAGE_L1,
    PAGE_L2,
    PAGE_L3,
    PAGE_L4,
    PAGE_WRITABLE,
    PAGE_DESCRIPTOR, /* segment descriptors: in use as GDT */
};

#define PAGE_PINNED   0x01 /* holds a type and a general reference of its own */
#define PAGE_RELEASED 0x02 /* given back by its owner; free when the last reference goes */
#define PAGE_LAZY     0x04 /* contents are made when someone looks (struct lazy_range) */
#define PAGE_STOLEN   0x10 /* XENMEM_exchange has it in hand */
#define PAGE_SPECIAL  0x08 /* the hypervisor's, shared with its owner (shared info) */
/* Of the grant table: special, and given back by it rather than with the owner's pages. */
#define PAGE_GRANT_TABLE 0x20

/*
 * One for each frame. All zero means the common case, so that the table costs nothing for
 * frames that nobody has done anything with: owned as the extent says that the frame is in,
 * allocated, referenced by nothing else.
 */
struct page_info {
    uint32_t refs;       /* references beyond the one that the allocation holds */
    uint32_t type_count; /* uses as TYPE */
    uint32_t link;       /* page table: first of its pt_links; free frame: see page_alloc.c */
    uint16_t owner;      /* OWNER_* */
    uint8_t type;        /* the last type it had; binding while type_count is not 0 */
    uint8_t flags;       /* PAGE_* */
};

#define OWNER_EXTENT        0
#define OWNER_FREE          1
#define OWNER_HYPERVISOR    2
#define OWNER_DOMAIN(domid) ((uint16_t)((domid) + 3))

/* Frames that belong to one domain together since it was made. */
struct extent {
    uint32_t start, count;
    struct domain *owner; /* NULL: free */
    bool broken;          /* some frame has been given back alone: never reused as a whole */
};

/* An entry of table PARENT at SLOT refers to the table that has this link in its list. */
struct pt_link {
    uint32_t parent;
    uint32_t slot;
    uint32_t next; /* index into hv->links, 0: none */
};

/* Pages whose contents follow from their place, made when someone looks. */
struct lazy_range {
    uint32_t start, count; /* frames */
    const uint8_t *source; /* contents are here (image), or NULL: MAKE makes them */
    bool in_place;         /* and the guest uses them here, at VIEW, until the frame is needed */
    void (*make)(struct hypervisor *hv, struct domain *d, uint32_t index, void *page);
    struct domain *domain;
    uint8_t *view; /* where guests see them, with PROT_NONE if not in place; or NULL */
    int view_prot; /* what a page of the view becomes */
    struct lazy_range *next;
};

/* The finalizer of splitmix64. */
static inline uint64_t mix_bits(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
    return x ^ x >> 31;
}

/* ---- hypervisor ---- */

/* What needs no memory of its own: enough for one domain's start. */
#define FIRST_EXTENTS 4
#define FIRST_LINKS   64

/* Pages that page_lazy_make makes at once. */
#define LAZY_TOGETHER 4U

#define MAX_DOMAINS 1024 /* ids 0 .. MAX_DOMAINS - 1 */

/* A one-shot timer: FIRE(ARG) runs in the scheduler when DEADLINE has come. */
struct timer {
    uint64_t deadline;
    void (*fire)(void *arg);
    void *arg;
    size_t place; /* in the heap, from 1; 0: not armed */
};

/* Addresses that D has claimed, or that it cannot have: address_space.c. */
struct address_claim {
    uint64_t start, end;
    bool refused;
};
struct address_claims {
    struct address_claim *list; /* in order, neighbours joined */
    unsigned int count, space, tried;
};

struct mirror_run {
    uint64_t va;
    uint64_t mfn;
    size_t pages;
    int prot; /* -1: nothing mapped */
};

/* Levels below are logged: ALWAYS, and LIMITED in their number, which here they are not. */
struct log_threshold {
    uint8_t always, limited;
};

/* What the processor has of registers for computing; it is asked once. */
struct processor_vectors {
    bool known, avx, avx512;
    bool tells_use; /* which of them are in use */
};

struct hypervisor {
    struct hypervisor_host host;
    struct log_threshold log, guest_log; /* GUEST: what guests say on its console */

    /* frames */
    int memfd;
    uint64_t frames;          /* in the machine */
    uint32_t reserved_frames; /* the first ones are the hypervisor's */
    uint32_t next_reserved;   /* next unused of them */
    uint32_t next_fresh;      /* frames from here on were never handed out */
    uint64_t seed, seed_next; /* page_alloc.c: order of handing out, 0: as they come */
    unsigned int seed_order;  /* so many at a time, as a power of two */
    uint64_t seed_state;      /* of hypervisor_draw */
    bool repeatable;
    uint64_t counter_reads;   /* time_counter */
    uint32_t free_blocks[19]; /* page_alloc.c: lists by order, 0: none */
    uint64_t free_frames;     /* in them */
    uint64_t claimed;         /* promised to domains: XENMEM_claim_pages */
    uint8_t *direct_map;
    struct page_info *page_table;
    struct extent *extents;
    size_t extent_count, extent_space;
    struct extent first_extents[FIRST_EXTENTS];
    struct pt_link *links;
    struct pt_link first_links[FIRST_LINKS];
    uint32_t link_count, link_space, first_free_link;
    struct lazy_range *lazy;
    struct lazy_range m2p_lazy;
    uint64_t *m2p;     /* in the direct map */
    uint8_t *m2p_view; /* what guests see, read only */

    struct mirror_run run;           /* changes of guest mappings not yet made */
    uint64_t translation_generation; /* changes with every page-table change */
    struct table_write *table_write; /* writable_page_table.c, NULL: never used */

    /* domains, scheduling, time */
    struct domain *domains[MAX_DOMAINS];
    unsigned int domain_count, live_domains;
    domid_t next_domid;
    struct vcpu *run_first, *run_last;
    bool passes_on;        /* sched_pass_on */
    struct timer **timers; /* a heap */
    size_t timer_count, timer_space;
    volatile bool interrupted;     /* hypervisor_interrupt */
    uint64_t next_look;            /* when host.look is called; FOREVER: there is none */
    uint64_t last_time;            /* no time that was read is later */
    struct hypervisor_clock clock; /* what the host's clock said last */
    void *host_sp;                 /* the scheduler's stack while a vCPU runs */
    void *host_fiber;
    const void *host_stack;
    size_t host_stack_size;
    char input[128]; /* console_io input that a guest could not be given */
    unsigned int input_held;
    uint64_t gs_base; /* what the processor has loaded (processor.c) */
    struct processor_vectors vectors;

    /* for tools (domctl, sysctl, platform_op) */
    struct domain *dead;             /* gone, but for their memory: domain_bury */
    int64_t wall_adjust;             /* what settime added to the host's wall clock */
    struct console_ring *ring;       /* console_ring.c, or NULL */
    struct machine_control *control; /* sysctl.h, or NULL */
    struct cpu_policy *cpu_policy;   /* cpu_policy.c, NULL until someone asks */
    uint64_t idle_time;              /* how long no vCPU could run */
    unsigned int hypercall_limit;    /* numbers below go the fast way (hypercall_choose_way) */
    volatile bool time_is_up;        /* trap_preempt: the running vCPU leaves with a hypercall */
    uint64_t preemptions;            /* how often a guest lost the processor in its own code */
    void *stacks;                    /* hypercall_stack.c: kept for the next vCPUs */
    unsigned int stacks_kept;
    domid_t virq_handler[NR_VIRQS];         /* who gets a global VIRQ; 0: the initial domain */
    uint32_t grant_frames, maptrack_frames; /* that domctl may give to a domain */
};

/* ---- domains ---- */

#define MAX_VCPUS   DOMAIN_VCPUS_MAX
#define HOST_FRAMES 4U /* of a domain: its rings, and some more */

enum vcpu_state {
    VCPU_RUNNABLE,
    VCPU_BLOCKED, /* SCHEDOP_block */
    VCPU_POLLING, /* SCHEDOP_poll */
    VCPU_DOWN,    /* its domain has crashed: never again */
};

/* Registers at the first entry, in the order that vcpu_switch.S knows. */
struct vcpu_entry {
    uint64_t rip, rsp, rdi, rsi, rdx, rcx;
    uint64_t rax, rbx, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rflags;
    uint32_t fcw, mxcsr;
    const void *fpu; /* as fxsave stores them, in place of these two; or NULL */
};

/* What of a guest's flags the processor can have; events are never masked by its own. */
#define VCPU_RFLAGS(rflags) (((rflags)&0xcd5UL) | 0x202UL)

/* Control words of a vCPU that begins without an FPU context (Xen's FCW_DEFAULT, MXCSR_DEFAULT). */
#define VCPU_FCW   0x37fU
#define VCPU_MXCSR 0x1f80U

/* What Xen 4.17 lets a 64-bit PV guest choose by vm_assist. */
#define VM_ASSIST_VALID                                                                            \
    (1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify |                    \
     1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 |                \
     1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag |             \
     1UL << VMASST_TYPE_m2p_strict)

#define TLB_ENTRIES 64U
struct tlb_entry {
    uint64_t page; /* va >> PAGE_SHIFT, with bit 63 set if valid */
    uint8_t *host;
    bool writable;
};

struct vcpu {
    void *
        hypercall_sp; /* the end of the stack for hypercalls by page (hypercall_stack.c), or NULL */
    bool has_avx, has_avx512; /* with that stack: what there is of registers (vectors.h) */
    struct domain *domain;
    uint32_t id;
    enum vcpu_state state;
    bool initialised; /* has a context: could run if it were up */
    bool is_down;     /* VCPUOP_down; it can wait for something meanwhile (STATE) */
    bool is_pinned;   /* SCHEDOP_pin_override */
    bool queued;      /* in the run queue */
    struct vcpu *run_next, *run_prev;
    vcpu_info_t *info;
    bool info_registered;
    uint32_t info_mfn;

    /* the coroutine (vcpu.c, vcpu_switch.S) */
    void *sp;
    bool started;
    struct vcpu_entry entry;
    const void *stack;
    size_t stack_size;
    void *fiber;
    bool arrived; /* AddressSanitizer knows that it runs on its stack */
    unsigned int stack_id[3];
    void *fpu; /* what entry.fpu points to */

    /* interrupted in its own code (preempt.c): it continues with FRAME, and what xsave stored */
    bool is_preempted;
    void *preempted_fpu;
    size_t preempted_size;

    evtchn_port_t virq_to_port[NR_VIRQS]; /* 0: not bound; global ones are vCPU 0's */

    /* poll */
    evtchn_port_t *poll_ports;
    unsigned int poll_count;

    /* time */
    struct timer poll_timer, singleshot_timer, periodic_timer;
    uint64_t periodic_period, periodic_last; /* 0: none; the last tick */
    vcpu_runstate_info_t runstate;
    uint64_t runstate_area, time_area; /* guest addresses, 0: none */

    /* address space */
    uint64_t cr3;      /* frame of the L4 table */
    uint64_t user_cr3; /* MMUEXT_NEW_USER_BASEPTR, 0: none */
    uint64_t tlb_generation;
    struct tlb_entry tlb[TLB_ENTRIES];

    /* traps and processor state (trap.h) */
    trap_info_t traps[256];
    bool user_mode;   /* runs on user_cr3, after an iret to ring 3 */
    bool nmi_pending; /* VCPUOP_send_nmi */
    bool nmi_masked;  /* from an NMI's delivery to the next iret */
    uint64_t event_callback, failsafe_callback, syscall_callback;
    uint64_t syscall32_callback, sysenter_callback;
    uint32_t callback_flags; /* CALLBACK_MASKS(type): upcalls are masked when it is called */
    uint64_t kernel_sp, kernel_ss;
    struct trap_frame frame; /* what trap_continue continues with */
    bool has_vectors;        /* and with these vector registers (vectors.h) */
    uint8_t vectors[VECTORS_SIZE];
    uint64_t fs_base, gs_base_user, gs_base_kernel, user_gs_selector;
    uint64_t cr2, cr4;
    uint64_t debugreg[8];
    uint64_t debugreg7_io; /* enabled breakpoints on ports, which Xen emulates */
    uint64_t ldt_base;
    uint32_t ldt_entries;
    uint64_t gdt_frames[FIRST_RESERVED_GDT_PAGE];
    unsigned int gdt_entries;
    bool fpu_task_switched;
    unsigned int iopl;
    uint64_t port_bitmap; /* PHYSDEVOP_set_iobitmap: address, 0: none */
    uint32_t port_bitmap_ports;
    uint32_t pci_address; /* port 0xcf8 */
    uint32_t tsc_aux;
    uint64_t mcg_status;
    bool in_multicall;
    struct domain *mmuext_owner;  /* of the frames that the running mmuext_op names */
    struct vcpu_control *control; /* domctl.h, or NULL */
};

/* What the maker of a domain bounds (XEN_DOMCTL_createdomain, or domain_new's defaults). */
struct domain_limits {
    evtchn_port_t last_port;
    uint32_t maptrack_frames;
    uint16_t grant_frames, grant_version;
};

struct domain {
    struct hypervisor *hv;
    domid_t id;
    void *context; /* the host's */
    char name[64];
    bool hardware_domain, debug_console;
    bool is_shut_down;
    bool is_dying;    /* destroyed, but there are frames of it that others have mapped */
    int latched_code; /* SCHEDOP_shutdown_code, -1: none */
    unsigned int shutdown_reason;    /* if is_shut_down */
    unsigned int pause_count;        /* by domctl: its vCPUs run only while it is 0 */
    unsigned int max_vcpus;          /* ids of its vCPUs are below */
    uint64_t left_frames;            /* if is_dying: how many */
    evtchn_port_t left_ports;        /* if is_dying: those below are ports that are closed */
    shared_info_t *left_shared_info; /* in place of its frame, while it is dying */
    bool was_started;                /* has been unpaused, or was made to run at once */
    int64_t time_offset;             /* of its wall clock to the machine's, in seconds */
    struct domain_control *control;  /* domctl.h, or NULL */
    struct domain *next_dead;
    xen_domain_handle_t handle;

    /* memory */
    uint64_t pages, max_pages, claimed;
    uint32_t *p2m;      /* frames it was made with, one by one; NULL: an extent of them */
    uint32_t first_mfn; /* pfn 0 of the extent it was made with */
    uint32_t extent_pages;
    uint32_t first_single, end_singles; /* page_alloc.h */
    uint32_t pinned;                    /* how many frames have PAGE_PINNED */
    uint32_t shared_info_mfn;
    shared_info_t *shared_info;
    uint64_t image_end;
    uint64_t virt_base, virt_end; /* mirrored: the image and what was built after it */
    uint64_t window, window_size; /* mirrored: the rest that is there from the beginning */
    struct address_claims claims; /* mirrored: what the guest maps elsewhere */
    bool window_owned, low_owned;
    bool is_fresh;        /* its extent has been nobody's before */
    uint64_t mirror_base; /* L4 frame that the mirror shows */
    uint32_t start_info_mfn;
    uint32_t console_mfn, xenstore_mfn; /* the rings' frames; 0: none */
    uint32_t host_frames[HOST_FRAMES];  /* of which the host has both references; 0: none */
    bool has_start_info;
    struct lazy_range text_lazy, data_lazy, p2m_lazy;
    void *e820; /* XENMEM_set_memory_map */
    unsigned int e820_count;
    uint64_t vm_assist;

    struct domain_limits limits;
    struct event_channels *events; /* event_channel.h */

    struct grant_table *grant_table; /* grant_table.h; NULL until someone looks */

    struct vcpu *vcpus[MAX_VCPUS];
    unsigned int vcpu_count;

    struct timer watchdog[2];
    bool calls_by_page; /* its vCPUs have stacks for hypercalls by page */
    uint64_t last_trap_rip;
    uint32_t eoi_map_mfn; /* PHYSDEVOP_pirq_eoi_gmfn, 0: none */
};

extern __thread struct vcpu *current;

/* ---- hypervisor.c: for whoever listens ---- */

void event_tell(struct domain *d, enum hypervisor_event_kind kind, uint32_t vcpu, uint32_t value);
static inline void tell(struct domain *d, enum hypervisor_event_kind kind, uint32_t vcpu,
                        uint32_t value)
{
    if (__builtin_expect(d->hv->host.event != NULL, 0))
        event_tell(d, kind, vcpu, value);
}

/* ---- page.c ---- */

/* Who owns MFN; NULL if free, the hypervisor's or no frame. */
struct domain *page_owner(struct hypervisor *hv, uint64_t mfn);
/* Whether MFN is a frame of the domain DOMID, be it dying. */
bool page_is_of(struct hypervisor *hv, domid_t domid, uint64_t mfn);
struct page_info *page_info(struct hypervisor *hv, uint64_t mfn);
/* Takes a general reference of a frame of D. False if MFN is not one. */
bool page_get(struct domain *d, uint64_t mfn);
void page_put(struct hypervisor *hv, uint64_t mfn);
/* Takes the type reference of a writable mapping, whoever owns MFN. False if it is a page table. */
bool page_get_writable(struct hypervisor *hv, uint64_t mfn);
void page_put_writable(struct hypervisor *hv, uint64_t mfn);
/* Takes a type reference; the caller holds a general one. Validates page tables. */
int page_get_type(struct domain *d, uint64_t mfn, enum page_type type);
void page_put_type(struct domain *d, uint64_t mfn);
/* Both references of a frame of D. 0, -EINVAL if it is not one, or what page_get_type says. */
int page_get_both(struct domain *d, uint64_t mfn, enum page_type type);
void page_put_both(struct domain *d, uint64_t mfn);
/* A zeroed frame for D, not counting it: 0 if there is none. */
uint32_t page_allocate(struct domain *d);
/* COUNT consecutive fresh frames for D: the first, 0 if there are not as many. */
uint32_t page_allocate_extent(struct domain *d, uint32_t count);
/* A zeroed page of the hypervisor's that D may map. */
uint32_t page_allocate_special(struct domain *d);
/* How many free frames there are with FROM <= mfn < TO. */
uint64_t page_count_free(struct hypervisor *hv, uint64_t from, uint64_t to);
/* Gives such a page back. False if somebody refers to it. */
bool page_free_special(struct hypervisor *hv, uint64_t mfn);
/*
 * A frame changes hands: taken from D, if nothing refers to it (False if not, or if not D's), then
 * given to another or freed.
 */
bool page_steal(struct domain *d, uint64_t mfn);
void page_give(struct domain *d, uint64_t mfn);
/* D gives MFN back: it is freed with its last reference. False if not D's. */
bool page_release(struct domain *d, uint64_t mfn);
/* PAGE_PINNED stands for both references of MFN, which the caller has taken; page_unpin drops them.
 */
void page_set_pinned(struct domain *d, uint64_t mfn);
void page_unpin(struct domain *d, uint64_t mfn);
/* Gives back all that D has and nobody else refers to. Its tables hold no references any more. */
void page_release_all(struct domain *d);
void page_link_add(struct hypervisor *hv, uint64_t child, uint64_t parent, unsigned int slot);
void page_link_remove(struct hypervisor *hv, uint64_t child, uint64_t parent, unsigned int slot);

/* ---- page_contents.c ---- */

/* The contents of frame MFN, made if they were lazy. MFN must be < hv->frames. */
void *page_map(struct hypervisor *hv, uint64_t mfn);
/* The same for reading: does not make a copy of what exists elsewhere. */
const void *page_map_read(struct hypervisor *hv, uint64_t mfn);
/* Registers pages that are made when looked at. RANGE must live as long. */
void page_lazy_add(struct hypervisor *hv, struct lazy_range *range);
/* Makes COUNT (at most LAZY_TOGETHER) pages of RANGE from FIRST on, before anybody looks. */
void page_lazy_make(struct hypervisor *hv, struct lazy_range *range, uint32_t first,
                    uint32_t count);
/* What is in place at [VA, VA + LEN) moves to its frames: something else will be mapped there. */
void page_lazy_leave(struct hypervisor *hv, uint64_t va, size_t len);
/* Whether frame MFN has its contents in place. */
bool page_in_place(struct hypervisor *hv, uint64_t mfn);
void page_lazy_remove(struct hypervisor *hv, struct lazy_range *range);
uint64_t m2p_get(struct hypervisor *hv, uint64_t mfn);
void m2p_set(struct hypervisor *hv, uint64_t mfn, uint64_t pfn);
/* For the lazy range of the table. */
void m2p_make(struct hypervisor *hv, struct domain *d, uint32_t index, void *page);

/* ---- page_table.c: validation; mirror.c: what the process sees ---- */

int page_table_validate(struct domain *d, uint64_t mfn, unsigned int level);
void page_table_invalidate(struct domain *d, uint64_t mfn, unsigned int level);
int page_table_modify(struct domain *d, uint64_t mfn, unsigned int level, unsigned int slot,
                      uint64_t entry, bool preserve_ad, struct domain *page_owner);
/*
 * Sets a leaf whose references the caller has taken; returns the one before, with its references
 * for the caller to put.
 */
uint64_t page_table_exchange_leaf(struct domain *d, uint64_t mfn, unsigned int slot,
                                  uint64_t entry);
void page_table_put_leaf(struct hypervisor *hv, uint64_t entry);
/* The leaf entry at VA under L4 frame CR3: its table and slot. False if a level is missing. */
bool page_table_find_leaf(struct hypervisor *hv, uint64_t cr3, uint64_t va, uint64_t *table,
                          unsigned int *slot);

/* descriptor.c: whether the 512 segment descriptors of MFN may be used; it mends them. */
int descriptor_page_validate(struct hypervisor *hv, uint64_t mfn);

/* ---- address_space.c ---- */

/* Whether the process shows D's pages at VA. */
bool address_is_shown(const struct domain *d, uint64_t va);
/* Whether it does so, or could, for an address in [VA, VA + SIZE). */
bool address_may_be_shown(const struct domain *d, uint64_t va, uint64_t size);
/* Makes the page at VA D's, if it is not and nobody else has it. False: it cannot be D's. */
bool address_claim(struct domain *d, uint64_t va);
/*
 * The next of D's parts of [VA, VA + SIZE), [FROM, TO), I is 0 before the first. False: there is
 * none.
 */
bool address_next_part(const struct domain *d, unsigned int *i, uint64_t va, uint64_t size,
                       uint64_t *from, uint64_t *to);
/* Gives back what D has claimed, at its end. */
void address_release(struct domain *d);

void mirror_entry_changed(struct domain *d, unsigned int level, uint64_t table, unsigned int slot,
                          uint64_t old_entry, uint64_t entry);
void mirror_switch(struct domain *d, uint64_t cr3);
void mirror_flush(struct hypervisor *hv);

/*
 * writable_page_table.c: a trap of the running guest that may be about a write to a page table.
 * True: mended, go on with FRAME. False: FRAME is the guest's to handle (it may be another one).
 */
bool page_table_write_trap(struct vcpu *v, struct trap_frame *frame);
/* Whether the running guest is in the middle of such a write. */
bool page_table_write_pending(const struct hypervisor *hv);

/* ---- guest_access.c ---- */

/*
 * Xen's access_ok: outside of Xen's own addresses. Where Xen looks at no more than the beginning, a
 * copy that fails later is no error.
 */
static inline bool guest_address_ok(uint64_t va)
{
    return va < 1UL << 47 || va >= HYPERVISOR_VIRT_END;
}

static inline bool is_canonical(uint64_t va) { return (uint64_t)((int64_t)(va << 16) >> 16) == va; }

/* 0, or -EFAULT with nothing sure about what was copied. NULL with LEN > 0 is a fault. */
int copy_from_guest(struct vcpu *v, void *to, uint64_t from, size_t len);
int copy_to_guest(struct vcpu *v, uint64_t to, const void *from, size_t len);
/* The bytes at VA up to the end of its page, or NULL. */
uint8_t *guest_pointer_slow(struct vcpu *v, uint64_t va, bool write);
static inline uint8_t *guest_pointer(struct vcpu *v, uint64_t va, bool write)
{
    const struct tlb_entry *t = &v->tlb[va >> PAGE_SHIFT & (TLB_ENTRIES - 1)];

    if (t->page == ((va >> PAGE_SHIFT) | 1UL << 63) && (!write || t->writable) &&
        v->tlb_generation == v->domain->hv->translation_generation)
        return t->host + (va & ~PAGE_MASK);
    return guest_pointer_slow(v, va, write);
}

/* copy_from_guest where a call is felt, for a LEN that the compiler knows. */
static inline int copy_few_from_guest(struct vcpu *v, void *to, uint64_t from, size_t len)
{
    const uint8_t *in;

    if ((from & ~PAGE_MASK) > PAGE_SIZE - len)
        return copy_from_guest(v, to, from, len);
    in = guest_pointer(v, from, false);
    if (!in)
        return -EFAULT;
    memcpy(to, in, len);
    return 0;
}

/* ---- domain.c, vcpu.c, sched.c, timer.c, time.c, event_channel.c ---- */

/* XSM's default policy for XSM_TARGET: oneself, or whoever the privileged one names. */
static inline bool may_target(const struct domain *d, const struct domain *target)
{
    return d == target || d->hardware_domain;
}

/* The domain that DOMID names for V's domain (DOMID_SELF included), or NULL. */
struct domain *domain_find(struct vcpu *v, domid_t domid);
int domain_initialise(struct hypervisor *hv, const struct domain_config *config,
                      struct domain **out);
/* An empty domain: no memory, no vCPU, paused once. ID must be free. */
int domain_new(struct hypervisor *hv, domid_t id, struct domain **out);
/* The next free id, as for a domain that nobody chose one for. */
int domain_choose_id(struct hypervisor *hv, domid_t *id);
/* Gives D address space of the process, in which its mappings will be seen. */
bool domain_make_window(struct domain *d);
/* The last frame of a dying domain has gone. */
void domain_bury(struct domain *d);
void domain_free_dead(struct hypervisor *hv);
/* As if D had not shut down. */
void domain_resume(struct domain *d);
struct vcpu *vcpu_create(struct domain *d, uint32_t id);
void vcpu_destroy(struct vcpu *v);
/* Gives back the base tables of V, which has none then. */
void vcpu_release_roots(struct vcpu *v);
/* From V's own stack: back to the scheduler. */
void vcpu_leave(struct vcpu *v);
/* V does not wait any more (Xen's vcpu_unblock). */
void vcpu_wake(struct vcpu *v);
/* PORT has become pending: wakes V if it polls for that. */
void vcpu_kick_for_event(struct vcpu *v, evtchn_port_t port);
void vcpu_set_runstate(struct vcpu *v, int state, uint64_t now);
void vcpu_write_runstate_area(struct vcpu *v);
/* How long V has had the processor until NOW. */
uint64_t vcpu_cpu_time(const struct vcpu *v, uint64_t now);

/* Whether V could run, as far as it is concerned. */
bool sched_runnable(const struct vcpu *v);
/* To the end of the run queue, if it is runnable. */
void sched_queue(struct vcpu *v);
void sched_unqueue(struct vcpu *v);

void timer_set(struct hypervisor *hv, struct timer *t, uint64_t deadline);
void timer_stop(struct hypervisor *hv, struct timer *t);
uint64_t timer_next(const struct hypervisor *hv);
void timer_run(struct hypervisor *hv, uint64_t now);

/* The system time: from the host's clock, or extrapolated from what that said not long ago. */
uint64_t time_read(struct hypervisor *hv);
uint64_t time_now(struct hypervisor *hv);
/* Shows V the clock, if it has not seen it: its vcpu_info and its registered area. */
void time_show(struct vcpu *v);
/* Both. */
uint64_t time_update(struct vcpu *v);
/* The same for V in any case, by a hypercall of BY, through whose page tables it is written. */
void time_force(struct vcpu *by, struct vcpu *v);
void time_set_wall_clock(struct domain *d);
/* The frequency of the guests' time stamp counter, as the clock has it. */
uint32_t time_tsc_khz(struct hypervisor *hv);
/* What RDTSC says to a guest that does not get it from the processor. */
uint64_t time_counter(struct hypervisor *hv);
void time_vcpu_init(struct vcpu *v);
void time_vcpu_stop(struct vcpu *v);

void event_channel_destroy(struct domain *d);
int event_channel_allocate_host(struct domain *d, evtchn_port_t *port);
void event_channel_virq_vcpu(struct vcpu *v, unsigned int virq);
/* A global VIRQ of the machine: to the domain that has been chosen for it. */
void event_channel_global_virq(struct hypervisor *hv, unsigned int virq);
/* Whether PORT is bound or waits to be (Xen's evtchn_usable); only then may it be asked for. */
bool event_channel_valid(const struct domain *d, evtchn_port_t port);
bool event_channel_pending(struct domain *d, evtchn_port_t port);
/* As EVTCHNOP_send by D. */
int event_channel_send(struct domain *d, evtchn_port_t port);
/* As EVTCHNOP_reset of D: all closed, and the two-level ABI again. */
void event_channel_reset_all(struct domain *d);
bool event_channel_virq_is_global(uint32_t virq);

void trap_vcpu_init(struct vcpu *v);
void trap_vcpu_destroy(struct vcpu *v);
void physdev_domain_destroy(struct domain *d);

/* ---- hypercall.c: the table; the handlers ---- */

/* In the count of mmu_update and mmuext_op, when Xen continues an interrupted one. */
#define MMU_UPDATE_PREEMPTED (~(~0U >> 1))

typedef long hypercall_fn(struct vcpu *v, const unsigned long *a);

struct suboperation {
    const char *name;
    hypercall_fn *handler;
    int error; /* what Xen answers, if there is no handler */
};

struct hypercall_row {
    const char *name;
    hypercall_fn *handler;
    int error;
    const struct suboperation *sub; /* indexed by argument sub_argument, or by HANDLER */
    unsigned int sub_count;
    unsigned int sub_argument;
    hypercall_fn *unknown; /* answers numbers that are not in SUB, in place of SUB_ERROR */
    unsigned long sub_mask;
    int sub_error; /* for numbers that are not in SUB */
};

extern const struct hypercall_row hypercall_table[];
extern const unsigned int hypercall_count;

/* Where the table has sub-operation NUMBER of OP: at NUMBER, but for a gap in domctl's. */
#define DOMCTL_SLOT_GDBSX 100U
unsigned int hypercall_slot(unsigned int op, uint32_t number);
/*
 * For handlers that have read the number of a sub-operation from a struct: its row, NULL if there
 * is none. Tells who listens, and the log if there is no handler.
 */
const struct suboperation *hypercall_suboperation(struct vcpu *v, unsigned int op, uint32_t number);
/* Before a guest goes to user mode, and when it has come back: hypercalls go the slow way there. */
void hypercall_choose_way(struct hypervisor *hv, bool user_mode);
long hypercall_dispatch(struct vcpu *v, unsigned int op, const unsigned long *a);

/* ---- hypercall_stack.c ---- */

/* A stack for V's hypercalls by page, if it has none. False: Linux has no memory. */
bool hypercall_stack_make(struct vcpu *v);
/* Its contents stay with HV, for another vCPU's. */
void hypercall_stack_free(struct vcpu *v);
void hypercall_stacks_unmap(struct hypervisor *hv);
/* D has a hypercall page: its vCPUs get such stacks, those to come too. */
bool hypercall_page_used(struct domain *d);
/* Before V gives up the processor behind a hypercall: for who looks at its registers then. */
void hypercall_show_result(struct vcpu *v, long result);
/* Whether VA is in V's stack for hypercalls by page, or in the page before it. */
bool hypercall_stack_has(const struct vcpu *v, uint64_t va);
/* Where the guest's registers at a hypercall by page are, while it runs or waits. */
struct trap_frame *hypercall_page_frame(const struct vcpu *v);
/* The guest's registers at the hypercall by page in which V has given up the processor, or NULL. */
const struct trap_frame *hypercall_frame(const struct vcpu *v);

/* ---- vectors.c ---- */

/* What xsave stores where no register is in use. */
extern const uint8_t vectors_unused[];
/* Tells V, whose hypercalls come by page, what the processor has. */
void vectors_ask(struct vcpu *v);
/* Before V's first instruction: nothing in what its entry does not set. */
void vectors_begin(const struct vcpu *v);
/*
 * Before V, whose hypercalls come by page, gives up the processor: keeps its registers of the x87,
 * and leaves none in use. Whether it had any: then it gets them back when it goes on.
 */
bool x87_keep(struct vcpu *v);
void x87_give_back(struct vcpu *v);

#endif
