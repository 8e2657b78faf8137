//! Hours that are not as such hours usually are.

mod baseline;
mod explain;
mod figures;
pub(crate) mod known;
mod spans;
mod tell;
mod verdict;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use spacewatch_lake::RecordFilter;
use spacewatch_model::{Coverage, ErrorCode, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, Asked, Day, Given, Moment, Period, SourceBucket};
use crate::metrics::Steps;
use crate::{Evidence, Finding, Limit, Tenant, Tool, ToolError, finding};

pub use baseline::ComparedWith;
pub use explain::Explanation;
pub use known::NotJudged;
use spans::Judging;
use tell::Telling;

/// The period without a word about it, and the longest one that is judged.
const HOURS: u32 = 24;
const MOST_HOURS: i64 = 31 * 24;
/// How far back hours are compared.
const HISTORY_WEEKS: i64 = 6;
/// Anomalies of one answer, by default and at most.
const ROWS: usize = 20;
const MAX_ROWS: usize = 100;

/// `anomalies`: hours whose requests, errors, bytes or times are not what this hour of this weekday usually shows, and what makes them so.
#[derive(Debug)]
pub struct Anomalies;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub enum AnomalyMetric {
    /// How many requests.
    #[serde(rename = "requests")]
    Requests,
    /// Percent of requests answered with 400 to 499.
    #[serde(rename = "4xx_rate")]
    ClientErrors,
    /// Percent of requests answered with 500 to 599.
    #[serde(rename = "5xx_rate")]
    ServerErrors,
    /// Bytes sent to clients.
    #[serde(rename = "bytes_sent")]
    BytesSent,
    /// Bytes of objects and parts uploaded.
    #[serde(rename = "bytes_uploaded")]
    BytesUploaded,
    /// The 95th percentile of the time until the first byte, in milliseconds.
    #[serde(rename = "first_byte_p95")]
    FirstByteP95,
    /// The 95th percentile of the time in all, in milliseconds.
    #[serde(rename = "total_p95")]
    TotalP95,
}

impl AnomalyMetric {
    const ALL: [Self; 7] = [
        Self::Requests,
        Self::ClientErrors,
        Self::ServerErrors,
        Self::BytesSent,
        Self::BytesUploaded,
        Self::FirstByteP95,
        Self::TotalP95,
    ];

    /// The name, as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::ClientErrors => "4xx_rate",
            Self::ServerErrors => "5xx_rate",
            Self::BytesSent => "bytes_sent",
            Self::BytesUploaded => "bytes_uploaded",
            Self::FirstByteP95 => "first_byte_p95",
            Self::TotalP95 => "total_p95",
        }
    }
}

impl std::str::FromStr for AnomalyMetric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|metric| metric.as_str() == text);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL
                .iter()
                .map(|metric| format!("`{}`", metric.as_str()))
                .collect();
            format!("is {text:?}, expected one of {}", names.join(", "))
        })
    }
}

/// What `anomalies` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnomaliesArgs {
    /// The bucket that requests went to; `*`, the default, for every bucket of the log together.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub bucket: SourceBucket,
    /// Only this: `requests`, `4xx_rate`, `5xx_rate`, `bytes_sent`, `bytes_uploaded`, `first_byte_p95`, `total_p95`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub metric: Given<AnomalyMetric>,
    /// From this moment on: 24 hours ago by default. Whole hours are judged.
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
    /// So many hours up to `to` or now, instead of `from`.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// How many anomalies, 20 by default; the worst are told.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until all that may hold an answer was read.
    #[serde(default)]
    pub wait: bool,
}

/// Hours that are out of the ordinary.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnomaliesOutput {
    /// The bucket that requests went to.
    #[schema(value_type = String)]
    pub bucket: SourceBucket,
    /// The whole hours that were to be judged.
    pub window: TimeRange,
    /// The hours that they were compared with, and they themselves.
    pub history: TimeRange,
    /// How many hours were judged by at least one metric.
    pub hours_judged: usize,
    /// Hours that were not, and why.
    pub not_judged: Vec<NotJudged>,
    /// How many anomalies were wished, after clamping.
    pub limit: usize,
    /// The worst first.
    pub anomalies: Vec<Anomaly>,
    /// The same as findings, with their records.
    pub findings: Vec<Finding>,
    /// There are more than this answer holds.
    pub truncated: bool,
    /// What else the reader should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// Hours next to each other in which one metric was out of the ordinary in one direction.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Anomaly {
    /// What was.
    pub metric: AnomalyMetric,
    /// More than usual, or less.
    pub direction: AnomalyDirection,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first moment behind it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// The hour farthest from usual.
    #[schema(value_type = String, format = DateTime)]
    pub peak_hour: Timestamp,
    /// What that hour showed: a number of requests or bytes, percent, or milliseconds.
    pub value: f64,
    /// What such an hour usually shows: the median of those compared with; of rates, that of all of them together.
    pub usual: f64,
    /// The least that those showed.
    pub usual_least: f64,
    /// The most that those showed.
    pub usual_most: f64,
    /// `value` by `usual`; absent where `usual` is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times_usual: Option<f64>,
    /// What it was compared with.
    pub compared_with: ComparedWith,
    /// How many hours those are.
    pub hours_compared: usize,
    /// What makes most of it, by dimension, the largest share first.
    pub explanations: Vec<Explanation>,
}

/// Which way an anomaly goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyDirection {
    /// More than usual.
    More,
    /// Less than usual.
    Less,
}

impl Tool for Anomalies {
    const NAME: &'static str = "anomalies";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = AnomaliesArgs;
    type Output = AnomaliesOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let window = whole_hours(&args, tenant.now())?;
        let limit = Limit::rows(args.limit, ROWS, MAX_ROWS);
        let bucket = args.bucket.name().cloned();
        let looked_at = TimeRange {
            from: window
                .from
                .and_then(|from| from.checked_sub((HISTORY_WEEKS * 7 * 24).hours()).ok()),
            to: window.to,
        };
        let Asked { lake, .. } = logs::ask(tenant, bucket.as_ref(), looked_at, args.wait).await?;
        let coverage = lake.coverage(bucket.as_ref(), window).await?;
        let history = known::recorded(&lake, looked_at).await?;
        let known = known::hours(&lake, bucket.as_ref(), (history, window)).await?;
        let filter = RecordFilter {
            bucket,
            period: history,
            requests_only: true,
            ..RecordFilter::default()
        };
        let metrics = args
            .metric
            .get()
            .map_or(AnomalyMetric::ALL.to_vec(), |metric| vec![*metric]);
        let judging = Judging {
            hours: figures::by_hour(&lake, &filter, &metrics).await?,
            known,
            window,
        };
        let judged = judging.judge(&metrics);
        let found = judged.anomalies.len();
        let mut anomalies = judged.anomalies;
        anomalies.truncate(limit);
        let log_bucket = logs::log_source(tenant)?.bucket;
        let told = Telling {
            lake: &lake,
            filter: RecordFilter {
                period: window,
                ..filter
            },
            log_bucket: &log_bucket,
        };
        let mut findings = told.tell(&mut anomalies).await?;
        let note = finding::settle(tenant, &mut findings).await;
        Ok(AnomaliesOutput {
            bucket: args.bucket,
            window,
            history,
            hours_judged: judged.hours_judged,
            not_judged: judged.not_judged,
            limit,
            truncated: found > anomalies.len(),
            anomalies,
            findings,
            note,
            coverage,
        })
    }
}

/// The whole hours of the period that is meant.
fn whole_hours(args: &AnomaliesArgs, now: Timestamp) -> Result<TimeRange, ToolError> {
    let period = Period {
        from: &args.from,
        to: &args.to,
        day: &args.date_yyyy_mm_dd,
        hours: logs::wished_hours(args.hours),
    };
    let period = period.or_hours(HOURS).range(now)?;
    let wrong = |detail: String| ToolError::new(ErrorCode::InvalidValue, detail);
    let from = period
        .from
        .ok_or_else(|| wrong("the period has no beginning".to_owned()))?;
    let steps = Steps::new(from, period.to.unwrap_or(now).min(now), 3600, usize::MAX);
    let hours = figures::numbers(steps.period());
    let count = hours.end.saturating_sub(hours.start);
    if count > MOST_HOURS {
        return Err(wrong(format!(
            "the period has {count} hours, the limit is {MOST_HOURS}"
        )));
    }
    let mut whole = steps.starts().filter(|start| !steps.is_cut(*start));
    let first = whole.next().ok_or_else(|| {
        wrong("the period holds no whole hour that is over".to_owned())
            .with_hint("hours are judged once they are over: ask for `hours=24`")
    })?;
    let last = whole.last().unwrap_or(first);
    let to = last
        .checked_add(1.hours())
        .map_err(|_| wrong("the period ends with all of time".to_owned()))?;
    Ok(TimeRange {
        from: Some(first),
        to: Some(to),
    })
}
