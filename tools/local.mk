# SPDX-License-Identifier: BSD-3-Clause

bin_SCRIPTS += bin/halvm bin/halvm-ghc bin/halvm-ld
bin/halvm: tools/halvm
	$(STAGE_SCRIPT)
bin/halvm-ghc: tools/halvm-ghc
	$(STAGE_SCRIPT)
bin/halvm-ld: tools/halvm-ld
	$(STAGE_SCRIPT)
STAGE_SCRIPT = $(AM_V_GEN)$(MKDIR_P) $(@D) && cp $< $@.tmp && chmod +x $@.tmp && mv $@.tmp $@

# bash-completion finds it by the command's name.
completiondir = $(datadir)/bash-completion/completions
dist_completion_DATA = tools/completions/halvm

halvm_SCRIPTS += lib/halvm/xen-test lib/halvm/fetch-xen.sh \
	lib/halvm/xen-domains lib/halvm/xen-dom0-init lib/halvm/fetch-xen-dom0.sh
lib/halvm/xen-test: tools/xen-test
	$(STAGE_SCRIPT)
lib/halvm/fetch-xen.sh: tools/fetch-xen.sh
	$(STAGE_SCRIPT)

lib/halvm/xen-domains: tools/xen-domains
	$(STAGE_SCRIPT)
lib/halvm/xen-dom0-init: tools/xen-dom0-init
	$(STAGE_SCRIPT)
lib/halvm/fetch-xen-dom0.sh: tools/fetch-xen-dom0.sh
	$(STAGE_SCRIPT)

halvm_PROGRAMS += lib/halvm/xen-run
lib_halvm_xen_run_SOURCES = tools/xen_run.c sim/symbol.c sim/symbol.h
lib_halvm_xen_run_CPPFLAGS = $(HOST_CPPFLAGS)
lib_halvm_xen_run_CFLAGS = $(HOST_CFLAGS) -Wconversion

# Runs in the initial domain of xen-domains, which has no libraries for it
halvm_PROGRAMS += lib/halvm/xen-dom0-report
lib_halvm_xen_dom0_report_SOURCES = tools/xen_dom0_report.c
lib_halvm_xen_dom0_report_CFLAGS = -std=gnu11 -O2 -g $(WARNINGS) -Wconversion
lib_halvm_xen_dom0_report_LDFLAGS = -static

# Debian's hypervisor, unpacked in xen/; nothing is installed
xen-image: tools/fetch-xen.sh
	$(SHELL) $(srcdir)/tools/fetch-xen.sh xen

# A small Linux for it, and the tools of Xen, in xen/dom0; nothing is installed
xen-dom0-image: xen-image tools/fetch-xen-dom0.sh
	$(SHELL) $(srcdir)/tools/fetch-xen-dom0.sh xen

CLEANFILES += $(bin_SCRIPTS) $(halvm_SCRIPTS)
EXTRA_DIST += tools/halvm tools/halvm-ghc tools/halvm-ld tools/xen-test tools/fetch-xen.sh \
	tools/xen-domains tools/xen-dom0-init tools/fetch-xen-dom0.sh
