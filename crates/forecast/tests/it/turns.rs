//! Changes of way are told on their day, and quiet series have none.

use spacewatch_forecast::changes;

use crate::made::{Chance, Family, series};

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

#[test]
fn planted_changes_are_found() {
    let (mut found, mut extra) = (0, 0);
    for seed in 0..50 {
        let mut chance = Chance::new(seed);
        let mut values = series(Family::Weekly, 90, seed);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
        let at = 20 + (chance.uniform() * 50.0) as usize;
        let factor = if seed % 2 == 0 { 2.5 } else { 0.3 };
        values[at..].iter_mut().for_each(|value| *value *= factor);
        let told = changes(&some(&values), 7);
        let hits = told
            .changes
            .iter()
            .filter(|change| change.at.abs_diff(at) <= 1)
            .count();
        found += hits.min(1);
        extra += told.changes.len() - hits.min(1);
    }
    assert!(found >= 48, "{found} of 50");
    assert!(extra <= 3, "{extra} that were not planted");
}

#[test]
fn a_quiet_series_has_none() {
    let mut told = 0;
    for family in [Family::Flat, Family::Weekly, Family::Egress] {
        for seed in 0..40 {
            let found = changes(&some(&series(family, 120, seed)), 7);
            told += found.changes.len();
        }
    }
    // One in forty may be chance's.
    assert!(told <= 3, "{told}");
    for family in [Family::Stored, Family::StoredByWeek] {
        for seed in 0..40 {
            let stored = series(family, 120, seed);
            let growth: Vec<_> = stored.windows(2).map(|pair| Some(pair[1] - pair[0])).collect();
            told += changes(&growth, 7).changes.len();
        }
    }
    assert!(told <= 5, "{told}");
}

#[test]
fn a_day_that_stands_out_is_no_change() {
    let mut values = series(Family::Flat, 60, 3);
    let usual = values[30];
    values[30] *= 20.0;
    let told = changes(&some(&values), 7);
    assert!(told.changes.is_empty(), "{told:?}");
    assert_eq!(told.jumps.len(), 1);
    let jump = told.jumps[0];
    assert_eq!(jump.at, 30);
    assert!((jump.value / (usual * 20.0) - 1.0).abs() < 1e-9, "{jump:?}");
    assert!((jump.usual / usual - 1.0).abs() < 0.5, "{jump:?}");
    assert_eq!(changes(&[], 7), spacewatch_forecast::Changes::default());
    assert_eq!(
        changes(&[Some(1.0); 100], 7),
        spacewatch_forecast::Changes::default()
    );
}
