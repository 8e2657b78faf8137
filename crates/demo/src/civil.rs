//! Times as S3 writes them, quickly: a page of a listing holds a thousand.

use std::time::{Duration, UNIX_EPOCH};

use s3s::dto;
use spacewatch_model::Clock;

/// Seconds since 1970.
pub(crate) fn seconds(clock: &dyn Clock) -> i64 {
    clock.now().as_second()
}

/// The same time for `s3s`.
pub(crate) fn timestamp(seconds: i64) -> dto::Timestamp {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    dto::Timestamp::from(UNIX_EPOCH + since)
}

/// Writes `2026-01-31T12:34:56.000Z`.
pub(crate) fn write_time(out: &mut Vec<u8>, seconds: i64) {
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    two(out, year / 100);
    two(out, year % 100);
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    two(out, day);
    out.push(b'T');
    two(out, of_day / 3600);
    out.push(b':');
    two(out, of_day / 60 % 60);
    out.push(b':');
    two(out, of_day % 60);
    out.extend_from_slice(b".000Z");
}

/// Year, month and day of a moment.
pub(crate) fn date_of(seconds: i64) -> (i64, i64, i64) {
    date(seconds.div_euclid(86_400))
}

fn two(out: &mut Vec<u8>, number: i64) {
    let digit = |n: i64| b'0' + u8::try_from(n % 10).unwrap_or(0);
    out.extend_from_slice(&[digit(number / 10), digit(number)]);
}

/// Year, month and day of a day since 1970-01-01 (Gregorian calendar, years counted from March).
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_calendar() {
        for day in (0..40_000).step_by(7) {
            let seconds = day * 86_400 + 45_296;
            let mut out = Vec::new();
            write_time(&mut out, seconds);
            let expected = jiff::Timestamp::from_second(seconds)
                .unwrap()
                .strftime("%Y-%m-%dT%H:%M:%S.000Z");
            assert_eq!(String::from_utf8(out).unwrap(), expected.to_string());
        }
    }
}
