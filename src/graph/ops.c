/* ops.c - ops.def, in memory. */
#include "graph/ops.h"

const gan__op_info gan__ops[GAN__OP_COUNT] = {
#define OP(name, word, arity, kind) {#word, arity, GAN__KIND_##kind},
#include "graph/ops.def"
#undef OP
};

bool gan__is_write(gan__op op)
{
    return op == GAN__OP_UPDATE || op == GAN__OP_AVERAGE || op == GAN__OP_ASSIGN;
}
