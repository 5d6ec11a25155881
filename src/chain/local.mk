# chain: files of this floor
noinst_LIBRARIES += src/chain/libchain.a
src_chain_libchain_a_SOURCES = \
	src/chain/address.c \
	src/chain/batch.c src/chain/batch.h \
	src/chain/block.c src/chain/block.h \
	src/chain/codec.c src/chain/codec.h \
	src/chain/genesis.c \
	src/chain/head.c src/chain/head.h \
	src/chain/index.c src/chain/index.h \
	src/chain/key.c src/chain/key.h src/chain/key_private.h \
	src/chain/keyfile.c src/chain/keyfile.h \
	src/chain/keypublic.c \
	src/chain/keystore.c src/chain/keystore.h \
	src/chain/keyweak.c \
	src/chain/ledger.c src/chain/ledger.h src/chain/ledger_private.h \
	src/chain/ledger_index.c src/chain/ledger_index.h src/chain/ledger_query.c \
	src/chain/object.c \
	src/chain/tx_pool.c src/chain/tx_pool.h \
	src/chain/reader.c src/chain/reader.h \
	src/chain/receipt.c src/chain/receipt.h \
	src/chain/replay.c src/chain/replay.h \
	src/chain/replay_window.c src/chain/replay_window.h \
	src/chain/state.c src/chain/state.h src/chain/state_private.h \
	src/chain/state_edit.c src/chain/state_edit.h \
	src/chain/share.c src/chain/share.h \
	src/chain/state_arch.c src/chain/state_close.c src/chain/state_due.c \
	src/chain/state_hash.c src/chain/state_life.c src/chain/state_query.c \
	src/chain/state_reward.c src/chain/state_save.c src/chain/state_save.h src/chain/state_unbond.c src/chain/state_verdict.c \
	src/chain/state_window.c \
	src/chain/tx.c src/chain/tx.h \
	src/chain/tx_show.c \
	src/chain/verify.c \
	src/chain/words.c src/chain/words.h \
	src/chain/tx/announce.c \
	src/chain/tx/approve.c \
	src/chain/tx/commit.c \
	src/chain/tx/counts.c \
	src/chain/tx/decide.c \
	src/chain/tx/holdout.c \
	src/chain/tx/kind.h \
	src/chain/tx/open.c \
	src/chain/tx/promise.c \
	src/chain/tx/propose.c \
	src/chain/tx/reject.c \
	src/chain/tx/reveal.c \
	src/chain/tx/show.c \
	src/chain/tx/stake.c \
	src/chain/tx/table.c \
	src/chain/tx/task.c \
	src/chain/tx/transfer.c \
	src/chain/tx/unstake.c
CHAIN_LIBS = src/chain/libchain.a

