//! Snapshots of one source in a row.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::Interval;
use spacewatch_model::{BucketName, Coverage, Prefix, TimeRange};
use spacewatch_snapshots::{Reading, SnapshotRecord, Source, Wanted};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use super::grid::usual_wait;
use super::sources::{HOURS, MOST_HOURS, last_hours};
use super::{evidence, figures, place};
use crate::logs::{self, Asked};
use crate::{Evidence, Limit, Tenant, Tool, ToolError};

const POINTS: usize = 500;
/// The snapshot before the first one of the window is looked for so far back, in hours.
pub(super) const BEFORE_HOURS: usize = 24;
const MOST_GAPS: usize = 100;
/// Snapshots this many times further apart than usual have a gap between them.
const GAP: i64 = 3;

/// `metrics-series`: the snapshots of one bucket, each with the requests since the one before.
#[derive(Debug)]
pub struct SnapshotSeries;

/// What `metrics-series` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SnapshotSeriesArgs {
    /// The bucket looked at.
    pub source_bucket: BucketName,
    /// The prefix looked under, exactly as the snapshots name it.
    #[serde(default)]
    pub source_prefix: Prefix,
    /// How many points, 500 by default. Of more snapshots every so many-th is a point, the newest always.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// How many hours to look back, 168 by default and 720 at most.
    #[serde(default)]
    pub hours: Option<Limit>,
    /// Wait until every log object that may hold records of the period was read.
    #[serde(default)]
    pub wait: bool,
}

/// The snapshots of one bucket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SnapshotSeriesOutput {
    /// The bucket looked at.
    pub source_bucket: BucketName,
    /// The prefix looked under.
    pub source_prefix: Prefix,
    /// How many points there are.
    pub count: usize,
    /// The snapshots by time. Their intervals follow each other and never overlap.
    pub points: Vec<SnapshotPoint>,
    /// How many hours were looked back.
    pub hours: usize,
    /// How many points were wished, after clamping.
    pub limit: usize,
    /// The period.
    pub window: TimeRange,
    /// How many snapshots of the bucket there are in the period.
    pub snapshots_total: usize,
    /// There are more snapshots than points: a point stands for those since the one before.
    pub truncated: bool,
    /// Times without snapshots, three times longer than usual.
    pub gaps: Vec<Gap>,
    /// How to see more, and what else the reader should know.
    pub notes: Vec<String>,
    /// The bucket that snapshots are kept in.
    pub metrics_bucket: BucketName,
    /// Where in it.
    pub metrics_prefix: Prefix,
    /// What the snapshots rest on.
    pub snapshots: Reading,
    /// What the request figures rest on; absent if no log bucket is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// A snapshot, with the requests of the interval since the point before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SnapshotPoint {
    /// The snapshot.
    #[serde(flatten)]
    pub record: SnapshotRecord,
    /// Where its request figures come from.
    pub requests_from: RequestsFrom,
    /// How many snapshots it stands for.
    pub snapshots: usize,
}

/// Where request figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequestsFrom {
    /// From the access log as it is known now, by the time of each request.
    Log,
    /// From the snapshot: what was known when it was taken.
    Snapshot,
    /// From a file of the Python original: counts of the whole log, which can't be summed.
    Legacy,
    /// From nowhere: no log was read when the snapshot was taken.
    Nowhere,
}

/// A time without snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// The last snapshot before it.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first one after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

impl Tool for SnapshotSeries {
    const NAME: &'static str = "metrics-series";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = SnapshotSeriesArgs;
    type Output = SnapshotSeriesOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        let mut all = evidence(tenant);
        all.extend(logs::evidence(tenant));
        all
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let place = place(tenant)?;
        let hours = Limit::rows(args.hours, HOURS, MOST_HOURS);
        let limit = Limit::rows(args.limit, POINTS, tenant.limits.metric_points);
        let window = last_hours(tenant, hours);
        let source = Source {
            bucket: args.source_bucket,
            prefix: args.source_prefix,
        };
        let wanted = Wanted {
            period: last_hours(tenant, hours + BEFORE_HOURS),
            source: Some(source.clone()),
            top_ips: true,
        };
        let snapshots = &tenant.histories.snapshots;
        let history = snapshots.read(&tenant.store, &place, &wanted).await?;
        let (before, records): (Vec<_>, Vec<_>) = history
            .records
            .into_iter()
            .partition(|record| !window.contains(record.ts));
        let begin = beginning(before.last(), records.first(), window);
        let groups = Groups::of(&records, limit);
        let mut points = groups.points();
        let coverage = match &tenant.log_bucket {
            None => None,
            Some(_) => recount(tenant, &source, (begin, args.wait), &mut points).await?,
        };
        let truncated = records.len() > points.len();
        let notes = notes(&records, points.len(), tenant);
        Ok(SnapshotSeriesOutput {
            source_bucket: source.bucket,
            source_prefix: source.prefix,
            count: points.len(),
            points,
            hours,
            limit,
            window,
            snapshots_total: records.len(),
            truncated,
            gaps: gaps(&records),
            notes,
            metrics_prefix: place.prefix(),
            metrics_bucket: place.bucket,
            snapshots: history.reading,
            coverage,
        })
    }
}

/// Where the first interval begins: at the snapshot before, as it is known or as the first one says.
fn beginning(
    before: Option<&SnapshotRecord>,
    first: Option<&SnapshotRecord>,
    window: TimeRange,
) -> Timestamp {
    let told = || first.and_then(SnapshotRecord::interval).map(|(start, _)| start);
    let known = before.map(|record| record.ts).or_else(told).or(window.from);
    let end = first.map_or(Timestamp::MAX, |record| record.ts);
    known.unwrap_or(Timestamp::UNIX_EPOCH).min(end)
}

/// Snapshots in as many groups as there may be points.
struct Groups<'a>(Vec<&'a [SnapshotRecord]>);

impl<'a> Groups<'a> {
    fn of(records: &'a [SnapshotRecord], limit: usize) -> Self {
        let count = records.len().min(limit.max(1));
        let groups = (0..count).filter_map(|group| {
            let (from, to) = (group * records.len() / count, (group + 1) * records.len() / count);
            records.get(from..to).filter(|group| !group.is_empty())
        });
        Self(groups.collect())
    }

    /// Each group's last snapshot, with the requests of all of the group as far as their intervals don't overlap.
    fn points(&self) -> Vec<SnapshotPoint> {
        let mut counted_until = Timestamp::MIN;
        let points = self.0.iter().filter_map(|group| {
            let last = group.last()?;
            let mut point = SnapshotPoint {
                record: last.clone(),
                requests_from: origin(last),
                snapshots: group.len(),
            };
            if group.len() > 1 {
                combine(&mut point, group, counted_until);
            }
            if let Some((_, end)) = point.record.interval() {
                counted_until = counted_until.max(end);
            }
            Some(point)
        });
        points.collect()
    }
}

fn origin(record: &SnapshotRecord) -> RequestsFrom {
    match (record.legacy, record.interval_start) {
        (true, _) => RequestsFrom::Legacy,
        (false, Some(_)) => RequestsFrom::Snapshot,
        (false, None) => RequestsFrom::Nowhere,
    }
}

fn combine(point: &mut SnapshotPoint, group: &[SnapshotRecord], mut counted_until: Timestamp) {
    let own = point.record.clone();
    figures::forget(&mut point.record);
    (point.record.unique_ips, point.record.top_ips) = (own.unique_ips, own.top_ips);
    let (mut interval, mut complete): (Option<(Timestamp, Timestamp)>, bool) = (None, true);
    for record in group {
        // Two who took a snapshot at once counted the same requests.
        let Some((start, end)) = record.interval().filter(|(start, _)| *start >= counted_until) else {
            continue;
        };
        figures::add(&mut point.record, record);
        complete &= record.requests_complete && interval.is_none_or(|(_, until)| until == start);
        interval = Some((interval.map_or(start, |(first, _)| first), end));
        counted_until = end;
    }
    point.record.interval_start = interval.map(|(start, _)| start);
    point.record.interval_end = interval.map(|(_, end)| end);
    point.record.requests_complete = complete && interval.is_some();
    if interval.is_some() {
        point.requests_from = RequestsFrom::Snapshot;
    }
}

/// Counts the requests of each point's interval anew, from what is known of the log now.
async fn recount(
    tenant: &Tenant,
    source: &Source,
    (begin, wait): (Timestamp, bool),
    points: &mut [SnapshotPoint],
) -> Result<Option<Coverage>, ToolError> {
    let mut edges = vec![begin];
    edges.extend(points.iter().map(|point| point.record.ts));
    edges.dedup();
    let period = TimeRange {
        from: edges.first().copied(),
        to: edges.last().copied(),
    };
    let Asked { lake, coverage } = logs::ask(tenant, Some(&source.bucket), period, wait).await?;
    let known_until = match coverage.complete {
        true => None,
        false => figures::known_until(&lake, Some(&source.bucket), &edges).await?,
    };
    let intervals = figures::intervals(&lake, source, edges).await?;
    let mut start = begin;
    for point in points {
        let end = point.record.ts;
        let found = intervals.binary_search_by_key(&start, |interval: &Interval| interval.start);
        let found = found
            .ok()
            .filter(|_| start < end)
            .and_then(|at| intervals.get(at));
        figures::tell(&mut point.record, found);
        (point.record.interval_start, point.record.interval_end) = (Some(start), Some(end));
        point.record.requests_complete = known_until.is_none_or(|known| end <= known);
        point.requests_from = RequestsFrom::Log;
        start = end;
    }
    Ok(Some(coverage))
}

fn gaps(records: &[SnapshotRecord]) -> Vec<Gap> {
    let times: Vec<_> = records.iter().map(|record| record.ts).collect();
    let Some(usual) = usual_wait(&times) else {
        return Vec::new();
    };
    let pairs = times.windows(2).filter_map(|pair| match pair {
        [from, to] if to.as_second() - from.as_second() > GAP * usual.max(1) => {
            Some(Gap { from: *from, to: *to })
        }
        _ => None,
    });
    pairs.take(MOST_GAPS).collect()
}

fn notes(records: &[SnapshotRecord], points: usize, tenant: &Tenant) -> Vec<String> {
    let mut notes = Vec::new();
    if records.len() > points {
        notes.push(format!(
            "{} snapshots in {points} points; raise `limit` (up to {}) or ask for fewer `hours` to see each",
            records.len(),
            tenant.limits.metric_points
        ));
    }
    if tenant.log_bucket.is_none() && records.iter().any(|record| !record.legacy) {
        notes.push(
            "request figures are what was known when each snapshot was taken; name the log bucket to count them anew"
                .to_owned(),
        );
    }
    if tenant.log_bucket.is_none() && records.iter().any(|record| record.legacy) {
        notes.push(
            "points marked `legacy` count the whole log each; they are no sums of an interval".to_owned(),
        );
    }
    notes
}

#[cfg(test)]
mod tests;
