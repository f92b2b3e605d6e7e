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
    "  score IMAGE|DIR   what maps are worth: densities, insertion, deletion, ADCC, ROAD, pointing\n"
    "  classify IMAGE    the classes the network sees, with probabilities\n"
    "  compare IMAGE     one picture through several models, or two classes of one model, side by side\n"
    "  sanity IMAGE      whether the map depends on what the model has learnt\n"
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
    "      --bgr              the model takes blue, green, red\n"                                                      \
    "      --verbose          what LibTorch warns of and the model prints, on standard error\n"

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
    "      --method NAME      cameras (default), gradcam, gradcam++, hirescam, layercam, xgradcam, normgrad; or a "
    "control "
    "that\n"
    "                         knows nothing of the picture: random, centre, constant\n"
    "      --seed N           where the random control begins (default 0)\n"
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
    "      --max-file-bytes N refuse larger picture files; K, M or G may follow (default 4294967295)\n"
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

static const char score_help[] =
    "usage: cameras score IMAGE [options]\n"
    "       cameras score DIR --methods A,B,... [options]\n"
    "       cameras score --grid DIR --methods A,B,... [options]\n"
    "\n"
    "Scores maps by what the network says of the picture masked by them. Of a folder every picture is scored, with "
    "means\n"
    "and 95 % bootstrap intervals. --grid sets four pictures of different classes into one and asks which of them "
    "each\n"
    "map points at; their classes are named by their subfolder, or after the first '_' of the file name.\n"
    "\n"
    "what to score\n"
    "      --map FILE         a map made before, .npy or .png, of the base image's size or the picture's\n"
    "      --methods A,B,...  make maps by these methods (default: cameras); see cameras help explain\n"
    "      --controls         random, centre and constant maps besides\n"
    "      --box X,Y,W,H      where the object is, in pixels of the picture: pointing game, energy, IoU\n"
    "      --mask PICTURE     the same as a picture of that size, not black where the object is\n"
    "  -c, -l, --seed, --preset, --scales, --gate, --source, --precision, --threads, --memory-limit, --max-pixels,\n"
    "      --max-file-bytes   as for explain\n"
    "\n"
    "how\n"
    "      --masking VALUES   multiply by the map in pixels (default) or in normalised values\n"
    "      --steps N          of insertion and deletion (default 64)\n"
    "      --batch N          images in one run of the network (default 16)\n"
    "\n"
    "output\n"
    "      --csv FILE         a row a picture and method\n"
    "      --json             one JSON document on standard output, and nothing else there\n"
    "  -q, --quiet            no progress bar and no table\n" MODEL_HELP;

static const char classify_help[] =
    "usage: cameras classify IMAGE [options]\n"
    "\n"
    "      --top N            how many classes to list (default 5)\n"
    "      --json             one JSON document on standard output\n"
    "      --threads N        default: CAMERAS_NUM_THREADS, or all processors\n"
    "      --max-pixels N     refuse larger pictures (default 100000000)\n"
    "      --max-file-bytes N refuse larger picture files; K, M or G may follow (default 4294967295)\n" MODEL_HELP;

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
    "      --method, --seed, --preset, --scales, --gate, --source, --precision, --memory-limit: see cameras help "
    "explain\n"
    "\n"
    "output\n"
    "  -o, --output PICTURE   image, guided change (stretched, grey where there is none) and attacked image in a row\n"
    "      --perturbation FILE.npy\n"
    "                         the guided change: channels x height x width float32, in 0..1\n"
    "      --json             one JSON document on standard output, and nothing else there\n"
    "  -q, --quiet            no progress bar and no summary\n"
    "      --threads N        default: CAMERAS_NUM_THREADS, or all processors\n"
    "      --max-pixels N     refuse larger pictures (default 100000000)\n"
    "      --max-file-bytes N refuse larger picture files; K, M or G may follow (default 4294967295)\n" MODEL_HELP;

/* What compare and sanity have in common with explain. */
#define MAP_HELP                                                                                                       \
    "  -l, --layer LAYER      default: auto, the last spatial layer\n" MODEL_HELP                                      \
    "      --method, --preset, --scales, --gate, --source, --precision, --threads, --memory-limit, --max-pixels,\n"    \
    "      --max-file-bytes, --colormap, --opacity\n"                                                                  \
    "                         as in explain: see cameras help explain\n"

static const char compare_help[] =
    "usage: cameras compare IMAGE -m FILE -m FILE ... [options]\n"
    "       cameras compare IMAGE [-m FILE] -c CLASS -c CLASS [options]\n"
    "\n"
    "Several models: the map of each one's top-1, or of CLASS. One model: the maps of two classes and their signed\n"
    "difference, red where the first is greater, blue where the second is. Maps are made at the picture's own size, "
    "so\n"
    "that models with different base images can be compared. Every pair gets Spearman's rank correlation and the\n"
    "overlap of the greatest 5 %. Without -o and --json the panel goes to NAME.compare.png in the current folder.\n"
    "\n"
    "  -c, --class CLASS      index or label\n"
    "      --labels, --base   once for all models, or once a model, in their order\n" MAP_HELP
    "      --seed N           where the random control begins (default 0)\n"
    "  -o, --output PICTURE   the panel, .png or .jpg\n"
    "      --json             one JSON document on standard output\n"
    "  -q, --quiet            no progress bar and no summary\n";

static const char sanity_help[] =
    "usage: cameras sanity IMAGE [options]\n"
    "\n"
    "Draws the model's layers anew, from the logits down, and makes the map again each time: a map that stays as it "
    "was\n"
    "does not depend on what the model has learnt. Also: the map of the least likely class, and what an adversarial\n"
    "perturbation does in the order of the map. Exit status: 0 pass, 3 fail, 1 and 2 where no verdict was reached.\n"
    "\n"
    "  -c, --class CLASS      index or label (default: the network's top-1)\n"
    "      --stages N         maps in the cascade, layers grouped evenly (default 8); 0: one a layer\n"
    "      --threshold F      the greatest mean |Spearman| of the last half of the stages that passes (default 0.5)\n"
    "      --seed N           where chance begins (default 0)\n" MAP_HELP
    "                         but --preset is fast by default, and the gate is always off\n"
    "  -o, --output PICTURE   contact sheet of the maps, .png or .jpg\n"
    "      --json             one JSON document on standard output\n"
    "  -q, --quiet            no progress bar and no summary\n";

static const char layers_help[] = "usage: cameras layers [options]\n"
                                  "\n"
                                  "Lists every submodule with its type; the one marked * is what \"auto\" stands for.\n"
                                  "\n"
                                  "      --json             one JSON document on standard output\n" MODEL_HELP;

void print_usage(FILE *stream)
{
    fputs(overview, stream);
}

/* The verbs in the order of the overview; those without options have no help of their own. */
static const struct {
    const char *verb, *help;
} topics[] = {
    {"explain", explain_help}, {"score", score_help},   {"classify", classify_help}, {"compare", compare_help},
    {"sanity", sanity_help},   {"attack", attack_help}, {"layers", layers_help},     {"demo", overview},
    {"version", overview},     {"help", overview},
};

int verb_help(int argc, char **argv)
{
    const char *text = argc > 1 ? NULL : overview;
    for (size_t i = 0; argc > 1 && i < sizeof topics / sizeof *topics; i++)
        if (strcmp(argv[1], topics[i].verb) == 0)
            text = topics[i].help;
    if (!text)
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
