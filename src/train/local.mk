noinst_LIBRARIES += src/train/libtrain.a
src_train_libtrain_a_SOURCES = \
	src/train/baseline.c src/train/baseline.h \
	src/train/baseline_model.c src/train/baseline_model.h \
	src/train/calibration.c src/train/calibration.h \
	src/train/checkpoint.c src/train/checkpoint.h src/train/keep.c src/train/predict.c src/train/run.h \
	src/train/clip.c src/train/clip.h \
	src/train/compare.c src/train/compare.h \
	src/train/crossval.c src/train/crossval.h \
	src/train/evidence.c src/train/evidence.h \
	src/train/leak.c src/train/leak.h src/train/leak_internal.h \
	src/train/leak_alone.c src/train/leak_ahead.c src/train/leak_fit.c src/train/leak_twins.c \
	src/train/loss.c src/train/loss.h \
	src/train/metric.c src/train/metric.h src/train/metric_bootstrap.c \
	src/train/metric_class.c src/train/metric_return.c src/train/metric_internal.h \
	src/train/optimizer.c src/train/optimizer.h \
	src/train/optim/adam.c src/train/optim/kinds.h src/train/optim/sgd.c src/train/optim/table.c \
	src/train/predictor.c src/train/predictor.h \
	src/train/recipe.c src/train/recipe.h \
	src/train/recipe_setting.c src/train/recipe_setting.h \
	src/train/schedule.c src/train/schedule.h \
	src/train/spa.c src/train/spa.h \
	src/train/tally.c src/train/tally.h \
	src/train/profile.c src/train/profile.h \
	src/train/retrace.c src/train/retrace.h \
	src/train/room.c src/train/room.h \
	src/train/trace.c src/train/trace.h \
	src/train/trading.c src/train/trading.h \
	src/train/trainer.c src/train/trainer.h \
	src/train/window.c src/train/window.h
TRAIN_LIBS = src/train/libtrain.a
