# chain: files of this floor
noinst_LIBRARIES += src/chain/libchain.a
src_chain_libchain_a_SOURCES = \
	src/chain/address.c \
	src/chain/batch.c src/chain/batch.h \
	src/chain/block.c src/chain/block.h \
	src/chain/certificate.c src/chain/certificate.h \
	src/chain/codec.c src/chain/codec.h \
	src/chain/consensus.c src/chain/consensus.h src/chain/consensus_private.h \
	src/chain/consensus_rules.c src/chain/consensus_timer.c \
	src/chain/evidence.c src/chain/evidence.h \
	src/chain/extend.c src/chain/extend.h \
	src/chain/fork.c src/chain/fork.h \
	src/chain/genesis.c \
	src/chain/guard.c src/chain/guard_file.c src/chain/guard.h \
	src/chain/head.c src/chain/head.h \
	src/chain/index.c src/chain/index.h \
	src/chain/key.c src/chain/key.h src/chain/key_private.h \
	src/chain/keyfile.c src/chain/keyfile.h \
	src/chain/keypublic.c \
	src/chain/keystore.c src/chain/keystore.h \
	src/chain/keyweak.c \
	src/chain/ledger.c src/chain/ledger.h src/chain/ledger_private.h \
	src/chain/ledger_index.c src/chain/ledger_index.h src/chain/ledger_query.c \
	src/chain/ledger_rest.c \
	src/chain/ledger_many.c src/chain/ledger_write.c \
	src/chain/listing.c src/chain/listing.h \
	src/chain/message_pool.c src/chain/message_pool.h \
	src/chain/mirror.c src/chain/mirror.h \
	src/chain/object.c \
	src/chain/party.c src/chain/party.h src/chain/party_find.c \
	src/chain/pool_file.c src/chain/pool_file.h \
	src/chain/tx_pool.c src/chain/tx_pool.h \
	src/chain/reader.c src/chain/reader.h \
	src/chain/receipt.c src/chain/receipt.h \
	src/chain/replay.c src/chain/replay.h \
	src/chain/replay_window.c src/chain/replay_window.h \
	src/chain/rotation.c src/chain/rotation.h \
	src/chain/state.c src/chain/state.h src/chain/state_private.h \
	src/chain/state_edit.c src/chain/state_edit.h \
	src/chain/share.c src/chain/share.h \
	src/chain/state_arch.c src/chain/state_close.c src/chain/state_due.c \
	src/chain/state_hash.c src/chain/state_life.c src/chain/state_query.c \
	src/chain/state_reward.c src/chain/state_save.c src/chain/state_save.h src/chain/state_unbond.c src/chain/state_verdict.c \
	src/chain/state_part.c src/chain/state_part.h src/chain/state_pass.c src/chain/state_pass.h \
	src/chain/state_challenge.c src/chain/state_challenge.h \
	src/chain/state_rotation.c src/chain/state_rotation.h \
	src/chain/state_waits.c \
	src/chain/state_window.c \
	src/chain/state_market.c src/chain/state_market.h \
	src/chain/state_job.c src/chain/state_job.h \
	src/chain/state_tournament.c src/chain/state_tournament.h \
	src/chain/tx_market.h \
	src/chain/vote_tally.c src/chain/vote_tally.h \
	src/chain/tx.c src/chain/tx.h \
	src/chain/tx_objects.c src/chain/tx_objects.h \
	src/chain/tx_show.c \
	src/chain/verify.c \
	src/chain/vote.c src/chain/vote.h \
	src/chain/vote_past.c src/chain/vote_past.h \
	src/chain/wanted.c src/chain/wanted.h \
	src/chain/words.c src/chain/words.h \
	src/chain/tx/announce.c \
	src/chain/tx/buy.c src/chain/tx/deliver.c src/chain/tx/job.c src/chain/tx/list.c \
	src/chain/tx/outcome.c src/chain/tx/refund.c src/chain/tx/result.c src/chain/tx/reveal_seal.c \
	src/chain/tx/seal.c src/chain/tx/take.c \
	src/chain/tx/approve.c \
	src/chain/tx/challenge.c \
	src/chain/tx/commit.c \
	src/chain/tx/counts.c \
	src/chain/tx/decide.c \
	src/chain/tx/evidence.c \
	src/chain/tx/holdout.c \
	src/chain/tx/kind.h \
	src/chain/tx/open.c \
	src/chain/tx/promise.c \
	src/chain/tx/propose.c \
	src/chain/tx/register.c \
	src/chain/tx/reject.c \
	src/chain/tx/retire.c \
	src/chain/tx/respond.c \
	src/chain/tx/reveal.c \
	src/chain/tx/show.c \
	src/chain/tx/stake.c \
	src/chain/tx/table.c \
	src/chain/tx/task.c \
	src/chain/tx/transfer.c \
	src/chain/tx/unstake.c \
	src/chain/tx/verdict.c
CHAIN_LIBS = src/chain/libchain.a

