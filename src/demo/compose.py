#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Composes clip-art pictures with exact masks for the demo network.

Artworks come from Debian's openclipart-png; artworks.txt says which file
belongs to which class.  Some artworks of each class are held out, whole
families at a time, so that variants of one drawing never stand on both
sides.

    compose.py list             artworks per class, training and held out
    compose.py sheet FILE.png   a contact sheet of 40 compositions
"""

import argparse
import fnmatch
import hashlib
import math
import os
import re
import sys
from collections import namedtuple

import numpy as np
from PIL import Image, ImageDraw

ROOT = '/usr/share/openclipart/png'
HERE = os.path.dirname(os.path.abspath(__file__))
SPLIT_SEED = 'cameras-demo-1'
HELD_OUT_SHARE = 0.2
BACKGROUND = 255          # value of the label map where no object is
SPRITE_SIDE = 448         # longer side of the largest stored rendition

# Families that the file names alone do not give away: file names that match
# one pattern are variants of one drawing.
FAMILIES = [
    'cone*', 'glace_01*', 'glace_03*', 'glace_05*', 'glace_06*',
    'glace_2*', 'glace_4*', 'glace_7*', 'lemon_*ganson|lime_*ganson',
    'hummer*', 'harp[123]*',
    'trumpet_*', 'baloon*', 'balloon-*', 'balloons*', 'pie_*', 'muffin*',
    'cake1_jarno*|cake_jarno*', 'an_apple*|another_apple*',
    'apple_bitten*|apple_with_worm*', 'rondelle*', 'pinkhome*',
    'apple_martin*|pear_jean*', 'emperor_penguin*|ralf_ark*',
    'baby_tux_rory*|ninja_tux_rory*', 'kubek*|zielony_kubek*', 'dodge*',
    'Colombo|colombo2', '*_architetto_fr*_tigre*|tigre0*', 'Pinguino*',
    'elefantone|elefante_in_corsa', 'happy_monkey*|angry_monkey*', 'bus[12]_*',
    'grapes_0*|grape_0*', 'magnolia*', 'red_flower_0*',
    'color_tiger*', 'pear_0*', 'clock[01]*', 'cycle*|no_cycles', 'bus*_lane',
    'flying_wasp*', 'contour_*', 'african*', 'plain_tree*|tree_02',
    'leone_0*', 'sakura*', 'strawberry*', 'stop*', 'beer*',
    'moschito*', 'coccinella_a*|ladybug*', 'soft*', 'teacup*|coffee_ganson',
]

Artwork = namedtuple('Artwork', 'name family label held_out sprite')


def read_list(path=os.path.join(HERE, 'artworks.txt')):
    """Returns {class: [file, ...]} in the order of the list."""
    classes, chosen = {}, None
    for line in open(path, encoding='utf-8'):
        for word in line.split('#')[0].split():
            if word.endswith(':'):
                chosen = classes.setdefault(word[:-1], [])
            elif word.startswith('-'):
                chosen[:] = [f for f in chosen
                             if not fnmatch.fnmatchcase(f, word[1:])]
            else:
                chosen += match(word)
    return {name: unique(files) for name, files in classes.items()}


def match(pattern):
    """Files below ROOT, without .png, that match one pattern of the list."""
    folder, leaf = os.path.split(pattern)
    found = []
    for name in sorted(os.listdir(os.path.join(ROOT, folder))):
        stem, ext = os.path.splitext(name)
        if ext == '.png' and fnmatch.fnmatchcase(stem, leaf):
            found.append(folder + '/' + stem)
    if not found:
        raise ValueError('no such artwork: ' + pattern)
    return found


def unique(files):
    """Drops files of a name seen before: folders repeat some artworks."""
    seen = set()
    return [f for f in files
            if not (os.path.basename(f) in seen
                    or seen.add(os.path.basename(f)))]


def family(path):
    """The name shared by all variants of one drawing."""
    stem = os.path.basename(path)
    for patterns in FAMILIES:
        if any(fnmatch.fnmatchcase(stem, p) for p in patterns.split('|')):
            return patterns
    return re.sub(r'_bw|\d+', '', stem).strip('_')


def load_sprite(path):
    """RGBA image trimmed to what is visible, or None if the alpha is
    useless (opaque everywhere) or next to nothing is drawn."""
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(os.path.join(ROOT, path + '.png'))
    if max(image.size) > 4000:
        return None
    image = image.convert('RGBA')
    alpha = image.getchannel('A')
    if alpha.getextrema()[0] > 200:
        return None
    box = alpha.point(lambda a: 255 if a > 24 else 0).getbbox()
    if box is None or min(box[2] - box[0], box[3] - box[1]) < 16:
        return None
    image = image.crop(box)
    scale = SPRITE_SIDE / max(image.size)
    size = [max(2, round(side * min(scale, 4))) for side in image.size]
    return image.resize(size, Image.LANCZOS)


def hold_out(files):
    """The families of one class that are held out: in the order of a seeded
    hash, as long as the share is not exceeded by much."""
    families = {}
    for path in files:
        families.setdefault(family(path), []).append(path)
    order = sorted(families, key=lambda f: hashlib.sha256(
        (SPLIT_SEED + f).encode()).hexdigest())
    held, target = [], HELD_OUT_SHARE * len(files)
    for name in order:
        if len(held) + len(families[name]) <= target + 1:
            held += families[name]
    return set(held)


def load_artworks():
    """Returns (class names, artworks of the classes, distractor sprites)."""
    lists = read_list()
    distractor_files = lists.pop('distractor')
    artworks, names = [], list(lists)
    for label, name in enumerate(names):
        sprites = {f: load_sprite(f) for f in lists[name]}
        files = [f for f in lists[name] if sprites[f] is not None]
        held = hold_out(files)
        artworks += [Artwork(f, family(f), label, f in held,
                             Mipmap(sprites[f])) for f in files]
    distractors = [load_sprite(f) for f in distractor_files[::2]]
    return names, artworks, [Mipmap(s) for s in distractors if s]


class Mipmap:
    """A sprite in halving sizes, placed by one affine transform."""

    def __init__(self, image):
        self.levels = [image]
        while max(self.levels[-1].size) > 32:
            w, h = self.levels[-1].size
            self.levels.append(self.levels[-1].resize(
                (max(1, w // 2), max(1, h // 2)), Image.BOX))
        alpha = np.asarray(image.getchannel('A'))
        self.area = max(1.0, float((alpha > 127).sum()))

    def render(self, side, centre, scale, angle, flip=False, stretch=1):
        """Places the sprite on a square canvas.

        Returns (window, layer): the slices of the canvas that the sprite
        touches and its RGBA rendition there, [h, w, 4]."""
        level = 0
        while level + 1 < len(self.levels) and scale * 2 ** level < 0.6:
            level += 1
        image = self.levels[level]
        base = np.array(self.levels[0].size) * scale
        base *= [stretch, 1 / stretch]
        kx = image.size[0] / base[0] * (-1 if flip else 1)
        ky = image.size[1] / base[1]
        c, s = math.cos(angle), math.sin(angle)
        reach = np.array([abs(c) * base[0] + abs(s) * base[1],
                          abs(s) * base[0] + abs(c) * base[1]]) / 2 + 1
        low = np.clip(np.floor(centre - reach), 0, side - 1).astype(int)
        high = np.clip(np.ceil(centre + reach), low + 1, side).astype(int)
        x, y = centre - low
        w, h = image.size
        a, b, d, e = c * kx, s * kx, -s * ky, c * ky
        layer = image.transform(
            tuple(high - low), Image.AFFINE,
            (a, b, w / 2 - a * x - b * y, d, e, h / 2 - d * x - e * y),
            resample=Image.BILINEAR)
        window = slice(low[1], high[1]), slice(low[0], high[0])
        return window, np.asarray(layer)


class Composer:
    """Composes pictures of a given side from a given set of artworks."""

    def __init__(self, artworks, distractors, side, seed, patterns=None):
        self.by_class = {}
        for art in artworks:
            self.by_class.setdefault(art.label, {}).setdefault(
                art.family, []).append(art)
        self.distractors = distractors
        self.side = side
        self.rng = np.random.default_rng(seed)
        self.patterns = load_patterns() if patterns is None else patterns

    def pick(self, label):
        """An artwork of the class: large families do not drown small ones."""
        families = list(self.by_class[label].values())
        weights = np.array([len(f) for f in families]) ** 0.5
        members = families[self.rng.choice(len(families),
                                           p=weights / weights.sum())]
        return members[self.rng.integers(len(members))]

    def compose(self, labels, areas, artworks=None):
        """A picture with one object of each label.

        areas: share of the picture that each object's drawing takes.
        Returns (uint8 picture [h, w, 3], label map [h, w], artworks used);
        the label map says which class is visible where."""
        rng, side = self.rng, self.side
        canvas = self.background()
        union = np.zeros((side, side), bool)
        label_map = np.full((side, side), BACKGROUND, np.uint8)
        used = []
        for i, (label, area) in enumerate(zip(labels, areas)):
            art = artworks[i] if artworks else self.pick(label)
            placed = self.place(art.sprite, area, union)
            if placed is None:
                continue
            window, layer = placed
            mask = layer[..., 3] > 127
            canvas[window] = blend(canvas[window], recolour(rng, layer))
            union[window] |= mask
            label_map[window][mask] = label
            used.append(art)
        if rng.random() < 0.3:
            canvas = soften(canvas, rng.uniform(1.2, 3))
        return canvas.clip(0, 255).astype(np.uint8), label_map, used

    def random(self):
        """A composition of one to three objects of different classes."""
        rng = self.rng
        count = rng.choice([1, 2, 3], p=[0.45, 0.35, 0.2])
        labels = rng.choice(sorted(self.by_class), count, replace=False)
        top = {1: 0.6, 2: 0.3, 3: 0.18}[int(count)]
        areas = np.exp(rng.uniform(math.log(0.03), math.log(top), count))
        return self.compose(labels, sorted(areas, reverse=True))

    def place(self, sprite, area, union):
        """Renders a sprite where it overlaps the placed ones little."""
        rng, side = self.rng, self.side
        scale = math.sqrt(area * side * side / sprite.area)
        reach = scale * max(sprite.levels[0].size) / side
        if reach > 1.25:
            scale *= 1.25 / reach
        for _ in range(12):
            half = 0.35 * scale * np.array(sprite.levels[0].size)
            low = np.minimum(half, side / 2)
            centre = rng.uniform(low, side - low)
            angle = rng.normal(0, 0.22)
            if rng.random() < 0.08:
                angle = rng.uniform(-math.pi, math.pi)
            window, layer = sprite.render(side, centre, scale, angle,
                                          rng.random() < 0.5,
                                          math.exp(rng.normal(0, 0.12)))
            mask = layer[..., 3] > 127
            seen, shared = mask.sum(), (mask & union[window]).sum()
            if (seen > 0.6 * sprite.area * scale * scale
                    and shared <= 0.12 * min(seen, union.sum())):
                return window, layer
        return None

    def background(self):
        """A cluttered background, float32 [side, side, 3]."""
        rng, side = self.rng, self.side
        kind = rng.choice(4, p=[0.25, 0.3, 0.15, 0.3])
        if kind == 0:
            canvas = gradient(rng, side)
        elif kind == 1:
            canvas = noise(rng, side)
        elif kind == 2:
            canvas = self.tiled(gradient(rng, side))
        else:
            canvas = landscape(rng, side)
        if rng.random() < 0.4:
            canvas = polygons(rng, canvas)
        for _ in range(rng.choice([0, 0, 1, 2, 4])):
            sprite = self.distractors[rng.integers(len(self.distractors))]
            scale = math.sqrt(rng.uniform(0.005, 0.08) / sprite.area) * side
            scale = min(scale, 1.5 * side / max(sprite.levels[0].size))
            window, layer = sprite.render(side, rng.uniform(0, side, 2),
                                          scale, rng.uniform(-3.2, 3.2))
            canvas[window] = blend(canvas[window], recolour(rng, layer))
        if rng.random() < 0.5:
            grain = rng.normal(0, rng.uniform(2, 14),
                               (side, side, 1)).astype(np.float32)
            canvas = canvas + grain
        return canvas

    def tiled(self, canvas):
        """A pattern tile repeated over the canvas."""
        rng, side = self.rng, self.side
        tile = self.patterns[rng.integers(len(self.patterns))]
        step = int(rng.integers(side // 8, side))
        tile = np.asarray(tile.resize((step, step), Image.BILINEAR))
        times = side // step + 1
        layer = np.tile(tile, (times, times, 1))[:side, :side].copy()
        layer[..., 3] = layer[..., 3] * rng.uniform(0.3, 1)
        return blend(canvas, recolour(rng, layer))


def load_patterns():
    """The pattern tiles of the package, RGBA, at most 128 pixels a side."""
    folder = os.path.join(ROOT, 'special/patterns')
    tiles = []
    for name in sorted(os.listdir(folder)):
        image = Image.open(os.path.join(folder, name)) \
            if name.startswith('pattern-') else None
        if image is not None and max(image.size) < 4000:
            tiles.append(image.convert('RGBA').resize((128, 128)))
    return tiles


def blend(canvas, layer):
    """Layer (RGBA) over canvas (RGB), both [h, w, c]."""
    alpha = layer[..., 3:].astype(np.float32) * (1 / 255)
    return canvas + alpha * (layer[..., :3] - canvas)


def recolour(rng, layer):
    """Random gain, offset and, now and then, hue of an RGBA layer."""
    matrix = np.diag(rng.uniform(0.75, 1.2, 3))
    if rng.random() < 0.25:
        matrix = matrix @ hue_rotation(rng.uniform(-1.2, 1.2))
    out = np.empty(layer.shape, np.float32)
    out[..., :3] = layer[..., :3].astype(np.float32) \
        @ matrix.T.astype(np.float32)
    out[..., :3] += rng.uniform(-20, 25)
    out[..., 3] = layer[..., 3]
    return out.clip(0, 255, out)


def hue_rotation(angle):
    """Rotation of RGB space about the grey axis."""
    c, s = math.cos(angle), math.sin(angle) / math.sqrt(3)
    k = (1 - c) / 3
    return np.array([[c + k, k - s, k + s],
                     [k + s, c + k, k - s],
                     [k - s, k + s, c + k]])


def gradient(rng, side):
    """A linear gradient through three colours in a random direction."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    angle = rng.uniform(0, 2 * math.pi)
    t = np.clip(0.5 + x * math.cos(angle) + y * math.sin(angle), 0, 1)
    colours = rng.uniform(0, 255, (3, 3))
    return np.stack([np.interp(t, [0, 0.5, 1], colours[:, i])
                     for i in range(3)], -1).astype(np.float32)


def noise(rng, side):
    """Smooth noise of several octaves between random colours."""
    field = np.zeros((side, side), np.float32)
    for cells in (3, 8, 20, 50):
        grid = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        layer = Image.fromarray(grid).resize((side, side), Image.BICUBIC)
        field += np.asarray(layer) * rng.uniform(0.1, 1.5) / math.sqrt(cells)
    field = (field - field.min()) / (np.ptp(field) + 1e-6)
    colours = rng.uniform(0, 255, (3, 3))
    return np.stack([np.interp(field, [0.1, 0.5, 0.9], colours[:, i])
                     for i in range(3)], -1).astype(np.float32)


def landscape(rng, side):
    """A sky with up to three rolling hills, mildly textured."""
    top = np.array([90, 150, 220]) + rng.uniform(-60, 50, 3)
    low = np.array([200, 220, 240]) + rng.uniform(-80, 30, 3)
    t = np.linspace(0, 1, side)[:, None, None]
    canvas = np.broadcast_to(top + t * (low - top),
                             (side, side, 3)).astype(np.float32)
    x = np.linspace(0, 2 * math.pi, side)
    y = np.arange(side)[:, None]
    horizon = rng.uniform(0.35, 0.7)
    for _ in range(rng.integers(1, 4)):
        ridge = side * (horizon
                        + 0.06 * np.sin(x * rng.uniform(0.5, 1.5)
                                        + rng.uniform(0, 6))
                        + 0.02 * np.sin(x * rng.uniform(2, 5)))
        colour = np.array([95, 150, 70]) + rng.uniform(-60, 70, 3)
        canvas[y > ridge[None, :]] = colour
        horizon += rng.uniform(0.08, 0.25)
    field = noise(rng, side).mean(-1, keepdims=True)
    field -= field.mean()
    return canvas + field * np.float32(rng.uniform(0, 0.35))


def polygons(rng, canvas):
    """Random translucent polygons and ellipses over the canvas."""
    side = canvas.shape[0]
    layer = Image.new('RGBA', (side, side))
    draw = ImageDraw.Draw(layer)
    for _ in range(rng.integers(2, 10)):
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        colour += (int(rng.integers(80, 256)),)
        centre = rng.uniform(0, side, 2)
        points = centre + rng.normal(0, side * rng.uniform(0.04, 0.25),
                                     (rng.integers(3, 7), 2))
        if rng.random() < 0.3:
            draw.ellipse([*points.min(0), *points.max(0)], fill=colour)
        else:
            draw.polygon([tuple(p) for p in points], fill=colour)
    return blend(canvas, np.asarray(layer))


def soften(canvas, factor):
    """Blurs by scaling down and up again."""
    side = canvas.shape[0]
    image = Image.fromarray(canvas.clip(0, 255).astype(np.uint8))
    small = image.resize((round(side / factor),) * 2, Image.BILINEAR)
    return np.asarray(small.resize((side, side), Image.BICUBIC), np.float32)


def print_list():
    """Prints how many artworks each class has on either side."""
    names, artworks, distractors = load_artworks()
    for label, name in enumerate(names):
        mine = [a for a in artworks if a.label == label]
        held = [a for a in mine if a.held_out]
        print('%-11s %3d training  %2d held out: %s'
              % (name, len(mine) - len(held), len(held),
                 ' '.join(os.path.basename(a.name) for a in held)))
    print('%d artworks, %d distractors' % (len(artworks), len(distractors)))


def contact_sheet(path, held_out):
    """Saves 40 random compositions."""
    _, artworks, distractors = load_artworks()
    composer = Composer([a for a in artworks if a.held_out == held_out],
                        distractors, 224, 7)
    rows = [np.concatenate([composer.random()[0] for _ in range(8)], 1)
            for _ in range(5)]
    Image.fromarray(np.concatenate(rows)).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest='verb', required=True)
    verbs.add_parser('list')
    sheet = verbs.add_parser('sheet')
    sheet.add_argument('file')
    sheet.add_argument('--held-out', action='store_true')
    args = parser.parse_args()
    if args.verb == 'list':
        print_list()
    else:
        contact_sheet(args.file, args.held_out)


if __name__ == '__main__':
    sys.exit(main())
