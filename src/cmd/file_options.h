/* How a file of new bars is written, for the commands that read one and store nothing: the options of `data add`. */
#ifndef CMD_FILE_OPTIONS_H
#define CMD_FILE_OPTIONS_H

#include "action/action.h"
#include "cmd/command.h"

#define CMD_FILE_OPTIONS                                                                                               \
    {"time", "COLUMN", "the time column, by name or #number; A+B for a date and a clock"},                             \
        {"format", "F", "its times: a pattern such as 'DD.MM.YYYY hh:mm', s, ms, us, ns, excel"},                      \
        {"date-order", "ORDER", "dmy, mdy or ymd, where the file does not tell"},                                      \
        {"tz", "ZONE", "what local times mean: Europe/Rome, +02:00, UTC"},                                             \
        {"delimiter", "C", "one character, or tab, comma, semicolon, bar, space"},                                     \
        {"decimal", "C", "the decimal mark: . or ,"}, {"thousands", "C", "the thousands mark: , . ' space or none"},   \
        {"encoding", "E", "utf-8, utf-16, windows-1252, ..."}, {"skip", "N", "lines before the header"},               \
        {"header", "N", "lines of the header"},                                                                        \
        {"missing", "LIST", "more spellings of a missing value, comma-separated"},                                     \
    {                                                                                                                  \
        "symbol", "COLUMN", "the column that names the asset of a row"                                                 \
    }

struct action_data_options cmd_file_options(const struct arguments *a);

#endif
