/* The program: joins the tables of commands and runs one. */
#include "base/clock.h"
#include "cmd/command.h"
#include "ui/command.h"

int main(int n, char **argument)
{
    const struct command *const *const tables[] = {ui_command_table, command_table, NULL};
    clock_process_begin();
    (setlocale)(LC_CTYPE, ""); /* for curses; numbers stay in the C locale */
    return command_main(n, argument, tables);
}
