/* https.c - one file over HTTPS, by libcurl where it was there at build time. What comes is bounded
 * here and verified by the caller; redirections may lead to HTTPS only. */
#include "data/https.h"

#include "base/error.h"

#if GAN_HAVE_CURL
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

typedef struct body {
    uint8_t *data;
    size_t bytes, room, most;
} body;

static size_t receive(char *data, size_t one, size_t n, void *user)
{
    body *b = user;
    (void)one; /* libcurl: always 1 */
    if (n > b->most - b->bytes)
        return 0;
    if (b->bytes + n > b->room) {
        const size_t room = 2 * (b->bytes + n);
        uint8_t *larger = realloc(b->data, room);
        if (!larger)
            return 0;
        b->data = larger;
        b->room = room;
    }
    memcpy(b->data + b->bytes, data, n);
    b->bytes += n;
    return n;
}

static void set_up(CURL *curl, const char *url, body *b)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, b);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* signals belong to the program */
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 15L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1000L); /* bytes a second, ... */
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);    /* ... over that many seconds */
}

gan_status gan__https_get(const char *url, size_t most, uint8_t **out, size_t *bytes,
                          gan_error *err)
{
    *out = NULL;
    CURL *curl = curl_easy_init();
    if (!curl)
        return gan__fail_memory(err, url);
    body b = {.most = most};
    set_up(curl, url, &b);
    const CURLcode answer = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    if (answer != CURLE_OK) {
        free(b.data);
        return gan__fail(err, GAN_EIO, "%s: %s", url, curl_easy_strerror(answer));
    }
    *out = b.data;
    *bytes = b.bytes;
    return GAN_OK;
}

#else

gan_status gan__https_get(const char *url, size_t most, uint8_t **out, size_t *bytes,
                          gan_error *err)
{
    (void)most;
    *out = NULL;
    *bytes = 0;
    return gan__fail(err, GAN_EUNSUPPORTED, "%s: gander was built without libcurl", url);
}

#endif
