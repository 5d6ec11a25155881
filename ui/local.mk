# widgets, screens and the only file that calls curses
