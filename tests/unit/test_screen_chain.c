/* The Chain screen: how it looks with a chain that was written down (tests/golden/chain_screen.json, members as the actions
 * give them), and what its keys do. */
#include "tests/unit/screen_fixture.h"

#include "ui/screen/chain_state.h"

extern const struct screen screen_chain;

static json_t *written(void)
{
    struct bytes b = {0};
    struct error err = {0};
    char path[FILE_PATH_MAX];
    snprintf(path, sizeof path, "%s/chain_screen.json", GOLDEN_FOLDER);
    assert_true(file_read(path, 1 << 20, &b, &err));
    json_t *j = json_loadb((const char *)b.data, b.n, 0, NULL);
    assert_non_null(j);
    bytes_free(&b);
    return j;
}

/* A screen of its own, with what was written down as if it had been read. */
static struct chain_screen *filled(struct world *d, json_t *j)
{
    struct chain_screen *s = screen_chain.open(d->app);
    struct chain_read r = {
        .status = json_incref(json_object_get(j, "status")),
        .identities = json_incref(json_object_get(j, "identities")),
        .receipts = json_incref(json_object_get(j, "receipts")),
        .blocks = json_incref(json_object_get(j, "blocks")),
        .blocks_from = json_integer_value(json_object_get(json_object_get(j, "status"), "height")),
        .shown = json_incref(json_object_get(j, "shown")),
    };
    chain_index_people(&r);
    chain_take(s, &r);
    s->begun = true;
    text_copy(s->opened, sizeof s->opened, json_string_value(json_object_get(s->read.shown, "proposal")));
    return s;
}

static struct chain_screen *chain_of(struct world *d)
{
    json_t *j = written();
    world_open(d, "chain", false);
    app_settle(d->app);
    struct chain_screen *s = filled(d, j);
    json_decref(j);
    return s;
}

static char *drawn(struct world *d, struct chain_screen *s, int columns, int rows, enum symbols symbols)
{
    struct grid *g = grid_new(columns, rows, symbols);
    screen_chain.draw(s, d->app, g, grid_box(g));
    char *text = grid_text(g);
    grid_free(g);
    return text;
}

static bool shows(struct world *d, struct chain_screen *s, int columns, int rows, const char *part)
{
    char *text = drawn(d, s, columns, rows, SYMBOLS_BRAILLE);
    bool found = strstr(text, part) != NULL;
    if (!found)
        fprintf(stderr, "not shown: %s\n%s", part, text);
    free(text);
    return found;
}

static void move(struct world *d, struct chain_screen *s, int key, int times)
{
    for (int i = 0; i < times; i++)
        screen_chain.input(s, d->app, &(struct input_event){.key = key});
}

static const char *const view_names[CHAIN_VIEWS] = {"queue",    "proposal", "tasks",   "identities", "blocks", "waiting",    "receipts",
                                                    "votes",    "disputes", "dispute", "market",     "jobs",   "tournament", "forks"};

/* The rows of the screen in the frame of the app: without its head and foot. */
static void every_view_is_as_it_was(void **state)
{
    static const int columns[] = {60, 80, 132}, rows[] = {20, 24, 43};
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    for (int v = 0; v <= CHAIN_RECEIPTS; v++)
        for (int i = 0; i < 6; i++) {
            char name[96];
            bool ascii = i >= 3;
            s->view = (enum chain_view)v;
            s->table[CHAIN_QUEUE].cursor = 2;
            snprintf(name, sizeof name, "chain_%s_%dx%d%s", view_names[v], columns[i % 3], rows[i % 3], ascii ? "_ascii" : "");
            char *text = drawn(d, s, columns[i % 3], rows[i % 3] - 3, ascii ? SYMBOLS_ASCII : SYMBOLS_BRAILLE);
            golden_text(text, name);
            free(text);
        }
    screen_chain.close(s);
}

/* At every size, with every view, and down to the end of the page. */
static void nothing_leaves_its_box(void **state)
{
    static const int columns[] = {1, 3, 20, 40, 59, 60, 80, 100, 112, 132, 150, 200, 300};
    static const int rows[] = {1, 2, 4, 5, 9, 17, 33, 60, 120};
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    for (int v = 0; v < CHAIN_VIEWS; v++)
        for (size_t k = 0; k < ARRAY_N(columns) * ARRAY_N(rows); k++) {
            s->view = (enum chain_view)v;
            s->page.cursor = k % 2 ? 1000 : 0;
            world_stays_inside(d, &screen_chain, s, columns[k % ARRAY_N(columns)], rows[k / ARRAY_N(columns)],
                               (enum symbols)(k % 3));
        }
    screen_chain.close(s);
}

static void a_proposal_is_shown_in_full(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->view = CHAIN_PROPOSAL;
    assert_true(shows(d, s, 100, 200, "59.60 % of the directions out of fold: 360 of 604"));
    assert_true(shows(d, s, 100, 200, "the task states a baseline of 512000 ppm")); /* what is amiss, before all else */
    assert_true(shows(d, s, 100, 200, "height 7, 2023-11-14 20:35"));              /* when it was claimed */
    assert_true(shows(d, s, 100, 200, "2 of 3 revealed, 1 with the same bits"));
    assert_true(shows(d, s, 100, 200, "! OTHER BITS"));
    assert_true(shows(d, s, 100, 200, "? committed, hidden yet"));
    assert_true(shows(d, s, 100, 200, "widen node=d1 by=8"));
    assert_true(shows(d, s, 100, 200, "was dense [8] act=relu")); /* against the parent */
    assert_true(shows(d, s, 100, 200, "- g1  layernorm [8]"));
    assert_true(shows(d, s, 100, 200, "Evidence for skill: p 0.0012 after 12 trials."));
    assert_true(shows(d, s, 100, 200, "your turn: verified"));
    screen_chain.close(s);
}

/* What is compared by eye is not torn apart. */
static void a_hash_has_one_row_at_80_columns(void **state)
{
    static const char *const name[] = {"proposal", "hidden_root", "trace_root", "arch", "shown"};
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->view = CHAIN_PROPOSAL;
    for (size_t i = 0; i < ARRAY_N(name); i++)
        assert_true(shows(d, s, 80, 200, json_string_value(json_object_get(s->read.shown, name[i]))));
    screen_chain.close(s);
}

/* 360 of 604 is 596026 ppm, 339 of 604 561258: 34768 over, of which 100000 would be full pay of 8170 tokens. */
static void a_reward_is_told_with_its_numbers(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->view = CHAIN_PROPOSAL;
    assert_true(shows(d, s, 100, 200, "2,840 tokens, accepted now and alone in its epoch: 3.4768 points over the best"));
    s->page.mark = CHAIN_MARK_REWARD;
    char *said = screen_chain.explain(s, d->app);
    assert_non_null(strstr(said, "8170 x min(34768, 100000) / 100000"));
    assert_non_null(strstr(said, "= 2840 tokens"));
    free(said);
    screen_chain.close(s);
}

static json_t *first_task(const struct chain_screen *s)
{
    return json_array_get(json_object_get(s->read.status, "tasks"), 0);
}

/* What was accepted may be below the baseline, which is to be beaten then all the same: 596026 - 512000 ppm. */
static void the_baseline_is_to_be_beaten_where_it_is_higher(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->view = CHAIN_PROPOSAL;
    assert_true(shows(d, s, 100, 200, "56.13 %, the best accepted; 3.4768 points above"));
    json_object_set_new(first_task(s), "best_correct", json_integer(300));
    assert_true(shows(d, s, 100, 200, "51.20 %, the baseline; 8.4026 points above"));
    assert_true(shows(d, s, 100, 200, "8.4026 points over the baseline"));
    json_object_set_new(first_task(s), "baseline_ppm", json_integer(600000));
    assert_true(shows(d, s, 100, 200, "60.00 %, the baseline; 0.3974 points below: pays nothing"));
    assert_true(shows(d, s, 100, 200, "would pay   0 tokens"));
    screen_chain.close(s);
}

static void whether_it_was_trained_here_stands_above(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->view = CHAIN_PROPOSAL;
    assert_true(shows(d, s, 80, 21, "re-run here no"));
    json_object_set_new(s->read.shown, "own_rerun", json_pack("{s:b}", "matches", 0));
    assert_true(shows(d, s, 80, 21, "re-run here OTHER BITS"));
    json_object_set_new(s->read.shown, "own_rerun", json_pack("{s:b}", "matches", 1));
    assert_true(shows(d, s, 80, 21, "re-run here the same bits"));
    json_object_set_new(s->read.shown, "sentence", json_string("No evidence of skill."));
    assert_true(shows(d, s, 80, 21, "its author  No evidence of skill."));
    screen_chain.close(s);
}

static const struct screen_key *key_called(const char *label)
{
    for (int i = 0; i < CHAIN_KEYS; i++)
        if (text_equal(chain_keys[i].label, label))
            return &chain_keys[i];
    fail_msg("no key is called %s", label);
    return NULL;
}

static const char *why_not(struct world *d, struct chain_screen *s, const char *label, const char *signer, char why[200])
{
    text_copy(s->signer, sizeof s->signer, signer);
    text_copy(why, 200, "");
    return key_called(label)->enabled(s, d->app, why, 200) ? "yes" : why;
}

/* Asked before the questions, not behind the passphrase. */
static void who_cannot_do_a_step_is_told_by_its_key(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    char why[200];
    s->view = CHAIN_PROPOSAL;
    assert_string_equal(why_not(d, s, "approve", "bob", why), "yes");
    assert_string_equal(why_not(d, s, "approve", "spare", why), "you are no reviewer of its task");
    assert_string_equal(why_not(d, s, "reject", "spare", why), "you are no reviewer of its task");
    assert_string_equal(why_not(d, s, "attest", "bob", why), "you have revealed what you found already");
    assert_string_equal(why_not(d, s, "attest", "spare", why), "yes");
    json_array_append_new(json_object_get(s->read.shown, "decisions"),
                          json_pack("{s:O, s:b}", "who", json_array_get(json_object_get(first_task(s), "reviewers"), 1), "approve", 1));
    assert_string_equal(why_not(d, s, "approve", "bob", why), "you have decided already");
    assert_string_equal(why_not(d, s, "approve", "main", why), "yes");
    screen_chain.close(s);
}

/* A reason is another's text: what it holds cannot reach the terminal or turn the line round. */
static void a_reason_cannot_hide_anything(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    json_t *all = json_object_get(s->read.status, "proposals");
    s->view = CHAIN_PROPOSAL;
    json_decref(s->read.shown);
    s->read.shown = json_incref(json_array_get(all, 1));
    assert_true(shows(d, s, 100, 200, "\\x1b[2J \\u{202e}back"));
    screen_chain.close(s);
}

static void the_page_scrolls_to_its_end_and_says_what_is_left(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->view = CHAIN_PROPOSAL;
    assert_true(shows(d, s, 80, 20, "more rows"));
    assert_int_equal(s->page.mark, CHAIN_MARK_CLAIM);
    move(d, s, 'G', 1);
    assert_true(shows(d, s, 80, 20, "batch 64"));
    assert_true(shows(d, s, 80, 20, "above"));
    assert_int_equal(s->page.mark, CHAIN_MARK_EVIDENCE);
    move(d, s, INPUT_UP, 3);
    move(d, s, 'g', 1);
    assert_true(shows(d, s, 80, 20, "Claim"));
    screen_chain.close(s);
}

static void explanations_hold_todays_numbers(void **state)
{
    static const char *const said[CHAIN_VIEWS] = {
        [CHAIN_QUEUE] = "360 / 604 = 59.6026 %",   [CHAIN_PROPOSAL] = "360 / 604 = 59.6026 %",
        [CHAIN_TASKS] = "8170 x min(earned, 100000) / 100000", [CHAIN_IDENTITIES] = "balances 900153 + stakes 185000",
        [CHAIN_BLOCKS] = "Block 12.",               [CHAIN_WAITING] = "waits for a block",
        [CHAIN_RECEIPTS] = "A chain holds",         [CHAIN_VOTES] = "more than two thirds of the power",
        [CHAIN_DISPUTES] = "blocks and",            [CHAIN_DISPUTE] = "blocks and",
        [CHAIN_MARKET] = "One offer is one sale",   [CHAIN_JOBS] = "puts up a deposit",
        [CHAIN_TOURNAMENT] = "bars that do not exist yet", [CHAIN_FORKS] = "never taken over",
    };
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    s->table[CHAIN_QUEUE].cursor = 2;
    s->page.mark = CHAIN_MARK_CLAIM;
    for (int v = 0; v < CHAIN_VIEWS; v++) {
        s->view = (enum chain_view)v;
        char *text = screen_chain.explain(s, d->app);
        if (!strstr(text, said[v]))
            fail_msg("view %d says: %s", v, text);
        free(text);
    }
    s->view = CHAIN_PROPOSAL;
    s->page.mark = CHAIN_MARK_LIFE;
    char *life = screen_chain.explain(s, d->app);
    assert_non_null(strstr(life, "commits 4 blocks and 600 s"));
    assert_non_null(strstr(life, "995 blocks"));
    free(life);
    screen_chain.close(s);
}

/* What the command line can say can be said in the form; what is not said is not in the command. */
static void a_form_is_the_commands_own_table(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    const struct command *c = NULL;
    for (int i = 0; command_table[i]; i++)
        if (text_equal(command_table[i]->name, "chain transfer"))
            c = command_table[i];
    chain_form_open(&s->form, d->app, c);
    assert_true(s->form.signs);
    assert_int_equal(s->form.rows, 2);
    assert_null(chain_form_arguments(&s->form));
    assert_string_equal(s->form.refusal, "To is missing: Enter gives it");
    chain_form_set(&s->form, "TO", "somebody");
    chain_form_set(&s->form, "AMOUNT", "7");
    const char *const *a = chain_form_arguments(&s->form);
    static const char *const expected[] = {"chain", "transfer", "somebody", "7"};
    for (size_t i = 0; i < ARRAY_N(expected); i++)
        assert_string_equal(a[i], expected[i]);
    assert_null(a[4]);
    assert_true(shows(d, s, 80, 24, "= chain transfer somebody 7"));
    screen_chain.close(s);
}

static void every_option_of_init_is_a_row(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    int options = 0;
    for (int i = 0; command_table[i]; i++)
        if (text_equal(command_table[i]->name, "chain init"))
            chain_form_open(&s->form, d->app, command_table[i]);
    for (int i = 0; s->form.command->option[i].name; i++)
        options += s->form.command->option[i].about && !text_equal(s->form.command->option[i].name, "key");
    assert_true(options > 3);
    assert_int_equal(s->form.rows, options + s->form.command->most);
    chain_form_set(&s->form, "supply", "5");
    const char *const *a = chain_form_arguments(&s->form);
    assert_string_equal(a[2], "--supply");
    assert_string_equal(a[3], "5");
    assert_null(a[4]);
    screen_chain.close(s);
}

static const struct command *command_called(const char *name)
{
    for (int i = 0; command_table[i]; i++)
        if (text_equal(command_table[i]->name, name))
            return command_table[i];
    fail_msg("no command is called %s", name);
    return NULL;
}

/* A recipe has a `head`, too: it hid this one's, and its settings went to a command that does not know them. */
static void a_remembered_head_can_be_given(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = chain_of(d);
    chain_form_open(&s->form, d->app, command_called("chain verify"));
    assert_int_equal(s->form.rows, 3);
    assert_false(s->form.recipe);
    chain_form_set(&s->form, "head", "3:ab");
    const char *const *a = chain_form_arguments(&s->form);
    assert_string_equal(a[2], "--head");
    assert_string_equal(a[3], "3:ab");
    assert_null(a[4]);
    chain_form_open(&s->form, d->app, command_called("chain task"));
    assert_true(s->form.recipe);
    screen_chain.close(s);
}

/* --- with the app ------------------------------------------------------------------------------------------------------ */

static void an_empty_workspace_says_what_to_do(void **state)
{
    struct world *d = *state;
    world_open(d, "chain", false);
    app_settle(d->app);
    assert_true(world_shows(d, 60, 20, "The next step is K."));
    assert_true(world_shows(d, 80, 24, "makes an identity"));
    world_press(d, "b");
    assert_true(world_shows(d, 120, 36, "press I to start one"));
    world_press(d, "I");
    assert_true(world_shows(d, 120, 36, "press K to make one"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_view_is_as_it_was, world_new, world_free),
        cmocka_unit_test_setup_teardown(nothing_leaves_its_box, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_proposal_is_shown_in_full, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_hash_has_one_row_at_80_columns, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_reward_is_told_with_its_numbers, world_new, world_free),
        cmocka_unit_test_setup_teardown(the_baseline_is_to_be_beaten_where_it_is_higher, world_new, world_free),
        cmocka_unit_test_setup_teardown(whether_it_was_trained_here_stands_above, world_new, world_free),
        cmocka_unit_test_setup_teardown(who_cannot_do_a_step_is_told_by_its_key, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_reason_cannot_hide_anything, world_new, world_free),
        cmocka_unit_test_setup_teardown(the_page_scrolls_to_its_end_and_says_what_is_left, world_new, world_free),
        cmocka_unit_test_setup_teardown(explanations_hold_todays_numbers, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_form_is_the_commands_own_table, world_new, world_free),
        cmocka_unit_test_setup_teardown(every_option_of_init_is_a_row, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_remembered_head_can_be_given, world_new, world_free),
        cmocka_unit_test_setup_teardown(an_empty_workspace_says_what_to_do, world_new, world_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
