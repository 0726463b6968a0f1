/* fileio.c - whole files in, whole files out. */
#include "base/fileio.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gan_status gan__atomic_begin(gan__atomic_file *f, const char *path, gan_error *err)
{
    *f = (gan__atomic_file){.fd = -1, .path = strdup(path)};
    f->temporary = calloc(strlen(path) + sizeof ".tmp", 1); /* empty: nothing to remove yet */
    if (!f->path || !f->temporary) {
        gan__atomic_abort(f);
        return gan__fail_memory(err, "a file name");
    }
    strcat(strcpy(f->temporary, path), ".tmp");
    f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (f->fd < 0) {
        gan__fail_errno(err, GAN_EIO, "%s: cannot be written", path);
        gan__atomic_abort(f);
        return GAN_EIO;
    }
    return GAN_OK;
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

gan_status gan__atomic_commit(gan__atomic_file *f, gan_error *err)
{
    gan_status s = GAN_OK;
    if (fsync(f->fd) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s: writing failed, the old file is untouched", f->path);
    if (close(f->fd) != 0 && s == GAN_OK)
        s = gan__fail_errno(err, GAN_EIO, "%s: writing failed, the old file is untouched", f->path);
    f->fd = -1;
    if (s == GAN_OK && rename(f->temporary, f->path) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s: cannot be put in place", f->path);
    if (s == GAN_OK) {
        s = gan__sync_dir(f->path, err);
        f->temporary[0] = 0;
    }
    gan__atomic_abort(f);
    return s;
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
    *out = NULL;
    *bytes = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return gan__fail_errno(err, errno == ENOENT ? GAN_ENOTFOUND : GAN_EIO, "%s: cannot be read",
                               path);
    struct stat st;
    gan_status s = GAN_OK;
    uint8_t *data = NULL;
    size_t have = 0;
    if (fstat(fd, &st) != 0)
        s = gan__fail_errno(err, GAN_EIO, "%s: cannot be read", path);
    else if (S_ISDIR(st.st_mode))
        s = gan__fail(err, GAN_EIO, "%s: is a folder, not a file", path);
    else if (!S_ISREG(st.st_mode))
        s = gan__fail(err, GAN_EIO, "%s: is not a regular file", path);
    else if ((unsigned long long)st.st_size > most)
        s = gan__fail(err, GAN_EFORMAT, "%s: %lld bytes are more than the %zu that can be right",
                      path, (long long)st.st_size, most);
    else if (!(data = malloc((size_t)st.st_size + 1)))
        s = gan__fail_memory(err, path);
    while (s == GAN_OK && have < (size_t)st.st_size) {
        const ssize_t n = read(fd, data + have, (size_t)st.st_size - have);
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
