//! Who causes egress, in bytes and money.

use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Measure, RecordFilter, TopAsk};
use spacewatch_model::{Coverage, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::prices::PriceList;
use super::stored::as_f64;
use crate::logs::{self, Day, Given, Moment, Period, SourceBucket};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

/// Rows of one answer, by default and at most.
const ROWS: usize = 10;
const MAX_ROWS: usize = 1000;
/// The period without a word about it: seven days.
const HOURS: u32 = 168;

/// `cost/egress`: the objects, prefixes, clients that most bytes were sent for, with what those bytes cost.
#[derive(Debug)]
pub struct CostEgress;

/// What `cost/egress` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostEgressArgs {
    /// The bucket that requests went to; `*`, the default, for every bucket of the log.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub source_bucket: SourceBucket,
    /// What is counted.
    #[serde(default)]
    pub by: EgressBy,
    /// Only keys that end so, such as `.png`; upper and lower case are alike.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub key_suffix: Given<String>,
    /// With `by=prefix`: how many levels of folders, 1 by default.
    #[serde(default)]
    pub depth: Option<Limit>,
    /// From this moment on: seven days ago by default.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub from: Given<Moment>,
    /// Up to this moment, which doesn't belong to it; a day belongs to it as a whole.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// A day in UTC, instead of the two.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub date_yyyy_mm_dd: Given<Day>,
    /// By another price list than the configured one.
    #[serde(default)]
    pub prices: Option<String>,
    /// How many rows, 10 by default.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// What egress can be counted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EgressBy {
    /// The object's key.
    #[default]
    Key,
    /// The key's folder, `depth` levels deep.
    Prefix,
    /// The client's address.
    Ip,
    /// Who asked; anonymous requests have no value.
    Requester,
    /// The client, as it says.
    UserAgent,
    /// The page that led here.
    Referer,
    /// The bucket.
    Bucket,
}

impl EgressBy {
    fn dimension(self, depth: Option<Limit>) -> Dimension {
        match self {
            Self::Key => Dimension::Key,
            Self::Prefix => Dimension::Prefix {
                depth: u8::try_from(Limit::rows(depth, 1, 32)).unwrap_or(u8::MAX),
            },
            Self::Ip => Dimension::RemoteIp,
            Self::Requester => Dimension::Requester,
            Self::UserAgent => Dimension::UserAgent,
            Self::Referer => Dimension::Referer,
            Self::Bucket => Dimension::Bucket,
        }
    }
}

/// Who causes egress.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CostEgressOutput {
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub source_bucket: SourceBucket,
    /// What is counted.
    pub by: EgressBy,
    /// The period.
    pub window: TimeRange,
    /// In what money.
    pub currency: String,
    /// What a unit costs, and which unit: what the bytes below would cost if none were covered.
    pub arithmetic: String,
    /// How many rows were wished, after clamping.
    pub limit: usize,
    /// Most bytes first; equal ones by value.
    pub rows: Vec<EgressRow>,
    /// How many different values there are.
    pub distinct: u64,
    /// Bytes sent in all, for requests without a value as well.
    pub bytes_sent: u64,
    /// What they would cost if none were covered.
    pub list_price: f64,
    /// There are more values than this answer holds.
    pub truncated: bool,
    /// What the answer rests on. What a CDN sent to clients is in its own log and not counted here.
    pub coverage: Coverage,
}

/// One value and what was sent for it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EgressRow {
    /// The value.
    pub value: String,
    /// How many requests.
    pub requests: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Percent of all bytes sent.
    pub share_percent: f64,
    /// What they would cost if none were covered.
    pub list_price: f64,
}

impl Tool for CostEgress {
    const NAME: &'static str = "cost/egress";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = CostEgressArgs;
    type Output = CostEgressOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let list = super::price_list(tenant, args.prices.as_deref())?;
        let period = Period {
            from: &args.from,
            to: &args.to,
            day: &args.date_yyyy_mm_dd,
            hours: None,
        };
        let window = period.or_hours(HOURS).range(tenant.now())?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let asked = logs::ask(tenant, args.source_bucket.name(), window, args.wait).await?;
        let ask = TopAsk {
            filter: RecordFilter {
                bucket: args.source_bucket.name().cloned(),
                period: window,
                requests_only: true,
                key_suffix: args.key_suffix.get().cloned(),
                ..RecordFilter::default()
            },
            dimension: args.by.dimension(args.depth),
            by: Measure::BytesSent,
            limit,
        };
        let top = asked.lake.top(&ask).await?;
        let price = PriceList::price_at(&list.egress, 0.0);
        let cost = |bytes: u64| as_f64(bytes) / list.unit.bytes() * price;
        let rows = top.rows.into_iter().map(|row| EgressRow {
            value: row.value,
            requests: row.requests,
            bytes_sent: row.bytes_sent,
            share_percent: crate::metrics::percent(row.bytes_sent, top.bytes_sent),
            list_price: cost(row.bytes_sent),
        });
        let rows: Vec<_> = rows.collect();
        Ok(CostEgressOutput {
            source_bucket: args.source_bucket,
            by: args.by,
            window,
            currency: list.currency.clone(),
            arithmetic: format!("bytes ÷ 1 {} × {price} {}", list.unit.as_str(), list.currency),
            limit,
            truncated: top.distinct > u64::try_from(rows.len()).unwrap_or(u64::MAX),
            rows,
            distinct: top.distinct,
            bytes_sent: top.bytes_sent,
            list_price: cost(top.bytes_sent),
            coverage: asked.coverage,
        })
    }
}
