if HAVE_CMOCKA
net_tests = tests/unit/test_plan
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
net_test_libs = $(NET_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
net_test_help = tests/unit/net_random.c tests/unit/net_random.h tests/unit/net_reference.c tests/unit/net_reference.h

tests_unit_test_plan_SOURCES = tests/unit/test_plan.c $(net_test_help)
tests_unit_test_plan_LDADD = $(net_test_libs)
endif
