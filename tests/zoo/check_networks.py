# SPDX-License-Identifier: MIT
"""Checks the zoo itself, without the command: that a difference of 0.001 in a map means a defect, not bad luck.

    check_networks.py --work build/zoo [--only NAME]

For every case the eager map is computed in float, in double, and from base pictures with rounding noise of 3e-6 added:
all must agree to a fifth of the tolerance, and the map must not be flat or nearly all zero. The top-1 of every scale
must lead by a margin that rounding cannot close. The traced and the scripted copy must give the eager logits at every
scale. Not part of the ordinary tests: run it after a change to networks.py.
"""

import argparse
import copy
import pathlib

import numpy
import torch

import check_zoo
import harness
import networks
import reference

LEAST_MARGIN = 0.003  # of logits whose standard deviation is 3
LEAST_SHARE = 0.02  # of the map's pixels above a tenth
ROUNDING = (None, 1, 2, 3)  # seeds of the noise added to the base; None computes in double instead


def disturbed(case, eager, seed):
    """The explanation computed in double, or from a base with rounding noise."""
    module, base = eager.prepared.module, reference.load(eager.picture(case))
    if seed is None:
        module, base = copy.deepcopy(module).double(), base.double()
    else:
        base = base + 3e-6 * torch.randn(base.shape, generator=torch.Generator().manual_seed(seed))
    return check_zoo.explain_eagerly(case, module, base, eager.prepared.classes[0])


def check_condition(case, eager):
    """The map against what rounding makes of it, and whether there is something to see."""
    single = eager.explain(case, eager.prepared.classes[0])
    others = [disturbed(case, eager, seed) for seed in ROUNDING]
    difference = max(float(numpy.abs(single.map - other.map).max()) for other in others)
    share = float((single.map > 0.1).mean())
    margin = min(scale.margin for scale in single.scales)
    text = f"difference {difference:.7f}, share {share:.3f}, margin {margin:.4f}"
    if case.paper:
        text += f", used {[scale.used for scale in single.scales]}"
    if not (difference <= check_zoo.MAP_TOLERANCE / 5 and share >= LEAST_SHARE and margin >= LEAST_MARGIN):
        raise harness.Failure(text)
    return text


def check_copy(case, eager):
    """The saved copy against the eager module."""
    saved = torch.jit.load(str(eager.prepared.files[case.kind]))
    base = reference.load(eager.picture(case))
    differences = []
    for side in case.schedule():
        expected = reference.judge(eager.prepared.module, base, side, "bicubic")
        differences.append(float((reference.judge(saved, base, side, "bicubic") - expected).abs().max()))
    if not max(differences) <= check_zoo.LOGIT_TOLERANCE / 5:
        raise harness.Failure(f"logits differ by {max(differences):.7f}")
    return f"logits differ by {max(differences):.7f}"


def main():
    parser = argparse.ArgumentParser(description="Check that the zoo's networks are well conditioned.")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the networks")
    parser.add_argument("--only", help="check this network alone")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    networks.use_all_processors()
    tally = harness.Tally()
    for network in networks.select(arguments.only):
        eager = check_zoo.Reference(networks.prepare(network, work), work)
        for case in check_zoo.cases(network):
            if case.layer == "auto" and not case.title:
                tally.attempt(f"{case.name()} copy", lambda case=case: check_copy(case, eager))
            if case.kind == "traced" or case.title:
                tally.attempt(f"{case.name()} condition", lambda case=case: check_condition(case, eager))
    tally.finish()


if __name__ == "__main__":
    main()
