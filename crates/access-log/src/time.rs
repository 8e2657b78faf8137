//! Times at fixed places, with the day worked out once.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::number::two;

const SECONDS_PER_DAY: i64 = 86_400;

/// Remembers the last day it met: the lines of a log object mostly share one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Days {
    text: [u8; 11],
    start: i64,
}

/// A moment, and whether printing it in UTC gives the text it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Seconds since 1970, UTC.
    pub(crate) seconds: i64,
    pub(crate) plain: bool,
}

impl Days {
    /// `[06/Feb/2019:00:00:38 +0000]`, 28 bytes.
    #[inline]
    pub(crate) fn bracketed(&mut self, text: &[u8; 28]) -> Option<Moment> {
        let [b'[', d0, d1, b'/', m0, m1, m2, b'/', y0, y1, y2, y3, after @ ..] = *text else {
            return None;
        };
        let [
            b':',
            h0,
            h1,
            b':',
            n0,
            n1,
            b':',
            s0,
            s1,
            b' ',
            sign,
            z0,
            z1,
            z2,
            z3,
            b']',
        ] = after
        else {
            return None;
        };
        let day = [d0, d1, b'/', m0, m1, m2, b'/', y0, y1, y2, y3];
        if self.text != day {
            let date = Date::new(
                year([y0, y1, y2, y3])?,
                month([m0, m1, m2])?,
                i8::try_from(two(d0, d1)?).ok()?,
            );
            self.start = start_of(date.ok()?)?;
            self.text = day;
        }
        let clock = clock([h0, h1], [n0, n1], [s0, s1])?;
        let offset = i64::from(two(z0, z1)?)
            .wrapping_mul(60)
            .wrapping_add(i64::from(two(z2, z3)?))
            .wrapping_mul(60);
        let offset = match sign {
            b'+' => offset,
            b'-' => offset.wrapping_neg(),
            _ => return None,
        };
        Some(Moment {
            seconds: self.start.wrapping_add(clock).wrapping_sub(offset),
            plain: offset == 0 && sign == b'+' && [s0, s1] != *b"60",
        })
    }

    /// `2019-12-04` and `21:02:31`, both UTC.
    pub(crate) fn split(&mut self, date: &[u8], time: &[u8]) -> Option<Moment> {
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = date else {
            return None;
        };
        let &[h0, h1, b':', n0, n1, b':', s0, s1] = time else {
            return None;
        };
        let day = [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, 0];
        if self.text != day {
            let month = i8::try_from(two(m0, m1)?).ok()?;
            let date = Date::new(year([y0, y1, y2, y3])?, month, i8::try_from(two(d0, d1)?).ok()?);
            self.start = start_of(date.ok()?)?;
            self.text = day;
        }
        Some(Moment {
            seconds: self.start.wrapping_add(clock([h0, h1], [n0, n1], [s0, s1])?),
            plain: [s0, s1] != *b"60",
        })
    }
}

/// Days since 1970 of a moment.
pub(crate) fn day_of(seconds: i64) -> i32 {
    i32::try_from(seconds.div_euclid(SECONDS_PER_DAY)).unwrap_or(i32::MAX)
}

fn start_of(date: Date) -> Option<i64> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[inline]
fn clock(hour: [u8; 2], minute: [u8; 2], second: [u8; 2]) -> Option<i64> {
    let [hour, minute, second] = [
        two(hour[0], hour[1])?,
        two(minute[0], minute[1])?,
        two(second[0], second[1])?,
    ];
    // 60 is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let minutes = i64::from(hour).wrapping_mul(60).wrapping_add(i64::from(minute));
    Some(minutes.wrapping_mul(60).wrapping_add(i64::from(second)))
}

fn year([y0, y1, y2, y3]: [u8; 4]) -> Option<i16> {
    let (century, rest) = (i16::from(two(y0, y1)?), i16::from(two(y2, y3)?));
    Some(century.wrapping_mul(100).wrapping_add(rest))
}

fn month(name: [u8; 3]) -> Option<i8> {
    Some(match &name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// The name of a month, 1 to 12.
pub(crate) fn month_name(month: i8) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}
