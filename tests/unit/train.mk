if HAVE_CMOCKA
# tests of train
TRAIN_TEST_LIBS = $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
train_tests = tests/unit/test_leak tests/unit/test_recipe tests/unit/test_loss tests/unit/test_metric tests/unit/test_metric_target \
	tests/unit/test_optimizer tests/unit/test_schedule tests/unit/test_clip tests/unit/test_recipe_setting \
	tests/unit/test_train_setting \
	tests/unit/test_checkpoint tests/unit/test_trace tests/unit/test_trainer tests/unit/test_window tests/unit/test_crossval \
	tests/unit/test_baseline tests/unit/test_evidence tests/unit/test_train_target
check_PROGRAMS += $(train_tests)
TESTS += $(train_tests)
tests_unit_test_leak_SOURCES = tests/unit/test_leak.c
tests_unit_test_leak_LDADD = $(TRAIN_TEST_LIBS)
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
EXTRA_DIST += tests/data/make_optimizers.py tests/data/optimizers.txt
tests_unit_test_schedule_SOURCES = tests/unit/test_schedule.c
tests_unit_test_schedule_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_clip_SOURCES = tests/unit/test_clip.c
tests_unit_test_clip_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_recipe_setting_SOURCES = tests/unit/test_recipe_setting.c
tests_unit_test_recipe_setting_LDADD = $(TRAIN_TEST_LIBS)
tests_unit_test_train_setting_SOURCES = tests/unit/test_train_setting.c tests/unit/train_fixture.h
tests_unit_test_train_setting_LDADD = $(TRAIN_TEST_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_recipe
TESTS += tests/fuzz/fuzz_recipe
EXTRA_DIST += tests/fuzz/corpus/recipe
tests_fuzz_fuzz_recipe_SOURCES = tests/fuzz/fuzz_recipe.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_recipe_LDADD = $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS)
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
