#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures demo.pt: the figures of README.md.

    evaluate.py accuracy       top-1 on single-object compositions
    evaluate.py localisation   CAMERAS maps on two-object compositions
    evaluate.py scene          probabilities and maps of scene.png
"""

import argparse
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import compose

SIDE = 224
SIZES = range(224, 925, 100)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def to_input(picture):
    """uint8 [h, w, 3] to the normalised base input, 1 x 3 x 224 x 224."""
    if picture.shape[:2] != (SIDE, SIDE):
        image = Image.fromarray(picture)
        picture = np.asarray(image.resize((SIDE, SIDE), Image.BICUBIC))
    x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255
    return (x - MEAN) / STD


def enlarge(base, size):
    """The base input at another size."""
    if size != SIDE:
        base = F.interpolate(base, (size, size), mode='bicubic',
                             align_corners=False)
    return base.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def cameras_maps(net, base):
    """Logits at each size [sizes, k] and CAMERAS maps [k, 224, 224].

    The network ends in global average pooling and one linear layer, so the
    gradient of a class's logit is the same in every cell: the mean gradient
    over the sizes is that class's weights but for a factor, which the final
    scaling to 0...1 removes."""
    weight, logits, total = net.classifier.weight, [], 0
    for size in SIZES:
        features = net.features(enlarge(base, size))
        logits.append(net.classifier(features.mean((2, 3)))[0])
        planes = F.conv2d(features, weight[:, :, None, None])
        total = total + F.interpolate(planes, (SIDE, SIDE), mode='bilinear',
                                      align_corners=False)[0]
    maps = F.relu(total / len(SIZES))
    low, high = maps.amin((1, 2), True), maps.amax((1, 2), True)
    return torch.stack(logits), (maps - low) / (high - low).clamp(min=1e-9)


def judge(saliency, mask):
    """Share of a map's energy inside a mask; whether its peak lies inside."""
    saliency, mask = saliency.numpy(), np.asarray(mask, bool)
    peak = np.unravel_index(saliency.argmax(), saliency.shape)
    return saliency[mask].sum() / max(saliency.sum(), 1e-9), bool(mask[peak])


def single_objects(artworks, distractors, repeats, seed):
    """One-object pictures of the given artworks: (picture, label) pairs."""
    composer = compose.Composer(artworks, distractors, SIDE, seed)
    pairs = []
    for art in artworks * repeats:
        area = np.exp(composer.rng.uniform(np.log(0.05), np.log(0.5)))
        picture, _, used = composer.compose([art.label], [area], [art])
        if used:
            pairs.append((picture, art.label))
    return pairs


@torch.no_grad()
def accuracy(net, names, artworks, distractors):
    """Prints top-1 of training and held-out artworks at every size."""
    print('top-1 at', *('%6d' % s for s in SIZES), '  chance %.3f'
          % (1 / len(names)))
    for held_out, repeats in ((False, 1), (True, 3)):
        pairs = single_objects([a for a in artworks if a.held_out == held_out],
                               distractors, repeats, 2)
        labels = np.array([label for _, label in pairs])
        found = np.array([[net(enlarge(to_input(picture), s)).argmax().item()
                           for s in SIZES] for picture, _ in pairs])
        hits = found == labels[:, None]
        print('held out' if held_out else 'training',
              *('%6.3f' % h for h in hits.mean(0)),
              '  %d pictures' % len(hits))
        print('   same answer as at 224:',
              *('%.3f' % s for s in (found == found[:, :1]).mean(0)))
        for label, name in enumerate(names):
            mine = hits[labels == label].mean(0)
            print('   %-11s %.2f at 224, %.2f at 924'
                  % (name, mine[0], mine[-1]))


def localisation(net, artworks, distractors, count):
    """Prints how well maps of held-out two-object pictures find objects."""
    composer = compose.Composer([a for a in artworks if a.held_out],
                                distractors, SIDE, 3)
    rows = []
    while len(rows) < 2 * count:
        labels = composer.rng.choice(sorted(composer.by_class), 2, False)
        areas = composer.rng.uniform(0.05, 0.25, 2)
        picture, label_map, used = composer.compose(labels, areas)
        if len(used) < 2:
            continue
        logits, maps = cameras_maps(net, to_input(picture))
        top = set(logits[0].topk(2).indices.tolist())
        for label in labels:
            mask = label_map == label
            rows.append((*judge(maps[label], mask), mask.mean(),
                         int(label) in top))
    energy, peak, area, known = np.array(rows, float).T
    for title, chosen in (('all objects', known >= 0),
                          ('class in the top two', known > 0)):
        print('%-20s %3d: energy inside %.3f (object area %.3f), '
              'peak inside %.3f' % (title, chosen.sum(), energy[chosen].mean(),
                                    area[chosen].mean(), peak[chosen].mean()))


def scene(net, names, overlays):
    """Prints the figures of scene.png; saves overlays if a folder is given."""
    picture = np.asarray(Image.open(
        os.path.join(compose.HERE, 'scene.png')).convert('RGB'))
    logits, maps = cameras_maps(net, to_input(picture))
    shares = logits.softmax(1)
    order = shares[0].argsort(descending=True)[:6].tolist()
    for label in order:
        print('%-11s' % names[label],
              *('%.3f' % p for p in shares[:, label]))
    for path in sorted(glob.glob(os.path.join(compose.HERE, 'scene.*.png'))):
        name = os.path.basename(path).split('.')[1]
        label = names.index(name)
        mask = np.asarray(Image.open(path).resize((SIDE, SIDE), Image.BOX))
        energy, inside = judge(maps[label], mask > 127)
        rank = int((shares[0] > shares[0, label]).sum()) + 1
        print('%-11s rank %d, energy inside %.3f (object area %.3f), peak %s'
              % (name, rank, energy, (mask > 127).mean(),
                 'inside' if inside else 'outside'))
        if overlays:
            overlay(picture, maps[label]).save(
                os.path.join(overlays, 'overlay.%s.png' % name))


def overlay(picture, saliency):
    """A map in red over the dimmed picture."""
    image = Image.fromarray((saliency.numpy() * 255).astype(np.uint8))
    heat = np.asarray(image.resize(picture.shape[1::-1], Image.BILINEAR),
                      np.float32)[..., None] / 255
    mixed = picture * (0.35 + 0.65 * heat) + heat * [90, 0, 0]
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('what', choices=['accuracy', 'localisation', 'scene'])
    parser.add_argument('--network', metavar='FOLDER', default=compose.HERE,
                        help='folder of demo.pt and demo.txt')
    parser.add_argument('--count', type=int, default=200,
                        help='two-object pictures')
    parser.add_argument('--overlays', metavar='FOLDER',
                        help='where to save overlays of the scene')
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch._C._jit_set_profiling_executor(False)   # sizes change all the time
    net = torch.jit.load(os.path.join(args.network, 'demo.pt'))
    net = net.to(memory_format=torch.channels_last)
    with open(os.path.join(args.network, 'demo.txt')) as labels:
        names = labels.read().split()
    if args.what == 'scene':
        scene(net, names, args.overlays)
        return
    _, artworks, distractors = compose.load_artworks()
    if args.what == 'accuracy':
        accuracy(net, names, artworks, distractors)
    else:
        localisation(net, artworks, distractors, args.count)


if __name__ == '__main__':
    main()
