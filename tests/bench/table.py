# SPDX-License-Identifier: MIT
"""The table of ratios and the table of seconds, as plain text or Markdown."""

import statistics

from workers import Unavailable

RATIOS = ("what", "median", "least .. greatest", "n")
SECONDS = ("configuration", "first call, s", "median, s", "least .. greatest, s", "peak MiB")


def spread(values, digits):
    return f"{min(values):.{digits}f} .. {max(values):.{digits}f}"


def text_line(row, widths):
    cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
    return "  ".join([row[0].ljust(widths[0])] + cells).rstrip()


def as_text(rows):
    full = [row for row in rows if len(row) > 1 and row[1]]
    widths = [max(len(row[i]) for row in full) for i in range(len(full[0]))]
    return [text_line(row, widths) if len(row) > 1 else "\n" + row[0] for row in rows]


def as_markdown(rows):
    columns = len(rows[0])
    lines = []
    for i, row in enumerate(rows):
        cells = row if len(row) > 1 else (f"**{row[0]}**",) + ("",) * (columns - 1)
        lines.append("| " + " | ".join(cells) + " |")
        if i == 0:
            lines.append("|---" + "|--:" * (columns - 1) + "|")
    return lines


class Report:
    """What was measured. A row of one cell is a heading."""

    def __init__(self):
        self.ratios = [RATIOS]
        self.seconds = [SECONDS]
        self.facts = []
        self.title = ""

    def fact(self, text):
        self.facts.append(text)

    def heading(self, text):
        self.ratios.append((text,))
        self.title = text

    def missing(self, label, error):
        """A row of the first table for what could not be measured."""
        self.ratios.append((f"{label}: not measured: {error}",) + ("",) * (len(RATIOS) - 1))

    def row(self, label, measure, digits=3):
        """A row of the first table: measure() gives the values, or finds them unavailable."""
        try:
            found = measure()
        except Unavailable as error:
            self.missing(label, error)
            return
        median = f"{statistics.median(found):.{digits}f}"
        self.ratios.append((label, median, spread(found, digits), str(len(found))))

    def note(self, series):
        """Rows of the second table, under the latest heading."""
        self.seconds.append((self.title,))
        for one in series:
            if one.problem:
                continue
            first = f"{one.first['seconds']:.3f}" if one.first else "-"
            median = f"{statistics.median(one.values()):.3f}"
            spread_of = spread(one.values(), 3)
            self.seconds.append((one.name, first, median, spread_of, f"{one.peak_mib():.0f}"))

    def lines(self, markdown):
        layout = as_markdown if markdown else as_text
        facts = [("* " if markdown else "") + fact for fact in self.facts]
        tables = [rows for rows in (self.ratios, self.seconds) if len(rows) > 1]
        return facts + [line for rows in tables for line in [""] + layout(rows)]
