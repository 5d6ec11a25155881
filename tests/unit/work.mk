if HAVE_CMOCKA
# tests of work
endif
