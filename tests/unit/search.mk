if HAVE_CMOCKA
# tests of search
endif
