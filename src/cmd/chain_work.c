/* Working on a task of the chain without the files that it was made from. */
#include "action/chain.h"
#include "cmd/print.h"
#include "cmd/table.h"

static json_t *run_work(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_chain_work(w, arguments_operand(a, 0), arguments_flag(a, "open-sealed"), err);
}

static void show_work(const json_t *r, FILE *out)
{
    static const char *const shown[] = {"chain_task", "task", "samples", "next"};
    json_t *fields = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (json_object_get(r, shown[i]))
            json_object_set(fields, shown[i], json_object_get(r, shown[i]));
    print_fields(fields, out);
    json_decref(fields);
    fputc('\n', out);
    print_table(json_object_get(r, "series"), "name,frame,known", out);
}

const struct command command_chain_work = {
    .name = "chain work",
    .operands = "[TASK]",
    .about = "set one of the chain's tasks (the newest) in force, its data taken from the chain's objects: no files needed",
    .least = 0,
    .most = 1,
    .need = COMMAND_WRITES,
    .run = run_work,
    .show = show_work,
    .option = {{"open-sealed", NULL, "show bars that an earlier task sealed; every later score says so"}}};
