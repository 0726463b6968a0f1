/* recipe_shapes.c - a recipe's nets without data: can they be, and what is each line? */
#include "game/match.h"

#include "base/error.h"

#include <stdlib.h>

gan_status gan_recipe_check(const gan_recipe *r, gan_error *err)
{
    gan__match m;
    if (!gan_recipe_unsettled(r)) {
        const gan_status s = gan__match_create(&m, r, (gan_shape){0}, 0, NULL, err);
        if (s != GAN_OK)
            return s;
        gan__match_release(&m);
    }
    if (gan_recipe_has(r, "train.patience") && gan_recipe_int(r, "train.patience") && !gan_recipe_int(r, "train.eval_every"))
        return gan__fail(err, GAN_EKEY, "train.patience counts evaluations, and there are none: set train.eval_every");
    return GAN_OK;
}

gan_status gan_recipe_picture(const gan_recipe *r, int *height, int *width, int *channels, gan_error *err)
{
    gan__match m;
    *height = *width = *channels = 0;
    if (gan_recipe_unsettled(r))
        return GAN_OK;
    const gan_status s = gan__match_create(&m, r, (gan_shape){0}, 0, NULL, err);
    if (s != GAN_OK)
        return s;
    if (m.sample.rank == 3) {
        *height = m.sample.dim[0];
        *width = m.sample.dim[1];
        *channels = m.sample.dim[2];
    }
    gan__match_release(&m);
    return GAN_OK;
}

static void print_shape(gan_shape s, FILE *out)
{
    char text[96];
    int n = 0;
    for (int i = 0; i < s.rank; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, i ? " x %d" : "%d", s.dim[i]);
    fprintf(out, "  %-14s", text);
}

static void print_line(const gan_line_info *l, FILE *out)
{
    fprintf(out, "%5d  %-54s", l->line, l->text);
    print_shape(l->output, out);
    fprintf(out, "  %10zu  %9.3f  ", l->parameters, l->flops / 1e6);
    if (l->field)
        fprintf(out, "%5d\n", l->field);
    else
        fprintf(out, "  all\n");
}

static gan_status print_role(const gan__role *r, FILE *out, gan_error *err)
{
    const int n = gan_net_layers(r->net);
    gan_line_info *line = calloc((size_t)n, sizeof *line);
    if (!line)
        return gan__fail_memory(err, "a network");
    gan_net_lines(r->net, line, n);
    fprintf(out, "%s\n line  %-54s  %-14s  %10s  %9s  field\n", r->kind->name, "", "output", "parameters", "MFLOP");
    for (int i = 0; i < n; i++)
        print_line(&line[i], out);
    fprintf(out, "%5s  %-54s  %-14s  %10zu  %9.3f\n", "", "all", "", gan_params_elements(r->params),
            gan_net_flops(r->net) / 1e6);
    free(line);
    return GAN_OK;
}

gan_status gan_recipe_shapes(const gan_recipe *r, FILE *out, gan_error *err)
{
    gan__match m;
    if (gan_recipe_unsettled(r))
        return gan__fail(err, GAN_EKEY, "its layers say `data`, the size of pictures it is trained on: there are no shapes without them");
    gan_status s = gan__match_create(&m, r, (gan_shape){0}, 0, NULL, err);
    if (s != GAN_OK)
        return s;
    for (int i = 0; i < m.game->roles && s == GAN_OK; i++)
        s = print_role(&m.role[i], out, err);
    gan__match_release(&m);
    return s;
}
