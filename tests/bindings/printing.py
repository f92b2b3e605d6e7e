"""printing.py MODEL: a network that prints "seen" and warns "odd" whenever it runs. SPDX-License-Identifier: MIT"""

import sys
import warnings

import torch


class Printing(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3, stride=4)

    def forward(self, x):
        print("seen")
        warnings.warn("odd")
        return torch.relu(self.conv(x)).mean([2, 3])


torch.jit.script(Printing().eval()).save(sys.argv[1])
