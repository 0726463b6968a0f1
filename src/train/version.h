/* version.h - the arithmetic number: rises whenever the bytes of a run change. */
#ifndef GAN_TRAIN_VERSION_H
#define GAN_TRAIN_VERSION_H

enum { GAN__ARITHMETIC = 1 };

#endif
