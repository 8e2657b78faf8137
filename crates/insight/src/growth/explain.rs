//! What of the traffic makes a change.

use std::collections::HashMap;

use futures::future::try_join_all;
use futures::try_join;
use jiff::Timestamp;
use serde::Serialize;
use spacewatch_lake::{ActivityAsk, Dimension, Lake, RecordFilter, StatusFilter, TopAsk};
use spacewatch_model::TimeRange;
use utoipa::ToSchema;

use super::amounts::{percent, signed};
use super::flows::{measure, requests};
use super::{GrowthArgs, GrowthMetric};
use crate::ToolError;
use crate::metrics::UPLOADS;

/// Values of a dimension looked at.
const VALUES: usize = 10_000;
/// Fewer percent of a change explain nothing.
const LEAST_SHARE: f64 = 10.0;
const DAY_SECONDS: f64 = 86_400.0;

/// Deletions, one by one or many at once.
const DELETIONS: [&str; 2] = ["REST.DELETE.OBJECT", "BATCH.DELETE.OBJECT"];
const SUCCESSES: StatusFilter = StatusFilter { from: 200, to: 299 };

/// What makes a part of a change.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GrowthExplanation {
    /// What was counted.
    pub counted: GrowthExplainedBy,
    /// `prefix`, `requester` or `address`.
    pub dimension: &'static str,
    /// The value.
    pub value: String,
    /// How much of it there was in a day before.
    pub before_per_day: i64,
    /// How much of it there is in a day since.
    pub after_per_day: i64,
    /// Percent of the whole difference that this value makes; others may make it smaller, so it can exceed 100.
    pub share_percent: f64,
}

/// What an explanation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrowthExplainedBy {
    /// Bytes of objects and parts uploaded.
    BytesUploaded,
    /// Uploads.
    Uploads,
    /// Deletions.
    Deletions,
    /// Requests.
    Requests,
    /// Bytes sent.
    BytesSent,
}

/// The times that are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    pub(super) from: Timestamp,
    /// The change.
    pub(super) at: Timestamp,
    pub(super) to: Timestamp,
}

impl Beside {
    fn before(self) -> TimeRange {
        TimeRange {
            from: Some(self.from),
            to: Some(self.at),
        }
    }

    fn after(self) -> TimeRange {
        TimeRange {
            from: Some(self.at),
            to: Some(self.to),
        }
    }
}

/// A day's worth of each value.
type PerDay = HashMap<String, f64>;

/// The value of each dimension that makes most of a change, the largest share first.
pub(super) async fn explain(
    lake: &Lake,
    (metric, args): (GrowthMetric, &GrowthArgs),
    beside: Beside,
) -> Result<Vec<GrowthExplanation>, ToolError> {
    let dimensions = [
        (
            "prefix",
            Dimension::Prefix {
                depth: args.depth.unwrap_or(1),
            },
        ),
        ("requester", Dimension::Requester),
        ("address", Dimension::RemoteIp),
    ];
    let counted: &[GrowthExplainedBy] = match metric {
        GrowthMetric::SizeBytes => &[GrowthExplainedBy::BytesUploaded, GrowthExplainedBy::Deletions],
        GrowthMetric::ObjectCount => &[GrowthExplainedBy::Uploads, GrowthExplainedBy::Deletions],
        GrowthMetric::Requests => &[GrowthExplainedBy::Requests],
        GrowthMetric::BytesSent => &[GrowthExplainedBy::BytesSent],
    };
    let asked = counted
        .iter()
        .flat_map(|counted| dimensions.map(|dimension| (*counted, dimension)))
        .map(|asked| of_dimension(lake, args, asked, beside));
    let found = try_join_all(asked).await?;
    let mut found: Vec<GrowthExplanation> = found.into_iter().flatten().collect();
    found.sort_by(|a, b| b.share_percent.total_cmp(&a.share_percent));
    Ok(found)
}

/// The value of one dimension that makes most of it.
async fn of_dimension(
    lake: &Lake,
    args: &GrowthArgs,
    (counted, (name, dimension)): (GrowthExplainedBy, (&'static str, Dimension)),
    beside: Beside,
) -> Result<Option<GrowthExplanation>, ToolError> {
    let filter = |period| counted.filter(requests(args.bucket.name(), period));
    let (before, after) = try_join!(
        counted.per_day(lake, filter(beside.before()), dimension),
        counted.per_day(lake, filter(beside.after()), dimension),
    )?;
    Ok(most((counted, name), &before, &after))
}

impl GrowthExplainedBy {
    fn filter(self, filter: RecordFilter) -> RecordFilter {
        let only = |operations: &[&str]| RecordFilter {
            exact_operations: operations.iter().map(|&name| name.to_owned()).collect(),
            statuses: vec![SUCCESSES],
            ..filter.clone()
        };
        match self {
            Self::BytesUploaded | Self::Uploads => only(UPLOADS),
            // A line for each object of a deletion of many is no request of its own.
            Self::Deletions => RecordFilter {
                requests_only: false,
                ..only(&DELETIONS)
            },
            Self::Requests | Self::BytesSent => filter,
        }
    }

    async fn per_day(
        self,
        lake: &Lake,
        filter: RecordFilter,
        dimension: Dimension,
    ) -> Result<PerDay, ToolError> {
        let seconds = match (filter.period.from, filter.period.to) {
            (Some(from), Some(to)) => to.duration_since(from).as_secs_f64(),
            _ => 0.0,
        };
        if seconds <= 0.0 {
            return Ok(PerDay::new());
        }
        let a_day = |value: u64| super::amounts::amount(value) * DAY_SECONDS / seconds;
        if self == Self::BytesUploaded {
            let ask = ActivityAsk {
                filter,
                step: None,
                by: Some(dimension),
                extremes: false,
            };
            let mut sums = PerDay::new();
            for row in lake.activity(&ask).await? {
                *sums.entry(row.group.unwrap_or_default()).or_default() += a_day(row.object_bytes);
            }
            return Ok(sums);
        }
        let metric = match self {
            Self::BytesSent => GrowthMetric::BytesSent,
            _ => GrowthMetric::Requests,
        };
        let by = measure(metric);
        let top = lake
            .top(&TopAsk {
                filter,
                dimension,
                by,
                limit: VALUES,
            })
            .await?;
        let rows = top.rows.into_iter().map(|row| {
            let value = if self == Self::BytesSent {
                row.bytes_sent
            } else {
                row.requests
            };
            (row.value, a_day(value))
        });
        Ok(rows.collect())
    }
}

/// The value that makes most of the difference.
fn most(
    (counted, dimension): (GrowthExplainedBy, &'static str),
    before: &PerDay,
    after: &PerDay,
) -> Option<GrowthExplanation> {
    let sum = |values: &PerDay| values.values().sum::<f64>();
    let whole = sum(after) - sum(before);
    let names = before
        .keys()
        .chain(after.keys().filter(|name| !before.contains_key(*name)));
    let parts = names.map(|name| {
        let value = |values: &PerDay| values.get(name).copied().unwrap_or(0.0);
        (name, value(before), value(after))
    });
    let share = |(_, before, after): &(&String, f64, f64)| (after - before) / whole;
    let found = parts.max_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| b.0.cmp(a.0)))?;
    let share_percent = percent(found.2 - found.1, whole)?;
    (share_percent >= LEAST_SHARE).then(|| GrowthExplanation {
        counted,
        dimension,
        value: found.0.clone(),
        before_per_day: signed(found.1),
        after_per_day: signed(found.2),
        share_percent,
    })
}
