/* jpeg.c - JPEG by libjpeg-turbo, its orientation by libexif. The slow integer DCT, which has the same bytes in every form that the
 * library has of it. libjpeg's errors leave by longjmp; what lives across it is in `reader`. */
#include "file/picture.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <libexif/exif-data.h>

enum { SCANS_MAX = 200, RATIO_MAX = 2048 /* an empty block of 64 pixels in some 2 bits */, EXIF = JPEG_APP0 + 1, ICC = JPEG_APP0 + 2 };

typedef struct reader {
    struct jpeg_error_mgr errors; /* first: libjpeg hands it back */
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct jpeg;
    jmp_buf failed;
    char message[JMSG_LENGTH_MAX];
    uint8_t *pixels, *line; /* line: of CMYK */
} reader;

static void on_error(j_common_ptr jpeg)
{
    reader *r = (reader *)(void *)jpeg->err;
    jpeg->err->format_message(jpeg, r->message);
    longjmp(r->failed, 1);
}

/* What is damaged and decoded all the same, in grey say, is not what anyone wants to learn from. Stray bytes between segments, which some cameras
 * leave, and unknown numbers in a header change no pixel. */
static void on_message(j_common_ptr jpeg, int level)
{
    const int code = jpeg->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM)
        on_error(jpeg);
}

static void on_progress(j_common_ptr jpeg)
{
    reader *r = (reader *)(void *)jpeg->err;
    if (r->jpeg.input_scan_number <= SCANS_MAX)
        return;
    strcpy(r->message, "too many scans");
    longjmp(r->failed, 1);
}

/* Up to the end of the headers; longjmp to r->failed. */
static void begin(reader *r, const uint8_t *file, size_t bytes)
{
    jpeg_create_decompress(&r->jpeg);
    r->progress.progress_monitor = on_progress;
    r->jpeg.progress = &r->progress;
    jpeg_save_markers(&r->jpeg, EXIF, 0xFFFF);
    jpeg_save_markers(&r->jpeg, ICC, 16);
    jpeg_mem_src(&r->jpeg, file, (unsigned long)bytes);
    jpeg_read_header(&r->jpeg, TRUE);
}

static reader *create(gan_error *err, const char *name)
{
    reader *r = calloc(1, sizeof *r);
    if (!r) {
        gan__fail_memory(err, name);
        return NULL;
    }
    r->jpeg.err = jpeg_std_error(&r->errors);
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
    return r;
}

static void release(reader *r)
{
    jpeg_destroy_decompress(&r->jpeg);
    free(r->pixels);
    free(r->line);
    free(r);
}

static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    int orientation = 1;
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next) {
        if (m->marker != EXIF || m->data_length < 6 || memcmp(m->data, "Exif\0", 6) != 0)
            continue;
        ExifData *exif = exif_data_new_from_data(m->data, m->data_length);
        ExifEntry *e = exif ? exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION) : NULL;
        if (e && e->format == EXIF_FORMAT_SHORT && e->components == 1 && e->data)
            orientation = exif_get_short(e->data, exif_data_get_byte_order(exif));
        if (exif)
            exif_data_unref(exif);
    }
    return orientation;
}

static bool has_profile(const struct jpeg_decompress_struct *jpeg)
{
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next)
        if (m->marker == ICC && m->data_length >= 12 && !memcmp(m->data, "ICC_PROFILE", 12))
            return true;
    return false;
}

gan_status gan__jpeg_look(gan__picture_info *out, const char *name, const uint8_t *file, size_t bytes, gan_error *err)
{
    *out = (gan__picture_info){0};
    reader *r = create(err, name);
    if (!r)
        return GAN_ENOMEM;
    gan_status s = GAN_OK;
    if (setjmp(r->failed)) {
        s = gan__fail(err, GAN_EFORMAT, "%s: the JPEG picture is damaged (%s)", name, r->message);
    } else {
        begin(r, file, bytes);
        const int orientation = orientation_of(&r->jpeg);
        const bool turned = orientation >= 5 && orientation <= 8;
        const int h = (int)r->jpeg.image_height, w = (int)r->jpeg.image_width;
        *out = (gan__picture_info){turned ? w : h, turned ? h : w, has_profile(&r->jpeg)};
        s = gan__picture_room(name, r->jpeg.image_height, r->jpeg.image_width, bytes, RATIO_MAX, err);
    }
    release(r);
    return s;
}

/* As few of eight parts of a side as leave `least` of the shorter one. */
static unsigned parts_of(const struct jpeg_decompress_struct *jpeg, int least)
{
    const unsigned side = jpeg->image_width < jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    unsigned parts = 8;
    while (least > 0 && parts > 1 && side * (parts / 2) / 8 >= (unsigned)least)
        parts /= 2;
    return parts;
}

/* Adobe's CMYK is stored as what is left of white; that of others as ink. */
static void from_cmyk(uint8_t *out, const uint8_t *in, size_t pixels, int ink)
{
    for (size_t i = 0; i < pixels; i++, in += 4)
        for (int c = 0; c < 3; c++)
            *out++ = (uint8_t)(((in[c] ^ ink) * (in[3] ^ ink) + 127) / 255);
}

static bool read_pixels(reader *r, gan_image *out, int least)
{
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    const bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE,
               cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : cmyk ? JCS_CMYK : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg->scale_num = parts_of(jpeg, least);
    jpeg->scale_denom = 8;
    jpeg_start_decompress(jpeg);
    const int channels = grey ? 1 : 3;
    const size_t row = jpeg->output_width * (size_t)channels;
    r->pixels = malloc(jpeg->output_height * row);
    r->line = cmyk ? malloc(jpeg->output_width * (size_t)4) : NULL;
    if (!r->pixels || (cmyk && !r->line))
        return false;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = r->pixels + jpeg->output_scanline * row, *line = cmyk ? r->line : to;
        jpeg_read_scanlines(jpeg, &line, 1);
        if (cmyk)
            from_cmyk(to, line, jpeg->output_width, jpeg->saw_Adobe_marker ? 0 : 255);
    }
    *out = (gan_image){(int)jpeg->output_height, (int)jpeg->output_width, channels, NULL};
    return true;
}

gan_status gan__jpeg_decode(gan_image *out, const char *name, const uint8_t *file, size_t bytes, int least, gan_error *err)
{
    *out = (gan_image){0};
    reader *r = create(err, name);
    if (!r)
        return GAN_ENOMEM;
    gan_status s = GAN_OK;
    if (setjmp(r->failed)) {
        s = gan__fail(err, GAN_EFORMAT, "%s: the JPEG picture is damaged (%s)", name, r->message);
    } else {
        begin(r, file, bytes);
        s = gan__picture_room(name, r->jpeg.image_height, r->jpeg.image_width, bytes, RATIO_MAX, err);
        if (s == GAN_OK && !read_pixels(r, out, least))
            s = gan__fail_memory(err, name);
    }
    if (s == GAN_OK) {
        out->pixels = r->pixels;
        r->pixels = NULL;
        s = gan__picture_upright(out, orientation_of(&r->jpeg), err);
    }
    release(r);
    if (s != GAN_OK)
        gan_image_release(out);
    return s;
}
