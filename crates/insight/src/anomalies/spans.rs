//! Judges hour by hour, and puts hours next to each other together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use spacewatch_model::TimeRange;

use super::baseline::{ComparedWith, alike};
use super::figures::{Hour, numbers, start};
use super::known::NotJudged;
use super::verdict::{self, Amount, Direction, Share, Verdict};
use super::{Anomaly, AnomalyDirection, AnomalyMetric};

/// What must lie between an hour and the usual for anybody to care: requests, bytes, milliseconds.
const ENOUGH_REQUESTS: f64 = 50.0;
const ENOUGH_BYTES: f64 = 10.0 * 1024.0 * 1024.0;
const ENOUGH_MILLISECONDS: f64 = 50.0;
/// How much an error rate must rise, and how many errors there must be.
const ENOUGH_CLIENT_ERRORS: f64 = 0.05;
const ENOUGH_SERVER_ERRORS: f64 = 0.02;
const LEAST_ERRORS: u64 = 10;

/// What is known of the hours.
pub(super) struct Judging {
    pub(super) hours: BTreeMap<i64, Hour>,
    /// The hours whose log is complete, in order.
    pub(super) known: Vec<i64>,
    /// The hours to be judged.
    pub(super) window: TimeRange,
}

/// What came out.
pub(super) struct Judged {
    /// Farthest from usual first.
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) hours_judged: usize,
    pub(super) not_judged: Vec<NotJudged>,
}

/// An hour out of the ordinary.
struct Odd {
    hour: i64,
    direction: Direction,
    verdict: Verdict,
    with: (ComparedWith, usize),
}

impl Judging {
    pub(super) fn judge(&self, metrics: &[AnomalyMetric]) -> Judged {
        let known: BTreeSet<i64> = self.known.iter().copied().collect();
        let mut odd: BTreeMap<AnomalyMetric, Vec<Odd>> = BTreeMap::new();
        let (mut not_judged, mut hours_judged) = (Vec::new(), 0);
        for hour in numbers(self.window) {
            if !known.contains(&hour) {
                leave_out(&mut not_judged, hour, "its log is not complete");
                continue;
            }
            let Some((with, past)) = alike(hour, &self.known) else {
                leave_out(
                    &mut not_judged,
                    hour,
                    "the log doesn't go back far enough to compare it with anything",
                );
                continue;
            };
            hours_judged += 1;
            for metric in metrics {
                let Some(verdict) = self.verdict(*metric, hour, &past) else {
                    continue;
                };
                if let Some(direction) = verdict.unusual.filter(|found| is_meant(*metric, *found)) {
                    odd.entry(*metric).or_default().push(Odd {
                        hour,
                        direction,
                        verdict,
                        with: (with, past.len()),
                    });
                }
            }
        }
        let mut anomalies: Vec<Anomaly> = odd
            .into_iter()
            .flat_map(|(metric, hours)| merged(metric, &hours))
            .collect();
        let far = |anomaly: &Anomaly| match anomaly.times_usual {
            Some(times) if times > 0.0 => times.max(1.0 / times),
            _ => f64::INFINITY,
        };
        anomalies.sort_by(|a, b| far(b).total_cmp(&far(a)).then_with(|| a.from.cmp(&b.from)));
        Judged {
            anomalies,
            hours_judged,
            not_judged,
        }
    }

    fn verdict(&self, metric: AnomalyMetric, hour: i64, past: &[i64]) -> Option<Verdict> {
        let of = |hour: &i64| self.hours.get(hour).copied().unwrap_or_default();
        let now = of(&hour);
        let amounts = |amount: fn(&Hour) -> Option<Amount>, enough| {
            let past: Vec<Amount> = past.iter().filter_map(|hour| amount(&of(hour))).collect();
            verdict::of_amount(amount(&now)?, &past, enough)
        };
        let shares = |part: fn(&Hour) -> u64, enough| {
            let share = |hour: &Hour| Share {
                part: part(hour),
                of: hour.requests,
            };
            let past: Vec<Share> = past.iter().map(|hour| share(&of(hour))).collect();
            verdict::of_share(share(&now), &past, enough, LEAST_ERRORS).map(percent)
        };
        match metric {
            AnomalyMetric::Requests => amounts(|hour| Some(count(hour.requests)), ENOUGH_REQUESTS),
            AnomalyMetric::ClientErrors => shares(|hour| hour.client_errors, ENOUGH_CLIENT_ERRORS),
            AnomalyMetric::ServerErrors => shares(|hour| hour.server_errors, ENOUGH_SERVER_ERRORS),
            AnomalyMetric::BytesSent => amounts(|hour| Some(hour.sent.amount()), ENOUGH_BYTES),
            AnomalyMetric::BytesUploaded => amounts(|hour| Some(hour.uploaded.amount()), ENOUGH_BYTES),
            AnomalyMetric::FirstByteP95 => {
                amounts(|hour| hour.first_byte_ms.map(milliseconds), ENOUGH_MILLISECONDS)
            }
            AnomalyMetric::TotalP95 => amounts(|hour| hour.total_ms.map(milliseconds), ENOUGH_MILLISECONDS),
        }
    }
}

/// Less is an anomaly of requests alone: nobody minds fewer errors, and less traffic brings fewer bytes with it.
fn is_meant(metric: AnomalyMetric, direction: Direction) -> bool {
    direction == Direction::More || metric == AnomalyMetric::Requests
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn count(requests: u64) -> Amount {
    Amount {
        value: requests as f64,
        chance: (requests as f64).sqrt(),
    }
}

/// A percentile has no noise of its own that could be told from one hour.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn milliseconds(value: u64) -> Amount {
    Amount {
        value: value as f64,
        chance: 0.0,
    }
}

fn percent(share: Verdict) -> Verdict {
    Verdict {
        value: share.value * 100.0,
        usual: share.usual * 100.0,
        least: share.least * 100.0,
        most: share.most * 100.0,
        ..share
    }
}

fn leave_out(all: &mut Vec<NotJudged>, hour: i64, why: &str) {
    let (from, to) = (start(hour), start(hour.saturating_add(1)));
    match all.last_mut() {
        Some(last) if last.to == from && last.why == why => last.to = to,
        _ => all.push(NotJudged {
            from,
            to,
            why: why.to_owned(),
        }),
    }
}

fn merged(metric: AnomalyMetric, hours: &[Odd]) -> Vec<Anomaly> {
    let together = |a: &Odd, b: &Odd| b.hour == a.hour.saturating_add(1) && a.direction == b.direction;
    let spans = hours.chunk_by(together).filter_map(|span| {
        let far = |odd: &&Odd| (odd.verdict.value - odd.verdict.usual).abs();
        let peak = span.iter().max_by(|a, b| far(a).total_cmp(&far(b)))?;
        let (from, to) = (
            start(span.first()?.hour),
            start(span.last()?.hour.saturating_add(1)),
        );
        Some(anomaly(metric, peak, (from, to)))
    });
    spans.collect()
}

fn anomaly(metric: AnomalyMetric, peak: &Odd, (from, to): (Timestamp, Timestamp)) -> Anomaly {
    let Verdict {
        value,
        usual,
        least,
        most,
        ..
    } = peak.verdict;
    Anomaly {
        metric,
        direction: match peak.direction {
            Direction::More => AnomalyDirection::More,
            Direction::Less => AnomalyDirection::Less,
        },
        from,
        to,
        peak_hour: start(peak.hour),
        value: rounded(value),
        usual: rounded(usual),
        usual_least: rounded(least),
        usual_most: rounded(most),
        times_usual: (usual > 0.0).then(|| rounded(value / usual)),
        compared_with: peak.with.0,
        hours_compared: peak.with.1,
        explanations: Vec::new(),
    }
}

/// Two decimals are enough for a reader.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
