/* classifier.c - a net that is taught to tell pictures apart, so that what it sees in them can be measured with
 * (measure.h): a body, whose last line is the features, and a head of one dense line behind it, whose outputs are logits.
 *
 *     train.task = labels  which class is it?                                   softmax, -log p(class)
 *     train.task = turns   how was it turned? by 0, 90, 180, 270 degrees; where a picture is not square: mirrored,
 *                          upside down, both. Gidaris et al. 2018, arXiv:1803.07728, section 3.1; needs no labels
 */
#include "base/error.h"
#include "game/class_loss.h"
#include "game/game.h"
#include "game/scene.h"

#include <stdio.h>
#include <string.h>

enum { FEATURES, HEAD, ROLES };

static bool has_labels(const gan__match *m)
{
    return !strcmp(gan_recipe_text(m->recipe, "train.task"), "labels");
}

static int outcomes(const gan__match *m)
{
    return has_labels(m) ? m->classes : GAN__TURNS;
}

static gan_status check(gan__match *m, gan_error *err)
{
    if (!has_labels(m))
        return GAN_OK;
    if (!m->classes)
        return gan__fail(err, GAN_EDATA, "train.task = labels needs labels, and %s has none; train.task = turns needs none",
                         m->data ? m->data : "the data");
    m->labelled = true;
    return GAN_OK;
}

static gan_status nets(gan__match *m, gan_error *err)
{
    enum { SIDE = 28 }; /* of pictures, where no data says it */
    char line[32];
    if (!m->sample.rank)
        m->sample = GAN_SHAPE(SIDE, SIDE, 1);
    gan_status s = check(m, err);
    if (s == GAN_OK)
        s = gan__match_net(m, FEATURES, m->sample, err);
    if (s == GAN_OK && gan_net_output(m->role[FEATURES].net).rank != 1)
        s = gan__fail(err, GAN_EKEY, "features: the last line is the row of numbers that is measured; write `dense 64`, say");
    if (s == GAN_OK && gan_net_mixes_samples(m->role[FEATURES].net))
        s = gan__fail(err, GAN_EKEY, "features: a picture's features would depend on those seen with it");
    snprintf(line, sizeof line, "dense %d", outcomes(m));
    return s == GAN_OK ? gan_net_create(&m->role[HEAD].net, "head", line, gan_net_output(m->role[FEATURES].net),
                                        m->role[HEAD].params, err)
                       : s;
}

static gan_node tell(const gan__match *m, gan_graph *g, gan_node x, gan_node *features)
{
    *features = gan__match_apply(m, FEATURES, g, x, NULL);
    return gan__match_apply(m, HEAD, g, *features, NULL);
}

/* Every picture in every turn, [turns * batch, ...], and which that is. */
static gan_node turned(gan__scene *s, gan_node *is)
{
    gan_graph *g = s->graph;
    gan_node x = gan__scene_turned(s, 0), turn = gan_const(g, GAN_SHAPE(s->batch), 0);
    for (int k = 1; k < GAN__TURNS; k++) {
        const gan_node next = gan__scene_turned(s, k), number = gan_const(g, GAN_SHAPE(s->batch), (float)k);
        x = gan_concat(g, x, next, 0);
        turn = gan_concat(g, turn, number, 0);
    }
    *is = gan_one_hot(g, turn, GAN__TURNS);
    return x;
}

static gan_node loss(gan__scene *s)
{
    gan_graph *g = s->graph;
    gan_node is, x;
    gan__scene_draw(s);
    if (has_labels(s->match)) {
        x = gan__scene_image(s);
        is = gan_one_hot(g, gan__scene_label(s), s->match->classes);
    } else {
        x = turned(s, &is);
    }
    const gan_node features = gan__scene_net(s, FEATURES, x), logits = gan__scene_net(s, HEAD, features);
    gan__scene_report(s, "accuracy", gan__class_share(g, logits, is));
    return gan__class_loss(g, logits, is);
}

static const gan__role_kind roles[ROLES] = {{"features", true, true}, {"head", true, true}};
static const gan__phase phases[] = {{"c", NULL, 1u << FEATURES | 1u << HEAD, loss}};
static const gan__metric metrics[] = {
    {.key = "loss_c", .label = "loss", .source = GAN__REPORTED,
     .help = "-log of the share that the right answer was given, nats a picture"},
    {.key = "accuracy", .label = "accuracy", .source = GAN__REPORTED,
     .help = "share of the batch that was told right, before the update"},
    {.key = "grad_norm_c", .source = GAN__REPORTED,
     .help = "norm of the gradient of the loss, before clipping"},
    {.key = "rate_c", .source = GAN__RATE, .role = FEATURES,
     .help = "learning rate"},
};

const gan__game gan__game_classifier = {
    .name = "classifier",
    .roles = ROLES,
    .role = roles,
    .phases = sizeof phases / sizeof *phases,
    .phase = phases,
    .metrics = sizeof metrics / sizeof *metrics,
    .metric = metrics,
    .nets = nets,
    .tell = tell,
};
