/* The page's server under what browsers, and what strangers, send: a table of requests as bytes and the status that each gets; slow ones, many at once, ones
 * that break off. Behind each abuse a plain request must be answered. */
#include "unit/page/page_run.h"

#include <gan/page.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE = 120000 }; /* ms: how long an answer is waited for, under a sanitizer on a busy machine too; only one that never comes fails */

static planted run;
static gan_page *page;
static gan_page_server *server;
static int port;
static char token[64];

static int set_up(void **state)
{
    gan_error err = {0};
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (!plant(&run, &err) || gan_page_create(&page, run.run, NULL, 1, &err) != GAN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    const gan_status s = gan_page_serve(&server, page, 0, &err);
    if (s == GAN_EUNSUPPORTED)
        printf("SKIP ALL: %s\n", err.message);
    return s == GAN_OK && sscanf(gan_page_server_address(server), "http://127.0.0.1:%d/%63[0-9a-f]/", &port, token) == 2 ? 0 : -1;
}

static int take_down(void **state)
{
    (void)state;
    gan_page_server_free(server);
    gan_page_free(page);
    uproot(&run);
    return 0;
}

/* ---- a client that knows no HTTP ------------------------------------------------------------------ */

static int dial(void)
{
    const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void put(int fd, const char *bytes, size_t n)
{
    while (n) {
        const ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* it has hung up on us */
        bytes += sent;
        n -= (size_t)sent;
    }
}

/* What comes until the other side ends or `ms` are over; its status, 0: none came. `text` gets the beginning. */
static int reply_of(int fd, char *text, size_t room, int ms)
{
    size_t n = 0;
    struct pollfd p = {fd, POLLIN, 0};
    char rest[4096];
    while (poll(&p, 1, ms) == 1) {
        const ssize_t got = n + 1 < room ? recv(fd, text + n, room - 1 - n, 0) : recv(fd, rest, sizeof rest, 0);
        if (got <= 0)
            break;
        n += n + 1 < room ? (size_t)got : 0;
    }
    text[n] = 0;
    int status = 0;
    return sscanf(text, "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

static int send_request(const char *bytes, size_t n, char *text, size_t room)
{
    const int fd = dial();
    if (fd < 0)
        return 0;
    put(fd, bytes, n);
    const int status = reply_of(fd, text, room, PATIENCE);
    close(fd);
    return status;
}

/* GET of a target with a Host header; NULL: the server's own. */
static int get(const char *target, const char *host, char *text, size_t room)
{
    char bytes[4096], ours[64];
    snprintf(ours, sizeof ours, "127.0.0.1:%d", port);
    const int n = snprintf(bytes, sizeof bytes, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target, host ? host : ours);
    return send_request(bytes, (size_t)n, text, room);
}

static int get_ours(const char *request, char *text, size_t room)
{
    char target[1024];
    snprintf(target, sizeof target, "/%s/%s", token, request);
    return get(target, NULL, text, room);
}

static void still_serves(void)
{
    char text[512];
    assert_int_equal(get_ours("status.json", text, sizeof text), 200);
}

/* ---- who is answered ------------------------------------------------------------------------------- */

static void answers(void **state)
{
    (void)state;
    static char text[65536];
    static const char *const headers[] = {"Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                                          "Cache-Control: no-store", "Content-Type: text/html"};
    assert_int_equal(get_ours("", text, sizeof text), 200);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (!strstr(text, headers[i]))
            fail_msg("no %s", headers[i]);
    assert_null(strstr(text, "Access-Control-Allow"));
    assert_non_null(strstr(text, "<!doctype html>"));
    assert_int_equal(get_ours("walk.png?u=0.25&v=0.75", text, sizeof text), 200);
    assert_int_equal(get_ours("walk.png?u=7", text, sizeof text), 400);
    assert_int_equal(get_ours("nothing", text, sizeof text), 404);
    char local[64];
    snprintf(local, sizeof local, "localhost:%d", port);
    char target[128];
    snprintf(target, sizeof target, "/%s/run.json", token);
    assert_int_equal(get(target, local, text, sizeof text), 200);
}

static void wrong_tokens(void **state)
{
    (void)state;
    char text[1024], wrong[64], target[256];
    strcpy(wrong, token);
    wrong[31] = wrong[31] == '0' ? '1' : '0';
    static const char *const forms[] = {"/%s/", "/%s/run.json", "/%.31s/run.json", "/%s0/run.json", "/%s", "//%s/", "/./%s/"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(target, sizeof target, forms[i], i < 2 ? wrong : token);
#pragma GCC diagnostic pop
        if (get(target, NULL, text, sizeof text) != 403)
            fail_msg("%s is answered", target);
        assert_null(strstr(text, token)); /* a refusal does not give it away */
    }
    assert_int_equal(get("/", NULL, text, sizeof text), 403);
    assert_int_equal(get("/run.json", NULL, text, sizeof text), 403);
    assert_int_equal(get("http://127.0.0.1/run.json", NULL, text, sizeof text), 403);
    still_serves();
}

static void wrong_hosts(void **state)
{
    (void)state;
    char text[1024], target[128], other[64];
    snprintf(target, sizeof target, "/%s/run.json", token);
    snprintf(other, sizeof other, "127.0.0.1:%d", port + 1);
    static const char *const hosts[] = {"evil.example", "127.0.0.1", "localhost", "127.0.0.1:80", "[::1]:80", "", "127.0.0.1:99999"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        assert_int_equal(get(target, hosts[i], text, sizeof text), 403);
    assert_int_equal(get(target, other, text, sizeof text), 403);
    still_serves();
}

/* As bytes: what must be refused, whichever 4xx it gets, or hung up on (0). */
static void bad_bytes(void **state)
{
    (void)state;
    static char text[4096];
    static const struct {
        const char *format;
        int status; /* 0: any refusal */
    } rows[] = {
        {"GET /%s/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", 404},
        {"GET /%s/%%2e%%2e/%%2e%%2e/etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", 404},
        {"GET /%s/samples/..%%2frecipe.ini HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", 404},
        {"POST /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 405},
        {"DELETE /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", 405},
        {"OPTIONS /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", 405},
        {"POST /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 999999999999\r\nConnection: close\r\n\r\nx", 0},
        {"GET /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", 0},
        {"GET /%s/run.json HTTP/9.9\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", 0},
        {"\r\n\r\n\r\n\x16\x03\x01 %s %d\r\n\r\n", 0},
        {"GET\t/%s/ %d\r\n\r\n", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[1024];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        const int n = snprintf(bytes, sizeof bytes, rows[i].format, token, port);
#pragma GCC diagnostic pop
        const int status = send_request(bytes, (size_t)n, text, sizeof text);
        if (rows[i].status ? status != rows[i].status : status == 200)
            fail_msg("request %zu gets %d", i, status);
        assert_null(strstr(text, "root:"));
        still_serves();
    }
}

static void huge_requests(void **state)
{
    (void)state;
    enum { MUCH = 1 << 20 };
    static char text[4096];
    char *bytes = malloc(MUCH + 4096);
    int n = snprintf(bytes, 4096, "GET /%s/run.json?", token); /* a target without end */
    memset(bytes + n, 'a', MUCH);
    assert_true(send_request(bytes, (size_t)n + MUCH, text, sizeof text) != 200);
    still_serves();
    n = snprintf(bytes, 4096, "GET /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Much: ", token, port); /* a header without end */
    memset(bytes + n, 'a', MUCH);
    assert_true(send_request(bytes, (size_t)n + MUCH, text, sizeof text) != 200);
    still_serves();
    n = snprintf(bytes, 4096, "GET /%s/run.json HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", token, port); /* headers without end */
    for (int i = 0; i < MUCH / 8; i++)
        memcpy(bytes + n + 8 * i, "X: y\r\n\t ", 8);
    assert_true(send_request(bytes, (size_t)n + MUCH, text, sizeof text) != 200);
    still_serves();
    free(bytes);
}

/* ---- slow, many, broken off ------------------------------------------------------------------------- */

/* A request that is not finished is hung up on when its time is over, and meanwhile others are answered. */
static void slow_request(void **state)
{
    (void)state;
    char text[1024];
    const int fd = dial();
    assert_true(fd >= 0);
    put(fd, "GET /", 5);
    const time_t began = time(NULL);
    still_serves();
    const time_t answered = time(NULL);
    assert_int_not_equal(reply_of(fd, text, sizeof text, PATIENCE), 200);
    const time_t ended = time(NULL);
    assert_true(ended - began >= GAN_PAGE_SECONDS - 2 && ended - answered < GAN_PAGE_SECONDS + 10);
    close(fd);
    still_serves();
}

static int open_files(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

/* 200 connections that say nothing: no more than the limit are taken on, and the server serves again when they are gone. */
static void many_connections(void **state)
{
    (void)state;
    enum { MANY = 200 };
    int fd[MANY];
    const int before = open_files();
    for (int i = 0; i < MANY; i++) {
        fd[i] = dial();
        assert_true(fd[i] >= 0);
        put(fd[i], "GET /", 5);
    }
    int taken = 0;
    for (int i = 0; i < PATIENCE / 100 && taken <= GAN_PAGE_CONNECTIONS / 2; i++) {
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        taken = open_files() - before - MANY; /* the server is in this process */
        assert_true(taken <= GAN_PAGE_CONNECTIONS);
    }
    assert_true(taken > GAN_PAGE_CONNECTIONS / 2);
    nanosleep(&(struct timespec){0, 300000000}, NULL);
    assert_true(open_files() - before - MANY <= GAN_PAGE_CONNECTIONS);
    for (int i = 0; i < MANY; i++)
        close(fd[i]);
    int served = 0;
    for (int i = 0; i < PATIENCE / 100 && !served; i++) {
        char text[512];
        served = get_ours("status.json", text, sizeof text) == 200;
        nanosleep(&(struct timespec){0, 100000000}, NULL);
    }
    assert_true(served);
}

/* 200 that ask all at once, each for a picture that must be drawn: none is lost that was let in. */
static void many_requests(void **state)
{
    (void)state;
    enum { ROUNDS = 20, AT_ONCE = 10 };
    char bytes[512], text[1024];
    const int n = snprintf(bytes, sizeof bytes, "GET /%s/walk.png?u=0.3 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", token, port);
    for (int round = 0; round < ROUNDS; round++) {
        int fd[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++) {
            fd[i] = dial();
            assert_true(fd[i] >= 0);
            put(fd[i], bytes, (size_t)n);
        }
        for (int i = 0; i < AT_ONCE; i++) {
            assert_int_equal(reply_of(fd[i], text, sizeof text, PATIENCE), 200);
            close(fd[i]);
        }
    }
}

/* Hung up in the middle of an answer, by a reset. */
static void broken_off(void **state)
{
    (void)state;
    char bytes[512];
    const struct linger at_once = {1, 0};
    const int n = snprintf(bytes, sizeof bytes, "GET /%s/nearest.png HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", token, port);
    for (int i = 0; i < 20; i++) {
        const int fd = dial();
        assert_true(fd >= 0);
        put(fd, bytes, (size_t)(i % 2 ? n : n - 10));
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
        close(fd);
    }
    still_serves();
}

/* Nobody but this machine: it listens at 127.0.0.1 alone; and a port that is taken is said. */
static void places(void **state)
{
    (void)state;
    gan_page_server *second;
    gan_error err;
    assert_int_equal(gan_page_serve(&second, page, port, &err), GAN_EIO);
    assert_non_null(strstr(err.message, "cannot be listened at"));
    const struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(0x7f000002)}}; /* 127.0.0.2 */
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&other, sizeof other), -1);
    assert_int_equal(errno, ECONNREFUSED);
    close(fd);
}

/* Two servers have two tokens. One that ends while requests are under way hangs up, and does not wait for them. */
static void another_server(void **state)
{
    (void)state;
    gan_page *other;
    gan_page_server *second;
    gan_error err;
    char text[256];
    assert_int_equal(gan_page_create(&other, run.run, NULL, 1, &err), GAN_OK);
    assert_int_equal(gan_page_serve(&second, other, 0, &err), GAN_OK);
    assert_null(strstr(gan_page_server_address(second), token));
    const int first_port = port;
    assert_int_equal(sscanf(gan_page_server_address(second), "http://127.0.0.1:%d/", &port), 1);
    const int fd = dial();
    port = first_port;
    put(fd, "GET /half", 9);
    nanosleep(&(struct timespec){0, 100000000}, NULL);
    const time_t began = time(NULL);
    gan_page_server_free(second);
    assert_int_equal(reply_of(fd, text, sizeof text, PATIENCE), 0);
    assert_true(time(NULL) - began < 5);
    close(fd);
    gan_page_free(other);
    still_serves();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),       cmocka_unit_test(wrong_tokens), cmocka_unit_test(wrong_hosts),      cmocka_unit_test(bad_bytes),
        cmocka_unit_test(huge_requests), cmocka_unit_test(slow_request), cmocka_unit_test(many_connections), cmocka_unit_test(many_requests),
        cmocka_unit_test(broken_off),    cmocka_unit_test(places),       cmocka_unit_test(another_server),
    };
    return cmocka_run_group_tests(tests, set_up, take_down);
}
