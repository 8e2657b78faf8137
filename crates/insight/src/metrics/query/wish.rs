//! Which series are wished for.

use std::collections::BTreeSet;

use spacewatch_model::{ErrorCode, OneLine, SizeClass};

use super::super::catalog::{Metric, Rule, Source, find};
use super::super::class::By;
use super::super::statistic::Statistic;
use super::MetricsQueryArgs;
use crate::ToolError;

const MOST_METRICS: usize = 20;
const MOST_STATISTICS: usize = 10;

/// A series wished for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) metric: &'static Metric,
    pub(super) statistic: Statistic,
}

impl Wish {
    pub(super) fn needs_logs(&self) -> bool {
        self.metric.sources().contains(&Source::AccessLogs)
    }

    /// How many series it becomes for one value of `by`.
    pub(super) fn lines(&self) -> usize {
        match self.metric.rule {
            Rule::Sizes(_) => SizeClass::COUNT,
            _ => 1,
        }
    }

    pub(super) fn needs_listing(&self) -> bool {
        self.metric.sources().contains(&Source::Listing)
    }

    /// Whether it tells of the bucket itself.
    pub(super) fn needs_bucket(&self) -> bool {
        let sources = self.metric.sources();
        sources.iter().any(|source| *source != Source::AccessLogs)
    }
}

pub(super) fn invalid(detail: String) -> ToolError {
    ToolError::new(ErrorCode::InvalidParameter, detail)
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// What is wished for, if all of it can be had.
pub(super) fn wished(args: &MetricsQueryArgs) -> Result<Vec<Wish>, ToolError> {
    let statistics: Vec<Statistic> = list(args.statistic.as_deref().unwrap_or_default())
        .take(MOST_STATISTICS + 1)
        .map(|name| {
            name.parse()
                .map_err(|error| invalid(format!("`statistic` {error}")))
        })
        .collect::<Result<_, _>>()?;
    let names: Vec<_> = list(&args.metric).take(MOST_METRICS + 1).collect();
    if names.is_empty() || names.len() > MOST_METRICS || statistics.len() > MOST_STATISTICS {
        let detail =
            format!("`metric` names 1 to {MOST_METRICS} metrics, `statistic` up to {MOST_STATISTICS}");
        return Err(invalid(detail));
    }
    let mut wished = Vec::new();
    for name in names {
        let metric = find(name).ok_or_else(|| {
            let shown: String = name.chars().take(100).collect();
            invalid(format!("`metric`: there is no `{}`", OneLine(&shown)))
                .with_hint("`/metrics/catalog` lists every metric")
        })?;
        wished.extend(wishes(metric, &statistics, args.by)?);
    }
    Ok(wished)
}

fn wishes(metric: &'static Metric, statistics: &[Statistic], by: Option<By>) -> Result<Vec<Wish>, ToolError> {
    let name = metric.name;
    let default = metric.statistics().first().copied().unwrap_or(Statistic::Average);
    if let Some(by) = by
        && !metric.dimensions().contains(&by)
    {
        return Err(invalid(format!(
            "`by`: `{name}` can't be told apart by `{}`",
            by.as_str()
        )));
    }
    let wish = |&statistic: &Statistic| Wish { metric, statistic };
    let apart = |by: By| {
        let of_one = statistics
            .iter()
            .find(|&&one| metric.allows(one) && !metric.dimensions_of(one).contains(&by));
        of_one.map(|one| (by, one))
    };
    if let Some((by, statistic)) = by.and_then(apart) {
        return Err(invalid(format!(
            "`by`: `{statistic}` of `{name}` can't be told apart by `{}`",
            by.as_str()
        )));
    }
    let mut wished: Vec<_> = statistics
        .iter()
        .filter(|&&one| metric.allows(one))
        .map(wish)
        .collect();
    if wished.is_empty() && !statistics.is_empty() {
        let known: Vec<_> = metric
            .statistics()
            .iter()
            .map(|known| format!("`{known}`"))
            .collect();
        return Err(invalid(format!("`statistic`: `{name}` has {}", known.join(", "))));
    }
    if wished.is_empty() {
        wished.push(wish(&default));
    }
    Ok(wished)
}

/// What the reader should know of these metrics.
pub(super) fn notes(wished: &[Wish]) -> Vec<&'static str> {
    let notes: BTreeSet<_> = wished.iter().filter_map(|wish| wish.metric.note).collect();
    notes.into_iter().collect()
}
