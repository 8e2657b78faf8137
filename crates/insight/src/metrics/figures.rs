//! The panel's figures of some requests.

use std::collections::BTreeMap;

use serde::Serialize;
use spacewatch_lake::{Activity, Latency};
use utoipa::ToSchema;

use super::catalog::Rule;
use super::class::{Class, status_class};
use super::facts::{Number, Summary as _, Tally, Times};
use super::statistic::Statistic;

/// What some client requests were and how they ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct TrafficFigures {
    /// How many there were.
    pub requests: u64,
    /// How many of each kind: `get`, `put`, `delete`, `head`, `post`, `list`, `other`.
    pub by_class: BTreeMap<String, u64>,
    /// How many of each HTTP method; `none` where the operation has none.
    pub by_method: BTreeMap<String, u64>,
    /// How many were answered with a status of each hundred: `2xx`.
    pub by_status_class: BTreeMap<String, u64>,
    /// How many were answered with 400 to 499.
    pub errors_4xx: u64,
    /// How many were answered with 500 to 599.
    pub errors_5xx: u64,
    /// Both in percent of all requests.
    pub error_rate_percent: f64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes uploaded, as far as the log tells: see `BytesUploaded` in the catalogue.
    pub bytes_uploaded: u64,
    /// How long it took until the first byte of the answer.
    pub first_byte: Percentiles,
    /// How long it took in all.
    pub total: Percentiles,
}

/// How long requests took, in milliseconds; nearest rank, exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Percentiles {
    /// Requests whose time is known. Without any, the percentiles are 0 and mean nothing.
    pub samples: u64,
    /// Half of the requests took no longer.
    pub p50_ms: u64,
    /// 95 % of the requests took no longer.
    pub p95_ms: u64,
    /// 99 % of the requests took no longer.
    pub p99_ms: u64,
    /// The longest.
    pub max_ms: u64,
}

impl Percentiles {
    pub(crate) fn of(times: &Times) -> Self {
        let at = |statistic| match times.statistic(statistic) {
            Some(Number::Whole(milliseconds)) => milliseconds,
            _ => 0,
        };
        Self {
            samples: times.samples(),
            p50_ms: at(Statistic::P50),
            p95_ms: at(Statistic::P95),
            p99_ms: at(Statistic::P99),
            max_ms: at(Statistic::Maximum),
        }
    }
}

impl TrafficFigures {
    /// Folds what a lake counted by method.
    pub(crate) fn of(activity: &[Activity], first_byte: &[Latency], total: &[Latency]) -> Self {
        let mut figures = Self {
            first_byte: percentiles(first_byte),
            total: percentiles(total),
            ..Self::default()
        };
        let (mut sent, mut uploaded) = (Tally::default(), Tally::default());
        for row in activity.iter().filter(|row| row.is_request) {
            let method = row.group.clone().unwrap_or_else(|| "none".to_owned());
            figures.requests += row.records;
            *figures.by_class.entry(row.category.clone()).or_default() += row.records;
            *figures.by_method.entry(method).or_default() += row.records;
            *figures
                .by_status_class
                .entry(status_class(row.status))
                .or_default() += row.records;
            figures.errors_4xx += if Class::Hundred(4).holds(row) {
                row.records
            } else {
                0
            };
            figures.errors_5xx += if Class::Hundred(5).holds(row) {
                row.records
            } else {
                0
            };
            sent.add(Rule::Downloaded, row);
            uploaded.add(Rule::Uploaded, row);
        }
        figures.bytes_sent = sent.sum;
        figures.bytes_uploaded = uploaded.sum;
        figures.error_rate_percent = percent(figures.errors_4xx + figures.errors_5xx, figures.requests);
        figures
    }
}

/// The part in percent of the whole; nothing of nothing is 0.
pub(crate) fn percent(part: u64, whole: u64) -> f64 {
    Number::percent(part, whole).map_or(0.0, Number::as_f64)
}

fn percentiles(rows: &[Latency]) -> Percentiles {
    let mut times = Times::default();
    rows.iter()
        .for_each(|row| times.add(row.milliseconds, row.requests));
    Percentiles::of(&times)
}
