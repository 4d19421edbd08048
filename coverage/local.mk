# SPDX-License-Identifier: BSD-3-Clause

# A build of its own, counted, with all tests; the report is in coverage/html. Fails below the gate.
coverage:
	$(SHELL) $(srcdir)/coverage/coverage.sh $(srcdir) coverage-build

clean-local:
	rm -rf coverage-build coverage-build-host coverage/html coverage/*.info tests/haskell/out tests/bench/out

EXTRA_DIST += coverage/coverage.sh coverage/lcovrc
