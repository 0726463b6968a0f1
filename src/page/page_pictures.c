/* page_pictures.c - what the run's newest model draws when it is asked: samples, a place between four of them, the training pictures nearest to them. */
#include "page/page_internal.h"

#include "base/error.h"

#include <gan/run.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CORNERS = 4, SIDE_MOST = 16, SHOWN = GAN__PAGE_SEARCHED, CANDIDATES_MOST = 100000, SHEET_NUMBERS_MOST = 1 << 25 };
static const size_t SEARCHED_MOST = 400000000; /* bytes of pictures that one answer goes through */

/* ---- model and data ------------------------------------------------------------------------------- */

/* A run's model file is replaced whole at each checkpoint. */
gan_status gan__page_model(gan_page *p, gan_error *err)
{
    const gan__stamp now = gan__page_stamp(p, "model.safetensors");
    if (p->model && now == p->model_was)
        return GAN_OK;
    gan_model *newer = NULL;
    const gan_status s = gan_model_open(&newer, p->run, p->team, err);
    if (s != GAN_OK)
        return s;
    gan_model_free(p->model);
    p->model = newer;
    p->model_was = now;
    return GAN_OK;
}

/* What the run is trained on: without what its recipe holds out. */
gan_status gan__page_set(gan_page *p, gan_error *err)
{
    char lay[4200];
    if (p->set)
        return GAN_OK;
    const gan_pictures how = gan_recipe_pictures(p->recipe);
    const char *where = p->data ? p->data : gan_run_data(p->run, lay, sizeof lay);
    const double share = gan_recipe_number(p->recipe, "data.holdout");
    gan_dataset *whole, *held = NULL;
    gan_status s = gan_dataset_find(&whole, *where ? where : gan_recipe_text(p->recipe, "data.set"), &how, err);
    if (s != GAN_OK || !(share > 0)) {
        p->set = s == GAN_OK ? whole : NULL;
        return s;
    }
    s = gan_dataset_split(&p->set, &held, whole, share, err);
    gan_dataset_free(held);
    gan_dataset_free(whole);
    return s;
}

gan_status gan__page_need_pictures(gan_page *p, gan_error *err)
{
    const gan_status s = gan__page_model(p, err);
    if (s == GAN_OK && !gan_model_latent(p->model))
        return gan__fail(err, GAN_EUNSUPPORTED, "its model draws nothing");
    return s == GAN_OK && gan_model_real(p->model) ? gan__fail(err, GAN_EUNSUPPORTED, "samples are points, not pictures") : s;
}

/* The training pictures too, of the shape of samples. */
gan_status gan__page_need_nearest(gan_page *p, gan_error *err)
{
    int h, w, c, height, width, channels;
    gan_status s = gan__page_need_pictures(p, err);
    if (s == GAN_OK)
        s = gan__page_set(p, err);
    if (s != GAN_OK)
        return s;
    gan_model_shape(p->model, &h, &w, &c);
    gan_dataset_shape(p->set, &height, &width, &channels);
    if (h == height && w == width && c == channels && !gan_dataset_real(p->set))
        return GAN_OK;
    return gan__fail(err, GAN_ENOTFOUND, "%s holds pictures of another shape than the samples", gan_dataset_name(p->set));
}

/* And an encoder. */
gan_status gan__page_need_pairs(gan_page *p, gan_error *err)
{
    if (strcmp(gan_recipe_text(p->recipe, "train.game"), "vae") != 0)
        return gan__fail(err, GAN_EUNSUPPORTED, "its game has no encoder: it cannot reconstruct");
    return gan__page_need_nearest(p, err);
}

static gan_status read_class(const gan_page *p, const gan__page_request *q, int *label, gan_error *err)
{
    double wanted = -1;
    const gan_status s = gan__page_number(q, "class", -1, -1, gan_model_classes(p->model) - 1, &wanted, err);
    *label = (int)wanted;
    return s;
}

size_t gan__page_item(const gan_model *m)
{
    int h, w, c;
    gan_model_shape(m, &h, &w, &c);
    return (size_t)h * (size_t)w * (size_t)c;
}

gan_status gan__page_sheet(const gan_model *m, int n, int columns, int gap, const uint8_t *pixels, gan_page_answer *a, gan_error *err)
{
    gan_image image = {0};
    gan_grid grid = {.n = n, .columns = columns, .gap = gap, .zoom = 1};
    gan_model_shape(m, &grid.height, &grid.width, &grid.channels);
    gan_status s = gan_image_grid(&image, &grid, pixels, err);
    if (s == GAN_OK)
        s = gan__page_png(&image, a, err);
    gan_image_release(&image);
    return s;
}

/* ---- a walk ---------------------------------------------------------------------------------------- */

/* The latent at (u, v) of a square whose corners are four samples: along great circles, as norms of latents are much alike. */
static void between(float *z, float *work, const float *corner, int latent, double u, double v)
{
    const size_t n = (size_t)latent;
    gan_slerp(work, corner, corner + n, latent, u);
    gan_slerp(work + n, corner + 2 * n, corner + 3 * n, latent, u);
    gan_slerp(z, work, work + n, latent, v);
}

uint8_t gan__page_byte(float x)
{
    return x > 0 ? x < 1 ? (uint8_t)lrintf(255 * x) : 255 : 0;
}

/* n latents as pictures; of class `label`, or, where that is -1, all of class 0: a walk stays in its class. */
gan_status gan__page_draw(gan_page *p, int n, const float *z, uint64_t seed, int label, uint8_t *pixels, gan_error *err)
{
    gan_model *m = p->model;
    const size_t item = gan__page_item(m);
    float *values = malloc((size_t)n * item * sizeof *values);
    int *labels = malloc((size_t)n * sizeof *labels);
    gan_status s = values && labels ? GAN_OK : gan__fail_memory(err, "samples");
    for (int i = 0; i < n && s == GAN_OK; i++)
        labels[i] = label > 0 ? label : 0;
    if (s == GAN_OK)
        s = gan_model_sample_latents(m, seed, 0, n, z, gan_model_classes(m) ? labels : NULL, values, err);
    for (size_t i = 0; i < (size_t)n * item && s == GAN_OK; i++)
        pixels[i] = gan__page_byte(values[i]);
    free(values);
    free(labels);
    return s;
}

typedef struct walk {
    double u, v, seed;
    int first, label, side; /* side 1: the place (u, v); else so many places each way, corners with them */
} walk;

static gan_status read_walk(gan_page *p, const gan__page_request *q, walk *w, gan_error *err)
{
    gan_status s = read_class(p, q, &w->label, err);
    if (s == GAN_OK)
        s = gan__page_number(q, "u", 0, 0, 1, &w->u, err);
    if (s == GAN_OK)
        s = gan__page_number(q, "v", 0, 0, 1, &w->v, err);
    if (s == GAN_OK)
        s = gan__page_number(q, "seed", 1, 0, 1e9, &w->seed, err);
    if (s == GAN_OK)
        s = gan__page_whole(q, "first", 0, 1000000000, &w->first, err);
    if (s == GAN_OK)
        s = gan__page_whole(q, "side", 1, SIDE_MOST, &w->side, err);
    if (s == GAN_OK && w->side < 1)
        s = gan__fail(err, GAN_EINVAL, "%s: side = 0 shows nothing", q->path);
    if (s == GAN_OK && (size_t)w->side * (size_t)w->side * gan__page_item(p->model) > SHEET_NUMBERS_MOST)
        s = gan__fail(err, GAN_EINVAL, "%s: side = %d are too many samples of this size", q->path, w->side);
    return s;
}

gan_status gan__page_walk(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    walk w = {0};
    gan_status s = read_walk(p, q, &w, err);
    if (s != GAN_OK)
        return s;
    const int latent = gan_model_latent(p->model), n = w.side * w.side;
    const size_t row = (size_t)latent;
    float *z = malloc((CORNERS + 2 + (size_t)n) * row * sizeof *z), *work = z ? z + CORNERS * row : NULL, *out = z ? work + 2 * row : NULL;
    uint8_t *pixels = malloc((size_t)n * gan__page_item(p->model));
    s = z && pixels ? gan_model_latents(p->model, (uint64_t)w.seed, (uint32_t)w.first, CORNERS, z, err) : gan__fail_memory(err, "a walk");
    for (int i = 0; i < n && s == GAN_OK; i++) {
        const int across = i % w.side, down = i / w.side;
        between(out + (size_t)i * row, work, z, latent, w.side > 1 ? (double)across / (w.side - 1) : w.u, w.side > 1 ? (double)down / (w.side - 1) : w.v);
    }
    if (s == GAN_OK)
        s = gan__page_draw(p, n, out, (uint64_t)w.seed, w.label, pixels, err);
    if (s == GAN_OK)
        s = gan__page_sheet(p->model, n, w.side, 0, pixels, a, err);
    free(pixels);
    free(z);
    return s;
}

/* ---- samples, and what they were learned from ----------------------------------------------------- */

static gan_status sample(gan_page *p, int label, int first, uint8_t *pixels, gan_error *err)
{
    return label >= 0 ? gan_model_sample_class(p->model, label, 1, (uint32_t)first, SHOWN, pixels, err)
                      : gan_model_sample(p->model, 1, (uint32_t)first, SHOWN, pixels, err);
}

/* The first so many pictures are gone through: an answer must not take minutes. */
static int searched(const gan_dataset *d, size_t item)
{
    const size_t fit = SEARCHED_MOST / item, most = fit < CANDIDATES_MOST ? fit : CANDIDATES_MOST, count = (size_t)gan_dataset_count(d);
    return (int)(count < most ? count : most);
}

/* SHOWN pictures, and behind them those of the data nearest to them. far: their mean distance, root mean square over all pixels, as a share of the whole
 * way from black to white. self: as gan_dataset_nearest. */
static gan_status search(const gan_page *p, uint8_t *pixels, const int *self, double *far, gan_error *err)
{
    int which[SHOWN];
    uint64_t sum[SHOWN];
    const size_t item = gan__page_item(p->model);
    const gan_dataset_nearest_params ask = {SHOWN, pixels, self, searched(p->set, item)};
    const gan_status s = gan_dataset_nearest(which, sum, p->set, &ask, err);
    *far = 0;
    for (int i = 0; i < SHOWN && s == GAN_OK; i++) {
        if (which[i] < 0)
            return gan__fail(err, GAN_ENOTFOUND, "%s is one picture alone", gan_dataset_name(p->set));
        gan_dataset_get(p->set, which[i], pixels + (size_t)(SHOWN + i) * item);
        *far += sqrt((double)sum[i] / (double)item) / 255 / SHOWN;
    }
    return s;
}

/* Samples first, first + 1, ... of the request, and what is nearest to each, in p->search. */
static gan_status search_samples(gan_page *p, const gan__page_request *q, gan_error *err)
{
    int label = -1, first = 0;
    gan__page_search *kept = &p->search;
    gan_status s = read_class(p, q, &label, err);
    if (s == GAN_OK)
        s = gan__page_whole(q, "first", 0, 1000000000, &first, err);
    if (s != GAN_OK || (kept->pixels && kept->of == p->model_was && kept->label == label && kept->first == first))
        return s;
    free(kept->pixels);
    *kept = (gan__page_search){.pixels = malloc(2 * SHOWN * gan__page_item(p->model)), .label = label, .first = first, .of = p->model_was};
    s = kept->pixels ? sample(p, label, first, kept->pixels, err) : gan__fail_memory(err, "samples");
    if (s == GAN_OK)
        s = search(p, kept->pixels, NULL, &kept->far, err);
    if (s == GAN_OK)
        return GAN_OK;
    free(kept->pixels);
    kept->pixels = NULL;
    return s;
}

/* Two rows: samples, and below each one what is nearest to it. */
gan_status gan__page_nearest(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    const gan_status s = search_samples(p, q, err);
    return s == GAN_OK ? gan__page_sheet(p->model, 2 * SHOWN, SHOWN, 2, p->search.pixels, a, err) : s;
}

/* How far pictures of the data are from those nearest to them. */
static gan_status measure_real(gan_page *p, gan_error *err)
{
    int self[SHOWN];
    const size_t item = gan__page_item(p->model);
    if (p->real_far > 0)
        return GAN_OK;
    uint8_t *pixels = malloc(2 * SHOWN * item);
    if (!pixels)
        return gan__fail_memory(err, "pictures");
    gan_dataset_order(p->set, 1, 0, SHOWN, self);
    for (int i = 0; i < SHOWN; i++)
        gan_dataset_get(p->set, self[i], pixels + (size_t)i * item);
    const gan_status s = search(p, pixels, self, &p->real_far, err);
    free(pixels);
    return s;
}

/* Both distances, and how many pictures were gone through. */
gan_status gan__page_nearest_facts(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    gan_status s = search_samples(p, q, err);
    if (s == GAN_OK)
        s = measure_real(p, err);
    if (s != GAN_OK)
        return s;
    return gan__page_json(json_pack("{s:f s:f s:i s:i}", "samples", p->search.far, "real", p->real_far, "among", searched(p->set, gan__page_item(p->model)), "of",
                                    gan_dataset_count(p->set)),
                          a, err);
}

/* Some of what the run learns from. */
gan_status gan__page_real_pictures(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    (void)q;
    enum { SOME = 10 };
    uint8_t *pixels = malloc(SOME * gan__page_item(p->model));
    gan_status s = pixels ? GAN_OK : gan__fail_memory(err, "pictures");
    if (s == GAN_OK) {
        gan_dataset_batch(p->set, 1, 0, SOME, pixels);
        s = gan__page_sheet(p->model, SOME, SOME, 1, pixels, a, err);
    }
    free(pixels);
    return s;
}

/* Two rows: pictures of the data, and below each one what the decoder makes of its code. */
gan_status gan__page_pairs(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    int first = 0;
    gan_status s = gan__page_whole(q, "first", 0, 1000000000, &first, err);
    if (s != GAN_OK)
        return s;
    const size_t item = gan__page_item(p->model);
    uint8_t *pixels = malloc(2 * SHOWN * item);
    s = pixels ? GAN_OK : gan__fail_memory(err, "pictures");
    if (s == GAN_OK) {
        gan_dataset_batch(p->set, 1, (uint64_t)first, SHOWN, pixels);
        s = gan_model_reconstruct(p->model, SHOWN, pixels, pixels + SHOWN * item, err);
    }
    if (s == GAN_OK)
        s = gan__page_sheet(p->model, 2 * SHOWN, SHOWN, 2, pixels, a, err);
    free(pixels);
    return s;
}
