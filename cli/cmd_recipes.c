/* cmd_recipes.c - gander recipes: what is built in, and every setting there is. */
#include "command.h"

#include <string.h>

enum { SETTINGS, LAYERS, SHAPES, METRICS };

static const cli_option options[] = {
    [SETTINGS] = {0, "settings", NULL, "every setting: range, default, meaning, source"},
    [LAYERS] = {0, "layers", NULL, "every layer and activation that a line may name"},
    [SHAPES] = {0, "shapes", NULL, "of a recipe: each line's output shape, parameters, FLOPs, receptive field"},
    [METRICS] = {0, "metrics", NULL, "every key of metrics.jsonl"},
};

typedef struct arguments {
    const char *name;
    bool settings, layers, shapes, metrics;
} arguments;

static bool take(void *ctx, int option, const char *value)
{
    arguments *a = ctx;
    if (option == SETTINGS) {
        a->settings = true;
        return true;
    }
    if (option == LAYERS) {
        a->layers = true;
        return true;
    }
    if (option == SHAPES) {
        a->shapes = true;
        return true;
    }
    if (option == METRICS) {
        a->metrics = true;
        return true;
    }
    if (a->name) {
        cli_wrong(&cmd_recipes, "recipes: one name, not '%s' too", value);
        return false;
    }
    a->name = value;
    return true;
}

static void list(void)
{
    for (int i = 0; i < gan_recipe_builtins(); i++) {
        const gan_recipe_info r = gan_recipe_builtin(i);
        const char *line = r.text + strspn(r.text, "# ");
        printf("%-14s %.*s\n", r.name, (int)strcspn(line, "\n"), line);
    }
}

static void settings(void)
{
    const gan_option_info *o;
    const int n = gan_options(&o);
    for (int i = 0; i < n; i++) {
        printf("%s.%s  (%s)%s%s%s\n    %s\n", o[i].section, o[i].name, o[i].range,
               *o[i].game ? "  [train.game = " : "", o[i].game, *o[i].game ? "]" : "", o[i].help);
        if (*o[i].fallback)
            printf("    default: %s\n", o[i].fallback);
        if (*o[i].source)
            printf("    source: %s\n", o[i].source);
    }
}

static void table(const char *title, int n, gan_word_info (*info)(int i))
{
    puts(title);
    for (int i = 0; i < n; i++)
        printf("  %s\n      %s\n", info(i).usage, info(i).help);
}

/* docs/gander.1 has these lists, and that of metrics, as tools/man.sh makes them from this. */
static void layers(void)
{
    table("Layers:", gan_layer_kinds(), gan_layer_info);
    table("Activations:", gan_activations(), gan_activation_info);
    table("First weights:", gan_init_rules(), gan_init_info);
    puts("A line is a layer, its words, an activation and, to be read again, a name: dense 64 relu @a ... add @a.\n"
         "nobias leaves out the bias, spectral divides the weight by its spectral norm, init RULE is for that line alone.\n"
         "block NAME PARAMETER... / lines / end is used as NAME WORD...; inside it @in is what it was given.\n"
         "More: man gander, RECIPES");
}

/* Of a built-in recipe or a file. */
static int shapes(const char *name)
{
    gan_error err = {0};
    gan_recipe *r = NULL;
    gan_status s = gan_recipe_load(&r, name, &err);
    if (s == GAN_OK)
        s = gan_recipe_shapes(r, stdout, &err);
    gan_recipe_free(r);
    return s == GAN_OK ? EXIT_OK : cli_failed(&err);
}

/* In the form of layers(), for tools/man.sh too. */
static void metrics(void)
{
    const char *game = "";
    for (int i = 0; i < gan_metric_kinds(); i++) {
        const gan_metric_info m = gan_metric_kind(i);
        if (strcmp(m.game, game) != 0)
            printf("Metrics of %s:\n", m.game);
        game = m.game;
        printf("  %s\n      %s", m.key, m.help);
        if (m.label)
            printf("; on the screen: %s", m.label);
        if (m.every)
            printf("; how often: %s", m.every);
        putchar('\n');
    }
    printf("Metrics of an evaluation:\n");
    for (int i = 0; i < GAN_WATCH_ROWS; i++) {
        const gan_measure_info m = gan_measure_at(gan_watch_row(i));
        printf("  %s\n      %s; better: %s%s%s; how often: train.eval_every\n", m.key, m.help, m.better,
               i == 0 ? "; on the screen: " : "", i == 0 ? m.name : "");
    }
    printf("Metrics of a look inside the nets:\n");
    for (int i = 0; i < GAN_HEALTH_ROWS; i++)
        printf("  %s\n      %s; how often: train.health_every\n", gan_health_row(i).key, gan_health_row(i).help);
}

static int run(int count, char **words)
{
    arguments a = {0};
    const int done = cli_parse(&cmd_recipes, count, words, take, &a);
    if (done)
        return done - 1;
    if (a.settings) {
        settings();
        return EXIT_OK;
    }
    if (a.layers) {
        layers();
        return EXIT_OK;
    }
    if (a.shapes)
        return a.name ? shapes(a.name) : cli_wrong(&cmd_recipes, "recipes: --shapes of which recipe?");
    if (a.metrics) {
        metrics();
        return EXIT_OK;
    }
    if (!a.name) {
        list();
        return EXIT_OK;
    }
    for (int i = 0; i < gan_recipe_builtins(); i++)
        if (!strcmp(gan_recipe_builtin(i).name, a.name)) {
            fputs(gan_recipe_builtin(i).text, stdout);
            return EXIT_OK;
        }
    return cli_wrong(&cmd_recipes, "no built-in recipe '%s'; `gander recipes` lists them", a.name);
}

const cli_command cmd_recipes = {"recipes", "list the built-in recipes, print one", "[NAME]",
                                 options,   sizeof options / sizeof *options,       run};
