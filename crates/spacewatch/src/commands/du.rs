//! `spacewatch du`

use serde::Serialize;
use spacewatch_insight::{Buckets, Limit, NoArgs, StorageSummary, StorageSummaryArgs, StorageSummaryOutput};
use spacewatch_model::{BucketName, ByteSize};

use super::asking::{Asking, age, tell_source};
use crate::cli::{DuArgs, StoreArgs, Target};
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: DuArgs, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::with_inventories(&args.store, &args.kept, verbose)?;
    match args.target {
        Some(Target { bucket, prefix }) => {
            let question = StorageSummaryArgs {
                prefix,
                depth: args.depth,
                max_age: age(&args.kept),
                ..StorageSummaryArgs::of(bucket)
            };
            let found = summary(&asking, question).await?;
            if output::told(&args.store, &found)? {
                return Ok(());
            }
            show(&found)
        }
        None => every_bucket(&asking, &args.store, age(&args.kept)).await,
    }
}

async fn summary(asking: &Asking, question: StorageSummaryArgs) -> Result<StorageSummaryOutput, Failure> {
    let what = format!("summing up {}", question.bucket);
    asking.ask::<StorageSummary>(&what, question).await
}

fn show(found: &StorageSummaryOutput) -> Result<(), Failure> {
    let mut table = sums_table("PREFIX");
    for folder in &found.prefixes {
        sum_row(
            &mut table,
            folder.total_size_bytes,
            found.total_size_bytes,
            folder.object_count,
            folder.prefix.as_str(),
        );
    }
    let whole = format!("{}/{}", found.bucket, found.prefix);
    sum_row(
        &mut table,
        found.total_size_bytes,
        found.total_size_bytes,
        found.object_count,
        &whole,
    );
    output::print(&table.render(output::terminal_width()))?;
    if found.truncated {
        eprintln!("note: there are more folders than these; the last line counts them all");
    }
    tell_source(found.source, found.as_of);
    Ok(())
}

/// Everything an account holds.
#[derive(Debug, Default, Serialize)]
struct Account {
    object_count: u64,
    total_size_bytes: ByteSize,
    total_size_human: String,
    /// A summary for each bucket.
    buckets: Vec<StorageSummaryOutput>,
    /// Buckets that could not be summed up, and why.
    errors: Vec<BucketError>,
}

#[derive(Debug, Serialize)]
struct BucketError {
    bucket: BucketName,
    detail: String,
}

/// Goes on with the others where one bucket fails, and fails in the end.
async fn every_bucket(asking: &Asking, store: &StoreArgs, max_age: Option<Limit>) -> Result<(), Failure> {
    let found = asking.ask::<Buckets>("listing buckets", NoArgs {}).await?;
    if let Some(note) = found.note.filter(|_| !store.json) {
        eprintln!("note: {note}");
    }
    let mut account = Account::default();
    let mut failed = None;
    for bucket in found.buckets {
        let question = StorageSummaryArgs {
            max_age,
            ..StorageSummaryArgs::of(bucket.clone())
        };
        match summary(asking, question).await {
            Ok(sum) => {
                account.object_count += sum.object_count;
                account.total_size_bytes += sum.total_size_bytes;
                account.buckets.push(sum);
            }
            Err(failure) if failure.is_interruption() => return Err(failure),
            Err(failure) => {
                account.errors.push(BucketError {
                    bucket,
                    detail: failure.to_string(),
                });
                failed.get_or_insert(failure);
            }
        }
    }
    account.total_size_human = account.total_size_bytes.to_string();
    if !output::told(store, &account)? {
        show_account(&account)?;
    }
    failed.map_or(Ok(()), Err)
}

fn show_account(account: &Account) -> Result<(), Failure> {
    let mut table = sums_table("BUCKET");
    for sum in &account.buckets {
        sum_row(
            &mut table,
            sum.total_size_bytes,
            account.total_size_bytes,
            sum.object_count,
            sum.bucket.as_str(),
        );
    }
    for error in &account.errors {
        table.row(vec![
            "-".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            error.bucket.to_string(),
        ]);
    }
    let whole = output::counted(account.buckets.len() as u64, "bucket");
    sum_row(
        &mut table,
        account.total_size_bytes,
        account.total_size_bytes,
        account.object_count,
        &whole,
    );
    output::print(&table.render(output::terminal_width()))
}

fn sums_table(name: &'static str) -> Table {
    Table::new(&[
        ("SIZE", Align::Right),
        ("SHARE", Align::Right),
        ("OBJECTS", Align::Right),
        (name, Align::Left),
    ])
}

fn sum_row(table: &mut Table, size: ByteSize, of: ByteSize, objects: u64, name: &str) {
    let name = if name.is_empty() { "(no folder)" } else { name };
    table.row(vec![
        size.to_string(),
        share(size, of),
        output::thousands(objects),
        name.to_owned(),
    ]);
}

fn share(part: ByteSize, whole: ByteSize) -> String {
    if whole.0 == 0 {
        return "-".to_owned();
    }
    format!("{:.1}%", part.0 as f64 * 100.0 / whole.0 as f64)
}
