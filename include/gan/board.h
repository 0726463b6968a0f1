/* board.h - a run's figures as TensorBoard reads them.
 *
 *     RUN/metrics.jsonl  --> scalars     a line each           loss/loss_d, rate/rate_g, measure/fid, ...
 *     RUN/samples/N.png  --> images      step N                samples
 *     RUN/state/N.safetensors            step N
 *                        --> histograms  a trained tensor each generator/0.weight, ...
 *
 * Groups of scalars: loss (loss_*, class_*, value, elbo, likelihood, kl), penalty (r1, r2, gp), discriminator (d_real, d_fake, sign_real,
 * augment), measure (spread, accuracy, fid, kid, precision, recall, modes, quality, mode_kl), gradient (grad_norm_*), rate (rate_*); other:
 * any other key. A figure that is null is left out. A histogram has 30 buckets of one width from the least number to the greatest, of the
 * numbers that are finite; moments and averages have none.
 *
 * Times are RUN/timing.jsonl's seconds behind the first of January 2026, UTC: the bytes are a function of the run's files alone. Where a
 * resumed run's clock begins anew, the time goes on. What has no line of its own has the time of the last one before it.
 */
#ifndef GAN_BOARD_H
#define GAN_BOARD_H

#include <gan/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* gan_board_write - FOLDER/events.out.tfevents.NUMBER.gander, whole or not at all, of a run that is finished or still trains; the
 * folder is made where it is not there. NUMBER is the last iteration logged, of ten digits: a TensorBoard that is looking goes on to the
 * newer file (with --load_fast=false it has to be started again). Other files of such a name in FOLDER are then removed: a folder for each
 * run.
 * Errors  GAN_ENOTFOUND: no such run, or it has no metrics.jsonl; GAN_EFORMAT: a line, picture or checkpoint is damaged (a last line
 *         without an end is not read: it is being written); GAN_EEXISTS: something else is called so; GAN_EIO; GAN_ENOMEM; GAN_EUNSUPPORTED: built without libprotobuf-c. */
GAN_API gan_status gan_board_write(const char *run, const char *folder, gan_error *err);

#ifdef __cplusplus
}
#endif

#endif
