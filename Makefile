# Builds libcameras and the cameras command. `make help` lists the targets.
# SPDX-License-Identifier: MIT

VERSION := $(shell sed -n 's/^\#define CAMERAS_VERSION_STRING "\(.*\)"/\1/p' include/cameras.h)
SOVERSION := 1
BUILD := build

CC ?= cc
CXX ?= c++
CFLAGS ?= -O3 -g
CXXFLAGS ?= -O2 -g
LDFLAGS ?=
WARNINGS := -Wall -Wextra -pedantic -Wshadow -Werror

# LibTorch: LIBTORCH=/path/to/libtorch, or else the system's.
ifdef LIBTORCH
TORCH_INCLUDES := -isystem $(LIBTORCH)/include -isystem $(LIBTORCH)/include/torch/csrc/api/include
TORCH_LDFLAGS := -L$(LIBTORCH)/lib -Wl,-rpath,$(LIBTORCH)/lib
TORCH_ABI := -D_GLIBCXX_USE_CXX11_ABI=$(shell grep -qa __cxx11 $(LIBTORCH)/lib/libc10.so && echo 1 || echo 0)
else
TORCH_INCLUDES := -isystem /usr/include/torch/csrc/api/include
TORCH_LDFLAGS :=
TORCH_ABI :=
endif

# The pure C never sees torch, src sees the public header only: -iquote keeps each to its own folder.
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -fopenmp $(WARNINGS) -Wconversion $(CFLAGS) $(CPPFLAGS) -Iinclude -MMD -MP
LIB_INCLUDES := -iquote lib -iquote shim
ALL_CXXFLAGS = -std=c++17 -fPIC -fvisibility=hidden -fopenmp $(WARNINGS) -Wno-stringop-overflow $(CXXFLAGS) $(CPPFLAGS) $(TORCH_ABI) -Iinclude -iquote lib -iquote shim $(TORCH_INCLUDES) -MMD -MP
TORCH_LIBS := -ltorch -ltorch_cpu -lc10
LIB_LIBS = $(TORCH_LDFLAGS) $(TORCH_LIBS) -lpng -ljpeg -lz -lm

LIB_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*.c))
SHIM_OBJECTS := $(patsubst %.cpp,$(BUILD)/%.o,$(wildcard shim/*.cpp))
COMMAND_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/*.c)) $(BUILD)/src/demo_files.o
LIBRARY := $(BUILD)/libcameras.so
COMMAND := $(BUILD)/cameras
SUITES := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/check_*.c))
TEST_HELPERS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(wildcard tests/check_*.c),$(wildcard tests/*.c))) \
    $(patsubst %.cpp,$(BUILD)/%.o,$(wildcard tests/*.cpp))
BENCHES := $(addprefix $(BUILD)/tests/bench/,measure bare sgemm)
PYTHON := /usr/bin/python3

# Commands are shown in short; V=1 shows them whole.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $@)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: FORCE deps bench-deps trust-deps all demo check check-abi check-install check-bindings check-deb abi-baseline check-zoo bench \
    clean help format lint

BUILD_PACKAGES := g++ gcc libc6-dev libtorch-dev libopenblas0-pthread libpng-dev libjpeg62-turbo-dev zlib1g-dev libjansson-dev pkg-config
TEST_PACKAGES := check python3 python3-numpy python3-pil python3-torch python3-torchvision clang-format cppcheck \
    abigail-tools binutils cmake meson mandoc dpkg-dev fakeroot git locales \
    python3-pytest python3-pip python3-setuptools python3-wheel cargo golang-go
BENCH_PACKAGES := libopenblas-pthread-dev
deps: ## install with apt what the other targets need (as root or through sudo)
	@.ci/deps $(if $(LIBTORCH),$(filter-out libtorch-dev,$(BUILD_PACKAGES)),$(BUILD_PACKAGES)) $(TEST_PACKAGES)

bench-deps: deps ## what `make bench` needs besides
	@.ci/deps $(BENCH_PACKAGES)

trust-deps: deps ## what `make fuzz`, check-threads and check-valgrind need besides
	@.ci/deps $(TRUST_PACKAGES)

all: $(LIBRARY) $(COMMAND) ## build/libcameras.so and build/cameras (the default)

demo: all ## explain the demo scene with the embedded network; pictures in build/demo
	@$(COMMAND) demo $(BUILD)/demo

RUNNERS := tests/abi/run tests/install/run tests/deb/run tests/bindings/run
check: all $(SUITES) ## every test that needs no extra data, and those that use optional data in ../shared
	@BUILD=$(BUILD) tests/run $(SUITES) $(RUNNERS)

check-abi: $(LIBRARY) ## the interface against its baseline, and that this check can fail (seconds)
	@tests/abi/run $(BUILD)

check-install: all ## what install installs, used by other programs; the C++ wrapper, examples, uninstall, dist
	@tests/install/run $(BUILD)

check-bindings: all ## Python, Rust and Go, and that they agree with C byte for byte
	@tests/bindings/run $(BUILD)

check-deb: all ## Debian packages: built, installed in a throw-away root, run, removed
	@tests/deb/run $(BUILD)

abi-baseline: ## the interface as it is becomes the one that check-abi wants (docs/abi.md)
	@tests/abi/baseline

check-zoo: all $(BUILD)/tests/resize_probe ## torchvision's networks against eager PyTorch (minutes)
	@tests/zoo/run $(PYTHON) $(COMMAND) $(BUILD)

bench: all $(BENCHES) ## ratios of times, memory and maps, on an idle machine (minutes; QUICK=1: a smoke run)
	@$(PYTHON) tests/bench/run --build $(BUILD) $(if $(QUICK),--quick) $(if $(MARKDOWN),--markdown) $(if $(ONLY),--only $(ONLY))

clean: ## remove build/
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

SOURCES := $(wildcard include/*.h include/*.hpp lib/*.[ch] shim/*.h shim/*.hpp shim/*.cpp src/*.[ch] tests/*.[ch] tests/*/*.[ch] tests/*/*.cpp)
format: ## rewrite the sources as .clang-format says
	clang-format -i $(SOURCES)

lint: ## formatting, and cppcheck on the C sources
	@clang-format --dry-run --Werror $(SOURCES)
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability,performance --inline-suppr \
	    --suppress=missingIncludeSystem -Iinclude -Ilib -Ishim -D__BYTE_ORDER__=1 -D__ORDER_LITTLE_ENDIAN__=1 lib src
	@echo lint: clean

# `make -j deps check` must not compile what is being installed.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(LIB_OBJECTS) $(SHIM_OBJECTS) $(COMMAND_OBJECTS) $(TEST_HELPERS) $(SUITES:%=%.o): | deps
endif

# ---- how things are made ----------------------------------------------------------------------------------------

# Another LibTorch means another shim.
$(BUILD)/libtorch: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBTORCH)' | cmp -s - $@ || echo '$(LIBTORCH)' > $@
FORCE:

$(SHIM_OBJECTS) $(filter %networks.o %parts.o %inside.o,$(TEST_HELPERS)) $(BUILD)/tests/bench/bare.o $(LIBRARY): $(BUILD)/libtorch

$(BUILD)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LIB_INCLUDES) -c $< -o $@

$(BUILD)/shim/%.o: shim/%.cpp
	@mkdir -p $(@D)
	$(call say,CXX)
	$(Q)$(CXX) $(ALL_CXXFLAGS) -c $< -o $@

$(BUILD)/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

$(BUILD)/src/demo_files.o: src/demo_files.S src/demo/demo.pt src/demo/demo.txt src/demo/scene.png
	@mkdir -p $(@D)
	$(call say,AS)
	$(Q)$(CC) -c $< -o $@

# Tests may look inside.
$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(LIB_INCLUDES) -iquote tests -c $< -o $@

$(BUILD)/tests/%.o: tests/%.cpp
	@mkdir -p $(@D)
	$(call say,CXX)
	$(Q)$(CXX) $(ALL_CXXFLAGS) -iquote tests -c $< -o $@

$(LIBRARY): $(LIB_OBJECTS) $(SHIM_OBJECTS) lib/cameras.map
	$(call say,LINK)
	$(Q)$(CXX) -shared -fopenmp $(LDFLAGS) -Wl,-soname,libcameras.so.$(SOVERSION) -Wl,-z,nodelete -Wl,--version-script,lib/cameras.map \
	    -Wl,--no-undefined -o $@ $(LIB_OBJECTS) $(SHIM_OBJECTS) $(LIB_LIBS)
	@ln -sf libcameras.so $(BUILD)/libcameras.so.$(SOVERSION)

# LibTorch is libcameras.so's affair: whoever links that need not name it. $(call link_command,OUTPUT,FLAGS)
BESIDE := '-Wl,-rpath,$$ORIGIN'
link_command = $(CC) $(LDFLAGS) $(2) -Wl,--allow-shlib-undefined -o $(1) $(COMMAND_OBJECTS) -L$(BUILD) -lcameras -ljansson
$(COMMAND): $(COMMAND_OBJECTS) $(LIBRARY)
	$(call say,LINK)
	$(Q)$(call link_command,$@,$(BESIDE))

include .make/install.mk
include $(wildcard .make/trust-*.mk)

# Suites link the objects, not the library, so that they reach what it hides.
$(BUILD)/tests/check_%: $(BUILD)/tests/check_%.o $(TEST_HELPERS) $(LIB_OBJECTS) $(SHIM_OBJECTS)
	$(call say,LINK)
	$(Q)$(CXX) -fopenmp $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(shell pkg-config --libs check 2>/dev/null) -ljansson

$(BUILD)/tests/resize_probe: $(BUILD)/tests/zoo/resize_probe.o $(LIB_OBJECTS) $(SHIM_OBJECTS)
	$(call say,LINK)
	$(Q)$(CXX) -fopenmp $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

$(BUILD)/tests/bench/measure: $(BUILD)/tests/bench/measure.o $(BUILD)/tests/bench/worker.o $(LIBRARY)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) '-Wl,-rpath,$$ORIGIN/../..' -Wl,--allow-shlib-undefined -o $@ $(filter %.o,$^) -L$(BUILD) -lcameras

$(BUILD)/tests/bench/bare: $(BUILD)/tests/bench/bare.o $(BUILD)/tests/bench/worker.o
	$(call say,LINK)
	$(Q)$(CXX) -fopenmp $(LDFLAGS) -o $@ $^ $(TORCH_LDFLAGS) $(TORCH_LIBS)

$(BUILD)/tests/bench/sgemm: $(BUILD)/tests/bench/sgemm.o $(BUILD)/tests/bench/worker.o
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs openblas 2>/dev/null)

$(BUILD)/tests/bench/sgemm.o: CPPFLAGS += $(shell pkg-config --cflags openblas 2>/dev/null)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.SECONDARY:
