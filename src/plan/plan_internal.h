/* plan_internal.h - what a plan is made of.
 *
 *     graph --lower.c--> steps over views of buffers --layout.c--> one block of memory --execute.c--> run
 *
 * A buffer is memory; a view is a tensor in it: RESHAPE, PERMUTE, BROADCAST and SLICE are other views
 * of the same buffer and cost nothing. A step is one kernel call split over the threads; a barrier
 * stands between steps. A program is a run of pointwise operations over blocks that stay in L1; it is
 * a step of its own or the epilogue of a product.
 */
#ifndef GAN_PLAN_INTERNAL_H
#define GAN_PLAN_INTERNAL_H

#include "base/arena.h"
#include "base/team.h"
#include "graph/graph_internal.h"
#include "kernel/kernel.h"
#include "plan/params_internal.h"

#include <gan/plan.h>

enum {
    GAN__BLOCK = 1024,    /* floats of one block of a program */
    GAN__SLOTS_MAX = 64,  /* blocks that a program may keep at once; few use more than 6 */
    GAN__INSTRS_MAX = 64, /* operations of one program, strided loads among them */
    GAN__VIEWS_MAX = 64,  /* memory operands of one program */
    GAN__DESCEND_MAX = 4  /* products that one weight gradient is the sum of */
};

typedef enum gan__memory {
    GAN__MEMORY_TEMP, /* in the room, shared with others whose lifetimes do not overlap and with other plans */
    GAN__MEMORY_KEEP, /* in the plan's own block: inputs, sinks, constants */
    GAN__MEMORY_PARAM, /* a tensor of a parameter set */
    GAN__MEMORY_LOCAL  /* no memory but a tile of each thread's own: what lives only between a product and
                          the update that takes it */
} gan__memory;

typedef struct gan__buffer {
    gan__memory memory;
    size_t floats;
    int first, last; /* steps of its life; first > last: never touched */
    float fill;      /* KEEP: what it holds from the start */
    size_t offset;   /* in the block or the room */
    float *p;
} gan__buffer;

/* Element (i, j, ...) is at buffer's p + offset + i * stride[0] + j * stride[1] + ... */
typedef struct gan__view {
    int buffer; /* -1: none yet */
    size_t offset;
    gan_shape shape;
    size_t stride[GAN_RANK_MAX]; /* 0: repeated */
    bool panels;                 /* a packed matrix: strides say nothing */
} gan__view;

/* A memory operand of a program: strides over the program's axes. */
typedef struct gan__access {
    int buffer;
    size_t offset;
    size_t stride[GAN_RANK_MAX];
} gan__access;

/* Operands: slot s is s, access a is -1 - a. */
typedef struct gan__instr {
    bool binary;
    int op; /* gan__unary or gan__binary */
    int y, x, z;
    float a, b;
} gan__instr;

typedef struct gan__program {
    int axes; /* >= 2; the last is the columns, the one before the rows */
    size_t dim[GAN_RANK_MAX + 1];
    int accesses, instrs, slots;
    gan__access *access;
    gan__instr *instr;
} gan__program;

/* What Adam reads and writes, and the moving average that is taken right behind it. */
typedef struct gan__update {
    int value, moment1, moment2, rate, correction;
    int average, decay; /* -1: no average */
    size_t rate_offset, correction_offset, decay_offset;
    gan__adam adam;
} gan__update;

/* One product of a step: batches of c = a b, and what is done to c while it is in cache. */
typedef struct gan__segment {
    gan__product product; /* pointers are filled in by each thread */
    int buffer_a, buffer_b, buffer_c;
    size_t offset_a, offset_b, offset_c;
    int batch_axes; /* leading axes; their sizes, and strides of a and b; c is contiguous */
    size_t batch_dim[GAN_RANK_MAX], batch_a[GAN_RANK_MAX], batch_b[GAN_RANK_MAX];
    size_t batches, batch_c;
    gan__program *epilogue; /* over (m, n), or flat over packed storage; NULL: none */
    gan__update *update;    /* takes the result, which is packed and local; NULL: none */
    bool local;             /* only the epilogue reads the result: tiles of a thread's own hold it */
} gan__segment;

typedef enum gan__step_kind {
#define STEP(kind, ...) GAN__STEP_##kind,
#include "plan/steps.def"
#undef STEP
    GAN__STEP_COUNT
} gan__step_kind;

enum { GAN__STEP_VIEWS = 6 };

typedef struct gan__step {
    gan__step_kind kind;
    int node;  /* the first node it computes, for people */
    bool solo;    /* too little work to share: thread 0 does it */
    bool barrier; /* all threads wait for each other before it */
    /* steps.def says how many; results first. */
    int buffer[GAN__STEP_VIEWS];
    size_t offset[GAN__STEP_VIEWS];
    gan__program *program;
    gan__segment *segment;
    int segments;
    size_t outer, n, inner; /* reductions, gather, scatter; n: floats of flat steps */
    int k, columns;         /* PACK, UNPACK: one matrix [k, columns] */
    gan__conv conv;
    gan__update *update; /* UPDATE, DESCEND */
    float a, b;            /* FROM_U8 */
    const uint8_t *bytes;  /* FROM_U8 */
    uint32_t stream;       /* NORMAL */
} gan__step;

typedef struct gan__plan_input {
    char *name;
    int buffer;
    uint8_t *bytes; /* U8 only; owned */
} gan__plan_input;

typedef struct gan__plan_sink {
    int node, buffer; /* buffer -1: a write to state, no value */
    size_t offset;
} gan__plan_sink;

/* Seconds that thread 0 spent in a step, and waiting behind it; into how many parts its work could be split. */
typedef struct gan__timing {
    double work, wait;
    size_t parts;
} gan__timing;

typedef struct gan__profile {
    long runs;
    double seconds, began, mark; /* of all runs; of this one; the newest look at the clock */
    gan__timing step[];
} gan__profile;

/* What plans that run in turn share: results that live within one run, and each thread's scratch. Grows with the largest plan. */
typedef struct gan__room {
    float *results;
    size_t floats;
    float *scratch; /* per thread: kernels' scratch, then a program's slots */
} gan__room;

struct gan_team {
    gan__team *threads;
    gan__room room;
};

struct gan_plan {
    gan__arena arena; /* programs, segments, names */
    gan__team *team;  /* NULL: one thread */
    int threads;
    const gan__kernels *kernels;
    gan__buffer *buffer;
    int buffers, buffers_capacity;
    gan__step *step;
    int steps, steps_capacity;
    gan__plan_input *input;
    int inputs;
    gan__plan_sink *sink;
    int sinks;
    gan__room *room, alone; /* the team's; or this plan's, where it has none */
    const float *results;   /* the room's, as buffers point into it */
    size_t floats;          /* of them */
    float *block;           /* what it keeps from run to run */
    size_t kept;            /* floats of it */
    _Atomic size_t *taken;  /* by step and thread: see share.h; from zero in each run */
    double flops;
    gan_step at; /* of the run under way */
    gan__profile *profile; /* NULL: not profiled */
};

/* One thread's scratch, in floats: the kernels', the slots of a program, and for weight gradients a chunk of
 * rows of the first operand and the tile that it makes. */
enum {
    GAN__CHUNK_ROWS_MAX = 240,
    GAN__CHUNK_FLOATS = 48 * GAN__SUM_BLOCK,
    GAN__TILE_ROWS = 48,
    GAN__TILE_COLUMNS = 64, /* of this tile, and of the one that a sum's program makes where kernels' scratch is */
    GAN__SCRATCH_SLOTS = GAN__CONV_SCRATCH > GAN__PRODUCT_SCRATCH ? GAN__CONV_SCRATCH : GAN__PRODUCT_SCRATCH,
    GAN__SCRATCH_CHUNK = GAN__SCRATCH_SLOTS + GAN__SLOTS_MAX * GAN__BLOCK,
    GAN__SCRATCH_TILE = GAN__SCRATCH_CHUNK + GAN__CHUNK_FLOATS + GAN__LANES * GAN__SUM_BLOCK,
    GAN__THREAD_SCRATCH = GAN__SCRATCH_TILE + GAN__TILE_ROWS * GAN__TILE_COLUMNS
};

#endif
