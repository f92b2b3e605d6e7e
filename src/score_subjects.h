/*
 * score_subjects.h - cameras score of a picture, of a folder, and of grids made from a folder
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCORE_SUBJECTS_H
#define SCORE_SUBJECTS_H

#include "folder.h"
#include "score_request.h"

/* Each prints what was asked for and returns an exit status. The options are theirs to change. */
int score_picture(const score_request *asked, cameras_options *options);
int score_folder(const score_request *asked, cameras_options *options);
int score_grid(const score_request *asked, cameras_options *options);

/* The folder's pictures, which a document, where one was asked for, can name: an exit status. See folder_list. */
int score_list(folder *out, const score_request *asked, int deep, const char *doing);

#endif
