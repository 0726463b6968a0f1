/* fuzz_page.c - any bytes as requests to a run's page, one a line: each gets a status, a type and a body, and none a file that the page does not name. */
#include "fuzz.h"
#include "unit/page/page_run.h"

#include <gan/page.h>

#include <string.h>

static const char secret[] = "nothing that a page shows";
static planted run;
static gan_page *page;

static void end(void)
{
    gan_page_free(page);
    uproot(&run);
}

static void plant_secret(const char *folder)
{
    char path[160];
    snprintf(path, sizeof path, "%s/secret", folder);
    FILE *f = fopen(path, "w");
    if (!f || fputs(secret, f) < 0 || fclose(f) != 0)
        abort();
}

static void begin(void)
{
    gan_error err;
    if (!plant(&run, &err) || gan_page_create(&page, run.run, NULL, 1, &err) != GAN_OK)
        abort();
    plant_secret(run.folder);
    plant_secret(run.run);
    atexit(end);
}

static void ask(const uint8_t *line, size_t n)
{
    gan_page_answer a;
    char *request = malloc(n + 1);
    if (!request)
        return;
    memcpy(request, line, n);
    request[n] = 0;
    gan_page_ask(page, request, &a);
    if ((a.status != 200 && a.status != 400 && a.status != 404) || !a.bytes || !*a.type)
        abort();
    if (memmem(a.bytes, a.size, secret, sizeof secret - 1))
        abort();
    fuzz_sink = (unsigned)a.size;
    gan_page_answer_release(&a);
    free(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!page)
        begin();
    while (size > 0) {
        const uint8_t *line_end = memchr(data, '\n', size);
        const size_t n = line_end ? (size_t)(line_end - data) : size;
        ask(data, n);
        data += n + (line_end != NULL);
        size -= n + (line_end != NULL);
    }
    return 0;
}
