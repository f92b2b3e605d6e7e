# check-asan, check-threads, check-valgrind and stress: the tests under instruments that see what a test cannot.
# SPDX-License-Identifier: MIT
#
# Each instrument has a build folder of its own, made by this Makefile called anew with other flags. "Plain" is a build
# without LibTorch: lib/ with the network of tests/sanitizers/plain_shim.c, so that all that runs is instrumented.

.PHONY: check-asan check-plain check-threads check-valgrind stress suites plain-suites

TRUST_PACKAGES += clang libclang-rt-14-dev libomp-14-dev valgrind
JOBS ?= 2
STRESS_THREADS ?= 8
STRESS_RUNS ?= 200

PLAIN_CLAIMS := archive caption drawing error file fuse image image_exif image_files image_hostile image_jpeg \
    image_png kept labels map map_made method options planes preprocess processor random resize scales \
    score_parts sheet similarity
PLAIN_SUITES = $(PLAIN_CLAIMS:%=$(BUILD)/tests/check_%)
PLAIN_HELPERS := formulas image_checks pictures plain process scarce scene zip
STRESS = $(BUILD)/tests/stress/stress
FAULTS = $(BUILD)/tests/sanitizers/faults

# $(call plain,FOLDER,COMPILER,FLAGS): the plain suites and the stress, built in a folder of build/. Memory is not made
# scarce in them: that takes an allocator of the program's own, and so do sanitizers and valgrind.
plain = +$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/$(1) CC=$(2) CXX=$(2) CFLAGS='-O1 -g -fno-omit-frame-pointer $(3)' \
    LDFLAGS='$(3)' CPPFLAGS=-DSANITIZED=1 LIB_LIBS='-lpng -ljpeg -lz -lm' \
    SHIM_OBJECTS=$(BUILD)/$(1)/tests/sanitizers/plain_shim.o \
    TEST_HELPERS='$(PLAIN_HELPERS:%=$(BUILD)/$(1)/tests/%.o) $(BUILD)/$(1)/tests/sanitizers/plain_networks.o' plain-suites
sanitize = BUILD=$(BUILD)/$(1) JOBS=$(JOBS) THREADS=$(STRESS_THREADS) RUNS=$(2) tests/sanitizers/check

suites: $(SUITES) $(FAULTS) $(STRESS)
plain-suites: $(PLAIN_SUITES) $(FAULTS) $(STRESS)

# vptr is left out: it wants the type information of c10::DynamicType, which LibTorch does not export.
ASAN := -fsanitize=address,undefined,float-cast-overflow
check-asan: ## every suite with the address, undefined and leak sanitizers (minutes to build, minutes to run)
	+$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer $(ASAN)' \
	    CXXFLAGS='-O1 -g1 -fno-omit-frame-pointer $(ASAN) -fno-sanitize=vptr' LDFLAGS='$(ASAN)' all suites
	@$(call sanitize,asan,$(STRESS_RUNS)) asan $(SUITES:$(BUILD)/%=$(BUILD)/asan/%)

check-plain: ## the same for the suites that need no LibTorch (a minute; a part of CI)
	$(call plain,asan-plain,$(CC),$(ASAN))
	@$(call sanitize,asan-plain,$(STRESS_RUNS)) asan $(PLAIN_SUITES:$(BUILD)/%=$(BUILD)/asan-plain/%)

check-threads: $(STRESS) ## the thread sanitizer on the library without LibTorch; the stress with it
	$(call plain,threads,clang,-fsanitize=thread)
	@$(call sanitize,threads,$(STRESS_RUNS)) threads $(PLAIN_SUITES:$(BUILD)/%=$(BUILD)/threads/%)
	@$(STRESS) $(STRESS_THREADS) $(STRESS_RUNS)

check-valgrind: ## valgrind on the suites that need no LibTorch
	$(call plain,valgrind,$(CC),)
	@$(call sanitize,valgrind,10) valgrind $(PLAIN_SUITES:$(BUILD)/%=$(BUILD)/valgrind/%)

stress: $(STRESS) ## STRESS_THREADS (8) threads, STRESS_RUNS (200) explanations each on one model, against serial ones
	@$(STRESS) $(STRESS_THREADS) $(STRESS_RUNS)

$(STRESS): $(STRESS).o $(TEST_HELPERS) $(LIB_OBJECTS) $(SHIM_OBJECTS)
	$(call say,LINK)
	$(Q)$(CXX) -fopenmp $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(shell pkg-config --libs check 2>/dev/null) -ljansson

$(FAULTS): $(FAULTS).o
	$(call say,LINK)
	$(Q)$(CC) -fopenmp $(LDFLAGS) -o $@ $^
