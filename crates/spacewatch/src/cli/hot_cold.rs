//! What can be typed behind `spacewatch hot-cold`.

use clap::Args;

use super::Target;
use super::logs::LogArgs;

/// Show which bytes are read and which are not, by prefix, and what dropping the cold ones would save.
///
/// Lays an inventory of the bucket beside its access log: take one with `spacewatch inventory run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch hot-cold prod-assets                     not read for 90 days
  spacewatch hot-cold prod-assets/video --days 30 -d 2
  spacewatch hot-cold backups --move-to example       what another price list would save")]
pub(crate) struct HotColdArgs {
    /// Where to look.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    /// Cold is what was not read for so many days.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) days: u32,
    /// How many levels of folders below the prefix.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 1)]
    pub(crate) depth: u8,
    /// How many rows each list holds.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    /// The inventory may be so many seconds old.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u64>,
    /// By another price list [PRICE_LIST].
    #[arg(long, value_name = "NAME")]
    pub(crate) prices: Option<String>,
    /// Also tell what moving the cold bytes to where this price list holds would save.
    #[arg(long, value_name = "NAME")]
    pub(crate) move_to: Option<String>,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
