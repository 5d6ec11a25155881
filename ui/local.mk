# Widgets, screens and the only file that calls curses (ui/present.c).
noinst_LIBRARIES += ui/libui.a
ui_libui_a_SOURCES = \
	ui/cell/axis.c ui/cell/axis.h \
	ui/cell/form.c ui/cell/form.h \
	ui/cell/graph.c ui/cell/graph.h \
	ui/cell/grid.c ui/cell/grid.h \
	ui/cell/plot.c ui/cell/plot.h \
	ui/cell/plot_bars.c \
	ui/cell/plot_frame.c ui/cell/plot_frame.h \
	ui/cell/raster.c ui/cell/raster.h \
	ui/cell/table.c ui/cell/table.h \
	ui/input.c ui/input.h
UI_LIBS = ui/libui.a $(CURSES_LIBS)
