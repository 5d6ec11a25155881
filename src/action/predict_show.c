/* Predictions as lines of CSV and as events. */
#include "action/predict.h"

#include "base/clock.h"
#include "base/text.h"
#include "train/loss.h"
#include "work/json.h"

#include <math.h>

const char *predict_state_name(enum predict_state state)
{
    static const char *const names[PREDICT_STATES] = {"training", "validation", "unused", "opened", "new"};
    return names[state];
}

const char *predict_word(const struct predict_head *head, const float *value)
{
    if (head->task->target == TASK_CLASS)
        return head->class_name[loss_class(value, head->outputs)];
    return value[0] > (head->task->target == TASK_DIRECTION ? 0.5F : 0.0F) ? "up" : "down";
}

static const char *outcome_word(const struct predict_head *head, float outcome)
{
    if (head->task->target == TASK_CLASS)
        return head->class_name[(size_t)outcome];
    return outcome > 0 ? "up" : "down";
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

/* Quoted where it must be, with what a spreadsheet would take for a formula made a text. */
static void put_cell(struct text *out, const char *cell)
{
    if (!strpbrk(cell, ",\"\r\n")) {
        text_put(out, cell);
        return;
    }
    text_put(out, "\"");
    for (; *cell; cell++) {
        text_put_n(out, cell, 1);
        if (*cell == '"')
            text_put(out, "\"");
    }
    text_put(out, "\"");
}

static void put_float(struct text *out, float v)
{
    char number[32];
    text_of_float(v, number, sizeof number);
    text_put(out, ",");
    text_put(out, number);
}

void predict_csv_head(struct text *out, const struct predict_head *head)
{
    static const char *const value[] = {"probability_up", "expected_return", ""};
    text_put(out, "time,known_at,asset,state,prediction");
    if (head->task->target != TASK_CLASS)
        text_printf(out, ",%s", value[head->task->target]);
    for (int k = 0; k < head->outputs && head->task->target == TASK_CLASS; k++) {
        char name[FRAME_NAME_MAX + 4];
        snprintf(name, sizeof name, "p_%s", head->class_name[k]);
        text_put(out, ",");
        put_cell(out, name);
    }
    text_put(out, ",outcome\n");
}

void predict_csv_bar(struct text *out, const struct predict_head *head, const struct predict_bar *bar)
{
    char time[40], close[40];
    clock_iso(bar->time_us, time, sizeof time);
    clock_iso(bar->close_us, close, sizeof close);
    text_put(out, time);
    text_put(out, ",");
    text_put(out, close);
    text_put(out, ",");
    put_cell(out, head->task->asset[head->asset].name);
    text_put(out, ",");
    text_put(out, predict_state_name(bar->state));
    text_put(out, ",");
    put_cell(out, predict_word(head, bar->value));
    for (int k = 0; k < head->outputs; k++)
        put_float(out, bar->value[k]);
    if (isnan(bar->outcome)) {
        text_put(out, ",");
    } else if (head->task->target == TASK_RETURN) {
        put_float(out, bar->outcome);
    } else {
        text_put(out, ",");
        put_cell(out, outcome_word(head, bar->outcome));
    }
    text_put(out, "\n");
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

/* As short as the CSV has it: a float's shortest decimal, read as a double. */
static json_t *float_json(float v)
{
    char text[32];
    double d;
    text_of_float(v, text, sizeof text);
    return text_parse_double(text, &d) ? json_of_number(d) : json_null();
}

json_t *predict_bar_json(const struct predict_head *head, const struct predict_bar *bar)
{
    enum task_target target = head->task->target;
    json_t *j =
        json_pack("{s:s, s:o, s:o, s:o, s:s, s:o}", "event", "prediction", "time", json_of_time(bar->time_us),
                  "known_at", json_of_time(bar->close_us), "asset", json_of_text(head->task->asset[head->asset].name),
                  "state", predict_state_name(bar->state), "prediction", json_of_text(predict_word(head, bar->value)));
    if (target == TASK_CLASS) {
        json_t *share = json_object();
        for (int k = 0; k < head->outputs; k++)
            json_object_set_new(share, head->class_name[k], float_json(bar->value[k]));
        json_object_set_new(j, "probabilities", share);
    } else {
        json_object_set_new(j, target == TASK_DIRECTION ? "probability_up" : "expected_return",
                            float_json(bar->value[0]));
    }
    json_object_set_new(j, "outcome",
                        isnan(bar->outcome)     ? json_null()
                        : target == TASK_RETURN ? float_json(bar->outcome)
                                                : json_of_text(outcome_word(head, bar->outcome)));
    json_object_set_new(j, "price", json_of_number(bar->price));
    return j;
}
