/*
 * same.c - same MODEL LABELS PICTURE OUT: one explanation as bytes, to be compared with what the other languages write
 *
 * SPDX-License-Identifier: MIT
 *
 * OUT holds the values of two maps and the raw values of the first (float), the overlay of the first (RGB bytes), five
 * scores of the first (double), its layer's path and its class's label. Built against the installed header alone.
 */
#include <cameras.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An example may end at its first failure, and leave its memory to the system. */
static void must(cameras_status status)
{
    if (status == CAMERAS_OK)
        return;
    fprintf(stderr, "same: %s\n", cameras_last_error());
    exit(1);
}

static void put(FILE *file, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, file) == size)
        return;
    perror("same: cannot write");
    exit(1);
}

static cameras_options *make_options(void)
{
    static const size_t scales[] = {224, 288};
    cameras_options *options = NULL;
    must(cameras_options_new(&options));
    must(cameras_options_add_class(options, 1));
    must(cameras_options_add_layer(options, "auto"));
    must(cameras_options_set_scales(options, scales, 2));
    must(cameras_options_set_threads(options, 1));
    must(cameras_options_set_gate(options, CAMERAS_GATE_OFF));
    must(cameras_options_set_keep_flat(options, 1));
    must(cameras_options_set_score_steps(options, 4));
    return options;
}

static void put_overlay(FILE *file, const cameras_map *map, const cameras_image *picture)
{
    size_t size = 3 * cameras_image_width(picture) * cameras_image_height(picture);
    uint8_t *pixels = malloc(size);
    cameras_image *overlay = NULL;
    must(pixels ? CAMERAS_OK : CAMERAS_ENOMEM);
    must(cameras_map_overlay(&overlay, map, picture, CAMERAS_VIRIDIS, 0.5F));
    must(cameras_image_pixels(pixels, 0, overlay));
    put(file, pixels, size);
    cameras_image_free(overlay);
    free(pixels);
}

static void put_scores(FILE *file, const cameras_scores *scores)
{
    static const cameras_score_kind kinds[] = {CAMERAS_SCORE_POSITIVE_MAP_DENSITY, CAMERAS_SCORE_NEGATIVE_MAP_DENSITY,
                                               CAMERAS_SCORE_AVERAGE_DROP, CAMERAS_SCORE_INCREASE,
                                               CAMERAS_SCORE_AVERAGE_GAIN};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        double value = cameras_scores_value(scores, kinds[i]);
        put(file, &value, sizeof value);
    }
}

int main(int argc, char **argv)
{
    cameras_model *model = NULL;
    cameras_image *picture = NULL;
    cameras_map *maps[2] = {NULL, NULL};
    cameras_scores *scores = NULL;
    cameras_options *of_first = make_options(), *of_both = make_options();
    if (argc != 5) {
        fputs("usage: same MODEL LABELS PICTURE OUT\n", stderr);
        return 2;
    }
    must(cameras_options_add_class(of_both, 4));
    must(cameras_model_open(&model, argv[1]));
    must(cameras_model_read_labels(model, argv[2]));
    must(cameras_image_read(&picture, argv[3], NULL));
    must(cameras_explain_several(maps, 2, model, picture, of_both));
    must(cameras_score(&scores, model, picture, maps[0], NULL, of_first));
    FILE *file = fopen(argv[4], "wb");
    if (!file) {
        perror(argv[4]);
        return 1;
    }
    size_t size = cameras_map_width(maps[0]) * cameras_map_height(maps[0]) * sizeof(float);
    put(file, cameras_map_values(maps[0]), size);
    put(file, cameras_map_values(maps[1]), size);
    put(file, cameras_map_raw(maps[0]), size);
    put_overlay(file, maps[0], picture);
    put_scores(file, scores);
    put(file, cameras_map_layer(maps[0]), strlen(cameras_map_layer(maps[0])));
    put(file, cameras_model_label(model, 1), strlen(cameras_model_label(model, 1)));
    if (fclose(file) != 0) {
        perror(argv[4]);
        return 1;
    }
    cameras_scores_free(scores);
    cameras_map_free(maps[0]);
    cameras_map_free(maps[1]);
    cameras_image_free(picture);
    cameras_model_close(model);
    cameras_options_free(of_first);
    cameras_options_free(of_both);
    return 0;
}
