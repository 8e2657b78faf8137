//! When it changed its way, and what made it.

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_forecast::{Change, Changes, Jump, changes};
use spacewatch_lake::Lake;
use utoipa::ToSchema;

use super::amounts::{amount, percent, signed};
use super::explain::{self, Beside, GrowthExplanation};
use super::grid::Line;
use super::{GrowthArgs, GrowthMetric};
use crate::ToolError;

/// The newest changes that are told.
const MOST: usize = 5;
/// Steps on each side that are compared to explain one: a week of days, or a day of hours.
const BESIDE_DAYS: usize = 7;
const BESIDE_HOURS: usize = 24;

/// When it changed its way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GrowthChange {
    /// For good, or for one step.
    pub kind: TurnKind,
    /// The step it begins with.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What was usual in a day before. Of what is stored: what it grew by.
    pub before_per_day: i64,
    /// What is usual in a day since; of a step that stands out, what it showed in that step.
    pub after_per_day: i64,
    /// The difference in percent of before; absent where that is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<f64>,
    /// What makes most of it, as the access log tells: by prefix, requester and address. Empty without a log of that time.
    pub explained_by: Vec<GrowthExplanation>,
}

/// How it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// From one way to another.
    Pace,
    /// One step stands out, and then it goes on as before.
    Jump,
}

/// A change on the line, in steps.
#[derive(Debug, Clone, Copy)]
struct Turn {
    kind: TurnKind,
    at: usize,
    until: usize,
    before: f64,
    after: f64,
}

/// Tells the newest changes of a line.
pub(super) async fn tell(
    line: &Line,
    (metric, args): (GrowthMetric, &GrowthArgs),
    lake: Option<&Lake>,
) -> Result<Vec<GrowthChange>, ToolError> {
    let season = if line.grid.is_hourly() { 24 } else { 7 };
    let (values, offset) = match metric.is_level() {
        // What is stored changes its way when it grows by more or by less.
        true => (differences(&line.values), 1),
        false => (line.values.clone(), 0),
    };
    let mut told = Vec::new();
    for turn in turns(changes(&values, season), offset) {
        let explained_by = match lake {
            Some(lake) => explain::explain(lake, (metric, args), beside(line, turn)).await?,
            None => Vec::new(),
        };
        let a_day = match turn.kind {
            TurnKind::Pace => amount(line.grid.steps_a_day() as u64),
            TurnKind::Jump => 1.0,
        };
        told.push(GrowthChange {
            kind: turn.kind,
            at: line.grid.start(turn.at),
            before_per_day: signed(turn.before * a_day),
            after_per_day: signed(turn.after * a_day),
            change_percent: percent(turn.after - turn.before, turn.before.abs()),
            explained_by,
        });
    }
    Ok(told)
}

fn differences(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let pairs = values.windows(2).map(|pair| match pair {
        [Some(before), Some(after)] => Some(after - before),
        _ => None,
    });
    pairs.collect()
}

fn turns(found: Changes, offset: usize) -> Vec<Turn> {
    let pace = |change: Change| Turn {
        kind: TurnKind::Pace,
        at: change.at + offset,
        until: change.until + offset,
        before: change.before,
        after: change.after,
    };
    let jump = |jump: Jump| Turn {
        kind: TurnKind::Jump,
        at: jump.at + offset,
        until: jump.at + offset + 1,
        before: jump.usual,
        after: jump.value,
    };
    let mut turns: Vec<Turn> = found.changes.into_iter().map(pace).collect();
    turns.extend(found.jumps.into_iter().map(jump));
    turns.sort_by_key(|turn| std::cmp::Reverse(turn.at));
    turns.truncate(MOST);
    turns
}

/// The times that are compared: as much before the change as since.
fn beside(line: &Line, turn: Turn) -> Beside {
    let most = match line.grid.is_hourly() {
        true => BESIDE_HOURS,
        false => BESIDE_DAYS,
    };
    let since = (turn.until - turn.at).min(most);
    let before = turn.at.min(since.max(match turn.kind {
        TurnKind::Pace => since,
        TurnKind::Jump => most,
    }));
    Beside {
        from: line.grid.start(turn.at - before),
        at: line.grid.start(turn.at),
        to: line.grid.start(turn.at + since),
    }
}
