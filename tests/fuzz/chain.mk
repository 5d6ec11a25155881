# Fuzz targets of the chain, and of what claims bring along: replayed over their corpus and FUZZ_ROUNDS damaged copies of each
# of its files. For millions of inputs see check-long; the corpus is made by tests/fuzz/make_chain_corpus.
fuzz_chain_targets = tx block genesis rules state key blocks pool leaves receipt
fuzz_blocks_help = tests/fuzz/fuzz_folder.c
fuzz_pool_help = tests/fuzz/fuzz_folder.c
EXTRA_DIST += $(fuzz_chain_targets:%=tests/fuzz/corpus/%)
FUZZ_CHAIN = tests/fuzz/fuzz_tx tests/fuzz/fuzz_block tests/fuzz/fuzz_genesis tests/fuzz/fuzz_rules tests/fuzz/fuzz_state \
	tests/fuzz/fuzz_key tests/fuzz/fuzz_blocks tests/fuzz/fuzz_pool tests/fuzz/fuzz_leaves tests/fuzz/fuzz_receipt
check_PROGRAMS += $(FUZZ_CHAIN)
TESTS += $(FUZZ_CHAIN)
FUZZ_DAMAGE = tests/fuzz/replay_damaged.c tests/fuzz/fuzz.h
FUZZ_FOLDER = tests/fuzz/fuzz_folder.c tests/fuzz/fuzz_folder.h
FUZZ_CHAIN_LIBS = $(CHAIN_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_tx_SOURCES = tests/fuzz/fuzz_tx.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_tx_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_block_SOURCES = tests/fuzz/fuzz_block.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_block_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_genesis_SOURCES = tests/fuzz/fuzz_genesis.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_genesis_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_rules_SOURCES = tests/fuzz/fuzz_rules.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_rules_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_state_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_key_SOURCES = tests/fuzz/fuzz_key.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_key_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_blocks_SOURCES = tests/fuzz/fuzz_blocks.c $(FUZZ_FOLDER) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_blocks_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_pool_SOURCES = tests/fuzz/fuzz_pool.c $(FUZZ_FOLDER) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_pool_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_receipt_SOURCES = tests/fuzz/fuzz_receipt.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_receipt_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_leaves_SOURCES = tests/fuzz/fuzz_leaves.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_leaves_LDADD = $(WORK_TEST_LIBS)
EXTRA_PROGRAMS = tests/fuzz/make_chain_corpus
tests_fuzz_make_chain_corpus_SOURCES = tests/fuzz/make_chain_corpus.c tests/unit/tamper_chain.c tests/unit/tamper_chain.h
tests_fuzz_make_chain_corpus_LDADD = $(FUZZ_CHAIN_LIBS)
