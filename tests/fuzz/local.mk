# SPDX-License-Identifier: BSD-3-Clause
#
# tests/fuzz/replay runs the corpus in "make check". "make fuzz" builds the fuzzers: libFuzzer's,
# fast and with sanitizers, and AFL++'s if it is installed. "make fuzz-run" lets libFuzzer search
# for FUZZ_SECONDS from the corpus on; what it finds is in tests/fuzz/found/.
#
# FUZZ_OPTIONS are for speed. With how often each branch runs (use_counters) two thirds of the inputs
# are run in a second, and most of these end a domain, where branches run most often; entropic is
# libFuzzer's way to choose among inputs, which takes as long as an input; reduce_inputs takes
# records away from inputs as long as the same branches run, until no sequence is left.

fuzz_wrapped = malloc calloc realloc free fallocate lseek pwrite mmap munmap mprotect madvise \
	page_map page_allocate_special m2p_set m2p_reset mirror_entry_changed mirror_switch \
	trap_push trap_continue
FUZZ_WRAP = $(patsubst %,-Wl$(COMMA)--wrap=%,$(fuzz_wrapped))
COMMA = ,

fuzz_sources = \
	tests/fuzz/fuzz.h \
	tests/fuzz/machine.c \
	tests/fuzz/program.c \
	tests/fuzz/program.h \
	tests/fuzz/shapes.c \
	tests/fuzz/undo.c \
	tests/fuzz/value.c

check_PROGRAMS += tests/fuzz/replay
tests_fuzz_replay_SOURCES = $(fuzz_sources) tests/fuzz/replay.c
tests_fuzz_replay_CPPFLAGS = $(HOST_CPPFLAGS) -I$(srcdir)/tests/model -I$(srcdir)/tests/fuzz
tests_fuzz_replay_CFLAGS = $(HOST_CFLAGS)
tests_fuzz_replay_LDFLAGS = $(FUZZ_WRAP)
tests_fuzz_replay_LDADD = $(model_library) libhypercall-shim.a
TESTS += tests/fuzz/replay

FUZZ_SECONDS = 60
FUZZ_OPTIONS = -max_len=128 -use_counters=0 -entropic=0 -reduce_inputs=0
FUZZ_CC = clang-14
AFL_CC = afl-clang-fast

fuzz:
	@command -v $(FUZZ_CC) >/dev/null || \
	  { echo 'make fuzz needs $(FUZZ_CC): install Debian 12'"'"'s packages clang-14 and libclang-rt-14-dev' >&2; exit 1; }
	@CC='$(FUZZ_CC)' WRAP='$(FUZZ_WRAP)' CPPFLAGS='$(XEN_CPPFLAGS)' bash $(srcdir)/tests/fuzz/build.sh '$(srcdir)' libfuzzer
	@CC='$(FUZZ_CC)' WRAP='$(FUZZ_WRAP)' CPPFLAGS='$(XEN_CPPFLAGS)' bash $(srcdir)/tests/fuzz/build.sh '$(srcdir)' sanitized
	@if command -v $(AFL_CC) >/dev/null; then \
	  CC='$(AFL_CC)' WRAP='$(FUZZ_WRAP)' CPPFLAGS='$(XEN_CPPFLAGS)' bash $(srcdir)/tests/fuzz/build.sh '$(srcdir)' afl; \
	else \
	  echo 'no $(AFL_CC): for tests/fuzz/afl install Debian 12'"'"'s package afl++'; \
	fi

fuzz-run: fuzz
	$(MKDIR_P) tests/fuzz/found
	nice tests/fuzz/libfuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 $(FUZZ_OPTIONS) \
	  -artifact_prefix=tests/fuzz/found/ tests/fuzz/found $(srcdir)/tests/fuzz/corpus

# The same with AFL++, which needs no tuning of Linux for it: what crashes is kept in
# tests/fuzz/afl-found/default/crashes/.
fuzz-run-afl: fuzz
	AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_AUTORESUME=1 \
	  nice afl-fuzz -V $(FUZZ_SECONDS) -G 128 -i $(srcdir)/tests/fuzz/corpus -o tests/fuzz/afl-found -- tests/fuzz/afl

clean-fuzz:
	rm -rf tests/fuzz/objects tests/fuzz/libfuzzer tests/fuzz/sanitized tests/fuzz/afl
clean-local: clean-fuzz

.PHONY: fuzz fuzz-run fuzz-run-afl clean-fuzz
EXTRA_DIST += tests/fuzz/build.sh tests/fuzz/deny.txt tests/fuzz/fuzz.c tests/fuzz/corpus
