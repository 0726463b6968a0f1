/* ring.c - a GAN on a ring of eight spots in the plane, from graph, networks and plan.
 * cc ring.c $(pkg-config --cflags --libs gander) -lm */
#include <gan/gan.h>
#include <math.h>
#include <stdlib.h>

enum { ROWS = 128, LATENT = 8, ITERATIONS = 8000, SPOTS = 8 };
#define PI 3.14159265358979f

static int update(gan_graph *g, gan_params *p, gan_node loss, gan_node *sinks, int n)
{
    gan_node value[8], grad[8];
    const int count = gan_params_count(p);
    const gan_node rate = gan_const(g, GAN_SCALAR, 1e-3f), one = gan_const(g, GAN_SCALAR, 1);
    for (int i = 0; i < count; i++)
        value[i] = gan_params_read(p, g, i);
    gan_grad(g, loss, count, value, grad);
    for (int i = 0; i < count; i++)
        sinks[n++] = gan_update(g, gan_params_state(p, g, i), grad[i], rate, one, gan_adam_of(0, 0.99, 1e-8));
    return n;
}

int main(void)
{
    gan_error err = {0};
    gan_params *gp = gan_params_create(), *dp = gan_params_create();
    gan_net *gen, *dis;
    gan_graph *g = gan_graph_create();
    gan_node sinks[32], slope;
    if (gan_net_create(&gen, "g", "dense 64 relu\ndense 64 relu\ndense 2", GAN_SHAPE(LATENT), gp, &err) ||
        gan_net_create(&dis, "d", "dense 64 relu\ndense 64 relu\ndense 1", GAN_SHAPE(2), dp, &err) ||
        gan_net_init(gen, gp, "glorot", 1, &err) || gan_net_init(dis, dp, "glorot", 1, &err))
        return fprintf(stderr, "%s\n", err.message), 1;

    /* D: softplus(D(fake) - D(real)) and R1 + R2; G: its mirror. Real rows: spots plus a little noise. */
    const gan_node spots = gan_input(g, "spots", GAN_SHAPE(ROWS, 2));
    const gan_node real = gan_add(g, spots, gan_affine(g, gan_noise(g, "blur", GAN_SHAPE(ROWS, 2)), 0.05f, 0));
    const gan_node fake = gan_net_apply(gen, g, gan_noise(g, "z", GAN_SHAPE(ROWS, LATENT)));
    const gan_node rows = gan_concat(g, real, gan_stop(g, fake), 0), logits = gan_net_apply(dis, g, rows);
    const gan_node r = gan_slice(g, logits, (int[]){0, 0}, (int[]){ROWS, 1});
    const gan_node f = gan_slice(g, logits, (int[]){ROWS, 0}, (int[]){ROWS, 1});
    gan_grad(g, logits, 1, &rows, &slope);
    const gan_node penalty = gan_affine(g, gan_sum(g, gan_mul(g, slope, slope), 3), 0.005f / ROWS, 0);
    const gan_node d_loss = gan_add(g, gan_mean(g, gan_softplus(g, gan_sub(g, f, r)), 3), penalty);
    int n = update(g, dp, d_loss, sinks, 0);
    const gan_node g_loss = gan_mean(
        g, gan_softplus(g, gan_sub(g, gan_net_apply(dis, g, real), gan_net_apply(dis, g, fake))), 3);
    n = update(g, gp, g_loss, sinks, n);
    sinks[n++] = fake;

    gan_plan *plan;
    const gan_plan_params params = gan_plan_defaults(g, sinks, n);
    if (gan_plan_create(&plan, &params, &err))
        return fprintf(stderr, "%s\n", err.message), 1;
    int seen[SPOTS] = {0}, near = 0, drawn = 0;
    for (int i = 0; i < ITERATIONS; i++) {
        float *xy = gan_plan_input(plan, "spots");
        for (int k = 0; k < ROWS; k++) {
            const float angle = 2 * PI * (float)((i + k) % SPOTS) / SPOTS;
            *xy++ = cosf(angle);
            *xy++ = sinf(angle);
        }
        gan_plan_run(plan, (gan_step){.seed = 1, .step = (uint32_t)i});
        const float *x = gan_plan_value(plan, fake);
        for (int k = 0; i >= ITERATIONS - 100 && k < ROWS; k++, drawn++) {
            const float turn = atan2f(x[2 * k + 1], x[2 * k]) / (2 * PI) * SPOTS;
            const int spot = ((int)lrintf(turn) + SPOTS) % SPOTS;
            const float dx = x[2 * k] - cosf(2 * PI * (float)spot / SPOTS), dy = x[2 * k + 1] - sinf(2 * PI * (float)spot / SPOTS);
            if (dx * dx + dy * dy < 0.0225f)
                near++, seen[spot]++;
        }
    }
    int covered = 0;
    for (int s = 0; s < SPOTS; s++)
        covered += seen[s] > drawn / SPOTS / 10;
    printf("%d of %d spots, %d %% of %d points near one\n", covered, SPOTS, 100 * near / drawn, drawn);
    gan_plan_free(plan);
    gan_graph_free(g), gan_net_free(gen), gan_net_free(dis), gan_params_free(gp), gan_params_free(dp);
    return 0;
}
