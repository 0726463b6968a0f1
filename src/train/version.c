/* version.c - what this library is. */
#include "train/version.h"

#include "kernel/kernel.h"

#include <gan/gan.h>

const char *gan_version(void)
{
    return GAN_VERSION;
}

int gan_arithmetic(void)
{
    return GAN__ARITHMETIC;
}

const char *gan_isa(void)
{
    const gan__kernels *k = gan__kernels_best();
    return k ? k->name : "none";
}
