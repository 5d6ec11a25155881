# Widgets, screens and the only file that calls curses (ui/present.c).
noinst_LIBRARIES += ui/libui.a
ui_libui_a_SOURCES = \
	ui/app.c ui/app.h ui/app_internal.h \
	ui/app_dialog.c \
	ui/app_draw.c \
	ui/app_help.c \
	ui/app_job.c \
	ui/app_palette.c \
	ui/app_start.c \
	ui/app_task.c \
	ui/app_unlock.c \
	ui/cell/axis.c ui/cell/axis.h \
	ui/cell/form.c ui/cell/form.h \
	ui/cell/graph.c ui/cell/graph.h \
	ui/cell/grid.c ui/cell/grid.h \
	ui/cell/plot.c ui/cell/plot.h \
	ui/cell/plot_bars.c \
	ui/cell/plot_frame.c ui/cell/plot_frame.h \
	ui/cell/points.c ui/cell/points.h \
	ui/cell/raster.c ui/cell/raster.h \
	ui/cell/table.c ui/cell/table.h \
	ui/command.c ui/command.h \
	ui/input.c ui/input.h \
	ui/order.c ui/order.h \
	ui/present.c ui/present.h \
	ui/present_signal.c ui/present_signal.h \
	ui/screen/aid.c ui/screen/aid.h \
	ui/screen/chain.c ui/screen/chain_state.h ui/screen/chain_follow.c ui/screen/chain_follow.h ui/screen/chain_explain.h ui/screen/chain_dispute_page.c ui/screen/chain_many_act.c ui/screen/chain_many_load.c ui/screen/chain_many_explain.c ui/screen/chain_many_rows.c ui/screen/chain_many_side.c ui/screen/chain_market.c ui/screen/chain_choose.c ui/screen/chain_task.c ui/screen/chain_votes.c \
	ui/screen/chain_act.c ui/screen/chain_act.h \
	ui/screen/chain_decide.c \
	ui/screen/chain_draw.c \
	ui/screen/chain_dump.c \
	ui/screen/chain_explain.c \
	ui/screen/chain_form.c ui/screen/chain_form.h \
	ui/screen/chain_form_draw.c \
	ui/screen/chain_identity.c ui/screen/chain_identity.h \
	ui/screen/chain_keys_table.c \
	ui/screen/chain_life.c ui/screen/chain_life.h \
	ui/screen/chain_load.c \
	ui/screen/chain_may.c \
	ui/screen/chain_network.c \
	ui/screen/chain_offline.c \
	ui/screen/chain_plot.c \
	ui/screen/chain_proposal.c \
	ui/screen/chain_receipts.c \
	ui/screen/chain_rows.c \
	ui/screen/chain_side.c \
	ui/screen/chain_sign.c \
	ui/screen/chain_watch.c \
	ui/screen/page.c ui/screen/page.h \
	ui/screen/arch_align.c ui/screen/arch_align.h \
	ui/screen/at_hand.c ui/screen/at_hand.h \
	ui/screen/data.c ui/screen/data.h \
	ui/screen/data_act.c \
	ui/screen/data_draw.c \
	ui/screen/data_explain.c \
	ui/screen/data_files.c \
	ui/screen/data_folder.c \
	ui/screen/data_folds.c \
	ui/screen/predict_files.c \
	ui/screen/predict_view.c ui/screen/predict_view.h \
	ui/screen/data_form.c ui/screen/data_form.h ui/screen/data_form_fields.h \
	ui/screen/data_form_draw.c \
	ui/screen/data_form_fill.c \
	ui/screen/data_input.c \
	ui/screen/data_keys.c \
	ui/screen/data_lane.c \
	ui/screen/data_option.c ui/screen/data_option.h \
	ui/screen/data_plot.c \
	ui/screen/data_preview.c \
	ui/screen/data_preview_draw.c \
	ui/screen/data_report.c \
	ui/screen/data_say.c \
	ui/screen/data_span.c \
	ui/screen/data_stats.c ui/screen/data_stats.h \
	ui/screen/data_stats_draw.c \
	ui/screen/data_table.c \
	ui/screen/data_view.c \
	ui/screen/figure.c ui/screen/figure.h \
	ui/screen/graph.c ui/screen/graph.h \
	ui/screen/graph_cost.c \
	ui/screen/graph_draw.c \
	ui/screen/graph_explain.c \
	ui/screen/graph_head.c \
	ui/screen/graph_measure.c \
	ui/screen/graph_node.c \
	ui/screen/graph_picture.c \
	ui/screen/log.c \
	ui/screen/morph.c ui/screen/morph.h \
	ui/screen/morph_draw.c \
	ui/screen/morph_explain.c \
	ui/screen/morph_load.c \
	ui/screen/morph_step.c \
	ui/screen/screen.h \
	ui/screen/search.c \
	ui/screen/search_act.c ui/screen/search_act.h \
	ui/screen/search_board.c \
	ui/screen/search_cells.c \
	ui/screen/search_chain.c \
	ui/screen/search_detail.c \
	ui/screen/search_draw.c \
	ui/screen/search_explain.c \
	ui/screen/search_family.c \
	ui/screen/search_form.c ui/screen/search_form.h \
	ui/screen/search_form_draw.c \
	ui/screen/search_inherit.c \
	ui/screen/search_judge.c \
	ui/screen/search_load.c \
	ui/screen/search_plot.c \
	ui/screen/search_race.c \
	ui/screen/search_state.h \
	ui/screen/table.c \
	ui/screen/train.c \
	ui/screen/train_draw.c \
	ui/screen/train_explain.c ui/screen/train_form.c ui/screen/train_form_draw.c ui/screen/settings.c ui/screen/settings.h \
	ui/screen/train_load.c \
	ui/screen/train_plot.c \
	ui/screen/train_state.h \
	ui/theme.c ui/theme.h \
	ui/unlock.c ui/unlock.h \
	ui/tour.c ui/tour.h ui/tour_folder.c ui/tour_folder.h ui/tour_internal.h ui/tour_many.c ui/tour_one.c
UI_LIBS = ui/libui.a $(CURSES_LIBS)
ui_libui_a_CPPFLAGS = $(AM_CPPFLAGS) -DSAMPLES_FOLDER='"$(pkgdatadir)/samples"' -DLIBEXEC_FOLDER='"$(pkglibexecdir)"'
