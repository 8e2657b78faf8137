//! What can be typed behind `spacewatch findings`.

use clap::Args;
use spacewatch_insight::{Given, RuleList, Severity};
use spacewatch_model::BucketName;

use super::logs::{LogArgs, PeriodArgs};

/// Show what you should know that only the access log tells: who got in after refusals, who scans, who took everything.
///
/// Without a period, the last seven days. Each finding says why it matters, what to do and which records show it; `--json` has the
/// question that finds all of those.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch findings                                      every bucket of the log
  spacewatch findings prod-assets --min-severity medium
  spacewatch findings --from -30d --rule denied-then-read,mass-download
  spacewatch findings --date 2026-11-16 --json

Rules: denied-then-read, mass-download, enumeration, new-requester, shared-link, slow-down, request-rate,
anonymous-reads, sigv2, old-tls, client-aborts, range-reads")]
pub(crate) struct FindingsArgs {
    /// Bucket that requests went to; without it, every bucket of the log.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<Given<BucketName>>,
    /// Only these rules, separated by commas.
    #[arg(long, value_name = "RULES")]
    pub(crate) rule: Option<Given<RuleList>>,
    /// Only what is at least so bad: info, low, medium, high, critical.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Given<Severity>>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
