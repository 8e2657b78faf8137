//! Times in which the store asked to slow down, or failed, far more than usual.
//!
//! Looked for in hours that begin every five minutes, for trouble keeps to no clock. An hour counts where so many failures can't be
//! chance: with the share of all the other hours, so many would come about once in ten million hours.

use jiff::{SignedDuration, Timestamp};
use spacewatch_lake::{Dimension, OutcomeStep, RecordFilter, StatusFilter};
use spacewatch_model::TimeRange;

use super::Rule;
use super::scene::{Scene, Verdict, counted, given, parts, percent, span};
use crate::finding::{Figure, Finding, Severity};
use crate::{SearchLogsArgs, ToolError};

/// Steps of an hour.
const HOUR: usize = 12;
const STEP: SignedDuration = SignedDuration::from_mins(5);

/// Fewer failures in an hour are nothing to look at.
const LEAST: u64 = 5;
/// A smaller share of the requests isn't either: clients try again, and nobody notices.
const LEAST_PERCENT: u64 = 5;
/// Nor is less than so many times the usual share.
const TIMES_USUAL: u64 = 5;
/// The natural logarithm of one in ten million.
const CHANCE: f64 = -16.118;
/// Where half of the requests fail, little works.
const HIGH_PERCENT: u64 = 50;

/// A way of failing.
struct Kind {
    of: fn(&OutcomeStep) -> u64,
    subject: &'static str,
    title: &'static str,
    why: &'static str,
    advice: &'static str,
    statuses: &'static str,
    spans: &'static [StatusFilter],
}

const KINDS: [Kind; 2] = [
    Kind {
        of: |step| step.slow_downs,
        subject: "slow-down",
        title: "were answered with `SlowDown`",
        why: "the store takes no more from this account or bucket: what is not tried again is lost, what is tried at once makes it worse",
        advice: "let clients wait longer after each 503 and spread them in time; see which client asked most, and the finding on request rates",
        statuses: "429,503",
        spans: &[
            StatusFilter { from: 429, to: 429 },
            StatusFilter { from: 503, to: 503 },
        ],
    },
    Kind {
        of: |step| step.server_errors,
        subject: "server-errors",
        title: "failed in the store (5xx)",
        why: "the store failed by itself: reads have to be tried again, and writes may or may not have happened",
        advice: "compare with the provider's status page; see that clients try again, and check what was written in that time",
        statuses: "500-502,504-599",
        spans: &[
            StatusFilter { from: 500, to: 502 },
            StatusFilter { from: 504, to: 599 },
        ],
    },
];

pub(super) async fn find(scene: &Scene<'_>) -> Result<Verdict, ToolError> {
    let mut verdict = Verdict::default();
    for kind in &KINDS {
        for episode in episodes(&scene.census.steps, kind.of) {
            verdict.add(finding(scene, kind, &episode).await?);
        }
    }
    Ok(verdict)
}

/// A time of trouble.
#[derive(Debug, PartialEq, Eq)]
struct Episode {
    from: Timestamp,
    to: Timestamp,
    requests: u64,
    failed: u64,
    /// The rest of the period.
    other_requests: u64,
    other_failed: u64,
}

/// Times of trouble, in order. Hours that overlap or meet are one.
fn episodes(steps: &[OutcomeStep], failed: fn(&OutcomeStep) -> u64) -> Vec<Episode> {
    let of = |steps: &[OutcomeStep]| {
        let requests = steps.iter().map(|step| step.requests).sum::<u64>();
        (requests, steps.iter().map(failed).sum::<u64>())
    };
    let all = of(steps);
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for first in 0..steps.len() {
        let hour = hour_from(steps, first);
        if !is_trouble(of(hour), all) {
            continue;
        }
        let ends = first + hour.len().saturating_sub(1);
        match spans.last_mut() {
            Some(last) if first <= last.1 + 1 => last.1 = last.1.max(ends),
            _ => spans.push((first, ends)),
        }
    }
    for span in &mut spans {
        *span = core(steps, *span, (failed, all));
    }
    // Where it is always so there is nothing usual to be more than.
    if spans.is_empty() && reaches_least(all) {
        let begins = steps.iter().position(|step| failed(step) > 0);
        spans.extend(begins.zip(steps.iter().rposition(|step| failed(step) > 0)));
    }
    let episode = |(begins, ends): (usize, usize)| {
        let (first, last) = (steps.get(begins)?, steps.get(ends)?);
        let (requests, failures) = of(steps.get(begins..=ends)?);
        Some(Episode {
            from: first.start,
            to: last.start.checked_add(STEP).ok()?,
            requests,
            failed: failures,
            other_requests: all.0.saturating_sub(requests),
            other_failed: all.1.saturating_sub(failures),
        })
    };
    spans.into_iter().filter_map(episode).collect()
}

/// Which answers of a step count as trouble.
type Failures = fn(&OutcomeStep) -> u64;

/// The part of a span in which the trouble is: the one that is most like the worst hour in it, and least like the rest of the period.
/// An hour that touches the trouble is troubled, so the span reaches too far at both ends.
#[expect(clippy::cast_precision_loss, reason = "what is compared need not be exact")]
fn core(
    steps: &[OutcomeStep],
    (begins, ends): (usize, usize),
    (failed, all): (Failures, (u64, u64)),
) -> (usize, usize) {
    let rate = |requests: u64, failures: u64| (failures as f64 + 0.5) / (requests as f64 + 1.0);
    let of = |steps: &[OutcomeStep]| {
        let requests: u64 = steps.iter().map(|step| step.requests).sum();
        (requests, steps.iter().map(failed).sum::<u64>())
    };
    let span = steps.get(begins..=ends).unwrap_or_default();
    let inside = of(span);
    let usual = rate(all.0.saturating_sub(inside.0), all.1.saturating_sub(inside.1));
    let hours = (0..span.len()).map(|first| of(hour_from(span, first)));
    let worst = hours
        .map(|(requests, failures)| rate(requests, failures))
        .fold(usual, f64::max);
    // How much likelier a step is in trouble than out of it; the part with the largest sum is what is looked for.
    let gain = |step: &OutcomeStep| {
        failed(step) as f64 * (worst / usual).ln() - step.requests as f64 * (worst - usual)
    };
    let (mut best, mut best_sum) = ((begins, ends), 0.0);
    let (mut first, mut sum) = (0, 0.0);
    for (place, step) in span.iter().enumerate() {
        if sum <= 0.0 {
            (first, sum) = (place, 0.0);
        }
        sum += gain(step);
        if sum > best_sum {
            (best, best_sum) = ((begins + first, begins + place), sum);
        }
    }
    best
}

/// The steps of the hour that begins with this one. Steps without requests are not there.
fn hour_from(steps: &[OutcomeStep], first: usize) -> &[OutcomeStep] {
    let rest = steps.get(first..).unwrap_or_default();
    let end = rest
        .first()
        .and_then(|step| step.start.checked_add(STEP * 12).ok());
    let within = rest
        .iter()
        .take(HOUR)
        .take_while(|step| end.is_some_and(|end| step.start < end));
    rest.get(..within.count()).unwrap_or_default()
}

fn reaches_least((requests, failed): (u64, u64)) -> bool {
    failed >= LEAST && failed.saturating_mul(100) >= requests.saturating_mul(LEAST_PERCENT)
}

fn is_trouble((requests, failed): (u64, u64), all: (u64, u64)) -> bool {
    if !reaches_least((requests, failed)) {
        return false;
    }
    let others = (all.0.saturating_sub(requests), all.1.saturating_sub(failed));
    // Without others there is nothing usual: the share alone decides.
    if others.0 == 0 {
        return true;
    }
    // Somebody else's failure more, so that none at all isn't taken for never.
    let usual = (u128::from(others.1).saturating_add(1), u128::from(others.0));
    let times = u128::from(failed).saturating_mul(usual.1)
        >= usual
            .0
            .saturating_mul(requests.into())
            .saturating_mul(TIMES_USUAL.into());
    times && chance(failed, expected(requests, usual)) <= CHANCE
}

#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
fn expected(requests: u64, (failed, of): (u128, u128)) -> f64 {
    requests as f64 * failed as f64 / of as f64
}

/// The logarithm of a bound on how likely it is that at least so many come where so many are expected (Chernoff, for rare events).
#[expect(clippy::cast_precision_loss, reason = "a chance need not be exact")]
fn chance(came: u64, expected: f64) -> f64 {
    let came = came as f64;
    if came <= expected {
        return 0.0;
    }
    came - expected - came * (came / expected).ln()
}

async fn finding(scene: &Scene<'_>, kind: &Kind, episode: &Episode) -> Result<Finding, ToolError> {
    let high = episode.failed.saturating_mul(100) >= episode.requests.saturating_mul(HIGH_PERCENT);
    let severity = if high { Severity::High } else { Severity::Medium };
    let period = within(scene, episode);
    let subject = format!("{}/{}", kind.subject, episode.from);
    let mut finding = scene.finding(Rule::SlowDown, severity, Some(&subject));
    let share = percent(episode.failed, episode.requests);
    finding.title = format!(
        "{share:.1}% of {} {} from {} to {}",
        counted(episode.requests, "request"),
        kind.title,
        episode.from,
        episode.to
    );
    finding.why = kind.why.to_owned();
    finding.advice = kind.advice.to_owned();
    finding.first_seen = Some(episode.from);
    finding.last_seen = Some(episode.to);
    finding.figures = vec![
        Figure::count("failed", episode.failed),
        Figure::count("requests", episode.requests),
        Figure::new("failed_share", share, "Percent"),
        Figure::new(
            "usual_share",
            percent(episode.other_failed, episode.other_requests),
            "Percent",
        ),
    ];
    let failed = || RecordFilter {
        statuses: kind.spans.to_vec(),
        ..scene.records(period)
    };
    let addresses = scene.top(failed(), Dimension::RemoteIp).await?;
    finding.parts.extend(parts("address", addresses));
    finding.parts.extend(parts(
        "requester",
        scene.top(failed(), Dimension::Requester).await?,
    ));
    let query = SearchLogsArgs {
        status: given(kind.statuses),
        ..scene.search()
    };
    let whole = (period, episode.failed);
    finding
        .proofs
        .push(scene.proof("the requests that failed", query, whole).await?);
    Ok(finding)
}

/// The episode within the period: its first and last steps may reach beyond.
fn within(scene: &Scene<'_>, episode: &Episode) -> TimeRange {
    span(episode.from.max(scene.from), episode.to.min(scene.to))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps of five minutes with so many requests and failures each.
    fn steps(counts: &[(u64, u64)]) -> Vec<OutcomeStep> {
        let step = |(place, (requests, slow_downs)): (i64, &(u64, u64))| OutcomeStep {
            start: Timestamp::from_second(place * 300).expect("a time"),
            requests: *requests,
            slow_downs: *slow_downs,
            server_errors: 0,
        };
        let counted = (0..).zip(counts).filter(|(_, (requests, _))| *requests > 0);
        counted.map(step).collect()
    }

    fn check(counts: &[(u64, u64)], expected: &[(i64, i64, u64, u64)]) {
        let found = episodes(&steps(counts), |step| step.slow_downs);
        let found: Vec<_> = found
            .iter()
            .map(|found| {
                let place = |time: Timestamp| time.as_second() / 300;
                (place(found.from), place(found.to), found.requests, found.failed)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn trouble_is_more_than_chance_and_more_than_usual() {
        let quiet = vec![(10, 0); 200];
        check(&quiet, &[]);
        let with = |at: &[(usize, u64)]| {
            let mut counts = quiet.clone();
            at.iter().for_each(|(place, failed)| counts[*place].1 = *failed);
            counts
        };
        check(&with(&[(7, 1), (90, 2), (150, 1)]), &[]);
        // It keeps to no clock, and is told from its first failure to its last.
        check(&with(&[(7, 1), (91, 5), (95, 6), (99, 4)]), &[(91, 100, 90, 15)]);
        check(
            &with(&[(20, 12), (150, 12)]),
            &[(20, 21, 10, 12), (150, 151, 10, 12)],
        );
        // Two per cent all the time, and once a little more.
        let mut usual = vec![(100, 2); 200];
        usual[50].1 = 12;
        check(&usual, &[]);
        usual[50].1 = 90;
        check(&usual, &[]);
        // Always bad is bad.
        check(&[(100, 20); 40], &[(0, 40, 4_000, 800)]);
        check(&[(3, 3)], &[]);
        check(&[(30, 9)], &[(0, 1, 30, 9)]);
        check(&[], &[]);
    }

    #[test]
    fn chances_of_rare_events() {
        assert!(chance(7, 0.26) < CHANCE && chance(6, 0.26) > CHANCE);
        assert_eq!(chance(3, 4.0), 0.0);
    }
}
