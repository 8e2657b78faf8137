//! Mission control: how all requests fare, for the operator.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use spacewatch_insight::Limit;
use spacewatch_model::{ErrorCode, OneLine};
use spacewatch_telemetry::MissionEvent;
use utoipa::ToSchema;

use crate::admin::Operator;
use crate::app::App;
use crate::operations::json;
use crate::problem::Problem;
use crate::query;

/// Events of one answer, by default and at most.
const EVENTS: i64 = 50;
const MAX_EVENTS: usize = 500;
const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// What `/admin/api/timeseries` takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct TimeseriesQuery {
    /// How far back: `60m` by default, `24h` at most.
    window: Option<String>,
    /// How long a step is, in whole minutes: `1m` by default.
    resolution: Option<String>,
}

/// What `/admin/api/events` takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct EventsQuery {
    /// How many of the last ones: 50 by default, at most 500.
    #[schema(value_type = Option<i64>)]
    limit: Option<Limit>,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventsReport {
    /// The last events, oldest first.
    events: Vec<MissionEvent>,
}

pub(crate) async fn report(_: Operator, State(app): State<Arc<App>>) -> Response {
    json(&app.services.mission.report())
}

pub(crate) async fn timeseries(
    _: Operator,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> Result<Response, Problem> {
    let TimeseriesQuery { window, resolution } = query::parse(uri.query())?;
    let window = length("window", window.as_deref(), HOUR)?;
    let resolution = length("resolution", resolution.as_deref(), MINUTE)?;
    Ok(json(&app.services.mission.timeseries(window, resolution)))
}

pub(crate) async fn events(_: Operator, State(app): State<Arc<App>>, uri: Uri) -> Result<Response, Problem> {
    let EventsQuery { limit } = query::parse(uri.query())?;
    let limit = limit.map_or(EVENTS, |limit| limit.0.max(1));
    let limit = usize::try_from(limit).unwrap_or(MAX_EVENTS).min(MAX_EVENTS);
    Ok(json(&EventsReport {
        events: app.services.mission.events(limit),
    }))
}

/// A length of time as `60m`, `24h` or `90 seconds`.
fn length(name: &str, given: Option<&str>, default: Duration) -> Result<Duration, Problem> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(default);
    };
    let length = text.parse::<SignedDuration>().ok();
    length
        .and_then(|length| Duration::try_from(length).ok())
        .ok_or_else(|| {
            let detail = format!("`{name}` is `{}`, which is no length of time", OneLine(text));
            Problem::new(ErrorCode::InvalidParameter, detail).with_hint("write it as `60m` or `24h`")
        })
}
