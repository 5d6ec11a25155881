if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_store
TESTS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/test_support.h
tests_unit_test_store_LDADD = $(STORE_LIBS) $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_brief
TESTS += tests/unit/test_brief
tests_unit_test_brief_SOURCES = tests/unit/test_brief.c tests/unit/test_support.h
tests_unit_test_brief_LDADD = $(STORE_LIBS) $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_datasets
TESTS += tests/unit/test_datasets
tests_unit_test_datasets_SOURCES = tests/unit/test_datasets.c tests/unit/test_support.h
tests_unit_test_datasets_LDADD = $(STORE_LIBS) $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
INDEX_FIXTURE = tests/unit/index_fixture.c tests/unit/index_fixture.h tests/unit/chain_fixture.c tests/unit/chain_fixture.h \
	tests/unit/test_support.h
check_PROGRAMS += tests/unit/test_chain_index
TESTS += tests/unit/test_chain_index
tests_unit_test_chain_index_SOURCES = tests/unit/test_chain_index.c tests/unit/many_chain.c tests/unit/many_chain.h \
	$(INDEX_FIXTURE)
tests_unit_test_chain_index_LDADD = $(STORE_LIBS) $(CHAIN_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_chain_index_stopped
TESTS += tests/unit/test_chain_index_stopped
tests_unit_test_chain_index_stopped_SOURCES = tests/unit/test_chain_index_stopped.c $(INDEX_FIXTURE)
tests_unit_test_chain_index_stopped_LDADD = $(STORE_LIBS) $(CHAIN_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_state_save
TESTS += tests/unit/test_state_save
tests_unit_test_state_save_SOURCES = tests/unit/test_state_save.c $(INDEX_FIXTURE)
tests_unit_test_state_save_LDADD = $(STORE_LIBS) $(CHAIN_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_sweep
TESTS += tests/unit/test_sweep
tests_unit_test_sweep_SOURCES = tests/unit/test_sweep.c tests/unit/test_support.h
tests_unit_test_sweep_LDADD = $(STORE_LIBS) $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/crash/test_migrate_crash
TESTS += tests/crash/test_migrate_crash
tests_crash_test_migrate_crash_SOURCES = tests/crash/test_migrate_crash.c tests/crash/sql_fault.c \
	tests/crash/sql_fault.h tests/unit/test_support.h
tests_crash_test_migrate_crash_LDADD = $(STORE_LIBS) $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
endif
