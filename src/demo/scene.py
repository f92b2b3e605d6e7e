#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the demo scene: scene.png and one exact mask per class.

All objects are held-out artworks, none of which the network has seen in
training; the landscape around them is drawn here.
"""

import argparse
import math
import os

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import compose

SIDE = 448
SEED = 11

# class, artwork, centre and width as shares of the side, angle, mirrored;
# from the back to the front.
OBJECTS = [
    ('house', 'buildings/homes/my_house_01', (0.21, 0.46), 0.34, 0.0, False),
    ('balloon', 'recreation/party/balloons-aj', (0.77, 0.21), 0.27, 0.0,
     False),
    ('car', 'transportation/toyota_land_cruiser_ganson', (0.67, 0.64), 0.42,
     0.0, False),
    ('road-sign', 'transportation/roadsigns/narrows_both', (0.21, 0.77), 0.26,
     0.0, False),
]


def vertical(colours, rows):
    """A vertical gradient through (position, colour) stops, [rows, 3]."""
    at, colours = zip(*colours)
    t = np.linspace(0, 1, rows)
    return np.stack([np.interp(t, at, [c[i] for c in colours])
                     for i in range(3)], -1)


def landscape(rng):
    """Sky with clouds, hills and a meadow with a lane."""
    sky = vertical([(0, (70, 130, 205)), (0.3, (150, 195, 232)),
                    (0.5, (250, 226, 190)), (1, (250, 226, 190))], SIDE)
    canvas = np.repeat(sky[:, None], SIDE, 1)
    canvas = compose.blend(canvas, clouds(rng))
    canvas = hills(rng, canvas)
    canvas = compose.blend(canvas, lane())
    return compose.blend(canvas, tufts(rng))


def clouds(rng):
    """Soft white clouds, RGBA."""
    layer = Image.new('RGBA', (SIDE, SIDE), (255, 255, 255, 0))
    draw = ImageDraw.Draw(layer)
    for x, y in ((60, 70), (215, 45), (430, 150)):
        for _ in range(9):
            dx, dy = rng.normal(0, 30), rng.normal(0, 7)
            r = rng.uniform(9, 20)
            draw.ellipse([x + dx - 1.6 * r, y + dy - r,
                          x + dx + 1.6 * r, y + dy + r],
                         fill=(255, 250, 244, 150))
    return np.asarray(layer.filter(ImageFilter.GaussianBlur(6)))


def hills(rng, canvas):
    """Hills, from the pale far ones to the meadow in front."""
    x = np.linspace(0, 2 * math.pi, SIDE)
    y = np.arange(SIDE)[:, None]
    rows = [(0.47, 0.035, 1.1, (138, 165, 178)),
            (0.51, 0.025, 1.9, (104, 150, 118)),
            (0.56, 0.02, 0.8, (96, 152, 74))]
    for height, swing, waves, colour in rows:
        ridge = SIDE * (height + swing * np.sin(waves * x + 7 * height)
                        + 0.006 * np.sin(9 * waves * x))
        depth = np.clip((y - ridge) / SIDE, 0, 0.5)[..., None]
        shade = np.asarray(colour) * (1.08 - 0.9 * depth)
        canvas = np.where((y > ridge)[..., None], shade, canvas)
    grass = compose.noise(rng, SIDE).mean(-1, keepdims=True)
    grass = (grass - grass.mean()) / 128
    return canvas + 9 * grass * (y > 0.47 * SIDE)[..., None]


def lane():
    """A sandy lane winding to the horizon, RGBA."""
    layer = Image.new('RGBA', (SIDE, SIDE), (214, 190, 146, 0))
    points = []
    for side in (-1, 1):
        edge = []
        for t in np.linspace(0, 1, 40):
            y = SIDE * (0.60 + 0.42 * t)
            middle = SIDE * (0.50 + 0.30 * math.sin(2.6 * t) * (1 - 0.2 * t))
            edge.append((middle + side * SIDE * (0.015 + 0.16 * t ** 1.4), y))
        points += edge if side < 0 else edge[::-1]
    ImageDraw.Draw(layer).polygon(points, fill=(214, 190, 146, 235))
    return np.asarray(layer.filter(ImageFilter.GaussianBlur(1.2)))


def tufts(rng):
    """Tufts of grass that grow larger towards the front, RGBA."""
    layer = Image.new('RGBA', (SIDE, SIDE), (70, 120, 50, 0))
    draw = ImageDraw.Draw(layer)
    for y in np.sort(rng.uniform(0.60, 1.02, 260)) * SIDE:
        x = rng.uniform(0, SIDE)
        tall = 3 + 14 * (y / SIDE - 0.58)
        colour = tuple(int(c) for c in np.array([80, 136, 56])
                       + rng.integers(-26, 30, 3)) + (200,)
        for lean in (-0.5, 0, 0.6):
            draw.line([x, y, x + lean * tall, y - tall], fill=colour)
    return np.asarray(layer)


def shadow(window, layer, canvas):
    """Darkens the ground below an object with a soft ellipse."""
    rows, columns = np.nonzero(layer[..., 3] > 127)
    top, left = window[0].start, window[1].start
    bottom, low, high = (top + rows.max(), left + columns.min(),
                         left + columns.max())
    image = Image.new('RGBA', (SIDE, SIDE))
    tall = 0.07 * (high - low)
    ImageDraw.Draw(image).ellipse(
        [low, bottom - 1.3 * tall, high, bottom + 0.7 * tall],
        fill=(20, 30, 20, 120))
    return compose.blend(canvas, np.asarray(
        image.filter(ImageFilter.GaussianBlur(4))))


def make():
    """Returns (picture, {class: mask}), uint8."""
    rng = np.random.default_rng(SEED)
    canvas = landscape(rng)
    masks = {}
    for name, path, centre, width, angle, mirrored in OBJECTS:
        sprite = compose.Mipmap(compose.load_sprite(path))
        scale = width * SIDE / sprite.levels[0].size[0]
        window, layer = sprite.render(SIDE, SIDE * np.array(centre), scale,
                                      angle, mirrored)
        if centre[1] > 0.4:
            canvas = shadow(window, layer, canvas)
        canvas[window] = compose.blend(canvas[window], layer)
        for mask in masks.values():
            mask[window][layer[..., 3] > 127] = 0
        mask = masks.setdefault(name, np.zeros((SIDE, SIDE), np.uint8))
        mask[window][layer[..., 3] > 127] = 255
    canvas += rng.normal(0, 2.5, (SIDE, SIDE, 1))
    return canvas.clip(0, 255).astype(np.uint8), masks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default=compose.HERE, help='folder')
    folder = parser.parse_args().out
    picture, masks = make()
    Image.fromarray(picture).save(os.path.join(folder, 'scene.png'),
                                  optimize=True)
    for name, mask in masks.items():
        Image.fromarray(mask).save(
            os.path.join(folder, 'scene.%s.png' % name), optimize=True)


if __name__ == '__main__':
    main()
