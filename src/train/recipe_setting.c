#include "train/recipe_setting.h"

#include "base/memory.h"
#include "base/text.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>

#define AT(member) offsetof(struct recipe, member)

const struct recipe_setting recipe_settings[RECIPE_SETTINGS] = {
    {.name = "epochs", .option = "epochs", .title = "epochs", .kind = RECIPE_INT, .offset = AT(epochs), .always = true,
     .least = 1, .most = RECIPE_EPOCHS_MAX,
     .about = "At most so many passes over the training bars; early stopping may end it before. Default 30."},
    {.name = "batch", .option = "batch", .title = "batch", .kind = RECIPE_INT, .offset = AT(batch), .always = true,
     .least = 1, .most = RECIPE_BATCH_MAX, .about = "Windows a step. Default 64."},
    {.name = "learning_rate", .option = "lr", .title = "learning rate", .kind = RECIPE_REAL,
     .offset = AT(learning_rate), .always = true, .above = true, .most = 1,
     .about = "How far a step goes; a schedule starts from it. Default 0.001; sgd usually wants ten times that."},
    {.name = "optimizer", .option = "optimizer", .title = "optimizer", .kind = RECIPE_NAME, .offset = AT(optimizer),
     .always = true, .choice = optimizer_name,
     .about = "adam; adamw, whose weight decay is apart from the gradient; sgd, plain or with momentum. Default adamw."},
    {.name = "patience", .option = "patience", .title = "patience", .kind = RECIPE_INT, .offset = AT(patience),
     .always = true, .most = RECIPE_EPOCHS_MAX,
     .about = "Epochs without a better loss on the early-stopping slice before training ends; 0: never. Default 5."},
    {.name = "stop_ppm", .title = "stop slice", .kind = RECIPE_COUNT, .offset = AT(stop_ppm), .always = true,
     .most = RECIPE_STOP_PPM_MAX, .about = "Millionths of the training part that early stopping reads. Default 150000."},
    {.name = "seed", .option = "seed", .title = "seed", .kind = RECIPE_SEED, .offset = AT(seed), .always = true,
     .about = "Of fresh weights, order and dropout. Default 1."},
    {.name = "momentum", .option = "momentum", .title = "momentum", .kind = RECIPE_REAL, .offset = AT(momentum),
     .most = 0.9999, .needs = "optimizer", .needs_value = "sgd",
     .about = "sgd: the share of the last step that goes on. Default 0; 0.9 is usual."},
    {.name = "nesterov", .option = "nesterov", .title = "Nesterov", .kind = RECIPE_SWITCH, .offset = AT(nesterov),
     .name_of = {"no", "yes"}, .needs = "momentum", .needs_value = "!0",
     .about = "sgd: looks ahead along the momentum (Nesterov). Default no."},
    {.name = "weight_decay", .option = "weight-decay", .title = "weight decay", .kind = RECIPE_REAL,
     .offset = AT(weight_decay), .most = 1,
     .about = "Draws weights to 0: adamw apart from the gradient (default 0.01), the others as part of it (L2, default "
              "0)."},
    {.name = "schedule", .option = "schedule", .title = "schedule", .kind = RECIPE_NAME, .offset = AT(schedule),
     .choice = schedule_name,
     .about = "How the learning rate goes over the whole training: constant, cosine, linear, step or onecycle. Default "
              "constant."},
    {.name = "warmup", .option = "warmup", .title = "warm-up", .kind = RECIPE_INT, .offset = AT(warmup),
     .most = INT_MAX, .about = "Steps over which the learning rate first rises, in a line. Default 0."},
    {.name = "step_size", .option = "step-size", .title = "step size", .kind = RECIPE_INT, .offset = AT(step_size),
     .least = 1, .most = RECIPE_EPOCHS_MAX, .needs = "schedule", .needs_value = "step",
     .about = "Schedule step: epochs between two falls. Default 10."},
    {.name = "gamma", .option = "gamma", .title = "gamma", .kind = RECIPE_REAL, .offset = AT(gamma), .above = true,
     .most = 1, .needs = "schedule", .needs_value = "step",
     .about = "Schedule step: what the learning rate is multiplied by. Default 0.1."},
    {.name = "min_rate", .option = "min-lr", .title = "least rate", .kind = RECIPE_REAL, .offset = AT(min_rate),
     .most = 1, .needs = "schedule", .needs_value = "!constant",
     .about = "Where a schedule's fall ends. Default 0."},
    {.name = "clip", .option = "clip", .title = "clip", .kind = RECIPE_REAL, .offset = AT(clip), .most = 1e9,
     .about = "A longer gradient (the norm over all weights) is shortened to this. Default 0: never."},
    {.name = "label_smoothing", .option = "label-smoothing", .title = "label smoothing", .kind = RECIPE_REAL,
     .offset = AT(label_smoothing), .most = 0.999,
     .about = "Directions and classes: this share of each training target is spread evenly. Default 0."},
    {.name = "class_weight", .option = "class-weight", .title = "class weight", .kind = RECIPE_SWITCH,
     .offset = AT(balanced), .name_of = {"none", "balanced"},
     .about = "balanced: rare classes (directions) of the training part count for more, so that each weighs the same. "
              "Default none."},
    {.name = "loss", .option = "loss", .title = "loss", .kind = RECIPE_SWITCH, .offset = AT(huber),
     .name_of = {"auto", "huber"},
     .about = "auto: cross-entropy for directions and classes, the mean square for returns. huber: returns only; large "
              "errors count in a line, not in a square."},
    {.name = "huber_delta", .option = "huber-delta", .title = "Huber's delta", .kind = RECIPE_REAL,
     .offset = AT(huber_delta), .above = true, .most = 1e6, .needs = "loss", .needs_value = "huber",
     .about = "From here on an error counts in a line; in standard deviations of the returns. Default 1."},
    {.name = "min_delta", .option = "min-delta", .title = "least gain", .kind = RECIPE_REAL, .offset = AT(min_delta),
     .most = 1e6, .about = "By how much a loss on the stop slice must fall to be better. Default 0."},
    {.name = "head", .option = "head", .title = "head starts", .kind = RECIPE_SWITCH, .offset = AT(zero_head),
     .name_of = {"fresh", "zero"},
     .about = "fresh: drawn as every layer. zero: the last layer begins at 0, so that a training begins at the mean of "
              "the returns, or at even odds. Default fresh; zero for returns."},
    {.name = "keep_start", .option = "keep-start", .title = "keep the start", .kind = RECIPE_SWITCH,
     .offset = AT(keep_start), .name_of = {"no", "yes"},
     .about = "yes: early stopping may go back to before the first step where no epoch was better. Default no; yes for "
              "returns."},
    {.name = "kernels", .option = "kernels", .title = "kernels", .kind = RECIPE_SWITCH, .offset = AT(blas),
     .name_of = {"exact", "blas"},
     .about = "exact: the same bits everywhere. blas: single trainings only, through OpenBLAS for comparison; never "
              "scored or claimed. Default exact."},
};

int recipe_setting_find(const char *name)
{
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        if (text_equal(name, recipe_settings[i].name) ||
            (recipe_settings[i].option && text_equal(name, recipe_settings[i].option)))
            return i;
    return -1;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static const void *member(const struct recipe *r, const struct recipe_setting *s)
{
    return (const char *)r + s->offset;
}

void recipe_get(const struct recipe *r, const struct recipe_setting *s, char out[RECIPE_VALUE_MAX])
{
    const void *at = member(r, s);

    switch (s->kind) {
    case RECIPE_INT:
        snprintf(out, RECIPE_VALUE_MAX, "%d", *(const int *)at);
        break;
    case RECIPE_COUNT:
        snprintf(out, RECIPE_VALUE_MAX, "%" PRIu32, *(const uint32_t *)at);
        break;
    case RECIPE_SEED:
        snprintf(out, RECIPE_VALUE_MAX, "%" PRIu64, *(const uint64_t *)at);
        break;
    case RECIPE_REAL:
        text_of_float(*(const float *)at, out, RECIPE_VALUE_MAX);
        break;
    case RECIPE_SWITCH:
        text_copy(out, RECIPE_VALUE_MAX, s->name_of[*(const bool *)at]);
        break;
    case RECIPE_NAME:
        text_copy(out, RECIPE_VALUE_MAX, at);
        break;
    }
}

static bool real_in_range(const struct recipe_setting *s, float v)
{
    double d = (double)v;
    /* What is smaller than 2^-100 the kernels round to zero, or it makes denormals that slow every step. */
    return d >= s->least && d <= s->most && !(s->above && d <= s->least) && (d == 0.0 || fabs(d) >= 0x1p-100);
}

static bool named(const struct recipe_setting *s, const char *value)
{
    for (int i = 0; s->choice(i); i++)
        if (text_equal(s->choice(i), value))
            return true;
    return false;
}

/* Is the value that r holds one that the setting can have? */
static bool in_range(const struct recipe *r, const struct recipe_setting *s)
{
    const void *at = member(r, s);

    switch (s->kind) {
    case RECIPE_INT:
        return *(const int *)at >= s->least && *(const int *)at <= s->most;
    case RECIPE_COUNT:
        return *(const uint32_t *)at >= s->least && *(const uint32_t *)at <= s->most;
    case RECIPE_REAL:
        return real_in_range(s, *(const float *)at);
    case RECIPE_NAME:
        return named(s, at);
    default:
        return true;
    }
}

void recipe_range(const struct recipe_setting *s, char *out, size_t size)
{
    char least[32], most[32];

    text_of_double(s->least, least, sizeof least);
    text_of_double(s->most, most, sizeof most);
    if (s->kind == RECIPE_SWITCH) {
        snprintf(out, size, "%s or %s", s->name_of[0], s->name_of[1]);
    } else if (s->kind == RECIPE_SEED) {
        text_copy(out, size, "a whole number from 0");
    } else if (s->kind == RECIPE_NAME) {
        text_copy(out, size, "");
        for (int i = 0; s->choice(i); i++) {
            text_append(out, size, i == 0 ? "" : s->choice(i + 1) ? ", " : " or ");
            text_append(out, size, s->choice(i));
        }
    } else if (s->above) {
        snprintf(out, size, "above %s and at most %s", least, most);
    } else {
        snprintf(out, size, "%s to %s", least, most);
    }
}

static bool refuse(const struct recipe_setting *s, const char *value, struct error *err)
{
    char range[128];

    recipe_range(s, range, sizeof range);
    return error_set(err, ERROR_USAGE, "recipe: %s is \"%.40s\", it must be %s", s->name, value, range);
}

static bool set_real(float *out, const char *value)
{
    double v;

    if (!text_parse_double(value, &v) || v < -1e30 || v > 1e30)
        return false;
    *out = (float)v + 0.0F; /* no -0 */
    return true;
}

static bool set_switch(bool *out, const struct recipe_setting *s, const char *value)
{
    *out = text_equal(value, s->name_of[1]);
    return *out || text_equal(value, s->name_of[0]);
}

static bool read_value(void *at, const struct recipe_setting *s, const char *value)
{
    int64_t n = 0;
    bool ok;

    switch (s->kind) {
    case RECIPE_INT:
        ok = text_parse_int(value, INT_MIN, INT_MAX, &n);
        *(int *)at = (int)n;
        return ok;
    case RECIPE_COUNT:
        ok = text_parse_int(value, 0, UINT32_MAX, &n);
        *(uint32_t *)at = (uint32_t)n;
        return ok;
    case RECIPE_SEED:
        return text_parse_u64(value, at);
    case RECIPE_REAL:
        return set_real(at, value);
    case RECIPE_SWITCH:
        return set_switch(at, s, value);
    default:
        return text_copy(at, sizeof((struct recipe){0}).optimizer, value);
    }
}

bool recipe_set(struct recipe *r, const struct recipe_setting *s, const char *value, struct error *err)
{
    struct recipe changed = *r;

    if (!read_value((char *)&changed + s->offset, s, value) || !in_range(&changed, s))
        return refuse(s, value, err);
    *r = changed;
    return true;
}

/* --- settings together -------------------------------------------------------------------------------------------- */

bool recipe_applies(const struct recipe *r, const struct recipe_setting *s)
{
    char value[RECIPE_VALUE_MAX];

    if (!s->needs)
        return true;
    bool other = s->needs_value[0] == '!';
    recipe_get(r, &recipe_settings[recipe_setting_find(s->needs)], value);
    return text_equal(value, s->needs_value + other) != other;
}

bool recipe_is_preset(const struct recipe *r, const struct recipe_setting *s)
{
    char value[RECIPE_VALUE_MAX], preset[RECIPE_VALUE_MAX];
    struct recipe plain;

    recipe_defaults(&plain);
    recipe_get(r, s, value);
    recipe_get(&plain, s, preset);
    return text_equal(value, preset);
}

static bool blame(int *wrong, int setting, struct error *err, const char *why)
{
    const struct recipe_setting *s = &recipe_settings[setting];

    if (wrong)
        *wrong = setting;
    return error_set(err, ERROR_USAGE, "recipe: %s %s", s->name, why);
}

static bool blame_range(int *wrong, int setting, const struct recipe *r, struct error *err)
{
    char value[RECIPE_VALUE_MAX];

    if (wrong)
        *wrong = setting;
    recipe_get(r, &recipe_settings[setting], value);
    return refuse(&recipe_settings[setting], value, err);
}

static bool blame_needs(int *wrong, int setting, struct error *err)
{
    const struct recipe_setting *s = &recipe_settings[setting];
    bool other = s->needs_value[0] == '!';
    char why[96];

    snprintf(why, sizeof why, "means nothing where %s is %s%s", s->needs, other ? "" : "not ", s->needs_value + other);
    return blame(wrong, setting, err, why);
}

bool recipe_together(const struct recipe *r, int *wrong, struct error *err)
{
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        if (!in_range(r, &recipe_settings[i]))
            return blame_range(wrong, i, r, err);
    for (int i = 0; i < RECIPE_SETTINGS; i++)
        if (!recipe_applies(r, &recipe_settings[i]) && !recipe_is_preset(r, &recipe_settings[i]))
            return blame_needs(wrong, i, err);
    if (r->min_rate > r->learning_rate)
        return blame(wrong, recipe_setting_find("min_rate"), err, "is above learning_rate");
    if (r->keep_start && r->stop_ppm == 0)
        return blame(wrong, recipe_setting_find("keep_start"), err, "needs a slice for early stopping (stop_ppm)");
    return true;
}

static bool fits(const struct recipe *r, enum task_target target, int *wrong, struct error *err)
{
    bool is_return = target == TASK_RETURN;

    if (is_return && r->label_smoothing > 0.0F)
        return blame(wrong, recipe_setting_find("label_smoothing"), err, "is for directions and classes, not returns");
    if (is_return && r->balanced)
        return blame(wrong, recipe_setting_find("class_weight"), err, "is for directions and classes, not returns");
    if (!is_return && r->huber)
        return blame(wrong, recipe_setting_find("loss"), err, "huber is for returns");
    return true;
}

bool recipe_fits(const struct recipe *r, enum task_target target, struct error *err)
{
    return fits(r, target, NULL, err);
}

/* The preset is made for its optimizer: another one starts from the plain recipe. */
static void recipe_start(struct recipe *r, enum task_target target, const char *optimizer)
{
    recipe_defaults_for(r, target);
    if (optimizer && optimizer[0] && !text_equal(optimizer, r->optimizer))
        recipe_plain_for(r, target);
}

bool recipe_choose(struct recipe *r, enum task_target target, const char *const *value, int *wrong, struct error *err)
{
    struct recipe chosen;

    recipe_start(&chosen, target, value[recipe_setting_find("optimizer")]);
    for (int i = 0; i < RECIPE_SETTINGS; i++) {
        if (!value[i] || !value[i][0])
            continue;
        if (wrong)
            *wrong = i;
        if (!recipe_set(&chosen, &recipe_settings[i], value[i], err))
            return false;
    }
    if (chosen.stop_ppm == 0)
        chosen.keep_start = false;
    if (!recipe_together(&chosen, wrong, err) || !fits(&chosen, target, wrong, err))
        return false;
    *r = chosen;
    return true;
}
