noinst_LIBRARIES += src/cmd/libcmd.a
src_cmd_libcmd_a_SOURCES = \
	src/cmd/arch.c \
	src/cmd/arguments.c src/cmd/arguments.h \
	src/cmd/bench.c \
	src/cmd/chain.c src/cmd/chain_claim.c src/cmd/chain_dispute.c src/cmd/chain_dump.c src/cmd/chain_follow.c src/cmd/chain_market.c \
	src/cmd/chain_offline.c src/cmd/chain_receipt.c src/cmd/chain_show.c src/cmd/chain_tokens.c \
	src/cmd/chain_tournament.c src/cmd/chain_validator.c src/cmd/chain_work.c src/cmd/file_options.h \
	src/cmd/amount.c src/cmd/amount.h \
	src/cmd/command.h \
	src/cmd/config.c \
	src/cmd/data.c \
	src/cmd/judge.c \
	src/cmd/key.c \
	src/cmd/passphrase.c src/cmd/passphrase.h \
	src/cmd/predict.c \
	src/cmd/print.c src/cmd/print.h \
	src/cmd/recipe.h \
	src/cmd/run.c \
	src/cmd/search.c \
	src/cmd/sign.c src/cmd/sign.h \
	src/cmd/table.c src/cmd/table.h \
	src/cmd/task.c \
	src/cmd/train.c
CMD_LIBS = src/cmd/libcmd.a
