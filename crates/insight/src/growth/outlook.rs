//! What comes next.

use jiff::Timestamp;
use serde::Serialize;
use spacewatch_forecast::{Ask, FARTHEST, Forecast, LEAST_KNOWN, Reach, Unforecastable, forecast};
use spacewatch_model::{ByteSize, ErrorCode};
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::amounts::{amount, whole};
use super::grid::{Grid, Line};
use super::{CONFIDENCE, DAYS, GrowthArgs, GrowthMetric, LEAST_CONFIDENCE, MAX_CONFIDENCE, MAX_DAYS, metric};
use crate::cost::{Month, price_list};
use crate::{Limit, Tenant, ToolError};

/// Fewer known hours tell no day.
const LEAST_HOURS: usize = 48;

/// What comes next, step by step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GrowthForecast {
    /// How often an interval should hold the truth, in percent.
    pub confidence_percent: usize,
    /// The steps to come.
    pub points: Vec<ForecastPoint>,
    /// The seasons that were seen: `day`, `week`.
    pub seasons: Vec<&'static str>,
    /// At how many moments of the past the same forecast was made, to see how far off it is.
    pub tested_at: usize,
    /// Over how many steps behind those moments.
    pub tested_steps: usize,
    /// What that made the model's own intervals wider by, as a factor.
    pub widened: f64,
}

/// A step to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = GrowthForecastPoint)]
pub struct ForecastPoint {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub ts: Timestamp,
    /// The likeliest value: what is stored at its end, or what happens in it.
    pub value: u64,
    /// The interval's lower end.
    pub lower: u64,
    /// The interval's upper end.
    pub upper: u64,
}

/// When a value is reached. Each moment is the beginning of the step in which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrowthReach {
    /// The value.
    pub value: u64,
    /// Whether it is.
    pub outcome: ReachOutcome,
    /// Where it is already: the step of the past in which it was reached, as far as the past is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// If all comes as the interval's upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub earliest: Option<Timestamp>,
    /// The likeliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub likely: Option<Timestamp>,
    /// If all comes as the interval's lower end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub latest: Option<Timestamp>,
    /// The end of the forecast: a moment that is absent lies behind it, if there is one at all.
    #[schema(value_type = String, format = DateTime)]
    pub looked_until: Timestamp,
}

/// Whether a value is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReachOutcome {
    /// It is already.
    Reached,
    /// It likely will be, within the forecast.
    Expected,
    /// It may be, within the forecast, but likely not.
    Possible,
    /// Not within the forecast.
    NotWithin,
}

/// What the monthly price covers, and when it is used up.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GrowthAllowance {
    /// Of which price list.
    pub price_list: String,
    /// What it covers, in bytes: stored all month, or sent in a month.
    pub bytes: u64,
    /// What is used of it: stored now, or sent since the beginning of the month as far as the log is complete.
    pub used_bytes: u64,
    /// When it is used up. What is sent counts anew with each month, so only until the end of this one.
    pub ends: GrowthReach,
}

/// What is told of the future.
#[derive(Default)]
pub(super) struct Outlook {
    pub(super) forecast: Option<GrowthForecast>,
    pub(super) no_forecast: Option<String>,
    pub(super) reaches: Option<GrowthReach>,
    pub(super) allowance: Option<GrowthAllowance>,
    pub(super) notes: Vec<String>,
}

impl Outlook {
    pub(super) async fn of(tenant: &Tenant, args: &GrowthArgs, line: &Line) -> Result<Self, ToolError> {
        let days = Limit::rows(args.days, DAYS, MAX_DAYS);
        let confidence = Limit::rows(args.confidence, CONFIDENCE, MAX_CONFIDENCE).max(LEAST_CONFIDENCE);
        let horizon = days.saturating_mul(line.grid.steps_a_day());
        // A dozen models are fitted: no thread that others' requests wait for is kept busy with it.
        let past = line.clone();
        let told = spawn_blocking(move || told(&past, horizon, confidence)).await;
        let told = told.map_err(|error| ToolError::new(ErrorCode::Internal, error.to_string()))?;
        let told = match told {
            Ok(told) => told,
            Err(why) => {
                return Ok(Self {
                    no_forecast: Some(why),
                    ..Self::default()
                });
            }
        };
        let future = Future {
            grid: line.grid,
            told: &told,
        };
        let now = line.values.iter().flatten().last().copied().unwrap_or(0.0);
        let reaches = args.reach.get().map(|ByteSize(value)| {
            let reach = future.reach(*value, amount(*value) <= now, told.reaches(amount(*value)));
            since(reach, holds_since(line, amount(*value)))
        });
        let mut notes = Vec::new();
        if told.steps.len() < horizon {
            notes.push(format!(
                "the forecast ends after {}: it reaches {FARTHEST} times as far as the past is known",
                steps_of(line.grid, told.steps.len())
            ));
        }
        if line.grid.is_hourly() {
            notes.push(format!(
                "fewer than {LEAST_KNOWN} days are known, so hours are told: of a week, or of a trend that is slower, they tell nothing"
            ));
        }
        Ok(Self {
            forecast: Some(future.points(confidence)),
            no_forecast: None,
            reaches,
            allowance: allowance(tenant, args, line, &future)?,
            notes,
        })
    }
}

fn told(line: &Line, horizon: usize, confidence: usize) -> Result<Forecast, String> {
    let known = line.known();
    let unit = if line.grid.is_hourly() { "hours" } else { "days" };
    let needed = format!("{LEAST_KNOWN} days or {LEAST_HOURS} hours are needed");
    if line.grid.is_hourly() && known < LEAST_HOURS {
        return Err(format!(
            "the past is too short: {known} {unit} are known, {needed}"
        ));
    }
    let seasons: &[usize] = if line.grid.is_hourly() { &[24] } else { &[7] };
    let ask = Ask {
        values: &line.values,
        seasons,
        horizon,
        confidence: amount(confidence as u64) / 100.0,
    };
    forecast(&ask).map_err(|error| match error {
        Unforecastable::TooShort { .. } => {
            format!("the past is too short: {known} {unit} are known, {needed}")
        }
        Unforecastable::TooManyGaps { missing, steps } => {
            format!("the past has too many gaps: nothing is known of {missing} of {steps} {unit}")
        }
        Unforecastable::NoModel => "no trend fits the past".to_owned(),
    })
}

fn steps_of(grid: Grid, steps: usize) -> String {
    let unit = if grid.is_hourly() { "hours" } else { "days" };
    format!("{steps} {unit}")
}

/// A forecast with its moments.
struct Future<'a> {
    grid: Grid,
    told: &'a Forecast,
}

impl Future<'_> {
    fn start(&self, step: usize) -> Timestamp {
        self.grid.start(self.grid.length().saturating_add(step))
    }

    fn points(&self, confidence_percent: usize) -> GrowthForecast {
        let points = self
            .told
            .steps
            .iter()
            .enumerate()
            .map(|(step, told)| ForecastPoint {
                ts: self.start(step),
                value: whole(told.value),
                lower: whole(told.lower),
                upper: whole(told.upper),
            });
        let name = |season: &usize| match season {
            24 => "day",
            _ => "week",
        };
        GrowthForecast {
            confidence_percent,
            points: points.collect(),
            seasons: self.told.seasons.iter().map(name).collect(),
            tested_at: self.told.tested.origins,
            tested_steps: self.told.tested.steps,
            widened: (self.told.tested.widened * 100.0).round() / 100.0,
        }
    }

    fn reach(&self, value: u64, is_reached: bool, reach: Reach) -> GrowthReach {
        let moment = |step: Option<usize>| step.filter(|_| !is_reached).map(|step| self.start(step));
        GrowthReach {
            value,
            outcome: match (is_reached, reach.likely, reach.earliest) {
                (true, _, _) => ReachOutcome::Reached,
                (false, Some(_), _) => ReachOutcome::Expected,
                (false, None, Some(_)) => ReachOutcome::Possible,
                (false, None, None) => ReachOutcome::NotWithin,
            },
            since: None,
            earliest: moment(reach.earliest),
            likely: moment(reach.likely),
            latest: moment(reach.latest),
            looked_until: self.start(self.told.steps.len()),
        }
    }
}

/// When what the monthly price covers is used up by all buckets together.
fn allowance(
    tenant: &Tenant,
    args: &GrowthArgs,
    line: &Line,
    future: &Future<'_>,
) -> Result<Option<GrowthAllowance>, ToolError> {
    if args.bucket.name().is_some() || !metric(args).is_bytes() {
        return Ok(None);
    }
    let prices = price_list(tenant, None)?;
    let units = match metric(args) {
        GrowthMetric::BytesSent => prices.included_egress,
        _ => prices.included_stored,
    };
    let bytes = units * prices.unit.bytes();
    if bytes <= 0.0 {
        return Ok(None);
    }
    let (used, ends) = match metric(args) {
        GrowthMetric::BytesSent => sent_out(tenant, line, (bytes, future))?,
        _ => {
            let used = line.values.iter().flatten().last().copied().unwrap_or(0.0);
            let reach = future.reach(whole(bytes), used >= bytes, future.told.reaches(bytes));
            (used, since(reach, holds_since(line, bytes)))
        }
    };
    Ok(Some(GrowthAllowance {
        price_list: prices.name.clone(),
        bytes: whole(bytes),
        used_bytes: whole(used),
        ends,
    }))
}

/// What was sent this month, and when the rest of what is covered will be.
fn sent_out(
    tenant: &Tenant,
    line: &Line,
    (bytes, future): (f64, &Future<'_>),
) -> Result<(f64, GrowthReach), ToolError> {
    let month = Month::of(tenant.now()).span()?;
    let (mut used, mut passed) = (0.0, None);
    for ((start, _), value) in line.grid.steps().zip(&line.values) {
        if start >= month.from {
            used += value.unwrap_or(0.0);
            passed = passed.or((used >= bytes).then_some(start));
        }
    }
    let reach = future.told.sum_reaches(bytes - used);
    let in_month = |step: Option<usize>| step.filter(|step| future.start(*step) < month.to);
    let reach = Reach {
        earliest: in_month(reach.earliest),
        likely: in_month(reach.likely),
        latest: in_month(reach.latest),
    };
    let mut ends = future.reach(whole(bytes), used >= bytes, reach);
    ends.looked_until = ends.looked_until.min(month.to);
    Ok((used, since(ends, passed)))
}

/// The same with when it was reached, where it was.
fn since(reach: GrowthReach, moment: Option<Timestamp>) -> GrowthReach {
    GrowthReach {
        since: moment.filter(|_| reach.outcome == ReachOutcome::Reached),
        ..reach
    }
}

/// The step from which on a level has not been below a value any more. Nothing where it was above as far as the past is known.
fn holds_since(line: &Line, value: f64) -> Option<Timestamp> {
    let below = line
        .values
        .iter()
        .rposition(|level| level.is_some_and(|level| level < value))?;
    Some(line.grid.start(below + 1))
}
