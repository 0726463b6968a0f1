/* class_loss.c - see class_loss.h. */
#include "game/class_loss.h"

enum { FIRST_AXIS = 1, SECOND_AXIS = 2 }; /* as bits */

gan_node gan__class_loss(gan_graph *g, gan_node logits, gan_node is)
{
    const gan_node level = gan_stop(g, gan_max(g, logits, SECOND_AXIS)),
                   sum = gan_sum(g, gan_exp(g, gan_sub(g, logits, level)), SECOND_AXIS),
                   total = gan_add(g, gan_log(g, sum), level), own = gan_sum(g, gan_mul(g, logits, is), SECOND_AXIS);
    return gan_mean(g, gan_sub(g, total, own), FIRST_AXIS | SECOND_AXIS);
}

gan_node gan__class_share(gan_graph *g, gan_node logits, gan_node is)
{
    const gan_node most = gan_max(g, logits, SECOND_AXIS), own = gan_sum(g, gan_mul(g, logits, is), SECOND_AXIS),
                   behind = gan_slope(g, gan_sub(g, most, own), 0);
    return gan_affine(g, gan_mean(g, behind, FIRST_AXIS | SECOND_AXIS), -1, 1);
}
