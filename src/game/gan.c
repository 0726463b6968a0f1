/* gan.c - the game of two: D learns to tell real samples from generated ones, G to be taken for real.
 *
 * Real and fake rows go through D as one batch of twice the rows, wherever no layer of D mixes rows: one product in
 * place of two, in R1 and R2 too. This is said here, in the graph, so that the graph alone fixes the order of every
 * sum and a plan never changes a byte. G's step pairs with the batch of D's last one.
 */
#include "base/error.h"
#include "game/game.h"
#include "game/objective.h"
#include "game/penalty.h"
#include "game/scene.h"

enum { GENERATOR, DISCRIMINATOR, ROLES };
enum { FIRST_AXIS = 1, SECOND_AXIS = 2 }; /* as bits */

static const gan__objective *objective_of(const gan__match *m)
{
    return gan__objective_find(gan_recipe_text(m->recipe, "train.objective"));
}

/* ---- nets -------------------------------------------------------------------------------------- */

static gan_status check_discriminator(const gan_net *d, gan_error *err)
{
    const gan_shape y = gan_net_output(d);
    if (*gan_net_last_activation(d))
        return gan__fail(err, GAN_EKEY,
                         "discriminator: the last line ends in '%s'; D ends in the logit, write `dense 1` (its sigmoid "
                         "belongs to the objective)",
                         gan_net_last_activation(d));
    if (y.rank != 1 || y.dim[0] != 1)
        return gan__fail(err, GAN_EKEY,
                         "discriminator: the last line gives %ld numbers; D ends in one logit, write `dense 1`",
                         gan__match_numbers(y));
    return GAN_OK;
}

static gan_status nets(gan__match *m, gan_error *err)
{
    gan_status s = gan__match_net(m, GENERATOR, GAN_SHAPE(gan__match_latent(m)), err);
    if (s == GAN_OK)
        s = gan__match_makes(m, GENERATOR, err);
    if (s == GAN_OK)
        s = gan__match_net(m, DISCRIMINATOR, m->sample, err);
    if (s == GAN_OK)
        s = check_discriminator(m->role[DISCRIMINATOR].net, err);
    if (s == GAN_OK && !objective_of(m))
        s = gan__fail(err, GAN_EKEY, "train.objective = %s: is not built in",
                      gan_recipe_text(m->recipe, "train.objective"));
    return s;
}

static gan_node draw(const gan__match *m, gan_graph *g, gan_node z)
{
    return gan_net_apply(m->role[GENERATOR].net, g, z);
}

/* ---- D's step ------------------------------------------------------------------------------------ */

/* The first or second half of x's rows. */
static gan_node half(gan_graph *g, gan_node x, int which)
{
    const gan_shape s = gan_graph_shape(g, x);
    const int begin[GAN_RANK_MAX] = {which * s.dim[0] / 2};
    int size[GAN_RANK_MAX];
    for (int i = 0; i < s.rank; i++)
        size[i] = i ? s.dim[i] : s.dim[0] / 2;
    return gan_slice(g, x, begin, size);
}

/* Logits, and the squared norm of their gradient by the sample, for each row. */
typedef struct seen {
    gan_node logits, squares;
} seen;

static seen look(gan__scene *s, gan_node x, bool gradient)
{
    gan_graph *g = s->graph;
    seen y = {gan__scene_net(s, DISCRIMINATOR, x), {-1}};
    if (gradient) {
        gan_node slope;
        gan_grad(g, y.logits, 1, &x, &slope); /* no row sees another, so the sum's gradient is each row's */
        slope = gan_reshape(g, slope,
                            GAN_SHAPE(gan_graph_shape(g, x).dim[0], (int)gan__match_numbers(s->match->sample)));
        y.squares = gan_sum(g, gan_mul(g, slope, slope), SECOND_AXIS);
    }
    return y;
}

/* Somewhere on the line between each pair. */
static seen look_between(gan__scene *s, gan_node real, gan_node fake)
{
    gan_graph *g = s->graph;
    const gan_shape shape = gan_graph_shape(g, real);
    gan_shape column = {.rank = shape.rank, .dim = {shape.dim[0]}};
    for (int i = 1; i < column.rank; i++)
        column.dim[i] = 1;
    const gan_node e = gan_reshape(g, gan__scene_uniform(s, "e"), column),
                   at = gan_add(g, gan_mul(g, real, e), gan_mul(g, fake, gan_affine(g, e, -1, 1)));
    return look(s, at, true);
}

/* The weight of a penalty where it is on: of a lazy one, times as large. */
static float weight_of(const gan__match *m, const gan__penalty *p)
{
    return (float)(gan_recipe_number(m->recipe, p->key) * (double)gan_recipe_int(m->recipe, p->every));
}

static bool is_looked_at(const gan__scene *s, const gan__penalty *p, int bit)
{
    return weight_of(s->match, p) > 0 && (s->params->measured || s->params->due >> bit & 1);
}

static gan_node d_loss(gan__scene *s)
{
    gan_graph *g = s->graph;
    const gan__penalty *penalty;
    const int penalties = gan__penalties(&penalty);
    bool at[3] = {false};
    for (int i = 0; i < penalties; i++)
        at[penalty[i].place] |= is_looked_at(s, &penalty[i], i);
    gan__scene_draw(s);
    const gan_node real = gan__scene_image(s),
                   z = gan__scene_noise(s, "z", gan__match_latent(s->match)),
                   fake = gan_stop(g, gan__scene_samples(s, gan__scene_net(s, GENERATOR, z)));
    seen look_at[3] = {{{-1}, {-1}}, {{-1}, {-1}}, {{-1}, {-1}}};
    if (gan_net_mixes_rows(s->match->role[DISCRIMINATOR].net)) {
        look_at[GAN__AT_REAL] = look(s, real, at[GAN__AT_REAL]);
        look_at[GAN__AT_FAKE] = look(s, fake, at[GAN__AT_FAKE]);
    } else {
        const seen both = look(s, gan_concat(g, real, fake, 0), at[GAN__AT_REAL] || at[GAN__AT_FAKE]);
        for (int i = 0; i < 2; i++) {
            look_at[i].logits = half(g, both.logits, i);
            if (at[i])
                look_at[i].squares = half(g, both.squares, i);
        }
    }
    if (at[GAN__BETWEEN])
        look_at[GAN__BETWEEN] = look_between(s, real, fake);
    const gan_node logits_real = look_at[GAN__AT_REAL].logits, logits_fake = look_at[GAN__AT_FAKE].logits,
                   value = gan__objective_value(g, logits_real, logits_fake);
    gan_node loss = objective_of(s->match)->d(g, logits_real, logits_fake);
    gan__scene_report(s, "value", value);
    gan__scene_report(s, "d_real", gan_mean(g, gan_sigmoid(g, logits_real), FIRST_AXIS | SECOND_AXIS));
    gan__scene_report(s, "d_fake", gan_mean(g, gan_sigmoid(g, logits_fake), FIRST_AXIS | SECOND_AXIS));
    for (int i = 0; i < penalties; i++) {
        if (!is_looked_at(s, &penalty[i], i))
            continue;
        const gan_node p = penalty[i].of(g, look_at[penalty[i].place].squares, weight_of(s->match, &penalty[i]));
        gan__scene_report(s, penalty[i].name, p);
        if (s->params->due >> i & 1)
            loss = gan_add(g, loss, p);
    }
    return loss;
}

/* ---- G's step ------------------------------------------------------------------------------------ */

static gan_node g_loss(gan__scene *s)
{
    const gan__objective *o = objective_of(s->match);
    const gan_node z = gan__scene_noise(s, "z", gan__match_latent(s->match)),
                   fake = gan__scene_samples(s, gan__scene_net(s, GENERATOR, z)),
                   logits = gan__scene_net(s, DISCRIMINATOR, fake),
                   real = o->pairs ? gan__scene_net(s, DISCRIMINATOR, gan__scene_image(s)) : (gan_node){-1};
    return o->g(s->graph, real, logits);
}

static const gan__role_kind roles[ROLES] = {{"generator", true, true}, {"discriminator", false, false}};
static const gan__phase phases[] = {{"d", "train.d_steps", 1u << DISCRIMINATOR, d_loss},
                                    {"g", NULL, 1u << GENERATOR, g_loss}};
static const gan__metric metrics[] = {
    {"loss_d", "D", GAN__REPORTED, 0},      {"loss_g", "G", GAN__REPORTED, 0},
    {"value", "V", GAN__REPORTED, 0},       {"d_real", "D(x)", GAN__REPORTED, 0},
    {"d_fake", "D(G(z))", GAN__REPORTED, 0}, {"r1", NULL, GAN__REPORTED, 0},
    {"r2", NULL, GAN__REPORTED, 0},         {"gp", NULL, GAN__REPORTED, 0},
    {"grad_norm_d", NULL, GAN__REPORTED, 0}, {"grad_norm_g", NULL, GAN__REPORTED, 0},
    {"spread", "spread", GAN__MEASURED, 0}, {"rate_d", NULL, GAN__RATE, DISCRIMINATOR},
    {"rate_g", NULL, GAN__RATE, GENERATOR},
};

const gan__game gan__game_gan = {
    .name = "gan",
    .roles = ROLES,
    .role = roles,
    .phases = sizeof phases / sizeof *phases,
    .phase = phases,
    .metrics = sizeof metrics / sizeof *metrics,
    .metric = metrics,
    .latent = "generator.latent",
    .nets = nets,
    .draw = draw,
};
