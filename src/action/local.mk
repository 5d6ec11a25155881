noinst_LIBRARIES += src/action/libaction.a
src_action_libaction_a_SOURCES = \
	src/action/action.h \
	src/action/arch.c src/action/arch_cost.h \
	src/action/baseline.c src/action/baseline.h \
	src/action/bench.c src/action/bench.h src/action/bench_csv.c \
	src/action/bench_chain.c src/action/bench_chain.h src/action/bench_chain_lives.c \
	src/action/bench_chain_make.c src/action/bench_chain_pass.c \
	src/action/bench_follow.c src/action/bench_follow.h src/action/bench_follow_processes.c \
	src/action/bench_gemm.c src/action/bench_gp.c src/action/bench_infer.c src/action/bench_internal.h \
	src/action/bench_model.c src/action/bench_search.c \
	src/action/chain.c src/action/chain.h src/action/chain_internal.h \
	src/action/chain_dispute.c src/action/chain_disputes.c src/action/chain_owed.c \
	src/action/chain_refusal.c src/action/chain_refusal.h \
	src/action/chain_attest.c src/action/chain_decide.c src/action/chain_head.c src/action/chain_genesis.c \
	src/action/chain_genesis.h src/action/chain_holdout.c src/action/chain_life.c src/action/chain_look.c \
	src/action/chain_duty.c src/action/chain_duty.h src/action/chain_follow.c src/action/chain_follow.h \
	src/action/chain_validator.c src/action/chain_witness.c src/action/chain_work.c src/action/chain_witness.h \
	src/action/chain_offline.c src/action/chain_propose.c src/action/chain_receipt.c \
	src/action/chain_salt.c \
	src/action/chain_show.c src/action/chain_show_task.c src/action/chain_sign.c src/action/chain_stage.c src/action/chain_task.c \
	src/action/chain_verify.c src/action/chain_view.c src/action/chain_weigh.c \
	src/action/claim.h src/action/claim_dispute.c src/action/claim_dispute.h src/action/claim_ruling.c \
	src/action/claim_evidence.c src/action/claim_kept.c src/action/claim_lineage.c \
	src/action/claim_make.c src/action/claim_object.c src/action/claim_run.c src/action/claim_task.c \
	src/action/compare.c \
	src/action/preference.c src/action/preference.h \
	src/action/data.c \
	src/action/found.c \
	src/action/holdout.c src/action/holdout.h src/action/holdout_plan.c src/action/holdout_internal.h \
	src/action/import.c src/action/import.h src/action/import_append.c src/action/import_json.c \
	src/action/import_cache.c src/action/import_options.c src/action/import_preview.c \
	src/action/key.c src/action/key_default.c \
	src/action/job.c \
	src/action/market.c src/action/market.h src/action/market_internal.h src/action/market_view.c \
	src/action/parcel.c src/action/parcel.h \
	src/action/tournament.c src/action/tournament.h src/action/tournament_outcome.c \
	src/action/tournament_seal.c src/action/tournament_view.c \
	src/action/marks.c src/action/marks_internal.h \
	src/action/measure.c \
	src/action/morph.c \
	src/action/name.c src/action/name.h \
	src/action/posterior.c \
	src/action/predict.c src/action/predict.h src/action/predict_internal.h \
	src/action/predict_bars.c src/action/predict_file.c src/action/predict_model.c \
	src/action/predict_score.c src/action/predict_session.c src/action/predict_show.c \
	src/action/predict_stream.c \
	src/action/score.c \
	src/action/search.c \
	src/action/task.c src/action/task_internal.h \
	src/action/task_choose.c \
	src/action/task_columns.c \
	src/action/task_file.c \
	src/action/task_info.c \
	src/action/task_leaks.c \
	src/action/task_seal.c \
	src/action/trial_name.c \
	src/action/train.c src/action/train_input.c src/action/train_internal.h src/action/train_resume.c
ACTION_LIBS = src/action/libaction.a $(JANSSON_LIBS)
