/* test_fusion.c - each rule of DESIGN.md's table of fusions, on graphs that are no GAN: that it is found, that it is
 * left alone where it must be, and that no byte differs from the plain plan's. */
#include "graph/dims.h"
#include "plan/plan_internal.h"
#include "plan/program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { SINKS_MAX = 8, ROWS = 24, IN = 50, OUT = 48 };

/* A small world: parameters, a graph over them, what is asked of it. */
typedef struct world {
    gan_params *p;
    int w, b;
    gan_graph *g;
    gan_node sink[SINKS_MAX];
    int sinks;
    gan_plan *plan;
} world;

typedef void build_fn(world *w);

static float number(size_t i)
{
    return (float)(i * 2654435761u % 1000) / 500 - 1;
}

static void ask(world *w, gan_node x)
{
    w->sink[w->sinks++] = x;
}

static world make(build_fn *build, bool plain, gan_team *team)
{
    world w = {.p = gan_params_create(), .g = gan_graph_create()};
    float value[IN * OUT];
    gan_error err = {0};
    assert_int_equal(gan_params_add(w.p, "w", GAN_SHAPE(IN, OUT), true, &w.w, NULL), GAN_OK);
    assert_int_equal(gan_params_add(w.p, "b", GAN_SHAPE(OUT), false, &w.b, NULL), GAN_OK);
    for (size_t i = 0; i < IN * OUT; i++)
        value[i] = number(i);
    gan_params_set(w.p, w.w, GAN_VALUE, value);
    gan_params_set(w.p, w.b, GAN_VALUE, value);
    assert_int_equal(gan_params_average_from_value(w.p), GAN_OK);
    build(&w);
    gan_plan_params p = gan_plan_defaults(w.g, w.sink, w.sinks);
    p.plain = plain;
    p.team = team;
    if (gan_plan_create(&w.plan, &p, &err) != GAN_OK)
        fail_msg("%s", err.message);
    for (int i = 0; i < w.g->count; i++) {
        const gan__node *n = &w.g->node[i];
        float *x = n->op == GAN__OP_INPUT ? gan_plan_input(w.plan, n->name) : NULL;
        for (size_t k = 0; x && k < gan__shape_count(n->shape); k++)
            x[k] = number(k + (size_t)n->name[0]);
    }
    for (uint32_t i = 0; i < 3; i++)
        gan_plan_run(w.plan, (gan_step){.seed = 1, .step = i});
    return w;
}

static void unmake(world *w)
{
    gan_plan_free(w->plan);
    gan_graph_free(w->g);
    gan_params_free(w->p);
}

static void same_bytes(const world *a, const world *b)
{
    for (int i = 0; i < a->sinks; i++) {
        const float *x = gan_plan_value(a->plan, a->sink[i]), *y = gan_plan_value(b->plan, b->sink[i]);
        if (x)
            assert_memory_equal(x, y, gan__shape_count(gan_graph_shape(a->g, a->sink[i])) * sizeof *x);
    }
    for (int s = 0; s < GAN_SLOTS; s++)
        for (int t = 0; t < 2; t++) {
            float x[IN * OUT], y[IN * OUT];
            gan_params_get(a->p, t, (gan_slot)s, x);
            gan_params_get(b->p, t, (gan_slot)s, y);
            assert_memory_equal(x, y, (t ? OUT : IN * OUT) * sizeof *x);
        }
}

/* The fused world, after it was compared with the plain one, by one thread and by two. */
static world fused(build_fn *build)
{
    gan_team *team;
    assert_int_equal(gan_team_create(&team, 2, NULL), GAN_OK);
    world plain = make(build, true, NULL), one = make(build, false, NULL), two = make(build, false, team);
    same_bytes(&plain, &one);
    same_bytes(&plain, &two);
    unmake(&plain);
    unmake(&two);
    gan_team_free(team);
    return one;
}

static int count(const world *w, gan__step_kind kind)
{
    int n = 0;
    for (int i = 0; i < w->plan->steps; i++)
        n += w->plan->step[i].kind == kind;
    return n;
}

static const gan__step *only(const world *w, gan__step_kind kind)
{
    assert_int_equal(count(w, kind), 1);
    for (int i = 0; i < w->plan->steps; i++)
        if (w->plan->step[i].kind == kind)
            return &w->plan->step[i];
    return NULL;
}

/* ---- the rules ------------------------------------------------------------------------------------ */

static gan_node input(world *w, const char *name, int rows, int cols)
{
    return gan_input(w->g, name, GAN_SHAPE(rows, cols));
}

/* log(1 + exp(-x)) + x by hand, and a result that is read on the way. */
static void chain(world *w)
{
    const gan_node x = input(w, "x", ROWS, IN);
    const gan_node e = gan_exp(w->g, gan_affine(w->g, x, -1, 0));
    ask(w, e);
    ask(w, gan_add(w->g, gan_log(w->g, gan_affine(w->g, e, 1, 1)), x));
}

static void pointwise_runs_are_one_step(void **state)
{
    (void)state;
    world w = fused(chain);
    assert_int_equal(w.plan->steps, 1);
    assert_true(only(&w, GAN__STEP_PROGRAM)->program->instrs == 5);
    unmake(&w);
}

/* A regression's prediction: bias and squashing belong to the product, and its raw result is nowhere. */
static gan_node predict(world *w, const char *name)
{
    return gan_tanh(w->g, gan_add(w->g,
                                  gan_matmul(w->g, input(w, name, ROWS, IN), gan_params_read(w->p, w->g, w->w),
                                             false, false),
                                  gan_params_read(w->p, w->g, w->b)));
}

static void prediction(world *w)
{
    ask(w, predict(w, "x"));
}

static void raw_too(world *w)
{
    const gan_node raw =
        gan_matmul(w->g, input(w, "x", ROWS, IN), gan_params_read(w->p, w->g, w->w), false, false);
    ask(w, gan_tanh(w->g, raw));
    ask(w, raw);
}

static void what_follows_a_product_is_its_epilogue(void **state)
{
    (void)state;
    world w = fused(prediction);
    assert_int_equal(w.plan->steps, 1);
    const gan__segment *s = only(&w, GAN__STEP_PRODUCT)->segment;
    assert_int_equal(s->epilogue->instrs, 2);
    assert_true(s->local);
    assert_int_equal(w.plan->buffer[s->buffer_c].memory, GAN__MEMORY_LOCAL);
    unmake(&w);
    w = fused(raw_too); /* somebody else reads the raw result: it must be there */
    assert_false(only(&w, GAN__STEP_PRODUCT)->segment->local);
    unmake(&w);
}

/* Two batches through one layer; the second is noise that comes later in the graph. */
static void two_batches(world *w)
{
    const gan_node a = predict(w, "x");
    const gan_node z = gan_noise(w->g, "z", GAN_SHAPE(8, IN));
    ask(w, gan_mean(w->g, a, 3));
    ask(w, gan_matmul(w->g, z, gan_params_read(w->p, w->g, w->w), false, false));
}

static void products_by_one_matrix_join(void **state)
{
    (void)state;
    world w = fused(two_batches);
    assert_int_equal(only(&w, GAN__STEP_PRODUCT)->segments, 2);
    unmake(&w);
}

static void all_views(world *w)
{
    const gan_node x = input(w, "x", 6, 8);
    const int order[] = {1, 0}, begin[] = {1, 0}, size[] = {4, 3};
    const gan_node cut = gan_slice(w->g, gan_permute(w->g, x, order), begin, size);
    ask(w, gan_affine(w->g, gan_reshape(w->g, gan_broadcast(w->g, gan_reshape(w->g, cut, GAN_SHAPE(1, 4, 3)),
                                                            GAN_SHAPE(2, 4, 3)),
                                        GAN_SHAPE(2, 4, 3)),
                      2, 1));
}

static void views_cost_nothing(void **state)
{
    (void)state;
    world w = fused(all_views);
    assert_int_equal(w.plan->steps, 1);
    unmake(&w);
}

/* Least squares by gradient descent; what else reads the gradient decides. */
static gan_node descend(world *w, gan_node loss, bool average, float decay)
{
    gan_graph *g = w->g;
    const gan_node rate = gan_input(g, "rate", GAN_SCALAR), one = gan_input(g, "one", GAN_SCALAR);
    gan_node value = gan_params_read(w->p, g, w->w), grad;
    gan_grad(g, loss, 1, &value, &grad);
    const gan_node used = decay > 0 ? gan_add(g, grad, gan_affine(g, value, decay, 0)) : grad;
    ask(w, gan_update(g, gan_params_state(w->p, g, w->w), used, rate, one, gan_adam_of(0.5, 0.9, 1e-8)));
    if (average)
        ask(w, gan_average(g, gan_params_state(w->p, g, w->w), gan_params_read(w->p, g, w->w),
                           gan_input(g, "keep", GAN_SCALAR)));
    return grad;
}

static gan_node loss_of(world *w, const char *x, const char *y)
{
    const gan_node d = gan_sub(w->g, predict(w, x), input(w, y, ROWS, OUT));
    return gan_mean(w->g, gan_mul(w->g, d, d), 3);
}

static void regression(world *w)
{
    descend(w, loss_of(w, "x", "y"), false, 0);
}

static void averaged(world *w)
{
    descend(w, loss_of(w, "x", "y"), true, 0);
}

static void measured(world *w)
{
    const gan_node grad = descend(w, loss_of(w, "x", "y"), false, 0);
    ask(w, gan_sum(w->g, gan_mul(w->g, grad, grad), 3));
}

static void decayed(world *w)
{
    descend(w, loss_of(w, "x", "y"), true, 0.1f);
}

static void a_weight_gradient_goes_into_adam(void **state)
{
    (void)state;
    world w = fused(regression);
    const gan__step *s = only(&w, GAN__STEP_DESCEND);
    assert_int_equal(count(&w, GAN__STEP_UPDATE), 0);
    assert_int_equal(w.plan->buffer[s->segment->buffer_c].memory, GAN__MEMORY_LOCAL);
    unmake(&w);
    w = fused(averaged);
    assert_true(only(&w, GAN__STEP_DESCEND)->update->average >= 0);
    assert_int_equal(count(&w, GAN__STEP_AVERAGE), 0);
    unmake(&w);
    w = fused(measured); /* its norm is asked for: it must be there */
    assert_int_equal(count(&w, GAN__STEP_DESCEND), 0);
    assert_int_equal(count(&w, GAN__STEP_UPDATE), 1);
    unmake(&w);
    w = fused(decayed); /* weight decay: through an epilogue, tile by tile */
    assert_int_equal(count(&w, GAN__STEP_UPDATE), 0);
    bool found = false;
    for (int i = 0; i < w.plan->steps; i++)
        found |= w.plan->step[i].segments == 1 && w.plan->step[i].segment->update;
    assert_true(found);
    unmake(&w);
}

/* A loss over two batches: two gradients of one weight. */
static void two_losses(world *w)
{
    descend(w, gan_add(w->g, loss_of(w, "x", "y"), loss_of(w, "s", "t")), true, 0);
}

static void a_sum_of_gradients_is_one_step(void **state)
{
    (void)state;
    world w = fused(two_losses);
    assert_int_equal(only(&w, GAN__STEP_DESCEND)->segments, 2);
    unmake(&w);
}

static void joined_rows(world *w)
{
    const gan_node a = gan_tanh(w->g, input(w, "x", 4, IN)), b = predict(w, "y");
    ask(w, gan_mean(w->g, gan_concat(w->g, gan_reshape(w->g, a, GAN_SHAPE(4 * IN / 8, 8)),
                                     gan_reshape(w->g, b, GAN_SHAPE(ROWS * OUT / 8, 8)), 0), 1));
}

static void what_is_joined_is_made_in_place(void **state)
{
    (void)state;
    world w = fused(joined_rows);
    assert_int_equal(count(&w, GAN__STEP_PROGRAM), 1 + 1); /* tanh, and the mean's division: no copy */
    unmake(&w);
}

static void far_apart(world *w)
{
    ask(w, gan_noise(w->g, "a", GAN_SHAPE(64, IN)));
    ask(w, gan_noise(w->g, "b", GAN_SHAPE(64, IN)));
    ask(w, gan_tanh(w->g, gan_add(w->g, w->sink[0], w->sink[1])));
}

static void barriers_stand_where_they_must(void **state)
{
    (void)state;
    world w = fused(far_apart);
    assert_int_equal(w.plan->steps, 3);
    assert_false(w.plan->step[1].barrier); /* other noise in other memory */
    assert_true(w.plan->step[2].barrier);  /* reads both */
    unmake(&w);
}

/* Gradient of a single output's weights: one column of 32 rows becomes one row of 32 columns. */
static void one_output(world *w)
{
    const gan_node x = input(w, "x", ROWS, 32), y = input(w, "y", ROWS, 1);
    ask(w, gan_matmul(w->g, x, y, true, false));
}

static void a_column_is_a_row(void **state)
{
    (void)state;
    world w = fused(one_output);
    const gan__product *p = &only(&w, GAN__STEP_PRODUCT)->segment->product;
    assert_int_equal(p->m, 1);
    assert_int_equal(p->n, 32);
    unmake(&w);
}

/* Decay, then Adam, and between them a version that nobody reads: the two writes keep their order all the same. And an
 * optimiser that is not fused, over a slot of its own, in panels. */
static void decay_then_adam(world *w)
{
    const gan_node loss = gan_sum(w->g, predict(w, "x"), 3), scalar = gan_input(w->g, "r", GAN_SCALAR);
    gan_node value[2] = {gan_params_read(w->p, w->g, w->w), gan_params_read(w->p, w->g, w->b)}, grad[2];
    gan_grad(w->g, loss, 2, value, grad);
    for (int i = 0; i < 2; i++) {
        const int state = gan_params_state(w->p, w->g, i ? w->b : w->w);
        ask(w, gan_assign(w->g, state, gan_affine(w->g, value[i], 0.75f, 0)));
        ask(w, gan_update(w->g, state, grad[i], scalar, scalar, gan_adam_of(0.9, 0.99, 1e-8)));
    }
}

static void momentum(world *w)
{
    const gan_node loss = gan_sum(w->g, predict(w, "x"), 3);
    gan_node value = gan_params_read(w->p, w->g, w->w), grad;
    gan_grad(w->g, loss, 1, &value, &grad);
    const int slot = gan_params_slot_state(w->p, w->g, w->w, GAN_MOMENT1);
    const gan_node velocity = gan_add(w->g, gan_affine(w->g, gan_param(w->g, slot), 0.9f, 0), grad);
    ask(w, gan_assign(w->g, slot, velocity));
    ask(w, gan_assign(w->g, gan_params_state(w->p, w->g, w->w),
                      gan_sub(w->g, value, gan_affine(w->g, velocity, 0.01f, 0))));
}

static void writes_keep_their_order(void **state)
{
    (void)state;
    world w = fused(decay_then_adam);
    float value[IN * OUT];
    gan_params_get(w.p, w.w, GAN_VALUE, value);
    assert_true(value[0] != number(0));
    unmake(&w);
    w = fused(momentum);
    float velocity[IN * OUT];
    gan_params_get(w.p, w.w, GAN_MOMENT1, velocity);
    assert_true(velocity[0] != 0);
    unmake(&w);
}

/* A blur of 7 pictures, 9 x 5, and its adjoint, by one kernel (2 x 2, 12 to 50 channels). */
enum { PICTURES = 7, CHANNELS = 12 };

static gan_node kernel_of(world *w)
{
    return gan_reshape(w->g, gan_params_read(w->p, w->g, w->w), GAN_SHAPE(2, 2, CHANNELS, IN));
}

static gan_node blurred(world *w, const char *name)
{
    return gan_conv(w->g, gan_input(w->g, name, GAN_SHAPE(PICTURES, 9, 5, CHANNELS)), kernel_of(w), gan_conv_defaults());
}

/* Both ways, each with pointwise work behind it; the adjoint of one picture alone has none for two threads to share. */
static void blurs(world *w)
{
    const gan_shape one = GAN_SHAPE(1, 9, 5, CHANNELS);
    const gan_node a = blurred(w, "x"), b = blurred(w, "y"), k = kernel_of(w),
                   back = gan_conv_dx(w->g, gan_input(w->g, "z", GAN_SHAPE(PICTURES, 8, 4, IN)), k,
                                      GAN_SHAPE(PICTURES, 9, 5, CHANNELS), gan_conv_defaults()),
                   single = gan_conv_dx(w->g, gan_input(w->g, "s", GAN_SHAPE(1, 8, 4, IN)), k, one, gan_conv_defaults());
    ask(w, gan_tanh(w->g, gan_affine(w->g, a, 2, 1)));
    ask(w, gan_lrelu(w->g, b, 0.1f));
    ask(w, b); /* the raw result is read too, and is there */
    ask(w, gan_exp(w->g, back));
    ask(w, gan_exp(w->g, single));
    ask(w, gan_conv_dw(w->g, gan_input(w->g, "x", GAN_SHAPE(PICTURES, 9, 5, CHANNELS)), a, GAN_SHAPE(2, 2, CHANNELS, IN),
                       gan_conv_defaults()));
}

static void what_follows_a_convolution_is_its_epilogue(void **state)
{
    (void)state;
    world w = fused(blurs);
    int conv = 0, dx = 0;
    for (int i = 0; i < w.plan->steps; i++) {
        const gan__step *s = &w.plan->step[i];
        conv += s->kind == GAN__STEP_CONV && s->program;
        dx += s->kind == GAN__STEP_CONV_DX && s->program;
        assert_false(s->kind == GAN__STEP_CONV_DW && s->program);
    }
    assert_int_equal(conv, 2);
    assert_int_equal(dx, 1); /* one thread: two pictures at least */
    assert_int_equal(count(&w, GAN__STEP_PROGRAM), 1);
    unmake(&w);
}

/* Results of one channel: to one row of the bias they lie side by side, to a factor a picture they do not. */
static void blurs_to_one(world *w)
{
    enum { DEEP = IN * OUT / 4 };
    const gan_node k = gan_params_read(w->p, w->g, w->w),
                   back = gan_conv_dx(w->g, gan_input(w->g, "z", GAN_SHAPE(PICTURES, 8, 4, DEEP)),
                                      gan_reshape(w->g, k, GAN_SHAPE(2, 2, 1, DEEP)), GAN_SHAPE(PICTURES, 9, 5, 1), gan_conv_defaults()),
                   on = gan_conv(w->g, gan_input(w->g, "x", GAN_SHAPE(PICTURES, 9, 5, DEEP)),
                                 gan_reshape(w->g, k, GAN_SHAPE(2, 2, DEEP, 1)), gan_conv_defaults());
    ask(w, gan_tanh(w->g, gan_add(w->g, back, gan_input(w->g, "b", GAN_SHAPE(1)))));
    ask(w, gan_mul(w->g, on, gan_input(w->g, "f", GAN_SHAPE(PICTURES, 1, 1, 1))));
}

static void places_of_one_channel_are_columns(void **state)
{
    (void)state;
    world w = fused(blurs_to_one);
    const gan__step *dx = only(&w, GAN__STEP_CONV_DX), *conv = only(&w, GAN__STEP_CONV);
    assert_non_null(dx->program);
    assert_non_null(conv->program);
    assert_int_equal(gan__program_rows(dx->program), 1);
    assert_int_equal(gan__program_cols(dx->program), PICTURES * 9 * 5);
    assert_int_equal(gan__program_rows(conv->program), PICTURES * 8 * 4);
    assert_int_equal(count(&w, GAN__STEP_PROGRAM), 0);
    unmake(&w);
}

/* Two convolutions and two adjoints read the kernel: packed once for each kind. */
static void weights_are_packed_once(void **state)
{
    (void)state;
    world w = fused(blurs);
    assert_int_equal(count(&w, GAN__STEP_CONV), 2);
    assert_int_equal(count(&w, GAN__STEP_CONV_DX), 2);
    assert_int_equal(count(&w, GAN__STEP_CONV_PACK), 2);
    unmake(&w);
}

/* Sums of squares over rows of 70 columns, more than one block of rows and more than one tile of columns. */
static gan_node deviations(world *w, gan_node x, unsigned axes, float count)
{
    return gan_sub(w->g, x, gan_affine(w->g, gan_sum(w->g, x, axes), 1 / count, 0));
}

static void spreads(world *w)
{
    const gan_node x = gan_input(w->g, "x", GAN_SHAPE(30, 20, 70)), d = deviations(w, x, 3, 600);
    ask(w, gan_sum(w->g, gan_mul(w->g, d, d), 3));
}

/* One that is read besides; one whose means are of each sample, so that rows are not regular; one over the last axis. */
static void other_spreads(world *w)
{
    const gan_node x = gan_input(w->g, "x", GAN_SHAPE(30, 20, 70)), a = deviations(w, x, 3, 600), b = deviations(w, x, 2, 20),
                   square = gan_mul(w->g, a, a);
    ask(w, gan_sum(w->g, square, 3));
    ask(w, square);
    ask(w, gan_sum(w->g, gan_mul(w->g, b, b), 3));
    ask(w, gan_sum(w->g, gan_exp(w->g, x), 4));
}

static int sums_that_make(const world *w)
{
    int n = 0;
    for (int i = 0; i < w->plan->steps; i++)
        n += w->plan->step[i].kind == GAN__STEP_SUM && w->plan->step[i].program;
    return n;
}

static void what_only_a_sum_reads_is_not_written(void **state)
{
    (void)state;
    world w = fused(spreads);
    assert_int_equal(sums_that_make(&w), 1);
    assert_int_equal(count(&w, GAN__STEP_PROGRAM), 1); /* the mean */
    assert_true(gan_plan_memory_of(w.plan).shared < (30 * 20 * 70 + 2 * GAN__THREAD_SCRATCH) * sizeof(float));
    unmake(&w);
    w = fused(other_spreads);
    assert_int_equal(sums_that_make(&w), 0);
    unmake(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointwise_runs_are_one_step),
        cmocka_unit_test(what_follows_a_product_is_its_epilogue),
        cmocka_unit_test(products_by_one_matrix_join),
        cmocka_unit_test(views_cost_nothing),
        cmocka_unit_test(a_weight_gradient_goes_into_adam),
        cmocka_unit_test(a_sum_of_gradients_is_one_step),
        cmocka_unit_test(what_is_joined_is_made_in_place),
        cmocka_unit_test(barriers_stand_where_they_must),
        cmocka_unit_test(a_column_is_a_row),
        cmocka_unit_test(writes_keep_their_order),
        cmocka_unit_test(what_follows_a_convolution_is_its_epilogue),
        cmocka_unit_test(places_of_one_channel_are_columns),
        cmocka_unit_test(weights_are_packed_once),
        cmocka_unit_test(what_only_a_sum_reads_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
