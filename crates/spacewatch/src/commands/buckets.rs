//! `spacewatch buckets`

use spacewatch_insight::{Buckets, BucketsOutput, NoArgs};
use spacewatch_model::{BucketName, Timestamp};

use super::asking::Asking;
use crate::cli::{BucketsArgs, StoreArgs};
use crate::failure::Failure;
use crate::output::{self, Align, Table, age, instant};

pub(super) async fn run(args: BucketsArgs, verbose: u8) -> Result<(), Failure> {
    let mut asking = Asking::start(&args.store, verbose)?;
    also_try(&mut asking, args.named);
    show(&asking, &args.store).await
}

/// Buckets named on the command line are tried where keys may not list buckets.
fn also_try(asking: &mut Asking, named: Vec<BucketName>) {
    let configured = asking.tenant.fallback_buckets.iter().cloned();
    asking.tenant.fallback_buckets = named.into_iter().chain(configured).collect();
}

pub(super) async fn show(asking: &Asking, store: &StoreArgs) -> Result<(), Failure> {
    let found = asking.ask::<Buckets>("listing buckets", NoArgs {}).await?;
    if output::told(store, &found)? {
        return Ok(());
    }
    if let Some(note) = &found.note {
        eprintln!("note: {note}");
    }
    if found.buckets.is_empty() {
        eprintln!("no buckets");
        return Ok(());
    }
    output::print(&table(&found, asking.tenant.clock.now()).render(output::terminal_width()))
}

fn table(found: &BucketsOutput, now: Timestamp) -> Table {
    let columns = [
        ("AGE", Align::Right),
        ("CREATED", Align::Left),
        ("BUCKET", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for bucket in &found.details {
        table.row(vec![
            bucket
                .created
                .map_or_else(|| "-".to_owned(), |time| age(time, now)),
            bucket.created.map_or_else(|| "-".to_owned(), instant),
            bucket.name.to_string(),
        ]);
    }
    table
}
