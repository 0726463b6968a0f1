/* eigen.c - see eigen.h. */
#include "measure/eigen.h"

#include "base/error.h"

#if GAN_HAVE_LAPACKE
#include <lapacke.h>
#endif

gan_status gan__eigen(double *x, int n, bool vectors, double *values, gan_error *err)
{
#if GAN_HAVE_LAPACKE
    const int info = LAPACKE_dsyevd(LAPACK_ROW_MAJOR, vectors ? 'V' : 'N', 'U', n, x, n, values);
    return info ? gan__fail(err, GAN_ENUMERIC, "eigenvalues of a covariance: LAPACK gave up (%d)", info) : GAN_OK;
#else
    (void)x, (void)n, (void)vectors, (void)values;
    return gan__fail(err, GAN_EUNSUPPORTED, "gander was built without LAPACKE");
#endif
}
