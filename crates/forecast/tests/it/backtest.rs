//! The truth lies within the 80 % interval between 70 % and 90 % of the time.

use std::collections::BTreeMap;

use spacewatch_forecast::{Ask, Unforecastable, forecast};

use crate::made::{FAMILIES, Family, series};

const HORIZON: usize = 30;
const SEEDS: u64 = 10;

#[derive(Default, Debug, Clone, Copy)]
struct Held {
    of: usize,
    single: usize,
    summed: usize,
}

impl Held {
    fn add(&mut self, family: Family, days: usize, seed: u64) {
        let all = series(family, days + HORIZON, seed);
        let (past, future) = all.split_at(days);
        let past: Vec<_> = past.iter().copied().map(Some).collect();
        let told = forecast(&Ask {
            values: &past,
            seasons: &[7],
            horizon: HORIZON.min(days),
            confidence: 0.8,
        })
        .unwrap();
        let mut sum = 0.0;
        for ((step, summed), truth) in told.steps.iter().zip(&told.sums).zip(future) {
            sum += truth;
            self.of += 1;
            self.single += usize::from((step.lower..=step.upper).contains(truth));
            self.summed += usize::from((summed.lower..=summed.upper).contains(&sum));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "percent")]
fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let mut by_length: BTreeMap<usize, Held> = BTreeMap::new();
    let mut by_family: BTreeMap<Family, Held> = BTreeMap::new();
    for family in FAMILIES {
        for days in [21, 45, 90, 180] {
            for seed in 0..SEEDS {
                by_length.entry(days).or_default().add(family, days, seed);
                by_family.entry(family).or_default().add(family, days, seed);
            }
        }
    }
    let lengths = by_length
        .iter()
        .map(|(days, held)| (format!("{days} days"), *held, (70.0, 90.0)));
    // Single families may be off by more: a forecaster doesn't know which one it has before it.
    let families = by_family
        .iter()
        .map(|(family, held)| (format!("{family:?}"), *held, (60.0, 97.0)));
    let mut wrong = Vec::new();
    for (name, held, (least, most)) in lengths.chain(families) {
        let (single, summed) = (percent(held.single, held.of), percent(held.summed, held.of));
        println!("{name}: {single:.1} % of days, {summed:.1} % of sums");
        for share in [single, summed] {
            if !(least..=most).contains(&share) {
                wrong.push(format!("{name}: {single:.1} % of days, {summed:.1} % of sums"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_certain_is_told_exactly() {
    let line: Vec<_> = (0..40).map(|day| Some(f64::from(day) * 1e12)).collect();
    let ask = |values| Ask {
        values,
        seasons: &[7],
        horizon: 10,
        confidence: 0.8,
    };
    let told = forecast(&ask(&line)).unwrap();
    assert!(
        (told.steps[9].value / 49e12 - 1.0).abs() < 5e-3,
        "{:?}",
        told.steps[9]
    );
    assert_eq!(told.reaches(45e12).likely, Some(5));
    let same = vec![Some(7.0); 20];
    let told = forecast(&ask(&same)).unwrap();
    assert_eq!((told.steps[9].lower, told.steps[9].upper), (7.0, 7.0));
    assert_eq!(told.sums[9].value, 70.0);
    assert_eq!(told.reaches(8.0).earliest, None);
    assert_eq!(told.sum_reaches(21.0).latest, Some(2));
}

#[test]
fn too_little_is_told_as_such() {
    let ask = |values| {
        forecast(&Ask {
            values,
            seasons: &[7],
            horizon: 10,
            confidence: 0.8,
        })
    };
    assert_eq!(ask(&[]), Err(Unforecastable::TooShort { known: 0 }));
    assert_eq!(ask(&[Some(1.0); 13]), Err(Unforecastable::TooShort { known: 13 }));
    let mut gaps = vec![None; 60];
    gaps[0] = Some(1.0);
    gaps[59] = Some(2.0);
    gaps[10..22].fill(Some(1.5));
    assert_eq!(
        ask(&gaps),
        Err(Unforecastable::TooManyGaps {
            missing: 46,
            steps: 60
        })
    );
    // A forecast reaches twice as far as what is known, and begins behind what is missing at the end.
    let mut line: Vec<_> = (0..20).map(|day| Some(f64::from(day))).collect();
    line.extend([None, None]);
    let told = forecast(&Ask {
        values: &line,
        seasons: &[],
        horizon: 100,
        confidence: 0.8,
    })
    .unwrap();
    assert_eq!(told.steps.len(), 40);
    assert!((told.steps[0].value - 22.0).abs() < 0.1, "{:?}", told.steps[0]);
}
