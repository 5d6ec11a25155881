if HAVE_CMOCKA
SEARCH_TESTS = tests/unit/test_gp tests/unit/test_morph tests/unit/test_search tests/unit/test_search_table \
	tests/unit/test_near tests/unit/test_settings tests/unit/test_strategy tests/unit/test_surrogate tests/unit/test_weigh
SEARCH_TEST_LIBS = $(SEARCH_LIBS) $(NET_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(SEARCH_TESTS)
TESTS += $(SEARCH_TESTS)
tests_unit_test_gp_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_morph_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_near_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_search_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_search_table_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_settings_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_strategy_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_weigh_LDADD = $(SEARCH_TEST_LIBS)
tests_unit_test_surrogate_LDADD = $(SEARCH_TEST_LIBS)
endif
