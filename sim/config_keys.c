/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The keys in a configuration. libxlutil answers when it is asked for one by name; it does not tell
 * of those that nobody asks for, among which are the misspelt.
 */
#include "config.h"
#include "nearest.h"

#include <string.h>

/* What xl 4.17 looks for (tools/xl/xl_parse.c). */
static const char *const known[] = {
    "acpi",
    "acpi_firmware",
    "acpi_laptop_slate",
    "acpi_s3",
    "acpi_s4",
    "altp2m",
    "altp2mhvm",
    "apic",
    "argo",
    "bios",
    "bios_path_override",
    "boot",
    "bootloader",
    "bootloader_args",
    "builder",
    "cap",
    "channel",
    "cmdline",
    "cpu_weight",
    "cpuid",
    "cpus",
    "cpus_soft",
    "device_model_args",
    "device_model_args_hvm",
    "device_model_args_pv",
    "device_model_override",
    "device_model_stubdomain_override",
    "device_model_stubdomain_seclabel",
    "device_model_user",
    "device_model_version",
    "device_tree",
    "disk",
    "display",
    "dm_restrict",
    "driver_domain",
    "dtdev",
    "e820_host",
    "extra",
    "extratime",
    "firmware",
    "firmware_override",
    "gfx_passthru",
    "gic_version",
    "hap",
    "hdtype",
    "hpet",
    "init_seclabel",
    "iomem",
    "ioports",
    "irqs",
    "kernel",
    "keymap",
    "latency",
    "localtime",
    "max_event_channels",
    "max_grant_frames",
    "max_grant_version",
    "max_maptrack_frames",
    "maxmem",
    "maxvcpus",
    "mca_caps",
    "memory",
    "mmio_hole",
    "ms_vm_genid",
    "msr_relaxed",
    "name",
    "nestedhvm",
    "nographic",
    "nomigrate",
    "nx",
    "on_crash",
    "on_poweroff",
    "on_reboot",
    "on_soft_reset",
    "on_watchdog",
    "oos",
    "opengl",
    "p9",
    "pae",
    "passthrough",
    "pci",
    "pci_msitranslate",
    "pci_permissive",
    "pci_power_mgmt",
    "pci_seize",
    "period",
    "pool",
    "pvcalls",
    "pvh",
    "pvshim",
    "pvshim_cmdline",
    "pvshim_extra",
    "pvshim_path",
    "ramdisk",
    "rdm",
    "rdm_mem_boundary",
    "root",
    "rtc_timeoffset",
    "sdl",
    "seclabel",
    "serial",
    "shadow_memory",
    "slice",
    "smbios_firmware",
    "soundhw",
    "spice",
    "spice_clipboard_sharing",
    "spice_image_compression",
    "spice_streaming_video",
    "spiceagent_mouse",
    "spicedisable_ticketing",
    "spicehost",
    "spicepasswd",
    "spiceport",
    "spicetls_port",
    "spiceusbredirection",
    "spicevdagent",
    "stdvga",
    "stubdomain_cmdline",
    "stubdomain_kernel",
    "stubdomain_memory",
    "stubdomain_ramdisk",
    "tee",
    "timer_mode",
    "tsc_mode",
    "type",
    "usb",
    "usbctrl",
    "usbdev",
    "usbdevice",
    "usbversion",
    "uuid",
    "vcpus",
    "vdispl",
    "vendor_device",
    "vfb",
    "vga",
    "videoram",
    "vif",
    "vif2",
    "virtio",
    "viridian",
    "vkb",
    "vkb_device",
    "vmtrace_buf_kb",
    "vnc",
    "vncdisplay",
    "vnclisten",
    "vncpasswd",
    "vncunused",
    "vncviewer",
    "vnuma",
    "vpmu",
    "vpt_align",
    "vscsi",
    "vsnd",
    "vtpm",
    "vuart",
    "xauthority",
    "xen_platform_pci",
    "xend_suspend_evtchn_compat",
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

bool config_key_known(const char *key)
{
    for (size_t k = 0; k < KNOWN; k++) {
        if (!strcmp(key, known[k]))
            return true;
    }
    return false;
}

const char *config_key_nearest(const char *key) { return nearest(key, known, KNOWN); }

struct place {
    const char *text;
    unsigned int line;
};

static void step(struct place *p)
{
    if (*p->text == '\n')
        p->line++;
    p->text++;
}

static void skip_comment(struct place *p)
{
    while (*p->text && *p->text != '\n')
        p->text++;
}

static void skip_string(struct place *p)
{
    char quote = *p->text;

    for (step(p); *p->text && *p->text != quote; step(p)) {
        if (*p->text == '\\' && p->text[1])
            step(p);
    }
    if (*p->text)
        step(p);
}

/* To the end of a value: of its line, but for what is in brackets. */
static void skip_value(struct place *p)
{
    unsigned int depth = 0;

    while (*p->text) {
        char c = *p->text;

        if (c == '#') {
            skip_comment(p);
            continue;
        }
        if (c == '"' || c == '\'') {
            skip_string(p);
            continue;
        }
        if (!depth && (c == '\n' || c == ';'))
            return;
        depth += c == '[';
        depth -= depth && c == ']';
        step(p);
    }
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

void config_keys(const char *text, void (*found)(void *context, const char *key, unsigned int line),
                 void *context)
{
    struct place p = {.text = text, .line = 1};

    while (*p.text) {
        size_t len = strspn(p.text, LETTERS);
        char key[64];

        if (*p.text == '#') {
            skip_comment(&p);
        } else if (!len) {
            step(&p);
        } else {
            if (len < sizeof(key) && !strchr(DIGITS, *p.text)) {
                memcpy(key, p.text, len);
                key[len] = '\0';
                found(context, key, p.line);
            }
            p.text += len;
            skip_value(&p);
        }
    }
}
