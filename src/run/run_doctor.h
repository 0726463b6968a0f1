/* run_doctor.h - the doctor beside a run: each line of metrics is judged as it is written (train.doctor). */
#ifndef GAN_RUN_RUN_DOCTOR_H
#define GAN_RUN_RUN_DOCTOR_H

#include "run/run_internal.h"

/* gan__run_doctor_open - the lines that are there are read, which must have been cut back to where the run goes on; what they show was told when
 * they were written.
 * gan__run_doctor_look - judge one more line; what is newly seen is told.
 * gan__run_doctor_mends - train.doctor = mend.
 * gan__run_doctor_ends - train.doctor = stop, and the run is lost or gets no better; or it is mend, and the run is lost in a way that can be mended;
 * *f: what ends it. */
gan_status gan__run_doctor_open(gan__run *r, gan_error *err);
void gan__run_doctor_release(gan__run *r);
gan_status gan__run_doctor_look(gan__run *r, const gan_metrics *m, gan_error *err);
bool gan__run_doctor_mends(const gan__run *r);
bool gan__run_doctor_ends(const gan__run *r, gan_finding *f);

#endif
