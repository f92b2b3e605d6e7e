/*
 * attack_result.c - what an attack came to: norms, pictures, files
 *
 * SPDX-License-Identifier: MIT
 */
#include "attack.h"

#include "error.h"
#include "file.h"
#include "image.h"
#include "npy.h"

#include <math.h>
#include <string.h>

/* ---- norms ------------------------------------------------------------------------------------------------------ */

/* Less than this no picture of 8 bits a channel can show. */
static const float visible = 1.0f / 510.0f;

/* Adds a pixel, its l2 still squared. */
static void add_pixel(double (*norms)[CAM_PARTS], size_t part, const float *sample, size_t channels, size_t pixels)
{
    int changed = 0;
    for (size_t c = 0; c < channels; c++) {
        const double size = fabs((double)sample[c * pixels]);
        changed = changed || size > (double)visible;
        norms[CAMERAS_NORM_L1][part] += size;
        norms[CAMERAS_NORM_L2][part] += size * size;
        norms[CAMERAS_NORM_LINF][part] = fmax(norms[CAMERAS_NORM_LINF][part], size);
    }
    norms[CAMERAS_NORM_L0][part] += changed;
}

void cam_attack_measure(cam_attacked *kind, const unsigned char *inside, size_t channels, size_t pixels)
{
    memset(kind->norms, 0, sizeof kind->norms);
    for (size_t i = 0; i < pixels; i++) {
        const size_t part = inside[i] ? CAMERAS_PART_INSIDE : CAMERAS_PART_OUTSIDE;
        add_pixel(kind->norms, CAMERAS_PART_ALL, kind->perturbation + i, channels, pixels);
        add_pixel(kind->norms, part, kind->perturbation + i, channels, pixels);
    }
    for (size_t part = 0; part < CAM_PARTS; part++)
        kind->norms[CAMERAS_NORM_L2][part] = sqrt(kind->norms[CAMERAS_NORM_L2][part]);
}

/* ---- getters ---------------------------------------------------------------------------------------------------- */

static const cam_attacked *kind_of(const cameras_attack *attack, cameras_attack_kind kind)
{
    return attack && (size_t)kind < CAM_ATTACK_KINDS ? &attack->kinds[kind] : NULL;
}

size_t cameras_attack_target(const cameras_attack *attack)
{
    return attack ? attack->target : 0;
}

double cameras_attack_norm(const cameras_attack *attack, cameras_attack_kind kind, cameras_norm norm, cameras_part part)
{
    const cam_attacked *one = kind_of(attack, kind);
    return one && (size_t)norm < CAM_NORMS && (size_t)part < CAM_PARTS ? one->norms[norm][part] : 0.0;
}

int cameras_attack_succeeded(const cameras_attack *attack, cameras_attack_kind kind)
{
    const cam_attacked *one = kind_of(attack, kind);
    return one ? one->succeeded : 0;
}

double cameras_attack_confidence(const cameras_attack *attack, cameras_attack_kind kind)
{
    const cam_attacked *one = kind_of(attack, kind);
    return one ? one->probability : 0.0;
}

size_t cameras_attack_steps(const cameras_attack *attack, cameras_attack_kind kind)
{
    const cam_attacked *one = kind_of(attack, kind);
    return one ? one->steps : 0;
}

double cameras_attack_reduction(const cameras_attack *attack)
{
    if (!cameras_attack_succeeded(attack, CAMERAS_ATTACK_GUIDED) ||
        !cameras_attack_succeeded(attack, CAMERAS_ATTACK_PLAIN))
        return (double)NAN;
    return 1.0 - cameras_attack_norm(attack, CAMERAS_ATTACK_GUIDED, CAMERAS_NORM_L2, CAMERAS_PART_ALL) /
                     cameras_attack_norm(attack, CAMERAS_ATTACK_PLAIN, CAMERAS_NORM_L2, CAMERAS_PART_ALL);
}

const float *cameras_attack_perturbation(const cameras_attack *attack, cameras_attack_kind kind)
{
    const cam_attacked *one = kind_of(attack, kind);
    return one ? one->perturbation : NULL;
}

size_t cameras_attack_width(const cameras_attack *attack)
{
    return attack ? attack->size.width : 0;
}

size_t cameras_attack_height(const cameras_attack *attack)
{
    return attack ? attack->size.height : 0;
}

size_t cameras_attack_channels(const cameras_attack *attack)
{
    return attack ? attack->channels : 0;
}

/* ---- pictures and files ----------------------------------------------------------------------------------------- */

static cameras_status new_picture(cameras_image **out, const cameras_attack *attack, const cam_attacked *kind,
                                  const char *doing)
{
    if (out)
        *out = NULL;
    if (!out || !kind)
        return cam_fail(CAMERAS_EINVAL, "%s: out, an attack and its kind are needed", doing);
    return cam_image_new_planes(out, attack->size.width, attack->size.height, attack->channels, doing);
}

static size_t sample_count(const cameras_attack *attack)
{
    return attack->channels * attack->size.width * attack->size.height;
}

cameras_status cameras_attack_image(cameras_image **out, const cameras_attack *attack, cameras_attack_kind kind)
{
    const cam_attacked *one = kind_of(attack, kind);
    const cameras_status status = new_picture(out, attack, one, "make the attacked image");
    if (status == CAMERAS_OK)
        memcpy((*out)->planes, one->image, sample_count(attack) * sizeof *one->image);
    return status;
}

cameras_status cameras_attack_picture(cameras_image **out, const cameras_attack *attack, cameras_attack_kind kind)
{
    const cam_attacked *one = kind_of(attack, kind);
    const cameras_status status = new_picture(out, attack, one, "draw the perturbation");
    if (status != CAMERAS_OK)
        return status;
    const float most = (float)one->norms[CAMERAS_NORM_LINF][CAMERAS_PART_ALL];
    for (size_t i = 0; i < sample_count(attack); i++)
        (*out)->planes[i] = most > 0.0f ? 0.5f + 0.5f * one->perturbation[i] / most : 0.5f;
    return CAMERAS_OK;
}

cameras_status cameras_attack_write(const cameras_attack *attack, cameras_attack_kind kind, const char *path)
{
    const cam_attacked *one = kind_of(attack, kind);
    if (!one || !path)
        return cam_fail(CAMERAS_EINVAL, "write perturbation: an attack, its kind and a path are needed");
    cam_output output;
    cameras_status status = cam_output_open(&output, path, "write perturbation");
    if (status != CAMERAS_OK)
        return status;
    status =
        cam_npy_write_planes(&output, one->perturbation, attack->channels, attack->size.height, attack->size.width);
    if (status == CAMERAS_OK)
        return cam_output_commit(&output);
    cam_output_abandon(&output);
    return status;
}
