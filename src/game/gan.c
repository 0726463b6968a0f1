/* gan.c - the game of two: D learns to tell real samples from generated ones, G to be taken for real.
 *
 * Real and fake rows go through D as one batch of twice the rows, wherever no layer of D mixes rows: one product in
 * place of two, in R1 and R2 too. This is said here, in the graph, so that the graph alone fixes the order of every
 * sum and a plan never changes a byte. G's step pairs with the batch of D's last one, or with a fresh one
 * (train.g_batch). Of a labelled match, generated samples are of the classes of the batch that they stand beside.
 */
#include "base/error.h"
#include "game/augmentation.h"
#include "game/class_loss.h"
#include "game/game.h"
#include "game/objective.h"
#include "game/penalty.h"
#include "game/scene.h"

#include <string.h>

enum { GENERATOR, DISCRIMINATOR, ROLES };
enum { FIRST_AXIS = 1, SECOND_AXIS = 2 }; /* as bits */

static const gan__objective *objective_of(const gan__match *m)
{
    return gan__objective_find(gan_recipe_text(m->recipe, "train.objective"));
}

/* ---- nets -------------------------------------------------------------------------------------- */

/* Is D asked for the class too? Then it ends in a logit and one for each class. */
static bool tells_classes(const gan__match *m)
{
    return gan_recipe_number(m->recipe, "train.auxiliary") > 0;
}

static gan_status check_discriminator(const gan__match *m, const gan_net *d, gan_error *err)
{
    const gan_shape y = gan_net_output(d);
    if (*gan_net_last_activation(d))
        return gan__fail(err, GAN_EKEY,
                         "discriminator: the last line ends in '%s'; D ends in the logit, write `dense 1` (its sigmoid "
                         "belongs to the objective)",
                         gan_net_last_activation(d));
    if (tells_classes(m) && !m->classes)
        return gan__fail(err, GAN_EDATA, "train.auxiliary needs labels, and %s has none", m->data);
    if (tells_classes(m) && m->data && (y.rank != 1 || y.dim[0] != 1 + m->classes))
        return gan__fail(err, GAN_EKEY,
                         "discriminator: the last line gives %ld numbers; with train.auxiliary it ends in one logit and "
                         "one for each of %d classes, write `dense %d`",
                         gan__match_numbers(y), m->classes, 1 + m->classes);
    if (!tells_classes(m) && (y.rank != 1 || y.dim[0] != 1))
        return gan__fail(err, GAN_EKEY,
                         "discriminator: the last line gives %ld numbers; D ends in one logit, write `dense 1`",
                         gan__match_numbers(y));
    return GAN_OK;
}

/* How many samples D judges as one. */
static int pack_of(const gan__match *m)
{
    return (int)gan_recipe_int(m->recipe, "train.pack");
}

/* What D takes: the channels of that many samples behind one another. */
static gan_shape packed_shape(const gan__match *m)
{
    gan_shape s = m->sample;
    s.dim[s.rank - 1] *= pack_of(m);
    return s;
}

static gan_status check_pack(const gan__match *m, gan_error *err)
{
    const int batch = (int)gan_recipe_int(m->recipe, "train.batch");
    if (batch % pack_of(m) != 0)
        return gan__fail(err, GAN_EKEY, "train.pack = %d: a batch of %d is not a whole number of packs", pack_of(m), batch);
    if (pack_of(m) > 1 && (tells_classes(m) || gan_net_reads_labels(m->role[DISCRIMINATOR].net)))
        return gan__fail(err, GAN_EKEY, "train.pack = %d: D judges samples of many classes as one, so it cannot read or tell a class",
                         pack_of(m));
    return GAN_OK;
}

static gan_status nets(gan__match *m, gan_error *err)
{
    gan_status s = gan__match_net(m, GENERATOR, GAN_SHAPE(gan__match_latent(m)), err);
    if (s == GAN_OK)
        s = gan__match_makes(m, GENERATOR, err);
    if (s == GAN_OK)
        s = gan__match_net(m, DISCRIMINATOR, packed_shape(m), err);
    if (s == GAN_OK)
        s = check_discriminator(m, m->role[DISCRIMINATOR].net, err);
    if (s == GAN_OK && gan_net_mixes_samples(m->role[GENERATOR].net))
        s = gan__fail(err, GAN_EKEY, "generator: a sample would depend on those drawn with it; `minibatch` is D's");
    if (s == GAN_OK)
        s = check_pack(m, err);
    if (s == GAN_OK)
        s = gan__augment_check(m, err);
    if (s == GAN_OK && gan__augment_adapts(m->recipe))
        s = gan__augment_keep(m->role[DISCRIMINATOR].params, err);
    m->labelled |= tells_classes(m);
    if (s == GAN_OK && !objective_of(m))
        s = gan__fail(err, GAN_EKEY, "train.objective = %s: is not built in",
                      gan_recipe_text(m->recipe, "train.objective"));
    return s;
}

static gan_node draw(const gan__match *m, gan_graph *g, gan_node z, const gan_node *label)
{
    return gan__match_apply(m, GENERATOR, g, z, label);
}

/* ---- classes ------------------------------------------------------------------------------------- */

/* Columns first .. end - 1. */
static gan_node columns(gan_graph *g, gan_node x, int first, int end)
{
    const gan_shape s = gan_graph_shape(g, x);
    const int begin[2] = {0, first}, size[2] = {s.dim[0], end - first};
    return s.rank == 2 ? gan_slice(g, x, begin, size) : x;
}

/* Whatever else D tells stands behind the logit. */
static gan_node judge(const gan__match *m, gan_graph *g, gan_node x, const gan_node *label)
{
    return pack_of(m) > 1 ? (gan_node){-1} : columns(g, gan__match_apply(m, DISCRIMINATOR, g, x, label), 0, 1);
}

/* What D said of some rows: is it real, and which class is it. */
static gan_node first_logit(gan__scene *s, gan_node y)
{
    return tells_classes(s->match) ? columns(s->graph, y, 0, 1) : y;
}

/* How surprised D is at the batch's classes, y [batch, 1 + classes]. */
static gan_node class_loss(gan__scene *s, gan_node y)
{
    gan_graph *g = s->graph;
    const int classes = s->match->classes;
    const gan_node logits = columns(g, y, 1, 1 + classes), is = gan_one_hot(g, gan__scene_label(s), classes);
    return gan__class_loss(g, logits, is);
}

static gan_node weighted(gan__scene *s, gan_node loss, gan_node of_class)
{
    const float weight = (float)gan_recipe_number(s->match->recipe, "train.auxiliary");
    return gan_add(s->graph, loss, gan_affine(s->graph, gan_reshape(s->graph, of_class, gan_graph_shape(s->graph, loss)),
                                              weight, 0));
}

/* ---- D's step ------------------------------------------------------------------------------------ */

/* Part `which` of x's rows in so many equal parts. */
static gan_node part(gan_graph *g, gan_node x, int which, int parts)
{
    const gan_shape s = gan_graph_shape(g, x);
    const int begin[GAN_RANK_MAX] = {which * (s.dim[0] / parts)};
    int size[GAN_RANK_MAX];
    for (int i = 0; i < s.rank; i++)
        size[i] = i ? s.dim[i] : s.dim[0] / parts;
    return gan_slice(g, x, begin, size);
}

/* Samples as D takes them: pack k is sample k of each part of the batch, their channels behind one another. Lin et al. 2018,
 * arXiv:1712.04086, section 3. */
static gan_node packed(const gan__scene *s, gan_node x)
{
    const int parts = pack_of(s->match);
    if (parts == 1)
        return x;
    gan_node y = part(s->graph, x, 0, parts);
    for (int i = 1; i < parts; i++)
        y = gan_concat(s->graph, y, part(s->graph, x, i, parts), s->match->sample.rank);
    return y;
}

/* As D is shown them: altered where the recipe says so, then packed. */
static gan_node shown(gan__scene *s, gan_node x, const char *noise)
{
    return packed(s, gan__augment(s, s->match->role[DISCRIMINATOR].params, x, noise));
}

/* D's numbers, the logit among them, and for each row the squared norm of the gradient of the sum of logits by that row's
 * sample. That is the gradient of the row's own logit where no row sees another. Where D mixes rows, by batchnorm say, it
 * is not: sample i moves the others' logits too, and all of that is in it, as in PyTorch's autograd.grad(D(x).sum(), x). */
typedef struct seen {
    gan_node numbers, logits, squares;
} seen;

static seen look(gan__scene *s, gan_node x, bool gradient)
{
    gan_graph *g = s->graph;
    seen y = {.numbers = gan__scene_net(s, DISCRIMINATOR, x), .squares = {-1}};
    y.logits = first_logit(s, y.numbers);
    if (gradient) {
        gan_node slope;
        gan_grad(g, y.logits, 1, &x, &slope);
        slope = gan_reshape(g, slope,
                            GAN_SHAPE(gan_graph_shape(g, x).dim[0], (int)gan__match_numbers(packed_shape(s->match))));
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
    const gan_node e = gan_reshape(g, part(g, gan__scene_uniform(s, "e", 1), 0, pack_of(s->match)), column),
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
    return weight_of(s->match, p) > 0 && (s->params->logged || s->params->due >> bit & 1);
}

static gan_node d_loss(gan__scene *s)
{
    gan_graph *g = s->graph;
    const gan__penalty *penalty;
    const int penalties = gan__penalties(&penalty);
    bool at[GAN__PLACES] = {false};
    for (int i = 0; i < penalties; i++)
        at[penalty[i].place] |= is_looked_at(s, &penalty[i], i);
    gan__scene_draw(s);
    const gan_node real = shown(s, gan__scene_image(s), "augment_real"),
                   z = gan__scene_noise(s, "z", gan__match_latent(s->match)),
                   made = gan_stop(g, gan__scene_samples(s, gan__scene_net(s, GENERATOR, z))), fake = shown(s, made, "augment_fake");
    seen look_at[GAN__PLACES];
    for (int i = 0; i < GAN__PLACES; i++)
        look_at[i] = (seen){{-1}, {-1}, {-1}};
    if (gan_net_mixes_rows(s->match->role[DISCRIMINATOR].net)) {
        look_at[GAN__AT_REAL] = look(s, real, at[GAN__AT_REAL]);
        look_at[GAN__AT_FAKE] = look(s, fake, at[GAN__AT_FAKE]);
    } else {
        const seen both = look(s, gan_concat(g, real, fake, 0), at[GAN__AT_REAL] || at[GAN__AT_FAKE]);
        for (int i = 0; i < 2; i++) {
            look_at[i].numbers = part(g, both.numbers, i, 2);
            look_at[i].logits = first_logit(s, look_at[i].numbers);
            if (at[i])
                look_at[i].squares = part(g, both.squares, i, 2);
        }
    }
    if (at[GAN__BETWEEN])
        look_at[GAN__BETWEEN] = look_between(s, real, fake);
    const gan_node logits_real = look_at[GAN__AT_REAL].logits, logits_fake = look_at[GAN__AT_FAKE].logits,
                   value = gan__objective_value(g, logits_real, logits_fake);
    gan_node loss = objective_of(s->match)->d(g, logits_real, logits_fake);
    gan__augment_adapt(s, s->match->role[DISCRIMINATOR].params, logits_real,
                       objective_of(s->match)->g_sees_real ? logits_fake : (gan_node){-1});
    gan__scene_report(s, "value", value);
    gan__scene_report(s, "d_real", gan_mean(g, gan_sigmoid(g, logits_real), FIRST_AXIS | SECOND_AXIS));
    gan__scene_report(s, "d_fake", gan_mean(g, gan_sigmoid(g, logits_fake), FIRST_AXIS | SECOND_AXIS));
    if (tells_classes(s->match)) {
        const gan_node of_real = class_loss(s, look_at[GAN__AT_REAL].numbers),
                       of_fake = class_loss(s, look_at[GAN__AT_FAKE].numbers);
        gan__scene_report(s, "class_real", of_real);
        gan__scene_report(s, "class_fake", of_fake);
        loss = weighted(s, loss, gan_add(g, of_real, of_fake));
    }
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
    if (!strcmp(gan_recipe_text(s->match->recipe, "train.g_batch"), "fresh"))
        gan__scene_draw(s);
    const gan_node z = gan__scene_noise(s, "z", gan__match_latent(s->match)),
                   made = gan__scene_samples(s, gan__scene_net(s, GENERATOR, z)), fake = shown(s, made, "augment_fake"),
                   numbers = gan__scene_net(s, DISCRIMINATOR, fake), logits = first_logit(s, numbers);
    gan_node real = {-1};
    if (o->g_sees_real)
        real = first_logit(s, gan__scene_net(s, DISCRIMINATOR, shown(s, gan__scene_image(s), "augment_real")));
    const gan_node loss = o->g(s->graph, real, logits);
    return tells_classes(s->match) ? weighted(s, loss, class_loss(s, numbers)) : loss;
}

static const gan__role_kind roles[ROLES] = {{"generator", true, true}, {"discriminator", false, false}};
static const gan__phase phases[] = {{"d", "train.d_steps", 1u << DISCRIMINATOR, d_loss},
                                    {"g", NULL, 1u << GENERATOR, g_loss}};
static const gan__metric metrics[] = {
    {.key = "loss_d", .label = "D", .source = GAN__REPORTED,
     .help = "loss of D as optimised, before its last update"},
    {.key = "loss_g", .label = "G", .source = GAN__REPORTED,
     .help = "loss of G as optimised, before its update"},
    {.key = "value", .label = "V", .source = GAN__REPORTED,
     .help = "V(D,G) = E log D(x) + E log(1 - D(G(z))), whatever the objective"},
    {.key = "d_real", .label = "D(x)", .share = true, .source = GAN__REPORTED,
     .help = "mean of D(x), the sigmoid of the logit"},
    {.key = "d_fake", .label = "D(G(z))", .share = true, .source = GAN__REPORTED,
     .help = "mean of D(G(z)), the sigmoid of the logit"},
    {.key = "r1", .source = GAN__REPORTED,
     .help = "penalty on D's gradient at real data, as weighted; 0 where off"},
    {.key = "r2", .source = GAN__REPORTED,
     .help = "penalty on D's gradient at generated data, as weighted; 0 where off"},
    {.key = "gp", .source = GAN__REPORTED,
     .help = "gradient penalty on interpolates, as weighted; 0 where off"},
    {.key = "class_real", .source = GAN__REPORTED,
     .help = "D's class loss at real samples; 0 where train.auxiliary is"},
    {.key = "class_fake", .source = GAN__REPORTED,
     .help = "D's class loss at generated samples; 0 where train.auxiliary is"},
    {.key = "augment", .source = GAN__REPORTED,
     .help = "probability of each step of augmentation; 0 where train.augment is none"},
    {.key = "sign_real", .source = GAN__REPORTED,
     .help = "mean sign of D(x) - D(G(z)) or, unpaired, D(x), as D is shown them: near 1, D knows its pictures by heart; 0 without train.augment"},
    {.key = "grad_norm_d", .source = GAN__REPORTED,
     .help = "norm of the gradient of D's loss, before clipping"},
    {.key = "grad_norm_g", .source = GAN__REPORTED,
     .help = "norm of the gradient of G's loss, before clipping"},
    {.key = "spread", .label = "spread", .share = true, .source = GAN__MEASURED, .every = "train.spread_every",
     .help = "sqrt(sum of pixel variances) of 1,000 samples over that of 1,000 training images"},
    {.key = "rate_d", .source = GAN__RATE, .role = DISCRIMINATOR,
     .help = "learning rate of D"},
    {.key = "rate_g", .source = GAN__RATE, .role = GENERATOR,
     .help = "learning rate of G"},
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
    .judge = judge,
};
