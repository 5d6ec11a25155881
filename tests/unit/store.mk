if HAVE_CMOCKA
# tests of store
endif
