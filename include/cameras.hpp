/*
 * cameras.hpp - cameras.h for C++17: handles that free themselves, exceptions, callbacks that may throw
 *
 * SPDX-License-Identifier: MIT
 *
 * Header-only. cameras.h has the contract of every function; this file only says how it is spelled in C++:
 *
 *     cameras::model model("resnet50.pt");
 *     cameras::map map = model.explain(cameras::image::read("photo.jpg"));
 *     map.write("map.npy");
 *
 * What fails throws cameras::error with the status and the message. Enums are those of cameras.h. Handles move and do
 * not copy; one that was moved from is empty: its calls throw CAMERAS_EINVAL, its getters give what those of cameras.h
 * give for NULL. Handles made from a C pointer own it from then on; get() lends it. Where options are taken, none means
 * the defaults. Text is returned as a copy; values, and maps within other results, are views, good while their owner
 * lives. Threads are as in cameras.h: constant members of a model may run in many threads at once, its setters may not
 * run beside them; options belong to one thread at a time.
 *
 * Callbacks return true to go on and false to stop, and may throw: what they throw stops the call, passes through no
 * C code, and is thrown again once the call is over.
 */
#ifndef CAMERAS_HPP
#define CAMERAS_HPP

#include "cameras.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cameras
{

/* A failed call: what() is cameras_last_error as it was then. */
class error : public std::runtime_error
{
  public:
    error(cameras_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
    cameras_status status() const noexcept { return status_; }

  private:
    cameras_status status_;
};

/* Borrowed values, good while their owner lives; empty where there are none. */
class values
{
  public:
    values() = default;
    values(const float *first, std::size_t count) : first_(first), count_(first ? count : 0) {}
    const float *data() const noexcept { return first_; }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    const float *begin() const noexcept { return first_; }
    const float *end() const noexcept { return first_ + count_; }
    float operator[](std::size_t index) const { return first_[index]; }

  private:
    const float *first_ = nullptr;
    std::size_t count_ = 0;
};

/* ---- what the classes are made with ------------------------------------------------------------------------------ */

namespace detail
{

inline void check(cameras_status status)
{
    if (status != CAMERAS_OK)
        throw error(status, cameras_last_error());
}

inline std::string text(const char *borrowed) { return borrowed ? borrowed : ""; }

inline std::optional<std::string> name(const char *borrowed)
{
    return borrowed ? std::optional<std::string>(borrowed) : std::nullopt;
}

inline std::vector<const char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<const char *> all;
    for (const std::string &one : texts)
        all.push_back(one.c_str());
    return all;
}

template <class Type, void (*Free)(Type *)> struct freeing {
    void operator()(Type *handle) const noexcept { Free(handle); }
};
template <class Type, void (*Free)(Type *)> using handle = std::unique_ptr<Type, freeing<Type, Free>>;

/* A callback that may throw, and what it threw. The library holds its address, so it neither moves nor copies. */
template <class... Arguments> struct callback {
    std::function<bool(Arguments...)> call;
    std::exception_ptr thrown;

    explicit callback(std::function<bool(Arguments...)> wanted) : call(std::move(wanted)) {}
    callback(const callback &) = delete;
    callback &operator=(const callback &) = delete;

    /* The first exception counts: what runs beside it may throw once more before the call is over. */
    template <class Work> int guard(Work work) noexcept
    {
        try {
            return work() ? 0 : 1;
        } catch (...) {
            if (!thrown)
                thrown = std::current_exception();
            return 1;
        }
    }

    void rethrow()
    {
        if (thrown)
            std::rethrow_exception(std::exchange(thrown, nullptr));
    }
};
using progress = callback<double>;

extern "C" {
inline int cameras_hpp_progress(double done, void *user) noexcept
{
    progress *own = static_cast<progress *>(user);
    return own->guard([&] { return own->call(done); });
}
}

} // namespace detail

/* ---- version, names ---------------------------------------------------------------------------------------------- */

inline std::string version() { return cameras_version(); }
inline std::string libtorch_version() { return cameras_libtorch_version(); }
inline std::string status_text(cameras_status status) { return cameras_status_text(status); }

/* Nothing past the last. */
inline std::optional<std::string> name(cameras_method method) { return detail::name(cameras_method_name(method)); }
inline std::optional<std::string> name(cameras_colormap map) { return detail::name(cameras_colormap_name(map)); }
inline std::optional<std::string> name(cameras_score_kind kind) { return detail::name(cameras_score_name(kind)); }

/* ---- log --------------------------------------------------------------------------------------------------------- */

/*
 * The log of the process (cameras_set_log) while the object lives; the end of it ends the log. What the function throws
 * is dropped. Have one at a time, and do not end it from inside its own function.
 */
class log
{
  public:
    using function = std::function<void(cameras_log_kind, const std::string &)>;

    explicit log(function call) : call_(std::move(call)) { detail::check(cameras_set_log(take, &call_)); }
    ~log() { cameras_set_log(nullptr, nullptr); }
    log(const log &) = delete;
    log &operator=(const log &) = delete;

  private:
    static void take(cameras_log_kind kind, const char *text, void *user) noexcept
    {
        try {
            (*static_cast<function *>(user))(kind, text);
        } catch (...) { /* nobody to tell: the call goes on */
        }
    }

    function call_;
};

/* ---- options ----------------------------------------------------------------------------------------------------- */

/* Setters return the object: cameras::options().preset(CAMERAS_PRESET_FAST).threads(2). */
class options
{
  public:
    options()
    {
        cameras_options *made = nullptr;
        detail::check(cameras_options_new(&made));
        handle_.reset(made);
    }

    options &preset(cameras_preset preset) { return set(cameras_options_set_preset, preset); }
    options &scales(const std::vector<std::size_t> &sides)
    {
        return set(cameras_options_set_scales, sides.data(), sides.size());
    }
    options &interpolation(cameras_interpolation kind) { return set(cameras_options_set_interpolation, kind); }
    options &gate(cameras_gate gate) { return set(cameras_options_set_gate, gate); }
    options &method(cameras_method method) { return set(cameras_options_set_method, method); }
    options &seed(std::uint64_t seed) { return set(cameras_options_set_seed, seed); }
    options &source(cameras_source source) { return set(cameras_options_set_source, source); }
    options &map_size(cameras_map_size size) { return set(cameras_options_set_map_size, size); }
    options &add_class(std::size_t index) { return set(cameras_options_add_class, index); }
    options &add_layer(const std::string &path) { return set(cameras_options_add_layer, path.c_str()); }
    options &threads(std::size_t threads) { return set(cameras_options_set_threads, threads); }
    options &precision(cameras_precision precision) { return set(cameras_options_set_precision, precision); }
    options &memory_limit(std::size_t bytes) { return set(cameras_options_set_memory_limit, bytes); }
    options &keep_flat(bool keep) { return set(cameras_options_set_keep_flat, keep ? 1 : 0); }
    options &max_pixels(std::size_t pixels) { return set(cameras_options_set_max_pixels, pixels); }
    options &max_file_bytes(std::size_t bytes) { return set(cameras_options_set_max_file_bytes, bytes); }
    options &max_scales(std::size_t count) { return set(cameras_options_set_max_scales, count); }
    options &max_classes(std::size_t count) { return set(cameras_options_set_max_classes, count); }
    options &masking(cameras_masking masking) { return set(cameras_options_set_masking, masking); }
    options &score_steps(std::size_t steps) { return set(cameras_options_set_score_steps, steps); }
    options &batch(std::size_t images) { return set(cameras_options_set_batch, images); }
    options &sanity_threshold(double threshold) { return set(cameras_options_set_sanity_threshold, threshold); }
    options &attack_target(std::size_t index) { return set(cameras_options_set_attack_target, index); }
    options &attack_confidence(double probability) { return set(cameras_options_set_attack_confidence, probability); }
    options &attack_epsilon(double epsilon) { return set(cameras_options_set_attack_epsilon, epsilon); }
    options &attack_beta(double beta) { return set(cameras_options_set_attack_beta, beta); }
    options &attack_steps(std::size_t steps) { return set(cameras_options_set_attack_steps, steps); }
    options &attack_rule(cameras_step_rule rule) { return set(cameras_options_set_attack_rule, rule); }

    /* Called with the share of the work done, 0 to 1; false ends the call with CAMERAS_ECANCELLED. Empty: none. */
    options &progress(std::function<bool(double)> call)
    {
        std::unique_ptr<detail::progress> next;
        if (call)
            next = std::make_unique<detail::progress>(std::move(call));
        set(cameras_options_set_progress, next ? detail::cameras_hpp_progress : nullptr, next.get());
        progress_ = std::move(next);
        return *this;
    }

    std::size_t map_count() const { return cameras_options_map_count(get()); }
    cameras_options *get() const noexcept { return handle_.get(); }

  private:
    friend class with;
    template <class Setter, class... Given> options &set(Setter setter, Given... given)
    {
        detail::check(setter(get(), given...));
        return *this;
    }

    std::unique_ptr<detail::progress> progress_; /* outlives the handle that points to it */
    detail::handle<cameras_options, cameras_options_free> handle_;
};

/* Options or none: what the functions below take. */
class with
{
  public:
    with() = default;
    with(const options &given) : options_(&given)
    {
        if (!given.get())
            throw error(CAMERAS_EINVAL, "use options: they were moved from");
    }
    const cameras_options *get() const noexcept { return options_ ? options_->get() : nullptr; }
    std::size_t map_count() const { return cameras_options_map_count(get()); }

    /* What a call came to: what the progress callback threw goes before the status. */
    void finish(cameras_status status) const
    {
        if (options_ && options_->progress_)
            options_->progress_->rethrow();
        detail::check(status);
    }

  private:
    const options *options_ = nullptr;
};

namespace detail
{

/* Calls what writes a handle to its first parameter; it is freed where the call failed or a callback threw. */
template <class Type, void (*Free)(Type *), class Maker, class... Given>
handle<Type, Free> make(const with &options, Maker maker, Given... given)
{
    Type *raw = nullptr;
    const cameras_status status = maker(&raw, given...);
    handle<Type, Free> made(raw);
    options.finish(status);
    return made;
}

} // namespace detail

/* ---- image ------------------------------------------------------------------------------------------------------- */

class image
{
  public:
    explicit image(cameras_image *owned) noexcept : handle_(owned) {}
    image(const void *pixels, std::size_t width, std::size_t height, std::size_t stride, cameras_pixel_format format)
        : image(make({}, cameras_image_new, pixels, width, height, stride, format))
    {
    }

    static image read(const std::string &path, with options = {})
    {
        return make(options, cameras_image_read, path.c_str(), options.get());
    }
    static image read_memory(const void *bytes, std::size_t size, with options = {})
    {
        return make(options, cameras_image_read_memory, bytes, size, options.get());
    }
    static image box(std::size_t width, std::size_t height, std::size_t x, std::size_t y, std::size_t box_width,
                     std::size_t box_height)
    {
        return make({}, cameras_image_new_box, width, height, x, y, box_width, box_height);
    }

    std::size_t width() const { return cameras_image_width(get()); }
    std::size_t height() const { return cameras_image_height(get()); }
    std::size_t channels() const { return cameras_image_channels(get()); }

    /* height rows of width times red, green, blue. */
    std::vector<std::uint8_t> pixels() const
    {
        std::vector<std::uint8_t> rows(3 * width() * height());
        pixels(rows.data(), 0);
        return rows;
    }
    void pixels(std::uint8_t *rows, std::size_t stride) const
    {
        detail::check(cameras_image_pixels(rows, stride, get()));
    }
    void write(const std::string &path) const { detail::check(cameras_image_write(get(), path.c_str())); }
    image caption(const std::string &text, std::size_t scale = 1) const
    {
        return make({}, cameras_image_caption, get(), text.c_str(), scale);
    }

    cameras_image *get() const noexcept { return handle_.get(); }

  private:
    template <class Maker, class... Given> static image make(const with &options, Maker maker, Given... given)
    {
        return image(detail::make<cameras_image, cameras_image_free>(options, maker, given...).release());
    }
    detail::handle<cameras_image, cameras_image_free> handle_;
};

/* Any range of images will do, and lists of variables: {a, b}. */
using image_list = std::initializer_list<std::reference_wrapper<const image>>;

namespace detail
{

template <class Images> std::vector<const cameras_image *> pointers_of(const Images &images)
{
    std::vector<const cameras_image *> all;
    for (const image &one : images)
        all.push_back(one.get());
    return all;
}

inline image make_image(cameras_status status, cameras_image *made)
{
    image result(made);
    check(status);
    return result;
}

} // namespace detail

template <class Images = image_list> image sheet(const Images &images, std::size_t columns, std::size_t gap)
{
    const std::vector<const cameras_image *> all = detail::pointers_of(images);
    cameras_image *made = nullptr;
    const cameras_status status = cameras_image_sheet(&made, all.data(), all.size(), columns, gap);
    return detail::make_image(status, made);
}

/* ---- map --------------------------------------------------------------------------------------------------------- */

/* What happened at one scale. */
struct scale {
    std::size_t width, height, top1;
    float top1_probability, probability;
    bool used;
    std::string reason;
};

/* A map that something else owns; a map that owns itself is one too. */
class map_view
{
  public:
    explicit map_view(const cameras_map *borrowed) noexcept : map_(borrowed) {}

    std::size_t width() const { return cameras_map_width(get()); }
    std::size_t height() const { return cameras_map_height(get()); }
    cameras::values values() const { return {cameras_map_values(get()), width() * height()}; }
    cameras::values raw() const { return {cameras_map_raw(get()), width() * height()}; }
    bool is_flat() const { return cameras_map_is_flat(get()) != 0; }
    std::size_t class_index() const { return cameras_map_class(get()); }
    float logit() const { return cameras_map_logit(get()); }
    float probability() const { return cameras_map_probability(get()); }
    std::string layer() const { return detail::text(cameras_map_layer(get())); }
    cameras_method method() const { return cameras_map_method(get()); }
    cameras_source source() const { return cameras_map_source(get()); }
    cameras_precision precision() const { return cameras_map_precision(get()); }
    double seconds(cameras_stage stage = CAMERAS_STAGE_TOTAL) const { return cameras_map_seconds(get(), stage); }

    /* The record of every scale, in the order of the schedule. */
    std::vector<scale> scales() const
    {
        std::vector<scale> all;
        for (std::size_t i = 0; i < cameras_map_scale_count(get()); i++)
            all.push_back({cameras_map_scale_width(get(), i), cameras_map_scale_height(get(), i),
                           cameras_map_scale_top1(get(), i), cameras_map_scale_top1_probability(get(), i),
                           cameras_map_scale_probability(get(), i), cameras_map_scale_used(get(), i) == 1,
                           detail::text(cameras_map_scale_reason(get(), i))});
        return all;
    }

    void write(const std::string &path) const { detail::check(cameras_map_write(get(), path.c_str())); }

    /* Laid over an image, of the image's size; and drawn alone. */
    image overlay(const image &under, cameras_colormap colormap = CAMERAS_VIRIDIS, float opacity = 0.5F) const
    {
        if (!under.get())
            throw error(CAMERAS_EINVAL, "overlay map: the image was moved from");
        return laid_over(under.get(), colormap, opacity);
    }
    image draw(cameras_colormap colormap = CAMERAS_VIRIDIS) const { return laid_over(nullptr, colormap, 1.0F); }

    const cameras_map *get() const noexcept { return map_; }

  protected:
    const cameras_map *map_;

  private:
    image laid_over(const cameras_image *under, cameras_colormap colormap, float opacity) const
    {
        cameras_image *made = nullptr;
        const cameras_status status = cameras_map_overlay(&made, get(), under, colormap, opacity);
        return detail::make_image(status, made);
    }
};

class map : public map_view
{
  public:
    explicit map(cameras_map *owned) noexcept : map_view(owned), handle_(owned) {}
    map(const float *values, std::size_t width, std::size_t height)
        : map(make({}, cameras_map_new, values, width, height))
    {
    }
    map(map &&other) noexcept : map_view(other), handle_(std::move(other.handle_)) { other.map_ = nullptr; }
    map &operator=(map &&other) noexcept
    {
        handle_ = std::move(other.handle_);
        map_ = handle_.get();
        other.map_ = other.handle_.get();
        return *this;
    }

    static map read(const std::string &path) { return make({}, cameras_map_read, path.c_str()); }

  private:
    friend class model;
    template <class Maker, class... Given> static map make(const with &options, Maker maker, Given... given)
    {
        return map(detail::make<cameras_map, cameras_map_free>(options, maker, given...).release());
    }
    detail::handle<cameras_map, cameras_map_free> handle_;
};

inline double spearman(const map_view &a, const map_view &b)
{
    double result = 0;
    detail::check(cameras_map_spearman(&result, a.get(), b.get()));
    return result;
}

inline double ssim(const map_view &a, const map_view &b)
{
    double result = 0;
    detail::check(cameras_map_ssim(&result, a.get(), b.get()));
    return result;
}

inline double overlap(const map_view &a, const map_view &b, double share)
{
    double result = 0;
    detail::check(cameras_map_overlap(&result, a.get(), b.get(), share));
    return result;
}

inline image difference(const map_view &a, const map_view &b)
{
    cameras_image *made = nullptr;
    const cameras_status status = cameras_map_difference(&made, a.get(), b.get());
    return detail::make_image(status, made);
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

struct classification {
    std::vector<float> logits, probabilities;
};

/* One image of explain_many: maps, or why there are none. The callback may keep the maps by moving them away. */
struct explained {
    std::size_t index;
    cameras_status status;
    std::string message;
    std::vector<map> maps;
};

class scores
{
  public:
    explicit scores(cameras_scores *owned) noexcept : handle_(owned) {}
    double operator[](cameras_score_kind kind) const { return cameras_scores_value(get(), kind); }
    std::size_t class_index() const { return cameras_scores_class(get()); }
    double probability() const { return cameras_scores_probability(get()); }
    cameras_scores *get() const noexcept { return handle_.get(); }

  private:
    detail::handle<cameras_scores, cameras_scores_free> handle_;
};

/* The grid pointing game: shares[i] is what lies in cell i of the map of class i. */
struct grid {
    std::array<double, 4> shares;
    image picture;
};

/* A stage of the cascade; the map is borrowed from the sanity check. */
struct stage {
    std::string layer;
    double spearman, ssim;
    map_view map;
};

class sanity
{
  public:
    explicit sanity(cameras_sanity *owned) noexcept : handle_(owned) {}
    std::vector<stage> stages() const
    {
        std::vector<stage> all;
        for (std::size_t i = 0; i < cameras_sanity_stage_count(get()); i++)
            all.push_back({detail::text(cameras_sanity_stage_layer(get(), i)), cameras_sanity_stage_spearman(get(), i),
                           cameras_sanity_stage_ssim(get(), i), map_view(cameras_sanity_stage_map(get(), i))});
        return all;
    }
    map_view original() const { return map_view(cameras_sanity_original(get())); }
    map_view unlikely() const { return map_view(cameras_sanity_unlikely(get())); }
    double adversarial_score() const { return cameras_sanity_adversarial_score(get()); }
    double adversarial_chance() const { return cameras_sanity_adversarial_chance(get()); }
    double adversarial_spearman() const { return cameras_sanity_adversarial_spearman(get()); }
    double class_overlap() const { return cameras_sanity_class_overlap(get()); }
    bool passed() const { return cameras_sanity_passed(get()) == 1; }
    std::string why() const { return detail::text(cameras_sanity_why(get())); }
    cameras_sanity *get() const noexcept { return handle_.get(); }

  private:
    detail::handle<cameras_sanity, cameras_sanity_free> handle_;
};

class attack
{
  public:
    explicit attack(cameras_attack *owned) noexcept : handle_(owned) {}
    std::size_t target() const { return cameras_attack_target(get()); }
    double norm(cameras_attack_kind kind, cameras_norm norm, cameras_part part = CAMERAS_PART_ALL) const
    {
        return cameras_attack_norm(get(), kind, norm, part);
    }
    bool succeeded(cameras_attack_kind kind) const { return cameras_attack_succeeded(get(), kind) == 1; }
    double confidence(cameras_attack_kind kind) const { return cameras_attack_confidence(get(), kind); }
    std::size_t steps(cameras_attack_kind kind) const { return cameras_attack_steps(get(), kind); }
    double reduction() const { return cameras_attack_reduction(get()); }
    std::size_t width() const { return cameras_attack_width(get()); }
    std::size_t height() const { return cameras_attack_height(get()); }
    std::size_t channels() const { return cameras_attack_channels(get()); }
    values perturbation(cameras_attack_kind kind) const
    {
        return {cameras_attack_perturbation(get(), kind), channels() * height() * width()};
    }
    image attacked(cameras_attack_kind kind) const { return drawn(cameras_attack_image, kind); }
    image picture(cameras_attack_kind kind) const { return drawn(cameras_attack_picture, kind); }
    void write(cameras_attack_kind kind, const std::string &path) const
    {
        detail::check(cameras_attack_write(get(), kind, path.c_str()));
    }
    cameras_attack *get() const noexcept { return handle_.get(); }

  private:
    template <class Maker> image drawn(Maker maker, cameras_attack_kind kind) const
    {
        cameras_image *made = nullptr;
        const cameras_status status = maker(&made, get(), kind);
        return detail::make_image(status, made);
    }
    detail::handle<cameras_attack, cameras_attack_free> handle_;
};

namespace detail
{

using each = callback<explained &&>;

/* The maps are the callback's: they are freed whatever happens before it has them. */
inline std::vector<map> take(cameras_map **maps, std::size_t count)
{
    std::vector<map> taken;
    try {
        taken.reserve(count);
    } catch (...) {
        for (std::size_t i = 0; i < count; i++)
            cameras_map_free(maps[i]);
        throw;
    }
    for (std::size_t i = 0; i < count; i++)
        taken.emplace_back(maps[i]);
    return taken;
}

extern "C" {
inline int cameras_hpp_explained(void *user, std::size_t index, cameras_status status, cameras_map **maps,
                                 std::size_t count) noexcept
{
    each *own = static_cast<each *>(user);
    return own->guard([&] {
        std::vector<map> taken = take(maps, count);
        return own->call({index, status, status == CAMERAS_OK ? "" : cameras_last_error(), std::move(taken)});
    });
}
}

} // namespace detail

/* ---- model ------------------------------------------------------------------------------------------------------- */

struct layer {
    std::string path, type;
};

class model
{
  public:
    explicit model(cameras_model *owned) noexcept : handle_(owned) {}
    explicit model(const std::string &path) : handle_(make({}, cameras_model_open, path.c_str())) {}
    explicit model(const char *path) : model(std::string(path)) {}
    static model open_memory(const void *bytes, std::size_t size)
    {
        return model(make({}, cameras_model_open_memory, bytes, size).release());
    }

    std::vector<layer> layers() const
    {
        std::vector<layer> all;
        for (std::size_t i = 0; i < cameras_model_layer_count(get()); i++)
            all.push_back(
                {detail::text(cameras_model_layer_path(get(), i)), detail::text(cameras_model_layer_type(get(), i))});
        return all;
    }
    std::string auto_layer() const
    {
        const char *path = nullptr;
        detail::check(cameras_model_auto_layer(&path, get()));
        return path;
    }
    std::size_t class_count() const
    {
        std::size_t count = 0;
        detail::check(cameras_model_class_count(&count, get()));
        return count;
    }
    std::size_t channels() const { return cameras_model_channels(get()); }
    std::optional<std::string> label(std::size_t index) const
    {
        return detail::name(cameras_model_label(get(), index));
    }
    std::size_t find_class(const std::string &text) const
    {
        std::size_t index = 0;
        detail::check(cameras_model_find_class(&index, get(), text.c_str()));
        return index;
    }

    void read_labels(const std::string &path) { detail::check(cameras_model_read_labels(get(), path.c_str())); }
    void set_labels(const std::string &text)
    {
        detail::check(cameras_model_set_labels(get(), text.data(), text.size()));
    }
    void set_normalisation(const std::vector<float> &mean, const std::vector<float> &std)
    {
        if (mean.size() != std.size())
            throw error(CAMERAS_EINVAL, "set normalisation: mean and std differ in length");
        detail::check(cameras_model_set_normalisation(get(), mean.data(), std.data(), mean.size()));
    }
    void set_channel_order(cameras_channel_order order)
    {
        detail::check(cameras_model_set_channel_order(get(), order));
    }
    void set_base_size(std::size_t width, std::size_t height)
    {
        detail::check(cameras_model_set_base_size(get(), width, height));
    }
    void set_base_side(std::size_t side) { detail::check(cameras_model_set_base_side(get(), side)); }

    classification classify(const image &image, with options = {}) const
    {
        const std::size_t classes = class_count();
        classification result{std::vector<float>(classes), std::vector<float>(classes)};
        options.finish(cameras_classify(result.logits.data(), result.probabilities.data(), classes, get(), image.get(),
                                        options.get()));
        return result;
    }

    map explain(const image &image, with options = {}) const
    {
        return map::make(options, cameras_explain, get(), image.get(), options.get());
    }

    /* The classes of the first layer come first. */
    std::vector<map> explain_several(const image &image, with options = {}) const
    {
        std::vector<cameras_map *> raw(options.map_count());
        const cameras_status status =
            cameras_explain_several(raw.data(), raw.size(), get(), image.get(), options.get());
        std::vector<map> made = detail::take(raw.data(), raw.size());
        options.finish(status);
        return made;
    }

    std::size_t explain_memory(std::size_t width, std::size_t height, with options = {}) const
    {
        std::size_t bytes = 0;
        options.finish(cameras_explain_memory(&bytes, get(), width, height, options.get()));
        return bytes;
    }

    /* call comes from several threads, one at a time, in the order in which images finish. Returns how many succeeded.
     */
    template <class Images = image_list>
    std::size_t explain_many(const Images &images, std::function<bool(explained &&)> call, with options = {}) const
    {
        const std::vector<const cameras_image *> all = detail::pointers_of(images);
        return many(cameras_explain_many, all, std::move(call), options);
    }
    std::size_t explain_files(const std::vector<std::string> &paths, std::function<bool(explained &&)> call,
                              with options = {}) const
    {
        return many(cameras_explain_files, detail::pointers(paths), std::move(call), options);
    }

    cameras::scores score(const image &image, const map_view &map, with options = {}) const
    {
        return scored(image, map, nullptr, options);
    }
    cameras::scores score(const image &image, const map_view &map, const cameras::image &object,
                          with options = {}) const
    {
        if (!object.get())
            throw error(CAMERAS_EINVAL, "score map: the object was moved from");
        return scored(image, map, object.get(), options);
    }

    cameras::grid grid(const std::array<std::reference_wrapper<const image>, 4> &images,
                       const std::array<std::size_t, 4> &classes, with options = {}) const
    {
        const std::vector<const cameras_image *> all = detail::pointers_of(images);
        std::array<double, 4> shares{};
        cameras_image *picture = nullptr;
        const cameras_status status =
            cameras_grid_score(shares.data(), &picture, get(), all.data(), classes.data(), options.get());
        cameras::grid result{shares, image(picture)};
        options.finish(status);
        return result;
    }

    model randomise(const std::vector<std::string> &layers, std::uint64_t seed) const
    {
        const std::vector<const char *> paths = detail::pointers(layers);
        return model(make({}, cameras_model_randomise, get(), paths.data(), paths.size(), seed).release());
    }

    /* The order of the cascade: the last to be called first. */
    std::vector<std::string> parametrised() const
    {
        std::vector<std::string> all;
        for (std::size_t i = 0; i < cameras_model_parametrised_count(get()); i++)
            all.push_back(detail::text(cameras_model_parametrised_path(get(), i)));
        return all;
    }

    cameras::sanity sanity(const image &image, std::size_t stages = 0, with options = {}) const
    {
        return cameras::sanity(detail::make<cameras_sanity, cameras_sanity_free>(options, cameras_sanity_check, get(),
                                                                                 image.get(), stages, options.get())
                                   .release());
    }

    cameras::attack attack(const image &image, const map_view &map, with options = {}) const
    {
        return cameras::attack(detail::make<cameras_attack, cameras_attack_free>(options, cameras_attack_run, get(),
                                                                                 image.get(), map.get(), options.get())
                                   .release());
    }

    cameras_model *get() const noexcept { return handle_.get(); }

  private:
    using owner = detail::handle<cameras_model, cameras_model_close>;
    template <class Maker, class... Given> static owner make(const with &options, Maker maker, Given... given)
    {
        return detail::make<cameras_model, cameras_model_close>(options, maker, given...);
    }

    cameras::scores scored(const image &image, const map_view &map, const cameras_image *object, with options) const
    {
        return cameras::scores(detail::make<cameras_scores, cameras_scores_free>(
                                   options, cameras_score, get(), image.get(), map.get(), object, options.get())
                                   .release());
    }

    template <class Explain, class Inputs>
    std::size_t many(Explain every, const Inputs &inputs, std::function<bool(explained &&)> call, with options) const
    {
        if (!call)
            throw error(CAMERAS_EINVAL, "explain many: no function to tell");
        detail::each own(std::move(call));
        std::size_t count = 0;
        const cameras_status status =
            every(&count, get(), inputs.data(), inputs.size(), options.get(), detail::cameras_hpp_explained, &own);
        own.rethrow();
        options.finish(status);
        return count;
    }

    owner handle_;
};

} // namespace cameras

#endif
