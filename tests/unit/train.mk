if HAVE_CMOCKA
# tests of train
endif
