# net: files of this floor. The kernels are compiled once for each instruction set, each with its own flags.
noinst_LIBRARIES += src/net/libnet.a
src_net_libnet_a_SOURCES = \
	src/net/arch.c src/net/arch.h src/net/arch_check.h src/net/arch_text.c \
	src/net/arena.c src/net/arena.h \
	src/net/canonical.c \
	src/net/model.c src/net/model.h src/net/model_head.c \
	src/net/numeric.c src/net/numeric.h \
	src/net/op.h \
	src/net/plan.c src/net/plan.h src/net/plan_layout.c src/net/plan_layout.h \
	src/net/plan_pass.c \
	src/net/plan_room.c src/net/plan_room.h \
	src/net/template.c \
	src/net/op/act.c \
	src/net/op/add.c \
	src/net/op/attention.c \
	src/net/op/common.c \
	src/net/op/concat.c \
	src/net/op/conv.c \
	src/net/op/dense.c \
	src/net/op/dropout.c \
	src/net/op/dwconv.c \
	src/net/op/flatten.c \
	src/net/op/gate.c \
	src/net/op/gru.c \
	src/net/op/input.c \
	src/net/op/last.c \
	src/net/op/layernorm.c \
	src/net/op/lstm.c \
	src/net/op/maxpool.c \
	src/net/op/meanpool.c \
	src/net/op/multiply.c \
	src/net/op/norm.c src/net/op/norm.h \
	src/net/op/ops.h \
	src/net/op/rmsnorm.c \
	src/net/op/scale.c \
	src/net/op/table.c \
	src/net/op/timecode.c \
	src/net/kernel/body.h src/net/kernel/curve.h src/net/kernel/peak.h src/net/kernel/product.h src/net/kernel/row.h \
	src/net/kernel/simd.h src/net/kernel/vector.h \
	src/net/kernel/blas.c \
	src/net/kernel/dense.c src/net/kernel/dense.h src/net/kernel/dense_body.h src/net/kernel/dense_simd.h \
	src/net/kernel/dense_neon.c src/net/kernel/dense_portable.c \
	src/net/kernel/dispatch.c src/net/kernel/kernel.h \
	src/net/kernel/kernel_neon.c \
	src/net/kernel/kernel_portable.c
NET_LIBS = src/net/libnet.a
if X86_KERNELS
noinst_LIBRARIES += src/net/libnet_avx512.a src/net/libnet_avx2.a
src_net_libnet_avx512_a_SOURCES = src/net/kernel/dense_avx512.c src/net/kernel/kernel_avx512.c
src_net_libnet_avx512_a_CFLAGS = $(AM_CFLAGS) -mavx512f -mavx512dq
src_net_libnet_avx2_a_SOURCES = src/net/kernel/dense_avx2.c src/net/kernel/kernel_avx2.c
src_net_libnet_avx2_a_CFLAGS = $(AM_CFLAGS) -mavx2 -mfma
NET_LIBS += src/net/libnet_avx512.a src/net/libnet_avx2.a
else
EXTRA_DIST += src/net/kernel/kernel_avx512.c src/net/kernel/kernel_avx2.c \
	src/net/kernel/dense_avx512.c src/net/kernel/dense_avx2.c
endif
