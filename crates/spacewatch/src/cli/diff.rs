//! What can be typed behind `spacewatch diff`.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use spacewatch_insight::{DiffKind, Given, Moment};

use super::Target;
use super::logs::LogArgs;

/// Show what changed between two inventories of a bucket, and which requests or rules changed it.
///
/// Take inventories with `spacewatch inventory run`; the newest three are kept, and one a week. Without access logs every change is shown
/// without what made it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch diff prod-assets                         between the last two inventories
  spacewatch diff prod-assets/images --since -7d -d 2
  spacewatch diff backups --kind removed --csv removed.csv --list removed")]
pub(crate) struct DiffArgs {
    /// Where to look.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    /// From the newest inventory begun at this moment or before: `2026-11-22T10:00`, `-24h`, `7d`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<Given<Moment>>,
    /// Up to the newest inventory begun at this moment or before; a day belongs to it as a whole.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<Given<Moment>>,
    /// How many levels of folders below the prefix.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 1)]
    pub(crate) depth: u8,
    /// How many rows each list holds.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    /// List only changes of this kind.
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Option<DiffKind>,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

fn kinds() -> impl TypedValueParser<Value = DiffKind> {
    let words = PossibleValuesParser::new(DiffKind::ALL.map(DiffKind::as_str));
    words.try_map(|word| DiffKind::named(&word).ok_or("is no kind of change"))
}
