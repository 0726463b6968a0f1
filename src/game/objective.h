/* objective.h - what D and G optimise, from logits [B, 1]; a row each.
 *
 *     minimax        D: E softplus(-D(x)) + E softplus(D(G(z)))       G: -E softplus(D(G(z)))
 *     nonsaturating  D: the same                                      G:  E softplus(-D(G(z)))
 *     relativistic   D: E softplus(D(G(z)) - D(x)), in pairs          G:  E softplus(D(x) - D(G(z)))
 *     hinge          D: E relu(1 - D(x)) + E relu(1 + D(G(z)))        G: -E D(G(z))
 *     least-squares  D: E (D(x) - 1)^2 / 2 + E D(G(z))^2 / 2          G:  E (D(G(z)) - 1)^2 / 2
 *     wasserstein    D: E D(G(z)) - E D(x)                            G: -E D(G(z))
 *
 * with log sigmoid(a) = -softplus(-a), so nothing overflows. Sources: Goodfellow et al. 2014, arXiv:1406.2661;
 * Jolicoeur-Martineau 2018, arXiv:1807.00734, and Huang et al. 2024, arXiv:2501.05441; Lim & Ye 2017,
 * arXiv:1705.02894; Mao et al. 2017, arXiv:1611.04076; Arjovsky et al. 2017, arXiv:1701.07875.
 */
#ifndef GAN_GAME_OBJECTIVE_H
#define GAN_GAME_OBJECTIVE_H

#include <gan/graph.h>
#include <stdbool.h>

typedef struct gan__objective {
    const char *name;
    bool pairs; /* G's loss looks at D(x) too; else `real` is not a node there */
    gan_node (*d)(gan_graph *g, gan_node real, gan_node fake); /* a scalar */
    gan_node (*g)(gan_graph *g, gan_node real, gan_node fake);
} gan__objective;

const gan__objective *gan__objective_find(const char *name); /* NULL: none */

/* gan__objective_value - V(D,G) = E log D(x) + E log(1 - D(G(z))), whatever the objective. */
gan_node gan__objective_value(gan_graph *g, gan_node real, gan_node fake);

#endif
