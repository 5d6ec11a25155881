#include "action/bench.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "cmd/table.h"

static json_t *run_bench_csv(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)w;
    return action_bench_csv(arguments_operand_list(a), arguments_operands(a), arguments_threads(a),
                            arguments_control(a), err);
}

const struct command command_bench_csv = {.name = "bench csv",
                                          .operands = "FILE...",
                                          .about = "measure the importer, everything guessed, all series kept",
                                          .least = 1,
                                          .most = COMMAND_ARGS_MAX,
                                          .need = COMMAND_BARE,
                                          .run = run_bench_csv,
                                          .ends_itself = true};
