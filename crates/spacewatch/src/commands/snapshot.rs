//! `spacewatch snapshot`: history kept in the user's own bucket.

mod shown;

use spacewatch_insight::{
    AggregateSeries, AggregateSeriesArgs, Limit, SnapshotAll, SnapshotAllArgs, SnapshotSeries,
    SnapshotSeriesArgs, SnapshotSources, SnapshotSourcesArgs, TakeSnapshot, TakeSnapshotArgs,
};
use spacewatch_model::OneLine;

use super::asking::Asking;
use crate::cli::logs::LogArgs;
use crate::cli::snapshot::{
    AggregateArgs, AllArgs, PlaceArgs, SeriesArgs, SnapshotArgs, SnapshotCommand, SourcesArgs, TakeArgs,
};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: SnapshotArgs, verbose: u8) -> Result<(), Failure> {
    match args.command {
        SnapshotCommand::Take(args) => take(args, verbose).await,
        SnapshotCommand::All(args) => all(args, verbose).await,
        SnapshotCommand::Sources(args) => sources(args, verbose).await,
        SnapshotCommand::Series(args) => series(args, verbose).await,
        SnapshotCommand::Aggregate(args) => aggregate(args, verbose).await,
    }
}

fn start(log: &LogArgs, place: &PlaceArgs, verbose: u8) -> Result<Asking, Failure> {
    Asking::remembering(&log.store, place.behind(log.flags()), verbose)
}

/// What the reader should know, on standard error, so that tables can be piped.
fn tell(notes: &[String]) {
    for note in notes {
        eprintln!("note: {}", OneLine(note));
    }
}

async fn take(args: TakeArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, &args.place, verbose)?;
    let what = format!("looking at {}", args.target.bucket);
    let asked = TakeSnapshotArgs {
        source_bucket: args.target.bucket,
        source_prefix: args.target.prefix,
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<TakeSnapshot>(&what, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    output::print(&shown::taken(&found))?;
    tell(&found.notes);
    Ok(())
}

async fn all(args: AllArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, &args.place, verbose)?;
    let asked = SnapshotAllArgs {
        wait: !args.log.no_wait,
    };
    let found = asking
        .ask::<SnapshotAll>("looking at every bucket", asked)
        .await?;
    if !output::told(&args.log.store, &found)? {
        output::print(&shown::all_taken(&found))?;
        tell(&found.notes);
    }
    match found.snapshots_failed {
        0 => Ok(()),
        failed => Err(Failure::new(
            Exit::Failed,
            format!(
                "{} could not be looked at",
                output::counted(failed as u64, "bucket")
            ),
        )),
    }
}

async fn sources(args: SourcesArgs, verbose: u8) -> Result<(), Failure> {
    let flags = args.place.behind(args.store.flags());
    let asking = Asking::remembering(&args.store, flags, verbose)?;
    let asked = SnapshotSourcesArgs {
        hours: Some(Limit(args.hours.into())),
    };
    let found = asking.ask::<SnapshotSources>("reading snapshots", asked).await?;
    if output::told(&args.store, &found)? {
        return Ok(());
    }
    output::print(&shown::sources(&found))?;
    tell(&shown::about(&found.snapshots));
    Ok(())
}

async fn series(args: SeriesArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, &args.place, verbose)?;
    let asked = SnapshotSeriesArgs {
        source_bucket: args.target.bucket,
        source_prefix: args.target.prefix,
        limit: Some(Limit(args.limit.into())),
        hours: Some(Limit(args.hours.into())),
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<SnapshotSeries>("reading snapshots", asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    output::print(&shown::series(&found))?;
    tell(&shown::about(&found.snapshots));
    tell(&found.notes);
    if let Some(note) = found.coverage.and_then(|coverage| coverage.note) {
        tell(&[note]);
    }
    Ok(())
}

async fn aggregate(args: AggregateArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, &args.place, verbose)?;
    let asked = AggregateSeriesArgs {
        hours: Some(Limit(args.hours.into())),
        step: args.step,
        wait: !args.log.no_wait,
    };
    let found = asking.ask::<AggregateSeries>("reading snapshots", asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    output::print(&shown::aggregate(&found))?;
    tell(&shown::about(&found.snapshots));
    tell(&found.notes);
    if let Some(note) = found.coverage.and_then(|coverage| coverage.note) {
        tell(&[note]);
    }
    Ok(())
}
