"""Scores, the grid game, randomising, the sanity check, the attack. SPDX-License-Identifier: MIT"""

import math
import pickle

import numpy
import pytest
from conftest import CAR, HOUSE, SHORT

import cameras


def softmax(logits):
    powers = numpy.exp(logits.astype(float) - logits.max())
    return powers / powers.sum()


@pytest.fixture(scope="module")
def base(model):
    """A picture of the base size, so that what the network is shown can be made with numpy."""
    return numpy.random.default_rng(3).integers(0, 256, (224, 224, 3)).astype(numpy.uint8)


def test_densities_and_drops_follow_their_formulas(model, base):
    values = numpy.zeros((224, 224), numpy.float32)
    values[60:160, 60:160] = 1  # values that stay whole when a picture of bytes is multiplied
    saliency = cameras.Map(values)
    scores = model.score(base, saliency, classes=HOUSE, masking="pixels", score_steps=2, **SHORT)
    whole, kept, rest = (
        float(softmax(model.classify(picture, threads=1).logits)[HOUSE])
        for picture in (base, base * (values > 0)[..., None], base * (values == 0)[..., None])
    )
    share = values.mean()
    assert scores.class_index == HOUSE and scores.probability == pytest.approx(whole, rel=1e-4)
    assert scores["positive_map_density"] == pytest.approx(kept / share, rel=1e-3)
    assert scores["negative-map-density"] == pytest.approx(rest / (1 - share), rel=1e-3)
    assert scores["average_drop"] == pytest.approx(max(0, whole - kept) / whole, abs=1e-3)
    assert scores["increase"] == (kept > whole)
    assert scores[cameras.ScoreKind.AVERAGE_GAIN] == pytest.approx(max(0, kept - whole) / (1 - whole), abs=1e-3)
    assert math.isnan(scores["energy"]) and math.isnan(scores["iou"]) and math.isnan(scores["pointing_hit"])
    assert set(scores.values) == set(cameras.ScoreKind) and pickle.loads(pickle.dumps(scores)).class_index == HOUSE


def test_settings_of_scores_reach_the_library(model, base, house):
    settings = dict(classes=HOUSE, **SHORT)
    default = model.score(base, house, score_steps=4, **settings)
    batched = model.score(base, house, score_steps=4, batch=1, **settings)
    assert batched["insertion_auc"] == pytest.approx(default["insertion_auc"], rel=1e-4)
    finer = model.score(base, house, score_steps=9, **settings)
    assert finer["deletion_auc"] != default["deletion_auc"]
    mean = model.score(base, house, score_steps=4, masking=cameras.Masking.NORMALISED, **settings)
    assert mean["positive_map_density"] != default["positive_map_density"]
    assert mean.probability == default.probability


def test_localisation_is_measured_against_an_object(model, base):
    values = numpy.zeros((224, 224), numpy.float32)
    values[:100, :100] = 0.5
    values[:50, :100] = 1
    mask = numpy.zeros((224, 224), bool)
    mask[:50, :100] = True
    settings = dict(classes=HOUSE, score_steps=1, batch=2, **SHORT)
    for shown in (mask, cameras.Image.box(224, 224, 0, 0, 100, 50)):
        scores = model.score(base, cameras.Map(values), shown, **settings)
        assert scores["energy"] == pytest.approx(2 / 3, rel=1e-5)
        assert scores["iou"] == 1 and scores["pointing_hit"] == 1
    with pytest.raises(cameras.InvalidArgument):
        model.score(base, cameras.Map(values), numpy.zeros((224, 224), bool), **settings)
    with pytest.raises(cameras.InvalidArgument):
        model.score(base, cameras.Map(values[:9, :9]), **settings)
    with pytest.raises(TypeError, match="Map"):
        model.score(base, values, **settings)


def test_a_map_is_scored_at_its_own_class_where_none_is_given(model, scene, house):
    scores = model.score(scene, house, score_steps=1, **SHORT)
    assert scores.class_index == HOUSE and scores.probability == pytest.approx(house.probability, rel=1e-4)
    assert model.score(scene, house, classes="car", score_steps=1, **SHORT).class_index == CAR


def test_the_grid_game_tiles_four_pictures_and_gives_shares(model, scene):
    colours = [numpy.full((50, 50, 3), colour, numpy.uint8) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    grid = model.grid_score([*colours, scene], ["mammal", 1, 2, "car"], method="constant", **SHORT)
    tiled = numpy.asarray(grid.picture)
    side = tiled.shape[0] // 2
    assert tiled.shape == (448, 448, 3) and grid.shares == pytest.approx([0.25] * 4)
    assert [tuple(tiled[y, x]) for y, x in ((0, 0), (0, side), (side, 0))] == [tuple(c[0, 0]) for c in colours]
    for pictures, classes in (([scene] * 3, [0, 1, 2]), ([scene] * 4, [0, 1]), ([], [])):
        with pytest.raises(ValueError, match="four"):
            model.grid_score(pictures, classes)
    with pytest.raises(ValueError):
        model.grid_score([scene] * 4, [0, 1, 2, -1])


def test_randomising_is_repeatable_and_leaves_the_model_untouched(model, scene):
    before = model.classify(scene, threads=1).logits
    last = model.parametrised_layers[:1]
    first, again, other = (model.randomise(last, seed).classify(scene, threads=1).logits for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any() and (first != before).any()
    assert (model.classify(scene, threads=1).logits == before).all()
    with pytest.raises(cameras.LayerError):
        model.randomise(["nowhere"])
    with pytest.raises(ValueError):
        model.randomise(last, -1)
    assert (model.randomise([], 1).classify(scene, threads=1).logits == before).all()


def test_sanity_has_a_map_a_stage_which_outlives_the_result(model, scene, house):
    found = model.sanity(scene, 2, classes=HOUSE, attack_steps=2, **SHORT)
    assert len(found.stages) == 2 and found.stages[-1].layer in [layer.path for layer in model.layers]
    assert (found.original.values == house.values).all() and found.original.label == "house"
    for stage in found.stages:
        if not stage.map.is_flat:
            assert stage.spearman == pytest.approx(found.original.spearman(stage.map), abs=1e-12)
    assert found.unlikely.class_index == int(model.classify(scene, threads=1).logits.argmin())
    assert found.why and found.passed in (True, False) and -1 <= found.adversarial_spearman <= 1
    assert 0 <= found.class_overlap <= 1 or math.isnan(found.class_overlap)
    assert math.isfinite(found.adversarial_score) and math.isfinite(found.adversarial_chance)
    values, copy = found.stages[0].map.values, found.stages[0].map.values.copy()
    del found, stage
    other = model.sanity(scene, 1, classes=HOUSE, attack_steps=1, sanity_threshold=0.25, **SHORT)
    assert "at most 0.25" in other.why
    assert (values == copy).all()
    with pytest.raises(ValueError):
        model.sanity(scene, -1)


def test_the_attack_stays_within_epsilon_and_its_norms_are_numpys(model, scene, tmp_path):
    saliency = model.explain(scene, classes=CAR, **SHORT)
    settings = dict(attack_epsilon=0.05, attack_steps=8, attack_confidence=0.6, attack_target="house", threads=1)
    attack = model.attack(scene, saliency, **settings)
    assert attack.target == HOUSE and attack.shape == (3, 224, 224)
    shown = numpy.asarray(attack.image("guided"))
    for kind in cameras.AttackKind:
        moved = attack.perturbation(kind)
        assert moved.shape == attack.shape and abs(moved).max() <= 0.05 + 1e-6 and abs(moved).max() > 0
        assert attack.norm(kind, "linf") == pytest.approx(abs(moved).max(), rel=1e-5)
        assert attack.norm(kind, "l2") == pytest.approx(numpy.sqrt((moved.astype(float) ** 2).sum()), rel=1e-5)
        inside, outside = (attack.norm(kind, "l1", part) for part in ("inside", "outside"))
        assert inside + outside == pytest.approx(attack.norm(kind, "l1"), rel=1e-5)
        assert 1 <= attack.steps(kind) <= 8
        assert attack.succeeded(kind) == (attack.confidence(kind) >= 0.6)
        attack.save(kind, tmp_path / "p.npy")
        assert (numpy.load(tmp_path / "p.npy") == moved).all()
        assert attack.picture(kind).shape == (224, 224)
    assert shown.shape == (224, 224, 3)
    if attack.succeeded("guided") and attack.succeeded("plain"):
        assert attack.reduction == pytest.approx(1 - attack.norm("guided", "l2") / attack.norm("plain", "l2"))
    else:
        assert math.isnan(attack.reduction)
    attack.close()
    assert abs(moved).max() > 0 and repr(attack) == "<cameras.Attack closed>"
    with pytest.raises(cameras.InvalidArgument):
        model.attack(scene, saliency, **dict(settings, attack_target="car"))
    with pytest.raises(TypeError, match="Map"):
        model.attack(scene, saliency.values)
    moved = []
    for rule in cameras.StepRule:
        given = dict(settings, attack_steps=1, attack_rule=rule, attack_beta=0)
        moved.append(model.attack(scene, saliency, **given).perturbation("plain"))
    assert (moved[0] != moved[1]).any()
    least = model.attack(scene, saliency, attack_steps=1, attack_target=cameras.LEAST_LIKELY)
    assert least.target == int(model.classify(scene, threads=1).logits.argmin())
