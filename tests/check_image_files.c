/*
 * check_image_files.c - pictures to files and back
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include "jpeg.h"
#include "png.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/check_image.XXXXXX";
static char path[128];

static const char *named(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    static const char *const names[] = {"a.png", "a.PNG", "a.jpg", "a.jpeg", "a.JPG", "grey16.png", "photo.txt"};
    for (size_t i = 0; i < COUNT(names); i++)
        unlink(named(names[i]));
    /* Fails where a test left something else, such as a temporary file. */
    ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(written_png_reads_back_exactly)
{
    static const cameras_pixel_format formats[] = {CAMERAS_GRAY8, CAMERAS_RGB8};
    static const char *const names[] = {"a.png", "a.PNG"};
    cameras_image *image = noise_image(formats[_i]), *back = NULL;
    ck_assert_int_eq(cameras_image_write(image, named(names[_i])), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, WIDTH, HEIGHT, image->channels);
    ck_assert_mem_eq(back->bytes, image->bytes, AREA * image->channels);
    cameras_image_free(back);
    cameras_image_free(image);
}
END_TEST

START_TEST(floats_are_written_rounded_to_bytes)
{
    static const float values[] = {0, 100.4f / 255, 100.6f / 255, 1, .5f, 1, 0, .25f, 0, 0, .75f, 1};
    cameras_image *image = new_image(values, 2, 2, 0, CAMERAS_RGBF), *back = NULL;
    ck_assert_int_eq(cameras_image_write(image, named("a.png")), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, 2, 2, 3);
    for (size_t i = 0; i < 12; i++)
        ck_assert_uint_eq(byte_at(back, i / 4, i % 2, i / 2 % 2), (unsigned)floor((double)values[i] * 255 + 0.5));
    cameras_image_free(back);
    cameras_image_free(image);
}
END_TEST

static picture slurp(const char *name)
{
    picture file = {malloc(100000), 0};
    FILE *stream = fopen(name, "rb");
    ck_assert_ptr_nonnull(file.bytes);
    ck_assert_ptr_nonnull(stream);
    file.size = fread(file.bytes, 1, 100000, stream);
    fclose(stream);
    return file;
}

START_TEST(written_jpeg_has_the_tables_of_quality_92)
{
    /* The standard luminance table (T.81, annex K) as it begins in zigzag order; 92 scales it by 200 - 2 * 92 = 16 %.
     */
    static const unsigned standard[] = {16, 11, 12, 14, 12, 10, 16, 14};
    static const char *const names[] = {"a.jpg", "a.jpeg", "a.JPG"};
    cameras_image *image = noise_image(_i == 1 ? CAMERAS_GRAY8 : CAMERAS_RGB8);
    ck_assert_int_eq(cameras_image_write(image, named(names[_i])), CAMERAS_OK);
    picture file = slurp(path);
    const uint8_t *table = file.bytes + find_marker(&file, 0xdb) + 5;
    for (size_t i = 0; i < COUNT(standard); i++)
        ck_assert_uint_eq(table[i], (standard[i] * 16 + 50) / 100);
    picture_free(&file);
    cameras_image_free(image);
}
END_TEST

START_TEST(written_jpeg_reads_back_nearly)
{
    uint8_t samples[ACROSS * DOWN * BLOCK * BLOCK * 3];
    size_t components = _i ? 1 : 3;
    /* One colour, since colour is stored at half size and edges of it would be smoothed. */
    static const uint8_t one_colour[] = {40, 90, 140, 40, 90, 140, 40, 90, 140, 40, 90, 140, 40, 90, 140, 40, 90, 140};
    fill_blocks(samples, _i ? six_greys : one_colour, ACROSS, DOWN, components);
    cameras_image *image = new_image(samples, 24, 16, 0, _i ? CAMERAS_GRAY8 : CAMERAS_RGB8), *back = NULL;
    ck_assert_int_eq(cameras_image_write(image, named("a.jpg")), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, 24, 16, components);
    for (size_t i = 0; i < 24 * 16; i++)
        for (size_t c = 0; c < components; c++)
            expect_near(back, c, i % 24, i / 24, samples[i * components + c]);
    cameras_image_free(back);
    cameras_image_free(image);
}
END_TEST

START_TEST(grey_of_16_bits_is_written_exactly)
{
    uint16_t samples[7 * 300];
    cam_output output;
    cameras_image *back = NULL;
    for (size_t i = 0; i < COUNT(samples); i++)
        samples[i] = (uint16_t)(i < 3 ? 65535 - i : noise(i));
    ck_assert_int_eq(cam_output_open(&output, named("grey16.png"), "write map"), CAMERAS_OK);
    ck_assert_int_eq(cam_png_write_gray16(&output, samples, 300, 7), CAMERAS_OK);
    ck_assert_int_eq(cam_output_commit(&output), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, 300, 7, 1);
    for (size_t i = 0; i < COUNT(samples); i++)
        ck_assert(fabs((double)back->planes[i] - samples[i] / 65535.0) < 1e-7);
    cameras_image_free(back);
}
END_TEST

START_TEST(name_of_another_ending_is_refused)
{
    static const char *const names[] = {"a.gif", "png", "a", "a.png.txt", "", "a.", "a.jpgx", "/tmp.png/a"};
    cameras_image *image = noise_image(CAMERAS_RGB8);
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_int_eq(cameras_image_write(image, names[i]), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_write(image, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_write(NULL, "a.png"), CAMERAS_EINVAL);
    cameras_image_free(image);
}
END_TEST

START_TEST(picture_too_long_for_jpeg_is_refused_and_leaves_nothing)
{
    static const uint8_t pixels[65501];
    cameras_image *image = new_image(pixels, 65501, 1, 0, CAMERAS_GRAY8);
    ck_assert_int_eq(cameras_image_write(image, named("a.jpg")), CAMERAS_ELIMIT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "65500"));
    cameras_image_free(image);
}
END_TEST

START_TEST(write_to_a_missing_folder_is_an_io_error)
{
    cameras_image *image = noise_image(CAMERAS_RGB8);
    ck_assert_int_eq(cameras_image_write(image, named("none/a.png")), CAMERAS_EIO);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), path));
    cameras_image_free(image);
}
END_TEST

START_TEST(write_to_a_full_device_is_an_io_error)
{
    static uint8_t pixels[300 * 300];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)noise(i);
    cam_output full = {.stream = fopen("/dev/full", "wb"), .path = "/dev/full", .doing = "write image"};
    ck_assert_ptr_nonnull(full.stream);
    ck_assert_int_eq(_i ? cam_jpeg_write(&full, pixels, 300, 300, 1) : cam_png_write(&full, pixels, 300, 300, 1),
                     CAMERAS_EIO);
    ck_assert_str_eq(cameras_last_error(), "write image /dev/full: No space left on device");
    cam_output_abandon(&full);
}
END_TEST

START_TEST(file_is_known_by_its_bytes_and_not_by_its_name)
{
    cameras_image *image = NULL;
    picture made = noise_png(RGB, 3, 8, 0, NULL);
    FILE *stream = fopen(named("photo.txt"), "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(made.bytes, 1, made.size, stream), made.size);
    fclose(stream);
    picture_free(&made);
    ck_assert_int_eq(cameras_image_read(&image, path, NULL), CAMERAS_OK);
    expect_noise(image, &picture_kinds[5]);
    cameras_image_free(image);
}
END_TEST

START_TEST(missing_picture_is_an_io_error_that_names_it)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_read(&image, named("none.png"), NULL), CAMERAS_EIO);
    ck_assert_ptr_null(image);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), path));
}
END_TEST

static TCase *files_case(void)
{
    TCase *cases = tcase_create("files");
    tcase_add_checked_fixture(cases, make_folder, remove_folder);
    tcase_add_loop_test(cases, written_png_reads_back_exactly, 0, 2);
    tcase_add_test(cases, floats_are_written_rounded_to_bytes);
    tcase_add_loop_test(cases, written_jpeg_has_the_tables_of_quality_92, 0, 3);
    tcase_add_loop_test(cases, written_jpeg_reads_back_nearly, 0, 2);
    tcase_add_test(cases, grey_of_16_bits_is_written_exactly);
    tcase_add_test(cases, name_of_another_ending_is_refused);
    tcase_add_test(cases, picture_too_long_for_jpeg_is_refused_and_leaves_nothing);
    tcase_add_test(cases, write_to_a_missing_folder_is_an_io_error);
    tcase_add_loop_test(cases, write_to_a_full_device_is_an_io_error, 0, 2);
    tcase_add_test(cases, file_is_known_by_its_bytes_and_not_by_its_name);
    tcase_add_test(cases, missing_picture_is_an_io_error_that_names_it);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {files_case()};
    return run_picture_suite("image files", cases, COUNT(cases));
}
