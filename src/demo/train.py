#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains the demo network on composed clip art and saves demo.pt, demo.txt.

    nice python3 src/demo/train.py --minutes 30

First a pool of compositions is rendered, then each batch takes crops of it
at a random enlargement, so that objects of some 20 to some 700 pixels are
met, crisp or soft, as they are when a 224 pixel picture is enlarged to 924.
Three losses are added: soft-label cross entropy of the logits of the whole
crop; the same in each cell of the last feature map where the composition's
exact mask shows an object; and one that asks background cells to favour no
class.

The last stage (--whole) goes on from such a network with a share of whole
compositions, enlarged as the CAMERAS method enlarges them, so that the answer
outlasts the enlargement.  It adds a block that sees further and holds the
statistics of the batch normalisations, which otherwise fit no single size.
"""

import argparse
import copy
import math
import os
import tempfile
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import multiprocessing, nn

import compose

SEED = 1
SIDE = 224                 # side of the pooled compositions
STEP = 4                   # one label per STEP x STEP pixels
STRIDE = 32                # of the network
BATCH_PIXELS = 32 * 160 * 160
WHOLE_SIZES = (224, 320, 448, 640, 896)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if inputs == outputs else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False),
            nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


class Wide(nn.Module):
    """A residual block that looks 6 cells far; changes nothing at first."""

    def __init__(self, width, inner):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, inner, 1), nn.ReLU(),
            nn.Conv2d(inner, inner, 3, 1, 2, 2), nn.ReLU(),
            nn.Conv2d(inner, inner, 3, 1, 4, 4), nn.ReLU(),
            nn.Conv2d(inner, width, 1))
        nn.init.zeros_(self.body[-1].weight)
        nn.init.zeros_(self.body[-1].bias)

    def forward(self, x):
        return F.relu(x + self.body(x))


def unit(inputs, outputs):
    """A convolution that halves the resolution."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU())


class DemoNet(nn.Module):
    """features (stride 32) -> global average -> classifier."""

    def __init__(self, classes, wide):
        super().__init__()
        self.features = nn.Sequential(
            unit(3, 20), unit(20, 40),
            Block(40, 64, 2),
            Block(64, 96, 2),
            Block(96, 136, 2), Block(136, 136))
        if wide:
            self.features.append(Wide(136, 64))
        self.classifier = nn.Linear(136, classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))

    def both(self, x):
        """Logits of each cell [n, k, h, w] and of the picture [n, k]."""
        cells = F.conv2d(self.features(x),
                         self.classifier.weight[:, :, None, None],
                         self.classifier.bias)
        return cells, cells.mean((2, 3))


def render_share(task):
    """Renders one worker's share of the pool into the mapped files."""
    folder, count, first, last, seed = task
    torch.set_num_threads(1)
    _, artworks, distractors = compose.load_artworks()
    composer = compose.Composer([a for a in artworks if not a.held_out],
                                distractors, SIDE, seed)
    pictures, labels = map_pool(folder, count, 'r+')
    for i in range(first, last):
        picture, label_map, _ = composer.random()
        pictures[i] = picture.transpose(2, 0, 1)
        labels[i] = label_map[STEP // 2::STEP, STEP // 2::STEP]


def map_pool(folder, count, mode):
    """The pool's files: uint8 pictures [n, 3, h, w] and coarse label maps."""
    cells = SIDE // STEP
    return (np.memmap(os.path.join(folder, 'pictures'), np.uint8, mode,
                      shape=(count, 3, SIDE, SIDE)),
            np.memmap(os.path.join(folder, 'labels'), np.uint8, mode,
                      shape=(count, cells, cells)))


def render_pool(folder, count, workers):
    """Renders the pool in worker processes."""
    map_pool(folder, count, 'w+')
    bounds = [count * i // workers for i in range(workers + 1)]
    tasks = [(folder, count, bounds[i], bounds[i + 1], SEED * 1000 + i)
             for i in range(workers)]
    with multiprocessing.get_context('fork').Pool(workers) as pool:
        pool.map(render_share, tasks)


class Crops:
    """Endless random batches out of the pool."""

    def __init__(self, pictures, labels, classes, whole):
        self.pictures, self.labels = pictures, labels
        self.classes = classes
        self.whole = whole
        self.rng = np.random.default_rng(SEED)
        self.order = iter(())
        self.largest = 924

    def indices(self, count):
        """The next pictures of an endlessly reshuffled pool."""
        chosen = []
        while len(chosen) < count:
            i = next(self.order, None)
            if i is None:
                self.order = iter(self.rng.permutation(len(self.pictures)))
            else:
                chosen.append(int(i))
        return chosen

    def corner(self, label, window):
        """Upper left cell of a crop, most often one about an object."""
        rng, free = self.rng, label.shape[0] - window
        if rng.random() < 0.9:
            cells = np.flatnonzero(label.numpy() != compose.BACKGROUND)
            if len(cells):
                at = np.array(divmod(cells[rng.integers(len(cells))],
                                     label.shape[0]))
                at = at - window * rng.uniform(0.25, 0.75, 2)
                return np.clip(np.round(at), 0, free).astype(int)
        return rng.integers(0, free + 1, 2)

    def batch(self):
        """Returns (pictures, shares): normalised pictures of one size and
        the share of each class in each feature cell, [n, k + 1, h, w], the
        last one being background."""
        if self.rng.random() < self.whole:
            return self.enlarged_batch()
        return self.cropped_batch()

    def enlarged_batch(self):
        """Whole compositions, half of them trimmed and stretched a little,
        brought to 224 pixels and enlarged from there."""
        rng = self.rng
        size = int(rng.choice(WHOLE_SIZES))
        count = BATCH_PIXELS // size ** 2
        cells = SIDE // STEP
        low = int(cells * 0.7) if rng.random() < 0.5 else cells
        height, width = rng.integers(low, cells + 1, 2)
        pictures, labels = [], []
        for i in self.indices(count):
            y = rng.integers(0, cells - height + 1)
            x = rng.integers(0, cells - width + 1)
            picture, label = self.window(i, y, x, height, width)
            pictures.append(picture)
            labels.append(label)
        pictures = torch.stack(pictures).float()
        if low < cells:
            pictures = F.interpolate(pictures, (SIDE, SIDE), mode='bicubic',
                                     align_corners=False, antialias=True)
        pictures = self.jitter(pictures)
        if size != SIDE:
            pictures = F.interpolate(pictures, (size, size), mode='bicubic',
                                     align_corners=False)
        return pictures, self.shares(torch.stack(labels), size)

    def window(self, i, y, x, height, width):
        """A window of one composition, at times mirrored: (picture, label
        map); all in label cells."""
        label = self.labels[i, y:y + height, x:x + width]
        picture = self.pictures[i, :, y * STEP:(y + height) * STEP,
                                x * STEP:(x + width) * STEP]
        if self.rng.random() < 0.5:
            return picture.flip(-1), label.flip(-1)
        return picture, label

    def cropped_batch(self):
        """Small crops, at 0.6 to 4.1 times their size."""
        rng = self.rng
        enlarged = math.exp(rng.uniform(math.log(128), math.log(self.largest)))
        crop = int(min(enlarged, rng.choice([128, 160, 224])) // 32 * 32)
        window = max(2, round(SIDE / STEP * crop / enlarged))
        window = min(window, SIDE // STEP)
        count = max(4, int(BATCH_PIXELS / crop ** 2))
        pictures, labels = [], []
        for i in self.indices(count):
            y, x = self.corner(self.labels[i], window)
            picture, label = self.window(i, y, x, window, window)
            pictures.append(picture)
            labels.append(label)
        pictures = self.resize(torch.stack(pictures).float(), crop)
        return self.jitter(pictures), self.shares(torch.stack(labels), crop)

    def resize(self, pictures, crop):
        """Scales to the crop size, sometimes by way of a smaller one."""
        side = pictures.shape[-1]
        smallest = side if self.rng.random() < 0.75 else max(
            32, int(side / self.rng.uniform(1.2, 2.5)))
        if crop < smallest or smallest < side:
            side = min(crop, smallest)
            pictures = F.interpolate(pictures, (side, side), mode='bilinear',
                                     align_corners=False, antialias=True)
        if crop != side:
            pictures = F.interpolate(pictures, (crop, crop), mode='bicubic',
                                     align_corners=False)
        return pictures

    def jitter(self, pictures):
        """Random saturation, contrast, gain and, now and then, hue of each
        picture, all in one 3 x 3 matrix and an offset; 0...255 in,
        normalised out."""
        n = len(pictures)
        draw = self.rng.uniform
        keep = draw(0.3, 1.4, (n, 1, 1)) * (draw(0, 1, (n, 1, 1)) > 0.08)
        matrix = np.eye(3) * keep + np.full((3, 3), 1 / 3) * (1 - keep)
        contrast = draw(0.6, 1.2, (n, 1, 1))
        matrix = matrix * draw(0.85, 1.15, (n, 3, 1)) * contrast / 255
        for turned in np.flatnonzero(draw(0, 1, n) < 0.25):
            matrix[turned] = matrix[turned] @ compose.hue_rotation(
                draw(-1.5, 1.5))
        offset = 0.45 * (1 - contrast) + draw(-0.1, 0.1, (n, 1, 1))
        flat = torch.baddbmm(
            torch.from_numpy(offset.astype('f4')),
            torch.from_numpy(matrix.astype('f4')), pictures.flatten(2))
        return flat.view_as(pictures).clamp_(0, 1).sub_(MEAN).div_(STD)

    def shares(self, labels, crop):
        """Class shares of each feature cell."""
        labels = labels.long()
        labels[labels == compose.BACKGROUND] = self.classes
        planes = F.one_hot(labels, self.classes + 1).permute(0, 3, 1, 2)
        cells = crop // STRIDE
        return F.interpolate(planes.float(), (cells, cells), mode='bilinear',
                             align_corners=False, antialias=True)


def feed(queue, done, first, folder, count, classes, whole):
    """Fills the queue with batches, in a process of its own.

    Over the first half of the training the largest enlargement grows from
    the given one to 924."""
    torch.set_num_threads(1)
    pool = map_pool(folder, count, 'r+')
    crops = Crops(*(torch.from_numpy(part) for part in pool), classes,
                  whole)
    while True:
        crops.largest = first * (924 / first) ** min(1, 2 * done.value)
        queue.put(crops.batch())


def losses(cells, logits, shares):
    """Soft cross entropies of the picture, its object cells and its
    background cells.

    A class counts as present when it covers 3 % of the crop; the present
    ones share the label equally.  Background, and a crop without an object,
    asks for no class in particular."""
    classes = logits.shape[1]
    present = (shares[:, :-1].mean((2, 3)) > 0.03).float()
    count = present.sum(1, keepdim=True)
    target = torch.where(count > 0, present / count.clamp(min=1),
                         torch.full_like(present, 1 / classes))
    whole = -(target * F.log_softmax(logits, 1)).sum(1).mean()

    chance = F.log_softmax(cells, 1)
    visible = 1 - shares[:, -1]
    wanted = shares[:, :-1] / visible[:, None].clamp(min=1e-3)
    objects = weighted_mean(-(wanted * chance).sum(1), visible.square())
    nothing = weighted_mean(-chance.mean(1) - math.log(classes),
                            shares[:, -1].square())
    return whole, objects, nothing


def weighted_mean(values, weights):
    """Mean of values by weights, gently zero where no weight is."""
    return (values * weights).sum() / weights.sum().clamp(min=1)


def train(net, queue, progress, args, keep):
    """Trains for the given time with one warm-up and one cosine descent.

    Returns a running average of the network; keep(average) is called now
    and then so that an interrupted training leaves something."""
    optimiser = torch.optim.AdamW(net.parameters(), lr=args.rate,
                                  weight_decay=0.05, betas=(0.9, 0.99))
    average = copy.deepcopy(net)
    net.train()
    if args.whole:
        hold_statistics(net)
    begin, step, seen = time.monotonic(), 0, 0
    total = np.zeros(3)
    while True:
        done = (time.monotonic() - begin) / max(60 * args.minutes, 1e-9)
        if done >= 1:
            break
        progress.value = done
        rate = args.rate * min(1, done / 0.03) * 0.5 * (1 + math.cos(
            math.pi * done))
        for group in optimiser.param_groups:
            group['lr'] = rate
        pictures, shares = queue.get()
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            cells, logits = net.both(pictures)
        parts = losses(cells.float(), logits.float(), shares)
        optimiser.zero_grad(set_to_none=True)
        (parts[0] + parts[1] + args.background * parts[2]).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        follow(average, net, min(0.998, step / (step + 50)))
        step += 1
        seen += len(pictures)
        total += [part.item() for part in parts]
        if step % 200 == 0:
            print('%5.1f %%  step %d  crops %d  loss: picture %.3f, objects '
                  '%.3f, background %.3f' % (100 * done, step, seen,
                                             *(total / 200)), flush=True)
            total[:] = 0
        if step % 500 == 0:
            keep(average)
    print('%d steps, %d crops' % (step, seen))
    return average


def hold_statistics(net):
    """Keeps batch normalisations as they will be used: one batch holds
    pictures of one size only, and statistics differ between sizes."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()


@torch.no_grad()
def follow(average, net, decay):
    """Moves the averaged weights and statistics towards the network's."""
    for mean, value in zip(average.state_dict().values(),
                           net.state_dict().values()):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)


@torch.no_grad()
def calibrate(net, folder, count, pictures=400):
    """Scales the classifier so that the probabilities of whole pictures fit
    their labels best; neither ranks nor maps change by it."""
    torch.set_num_threads(2)
    net.eval()
    pool = map_pool(folder, count, 'r+')
    images, labels = (torch.from_numpy(part[:pictures]) for part in pool)
    classes = net.classifier.out_features
    planes = F.one_hot(labels.long().clamp(max=classes), classes + 1)
    target = (planes[..., :-1].float().mean((1, 2)) > 0.01).float()
    keep = target.sum(1) > 0
    target = (target / target.sum(1, keepdim=True).clamp(min=1))[keep]
    logits = torch.cat([net((part.float() / 255 - MEAN) / STD)
                        for part in images.split(50)])[keep]
    scales = [1 + 0.25 * i for i in range(40)]
    fits = [-(target * F.log_softmax(s * logits, 1)).sum().item()
            for s in scales]
    best = scales[int(np.argmin(fits))]
    print('classifier scaled by %.2f' % best)
    net.classifier.weight *= best
    net.classifier.bias *= best


def save(net, names, folder):
    """Writes demo.pt (TorchScript, float32, evaluation mode) and demo.txt."""
    net = copy.deepcopy(net).to(memory_format=torch.contiguous_format).eval()
    torch.jit.script(net).save(os.path.join(folder, 'demo.pt'))
    with open(os.path.join(folder, 'demo.txt'), 'w') as labels:
        labels.writelines(name + '\n' for name in names)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--minutes', type=float, default=30,
                        help='training time, rendering not included')
    parser.add_argument('--pool', type=int, default=20000,
                        help='number of compositions rendered beforehand')
    parser.add_argument('--rate', type=float, default=3e-3,
                        help='peak learning rate')
    parser.add_argument('--background', type=float, default=1,
                        help='weight of the loss of background cells')
    parser.add_argument('--whole', metavar='SHARE', type=float, default=0,
                        help='last stage: share of batches that are whole '
                        'enlarged compositions')
    parser.add_argument('--start', metavar='FILE',
                        help='go on from the weights of an earlier demo.pt')
    parser.add_argument('--cache', metavar='FOLDER',
                        help='keep the rendered pool there and use it again')
    parser.add_argument('--out', default=compose.HERE,
                        help='folder for demo.pt and demo.txt')
    args = parser.parse_args()
    names = [n for n in compose.read_list() if n != 'distractor']
    os.makedirs(args.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.cache or scratch
        if not os.path.exists(os.path.join(folder, 'pictures')):
            render_pool(folder, args.pool, os.cpu_count())
        torch.set_num_threads(1)    # the other core prepares the batches
        torch.manual_seed(SEED)
        net = DemoNet(len(names), args.whole > 0)
        net = net.to(memory_format=torch.channels_last)
        if args.start:
            net.load_state_dict(torch.jit.load(args.start).state_dict(),
                                strict=False)
        print('%d parameters' % sum(p.numel() for p in net.parameters()))
        fork = multiprocessing.get_context('fork')
        queue, progress = fork.Queue(4), fork.Value('d', 0)
        first = 924 if args.start else 256
        feeder = fork.Process(target=feed, daemon=True,
                              args=(queue, progress, first, folder, args.pool,
                                    len(names), args.whole))
        feeder.start()
        average = train(net, queue, progress, args,
                        lambda net: save(net, names, args.out))
        feeder.terminate()
        feeder.join()
        calibrate(average, folder, args.pool)
    save(average, names, args.out)


if __name__ == '__main__':
    main()
