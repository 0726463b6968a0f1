/* start.c - the start of a run, for a peer to begin from: weights, the first iterations' inputs, our losses.
 *
 *     bench_start OUT_DIR DATA ITERATIONS RECIPE [KEY=VALUE...]
 *
 * OUT_DIR/start.json        the recipe's figures, losses [[D, G], ...] of ITERATIONS iterations
 * OUT_DIR/state.safetensors every weight before the first of them (row-major, float32)
 * OUT_DIR/z.f32             [ITERATIONS][d_steps + 1][batch][latent]; D's steps, then G's
 * OUT_DIR/real.f32          [ITERATIONS][draws][batch][pixels], 0 .. 1; draws: a batch for each of D's steps, and one
 *                           for G's where the recipe says g_batch = fresh
 *
 * Public headers only: what a peer's author would have to do. D's loss is that of its last step.
 */
#include <gan/gan.h>
#include <stdlib.h>
#include <string.h>

typedef struct start {
    const char *dir;
    gan_recipe *recipe;
    gan_dataset *data;
    gan_team *team;
    gan_trainer *trainer;
    int batch, latent, d_steps, draws, height, width, channels;
} start;

static void must(gan_status s, const gan_error *err)
{
    if (s == GAN_OK)
        return;
    fprintf(stderr, "bench_start: %s\n", err->message);
    exit(1);
}

static FILE *file_in(const start *s, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", s->dir, name);
    FILE *f = fopen(path, "wb");
    if (f)
        return f;
    perror(path);
    exit(1);
}

/* The noise of one stream and iteration, as the trainer's own plan draws it. */
static void write_noise(const start *s, const char *stream, uint32_t iteration, FILE *f)
{
    gan_error err = {0};
    gan_graph *g = gan_graph_create();
    const gan_node z = gan_noise(g, stream, GAN_SHAPE(s->batch, s->latent));
    const gan_plan_params p = gan_plan_defaults(g, &z, 1);
    gan_plan *plan;
    must(gan_plan_create(&plan, &p, &err), &err);
    gan_plan_run(plan, (gan_step){.seed = (uint64_t)gan_recipe_int(s->recipe, "train.seed"), .step = iteration});
    fwrite(gan_plan_value(plan, z), sizeof(float), (size_t)s->batch * (size_t)s->latent, f);
    gan_plan_free(plan);
    gan_graph_free(g);
}

static void write_inputs(const start *s, int iterations)
{
    FILE *z = file_in(s, "z.f32"), *real = file_in(s, "real.f32");
    const size_t count = (size_t)s->batch * (size_t)(s->height * s->width * s->channels);
    uint8_t *bytes = malloc(count);
    const uint64_t seed = (uint64_t)gan_recipe_int(s->recipe, "train.seed");
    for (int i = 0; i < iterations; i++) {
        for (int k = 0; k < s->d_steps; k++) {
            char stream[32];
            snprintf(stream, sizeof stream, "z.d%d", k);
            write_noise(s, stream, (uint32_t)i, z);
        }
        write_noise(s, "z.g", (uint32_t)i, z);
        for (int k = 0; k < s->draws; k++) {
            gan_dataset_batch(s->data, seed, (uint64_t)(i * s->draws + k) * (uint64_t)s->batch, s->batch, bytes);
            for (size_t b = 0; b < count; b++) {
                const float x = (float)bytes[b] * (1.0f / 255);
                fwrite(&x, sizeof x, 1, real);
            }
        }
    }
    free(bytes);
    fclose(z);
    fclose(real);
}

static void write_json(const start *s, int iterations)
{
    static const char *const numbers[] = {"train.r1", "train.r2", "train.average"};
    static const struct {
        const char *key, *as;
    } texts[] = {{"train.objective", "objective"},
                 {"train.optimizer", "optimizer"},
                 {"generator.layers", "generator"},
                 {"discriminator.layers", "discriminator"}};
    gan_error err = {0};
    FILE *f = file_in(s, "start.json");
    fprintf(f, "{\"batch\":%d,\"latent\":%d,\"d_steps\":%d,\"draws\":%d,\"image\":[%d,%d,%d],\n", s->batch, s->latent,
            s->d_steps, s->draws, s->height, s->width, s->channels);
    fprintf(f, "\"mflop\":%.3f,\"isa\":\"%s\",\n", gan_trainer_flops(s->trainer) / 1e6, gan_isa());
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        fprintf(f, "\"%s\":%.9g,\n", strchr(numbers[i], '.') + 1, gan_recipe_number(s->recipe, numbers[i]));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = gan_recipe_text(s->recipe, texts[i].key);
        fprintf(f, "\"%s\":\"", texts[i].as);
        for (; text && *text; text++)
            *text == '\n' ? fputs("\\n", f) : fputc(*text, f);
        fputs("\",\n", f);
    }
    fputs("\"losses\":[", f);
    for (int i = 0; i < iterations; i++) {
        gan_metrics m;
        must(gan_trainer_step(s->trainer, &m, &err), &err);
        fprintf(f, "%s[%.9g,%.9g]", i ? "," : "", (double)gan_metrics_value(&m, "loss_d"),
                (double)gan_metrics_value(&m, "loss_g"));
    }
    fputs("]}\n", f);
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: bench_start OUT_DIR DATA ITERATIONS RECIPE [KEY=VALUE...]\n", stderr);
        return 2;
    }
    gan_error err = {0};
    char path[4096];
    start s = {.dir = argv[1]};
    must(gan_recipe_load(&s.recipe, argv[4], &err), &err);
    for (int i = 5; i < argc; i++)
        must(gan_recipe_assign(s.recipe, argv[i], &err), &err);
    must(gan_dataset_find(&s.data, argv[2], NULL, &err), &err);
    must(gan_team_create(&s.team, 0, &err), &err);
    must(gan_trainer_create(&s.trainer, s.recipe, s.data, s.team, &err), &err);
    gan_dataset_shape(s.data, &s.height, &s.width, &s.channels);
    s.batch = (int)gan_recipe_int(s.recipe, "train.batch");
    s.latent = (int)gan_recipe_int(s.recipe, "generator.latent");
    s.d_steps = (int)gan_recipe_int(s.recipe, "train.d_steps");
    s.draws = s.d_steps + !strcmp(gan_recipe_text(s.recipe, "train.g_batch"), "fresh");
    snprintf(path, sizeof path, "%s/state.safetensors", s.dir);
    must(gan_trainer_save(s.trainer, path, &err), &err);
    write_inputs(&s, atoi(argv[3]));
    write_json(&s, atoi(argv[3]));
    gan_trainer_free(s.trainer);
    gan_team_free(s.team);
    gan_dataset_free(s.data);
    gan_recipe_free(s.recipe);
    return 0;
}
