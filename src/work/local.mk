noinst_LIBRARIES += src/work/libwork.a
src_work_libwork_a_SOURCES = \
	src/work/control.c src/work/control.h \
	src/work/crew.c src/work/crew.h \
	src/work/driver.c src/work/driver.h src/work/driver_cap.c src/work/driver_internal.h src/work/driver_inherit.c \
	src/work/driver_lanes.c src/work/driver_options.c src/work/driver_result.c src/work/driver_rungs.c \
	src/work/driver_known.c src/work/driver_time.c src/work/driver_trials.c \
	src/work/follow.c src/work/follow.h src/work/follow_internal.h src/work/follow_gather.c \
	src/work/follow_past.c src/work/follow_timer.c src/work/follow_view.c src/work/follow_vote.c \
	src/work/inherit.c src/work/inherit.h \
	src/work/job.c src/work/job.h \
	src/work/json.c src/work/json.h \
	src/work/judge.c src/work/judge.h \
	src/work/keeper.c src/work/keeper.h \
	src/work/latency.c src/work/latency.h \
	src/work/leaves.c src/work/leaves.h \
	src/work/part.c src/work/part.h \
	src/work/retrain.c src/work/retrain.h \
	src/work/trial.c src/work/trial.h \
	src/work/worker.c src/work/worker.h
WORK_LIBS = src/work/libwork.a $(JANSSON_LIBS)
