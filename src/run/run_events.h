/* run_events.h - what a run tells its observer and writes in its logs. */
#ifndef GAN_RUN_RUN_EVENTS_H
#define GAN_RUN_RUN_EVENTS_H

#include "run/run_internal.h"

gan_event gan__run_event(const gan__run *r, gan_event_kind kind);
gan_status gan__run_emit(const gan__run *r, const gan_event *e, gan_error *err);
gan_status gan__run_say(const gan__run *r, gan_event_kind kind, gan_error *err, const char *format,
                        ...) GAN_PRINTF(4, 5);
gan_status gan__run_show_grid(gan__run *r, gan_error *err);
gan_status gan__run_show_progress(gan__run *r, gan_error *err); /* about twice a second */
gan_status gan__run_log(gan__run *r, const gan_metrics *m, gan_error *err);

#endif
