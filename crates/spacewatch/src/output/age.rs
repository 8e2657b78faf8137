//! How long ago something was.

use jiff::Timestamp;

const UNITS: [(i64, &str); 6] = [
    (365 * 86_400, "y"),
    (30 * 86_400, "mo"),
    (86_400, "d"),
    (3_600, "h"),
    (60, "m"),
    (1, "s"),
];

/// The age in its largest whole unit: `3d`. Times ahead of ours are `now`: clocks differ.
pub(crate) fn age(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(time.as_second());
    let unit = UNITS.iter().find(|(length, _)| seconds >= *length);
    unit.map_or_else(
        || "now".to_owned(),
        |(length, name)| format!("{}{name}", seconds / length),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(time: &str, shown: &str) {
        let now = "2026-01-15T12:00:00Z".parse().unwrap();
        assert_eq!(age(time.parse().unwrap(), now), shown);
    }

    #[test]
    fn largest_whole_unit() {
        check("2026-01-15T12:00:00Z", "now");
        check("2026-01-16T12:00:00Z", "now");
        check("2026-01-15T11:59:01Z", "59s");
        check("2026-01-15T11:00:01Z", "59m");
        check("2026-01-14T12:00:01Z", "23h");
        check("2025-12-17T12:00:00Z", "29d");
        check("2025-12-15T12:00:00Z", "1mo");
        check("2020-01-15T12:00:00Z", "6y");
    }
}
