if HAVE_CMOCKA
net_tests = \
	tests/unit/test_arch \
	tests/unit/test_arch_bad \
	tests/unit/test_exact \
	tests/unit/test_kernel \
	tests/unit/test_model \
	tests/unit/test_operators \
	tests/unit/test_plan \
	tests/unit/test_stream \
	tests/unit/test_product
check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)
net_test_libs = $(NET_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
net_test_help = \
	tests/unit/net_batch.c tests/unit/net_batch.h \
	tests/unit/net_random.c tests/unit/net_random.h \
	tests/unit/net_reference.c tests/unit/net_reference.h \
	tests/unit/net_reference_more.c tests/unit/net_reference_pass.h

tests_unit_test_arch_bad_SOURCES = tests/unit/test_arch_bad.c
tests_unit_test_arch_bad_LDADD = $(net_test_libs)
tests_unit_test_arch_SOURCES = tests/unit/test_arch.c $(net_test_help)
tests_unit_test_arch_LDADD = $(net_test_libs)
tests_unit_test_exact_SOURCES = tests/unit/test_exact.c $(net_test_help)
tests_unit_test_exact_LDADD = $(net_test_libs)
tests_unit_test_kernel_SOURCES = tests/unit/test_kernel.c $(net_test_help)
tests_unit_test_kernel_LDADD = $(net_test_libs)
tests_unit_test_model_SOURCES = tests/unit/test_model.c $(net_test_help)
tests_unit_test_model_LDADD = $(net_test_libs)
tests_unit_test_operators_SOURCES = tests/unit/test_operators.c $(net_test_help)
tests_unit_test_operators_LDADD = $(net_test_libs)
tests_unit_test_stream_SOURCES = tests/unit/test_stream.c $(net_test_help)
tests_unit_test_stream_LDADD = $(net_test_libs)
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c $(net_test_help)
tests_unit_test_plan_LDADD = $(net_test_libs)
tests_unit_test_product_SOURCES = tests/unit/test_product.c
tests_unit_test_product_LDADD = $(net_test_libs)
endif

EXTRA_DIST += tests/data/make_operators.py tests/data/operators.txt

# Fuzz targets of the architecture's text and the model's file, and of plans: its bytes choose a graph.
fuzz_net_targets = arch plan
fuzz_plan_help = \
	tests/unit/net_random.c tests/unit/net_reference.c tests/unit/net_reference_more.c
EXTRA_DIST += tests/fuzz/corpus/arch tests/fuzz/corpus/plan
check_PROGRAMS += tests/fuzz/fuzz_arch tests/fuzz/fuzz_plan
TESTS += tests/fuzz/fuzz_arch tests/fuzz/fuzz_plan
tests_fuzz_fuzz_arch_SOURCES = tests/fuzz/fuzz_arch.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_arch_LDADD = $(NET_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_plan_SOURCES = tests/fuzz/fuzz_plan.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(fuzz_plan_help) \
	tests/unit/net_random.h tests/unit/net_reference.h tests/unit/net_reference_pass.h
tests_fuzz_fuzz_plan_LDADD = $(NET_LIBS) $(BASE_LIBS)
