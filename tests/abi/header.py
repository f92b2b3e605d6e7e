#!/usr/bin/python3
"""What a C header promises, read as text: header.py functions|constants|stubs|enums HEADER.

SPDX-License-Identifier: MIT

functions   the names of the functions marked CAMERAS_API, a line each
constants   the macros that a caller's object code carries: limits and the like, not the version
stubs       a C file that defines every function as one that does nothing, so that the header alone makes a library
enums       a C file that compiles only if every enum is as wide as an int, and fails on stderr, status 1, where an
            enumerator has no value of its own
"""

import re
import sys


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def declarations(text):
    """(declaration without its semicolon, name) of every function of the interface."""
    found = re.findall(r"^CAMERAS_API\s+([^;]+?)\s*;", text, flags=re.M)
    return [(" ".join(one.split()), re.search(r"(cameras_\w+)\(", one).group(1)) for one in found]


def constants(text):
    found = re.findall(r"^#define (CAMERAS_(?!VERSION|API\b|H\b)\w+)[ \t]+(.+?)[ \t]*$", text, flags=re.M)
    return [f"{name} {value}" for name, value in found]


def stubs(text):
    lines = ["#include <cameras.h>"]
    for declaration, _ in declarations(text):
        body = "{}" if declaration.startswith("void ") else "{ return 0; }"
        lines.append(f"{declaration} {body}")
    return lines


def enums(text):
    lines = ["#include <cameras.h>"]
    for name, body in re.findall(r"typedef enum (\w+) \{(.*?)\}", text, flags=re.S):
        for one in filter(None, (part.strip() for part in body.split(","))):
            if not re.fullmatch(r"CAMERAS_\w+ = \w+", one):
                sys.exit(f"enum {name}: '{one}' has no explicit value")
        if not body.split(",")[-1].strip().endswith("_FORCE_INT = 0x7fffffff"):
            sys.exit(f"enum {name}: its last enumerator does not force the width of an int")
        lines.append(f'_Static_assert(sizeof({name}) == sizeof(int), "{name}");')
    return lines


def main():
    what, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = without_comments(file.read())
    lines = {
        "functions": lambda: sorted(name for _, name in declarations(text)),
        "constants": lambda: constants(text),
        "stubs": lambda: stubs(text),
        "enums": lambda: enums(text),
    }[what]()
    if len(lines) < 2:
        sys.exit(f"{path}: nothing found in it")
    print("\n".join(lines))


main()
