//! What can be typed behind `spacewatch findings`.

use clap::Args;
use spacewatch_insight::{Given, RuleList, Severity};
use spacewatch_model::BucketName;

use super::logs::{LogArgs, PeriodArgs};
use super::suppression::SuppressionCommand;

/// Show what you should know that only the access log tells: who got in after refusals, who scans, who took everything.
///
/// Without a period, the last seven days. Each finding says why it matters, what to do and which records show it; `--json` has the
/// question that finds all of those.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  spacewatch findings                                      every bucket of the log
  spacewatch findings prod-assets --min-severity medium
  spacewatch findings --from -30d --rule denied-then-read,mass-download
  spacewatch findings --date 2026-11-16 --json
  spacewatch findings suppress sigv2/backups --reason \"the old printer\" --until 2026-12-31
  spacewatch findings suppressions

Rules: denied-then-read, mass-download, enumeration, new-requester, shared-link, slow-down, request-rate,
anonymous-reads, sigv2, old-tls, client-aborts, range-reads"
)]
pub(crate) struct FindingsArgs {
    #[command(subcommand)]
    pub(crate) known: Option<SuppressionCommand>,
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

impl FindingsArgs {
    pub(crate) fn wants_json(&self) -> bool {
        let known = self.known.as_ref();
        known.map_or(self.log.store.json, SuppressionCommand::wants_json)
    }
}
