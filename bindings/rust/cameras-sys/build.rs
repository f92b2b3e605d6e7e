// SPDX-License-Identifier: MIT
//! Finds libcameras with the pkg-config program, so that no other crate is needed.
use std::env;
use std::process::{exit, Command};

/// The oldest library that has every function declared in src/functions.rs.
const OLDEST: &str = "0.1.0";

/// What decides where pkg-config looks.
const VARIABLES: [&str; 5] =
    ["PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR", "PKG_CONFIG_ALLOW_SYSTEM_LIBS"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for variable in VARIABLES {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    // docs.rs has no libcameras, and documentation links nothing.
    if env::var_os("DOCS_RS").is_some() {
        return;
    }
    match find() {
        Ok(flags) => tell_cargo(&flags),
        Err(message) => {
            eprintln!("\n{message}\n");
            exit(1);
        }
    }
}

/// What to link, as pkg-config says it: "-L/usr/local/lib -lcameras".
fn find() -> Result<String, String> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".into());
    let wanted = format!("cameras >= {OLDEST}");
    let answer = Command::new(&program).args(["--libs", "--print-errors", &wanted]).output().map_err(|error| {
        format!(
            "find libcameras: the program {program} cannot be run: {error}\n\
                 Install it (on Debian: apt install pkg-config), or name another in the variable PKG_CONFIG."
        )
    })?;
    if answer.status.success() {
        return Ok(String::from_utf8_lossy(&answer.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&answer.stderr);
    Err(format!(
        "find libcameras: {program} finds no {wanted}. It says:\n{}\n\
         Build and install the library (make install PREFIX=/usr/local in its source folder), and where PREFIX is not\n\
         one that pkg-config knows, set PKG_CONFIG_PATH=PREFIX/lib/pkgconfig.",
        said.trim_end()
    ))
}

fn tell_cargo(flags: &str) {
    let mut words = flags.split_whitespace();
    while let Some(word) = words.next() {
        if let Some(folder) = word.strip_prefix("-L") {
            let folder = if folder.is_empty() { words.next().unwrap_or("") } else { folder };
            println!("cargo:rustc-link-search=native={folder}");
            // For build scripts of crates that link this one: DEP_CAMERAS_LIBDIR.
            println!("cargo:libdir={folder}");
        } else if let Some(library) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={library}");
        }
    }
}
