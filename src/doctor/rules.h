/* rules.h - a rule: a symptom and what to say of it. A new rule is a row of rules.c and a planted run in its test. */
#ifndef GAN_DOCTOR_RULES_H
#define GAN_DOCTOR_RULES_H

#include "doctor/history.h"

/* symptom  what the figures up to a line show: how sure, 0 for no sign of it, NaN where there is too little to judge by; seen: the figures
 * remedy   what to change in a recipe; helps: why */
typedef struct gan__rule {
    gan_rule_info info;
    bool sick;         /* else advice */
    const char *under; /* a rule that says more: while that one is seen, this one says nothing; NULL: none */
    double (*symptom)(gan__sight s, const gan_recipe *r, char seen[GAN_SEEN_MAX]);
    void (*remedy)(const gan_recipe *r, char text[GAN_REMEDY_MAX]);
    const char *helps; /* why that remedy does */
} gan__rule;

int gan__rules(const gan__rule **rows);

#endif
