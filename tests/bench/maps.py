# SPDX-License-Identifier: MIT
"""How alike two maps are."""

import numpy


def ranks(values):
    """Ranks from 1; equal values share the mean of theirs."""
    _, places, counts = numpy.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[places]


def spearman(one, other):
    """Spearman's rank correlation of two arrays of one shape."""
    return float(numpy.corrcoef(ranks(one.ravel()), ranks(other.ravel()))[0, 1])


def apart(one, other):
    """The greatest absolute difference."""
    return float(numpy.abs(one - other).max())
