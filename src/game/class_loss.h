/* class_loss.h - how surprised a net is at the class that a sample has. */
#ifndef GAN_GAME_CLASS_LOSS_H
#define GAN_GAME_CLASS_LOSS_H

#include <gan/graph.h>

/* gan__class_loss - -log softmax(logits)[class], the mean over rows: logits [N, classes], is [N, classes] rows of 0s and a
 * 1; a result of one number, [1, 1]. Odena et al. 2017, arXiv:1610.09585, equation 3.
 * gan__class_share - share of the rows whose class has the largest logit, or shares that place; the same shapes. */
gan_node gan__class_loss(gan_graph *g, gan_node logits, gan_node is);
gan_node gan__class_share(gan_graph *g, gan_node logits, gan_node is);

#endif
