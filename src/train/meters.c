/* meters.c - see meters.h. */
#include "train/meters.h"

#include "base/error.h"
#include "train/spread.h"

#include <stdlib.h>
#include <string.h>

static double spread_of(gan__meters *m, int n)
{
    return gan__spread(m->team, m->samples, n, m->numbers, m->mean, m->square);
}

static float spread(gan__meters *m)
{
    const double of_samples = spread_of(m, GAN__METER_SAMPLES);
    return m->data_spread > 0 ? (float)(of_samples / m->data_spread) : 0;
}

static const struct {
    const char *key;
    float (*measure)(gan__meters *m);
} rows[] = {{"spread", spread}};

gan_status gan__meters_create(gan__meters *m, gan__sampler *sampler, const gan_dataset *data, uint64_t seed,
                              gan_team *team, gan_error *err)
{
    const gan_dataset_field *fields;
    int h, w, c;
    gan_dataset_shape(data, &h, &w, &c);
    gan_dataset_fields(data, &fields);
    const int count = gan_dataset_count(data), n = count < GAN__METER_SAMPLES ? count : GAN__METER_SAMPLES;
    const size_t numbers = (size_t)h * (size_t)w * (size_t)c;
    uint8_t *bytes = malloc((size_t)n * fields[0].bytes);
    *m = (gan__meters){.sampler = sampler, .team = team, .seed = seed, .numbers = (int)numbers};
    m->samples = malloc(GAN__METER_SAMPLES * numbers * sizeof *m->samples);
    m->mean = malloc(numbers * sizeof *m->mean);
    m->square = malloc(numbers * sizeof *m->square);
    if (!bytes || !m->samples || !m->mean || !m->square) {
        free(bytes);
        gan__meters_release(m);
        return gan__fail_memory(err, "metrics");
    }
    gan_dataset_batch(data, seed, 0, n, bytes);
    if (fields[0].real)
        memcpy(m->samples, bytes, (size_t)n * fields[0].bytes);
    for (size_t i = 0; i < (size_t)n * numbers && !fields[0].real; i++)
        m->samples[i] = (float)bytes[i] / 255;
    m->data_spread = spread_of(m, n);
    free(bytes);
    return GAN_OK;
}

void gan__meters_release(gan__meters *m)
{
    free(m->samples);
    free(m->mean);
    free(m->square);
    *m = (gan__meters){0};
}

size_t gan__meters_bytes(const gan__meters *m)
{
    return (size_t)GAN__METER_SAMPLES * (size_t)m->numbers * sizeof *m->samples;
}

void gan__meters_draw(gan__meters *m)
{
    gan__sampler_floats(m->sampler, m->seed, 0, GAN__METER_SAMPLES, m->samples);
}

static int find(const char *key)
{
    for (int i = 0; i < (int)(sizeof rows / sizeof *rows); i++)
        if (!strcmp(rows[i].key, key))
            return i;
    return -1;
}

bool gan__meters_has(const char *key)
{
    return find(key) >= 0;
}

float gan__meters_read(gan__meters *m, const char *key)
{
    return rows[find(key)].measure(m);
}
