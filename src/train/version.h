/* version.h - two numbers: the arithmetic one rises whenever the bytes of a run change; that of metrics whenever a key of
 * metrics.jsonl changes its meaning (not where one joins: a reader finds keys by name). */
#ifndef GAN_TRAIN_VERSION_H
#define GAN_TRAIN_VERSION_H

enum { GAN__ARITHMETIC = 1, GAN__METRICS_SCHEMA = 1 };

#endif
