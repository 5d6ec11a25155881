/* The Chain screen on a chain for many: how it looks with what was written down (tests/golden/chain_many.json, members as the
 * actions give them: four parties at the end of a dispute), what following tells, and what its keys do. */
#include "tests/unit/screen_fixture.h"

#include "cmd/command.h"
#include "ui/screen/chain_act.h"
#include "ui/screen/chain_follow.h"

extern const struct screen screen_chain;

static json_t *part(json_t *j, const char *name)
{
    json_t *one = json_object_get(j, name);
    assert_non_null(one);
    return json_incref(one);
}

static struct chain_screen *many_of(struct world *d)
{
    struct bytes b = {0};
    char path[FILE_PATH_MAX];
    snprintf(path, sizeof path, "%s/chain_many.json", GOLDEN_FOLDER);
    assert_true(file_read(path, 1 << 20, &b, NULL));
    json_t *j = json_loadb((const char *)b.data, b.n, 0, NULL);
    assert_non_null(j);
    bytes_free(&b);
    world_open(d, "chain", false);
    app_settle(d->app);
    struct chain_screen *s = screen_chain.open(d->app);
    struct chain_read r = {
        .status = part(j, "status"), .identities = part(j, "identities"), .votes = part(j, "votes"),
        .disputes = part(j, "disputes"), .market = part(j, "market"), .jobs = part(j, "jobs"),
        .tournament = part(j, "tournament"), .forks = part(j, "forks"),
    };
    json_decref(j);
    chain_index_people(&r);
    chain_take(s, &r);
    s->begun = true;
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

static bool shows(struct world *d, struct chain_screen *s, const char *wanted)
{
    char *text = drawn(d, s, 100, 60, SYMBOLS_BRAILLE);
    bool found = strstr(text, wanted) != NULL;
    if (!found)
        fprintf(stderr, "not shown: %s\n%s", wanted, text);
    free(text);
    return found;
}

static void open_dispute(struct chain_screen *s, int row)
{
    s->view = CHAIN_DISPUTES;
    s->table[CHAIN_DISPUTES].cursor = row;
    text_copy(s->disputed, sizeof s->disputed, json_string_value(json_object_get(chain_cursor(s), "challenge")));
    s->view = CHAIN_DISPUTE;
}

static const char *const names[] = {"votes", "disputes", "dispute", "market", "jobs", "tournament", "forks"};

static void every_view_is_as_it_was(void **state)
{
    static const int columns[] = {60, 80, 132}, rows[] = {20, 24, 43};
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    for (int v = CHAIN_VOTES; v <= CHAIN_FORKS; v++)
        for (int i = 0; i < 4; i++) {
            char name[96];
            bool ascii = i == 3;
            int at = ascii ? 1 : i;
            if (v == CHAIN_DISPUTE)
                open_dispute(s, 0);
            s->view = (enum chain_view)v;
            snprintf(name, sizeof name, "chain_%s_%dx%d%s", names[v - CHAIN_VOTES], columns[at], rows[at], ascii ? "_ascii" : "");
            char *text = drawn(d, s, columns[at], rows[at] - 3, ascii ? SYMBOLS_ASCII : SYMBOLS_BRAILLE);
            golden_text(text, name);
            free(text);
        }
    screen_chain.close(s);
}

static void nothing_leaves_its_box(void **state)
{
    static const int columns[] = {1, 3, 20, 40, 59, 60, 80, 100, 112, 132, 150, 200, 300};
    static const int rows[] = {1, 2, 4, 5, 9, 17, 33, 60, 120};
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    open_dispute(s, 1);
    for (int v = 0; v < CHAIN_VIEWS; v++)
        for (size_t k = 0; k < ARRAY_N(columns) * ARRAY_N(rows); k++) {
            s->view = (enum chain_view)v;
            s->page.cursor = k % 2 ? 1000 : 0;
            world_stays_inside(d, &screen_chain, s, columns[k % ARRAY_N(columns)], rows[k / ARRAY_N(columns)],
                               (enum symbols)(k % 3));
        }
    screen_chain.close(s);
}

/* 70,000 of 51,527 is enough, 30,000 is 21,527 short. */
static void the_votes_say_what_is_waited_for(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    s->view = CHAIN_VOTES;
    assert_true(shows(d, s, "Height 36"));
    assert_true(shows(d, s, "from: bob, cyn, dan")); /* names in the place of addresses */
    assert_true(shows(d, s, "70,000 of 51,527 enough"));
    assert_true(shows(d, s, "30,000 of 51,527, 21,527 more"));
    assert_true(shows(d, s, "for none"));
    screen_chain.close(s);
}

/* Who has no name here is told by the beginning of the address, as in the table; and it is little room that twenty need. */
static void many_validators_have_room(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    json_t *seats = json_object_get(s->read.votes, "validators");
    s->view = CHAIN_VOTES;
    json_object_set_new(s->read.votes, "stage",
                        json_string("not heard from: ms1221c1337cba50bca70df0f09b40500843305401bd47115e3, "
                                    "ms115280041a4dddc1307cb6fa602ba742af8afc8463565e4f8 and ms1 more"));
    while (json_array_size(seats) < 20)
        json_array_append(seats, json_array_get(seats, json_array_size(seats) % 4));
    assert_true(shows(d, s, "from: ms1221c1337cba, ms115280041a4d and ms1 more"));
    char *text = drawn(d, s, 80, 21, SYMBOLS_BRAILLE);
    int shown = 0;
    for (const char *at = text; (at = strstr(at, "0,000  ")) != NULL; at++)
        shown++;
    for (const char *at = text; (at = strstr(at, "7,290  ")) != NULL; at++)
        shown++;
    if (shown < 7)
        fail_msg("%d validators are shown\n%s", shown, text);
    assert_non_null(strstr(text, "pulls once, B makes one step."));
    free(text);
    screen_chain.close(s);
}

/* The claim's 3,920 (what was left of 4,000 when a checker had been paid): half to the challenger, the rest burnt. */
static void a_dispute_is_told_step_by_step(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    open_dispute(s, 0);
    assert_true(shows(d, s, "leaf 2 differs; those before are the same"));
    assert_true(shows(d, s, "1,960 to the challenger, 1,960 burnt; the deposit returns"));
    assert_true(shows(d, s, "height 35: upheld"));
    open_dispute(s, 1);
    assert_true(shows(d, s, "all leaves are the same; what was counted is not"));
    assert_true(shows(d, s, "not here: it comes with the others' objects"));
    assert_true(shows(d, s, "200 to the accused, 200 burnt, of the deposit"));
    screen_chain.close(s);
}

static const struct screen_key *key_of(const struct chain_screen *s, int key)
{
    for (int i = 0; i < CHAIN_KEYS; i++)
        if (chain_keys[i].key == key && chain_shows((void *)s, &chain_keys[i]))
            return &chain_keys[i];
    return NULL;
}

/* No key means two things in one view. */
static void each_view_has_its_own_keys(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    for (int v = 0; v < CHAIN_VIEWS; v++) {
        s->view = (enum chain_view)v;
        for (int i = 0; i < CHAIN_KEYS; i++)
            for (int k = i + 1; k < CHAIN_KEYS; k++)
                if (chain_keys[i].key == chain_keys[k].key && chain_shows(s, &chain_keys[i]))
                    assert_false(chain_shows(s, &chain_keys[k]));
    }
    s->view = CHAIN_VOTES;
    assert_string_equal(key_of(s, 'f')->label, "follow");
    s->view = CHAIN_MARKET;
    assert_string_equal(key_of(s, 'f')->label, "fetch");
    assert_null(key_of(s, 'b')); /* nobody seals alone */
    screen_chain.close(s);
}

static void every_key_has_its_command(void **state)
{
    static const char *const command[] = {"chain follow",    "chain pull",   "chain vote",   "chain register",        "chain retire",
                                          "chain challenge", "chain respond", "chain verdict", "chain list",            "chain buy",
                                          "chain deliver",   "chain refund", "chain fetch",  "chain job",             "chain take",
                                          "chain result",    "chain join",   "chain outcome", "chain seal-prediction", "chain reveal-prediction"};
    (void)state;
    for (size_t i = 0; i < ARRAY_N(command); i++)
        assert_non_null(chain_command(command[i]));
}

static void a_closed_chain_hides_what_it_has_not(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    int seen = 0;
    json_object_set_new(s->read.status, "many", json_false());
    s->view = CHAIN_QUEUE;
    do {
        assert_int_not_equal(s->view, CHAIN_VOTES);
        assert_int_not_equal(s->view, CHAIN_DISPUTES);
        chain_show_view(s, d->app, 1);
        seen++;
    } while (s->view != CHAIN_QUEUE);
    assert_int_equal(seen, 9); /* seven, the market and the tournament */
    screen_chain.close(s);
}

/* --- following -------------------------------------------------------------------------------------------------------- */

static void tell(struct world *d, struct chain_screen *s, struct job *job, const char *event)
{
    json_t *j = json_loads(event, 0, NULL);
    assert_non_null(j);
    assert_true(chain_follow_event(s, d->app, job, j));
    json_decref(j);
}

static void following_is_told(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    int place;
    struct job *job = (struct job *)(void *)&place, *other = NULL;
    s->view = CHAIN_VOTES;
    s->follow.job = job;
    json_t *stray = json_pack("{s:s}", "event", "block");
    assert_false(chain_follow_event(s, d->app, other, stray));
    json_decref(stray);
    tell(d, s, job, "{\"event\":\"pull\",\"parties\":[{\"name\":\"bob\",\"height\":41,\"taken\":7,\"refused\":2,"
                    "\"why\":\"a bad signature\"}],\"text\":\"height 41\"}");
    tell(d, s, job, "{\"event\":\"block\",\"height\":41,\"text\":\"block 41 is final\"}");
    tell(d, s, job, "{\"event\":\"vote\",\"text\":\"height 42, round 0: prevote for none\"}");
    tell(d, s, job, "{\"event\":\"vote\",\"text\":\"height 42, round 0: precommit for none\"}");
    assert_true(shows(d, s, "1 block, 2 votes signed"));
    assert_true(shows(d, s, "the last pull with news was at "));
    assert_true(shows(d, s, "height 41, 7 taken, 2 refused"));
    assert_true(shows(d, s, "a bad signature"));
    assert_true(shows(d, s, "block 41 is final"));
    for (int i = 0; i < 3 * CHAIN_FOLLOW_LINES; i++) /* a ring */
        tell(d, s, job, "{\"event\":\"problem\",\"text\":\"bob's folder cannot be read\"}");
    assert_true(shows(d, s, "bob's folder cannot be read"));
    assert_false(strstr(s->follow.line[s->follow.lines % CHAIN_FOLLOW_LINES].text, "final") != NULL);
    tell(d, s, job, "{\"event\":\"ended\",\"state\":\"failed\",\"message\":\"the disk is full\"}");
    assert_null(s->follow.job);
    assert_true(shows(d, s, "the disk is full"));
    assert_true(shows(d, s, "f starts it"));
    screen_chain.close(s);
}

static const struct command *command_of(const char *name)
{
    const struct command *c = chain_command(name);
    assert_non_null(c);
    return c;
}

static bool has_row(const struct chain_form *f, const char *wanted)
{
    char name[64];
    for (int i = 0; i < f->rows; i++) {
        chain_form_name(f, i, name, sizeof name);
        if (text_equal(name, wanted))
            return true;
    }
    return false;
}

/* "given with the command itself" helps nobody. */
static void every_row_of_a_form_is_explained(void **state)
{
    static const char *const forms[] = {"chain init",   "chain transfer", "chain task",    "chain propose",           "chain holdout",
                                        "chain verify", "chain join",     "chain pull",    "chain vote",              "chain follow",
                                        "chain list",   "chain buy",      "chain deliver", "chain reveal-prediction", "chain outcome",
                                        "chain job",    "chain take",     "chain result",  "chain seal-prediction"};
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    for (size_t i = 0; i < ARRAY_N(forms); i++) {
        chain_form_open(&s->form, d->app, command_of(forms[i]));
        for (int row = 0; row < s->form.rows; row++) {
            char title[80];
            chain_form_title(&s->form, row, title, sizeof title);
            if (strstr(chain_form_about(&s->form, row), "given with the command"))
                fail_msg("%s: %s is not explained", forms[i], title);
        }
    }
    screen_chain.close(s);
}

/* Whose key votes is chosen in the form of following; who signs a transaction stands on the screen. */
static void the_form_of_following_names_its_keys(void **state)
{
    struct world *d = *state;
    struct chain_screen *s = many_of(d);
    chain_form_open(&s->form, d->app, command_of("chain follow"));
    assert_true(has_row(&s->form, "DIR") && has_row(&s->form, "DIR 4") && !has_row(&s->form, "DIR 5"));
    assert_true(has_row(&s->form, "key") && has_row(&s->form, "as") && has_row(&s->form, "publish"));
    assert_null(chain_form_arguments(&s->form));
    chain_form_set(&s->form, "DIR", "/share");
    chain_form_set(&s->form, "DIR 2", "/other share");
    chain_form_set(&s->form, "key", "ada");
    const char *const *words = chain_form_arguments(&s->form);
    static const char *const must[] = {"chain", "follow", "/share", "/other share", "--key", "ada"};
    for (size_t i = 0; i < ARRAY_N(must); i++)
        assert_string_equal(words[i], must[i]);
    assert_null(words[ARRAY_N(must)]);
    chain_form_open(&s->form, d->app, command_of("chain list"));
    assert_false(has_row(&s->form, "key"));
    screen_chain.close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_view_is_as_it_was, world_new, world_free),
        cmocka_unit_test_setup_teardown(nothing_leaves_its_box, world_new, world_free),
        cmocka_unit_test_setup_teardown(the_votes_say_what_is_waited_for, world_new, world_free),
        cmocka_unit_test_setup_teardown(many_validators_have_room, world_new, world_free),
        cmocka_unit_test_setup_teardown(every_row_of_a_form_is_explained, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_dispute_is_told_step_by_step, world_new, world_free),
        cmocka_unit_test_setup_teardown(each_view_has_its_own_keys, world_new, world_free),
        cmocka_unit_test_setup_teardown(every_key_has_its_command, world_new, world_free),
        cmocka_unit_test_setup_teardown(a_closed_chain_hides_what_it_has_not, world_new, world_free),
        cmocka_unit_test_setup_teardown(following_is_told, world_new, world_free),
        cmocka_unit_test_setup_teardown(the_form_of_following_names_its_keys, world_new, world_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
