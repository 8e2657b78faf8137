//! What can be typed behind `spacewatch growth`.

use clap::Args;
use spacewatch_insight::{Given, GrowthMetric};
use spacewatch_model::{BucketName, ByteSize};

use super::logs::LogArgs;

/// Show how much buckets grew, where they are heading, and when they reach a size.
///
/// What is stored is told by snapshots, what is sent and asked for by the access log. With a forecast comes an interval that was tested on
/// the past.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch growth                                    all buckets together, and each one's growth
  spacewatch growth prod-assets --reach 1TB            when does it reach 10^12 bytes?
  spacewatch growth prod-assets --metric requests --days 14
  spacewatch growth --metric bytes_sent                when is the transfer that the month covers used up?")]
pub(crate) struct GrowthArgs {
    /// Bucket; without it, all buckets together.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    /// What grows: `size_bytes`, `object_count`, `requests` or `bytes_sent`.
    #[arg(long, value_name = "METRIC")]
    pub(crate) metric: Option<Given<GrowthMetric>>,
    /// When is this reached? A size such as `1TB` or `250GiB`, or a number.
    #[arg(long, value_name = "SIZE")]
    pub(crate) reach: Option<Given<ByteSize>>,
    /// How many days the forecast reaches.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) days: u32,
    /// How many days of the past are looked at.
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) history_days: u32,
    /// How often the interval should hold the truth, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 80)]
    pub(crate) confidence: u32,
    /// How many levels of folders a prefix has.
    #[arg(long, value_name = "LEVELS", default_value_t = 1)]
    pub(crate) depth: u8,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
