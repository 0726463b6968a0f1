/* sample_timelapse.c - the grids that a run drew, one after the other. */
#include "command.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const struct dirent **a, const struct dirent **b)
{
    const size_t n = strlen((*a)->d_name), m = strlen((*b)->d_name); /* iterations: 1000000 comes behind 999750 */
    return n != m ? (n > m) - (n < m) : strcmp((*a)->d_name, (*b)->d_name);
}

static int is_grid(const struct dirent *e)
{
    return strspn(e->d_name, "0123456789") >= 6 && cli_ends_in(e->d_name, ".png");
}

static gan_status animate(gan_animation *animation, const char *folder, struct dirent **name, int n, gan_error *err)
{
    gan_status s = GAN_OK;
    for (int i = 0; i < n && s == GAN_OK; i++) {
        char path[4600];
        gan_image image;
        snprintf(path, sizeof path, "%.4200s/%.255s", folder, name[i]->d_name);
        s = gan_image_read_png(&image, path, err);
        if (s == GAN_OK)
            s = gan_animation_add(animation, &image, err);
        gan_image_release(&image);
    }
    return s;
}

gan_status sample_timelapse(const char *run, const char *out, bool force, gan_error *err)
{
    enum { DELAY_MS = 250 };
    char folder[4200];
    struct dirent **name = NULL;
    gan_animation *animation = NULL;
    snprintf(folder, sizeof folder, "%.4000s/samples", run);
    if (cli_exists(out) && !force)
        return cli_refuse(err, GAN_EEXISTS, out, "is there already; overwrite it with --force");
    const int n = scandir(folder, &name, is_grid, by_name);
    gan_status s = n > 0 ? gan_animation_begin(&animation, out, n, DELAY_MS, err)
                         : cli_refuse(err, GAN_ENOTFOUND, run, "is no run, or has no grids (samples/)");
    if (s == GAN_OK)
        s = animate(animation, folder, name, n, err);
    const gan_status ended = gan_animation_end(animation, s == GAN_OK, s == GAN_OK ? err : NULL);
    for (int i = 0; i < n; i++)
        free(name[i]);
    free(name);
    return s == GAN_OK ? ended : s;
}
