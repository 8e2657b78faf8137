//! What can be typed behind `spacewatch evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};
use spacewatch_insight::{DeedList, Given, Limit, Moment};
use spacewatch_model::BucketName;

use super::logs::{FilterArgs, LogArgs, PeriodArgs};
use super::{StoreArgs, Target};

const EXAMPLES: &str = "\
Examples:
  spacewatch evidence save audit prod-assets/reports/2026.pdf --from 2026-11-01 -o case-7.zip
  spacewatch evidence save search prod-assets --ip 198.51.100.7 --status 403
  spacewatch evidence save leaked-key arn:aws:iam::123456789012:user/ci --since 2026-11-14
  spacewatch evidence save finding denied-then-read/prod-assets/198.51.100.7 --from 2026-11-01
  spacewatch evidence verify case-7.zip                   against the log objects at the store
  spacewatch evidence verify case-7.zip --local ./logs    against a copy, without keys";

/// Save log records as evidence, and check such a bundle again.
///
/// A bundle is one zip file: the records with their lines, where they stand in which log object, the SHA-256 of each line and of each log
/// object, what was asked and how complete the answer was.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct EvidenceArgs {
    #[command(subcommand)]
    pub(crate) command: EvidenceCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    Save(Box<SaveArgs>),
    Verify(Box<VerifyArgs>),
}

/// Save records as an evidence bundle. Each log object they stand in is read once.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct SaveArgs {
    #[command(subcommand)]
    pub(crate) of: SaveCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SaveCommand {
    Search(Box<SaveSearchArgs>),
    Audit(SaveAuditArgs),
    LeakedKey(SaveLeakedKeyArgs),
    Finding(SaveFindingArgs),
}

/// Where a bundle goes.
#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// The file to write, which must not be there yet; without it, one named by question and time.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Only so many records, the newest; without it, more than a bundle holds are an error.
    #[arg(long, value_name = "RECORDS", value_parser = parse_limit)]
    pub(crate) max_records: Option<Limit>,
}

fn parse_limit(text: &str) -> Result<Limit, std::num::ParseIntError> {
    text.parse().map(Limit)
}

/// All records that fit, as `spacewatch logs search` finds them.
#[derive(Debug, Args)]
pub(crate) struct SaveSearchArgs {
    /// Bucket that requests went to, with how their keys begin; without it, every bucket of the log.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Option<Target>,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Only what clients asked for: no lifecycle actions, no single lines of batches, no source halves of copies.
    #[arg(long, help_heading = "Filters")]
    pub(crate) requests_only: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Everything that happened to one object, as `spacewatch logs audit` shows it. Without a period, the last seven days.
#[derive(Debug, Args)]
pub(crate) struct SaveAuditArgs {
    /// The object.
    #[arg(value_name = "BUCKET/KEY")]
    pub(crate) target: Target,
    /// Only these: GET, HEAD, PUT, POST, DELETE, COPY, EXPIRE, TRANSITION, OPTIONS.
    #[arg(long, value_name = "METHODS")]
    pub(crate) methods: Option<Given<DeedList>>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Everything that a requester, or presigned links of an access key, did since a day.
#[derive(Debug, Args)]
pub(crate) struct SaveLeakedKeyArgs {
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
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// What shows a finding: all records behind it, and the bucket's setting where one shows it.
///
/// The tool that found it is asked again, with the period and bucket given here: name those that it was found with.
#[derive(Debug, Args)]
pub(crate) struct SaveFindingArgs {
    /// Its id, as `findings`, `posture`, `diff` and `anomalies` print it.
    pub(crate) id: String,
    /// The bucket that was asked about, where one was.
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<Given<BucketName>>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Check a bundle again: that it is what was written, and that the log objects still say so.
///
/// Exits with 0 only if every log object is what it was. `altered` is one that holds something else by now, `missing` one that is not
/// there, `unreadable` one that can't be looked at; a bundle that is itself damaged is not looked at further.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The bundle.
    #[arg(value_name = "BUNDLE", value_hint = ValueHint::FilePath)]
    pub(crate) bundle: PathBuf,
    /// Check against a copy of the log bucket, or of its prefix, in this directory. Needs no keys.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) local: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl EvidenceCommand {
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Save(args) => args.of.log().store.json,
            Self::Verify(args) => args.store.json,
        }
    }
}

impl SaveCommand {
    pub(crate) fn log(&self) -> &LogArgs {
        match self {
            Self::Search(args) => &args.log,
            Self::Audit(args) => &args.log,
            Self::LeakedKey(args) => &args.log,
            Self::Finding(args) => &args.log,
        }
    }
}
