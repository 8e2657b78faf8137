//! Requests by hour.

use std::collections::BTreeMap;

use hashbrown::HashMap;

/// The figures of one hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hour {
    pub(crate) requests: u64,
    pub(crate) bytes_sent: u64,
    /// By the first digit of the status; none and odd ones come first.
    pub(crate) classes: [u64; 6],
}

impl Hour {
    fn join(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bytes_sent = self.bytes_sent.saturating_add(other.bytes_sent);
        for (count, more) in self.classes.iter_mut().zip(other.classes) {
            *count += more;
        }
    }
}

/// Hours of groups (buckets). Records come roughly by time, so the last cell is mostly the next one.
#[derive(Debug)]
pub(crate) struct Hours {
    most: usize,
    places: HashMap<(u32, i64), usize>,
    cells: Vec<Hour>,
    last: ((u32, i64), usize),
    /// Requests whose hour found no room.
    pub(crate) dropped: u64,
}

impl Hours {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            places: HashMap::new(),
            cells: Vec::new(),
            last: ((u32::MAX, i64::MIN), 0),
            dropped: 0,
        }
    }

    /// Counts one request.
    #[inline]
    pub(crate) fn add(&mut self, group: u32, unix_seconds: i64, class: usize, bytes_sent: u64) {
        let name = (group, unix_seconds.div_euclid(3600));
        let Some(cell) = self.cell(name) else {
            self.dropped += 1;
            return;
        };
        cell.requests += 1;
        cell.bytes_sent = cell.bytes_sent.saturating_add(bytes_sent);
        if let Some(count) = cell.classes.get_mut(class) {
            *count += 1;
        }
    }

    #[inline]
    fn cell(&mut self, name: (u32, i64)) -> Option<&mut Hour> {
        if self.last.0 != name {
            let place = match self.places.get(&name) {
                Some(place) => *place,
                None if self.cells.len() >= self.most => return None,
                None => {
                    self.cells.push(Hour::default());
                    self.places.insert(name, self.cells.len() - 1);
                    self.cells.len() - 1
                }
            };
            self.last = (name, place);
        }
        self.cells.get_mut(self.last.1)
    }

    pub(crate) fn join(&mut self, other: &Self, rename: impl Fn(u32) -> u32) {
        self.most = self.most.saturating_add(other.most);
        self.dropped += other.dropped;
        for ((group, hour), place) in &other.places {
            let from = other.cells.get(*place);
            if let (Some(cell), Some(more)) = (self.cell((rename(*group), *hour)), from) {
                cell.join(more);
            }
        }
    }

    /// The hours of the groups that `belongs` picks, in order: hours since 1970.
    pub(crate) fn of(&self, belongs: impl Fn(u32) -> bool) -> BTreeMap<i64, Hour> {
        let mut hours: BTreeMap<i64, Hour> = BTreeMap::new();
        for ((group, hour), place) in &self.places {
            if let Some(cell) = self.cells.get(*place).filter(|_| belongs(*group)) {
                hours.entry(*hour).or_default().join(cell);
            }
        }
        hours
    }
}
