//! When a log object was delivered, which bounds the times of its records from above.

use spacewatch_model::Timestamp;

/// Clocks of those who write records and those who deliver them may differ by this much.
const SKEW_SECONDS: i64 = 3600;
const DAY_SECONDS: i64 = 86_400;

/// The last moment a record of the object may have, in Unix seconds: the time in its key, else when it was written.
///
/// AWS ends keys with `YYYY-MM-DD-hh-mm-ss-UNIQUE`, the time of delivery; objects that hold one day each have
/// `00-00-00` there, and other writers only the date: those may hold anything of that day.
pub(super) fn latest_record(key: &str, last_modified: Option<Timestamp>) -> i64 {
    let named = time_in(key);
    let written = last_modified.map(Timestamp::as_second);
    named.or(written).unwrap_or(i64::MAX).saturating_add(SKEW_SECONDS)
}

/// The time in the last part of a key that has one, as late as it may mean.
fn time_in(key: &str) -> Option<i64> {
    let name = key.rsplit('/').next().unwrap_or_default().as_bytes();
    (0..name.len()).find_map(|at| moment(name.get(at..)?, at.checked_sub(1).and_then(|at| name.get(at))))
}

fn moment(text: &[u8], before: Option<&u8>) -> Option<i64> {
    if before.is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (date, rest) = numbers::<3>(text, [4, 2, 2])?;
    let [year, month, day] = date;
    let date = jiff::civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()?;
    let midnight = date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?
        .timestamp()
        .as_second();
    let clock = rest
        .strip_prefix(b"-")
        .and_then(|rest| numbers::<3>(rest, [2, 2, 2]))
        .filter(|([hour, minute, second], _)| *hour < 24 && *minute < 60 && *second < 61);
    match clock {
        Some(([hour, minute, second], _)) if hour + minute + second > 0 => {
            Some(midnight.saturating_add(hour * 3600 + minute * 60 + second))
        }
        // CloudFront writes `YYYY-MM-DD-HH.`, an hour.
        None => match rest.strip_prefix(b"-").and_then(|rest| numbers::<1>(rest, [2])) {
            Some(([hour], [b'.', ..])) if hour < 24 => Some(midnight + (hour + 1) * 3600 + DAY_SECONDS),
            _ if rest.first().is_some_and(u8::is_ascii_digit) => None,
            _ => Some(midnight.saturating_add(DAY_SECONDS)),
        },
        Some(_) => Some(midnight.saturating_add(DAY_SECONDS)),
    }
}

/// Numbers of so many digits each, with dashes between them, and what follows.
fn numbers<const N: usize>(text: &[u8], digits: [usize; N]) -> Option<([i64; N], &[u8])> {
    let mut found = [0; N];
    let mut rest = text;
    for (at, (slot, count)) in found.iter_mut().zip(digits).enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b"-")?;
        }
        let part = rest
            .get(..count)
            .filter(|part| part.iter().all(u8::is_ascii_digit))?;
        *slot = part
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        rest = rest.get(count..)?;
    }
    Some((found, rest))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(key: &str, expected: Expect) {
        let written = "2026-11-22T10:20:30Z".parse().ok();
        let latest = latest_record(key, written) - SKEW_SECONDS;
        let latest = Timestamp::from_second(latest).expect("a time");
        expected.assert_eq(&latest.to_string());
    }

    #[test]
    fn keys_tell_when() {
        check(
            "logs/2026-01-02-03-04-05-0123456789ABCDEF",
            expect!["2026-01-02T03:04:05Z"],
        );
        check(
            "123456789012/eu-west-1/photos/2026/01/02/2026-01-02-03-04-05-0123456789ABCDEF",
            expect!["2026-01-02T03:04:05Z"],
        );
        check(
            "a/2026/01/02/2026-01-02-00-00-00-0123456789ABCDEF",
            expect!["2026-01-03T00:00:00Z"],
        );
        check("access-2026-01-02.log", expect!["2026-01-03T00:00:00Z"]);
        check("access-2026-01-02.log.gz", expect!["2026-01-03T00:00:00Z"]);
        check(
            "E2EXAMPLE.2026-01-02-03.a1b2c3d4.gz",
            expect!["2026-01-03T04:00:00Z"],
        );
        check(
            "prefix2026-01-02-03-04-05-0123456789ABCDEF",
            expect!["2026-01-02T03:04:05Z"],
        );
    }

    #[test]
    fn others_are_as_old_as_they_are() {
        let written = "2026-11-22T10:20:30Z";
        for key in [
            "logs/today",
            "2026-13-02-03-04-05-X",
            "12026-01-02.log",
            "2026-01-021.log",
            "",
            "2026-01-02/x",
        ] {
            let latest = latest_record(key, written.parse().ok()) - SKEW_SECONDS;
            assert_eq!(
                Timestamp::from_second(latest).expect("a time").to_string(),
                written,
                "{key}"
            );
        }
        assert_eq!(latest_record("x", None), i64::MAX);
    }
}
