if HAVE_CMOCKA
WORK_TEST_LIBS = $(ACTION_LIBS) $(WORK_LIBS) $(STORE_LIBS) $(CHAIN_LIBS) $(SEARCH_LIBS) $(TRAIN_LIBS) $(NET_LIBS) \
	$(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
SEARCH_FIXTURE = tests/unit/search_fixture.c tests/unit/search_fixture.h tests/unit/test_support.h
WORK_TESTS = \
	tests/crash/test_holdout_crash \
	tests/crash/test_import_crash \
	tests/crash/test_search_crash \
	tests/crash/test_train_crash \
	tests/unit/test_action \
	tests/unit/test_bench_search \
	tests/unit/test_claim \
	tests/unit/test_parcel \
	tests/unit/test_refusal \
	tests/unit/test_round_time \
	tests/unit/test_dispute \
	tests/unit/test_driver \
	tests/unit/test_driver_time \
	tests/unit/test_holdout \
	tests/unit/test_import_files \
	tests/unit/test_inherit \
	tests/unit/test_follow_past \
	tests/unit/test_leaves \
	tests/unit/test_outcome \
	tests/unit/test_predict \
	tests/unit/test_race \
	tests/unit/test_suggest \
	tests/unit/test_targets
check_PROGRAMS += $(WORK_TESTS)
TESTS += $(WORK_TESTS)
tests_unit_test_action_SOURCES = tests/unit/test_action.c $(SEARCH_FIXTURE)
tests_unit_test_action_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_bench_search_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_dispute_SOURCES = tests/unit/test_dispute.c $(SEARCH_FIXTURE)
tests_unit_test_dispute_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_driver_SOURCES = tests/unit/test_driver.c $(SEARCH_FIXTURE)
tests_unit_test_driver_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_driver_time_SOURCES = tests/unit/test_driver_time.c $(SEARCH_FIXTURE)
tests_unit_test_driver_time_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_inherit_SOURCES = tests/unit/test_inherit.c $(SEARCH_FIXTURE)
tests_unit_test_inherit_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_leaves_SOURCES = tests/unit/test_leaves.c tests/unit/train_fixture.h tests/unit/test_support.h
tests_unit_test_leaves_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_follow_past_SOURCES = tests/unit/test_follow_past.c $(MANY_CHAIN)
tests_unit_test_follow_past_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_outcome_SOURCES = tests/unit/test_outcome.c $(SEARCH_FIXTURE) $(CHAIN_FIXTURE)
tests_unit_test_outcome_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_race_SOURCES = tests/unit/test_race.c $(SEARCH_FIXTURE)
tests_unit_test_race_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_suggest_SOURCES = tests/unit/test_suggest.c $(SEARCH_FIXTURE)
tests_unit_test_suggest_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_holdout_SOURCES = tests/unit/test_holdout.c $(SEARCH_FIXTURE)
tests_unit_test_holdout_LDADD = $(WORK_TEST_LIBS)
tests_crash_test_holdout_crash_SOURCES = tests/crash/test_holdout_crash.c tests/crash/sql_fault.c tests/crash/sql_fault.h \
	$(SEARCH_FIXTURE)
tests_crash_test_holdout_crash_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_targets_SOURCES = tests/unit/test_targets.c $(SEARCH_FIXTURE)
tests_unit_test_targets_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_predict_SOURCES = tests/unit/test_predict.c $(SEARCH_FIXTURE)
tests_unit_test_predict_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_import_files_SOURCES = tests/unit/test_import_files.c tests/unit/test_support.h
tests_unit_test_import_files_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_round_time_SOURCES = tests/unit/test_round_time.c tests/unit/test_support.h
tests_unit_test_round_time_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_refusal_SOURCES = tests/unit/test_refusal.c tests/unit/test_support.h
tests_unit_test_refusal_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_parcel_SOURCES = tests/unit/test_parcel.c tests/unit/test_support.h
tests_unit_test_parcel_LDADD = $(WORK_TEST_LIBS)
tests_unit_test_claim_SOURCES = tests/unit/test_claim.c tests/unit/test_support.h
tests_unit_test_claim_LDADD = $(WORK_TEST_LIBS)
tests_crash_test_import_crash_SOURCES = tests/crash/test_import_crash.c tests/crash/sql_fault.c tests/crash/sql_fault.h \
	tests/unit/test_support.h
tests_crash_test_import_crash_LDADD = $(WORK_TEST_LIBS)
tests_crash_test_train_crash_SOURCES = tests/crash/test_train_crash.c tests/crash/sql_fault.c tests/crash/sql_fault.h \
	$(SEARCH_FIXTURE)
tests_crash_test_train_crash_LDADD = $(WORK_TEST_LIBS)
tests_crash_test_search_crash_SOURCES = tests/crash/test_search_crash.c $(SEARCH_FIXTURE)
tests_crash_test_search_crash_LDADD = $(WORK_TEST_LIBS)
endif

# What needs the program itself.
TESTS += tests/terminal/cli_contract.py tests/terminal/cli_import.py tests/terminal/cli_predict.py \
	tests/terminal/key_by_keys.py
EXTRA_DIST += tests/terminal/cli_contract.py tests/terminal/cli_import.py tests/terminal/cli_predict.py \
	tests/terminal/key_by_keys.py
