/* cmd_recipes.c - gander recipes: what is built in, and every setting there is. */
#include "command.h"

#include <string.h>

enum { SETTINGS, LAYERS };

static const cli_option options[] = {
    [SETTINGS] = {0, "settings", NULL, "every setting: range, default, meaning, source"},
    [LAYERS] = {0, "layers", NULL, "every layer and activation that a line may name"},
};

typedef struct arguments {
    const char *name;
    bool settings, layers;
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
        printf("%-10s %.*s\n", r.name, (int)strcspn(line, "\n"), line);
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

static void layers(void)
{
    puts("layers:");
    for (int i = 0; i < gan_layer_kinds(); i++)
        printf("  %-28s %s\n", gan_layer_info(i).usage, gan_layer_info(i).help);
    puts("activations:");
    for (int i = 0; i < gan_activations(); i++)
        printf("  %-28s %s\n", gan_activation_info(i).usage, gan_activation_info(i).help);
    puts("a line may be named and read again (dense 64 @a ... add @a); block NAME PARAMETER... / lines / end is used as\n"
         "NAME WORD...; inside it @in is what it was given. More: man gander, RECIPES");
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
