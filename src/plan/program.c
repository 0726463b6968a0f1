/* program.c - runs of pointwise operations over blocks that stay in L1.
 *
 * A program is made once per group of pointwise nodes of one shape (its domain):
 *
 *     accesses   a0 [M,N] pre-activation, a1 [1,N] bias, a2 [M,N] result
 *     instrs     s0 = add a0 a1;  a2 = lrelu s0
 *
 * It runs block by block: at most 1,024 floats, op after op, so what lies between two operations is
 * written to L1 at most. Axes over which all accesses are regular are merged, so a bias add over
 * [N,H,W,C] has two axes. No JIT: one kernel call per operation and block costs a few nanoseconds in
 * a thousand elements.
 */
#include "plan/program.h"

#include <assert.h>
#include <string.h>

enum { STRIDED_LOAD = GAN__UNARY_COUNT }; /* an access whose columns are apart, gathered into a slot */

void gan__builder_init(gan__builder *b, gan_plan *plan, gan_shape domain, bool flat)
{
    b->plan = plan;
    gan__program *p = &b->program;
    *p = (gan__program){.access = b->access, .instr = b->instr};
    if (flat) {
        p->axes = 1;
        p->dim[0] = gan__panels_size(domain.dim[0], domain.dim[1]);
        return;
    }
    p->axes = domain.rank;
    for (int i = 0; i < domain.rank; i++)
        p->dim[i] = (size_t)domain.dim[i];
    if (!p->axes)
        p->dim[p->axes++] = 1;
}

static int add_access(gan__builder *b, gan__access a)
{
    gan__program *p = &b->program;
    for (int i = 0; i < p->accesses; i++)
        if (!memcmp(&p->access[i], &a, sizeof a))
            return -1 - i;
    assert(p->accesses < GAN__VIEWS_MAX);
    p->access[p->accesses] = a;
    return -1 - p->accesses++;
}

int gan__builder_access(gan__builder *b, const gan__view *v)
{
    gan__access a;
    memset(&a, 0, sizeof a); /* compared as bytes */
    a.buffer = v->buffer;
    a.offset = v->offset;
    if (v->panels) {
        a.stride[0] = 1;
        return add_access(b, a);
    }
    /* A flat domain's scalars, and a domain of rank 0, have nothing to align. */
    for (int i = 0; i < v->shape.rank && v->shape.rank == b->program.axes; i++)
        a.stride[i] = v->shape.dim[i] == 1 ? 0 : v->stride[i];
    return add_access(b, a);
}

int gan__builder_instr(gan__builder *b, gan__instr instr, int out)
{
    gan__program *p = &b->program;
    assert(p->instrs < GAN__INSTRS_MAX);
    instr.y = out;
    p->instr[p->instrs] = instr;
    return p->instrs++;
}

static bool is_output(const gan__program *p, int access)
{
    for (int i = 0; i < p->instrs; i++)
        if (p->instr[i].y == -1 - access)
            return true;
    return false;
}

static bool mergeable(const gan__program *p, int axis)
{
    for (int a = 0; a < p->accesses; a++)
        if (p->access[a].stride[axis] != p->access[a].stride[axis + 1] * p->dim[axis + 1])
            return false;
    return true;
}

static void remove_axis(gan__program *p, int axis)
{
    for (int i = axis; i + 1 < p->axes; i++) {
        p->dim[i] = p->dim[i + 1];
        for (int a = 0; a < p->accesses; a++)
            p->access[a].stride[i] = p->access[a].stride[i + 1];
    }
    p->axes--;
    for (int a = 0; a < p->accesses; a++)
        p->access[a].stride[p->axes] = 0;
}

/* Of the first `axes` of them. */
static void merge_axes(gan__program *p, int axes)
{
    const int kept = p->axes - axes;
    for (int i = axes - 1; i >= 0 && p->axes > 1; i--)
        if (p->dim[i] == 1)
            remove_axis(p, i);
    for (int i = p->axes - kept - 2; i >= 0; i--)
        if (mergeable(p, i)) {
            p->dim[i + 1] *= p->dim[i];
            remove_axis(p, i);
        }
}

/* Kernels write columns one after another: a result whose columns are apart gets columns of one. */
static void append_column_axis(gan__program *p)
{
    bool apart = p->axes < 2 && p->dim[0] == 1;
    for (int a = 0; a < p->accesses; a++)
        apart |= is_output(p, a) && p->access[a].stride[p->axes - 1] != 1 && p->dim[p->axes - 1] > 1;
    if (apart)
        p->dim[p->axes++] = 1;
    if (p->axes < 2) { /* one row */
        p->dim[1] = p->dim[0];
        p->dim[0] = 1;
        for (int a = 0; a < p->accesses; a++) {
            p->access[a].stride[1] = p->access[a].stride[0];
            p->access[a].stride[0] = 0;
        }
        p->axes = 2;
    }
}

/* Put a load in front of every operand whose columns are neither together nor one. */
static void insert_loads(gan__program *p)
{
    gan__instr old[GAN__INSTRS_MAX];
    int where[GAN__INSTRS_MAX], loaded[GAN__VIEWS_MAX], n = p->instrs, count = 0;
    memcpy(old, p->instr, (size_t)n * sizeof *old);
    for (int a = 0; a < p->accesses; a++)
        loaded[a] = -1;
    for (int i = 0; i < n; i++) {
        gan__instr t = old[i];
        int *operand[2] = {&t.x, &t.z};
        for (int k = 0; k < 1 + t.binary; k++) {
            if (*operand[k] >= 0) {
                *operand[k] = where[*operand[k]];
                continue;
            }
            const int a = -1 - *operand[k];
            if (p->access[a].stride[p->axes - 1] <= 1 || p->dim[p->axes - 1] == 1)
                continue;
            if (loaded[a] < 0) {
                loaded[a] = count;
                p->instr[count++] = (gan__instr){.op = STRIDED_LOAD, .x = -1 - a};
            }
            *operand[k] = loaded[a];
        }
        where[i] = count;
        p->instr[count++] = t;
    }
    p->instrs = count;
}

/* Results that are not stored get a slot, free again after their last reader. */
static void assign_slots(gan__program *p)
{
    int last[GAN__INSTRS_MAX], slot[GAN__INSTRS_MAX], stack[GAN__SLOTS_MAX], free_slots = 0;
    for (int i = 0; i < p->instrs; i++) {
        const gan__instr *t = &p->instr[i];
        last[i] = i;
        if (t->x >= 0)
            last[t->x] = i;
        if (t->binary && t->z >= 0)
            last[t->z] = i;
    }
    for (int i = 0; i < p->instrs; i++) {
        gan__instr *t = &p->instr[i];
        int *operand[2] = {&t->x, &t->z};
        int freed = -1;
        for (int k = 0; k < 1 + t->binary; k++) {
            const int from = *operand[k];
            if (from < 0)
                continue;
            *operand[k] = slot[from];
            if (last[from] == i && slot[from] >= 0 && from != freed) {
                stack[free_slots++] = slot[from];
                freed = from;
            }
        }
        if (t->y < 0) {
            slot[i] = t->y; /* later readers take it from memory, still in cache */
        } else {
            slot[i] = free_slots ? stack[--free_slots] : p->slots++;
            t->y = slot[i];
            if (last[i] == i)
                stack[free_slots++] = slot[i];
        }
    }
    assert(p->slots <= GAN__SLOTS_MAX);
}

gan__program *gan__builder_finish(gan__builder *b, gan__ranges ranges)
{
    gan__program *p = &b->program;
    merge_axes(p, ranges == GAN__RANGES_ANY ? p->axes : p->axes - 1);
    if (ranges == GAN__RANGES_PLACES && p->axes == 2 && p->dim[1] == 1)
        remove_axis(p, 1);
    append_column_axis(p);
    insert_loads(p);
    assign_slots(p);
    gan__program *out = gan__arena_alloc(&b->plan->arena, sizeof *out);
    gan__access *access = gan__arena_alloc(&b->plan->arena, (size_t)p->accesses * sizeof *access);
    gan__instr *instr = gan__arena_alloc(&b->plan->arena, (size_t)p->instrs * sizeof *instr);
    if (!out || !access || !instr)
        return NULL;
    memcpy(access, p->access, (size_t)p->accesses * sizeof *access);
    memcpy(instr, p->instr, (size_t)p->instrs * sizeof *instr);
    *out = *p;
    out->access = access;
    out->instr = instr;
    return out;
}

size_t gan__program_rows(const gan__program *p)
{
    size_t rows = 1;
    for (int i = 0; i + 1 < p->axes; i++)
        rows *= p->dim[i];
    return rows;
}

size_t gan__program_cols(const gan__program *p)
{
    return p->dim[p->axes - 1];
}

/* One block: rows x cols; operands as the kernels take them: of memory where the block begins, of slots. */
typedef struct block {
    const gan__program *p;
    gan__operand memory[GAN__VIEWS_MAX], slot[GAN__SLOTS_MAX];
    float *at[GAN__VIEWS_MAX], *slots; /* the same, to write */
    int rows, cols;
} block;

static const gan__operand *operand_of(const block *b, int which)
{
    return which >= 0 ? &b->slot[which] : &b->memory[-1 - which];
}

static float *result_of(const block *b, const gan__instr *t)
{
    return t->y >= 0 ? b->slots + (size_t)t->y * GAN__BLOCK : b->at[-1 - t->y];
}

static void strided_load(const block *b, const gan__instr *t)
{
    const gan__operand *x = operand_of(b, t->x);
    const size_t col = b->p->access[-1 - t->x].stride[b->p->axes - 1];
    float *y = result_of(b, t);
    for (int r = 0; r < b->rows; r++)
        for (int c = 0; c < b->cols; c++)
            *y++ = x->p[(size_t)r * x->row + (size_t)c * col];
}

static void run_block(const gan__kernels *kernels, const block *b)
{
    for (int i = 0; i < b->p->instrs; i++) {
        const gan__instr *t = &b->p->instr[i];
        const size_t ys = operand_of(b, t->y)->row;
        if (t->binary)
            kernels->binary[t->op](result_of(b, t), ys, operand_of(b, t->x), operand_of(b, t->z), b->rows, b->cols);
        else if (t->op == STRIDED_LOAD)
            strided_load(b, t);
        else
            kernels->unary[t->op](result_of(b, t), ys, operand_of(b, t->x), b->rows, b->cols, t->a, t->b);
    }
}

static void set_columns(block *b, int cols, float *slots)
{
    b->cols = cols;
    b->slots = slots;
    for (int i = 0; i < b->p->slots; i++)
        b->slot[i] = (gan__operand){slots + (size_t)i * GAN__BLOCK, (size_t)cols, 1};
    for (int a = 0; a < b->p->accesses; a++)
        b->memory[a].inner = b->p->access[a].stride[b->p->axes - 1] == 1 || cols == 1;
}

/* Rows [row, row + n) that lie side by side on the rows axis. */
static void run_rows(const gan_plan *plan, const gan__program *p, size_t row, size_t n, gan__range range,
                     float *slots, float *local)
{
    block b;
    float *base[GAN__VIEWS_MAX]; /* of column 0; of local memory: of the range's first */
    size_t first[GAN__VIEWS_MAX];
    b.p = p;
    for (int a = 0; a < p->accesses; a++) {
        const gan__buffer *buffer = &plan->buffer[p->access[a].buffer];
        const bool is_local = buffer->memory == GAN__MEMORY_LOCAL;
        size_t rest = row, origin = p->access[a].offset;
        for (int i = p->axes - 2; i >= 0; i--) {
            origin += rest % p->dim[i] * p->access[a].stride[i];
            rest /= p->dim[i];
        }
        base[a] = is_local ? local : buffer->p + origin;
        first[a] = is_local ? range.col : 0;
        b.memory[a].row = p->access[a].stride[p->axes - 2];
    }
    for (size_t c = range.col; c < range.col_end; c += (size_t)b.cols) {
        set_columns(&b, (int)(range.col_end - c < GAN__BLOCK ? range.col_end - c : GAN__BLOCK), slots);
        const size_t most = GAN__BLOCK / (size_t)b.cols;
        for (size_t r = 0; r < n; r += (size_t)b.rows) {
            b.rows = (int)(n - r < most ? n - r : most);
            for (int a = 0; a < p->accesses; a++)
                b.memory[a].p = b.at[a] = base[a] + r * b.memory[a].row + (c - first[a]) * p->access[a].stride[p->axes - 1];
            run_block(plan->kernels, &b);
        }
    }
}

void gan__program_run(const gan_plan *plan, const gan__program *p, gan__range range, float *slots,
                      float *local)
{
    const size_t side = p->dim[p->axes - 2];
    for (size_t row = range.row; row < range.row_end;) {
        const size_t left = side - row % side;
        const size_t n = left < range.row_end - row ? left : range.row_end - row;
        run_rows(plan, p, row, n, range, slots, local);
        row += n;
    }
}
