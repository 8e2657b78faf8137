//! What happens on one bucket, in one panel.

mod cdn;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spacewatch_lake::{Activity, Dimension, Lake, Latency, LatencyKind, RecordFilter};
use spacewatch_model::{BucketName, Coverage, TimeRange, Timestamp};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

pub(crate) use cdn::true_egress;
pub use cdn::{CdnFigures, CdnTraffic};

use super::class::By;
use super::figures::TrafficFigures;
use super::gather::{Gather, Gathered, known_until};
use super::query::bounded;
use super::steps::Steps;
use crate::logs::{self, Asked, Given, Moment};
use crate::{Evidence, Tenant, Tool, ToolError};

/// `traffic`: requests, errors, bytes and times of one bucket, step by step and in all, with what its CDN served.
#[derive(Debug)]
pub struct Traffic;

/// What `traffic` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TrafficArgs {
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
    /// How long a step is in seconds: 3600 by default, at least 60, and longer than wished where there would be too many steps.
    #[serde(default)]
    pub step: Option<u64>,
    /// Wait until every log object that may hold records of the period was read.
    #[serde(default)]
    pub wait: bool,
}

/// What happened on one bucket. Only what clients asked for is counted: no lifecycle actions, no single keys of a
/// multi-object delete, no source halves of copies.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrafficOutput {
    /// The bucket asked about.
    pub bucket: BucketName,
    /// The period. Steps that its ends cut hold only what lies within it.
    pub window: TimeRange,
    /// How long a step is in seconds.
    pub step_seconds: u64,
    /// The whole period in one.
    pub total: TrafficFigures,
    /// How many different addresses asked.
    pub unique_ips: u64,
    /// The upper ends of the classes that `total_ms_counts` of each step counts, in milliseconds; the last class has none.
    pub total_ms_edges: Vec<u64>,
    /// Every step, those without requests as well.
    pub steps: Vec<TrafficStep>,
    /// The operations asked for most.
    pub top_operations: Vec<OperationRow>,
    /// What the bucket's CDN served; absent without CDN logs of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdn: Option<CdnTraffic>,
    /// What the figures rest on.
    pub coverage: Coverage,
}

/// One step of the period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrafficStep {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Its figures may still change, or cover a part of it only.
    pub incomplete: bool,
    /// What happened in it.
    #[serde(flatten)]
    pub figures: TrafficFigures,
    /// How many requests took no longer than each edge in all, and longer than the one before; the last ones took longer than
    /// every edge.
    pub total_ms_counts: Vec<u64>,
    /// What the CDN served in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdn: Option<CdnFigures>,
}

/// An operation and how often it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperationRow {
    /// The operation.
    pub operation: String,
    /// How many requests.
    pub requests: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Answers of 400 and above.
    pub errors: u64,
}

const DEFAULT_STEP: u64 = 3600;
/// A step holds some thirty figures; more make an answer that nobody can draw.
const MOST_STEPS: usize = 500;
const TOP_OPERATIONS: usize = 10;
/// The classes of total times, in milliseconds.
const EDGES: [u64; 13] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

impl Tool for Traffic {
    const NAME: &'static str = "traffic";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = TrafficArgs;
    type Output = TrafficOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let (from, to) = bounded(tenant, &args.from, &args.to)?;
        let most = tenant.limits.metric_points.min(MOST_STEPS);
        let steps = Steps::new(from, to, args.step.unwrap_or(DEFAULT_STEP), most);
        let Asked { lake, coverage } =
            logs::ask(tenant, Some(&args.bucket), steps.period(), args.wait).await?;
        let filter = RecordFilter {
            bucket: Some(args.bucket.clone()),
            period: steps.period(),
            requests_only: true,
            ..RecordFilter::default()
        };
        let gathered = gather(&lake, &filter, Some(steps)).await?;
        let total = figures(&gathered);
        let cdn = cdn::traffic(&lake, &filter, steps, total.bytes_sent).await?;
        let known = known_until(&lake, Some(&args.bucket), steps, coverage.complete).await?;
        let incomplete = |start: Timestamp| {
            let ends_later = |known: Timestamp| steps.within(start).to.is_none_or(|end| end > known);
            steps.is_cut(start) || known.is_some_and(ends_later)
        };
        let mut by_step = by_step(&gathered);
        let shown = steps.starts().map(|start| {
            let own = by_step.remove(&Some(start)).unwrap_or_default();
            TrafficStep {
                start,
                incomplete: incomplete(start),
                figures: figures(&own),
                total_ms_counts: classes(&own.total),
                cdn: cdn.as_ref().map(|cdn| cdn.step(start)),
            }
        });
        Ok(TrafficOutput {
            total_ms_edges: EDGES.to_vec(),
            steps: shown.collect(),
            unique_ips: lake.distinct(&filter, Dimension::RemoteIp).await?,
            top_operations: top_operations(&gathered.activity),
            bucket: args.bucket,
            window: steps.period(),
            step_seconds: steps.seconds(),
            total,
            cdn: cdn.map(|cdn| cdn.total),
            coverage,
        })
    }
}

/// Requests by method, and both of their times.
pub(crate) async fn gather(
    lake: &Lake,
    filter: &RecordFilter,
    steps: Option<Steps>,
) -> Result<Gathered, ToolError> {
    let requests = Gather::new(lake, filter.clone(), steps, Some(By::Method), 0).await?;
    let times = Gather::new(lake, filter.clone(), steps, None, 0).await?;
    Ok(Gathered {
        activity: requests.activity(false).await?,
        turnaround: times.latency(LatencyKind::Turnaround, false).await?,
        total: times.latency(LatencyKind::Total, false).await?,
        ..Gathered::default()
    })
}

/// The figures of everything gathered.
pub(crate) fn figures(gathered: &Gathered) -> TrafficFigures {
    TrafficFigures::of(&gathered.activity, &gathered.turnaround, &gathered.total)
}

fn classes(rows: &[Latency]) -> Vec<u64> {
    let mut counts = vec![0_u64; EDGES.len() + 1];
    for row in rows {
        let class = EDGES.partition_point(|&edge| edge < row.milliseconds);
        if let Some(count) = counts.get_mut(class) {
            *count += row.requests;
        }
    }
    counts
}

fn by_step(gathered: &Gathered) -> BTreeMap<Option<Timestamp>, Gathered> {
    let mut steps: BTreeMap<Option<Timestamp>, Gathered> = BTreeMap::new();
    for row in &gathered.activity {
        steps.entry(row.step).or_default().activity.push(row.clone());
    }
    for row in &gathered.turnaround {
        steps.entry(row.step).or_default().turnaround.push(row.clone());
    }
    for row in &gathered.total {
        steps.entry(row.step).or_default().total.push(row.clone());
    }
    steps
}

fn top_operations(rows: &[Activity]) -> Vec<OperationRow> {
    let mut operations: BTreeMap<&str, OperationRow> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_request) {
        let sum = operations.entry(&row.operation).or_insert_with(|| OperationRow {
            operation: row.operation.clone(),
            requests: 0,
            bytes_sent: 0,
            errors: 0,
        });
        let failed = row.status.is_some_and(|status| status >= 400);
        sum.requests += row.records;
        sum.bytes_sent = sum.bytes_sent.saturating_add(row.bytes_sent);
        sum.errors += if failed { row.records } else { 0 };
    }
    let mut operations: Vec<_> = operations.into_values().collect();
    operations.sort_by(|a, b| {
        b.requests
            .cmp(&a.requests)
            .then_with(|| a.operation.cmp(&b.operation))
    });
    operations.truncate(TOP_OPERATIONS);
    operations
}
