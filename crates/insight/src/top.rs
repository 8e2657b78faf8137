//! What is asked for most.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Measure, TopAsk, TopRow};
use spacewatch_model::Coverage;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, SourceBucket, filtered_args};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Rows of one answer, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 1000;

/// `top`: the values that occur most in the access log: addresses, keys, prefixes, requesters, clients, errors.
#[derive(Debug)]
pub struct TopLogs;

filtered_args! {
    /// What `top` needs. Everything given must hold. Only what clients asked for counts: no lifecycle actions, no lines of
    /// batches, and of a copy only the half that wrote.
    pub struct TopLogsArgs {
        /// The bucket that requests went to; `*`, the default, for every bucket of the log.
        #[serde(default)]
        #[schema(value_type = Option<String>)]
        pub source_bucket: SourceBucket,
        /// What is counted.
        #[serde(default)]
        pub by: TopBy,
        /// What the list is ordered by.
        #[serde(default)]
        pub measure: TopMeasure,
        /// With `by=prefix`: how many levels of folders, 1 by default.
        #[serde(default)]
        pub depth: Option<Limit>,
        /// How many rows, 20 by default.
        #[serde(default)]
        pub limit: Option<Limit>,
    }
}

/// What can be counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopBy {
    /// The client's address.
    #[default]
    Ip,
    /// The key.
    Key,
    /// The key's folder, `depth` levels deep.
    Prefix,
    /// Who asked; anonymous requests have no value.
    Requester,
    /// The client, as it says.
    UserAgent,
    /// The page that led here.
    Referer,
    /// The store's error code.
    ErrorCode,
    /// The operation.
    Operation,
    /// The HTTP method.
    Method,
    /// The HTTP status.
    Status,
    /// The bucket.
    Bucket,
    /// The host asked for.
    Host,
    /// How requests were signed.
    SignatureVersion,
    /// Where the signature stood.
    AuthType,
    /// The TLS version.
    TlsVersion,
}

/// What a list is ordered by, largest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TopMeasure {
    /// How many requests.
    #[default]
    Requests,
    /// Bytes sent.
    Bytes,
    /// Answers of 400 and above.
    Errors,
}

impl TopBy {
    fn dimension(self, depth: Option<Limit>) -> Dimension {
        match self {
            Self::Ip => Dimension::RemoteIp,
            Self::Key => Dimension::Key,
            Self::Prefix => Dimension::Prefix {
                depth: u8::try_from(Limit::rows(depth, 1, 32)).unwrap_or(u8::MAX),
            },
            Self::Requester => Dimension::Requester,
            Self::UserAgent => Dimension::UserAgent,
            Self::Referer => Dimension::Referer,
            Self::ErrorCode => Dimension::ErrorCode,
            Self::Operation => Dimension::Operation,
            Self::Method => Dimension::Method,
            Self::Status => Dimension::Status,
            Self::Bucket => Dimension::Bucket,
            Self::Host => Dimension::Host,
            Self::SignatureVersion => Dimension::SignatureVersion,
            Self::AuthType => Dimension::AuthType,
            Self::TlsVersion => Dimension::TlsVersion,
        }
    }
}

impl TopMeasure {
    pub(crate) fn measure(self) -> Measure {
        match self {
            Self::Requests => Measure::Requests,
            Self::Bytes => Measure::BytesSent,
            Self::Errors => Measure::Errors,
        }
    }
}

/// What is asked for most.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopLogsOutput {
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// What is counted.
    pub by: TopBy,
    /// What the list is ordered by.
    pub measure: TopMeasure,
    /// How many rows were wished, after clamping.
    pub limit: usize,
    /// How many rows there are.
    pub count: usize,
    /// The largest first; equal ones by value.
    pub rows: Vec<TopValue>,
    /// How many different values there are.
    pub distinct: u64,
    /// All requests that fit, those without a value as well.
    pub requests: u64,
    /// Bytes sent by all of them.
    pub bytes_sent: u64,
    /// Answers of 400 and above among them.
    pub errors: u64,
    /// There are more values than this answer holds.
    pub truncated: bool,
    /// How to see the others, where there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// One value and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TopValue {
    /// The value.
    pub value: String,
    /// How many requests.
    pub requests: u64,
    /// Percent of all requests that fit.
    pub share_percent: f64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Answers of 400 and above.
    pub errors: u64,
    /// The first of them.
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    /// The last of them.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

impl TopValue {
    fn of(row: TopRow, all: u64) -> Self {
        Self {
            share_percent: percent(row.requests, all),
            value: row.value,
            requests: row.requests,
            bytes_sent: row.bytes_sent,
            errors: row.errors,
            first_seen: row.first_seen,
            last_seen: row.last_seen,
        }
    }
}

/// Two decimals are enough for a reader.
#[expect(clippy::cast_precision_loss, reason = "a share is rounded anyway")]
fn percent(part: u64, all: u64) -> f64 {
    if all == 0 {
        return 0.0;
    }
    (part as f64 / all as f64 * 10_000.0).round() / 100.0
}

impl Tool for TopLogs {
    const NAME: &'static str = "top";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = TopLogsArgs;
    type Output = TopLogsOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let period = args.period().range(tenant.now())?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let mut filter = args.filters().records(period);
        filter.requests_only = true;
        let asked = logs::ask(tenant, args.source_bucket.name(), period, args.wait).await?;
        let ask = TopAsk {
            filter,
            dimension: args.by.dimension(args.depth),
            by: args.measure.measure(),
            limit,
        };
        let top = asked.lake.top(&ask).await?;
        let rows: Vec<_> = top
            .rows
            .into_iter()
            .map(|row| TopValue::of(row, top.requests))
            .collect();
        let truncated = top.distinct > u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(TopLogsOutput {
            source_bucket: args.source_bucket,
            by: args.by,
            measure: args.measure,
            limit,
            count: rows.len(),
            rows,
            distinct: top.distinct,
            requests: top.requests,
            bytes_sent: top.bytes_sent,
            errors: top.errors,
            truncated,
            note: truncated
                .then(|| format!("raise `limit` up to {MAX_ROWS}, or narrow the filters, to see others")),
            coverage: asked.coverage,
        })
    }
}
