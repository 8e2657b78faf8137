//! What of the traffic makes an anomaly.
//!
//! The anomalous hours are compared with the other hours of the question: what each value of a dimension would have had, if the
//! traffic had been made of the same parts, and what it had.

use std::collections::HashMap;

use serde::Serialize;
use spacewatch_lake::{Dimension, Lake, LakeError, Measure, RecordFilter, StatusFilter, Top, TopAsk, TopRow};
use spacewatch_model::TimeRange;
use utoipa::ToSchema;

use super::figures::{numbers, uploaded};
use super::tell::slow;
use super::{Anomaly, AnomalyMetric};
use crate::SearchLogsArgs;
use crate::logs::Given;
use crate::metrics::UPLOADS;

/// Values of a dimension looked at.
const VALUES: usize = 10_000;
/// What one value must make of the excess to explain it.
const EXPLAINS: f64 = 50.0;

/// What is looked at.
const DIMENSIONS: [(&str, Dimension); 5] = [
    ("operation", Dimension::Operation),
    ("address", Dimension::RemoteIp),
    ("requester", Dimension::Requester),
    ("prefix", Dimension::Prefix { depth: 1 }),
    ("status", Dimension::Status),
];

/// The value of a dimension that makes most of an anomaly.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AnomalyExplanation)]
pub struct Explanation {
    /// `operation`, `address`, `requester`, `prefix` or `status`.
    pub dimension: String,
    /// The value.
    pub value: String,
    /// How much of it there was in the anomalous hours: requests, or bytes.
    pub seen: u64,
    /// How much there would have been, had the traffic been made of the same parts as in the other hours of the period.
    pub expected: u64,
    /// Percent of the excess (or of what is missing) that this value makes; others may make it smaller, so it can exceed 100.
    pub share_percent: f64,
    /// It makes at least half of it.
    pub explains: bool,
}

/// The records that a metric counts.
fn counted(filter: &RecordFilter, metric: AnomalyMetric, slower: Option<u64>) -> RecordFilter {
    let statuses = |from, to| RecordFilter {
        statuses: vec![StatusFilter { from, to }],
        ..filter.clone()
    };
    match metric {
        AnomalyMetric::Requests | AnomalyMetric::BytesSent => filter.clone(),
        AnomalyMetric::ClientErrors => statuses(400, 499),
        AnomalyMetric::ServerErrors => statuses(500, 599),
        AnomalyMetric::BytesUploaded => uploaded(filter),
        AnomalyMetric::FirstByteP95 | AnomalyMetric::TotalP95 => RecordFilter {
            min_total_ms: slower,
            ..filter.clone()
        },
    }
}

/// Explains anomalies of one window.
pub(super) struct Explainer<'a> {
    lake: &'a Lake,
    /// The records of the window.
    filter: &'a RecordFilter,
    /// What the whole window holds, by metric, threshold and dimension: the same for all anomalies of a metric.
    whole: HashMap<(AnomalyMetric, Option<u64>, &'static str), Top>,
}

impl<'a> Explainer<'a> {
    pub(super) fn new(lake: &'a Lake, filter: &'a RecordFilter) -> Self {
        Self {
            lake,
            filter,
            whole: HashMap::new(),
        }
    }

    /// The value of each dimension that makes most of the anomaly, the largest share first.
    pub(super) async fn explanations(&mut self, anomaly: &Anomaly) -> Result<Vec<Explanation>, LakeError> {
        let mut found = Vec::new();
        let slower = slow(anomaly);
        let span = seen_period(anomaly);
        for (name, dimension) in DIMENSIONS {
            let key = (anomaly.metric, slower, name);
            if !self.whole.contains_key(&key) {
                let whole = self
                    .top((anomaly.metric, slower), self.filter.period, dimension)
                    .await?;
                self.whole.insert(key, whole);
            }
            let seen = self.top((anomaly.metric, slower), span, dimension).await?;
            if let Some(whole) = self.whole.get(&key) {
                found.extend(self.most(anomaly, name, &seen, whole));
            }
        }
        found.sort_by(|a, b| b.share_percent.total_cmp(&a.share_percent));
        Ok(found)
    }

    async fn top(
        &self,
        (metric, slower): (AnomalyMetric, Option<u64>),
        period: TimeRange,
        dimension: Dimension,
    ) -> Result<Top, LakeError> {
        let ask = TopAsk {
            filter: RecordFilter {
                period,
                ..counted(self.filter, metric, slower)
            },
            dimension,
            by: measure(metric),
            limit: VALUES,
        };
        self.lake.top(&ask).await
    }

    #[expect(clippy::cast_precision_loss, reason = "shares are rounded anyway")]
    fn most(&self, anomaly: &Anomaly, name: &str, seen: &Top, whole: &Top) -> Option<Explanation> {
        let metric = anomaly.metric;
        let seen_all = all_of(metric, seen);
        let rest_all = all_of(metric, whole).saturating_sub(seen_all) as f64;
        let hours = |period: TimeRange| numbers(period).count() as f64;
        let span = hours(seen_period(anomaly));
        let usual = match metric {
            AnomalyMetric::Requests | AnomalyMetric::BytesSent => anomaly.usual * span,
            // What is usual there is a rate, or a time: then the other hours say how many of them there are.
            _ => rest_all * span / (hours(self.filter.period) - span).max(1.0),
        };
        let excess = seen_all as f64 - usual;
        if excess.abs() < 1.0 {
            return None;
        }
        let scale = if rest_all > 0.0 { usual / rest_all } else { 0.0 };
        let in_span: HashMap<&str, u64> = seen
            .rows
            .iter()
            .map(|row| (row.value.as_str(), value_of(metric, row)))
            .collect();
        let parts = whole.rows.iter().map(|row| {
            let seen = in_span.get(row.value.as_str()).copied().unwrap_or(0);
            let expected = value_of(metric, row).saturating_sub(seen) as f64 * scale;
            (row, seen, expected, (seen as f64 - expected) / excess)
        });
        let (row, seen, expected, share) = parts.max_by(|a, b| a.3.total_cmp(&b.3))?;
        let share_percent = (share * 1000.0).round() / 10.0;
        (share_percent > 0.0).then(|| Explanation {
            dimension: name.to_owned(),
            value: row.value.clone(),
            seen,
            expected: whole_number(expected),
            share_percent,
            explains: share_percent >= EXPLAINS,
        })
    }
}

fn seen_period(anomaly: &Anomaly) -> TimeRange {
    TimeRange {
        from: Some(anomaly.from),
        to: Some(anomaly.to),
    }
}

fn measure(metric: AnomalyMetric) -> Measure {
    match metric {
        AnomalyMetric::BytesSent => Measure::BytesSent,
        _ => Measure::Requests,
    }
}

fn value_of(metric: AnomalyMetric, row: &TopRow) -> u64 {
    match metric {
        AnomalyMetric::BytesSent => row.bytes_sent,
        _ => row.requests,
    }
}

fn all_of(metric: AnomalyMetric, top: &Top) -> u64 {
    match metric {
        AnomalyMetric::BytesSent => top.bytes_sent,
        _ => top.requests,
    }
}

/// How many records fit.
pub(super) async fn records(lake: &Lake, filter: RecordFilter) -> Result<u64, LakeError> {
    let ask = TopAsk {
        filter,
        dimension: Dimension::Bucket,
        by: Measure::Requests,
        limit: 1,
    };
    Ok(lake.top(&ask).await?.requests)
}

/// What to ask for to see what a metric counts.
pub(super) fn search(metric: AnomalyMetric, slower: Option<u64>) -> SearchLogsArgs {
    let mut query = SearchLogsArgs {
        requests_only: true,
        ..SearchLogsArgs::default()
    };
    match metric {
        AnomalyMetric::Requests | AnomalyMetric::BytesSent => {}
        AnomalyMetric::ClientErrors => query.status = given("4xx"),
        AnomalyMetric::ServerErrors => query.status = given("5xx"),
        AnomalyMetric::BytesUploaded => {
            query.operation = given(&UPLOADS.join(","));
            query.status = given("2xx");
        }
        AnomalyMetric::FirstByteP95 | AnomalyMetric::TotalP95 => {
            query.min_ms = slower
                .map(|slower| given(&slower.to_string()))
                .unwrap_or_default();
        }
    }
    query
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion that saturates"
)]
pub(super) fn whole_number(value: f64) -> u64 {
    value.round() as u64
}

/// Narrows a search to what explains an anomaly.
pub(super) fn narrow(query: &mut SearchLogsArgs, by: &Explanation) {
    let value = by.value.as_str();
    match by.dimension.as_str() {
        "operation" => query.operation = given(value),
        "address" => query.ip = given(value),
        "requester" => query.requester = given(value),
        "prefix" => query.key_prefix = given(value),
        _ => query.status = given(value),
    }
}

/// What can't stand in a search narrows nothing.
fn given<T: std::str::FromStr>(value: &str) -> Given<T> {
    value.parse().unwrap_or_default()
}
