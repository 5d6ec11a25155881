noinst_LIBRARIES += src/search/libsearch.a
src_search_libsearch_a_SOURCES = \
	src/search/appraise.c \
	src/search/acquire.c src/search/acquire.h \
	src/search/gp.c src/search/gp.h \
	src/search/kernel.c src/search/kernel_draw.c src/search/kernel_search.c src/search/kernel.h \
	src/search/morph.c src/search/morph.h \
	src/search/morph/activate.c \
	src/search/morph/add_block.c \
	src/search/morph/add_concat.c \
	src/search/morph/add_pool.c \
	src/search/morph/add_skip.c \
	src/search/morph/carry.c \
	src/search/morph/channels.c src/search/morph/channels.h \
	src/search/morph/deepen.c \
	src/search/morph/edit.c src/search/morph/edit.h \
	src/search/morph/heads.c \
	src/search/morph/insert.c \
	src/search/morph/kinds.h \
	src/search/morph/lengthen.c \
	src/search/morph/narrow.c \
	src/search/morph/remove.c \
	src/search/morph/table.c \
	src/search/morph/undilate.c \
	src/search/morph/widen.c \
	src/search/morph/width.c src/search/morph/width.h \
	src/search/near.c src/search/near.h \
	src/search/pool.c src/search/pool.h \
	src/search/propose.c \
	src/search/rank.c src/search/rank.h \
	src/search/search.c src/search/search.h \
	src/search/seen.c \
	src/search/space.c src/search/space.h src/search/space_morph.c src/search/space_table.c \
	src/search/state.h \
	src/search/strategy/anneal.c \
	src/search/strategy/bayes.c \
	src/search/strategy/evolution.c \
	src/search/strategy/grid.c \
	src/search/strategy/local.c \
	src/search/strategy/random.c \
	src/search/surrogate.c src/search/surrogate.h \
	src/search/surrogate_explain.c src/search/surrogate_fit.c src/search/surrogate_internal.h src/search/surrogate_model.c \
	src/search/surrogate_predict.c src/search/surrogate_scale.c \
	src/search/table.c src/search/table.h src/search/table_features.c src/search/table_index.c \
	src/search/weigh.c src/search/weigh.h \
	src/search/wl.c src/search/wl.h \
	src/search/wl_index.c src/search/wl_index.h
SEARCH_LIBS = src/search/libsearch.a $(NLOPT_LIBS)
