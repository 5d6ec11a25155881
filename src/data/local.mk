noinst_LIBRARIES += src/data/libdata.a
src_data_libdata_a_SOURCES = \
	src/data/feature.h \
	src/data/feature/calendar.c \
	src/data/feature/change.c \
	src/data/feature/families.h \
	src/data/feature/oscillator.c \
	src/data/feature/plain.c \
	src/data/feature/role.c \
	src/data/feature/rolling.c \
	src/data/feature/table.c \
	src/data/frame.c src/data/frame.h \
	src/data/frame_code.c \
	src/data/join.c src/data/join.h \
	src/data/name.c src/data/name.h \
	src/data/read/append.c src/data/read/append.h \
	src/data/read/chunk.c src/data/read/chunk.h \
	src/data/read/column.c src/data/read/column.h \
	src/data/read/columns.c src/data/read/columns.h \
	src/data/read/csv.c src/data/read/csv.h \
	src/data/read/dialect.c src/data/read/dialect.h \
	src/data/read/dress.c src/data/read/dress.h \
	src/data/read/encoding.c src/data/read/encoding.h \
	src/data/read/findings.c src/data/read/findings.h \
	src/data/read/flags.c src/data/read/flags.h \
	src/data/read/guess.c \
	src/data/read/header.c src/data/read/header.h \
	src/data/read/header_names.c \
	src/data/read/layout.c \
	src/data/read/marks.c src/data/read/marks.h \
	src/data/read/number.c src/data/read/number.h \
	src/data/read/pivot.c src/data/read/pivot.h \
	src/data/read/record.c src/data/read/record.h \
	src/data/read/report.c src/data/read/report.h \
	src/data/read/row_stream.c src/data/read/row_stream.h \
	src/data/read/rows.c src/data/read/rows.h \
	src/data/read/sample.c src/data/read/sample.h \
	src/data/read/series.c src/data/read/series.h \
	src/data/read/source.c src/data/read/source.h \
	src/data/read/stamp.c src/data/read/stamp.h \
	src/data/read/table.c src/data/read/table.h \
	src/data/read/table_cells.c \
	src/data/read/timeline.c src/data/read/timeline.h \
	src/data/read/timeline_parts.c src/data/read/timeline_parts.h \
	src/data/read/timeline_zone.c \
	src/data/set/channel.c src/data/set/channel.h \
	src/data/set/dataset.c src/data/set/dataset.h \
	src/data/set/dataset_bars.c \
	src/data/set/dataset_build.h \
	src/data/set/dataset_channels.c \
	src/data/set/dataset_cut.c src/data/set/dataset_cut.h \
	src/data/set/dataset_file.c src/data/set/dataset_file.h \
	src/data/set/dataset_head.c src/data/set/dataset_head.h \
	src/data/set/dataset_samples.c \
	src/data/set/follow.c src/data/set/follow.h \
	src/data/set/split.c src/data/set/split.h \
	src/data/synth.c src/data/synth.h \
	src/data/task.c src/data/task.h \
	src/data/task_columns.c src/data/task_columns.h \
	src/data/task_text.c src/data/task_text.h \
	src/data/time/localtime.c src/data/time/localtime.h \
	src/data/time/localtime_guess.c \
	src/data/time/timename.c src/data/time/timename.h \
	src/data/time/timestamp.h \
	src/data/time/timestamp_clock.c \
	src/data/time/timestamp_cursor.h \
	src/data/time/timestamp_date.c \
	src/data/time/timestamp_decide.c \
	src/data/time/timestamp_number.c \
	src/data/time/timestamp_order.c \
	src/data/time/timestamp_pattern.c \
	src/data/time/timestamp_scan.c \
	src/data/time/timestamp_words.c \
	src/data/time/zone.c src/data/time/zone.h \
	src/data/time/zone_rule.c src/data/time/zone_rule.h
nodist_src_data_libdata_a_SOURCES = src/data/sources.h

# A checksum of everything that data sets are made by: one that another program has built is not taken for this one's.
BUILT_SOURCES += src/data/sources.h
CLEANFILES += src/data/sources.h
src/data/sources.h: $(src_data_libdata_a_SOURCES) $(src_base_libbase_a_SOURCES)
	@$(MKDIR_P) src/data
	$(AM_V_GEN)sum=`cd $(srcdir) && cat $(src_data_libdata_a_SOURCES) $(src_base_libbase_a_SOURCES) | cksum` && \
	  echo "#define DATA_SOURCES_SUM \"$$sum\"" > $@
src/data/set/dataset_head.$(OBJEXT): src/data/sources.h
DATA_LIBS = src/data/libdata.a $(CSV_LIBS)
