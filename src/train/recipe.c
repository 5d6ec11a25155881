#include "train/recipe.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/numeric.h"

#include <inttypes.h>
#include <math.h>

#define HEADER "morphsmith-recipe 1"
#define KERNELS_LINE "kernels blas"
#define RECIPE_TEXT_MAX 4096

void recipe_defaults(struct recipe *r)
{
    *r = (struct recipe){
        .epochs = 30,
        .batch = 64,
        .patience = 5,
        .learning_rate = 0.001F,
        .optimizer = "adam",
        .stop_ppm = 150000,
        .seed = 1,
    };
}

static bool in_range(const char *field, int64_t value, int64_t least, int64_t most, struct error *err)
{
    if (value >= least && value <= most)
        return true;
    return error_set(err, ERROR_USAGE, "recipe: %s is %" PRId64 ", it must be %" PRId64 " to %" PRId64, field, value,
                     least, most);
}

bool recipe_check(const struct recipe *r, struct error *err)
{
    if (!in_range("epochs", r->epochs, 1, RECIPE_EPOCHS_MAX, err) ||
        !in_range("batch", r->batch, 1, RECIPE_BATCH_MAX, err) ||
        !in_range("patience", r->patience, 0, RECIPE_EPOCHS_MAX, err) ||
        !in_range("stop_ppm", r->stop_ppm, 0, RECIPE_STOP_PPM_MAX, err))
        return false;
    /* Below 2^-100 a step would be lost in what Adam rounds to zero anyway. */
    if (!(r->learning_rate >= 0x1p-100F && r->learning_rate <= 1.0F))
        return error_set(err, ERROR_USAGE, "recipe: learning_rate is %g, it must be above 0 and at most 1",
                         (double)r->learning_rate);
    if (!text_equal(r->optimizer, "adam"))
        return error_set(err, ERROR_USAGE, "recipe: optimizer \"%.15s\" is not known; adam is", r->optimizer);
    return true;
}

char *recipe_format(const struct recipe *r)
{
    char rate[32];

    text_of_float(r->learning_rate, rate, sizeof rate);
    return memory_format(HEADER "\n"
                                "epochs %d\n"
                                "batch %d\n"
                                "learning_rate %s\n"
                                "optimizer %s\n"
                                "patience %d\n"
                                "stop_ppm %" PRIu32 "\n"
                                "seed %" PRIu64 "\n%s",
                         r->epochs, r->batch, rate, r->optimizer, r->patience, r->stop_ppm, r->seed,
                         r->blas ? KERNELS_LINE "\n" : "");
}

static bool parse_int(const char *value, int *out)
{
    int64_t wide;

    if (!text_parse_int(value, INT32_MIN, INT32_MAX, &wide))
        return false;
    *out = (int)wide;
    return true;
}

static bool parse_field(struct recipe *r, int field, const char *value)
{
    double rate;
    int64_t ppm;

    switch (field) {
    case 0:
        return parse_int(value, &r->epochs);
    case 1:
        return parse_int(value, &r->batch);
    case 2:
        /* The check behind the whole text refuses what does not survive the cast. */
        if (!text_parse_double(value, &rate) || rate < -1e30 || rate > 1e30)
            return false;
        r->learning_rate = (float)rate;
        return true;
    case 3:
        return text_copy(r->optimizer, sizeof r->optimizer, value);
    case 4:
        return parse_int(value, &r->patience);
    case 5:
        if (!text_parse_int(value, 0, UINT32_MAX, &ppm))
            return false;
        r->stop_ppm = (uint32_t)ppm;
        return true;
    default:
        return text_parse_u64(value, &r->seed);
    }
}

static const char *const fields[] = {"epochs", "batch", "learning_rate", "optimizer", "patience", "stop_ppm", "seed"};

/* text is a copy and is cut up. */
static bool parse_lines(struct recipe *r, char *text, struct error *err)
{
    char *rest = text;
    const char *line = text_next(&rest, '\n');

    if (!line || !text_equal(line, HEADER))
        return error_set(err, ERROR_DATA, "recipe, line 1: expected \"" HEADER "\"");
    for (int i = 0; i < (int)ARRAY_N(fields); i++) {
        size_t n = strlen(fields[i]);
        line = text_next(&rest, '\n');
        if (!line || !text_starts(line, fields[i]) || line[n] != ' ')
            return error_set(err, ERROR_DATA, "recipe, line %d: expected \"%s VALUE\"", i + 2, fields[i]);
        if (!parse_field(r, i, line + n + 1))
            return error_set(err, ERROR_DATA, "recipe, line %d: \"%.40s\" is no value for %s", i + 2, line + n + 1,
                             fields[i]);
    }
    if (rest && text_starts(rest, KERNELS_LINE))
        r->blas = true;
    return true;
}

bool recipe_exact(const struct recipe *r, const char *what, struct error *err)
{
    return !r->blas || error_set(err, ERROR_CHAIN,
                                 "%s computes with OpenBLAS (kernels blas), whose bits nobody can check: only exact "
                                 "kernels can be claimed", what);
}

bool recipe_parse(struct recipe *r, const char *text, struct error *err)
{
    struct recipe parsed = {0};

    if (strnlen(text, RECIPE_TEXT_MAX) == RECIPE_TEXT_MAX)
        return error_set(err, ERROR_DATA, "recipe: the text is longer than %d bytes", RECIPE_TEXT_MAX - 1);
    char *copy = memory_text(text);
    bool ok = parse_lines(&parsed, copy, err) && recipe_check(&parsed, err);
    free(copy);
    if (!ok)
        return false;
    char *canonical = recipe_format(&parsed);
    ok = text_equal(canonical, text);
    free(canonical);
    if (!ok)
        return error_set(err, ERROR_DATA,
                         "recipe: the text is not in its canonical spelling (one space between words, "
                         "shortest numbers, nothing behind the last line)");
    *r = parsed;
    return true;
}

struct hash recipe_id(const struct recipe *r, struct hash arch, struct hash dataset, const char *origin)
{
    struct bytes b = {0};
    char *text = recipe_format(r);

    bytes_put_text(&b, "morphsmith-training 1");
    bytes_put_text(&b, text);
    bytes_put(&b, arch.byte, HASH_BYTES);
    bytes_put(&b, dataset.byte, HASH_BYTES);
    bytes_put_text(&b, NUMERIC_VERSION);
    bytes_put_text(&b, origin);
    struct hash id = hash_of(b.data, b.n);
    bytes_free(&b);
    free(text);
    return id;
}
