# SPDX-License-Identifier: BSD-3-Clause

dist_man_MANS = docs/halvm.1 docs/halvm-ghc.1 docs/halvm-ld.1 docs/halvm-xen-test.1
