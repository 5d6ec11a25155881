/* Settings of the workspace, by name. */
#include "action/preference.h"
#include "cmd/print.h"
#include "cmd/table.h"

static json_t *run_list(struct workspace *w, const struct arguments *a, struct error *err)
{
    (void)a;
    return action_config_list(w, err);
}

static void show_list(const json_t *r, FILE *out)
{
    print_table(json_object_get(r, "settings"), "name,value,default,about", out);
}

const struct command command_config_list = {.name = "config list",
                                            .operands = "",
                                            .about = "the workspace's settings",
                                            .need = COMMAND_READS,
                                            .run = run_list,
                                            .show = show_list};

static json_t *run_set(struct workspace *w, const struct arguments *a, struct error *err)
{
    return action_config_set(w, arguments_operand(a, 0), arguments_operand(a, 1), err);
}

const struct command command_config_set = {.name = "config set",
                                           .operands = "NAME VALUE",
                                           .about = "choose one of them; VALUE default: by itself again",
                                           .least = 2,
                                           .most = 2,
                                           .need = COMMAND_WRITES,
                                           .run = run_set};
