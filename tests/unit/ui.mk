if HAVE_CMOCKA
# tests of ui
endif
