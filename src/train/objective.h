/* objective.h - what D and G optimise, from logits; and D's penalties.
 *
 *     minimax        D: E softplus(-D(x)) + E softplus(D(G(z)))     G: -E softplus(D(G(z)))
 *     nonsaturating  D: the same                                    G:  E softplus(-D(G(z)))
 *     relativistic   D: E softplus(D(G(z)) - D(x)), in pairs        G:  E softplus(D(x) - D(G(z)))
 *
 * with log sigmoid(a) = -softplus(-a), so nothing overflows. Sources: Goodfellow et al. 2014,
 * arXiv:1406.2661; Jolicoeur-Martineau 2018, arXiv:1807.00734; Huang et al. 2024, arXiv:2501.05441.
 *
 * Real and fake rows go through D as one batch of twice the rows, wherever no layer of D mixes rows: one
 * product in place of two, in R1 and R2 too. This is said here, in the graph, so that the graph alone
 * fixes the order of every sum and a plan never changes a byte.
 */
#ifndef GAN_TRAIN_OBJECTIVE_H
#define GAN_TRAIN_OBJECTIVE_H

#include <gan/nn.h>

typedef enum gan__objective {
    GAN__MINIMAX,
    GAN__NONSATURATING,
    GAN__RELATIVISTIC
} gan__objective;

/* gan__objective_named - of the recipe's word. */
gan__objective gan__objective_named(const char *name);

/* One D step on real and fake [B, pixels]. All results are [1,1]. */
typedef struct gan__d_terms {
    gan_node loss;            /* penalties included */
    gan_node value;           /* V(D,G), whatever the objective */
    gan_node d_real, d_fake;  /* mean sigmoid of the logits */
    gan_node r1, r2;          /* as added to the loss; {-1} where off */
} gan__d_terms;

/* r1, r2: gamma; the penalty is gamma/2 times the mean over the batch of the squared norm of D's gradient
 * at the sample (Mescheder et al. 2018, arXiv:1801.04406, equations 9 and 10). */
gan__d_terms gan__objective_d(gan_graph *g, gan__objective objective, const gan_net *d, gan_node real,
                              gan_node fake, float r1, float r2);

/* G's loss [1,1]; `real` is what relativistic pairs with, the others do not look at it. */
gan_node gan__objective_g(gan_graph *g, gan__objective objective, const gan_net *d, gan_node real,
                          gan_node fake);

#endif
