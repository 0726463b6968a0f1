/* page_server.c - the page over HTTP, by libmicrohttpd: one thread, which answers one request after the other.
 *
 * One thread is enough for the few people who look at a run, leaves the training its processors, and lets the model be used without a lock. What a
 * stranger can do is bounded: so many connections, so many bytes of a request, so many seconds for it; no request is read beyond its head.
 */
#include "page/page_internal.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

#if GAN_HAVE_MICROHTTPD

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>

enum { TOKEN_BYTES = 16, TOKEN = 2 * TOKEN_BYTES, ADDRESS = 80 };

struct gan_page_server {
    gan_page *page;
    struct MHD_Daemon *daemon;
    char token[TOKEN + 1], address[ADDRESS];
    int port;
};

/* What a browser must not do with the page: load from elsewhere, be framed, tell others the address that holds the token. */
static const struct {
    const char *name, *value;
} headers[] = {
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

static enum MHD_Result send_answer(struct MHD_Connection *c, gan_page_answer *a)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(a->size, a->bytes, MHD_RESPMEM_MUST_FREE);
    if (!r)
        return MHD_NO; /* the connection ends; `a` is freed by its owner */
    a->bytes = NULL;
    MHD_add_response_header(r, "Content-Type", a->type);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(r, headers[i].name, headers[i].value);
    const enum MHD_Result sent = MHD_queue_response(c, (unsigned)a->status, r);
    MHD_destroy_response(r);
    return sent;
}

static enum MHD_Result send_line(struct MHD_Connection *c, int status, const char *line)
{
    gan_page_answer a = {.status = status, .type = "text/plain; charset=utf-8", .bytes = (uint8_t *)strdup(line), .size = strlen(line)};
    const enum MHD_Result sent = a.bytes ? send_answer(c, &a) : MHD_NO;
    gan_page_answer_release(&a);
    return sent;
}

/* Whoever asked has gone while others were answered: a picture for nobody would keep the next one waiting. */
static bool has_hung_up(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd p = {.fd = info ? info->connect_fd : -1, .events = POLLRDHUP};
    return poll(&p, 1, 0) == 1;
}

/* "127.0.0.1:40123": a page of another origin that has its name point here would send its own. */
static bool is_our_host(const gan_page_server *s, const char *host)
{
    char ours[2][32];
    snprintf(ours[0], sizeof ours[0], "127.0.0.1:%d", s->port);
    snprintf(ours[1], sizeof ours[1], "localhost:%d", s->port);
    return host && (!strcmp(host, ours[0]) || !strcmp(host, ours[1]));
}

/* Takes as long for every wrong token. */
static bool is_token(const gan_page_server *s, const char *text)
{
    unsigned differs = 0;
    for (int i = 0; i < TOKEN; i++) {
        if (!text[i])
            return false;
        differs |= (unsigned)(text[i] ^ s->token[i]);
    }
    return !differs && text[TOKEN] == '/';
}

/* The request line's target as it came, which libmicrohttpd would decode: nothing that is ours needs that. Too long a one ends as "": no token. */
static void *keep_target(void *ctx, const char *target, struct MHD_Connection *c)
{
    (void)ctx;
    (void)c;
    return strlen(target) < TOKEN + 2 + GAN_PAGE_REQUEST_MAX ? strdup(target) : strdup("");
}

static void forget(void *ctx, struct MHD_Connection *c, void **kept, enum MHD_RequestTerminationCode why)
{
    (void)ctx;
    (void)c;
    (void)why;
    free(*kept);
    *kept = NULL;
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *body,
                              size_t *body_bytes, void **kept)
{
    const gan_page_server *s = ctx;
    const char *target = *kept;
    (void)url;
    (void)version;
    (void)body;
    if (*body_bytes)
        return MHD_NO; /* it was told so at its head */
    if (!is_our_host(s, MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host")))
        return send_line(c, 403, "this is not the address that gander look printed");
    if (!target || target[0] != '/' || !is_token(s, target + 1))
        return send_line(c, 403, "the address lacks its token: open the whole address that gander look printed");
    if (strcmp(method, "GET") != 0)
        return send_line(c, 405, "a page is only looked at: GET");
    if (has_hung_up(c))
        return MHD_NO;
    gan_page_answer a;
    gan_page_ask(s->page, target + 1 + TOKEN + 1, &a);
    const enum MHD_Result sent = a.bytes ? send_answer(c, &a) : MHD_NO;
    gan_page_answer_release(&a);
    return sent;
}

static gan_status make_token(char token[TOKEN + 1], gan_error *err)
{
    uint8_t random[TOKEN_BYTES];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return gan__fail_errno(err, GAN_EIO, "no random numbers for the page's token");
    for (int i = 0; i < TOKEN_BYTES; i++)
        snprintf(token + 2 * i, 3, "%02x", random[i]);
    return GAN_OK;
}

static gan_status start(gan_page_server *s, int port, gan_error *err)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    errno = 0;
    s->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, answer, s, MHD_OPTION_SOCK_ADDR, &at,
                                 MHD_OPTION_CONNECTION_LIMIT, (unsigned)GAN_PAGE_CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                                 (size_t)GAN_PAGE_REQUEST_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)GAN_PAGE_SECONDS,
                                 MHD_OPTION_URI_LOG_CALLBACK, keep_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (!s->daemon)
        return errno ? gan__fail_errno(err, GAN_EIO, "127.0.0.1:%d: cannot be listened at (--port takes another)", port)
                     : gan__fail(err, GAN_EIO, "127.0.0.1:%d: cannot be listened at (--port takes another)", port);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    s->port = info ? info->port : port;
    snprintf(s->address, sizeof s->address, "http://127.0.0.1:%d/%s/", s->port, s->token);
    return GAN_OK;
}

gan_status gan_page_serve(gan_page_server **out, gan_page *p, int port, gan_error *err)
{
    *out = NULL;
    gan_page_server *s = calloc(1, sizeof *s);
    if (!s)
        return gan__fail_memory(err, "a server");
    s->page = p;
    gan_status st = make_token(s->token, err);
    if (st == GAN_OK)
        st = start(s, port, err);
    if (st == GAN_OK)
        *out = s;
    else
        gan_page_server_free(s);
    return st;
}

const char *gan_page_server_address(const gan_page_server *s)
{
    return s->address;
}

void gan_page_server_free(gan_page_server *s)
{
    if (s && s->daemon)
        MHD_stop_daemon(s->daemon);
    free(s);
}

#else

gan_status gan_page_serve(gan_page_server **out, gan_page *p, int port, gan_error *err)
{
    (void)p;
    (void)port;
    *out = NULL;
    return gan__fail(err, GAN_EUNSUPPORTED,
                     "this gander was built without libmicrohttpd: build it with Debian's libmicrohttpd-dev, or write the page into a file (--report)");
}

const char *gan_page_server_address(const gan_page_server *s)
{
    (void)s;
    return "";
}

void gan_page_server_free(gan_page_server *s)
{
    (void)s;
}

#endif
