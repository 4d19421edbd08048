# SPDX-License-Identifier: BSD-3-Clause
#
# "make mutants": the tests notice the mistakes of tests/mutants/*.patch. MUTANTS="name ..." tries
# only these.
MUTANTS =
mutants: all
	@$(MAKE) $(AM_MAKEFLAGS) check TESTS= >/dev/null
	@CC='$(CC)' CFLAGS='$(HOST_CFLAGS)' CPPFLAGS='$(subst $(srcdir)/,$(abs_srcdir)/,$(HOST_CPPFLAGS))' \
	  UNIT_LDADD='$(UNIT_LDADD)' FUZZ_LDADD='$(FUZZ_WRAP) $(tests_fuzz_replay_LDADD)' \
	  bash $(srcdir)/tests/mutants/run.sh '$(srcdir)' $(MUTANTS)
.PHONY: mutants
EXTRA_DIST += tests/mutants
