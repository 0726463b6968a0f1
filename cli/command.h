/* command.h - what the program's commands share: one row of one table each, one parser of options.
 */
#ifndef GANDER_COMMAND_H
#define GANDER_COMMAND_H

#include <gan/gan.h>
#include <stdbool.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_SICK = 3 /* of gander doctor */ };

/* One option: its letter (0: none), its word, what it takes (NULL: nothing), help. */
typedef struct cli_option {
    char letter;
    const char *word, *takes, *help;
} cli_option;

typedef struct cli_command {
    const char *name, *summary, *usage;
    const cli_option *options;
    int option_count;
    int (*run)(int count, char **words); /* words behind the command's name */
} cli_command;

extern const cli_command cmd_train, cmd_sample, cmd_eval, cmd_doctor, cmd_look, cmd_data, cmd_recipes, cmd_info, cmd_bench;

/* cli_parse - split words into options and the rest. `take` is called with the option's number in
 * the command's table (and its value or NULL), or with -1 for what is no option; it answers false
 * after it has printed what is wrong. --help prints the command's help. Returns 0 to go on, else 1
 * + the exit code. */
typedef bool cli_take(void *ctx, int option, const char *value);
int cli_parse(const cli_command *command, int count, char **words, cli_take *take, void *ctx);

/* cli_wrong - print "gander: ..." and how to get help; returns EXIT_USAGE. cli_failed - print an
 * error's line; returns EXIT_FAILED, or EXIT_USAGE for a wrong key or argument. */
int cli_wrong(const cli_command *command, const char *format, ...) GAN_PRINTF(2, 3);
int cli_failed(const gan_error *err);

/* cli_ends_in - does the text end in that? */
bool cli_ends_in(const char *text, const char *ending);

/* cli_failed_with - the same, with what this command has to say of a status behind the line: the library knows no
 * options. */
typedef struct cli_hint {
    gan_status status;
    const char *text, *what; /* what: put behind the text; NULL: nothing */
} cli_hint;
int cli_failed_with(const gan_error *err, const cli_hint *hints, int n);
/* cli_refuse - fill err with "PATH: why"; returns status. */
gan_status cli_refuse(gan_error *err, gan_status status, const char *path, const char *why);
void cli_help(const cli_command *command, FILE *out);

/* cli_int - a whole number from low to high, or false after a line that names the option. */
bool cli_int(const cli_command *command, const char *what, const char *text, long long low,
             long long high, long long *out);
bool cli_number(const cli_command *command, const char *what, const char *text, double low,
                double high, double *out);

/* What the terminal behind a stream can show: none for a file (but with CLICOLOR_FORCE), NO_COLOR or
 * TERM=dumb. */
gan_colors cli_colors(FILE *stream);
int cli_columns(FILE *stream); /* the terminal's, else COLUMNS, else 80 */
bool cli_exists(const char *path);

/* cli_data - where the data of a run or model is: as named on the command line, else where the run had it if that is still there, else the
 * recipe's set; NULL: nobody knows. `where` is room for it. */
enum { CLI_PATH = 4200 };
const char *cli_data(const char *named, const char *run, const gan_recipe *recipe, char where[CLI_PATH]);

/* ---- gander train: what is shown (train_view.c) ------------------------------------------------------ */

/* On a terminal: a line that is written over and over, and at each grid the grid, the way of the losses so far, and what the doctor said
 * last. Else, and when plain: a line for each line of metrics. Grids are written to RUN/samples in any case. _timed: the minutes that were
 * asked for. _close_line: nothing stands on the line that is rewritten. _observe is a gan_observer_fn whose ctx is the view. */
typedef struct train_view train_view;
train_view *train_view_create(bool quiet, bool plain); /* NULL: out of memory */
void train_view_free(train_view *v);
void train_view_timed(train_view *v, double minutes);
void train_view_close_line(train_view *v);
gan_status train_view_observe(void *ctx, const gan_event *e, gan_error *err);

/* ---- gander sample: where from (sample_latents.c) ---------------------------------------------------- */

typedef struct sample_latents_params {
    const char *pick, *file; /* "3,17"; a .npy of rows; NULL: by number, from `first` on */
    int steps;               /* pictures from each sample to the next; 0: samples alone */
    int count, label;        /* label: of that class; -1: whatever comes */
    uint64_t seed;
    uint32_t first;
    double truncation; /* latents times that: 1 as trained, less: nearer to the mean picture, alike and plain */
} sample_latents_params;

/* Owns its rows. _make: GAN_EINVAL: no list; GAN_EDATA: the file's rows do not suit the model. _draw: pictures of rows first .. first + n - 1. */
typedef struct sample_latents sample_latents;
gan_status sample_latents_make(sample_latents **out, gan_model *model, const sample_latents_params *p, gan_error *err);
int sample_latents_count(const sample_latents *l);
gan_status sample_latents_draw(const sample_latents *l, gan_model *model, const sample_latents_params *p, int first, int n, uint8_t *pixels,
                               gan_error *err);
void sample_latents_free(sample_latents *l);

/* sample_timelapse - the grids of a run's samples/ as an animated PNG. GAN_ENOTFOUND: it has none; GAN_EEXISTS: out is there. */
gan_status sample_timelapse(const char *run, const char *out, bool force, gan_error *err);

/* ---- gander bench modes (bench_modes.c) ------------------------------------------------------------ */

typedef struct bench_modes_params {
    const char *only;  /* a set: "ring", "grid"; NULL: all */
    const char *row;   /* an objective's row; NULL: all */
    const char *const *set; /* settings for every row */
    int sets, seeds, threads;
    const char *keep; /* a file that remembers finished runs; NULL: none */
} bench_modes_params;

/* bench_modes - runs, counts and prints the table. Errors  the first run's that failed; GAN_EIO: keep; GAN_EINVAL: no such set. */
gan_status bench_modes(const bench_modes_params *p, gan_error *err);

#endif
