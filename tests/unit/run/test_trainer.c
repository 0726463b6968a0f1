/* test_trainer.c - the duel in memory, and a run's folder: what may change the bytes and what may
 * not, what is refused, and what an observer sees. */
#include "unit/run/small.h"

#include "file/safetensors.h"
#include "run/run_local.h"
#include "run/run_place.h"
#include "train/metrics.h"
#include "train/trainer_file.h"
#include "train/trainer_internal.h"
#include "train/version.h"

#include <gan/model.h>

#include <math.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct setup {
    gan_recipe *recipe;
    gan_dataset *data;
    char *dir;
} setup;

static int begin(void **state)
{
    setup *s = malloc(sizeof *s);
    *s = (setup){small_recipe(), small_data(0), small_folder()};
    *state = s;
    return 0;
}

static int end(void **state)
{
    setup *s = *state;
    gan_recipe_free(s->recipe);
    gan_dataset_free(s->data);
    small_remove(s->dir);
    free(s);
    return 0;
}

static gan_trainer *trainer_of(const setup *s, gan_team *team)
{
    gan_trainer *t = NULL;
    must(gan_trainer_create(&t, s->recipe, s->data, team, err));
    return t;
}

static void steps(gan_trainer *t, int n, int log_every)
{
    for (int i = 1; i <= n; i++) {
        gan_metrics m;
        must(gan_trainer_step(t, log_every && i % log_every == 0 ? &m : NULL, err));
    }
}

/* Train n iterations and save; the caller frees the path. */
static char *trained(const setup *s, const char *name, int n, int threads, int log_every)
{
    gan_team *team = NULL;
    char *path = small_path(s->dir, name);
    must(gan_team_create(&team, threads, err));
    gan_trainer *t = trainer_of(s, team);
    steps(t, n, log_every);
    must(gan_trainer_save(t, path, err));
    gan_trainer_free(t);
    gan_team_free(team);
    return path;
}

static void test_same_bytes(void **state)
{
    const setup *s = *state;
    char *want = trained(s, "plain", 12, 1, 0);
    for (int i = 0; i < 4; i++) {
        char *got = trained(s, "other", 12, 1 + i, i % 2 ? 1 : 5);
        small_same_files(got, want);
        free(got);
    }
    free(want);
}

static void test_saved_and_loaded(void **state)
{
    const setup *s = *state;
    char *half = trained(s, "half", 5, 1, 0), *want = trained(s, "whole", 12, 1, 0),
         *got = small_path(s->dir, "loaded");
    gan_trainer *t = trainer_of(s, NULL);
    steps(t, 3, 0); /* what it has done before must not matter */
    must(gan_trainer_load(t, half, err));
    assert_int_equal(gan_trainer_iteration(t), 5);
    steps(t, 7, 2);
    must(gan_trainer_save(t, got, err));
    small_same_files(got, want);
    gan_trainer_free(t);
    free(half);
    free(want);
    free(got);
}

static void refused(gan_status got, gan_status want, const gan_error *err, const char *part)
{
    if (got != want || !strstr(err->message, part))
        fail_msg("%s, not %s: '%s' has no '%s'", gan_status_name(got), gan_status_name(want),
                 err->message, part);
}

static void test_refusals(void **state)
{
    const setup *s = *state;
    gan_error why = {0};
    gan_trainer *t = trainer_of(s, NULL), *other = NULL;
    char *path = trained(s, "state", 2, 1, 0), *model = small_path(s->dir, "model");
    must(gan_trainer_save_model(t, model, err));
    refused(gan_trainer_load(t, model, &why), GAN_EFORMAT, &why, "not a gander-state");
    refused(gan_trainer_init_from(t, path, &why), GAN_EFORMAT, &why, "not a gander-model");
    refused(gan_trainer_load(t, "/nowhere/at all", &why), GAN_ENOTFOUND, &why, "/nowhere/at all");

    gan_dataset *data = small_data(1);
    must(gan_trainer_create(&other, s->recipe, data, NULL, err));
    refused(gan_trainer_load(other, path, &why), GAN_EDATA, &why, "other data");
    gan_trainer_free(other);
    gan_dataset_free(data);

    gan_recipe *recipe = small_recipe();
    must(gan_recipe_assign(recipe, "train.batch=7", err));
    must(gan_trainer_create(&other, recipe, s->data, NULL, err));
    refused(gan_trainer_load(other, path, &why), GAN_EKEY, &why, "another train.batch");
    gan_trainer_free(other);
    must(gan_recipe_assign(recipe, "train.batch=6", err));
    must(gan_recipe_assign(recipe, "train.iterations=90", err)); /* that may differ */
    must(gan_trainer_create(&other, recipe, s->data, NULL, err));
    must(gan_trainer_load(other, path, err));
    gan_trainer_free(other);

    must(gan_recipe_assign(recipe, "generator.layers=dense 15 sigmoid", err));
    refused(gan_trainer_create(&other, recipe, s->data, NULL, &why), GAN_ESHAPE, &why,
            "15 numbers");
    assert_null(other);
    gan_recipe_free(recipe);
    gan_trainer_free(t);
    free(path);
    free(model);
}

static void test_metrics(void **state)
{
    const setup *s = *state;
    gan_trainer *t = trainer_of(s, NULL);
    gan_metrics m;
    for (int i = 0; i < 30; i++)
        must(gan_trainer_step(t, &m, err));
    assert_int_equal(m.iteration, 30);
    assert_int_equal(m.count, t->match.game->metrics); /* all are due */
    for (int i = 0; i < m.count; i++)
        assert_true(isfinite(m.row[i].value));
#define VALUE(key) gan_metrics_value(&m, #key)
    assert_true(VALUE(value) < 0 && VALUE(r1) > 0 && VALUE(r2) > 0 && VALUE(spread) > 0 && VALUE(grad_norm_d) > 0);
    assert_true(VALUE(d_real) > 0 && VALUE(d_real) < 1 && VALUE(d_fake) > 0 && VALUE(d_fake) < 1);
    assert_float_equal(VALUE(rate_d), 1.5e-3, 1e-9);
    gan_trainer_free(t);
}

static bool has(const gan_metrics *m, const char *key)
{
    for (int i = 0; i < m->count; i++)
        if (!strcmp(m->row[i].key, key))
            return true;
    return false;
}

/* A row with a cadence stands only on the lines that are due, the others on each. */
static void test_cadence(void **state)
{
    const setup *s = *state;
    must(gan_recipe_assign(s->recipe, "train.spread_every=3", err));
    gan_trainer *t = trainer_of(s, NULL);
    gan_metrics m;
    for (int i = 1; i <= 9; i++) {
        m.count = -1;
        must(gan_trainer_step(t, &m, err));
        assert_int_equal(has(&m, "spread"), i % 3 == 0);
        assert_int_equal(m.count, t->match.game->metrics - (i % 3 != 0));
        assert_true(has(&m, "loss_d") && has(&m, "rate_g"));
    }
    gan_trainer_free(t);
}

/* A row that could not be read keeps a trainer from being made. */
static void test_rows_that_cannot_be(void **state)
{
    const setup *s = *state;
    const gan__metric good[] = {{.key = "spread", .source = GAN__MEASURED, .every = "train.spread_every"}},
                      no_meter[] = {{.key = "spraed", .source = GAN__MEASURED}},
                      no_setting[] = {{.key = "a", .source = GAN__REPORTED, .every = "train.spraed_every"}};
    gan__game game = {.name = "g", .metrics = 1, .metric = good};
    gan_error why = {0};
    must(gan__metrics_check(&game, s->recipe, err));
    game.metric = no_meter;
    refused(gan__metrics_check(&game, s->recipe, &why), GAN_EINVAL, &why, "spraed");
    game.metric = no_setting;
    refused(gan__metrics_check(&game, s->recipe, &why), GAN_EINVAL, &why, "no setting train.spraed_every");
    game.metrics = GAN_METRICS_MAX + 1;
    refused(gan__metrics_check(&game, s->recipe, &why), GAN_EINVAL, &why, "65 metrics");
}

/* Any sample is the same picture, however it is asked for. */
static void test_samples(void **state)
{
    const setup *s = *state;
    gan_trainer *t = trainer_of(s, NULL);
    uint8_t all[150 * SMALL_PIXELS], part[20 * SMALL_PIXELS];
    steps(t, 5, 0);
    must(gan_trainer_sample(t, 0, 150, all, err));
    for (uint32_t first = 0; first < 130; first += 61) {
        must(gan_trainer_sample(t, first, 20, part, err));
        assert_memory_equal(part, all + (size_t)first * SMALL_PIXELS, sizeof part);
    }
    must(gan_trainer_sample(t, 149, 1, part, err));
    assert_memory_equal(part, all + (size_t)149 * SMALL_PIXELS, SMALL_PIXELS);
    for (int n = -7; n <= 0; n += 7) {
        gan_error why = {0};
        refused(gan_trainer_sample(t, 0, n, part, &why), GAN_EINVAL, &why, "at least one");
    }
    gan_trainer_free(t);
}

/* A model file draws what the trainer drew, and a trainer that starts from it draws it too. */
static void test_model(void **state)
{
    const setup *s = *state;
    gan_trainer *t = trainer_of(s, NULL);
    gan_model *m = NULL;
    uint8_t want[30 * SMALL_PIXELS], got[30 * SMALL_PIXELS];
    char *path = small_path(s->dir, "model.safetensors");
    steps(t, 9, 0);
    must(gan_trainer_sample(t, 0, 30, want, err));
    must(gan_trainer_save_model(t, path, err));
    must(gan_model_open(&m, s->dir, NULL, err)); /* by its folder */
    must(gan_model_sample(m, 1, 0, 30, got, err));
    assert_memory_equal(got, want, sizeof got);
    gan_trainer *next = trainer_of(s, NULL);
    must(gan_trainer_init_from(next, path, err));
    must(gan_trainer_sample(next, 0, 30, got, err));
    assert_memory_equal(got, want, sizeof got);
    gan_trainer_free(next);
    gan_trainer_free(t);
    gan_model_free(m);
    free(path);
}

/* Write a file again with one key of its metadata changed. */
static void rewrite(const char *from, const char *to, const char *key, const char *value)
{
    gan__safetensors *f = NULL;
    gan__tensor tensor[64];
    gan__meta meta[32];
    size_t pairs = 0;
    must(gan__safetensors_read(&f, from, err));
    const size_t count = gan__safetensors_count(f);
    for (size_t i = 0; i < count; i++)
        tensor[i] = *gan__safetensors_at(f, i);
    for (size_t i = 0; i < gan__safetensors_meta_count(f); i++) {
        const gan__meta m = gan__safetensors_meta_at(f, i);
        if (strcmp(m.key, "sha256") != 0)
            meta[pairs++] = (gan__meta){m.key, strcmp(m.key, key) ? m.value : value};
    }
    must(gan__safetensors_write(to, tensor, count, meta, pairs, err));
    gan__safetensors_free(f);
}

static void test_other_versions(void **state)
{
    const setup *s = *state;
    gan_error why = {0};
    gan_model *m = NULL;
    gan_trainer *t = trainer_of(s, NULL);
    char *path = trained(s, "state", 2, 1, 0), *model = small_path(s->dir, "model"),
         *other = small_path(s->dir, "other");
    must(gan_trainer_save_model(t, model, err));
    rewrite(path, other, "arithmetic", "999");
    refused(gan_trainer_load(t, other, &why), GAN_EVERSION, &why, "arithmetic 999");
    must(gan__trainer_load(t, other, NULL, true, err)); /* asked for */
    rewrite(model, other, "arithmetic", "999");
    refused(gan_model_open(&m, other, NULL, &why), GAN_EVERSION, &why, "newer gander");
    rewrite(model, other, "width", "5");
    refused(gan_model_open(&m, other, NULL, &why), GAN_EFORMAT, &why, "has 20 (4 x 5 x 1)");
    rewrite(model, other, "pixel_range", "-1 1");
    refused(gan_model_open(&m, other, NULL, &why), GAN_EUNSUPPORTED, &why, "its pixels range over -1 1");
    rewrite(model, other, "iteration", "many");
    refused(gan_model_open(&m, other, NULL, &why), GAN_EFORMAT, &why, "iteration");
    rewrite(model, other, "recipe", "[train]\nbatch = 3\n");
    refused(gan_model_open(&m, other, NULL, &why), GAN_EKEY, &why, "generator.layers");
    gan_trainer_free(t);
    free(path);
    free(model);
    free(other);
}

static void test_not_a_number(void **state)
{
    const setup *s = *state;
    gan_error why = {0};
    gan_model *m = NULL;
    gan_trainer *t = trainer_of(s, NULL);
    char *path = small_path(s->dir, "nan");
    float bias[19] = {0, NAN};
    assert_null(gan_trainer_bad(t));
    assert_int_equal(gan_params_set(t->match.role[0].params, 1, GAN_AVERAGE, bias), GAN_OK);
    assert_string_equal(gan_trainer_bad(t), "generator.0.bias");
    must(gan_trainer_save_model(t, path, err));
    refused(gan_model_open(&m, path, NULL, &why), GAN_ENUMERIC, &why, "generator.0.bias");
    refused(gan_trainer_init_from(t, path, &why), GAN_ENUMERIC, &why, "generator.0.bias");
    must(gan_trainer_save(t, path, err));
    refused(gan_trainer_load(t, path, &why), GAN_ENUMERIC, &why, "generator.0.bias");
    gan_trainer_free(t);
    free(path);
}

static void test_local(void **state)
{
    const setup *s = *state;
    static gan__local in, out;
    char *folder = small_path(s->dir, "state");
    const char odd[] = "/a b ;c#d%3B\"'=[\\]\n\t\xc3\xa4\xff";
    must(gan__local_read(s->dir, &out, err)); /* none is there */
    assert_int_equal(out.data[0], 0);
    in.threads = 3;
    in.other_arithmetic = 2;
    while (strlen(in.data) + sizeof odd < sizeof in.data)
        strcat(in.data, odd);
    strcpy(in.init, " ");
    assert_int_equal(mkdir(folder, 0777), 0);
    must(gan__local_write(s->dir, &in, err));
    must(gan__local_read(s->dir, &out, err));
    assert_memory_equal(&in, &out, sizeof in);
    free(folder);
}

/* ---- runs ------------------------------------------------------------------------------------ */

typedef struct seen {
    int count[GAN_EVENT_END + 1];
    gan_event_kind fail_at;
    int fail_after; /* events of that kind until the observer refuses; 0: never */
    volatile sig_atomic_t stop;
    int stop_after; /* metrics events until a stop is asked for */
} seen;

static gan_status watch(void *ctx, const gan_event *e, gan_error *err)
{
    seen *s = ctx;
    s->count[e->kind]++;
    if (e->kind == GAN_EVENT_METRICS && s->count[e->kind] == s->stop_after)
        s->stop = 1;
    if (s->fail_after && e->kind == s->fail_at && s->count[e->kind] == s->fail_after) {
        err->status = GAN_EIO;
        snprintf(err->message, sizeof err->message, "the observer has no ink");
        return GAN_EIO;
    }
    return GAN_OK;
}

static char *idx_of(const setup *s)
{
    static uint8_t pixels[SMALL_COUNT * SMALL_PIXELS];
    const int shape[4] = {SMALL_COUNT, SMALL_SIDE, SMALL_SIDE, 1};
    char *path = small_path(s->dir, "data.idx");
    for (int i = 0; i < SMALL_COUNT; i++)
        gan_dataset_get(s->data, i, pixels + (size_t)i * SMALL_PIXELS);
    must(gan_idx_write(path, shape, pixels, err));
    return path;
}

typedef struct run_setup {
    char *data, *dir;
    seen seen;
    gan_run_params params;
} run_setup;

static void open_run(run_setup *r, const setup *s, const char *name)
{
    *r = (run_setup){.data = idx_of(s), .dir = small_path(s->dir, name)};
    r->params = gan_run_defaults(r->dir);
    r->params.recipe = s->recipe;
    r->params.data = r->data;
    r->params.threads = 1;
    r->params.observer = watch;
    r->params.observer_ctx = &r->seen;
    r->params.stop = &r->seen.stop;
}

static void close_run(run_setup *r)
{
    free(r->data);
    free(r->dir);
}

static void same_in(const char *a, const char *b, const char *name)
{
    char *pa = small_path(a, name), *pb = small_path(b, name);
    small_same_files(pa, pb);
    free(pa);
    free(pb);
}

static void test_run_events(void **state)
{
    run_setup r;
    open_run(&r, *state, "run");
    must(gan_run_start(&r.params, err));
    assert_int_equal(r.seen.count[GAN_EVENT_START], 1);
    assert_int_equal(r.seen.count[GAN_EVENT_METRICS], 4);    /* 5, 10, 15, 20 */
    assert_int_equal(r.seen.count[GAN_EVENT_GRID], 3);       /* 0, 10, 20 */
    assert_int_equal(r.seen.count[GAN_EVENT_CHECKPOINT], 3); /* 0, 10, 20 */
    assert_int_equal(r.seen.count[GAN_EVENT_END], 1);
    assert_int_equal(r.seen.count[GAN_EVENT_NOTE], 0);
    gan_error why = {0};
    refused(gan_run_start(&r.params, &why), GAN_EEXISTS, &why, "holds a run already");
    r.params.recipe = NULL;
    must(gan_run_resume(&r.params, err)); /* nothing to do */
    assert_int_equal(r.seen.count[GAN_EVENT_METRICS], 4);
    close_run(&r);
}

static void write_mark(const char *dir, const char *text)
{
    char *path = small_path(dir, ".gander-run");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    free(path);
}

/* The mark says what metrics.jsonl was begun with; a run that goes on under another number hears of it. */
static void test_metrics_number(void **state)
{
    run_setup r;
    open_run(&r, *state, "run");
    must(gan_run_start(&r.params, err));
    assert_int_equal(gan__place_metrics(r.dir), GAN__METRICS_SCHEMA);
    r.params.recipe = NULL;
    write_mark(r.dir, "a run of gander\n"); /* as the first ones were */
    assert_int_equal(gan__place_metrics(r.dir), 1);
    must(gan_run_resume(&r.params, err));
    assert_int_equal(r.seen.count[GAN_EVENT_NOTE], GAN__METRICS_SCHEMA != 1);
    write_mark(r.dir, "a run of gander\nmetrics 999\n");
    assert_int_equal(gan__place_metrics(r.dir), 999);
    r.seen.count[GAN_EVENT_NOTE] = 0;
    must(gan_run_resume(&r.params, err));
    assert_int_equal(r.seen.count[GAN_EVENT_NOTE], 1);
    setup *s = *state;
    gan_error why = {0};
    r.params.recipe = s->recipe;
    refused(gan_run_start(&r.params, &why), GAN_EEXISTS, &why, "holds a run already");
    write_mark(r.dir, "a run of gander and more\n");
    refused(gan_run_start(&r.params, &why), GAN_EFOREIGN, &why, "is not a run");
    close_run(&r);
}

static void test_run_stopped(void **state)
{
    run_setup whole, r;
    gan_error why = {0};
    open_run(&whole, *state, "whole");
    must(gan_run_start(&whole.params, err));
    open_run(&r, *state, "stopped");
    r.seen.stop_after = 3;
    refused(gan_run_start(&r.params, &why), GAN_ESTOPPED, &why, "everything is saved");
    r.seen.stop = 0;
    must(gan_run_resume(&r.params, err));
    same_in(r.dir, whole.dir, "metrics.jsonl");
    same_in(r.dir, whole.dir, "model.safetensors");
    same_in(r.dir, whole.dir, "state/00000020.safetensors");
    close_run(&whole);
    close_run(&r);
}

/* An observer that fails ends the run with its own words, and loses nothing. */
static void test_run_observer_fails(void **state)
{
    run_setup whole, r;
    gan_error why = {0};
    open_run(&whole, *state, "whole");
    must(gan_run_start(&whole.params, err));
    open_run(&r, *state, "failing");
    r.seen.fail_at = GAN_EVENT_GRID;
    r.seen.fail_after = 2;
    refused(gan_run_start(&r.params, &why), GAN_EIO, &why, "no ink");
    must(gan_run_resume(&r.params, err));
    same_in(r.dir, whole.dir, "metrics.jsonl");
    same_in(r.dir, whole.dir, "model.safetensors");
    close_run(&whole);
    close_run(&r);
}

static void test_run_in_use(void **state)
{
    run_setup r;
    gan_error why = {0};
    open_run(&r, *state, "run");
    must(gan_run_start(&r.params, err));
    const int held = open(r.dir, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(held, LOCK_EX), 0);
    refused(gan_run_resume(&r.params, &why), GAN_EBUSY, &why, "another gander");
    r.params.force = true;
    refused(gan_run_start(&r.params, &why), GAN_EBUSY, &why, "another gander");
    close(held);
    must(gan_run_start(&r.params, err));
    close_run(&r);
}

/* Extending: the schedule stays as it was, the recipe keeps the new length; asking for fewer
 * changes nothing. */
static void test_run_extended(void **state)
{
    setup *s = *state;
    run_setup longer, r;
    must(gan_recipe_assign(s->recipe, "train.schedule=cosine", err));
    must(gan_recipe_assign(s->recipe, "train.schedule_iterations=20", err));
    open_run(&longer, s, "longer");
    longer.params.iterations = 35;
    must(gan_run_start(&longer.params, err));
    open_run(&r, s, "extended");
    must(gan_run_start(&r.params, err));
    r.params.iterations = 35;
    must(gan_run_resume(&r.params, err));
    r.params.iterations = 12;
    must(gan_run_resume(&r.params, err));
    same_in(r.dir, longer.dir, "recipe.ini");
    same_in(r.dir, longer.dir, "metrics.jsonl");
    same_in(r.dir, longer.dir, "model.safetensors");
    same_in(r.dir, longer.dir, "state/00000035.safetensors");
    close_run(&longer);
    close_run(&r);
}

/* A learning rate that explodes: the line names iteration and tensor, and the last checkpoint
 * stays. */
static void test_run_not_finite(void **state)
{
    setup *s = *state;
    run_setup r;
    gan_error why = {0};
    char *path;
    size_t bytes;
    char deep[1024] = "";
    for (int i = 0; i < 30; i++) /* weights of 1 and more, thirty times over: far beyond a float */
        strcat(deep, "dense 17 leaky 0.9\n");
    strcat(deep, "dense 1");
    must(gan_recipe_set(s->recipe, "discriminator.layers", deep, err));
    must(gan_recipe_assign(s->recipe, "train.optimizer=adam 1 0 0.9", err));
    must(gan_recipe_assign(s->recipe, "train.log_every=100", err)); /* only a checkpoint can tell */
    open_run(&r, s, "bad");
    refused(gan_run_start(&r.params, &why), GAN_ENUMERIC, &why, "is not finite");
    assert_non_null(strstr(why.message, "iteration "));
    assert_non_null(strstr(why.message, "discriminator."));
    assert_non_null(strstr(why.message, "the checkpoint of iteration 0 is whole"));
    path = small_path(r.dir, "state/00000000.safetensors");
    free(small_read(path, &bytes));
    free(path);
    path = small_path(r.dir, "state/00000010.safetensors");
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    refused(gan_run_resume(&r.params, &why), GAN_ENUMERIC, &why, "is not finite");
    close_run(&r);
}

int main(void)
{
    setenv("GAN_CROWDED", "1", 1); /* more threads than processors */
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_same_bytes),     TEST(test_saved_and_loaded), TEST(test_refusals),
        TEST(test_metrics),        TEST(test_cadence),          TEST(test_rows_that_cannot_be),
        TEST(test_samples),          TEST(test_model),
        TEST(test_other_versions), TEST(test_not_a_number),     TEST(test_local),
        TEST(test_run_events),     TEST(test_run_stopped),      TEST(test_run_observer_fails),
        TEST(test_metrics_number),
        TEST(test_run_in_use),     TEST(test_run_extended),     TEST(test_run_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
