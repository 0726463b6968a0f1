/* page.h - a run as a page for a browser: what it logged, drew and learned, while it trains and afterwards.
 *
 *     gan_page_create(&p, "runs/first", NULL, 1, &err);
 *     gan_page_serve(&server, p, 0, &err);           http://127.0.0.1:PORT/TOKEN/
 *     gan_page_report(p, "report.html", &err);       the same as one file that needs nothing
 *
 * All that the page shows is an answer to a request, and gan_page_ask gives it without a network: the server and the report are two ways to
 * hand the same answers out. The run's folder is only read, and of what lies outside of it the run's data alone: where state/local.ini says that it lies, so
 * of a run that a stranger sent, `data` should be said.
 */
#ifndef GAN_PAGE_H
#define GAN_PAGE_H

#include <gan/status.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_page gan_page;

/* gan_page_create - of a run's folder. data: where its data is, NULL: where it lay; looked for when a request asks for it first.
 * threads: for drawing samples; 0: all, but a run that is training then has to share.
 * Errors  GAN_ENOTFOUND: no run there; what gan_dataset_find says of `data`; GAN_ENOMEM. */
GAN_API gan_status gan_page_create(gan_page **out, const char *run, const char *data, int threads, gan_error *err);
GAN_API void gan_page_free(gan_page *p);

/* gan_page_answer - to a request: "", "metrics.json", "walk.png?u=0.5&v=0.25". What there is: the table in page/page.c. Any text will do: it is
 * untrusted. One thread at a time. */
enum { GAN_PAGE_REQUEST_MAX = 256, GAN_PAGE_TYPE_MAX = 40 };
typedef struct gan_page_answer {
    int status;                   /* as HTTP has it: 200; 400: a number is wrong; 404: no such thing, or not of this run; 500: it failed */
    char type[GAN_PAGE_TYPE_MAX]; /* "application/json" */
    uint8_t *bytes;               /* owned; where status is not 200, a line that says why */
    size_t size;
} gan_page_answer;
GAN_API void gan_page_ask(gan_page *p, const char *request, gan_page_answer *answer);
GAN_API void gan_page_answer_release(gan_page_answer *answer);

/* gan_page_report - the page with all its answers as they are now, in one HTML file; an old one is replaced when the new one is whole.
 * Errors  GAN_EFORMAT: what every run has (its metrics, say) cannot be read; GAN_EIO; GAN_ENOMEM. */
GAN_API gan_status gan_page_report(gan_page *p, const char *file, gan_error *err);

/* A server of its own thread, on 127.0.0.1 alone. Answers only GET, only below /TOKEN/ (128 random bits), only where the request's Host is 127.0.0.1 or
 * localhost with this port, so that a page from elsewhere can neither guess nor rebind its way in; at most GAN_PAGE_CONNECTIONS at a time, each with
 * GAN_PAGE_REQUEST_BYTES for a request and GAN_PAGE_SECONDS to send it.
 *
 * gan_page_serve - port 0: any that is free. The page is not owned and belongs to the server until gan_page_server_free.
 * gan_page_server_address - "http://127.0.0.1:40123/5f.../".
 * Errors  GAN_EUNSUPPORTED: built without libmicrohttpd; GAN_EIO: the port is taken, or may not be had; GAN_ENOMEM. */
enum { GAN_PAGE_CONNECTIONS = 64, GAN_PAGE_REQUEST_BYTES = 16384, GAN_PAGE_SECONDS = 10 };
typedef struct gan_page_server gan_page_server;
GAN_API gan_status gan_page_serve(gan_page_server **out, gan_page *p, int port, gan_error *err);
GAN_API const char *gan_page_server_address(const gan_page_server *s);
GAN_API void gan_page_server_free(gan_page_server *s);

#ifdef __cplusplus
}
#endif

#endif
