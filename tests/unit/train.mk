if HAVE_CMOCKA
# tests of train
TRAIN_TEST_LIBS = $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
train_tests =
train_tests += tests/unit/test_baseline
train_tests += tests/unit/test_checkpoint
train_tests += tests/unit/test_crossval
train_tests += tests/unit/test_evidence
train_tests += tests/unit/test_leak
train_tests += tests/unit/test_loss
train_tests += tests/unit/test_metric
train_tests += tests/unit/test_metric_target
train_tests += tests/unit/test_optimizer
train_tests += tests/unit/test_profile
train_tests += tests/unit/test_recipe
train_tests += tests/unit/test_trace
train_tests += tests/unit/test_train_target
train_tests += tests/unit/test_trainer
train_tests += tests/unit/test_window
check_PROGRAMS += $(train_tests)
TESTS += $(train_tests)
tests_unit_test_leak_SOURCES = tests/unit/test_leak.c
tests_unit_test_leak_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_profile_SOURCES = tests/unit/test_profile.c
tests_unit_test_profile_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_recipe_SOURCES = tests/unit/test_recipe.c
tests_unit_test_recipe_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_loss_SOURCES = tests/unit/test_loss.c
tests_unit_test_loss_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_metric_SOURCES = tests/unit/test_metric.c
tests_unit_test_metric_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_metric_target_SOURCES = tests/unit/test_metric_target.c tests/unit/metric_reference.inc
tests_unit_test_metric_target_LDADD = $(TRAIN_TEST_LIBS)
EXTRA_DIST += tests/unit/metric_reference.py
tests_unit_test_optimizer_SOURCES = tests/unit/test_optimizer.c
tests_unit_test_optimizer_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_checkpoint_SOURCES = tests/unit/test_checkpoint.c tests/unit/train_fixture.h
tests_unit_test_checkpoint_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_trace_SOURCES = tests/unit/test_trace.c
tests_unit_test_trace_LDADD = $(TRAIN_TEST_LIBS)
# The test counts allocations: references to these functions go through its own.
tests_unit_test_trainer_SOURCES = tests/unit/test_trainer.c tests/unit/train_fixture.h
tests_unit_test_trainer_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_trainer_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
tests_unit_test_window_SOURCES = tests/unit/test_window.c tests/unit/train_fixture.h
tests_unit_test_window_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_crossval_SOURCES = tests/unit/test_crossval.c tests/unit/train_fixture.h
tests_unit_test_crossval_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_train_target_SOURCES = tests/unit/test_train_target.c tests/unit/train_fixture.h
tests_unit_test_train_target_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_baseline_SOURCES = tests/unit/test_baseline.c tests/unit/train_fixture.h
tests_unit_test_baseline_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_evidence_SOURCES = tests/unit/test_evidence.c tests/unit/train_fixture.h
tests_unit_test_evidence_LDADD = $(TRAIN_TEST_LIBS)
endif

check_PROGRAMS += tests/fuzz/fuzz_checkpoint
TESTS += tests/fuzz/fuzz_checkpoint
EXTRA_DIST += tests/fuzz/corpus/checkpoint
tests_fuzz_fuzz_checkpoint_SOURCES = tests/fuzz/fuzz_checkpoint.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_checkpoint_LDADD = $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS)
