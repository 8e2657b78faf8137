//! What can be typed behind `spacewatch anomalies`.

use clap::Args;
use spacewatch_insight::{AnomalyMetric, Given};
use spacewatch_model::BucketName;

use super::logs::{LogArgs, PeriodArgs};

/// Show hours that are not what such hours usually are, and what makes them so.
///
/// Each whole hour of the last 24, unless a period is named, against the same hour of weeks or days before.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch anomalies                                 all buckets of the log together
  spacewatch anomalies prod-assets --from -7d
  spacewatch anomalies prod-assets --metric 5xx_rate --date 2026-11-16")]
pub(crate) struct AnomaliesArgs {
    /// Bucket that requests went to; without it, every bucket of the log together.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// Only this: `requests`, `4xx_rate`, `5xx_rate`, `bytes_sent`, `bytes_uploaded`, `first_byte_p95`, `total_p95`.
    #[arg(long, value_name = "METRIC")]
    pub(crate) metric: Option<Given<AnomalyMetric>>,
    /// How many anomalies.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
