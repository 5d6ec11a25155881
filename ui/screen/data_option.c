#include "ui/screen/data_option.h"

#include "base/text.h"
#include "ui/order.h"

#include <string.h>

const struct data_option data_option_table[DATA_OPTIONS] = {
    {"asset",
     "asset",
     "What the file belongs to: btc, sensor-3. By itself the file's name. Series of one asset are joined.",
     DATA_OPTION_LINE,
     {NULL},
     {"asset"}},
    {"time",
     "time column",
     "The column that says when. A date and a clock in two columns are joined: date+time.",
     DATA_OPTION_COLUMN,
     {NULL},
     {"time column", "time"}},
    {"date-order",
     "order of dates",
     "What 02/03/2024 is: only you can know where the whole file leaves it open.",
     DATA_OPTION_CHOICE,
     {"dmy: the day first, 31/12/2024", "mdy: the month first, 12/31/2024", "ymd: the year first, 2024/12/31"},
     {"date order", "order of d"}},
    {"format",
     "form of times",
     "How a time is written, where the file does not tell: DD.MM.YYYY HH:MM, epoch_ms.",
     DATA_OPTION_LINE,
     {NULL},
     {"time format", "format", "time form"}},
    {"tz",
     "time zone",
     "What local times mean: Europe/Rome, America/New_York, +02:00, UTC.",
     DATA_OPTION_LINE,
     {NULL},
     {"zone", "time zone", "tz"}},
    {"stamp",
     "meaning of a time",
     "A value counts as known when its period is over: does the time open it, close it, or name a whole day?",
     DATA_OPTION_CHOICE,
     {"open: a time opens its period", "close: a time closes its period", "date: a time is a whole date"},
     {"stamp"}},
    {"lag",
     "publication lag",
     "How long after its period a value becomes known: 1d, 12h, 30m, 0. Nothing earlier may use it.",
     DATA_OPTION_LINE,
     {NULL},
     {"lag", "publication"}},
    {"delimiter",
     "delimiter",
     "What parts the cells of a line.",
     DATA_OPTION_CHOICE,
     {"comma: ,", "semicolon: ;", "tab", "bar: |", "space"},
     {"delimiter"}},
    {"decimal", "decimal mark", "1.5 or 1,5", DATA_OPTION_CHOICE, {".: a point, 1.5", ",: a comma, 1,5"}, {"decimal"}},
    {"thousands",
     "thousands mark",
     "1,234,567 or 1.234.567 or 1 234 567",
     DATA_OPTION_CHOICE,
     {"none", ",: a comma, 1,234", ".: a point, 1.234", "': an apostrophe, 1'234", "space: 1 234"},
     {"thousands"}},
    {"encoding",
     "encoding",
     "How the bytes stand for characters.",
     DATA_OPTION_CHOICE,
     {"utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"},
     {"encoding"}},
    {"skip",
     "lines before the header",
     "Banners and notes that come before the names of the columns.",
     DATA_OPTION_LINE,
     {NULL},
     {"skip", "lines before", "banner"}},
    {"header",
     "lines of the header",
     "0: the columns have no names.",
     DATA_OPTION_CHOICE,
     {"0: none", "1", "2", "3"},
     {"header"}},
    {"missing",
     "spellings of missing",
     "Besides the usual ones (empty, NaN, null, -), parted by commas: -999,n.v.",
     DATA_OPTION_LINE,
     {NULL},
     {"missing"}},
    {"symbol",
     "symbol column",
     "The column that names the asset of a row, where one file holds many: each becomes a series. none: it names "
     "nothing.",
     DATA_OPTION_COLUMN,
     {NULL},
     {"symbol"}},
    {"keep",
     "of rows at one time",
     "Which is kept where rows of one time contradict each other.",
     DATA_OPTION_CHOICE,
     {"last: the later line", "first: the earlier line"},
     {"keep", "conflict", "duplicates"}},
    {"append",
     "append",
     "The files are parts of one series, which may be there already.",
     DATA_OPTION_FLAG,
     {"yes", "no"},
     {"append"}},
};

bool data_option_offered(int option)
{
    return option >= 0 && option < DATA_OPTIONS && order_about("data add", data_option_table[option].flag) != NULL;
}

int data_option_of_message(const char *text)
{
    for (const char *at = strstr(text, "--"); at != NULL; at = strstr(at + 2, "--")) {
        size_t n = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
        for (int i = 0; i < DATA_OPTIONS; i++)
            if (strlen(data_option_table[i].flag) == n && strncmp(at + 2, data_option_table[i].flag, n) == 0 &&
                data_option_offered(i))
                return i;
    }
    return -1;
}

int data_option_of_guess(const char *what)
{
    for (int i = 0; i < DATA_OPTIONS; i++)
        for (size_t k = 0; k < 4 && data_option_table[i].guess[k] != NULL; k++)
            if (text_starts(what, data_option_table[i].guess[k]) && data_option_offered(i))
                return i;
    return -1;
}
