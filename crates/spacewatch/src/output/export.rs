//! Answers for programs: JSON, CSV, Parquet.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use spacewatch_model::OneLine;

use super::print_json;
use crate::cli::StoreArgs;
use crate::exit::Exit;
use crate::failure::Failure;

/// Tells an answer to a program, if that is wanted; otherwise it is still to be shown to a person.
pub(crate) fn told(wanted: &StoreArgs, answer: &impl Serialize) -> Result<bool, Failure> {
    if wanted.json {
        print_json(answer)?;
        return Ok(true);
    }
    let export = &wanted.export;
    let list = export.list.as_deref();
    let wrong = |error: spacewatch_export::ExportError| Failure::usage(error.to_string());
    if let Some(path) = &export.csv {
        write(path, &spacewatch_export::csv(answer, list).map_err(wrong)?)?;
    } else if let Some(path) = &export.parquet {
        write(path, &spacewatch_export::parquet(answer, list).map_err(wrong)?)?;
    } else {
        return Ok(false);
    }
    tell_what_is_missing(&serde_json::to_value(answer)?);
    Ok(true)
}

/// A list has no room for what stands beside it in the answer.
fn tell_what_is_missing(answer: &Value) {
    if answer["truncated"] == true {
        eprintln!("note: there are more rows than these");
    }
    for note in [&answer["note"], &answer["coverage"]["note"]] {
        if let Some(note) = note.as_str() {
            eprintln!("note: {}", OneLine(note));
        }
    }
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    if path == Path::new("-") {
        let mut out = io::stdout().lock();
        out.write_all(content)?;
        return Ok(out.flush()?);
    }
    fs::write(path, content).map_err(|error| {
        Failure::new(Exit::Failed, format!("can't write `{}`", path.display())).caused_by(&error)
    })
}

/// For commands whose answers hold no list.
pub(crate) fn refuse_export(wanted: &StoreArgs) -> Result<(), Failure> {
    match (&wanted.export.csv, &wanted.export.parquet) {
        (None, None) => Ok(()),
        _ => Err(Failure::usage("this command has no list to export")
            .with_hint("`--json` prints all of its answer; `spacewatch inventory export` writes every object of a bucket")),
    }
}
