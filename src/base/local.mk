noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/banned.h \
	src/base/bytes.c src/base/bytes.h \
	src/base/clock.c src/base/clock.h \
	src/base/error.c src/base/error.h \
	src/base/fault.c src/base/fault.h \
	src/base/file.c src/base/file.h \
	src/base/file_append.c \
	src/base/hash.c src/base/hash.h \
	src/base/log.c src/base/log.h \
	src/base/memory.c src/base/memory.h \
	src/base/random.c src/base/random.h \
	src/base/text.c src/base/text_number.c src/base/text_utf8.c src/base/text.h \
	src/base/threads.c src/base/threads.h \
	src/base/vmath.c src/base/vmath_core.h src/base/vmath_erf.c src/base/vmath_trig.c src/base/vmath.h
BASE_LIBS = src/base/libbase.a $(SODIUM_LIBS)
