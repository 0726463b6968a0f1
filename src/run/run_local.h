/* run_local.h - state/local.ini: what a run knows of this machine, outside the promise of same
 * bytes. */
#ifndef GAN_RUN_RUN_LOCAL_H
#define GAN_RUN_RUN_LOCAL_H

#include <gan/status.h>

typedef struct gan__local {
    char data[4096];      /* path or name */
    char init[4096];      /* model that the run started from; "" for none */
    int threads;          /* 0: all */
    int items;            /* of the data when it was last trained on; 0: not known */
    int other_arithmetic; /* how often it went on across arithmetic numbers */
} gan__local;

/* In the run's folder `dir`. Reading gives zeros where there is no such file. */
gan_status gan__local_write(const char *dir, const gan__local *local, gan_error *err);
gan_status gan__local_read(const char *dir, gan__local *local, gan_error *err);

#endif
