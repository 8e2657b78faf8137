//! The report of some files, as JSON: `cargo run --release -p spacewatch-report --example report -- FILE…`

use std::path::PathBuf;

use spacewatch_report::{Options, Progress, Source, analyse};

fn main() -> Result<(), serde_json::Error> {
    let sources: Vec<_> = std::env::args_os()
        .skip(1)
        .map(|argument| Source::Path(PathBuf::from(argument)))
        .collect();
    let report = analyse(&sources, &Options::default(), &Progress::default());
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
