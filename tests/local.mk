# Tests. A unit test is tests/unit/NAME.c, listed in its floor's fragment; house and terminal tests are scripts.
# Every test speaks TAP, so that the totals count cases; tests/run makes one clean stream of what cmocka prints.
TEST_EXTENSIONS = .py
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
PY_LOG_DRIVER = $(LOG_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run
PY_LOG_COMPILER = $(LOG_COMPILER)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	MORPHSMITH='$(abs_top_builddir)/morphsmith$(EXEEXT)'; export MORPHSMITH;

include tests/unit/base.mk
include tests/unit/data.mk
include tests/unit/net.mk
include tests/unit/train.mk
include tests/unit/search.mk
include tests/unit/chain.mk
include tests/unit/store.mk
include tests/unit/work.mk
include tests/unit/ui.mk
include tests/fuzz/data.mk
include tests/fuzz/chain.mk
include tests/exact/exact.mk

script_tests = \
	tests/chain/test_verifier.py \
	tests/house/test_bootstrap.py \
	tests/house/test_documents.py \
	tests/house/test_house.py \
	tests/house/test_runner.py \
	tests/science/test_science.py \
	tests/terminal/chain_end_to_end.py \
	tests/terminal/chain_bench.py \
	tests/terminal/data_by_keys.py \
	tests/terminal/graph_by_keys.py \
	tests/terminal/job_by_keys.py \
	tests/terminal/job_end_to_end.py \
	tests/terminal/search_by_keys.py \
	tests/terminal/chain_by_keys.py \
	tests/terminal/test_harness.py \
	tests/terminal/test_workbench.py \
	tests/terminal/train_by_keys.py
TESTS += $(script_tests)
EXTRA_DIST += $(script_tests) \
	tests/chain/maker.py \
	tests/chain/verifier.py \
	tests/house/manual.py \
	tests/house/rules.py \
	tests/run \
	tests/science/science.py \
	tests/tally \
	tests/tap.py \
	tests/terminal/harness.py

# The unit tests alone: for second runs with other options, where the scripts would only repeat themselves.
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter-out %.py,$(TESTS))'

# The unit tests under AddressSanitizer and UndefinedBehaviorSanitizer, in a build folder of their own.
SANITIZE_CFLAGS = -O1 -g
check-sanitize:
	$(MKDIR_P) sanitize
	cd sanitize && { test -f Makefile || $(abs_top_srcdir)/configure --enable-sanitize --enable-checks \
		CC='$(CC)' CFLAGS='$(SANITIZE_CFLAGS)'; }
	cd sanitize && UBSAN_OPTIONS=print_stacktrace=1 $(MAKE) $(AM_MAKEFLAGS) check-unit

# The whole job once on the command line, every process of it under valgrind.
VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
	--errors-for-leak-kinds=definite,indirect --trace-children=yes
check-valgrind: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/terminal/job_end_to_end.py MORPHSMITH_RUN='$(VALGRIND)'

# What takes long: the curves over all floats, CRASH_RUNS crashes of the chain (a few minutes), and millions of inputs through each fuzz target, found by libFuzzer
# (clang), under AddressSanitizer and UndefinedBehaviorSanitizer. New inputs stay in long/corpus. FUZZ_RUNS inputs a target; a plan is trained and compared
# five times for each of its inputs, so it gets fewer.
FUZZ_RUNS = 2500000
FUZZ_PLAN_RUNS = 200000
FUZZ_CHAIN_RUNS = 10000000
CRASH_RUNS = 100000
FUZZ_CC = clang
FUZZ_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all
fuzz_targets = $(fuzz_data_targets) $(fuzz_net_targets) $(fuzz_chain_targets)
check-crash: tests/crash/test_chain_crash_disk$(EXEEXT)
	MORPHSMITH_CRASH_RUNS=$(CRASH_RUNS) tests/crash/test_chain_crash_disk$(EXEEXT)
check-long: check-curves check-crash
	$(MKDIR_P) long
	cd long && { test -f Makefile || $(abs_top_srcdir)/configure --enable-checks CC='$(FUZZ_CC)' \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link $(FUZZ_FLAGS)'; }
	cd long && $(MAKE) $(AM_MAKEFLAGS) $(fuzz_targets:%=long-%)
FUZZ_LIBS = $(WORK_LIBS) $(CHAIN_LIBS) $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS)
$(fuzz_targets:%=fuzz_%): $(filter %.a,$(FUZZ_LIBS)) $(VMATH_FMA_LIB)
	$(CC) $(DEFS) -I. $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ \
		$(top_srcdir)/tests/fuzz/$@.c $($@_help:%=$(top_srcdir)/%) $(FUZZ_LIBS) $(LIBS)
$(fuzz_targets:%=long-%): long-%: fuzz_%
	@$(MKDIR_P) corpus/$*
	./fuzz_$* -runs=$(if $(filter plan,$*),$(FUZZ_PLAN_RUNS),$(if $(filter $*,$(fuzz_chain_targets)),$(FUZZ_CHAIN_RUNS),$(FUZZ_RUNS))) -max_len=4096 -timeout=20 \
		-print_final_stats=1 -verbosity=0 corpus/$* $(top_srcdir)/tests/fuzz/corpus/$*

# Every bit of a small chain flipped, each time verified with all signatures.
check-tamper:
	MORPHSMITH_EVERY_BIT=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/unit/test_tamper_bits

# Does the sentence of evidence tell the truth? 100 seeds each of a market with nothing in it and of one with a little,
# through the whole program; about ten minutes on two idle cores. What is kept in science.jsonl is not run again.
SCIENCE_SEEDS = 100
check-science: all
	MORPHSMITH='$(abs_top_builddir)/morphsmith$(EXEEXT)' python3 -B $(srcdir)/tests/science/science.py \
		--seeds $(SCIENCE_SEEDS) --keep science.jsonl

# Goldens, and the parts of the manual made from --help, are rewritten by the tests that compare with them; read the difference before it is committed.
update-goldens:
	MORPHSMITH_UPDATE_GOLDENS=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter-out tests/terminal/%,$(TESTS))'

# Static analysis and layout, with whichever of the tools is installed.
lint:
	@status=0; cd $(abs_top_srcdir) && files=`find src ui -name '*.c' | LC_ALL=C sort`; \
	if command -v clang-tidy >/dev/null 2>&1; then \
		clang-tidy --quiet $$files -- $(LINT_FLAGS) || status=1; \
	else echo "lint: no clang-tidy here"; fi; \
	if command -v cppcheck >/dev/null 2>&1; then \
		cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
			--suppress=missingIncludeSystem -I src -I . $$files || status=1; \
	else echo "lint: no cppcheck here"; fi; \
	exit $$status
LINT_FLAGS = -std=c17 -DHAVE_CONFIG_H -I$(abs_top_builddir) -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 \
	-D_DEFAULT_SOURCE -I src -I . -include base/banned.h \
	$(SODIUM_CFLAGS) $(SQLITE_CFLAGS) $(JANSSON_CFLAGS) $(NLOPT_CFLAGS)

format:
	cd $(top_srcdir) && find src ui tests \( -name '*.c' -o -name '*.h' \) -exec clang-format -i {} +

.PHONY: check-unit check-sanitize check-valgrind check-long check-tamper check-science update-goldens lint format
.PHONY: check-unit check-sanitize check-valgrind check-crash check-long check-science update-goldens lint format

distclean-local:
	rm -rf sanitize long exact science.jsonl
