/* fileio.c - whole files in, whole files out. */
#include "base/fileio.h"
#include "base/paths.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* ".gander-" 16 hexadecimal digits ".tmp" or ".new": nobody else's, whatever the user calls files. */
static const char mark[] = ".gander-";
enum { DIGITS = 16, TRIES = 100, MARKED_BYTES = sizeof mark - 1 + DIGITS + 4 };

char *gan__temporary_name(const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    unsigned long long word;
    if (getrandom(&word, sizeof word, 0) != sizeof word)
        return NULL;
    char *name = malloc(folder + MARKED_BYTES + 1);
    if (name)
        snprintf(name, folder + MARKED_BYTES + 1, "%.*s%s%0*llx%.4s", (int)folder, path, mark, DIGITS, word,
                 ending);
    return name;
}

bool gan__is_temporary(const char *name, const char *ending)
{
    const size_t n = sizeof mark - 1;
    return strlen(name) == MARKED_BYTES && !memcmp(name, mark, n) &&
           strspn(name + n, "0123456789abcdef") == DIGITS && !strcmp(name + n + DIGITS, ending);
}

/* A device, a pipe or a folder is not replaced by a file. */
static gan_status may_replace(const char *path, gan_error *err)
{
    struct stat st;
    if (!*path)
        return gan__fail(err, GAN_EINVAL, "a file needs a name");
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return gan__fail(err, GAN_EEXISTS, "%s: is a folder, not a file", path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return gan__fail(err, GAN_EEXISTS, "%s: is not a regular file", path);
    return GAN_OK;
}

gan_status gan__atomic_begin(gan__atomic_file *f, const char *path, gan_error *err)
{
    *f = (gan__atomic_file){.fd = -1};
    const gan_status s = may_replace(path, err);
    if (s != GAN_OK)
        return s;
    f->path = strdup(path);
    for (int i = 0; f->path && f->fd < 0 && i < TRIES; i++) {
        free(f->temporary);
        f->temporary = gan__temporary_name(path, ".tmp");
        if (!f->temporary)
            break;
        f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (f->fd < 0 && errno != EEXIST)
            break;
    }
    if (f->fd >= 0)
        return GAN_OK;
    const bool named = f->path && f->temporary;
    named ? gan__fail_errno(err, GAN_EIO, "%s: cannot be written", path) : gan__fail_memory(err, "a file name");
    if (f->temporary)
        f->temporary[0] = 0; /* nothing to remove: it is not there, or not ours */
    gan__atomic_abort(f);
    return named ? GAN_EIO : GAN_ENOMEM;
}

bool gan__write_all(int fd, const void *data, size_t bytes)
{
    const char *p = data;
    while (bytes > 0) {
        const ssize_t n = write(fd, p, bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        bytes -= (size_t)n;
    }
    return true;
}

gan_status gan__atomic_write(gan__atomic_file *f, const void *data, size_t bytes, gan_error *err)
{
    if (gan__write_all(f->fd, data, bytes))
        return GAN_OK;
    gan__fail_errno(err, GAN_EIO, "%s: writing failed, the old file is untouched", f->path);
    gan__atomic_abort(f);
    return GAN_EIO;
}

static gan_status put_in_place(gan__atomic_file *f, bool lasting, gan_error *err)
{
    gan_status s = GAN_OK;
    if (lasting && fsync(f->fd) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s: writing failed, the old file is untouched", f->path);
    if (close(f->fd) != 0 && s == GAN_OK)
        s = gan__fail_errno(err, GAN_EIO, "%s: writing failed, the old file is untouched", f->path);
    f->fd = -1;
    if (s == GAN_OK && rename(f->temporary, f->path) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s: cannot be put in place", f->path);
    if (s == GAN_OK)
        f->temporary[0] = 0;
    if (s == GAN_OK && lasting)
        s = gan__sync_dir(f->path, err);
    gan__atomic_abort(f);
    return s;
}

gan_status gan__atomic_commit(gan__atomic_file *f, gan_error *err)
{
    return put_in_place(f, true, err);
}

gan_status gan__atomic_commit_unsynced(gan__atomic_file *f, gan_error *err)
{
    return put_in_place(f, false, err);
}

void gan__atomic_abort(gan__atomic_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    if (f->temporary && f->temporary[0])
        unlink(f->temporary);
    free(f->path);
    free(f->temporary);
    *f = (gan__atomic_file){.fd = -1};
}

gan_status gan__write_file(const char *path, const void *data, size_t bytes, gan_error *err)
{
    gan__atomic_file f;
    gan_status s = gan__atomic_begin(&f, path, err);
    if (s == GAN_OK)
        s = gan__atomic_write(&f, data, bytes, err);
    return s == GAN_OK ? gan__atomic_commit(&f, err) : s;
}

gan_status gan__read_file(const char *path, size_t most, uint8_t **out, size_t *bytes,
                          gan_error *err)
{
    return gan__read_file_from(path, 0, most, out, bytes, err);
}

gan_status gan__read_file_from(const char *path, size_t from, size_t most, uint8_t **out, size_t *bytes, gan_error *err)
{
    *out = NULL;
    *bytes = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for a writer */
    if (fd < 0)
        return gan__fail_errno(err, errno == ENOENT ? GAN_ENOTFOUND : GAN_EIO, "%s: cannot be read",
                               path);
    struct stat st;
    gan_status s = GAN_OK;
    uint8_t *data = NULL;
    size_t have = 0, want = 0;
    if (fstat(fd, &st) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s: cannot be read", path);
    else if (S_ISDIR(st.st_mode))
        s = gan__fail(err, GAN_EIO, "%s: is a folder, not a file", path);
    else if (!S_ISREG(st.st_mode))
        s = gan__fail(err, GAN_EIO, "%s: is not a regular file", path);
    else if ((unsigned long long)st.st_size > most)
        s = gan__fail(err, GAN_EFORMAT, "%s: %lld bytes are more than the %zu that can be right",
                      path, (long long)st.st_size, most);
    else if (!(data = malloc((want = (size_t)st.st_size > from ? (size_t)st.st_size - from : 0) + 1)))
        s = gan__fail_memory(err, path);
    while (s == GAN_OK && have < want) {
        const ssize_t n = pread(fd, data + have, want - have, (off_t)(from + have));
        if (n < 0 && errno != EINTR)
            s = gan__fail_errno(err, GAN_EIO, "%s: reading failed", path);
        else if (n == 0)
            break; /* it became shorter while we read */
        else if (n > 0)
            have += (size_t)n;
    }
    close(fd);
    if (s != GAN_OK) {
        free(data);
        return s;
    }
    data[have] = 0;
    *out = data;
    *bytes = have;
    return GAN_OK;
}
