noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/banned.h \
	src/base/bytes.c src/base/bytes.h \
	src/base/clock.c src/base/clock.h \
	src/base/error.c src/base/error.h \
	src/base/fault.c src/base/fault.h \
	src/base/file.c src/base/file.h \
	src/base/file_append.c \
	src/base/float_mode.c src/base/float_mode.h \
	src/base/hash.c src/base/hash.h \
	src/base/log.c src/base/log.h \
	src/base/machine.c src/base/machine.h \
	src/base/memory.c src/base/memory.h \
	src/base/random.c src/base/random.h \
	src/base/secret.c src/base/secret.h \
	src/base/text.c src/base/text_number.c src/base/text_utf8.c src/base/text.h \
	src/base/threads.c src/base/threads.h \
	src/base/vmath.c src/base/vmath.h src/base/vmath_core.h $(VMATH_TWICE)

# Compiled once for any processor and, on x86-64, once for those with fused multiply-add; the bits are the same.
VMATH_TWICE = src/base/vmath_erf.c src/base/vmath_exp.c src/base/vmath_trig.c
VMATH_FMA_LIB =
if X86_KERNELS
noinst_LIBRARIES += src/base/libvmath_fma.a
src_base_libvmath_fma_a_SOURCES = src/base/vmath_core.h $(VMATH_TWICE)
src_base_libvmath_fma_a_CPPFLAGS = $(AM_CPPFLAGS) -DVMATH_FMA
src_base_libvmath_fma_a_CFLAGS = $(AM_CFLAGS) -mfma
VMATH_FMA_LIB += src/base/libvmath_fma.a
endif
BASE_LIBS = src/base/libbase.a $(VMATH_FMA_LIB) $(SODIUM_LIBS)
