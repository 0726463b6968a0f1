/* sink.c - see fuzz.h. */
#include "fuzz.h"

volatile unsigned fuzz_sink;
