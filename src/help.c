/*
 * help.c - what the command says of itself
 *
 * SPDX-License-Identifier: MIT
 */
#include "arguments.h"
#include "cameras.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

static const char overview[] =
    "usage: cameras VERB ...\n"
    "\n"
    "Shows which pixels of a picture a classifier's answer rests on, as a saliency map of high resolution (CAMERAS,\n"
    "CVPR 2021), for any TorchScript model.\n"
    "\n"
    "  explain IMAGE...  map, overlay and record for one or more classes\n"
    "  classify IMAGE    the classes the network sees, with probabilities\n"
    "  attack IMAGE      how little, guided by the map, makes the network see another class, beside a plain attack\n"
    "  layers            the layers of a model that can be named\n"
    "  demo [FOLDER]     the embedded network explains an embedded scene; pictures go to FOLDER (cameras-demo)\n"
    "  version           version of the command, the library and LibTorch\n"
    "  help [VERB]       this text, or that of a verb\n"
    "\n"
    "Without -m MODEL the embedded demo network is used; it knows clip art only. Begin with:\n"
    "  cameras explain photo.jpg -m resnet50.pt --labels imagenet.txt -o overlay.png\n";

#define MODEL_HELP                                                                                                     \
    "  -m, --model FILE       TorchScript model (default: the embedded demo network)\n"                                \
    "      --labels FILE      class names, a line each\n"                                                              \
    "      --base WxH|N       base image: exactly W x H (default 224x224), or its shorter side N, the shape kept\n"    \
    "      --mean A,B,C       normalisation, (x - mean) / std for x in 0..1 (default: ImageNet's)\n"                   \
    "      --std A,B,C\n"                                                                                              \
    "      --bgr              the model takes blue, green, red\n"

static const char explain_help[] =
    "usage: cameras explain IMAGE... [options]\n"
    "\n"
    "Writes what -o and --map name; with neither, and without --json, an overlay in the current folder named after "
    "the\n"
    "picture: NAME.cameras.png. Of several pictures some are explained at once, and -o and --map name folders.\n"
    "\n"
    "what to explain\n"
    "  -c, --class CLASS      index or label; may repeat (default: the network's top-1)\n"
    "  -l, --layer LAYER      path such as layer4.1.conv2; may repeat (default: auto, the last spatial "
    "layer)\n" MODEL_HELP "\n"
    "how\n"
    "      --preset NAME      reference: eight scales as released (default); paper: as printed; fast: three scales\n"
    "      --scales A,B,...   shorter sides of the copies shown to the network, in pixels\n"
    "      --gate MODE        drop scales whose top-1 differs from the base image's: on, off, or auto (default: on\n"
    "                         only when no class is given)\n"
    "      --source FROM      copies are enlarged from the base image (default) or from the original picture\n"
    "      --precision P      fp32 (default); bf16: faster and a little different; auto: bf16 where the processor has "
    "it\n"
    "      --threads N        default: CAMERAS_NUM_THREADS, or all processors\n"
    "      --memory-limit N   fail rather than take more working memory, in bytes; K, M or G may follow: 800M\n"
    "      --max-pixels N     refuse larger pictures (default 100000000)\n"
    "\n"
    "output\n"
    "  -o, --output PICTURE   overlay, .png or .jpg; with several maps the class goes before the ending: out.243.png;\n"
    "                         with several pictures a folder, to which they go as NAME.cameras.png\n"
    "      --map FILE         values: .npy (float32) or .png (16-bit grey); with several pictures a folder: NAME.npy\n"
    "      --map-size SIZE    base (default) or image: the picture's own size\n"
    "      --colormap NAME    viridis (default), inferno, magma, jet, gray\n"
    "      --opacity F        of the colours over the picture, 0 to 1 (default 0.5)\n"
    "      --json             one JSON document on standard output, and nothing else there\n"
    "  -q, --quiet            no progress bar and no summary\n";

static const char classify_help[] = "usage: cameras classify IMAGE [options]\n"
                                    "\n"
                                    "      --top N            how many classes to list (default 5)\n"
                                    "      --json             one JSON document on standard output\n"
                                    "      --threads N        default: CAMERAS_NUM_THREADS, or all processors\n"
                                    "      --max-pixels N     refuse larger pictures (default 100000000)\n" MODEL_HELP;

static const char attack_help[] =
    "usage: cameras attack IMAGE [options]\n"
    "\n"
    "Changes the base image until the network sees another class: once where changes cost more the less the map says\n"
    "of a pixel (guided), once anywhere (plain). The more of the network's answer the map explains, the smaller the\n"
    "guided change. Both take the same steps and stop at the same confidence.\n"
    "\n"
    "attack\n"
    "      --target CLASS     index, label or least-likely (default)\n"
    "      --epsilon E        the most that a sample in 0..1 may change; a fraction will do (default 12/255)\n"
    "      --beta B           weight of the penalty ||p (1 - map)|| (default 50)\n"
    "      --confidence P     stop at this probability of the target (default 0.99)\n"
    "      --steps N          at most (default 300)\n"
    "      --step-rule RULE   along the gradient or its sign: gradient, sign (default)\n"
    "\n"
    "the map\n"
    "  -c, --class CLASS      index or label (default: the network's top-1)\n"
    "  -l, --layer LAYER      path (default: auto)\n"
    "      --preset NAME, --scales, --gate, --source, --precision, --memory-limit: see cameras help explain\n"
    "\n"
    "output\n"
    "  -o, --output PICTURE   image, guided change (stretched, grey where there is none) and attacked image in a row\n"
    "      --perturbation FILE.npy\n"
    "                         the guided change: channels x height x width float32, in 0..1\n"
    "      --json             one JSON document on standard output, and nothing else there\n"
    "  -q, --quiet            no progress bar and no summary\n"
    "      --threads N        default: CAMERAS_NUM_THREADS, or all processors\n"
    "      --max-pixels N     refuse larger pictures (default 100000000)\n" MODEL_HELP;

static const char layers_help[] = "usage: cameras layers [options]\n"
                                  "\n"
                                  "Lists every submodule with its type; the one marked * is what \"auto\" stands for.\n"
                                  "\n"
                                  "      --json             one JSON document on standard output\n" MODEL_HELP;

void print_usage(FILE *stream)
{
    fputs(overview, stream);
}

int verb_help(int argc, char **argv)
{
    const char *text = overview;
    if (argc > 1 && strcmp(argv[1], "explain") == 0)
        text = explain_help;
    else if (argc > 1 && strcmp(argv[1], "classify") == 0)
        text = classify_help;
    else if (argc > 1 && strcmp(argv[1], "attack") == 0)
        text = attack_help;
    else if (argc > 1 && strcmp(argv[1], "layers") == 0)
        text = layers_help;
    else if (argc > 1 && strcmp(argv[1], "version") != 0 && strcmp(argv[1], "demo") != 0 &&
             strcmp(argv[1], "help") != 0)
        return usage_error(NULL, "\"%s\" is not a verb", argv[1]);
    fputs(text, stdout);
    return EXIT_OK;
}

int verb_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("cameras %s (libcameras %s, LibTorch %s)\n", CAMERAS_VERSION_STRING, cameras_version(),
           cameras_libtorch_version());
    return EXIT_OK;
}
