"""Models, classes, layers, maps and their record. SPDX-License-Identifier: MIT"""

import io
import pickle

import numpy
import pytest
from conftest import CAR, DEMO, HOUSE, SCENE, SHORT, open_demo
from PIL import Image as PIL

import cameras

LABELS = (DEMO / "demo.txt").read_text().split("\n")[:16]


def test_a_model_from_memory_is_the_model_from_the_file(model, scene):
    archive = (DEMO / "demo.pt").read_bytes()
    for content in (archive, bytearray(archive), memoryview(archive)):
        other = cameras.Model.from_bytes(content, labels=LABELS)
        assert (other.classify(scene).logits == model.classify(scene).logits).all()
        assert other.layers == model.layers and other.label(3) == model.label(3)


def test_layers_labels_and_classes_are_those_of_the_demo(model):
    assert model.class_count == 16 and model.channels == 3
    assert [model.label(i) for i in range(16)] == LABELS and model.label(16) is None
    assert model.auto_layer == "features" and "features" in [layer.path for layer in model.layers]
    assert {"Conv2d", "Linear"} <= {layer.type for layer in model.layers}
    assert set(model.parametrised_layers) < {layer.path for layer in model.layers}
    for text, index in (("House", 7), ("ROAD-sign", 15), ("6", 6)):
        assert model.find_class(text) == index
    with pytest.raises(cameras.ClassError, match="hous"):
        model.find_class("housse")


def test_classify_gives_the_softmax_of_the_logits_and_its_greatest(model, scene):
    found = model.classify(scene, threads=1)
    powers = numpy.exp(found.logits.astype(float))
    assert found.logits.shape == (16,) and found.logits.dtype == numpy.float32
    assert abs(found.probabilities - powers / powers.sum()).max() < 1e-6
    top = found.top(3)
    assert [index for index, _ in top] == list(numpy.argsort(-found.logits)[:3])
    assert top[0] == (CAR, float(found.probabilities[CAR]))


def test_a_map_spans_zero_to_one_and_knows_how_it_was_made(model, scene, house):
    assert house.values.shape == house.raw.shape == house.shape == (224, 224)
    assert house.values.dtype == numpy.float32 and house.values.min() == 0 and house.values.max() == 1
    stretched = (house.raw - house.raw.min()) / (house.raw.max() - house.raw.min())
    assert abs(stretched - house.values).max() < 1e-6 and house.raw.max() != 1
    assert (house.class_index, house.label, house.layer, house.is_flat) == (HOUSE, "house", "features", False)
    assert house.method is cameras.Method.CAMERAS and house.precision is cameras.Precision.FP32
    assert house.source is cameras.Source.BASE
    found = model.classify(scene, threads=1)
    assert house.logit == pytest.approx(found.logits[HOUSE], abs=1e-4)
    assert house.probability == pytest.approx(found.probabilities[HOUSE], abs=1e-5)


def test_the_record_has_a_line_for_each_scale(house):
    assert [(scale.width, scale.height) for scale in house.scales] == [(224, 224), (288, 288)]
    first = house.scales[0]
    assert first.top1 == CAR and first.top1_probability > first.probability
    assert first.probability == pytest.approx(house.probability, abs=1e-6)
    assert all(scale.used is True and "gate" in scale.reason for scale in house.scales)
    assert house.seconds.total >= house.seconds.trunk > 0 and house.seconds.fuse > 0


def test_the_gate_drops_scales_that_see_another_class(model, scene):
    sides = [224, 288, 16]
    seen = model.explain(scene, classes=CAR, gate="off", scales=sides, threads=1).scales
    gated = model.explain(scene, classes=CAR, gate="on", scales=sides, threads=1).scales
    assert seen[0].top1 == CAR != seen[2].top1
    assert [scale.used for scale in gated] == [scale.top1 == CAR for scale in seen]
    with pytest.raises(cameras.ScaleError) as raised:
        model.explain(scene, classes=CAR, gate="on", scales=sides[2:], threads=1)
    assert raised.value.status == cameras.Status.ESCALE


def test_every_way_to_give_a_picture_gives_one_map(model, house):
    opened = PIL.open(SCENE)
    for picture in (str(SCENE), SCENE, opened, numpy.asarray(opened.convert("RGB")), cameras.Image.read(SCENE)):
        assert (model.explain(picture, classes="house", **SHORT).values == house.values).all()


def test_several_classes_and_layers_come_in_order_and_equal_single_maps(model, scene, house):
    last, earlier = "features", model.layers[[layer.path for layer in model.layers].index("features") + 1].path
    options = cameras.Options(classes=["car", HOUSE], layers=(last, "auto"), **SHORT)
    assert options.map_count == 4
    maps = model.explain_several(scene, options)
    assert [(m.class_index, m.layer) for m in maps] == [(CAR, last), (HOUSE, last), (CAR, last), (HOUSE, last)]
    assert (maps[1].values == house.values).all()
    early = model.explain_several(scene, options, layers=earlier, keep_flat=True)
    assert [m.layer for m in early] == [earlier, earlier]
    with pytest.raises(ValueError, match="several"):
        model.explain(scene, options)


def test_keywords_come_before_options(model, scene):
    options = cameras.Options(classes=CAR, method="constant", **SHORT)
    made = model.explain(scene, options, classes=HOUSE)
    assert made.class_index == HOUSE and made.is_flat and (made.values == 0.5).all()
    assert options.classes == (CAR,) and options.replace(seed=3).seed == 3
    with pytest.raises(TypeError, match="sizes"):
        model.explain(scene, sizes=3)
    with pytest.raises(TypeError, match="Options"):
        model.explain(scene, {"classes": 3})


def test_options_reach_the_library(model, scene):
    grey = scene.pixels()[:, :400]
    given = dict(SHORT, classes=HOUSE, keep_flat=True)
    assert len(model.explain(grey, classes=HOUSE, preset="fast", threads=1).scales) == 3
    assert len(model.explain(grey, classes=HOUSE, preset="fast", scales=[224], threads=1).scales) == 1
    assert model.explain(grey, map_size="image", **given).shape == (448, 400)
    assert model.explain(grey, source=cameras.Source.ORIGINAL, **given).source == cameras.Source.ORIGINAL
    assert model.explain(grey, method="gradcam++", **given).method is cameras.Method.GRADCAMPP
    first, again, other = (model.explain(grey, method="random", seed=seed, **given) for seed in (1, 1, 2**64 - 1))
    assert (first.values == again.values).all() and (first.values != other.values).any()
    smooth, sharp = (model.explain(grey, interpolation=kind, **given) for kind in ("bilinear", "bicubic"))
    assert (smooth.values != sharp.values).any()
    assert len(model.explain(grey, classes=HOUSE, preset="paper", gate="off", keep_flat=True, threads=1).scales) == 7
    exact = model.explain(grey, precision="auto", **given).precision
    assert exact in (cameras.Precision.FP32, cameras.Precision.BF16)
    with pytest.raises(cameras.LimitError, match="1000"):
        model.explain(grey, memory_limit=1000, **given)
    with pytest.raises(cameras.LayerError, match="nowhere"):
        model.explain(grey, layers="nowhere", **given)
    with pytest.raises(cameras.ClassError):
        model.explain(grey, classes=16, **SHORT)
    with pytest.raises(cameras.FlatError):
        model.explain(grey, classes="bird", **SHORT)
    assert not model.explain(grey, classes="bird", keep_flat=True, **SHORT).values.any()


@pytest.mark.parametrize(
    "settings",
    [
        {"scales": []}, {"scales": [0]}, {"scales": [8193]}, {"scales": range(1, 66)}, {"threads": 1025},
        {"score_steps": 0}, {"score_steps": 4097}, {"batch": 0}, {"batch": 1025}, {"max_pixels": 0},
        {"max_file_bytes": 0}, {"max_file_bytes": 2**32}, {"max_scales": 0}, {"max_scales": 65}, {"max_classes": 4097},
        {"max_scales": 2, "scales": [8, 9, 10]}, {"max_classes": 1, "classes": [0, 1]},
        {"attack_confidence": 1.5}, {"attack_epsilon": 0}, {"attack_beta": float("nan")}, {"attack_steps": 0},
        {"sanity_threshold": float("nan")}, {"gate": "ajar"}, {"method": 10}, {"preset": cameras.Gate.ON},
        {"threads": -1}, {"scales": [-1]}, {"classes": -1}, {"classes": [2**64]}, {"seed": -1}, {"seed": 2**64},
        {"memory_limit": -1}, {"max_pixels": -5}, {"attack_target": -1}, {"layers": "a\0b"}, {"classes": "a\0b"},
    ],
    ids=str,
)  # fmt: skip
def test_settings_out_of_range_are_value_errors_when_they_are_made(settings):
    with pytest.raises(ValueError):
        cameras.Options(**settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"scales": ["224"]}, {"scales": 2.5}, {"scales": "224"}, {"threads": 1.0}, {"threads": True}, {"classes": 1.0},
        {"classes": b"car"}, {"classes": [None]}, {"layers": 3}, {"layers": [b"x"]}, {"seed": "1"}, {"progress": 3},
        {"attack_beta": "50"}, {"attack_beta": [1, 2]}, {"sanity_threshold": object()}, {"wrong": 1},
    ],
    ids=str,
)  # fmt: skip
def test_settings_of_wrong_types_are_type_errors_when_they_are_made(settings):
    with pytest.raises(TypeError):
        cameras.Options(**settings)


def test_numpy_integers_and_generators_are_settings(model, scene, house):
    made = model.explain(
        scene, classes=numpy.int64(HOUSE), scales=(side for side in numpy.array([224, 288])), threads=numpy.uint8(1)
    )
    assert (made.values == house.values).all()
    assert cameras.Options(classes=numpy.array([1, 2])).map_count == 2
    assert cameras.Options(classes=numpy.array(1)).map_count == 1


def test_options_scores_and_errors_can_be_pickled(model):
    options = cameras.Options(classes="car", gate=cameras.Gate.OFF, **SHORT)
    assert pickle.loads(pickle.dumps(options)) == options
    error = pickle.loads(pickle.dumps(cameras.LayerError("gone")))
    assert type(error) is cameras.LayerError and str(error) == "gone" and error.status == cameras.Status.ELAYER


def test_the_memory_that_a_call_takes_grows_with_its_scales(model):
    small, large = (model.explain_memory(448, 448, scales=[side]) for side in (224, 896))
    assert 0 < small < large


def test_model_settings_change_what_the_network_sees(scene):
    model = open_demo()
    before = model.classify(scene).logits
    model.set_channel_order("bgr")
    assert (model.classify(scene).logits != before).any()
    assert (model.classify(cameras.Image(scene.pixels(), order="bgr")).logits == before).all()  # twice is not at all
    model.set_channel_order(cameras.ChannelOrder.RGB)
    model.set_normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert (model.classify(scene).logits == before).all()
    model.set_normalisation([0, 0, 0], [1, 1, 1])
    assert (model.classify(scene).logits != before).any()
    model.set_base_size(160, 128)
    assert model.explain(scene, classes=HOUSE, scales=[128], keep_flat=True).shape == (128, 160)
    model.set_base_side(96)
    assert model.explain(scene.pixels()[:224], classes=HOUSE, scales=[96], keep_flat=True).shape == (96, 192)
    for mean, std in (([0], [1]), ([0, 0, 0], [1, 1, 0]), ([0, 0, 0], [1, 1]), ([], [])):
        with pytest.raises(ValueError):
            model.set_normalisation(mean, std)
    for width, height in ((0, 1), (1, 8193), (-1, 224)):
        with pytest.raises(ValueError):
            model.set_base_size(width, height)
    with pytest.raises(ValueError):
        model.set_base_side(0)


def test_labels_are_replaced_and_stay_after_a_failure(tmp_path):
    model = open_demo()
    model.set_labels(["null", "café"])
    assert (model.label(0), model.label(1), model.label(2)) == ("null", "café", None)
    assert model.find_class("café") == 1
    for labels in (["a\nb"], ["a\0b"], ["a\rb"]):
        with pytest.raises(ValueError):
            model.set_labels(labels)
    for labels in ("abc", [1]):
        with pytest.raises(TypeError):
            model.set_labels(labels)
    with pytest.raises(OSError):
        model.read_labels(tmp_path / "missing.txt")
    assert model.label(0) == "null"
    (tmp_path / "two.txt").write_text("x\ny\n\n")
    model.read_labels(tmp_path / "two.txt")
    assert model.label(1) == "y" and model.label(2) is None


def test_a_map_is_saved_and_read_and_made_from_an_array(tmp_path, house):
    house.save(tmp_path / "map.npy")
    stored = numpy.load(tmp_path / "map.npy")
    assert stored.dtype == numpy.float32 and (stored == house.values).all()
    for other in (cameras.Map.read(tmp_path / "map.npy"), cameras.Map(house), cameras.Map(house.values.astype(float))):
        assert (other.values == house.values).all() and (other.raw == house.values).all()
        assert (other.class_index, other.layer, other.scales, other.label) == (None, "", [], None)
    house.save(tmp_path / "map.png")
    assert abs(numpy.asarray(PIL.open(tmp_path / "map.png")) / 65535 - house.values).max() < 1e-5
    thin = cameras.Map(house.values[::3, ::-2])
    assert (thin.values == house.values[::3, ::-2]).all()
    assert cameras.Map(numpy.eye(3, dtype=bool)).values.sum() == 3
    with pytest.raises(ValueError):
        house.save(tmp_path / "map.txt")
    with pytest.raises(OSError):
        house.save(tmp_path / "no" / "map.npy")


def test_no_map_comes_from_what_is_none():
    for values, kind in (
        (numpy.full((3, 3), 1.5), ValueError), (numpy.full((3, 3), -0.1), ValueError),
        (numpy.full((3, 3), numpy.nan), ValueError), (numpy.zeros((0, 3)), ValueError), (numpy.zeros(3), ValueError),
        (numpy.zeros((3, 3, 1)), ValueError), (numpy.zeros((3, 3), complex), TypeError), ([["a"]], TypeError),
        (None, TypeError), (numpy.zeros((3, 0)), ValueError),
    ):  # fmt: skip
        with pytest.raises(kind):
            cameras.Map(values)


def test_a_map_is_an_array_to_numpy(house):
    assert (numpy.asarray(house) == house.values).all() and not numpy.asarray(house).flags.owndata
    copied = numpy.array(house)
    copied[0, 0] = 9
    assert house.values[0, 0] != 9
    assert numpy.asarray(house, dtype=numpy.float64).dtype == numpy.float64


def test_overlay_mixes_picture_and_heatmap(scene, house):
    base = cameras.Image(numpy.full((224, 224, 3), 200, numpy.uint8))
    heat = numpy.asarray(house.heatmap("jet")).astype(int)
    for opacity in (0, 0.25, 1):
        mixed = numpy.asarray(house.overlay(base, cameras.Colormap.JET, opacity))
        assert abs(mixed - (opacity * heat + (1 - opacity) * 200)).max() <= 1
    assert house.overlay(SCENE).shape == (448, 448)
    grey = numpy.asarray(house.heatmap("gray"))
    assert abs(grey[..., 0] / 255 - house.values).max() <= 0.51 / 255
    for opacity in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError):
            house.overlay(base, opacity=opacity)
    with pytest.raises(ValueError, match="viridis"):
        house.overlay(base, "rainbow")
    assert PIL.open(io.BytesIO(house._repr_png_())).size == (224, 224)


def test_similarity_and_difference_follow_their_definitions(house):
    values = numpy.linspace(0, 1, 40 * 30, dtype=numpy.float32).reshape(40, 30)
    rising, falling, bent = cameras.Map(values), cameras.Map(1 - values), cameras.Map(values**2)
    assert rising.spearman(bent) == pytest.approx(1) and rising.spearman(falling) == pytest.approx(-1)
    assert rising.ssim(rising) == pytest.approx(1) and rising.ssim(falling) < 0.5
    assert rising.overlap(bent, 0.1) == 1 and rising.overlap(falling, 0.1) == 0
    picture = numpy.asarray(rising.difference(falling)).astype(int)
    assert picture[-1, -1, 0] > picture[-1, -1, 2] and picture[0, 0, 2] > picture[0, 0, 0]
    assert (numpy.asarray(rising.difference(rising)) == 255).all()
    with pytest.raises(cameras.InvalidArgument):
        rising.spearman(house)
    with pytest.raises(cameras.FlatError):
        rising.spearman(cameras.Map(numpy.zeros((40, 30))))
    for share in (0, 1.5, -1):
        with pytest.raises(ValueError):
            rising.overlap(bent, share)
    with pytest.raises(TypeError, match="Map"):
        rising.ssim(values)


def test_a_model_that_is_none_is_refused(tmp_path):
    with pytest.raises(OSError, match="missing.pt"):
        cameras.Model(tmp_path / "missing.pt")
    (tmp_path / "text.pt").write_text("no model")
    with pytest.raises(cameras.FormatError):
        cameras.Model(tmp_path / "text.pt")
    for content in (b"", b"no model"):
        with pytest.raises(cameras.Error):
            cameras.Model.from_bytes(content)
    for wrong in (None, 3, 3.5):
        with pytest.raises(TypeError):
            cameras.Model(wrong)
    with pytest.raises(TypeError, match="str"):
        cameras.Model.from_bytes("archive")
    with pytest.raises(ValueError, match="NUL"):
        cameras.Model("demo\0.pt")


def test_representations_say_what_it_is(model, scene, house):
    assert repr(house) == "<cameras.Map 224 x 224, class house at features>"
    assert repr(scene) == "<cameras.Image 448 x 448, colour>"
    assert repr(model).startswith("<cameras.Model of ")
    assert repr(cameras.Map(numpy.zeros((2, 3)))) == "<cameras.Map 3 x 2, made elsewhere>"


def test_an_enumeration_is_given_by_member_name_or_number():
    assert [cameras.Gate.of(value) for value in ("off", "OFF", 2, cameras.Gate.OFF)] == [cameras.Gate.OFF] * 4
    for wrong in ("ajar", 3, -1, None, True, 1.0, cameras.Method.CAMERAS):
        with pytest.raises(ValueError, match="auto, on, off"):
            cameras.Gate.of(wrong)
