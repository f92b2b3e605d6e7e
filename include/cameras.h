/*
 * cameras.h - class activation maps of high resolution for any TorchScript model, in C
 *
 * SPDX-License-Identifier: MIT
 *
 * libcameras runs an image classifier on ever larger copies of one image, averages the activations and the class
 * gradients of a chosen layer over those scales and fuses them into one saliency map (CAMERAS, CVPR 2021,
 * arXiv 2106.10649). This header is the whole interface. In a dozen lines:
 *
 *     cameras_model *model = NULL;
 *     cameras_image *image = NULL;
 *     cameras_map *map = NULL;
 *     if (cameras_model_open(&model, "resnet50.pt") != CAMERAS_OK ||
 *         cameras_image_read(&image, "photo.jpg", NULL) != CAMERAS_OK ||
 *         cameras_explain(&map, model, image, NULL) != CAMERAS_OK)
 *         fprintf(stderr, "%s\n", cameras_last_error());
 *     else
 *         cameras_map_write(map, "map.npy");
 *     cameras_map_free(map);
 *     cameras_image_free(image);
 *     cameras_model_close(model);
 *
 * Conventions. What is made leaves through the first parameter, which is NULL after a failure; the caller frees it.
 * A pointer that is returned, rather than written through a parameter, is borrowed until its owner is freed or changed.
 * Every close and free accepts NULL. Text is UTF-8. Sizes are in pixels, width before height wherever both appear.
 * Getters given NULL or an index out of range return 0, NULL or -1, and never crash.
 *
 * Threads. A model may be used by many threads at once, but its setters must not run beside any other use of it.
 * Images and maps never change and may be read from many threads. Options belong to one thread at a time. The error
 * message is the thread's own; the log is the process's. Nothing else is shared.
 */
#ifndef CAMERAS_H
#define CAMERAS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define CAMERAS_API __attribute__((visibility("default")))
#else
#define CAMERAS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version --------------------------------------------------------------------------------------------------- */

#define CAMERAS_VERSION_MAJOR  0
#define CAMERAS_VERSION_MINOR  1
#define CAMERAS_VERSION_PATCH  0
#define CAMERAS_VERSION_STRING "0.1.0"

/* The version of the library in use, "major.minor.patch"; compare with CAMERAS_VERSION_STRING of the header. */
CAMERAS_API const char *cameras_version(void);

/* The version of LibTorch in use, such as "1.13.1". */
CAMERAS_API const char *cameras_libtorch_version(void);

/* ---- status ---------------------------------------------------------------------------------------------------- */

/* What a call came to. Values never change their meaning; later versions may add some, so keep a default case. */
typedef enum cameras_status {
    CAMERAS_OK = 0,
    CAMERAS_EINVAL = 1,      /* an argument is missing or out of its range */
    CAMERAS_ENOMEM = 2,      /* memory could not be had */
    CAMERAS_EIO = 3,         /* a file could not be opened, read or written */
    CAMERAS_EFORMAT = 4,     /* the bytes are not what they should be: a damaged picture, text in place of a model */
    CAMERAS_ELIMIT = 5,      /* a size beyond a stated limit; nothing was allocated for it */
    CAMERAS_EMODEL = 6,      /* the network refused its input or cannot be explained */
    CAMERAS_ELAYER = 7,      /* no such layer, or one that cannot be cut */
    CAMERAS_ECLASS = 8,      /* no such class or label */
    CAMERAS_EFLAT = 9,       /* the map has no contrast: nothing in the layer speaks for the class */
    CAMERAS_ESCALE = 10,     /* every scale was dropped by the gate */
    CAMERAS_ENUMERIC = 11,   /* the network gave NaN or infinity */
    CAMERAS_ECANCELLED = 12, /* the progress callback asked to stop */
    CAMERAS_EINTERNAL = 13,  /* a defect of the library: please report the message */
    CAMERAS_STATUS_FORCE_INT = 0x7fffffff
} cameras_status;

/* A few words for a status, such as "out of memory"; never NULL. */
CAMERAS_API const char *cameras_status_text(cameras_status status);

/*
 * The message of this thread's latest failed call: what was being done, on what, why it failed. Never NULL; "" before
 * the first failure. It stays until the thread's next failure; copy it to keep it. Successful calls leave it alone.
 */
CAMERAS_API const char *cameras_last_error(void);

/* ---- log ------------------------------------------------------------------------------------------------------- */

/* Who speaks. */
typedef enum cameras_log_kind {
    CAMERAS_LOG_WARNING = 0, /* LibTorch, or the network by warnings.warn */
    CAMERAS_LOG_PRINT = 1,   /* the network by print, without the end of the last line */
    CAMERAS_LOG_KIND_FORCE_INT = 0x7fffffff
} cameras_log_kind;

/*
 * Is told what LibTorch and networks have to say beside their results; text lives for the call only. Called from
 * whichever thread is inside a function of this library, one call at a time, once the network has run. It may use the
 * library; what is said because of that is lost. It should be brief, for other threads may wait to be heard, and must
 * not wait for a thread of the host's that uses the library.
 */
typedef void (*cameras_log)(cameras_log_kind kind, const char *text, void *user);

/*
 * Sets the log of the whole process; NULL, the default, says nothing. The library itself writes to neither standard
 * output nor standard error. May be called from any thread at any time: once it returns, the earlier callback does not
 * run and will not. CAMERAS_EINVAL: from inside the callback.
 */
CAMERAS_API cameras_status cameras_set_log(cameras_log call, void *user);

/* ---- limits ---------------------------------------------------------------------------------------------------- */

/*
 * What is beyond a limit is CAMERAS_ELIMIT, before anything is allocated for it. Pixels, file bytes, scales, classes
 * and working memory have setters among the options (cameras_options_set_max_pixels, and so on); the others are fixed.
 */
#define CAMERAS_DEFAULT_MAX_PIXELS 100000000   /* of a picture read from a file or from memory: width times height */
#define CAMERAS_MAX_FILE_BYTES     4294967295u /* of a picture, a label file or a map file; models have no limit */
#define CAMERAS_MAX_SIDE           8192        /* of the base image and of any scale, in pixels */
#define CAMERAS_MAX_SCALES         64          /* in one schedule */
#define CAMERAS_MAX_CLASSES        4096        /* asked for in one call */
#define CAMERAS_MAX_LAYERS         64          /* asked for in one call */
#define CAMERAS_MAX_THREADS        1024        /* for one call */

/* ---- handles --------------------------------------------------------------------------------------------------- */

typedef struct cameras_model cameras_model;
typedef struct cameras_image cameras_image;
typedef struct cameras_map cameras_map;
typedef struct cameras_options cameras_options;
typedef struct cameras_scores cameras_scores;
typedef struct cameras_sanity cameras_sanity;
typedef struct cameras_attack cameras_attack;

/* ---- options --------------------------------------------------------------------------------------------------- */

/*
 * Options say how to read a picture and how to explain it. Wherever options are taken, NULL means the defaults stated
 * here. Setters refuse what is out of range with CAMERAS_EINVAL or CAMERAS_ELIMIT and then change nothing.
 */
CAMERAS_API cameras_status cameras_options_new(cameras_options **out);
CAMERAS_API void cameras_options_free(cameras_options *options);

/*
 * A preset sets scales, interpolation and gate together; call it before the finer setters. b stands for the shorter
 * side of the base image, 224 unless the model says otherwise.
 */
typedef enum cameras_preset {
    CAMERAS_PRESET_REFERENCE = 0, /* as the released code: b, b+100, ... b+700; bicubic; gate auto. The default */
    CAMERAS_PRESET_PAPER = 1,     /* as printed: b, b+142, ... b+852 (a linear reading of N = 7, 1000); bilinear; on */
    CAMERAS_PRESET_FAST = 2,      /* b, b+200, b+400; bicubic; gate auto: a fifth of the reference's arithmetic */
    CAMERAS_PRESET_FORCE_INT = 0x7fffffff
} cameras_preset;
CAMERAS_API cameras_status cameras_options_set_preset(cameras_options *options, cameras_preset preset);

/*
 * The schedule: for each scale the shorter side of the copy shown to the network, in pixels, 1 to CAMERAS_MAX_SIDE; the
 * longer side follows the base image's shape. count is 1 to the limit (cameras_options_set_max_scales). The values are
 * copied.
 */
CAMERAS_API cameras_status cameras_options_set_scales(cameras_options *options, const size_t *sides, size_t count);

/* Interpolation of the enlarged copies: half-pixel centres, no antialiasing, borders repeated, as PyTorch's. */
typedef enum cameras_interpolation {
    CAMERAS_BILINEAR = 0,
    CAMERAS_BICUBIC = 1, /* a = -0.75 */
    CAMERAS_INTERPOLATION_FORCE_INT = 0x7fffffff
} cameras_interpolation;
CAMERAS_API cameras_status cameras_options_set_interpolation(cameras_options *options, cameras_interpolation kind);

/* Whether a scale counts only if the network's top-1 there is the base image's top-1 (paper, algorithm 1, line 6). */
typedef enum cameras_gate {
    CAMERAS_GATE_AUTO = 0, /* on when no class is given, off when one is, as released */
    CAMERAS_GATE_ON = 1,
    CAMERAS_GATE_OFF = 2,
    CAMERAS_GATE_FORCE_INT = 0x7fffffff
} cameras_gate;
CAMERAS_API cameras_status cameras_options_set_gate(cameras_options *options, cameras_gate gate);

/*
 * How activations and gradients become a map. A is the layer's activations and W the gradients of the class logit with
 * respect to them, A_k and W_k those of channel k; sums without a range are over channels, means over space. CAMERAS
 * averages A and W over the scales, each resized to the map, before they are multiplied; the other methods make their
 * map at each accepted scale at the layer's own resolution, ReLU included, and those maps, resized bilinearly, are
 * averaged. So with one scale they are what their papers describe, and with several their multi-scale forms. Controls
 * know nothing of the picture: the network is shown the base image alone, and there are no scales.
 */
typedef enum cameras_method {
    CAMERAS_METHOD_CAMERAS = 0,   /* sum_k W*_k A*_k (Jalwana et al., CVPR 2021, eq. 3). The default */
    CAMERAS_METHOD_GRADCAM = 1,   /* sum_k mean(W_k) A_k (Selvaraju et al., ICCV 2017, eq. 1 and 2) */
    CAMERAS_METHOD_GRADCAMPP = 2, /* sum_k w_k A_k, w_k = sum over space of a_k ReLU(W_k), a_k = W_k^2 / (2 W_k^2 +
                                     W_k^3 times the sum of A_k over space) (Chattopadhay et al., WACV 2018, eq. 19) */
    CAMERAS_METHOD_HIRESCAM = 3,  /* sum_k W_k A_k (Draelos and Carin, 2020, arXiv 2011.08891) */
    CAMERAS_METHOD_LAYERCAM = 4,  /* sum_k ReLU(W_k) A_k (Jiang et al., IEEE TIP 2021) */
    CAMERAS_METHOD_XGRADCAM = 5,  /* sum_k w_k A_k, w_k = sum(W_k A_k) / sum(A_k) over space (Fu et al., BMVC 2020) */
    CAMERAS_METHOD_NORMGRAD = 6,  /* |W| |A|, norms over channels (Rebuffi et al., CVPR 2020) */
    CAMERAS_METHOD_RANDOM = 7,    /* control: independent uniform values, by the seed and the class */
    CAMERAS_METHOD_CENTRE = 8,    /* control: a Gaussian in the middle, its deviation a quarter of either side */
    CAMERAS_METHOD_CONSTANT = 9,  /* control: 0.5 everywhere; flat, and no failure */
    CAMERAS_METHOD_FORCE_INT = 0x7fffffff
} cameras_method;
CAMERAS_API cameras_status cameras_options_set_method(cameras_options *options, cameras_method method);

/* The name of a method, such as "gradcam++", or NULL past the last: so they can be listed from 0 up. */
CAMERAS_API const char *cameras_method_name(cameras_method method);

/* Where chance begins: random maps, re-drawn weights, random orders. Equal seeds give equal results. Default 0. */
CAMERAS_API cameras_status cameras_options_set_seed(cameras_options *options, uint64_t seed);

/* What the copies are resized from. */
typedef enum cameras_source {
    CAMERAS_SOURCE_BASE = 0,     /* the base image, as released */
    CAMERAS_SOURCE_ORIGINAL = 1, /* the picture's own pixels: real detail where the picture is larger than the base */
    CAMERAS_SOURCE_FORCE_INT = 0x7fffffff
} cameras_source;
CAMERAS_API cameras_status cameras_options_set_source(cameras_options *options, cameras_source source);

/* The size of the maps. */
typedef enum cameras_map_size {
    CAMERAS_MAP_SIZE_BASE = 0,  /* the base image's, as in the paper */
    CAMERAS_MAP_SIZE_IMAGE = 1, /* the picture's own: the base map's raw values resized bilinearly, then stretched */
    CAMERAS_MAP_SIZE_FORCE_INT = 0x7fffffff
} cameras_map_size;
CAMERAS_API cameras_status cameras_options_set_map_size(cameras_options *options, cameras_map_size size);

/*
 * Adds a class to explain, by index from 0. Without any, the base image's top-1 is explained. Whether the network has
 * such a class is known when it runs: CAMERAS_ECLASS then.
 */
CAMERAS_API cameras_status cameras_options_add_class(cameras_options *options, size_t index);

/*
 * Adds a layer by its path, such as "layer4.1.conv2" (see cameras_model_layer_path). Without any, and for "auto", the
 * last layer is taken whose output is spatial: rank 4, following the input's size, not made by pooling and not
 * already one channel a class. Each map says which layer it is of.
 */
CAMERAS_API cameras_status cameras_options_add_layer(cameras_options *options, const char *path);

/* Threads for the network and the fusion; 0, the default, is CAMERAS_NUM_THREADS or else what the process may use. */
CAMERAS_API cameras_status cameras_options_set_threads(cameras_options *options, size_t threads);

/*
 * The arithmetic of the network up to the layer; what follows, the gradients and the fusion are always in single
 * precision. bf16 keeps 8 bits of a number instead of 24: maps differ a little and come about three times as fast where
 * the processor has such instructions (docs/performance.md has both figures).
 */
typedef enum cameras_precision {
    CAMERAS_PRECISION_FP32 = 0, /* single precision, the default */
    CAMERAS_PRECISION_BF16 = 1, /* CAMERAS_EINVAL when explaining on a processor without AVX-512 or native bf16 */
    CAMERAS_PRECISION_AUTO = 2, /* bf16 where the processor has it natively (AVX512_BF16, AMX), otherwise fp32 */
    CAMERAS_PRECISION_FORCE_INT = 0x7fffffff
} cameras_precision;
CAMERAS_API cameras_status cameras_options_set_precision(cameras_options *options, cameras_precision precision);

/*
 * The most working memory, in bytes, that explaining, scoring, attacking or checking may take at once on top of what
 * the model, the images and the maps given hold; 0, the default, means no limit. See cameras_explain_memory. A call
 * that would need more fails with CAMERAS_ELIMIT and both numbers, before its larger scales run; and where the estimate
 * was short, when a tensor would pass the limit. Batches are made smaller to keep it. Pictures that a call has read
 * count; what reading them takes is bounded by cameras_options_set_max_pixels and cameras_options_set_max_file_bytes.
 */
CAMERAS_API cameras_status cameras_options_set_memory_limit(cameras_options *options, size_t bytes);

/* Non-zero: a flat map is delivered, all zeros, instead of failing the call with CAMERAS_EFLAT. Default 0. */
CAMERAS_API cameras_status cameras_options_set_keep_flat(cameras_options *options, int keep);

/* The largest picture to read, in pixels, at least 1; default CAMERAS_DEFAULT_MAX_PIXELS. */
CAMERAS_API cameras_status cameras_options_set_max_pixels(cameras_options *options, size_t pixels);

/*
 * The largest picture file to read, in bytes, 1 to CAMERAS_MAX_FILE_BYTES, the default. Bytes in memory are there
 * already and not limited. Label and map files, whose calls take no options, are limited to CAMERAS_MAX_FILE_BYTES.
 */
CAMERAS_API cameras_status cameras_options_set_max_file_bytes(cameras_options *options, size_t bytes);

/*
 * The most scales, those of a preset included, and the most classes that one call may take: 1 to CAMERAS_MAX_SCALES and
 * to CAMERAS_MAX_CLASSES, the defaults. For programs that pass on what others ask for. Whatever was set before stays:
 * setting scales and adding classes heed the limit of that moment, and the call that takes the options heeds the
 * latest.
 */
CAMERAS_API cameras_status cameras_options_set_max_scales(cameras_options *options, size_t count);
CAMERAS_API cameras_status cameras_options_set_max_classes(cameras_options *options, size_t count);

/*
 * Called from the explaining thread after each scale with the share of the work done, 0 to 1, and user as given. A
 * non-zero return ends the call with CAMERAS_ECANCELLED. It must not call back into the same options. NULL: none.
 */
typedef int (*cameras_progress)(double done, void *user);
CAMERAS_API cameras_status cameras_options_set_progress(cameras_options *options, cameras_progress call, void *user);

/* ---- model ----------------------------------------------------------------------------------------------------- */

/*
 * Opens a TorchScript archive (torch.jit.save) and puts it in evaluation mode on the CPU. A usable model takes one
 * float tensor 1 x channels x height x width and returns logits 1 x classes, alone or first in a tuple, list or dict.
 * CAMERAS_EIO: cannot be read. CAMERAS_EFORMAT: not TorchScript, cut short, or damaged: every record is compared with
 * its check sum first. CAMERAS_ELIMIT: its compressed records unpack to more than 256 MiB. Its size has no limit, for
 * networks of many gigabytes are in use. A TorchScript file is a program, which takes what memory it likes: open only
 * such files as you would run (docs/security.md). docs/models.md says how to make one.
 */
CAMERAS_API cameras_status cameras_model_open(cameras_model **out, const char *path);

/* The same from size bytes in memory, which may be freed once the call returns. */
CAMERAS_API cameras_status cameras_model_open_memory(cameras_model **out, const void *bytes, size_t size);
CAMERAS_API void cameras_model_close(cameras_model *model);

/* The layers that may be named, in the order of the module tree, and their types, such as "Conv2d". */
CAMERAS_API size_t cameras_model_layer_count(const cameras_model *model);
CAMERAS_API const char *cameras_model_layer_path(const cameras_model *model, size_t index);
CAMERAS_API const char *cameras_model_layer_type(const cameras_model *model, size_t index);

/* The layer that "auto" stands for, written to out (borrowed until the model closes). Runs the network once. */
CAMERAS_API cameras_status cameras_model_auto_layer(const char **out, cameras_model *model);

/* How many classes the network tells apart: the length of its logits. Runs the network once, then remembers. */
CAMERAS_API cameras_status cameras_model_class_count(size_t *out, cameras_model *model);

/* How many channels the network takes: read off its first convolution, 3 where there is none. */
CAMERAS_API size_t cameras_model_channels(const cameras_model *model);

/*
 * Reads class names from a text file of at most CAMERAS_MAX_FILE_BYTES, a line each, the first for class 0; replaces
 * what was set before. Empty lines at the end do not count. On failure the earlier labels stay.
 */
CAMERAS_API cameras_status cameras_model_read_labels(cameras_model *model, const char *path);

/* The same from size bytes in memory. */
CAMERAS_API cameras_status cameras_model_set_labels(cameras_model *model, const char *text, size_t size);

/* The name of a class, or NULL where none is known. */
CAMERAS_API const char *cameras_model_label(const cameras_model *model, size_t index);

/*
 * The class that a person means: an index in decimal, or a label whatever its case, '_' and ' ' being alike.
 * CAMERAS_ECLASS: no such label (the message lists near ones), or more than one class bears it.
 */
CAMERAS_API cameras_status cameras_model_find_class(size_t *out, const cameras_model *model, const char *text);

/*
 * Normalisation (x - mean) / std of values in [0, 1], one pair a channel. channels must be cameras_model_channels.
 * Default: ImageNet's, .485 .456 .406 and .229 .224 .225; .449 and .226 for one channel; 0 and 1 for other counts.
 */
CAMERAS_API cameras_status cameras_model_set_normalisation(cameras_model *model, const float *mean, const float *std,
                                                           size_t channels);

/* The order of the colour channels that the network was trained on. */
typedef enum cameras_channel_order {
    CAMERAS_ORDER_RGB = 0,
    CAMERAS_ORDER_BGR = 1,
    CAMERAS_ORDER_FORCE_INT = 0x7fffffff
} cameras_channel_order;
CAMERAS_API cameras_status cameras_model_set_channel_order(cameras_model *model, cameras_channel_order order);

/*
 * The base image: what the picture is brought to before anything else. Exactly width x height, whatever the picture's
 * shape, as the released code does (default 224 x 224); or its shorter side to side, the shape kept. Sides are 1 to
 * CAMERAS_MAX_SIDE. Where either side shrinks, resizing is bilinear with antialiasing, as torchvision's on PIL images;
 * otherwise it follows the interpolation of the options. Nothing is ever cropped.
 */
CAMERAS_API cameras_status cameras_model_set_base_size(cameras_model *model, size_t width, size_t height);
CAMERAS_API cameras_status cameras_model_set_base_side(cameras_model *model, size_t side);

/* ---- image ----------------------------------------------------------------------------------------------------- */

/*
 * Reads a PNG or JPEG picture, known by its bytes and not by its name. Grey stays grey, palettes become RGB, alpha is
 * laid over white, 16 bits keep their precision, CMYK becomes RGB, the EXIF orientation is applied. options may be
 * NULL; only the limits of file bytes and pixels are used. CAMERAS_EIO, CAMERAS_EFORMAT, or CAMERAS_ELIMIT before
 * anything is allocated.
 */
CAMERAS_API cameras_status cameras_image_read(cameras_image **out, const char *path, const cameras_options *options);

/* The same from size bytes in memory, which may be freed once the call returns. */
CAMERAS_API cameras_status cameras_image_read_memory(cameras_image **out, const void *bytes, size_t size,
                                                     const cameras_options *options);

typedef enum cameras_pixel_format {
    CAMERAS_GRAY8 = 0, /* one byte a pixel */
    CAMERAS_RGB8 = 1,  /* three bytes a pixel */
    CAMERAS_RGBA8 = 2, /* four bytes, alpha not premultiplied, laid over white */
    CAMERAS_BGR8 = 3,  /* three bytes, as OpenCV has them */
    CAMERAS_GRAYF = 4, /* one plane of floats in [0, 1] */
    CAMERAS_RGBF = 5,  /* three planes of floats in [0, 1], red first, one after the other */
    CAMERAS_PIXEL_FORMAT_FORCE_INT = 0x7fffffff
} cameras_pixel_format;

/*
 * Copies a caller's pixels. stride is the distance in bytes from one row to the next (of a plane, for planar formats,
 * whose planes are height * stride apart); 0 means rows without gaps. Floats outside [0, 1] are clipped.
 * CAMERAS_EINVAL: a size of 0, a stride too short, a float that is not finite. CAMERAS_ELIMIT: more than memory holds.
 */
CAMERAS_API cameras_status cameras_image_new(cameras_image **out, const void *pixels, size_t width, size_t height,
                                             size_t stride, cameras_pixel_format format);
CAMERAS_API void cameras_image_free(cameras_image *image);

CAMERAS_API size_t cameras_image_width(const cameras_image *image);
CAMERAS_API size_t cameras_image_height(const cameras_image *image);

/* 1 for grey, 3 for colour. */
CAMERAS_API size_t cameras_image_channels(const cameras_image *image);

/*
 * Copies the picture out as rows of RGB bytes, stride bytes apart (0: 3 * width), to a buffer of at least
 * height * stride bytes. Grey is repeated in all three; floats are rounded.
 */
CAMERAS_API cameras_status cameras_image_pixels(uint8_t *pixels, size_t stride, const cameras_image *image);

/* Writes a picture of 8 bits a channel: PNG or, for names ending in .jpg or .jpeg, JPEG of quality 92. The file appears
 * under its name only when it is whole. CAMERAS_EINVAL: another ending. CAMERAS_ELIMIT: more than JPEG's 65500 pixels a
 * side. CAMERAS_EIO. */
CAMERAS_API cameras_status cameras_image_write(const cameras_image *image, const char *path);

/* ---- classify and explain -------------------------------------------------------------------------------------- */

/*
 * Shows the base image to the network. logits and probabilities (softmax of the logits) hold classes floats each,
 * classes being cameras_model_class_count; either may be NULL. options may be NULL; threads and interpolation are used.
 */
CAMERAS_API cameras_status cameras_classify(float *logits, float *probabilities, size_t classes, cameras_model *model,
                                            const cameras_image *image, const cameras_options *options);

/*
 * The map of one class at one layer. By default that of CAMERAS: f(ReLU(sum_k W*_k A*_k)), where A*_k and W*_k are the
 * means over the accepted scales of the layer's k-th activation map and of the gradient of the class logit with respect
 * to it, each resized bilinearly to the base image, and f stretches to [0, 1] (CAMERAS, CVPR 2021, equations 2 and 3).
 * options may be NULL; with more than one class or layer use cameras_explain_several.
 */
CAMERAS_API cameras_status cameras_explain(cameras_map **out, cameras_model *model, const cameras_image *image,
                                           const cameras_options *options);

/* How many maps options ask for: layers times classes, each at least 1. NULL gives 1. */
CAMERAS_API size_t cameras_options_map_count(const cameras_options *options);

/*
 * The maps of several classes and layers from one pass over the scales. maps holds count pointers, count being
 * cameras_options_map_count; the classes of the first layer come first. All are made or none: after a failure every
 * pointer is NULL. The caller frees each map.
 */
CAMERAS_API cameras_status cameras_explain_several(cameras_map **maps, size_t count, cameras_model *model,
                                                   const cameras_image *image, const cameras_options *options);

/*
 * Estimates the working memory, in bytes, that cameras_explain_several takes with these options on a picture of width x
 * height, on top of what the model holds, its weights two to three times. From one run of the network on noise of up to
 * twice the base size, which is remembered, and arithmetic (docs/performance.md); above what convolutional networks
 * take, and not much. Cutting the network and finding the "auto" layer, which happen once, are not part of it.
 */
CAMERAS_API cameras_status cameras_explain_memory(size_t *bytes, cameras_model *model, size_t width, size_t height,
                                                  const cameras_options *options);

/*
 * Told of each image of cameras_explain_many once it is finished, in whatever order they finish: its index, what
 * cameras_explain_several came to (on failure cameras_last_error has the message), and the maps, count of them, which
 * are the callee's to free; NULL and 0 after a failure. The array itself lives for the call only. Called from several
 * threads, the calling one among them, one call at a time; it may use the library freely. A non-zero return begins no
 * further image.
 */
typedef int (*cameras_explained)(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count);

/*
 * Explains count images as cameras_explain_several does each, spread over the threads of the options so that most
 * images are finished a second: several at once, each with its share of the threads. Memory is that of one call for
 * each image at work, at most one a thread; the memory limit of the options holds for all of them together, and fewer
 * work at once to keep it. A NULL image, or one that fails, is told to the callback and does not stop the others.
 * *explained, unless explained is NULL, is how many succeeded. The progress callback of the options is called after
 * each scale, with the share of all images; where it asks to stop, images at work end after their scale and are told of
 * with CAMERAS_ECANCELLED. Where call asks to stop, they are finished and told. Maps do not depend on what else runs.
 * CAMERAS_ECANCELLED: a callback asked to stop. After CAMERAS_OK cameras_last_error may hold the message of an image
 * that failed.
 */
CAMERAS_API cameras_status cameras_explain_many(size_t *explained, cameras_model *model,
                                                const cameras_image *const *images, size_t count,
                                                const cameras_options *options, cameras_explained call, void *user);

/* The same for picture files, each read when its turn comes and freed after it, so that any number may be named. */
CAMERAS_API cameras_status cameras_explain_files(size_t *explained, cameras_model *model, const char *const *paths,
                                                 size_t count, const cameras_options *options, cameras_explained call,
                                                 void *user);

/* ---- map ------------------------------------------------------------------------------------------------------- */

/*
 * A map made elsewhere, to be scored, drawn or compared: height rows of width floats in [0, 1], which are copied and
 * not stretched; raw values are the same. It has no class (SIZE_MAX), layer ("") or scales, and counts as of CAMERAS
 * where a method is asked for. CAMERAS_EINVAL: a value outside [0, 1] or not finite.
 */
CAMERAS_API cameras_status cameras_map_new(cameras_map **out, const float *values, size_t width, size_t height);

/*
 * The same from a file of at most CAMERAS_MAX_FILE_BYTES, known by its bytes: .npy of height x width float32 or
 * float64, little-endian and in C order, or a grey PNG of at most CAMERAS_DEFAULT_MAX_PIXELS. CAMERAS_EIO,
 * CAMERAS_EFORMAT, CAMERAS_ELIMIT, CAMERAS_EINVAL for values outside [0, 1].
 */
CAMERAS_API cameras_status cameras_map_read(cameras_map **out, const char *path);

CAMERAS_API void cameras_map_free(cameras_map *map);
CAMERAS_API size_t cameras_map_width(const cameras_map *map);
CAMERAS_API size_t cameras_map_height(const cameras_map *map);

/*
 * height rows of width floats in [0, 1], the least 0 and the greatest 1; all 0 in a flat map that was kept. The
 * constant control and maps made elsewhere are not stretched.
 */
CAMERAS_API const float *cameras_map_values(const cameras_map *map);

/* The same before stretching: of CAMERAS what ReLU left of sum_k W*_k A*_k, in units of the logit; comparable between
 * maps of one method. */
CAMERAS_API const float *cameras_map_raw(const cameras_map *map);

/* Non-zero for a flat map: kept by cameras_options_set_keep_flat, the constant control, or made so elsewhere. */
CAMERAS_API int cameras_map_is_flat(const cameras_map *map);

/* The class explained, and its logit and probability on the base image. */
CAMERAS_API size_t cameras_map_class(const cameras_map *map);
CAMERAS_API float cameras_map_logit(const cameras_map *map);
CAMERAS_API float cameras_map_probability(const cameras_map *map);

/* The path of the layer, the one taken where "auto" was asked for. */
CAMERAS_API const char *cameras_map_layer(const cameras_map *map);

/* The method that made it. */
CAMERAS_API cameras_method cameras_map_method(const cameras_map *map);

/* What the copies were resized from. */
CAMERAS_API cameras_source cameras_map_source(const cameras_map *map);

/* The precision that the network ran in up to the layer: FP32 or BF16, never AUTO. */
CAMERAS_API cameras_precision cameras_map_precision(const cameras_map *map);

/* The record of every scale, in the order of the schedule; index from 0 to cameras_map_scale_count - 1. */
CAMERAS_API size_t cameras_map_scale_count(const cameras_map *map);
CAMERAS_API size_t cameras_map_scale_width(const cameras_map *map, size_t index);
CAMERAS_API size_t cameras_map_scale_height(const cameras_map *map, size_t index);

/* The class that came first at this scale, and its probability. */
CAMERAS_API size_t cameras_map_scale_top1(const cameras_map *map, size_t index);
CAMERAS_API float cameras_map_scale_top1_probability(const cameras_map *map, size_t index);

/* The probability of the map's own class at this scale. */
CAMERAS_API float cameras_map_scale_probability(const cameras_map *map, size_t index);

/* 1 when the scale counted, 0 when it was dropped; and why, in words, for either. */
CAMERAS_API int cameras_map_scale_used(const cameras_map *map, size_t index);
CAMERAS_API const char *cameras_map_scale_reason(const cameras_map *map, size_t index);

/* Where the time of the call went that made this map; maps of one call share the figures. */
typedef enum cameras_stage {
    CAMERAS_STAGE_TOTAL = 0,   /* the whole call */
    CAMERAS_STAGE_TRUNK = 1,   /* the network up to the layer */
    CAMERAS_STAGE_HEAD = 2,    /* the rest of it, and the gradients */
    CAMERAS_STAGE_FUSE = 3,    /* accumulation and fusion */
    CAMERAS_STAGE_PREPARE = 4, /* cutting the network at the layer (the first call for that layer only) */
    CAMERAS_STAGE_FORCE_INT = 0x7fffffff
} cameras_stage;
CAMERAS_API double cameras_map_seconds(const cameras_map *map, cameras_stage stage);

/*
 * Writes the values: names ending in .npy get NumPy's format 1.0, float32, height x width; names ending in .png a grey
 * PNG of 16 bits, 65535 for 1. The file appears under its name only when it is whole.
 */
CAMERAS_API cameras_status cameras_map_write(const cameras_map *map, const char *path);

/* ---- drawing --------------------------------------------------------------------------------------------------- */

typedef enum cameras_colormap {
    CAMERAS_VIRIDIS = 0, /* perceptually uniform, readable by the colour-blind; the default of the command */
    CAMERAS_INFERNO = 1, /* perceptually uniform, from black */
    CAMERAS_MAGMA = 2,   /* perceptually uniform, from black */
    CAMERAS_JET = 3,     /* not uniform: for comparison with the paper's figures only */
    CAMERAS_GRAY = 4,
    CAMERAS_COLORMAP_FORCE_INT = 0x7fffffff
} cameras_colormap;

/* The name of a colour map, such as "viridis", or NULL past the last: so they can be listed from 0 up. */
CAMERAS_API const char *cameras_colormap_name(cameras_colormap colormap);

/*
 * A picture of the map laid over the image, of the image's size: opacity of colour, 1 - opacity of image; opacity is 0
 * to 1. The map is enlarged bilinearly where it is smaller. A NULL image draws the map alone at its own size, all
 * colour.
 */
CAMERAS_API cameras_status cameras_map_overlay(cameras_image **out, const cameras_map *map, const cameras_image *image,
                                               cameras_colormap colormap, float opacity);

/*
 * Tiles images of any sizes into one contact sheet on white, columns to a row (fewer where there are fewer images),
 * each cell as large as the largest image, which stands in the middle of it, gap pixels between them.
 */
CAMERAS_API cameras_status cameras_image_sheet(cameras_image **out, const cameras_image *const *images, size_t count,
                                               size_t columns, size_t gap);

/*
 * The signed difference a - b of two maps of one size, in a diverging colour map: red where a is greater, blue where b
 * is, white where they agree, full colour at the greatest difference.
 */
CAMERAS_API cameras_status cameras_map_difference(cameras_image **out, const cameras_map *a, const cameras_map *b);

/*
 * A copy of an image with lines of text (separated by '\n') on white below it, black, in a fixed font of 7 x 13 pixels
 * times scale, at least 1. Characters beyond ASCII show as '?'. Lines longer than the image are cut.
 */
CAMERAS_API cameras_status cameras_image_caption(cameras_image **out, const cameras_image *image, const char *text,
                                                 size_t scale);

/* ---- comparing maps -------------------------------------------------------------------------------------------- */

/*
 * Spearman's rank correlation of the values, equal values sharing their mean rank. CAMERAS_EFLAT: one is constant.
 * CAMERAS_EINVAL: sizes that differ.
 */
CAMERAS_API cameras_status cameras_map_spearman(double *out, const cameras_map *a, const cameras_map *b);

/*
 * Mean structural similarity (Wang et al., IEEE TIP 2004): Gaussian window of 11 x 11, deviation 1.5, K1 = 0.01, K2 =
 * 0.03, values in [0, 1]; means over whole windows only. CAMERAS_EINVAL: a side below 11 or sizes that differ.
 */
CAMERAS_API cameras_status cameras_map_ssim(double *out, const cameras_map *a, const cameras_map *b);

/*
 * Of the share of pixels that are the greatest of either map, such as 0.05, how many both have: 0 to 1. Equal values at
 * the edge share the places left. What is at a map's minimum never counts: where fewer pixels are above it than the
 * share asks for, those are the map's greatest, and the overlap is a part of the larger of the two sets.
 * CAMERAS_EINVAL: a share outside (0, 1] or sizes that differ.
 */
CAMERAS_API cameras_status cameras_map_overlap(double *out, const cameras_map *a, const cameras_map *b, double share);

/* ---- scores ---------------------------------------------------------------------------------------------------- */

/*
 * What a map is worth, P(x) being the probability (softmax) of the class when the network is shown x, I the base image
 * and M the map at its size. docs/evaluation.md has every formula and source.
 */
typedef enum cameras_score_kind {
    CAMERAS_SCORE_POSITIVE_MAP_DENSITY = 0, /* P(I M) / mean(M): higher is better (CAMERAS, CVPR 2021, section 5.2) */
    CAMERAS_SCORE_NEGATIVE_MAP_DENSITY = 1, /* P(I (1 - M)) / mean(1 - M): lower is better (the same) */
    CAMERAS_SCORE_INSERTION_AUC = 2, /* area under P as pixels are revealed by descending M from a blurred image */
    CAMERAS_SCORE_DELETION_AUC = 3,  /* the same as they turn to the mean colour: lower is better */
    CAMERAS_SCORE_AVERAGE_DROP = 4,  /* max(0, P(I) - P(I M)) / P(I): lower is better */
    CAMERAS_SCORE_INCREASE = 5,      /* 1 where P(I M) > P(I), else 0 */
    CAMERAS_SCORE_AVERAGE_GAIN = 6,  /* max(0, P(I M) - P(I)) / (1 - P(I)) */
    CAMERAS_SCORE_ADCC = 7,          /* 3 / (1 / coherency + 1 / (1 - complexity) + 1 / (1 - drop)) */
    CAMERAS_SCORE_ROAD = 8,          /* (LeRF - MoRF) / 2, mean over percentiles 20, 40, 60, 80 */
    CAMERAS_SCORE_POINTING_HIT = 9,  /* 1 where the maximum lies on the object or within 15 pixels of it */
    CAMERAS_SCORE_ENERGY = 10,       /* share of the map's sum that lies on the object */
    CAMERAS_SCORE_IOU = 11,          /* of the object and as many greatest pixels as it has */
    CAMERAS_SCORE_FORCE_INT = 0x7fffffff
} cameras_score_kind;

/* The name of a score, such as "positive_map_density", or NULL past the last. */
CAMERAS_API const char *cameras_score_name(cameras_score_kind kind);

/* In which values an image is multiplied by a map: black is 0 in pixels; in normalised values 0 is the mean colour. */
typedef enum cameras_masking {
    CAMERAS_MASKING_PIXELS = 0,
    CAMERAS_MASKING_NORMALISED = 1,
    CAMERAS_MASKING_FORCE_INT = 0x7fffffff
} cameras_masking;
CAMERAS_API cameras_status cameras_options_set_masking(cameras_options *options, cameras_masking masking);

/* Steps of insertion and deletion, 1 to 4096, default 64; and images in one forward pass, 1 to 1024, default 16. */
CAMERAS_API cameras_status cameras_options_set_score_steps(cameras_options *options, size_t steps);
CAMERAS_API cameras_status cameras_options_set_batch(cameras_options *options, size_t images);

/*
 * Scores a map of an image. The class is that of the options, or the map's, or the top-1. The map has the base image's
 * size or the image's own: CAMERAS_EINVAL otherwise. object, of the image's size, is any picture that is not black
 * where the object is (CAMERAS_EINVAL: black throughout); NULL leaves the last three scores unmeasured. ADCC's
 * coherency explains I M again, by the options and the map's own method.
 */
CAMERAS_API cameras_status cameras_score(cameras_scores **out, cameras_model *model, const cameras_image *image,
                                         const cameras_map *map, const cameras_image *object,
                                         const cameras_options *options);
CAMERAS_API void cameras_scores_free(cameras_scores *scores);

/* A score, or NaN where it was not or cannot be measured (a mean of 0, say). */
CAMERAS_API double cameras_scores_value(const cameras_scores *scores, cameras_score_kind kind);

/* The class that was scored, and P(I). */
CAMERAS_API size_t cameras_scores_class(const cameras_scores *scores);
CAMERAS_API double cameras_scores_probability(const cameras_scores *scores);

/* A picture of width x height, white in a box and black elsewhere: an object. CAMERAS_EINVAL: no pixel inside. */
CAMERAS_API cameras_status cameras_image_new_box(cameras_image **out, size_t width, size_t height, size_t x, size_t y,
                                                 size_t box_width, size_t box_height);

/*
 * The grid pointing game (Zhang et al., IJCV 2018 in spirit; Bohle et al., CVPR 2021): four images of different classes
 * are tiled 2 x 2 into one picture, each brought to the base size, and that is explained for each class. shares[i] is
 * the share of map i's sum that lies in cell i (chance: 0.25). picture, unless NULL, receives the tiled picture.
 */
CAMERAS_API cameras_status cameras_grid_score(double shares[4], cameras_image **picture, cameras_model *model,
                                              const cameras_image *const images[4], const size_t classes[4],
                                              const cameras_options *options);

/* ---- sanity ---------------------------------------------------------------------------------------------------- */

/*
 * A copy of a model in which the parameters of these layers (paths) are drawn anew: each tensor from a normal
 * distribution of the mean and the deviation that its numbers had. Running statistics of batch norm stay. The draw of a
 * tensor depends on the seed and its name alone. The model is untouched. CAMERAS_ELAYER: no such layer.
 */
CAMERAS_API cameras_status cameras_model_randomise(cameras_model **out, const cameras_model *model,
                                                   const char *const *layers, size_t count, uint64_t seed);

/*
 * The layers with parameters of their own, the last to be called first: the order of the cascade. Borrowed. 0, where
 * the network's code cannot be read, which cameras_last_error explains.
 */
CAMERAS_API size_t cameras_model_parametrised_count(const cameras_model *model);
CAMERAS_API const char *cameras_model_parametrised_path(const cameras_model *model, size_t index);

/*
 * Whether a map depends on the model. Cascading randomisation (Adebayo et al., NeurIPS 2018): layers are drawn anew one
 * after the other from the logits down, and the map is made again each time. The paper's adversarial check as
 * reconstructed in docs/evaluation.md. And the map of another, unlikely class. stages limits how many maps the cascade
 * makes (0: one a layer); layers are then grouped evenly. The options say how maps are made, of one class and layer;
 * the gate is off and flat maps are kept, whatever they say. The perturbation heeds the attack's epsilon, confidence
 * and, up to 100, steps. CAMERAS_EMODEL: fewer than two layers with parameters, or a single class.
 */
CAMERAS_API cameras_status cameras_sanity_check(cameras_sanity **out, cameras_model *model, const cameras_image *image,
                                                size_t stages, const cameras_options *options);
CAMERAS_API void cameras_sanity_free(cameras_sanity *sanity);
CAMERAS_API size_t cameras_sanity_stage_count(const cameras_sanity *sanity);
CAMERAS_API const char *cameras_sanity_stage_layer(const cameras_sanity *sanity, size_t index);
CAMERAS_API double cameras_sanity_stage_spearman(const cameras_sanity *sanity, size_t index);
CAMERAS_API double cameras_sanity_stage_ssim(const cameras_sanity *sanity, size_t index);

/* The map of a stage, flat ones included; and the original. Borrowed. */
CAMERAS_API const cameras_map *cameras_sanity_stage_map(const cameras_sanity *sanity, size_t index);
CAMERAS_API const cameras_map *cameras_sanity_original(const cameras_sanity *sanity);

/* The map of the class that is least likely of the others. Borrowed. */
CAMERAS_API const cameras_map *cameras_sanity_unlikely(const cameras_sanity *sanity);

/*
 * AUC(ascending) - AUC(descending) of P as the perturbation is applied by the map; the same by a random order in the
 * map's place, which is what chance gives; Spearman of |perturbation| and map.
 */
CAMERAS_API double cameras_sanity_adversarial_score(const cameras_sanity *sanity);
CAMERAS_API double cameras_sanity_adversarial_chance(const cameras_sanity *sanity);
CAMERAS_API double cameras_sanity_adversarial_spearman(const cameras_sanity *sanity);

/* Overlap of the top 5 % of the maps of the class and of an unlikely class. */
CAMERAS_API double cameras_sanity_class_overlap(const cameras_sanity *sanity);

/* 1 for pass, 0 for fail, and why, in a sentence. */
CAMERAS_API int cameras_sanity_passed(const cameras_sanity *sanity);
CAMERAS_API const char *cameras_sanity_why(const cameras_sanity *sanity);

/* The greatest |Spearman| that the last stages of the cascade may have on average, in (0, 1]; default 0.5. */
CAMERAS_API cameras_status cameras_options_set_sanity_threshold(cameras_options *options, double threshold);

/* ---- attack ---------------------------------------------------------------------------------------------------- */

#define CAMERAS_LEAST_LIKELY SIZE_MAX /* as a target: the class of the least logit on the clean image */

/* The class to be reached, default CAMERAS_LEAST_LIKELY; and its probability at which the attack stops, in (0, 1],
 * default 0.99. */
CAMERAS_API cameras_status cameras_options_set_attack_target(cameras_options *options, size_t class_index);
CAMERAS_API cameras_status cameras_options_set_attack_confidence(cameras_options *options, double probability);

/* The most that a sample may change, in (0, 1], default 12 / 255; the weight beta of the penalty, 0 to 1000000, default
 * 50; the most steps, 1 to 100000, default 300. */
CAMERAS_API cameras_status cameras_options_set_attack_epsilon(cameras_options *options, double epsilon);
CAMERAS_API cameras_status cameras_options_set_attack_beta(cameras_options *options, double beta);
CAMERAS_API cameras_status cameras_options_set_attack_steps(cameras_options *options, size_t steps);

/* How a step follows the gradient: by its sign, the default, or by itself, normalised to unit l2 norm. */
typedef enum cameras_step_rule {
    CAMERAS_STEP_GRADIENT = 0,
    CAMERAS_STEP_SIGN = 1,
    CAMERAS_STEP_FORCE_INT = 0x7fffffff
} cameras_step_rule;
CAMERAS_API cameras_status cameras_options_set_attack_rule(cameras_options *options, cameras_step_rule rule);

/*
 * The saliency-guided attack of the paper (CAMERAS, CVPR 2021, section 6.2), min over p of CE(I + p, target) + beta ||p
 * (1 - M)||_2 by projected gradient descent, and the same with beta 0 (plain) beside it; both stop at the same
 * confidence. It measures how much of an attack the map explains. CAMERAS_EINVAL: the target is the class that the
 * network sees already, or the map has another size than the base image.
 */
CAMERAS_API cameras_status cameras_attack_run(cameras_attack **out, cameras_model *model, const cameras_image *image,
                                              const cameras_map *map, const cameras_options *options);
CAMERAS_API void cameras_attack_free(cameras_attack *attack);
CAMERAS_API size_t cameras_attack_target(const cameras_attack *attack);

/* Which of the two attacks. */
typedef enum cameras_attack_kind {
    CAMERAS_ATTACK_GUIDED = 0,
    CAMERAS_ATTACK_PLAIN = 1,
    CAMERAS_ATTACK_FORCE_INT = 0x7fffffff
} cameras_attack_kind;

/* A norm of the perturbation in pixel units, [0, 1]: l0 counts pixels of any channel changed by more than 1/510. */
typedef enum cameras_norm {
    CAMERAS_NORM_L0 = 0,
    CAMERAS_NORM_L1 = 1,
    CAMERAS_NORM_L2 = 2,
    CAMERAS_NORM_LINF = 3,
    CAMERAS_NORM_FORCE_INT = 0x7fffffff
} cameras_norm;

/* Where: everywhere, on the 20 % of pixels that are the greatest of the map, on the others. */
typedef enum cameras_part {
    CAMERAS_PART_ALL = 0,
    CAMERAS_PART_INSIDE = 1,
    CAMERAS_PART_OUTSIDE = 2,
    CAMERAS_PART_FORCE_INT = 0x7fffffff
} cameras_part;
CAMERAS_API double cameras_attack_norm(const cameras_attack *attack, cameras_attack_kind kind, cameras_norm norm,
                                       cameras_part part);
CAMERAS_API int cameras_attack_succeeded(const cameras_attack *attack, cameras_attack_kind kind);
CAMERAS_API double cameras_attack_confidence(const cameras_attack *attack, cameras_attack_kind kind);
CAMERAS_API size_t cameras_attack_steps(const cameras_attack *attack, cameras_attack_kind kind);

/* 1 - guided l2 / plain l2; NaN where either failed. */
CAMERAS_API double cameras_attack_reduction(const cameras_attack *attack);

/* The perturbation, channels x height x width floats at the base size, red first, in pixel units. Borrowed. */
CAMERAS_API const float *cameras_attack_perturbation(const cameras_attack *attack, cameras_attack_kind kind);
CAMERAS_API size_t cameras_attack_width(const cameras_attack *attack);
CAMERAS_API size_t cameras_attack_height(const cameras_attack *attack);
CAMERAS_API size_t cameras_attack_channels(const cameras_attack *attack);

/* The attacked base image; and the perturbation as a picture, grey where it is 0 and stretched to its greatest value.
 */
CAMERAS_API cameras_status cameras_attack_image(cameras_image **out, const cameras_attack *attack,
                                                cameras_attack_kind kind);
CAMERAS_API cameras_status cameras_attack_picture(cameras_image **out, const cameras_attack *attack,
                                                  cameras_attack_kind kind);

/* Writes the perturbation as NumPy's format 1.0, float32, channels x height x width. */
CAMERAS_API cameras_status cameras_attack_write(const cameras_attack *attack, cameras_attack_kind kind,
                                                const char *path);

#ifdef __cplusplus
}
#endif

#endif
