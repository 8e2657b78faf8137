//! What can be typed behind `spacewatch logs`.

pub(crate) mod report;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use spacewatch_insight::{
    Day, DeedList, Given, IpList, MethodList, Moment, OperationList, StatusList, TopBy, TopMeasure, WordList,
};
use spacewatch_model::{BucketName, ObjectKey};

use super::{StoreArgs, Target, flags};
use crate::configuration::Flag;

const EXAMPLES: &str = "\
Examples:
  spacewatch logs search prod-assets --status 4xx --from -24h
  spacewatch logs audit prod-assets/reports/2026.pdf
  spacewatch logs top prod-assets --by user-agent --measure bytes
  spacewatch logs sql \"SELECT operation, count(*) FROM requests GROUP BY 1 ORDER BY 2 DESC\"
  spacewatch logs tail prod-assets";

/// Answer from access logs: who did what, when, how fast.
///
/// Reads the log bucket once into a lake in DATA_DIR, and answers from there. New log objects are read before an answer;
/// `--no-wait` answers at once from what is there and says what is missing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct LogsArgs {
    #[command(subcommand)]
    pub(crate) command: LogsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    Report(report::ReportArgs),
    Search(SearchArgs),
    Audit(AuditArgs),
    Top(LogsTopArgs),
    Ghosts(GhostsArgs),
    Objects(ObjectsArgs),
    Rejects(RejectsArgs),
    Line(LineArgs),
    Sql(SqlArgs),
    Ingest(IngestArgs),
    Tail(TailArgs),
}

/// Whose log is asked.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Bucket that access logs are delivered to [ACCESS_LOGS_BUCKET].
    #[arg(long, value_name = "BUCKET", help_heading = "Log")]
    log_bucket: Option<String>,
    /// Where in that bucket they lie [ACCESS_LOGS_ROOT_PREFIX].
    #[arg(long, value_name = "PREFIX", help_heading = "Log")]
    log_prefix: Option<String>,
    /// Directory of the lakes [DATA_DIR].
    #[arg(long, value_name = "DIR", help_heading = "Log", value_hint = ValueHint::DirPath)]
    data_dir: Option<String>,
    /// Answer from what is read already, and say what is missing.
    #[arg(long, help_heading = "Log")]
    pub(crate) no_wait: bool,
}

impl LogArgs {
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let mut given = self.store.flags();
        given.extend(flags(vec![
            ("ACCESS_LOGS_BUCKET", "--log-bucket", &self.log_bucket),
            ("ACCESS_LOGS_ROOT_PREFIX", "--log-prefix", &self.log_prefix),
            ("DATA_DIR", "--data-dir", &self.data_dir),
        ]));
        given
    }
}

/// Which time is asked about.
#[derive(Debug, Args)]
pub(crate) struct PeriodArgs {
    /// From this moment on: `2026-11-22T10:00`, `2026-11-22`, `-24h`, `7d`.
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Period"
    )]
    pub(crate) from: Option<Given<Moment>>,
    /// Up to this moment; a day belongs to it as a whole.
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Period"
    )]
    pub(crate) to: Option<Given<Moment>>,
    /// One day, in UTC.
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Period", conflicts_with_all = ["from", "to"])]
    pub(crate) date: Option<Given<Day>>,
}

/// Which records are meant; everything given must hold.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Text that the line holds.
    #[arg(long, value_name = "TEXT", help_heading = "Filters")]
    pub(crate) contains: Option<Given<String>>,
    /// HTTP methods: `GET,HEAD`.
    #[arg(long, value_name = "METHODS", help_heading = "Filters")]
    pub(crate) method: Option<Given<MethodList>>,
    /// Beginnings of operations: `REST.GET.OBJECT,BATCH.`.
    #[arg(long, value_name = "OPERATIONS", help_heading = "Filters")]
    pub(crate) operation: Option<Given<OperationList>>,
    /// Statuses: `404`, `4xx`, `400-499`.
    #[arg(long, value_name = "STATUSES", help_heading = "Filters")]
    pub(crate) status: Option<Given<StatusList>>,
    /// Addresses or networks: `203.0.113.7`, `2001:db8::/32`; `-` is what the store did by itself.
    #[arg(
        long,
        value_name = "ADDRESSES",
        allow_hyphen_values = true,
        help_heading = "Filters"
    )]
    pub(crate) ip: Option<Given<IpList>>,
    /// The whole requester; `-` is anonymous.
    #[arg(long, allow_hyphen_values = true, help_heading = "Filters")]
    pub(crate) requester: Option<Given<String>>,
    /// Access key id in the address of a presigned request.
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    pub(crate) access_key: Option<Given<String>>,
    /// Text that the user agent holds.
    #[arg(long, value_name = "TEXT", help_heading = "Filters")]
    pub(crate) user_agent: Option<Given<String>>,
    /// Text that the referer holds.
    #[arg(long, value_name = "TEXT", help_heading = "Filters")]
    pub(crate) referer: Option<Given<String>>,
    /// How requests were signed: `SigV2,SigV4`; `-` is not at all.
    #[arg(
        long,
        value_name = "VERSIONS",
        allow_hyphen_values = true,
        help_heading = "Filters"
    )]
    pub(crate) signature_version: Option<Given<WordList>>,
    /// Where the signature stood: `AuthHeader`, `QueryString` (presigned); `-` is nowhere.
    #[arg(
        long,
        value_name = "PLACES",
        allow_hyphen_values = true,
        help_heading = "Filters"
    )]
    pub(crate) auth_type: Option<Given<WordList>>,
    /// TLS versions as the log writes them: `TLSv1,TLSv1.1`; `-` is without.
    #[arg(
        long,
        value_name = "VERSIONS",
        allow_hyphen_values = true,
        help_heading = "Filters"
    )]
    pub(crate) tls_version: Option<Given<WordList>>,
    /// The store's error code: `SlowDown`.
    #[arg(long, value_name = "CODE", help_heading = "Filters")]
    pub(crate) error_code: Option<Given<String>>,
    /// The request's id.
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    pub(crate) request_id: Option<Given<String>>,
    /// At least so many bytes sent.
    #[arg(long, value_name = "BYTES", help_heading = "Filters")]
    pub(crate) min_bytes: Option<Given<u64>>,
    /// At most so many bytes sent.
    #[arg(long, value_name = "BYTES", help_heading = "Filters")]
    pub(crate) max_bytes: Option<Given<u64>>,
    /// At least so many milliseconds in all.
    #[arg(long, value_name = "MS", help_heading = "Filters")]
    pub(crate) min_ms: Option<Given<u64>>,
}

/// Find single requests, newest first.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Bucket that requests went to, with how their keys begin; without it, every bucket of the log.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Option<Target>,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Only what clients asked for: no lifecycle actions, no single lines of batches, no source halves of copies.
    #[arg(long, help_heading = "Filters")]
    pub(crate) requests_only: bool,
    /// Only whole objects of which fewer bytes were sent than they have: the client went away.
    #[arg(long, help_heading = "Filters")]
    pub(crate) cut_short: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// How many, at most 2000.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20)]
    pub(crate) limit: u32,
    /// Go on where an answer ended: its `next`.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) next: Option<Given<String>>,
    /// Print the lines as they stand in the log.
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Show everything that happened to one object.
///
/// Reads and writes, versions, copies, deletes alone and in batches, and what lifecycle rules did. Without a period, the last
/// seven days.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// The object.
    #[arg(value_name = "BUCKET/KEY")]
    pub(crate) target: Target,
    /// Only these: GET, HEAD, PUT, POST, DELETE, COPY, EXPIRE, TRANSITION, OPTIONS.
    #[arg(long, value_name = "METHODS")]
    pub(crate) methods: Option<Given<DeedList>>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// How many events, at most 200.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 50)]
    pub(crate) limit: u32,
    /// Go on where an answer ended: its `next`.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) next: Option<Given<String>>,
    /// Print the lines as they stand in the log.
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// By what requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    Ip,
    Key,
    Prefix,
    Requester,
    UserAgent,
    Referer,
    ErrorCode,
    Operation,
    Method,
    Status,
    Bucket,
    Host,
    SignatureVersion,
    AuthType,
    TlsVersion,
}

impl From<By> for TopBy {
    fn from(by: By) -> Self {
        match by {
            By::Ip => Self::Ip,
            By::Key => Self::Key,
            By::Prefix => Self::Prefix,
            By::Requester => Self::Requester,
            By::UserAgent => Self::UserAgent,
            By::Referer => Self::Referer,
            By::ErrorCode => Self::ErrorCode,
            By::Operation => Self::Operation,
            By::Method => Self::Method,
            By::Status => Self::Status,
            By::Bucket => Self::Bucket,
            By::Host => Self::Host,
            By::SignatureVersion => Self::SignatureVersion,
            By::AuthType => Self::AuthType,
            By::TlsVersion => Self::TlsVersion,
        }
    }
}

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderedBy {
    Requests,
    Bytes,
    Errors,
}

impl From<OrderedBy> for TopMeasure {
    fn from(measure: OrderedBy) -> Self {
        match measure {
            OrderedBy::Requests => Self::Requests,
            OrderedBy::Bytes => Self::Bytes,
            OrderedBy::Errors => Self::Errors,
        }
    }
}

/// Count requests by client, key, user agent or anything else.
#[derive(Debug, Args)]
pub(crate) struct LogsTopArgs {
    /// Bucket that requests went to, with how their keys begin; without it, every bucket of the log.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Option<Target>,
    /// Counted by what.
    #[arg(long, value_enum, default_value = "ip")]
    pub(crate) by: By,
    /// Ordered by what, largest first.
    #[arg(long, value_enum, default_value = "requests")]
    pub(crate) measure: OrderedBy,
    /// With `--by prefix`: how many folders deep.
    #[arg(long, value_name = "LEVELS", default_value_t = 1)]
    pub(crate) depth: u8,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// How many rows.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Show keys that clients ask for and that are not there, and who deleted them. Of the last seven days, unless a period is named.
#[derive(Debug, Args)]
pub(crate) struct GhostsArgs {
    /// Bucket that was asked, with how the keys begin.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// How many keys.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// List the log objects that hold a bucket's records.
#[derive(Debug, Args)]
pub(crate) struct ObjectsArgs {
    /// Bucket that requests went to; without it, every bucket of the log.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// How many, at most 500.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 50)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// List lines and log objects that could not be read, and why.
#[derive(Debug, Args)]
pub(crate) struct RejectsArgs {
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    /// How many.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 50)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Show one line of the log byte for byte, even when its log object is gone.
#[derive(Debug, Args)]
pub(crate) struct LineArgs {
    /// The log object.
    #[arg(value_name = "LOG_OBJECT")]
    pub(crate) log_object: ObjectKey,
    /// At which byte of it, decompressed, the line begins.
    #[arg(value_name = "OFFSET")]
    pub(crate) offset: u64,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Ask in SQL: one SELECT over the tables `requests`, `cdn`, `rejects` and `log_objects`.
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// The SELECT; `-` reads it from standard input.
    #[arg(value_name = "SELECT", allow_hyphen_values = true)]
    pub(crate) text: String,
    /// How many rows, at most SQL_MAX_ROWS (10000).
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 1000)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Read what is new in the log bucket, and show how far it is.
#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// Follow new records as they are delivered, until Ctrl-C.
///
/// Access logs come minutes to hours late: so do the records here.
#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// Bucket that requests went to, with how their keys begin; without it, every bucket of the log.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Option<Target>,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Begin with so many records that are there already.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) lines: u32,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) every: u64,
    /// Print the lines as they stand in the log.
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

impl LogsCommand {
    /// Whether the answer, and so an error too, is wanted as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        let log = match self {
            Self::Report(args) => return args.json,
            Self::Search(args) => &args.log,
            Self::Audit(args) => &args.log,
            Self::Top(args) => &args.log,
            Self::Ghosts(args) => &args.log,
            Self::Objects(args) => &args.log,
            Self::Rejects(args) => &args.log,
            Self::Line(args) => &args.log,
            Self::Sql(args) => &args.log,
            Self::Ingest(args) => &args.log,
            Self::Tail(args) => &args.log,
        };
        log.store.json
    }
}
