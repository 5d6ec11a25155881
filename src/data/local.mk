noinst_LIBRARIES += src/data/libdata.a
src_data_libdata_a_SOURCES = \
	src/data/csv.c src/data/csv.h \
	src/data/dialect.c src/data/dialect.h \
	src/data/frame.c src/data/frame.h \
	src/data/number.c src/data/number.h \
	src/data/record.c src/data/record.h \
	src/data/stamp.c src/data/stamp.h \
	src/data/table.c src/data/table.h \
	src/data/timeline.c src/data/timeline.h \
	src/data/timestamp.c src/data/timestamp.h
DATA_LIBS = src/data/libdata.a $(CSV_LIBS)
