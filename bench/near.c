/* near.c - how long precision, recall, density and coverage take, and how much memory.
 *
 *     bench_near REAL.npy SAMPLES.npy TIMES
 *
 * Prints JSON: seconds of each time, the four figures, peak memory in MB.
 */
#include <gan/gan.h>

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(gan_status s, const gan_error *err)
{
    if (s == GAN_OK)
        return;
    fprintf(stderr, "bench_near: %s\n", err->message);
    exit(1);
}

int main(int argc, char **argv)
{
    /* Any of the four finds all of them: they are one look at the neighbours. */
    static const char *const keys[] = {"precision", "recall", "density", "coverage"};
    gan_features real, samples;
    gan_team *team;
    gan_measured m;
    gan_error err;
    struct rusage use;
    if (argc != 4) {
        fputs("usage: bench_near REAL.npy SAMPLES.npy TIMES\n", stderr);
        return 2;
    }
    must(gan_team_create(&team, 0, &err), &err);
    must(gan_features_read(&real, argv[1], &err), &err);
    must(gan_features_read(&samples, argv[2], &err), &err);
    const gan_sides sides = {.real = &real, .samples = &samples};
    printf("{\"seconds\": [");
    for (int i = 0; i < atoi(argv[3]); i++) {
        const double began = now();
        must(gan_measure(keys[i % 4], &sides, team, &m, &err), &err);
        printf("%s%.4f", i ? ", " : "", now() - began);
    }
    printf("]");
    getrusage(RUSAGE_SELF, &use);
    for (int k = 0; k < 4; k++) {
        must(gan_measure(keys[k], &sides, team, &m, &err), &err);
        printf(", \"%s\": %.6f", keys[k], m.value);
    }
    printf(", \"peak_mb\": %.1f}\n", (double)use.ru_maxrss / 1024);
    gan_features_release(&real);
    gan_features_release(&samples);
    gan_team_free(team);
    return 0;
}
