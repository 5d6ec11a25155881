# Made by data/synth with seed 7; test_synth checks that it still makes these bytes.
EXTRA_DIST += samples/synthetic_market.csv samples/synthetic_sentiment.csv
