//! From what is known of the log objects to what an answer rests on.

use spacewatch_model::{Coverage, TimeRange, Timestamp};

/// Within this time after a request its log record is usually delivered; stores promise nothing.
const DELIVERY_SECONDS: i64 = 2 * 3600;

/// What is known of the log objects that may hold records of a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) listed_at: Option<Timestamp>,
    pub(crate) pending: u64,
    pub(crate) read: ReadObjects,
    pub(crate) newest_record: Option<Timestamp>,
    /// Records before this moment are not kept.
    pub(crate) kept_from: Option<Timestamp>,
    /// Another process reads this log.
    pub(crate) locked: bool,
    pub(crate) last_error: Option<String>,
}

/// Sums over the log objects that were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReadObjects {
    pub(crate) objects: u64,
    pub(crate) failed: u64,
    pub(crate) lines: u64,
    pub(crate) rejected: u64,
    pub(crate) duplicates: u64,
}

/// What an answer over `window` rests on, `now`.
pub(crate) fn assess(known: Known, window: TimeRange, now: Timestamp) -> Coverage {
    let settled = settled_before(known.listed_at);
    let ended = is_over(window, settled);
    let lag = known
        .newest_record
        .map(|newest| now.as_second().saturating_sub(newest.as_second()));
    Coverage {
        as_of: now,
        window,
        complete: ended
            && known.pending == 0
            && known.read.failed == 0
            && dropped_of(&known, window).is_none(),
        listed_at: known.listed_at,
        objects_read: known.read.objects,
        objects_pending: known.pending,
        objects_failed: known.read.failed,
        lines_read: known.read.lines,
        lines_rejected: known.read.rejected,
        lines_duplicate: known.read.duplicates,
        newest_record: known.newest_record,
        // A log from a clock ahead of ours is not late.
        lag_seconds: lag.map(|lag| u64::try_from(lag).unwrap_or(0)),
        note: note(&known, window, settled),
    }
}

/// The moment before which records are not kept, where the window begins before it.
fn dropped_of(known: &Known, window: TimeRange) -> Option<Timestamp> {
    let kept = known.kept_from?;
    window.from.is_none_or(|from| from < kept).then_some(kept)
}

fn is_over(window: TimeRange, settled: Option<Timestamp>) -> bool {
    match (window.to, settled) {
        (Some(to), Some(settled)) => to <= settled,
        _ => false,
    }
}

/// Requests before this moment should be in the log that was listed then.
fn settled_before(listed_at: Option<Timestamp>) -> Option<Timestamp> {
    let second = listed_at?.as_second().checked_sub(DELIVERY_SECONDS)?;
    Timestamp::from_second(second).ok()
}

fn note(known: &Known, window: TimeRange, settled: Option<Timestamp>) -> Option<String> {
    let mut says = Vec::new();
    if known.locked {
        says.push("another process reads this log; the answer rests on what it has read so far".to_owned());
    } else if let Some(error) = &known.last_error {
        says.push(format!("the log could not be read further: {error}"));
    }
    if known.listed_at.is_none() {
        says.push("the log bucket was not listed yet".to_owned());
    }
    match known.pending {
        0 => {}
        1 => says.push("1 log object is not read yet; ask with `wait=true`, or again later".to_owned()),
        many => says.push(format!(
            "{many} log objects are not read yet; ask with `wait=true`, or again later"
        )),
    }
    match known.read.failed {
        0 => {}
        1 => says.push("1 log object could not be read to its end; the list of rejects names it".to_owned()),
        many => says.push(format!(
            "{many} log objects could not be read to their end; the list of rejects names them"
        )),
    }
    if let Some(kept) = dropped_of(known, window) {
        says.push(format!("records from before {kept:.0} are not kept"));
    }
    if let (false, Some(settled)) = (is_over(window, settled), settled) {
        says.push(format!(
            "logs are delivered hours late: requests after {settled:.0} may be missing"
        ));
    }
    (!says.is_empty()).then(|| says.join("; "))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn check(known: Known, to: Option<&str>, expected: Expect) {
        let window = TimeRange {
            from: Some(at("2026-11-20T00:00:00Z")),
            to: to.map(at),
        };
        let found = assess(known, window, at("2026-11-22T12:00:00Z"));
        expected.assert_eq(&format!(
            "complete {}; {}",
            found.complete,
            found.note.unwrap_or_default()
        ));
    }

    fn listed() -> Known {
        Known {
            listed_at: Some(at("2026-11-22T11:59:50Z")),
            newest_record: Some(at("2026-11-22T11:00:00Z")),
            ..Known::default()
        }
    }

    #[test]
    fn a_window_is_complete_when_all_of_it_was_delivered_and_read() {
        check(listed(), Some("2026-11-21T00:00:00Z"), expect!["complete true; "]);
        check(
            listed(),
            Some("2026-11-22T11:00:00Z"),
            expect![
                "complete false; logs are delivered hours late: requests after 2026-11-22T09:59:50Z may be missing"
            ],
        );
        check(
            listed(),
            None,
            expect![
                "complete false; logs are delivered hours late: requests after 2026-11-22T09:59:50Z may be missing"
            ],
        );
        let mut behind = listed();
        behind.pending = 3;
        behind.read.failed = 1;
        check(
            behind,
            Some("2026-11-21T00:00:00Z"),
            expect![
                "complete false; 3 log objects are not read yet; ask with `wait=true`, or again later; 1 log object could not be read to its end; the list of rejects names it"
            ],
        );
        check(
            Known::default(),
            Some("2026-11-21T00:00:00Z"),
            expect!["complete false; the log bucket was not listed yet"],
        );
    }

    #[test]
    fn a_window_that_begins_before_what_is_kept_is_not_complete() {
        let mut short = listed();
        short.kept_from = Some(at("2026-11-20T00:00:00Z"));
        check(
            short.clone(),
            Some("2026-11-21T00:00:00Z"),
            expect!["complete true; "],
        );
        short.kept_from = Some(at("2026-11-20T12:00:00Z"));
        check(
            short,
            Some("2026-11-21T00:00:00Z"),
            expect!["complete false; records from before 2026-11-20T12:00:00Z are not kept"],
        );
    }

    #[test]
    fn lag_is_never_negative() {
        let mut ahead = listed();
        ahead.newest_record = Some(at("2026-11-23T00:00:00Z"));
        assert_eq!(
            assess(ahead, TimeRange::ALWAYS, at("2026-11-22T12:00:00Z")).lag_seconds,
            Some(0)
        );
        assert_eq!(
            assess(listed(), TimeRange::ALWAYS, at("2026-11-22T12:00:00Z")).lag_seconds,
            Some(3600)
        );
    }
}
