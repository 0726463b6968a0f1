/* grammar.h - layer lines as text: words, comments, and blocks written out.
 *
 *     net    = { line | block }
 *     block  = "block" NAME { PARAMETER } newline { line } "end"
 *     line   = word { word } [ "@" NAME ]            LAYER {number | @NAME} {option} [activation [number]] [@NAME]
 *            | BLOCK { word }                        the block's lines, each parameter replaced by its word
 *
 * '#' begins a comment. @NAME behind a line names its result; `add @NAME` and the like read it again, further down. Inside
 * a block @in is what the block was given (of the whole net: its input), and a name belongs to that one use of the block; what
 * is not named there is looked for around it. A block may use blocks that stand above it.
 */
#ifndef GAN_NN_GRAMMAR_H
#define GAN_NN_GRAMMAR_H

#include "nn/layer.h"

typedef struct gan__line {
    int number; /* of the line in the text, from 1 */
    int words;
    char word[GAN__WORDS_MAX][GAN__WORD_MAX];
    char name[GAN__WORD_MAX]; /* behind '@': unique in the net; "": none */
    int start;                /* the line before which its block begins: what @in is the result of */
} gan__line;

enum { GAN__LINES_MAX = 512 };

/* gan__lines_read - every line of a net with its blocks written out; *out is malloc'd.
 * Errors  GAN_EKEY, with the net's name and the line's number. */
gan_status gan__lines_read(gan__line **out, int *count, const char *net, const char *text, gan_error *err);

#endif
