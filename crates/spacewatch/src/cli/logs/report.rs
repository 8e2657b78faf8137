//! What can be typed behind `spacewatch logs report`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use spacewatch_model::{BucketName, Timestamp};

/// Analyse local access-log files, without a server and without a store.
///
/// Reads S3 and CloudFront access logs: plain, gzip or zstd, whatever their names, directories with everything below
/// them, and `-` for standard input. Duplicate lines count once. Nothing is kept.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch logs report logs/
  spacewatch logs report 2026-11-*.gz --html report.html
  zcat old.gz | spacewatch logs report - --json | jq .total.by_status
  spacewatch logs report logs/ --bucket prod-assets --from 2026-11-20 --to 2026-11-21")]
pub(crate) struct ReportArgs {
    /// Files and directories; `-` is standard input.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) files: Vec<PathBuf>,
    /// Print the whole report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the report as one self-contained HTML page.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,
    /// Rows of each top list.
    #[arg(long, value_name = "ROWS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) top: u32,
    /// Only records of this bucket; of CDN requests those whose host begins with its name.
    #[arg(long)]
    pub(crate) bucket: Option<BucketName>,
    /// Only records from this moment on, UTC: `2026-11-20` or `2026-11-20T08:00:00Z`.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) from: Option<Timestamp>,
    /// Only records before this moment.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) to: Option<Timestamp>,
}

/// A day stands for its beginning.
fn moment(text: &str) -> Result<Timestamp, String> {
    let of_day = |day: jiff::civil::Date| Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp());
    let is_day = text.len() == "2026-11-20".len();
    let day = text.parse().ok().filter(|_| is_day).and_then(of_day);
    day.or_else(|| text.parse().ok())
        .ok_or_else(|| "expected a time such as `2026-11-20` or `2026-11-20T08:00:00Z`".to_owned())
}
