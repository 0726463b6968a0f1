/* layer.c - what kinds of layers share. */
#include "nn/layer.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

gan_status gan__layer_tensor(const gan__layer *l, const char *what, gan_shape shape, bool packed,
                             int *tensor, gan_error *err)
{
    char name[96];
    snprintf(name, sizeof name, "%s.%d.%s", l->net, l->number, what);
    return gan_params_add(l->params, name, shape, packed, tensor, err);
}

gan_status gan__layer_count(const gan__layer *l, const char *word, const char *what, int *out,
                            gan_error *err)
{
    char *end;
    const long n = strtol(word, &end, 10);
    if (*end || end == word || n < 1 || n > 1000000)
        return gan__fail(err, GAN_EKEY, "%s, line %d: '%s' is not a number of %s (1 to 1000000)", l->net,
                         l->line, word, what);
    *out = (int)n;
    return GAN_OK;
}

gan_status gan__layer_usage(const gan__layer *l, gan_error *err)
{
    return gan__fail(err, GAN_EKEY, "%s, line %d: write `%s`", l->net, l->line, l->kind->usage);
}

char *gan__layer_shape_text(gan_shape s, char text[GAN__LAYER_SHAPE_TEXT])
{
    size_t n = 0;
    for (int i = 0; i < s.rank; i++)
        n += (size_t)snprintf(text + n, GAN__LAYER_SHAPE_TEXT - n, i ? ", %d" : "[%d", s.dim[i]);
    snprintf(text + n, GAN__LAYER_SHAPE_TEXT - n, s.rank ? "]" : "[]");
    return text;
}

gan_node gan__layer_read(const gan__layer *l, const gan_pass *pass, int tensor)
{
    return gan_params_read(l->params, pass->graph, tensor);
}

void gan__layer_statistic(const gan__layer *l, gan_pass *pass, int tensor, gan_node x)
{
    if (!pass->write)
        return;
    if (pass->writes < pass->writes_max)
        pass->write[pass->writes] =
            gan_assign(pass->graph, gan_params_state(l->params, pass->graph, tensor), gan_stop(pass->graph, x));
    pass->writes++; /* beyond the most: the caller sees that its table is full */
}
