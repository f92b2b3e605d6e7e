/*
 * verbs.h - what the command can be asked to do; each verb gets its own arguments, its name first
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef VERBS_H
#define VERBS_H

#include <stdio.h>

/* What there is, in a few lines. */
void print_usage(FILE *stream);

int verb_explain(int argc, char **argv);
int verb_score(int argc, char **argv);
int verb_classify(int argc, char **argv);
int verb_attack(int argc, char **argv);
int verb_layers(int argc, char **argv);
int verb_compare(int argc, char **argv);
int verb_sanity(int argc, char **argv);
int verb_demo(int argc, char **argv);
int verb_version(int argc, char **argv);
int verb_help(int argc, char **argv);

#endif
