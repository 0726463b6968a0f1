/* eigen.c - see eigen.h. */
#include "measure/eigen.h"

#include "base/error.h"

#if GAN_HAVE_LAPACKE
#include <lapacke.h>
#include <stdlib.h>
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

gan_status gan__eigen_largest(double *x, int n, int most, double *values, double *vectors, gan_error *err)
{
#if GAN_HAVE_LAPACKE
    lapack_int found = 0, *support = malloc(2 * (size_t)most * sizeof *support);
    if (!support)
        return gan__fail_memory(err, "eigenvectors");
    /* By columns: of a symmetric matrix they are its rows, and each vector lies in one piece. */
    const int info = LAPACKE_dsyevr(LAPACK_COL_MAJOR, 'V', 'I', 'L', n, x, n, 0, 0, n - most + 1, n, 0, &found, values, vectors, n, support);
    free(support);
    return info || found != most ? gan__fail(err, GAN_ENUMERIC, "eigenvectors: LAPACK gave up (%d, %d of %d)", info, (int)found, most) : GAN_OK;
#else
    (void)x, (void)n, (void)most, (void)values, (void)vectors;
    return gan__fail(err, GAN_EUNSUPPORTED, "gander was built without LAPACKE");
#endif
}
