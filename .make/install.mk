# install, uninstall, dist and deb.
# SPDX-License-Identifier: MIT

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
.PHONY: install uninstall dist deb

HEADERS := cameras.h cameras.hpp
DEMO_FILES := demo.pt demo.txt scene.png
PACKAGE_FILES := $(LIBDIR)/pkgconfig/cameras.pc $(addprefix $(LIBDIR)/cmake/cameras/,camerasConfig.cmake camerasConfigVersion.cmake)
MANUALS := man1/cameras.1 man3/cameras.3
INSTALLED := $(PREFIX)/bin/cameras $(addprefix $(PREFIX)/include/,$(HEADERS)) \
    $(addprefix $(LIBDIR)/libcameras.so,.$(VERSION) .$(SOVERSION)) $(LIBDIR)/libcameras.so $(PACKAGE_FILES) \
    $(addprefix $(PREFIX)/share/man/,$(MANUALS)) $(addprefix $(PREFIX)/share/cameras/,$(DEMO_FILES))
OWN_FOLDERS := $(LIBDIR)/cmake/cameras $(PREFIX)/share/cameras

from = $(shell realpath -m --relative-to=$(1) $(2))
# The command finds the library by its place beside it, so that the prefix can be moved; the system's own folders need no hint.
COMMAND_RPATH = $(if $(filter /usr/lib /usr/lib/%,$(LIBDIR)),,'-Wl,-rpath,$$ORIGIN/$(call from,$(PREFIX)/bin,$(LIBDIR))')

# pkg-config fails for everybody where a module in Requires.private is missing, so only what has one is named there.
module = $(shell pkg-config --exists $(1) 2>/dev/null && echo $(1))
PC_MODULES = $(call module,libpng) $(call module,libjpeg) $(call module,zlib)
PC_LIBRARIES = $(TORCH_LDFLAGS) $(TORCH_LIBS) $(if $(call module,libpng),,-lpng) $(if $(call module,libjpeg),,-ljpeg) $(if $(call module,zlib),,-lz) -lgomp -lstdc++ -lm
FILL = sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|; s|@VERSION@|$(VERSION)|; s|@SOVERSION@|$(SOVERSION)|; \
    s|@MODULES@|$(strip $(PC_MODULES))|; s|@LIBRARIES@|$(strip $(PC_LIBRARIES))|; \
    s|@INCLUDE_FROM_HERE@|$(call from,$(LIBDIR)/cmake/cameras,$(PREFIX)/include)|'
fill = $(FILL) lib/$(notdir $(1)).in | install -m 644 /dev/stdin $(DESTDIR)$(1)

install: all ## everything to PREFIX (/usr/local) and LIBDIR (PREFIX/lib), under DESTDIR
	install -d $(addprefix $(DESTDIR),$(sort $(dir $(INSTALLED))))
	$(call link_command,$(DESTDIR)$(PREFIX)/bin/cameras,$(COMMAND_RPATH))
	install -m 755 $(LIBRARY) $(DESTDIR)$(LIBDIR)/libcameras.so.$(VERSION)
	ln -sf libcameras.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libcameras.so.$(SOVERSION)
	ln -sf libcameras.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libcameras.so
	install -m 644 $(addprefix include/,$(HEADERS)) $(DESTDIR)$(PREFIX)/include
	install -m 644 $(addprefix src/demo/,$(DEMO_FILES)) $(DESTDIR)$(PREFIX)/share/cameras
	$(foreach one,$(MANUALS),install -m 644 docs/$(notdir $(one)) $(DESTDIR)$(PREFIX)/share/man/$(one) &&) :
	$(foreach one,$(PACKAGE_FILES),$(call fill,$(one)) &&) :

uninstall: ## what install put there
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	$(foreach one,$(addprefix $(DESTDIR),$(OWN_FOLDERS)),[ ! -d $(one) ] || rmdir --ignore-fail-on-non-empty $(one) &&) :

ARCHIVE := $(BUILD)/cameras-$(VERSION).tar.gz
dist: ## build/cameras-VERSION.tar.gz, the sources as committed; the same bytes for the same commit
	@git rev-parse --verify -q HEAD >/dev/null || { echo 'make dist: this is no git checkout'; exit 1; }
	@git diff --quiet HEAD || echo 'make dist: changes that are not committed are left out'
	@mkdir -p $(BUILD)
	@git archive --format=tar --prefix=cameras-$(VERSION)/ HEAD | gzip -9n > $(ARCHIVE)
	@echo $(ARCHIVE)

deb: all ## Debian packages in build/deb
	@$(if $(LIBTORCH),echo 'make deb: packages depend on the LibTorch of the system; build without LIBTORCH' && exit 1,:)
	@.make/deb $(BUILD) $(VERSION) $(SOVERSION)
