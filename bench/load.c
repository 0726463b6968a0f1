/* load.c - how long a folder of pictures takes to be read: decoded, and kept; and again, from where it is kept.
 *
 *     bench_load DIR HEIGHT WIDTH THREADS
 *
 * The cache is the user's (XDG_CACHE_HOME): empty, or there is nothing to measure. Prints JSON: seconds of both, pictures, the sum of their bytes.
 */
#include <gan/gan.h>

#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double open_once(gan_dataset **d, const char *folder, const gan_pictures *how)
{
    gan_error err;
    const double began = now();
    if (gan_dataset_open(d, folder, how, &err) == GAN_OK)
        return now() - began;
    fprintf(stderr, "bench_load: %s\n", err.message);
    exit(1);
}

static unsigned long long sum_of(const gan_dataset *d)
{
    unsigned long long sum = 0;
    int h, w, c;
    gan_dataset_shape(d, &h, &w, &c);
    uint8_t *pixels = malloc((size_t)h * (size_t)w * (size_t)c);
    for (int i = 0; pixels && i < gan_dataset_count(d); i++) {
        gan_dataset_get(d, i, pixels);
        for (int k = 0; k < h * w * c; k++)
            sum += pixels[k];
    }
    free(pixels);
    return sum;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: bench_load DIR HEIGHT WIDTH THREADS\n", stderr);
        return 2;
    }
    const gan_pictures how = {.height = atoi(argv[2]), .width = atoi(argv[3]), .threads = atoi(argv[4]), .channels = 4};
    gan_dataset *d;
    const double first = open_once(&d, argv[1], &how);
    printf("{\"seconds\": %.4f, \"pictures\": %d, \"sum\": %llu, ", first, gan_dataset_count(d), sum_of(d));
    gan_dataset_free(d);
    printf("\"again\": %.4f}\n", open_once(&d, argv[1], &how));
    gan_dataset_free(d);
    return 0;
}
