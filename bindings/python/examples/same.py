"""same.py MODEL LABELS PICTURE OUT: one explanation as bytes, to be compared with what the other languages write.

SPDX-License-Identifier: MIT
"""

import sys

import numpy

import cameras

KINDS = (
    cameras.ScoreKind.POSITIVE_MAP_DENSITY,
    cameras.ScoreKind.NEGATIVE_MAP_DENSITY,
    cameras.ScoreKind.AVERAGE_DROP,
    cameras.ScoreKind.INCREASE,
    cameras.ScoreKind.AVERAGE_GAIN,
)


def main(model_path: str, labels: str, picture_path: str, out: str) -> None:
    options = cameras.Options(
        classes=(1, 4), layers="auto", scales=(224, 288), threads=1, gate="off", keep_flat=True, score_steps=4
    )
    model = cameras.Model(model_path, labels=labels)
    picture = cameras.Image.read(picture_path)
    first, second = model.explain_several(picture, options)
    scores = model.score(picture, first, options=options.replace(classes=1))
    with open(out, "wb") as file:
        for floats in (first.values, second.values, first.raw):
            file.write(floats.tobytes())
        file.write(first.overlay(picture, "viridis", 0.5).pixels().tobytes())
        file.write(numpy.array([scores[kind] for kind in KINDS], numpy.float64).tobytes())
        file.write((first.layer + (model.label(1) or "")).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
