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

# Tests start in this order. The long ones come first, so that a parallel run does not end in waiting for one of them.
script_tests = \
	tests/terminal/jobs_many.py \
	tests/terminal/market_by_keys.py \
	tests/terminal/market_end_to_end.py \
	tests/terminal/chain_end_to_end.py \
	tests/science/test_science.py \
	tests/terminal/chain_disputes.py \
	tests/terminal/chain_many.py \
	tests/terminal/train_by_keys.py \
	tests/terminal/chain_many_claims.py \
	tests/terminal/chain_by_keys.py \
	tests/terminal/chain_bench.py \
	tests/chain/test_verifier.py \
	tests/terminal/test_workbench.py \
	tests/terminal/chain_work.py \
	tests/terminal/job_by_keys.py \
	tests/terminal/job_end_to_end.py \
	tests/terminal/chain_many_git.py \
	tests/terminal/search_by_keys.py \
	tests/terminal/chain_many_by_keys.py \
	tests/terminal/chain_many_bad.py \
	tests/terminal/data_by_keys.py \
	tests/terminal/graph_by_keys.py \
	tests/terminal/test_scenario.py \
	tests/terminal/test_harness.py \
	tests/house/test_house.py \
	tests/house/test_bootstrap.py \
	tests/house/test_documents.py \
	tests/house/test_runner.py
TESTS += $(script_tests)
include tests/unit/chain.mk
include tests/unit/net.mk
include tests/unit/work.mk
include tests/unit/train.mk
include tests/unit/search.mk
include tests/unit/store.mk
include tests/unit/ui.mk
include tests/unit/data.mk
include tests/unit/base.mk
include tests/exact/exact.mk
include tests/fuzz/chain.mk
include tests/fuzz/data.mk
include tests/fuzz/long.mk

EXTRA_DIST += $(script_tests) \
	tests/chain/maker.py \
	tests/chain/disputes.py \
	tests/chain/disputes_maker.py \
	tests/chain/jobs_maker.py \
	tests/chain/market.py \
	tests/chain/market_maker.py \
	tests/chain/verifier.py \
	tests/house/manual.py \
	tests/house/rules.py \
	tests/run \
	tests/science/science.py \
	tests/tally \
	tests/tap.py \
	tests/terminal/harness.py \
	tests/terminal/many.py

# The unit tests alone: for second runs with other options, where the scripts would only repeat themselves.
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter-out %.py,$(TESTS))'

# What the internal checks of --enable-checks can change: they stand in the floor chain alone, in its state
# (tests/house/rules.py), so those of its tests suffice that link the state, and nothing above it is compiled. Everything
# with checks: check-unit in such a build.
checks_without = $(addprefix tests/unit/test_,consensus consensus_model consensus_random rotation) tests/crash/test_guard_crash \
	$(addprefix tests/fuzz/fuzz_,block certificate consensus guard key message public vote $(fuzz_work_targets))
checks_tests = $(filter-out $(checks_without),$(CHAIN_TESTS) $(KEYSTORE_TESTS) $(CHAIN_TAMPER_TESTS) $(FUZZ_CHAIN))
check-checks:
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(checks_tests)' check_PROGRAMS= check_DATA=

# Inside distcheck, which asks whether the release is whole and builds anywhere: everything is compiled, and what reads
# files of the release runs. The rest would only repeat make check.
release_tests = $(filter tests/house/%,$(script_tests)) tests/terminal/test_scenario.py \
	$(addprefix tests/unit/test_,economy operators optimizer synth ui_app ui_cell ui_graph ui_plot screen_chain screen_many) \
	$(filter tests/fuzz/%,$(TESTS))
AM_DISTCHECK_CONFIGURE_FLAGS = CFLAGS=-O1
release_goal = distcheck
$(release_goal): AM_MAKEFLAGS += TESTS='$(release_tests)'

# Whatever is kept under version control is in the release, except what belongs to the keeping.
dist-hook:
	@test ! -e $(srcdir)/.git || git -C $(srcdir) -c safe.directory='*' ls-files | { missing=; while read -r file; do \
		case $$file in .git*|.ci/*) continue;; esac; \
		test -e '$(distdir)'/"$$file" || { echo "dist: $$file is in no local.mk"; missing=yes; }; \
	done; test -z "$$missing"; }

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

# What takes long: the curves over all floats, CRASH_RUNS crashes of the chain (a few minutes), and millions of inputs through
# each fuzz target (tests/fuzz/README.md), found by libFuzzer (clang), under AddressSanitizer and UndefinedBehaviorSanitizer.
CRASH_RUNS = 100000
check-crash: tests/crash/test_chain_crash_disk$(EXEEXT)
	MORPHSMITH_CRASH_RUNS=$(CRASH_RUNS) tests/crash/test_chain_crash_disk$(EXEEXT)
check-long: check-curves check-crash check-fuzz

# The consensus machine against a liar for longer: three rounds, for each place of the liar until the steps of MODEL_STATES
# states were gone through; more than twice as many are found and kept, at 24 bytes each.
MODEL_STATES = 5000000
check-model: tests/unit/test_consensus_model$(EXEEXT)
	MORPHSMITH_MODEL_STATES=$(MODEL_STATES) tests/unit/test_consensus_model$(EXEEXT)

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

.PHONY: check-unit check-checks check-sanitize check-valgrind check-crash check-long check-model check-tamper check-science \
	update-goldens lint format

distclean-local:
	rm -rf sanitize long exact science.jsonl
