# What a user and a developer do; `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Recipes use one build directory: side by side they would wait for each other.
.NOTPARALLEL:

SWIFT ?= swift
PYTHON := /usr/bin/python3
PREFIX ?= /usr
DESTDIR ?=

# Where administrators' tools are is not on everybody's path.
export PATH := $(PATH):/usr/sbin:/sbin

RELEASE := .build/release/tcpstated
DEBUG := .build/debug/tcpstated
# Addresses of libraries are looked up at the start, and cannot be overwritten after it.
HARDENED := -Xlinker -z -Xlinker now
STRICT := --explicit-target-dependency-import-check error
SOURCES := Sources Tests Benchmarks Fuzz Plugins Package.swift

# Only apt, the daemon and an installation into the system need root; everything else is done as the caller.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
INTO_SYSTEM := $(if $(DESTDIR),,$(AS_ROOT))

# A command or file that must be there, and the package that brings it.
BUILD_NEEDS := git=git pkg-config=pkg-config /etc/ssl/certs/ca-certificates.crt=ca-certificates \
  /usr/include/pcap/pcap.h=libpcap-dev /usr/include/zlib.h=zlib1g-dev \
  /usr/include/sqlite3.h=libsqlite3-dev /usr/include/snappy-c.h=libsnappy-dev
TEST_NEEDS := $(PYTHON)=python3 ip=iproute2 nsenter=util-linux tcpdump=tcpdump go=golang-go \
  nft=nftables openssl=openssl
PAIR_NEEDS := nginx=nginx apache2=apache2-bin ab=apache2-utils haproxy=haproxy node=nodejs javac=default-jdk-headless \
  /usr/share/tomcat10/bin/bootstrap.jar=tomcat10-common wrk=wrk curl=curl prometheus-alertmanager=prometheus-alertmanager \
  /usr/lib/python3/dist-packages/requests=python3-requests
FLEET_NEEDS := faketime=faketime strace=strace nfcapd=nfdump nfacctd=pmacct tshark=tshark prometheus=prometheus victoria-metrics=victoria-metrics
VIEW_NEEDS := chromium=chromium mandoc=mandoc zsh=zsh fish=fish /usr/share/doc/python3-venv=python3-venv
COST_NEEDS := $(PYTHON)=python3 valgrind=valgrind
COMPARE_NEEDS := $(PYTHON)=python3 tcpdump=tcpdump argus=argus-server softflowd=softflowd nfpcapd=nfdump tcptrace=tcptrace \
  tshark=tshark
CHECK_NEEDS := $(PYTHON)=python3 gofmt=golang-go systemd-analyze=systemd

# Asks apt for what is missing, and says so.
define ensure
@missing=(); \
for need in $(1); do \
  command -v "$${need%%=*}" >/dev/null || [ -e "$${need%%=*}" ] || missing+=("$${need#*=}"); \
done; \
if [ $${#missing[@]} -gt 0 ]; then \
  command -v apt-get >/dev/null || { echo "error: install these first: $${missing[*]}" >&2; exit 1; }; \
  echo "Installing with apt: $${missing[*]}"; \
  $(AS_ROOT) apt-get update -qq </dev/null; \
  $(INSTALL) "$${missing[@]}" </dev/null; \
fi
endef
INSTALL := $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

# The same for programs that single tests are about: what cannot be had is named, and those tests are skipped.
define ensure_if_possible
@missing=(); \
for need in $(1); do \
  command -v "$${need%%=*}" >/dev/null || [ -e "$${need%%=*}" ] || missing+=("$${need#*=}"); \
done; \
if [ $${#missing[@]} -gt 0 ]; then \
  echo "Installing with apt: $${missing[*]}"; \
  $(AS_ROOT) apt-get update -qq </dev/null || true; \
  $(INSTALL) "$${missing[@]}" </dev/null || for package in "$${missing[@]}"; do \
    $(INSTALL) "$$package" </dev/null || echo "cannot be installed, its tests are skipped: $$package"; \
  done; \
fi
endef

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: run
run: build ## Build and start the daemon with its default configuration
	@echo "tcpstated watches with its default configuration; look at http://127.0.0.1:11060 (Ctrl-C ends it)"
	@exec $(AS_ROOT) $(RELEASE) run

.PHONY: build
build: ## Build the release binary (.build/release/tcpstated)
	$(call ensure,$(BUILD_NEEDS))
	$(SWIFT) build -c release --static-swift-stdlib --disable-local-rpath --product tcpstated $(HARDENED)

.PHONY: debug
debug:
	$(call ensure,$(BUILD_NEEDS))
	$(SWIFT) build --build-tests $(STRICT)

.PHONY: test
test: unit ## Run the unit tests, then the end-to-end tests with the real binary
	$(PYTHON) Tests/EndToEnd/run.py --binary $(DEBUG)

.PHONY: unit
unit: debug
	$(call ensure,$(TEST_NEEDS))
	$(SWIFT) test --skip-build

# From PyPI, outside the tree; what it finds in /openapi.yaml is a failure.
SCHEMATHESIS_VERSION := 4.32.5
SCHEMATHESIS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/tcpstated/schemathesis-$(SCHEMATHESIS_VERSION)

# What single tests are about; without one of these, its tests are skipped.
.PHONY: programs
programs:
	$(call ensure,$(TEST_NEEDS))
	$(call ensure_if_possible,$(PAIR_NEEDS) $(FLEET_NEEDS) $(VIEW_NEEDS))
	@[ -x $(SCHEMATHESIS)/bin/schemathesis ] || { $(PYTHON) -m venv $(SCHEMATHESIS) && \
	  $(SCHEMATHESIS)/bin/pip install --quiet schemathesis==$(SCHEMATHESIS_VERSION); } || \
	  echo "cannot be installed from PyPI, its test is skipped: schemathesis"

.PHONY: integration
integration: scenarios packages ## All that make test runs but the unit tests, and what takes minutes; installs programs with apt

# CI has run the others with make test, and takes a machine as it is.
WHICH := $(if $(CI),--only-thorough,--thorough --none-skipped)

.PHONY: scenarios
scenarios: debug programs
	PATH="$(SCHEMATHESIS)/bin:$$PATH" $(PYTHON) Tests/EndToEnd/run.py --binary $(DEBUG) $(WHICH)

.PHONY: packages
packages:
	@$(MAKE) deb
	@$(MAKE) systemd-tree && $(BOOTABLE) || { echo "skipped: make test-systemd: this machine boots no container"; exit 0; }; \
	  $(MAKE) test-systemd

SYSTEMD_TREE := $(CURDIR)/.build/bookworm
SYSTEMD_PACKAGES := systemd,systemd-sysv,dbus,iproute2,libpcap0.8,libsqlite3-0,libsnappy1v5,zlib1g,libstdc++6

STAGE := $(CURDIR)/.build/stage
PACKAGES := $(CURDIR)/.build/packages
# "Name <address>": who answers for the package.
MAINTAINER ?=
DEB_NEEDS := dpkg-deb=dpkg dpkg-shlibdeps=dpkg-dev strip=binutils lintian=lintian xz=xz-utils

# What `make install` would put into a system.
.PHONY: stage
stage: build
	@rm -rf $(STAGE)
	@$(MAKE) install DESTDIR=$(STAGE) >/dev/null
	packaging/check-copyright.sh .build/release

# Tags of the levels error, warning and info fail; those that are not are stated with their reasons in
# packaging/debian/lintian-overrides.
.PHONY: deb
deb: ## Make a Debian package (.build/packages/*.deb), and let lintian look at it
	$(call ensure,$(DEB_NEEDS))
	@$(MAKE) stage
	lintian --allow-root --display-info --fail-on error,warning,info --tag-display-limit 0 \
	  "$$(MAINTAINER='$(MAINTAINER)' packaging/deb.sh $(STAGE) $(PACKAGES))"

.PHONY: tarball
tarball: ## Make a tarball with Swift linked in, for systems without dpkg (.build/packages/*.tar.gz)
	$(call ensure,$(DEB_NEEDS))
	@$(MAKE) stage
	packaging/tarball.sh $(STAGE) $(PACKAGES)

TRIAL := $(PACKAGES)/trial
# Uncompressed, which takes no time. The same tree must give the same octets; a later revision is for the upgrade.
.PHONY: test-systemd
test-systemd: systemd-tree ## Boot a Debian of its own with systemd; install the package, run, upgrade and remove it there (as root)
	$(call ensure,$(TEST_NEEDS) $(DEB_NEEDS) tshark=tshark)
	@$(MAKE) stage
	@rm -rf $(TRIAL)
	COMPRESSION=none packaging/deb.sh $(STAGE) $(TRIAL)/first
	COMPRESSION=none packaging/deb.sh $(STAGE) $(TRIAL)/again
	COMPRESSION=none packaging/deb.sh $(STAGE) $(TRIAL)/second 2
	cmp $(TRIAL)/first/*.deb $(TRIAL)/again/*.deb
	$(AS_ROOT) $(PYTHON) Tests/EndToEnd/systemd.py --tree $(SYSTEMD_TREE) $(TRIAL)/first/*.deb $(TRIAL)/second/*.deb

# One that was made when the program needed less is made anew.
.PHONY: systemd-tree
systemd-tree:
	$(call ensure,debootstrap=debootstrap systemd-nspawn=systemd-container)
	[ -e $(SYSTEMD_TREE)/usr/share/doc/libsnappy1v5 ] || { $(AS_ROOT) rm -rf $(SYSTEMD_TREE); \
	  $(AS_ROOT) debootstrap --variant=minbase --include=$(SYSTEMD_PACKAGES) bookworm $(SYSTEMD_TREE); }

# Whether a container may be started here: not in every other container.
BOOTABLE := $(AS_ROOT) systemd-nspawn --quiet --directory=$(SYSTEMD_TREE) --register=no --keep-unit --volatile=overlay \
  --private-network --pipe true </dev/null

.PHONY: sbom
sbom: build ## Write the bill of materials (SPDX) of the release binary: .build/tcpstated.spdx.json
	$(call ensure,$(PYTHON)=python3 readelf=binutils)
	$(PYTHON) packaging/sbom.py --program $(RELEASE) --output .build/tcpstated.spdx.json

.PHONY: fmt
fmt: ## Format the sources
	$(call ensure,$(CHECK_NEEDS))
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)
	gofmt -w Tests/EndToEnd/go

.PHONY: lint
lint:
	$(call ensure,$(CHECK_NEEDS))
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	@unformatted=$$(gofmt -l Tests/EndToEnd/go); [ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	$(PYTHON) -W error Tests/EndToEnd/run.py --binary $(DEBUG) --list >/dev/null

.PHONY: check
check: lint debug ## Check format, imports, the shipped configuration and the systemd unit
	$(DEBUG) check-config config/tcpstated.yaml
	@# A key that systemd does not know is a message, not a failure. The program need not be installed for this.
	@unit=$$(mktemp -d)/tcpstated.service; trap 'rm -r "$${unit%/*}"' EXIT; \
	sed 's#/usr/bin/tcpstated#$(abspath $(DEBUG))#' systemd/tcpstated.service >"$$unit"; \
	said=$$(systemd-analyze verify --man=no "$$unit" 2>&1); [ -z "$$said" ] || { echo "$$said"; exit 1; }; \
	systemd-analyze security --offline=true --threshold=15 "$$unit" | tail -n 1

# Without debug information: valgrind cannot read that of Swift.
ENGINE := .build-engine
ENGINE_BENCHMARK := $(ENGINE)/release/EngineBenchmark

.PHONY: engine-benchmark
engine-benchmark:
	$(call ensure,$(BUILD_NEEDS) $(COST_NEEDS))
	TCPSTATED_ENGINE_ONLY=1 $(SWIFT) build -c release --product EngineBenchmark --scratch-path $(ENGINE) \
	  -debug-info-format none

.PHONY: cost
cost: engine-benchmark ## Count what the engine does for a packet; fails above Benchmarks/thresholds.json
	$(PYTHON) Benchmarks/measure.py --binary $(ENGINE_BENCHMARK) --check

.PHONY: bench
bench: build engine-benchmark ## Measure the engine, the daemon idle and beside a busy server, and analyze beside others
	$(call ensure,$(TEST_NEEDS) nginx=nginx wrk=wrk)
	$(PYTHON) Benchmarks/measure.py --binary $(ENGINE_BENCHMARK) --rates 2000000
	$(PYTHON) Tests/EndToEnd/measure.py idle --binary $(RELEASE)
	$(PYTHON) Tests/EndToEnd/measure.py served --binary $(RELEASE)
	$(PYTHON) Tests/EndToEnd/measure.py served --binary $(RELEASE) --tier control
ifdef TRACE
	$(PYTHON) Tests/EndToEnd/measure.py analyze --binary $(RELEASE) $(TRACE)
else
	@echo "analyze: not measured on a file of yours; name one: make bench TRACE=FILE"
endif
	@$(MAKE) --no-print-directory compare

PACKETS ?= 1000000
ROUNDS ?= 5

.PHONY: compare
compare: build engine-benchmark ## Time analyze beside tcpdump, argus and others on the same traces (PACKETS=N, ROUNDS=N)
	@# One that cannot be had has a line that says so.
	-$(call ensure,$(COMPARE_NEEDS))
	$(PYTHON) Benchmarks/compare.py --binary $(RELEASE) --generator $(ENGINE_BENCHMARK) \
	  --packets $(PACKETS) --rounds $(ROUNDS)

RATES ?= 500000 1000000 1500000 2000000

.PHONY: bench-live
bench-live: build engine-benchmark ## Measure live capture at RATES packets/s beside tcpdump (as root, on an idle machine)
	$(call ensure,$(TEST_NEEDS) cc=gcc curl=curl)
	@trace=$$(mktemp -d); trap 'rm -r "$$trace"' EXIT; \
	$(ENGINE_BENCHMARK) generate mixed 6000000 "$$trace/mixed.pcap"; \
	$(AS_ROOT) $(PYTHON) Benchmarks/live.py --binary $(RELEASE) --tcpdump --trace "$$trace/mixed.pcap" --seconds 5 \
	  --tier full --tier headers --tier control $(addprefix --rate ,$(RATES))

TIME ?= 60
FUZZ := .build-fuzz

# Without debug information, as above; gold has an internal error on this.
.PHONY: fuzz
fuzz: ## Feed made-up input to all that reads input, TIME seconds for each part (TARGET=NAME for one)
	$(call ensure,$(BUILD_NEEDS) $(PYTHON)=python3)
	for program in EngineFuzzer ServiceFuzzer; do \
	  TCPSTATED_FUZZ=1 $(SWIFT) build -c release --sanitize=address --product $$program --scratch-path $(FUZZ) \
	    -Xswiftc -use-ld=lld -debug-info-format none; \
	done
	$(PYTHON) Fuzz/run.py --programs $(FUZZ)/release --corpora $(FUZZ)/corpora --crashes $(FUZZ)/crashes \
	  --seconds $(TIME) $(addprefix --target ,$(TARGET))

# The part without other packages; leaks are what the runtime keeps to the end. A crash ends the run: Swift's backtracer and
# the address sanitizer wait for each other. Optimized, as what is shipped; otherwise the tests take three times as long. So
# they do under the thread sanitizer side by side: they wait for locks of Swift's runtime.
SANITIZED := ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.txt \
  SWIFT_BACKTRACE=enable=no $(SWIFT) test -c release -Xswiftc -enable-testing

.PHONY: sanitize-engine
sanitize-engine: ## Run the engine's unit tests under the thread and address sanitizers
	$(call ensure,$(BUILD_NEEDS))
	TCPSTATED_ENGINE_ONLY=1 $(SANITIZED) --no-parallel --sanitize=thread --scratch-path .build-thread
	TCPSTATED_ENGINE_ONLY=1 $(SANITIZED) --sanitize=address --scratch-path .build-address

.PHONY: sanitize
sanitize: ## The same with all unit tests
	$(call ensure,$(BUILD_NEEDS) $(TEST_NEEDS))
	$(SANITIZED) --no-parallel --sanitize=thread --scratch-path .build-thread-all
	$(SANITIZED) --sanitize=address --scratch-path .build-address-all

BASH_COMPLETION := $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tcpstated
ZSH_COMPLETION := $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_tcpstated
FISH_COMPLETION := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tcpstated.fish
MANUALS := $(DESTDIR)$(PREFIX)/share/man
UNIT := $(DESTDIR)/lib/systemd/system/tcpstated.service
CONFIGURATION := $(DESTDIR)/etc/tcpstated/tcpstated.yaml
RELOAD_SYSTEMD = $(if $(DESTDIR),:,[ ! -d /run/systemd/system ] || $(AS_ROOT) systemctl daemon-reload)

.PHONY: install
install: build ## Install into the system (or DESTDIR=, PREFIX=/usr); an edited configuration stays
	@staging=$$(mktemp -d); trap 'rm -r "$$staging"' EXIT; \
	for shell in bash zsh fish; do $(RELEASE) --generate-completion-script $$shell >"$$staging/$$shell"; done; \
	sed 's#/usr/bin/tcpstated#$(PREFIX)/bin/tcpstated#' systemd/tcpstated.service >"$$staging/unit"; \
	put() { echo "$$3"; $(INTO_SYSTEM) install -D -m "$$1" "$$2" "$$3"; }; \
	put 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/tcpstated; \
	put 644 "$$staging/unit" $(UNIT); \
	put 644 "$$staging/bash" $(BASH_COMPLETION); \
	put 644 "$$staging/zsh" $(ZSH_COMPLETION); \
	put 644 "$$staging/fish" $(FISH_COMPLETION); \
	put 644 docs/man/tcpstated.1 $(MANUALS)/man1/tcpstated.1; \
	put 644 docs/man/tcpstated.yaml.5 $(MANUALS)/man5/tcpstated.yaml.5; \
	if [ ! -e $(CONFIGURATION) ]; then \
	  put 644 config/tcpstated.yaml $(CONFIGURATION); \
	elif ! cmp -s config/tcpstated.yaml $(CONFIGURATION); then \
	  echo "$(CONFIGURATION) stays as you edited it; the new one is beside it:"; \
	  put 644 config/tcpstated.yaml $(CONFIGURATION).new; \
	fi
	@$(RELOAD_SYSTEMD)
	@$(if $(DESTDIR),,echo "Start it now and at each boot: $(AS_ROOT) systemctl enable --now tcpstated")

.PHONY: uninstall
uninstall: ## Remove what install put there; an edited configuration stays
	@$(if $(DESTDIR),,[ ! -d /run/systemd/system ] || $(AS_ROOT) systemctl disable --now tcpstated 2>/dev/null || true)
	@$(INTO_SYSTEM) rm -f -v $(DESTDIR)$(PREFIX)/bin/tcpstated $(UNIT) \
	  $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION) $(CONFIGURATION).new \
	  $(MANUALS)/man1/tcpstated.1 $(MANUALS)/man5/tcpstated.yaml.5
	@if cmp -s config/tcpstated.yaml $(CONFIGURATION); then \
	  $(INTO_SYSTEM) rm -f -v $(CONFIGURATION); \
	  $(INTO_SYSTEM) rmdir --ignore-fail-on-non-empty $(dir $(CONFIGURATION)); \
	elif [ -e $(CONFIGURATION) ]; then \
	  echo "$(CONFIGURATION) stays: it was edited"; \
	fi
	@$(RELOAD_SYSTEMD)
