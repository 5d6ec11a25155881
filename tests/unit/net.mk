if HAVE_CMOCKA
# tests of net
endif
