/* planted_run.h - a run's folder as a test wants it: lines, a picture, two checkpoints. */
#ifndef GAN_TESTS_PLANTED_RUN_H
#define GAN_TESTS_PLANTED_RUN_H

#include "../file/scratch.h"

#include "base/paths.h"
#include "file/safetensors.h"

#include <math.h>

/* Grey, 3 x 2, not compressed: its bytes are nobody's choice. */
static uint8_t planted_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, 0x00, 0x00, 0x00, 0xb8, 0x1f, 0x39, 0xc6, 0x00, 0x00, 0x00, 0x13, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x01, 0x01, 0x08, 0x00, 0xf7, 0xff, 0x00, 0x00, 0x80, 0xff, 0x00, 0x0a, 0x14, 0x1e, 0x08,
    0x67, 0x01, 0xbc, 0xce, 0x5d, 0x26, 0x1d, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

enum { PLANTED_WEIGHTS = 64 };

static inline float planted_weight(int i)
{
    return (float)(i * i % 64 - 20) / 16;
}

static inline void plant_checkpoint(const char *path)
{
    float weight[PLANTED_WEIGHTS], same[2] = {0.5f, 0.5f}, odd[3] = {1, NAN, 3}, lost[1] = {INFINITY};
    for (int i = 0; i < PLANTED_WEIGHTS; i++)
        weight[i] = planted_weight(i);
    const gan__tensor tensor[] = {{.name = "value/generator.0.weight", .rank = 2, .dim = {8, 8}, .data = weight},
                                  {.name = "value/generator.0.bias", .rank = 1, .dim = {2}, .data = same},
                                  {.name = "value/discriminator.1.weight", .rank = 1, .dim = {3}, .data = odd},
                                  {.name = "value/discriminator.1.bias", .rank = 1, .dim = {1}, .data = lost},
                                  {.name = "moment1/generator.0.bias", .rank = 1, .dim = {2}, .data = same},
                                  {.name = "average/generator.0.bias", .rank = 1, .dim = {2}, .data = same}};
    assert_int_equal(gan__safetensors_write(path, tensor, sizeof tensor / sizeof *tensor, NULL, 0, NULL), GAN_OK);
}

static const char planted_metrics[] = "{\"iteration\":10,\"loss_d\":0.5,\"rate_g\":0.0,\"d_real\":0.25,\"fresh\":7.0}\n"
                                      "{\"iteration\":20,\"loss_d\":null,\"rate_g\":2e-4,\"grad_norm_d\":1.5,\"r1\":0.125}\n"
                                      "{\"iteration\":30,\"loss_d\":0.75,\"spread\":0.875}\n"
                                      "{\"iteration\":40,\"loss_d\":0.";
/* The second session began at 0 again. */
static const char planted_timing[] = "{\"iteration\":10,\"seconds\":1.5,\"rate\":8.0}\n{\"iteration\":20,\"seconds\":3.0,\"rate\":8.0}\n"
                                     "{\"iteration\":30,\"seconds\":1.0,\"rate\":8.0}\n";

/* In the scratch folder: run. */
static inline void plant_run(void)
{
    assert_int_equal(gan__make_dir(scratch("run/samples"), NULL), GAN_OK);
    assert_int_equal(gan__make_dir(scratch("run/state"), NULL), GAN_OK);
    scratch_file("run/metrics.jsonl", planted_metrics, sizeof planted_metrics - 1);
    scratch_file("run/timing.jsonl", planted_timing, sizeof planted_timing - 1);
    scratch_file("run/samples/000000.png", planted_png, sizeof planted_png);
    scratch_file("run/samples/000020.png", planted_png, sizeof planted_png);
    scratch_file("run/samples/notes.txt", "no picture", 10);
    plant_checkpoint(scratch("run/state/00000005.safetensors"));
    plant_checkpoint(scratch("run/state/00000030.safetensors"));
}

#endif
