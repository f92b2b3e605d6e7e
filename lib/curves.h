/*
 * curves.h - insertion and deletion: the probability while pixels are revealed or taken away
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_CURVES_H
#define CAM_CURVES_H

#include "trial.h"

/* The area under the curve of pixels revealed from a blurred image; and of pixels turned to the mean colour. */
cameras_status cam_curve_insertion(double *area, cam_trial *trial);
cameras_status cam_curve_deletion(double *area, cam_trial *trial);

/* Gaussian blur of a plane: 11 x 11, deviation 5, borders repeated. out and in may not overlap. */
cameras_status cam_blur(float *out, const float *in, cam_size size);

#endif
