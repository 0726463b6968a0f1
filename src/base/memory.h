/* memory.h - how much memory this process may have at most. */
#ifndef GAN_BASE_MEMORY_H
#define GAN_BASE_MEMORY_H

#include <gan/status.h>
#include <stddef.h>

/* gan__memory_limit - the least of: the machine's memory, what the control groups around this process allow,
 * its address space limit (ulimit -v). Bytes. */
size_t gan__memory_limit(void);

/* gan__memory_check - GAN_ENOMEM, with both figures, where `bytes` for `what` are more than that. To be asked
 * before the first of them is touched: the kernel kills where malloc does not fail. */
gan_status gan__memory_check(size_t bytes, const char *what, gan_error *err);

#endif
