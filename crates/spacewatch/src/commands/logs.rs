//! `spacewatch logs`: questions to access logs.

mod audit;
mod ghosts;
mod ingest;
mod line;
mod objects;
mod records;
mod rejects;
mod report;
pub(super) mod search;
mod sql;
mod tail;
mod top;

use spacewatch_insight::{SourceBucket, Tool};
use spacewatch_model::{BucketName, Coverage};

use super::asking::Asking;
use crate::cli::logs::{LogArgs, LogsArgs, LogsCommand};
use crate::failure::Failure;

pub(super) async fn run(args: LogsArgs, verbose: u8) -> Result<(), Failure> {
    match args.command {
        LogsCommand::Report(args) => report::run(&args),
        LogsCommand::Search(args) => search::run(args, verbose).await,
        LogsCommand::Audit(args) => audit::run(args, verbose).await,
        LogsCommand::Top(args) => top::run(args, verbose).await,
        LogsCommand::Ghosts(args) => ghosts::run(args, verbose).await,
        LogsCommand::Objects(args) => objects::run(args, verbose).await,
        LogsCommand::Rejects(args) => rejects::run(args, verbose).await,
        LogsCommand::Line(args) => line::run(args, verbose).await,
        LogsCommand::Sql(args) => sql::run(args, verbose).await,
        LogsCommand::Ingest(args) => ingest::run(args, verbose).await,
        LogsCommand::Tail(args) => tail::run(args, verbose).await,
    }
}

/// Reads the configuration and opens the store; the log bucket may have come as a flag.
fn start(log: &LogArgs, verbose: u8) -> Result<Asking, Failure> {
    Asking::remembering(&log.store, log.flags(), verbose)
}

async fn ask<T: Tool>(asking: &Asking, args: T::Args) -> Result<T::Output, Failure> {
    asking.ask::<T>("reading access logs", args).await
}

/// The bucket asked about, or all of the log's.
pub(super) fn source(bucket: Option<BucketName>) -> SourceBucket {
    bucket.map(SourceBucket::from).unwrap_or_default()
}

/// What the answer rests on, on standard error, so that tables can be piped.
pub(super) fn tell_coverage(coverage: &Coverage) {
    let read = crate::output::counted(coverage.objects_read, "log object");
    let lines = crate::output::counted(coverage.lines_read, "line");
    let mut said = format!("{read}, {lines}");
    if coverage.lines_rejected > 0 {
        said += &format!(", {} rejected", crate::output::thousands(coverage.lines_rejected));
    }
    if coverage.lines_duplicate > 0 {
        said += &format!(
            ", {} delivered twice",
            crate::output::thousands(coverage.lines_duplicate)
        );
    }
    eprintln!("from {said}");
    if let Some(note) = &coverage.note {
        eprintln!("note: {}", spacewatch_model::OneLine(note));
    }
}
