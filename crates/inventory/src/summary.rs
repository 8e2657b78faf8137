//! What an inventory says in sum.

use std::cmp::Reverse;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use spacewatch_model::{ByteSize, SizeClass, Timestamp};
use utoipa::ToSchema;

use crate::classes::{AGE_CLASSES, age_class, age_class_name, extension, older_than_days};
use crate::entry::{Row, timestamp};
use crate::odd::oddities;
use crate::ranking::Ranking;
use crate::{Kind, Oddity, Totals};

/// The columns that it is made of.
pub(crate) const COLUMNS: [&str; 10] = [
    "key",
    "kind",
    "is_latest",
    "version_id",
    "size",
    "last_modified",
    "etag",
    "storage_class",
    "parts",
    "drop_after_days",
];

/// Endings and storage classes told apart.
const MAX_GROUPS: usize = 20_000;

/// Endings shown.
const SHOWN_EXTENSIONS: usize = 100;

/// Days after which an incomplete upload is most likely forgotten.
const FORGOTTEN_DAYS: i64 = 7;

/// An object that stands out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RankedObject {
    /// The whole key.
    pub key: String,
    /// Its size.
    pub size_bytes: ByteSize,
    /// When it was written, if the store says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its storage class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
}

impl RankedObject {
    pub(crate) const COLUMNS: [&'static str; 6] =
        ["key", "kind", "size", "last_modified", "etag", "storage_class"];

    pub(crate) fn of(row: &Row<'_>) -> Self {
        Self {
            key: row.key.to_owned(),
            size_bytes: ByteSize(row.size),
            last_modified: timestamp(row.modified),
            etag: row.etag.map(str::to_owned),
            storage_class: row.storage_class.map(str::to_owned),
        }
    }
}

/// How much one class holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassTotals {
    /// What the class is called.
    pub class: String,
    /// How much is in it.
    #[serde(flatten)]
    pub totals: Totals,
}

/// How many names are odd in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddCount {
    /// In which way.
    pub oddity: Oddity,
    /// How many objects.
    pub objects: u64,
    /// Their size.
    pub bytes: ByteSize,
}

/// How much is stored, sorted in every way. Classes are of what takes room: objects, older versions, incomplete uploads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = InventoryFigures)]
pub struct Summary {
    /// Everything.
    pub totals: Totals,
    /// All bytes that are stored: objects, older versions and parts of incomplete uploads.
    pub stored_bytes: ByteSize,
    /// Delete markers that are what their key holds now.
    pub latest_delete_markers: u64,
    /// Parts of incomplete uploads.
    pub incomplete_parts: u64,
    /// Incomplete uploads that were begun more than 7 days before the scan.
    pub incomplete_uploads_older_than_7_days: u64,
    /// The size of their parts.
    pub incomplete_bytes_older_than_7_days: ByteSize,
    /// Objects without a byte.
    pub zero_byte_objects: u64,
    /// Objects whose name is odd in at least one way.
    pub odd_names: u64,
    /// By the way in which names are odd.
    pub odd: Vec<OddCount>,
    /// By storage class, the largest first.
    pub by_storage_class: Vec<ClassTotals>,
    /// By the ending of the name, the largest first.
    pub by_extension: Vec<ClassTotals>,
    /// More endings than are shown; their objects are in the class `(other)`.
    pub extensions_cut: bool,
    /// By age when the scan began.
    pub by_age: Vec<ClassTotals>,
    /// By size, in the classes of Storage Lens.
    pub by_size: Vec<ClassTotals>,
    /// The largest objects.
    pub largest: Vec<RankedObject>,
    /// The objects that were written first.
    pub oldest: Vec<RankedObject>,
    /// The objects that were written last.
    pub newest: Vec<RankedObject>,
}

/// A [`Summary`] that grows.
pub(crate) struct Summing {
    now: i64,
    totals: Totals,
    latest_delete_markers: u64,
    incomplete_parts: u64,
    forgotten: (u64, ByteSize),
    zero_byte_objects: u64,
    odd_names: u64,
    odd: [(u64, ByteSize); Oddity::ALL.len()],
    storage_classes: Groups,
    extensions: Groups,
    ages: [Totals; AGE_CLASSES],
    sizes: [Totals; SizeClass::COUNT],
    largest: Best<Reverse<u64>>,
    oldest: Best<i64>,
    newest: Best<Reverse<i64>>,
}

impl Summing {
    /// Ages are seen from `now`; so many objects that stand out are kept.
    pub(crate) fn new(now: Timestamp, ranked: usize) -> Self {
        Self {
            now: now.as_microsecond(),
            totals: Totals::default(),
            latest_delete_markers: 0,
            incomplete_parts: 0,
            forgotten: (0, ByteSize(0)),
            zero_byte_objects: 0,
            odd_names: 0,
            odd: [(0, ByteSize(0)); Oddity::ALL.len()],
            storage_classes: Groups::default(),
            extensions: Groups::default(),
            ages: [Totals::default(); AGE_CLASSES],
            sizes: [Totals::default(); SizeClass::COUNT],
            largest: Best(Ranking::first(ranked)),
            oldest: Best(Ranking::first(ranked)),
            newest: Best(Ranking::first(ranked)),
        }
    }

    pub(crate) fn add(&mut self, row: &Row<'_>) {
        self.totals.add(row);
        match row.kind {
            Kind::DeleteMarker => {
                self.latest_delete_markers += u64::from(row.is_latest);
                return;
            }
            Kind::Upload => self.add_upload(row),
            Kind::Current => self.add_object(row),
            Kind::Noncurrent => {}
        }
        self.storage_classes
            .add(row.storage_class.unwrap_or("(none)"), row);
        let mut room = [0_u8; 16];
        self.extensions.add(lowered(extension(row.key), &mut room), row);
        let (age, size) = (age_class(row.modified, self.now), SizeClass::of(row.size).index());
        self.ages
            .get_mut(age)
            .into_iter()
            .for_each(|totals| totals.add(row));
        self.sizes
            .get_mut(size)
            .into_iter()
            .for_each(|totals| totals.add(row));
    }

    fn add_upload(&mut self, row: &Row<'_>) {
        self.incomplete_parts = self
            .incomplete_parts
            .saturating_add(row.parts.unwrap_or_default());
        if older_than_days(row.modified, self.now, FORGOTTEN_DAYS) {
            self.forgotten.0 = self.forgotten.0.saturating_add(1);
            self.forgotten.1 += ByteSize(row.size);
        }
    }

    fn add_object(&mut self, row: &Row<'_>) {
        self.zero_byte_objects = self.zero_byte_objects.saturating_add(u64::from(row.size == 0));
        let mut odd = false;
        for oddity in oddities(row.key) {
            odd = true;
            let at = Oddity::ALL.iter().position(|known| *known == oddity);
            if let Some((objects, bytes)) = at.and_then(|at| self.odd.get_mut(at)) {
                *objects = objects.saturating_add(1);
                *bytes += ByteSize(row.size);
            }
        }
        self.odd_names = self.odd_names.saturating_add(u64::from(odd));
        self.largest.offer(Reverse(row.size), row);
        if let Some(modified) = row.modified {
            self.oldest.offer(modified, row);
            self.newest.offer(Reverse(modified), row);
        }
    }

    pub(crate) fn finish(self) -> Summary {
        let named = |name: &'static str, totals: Totals| ClassTotals {
            class: name.to_owned(),
            totals,
        };
        let odd = Oddity::ALL.into_iter().zip(self.odd);
        let (by_extension, extensions_cut) = self.extensions.largest(SHOWN_EXTENSIONS, "(none)");
        let (by_storage_class, _) = self.storage_classes.largest(MAX_GROUPS, "(none)");
        let ages = self.ages.into_iter().enumerate();
        let sizes = SizeClass::all().zip(self.sizes);
        Summary {
            stored_bytes: self.totals.stored_bytes(),
            totals: self.totals,
            latest_delete_markers: self.latest_delete_markers,
            incomplete_parts: self.incomplete_parts,
            incomplete_uploads_older_than_7_days: self.forgotten.0,
            incomplete_bytes_older_than_7_days: self.forgotten.1,
            zero_byte_objects: self.zero_byte_objects,
            odd_names: self.odd_names,
            odd: odd
                .filter(|(_, (objects, _))| *objects > 0)
                .map(|(oddity, (objects, bytes))| OddCount {
                    oddity,
                    objects,
                    bytes,
                })
                .collect(),
            by_storage_class,
            by_extension,
            extensions_cut,
            by_age: ages
                .map(|(class, totals)| named(age_class_name(class), totals))
                .collect(),
            by_size: sizes.map(|(class, totals)| named(class.name(), totals)).collect(),
            largest: self.largest.finish(),
            oldest: self.oldest.finish(),
            newest: self.newest.finish(),
        }
    }
}

/// Objects by a measure, the least first; equal ones by key.
struct Best<M>(Ranking<(M, String, Shown)>);

impl<M: Ord> Best<M> {
    fn offer(&mut self, measure: M, row: &Row<'_>) {
        // Most of a long stream is refused without a copy.
        if self
            .0
            .wants(|(last, key, _)| (&measure, row.key) < (last, key.as_str()))
        {
            self.0
                .offer((measure, row.key.to_owned(), Shown(RankedObject::of(row))));
        }
    }

    fn finish(self) -> Vec<RankedObject> {
        self.0
            .into_sorted()
            .into_iter()
            .map(|(_, _, shown)| shown.0)
            .collect()
    }
}

/// Goes along without a say in the order.
struct Shown(RankedObject);

impl PartialEq for Shown {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Shown {}

impl PartialOrd for Shown {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shown {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// Totals by some text, in bounded memory.
#[derive(Default)]
struct Groups {
    groups: HashMap<String, Totals>,
    other: Totals,
}

impl Groups {
    fn add(&mut self, name: &str, row: &Row<'_>) {
        if let Some(totals) = self.groups.get_mut(name) {
            totals.add(row);
        } else if self.groups.len() < MAX_GROUPS {
            self.groups.entry(name.to_owned()).or_default().add(row);
        } else {
            self.other.add(row);
        }
    }

    /// The largest so many; whether others are summed up.
    fn largest(self, most: usize, nameless: &str) -> (Vec<ClassTotals>, bool) {
        let mut all: Vec<_> = self.groups.into_iter().collect();
        all.sort_by(|a, b| {
            let bytes = |totals: &Totals| Reverse((totals.stored_bytes(), totals.entries()));
            bytes(&a.1).cmp(&bytes(&b.1)).then_with(|| a.0.cmp(&b.0))
        });
        let mut other = self.other;
        for (_, totals) in all.get(most..).unwrap_or_default() {
            other.add_all(totals);
        }
        all.truncate(most);
        let named = |(name, totals): (String, Totals)| ClassTotals {
            class: if name.is_empty() {
                nameless.to_owned()
            } else {
                name
            },
            totals,
        };
        let mut rows: Vec<_> = all.into_iter().map(named).collect();
        let cut = other != Totals::default();
        if cut {
            rows.push(named(("(other)".to_owned(), other)));
        }
        (rows, cut)
    }
}

/// An ending in small letters.
fn lowered<'a>(name: &'a str, room: &'a mut [u8; 16]) -> &'a str {
    let Some(room) = room
        .get_mut(..name.len())
        .filter(|_| name.bytes().any(|byte| byte.is_ascii_uppercase()))
    else {
        return name;
    };
    room.copy_from_slice(name.as_bytes());
    room.make_ascii_lowercase();
    std::str::from_utf8(room).unwrap_or(name)
}
