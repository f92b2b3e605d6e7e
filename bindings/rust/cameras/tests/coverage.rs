// SPDX-License-Identifier: MIT
//! The safe interface is complete: whatever cameras-sys declares is used here.
use std::fs;
use std::path::Path;

#[test]
fn every_function_and_every_value_of_the_header_is_used() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = |path: &Path| fs::read_to_string(path).unwrap();
    let mut safe = String::new();
    for file in fs::read_dir(own.join("src")).unwrap() {
        // To be named in a comment is not to be used.
        for line in source(&file.unwrap().path()).lines().filter(|line| !line.trim_start().starts_with("//")) {
            safe += line;
            safe += "\n";
        }
    }
    let words: std::collections::BTreeSet<_> =
        safe.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let declared = own.join("../cameras-sys/src");
    let functions = source(&declared.join("functions.rs"));
    let constants = source(&declared.join("constants.rs"));
    let names = functions.split("pub fn ").skip(1).chain(constants.split("pub const ").skip(1));
    let names: Vec<_> = names.filter_map(|rest| rest.split(['(', ':']).next()).collect();
    assert!(names.len() > 220, "only {} names were found", names.len());
    // The parts of the version, which VERSION has whole.
    let unused: Vec<_> =
        names.iter().filter(|name| !words.contains(**name) && !name.starts_with("CAMERAS_VERSION_")).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
