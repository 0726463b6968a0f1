/* history.h - a run's figures by line and key, and what rules ask of the last few of them. */
#ifndef GAN_DOCTOR_HISTORY_H
#define GAN_DOCTOR_HISTORY_H

#include <gan/doctor.h>

/* Before that iteration nets are still finding each other, and a figure may be anything: gradients grow a hundredfold (`dcgan`), noise varies twice as much as
 * the data does (`r3`). However often a run logs. */
enum { GAN__WARM = 500 };

/* A look at a history from one of its rows: nothing behind it is seen. */
typedef struct gan__sight {
    const gan_history *h;
    int row;
} gan__sight;

/* Of a key's last n figures, NaN where there are not as many: gan__last_median; gan__last_least, gan__last_most.
 * gan__first_median - of a key's first n figures; gan__warm_median - of its first n from GAN__WARM on.
 * gan__ever_most, gan__ever_least - of all figures from GAN__WARM on.
 * gan__turns - how often the last n figures turn, up to down or down to up, each way by at least `by`; 0 where there are not as many. */
double gan__last_median(gan__sight s, const char *key, int n);
double gan__last_least(gan__sight s, const char *key, int n);
double gan__last_most(gan__sight s, const char *key, int n);
double gan__first_median(gan__sight s, const char *key, int n);
double gan__warm_median(gan__sight s, const char *key, int n);
double gan__ever_most(gan__sight s, const char *key);
double gan__ever_least(gan__sight s, const char *key);
int gan__turns(gan__sight s, const char *key, int n, double by);
int64_t gan__sight_iteration(gan__sight s);

#endif
