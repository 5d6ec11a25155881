# work: files of this floor
noinst_LIBRARIES += src/work/libwork.a
src_work_libwork_a_SOURCES = \
	src/work/job.c src/work/job.h
WORK_LIBS = src/work/libwork.a $(JANSSON_LIBS)
