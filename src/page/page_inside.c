/* page_inside.c - inside the nets of the newest checkpoint: layers at a glance, what D says of real and of generated samples and where it looks, D's
 * opinion of a plane, what its first neurons look for.
 *
 *     state/00010000.safetensors -> trainer -> inspector -> JSON and pictures
 *
 * The trainer is made once and never steps; a newer checkpoint is read into it.
 */
#include "page/page_internal.h"

#include "base/error.h"
#include "base/paths.h"
#include "file/safetensors.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JUDGED = 256, JUDGED_LEAST = 16, NUMBERS_MOST = 1 << 24 /* of samples at a time */, TRIES = 3, SHOWN = 8, SIDE = 48, REAL_POINTS = 400, FAKE_POINTS = 200, FILTERS_MOST = 64, FILTER_SIDE_LEAST = 3 };

/* ---- checkpoint -> trainer ------------------------------------------------------------------------ */

char *gan__page_state(const gan_page *p)
{
    char *folder = gan__page_path(p, "state"), *newest = NULL;
    DIR *d = folder ? opendir(folder) : NULL;
    int64_t most = -1;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        const int64_t at = gan__name_number(e->d_name, ".safetensors");
        if (at <= most)
            continue;
        free(newest);
        newest = gan__path_join("state", e->d_name);
        most = newest ? at : -1;
    }
    if (d)
        closedir(d);
    free(folder);
    return newest;
}

static gan_status make_trainer(gan_page *p, gan_error *err)
{
    gan_status s = gan__page_set(p, err);
    if (s == GAN_OK)
        s = gan_trainer_create(&p->trainer, p->recipe, p->set, p->team, err);
    if (s == GAN_OK)
        s = gan_inspector_create(&p->inside, p->trainer, err);
    p->state_was = 0;
    if (s != GAN_OK)
        gan__page_inside_release(p);
    return s;
}

/* The newest checkpoint, where it is another one than before. One that goes between being found and being read has a newer one behind it. */
static gan_status load(gan_page *p, gan_error *err)
{
    gan_status s = GAN_ENOTFOUND;
    for (int tries = 0; s == GAN_ENOTFOUND && tries < TRIES; tries++) {
        char *name = gan__page_state(p), *path = name ? gan__page_path(p, name) : NULL;
        const gan__stamp now = name ? gan__page_stamp(p, name) : 0;
        s = !path             ? gan__fail(err, GAN_ENOTFOUND, "there is no checkpoint yet")
            : now == p->state_was ? GAN_OK
                                  : gan_trainer_load(p->trainer, path, err);
        p->state_was = s == GAN_OK ? now : 0;
        free(path);
        free(name);
    }
    return s;
}

gan_status gan__page_need_inside(gan_page *p, gan_error *err)
{
    if (!strcmp(gan_recipe_text(p->recipe, "train.game"), "classifier"))
        return gan__fail(err, GAN_EUNSUPPORTED, "a classifier plays no game");
    char *name = gan__page_state(p);
    gan_status s = name ? GAN_OK : gan__fail(err, GAN_ENOTFOUND, "there is no checkpoint yet");
    free(name);
    if (s == GAN_OK && !p->inside)
        s = make_trainer(p, err);
    return s == GAN_OK ? load(p, err) : s;
}

void gan__page_inside_release(gan_page *p)
{
    for (int i = 0; i < 2; i++)
        free(p->ways[i].way);
    memset(p->ways, 0, sizeof p->ways);
    gan_inspector_free(p->inside);
    gan_trainer_free(p->trainer);
    p->inside = NULL;
    p->trainer = NULL;
    p->state_was = 0;
}

static gan_status need_d(gan_page *p, bool points, gan_error *err)
{
    const gan_status s = gan__page_need_inside(p, err);
    if (s == GAN_OK && !gan_inspector_judges(p->inside))
        return gan__fail(err, GAN_EUNSUPPORTED, "its game has no D that judges single samples");
    if (s == GAN_OK && gan_dataset_real(p->set) != points)
        return gan__fail(err, GAN_EUNSUPPORTED, points ? "samples are pictures, not points" : "samples are points, not pictures");
    return s;
}

gan_status gan__page_need_judge(gan_page *p, gan_error *err)
{
    return need_d(p, false, err);
}

gan_status gan__page_need_plane(gan_page *p, gan_error *err)
{
    const gan_status s = need_d(p, true, err);
    int h, w, c;
    if (s != GAN_OK)
        return s;
    gan_trainer_shape(p->trainer, &h, &w, &c);
    return h * w * c == 2 ? GAN_OK : gan__fail(err, GAN_EUNSUPPORTED, "points of %d numbers lie on no plane", h * w * c);
}

/* ---- layers --------------------------------------------------------------------------------------- */

static json_t *histogram_of(const gan_histogram *h)
{
    json_t *bins = json_array();
    for (int i = 0; i < GAN_INSPECT_BINS; i++)
        json_array_append_new(bins, json_integer(h->bin[i]));
    return json_pack("{s:I s:I s:o s:o s:o s:o}", "count", (json_int_t)h->count, "bad", (json_int_t)h->bad, "rms", gan__page_real(h->rms), "least",
                     gan__page_real(h->least), "most", gan__page_real(h->most), "bin", bins);
}

gan_status gan__page_layers(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    const int n = gan_inspector_layer_count(p->inside);
    gan_layer_look *layer = calloc((size_t)n, sizeof *layer);
    (void)q;
    gan_status s = layer ? gan_inspector_layers(p->inside, layer, err) : gan__fail_memory(err, "layers");
    json_t *list = s == GAN_OK ? json_array() : NULL;
    for (int i = 0; i < n && s == GAN_OK; i++) {
        const gan_layer_look *l = &layer[i];
        json_array_append_new(list, json_pack("{s:s s:i s:o s:o s:o s:o s:o s:o}", "net", l->net, "number", l->number, "text", gan__page_text(l->text), "dead",
                                              gan__page_real(l->dead), "saturated", gan__page_real(l->saturated), "weights", histogram_of(&l->weights),
                                              "results", histogram_of(&l->results), "gradients", histogram_of(&l->gradients)));
    }
    if (s == GAN_OK)
        s = gan__page_json(list, a, err);
    free(layer);
    return s;
}

/* ---- what D says ----------------------------------------------------------------------------------- */

/* Numbers of n samples; the first half of them of the data, the rest drawn; and what D says of them, owned by the caller. */
typedef struct judged {
    float *samples, *slopes, *logits; /* slopes: NULL where not asked for */
    int *label;
    size_t item;
} judged;

static void release_judged(judged *j)
{
    free(j->samples);
    free(j->slopes);
    free(j->logits);
    free(j->label);
}

static gan_status judge(gan_page *p, judged *j, int real, int fake, bool slopes, gan_error *err)
{
    int h, w, c;
    const size_t n = (size_t)(real + fake);
    gan_trainer_shape(p->trainer, &h, &w, &c);
    const size_t item = (size_t)h * (size_t)w * (size_t)c;
    *j = (judged){calloc(n * item, sizeof(float)), slopes ? calloc(n * item, sizeof(float)) : NULL, calloc(n, sizeof(float)), calloc(n, sizeof(int)), item};
    if (!j->samples || !j->logits || !j->label || (slopes && !j->slopes))
        return gan__fail_memory(err, "samples");
    const int classes = gan_dataset_classes(p->set);
    gan_status s = gan_inspector_real(p->inside, 0, real, j->samples, j->label, err);
    if (s == GAN_OK)
        s = gan_trainer_sample_floats(p->trainer, 0, fake, j->samples + (size_t)real * item, err);
    for (int i = 0; i < fake; i++)
        j->label[real + i] = classes ? i % classes : 0;
    return s == GAN_OK ? gan_inspector_judge(p->inside, real + fake, j->samples, classes ? j->label : NULL, j->logits, j->slopes, err) : s;
}

static json_t *numbers_of(const float *x, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, gan__page_real((double)x[i]));
    return list;
}

gan_status gan__page_judge(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    judged j;
    int h, w, c;
    (void)q;
    gan_trainer_shape(p->trainer, &h, &w, &c);
    const long fit = NUMBERS_MOST / ((long)h * w * c), n = fit > JUDGED ? JUDGED : fit > JUDGED_LEAST ? fit : JUDGED_LEAST;
    gan_status s = judge(p, &j, (int)n, (int)n, false, err);
    if (s == GAN_OK)
        s = gan__page_json(json_pack("{s:o s:o}", "real", numbers_of(j.logits, (int)n), "fake", numbers_of(j.logits + n, (int)n)), a, err);
    release_judged(&j);
    return s;
}

/* A picture's pixel as three colours; what is transparent lies over grey. */
static void colours_of(const float *x, int channels, float rgb[3])
{
    const float alpha = channels % 2 ? 1 : x[channels - 1];
    for (int k = 0; k < 3; k++)
        rgb[k] = alpha * x[channels < 3 ? 0 : k] + (1 - alpha) * 0.5F;
}

/* Where D looks, over a shadow of the picture: red where more would look more real, blue where less would. */
static void map_of(const float *x, const float *slope, size_t pixels, int channels, uint8_t *rgb)
{
    float most = 0;
    for (size_t i = 0; i < pixels; i++) {
        float sum = 0;
        for (int k = 0; k < channels; k++)
            sum += slope[i * (size_t)channels + (size_t)k];
        most = fabsf(sum) > most ? fabsf(sum) : most;
    }
    for (size_t i = 0; i < pixels; i++) {
        float sum = 0, colour[3];
        for (int k = 0; k < channels; k++)
            sum += slope[i * (size_t)channels + (size_t)k];
        colours_of(x + i * (size_t)channels, channels, colour);
        const float strength = most > 0 ? fabsf(sum) / most : 0, shadow = 0.25F * (colour[0] + colour[1] + colour[2]) / 3 + 0.08F;
        const float tint[3] = {sum > 0 ? 1.0F : 0.25F, 0.35F, sum > 0 ? 0.25F : 1.0F};
        for (int k = 0; k < 3; k++)
            rgb[3 * i + (size_t)k] = gan__page_byte(shadow + (tint[k] - shadow) * strength);
    }
}

/* Four rows: real pictures, their maps; generated ones, theirs. */
gan_status gan__page_slopes(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    judged j;
    int h, w, c;
    gan_image image = {0};
    (void)q;
    gan_trainer_shape(p->trainer, &h, &w, &c);
    const size_t pixels = (size_t)h * (size_t)w;
    uint8_t *rgb = malloc(4 * SHOWN * pixels * 3);
    gan_status s = judge(p, &j, SHOWN, SHOWN, true, err);
    if (s == GAN_OK && !rgb)
        s = gan__fail_memory(err, "pictures");
    for (int i = 0; i < 2 * SHOWN && s == GAN_OK; i++) {
        uint8_t *at = rgb + (size_t)(i / SHOWN * 2 * SHOWN + i % SHOWN) * pixels * 3;
        for (size_t k = 0; k < pixels; k++) {
            float colour[3];
            colours_of(j.samples + (size_t)i * j.item + k * (size_t)c, c, colour);
            for (size_t m = 0; m < 3; m++)
                at[3 * k + m] = gan__page_byte(colour[m]);
        }
        map_of(j.samples + (size_t)i * j.item, j.slopes + (size_t)i * j.item, pixels, c, at + SHOWN * pixels * 3);
    }
    const gan_grid grid = {4 * SHOWN, h, w, 3, SHOWN, 2, 1};
    if (s == GAN_OK)
        s = gan_image_grid(&image, &grid, rgb, err);
    if (s == GAN_OK)
        s = gan__page_png(&image, a, err);
    gan_image_release(&image);
    free(rgb);
    release_judged(&j);
    return s;
}

/* ---- a plane --------------------------------------------------------------------------------------- */

static json_t *points_of(const judged *j, int first, int n)
{
    json_t *list = json_array();
    for (int i = first; i < first + n; i++) {
        json_t *point = json_array();
        for (size_t k = 0; k < 2; k++)
            json_array_append_new(point, gan__page_real((double)j->samples[2 * (size_t)i + k]));
        for (size_t k = 0; k < 2; k++)
            json_array_append_new(point, gan__page_real((double)j->slopes[2 * (size_t)i + k]));
        json_array_append_new(point, gan__page_real((double)j->logits[i]));
        json_array_append_new(list, point);
    }
    return list;
}

/* D's logit at the middles of SIDE x SIDE cells, row by row from below. */
static gan_status judge_plane(gan_page *p, double reach, float *logits, gan_error *err)
{
    float *at = malloc(2 * SIDE * SIDE * sizeof *at);
    if (!at)
        return gan__fail_memory(err, "a plane");
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int column = i % SIDE, row = i / SIDE;
        at[2 * i] = (float)(reach * (2.0 * (column + 0.5) / SIDE - 1));
        at[2 * i + 1] = (float)(reach * (2.0 * (row + 0.5) / SIDE - 1));
    }
    const gan_status s = gan_inspector_judge(p->inside, SIDE * SIDE, at, NULL, logits, NULL, err);
    free(at);
    return s;
}

gan_status gan__page_plane(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    judged j;
    double reach = 0;
    (void)q;
    float *logits = malloc(SIDE * SIDE * sizeof *logits);
    gan_status s = judge(p, &j, REAL_POINTS, FAKE_POINTS, true, err);
    if (s == GAN_OK && !logits)
        s = gan__fail_memory(err, "a plane");
    for (size_t i = 0; i < 2 * REAL_POINTS && s == GAN_OK; i++)
        reach = fabs((double)j.samples[i]) > reach ? fabs((double)j.samples[i]) : reach;
    reach = reach > 0 ? 1.25 * reach : 1;
    if (s == GAN_OK)
        s = judge_plane(p, reach, logits, err);
    if (s == GAN_OK)
        s = gan__page_json(json_pack("{s:i s:[ff] s:o s:o s:o}", "side", SIDE, "range", -reach, reach, "logits", numbers_of(logits, SIDE * SIDE), "real",
                                     points_of(&j, 0, REAL_POINTS), "fake", points_of(&j, REAL_POINTS, FAKE_POINTS)),
                           a, err);
    free(logits);
    release_judged(&j);
    return s;
}

/* ---- first neurons ---------------------------------------------------------------------------------- */

/* D's first weights as pictures: [H W C, units] of a dense line, [KH, KW, C, units] of a convolution. */
typedef struct filters {
    gan__safetensors *file;
    const gan__tensor *weight;
    int height, width, channels, units;
} filters;

static bool shape_filters(filters *f, const int sample[3])
{
    const gan__tensor *t = f->weight;
    if (t->rank == 2 && t->dim[0] == (int64_t)sample[0] * sample[1] * sample[2])
        *f = (filters){f->file, t, sample[0], sample[1], sample[2], (int)t->dim[1]};
    else if (t->rank == 4 && t->dim[0] >= FILTER_SIDE_LEAST && t->dim[1] >= FILTER_SIDE_LEAST)
        *f = (filters){f->file, t, (int)t->dim[0], (int)t->dim[1], (int)t->dim[2], (int)t->dim[3]};
    else
        return false;
    return f->units > 0 && f->channels > 0 && f->height > 1 && f->width > 1;
}

static gan_status open_filters(gan_page *p, filters *f, gan_error *err)
{
    int shape[3];
    *f = (filters){0};
    gan_status s = gan__page_model(p, err);
    char *name = s == GAN_OK ? gan__page_state(p) : NULL, *path = name ? gan__page_path(p, name) : NULL;
    free(name);
    if (s == GAN_OK)
        s = path ? gan__safetensors_read(&f->file, path, err) : gan__fail(err, GAN_ENOTFOUND, "there is no checkpoint yet");
    free(path);
    if (s != GAN_OK)
        return s;
    gan_model_shape(p->model, &shape[0], &shape[1], &shape[2]);
    f->weight = gan__safetensors_find(f->file, "value/discriminator.0.weight");
    if (f->weight && f->weight->dtype == GAN__F32 && shape_filters(f, shape))
        return GAN_OK;
    gan__safetensors_free(f->file);
    f->file = NULL;
    return gan__fail(err, GAN_EUNSUPPORTED, "the first weights of a discriminator, as pictures, it has none");
}

gan_status gan__page_need_filters(gan_page *p, gan_error *err)
{
    filters f;
    const gan_status s = open_filters(p, &f, err);
    gan__safetensors_free(f.file);
    return s;
}

/* One unit: 0 is grey, its largest weight black or white. Of more than three channels the first three. */
static void draw_filter(const filters *f, const float *w, int unit, int channels, uint8_t *out)
{
    const size_t pixels = (size_t)f->height * (size_t)f->width, units = (size_t)f->units, deep = (size_t)f->channels;
    float most = 0;
    for (size_t i = 0; i < pixels * deep; i++)
        most = fabsf(w[i * units + (size_t)unit]) > most ? fabsf(w[i * units + (size_t)unit]) : most;
    for (size_t i = 0; i < pixels; i++)
        for (int k = 0; k < channels; k++)
            *out++ = gan__page_byte(most > 0 ? 0.5F + 0.5F * w[(i * deep + (size_t)k) * units + (size_t)unit] / most : 0.5F);
}

gan_status gan__page_filters(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err)
{
    filters f;
    gan_image image = {0};
    (void)q;
    gan_status s = open_filters(p, &f, err);
    if (s != GAN_OK)
        return s;
    const int n = f.units < FILTERS_MOST ? f.units : FILTERS_MOST, channels = f.channels < 3 ? 1 : 3, zoom = f.height < SHOWN ? SHOWN : 1;
    const size_t item = (size_t)f.height * (size_t)f.width * (size_t)channels;
    uint8_t *pixels = malloc((size_t)n * item);
    float *w = malloc(f.weight->bytes);
    s = pixels && w ? GAN_OK : gan__fail_memory(err, "pictures");
    if (s == GAN_OK)
        memcpy(w, f.weight->data, f.weight->bytes);
    for (int i = 0; i < n && s == GAN_OK; i++)
        draw_filter(&f, w, i, channels, pixels + (size_t)i * item);
    const gan_grid grid = {n, f.height, f.width, channels, 0, 2, zoom};
    if (s == GAN_OK)
        s = gan_image_grid(&image, &grid, pixels, err);
    if (s == GAN_OK)
        s = gan__page_png(&image, a, err);
    gan_image_release(&image);
    free(w);
    free(pixels);
    gan__safetensors_free(f.file);
    return s;
}
