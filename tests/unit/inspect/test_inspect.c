/* test_inspect.c - what is said of layers, of D and of ways, held against plain loops in double (dense_nets.h): results by another forward
 * pass, gradients and slopes by central differences, ways by power iteration. And that looking changes nothing.
 */
#include "unit/inspect/dense_nets.h"

#include "inspect/histogram.h"

enum { N = GAN_INSPECT_SAMPLES, LATENT = 5, LOOKS_MAX = 16 };

static const char duel[] = "[data]\nset = small\n"
                           "[generator]\nlatent = 5\ninit = he\nlayers =\n  dense 19 relu\n  dense 16 sigmoid\n"
                           "[discriminator]\ninit = he\nlayers =\n  dense 17 silu\n  dense 9 tanh\n  dense 1\n"
                           "[train]\nbatch = 6\niterations = 20\nobjective = nonsaturating\naverage = 0.9\nr1 = 3\nr2 = 3\n";

static const char coded[] = "[data]\nset = small\n[encoder]\nlayers =\n  dense 11 tanh\n  dense 6\n"
                            "[decoder]\nlatent = 3\nlayers =\n  dense 12 relu\n  dense 16 sigmoid\n"
                            "[train]\ngame = vae\nbatch = 6\niterations = 20\n";

/* ---- trainers ---------------------------------------------------------------------------------------- */

typedef struct setup {
    gan_recipe *recipe;
    gan_dataset *data;
    gan_trainer *trainer;
    gan_inspector *x;
} setup;

static gan_dataset *labelled_data(void)
{
    static uint8_t pixels[SMALL_COUNT * SMALL_PIXELS], labels[SMALL_COUNT];
    const int shape[4] = {SMALL_COUNT, SMALL_SIDE, SMALL_SIDE, 1};
    gan_dataset *d = NULL;
    for (size_t i = 0; i < SMALL_COUNT; i++) {
        labels[i] = (uint8_t)(i % 3);
        for (size_t k = 0; k < SMALL_PIXELS; k++)
            pixels[i * SMALL_PIXELS + k] = (uint8_t)(i * 5 + k);
    }
    must(gan_dataset_from_bytes(&d, "small", shape, pixels, labels, err));
    return d;
}

/* data: NULL: small pictures without labels; it is owned. */
static setup begin_with(const char *text, gan_dataset *data, gan_team *team, int steps)
{
    setup s = {.data = data ? data : small_data(0)};
    must(gan_recipe_parse(&s.recipe, "small", text, err));
    must(gan_trainer_create(&s.trainer, s.recipe, s.data, team, err));
    for (int i = 0; i < steps; i++)
        must(gan_trainer_step(s.trainer, NULL, err));
    return s;
}

static setup begin(const char *text)
{
    setup s = begin_with(text, NULL, NULL, 4);
    must(gan_inspector_create(&s.x, s.trainer, err));
    return s;
}

static void end(setup *s)
{
    gan_inspector_free(s->x);
    gan_trainer_free(s->trainer);
    gan_recipe_free(s->recipe);
    gan_dataset_free(s->data);
}

static void near(const char *what, double got, double want, double scale)
{
    if (!(fabs(got - want) <= 1e-4 * scale + 1e-9))
        fail_msg("%s: %.9g, and by plain loops %.9g", what, got, want);
}

/* ---- histograms -------------------------------------------------------------------------------------- */

/* By another way of saying it: how many are below each bin's upper end. */
static void same_histogram(const char *what, const gan_histogram *h, const double *x, size_t n)
{
    double sum = 0, squares = 0, least = (double)INFINITY, most = -least;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        squares += x[i] * x[i];
        least = fmin(least, x[i]);
        most = fmax(most, x[i]);
    }
    const double scale = fmax(fabs(least), fabs(most));
    assert_int_equal(h->count, (long)n);
    assert_int_equal(h->bad, 0);
    near(what, h->mean, sum / (double)n, scale);
    near(what, h->rms, sqrt(squares / (double)n), scale);
    near(what, h->least, least, scale);
    near(what, h->most, most, scale);
    uint64_t all = 0;
    for (int k = 0; k < GAN_INSPECT_BINS; k++) { /* float32 may move what lies on an edge */
        const double width = (most - least) / GAN_INSPECT_BINS, edge = least + (k + 1) * width;
        uint64_t low = 0, high = 0;
        all += h->bin[k];
        for (size_t i = 0; i < n; i++) {
            low += x[i] < edge - 1e-3 * width - 1e-5 * scale;
            high += x[i] < edge + 1e-3 * width + 1e-5 * scale || k + 1 == GAN_INSPECT_BINS;
        }
        if (all < low || all > high)
            fail_msg("%s: %llu numbers up to bin %d, and by plain loops %llu to %llu", what, (unsigned long long)all, k,
                     (unsigned long long)low, (unsigned long long)high);
    }
    assert_int_equal(all, n);
}

static void histograms(void **state)
{
    const float a[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, b[] = {32, NAN, INFINITY, 31.5f}, same[] = {-2, -2, -2};
    const gan__numbers both[] = {{a, 9}, {b, 4}}, one = {same, 3}, bad = {b + 1, 2};
    gan_histogram h;
    (void)state;
    gan__histogram(&h, both, 2);
    assert_true(h.count == 11 && h.bad == 2 && h.least == 0 && h.most == 32);
    assert_true(fabs(h.mean - 99.5 / 11) < 1e-12 && fabs(h.rms - sqrt((204 + 1024 + 992.25) / 11)) < 1e-12);
    for (int k = 0; k < GAN_INSPECT_BINS; k++)
        assert_int_equal(h.bin[k], k < 9 ? 1 : k == 31 ? 2 : 0);
    gan__histogram(&h, &one, 1);
    assert_true(h.count == 3 && h.mean == -2 && h.rms == 2 && h.least == -2 && h.most == -2 && h.bin[0] == 3);
    gan__histogram(&h, &bad, 1);
    assert_true(h.count == 0 && h.bad == 2 && h.mean == 0 && h.rms == 0 && h.bin[0] == 0);
    gan__histogram(&h, NULL, 0);
    assert_true(h.count == 0 && h.bad == 0);
}

/* ---- layers ------------------------------------------------------------------------------------------ */

static int layers_of(setup *s, gan_layer_look look[LOOKS_MAX])
{
    const int n = gan_inspector_layer_count(s->x);
    assert_in_range(n, 1, LOOKS_MAX);
    memset(look, 0, LOOKS_MAX * sizeof *look);
    must(gan_inspector_layers(s->x, look, err));
    return n;
}

/* The nets of a trainer and what they are shown. */
typedef struct world {
    dense_net a, b; /* generator, discriminator; or decoder, encoder */
    double real[N * SMALL_PIXELS], z_a[N * LATENT], z_b[N * LATENT];
} world;

static world *world_of(const setup *s, const char *a, const char *b, const char *stream_a, const char *stream_b, int latent)
{
    world *w = calloc(1, sizeof *w);
    float real[N * SMALL_PIXELS];
    *w = (world){.a = dense_net_of(s->trainer, a), .b = dense_net_of(s->trainer, b)};
    must(gan_inspector_real(s->x, 0, N, real, NULL, err));
    for (int i = 0; i < N * SMALL_PIXELS; i++)
        w->real[i] = (double)real[i];
    noise_of(s->trainer, stream_a, N, latent, w->z_a);
    noise_of(s->trainer, stream_b, N, latent, w->z_b);
    return w;
}

static void world_free(world *w)
{
    dense_net_free(&w->a);
    dense_net_free(&w->b);
    free(w);
}

static double logit(const world *w, const double *sample)
{
    double y;
    dense_run(&w->b, sample, &y, false, NULL);
    return y;
}

static double loss_d(const world *w)
{
    double sum = 0, fake[WIDTH_MAX];
    for (int i = 0; i < N; i++) {
        dense_run(&w->a, w->z_b + (size_t)i * LATENT, fake, false, NULL);
        sum += softplus(-logit(w, w->real + (size_t)i * SMALL_PIXELS)) + softplus(logit(w, fake));
    }
    return sum / N;
}

static double loss_g(const world *w)
{
    double sum = 0, fake[WIDTH_MAX];
    for (int i = 0; i < N; i++) {
        dense_run(&w->a, w->z_a + (size_t)i * LATENT, fake, false, NULL);
        sum += softplus(-logit(w, fake));
    }
    return sum / N;
}

static double loss_vae(const world *w)
{
    enum { CODE = 3 };
    double sum = 0;
    for (int i = 0; i < N; i++) {
        const double *x = w->real + (size_t)i * SMALL_PIXELS;
        double code[WIDTH_MAX], z[CODE], l[WIDTH_MAX];
        dense_run(&w->b, x, code, false, NULL);
        for (int k = 0; k < CODE; k++) {
            const double mean = code[k], log_variance = code[CODE + k];
            z[k] = mean + exp(log_variance / 2) * w->z_a[i * CODE + k];
            sum += (exp(log_variance) + mean * mean - 1 - log_variance) / 2;
        }
        dense_run(&w->a, z, l, true, NULL);
        for (int k = 0; k < SMALL_PIXELS; k++)
            sum += softplus(l[k]) - x[k] * l[k];
    }
    return sum / N;
}

/* Every number of a layer moved up and down. */
static void same_gradients(const gan_layer_look *look, const world *w, const dense_layer *l, double (*loss)(const world *))
{
    const size_t weights = (size_t)l->in * (size_t)l->out, n = weights + (size_t)l->out;
    double *grad = malloc(n * sizeof *grad);
    for (size_t k = 0; k < n; k++) {
        const double h = 1e-5;
        double *x = k < weights ? l->w + k : l->b + (k - weights);
        const double was = *x;
        *x = was + h;
        const double above = loss(w);
        *x = was - h;
        grad[k] = (above - loss(w)) / (2 * h);
        *x = was;
    }
    same_histogram("gradients", &look->gradients, grad, n);
    assert_true(look->gradients.rms > 1e-6);
    free(grad);
}

static void same_weights(const gan_layer_look *look, const dense_layer *l)
{
    const size_t weights = (size_t)l->in * (size_t)l->out, n = weights + (size_t)l->out;
    double *all = malloc(n * sizeof *all);
    memcpy(all, l->w, weights * sizeof *all);
    memcpy(all + weights, l->b, (size_t)l->out * sizeof *all);
    same_histogram("weights", &look->weights, all, n);
    free(all);
}

typedef struct seen {
    double x[2 * N][LAYERS_MAX][WIDTH_MAX];
} seen;

/* What a layer gave for so many samples. */
static void same_results(const gan_layer_look *look, const dense_net *net, int layer, const seen *all, int samples)
{
    const int out = net->layer[layer].out;
    double *x = malloc((size_t)samples * (size_t)out * sizeof *x);
    int dead = 0, flat = 0;
    for (int k = 0; k < out; k++) {
        bool any = false;
        for (int i = 0; i < samples; i++) {
            const double y = x[i * out + k] = all->x[i][layer][k];
            any |= y != 0;
            flat += net->layer[layer].act == act_tanh ? 1 - y * y < 0.01 : net->layer[layer].act == act_sigmoid ? 4 * y * (1 - y) < 0.01 : 0;
        }
        dead += !any;
    }
    same_histogram("results", &look->results, x, (size_t)samples * (size_t)out);
    if (net->layer[layer].act == act_relu)
        near("dead", look->dead, (double)dead / out, 1);
    else
        assert_true(isnan(look->dead));
    if (net->layer[layer].act == act_tanh || net->layer[layer].act == act_sigmoid)
        near("saturated", look->saturated, (double)flat / (samples * out), 1);
    else
        assert_true(isnan(look->saturated));
    free(x);
}

static void set(const setup *s, const char *role, const char *what, int first, int n, float value)
{
    const gan__role *r = role_named(s->trainer, role);
    int tensor;
    double *x = tensor_of(r, what, &tensor);
    float values[WIDTH_MAX];
    const int count = gan_params_shape(r->params, tensor).dim[0];
    for (int i = 0; i < count; i++)
        values[i] = i >= first && i < first + n ? value : (float)x[i];
    assert_int_equal(gan_params_set(r->params, tensor, GAN_VALUE, values), GAN_OK);
    free(x);
}

static void hold_duel(setup *s, gan_layer_look look[LOOKS_MAX])
{
    world *w = world_of(s, "generator", "discriminator", "z.g", "z.d0", LATENT);
    seen *g = calloc(1, sizeof *g), *d = calloc(1, sizeof *d);
    double y[WIDTH_MAX];
    for (int i = 0; i < N; i++) {
        dense_run(&w->a, w->z_a + (size_t)i * LATENT, y, false, g->x[i]);
        dense_run(&w->b, w->real + (size_t)i * SMALL_PIXELS, y, false, d->x[i]);
        double fake[WIDTH_MAX];
        dense_run(&w->a, w->z_b + (size_t)i * LATENT, fake, false, NULL);
        dense_run(&w->b, fake, y, false, d->x[N + i]);
    }
    assert_int_equal(layers_of(s, look), 5);
    for (int i = 0; i < 5; i++) {
        const bool of_g = i < 2;
        const int k = of_g ? i : i - 2;
        const dense_net *net = of_g ? &w->a : &w->b;
        assert_string_equal(look[i].net, of_g ? "generator" : "discriminator");
        assert_int_equal(look[i].number, k);
        assert_int_equal(look[i].line, k + 1);
        same_weights(&look[i], &net->layer[k]);
        same_results(&look[i], net, k, of_g ? g : d, of_g ? N : 2 * N);
        same_gradients(&look[i], w, &net->layer[k], of_g ? loss_g : loss_d);
    }
    assert_string_equal(look[0].text, "dense 19 relu");
    assert_string_equal(look[3].text, "dense 9 tanh");
    free(g);
    free(d);
    world_free(w);
}

static void layers_of_a_duel(void **state)
{
    gan_layer_look look[LOOKS_MAX];
    setup s = begin(duel);
    (void)state;
    hold_duel(&s, look);
    assert_true(look[0].dead < 0.2 && look[1].saturated < 0.5);
    end(&s);
}

static void what_is_planted_is_seen(void **state)
{
    gan_layer_look look[LOOKS_MAX];
    setup s = begin(duel);
    (void)state;
    set(&s, "generator", "0.bias", 2, 3, -1000);
    set(&s, "generator", "1.bias", 0, 4, 40);
    set(&s, "discriminator", "1.bias", 3, 2, -30);
    hold_duel(&s, look);
    assert_true(look[0].dead >= 3. / 19 && look[1].saturated >= 0.25 && look[3].saturated >= 2. / 9);
    set(&s, "discriminator", "0.bias", 1, 1, NAN);
    layers_of(&s, look);
    assert_true(look[2].results.bad == 2 * N && look[2].weights.bad == 1 && look[4].results.count == 0);
    assert_true(look[0].results.bad == 0);
    end(&s);
}

static void layers_of_a_vae(void **state)
{
    gan_layer_look look[LOOKS_MAX];
    setup s = begin(coded);
    (void)state;
    world *w = world_of(&s, "decoder", "encoder", "z.v", "z.v", 3);
    assert_int_equal(layers_of(&s, look), 4);
    for (int i = 0; i < 4; i++) {
        const dense_layer *l = i < 2 ? &w->b.layer[i] : &w->a.layer[i - 2];
        assert_string_equal(look[i].net, i < 2 ? "encoder" : "decoder");
        same_weights(&look[i], l);
        same_gradients(&look[i], w, l, loss_vae);
        assert_int_equal(look[i].results.count, N * l->out);
    }
    assert_true(look[3].results.least >= 0 && look[3].results.most <= 1 && look[3].saturated >= 0); /* behind the sigmoid that the loss leaves out */
    world_free(w);
    end(&s);
}

/* ---- D's word ---------------------------------------------------------------------------------------- */

static void judgements(void **state)
{
    enum { SOME = 21 };
    float sample[SOME * SMALL_PIXELS], logits[SOME], again[SOME], slopes[SOME * SMALL_PIXELS], one[1], slope_of_one[SMALL_PIXELS];
    setup s = begin(duel);
    (void)state;
    assert_true(gan_inspector_judges(s.x));
    world *w = world_of(&s, "generator", "discriminator", "z.g", "z.d0", LATENT);
    must(gan_inspector_real(s.x, 3, SOME, sample, NULL, err));
    must(gan_inspector_judge(s.x, SOME, sample, NULL, logits, slopes, err));
    must(gan_inspector_judge(s.x, SOME, sample, NULL, again, NULL, err));
    assert_memory_equal(logits, again, sizeof logits);
    for (int i = 0; i < SOME; i++) {
        double x[SMALL_PIXELS], steepest = 0;
        for (int k = 0; k < SMALL_PIXELS; k++) {
            x[k] = (double)sample[i * SMALL_PIXELS + k];
            steepest = fmax(steepest, fabs((double)slopes[i * SMALL_PIXELS + k]));
        }
        near("logit", (double)logits[i], logit(w, x), 1);
        assert_true(steepest > 1e-3);
        for (int k = 0; k < SMALL_PIXELS; k++) {
            const double was = x[k];
            x[k] = was + 1e-5;
            const double above = logit(w, x);
            x[k] = was - 1e-5;
            near("slope", (double)slopes[i * SMALL_PIXELS + k], (above - logit(w, x)) / 2e-5, steepest);
            x[k] = was;
        }
        must(gan_inspector_judge(s.x, 1, sample + (size_t)i * SMALL_PIXELS, NULL, one, slope_of_one, err));
        assert_true(one[0] == logits[i]);
        assert_memory_equal(slope_of_one, slopes + (size_t)i * SMALL_PIXELS, sizeof slope_of_one);
    }
    gan_error why = {0};
    assert_int_equal(gan_inspector_judge(s.x, 0, sample, NULL, logits, NULL, &why), GAN_EINVAL);
    world_free(w);
    end(&s);
}

static void real_samples(void **state)
{
    enum { FIRST = 45, SOME = 20 }; /* over the end of the set's first shuffle */
    float sample[SOME * SMALL_PIXELS];
    int label[SOME], items[SOME];
    gan_error why = {0};
    setup s = begin_with(duel, labelled_data(), NULL, 0);
    (void)state;
    must(gan_inspector_create(&s.x, s.trainer, err));
    must(gan_inspector_real(s.x, FIRST, SOME, sample, label, err));
    gan_dataset_order(s.data, (uint64_t)gan_recipe_int(s.recipe, "train.seed"), FIRST, SOME, items);
    for (int i = 0; i < SOME; i++) {
        uint8_t bytes[SMALL_PIXELS];
        gan_dataset_get(s.data, items[i], bytes);
        assert_int_equal(label[i], items[i] % 3);
        for (int k = 0; k < SMALL_PIXELS; k++)
            assert_true(fabs((double)sample[i * SMALL_PIXELS + k] - bytes[k] / 255.) < 1e-6);
    }
    assert_int_equal(gan_inspector_real(s.x, -1, 1, sample, NULL, &why), GAN_EINVAL);
    assert_int_equal(gan_inspector_real(s.x, 0, 0, sample, NULL, &why), GAN_EINVAL);
    end(&s);
}

static void points(void **state)
{
    float sample[2 * N], want[2], logits[N], slopes[2 * N];
    gan_layer_look look[LOOKS_MAX];
    gan_dataset *ring = NULL;
    int item;
    (void)state;
    must(gan_dataset_find(&ring, "ring", NULL, err));
    setup s = begin_with("[data]\nset = ring\n[generator]\nlatent = 2\nlayers =\n  dense 8 relu\n  dense 2\n"
                         "[discriminator]\nlayers =\n  dense 8 relu\n  dense 1\n[train]\nbatch = 8\nr1 = 0.1\n", ring, NULL, 2);
    must(gan_inspector_create(&s.x, s.trainer, err));
    must(gan_inspector_real(s.x, 0, N, sample, NULL, err));
    gan_dataset_order(ring, s.trainer->source.seed, N - 1, 1, &item);
    gan_dataset_get(ring, item, (uint8_t *)want);
    assert_memory_equal(sample + 2 * (N - 1), want, sizeof want);
    must(gan_inspector_judge(s.x, N, sample, NULL, logits, slopes, err));
    assert_int_equal(layers_of(&s, look), 4);
    assert_true(look[2].results.count == 2 * N * 8 && look[3].gradients.rms > 0);
    end(&s);
}

/* ---- classes and packs ------------------------------------------------------------------------------- */

static void classes(void **state)
{
    enum { SOME = 18 };
    float sample[SOME * SMALL_PIXELS], by_itself[SOME], said[SOME], other[SOME];
    int label[SOME], wrong[SOME] = {0, 3};
    gan_error why = {0};
    gan_layer_look look[LOOKS_MAX];
    setup s = begin_with("[data]\nset = small\n[generator]\nlatent = 5\nlayers =\n  label @which\n  from @in\n  concat @which\n  dense 16 sigmoid\n"
                         "[discriminator]\nlayers =\n  dense 8 relu\n  project\n[train]\nbatch = 6\n",
                         labelled_data(), NULL, 2);
    (void)state;
    must(gan_inspector_create(&s.x, s.trainer, err));
    must(gan_inspector_real(s.x, 0, SOME, sample, label, err));
    for (int i = 0; i < SOME; i++)
        label[i] = i % 3;
    must(gan_inspector_judge(s.x, SOME, sample, NULL, by_itself, NULL, err));
    must(gan_inspector_judge(s.x, SOME, sample, label, said, NULL, err));
    assert_memory_equal(by_itself, said, sizeof said);
    label[17] = 0;
    must(gan_inspector_judge(s.x, SOME, sample, label, other, NULL, err));
    assert_memory_equal(said, other, 17 * sizeof *said);
    assert_true(said[17] != other[17]);
    assert_int_equal(gan_inspector_judge(s.x, SOME, sample, wrong, other, NULL, &why), GAN_EINVAL);
    assert_string_equal(why.message, "class 3: the data's are 0 to 2");
    assert_int_equal(layers_of(&s, look), 6);
    assert_true(look[5].gradients.count == 8 + 1 + 3 * 8 && look[0].weights.count == 0 && look[0].gradients.count == 0);
    end(&s);
}

static void packs_are_not_judged(void **state)
{
    float x[SMALL_PIXELS] = {0}, y;
    gan_error why = {0};
    gan_layer_look look[LOOKS_MAX];
    setup s = begin("[data]\nset = small\n[generator]\nlatent = 5\nlayers =\n  dense 16 sigmoid\n[discriminator]\nlayers =\n  dense 8 relu\n  dense 1\n"
                    "[train]\nbatch = 6\npack = 3\n");
    (void)state;
    assert_false(gan_inspector_judges(s.x));
    assert_int_equal(gan_inspector_judge(s.x, 1, x, NULL, &y, NULL, &why), GAN_EUNSUPPORTED);
    assert_int_equal(layers_of(&s, look), 3);
    assert_true(look[0].results.count == 63 * 16 && look[2].results.count == 2 * 21);
    end(&s);
    s = begin(coded);
    assert_false(gan_inspector_judges(s.x));
    assert_int_equal(gan_inspector_judge(s.x, 1, x, NULL, &y, NULL, &why), GAN_EUNSUPPORTED);
    assert_string_equal(why.message, "no net of this vae judges one sample by itself");
    end(&s);
    gan_inspector *x2 = NULL;
    s = begin_with("[data]\nset = small\n[features]\nlayers =\n  dense 8 relu\n[train]\ngame = classifier\nbatch = 6\n",
                   labelled_data(), NULL, 0);
    assert_int_equal(gan_inspector_create(&x2, s.trainer, &why), GAN_EUNSUPPORTED);
    assert_null(x2);
    end(&s);
}

/* ---- ways -------------------------------------------------------------------------------------------- */

/* The k strongest eigenvectors of m [n, n], by power iteration and deflation. */
static void power(double *m, int n, int k, double *vectors, double *values)
{
    for (int at = 0; at < k; at++) {
        double *v = vectors + (size_t)at * (size_t)n, next[WIDTH_MAX], length = 0;
        for (int i = 0; i < n; i++)
            v[i] = 1 + 0.1 * i + (i == at);
        for (int round = 0; round < 20000; round++) {
            length = 0;
            for (int i = 0; i < n; i++) {
                next[i] = 0;
                for (int j = 0; j < n; j++)
                    next[i] += m[i * n + j] * v[j];
                length += next[i] * next[i];
            }
            length = sqrt(length);
            for (int i = 0; i < n; i++)
                v[i] = next[i] / length;
        }
        values[at] = length;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                m[i * n + j] -= length * v[i] * v[j];
    }
}

/* The same line, and turned as it should be. */
static void same_way(const float *got, const double *want, int n)
{
    double dot = 0, square = 0, length = 0, largest = 0;
    for (int i = 0; i < n; i++) {
        dot += (double)got[i] * want[i];
        square += (double)got[i] * (double)got[i];
        length += want[i] * want[i];
        largest = fabs((double)got[i]) > fabs(largest) ? (double)got[i] : largest;
    }
    near("length", square, 1, 1);
    near("direction", fabs(dot) / sqrt(length), 1, 1);
    assert_true(largest > 0);
}

/* A^T A of a weight whose numbers for one of z stand at i * step + z * apart. */
static void hold_ways(const setup *s, const char *what, int outs, int step, int apart)
{
    double *w = tensor_of(role_named(s->trainer, "generator"), what, NULL), m[LATENT * LATENT], vectors[LATENT * LATENT], values[LATENT], sum = 0, shares = 0;
    float way[LATENT * LATENT];
    double strength[LATENT];
    int count = 0;
    for (int i = 0; i < LATENT; i++)
        for (int j = 0; j < LATENT; j++) {
            m[i * LATENT + j] = 0;
            for (int o = 0; o < outs; o++)
                m[i * LATENT + j] += w[o * step + i * apart] * w[o * step + j * apart];
            sum += i == j ? m[i * LATENT + j] : 0;
        }
    power(m, LATENT, LATENT, vectors, values);
    must(gan_inspector_ways(s->x, GAN_WAYS_WEIGHTS, 99, way, strength, &count, err));
    assert_int_equal(count, LATENT);
    for (int k = 0; k < count; k++) {
        same_way(way + k * LATENT, vectors + k * LATENT, LATENT);
        near("strength", strength[k], values[k] / sum, 1);
        shares += strength[k];
    }
    near("all shares", shares, 1, 1);
    must(gan_inspector_ways(s->x, GAN_WAYS_WEIGHTS, 2, way, strength, &count, err));
    assert_int_equal(count, 2);
    free(w);
}

#if GAN_HAVE_LAPACKE
static void ways_of_weights(void **state)
{
    static const char rest[] = "[discriminator]\nlayers =\n  dense 8 relu\n  dense 1\n[train]\nbatch = 6\n";
    char text[512];
    (void)state;
    setup s = begin(duel);
    hold_ways(&s, "0.weight", 19, 1, 19);
    end(&s);
    snprintf(text, sizeof text, "[data]\nset = small\n[generator]\nlatent = 5\nlayers =\n  reshape 1 1 5\n  tconv 3 4\n  conv 1 3 same sigmoid\n%s", rest);
    s = begin(text);
    hold_ways(&s, "1.weight", 4 * 4 * 3, 5, 1);
    end(&s);
    snprintf(text, sizeof text, "[data]\nset = small\n[generator]\nlatent = 5\nlayers =\n  basis 4 @basis\n  from @in\n  pixelnorm\n"
             "  dense 7 leaky 0.2\n  concat @basis\n  dense 16\n%s", rest);
    s = begin(text);
    hold_ways(&s, "3.weight", 7, 1, 7);
    end(&s);
}

/* Principal components of the first layer's results, and z by least squares on the first one's coordinate. */
static void ways_of_results(void **state)
{
    enum { SAMPLES = 1024, OUT = 19 };
    static double z[SAMPLES * LATENT], y[SAMPLES][OUT];
    double mean[OUT] = {0}, cov[OUT * OUT] = {0}, trace = 0, vectors[2 * OUT], values[2], strength[LATENT];
    float way[LATENT * LATENT];
    int count;
    (void)state;
    setup s = begin(duel);
    world *w = world_of(&s, "generator", "discriminator", "z.g", "z.d0", LATENT);
    noise_of(s.trainer, "sample", SAMPLES, LATENT, z);
    for (int i = 0; i < SAMPLES; i++) {
        double results[LAYERS_MAX][WIDTH_MAX] = {{0}}, x[WIDTH_MAX];
        dense_run(&w->a, z + (size_t)i * LATENT, x, false, results);
        for (int k = 0; k < OUT; k++) {
            y[i][k] = results[0][k];
            mean[k] += y[i][k] / SAMPLES;
        }
    }
    for (int i = 0; i < SAMPLES; i++)
        for (int j = 0; j < OUT; j++)
            for (int k = 0; k < OUT; k++)
                cov[j * OUT + k] += (y[i][j] - mean[j]) * (y[i][k] - mean[k]);
    for (int k = 0; k < OUT; k++)
        trace += cov[k * OUT + k];
    power(cov, OUT, 2, vectors, values);
    must(gan_inspector_ways(s.x, GAN_WAYS_RESULTS, 99, way, strength, &count, err));
    assert_int_equal(count, LATENT);
    for (int at = 0; at < 2; at++) {
        double back[LATENT] = {0};
        for (int i = 0; i < SAMPLES; i++) {
            double along = 0;
            for (int k = 0; k < OUT; k++)
                along += vectors[at * OUT + k] * (y[i][k] - mean[k]);
            for (int k = 0; k < LATENT; k++)
                back[k] += along * z[i * LATENT + k];
        }
        same_way(way + at * LATENT, back, LATENT);
        near("strength", strength[at], values[at] / trace, 1);
    }
    assert_true(strength[0] > strength[1] && strength[3] > strength[4]);
    world_free(w);
    end(&s);
}

static void no_ways(void **state)
{
    float way[LATENT * LATENT];
    double strength[LATENT];
    int count = 7;
    gan_error why = {0};
    (void)state;
    setup s = begin("[data]\nset = small\n[generator]\nlatent = 5\nlayers =\n  act tanh\n  dense 16 sigmoid\n[discriminator]\nlayers =\n  dense 1\n"
                    "[train]\nbatch = 6\n");
    assert_int_equal(gan_inspector_ways(s.x, GAN_WAYS_WEIGHTS, 3, way, strength, &count, &why), GAN_EUNSUPPORTED);
    assert_non_null(strstr(why.message, "no first line multiplies z"));
    assert_int_equal(count, 0);
    end(&s);
    s = begin(duel);
    set(&s, "generator", "0.bias", 0, 1, NAN);
    assert_int_equal(gan_inspector_ways(s.x, GAN_WAYS_RESULTS, 3, way, strength, &count, &why), GAN_ENUMERIC);
    end(&s);
}
#endif

/* ---- nothing changes --------------------------------------------------------------------------------- */

/* With everything that keeps state: spectral norms, statistics of rows, dropout, an adaptive augmentation, mirrored pictures. */
static const char restless[] = "[data]\nset = small\nflip = on\n"
                               "[generator]\nlatent = 5\nlayers =\n  dense 16 spectral\n  reshape 4 4 1\n  conv 4 3 same\n  batchnorm relu\n  conv 1 3 same sigmoid\n"
                               "[discriminator]\nlayers =\n  conv 5 3 same spectral leaky 0.2\n  batchnorm\n  dropout 0.2\n  minibatch\n  dense 1 spectral\n"
                               "[train]\nbatch = 6\nd_steps = 2\nr1 = 0.1\nr1_every = 2\ngp = 1\naverage = 0.9\naugment = color translation cutout\n"
                               "augment_target = 0.6\naugment_images = 100\nobjective = relativistic\n";

static void same_state(const gan_trainer *a, const gan_trainer *b)
{
    for (int r = 0; r < a->match.game->roles; r++) {
        gan_params *p = a->match.role[r].params, *q = b->match.role[r].params;
        for (int t = 0; t < gan_params_count(p); t++)
            for (int slot = 0; slot < GAN_SLOTS; slot++) {
                float x[512], y[512];
                const gan_shape s = gan_params_shape(p, t);
                size_t n = 1;
                for (int i = 0; i < s.rank; i++)
                    n *= (size_t)s.dim[i];
                assert_in_range(n, 1, 512);
                assert_int_equal(gan_params_get(p, t, (gan_slot)slot, x), GAN_OK);
                assert_int_equal(gan_params_get(q, t, (gan_slot)slot, y), GAN_OK);
                if (memcmp(x, y, n * sizeof *x) != 0)
                    fail_msg("%s is another", gan_params_name(p, t));
            }
    }
}

/* Some steps from where the augmentation's strength is neither 0 nor 1: each step moves it. */
static setup restless_at(int steps, gan_team *team)
{
    const float half = 0.5f;
    setup s = begin_with(restless, NULL, team, 0);
    gan_params *p = role_named(s.trainer, "discriminator")->params;
    const int strength = gan_params_find(p, "augment.strength");
    assert_true(strength >= 0);
    assert_int_equal(gan_params_set(p, strength, GAN_VALUE, &half), GAN_OK);
    for (int i = 0; i < steps; i++)
        must(gan_trainer_step(s.trainer, NULL, err));
    return s;
}

static void look_at_all(gan_inspector *x, gan_layer_look *look, float *logits, float *slopes, float *way)
{
    float real[N * SMALL_PIXELS];
    double strength[LATENT];
    int count;
    must(gan_inspector_layers(x, look, err));
    must(gan_inspector_real(x, 0, N, real, NULL, err));
    must(gan_inspector_judge(x, N, real, NULL, logits, slopes, err));
#if GAN_HAVE_LAPACKE
    must(gan_inspector_ways(x, GAN_WAYS_WEIGHTS, LATENT, way, strength, &count, err));
#else
    (void)way, (void)strength, (void)count;
#endif
}

static void looking_changes_nothing(void **state)
{
    static gan_layer_look look[2][LOOKS_MAX];
    static float logits[2][N], slopes[2][N * SMALL_PIXELS], way[2][LATENT * LATENT];
    gan_team *team = NULL;
    (void)state;
    must(gan_team_create(&team, 2, err));
    setup looked = restless_at(3, NULL), not = restless_at(3, team);
    must(gan_inspector_create(&looked.x, looked.trainer, err));
    memset(look, 0, sizeof look);
    for (int i = 0; i < 2; i++)
        look_at_all(looked.x, look[i], logits[i], slopes[i], way[i]);
    assert_memory_equal(look[0], look[1], sizeof look[0]);
    assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
    assert_memory_equal(slopes[0], slopes[1], sizeof slopes[0]);
    assert_memory_equal(way[0], way[1], sizeof way[0]);
    assert_int_equal(gan_inspector_layer_count(looked.x), 10);
    for (int i = 5; i < 10; i++) /* real and fake apart */
        assert_int_equal(look[0][i].results.count, 2 * N * (i == 5 || i == 6 || i == 7 ? 80 : i == 8 ? 96 : 1));
    same_state(looked.trainer, not.trainer);
    must(gan_inspector_create(&not.x, not.trainer, err)); /* by two threads */
    look_at_all(not.x, look[1], logits[1], slopes[1], way[1]);
    for (int i = 0; i < LOOKS_MAX; i++)
        look[0][i].text = look[1][i].text = NULL;
    assert_memory_equal(look[0], look[1], sizeof look[0]);
    assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
    gan_inspector_free(not.x);
    not.x = NULL;
    setup never = restless_at(6, NULL);
    for (int i = 0; i < 3; i++)
        must(gan_trainer_step(looked.trainer, NULL, err));
    same_state(looked.trainer, never.trainer);
    look_at_all(looked.x, look[1], logits[1], slopes[1], way[1]); /* the weights that are, not those that were */
    assert_true(memcmp(logits[0], logits[1], sizeof logits[0]) != 0);
    assert_true(look[0][0].weights.mean != look[1][0].weights.mean);
    end(&looked);
    end(&not);
    end(&never);
    gan_team_free(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histograms), cmocka_unit_test(layers_of_a_duel), cmocka_unit_test(what_is_planted_is_seen), cmocka_unit_test(layers_of_a_vae),
        cmocka_unit_test(judgements), cmocka_unit_test(real_samples), cmocka_unit_test(points), cmocka_unit_test(classes), cmocka_unit_test(packs_are_not_judged),
#if GAN_HAVE_LAPACKE
        cmocka_unit_test(ways_of_weights), cmocka_unit_test(ways_of_results), cmocka_unit_test(no_ways),
#endif
        cmocka_unit_test(looking_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
