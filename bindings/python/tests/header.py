"""Reads cameras.h as far as a binding must agree with it, and compares a binding's table with it.

SPDX-License-Identifier: MIT
"""

import ctypes
import os.path
import re

from cameras import _functions, enums

PLAIN = {
    "size_t": ctypes.c_size_t,
    "uint64_t": ctypes.c_uint64,
    "uint8_t": ctypes.c_uint8,
    "int": ctypes.c_int,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
}


class Header:
    def __init__(self, text):
        self.text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        code = re.sub(r"^\s*#.*(\\\n.*)*$", "", self.text, flags=re.M)
        self.code = re.sub(r"\s+", " ", code)
        self.enums = {
            name: self._members(body) for body, name in re.findall(r"typedef enum \w+ \{(.*?)\} (\w+);", self.code)
        }
        self.handles = set(re.findall(r"typedef struct (\w+) \w+;", self.code))
        self.callbacks = {
            name: (result, parameters.split(","))
            for result, name, parameters in re.findall(r"typedef (\w+) \(\*(\w+)\)\((.*?)\);", self.code)
        }
        self.functions = {
            name: (result, [] if parameters.strip() == "void" else parameters.split(","))
            for result, name, parameters in re.findall(r"CAMERAS_API ([\w *]*?)(\w+)\(([^()]*)\);", self.code)
        }

    @staticmethod
    def _members(body):
        pairs = (item.split("=") for item in body.split(",") if item.strip())
        members = {name.strip(): int(value, 0) for name, value in pairs}
        return {name: value for name, value in members.items() if not name.endswith("_FORCE_INT")}

    def define(self, name):
        return re.search(rf"#define {name}\s+(\S+)", self.text).group(1)

    def type_of(self, words, named=True):
        """The ctypes type of a declaration such as "const cameras_image *const images[4]"."""
        stars = words.count("*") + words.count("[")
        base, *rest = [word for word in re.findall(r"\w+", re.sub(r"\[\w*\]", "", words)) if word != "const"]
        assert len(rest) == (1 if named else 0), words
        if base in ("char", "void") and stars:
            found, stars = {"char": ctypes.c_char_p, "void": ctypes.c_void_p}[base], stars - 1
        elif base == "void":
            return None
        elif base in self.enums:
            found = ctypes.c_int
        elif base in self.callbacks:
            found = getattr(_functions, base.replace("cameras_", "").upper())
        elif base in self.handles:
            found = getattr(_functions, base)
            assert found.__name__ == base and stars
        else:
            found = PLAIN[base]
        for _ in range(stars):
            found = ctypes.POINTER(found)
        return found


def function_faults(header, table):
    """In words, where a table of functions departs from the header."""
    faults = [f"{name} is not bound" for name in header.functions.keys() - table.keys()]
    faults += [f"{name} is not in the header" for name in table.keys() - header.functions.keys()]
    for name in sorted(header.functions.keys() & table.keys()):
        result, parameters = header.functions[name]
        bound_result, bound_parameters = table[name]
        expected = _functions.STATUS if result.strip() == "cameras_status" else header.type_of(result, named=False)
        if bound_result is not expected:
            faults.append(f"{name} returns {result.strip()}, bound as {bound_result}")
        wanted = [header.type_of(parameter) for parameter in parameters]
        if list(bound_parameters) != wanted:
            faults.append(f"{name} takes {parameters}, bound as {bound_parameters}")
    return faults


def enum_faults(header, module=enums):
    """In words, where enumerations depart from the header, by the names and values of all members."""
    faults, known = [], set()
    for name, members in header.enums.items():
        ours = getattr(module, "".join(word.capitalize() for word in name.split("_")[1:]), None)
        if ours is None:
            faults.append(f"{name} is missing")
            continue
        known.add(ours)
        prefix = os.path.commonprefix(list(members))
        prefix = prefix[: prefix.rindex("_") + 1]
        wanted = {member[len(prefix) :]: value for member, value in members.items()}
        if {member.name: int(member) for member in ours} != wanted:
            faults.append(f"{name} is {wanted}, bound as {list(ours)}")
    all_ours = {kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, enums.IntEnum)}
    return faults + [f"{kind} is not in the header" for kind in all_ours - known - {enums.IntEnum, enums.Choice}]
