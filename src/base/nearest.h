/* nearest.h - which known word did they mean? */
#ifndef GAN_BASE_NEAREST_H
#define GAN_BASE_NEAREST_H

/* gan__distance - insertions, deletions, substitutions and neighbour swaps between two words (Damerau
 * 1964); words are cut at 63 characters. */
int gan__distance(const char *a, const char *b);

#endif
