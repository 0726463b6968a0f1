/* page_run.h - a small run on disk for the page's tests: pictures that the program draws itself, a few iterations. */
#ifndef TESTS_UNIT_PAGE_PAGE_RUN_H
#define TESTS_UNIT_PAGE_PAGE_RUN_H

#include <gan/gan.h>
#include <gan/run.h>

#include <stdio.h>
#include <stdlib.h>

static const char planted_recipe[] = "[data]\nset = strokes\n"
                                     "[generator]\nlatent = 7\nlayers =\n  dense 19 relu\n  dense 784 sigmoid\n"
                                     "[discriminator]\nlayers =\n  dense 17 leaky 0.2\n  dense 1\n"
                                     "[train]\nbatch = 8\niterations = 12\nlog_every = 2\ngrid_every = 6\ncheckpoint_every = 6\nspread_every = 6\n";

typedef struct planted {
    char folder[64], run[96];
} planted;

/* The program writes grids; here an observer does. */
static gan_status planted_grid(void *ctx, const gan_event *e, gan_error *err)
{
    const planted *p = ctx;
    if (e->kind != GAN_EVENT_GRID || !e->pixels)
        return GAN_OK;
    char path[160];
    gan_image image = {0};
    const gan_grid grid = {e->n, e->height, e->width, e->channels, 0, 1, 1};
    snprintf(path, sizeof path, "%s/samples/%06lld.png", p->run, (long long)e->iteration);
    gan_status s = gan_image_grid(&image, &grid, e->pixels, err);
    if (s == GAN_OK)
        s = gan_image_write_png(&image, path, err);
    gan_image_release(&image);
    return s;
}

static bool plant_recipe(planted *p, const char *text, gan_error *err)
{
    gan_recipe *r = NULL;
    snprintf(p->folder, sizeof p->folder, "/tmp/gander-page-XXXXXX");
    if (!mkdtemp(p->folder))
        return false;
    snprintf(p->run, sizeof p->run, "%s/a run", p->folder);
    gan_status s = gan_recipe_parse(&r, "planted", text, err);
    gan_run_params params = gan_run_defaults(p->run);
    params.recipe = r;
    params.threads = 1;
    params.observer = planted_grid;
    params.observer_ctx = p;
    if (s == GAN_OK)
        s = gan_run_start(&params, err);
    gan_recipe_free(r);
    return s == GAN_OK;
}

static bool plant(planted *p, gan_error *err)
{
    return plant_recipe(p, planted_recipe, err);
}

static void uproot(const planted *p)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", p->folder);
}

#endif
