/* ini.h - INI text, by inih. */
#ifndef GAN_FILE_INI_H
#define GAN_FILE_INI_H

#include <gan/status.h>

/* Called for every `name = value` in order; lines that go on (indented) arrive joined by '\n'. A status
 * other than GAN_OK ends the parse and is returned. */
typedef gan_status gan__ini_fn(void *ctx, const char *section, const char *name, const char *value,
                               int line, gan_error *err);

/* gan__ini_parse - GAN_EFORMAT "name:line: ..." where a line is no section, setting or comment. */
gan_status gan__ini_parse(const char *name, const char *text, gan__ini_fn *fn, void *ctx,
                          gan_error *err);

#endif
