/* The Search screen on a real workspace: what it shows, and what its keys do. */
#include "tests/unit/screen_fixture.h"

#include "search/acquire.h"
#include "store/marks.h"
#include "ui/screen/search_state.h"

extern const struct screen screen_search;

/* Five architectures in two families and seven trials: one repeated, one running, one failed. The best is trial 2; 3 has
 * fewer parameters. */
static void fill(struct world *d)
{
    world_task(d);
    struct hash mlp = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    struct hash wide = world_arch(d, "mlp", 32, 1, "", &mlp, "widen node=d1 by=16");
    struct hash deep = world_arch(d, "mlp", 16, 2, "", &mlp, "deepen node=d1");
    struct hash wider = world_arch(d, "mlp", 48, 1, "", &wide, "widen node=d1 by=16");
    struct hash tiny = world_arch(d, "mlp", 4, 1, "tiny", NULL, NULL);
    int64_t search;
    struct error err = {0};
    assert_true(runs_search_new(d->w, d->task.hash, "{\"trials\":12}", &search, &err));
    int64_t first = world_trial(d, mlp, search, 0, "", "done", 0.52);
    int64_t second = world_trial(d, wide, search, first, "widen node=d1 by=16", "done", 0.60);
    world_trial(d, tiny, search, 0, "", "done", 0.51);
    world_trial(d, deep, search, first, "deepen node=d1", "failed", (double)NAN);
    world_trial(d, wider, search, second, "widen node=d1 by=16", "running", (double)NAN);
    world_trial(d, mlp, 0, 0, "", "done", 0.52);
    assert_true(runs_search_end(d->w, search, "stopped", 9, &err));
}

static const char suggestions[] =
    "{\"suggestions\":[{\"arch\":\"%s\",\"morphism\":\"widen node=d1 by=64\",\"trial\":2,\"why\":\"EI 0.0123\",\"parameters\":4321,"
    "\"macs\":4000,\"text\":\"net\",\"mean\":0.61,\"sd\":0.02,\"ei\":%.17g,\"best\":0.6,\"z\":0.5,\"near\":[{\"trial\":2,\"k\":0.9,\"alpha\":0.5}],\"near_sum\":0.65,\"near_of\":3,\"explain\":[\"dense relu u6 +0.012\"]},"
    "{\"arch\":\"%s\",\"morphism\":\"deepen node=d1\",\"trial\":1,\"why\":\"w\",\"parameters\":99,\"macs\":9,\"mean\":0.55,\"sd\":0.01,"
    "\"ei\":1e-9,\"best\":0.6,\"z\":-5,\"parts\":[{\"mean\":0.56,\"sd\":0.03,\"z\":-1.25,\"ei\":1.6e-9},"
    "{\"mean\":0.54,\"sd\":0.02,\"z\":-3.0,\"ei\":4e-10}],\"explain\":[]}],\"observations\":3,\"surrogate\":{\"observations\":3,\"depth\":2,"
    "\"wl_share\":0.75,\"length\":1.5,\"variance\":0.9,\"noise\":0.01,\"jitter\":0.0}}\n";

/* Two architectures of the workspace stand for candidates. */
static void prepare_suggestions(struct world *d, char first[HASH_HEX])
{
    char second[HASH_HEX], *text;
    struct hash a = world_arch(d, "mlp", 80, 1, "", NULL, NULL), b = world_arch(d, "mlp", 96, 1, "", NULL, NULL);
    hash_hex(a, first);
    hash_hex(b, second);
    text = memory_format(suggestions, first, acquire_ei(0.61, 0.02, 0.6), second);
    world_write(d, "suggest.jsonl", text, 0644);
    free(text);
}

static void an_empty_workspace_says_what_to_do(void **state)
{
    struct world *d = *state;
    world_open(d, "search", false);
    assert_true(world_shows(d, 80, 24, "There is no prediction task yet"));
    world_press(d, "r");
    assert_true(world_shows(d, 120, 36, "set one on the Data screen (1)"));
    world_task(d);
    world_press(d, "v v v v v v");
    assert_true(world_shows(d, 80, 24, "Press r to search"));
    assert_true(world_shows(d, 60, 20, "Press r to search"));
    world_press(d, "s");
    assert_true(world_shows(d, 120, 36, "nothing was scored yet"));
}

static int row_of(const char *frame, const char *part)
{
    int row = 0;
    const char *found = strstr(frame, part);
    assert_non_null(found);
    for (const char *c = frame; c < found; c++)
        row += *c == '\n';
    return row;
}

static void the_board_is_sorted_and_has_a_recipe_once(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_true(row_of(text, "60.00 %") == 2 && strstr(text, "[56.0, 64.0]") != NULL); /* best, in the head */
    assert_non_null(strstr(text, "[Trials 5]"));
    assert_null(strstr(text, "6     52.00 %"));
    char *rows = strstr(text, "  95 %  ");
    assert_non_null(rows);
    assert_true(row_of(rows, "60.00 %") < row_of(rows, "52.00 %") && row_of(rows, "52.00 %") < row_of(rows, "51.00 %"));
    assert_true(row_of(rows, "51.00 %") < row_of(rows, "cut off") && row_of(rows, "cut off") < row_of(rows, "failed"));
    assert_non_null(strstr(text, "●"));
    assert_non_null(strstr(text, "interrupted after 4 of 12 trials; R resumes"));
    free(text);
}

static void a_trial_runs_only_while_its_search_does(void **state)
{
    struct world *d = *state;
    struct error err = {0};
    fill(d);
    assert_true(runs_search_end(d->w, 1, "running", (double)NAN, &err));
    world_open(d, "search", false);
    assert_true(world_shows(d, 120, 36, "     running "));
    assert_true(runs_search_end(d->w, 1, "stopped", 5, &err));
    world_open(d, "search", false);
    assert_true(world_shows(d, 120, 36, "cut off"));
    struct hash by_hand = world_arch(d, "mlp", 12, 1, "", NULL, NULL);
    world_trial(d, by_hand, 0, 0, "", "running", (double)NAN); /* no search stands behind it */
    world_open(d, "search", false);
    assert_true(world_shows(d, 120, 36, "     running "));
}

static void views_follow_one_another(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "v");
    assert_true(world_shows(d, 80, 24, "[Suggestions 0]"));
    assert_true(world_shows(d, 80, 24, "Press s"));
    world_press(d, "v");
    char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_non_null(strstr(text, "[Family 5]"));
    /* The better child of mlp comes first, with its own child below it. */
    assert_true(row_of(text, "mlp ") < row_of(text, "├╴"));
    assert_true(row_of(text, "├╴") + 1 == row_of(text, "│ └╴"));
    assert_true(row_of(text, "│ └╴") < row_of(text, "deepen node=d1"));
    free(text);
    world_press(d, "v");
    text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_non_null(strstr(text, "[Pareto 3]"));
    assert_non_null(strstr(text, "over parameters (log)"));
    free(text);
    world_press(d, "Right");
    assert_true(world_shows(d, 80, 24, "[Races 1]"));
    world_press(d, "v");
    assert_true(world_shows(d, 80, 24, "[Chain 0]"));
    assert_true(world_shows(d, 80, 24, "Press c on a trial"));
    world_press(d, "Right");
    assert_true(world_shows(d, 80, 24, "[Trials 5]"));
    world_press(d, "h");
    assert_true(world_shows(d, 80, 24, "[Chain 0]"));
    world_press(d, "V V");
    assert_true(world_shows(d, 80, 24, "[Pareto 3]"));
    world_open(d, "search", false); /* the next program shows the same view */
    assert_true(world_shows(d, 80, 24, "[Pareto 3]"));
}

static void the_front_holds_what_nothing_beats(void **state)
{
    struct world *d = *state;
    fill(d);
    struct hash huge = world_arch(d, "mlp", 256, 2, "huge", NULL, NULL);
    world_trial(d, huge, 0, 0, "", "done", 0.59);
    world_open(d, "search", false);
    struct search_screen *s = screen_search.open(d->app);
    screen_search.reload(s, d->app);
    assert_int_equal(s->scored, 4);
    for (int i = 1; i < s->scored; i++)
        assert_true(search_parameters(s, &s->trial[s->by_cost[i - 1]]) <= search_parameters(s, &s->trial[s->by_cost[i]]));
    assert_true(s->front[0] && s->front[1] && s->front[2]); /* tiny 51 %, mlp 52 %, wide 60 % */
    assert_false(s->front[3]);                              /* huge: larger and worse than wide */
    s->view = SEARCH_PARETO;
    s->table[SEARCH_PARETO].cursor = 3;
    char *text = screen_search.explain(s, d->app);
    assert_non_null(strstr(text, "is not: trial 2 has"));
    free(text);
    screen_search.close(s);
}

static void enter_selects_and_p_pins(void **state)
{
    struct world *d = *state;
    char key[HASH_HEX] = "", expected[HASH_HEX];
    struct trial_row t;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "j Enter"); /* second: trial 1 */
    assert_true(runs_trial_get(d->w, 1, &t, NULL));
    hash_hex(t.arch, expected);
    runs_trial_free(&t);
    assert_true(action_selected(d->w, key, sizeof key));
    assert_string_equal(key, expected);
    assert_true(world_shows(d, 120, 36, "is at hand"));
    world_press(d, "p");
    assert_true(runs_trial_get(d->w, 1, &t, NULL));
    assert_true(t.pinned);
    runs_trial_free(&t);
    assert_true(world_shows(d, 120, 36, "1*◆"));
    world_press(d, "p");
    assert_true(runs_trial_get(d->w, 1, &t, NULL));
    assert_false(t.pinned);
    runs_trial_free(&t);
}

static char *arguments_of(struct world *d)
{
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    world_write(d, "arguments", "", 0644);
    return arguments;
}

static void the_form_takes_everything_that_a_search_takes(void **state)
{
    struct world *d = *state;
    fill(d);
    world_write(d, "search.jsonl",
                "{\"event\":\"trial\",\"state\":\"running\",\"trial\":5,\"arch\":\"a\",\"why\":\"w\",\"progress\":0.25,"
                "\"eta_seconds\":90,\"text\":\"trial 3 of 7\",\"search\":1}\n"
                "{\"done\":true,\"trials\":7,\"evidence\":{\"skill\":false,\"p\":1,\"trials\":7,\"sentence\":\"No evidence of skill: none.\"},"
                "\"search\":1}\n", 0644);
    world_open(d, "search", false);
    world_press(d, "r");
    assert_true(world_shows(d, 80, 24, "Strategy bayes"));
    world_press(d, "Enter x Enter");
    assert_true(world_shows(d, 120, 36, "\"x\" is no whole number from 1 to 1000000"));
    world_press(d, "Enter C-u 7 Enter");
    assert_true(world_shows(d, 120, 36, "= search --trials 7"));
    world_press(d, "/ e v o l u t i o n Enter"); /* nothing here: the form has no rows to be found by */
    world_press(d, "Esc r");
    world_press(d, "j j Enter 2 Enter j j Space"); /* workers; evolution too */
    assert_true(world_shows(d, 120, 36, "--strategy bayes,evolution"));
    world_press(d, "k Space j Space"); /* not bayes; and not evolution: one must stay */
    assert_true(world_shows(d, 120, 36, "One of them must be taken"));
    world_press(d, "k Space r");
    char *arguments = arguments_of(d);
    assert_non_null(strstr(arguments, "search --strategy bayes,evolution --trials 7 --workers 2 -w "));
    assert_non_null(strstr(arguments, "--job"));
    free(arguments);
    world_open(d, "search", false); /* what was chosen is chosen in the next program too */
    world_press(d, "r");
    assert_true(world_shows(d, 120, 36, "--strategy bayes,evolution --trials 7 --workers 2"));
    world_press(d, "D r");
    arguments = arguments_of(d);
    assert_non_null(strstr(arguments, "search -w "));
    free(arguments);
}

static void what_is_one_of_a_few_is_turned_over(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "r j j j j j j j j j j j j j j j j");
    assert_true(world_shows(d, 120, 40, "\xe2\x96\xb8 Bayes maximises           ei"));
    world_press(d, "Space");
    assert_true(world_shows(d, 120, 40, "= search --acquire ucb"));
    world_press(d, "Enter");
    assert_true(world_shows(d, 120, 40, "= search --acquire thompson"));
    world_press(d, "j Space"); /* the fidelity */
    assert_true(world_shows(d, 120, 40, "= search --fidelity halving --acquire thompson"));
    world_press(d, "Space k Space");
    assert_true(world_shows(d, 120, 40, "= search --acquire ei-per-cost"));
    world_press(d, "Space");
    char *text = world_frame(d, 120, 40, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "--acquire"));
    assert_null(strstr(text, "--fidelity"));
    free(text);
    workspace_setting_set(d->w, "search.options", "acquire=hope fidelity=some trials=9");
    world_open(d, "search", false);
    world_press(d, "r");
    text = world_frame(d, 120, 40, SYMBOLS_BRAILLE);
    assert_non_null(strstr(text, "= search --trials 9"));
    assert_null(strstr(text, "hope"));
    free(text);
}

static void a_clock_and_the_same_everywhere_exclude_each_other(void **state)
{
    struct world *d = *state;
    fill(d);
    workspace_setting_set(d->w, "search.options", "time=10m deterministic=yes nonsense=1 trials=0 strategy=luck");
    world_open(d, "search", false);
    world_press(d, "r");
    assert_true(world_shows(d, 120, 36, "exclude each other"));
    world_press(d, "r");
    assert_int_equal(world_running(d), 0);
    world_press(d, "j d r"); /* no time */
    char *arguments = arguments_of(d);
    assert_non_null(strstr(arguments, "search --deterministic -w ")); /* what was damaged is by itself */
    free(arguments);
}

static void a_running_search_is_watched_paused_and_cancelled(void **state)
{
    struct world *d = *state;
    fill(d);
    world_write(d, "hold", "", 0644);
    world_write(d, "begin.jsonl",
                "{\"event\":\"epoch\",\"kind\":\"trial\",\"run\":5,\"fold\":0,\"epoch\":2,\"trial_progress\":0.37,\"progress\":0.25,"
                "\"eta_seconds\":90,\"text\":\"trial 3 of 7\",\"search\":1}\n", 0644);
    world_open(d, "search", false);
    world_press(d, "P");
    assert_true(world_shows(d, 120, 36, "no search of this program is running"));
    world_press(d, "r r");
    world_await(d, "trial 3 of 7");
    assert_true(world_shows(d, 120, 36, "1 min 30 s left"));
    assert_true(world_shows(d, 200, 60, "run 37 %"));
    world_press(d, "r");
    assert_true(world_shows(d, 120, 36, "a search runs already"));
    world_press(d, "P");
    assert_true(world_shows(d, 120, 36, "pausing"));
    world_press(d, "P");
    char *orders = world_read(d, "orders");
    for (int i = 0; i < 3000 && strstr(orders, "resume") == NULL; i++) {
        poll(NULL, 0, 10);
        free(orders);
        orders = world_read(d, "orders");
    }
    world_press(d, "x");
    world_settle(d);
    assert_string_equal(orders, "pause\nresume\n");
    free(orders);
    assert_true(world_shows(d, 120, 36, "interrupted after"));
    world_press(d, "x");
    assert_true(world_shows(d, 120, 36, "neither a search nor a scoring"));
}

static void capital_r_resumes(void **state)
{
    struct world *d = *state;
    struct error err = {0};
    fill(d);
    world_open(d, "search", false);
    world_press(d, "R");
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "search --resume -w "));
    free(arguments);
    world_write(d, "arguments", "", 0644);
    /* One that says it runs may be another program's: asked first, and the first answer is no. */
    assert_true(runs_search_end(d->w, 1, "running", (double)NAN, &err));
    world_open(d, "search", false);
    world_press(d, "R");
    assert_true(world_shows(d, 80, 24, "may be running elsewhere"));
    world_press(d, "Enter");
    world_settle(d);
    arguments = world_read(d, "arguments");
    assert_string_equal(arguments, "");
    free(arguments);
    world_press(d, "R Down Enter");
    world_settle(d);
    arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "search --resume"));
    free(arguments);
    assert_true(runs_search_end(d->w, 1, "done", 5, &err));
    world_open(d, "search", false);
    world_press(d, "R");
    assert_true(world_shows(d, 120, 36, "no search was interrupted"));
}

static void suggestions_are_shown_kept_scored_and_dismissed(void **state)
{
    struct world *d = *state;
    char first[HASH_HEX], key[HASH_HEX] = "", expected[64];
    fill(d);
    prepare_suggestions(d, first);
    world_open(d, "search", false);
    world_press(d, "s");
    world_settle(d);
    char *arguments = world_read(d, "arguments");
    assert_non_null(strstr(arguments, "suggest -n 8 "));
    free(arguments);
    assert_true(world_shows(d, 120, 36, "[Suggestions 2]"));
    assert_true(world_shows(d, 80, 24, "61.00 ± 2.00 %"));
    assert_true(world_shows(d, 120, 36, "fitted to 3 scored trials")); /* a recipe that stands there twice is one */
    char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "more since"));
    free(text);
    world_trial(d, world_arch(d, "mlp", 24, 1, "", NULL, NULL), 0, 0, "", "done", 0.5);
    world_open(d, "search", false);
    assert_true(world_shows(d, 120, 36, "fitted to 3 scored trials; 1 more since"));
    world_press(d, "a");
    world_settle(d);
    arguments = world_read(d, "arguments");
    snprintf(expected, sizeof expected, "score %.16s --grow ", first);
    assert_non_null(strstr(arguments, expected));
    free(arguments);
    assert_true(action_selected(d->w, key, sizeof key));
    assert_string_equal(key, first);
    world_press(d, "d");
    assert_true(world_shows(d, 120, 36, "[Suggestions 1]"));
    world_open(d, "search", false); /* the next program finds them again, in the view that was left */
    assert_true(world_shows(d, 120, 36, "[Suggestions 1]"));
    assert_true(world_shows(d, 120, 36, "deepen node=d1"));
    struct hash skipped;
    assert_true(hash_from_hex(first, &skipped));
    assert_true(marks_has(d->w, skipped, MARKS_SKIP));
    world_press(d, "u");
    assert_false(marks_has(d->w, skipped, MARKS_SKIP));
    assert_true(world_shows(d, 120, 36, "may be suggested again"));
    world_press(d, "u");
    assert_true(world_shows(d, 120, 36, "nothing is skipped"));
    world_press(d, "d d");
    assert_true(world_shows(d, 120, 36, "there is no suggestion"));
}

static void explanations_have_todays_numbers(void **state)
{
    struct world *d = *state;
    char first[HASH_HEX], expected[64];
    fill(d);
    prepare_suggestions(d, first);
    world_open(d, "search", false);
    world_press(d, "s");
    world_settle(d);
    world_press(d, "e");
    snprintf(expected, sizeof expected, "%.3e", acquire_ei(0.61, 0.02, 0.6));
    assert_true(world_shows(d, 120, 60, expected));
    assert_true(world_shows(d, 120, 60, "(0.610000 - 0.600000) / 0.020000 = 0.5000"));
    assert_true(world_shows(d, 120, 60, "Phi(z)                 = 0.691462"));
    assert_true(world_shows(d, 120, 60, "phi(z)                 = 0.352065"));
    assert_true(world_shows(d, 120, 60, "k = 0.9000  alpha = +0.5000  adds +0.4500   (scored 0.6000)"));
    assert_true(world_shows(d, 120, 60, "add +0.2000"));
    assert_true(world_shows(d, 120, 60, "WL depth 2, length scale 1.500"));
    assert_true(world_shows(d, 120, 60, "dense relu u6 +1.2 points"));
    world_press(d, "Esc Down e"); /* two settings: their EIs and the mean, which the list has */
    assert_true(world_shows(d, 120, 60, "2: m = 0.540000  s = 0.020000  z = -3.0000  EI = 4.000e-10"));
    assert_true(world_shows(d, 120, 60, "= 1.000e-09, which is 1.0e-07 points of the score"));
    world_press(d, "Esc");
    assert_true(world_shows(d, 120, 60, "1.0e-07 "));
    world_press(d, "V e"); /* trials: the best */
    assert_true(world_shows(d, 120, 60, "120 of 200 out-of-fold bars right = 0.6000"));
    assert_true(world_shows(d, 120, 60, "[0.5600, 0.6400]: a stationary block bootstrap"));
    assert_true(world_shows(d, 120, 60, "in blocks of 6 bars")); /* 6^3 >= 200 > 5^3 */
    assert_true(world_shows(d, 120, 60, "came out +2.0"));
}

static void the_evidence_of_a_finished_search_stands_in_the_head(void **state)
{
    struct world *d = *state;
    struct error err = {0};
    fill(d);
    workspace_setting_set(d->w, "search.evidence", "1 No evidence of skill: 60.0 % right, p = 0.4.");
    world_open(d, "search", false);
    char *text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "No evidence of skill")); /* it has not ended */
    free(text);
    assert_true(runs_search_end(d->w, 1, "done", 5, &err));
    world_open(d, "search", false);
    assert_true(world_shows(d, 120, 36, "No evidence of skill: 60.0 % right, p = 0.4."));
    text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "best, trial")); /* it is the best of all as well */
    free(text);
    world_trial(d, world_arch(d, "mlp", 20, 1, "", NULL, NULL), 0, 0, "", "done", 0.61);
    world_open(d, "search", false);
    assert_true(world_shows(d, 120, 36, "Search 1's best, trial 2: No evidence of skill: 60.0 %"));
    workspace_setting_set(d->w, "search.evidence", "2 Evidence of another search.");
    world_open(d, "search", false);
    text = world_frame(d, 120, 36, SYMBOLS_BRAILLE);
    assert_null(strstr(text, "another search"));
    free(text);
}

static void the_cursor_stays_on_its_trial(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    struct search_screen *s = screen_search.open(d->app);
    screen_search.reload(s, d->app);
    s->table[SEARCH_TRIALS].cursor = 1; /* trial 1, 52 % */
    world_trial(d, world_arch(d, "mlp", 64, 1, "", NULL, NULL), 0, 0, "", "done", 0.7);
    screen_search.reload(s, d->app);
    assert_int_equal(s->table[SEARCH_TRIALS].cursor, 2);
    assert_int_equal(s->trial[s->board[2]].id, 1);
    screen_search.close(s);
}

static void read_only_writes_nothing(void **state)
{
    struct world *d = *state;
    char key[HASH_HEX] = "";
    fill(d);
    world_open(d, "search", true);
    static const char *const keys[] = {"R", "s", "Enter", "p", "i", "r r"};
    for (size_t i = 0; i < ARRAY_N(keys); i++) {
        world_press(d, keys[i]);
        assert_true(world_shows(d, 120, 36, "is refused: the program was started with --read-only"));
    }
    assert_false(action_selected(d->w, key, sizeof key));
    assert_int_equal(world_running(d), 0);
}

static void slash_finds_a_trial(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "/ t i n y Enter");
    assert_true(world_shows(d, 80, 24, "▸     3       3"));
}

/* Three strategies behind two starting points: bayes found 62 %, evolution 58 %, random the same; one of random's was
 * stopped early with a score that would lead. */
static void fill_race(struct world *d)
{
    world_task(d);
    struct error err = {0};
    int64_t search;
    struct hash root = world_arch(d, "mlp", 16, 1, "mlp", NULL, NULL);
    assert_true(runs_search_new(d->w, d->task.hash, "{\"trials\":12}", &search, &err));
    d->next.latency_us = 30;
    int64_t first = world_trial(d, root, search, 0, "", "done", 0.52);
    static const struct {
        const char *strategy;
        double score, fidelity;
    } trials[] = {{"bayes", 0.55, 1}, {"evolution", 0.58, 1}, {"random", 0.54, 1}, {"bayes", 0.62, 1}, {"random", 0.70, 0.4},
                  {"evolution", 0.57, 1}, {"random", 0.58, 1}};
    for (int i = 0; i < (int)ARRAY_N(trials); i++) {
        struct hash arch = world_arch(d, "mlp", 20 + 4 * i, 1, "", &root, "widen node=d1 by=4");
        text_copy(d->next.strategy, sizeof d->next.strategy, trials[i].strategy);
        d->next.fidelity = trials[i].fidelity;
        d->next.latency_us = 40 - i;
        world_trial(d, arch, search, first, "widen node=d1 by=4", "done", trials[i].score);
    }
    assert_true(runs_search_end(d->w, search, "done", 9, &err));
}

static void what_was_stopped_early_is_never_the_best(void **state)
{
    struct world *d = *state;
    fill_race(d);
    world_open(d, "search", false);
    char *text = world_frame(d, 132, 43, SYMBOLS_BRAILLE);
    assert_non_null(strstr(text, "Best 62.00 %"));
    assert_non_null(strstr(text, "7 in full, 1 stopped early"));
    char *rows = strstr(text, "  95 %  ");
    assert_non_null(rows);
    assert_true(row_of(rows, "52.00 %") < row_of(rows, "~70.00 %")); /* behind the worst that was scored in full */
    free(text);
    assert_true(world_shows(d, 200, 60, "40 % run"));
    world_press(d, "G");
    assert_true(world_shows(d, 132, 43, "70.00 % [66.0, 74.0] after 40 % of the cross-validation"));
}

static void the_board_is_sorted_and_filtered(void **state)
{
    struct world *d = *state;
    fill_race(d);
    world_open(d, "search", false);
    world_press(d, "o j j Enter"); /* newest */
    assert_true(world_shows(d, 132, 43, "by newest"));
    char *text = world_frame(d, 132, 43, SYMBOLS_BRAILLE), *rows = strstr(text, "  95 %  ");
    assert_true(row_of(rows, "58.00 %") < row_of(rows, "62.00 %"));
    free(text);
    world_press(d, "f");
    assert_true(world_shows(d, 132, 43, "evolution"));
    struct search_screen *s = screen_search.open(d->app);
    screen_search.reload(s, d->app);
    text_copy(s->filter, sizeof s->filter, "random");
    s->sort = SORT_LATENCY;
    search_build_board(s);
    assert_int_equal(s->boards, 3);
    assert_string_equal(s->trial[s->board[0]].strategy, "random");
    assert_true(s->trial[s->board[0]].latency_us < s->trial[s->board[1]].latency_us);
    assert_true(s->trial[s->board[2]].fidelity < 1);
    text_copy(s->filter, sizeof s->filter, "grid"); /* of another workspace: leaves nothing, so it is none */
    search_build_board(s);
    assert_int_equal(s->boards, 8);
    s->cost = COST_LATENCY;
    search_build_front(s);
    assert_int_equal(s->costed, 7);
    assert_true(search_cost_of(s, &s->trial[s->by_cost[0]], COST_LATENCY) <
                search_cost_of(s, &s->trial[s->by_cost[6]], COST_LATENCY));
    for (int i = 0; i < 7; i++) { /* 52 % at 30 us, 58 % at 34, 62 % at 37: nothing is faster and better */
        double us = s->trial[s->by_cost[i]].latency_us;
        assert_int_equal(s->front[i], us == 30 || us == 34 || us == 37);
    }
    screen_search.close(s);
}

static void a_race_has_exact_values_under_the_cursor(void **state)
{
    struct world *d = *state;
    fill_race(d);
    world_open(d, "search", false);
    world_press(d, "V V");
    assert_true(world_shows(d, 132, 43, "[Races 3]"));
    assert_true(world_shows(d, 132, 43, "Best so far, % over trials: bayes leads by 4.00"));
    char *text = world_frame(d, 132, 43, SYMBOLS_BRAILLE);
    assert_non_null(strstr(text, "bayes 62.00"));
    assert_non_null(strstr(text, "leads"));
    assert_non_null(strstr(text, "random 58.00")); /* not the 70 % of what was stopped */
    free(text);
    world_press(d, "Left Left Left"); /* after two trials of each: the starting point and one */
    assert_true(world_shows(d, 132, 43, "at 2: evolution leads by 3.00"));
    assert_true(world_shows(d, 132, 43, "bayes 55.00"));
    world_press(d, "Left");
    assert_true(world_shows(d, 132, 43, "bayes 52.00"));
    assert_true(world_shows(d, 132, 43, "level"));
    world_press(d, "o");
    assert_true(world_shows(d, 132, 43, "over seconds of training: bayes leads"));
    world_press(d, "e");
    assert_true(world_shows(d, 132, 43, "It leads."));
    world_press(d, "Esc j Enter");
    assert_true(world_shows(d, 132, 43, "is at hand"));
}

static void the_chain_behind_a_trial_has_the_posterior(void **state)
{
    struct world *d = *state;
    fill(d);
    world_write(d, "suggest.jsonl",
                "{\"trial\":2,\"observations\":3,\"rows\":[{\"trial\":1,\"mean\":0.53,\"sd\":0.01},{\"trial\":2,\"mean\":0.59,"
                "\"sd\":0.015},{\"trial\":0,\"arch\":\"00\",\"morphism\":\"insert node=d1\",\"mean\":0.61,\"sd\":0.02}]}\n",
                0644);
    world_open(d, "search", false);
    world_press(d, "c"); /* trial 2, grown from trial 1 */
    assert_true(world_shows(d, 132, 43, "how trial 2 came about"));
    char *arguments = arguments_of(d);
    assert_non_null(strstr(arguments, "suggest --chain 2 "));
    free(arguments);
    assert_true(world_shows(d, 132, 43, "posterior from 3 scored trials"));
    char *text = world_frame(d, 132, 43, SYMBOLS_BRAILLE);
    assert_non_null(strstr(text, "53.00 ± 1.00 %"));
    assert_non_null(strstr(text, "59.00 ± 1.50 %"));
    assert_non_null(strstr(text, "next?"));
    assert_non_null(strstr(text, "61.00 ± 2.00 %"));
    free(text);
    world_press(d, "e");
    assert_true(world_shows(d, 132, 60, "It was scored 0.600000: +0.67 sd from that."));
    world_press(d, "Esc");
    world_trial(d, world_arch(d, "mlp", 64, 1, "", NULL, NULL), 0, 0, "", "done", 0.4); /* loads everything again */
    world_press(d, "v V");
    assert_true(world_shows(d, 132, 43, "59.00 ± 1.50 %"));
}

static void a_pinned_suggestion_stays_on_top(void **state)
{
    struct world *d = *state;
    char first[HASH_HEX];
    fill(d);
    prepare_suggestions(d, first);
    world_open(d, "search", false);
    world_press(d, "s");
    world_settle(d);
    world_press(d, "j p");
    assert_true(world_shows(d, 132, 43, "▸   1*"));
    char *text = world_frame(d, 132, 43, SYMBOLS_BRAILLE), *rows = strstr(text, "Predicted");
    assert_non_null(rows);
    assert_true(row_of(rows, "55.00 ± 1.00 %") < row_of(rows, "61.00 ± 2.00 %"));
    free(text);
    struct hash *id;
    assert_int_equal(marks_list(d->w, MARKS_PIN, &id, NULL), 1);
    free(id);
    world_press(d, "p");
    assert_int_equal(marks_list(d->w, MARKS_PIN, &id, NULL), 0);
    free(id);
}

static void the_family_folds(void **state)
{
    struct world *d = *state;
    fill(d);
    world_open(d, "search", false);
    world_press(d, "v v Space");
    assert_true(world_shows(d, 120, 36, "[+3]"));
    assert_true(world_shows(d, 120, 36, "[Family 2]"));
    world_press(d, "Space");
    assert_true(world_shows(d, 120, 36, "[Family 5]"));
    world_press(d, "G Space");
    assert_true(world_shows(d, 120, 36, "nothing grew from this architecture"));
}

static void many_trials_are_read_while_the_screen_is_there(void **state)
{
    struct world *d = *state;
    fill_race(d);
    world_open(d, "log", false);
    struct search_screen *s = screen_search.open(d->app);
    s->at_once = 3;
    screen_search.reload(s, d->app);
    assert_true(s->reading);
    assert_int_equal(s->trials, 0);
    struct grid *g = grid_new(80, 24, SYMBOLS_BRAILLE);
    screen_search.draw(s, d->app, g, grid_box(g));
    char *text = grid_text(g);
    assert_non_null(strstr(text, "The trials are being read"));
    free(text);
    screen_search.reload(s, d->app); /* an event meanwhile begins no second reading */
    app_settle(d->app);
    assert_false(s->reading);
    assert_int_equal(s->trials, 8);
    assert_int_equal(s->boards, 8);
    assert_int_equal(s->done, 8);
    world_trial(d, world_arch(d, "mlp", 64, 1, "", NULL, NULL), 0, 0, "", "done", 0.9);
    screen_search.reload(s, d->app); /* one more is not many */
    assert_false(s->reading);
    assert_int_equal(s->trials, 9);
    assert_int_equal(s->best, 8);
    grid_free(g);
    screen_search.close(s);
}

static void a_sweep_of_sizes_stays_inside(void **state)
{
    struct world *d = *state;
    char first[HASH_HEX];
    fill_race(d);
    prepare_suggestions(d, first);
    world_open(d, "search", false);
    world_press(d, "s");
    world_settle(d);
    struct search_screen *s = screen_search.open(d->app);
    screen_search.reload(s, d->app);
    search_chain_show(s, 5);
    s->race_cursor = 1;
    for (int v = 0; v <= SEARCH_VIEWS; v++) {
        s->view = (enum search_view)(v % SEARCH_VIEWS);
        if (v == SEARCH_VIEWS)
            search_form_open(&s->form);
        for (int columns = 0; columns <= 220; columns += columns < 20 ? 1 : 13)
            for (int rows = 0; rows <= 66; rows += rows < 12 ? 1 : 9)
                world_stays_inside(d, &screen_search, s, columns, rows, (enum symbols)((columns + rows) % 3));
    }
    screen_search.close(s);
}

static void reviewed(struct world *d, const char *view)
{
    static const struct {
        int columns, rows;
    } size[] = {{60, 20}, {80, 24}, {132, 43}};
    for (size_t i = 0; i < ARRAY_N(size); i++) {
        char name[96];
        snprintf(name, sizeof name, "search_%s_%dx%d", view, size[i].columns, size[i].rows);
        world_golden(d, size[i].columns, size[i].rows, SYMBOLS_BRAILLE, name);
        snprintf(name, sizeof name, "search_%s_%dx%d_ascii", view, size[i].columns, size[i].rows);
        world_golden(d, size[i].columns, size[i].rows, SYMBOLS_ASCII, name);
    }
}

static void frames_are_as_reviewed(void **state)
{
    struct world *d = *state;
    char first[HASH_HEX];
    fill_race(d);
    prepare_suggestions(d, first);
    workspace_setting_set(d->w, "search.options", "workers=2");
    world_open(d, "search", false);
    world_press(d, "s");
    world_settle(d);
    world_press(d, "Esc V");
    reviewed(d, "trials");
    world_press(d, "v");
    reviewed(d, "suggestions");
    world_press(d, "v");
    reviewed(d, "family");
    world_press(d, "v o o");
    reviewed(d, "pareto");
    world_press(d, "v Left Left");
    reviewed(d, "races");
    world_write(d, "suggest.jsonl", "{\"trial\":5,\"observations\":7,\"rows\":[{\"trial\":1,\"mean\":0.53,\"sd\":0.01},"
                                    "{\"trial\":5,\"mean\":0.61,\"sd\":0.015}]}\n", 0644);
    world_press(d, "V V V V c"); /* the best */
    world_settle(d);
    world_press(d, "Esc");
    reviewed(d, "chain");
    world_press(d, "r");
    reviewed(d, "form");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_workspace_says_what_to_do),
        TEST(the_board_is_sorted_and_has_a_recipe_once),
        TEST(a_trial_runs_only_while_its_search_does),
        TEST(views_follow_one_another),
        TEST(the_front_holds_what_nothing_beats),
        TEST(enter_selects_and_p_pins),
        TEST(the_form_takes_everything_that_a_search_takes),
        TEST(what_is_one_of_a_few_is_turned_over),
        TEST(a_clock_and_the_same_everywhere_exclude_each_other),
        TEST(a_running_search_is_watched_paused_and_cancelled),
        TEST(capital_r_resumes),
        TEST(suggestions_are_shown_kept_scored_and_dismissed),
        TEST(explanations_have_todays_numbers),
        TEST(the_evidence_of_a_finished_search_stands_in_the_head),
        TEST(the_cursor_stays_on_its_trial),
        TEST(read_only_writes_nothing),
        TEST(slash_finds_a_trial),
        TEST(what_was_stopped_early_is_never_the_best),
        TEST(the_board_is_sorted_and_filtered),
        TEST(a_race_has_exact_values_under_the_cursor),
        TEST(the_chain_behind_a_trial_has_the_posterior),
        TEST(a_pinned_suggestion_stays_on_top),
        TEST(the_family_folds),
        TEST(many_trials_are_read_while_the_screen_is_there),
        TEST(a_sweep_of_sizes_stays_inside),
        TEST(frames_are_as_reviewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
