//! What can be typed behind `spacewatch findings` about findings that are known.

use clap::{Args, Subcommand};
use spacewatch_insight::{Given, Moment};

use super::StoreArgs;
use super::snapshot::PlaceArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionCommand {
    Suppress(SuppressArgs),
    Suppressions(SuppressionsArgs),
    Unsuppress(UnsuppressArgs),
}

/// Don't point at a finding any more, until a day.
///
/// Written down in a bucket of yours (METRICS_BUCKET), so that everybody who looks there knows. The finding stays in answers, at their end.
#[derive(Debug, Args)]
pub(crate) struct SuppressArgs {
    /// The finding's id, as `spacewatch findings --json` shows it.
    pub(crate) id: String,
    /// Why, in a sentence.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Up to this moment, a day as a whole; at most a year from now.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Given<Moment>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// List the findings that are not pointed at, why and how long.
#[derive(Debug, Args)]
pub(crate) struct SuppressionsArgs {
    /// Those that have ended as well.
    #[arg(long)]
    pub(crate) ended: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Point at a finding again.
#[derive(Debug, Args)]
pub(crate) struct UnsuppressArgs {
    /// The finding's id.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl SuppressionCommand {
    pub(crate) fn wants_json(&self) -> bool {
        self.wanted().1.json
    }

    /// Where decisions are kept, and how the answer looks.
    pub(crate) fn wanted(&self) -> (&PlaceArgs, &StoreArgs) {
        match self {
            Self::Suppress(args) => (&args.place, &args.store),
            Self::Suppressions(args) => (&args.place, &args.store),
            Self::Unsuppress(args) => (&args.place, &args.store),
        }
    }
}
