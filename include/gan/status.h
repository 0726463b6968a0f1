/* status.h - what every call of libgander can answer.
 *
 * A function that can fail returns a gan_status; one that meets a user's data also takes a
 * `gan_error *err` last and puts one line in it: what is wrong, where, and what to do. `err` may be
 * NULL. It is written only on failure. The library never prints, exits or aborts on bad input.
 */
#ifndef GAN_STATUS_H
#define GAN_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined GAN_BUILD && defined __GNUC__
#define GAN_API __attribute__((visibility("default")))
#else
#define GAN_API
#endif

#if defined __GNUC__
#define GAN_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define GAN_PRINTF(string, first)
#endif

/*         name          what it means, for a person */
#define GAN_STATUS_MAP(X)                                                                         \
    X(OK, "success")                                                                              \
    X(ENOMEM, "out of memory")                                                                    \
    X(EINVAL, "invalid argument")                                                                 \
    X(ESHAPE, "shapes do not fit")                                                                \
    X(EIO, "reading or writing failed")                                                           \
    X(EFORMAT, "malformed file")                                                                  \
    X(ENOTFOUND, "not found")                                                                     \
    X(EEXISTS, "already there")                                                                   \
    X(EFOREIGN, "holds something else")                                                           \
    X(EBUSY, "in use")                                                                            \
    X(EKEY, "unknown key or value out of range")                                                  \
    X(EDATA, "other data than before")                                                            \
    X(EVERSION, "made by an incompatible version")                                                \
    X(ENUMERIC, "not a finite number")                                                            \
    X(ESTOPPED, "stopped by request")                                                             \
    X(EUNSUPPORTED, "not built in")

typedef enum gan_status {
#define X(name, text) GAN_##name,
    GAN_STATUS_MAP(X)
#undef X
} gan_status;

enum { GAN_ERROR_MAX = 512 };

typedef struct gan_error {
    gan_status status;
    char message[GAN_ERROR_MAX]; /* one line, no newline, always terminated */
} gan_error;

/* gan_status_name - "EFORMAT"; gan_status_text - "malformed file". Never NULL. */
GAN_API const char *gan_status_name(gan_status status);
GAN_API const char *gan_status_text(gan_status status);

#ifdef __cplusplus
}
#endif

#endif
