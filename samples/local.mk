# Made by data/synth with seed 7; test_synth checks that it still makes these bytes.
samplesdir = $(pkgdatadir)/samples
dist_samples_DATA = samples/synthetic_market.csv samples/synthetic_sentiment.csv \
	samples/branches.arch samples/cells.py samples/lstm.arch samples/mlp.arch samples/tcn.arch
