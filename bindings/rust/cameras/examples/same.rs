// SPDX-License-Identifier: MIT
//! One explanation, written as bytes that must be equal in every language: tests/bindings compares them.
//!
//!     same MODEL LABELS PICTURE OUT
use cameras::{Colormap, Gate, Image, Map, Model, Options, ScoreKind};
use std::error::Error;
use std::fs;

const CLASSES: [usize; 2] = [1, 4];
const SCORES: [ScoreKind; 5] = [
    ScoreKind::POSITIVE_MAP_DENSITY,
    ScoreKind::NEGATIVE_MAP_DENSITY,
    ScoreKind::AVERAGE_DROP,
    ScoreKind::INCREASE,
    ScoreKind::AVERAGE_GAIN,
];

fn options() -> cameras::Result<Options<'static>> {
    let mut options = Options::new()?;
    options.layer("auto")?.scales(&[224, 288])?.threads(1)?.gate(Gate::OFF)?.keep_flat(true)?.score_steps(4)?;
    Ok(options)
}

fn append(bytes: &mut Vec<u8>, values: &[f32]) {
    bytes.extend(values.iter().flat_map(|value| value.to_ne_bytes()));
}

fn scores(bytes: &mut Vec<u8>, model: &Model, image: &Image, map: &Map) -> cameras::Result<()> {
    // Without classes: a map is scored for its own.
    let scores = model.score(image, map, None, Some(&options()?))?;
    for kind in SCORES {
        bytes.extend(scores.value(kind).to_ne_bytes());
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [model, labels, picture, out] = match <[_; 4]>::try_from(arguments) {
        Ok(four) => four,
        Err(_) => return Err("usage: same MODEL LABELS PICTURE OUT".into()),
    };
    let mut model = Model::open(model)?;
    model.read_labels(labels)?;
    let image = Image::open(picture, None)?;
    let mut asked = options()?;
    for class in CLASSES {
        asked.class(class)?;
    }
    let maps = model.explain_several(&image, Some(&asked))?;
    let mut bytes = Vec::new();
    append(&mut bytes, maps[0].values());
    append(&mut bytes, maps[1].values());
    append(&mut bytes, maps[0].raw());
    bytes.extend(maps[0].overlay(&image, Colormap::VIRIDIS, 0.5)?.rgb()?);
    scores(&mut bytes, &model, &image, &maps[0])?;
    bytes.extend(maps[0].layer().as_bytes());
    bytes.extend(model.label(CLASSES[0]).unwrap_or_default().as_bytes());
    fs::write(out, bytes)?;
    Ok(())
}
