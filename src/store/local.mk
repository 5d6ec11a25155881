noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	src/store/arches.c src/store/arches.h \
	src/store/brief.c src/store/brief_list.c src/store/brief.h \
	src/store/chain_index.c src/store/chain_index.h \
	src/store/checkpoints.c src/store/checkpoints.h \
	src/store/datasets.c src/store/datasets.h \
	src/store/holdouts.c src/store/holdouts.h \
	src/store/imports.c src/store/imports.h \
	src/store/marks.c src/store/marks.h \
	src/store/measures.c src/store/measures.h \
	src/store/migrate.c src/store/migrate.h \
	src/store/models.c src/store/models.h \
	src/store/runs.c src/store/runs.h \
	src/store/seals.c src/store/seals.h \
	src/store/series.c src/store/series.h \
	src/store/sql.c src/store/sql.h \
	src/store/sweep.c src/store/sweep.h \
	src/store/tasks.c src/store/tasks.h \
	src/store/workspace.c src/store/workspace.h src/store/workspace_internal.h
nodist_src_store_libstore_a_SOURCES = src/store/schema.h
STORE_LIBS = src/store/libstore.a $(SQLITE_LIBS)

# schema.sql as a C text.
EXTRA_DIST += src/store/schema.sql
BUILT_SOURCES += src/store/schema.h
CLEANFILES += src/store/schema.h
src/store/schema.h: src/store/schema.sql
	@$(MKDIR_P) src/store
	$(AM_V_GEN){ echo 'static const char schema_sql[] ='; \
	  $(SED) -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$$/\\n"/' $(srcdir)/src/store/schema.sql; echo '    ;'; } > $@
src/store/workspace.$(OBJEXT): src/store/schema.h
