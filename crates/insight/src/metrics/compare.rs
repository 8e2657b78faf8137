//! Two periods side by side.

mod movers;

use serde::{Deserialize, Serialize};
use spacewatch_lake::{Dimension, Lake, RecordFilter};
use spacewatch_model::{BucketName, Coverage, ErrorCode, TimeRange, Timestamp};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

pub use movers::{MovedBy, Mover, Movers};

use super::facts::as_f64;
use super::figures::TrafficFigures;
use super::query::bounded;
use super::traffic::{figures, gather};
use crate::logs::{self, Asked, Given, Moment};
use crate::{Evidence, Limit, Tenant, Tool, ToolError, TopMeasure};

/// `compare`: one bucket in two periods, each metric before and after, and who explains the change.
#[derive(Debug)]
pub struct Compare;

/// What `compare` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CompareArgs {
    /// The bucket that was asked.
    pub bucket: BucketName,
    /// Where the period begins: a day before its end by default. A moment, a day, or how long ago.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "-24h")]
    pub from: Given<Moment>,
    /// The first moment behind the period: now by default.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub to: Given<Moment>,
    /// What to compare with: `previous`, the equally long period before, by default; or two moments, `2026-11-01,2026-11-02`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "previous")]
    pub against: Given<Against>,
    /// Movers by this dimension only; by all of them by default.
    #[serde(default)]
    pub by: Option<MovedBy>,
    /// By what movers are ranked: requests by default, bytes sent, or errors.
    #[serde(default)]
    pub measure: TopMeasure,
    /// How many movers of each dimension: 5 by default, 20 at most.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until every log object that may hold records of the periods was read.
    #[serde(default)]
    pub wait: bool,
}

/// Which period comes before.
#[derive(Debug, Clone)]
pub enum Against {
    /// The equally long one that ends where the other begins.
    Previous,
    /// A period of its own.
    Between(Moment, Moment),
}

impl std::str::FromStr for Against {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("previous") {
            return Ok(Self::Previous);
        }
        let (from, to) = text
            .split_once(',')
            .ok_or("is neither `previous` nor two moments such as `2026-11-01,2026-11-02`")?;
        Ok(Self::Between(from.parse()?, to.parse()?))
    }
}

/// One bucket in two periods.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompareOutput {
    /// The bucket asked about.
    pub bucket: BucketName,
    /// The period before.
    pub before: Side,
    /// The period after.
    pub after: Side,
    /// The periods can be compared: both are covered. Otherwise the changes are of what is known only, and `note` says what
    /// is missing.
    pub comparable: bool,
    /// Each metric before and after.
    pub changes: Vec<Change>,
    /// Who explains the change in requests, bytes sent or errors, dimension by dimension.
    pub movers: Vec<Movers>,
    /// What the reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One of the periods.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Side {
    /// When.
    pub window: TimeRange,
    /// What its figures rest on.
    pub coverage: Coverage,
}

/// A metric before and after.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// The metric, in CloudWatch's words where it has one there.
    pub metric: &'static str,
    /// Its value before.
    pub before: f64,
    /// Its value after.
    pub after: f64,
    /// The second less the first.
    pub change: f64,
    /// That in percent of the first; absent where the first is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
}

const DEFAULT_MOVERS: usize = 5;
const MOST_MOVERS: usize = 20;

impl Tool for Compare {
    const NAME: &'static str = "compare";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = CompareArgs;
    type Output = CompareOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let (before, after) = windows(tenant, &args)?;
        let Asked { lake, coverage } = logs::ask(tenant, Some(&args.bucket), after, args.wait).await?;
        let after = Side {
            window: after,
            coverage,
        };
        let asked = logs::ask(tenant, Some(&args.bucket), before, args.wait).await?;
        let before = Side {
            window: before,
            coverage: asked.coverage,
        };
        let filter = |side: &Side| RecordFilter {
            bucket: Some(args.bucket.clone()),
            period: side.window,
            requests_only: true,
            ..RecordFilter::default()
        };
        let (was, is) = (filter(&before), filter(&after));
        let changes = changes(&Totals::of(&lake, &was).await?, &Totals::of(&lake, &is).await?);
        let rows = Limit::rows(args.limit, DEFAULT_MOVERS, MOST_MOVERS);
        let mut all_movers = Vec::new();
        for &by in MovedBy::ALL {
            if args.by.is_none_or(|wished| wished == by) {
                all_movers.push(movers::movers(&lake, by, (&was, &is), (args.measure, rows)).await?);
            }
        }
        Ok(CompareOutput {
            bucket: args.bucket,
            comparable: before.coverage.complete && after.coverage.complete,
            note: note(&before, &after),
            changes,
            movers: all_movers,
            before,
            after,
        })
    }
}

fn windows(tenant: &Tenant, args: &CompareArgs) -> Result<(TimeRange, TimeRange), ToolError> {
    let (from, to) = bounded(tenant, &args.from, &args.to)?;
    let outside = || {
        ToolError::new(
            ErrorCode::InvalidValue,
            "the period before lies outside of all time",
        )
    };
    let before = match args.against.get() {
        None | Some(Against::Previous) => {
            let earlier = from.checked_sub(to.duration_since(from)).map_err(|_| outside())?;
            range(earlier, from)?
        }
        Some(Against::Between(first, last)) => {
            let now = tenant.now();
            range(first.beginning(now)?, last.end(now)?)?
        }
    };
    Ok((before, range(from, to)?))
}

fn range(from: Timestamp, to: Timestamp) -> Result<TimeRange, ToolError> {
    TimeRange::new(Some(from), Some(to))
        .map_err(|error| ToolError::new(ErrorCode::InvalidValue, format!("the period {error}")))
}

fn length(range: TimeRange) -> Option<jiff::SignedDuration> {
    Some(range.to?.duration_since(range.from?))
}

fn note(before: &Side, after: &Side) -> Option<String> {
    let missing = [("before", before), ("after", after)]
        .into_iter()
        .filter(|(_, side)| !side.coverage.complete)
        .map(|(name, side)| {
            let why = side
                .coverage
                .note
                .as_deref()
                .unwrap_or("not all of its log is known yet");
            format!("the change can't be told for sure: the period {name} is not covered ({why})")
        });
    let unequal = (length(before.window) != length(after.window))
        .then(|| "the periods are not equally long; sums are not scaled".to_owned());
    let notes: Vec<String> = missing.chain(unequal).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

struct Totals {
    figures: TrafficFigures,
    unique_ips: u64,
}

impl Totals {
    async fn of(lake: &Lake, filter: &RecordFilter) -> Result<Self, ToolError> {
        Ok(Self {
            figures: figures(&gather(lake, filter, None).await?),
            unique_ips: lake.distinct(filter, Dimension::RemoteIp).await?,
        })
    }

    fn values(&self) -> Vec<(&'static str, f64)> {
        let figures = &self.figures;
        let class = |class: &str| as_f64(figures.by_class.get(class).copied().unwrap_or(0));
        vec![
            ("AllRequests", as_f64(figures.requests)),
            ("GetRequests", class("get")),
            ("PutRequests", class("put")),
            ("DeleteRequests", class("delete")),
            ("HeadRequests", class("head")),
            ("PostRequests", class("post")),
            ("ListRequests", class("list")),
            ("4xxErrors", as_f64(figures.errors_4xx)),
            ("5xxErrors", as_f64(figures.errors_5xx)),
            ("error_rate_percent", figures.error_rate_percent),
            ("BytesDownloaded", as_f64(figures.bytes_sent)),
            ("BytesUploaded", as_f64(figures.bytes_uploaded)),
            ("unique_ips", as_f64(self.unique_ips)),
            ("FirstByteLatency p50", as_f64(figures.first_byte.p50_ms)),
            ("FirstByteLatency p95", as_f64(figures.first_byte.p95_ms)),
            ("FirstByteLatency p99", as_f64(figures.first_byte.p99_ms)),
            ("TotalRequestLatency p50", as_f64(figures.total.p50_ms)),
            ("TotalRequestLatency p95", as_f64(figures.total.p95_ms)),
            ("TotalRequestLatency p99", as_f64(figures.total.p99_ms)),
        ]
    }
}

fn changes(before: &Totals, after: &Totals) -> Vec<Change> {
    let pairs = before.values().into_iter().zip(after.values());
    pairs
        .map(|((metric, before), (_, after))| Change {
            metric,
            before,
            after,
            change: after - before,
            change_percent: (before > 0.0).then(|| (after - before) * 100.0 / before),
        })
        .collect()
}
