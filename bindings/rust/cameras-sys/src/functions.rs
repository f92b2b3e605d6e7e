// SPDX-License-Identifier: MIT
//! Every function of the header, in its order. The contract stands there.
use crate::*;
use std::os::raw::{c_char, c_int, c_void};

extern "C" {
    pub fn cameras_version() -> *const c_char;
    pub fn cameras_libtorch_version() -> *const c_char;
    pub fn cameras_status_text(status: cameras_status) -> *const c_char;
    pub fn cameras_last_error() -> *const c_char;
    pub fn cameras_set_log(call: cameras_log, user: *mut c_void) -> cameras_status;
    pub fn cameras_options_new(out: *mut *mut cameras_options) -> cameras_status;
    pub fn cameras_options_free(options: *mut cameras_options);
    pub fn cameras_options_set_preset(options: *mut cameras_options, preset: cameras_preset) -> cameras_status;
    pub fn cameras_options_set_scales(
        options: *mut cameras_options,
        sides: *const usize,
        count: usize,
    ) -> cameras_status;
    pub fn cameras_options_set_interpolation(
        options: *mut cameras_options,
        kind: cameras_interpolation,
    ) -> cameras_status;
    pub fn cameras_options_set_gate(options: *mut cameras_options, gate: cameras_gate) -> cameras_status;
    pub fn cameras_options_set_method(options: *mut cameras_options, method: cameras_method) -> cameras_status;
    pub fn cameras_method_name(method: cameras_method) -> *const c_char;
    pub fn cameras_options_set_seed(options: *mut cameras_options, seed: u64) -> cameras_status;
    pub fn cameras_options_set_source(options: *mut cameras_options, source: cameras_source) -> cameras_status;
    pub fn cameras_options_set_map_size(options: *mut cameras_options, size: cameras_map_size) -> cameras_status;
    pub fn cameras_options_add_class(options: *mut cameras_options, index: usize) -> cameras_status;
    pub fn cameras_options_add_layer(options: *mut cameras_options, path: *const c_char) -> cameras_status;
    pub fn cameras_options_set_threads(options: *mut cameras_options, threads: usize) -> cameras_status;
    pub fn cameras_options_set_precision(options: *mut cameras_options, precision: cameras_precision)
        -> cameras_status;
    pub fn cameras_options_set_memory_limit(options: *mut cameras_options, bytes: usize) -> cameras_status;
    pub fn cameras_options_set_keep_flat(options: *mut cameras_options, keep: c_int) -> cameras_status;
    pub fn cameras_options_set_max_pixels(options: *mut cameras_options, pixels: usize) -> cameras_status;
    pub fn cameras_options_set_max_file_bytes(options: *mut cameras_options, bytes: usize) -> cameras_status;
    pub fn cameras_options_set_max_scales(options: *mut cameras_options, count: usize) -> cameras_status;
    pub fn cameras_options_set_max_classes(options: *mut cameras_options, count: usize) -> cameras_status;
    pub fn cameras_options_set_progress(
        options: *mut cameras_options,
        call: cameras_progress,
        user: *mut c_void,
    ) -> cameras_status;
    pub fn cameras_model_open(out: *mut *mut cameras_model, path: *const c_char) -> cameras_status;
    pub fn cameras_model_open_memory(out: *mut *mut cameras_model, bytes: *const c_void, size: usize)
        -> cameras_status;
    pub fn cameras_model_close(model: *mut cameras_model);
    pub fn cameras_model_layer_count(model: *const cameras_model) -> usize;
    pub fn cameras_model_layer_path(model: *const cameras_model, index: usize) -> *const c_char;
    pub fn cameras_model_layer_type(model: *const cameras_model, index: usize) -> *const c_char;
    pub fn cameras_model_auto_layer(out: *mut *const c_char, model: *mut cameras_model) -> cameras_status;
    pub fn cameras_model_class_count(out: *mut usize, model: *mut cameras_model) -> cameras_status;
    pub fn cameras_model_channels(model: *const cameras_model) -> usize;
    pub fn cameras_model_read_labels(model: *mut cameras_model, path: *const c_char) -> cameras_status;
    pub fn cameras_model_set_labels(model: *mut cameras_model, text: *const c_char, size: usize) -> cameras_status;
    pub fn cameras_model_label(model: *const cameras_model, index: usize) -> *const c_char;
    pub fn cameras_model_find_class(
        out: *mut usize,
        model: *const cameras_model,
        text: *const c_char,
    ) -> cameras_status;
    pub fn cameras_model_set_normalisation(
        model: *mut cameras_model,
        mean: *const f32,
        std: *const f32,
        channels: usize,
    ) -> cameras_status;
    pub fn cameras_model_set_channel_order(model: *mut cameras_model, order: cameras_channel_order) -> cameras_status;
    pub fn cameras_model_set_base_size(model: *mut cameras_model, width: usize, height: usize) -> cameras_status;
    pub fn cameras_model_set_base_side(model: *mut cameras_model, side: usize) -> cameras_status;
    pub fn cameras_image_read(
        out: *mut *mut cameras_image,
        path: *const c_char,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_image_read_memory(
        out: *mut *mut cameras_image,
        bytes: *const c_void,
        size: usize,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_image_new(
        out: *mut *mut cameras_image,
        pixels: *const c_void,
        width: usize,
        height: usize,
        stride: usize,
        format: cameras_pixel_format,
    ) -> cameras_status;
    pub fn cameras_image_free(image: *mut cameras_image);
    pub fn cameras_image_width(image: *const cameras_image) -> usize;
    pub fn cameras_image_height(image: *const cameras_image) -> usize;
    pub fn cameras_image_channels(image: *const cameras_image) -> usize;
    pub fn cameras_image_pixels(pixels: *mut u8, stride: usize, image: *const cameras_image) -> cameras_status;
    pub fn cameras_image_write(image: *const cameras_image, path: *const c_char) -> cameras_status;
    pub fn cameras_classify(
        logits: *mut f32,
        probabilities: *mut f32,
        classes: usize,
        model: *mut cameras_model,
        image: *const cameras_image,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_explain(
        out: *mut *mut cameras_map,
        model: *mut cameras_model,
        image: *const cameras_image,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_options_map_count(options: *const cameras_options) -> usize;
    pub fn cameras_explain_several(
        maps: *mut *mut cameras_map,
        count: usize,
        model: *mut cameras_model,
        image: *const cameras_image,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_explain_memory(
        bytes: *mut usize,
        model: *mut cameras_model,
        width: usize,
        height: usize,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_explain_many(
        explained: *mut usize,
        model: *mut cameras_model,
        images: *const *const cameras_image,
        count: usize,
        options: *const cameras_options,
        call: cameras_explained,
        user: *mut c_void,
    ) -> cameras_status;
    pub fn cameras_explain_files(
        explained: *mut usize,
        model: *mut cameras_model,
        paths: *const *const c_char,
        count: usize,
        options: *const cameras_options,
        call: cameras_explained,
        user: *mut c_void,
    ) -> cameras_status;
    pub fn cameras_map_new(
        out: *mut *mut cameras_map,
        values: *const f32,
        width: usize,
        height: usize,
    ) -> cameras_status;
    pub fn cameras_map_read(out: *mut *mut cameras_map, path: *const c_char) -> cameras_status;
    pub fn cameras_map_free(map: *mut cameras_map);
    pub fn cameras_map_width(map: *const cameras_map) -> usize;
    pub fn cameras_map_height(map: *const cameras_map) -> usize;
    pub fn cameras_map_values(map: *const cameras_map) -> *const f32;
    pub fn cameras_map_raw(map: *const cameras_map) -> *const f32;
    pub fn cameras_map_is_flat(map: *const cameras_map) -> c_int;
    pub fn cameras_map_class(map: *const cameras_map) -> usize;
    pub fn cameras_map_logit(map: *const cameras_map) -> f32;
    pub fn cameras_map_probability(map: *const cameras_map) -> f32;
    pub fn cameras_map_layer(map: *const cameras_map) -> *const c_char;
    pub fn cameras_map_method(map: *const cameras_map) -> cameras_method;
    pub fn cameras_map_source(map: *const cameras_map) -> cameras_source;
    pub fn cameras_map_precision(map: *const cameras_map) -> cameras_precision;
    pub fn cameras_map_scale_count(map: *const cameras_map) -> usize;
    pub fn cameras_map_scale_width(map: *const cameras_map, index: usize) -> usize;
    pub fn cameras_map_scale_height(map: *const cameras_map, index: usize) -> usize;
    pub fn cameras_map_scale_top1(map: *const cameras_map, index: usize) -> usize;
    pub fn cameras_map_scale_top1_probability(map: *const cameras_map, index: usize) -> f32;
    pub fn cameras_map_scale_probability(map: *const cameras_map, index: usize) -> f32;
    pub fn cameras_map_scale_used(map: *const cameras_map, index: usize) -> c_int;
    pub fn cameras_map_scale_reason(map: *const cameras_map, index: usize) -> *const c_char;
    pub fn cameras_map_seconds(map: *const cameras_map, stage: cameras_stage) -> f64;
    pub fn cameras_map_write(map: *const cameras_map, path: *const c_char) -> cameras_status;
    pub fn cameras_colormap_name(colormap: cameras_colormap) -> *const c_char;
    pub fn cameras_map_overlay(
        out: *mut *mut cameras_image,
        map: *const cameras_map,
        image: *const cameras_image,
        colormap: cameras_colormap,
        opacity: f32,
    ) -> cameras_status;
    pub fn cameras_image_sheet(
        out: *mut *mut cameras_image,
        images: *const *const cameras_image,
        count: usize,
        columns: usize,
        gap: usize,
    ) -> cameras_status;
    pub fn cameras_map_difference(
        out: *mut *mut cameras_image,
        a: *const cameras_map,
        b: *const cameras_map,
    ) -> cameras_status;
    pub fn cameras_image_caption(
        out: *mut *mut cameras_image,
        image: *const cameras_image,
        text: *const c_char,
        scale: usize,
    ) -> cameras_status;
    pub fn cameras_map_spearman(out: *mut f64, a: *const cameras_map, b: *const cameras_map) -> cameras_status;
    pub fn cameras_map_ssim(out: *mut f64, a: *const cameras_map, b: *const cameras_map) -> cameras_status;
    pub fn cameras_map_overlap(
        out: *mut f64,
        a: *const cameras_map,
        b: *const cameras_map,
        share: f64,
    ) -> cameras_status;
    pub fn cameras_score_name(kind: cameras_score_kind) -> *const c_char;
    pub fn cameras_options_set_masking(options: *mut cameras_options, masking: cameras_masking) -> cameras_status;
    pub fn cameras_options_set_score_steps(options: *mut cameras_options, steps: usize) -> cameras_status;
    pub fn cameras_options_set_batch(options: *mut cameras_options, images: usize) -> cameras_status;
    pub fn cameras_score(
        out: *mut *mut cameras_scores,
        model: *mut cameras_model,
        image: *const cameras_image,
        map: *const cameras_map,
        object: *const cameras_image,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_scores_free(scores: *mut cameras_scores);
    pub fn cameras_scores_value(scores: *const cameras_scores, kind: cameras_score_kind) -> f64;
    pub fn cameras_scores_class(scores: *const cameras_scores) -> usize;
    pub fn cameras_scores_probability(scores: *const cameras_scores) -> f64;
    pub fn cameras_image_new_box(
        out: *mut *mut cameras_image,
        width: usize,
        height: usize,
        x: usize,
        y: usize,
        box_width: usize,
        box_height: usize,
    ) -> cameras_status;
    pub fn cameras_grid_score(
        shares: *mut f64,
        picture: *mut *mut cameras_image,
        model: *mut cameras_model,
        images: *const *const cameras_image,
        classes: *const usize,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_model_randomise(
        out: *mut *mut cameras_model,
        model: *const cameras_model,
        layers: *const *const c_char,
        count: usize,
        seed: u64,
    ) -> cameras_status;
    pub fn cameras_model_parametrised_count(model: *const cameras_model) -> usize;
    pub fn cameras_model_parametrised_path(model: *const cameras_model, index: usize) -> *const c_char;
    pub fn cameras_sanity_check(
        out: *mut *mut cameras_sanity,
        model: *mut cameras_model,
        image: *const cameras_image,
        stages: usize,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_sanity_free(sanity: *mut cameras_sanity);
    pub fn cameras_sanity_stage_count(sanity: *const cameras_sanity) -> usize;
    pub fn cameras_sanity_stage_layer(sanity: *const cameras_sanity, index: usize) -> *const c_char;
    pub fn cameras_sanity_stage_spearman(sanity: *const cameras_sanity, index: usize) -> f64;
    pub fn cameras_sanity_stage_ssim(sanity: *const cameras_sanity, index: usize) -> f64;
    pub fn cameras_sanity_stage_map(sanity: *const cameras_sanity, index: usize) -> *const cameras_map;
    pub fn cameras_sanity_original(sanity: *const cameras_sanity) -> *const cameras_map;
    pub fn cameras_sanity_unlikely(sanity: *const cameras_sanity) -> *const cameras_map;
    pub fn cameras_sanity_adversarial_score(sanity: *const cameras_sanity) -> f64;
    pub fn cameras_sanity_adversarial_chance(sanity: *const cameras_sanity) -> f64;
    pub fn cameras_sanity_adversarial_spearman(sanity: *const cameras_sanity) -> f64;
    pub fn cameras_sanity_class_overlap(sanity: *const cameras_sanity) -> f64;
    pub fn cameras_sanity_passed(sanity: *const cameras_sanity) -> c_int;
    pub fn cameras_sanity_why(sanity: *const cameras_sanity) -> *const c_char;
    pub fn cameras_options_set_sanity_threshold(options: *mut cameras_options, threshold: f64) -> cameras_status;
    pub fn cameras_options_set_attack_target(options: *mut cameras_options, class_index: usize) -> cameras_status;
    pub fn cameras_options_set_attack_confidence(options: *mut cameras_options, probability: f64) -> cameras_status;
    pub fn cameras_options_set_attack_epsilon(options: *mut cameras_options, epsilon: f64) -> cameras_status;
    pub fn cameras_options_set_attack_beta(options: *mut cameras_options, beta: f64) -> cameras_status;
    pub fn cameras_options_set_attack_steps(options: *mut cameras_options, steps: usize) -> cameras_status;
    pub fn cameras_options_set_attack_rule(options: *mut cameras_options, rule: cameras_step_rule) -> cameras_status;
    pub fn cameras_attack_run(
        out: *mut *mut cameras_attack,
        model: *mut cameras_model,
        image: *const cameras_image,
        map: *const cameras_map,
        options: *const cameras_options,
    ) -> cameras_status;
    pub fn cameras_attack_free(attack: *mut cameras_attack);
    pub fn cameras_attack_target(attack: *const cameras_attack) -> usize;
    pub fn cameras_attack_norm(
        attack: *const cameras_attack,
        kind: cameras_attack_kind,
        norm: cameras_norm,
        part: cameras_part,
    ) -> f64;
    pub fn cameras_attack_succeeded(attack: *const cameras_attack, kind: cameras_attack_kind) -> c_int;
    pub fn cameras_attack_confidence(attack: *const cameras_attack, kind: cameras_attack_kind) -> f64;
    pub fn cameras_attack_steps(attack: *const cameras_attack, kind: cameras_attack_kind) -> usize;
    pub fn cameras_attack_reduction(attack: *const cameras_attack) -> f64;
    pub fn cameras_attack_perturbation(attack: *const cameras_attack, kind: cameras_attack_kind) -> *const f32;
    pub fn cameras_attack_width(attack: *const cameras_attack) -> usize;
    pub fn cameras_attack_height(attack: *const cameras_attack) -> usize;
    pub fn cameras_attack_channels(attack: *const cameras_attack) -> usize;
    pub fn cameras_attack_image(
        out: *mut *mut cameras_image,
        attack: *const cameras_attack,
        kind: cameras_attack_kind,
    ) -> cameras_status;
    pub fn cameras_attack_picture(
        out: *mut *mut cameras_image,
        attack: *const cameras_attack,
        kind: cameras_attack_kind,
    ) -> cameras_status;
    pub fn cameras_attack_write(
        attack: *const cameras_attack,
        kind: cameras_attack_kind,
        path: *const c_char,
    ) -> cameras_status;
}
