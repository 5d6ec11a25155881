if HAVE_CMOCKA
# tests of chain
endif
