if HAVE_CMOCKA
# tests of base
endif
