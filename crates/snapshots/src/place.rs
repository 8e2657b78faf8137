//! Where snapshots lie, and what their names say.

use std::fmt::Write;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use spacewatch_model::{BucketName, Prefix};

/// Where snapshots are kept if nobody says otherwise.
pub const DEFAULT_PREFIX: &str = "spacewatch-metrics/";

/// Characters of a name behind its folder.
const MAX_NAME: usize = 128;

/// Where snapshots are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The bucket.
    pub bucket: BucketName,
    /// Where in it. If nobody said so they are written under [`DEFAULT_PREFIX`], and read there and at the bucket's root, where
    /// the Python original sometimes wrote.
    pub prefix: Option<Prefix>,
}

impl Place {
    /// The prefix that is written under, with a `/` at its end unless it is empty.
    pub fn prefix(&self) -> Prefix {
        self.prefix
            .clone()
            .or_else(|| DEFAULT_PREFIX.parse().ok())
            .unwrap_or_default()
            .as_folder()
    }

    /// The prefixes that are read under.
    pub(crate) fn read_prefixes(&self) -> Vec<Prefix> {
        let mut prefixes = vec![self.prefix()];
        if self.prefix.is_none() {
            prefixes.push(Prefix::default());
        }
        prefixes
    }

    /// What the store must let somebody read before answers from here are given out: the beginnings of all keys.
    pub fn evidence(&self) -> Vec<Prefix> {
        self.read_prefixes().iter().map(folders).collect()
    }
}

/// The beginning of the keys of all snapshots under a prefix.
pub(crate) fn folders(prefix: &Prefix) -> Prefix {
    format!("{prefix}dt=").parse().unwrap_or_default()
}

/// A day in UTC, as folders are named by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(Date);

impl Day {
    pub(crate) fn of(moment: Timestamp) -> Self {
        Self(moment.to_zoned(TimeZone::UTC).date())
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(Date::MAX))
    }

    /// Its last moment is before `moment` by at least an hour.
    pub(crate) fn is_over(self, moment: Timestamp) -> bool {
        moment
            .checked_sub(1.hour())
            .is_ok_and(|moment| Self::of(moment) > self)
    }

    /// The folder of the day: `dt=2026-11-22`.
    pub(crate) fn folder(self) -> String {
        format!("dt={}", self.0)
    }
}

/// What an object is, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What one run wrote.
    Run,
    /// What was rolled up; later ones have higher numbers, and stand later in a listing.
    RollUp(u32),
    /// A file of the Python original.
    Legacy,
}

/// What the part of a key behind the prefix says.
pub(crate) fn read_name(name: &str) -> Option<(Day, Kind)> {
    let (day, rest) = name.strip_prefix("dt=")?.split_once('/')?;
    let is_day = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = Day(day.parse().ok().filter(|_| is_day)?);
    if let Some((hour, file)) = rest.strip_prefix("hour=").and_then(|rest| rest.split_once('/')) {
        let is_hour = matches!(hour.len(), 1 | 2) && hour.parse::<u8>().is_ok_and(|hour| hour < 24);
        let kind = match file {
            "metrics.jsonl" | "metrics.jsonl.gz" => Kind::Legacy,
            file if is_own(file, "snapshot-") => Kind::Run,
            _ => return None,
        };
        return is_hour.then_some((day, kind));
    }
    let generation = rest.strip_prefix("rollup-")?.split_once('-')?.0;
    let is_number = generation.len() == 6 && generation.bytes().all(|b| b.is_ascii_digit());
    let generation = generation.parse().ok().filter(|_| is_number)?;
    is_own(rest, "rollup-").then_some((day, Kind::RollUp(generation)))
}

fn is_own(file: &str, beginning: &str) -> bool {
    let stem = file.strip_suffix(".gz").unwrap_or(file).strip_suffix(".jsonl");
    let rest = stem.and_then(|stem| stem.strip_prefix(beginning));
    file.len() <= MAX_NAME
        && rest.is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

/// The name of a run's object, which nobody else will ever use.
pub(crate) fn run_name(moment: Timestamp, gzip: bool) -> String {
    let day = Day::of(moment).folder();
    let ending = if gzip { ".gz" } else { "" };
    let hour = moment.strftime("%H");
    let at = moment.strftime("%Y%m%dT%H%M%SZ");
    format!("{day}/hour={hour}/snapshot-{at}-{}.jsonl{ending}", unique_name())
}

/// The name of a roll-up's object.
pub(crate) fn roll_up_name(day: Day, generation: u32) -> String {
    format!(
        "{}/rollup-{generation:06}-{}.jsonl.gz",
        day.folder(),
        unique_name()
    )
}

/// 128 random bits in hexadecimal digits.
pub fn unique_name() -> String {
    let bytes: [u8; 16] = rand::random();
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(names: &[&str], expected: Expect) {
        let shown: String = names
            .iter()
            .map(|name| match read_name(name) {
                Some((day, kind)) => format!("{} {kind:?}\n", day.folder()),
                None => "none\n".to_owned(),
            })
            .collect();
        expected.assert_eq(&shown);
    }

    #[test]
    fn names_say_what_they_are() {
        check(
            &[
                "dt=2026-11-22/hour=09/metrics.jsonl",
                "dt=2026-11-22/hour=9/metrics.jsonl.gz",
                "dt=2026-11-22/hour=23/snapshot-20261122T230000Z-00ff.jsonl.gz",
                "dt=2026-11-22/hour=23/snapshot-20261122T230000Z-00ff.jsonl",
                "dt=2026-11-22/rollup-000007-00ff.jsonl.gz",
            ],
            expect![[r#"
                dt=2026-11-22 Legacy
                dt=2026-11-22 Legacy
                dt=2026-11-22 Run
                dt=2026-11-22 Run
                dt=2026-11-22 RollUp(7)
            "#]],
        );
        check(
            &[
                "dt=2026-11-31/hour=09/metrics.jsonl",
                "dt=2026-11-22/hour=24/metrics.jsonl",
                "dt=2026-11-22/hour=+9/metrics.jsonl.bz2",
                "dt=2026-11-22T00/hour=09/metrics.jsonl",
                "dt=2026-11-22/hour=09/snapshot-.jsonl",
                "dt=2026-11-22/hour=09/snapshot-a/../b.jsonl",
                "dt=2026-11-22/rollup-7-00ff.jsonl.gz",
                "dt=2026-11-22/rollup-000007-.parquet",
                "dt=2026-11-22/notes.txt",
                "readme",
            ],
            expect![[r#"
                none
                none
                none
                none
                none
                none
                none
                none
                none
                none
            "#]],
        );
    }

    #[test]
    fn own_names_are_read_back_and_differ() {
        let moment: Timestamp = "2026-11-22T23:59:59.9Z".parse().expect("a time");
        let (one, other) = (run_name(moment, true), run_name(moment, false));
        assert_ne!(one, other);
        assert!(one.starts_with("dt=2026-11-22/hour=23/snapshot-20261122T235959Z-"));
        for name in [one, other] {
            assert_eq!(read_name(&name), Some((Day::of(moment), Kind::Run)));
        }
        let name = roll_up_name(Day::of(moment), 3);
        assert_eq!(read_name(&name), Some((Day::of(moment), Kind::RollUp(3))));
    }

    #[test]
    fn a_day_is_over_an_hour_later() {
        let day = Day::of("2026-11-22T12:00:00Z".parse().expect("a time"));
        assert!(!day.is_over("2026-11-23T00:59:59Z".parse().expect("a time")));
        assert!(day.is_over("2026-11-23T01:00:00Z".parse().expect("a time")));
    }
}
