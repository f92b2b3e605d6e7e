"""The package and the header agree. SPDX-License-Identifier: MIT"""

import pytest
from conftest import BINDING, HEADER
from header import Header, enum_faults, function_faults

import cameras
from cameras import _functions


@pytest.fixture(scope="module")
def text():
    return HEADER.read_text()


def test_every_function_of_the_header_is_bound_with_its_types_and_no_other(text):
    header = Header(text)
    assert len(header.functions) == text.count("CAMERAS_API ") - text.count("define CAMERAS_API ")
    assert function_faults(header, _functions.FUNCTIONS) == []


def test_callbacks_have_the_types_of_the_header(text):
    header = Header(text)
    bound = {"cameras_progress": _functions.PROGRESS, "cameras_explained": _functions.EXPLAINED}
    bound["cameras_log"] = _functions.LOG
    assert header.callbacks.keys() == bound.keys()
    for name, (result, parameters) in header.callbacks.items():
        assert bound[name]._restype_ is header.type_of(result, named=False)
        assert list(bound[name]._argtypes_) == [header.type_of(parameter) for parameter in parameters]


def test_every_enumerator_has_the_name_and_the_value_of_the_header(text):
    assert enum_faults(Header(text)) == []


@pytest.mark.parametrize(
    "old, new, fault",
    [
        ("CAMERAS_API size_t cameras_model_channels(const cameras_model *model);", "", "cameras_model_channels is not"),
        ("cameras_options_set_seed(cameras_options *options, uint64_t seed)",
         "cameras_options_set_seed(cameras_options *options, size_t seed, int more)", "cameras_options_set_seed takes"),
        ("cameras_map_spearman(double *out", "cameras_map_spearman(float *out", "cameras_map_spearman takes"),
        ("CAMERAS_API int cameras_map_is_flat", "CAMERAS_API double cameras_map_is_flat", "cameras_map_is_flat ret"),
        ("CAMERAS_API const char *cameras_version(void);",
         "CAMERAS_API const char *cameras_version(void); CAMERAS_API int cameras_new(int a);", "cameras_new is not"),
    ],
)  # fmt: skip
def test_a_header_with_another_function_is_noticed(text, old, new, fault):
    assert old in text
    faults = function_faults(Header(text.replace(old, new)), _functions.FUNCTIONS)
    assert len(faults) == 1 and faults[0].startswith(fault)


@pytest.mark.parametrize(
    "old, new", [("CAMERAS_GATE_ON = 1", "CAMERAS_GATE_ON = 2"), ("CAMERAS_JET = 3", "CAMERAS_HOT = 3")]
)
def test_a_header_with_another_enumerator_is_noticed(text, old, new):
    assert old in text
    assert len(enum_faults(Header(text.replace(old, new)))) == 1


def test_limits_are_those_of_the_header(text):
    header = Header(text)
    limits = "DEFAULT_MAX_PIXELS MAX_FILE_BYTES MAX_SIDE MAX_SCALES MAX_CLASSES MAX_LAYERS MAX_THREADS"
    for name in limits.split():
        assert getattr(cameras, name) == int(header.define("CAMERAS_" + name).rstrip("u"))
    assert header.define("CAMERAS_LEAST_LIKELY") == "SIZE_MAX" and cameras.LEAST_LIKELY == 2**64 - 1


def test_versions_of_package_library_and_header_are_one(text):
    version = Header(text).define("CAMERAS_VERSION_STRING").strip('"')
    assert version == cameras.__version__ == cameras.library_version()
    assert f'version = "{version}"' in (BINDING / "pyproject.toml").read_text()
    assert cameras.libtorch_version()[0].isdigit()


def test_every_bound_function_is_used_by_the_package():
    package = "".join(
        file.read_text() for file in (BINDING / "cameras").glob("*.py") if file.name != "_functions.py"
    ) + "cameras_last_error cameras_map_free"  # fmt: skip
    from cameras import options

    made_up = {"cameras_options_set_" + name for name in (*options._CHOICES, *options._SIZES, *options._NUMBERS)}
    assert [name for name in _functions.FUNCTIONS if name not in package and name not in made_up] == []


def test_lists_of_names_follow_the_enumerations():
    for kind, names in (
        (cameras.Method, cameras.method_names()),
        (cameras.ScoreKind, cameras.score_names()),
        (cameras.Colormap, cameras.colormap_names()),
    ):
        assert [kind.of(name) for name in names] == list(kind)


def test_every_status_has_an_exception_and_words():
    for status in cameras.Status:
        if status != cameras.Status.OK:
            assert sum(kind.status == status for kind in cameras.Error.__subclasses__()) == 1
        assert cameras.status_text(status)
    assert cameras.status_text(99)
