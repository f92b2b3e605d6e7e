# Fuzzing, and replaying what it began with and found.
# SPDX-License-Identifier: MIT

TRUST_PACKAGES += clang libclang-rt-14-dev

# Targets are tests/fuzz/NAME.c; FUZZ_TARGET=png takes one, FUZZ_RUNS=N gives each so many executions.
FUZZ_TARGETS := png jpeg npy labels arguments commandline archive explain
FUZZ_RUNS ?=
FUZZ_TARGET ?= $(FUZZ_TARGETS)
FUZZ := $(BUILD)/fuzz
FUZZ_CC ?= clang
FUZZ_CXX ?= clang++
FUZZ_SANITIZE := -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_CFLAGS = -std=c11 -D_GNU_SOURCE -g -O1 -w $(FUZZ_SANITIZE) -fsanitize=fuzzer-no-link \
    -Iinclude -iquote lib -iquote shim -iquote src -iquote tests -iquote tests/fuzz -MMD -MP

.PHONY: fuzz
fuzz: $(FUZZ_TARGET:%=$(FUZZ)/%) $(FUZZ)/seeds/made ## random inputs from clang's libFuzzer (a minute; FUZZ_RUNS=N FUZZ_TARGET=png)
	@tests/fuzz/fuzz $(FUZZ) '$(FUZZ_RUNS)' $(FUZZ_TARGET)

# OpenMP's loops run serially here: one kind of OpenMP in a process, LibTorch's.
$(FUZZ)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -c $< -o $@

# Archives, so that a target takes only what it needs: parsers need no LibTorch.
FUZZ_LIB := $(FUZZ)/lib.a
$(FUZZ_LIB): $(patsubst %.c,$(FUZZ)/%.o,$(wildcard lib/*.c))
$(FUZZ)/src.a: $(patsubst %.c,$(FUZZ)/%.o,$(filter-out src/main.c,$(wildcard src/*.c)))
$(FUZZ)/%.a:
	$(Q)rm -f $@ && ar rcs $@ $^

FUZZ_LIBS := -lpng -ljpeg -lz -lm
FUZZ_LINK = $(FUZZ_CXX) $(FUZZ_SANITIZE) -fsanitize=fuzzer -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group
$(addprefix $(FUZZ)/,$(FUZZ_TARGETS)): $(FUZZ)/%: $(FUZZ)/tests/fuzz/%.o $(FUZZ)/tests/fuzz/fuzz.o $(FUZZ_LIB)
	$(call say,LINK)
	$(Q)$(FUZZ_LINK) $(FUZZ_LIBS)

$(FUZZ)/png: $(FUZZ)/tests/fuzz/png_mutate.o

$(FUZZ)/seeds/made: $(BUILD)/tests/fuzz/make_seeds
	@mkdir -p $(@D)
	$(Q)$< $(@D) && touch $@

$(BUILD)/tests/fuzz/make_seeds: $(BUILD)/tests/fuzz/seeds.o $(BUILD)/tests/pictures.o $(BUILD)/tests/zip.o
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lpng -ljpeg -lz

# These reach the whole library: with the shim, which is not instrumented, and LibTorch.
$(FUZZ)/arguments $(FUZZ)/commandline: $(FUZZ)/src.a
$(FUZZ)/explain: $(BUILD)/tests/networks.o $(BUILD)/tests/parts.o
FUZZ_WHOLE := arguments commandline explain
$(FUZZ_WHOLE:%=$(FUZZ)/%): FUZZ_LIBS = -lgomp -lz $(LIB_LIBS)
$(FUZZ_WHOLE:%=$(FUZZ)/%): $(SHIM_OBJECTS)

# The same targets without clang, for make check: they are shown what fuzzing begins with.
REPLAYS := $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/replay_%)
$(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/%.o): CPPFLAGS += -iquote src
$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/fuzz/replay.o \
    $(BUILD)/tests/networks.o $(BUILD)/tests/parts.o $(filter-out %/main.o,$(COMMAND_OBJECTS)) $(LIB_OBJECTS) $(SHIM_OBJECTS)
	$(call say,LINK)
	$(Q)$(CXX) -fopenmp $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -ljansson

RUNNERS += tests/fuzz/run tests/archives/run
check: $(REPLAYS) $(BUILD)/tests/fuzz/make_seeds $(BUILD)/tests/archives/damage

# ---- damaged TorchScript archives -------------------------------------------------------------------------------

FLIPS ?= 2000
.PHONY: check-archives
check-archives: $(BUILD)/tests/archives/damage ## a model cut at every 1 %, with each bit of its directory and FLIPS=2000 bytes changed
	@$< check $(FLIPS)

$(BUILD)/tests/archives/damage: $(BUILD)/tests/archives/damage.o $(BUILD)/tests/networks.o $(BUILD)/tests/parts.o \
    $(LIB_OBJECTS) $(SHIM_OBJECTS)
	$(call say,LINK)
	$(Q)$(CXX) -fopenmp $(LDFLAGS) -o $@ $^ $(LIB_LIBS)
