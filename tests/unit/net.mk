if HAVE_CMOCKA
net_tests = \
	tests/unit/test_arch \
	tests/unit/test_kernel \
	tests/unit/test_model \
	tests/unit/test_plan
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
net_test_libs = $(NET_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
net_test_help = \
	tests/unit/net_random.c tests/unit/net_random.h \
	tests/unit/net_reference.c tests/unit/net_reference.h

tests_unit_test_arch_SOURCES = tests/unit/test_arch.c $(net_test_help)
tests_unit_test_arch_LDADD = $(net_test_libs)
tests_unit_test_kernel_SOURCES = tests/unit/test_kernel.c $(net_test_help)
tests_unit_test_kernel_LDADD = $(net_test_libs)
tests_unit_test_model_SOURCES = tests/unit/test_model.c $(net_test_help)
tests_unit_test_model_LDADD = $(net_test_libs)
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c $(net_test_help)
tests_unit_test_plan_LDADD = $(net_test_libs)
endif
