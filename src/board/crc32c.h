/* crc32c.h - Castagnoli's cyclic redundancy check, which guards the records of event files. zlib's is of another polynomial, and
 * Debian has no library in C for this one. */
#ifndef GAN_BOARD_CRC32C_H
#define GAN_BOARD_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* gan__crc32c - of all bytes (RFC 3720, section 12.1 and B.4). */
uint32_t gan__crc32c(const void *data, size_t bytes);

#endif
