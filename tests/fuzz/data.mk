# Fuzz targets of data, replayed over their corpus. To fuzz: clang -fsanitize=fuzzer,address in place of replay.c.
EXTRA_DIST += tests/fuzz/corpus/csv tests/fuzz/corpus/timestamp
check_PROGRAMS += tests/fuzz/fuzz_csv tests/fuzz/fuzz_timestamp
TESTS += tests/fuzz/fuzz_csv tests/fuzz/fuzz_timestamp
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_csv_LDADD = $(DATA_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_timestamp_SOURCES = tests/fuzz/fuzz_timestamp.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_timestamp_LDADD = $(DATA_LIBS) $(BASE_LIBS)
