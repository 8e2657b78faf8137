//! Which small files become one.

use std::collections::BTreeMap;
use std::sync::Arc;

use spacewatch_model::Timestamp;

use super::{MaintenanceConfig, day_of, ends};
use crate::tables::{DataFile, LakeSnapshot, Table};

/// Hours after a day's end at which hardly any of its records are still to come, in microseconds.
const LATE: i64 = 6 * 3_600_000_000;

/// A file with so few rows may always be written again.
const FEW_ROWS: u64 = 16_384;

/// Otherwise a file joins smaller ones only when together they have at least its rows divided by this: so a row is written again
/// a few times, however many small files come after it.
const GROWTH: u64 = 2;

/// Files put together at a time; each of them is open then.
const MOST_FILES: usize = 64;

/// Files of a table that become one.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) table: Table,
    pub(super) files: Vec<Arc<DataFile>>,
}

/// A bucket and a day, where a table's files have them.
type Group<'a> = (Option<&'a str>, Option<i64>);

/// What is due, where there is most to be won first.
pub(super) fn plan(snapshot: &LakeSnapshot, config: &MaintenanceConfig, now: Timestamp) -> Vec<Job> {
    let mut jobs = Vec::new();
    for table in Table::ALL {
        let mut groups: BTreeMap<Group<'_>, Vec<Arc<DataFile>>> = BTreeMap::new();
        for file in snapshot.table(table).files.iter() {
            let day = day_of(file).map(|(first, _)| first);
            let group = (file.bucket.as_deref(), day);
            groups.entry(group).or_default().push(Arc::clone(file));
        }
        for ((_, day), files) in groups {
            let over = day.is_some_and(|day| ends(day).saturating_add(LATE) <= now.as_microsecond());
            let least = if over { 2 } else { config.small_files.max(2) };
            let runs = runs(files, config).into_iter();
            jobs.extend(
                runs.filter(|files| files.len() >= least)
                    .map(|files| Job { table, files }),
            );
        }
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(job.files.len()));
    jobs
}

/// Files of like size, as many as may become one.
fn runs(mut files: Vec<Arc<DataFile>>, config: &MaintenanceConfig) -> Vec<Vec<Arc<DataFile>>> {
    files.sort_by(|a, b| a.rows.cmp(&b.rows).then_with(|| a.path.cmp(&b.path)));
    let mut runs = Vec::new();
    let mut run: Vec<Arc<DataFile>> = Vec::new();
    let (mut rows, mut bytes) = (0_u64, 0_u64);
    for file in files {
        let apart = file.rows > rows.saturating_mul(GROWTH).max(FEW_ROWS);
        let full = rows.saturating_add(file.rows) > config.largest_rows
            || bytes.saturating_add(file.bytes) > config.largest_bytes
            || run.len() >= MOST_FILES;
        if !run.is_empty() && (apart || full) {
            runs.push(std::mem::take(&mut run));
            (rows, bytes) = (0, 0);
        }
        rows = rows.saturating_add(file.rows);
        bytes = bytes.saturating_add(file.bytes);
        run.push(file);
    }
    runs.push(run);
    runs
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use object_store::path::Path;

    use super::*;

    fn check(rows: &[u64], expected: Expect) {
        let files = rows.iter().zip(0..).map(|(rows, number): (&u64, u32)| {
            Arc::new(DataFile {
                path: Path::from(format!("part-{number:03}.parquet")),
                bytes: rows * 50,
                rows: *rows,
                bucket: None,
                times: None,
            })
        });
        let runs = runs(files.collect(), &MaintenanceConfig::default());
        let runs = runs.iter().map(|run| {
            let rows: Vec<_> = run.iter().map(|file| file.rows.to_string()).collect();
            rows.join(" ")
        });
        expected.assert_eq(&runs.collect::<Vec<_>>().join(" | "));
    }

    #[test]
    fn files_of_like_size_become_one() {
        check(&[], expect![""]);
        check(&[5, 3, 4], expect!["3 4 5"]);
        check(&[10, 900_000, 20], expect!["10 20 | 900000"]);
        check(
            &[10, 900_000, 20, 10_000, 30_000],
            expect!["10 20 10000 | 30000 | 900000"],
        );
        check(&[50_000; 3], expect!["50000 50000 50000"]);
        check(&[400_000; 5], expect!["400000 400000 | 400000 400000 | 400000"]);
        check(&[2_000_000; 2], expect!["2000000 | 2000000"]);
        check(
            &[1; 65],
            expect![
                "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 | 1"
            ],
        );
    }
}
