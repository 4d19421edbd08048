# SPDX-License-Identifier: BSD-3-Clause

dist_man_MANS = docs/halvm.1 docs/halvm-ghc.1 docs/halvm-ld.1 docs/halvm-xen-test.1 \
	docs/halvm-run.1 docs/halvm-trace.1 docs/halvm-xen-domains.1 docs/halvm-daemon.1

# The table of hypercalls: what the dispatch table says and which tests make them. Fails if an
# implemented one has no test.
EXTRA_PROGRAMS += docs/hypercalls
docs_hypercalls_SOURCES = docs/hypercalls.c
docs_hypercalls_CPPFLAGS = $(HOST_CPPFLAGS)
docs_hypercalls_CFLAGS = $(HOST_CFLAGS) -Wconversion
docs_hypercalls_LDADD = libhypercall-shim.a
CLEANFILES += docs/hypercalls$(EXEEXT) docs/hypercalls.md docs/hypercalls.rows
hypercalls.md: all docs/hypercalls$(EXEEXT)
	rm -f docs/hypercalls.rows
	HALVM_HYPERCALLS='$(abs_builddir)/docs/hypercalls.rows' $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS='$(unit_tests) tests/conformance/run.sh'
	docs/hypercalls$(EXEEXT) $(if $(NO_XEN),--no-xen) <docs/hypercalls.rows >docs/hypercalls.md
.PHONY: hypercalls.md
