//! What can be typed behind `spacewatch leaked-key`.

use clap::Args;
use spacewatch_insight::{Given, Moment};
use spacewatch_model::BucketName;

use super::logs::LogArgs;

/// Show what became of a key that leaked: from where it was used, and what it touched.
///
/// The access log names who asked. It names an access key only in presigned links: `--access-key` looks for those.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch leaked-key arn:aws:iam::123456789012:user/ci --since 2026-11-14
  spacewatch leaked-key --access-key DO00EXAMPLE --since -7d --bucket prod-assets
  spacewatch leaked-key ci --since 2026-11-14 --csv read.csv --list read
  spacewatch logs top --by requester                        who asks")]
pub(crate) struct LeakedKeyArgs {
    /// Who asked, as the log writes it.
    #[arg(required_unless_present = "access_key")]
    pub(crate) requester: Option<Given<String>>,
    /// Presigned links of this access key instead.
    #[arg(long, value_name = "ID", conflicts_with = "requester")]
    pub(crate) access_key: Option<Given<String>>,
    /// When it leaked: `2026-11-14`, `2026-11-14T10:00`, `-7d`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Given<Moment>,
    /// Up to this moment; a day belongs to it as a whole.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<Given<Moment>>,
    /// Only this bucket.
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    /// How many rows each list holds.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
