# Millions of inputs through each fuzz target; see tests/fuzz/README.md. Floors that a target needs, so that one of the chain
# does not wait for the kernels of nets.
FUZZ_CC = clang
FUZZ_RUNS = 2500000
FUZZ_PLAN_RUNS = 200000
FUZZ_CHAIN_RUNS = 10000000
FUZZ_GUIDED_RUNS = 200000
FUZZ_FLAGS = -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_GUIDED = -fsanitize=fuzzer-no-link
FUZZ_BULK = -fsanitize-coverage=inline-8bit-counters,pc-table
fuzz_train_targets = recipe checkpoint retrace
fuzz_work_targets = leaves evidence parcel terms lineage
fuzz_targets = $(fuzz_data_targets) $(fuzz_net_targets) $(fuzz_train_targets) $(fuzz_chain_targets) $(fuzz_work_targets)

FUZZ_SHARED = tests/fuzz/fuzz_fill.c tests/fuzz/fuzz_folder.c tests/fuzz/fuzz_signature.c tests/fuzz/fuzz_fill.h \
	tests/fuzz/fuzz_folder.h
FUZZ_BASE_LIBS = $(filter %.a,$(BASE_LIBS))
FUZZ_DATA_LIBS = $(filter %.a,$(DATA_LIBS)) $(FUZZ_BASE_LIBS)
FUZZ_NET_LIBS = $(filter %.a,$(NET_LIBS)) $(FUZZ_BASE_LIBS)
FUZZ_TRAIN_LIBS = $(filter %.a,$(TRAIN_LIBS) $(NET_LIBS)) $(FUZZ_DATA_LIBS)
FUZZ_WORK_LIBS = $(filter %.a,$(ACTION_LIBS) $(WORK_LIBS) $(STORE_LIBS) $(CHAIN_LIBS) $(SEARCH_LIBS)) $(FUZZ_TRAIN_LIBS)
# what is linked here needs no more guidance than the libraries: -fsanitize=fuzzer would watch its comparisons in both builds
FUZZ_LINK_AS = $(if $(findstring fuzzer-no-link,$(CFLAGS)),,-fno-sanitize-coverage=trace-cmp,indirect-calls)
FUZZ_LINK = $(CC) $(DEFS) -I. $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -fsanitize=fuzzer $(FUZZ_LINK_AS) -o $@ \
	$(top_srcdir)/tests/fuzz/$@.c $($@_help:%=$(top_srcdir)/%) $($@_wrap) $(filter %.a,$^) $(SODIUM_LIBS) $(LIBS)
$(fuzz_targets:%=fuzz_%): fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_SHARED)
$(fuzz_data_targets:%=fuzz_%): $(FUZZ_DATA_LIBS)
	$(FUZZ_LINK)
$(fuzz_net_targets:%=fuzz_%): $(FUZZ_NET_LIBS)
	$(FUZZ_LINK)
$(fuzz_train_targets:%=fuzz_%): $(FUZZ_TRAIN_LIBS)
	$(FUZZ_LINK)
$(fuzz_chain_targets:%=fuzz_%): $(filter %.a,$(CHAIN_LIBS)) $(FUZZ_BASE_LIBS)
	$(FUZZ_LINK)
$(fuzz_work_targets:%=fuzz_%): $(FUZZ_WORK_LIBS)
	$(FUZZ_LINK) $(JANSSON_LIBS) $(SQLITE_LIBS) $(NLOPT_LIBS)

# The undefined behaviour of kernels is looked for elsewhere: here their vectors would take an hour to compile.
FUZZ_KERNEL_FLAGS =
src/net/kernel/%.o: CFLAGS += $(FUZZ_KERNEL_FLAGS)

# Two builds: one whose comparisons guide the search, and one that is twice as fast and takes the most of the inputs.
long/guided/Makefile:
	$(MKDIR_P) long/guided
	cd long/guided && $(abs_top_srcdir)/configure -q --enable-checks CC='$(FUZZ_CC)' CFLAGS='$(FUZZ_FLAGS) $(FUZZ_GUIDED)'
long/bulk/Makefile:
	$(MKDIR_P) long/bulk
	cd long/bulk && $(abs_top_srcdir)/configure -q --enable-checks CC='$(FUZZ_CC)' CFLAGS='$(FUZZ_FLAGS) $(FUZZ_BULK)'
# what chains are made of and what claims bring along
fuzz_of_chain = $(fuzz_chain_targets) $(fuzz_work_targets) task frame recipe retrace
fuzz_runs = $(if $(filter plan,$*),$(FUZZ_PLAN_RUNS),$(if \
	$(filter $*,$(fuzz_of_chain)),$(FUZZ_CHAIN_RUNS),$(FUZZ_RUNS)))
$(fuzz_targets:%=long-%): long-%: long/guided/Makefile long/bulk/Makefile
	cd long/guided && $(MAKE) $(AM_MAKEFLAGS) FUZZ_KERNEL_FLAGS=-fno-sanitize=undefined fuzz_$*
	cd long/bulk && $(MAKE) $(AM_MAKEFLAGS) FUZZ_KERNEL_FLAGS=-fno-sanitize=undefined fuzz_$*
	cd long && $(SHELL) $(abs_top_srcdir)/tests/fuzz/long $* $(fuzz_runs) $(FUZZ_GUIDED_RUNS) \
		$(or $(fuzz_$*_most),2048) $(abs_top_srcdir)/tests/fuzz/corpus/$*
check-fuzz: $(fuzz_targets:%=long-%)
	@cat long/counts.tsv
.PHONY: check-fuzz $(fuzz_targets:%=long-%)
EXTRA_DIST += tests/fuzz/long tests/fuzz/README.md
