//! What mission control answers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::MissionEvent;
use super::minutes::{Minutes, Total, sum};

/// Rows of each list.
const ROWS: usize = 10;
/// A day: the longest window.
const DAY: u64 = 24 * 60;

/// How requests fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissionStatus {
    /// All is well.
    Healthy,
    /// 1 % of the requests of the last five minutes or more failed with 5xx, or their 95th percentile is above 5 s.
    Degraded,
    /// 5 % or more, or above 10 s.
    Down,
}

/// Mission control.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MissionReport {
    /// How requests fare.
    pub status: MissionStatus,
    /// Seconds since the start.
    pub uptime_seconds: u64,
    /// The last minutes.
    pub now: Now,
    /// Who asks.
    pub users: Users,
    /// The routes of the last 60 minutes, ten of each.
    pub top_endpoints: TopRoutes,
    /// What happened last, oldest first.
    pub events: Vec<MissionEvent>,
}

/// The last minutes, exact to the second. Requests for mission control itself don't count.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Now {
    /// Requests of the last minute.
    pub req_per_min_1m: f64,
    /// Requests of the last five minutes, by minute.
    pub req_per_min_5m: f64,
    /// Median latency of the last five minutes, in milliseconds.
    pub p50_latency_5m: f64,
    /// 95th percentile, in milliseconds.
    pub p95_latency_5m: f64,
    /// Share of answers with 5xx, 0 to 100.
    pub error_5xx_rate_5m: f64,
    /// Share of answers with 4xx, 0 to 100.
    pub error_4xx_rate_5m: f64,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Users {
    /// Different values of `X-Session-Id` in the last 30 minutes.
    pub unique_sessions_30m: usize,
}

/// The routes of the last 60 minutes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TopRoutes {
    /// Those asked for most.
    pub by_volume: Vec<RouteVolume>,
    /// Those that took longest.
    pub slowest: Vec<SlowRoute>,
    /// Those that failed most.
    pub error_prone: Vec<ErrorProneRoute>,
}

/// A route by its requests.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RouteVolume {
    /// Its template.
    pub route: String,
    /// Its requests.
    pub count: u64,
    /// By minute.
    pub req_per_min: f64,
}

/// A route by its latency.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SlowRoute {
    /// Its template.
    pub route: String,
    /// 95th percentile, in milliseconds.
    pub p95_latency_ms: f64,
    /// Its requests.
    pub count: u64,
}

/// A route by its errors.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ErrorProneRoute {
    /// Its template.
    pub route: String,
    /// Answers with 5xx.
    pub error_5xx_count: u64,
    /// Its requests.
    pub total_requests: u64,
    /// Share of answers with 5xx, 0 to 100.
    pub error_5xx_rate: f64,
}

/// Requests over time. Place `n` of each list belongs to the same step; steps are half-open and begin at multiples of their length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Timeseries {
    /// How long a step is.
    pub resolution_seconds: u64,
    /// When each step begins, in seconds since 1970, oldest first.
    pub timestamps: Vec<u64>,
    /// Requests, by minute. The running step divides by the time that has passed of it.
    pub requests_per_min: Vec<f64>,
    /// Answers with 5xx, by minute.
    pub errors_5xx_per_min: Vec<f64>,
    /// 95th percentile of the latency in milliseconds; 0 where there was no request.
    pub p95_latency_ms: Vec<f64>,
}

pub(super) fn report(
    minutes: &Minutes,
    second: u64,
    uptime: Duration,
    events: Vec<MissionEvent>,
) -> MissionReport {
    let five = minutes.last_seconds(second, 300);
    let p95 = five.percentile_ms(95);
    let errors = five.server_error_percent();
    MissionReport {
        status: match (errors, p95) {
            (errors, p95) if errors >= 5.0 || p95 > 10_000.0 => MissionStatus::Down,
            (errors, p95) if errors >= 1.0 || p95 > 5_000.0 => MissionStatus::Degraded,
            _ => MissionStatus::Healthy,
        },
        uptime_seconds: uptime.as_secs(),
        now: Now {
            req_per_min_1m: per_minute(minutes.last_seconds(second, 60).requests, 60),
            req_per_min_5m: per_minute(five.requests, 300),
            p50_latency_5m: rounded(five.percentile_ms(50)),
            p95_latency_5m: rounded(p95),
            error_5xx_rate_5m: rounded(errors),
            error_4xx_rate_5m: rounded(five.client_error_percent()),
        },
        users: Users {
            unique_sessions_30m: minutes.sessions(second),
        },
        top_endpoints: top(minutes.routes(second)),
        events,
    }
}

fn top(routes: BTreeMap<&str, Total>) -> TopRoutes {
    let mut routes: Vec<(&str, Total, f64)> = routes
        .into_iter()
        .map(|(route, counts)| {
            let p95 = counts.percentile_ms(95);
            (route, counts, p95)
        })
        .collect();
    routes.sort_by_key(|(_, counts, _)| Reverse(counts.requests));
    let by_volume = routes.iter().take(ROWS).map(|(route, counts, _)| RouteVolume {
        route: (*route).to_owned(),
        count: counts.requests,
        req_per_min: per_minute(counts.requests, 3_600),
    });
    let by_volume = by_volume.collect();
    routes.sort_by(|a, b| b.2.total_cmp(&a.2));
    let slowest = routes.iter().take(ROWS).map(|(route, counts, p95)| SlowRoute {
        route: (*route).to_owned(),
        p95_latency_ms: rounded(*p95),
        count: counts.requests,
    });
    let slowest = slowest.collect();
    routes.retain(|(_, counts, _)| counts.server_errors > 0);
    routes.sort_by(|a, b| b.1.server_error_percent().total_cmp(&a.1.server_error_percent()));
    let error_prone = routes
        .iter()
        .take(ROWS)
        .map(|(route, counts, _)| ErrorProneRoute {
            route: (*route).to_owned(),
            error_5xx_count: counts.server_errors,
            total_requests: counts.requests,
            error_5xx_rate: rounded(counts.server_error_percent()),
        });
    TopRoutes {
        by_volume,
        slowest,
        error_prone: error_prone.collect(),
    }
}

pub(super) fn timeseries(
    minutes: &Minutes,
    second: u64,
    window: Duration,
    resolution: Duration,
) -> Timeseries {
    let step = (resolution.as_secs() / 60).clamp(1, DAY);
    let window = (window.as_secs() / 60).clamp(step, DAY);
    let running = second / 60 / step;
    let steps = window.div_ceil(step);
    let mut series = Timeseries {
        resolution_seconds: step * 60,
        ..Timeseries::default()
    };
    for place in (running + 1).saturating_sub(steps)..=running {
        let (from, to) = (place * step, (place + 1) * step);
        let counts = sum(minutes.between(from, to).map(|minute| &minute.all));
        let length = (to * 60).min(second + 1).saturating_sub(from * 60).max(1);
        series.timestamps.push(from * 60);
        series.requests_per_min.push(per_minute(counts.requests, length));
        series
            .errors_5xx_per_min
            .push(per_minute(counts.server_errors, length));
        series.p95_latency_ms.push(rounded(counts.percentile_ms(95)));
    }
    series
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no sixteen digits")]
fn per_minute(count: u64, seconds: u64) -> f64 {
    rounded(count as f64 * 60.0 / seconds as f64)
}

/// Two decimals.
fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}
