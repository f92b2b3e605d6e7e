/*
 * method.h - the methods: their names, and the map that each makes of one scale
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_METHOD_H
#define CAM_METHOD_H

#include "cameras.h"
#include "shim.h"

/* Whether it is a control, which needs no scales. */
int cam_method_is_control(cameras_method method);

/*
 * The map of one scale by any method but CAMERAS, which makes none, and the controls: out has the activation's pixels,
 * after ReLU. The formulas are in cameras.h. A gradient of 1 x 1 stands for all of its plane. What is not finite stays
 * so, for cam_map_rectify to tell. threads do not show.
 */
cameras_status cam_method_map(float *out, cameras_method method, shim_array activation, shim_array gradient,
                              size_t threads);

#endif
