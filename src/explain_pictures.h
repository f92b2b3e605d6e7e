/*
 * explain_pictures.h - cameras explain IMAGE IMAGE ...
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EXPLAIN_PICTURES_H
#define EXPLAIN_PICTURES_H

#include "explain_request.h"

/*
 * Explains several pictures, some at once. One that fails is reported, the others are delivered; an exit status. The
 * classes are added to the options.
 */
int explain_pictures(const explain_request *asked, cameras_options *options);

#endif
