# Made by data/synth with seed 7; test_synth checks that it still makes these bytes.
samplesdir = $(pkgdatadir)/samples
dist_samples_DATA = samples/synthetic_market.csv samples/synthetic_sentiment.csv \
	samples/branches.arch samples/cells.py samples/four_parties.sh samples/lstm.arch samples/mlp.arch samples/tcn.arch

# The dishonest parties of the scenario have a program of their own, so that morphsmith has no way to lie.
pkglibexec_PROGRAMS = samples/liar
samples_liar_SOURCES = samples/liar.c
samples_liar_LDADD = $(ACTION_LIBS) $(WORK_LIBS) $(STORE_LIBS) $(CHAIN_LIBS) $(SEARCH_LIBS) $(TRAIN_LIBS) $(NET_LIBS) \
	$(DATA_LIBS) $(BASE_LIBS) $(JANSSON_LIBS)
