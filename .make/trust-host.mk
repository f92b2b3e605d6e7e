# How the library behaves inside another program, and the command when it is broken off: tests/host.
# SPDX-License-Identifier: MIT

HOST_PROGRAMS := $(addprefix $(BUILD)/tests/host/,sharing loading locking forking leaving children guest)
RUNNERS += tests/host/run

.PHONY: check-host
check: $(HOST_PROGRAMS)
check-host: all $(HOST_PROGRAMS) ## behaviour in a host: settings, LibTorch beside ours, fork, signals, full disks (a minute)
	@tests/host/run $(BUILD)

$(BUILD)/tests/host/guest.o $(BUILD)/tests/host/children.o: $(BUILD)/libtorch
$(BUILD)/tests/host/children.o: CPPFLAGS += -iquote tests
$(BUILD)/tests/host/children: $(BUILD)/tests/networks.o $(BUILD)/tests/parts.o
$(addprefix $(BUILD)/tests/host/,forking leaving): $(BUILD)/tests/host/worker.o

HOST_LINK = -fopenmp $(LDFLAGS) '-Wl,-rpath,$$ORIGIN/../..' -Wl,--allow-shlib-undefined -o $@ $(filter %.o,$^) -L$(BUILD) -lcameras -lm
$(BUILD)/tests/host/%: $(BUILD)/tests/host/%.o $(LIBRARY)
	$(call say,LINK)
	$(Q)$(CC) $(HOST_LINK)

$(addprefix $(BUILD)/tests/host/,guest children): $(BUILD)/tests/host/%: $(BUILD)/tests/host/%.o $(LIBRARY)
	$(call say,LINK)
	$(Q)$(CXX) $(HOST_LINK) $(TORCH_LDFLAGS) $(TORCH_LIBS)

# The library must come by dlopen alone.
$(addprefix $(BUILD)/tests/host/,loading locking): $(BUILD)/tests/host/%: $(BUILD)/tests/host/%.o
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< -ldl
