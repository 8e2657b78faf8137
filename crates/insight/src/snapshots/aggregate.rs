//! All snapshots together, step by step.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::{ActivityAsk, Dimension, Lake, RecordFilter};
use spacewatch_model::{BucketName, Coverage, Prefix, TimeRange};
use spacewatch_snapshots::{Reading, Source, Wanted};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::grid::{BySource, Cell, Requests, by_source, cadence, cells};
use super::series::BEFORE_HOURS;
use super::sources::last_hours;
use super::{evidence, figures, place};
use crate::logs::{self, Asked};
use crate::metrics::Steps;
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

const HOURS: usize = 24;
const MOST_HOURS: usize = 168;
/// Points of an answer if nobody says how long a step is.
const POINTS: u64 = 300;
/// Lengths that steps have by themselves, in seconds.
const LENGTHS: [u64; 9] = [300, 600, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400];

/// `aggregate-series`: the sums over all buckets there are snapshots of, step by step.
#[derive(Debug)]
pub struct AggregateSeries;

/// What `aggregate-series` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AggregateSeriesArgs {
    /// How many hours to look back, 24 by default and 168 at most.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// How long a step is in seconds: by itself long enough that every bucket has a snapshot in it, at least 300.
    #[serde(default)]
    pub step: Option<u64>,
    /// Wait until every log object that may hold records of the period was read.
    #[serde(default)]
    pub wait: bool,
}

/// The sums over all buckets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AggregateSeriesOutput {
    /// How many hours were looked back.
    pub hours: usize,
    /// How many points there are.
    pub count: usize,
    /// The steps in which at least one bucket was looked at; others are gaps.
    pub points: Vec<AggregatePoint>,
    /// How many buckets, or prefixes of them, are summed.
    pub sources_count: usize,
    /// Which.
    pub sources: Vec<Source>,
    /// How long a step is in seconds. Steps begin at multiples of it since 1970, in UTC.
    pub step_seconds: u64,
    /// The period. It begins with a step.
    pub window: TimeRange,
    /// Requests in steps that have no point.
    pub requests_in_gaps: u64,
    /// The bucket that snapshots are kept in.
    pub metrics_bucket: BucketName,
    /// Where in it.
    pub metrics_prefix: Prefix,
    /// What the snapshots rest on.
    pub snapshots: Reading,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// What the request figures rest on; absent if no log bucket is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// The sums of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AggregatePoint {
    /// When the step begins.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// Bytes stored at its end.
    pub source_bytes: u64,
    /// Bytes of log objects; a log that several buckets share counts once.
    pub logs_bytes: u64,
    /// Objects stored at its end.
    pub source_objects: u64,
    /// Log objects.
    pub logs_files: u64,
    /// Requests of clients in the step.
    pub requests_total: u64,
    /// Bytes sent to them.
    pub bytes_sent: u64,
    /// Answers of 400 to 499.
    pub status_4xx: u64,
    /// Answers of 500 to 599.
    pub status_5xx: u64,
    /// Sources with a snapshot in the step.
    pub sources_in: usize,
    /// Sources without one, whose last figure stands in.
    pub sources_held: usize,
    /// Some source had no snapshot in the step, or the step isn't over.
    pub incomplete: bool,
    /// Everything of the step was delivered and read.
    pub requests_complete: bool,
}

impl Tool for AggregateSeries {
    const NAME: &'static str = "aggregate-series";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = AggregateSeriesArgs;
    type Output = AggregateSeriesOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        let mut all = evidence(tenant);
        all.extend(logs::evidence(tenant));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let place = place(tenant)?;
        let hours = Limit::rows(args.hours, HOURS, MOST_HOURS);
        let wanted = Wanted {
            period: last_hours(tenant, hours + BEFORE_HOURS),
            source: None,
            top_ips: false,
        };
        let snapshots = &tenant.histories.snapshots;
        let history = snapshots.read(&tenant.store, &place, &wanted).await?;
        let all = by_source(history.records);
        let steps = steps(tenant, last_hours(tenant, hours), &all, args.step);
        let sources: Vec<Source> = seen_in(&all, steps.period());
        let mut cells = cells(&all, steps);
        let counted = match &tenant.log_bucket {
            Some(_) if !sources.is_empty() => Some(count(tenant, &sources, steps, args.wait).await?),
            _ => None,
        };
        let mut requests_in_gaps = 0;
        let coverage = counted.map(|counted| {
            requests_in_gaps = counted.put_into(&mut cells);
            counted.coverage
        });
        let points: Vec<_> = cells
            .into_iter()
            .filter(|(_, cell)| cell.sources_in > 0)
            .map(|(start, cell)| point(start, &cell, steps))
            .collect();
        Ok(AggregateSeriesOutput {
            hours,
            count: points.len(),
            notes: notes(&points, requests_in_gaps),
            points,
            sources_count: sources.len(),
            sources,
            step_seconds: steps.seconds(),
            window: steps.period(),
            requests_in_gaps,
            metrics_prefix: place.prefix(),
            metrics_bucket: place.bucket,
            snapshots: history.reading,
            coverage,
        })
    }
}

/// Steps that begin before or at the period's beginning, so that the first one is whole.
fn steps(tenant: &Tenant, window: TimeRange, sources: &BySource, wished: Option<u64>) -> Steps {
    let (from, to) = (window.from.unwrap_or_default(), window.to.unwrap_or_default());
    let most = tenant.limits.metric_points;
    let seconds = wished.unwrap_or_else(|| {
        let length = u64::try_from(to.as_second() - from.as_second()).unwrap_or(0);
        let least = cadence(sources)
            .and_then(|cadence| u64::try_from(cadence).ok())
            .unwrap_or(0)
            .max(length.div_ceil(POINTS));
        let fitting = LENGTHS.into_iter().find(|&step| step >= least);
        fitting.unwrap_or(86_400)
    });
    let steps = Steps::new(from, to, seconds, most.saturating_sub(1));
    Steps::new(steps.start_of(from), to, steps.seconds(), most)
}

fn seen_in(sources: &BySource, period: TimeRange) -> Vec<Source> {
    let seen = sources
        .iter()
        .filter(|(_, records)| records.iter().any(|record| period.contains(record.ts)));
    seen.map(|(source, _)| source.clone()).collect()
}

fn point(start: Timestamp, cell: &Cell, steps: Steps) -> AggregatePoint {
    AggregatePoint {
        ts: start,
        source_bytes: cell.source_bytes,
        logs_bytes: cell.logs_bytes,
        source_objects: cell.source_objects,
        logs_files: cell.logs_files,
        requests_total: cell.requests.total,
        bytes_sent: cell.requests.bytes_sent,
        status_4xx: cell.requests.status_4xx,
        status_5xx: cell.requests.status_5xx,
        sources_in: cell.sources_in,
        sources_held: cell.sources_held,
        incomplete: cell.sources_held > 0 || steps.is_cut(start),
        requests_complete: cell.requests.complete,
    }
}

/// Requests by step, as the log has them now.
struct Counted {
    steps: BTreeMap<Timestamp, Requests>,
    /// Steps that end later may still change.
    known_until: Option<Timestamp>,
    ends: BTreeMap<Timestamp, Timestamp>,
    coverage: Coverage,
}

impl Counted {
    /// Puts the requests of each step into its cell. Tells how many are in steps without a point.
    fn put_into(&self, cells: &mut BTreeMap<Timestamp, Cell>) -> u64 {
        for (start, cell) in cells.iter_mut() {
            cell.requests = self.steps.get(start).copied().unwrap_or_default();
            let end = self.ends.get(start).copied().unwrap_or(Timestamp::MAX);
            cell.requests.complete = self.known_until.is_none_or(|known| end <= known);
        }
        let outside = self
            .steps
            .iter()
            .filter(|(start, _)| cells.get(start).is_none_or(|cell| cell.sources_in == 0));
        outside.map(|(_, requests)| requests.total).sum()
    }
}

async fn count(tenant: &Tenant, sources: &[Source], steps: Steps, wait: bool) -> Result<Counted, ToolError> {
    let Asked { lake, coverage } = logs::ask(tenant, None, steps.period(), wait).await?;
    let mut by_step = BTreeMap::new();
    let whole: Vec<&Source> = sources
        .iter()
        .filter(|source| source.prefix.as_str().is_empty())
        .collect();
    let filter = RecordFilter {
        period: steps.period(),
        requests_only: true,
        ..RecordFilter::default()
    };
    let counts = |bucket: &str| whole.iter().any(|source| source.bucket.as_str() == bucket);
    add(&lake, filter.clone(), steps, counts, &mut by_step).await?;
    for source in sources.iter().filter(|source| !source.prefix.as_str().is_empty()) {
        let filter = RecordFilter {
            bucket: Some(source.bucket.clone()),
            key_prefix: Some(source.prefix.as_str().to_owned()),
            ..filter.clone()
        };
        add(&lake, filter, steps, |_| true, &mut by_step).await?;
    }
    let ends: BTreeMap<_, _> = steps
        .starts()
        .map(|start| (start, steps.within(start).to.unwrap_or(Timestamp::MAX)))
        .collect();
    let mut edges: Vec<Timestamp> = steps.period().from.into_iter().collect();
    edges.extend(ends.values());
    let known_until = match coverage.complete {
        true => None,
        false => figures::known_until(&lake, None, &edges).await?,
    };
    Ok(Counted {
        steps: by_step,
        known_until,
        ends,
        coverage,
    })
}

/// Adds the requests that fit, of the buckets that count.
async fn add(
    lake: &Lake,
    filter: RecordFilter,
    steps: Steps,
    counts: impl Fn(&str) -> bool,
    by_step: &mut BTreeMap<Timestamp, Requests>,
) -> Result<(), ToolError> {
    let ask = ActivityAsk {
        filter,
        step: Some(steps.length()),
        by: Some(Dimension::Bucket),
        extremes: false,
    };
    for row in lake.activity(&ask).await? {
        let (Some(step), Some(bucket)) = (row.step, row.group) else {
            continue;
        };
        if !row.is_request || !counts(&bucket) {
            continue;
        }
        let requests: &mut Requests = by_step.entry(steps.start_of(step)).or_default();
        requests.total += row.records;
        requests.bytes_sent = requests.bytes_sent.saturating_add(row.bytes_sent);
        match row.status.map(|status| status / 100) {
            Some(4) => requests.status_4xx += row.records,
            Some(5) => requests.status_5xx += row.records,
            _ => {}
        }
    }
    Ok(())
}

fn notes(points: &[AggregatePoint], requests_in_gaps: u64) -> Vec<String> {
    let mut notes = Vec::new();
    if points.iter().any(|point| point.sources_held > 0) {
        notes.push(
            "in steps marked `incomplete` some buckets have no snapshot; their last figures stand in (`sources_held`)"
                .to_owned(),
        );
    }
    if requests_in_gaps > 0 {
        notes.push(
            "steps without any snapshot have no point; their requests are `requests_in_gaps`".to_owned(),
        );
    }
    notes
}
