/*
 * verb_explain.c - cameras explain IMAGE, and where there are several the way to explain_pictures
 *
 * SPDX-License-Identifier: MIT
 */
#include "delivery.h"
#include "explain_pictures.h"
#include "interrupt.h"
#include "model_source.h"
#include "progress.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>

static int report_maps(const explain_request *asked, const report *all)
{
    if (asked->json)
        return print_json(report_json(all));
    return asked->quiet ? EXIT_OK : report_text(all);
}

static int deliver(delivery *out, cameras_map *const *maps, size_t count, report *all)
{
    int result = delivery_write(out, maps, count);
    all->maps = out->maps;
    all->count = count;
    if (result == EXIT_OK)
        result = report_maps(out->asked, all);
    if (result != EXIT_OK)
        outputs_remove(&out->written);
    return result;
}

static int explain_with(delivery *out, report *all, cameras_model *model, const cameras_options *options)
{
    const size_t count = cameras_options_map_count(options);
    cameras_map **maps = calloc(count, sizeof(cameras_map *));
    if (!maps)
        return EXIT_FAILED;
    interrupt_defer();
    const cameras_status status = cameras_explain_several(maps, count, model, out->image, options);
    if (explain_request_shows_progress(out->asked))
        progress_clear();
    const int result = status == CAMERAS_OK ? deliver(out, maps, count, all) : report_failure();
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    free(maps);
    return result;
}

/* Opens what is to be explained, and explains it. */
static int explain_to(delivery *out, const explain_request *asked, cameras_options *options)
{
    report all = {.model_name = model_name(&asked->model), .image = asked->images[0]};
    cameras_model *model = NULL;
    cameras_image *image = NULL;
    cameras_status status = cameras_image_read(&image, asked->images[0], options);
    if (status == CAMERAS_OK)
        status = open_model(&model, &all.load_seconds, &asked->model);
    if (status == CAMERAS_OK)
        status = explain_request_add_classes(options, asked, model);
    all.model = model;
    out->image = image;
    const int result = status == CAMERAS_OK ? explain_with(out, &all, model, options) : report_failure();
    cameras_image_free(image);
    cameras_model_close(model);
    return result;
}

static int explain_picture(const explain_request *asked, cameras_options *options)
{
    inputs pictures = {0};
    delivery out = {.asked = asked, .pictures = &pictures, .overlay = asked->overlay, .map = asked->map};
    char *beside = NULL;
    if (!asked->overlay && !asked->map && !asked->json)
        out.overlay = beside = output_name_in(NULL, asked->images[0], ".cameras.png");
    const int possible = inputs_find(&pictures, asked->images, 1) && output_is_possible(out.overlay, &pictures) &&
                         output_is_possible(out.map, &pictures);
    const int result = possible ? explain_to(&out, asked, options) : EXIT_FAILED;
    delivery_free(&out);
    inputs_free(&pictures);
    free(beside);
    return result;
}

int verb_explain(int argc, char **argv)
{
    explain_request asked;
    cameras_options *options = NULL;
    int result = explain_request_read(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    result = explain_request_options(&options, &asked);
    if (result == EXIT_OK)
        result = asked.image_count > 1 ? explain_pictures(&asked, options) : explain_picture(&asked, options);
    cameras_options_free(options);
    return result;
}
