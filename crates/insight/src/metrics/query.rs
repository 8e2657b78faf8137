//! Any metrics of one bucket, step by step.

mod wish;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spacewatch_inventory::Summary;
use spacewatch_lake::{Lake, RecordFilter};
use spacewatch_model::{BucketName, Coverage, ErrorCode, Prefix, SizeClass, TimeRange, Timestamp};
use spacewatch_s3::Probe;
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use wish::{Wish, invalid, notes, wished};

use super::catalog::{Kept, Metric, Rule, Stored};
use super::class::{By, Flow};
use super::facts::{Number, Summary as _, Tally, Times, sizes, tallies, times};
use super::gather::{Gather, Gathered, flow_of, is_of_activity, known_until, unique_keys};
use super::series::{Frame, MetricSeries};
use super::statistic::Statistic;
use super::steps::Steps;
use crate::logs::{self, Asked, Given, Moment, Period};
use crate::{Evidence, Limit, StorageSummary, StorageSummaryArgs, Tenant, Tool, ToolError};

/// `metrics-query`: metrics of one bucket in the words of CloudWatch, Storage Lens or Azure Monitor, step by step.
#[derive(Debug)]
pub struct MetricsQuery;

/// What `metrics-query` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MetricsQueryArgs {
    /// The metrics by name, separated by commas, from any vocabulary: see the catalogue. `storage_lens:GetRequests` names one
    /// vocabulary's.
    #[schema(example = "AllRequests,4xxErrors")]
    pub metric: String,
    /// The bucket that was asked.
    pub bucket: BucketName,
    /// Only keys that begin so.
    #[serde(default)]
    pub prefix: Prefix,
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
    pub period: Option<u64>,
    /// The statistics, separated by commas: `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, `p50` … `p99.9`. Each metric's
    /// first one by default.
    #[serde(default)]
    #[schema(example = "Sum")]
    pub statistic: Option<String>,
    /// Only operations that begin so.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only this requester; empty for anonymous requests.
    #[serde(default)]
    pub requester: Option<String>,
    /// A series for each value of this instead of one for all.
    #[serde(default)]
    pub by: Option<By>,
    /// How many values of `by`, the weightiest: 10 by default, 50 at most.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Wait until every log object that may hold records of the period was read.
    #[serde(default)]
    pub wait: bool,
}

/// Metrics of one bucket, step by step.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MetricsQueryOutput {
    /// The bucket asked about.
    pub bucket: BucketName,
    /// Only keys that begin so.
    pub prefix: Prefix,
    /// The period. Steps that its ends cut hold only what lies within it.
    pub window: TimeRange,
    /// How long a step is in seconds.
    pub period_seconds: u64,
    /// The values, metric by metric, statistic by statistic.
    pub series: Vec<MetricSeries>,
    /// There are more values of `by` than the answer holds.
    pub truncated: bool,
    /// What figures from access logs rest on; absent if none were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
    /// What else the reader should know.
    pub notes: Vec<&'static str>,
}

/// Without `from`.
const DEFAULT_HOURS: u32 = 24;
const DEFAULT_PERIOD: u64 = 3600;
const DAY: u64 = 86_400;
const DEFAULT_GROUPS: usize = 10;
const MOST_GROUPS: usize = 50;
/// Each day is a question of its own.
const MOST_DAYS: usize = 62;

impl Tool for MetricsQuery {
    const NAME: &'static str = "metrics-query";
    const OPERATION: OperationType = OperationType::QueryMetrics;
    type Args = MetricsQueryArgs;
    type Output = MetricsQueryOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let wished = wished(args).unwrap_or_default();
        let mut evidence = Vec::new();
        if wished.iter().any(Wish::needs_logs) {
            evidence.extend(logs::evidence(tenant));
        }
        if wished.iter().any(Wish::needs_bucket) {
            evidence.push(Evidence::Bucket(args.bucket.clone()));
        }
        evidence
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let wished = wished(&args)?;
        let (from, to) = bounded(tenant, &args.from, &args.to)?;
        let points = tenant.limits.metric_points;
        let lines: usize = wished.iter().map(Wish::lines).sum();
        if lines * 2 > points {
            return Err(invalid(format!("{lines} series don't fit into {points} points")));
        }
        let steps = Steps::new(from, to, args.period.unwrap_or(DEFAULT_PERIOD), points / lines);
        let mut groups = 1;
        if args.by.is_some() {
            let room = points / lines / steps.starts().count().max(1);
            groups = Limit::rows(args.limit, DEFAULT_GROUPS, MOST_GROUPS).min(room.max(1));
        }
        let mut answer = MetricsQueryOutput {
            bucket: args.bucket.clone(),
            prefix: args.prefix.clone(),
            window: steps.period(),
            period_seconds: steps.seconds(),
            series: Vec::new(),
            truncated: false,
            coverage: None,
            notes: notes(&wished),
        };
        let stored = stored(tenant, &args, &wished).await?;
        let logged = logged(tenant, &args, &wished, steps, groups).await?;
        let bucket = of_bucket(tenant, &args, &wished).await?;
        for Wish { metric, statistic } in wished {
            if let Rule::Stored(what) = metric.rule {
                answer
                    .series
                    .extend(stored.iter().map(|stored| stored.series(metric, what)));
            } else if let Some(series) = bucket.get(metric.name) {
                answer.series.push(series.clone());
            } else if let Some(logged) = &logged {
                let (series, truncated) = logged.series(metric, statistic, stored.as_ref());
                answer.series.extend(series);
                answer.truncated |= truncated;
            }
        }
        answer.coverage = logged.map(|logged| logged.coverage);
        Ok(answer)
    }
}

/// The period meant, the last day by default. Steps need both of its ends.
pub(crate) fn bounded(
    tenant: &Tenant,
    from: &Given<Moment>,
    to: &Given<Moment>,
) -> Result<(Timestamp, Timestamp), ToolError> {
    let now = tenant.now();
    let period = Period {
        from,
        to,
        day: &Given::default(),
        hours: None,
    };
    let range = period.or_hours(DEFAULT_HOURS).range(now)?;
    let to = range.to.unwrap_or_else(|| now.max(range.from.unwrap_or(now)));
    Ok((range.from.unwrap_or(to), to))
}

/// What the newest inventory and the configuration of the bucket tell, by the names of metrics.
async fn of_bucket(
    tenant: &Tenant,
    args: &MetricsQueryArgs,
    wished: &[Wish],
) -> Result<BTreeMap<&'static str, MetricSeries>, ToolError> {
    let mut found = BTreeMap::new();
    let point = |metric, at, value| {
        let mut series = MetricSeries::new(metric, Statistic::Average, BTreeMap::new());
        series.push(at, Number::Whole(value));
        series
    };
    if wished
        .iter()
        .any(|wish| matches!(wish.metric.rule, Rule::Kept(_)))
    {
        let inventory = tenant.inventories.open(&tenant.store, &args.bucket);
        let kept = inventory.required(&args.prefix, None).await?;
        let (summary, as_of) = (kept.summary(1).await?, kept.basis().as_of);
        for metric in wished.iter().map(|wish| wish.metric) {
            if let Rule::Kept(what) = metric.rule {
                found.insert(metric.name, point(metric, as_of, of_inventory(&summary, what)));
            }
        }
    }
    let rules = wished
        .iter()
        .find(|wish| wish.metric.rule == Rule::LifecycleRules);
    if let Some(Wish { metric, .. }) = rules {
        let rules = match tenant.store.lifecycle(&args.bucket).await? {
            Probe::Configured(rules) => rules.len(),
            Probe::NotConfigured | Probe::NotSupported => 0,
            Probe::NotAllowed | Probe::UnexpectedAnswer(_) => {
                return Err(ToolError::new(
                    ErrorCode::AccessDenied,
                    "these keys may not read the bucket's lifecycle rules",
                ));
            }
        };
        let rules = u64::try_from(rules).unwrap_or(u64::MAX);
        found.insert(metric.name, point(metric, tenant.now(), rules));
    }
    Ok(found)
}

fn of_inventory(summary: &Summary, what: Kept) -> u64 {
    let totals = &summary.totals;
    match what {
        Kept::NoncurrentBytes => totals.noncurrent_bytes.0,
        Kept::NoncurrentVersions => totals.noncurrent_versions,
        Kept::DeleteMarkers => totals.delete_markers,
        Kept::UploadBytes => totals.incomplete_bytes.0,
        Kept::Uploads => totals.incomplete_uploads,
        Kept::OldUploadBytes => summary.incomplete_bytes_older_than_7_days.0,
        Kept::OldUploads => summary.incomplete_uploads_older_than_7_days,
    }
}

/// What is stored now.
struct StoredNow {
    as_of: Timestamp,
    bytes: u64,
    objects: u64,
}

async fn stored(
    tenant: &Tenant,
    args: &MetricsQueryArgs,
    wished: &[Wish],
) -> Result<Option<StoredNow>, ToolError> {
    if !wished.iter().any(Wish::needs_listing) {
        return Ok(None);
    }
    let summary = StorageSummaryArgs {
        bucket: args.bucket.clone(),
        prefix: args.prefix.clone(),
        depth: 0,
        max_age: None,
    };
    let summary = StorageSummary::run(tenant, summary).await?;
    Ok(Some(StoredNow {
        as_of: summary.as_of,
        bytes: summary.total_size_bytes.0,
        objects: summary.object_count,
    }))
}

impl StoredNow {
    fn series(&self, metric: &'static Metric, what: Stored) -> MetricSeries {
        let mut series = MetricSeries::new(metric, Statistic::Average, BTreeMap::new());
        let value = match what {
            Stored::Bytes => Some(Number::Whole(self.bytes)),
            Stored::Objects => Some(Number::Whole(self.objects)),
            Stored::AverageSize => Number::quotient(self.bytes, self.objects),
        };
        if let Some(value) = value {
            series.push(self.as_of, value);
        }
        series
    }
}

/// What the access logs say.
struct Logged {
    frame: Frame,
    gathered: Gathered,
    truncated: bool,
    days: Option<(Frame, BTreeMap<Option<Timestamp>, u64>)>,
    coverage: Coverage,
}

async fn logged(
    tenant: &Tenant,
    args: &MetricsQueryArgs,
    wished: &[Wish],
    steps: Steps,
    groups: usize,
) -> Result<Option<Logged>, ToolError> {
    if !wished.iter().any(Wish::needs_logs) {
        return Ok(None);
    }
    let Asked { lake, coverage } = logs::ask(tenant, Some(&args.bucket), steps.period(), args.wait).await?;
    let filter = RecordFilter {
        bucket: Some(args.bucket.clone()),
        period: steps.period(),
        key_prefix: Some(args.prefix.as_str().to_owned()).filter(|prefix| !prefix.is_empty()),
        operations: args.operation.iter().cloned().collect(),
        requester: args.requester.clone(),
        ..RecordFilter::default()
    };
    let metrics: Vec<_> = wished.iter().map(|wish| (wish.metric, wish.statistic)).collect();
    let gather = Gather::new(&lake, filter.clone(), Some(steps), args.by, groups).await?;
    let frame = Frame {
        steps,
        by: args.by,
        known_until: known_until(&lake, Some(&args.bucket), steps, coverage.complete).await?,
        groups,
    };
    let days = match metrics.iter().any(|(metric, _)| metric.rule == Rule::UniqueKeys) {
        true => Some(days(&lake, &filter, &frame).await?),
        false => None,
    };
    Ok(Some(Logged {
        gathered: gather.all(&metrics).await?,
        truncated: gather.is_truncated(),
        frame,
        days,
        coverage,
    }))
}

async fn days(
    lake: &Lake,
    filter: &RecordFilter,
    frame: &Frame,
) -> Result<(Frame, BTreeMap<Option<Timestamp>, u64>), ToolError> {
    let period = frame.steps.period();
    let (from, to) = (period.from.unwrap_or_default(), period.to.unwrap_or_default());
    let steps = Steps::new(from, to, DAY, usize::MAX);
    if steps.starts().nth(MOST_DAYS).is_some() {
        let detail = format!("`UniqueObjectsAccessedDailyCount` is counted for {MOST_DAYS} days at most");
        return Err(invalid(detail));
    }
    let counts = unique_keys(lake, filter, steps).await?;
    let counts = counts.into_iter().map(|(day, keys)| (Some(day), keys));
    Ok((
        Frame {
            steps,
            ..frame.clone()
        },
        counts.collect(),
    ))
}

impl Logged {
    fn series(
        &self,
        metric: &'static Metric,
        statistic: Statistic,
        stored: Option<&StoredNow>,
    ) -> (Vec<MetricSeries>, bool) {
        let by = self.frame.by;
        let (series, truncated) = match metric.rule {
            Rule::Latency { kind, successes } => {
                let cells = times(self.gathered.latency(kind, successes), by);
                self.frame.series(metric, statistic, &cells, |times: &Times| {
                    times.statistic(statistic)
                })
            }
            Rule::UniqueKeys => self.unique_keys(metric, statistic),
            Rule::Sizes(flow) => (self.distribution(metric, flow), false),
            rule if is_of_activity(rule) && matches!(statistic, Statistic::Percentile(_)) => {
                let rows = flow_of(rule).and_then(|flow| self.gathered.sizes.get(&flow));
                let cells = sizes(rows.map_or(&[], Vec::as_slice), by);
                self.frame.series(metric, statistic, &cells, |sizes: &Times| {
                    sizes.statistic(statistic)
                })
            }
            rule if is_of_activity(rule) => {
                let cells = tallies(&self.gathered.activity, rule, by);
                let value = |tally: &Tally| value(rule, *tally, statistic, stored);
                self.frame.series(metric, statistic, &cells, value)
            }
            _ => (Vec::new(), false),
        };
        (series, truncated || self.truncated)
    }

    /// A series for each class of sizes, the smallest first.
    fn distribution(&self, metric: &'static Metric, flow: Flow) -> Vec<MetricSeries> {
        let mut counts: BTreeMap<(SizeClass, Option<Timestamp>), u64> = BTreeMap::new();
        for row in self.gathered.classes.get(&flow).into_iter().flatten() {
            *counts.entry((SizeClass::of(row.bytes), row.step)).or_default() += row.requests;
        }
        let series = SizeClass::all().map(|class| {
            let named = [(By::SizeClass.as_str(), class.name().to_owned())].into();
            let series = MetricSeries::new(metric, Statistic::Sum, named);
            self.frame.filled(series, |start| {
                let requests = counts.get(&(class, Some(start))).copied().unwrap_or(0);
                Some(Number::Whole(requests))
            })
        });
        series.collect()
    }

    fn unique_keys(&self, metric: &'static Metric, statistic: Statistic) -> (Vec<MetricSeries>, bool) {
        let Some((frame, days)) = &self.days else {
            return (Vec::new(), false);
        };
        let days = days.iter().map(|(&day, &sum)| {
            let tally = Tally {
                sum,
                samples: 1,
                ends: None,
            };
            (day, tally)
        });
        let cells = [(None, days.collect())].into();
        frame.series(metric, statistic, &cells, |tally: &Tally| {
            tally.statistic(statistic)
        })
    }
}

fn value(rule: Rule, tally: Tally, statistic: Statistic, stored: Option<&StoredNow>) -> Option<Number> {
    match rule {
        Rule::Share(_) => Number::percent(tally.sum, tally.samples),
        Rule::Retrieval | Rule::Ingest => Number::percent(tally.sum, stored?.bytes),
        _ => tally.statistic(statistic),
    }
}
