# SPDX-License-Identifier: GPL-2.0-only
#
# make profile and make check are the two commands; make help lists the rest.
# Each folder brings its own fragment; paths in them start at the top.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

B ?= build
PREFIX ?= /usr/local
DESTDIR ?=
GUEST ?= embedded
JOBS ?= $(shell nproc)

VERSION := 0.1

ifeq ($(origin CC),default)
CC := gcc
endif
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith
HOST_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -Iinclude \
	-DVMIPROF_VERSION='"$(VERSION)"' -DVMIPROF_LIBDIR='"$(PREFIX)/lib/vmiprof"'
HOST_LDFLAGS =
ifdef SANITIZE
HOST_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_LDFLAGS += -fsanitize=address,undefined
endif
ifdef FUZZ
HOST_CFLAGS += -fsanitize=fuzzer-no-link
endif

# make V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)')

ALL :=
CHECK_DEPS :=
UNIT_TESTS :=
LINT_C :=

.PHONY: default
default: all

include tools/tools.mk
-include rom/rom.mk
-include bench/host/host.mk
-include bench/guest/guest.mk
-include bench/linux/linux.mk
-include bench/baseline/baseline.mk
-include kernel-patches/linux-6.1/linux.mk
-include analysis/analysis.mk
-include analysis/lttng/lttng.mk
include tests/fuzz/fuzz.mk
include tests/hostile/hostile.mk
include tests/mutate/mutate.mk
include tests/tests.mk

.PHONY: all setup profile check lint install clean help

## all: the program, the ROMs and the embedded guest
all: $(ALL)

## setup: install what is missing (Debian, apt)
setup:
	@scripts/setup.sh

## profile: boot a guest with the trace ROM, print the hot calls, plot them (GUEST=embedded|linux)
profile:
	@scripts/setup.sh build $(GUEST:embedded=)
	@$(MAKE) --no-print-directory -j$(JOBS) profile-inputs-$(GUEST)
	@scripts/profile.sh $(GUEST)

.PHONY: profile-inputs-embedded profile-inputs-linux
profile-inputs-embedded: all
profile-inputs-linux: all $(LINUX_GUEST)

## check: all tests; prove's summary comes last
check:
	@scripts/setup.sh build linux check deb
	@$(MAKE) --no-print-directory -j$(JOBS) check-inputs
	@$(MAKE) --no-print-directory run-tests

## lint: clang-tidy, shellcheck and the man pages
lint: setup
	@scripts/lint.sh

## install: the program, ROMs, guest, man pages, completion (PREFIX, DESTDIR)
install: all
	install -D -t $(DESTDIR)$(PREFIX)/bin $(B)/vmiprof
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/vmiprof \
		$(B)/rom-native.bin $(B)/rom-trace.bin $(B)/rom-stamp.bin $(B)/rom-aggregate.bin \
		$(B)/guest.elf
	install -D -t $(DESTDIR)$(PREFIX)/lib/vmiprof $(B)/vmiprof-bench-host \
		$(B)/vmiprof-bench-producer \
		$(wildcard $(B)/vmiprof-bench-lttng $(B)/vmiprof-bench-babeltrace)
	$(if $(MODULES),install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/vmiprof $(MODULES))
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 docs/man/*.1
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man7 docs/man/*.7
	install -D -m 644 completion/vmiprof.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/vmiprof
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/vmi include/vmi/*.h

## deb: a Debian package, in build/
.PHONY: deb
deb:
	@scripts/setup.sh build deb
	@rm -rf $(B)/deb && mkdir -p $(B)/deb/vmiprof-$(VERSION)
	@git ls-files -z | tar --null -T - -c | tar -x -C $(B)/deb/vmiprof-$(VERSION)
	@cd $(B)/deb/vmiprof-$(VERSION) && MAKEFLAGS= dpkg-buildpackage -b -us -uc -tc
	@mv $(B)/deb/vmiprof_$(VERSION)_*.deb $(B)
	@rm -rf $(B)/deb
	@echo "deb: $$(ls $(B)/vmiprof_$(VERSION)_*.deb)"

## clean: remove all that make made, but the results in out/
clean:
	rm -rf $(B)

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{ printf "  make %-12s %s\n", $$1, $$2 }'
