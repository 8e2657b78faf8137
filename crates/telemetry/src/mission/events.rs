//! What is worth knowing, by rules that look at the last minutes.

use serde::{Deserialize, Serialize};
use spacewatch_model::Timestamp;
use utoipa::ToSchema;

use super::minutes::{Minutes, Total, sum};

/// What is usual is what was in so many minutes before the last five.
const USUAL: u64 = 30;
const RECENT: u64 = 5;
/// So many requests say something about a share or a percentile.
const ENOUGH: u64 = 20;
/// Shares of server errors, in percent, and how bad they are. Over is over only once it fell to four fifths of it.
const ERROR_RATES: [(f64, Severity); 3] = [
    (1.0, Severity::Warning),
    (2.0, Severity::High),
    (5.0, Severity::Disaster),
];
const AGAIN: f64 = 0.8;
/// A 95th percentile that is so many times the usual one, and so many milliseconds more.
const JUMP: f64 = 2.0;
const LARGE_JUMP: f64 = 4.0;
const JUMP_MS: f64 = 200.0;
/// Nothing for so many seconds, where there usually are so many requests a minute.
const SILENCE: u64 = 120;
const BUSY: f64 = 5.0;
/// A minute with so many times the usual requests, and no fewer than this.
const SPIKE: f64 = 3.0;
const SPIKE_REQUESTS: u64 = 60;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// To be looked at.
    Warning,
    /// To be looked at now.
    High,
    /// Users are hurt.
    Disaster,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Requests take longer than usual.
    LatencyJump,
    /// Requests fail.
    ErrorRate,
    /// Requests ceased.
    TrafficStop,
    /// More requests than usual.
    TrafficSpike,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MissionEvent {
    /// When it was noticed, in seconds since 1970.
    pub ts: i64,
    /// How bad it is; `info` where it is over.
    pub severity: Severity,
    /// What kind of thing it is.
    pub kind: EventKind,
    /// In a few words.
    pub title: String,
    /// In a sentence.
    pub details: String,
    /// The figure as it usually is: percent, milliseconds or requests a minute.
    pub metric_before: f64,
    /// The figure now.
    pub metric_after: f64,
}

/// Which conditions hold at this moment, so that each is told once when it begins and once when it ends.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    errors: Option<usize>,
    slow: Option<Severity>,
    silent: bool,
    spiking: bool,
}

/// The figures that rules look at.
struct View {
    recent: Total,
    usual: Total,
    /// Minutes that `usual` is made of.
    usual_minutes: u64,
    last_minute: u64,
    silent: bool,
    ts: Timestamp,
}

impl View {
    fn of(minutes: &Minutes, second: u64, ts: Timestamp) -> Self {
        let minute = second / 60;
        let usual_to = minute.saturating_sub(RECENT);
        let usual: Vec<_> = minutes
            .between(usual_to.saturating_sub(USUAL), usual_to)
            .map(|minute| &minute.all)
            .collect();
        let first = minutes
            .between(0, u64::MAX)
            .next()
            .map_or(minute, |first| first.minute);
        Self {
            recent: minutes.last_seconds(second, RECENT * 60),
            usual_minutes: usual_to.saturating_sub(first).min(USUAL),
            usual: sum(usual.into_iter()),
            last_minute: minutes.last_seconds(second, 60).requests,
            silent: minutes.last_seconds(second, SILENCE).requests == 0,
            ts,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate needs no sixteen digits")]
    fn usual_per_minute(&self) -> f64 {
        if self.usual_minutes == 0 {
            0.0
        } else {
            self.usual.requests as f64 / self.usual_minutes as f64
        }
    }

    fn event(
        &self,
        kind: EventKind,
        severity: Severity,
        (before, after): (f64, f64),
        (title, details): (String, String),
    ) -> MissionEvent {
        let round = |figure: f64| (figure * 100.0).round() / 100.0;
        MissionEvent {
            ts: self.ts.as_second(),
            severity,
            kind,
            title,
            details,
            metric_before: round(before),
            metric_after: round(after),
        }
    }
}

impl Rules {
    pub(crate) fn look(&mut self, minutes: &Minutes, second: u64, ts: Timestamp) -> Vec<MissionEvent> {
        let view = View::of(minutes, second, ts);
        [
            self.errors(&view),
            self.latency(&view),
            self.silence(&view),
            self.spike(&view),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn errors(&mut self, view: &View) -> Option<MissionEvent> {
        let rate = view.recent.server_error_percent();
        let enough = view.recent.requests >= ENOUGH;
        let reached = ERROR_RATES.iter().rposition(|(bar, _)| enough && rate >= *bar);
        let still = self
            .errors
            .and_then(|level| ERROR_RATES.get(level))
            .is_some_and(|(bar, _)| rate >= bar * AGAIN);
        if reached <= self.errors && (still || self.errors.is_none()) {
            return None;
        }
        let before = view.usual.server_error_percent();
        let told = |title: String| {
            let details = format!(
                "{} of {} requests of the last five minutes were answered with 5xx",
                view.recent.server_errors, view.recent.requests
            );
            (title, details)
        };
        self.errors = reached;
        let (severity, title) = match reached.and_then(|level| ERROR_RATES.get(level)) {
            Some((bar, severity)) => (
                *severity,
                format!("{rate:.1} % of requests fail (threshold {bar} %)"),
            ),
            None => (
                Severity::Info,
                format!("{rate:.1} % of requests fail: below every threshold again"),
            ),
        };
        Some(view.event(EventKind::ErrorRate, severity, (before, rate), told(title)))
    }

    fn latency(&mut self, view: &View) -> Option<MissionEvent> {
        if view.recent.requests < ENOUGH || view.usual.requests < ENOUGH {
            return None;
        }
        let (usual, now) = (view.usual.percentile_ms(95), view.recent.percentile_ms(95));
        let by = if usual > 0.0 { now / usual } else { 0.0 };
        let severity = match by {
            by if now - usual < JUMP_MS || by < JUMP => None,
            by if by >= LARGE_JUMP => Some(Severity::High),
            _ => Some(Severity::Warning),
        };
        if severity <= self.slow && !(severity.is_none() && self.slow.is_some()) {
            return None;
        }
        self.slow = severity;
        let title = match severity {
            Some(_) => format!("requests take {by:.1} times as long as usual"),
            None => "requests take as long as usual again".to_owned(),
        };
        let details = format!(
            "95 % of the requests of the last five minutes were answered within {now:.0} ms, of the half hour before within {usual:.0} ms"
        );
        Some(view.event(
            EventKind::LatencyJump,
            severity.unwrap_or(Severity::Info),
            (usual, now),
            (title, details),
        ))
    }

    fn silence(&mut self, view: &View) -> Option<MissionEvent> {
        let usual = view.usual_per_minute();
        let silent = view.silent && (self.silent || usual >= BUSY);
        if silent == self.silent {
            return None;
        }
        self.silent = silent;
        let (severity, title) = if silent {
            (Severity::High, "requests ceased".to_owned())
        } else {
            (Severity::Info, "requests come again".to_owned())
        };
        let details = format!(
            "in the half hour before there were {usual:.1} requests a minute; none came for {SILENCE} s"
        );
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no sixteen digits")]
        let figures = (usual, view.last_minute as f64);
        Some(view.event(EventKind::TrafficStop, severity, figures, (title, details)))
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate needs no sixteen digits")]
    fn spike(&mut self, view: &View) -> Option<MissionEvent> {
        let (usual, now) = (view.usual_per_minute(), view.last_minute as f64);
        let over = view.usual_minutes >= RECENT && view.last_minute >= SPIKE_REQUESTS && now >= usual * SPIKE;
        let still = self.spiking && now >= usual * SPIKE * AGAIN;
        if (over || still) == self.spiking {
            return None;
        }
        self.spiking = over;
        let (severity, title) = if over {
            (
                Severity::Warning,
                format!("{now:.0} requests in a minute, usually {usual:.1}"),
            )
        } else {
            (Severity::Info, "as many requests as usual again".to_owned())
        };
        let details = format!(
            "{now:.0} requests in the last minute, {usual:.1} a minute in the half hour before the last five minutes"
        );
        Some(view.event(EventKind::TrafficSpike, severity, (usual, now), (title, details)))
    }
}
