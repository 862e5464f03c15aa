# spikedcl: build, test, reproduce. `make help` lists the targets.
#
# Overridable: CC CFLAGS LDFLAGS PREFIX JOBS. Switches: asan=1 (address and undefined-behaviour sanitizers),
# tsan=1 (threads), cov=1 (coverage); each builds into a folder of its own.

CC     ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)

BUILD := build
SWITCH_FLAGS :=
ifeq ($(asan),1)
BUILD := build/asan
SWITCH_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DSCL_NO_CLONES
endif
ifeq ($(tsan),1)
BUILD := build/tsan
SWITCH_FLAGS := -fsanitize=thread -DSCL_NO_CLONES
endif
ifeq ($(cov),1)
BUILD := build/cov
SWITCH_FLAGS := --coverage -O0 -DSCL_NO_CLONES
endif

# -ffp-contract=off: fused multiply-adds would give other bits on other processors.
WARNINGS  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
OWN_FLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -ffp-contract=off -pthread $(WARNINGS) -Isrc -MMD -MP $(SWITCH_FLAGS)
# -lopenblas comes before GSL, and GSL's own slow reference BLAS is never linked (a test proves which one runs).
pkg        = $(shell pkg-config $(1) 2>/dev/null)
INCLUDES  := $(call pkg,--cflags openblas lapacke gsl sqlite3 libfyaml)
LIBS      := $(call pkg,--libs openblas lapacke) $(filter-out -lgslcblas,$(call pkg,--libs gsl)) $(call pkg,--libs sqlite3 libfyaml) -lm -pthread

SOURCES := $(sort $(wildcard src/*/*.c))
HEADERS := $(sort $(wildcard src/*.h src/*/*.h))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libspikedcl.a
PROGRAM := $(BUILD)/spikedcl
TESTS   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/*/test_*.c)))
SLOW    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/*/slow_*.c)))

.DEFAULT_GOAL := build

build: $(PROGRAM) ## build the program (build/spikedcl)

$(PROGRAM): $(BUILD)/src/cli/main.o $(LIBRARY)
	$(CC) $(SWITCH_FLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(filter-out $(BUILD)/src/cli/main.o,$(OBJECTS))
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(FILE_FLAGS) $(OWN_FLAGS) $(INCLUDES) -c -o $@ $<

# The vector mathematics: straight-line arithmetic that the compiler may vectorise; none of these flags changes a bit.
$(BUILD)/src/random/batch.o: FILE_FLAGS := -O3 -fno-math-errno -fno-trapping-math

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(OWN_FLAGS) -Itests $(INCLUDES) $(LDFLAGS) -o $@ $< $(LIBRARY) $(call pkg,--libs cmocka) $(LIBS)

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

clean: ## remove everything that was built
	rm -rf build

-include $(OBJECTS:.o=.d) $(TESTS:=.d) $(SLOW:=.d)
.PHONY: build help clean
