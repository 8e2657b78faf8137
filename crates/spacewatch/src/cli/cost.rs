//! What can be typed behind `spacewatch cost`.

use clap::{Args, Subcommand, ValueEnum};
use spacewatch_insight::{EgressBy, Given, Month};
use spacewatch_model::BucketName;

use super::logs::{LogArgs, PeriodArgs};

/// What this month costs so far and at this pace, by bucket, with the arithmetic.
///
/// Egress and requests come from the access log: without a log bucket the bill holds storage only and says so.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  spacewatch cost                              the bill, by bucket
  spacewatch cost prod-assets --depth 2        and by prefix of one bucket
  spacewatch cost --month 2026-10 --json
  spacewatch cost egress --by key --from -7d   what causes egress, in bytes and money"
)]
pub(crate) struct CostArgs {
    #[command(subcommand)]
    pub(crate) command: Option<CostCommand>,
    #[command(flatten)]
    pub(crate) bill: BillArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CostCommand {
    Egress(EgressArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BillArgs {
    /// Also split this bucket by prefix.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    /// How many levels of folders a prefix has.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 1, requires = "bucket")]
    pub(crate) depth: u8,
    /// The month, such as 2026-11; this one without it.
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) month: Option<Given<Month>>,
    /// By another price list [PRICE_LIST].
    #[arg(long, value_name = "NAME")]
    pub(crate) prices: Option<String>,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Show what causes egress: objects, prefixes, clients, in bytes and money. Of the last seven days, unless a period is named.
#[derive(Debug, Args)]
pub(crate) struct EgressArgs {
    /// The bucket that requests went to; without it, every bucket of the log.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    /// What is counted.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) by: By,
    /// With --by prefix: how many levels of folders.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 1)]
    pub(crate) depth: u8,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// By another price list [PRICE_LIST].
    #[arg(long, value_name = "NAME")]
    pub(crate) prices: Option<String>,
    /// How many rows.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// What egress is counted by.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum By {
    #[default]
    Key,
    Prefix,
    Ip,
    Requester,
    UserAgent,
    Referer,
    Bucket,
}

impl CostArgs {
    pub(crate) fn wants_json(&self) -> bool {
        match &self.command {
            None => self.bill.log.store.json,
            Some(CostCommand::Egress(args)) => args.log.store.json,
        }
    }
}

impl From<By> for EgressBy {
    fn from(by: By) -> Self {
        match by {
            By::Key => Self::Key,
            By::Prefix => Self::Prefix,
            By::Ip => Self::Ip,
            By::Requester => Self::Requester,
            By::UserAgent => Self::UserAgent,
            By::Referer => Self::Referer,
            By::Bucket => Self::Bucket,
        }
    }
}
