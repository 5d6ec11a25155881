noinst_LIBRARIES += src/data/libdata.a
src_data_libdata_a_SOURCES = \
	src/data/append.c src/data/append.h \
	src/data/channel.c src/data/channel.h \
	src/data/chunk.c src/data/chunk.h \
	src/data/column.c src/data/column.h \
	src/data/columns.c src/data/columns.h \
	src/data/csv.c src/data/csv.h \
	src/data/dataset.c src/data/dataset.h \
	src/data/dataset_bars.c \
	src/data/dataset_build.h \
	src/data/dataset_channels.c \
	src/data/dataset_cut.c src/data/dataset_cut.h \
	src/data/dataset_file.c src/data/dataset_file.h \
	src/data/dataset_head.c src/data/dataset_head.h \
	src/data/dataset_samples.c \
	src/data/dialect.c src/data/dialect.h \
	src/data/dress.c src/data/dress.h \
	src/data/encoding.c src/data/encoding.h \
	src/data/feature.h \
	src/data/feature/calendar.c \
	src/data/feature/change.c \
	src/data/feature/families.h \
	src/data/feature/oscillator.c \
	src/data/feature/plain.c \
	src/data/feature/role.c \
	src/data/feature/rolling.c \
	src/data/feature/table.c \
	src/data/findings.c src/data/findings.h \
	src/data/flags.c src/data/flags.h \
	src/data/follow.c src/data/follow.h \
	src/data/frame.c src/data/frame.h \
	src/data/frame_code.c \
	src/data/guess.c \
	src/data/header.c src/data/header.h \
	src/data/header_names.c \
	src/data/join.c src/data/join.h \
	src/data/layout.c \
	src/data/localtime.c src/data/localtime.h \
	src/data/localtime_guess.c \
	src/data/marks.c src/data/marks.h \
	src/data/name.c src/data/name.h \
	src/data/number.c src/data/number.h \
	src/data/pivot.c src/data/pivot.h \
	src/data/record.c src/data/record.h \
	src/data/report.c src/data/report.h \
	src/data/row_stream.c src/data/row_stream.h \
	src/data/rows.c src/data/rows.h \
	src/data/sample.c src/data/sample.h \
	src/data/series.c src/data/series.h \
	src/data/source.c src/data/source.h \
	src/data/split.c src/data/split.h \
	src/data/stamp.c src/data/stamp.h \
	src/data/synth.c src/data/synth.h \
	src/data/table.c src/data/table.h \
	src/data/table_cells.c \
	src/data/task.c src/data/task.h \
	src/data/task_columns.c src/data/task_columns.h \
	src/data/task_text.c src/data/task_text.h \
	src/data/timeline.c src/data/timeline.h \
	src/data/timeline_parts.c src/data/timeline_parts.h \
	src/data/timeline_zone.c \
	src/data/timename.c src/data/timename.h \
	src/data/timestamp.h \
	src/data/timestamp_clock.c \
	src/data/timestamp_cursor.h \
	src/data/timestamp_date.c \
	src/data/timestamp_decide.c \
	src/data/timestamp_number.c \
	src/data/timestamp_order.c \
	src/data/timestamp_pattern.c \
	src/data/timestamp_scan.c \
	src/data/timestamp_words.c \
	src/data/zone.c src/data/zone.h \
	src/data/zone_rule.c src/data/zone_rule.h
nodist_src_data_libdata_a_SOURCES = src/data/sources.h

# A checksum of everything that data sets are made by: one that another program has built is not taken for this one's.
BUILT_SOURCES += src/data/sources.h
CLEANFILES += src/data/sources.h
src/data/sources.h: $(src_data_libdata_a_SOURCES) $(src_base_libbase_a_SOURCES)
	@$(MKDIR_P) src/data
	$(AM_V_GEN)sum=`cd $(srcdir) && cat $(src_data_libdata_a_SOURCES) $(src_base_libbase_a_SOURCES) | cksum` && \
	  echo "#define DATA_SOURCES_SUM \"$$sum\"" > $@
src/data/dataset_head.$(OBJEXT): src/data/sources.h
DATA_LIBS = src/data/libdata.a $(CSV_LIBS)
