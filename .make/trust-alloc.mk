# Calls made again and again, another of their allocations refused each time (tests/alloc).
# SPDX-License-Identifier: MIT
.PHONY: check-alloc

ALLOC_OBJECTS := $(addprefix $(BUILD)/tests/alloc/,torture.o world.o cases_pure.o cases_network.o limits.o)
FAILING_OBJECTS := $(addprefix $(BUILD)/tests/alloc/,failing.o failing_new.o)
ALLOC_HELPERS := $(addprefix $(BUILD)/tests/,networks.o parts.o pictures.o)
TORTURE := $(BUILD)/tests/alloc/torture $(BUILD)/tests/alloc/libfailing.so

# With builtins the compiler would see malloc and its kin through what stands in front of them; hidden, nobody else would.
$(FAILING_OBJECTS): CPPFLAGS += -fno-builtin -fvisibility=default

# The library itself is tried, not its objects: whose an allocation is follows from the object that asks for it.
$(BUILD)/tests/alloc/torture: $(ALLOC_OBJECTS) $(FAILING_OBJECTS) $(ALLOC_HELPERS) $(LIBRARY)
	$(call say,LINK)
	$(Q)$(CXX) -rdynamic $(LDFLAGS) '-Wl,-rpath,$$ORIGIN/../..' -o $@ $(filter %.o,$^) -L$(BUILD) -lcameras $(TORCH_LDFLAGS) $(TORCH_LIBS) \
	    -lpng -ljpeg -lz -ldl -lpthread

$(BUILD)/tests/alloc/libfailing.so: $(FAILING_OBJECTS)
	$(call say,LINK)
	$(Q)$(CXX) -shared $(LDFLAGS) -o $@ $^ -ldl

RUNNERS += tests/alloc/run
check: $(TORTURE)

check-alloc: all $(TORTURE) ## every allocation refused in turn: status, leaks, what handles give afterwards (minutes)
	@tests/alloc/run $(BUILD) all
