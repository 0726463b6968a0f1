/* page_internal.h - a page's parts: the run that it shows, its answers one by one. */
#ifndef GAN_PAGE_PAGE_INTERNAL_H
#define GAN_PAGE_PAGE_INTERNAL_H

#include <gan/data.h>
#include <gan/doctor.h>
#include <gan/image.h>
#include <gan/inspect.h>
#include <gan/model.h>
#include <gan/page.h>

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* What a file was when it was last read: another number, another file. 0: it is not there. */
typedef uint64_t gan__stamp;

/* Ways through latent space, found once for each checkpoint. */
enum { GAN__PAGE_WAYS = 5 };
typedef struct gan__page_ways {
    float *way; /* [count, latent], owned */
    double strength[GAN__PAGE_WAYS];
    int count;
    gan__stamp of; /* the checkpoint; meaningless without `way` */
} gan__page_ways;

/* Samples, and the pictures of the data nearest to them: a search that is asked for twice, as a picture and as figures, is made once. */
enum { GAN__PAGE_SEARCHED = 8 };
typedef struct gan__page_search {
    uint8_t *pixels; /* owned; NULL: none yet */
    double far;      /* mean distance */
    int label, first;
    gan__stamp of; /* the model */
} gan__page_search;

struct gan_page {
    char *run, *data;      /* owned; data NULL: where it lay */
    gan_recipe *recipe;    /* what the run goes on with */
    gan__stamp recipe_was; /* of the files that say so */
    gan_team *team;
    gan_history *lines;    /* as far as they were read; NULL: not yet */
    gan_doctor *doctor;    /* who judges each of them once */
    gan_model *model;      /* NULL: none yet */
    gan__stamp model_was;  /* of the file that `model` was read from */
    gan_dataset *set;      /* what it is trained on; NULL: not opened yet */
    gan__page_search search; /* the last one */
    double real_far;       /* how far its pictures are from each other; 0: not looked for yet */
    gan_trainer *trainer;  /* with the weights of the newest checkpoint; NULL: none yet */
    gan_inspector *inside; /* of it */
    gan__stamp state_was;  /* of the checkpoint that was read into it; 0: none was */
    gan__page_ways ways[2]; /* by kind */
};

/* A request: its path, and its numbers by name. */
enum { GAN__PAGE_NUMBERS = 8, GAN__PAGE_NAME = 16 };
typedef struct gan__page_request {
    char path[GAN_PAGE_REQUEST_MAX];
    int numbers;
    struct {
        char name[GAN__PAGE_NAME];
        double value;
    } number[GAN__PAGE_NUMBERS];
} gan__page_request;

/* gan__page_number - a number of the request, or what it is where it is not said. Errors  GAN_EINVAL: not from low to high. */
gan_status gan__page_number(const gan__page_request *q, const char *name, double fallback, double low, double high, double *out, gan_error *err);
gan_status gan__page_whole(const gan__page_request *q, const char *name, int fallback, int high, int *out, gan_error *err); /* from 0 */

/* An answer's maker: fills type, bytes and size. Its error becomes the answer's status: GAN_EINVAL 400; GAN_ENOTFOUND and GAN_EUNSUPPORTED 404; else
 * 500. */
typedef gan_status gan__page_make(gan_page *p, const gan__page_request *q, gan_page_answer *a, gan_error *err);
gan__page_make gan__page_status, gan__page_run, gan__page_metrics, gan__page_doctor, gan__page_grids, gan__page_grid; /* page_facts.c */
gan__page_make gan__page_walk, gan__page_nearest, gan__page_nearest_facts, gan__page_pairs, gan__page_real_pictures; /* page_pictures.c */
gan__page_make gan__page_layers, gan__page_judge, gan__page_slopes, gan__page_plane, gan__page_filters;          /* page_inside.c */
gan__page_make gan__page_ways_facts, gan__page_ways_picture;                                                     /* page_ways.c */

/* What an answer needs of its run: found and opened; else why there is none. */
typedef gan_status gan__page_need(gan_page *p, gan_error *err);
gan__page_need gan__page_need_pictures, gan__page_need_nearest, gan__page_need_pairs; /* page_pictures.c */
gan__page_need gan__page_need_inside, gan__page_need_judge, gan__page_need_plane, gan__page_need_filters; /* page_inside.c */
gan__page_need gan__page_need_ways; /* page_ways.c */

/* One kind of answer.
 * view   the part of the page that shows it, if the run has what it needs: views.json says so; NULL: every run has it
 * kept   the report holds it, asked for like that; NULL: it holds none (grids are kept one by one) */
typedef struct gan__page_route {
    const char *path; /* ends in '/': what begins with it */
    const char *view;
    gan__page_need *need;
    gan__page_make *make;
    const char *kept;
} gan__page_route;
int gan__page_routes(const gan__page_route **rows);

/* The page's own files, as they stand in page/. */
typedef struct gan__page_file {
    const char *name, *type;
    const unsigned char *bytes;
    size_t size;
} gan__page_file;
extern const gan__page_file gan__page_files[];
extern const int gan__page_file_count;

/* gan__page_path - malloc'd path of a file of the run. gan__page_stamp - of such a file. gan__page_grid_list - names of the run's grids by number of
 * iterations: "000100.png"; the caller's. gan__page_model - the run's newest model. gan__page_set - its data. */
enum { GAN__PAGE_GRID_NAME = 40 };
char *gan__page_path(const gan_page *p, const char *name);
gan__stamp gan__page_stamp(const gan_page *p, const char *name);
gan_status gan__page_grid_list(const gan_page *p, char (**names)[GAN__PAGE_GRID_NAME], int *count, gan_error *err);
void gan__page_lines_release(gan_page *p); /* what was read of its log, and what the doctor made of it */
gan_status gan__page_recipe(gan_page *p, gan_error *err); /* as its files say now: where they changed, what was made by the old one goes */
gan_status gan__page_model(gan_page *p, gan_error *err);
gan_status gan__page_draw(gan_page *p, int n, const float *z, uint64_t seed, int label, uint8_t *pixels, gan_error *err); /* label -1: class 0 */
size_t gan__page_item(const gan_model *m); /* numbers of a sample */
gan_status gan__page_sheet(const gan_model *m, int n, int columns, int gap, const uint8_t *pixels, gan_page_answer *a, gan_error *err);
gan_status gan__page_set(gan_page *p, gan_error *err);

/* gan__page_inside_release - trainer, inspector, ways. gan__page_state - malloc'd name of the newest checkpoint in the run, "state/00000100.safetensors";
 * NULL: there is none. */
void gan__page_inside_release(gan_page *p);
char *gan__page_state(const gan_page *p);
uint8_t gan__page_byte(float x); /* a number in 0..1 as a byte */

/* gan__page_json - takes root over. gan__page_png - a picture as the answer. */
gan_status gan__page_json(json_t *root, gan_page_answer *a, gan_error *err);
gan_status gan__page_png(const gan_image *image, gan_page_answer *a, gan_error *err);
json_t *gan__page_real(double x);          /* null where it is not finite */
json_t *gan__page_text(const char *text); /* from outside: what is no UTF-8 becomes '?' */

#endif
