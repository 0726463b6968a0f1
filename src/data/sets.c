/* sets.c - the data sets that have a name: one row each.
 *
 * The digests are those of the unpacked files, since packers differ (Debian's .gz are not the
 * published ones, their content is). Pixels and labels have digests of their own: by its
 * pixels a set is known wherever it lies, and both are compared at every opening by name, so a
 * cache that rots is never trained on.
 */
#include "data/sets.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/paths.h"
#include "data/strokes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MNIST, FASHION_MNIST, STROKES, RING, GRID, STACKED_MNIST, SETS };
enum { TEST_IMAGES = 2 }; /* their place among the files */

static const gan_dataset_info infos_of[SETS] = {
    [MNIST] = {"mnist", "handwritten digits, 28 x 28 grey, 60,000 + 10,000",
               "CC BY-SA 3.0 (Y. LeCun and C. Cortes, from NIST's sets)"},
    [FASHION_MNIST] = {"fashion-mnist", "clothes of ten kinds, 28 x 28 grey, 60,000 + 10,000",
                       "MIT (Zalando SE)"},
    [STROKES] = {"strokes", "digits drawn by the program itself, 28 x 28 grey, 60,000 + 10,000",
                 "MIT (part of gander)"},
    [RING] = {"ring", "points of 8 Gaussians on a circle, 100,000 + 10,000", "MIT (part of gander)"},
    [GRID] = {"grid", "points of 25 Gaussians on a grid, 100,000 + 10,000", "MIT (part of gander)"},
    [STACKED_MNIST] = {"stacked-mnist", "three digits of mnist as red, green and blue: 1,000 modes, 28 x 28, 60,000 + 10,000",
                       "CC BY-SA 3.0 (made of mnist)"},
};

static const gan__set sets[SETS] = {
    [MNIST] =
        {.info = &infos_of[MNIST],
         .split = {{.name = "mnist",
                    .pixels = "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
                    .labels = "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"},
                   {.name = "mnist/test",
                    .pixels = "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
                    .labels = "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
                    .file = TEST_IMAGES}},
         .file = {{"train-images-idx3-ubyte", 47040016,
                   "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
                  {"train-labels-idx1-ubyte", 60008,
                   "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
                  {"t10k-images-idx3-ubyte", 7840016,
                   "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
                  {"t10k-labels-idx1-ubyte", 10008,
                   "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}},
    [FASHION_MNIST] =
        {.info = &infos_of[FASHION_MNIST],
         .split = {{.name = "fashion-mnist",
                    .pixels = "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
                    .labels = "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7"},
                   {.name = "fashion-mnist/test",
                    .pixels = "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
                    .labels = "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
                    .file = TEST_IMAGES}},
         .file = {{"train-images-idx3-ubyte", 47040016,
                   "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
                  {"train-labels-idx1-ubyte", 60008,
                   "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
                  {"t10k-images-idx3-ubyte", 7840016,
                   "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
                  {"t10k-labels-idx1-ubyte", 10008,
                   "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}},
         .debian = "/usr/share/datasets/fashion-mnist"},
    [STROKES] =
        {.info = &infos_of[STROKES],
         .split = {{.name = "strokes",
                    .pixels = "d7ca025f1c69221b2d97d41b87bc6549e40e676bc73e1d39b47e573d32a5ab20",
                    .count = GAN__STROKES_COUNT},
                   {.name = "strokes/test",
                    .pixels = "a57bd1ce692687af5cae81519c55368eee38bbef597210d528ee5ffc3e51324b",
                    .first = GAN__STROKES_COUNT,
                    .count = GAN__STROKES_TEST}}},
    [RING] = {.info = &infos_of[RING],
              .split = {{.name = "ring", .pixels = "8cd1681ff95eaf676df30c0dfe55dbef12b1d7794ef337eca0959b8a4cab1b66", .count = GAN__POINTS_COUNT},
                        {.name = "ring/test", .pixels = "c1b995281cc0262b1237a2fc2c57aeb8b024f2ee51de94e9db13e9d7da3ae690", .first = GAN__POINTS_COUNT, .count = GAN__POINTS_TEST}},
              .mixture = &gan__ring},
    [GRID] = {.info = &infos_of[GRID],
              .split = {{.name = "grid", .pixels = "97bcdb2813c0f65c8e19735f476184709deadf93c11ca56daad2c0b93ca55f20", .count = GAN__POINTS_COUNT},
                        {.name = "grid/test", .pixels = "3ccbe6172d201ec4d7b53914f2d25736fc2a8969fe4687d9df482b92af41c4ed", .first = GAN__POINTS_COUNT, .count = GAN__POINTS_TEST}},
              .mixture = &gan__grid_of_modes},
    [STACKED_MNIST] = {.info = &infos_of[STACKED_MNIST],
                       .split = {{.name = "stacked-mnist", .pixels = "287387bb8a3fac61d4da416520bfbf253382e3863aee00a213a6cf6b975ed670", .count = 60000},
                                 {.name = "stacked-mnist/test", .pixels = "9f79aef804d832b30ec49a354fde0095e37448ce2d7b50642f29c2f6c728b810", .first = 60000, .count = 10000}},
                       .stacked = "mnist"},
};

int gan_dataset_infos(const gan_dataset_info **infos)
{
    *infos = infos_of;
    return SETS;
}

const gan__set *gan__set_find(const char *name, const gan__set_split **split)
{
    *split = NULL;
    for (int i = 0; i < SETS; i++) {
        const size_t n = strlen(infos_of[i].name);
        if (strncmp(infos_of[i].name, name, n) != 0 || (name[n] && name[n] != '/'))
            continue;
        for (int k = 0; k < GAN__SET_SPLITS; k++)
            if (strcmp(sets[i].split[k].name, name) == 0)
                *split = &sets[i].split[k];
        return &sets[i];
    }
    return NULL;
}

gan_status gan__set_unknown(const char *name, const char *nor, gan_error *err)
{
    const gan__set_split *near = NULL;
    const gan__set *set = gan__set_find(name, &near);
    if (set)
        return gan__fail(err, GAN_ENOTFOUND, "%s: %s has no such split; there are %s and %s", name,
                         set->info->name, set->split[0].name, set->split[1].name);
    int least = (int)strnlen(name, 63) / 2; /* what is further away than that is another word */
    for (int i = 0; i < SETS; i++)
        for (int k = 0; k < GAN__SET_SPLITS; k++) {
            const int d = gan__distance(sets[i].split[k].name, name);
            if (d <= least && (!near || d < least)) {
                near = &sets[i].split[k];
                least = d;
            }
        }
    char names[128] = "";
    for (int i = 0; i < SETS; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i == 0 ? "" : i == SETS - 1 ? " and " : ", ",
                 infos_of[i].name);
    return gan__fail(err, GAN_ENOTFOUND, "%s: %sno data set has this name; there are %s%s%s%s", name, nor, names,
                     near ? "; do you mean '" : "", near ? near->name : "", near ? "'?" : "");
}

const char *gan__set_by_pixels(const char *sha256)
{
    for (int i = 0; i < SETS; i++)
        for (int k = 0; k < GAN__SET_SPLITS; k++)
            if (strcmp(sets[i].split[k].pixels, sha256) == 0)
                return sets[i].split[k].name;
    return NULL;
}

gan_status gan__set_folder(const gan__set *set, char **out, gan_error *err)
{
    return gan__cache_folder(out, set->info->name, err);
}
