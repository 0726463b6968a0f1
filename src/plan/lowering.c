/* lowering.c - see lowering.h. */
#include "plan/lowering.h"

#include "base/error.h"

void gan__lower_fail(gan__lower *l, gan_status status, const char *message)
{
    if (l->status == GAN_OK)
        l->status = gan__fail(l->err, status, "%s", message);
}

int gan__lower_operand(const gan__lower *l, int node, int k)
{
    const int in = l->node[node].in[k];
    return in < 0 ? -1 : l->same[in];
}

bool gan__lower_takes(const gan__lower *l, int reader, int node)
{
    for (int k = 0; k < GAN__INPUTS_MAX; k++)
        if (gan__lower_operand(l, reader, k) == node)
            return true;
    return false;
}

bool gan__lower_ready(const gan__lower *l, int node)
{
    return l->live[node] && !l->done[node] && !l->waits[node];
}

int gan__group_place(const gan__group *g, int node)
{
    for (int i = 0; i < g->count; i++)
        if (g->node[i] == node)
            return i;
    return -1;
}
