//! Who comes often, in little memory.

use hashbrown::HashMap;

/// So many are counted at a time. Whoever has more than one in so many and one of all is among them.
const COUNTED: usize = 128;

/// Counts of those who come often (Misra and Gries): each is told too low by at most [`Heavy::missed`], and whoever is not told came
/// at most so often.
#[derive(Debug, Clone, Default)]
pub(super) struct Heavy {
    counts: HashMap<u32, u32>,
    missed: u32,
}

impl Heavy {
    pub(super) fn add(&mut self, id: u32) {
        if let Some(count) = self.counts.get_mut(&id) {
            *count = count.saturating_add(1);
        } else if self.counts.len() < COUNTED {
            self.counts.insert(id, 1);
        } else {
            self.missed = self.missed.saturating_add(1);
            self.counts.retain(|_, count| {
                *count = count.saturating_sub(1);
                *count > 0
            });
        }
    }

    /// Adds what others were counted, whose numbers are these now.
    pub(super) fn join(&mut self, other: &Self, numbers: &[Option<u32>]) {
        self.missed = self.missed.saturating_add(other.missed);
        for (id, more) in &other.counts {
            let number = usize::try_from(*id).ok().and_then(|id| *numbers.get(id)?);
            match number {
                Some(number) => {
                    let count = self.counts.entry(number).or_default();
                    *count = count.saturating_add(*more);
                }
                // Nobody follows him, so he is among those who are not told.
                None => self.missed = self.missed.saturating_add(*more),
            }
        }
        if self.counts.len() > COUNTED {
            let mut counts: Vec<u32> = self.counts.values().copied().collect();
            let (_, first_left_out, _) = counts.select_nth_unstable_by(COUNTED, |a, b| b.cmp(a));
            let taken = *first_left_out;
            self.missed = self.missed.saturating_add(taken);
            self.counts.retain(|_, count| {
                *count = count.saturating_sub(taken);
                *count > 0
            });
        }
    }

    fn least(&self, id: u32) -> u64 {
        self.counts.get(&id).copied().unwrap_or(0).into()
    }

    /// Whoever is told in one of two, with how often he came to both at least and at most.
    pub(super) fn together<'a>(one: &'a Self, other: &'a Self) -> impl Iterator<Item = (u32, u64, u64)> + 'a {
        let missed = u64::from(one.missed).saturating_add(other.missed.into());
        let only_there = other.counts.keys().filter(|id| !one.counts.contains_key(*id));
        one.counts.keys().chain(only_there).map(move |id| {
            let least = one.least(*id).saturating_add(other.least(*id));
            (*id, least, least.saturating_add(missed))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bounds_hold(visits in prop::collection::vec((0_u32..20, 0_u32..400), 0..3_000)) {
            // Few come often, many seldom.
            let ids: Vec<u32> = visits.iter().map(|(few, many)| if few % 2 == 0 { *few } else { 20 + many }).collect();
            let (half, rest) = ids.split_at(ids.len() / 2);
            let heavy = |ids: &[u32]| {
                let mut heavy = Heavy::default();
                ids.iter().for_each(|id| heavy.add(*id));
                prop_assert!(heavy.counts.len() <= COUNTED);
                prop_assert!(heavy.missed as usize <= ids.len() / (COUNTED + 1));
                Ok(heavy)
            };
            let (one, other) = (heavy(half)?, heavy(rest)?);
            let missed = u64::from(one.missed + other.missed);
            let told: HashMap<u32, (u64, u64)> = Heavy::together(&one, &other)
                .map(|(id, least, most)| (id, (least, most)))
                .collect();
            let mut joined = one.clone();
            let numbers: Vec<_> = (0..420).map(Some).collect();
            joined.join(&other, &numbers);
            prop_assert!(joined.counts.len() <= COUNTED);
            prop_assert!(joined.missed as usize <= ids.len() / (COUNTED + 1));
            for id in 0..420 {
                let truly = ids.iter().filter(|other| **other == id).count() as u64;
                let (least, most) = told.get(&id).copied().unwrap_or((0, missed));
                prop_assert!(least <= truly && truly <= most, "{id}: {least} {truly} {most}");
                let (least, most) = (joined.least(id), joined.least(id) + u64::from(joined.missed));
                prop_assert!(least <= truly && truly <= most, "joined {id}: {least} {truly} {most}");
            }
        }
    }
}
