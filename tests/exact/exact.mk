# The program that proves that training gives the same bits everywhere. make check runs this build of it; make
# check-exact builds it by every compiler for every machine (matrix.py), and must be told how.
prove_sources = tests/exact/claim.c tests/exact/networks.c tests/exact/prove.c
check_PROGRAMS += tests/exact/prove
tests_exact_prove_SOURCES = $(prove_sources) tests/exact/prove.h
tests_exact_prove_LDADD = $(TRAIN_LIBS) $(NET_LIBS) $(DATA_LIBS) $(BASE_LIBS)
TESTS += tests/exact/test_prove.py

# The curves over a sample of the floats; check-long takes all of them.
check_PROGRAMS += tests/exact/curves
tests_exact_curves_SOURCES = tests/exact/curves.c
tests_exact_curves_LDADD = $(NET_LIBS) $(BASE_LIBS)
TESTS += tests/exact/curves
check-curves: tests/exact/curves$(EXEEXT)
	./tests/exact/curves 1
.PHONY: check-curves
EXTRA_DIST += tests/exact/golden.txt tests/exact/matrix.py tests/exact/proof.py tests/exact/test_prove.py \
	tests/exact/stand_in/blake2b.c tests/exact/stand_in/sodium.h

# A machine that computes otherwise (tests/terminal/unfit_machine.py): in place of the C library's fmaf.
check_DATA = tests/exact/unfused.so
CLEANFILES += tests/exact/unfused.so
tests/exact/unfused.so: tests/exact/unfused.c
	@$(MKDIR_P) tests/exact
	$(AM_V_CC)$(CC) -std=c17 -O1 -ffp-contract=off -fno-builtin -fPIC -shared -o $@ $(srcdir)/tests/exact/unfused.c
TESTS += tests/terminal/unfit_machine.py
EXTRA_DIST += tests/exact/unfused.c tests/terminal/unfit_machine.py

# `members` are the objects that the linker took out of libraries.
check-exact: tests/exact/prove$(EXEEXT)
	@$(MKDIR_P) exact
	@{ echo 'base $(src_base_libbase_a_SOURCES)'; \
	  echo 'data $(src_data_libdata_a_SOURCES)'; \
	  echo 'net $(src_net_libnet_a_SOURCES)'; \
	  echo 'train $(src_train_libtrain_a_SOURCES)'; \
	  echo 'prove $(prove_sources) tests/exact/stand_in/blake2b.c'; \
	  echo 'vmath $(VMATH_TWICE)'; \
	  echo 'vmath_flags -DVMATH_FMA $(src_base_libvmath_fma_a_CFLAGS)'; \
	  echo 'avx512 $(src_net_libnet_avx512_a_SOURCES)'; \
	  echo 'avx512_flags $(src_net_libnet_avx512_a_CFLAGS)'; \
	  echo 'avx2 $(src_net_libnet_avx2_a_SOURCES)'; \
	  echo 'avx2_flags $(src_net_libnet_avx2_a_CFLAGS)'; \
	  echo 'cppflags $(DEFS) -I. $(AM_CPPFLAGS)'; \
	  echo 'cflags $(BASE_CFLAGS)'; \
	  printf 'members '; $(CC) $(CFLAGS) $(AM_LDFLAGS) -o exact/linked -Wl,-t,-t $(tests_exact_prove_OBJECTS) \
	    $(tests_exact_prove_LDADD) $(LIBS) | sed -n 's/.*)//p; s/.*(\(.*\)).*/\1/p' | tr '\n' ' '; echo; } > exact/plan
	EXACT='$(EXACT)' $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/exact/matrix.py check_PROGRAMS= check_DATA=
.PHONY: check-exact
