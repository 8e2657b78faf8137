//! What can be typed behind `spacewatch snapshot`.

use clap::{Args, Subcommand};

use super::logs::LogArgs;
use super::{StoreArgs, Target, flags};
use crate::configuration::Flag;

const EXAMPLES: &str = "\
Examples:
  spacewatch snapshot all                           every bucket; once every five minutes in cron is fine
  spacewatch snapshot take prod-assets
  spacewatch snapshot series prod-assets --hours 720
  spacewatch snapshot aggregate --csv growth.csv";

/// Keep a history of what is stored, and show it.
///
/// Snapshots are written into a bucket of yours (METRICS_BUCKET): one object a run, rolled up into one a day. Nothing is
/// kept on this machine, and several machines may do this at once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct SnapshotArgs {
    #[command(subcommand)]
    pub(crate) command: SnapshotCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    Take(TakeArgs),
    All(AllArgs),
    Sources(SourcesArgs),
    Series(SeriesArgs),
    Aggregate(AggregateArgs),
}

impl SnapshotCommand {
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Take(args) => args.log.store.json,
            Self::All(args) => args.log.store.json,
            Self::Sources(args) => args.store.json,
            Self::Series(args) => args.log.store.json,
            Self::Aggregate(args) => args.log.store.json,
        }
    }
}

/// Where snapshots are kept.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Bucket that snapshots are kept in [METRICS_BUCKET].
    #[arg(long, value_name = "BUCKET", help_heading = "Snapshots")]
    metrics_bucket: Option<String>,
    /// Where in that bucket they lie [METRICS_PREFIX, default spacewatch-metrics/].
    #[arg(long, value_name = "PREFIX", help_heading = "Snapshots")]
    metrics_prefix: Option<String>,
}

impl PlaceArgs {
    /// These flags behind those given already.
    pub(crate) fn behind(&self, mut given: Vec<Flag>) -> Vec<Flag> {
        given.extend(flags(vec![
            ("METRICS_BUCKET", "--metrics-bucket", &self.metrics_bucket),
            ("METRICS_PREFIX", "--metrics-prefix", &self.metrics_prefix),
        ]));
        given
    }
}

/// Take a snapshot of one bucket, or of a prefix in it.
#[derive(Debug, Args)]
pub(crate) struct TakeArgs {
    /// What to look at.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Take a snapshot of every bucket but those of logs and snapshots.
///
/// Fails in the end if a bucket could not be looked at; the others are written down.
#[derive(Debug, Args)]
pub(crate) struct AllArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Show of which buckets there are snapshots.
#[derive(Debug, Args)]
pub(crate) struct SourcesArgs {
    /// How many hours to look back, at most 720.
    #[arg(long, value_name = "HOURS", default_value_t = 168)]
    pub(crate) hours: u32,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Show the snapshots of one bucket, with the requests since each one before.
///
/// With a log bucket, requests are counted anew by their own time; without, as they were known when each snapshot was taken.
#[derive(Debug, Args)]
pub(crate) struct SeriesArgs {
    /// What was looked at.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    /// How many hours to look back, at most 720.
    #[arg(long, value_name = "HOURS", default_value_t = 168)]
    pub(crate) hours: u32,
    /// How many points; of more snapshots every so many-th is shown.
    #[arg(short = 'n', long, value_name = "POINTS", default_value_t = 500)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Show the sums over all buckets, step by step.
///
/// A step without any snapshot is left out. A bucket without a snapshot in a step counts with its last figures, and the step is
/// marked with `*`.
#[derive(Debug, Args)]
pub(crate) struct AggregateArgs {
    /// How many hours to look back, at most 168.
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub(crate) hours: u32,
    /// How long a step is; by itself long enough for a snapshot of every bucket.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) step: Option<u64>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
