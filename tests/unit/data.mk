if HAVE_CMOCKA
# tests of data
endif
