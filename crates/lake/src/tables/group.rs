//! New rows by bucket and day, in the order of time, each line once.

use std::collections::HashMap;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, DictionaryArray, Int64Array, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use arrow_select::interleave::interleave;
use hashbrown::HashTable;

/// A row of one of several batches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) time: i64,
    pub(super) hash: u128,
    pub(super) batch: u32,
    pub(super) row: u32,
}

/// The rows of one bucket and one day.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// The bucket of all of them, if they have one.
    pub(super) bucket: Option<String>,
    /// Days since the epoch.
    pub(super) day: i32,
    /// By time, each line once.
    pub(super) rows: Vec<Row>,
    /// Of which log objects rows were left out, and how many.
    pub(super) duplicates: HashMap<String, u64>,
}

/// The columns of a batch by which rows are sorted.
struct Columns<'a> {
    time: &'a PrimitiveArray<TimestampMicrosecondType>,
    date: &'a PrimitiveArray<Date32Type>,
    high: &'a Int64Array,
    low: &'a Int64Array,
    /// For each word of the bucket column its number among all buckets.
    bucket: Option<(&'a PrimitiveArray<Int32Type>, Vec<u32>)>,
}

const NO_BUCKET: u32 = u32::MAX;

#[derive(Default)]
struct Buckets {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Buckets {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(NO_BUCKET);
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }
}

fn missing(name: &str) -> ArrowError {
    ArrowError::SchemaError(format!("a batch has no column `{name}` of the right type"))
}

/// The words of a column that holds them once, and which of them each row has.
fn words<'a>(
    batch: &'a RecordBatch,
    name: &str,
) -> Result<(&'a PrimitiveArray<Int32Type>, &'a StringArray), ArrowError> {
    let column: &DictionaryArray<Int32Type> = batch
        .column_by_name(name)
        .and_then(|column| column.as_dictionary_opt())
        .ok_or_else(|| missing(name))?;
    let words = column.values().as_string_opt().ok_or_else(|| missing(name))?;
    Ok((column.keys(), words))
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch, buckets: &mut Buckets) -> Result<Self, ArrowError> {
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| missing(name));
        let bucket = match batch.column_by_name("bucket") {
            None => None,
            Some(_) => {
                let (keys, words) = words(batch, "bucket")?;
                let numbers = words
                    .iter()
                    .map(|word| word.map_or(NO_BUCKET, |word| buckets.number(word)));
                Some((keys, numbers.collect()))
            }
        };
        Ok(Self {
            time: column("time")?
                .as_primitive_opt()
                .ok_or_else(|| missing("time"))?,
            date: column("date")?
                .as_primitive_opt()
                .ok_or_else(|| missing("date"))?,
            high: column("line_hash_high")?
                .as_primitive_opt::<Int64Type>()
                .ok_or_else(|| missing("line_hash_high"))?,
            low: column("line_hash_low")?
                .as_primitive_opt::<Int64Type>()
                .ok_or_else(|| missing("line_hash_low"))?,
            bucket,
        })
    }

    fn bucket(&self, row: usize) -> u32 {
        let Some((keys, numbers)) = &self.bucket else {
            return NO_BUCKET;
        };
        if keys.is_null(row) {
            return NO_BUCKET;
        }
        let word = usize::try_from(keys.value(row)).ok();
        word.and_then(|word| numbers.get(word))
            .copied()
            .unwrap_or(NO_BUCKET)
    }
}

/// Both halves of a line's hash.
pub(super) fn joined(high: i64, low: i64) -> u128 {
    (u128::from(high.cast_unsigned()) << 64) | u128::from(low.cast_unsigned())
}

/// The rows of all batches by bucket and day; in each group by time, each line once.
pub(super) fn split(batches: &[RecordBatch]) -> Result<Vec<Group>, ArrowError> {
    let mut buckets = Buckets::default();
    let mut places: HashMap<(u32, i32), usize> = HashMap::new();
    let mut groups: Vec<(u32, i32, Vec<Row>)> = Vec::new();
    for (number, batch) in (0_u32..).zip(batches) {
        let columns = Columns::of(batch, &mut buckets)?;
        let mut last = ((NO_BUCKET, i32::MIN), usize::MAX);
        for (row, place) in (0_u32..).zip(0..batch.num_rows()) {
            let group = (columns.bucket(place), columns.date.value(place));
            if last.0 != group || last.1 == usize::MAX {
                let at = *places.entry(group).or_insert_with(|| {
                    groups.push((group.0, group.1, Vec::new()));
                    groups.len().saturating_sub(1)
                });
                last = (group, at);
            }
            if let Some((_, _, rows)) = groups.get_mut(last.1) {
                rows.push(Row {
                    time: columns.time.value(place),
                    hash: joined(columns.high.value(place), columns.low.value(place)),
                    batch: number,
                    row,
                });
            }
        }
    }
    let groups = groups.into_iter().map(|(bucket, day, mut rows)| {
        rows.sort_unstable_by_key(|row| (row.time, row.batch, row.row));
        let bucket = usize::try_from(bucket)
            .ok()
            .and_then(|bucket| buckets.names.get(bucket))
            .cloned();
        Group {
            bucket,
            day,
            rows,
            duplicates: HashMap::new(),
        }
    });
    Ok(groups.collect())
}

/// The lines of a group, to find those that are there already.
pub(super) struct Lines {
    table: HashTable<u32>,
    hashes: Vec<u128>,
    there: Vec<bool>,
}

fn bits(hash: u128) -> u64 {
    // The hash is as good as random: any of its bits do.
    u64::try_from(hash & u128::from(u64::MAX)).unwrap_or(0)
}

impl Lines {
    /// The lines of a group. What stands in it twice is there already, but for the first.
    pub(super) fn of(group: &Group) -> Self {
        let hashes: Vec<u128> = group.rows.iter().map(|row| row.hash).collect();
        let mut lines = Self {
            table: HashTable::with_capacity(hashes.len()),
            there: vec![false; hashes.len()],
            hashes: Vec::new(),
        };
        for ((place, hash), there) in (0_u32..).zip(&hashes).zip(&mut lines.there) {
            let at = |place: &u32| usize::try_from(*place).ok().and_then(|place| hashes.get(place));
            if lines
                .table
                .find(bits(*hash), |other| at(other) == Some(hash))
                .is_some()
            {
                *there = true;
            } else {
                let hasher = |other: &u32| at(other).map_or(0, |hash| bits(*hash));
                lines.table.insert_unique(bits(*hash), place, hasher);
            }
        }
        lines.hashes = hashes;
        lines
    }

    /// A line that is in the table.
    pub(super) fn is_there(&mut self, hash: u128) {
        let hashes = &self.hashes;
        let found = self.table.find(bits(hash), |place| {
            usize::try_from(*place).ok().and_then(|place| hashes.get(place)) == Some(&hash)
        });
        let place = found.and_then(|place| usize::try_from(*place).ok());
        if let Some(there) = place.and_then(|place| self.there.get_mut(place)) {
            *there = true;
        }
    }

    /// Leaves the rows out that are there already, and counts them by log object.
    pub(super) fn leave_out(&self, group: &mut Group, batches: &[RecordBatch]) -> Result<(), ArrowError> {
        let names = batches.iter().map(|batch| words(batch, "log_object"));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for (row, _) in group.rows.iter().zip(&self.there).filter(|(_, there)| **there) {
            let batch = usize::try_from(row.batch).ok().and_then(|batch| names.get(batch));
            let name = batch
                .zip(usize::try_from(row.row).ok())
                .and_then(|((keys, words), row)| {
                    let word = usize::try_from(keys.value(row)).ok()?;
                    (word < words.len()).then(|| words.value(word))
                });
            let count = counts.entry(name.unwrap_or_default()).or_default();
            *count = count.saturating_add(1);
        }
        group.duplicates = counts
            .into_iter()
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        let mut there = self.there.iter();
        group.rows.retain(|_| !there.next().copied().unwrap_or_default());
        Ok(())
    }
}

/// The times of a group.
pub(super) fn times(rows: &[Row]) -> Option<(i64, i64)> {
    Some((rows.first()?.time, rows.last()?.time))
}

/// Some rows of a group, as one batch.
pub(super) fn gather(
    rows: &[Row],
    range: Range<usize>,
    batches: &[RecordBatch],
) -> Result<RecordBatch, ArrowError> {
    let place = |row: &Row| {
        let batch = usize::try_from(row.batch).unwrap_or(usize::MAX);
        (batch, usize::try_from(row.row).unwrap_or(usize::MAX))
    };
    let indices: Vec<(usize, usize)> = rows.get(range).unwrap_or_default().iter().map(place).collect();
    let schema = batches.first().ok_or_else(|| missing("time"))?.schema();
    let columns = (0..schema.fields().len()).map(|column| {
        let arrays: Vec<&dyn Array> = batches
            .iter()
            .map(|batch| batch.column(column).as_ref())
            .collect();
        interleave(&arrays, &indices)
    });
    RecordBatch::try_new(schema, columns.collect::<Result<_, _>>()?)
}
