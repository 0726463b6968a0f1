/* recipes_embedded.h - the files of recipes/, compiled in as they stand (cmake/embed.cmake). */
#ifndef GAN_TRAIN_RECIPES_EMBEDDED_H
#define GAN_TRAIN_RECIPES_EMBEDDED_H

typedef struct gan__embedded_recipe {
    const char *name; /* "steady" */
    const char *text; /* the whole .ini */
} gan__embedded_recipe;

extern const gan__embedded_recipe gan__embedded_recipes[];
extern const int gan__embedded_recipe_count;

#endif
