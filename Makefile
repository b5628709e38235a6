# sikka. README tells how to build and install it, tests/README how it is tested.
# SPDX-License-Identifier: MIT
#
#	all            the programs, in build/bin; made if no target is named
#	lib units shim the library alone; the unit tests; what end-to-end tests preload
#	install        programs, manual pages, schemas, system files, examples and completions, below DESTDIR and
#	               PREFIX; install-completions: the completions alone
#	uninstall      removes them
#	check          the tests; asan: the same with the sanitizers
#	dist           the sources as one file, build/sikka-VERSION.tar.gz
#	deb            a package for Debian, in build/deb; "scripts/setup all" installs what that needs
#	lint           what the compilers and checkers find: lint-clang lint-format lint-cppcheck
#	               lint-analyzer
#	differential model torture    the longer tests
#	clean          removes what was built

PREFIX  = /usr/local
DESTDIR =
BUILD   = build

# The commands. None is linked with libcurl: what asks the server opens it when it asks (lib/http/library.c).
COMMANDS = sikka sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-status sikka-doctor

# The library: all that lies in its folders. Which folder may use which: lib/README and tests/arrows.t.
MODULES = $(patsubst lib/%.c,%,$(sort $(wildcard lib/*/*.c)))

CC       ?= cc
CFLAGS   ?= -O2 -g
HARDEN    = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_LD = -pie -Wl,-z,relro -Wl,-z,now
WARN      = -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wcast-qual -Wundef
WERROR    =
PKGCONFIG ?= pkg-config

ALL_CFLAGS  = -std=c11 -D_GNU_SOURCE -iquote lib $(WARN) $(WERROR) $(HARDEN) \
              $(shell $(PKGCONFIG) --cflags libcurl jansson sqlite3) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(HARDEN_LD) $(LDFLAGS)
# For dlopen(3). Empty where the C library has it and there is no libdl, as on some BSDs.
LIBS_DL     = -ldl
LIBS        = $(shell $(PKGCONFIG) --libs jansson sqlite3) $(LIBS_DL)
LIBS_SIM    = $(shell $(PKGCONFIG) --libs libmicrohttpd jansson zlib) -lpthread

VERSION = $(shell sed -n 's/^.define SK_VERSION "\(.*\)"$$/\1/p' lib/base/version.h)

LIB     = $(BUILD)/libsikka.a
OBJECTS = $(MODULES:%=$(BUILD)/lib/%.o)
SIM_OBJECTS = $(patsubst cmd/%.c,$(BUILD)/cmd/%.o,$(wildcard cmd/sikka-sim/*.c))
SIM_RULES = $(patsubst %,$(BUILD)/cmd/sikka-sim/%.o,fields fields_table fields_values systems util)
UNITS   = $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
SHIM    = $(BUILD)/tests/shift-clock.so
PROGRAMS = $(COMMANDS:%=$(BUILD)/bin/%) $(BUILD)/bin/sikka-sim

.PHONY: all lib units shim check asan differential model torture install install-completions uninstall clean dist \
        deb-source deb lint lint-clang lint-format lint-cppcheck lint-analyzer
all: $(PROGRAMS)
lib: $(LIB)
units: $(UNITS) $(SHIM)
shim: $(SHIM)

$(LIB): $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $(OBJECTS)

$(COMMANDS:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(BUILD)/bin/sikka-sim: $(SIM_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(SIM_OBJECTS) $(LIBS_SIM)

$(UNITS): $(BUILD)/tests/%: tests/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< $(OTHER) $(LIB) $(LIBS) -lpthread

# It lets libcurl's own allocations fail.
$(BUILD)/tests/unit/http-memory: OTHER = $(shell $(PKGCONFIG) --libs libcurl)

# Without the sanitizers: it is preloaded into programs of all kinds. Moved to its place, as tests make it, too,
# at the same time.
$(SHIM): tests/shift-clock.c
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARN) $(WERROR) -O1 -g -fPIC -shared -o $@.$$$$ $< -ldl && mv $@.$$$$ $@

# The one test that sees both sides: the simulator's rules and the library's.
DIFFERENTIAL = $(BUILD)/tests/unit/rules-differential
$(DIFFERENTIAL): OTHER = $(SIM_RULES)
$(DIFFERENTIAL): $(SIM_RULES)

$(BUILD)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(DEFINES) -MMD -MP -c -o $@ $<

# The lines that sikka-authorize --setup shows: those of the example for cron that are no comments.
CRONTAB = $(BUILD)/generated/commands/crontab.h
$(CRONTAB): scripts/system/cron/crontab.example
	@mkdir -p $(@D)
	{ echo '#define SK_CRONTAB \'; sed -n '/^[^#]/{ s/[\\"]/\\&/g; s/.*/	"    &\\n" \\/p; }' $<; echo '	""'; } >$@.$$$$ && mv $@.$$$$ $@

$(BUILD)/lib/commands/setup_next.o: $(CRONTAB)
$(BUILD)/lib/commands/setup_next.o: DEFINES = -iquote $(BUILD)/generated

# The simulator includes nothing of the library, and yet has its version.
$(BUILD)/cmd/sikka-sim/main.o: lib/base/version.h
$(BUILD)/cmd/sikka-sim/main.o: DEFINES = -DSIKKA_VERSION='"$(VERSION)"'

$(BUILD)/cmd/%.o: cmd/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(DEFINES) -MMD -MP -c -o $@ $<

# The whole suite, in sh and in C. JOBS and TESTS may be set: make check TESTS='tests/book*.t' UNITS=
JOBS  = 4
TESTS = tests/*.t
check: all units
	BUILD=$(abspath $(BUILD)) prove --jobs $(JOBS) --timer --failures --comments $(TESTS) $(UNITS)

# The same suite on a build that watches memory and undefined behaviour.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
asan:
	$(MAKE) BUILD=build/asan CFLAGS="-O1 -g $(SANITIZE)" LDFLAGS="$(SANITIZE)" HARDEN=-fPIE check

# What other compilers and checkers find. Each finding is an error; one that isn't true is suppressed where it
# stands, with the reason.
lint: lint-clang lint-format lint-cppcheck lint-analyzer

# A second compiler, with a build folder of its own. The sources that tests compile themselves are only checked.
COMPILED_BY_TESTS = tests/read-clocks.c $(wildcard tests/torture/*.c)
lint-clang:
	$(MAKE) BUILD=build/clang CC=clang CFLAGS=-O0 HARDEN=-fPIE WERROR=-Werror all units
	for source in $(COMPILED_BY_TESTS); do \
		clang -std=c11 -D_GNU_SOURCE= $(WARN) -Werror -fsyntax-only $$source || exit 1; \
	done

lint-format:
	@clang-format --dry-run -Werror $(wildcard lib/*/*.[ch] cmd/*.c cmd/*/*.[ch] tests/*.[ch] tests/*/*.[ch])

# Without variableScope: it asks for declarations in inner blocks, but functions here declare their variables first.
CPPCHECK = --std=c11 --enable=warning,style,performance,portability --suppress=variableScope --inline-suppr \
           --library=posix,gnu,libcurl,sqlite3,zlib,scripts/cppcheck.cfg
lint-cppcheck:
	cppcheck --quiet --error-exitcode=1 $(CPPCHECK) -Ilib lib cmd

# With the bounds that gcc sets itself, the analyser gives up on more functions.
ANALYZER = -fanalyzer --param=analyzer-bb-explosion-factor=50 --param=analyzer-max-enodes-per-program-point=32
lint-analyzer:
	$(MAKE) BUILD=build/analyzer CC=gcc CFLAGS='-O1 $(ANALYZER)' WERROR=-Werror all

# Both sides' rules on ten times as many requests as in the suite, others each time.
differential: $(DIFFERENTIAL)
	$(DIFFERENTIAL) 1000000 $$(date +%s)

# The rules, model-checked: needs spin. make model MODELS="gap keys", make model MODELS=--quick
MODELS =
model:
	scripts/model $(MODELS)

# Each part breaks something at every point in turn, or at some: make torture TORTURE="--sample 20",
# make torture TORTURES="kill disk"
TORTURE =
TORTURES = kill network disk power crowd memory long
torture: all shim
	BUILD=$(abspath $(BUILD)) tests/torture/all $(TORTURE) $(TORTURES)

SCHEMAS = $(wildcard man/schemas/*.schema.json)
MANUALS = $(wildcard man/*.1) $(wildcard man/*.5) $(wildcard man/*.7)
EXAMPLES = $(DESTDIR)$(PREFIX)/share/doc/sikka
SHARE = $(DESTDIR)$(PREFIX)/share/sikka

# What other programs of the system read, each as TARGET:SOURCE. The paths of /usr/local in them become those of PREFIX.
# With PREFIX=/usr, what is to be configured lies in /etc.
SYSTEM = scripts/system
SYSCONF = $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
SYSTEMD = $(patsubst $(SYSTEM)/systemd/%,%,$(wildcard $(SYSTEM)/systemd/*.service $(SYSTEM)/systemd/*.timer \
          $(SYSTEM)/systemd/*.d/*.conf))
SYSTEM_FILES = $(foreach unit,$(SYSTEMD),$(PREFIX)/lib/systemd/system/$(unit):systemd/$(unit)) \
               $(PREFIX)/lib/sysusers.d/sikka.conf:systemd/sysusers.conf \
               $(PREFIX)/share/doc/sikka/crontab.example:cron/crontab.example \
               $(PREFIX)/share/doc/sikka/queue.example:../queue.example \
               $(SYSCONF)/logrotate.d/sikka:logrotate/sikka \
               $(PREFIX)/share/sikka/prometheus/sikka.rules.yml:prometheus/sikka.rules.yml \
               $(PREFIX)/share/sikka/prometheus/sikka.test.yml:prometheus/sikka.test.yml \
               $(PREFIX)/lib/nagios/plugins/check_sikka:nagios/check_sikka \
               $(PREFIX)/share/sikka/run-all:run-all \
               $(foreach file,Containerfile sikka.yaml,$(PREFIX)/share/doc/sikka/kubernetes/$(file):kubernetes/$(file)) \
               $(foreach hook,$(notdir $(wildcard $(SYSTEM)/hooks/*)),$(PREFIX)/share/sikka/hooks/$(hook):hooks/$(hook))
install: all install-completions
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	for page in $(MANUALS); do \
		to=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; \
		install -D -m 644 $$page $$to && sed -i 's/^\.Os$$/.Os sikka $(VERSION)/' $$to || exit 1; \
	done
	install -d $(DESTDIR)$(PREFIX)/share/sikka/schemas
	install -m 644 $(SCHEMAS) $(DESTDIR)$(PREFIX)/share/sikka/schemas
	for file in $(SYSTEM_FILES); do \
		from=$(SYSTEM)/$${file##*:} to=$(DESTDIR)$${file%:*} mode=644; \
		[ ! -x $$from ] || mode=755; \
		install -D -m $$mode $$from $$to && sed -i 's#/usr/local/\(bin\|share\)/#$(PREFIX)/\1/#g' $$to || exit 1; \
	done

# Each shell's few lines, under the names by which it looks for them; complete says what may stand where.
COMPLETED = $(notdir $(PROGRAMS))
BASH_FOLDER = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSH_FOLDER = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISH_FOLDER = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
COMPLETIONS = $(COMPLETED:%=$(BASH_FOLDER)/%) $(ZSH_FOLDER)/_sikka $(COMPLETED:%=$(FISH_FOLDER)/%.fish)
FILL_IN = sed 's|@DATA@|$(PREFIX)/share/sikka|g; s|@COMMANDS@|$(COMPLETED)|g'
install-completions:
	install -D -m 755 scripts/completions/complete $(SHARE)/complete
	install -d $(BASH_FOLDER) $(ZSH_FOLDER) $(FISH_FOLDER)
	for file in $(COMPLETIONS); do \
		case $$file in *.fish) shell=fish ;; */_*) shell=zsh ;; *) shell=bash ;; esac; \
		$(FILL_IN) scripts/completions/sikka.$$shell >$$file && chmod 644 $$file || exit 1; \
	done

uninstall:
	rm -f $(PROGRAMS:$(BUILD)/bin/%=$(DESTDIR)$(PREFIX)/bin/%)
	for file in $(SYSTEM_FILES); do rm -f $(DESTDIR)$${file%:*}; done
	rm -f $(SCHEMAS:man/schemas/%=$(DESTDIR)$(PREFIX)/share/sikka/schemas/%)
	rm -f $(COMPLETIONS) $(SHARE)/complete
	rmdir $(EXAMPLES)/kubernetes $(EXAMPLES) $(SHARE)/schemas $(SHARE)/hooks $(SHARE)/prometheus $(SHARE) \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system/sikka-*.d 2>/dev/null || :
	for page in $(MANUALS); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

dist:
	@scripts/dist $(VERSION) $(BUILD)

# deb-source: the sources as "make dist" has them, with scripts/debian at their top. The version and the time of its
# changelog are those of the tarball.
DEB = $(BUILD)/deb
DEB_SOURCE = $(DEB)/sikka-$(VERSION)
deb-source:
	rm -rf $(DEB)
	scripts/dist $(VERSION) $(DEB)
	mv $(DEB_SOURCE).tar.gz $(DEB)/sikka_$(VERSION).orig.tar.gz
	tar -xzf $(DEB)/sikka_$(VERSION).orig.tar.gz -C $(DEB)
	cp -r scripts/debian $(DEB_SOURCE)/debian
	sed 's/@VERSION@/$(VERSION)/; s/@DATE@/'"$$(LC_ALL=C date -uRr $(DEB_SOURCE)/README)/" \
	    scripts/debian/changelog.in >$(DEB_SOURCE)/debian/changelog
	rm $(DEB_SOURCE)/debian/changelog.in

deb: deb-source
	cd $(DEB_SOURCE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/lib $(BUILD)/cmd $(BUILD)/tests -name '*.d' 2>/dev/null)
