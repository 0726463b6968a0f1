/* What a page answers: each thing that can be asked for, compared with where it comes from; requests that ask for what is not there; the report. */
#include "unit/page/page_run.h"

#include "base/fileio.h"
#include "file/png.h"
#include "page/page_internal.h"

#include <gan/page.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static planted run;
static gan_page *page;

static int set_up(void **state)
{
    gan_error err = {0};
    (void)state;
    if (!plant(&run, &err) || gan_page_create(&page, run.run, NULL, 1, &err) != GAN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gan_page_free(page);
    uproot(&run);
    return 0;
}

static gan_page_answer asked(const char *request, int status)
{
    gan_page_answer a;
    gan_page_ask(page, request, &a);
    if (a.status != status)
        fail_msg("%s: %d, not %d: %.*s", request, a.status, status, (int)(a.size < 200 ? a.size : 200), (const char *)a.bytes);
    assert_non_null(a.bytes);
    return a;
}

static json_t *asked_json(const char *request)
{
    gan_page_answer a = asked(request, 200);
    assert_string_equal(a.type, "application/json");
    json_t *root = json_loadb((const char *)a.bytes, a.size, 0, NULL);
    assert_non_null(root);
    gan_page_answer_release(&a);
    return root;
}

static gan_image asked_picture(const char *request)
{
    gan_image image = {0};
    gan_error err = {0};
    gan_page_answer a = asked(request, 200);
    assert_string_equal(a.type, "image/png");
    assert_int_equal(gan__png_decode(&image, request, a.bytes, a.size, &err), GAN_OK);
    gan_page_answer_release(&a);
    return image;
}

/* ---- facts ---------------------------------------------------------------------------------------- */

static void files(void **state)
{
    (void)state;
    static const struct {
        const char *request, *type, *holds;
    } rows[] = {{"", "text/html; charset=utf-8", "<!doctype html>"},
                {"page.html", "text/html; charset=utf-8", "id=\"doctor\""},
                {"page.css", "text/css; charset=utf-8", "prefers-color-scheme: dark"},
                {"page.js", "text/javascript; charset=utf-8", "'use strict'"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_page_answer a = asked(rows[i].request, 200);
        assert_string_equal(a.type, rows[i].type);
        assert_non_null(memmem(a.bytes, a.size, rows[i].holds, strlen(rows[i].holds)));
        gan_page_answer_release(&a);
    }
}

static void facts(void **state)
{
    (void)state;
    json_t *root = asked_json("run.json");
    assert_string_equal(json_string_value(json_object_get(root, "name")), "a run");
    assert_string_equal(json_string_value(json_object_get(root, "game")), "gan");
    assert_int_equal(json_integer_value(json_object_get(root, "iterations")), 12);
    assert_int_equal(json_integer_value(json_object_get(root, "latent")), 7);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(root, "shape"), 0)), 28);
    assert_int_equal(json_array_size(json_object_get(root, "nets")), 2);
    assert_non_null(strstr(json_string_value(json_object_get(root, "recipe")), "dense 19 relu"));
    assert_non_null(json_object_get(json_object_get(root, "keys"), "d_real"));
    json_decref(root);
}

/* Every figure is the log's. */
static void metrics(void **state)
{
    (void)state;
    gan_history *h;
    gan_error err;
    assert_int_equal(gan_history_read(&h, run.run, &err), GAN_OK);
    json_t *root = asked_json("metrics.json"), *columns = json_object_get(root, "columns");
    assert_int_equal(gan_history_rows(h), 6);
    assert_int_equal(json_array_size(json_object_get(root, "iteration")), 6);
    assert_int_equal((int)json_object_size(columns), gan_history_keys(h));
    for (int k = 0; k < gan_history_keys(h); k++)
        for (int row = 0; row < 6; row++) {
            const json_t *is = json_array_get(json_object_get(columns, gan_history_key(h, k)), (size_t)row);
            const double was = gan_history_value(h, row, gan_history_key(h, k));
            if (isnan(was))
                assert_true(json_is_null(is));
            else
                assert_true(fabs(json_real_value(is) - was) <= 1e-6 * fabs(was));
        }
    json_decref(root);
    gan_history_free(h);
}

/* 10,000 lines come as at most 1,000, the last one among them. */
static void long_log(void **state)
{
    (void)state;
    char path[160], saved[160];
    snprintf(path, sizeof path, "%s/metrics.jsonl", run.run);
    snprintf(saved, sizeof saved, "%s/kept", run.folder);
    assert_int_equal(rename(path, saved), 0);
    FILE *out = fopen(path, "w");
    for (int i = 1; i <= 10000; i++)
        fprintf(out, i % 7 ? "{\"iteration\":%d,\"loss_d\":%d.5}\n" : "{\"iteration\":%d,\"loss_d\":%d.5,\"fid\":3}\n", 10 * i, i);
    assert_int_equal(fclose(out), 0);
    json_t *root = asked_json("metrics.json"), *at = json_object_get(root, "iteration");
    const size_t n = json_array_size(at);
    assert_true(n > 500 && n <= 1000);
    assert_int_equal(json_integer_value(json_array_get(at, n - 1)), 100000);
    const json_t *last = json_array_get(json_object_get(json_object_get(root, "columns"), "loss_d"), n - 1);
    assert_true(json_real_value(last) == 10000.5);
    size_t rare = 0;
    for (size_t i = 0; i < n; i++)
        rare += json_is_real(json_array_get(json_object_get(json_object_get(root, "columns"), "fid"), i));
    assert_true(rare > 500); /* what is logged at every seventh line is still there */
    json_decref(root);
    assert_int_equal(rename(saved, path), 0);
}

static void doctor_and_grids(void **state)
{
    (void)state;
    json_t *root = asked_json("doctor.json");
    assert_int_equal(json_integer_value(json_object_get(root, "lines")), 6);
    assert_true(json_is_array(json_object_get(root, "findings")));
    json_decref(root);
    root = asked_json("grids.json");
    assert_int_equal(json_array_size(root), 3);
    for (size_t i = 0; i < 3; i++) {
        char request[64];
        const json_t *grid = json_array_get(root, i);
        assert_int_equal(json_integer_value(json_array_get(grid, 0)), 6 * (int)i);
        snprintf(request, sizeof request, "samples/%s", json_string_value(json_array_get(grid, 1)));
        gan_image image = asked_picture(request);
        assert_int_equal(image.width, 5 * 28 + 6);
        gan_image_release(&image);
    }
    json_decref(root);
}

/* Who says how many lines it has gets the others along, and the doctor's words: what the two requests of their own say. */
static void news(void **state)
{
    (void)state;
    json_t *log = asked_json("metrics.json"), *doctor = asked_json("doctor.json");
    json_t *none = asked_json("status.json"), *all = asked_json("status.json?lines=6"), *some = asked_json("status.json?lines=4");
    assert_null(json_object_get(none, "log"));
    assert_null(json_object_get(all, "log"));
    assert_null(json_object_get(all, "doctor"));
    assert_true(json_equal(json_object_get(some, "log"), log));
    assert_true(json_equal(json_object_get(some, "doctor"), doctor));
    assert_string_equal(json_string_value(json_object_get(some, "model")), json_string_value(json_object_get(none, "model")));
    json_t *const each[] = {log, doctor, none, all, some};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        json_decref(each[i]);
}

/* A stamp changes with its file, and with nothing else. */
static void stamps(void **state)
{
    (void)state;
    char path[160];
    json_t *before = asked_json("status.json"), *same = asked_json("status.json");
    assert_true(json_equal(before, same));
    snprintf(path, sizeof path, "%s/samples/000099.png", run.run);
    assert_int_equal(gan__write_file(path, "x", 1, NULL), GAN_OK);
    json_t *after = asked_json("status.json");
    assert_true(json_equal(json_object_get(before, "metrics"), json_object_get(after, "metrics")));
    assert_false(json_equal(json_object_get(before, "samples"), json_object_get(after, "samples")));
    unlink(path);
    json_decref(before);
    json_decref(same);
    json_decref(after);
}

/* ---- pictures ------------------------------------------------------------------------------------- */

static int most_apart(const uint8_t *a, const uint8_t *b, size_t n)
{
    int most = 0;
    for (size_t i = 0; i < n; i++) {
        const int d = abs(a[i] - b[i]);
        most = d > most ? d : most;
    }
    return most;
}

/* The square's corners are samples of the model; its middle is none of them; a sheet's places are the places. */
static void walk(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28 };
    static uint8_t samples[4 * PIXELS];
    static const char *const corner[] = {"walk.png?u=0&v=0&first=3", "walk.png?u=1&v=0&first=3", "walk.png?u=0&v=1&first=3", "walk.png?u=1&v=1&first=3"};
    gan_model *m;
    gan_error err;
    assert_int_equal(gan_model_open(&m, run.run, NULL, &err), GAN_OK);
    assert_int_equal(gan_model_sample(m, 1, 3, 4, samples, &err), GAN_OK);
    for (int i = 0; i < 4; i++) {
        gan_image image = asked_picture(corner[i]);
        assert_int_equal(image.width * image.height, PIXELS);
        assert_true(most_apart(image.pixels, samples + i * PIXELS, PIXELS) <= 1);
        gan_image_release(&image);
    }
    gan_image middle = asked_picture("walk.png?u=0.5&v=0.5&first=3"), sheet = asked_picture("walk.png?side=3&first=3");
    for (int i = 0; i < 4; i++)
        assert_true(most_apart(middle.pixels, samples + i * PIXELS, PIXELS) > 1);
    assert_int_equal(sheet.width, 3 * 28);
    for (int y = 0; y < 28; y++)
        assert_memory_equal(sheet.pixels + ((28 + y) * 3 + 1) * 28, middle.pixels + y * 28, 28);
    gan_image_release(&middle);
    gan_image_release(&sheet);
    gan_model_free(m);
}

/* Below each sample, the picture of the data that a plain search finds. */
static void nearest(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28, SHOWN = 8, GAP = 2, WIDTH = SHOWN * 28 + (SHOWN + 1) * GAP, AT = GAP + 2 * (28 + GAP) };
    static uint8_t sample[PIXELS], other[PIXELS], best[PIXELS];
    gan_model *m;
    gan_dataset *d;
    gan_error err;
    assert_int_equal(gan_model_open(&m, run.run, NULL, &err), GAN_OK);
    assert_int_equal(gan_dataset_find(&d, "strokes", NULL, &err), GAN_OK);
    assert_int_equal(gan_model_sample(m, 1, 2, 1, sample, &err), GAN_OK);
    double least = HUGE_VAL;
    for (int i = 0; i < gan_dataset_count(d); i++) {
        double sum = 0;
        gan_dataset_get(d, i, other);
        for (int k = 0; k < PIXELS; k++)
            sum += pow(sample[k] - other[k], 2);
        if (sum < least) {
            least = sum;
            memcpy(best, other, PIXELS);
        }
    }
    gan_image image = asked_picture("nearest.png");
    assert_int_equal(image.width, WIDTH);
    for (int y = 0; y < 28; y++) {
        assert_memory_equal(image.pixels + (GAP + y) * WIDTH + AT, sample + y * 28, 28);
        assert_memory_equal(image.pixels + (28 + 2 * GAP + y) * WIDTH + AT, best + y * 28, 28);
    }
    gan_image_release(&image);
    gan_dataset_free(d);
    gan_model_free(m);
}

/* ---- inside --------------------------------------------------------------------------------------- */

/* The newest checkpoint, by the library's own ways to it. */
static gan_trainer *trained(gan_dataset **d, gan_recipe **r)
{
    char path[200];
    gan_trainer *t;
    gan_error err;
    snprintf(path, sizeof path, "%s/recipe.ini", run.run);
    assert_int_equal(gan_recipe_load(r, path, &err), GAN_OK);
    assert_int_equal(gan_dataset_find(d, "strokes", NULL, &err), GAN_OK);
    assert_int_equal(gan_trainer_create(&t, *r, *d, NULL, &err), GAN_OK);
    char *name = gan__page_state(page), *state = name ? gan__page_path(page, name) : NULL;
    assert_non_null(state);
    if (gan_trainer_load(t, state, &err) != GAN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gan_trainer_iteration(t), 12);
    free(state);
    free(name);
    return t;
}

static bool near(const json_t *is, double was)
{
    return fabs(json_real_value(is) - was) <= 1e-6 * fabs(was) + 1e-12;
}

static void inside(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28, JUDGED = 256 };
    static float samples[JUDGED * PIXELS], logits[JUDGED];
    gan_dataset *d;
    gan_recipe *r;
    gan_inspector *x;
    gan_error err;
    gan_trainer *t = trained(&d, &r);
    assert_int_equal(gan_inspector_create(&x, t, &err), GAN_OK);
    const int n = gan_inspector_layer_count(x);
    gan_layer_look layer[8];
    assert_true(n > 0 && n <= 8);
    assert_int_equal(gan_inspector_layers(x, layer, &err), GAN_OK);
    json_t *root = asked_json("layers.json");
    assert_int_equal(json_array_size(root), n);
    for (int i = 0; i < n; i++) {
        const json_t *row = json_array_get(root, (size_t)i);
        assert_string_equal(json_string_value(json_object_get(row, "text")), layer[i].text);
        assert_true(near(json_object_get(json_object_get(row, "gradients"), "rms"), layer[i].gradients.rms));
        assert_true(isnan(layer[i].dead) ? json_is_null(json_object_get(row, "dead")) : near(json_object_get(row, "dead"), layer[i].dead));
        const json_t *bins = json_object_get(json_object_get(row, "weights"), "bin");
        for (int k = 0; k < GAN_INSPECT_BINS; k++)
            assert_int_equal(json_integer_value(json_array_get(bins, (size_t)k)), layer[i].weights.bin[k]);
    }
    json_decref(root);
    root = asked_json("judge.json");
    assert_int_equal(gan_inspector_real(x, 0, JUDGED, samples, NULL, &err), GAN_OK);
    assert_int_equal(gan_inspector_judge(x, JUDGED, samples, NULL, logits, NULL, &err), GAN_OK);
    for (int i = 0; i < JUDGED; i++)
        assert_true(near(json_array_get(json_object_get(root, "real"), (size_t)i), (double)logits[i]));
    assert_int_equal(gan_trainer_sample_floats(t, 0, JUDGED, samples, &err), GAN_OK);
    assert_int_equal(gan_inspector_judge(x, JUDGED, samples, NULL, logits, NULL, &err), GAN_OK);
    for (int i = 0; i < JUDGED; i++)
        assert_true(near(json_array_get(json_object_get(root, "fake"), (size_t)i), (double)logits[i]));
    json_decref(root);
    gan_inspector_free(x);
    gan_trainer_free(t);
    gan_recipe_free(r);
    gan_dataset_free(d);
}

/* Maps: red where the slope is positive, blue where it is negative, strongest where it is largest. */
static void slopes(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28, GAP = 2, WIDTH = 8 * 28 + 9 * GAP };
    static float sample[PIXELS], slope[PIXELS];
    gan_dataset *d;
    gan_recipe *r;
    gan_inspector *x;
    gan_error err;
    float logit;
    gan_trainer *t = trained(&d, &r);
    assert_int_equal(gan_inspector_create(&x, t, &err), GAN_OK);
    assert_int_equal(gan_inspector_real(x, 0, 1, sample, NULL, &err), GAN_OK);
    assert_int_equal(gan_inspector_judge(x, 1, sample, NULL, &logit, slope, &err), GAN_OK);
    gan_image image = asked_picture("slopes.png");
    assert_int_equal(image.width, WIDTH);
    assert_int_equal(image.channels, 3);
    int strongest = 0;
    for (int i = 0; i < PIXELS; i++)
        strongest = fabsf(slope[i]) > fabsf(slope[strongest]) ? i : strongest;
    for (int i = 0; i < PIXELS; i++) {
        const uint8_t *at = image.pixels + 3 * ((size_t)(2 * GAP + 28 + i / 28) * WIDTH + (size_t)(GAP + i % 28));
        if (fabsf(slope[i]) > 0.5F * fabsf(slope[strongest]))
            assert_true(slope[i] > 0 ? at[0] > at[2] : at[2] > at[0]);
        if (i == strongest)
            assert_int_equal(slope[i] > 0 ? at[0] : at[2], 255);
    }
    gan_image_release(&image);
    gan_inspector_free(x);
    gan_trainer_free(t);
    gan_recipe_free(r);
    gan_dataset_free(d);
}

/* The middle of each row is the sample itself; its ends are not. */
static void ways(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28, STEPS = 7, WIDTH = STEPS * 28 + STEPS + 1 };
    static uint8_t sample[PIXELS];
    gan_model *m;
    gan_error err;
    json_t *root = asked_json("ways.json?kind=0");
    const size_t rows = json_array_size(root);
    assert_int_equal(rows, 5);
    for (size_t i = 1; i < rows; i++)
        assert_true(json_real_value(json_array_get(root, i)) <= json_real_value(json_array_get(root, i - 1)));
    json_decref(root);
    assert_int_equal(gan_model_open(&m, run.run, NULL, &err), GAN_OK);
    assert_int_equal(gan_model_sample(m, 1, 2, 1, sample, &err), GAN_OK);
    gan_image image = asked_picture("ways.png?kind=0&first=2");
    assert_int_equal(image.width, WIDTH);
    for (size_t row = 0; row < rows; row++) {
        int apart = 0;
        for (size_t y = 0; y < 28; y++) {
            const uint8_t *line = image.pixels + (1 + row * 29 + y) * WIDTH;
            assert_true(most_apart(line + 1 + 3 * 29, sample + y * 28, 28) <= 1);
            apart += most_apart(line + 1, line + 1 + 6 * 29, 28);
        }
        assert_true(apart > 0);
    }
    gan_image_release(&image);
    gan_model_free(m);
}

/* The strongest weight of a neuron is white or black, wherever it is. */
static void filters(void **state)
{
    (void)state;
    gan_image image = asked_picture("filters.png");
    int ends = 0;
    for (int y = 0; y < 28; y++)
        for (int k = 0; k < 28; k++) {
            const uint8_t v = image.pixels[(2 + y) * image.width + 2 + k];
            ends += v == 255 || v == 0;
        }
    assert_true(ends >= 1);
    gan_image_release(&image);
}

/* A run that goes on: the next checkpoint is read into the same trainer. */
static void newer_checkpoint(void **state)
{
    (void)state;
    gan_error err = {0};
    json_t *before = asked_json("layers.json");
    gan_run_params params = gan_run_defaults(run.run);
    params.iterations = 18;
    params.threads = 1;
    assert_int_equal(gan_run_resume(&params, &err), GAN_OK);
    json_t *after = asked_json("layers.json");
    assert_false(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

/* A model of another recipe beside the run's checkpoints: refused, not drawn with. */
static void another_model(void **state)
{
    (void)state;
    planted other;
    gan_error err = {0};
    char ours[160], theirs[160], kept[160];
    assert_true(plant_recipe(&other, "[data]\nset = strokes\n[generator]\nlatent = 2\nlayers =\n  dense 784 sigmoid\n[discriminator]\nlayers =\n  dense 1\n"
                                     "[train]\nbatch = 8\niterations = 1\n", &err));
    snprintf(ours, sizeof ours, "%s/model.safetensors", run.run);
    snprintf(kept, sizeof kept, "%s/model", run.folder);
    snprintf(theirs, sizeof theirs, "%s/model.safetensors", other.run);
    assert_int_equal(rename(ours, kept), 0);
    assert_int_equal(rename(theirs, ours), 0);
    gan_page_answer a = asked("ways.png?kind=0", 404);
    gan_page_answer_release(&a);
    a = asked("ways.json?kind=1", 404);
    gan_page_answer_release(&a);
    a = asked("walk.png?side=2", 200); /* a model by itself is fine */
    gan_page_answer_release(&a);
    assert_int_equal(rename(kept, ours), 0);
    a = asked("ways.png?kind=0", 200);
    gan_page_answer_release(&a);
    uproot(&other);
}

/* What a run has no use for is said, and asking for it all the same is no failure of ours. */
static void views(void **state)
{
    (void)state;
    json_t *root = asked_json("views.json");
    assert_true(json_is_true(json_object_get(root, "walk")) && json_is_true(json_object_get(root, "nearest")));
    assert_non_null(strstr(json_string_value(json_object_get(root, "pairs")), "no encoder"));
    json_decref(root);
    gan_page_answer a = asked("pairs.png", 404);
    gan_page_answer_release(&a);
}

/* Distances are the plain ones; a picture is not its own neighbour. */
static void distances(void **state)
{
    (void)state;
    enum { PIXELS = 28 * 28, SHOWN = 8 };
    static uint8_t samples[SHOWN * PIXELS], other[PIXELS];
    int self[SHOWN];
    gan_model *m;
    gan_dataset *d;
    gan_error err;
    assert_int_equal(gan_model_open(&m, run.run, NULL, &err), GAN_OK);
    assert_int_equal(gan_dataset_find(&d, "strokes", NULL, &err), GAN_OK);
    gan_dataset_order(d, 1, 0, SHOWN, self);
    double mean[2] = {0};
    for (int real = 0; real < 2; real++) {
        assert_int_equal(gan_model_sample(m, 1, 0, SHOWN, samples, &err), GAN_OK);
        for (int k = 0; k < SHOWN && real; k++)
            gan_dataset_get(d, self[k], samples + k * PIXELS);
        for (int k = 0; k < SHOWN; k++) {
            double least = HUGE_VAL;
            for (int i = 0; i < gan_dataset_count(d); i++) {
                double sum = 0;
                gan_dataset_get(d, i, other);
                for (int j = 0; j < PIXELS; j++)
                    sum += pow(samples[k * PIXELS + j] - other[j], 2);
                least = (!real || i != self[k]) && sum < least ? sum : least;
            }
            mean[real] += sqrt(least / PIXELS) / 255 / SHOWN;
        }
    }
    json_t *root = asked_json("nearest.json");
    assert_true(near(json_object_get(root, "samples"), mean[0]));
    assert_true(near(json_object_get(root, "real"), mean[1]) && mean[1] > 0);
    json_decref(root);
    gan_image image = asked_picture("real.png");
    assert_int_equal(image.width, 10 * 28 + 11);
    for (int y = 0; y < 28; y++) {
        gan_dataset_batch(d, 1, 0, 1, other);
        assert_memory_equal(image.pixels + (1 + y) * image.width + 1, other + y * 28, 28);
    }
    gan_image_release(&image);
    gan_dataset_free(d);
    gan_model_free(m);
}

/* ---- what is not there ---------------------------------------------------------------------------- */

static void bad_requests(void **state)
{
    (void)state;
    char long_one[2 * GAN_PAGE_REQUEST_MAX];
    memset(long_one, 'a', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = 0;
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"nothing", 404}, {"../run.json", 404}, {"samples/", 404}, {"samples/000099.png", 404}, {"samples/../recipe.ini", 404},
        {"samples/../state/00000012.safetensors", 404}, {"samples/000000.png/..", 404}, {"samples/%2e%2e/recipe.ini", 404}, {"samples//etc/passwd", 404},
        {"samples/00000000000000000000000000000000000000000000000000.png", 404}, {"/etc/passwd", 404}, {"recipe.ini", 404}, {"model.safetensors", 404},
        {".", 404}, {"page.htm", 404}, {"page.html/", 404}, {"run.json/", 404}, {"\x01\xff", 404},
        {"walk.png?u=2", 400}, {"walk.png?u=-0.1", 400}, {"walk.png?u=nan", 400}, {"walk.png?u=1e999", 400}, {"walk.png?u=", 400}, {"walk.png?u", 400},
        {"walk.png?=1", 400}, {"walk.png?side=0", 400}, {"walk.png?side=17", 400}, {"walk.png?first=1e12", 400}, {"walk.png?class=0", 400},
        {"walk.png?aaaaaaaaaaaaaaaaa=1", 400}, {"walk.png?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1", 400}, {"nearest.png?first=-1", 400}, {"nearest.png?class=0", 400}, {"samples.png", 404},
        {"walk.png?u=0x1p-1", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gan_page_answer a = asked(rows[i].request, rows[i].status);
        assert_true(a.size > 0 && !memchr(a.bytes, '\n', a.size));
        gan_page_answer_release(&a);
    }
    gan_page_answer a = asked(long_one, 400);
    gan_page_answer_release(&a);
}

/* A run that has only begun, and folders that are none. */
static void beginnings(void **state)
{
    (void)state;
    static const char *const gone[] = {"metrics.jsonl", "model.safetensors", "samples"};
    char from[160], to[160];
    for (size_t i = 0; i < 3; i++) {
        snprintf(from, sizeof from, "%s/%s", run.run, gone[i]);
        snprintf(to, sizeof to, "%s/%s", run.folder, gone[i]);
        assert_int_equal(rename(from, to), 0);
    }
    gan_page *saved = page, *early;
    gan_error err;
    assert_int_equal(gan_page_create(&early, run.run, NULL, 1, &err), GAN_OK);
    page = early;
    json_t *root = asked_json("metrics.json");
    assert_int_equal(json_array_size(json_object_get(root, "iteration")), 0);
    json_decref(root);
    json_decref(asked_json("grids.json"));
    json_decref(asked_json("doctor.json"));
    json_decref(asked_json("run.json"));
    gan_page_answer a = asked("walk.png", 404);
    gan_page_answer_release(&a);
    page = saved;
    for (size_t i = 0; i < 3; i++) {
        snprintf(from, sizeof from, "%s/%s", run.run, gone[i]);
        snprintf(to, sizeof to, "%s/%s", run.folder, gone[i]);
        assert_int_equal(rename(to, from), 0);
    }
    gan_page_free(early);
    assert_int_equal(gan_page_create(&early, run.folder, NULL, 1, &err), GAN_ENOTFOUND);
    assert_non_null(strstr(err.message, "is no run"));
    assert_int_equal(gan_page_create(&early, "/nowhere/at all", NULL, 1, &err), GAN_ENOTFOUND);
}

/* ---- the report ------------------------------------------------------------------------------------ */

static int times(const char *text, const char *what)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

static void report(void **state)
{
    (void)state;
    char path[160], nowhere[200];
    uint8_t *bytes;
    size_t size;
    gan_error err = {0};
    snprintf(path, sizeof path, "%s/report.html", run.folder);
    assert_int_equal(gan_page_report(page, path, &err), GAN_OK);
    assert_int_equal(gan__read_file(path, 1 << 26, &bytes, &size, &err), GAN_OK);
    const char *text = (const char *)bytes, *from = strstr(text, "id=\"answers\">");
    assert_non_null(from);
    from += strlen("id=\"answers\">");
    const char *to = strstr(from, "</script>");
    json_t *answers = json_loadb(from, (size_t)(to - from), 0, NULL);
    assert_non_null(answers);
    static const char *const kept[] = {"status.json", "run.json", "metrics.json", "doctor.json", "grids.json", "samples/000012.png", "views.json", "walk.png?side=9", "nearest.png", "layers.json", "judge.json", "slopes.png",
                                       "filters.png", "ways.json?kind=0", "ways.png?kind=0"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!json_object_get(answers, kept[i]))
            fail_msg("%s is not in the report", kept[i]);
    json_t *now = asked_json("metrics.json");
    assert_true(json_equal(now, json_object_get(answers, "metrics.json")));
    assert_int_equal(strncmp(json_string_value(json_object_get(answers, "samples/000012.png")), "data:image/png;base64,iVBOR", 27), 0);
    assert_int_equal(times(text, "</script>"), 2);
    assert_int_equal(times(text, "src=\"page.js\"") + times(text, "page.css"), 0); /* it needs nothing */
    assert_int_equal(times(text, "http://") + times(text, "https://"), times(text, "http://www.w3.org/2000/svg"));
    json_decref(now);
    json_decref(answers);
    free(bytes);
    char log[160], saved[160], bad[160];
    snprintf(log, sizeof log, "%s/metrics.jsonl", run.run);
    snprintf(saved, sizeof saved, "%s/kept", run.folder);
    snprintf(bad, sizeof bad, "%s/bad.html", run.folder);
    assert_int_equal(rename(log, saved), 0);
    assert_int_equal(gan__write_file(log, "no line\n", 8, NULL), GAN_OK);
    assert_int_equal(gan_page_report(page, bad, &err), GAN_EFORMAT); /* a report without its figures is none */
    assert_non_null(strstr(err.message, "metrics.jsonl: line 1"));
    assert_int_equal(access(bad, F_OK), -1);
    assert_int_equal(rename(saved, log), 0);
    snprintf(nowhere, sizeof nowhere, "%s/no folder/report.html", run.folder);
    assert_int_equal(gan_page_report(page, nowhere, &err), GAN_EIO);
    assert_non_null(strstr(err.message, "no folder/report.html"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),        cmocka_unit_test(facts),      cmocka_unit_test(metrics), cmocka_unit_test(long_log), cmocka_unit_test(doctor_and_grids),
        cmocka_unit_test(news),         cmocka_unit_test(stamps),     cmocka_unit_test(walk),       cmocka_unit_test(nearest), cmocka_unit_test(distances), cmocka_unit_test(inside),   cmocka_unit_test(slopes),
        cmocka_unit_test(ways),         cmocka_unit_test(filters),    cmocka_unit_test(views),   cmocka_unit_test(report),   cmocka_unit_test(bad_requests),
        cmocka_unit_test(beginnings),   cmocka_unit_test(another_model), cmocka_unit_test(newer_checkpoint),
    };
    return cmocka_run_group_tests(tests, set_up, take_down);
}
