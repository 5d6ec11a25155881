/* Checkpoints: what is written is read back, what was changed is refused, and a training that was stopped behind any
 * step goes on to the same bits. */
#include "tests/unit/test_support.h"

#include "net/numeric.h"
#include "tests/unit/train_fixture.h"
#include "train/checkpoint.h"

#define EPOCHS 5
#define BATCH 64
#define SAMPLES 300 /* five steps an epoch, the last of 44 samples */

/* --- a keeper in memory ---------------------------------------------------------------------------------------------
 */
struct box {
    struct bytes file;
    struct checkpoint_owner owner;
    int saves, pauses, loads, events;
    int64_t stop_at; /* cancel behind this step of all; 0: never */
    int64_t asked, resumed_at;
    bool always, refuses; /* due at every place; fails to save */
    int last_epoch;
};

static bool box_load(void *context, int fold, struct checkpoint *out, bool *found, struct bytes *file,
                     struct error *err)
{
    struct box *b = context;
    struct checkpoint_owner own = b->owner;

    own.fold = fold;
    *found = b->file.n > 0;
    if (!*found)
        return true;
    bytes_put(file, b->file.data, b->file.n);
    if (!checkpoint_decode(out, file->data, file->n, "box", err) || !checkpoint_belongs(&out->owner, &own, "box", err))
        return false;
    b->loads++;
    b->asked = b->resumed_at = out->steps;
    return true;
}

static bool box_due(void *context, bool over)
{
    (void)over;
    return ((struct box *)context)->always;
}

static void box_put(struct bytes *out, const struct checkpoint *c)
{
    struct bytes head = {0};
    struct file_part part[CHECKPOINT_PARTS];
    struct hash hash;
    size_t n = checkpoint_encode(c, &head, &hash, part);

    bytes_clear(out);
    for (size_t i = 0; i < n; i++)
        bytes_put(out, part[i].data, part[i].n);
    bytes_free(&head);
}

static bool box_save(void *context, const struct checkpoint *c, struct error *err)
{
    struct box *b = context;
    struct checkpoint owned = *c;
    int fold = c->owner.fold;

    if (b->refuses)
        return error_set(err, ERROR_IO, "the box is full");
    owned.owner = b->owner;
    owned.owner.fold = fold;
    box_put(&b->file, &owned);
    b->saves++;
    return true;
}

static void box_pause(void *context, const struct checkpoint *c)
{
    (void)c;
    ((struct box *)context)->pauses++;
}

static bool box_cancelled(void *context)
{
    struct box *b = context;
    return ++b->asked == b->stop_at;
}

static void box_event(void *context, const struct train_event *e)
{
    struct box *b = context;

    if (e->epoch == 0)
        assert_int_equal(b->events, 0); /* the start */
    else
        assert_int_equal(e->epoch, b->last_epoch + 1); /* none is left out, none comes twice */
    b->last_epoch = e->epoch;
    b->events++;
}

/* --- a small training -----------------------------------------------------------------------------------------------
 */
static struct dataset *data;
static struct train_view train_part, stop_part;

static int make_data(void **state)
{
    (void)state;
    data = fixture_xor(500, 3);
    train_part = fixture_view(data, 0, SAMPLES);
    stop_part = fixture_view(data, SAMPLES + 10, data->samples);
    return 0;
}

static int free_data(void **state)
{
    (void)state;
    fixture_free(data);
    return 0;
}

static struct recipe recipe_small(int patience)
{
    struct recipe r;

    recipe_defaults(&r);
    r.epochs = EPOCHS;
    r.batch = BATCH;
    r.learning_rate = 0.02F;
    r.patience = patience;
    return r;
}

struct outcome {
    bool ok;
    struct hash weights, root;
    struct train_result result;
    int64_t step;
    struct error err;
};

static struct outcome run_on(struct box *b, const struct recipe *r, bool stop_view, int threads)
{
    const struct train_keeper keeper = {b, box_load, box_due, box_save, box_pause};
    const struct train_hooks hooks = {b, box_event, box_cancelled, &keeper, NULL, NULL};
    struct outcome o = {0};
    struct arch *a = fixture_arch(700); /* 9801 weights: the pool has work to share */
    struct model *m = model_new(a, 1, NULL);
    struct threads *pool = threads_new(threads);

    o.ok = train_model(m, &o.result, &train_part, stop_view ? &stop_part : NULL, r, 2, pool, &hooks, &o.err);
    o.weights = model_hash(m);
    o.root = o.result.trace_root;
    o.step = m->step;
    free(o.result.trace);
    o.result.trace = NULL;
    threads_free(pool);
    model_free(m);
    arch_free(a);
    return o;
}

static void same(const struct outcome *a, const struct outcome *b)
{
    if (!b->ok)
        fail_msg("%s", b->err.text);
    assert_true(hash_equal(a->weights, b->weights));
    assert_true(hash_equal(a->root, b->root));
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->result.steps, b->result.steps);
    assert_int_equal(a->result.epochs, b->result.epochs);
    assert_int_equal(a->result.best_epoch, b->result.best_epoch);
    assert_int_equal(a->result.trace_leaves, b->result.trace_leaves);
    assert_true(a->result.train_loss == b->result.train_loss);
    assert_true(a->result.valid_loss == b->result.valid_loss);
    assert_true(a->result.valid_accuracy == b->result.valid_accuracy);
}

static void goes_on_behind_every_step_to_the_same_bits(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) { /* no stop view; one; one that ends it early */
        struct recipe r = recipe_small(kind == 2 ? 1 : 0);
        struct box none = {0};
        struct outcome whole = run_on(&none, &r, kind > 0, 1);
        assert_true(whole.ok);
        assert_int_equal(none.events, whole.result.epochs);
        assert_int_equal(none.saves, 0);
        assert_true(whole.result.steps >= 10);
        for (int64_t k = 1; k <= whole.result.steps; k++) {
            struct box b = {.stop_at = k};
            struct outcome cut = run_on(&b, &r, kind > 0, 1 + (int)(k % 3));
            if (k == whole.result.steps) { /* nothing was left to do */
                same(&whole, &cut);
                bytes_free(&b.file);
                continue;
            }
            assert_false(cut.ok);
            assert_int_equal(cut.err.kind, ERROR_INTERRUPTED);
            assert_int_equal(b.saves, 1);
            assert_int_equal(b.events, k / 5);
            b.stop_at = 0;
            struct outcome rest = run_on(&b, &r, kind > 0, 1 + (int)((k + 1) % 3));
            assert_int_equal(b.loads, 1);
            assert_int_equal(b.resumed_at, k);
            same(&whole, &rest);
            bytes_free(&b.file);
        }
    }
}

/* Optimisers with one moment, schedules that hang on the step, a start that counts as an epoch. */
static void goes_on_with_every_optimizer_and_schedule(void **state)
{
    static const struct {
        const char *optimizer, *schedule;
        float rate, clip, momentum;
    } kinds[] = {
        {"sgd", "onecycle", 0.05F, 0.5F, 0.9F},
        {"adamw", "cosine", 0.01F, 0, 0},
        {"sgd", "step", 1e-30F, 0, 0}, /* it learns nothing: the start stays the best */
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_N(kinds); i++) {
        struct recipe r = recipe_small(0);
        text_copy(r.optimizer, sizeof r.optimizer, kinds[i].optimizer);
        text_copy(r.schedule, sizeof r.schedule, kinds[i].schedule);
        r.learning_rate = kinds[i].rate;
        r.clip = kinds[i].clip;
        r.momentum = kinds[i].momentum;
        r.warmup = 3;
        r.keep_start = true;
        struct box none = {0};
        struct outcome whole = run_on(&none, &r, true, 1);
        if (!whole.ok)
            fail_msg("%s", whole.err.text);
        assert_int_equal(none.events, whole.result.epochs + 1);
        assert_true((whole.result.best_epoch == 0) == (i == 2));
        for (int64_t k = 1; k < whole.result.steps; k++) {
            struct box b = {.stop_at = k};
            assert_false(run_on(&b, &r, true, 2).ok);
            b.stop_at = 0;
            struct outcome rest = run_on(&b, &r, true, 1);
            assert_int_equal(b.resumed_at, k);
            same(&whole, &rest);
            bytes_free(&b.file);
        }
    }
}

/* A network that is much work for its weights is hashed often: leaves lie on both sides of where it stops. */
static struct outcome run_traced(struct box *b)
{
    static const char text[] = "morphsmith-arch 1\n"
                               "x input time=6 channels=2\n"
                               "h lstm in=x units=8\n"
                               "l last in=h\n"
                               "y dense in=l units=1\n";
    const struct train_keeper keeper = {b, box_load, box_due, box_save, box_pause};
    const struct train_hooks hooks = {.context = b, .cancelled = box_cancelled, .keeper = &keeper};
    struct recipe r = recipe_small(0);
    struct outcome o = {0};
    struct arch *a = arch_parse(text, strlen(text), "test.arch", &o.err);
    assert_non_null(a);
    struct model *m = model_new(a, 1, NULL);

    r.epochs = 30;
    o.ok = train_model(m, &o.result, &train_part, &stop_part, &r, 2, NULL, &hooks, &o.err);
    o.weights = model_hash(m);
    o.root = o.result.trace_root;
    o.step = m->step;
    free(o.result.trace);
    o.result.trace = NULL;
    model_free(m);
    arch_free(a);
    return o;
}

static void the_trace_goes_on_with_its_leaves(void **state)
{
    struct box none = {0};
    struct outcome whole = run_traced(&none);
    (void)state;

    assert_true(whole.ok);
    assert_true(whole.result.trace_leaves >= 4);
    for (int64_t k = 1; k < whole.result.steps; k += 7) {
        struct box b = {.stop_at = k};
        struct outcome cut = run_traced(&b);
        assert_false(cut.ok);
        b.stop_at = 0;
        struct outcome rest = run_traced(&b);
        assert_int_equal(b.resumed_at, k);
        same(&whole, &rest);
        bytes_free(&b.file);
    }
}

static void stopped_behind_every_single_step_it_still_arrives(void **state)
{
    struct recipe r = recipe_small(2);
    struct box none = {0}, b = {0};
    struct outcome whole = run_on(&none, &r, true, 1), part = {0};
    (void)state;

    for (int64_t k = 1; k <= whole.result.steps && !part.ok; k++) {
        b.stop_at = k;
        part = run_on(&b, &r, true, 1 + (int)(k % 2));
    }
    same(&whole, &part);
    assert_int_equal(b.loads, whole.result.steps - 1);
    assert_int_equal(b.events, whole.result.epochs);
    bytes_free(&b.file);
}

static void keeping_at_every_step_changes_nothing(void **state)
{
    struct recipe r = recipe_small(0);
    struct box none = {0}, b = {.always = true};
    struct outcome whole = run_on(&none, &r, true, 1), kept = run_on(&b, &r, true, 2);
    (void)state;

    same(&whole, &kept);
    assert_int_equal(b.saves, EPOCHS * 5);
    assert_int_equal(b.pauses, b.saves);
    /* what was kept last is the end: going on from there does no step and no epoch */
    b.always = false;
    int events = b.events;
    struct outcome again = run_on(&b, &r, true, 1);
    same(&whole, &again);
    assert_int_equal(b.events, events);
    assert_int_equal(b.asked, again.result.steps);
    bytes_free(&b.file);
}

static void a_full_disc_ends_no_training(void **state)
{
    struct recipe r = recipe_small(0);
    struct box none = {0}, b = {.always = true, .refuses = true};
    struct outcome whole = run_on(&none, &r, true, 1), kept = run_on(&b, &r, true, 1);
    (void)state;

    same(&whole, &kept);
    struct box stopped = {.refuses = true, .stop_at = 7};
    struct outcome cut = run_on(&stopped, &r, true, 1);
    assert_false(cut.ok);
    assert_int_equal(cut.err.kind, ERROR_INTERRUPTED);
    assert_non_null(strstr(cut.err.text, "step 7 (epoch 2)"));
    assert_non_null(strstr(cut.err.text, "the box is full"));
}

/* --- the bytes ------------------------------------------------------------------------------------------------------
 */
static struct hash hash_like(uint8_t byte)
{
    struct hash h;
    memset(h.byte, byte, HASH_BYTES);
    return h;
}

static struct checkpoint_owner owner_of(void)
{
    struct checkpoint_owner o = {
        .recipe_id = hash_like(1), .arch = hash_like(2), .dataset = hash_like(3), .origin = "scratch", .run = 17};
    struct recipe r = recipe_small(0);
    char *text = recipe_format(&r);

    assert_true(text_copy(o.recipe, sizeof o.recipe, text));
    free(text);
    return o;
}

/* That of the small training behind step k. */
static struct box box_at(int64_t k)
{
    struct recipe r = recipe_small(0);
    struct box b = {.owner = owner_of(), .stop_at = k};
    struct outcome cut = run_on(&b, &r, true, 1);

    assert_false(cut.ok);
    assert_true(b.file.n > 1000);
    return b;
}

static void what_is_written_is_read_back(void **state)
{
    struct box b = box_at(12);
    struct checkpoint c, head;
    struct bytes again = {0};
    (void)state;

    assert_true(checkpoint_decode(&c, b.file.data, b.file.n, "box", NULL));
    assert_int_equal(c.epochs, 2);
    assert_int_equal(c.position, 2 * BATCH);
    assert_int_equal(c.steps, 12);
    assert_int_equal(c.step, 12);
    assert_int_equal(c.owner.run, 17);
    assert_int_equal(c.owner.fold, 2);
    assert_string_equal(c.owner.origin, "scratch");
    assert_string_equal(c.owner.recipe, b.owner.recipe);
    assert_true(hash_equal(c.owner.recipe_id, hash_like(1)));
    assert_true(hash_equal(c.owner.arch, hash_like(2)));
    assert_true(hash_equal(c.owner.dataset, hash_like(3)));
    assert_true(c.best_epoch >= 1 && c.best_epoch <= 2);
    assert_int_equal(c.best_step, 5 * c.best_epoch);
    assert_true(c.sum.loss > 0 && c.sum.correct > 0);
    box_put(&again, &c); /* one spelling only */
    assert_int_equal(again.n, b.file.n);
    assert_memory_equal(again.data, b.file.data, again.n);

    size_t prefix = b.file.n < CHECKPOINT_HEAD_MAX ? b.file.n : CHECKPOINT_HEAD_MAX;
    assert_true(checkpoint_decode_head(&head, b.file.data, prefix, "box", NULL));
    assert_int_equal(head.epochs, 2);
    assert_int_equal(head.steps, 12);
    assert_null(head.state[0]);
    bytes_free(&again);
    bytes_free(&b.file);
}

static void refuse(const void *bytes, size_t n)
{
    struct checkpoint c;
    struct error err = {0};
    uint8_t *exact = malloc(n ? n : 1);

    assert_non_null(exact);
    memcpy(exact, bytes, n);
    assert_false(checkpoint_decode(&c, exact, n, "FILE", &err));
    assert_true(err.kind == ERROR_DATA);
    assert_non_null(strstr(err.text, "FILE: "));
    free(exact);
}

static void every_changed_byte_is_refused(void **state)
{
    struct box b = box_at(7);
    struct random random = random_start(1, RANDOM_TEST, 0, 0);
    size_t stride = b.file.n / 2000 + 1;
    (void)state;

    for (size_t i = 0; i < b.file.n; i += i < 600 || i + 64 > b.file.n ? 1 : stride) {
        uint8_t flip = (uint8_t)(1U << random_below(&random, 8));
        b.file.data[i] ^= flip;
        refuse(b.file.data, b.file.n);
        b.file.data[i] ^= flip;
    }
    for (size_t n = 0; n < b.file.n; n += n < 600 ? 1 : stride)
        refuse(b.file.data, n);
    refuse(b.file.data, b.file.n - 1);
    bytes_put_u8(&b.file, 0);
    refuse(b.file.data, b.file.n);
    bytes_free(&b.file);
}

static void what_belongs_to_another_is_refused(void **state)
{
    static const char *const says[] = {"another recipe", "another architecture", "another data set", "another fold"};
    struct checkpoint_owner own = owner_of();
    struct error err = {0};
    (void)state;

    assert_true(checkpoint_belongs(&own, &own, "FILE", &err));
    for (int i = 0; i < 4; i++) {
        struct checkpoint_owner other = own;
        if (i == 3)
            other.fold = 1;
        else
            *(i == 0 ? &other.recipe_id : i == 1 ? &other.arch : &other.dataset) = hash_like(9);
        error_clear(&err);
        assert_false(checkpoint_belongs(&other, &own, "FILE", &err));
        assert_non_null(strstr(err.text, "FILE: "));
        assert_non_null(strstr(err.text, says[i]));
    }
    /* by the trainer too */
    struct box b = box_at(7);
    struct recipe r = recipe_small(0);
    b.owner.recipe_id = hash_like(9);
    b.stop_at = 0;
    struct outcome o = run_on(&b, &r, true, 1);
    assert_false(o.ok);
    assert_non_null(strstr(o.err.text, "another recipe"));
    bytes_free(&b.file);
}

static void spoil(struct checkpoint *c, int how, const struct checkpoint *fine)
{
    *c = *fine;
    switch (how) {
    case 0:
        c->epochs = EPOCHS + 1;
        break;
    case 1:
        c->position += 1;
        break;
    case 2:
        c->position = 320;
        break;
    case 3:
        c->steps += 1;
        break;
    case 4:
        c->step += 1;
        break;
    case 5:
        c->leaves += 1;
        break;
    case 6:
        c->weights -= 1;
        break;
    case 7:
        c->best[0] = NULL;
        c->best_step = 0;
        break;
    case 8:
        c->best_step += 1;
        break;
    case 9:
        c->best_epoch = 0;
        break;
    case 10:
        c->position = 0;
        c->steps -= 2;
        c->step -= 2;
        break; /* with a sum of no samples */
    default:
        fail();
    }
}

/* Files with a right hash that no training of the recipe could have written. */
static void a_state_that_cannot_be_is_refused(void **state)
{
    struct recipe r = recipe_small(0);
    struct checkpoint fine, bad;
    struct bytes file = {0};
    (void)state;

    for (int how = 0; how < 11; how++) {
        struct box b = box_at(12);
        assert_true(checkpoint_decode(&fine, b.file.data, b.file.n, "box", NULL));
        spoil(&bad, how, &fine);
        uint8_t *leaf = calloc(fine.leaves + 1, HASH_BYTES);
        assert_non_null(leaf);
        bad.leaf = leaf;
        box_put(&file, &bad);
        free(leaf);
        struct box other = {.owner = b.owner, .file = file};
        struct outcome o = run_on(&other, &r, true, 1);
        if (o.ok)
            fail_msg("state %d was taken", how);
        assert_int_equal(o.err.kind, ERROR_DATA);
        file = other.file;
        bytes_free(&b.file);
    }
    bytes_free(&file);
}

static void another_numeric_version_is_refused(void **state)
{
    struct box b = box_at(7);
    struct checkpoint c;
    struct error err = {0};
    (void)state;

    b.file.data[12] ^= 1; /* the first letter of the version */
    assert_false(checkpoint_decode_head(&c, b.file.data, b.file.n, "FILE", &err));
    assert_non_null(strstr(err.text, "numeric version"));
    assert_non_null(strstr(err.text, NUMERIC_VERSION));
    bytes_free(&b.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_behind_every_step_to_the_same_bits),
        cmocka_unit_test(goes_on_with_every_optimizer_and_schedule),
        cmocka_unit_test(the_trace_goes_on_with_its_leaves),
        cmocka_unit_test(stopped_behind_every_single_step_it_still_arrives),
        cmocka_unit_test(keeping_at_every_step_changes_nothing),
        cmocka_unit_test(a_full_disc_ends_no_training),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(what_belongs_to_another_is_refused),
        cmocka_unit_test(a_state_that_cannot_be_is_refused),
        cmocka_unit_test(another_numeric_version_is_refused),
    };
    hash_start();
    return cmocka_run_group_tests(tests, make_data, free_data);
}
