noinst_LIBRARIES += src/search/libsearch.a
src_search_libsearch_a_SOURCES = \
	src/search/morph.c src/search/morph.h \
	src/search/morph/add_skip.c \
	src/search/morph/carry.c \
	src/search/morph/deepen.c \
	src/search/morph/edit.c src/search/morph/edit.h \
	src/search/morph/insert.c \
	src/search/morph/kinds.h \
	src/search/morph/lengthen.c \
	src/search/morph/table.c \
	src/search/morph/widen.c
SEARCH_LIBS = src/search/libsearch.a $(NLOPT_LIBS)
