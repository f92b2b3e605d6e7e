// SPDX-License-Identifier: MIT
//! The declarations against the header itself: CAMERAS_HEADER, or the one of this source tree.
//!
//! Both sides are read as text and brought to one form: a name, and types as Rust writes them. Names of parameters are
//! compared too, so that two of one type cannot change places unseen.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FUNCTIONS: &str = include_str!("../src/functions.rs");
const CONSTANTS: &str = include_str!("../src/constants.rs");
const CRATE: &str = include_str!("../src/lib.rs");

/// By name: parameters, as "name: type", and what is returned ("" for nothing).
type Functions = BTreeMap<String, (Vec<String>, String)>;

// ---- the header ------------------------------------------------------------------------------------------------

fn header() -> String {
    let path = env::var_os("CAMERAS_HEADER")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../include/cameras.h"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("read {}: {error}; name the header in the variable CAMERAS_HEADER", path.display())
    });
    without_comments(&text)
}

fn without_comments(text: &str) -> String {
    let mut code = String::new();
    for (index, part) in text.split("/*").enumerate() {
        code += if index == 0 { part } else { part.split_once("*/").expect("a comment ends").1 };
    }
    code
}

/// A C type as Rust writes it: "const char *const" becomes "*const *const c_char" behind one more star, and so on.
fn rust_type(c: &str) -> String {
    let spaced = c.replace('*', " * ");
    let mut words = spaced.split_whitespace().peekable();
    let mut constant = words.next_if_eq(&"const").is_some();
    let mut rust = match words.next().expect("a type has a name") {
        "void" => "c_void",
        "char" => "c_char",
        "int" => "c_int",
        "size_t" => "usize",
        "double" => "f64",
        "float" => "f32",
        "uint8_t" => "u8",
        "uint64_t" => "u64",
        own if own.starts_with("cameras_") => own,
        other => panic!("the test knows no C type {other}"),
    }
    .to_string();
    while let Some(star) = words.next() {
        assert_eq!(star, "*", "in {c}");
        rust = format!("{} {rust}", if constant { "*const" } else { "*mut" });
        constant = words.next_if_eq(&"const").is_some();
    }
    rust
}

/// "const size_t classes[4]" becomes "classes: *const usize": arrays are passed as pointers.
fn rust_parameter(c: &str) -> String {
    let (c, array) = match c.split_once('[') {
        Some((before, _)) => (before, " *"),
        None => (c, ""),
    };
    let name_at = c.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').expect("a type before a name") + 1;
    format!("{}: {}", &c[name_at..], rust_type(&format!("{}{array}", &c[..name_at])))
}

fn list(inside: &str) -> impl Iterator<Item = &str> {
    inside.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "void")
}

fn header_functions(header: &str) -> Functions {
    let mut functions = Functions::new();
    for declaration in header.split("\nCAMERAS_API ").skip(1) {
        let declaration = declaration.split(';').next().unwrap_or_default();
        let (before, inside) = declaration.split_once('(').expect("a function has parameters");
        let name_at = before.rfind("cameras_").expect("a function has a name");
        let result = match before[..name_at].trim() {
            "void" => String::new(),
            other => rust_type(other),
        };
        let parameters = list(inside.trim_end().trim_end_matches(')')).map(rust_parameter).collect();
        functions.insert(before[name_at..].trim().into(), (parameters, result));
    }
    functions
}

/// By name: the type, "" for a #define, and the value as written.
fn header_constants(header: &str) -> BTreeMap<String, (String, u64)> {
    let mut constants = BTreeMap::new();
    for declaration in header.split("typedef enum ").skip(1) {
        let (name, rest) = declaration.split_once('{').expect("an enumeration has values");
        let inside = rest.split('}').next().unwrap_or_default();
        for part in list(inside) {
            let (constant, value) = part.split_once('=').unwrap_or_else(|| panic!("{part} has no explicit value"));
            // It is there to make the enumeration as wide as an int, and is no value of it.
            if !constant.trim().ends_with("_FORCE_INT") {
                constants.insert(constant.trim().into(), (name.trim().into(), number(value)));
            }
        }
    }
    for line in header.lines().filter_map(|line| line.strip_prefix("#define CAMERAS_")) {
        let mut words = line.split_whitespace();
        let (name, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if !value.is_empty() && name != "API" && !value.starts_with('"') {
            constants.insert(format!("CAMERAS_{name}"), ("usize".into(), number(value)));
        }
    }
    constants
}

fn number(text: &str) -> u64 {
    let text = text.trim();
    if text == "SIZE_MAX" || text == "usize::MAX" {
        return usize::MAX as u64;
    }
    let digits = text.trim_end_matches('u').replace('_', "");
    let read = match digits.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
        None => digits.parse(),
    };
    read.unwrap_or_else(|_| panic!("{text} is no number"))
}

// ---- the declarations ------------------------------------------------------------------------------------------

fn declared_functions() -> Functions {
    let mut functions = Functions::new();
    for declaration in FUNCTIONS.split("pub fn ").skip(1) {
        let declaration = declaration.split(';').next().unwrap_or_default();
        let (name, rest) = declaration.split_once('(').expect("a function has parameters");
        let (inside, result) = rest.rsplit_once(')').expect("parameters end");
        let parameters = list(inside).map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let result = result.trim().trim_start_matches("->").trim();
        let twice = functions.insert(name.into(), (parameters, result.into()));
        assert!(twice.is_none(), "{name} is declared twice");
    }
    functions
}

fn declared_constants() -> BTreeMap<String, (String, u64)> {
    let mut constants = BTreeMap::new();
    for line in CONSTANTS.lines().filter_map(|line| line.strip_prefix("pub const ")) {
        let (name, rest) = line.split_once(": ").expect("a constant has a type");
        let (kind, value) = rest.trim_end_matches(';').split_once(" = ").expect("a constant has a value");
        if kind != "&str" {
            constants.insert(name.into(), (kind.into(), number(value)));
        }
    }
    constants
}

// ---- the claims ------------------------------------------------------------------------------------------------

fn names<T>(of: &BTreeMap<String, T>) -> Vec<&String> {
    of.keys().collect()
}

#[test]
fn the_functions_are_those_of_the_header() {
    let (header, declared) = (header_functions(&header()), declared_functions());
    assert!(header.len() >= 140, "only {} functions were found in the header", header.len());
    assert_eq!(names(&declared), names(&header));
}

#[test]
fn parameters_and_results_are_those_of_the_header() {
    let declared = declared_functions();
    for (name, wanted) in header_functions(&header()) {
        assert_eq!(declared.get(&name), Some(&wanted), "{name}");
    }
}

#[test]
fn the_functions_stand_in_the_order_of_the_header() {
    let mut at = 0;
    for declaration in header().split("\nCAMERAS_API ").skip(1) {
        let before = declaration.split('(').next().unwrap_or_default();
        let name = &before[before.rfind("cameras_").expect("a function has a name")..];
        let here = FUNCTIONS.find(&format!("pub fn {name}(")).unwrap_or_else(|| panic!("{name} is not declared"));
        assert!(here > at, "{name} stands too early");
        at = here;
    }
}

#[test]
fn the_constants_and_their_values_are_those_of_the_header() {
    let (header, declared) = (header_constants(&header()), declared_constants());
    assert!(header.len() >= 80, "only {} constants were found in the header", header.len());
    assert_eq!(names(&declared), names(&header));
    for (name, wanted) in header {
        assert_eq!(declared.get(&name), Some(&wanted), "{name}");
    }
}

#[test]
fn the_version_is_that_of_the_header() {
    let version = format!("#define CAMERAS_VERSION_STRING \"{}\"", cameras_sys::CAMERAS_VERSION_STRING);
    assert!(header().contains(&version), "the header does not say {version}");
}

/// What a callback returns, and its declaration from its name on.
fn callbacks(header: &str) -> Vec<(&'static str, &str)> {
    let of = |returns, opening| header.split(opening).skip(1).map(move |rest| (returns, rest));
    of("int", "typedef int (*").chain(of("void", "typedef void (*")).collect()
}

#[test]
fn the_callbacks_have_the_parameters_of_the_header() {
    for (returns, declaration) in callbacks(&header()) {
        let (name, rest) = declaration.split_once(")(").expect("a callback has parameters");
        let inside = rest.split(')').next().unwrap_or_default();
        let wanted: Vec<_> = list(inside).map(rust_parameter).collect();
        let declared = CRATE.split(&format!("pub type {name} = ")).nth(1);
        let declared =
            declared.unwrap_or_else(|| panic!("{name} is not declared")).split(';').next().unwrap_or_default();
        let (_, rest) = declared.split_once("fn(").expect("a callback is a function");
        let (inside, result) = rest.rsplit_once(')').expect("parameters end");
        assert_eq!(list(inside).collect::<Vec<_>>(), wanted, "{name}");
        assert_eq!(result.contains("-> c_int"), returns == "int", "{name} returns {returns}");
    }
}

#[test]
fn the_handles_are_those_of_the_header() {
    let handles = CRATE.split("handles! {").nth(1).expect("handles are declared").split('}').next().unwrap_or_default();
    let header = header();
    let wanted: Vec<_> =
        header.split("typedef struct ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    assert_eq!(handles.split_whitespace().collect::<Vec<_>>(), wanted);
}

#[test]
fn an_enumeration_is_as_wide_as_an_int() {
    use std::mem::size_of;
    assert_eq!(size_of::<cameras_sys::cameras_status>(), size_of::<std::os::raw::c_int>());
}

// ---- the test of the test --------------------------------------------------------------------------------------

#[test]
fn a_changed_parameter_or_value_would_be_seen() {
    let whole = header();
    let removed = whole.replace("CAMERAS_API size_t cameras_map_width(const cameras_map *map);", "");
    assert_eq!(header_functions(&removed).len() + 1, header_functions(&whole).len());
    let narrowed = whole.replace("cameras_map_width(const cameras_map *map)", "cameras_map_width(cameras_map *map)");
    assert_ne!(header_functions(&narrowed), header_functions(&whole));
    let reordered =
        whole.replace("CAMERAS_MAGMA = 2", "CAMERAS_MAGMA = 3").replace("CAMERAS_JET = 3", "CAMERAS_JET = 2");
    assert_ne!(header_constants(&reordered), header_constants(&whole));
}
