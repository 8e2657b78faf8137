//! `spacewatch logs report`

mod shown;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};

use spacewatch_model::{OneLine, TimeRange};
use spacewatch_report::{Options, Progress, Report, Source, analyse, page};

use crate::cli::logs::report::ReportArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, ReadingBar};

pub(super) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let range =
        TimeRange::new(args.from, args.to).map_err(|error| Failure::usage(format!("the period {error}")))?;
    let options = Options {
        bucket: args.bucket.clone(),
        range,
        top: usize::try_from(args.top).unwrap_or(usize::MAX),
        ..Options::default()
    };
    let report = watched(&sources(&args.files)?, &options)?;
    if let Some(failure) = nothing_read(&report) {
        return Err(failure);
    }
    if let Some(path) = &args.html {
        write_page(path, &report)?;
    }
    if args.json {
        return output::print_json(&report);
    }
    output::print(&shown::text(&report, output::terminal_width()))?;
    tell_problems(&report);
    if let Some(path) = &args.html {
        eprintln!("the page is in {}", OneLine(&path.display().to_string()));
    }
    Ok(())
}

fn sources(files: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let is_stdin = |file: &&PathBuf| file.as_os_str() == "-";
    if files.iter().filter(is_stdin).count() > 1 {
        return Err(Failure::usage("standard input `-` can be read only once"));
    }
    Ok(files
        .iter()
        .map(|file| {
            if is_stdin(&file) {
                Source::Stdin
            } else {
                Source::Path(file.clone())
            }
        })
        .collect())
}

/// Analyses while this thread shows how far it is.
fn watched(sources: &[Source], options: &Options) -> Result<Report, Failure> {
    let progress = Progress::default();
    let bar = ReadingBar::new("reading logs");
    std::thread::scope(|scope| {
        let (done, wait) = mpsc::channel();
        scope.spawn(|| {
            let report = analyse(sources, options, &progress);
            // Whoever waited is gone only when the program ends.
            let _ = done.send(report);
            drop(done);
        });
        let mut patience = output::PATIENCE;
        loop {
            match wait.recv_timeout(patience) {
                Ok(report) => return Ok(report),
                Err(RecvTimeoutError::Timeout) => {
                    bar.show(progress.read_bytes(), progress.total_bytes(), progress.lines());
                    patience = output::REDRAW;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new(Exit::Failed, "the analysis ended without a report"));
                }
            }
        }
    })
}

/// The failure, if not one file could be read.
fn nothing_read(report: &Report) -> Option<Failure> {
    let first = report.failed_files.first()?;
    (report.read.lines == 0 && report.read.unpacked_bytes == 0).then(|| {
        let exit = if first.code == "unreadable" {
            Exit::NotFound
        } else {
            Exit::Failed
        };
        Failure::new(exit, format!("`{}` {}", first.file, first.detail))
    })
}

fn write_page(path: &Path, report: &Report) -> Result<(), Failure> {
    let made_by = concat!("SpaceWatch ", env!("CARGO_PKG_VERSION"));
    fs::write(path, page(report, made_by)).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("can't write the page to `{}`", path.display()),
        )
        .caused_by(&error)
    })
}

/// Says what limits the figures, apart from them.
fn tell_problems(report: &Report) {
    const FILES: usize = 5;
    for note in &report.notes {
        eprintln!("note: {}", OneLine(&note.detail));
    }
    for failed in report.failed_files.iter().take(FILES) {
        eprintln!("note: {} {}", OneLine(&failed.file), OneLine(&failed.detail));
    }
    if report.failed_files.len() > FILES {
        eprintln!(
            "note: and {} more files; --json lists all",
            report.failed_files.len() - FILES
        );
    }
}
