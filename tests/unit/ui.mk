if HAVE_CMOCKA
UI_TEST_LIBS = $(UI_LIBS) $(WORK_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UI_TESTS = tests/unit/test_ui_cell tests/unit/test_ui_plot tests/unit/test_ui_graph tests/unit/test_ui_app tests/unit/test_ui_job tests/unit/test_unlock
check_PROGRAMS += $(UI_TESTS) tests/unit/ui_demo
TESTS += $(UI_TESTS)
UI_GOLDEN_FLAGS = $(AM_CPPFLAGS) -DGOLDEN_FOLDER=\"$(abs_top_srcdir)/tests/golden\"
UI_STAND_INS = tests/unit/ui_helper.c tests/unit/ui_helper.h src/action/preference.c src/action/preference.h

tests_unit_test_ui_cell_SOURCES = tests/unit/test_ui_cell.c $(UI_STAND_INS)
tests_unit_test_ui_cell_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_ui_cell_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_plot_SOURCES = tests/unit/test_ui_plot.c $(UI_STAND_INS)
tests_unit_test_ui_plot_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_ui_plot_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_graph_SOURCES = tests/unit/test_ui_graph.c $(UI_STAND_INS)
tests_unit_test_ui_graph_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_ui_graph_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_app_SOURCES = tests/unit/test_ui_app.c $(UI_STAND_INS)
tests_unit_test_ui_app_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_ui_app_LDADD = $(UI_TEST_LIBS)
tests_unit_test_unlock_SOURCES = tests/unit/test_unlock.c
tests_unit_test_unlock_LDADD = $(UI_TEST_LIBS)
tests_unit_test_ui_job_SOURCES = tests/unit/test_ui_job.c
tests_unit_test_ui_job_LDADD = $(WORK_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)

# The widgets and the shell in a real terminal, with made-up data: for looking at, and for tests of the terminal.
tests_unit_ui_demo_SOURCES = tests/unit/ui_demo.c $(UI_STAND_INS)
tests_unit_ui_demo_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_ui_demo_LDADD = $(UI_LIBS) $(WORK_LIBS) $(BASE_LIBS)
TESTS += tests/terminal/test_present.py
EXTRA_DIST += tests/golden tests/terminal/test_present.py

# The screens on a workspace of their own, without a terminal.
DESK_TESTS = tests/unit/test_screen_data tests/unit/test_screen_data_import tests/unit/test_screen_data_plot tests/unit/test_screen_graph tests/unit/test_screen_morph
DESK_TEST_LIBS = $(morphsmith_LDADD) $(CMOCKA_LIBS)
check_PROGRAMS += $(DESK_TESTS)
TESTS += $(DESK_TESTS)
tests_unit_test_screen_data_SOURCES = tests/unit/test_screen_data.c tests/unit/screen_desk.h
tests_unit_test_screen_data_LDADD = $(DESK_TEST_LIBS)
tests_unit_test_screen_data_import_SOURCES = tests/unit/test_screen_data_import.c tests/unit/screen_desk.h
tests_unit_test_screen_data_import_LDADD = $(DESK_TEST_LIBS)
tests_unit_test_screen_data_plot_SOURCES = tests/unit/test_screen_data_plot.c tests/unit/screen_desk.h
tests_unit_test_screen_data_plot_LDADD = $(DESK_TEST_LIBS)
tests_unit_test_screen_graph_SOURCES = tests/unit/test_screen_graph.c tests/unit/screen_desk.h
tests_unit_test_screen_graph_LDADD = $(DESK_TEST_LIBS)
tests_unit_test_screen_morph_SOURCES = tests/unit/test_screen_morph.c tests/unit/screen_desk.h
tests_unit_test_screen_morph_LDADD = $(DESK_TEST_LIBS)
SCREEN_TESTS = tests/unit/test_screen_search tests/unit/test_screen_train tests/unit/test_screen_predict tests/unit/test_screen_chain tests/unit/test_screen_many \
	tests/unit/test_screen_judge
SCREEN_TEST_LIBS = $(UI_LIBS) $(CMD_LIBS) $(ACTION_LIBS) $(WORK_LIBS) $(STORE_LIBS) $(CHAIN_LIBS) $(SEARCH_LIBS) $(TRAIN_LIBS) \
	$(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS) $(CURSES_LIBS) $(JANSSON_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(SCREEN_TESTS)
TESTS += $(SCREEN_TESTS)
tests_unit_test_screen_search_SOURCES = tests/unit/test_screen_search.c tests/unit/screen_fixture.h
tests_unit_test_screen_search_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_screen_search_LDADD = $(SCREEN_TEST_LIBS)
tests_unit_test_screen_judge_SOURCES = tests/unit/test_screen_judge.c tests/unit/screen_fixture.h
tests_unit_test_screen_judge_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_screen_judge_LDADD = $(SCREEN_TEST_LIBS)
tests_unit_test_screen_predict_SOURCES = tests/unit/test_screen_predict.c tests/unit/screen_fixture.h
tests_unit_test_screen_predict_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_screen_predict_LDADD = $(SCREEN_TEST_LIBS)
tests_unit_test_screen_chain_SOURCES = tests/unit/test_screen_chain.c tests/unit/screen_fixture.h
tests_unit_test_screen_chain_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_screen_chain_LDADD = $(SCREEN_TEST_LIBS)
tests_unit_test_screen_many_SOURCES = tests/unit/test_screen_many.c tests/unit/screen_fixture.h
tests_unit_test_screen_many_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_screen_many_LDADD = $(SCREEN_TEST_LIBS)
tests_unit_test_screen_train_SOURCES = tests/unit/test_screen_train.c tests/unit/screen_fixture.h
tests_unit_test_screen_train_CPPFLAGS = $(UI_GOLDEN_FLAGS)
tests_unit_test_screen_train_LDADD = $(SCREEN_TEST_LIBS)
endif
