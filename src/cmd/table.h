/* Every command that needs no screen, declared; table.c puts them in order. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "cmd/command.h"

extern const struct command command_init, command_data_add, command_data_list, command_data_show, command_data_export,
    command_data_remove, command_synth, command_task_set, command_task_show, command_task_export, command_task_import,
    command_arch_new, command_arch_add, command_arch_show, command_arch_list, command_arch_diff, command_arch_export,
    command_morph, command_train, command_score, command_baseline, command_suggest, command_search, command_board,
    command_config_list, command_config_set, command_key_new, command_key_list, command_key_show, command_key_default, command_key_export, command_key_import, command_key_never_voted,
    command_key_passwd, command_key_backup, command_chain_init, command_chain_status, command_chain_log,
    command_chain_dump, command_chain_show, command_chain_verify, command_chain_transfer, command_chain_stake,
    command_chain_unstake, command_chain_task, command_chain_propose, command_chain_attest, command_chain_open,
    command_chain_challenge, command_chain_respond, command_chain_verdict, command_chain_disputes,
    command_chain_approve, command_chain_reject, command_chain_holdout, command_chain_seal,
    command_chain_join, command_chain_pull, command_chain_follow, command_chain_votes, command_chain_vote,
    command_chain_propose_block, command_chain_register, command_chain_retire, command_chain_evidence,
    command_chain_work, command_chain_list, command_chain_listings, command_chain_buy, command_chain_deliver, command_chain_refund,
    command_chain_fetch, command_chain_job, command_chain_jobs, command_chain_take, command_chain_result,
    command_chain_seal_prediction, command_chain_reveal_prediction, command_chain_outcome, command_chain_leaderboard,
    command_chain_prepare, command_chain_sign, command_chain_submit, command_chain_receipt, command_chain_check_receipt,
    command_bench, command_bench_infer, command_bench_gemm, command_bench_csv, command_bench_gp, command_bench_search,
    command_bench_inherit, command_bench_chain, command_bench_follow, command_predict, command_compare, command_holdout_open, command_holdout_show, command_worker;

#endif
