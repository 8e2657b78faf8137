//! What metrics need of the lake, asked as few times as possible.

use std::collections::BTreeMap;

use spacewatch_lake::{
    Activity, ActivityAsk, IpFilter, Lake, LakeError, Latency, LatencyAsk, LatencyKind, Measure,
    RecordFilter, SizeAsk, SizeKind, Sizes, StatusFilter, TopAsk,
};
use spacewatch_model::{BucketName, SizeClass, TimeRange, Timestamp};

use super::catalog::{Metric, Rule};
use super::class::{By, Flow, READS, UPLOADS};
use super::statistic::Statistic;
use super::steps::Steps;

/// Answers with a status of these are successes.
const SUCCESSES: StatusFilter = StatusFilter { from: 200, to: 399 };
/// And with one of these, bytes went over.
const DONE: StatusFilter = StatusFilter { from: 200, to: 299 };

/// A question to the lake: which client requests, in which steps, told apart by what.
pub(crate) struct Gather<'a> {
    lake: &'a Lake,
    filter: RecordFilter,
    steps: Option<Steps>,
    by: Option<By>,
    /// The values shown of a dimension with too many; then one filter for each of them, or one for all.
    narrowed: Option<Narrowed>,
}

struct Narrowed {
    filters: Vec<RecordFilter>,
    values: Vec<String>,
    truncated: bool,
}

/// Requests counted, and their times where those were asked for.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) activity: Vec<Activity>,
    pub(crate) turnaround: Vec<Latency>,
    pub(crate) total: Vec<Latency>,
    pub(crate) turnaround_of_successes: Vec<Latency>,
    pub(crate) total_of_successes: Vec<Latency>,
    /// Every size there is, of what it is about.
    pub(crate) sizes: BTreeMap<Flow, Vec<Sizes>>,
    /// How many of each class of sizes.
    pub(crate) classes: BTreeMap<Flow, Vec<Sizes>>,
}

impl Gathered {
    /// The times that a rule of times is about.
    pub(crate) fn latency(&self, kind: LatencyKind, successes: bool) -> &[Latency] {
        match (kind, successes) {
            (LatencyKind::Turnaround, false) => &self.turnaround,
            (LatencyKind::Total, false) => &self.total,
            (LatencyKind::Turnaround, true) => &self.turnaround_of_successes,
            (LatencyKind::Total, true) => &self.total_of_successes,
        }
    }

    fn latency_mut(&mut self, kind: LatencyKind, successes: bool) -> &mut Vec<Latency> {
        match (kind, successes) {
            (LatencyKind::Turnaround, false) => &mut self.turnaround,
            (LatencyKind::Total, false) => &mut self.total,
            (LatencyKind::Turnaround, true) => &mut self.turnaround_of_successes,
            (LatencyKind::Total, true) => &mut self.total_of_successes,
        }
    }
}

impl<'a> Gather<'a> {
    /// Asks about the client requests that fit; of a dimension with many values, about its `groups` busiest.
    pub(crate) async fn new(
        lake: &'a Lake,
        filter: RecordFilter,
        steps: Option<Steps>,
        by: Option<By>,
        groups: usize,
    ) -> Result<Self, LakeError> {
        let filter = RecordFilter {
            requests_only: true,
            ..filter
        };
        let narrowed = match by {
            Some(by) if by.is_wide() => Some(busiest(lake, &filter, by, groups).await?),
            _ => None,
        };
        Ok(Self {
            lake,
            filter,
            steps,
            by,
            narrowed,
        })
    }

    /// Whether the dimension has values that are not shown.
    pub(crate) fn is_truncated(&self) -> bool {
        self.narrowed.as_ref().is_some_and(|narrowed| narrowed.truncated)
    }

    /// Everything that these metrics rest on.
    pub(crate) async fn all(&self, wished: &[(&Metric, Statistic)]) -> Result<Gathered, LakeError> {
        let mut gathered = Gathered::default();
        let metrics: Vec<_> = wished.iter().map(|(metric, _)| *metric).collect();
        let of_activity = |(metric, statistic): &&(&Metric, Statistic)| {
            is_of_activity(metric.rule) && !matches!(statistic, Statistic::Percentile(_))
        };
        if wished.iter().any(|wish| of_activity(&wish)) {
            let extreme = |statistic| matches!(statistic, Statistic::Minimum | Statistic::Maximum);
            let extremes = wished.iter().any(|&(metric, statistic)| {
                extreme(statistic) && matches!(metric.rule, Rule::Downloaded | Rule::Uploaded)
            });
            gathered.activity = self.activity(extremes).await?;
        }
        for &(metric, statistic) in wished {
            match (metric.rule, statistic) {
                (Rule::Sizes(flow), _) if !gathered.classes.contains_key(&flow) => {
                    let edges = SizeClass::edges().collect();
                    gathered.classes.insert(flow, self.sizes(flow, edges).await?);
                }
                (rule, Statistic::Percentile(_)) => {
                    if let Some(flow) = flow_of(rule)
                        && !gathered.sizes.contains_key(&flow)
                    {
                        gathered.sizes.insert(flow, self.sizes(flow, Vec::new()).await?);
                    }
                }
                _ => {}
            }
        }
        for kind in [LatencyKind::Turnaround, LatencyKind::Total] {
            for successes in [false, true] {
                let rule = Rule::Latency { kind, successes };
                if metrics.iter().any(|metric| metric.rule == rule) {
                    *gathered.latency_mut(kind, successes) = self.latency(kind, successes).await?;
                }
            }
        }
        Ok(gathered)
    }

    /// How much of everything.
    pub(crate) async fn activity(&self, extremes: bool) -> Result<Vec<Activity>, LakeError> {
        let mut rows = Vec::new();
        for filter in self.filters() {
            let ask = ActivityAsk {
                filter: filter.clone(),
                step: self.steps.map(Steps::length),
                by: self.by.and_then(By::beyond_activity),
                extremes,
            };
            rows.extend(self.lake.activity(&ask).await?);
        }
        rows.retain(|row| self.is_shown(row.group.as_deref()));
        for row in &mut rows {
            row.step = self.on_grid(row.step);
        }
        Ok(rows)
    }

    /// How many requests took how long.
    pub(crate) async fn latency(
        &self,
        kind: LatencyKind,
        successes: bool,
    ) -> Result<Vec<Latency>, LakeError> {
        let mut rows = Vec::new();
        for filter in self.filters() {
            let mut filter = filter.clone();
            if successes && !only(&mut filter, SUCCESSES) {
                continue;
            }
            let ask = LatencyAsk {
                filter,
                kind,
                step: self.steps.map(Steps::length),
                by: self.by.map(By::dimension),
            };
            rows.extend(self.lake.latency(&ask).await?);
        }
        rows.retain(|row| self.is_shown(row.group.as_deref()));
        for row in &mut rows {
            row.step = self.on_grid(row.step);
        }
        Ok(rows)
    }

    /// How large requests were: each size, or by classes.
    async fn sizes(&self, flow: Flow, edges: Vec<u64>) -> Result<Vec<Sizes>, LakeError> {
        let (kind, operations) = match flow {
            Flow::Sent => (SizeKind::Sent, &[][..]),
            Flow::Read => (SizeKind::Sent, READS),
            Flow::Written => (SizeKind::Object, UPLOADS),
        };
        let mut rows = Vec::new();
        for filter in self.filters() {
            let mut filter = filter.clone();
            if flow != Flow::Sent && !only(&mut filter, DONE) {
                continue;
            }
            let ask = SizeAsk {
                filter,
                operations: operations.iter().map(|&operation| operation.to_owned()).collect(),
                kind,
                edges: edges.clone(),
                step: self.steps.map(Steps::length),
                by: self.by.filter(|&by| by != By::SizeClass).map(By::dimension),
            };
            rows.extend(self.lake.sizes(&ask).await?);
        }
        rows.retain(|row| self.is_shown(row.group.as_deref()));
        for row in &mut rows {
            row.step = self.on_grid(row.step);
        }
        Ok(rows)
    }

    fn filters(&self) -> &[RecordFilter] {
        match &self.narrowed {
            Some(narrowed) => &narrowed.filters,
            None => std::slice::from_ref(&self.filter),
        }
    }

    fn is_shown(&self, group: Option<&str>) -> bool {
        let (Some(narrowed), Some(by)) = (&self.narrowed, self.by) else {
            return true;
        };
        narrowed.values.contains(&by.of_group(group))
    }

    fn on_grid(&self, step: Option<Timestamp>) -> Option<Timestamp> {
        match (self.steps, step) {
            (Some(steps), Some(step)) => Some(steps.start_of(step)),
            _ => None,
        }
    }
}

/// Whether a rule looks at counted requests.
pub(crate) fn is_of_activity(rule: Rule) -> bool {
    match rule {
        Rule::Requests(_)
        | Rule::Flag(_)
        | Rule::Share(_)
        | Rule::Downloaded
        | Rule::Uploaded
        | Rule::Retrieval
        | Rule::Ingest => true,
        Rule::Latency { .. }
        | Rule::Sizes(_)
        | Rule::UniqueKeys
        | Rule::Stored(_)
        | Rule::Kept(_)
        | Rule::LifecycleRules => false,
    }
}

/// Whose sizes a rule sums.
pub(crate) fn flow_of(rule: Rule) -> Option<Flow> {
    match rule {
        Rule::Downloaded => Some(Flow::Sent),
        Rule::Uploaded => Some(Flow::Written),
        _ => None,
    }
}

/// Narrows a filter to these statuses. False when nothing is left of it.
fn only(filter: &mut RecordFilter, statuses: StatusFilter) -> bool {
    if filter.statuses.is_empty() {
        filter.statuses.push(statuses);
        return true;
    }
    filter.statuses.retain_mut(|span| {
        span.from = span.from.max(statuses.from);
        span.to = span.to.min(statuses.to);
        span.from <= span.to
    });
    !filter.statuses.is_empty()
}

async fn busiest(lake: &Lake, filter: &RecordFilter, by: By, groups: usize) -> Result<Narrowed, LakeError> {
    let top = lake
        .top(&TopAsk {
            filter: filter.clone(),
            dimension: by.dimension(),
            by: Measure::Requests,
            limit: groups,
        })
        .await?;
    let values: Vec<String> = top.rows.into_iter().map(|row| row.value).collect();
    let filters = narrow(filter, by, &values);
    let shown = if by == By::Ip { values.len() } else { filters.len() };
    let mut narrowed = Narrowed {
        filters,
        values,
        truncated: top.distinct > u64::try_from(shown).unwrap_or(u64::MAX),
    };
    if by == By::Requester && filter.requester.is_none() {
        narrowed.filters.push(RecordFilter {
            requester: Some(String::new()),
            ..filter.clone()
        });
        narrowed.values.push(by.of_group(None));
    }
    Ok(narrowed)
}

/// Filters that together let through what has one of the values, and little else.
fn narrow(filter: &RecordFilter, by: By, values: &[String]) -> Vec<RecordFilter> {
    let each = |change: fn(&mut RecordFilter, &str) -> bool| {
        let filters = values.iter().filter_map(|value| {
            let mut filter = filter.clone();
            change(&mut filter, value).then_some(filter)
        });
        filters.collect()
    };
    match by {
        By::Ip => {
            let networks = values.iter().filter_map(|ip| ip.parse::<std::net::IpAddr>().ok());
            let ips: Vec<_> = networks.map(|ip| IpFilter::Network(ip.into())).collect();
            if ips.is_empty() {
                return Vec::new();
            }
            vec![RecordFilter {
                ips,
                ..filter.clone()
            }]
        }
        By::Key => each(|filter, key| {
            filter.key = key.parse().ok();
            filter.key.is_some()
        }),
        By::Requester => each(|filter, requester| {
            filter.requester = Some(requester.to_owned());
            true
        }),
        // Without a folder there is nothing to narrow by.
        By::Prefix => each(|filter, prefix| {
            if !prefix.ends_with('/') {
                return false;
            }
            let known = filter.key_prefix.clone().unwrap_or_default();
            if !known.starts_with(prefix) {
                filter.key_prefix = Some(prefix.to_owned());
            }
            true
        }),
        _ => vec![filter.clone()],
    }
}

/// How many different keys were read with success in each step.
pub(crate) async fn unique_keys(
    lake: &Lake,
    filter: &RecordFilter,
    steps: Steps,
) -> Result<Vec<(Timestamp, u64)>, LakeError> {
    let mut days = Vec::new();
    for start in steps.starts() {
        let mut filter = RecordFilter {
            requests_only: true,
            period: steps.within(start),
            ..filter.clone()
        };
        if filter.operations.is_empty() {
            filter.exact_operations = READS.iter().map(|&read| read.to_owned()).collect();
        }
        if only(&mut filter, SUCCESSES) {
            days.push((start, lake.distinct(&filter, By::Key.dimension()).await?));
        }
    }
    Ok(days)
}

/// Everything before this moment is known; none when the whole period is.
pub(crate) async fn known_until(
    lake: &Lake,
    bucket: Option<&BucketName>,
    steps: Steps,
    complete: bool,
) -> Result<Option<Timestamp>, LakeError> {
    let period = steps.period();
    let (Some(from), false) = (period.from, complete) else {
        return Ok(None);
    };
    let starts: Vec<_> = steps.starts().collect();
    // How many steps from the beginning on are complete: once one is not, none behind it is.
    let (mut known, mut unknown) = (0, starts.len());
    while known < unknown {
        let middle = known + (unknown - known) / 2;
        let Some(&start) = starts.get(middle) else { break };
        let until = TimeRange {
            from: Some(from),
            to: steps.within(start).to,
        };
        if lake.coverage(bucket, until).await?.complete {
            known = middle + 1;
        } else {
            unknown = middle;
        }
    }
    Ok(Some(starts.get(known).copied().unwrap_or(from).max(from)))
}
