// SPDX-License-Identifier: MIT
//! The program of the README, built and run as it stands there, by a crate of its own.
mod common;
use common::{demo, model, scene};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const README: &str = include_str!("../../README.md");

fn program() -> &'static str {
    let (_, rest) = README.split_once("```rust\n").expect("the README has a program");
    rest.split_once("```").expect("the program ends").0
}

/// A crate beside this one's build, which is kept for the next time.
fn write_crate() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(folder.join("src")).unwrap();
    let cameras = env!("CARGO_MANIFEST_DIR");
    let manifest = format!(
        "[package]\nname = \"readme\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n\
         [workspace]\n\n[dependencies]\ncameras = {{ path = {cameras:?} }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), program()).unwrap();
    for file in ["demo.pt", "demo.txt", "scene.png"] {
        fs::copy(demo(file), folder.join(file)).unwrap();
    }
    let _ = fs::remove_file(folder.join("overlay.png"));
    folder
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn the_program_of_the_readme_draws_what_the_network_sees() {
    assert!(program().lines().count() <= 14, "about ten lines");
    let folder = write_crate();
    let built = folder.join("target");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    succeed(Command::new(cargo).args(["build", "--offline"]).current_dir(&folder).env("CARGO_TARGET_DIR", &built));
    let output = succeed(Command::new(built.join("debug/readme")).current_dir(&folder));

    let mut model = model();
    model.read_labels(demo("demo.txt")).unwrap();
    let said = model.classify(&scene(), None).unwrap();
    let wanted = format!(
        "{} with {:.0} % at {}\n",
        model.label(said.top1()).unwrap(),
        100.0 * said.probabilities[said.top1()],
        model.auto_layer().unwrap()
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), wanted);
    let overlay = cameras::Image::open(folder.join("overlay.png"), None).unwrap();
    assert_eq!((overlay.width(), overlay.height()), (scene().width(), scene().height()));
    assert_ne!(overlay.rgb().unwrap(), scene().rgb().unwrap());
}
