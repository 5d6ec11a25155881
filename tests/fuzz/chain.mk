# Fuzz targets of the chain, and of what claims bring along: replayed over their corpus and FUZZ_ROUNDS damaged copies of each
# of its files. For millions of inputs see README.md; the corpus is made by tests/fuzz/make_chain_corpus.
fuzz_chain_targets = tx block genesis rules state key public batch blocks pool receipt vote certificate guard message listing \
	signed consensus party
FUZZ_FILL = tests/fuzz/fuzz_fill.c tests/fuzz/fuzz_fill.h
FUZZ_FOLDER = tests/fuzz/fuzz_folder.c tests/fuzz/fuzz_folder.h
# libc's functions for files, which fuzz_folder.c stands in for where a path lies in its folder
FUZZ_FOLDER_WRAP = -Wl,--wrap=open,--wrap=close,--wrap=read,--wrap=write,--wrap=pwrite,--wrap=ftruncate,--wrap=fstat,--wrap=stat \
	-Wl,--wrap=lstat,--wrap=fsync,--wrap=fdatasync,--wrap=flock,--wrap=unlink,--wrap=rename,--wrap=link,--wrap=mkdir \
	-Wl,--wrap=readlink,--wrap=lseek,--wrap=fdopen,--wrap=opendir,--wrap=readdir,--wrap=closedir
FUZZ_SIGNATURE = tests/fuzz/fuzz_signature.c
FUZZ_DAMAGE = tests/fuzz/replay_damaged.c tests/fuzz/fuzz.h
FUZZ_CHAIN_LIBS = $(CHAIN_LIBS) $(BASE_LIBS)
# what a target is linked with besides, and the longest input: libFuzzer cuts longer seeds
fuzz_tx_help = $(filter %.c,$(FUZZ_SIGNATURE))
fuzz_tx_most = 768
fuzz_block_help = $(filter %.c,$(FUZZ_SIGNATURE))
fuzz_block_most = 2560
fuzz_genesis_most = 1024
fuzz_rules_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_rules_most = 320
fuzz_state_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_state_most = 3072
fuzz_key_most = 512
fuzz_public_most = 256
fuzz_batch_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_batch_most = 1024
fuzz_blocks_help = $(filter %.c,$(FUZZ_FOLDER) $(FUZZ_SIGNATURE))
fuzz_blocks_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_blocks_most = 6144
fuzz_pool_help = $(filter %.c,$(FUZZ_FOLDER) $(FUZZ_SIGNATURE))
fuzz_pool_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_pool_most = 1024
fuzz_receipt_help = $(filter %.c,$(FUZZ_SIGNATURE))
fuzz_receipt_most = 4096
fuzz_vote_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_vote_most = 384
fuzz_certificate_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_certificate_most = 512
fuzz_guard_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_guard_most = 512
fuzz_message_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_FOLDER) $(FUZZ_SIGNATURE))
fuzz_message_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_message_most = 768
fuzz_listing_most = 256
fuzz_consensus_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_SIGNATURE))
fuzz_consensus_most = 201
fuzz_signed_most = 1024
fuzz_leaves_most = 1024
fuzz_evidence_help = $(filter %.c,$(FUZZ_FOLDER))
fuzz_evidence_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_evidence_most = 1024
fuzz_parcel_most = 1024
fuzz_terms_help = $(filter %.c,$(FUZZ_FOLDER))
fuzz_terms_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_terms_most = 2048
fuzz_lineage_help = $(filter %.c,$(FUZZ_FOLDER))
fuzz_lineage_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_lineage_most = 512
fuzz_party_help = $(filter %.c,$(FUZZ_FILL) $(FUZZ_FOLDER) $(FUZZ_SIGNATURE))
fuzz_party_wrap = $(FUZZ_FOLDER_WRAP)
fuzz_party_most = 1024
FUZZ_CHAIN = tests/fuzz/fuzz_tx tests/fuzz/fuzz_block tests/fuzz/fuzz_genesis tests/fuzz/fuzz_rules \
	tests/fuzz/fuzz_state tests/fuzz/fuzz_key tests/fuzz/fuzz_public tests/fuzz/fuzz_batch tests/fuzz/fuzz_blocks \
	tests/fuzz/fuzz_pool tests/fuzz/fuzz_receipt tests/fuzz/fuzz_vote tests/fuzz/fuzz_certificate tests/fuzz/fuzz_guard \
	tests/fuzz/fuzz_message tests/fuzz/fuzz_listing tests/fuzz/fuzz_signed tests/fuzz/fuzz_consensus tests/fuzz/fuzz_leaves \
	tests/fuzz/fuzz_evidence tests/fuzz/fuzz_parcel tests/fuzz/fuzz_terms tests/fuzz/fuzz_party \
	tests/fuzz/fuzz_lineage
check_PROGRAMS += $(FUZZ_CHAIN)
TESTS += $(FUZZ_CHAIN)
EXTRA_DIST += tests/fuzz/corpus/tx tests/fuzz/corpus/block tests/fuzz/corpus/genesis tests/fuzz/corpus/rules \
	tests/fuzz/corpus/state tests/fuzz/corpus/key tests/fuzz/corpus/public tests/fuzz/corpus/batch \
	tests/fuzz/corpus/blocks tests/fuzz/corpus/pool tests/fuzz/corpus/receipt tests/fuzz/corpus/vote \
	tests/fuzz/corpus/certificate tests/fuzz/corpus/guard tests/fuzz/corpus/message tests/fuzz/corpus/listing \
	tests/fuzz/corpus/signed tests/fuzz/corpus/consensus tests/fuzz/corpus/leaves tests/fuzz/corpus/evidence \
	tests/fuzz/corpus/parcel tests/fuzz/corpus/terms tests/fuzz/corpus/party tests/fuzz/corpus/lineage
tests_fuzz_fuzz_tx_SOURCES = tests/fuzz/fuzz_tx.c $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_tx_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_block_SOURCES = tests/fuzz/fuzz_block.c $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_block_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_genesis_SOURCES = tests/fuzz/fuzz_genesis.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_genesis_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_rules_SOURCES = tests/fuzz/fuzz_rules.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_rules_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_state_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_key_SOURCES = tests/fuzz/fuzz_key.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_key_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_public_SOURCES = tests/fuzz/fuzz_public.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_public_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_batch_SOURCES = tests/fuzz/fuzz_batch.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_batch_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_blocks_SOURCES = tests/fuzz/fuzz_blocks.c $(FUZZ_FOLDER) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_blocks_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_blocks_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_pool_SOURCES = tests/fuzz/fuzz_pool.c $(FUZZ_FOLDER) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_pool_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_pool_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_receipt_SOURCES = tests/fuzz/fuzz_receipt.c $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_receipt_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_vote_SOURCES = tests/fuzz/fuzz_vote.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_vote_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_certificate_SOURCES = tests/fuzz/fuzz_certificate.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_certificate_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_guard_SOURCES = tests/fuzz/fuzz_guard.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_guard_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_FILL) $(FUZZ_FOLDER) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_message_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_message_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_listing_SOURCES = tests/fuzz/fuzz_listing.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_listing_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_signed_SOURCES = tests/fuzz/fuzz_signed.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_signed_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_consensus_SOURCES = tests/fuzz/fuzz_consensus.c $(FUZZ_FILL) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_consensus_LDADD = $(FUZZ_CHAIN_LIBS)
tests_fuzz_fuzz_leaves_SOURCES = tests/fuzz/fuzz_leaves.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_leaves_LDADD = $(WORK_TEST_LIBS)
tests_fuzz_fuzz_evidence_SOURCES = tests/fuzz/fuzz_evidence.c $(FUZZ_FOLDER) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_evidence_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_evidence_LDADD = $(WORK_TEST_LIBS)
tests_fuzz_fuzz_parcel_SOURCES = tests/fuzz/fuzz_parcel.c $(FUZZ_DAMAGE)
tests_fuzz_fuzz_parcel_LDADD = $(WORK_TEST_LIBS)
tests_fuzz_fuzz_terms_SOURCES = tests/fuzz/fuzz_terms.c $(FUZZ_FOLDER) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_terms_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_terms_LDADD = $(WORK_TEST_LIBS)
tests_fuzz_fuzz_lineage_SOURCES = tests/fuzz/fuzz_lineage.c $(FUZZ_FOLDER) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_lineage_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_lineage_LDADD = $(WORK_TEST_LIBS)
tests_fuzz_fuzz_party_SOURCES = tests/fuzz/fuzz_party.c $(FUZZ_FILL) $(FUZZ_FOLDER) $(FUZZ_SIGNATURE) $(FUZZ_DAMAGE)
tests_fuzz_fuzz_party_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FOLDER_WRAP)
tests_fuzz_fuzz_party_LDADD = $(FUZZ_CHAIN_LIBS)
EXTRA_PROGRAMS = tests/fuzz/make_chain_corpus
tests_fuzz_make_chain_corpus_SOURCES = tests/fuzz/make_chain_corpus.c tests/fuzz/make_many_corpus.c \
	tests/fuzz/make_many_corpus.h tests/unit/tamper_chain.c tests/unit/tamper_chain.h tests/unit/scroll.c tests/unit/scroll.h $(FUZZ_FILL) $(FUZZ_SIGNATURE)
tests_fuzz_make_chain_corpus_LDADD = $(FUZZ_CHAIN_LIBS)
