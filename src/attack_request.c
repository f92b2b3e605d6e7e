/*
 * attack_request.c - what the command line of cameras attack asks for
 *
 * SPDX-License-Identifier: MIT
 */
#include "attack_request.h"

#include <string.h>

static const char least_likely[] = "least-likely";

static const struct option long_options[] = {
    MODEL_OPTIONS,
    EXPLAIN_OPTIONS,
    {"output", required_argument, NULL, 'o'},
    {"target", required_argument, NULL, OPTION_TARGET},
    {"epsilon", required_argument, NULL, OPTION_EPSILON},
    {"beta", required_argument, NULL, OPTION_BETA},
    {"steps", required_argument, NULL, OPTION_STEPS},
    {"step-rule", required_argument, NULL, OPTION_STEP_RULE},
    {"confidence", required_argument, NULL, OPTION_CONFIDENCE},
    {"perturbation", required_argument, NULL, OPTION_PERTURBATION},
    {NULL, 0, NULL, 0},
};

static int take_option(void *user, int option, const char *value)
{
    attack_request *asked = user;
    static const char *const rules[] = {"gradient", "sign", NULL};
    switch (option) {
    case OPTION_TARGET: asked->target = value; return 1;
    case OPTION_PERTURBATION: asked->perturbation = value; return 1;
    case OPTION_EPSILON: return parse_fraction(&asked->epsilon, value, "--epsilon");
    case OPTION_BETA: return parse_fraction(&asked->beta, value, "--beta");
    case OPTION_CONFIDENCE: return parse_fraction(&asked->confidence, value, "--confidence");
    case OPTION_STEPS: return parse_positive(&asked->steps, value, "--steps");
    case OPTION_STEP_RULE: return parse_word(&asked->rule, value, rules, "--step-rule");
    default: return explain_request_take(&asked->map, option, value);
    }
}

/* One image, one map, and files that are not the same. */
static int check(const attack_request *asked)
{
    const explain_request *map = &asked->map;
    if (map->class_count > 1 || map->layer_count > 1)
        return usage_error("attack", "more than one %s given", map->class_count > 1 ? "class" : "layer");
    if (map->overlay && asked->perturbation && strcmp(map->overlay, asked->perturbation) == 0)
        return usage_error("attack", "-o and --perturbation both name %s", map->overlay);
    return EXIT_OK;
}

int attack_request_read(attack_request *asked, int argc, char **argv)
{
    static const verb_options known = {"attack", ":m:c:l:o:qh", long_options, take_option};
    *asked = (attack_request){
        .map = explain_request_defaults("attack"), .epsilon = -1.0, .beta = -1.0, .confidence = -1.0, .rule = -1};
    const int result = read_options(asked, &asked->map.model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc - optind != 1)
        return usage_error("attack", argc == optind ? "no image given" : "more than one image given");
    asked->map.images = (const char *const *)(argv + optind);
    asked->map.image_count = 1;
    return check(asked);
}

static cameras_status set_attack(cameras_options *options, const attack_request *asked)
{
    cameras_status status = CAMERAS_OK;
    if (asked->epsilon >= 0.0)
        status = cameras_options_set_attack_epsilon(options, asked->epsilon);
    if (status == CAMERAS_OK && asked->beta >= 0.0)
        status = cameras_options_set_attack_beta(options, asked->beta);
    if (status == CAMERAS_OK && asked->confidence >= 0.0)
        status = cameras_options_set_attack_confidence(options, asked->confidence);
    if (status == CAMERAS_OK && asked->steps)
        status = cameras_options_set_attack_steps(options, asked->steps);
    if (status == CAMERAS_OK && asked->rule >= 0)
        status = cameras_options_set_attack_rule(options, (cameras_step_rule)asked->rule);
    return status;
}

int attack_request_options(cameras_options **out, const attack_request *asked)
{
    const int result = explain_request_options(out, &asked->map);
    if (result != EXIT_OK)
        return result;
    return set_attack(*out, asked) == CAMERAS_OK ? EXIT_OK : usage_error("attack", "%s", cameras_last_error());
}

cameras_status attack_request_set_target(cameras_options *options, const attack_request *asked,
                                         const cameras_model *model)
{
    size_t target = CAMERAS_LEAST_LIKELY;
    cameras_status status = CAMERAS_OK;
    if (asked->target && strcmp(asked->target, least_likely) != 0)
        status = cameras_model_find_class(&target, model, asked->target);
    return status == CAMERAS_OK ? cameras_options_set_attack_target(options, target) : status;
}
