"""printing.py MODEL: a network that prints "seen" and warns "odd" whenever it runs. SPDX-License-Identifier: MIT"""

import sys
import warnings

import torch


class Printing(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3, stride=4)
        self.fc = torch.nn.Linear(4, 3)
        for parameter in self.parameters():
            torch.nn.init.uniform_(parameter, 0.1, 0.9)  # above 0: no map is flat

    def forward(self, x):
        print("seen")
        warnings.warn("odd")
        return self.fc(torch.relu(self.conv(x)).mean([2, 3]))


torch.manual_seed(1)
torch.jit.script(Printing().eval()).save(sys.argv[1])
