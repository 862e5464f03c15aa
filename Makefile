# spikedcl: build, test, reproduce. `make help` lists the targets.
#
# Overridable: CC CFLAGS LDFLAGS PREFIX JOBS. Switches: asan=1 (address and undefined-behaviour sanitizers), tsan=1 (thread
# sanitizer), cov=1 (coverage); each builds into a folder of its own. V=1 shows the commands.

CC     ?= cc
CFLAGS ?= -O3 -g
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
Q      := $(if $(V),,@)

BUILD := build
ifeq ($(asan),1)
BUILD := build/asan
SWITCH := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
ifeq ($(tsan),1)
BUILD := build/tsan
SWITCH := -fsanitize=thread
endif
ifeq ($(cov),1)
BUILD := build/cov
SWITCH := --coverage -O0 -DSCL_COUNTED
endif

# -ffp-contract=off: fused multiply-adds would give other bits on other processors.
STANDARD  := -std=c17 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -ffp-contract=off -pthread
WARNINGS  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
pkg        = $(shell pkg-config $(1) 2>/dev/null)
INCLUDES  := -Isrc $(call pkg,--cflags openblas lapacke gsl sqlite3 zlib libfyaml muparser)
OWN_FLAGS := $(STANDARD) $(WARNINGS) $(INCLUDES) $(SWITCH)
# -lopenblas comes before GSL, and GSL's own slow reference BLAS is never linked (a test proves which one runs).
LIBS      := $(call pkg,--libs openblas lapacke) $(filter-out -lgslcblas,$(call pkg,--libs gsl)) $(call pkg,--libs sqlite3 zlib libfyaml muparser) -lm -pthread

SOURCES := $(sort $(wildcard src/*/*.c))
HEADERS := $(sort $(wildcard src/*.h src/*/*.h))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libspikedcl.a
PROGRAM := $(BUILD)/spikedcl
TESTS   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/*/test_*.c)))
ifeq ($(cov),1)
TESTS   := $(filter-out %/test_readonly,$(TESTS)) # without privileges counters cannot be written, and say so
endif
# Tests whose number of tries an environment variable raises (test-slow).
SLOW_TESTS := tests/cli/test_resume tests/cli/test_disk tests/cli/test_damage tests/cli/test_memory
THREAD_TESTS := tests/study/test_pool tests/study/test_job tests/study/test_study
CONFIGS := $(sort $(wildcard experiments/*.yaml))

.DEFAULT_GOAL := build

build: $(PROGRAM) ## build the program, build/spikedcl

$(PROGRAM): $(BUILD)/src/cli/main.o $(LIBRARY)
	@echo "  LINK $@"
	$(Q)$(CC) $(CFLAGS) $(SWITCH) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(filter-out $(BUILD)/src/cli/main.o,$(OBJECTS))
	@echo "  AR   $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(CFLAGS) $(FILE_FLAGS) $(OWN_FLAGS) -MMD -MP -c -o $@ $<

# The vector mathematics: straight-line arithmetic that the compiler may vectorise; none of these flags changes a bit.
$(BUILD)/src/random/batch.o: FILE_FLAGS := -O3 -fno-math-errno -fno-trapping-math
# The commit stands in main alone, so that a new one compiles one file and links the program: no test is built again.
$(BUILD)/src/cli/main.o: $(BUILD)/commit.h
$(BUILD)/src/cli/main.o: FILE_FLAGS := -include $(BUILD)/commit.h
$(BUILD)/commit.h: always
	@mkdir -p $(@D)
	$(Q)scripts/commit.sh $@
$(BUILD)/src/study/provenance.o: FILE_FLAGS := -DSCL_BUILD_FLAGS='"$(CFLAGS) $(SWITCH) -ffp-contract=off"'

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  TEST $@"
	$(Q)$(CC) $(CFLAGS) $(OWN_FLAGS) -MMD -MP -Itests $(LDFLAGS) -o $@ $< $(LIBRARY) $(call pkg,--libs cmocka) $(LIBS)

tests: $(PROGRAM) $(TESTS)

install: build ## install program, library, headers and manual page under PREFIX
	mkdir -p $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/share/man/man1
	install $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/
	install -m 644 docs/spikedcl.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	for h in $(patsubst src/%,%,$(HEADERS)); do mkdir -p $(DESTDIR)$(PREFIX)/include/spikedcl/$$(dirname $$h); \
	  install -m 644 src/$$h $(DESTDIR)$(PREFIX)/include/spikedcl/$$h; done

# ---- the two commands of README ------------------------------------------------------------------------------------------
# Both install what is missing and only then look for libraries, hence the second make.

reproduce: ## install what is missing, run the standard experiments, judge, draw, compare with results/
	@scripts/deps.sh run
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@scripts/reproduce.sh $(PROGRAM) build/reproduce results $(CONFIGS)

test: ## install what is missing, build and run all tests
	@scripts/deps.sh test
	@$(MAKE) --no-print-directory -j$(JOBS) tests
	@scripts/run-tests.sh $(BUILD) $(TESTS)

KILLS ?= 100
DISKS ?= 20
FLIPS ?= 300
test-slow: ## 100 kills, 20 full disks, 300 damaged bytes, every allocation failing, FUZZ_SECONDS of fuzzing (needs clang; half an hour)
	@scripts/deps.sh test
	@$(MAKE) --no-print-directory -j$(JOBS) $(PROGRAM) $(SLOW_TESTS:%=$(BUILD)/%)
	@SCL_KILLS=$(KILLS) SCL_DISKS=$(DISKS) SCL_FLIPS=$(FLIPS) SCL_EVERY=1 scripts/run-tests.sh $(BUILD) $(SLOW_TESTS:%=$(BUILD)/%)
	@$(MAKE) --no-print-directory fuzz

test-threads: ## the tests in which threads run, meant for tsan=1
	@$(MAKE) --no-print-directory -j$(JOBS) $(PROGRAM) $(THREAD_TESTS:%=$(BUILD)/%)
	@scripts/run-tests.sh $(BUILD) $(THREAD_TESTS:%=$(BUILD)/%)

deps: ## install the packages that building, testing and checking need
	@scripts/deps.sh develop

reference: build ## run the standard experiments anew into results/ and plots/ (the tracked references)
	@scripts/reference.sh $(PROGRAM) results plots $(CONFIGS)

$(BUILD)/bench/%: bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "  CC   $@"
	$(Q)$(CC) $(CFLAGS) $(OWN_FLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

bench: $(BUILD)/bench/trial ## time a trial against the same trial in NumPy and SciPy (make deps installs them)
	@bench/run.sh $(BUILD)/bench/trial

bench-factor-analysis: $(BUILD)/bench/factor_analysis ## time factor-analysis against scikit-learn's (Debian: python3-sklearn)
	@$$([ -x /usr/bin/python3 ] && echo /usr/bin/python3 || echo python3) bench/factor_analysis.py $(BUILD)/bench/factor_analysis

bench-audit: $(BUILD)/bench/trial ## what the metrics of the proof audit add to a trial
	@bench/audit.sh $(BUILD)/bench/trial

throughput: $(PROGRAM) $(BUILD)/bench/trial ## two workers against two processes; what store and scheduling cost (on a quiet machine)
	@python3 bench/throughput.py $(PROGRAM) $(BUILD)/bench/trial

# ---- slow checks of the bad-input promises ---------------------------------------------------------------------------------

COVERAGE ?= 90
coverage: ## run all tests with counters (cov=1) and demand COVERAGE (90) % of the lines of src
	@scripts/deps.sh develop
	@$(MAKE) --no-print-directory cov=1 test
	gcovr --root . --filter src/ --object-directory build/cov --exclude-throw-branches --sort-percentage \
	  --fail-under-line $(COVERAGE) build/cov

# Without the tests that start the program, time it, count verdicts and laws over many draws, or compare with the 80-bit numbers that
# valgrind lacks (test_normal, test_laws, test_link). OpenBLAS's own choice could be a
# kernel with AVX-512, which valgrind lacks.
VALGRIND_TESTS := $(filter-out tests/cli/% tests/report/% tests/reference/% %/test_law %/test_verdicts %/test_regression %/test_cost \
  %/test_chisquare %/test_config %/test_normal %/test_laws %/test_binomial %/test_link %/test_labels_law %/test_labels_means,$(TESTS:$(BUILD)/%=%))
valgrind: tests ## the unit tests under valgrind: no error, no leak (some minutes)
	@OPENBLAS_CORETYPE=Haswell SCL_UNDER="valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,indirect" \
	  scripts/run-tests.sh $(BUILD) $(VALGRIND_TESTS:%=$(BUILD)/%)

FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,build/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

build/fuzz/%: tests/fuzz/fuzz_%.c tests/fuzz/fuzzing.h $(SOURCES) $(HEADERS)
	@mkdir -p $(@D)
	@echo "  FUZZ $@"
	$(Q)clang -O1 -g $(OWN_FLAGS) -Itests -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	  -DSCL_BUILD_FLAGS='""' -o $@ $< $(filter-out src/cli/%,$(SOURCES)) $(LIBS)

fuzz: ## feed FUZZ_SECONDS (60) of mutated configs and CSV files to each reader, under sanitizers (needs clang)
	@$(MAKE) --no-print-directory -j$(JOBS) $(FUZZERS)
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZERS)

# ---- checks --------------------------------------------------------------------------------------------------------------

C_FILES := $(SOURCES) $(HEADERS) $(sort $(wildcard tests/*/*.[ch])) $(sort $(wildcard bench/*.[ch]))

check: check-format check-lint check-layers check-headers ## all checks below

check-format: ## every C file as clang-format leaves it
	clang-format --dry-run -Werror $(C_FILES)

check-lint: ## cppcheck finds nothing
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --suppress=missingIncludeSystem \
	  --suppress=varFuncNullUB --suppress=preprocessorErrorDirective --error-exitcode=1 -j $(JOBS) -Isrc src

check-layers: ## a folder of src includes only itself and folders before it
	@scripts/check-layers.sh

check-headers: ## every header compiles alone
	@for h in $(HEADERS); do echo "#include \"$${h#src/}\"" | $(CC) $(OWN_FLAGS) -fsyntax-only -x c - || exit 1; done
	@echo "headers: $(words $(HEADERS)) compile alone"

format: ## rewrite every C file with clang-format
	clang-format -i $(C_FILES)

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 16

clean: ## remove everything that was built
	rm -rf build

-include $(OBJECTS:.o=.d) $(TESTS:=.d)
.PHONY: always build tests install reproduce test test-slow test-threads deps reference bench bench-factor-analysis bench-audit throughput coverage valgrind fuzz check check-format check-lint check-layers check-headers format help clean
