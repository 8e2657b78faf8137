//! Whether an hour is out of the ordinary.
//!
//! A verdict needs three things at once: more than chance explains, more than the past ever showed, and enough to matter to anybody.
//! So a few lucky requests are none, nor is a day like the best before it.

/// How many times the usual noise is beyond chance, where so few values of the past tell how large that is.
const BEYOND_CHANCE: [(usize, f64); 3] = [(4, 8.0), (7, 7.0), (usize::MAX, 6.0)];
/// What the median absolute deviation must be multiplied with to be a standard deviation.
const DEVIATIONS: f64 = 1.4826;
/// Noise that no series is without: a tenth of what is usual.
const LEAST_NOISE: f64 = 0.1;
/// Twice what is usual, and half more than was ever seen.
const TIMES_USUAL: f64 = 2.0;
const TIMES_SEEN: f64 = 1.5;

/// A value and what the past leads to expect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub(super) value: f64,
    /// The median of the past, or the rate of all of it together.
    pub(super) usual: f64,
    /// The smallest and the largest of the past.
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) unusual: Option<Direction>,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    More,
    Less,
}

/// An amount, and how large chance alone makes its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Amount {
    pub(super) value: f64,
    pub(super) chance: f64,
}

/// Judges an amount by those of the past; `enough` is what must lie between it and the usual to matter.
pub(super) fn of_amount(now: Amount, past: &[Amount], enough: f64) -> Option<Verdict> {
    let mut values: Vec<f64> = past.iter().map(|amount| amount.value).collect();
    values.sort_by(f64::total_cmp);
    let (usual, least, most) = (median(&values)?, *values.first()?, *values.last()?);
    let mut off: Vec<f64> = values.iter().map(|value| (value - usual).abs()).collect();
    off.sort_by(f64::total_cmp);
    let mut chances: Vec<f64> = past.iter().map(|amount| amount.chance).collect();
    chances.sort_by(f64::total_cmp);
    let spread = DEVIATIONS * median(&off)?;
    let noise = spread.max(median(&chances)?).max(LEAST_NOISE * usual).max(1.0);
    let bar = beyond_chance(past.len());
    let more = now.value - usual > bar * noise.max(now.chance)
        && now.value - usual >= enough
        && now.value >= TIMES_USUAL * usual
        && now.value >= TIMES_SEEN * most;
    let less = usual - now.value > bar * noise
        && usual - now.value >= enough
        && now.value * TIMES_USUAL <= usual
        && now.value * TIMES_SEEN <= least;
    Some(Verdict {
        value: now.value,
        usual,
        least,
        most,
        unusual: direction(more, less),
    })
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) part: u64,
    pub(super) of: u64,
}

impl Share {
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    fn rate(self) -> f64 {
        if self.of == 0 {
            0.0
        } else {
            self.part as f64 / self.of as f64
        }
    }
}

/// Judges a share by those of the past, each with the weight of its own denominator. Only more of it is unusual: `enough` is how much
/// the rate must rise, and `least_parts` how many there must be.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(super) fn of_share(now: Share, past: &[Share], enough: f64, least_parts: u64) -> Option<Verdict> {
    let rates = || past.iter().filter(|share| share.of > 0).map(|share| share.rate());
    let least = rates().min_by(f64::total_cmp)?;
    let most = rates().max_by(f64::total_cmp)?;
    let (parts, all) = past.iter().fold((0_u64, 0_u64), |(parts, all), share| {
        (parts.saturating_add(share.part), all.saturating_add(share.of))
    });
    let usual = parts as f64 / all as f64;
    // One more error than was seen, so that a past without any doesn't promise a future without.
    let expected = (parts as f64 + 1.0) / (all as f64 + 2.0);
    let chance = (expected * (1.0 - expected) / (now.of.max(1)) as f64).sqrt();
    let mut off: Vec<f64> = rates().map(|rate| (rate - usual).abs()).collect();
    off.sort_by(f64::total_cmp);
    let noise = chance.max(DEVIATIONS * median(&off)?);
    let rate = now.rate();
    // Small hours of the past jump about by chance, so the largest of their rates counts only as far as it is no single error.
    let seen = most.min(usual + beyond_chance(past.len()) * noise);
    let more = rate - usual > beyond_chance(past.len()) * noise
        && rate - usual >= enough
        && now.part >= least_parts
        && rate >= TIMES_USUAL * usual
        && rate >= TIMES_SEEN * seen;
    Some(Verdict {
        value: rate,
        usual,
        least,
        most,
        unusual: direction(more, false),
    })
}

fn direction(more: bool, less: bool) -> Option<Direction> {
    match (more, less) {
        (true, _) => Some(Direction::More),
        (false, true) => Some(Direction::Less),
        (false, false) => None,
    }
}

fn beyond_chance(values: usize) -> f64 {
    let found = BEYOND_CHANCE.iter().find(|(most, _)| values <= *most);
    found.map_or(6.0, |(_, times)| *times)
}

/// The value in the middle; of two, their mean.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(values: &[u64]) -> Vec<Amount> {
        values.iter().map(|value| count(*value)).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn count(value: u64) -> Amount {
        Amount {
            value: value as f64,
            chance: (value as f64).sqrt(),
        }
    }

    fn unusual(now: u64, past: &[u64]) -> Option<Direction> {
        of_amount(count(now), &counts(past), 50.0)
            .expect("a verdict")
            .unusual
    }

    #[test]
    fn amounts() {
        let usual = [1000, 1040, 960, 1010, 990];
        assert_eq!(unusual(1200, &usual), None);
        assert_eq!(unusual(1900, &usual), None, "not twice as much");
        assert_eq!(unusual(2600, &usual), Some(Direction::More));
        assert_eq!(unusual(0, &usual), Some(Direction::Less));
        assert_eq!(unusual(200, &usual), Some(Direction::Less));
        assert_eq!(unusual(700, &usual), None);
        assert_eq!(unusual(12, &[2, 3, 2]), None, "a few are nothing");
        assert_eq!(unusual(500, &[0, 0, 0]), Some(Direction::More));
        assert_eq!(
            unusual(2600, &[1000, 1040, 2400, 1010, 990]),
            None,
            "it was seen before"
        );
        assert_eq!(of_amount(count(5), &[], 1.0), None);
    }

    #[test]
    fn one_large_object_is_chance() {
        let past = vec![
            Amount {
                value: 1e6,
                chance: 3e5
            };
            5
        ];
        let many = Amount {
            value: 1e8,
            chance: 1e6,
        };
        let one = Amount {
            value: 1e8,
            chance: 9e7,
        };
        let judge = |now| of_amount(now, &past, 1e6).expect("a verdict").unusual;
        assert_eq!(judge(many), Some(Direction::More));
        assert_eq!(judge(one), None);
    }

    #[test]
    fn shares() {
        let past = [Share { part: 1, of: 100 }; 6];
        let judge = |part, of| {
            of_share(Share { part, of }, &past, 0.02, 10)
                .expect("a verdict")
                .unusual
        };
        assert_eq!(judge(2, 100), None);
        assert_eq!(judge(17, 100), Some(Direction::More));
        assert_eq!(judge(5, 10), None, "too few to tell");
        assert_eq!(judge(0, 0), None);
        assert_eq!(
            of_share(Share { part: 1, of: 2 }, &[Share { part: 0, of: 0 }], 0.02, 1),
            None
        );
    }

    proptest! {
        #[test]
        fn whatever_the_numbers_are_there_is_no_panic_and_the_median_is_in_between(
            now in any::<f64>(), chance in any::<f64>(),
            past in prop::collection::vec((any::<f64>(), any::<f64>()), 0..9),
            shares in prop::collection::vec((any::<u64>(), any::<u64>()), 0..9),
        ) {
            let past: Vec<_> = past.into_iter().map(|(value, chance)| Amount { value, chance }).collect();
            let _ = of_amount(Amount { value: now, chance }, &past, 1.0);
            let shares: Vec<_> = shares.into_iter().map(|(part, of)| Share { part, of }).collect();
            let _ = of_share(Share { part: 3, of: 7 }, &shares, 0.1, 1);
        }
    }
}
