//! Sorting objects by age and the ending of their names.

const DAY: i64 = 86_400_000_000;

/// Ages: the least number of days that is too old for each but the last.
const AGE_EDGES: [(i64, &str); 7] = [
    (1, "< 1 day"),
    (7, "< 7 days"),
    (30, "< 30 days"),
    (90, "< 90 days"),
    (180, "< 180 days"),
    (365, "< 1 year"),
    (730, "< 2 years"),
];

/// How many age classes there are: one for older ones, and one for objects of unknown age.
pub(crate) const AGE_CLASSES: usize = AGE_EDGES.len() + 2;

/// The class of what was written then (microseconds since the epoch), seen from `now`.
pub(crate) fn age_class(modified: Option<i64>, now: i64) -> usize {
    match modified {
        Some(modified) => {
            let age = now.saturating_sub(modified);
            AGE_EDGES.partition_point(|(days, _)| days.saturating_mul(DAY) <= age)
        }
        None => AGE_CLASSES.saturating_sub(1),
    }
}

/// What an age class is called.
pub(crate) fn age_class_name(class: usize) -> &'static str {
    match AGE_EDGES.get(class) {
        Some((_, name)) => name,
        None if class == AGE_EDGES.len() => "≥ 2 years",
        None => "unknown",
    }
}

/// Whether so many days went by between two moments.
pub(crate) fn older_than_days(modified: Option<i64>, now: i64, days: i64) -> bool {
    modified.is_some_and(|modified| now.saturating_sub(modified) > days.saturating_mul(DAY))
}

/// Longest ending that is one.
const MAX_EXTENSION: usize = 12;

/// The ending of a key's last part, in whatever case it stands there; empty where there is none.
pub(crate) fn extension(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_extension(ending) => ending,
        _ => "",
    }
}

fn is_extension(ending: &str) -> bool {
    (1..=MAX_EXTENSION).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_age(days: Option<i64>, name: &str) {
        let now = 1_700_000_000_000_000;
        let modified = days.map(|days| now - days * DAY);
        assert_eq!(age_class_name(age_class(modified, now)), name, "{days:?}");
    }

    #[test]
    fn ages() {
        check_age(Some(-3), "< 1 day");
        check_age(Some(0), "< 1 day");
        check_age(Some(1), "< 7 days");
        check_age(Some(29), "< 30 days");
        check_age(Some(364), "< 1 year");
        check_age(Some(730), "≥ 2 years");
        check_age(None, "unknown");
    }

    fn check_extension(key: &str, expected: &str) {
        assert_eq!(extension(key), expected, "{key}");
    }

    #[test]
    fn extensions() {
        check_extension("a/b.JPG", "JPG");
        check_extension("a.tar.gz", "gz");
        check_extension("a.b/c", "");
        check_extension(".hidden", "");
        check_extension("a.", "");
        check_extension("a.way-too-long", "");
        check_extension("v1.2 final", "");
        check_extension("folder/", "");
    }
}
