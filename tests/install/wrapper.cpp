/*
 * wrapper.cpp - cameras.hpp as a program of its own sees it: wrapper DEMO-FOLDER SCRATCH-FOLDER
 *
 * SPDX-License-Identifier: MIT
 *
 * Expected values come from arithmetic, from the C interface itself, or from what two ways must agree on.
 */
#include "../claims.hpp"

#include <cameras.hpp>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <type_traits>

namespace
{

std::string demo, scratch;
constexpr std::size_t car = 6, house = 7, balloon = 13, sign = 15; /* what the scene shows: maps of others are flat */

/* ---- helpers ----------------------------------------------------------------------------------------------------- */

/* The status with which something fails; CAMERAS_OK where it does not. The message must say something. */
template <class Work> cameras_status fails(Work work)
{
    try {
        work();
    } catch (const cameras::error &problem) {
        EXPECT(std::strlen(problem.what()) > 10);
        return problem.status();
    }
    return CAMERAS_OK;
}

cameras::model demo_model()
{
    cameras::model model(demo + "/demo.pt");
    model.read_labels(demo + "/demo.txt");
    return model;
}

cameras::image scene()
{
    return cameras::image::read(demo + "/scene.png");
}

cameras::options quick()
{
    cameras::options options;
    options.scales({224, 288}).gate(CAMERAS_GATE_OFF).keep_flat(true).threads(1);
    return options;
}

std::string bytes_of(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool equal(cameras::values a, cameras::values b)
{
    return a.size() == b.size() && !a.empty() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

struct own_exception {
    int number;
};

/* ---- handles and errors ------------------------------------------------------------------------------------------ */

template <class Type>
constexpr bool moves_only = std::is_nothrow_move_constructible_v<Type> &&std::is_nothrow_move_assignable_v<Type> &&
                            !std::is_copy_constructible_v<Type> && !std::is_copy_assignable_v<Type>;
static_assert(moves_only<cameras::model> && moves_only<cameras::image> && moves_only<cameras::map> &&
                  moves_only<cameras::options> && moves_only<cameras::scores> && moves_only<cameras::sanity> &&
                  moves_only<cameras::attack>,
              "handles move, without throwing, and do not copy");

void versions_are_those_of_c()
{
    EXPECT(cameras::version() == CAMERAS_VERSION_STRING);
    EXPECT(cameras::libtorch_version() == cameras_libtorch_version());
    EXPECT(cameras::status_text(CAMERAS_ENOMEM) == cameras_status_text(CAMERAS_ENOMEM));
}

void names_end_where_the_enums_do()
{
    EXPECT(cameras::name(CAMERAS_METHOD_GRADCAMPP) == "gradcam++");
    EXPECT(cameras::name(CAMERAS_VIRIDIS) == "viridis");
    EXPECT(cameras::name(CAMERAS_SCORE_POSITIVE_MAP_DENSITY) == "positive_map_density");
    EXPECT(!cameras::name(static_cast<cameras_method>(CAMERAS_METHOD_CONSTANT + 1)));
    EXPECT(!cameras::name(static_cast<cameras_colormap>(CAMERAS_GRAY + 1)));
    EXPECT(!cameras::name(static_cast<cameras_score_kind>(CAMERAS_SCORE_IOU + 1)));
}

void errors_carry_status_and_message()
{
    try {
        cameras::model missing("/nowhere/missing.pt");
    } catch (const cameras::error &problem) {
        EXPECT(problem.status() == CAMERAS_EIO);
        EXPECT(std::string(problem.what()) == cameras_last_error());
        EXPECT(std::strstr(problem.what(), "/nowhere/missing.pt"));
        return;
    }
    EXPECT(!"a missing model opens");
}

void every_kind_of_failure_throws_its_status()
{
    const std::string text = "this is no picture and no model";
    EXPECT(fails([&] { cameras::image::read_memory(text.data(), text.size()); }) == CAMERAS_EFORMAT);
    EXPECT(fails([&] { cameras::model::open_memory(text.data(), text.size()); }) == CAMERAS_EFORMAT);
    EXPECT(fails([] { cameras::image::read(demo + "/scene.png", cameras::options().max_pixels(10)); }) ==
           CAMERAS_ELIMIT);
    EXPECT(fails([] { cameras::options().scales({}); }) == CAMERAS_EINVAL);
    EXPECT(fails([] { cameras::map::read(demo + "/demo.txt"); }) == CAMERAS_EFORMAT);
    EXPECT(fails([] { cameras::image::box(10, 10, 20, 20, 5, 5); }) == CAMERAS_EINVAL);
    const cameras::model model = demo_model();
    EXPECT(fails([&] { model.find_class("no such thing"); }) == CAMERAS_ECLASS);
    EXPECT(fails([&] { model.explain(scene(), quick().add_layer("no.such.layer")); }) == CAMERAS_ELAYER);
    EXPECT(fails([&] { model.explain(scene(), quick().add_class(1000)); }) == CAMERAS_ECLASS);
    EXPECT(fails([&] { model.explain_several(scene(), quick().add_class(1000).add_class(1)); }) == CAMERAS_ECLASS);
    EXPECT(fails([&] { model.randomise({"no.such.layer"}, 1); }) == CAMERAS_ELAYER);
    EXPECT(fails([] { demo_model().set_normalisation({0.5F, 0.5F, 0.5F}, {0.5F}); }) == CAMERAS_EINVAL);
    EXPECT(fails([] { demo_model().set_normalisation({0.5F}, {0.5F}); }) == CAMERAS_EINVAL);
}

void handles_that_were_moved_from_are_empty_and_say_so()
{
    cameras::image image = scene();
    const std::size_t width = image.width();
    cameras::image taken = std::move(image);
    EXPECT(taken.width() == width && width > 0);
    EXPECT(image.get() == nullptr && image.width() == 0);
    EXPECT(fails([&] { image.pixels(); }) == CAMERAS_EINVAL);
    const cameras::model model = demo_model();
    EXPECT(fails([&] { model.explain(image); }) == CAMERAS_EINVAL);
    cameras::options options = quick();
    const cameras::options kept = std::move(options);
    EXPECT(fails([&] { model.explain(taken, options); }) == CAMERAS_EINVAL);
    EXPECT(fails([&] { options.seed(1); }) == CAMERAS_EINVAL);
    cameras::map map = model.explain(taken, kept), other(std::move(map));
    EXPECT(map.get() == nullptr && map.values().empty() && !other.values().empty());
    EXPECT(fails([&] { map.write(scratch + "/never.npy"); }) == CAMERAS_EINVAL);
    EXPECT(fails([&] { other.overlay(image); }) == CAMERAS_EINVAL);
    map = std::move(other);
    EXPECT(map.get() != nullptr && other.get() == nullptr);
    cameras::map &same = map;
    map = std::move(same);
    EXPECT(map.get() != nullptr && !map.values().empty());
}

/* ---- model and image --------------------------------------------------------------------------------------------- */

void model_opens_from_memory_as_from_a_file()
{
    const std::string bytes = bytes_of(demo + "/demo.pt"), labels = bytes_of(demo + "/demo.txt");
    cameras::model from_memory = cameras::model::open_memory(bytes.data(), bytes.size());
    EXPECT(!from_memory.label(1));
    from_memory.set_labels(labels);
    const cameras::model model = demo_model();
    EXPECT(model.class_count() == 16 && from_memory.class_count() == 16);
    EXPECT(model.channels() == 3);
    EXPECT(model.label(1) && model.label(1) == from_memory.label(1));
    EXPECT(!model.label(16));
    EXPECT(model.find_class(*model.label(4)) == 4 && model.find_class("4") == 4);
    EXPECT(model.explain(scene(), quick()).class_index() == from_memory.explain(scene(), quick()).class_index());
}

void layers_are_those_of_c()
{
    const cameras::model model = demo_model();
    const std::vector<cameras::layer> layers = model.layers();
    EXPECT(!layers.empty() && layers.size() == cameras_model_layer_count(model.get()));
    bool found = false;
    for (std::size_t i = 0; i < layers.size(); i++) {
        EXPECT(layers[i].path == cameras_model_layer_path(model.get(), i));
        EXPECT(layers[i].type == cameras_model_layer_type(model.get(), i));
        found |= layers[i].path == model.auto_layer();
    }
    EXPECT(found);
    EXPECT(model.parametrised().size() == cameras_model_parametrised_count(model.get()));
    EXPECT(model.parametrised().at(0) == cameras_model_parametrised_path(model.get(), 0));
}

void setters_of_the_model_reach_it()
{
    cameras::model model = demo_model();
    model.set_base_size(64, 96);
    const cameras::map map = model.explain(scene(), quick().scales({96}));
    EXPECT(map.width() == 64 && map.height() == 96);
    model.set_base_side(80);
    const cameras::map kept = model.explain(scene(), quick().scales({96}));
    EXPECT(std::min(kept.width(), kept.height()) == 80);
    const float before = model.classify(scene()).logits.at(0);
    model.set_channel_order(CAMERAS_ORDER_BGR);
    const float swapped = model.classify(scene()).logits.at(0);
    model.set_channel_order(CAMERAS_ORDER_RGB);
    model.set_normalisation({0, 0, 0}, {1, 1, 1});
    EXPECT(before != swapped && before != model.classify(scene()).logits.at(0));
}

void images_keep_their_pixels()
{
    const std::uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const cameras::image image(pixels, 2, 2, 6, CAMERAS_RGB8);
    EXPECT(image.width() == 2 && image.height() == 2 && image.channels() == 3);
    EXPECT(image.pixels() == std::vector<std::uint8_t>(pixels, pixels + 12));
    std::uint8_t apart[20];
    std::memset(apart, 99, sizeof apart);
    image.pixels(apart, 10);
    EXPECT(apart[0] == 1 && apart[5] == 6 && apart[6] == 99 && apart[10] == 7 && apart[15] == 12 && apart[16] == 99);
    image.write(scratch + "/small.png");
    EXPECT(cameras::image::read(scratch + "/small.png").pixels() == image.pixels());
    EXPECT(cameras::image::read_memory(bytes_of(scratch + "/small.png").data(), bytes_of(scratch + "/small.png").size())
               .pixels() == image.pixels());
}

void sheets_and_captions_have_the_size_of_their_parts()
{
    const cameras::image a = cameras::image::box(10, 20, 0, 0, 5, 5), b = cameras::image::box(10, 20, 5, 5, 5, 5);
    const cameras::image row = cameras::sheet({a, b}, 2, 3);
    EXPECT(row.width() == 2 * 10 + 3 && row.height() == 20);
    std::vector<cameras::image> many;
    many.push_back(cameras::image::box(10, 20, 0, 0, 5, 5));
    many.push_back(cameras::image::box(10, 20, 0, 0, 5, 5));
    EXPECT(cameras::sheet(many, 1, 3).height() == 2 * 20 + 3);
    EXPECT(a.caption("two\nlines").height() > a.caption("one").height());
    EXPECT(a.pixels()[0] == 255 && b.pixels()[0] == 0);
}

/* ---- explaining -------------------------------------------------------------------------------------------------- */

void classify_gives_probabilities_that_sum_to_one()
{
    const cameras::classification result = demo_model().classify(scene(), quick());
    EXPECT(result.logits.size() == 16 && result.probabilities.size() == 16);
    double sum = 0;
    for (const float probability : result.probabilities)
        sum += static_cast<double>(probability);
    EXPECT(std::fabs(sum - 1) < 1e-5);
    EXPECT(std::fabs(static_cast<double>(result.probabilities[1]) / static_cast<double>(result.probabilities[2]) -
                     std::exp(static_cast<double>(result.logits[1]) - static_cast<double>(result.logits[2]))) <
           1e-3 * static_cast<double>(result.probabilities[1]) / static_cast<double>(result.probabilities[2]));
}

void several_classes_are_each_ones_own_map()
{
    const cameras::model model = demo_model();
    const std::vector<cameras::map> maps = model.explain_several(scene(), quick().add_class(car).add_class(house));
    EXPECT(maps.size() == 2 && quick().add_class(car).add_class(house).map_count() == 2);
    EXPECT(maps[0].class_index() == car && maps[1].class_index() == house);
    const cameras::map one = model.explain(scene(), quick().add_class(house).add_layer("auto"));
    EXPECT(equal(one.values(), maps[1].values()) && equal(one.raw(), maps[1].raw()));
    EXPECT(!equal(maps[0].values(), maps[1].values()));
    EXPECT(one.layer() == model.auto_layer());
}

void map_has_its_record()
{
    const cameras::model model = demo_model();
    const cameras::map map = model.explain(scene(), quick().add_class(car).method(CAMERAS_METHOD_GRADCAM));
    const cameras::classification seen = model.classify(scene(), quick());
    EXPECT(map.width() == 224 && map.height() == 224 && map.values().size() == 224 * 224);
    EXPECT(std::fabs(map.logit() - seen.logits[car]) < 1e-4F &&
           std::fabs(map.probability() - seen.probabilities[car]) < 1e-4F);
    EXPECT(map.method() == CAMERAS_METHOD_GRADCAM && map.source() == CAMERAS_SOURCE_BASE);
    EXPECT(map.precision() == CAMERAS_PRECISION_FP32 && !map.is_flat());
    EXPECT(map.seconds() > 0 && map.seconds(CAMERAS_STAGE_TRUNK) < map.seconds(CAMERAS_STAGE_TOTAL));
    const std::vector<cameras::scale> scales = map.scales();
    EXPECT(scales.size() == 2 && scales[0].width == 224 && scales[1].height == 288);
    EXPECT(scales[0].used && scales[1].used && !scales[0].reason.empty());
    EXPECT(scales[0].top1 < 16 && scales[0].top1_probability >= scales[0].probability);
}

void options_reach_the_call()
{
    const cameras::model model = demo_model();
    cameras::options options = quick();
    options.preset(CAMERAS_PRESET_FAST).scales({200}).interpolation(CAMERAS_BILINEAR).gate(CAMERAS_GATE_OFF);
    options.source(CAMERAS_SOURCE_ORIGINAL).map_size(CAMERAS_MAP_SIZE_IMAGE).precision(CAMERAS_PRECISION_FP32);
    const cameras::image image = scene();
    const cameras::map map = model.explain(image, options);
    EXPECT(map.width() == image.width() && map.height() == image.height());
    EXPECT(map.source() == CAMERAS_SOURCE_ORIGINAL && map.scales().size() == 1);
    const std::size_t bytes = model.explain_memory(image.width(), image.height(), options);
    EXPECT(bytes > 100000);
    EXPECT(fails([&] { model.explain(image, options.memory_limit(1000)); }) == CAMERAS_ELIMIT);
    cameras::options chance;
    const cameras::map one = model.explain(image, chance.method(CAMERAS_METHOD_RANDOM).seed(1));
    EXPECT(equal(one.values(), model.explain(image, chance).values()));
    EXPECT(!equal(one.values(), model.explain(image, chance.seed(2)).values()));
}

void progress_is_told_and_stops_the_call()
{
    const cameras::model model = demo_model();
    std::vector<double> told;
    cameras::options options = quick();
    options.progress([&](double done) {
        told.push_back(done);
        return true;
    });
    cameras::options moved = std::move(options);
    model.explain(scene(), moved);
    EXPECT(told.size() >= 2 && told.back() == 1);
    moved.progress([](double) { return false; });
    EXPECT(fails([&] { model.explain(scene(), moved); }) == CAMERAS_ECANCELLED);
    moved.progress({});
    EXPECT(!model.explain(scene(), moved).values().empty());
}

void what_progress_throws_comes_out_of_the_call()
{
    const cameras::model model = demo_model();
    cameras::options options = quick();
    for (const double when : {0.0, 1.0}) {
        options.progress([when](double done) -> bool {
            if (done >= when)
                throw own_exception{7};
            return true;
        });
        int caught = 0;
        try {
            model.explain_several(scene(), options);
        } catch (const own_exception &thrown) {
            caught = thrown.number;
        }
        EXPECT(caught == 7);
    }
    options.progress({});
    EXPECT(!model.explain(scene(), options).values().empty());
}

/* ---- many images ------------------------------------------------------------------------------------------------- */

void many_images_give_the_maps_of_one_at_a_time()
{
    const cameras::model model = demo_model();
    const cameras::image image = scene(), flipped = cameras::image::box(64, 64, 8, 8, 20, 20);
    std::vector<cameras::map> maps;
    std::size_t failures = 0;
    const cameras::options options = quick();
    const std::size_t count = model.explain_many(
        {image, flipped, image},
        [&](cameras::explained &&one) {
            failures += one.status != CAMERAS_OK || !one.message.empty() || one.maps.size() != 1;
            for (cameras::map &map : one.maps)
                maps.push_back(std::move(map));
            return true;
        },
        options);
    EXPECT(count == 3 && failures == 0 && maps.size() == 3);
    const cameras::map alone = model.explain(image, options);
    std::size_t same = 0;
    for (const cameras::map &map : maps)
        same += equal(map.values(), alone.values());
    EXPECT(same == 2);
}

void files_that_fail_are_told_with_a_message()
{
    const cameras::model model = demo_model();
    cameras::options options = quick();
    std::vector<cameras_status> statuses(2, CAMERAS_EINTERNAL);
    std::string message;
    double done = 0;
    options.progress([&](double share) {
        done = share;
        return true;
    });
    const std::size_t count = model.explain_files(
        {demo + "/scene.png", "/nowhere/missing.png"},
        [&](const cameras::explained &one) {
            statuses.at(one.index) = one.status;
            if (one.status != CAMERAS_OK)
                message = one.message;
            return true;
        },
        options);
    EXPECT(count == 1 && statuses[0] == CAMERAS_OK && statuses[1] == CAMERAS_EIO && done == 1);
    EXPECT(message.find("/nowhere/missing.png") != std::string::npos);
}

void what_the_callback_of_many_throws_comes_out_of_the_call()
{
    const cameras::model model = demo_model();
    const cameras::image image = scene();
    for (const std::size_t threads : {1, 2}) {
        std::size_t told = 0;
        int caught = 0;
        try {
            model.explain_many(
                {image, image, image, image, image},
                [&](cameras::explained &&) -> bool {
                    told++;
                    throw own_exception{9};
                },
                quick().scales({224}).threads(threads));
        } catch (const own_exception &thrown) {
            caught = thrown.number;
        }
        EXPECT(caught == 9 && told >= 1 && told <= threads);
    }
    EXPECT(fails([&] {
               model.explain_many(
                   {image, image}, [](const cameras::explained &) { return false; }, quick().threads(1));
           }) == CAMERAS_ECANCELLED);
    EXPECT(fails([&] { model.explain_many({image}, {}); }) == CAMERAS_EINVAL);
}

/* ---- maps -------------------------------------------------------------------------------------------------------- */

void maps_made_elsewhere_come_back_from_files()
{
    std::vector<float> values(16 * 16);
    for (std::size_t i = 0; i < values.size(); i++)
        values[i] = static_cast<float>(i) / 255;
    const cameras::map map(values.data(), 16, 16);
    map.write(scratch + "/map.npy");
    const cameras::map back = cameras::map::read(scratch + "/map.npy");
    EXPECT(equal(map.values(), back.values()) && map.values()[255] == 1 && back.raw()[0] == 0);
    EXPECT(map.class_index() == SIZE_MAX && map.layer().empty() && map.scales().empty());
    const float outside[] = {0, 2};
    EXPECT(fails([&] { cameras::map(outside, 2, 1); }) == CAMERAS_EINVAL);
}

void comparisons_have_the_values_that_arithmetic_gives()
{
    std::vector<float> up(16 * 16), down(16 * 16);
    for (std::size_t i = 0; i < up.size(); i++) {
        up[i] = static_cast<float>(i) / 255;
        down[i] = 1 - up[i];
    }
    const cameras::map a(up.data(), 16, 16), b(down.data(), 16, 16);
    EXPECT(std::fabs(cameras::spearman(a, a) - 1) < 1e-12 && std::fabs(cameras::spearman(a, b) + 1) < 1e-12);
    EXPECT(std::fabs(cameras::ssim(a, a) - 1) < 1e-9 && cameras::ssim(a, b) < 0.5);
    EXPECT(cameras::overlap(a, a, 0.25) == 1 && cameras::overlap(a, b, 0.25) == 0);
    EXPECT(fails([&] { cameras::overlap(a, b, 2); }) == CAMERAS_EINVAL);
    const cameras::image picture = cameras::difference(a, a);
    EXPECT(picture.width() == 16 && picture.pixels() == std::vector<std::uint8_t>(3 * 256, 255));
}

void overlays_are_as_opaque_as_asked_for()
{
    const std::vector<float> values = {0, 1};
    const cameras::map map(values.data(), 2, 1);
    const std::uint8_t grey[] = {80, 90, 100, 80, 90, 100};
    const cameras::image image(grey, 2, 1, 0, CAMERAS_RGB8);
    EXPECT(map.overlay(image, CAMERAS_GRAY, 0).pixels() == std::vector<std::uint8_t>(grey, grey + 6));
    EXPECT(map.overlay(image, CAMERAS_GRAY, 1).pixels() == std::vector<std::uint8_t>({0, 0, 0, 255, 255, 255}));
    EXPECT(map.draw(CAMERAS_GRAY).pixels() == std::vector<std::uint8_t>({0, 0, 0, 255, 255, 255}));
}

/* ---- what maps are worth ----------------------------------------------------------------------------------------- */

void scores_are_those_of_c()
{
    const cameras::model model = demo_model();
    const cameras::image image = scene();
    cameras::options options = quick();
    options.add_class(car).score_steps(4).batch(2).masking(CAMERAS_MASKING_PIXELS);
    const cameras::map map = model.explain(image, options);
    const cameras::image object =
        cameras::image::box(image.width(), image.height(), 0, 0, image.width() / 2, image.height());
    const cameras::scores with = model.score(image, map, object, options), without = model.score(image, map, options);
    EXPECT(with.class_index() == car && std::fabs(with.probability() - static_cast<double>(map.probability())) < 1e-4);
    EXPECT(std::isnan(without[CAMERAS_SCORE_ENERGY]) && with[CAMERAS_SCORE_ENERGY] >= 0 &&
           with[CAMERAS_SCORE_ENERGY] <= 1);
    EXPECT(with[CAMERAS_SCORE_AVERAGE_DROP] == without[CAMERAS_SCORE_AVERAGE_DROP]);
    EXPECT(with[CAMERAS_SCORE_DELETION_AUC] == cameras_scores_value(with.get(), CAMERAS_SCORE_DELETION_AUC));
    EXPECT(with[CAMERAS_SCORE_INCREASE] == 1 || with[CAMERAS_SCORE_AVERAGE_DROP] >= 0);
}

void grid_of_a_constant_map_has_equal_shares_and_a_picture()
{
    const cameras::model model = demo_model();
    const cameras::image image = scene();
    cameras::options constant;
    constant.method(CAMERAS_METHOD_CONSTANT);
    const cameras::grid grid = model.grid({image, image, image, image}, {car, house, balloon, sign}, constant);
    for (const double share : grid.shares)
        EXPECT(std::fabs(share - 0.25) < 1e-6);
    EXPECT(grid.picture.width() == 448 && grid.picture.height() == 448);
    EXPECT(fails([&] {
               model.grid({image, image, image, image}, {car, 1000, balloon, sign}, quick());
           }) == CAMERAS_ECLASS);
}

void randomised_models_leave_the_original_alone()
{
    const cameras::model model = demo_model();
    const cameras::classification before = model.classify(scene());
    const cameras::model drawn = model.randomise({model.parametrised().at(0)}, 5);
    EXPECT(drawn.classify(scene()).logits != before.logits);
    EXPECT(model.classify(scene()).logits == before.logits);
}

void sanity_has_its_stages_and_maps()
{
    const cameras::model model = demo_model();
    cameras::options options = quick();
    options.scales({224}).attack_steps(2).sanity_threshold(1);
    const cameras::sanity sanity = model.sanity(scene(), 2, options);
    const std::vector<cameras::stage> stages = sanity.stages();
    EXPECT(stages.size() == 2 && !stages[0].layer.empty() && stages[0].map.width() == 224);
    EXPECT(sanity.original().width() == 224 && sanity.unlikely().class_index() != sanity.original().class_index());
    EXPECT(std::fabs(stages[1].spearman) <= 1 && std::fabs(stages[1].ssim) <= 1);
    EXPECT(std::fabs(sanity.adversarial_score()) <= 1 && std::fabs(sanity.adversarial_chance()) <= 1);
    EXPECT(!(std::fabs(sanity.adversarial_spearman()) > 1) && sanity.class_overlap() >= 0 &&
           sanity.class_overlap() <= 1);
    EXPECT(sanity.passed() == (cameras_sanity_passed(sanity.get()) == 1) && sanity.why().size() > 10);
}

void attack_keeps_within_its_epsilon()
{
    const cameras::model model = demo_model();
    cameras::options options = quick();
    options.scales({224}).attack_steps(3).attack_epsilon(0.02).attack_beta(10).attack_confidence(0.9);
    options.attack_rule(CAMERAS_STEP_SIGN).attack_target(CAMERAS_LEAST_LIKELY);
    const cameras::image image = scene();
    const cameras::map map = model.explain(image, options);
    const cameras::attack attack = model.attack(image, map, options);
    const cameras::values change = attack.perturbation(CAMERAS_ATTACK_GUIDED);
    EXPECT(change.size() == 3 * 224 * 224 && attack.width() == 224 && attack.height() == 224 && attack.channels() == 3);
    double sum = 0, greatest = 0;
    for (const float one : change) {
        sum += static_cast<double>(one) * static_cast<double>(one);
        greatest = std::max(greatest, std::fabs(static_cast<double>(one)));
    }
    EXPECT(greatest > 0 && greatest <= 0.02 + 1e-6);
    EXPECT(std::fabs(attack.norm(CAMERAS_ATTACK_GUIDED, CAMERAS_NORM_L2) - std::sqrt(sum)) < 1e-4);
    EXPECT(std::fabs(attack.norm(CAMERAS_ATTACK_GUIDED, CAMERAS_NORM_LINF) - greatest) < 1e-6);
    EXPECT(attack.steps(CAMERAS_ATTACK_PLAIN) <= 3 && attack.target() != map.class_index());
    EXPECT(attack.succeeded(CAMERAS_ATTACK_PLAIN) == (attack.confidence(CAMERAS_ATTACK_PLAIN) >= 0.9));
    EXPECT(std::isnan(attack.reduction()) ==
           !(attack.succeeded(CAMERAS_ATTACK_PLAIN) && attack.succeeded(CAMERAS_ATTACK_GUIDED)));
    EXPECT(attack.attacked(CAMERAS_ATTACK_GUIDED).width() == 224 &&
           attack.picture(CAMERAS_ATTACK_PLAIN).height() == 224);
    attack.write(CAMERAS_ATTACK_GUIDED, scratch + "/change.npy");
    EXPECT(bytes_of(scratch + "/change.npy").size() >= change.size() * sizeof(float));
    EXPECT(fails([&] { model.attack(image, map, options.attack_target(map.class_index())); }) == CAMERAS_EINVAL);
}

/* ---- log --------------------------------------------------------------------------------------------------------- */

void log_is_told_what_a_model_says_until_it_ends()
{
    const cameras::model model(scratch + "/printing.pt");
    const cameras::image image = cameras::image::read(demo + "/scene.png");
    std::size_t printed = 0, warned = 0;
    {
        const cameras::log heard([&](cameras_log_kind kind, const std::string &text) {
            printed += kind == CAMERAS_LOG_PRINT && text == "seen";
            warned += kind == CAMERAS_LOG_WARNING && text == "odd";
            throw std::runtime_error("lost");
        });
        model.classify(image);
    }
    const std::size_t before = printed;
    EXPECT(printed > 0 && warned == printed);
    model.classify(image);
    EXPECT(printed == before);
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    demo = arguments[1];
    scratch = arguments[2];
    Claims claims("c++");
    CLAIM(claims, versions_are_those_of_c);
    CLAIM(claims, names_end_where_the_enums_do);
    CLAIM(claims, errors_carry_status_and_message);
    CLAIM(claims, every_kind_of_failure_throws_its_status);
    CLAIM(claims, handles_that_were_moved_from_are_empty_and_say_so);
    CLAIM(claims, model_opens_from_memory_as_from_a_file);
    CLAIM(claims, layers_are_those_of_c);
    CLAIM(claims, setters_of_the_model_reach_it);
    CLAIM(claims, images_keep_their_pixels);
    CLAIM(claims, sheets_and_captions_have_the_size_of_their_parts);
    CLAIM(claims, classify_gives_probabilities_that_sum_to_one);
    CLAIM(claims, several_classes_are_each_ones_own_map);
    CLAIM(claims, map_has_its_record);
    CLAIM(claims, options_reach_the_call);
    CLAIM(claims, progress_is_told_and_stops_the_call);
    CLAIM(claims, what_progress_throws_comes_out_of_the_call);
    CLAIM(claims, many_images_give_the_maps_of_one_at_a_time);
    CLAIM(claims, files_that_fail_are_told_with_a_message);
    CLAIM(claims, what_the_callback_of_many_throws_comes_out_of_the_call);
    CLAIM(claims, maps_made_elsewhere_come_back_from_files);
    CLAIM(claims, comparisons_have_the_values_that_arithmetic_gives);
    CLAIM(claims, overlays_are_as_opaque_as_asked_for);
    CLAIM(claims, scores_are_those_of_c);
    CLAIM(claims, grid_of_a_constant_map_has_equal_shares_and_a_picture);
    CLAIM(claims, randomised_models_leave_the_original_alone);
    CLAIM(claims, sanity_has_its_stages_and_maps);
    CLAIM(claims, attack_keeps_within_its_epsilon);
    CLAIM(claims, log_is_told_what_a_model_says_until_it_ends);
    return claims.close();
}
