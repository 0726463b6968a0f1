/* program.h - runs of pointwise operations: building one, and running it. */
#ifndef GAN_PLAN_PROGRAM_H
#define GAN_PLAN_PROGRAM_H

#include "plan/plan_internal.h"

typedef struct gan__builder {
    gan_plan *plan;
    gan__program program;
    gan__access access[GAN__VIEWS_MAX];
    gan__instr instr[GAN__INSTRS_MAX];
} gan__builder;

void gan__builder_init(gan__builder *b, gan_plan *plan, gan_shape domain, bool flat);
/* An operand for a view that broadcasts to the domain. */
int gan__builder_access(gan__builder *b, const gan__view *v);
/* Values x and z are numbers of operands as the builder hands them out: < 0 memory, >= 0 an earlier
 * instruction (its result, wherever it is kept). out: memory operand the result is stored to, or 0 for
 * none. Returns the instruction's number. */
int gan__builder_instr(gan__builder *b, gan__instr instr, int out);
/* What ranges are asked for later. COLUMNS: of rows and columns, so the last axis is not merged with those before. PLACES: of rows
 * alone, all columns of each; where there is one column, the rows are merged into one whose columns they are, if they can be. */
typedef enum gan__ranges { GAN__RANGES_ANY, GAN__RANGES_COLUMNS, GAN__RANGES_PLACES } gan__ranges;
/* Assign slots, merge axes, copy into the plan's arena. NULL: out of memory. */
gan__program *gan__builder_finish(gan__builder *b, gan__ranges ranges);

/* Rows [row, row_end) of all rows (every axis but the last) and columns [col, col_end). local: where column
 * `col` of local buffers lies; NULL where the program has none. */
typedef struct gan__range {
    size_t row, row_end, col, col_end;
} gan__range;
void gan__program_run(const gan_plan *plan, const gan__program *p, gan__range range, float *slots,
                      float *local);
size_t gan__program_rows(const gan__program *p);
size_t gan__program_cols(const gan__program *p);

#endif
