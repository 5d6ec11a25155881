#include "cmd/amount.h"

#include "base/text.h"
#include "chain/state.h"

bool cmd_amount(const char *text, uint64_t *out, struct error *err)
{
    int64_t v;
    if (!text || !text_parse_int(text, 0, (int64_t)STATE_SUPPLY_MAX, &v))
        return error_set(err, ERROR_USAGE, "an amount is a whole number of tokens, not %s", text ? text : "nothing");
    *out = (uint64_t)v;
    return true;
}

bool cmd_amount_option(const struct arguments *a, const char *name, uint64_t *out, struct error *err)
{
    const char *given = arguments_option(a, name);
    return !given || cmd_amount(given, out, err);
}

bool cmd_ppm_option(const struct arguments *a, const char *name, uint32_t least, uint32_t *out, struct error *err)
{
    int64_t v = *out;
    if (!arguments_int(a, name, least, TX_PPM, &v, err))
        return false;
    *out = (uint32_t)v;
    return true;
}
