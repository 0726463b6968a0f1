/* gzip.h - one gzip stream (RFC 1952), in memory, towards a size that is known or bounded. */
#ifndef GAN_FILE_GZIP_H
#define GAN_FILE_GZIP_H

#include <gan/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* deflate cannot make more than 1,032 bytes out of one. */
enum { GAN__GZIP_RATIO_MAX = 1032 };

/* gan__gzip_is - does it begin with the magic 1f 8b? */
bool gan__gzip_is(const uint8_t *file, size_t bytes);

/* A stream being unpacked; begin -> read... -> end (which frees it; also after a failure). `file`
 * must outlive it. */
typedef struct gan__gzip gan__gzip;
gan_status gan__gzip_begin(gan__gzip **out, const uint8_t *file, size_t bytes, gan_error *err);
/* gan__gzip_read - up to `want` more bytes; *got < want: the stream has ended, whole and with the
 * right checksum. GAN_EFORMAT: damaged, cut off, or something stands behind its end. */
gan_status gan__gzip_read(gan__gzip *z, uint8_t *out, size_t want, size_t *got, gan_error *err);
void gan__gzip_end(gan__gzip *z);

/* One stream being packed, without time and name; begin -> add... (the last with `last`) -> end, which frees
 * it, also after a failure. What is packed goes to the sink as it comes; the sink's failure is handed on. */
typedef struct gan__gzip_packer gan__gzip_packer;
typedef gan_status gan__gzip_sink(void *ctx, const void *data, size_t bytes, gan_error *err);
gan_status gan__gzip_pack_begin(gan__gzip_packer **out, gan__gzip_sink *sink, void *ctx, gan_error *err);
gan_status gan__gzip_pack_add(gan__gzip_packer *p, const uint8_t *data, size_t bytes, bool last,
                              gan_error *err);
void gan__gzip_pack_end(gan__gzip_packer *p);

#endif
